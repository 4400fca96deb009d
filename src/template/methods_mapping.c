/*
 * methods_mapping.c - methods of objects that are maps: hostvars, one host's variables, `vars`.
 * Only what is asked for is evaluated: hostvars.get('web1') reads no other host.
 */
#include "template/core.h"

static const struct object_ops *ops_of(const struct call *call)
{
    return value_object_type(call->input)->ops;
}

static bool get(struct call *call, value key, value *ret)
{
    *ret = value_undefined(call->arena, STR_EMPTY);
    return ops_of(call)->get(call->eval, value_object_data(call->input), key, ret);
}

static bool keys(struct call *call, value *ret_list)
{
    return ops_of(call)->iterate(call->eval, value_object_data(call->input), ret_list);
}

static bool mapping_keys(struct call *call, value *ret)
{
    value list;
    return keys(call, &list) && call_give(ret, view_value(call->arena, VIEW_KEYS, list, STR_NONE));
}

static bool each(struct call *call, enum view_kind kind, value *ret)
{
    value names;
    if (!keys(call, &names)) {
        return false;
    }
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < value_count(names); i++) {
        value name = value_item(names, i), v;
        if (!call_step(call) || !get(call, name, &v)) {
            return false;
        }
        list_add(&list,
                 kind == VIEW_VALUES ? v : value_tuple(call->arena, (value[]){ name, v }, 2));
    }
    return call_give(ret, view_value(call->arena, kind, list_seal(&list), STR_NONE));
}

static bool mapping_values(struct call *call, value *ret)
{
    return each(call, VIEW_VALUES, ret);
}

static bool mapping_items(struct call *call, value *ret)
{
    return each(call, VIEW_ITEMS, ret);
}

static bool mapping_get(struct call *call, value *ret)
{
    if (value_is(call->args[0], VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->args[0]);
    }
    if (!get(call, call->args[0], ret)) {
        return false;
    }
    if (value_is(*ret, VALUE_UNDEFINED)) {
        *ret = call->args[1];
    }
    return true;
}

const struct builtin methods_mapping[] = {
    { "keys", NULL, "", 0, mapping_keys, "The keys." },
    { "values", NULL, "", CALL_DEEP, mapping_values, "The values." },
    { "items", NULL, "", CALL_DEEP, mapping_items, "Pairs of key and value." },
    { "get", NULL, "key, default=none", CALL_DEEP, mapping_get, "A value, or the default." },
    { 0 },
};
