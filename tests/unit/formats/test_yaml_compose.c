/* Anchors and aliases, and the bounds that hold whatever they expand to. */
#include "check.h"

static const struct row rows[] = {
    { S_INIT("[*a]"), S_INIT("1:2 no anchor 'a' before this alias [define it with &a, or quote a "
                             "text that begins with *]") },
    { S_INIT("- &a 1\n- &a 2\n"),
      S_INIT("2:3 anchor 'a' is defined twice <1:3 first defined here>") },
    { S_INIT("a: &x [*x]\n"),
      S_INIT("1:8 alias 'x' is part of what it names <1:4 the anchor is here>") },
    { S_INIT("a: &x {b: {c: *x}}\n"),
      S_INIT("1:15 alias 'x' is part of what it names <1:4 the anchor is here>") },
    { S_INIT("- &a x\n- *a\n- [*a]\n"), S_INIT("['x', 'x', ['x']]") },
    { S_INIT("&a a: 1\n*a : 2\n"), S_INIT("{'a': 2}") },
};

Test(yaml_compose, aliases)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(yaml_repr(&bench, rows[i].text), rows[i].expected, rows[i].text);
    }
}

/* Anchors live in their document. */
Test(yaml_compose, anchors_of_another_document)
{
    BENCH(bench);
    value v;
    cr_assert_not(yaml_read_all(bench.arena, bench.diags,
                                bench_source(&bench, S("- &a 1\n---\n- *a\n")),
                                (struct yaml_options){ 0 }, &v));
    EQ_STR(bench_complaint(&bench),
           S("3:3 no anchor 'a' before this alias [define it with &a, or "
             "quote a text that begins with *]"),
           S("second"));
}

Test(yaml_compose, aliases_share)
{
    BENCH(bench);
    value v = yaml_value(&bench, S("[&a [1], *a, [1]]"));
    cr_assert_eq(value_identity(value_item(v, 0)), value_identity(value_item(v, 1)));
    cr_assert_neq(value_identity(value_item(v, 0)), value_identity(value_item(v, 2)));
}

/* Nine lists, each of ten aliases of the one before: a billion values in a few lines. */
Test(yaml_compose, billion_laughs)
{
    BENCH(bench);
    struct strbuf text = strbuf_in(bench.arena);
    strbuf_add(&text, S("a: &a [x, x, x, x, x, x, x, x, x, x]\n"));
    for (char c = 'b'; c <= 'i'; c++) {
        strbuf_addf(&text, "%c: &%c [", c, c);
        for (int i = 0; i < 10; i++) {
            strbuf_addf(&text, "*%c%s", c - 1, i < 9 ? ", " : "]\n");
        }
    }
    EQ_STR(yaml_repr(&bench, strbuf_str(&text)),
           S("7:7 more than 10000000 values, counting each alias as often as it is used"),
           S("refused"));
}

static str nested(struct bench *bench, size_t depth)
{
    struct strbuf text = strbuf_in(bench->arena);
    strbuf_add_repeat(&text, '[', depth);
    strbuf_add_repeat(&text, ']', depth);
    return strbuf_str(&text);
}

Test(yaml_compose, depth)
{
    BENCH(bench);
    EQ_STR(yaml_repr(&bench, nested(&bench, 256)), nested(&bench, 256), S("256 levels"));
    EQ_STR(yaml_repr(&bench, nested(&bench, 257)), S("1:257 nested more than 256 levels deep"),
           S("257 levels"));
    EQ_STR(yaml_repr(&bench,
                     str_format(bench.arena, "a: &a %.*s\nb: [[*a]]\n", SARG(nested(&bench, 254)))),
           S("1:1 nested more than 256 levels deep"), S("by an alias"));
}
