/* Lines cut into words; expected is what Python's shlex.split(line, comments=True) gives. */
#include "check.h"
#include "inventory/words.h"

static const struct row lines[] = {
    { S_INIT(""), S_INIT("") },
    { S_INIT("  a\tb "), S_INIT("<a@2-3><b@4-5>") },
    { S_INIT("a 'b c' \"d e\""), S_INIT("<a@0-1><b c@2-7><d e@8-13>") },
    { S_INIT("a='b c'd"), S_INIT("<a=b cd@0-8>") },
    { S_INIT("a\\ b \\#"), S_INIT("<a b@0-4><#@5-7>") },
    { S_INIT("C:\\temp"), S_INIT("<C:temp@0-7>") },
    { S_INIT("\"a\\\"b\\\\c\\n\""), S_INIT("<a\"b\\c\\n@0-11>") },
    { S_INIT("'a\\'"), S_INIT("<a\\@0-4>") },
    { S_INIT("'' a"), S_INIT("<@0-2><a@3-4>") },
    { S_INIT("a # b"), S_INIT("<a@0-1>") },
    { S_INIT("a#b c"), S_INIT("<a@0-1>") },
    { S_INIT("'a'#b"), S_INIT("<a@0-3>") },
    { S_INIT("'#'"), S_INIT("<#@0-3>") },
    { S_INIT("a 'b"), S_INIT("quote at 2") },
    { S_INIT("a \"b\\"), S_INIT("backslash at 4") },
    { S_INIT("a b\\"), S_INIT("backslash at 3") },
};

static str words_text(struct bench *bench, str line)
{
    struct word_list words = { 0 };
    size_t bad;
    struct strbuf out = strbuf_in(bench->arena);
    switch (words_of_line(bench->arena, line, &words, &bad)) {
    case WORDS_OPEN_QUOTE:
        return str_format(bench->arena, "quote at %zu", bad);
    case WORDS_OPEN_BACKSLASH:
        return str_format(bench->arena, "backslash at %zu", bad);
    case WORDS_READ:
        break;
    }
    for (size_t i = 0; i < words.len; i++) {
        strbuf_addf(&out, "<%.*s@%zu-%zu>", SARG(words.items[i].text), words.items[i].from,
                    words.items[i].to);
    }
    return strbuf_str(&out);
}

Test(words, are_cut_as_a_shell_cuts_them)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        EQ_STR(words_text(&bench, lines[i].text), lines[i].expected, lines[i].text);
    }
}
