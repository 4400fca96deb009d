/*
 * pyregex_syntax.h - a regular expression as Python writes it, told as PCRE2 writes it. For
 * pyregex.c alone. Source: the documentation of Python 3.11's re, and what re answers.
 */
#pragma once
#include "base/arena.h"

struct pyregex_text {
    str text;       /* for PCRE2 */
    unsigned flags; /* those given, and those that stand in front: (?im) */
};

struct pyregex_mistake {
    const char *why;
    size_t at; /* byte of the pattern */
};

/*
 * What Python writes otherwise is written anew (\Z, \u20ac, {,3}, octal numbers, comments); what
 * only PCRE2 understands ([:alpha:], \K, (?<name>...), (*VERB), recursion) is text or a mistake, as
 * in Python. Quantifiers, brackets and names are left to PCRE2 to check.
 */
NODISCARD bool pyregex_translate(struct arena *arena, str pattern, unsigned flags,
                                 struct pyregex_text *ret, struct pyregex_mistake *ret_mistake);
