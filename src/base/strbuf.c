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

void strbuf_add_int(struct strbuf *buf, int64_t i)
{
    char digits[24];
    char *first = digits + sizeof digits;
    uint64_t rest = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    do {
        *--first = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (i < 0) {
        *--first = '-';
    }
    strbuf_add(buf, (str){ first, (size_t)(digits + sizeof digits - first) });
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

void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
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

str strbuf_str(struct strbuf *buf)
{
    *strbuf_room(buf, 0) = '\0';
    if (buf->cap - buf->len > 1) {
        arena_shrink(buf->arena, buf->ptr, buf->cap, buf->len + 1);
        buf->cap = buf->len + 1;
    }
    return (str){ buf->ptr, buf->len };
}
