/*
 * literal.h - Python literals, as ast.literal_eval reads them: what a value in an INI inventory may
 * be written as. Numbers with underscores and of any length, texts with prefixes and escapes,
 * lists, tuples, maps, sets, True, False, None; `#` begins a comment.
 *
 * Source: The Python Language Reference 3.11, chapter 2 and "Atoms".
 */
#pragma once
#include "base/value.h"

enum literal_status {
    LITERAL_READ,
    LITERAL_NONE,       /* the text is no literal: it means itself */
    LITERAL_UNHASHABLE, /* a literal that Python cannot build: a list as a key or in a set */
};

/* A text of bytes (b'x') becomes a string when it is the whole value. Strings of the result are
 * trusted, and everything in it is placed at `at`. Not told apart from a text: complex numbers,
 * `...`, named characters (\N{...}). */
enum literal_status literal_read(struct arena *arena, str text, span at, value *ret);
