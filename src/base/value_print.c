/* value_print.c - values as text: Python's str() and repr(), and what sinks show. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/textbuf.h"
#include "base/utf8.h"
#include "base/value_private.h"

/* ---- floats ---- */

struct decimal {
    char digits[18]; /* no leading or trailing zeros, but "0" */
    int count;
    int point; /* the value is 0.DIGITS * 10^point */
};

/* Take apart what printf() makes of %e. */
static struct decimal decimal_of(const char *text)
{
    struct decimal decimal = { .point = atoi(strchr(text, 'e') + 1) + 1 };
    for (const char *c = text; *c != 'e'; c++) {
        if (*c != '.') {
            decimal.digits[decimal.count++] = *c;
        }
    }
    while (decimal.count > 1 && decimal.digits[decimal.count - 1] == '0') {
        decimal.count--;
    }
    return decimal;
}

/* The next larger number of as many digits; false if there is none with the same exponent. */
static bool next_decimal(char *text)
{
    for (char *c = strchr(text, 'e'); c-- > text;) {
        if (*c == '9') {
            *c = '0';
        } else if (*c != '.') {
            ++*c;
            return true;
        }
    }
    return false;
}

/*
 * The fewest digits that read back as the positive finite d, and of those the nearest to it. Any 15
 * digits survive a double, so for normal numbers the search begins there. printf() gives the
 * nearest number of so many digits; at a power of two, where doubles lie wider apart above than
 * below, it may fail where the next larger one reads back.
 */
static struct decimal shortest_digits(double d)
{
    char text[32];
    for (int precision = d >= DBL_MIN ? 15 : 1; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision - 1, d);
        if (strtod(text, NULL) == d || (next_decimal(text) && strtod(text, NULL) == d)) {
            return decimal_of(text);
        }
    }
    snprintf(text, sizeof text, "%.16e", d);
    return decimal_of(text);
}

str float_repr(struct arena *arena, double d)
{
    if (isnan(d)) {
        return S("nan");
    }
    if (isinf(d)) {
        return d > 0 ? S("inf") : S("-inf");
    }
    const char *minus = signbit(d) ? "-" : "";
    if (d == 0.0) {
        return str_format(arena, "%s0.0", minus);
    }
    struct decimal n = shortest_digits(fabs(d));
    if (n.point > 16 || n.point < -3) {
        return str_format(arena, "%s%c%s%.*se%+03d", minus, n.digits[0], n.count > 1 ? "." : "",
                          n.count - 1, n.digits + 1, n.point - 1);
    }
    if (n.point <= 0) {
        return str_format(arena, "%s0.%.*s%.*s", minus, -n.point, "0000", n.count, n.digits);
    }
    if (n.count <= n.point) {
        return str_format(arena, "%s%.*s%.*s.0", minus, n.count, n.digits, n.point - n.count,
                          "0000000000000000");
    }
    return str_format(arena, "%s%.*s.%.*s", minus, n.point, n.digits, n.count - n.point,
                      n.digits + n.point);
}

/* ---- strings ---- */

/* One character, as it stands in the quotes of a repr. */
static void repr_char(struct strbuf *out, uint32_t c, str bytes, char quote)
{
    if (c == UTF8_BAD) { /* Python reads such bytes as lone surrogates */
        for (size_t i = 0; i < bytes.len; i++) {
            strbuf_addf(out, "\\udc%02x", (unsigned char)bytes.ptr[i]);
        }
    } else if (c == '\\' || c == (uint32_t)quote) {
        strbuf_add_char(out, '\\');
        strbuf_add_char(out, (char)c);
    } else if (c == '\n') {
        strbuf_add(out, S("\\n"));
    } else if (c == '\r') {
        strbuf_add(out, S("\\r"));
    } else if (c == '\t') {
        strbuf_add(out, S("\\t"));
    } else if (utf8_is_printable(c)) {
        strbuf_add(out, bytes);
    } else {
        strbuf_addf(out, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    }
}

/* Escape a piece that is marked alike throughout; kind 0: not at all. */
static void repr_piece(struct textbuf *out, str piece, unsigned kind, char quote)
{
    struct strbuf escaped = strbuf_in(out->bytes.arena);
    struct strbuf *to = kind == 0 ? &out->bytes : &escaped;
    for (size_t at = 0; at < piece.len;) {
        size_t from = at;
        uint32_t c = utf8_next(piece, &at);
        repr_char(to, c, str_part(piece, from, at), quote);
    }
    if (kind != 0) {
        textbuf_add_marked(out, strbuf_str(&escaped), (enum mark_kind)kind);
    }
}

static void repr_text(struct textbuf *out, const struct text *text)
{
    bool single = str_find_char(text->bytes, '\'', 0) != STR_NPOS;
    bool twofold = str_find_char(text->bytes, '"', 0) != STR_NPOS;
    char quote = single && !twofold ? '"' : '\'';
    textbuf_add_char(out, quote);
    size_t done = 0;
    for (size_t i = 0; i < text->mark_count; i++) {
        struct mark mark = text->marks[i];
        repr_piece(out, str_part(text->bytes, done, mark.from), 0, quote);
        repr_piece(out, str_part(text->bytes, mark.from, mark.to), mark.kind, quote);
        done = mark.to;
    }
    repr_piece(out, str_part(text->bytes, done, text->bytes.len), 0, quote);
    textbuf_add_char(out, quote);
}

/* ---- everything ---- */

static void print_value(struct textbuf *out, value v, bool repr);

static void print_list(struct textbuf *out, value v)
{
    bool tuple = value_is_tuple(v);
    size_t count = v.as.list->count;
    textbuf_add_char(out, tuple ? '(' : '[');
    for (size_t i = 0; i < count; i++) {
        textbuf_add(out, i > 0 ? S(", ") : STR_EMPTY);
        print_value(out, v.as.list->items[i], true);
    }
    textbuf_add(out, tuple ? count == 1 ? S(",)") : S(")") : S("]"));
}

static void print_map(struct textbuf *out, value v)
{
    textbuf_add_char(out, '{');
    for (size_t i = 0; i < v.as.map->count; i++) {
        textbuf_add(out, i > 0 ? S(", ") : STR_EMPTY);
        print_value(out, v.as.map->entries[i].key, true);
        textbuf_add(out, S(": "));
        print_value(out, v.as.map->entries[i].val, true);
    }
    textbuf_add_char(out, '}');
}

static str number_text(struct arena *arena, value v)
{
    struct strbuf digits = strbuf_in(arena);
    if (v.kind == VALUE_FLOAT) {
        return float_repr(arena, v.as.number);
    }
    if (value_is_big(v)) {
        return v.as.text->bytes;
    }
    strbuf_add_int(&digits, v.as.integer);
    return strbuf_str(&digits);
}

static void print_number(struct textbuf *out, value v)
{
    if (value_is_secret_number(v)) {
        textbuf_add_marked(out, number_text(out->bytes.arena, v), MARK_SECRET);
    } else if (v.kind == VALUE_INT && !value_is_big(v)) { /* most of them: without a copy */
        strbuf_add_int(&out->bytes, v.as.integer);
    } else {
        textbuf_add(out, number_text(out->bytes.arena, v));
    }
}

static void print_value(struct textbuf *out, value v, bool repr)
{
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
        textbuf_add(out, S("Undefined"));
        return;
    case VALUE_NULL:
        textbuf_add(out, S("None"));
        return;
    case VALUE_BOOL:
        textbuf_add(out, v.as.boolean ? S("True") : S("False"));
        return;
    case VALUE_INT:
    case VALUE_FLOAT:
        print_number(out, v);
        return;
    case VALUE_UNKNOWN:
    case VALUE_STR:
        if (repr && v.as.text != NULL) {
            bool markup = (v.flags & VALUE_FLAG_MARKUP) != 0;
            textbuf_add(out, markup ? S("Markup(") : STR_EMPTY);
            repr_text(out, v.as.text);
            textbuf_add(out, markup ? S(")") : STR_EMPTY);
        } else {
            textbuf_add_value(out, v);
        }
        return;
    case VALUE_LIST:
        print_list(out, v);
        return;
    case VALUE_MAP:
        print_map(out, v);
        return;
    case VALUE_OBJECT:
        v.as.object->type->print(&out->bytes, v.as.object->data, repr);
        return;
    }
}

void textbuf_add_other(struct textbuf *buf, value v)
{
    if (v.kind == VALUE_INT && (v.flags & (VALUE_FLAG_BIG | VALUE_FLAG_SECRET)) == 0) {
        strbuf_add_int(&buf->bytes, v.as.integer);
    } else {
        print_value(buf, v, false);
    }
}

value value_print(struct arena *arena, value v)
{
    if (v.kind == VALUE_STR) {
        return value_untrusted(v);
    }
    struct textbuf out = textbuf_in(arena);
    print_value(&out, v, false);
    return value_at(textbuf_value(&out), v.at);
}

value value_repr(struct arena *arena, value v)
{
    struct textbuf out = textbuf_in(arena);
    print_value(&out, v, true);
    return value_at(textbuf_value(&out), v.at);
}

str value_masked(struct arena *arena, value v)
{
    value printed = value_print(arena, v);
    const struct text *text = printed.as.text; /* of a string or of an unknown text */
    if (text->mark_count == 0) {
        return text->bytes;
    }
    struct strbuf out = strbuf_in(arena);
    size_t done = 0;
    for (size_t i = 0; i < text->mark_count; i++) {
        struct mark mark = text->marks[i];
        strbuf_add(&out, str_part(text->bytes, done, mark.from));
        strbuf_add(&out, mark.kind == MARK_SECRET ? S(SECRET_MASK) : S("(unknown)"));
        done = mark.to;
    }
    strbuf_add(&out, str_part(text->bytes, done, text->bytes.len));
    return strbuf_str(&out);
}
