/* strbuf.c - texts that grow in an arena. */
#include "base/strbuf.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/utf8.h"

#define FIRST_CAP 64

char *strbuf_grow(struct strbuf *buf, size_t bytes)
{
    size_t need = 0;
    BUG_ON(__builtin_add_overflow(buf->len, bytes, &need) || need > SIZE_MAX / 4);
    size_t cap = buf->cap > 0 ? buf->cap * 2 : FIRST_CAP;
    cap = cap > need ? cap : need + 1; /* one more for the NUL */
    if (buf->ptr == NULL || !arena_extend(buf->arena, buf->ptr, buf->cap, cap)) {
        char *grown = buf->ptr != NULL ? arena_regrow(buf->arena, buf->ptr, buf->cap, cap) : NULL;
        if (grown == NULL) {
            grown = arena_alloc_raw(buf->arena, cap);
            if (buf->len > 0) {
                memcpy(grown, buf->ptr, buf->len);
            }
        }
        buf->ptr = grown;
    }
    buf->cap = cap;
    return buf->ptr + buf->len;
}

void strbuf_grew(struct strbuf *buf, size_t bytes)
{
    BUG_ON(bytes >= buf->cap - buf->len);
    buf->len += bytes;
}

void strbuf_truncate(struct strbuf *buf, size_t len)
{
    BUG_ON(len > buf->len);
    buf->len = len;
}

static void add_uint(struct strbuf *buf, uint64_t i)
{
    char digits[20]; /* as many as 64 bits may need */
    char *first = digits + sizeof digits;
    do {
        *--first = (char)('0' + i % 10);
        i /= 10;
    } while (i > 0);
    strbuf_add(buf, (str){ first, (size_t)(digits + sizeof digits - first) });
}

/* With zeros before it, up to `width`. */
static void add_octal(struct strbuf *buf, unsigned i, size_t width)
{
    char digits[11]; /* as many as 32 bits may need; a width is at most 9 */
    char *end = digits + sizeof digits, *first = end;
    do {
        *--first = (char)('0' + (i & 7));
        i >>= 3;
    } while (i > 0 || (size_t)(end - first) < width);
    strbuf_add(buf, (str){ first, (size_t)(end - first) });
}

void strbuf_add_int(struct strbuf *buf, int64_t i)
{
    if (i < 0) {
        strbuf_add_char(buf, '-');
    }
    add_uint(buf, i < 0 ? 0 - (uint64_t)i : (uint64_t)i);
}

void strbuf_add_repeat(struct strbuf *buf, char c, size_t count)
{
    memset(strbuf_room(buf, count), c, count);
    buf->len += count;
}

void strbuf_add_utf8(struct strbuf *buf, uint32_t codepoint)
{
    char bytes[4];
    size_t len = utf8_encode(codepoint, bytes);
    strbuf_add(buf, len > 0 ? (str){ bytes, len } : S("\xEF\xBF\xBD"));
}

void strbuf_add_hex(struct strbuf *buf, const void *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *byte = bytes;
    char *room = strbuf_room(buf, 2 * count);
    for (size_t i = 0; i < count; i++) {
        room[2 * i] = digits[byte[i] >> 4];
        room[2 * i + 1] = digits[byte[i] & 15];
    }
    buf->len += 2 * count;
}

void strbuf_addf(struct strbuf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_vaddf(buf, format, args);
    va_end(args);
}

/* ---- formats ---- */

/* A "%s" or "%.*s", up to its NUL. */
static void add_text(struct strbuf *buf, const char *text, int most)
{
    if (most != 0) {
        text = text != NULL ? text : "(null)";
        strbuf_add(buf, (str){ text, most < 0 ? strlen(text) : strnlen(text, (size_t)most) });
    }
}

struct arguments { /* a va_list that functions can take from */
    va_list list;
};

/* The conversion behind a '%', which *format is moved past. False: it is none of these. */
static bool add_conversion(struct strbuf *buf, const char **format, struct arguments *args)
{
    const char *at = *format;
    if (at[0] == '.' && at[1] == '*' && at[2] == 's') {
        int most = va_arg(args->list, int);
        add_text(buf, va_arg(args->list, const char *), most);
        *format += 3;
        return true;
    }
    if (at[0] == 'z' && at[1] == 'u') {
        add_uint(buf, va_arg(args->list, size_t));
        *format += 2;
        return true;
    }
    if (at[0] == '0' && at[1] >= '1' && at[1] <= '9' && at[2] == 'o') {
        add_octal(buf, va_arg(args->list, unsigned), (size_t)(at[1] - '0'));
        *format += 3;
        return true;
    }
    switch (at[0]) {
    case 's':
        add_text(buf, va_arg(args->list, const char *), -1);
        break;
    case 'd':
        strbuf_add_int(buf, va_arg(args->list, int));
        break;
    case 'u':
        add_uint(buf, va_arg(args->list, unsigned));
        break;
    case 'c':
        strbuf_add_char(buf, (char)va_arg(args->list, int));
        break;
    case '%':
        strbuf_add_char(buf, '%');
        break;
    default:
        return false;
    }
    ++*format;
    return true;
}

/* What nearly all formats are made of, at a tenth of printf's cost. False: there is something else
 * in this one; a part of it may have been added. */
static bool add_simple(struct strbuf *buf, const char *format, struct arguments *args)
{
    for (;;) {
        const char *end = strchrnul(format, '%');
        strbuf_add(buf, (str){ format, (size_t)(end - format) });
        format = end;
        if (*format == '\0') {
            return true;
        }
        format++;
        if (!add_conversion(buf, &format, args)) {
            return false;
        }
    }
}

PRINTF(2, 0) static void add_any(struct strbuf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    strbuf_room(buf, 1);
    size_t room = buf->cap - buf->len;
    int len = vsnprintf(buf->ptr + buf->len, room, format, args);
    BUG_ON(len < 0);
    if ((size_t)len >= room) {
        vsnprintf(strbuf_room(buf, (size_t)len), (size_t)len + 1, format, again);
    }
    va_end(again);
    buf->len += (size_t)len;
}

void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
{
    size_t before = buf->len;
    struct arguments simple;
    va_copy(simple.list, args);
    if (!add_simple(buf, format, &simple)) {
        buf->len = before;
        add_any(buf, format, args);
    }
    va_end(simple.list);
}

str strbuf_str(struct strbuf *buf)
{
    *strbuf_room(buf, 0) = '\0';
    if (buf->cap - buf->len > 1) {
        arena_shrink(buf->arena, buf->ptr, buf->cap, buf->len + 1);
        buf->cap = buf->len + 1;
    }
    return (str){ buf->ptr, buf->len };
}
