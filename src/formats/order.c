/*
 * order.c - a merge sort of keys. qsort() has no way to say that two of them cannot be compared.
 */
#include "formats/order.h"

#include <string.h>

struct sort {
    value map;
    size_t *spare;
    bool comparable;
};

static bool is_less(struct sort *sort, size_t a, size_t b)
{
    value x = value_map_key(sort->map, a), y = value_map_key(sort->map, b);
    int order = 0;

    if (value_is(x, VALUE_STR) && value_is(y, VALUE_STR)) { /* nearly always */
        return str_cmp(value_as_str(x), value_as_str(y)) < 0;
    }
    if (!value_compare(x, y, &order)) {
        sort->comparable = false;
    }
    return order < 0;
}

static void merge_sort(struct sort *sort, size_t *items, size_t count)
{
    size_t half = count / 2, left = 0, right = half;

    if (count < 2) {
        return;
    }
    merge_sort(sort, items, half);
    merge_sort(sort, items + half, count - half);
    for (size_t i = 0; i < count; i++) {
        bool take_right =
            left == half || (right < count && is_less(sort, items[right], items[left]));
        sort->spare[i] = items[take_right ? right++ : left++];
    }
    memcpy(items, sort->spare, count * sizeof *items);
}

bool order_keys(struct arena *arena, value map, size_t **ret_order)
{
    size_t count = value_count(map), *order = NEW_ARRAY(arena, size_t, count);
    struct sort sort = { map, NEW_ARRAY(arena, size_t, count), true };

    for (size_t i = 0; i < count; i++) {
        order[i] = i;
    }
    merge_sort(&sort, order, count);
    arena_shrink(arena, sort.spare, count * sizeof *sort.spare, 0);
    for (size_t i = 0; i < count && !sort.comparable; i++) {
        order[i] = i;
    }
    *ret_order = order;
    return sort.comparable;
}
