#include "base/diag.h"
#include "check.h"

Test(suggest, nearest)
{
    static const str names[] = {
        S_INIT("copy"),          S_INIT("file"),         S_INIT("template"),
        S_INIT("lineinfile"),    S_INIT("ping"),         S_INIT("become_user"),
        S_INIT("ignore_errors"), S_INIT("gather_facts"), S_INIT("a")
    };
    static const struct {
        str given, expected;
    } rows[] = {
        { S_INIT("copy"), S_INIT("copy") },
        { S_INIT("coyp"), S_INIT("copy") }, /* two letters swapped count once */
        { S_INIT("cpy"), S_INIT("copy") },
        { S_INIT("copyy"), S_INIT("copy") },
        { S_INIT("Copy"), S_INIT("copy") },
        { S_INIT("fiel"), S_INIT("file") },
        { S_INIT("pong"), S_INIT("ping") },
        { S_INIT("templat"), S_INIT("template") },
        { S_INIT("become-user"), S_INIT("become_user") },
        { S_INIT("ingore_erors"), S_INIT("ignore_errors") },
        { S_INIT("xyzzy"), { NULL, 0 } },
        { S_INIT("coxx"), { NULL, 0 } }, /* half of it differs */
        { S_INIT("b"), { NULL, 0 } },
        { S_INIT(""), { NULL, 0 } },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(suggest(rows[i].given, names, ARRAY_LEN(names)), rows[i].expected);
    }
    EQ_STR(suggest(S("copy"), NULL, 0), STR_NONE);
}

Test(suggest, long_names_are_left_alone)
{
    ARENA(arena);
    str name = str_format(arena, "%064d", 1);
    EQ_STR(suggest(name, &name, 1), STR_NONE);
    str shorter = str_part(name, 1, 64);
    EQ_STR(suggest(shorter, &shorter, 1), shorter);
}
