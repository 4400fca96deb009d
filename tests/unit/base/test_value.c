#include "base/value.h"

#include "base/textbuf.h"
#include "check.h"

static value sample(struct arena *arena)
{
    value items[] = { value_str(arena, S("plain")), value_secret(arena, S("hunter2")),
                      value_int(7) };
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("list"), value_list(arena, items, 3));
    map_set_str(&map, S("tuple"), value_tuple(arena, items, 1));
    map_set_str(&map, S("big"), value_big(arena, S("100000000000000000000")));
    map_set_str(&map, S("undefined"), value_undefined(arena, S("'x' is undefined")));
    return value_at(map_seal(&map), (span){ 5, 9 });
}

Test(value, is_24_bytes)
{
    cr_assert_eq(sizeof(value), 24);
}

Test(value, scalars)
{
    ARENA(arena);
    cr_assert(value_as_bool(value_bool(true)));
    cr_assert_eq(value_as_int(value_int(-7)), -7);
    cr_assert_float_eq(value_as_float(value_float(0.5)), 0.5, 0.0);
    cr_assert_float_eq(value_as_float(value_int(3)), 3.0, 0.0);
    cr_assert_float_eq(value_as_float(value_bool(true)), 1.0, 0.0);
    cr_assert_float_eq(value_as_float(value_big(arena, S("-100000000000000000000"))), -1e20, 0.0);
    value s = value_str(arena, str_part(S("abcdef"), 0, 3));
    EQ_STR(value_as_str(s), S("abc"));
    cr_assert_eq(value_as_str(s).ptr[3], '\0');
    EQ_STR(value_as_str(value_str(arena, STR_NONE)), S(""));
    EQ_STR(value_undefined_what(value_undefined(arena, S("'x'"))), S("'x'"));
    cr_assert_not(value_is_defined(value_undefined(arena, S("'x'"))));
    cr_assert(value_is_defined(value_unknown()));
}

Test(value, big_integers_are_ordinary_when_they_fit)
{
    ARENA(arena);
    static const struct {
        str given, digits; /* STR_NONE: not big */
        int64_t small;
    } rows[] = {
        { S_INIT("0"), { NULL, 0 }, 0 },
        { S_INIT("-0"), { NULL, 0 }, 0 },
        { S_INIT("000000000000000000000000000007"), { NULL, 0 }, 7 },
        { S_INIT("9223372036854775807"), { NULL, 0 }, INT64_MAX },
        { S_INIT("-9223372036854775808"), { NULL, 0 }, INT64_MIN },
        { S_INIT("9223372036854775808"), S_INIT("9223372036854775808"), 0 },
        { S_INIT("-0009223372036854775809"), S_INIT("-9223372036854775809"), 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        value v = value_big(arena, rows[i].given);
        cr_assert_eq(value_is_big(v), !str_is_none(rows[i].digits), "row %zu", i);
        if (value_is_big(v)) {
            EQ_STR(value_big_digits(v), rows[i].digits);
        } else {
            cr_assert_eq(value_as_int(v), rows[i].small, "row %zu", i);
        }
    }
}

Test(value, digits_only, .exit_code = 250)
{
    ARENA(arena);
    value_big(arena, S("12x"));
}

Test(value, wrong_kind_is_a_bug, .exit_code = 250)
{
    value_as_int(value_float(1.0));
}

Test(value, names)
{
    ARENA(arena);
    const struct {
        value v;
        const char *user, *python;
    } rows[] = {
        { value_undefined(arena, S("x")), "undefined", "Undefined" },
        { value_unknown(), "unknown", "unknown" },
        { value_null(), "null", "NoneType" },
        { value_bool(true), "boolean", "bool" },
        { value_int(1), "integer", "int" },
        { value_float(1), "float", "float" },
        { value_str(arena, S("")), "string", "str" },
        { value_list(arena, NULL, 0), "list", "list" },
        { value_tuple(arena, NULL, 0), "tuple", "tuple" },
        { sample(arena), "map", "dict" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_str_eq(value_type_name(rows[i].v), rows[i].user);
        cr_assert_str_eq(value_python_type(rows[i].v), rows[i].python);
    }
}

Test(value, lists)
{
    ARENA(arena);
    struct list_builder list = list_in(arena);
    for (int i = 0; i < 100; i++) {
        list_add(&list, value_int(i));
    }
    value v = list_seal(&list);
    size_t count = 0;
    const value *items = value_items(v, &count);
    cr_assert_eq(count, 100);
    cr_assert_eq(value_count(v), 100);
    cr_assert_eq(value_as_int(items[99]), 99);
    cr_assert_eq(value_as_int(value_item(v, 42)), 42);
    cr_assert_not(value_is_tuple(v));
    struct list_builder empty = list_in(arena);
    value tuple = tuple_seal(&empty);
    cr_assert(value_is_tuple(tuple));
    cr_assert_eq(value_count(tuple), 0);
}

Test(value, a_sealed_list_takes_no_more, .exit_code = 250)
{
    ARENA(arena);
    struct list_builder list = list_in(arena);
    list_seal(&list);
    list_add(&list, value_null());
}

Test(value, knows_what_is_within)
{
    ARENA(arena);
    value v = sample(arena);
    cr_assert(value_has_secret(v));
    cr_assert_not(value_has_secret(value_get(v, S("tuple"))));
    cr_assert_not(value_has_unknown(v));
    value unknown = value_unknown();
    value nested = value_list(arena, &unknown, 1);
    cr_assert(value_has_unknown(value_list(arena, &nested, 1)));
    size_t count = 0;
    cr_assert_eq(value_marks(value_item(value_get(v, S("list")), 1), &count)[0].to, 7);
    cr_assert_eq(count, 1);
    value_marks(value_int(1), &count);
    cr_assert_eq(count, 0);
}

/* Of a text, and of a list and a map with a list around it. */
static bool may_have_template(struct arena *arena, value v)
{
    bool may = value_may_have_template(v);
    value list = value_list(arena, &v, 1);
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("key"), list);
    cr_assert_eq(value_may_have_template(list), may);
    cr_assert_eq(value_may_have_template(map_seal(&map)), may);
    return may;
}

Test(value, knows_whether_there_may_be_a_template_within)
{
    static const struct {
        const char *text;
        bool may;
    } rows[] = { { "", false },           { "plain", false },
                 { "{{ a }}", true },     { "a {% b", true },
                 { "one { alone", true }, { "#jinja2: trim_blocks: no", true },
                 { "not # it", false } };
    ARENA(arena);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        value v = value_str(arena, str_of(rows[i].text));
        cr_assert_not(may_have_template(arena, v), "%s is not the author's", rows[i].text);
        cr_assert_eq(may_have_template(arena, value_trusted(v)), rows[i].may, "%s", rows[i].text);
    }
    value list = value_list(arena, (value[]){ value_str(arena, S("{{ a }}")) }, 1);
    cr_assert_not(value_may_have_template(list));
    cr_assert(value_may_have_template(value_trust_all(arena, list)));
    cr_assert_not(value_may_have_template(value_int(1)));
    cr_assert(may_have_template(arena, value_object(arena, NULL, NULL)));
}

Test(value, marks_must_be_sorted, .exit_code = 250)
{
    ARENA(arena);
    static const struct mark marks[] = { { 2, 4, MARK_SECRET }, { 3, 5, MARK_SECRET } };
    value_marked(arena, S("012345"), marks, 2);
}

Test(value, trust)
{
    ARENA(arena);
    value text = value_str(arena, S("{{ x }}"));
    cr_assert_not(value_is_trusted(text));
    cr_assert(value_is_trusted(value_trusted(text)));
    cr_assert_not(value_is_trusted(value_untrusted(value_trusted(text))));
    cr_assert_not(value_is_trusted(value_trusted(value_int(1))));

    value v = sample(arena);
    value trusted = value_trust_all(arena, v);
    cr_assert_eq(trusted.at.pos, 5);
    cr_assert(value_is_trusted(value_item(value_get(trusted, S("list")), 0)));
    cr_assert(value_is_trusted(value_item(value_get(trusted, S("tuple")), 0)));
    cr_assert(value_is_tuple(value_get(trusted, S("tuple"))));
    cr_assert(value_is_trusted(value_map_key(trusted, 0)));
    cr_assert_not(value_is_trusted(value_item(value_get(v, S("list")), 0)), "the old one stays");
    value again = value_trust_all(arena, trusted);
    cr_assert_eq(again.as.map, trusted.as.map, "nothing to change: shared");
    value back = value_untrust_all(arena, trusted);
    cr_assert_not(value_is_trusted(value_item(value_get(back, S("list")), 0)));
    cr_assert_not(value_is_trusted(value_map_key(back, 0)));
}

Test(value, everything_becomes_secret)
{
    ARENA(arena);
    struct textbuf buf = textbuf_in(arena);
    textbuf_add(&buf, S("pid "));
    textbuf_add_value(&buf, value_unknown());
    textbuf_add(&buf, S(" of a"));
    struct map_builder map = map_from(arena, sample(arena));
    map_set_str(&map, S("pid"), value_trusted(textbuf_value(&buf)));
    map_set_str(&map, S("empty"), value_str(arena, S("")));
    value secret = value_secret_all(arena, map_seal(&map));
    cr_assert_eq(value_count(secret), 6);
    EQ_STR(value_masked(arena, value_get(secret, S("list"))),
           S("['********', '********', ********]"));
    EQ_STR(value_masked(arena, value_get(secret, S("pid"))), S("********(unknown)********"));
    EQ_STR(value_masked(arena, value_get(secret, S("empty"))), S(""));
    cr_assert_not(value_has_secret(value_map_key(secret, 0)), "names of keys are shown");
}

Test(value, copy_outlives_its_source)
{
    ARENA(kept);
    struct arena *arena = arena_new("gone");
    struct map_builder map = map_from(arena, sample(arena));
    for (int i = 0; i < 20; i++) {
        map_set(&map, value_int(i), value_trusted(value_str(arena, S("x"))));
    }
    value copy = value_copy(kept, value_at(map_seal(&map), (span){ 5, 9 }));
    value partly = value_copy(kept, value_print(arena, value_unknown()));
    arena_free(arena);

    cr_assert_eq(copy.at.pos, 5);
    cr_assert_eq(value_count(copy), 24);
    cr_assert(value_is_trusted(value_map_value(copy, 23)));
    value found;
    cr_assert(value_map_find(copy, value_float(19.0), &found));
    EQ_STR(value_as_str(found), S("x"));
    EQ_STR(value_masked(kept, value_get(copy, S("list"))), S("['plain', '********', 7]"));
    EQ_STR(value_big_digits(value_get(copy, S("big"))), S("100000000000000000000"));
    EQ_STR(value_undefined_what(value_get(copy, S("undefined"))), S("'x' is undefined"));
    EQ_STR(value_masked(kept, partly), S("(unknown)"));
}

static void *copy_int(struct arena *arena, const void *data)
{
    int *copy = NEW(arena, int);
    *copy = *(const int *)data;
    return copy;
}

Test(value, objects_copy_themselves)
{
    ARENA(arena);
    static const struct object_type type = { .name = "int", .copy = copy_int };
    int data = 7;
    value copy = value_copy(arena, value_object(arena, &type, &data));
    cr_assert_neq(value_object_data(copy), &data);
    cr_assert_eq(*(int *)value_object_data(copy), 7);
    cr_assert_eq(value_object_type(copy), &type);
}

Test(value, objects_that_cannot_be_copied, .exit_code = 250)
{
    ARENA(arena);
    static const struct object_type type = { .name = "generator" };
    value_copy(arena, value_object(arena, &type, NULL));
}
