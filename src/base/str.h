/*
 * str.h - text as a pointer and a length, passed by value. A str owns nothing: its bytes live in an
 * arena or are literals, and are never changed through it. It may hold any byte, NUL included; it
 * is not NUL-terminated unless a function says so.
 *
 * Print one with "%.*s" and SARG(s).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NODISCARD    __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define SARG(s)      (int)(s).len, (s).ptr
#define S(literal)   ((str){ "" literal, sizeof(literal) - 1 })
#define S_INIT(literal)                                                                            \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    } /* for static tables */
#define STR_NONE  ((str){ NULL, 0 })
#define STR_EMPTY S("")

typedef struct {
    const char *ptr; /* NULL only in STR_NONE: "no text at all", unlike the empty text */
    size_t len;      /* bytes */
} str;

struct arena;

static inline bool str_is_none(str s)
{
    return s.ptr == NULL;
}

/* Of a NUL-terminated text; NULL gives STR_NONE; no copy. */
static inline str str_of(const char *text)
{
    return text != NULL ? (str){ text, strlen(text) } : STR_NONE;
}
str str_part(str s, size_t from,
             size_t to); /* bytes [from, to), both clamped to the length; no copy */

/* STR_NONE equals only STR_NONE. */
static inline bool str_eq(str a, str b)
{
    if (a.ptr == NULL || b.ptr == NULL) {
        return a.ptr == b.ptr;
    }
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}
/* Of an ASCII name: a letter, a digit or '_'. */
static inline bool str_name_char(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

bool str_eq_nocase(str a, str b);        /* ASCII letters only */
int str_cmp(str a, str b);               /* by bytes, a prefix first: <0, 0, >0 */
void str_sort(str *items, size_t count); /* by str_cmp */
bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);
uint64_t str_hash(str s);

#define STR_NPOS SIZE_MAX
size_t str_find(str s, str needle, size_t from); /* first at or after from, or STR_NPOS */
size_t str_rfind(str s, str needle);             /* last, or STR_NPOS */
size_t str_find_char(str s, char c, size_t from);
size_t str_count(str s, char c); /* how often it is there */

str str_trim(str s); /* without ASCII white space at both ends; no copy */
str str_trim_right(str s);
str str_trim_left(str s);

/* Cut *rest at the first `sep`: returns the part before it and leaves the part behind it; at the
 * end the whole rest, leaving STR_NONE. Loop: while (!str_is_none(rest)) part = str_cut(&rest,
 * ','). */
str str_cut(str *rest, char sep);
/* The same at '\n'; a last empty line after a final newline is not given. An empty text is one
 * empty line: ask before the loop where it should be none. */
str str_cut_line(str *rest);

bool str_to_int64(str s, int64_t *ret); /* optional sign, decimal digits, nothing else */
bool str_to_base(str s, unsigned base, uint64_t *ret); /* digits only, no sign or prefix */

int hex_digit(char c); /* 0 to 15, or -1 */
/* Bytes of two hexadecimal digits each; white space is passed over. False: anything else is there.
 */
bool str_from_hex(struct arena *arena, str text, str *ret);
str str_hex(struct arena *arena, const void *bytes, size_t count); /* lower case */
str str_random_hex(struct arena *arena, size_t bytes); /* of so many random bytes, at most 256 */

str str_copy(struct arena *arena, str s);      /* copied bytes are NUL-terminated behind the end */
const char *str_c(struct arena *arena, str s); /* NUL-terminated copy, for system calls */
str str_format(struct arena *arena, const char *format, ...) PRINTF(2, 3);
str str_concat(struct arena *arena, str a, str b);
str str_concat_all(struct arena *arena, const str *parts, size_t count);
str str_replace(struct arena *arena, str s, str from, str to); /* all; `from` not empty */
str str_lower(struct arena *arena, str s); /* ASCII only; see utf8.h for the rest */
str str_upper(struct arena *arena, str s);
