/* filters_collections.c - community.general's filters of lists, of maps by a key, of time, of
 * Unicode. */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "template/maps.h"
#include "template/members.h"
#include "template/random.h"
#include "template/sort.h"
#include "template/version.h"

/* A Python sequence: a list or the characters of a string. */
static bool sequence(struct call *call, value v, const value **ret, size_t *ret_count)
{
    value plain;
    if (value_is(v, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, v);
    }
    if (!plain_value(call->render, v, &plain)) {
        return false;
    }
    if (!value_is(plain, VALUE_LIST) && !value_is(plain, VALUE_STR)) {
        return call_fail(call, "a list is needed, not %s %s", A_TYPE(plain));
    }
    return call_items(call, plain, ret, ret_count);
}

static bool need_hashable(struct call *call, value v)
{
    return is_hashable(v) || call_fail(call, "%s %s cannot be the key of a map", A_TYPE(v));
}

/* ---- one list or value ---- */

static bool filter_accumulate(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!sequence(call, call->input, &items, &count)) {
        return false;
    }
    struct list_builder sums = list_in(call->arena);
    value sum = value_null();
    for (size_t i = 0; i < count; i++) {
        if (i == 0) {
            sum = items[i];
        } else if (!binary_operation(call->render, OP_ADD, sum, items[i], call->at, &sum)) {
            return false;
        }
        list_add(&sums, sum);
    }
    return call_give(ret, list_seal(&sums));
}

static bool filter_counter(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!sequence(call, call->input, &items, &count)) {
        return false;
    }
    struct map_builder counts = map_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        value before = value_int(0);
        if (!need_hashable(call, items[i])) {
            return false;
        }
        (void)map_find(&counts, items[i], &before);
        map_set(&counts, items[i], value_int(value_as_int(before) + 1));
    }
    return call_give(ret, map_seal(&counts));
}

/* The polynomial of zlib, gzip and PNG; source: RFC 1952, section 8. */
static uint32_t crc32_of(str s)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < s.len; i++) {
        crc ^= (unsigned char)s.ptr[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
        }
    }
    return ~crc;
}

static bool filter_crc32(struct call *call, value *ret)
{
    str s;
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->input);
    }
    if (!call_need_str(call, call->input, &s)) {
        return false;
    }
    struct textbuf out = textbuf_in(call->arena);
    textbuf_add_derived(&out, str_format(call->arena, "%x", crc32_of(s)), call->input);
    return call_give(ret, textbuf_value(&out));
}

static bool filter_dict_kv(struct call *call, value *ret)
{
    if (!need_hashable(call, call->args[0])) {
        return false;
    }
    struct map_builder map = map_in(call->arena);
    map_set(&map, call->args[0], call->input);
    return call_give(ret, map_seal(&map));
}

static bool order_versions(struct call *call, value a, value b, int *ret)
{
    return compare_loose(call, value_as_str(a), value_as_str(b), ret);
}

static bool filter_version_sort(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    struct keyed *keyed = NEW_ARRAY(call->arena, struct keyed, count);
    for (size_t i = 0; i < count; i++) {
        str s;
        if (!call_need_str(call, items[i], &s)) {
            return false;
        }
        keyed[i] = (struct keyed){ items[i], items[i], i };
    }
    return sort_keyed(call, keyed, count, call_bool(call, 0), order_versions) &&
           call_give(ret, sorted_list(call->arena, keyed, count));
}

static bool filter_groupby_as_dict(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!sequence(call, call->input, &items, &count)) {
        return false;
    }
    struct map_builder map = map_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        value item, key;
        if (!plain_value(call->render, items[i], &item)) {
            return false;
        }
        if (!value_is(item, VALUE_MAP)) {
            return call_fail(call, "item %zu is %s %s, not a map", i, A_TYPE(item));
        }
        if (!value_map_find(item, call->args[0], &key)) {
            return call_fail(call, "item %zu has no such key", i);
        }
        if (!need_hashable(call, key)) {
            return false;
        }
        if (map_has(&map, key, NULL)) {
            return call_fail(call, "the key of item %zu is not unique", i);
        }
        map_set(&map, key, item);
    }
    return call_give(ret, map_seal(&map));
}

/* ---- lists as sets that keep their order ---- */

struct operands {
    VEC(value) lists;
};

/* A list whose items are all lists stands for these. */
static void add_flat(struct call *call, value list, struct operands *operands)
{
    size_t count;
    const value *items = value_items(list, &count);
    bool lists = true;
    for (size_t i = 0; i < count; i++) {
        lists &= value_is(items[i], VALUE_LIST);
    }
    if (count > 0 && !lists) {
        *VEC_PUSH(call->arena, &operands->lists) = list;
    }
    for (size_t i = 0; lists && i < count; i++) {
        *VEC_PUSH(call->arena, &operands->lists) = items[i];
    }
}

/* The input, then the arguments. */
static bool operands_of(struct call *call, bool flatten, size_t count, struct operands *ret)
{
    for (size_t i = 0; i < count; i++) {
        value v = i == 0 ? call->input : call->rest[i - 1];
        const value *items;
        size_t length;
        if (!sequence(call, v, &items, &length)) {
            return false;
        }
        value list = value_is(v, VALUE_LIST) ? v : value_list(call->arena, items, length);
        if (flatten) {
            add_flat(call, list, ret);
        } else {
            *VEC_PUSH(call->arena, &ret->lists) = list;
        }
    }
    return true;
}

static value distinct(struct arena *arena, value list)
{
    struct members seen = members_in(arena);
    struct list_builder out = list_in(arena);
    for (size_t i = 0; i < value_count(list); i++) {
        if (add_member(&seen, value_item(list, i))) {
            list_add(&out, value_item(list, i));
        }
    }
    return list_seal(&out);
}

/* The items of `a` that are in `b`, or those that are not. */
static value chosen(struct arena *arena, value a, value b, bool within)
{
    struct members others = members_in(arena);
    struct list_builder out = list_in(arena);
    for (size_t i = 0; i < value_count(b); i++) {
        (void)add_member(&others, value_item(b, i));
    }
    for (size_t i = 0; i < value_count(a); i++) {
        if (is_member(&others, value_item(a, i)) == within) {
            list_add(&out, value_item(a, i));
        }
    }
    return list_seal(&out);
}

static value joined(struct arena *arena, value a, value b)
{
    struct list_builder out = list_in(arena);
    for (size_t i = 0; i < value_count(a) + value_count(b); i++) {
        bool first = i < value_count(a);
        list_add(&out, first ? value_item(a, i) : value_item(b, i - value_count(a)));
    }
    return list_seal(&out);
}

typedef value list_operation(struct arena *arena, value a, value b);

static value list_union(struct arena *arena, value a, value b)
{
    return distinct(arena, joined(arena, a, b));
}

static value list_intersect(struct arena *arena, value a, value b)
{
    return chosen(arena, distinct(arena, a), b, true);
}

static value list_difference(struct arena *arena, value a, value b)
{
    return chosen(arena, distinct(arena, a), b, false);
}

static value list_symmetric(struct arena *arena, value a, value b)
{
    return chosen(arena, list_union(arena, a, b), chosen(arena, a, b, true), false);
}

static bool fold_lists(struct call *call, list_operation *operation, value *ret)
{
    bool flatten = false;
    struct operands operands = { 0 };
    for (size_t i = 0; i < value_count(call->keywords); i++) {
        str name = value_as_str(value_map_key(call->keywords, i));
        if (!str_eq(name, S("flatten"))) {
            return call_fail(call, "takes 'flatten', not '%.*s'", SARG(name));
        }
        if (!call_truth(call, value_map_value(call->keywords, i), &flatten)) {
            return false;
        }
    }
    if (!operands_of(call, flatten, call->rest_count + 1, &operands)) {
        return false;
    }
    *ret = operands.lists.len > 0 ? operands.lists.items[0] : value_list(call->arena, NULL, 0);
    for (size_t i = 1; i < operands.lists.len; i++) {
        *ret = operation(call->arena, *ret, operands.lists.items[i]);
    }
    return true;
}

static bool filter_lists_union(struct call *call, value *ret)
{
    return fold_lists(call, list_union, ret);
}

static bool filter_lists_intersect(struct call *call, value *ret)
{
    return fold_lists(call, list_intersect, ret);
}

static bool filter_lists_difference(struct call *call, value *ret)
{
    return fold_lists(call, list_difference, ret);
}

static bool filter_lists_symmetric(struct call *call, value *ret)
{
    return fold_lists(call, list_symmetric, ret);
}

/* ---- lists_mergeby ---- */

/* Maps by the value of one of their keys, merged with those that have the same. */
static bool merge_by_key(struct call *call, value list, value index, struct map_builder *merged,
                         bool recursive, enum list_merge mode)
{
    for (size_t i = 0; i < value_count(list); i++) {
        value item = value_item(list, i), key, old;
        if (!value_is(item, VALUE_MAP)) {
            return call_fail(call, "maps are merged, and item %zu is %s %s", i, A_TYPE(item));
        }
        if (!value_map_find(item, index, &key)) {
            continue;
        }
        if (!need_hashable(call, key)) {
            return false;
        }
        bool known = map_find(merged, key, &old);
        map_set(merged, key, known ? merge_maps(call->arena, old, item, recursive, mode) : item);
    }
    return true;
}

static bool merge_two(struct call *call, value low, value high, value index, bool recursive,
                      enum list_merge mode, value *ret)
{
    struct map_builder merged = map_in(call->arena);
    if (!merge_by_key(call, low, index, &merged, recursive, mode) ||
        !merge_by_key(call, high, index, &merged, recursive, mode)) {
        return false;
    }
    value by_key = map_seal(&merged);
    size_t count = value_count(by_key);
    struct keyed *keyed = NEW_ARRAY(call->arena, struct keyed, count);
    for (size_t i = 0; i < count; i++) {
        keyed[i] = (struct keyed){ .item = value_map_value(by_key, i), .place = i };
        (void)value_map_find(keyed[i].item, index, &keyed[i].key);
    }
    return sort_keyed(call, keyed, count, false, order_values) &&
           call_give(ret, sorted_list(call->arena, keyed, count));
}

static bool filter_lists_mergeby(struct call *call, value *ret)
{
    bool recursive;
    enum list_merge mode;
    struct operands operands = { 0 };
    if (call->rest_count == 0) {
        return call_fail(call, "needs the name of a key");
    }
    if (!merge_options(call, &recursive, &mode) ||
        !operands_of(call, true, call->rest_count, &operands)) {
        return false;
    }
    size_t count = operands.lists.len;
    value index = call->rest[call->rest_count - 1];
    *ret = count > 0 ? operands.lists.items[count - 1] : value_list(call->arena, NULL, 0);
    if (count > 1 && !value_is(index, VALUE_STR)) {
        return call_fail(call, "the name of a key is needed, not %s %s", A_TYPE(index));
    }
    for (size_t i = count; i > 1; i--) {
        if (!merge_two(call, operands.lists.items[i - 2], *ret, index, recursive, mode, ret)) {
            return false;
        }
    }
    return true;
}

/* ---- spans of time ---- */

struct unit {
    const char *names; /* singular, separated by spaces; the last one takes no plural */
    double milliseconds;
};

static const struct unit units[] = {
    { "millisecond msec msecond ms", 1 }, { "second sec s", 1000 },
    { "minute min m", 60 * 1000.0 },      { "hour h", 3600 * 1000.0 },
    { "day d", 86400 * 1000.0 },          { "week w", 7 * 86400 * 1000.0 },
    { "month mo", 30 * 86400 * 1000.0 },  { "year y", 365 * 86400 * 1000.0 },
};
enum { UNIT_MONTH = 6, UNIT_YEAR = 7 };

/* The index of a unit by its name, or by its plural if that is a long name. */
static bool find_unit(str name, size_t *ret)
{
    str singular = name;
    while (str_ends(singular, S("s"))) {
        singular.len--;
    }
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        str rest = str_of(units[i].names);
        while (!str_is_none(rest)) {
            str known = str_cut(&rest, ' ');
            if (str_eq(known, str_is_none(rest) ? name : singular)) {
                *ret = i;
                return true;
            }
        }
    }
    return false;
}

/* Days in a month and in a year, where the caller has them otherwise. */
static bool unit_length(struct call *call, size_t unit, double *ret)
{
    *ret = units[unit].milliseconds;
    const char *name = unit == UNIT_MONTH ? "month" : unit == UNIT_YEAR ? "year" : NULL;
    value days;
    if (name != NULL && value_map_get(call->keywords, str_of(name), &days)) {
        if (!is_number(days)) {
            return call_fail(call, "'%s' is a number of days, not %s %s", name, A_TYPE(days));
        }
        *ret = value_as_float(days) * 86400 * 1000.0;
    }
    return true;
}

/* "-3days": a number and a unit; what follows is not looked at, as Ansible does not. */
static bool one_time(struct call *call, str word, double *ret)
{
    size_t at = str_starts(word, S("-")) ? 1 : 0, unit;
    size_t digits = at;
    while (at < word.len && word.ptr[at] >= '0' && word.ptr[at] <= '9') {
        at++;
    }
    size_t from = at;
    while (at < word.len && str_name_char(word.ptr[at])) {
        at++;
    }
    int64_t number;
    double length;
    if (from == digits || !str_to_int64(str_part(word, 0, from), &number) ||
        !find_unit(str_part(word, from, at), &unit)) {
        return call_fail(call, "'%.*s' is no span of time: write them like '3h 20min'", SARG(word));
    }
    if (!unit_length(call, unit, &length)) {
        return false;
    }
    *ret += (double)number * length;
    return true;
}

static bool in_unit(struct call *call, str unit_name, value *ret)
{
    size_t unit;
    str text;
    double length, total = 0;
    for (size_t i = 0; i < value_count(call->keywords); i++) {
        str name = value_as_str(value_map_key(call->keywords, i));
        if (!str_eq(name, S("year")) && !str_eq(name, S("month"))) {
            return call_fail(call, "takes 'year' and 'month', not '%.*s'", SARG(name));
        }
    }
    if (!call_need_str(call, call->input, &text)) {
        return false;
    }
    if (str_eq(text, S("0"))) {
        return call_give(ret, value_int(0));
    }
    if (!find_unit(unit_name, &unit)) {
        return call_fail(call, "'%.*s' is no unit of time", SARG(unit_name));
    }
    if (!unit_length(call, unit, &length)) {
        return false;
    }
    str rest = str_trim(text);
    while (rest.len > 0) {
        size_t end = 0;
        while (end < rest.len && strchr(" \t\n\r\v\f", rest.ptr[end]) == NULL) {
            end++;
        }
        if (!one_time(call, str_part(rest, 0, end), &total)) {
            return false;
        }
        rest = str_trim_left(str_part(rest, end, rest.len));
    }
    if (length == 0) {
        return call_fail(call, "a unit of no length cannot be divided by");
    }
    value places = value_int(12);
    struct call_args args = { &places, 1, { .kind = VALUE_UNDEFINED }, call->at };
    return call_filter(call, S("round"), value_float(total / length), &args, ret);
}

static bool filter_to_time_unit(struct call *call, value *ret)
{
    return in_unit(call, call_str(call, 0), ret);
}

/* to_hours and the like: the unit is in the name. */
static bool filter_to_unit(struct call *call, value *ret)
{
    str name = str_of(call->row->name);
    return in_unit(call, str_part(name, str_rfind(name, S("_")) + 1, name.len), ret);
}

/* ---- random_mac ---- */

static bool mac_prefix(struct call *call, str prefix, size_t *ret_bytes)
{
    str rest = prefix;
    *ret_bytes = 0;
    while (!str_is_none(rest)) {
        str byte = str_cut(&rest, ':');
        if (byte.len < 2 || strspn(byte.ptr, "0123456789abcdef") < 2) {
            return call_fail(call, "'%.*s' is no hexadecimal byte of a MAC address", SARG(byte));
        }
        (*ret_bytes)++;
    }
    return *ret_bytes <= 5 || call_fail(call, "a prefix has at most 5 bytes, not %zu", *ret_bytes);
}

static bool filter_random_mac(struct call *call, value *ret)
{
    struct random random;
    size_t bytes;
    str prefix;
    if (!call_need_str(call, call->input, &prefix)) {
        return false;
    }
    prefix = str_lower(call->arena, prefix);
    if (!mac_prefix(call, prefix, &bytes)) {
        return false;
    }
    if (call_none(call, 0)) {
        random_from_system(&random);
    } else if (!random_seed_value(&random, call->arena, call->args[0])) {
        return call_fail(call, "the seed is a string or a number, not %s %s",
                         A_TYPE(call->args[0]));
    }
    const uint64_t smallest = 0x1000000000u, largest = 0xFFFFFFFFFFu; /* ten digits */
    uint64_t number = smallest + random_below(&random, largest - smallest + 1);
    str digits = str_format(call->arena, "%llx", (unsigned long long)number);
    struct strbuf out = strbuf_in(call->arena);
    strbuf_add(&out, prefix);
    for (size_t i = 0; i < 6 - bytes; i++) {
        strbuf_addf(&out, ":%.*s", SARG(str_part(digits, 2 * i, 2 * i + 2)));
    }
    return call_give(ret, value_str(call->arena, strbuf_str(&out)));
}

/* ---- unicode_normalize ---- */

/* Bytes; the library takes up to 24 times as much for them, outside of what the arena counts. */
#define MAX_NORMALIZED (16u << 20)

static bool form_options(struct call *call, str form, utf8proc_option_t *ret)
{
    static const struct {
        const char *name;
        utf8proc_option_t options;
    } forms[] = { { "NFC", UTF8PROC_COMPOSE },
                  { "NFD", UTF8PROC_DECOMPOSE },
                  { "NFKC", UTF8PROC_COMPOSE | UTF8PROC_COMPAT },
                  { "NFKD", UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT } };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (str_eq(form, str_of(forms[i].name))) {
            *ret = forms[i].options | UTF8PROC_STABLE;
            return true;
        }
    }
    return call_fail(call, "'form' is one of 'NFC', 'NFD', 'NFKC', 'NFKD', not '%.*s'", SARG(form));
}

static bool filter_unicode_normalize(struct call *call, value *ret)
{
    str text;
    utf8proc_option_t options = 0;
    utf8proc_uint8_t *made;
    if (!call_need_str(call, call->input, &text) ||
        !form_options(call, call_str(call, 0), &options)) {
        return false;
    }
    if (text.len > MAX_NORMALIZED) {
        return call_fail(call, "the text is larger than %u MiB", MAX_NORMALIZED >> 20);
    }
    utf8proc_ssize_t length = utf8proc_map((const utf8proc_uint8_t *)text.ptr,
                                           (utf8proc_ssize_t)text.len, &made, options);
    if (length < 0) {
        return call_fail(call, "%s", utf8proc_errmsg(length));
    }
    struct textbuf out = textbuf_in(call->arena);
    textbuf_add_derived(&out, ((str){ (const char *)made, (size_t)length }), call->input);
    free(made);
    return call_give(ret, textbuf_value(&out));
}

/* ---- what stands on libraries of others ---- */

static bool filter_refused(struct call *call, value *ret)
{
    return call_fail(call, "is not supported: it stands on a Python library");
}

#define GENERAL   "community.general."
#define TIME_UNIT "**days"

const struct builtin filters_collections[] = {
    { GENERAL "accumulate", NULL, "", 0, filter_accumulate, "The running sums of a list.",
      "{{ [1, 2, 3] | community.general.accumulate }} -> [1, 3, 6]" },
    { GENERAL "counter", NULL, "", 0, filter_counter, "How often each item is in a list.",
      "{{ ['a', 'b', 'a'] | community.general.counter }} -> {'a': 2, 'b': 1}" },
    { GENERAL "crc32", NULL, "", 0, filter_crc32, "The CRC-32 of a text, in hexadecimal.",
      "{{ 'test' | community.general.crc32 }} -> d87f7e0c" },
    { GENERAL "dict_kv", NULL, "key", CALL_DEEP, filter_dict_kv, "A map of one key.",
      "{{ 'web1' | community.general.dict_kv('name') }} -> {'name': 'web1'}" },
    { GENERAL "groupby_as_dict", NULL, "attribute", CALL_DEEP, filter_groupby_as_dict,
      "Maps by the value of one of their keys, which is unique.",
      "{{ [{'n': 'x', 'v': 1}, {'n': 'y', 'v': 2}] | community.general.groupby_as_dict('n') }} -> "
      "{'x': {'n': 'x', 'v': 1}, 'y': {'n': 'y', 'v': 2}}" },
    { GENERAL "hashids_decode", NULL, "*args, **options", 0, filter_refused,
      "Refused: it stands on a Python library." },
    { GENERAL "hashids_encode", NULL, "*args, **options", 0, filter_refused,
      "Refused: it stands on a Python library." },
    { GENERAL "jc", NULL, "*args, **options", 0, filter_refused,
      "Refused: it stands on a Python library." },
    { GENERAL "lists_difference", NULL, "*lists, **options", 0, filter_lists_difference,
      "What is in no other list, in order.",
      "{{ [[1, 2, 3], [2]] | community.general.lists_difference(flatten=true) }} -> [1, 3]" },
    { GENERAL "lists_intersect", NULL, "*lists, **options", 0, filter_lists_intersect,
      "What is in all lists, in order.",
      "{{ [1, 2, 3] | community.general.lists_intersect([3, 2]) }} -> [2, 3]" },
    { GENERAL "lists_mergeby", NULL, "*lists_and_key, **options", 0, filter_lists_mergeby,
      "Lists of maps, merged where a key is the same.",
      "{{ [{'n': 'x', 'a': 1}] | community.general.lists_mergeby([{'n': 'x', 'b': 2}], 'n') }} -> "
      "[{'n': 'x', 'a': 1, 'b': 2}]" },
    { GENERAL "lists_symmetric_difference", NULL, "*lists, **options", 0, filter_lists_symmetric,
      "What is in one of two lists only, in order.",
      "{{ [1, 2] | community.general.lists_symmetric_difference([2, 3]) }} -> [1, 3]" },
    { GENERAL "lists_union", NULL, "*lists, **options", 0, filter_lists_union,
      "What is in any of the lists, in order.",
      "{{ [1, 2] | community.general.lists_union([2, 3]) }} -> [1, 2, 3]" },
    { GENERAL "random_mac", "random_mac", "seed=none", 0, filter_random_mac,
      "A prefix made a whole MAC address.",
      "{{ '52:54:00' | community.general.random_mac(seed='web1') }} -> 52:54:00:63:d2:09" },
    { GENERAL "to_days", NULL, TIME_UNIT, 0, filter_to_unit, "A span of time in days.",
      "{{ '36h' | community.general.to_days }} -> 1.5" },
    { GENERAL "to_hours", NULL, TIME_UNIT, 0, filter_to_unit, "A span of time in hours.",
      "{{ '1d 30m' | community.general.to_hours }} -> 24.5" },
    { GENERAL "to_milliseconds", NULL, TIME_UNIT, 0, filter_to_unit,
      "A span of time in milliseconds.",
      "{{ '2s 500ms' | community.general.to_milliseconds }} -> 2500.0" },
    { GENERAL "to_minutes", NULL, TIME_UNIT, 0, filter_to_unit, "A span of time in minutes.",
      "{{ '2h' | community.general.to_minutes }} -> 120.0" },
    { GENERAL "to_months", NULL, TIME_UNIT, 0, filter_to_unit, "A span of time in months.",
      "{{ '60d' | community.general.to_months }} -> 2.0" },
    { GENERAL "to_seconds", NULL, TIME_UNIT, 0, filter_to_unit, "A span of time in seconds.",
      "{{ '1h 10s' | community.general.to_seconds }} -> 3610.0" },
    { GENERAL "to_time_unit", NULL, "unit:str='ms', " TIME_UNIT, 0, filter_to_time_unit,
      "A span of time in a unit.", "{{ '90m' | community.general.to_time_unit('h') }} -> 1.5" },
    { GENERAL "to_weeks", NULL, TIME_UNIT, 0, filter_to_unit, "A span of time in weeks.",
      "{{ '14d' | community.general.to_weeks }} -> 2.0" },
    { GENERAL "to_years", NULL, TIME_UNIT, 0, filter_to_unit, "A span of time in years.",
      "{{ '730d' | community.general.to_years }} -> 2.0" },
    { GENERAL "unicode_normalize", NULL, "form:str='NFC'", 0, filter_unicode_normalize,
      "The text in one of Unicode's normal forms: NFC, NFD, NFKC or NFKD.",
      "{{ '\u2460\ufb01' | community.general.unicode_normalize('NFKC') }} -> 1fi" },
    { GENERAL "version_sort", NULL, "reverse:bool=false", 0, filter_version_sort,
      "Versions, the oldest first.",
      "{{ ['1.10', '1.9', '1.1'] | community.general.version_sort }} -> ['1.1', '1.9', '1.10']" },
    { 0 },
};
