/* methods_list.c - Python's methods of lists, tuples, maps and numbers. */
#include <math.h>
#include <string.h>

#include "base/value_change.h"
#include "template/core.h"

static bool give_none(value *ret)
{
    *ret = value_null();
    return true;
}

/* ---- lists ---- */

static bool method_append(struct call *call, value *ret)
{
    if (value_count(call->input) >= MAX_ITEMS) {
        return call_fail(call, "the list is too long");
    }
    if (!may_hold(call->render, call->input, call->args[0], call->at)) {
        return false;
    }
    list_change_push(call->arena, call->input, call->args[0]);
    return give_none(ret);
}

static bool method_extend(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!call_items(call, call->args[0], &items, &count)) {
        return false;
    }
    if (value_count(call->input) + count > MAX_ITEMS) {
        return call_fail(call, "the list is too long");
    }
    for (size_t i = 0; i < count; i++) {
        if (!may_hold(call->render, call->input, items[i], call->at)) {
            return false;
        }
        list_change_push(call->arena, call->input, items[i]);
    }
    return give_none(ret);
}

/* The list without `skip` items at `at`, with `item` there instead if `insert`. */
static void splice(struct call *call, size_t at, size_t skip, const value *insert)
{
    size_t count;
    const value *items = value_items(call->input, &count);
    value *changed = NEW_ARRAY(call->arena, value, count + 1);
    size_t n = 0;
    for (size_t i = 0; i <= count; i++) {
        if (i == at && insert != NULL) {
            changed[n++] = *insert;
        }
        if (i < count && (i < at || i >= at + skip)) {
            changed[n++] = items[i];
        }
    }
    list_change(call->arena, call->input, changed, n);
}

static bool method_insert(struct call *call, value *ret)
{
    int64_t count = (int64_t)value_count(call->input), at = call_int(call, 0);
    at += at < 0 ? count : 0;
    at = at < 0 ? 0 : at > count ? count : at;
    if (!may_hold(call->render, call->input, call->args[1], call->at)) {
        return false;
    }
    splice(call, (size_t)at, 0, &call->args[1]);
    return give_none(ret);
}

static bool method_pop(struct call *call, value *ret)
{
    int64_t count = (int64_t)value_count(call->input), at = call_int(call, 0);
    at += at < 0 ? count : 0;
    if (at < 0 || at >= count) {
        return call_fail(call, count == 0 ? "the list is empty" : "there is no such item");
    }
    *ret = value_item(call->input, (size_t)at);
    splice(call, (size_t)at, 1, NULL);
    return true;
}

static bool position(struct call *call, value item, size_t from, size_t to, size_t *ret)
{
    for (size_t i = from; i < to; i++) {
        if (value_equal(value_item(call->input, i), item) == TRUTH_TRUE) {
            *ret = i;
            return true;
        }
    }
    return call_fail(call, "there is no such item in the list");
}

static bool method_remove(struct call *call, value *ret)
{
    size_t at = 0;
    if (!position(call, call->args[0], 0, value_count(call->input), &at)) {
        return false;
    }
    splice(call, at, 1, NULL);
    return give_none(ret);
}

static bool method_index(struct call *call, value *ret)
{
    int64_t count = (int64_t)value_count(call->input), limits[2] = { 0, count };
    size_t at = 0;
    for (size_t i = 0; i < 2; i++) {
        if (!call_none(call, i + 1) &&
            !call_need_int(call, call->args[i + 1], "a bound", &limits[i])) {
            return false;
        }
        limits[i] += limits[i] < 0 ? count : 0;
        limits[i] = limits[i] < 0 ? 0 : limits[i] > count ? count : limits[i];
    }
    return position(call, call->args[0], (size_t)limits[0], (size_t)limits[1], &at) &&
           call_give(ret, value_int((int64_t)at));
}

static bool method_count(struct call *call, value *ret)
{
    int64_t n = 0;
    for (size_t i = 0; i < value_count(call->input); i++) {
        n += value_equal(value_item(call->input, i), call->args[0]) == TRUTH_TRUE;
    }
    return call_give(ret, value_int(n));
}

static bool method_clear(struct call *call, value *ret)
{
    list_change(call->arena, call->input, NULL, 0);
    return give_none(ret);
}

static bool method_copy(struct call *call, value *ret)
{
    size_t count;
    const value *items = value_items(call->input, &count);
    return call_give(ret, value_list(call->arena, items, count));
}

static bool method_reverse(struct call *call, value *ret)
{
    struct call_args none = { .at = call->at, .keywords = { .kind = VALUE_UNDEFINED } };
    value reversed;
    if (!call_filter(call, S("reverse"), call->input, &none, &reversed) ||
        !plain_value(call->render, reversed, &reversed)) {
        return false;
    }
    size_t count;
    const value *items = value_items(reversed, &count);
    list_change(call->arena, call->input, items, count);
    return give_none(ret);
}

static bool method_sort(struct call *call, value *ret)
{
    value keywords[2] = { call->args[1], value_bool(true) };
    struct call_args args = { keywords, 2, { .kind = VALUE_UNDEFINED }, call->at };
    value sorted;
    if (!call_none(call, 0)) {
        return call_fail(call, "'key' is not supported: use the filter 'sort'");
    }
    if (!call_filter(call, S("sort"), call->input, &args, &sorted)) {
        return false;
    }
    size_t count;
    const value *items = value_items(sorted, &count);
    list_change(call->arena, call->input, items, count);
    return give_none(ret);
}

const struct builtin methods_list[] = {
    { "append", NULL, "object", CALL_UNKNOWN | CALL_DEEP, method_append, "Adds an item." },
    { "extend", NULL, "iterable", CALL_DEEP, method_extend, "Adds items." },
    { "insert", NULL, "index:int, object", CALL_DEEP, method_insert, "Adds an item at a place." },
    { "pop", NULL, "index:int=-1", CALL_DEEP, method_pop, "Takes an item out." },
    { "remove", NULL, "value", CALL_DEEP, method_remove, "Takes the first such item out." },
    { "index", NULL, "value, start=none, stop=none", CALL_DEEP, method_index,
      "The place of an item." },
    { "count", NULL, "value", CALL_DEEP, method_count, "How often an item is in." },
    { "clear", NULL, "", CALL_DEEP, method_clear, "Takes all items out." },
    { "copy", NULL, "", CALL_DEEP, method_copy, "A list of the same items." },
    { "reverse", NULL, "", CALL_DEEP, method_reverse, "Turns the order round." },
    { "sort", NULL, "key=none, reverse=false", 0, method_sort, "Sorts the items." },
    { 0 },
};

const struct builtin methods_tuple[] = {
    { "index", NULL, "value, start=none, stop=none", CALL_DEEP, method_index,
      "The place of an item." },
    { "count", NULL, "value", CALL_DEEP, method_count, "How often an item is in." },
    { 0 },
};

/* ---- maps ---- */

static value map_list(struct call *call, enum view_kind kind)
{
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < value_count(call->input); i++) {
        value key = value_map_key(call->input, i), v = value_map_value(call->input, i);
        list_add(&list, kind == VIEW_KEYS     ? key
                        : kind == VIEW_VALUES ? v
                                              : value_tuple(call->arena, (value[]){ key, v }, 2));
    }
    return view_value(call->arena, kind, list_seal(&list), STR_NONE);
}

static bool method_keys(struct call *call, value *ret)
{
    return call_give(ret, map_list(call, VIEW_KEYS));
}

static bool method_values(struct call *call, value *ret)
{
    return call_give(ret, map_list(call, VIEW_VALUES));
}

static bool method_items(struct call *call, value *ret)
{
    return call_give(ret, map_list(call, VIEW_ITEMS));
}

static bool method_get(struct call *call, value *ret)
{
    *ret = call->args[1];
    if (value_is(call->args[0], VALUE_UNDEFINED)) { /* to plain Jinja a key like any other */
        return may_use_undefined(call->render, call->args[0], call->at);
    }
    (void)value_map_find(call->input, call->args[0], ret);
    return true;
}

static bool pairs_into(struct call *call, value v, struct map_builder *map)
{
    if (value_is(v, VALUE_MAP)) {
        for (size_t i = 0; i < value_count(v); i++) {
            map_set(map, value_map_key(v, i), value_map_value(v, i));
        }
        return true;
    }
    const value *items;
    size_t count;
    if (!call_items(call, v, &items, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!value_is(items[i], VALUE_LIST) || value_count(items[i]) != 2) {
            return call_fail(call, "item %zu is no pair of a key and a value", i);
        }
        map_set(map, value_item(items[i], 0), value_item(items[i], 1));
    }
    return true;
}

static bool change_map(struct call *call, struct map_builder *with)
{
    value map = map_seal(with);
    if (!may_hold(call->render, call->input, map, call->at)) {
        return false;
    }
    map_change(call->input, map);
    return true;
}

static bool method_update(struct call *call, value *ret)
{
    struct map_builder map = map_from(call->arena, call->input);
    value other = call->args[0];
    if (!plain_value(call->render, other, &other) ||
        (call->given[0] && !pairs_into(call, other, &map)) ||
        !pairs_into(call, call->keywords, &map)) {
        return false;
    }
    return change_map(call, &map) && give_none(ret);
}

static bool method_setdefault(struct call *call, value *ret)
{
    if (value_map_find(call->input, call->args[0], ret)) {
        return true;
    }
    struct map_builder map = map_from(call->arena, call->input);
    map_set(&map, call->args[0], call->args[1]);
    return change_map(call, &map) && call_give(ret, call->args[1]);
}

static bool method_setitem(struct call *call, value *ret)
{
    struct map_builder map = map_from(call->arena, call->input);
    map_set(&map, call->args[0], call->args[1]);
    return change_map(call, &map) && give_none(ret);
}

static void remove_key(struct call *call, value key)
{
    struct map_builder map = map_from(call->arena, call->input);
    map_remove(&map, key);
    map_change(call->input, map_seal(&map));
}

static bool method_map_pop(struct call *call, value *ret)
{
    if (value_map_find(call->input, call->args[0], ret)) {
        remove_key(call, call->args[0]);
        return true;
    }
    return call->given[1] ? call_give(ret, call->args[1])
                          : call_fail(call, "there is no such key in the map");
}

static bool method_popitem(struct call *call, value *ret)
{
    size_t count = value_count(call->input);
    if (count == 0) {
        return call_fail(call, "the map is empty");
    }
    value key = value_map_key(call->input, count - 1);
    *ret = value_tuple(call->arena, (value[]){ key, value_map_value(call->input, count - 1) }, 2);
    remove_key(call, key);
    return true;
}

static bool method_map_clear(struct call *call, value *ret)
{
    struct map_builder map = map_in(call->arena);
    map_change(call->input, map_seal(&map));
    return give_none(ret);
}

static bool method_map_copy(struct call *call, value *ret)
{
    struct map_builder map = map_from(call->arena, call->input);
    return call_give(ret, map_seal(&map));
}

static bool method_fromkeys(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!call_items(call, call->args[0], &items, &count)) {
        return false;
    }
    struct map_builder map = map_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        map_set(&map, items[i], call->args[1]);
    }
    return call_give(ret, map_seal(&map));
}

const struct builtin methods_map[] = {
    { "keys", NULL, "", CALL_DEEP, method_keys, "The keys." },
    { "values", NULL, "", CALL_DEEP, method_values, "The values." },
    { "items", NULL, "", CALL_DEEP, method_items, "Pairs of key and value." },
    { "get", NULL, "key, default=none", CALL_DEEP, method_get, "A value, or the default." },
    { "update", NULL, "other=none, **values", CALL_DEEP, method_update,
      "Adds the pairs of another map." },
    { "setdefault", NULL, "key, default=none", CALL_DEEP, method_setdefault,
      "A value, set if it is not there." },
    { "__setitem__", NULL, "key, value", CALL_DEEP, method_setitem, "Sets a value." },
    { "pop", NULL, "key, default=none", CALL_DEEP, method_map_pop, "Takes a value out." },
    { "popitem", NULL, "", CALL_DEEP, method_popitem, "Takes the last pair out." },
    { "clear", NULL, "", CALL_DEEP, method_map_clear, "Takes all pairs out." },
    { "copy", NULL, "", CALL_DEEP, method_map_copy, "A map of the same pairs." },
    { "fromkeys", NULL, "iterable, value=none", CALL_DEEP, method_fromkeys,
      "A map of keys with one value." },
    { 0 },
};

/* ---- numbers ---- */

static bool method_is_integer(struct call *call, value *ret)
{
    double d = value_as_float(call->input);
    return call_give(ret, value_bool(isfinite(d) && d == floor(d)));
}

static bool method_bit_length(struct call *call, value *ret)
{
    if (!is_integer(call->input)) {
        return call_fail(call, "an integer is needed, not %s %s", A_TYPE(call->input));
    }
    str binary = big_to_base(call->arena, call->input, 2);
    binary = str_starts(binary, S("-")) ? str_part(binary, 1, binary.len) : binary;
    bool zero = str_eq(binary, S("0"));
    return call_give(ret, value_int(zero ? 0 : (int64_t)binary.len));
}

const struct builtin methods_number[] = {
    { "is_integer", NULL, "", 0, method_is_integer, "Whether there is no fraction." },
    { "bit_length", NULL, "", 0, method_bit_length, "How many bits the integer needs." },
    { 0 },
};
