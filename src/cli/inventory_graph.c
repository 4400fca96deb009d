/*
 * inventory_graph.c - the tree of groups and hosts: `inventory --graph`.
 */
#include "cli/inventory_show.h"
#include "formats/objects.h"

#include <stdlib.h>

static void graph_line(struct show *show, unsigned depth, const char *before, str name,
                       const char *behind)
{
    for (unsigned i = 0; i < depth; i++) {
        strbuf_add(&show->text, S("  |"));
    }
    strbuf_addf(&show->text, "%s%s%.*s%s\n", depth > 0 ? "--" : "", before, SARG(name), behind);
}

struct graph_var {
    str name, text;
};

static int compare_vars(const void *a, const void *b)
{
    return str_cmp(((const struct graph_var *)a)->name, ((const struct graph_var *)b)->name);
}

/* The text of a vault value is shown plain, as the real one does. */
static bool graph_text(struct show *show, value v, str *ret)
{
    const struct run_options *run = &show->setup->run;
    if (value_is_object(v, &vault_type)) {
        str ciphertext = value_as_str(value_print(show->arena, v));
        if (!run->vault(run->vault_data, show->diags, ciphertext, v.at, &v)) {
            return false;
        }
    }
    *ret = value_as_str(value_print(show->arena, v));
    return true;
}

static bool graph_vars(struct show *show, unsigned depth, value vars)
{
    size_t count = value_count(vars);
    struct graph_var *sorted = NEW_ARRAY(show->arena, struct graph_var, count);
    for (size_t i = 0; i < count; i++) {
        sorted[i].name = value_as_str(value_print(show->arena, value_map_key(vars, i)));
        if (!graph_text(show, value_map_value(vars, i), &sorted[i].text)) {
            return false;
        }
    }
    if (count > 1) {
        qsort(sorted, count, sizeof *sorted, compare_vars);
    }
    for (size_t i = 0; i < count; i++) {
        str line =
            str_format(show->arena, "%.*s = %.*s", SARG(sorted[i].name), SARG(sorted[i].text));
        graph_line(show, depth, "{", line, "}");
    }
    return true;
}

static bool graph_host(struct show *show, const struct host *host, unsigned depth)
{
    value vars;
    graph_line(show, depth, "", host->name, "");
    if (!show->args->show_vars) {
        return true;
    }
    if (!show_host_vars(show, host, &vars)) {
        return false;
    }
    return graph_vars(show, depth + 1, vars);
}

static bool graph_group(struct show *show, const struct group *group, unsigned depth)
{
    value vars;
    graph_line(show, depth, "@", inventory_group_name(group), ":");
    for (size_t i = 0; i < inventory_child_count(group); i++) {
        if (!graph_group(show, inventory_child(group, i), depth + 1)) {
            return false;
        }
    }
    for (size_t i = 0; !show_is_all(group) && i < inventory_member_count(group); i++) {
        const struct host *host = inventory_member(group, i);
        if (show_has_host(show, host) && !graph_host(show, host, depth + 1)) {
            return false;
        }
    }
    if (!show->args->show_vars) {
        return true;
    }
    if (!show_group_vars(show, group, &vars)) {
        return false;
    }
    return graph_vars(show, depth + 1, vars);
}

static void suggest_group(struct show *show, struct diag *diag, str given)
{
    size_t count = inventory_group_count(show->inventory);
    str *names = NEW_ARRAY(show->arena, str, count);
    for (size_t i = 0; i < count; i++) {
        names[i] = inventory_group_name(inventory_group(show->inventory, i));
    }
    diag_suggest(diag, given, names, count);
}

enum run_status show_graph(struct show *show)
{
    str name = show->rest.count > 0 ? show->rest.items[0] : S("all");
    const struct group *group = inventory_find_group(show->inventory, name);
    if (group == NULL) {
        struct diag *diag =
            diag_error(show->diags, SPAN_NONE, "there is no group '%.*s'", SARG(name));
        suggest_group(show, diag, name);
        return RUN_USAGE;
    }
    return graph_group(show, group, 0) ? RUN_OK : RUN_PARSE;
}
