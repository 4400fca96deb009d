/*
 * words.h - a line cut into words as a POSIX shell cuts them: quotes, backslashes, `#` comments.
 *
 * Source: Python's shlex.split(line, comments=True), which Ansible uses for the host lines of INI
 * inventories: outside quotes a backslash stands for the next character, between "" only before "
 * and \, between '' never; `#` begins a comment anywhere outside quotes.
 */
#pragma once
#include "base/arena.h"

struct word {
    str text;        /* without quotes and backslashes */
    size_t from, to; /* where it stands in the line, quotes included: bytes [from, to) */
};
struct word_list {
    struct word *items;
    size_t len, cap;
};

enum words_status { WORDS_READ, WORDS_OPEN_QUOTE, WORDS_OPEN_BACKSLASH };

/* On failure *ret_bad is the place of the quote or backslash that has no end. */
enum words_status words_of_line(struct arena *arena, str line, struct word_list *ret,
                                size_t *ret_bad);
