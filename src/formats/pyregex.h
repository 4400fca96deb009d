/*
 * pyregex.h - regular expressions with Python's syntax and meaning (the re module of 3.11), by
 * PCRE2.
 *
 * Texts are UTF-8; a byte that is no valid UTF-8 matches nothing but itself. Offsets are bytes. A
 * match is bounded in steps and memory: an expression that backtracks without end is a diagnostic,
 * not a hang. Refused, with a diagnostic: \N{NAME}, and the flags a, u and x for a part of an
 * expression.
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
    PYREGEX_ASCII = 16,
};

/*
 * NULL after a diagnostic at `at`, which tells the place within the pattern. Cheap when the same
 * expression was compiled shortly before, by whichever thread: the last ones are kept.
 */
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
 * passed. Where nothing but the answer is asked for, arena and ret_match are NULL. */
NODISCARD bool pyregex_exec(const struct pyregex *regex, struct arena *arena, struct diags *diags,
                            str subject, size_t from, enum pyregex_mode mode, bool *ret_found,
                            struct pyregex_match *ret_match);

/* A walk through all matches of a text; begins as { 0 }. */
struct pyregex_walk {
    size_t at;
    bool after_empty; /* then the next match must not be empty at the same place */
    /* whether the text is valid, found out at the first match */
    enum pyregex_utf8 { PYREGEX_UTF8_UNKNOWN, PYREGEX_UTF8, PYREGEX_NOT_UTF8 } subject;
};

/* The next match of re.finditer; otherwise as pyregex_exec. */
NODISCARD bool pyregex_next(const struct pyregex *regex, struct arena *arena, struct diags *diags,
                            str subject, struct pyregex_walk *walk, bool *ret_found,
                            struct pyregex_match *ret_match);

size_t pyregex_groups(const struct pyregex *regex); /* without the whole match */
/* The number of a named group; 0: there is none. */
size_t pyregex_group_index(const struct pyregex *regex, str name);
/* The name of a group; STR_NONE: it has none. Lives as long as the expression. */
str pyregex_group_name(const struct pyregex *regex, size_t group);

/* ---- replacing ---- */

struct pyregex_piece {
    size_t group; /* STR_NPOS: the text */
    str text;
};
struct pyregex_replacement { /* in the arena given */
    struct pyregex_piece *items;
    size_t len, cap;
};

/* A replacement with \1, \g<1>, \g<name> and Python's escapes, cut into pieces. A group that the
 * expression does not have is a diagnostic. */
NODISCARD bool pyregex_parse_replacement(const struct pyregex *regex, struct arena *arena,
                                         struct diags *diags, span at, str text,
                                         struct pyregex_replacement *ret);

/* The replacement of one match. A group that took no part gives nothing. */
NODISCARD bool pyregex_expand(const struct pyregex *regex, struct diags *diags, span at,
                              str replacement, str subject, const struct pyregex_match *match,
                              struct strbuf *out);

/* re.sub; count 0: all. */
NODISCARD bool pyregex_sub(const struct pyregex *regex, struct arena *arena, struct diags *diags,
                           span at, str replacement, str subject, size_t count, str *ret,
                           size_t *ret_replaced);

/* ---- questions ---- */

/* re.search with a pattern used once. */
NODISCARD bool pyregex_found(struct diags *diags, span at, str pattern, str subject, bool *ret);
