/*
 * inventory_explain.c - one host: `inventory --host`, and where its variables come from:
 * `inventory --explain`.
 */
#include "cli/inventory_show.h"
#include "cli/output.h"
#include "engine/run.h"

/* The one host that a pattern means. */
static const struct host *one_host(struct show *show, str pattern)
{
    struct host_list found;
    if (!inventory_match(show->inventory, show->arena, show->diags, pattern, SPAN_NONE, STR_NONE,
                         &found)) {
        return NULL;
    }
    if (found.count != 1) {
        diag_error(show->diags, SPAN_NONE, "'%.*s' is %s", SARG(pattern),
                   found.count == 0 ? "no host of the inventory" : "more than one host");
        return NULL;
    }
    return found.hosts[0];
}

enum run_status show_host(struct show *show)
{
    const struct host *host = one_host(show, show->args->host);
    value vars;
    if (host == NULL) {
        return RUN_USAGE;
    }
    return show_host_vars(show, host, &vars) && show_value(show, vars) ? RUN_OK : RUN_PARSE;
}

static str layer_words(struct arena *arena, const struct inventory_layer *layer)
{
    switch (layer->kind) {
    case LAYER_PLAYBOOK_HOST_VARS:
        return S("host_vars beside the playbook");
    case LAYER_INVENTORY_HOST_VARS:
        return S("host_vars beside the inventory");
    case LAYER_HOST:
        return S("inventory, of the host");
    case LAYER_PLAYBOOK_GROUP_VARS:
        return str_format(arena, "group_vars beside the playbook, group %.*s", SARG(layer->owner));
    case LAYER_INVENTORY_GROUP_VARS:
        return str_format(arena, "group_vars beside the inventory, group %.*s", SARG(layer->owner));
    case LAYER_GROUP:
        return str_format(arena, "inventory, group %.*s", SARG(layer->owner));
    }
    return STR_EMPTY;
}

#define SHOWN_BYTES  60  /* of a value; more is cut */
#define RESULT_BYTES 400 /* of what a template gives */

static void explain_line(struct show *show, value v, bool wins, str words)
{
    struct arena *arena = show->arena;
    struct place place;
    str text = value_masked(arena, value_repr(arena, v));
    size_t line = str_find_char(text, '\n', 0), cut = line < SHOWN_BYTES ? line : SHOWN_BYTES;
    str where = S("set by hostler");
    if (source_place(show->setup->sources, v.at, &place)) {
        where = str_format(arena, "%.*s:%u:%u", SARG(place.source->name), place.line, place.column);
    }
    strbuf_addf(&show->text, "  %c %.*s  %.*s%s  (%.*s)\n", wins ? '>' : ' ', SARG(where),
                SARG(str_part(text, 0, cut)), text.len > cut ? "..." : "", SARG(words));
}

/* The same file twice: the inventory and the playbook stand in one directory. */
static bool is_repeated(const struct inventory_layer *layers, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (value_identity(layers[i].vars) == value_identity(layers[index].vars)) {
            return true;
        }
    }
    return false;
}

static void result_line(struct show *show, value v)
{
    bool known = !value_is(v, VALUE_UNDEFINED);
    str text =
        known ? value_masked(show->arena, value_repr(show->arena, v)) : value_undefined_what(v);
    strbuf_addf(&show->text, "  = %.*s%s\n", SARG(str_part(text, 0, RESULT_BYTES)),
                text.len > RESULT_BYTES ? "..." : "");
}

static void explain_var(struct show *show, const struct inventory_layer *layers, size_t count,
                        value name)
{
    value v;
    bool wins = true;
    str title = value_masked(show->arena, value_print(show->arena, name));
    strbuf_addf(&show->text, "%.*s\n", SARG(title));
    if (value_map_find(show->setup->run.extra_vars, name, &v)) {
        explain_line(show, v, wins, S("extra variables"));
        wins = false;
    }
    for (size_t i = 0; i < count; i++) {
        if (value_map_find(layers[i].vars, name, &v) && !is_repeated(layers, i)) {
            explain_line(show, v, wins, layer_words(show->arena, &layers[i]));
            wins = false;
        }
    }
    if (value_is(show->results, VALUE_MAP) && value_map_find(show->results, name, &v)) {
        result_line(show, v);
    }
}

/* ---- the result ---- */

static bool has_template(value v)
{
    if (value_is(v, VALUE_MAP) || value_is(v, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(v); i++) {
            if (has_template(value_is(v, VALUE_MAP) ? value_map_value(v, i) : value_item(v, i))) {
                return true;
            }
        }
    }
    return value_is(v, VALUE_STR) && (str_find(value_as_str(v), S("{{"), 0) != STR_NPOS ||
                                      str_find(value_as_str(v), S("{%"), 0) != STR_NPOS);
}

/* What the host's tasks would see of those names whose value is a template. */
static enum run_status template_results(struct show *show, const struct host *host, value all,
                                        value names)
{
    struct list_builder asked = list_in(show->arena);
    for (size_t i = 0; i < value_count(names); i++) {
        value v;
        if (value_map_find(all, value_item(names, i), &v) && has_template(v)) {
            list_add(&asked, value_item(names, i));
        }
    }
    value list = list_seal(&asked), results;
    if (value_count(list) == 0) {
        return RUN_OK;
    }
    enum run_status status;
    struct output *output = output_new(&show->setup->output);
    struct report report = output_report(output);
    struct run *run = run_load_host(&show->setup->run, &report, host->name, &status);
    if (run != NULL) {
        status = run_variables(run, list, &results);
        show->results = value_copy(show->arena, results);
    }
    run_free(run);
    output_free(output);
    return status;
}

/* The names to explain: those asked for, or all. False if one of them is set nowhere. */
static bool names_to_explain(struct show *show, value all, value *ret)
{
    struct list_builder names = list_in(show->arena);
    for (size_t i = 0; show->rest.count == 0 && i < value_count(all); i++) {
        list_add(&names, value_map_key(all, i));
    }
    for (size_t i = 0; i < show->rest.count; i++) {
        value v, name = show_text(show, show->rest.items[i]);
        if (!value_map_find(all, name, &v)) {
            size_t known = value_count(all);
            str *near = NEW_ARRAY(show->arena, str, known);
            for (size_t k = 0; k < known; k++) {
                near[k] = value_as_str(value_print(show->arena, value_map_key(all, k)));
            }
            struct diag *diag = diag_error(show->diags, SPAN_NONE,
                                           "the inventory sets no variable '%.*s' for '%.*s'",
                                           SARG(show->rest.items[i]), SARG(show->args->explain));
            diag_suggest(diag, show->rest.items[i], near, known);
            return false;
        }
        list_add(&names, name);
    }
    *ret = list_seal(&names);
    return true;
}

enum run_status show_explain(struct show *show)
{
    const struct host *host = one_host(show, show->args->explain);
    value all, names;
    size_t count;
    if (host == NULL) {
        return RUN_USAGE;
    }
    if (!show_host_vars(show, host, &all)) {
        return RUN_PARSE;
    }
    if (!names_to_explain(show, all, &names)) {
        return RUN_ERROR;
    }
    enum run_status status = template_results(show, host, all, names);
    const struct inventory_layer *layers = inventory_layers_apart(show->inventory, host, &count);
    for (size_t i = 0; i < value_count(names); i++) {
        explain_var(show, layers, count, value_item(names, i));
    }
    return status;
}
