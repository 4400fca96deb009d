/* Whole documents; expected is what PyYAML's safe loader gives. */
#include "check.h"

#include "formats/objects.h"

static const struct row documents[] = {
    { S_INIT(""), S_INIT("None") },
    { S_INIT("# c\n"), S_INIT("None") },
    { S_INIT("---\n"), S_INIT("None") },
    { S_INIT("--- a\n...\n"), S_INIT("'a'") },
    { S_INIT("a: 1\nb: [x, {y: z}]\n"), S_INIT("{'a': 1, 'b': ['x', {'y': 'z'}]}") },
    { S_INIT("- a\n-\n- ~\n"), S_INIT("['a', None, None]") },
    { S_INIT("a:\nb:\n"), S_INIT("{'a': None, 'b': None}") },
    { S_INIT("{a, b: }"), S_INIT("{'a': None, 'b': None}") },
    { S_INIT("[a, b: c, ]"), S_INIT("['a', {'b': 'c'}]") },
    { S_INIT("? a\n: b\n? c\n"), S_INIT("{'a': 'b', 'c': None}") },
    { S_INIT("1: a\n1.5: b\nnull: c\ntrue: d\n2001-01-01: e\n"),
      S_INIT("{1: 'd', 1.5: 'b', None: 'c', datetime.date(2001, 1, 1): 'e'}") },
    { S_INIT("a: |\n  x\n   y\n\n  z\n\nb: >-\n  f\n  g\n\n  h\n"),
      S_INIT("{'a': 'x\\n y\\n\\nz\\n', 'b': 'f g\\nh'}") },
    { S_INIT("a: 'it''s\n  folded\n\n  here'\n"), S_INIT("{'a': \"it's folded\\nhere\"}") },
    { S_INIT("a: \"l\\\n  m \\\n   n\"\n"), S_INIT("{'a': 'lm n'}") },
    { S_INIT("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3, r: 4}\n"),
      S_INIT("{'a': {'p': 1, 'q': 2}, 'b': {'p': 1, 'q': 3, 'r': 4}}") },
    { S_INIT("a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y], z: 0}\n"),
      S_INIT("{'a': {'p': 1}, 'b': {'p': 2, 'q': 2}, 'c': {'p': 1, 'q': 2, 'z': 0}}") },
    { S_INIT("c: {z: 0, <<: {p: 1}, <<: {p: 2, s: 3}}\n"),
      S_INIT("{'c': {'p': 2, 's': 3, 'z': 0}}") },
    { S_INIT("=: 1\n"), S_INIT("{'=': 1}") },
    { S_INIT("{<<: {=: 1}}"), S_INIT("{'=': 1}") },
    { S_INIT("!!omap [a: 1, b: 2]"), S_INIT("[('a', 1), ('b', 2)]") },
    { S_INIT("!!pairs [a: 1, a: 2]"), S_INIT("[('a', 1), ('a', 2)]") },
    { S_INIT("!!str {=: x}"), S_INIT("'x'") },
    { S_INIT("a: &a b\n*a : c\n"), S_INIT("{'a': 'b', 'b': 'c'}") },
    { S_INIT("- &a [1]\n- *a\n"), S_INIT("[[1], [1]]") },
    { S_INIT("%YAML 1.1\n---\na\n"), S_INIT("'a'") },
    { S_INIT("%TAG !e! tag:yaml.org,2002:\n---\n!e!int '5'\n"), S_INIT("5") },
    { S_INIT("\xef\xbb\xbf"
             "a: 1\nb: 2\n"),
      S_INIT("{'a': 1, 'b': 2}") },
    { S_INIT("k: \"\\u2603\\U0001F600\"\n"), S_INIT("{'k': '\xe2\x98\x83\xf0\x9f\x98\x80'}") },
    { S_INIT("a: {b: [c, {d: e}], f: }\n"), S_INIT("{'a': {'b': ['c', {'d': 'e'}], 'f': None}}") },
    { S_INIT("a: b\r\nc: d\r\n"), S_INIT("{'a': 'b', 'c': 'd'}") },
    { S_INIT("- - - x\n- - y\n"), S_INIT("[[['x']], ['y']]") },
    { S_INIT("x: !!set {a}\ny: !!binary /w==\n"), S_INIT("{'x': {'a'}, 'y': b'\\xff'}") },
    { S_INIT("a: b c\n  d\n\n  e\n"), S_INIT("{'a': 'b c d\\ne'}") },
    { S_INIT("1: a\ntrue: b\n1.0: c\n"), S_INIT("{1: 'c'}") },
};

Test(yaml_read, as_pyyaml)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
        EQ_STR(yaml_repr(&bench, documents[i].text), documents[i].expected, documents[i].text);
    }
}

static const struct row refused[] = {
    { S_INIT("a: 1\n---\nb: 2\n"),
      S_INIT("3:1 a second document begins before here, but one was expected") },
    { S_INIT("? [a]\n: b\n"), S_INIT("1:3 a list cannot be the key of a map [quote it if it is to "
                                     "be a string]") },
    { S_INIT("? {a: b}\n: b\n"), S_INIT("1:3 a map cannot be the key of a map [quote it if it is "
                                        "to be a string]") },
    { S_INIT("<<: 3\n"), S_INIT("1:5 a merge key '<<' needs a map, or a list of maps [name an "
                                "anchored map: <<: *defaults]") },
    { S_INIT("!!map [a]"), S_INIT("1:7 a map is needed here, as its tag says") },
    { S_INIT("!!seq {a: b}"), S_INIT("1:7 a list is needed here, as its tag says") },
    { S_INIT("!!int [1]"), S_INIT("1:7 a single value is needed here, as its tag says") },
    { S_INIT("!!omap [a]"), S_INIT("1:9 each item of !!omap and !!pairs is a map with one key") },
    { S_INIT("a: !valt x"), S_INIT("1:4 unknown tag '!valt' [did you mean '!vault'?]") },
    { S_INIT("a: !foo x"), S_INIT("1:4 unknown tag '!foo' [quote a text that begins with '!']") },
    { S_INIT("!!python/object:os.system x"),
      S_INIT("1:1 unknown tag '!!python/object:os.system' [quote a text that begins with '!']") },
};

Test(yaml_read, refused)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        EQ_STR(yaml_repr(&bench, refused[i].text), refused[i].expected, refused[i].text);
    }
}

Test(yaml_read, several_documents)
{
    BENCH(bench);
    value v;
    cr_assert(yaml_read_all(bench.arena, bench.diags, bench_source(&bench, S("a\n---\n---\n- b\n")),
                            (struct yaml_options){ 0 }, &v));
    EQ_STR(value_as_str(value_repr(bench.arena, v)), S("['a', None, ['b']]"), S("three"));
    cr_assert(yaml_read_all(bench.arena, bench.diags, bench_source(&bench, S("# none\n")),
                            (struct yaml_options){ 0 }, &v));
    cr_assert_eq(value_count(v), 0);
}

/* A key written twice is told with both places; one that overrides a merged one is what merging is
 * for. */
Test(yaml_read, duplicate_keys)
{
    static const struct row rows[] = {
        { S_INIT("a: 1\nb: 2\na: 3\n"),
          S_INIT("3:1 key 'a' is here a second time; this value wins <1:1 first written here>") },
        { S_INIT("{x: &d {a: 1}, y: {<<: *d, a: 2}}"), S_INIT("nothing reported") },
        { S_INIT("- {<<: {a: 1}, a: 2, a: 3}"),
          S_INIT("1:22 key 'a' is here a second time; this value wins <1:16 first written here>") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        yaml_value(&bench, rows[i].text);
        EQ_STR(bench_complaint(&bench), rows[i].expected, rows[i].text);
        cr_assert_eq(bench.diags->errors, 0);
    }
}

static str place_text(struct bench *bench, value v)
{
    struct place place;
    cr_assert(source_place(bench->sources, v.at, &place));
    return str_part(place.source->text, place.offset, place.offset + v.at.len);
}

Test(yaml_read, places)
{
    BENCH(bench);
    value v = yaml_value(&bench, S("é:\n  - 'ü x'\n  - &a !!str  yes # c\n  - {k: [1, 2]}\n"
                                   "next: *a\nblock: |\n  text\n\nlast:\n  p: q\n\n# end\n"));
    value list = value_map_value(v, 0);
    EQ_STR(place_text(&bench, value_map_key(v, 0)), S("é"), S("key"));
    EQ_STR(place_text(&bench, value_item(list, 0)), S("'ü x'"), S("quoted"));
    EQ_STR(place_text(&bench, value_item(list, 1)), S("yes"), S("without tag and anchor"));
    EQ_STR(place_text(&bench, value_item(list, 2)), S("{k: [1, 2]}"), S("flow"));
    EQ_STR(place_text(&bench, value_get(value_item(list, 2), S("k"))), S("[1, 2]"), S("inner"));
    EQ_STR(place_text(&bench, value_get(v, S("next"))), S("yes"), S("an alias is its anchor"));
    EQ_STR(place_text(&bench, value_get(v, S("last"))), S("p: q"), S("block map"));
}

Test(yaml_read, texts_without_places)
{
    BENCH(bench);
    struct source text = { .name = S("text"), .text = S("a: 1\na: 2\n\xC3\xA9: [\n") };
    value v = value_null();
    span at = source_span(bench_source(&bench, S("msg: here")), 5, 9);
    cr_assert_not(
        yaml_read(bench.arena, bench.diags, &text, (struct yaml_options){ .at = at }, &v));
    EQ_STR(bench_complaint(&bench),
           S("1:6 '[' is not closed (line 3, column 4) [close it with ']']"), S("in words"));
    text.text = S("[x]");
    cr_assert(yaml_read(bench.arena, bench.diags, &text, (struct yaml_options){ .at = at }, &v));
    cr_assert_eq(value_item(v, 0).at.pos, at.pos);
}

Test(yaml_read, vault_texts)
{
    BENCH(bench);
    value v =
        value_item(yaml_value(&bench, S("- !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  36\n")), 0);
    cr_assert(value_is_object(v, &vault_type));
    const str *ciphertext = value_object_data(v);
    EQ_STR(*ciphertext, S("$ANSIBLE_VAULT;1.1;AES256\n36\n"), S("as written"));
}

static bool decrypt(void *data, struct diags *diags, str ciphertext, span at, value *ret)
{
    struct bench *bench = data;
    (void)diags;
    *ret = value_secret(bench->arena, str_format(bench->arena, "<%.*s>", SARG(ciphertext)));
    return at.len > 0;
}

Test(yaml_read, vault_texts_decrypted)
{
    BENCH(bench);
    value v;
    struct yaml_options options = { .trusted = true, .vault = decrypt, .vault_data = &bench };
    cr_assert(
        yaml_read(bench.arena, bench.diags, bench_source(&bench, S("- !vault x")), options, &v));
    EQ_STR(value_as_str(value_item(v, 0)), S("<x>"), S("by the hook"));
    cr_assert(value_has_secret(v));
}

/* What a host or a filter's input says is no vault text, and nothing it can mark. */
Test(yaml_read, tags_of_the_author_only)
{
    BENCH(bench);
    value v;
    cr_assert_not(yaml_read(bench.arena, bench.diags, bench_source(&bench, S("!vault x")),
                            (struct yaml_options){ 0 }, &v));
    EQ_STR(bench_complaint(&bench), S("1:1 unknown tag '!vault'"), S("untrusted"));
}

Test(yaml_read, utf16)
{
    BENCH(bench);
    static const char little[] = "\xFF\xFE"
                                 "a\0:\0 \0\x3D\xD8\x00\xDE\n\0b\0:\0 \0@\0";
    value v;
    cr_assert_not(yaml_read(bench.arena, bench.diags,
                            bench_source(&bench, (str){ little, sizeof little - 1 }),
                            (struct yaml_options){ 0 }, &v));
    EQ_STR(bench_complaint(&bench),
           S("2:4 a text cannot begin with '@' unless it is quoted [quote it: b: \"@\"]"),
           S("places are those of the text in UTF-8"));
    EQ_STR(yaml_repr(&bench, S("\xFE\xFF\0a\0:\0 \0b")), S("{'a': 'b'}"), S("big endian"));
    EQ_STR(yaml_repr(&bench, S("\xFF\xFE"
                               "a")),
           S("1:1 text begins as UTF-16, but is not"), S("half a unit"));
}

Test(yaml_read, secret_sources_are_not_quoted)
{
    BENCH(bench);
    static const str texts[] = {
        S_INIT("a: b: hunter2"), S_INIT("a: !!int hunter2"),          S_INIT("a: \"hunter2\\s\""),
        S_INIT("hunter2\nb: c"), S_INIT("hunter2: 1\nhunter2: 2\n["), S_INIT("a: 'x' hunter2")
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const struct source *source = source_add_secret(bench.sources, S("vault.yml"), texts[i]);
        value v;
        bench.diags->all.len = 0;
        cr_assert_not(yaml_read(bench.arena, bench.diags, source,
                                (struct yaml_options){ .trusted = true }, &v));
        cr_assert_eq(str_find(bench_complaint(&bench), S("hunter2"), 0), STR_NPOS, "%.*s",
                     SARG(bench_complaint(&bench)));
    }
}
