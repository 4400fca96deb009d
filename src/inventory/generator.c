/*
 * generator.c - the inventory plugin `generator`: a host for each combination of its layers, with
 * groups above it whose names are templates.
 *
 * Source: the documentation of ansible.builtin.generator, core 2.18.
 */
#include "inventory/plugins.h"

#define HOSTS_MAX 1000000
#define DEPTH_MAX 100 /* of parents in parents */

static const str options[] = { S_INIT("hosts"), S_INIT("layers") };

struct generator {
    struct parse *parse;
    struct arena *scratch; /* reset after each host */
    struct scope scope;
};

/* A text of the source with the values of the layers. */
static bool render(struct generator *g, value text, value *ret)
{
    struct eval eval = plugin_eval(g->parse, g->scratch, g->parse->diags, &g->scope);
    *ret = text;
    return !value_is(text, VALUE_STR) || template_file(&eval, text, TEMPLATE_FILE_DEFAULTS, ret);
}

static bool render_name(struct generator *g, value owner, const char *what, str *ret)
{
    value name = value_is(owner, VALUE_MAP) ? value_get(owner, S("name")) : (value){ 0 };
    if (!value_is(name, VALUE_STR)) {
        diag_error(g->parse->diags, owner.at, "%s needs a 'name'", what);
        return false;
    }
    if (!render(g, name, &name)) {
        return false;
    }
    *ret = value_as_str(name);
    if (ret->len == 0) {
        diag_error(g->parse->diags, name.at, "name of %s is empty", what);
        return false;
    }
    return true;
}

static bool set_group_vars(struct generator *g, struct group *group, value vars)
{
    struct arena *arena = g->parse->inventory->arena;
    struct map_builder map = map_in(arena);
    for (size_t i = 0; value_is(vars, VALUE_MAP) && i < value_count(vars); i++) {
        value written = value_map_value(vars, i), v;
        if (!render(g, written, &v)) {
            return false;
        }
        map_set(&map, value_map_key(vars, i),
                value_at(value_trust_all(arena, value_copy(arena, v)), written.at));
    }
    value sealed = map_seal(&map);
    size_t count = group->vars.len; /* mostly the same for each host */
    return (count > 0 && value_equal(group->vars.items[count - 1], sealed) == TRUTH_TRUE) ||
           data_set_group_vars(g->parse->inventory, g->parse->diags, group, sealed);
}

static bool add_parents(struct generator *g, struct host_entry *host, struct group *child,
                        value parents, unsigned depth);

static bool add_parent(struct generator *g, struct host_entry *host, struct group *child,
                       value entry, unsigned depth)
{
    struct inventory *inventory = g->parse->inventory;
    str name;
    bool is_new;
    if (!render_name(g, entry, "a parent", &name)) {
        return false;
    }
    struct group *group = data_add_group(inventory, name, entry.at);
    if (value_is(value_get(entry, S("vars")), VALUE_MAP) &&
        !set_group_vars(g, group, value_get(entry, S("vars")))) {
        return false;
    }
    if (child == NULL) {
        data_join(inventory, group, host);
    } else if (!data_add_child(inventory, g->parse->diags, group, child, entry.at, &is_new)) {
        return false;
    }
    return add_parents(g, host, group, value_get(entry, S("parents")), depth + 1);
}

/* child: NULL for the host itself. */
static bool add_parents(struct generator *g, struct host_entry *host, struct group *child,
                        value parents, unsigned depth)
{
    if (!value_is_defined(parents) || value_is(parents, VALUE_NULL)) {
        return true;
    }
    if (!value_is(parents, VALUE_LIST) || depth > DEPTH_MAX) {
        diag_error(g->parse->diags, parents.at, "'parents' must be a list%s",
                   depth > DEPTH_MAX ? ", and not so deep" : "");
        return false;
    }
    for (size_t i = 0; i < value_count(parents); i++) {
        if (!add_parent(g, host, child, value_item(parents, i), depth)) {
            return false;
        }
    }
    return true;
}

/* The n-th combination: the last layer changes fastest. */
static value combination(const struct generator *g, value layers, size_t n)
{
    size_t count = value_count(layers);
    value *chosen = NEW_ARRAY(g->scratch, value, count);
    for (size_t i = count; i > 0; i--) {
        value items = value_map_value(layers, i - 1);
        chosen[i - 1] = value_item(items, n % value_count(items));
        n /= value_count(items);
    }
    struct map_builder map = map_in(g->scratch);
    for (size_t i = 0; i < count; i++) {
        map_set(&map, value_map_key(layers, i), chosen[i]);
    }
    return map_seal(&map);
}

static bool add_host(struct generator *g, value config, size_t n)
{
    value hosts = value_get(config, S("hosts"));
    value *vars = NEW(g->scratch, value);
    str name;
    *vars = combination(g, value_get(config, S("layers")), n);
    g->scope = (struct scope){ .layers = vars, .count = 1 };
    if (!render_name(g, hosts, "'hosts'", &name)) {
        return false;
    }
    struct host_entry *host =
        data_add_host(g->parse->inventory, name, hosts.at, g->parse->file, PORT_NONE);
    return add_parents(g, host, NULL, value_get(hosts, S("parents")), 0);
}

static bool count_hosts(struct parse *parse, value layers, size_t *ret)
{
    size_t total = 1;
    for (size_t i = 0; i < value_count(layers); i++) {
        value items = value_map_value(layers, i);
        if (!value_is(items, VALUE_LIST)) {
            diag_error(parse->diags, items.at, "a layer must be a list, not a %s",
                       value_type_name(items));
            return false;
        }
        total *= value_count(items);
        if (total > HOSTS_MAX) {
            diag_error(parse->diags, layers.at, "layers mean more than a million hosts");
            return false;
        }
    }
    *ret = total;
    return true;
}

bool generator_parse(struct parse *parse, value config)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("generator");
    struct generator g = { .parse = parse, .scratch = scratch };
    value layers;
    size_t total;
    plugin_check_options(parse, config, options, ARRAY_LEN(options));
    if (!plugin_option(parse, config, S("layers"), VALUE_MAP, &layers)) {
        return false;
    }
    if (!value_is_defined(layers)) {
        diag_error(parse->diags, config.at, "plugin 'generator' needs 'hosts' and 'layers'");
        return false;
    }
    if (!count_hosts(parse, layers, &total)) {
        return false;
    }
    for (size_t n = 0; n < total; n++) {
        if (!add_host(&g, config, n)) {
            return false;
        }
        arena_reset(scratch);
    }
    return true;
}
