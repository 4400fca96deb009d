/*
 * inventory_vars.c - variables of hosts and groups, and printing values.
 */
#include "base/value_each.h"
#include "cli/inventory_show.h"

#include "formats/json.h"
#include "formats/yaml.h"

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

static void add_vars(struct map_builder *map, value vars)
{
    for (size_t i = 0; i < value_count(vars); i++) {
        if (!is_internal(value_map_key(vars, i))) {
            map_set(map, value_map_key(vars, i), value_map_value(vars, i));
        }
    }
}

static value without_internal(struct arena *arena, value vars)
{
    struct map_builder map = map_in(arena);
    add_vars(&map, vars);
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

/* Whether a layer counts: for --export those beside the playbook only if --playbook-dir was given,
 * and of a host only its own. */
static bool is_shown(const struct show *show, const struct inventory_layer *layer)
{
    bool export = show->args->export;
    return (!export || !str_is_none(show->args->playbook_dir) || !of_playbook(layer)) &&
           (!export || of_host(layer));
}

bool show_host_vars(const struct show *show, const struct host *host, value *ret)
{
    size_t count;
    if (!inventory_prepare(show->inventory, show->diags, &host, 1)) {
        return false;
    }
    const struct inventory_layer *layers = inventory_layers_apart(show->inventory, host, &count);
    size_t room = value_count(show->setup->run.extra_vars);
    for (size_t i = 0; i < count; i++) {
        room += value_count(layers[i].vars);
    }
    struct map_builder map = map_with_room(show->arena, room);
    if (!inventory_merges_maps(show->inventory)) { /* one map, without those on the way to it */
        for (size_t i = count; i > 0; i--) {
            if (is_shown(show, &layers[i - 1])) {
                add_vars(&map, layers[i - 1].vars);
            }
        }
        if (!show->args->export) {
            add_vars(&map, show->setup->run.extra_vars);
        }
        *ret = map_seal(&map);
        return true;
    }
    value merged = map_seal(&map);
    for (size_t i = count; i > 0; i--) {
        if (is_shown(show, &layers[i - 1])) {
            merged = merge(show, merged, layers[i - 1].vars);
        }
    }
    if (!show->args->export) {
        merged = merge(show, merged, show->setup->run.extra_vars);
    }
    *ret = without_internal(show->arena, merged);
    return true;
}

bool show_group_vars(const struct show *show, const struct group *group, value *ret)
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

bool show_has_host(const struct show *show, const struct host *host)
{
    value ignored;
    return value_map_get(show->shown, host->name, &ignored);
}

/* ---- printing values ---- */

/* Ansible marks what must not be templated: {"__ansible_unsafe": "..."}. */
/* A text that is no template, as ansible-inventory says it. */
static value mark_unsafe(struct arena *arena, value v)
{
    if (!value_is(v, VALUE_STR) || value_is_trusted(v)) {
        return v;
    }
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("__ansible_unsafe"), v);
    return map_seal(&map);
}

bool show_json(struct show *show, value v)
{
    struct json_format format = { .indent = 4, .sort = JSON_SORTED, .unicode = true };
    struct diags *tried = diags_new(show->arena, show->setup->sources);
    v = value_each(show->arena, v, mark_unsafe);
    if (!json_append(&show->text, tried, v, format)) {
        format.sort = JSON_AS_WRITTEN; /* keys that have no common order */
        if (!json_append(&show->text, show->diags, v, format)) {
            return false;
        }
    }
    strbuf_add_char(&show->text, '\n');
    return true;
}

bool show_yaml(struct show *show, value v)
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

bool show_value(struct show *show, value v)
{
    return show->args->yaml ? show_yaml(show, v) : show_json(show, v);
}

value show_text(const struct show *show, str s)
{
    return value_trusted(value_str(show->arena, s));
}

bool show_is_all(const struct group *group)
{
    return str_eq(inventory_group_name(group), S("all"));
}
