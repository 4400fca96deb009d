/*
 * check.h - what the tests of remote/ share.
 */
#pragma once
#include <criterion/criterion.h>

#include "base/arena.h"
#include "base/str.h"

#define EQ_STR(actual, expected) eq_str((actual), (expected), __LINE__)

static inline void eq_str(str actual, str expected, int line)
{
    cr_assert(str_eq(actual, expected), "line %d:\n     got: '%.*s'\nexpected: '%.*s'", line,
              SARG(actual), SARG(expected));
}
