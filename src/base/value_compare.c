/* value_compare.c - truth, equality, order and hash of values, as Python's. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/value_private.h"

/* ---- numbers ---- */

static bool is_number(value v)
{
    return v.kind == VALUE_BOOL || v.kind == VALUE_INT || v.kind == VALUE_FLOAT;
}

static int64_t small_int(value v)
{
    return v.kind == VALUE_BOOL ? v.as.boolean : v.as.integer;
}

static int sign(bool greater, bool less)
{
    return (int)greater - (int)less;
}

/* Decimal digits without leading zeros, with an optional '-'. */
static int compare_digits(str a, str b)
{
    bool a_negative = str_starts(a, S("-")), b_negative = str_starts(b, S("-"));
    if (a_negative != b_negative) {
        return a_negative ? -1 : 1;
    }
    int order = a.len != b.len ? sign(a.len > b.len, a.len < b.len) : str_cmp(a, b);
    return a_negative ? -order : order;
}

/* Digits of the integer part of a finite double are exact in printf(): at most 309 of them. */
static int compare_big_float(str digits, double d)
{
    bool negative = str_starts(digits, S("-"));
    if (isinf(d)) {
        return d > 0 ? -1 : 1;
    }
    char whole[330];
    int len = snprintf(whole, sizeof whole, "%.0f", trunc(d));
    int order = compare_digits(digits, (str){ whole, (size_t)len });
    return order != 0 ? order : sign(negative && d > trunc(d), d > trunc(d));
}

/* Exact: the integer is never rounded to a double. */
static int compare_int_float(int64_t i, double d)
{
    if (d >= 0x1p63) {
        return -1;
    }
    if (d < -0x1p63) {
        return 1;
    }
    double whole = trunc(d);
    int64_t floor_i = (int64_t)whole;
    if (i != floor_i) {
        return i < floor_i ? -1 : 1;
    }
    return sign(d<whole, d> whole);
}

static int compare_int_number(value a, value b)
{
    if (b.kind == VALUE_FLOAT) {
        return value_is_big(a) ? compare_big_float(a.as.text->bytes, b.as.number)
                               : compare_int_float(small_int(a), b.as.number);
    }
    if (value_is_big(a) && value_is_big(b)) {
        return compare_digits(a.as.text->bytes, b.as.text->bytes);
    }
    if (value_is_big(a)) {
        return str_starts(a.as.text->bytes, S("-")) ? -1 : 1;
    }
    if (value_is_big(b)) {
        return str_starts(b.as.text->bytes, S("-")) ? 1 : -1;
    }
    return sign(small_int(a) > small_int(b), small_int(a) < small_int(b));
}

/* Of two numbers, neither NaN. */
static int compare_numbers(value a, value b)
{
    if (a.kind != VALUE_FLOAT) {
        return compare_int_number(a, b);
    }
    if (b.kind != VALUE_FLOAT) {
        return -compare_int_number(b, a);
    }
    return sign(a.as.number > b.as.number, a.as.number < b.as.number);
}

static bool is_nan(value v)
{
    return v.kind == VALUE_FLOAT && isnan(v.as.number);
}

/* ---- truth ---- */

static enum truth truth_of(bool b)
{
    return b ? TRUTH_TRUE : TRUTH_FALSE;
}

/* A text with any known byte is not empty, whatever the rest turns out to be. */
static enum truth unknown_truth(value v)
{
    size_t unknown = 0;
    if (v.as.text == NULL) {
        return TRUTH_UNKNOWN;
    }
    for (size_t i = 0; i < v.as.text->mark_count; i++) {
        if (v.as.text->marks[i].kind == MARK_UNKNOWN) {
            unknown += v.as.text->marks[i].to - v.as.text->marks[i].from;
        }
    }
    return unknown < v.as.text->bytes.len ? TRUTH_TRUE : TRUTH_UNKNOWN;
}

enum truth value_truth(value v)
{
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
        BUG("truth of an undefined value");
    case VALUE_UNKNOWN:
        return unknown_truth(v);
    case VALUE_NULL:
        return TRUTH_FALSE;
    case VALUE_BOOL:
        return truth_of(v.as.boolean);
    case VALUE_INT:
        return truth_of(value_is_big(v) || v.as.integer != 0);
    case VALUE_FLOAT:
        return truth_of(v.as.number != 0.0);
    case VALUE_STR:
        return truth_of(v.as.text->bytes.len > 0);
    case VALUE_LIST:
        return truth_of(v.as.list->count > 0);
    case VALUE_MAP:
        return truth_of(v.as.map->count > 0);
    case VALUE_OBJECT:
        return TRUTH_TRUE;
    }
    BUG("value of kind %d", v.kind);
}

/* ---- equality ---- */

/* The bytes before the first unknown one. */
static str known_prefix(const struct text *text)
{
    for (size_t i = 0; i < text->mark_count; i++) {
        if (text->marks[i].kind == MARK_UNKNOWN) {
            return str_part(text->bytes, 0, text->marks[i].from);
        }
    }
    return text->bytes;
}

/* At least one of the two is unknown: what is known may still tell that they differ. */
static enum truth equal_unknown(value a, value b)
{
    const struct text *one = value_text(a), *other = value_text(b);
    if (one == NULL || other == NULL) {
        return TRUTH_UNKNOWN;
    }
    str x = known_prefix(one), y = known_prefix(other);
    size_t common = x.len < y.len ? x.len : y.len;
    bool differ = !str_eq(str_part(x, 0, common), str_part(y, 0, common)) ||
                  (a.kind == VALUE_STR && x.len < y.len) || (b.kind == VALUE_STR && y.len < x.len);
    return differ ? TRUTH_FALSE : TRUTH_UNKNOWN;
}

static enum truth equal_lists(value a, value b)
{
    if (value_is_tuple(a) != value_is_tuple(b) || a.as.list->count != b.as.list->count) {
        return TRUTH_FALSE;
    }
    enum truth all = TRUTH_TRUE;
    for (size_t i = 0; i < a.as.list->count; i++) {
        enum truth one = value_equal(a.as.list->items[i], b.as.list->items[i]);
        if (one == TRUTH_FALSE) {
            return TRUTH_FALSE;
        }
        all = one == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : all;
    }
    return all;
}

static enum truth equal_maps(value a, value b)
{
    if (a.as.map->count != b.as.map->count) {
        return TRUTH_FALSE;
    }
    enum truth all = TRUTH_TRUE;
    for (size_t i = 0; i < a.as.map->count; i++) {
        const struct map_entry *entry = &a.as.map->entries[i];
        value other;
        enum truth one = TRUTH_FALSE;
        if (value_map_find(b, entry->key, &other)) {
            one = value_equal(entry->val, other);
        } else if (value_has_unknown(entry->key)) {
            one = TRUTH_UNKNOWN;
        }
        if (one == TRUTH_FALSE) {
            return TRUTH_FALSE;
        }
        all = one == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : all;
    }
    return all;
}

static enum truth equal_objects(const struct object *a, const struct object *b)
{
    if (a->type != b->type) {
        return TRUTH_FALSE;
    }
    return a->type->equal != NULL ? a->type->equal(a->data, b->data) : truth_of(a->data == b->data);
}

enum truth value_equal(value a, value b)
{
    if (a.kind == VALUE_UNKNOWN || b.kind == VALUE_UNKNOWN) {
        return equal_unknown(a, b);
    }
    if (is_number(a) && is_number(b)) {
        return truth_of(!is_nan(a) && !is_nan(b) && compare_numbers(a, b) == 0);
    }
    if (a.kind != b.kind) {
        return TRUTH_FALSE;
    }
    switch (value_kind(a)) {
    case VALUE_STR:
        return truth_of(str_eq(a.as.text->bytes, b.as.text->bytes));
    case VALUE_LIST:
        return equal_lists(a, b);
    case VALUE_MAP:
        return equal_maps(a, b);
    case VALUE_OBJECT:
        return equal_objects(a.as.object, b.as.object);
    case VALUE_UNDEFINED:
    case VALUE_NULL:
        return TRUTH_TRUE;
    case VALUE_UNKNOWN:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
        break; /* handled above */
    }
    BUG("value of kind %d", a.kind);
}

/* ---- order ---- */

static bool compare_lists(value a, value b, int *ret)
{
    size_t count = a.as.list->count, other = b.as.list->count;
    for (size_t i = 0; i < count && i < other; i++) {
        value x = a.as.list->items[i], y = b.as.list->items[i];
        enum truth equal = value_equal(x, y);
        if (equal != TRUTH_TRUE) {
            return value_compare(x, y, ret);
        }
    }
    *ret = sign(count > other, count < other);
    return true;
}

bool value_compare(value a, value b, int *ret)
{
    if (is_number(a) && is_number(b)) {
        *ret = is_nan(a) || is_nan(b) ? 0 : compare_numbers(a, b);
        return true;
    }
    if (a.kind == VALUE_STR && b.kind == VALUE_STR) { /* UTF-8 sorts by bytes as by characters */
        *ret = str_cmp(a.as.text->bytes, b.as.text->bytes);
        return true;
    }
    if (a.kind == VALUE_LIST && b.kind == VALUE_LIST && value_is_tuple(a) == value_is_tuple(b)) {
        return compare_lists(a, b, ret);
    }
    if (a.kind == VALUE_OBJECT && b.kind == VALUE_OBJECT) {
        const struct object *x = a.as.object, *y = b.as.object;
        return x->type == y->type && x->type->compare != NULL &&
               x->type->compare(x->data, y->data, ret);
    }
    return false;
}

/* ---- hash ---- */

static uint64_t hash_bits(uint64_t bits)
{
    return str_hash((str){ (const char *)&bits, sizeof bits });
}

static uint64_t hash_int(int64_t i)
{
    return hash_bits((uint64_t)i);
}

/* A float that is a whole number hashes as the integer does, of any size. */
static uint64_t hash_float(double d)
{
    if (d >= -0x1p63 && d < 0x1p63 && d == trunc(d)) {
        return hash_int((int64_t)d);
    }
    if (isfinite(d) && d == trunc(d)) {
        char whole[330];
        int len = snprintf(whole, sizeof whole, "%.0f", d);
        return str_hash((str){ whole, (size_t)len });
    }
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return hash_bits(bits);
}

static uint64_t hash_list(value v)
{
    uint64_t hash = v.as.list->count;
    for (size_t i = 0; i < v.as.list->count; i++) {
        hash = hash_bits(hash ^ value_hash(v.as.list->items[i]));
    }
    return hash;
}

static uint64_t hash_map(value v)
{
    uint64_t hash = v.as.map->count; /* maps are equal in any order */
    for (size_t i = 0; i < v.as.map->count; i++) {
        uint64_t key = value_hash(v.as.map->entries[i].key);
        hash += hash_bits(key ^ hash_bits(value_hash(v.as.map->entries[i].val)));
    }
    return hash;
}

uint64_t value_hash(value v)
{
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
    case VALUE_UNKNOWN:
    case VALUE_NULL:
    case VALUE_OBJECT: /* its equality is the type's own: all of a kind hash alike */
        return v.kind;
    case VALUE_BOOL:
        return hash_int(v.as.boolean);
    case VALUE_INT:
        return value_is_big(v) ? str_hash(v.as.text->bytes) : hash_int(v.as.integer);
    case VALUE_FLOAT:
        return hash_float(v.as.number);
    case VALUE_STR:
        return str_hash(v.as.text->bytes);
    case VALUE_LIST:
        return hash_list(v);
    case VALUE_MAP:
        return hash_map(v);
    }
    BUG("value of kind %d", v.kind);
}
