/* literal.c - a recursive descent over Python's literals. */
#include "inventory/literal.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "formats/objects.h"

#define DEPTH_MAX  90   /* brackets in brackets; Python's parser ends at about 100 */
#define DIGITS_MAX 4300 /* of an integer, Python's own limit */

struct reader {
    struct arena *arena;
    str text;
    size_t at;
    span place;
    unsigned depth;
    unsigned open; /* brackets around: line breaks are blanks within */
    bool unhashable;
};

static char peek(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->text.len ? r->text.ptr[r->at + ahead] : '\0';
}

static void skip_blanks(struct reader *r)
{
    for (;;) {
        char c = peek(r, 0);
        if (r->at < r->text.len && (c == ' ' || c == '\t' || c == '\f')) {
            r->at++;
        } else if (r->open > 0 && (c == '\n' || c == '\r')) {
            r->at++;
        } else if (c == '#') {
            while (r->at < r->text.len && peek(r, 0) != '\n') {
                r->at++;
            }
        } else {
            return;
        }
    }
}

static bool take(struct reader *r, char c)
{
    skip_blanks(r);
    if (r->at < r->text.len && peek(r, 0) == c) {
        r->at++;
        return true;
    }
    return false;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static value placed(const struct reader *r, value v)
{
    return value_at(v, r->place);
}

/* ---- numbers ---- */

static int digit_value(char c)
{
    return is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 99;
}

/* Digits with single underscores between them, without them into `out`. False: none, or a stray
 * underscore. */
static bool read_digits(struct reader *r, int base, struct strbuf *out)
{
    bool any = false;
    for (;; r->at++) {
        if (r->at < r->text.len && digit_value(peek(r, 0)) < base) {
            strbuf_add_char(out, peek(r, 0));
            any = true;
        } else if (peek(r, 0) != '_' || !any || digit_value(peek(r, 1)) >= base) {
            return any;
        }
    }
}

/* Digits of a base that is a power of two, in decimal: repeated multiplication over base 10^9. */
static str to_decimal(struct arena *arena, str digits, unsigned base)
{
    size_t cap = digits.len / 2 + 2, len = 1;
    uint32_t *limbs = NEW_ARRAY(arena, uint32_t, cap);
    for (size_t i = 0; i < digits.len; i++) {
        uint64_t carry = (uint64_t)digit_value(digits.ptr[i]);
        for (size_t k = 0; k < len; k++) {
            carry += (uint64_t)limbs[k] * base;
            limbs[k] = (uint32_t)(carry % 1000000000);
            carry /= 1000000000;
        }
        if (carry > 0) {
            limbs[len++] = (uint32_t)carry;
        }
    }
    struct strbuf out = strbuf_in(arena);
    strbuf_addf(&out, "%u", limbs[len - 1]);
    for (size_t k = len - 1; k > 0; k--) {
        strbuf_addf(&out, "%09u", limbs[k - 1]);
    }
    return strbuf_str(&out);
}

static bool read_based(struct reader *r, int base, struct strbuf *out, value *ret)
{
    r->at += 2;
    if (peek(r, 0) == '_') {
        r->at++;
    }
    if (!read_digits(r, base, out) || out->len > DIGITS_MAX) {
        return false;
    }
    *ret = value_big(r->arena, to_decimal(r->arena, strbuf_str(out), (unsigned)base));
    return true;
}

/* What may follow the digits: fraction, exponent. */
static bool read_float_rest(struct reader *r, struct strbuf *out, bool *ret_float)
{
    *ret_float = false;
    if (peek(r, 0) == '.') {
        *ret_float = true;
        strbuf_add_char(out, '.');
        r->at++;
        if (is_digit(peek(r, 0)) && !read_digits(r, 10, out)) {
            return false;
        }
    }
    if ((peek(r, 0) | 32) == 'e') {
        *ret_float = true;
        strbuf_add_char(out, 'e');
        r->at++;
        if (peek(r, 0) == '+' || peek(r, 0) == '-') {
            strbuf_add_char(out, peek(r, 0));
            r->at++;
        }
        return read_digits(r, 10, out);
    }
    return true;
}

static bool has_leading_zero(str digits)
{
    for (size_t i = 0; digits.len > 1 && digits.ptr[0] == '0' && i < digits.len; i++) {
        if (digits.ptr[i] != '0') {
            return true; /* 007 is no number in Python 3; 000 is */
        }
    }
    return false;
}

static bool read_number(struct reader *r, value *ret)
{
    struct strbuf out = strbuf_in(r->arena);
    char kind = peek(r, 0) == '0' ? (char)(peek(r, 1) | 32) : '\0';
    bool ok;
    if (kind == 'x' || kind == 'o' || kind == 'b') {
        ok = read_based(r, kind == 'x' ? 16 : kind == 'o' ? 8 : 2, &out, ret);
    } else {
        bool is_float;
        if (peek(r, 0) != '.') {
            ok = read_digits(r, 10, &out);
        } else {
            ok = is_digit(peek(r, 1));
        }
        ok = ok && read_float_rest(r, &out, &is_float);
        str digits = strbuf_str(&out);
        if (ok && is_float) {
            *ret = value_float(strtod(digits.ptr, NULL));
        } else if (ok) {
            ok = !has_leading_zero(digits) && digits.len <= DIGITS_MAX;
            *ret = ok ? value_big(r->arena, digits) : value_null();
        }
    }
    *ret = placed(r, *ret);
    return ok && !is_word(peek(r, 0));
}

static bool negate(struct reader *r, value v, value *ret)
{
    if (value_is(v, VALUE_FLOAT)) {
        *ret = value_float(-value_as_float(v));
    } else if (value_is_big(v)) {
        str digits = value_big_digits(v);
        *ret = digits.ptr[0] == '-' ? value_big(r->arena, str_part(digits, 1, digits.len))
                                    : value_big(r->arena, str_concat(r->arena, S("-"), digits));
    } else if (value_is(v, VALUE_INT)) {
        *ret = value_as_int(v) == INT64_MIN ? value_big(r->arena, S("9223372036854775808"))
                                            : value_int(-value_as_int(v));
    } else {
        return false;
    }
    *ret = placed(r, *ret);
    return true;
}

/* ---- texts ---- */

struct text_form {
    bool raw, bytes;
    size_t prefix; /* length */
};

/* Whether a text begins here, with its prefix. */
static bool find_text(const struct reader *r, struct text_form *ret)
{
    struct text_form form = { 0 };
    bool unicode = false;
    for (; form.prefix < 3; form.prefix++) {
        char c = peek(r, form.prefix), low = (char)(c | 32);
        if (c == '\'' || c == '"') {
            *ret = form;
            return !unicode || form.prefix == 1; /* u goes with nothing else */
        }
        if (low == 'r' && !form.raw) {
            form.raw = true;
        } else if (low == 'b' && !form.bytes) {
            form.bytes = true;
        } else if (low == 'u' && !unicode) {
            unicode = true;
        } else {
            return false; /* f-strings are no literals */
        }
    }
    return false;
}

static bool read_hex(struct reader *r, size_t count, uint32_t *ret)
{
    uint32_t code = 0;
    for (size_t i = 0; i < count; i++, r->at++) {
        if (r->at >= r->text.len || digit_value(peek(r, 0)) > 15) {
            return false;
        }
        code = code * 16 + (uint32_t)digit_value(peek(r, 0));
    }
    *ret = code;
    return true;
}

static bool add_code(struct strbuf *out, uint32_t code, bool bytes)
{
    char encoded[4];
    if (bytes) {
        strbuf_add_char(out, (char)code);
        return code < 256;
    }
    size_t len = utf8_encode(code, encoded);
    strbuf_add(out, (str){ encoded, len });
    return len > 0; /* half a surrogate pair is no text */
}

static bool read_octal(struct reader *r, struct strbuf *out, bool bytes)
{
    uint32_t code = 0;
    for (size_t i = 0; i < 3 && peek(r, 0) >= '0' && peek(r, 0) <= '7'; i++, r->at++) {
        code = code * 8 + (uint32_t)(peek(r, 0) - '0');
    }
    return add_code(out, bytes ? code & 255 : code, bytes);
}

/* Behind a backslash. */
static bool read_escape(struct reader *r, struct strbuf *out, bool bytes)
{
    static const char simple[][2] = { { '\\', '\\' }, { '\'', '\'' }, { '"', '"' },  { 'a', '\a' },
                                      { 'b', '\b' },  { 'f', '\f' },  { 'n', '\n' }, { 'r', '\r' },
                                      { 't', '\t' },  { 'v', '\v' } };
    char c = peek(r, 0);
    for (size_t i = 0; i < ARRAY_LEN(simple); i++) {
        if (c == simple[i][0]) {
            strbuf_add_char(out, simple[i][1]);
            r->at++;
            return true;
        }
    }
    if (c >= '0' && c <= '7') {
        return read_octal(r, out, bytes);
    }
    if (c == '\n') {
        r->at++;
        return true;
    }
    size_t digits = c == 'x' ? 2 : bytes ? 0 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits > 0) {
        uint32_t code;
        r->at++;
        return read_hex(r, digits, &code) && add_code(out, code, bytes);
    }
    if (c == 'N' && !bytes) {
        return false;
    }
    strbuf_add_char(out, '\\'); /* an unknown escape keeps its backslash */
    return true;
}

static bool read_text_body(struct reader *r, struct text_form form, struct strbuf *out)
{
    r->at += form.prefix;
    char quote = peek(r, 0);
    size_t width = peek(r, 1) == quote && peek(r, 2) == quote ? 3 : 1;
    r->at += width;
    while (r->at < r->text.len) {
        char c = peek(r, 0);
        if (c == quote && (width == 1 || (peek(r, 1) == quote && peek(r, 2) == quote))) {
            r->at += width;
            return true;
        }
        if ((c == '\n' && width == 1) || (form.bytes && (unsigned char)c >= 0x80)) {
            return false;
        }
        r->at++;
        if (c != '\\') {
            strbuf_add_char(out, c);
        } else if (r->at >= r->text.len) {
            return false;
        } else if (form.raw) {
            strbuf_add_char(out, c);
            strbuf_add_char(out, peek(r, 0));
            r->at++;
        } else if (!read_escape(r, out, form.bytes)) {
            return false;
        }
    }
    return false;
}

/* One text, or several that stand side by side. */
static bool read_text(struct reader *r, struct text_form form, value *ret)
{
    struct strbuf out = strbuf_in(r->arena);
    bool bytes = form.bytes;
    do {
        if (form.bytes != bytes || !read_text_body(r, form, &out)) {
            return false;
        }
        skip_blanks(r);
    } while (find_text(r, &form));
    *ret = bytes ? value_bytes(r->arena, strbuf_str(&out))
                 : value_trusted(value_str_shared(r->arena, strbuf_str(&out)));
    *ret = placed(r, *ret);
    return true;
}

/* ---- lists, tuples, sets, maps ---- */

static bool read_value(struct reader *r, value *ret);

static bool is_hashable(value v)
{
    if (value_is(v, VALUE_MAP) || value_is_object(v, &set_type)) {
        return false;
    }
    if (value_is(v, VALUE_LIST)) {
        bool ok = value_is_tuple(v);
        for (size_t i = 0; ok && i < value_count(v); i++) {
            ok = is_hashable(value_item(v, i));
        }
        return ok;
    }
    return true;
}

/* Items up to the closing bracket, behind a first one if `list` has it; true in *ret_comma when
 * any comma was there. */
static bool read_items(struct reader *r, char close, struct list_builder *list, bool *ret_comma)
{
    *ret_comma = false;
    if (list->items.len > 0) {
        if (take(r, close)) {
            return true;
        }
        if (!take(r, ',')) {
            return false;
        }
        *ret_comma = true;
    }
    while (!take(r, close)) {
        value item;
        if (!read_value(r, &item)) {
            return false;
        }
        list_add(list, item);
        if (take(r, close)) {
            return true;
        }
        if (!take(r, ',')) {
            return false;
        }
        *ret_comma = true;
    }
    return true;
}

static bool read_map(struct reader *r, value key, value *ret)
{
    struct map_builder map = map_in(r->arena);
    for (;;) {
        value val;
        if (!take(r, ':') || !read_value(r, &val)) {
            return false;
        }
        if (is_hashable(key)) {
            map_set(&map, key, val);
        } else {
            r->unhashable = true;
        }
        bool comma = take(r, ',');
        if (take(r, '}')) {
            *ret = map_seal(&map);
            return true;
        }
        if (!comma || !read_value(r, &key)) {
            return false;
        }
    }
}

static bool read_braces(struct reader *r, value *ret)
{
    if (take(r, '}')) {
        struct map_builder map = map_in(r->arena);
        *ret = map_seal(&map);
        return true;
    }
    value first;
    if (!read_value(r, &first)) {
        return false;
    }
    skip_blanks(r);
    if (peek(r, 0) == ':') {
        return read_map(r, first, ret);
    }
    struct list_builder list = list_in(r->arena);
    list_add(&list, first);
    bool comma;
    if (!read_items(r, '}', &list, &comma)) {
        return false;
    }
    value members = list_seal(&list);
    for (size_t i = 0; i < value_count(members); i++) {
        r->unhashable |= !is_hashable(value_item(members, i));
    }
    *ret = r->unhashable ? members : value_set(r->arena, members);
    return true;
}

static bool read_brackets(struct reader *r, char open, value *ret)
{
    struct list_builder list = list_in(r->arena);
    bool comma;
    if (open == '{') {
        return read_braces(r, ret);
    }
    if (!read_items(r, open == '[' ? ']' : ')', &list, &comma)) {
        return false;
    }
    if (open == '[') {
        *ret = list_seal(&list);
    } else if (list.items.len == 1 && !comma) {
        *ret = list.items.items[0]; /* only brackets around a value */
    } else {
        *ret = tuple_seal(&list);
    }
    return true;
}

static bool read_word(struct reader *r, value *ret)
{
    size_t end = r->at;
    while (end < r->text.len && is_word(r->text.ptr[end])) {
        end++;
    }
    str word = str_part(r->text, r->at, end);
    r->at = end;
    if (str_eq(word, S("set")) && take(r, '(') && take(r, ')')) {
        struct list_builder none = list_in(r->arena);
        *ret = placed(r, value_set(r->arena, list_seal(&none)));
        return true;
    }
    bool is_true = str_eq(word, S("True"));
    if (!is_true && !str_eq(word, S("False")) && !str_eq(word, S("None"))) {
        return false;
    }
    *ret = placed(r, str_eq(word, S("None")) ? value_null() : value_bool(is_true));
    return true;
}

static bool read_signed(struct reader *r, value *ret)
{
    bool minus = peek(r, 0) == '-';
    value number;
    r->at++;
    skip_blanks(r);
    if (!(is_digit(peek(r, 0)) || peek(r, 0) == '.') || !read_number(r, &number)) {
        return false; /* -True and --5 are expressions, no literals */
    }
    *ret = number;
    return !minus || negate(r, number, ret);
}

static bool read_value_inside(struct reader *r, value *ret)
{
    struct text_form form;
    skip_blanks(r);
    char c = peek(r, 0);
    if (is_digit(c) || (c == '.' && is_digit(peek(r, 1)))) {
        return read_number(r, ret);
    }
    if (find_text(r, &form)) {
        return read_text(r, form, ret);
    }
    if (c == '[' || c == '(' || c == '{') {
        r->at++;
        r->open++;
        bool ok = read_brackets(r, c, ret);
        r->open--;
        *ret = ok ? placed(r, *ret) : value_null();
        return ok;
    }
    if (c == '-' || c == '+') {
        return read_signed(r, ret);
    }
    return is_word(c) && read_word(r, ret);
}

static bool read_value(struct reader *r, value *ret)
{
    r->depth++;
    bool ok = r->depth < DEPTH_MAX && read_value_inside(r, ret);
    r->depth--;
    return ok;
}

/* `1, 2` is a tuple without its brackets. */
static bool read_all(struct reader *r, value *ret)
{
    if (!read_value(r, ret)) {
        return false;
    }
    if (take(r, ',')) {
        struct list_builder list = list_in(r->arena);
        list_add(&list, *ret);
        for (skip_blanks(r); r->at < r->text.len; skip_blanks(r)) {
            value item;
            if (!read_value(r, &item)) {
                return false;
            }
            list_add(&list, item);
            skip_blanks(r);
            if (r->at < r->text.len && !take(r, ',')) {
                return false;
            }
        }
        *ret = placed(r, tuple_seal(&list));
    }
    skip_blanks(r);
    return r->at == r->text.len;
}

enum literal_status literal_read(struct arena *arena, str text, span at, value *ret)
{
    struct reader r = { .arena = arena, .text = text, .place = at };
    value v;
    if (text.len == 0 || memchr(text.ptr, '\0', text.len) != NULL || !read_all(&r, &v)) {
        return LITERAL_NONE;
    }
    if (r.unhashable) {
        return LITERAL_UNHASHABLE;
    }
    if (value_is_object(v, &bytes_type)) {
        str bytes = *(const str *)value_object_data(v);
        if (!utf8_valid(bytes, NULL)) {
            return LITERAL_NONE;
        }
        v = placed(&r, value_trusted(value_str(arena, bytes)));
    }
    *ret = v;
    return LITERAL_READ;
}
