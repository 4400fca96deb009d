/*
 * inventory.c - add_host and group_by: they tell what is wanted; the inventory changes at the
 * barrier.
 */
#include "engine/actions/actions.h"
#include "engine/state.h"

/* ---- add_host ---- */

static value first_of(value args, const str *names, size_t count, str *ret_used)
{
    for (size_t i = 0; i < count; i++) {
        value v = value_get(args, names[i]);
        if (!value_is(v, VALUE_UNDEFINED)) {
            *ret_used = names[i];
            return v;
        }
    }
    return (value){ 0 };
}

static const str name_names[] = { S_INIT("name"), S_INIT("hostname"), S_INIT("host") };
static const str group_names[] = { S_INIT("groups"), S_INIT("groupname"), S_INIT("group") };

static bool is_reserved(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(name_names); i++) {
        if (str_eq(name, name_names[i]) || str_eq(name, group_names[i])) {
            return true;
        }
    }
    return false;
}

static value group_list(struct arena *arena, value groups)
{
    struct list_builder list = list_in(arena);
    if (value_is(groups, VALUE_STR)) {
        str rest = value_as_str(groups);
        while (!str_is_none(rest)) {
            str part = str_trim(str_cut(&rest, ','));
            if (part.len > 0) {
                list_add(&list, value_str(arena, part));
            }
        }
    }
    for (size_t i = 0; value_is(groups, VALUE_LIST) && i < value_count(groups); i++) {
        list_add(&list, value_item(groups, i));
    }
    return list_seal(&list);
}

static bool add_now(struct action_call *call, str name, value groups, value vars, bool *ret_changed)
{
    size_t count = value_count(groups);
    str *names = NEW_ARRAY(call->eval->arena, str, count + 1);
    for (size_t i = 0; i < count; i++) {
        names[i] = shown_text(call->eval->arena, value_item(groups, i));
    }
    pthread_mutex_lock(&call->run->load_lock);
    bool ok = inventory_add_host(call->run->inventory, call->eval->diags, name, names, count, vars,
                                 ret_changed);
    pthread_mutex_unlock(&call->run->load_lock);
    return ok;
}

/* `add_host: "{{ map }}"`: what the map says wins. */
static bool arguments_of(struct action_call *call, value *ret)
{
    static const str text = S_INIT("_raw_params");
    struct arena *arena = call->eval->arena;
    value given = value_get(call->args, text);
    *ret = call->args;
    if (!value_is_defined(given)) {
        return true;
    }
    if (!value_is(given, VALUE_MAP)) {
        diag_error(call->eval->diags, given.at,
                   "'add_host' takes names with values, or a map, not %s", value_type_name(given));
        return false;
    }
    struct map_builder map = map_from(arena, call->args);
    map_remove(&map, value_str(arena, text));
    value plain = map_seal(&map);
    *ret = value_merge(arena, plain, given, false);
    return true;
}

static bool add_host_run(struct action_call *call, struct action_outcome *ret)
{
    struct arena *arena = call->eval->arena;
    str used = STR_NONE;
    value args;
    if (!arguments_of(call, &args)) {
        return false;
    }
    value name = first_of(args, name_names, ARRAY_LEN(name_names), &used);
    value groups = group_list(arena, first_of(args, group_names, ARRAY_LEN(group_names), &used));
    if (!value_is(name, VALUE_STR) || value_as_str(name).len == 0) {
        diag_error(call->eval->diags, call->task->action_at, "'add_host' needs the name of a host");
        return false;
    }
    struct map_builder vars = map_in(arena), shown = map_in(arena);
    for (size_t i = 0; i < value_count(args); i++) {
        value key = value_map_key(args, i);
        if (value_is(key, VALUE_STR) && !is_reserved(value_as_str(key))) {
            map_set(&vars, key, value_map_value(args, i));
        }
    }
    /* "host:port", as on a line of an inventory */
    str text = value_as_str(name);
    size_t colon = str_rfind(text, S(":"));
    int64_t port;
    if (colon != STR_NPOS && str_find_char(text, ':', 0) == colon &&
        str_to_int64(str_part(text, colon + 1, text.len), &port)) {
        name = value_str(arena, str_copy(arena, str_part(text, 0, colon)));
        map_set_str(&vars, S("ansible_ssh_port"), value_int(port));
    }
    value all_vars = map_seal(&vars);
    map_set_str(&shown, S("groups"), groups);
    map_set_str(&shown, S("host_name"), name);
    map_set_str(&shown, S("host_vars"), all_vars);
    bool changed = false;
    if (!call->dry_run && !add_now(call, value_as_str(name), groups, all_vars, &changed)) {
        return false;
    }
    ret->changed_host = changed ? value_as_str(name) : STR_NONE;
    ret->result = action_result(arena, changed || call->dry_run, S("add_host"), map_seal(&shown));
    return true;
}

const struct engine_action action_add_host = {
    .name = S_INIT("add_host"),
    .summary = "Add a host to the inventory of this run",
    .once = true,
    .run = add_host_run,
};

/* ---- group_by ---- */

struct group_by_params {
    str key;
    struct str_list parents;
};

static const struct param group_by_rows[] = {
    PARAM(struct group_by_params, key, .type = PARAM_STR, .required = true,
          .doc = "Name of the group this host is put into."),
    PARAM(struct group_by_params, parents, .type = PARAM_LIST, .fallback = "all",
          .doc = "Groups the new group is a child of."),
    PARAM_END,
};

static str group_name(struct arena *arena, str name)
{
    return str_replace(arena, name, S(" "), S("-"));
}

static bool is_member(struct action_call *call, str group)
{
    value names = inventory_group_names(call->run->inventory, call->eval->arena, call->host->host);
    for (size_t i = 0; i < value_count(names); i++) {
        if (str_eq(value_as_str(value_item(names, i)), group)) {
            return true;
        }
    }
    return false;
}

static bool group_by_run(struct action_call *call, struct action_outcome *ret)
{
    const struct group_by_params *want = call->params;
    struct arena *arena = call->eval->arena;
    struct list_builder parents = list_in(arena);
    for (size_t i = 0; i < want->parents.count; i++) {
        list_add(&parents, value_str(arena, group_name(arena, want->parents.items[i])));
    }
    value list = list_seal(&parents), name = value_str(arena, group_name(arena, want->key));
    struct map_builder wanted = map_in(arena), result = map_in(arena);
    map_set_str(&wanted, S("key"), name);
    map_set_str(&wanted, S("parents"), list);
    map_set_str(&result, S("changed"), value_bool(!is_member(call, value_as_str(name))));
    map_set_str(&result, S("add_group"), name);
    map_set_str(&result, S("parent_groups"), list);
    ret->group_by = map_seal(&wanted);
    ret->result = map_seal(&result);
    return true;
}

const struct engine_action action_group_by = {
    .name = S_INIT("group_by"),
    .summary = "Put hosts into groups by a value",
    .params = group_by_rows,
    .params_size = sizeof(struct group_by_params),
    .run = group_by_run,
};
