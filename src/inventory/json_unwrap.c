/*
 * json_unwrap.c - what ansible-inventory prints for values that JSON has no form for, read back.
 */
#include "formats/objects.h"
#include "inventory/sources.h"

/* The text under the only key of a map. */
static bool only_text(value map, str key, str *ret)
{
    value v;
    if (value_count(map) != 1 || !value_map_get(map, key, &v) || !value_is(v, VALUE_STR)) {
        return false;
    }
    *ret = value_as_str(v);
    return true;
}

static value unwrap_list(struct arena *arena, value v)
{
    struct list_builder list = list_in(arena);
    for (size_t i = 0; i < value_count(v); i++) {
        list_add(&list, json_unwrap(arena, value_item(v, i)));
    }
    return value_at(list_seal(&list), v.at);
}

static value unwrap_map(struct arena *arena, value v)
{
    struct map_builder map = map_in(arena);
    str text;
    if (only_text(v, S("__ansible_vault"), &text)) {
        return value_at(value_vaulted(arena, text), v.at);
    }
    if (only_text(v, S("__ansible_unsafe"), &text)) {
        return value_at(value_str_shared(arena, text), v.at);
    }
    for (size_t i = 0; i < value_count(v); i++) {
        map_set(&map, value_map_key(v, i), json_unwrap(arena, value_map_value(v, i)));
    }
    return value_at(map_seal(&map), v.at);
}

value json_unwrap(struct arena *arena, value v)
{
    return value_is(v, VALUE_LIST)  ? unwrap_list(arena, v)
           : value_is(v, VALUE_MAP) ? unwrap_map(arena, v)
                                    : v;
}
