/*
 * utf8.h - UTF-8, as RFC 3629 has it: no surrogates, nothing above U+10FFFF, shortest forms only.
 */
#pragma once
#include "base/arena.h"

#define UTF8_BAD 0xFFFFFFFFu

/* Decode the character at *at and move behind it. A byte that is no part of a valid sequence gives
 * UTF8_BAD and moves by one. At the end: UTF8_BAD, not moved. */
uint32_t utf8_next(str s, size_t *at);
size_t utf8_encode(uint32_t codepoint,
                   char ret[4]);         /* bytes written; 0 for what is not a character */
bool utf8_valid(str s, size_t *ret_bad); /* ret_bad: offset of the first bad byte; may be NULL */
size_t utf8_length(str s);               /* characters; a bad byte counts as one */
size_t utf8_offset(str s,
                   size_t index); /* byte offset of the index-th character, clamped to the end */
unsigned utf8_columns(uint32_t codepoint);  /* columns on a terminal: 0, 1 or 2 */
bool utf8_is_space(uint32_t codepoint);     /* as Python's str.isspace */
bool utf8_is_printable(uint32_t codepoint); /* as Python's str.isprintable; not UTF8_BAD */
str utf8_repair(struct arena *arena,
                str s); /* bad bytes become U+FFFD; no copy if there are none */

/* The other case of a letter, or the character itself. Knows Latin, Greek, Cyrillic, Armenian,
 * Georgian and full-width letters. */
uint32_t utf8_to_upper(uint32_t codepoint);
uint32_t utf8_to_lower(uint32_t codepoint);
/* As Python's str.upper() and str.lower() for these scripts, so that "\u00df" becomes "SS"; bad
 * bytes stay as they are. */
str utf8_upper(struct arena *arena, str s);
str utf8_lower(struct arena *arena, str s);
