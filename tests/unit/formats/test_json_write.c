/* JSON read and written; expected is what Python's json.loads and json.dumps give. */
#include "check.h"

#include "formats/objects.h"

static str written(struct bench *bench, value v, struct json_format format)
{
    value text;
    bench->diags->all.len = 0;
    return json_write(bench->arena, bench->diags, v, format, &text) ? value_as_str(text)
                                                                    : bench_complaint(bench);
}

static const struct json_format nice_format = { .indent = 4, .sort = JSON_SORTED, .unicode = true };

static const struct {
    str text;
    str one_line; /* json.dumps(x) */
    str nice;     /* json.dumps(x, indent=4, sort_keys=True, ensure_ascii=False) */
} rows[] = {
    { S_INIT("{\"b\":1,\"a\":[1,2.5,null,true,false,\"x\"]}"),
      S_INIT("{\"b\": 1, \"a\": [1, 2.5, null, true, false, \"x\"]}"),
      S_INIT("{\n    \"a\": [\n        1,\n        2.5,\n        null,\n        true,\n        "
             "false,\n        \"x\"\n    ],\n    \"b\": 1\n}") },
    { S_INIT("[]"), S_INIT("[]"), S_INIT("[]") },
    { S_INIT("{}"), S_INIT("{}"), S_INIT("{}") },
    { S_INIT("[[],{}]"), S_INIT("[[], {}]"), S_INIT("[\n    [],\n    {}\n]") },
    { S_INIT("\"\\u00e9\\ud83d\\ude00\\n\\t\\b\\f\\r\\u0001\\u007f\\\"\\\\/\""),
      S_INIT("\"\\u00e9\\ud83d\\ude00\\n\\t\\b\\f\\r\\u0001\\u007f\\\"\\\\/\""),
      S_INIT("\"\xc3\xa9\xf0\x9f\x98\x80\\n\\t\\b\\f\\r\\u0001\x7f\\\"\\\\/\"") },
    { S_INIT("[0,-0,-0.0,1e5,1E+2,1.5e-7,1e16,1e22,123456789012345678901234567890,-"
             "9223372036854775808,0.1,5e-324,1.7976931348623157e308,1e999]"),
      S_INIT("[0, 0, -0.0, 100000.0, 100.0, 1.5e-07, 1e+16, 1e+22, 123456789012345678901234567890, "
             "-9223372036854775808, 0.1, 5e-324, 1.7976931348623157e+308, Infinity]"),
      S_INIT("[\n    0,\n    0,\n    -0.0,\n    100000.0,\n    100.0,\n    1.5e-07,\n    1e+16,\n  "
             "  1e+22,\n    123456789012345678901234567890,\n    -9223372036854775808,\n    0.1,\n "
             "   5e-324,\n    1.7976931348623157e+308,\n    Infinity\n]") },
    { S_INIT("[NaN,Infinity,-Infinity]"), S_INIT("[NaN, Infinity, -Infinity]"),
      S_INIT("[\n    NaN,\n    Infinity,\n    -Infinity\n]") },
    { S_INIT("{\"a\":1,\"b\":2,\"a\":3}"), S_INIT("{\"a\": 3, \"b\": 2}"),
      S_INIT("{\n    \"a\": 3,\n    \"b\": 2\n}") },
    { S_INIT(" \t\n\r[ 1 , 2 ]\n"), S_INIT("[1, 2]"), S_INIT("[\n    1,\n    2\n]") },
    { S_INIT("{\"\xc3\xa9\":{\"\xc3\xbc\":[1]}}"), S_INIT("{\"\\u00e9\": {\"\\u00fc\": [1]}}"),
      S_INIT(
          "{\n    \"\xc3\xa9\": {\n        \"\xc3\xbc\": [\n            1\n        ]\n    }\n}") },
    { S_INIT("\"<a href='x'>&\""), S_INIT("\"<a href='x'>&\""), S_INIT("\"<a href='x'>&\"") },
};

Test(json_write, as_python)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        value v;
        cr_assert(json_read(bench.arena, bench.diags, bench_source(&bench, rows[i].text),
                            (struct json_options){ 0 }, &v));
        EQ_STR(written(&bench, v, (struct json_format){ 0 }), rows[i].one_line, rows[i].text);
        EQ_STR(written(&bench, v, nice_format), rows[i].nice, rows[i].text);
    }
}

static const struct {
    str yaml;
    struct json_format format;
    str expected;
} arguments[] = {
    { S_INIT("{a: [1, 2], b: {}}"),
      { .item_separator = S_INIT(","), .key_separator = S_INIT(":") },
      S_INIT("{\"a\":[1,2],\"b\":{}}") },
    { S_INIT("[1, [2]]"), { .indent = -1 }, S_INIT("[\n1,\n[\n2\n]\n]") },
    { S_INIT("[1, {a: 2}]"), { .indent = 2 }, S_INIT("[\n  1,\n  {\n    \"a\": 2\n  }\n]") },
    { S_INIT("'<a href=\"x\">&''</a>'"),
      { .html = true },
      S_INIT("\"\\u003ca href=\\\"x\\\"\\u003e\\u0026\\u0027\\u003c/a\\u003e\"") },
    { S_INIT("{1: a, true: b, 1.5: c, null: d, x: e}"),
      { 0 },
      S_INIT("{\"1\": \"b\", \"1.5\": \"c\", \"null\": \"d\", \"x\": \"e\"}") },
    { S_INIT("{false: a}"), { 0 }, S_INIT("{\"false\": \"a\"}") },
    { S_INIT("{2: a, 1: b, 1.5: c}"),
      { .sort = JSON_SORTED },
      S_INIT("{\"1\": \"b\", \"1.5\": \"c\", \"2\": \"a\"}") },
    { S_INIT("{b: 1, 1: 2}"),
      { .sort = JSON_SORTED },
      S_INIT("1:1 keys of several types in one map cannot be sorted") },
    { S_INIT("[{b: 1, 1: 2}, {b: 1, a: 2}]"),
      { .sort = JSON_SORTED_SOME },
      S_INIT("[{\"b\": 1, \"1\": 2}, {\"a\": 2, \"b\": 1}]") },
    { S_INIT("[2001-12-14, 2001-12-14 21:59:43.1 -5, 2001-12-14 21:59:43Z]"),
      { 0 },
      S_INIT("[\"2001-12-14\", \"2001-12-14T21:59:43.100000-05:00\", "
             "\"2001-12-14T21:59:43+00:00\"]") },
    { S_INIT("!!omap [a: 1]"), { 0 }, S_INIT("[[\"a\", 1]]") },
    { S_INIT("!vault x"), { 0 }, S_INIT("{\"__ansible_vault\": \"x\"}") },
    { S_INIT("!!set {a}"), { 0 }, S_INIT("1:7 a set cannot be written as JSON") },
    { S_INIT("{2001-12-14: x}"), { 0 }, S_INIT("1:2 a date cannot be a key in JSON") },
};

Test(json_write, arguments)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(arguments); i++) {
        EQ_STR(written(&bench, yaml_value(&bench, arguments[i].yaml), arguments[i].format),
               arguments[i].expected, arguments[i].yaml);
    }
}

Test(json_write, secrets_stay_marked)
{
    BENCH(bench);
    struct mark mark = { 2, 5, MARK_SECRET };
    struct map_builder map = map_in(bench.arena);
    value out;
    map_set_str(&map, S("a"), value_marked(bench.arena, S("x b\nc y"), &mark, 1));
    map_set_str(&map, S("b"), value_secret(bench.arena, S("\xC3\xA9\"")));
    cr_assert(
        json_write(bench.arena, bench.diags, map_seal(&map), (struct json_format){ 0 }, &out));
    EQ_STR(value_as_str(out), S("{\"a\": \"x b\\nc y\", \"b\": \"\\u00e9\\\"\"}"), S("text"));
    EQ_STR(value_masked(bench.arena, out), S("{\"a\": \"x ******** y\", \"b\": \"********\"}"),
           S("masked, through escapes"));
}

Test(json_write, unknown_values)
{
    BENCH(bench);
    struct map_builder map = map_in(bench.arena);
    value out;
    map_set_str(&map, S("a"), value_unknown());
    map_set_str(&map, S("b"), value_int(1));
    cr_assert(
        json_write(bench.arena, bench.diags, map_seal(&map), (struct json_format){ 0 }, &out));
    cr_assert(value_is(out, VALUE_UNKNOWN));
    EQ_STR(value_masked(bench.arena, out), S("{\"a\": \"(unknown)\", \"b\": 1}"), S("the rest"));
}

Test(json_write, undefined_is_refused)
{
    BENCH(bench);
    EQ_STR(written(&bench, value_undefined(bench.arena, S("'x' is undefined")), nice_format),
           S("'x' is undefined"), S("undefined"));
}

/* What shares its parts may be small in memory and endless as text. */
Test(json_write, billion_laughs)
{
    BENCH(bench);
    value v = value_int(1);
    for (int i = 0; i < 30; i++) {
        value two[] = { v, v };
        v = value_list(bench.arena, two, 2);
    }
    EQ_STR(written(&bench, v, (struct json_format){ 0 }),
           S("more than 10000000 values, or more than 256 levels of them"), S("refused"));
}

Test(json_write, behind_a_text)
{
    BENCH(bench);
    struct strbuf out = strbuf_in(bench.arena);
    struct list_builder list = list_in(bench.arena);
    value secret = value_secret(bench.arena, S("s")), bad = value_undefined(bench.arena, S("u"));
    list_add(&list, secret);
    list_add(&list, bad);
    strbuf_add(&out, S("is "));
    cr_assert(json_append(&out, bench.diags, secret, (struct json_format){ 0 }));
    cr_assert_not(json_append(&out, bench.diags, list_seal(&list), (struct json_format){ 0 }));
    EQ_STR(strbuf_str(&out), S("is \"s\""), S("as it was after a failure"));
}
