/*
 * words.h - a text split into words by the rules of a POSIX shell: blanks separate, quotes and
 * backslashes protect. Nothing is expanded. As Python's shlex.split.
 */
#pragma once
#include "base/arena.h"

struct words {
    const str *items;
    size_t count;
};

/* False: a quote is not closed, or a backslash ends the text. `comments`: an unquoted # begins a
 * comment. */
bool words_split(struct arena *arena, str text, bool comments, struct words *ret);
