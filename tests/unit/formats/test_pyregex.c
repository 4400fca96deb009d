/* Regular expressions; expected is what Python 3.11's re answers. */
#include "check.h"

#include "formats/pyregex.h"

/* All matches, each as <whole,group,...> in bytes; or that Python refuses the expression. */
static const struct {
    str pattern;
    unsigned flags;
    str subject, expected;
} matches[] = {
    { S_INIT("a"), 0, S_INIT("banana"), S_INIT("<1-2><3-4><5-6>") },
    { S_INIT(""), 0, S_INIT("ab"), S_INIT("<0-0><1-1><2-2>") },
    { S_INIT("x*"), 0, S_INIT("abxd"), S_INIT("<0-0><1-1><2-3><3-3><4-4>") },
    { S_INIT("\\d+"), 0, S_INIT("a1 22\331\243"), S_INIT("<1-2><3-7>") },
    { S_INIT("\\d+"), PYREGEX_ASCII, S_INIT("1\331\243"), S_INIT("<0-1>") },
    { S_INIT("\\b\303\251\\w*"), 0, S_INIT("caf\303\251 \303\251cole"), S_INIT("<6-12>") },
    { S_INIT("^."), PYREGEX_MULTILINE, S_INIT("a\nb\n"), S_INIT("<0-1><2-3>") },
    { S_INIT("^"), PYREGEX_MULTILINE, S_INIT("a\n"), S_INIT("<0-0><2-2>") },
    { S_INIT("$"), 0, S_INIT("a\n"), S_INIT("<1-1><2-2>") },
    { S_INIT("$"), PYREGEX_MULTILINE, S_INIT("a\nb\n"), S_INIT("<1-1><3-3><4-4>") },
    { S_INIT("a\\Z"), 0, S_INIT("a\n"), S_INIT("") },
    { S_INIT("a.b"), PYREGEX_DOTALL, S_INIT("a\nb"), S_INIT("<0-3>") },
    { S_INIT("a.b"), 0, S_INIT("a\015b"), S_INIT("<0-3>") },
    { S_INIT("A"), PYREGEX_IGNORECASE, S_INIT("aA"), S_INIT("<0-1><1-2>") },
    { S_INIT("\303\211"), PYREGEX_IGNORECASE, S_INIT("\303\251"), S_INIT("<0-2>") },
    { S_INIT("[[:alpha:]]"), 0, S_INIT("a:]"), S_INIT("<1-3>") },
    { S_INIT("[]a]+"), 0, S_INIT("]a"), S_INIT("<0-2>") },
    { S_INIT("[^]a]+"), 0, S_INIT("]ab"), S_INIT("<2-3>") },
    { S_INIT("[a\\]]+"), 0, S_INIT("a]"), S_INIT("<0-2>") },
    { S_INIT("[\\b]"), 0, S_INIT("\010"), S_INIT("<0-1>") },
    { S_INIT("a{,2}b"), 0, S_INIT("aaab"), S_INIT("<1-4>") },
    { S_INIT("a{,}b"), 0, S_INIT("aab"), S_INIT("<0-3>") },
    { S_INIT("a{2}"), 0, S_INIT("aaa"), S_INIT("<0-2>") },
    { S_INIT("a{"), 0, S_INIT("a{"), S_INIT("<0-2>") },
    { S_INIT("{,"), 0, S_INIT("{,"), S_INIT("<0-2>") },
    { S_INIT("\\u00e9"), 0, S_INIT("\303\251"), S_INIT("<0-2>") },
    { S_INIT("\\U0001f600"), 0, S_INIT("\360\237\230\200"), S_INIT("<0-4>") },
    { S_INIT("\\x41"), 0, S_INIT("A"), S_INIT("<0-1>") },
    { S_INIT("\\101"), 0, S_INIT("A"), S_INIT("<0-1>") },
    { S_INIT("\\0"), 0, S_INIT("\000"), S_INIT("<0-1>") },
    { S_INIT("\\08"), 0, S_INIT("\0008"), S_INIT("<0-2>") },
    { S_INIT("[\\101\\0]+"), 0, S_INIT("A"), S_INIT("<0-1>") },
    { S_INIT("\\v"), 0, S_INIT("\013\n"), S_INIT("<0-1>") },
    { S_INIT("[\\v]"), 0, S_INIT("\n\013"), S_INIT("<1-2>") },
    { S_INIT("(a)(b)?"), 0, S_INIT("ab a"), S_INIT("<0-2,0-1,1-2><3-4,3-4,->") },
    { S_INIT("(?P<x>a)(?P=x)"), 0, S_INIT("aa"), S_INIT("<0-2,0-1>") },
    { S_INIT("(a)\\1"), 0, S_INIT("aab"), S_INIT("<0-2,0-1>") },
    { S_INIT("(a)(?(1)b|c)"), 0, S_INIT("abac"), S_INIT("<0-2,0-1>") },
    { S_INIT("(?<=a)b"), 0, S_INIT("abb"), S_INIT("<1-2>") },
    { S_INIT("(?<!a)b"), 0, S_INIT("abb"), S_INIT("<2-3>") },
    { S_INIT("(?>a+)b"), 0, S_INIT("aab"), S_INIT("<0-3>") },
    { S_INIT("a++b"), 0, S_INIT("aab"), S_INIT("<0-3>") },
    { S_INIT("a(?#note)b"), 0, S_INIT("ab"), S_INIT("<0-2>") },
    { S_INIT("(?i)a"), 0, S_INIT("aA"), S_INIT("<0-1><1-2>") },
    { S_INIT("(?im)^a"), 0, S_INIT("b\nA"), S_INIT("<2-3>") },
    { S_INIT("(?a)\\w"), 0, S_INIT("\303\2511"), S_INIT("<2-3>") },
    { S_INIT("(?i:a)b"), 0, S_INIT("AbAB"), S_INIT("<0-2>") },
    { S_INIT("(?-i:a)b"), PYREGEX_IGNORECASE, S_INIT("aBAB"), S_INIT("<0-2>") },
    { S_INIT("(?x) a # ( [\n b"), 0, S_INIT("ab"), S_INIT("<0-2>") },
    { S_INIT(" a b "), PYREGEX_VERBOSE, S_INIT("ab"), S_INIT("<0-2>") },
    { S_INIT("\\<a\\>"), 0, S_INIT("<a>"), S_INIT("<0-3>") },
    { S_INIT("\\-\\ \\/"), 0, S_INIT("- /"), S_INIT("<0-3>") },
    { S_INIT("a|ab"), 0, S_INIT("ab"), S_INIT("<0-1>") },
    { S_INIT("(a*)*"), 0, S_INIT("aa"), S_INIT("<0-2,2-2><2-2,2-2>") },
    { S_INIT("(?s)."), 0, S_INIT("\n"), S_INIT("<0-1>") },
    { S_INIT("a|\303\251"), 0, S_INIT("a\377\303\251\303"), S_INIT("<0-1><2-4>") }, /* not UTF-8 */
    { S_INIT("\\z"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("\\Q"), 0, S_INIT("Q"), S_INIT("refused") },
    { S_INIT("\\h"), 0, S_INIT("h"), S_INIT("refused") },
    { S_INIT("[\\A]"), 0, S_INIT("A"), S_INIT("refused") },
    { S_INIT("\\1"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("(a)\\2"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("\\x4"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("\\400"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("(*UTF)a"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("(?<n>a)"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("(?P>n)"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("(?&n)"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("(?1)"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("(?R)"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("a(?i)b"), 0, S_INIT("ab"), S_INIT("refused") },
    { S_INIT("(?z)a"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("(?L)a"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("(?#a"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("("), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT(")"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("[a"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("*"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("a\\"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("(?P<n>a)(?P<n>b)"), 0, S_INIT("ab"), S_INIT("refused") },
    { S_INIT("a{3,2}"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("[b-a]"), 0, S_INIT("a"), S_INIT("refused") },
    { S_INIT("(?P<1n>a)"), 0, S_INIT("a"), S_INIT("refused") },
};

static str matches_text(struct bench *bench, str pattern, unsigned flags, str subject)
{
    struct strbuf out = strbuf_in(bench->arena);
    struct pyregex_walk walk = { 0 };
    struct pyregex_match match;
    bool found;
    const struct pyregex *regex =
        pyregex_compile(bench->arena, bench->diags, SPAN_NONE, pattern, flags);
    if (regex == NULL) {
        return S("refused");
    }
    while (pyregex_next(regex, bench->arena, bench->diags, subject, &walk, &found, &match) &&
           found) {
        for (size_t i = 0; i < match.count; i++) {
            struct pyregex_group group = match.groups[i];
            strbuf_add(&out, i == 0 ? S("<") : S(","));
            if (group.from == STR_NPOS) {
                strbuf_add(&out, S("-"));
            } else {
                strbuf_addf(&out, "%zu-%zu", group.from, group.to);
            }
        }
        strbuf_add(&out, S(">"));
    }
    return strbuf_str(&out);
}

Test(pyregex, matches_as_python)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(matches); i++) {
        for (int again = 0; again < 2; again++) { /* compiled anew, and kept */
            EQ_STR(matches_text(&bench, matches[i].pattern, matches[i].flags, matches[i].subject),
                   matches[i].expected, matches[i].pattern);
        }
    }
}

static const struct {
    str pattern, replacement, subject, expected;
} replacements[] = {
    { S_INIT("x*"), S_INIT("-"), S_INIT("abxd"), S_INIT("-a-b--d-") },
    { S_INIT("a"), S_INIT("b"), S_INIT("banana"), S_INIT("bbnbnb") },
    { S_INIT("(a)(b)?"), S_INIT("[\\1\\2]"), S_INIT("ab a"), S_INIT("[ab] [a]") },
    { S_INIT("(?P<n>a)"), S_INIT("\\g<n>\\g<1>\\g<0>"), S_INIT("a"), S_INIT("aaa") },
    { S_INIT("a"), S_INIT("\\n\\t\\\\"), S_INIT("a"), S_INIT("\n\011\\") },
    { S_INIT("a"), S_INIT("\\101\\0\\08"), S_INIT("a"), S_INIT("A\000\0008") },
    { S_INIT("(a)"), S_INIT("\\1\\g<1>0"), S_INIT("a"), S_INIT("aa0") },
    { S_INIT("a"), S_INIT("\\&\\."), S_INIT("a"), S_INIT("\\&\\.") },
    { S_INIT("a"), S_INIT("\\q"), S_INIT("a"), S_INIT("refused") },
    { S_INIT("a"), S_INIT("\\1"), S_INIT("a"), S_INIT("refused") },
    { S_INIT("a"), S_INIT("\\1"), S_INIT("b"), S_INIT("refused") },
    { S_INIT("a"), S_INIT("\\g<n>"), S_INIT("a"), S_INIT("refused") },
    { S_INIT("a"), S_INIT("\\g"), S_INIT("a"), S_INIT("refused") },
    { S_INIT("a"), S_INIT("\\400"), S_INIT("a"), S_INIT("refused") },
    { S_INIT("a"), S_INIT("b\\"), S_INIT("a"), S_INIT("refused") },
    { S_INIT(""), S_INIT("-"), S_INIT("\303\251"), S_INIT("-\303\251-") },
    { S_INIT("a|"), S_INIT("x"), S_INIT("ba"), S_INIT("xbxx") },
    { S_INIT("\\b"), S_INIT("|"), S_INIT("ab c"), S_INIT("|ab| |c|") },
    { S_INIT("$"), S_INIT("!"), S_INIT("a\n"), S_INIT("a!\n!") },
};

Test(pyregex, replaces_as_python)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(replacements); i++) {
        str got = S("refused");
        size_t count;
        const struct pyregex *regex =
            pyregex_compile(bench.arena, bench.diags, SPAN_NONE, replacements[i].pattern, 0);
        cr_assert_not_null(regex);
        bool ok =
            pyregex_sub(regex, bench.arena, bench.diags, SPAN_NONE, replacements[i].replacement,
                        replacements[i].subject, 0, &got, &count);
        EQ_STR(ok ? got : S("refused"), replacements[i].expected, replacements[i].replacement);
    }
}

Test(pyregex, modes)
{
    static const struct {
        str pattern, subject;
        bool search, match, fullmatch;
    } rows[] = {
        { S_INIT("b"), S_INIT("ab"), true, false, false },
        { S_INIT("a"), S_INIT("ab"), true, true, false },
        { S_INIT("a|ab"), S_INIT("ab"), true, true, true },
        { S_INIT("c"), S_INIT("ab"), false, false, false },
        { S_INIT("a"), S_INIT("\377a"), true, false, false }, /* not UTF-8 */
    };
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct pyregex *regex =
            pyregex_compile(bench.arena, bench.diags, SPAN_NONE, rows[i].pattern, 0);
        const bool expected[] = { rows[i].search, rows[i].match, rows[i].fullmatch };
        for (size_t mode = 0; mode < ARRAY_LEN(expected); mode++) {
            bool found;
            cr_assert(pyregex_exec(regex, NULL, bench.diags, rows[i].subject, 0,
                                   (enum pyregex_mode)mode, &found, NULL));
            cr_assert_eq(found, expected[mode], "row %zu, mode %zu", i, mode);
        }
    }
}

/* The expression stays while its arena does, however many others were compiled since. */
Test(pyregex, outlives_its_place_among_those_kept)
{
    BENCH(bench);
    bool found;
    const struct pyregex *first =
        pyregex_compile(bench.arena, bench.diags, SPAN_NONE, S("^n0$"), 0);
    for (int i = 1; i < 1000; i++) {
        str pattern = str_format(bench.arena, "^n%d$", i);
        cr_assert(pyregex_found(bench.diags, SPAN_NONE, pattern, str_format(bench.arena, "n%d", i),
                                &found));
        cr_assert(found);
    }
    cr_assert(pyregex_exec(first, NULL, bench.diags, S("n0"), 0, PYREGEX_SEARCH, &found, NULL));
    cr_assert(found);
}

Test(pyregex, complaints)
{
    static const struct row rows[] = {
        { S_INIT("a\\q"), S_INIT("regular expression 'a\\q' is not valid: bad escape "
                                 "<at character 2 of it>") },
        { S_INIT("\303\251("),
          S_INIT("regular expression '\303\251(' is not valid: missing closing "
                 "parenthesis <at character 3 of it>") },
        { S_INIT("\\N{DASH}"), S_INIT("regular expression '\\N{DASH}' is not valid: characters by "
                                      "name are not supported <at character 1 of it>") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        cr_assert_null(pyregex_compile(bench.arena, bench.diags, SPAN_NONE, rows[i].text, 0));
        EQ_STR(bench_complaint(&bench), rows[i].expected, rows[i].text);
    }
}

Test(pyregex, gives_up_what_never_ends)
{
    BENCH(bench);
    bool found;
    cr_assert_not(pyregex_found(bench.diags, SPAN_NONE, S("^(a+)+$"),
                                S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"), &found));
    EQ_STR(bench_complaint(&bench), S("regular expression needs too many steps to be matched"),
           S("^(a+)+$"));
}
