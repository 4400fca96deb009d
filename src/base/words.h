/*
 * words.h - a text split into words by the rules of a POSIX shell: blanks separate, quotes and
 * backslashes protect. Nothing is expanded.
 *
 * Source: Python's shlex.split: outside quotes a backslash stands for the next character, between
 * "" only before " and \, between '' never. (Arguments written as "key=value" after a module's name
 * follow other rules, which know {{ }}: module/split.c.)
 */
#pragma once
#include "base/arena.h"

/* Whether an unquoted # begins a comment, up to the end of the line; also within a word, which it
 * ends: shlex.split(comments=True). */
enum words_comments { WORDS_NO_COMMENTS, WORDS_COMMENTS };

enum words_status { WORDS_READ, WORDS_OPEN_QUOTE, WORDS_OPEN_BACKSLASH };

struct word {
    str text;        /* without quotes and backslashes; a part of the text given if it has none */
    size_t from, to; /* where it stands in the text, quotes included: bytes [from, to) */
};
struct word_list {
    struct word *items;
    size_t len, cap;
};

/* On failure *ret_bad is the place of the quote or backslash that has no end. */
enum words_status words_read(struct arena *arena, str text, enum words_comments comments,
                             struct word_list *ret, size_t *ret_bad);

struct words {
    const str *items; /* copies in the arena */
    size_t count;
};

/* The words alone, without comments. False: a quote is not closed, or a backslash ends the text. */
bool words_split(struct arena *arena, str text, struct words *ret);
