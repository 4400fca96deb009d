/*
 * filters_keys.c - filters of the keys within data: keep_keys, remove_keys and replace_keys, in
 * both forms there are: community.general's for lists of maps, ansible.utils' for data of any
 * depth.
 */
#include "formats/pyregex.h"
#include "template/members.h"

/* ---- which keys are meant ---- */

enum match_by { BY_EQUAL, BY_START, BY_END, BY_REGEX };

/* One key that is asked for, and what it becomes. */
struct target {
    value before, after;
    const struct pyregex *regex; /* BY_REGEX */
};

struct targets {
    struct call *call;
    enum match_by by;
    VEC(struct target) items;
};

static bool read_match_by(struct call *call, value v, enum match_by *ret)
{
    static const struct {
        const char *name;
        enum match_by by;
    } names[] = { { "equal", BY_EQUAL },
                  { "equality", BY_EQUAL },
                  { "starts_with", BY_START },
                  { "ends_with", BY_END },
                  { "regex", BY_REGEX } };
    for (size_t i = 0; value_is(v, VALUE_STR) && i < ARRAY_LEN(names); i++) {
        if (str_eq(value_as_str(v), str_of(names[i].name))) {
            *ret = names[i].by;
            return true;
        }
    }
    return call_fail(call, "'matching_parameter' is one of 'equal', 'starts_with', 'ends_with' "
                           "and 'regex'");
}

static bool add_target(struct targets *targets, value before, value after)
{
    struct call *call = targets->call;
    struct target target = { .before = before, .after = after };
    if (targets->by != BY_EQUAL && !value_is(before, VALUE_STR)) {
        return call_fail(call, "a key to match is a string, not %s %s", A_TYPE(before));
    }
    if (targets->by == BY_REGEX) {
        target.regex = pyregex_compile(call->arena, call->eval->diags, call_place(call),
                                       value_as_str(before), 0);
        if (target.regex == NULL) {
            return call_reported(call);
        }
    }
    *VEC_PUSH(call->arena, &targets->items) = target;
    return true;
}

static bool add_replacement(struct targets *targets, value pair)
{
    value before, after;
    if (!value_is(pair, VALUE_MAP) || !value_map_get(pair, S("before"), &before) ||
        !value_map_get(pair, S("after"), &after)) {
        return call_fail(targets->call, "a replacement is a map with 'before' and 'after'");
    }
    return add_target(targets, before, after);
}

/* args[0]: the keys, or the replacements; args[1]: how they are matched. */
static bool read_targets(struct call *call, bool replacements, struct targets *ret)
{
    value list = call->args[0];
    *ret = (struct targets){ .call = call };
    if (!read_match_by(call, call->args[1], &ret->by)) {
        return false;
    }
    bool one = value_is(list, VALUE_STR) || (replacements && value_is(list, VALUE_MAP));
    const value *items = &call->args[0];
    size_t count = 1;
    if (!one && !call_items(call, list, &items, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (replacements ? !add_replacement(ret, items[i])
                         : !add_target(ret, items[i], value_null())) {
            return false;
        }
    }
    return true;
}

static bool matches(struct targets *targets, const struct target *target, value key, bool *ret)
{
    struct call *call = targets->call;
    struct pyregex_match match;
    if (targets->by == BY_EQUAL) {
        *ret = value_equal(target->before, key) == TRUTH_TRUE;
        return true;
    }
    if (!value_is(key, VALUE_STR)) {
        return call_fail(call, "a key that is %s %s cannot be matched by its text", A_TYPE(key));
    }
    str s = value_as_str(key);
    switch (targets->by) {
    case BY_EQUAL:
        break;
    case BY_START:
        *ret = str_starts(s, value_as_str(target->before));
        break;
    case BY_END:
        *ret = str_ends(s, value_as_str(target->before));
        break;
    case BY_REGEX:
        return pyregex_exec(target->regex, call->arena, call->eval->diags, s, 0, PYREGEX_MATCH, ret,
                            &match) ||
               call_reported(call);
    }
    return true;
}

/* The first target that matches; NULL in *ret: none. */
static bool find_target(struct targets *targets, value key, const struct target **ret)
{
    *ret = NULL;
    for (size_t i = 0; i < targets->items.len; i++) {
        bool hit;
        if (!matches(targets, &targets->items.items[i], key, &hit)) {
            return false;
        }
        if (hit) {
            *ret = &targets->items.items[i];
            return true;
        }
    }
    return true;
}

/* ---- the maps of a list ---- */

enum edit { EDIT_KEEP, EDIT_REMOVE, EDIT_REPLACE };

static bool edit_map(struct targets *targets, enum edit edit, value map, value *ret)
{
    struct map_builder out = map_in(targets->call->arena);
    for (size_t i = 0; i < value_count(map); i++) {
        value key = value_map_key(map, i);
        const struct target *target;
        if (!find_target(targets, key, &target)) {
            return false;
        }
        if (edit == EDIT_REPLACE) {
            map_set(&out, target != NULL ? target->after : key, value_map_value(map, i));
        } else if ((target != NULL) == (edit == EDIT_KEEP)) {
            map_set(&out, key, value_map_value(map, i));
        }
    }
    *ret = map_seal(&out);
    return true;
}

static bool edit_maps(struct call *call, enum edit edit, value *ret)
{
    struct targets targets;
    struct list_builder list = list_in(call->arena);
    const value *items;
    size_t count;
    if (value_is(call->input, VALUE_STR) || value_is(call->input, VALUE_MAP)) {
        return call_fail(call, "a list of maps is needed, not %s %s", A_TYPE(call->input));
    }
    if (!call_items(call, call->input, &items, &count) ||
        !read_targets(call, edit == EDIT_REPLACE, &targets)) {
        return false;
    }
    if (targets.items.len == 0) {
        return call_fail(call, "'target' is empty");
    }
    for (size_t i = 0; i < count; i++) {
        value map;
        if (!call_need_map(call, items[i]) || !edit_map(&targets, edit, items[i], &map)) {
            return false;
        }
        list_add(&list, map);
    }
    return call_give(ret, list_seal(&list));
}

static bool filter_keep_keys(struct call *call, value *ret)
{
    return edit_maps(call, EDIT_KEEP, ret);
}

static bool filter_remove_keys(struct call *call, value *ret)
{
    return edit_maps(call, EDIT_REMOVE, ret);
}

static bool filter_replace_keys(struct call *call, value *ret)
{
    return edit_maps(call, EDIT_REPLACE, ret);
}

/* ---- data of any depth ---- */

typedef bool walk_fn(struct targets *targets, value v, value *ret);

static bool walk_list(struct targets *targets, walk_fn *walk, value list, value *ret)
{
    struct list_builder out = list_in(targets->call->arena);
    for (size_t i = 0; i < value_count(list); i++) {
        value item;
        if (!walk(targets, value_item(list, i), &item)) {
            return false;
        }
        list_add(&out, item);
    }
    *ret = list_seal(&out);
    return true;
}

/* Whether a list that is left after keeping has anything to keep: more than texts. */
static value without_empty(struct arena *arena, value list, bool *ret_worth)
{
    struct list_builder out = list_in(arena);
    *ret_worth = false;
    for (size_t i = 0; i < value_count(list); i++) {
        value item = value_item(list, i);
        if (!is_container(item) || value_count(item) > 0) {
            list_add(&out, item);
            *ret_worth |= !value_is(item, VALUE_STR);
        }
    }
    return list_seal(&out);
}

static bool keep_within(struct targets *targets, value v, value *ret)
{
    *ret = v;
    if (!is_container(v)) {
        return true;
    }
    if (value_is(v, VALUE_LIST)) {
        return walk_list(targets, keep_within, v, ret);
    }
    struct map_builder out = map_in(targets->call->arena);
    for (size_t i = 0; i < value_count(v) && targets->items.len > 0; i++) {
        value key = value_map_key(v, i), item = value_map_value(v, i);
        const struct target *target;
        bool worth;
        if (!is_container(item)) {
            if (!find_target(targets, key, &target)) {
                return false;
            }
            worth = target != NULL;
        } else if (!keep_within(targets, item, &item)) {
            return false;
        } else if (value_is(item, VALUE_LIST)) {
            item = without_empty(targets->call->arena, item, &worth);
        } else {
            worth = value_count(item) > 0;
        }
        if (worth) {
            map_set(&out, key, item);
        }
    }
    *ret = map_seal(&out);
    return true;
}

static bool remove_within(struct targets *targets, value v, value *ret)
{
    *ret = v;
    if (!is_container(v)) {
        return true;
    }
    if (value_is(v, VALUE_LIST)) {
        return walk_list(targets, remove_within, v, ret);
    }
    struct map_builder out = map_in(targets->call->arena);
    for (size_t i = 0; i < value_count(v); i++) {
        const struct target *target;
        value item;
        if (!find_target(targets, value_map_key(v, i), &target)) {
            return false;
        }
        if (target == NULL) {
            if (!remove_within(targets, value_map_value(v, i), &item)) {
                return false;
            }
            map_set(&out, value_map_key(v, i), item);
        }
    }
    *ret = map_seal(&out);
    return true;
}

/* Lists without what Python takes for false: what was left empty, but also 0 and "". */
static value without_false(struct arena *arena, value v)
{
    if (value_is(v, VALUE_LIST)) {
        struct list_builder out = list_in(arena);
        for (size_t i = 0; i < value_count(v); i++) {
            if (value_truth(value_item(v, i)) != TRUTH_FALSE) {
                list_add(&out, without_false(arena, value_item(v, i)));
            }
        }
        return list_seal(&out);
    }
    if (value_is(v, VALUE_MAP)) {
        struct map_builder out = map_in(arena);
        for (size_t i = 0; i < value_count(v); i++) {
            map_set(&out, value_map_key(v, i), without_false(arena, value_map_value(v, i)));
        }
        return map_seal(&out);
    }
    return v;
}

/* A key that is renamed goes to the end of its map; each replacement sees what those before it
 * have made. */
static bool rename_keys(struct targets *targets, value map, value *ret)
{
    *ret = map;
    for (size_t t = 0; t < targets->items.len; t++) {
        const struct target *target = &targets->items.items[t];
        struct map_builder out = map_from(targets->call->arena, *ret);
        for (size_t i = 0; i < value_count(*ret); i++) {
            value key = value_map_key(*ret, i), item;
            bool hit;
            if (!matches(targets, target, key, &hit)) {
                return false;
            }
            if (hit && map_find(&out, key, &item)) {
                map_remove(&out, key);
                map_set(&out, target->after, item);
            }
        }
        *ret = map_seal(&out);
    }
    return true;
}

static bool replace_within(struct targets *targets, value v, value *ret)
{
    *ret = v;
    if (!is_container(v)) {
        return true;
    }
    if (value_is(v, VALUE_LIST)) {
        return walk_list(targets, replace_within, v, ret);
    }
    value renamed;
    if (!rename_keys(targets, v, &renamed)) {
        return false;
    }
    struct map_builder out = map_in(targets->call->arena);
    for (size_t i = 0; i < value_count(renamed); i++) {
        value item;
        if (!replace_within(targets, value_map_value(renamed, i), &item)) {
            return false;
        }
        map_set(&out, value_map_key(renamed, i), item);
    }
    *ret = map_seal(&out);
    return true;
}

static bool edit_deep(struct call *call, walk_fn *walk, value *ret)
{
    struct targets targets;
    value data;
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->input);
    }
    if (!plain_value(call->render, call->input, &data)) {
        return false;
    }
    if (!is_container(data)) {
        return call_fail(call, "a list or map is needed, not %s %s", A_TYPE(data));
    }
    value undefined;
    if (find_undefined(data, &undefined)) {
        return call_fail_undefined(call, undefined);
    }
    return read_targets(call, walk == replace_within, &targets) && walk(&targets, data, ret);
}

static bool filter_keep_within(struct call *call, value *ret)
{
    return edit_deep(call, keep_within, ret);
}

static bool filter_remove_within(struct call *call, value *ret)
{
    if (!edit_deep(call, remove_within, ret)) {
        return false;
    }
    *ret = without_false(call->arena, *ret);
    return true;
}

static bool filter_replace_within(struct call *call, value *ret)
{
    return edit_deep(call, replace_within, ret);
}

#define GENERAL "community.general."
#define UTILS   "ansible.utils."

const struct builtin filters_keys[] = {
    { GENERAL "keep_keys", NULL, "target, matching_parameter='equal'", CALL_DEEP, filter_keep_keys,
      "The maps of a list with these keys only.",
      "{{ [{'a': 1, 'b': 2}] | community.general.keep_keys(['a']) }} -> [{'a': 1}]" },
    { GENERAL "remove_keys", NULL, "target, matching_parameter='equal'", CALL_DEEP,
      filter_remove_keys, "The maps of a list without these keys.",
      "{{ [{'a': 1, 'b': 2}] | community.general.remove_keys(['a']) }} -> [{'b': 2}]" },
    { GENERAL "replace_keys", NULL, "target, matching_parameter='equal'", CALL_DEEP,
      filter_replace_keys, "The maps of a list with keys renamed.",
      "{{ [{'a': 1}] | community.general.replace_keys([{'before': 'a', 'after': 'b'}]) }} -> "
      "[{'b': 1}]" },
    { UTILS "keep_keys", NULL, "target, matching_parameter='equality'", CALL_DEEP,
      filter_keep_within, "These keys only, at any depth.",
      "{{ {'a': 1, 'b': {'a': 2, 'c': 3}} | ansible.utils.keep_keys(['a']) }} -> {'a': 1, 'b': "
      "{'a': 2}}" },
    { UTILS "remove_keys", NULL, "target, matching_parameter='equality'", CALL_DEEP,
      filter_remove_within, "Without these keys, at any depth.",
      "{{ {'a': 1, 'b': {'a': 2, 'c': 3}} | ansible.utils.remove_keys(['a']) }} -> {'b': {'c': "
      "3}}" },
    { UTILS "replace_keys", NULL, "target, matching_parameter='equality'", CALL_DEEP,
      filter_replace_within, "With keys renamed, at any depth.",
      "{{ {'b': {'a': 2}} | ansible.utils.replace_keys([{'before': 'a', 'after': 'c'}]) }} -> "
      "{'b': {'c': 2}}" },
    { 0 },
};
