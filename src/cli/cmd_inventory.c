/*
 * cmd_inventory.c - `hostler inventory`: shows hosts, groups and variables the way
 * ansible-inventory prints them, and explains where a variable comes from.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/command.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "inventory/inventory.h"

struct inventory_args {
    struct common_args common;
    bool list, graph, yaml, toml, export, show_vars;
    str host, explain, playbook_dir, output;
};

#define ARG(member) offsetof(struct inventory_args, member)

static const struct option_row rows[] = {
    { 0, S_INIT("list"), NULL, OPTION_FLAG, ARG(list), NULL,
      "All groups, and the variables of all hosts." },
    { 0, S_INIT("host"), NULL, OPTION_TEXT, ARG(host), "HOST", "The variables of one host." },
    { 0, S_INIT("graph"), NULL, OPTION_FLAG, ARG(graph), NULL,
      "A tree of groups and hosts; of one group if it is named." },
    { 0, S_INIT("explain"), NULL, OPTION_TEXT, ARG(explain), "HOST",
      "Each variable of a host, or those named: every place that sets it, the winner first." },
    { 'y', S_INIT("yaml"), NULL, OPTION_FLAG, ARG(yaml), NULL, "YAML instead of JSON." },
    { 0, S_INIT("toml"), NULL, OPTION_FLAG, ARG(toml), NULL, "Not supported." },
    { 0, S_INIT("vars"), NULL, OPTION_FLAG, ARG(show_vars), NULL, "With --graph: variables, too." },
    { 0, S_INIT("export"), NULL, OPTION_FLAG, ARG(export), NULL,
      "With --list: variables where they are set, not flattened by host." },
    { 0, S_INIT("output"), NULL, OPTION_TEXT, ARG(output), "FILE", "Write there." },
    { 0, S_INIT("playbook-dir"), ALIASES_OF("basedir"), OPTION_TEXT, ARG(playbook_dir), "DIR",
      "Its host_vars/ and group_vars/ count, too; default: where you are." },
    { 'i', S_INIT("inventory"), ALIASES_OF("inventory-file"), OPTION_TEXTS, ARG(common.inventories),
      "SOURCE", "File or directory of hosts, or a list with a comma; may be given several times." },
    { 'l', S_INIT("limit"), ALIASES_OF("subset"), OPTION_TEXT, ARG(common.limit), "PATTERN",
      "Only these hosts; @FILE reads them from a file." },
    { 'e', S_INIT("extra-vars"), NULL, OPTION_TEXTS, ARG(common.extra_vars), "VARS",
      "Variables that win over all others: key=value, YAML or JSON, or @FILE." },
    { 'v', S_INIT("verbose"), NULL, OPTION_COUNT, ARG(common.verbosity), NULL, "No effect." },
    { 0, S_INIT("no-color"), NULL, OPTION_FLAG, ARG(common.no_color), NULL, "No colour." },
    { 'h', S_INIT("help"), NULL, OPTION_FLAG, ARG(common.help), NULL, "Show this." },
    OPTIONS_END
};

/* What is shown, and of which inventory. */
struct show {
    struct setup *setup;
    struct arena *arena;
    struct diags *diags;
    const struct inventory_args *args;
    struct template_env *env;
    struct inventory *inventory;
    struct host_list hosts; /* those that count: all, or --limit */
    value shown;            /* their names, as keys of a map */
    struct texts rest;      /* arguments that are no options */
    struct strbuf text;     /* what will be printed */
};

/* ---- variables ---- */

/* Names that Ansible computes; they are never shown, whoever sets them. */
static bool is_internal(value name)
{
    static const str names[] = {
        S_INIT("ansible_config_file"),
        S_INIT("ansible_diff_mode"),
        S_INIT("ansible_facts"),
        S_INIT("ansible_forks"),
        S_INIT("ansible_inventory_sources"),
        S_INIT("ansible_limit"),
        S_INIT("ansible_playbook_python"),
        S_INIT("ansible_run_tags"),
        S_INIT("ansible_skip_tags"),
        S_INIT("ansible_verbosity"),
        S_INIT("ansible_version"),
        S_INIT("group_names"),
        S_INIT("groups"),
        S_INIT("inventory_dir"),
        S_INIT("inventory_file"),
        S_INIT("inventory_hostname"),
        S_INIT("inventory_hostname_short"),
        S_INIT("omit"),
        S_INIT("playbook_dir"),
    };
    for (size_t i = 0; value_is(name, VALUE_STR) && i < ARRAY_LEN(names); i++) {
        if (str_eq(value_as_str(name), names[i])) {
            return true;
        }
    }
    return false;
}

static value without_internal(struct arena *arena, value vars)
{
    struct map_builder map = map_in(arena);
    for (size_t i = 0; i < value_count(vars); i++) {
        if (!is_internal(value_map_key(vars, i))) {
            map_set(&map, value_map_key(vars, i), value_map_value(vars, i));
        }
    }
    return map_seal(&map);
}

static value merge(const struct show *show, value low, value high)
{
    return inventory_merge_vars(show->inventory, show->arena, low, high);
}

static bool of_playbook(const struct inventory_layer *layer)
{
    return layer->kind == LAYER_PLAYBOOK_HOST_VARS || layer->kind == LAYER_PLAYBOOK_GROUP_VARS;
}

static bool of_host(const struct inventory_layer *layer)
{
    return layer->kind == LAYER_PLAYBOOK_HOST_VARS || layer->kind == LAYER_INVENTORY_HOST_VARS ||
           layer->kind == LAYER_HOST;
}

/* Layers as one map; for --export those beside the playbook only if --playbook-dir was given, and
 * of a host only its own. */
static value merge_layers(const struct show *show, const struct inventory_layer *layers,
                          size_t count, bool only_hosts)
{
    struct map_builder none = map_in(show->arena);
    value merged = map_seal(&none);
    bool playbook = !only_hosts || !str_is_none(show->args->playbook_dir);
    for (size_t i = count; i > 0; i--) {
        if ((playbook || !of_playbook(&layers[i - 1])) &&
            (!only_hosts || of_host(&layers[i - 1]))) {
            merged = merge(show, merged, layers[i - 1].vars);
        }
    }
    return merged;
}

static bool host_vars(const struct show *show, const struct host *host, value *ret)
{
    size_t count;
    if (!inventory_prepare(show->inventory, show->diags, &host, 1)) {
        return false;
    }
    const struct inventory_layer *layers = inventory_layers_apart(show->inventory, host, &count);
    value vars = merge_layers(show, layers, count, show->args->export);
    if (!show->args->export) {
        vars = merge(show, vars, show->setup->run.extra_vars);
    }
    *ret = without_internal(show->arena, vars);
    return true;
}

static bool group_vars(const struct show *show, const struct group *group, value *ret)
{
    const struct inventory_layer *layers;
    size_t count;
    if (!inventory_group_layers(show->inventory, show->diags, group, &layers, &count)) {
        return false;
    }
    struct map_builder vars = map_in(show->arena);
    bool playbook = !str_is_none(show->args->playbook_dir);
    for (size_t i = count; i > 0; i--) {
        if (playbook || !of_playbook(&layers[i - 1])) {
            value merged = merge(show, map_seal(&vars), layers[i - 1].vars);
            vars = map_from(show->arena, merged);
        }
    }
    if (inventory_group_priority(group) != 1) {
        map_set_str(&vars, S("ansible_group_priority"), value_int(inventory_group_priority(group)));
    }
    *ret = without_internal(show->arena, map_seal(&vars));
    return true;
}

static bool is_shown(const struct show *show, const struct host *host)
{
    value ignored;
    return value_map_get(show->shown, host->name, &ignored);
}

/* ---- printing values ---- */

/* Ansible marks what must not be templated: {"__ansible_unsafe": "..."}. */
static value mark_unsafe(struct arena *arena, value v)
{
    if (value_is(v, VALUE_STR) && !value_is_trusted(v)) {
        struct map_builder map = map_in(arena);
        map_set_str(&map, S("__ansible_unsafe"), v);
        return map_seal(&map);
    }
    if (value_is(v, VALUE_LIST)) {
        struct list_builder list = list_in(arena);
        for (size_t i = 0; i < value_count(v); i++) {
            list_add(&list, mark_unsafe(arena, value_item(v, i)));
        }
        return list_seal(&list);
    }
    if (value_is(v, VALUE_MAP)) {
        struct map_builder map = map_in(arena);
        for (size_t i = 0; i < value_count(v); i++) {
            map_set(&map, value_map_key(v, i), mark_unsafe(arena, value_map_value(v, i)));
        }
        return map_seal(&map);
    }
    return v;
}

static bool print_json(struct show *show, value v)
{
    struct json_format format = { .indent = 4, .sort = JSON_SORTED, .unicode = true };
    struct diags *tried = diags_new(show->arena, show->setup->sources);
    value text;
    v = mark_unsafe(show->arena, v);
    if (!json_write(show->arena, tried, v, format, &text)) {
        format.sort = JSON_AS_WRITTEN; /* keys that have no common order */
        if (!json_write(show->arena, show->diags, v, format, &text)) {
            return false;
        }
    }
    strbuf_add(&show->text, value_as_str(text));
    strbuf_add_char(&show->text, '\n');
    return true;
}

static bool print_yaml(struct show *show, value v)
{
    struct yaml_format format = YAML_WRITE_DEFAULTS;
    format.flow = YAML_FLOW_NEVER;
    format.aliases = true;
    value text;
    if (!yaml_write(show->arena, show->diags, v, format, &text)) {
        return false;
    }
    strbuf_add(&show->text, value_as_str(text));
    return true;
}

static bool print_value(struct show *show, value v)
{
    return show->args->yaml ? print_yaml(show, v) : print_json(show, v);
}

static value text_value(const struct show *show, str s)
{
    return value_trusted(value_str(show->arena, s));
}

/* ---- --list ---- */

static value member_names(const struct show *show, const struct group *group)
{
    struct list_builder names = list_in(show->arena);
    for (size_t i = 0; i < inventory_member_count(group); i++) {
        const struct host *host = inventory_member(group, i);
        if (is_shown(show, host)) {
            list_add(&names, text_value(show, host->name));
        }
    }
    return list_seal(&names);
}

static void set_unless_empty(struct map_builder *map, str key, value v)
{
    if (value_count(v) > 0) {
        map_set_str(map, key, v);
    }
}

static bool is_all(const struct group *group)
{
    return str_eq(inventory_group_name(group), S("all"));
}

/* A group, and those below it that are not in `all` yet, as {"name": {hosts, children, vars}}. */
static bool list_group(const struct show *show, const struct group *group, struct map_builder *all,
                       struct map_builder *seen)
{
    struct map_builder entry = map_in(show->arena);
    struct list_builder children = list_in(show->arena);
    if (!is_all(group)) {
        set_unless_empty(&entry, S("hosts"), member_names(show, group));
    }
    for (size_t i = 0; i < inventory_child_count(group); i++) {
        const struct group *child = inventory_child(group, i);
        value name = text_value(show, inventory_group_name(child)), ignored;
        list_add(&children, name);
        if (!map_has(seen, name, &ignored)) {
            map_set(seen, name, value_null());
            if (!list_group(show, child, all, seen)) {
                return false;
            }
        }
    }
    set_unless_empty(&entry, S("children"), list_seal(&children));
    if (show->args->export) {
        value vars;
        if (!group_vars(show, group, &vars)) {
            return false;
        }
        set_unless_empty(&entry, S("vars"), vars);
    }
    value sealed = map_seal(&entry);
    set_unless_empty(all, inventory_group_name(group), sealed);
    return true;
}

static bool list_json(struct show *show)
{
    struct map_builder all = map_in(show->arena), seen = map_in(show->arena);
    struct map_builder hostvars = map_in(show->arena), meta = map_in(show->arena);
    if (!list_group(show, inventory_find_group(show->inventory, S("all")), &all, &seen)) {
        return false;
    }
    for (size_t i = 0; i < show->hosts.count; i++) {
        value vars;
        if (!host_vars(show, show->hosts.hosts[i], &vars)) {
            return false;
        }
        set_unless_empty(&hostvars, show->hosts.hosts[i]->name, vars);
    }
    map_set_str(&meta, S("hostvars"), map_seal(&hostvars));
    map_set_str(&all, S("_meta"), map_seal(&meta));
    return print_json(show, map_seal(&all));
}

/* The form of a YAML inventory: groups stand in groups, and the variables of a host where it is
 * named first. */
static bool list_yaml_group(const struct show *show, const struct group *group,
                            struct map_builder *seen, value *ret)
{
    struct map_builder entry = map_in(show->arena), children = map_in(show->arena);
    struct map_builder hosts = map_in(show->arena);
    for (size_t i = 0; i < inventory_child_count(group); i++) {
        const struct group *child = inventory_child(group, i);
        value below;
        if (!list_yaml_group(show, child, seen, &below)) {
            return false;
        }
        map_set_str(&children, inventory_group_name(child), below);
    }
    for (size_t i = 0; !is_all(group) && i < inventory_member_count(group); i++) {
        const struct host *host = inventory_member(group, i);
        struct map_builder none = map_in(show->arena);
        value vars = map_seal(&none), name = text_value(show, host->name), ignored;
        if (!is_shown(show, host)) {
            continue;
        }
        if (!map_has(seen, name, &ignored)) {
            map_set(seen, name, value_null());
            if (!host_vars(show, host, &vars)) {
                return false;
            }
        }
        map_set(&hosts, name, vars);
    }
    set_unless_empty(&entry, S("children"), map_seal(&children));
    set_unless_empty(&entry, S("hosts"), map_seal(&hosts));
    if (show->args->export) {
        value vars;
        if (!group_vars(show, group, &vars)) {
            return false;
        }
        set_unless_empty(&entry, S("vars"), vars);
    }
    *ret = map_seal(&entry);
    return true;
}

static bool list_yaml(struct show *show)
{
    struct map_builder all = map_in(show->arena), seen = map_in(show->arena);
    value below;
    if (!list_yaml_group(show, inventory_find_group(show->inventory, S("all")), &seen, &below)) {
        return false;
    }
    map_set_str(&all, S("all"), below);
    return print_yaml(show, map_seal(&all));
}

/* ---- --graph ---- */

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

static void graph_vars(struct show *show, unsigned depth, value vars)
{
    size_t count = value_count(vars);
    struct graph_var *sorted = NEW_ARRAY(show->arena, struct graph_var, count);
    for (size_t i = 0; i < count; i++) {
        sorted[i].name = value_as_str(value_print(show->arena, value_map_key(vars, i)));
        sorted[i].text = value_as_str(value_print(show->arena, value_map_value(vars, i)));
    }
    if (count > 1) {
        qsort(sorted, count, sizeof *sorted, compare_vars);
    }
    for (size_t i = 0; i < count; i++) {
        str line =
            str_format(show->arena, "%.*s = %.*s", SARG(sorted[i].name), SARG(sorted[i].text));
        graph_line(show, depth, "{", line, "}");
    }
}

static bool graph_host(struct show *show, const struct host *host, unsigned depth)
{
    value vars;
    graph_line(show, depth, "", host->name, "");
    if (!show->args->show_vars) {
        return true;
    }
    if (!host_vars(show, host, &vars)) {
        return false;
    }
    graph_vars(show, depth + 1, vars);
    return true;
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
    for (size_t i = 0; !is_all(group) && i < inventory_member_count(group); i++) {
        const struct host *host = inventory_member(group, i);
        if (is_shown(show, host) && !graph_host(show, host, depth + 1)) {
            return false;
        }
    }
    if (!show->args->show_vars) {
        return true;
    }
    if (!group_vars(show, group, &vars)) {
        return false;
    }
    graph_vars(show, depth + 1, vars);
    return true;
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

static enum run_status graph(struct show *show)
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

/* ---- --host, --explain ---- */

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

static enum run_status show_host(struct show *show)
{
    const struct host *host = one_host(show, show->args->host);
    value vars;
    if (host == NULL) {
        return RUN_USAGE;
    }
    return host_vars(show, host, &vars) && print_value(show, vars) ? RUN_OK : RUN_PARSE;
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
        if (value_map_find(layers[i].vars, name, &v)) {
            explain_line(show, v, wins, layer_words(show->arena, &layers[i]));
            wins = false;
        }
    }
}

static bool explain_named(struct show *show, const struct inventory_layer *layers, size_t count,
                          value all)
{
    for (size_t i = 0; i < show->rest.count; i++) {
        value v, name = text_value(show, show->rest.items[i]);
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

static enum run_status explain(struct show *show)
{
    const struct host *host = one_host(show, show->args->explain);
    value all;
    size_t count;
    if (host == NULL) {
        return RUN_USAGE;
    }
    if (!host_vars(show, host, &all)) {
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

/* ---- the command ---- */

static bool check_args(const struct inventory_args *args)
{
    int actions = args->list + args->graph + !str_is_none(args->host) + !str_is_none(args->explain);
    if (args->toml) {
        fputs("error: TOML is not supported\nhint: use --yaml, or JSON\n", stderr);
        return false;
    }
    if (actions != 1) {
        fprintf(stderr,
                "error: %s\nhint: hostler inventory -i hosts --list | --host HOST | --graph | "
                "--explain HOST\n",
                actions == 0 ? "nothing was asked for" : "only one thing can be asked for at once");
        return false;
    }
    return true;
}

static bool load(struct show *show)
{
    const struct run_options *run = &show->setup->run;
    struct inventory_options options = {
        .sources = run->inventories,
        .count = run->inventory_count,
        .playbook_dir = str_is_none(show->args->playbook_dir) ? S(".") : show->args->playbook_dir,
        .unparsed_is_failed = run->any_unparsed_is_failed,
        .settings = run->inventory_settings,
        .env = show->env,
        .extra_vars = run->extra_vars,
    };
    if (!inventory_load(show->arena, show->diags, &options, &show->inventory) ||
        !inventory_match(show->inventory, show->arena, show->diags, S("all"), SPAN_NONE,
                         show->args->common.limit, &show->hosts)) {
        return false;
    }
    struct map_builder shown = map_in(show->arena);
    for (size_t i = 0; i < show->hosts.count; i++) {
        map_set(&shown, value_str_shared(show->arena, show->hosts.hosts[i]->name), value_null());
    }
    show->shown = map_seal(&shown);
    return true;
}

static enum run_status answer(struct show *show)
{
    if (!str_is_none(show->args->host)) {
        return show_host(show);
    }
    if (!str_is_none(show->args->explain)) {
        return explain(show);
    }
    if (show->args->graph) {
        return graph(show);
    }
    return (show->args->yaml ? list_yaml(show) : list_json(show)) ? RUN_OK : RUN_PARSE;
}

static bool write_text(struct show *show)
{
    str text = strbuf_str(&show->text), path = show->args->output;
    FILE *file = str_is_none(path) ? stdout : fopen(str_c(show->arena, path), "we");
    bool ok = file != NULL;
    if (!str_is_none(path) && str_ends(text, S("\n")) && !show->args->yaml) {
        text.len--; /* as ansible-inventory: a file of JSON without a last newline */
    }
    ok = ok && fwrite(text.ptr, 1, text.len, file) == text.len && fflush(file) == 0;
    if (!ok) {
        diag_error(show->diags, SPAN_NONE, "cannot write '%.*s': %s",
                   SARG(str_is_none(path) ? S("standard output") : path), strerror(errno));
    }
    if (file != NULL && file != stdout) {
        fclose(file);
    }
    return ok;
}

static enum run_status run(struct setup *setup, const struct command_call *call,
                           struct inventory_args *args)
{
    struct show show = { .setup = setup,
                         .arena = setup->arena,
                         .diags = setup->diags,
                         .args = args,
                         .text = strbuf_in(setup->arena) };
    enum run_status status;
    if (!options_parse(setup->arena, "hostler inventory", rows, call->argc, call->argv, args,
                       &show.rest)) {
        return RUN_USAGE;
    }
    if (args->common.help) {
        puts("usage: hostler inventory --list | --host HOST | --graph [GROUP] | --explain HOST "
             "[VARIABLE...]\n\nShow hosts, groups and variables.\n");
        options_help(stdout, rows);
        return RUN_OK;
    }
    if (!check_args(args)) {
        return RUN_USAGE;
    }
    if (!setup_common(setup, &args->common, &status)) {
        return status;
    }
    struct secrets *secrets = secrets_new();
    struct template_hooks none = { 0 };
    show.env = template_env_new(setup->run.dialect, setup->sources, secrets, none);
    status = load(&show) ? answer(&show) : RUN_ERROR;
    template_env_free(show.env);
    secrets_free(secrets);
    return status == RUN_OK && !write_text(&show) ? RUN_ERROR : status;
}

int command_inventory(const struct command_call *call)
{
    struct setup setup;
    struct inventory_args args = { .common = { .forks = -1 } };
    enum run_status status = RUN_ERROR;
    if (setup_init(&setup, call->as_ansible)) {
        status = run(&setup, call, &args);
    }
    setup_tell(&setup);
    setup_finish(&setup);
    return status == RUN_USAGE ? (int)RUN_USAGE : exit_status(status, call->as_ansible);
}
