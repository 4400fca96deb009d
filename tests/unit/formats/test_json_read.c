/* What JSON is refused, and how that is told; what is read right is held by test_json_write.c. */
#include "check.h"

static str json_repr(struct bench *bench, str text)
{
    value v;

    bench->diags->all.len = 0;
    if (!json_read(bench->arena, bench->diags, bench_source(bench, text),
                   (struct json_options){ 0 }, &v)) {
        return bench_complaint(bench);
    }
    return value_as_str(value_repr(bench->arena, v));
}

static const struct row rows[] = {
    { S_INIT(""), S_INIT("1:1 JSON ends where a value is needed") },
    { S_INIT("{\n  \"a\": }"), S_INIT("2:8 '}' where a value is needed") },
    { S_INIT("[1,]"), S_INIT("1:4 ']' where a value is needed") },
    { S_INIT("[1 2]"), S_INIT("1:4 '2' where ',' or ']' is needed") },
    { S_INIT("{\"a\" 1}"), S_INIT("1:6 '1' where ':' is needed") },
    { S_INIT("{\"a\": 1 \"b\": 2}"), S_INIT("1:9 '\"' where ',' or '}' is needed") },
    { S_INIT("{a: 1}"), S_INIT("1:2 'a' where a key in double quotes is needed") },
    { S_INIT("{'a': 1}"),
      S_INIT("1:2 ''a'' where a key in double quotes is needed [JSON has double quotes only]") },
    { S_INIT("[True]"), S_INIT("1:2 'True' where a value is needed [JSON writes true, false and "
                               "null]") },
    { S_INIT("1 x"), S_INIT("1:3 'x' where the end of the JSON is needed") },
    { S_INIT("01"), S_INIT("1:2 '1' where the end of the JSON is needed") },
    { S_INIT("1.e3"), S_INIT("1:2 '.e3' where the end of the JSON is needed") },
    { S_INIT("1e"), S_INIT("1:2 'e' where the end of the JSON is needed") },
    { S_INIT("-"), S_INIT("1:1 '-' where a value is needed") },
    { S_INIT(".5"), S_INIT("1:1 '.5' where a value is needed") },
    { S_INIT("+1"), S_INIT("1:1 '+1' where a value is needed") },
    { S_INIT("nul"), S_INIT("1:1 'nul' where a value is needed") },
    { S_INIT("[\"a"), S_INIT("1:2 JSON string without an end") },
    { S_INIT("\"a\tb\""), S_INIT("1:3 control character in a JSON string [write a newline as \\n, "
                                 "a tab as \\t] <1:1 the string begins here>") },
    { S_INIT("\"\\x\""),
      S_INIT("1:2 unknown escape in a JSON string [write a backslash as \\\\]") },
    { S_INIT("\"\\u12g4\""), S_INIT("1:2 \\u needs four hexadecimal digits") },
    { S_INIT("\"\xFF\""), S_INIT("1:2 byte that is not UTF-8") },
    { S_INIT("\xEF\xBB\xBF"
             "1"),
      S_INIT("1:1 '\xEF\xBB\xBF"
             "1' where a value is needed") },
    { S_INIT("\"\\ud83d\""), S_INIT("'\xEF\xBF\xBD'") },
    { S_INIT("\"\\ud83d\\u0041\""), S_INIT("'\xEF\xBF\xBD"
                                           "A'") },
    { S_INIT("\"\\u0000\""), S_INIT("'\\x00'") },
    { S_INIT("{\"a\": 1, \"a\": 2}"), S_INIT("{'a': 2}") },
};

Test(json_read, rows)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(json_repr(&bench, rows[i].text), rows[i].expected, rows[i].text);
    }
}

Test(json_read, bounds)
{
    BENCH(bench);
    struct strbuf deep = strbuf_in(bench.arena), digits = strbuf_in(bench.arena);
    strbuf_add_repeat(&deep, '[', 256);
    strbuf_add_repeat(&deep, ']', 256);
    EQ_STR(json_repr(&bench, strbuf_str(&deep)), strbuf_str(&deep), S("256 levels"));
    str deeper = str_format(bench.arena, "[%.*s]", SARG(strbuf_str(&deep)));
    EQ_STR(json_repr(&bench, deeper), S("1:257 JSON is nested too deep (more than 256 levels)"),
           S("257 levels"));
    strbuf_add_repeat(&digits, '9', 4301);
    EQ_STR(json_repr(&bench, strbuf_str(&digits)), S("1:1 integer has more than 4300 digits"),
           S("4301 digits"));
}

Test(json_read, places_and_trust)
{
    BENCH(bench);
    value v;
    struct place place;
    cr_assert(json_read(bench.arena, bench.diags, bench_source(&bench, S("{\"a\":\n [\"x\"]}")),
                        (struct json_options){ .trusted = true }, &v));
    cr_assert(source_place(bench.sources, value_map_key(v, 0).at, &place));
    cr_assert_eq(place.column, 2);
    value x = value_item(value_map_value(v, 0), 0);
    cr_assert(source_place(bench.sources, x.at, &place));
    cr_assert_eq(place.line, 2);
    cr_assert_eq(place.column, 3);
    cr_assert_eq(x.at.len, 3);
    cr_assert(value_is_trusted(x));

    struct source reply = { .name = S("reply"), .text = S("[\"x\"]") };
    cr_assert(json_read(bench.arena, bench.diags, &reply, (struct json_options){ 0 }, &v));
    cr_assert_not(value_is_trusted(value_item(v, 0)));
    cr_assert_eq(value_item(v, 0).at.pos, 0);
    reply.text = S("[\n x]");
    cr_assert_not(json_read(bench.arena, bench.diags, &reply, (struct json_options){ 0 }, &v));
    EQ_STR(bench_complaint(&bench), S("'x' where a value is needed (line 2, column 2)"),
           S("in words"));
}
