/* sort.c - see sort.h. A merge sort, since it is stable and asks for few comparisons. */
#include "template/sort.h"

#include <string.h>

struct sorting {
    struct call *call;
    order_fn *order;
    bool failed, reverse;
};

bool order_values(struct call *call, value a, value b, int *ret)
{
    enum truth less;
    *ret = 0;
    if (value_is(a, VALUE_UNDEFINED) || value_is(b, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, value_is(a, VALUE_UNDEFINED) ? a : b);
    }
    if (value_compare(a, b, ret)) {
        return true;
    }
    return compare_values(call->render, OP_LT, a, b, call->at, &less) &&
           call_fail(call, "%s %s and %s %s have no order", A_TYPE(a), A_TYPE(b));
}

static int compare_keyed(struct sorting *sorting, const struct keyed *a, const struct keyed *b)
{
    int order = 0;
    if (sorting->failed || !sorting->order(sorting->call, a->key, b->key, &order)) {
        sorting->failed = true;
        return 0;
    }
    if (order != 0) {
        return sorting->reverse ? -order : order;
    }
    return a->place < b->place ? -1 : a->place > b->place;
}

static void merge_sort(struct sorting *sorting, struct keyed *items, struct keyed *scratch,
                       size_t count)
{
    if (count < 2 || sorting->failed) {
        return;
    }
    size_t half = count / 2;
    merge_sort(sorting, items, scratch, half);
    merge_sort(sorting, items + half, scratch, count - half);
    memcpy(scratch, items, count * sizeof *items);
    size_t left = 0, right = half;
    for (size_t i = 0; i < count; i++) {
        bool from_left = right >= count || (left < half && compare_keyed(sorting, &scratch[left],
                                                                         &scratch[right]) <= 0);
        items[i] = from_left ? scratch[left++] : scratch[right++];
    }
}

bool sort_keyed(struct call *call, struct keyed *items, size_t count, bool reverse, order_fn *order)
{
    struct sorting sorting = { .call = call, .order = order, .reverse = reverse };
    merge_sort(&sorting, items, NEW_ARRAY(call->arena, struct keyed, count), count);
    return !sorting.failed;
}

value sorted_list(struct arena *arena, const struct keyed *items, size_t count)
{
    struct list_builder list = list_in(arena);
    for (size_t i = 0; i < count; i++) {
        list_add(&list, items[i].item);
    }
    return list_seal(&list);
}
