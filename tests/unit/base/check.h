/* check.h - what the tests of base/ share: an arena for each test, and comparing texts. */
#pragma once
#include <criterion/criterion.h>

#include "base/arena.h"

#define ARENA(name) CLEANUP(release_arena) struct arena *name = arena_new("test")

#define EQ_STR(actual, expected, ...) eq_str((actual), (expected), __LINE__, "" __VA_ARGS__)

static inline void eq_str(str actual, str expected, int line, const char *what)
{
    str a = str_is_none(actual) ? S("(none)") : actual;
    str b = str_is_none(expected) ? S("(none)") : expected;
    cr_assert(str_eq(actual, expected), "line %d: %s: got '%.*s', expected '%.*s'", line, what,
              SARG(a), SARG(b));
}
