/* format.c - see format.h. Source: Python's "printf-style" and "Format Specification" sections. */
#include "template/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static bool format_error(struct render *r, span at, const char *message, str what)
{
    render_error(r, at, TEMPLATE_FAILED, "%s: '%.*s'", message, SARG(what));
    return false;
}

/* ---- floats ---- */

static str with_percent_format(struct arena *arena, double d, char type, int precision,
                               bool alternate)
{
    switch (type) {
    case 'e':
        return alternate ? str_format(arena, "%#.*e", precision, d)
                         : str_format(arena, "%.*e", precision, d);
    case 'f':
        return alternate ? str_format(arena, "%#.*f", precision, d)
                         : str_format(arena, "%.*f", precision, d);
    default:
        return alternate ? str_format(arena, "%#.*g", precision, d)
                         : str_format(arena, "%.*g", precision, d);
    }
}

str format_float(struct arena *arena, double d, char type, int precision, bool alternate)
{
    bool upper = type == 'E' || type == 'F' || type == 'G';
    char lower = (char)(type | 0x20);
    str text;
    if (!isfinite(d)) {
        text = isnan(d) ? S("nan") : d < 0 ? S("-inf") : S("inf");
    } else {
        precision = lower == 'g' && precision == 0 ? 1 : precision;
        text = with_percent_format(arena, d, lower, precision, alternate);
    }
    return upper ? str_upper(arena, text) : text;
}

/* ---- specifications ---- */

struct spec {
    str fill;
    char align; /* < > = ^ or 0 */
    char sign;  /* + - space or 0 */
    bool alternate, zero;
    int64_t width;     /* -1: none */
    int64_t precision; /* -1: none */
    char grouping;     /* , _ or 0 */
    char type;         /* or 0 */
};

static bool take_count(str s, size_t *at, int64_t *ret)
{
    size_t from = *at;
    while (*at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9') {
        ++*at;
    }
    return *at > from && str_to_int64(str_part(s, from, *at), ret);
}

static bool is_align(char c)
{
    return c != 0 && strchr("<>=^", c) != NULL;
}

static bool parse_spec(str s, struct spec *ret)
{
    *ret = (struct spec){ .fill = S(" "), .width = -1, .precision = -1 };
    size_t at = 0, first = 0;
    bool filled = false;
    if (s.len > 0) {
        utf8_next(s, &first);
    }
    if (first < s.len && is_align(s.ptr[first])) {
        ret->fill = str_part(s, 0, first);
        filled = true;
        ret->align = s.ptr[first];
        at = first + 1;
    } else if (s.len > 0 && is_align(s.ptr[0])) {
        ret->align = s.ptr[at++];
    }
    if (at < s.len && strchr("+- ", s.ptr[at]) != NULL) {
        ret->sign = s.ptr[at++];
    }
    if (at < s.len && s.ptr[at] == '#') {
        ret->alternate = true;
        at++;
    }
    if (at < s.len && s.ptr[at] == '0') {
        ret->zero = true;
        at++;
        ret->fill = filled ? ret->fill : S("0");
    }
    (void)take_count(s, &at, &ret->width);
    if (at < s.len && (s.ptr[at] == ',' || s.ptr[at] == '_')) {
        ret->grouping = s.ptr[at++];
    }
    if (at < s.len && s.ptr[at] == '.') {
        at++;
        if (!take_count(s, &at, &ret->precision)) {
            return false;
        }
    }
    if (at < s.len) {
        ret->type = s.ptr[at++];
    }
    return at == s.len && ret->width < 1000000 && ret->precision < 100000;
}

static void add_padded(struct textbuf *out, value text, const struct spec *spec, char align)
{
    int64_t length = (int64_t)utf8_length(value_as_str(text));
    int64_t missing = spec->width > length ? spec->width - length : 0;
    align = spec->align != 0 ? spec->align : align;
    int64_t before = align == '>' || align == '=' ? missing : align == '^' ? missing / 2 : 0;
    for (int64_t i = 0; i < before; i++) {
        textbuf_add(out, spec->fill);
    }
    textbuf_add_value(out, text);
    for (int64_t i = before; i < missing; i++) {
        textbuf_add(out, spec->fill);
    }
}

/* Digits with separators; `width` is what zeros have to fill, separators included. */
static str grouped(struct arena *arena, str digits, char separator, int size, int64_t width)
{
    if (separator == 0) {
        struct strbuf padded = strbuf_in(arena);
        strbuf_add_repeat(&padded, '0',
                          width > (int64_t)digits.len ? (size_t)(width - (int64_t)digits.len) : 0);
        strbuf_add(&padded, digits);
        return strbuf_str(&padded);
    }
    size_t have = digits.len, total = have + (have > 0 ? (have - 1) / (size_t)size : 0);
    while ((int64_t)total < width) {
        have++;
        total = have + (have - 1) / (size_t)size;
    }
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < have; i++) {
        size_t left = have - i;
        if (i > 0 && left % (size_t)size == 0) {
            strbuf_add_char(&out, separator);
        }
        strbuf_add_char(&out, left > digits.len ? '0' : digits.ptr[digits.len - left]);
    }
    return strbuf_str(&out);
}

/* Sign, prefix and digits, laid out. `tail`: fraction and exponent. */
static void add_number(struct arena *arena, struct textbuf *out, const struct spec *spec,
                       bool negative, str prefix, str digits, str tail, int group)
{
    str sign = negative            ? S("-")
               : spec->sign == '+' ? S("+")
               : spec->sign == ' ' ? S(" ")
                                   : STR_EMPTY;
    bool zeros = spec->align == '=' && str_eq(spec->fill, S("0"));
    int64_t fixed = (int64_t)(sign.len + prefix.len + tail.len);
    digits = grouped(arena, digits, spec->grouping, group, zeros ? spec->width - fixed : 0);
    str body = str_format(arena, "%.*s%.*s", SARG(digits), SARG(tail));
    if (spec->align == '=' && !zeros) {
        struct spec inner = *spec;
        inner.width -= (int64_t)(sign.len + prefix.len);
        textbuf_add(out, sign);
        textbuf_add(out, prefix);
        add_padded(out, value_str(arena, body), &inner, '>');
        return;
    }
    str whole = str_format(arena, "%.*s%.*s%.*s", SARG(sign), SARG(prefix), SARG(body));
    add_padded(out, value_str(arena, whole), spec, '>');
}

static bool add_integer(struct render *r, value v, const struct spec *spec, span at,
                        struct textbuf *out)
{
    char type = spec->type == 0 || spec->type == 'n' ? 'd' : spec->type;
    if (type == 'c') {
        struct strbuf one = strbuf_in(r->arena);
        if (value_is_big(v) || small_integer(v) < 0 || small_integer(v) > 0x10FFFF) {
            return format_error(r, at, "number is no character", S("c"));
        }
        strbuf_add_utf8(&one, (uint32_t)small_integer(v));
        add_padded(out, value_str(r->arena, strbuf_str(&one)), spec, '>');
        return true;
    }
    unsigned base = type == 'd' ? 10 : type == 'b' ? 2 : type == 'o' ? 8 : 16;
    if (spec->precision >= 0) {
        return format_error(r, at, "an integer takes no precision", (str){ &type, 1 });
    }
    str digits = big_to_base(r->arena, v, base);
    bool negative = str_starts(digits, S("-"));
    digits = str_part(digits, negative, digits.len);
    digits = type == 'X' ? str_upper(r->arena, digits) : digits;
    str prefix = !spec->alternate || base == 10 ? STR_EMPTY : str_format(r->arena, "0%c", type);
    add_number(r->arena, out, spec, negative, prefix, digits, STR_EMPTY, base == 10 ? 3 : 4);
    return true;
}

static void add_float(struct render *r, double d, const struct spec *spec, struct textbuf *out)
{
    char type = spec->type;
    bool negative = signbit(d) && !isnan(d);
    bool percent = type == '%';
    int precision = spec->precision >= 0 ? (int)spec->precision : 6;
    str text;
    d = negative ? -d : d;
    if (type == 0 && spec->precision < 0) {
        text = float_repr(r->arena, d);
    } else if (type == 0) {
        text = format_float(r->arena, d, 'g', precision, spec->alternate);
        bool plain = isfinite(d) && str_find_char(text, '.', 0) == STR_NPOS &&
                     str_find_char(text, 'e', 0) == STR_NPOS;
        if (plain && d >= pow(10, precision - 1)) {
            text = format_float(r->arena, d, 'e', precision > 0 ? precision - 1 : 0, false);
        } else if (plain) {
            text = str_concat(r->arena, text, S(".0"));
        }
    } else {
        char c = percent ? 'f' : type == 'n' ? 'g' : type;
        text = format_float(r->arena, percent ? d * 100 : d, c, precision, spec->alternate);
    }
    size_t end = 0;
    while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9') {
        end++;
    }
    end = end == 0 ? text.len : end; /* inf, nan */
    str tail = str_part(text, end, text.len);
    tail = percent ? str_concat(r->arena, tail, S("%")) : tail;
    add_number(r->arena, out, spec, negative, STR_EMPTY, str_part(text, 0, end), tail, 3);
}

/* Python's repr(), or ascii(): the same with everything else escaped. */
static value repr_of(struct arena *arena, value v, bool ascii)
{
    value text = value_repr(arena, v);
    str s = value_as_str(text);
    struct textbuf out = textbuf_in(arena);
    for (size_t at = 0; ascii && at < s.len;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        if (c < 0x80 || c == UTF8_BAD) {
            textbuf_add_part(&out, text, from, at);
        } else {
            str digits = c < 0x100     ? str_format(arena, "\\x%02x", c)
                         : c < 0x10000 ? str_format(arena, "\\u%04x", c)
                                       : str_format(arena, "\\U%08x", c);
            textbuf_add(&out, digits);
        }
    }
    return ascii ? textbuf_value(&out) : text;
}

bool format_value(struct render *r, value v, str spec_text, span at, struct textbuf *out)
{
    struct spec spec;
    if (value_is(v, VALUE_UNDEFINED)) {
        return spec_text.len > 0 ? report_undefined(r, v, at) : may_use_undefined(r, v, at);
    }
    if (value_is(v, VALUE_UNKNOWN)) {
        textbuf_add_value(out, v);
        return true;
    }
    if (!parse_spec(spec_text, &spec)) {
        return format_error(r, at, "format specification is not valid", spec_text);
    }
    if (spec.zero && spec.align == 0 && is_number(v)) {
        spec.align = '='; /* zeros stand behind the sign */
    }
    bool integer_type = spec.type != 0 && strchr("bcdoxXn", spec.type) != NULL;
    bool float_type = spec.type != 0 && strchr("eEfFgG%n", spec.type) != NULL;
    if (is_integer(v) && (integer_type || (spec.type == 0 && !value_is(v, VALUE_BOOL)))) {
        return add_integer(r, v, &spec, at, out);
    }
    if (value_is(v, VALUE_BOOL) && spec.type == 0 && spec_text.len > 0) {
        return add_integer(r, v, &spec, at, out);
    }
    if (is_number(v) && (float_type || (spec.type == 0 && value_is(v, VALUE_FLOAT)))) {
        add_float(r, value_as_float(v), &spec, out);
        return true;
    }
    bool plain = value_is(v, VALUE_STR) || spec_text.len == 0;
    if (!plain || (spec.type != 0 && spec.type != 's') || spec.align == '=' || spec.sign != 0 ||
        spec.grouping != 0 || is_number(v) * spec_text.len > 0) {
        return format_error(
            r, at, str_format(r->arena, "%s %s cannot be formatted so", A_TYPE(v)).ptr, spec_text);
    }
    value text;
    if (!text_of(r, v, at, &text)) {
        return false;
    }
    if (spec.precision >= 0) {
        text =
            value_part(r->arena, text, 0, utf8_offset(value_as_str(text), (size_t)spec.precision));
    }
    add_padded(out, text, &spec, '<');
    return true;
}

/* ---- '{}'.format() ---- */

struct braces {
    struct render *r;
    value format;
    str text;
    const struct call_args *args;
    int64_t next; /* the next automatic number; -1: numbers are given */
    struct textbuf out;
};

static bool field_error(struct braces *b, const char *message, str what)
{
    return format_error(b->r, b->args->at, message, what);
}

static bool first_value(struct braces *b, str name, value *ret)
{
    int64_t number;
    if (name.len == 0) {
        if (b->next < 0) {
            return field_error(b, "automatic and given numbers of fields are mixed", b->text);
        }
        number = b->next++;
    } else if (str_to_int64(name, &number) && name.ptr[0] >= '0' && name.ptr[0] <= '9') {
        if (b->next > 0) {
            return field_error(b, "automatic and given numbers of fields are mixed", b->text);
        }
        b->next = -1;
    } else {
        if (value_is(b->args->keywords, VALUE_MAP) && value_map_get(b->args->keywords, name, ret)) {
            return true;
        }
        return field_error(b, "format has a field that is not given", name);
    }
    if ((size_t)number >= b->args->count) {
        return field_error(b, "format has more fields than arguments", b->text);
    }
    *ret = b->args->positional[number];
    return true;
}

/* name, name.attr, name[key] ... */
static bool field_value(struct braces *b, str field, value *ret)
{
    size_t at = 0;
    while (at < field.len && field.ptr[at] != '.' && field.ptr[at] != '[') {
        at++;
    }
    if (!first_value(b, str_part(field, 0, at), ret)) {
        return false;
    }
    while (at < field.len) {
        bool item = field.ptr[at] == '[';
        size_t end = ++at;
        while (end < field.len &&
               (item ? field.ptr[end] != ']' : field.ptr[end] != '.' && field.ptr[end] != '[')) {
            end++;
        }
        str name = str_part(field, at, end);
        int64_t index;
        bool number = item && str_to_int64(name, &index) && name.ptr[0] != '-';
        value key = number ? value_int(index) : value_str(b->r->arena, name), next;
        bool ok = item ? get_item(b->r, *ret, key, b->args->at, &next)
                       : get_attribute(b->r, *ret, key, b->args->at, &next);
        if (!ok) {
            return false;
        }
        bool is_key = !item && value_is(*ret, VALUE_MAP);
        if (value_is(next, VALUE_UNDEFINED) || is_key) {
            return field_error(b, "there is no such attribute or key", name);
        }
        *ret = next;
        at = item ? end + 1 : end;
    }
    return true;
}

static bool expand_spec(struct braces *b, str spec, str *ret)
{
    struct textbuf out = textbuf_in(b->r->arena);
    for (size_t at = 0; at < spec.len;) {
        size_t open = str_find_char(spec, '{', at);
        size_t close = open == STR_NPOS ? STR_NPOS : str_find_char(spec, '}', open);
        if (close == STR_NPOS) {
            textbuf_add(&out, str_part(spec, at, spec.len));
            break;
        }
        textbuf_add(&out, str_part(spec, at, open));
        value v;
        if (!field_value(b, str_part(spec, open + 1, close), &v) ||
            !format_value(b->r, v, STR_EMPTY, b->args->at, &out)) {
            return false;
        }
        at = close + 1;
    }
    *ret = strbuf_str(&out.bytes);
    return true;
}

static bool add_field(struct braces *b, str field)
{
    str spec = STR_EMPTY;
    char conversion = 0;
    size_t brackets = 0, at = 0;
    for (; at < field.len; at++) {
        char c = field.ptr[at];
        brackets += c == '[';
        brackets -= c == ']' && brackets > 0;
        if (brackets == 0 && (c == ':' || c == '!')) {
            break;
        }
    }
    str name = str_part(field, 0, at);
    if (at < field.len && field.ptr[at] == '!') {
        conversion = at + 1 < field.len ? field.ptr[at + 1] : '?';
        at += 2;
        if (at < field.len && field.ptr[at] != ':') {
            return field_error(b, "':' is expected behind the conversion", field);
        }
    }
    if (at < field.len) {
        spec = str_part(field, at + 1, field.len);
    }
    value v;
    if (!field_value(b, name, &v) || !expand_spec(b, spec, &spec)) {
        return false;
    }
    if (conversion == 'r' || conversion == 'a') {
        v = repr_of(b->r->arena, v, conversion == 'a');
    } else if (conversion == 's') {
        if (!text_of(b->r, v, b->args->at, &v)) {
            return false;
        }
    } else if (conversion != 0) {
        return field_error(b, "unknown conversion", field);
    }
    return format_value(b->r, v, spec, b->args->at, &b->out);
}

/* The end of a field, braces within it matched. */
static size_t field_end(str s, size_t at)
{
    size_t depth = 1;
    for (; at < s.len; at++) {
        depth += s.ptr[at] == '{';
        if (s.ptr[at] == '}' && --depth == 0) {
            return at;
        }
    }
    return STR_NPOS;
}

bool format_braces(struct render *r, value format, const struct call_args *args, value *ret)
{
    struct braces b = { .r = r, .format = format, .text = value_as_str(format), .args = args };
    b.out = textbuf_in(r->arena);
    str s = b.text;
    for (size_t at = 0; at < s.len;) {
        char c = s.ptr[at];
        bool doubled = at + 1 < s.len && s.ptr[at + 1] == c;
        if (c != '{' && c != '}') {
            size_t end = at;
            while (end < s.len && s.ptr[end] != '{' && s.ptr[end] != '}') {
                end++;
            }
            textbuf_add_part(&b.out, format, at, end);
            at = end;
        } else if (doubled) {
            textbuf_add_char(&b.out, c);
            at += 2;
        } else {
            size_t end = c == '{' ? field_end(s, at + 1) : STR_NPOS;
            if (end == STR_NPOS) {
                return field_error(
                    &b, c == '{' ? "'{' is never closed in the format" : "single '}' in the format",
                    s);
            }
            if (!add_field(&b, str_part(s, at + 1, end))) {
                return false;
            }
            at = end + 1;
        }
    }
    *ret = textbuf_value(&b.out);
    *ret = is_markup(format) ? as_markup(*ret) : *ret;
    return true;
}

/* ---- '%s' % x ---- */

struct percent {
    struct render *r;
    str text;
    span at;
    value args;
    bool by_name;
    size_t next, count;
    struct textbuf out;
};

static bool next_arg(struct percent *p, value *ret)
{
    if (p->by_name) {
        return format_error(p->r, p->at, "format needs names, and has a field without", p->text);
    }
    if (p->next >= p->count) {
        return format_error(p->r, p->at, "format has more fields than arguments", p->text);
    }
    *ret = value_is_tuple(p->args) ? value_item(p->args, p->next) : p->args;
    p->next++;
    return true;
}

static bool star_or_count(struct percent *p, size_t *at, int64_t *ret)
{
    if (*at < p->text.len && p->text.ptr[*at] == '*') {
        value v;
        ++*at;
        if (!next_arg(p, &v)) {
            return false;
        }
        if (!is_integer(v) || value_is_big(v)) {
            return format_error(p->r, p->at, "'*' needs an integer", p->text);
        }
        *ret = small_integer(v);
        return true;
    }
    (void)take_count(p->text, at, ret);
    return true;
}

static bool percent_number(struct percent *p, value v, struct spec *spec, char type)
{
    if (value_is(v, VALUE_UNDEFINED)) {
        return report_undefined(p->r, v, p->at);
    }
    if (!is_number(v)) {
        return format_error(p->r, p->at,
                            str_format(p->r->arena, "a number is needed, not %s %s", A_TYPE(v)).ptr,
                            p->text);
    }
    if (strchr("eEfFgG", type) != NULL) {
        spec->type = type;
        add_float(p->r, value_as_float(v), spec, &p->out);
        return true;
    }
    if (value_is(v, VALUE_FLOAT)) {
        if (type == 'x' || type == 'X' || type == 'o') {
            return format_error(p->r, p->at, "an integer is needed, not a float", p->text);
        }
        if (!isfinite(value_as_float(v))) {
            return format_error(p->r, p->at, "number is no integer", p->text);
        }
        v = big_from_double(p->r->arena, value_as_float(v));
    }
    unsigned base = type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
    str digits = big_to_base(p->r->arena, v, base);
    bool negative = str_starts(digits, S("-"));
    digits = str_part(digits, negative, digits.len);
    digits = type == 'X' ? str_upper(p->r->arena, digits) : digits;
    if (spec->precision > (int64_t)digits.len) {
        digits = grouped(p->r->arena, digits, 0, 3, spec->precision);
    }
    str prefix = spec->alternate && base != 10 ? str_format(p->r->arena, "0%c", type) : STR_EMPTY;
    add_number(p->r->arena, &p->out, spec, negative, prefix, digits, STR_EMPTY, 3);
    return true;
}

static bool percent_text(struct percent *p, value v, const struct spec *spec, char type)
{
    value text;
    if (type == 'r' || type == 'a') {
        text = repr_of(p->r->arena, v, type == 'a');
    } else if (!text_of(p->r, v, p->at, &text)) {
        return false;
    }
    if (value_is(text, VALUE_UNKNOWN)) {
        textbuf_add_value(&p->out, text);
        return true;
    }
    if (spec->precision >= 0) {
        text = value_part(p->r->arena, text, 0,
                          utf8_offset(value_as_str(text), (size_t)spec->precision));
    }
    add_padded(&p->out, text, spec, '>');
    return true;
}

static bool percent_char(struct percent *p, value v, const struct spec *spec)
{
    if (is_integer(v)) {
        struct spec plain = *spec;
        plain.type = 'c';
        plain.precision = -1;
        return add_integer(p->r, v, &plain, p->at, &p->out);
    }
    if (!value_is(v, VALUE_STR) || utf8_length(value_as_str(v)) != 1) {
        return format_error(p->r, p->at, "%c needs one character", p->text);
    }
    add_padded(&p->out, v, spec, '>');
    return true;
}

static bool named_arg(struct percent *p, size_t *at, value *ret)
{
    size_t end = str_find_char(p->text, ')', *at);
    if (end == STR_NPOS) {
        return format_error(p->r, p->at, "'(' is never closed in the format", p->text);
    }
    if (!value_is(p->args, VALUE_MAP)) {
        return format_error(p->r, p->at, "format needs a map", p->text);
    }
    str name = str_part(p->text, *at + 1, end);
    *at = end + 1;
    p->by_name = true;
    return value_map_get(p->args, name, ret) ||
           format_error(p->r, p->at, "format has a field that is not given", name);
}

/* One field; *at is behind its '%'. */
static bool percent_field(struct percent *p, size_t *at)
{
    struct spec spec = { .fill = S(" "), .width = -1, .precision = -1 };
    value v = { 0 };
    bool named = *at < p->text.len && p->text.ptr[*at] == '(', left = false;
    if (named && !named_arg(p, at, &v)) {
        return false;
    }
    for (; *at < p->text.len && strchr("#0- +", p->text.ptr[*at]) != NULL; ++*at) {
        char c = p->text.ptr[*at];
        spec.alternate |= c == '#';
        spec.zero |= c == '0';
        left |= c == '-';
        spec.sign = c == '+' || (c == ' ' && spec.sign == 0) ? c : spec.sign;
    }
    if (!star_or_count(p, at, &spec.width)) {
        return false;
    }
    left |= spec.width < -1;
    spec.width = spec.width < -1 ? -spec.width : spec.width;
    if (*at < p->text.len && p->text.ptr[*at] == '.') {
        ++*at;
        spec.precision = 0;
        if (!star_or_count(p, at, &spec.precision)) {
            return false;
        }
        spec.precision = spec.precision < 0 ? 0 : spec.precision;
    }
    while (*at < p->text.len && strchr("hlL", p->text.ptr[*at]) != NULL) {
        ++*at;
    }
    if (spec.width > 1000000 || spec.precision > 100000) {
        return format_error(p->r, p->at, "width or precision is too large", p->text);
    }
    if (*at >= p->text.len) {
        return format_error(p->r, p->at, "format is incomplete", p->text);
    }
    char type = p->text.ptr[(*at)++];
    spec.align = left ? '<' : 0;
    if (type == '%') {
        textbuf_add_char(&p->out, '%');
        return true;
    }
    if (!named && !next_arg(p, &v)) {
        return false;
    }
    if (value_is(v, VALUE_UNKNOWN)) {
        textbuf_add_value(&p->out, v);
        return true;
    }
    if (type == 's' || type == 'r' || type == 'a') {
        return percent_text(p, v, &spec, type);
    }
    if (type == 'c') {
        return percent_char(p, v, &spec);
    }
    if (strchr("diuoxXeEfFgG", type) == NULL) {
        return format_error(p->r, p->at, "format has an unknown conversion", p->text);
    }
    if (spec.zero && !left) {
        spec.fill = S("0");
        spec.align = '=';
    }
    return percent_number(p, v, &spec, type);
}

bool format_percent(struct render *r, value format, value args, span at, value *ret)
{
    struct percent p = { .r = r, .text = value_as_str(format), .at = at, .args = args };
    p.out = textbuf_in(r->arena);
    p.count = value_is_tuple(args) ? value_count(args) : 1;
    str s = p.text;
    for (size_t i = 0; i < s.len;) {
        size_t next = str_find_char(s, '%', i);
        next = next == STR_NPOS ? s.len : next;
        textbuf_add_part(&p.out, format, i, next);
        i = next + 1;
        if (next < s.len && !percent_field(&p, &i)) {
            return false;
        }
    }
    bool map_like =
        value_is(args, VALUE_MAP) || (value_is(args, VALUE_LIST) && !value_is_tuple(args));
    if (p.next < p.count && !p.by_name && !map_like) {
        return format_error(r, at, "format has fewer fields than arguments", s);
    }
    *ret = textbuf_value(&p.out);
    *ret = is_markup(format) ? as_markup(*ret) : *ret;
    return true;
}
