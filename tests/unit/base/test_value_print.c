#include <float.h>
#include <math.h>

#include "base/strbuf.h"
#include "base/textbuf.h"
#include "check.h"

/* Expected texts are CPython's. */
Test(value_print, float_repr)
{
    ARENA(arena);
    static const struct {
        double d;
        const char *expected;
    } rows[] = {
        { 0.0, "0.0" },
        { -0.0, "-0.0" },
        { 1.0, "1.0" },
        { -1.5, "-1.5" },
        { 0.1, "0.1" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 1.0 / 3, "0.3333333333333333" },
        { 2.0 / 3, "0.6666666666666666" },
        { 100.0, "100.0" },
        { 123456.789, "123456.789" },
        { 1e15, "1000000000000000.0" },
        { 1e16, "1e+16" },
        { 9999999999999998.0, "9999999999999998.0" },
        { 1.2345e16, "1.2345e+16" },
        { 1e22, "1e+22" },
        { 1e23, "1e+23" },
        { 1e100, "1e+100" },
        { 1e-4, "0.0001" },
        { 1.5e-4, "0.00015" },
        { 1e-5, "1e-05" },
        { 1.25e-5, "1.25e-05" },
        { 5e-324, "5e-324" },
        { DBL_MIN, "2.2250738585072014e-308" },
        { DBL_MAX, "1.7976931348623157e+308" },
        { 0x1p-44, "5.684341886080802e-14" },
        { 0x1p53, "9007199254740992.0" },
        { 0x1p63, "9.223372036854776e+18" },
        { HUGE_VAL, "inf" },
        { -HUGE_VAL, "-inf" },
        { (double)__builtin_nanf(""), "nan" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(float_repr(arena, rows[i].d), str_of(rows[i].expected));
    }
}

Test(value_print, repr_of_strings)
{
    ARENA(arena);
    static const struct {
        str text, repr;
    } rows[] = {
        { S_INIT(""), S_INIT("''") },
        { S_INIT("abc"), S_INIT("'abc'") },
        { S_INIT("it's"), S_INIT("\"it's\"") },
        { S_INIT("say \"hi\""), S_INIT("'say \"hi\"'") },
        { S_INIT("it's \"both\""), S_INIT("'it\\'s \"both\"'") },
        { S_INIT("a\nb\r\tc\\"), S_INIT("'a\\nb\\r\\tc\\\\'") },
        { S_INIT("\0\x01\x1b\x7f"), S_INIT("'\\x00\\x01\\x1b\\x7f'") },
        { S_INIT("\xC3\xA4\xE2\x82\xAC"), S_INIT("'\xC3\xA4\xE2\x82\xAC'") },
        { S_INIT("\xC2\xA0\xC2\xAD"), S_INIT("'\\xa0\\xad'") },
        { S_INIT("\xE2\x80\x8B\xEE\x80\x80"), S_INIT("'\\u200b\\ue000'") },
        { S_INIT("\xF0\x9F\x98\x80"), S_INIT("'\xF0\x9F\x98\x80'") },
        { S_INIT("\xF3\xA0\x80\x81"), S_INIT("'\\U000e0001'") },
        { S_INIT("\xFF!"), S_INIT("'\\udcff!'") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        value v = value_str(arena, rows[i].text);
        EQ_STR(value_as_str(value_repr(arena, v)), rows[i].repr);
        EQ_STR(value_as_str(value_print(arena, v)), rows[i].text);
    }
}

Test(value_print, scalars_and_collections)
{
    ARENA(arena);
    value pair[] = { value_int(1), value_str(arena, S("a'b")) };
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("k"), value_tuple(arena, pair, 1));
    map_set(&map, value_int(2), value_list(arena, pair, 2));
    map_set(&map, value_null(), value_tuple(arena, pair, 2));
    const struct {
        value v;
        const char *expected;
    } rows[] = {
        { value_null(), "None" },
        { value_bool(true), "True" },
        { value_bool(false), "False" },
        { value_int(INT64_MIN), "-9223372036854775808" },
        { value_big(arena, S("-0123456789012345678901234567890")),
          "-123456789012345678901234567890" },
        { value_float(2.0), "2.0" },
        { value_undefined(arena, S("'x' is undefined")), "Undefined" },
        { value_list(arena, NULL, 0), "[]" },
        { value_tuple(arena, NULL, 0), "()" },
        { value_tuple(arena, pair, 1), "(1,)" },
        { map_seal(&map), "{'k': (1,), 2: [1, \"a'b\"], None: (1, \"a'b\")}" },
        { map_seal(&(struct map_builder){ .arena = arena }), "{}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(value_as_str(value_print(arena, rows[i].v)), str_of(rows[i].expected));
        EQ_STR(value_as_str(value_repr(arena, rows[i].v)), str_of(rows[i].expected));
    }
}

Test(value_print, marks_are_carried_through)
{
    ARENA(arena);
    static const struct mark middle = { 2, 6, MARK_SECRET };
    value items[] = { value_marked(arena, S("a\n\"b'c\td"), &middle, 1), value_int(7) };
    value list = value_list(arena, items, 2);
    value printed = value_print(arena, list);
    EQ_STR(value_as_str(printed), S("['a\\n\"b\\'c\\td', 7]"));
    EQ_STR(value_masked(arena, printed), S("['a\\n********\\td', 7]"));
    EQ_STR(value_masked(arena, list), S("['a\\n********\\td', 7]"));
    EQ_STR(value_masked(arena, value_secret(arena, S("hunter2"))), S("********"));
    EQ_STR(value_masked(arena, value_str(arena, S("plain"))), S("plain"));
}

Test(value_print, unknown)
{
    ARENA(arena);
    value printed = value_print(arena, value_unknown());
    cr_assert(value_is(printed, VALUE_UNKNOWN));
    EQ_STR(value_masked(arena, printed), S("(unknown)"));
    EQ_STR(value_masked(arena, value_unknown()), S("(unknown)"));

    struct textbuf buf = textbuf_in(arena);
    textbuf_add(&buf, S("pid "));
    textbuf_add_value(&buf, value_unknown());
    value items[] = { textbuf_value(&buf), value_unknown() };
    value list = value_print(arena, value_list(arena, items, 2));
    cr_assert(value_is(list, VALUE_UNKNOWN));
    EQ_STR(value_masked(arena, list), S("['pid (unknown)', (unknown)]"));
}

Test(value_print, of_a_string_is_not_trusted)
{
    ARENA(arena);
    value trusted = value_trusted(value_str(arena, S("{{ x }}")));
    cr_assert(value_is_trusted(trusted));
    cr_assert_not(value_is_trusted(value_print(arena, trusted)));
    cr_assert_not(value_is_trusted(value_print(arena, value_list(arena, &trusted, 1))));
}

static void print_point(struct strbuf *out, const void *data, bool repr)
{
    strbuf_addf(out, repr ? "Point(%d)" : "%d", *(const int *)data);
}

Test(value_print, objects_print_themselves)
{
    ARENA(arena);
    static const struct object_type point = { .name = "Point", .print = print_point };
    int data = 7;
    value v = value_object(arena, &point, &data);
    EQ_STR(value_as_str(value_print(arena, v)), S("7"));
    EQ_STR(value_as_str(value_repr(arena, v)), S("Point(7)"));
    EQ_STR(value_as_str(value_print(arena, value_list(arena, &v, 1))), S("[Point(7)]"));
    cr_assert_str_eq(value_type_name(v), "Point");
}
