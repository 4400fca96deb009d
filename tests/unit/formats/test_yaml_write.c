/* Written YAML; expected is what yaml.dump with Ansible's dumper gives. */
#include "check.h"

#include "formats/datetime.h"
#include "formats/objects.h"

static value from_json(struct bench *bench, str text)
{
    value v = value_null();
    cr_assert(json_read(bench->arena, bench->diags, bench_source(bench, text),
                        (struct json_options){ 0 }, &v));
    return v;
}

static str written(struct bench *bench, value v, struct yaml_format format)
{
    value text;
    bench->diags->all.len = 0;
    return yaml_write(bench->arena, bench->diags, v, format, &text) ? value_as_str(text)
                                                                    : bench_complaint(bench);
}

static const struct row leaves[] = {
    { S_INIT("{\"b\":1,\"a\":[1,2],\"c\":{\"d\":[{\"e\":null}]}}"),
      S_INIT("a: [1, 2]\nb: 1\nc:\n  d:\n  - {e: null}\n") },
    { S_INIT("[]"), S_INIT("[]\n") },
    { S_INIT("{}"), S_INIT("{}\n") },
    { S_INIT("{\"a\":[],\"b\":{}}"), S_INIT("a: []\nb: {}\n") },
    { S_INIT("\"Hello\""), S_INIT("Hello\n") },
    { S_INIT("\"\""), S_INIT("''\n") },
    { S_INIT("[\"yes\",\"no\",\"1\",\"1.5\",\"~\",\"null\",\"0644\",\"1:30\",\"2001-01-01\","
             "\"1e3\",\"=\",\"<<\",\"\"]"),
      S_INIT("['yes', 'no', '1', '1.5', '~', 'null', '0644', '1:30', '2001-01-01', 1e3, '=', "
             "'<<',\n  '']\n") },
    { S_INIT("[\" lead\",\"trail \",\"a\\nb\",\"tab\\tx\",\"\\n\"]"),
      S_INIT("[' lead', 'trail ', 'a\n\n    b', \"tab\\tx\", '\n\n    ']\n") },
    { S_INIT("[\"it's\",\"say \\\"x\\\"\",\"a: b\",\"a #b\",\"#c\",\"- x\",\"? "
             "y\",\"[z\",\"{w\",\"%v\",\"@u\",\"`t\",\"&s\",\"*r\",\"!q\",\"|p\",\">o\",\"a,b\","
             "\"a]\"]"),
      S_INIT("[it's, say \"x\", 'a: b', 'a #b', '#c', '- x', '? y', '[z', '{w', '%v', '@u', "
             "'`t',\n  '&s', '*r', '!q', '|p', '>o', 'a,b', 'a]']\n") },
    { S_INIT("{\"text\":\"line one\\nline two\\n\\nlast\\n\"}"),
      S_INIT("{text: 'line one\n\n    line two\n\n\n    last\n\n    '}\n") },
    { S_INIT("[\"\\u00e9\\u2603\",\"\\ud83d\\ude00\",\"\\u0007\",\"\\u0085\",\"\\u2028\","
             "\"\\ufeff\",\"\\u00a0\"]"),
      S_INIT("[\xc3\xa9\xe2\x98\x83, \"\\U0001F600\", \"\\a\", \"\\N\", '\xe2\x80\xa8    ', "
             "\"\\uFEFF\", \xc2\xa0]\n") },
    { S_INIT("[1,-1,1.5,1e16,1e-5,1e22,100.0,123456789012345678901234567890,true,false,null]"),
      S_INIT("[1, -1, 1.5, 1.0e+16, 1.0e-05, 1.0e+22, 100.0, 123456789012345678901234567890, "
             "true,\n  false, null]\n") },
    { S_INIT("[\"word word word word word word word word word word word word word word word word "
             "word word word word word word word word word word word word word word end\"]"),
      S_INIT("[word word word word word word word word word word word word word word word word "
             "word\n    word word word word word word word word word word word word word end]\n") },
    { S_INIT("{\"k\":"
             "\"longwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlon"
             "gwordlongwordlongwordlongwordlongword\"}"),
      S_INIT("{k: "
             "longwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlongw"
             "ordlongwordlongwordlongwordlongword}\n") },
    { S_INIT("{\"k\":\"word word word word word word word word word word word word word word word "
             "word word word word word \\nmore more more more more more more more more more more "
             "more more more more more more more more more \"}"),
      S_INIT("{k: \"word word word word word word word word word word word word word word word "
             "word\n    word word word word \\nmore more more more more more more more more more "
             "more more\n    more more more more more more more more \"}\n") },
    { S_INIT("[[[1],[2,[3]]],{\"a\":{\"b\":{\"c\":[]}}}]"),
      S_INIT("- - [1]\n  - - 2\n    - [3]\n- a:\n    b:\n      c: []\n") },
    { S_INIT("{\"a b\":1,\"c:d\":2,\"\":3,\"\xc3\xa9\":4}"),
      S_INIT("{'': 3, a b: 1, 'c:d': 2, \xc3\xa9: 4}\n") },
    { S_INIT("{\"10\":1,\"9\":2,\"b\":3,\"B\":4}"), S_INIT("{'10': 1, '9': 2, B: 4, b: 3}\n") },
    { S_INIT("[\"a\\rb\",\"\\\\\",\"\\\"'\"]"), S_INIT("[\"a\\rb\", \\, '\"''']\n") },
    { S_INIT("{\"a\":\"x\",\"b\":[\"y\",{\"c\":\"z\"}]}"), S_INIT("a: x\nb:\n- y\n- {c: z}\n") },
    { S_INIT("[\"---\",\"...\",\"--- a\",\" \"]"), S_INIT("['---', '...', '--- a', ' ']\n") },
    { S_INIT("{\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
             "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\":1}"),
      S_INIT("{? "
             "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
             "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n  : 1}\n") },
    { S_INIT("[\"{{ x }}\",\"{% y %}\"]"), S_INIT("['{{ x }}', '{% y %}']\n") },
};

static const struct row nice[] = {
    { S_INIT("{\"b\":1,\"a\":[1,2],\"c\":{\"d\":[{\"e\":null}]}}"),
      S_INIT("a:\n- 1\n- 2\nb: 1\nc:\n    d:\n    -   e: null\n") },
    { S_INIT("[]"), S_INIT("[]\n") },
    { S_INIT("{}"), S_INIT("{}\n") },
    { S_INIT("{\"a\":[],\"b\":{}}"), S_INIT("a: []\nb: {}\n") },
    { S_INIT("\"Hello\""), S_INIT("Hello\n") },
    { S_INIT("\"\""), S_INIT("''\n") },
    { S_INIT("[\"yes\",\"no\",\"1\",\"1.5\",\"~\",\"null\",\"0644\",\"1:30\",\"2001-01-01\","
             "\"1e3\",\"=\",\"<<\",\"\"]"),
      S_INIT("- 'yes'\n- 'no'\n- '1'\n- '1.5'\n- '~'\n- 'null'\n- '0644'\n- '1:30'\n- "
             "'2001-01-01'\n- 1e3\n- '='\n- '<<'\n- ''\n") },
    { S_INIT("[\" lead\",\"trail \",\"a\\nb\",\"tab\\tx\",\"\\n\"]"),
      S_INIT("- ' lead'\n- 'trail '\n- 'a\n\n    b'\n- \"tab\\tx\"\n- '\n\n    '\n") },
    { S_INIT("[\"it's\",\"say \\\"x\\\"\",\"a: b\",\"a #b\",\"#c\",\"- x\",\"? "
             "y\",\"[z\",\"{w\",\"%v\",\"@u\",\"`t\",\"&s\",\"*r\",\"!q\",\"|p\",\">o\",\"a,b\","
             "\"a]\"]"),
      S_INIT("- it's\n- say \"x\"\n- 'a: b'\n- 'a #b'\n- '#c'\n- '- x'\n- '? y'\n- '[z'\n- '{w'\n- "
             "'%v'\n- '@u'\n- '`t'\n- '&s'\n- '*r'\n- '!q'\n- '|p'\n- '>o'\n- a,b\n- a]\n") },
    { S_INIT("{\"text\":\"line one\\nline two\\n\\nlast\\n\"}"),
      S_INIT("text: 'line one\n\n    line two\n\n\n    last\n\n    '\n") },
    { S_INIT("[\"\\u00e9\\u2603\",\"\\ud83d\\ude00\",\"\\u0007\",\"\\u0085\",\"\\u2028\","
             "\"\\ufeff\",\"\\u00a0\"]"),
      S_INIT("- \xc3\xa9\xe2\x98\x83\n- \"\\U0001F600\"\n- \"\\a\"\n- \"\\N\"\n- '\xe2\x80\xa8    "
             "'\n- \"\\uFEFF\"\n- \xc2\xa0\n") },
    { S_INIT("[1,-1,1.5,1e16,1e-5,1e22,100.0,123456789012345678901234567890,true,false,null]"),
      S_INIT("- 1\n- -1\n- 1.5\n- 1.0e+16\n- 1.0e-05\n- 1.0e+22\n- 100.0\n- "
             "123456789012345678901234567890\n- true\n- false\n- null\n") },
    { S_INIT("[\"word word word word word word word word word word word word word word word word "
             "word word word word word word word word word word word word word word end\"]"),
      S_INIT("- word word word word word word word word word word word word word word word word\n  "
             "  word word word word word word word word word word word word word word end\n") },
    { S_INIT("{\"k\":"
             "\"longwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlon"
             "gwordlongwordlongwordlongwordlongword\"}"),
      S_INIT("k: "
             "longwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlongwordlongw"
             "ordlongwordlongwordlongwordlongword\n") },
    { S_INIT("{\"k\":\"word word word word word word word word word word word word word word word "
             "word word word word word \\nmore more more more more more more more more more more "
             "more more more more more more more more more \"}"),
      S_INIT("k: \"word word word word word word word word word word word word word word word "
             "word\n    word word word word \\nmore more more more more more more more more more "
             "more more\n    more more more more more more more more \"\n") },
    { S_INIT("[[[1],[2,[3]]],{\"a\":{\"b\":{\"c\":[]}}}]"),
      S_INIT(
          "-   -   - 1\n    -   - 2\n        -   - 3\n-   a:\n        b:\n            c: []\n") },
    { S_INIT("{\"a b\":1,\"c:d\":2,\"\":3,\"\xc3\xa9\":4}"),
      S_INIT("'': 3\na b: 1\nc:d: 2\n\xc3\xa9: 4\n") },
    { S_INIT("{\"10\":1,\"9\":2,\"b\":3,\"B\":4}"), S_INIT("'10': 1\n'9': 2\nB: 4\nb: 3\n") },
    { S_INIT("[\"a\\rb\",\"\\\\\",\"\\\"'\"]"), S_INIT("- \"a\\rb\"\n- \\\n- '\"'''\n") },
    { S_INIT("{\"a\":\"x\",\"b\":[\"y\",{\"c\":\"z\"}]}"), S_INIT("a: x\nb:\n- y\n-   c: z\n") },
    { S_INIT("[\"---\",\"...\",\"--- a\",\" \"]"), S_INIT("- '---'\n- '...'\n- '--- a'\n- ' '\n") },
    { S_INIT("{\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
             "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\":1}"),
      S_INIT("? "
             "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
             "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: 1\n") },
    { S_INIT("[\"{{ x }}\",\"{% y %}\"]"), S_INIT("- '{{ x }}'\n- '{% y %}'\n") },
};

static const struct yaml_format nice_format = {
    .flow = YAML_FLOW_NEVER, .indent = 4, .width = 80, .sort_keys = true
};

Test(yaml_write, as_to_yaml)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(leaves); i++) {
        EQ_STR(written(&bench, from_json(&bench, leaves[i].text), YAML_WRITE_DEFAULTS),
               leaves[i].expected, leaves[i].text);
    }
}

Test(yaml_write, as_to_nice_yaml)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(nice); i++) {
        EQ_STR(written(&bench, from_json(&bench, nice[i].text), nice_format), nice[i].expected,
               nice[i].text);
    }
}

Test(yaml_write, arguments)
{
    BENCH(bench);
    value v = from_json(&bench, S("{\"b\":[1,\"\xC3\xA9\"],\"a\":\"x y\"}"));
    struct yaml_format format = YAML_WRITE_DEFAULTS;
    format.sort_keys = false;
    EQ_STR(written(&bench, v, format), S("b: [1, \xC3\xA9]\na: x y\n"), S("as written"));
    format.explicit_start = format.explicit_end = true;
    EQ_STR(written(&bench, v, format), S("---\nb: [1, \xC3\xA9]\na: x y\n...\n"), S("explicit"));
    format = (struct yaml_format){ .flow = YAML_FLOW_ALWAYS, .width = 80 };
    EQ_STR(written(&bench, v, format), S("{b: [1, \xC3\xA9], a: x y}\n"), S("flow"));
    format = (struct yaml_format){ .flow = YAML_FLOW_NEVER, .width = 80, .style = '"' };
    EQ_STR(written(&bench, v, format), S("\"b\":\n- ! \"1\"\n- \"\xC3\xA9\"\n\"a\": \"x y\"\n"),
           S("style"));
    format = (struct yaml_format){ .flow = YAML_FLOW_NEVER, .width = 4 };
    EQ_STR(written(&bench, from_json(&bench, S("\"a b c d e f g\"")), format), S("a b c d e f g\n"),
           S("too narrow: 80"));
    format.width = -1;
    str wide = str_replace(bench.arena, S("'11111111111111111111'"), S("1"), S("word "));
    EQ_STR(
        written(&bench, value_str(bench.arena, str_trim(str_part(wide, 1, wide.len - 2))), format),
        str_concat(bench.arena, str_part(wide, 1, wide.len - 2), S("\n")), S("never folded"));
}

static const struct row read[] = {
    { S_INIT("[2001-12-14, 2001-12-14 21:59:43.1 +1]"),
      S_INIT("[2001-12-14, ! '2001-12-14 21:59:43.100000+01:00']\n") },
    { S_INIT("!!binary aGVsbG8="), S_INIT("!!binary |\n  aGVsbG8=\n") },
    { S_INIT("{a: !vault \"x\\ny\\n\"}"), S_INIT("a: !vault |\n  x\n  y\n") },
    { S_INIT("!!set {b, a}"), S_INIT("!!set {a: null, b: null}\n") },
    { S_INIT("!!omap [a: 1]"), S_INIT("- [a, 1]\n") },
    { S_INIT("{1: a, b: c, null: d}"), S_INIT("{1: a, b: c, null: d}\n") },
    { S_INIT("{2: a, 1.5: b, true: c}"), S_INIT("{true: c, 1.5: b, 2: a}\n") },
    { S_INIT("[.inf, -.inf, .nan, 1e+16]"), S_INIT("[.inf, -.inf, .nan, 1e+16]\n") },
    { S_INIT("[1.0e+16, 0.00001]"), S_INIT("[1.0e+16, 1.0e-05]\n") },
    { S_INIT("{x: &a [1], y: *a}"), S_INIT("x: &id001 [1]\ny: *id001\n") },
    { S_INIT("[&a [&b {k: v}], *b, *a]"),
      S_INIT("- &id002\n  - &id001 {k: v}\n- *id001\n- *id002\n") },
};

Test(yaml_write, what_was_read)
{
    BENCH(bench);
    struct yaml_format format = YAML_WRITE_DEFAULTS;
    format.aliases = true;
    for (size_t i = 0; i < ARRAY_LEN(read); i++) {
        EQ_STR(written(&bench, yaml_value(&bench, read[i].text), format), read[i].expected,
               read[i].text);
    }
    EQ_STR(written(&bench, yaml_value(&bench, S("[&a [1], *a]")), YAML_WRITE_DEFAULTS),
           S("- [1]\n- [1]\n"), S("without aliases"));
}

/* Secret bytes are where they were, through quotes, escapes and folding. */
Test(yaml_write, secrets_stay_marked)
{
    static const struct {
        str before, secret, after, masked;
    } rows[] = {
        { S_INIT("pw="), S_INIT("hunter2"), S_INIT(";"), S_INIT("- plain\n- pw=********;\n") },
        { S_INIT("it's "), S_INIT("a: b"), S_INIT(""), S_INIT("- plain\n- 'it''s ********'\n") },
        { S_INIT("\t"), S_INIT("x\ty"), S_INIT("z"), S_INIT("- plain\n- \"\\t********z\"\n") },
        { S_INIT("a\n"), S_INIT("b"), S_INIT("\nc"),
          S_INIT("- plain\n- 'a\n\n    ********\n\n    c'\n") },
        { S_INIT(""), S_INIT("whole"), S_INIT(""), S_INIT("- plain\n- ********\n") },
        { S_INIT("123456789 123456789 123456789 123456789 123456789 123456789 123456789 "),
          S_INIT("123456789-123456789"), S_INIT(" end"),
          S_INIT("- plain\n- 123456789 123456789 123456789 123456789 123456789 123456789 "
                 "123456789 ********\n    end\n") },
    };
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str text = str_format(bench.arena, "%.*s%.*s%.*s", SARG(rows[i].before),
                              SARG(rows[i].secret), SARG(rows[i].after));
        struct mark mark = { (uint32_t)rows[i].before.len,
                             (uint32_t)(rows[i].before.len + rows[i].secret.len), MARK_SECRET };
        value items[] = { value_str(bench.arena, S("plain")),
                          value_marked(bench.arena, text, &mark, 1) };
        value out;
        cr_assert(yaml_write(bench.arena, bench.diags, value_list(bench.arena, items, 2),
                             nice_format, &out));
        EQ_STR(value_masked(bench.arena, out), rows[i].masked, text);
    }
}

Test(yaml_write, unknown_values)
{
    BENCH(bench);
    struct map_builder map = map_in(bench.arena);
    value out;
    map_set_str(&map, S("a"), value_unknown());
    map_set_str(&map, S("b"), value_int(1));
    cr_assert(yaml_write(bench.arena, bench.diags, map_seal(&map), nice_format, &out));
    cr_assert(value_is(out, VALUE_UNKNOWN));
    EQ_STR(value_masked(bench.arena, out), S("a: (unknown)\nb: 1\n"), S("the rest is known"));
}

static void print_thing(struct strbuf *out, const void *data, bool repr)
{
    (void)data, (void)repr;
    strbuf_add(out, S("<thing>"));
}
static const struct object_type thing_type = { .name = "thing", .print = print_thing };

static bool plain_thing(void *data, value object, value *ret)
{
    *ret = value_str(data, S("plain"));
    return value_is_object(object, &thing_type);
}

Test(yaml_write, refused_and_made_plain)
{
    BENCH(bench);
    struct yaml_format format = nice_format;
    value thing = value_object(bench.arena, &thing_type, NULL);
    EQ_STR(written(&bench, value_undefined(bench.arena, S("'x' is undefined")), format),
           S("'x' is undefined"), S("undefined"));
    EQ_STR(written(&bench, thing, format), S("a thing cannot be written as YAML"), S("object"));
    EQ_STR(written(&bench, value_str(bench.arena, S("\xFF")), format),
           S("text is not UTF-8 and cannot be written as YAML"), S("bytes"));
    format.plain = plain_thing;
    format.plain_data = bench.arena;
    EQ_STR(written(&bench, thing, format), S("plain\n"), S("plain"));
}
