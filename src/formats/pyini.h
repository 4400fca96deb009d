/*
 * pyini.h - INI files as Python's configparser reads and writes them: sections of options,
 * "name = value" or "name: value", comments with '#' and ';' at the beginning of lines, values over
 * several lines that are indented, a section DEFAULT whose options all others have too.
 *
 * Not for inventories: their INI form is Ansible's own (inventory/ini.h).
 */
#pragma once
#include "base/diag.h"
#include "base/value.h"

struct pyini_options {
    bool keep_case;      /* names of options are not folded to lower case */
    bool allow_no_value; /* "name" alone: its value is null */
};

struct pyini {
    value sections; /* a map of maps of strings (or null), without DEFAULT, in order */
    value defaults; /* the map of DEFAULT */
};

/* Read a text. False after a diagnostic at `at`: a line outside of a section, an option or section
 * that is there twice, a line that is neither. */
NODISCARD bool pyini_read(struct arena *arena, struct diags *diags, span at, str text,
                          struct pyini_options options, struct pyini *ret);

/* All options of a section, those of DEFAULT first; false: there is no such section. */
bool pyini_section(const struct pyini *ini, struct arena *arena, str name, value *ret);

/* A value with "%(name)s" replaced by other options of its section, "%%" by "%". False after a
 * diagnostic: an option that does not exist, a lone '%', more than 10 levels. */
NODISCARD bool pyini_interpolate(struct arena *arena, struct diags *diags, span at, value section,
                                 struct pyini_options options, value text, value *ret);
