/* test_live.c - a line of a host's output, made fit for a terminal. */
#include <criterion/criterion.h>

#include "base/arena.h"
#include "cli/live.h"

Test(live, text)
{
    static const struct {
        str line, expected;
        size_t columns;
    } rows[] = {
        { S_INIT(""), S_INIT(""), 0 },
        { S_INIT("plain"), S_INIT("plain"), 0 },
        { S_INIT("a\tb"), S_INIT("a b"), 0 },
        { S_INIT("\033[2Jgone"), S_INIT("\\x1b[2Jgone"), 0 },
        { S_INIT("bell\a, delete\177"), S_INIT("bell\\x07, delete\\x7f"), 0 },
        { S_INIT("caf\303\251 \346\227\245"), S_INIT("caf\303\251 \346\227\245"), 0 },
        { S_INIT("bad \377 \303"), S_INIT("bad \\xff \\xc3"), 0 },
        { S_INIT("\302\233"
                 "2J of C1"),
          S_INIT("\\xc2\\x9b"
                 "2J of C1"),
          0 },
        { S_INIT("\342\200\256turned"), S_INIT("\\xe2\\x80\\xaeturned"), 0 },
        { S_INIT("it is hunter22 and hunter2"), S_INIT("it is ******** and hunter2"), 0 },
        { S_INIT("exactly ten"), S_INIT("exactly ten"), 11 },
        { S_INIT("exactly eleven"), S_INIT("exactly ..."), 11 },
        { S_INIT("12\0335678"), S_INIT("12..."), 6 },
        { S_INIT("\346\227\245\346\234\254\350\252\236"), S_INIT("\346\227\245..."), 5 },
        { S_INIT("a secret: hunter22"), S_INIT("a secret: ********"), 18 },
        { S_INIT("a secret: hunter22!"), S_INIT("a secret: *****..."), 18 },
        { S_INIT("abc"), S_INIT(""), 2 },
    };
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    struct secrets *secrets = secrets_new();
    secrets_add(secrets, S("hunter22"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str got = live_text(arena, secrets, rows[i].line, rows[i].columns);
        cr_expect(str_eq(got, rows[i].expected), "row %zu: %.*s", i, SARG(got));
    }
    secrets_free(secrets);
}
