#include <math.h>

#include "base/textbuf.h"
#include "check.h"

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static value text(struct arena *arena, const char *s)
{
    return value_str(arena, str_of(s));
}

static value unknown_text(struct arena *arena, const char *before, const char *behind)
{
    struct textbuf buf = textbuf_in(arena);
    textbuf_add(&buf, str_of(before));
    textbuf_add_value(&buf, value_unknown());
    textbuf_add(&buf, str_of(behind));
    return textbuf_value(&buf);
}

Test(value_compare, truth)
{
    ARENA(arena);
    value one = value_int(0);
    struct map_builder map = map_in(arena);
    map_set(&map, one, one);
    const struct {
        value v;
        enum truth expected;
    } rows[] = {
        { value_null(), TRUTH_FALSE },
        { value_bool(true), TRUTH_TRUE },
        { value_bool(false), TRUTH_FALSE },
        { value_int(0), TRUTH_FALSE },
        { value_int(-1), TRUTH_TRUE },
        { value_big(arena, S("99999999999999999999")), TRUTH_TRUE },
        { value_float(0.0), TRUTH_FALSE },
        { value_float(-0.0), TRUTH_FALSE },
        { value_float(nan("")), TRUTH_TRUE },
        { text(arena, ""), TRUTH_FALSE },
        { text(arena, "False"), TRUTH_TRUE },
        { value_list(arena, NULL, 0), TRUTH_FALSE },
        { value_list(arena, &one, 1), TRUTH_TRUE },
        { map_seal(&map), TRUTH_TRUE },
        { value_unknown(), TRUTH_UNKNOWN },
        { unknown_text(arena, "", ""), TRUTH_UNKNOWN },
        { unknown_text(arena, "a", ""), TRUTH_TRUE }, /* it is not empty in any case */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(value_truth(rows[i].v), rows[i].expected, "row %zu", i);
    }
}

Test(value_compare, truth_of_undefined_is_a_bug, .exit_code = 250)
{
    ARENA(arena);
    value_truth(value_undefined(arena, S("x")));
}

/* Numbers in rising order, rows of equal ones: every pair is compared, and hashed. */
Test(value_compare, numbers)
{
    ARENA(arena);
    const struct {
        value v;
        int rank;
    } rows[] = {
        { value_float(-HUGE_VAL), 0 },
        { value_float(-1e300), 1 },
        { value_big(arena, S("-18446744073709551617")), 2 },
        { value_big(arena, S("-18446744073709551616")), 3 },
        { value_float(-0x1p64), 3 },
        { value_int(INT64_MIN), 4 },
        { value_float(-0x1p63), 4 },
        { value_int(INT64_MIN + 1), 5 },
        { value_float(-1.5), 6 },
        { value_int(-1), 7 },
        { value_float(-0.5), 8 },
        { value_int(0), 9 },
        { value_bool(false), 9 },
        { value_float(0.0), 9 },
        { value_float(-0.0), 9 },
        { value_float(5e-324), 10 },
        { value_int(1), 11 },
        { value_bool(true), 11 },
        { value_float(1.0), 11 },
        { value_float(1.5), 12 },
        { value_int(9007199254740992), 13 }, /* 2^53: above it doubles leave integers out */
        { value_float(0x1p53), 13 },
        { value_int(9007199254740993), 14 },
        { value_int(INT64_MAX), 15 },
        { value_float(0x1p63), 16 },
        { value_big(arena, S("9223372036854775808")), 16 },
        { value_big(arena, S("9223372036854775809")), 17 },
        { value_float(1e20), 18 },
        { value_big(arena, S("100000000000000000000")), 18 },
        { value_big(arena, S("100000000000000000001")), 19 },
        { value_float(1e300), 20 },
        { value_float(HUGE_VAL), 21 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t j = 0; j < ARRAY_LEN(rows); j++) {
            int order = 77;
            cr_assert(value_compare(rows[i].v, rows[j].v, &order));
            cr_assert_eq(sign(order), sign(rows[i].rank - rows[j].rank), "%zu with %zu", i, j);
            bool equal = rows[i].rank == rows[j].rank;
            cr_assert_eq(value_equal(rows[i].v, rows[j].v), equal ? TRUTH_TRUE : TRUTH_FALSE);
            if (equal) {
                cr_assert_eq(value_hash(rows[i].v), value_hash(rows[j].v), "%zu and %zu", i, j);
            }
        }
    }
    cr_assert_eq(value_equal(value_float(nan("")), value_float(nan(""))), TRUTH_FALSE);
    cr_assert_eq(value_equal(value_float(nan("")), value_int(0)), TRUTH_FALSE);
}

Test(value_compare, other_types)
{
    ARENA(arena);
    value a = text(arena, "a"), b = text(arena, "b"), one = value_int(1), two = value_int(2);
    value a1[] = { a, one }, a2[] = { a, two }, mixed[] = { one, a };
    enum { NO_ORDER = 99 };
    const struct {
        value x, y;
        int order;
        enum truth equal;
    } rows[] = {
        { a, b, -1, TRUTH_FALSE },
        { a, text(arena, "a"), 0, TRUTH_TRUE },
        { text(arena, "\xC3\xA4"), text(arena, "z"), 1, TRUTH_FALSE },
        { text(arena, "ab"), text(arena, "a"), 1, TRUTH_FALSE },
        { a, one, NO_ORDER, TRUTH_FALSE },
        { text(arena, "1"), one, NO_ORDER, TRUTH_FALSE },
        { value_null(), value_null(), NO_ORDER, TRUTH_TRUE },
        { value_null(), value_bool(false), NO_ORDER, TRUTH_FALSE },
        { value_list(arena, a1, 2), value_list(arena, a2, 2), -1, TRUTH_FALSE },
        { value_list(arena, a1, 2), value_list(arena, a1, 1), 1, TRUTH_FALSE },
        { value_list(arena, a1, 2), value_list(arena, a1, 2), 0, TRUTH_TRUE },
        { value_list(arena, a1, 2), value_tuple(arena, a1, 2), NO_ORDER, TRUTH_FALSE },
        { value_tuple(arena, a1, 2), value_tuple(arena, a2, 2), -1, TRUTH_FALSE },
        { value_list(arena, a1, 2), value_list(arena, mixed, 2), NO_ORDER, TRUTH_FALSE },
        { value_undefined(arena, S("x")), value_undefined(arena, S("y")), NO_ORDER, TRUTH_TRUE },
        { value_undefined(arena, S("x")), a, NO_ORDER, TRUTH_FALSE },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int order = NO_ORDER, back = NO_ORDER;
        cr_assert_eq(value_compare(rows[i].x, rows[i].y, &order), rows[i].order != NO_ORDER,
                     "row %zu", i);
        cr_assert_eq(value_compare(rows[i].y, rows[i].x, &back), rows[i].order != NO_ORDER);
        if (rows[i].order != NO_ORDER) {
            cr_assert_eq(sign(order), rows[i].order, "row %zu", i);
            cr_assert_eq(sign(back), -rows[i].order, "row %zu", i);
        }
        cr_assert_eq(value_equal(rows[i].x, rows[i].y), rows[i].equal, "row %zu", i);
        cr_assert_eq(value_equal(rows[i].y, rows[i].x), rows[i].equal, "row %zu", i);
    }
}

static value map_of(struct arena *arena, const char *keys, value last)
{
    struct map_builder map = map_in(arena);
    for (const char *key = keys; *key != '\0'; key++) {
        map_set_str(&map, str_part(str_of(key), 0, 1), key[1] == '\0' ? last : value_int(*key));
    }
    return map_seal(&map);
}

Test(value_compare, maps_are_equal_in_any_order)
{
    ARENA(arena);
    value abc = map_of(arena, "abc", value_int('c')), cab = map_of(arena, "cab", value_int('b'));
    int order;
    cr_assert_eq(value_equal(abc, cab), TRUTH_TRUE);
    cr_assert_eq(value_hash(abc), value_hash(cab));
    cr_assert_not(value_compare(abc, cab, &order));
    cr_assert_eq(value_equal(abc, map_of(arena, "abd", value_int('d'))), TRUTH_FALSE);
    cr_assert_eq(value_equal(abc, map_of(arena, "abc", value_int('x'))), TRUTH_FALSE);
    cr_assert_eq(value_equal(abc, map_of(arena, "ab", value_int('b'))), TRUTH_FALSE);
    cr_assert_eq(value_equal(abc, map_of(arena, "abc", value_unknown())), TRUTH_UNKNOWN);
    cr_assert_eq(value_equal(cab, map_of(arena, "cxb", value_unknown())), TRUTH_FALSE);
}

Test(value_compare, unknown_unless_what_is_known_differs)
{
    ARENA(arena);
    value pid = unknown_text(arena, "pid ", " end");
    const struct {
        value a, b;
        enum truth equal;
    } rows[] = {
        { value_unknown(), value_unknown(), TRUTH_UNKNOWN },
        { value_unknown(), value_int(1), TRUTH_UNKNOWN },
        { pid, text(arena, "pid 7 end"), TRUTH_UNKNOWN },
        { pid, text(arena, "pod 7 end"), TRUTH_FALSE },
        { pid, text(arena, "pi"), TRUTH_FALSE },
        { pid, unknown_text(arena, "pid 7", ""), TRUTH_UNKNOWN },
        { pid, unknown_text(arena, "x", ""), TRUTH_FALSE },
        { pid, unknown_text(arena, "", ""), TRUTH_UNKNOWN },
        { pid, value_unknown(), TRUTH_UNKNOWN },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(value_equal(rows[i].a, rows[i].b), rows[i].equal, "row %zu", i);
        cr_assert_eq(value_equal(rows[i].b, rows[i].a), rows[i].equal, "row %zu", i);
    }
    value maybe[] = { value_unknown(), value_int(1) }, other[] = { value_int(0), value_int(2) };
    cr_assert_eq(value_equal(value_list(arena, maybe, 2), value_list(arena, other, 2)), TRUTH_FALSE,
                 "the second items differ in any case");
    cr_assert_eq(value_equal(value_list(arena, maybe, 1), value_list(arena, other, 1)),
                 TRUTH_UNKNOWN);
    int order;
    cr_assert_not(value_compare(value_unknown(), value_int(1), &order));
}

static enum truth equal_ints(const void *a, const void *b)
{
    return *(const int *)a == *(const int *)b ? TRUTH_TRUE : TRUTH_FALSE;
}

static bool compare_ints(const void *a, const void *b, int *ret)
{
    *ret = *(const int *)a - *(const int *)b;
    return true;
}

Test(value_compare, objects)
{
    ARENA(arena);
    static const struct object_type rich = { .name = "rich",
                                             .equal = equal_ints,
                                             .compare = compare_ints };
    static const struct object_type poor = { .name = "poor" };
    int one = 1, uno = 1, two = 2, order = 0;
    value a = value_object(arena, &rich, &one);
    cr_assert_eq(value_equal(a, value_object(arena, &rich, &uno)), TRUTH_TRUE);
    cr_assert_eq(value_hash(a), value_hash(value_object(arena, &rich, &uno)));
    cr_assert(value_compare(a, value_object(arena, &rich, &two), &order));
    cr_assert_lt(order, 0);
    value p = value_object(arena, &poor, &one);
    cr_assert_eq(value_equal(a, p), TRUTH_FALSE);
    cr_assert_eq(value_equal(p, value_object(arena, &poor, &one)), TRUTH_TRUE, "identity");
    cr_assert_eq(value_equal(p, value_object(arena, &poor, &uno)), TRUTH_FALSE);
    cr_assert_not(value_compare(p, p, &order));
    cr_assert_not(value_compare(a, p, &order));
}
