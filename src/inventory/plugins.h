/*
 * plugins.h - the inventory plugins we know: YAML sources that begin with `plugin:`; shared by the
 * files of inventory/ and nobody else.
 */
#pragma once
#include "inventory/sources.h"
#include "template/template.h"

str plugin_bare_name(str name); /* without the collection that Ansible itself is */

/* Read a source by its plugin. False after a diagnostic. */
bool plugin_parse(struct parse *parse, value plugin, value config);

bool constructed_parse(struct parse *parse, value config);
bool generator_parse(struct parse *parse, value config);

/* An evaluation with these variables, the strongest map first. */
struct eval plugin_eval(struct parse *parse, struct arena *arena, struct diags *diags,
                        struct scope *scope);

/* An option of the source; the fallback when it is not given. False after a diagnostic when it has
 * another kind. */
bool plugin_bool(struct parse *parse, value config, str name, bool fallback, bool *ret);
bool plugin_option(struct parse *parse, value config, str name, enum value_kind kind, value *ret);
/* Warn of options that there are not. */
void plugin_check_options(struct parse *parse, value config, const str *known, size_t count);
