/* Quoting for a POSIX sh; that shells read it back is held by tests/fuzz/fuzz_quote.c. */
#include "check.h"

static const struct {
    str word, quoted;
} rows[] = {
    { S_INIT(""), S_INIT("''") },
    { S_INIT("plain"), S_INIT("plain") },
    { S_INIT("/usr/bin/a-b_c.d"), S_INIT("/usr/bin/a-b_c.d") },
    { S_INIT("user@host:port,2%"), S_INIT("user@host:port,2%") },
    { S_INIT("two words"), S_INIT("'two words'") },
    { S_INIT("it's"), S_INIT("'it'\\''s'") },
    { S_INIT("'"), S_INIT("''\\'''") },
    { S_INIT("''"), S_INIT("''\\'''\\'''") },
    { S_INIT("$HOME `id` \\ \" !"), S_INIT("'$HOME `id` \\ \" !'") },
    { S_INIT("~root"), S_INIT("'~root'") },
    { S_INIT("a=b"), S_INIT("'a=b'") },
    { S_INIT("line\nbreak"), S_INIT("'line\nbreak'") },
    { S_INIT("*?[]{}"), S_INIT("'*?[]{}'") },
    { S_INIT("#x"), S_INIT("'#x'") },
    { S_INIT("\xff\xc3\xa9"), S_INIT("'\xff\xc3\xa9'") },
};

Test(quote, rows)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(shell_quote(bench.arena, rows[i].word), rows[i].quoted, rows[i].word);
    }
}
