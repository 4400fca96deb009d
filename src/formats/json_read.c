/*
 * json_read.c - a recursive descent over the text, with a bound on its depth.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "formats/json.h"
#include "formats/origin.h"

#define MAX_DIGITS 4300 /* of an integer: Python's default limit */

struct reader {
    struct arena *arena;
    struct origin origin;
    bool trusted;
    str text;
    size_t at;
    unsigned depth;
    size_t nodes;
};

static struct diag *refuse(const struct reader *r, size_t from, size_t to, const char *message)
{
    return origin_error(&r->origin, from, to, "%s", message);
}

/* What stands here, for a message: a word, a character, or the end. */
static size_t end_of_word(const struct reader *r, size_t at)
{
    size_t end = at;

    while (end < r->text.len && strchr(" \t\r\n,:[]{}\"", r->text.ptr[end]) == NULL) {
        end++;
    }
    return end > at ? end : at < r->text.len ? at + 1 : at;
}

static bool expected(const struct reader *r, const char *what)
{
    size_t end = end_of_word(r, r->at);
    str found = str_part(r->text, r->at, end);
    str message = r->at >= r->text.len ? str_format(r->arena, "JSON ends where %s is needed", what)
                                       : str_format(r->arena, "'%.*s' where %s is needed",
                                                    SARG(origin_words(&r->origin, found)), what);
    struct diag *diag = refuse(r, r->at, end, str_c(r->arena, message));

    if (r->at < r->text.len && r->text.ptr[r->at] == '\'') {
        diag_hint(diag, "JSON has double quotes only");
    } else if (str_eq(found, S("True")) || str_eq(found, S("False")) || str_eq(found, S("None"))) {
        diag_hint(diag, "JSON writes true, false and null");
    }
    return false;
}

static void skip_space(struct reader *r)
{
    while (r->at < r->text.len && (r->text.ptr[r->at] == ' ' || r->text.ptr[r->at] == '\t' ||
                                   r->text.ptr[r->at] == '\n' || r->text.ptr[r->at] == '\r')) {
        r->at++;
    }
}

static bool take(struct reader *r, char c)
{
    if (r->at < r->text.len && r->text.ptr[r->at] == c) {
        r->at++;
        return true;
    }
    return false;
}

static bool take_word(struct reader *r, str word)
{
    if (str_starts(str_part(r->text, r->at, r->text.len), word)) {
        r->at += word.len;
        return true;
    }
    return false;
}

/* ---- strings ---- */

static bool read_hex4(struct reader *r, uint32_t *ret)
{
    uint64_t number;
    str digits = str_part(r->text, r->at, r->at + 4);

    if (digits.len != 4 || !str_to_base(digits, 16, &number)) {
        refuse(r, r->at - 2, r->at + digits.len, "\\u needs four hexadecimal digits");
        return false;
    }
    r->at += 4;
    *ret = (uint32_t)number;
    return true;
}

/* Behind "\u". Python keeps half a pair as it is; UTF-8 has no form for it: U+FFFD. */
static bool read_unicode_escape(struct reader *r, struct strbuf *out)
{
    uint32_t c, low;

    if (!read_hex4(r, &c)) {
        return false;
    }
    if ((c & 0xFC00) == 0xD800) {
        size_t back = r->at;
        if (take_word(r, S("\\u"))) {
            if (!read_hex4(r, &low)) {
                return false;
            }
            if ((low & 0xFC00) == 0xDC00) {
                strbuf_add_utf8(out, 0x10000 + ((c & 0x3FF) << 10 | (low & 0x3FF)));
                return true;
            }
            r->at = back;
        }
    }
    strbuf_add_utf8(out, (c & 0xF800) == 0xD800 ? 0xFFFD : c);
    return true;
}

static bool read_escape(struct reader *r, struct strbuf *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->text.len ? r->text.ptr[r->at] : '\0';
    const char *found = c == '\0' ? NULL : strchr(from, c);

    if (found != NULL) {
        r->at++;
        strbuf_add_char(out, to[found - from]);
        return true;
    }
    if (take(r, 'u')) {
        return read_unicode_escape(r, out);
    }
    diag_hint(refuse(r, r->at - 1, r->at + 1, "unknown escape in a JSON string"),
              "write a backslash as \\\\");
    return false;
}

/* Bytes that mean themselves. */
static size_t plain_run(const struct reader *r)
{
    size_t end = r->at;

    while (end < r->text.len && r->text.ptr[end] != '"' && r->text.ptr[end] != '\\' &&
           (unsigned char)r->text.ptr[end] >= ' ') {
        end++;
    }
    return end - r->at;
}

static value make_str(const struct reader *r, size_t open, str text)
{
    value v = value_str_shared(r->arena, text);

    return value_at(r->trusted ? value_trusted(v) : v, origin_span(&r->origin, open, r->at));
}

static bool read_str(struct reader *r, value *ret)
{
    struct strbuf out = strbuf_in(r->arena);
    size_t open = r->at++, run = plain_run(r);

    if (r->at + run < r->text.len && r->text.ptr[r->at + run] == '"') { /* most are plain */
        r->at += run + 1;
        *ret = make_str(r, open, str_copy(r->arena, str_part(r->text, open + 1, r->at - 1)));
        return true;
    }
    for (;; run = plain_run(r)) {
        strbuf_add(&out, str_part(r->text, r->at, r->at + run));
        r->at += run;
        if (take(r, '"')) {
            break;
        }
        if (take(r, '\\')) {
            if (!read_escape(r, &out)) {
                return false;
            }
        } else if (r->at < r->text.len) {
            struct diag *diag = refuse(r, r->at, r->at + 1, "control character in a JSON string");
            diag_hint(diag, "write a newline as \\n, a tab as \\t");
            diag_note(diag, origin_span(&r->origin, open, open + 1), "the string begins here");
            return false;
        } else {
            refuse(r, open, open + 1, "JSON string without an end");
            return false;
        }
    }
    *ret = make_str(r, open, strbuf_str(&out));
    return true;
}

/* ---- numbers ---- */

static size_t take_digits(struct reader *r)
{
    size_t start = r->at;

    while (r->at < r->text.len && r->text.ptr[r->at] >= '0' && r->text.ptr[r->at] <= '9') {
        r->at++;
    }
    return r->at - start;
}

/* A fraction and an exponent, each as a whole or not at all. */
static bool take_float_tail(struct reader *r)
{
    size_t start = r->at;

    if (take(r, '.') && take_digits(r) == 0) {
        r->at = start;
        return false;
    }
    size_t back = r->at;
    if (take(r, 'e') || take(r, 'E')) {
        if (!take(r, '+')) {
            take(r, '-');
        }
        if (take_digits(r) == 0) {
            r->at = back;
        }
    }
    return r->at > start;
}

static bool read_number(struct reader *r, value *ret)
{
    size_t start = r->at;

    take(r, '-');
    if (!take(r, '0') && take_digits(r) == 0) {
        r->at = start;
        return expected(r, "a value");
    }
    bool is_float = take_float_tail(r);
    str digits = str_part(r->text, start, r->at);
    if (is_float) {
        *ret = value_float(strtod(str_c(r->arena, digits), NULL));
    } else if (digits.len - (digits.ptr[0] == '-') > MAX_DIGITS) {
        refuse(r, start, r->at, "integer has more than 4300 digits");
        return false;
    } else {
        *ret = value_big(r->arena, str_copy(r->arena, digits));
    }
    return true;
}

/* ---- values ---- */

static bool read_value(struct reader *r, value *ret);

static bool read_list(struct reader *r, value *ret)
{
    struct list_builder list = list_in(r->arena);
    value v;

    r->at++;
    skip_space(r);
    if (!take(r, ']')) {
        do {
            if (!read_value(r, &v)) {
                return false;
            }
            list_add(&list, v);
        } while (take(r, ','));
        if (!take(r, ']')) {
            return expected(r, "',' or ']'");
        }
    }
    *ret = list_seal(&list);
    return true;
}

static bool read_entry(struct reader *r, struct map_builder *map)
{
    value key, v;

    skip_space(r);
    if (r->at >= r->text.len || r->text.ptr[r->at] != '"') {
        return expected(r, "a key in double quotes");
    }
    if (!read_str(r, &key)) {
        return false;
    }
    skip_space(r);
    if (!take(r, ':')) {
        return expected(r, "':'");
    }
    if (!read_value(r, &v)) {
        return false;
    }
    map_set(map, key, v);
    return true;
}

static bool read_map(struct reader *r, value *ret)
{
    struct map_builder map = map_in(r->arena);

    r->at++;
    skip_space(r);
    if (!take(r, '}')) {
        do {
            if (!read_entry(r, &map)) {
                return false;
            }
        } while (take(r, ','));
        if (!take(r, '}')) {
            return expected(r, "',' or '}'");
        }
    }
    *ret = map_seal(&map);
    return true;
}

static bool read_word(struct reader *r, value *ret)
{
    if (take_word(r, S("true"))) {
        *ret = value_bool(true);
    } else if (take_word(r, S("false"))) {
        *ret = value_bool(false);
    } else if (take_word(r, S("null"))) {
        *ret = value_null();
    } else if (take_word(r, S("NaN"))) {
        *ret = value_float((double)NAN);
    } else if (take_word(r, S("Infinity"))) {
        *ret = value_float((double)INFINITY);
    } else if (take_word(r, S("-Infinity"))) {
        *ret = value_float(-(double)INFINITY);
    } else {
        return read_number(r, ret);
    }
    return true;
}

static bool read_any(struct reader *r, value *ret)
{
    switch (r->at < r->text.len ? r->text.ptr[r->at] : '\0') {
    case '"':
        return read_str(r, ret);
    case '[':
        return read_list(r, ret);
    case '{':
        return read_map(r, ret);
    default:
        return read_word(r, ret);
    }
}

/* A value and the white space around it. */
static bool read_value(struct reader *r, value *ret)
{
    skip_space(r);
    size_t start = r->at;
    if (r->depth == VALUE_MAX_DEPTH || r->nodes == VALUE_MAX_NODES) {
        refuse(r, start, start + 1,
               r->depth == VALUE_MAX_DEPTH ? "JSON is nested too deep (more than 256 levels)"
                                           : "JSON has too many values (more than 10 million)");
        return false;
    }
    r->depth++;
    r->nodes++;
    if (!read_any(r, ret)) {
        return false;
    }
    r->depth--;
    *ret = value_at(*ret, origin_span(&r->origin, start, r->at));
    skip_space(r);
    return true;
}

bool json_read(struct arena *arena, struct diags *diags, const struct source *source,
               struct json_options options, value *ret)
{
    struct reader r = {
        .arena = arena,
        .origin = { diags, source, options.at },
        .trusted = options.trusted,
        .text = source->text,
    };
    size_t bad;
    value v;

    if (!utf8_valid(r.text, &bad)) {
        refuse(&r, bad, bad + 1, "byte that is not UTF-8");
        return false;
    }
    if (!read_value(&r, &v)) {
        return false;
    }
    if (r.at < r.text.len) {
        return expected(&r, "the end of the JSON");
    }
    *ret = v;
    return true;
}
