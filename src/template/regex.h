/*
 * regex.h - regular expressions with Python's syntax and results, through PCRE2.
 *
 * Compiled patterns are kept per thread. What Python writes differently is translated: (?P=name),
 * \Z, \N{...} is refused, "$" only before a last newline.
 */
#pragma once
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "template/core.h"

enum regex_flag {
    REGEX_IGNORECASE = 1,
    REGEX_MULTILINE = 2,
    REGEX_DOTALL = 4,
    REGEX_ANCHORED = 8,
    REGEX_FULL = 16,
    REGEX_NOT_EMPTY = 32 /* at the place where the search begins */
};

struct regex {
    pcre2_code *code;
    pcre2_match_data *match;
    uint32_t groups; /* without the whole match */
};

/* False after a diagnostic of the call. The regex is released with the call's arena. */
NODISCARD bool regex_compile(struct call *call, str pattern, unsigned flags, struct regex *ret);
/* Search from a byte on; offsets are pairs, PCRE2_UNSET for groups that took no part. */
NODISCARD bool regex_match(struct call *call, const struct regex *regex, str text, size_t from,
                           unsigned options, bool *ret_found, const size_t **ret_offsets);
/* The number of a named group, or -1. */
int regex_group(const struct regex *regex, struct arena *arena, str name);
