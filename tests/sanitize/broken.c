/*
 * broken.c - tests that are wrong on purpose, one for each sanitizer, and one that is right. Run by
 * selftest, to show that a mistake in any test ends red: never part of the tests themselves.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *volatile kept; /* what the compiler must not see through */
static volatile int index_beyond = 16, largest = 0x7fffffff;

Test(broken, right)
{
    kept = malloc(16);
    cr_assert(kept != NULL);
    free(kept);
}

Test(broken, leaks)
{
    kept = malloc(16);
    cr_assert(kept != NULL);
    kept = NULL;
}

Test(broken, overflows)
{
    kept = calloc(1, 16);
    cr_assert(kept[index_beyond] != 1);
    free(kept);
}

Test(broken, undefined)
{
    cr_assert(largest + 1 != 0);
}
