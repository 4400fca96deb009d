/*
 * json_write.c - json.dumps. The text grows in a textbuf, so that secret and unknown bytes of the
 * strings stay marked, through escapes too.
 */
#include <math.h>
#include <string.h>

#include "base/textbuf.h"
#include "base/utf8.h"
#include "formats/datetime.h"
#include "formats/json.h"
#include "formats/objects.h"
#include "formats/order.h"

struct writer {
    struct arena *arena;
    struct arena *orders; /* of keys: those of the maps that are being written, given back behind */
    struct diags *diags;
    struct json_format format;
    struct textbuf out;
    unsigned depth;
    size_t nodes;
};

/* ---- strings ---- */

/* Whether a character is written as it is. */
static bool is_plain(const struct writer *w, uint32_t c)
{
    if (c < ' ' || c == '"' || c == '\\') {
        return false;
    }
    if (w->format.html && (c == '<' || c == '>' || c == '&' || c == '\'')) {
        return false;
    }
    return c < 0x7F || w->format.unicode;
}

static str escape(struct writer *w, uint32_t c)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *found = c > 0 && c < 0x80 ? strchr(from, (int)c) : NULL;

    if (found != NULL) {
        return str_format(w->arena, "\\%c", to[found - from]);
    }
    if (c > 0xFFFF) {
        return str_format(w->arena, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10),
                          0xDC00 + ((c - 0x10000) & 0x3FF));
    }
    return str_format(w->arena, "\\u%04x", c);
}

/* How many bytes at the start are written as they are in every format. */
static size_t plain_length(str text)
{
    static const bool plain[256] = {
        /* ASCII without controls and " & ' < > \ */
        [' '] = true, ['!'] = true,         ['#' ... '%'] = true, ['(' ... ';'] = true,
        ['='] = true, ['?' ... '['] = true, [']' ... '~'] = true,
    };
    size_t len = 0;
    while (len < text.len && plain[(unsigned char)text.ptr[len]]) {
        len++;
    }
    return len;
}

/* The text of a string or an unknown, between quotes. */
static void write_str(struct writer *w, value v)
{
    str text = value_as_str(v);
    size_t done = 0;

    textbuf_add_char(&w->out, '"');
    for (size_t at = plain_length(text); at < text.len;) {
        size_t start = at;
        uint32_t c = (unsigned char)text.ptr[at];
        if (c < 0x80) {
            at++;
        } else {
            c = utf8_next(text, &at);
        }
        if (c != UTF8_BAD && is_plain(w, c)) {
            continue;
        }
        /* A byte that is not UTF-8: as Python's surrogateescape has it. */
        str escaped = c == UTF8_BAD ? str_format(w->arena, "\\udc%02x",
                                                 (unsigned)(unsigned char)text.ptr[start])
                                    : escape(w, c);
        textbuf_add_part(&w->out, v, done, start);
        textbuf_add_derived(&w->out, escaped, value_part(w->arena, v, start, at));
        done = at;
    }
    textbuf_add_part(&w->out, v, done, text.len);
    textbuf_add_char(&w->out, '"');
}

static void write_unknown(struct writer *w, value v)
{
    value text;

    if (value_unknown_text(v, &text)) {
        write_str(w, text);
    } else {
        textbuf_add_char(&w->out, '"');
        textbuf_add_value(&w->out, v);
        textbuf_add_char(&w->out, '"');
    }
}

/* ---- numbers and words ---- */

static str float_text(struct writer *w, double d)
{
    return isnan(d)   ? S("NaN")
           : isinf(d) ? (d > 0 ? S("Infinity") : S("-Infinity"))
                      : float_repr(w->arena, d);
}

/* The text of null, booleans and numbers. */
static str scalar_text(struct writer *w, value v)
{
    if (value_is(v, VALUE_NULL)) {
        return S("null");
    }
    if (value_is(v, VALUE_BOOL)) {
        return value_as_bool(v) ? S("true") : S("false");
    }
    if (value_is(v, VALUE_FLOAT)) {
        return float_text(w, value_as_float(v));
    }
    return value_as_str(value_print(w->arena, v));
}

static void write_scalar(struct writer *w, value v)
{
    if (value_is_secret_number(v)) {
        textbuf_add_marked(&w->out, scalar_text(w, v), MARK_SECRET);
    } else if (value_is(v, VALUE_INT) && !value_is_big(v)) { /* without a copy */
        strbuf_add_int(&w->out.bytes, value_as_int(v));
    } else {
        textbuf_add(&w->out, scalar_text(w, v));
    }
}

/* ---- lists and maps ---- */

static bool write_value(struct writer *w, value v);

static void new_line(struct writer *w)
{
    if (w->format.indent != 0) {
        textbuf_add_char(&w->out, '\n');
        strbuf_add_repeat(&w->out.bytes, ' ',
                          w->format.indent > 0 ? (size_t)w->format.indent * w->depth : 0);
    }
}

static void open_bracket(struct writer *w, char bracket)
{
    textbuf_add_char(&w->out, bracket);
    w->depth++;
    new_line(w);
}

static void close_bracket(struct writer *w, char bracket)
{
    w->depth--;
    new_line(w);
    textbuf_add_char(&w->out, bracket);
}

static void separate(struct writer *w)
{
    textbuf_add(&w->out, w->format.item_separator);
    new_line(w);
}

static bool write_list(struct writer *w, value v)
{
    size_t count;
    const value *items = value_items(v, &count);

    if (count == 0) {
        textbuf_add(&w->out, S("[]"));
        return true;
    }
    open_bracket(w, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            separate(w);
        }
        if (!write_value(w, items[i])) {
            return false;
        }
    }
    close_bracket(w, ']');
    return true;
}

static bool write_key(struct writer *w, value key)
{
    switch (value_kind(key)) {
    case VALUE_STR:
        write_str(w, key);
        return true;
    case VALUE_UNKNOWN:
        write_unknown(w, key);
        return true;
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
        textbuf_add_char(&w->out, '"');
        write_scalar(w, key);
        textbuf_add_char(&w->out, '"');
        return true;
    case VALUE_UNDEFINED:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_OBJECT:
        break;
    }
    diag_error(w->diags, key.at, "a %s cannot be a key in JSON", value_type_name(key));
    return false;
}

static bool write_map(struct writer *w, value v)
{
    size_t count = value_count(v), *order = NULL;

    if (count == 0) {
        textbuf_add(&w->out, S("{}"));
        return true;
    }
    if (w->format.sort != JSON_AS_WRITTEN && !order_keys(w->orders, v, &order) &&
        w->format.sort == JSON_SORTED) {
        diag_error(w->diags, v.at, "keys of several types in one map cannot be sorted");
        return false;
    }
    open_bracket(w, '{');
    for (size_t i = 0; i < count; i++) {
        size_t index = order != NULL ? order[i] : i;
        if (i > 0) {
            separate(w);
        }
        if (!write_key(w, value_map_key(v, index))) {
            return false;
        }
        textbuf_add(&w->out, w->format.key_separator);
        if (!write_value(w, value_map_value(v, index))) {
            return false;
        }
    }
    if (order != NULL) {
        arena_shrink(w->orders, order, count * sizeof *order, 0);
    }
    close_bracket(w, '}');
    return true;
}

/* ---- objects ---- */

static bool write_object(struct writer *w, value v)
{
    value plain;
    struct datetime dt;

    if (w->format.plain != NULL && w->format.plain(w->format.plain_data, v, &plain)) {
        return write_value(w, plain);
    }
    if (value_as_datetime(v, &dt)) {
        write_str(w, value_str_shared(w->arena, datetime_iso(w->arena, v, 'T')));
        return true;
    }
    if (value_is_object(v, &vault_type)) {
        struct map_builder map = map_in(w->arena);
        const str *ciphertext = value_object_data(v);
        map_set_str(&map, S("__ansible_vault"), value_str(w->arena, *ciphertext));
        return write_map(w, map_seal(&map));
    }
    diag_error(w->diags, v.at, "a %s cannot be written as JSON", value_object_type(v)->name);
    return false;
}

static bool write_value(struct writer *w, value v)
{
    if (w->depth > VALUE_MAX_DEPTH || ++w->nodes > VALUE_MAX_NODES) {
        diag_error(w->diags, v.at, "more than %d values, or more than %d levels of them",
                   VALUE_MAX_NODES, VALUE_MAX_DEPTH);
        return false;
    }
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
        diag_error(w->diags, v.at, "%.*s", SARG(value_undefined_what(v)));
        return false;
    case VALUE_UNKNOWN:
        write_unknown(w, v);
        return true;
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
        write_scalar(w, v);
        return true;
    case VALUE_STR:
        write_str(w, v);
        return true;
    case VALUE_LIST:
        return write_list(w, v);
    case VALUE_MAP:
        return write_map(w, v);
    case VALUE_OBJECT:
        return write_object(w, v);
    }
    return false;
}

static bool write_all(struct writer *w, value v)
{
    CLEANUP(release_arena) struct arena *orders = arena_new("orders of keys");

    w->orders = orders;
    if (str_is_none(w->format.item_separator)) {
        w->format.item_separator = w->format.indent != 0 ? S(",") : S(", ");
    }
    if (str_is_none(w->format.key_separator)) {
        w->format.key_separator = S(": ");
    }
    return write_value(w, v);
}

bool json_write(struct arena *arena, struct diags *diags, value v, struct json_format format,
                value *ret)
{
    struct writer w = {
        .arena = arena, .diags = diags, .format = format, .out = textbuf_in(arena)
    };

    if (!write_all(&w, v)) {
        return false;
    }
    *ret = textbuf_value(&w.out);
    return true;
}

bool json_append(struct strbuf *out, struct diags *diags, value v, struct json_format format)
{
    struct writer w = {
        .arena = out->arena, .diags = diags, .format = format, .out = { .bytes = *out }
    };
    size_t before = out->len;
    bool written = write_all(&w, v);

    *out = w.out.bytes;
    if (!written) {
        strbuf_truncate(out, before);
    }
    return written;
}
