/*
 * pyregex.h - regular expressions with Python's syntax and meaning (the re module of 3.11), by
 * PCRE2.
 *
 * Texts are UTF-8; a byte that is no valid UTF-8 matches nothing but itself. Offsets are bytes. A
 * match is bounded in steps and depth: an expression that backtracks without end is a diagnostic,
 * not a hang.
 */
#pragma once
#include "base/diag.h"
#include "base/value.h"

struct pyregex; /* belongs to the arena it was compiled in; may be used from several threads */

enum pyregex_flag {
    PYREGEX_IGNORECASE = 1,
    PYREGEX_MULTILINE = 2,
    PYREGEX_DOTALL = 4,
    PYREGEX_VERBOSE = 8,
};

/* NULL after a diagnostic at `at`, which tells the place within the pattern. */
struct pyregex *pyregex_compile(struct arena *arena, struct diags *diags, span at, str pattern,
                                unsigned flags);

struct pyregex_group {
    size_t from, to; /* STR_NPOS: the group took no part in the match */
};
struct pyregex_match {
    const struct pyregex_group *groups; /* [0]: the whole match; in the arena given */
    size_t count;                       /* groups of the expression, and one */
};

enum pyregex_mode { PYREGEX_SEARCH, PYREGEX_MATCH, PYREGEX_FULLMATCH };

/* Whether there is a match at or after `from`. False in the result and a diagnostic: a limit was
 * passed. */
NODISCARD bool pyregex_exec(const struct pyregex *regex, struct arena *arena, struct diags *diags,
                            str subject, size_t from, enum pyregex_mode mode, bool *ret_found,
                            struct pyregex_match *ret_match);

size_t pyregex_groups(const struct pyregex *regex); /* without the whole match */
/* The number of a named group; 0: there is none. */
size_t pyregex_group_index(const struct pyregex *regex, str name);

/* A replacement with \1, \g<1>, \g<name> and Python's escapes, for one match. A group that took no
 * part gives nothing; one that does not exist is a diagnostic. */
NODISCARD bool pyregex_expand(const struct pyregex *regex, struct diags *diags, span at,
                              str replacement, str subject, const struct pyregex_match *match,
                              struct strbuf *out);

/* re.sub; count 0: all. */
NODISCARD bool pyregex_sub(const struct pyregex *regex, struct arena *arena, struct diags *diags,
                           span at, str replacement, str subject, size_t count, str *ret,
                           size_t *ret_replaced);

/* re.search with a pattern used once. */
NODISCARD bool pyregex_found(struct diags *diags, span at, str pattern, str subject, bool *ret);
