/* address.c - host names, addresses and ranges. */
#include "inventory/address.h"

#include <string.h>

#include "base/strbuf.h"

#define HOSTS_MAX 1000000 /* names from one pattern */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool is_hex(char c)
{
    return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static size_t count_while(str s, size_t from, bool (*is)(char))
{
    size_t at = from;
    while (at < s.len && is(s.ptr[at])) {
        at++;
    }
    return at - from;
}

/* ---- what is an address ---- */

/* Length of "[begin:end]" or "[begin:end:step]" at `from`; begin and end are made of `is`, a lone
 * letter each if `letters`; 0: there is none. */
static size_t range_length(str s, size_t from, bool (*is)(char), bool letters)
{
    size_t at = from;
    if (at >= s.len || s.ptr[at++] != '[') {
        return 0;
    }
    bool lone = letters && at < s.len && is_letter(s.ptr[at]);
    size_t begin = lone ? 1 : count_while(s, at, is);
    at += begin;
    if (begin == 0 || at >= s.len || s.ptr[at++] != ':') {
        return 0;
    }
    size_t end = lone ? (at < s.len && is_letter(s.ptr[at])) : count_while(s, at, is);
    at += end;
    if (end == 0) {
        return 0;
    }
    if (at < s.len && s.ptr[at] == ':') {
        size_t step = count_while(s, at + 1, is_digit);
        if (step == 0) {
            return 0;
        }
        at += 1 + step;
    }
    return at < s.len && s.ptr[at] == ']' ? at + 1 - from : 0;
}

static bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Labels with dots between them; one begins with a letter or digit and does not end with '-' or
 * '_'. IPv4 addresses are such names, too. */
static bool is_hostname(str s)
{
    bool at_start = true;
    char last = '.';
    for (size_t at = 0; at < s.len;) {
        char c = s.ptr[at];
        size_t range = range_length(s, at, is_digit, true);
        if (range == 0 && c == '.') {
            if (at_start || last == '-' || last == '_') {
                return false;
            }
        } else if (range == 0 && !is_word(c) && (at_start || c != '-')) {
            return false;
        }
        at_start = range == 0 && c == '.';
        last = range > 0 ? ']' : c;
        at += range > 0 ? range : 1;
    }
    return !at_start && last != '-' && last != '_';
}

static size_t component_length(str s, size_t from)
{
    size_t digits = count_while(s, from, is_hex);
    return digits > 0 ? (digits > 4 ? 4 : digits) : range_length(s, from, is_hex, false);
}

/* As Ansible: once the beginning is that of an IPv6 address with "::", the rest may be anything. */
static bool is_ipv6(str s)
{
    if (str_starts(s, S("::"))) {
        return true;
    }
    size_t at = 0;
    for (unsigned parts = 1; parts <= 8; parts++) {
        size_t length = component_length(s, at);
        if (length == 0) {
            return false;
        }
        at += length;
        if (parts == 8) {
            return true;
        }
        if (at >= s.len || s.ptr[at] != ':') {
            return false;
        }
        at++;
        if (at < s.len && s.ptr[at] == ':' && parts <= 6) {
            return true;
        }
    }
    return false;
}

static bool to_port(str digits, int64_t *ret)
{
    for (size_t i = 0; i < digits.len; i++) {
        if (!is_digit(digits.ptr[i])) {
            return false;
        }
    }
    return digits.len > 0 && str_to_int64(digits, ret);
}

/* "name:22": no colon in the name outside of complete brackets. */
static bool split_port(str text, str *ret_host, int64_t *ret_port)
{
    size_t colon = str_rfind(text, S(":"));
    int64_t port;
    if (colon == STR_NPOS || !to_port(str_part(text, colon + 1, text.len), &port)) {
        return false;
    }
    for (size_t at = 0; at < colon; at++) {
        if (text.ptr[at] == '[') {
            at = str_find_char(text, ']', at);
            if (at == STR_NPOS || at > colon) {
                return false;
            }
        } else if (text.ptr[at] == ':' || text.ptr[at] == ']') {
            return false;
        }
    }
    *ret_host = str_part(text, 0, colon);
    *ret_port = port;
    return true;
}

static bool split_bracketed(str text, str *ret_host, int64_t *ret_port)
{
    size_t end = str_rfind(text, S("]:"));
    if (!str_starts(text, S("[")) || end == STR_NPOS || end < 2 ||
        !to_port(str_part(text, end + 2, text.len), ret_port)) {
        return false;
    }
    *ret_host = str_part(text, 1, end);
    return true;
}

bool address_split(str text, bool ranges, str *ret_host, int64_t *ret_port)
{
    str host = text, inner;
    int64_t port = PORT_NONE;
    if (split_bracketed(host, &inner, &port)) {
        host = inner;
    }
    if (split_port(host, &inner, &port)) {
        host = inner;
    }
    if ((!is_hostname(host) && !is_ipv6(host)) ||
        (!ranges && str_find_char(host, '[', 0) != STR_NPOS)) {
        return false;
    }
    *ret_host = host;
    *ret_port = port;
    return true;
}

/* ---- ranges ---- */

struct range {
    str head, tail;
    int64_t begin, end, step; /* end: included */
    size_t width;             /* padded with zeros to it; 0: not */
    bool letters;
};

struct expansion {
    struct arena *arena;
    struct diags *diags;
    span at;
    str text; /* as written, for messages */
    struct str_list *out;
};

static bool refuse(const struct expansion *e, const char *why, const char *hint)
{
    struct diag *diag = diag_error(e->diags, e->at, "range in '%.*s' %s", SARG(e->text), why);
    diag_hint(diag, "%s", hint);
    return false;
}

/* Place of a letter in a-z, then A-Z. */
static bool letter_place(str s, int64_t *ret)
{
    if (s.len != 1 || !is_letter(s.ptr[0])) {
        return false;
    }
    *ret = s.ptr[0] >= 'a' ? s.ptr[0] - 'a' : s.ptr[0] - 'A' + 26;
    return true;
}

static bool read_bounds(const struct expansion *e, str begin, str end, struct range *range)
{
    if (begin.len == 0) {
        begin = S("0");
    }
    if (end.len == 0) {
        return refuse(e, "has no end", "write it as [begin:end] or [begin:end:step]");
    }
    if (begin.ptr[0] == '0' && begin.len > 1) {
        range->width = begin.len;
        if (begin.len != end.len) {
            return refuse(e, "begins with zeros, but its ends differ in length",
                          "write both ends with as many digits: [001:100]");
        }
    }
    if (letter_place(begin, &range->begin) && letter_place(end, &range->end)) {
        range->letters = true;
        if (range->begin > range->end) {
            return refuse(e, "runs backwards", "letters run from a to z, then from A to Z");
        }
        return true;
    }
    if (!str_to_int64(begin, &range->begin) || !str_to_int64(end, &range->end)) {
        return refuse(e, "is neither of numbers nor of letters",
                      "a range is written [1:10], [01:10], [1:10:2] or [a:f]");
    }
    return true;
}

/* Cut a name at its first brackets. */
static bool read_range(const struct expansion *e, str name, struct range *range)
{
    size_t open = str_find_char(name, '[', 0), close = str_find_char(name, ']', 0);
    if (close == STR_NPOS || close < open) {
        return refuse(e, "has no end", "close it with ']'");
    }
    *range = (struct range){ .head = str_part(name, 0, open),
                             .tail = str_part(name, close + 1, name.len),
                             .step = 1 };
    str rest = str_part(name, open + 1, close);
    str begin = str_cut(&rest, ':');
    if (str_is_none(rest)) {
        return refuse(e, "has no ':'", "write it as [begin:end] or [begin:end:step]");
    }
    str end = str_cut(&rest, ':');
    str step = str_is_none(rest) ? S("1") : rest;
    if (!str_to_int64(step, &range->step) || range->step == 0) {
        return refuse(e, "has a step that is no number above zero",
                      "write it as [begin:end:step], such as [1:10:2]");
    }
    return read_bounds(e, begin, end, range);
}

static str range_name(struct arena *arena, const struct range *range, int64_t number)
{
    struct strbuf out = strbuf_in(arena);
    strbuf_add(&out, range->head);
    if (range->letters) {
        strbuf_add_char(&out, (char)(number < 26 ? 'a' + number : 'A' + number - 26));
    } else {
        strbuf_addf(&out, "%0*lld", (int)range->width, (long long)number);
    }
    strbuf_add(&out, range->tail);
    return strbuf_str(&out);
}

static bool expand(const struct expansion *e, str name)
{
    if (str_find_char(name, '[', 0) == STR_NPOS) {
        if (e->out->len >= HOSTS_MAX) {
            return refuse(e, "means more than a million hosts", "name fewer hosts");
        }
        *VEC_PUSH(e->arena, e->out) = name;
        return true;
    }
    struct range range;
    if (!read_range(e, name, &range)) {
        return false;
    }
    int64_t limit = range.letters || range.step > 0 ? range.end : range.end + 2;
    for (int64_t i = range.begin; range.step > 0 ? i <= limit : i >= limit; i += range.step) {
        if (!expand(e, range_name(e->arena, &range, i))) {
            return false;
        }
        if (range.step > 0 ? limit - i < range.step : limit - i > range.step) {
            break; /* the next would be behind the end, or no number of 64 bits */
        }
    }
    return true;
}

bool address_expand(struct arena *arena, struct diags *diags, str text, span at,
                    struct str_list *ret)
{
    struct expansion e = { arena, diags, at, text, ret };
    return expand(&e, text);
}
