/*
 * table.c - the table of actions.
 */
#include "engine/actions/actions.h"

static const struct engine_action *const actions[] = {
    &action_add_host,
    &action_assert,
    &action_debug,
    &action_fail,
    &action_fetch,
    &action_group_by,
    &action_include_role,
    &action_include_tasks,
    &action_include_vars,
    &action_meta,
    &action_pause,
    &action_reboot,
    &action_set_fact,
    &action_set_stats,
    &action_validate_argument_spec,
    &action_wait_for,
    &action_wait_for_connection,
};

static str short_name(str name)
{
    static const str prefixes[] = { S_INIT("ansible.builtin."), S_INIT("ansible.legacy.") };
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        if (str_starts(name, prefixes[i])) {
            return str_part(name, prefixes[i].len, name.len);
        }
    }
    return name;
}

const struct engine_action *engine_action_find(str name)
{
    str bare = short_name(name);
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (str_eq(actions[i]->name, bare)) {
            return actions[i];
        }
    }
    return NULL;
}

const struct engine_action *const *engine_action_all(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(actions);
    return actions;
}

value action_result(struct arena *arena, bool changed, str key, value v)
{
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(changed));
    if (!str_is_none(key)) {
        map_set_str(&map, key, v);
    }
    return map_seal(&map);
}
