#include "base/words.h"

#include "base/strbuf.h"
#include "check.h"

/* Each word as <text@from-to>, or what has no end. */
static str shown(struct arena *arena, str text, enum words_comments comments)
{
    struct word_list words;
    size_t bad;
    struct strbuf out = strbuf_in(arena);
    switch (words_read(arena, text, comments, &words, &bad)) {
    case WORDS_OPEN_QUOTE:
        return str_format(arena, "quote at %zu", bad);
    case WORDS_OPEN_BACKSLASH:
        return str_format(arena, "backslash at %zu", bad);
    case WORDS_READ:
        break;
    }
    for (size_t i = 0; i < words.len; i++) {
        strbuf_addf(&out, "<%.*s@%zu-%zu>", SARG(words.items[i].text), words.items[i].from,
                    words.items[i].to);
    }
    return strbuf_str(&out);
}

/* Expected values are what Python's shlex.split(line, comments=True) gives. */
Test(words, are_cut_as_a_shell_cuts_them)
{
    static const struct {
        str text, expected;
    } rows[] = {
        { S_INIT(""), S_INIT("") },
        { S_INIT("  a\tb "), S_INIT("<a@2-3><b@4-5>") },
        { S_INIT("a 'b c' \"d e\""), S_INIT("<a@0-1><b c@2-7><d e@8-13>") },
        { S_INIT("a='b c'd"), S_INIT("<a=b cd@0-8>") },
        { S_INIT("a\\ b \\#"), S_INIT("<a b@0-4><#@5-7>") },
        { S_INIT("C:\\temp"), S_INIT("<C:temp@0-7>") },
        { S_INIT("a\\\nb"), S_INIT("<a\nb@0-4>") },
        { S_INIT("\"a\\\"b\\\\c\\n\""), S_INIT("<a\"b\\c\\n@0-11>") },
        { S_INIT("\"a\\$b\""), S_INIT("<a\\$b@0-6>") },
        { S_INIT("'a\\'"), S_INIT("<a\\@0-4>") },
        { S_INIT("'' a"), S_INIT("<@0-2><a@3-4>") },
        { S_INIT("a # b"), S_INIT("<a@0-1>") },
        { S_INIT("a #b\nc#d e"), S_INIT("<a@0-1><c@5-6>") },
        { S_INIT("a#b c"), S_INIT("<a@0-1>") },
        { S_INIT("'a'#b"), S_INIT("<a@0-3>") },
        { S_INIT("'#'"), S_INIT("<#@0-3>") },
        { S_INIT("a 'b"), S_INIT("quote at 2") },
        { S_INIT("a \"b\\"), S_INIT("backslash at 4") },
        { S_INIT("a b\\"), S_INIT("backslash at 3") },
    };
    ARENA(arena);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(shown(arena, rows[i].text, WORDS_COMMENTS), rows[i].expected);
    }
}

Test(words, comments)
{
    static const struct {
        str text, none, anywhere;
    } rows[] = {
        { S_INIT("a #b"), S_INIT("<a@0-1><#b@2-4>"), S_INIT("<a@0-1>") },
        { S_INIT("a#b"), S_INIT("<a#b@0-3>"), S_INIT("<a@0-1>") },
        { S_INIT("#a\nb"), S_INIT("<#a@0-2><b@3-4>"), S_INIT("<b@3-4>") },
        { S_INIT("\"a\"#"), S_INIT("<a#@0-4>"), S_INIT("<a@0-3>") },
    };
    ARENA(arena);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(shown(arena, rows[i].text, WORDS_NO_COMMENTS), rows[i].none);
        EQ_STR(shown(arena, rows[i].text, WORDS_COMMENTS), rows[i].anywhere);
    }
}

Test(words, alone)
{
    ARENA(arena);
    struct words words = { 0 };
    cr_assert_not(words_split(arena, S("a 'b"), &words));
    cr_assert_not(words_split(arena, S("a\\"), &words));
    cr_assert(words_split(arena, S("a 'b c' #"), &words));
    cr_assert_eq(words.count, 3);
    EQ_STR(words.items[0], S("a"));
    EQ_STR(words.items[1], S("b c"));
}
