/* str.c - texts as pointer and length. */
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/strbuf.h"

str str_part(str s, size_t from, size_t to)
{
    to = to < s.len ? to : s.len;
    from = from < to ? from : to;
    return s.ptr == NULL ? STR_NONE : (str){ s.ptr + from, to - from };
}

/* ---- comparing ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

bool str_eq_nocase(str a, str b)
{
    if (a.ptr == NULL || b.ptr == NULL) {
        return a.ptr == b.ptr;
    }
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

int str_cmp(str a, str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.ptr, b.ptr, common) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_items(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

void str_sort(str *items, size_t count)
{
    if (count > 1) {
        qsort(items, count, sizeof *items, compare_items);
    }
}

bool str_starts(str s, str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

bool str_ends(str s, str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* ---- hashing ---- */

/* Keys of maps come from hosts, too: SipHash-1-3 (Aumasson and Bernstein) under a key drawn at the
 * start keeps a hostile host from choosing colliding ones. */
static uint64_t hash_key[2];

__attribute__((constructor)) static void draw_hash_key(void)
{
    if (getrandom(hash_key, sizeof hash_key, GRND_NONBLOCK) != (ssize_t)sizeof hash_key) {
        hash_key[0] = (uint64_t)(uintptr_t)&hash_key; /* early at boot: only weaker, not wrong */
    }
}

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

uint64_t str_hash(str s)
{
    uint64_t v[4] = { hash_key[0] ^ 0x736f6d6570736575u, hash_key[1] ^ 0x646f72616e646f6du,
                      hash_key[0] ^ 0x6c7967656e657261u, hash_key[1] ^ 0x7465646279746573u };
    size_t at = 0;
    for (; s.len - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, s.ptr + at, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    uint64_t last = (uint64_t)s.len << 56;
    if (at < s.len) {
        memcpy(&last, s.ptr + at, s.len - at); /* the length stays in the byte never reached */
    }
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- searching ---- */

size_t str_find(str s, str needle, size_t from)
{
    if (from > s.len) {
        return STR_NPOS;
    }
    if (needle.len == 0) {
        return from;
    }
    if (s.len - from < needle.len) {
        return STR_NPOS;
    }
    if (needle.len == 1) {
        return str_find_char(s, needle.ptr[0], from);
    }
    const char *found = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
    return found != NULL ? (size_t)(found - s.ptr) : STR_NPOS;
}

size_t str_rfind(str s, str needle)
{
    if (needle.len > s.len) {
        return STR_NPOS;
    }
    if (needle.len == 1) {
        const char *found = s.len > 0 ? memrchr(s.ptr, needle.ptr[0], s.len) : NULL;
        return found != NULL ? (size_t)(found - s.ptr) : STR_NPOS;
    }
    for (size_t at = s.len - needle.len + 1; at-- > 0;) {
        if (str_starts(str_part(s, at, s.len), needle)) {
            return at;
        }
    }
    return STR_NPOS;
}

size_t str_find_char(str s, char c, size_t from)
{
    if (from >= s.len) {
        return STR_NPOS;
    }
    const char *found = memchr(s.ptr + from, c, s.len - from);
    return found != NULL ? (size_t)(found - s.ptr) : STR_NPOS;
}

size_t str_count(str s, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++) {
        count += s.ptr[i] == c;
    }
    return count;
}

/* ---- trimming and cutting ---- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

str str_trim_left(str s)
{
    while (s.len > 0 && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    return s;
}

str str_trim_right(str s)
{
    while (s.len > 0 && is_space(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

str str_trim(str s)
{
    return str_trim_left(str_trim_right(s));
}

str str_cut(str *rest, char sep)
{
    str all = *rest;
    size_t at = str_find_char(all, sep, 0);
    if (at == STR_NPOS) {
        *rest = STR_NONE;
        return all;
    }
    *rest = str_part(all, at + 1, all.len);
    return str_part(all, 0, at);
}

str str_cut_line(str *rest)
{
    str line = str_cut(rest, '\n');
    if (rest->len == 0) {
        *rest = STR_NONE;
    }
    return line;
}

/* ---- numbers ---- */

bool str_to_int64(str s, int64_t *ret)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    size_t at = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+') ? 1 : 0;
    uint64_t number = 0;
    if (!str_to_base(str_part(s, at, s.len), 10, &number) ||
        number > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return false;
    }
    *ret = negative ? (int64_t)(0 - number) : (int64_t)number;
    return true;
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    c = lower(c);
    return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 99;
}

bool str_to_base(str s, unsigned base, uint64_t *ret)
{
    uint64_t number = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = digit_value(s.ptr[i]);
        if (digit >= base || __builtin_mul_overflow(number, base, &number) ||
            __builtin_add_overflow(number, digit, &number)) {
            return false;
        }
    }
    if (s.len == 0) {
        return false;
    }
    *ret = number;
    return true;
}

/* ---- hexadecimal ---- */

int hex_digit(char c)
{
    unsigned digit = digit_value(c);
    return digit < 16 ? (int)digit : -1;
}

bool str_from_hex(struct arena *arena, str text, str *ret)
{
    char *bytes = arena_alloc(arena, text.len / 2 + 1);
    size_t count = 0;
    int high = -1;
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_digit(text.ptr[i]);
        if (digit < 0 && !is_space(text.ptr[i])) {
            return false;
        }
        if (digit >= 0 && high >= 0) {
            bytes[count++] = (char)(high << 4 | digit);
            high = -1;
        } else if (digit >= 0) {
            high = digit;
        }
    }
    *ret = (str){ bytes, count };
    return high < 0;
}

str str_hex(struct arena *arena, const void *bytes, size_t count)
{
    struct strbuf hex = strbuf_in(arena);
    strbuf_add_hex(&hex, bytes, count);
    return strbuf_str(&hex);
}

str str_random_hex(struct arena *arena, size_t bytes)
{
    char random[256]; /* as much as the kernel gives at once */
    BUG_ON(bytes > sizeof random || getrandom(random, bytes, 0) != (ssize_t)bytes);
    return str_hex(arena, random, bytes);
}

/* ---- making new ones ---- */

static char *room_for(struct arena *arena, size_t len)
{
    char *room = arena_alloc_raw(arena, len + 1);
    room[len] = '\0';
    return room;
}

str str_copy(struct arena *arena, str s)
{
    if (str_is_none(s)) {
        return s;
    }
    return (str){ memcpy(room_for(arena, s.len), s.ptr, s.len), s.len };
}

const char *str_c(struct arena *arena, str s)
{
    char *room = room_for(arena, s.len);
    return s.len > 0 ? memcpy(room, s.ptr, s.len) : room;
}

str str_format(struct arena *arena, const char *format, ...)
{
    struct strbuf buf = strbuf_in(arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&buf, format, args);
    va_end(args);
    return strbuf_str(&buf);
}

str str_concat(struct arena *arena, str a, str b)
{
    return str_concat_all(arena, (str[]){ a, b }, 2);
}

str str_concat_all(struct arena *arena, const str *parts, size_t count)
{
    size_t len = 0, at = 0;
    for (size_t i = 0; i < count; i++) {
        len += parts[i].len;
    }
    char *room = room_for(arena, len);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 0) {
            memcpy(room + at, parts[i].ptr, parts[i].len);
            at += parts[i].len;
        }
    }
    return (str){ room, len };
}

str str_replace(struct arena *arena, str s, str from, str to)
{
    struct strbuf buf = strbuf_in(arena);
    size_t at = 0;
    for (size_t hit; (hit = str_find(s, from, at)) != STR_NPOS; at = hit + from.len) {
        strbuf_add(&buf, str_part(s, at, hit));
        strbuf_add(&buf, to);
    }
    strbuf_add(&buf, str_part(s, at, s.len));
    return strbuf_str(&buf);
}

static str each_byte(struct arena *arena, str s, char (*change)(char))
{
    if (str_is_none(s)) {
        return s;
    }
    char *room = room_for(arena, s.len);
    for (size_t i = 0; i < s.len; i++) {
        room[i] = change(s.ptr[i]);
    }
    return (str){ room, s.len };
}

str str_lower(struct arena *arena, str s)
{
    return each_byte(arena, s, lower);
}

str str_upper(struct arena *arena, str s)
{
    return each_byte(arena, s, upper);
}
