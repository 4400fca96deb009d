/*
 * inventory_explain.c - one host: `inventory --host`, and where its variables come from:
 * `inventory --explain`.
 */
#include "cli/inventory_show.h"

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

#define SHOWN_BYTES 60 /* of a value; more is cut */

static void explain_line(struct show *show, value v, bool wins, str words)
{
    struct arena *arena = show->arena;
    struct place place;
    str text = value_masked(arena, value_repr(arena, v));
    str where = S("set by hostler");
    if (source_place(show->setup->sources, v.at, &place)) {
        where = str_format(arena, "%.*s:%u:%u", SARG(place.source->name), place.line, place.column);
    }
    strbuf_addf(&show->text, "  %c %.*s  %.*s%s  (%.*s)\n", wins ? '>' : ' ', SARG(where),
                SARG(str_part(text, 0, SHOWN_BYTES)), text.len > SHOWN_BYTES ? "..." : "",
                SARG(words));
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
}

static bool explain_named(struct show *show, const struct inventory_layer *layers, size_t count,
                          value all)
{
    for (size_t i = 0; i < show->rest.count; i++) {
        value v, name = show_text(show, show->rest.items[i]);
        if (!value_map_find(all, name, &v)) {
            size_t known = value_count(all);
            str *names = NEW_ARRAY(show->arena, str, known);
            for (size_t k = 0; k < known; k++) {
                names[k] = value_as_str(value_print(show->arena, value_map_key(all, k)));
            }
            struct diag *diag = diag_error(show->diags, SPAN_NONE,
                                           "the inventory sets no variable '%.*s' for '%.*s'",
                                           SARG(show->rest.items[i]), SARG(show->args->explain));
            diag_suggest(diag, show->rest.items[i], names, known);
            return false;
        }
        explain_var(show, layers, count, name);
    }
    return true;
}

enum run_status show_explain(struct show *show)
{
    const struct host *host = one_host(show, show->args->explain);
    value all;
    size_t count;
    if (host == NULL) {
        return RUN_USAGE;
    }
    if (!show_host_vars(show, host, &all)) {
        return RUN_PARSE;
    }
    const struct inventory_layer *layers = inventory_layers_apart(show->inventory, host, &count);
    if (show->rest.count > 0) {
        return explain_named(show, layers, count, all) ? RUN_OK : RUN_ERROR;
    }
    for (size_t i = 0; i < value_count(all); i++) {
        explain_var(show, layers, count, value_map_key(all, i));
    }
    return RUN_OK;
}
