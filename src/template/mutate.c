/* mutate.c - what a template that changes lists or maps gets instead of the variables themselves.
 */
#include "template/core.h"

value copy_for_change(struct arena *arena, value v)
{
    if (value_is(v, VALUE_LIST)) {
        size_t count;
        const value *items = value_items(v, &count);
        struct list_builder list = list_in(arena);
        for (size_t i = 0; i < count; i++) {
            list_add(&list, copy_for_change(arena, items[i]));
        }
        return value_at(value_is_tuple(v) ? tuple_seal(&list) : list_seal(&list), v.at);
    }
    if (value_is(v, VALUE_MAP)) {
        struct map_builder map = map_in(arena);
        for (size_t i = 0; i < value_count(v); i++) {
            map_set(&map, value_map_key(v, i), copy_for_change(arena, value_map_value(v, i)));
        }
        return value_at(map_seal(&map), v.at);
    }
    return v;
}
