/*
 * strbuf.h - a text under construction, growing in an arena. It moves when it grows
 * (geometrically), and small pieces stay behind in the arena, so take strbuf_str() at the end, not
 * a pointer in between.
 */
#pragma once
#include <stdarg.h>

#include "base/str.h"

struct strbuf {
    struct arena *arena;
    char *ptr;  /* NULL until the first byte */
    size_t len; /* bytes used */
    size_t cap; /* bytes there are */
};

static inline struct strbuf strbuf_in(struct arena *arena)
{
    return (struct strbuf){ .arena = arena };
}

char *strbuf_grow(struct strbuf *buf, size_t bytes); /* of strbuf_room(): there are too few */
/* At least so many writable bytes at the end. */
static inline char *strbuf_room(struct strbuf *buf, size_t bytes)
{
    return buf->cap - buf->len > bytes ? buf->ptr + buf->len : strbuf_grow(buf, bytes);
}
void strbuf_grew(struct strbuf *buf, size_t bytes); /* so many of them were written */

static inline void strbuf_add(struct strbuf *buf, str s)
{
    if (s.len > 0) {
        memcpy(strbuf_room(buf, s.len), s.ptr, s.len);
        buf->len += s.len;
    }
}

static inline void strbuf_add_char(struct strbuf *buf, char c)
{
    *strbuf_room(buf, 1) = c;
    buf->len++;
}

void strbuf_add_int(struct strbuf *buf, int64_t i); /* decimal digits */
void strbuf_add_repeat(struct strbuf *buf, char c, size_t count);
void strbuf_add_utf8(struct strbuf *buf, uint32_t codepoint);
void strbuf_add_hex(struct strbuf *buf, const void *bytes, size_t count); /* lower case */
void strbuf_addf(struct strbuf *buf, const char *format, ...) PRINTF(2, 3);
void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args) PRINTF(2, 0);
void strbuf_truncate(struct strbuf *buf, size_t len);

/* The text so far: shares the buffer's bytes, NUL-terminated behind its end, never STR_NONE. Do not
 * add to the buffer afterwards while the str is used. */
str strbuf_str(struct strbuf *buf);
