/*
 * yaml_source.c - inventories in YAML or JSON: groups with hosts, vars and children.
 *
 * Source: Ansible's user guide, "Inventory basics"; odd entries are skipped with a warning, as
 * there.
 */
#include "formats/json.h"
#include "formats/yaml.h"
#include "inventory/plugins.h"

static const str group_keys[] = { S_INIT("hosts"), S_INIT("vars"), S_INIT("children") };

static bool add_group(struct parse *parse, value name, value data, struct group **ret);

/* The map of a section; a lone string is one entry without data. Null: nothing to do. */
static bool section_map(struct parse *parse, const struct group *group, value key, value v,
                        value *ret)
{
    if (value_is(v, VALUE_STR)) {
        struct map_builder map = map_in(parse->inventory->arena);
        map_set(&map, v, value_at(value_null(), v.at));
        *ret = value_at(map_seal(&map), v.at);
        return true;
    }
    if (value_is(v, VALUE_MAP) || value_is(v, VALUE_NULL)) {
        *ret = v;
        return true;
    }
    str section = value_as_str(key);
    struct diag *diag = diag_error(parse->diags, v.at.pos != 0 ? v.at : key.at,
                                   "'%.*s' of group '%.*s' must be a map, not a %s", SARG(section),
                                   SARG(group->name), value_type_name(v));
    if (value_is(v, VALUE_LIST)) {
        diag_hint(diag, "write each entry as a key: 'web1:' instead of '- web1'");
    }
    return false;
}

static bool add_vars(struct parse *parse, struct group *group, value vars)
{
    return data_set_group_vars(parse->inventory, parse->diags, group, vars);
}

static bool add_children(struct parse *parse, struct group *group, value children)
{
    for (size_t i = 0; i < value_count(children); i++) {
        value key = value_map_key(children, i);
        struct group *child;
        bool is_new;
        if (!add_group(parse, key, value_map_value(children, i), &child)) {
            return false;
        }
        if (child == NULL) {
            diag_error(parse->diags, key.at, "child of group '%.*s' is no group",
                       SARG(group->name));
            return false;
        }
        if (!data_add_child(parse->inventory, parse->diags, group, child, key.at, &is_new)) {
            return false;
        }
    }
    return true;
}

static bool is_empty(value v)
{
    return value_is(v, VALUE_NULL) || value_truth(v) == TRUTH_FALSE;
}

static bool add_hosts(struct parse *parse, struct group *group, value hosts)
{
    for (size_t i = 0; i < value_count(hosts); i++) {
        value key = value_map_key(hosts, i), data = value_map_value(hosts, i);
        struct str_list names = { 0 };
        int64_t port;
        if (!value_is(key, VALUE_STR)) {
            struct diag *diag = diag_error(
                parse->diags, key.at, "host name must be a string, not %s", value_type_name(key));
            diag_hint(diag, "put it in quotes");
            return false;
        }
        if (is_empty(data)) {
            struct map_builder none = map_in(parse->inventory->arena);
            data = map_seal(&none);
        } else if (!value_is(data, VALUE_MAP)) {
            str name = value_as_str(key);
            struct diag *diag = diag_error(parse->diags, data.at,
                                           "variables of host '%.*s' must be a map, not a %s",
                                           SARG(name), value_type_name(data));
            diag_hint(diag, "write them below it: %.*s: {name: value}", SARG(name));
            return false;
        }
        if (!parse_hosts(parse, value_as_str(key), key.at, &names, &port) ||
            !parse_add_hosts(parse, &names, key.at, port, group, data)) {
            return false;
        }
    }
    return true;
}

static void warn_key(struct parse *parse, const struct group *group, value key)
{
    value text = value_print(parse->diags->arena, key);
    str word = value_as_str(text);
    struct diag *diag = diag_warning(parse->diags, key.at, "unknown key '%.*s' in group '%.*s'",
                                     SARG(word), SARG(group->name));
    diag_suggest(diag, word, group_keys, ARRAY_LEN(group_keys));
    diag_hint(diag, "a group has 'hosts', 'vars' and 'children'; its groups stand below "
                    "'children'");
}

static bool add_section(struct parse *parse, struct group *group, value key, value data)
{
    bool is_hosts = value_is(key, VALUE_STR) && str_eq(value_as_str(key), S("hosts"));
    bool is_vars = value_is(key, VALUE_STR) && str_eq(value_as_str(key), S("vars"));
    bool is_children = value_is(key, VALUE_STR) && str_eq(value_as_str(key), S("children"));
    if (!is_hosts && !is_vars && !is_children) {
        warn_key(parse, group, key);
        return true;
    }
    value map;
    if (!section_map(parse, group, key, data, &map)) {
        return false;
    }
    if (value_is(map, VALUE_NULL)) {
        return true;
    }
    return is_hosts  ? add_hosts(parse, group, map)
           : is_vars ? add_vars(parse, group, map)
                     : add_children(parse, group, map);
}

/* *ret is NULL for what is no group and was skipped. */
static bool add_group(struct parse *parse, value name, value data, struct group **ret)
{
    struct inventory *inventory = parse->inventory;
    if (!value_is(data, VALUE_MAP) && !value_is(data, VALUE_NULL)) {
        value text = value_print(parse->diags->arena, name);
        diag_warning(parse->diags, name.at, "'%.*s' is skipped: a group is a map, not a %s",
                     SARG(value_as_str(text)), value_type_name(data));
        *ret = value_is(name, VALUE_STR) ? data_group(inventory, value_as_str(name)) : NULL;
        return true;
    }
    if (!value_is(name, VALUE_STR) || value_as_str(name).len == 0) {
        struct diag *diag =
            diag_error(parse->diags, name.at, "name of a group must be a string that is not empty");
        diag_hint(diag, "put it in quotes");
        return false;
    }
    struct group *group = data_add_group(inventory, value_as_str(name), name.at);
    *ret = group;
    for (size_t i = 0; value_is(data, VALUE_MAP) && i < value_count(data); i++) {
        if (!add_section(parse, group, value_map_key(data, i), value_map_value(data, i))) {
            return false;
        }
    }
    return true;
}

/* JSON first, as Ansible: it is much the faster, and the same text may differ as YAML. */
static bool read_document(struct parse *parse, value *ret)
{
    struct inventory *inventory = parse->inventory;
    str start = str_trim_left(parse->source->text);
    if (start.len > 0 && start.ptr[0] == '{') {
        struct diags *tried = diags_new(parse->diags->arena, inventory->sources);
        if (json_read(inventory->arena, tried, parse->source,
                      (struct json_options){ .trusted = true }, ret)) {
            *ret = json_unwrap(inventory->arena, *ret);
            return true;
        }
    }
    return yaml_read(inventory->arena, parse->diags, parse->source,
                     (struct yaml_options){ .trusted = true }, ret);
}

bool yaml_parse(struct parse *parse)
{
    value data, plugin;
    span start = source_span(parse->source, 0, 0);
    if (!read_document(parse, &data)) {
        return false;
    }
    if (is_empty(data)) {
        diag_error(parse->diags, start, "inventory is empty");
        return false;
    }
    if (!value_is(data, VALUE_MAP)) {
        struct diag *diag =
            diag_error(parse->diags, data.at.pos != 0 ? data.at : start,
                       "inventory must be a map of groups, not a %s", value_type_name(data));
        diag_hint(diag, "begin with 'all:', below it 'hosts:' and 'children:'");
        return false;
    }
    bool by_plugin = value_map_get(data, S("plugin"), &plugin) && !is_empty(plugin);
    if ((parse->inventory->readers & (by_plugin ? READ_PLUGIN : READ_YAML)) == 0) {
        diag_error(parse->diags, start, "'%s' is not among the enabled plugins",
                   by_plugin ? "auto" : "yaml");
        return false;
    }
    if (by_plugin) {
        return plugin_parse(parse, plugin, data);
    }
    for (size_t i = 0; i < value_count(data); i++) {
        struct group *group;
        if (!add_group(parse, value_map_key(data, i), value_map_value(data, i), &group)) {
            return false;
        }
    }
    return true;
}
