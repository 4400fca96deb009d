/* sort.h - sorting as Python's sorted(): stable, by keys; what has no order is a mistake. */
#pragma once
#include "template/core.h"

struct keyed {
    value key, item;
    size_t place; /* before sorting; equal keys stay in the order of their places */
};

/* <0, 0, >0 in *ret; false after a diagnostic. */
typedef bool order_fn(struct call *call, value a, value b, int *ret);
order_fn order_values; /* as Python's < */

NODISCARD bool sort_keyed(struct call *call, struct keyed *items, size_t count, bool reverse,
                          order_fn *order);
/* The items of a sorted array as a list. */
value sorted_list(struct arena *arena, const struct keyed *items, size_t count);
