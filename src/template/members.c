/* members.c - see members.h. */
#include "template/members.h"

bool is_hashable(value v)
{
    return !value_is(v, VALUE_MAP) && (!value_is(v, VALUE_LIST) || value_is_tuple(v)) &&
           !value_is(v, VALUE_UNDEFINED);
}

struct members members_in(struct arena *arena)
{
    return (struct members){ map_in(arena), list_in(arena) };
}

bool is_member(struct members *members, value v)
{
    if (is_hashable(v)) {
        return map_has(&members->hashed, v, NULL);
    }
    for (size_t i = 0; i < members->others.items.len; i++) {
        if (value_equal(members->others.items.items[i], v) == TRUTH_TRUE) {
            return true;
        }
    }
    return false;
}

bool add_member(struct members *members, value v)
{
    if (is_member(members, v)) {
        return false;
    }
    if (is_hashable(v)) {
        map_set(&members->hashed, v, value_null());
    } else {
        list_add(&members->others, v);
    }
    return true;
}
