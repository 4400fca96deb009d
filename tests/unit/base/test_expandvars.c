#include "base/expandvars.h"

#include <stdlib.h>

#include "check.h"

/* Expected values are what Python's os.path.expandvars gives with A=x$B, B=2 and "C D"=3. */
Test(expandvars, as_python)
{
    ARENA(arena);
    static const struct {
        const char *text, *expanded;
    } rows[] = {
        { "", "" },
        { "plain", "plain" },
        { "$", "$" },
        { "$$B", "$2" },
        { "$B$B/$B", "22/2" },
        { "$A", "x$B" },
        { "${A}${B}", "x$B2" },
        { "$Bx", "$Bx" },
        { "$B-x.$Z", "2-x.$Z" },
        { "${B", "${B" },
        { "${}", "${}" },
        { "${C D}!", "3!" },
        { "${Z}$B", "${Z}2" },
        { "$ B", "$ B" },
        { "\\$B", "\\2" },
        { "a${B}c$", "a2c$" },
        { "$\303\244$B", "$\303\2442" },
    };
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("A"), value_str(arena, S("x$B")));
    map_set_str(&map, S("B"), value_str(arena, S("2")));
    map_set_str(&map, S("C D"), value_str(arena, S("3")));
    map_set_str(&map, S("Z"), value_int(26)); /* no text */
    value set = map_seal(&map), none = { 0 };
    setenv("A", "x$B", 1);
    setenv("B", "2", 1);
    setenv("C D", "3", 1);
    unsetenv("Z");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str text = str_of(rows[i].text);
        EQ_STR(expandvars(arena, text, &set), str_of(rows[i].expanded));
        EQ_STR(expandvars(arena, text, NULL), str_of(rows[i].expanded));
        EQ_STR(expandvars(arena, text, &none), text);
    }
}
