/* From bytes of a string to bytes of the file. */
#include "check.h"

static str source_text(struct bench *bench, span at)
{
    struct place place;
    cr_assert(source_place(bench->sources, at, &place));
    return str_part(place.source->text, place.offset, place.offset + at.len);
}

static const struct {
    str text;   /* the value of key a is looked at */
    str needle; /* in the string */
    str expected;
} rows[] = {
    { S_INIT("a: see {{ x }} here"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: see\n  the {{ x }}\n\n  end"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: see\n  the end"), S_INIT("see the"), S_INIT("see\n  the") },
    { S_INIT("a: see\n\n  the end"), S_INIT("\nthe"), S_INIT("\n\n  the") },
    { S_INIT("a: 'it''s {{ x }}'"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: 'it''s'"), S_INIT("'s"), S_INIT("'s") },
    { S_INIT("a: 'x {{ y\n    }} z'"), S_INIT("}}"), S_INIT("}}") },
    { S_INIT("a: \"\\t\\x41\\u00e9\\U0001F600 {{ x }}\""), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: \"b\\u00e9c\""), S_INIT("\xC3\xA9"), S_INIT("\\u00e9") },
    { S_INIT("a: \"x \\\n   {{ y }}\""), S_INIT("{{ y }}"), S_INIT("{{ y }}") },
    { S_INIT("a: \"x\\\n   {{ y }}\\\n z\""), S_INIT("{{ y }}"), S_INIT("{{ y }}") },
    { S_INIT("a: \"x\n\n   {{ y }}\""), S_INIT("{{ y }}"), S_INIT("{{ y }}") },
    { S_INIT("a: |\n  one\n  two {{ x }}\n"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: |\n  one\n    two {{ x }}\n"), S_INIT("  two"), S_INIT("  two") },
    { S_INIT("a: |2\n    one\n   {{ x }}\n"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: |\n\n\n  one\n\n  {{ x }}"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: |- # c\n  {{ x }}\n\n"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: >\n  one\n  {{ x }}\n"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: >\n  one\n\n  {{ x }}\n"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: >\n  one\n    more\n  {{ x }}\n"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: >-\n  {{ x\n  }} y\n"), S_INIT("}}"), S_INIT("}}") },
    { S_INIT("a: >+\n  x\n\n   {{ y }}\n\n"), S_INIT("{{ y }}"), S_INIT("{{ y }}") },
    { S_INIT("a: |\r\n  one\r\n  {{ x }}\r\n"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: one\r\n  {{ x }}\r\n"), S_INIT("{{ x }}"), S_INIT("{{ x }}") },
    { S_INIT("a: !!str &b 'x {{ y }}'"), S_INIT("{{ y }}"), S_INIT("{{ y }}") },
};

Test(yaml_place, parts_of_scalars)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        value v = value_get(yaml_value(&bench, rows[i].text), S("a"));
        size_t from = str_find(value_as_str(v), rows[i].needle, 0);
        cr_assert_neq(from, STR_NPOS, "row %zu", i);
        span at = yaml_scalar_span(bench.sources, v, from, from + rows[i].needle.len);
        EQ_STR(source_text(&bench, at), rows[i].expected, rows[i].text);
    }
}

/* A point is a place of no length, behind the last character too. */
Test(yaml_place, points)
{
    BENCH(bench);
    value v = value_get(yaml_value(&bench, S("a: 'b''c'")), S("a"));
    static const uint32_t expected[] = { 1, 3, 4, 5 };
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        span at = yaml_scalar_span(bench.sources, v, i, i);
        cr_assert_eq(at.pos - v.at.pos, expected[i], "%zu: %u", i, at.pos - v.at.pos);
        cr_assert_eq(at.len, 0);
    }
}

/* A string that does not stand in the source as it is has the place of the whole. */
Test(yaml_place, other_strings)
{
    BENCH(bench);
    value v = value_get(yaml_value(&bench, S("a: some text")), S("a"));
    value changed = value_at(value_str(bench.arena, S("other text")), v.at);
    span at = yaml_scalar_span(bench.sources, changed, 0, 5);
    cr_assert_eq(at.pos, v.at.pos);
    cr_assert_eq(at.len, v.at.len);
    at = yaml_scalar_span(bench.sources, value_str(bench.arena, S("made")), 0, 2);
    cr_assert_eq(at.pos, 0);
}

Test(yaml_place, json_strings)
{
    BENCH(bench);
    value v;
    cr_assert(json_read(bench.arena, bench.diags,
                        bench_source(&bench, S("[\"\\ud83d\\ude00\\n{{ x }}\"]")),
                        (struct json_options){ .trusted = true }, &v));
    v = value_item(v, 0);
    size_t from = str_find(value_as_str(v), S("{{"), 0);
    EQ_STR(source_text(&bench, yaml_scalar_span(bench.sources, v, from, from + 7)), S("{{ x }}"),
           S("behind a pair of escapes"));
}
