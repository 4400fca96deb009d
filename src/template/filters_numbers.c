/* filters_numbers.c - numbers: conversions, rounding, mathematics, sizes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "template/format.h"
#include "template/unicode.h"

/* Decimal digits of other scripts as those of ASCII. */
static str plain_digits(struct arena *arena, str s)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        int digit = c == UTF8_BAD ? -1 : unicode_digit(c);
        if (digit >= 0) {
            strbuf_add_char(&out, (char)('0' + digit));
        } else {
            strbuf_add(&out, str_part(s, from, at));
        }
    }
    return strbuf_str(&out);
}

/* A number as Python's int() and float() read one: white space around it, single underscores. */
static bool clean_number(struct arena *arena, str s, str *ret)
{
    s = str_trim(s);
    if (s.len == 0 || s.ptr[0] == '_' || s.ptr[s.len - 1] == '_' ||
        str_find(s, S("__"), 0) != STR_NPOS) {
        return false;
    }
    *ret = plain_digits(arena, str_replace(arena, s, S("_"), STR_EMPTY));
    return true;
}

static bool parse_int(struct arena *arena, str text, unsigned base, value *ret)
{
    str s;
    int64_t plain;
    if (base == 10 && str_to_int64(text, &plain)) {
        return call_give(ret, value_int(plain));
    }
    if (!clean_number(arena, text, &s)) {
        return false;
    }
    bool negative = s.ptr[0] == '-';
    s = s.ptr[0] == '-' || s.ptr[0] == '+' ? str_part(s, 1, s.len) : s;
    if (s.len > 2 && s.ptr[0] == '0') {
        char kind = (char)(s.ptr[1] | 0x20);
        unsigned prefix = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 0;
        if (prefix != 0 && (base == prefix || base == 0)) {
            base = prefix;
            s = str_part(s, 2, s.len);
        }
    }
    base = base == 0 ? 10 : base;
    value v;
    if (s.len == 0) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        uint64_t digit;
        if (!str_to_base(str_part(s, i, i + 1), base, &digit)) {
            return false;
        }
    }
    if (!big_from_digits(arena, s, base, &v)) {
        return false;
    }
    *ret = negative ? big_sub(arena, value_int(0), v) : v;
    return true;
}

static bool parse_float(struct arena *arena, str text, double *ret)
{
    str s;
    if (!clean_number(arena, text, &s)) {
        return false;
    }
    const char *start = str_c(arena, s);
    char *end;
    *ret = strtod(start, &end);
    bool hex = strpbrk(start, "xX(") != NULL;
    return end == start + s.len && !hex;
}

/* The number that is read from a secret text. */
static value as_secret_as(const struct call *call, value text, value number)
{
    return value_has_secret(text) ? value_secret_all(call->arena, number) : number;
}

static bool filter_int(struct call *call, value *ret)
{
    value v = call->input;
    int64_t base;
    if (!call_need_int(call, call->args[1], "'base'", &base)) {
        return false;
    }
    *ret = call->args[0];
    double d;
    if (value_is(v, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, v);
    }
    if (is_integer(v)) {
        return plus(call->render, v, call->at, ret);
    }
    if (value_is(v, VALUE_FLOAT)) {
        d = value_as_float(v);
        *ret = isfinite(d) ? big_from_double(call->arena, d) : *ret;
        return !isinf(d) || call_fail(call, "infinity is no integer");
    }
    if (value_is(v, VALUE_STR) && base >= 0 && base <= 36 &&
        !parse_int(call->arena, value_as_str(v), (unsigned)base, ret) &&
        parse_float(call->arena, value_as_str(v), &d) && isfinite(d)) {
        *ret = big_from_double(call->arena, d);
    }
    *ret = as_secret_as(call, v, *ret);
    return true;
}

static bool filter_float(struct call *call, value *ret)
{
    double d;
    *ret = call->args[0];
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->input);
    }
    if (is_number(call->input)) {
        *ret = value_float(value_as_float(call->input));
    } else if (value_is(call->input, VALUE_STR) &&
               parse_float(call->arena, value_as_str(call->input), &d)) {
        *ret = as_secret_as(call, call->input, value_float(d));
    }
    return true;
}

static bool need_number(struct call *call, value v)
{
    if (value_is(v, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, v);
    }
    return is_number(v) || call_fail(call, "a number is needed, not %s %s", A_TYPE(v));
}

static bool filter_abs(struct call *call, value *ret)
{
    value v = call->input;
    if (!need_number(call, v)) {
        return false;
    }
    if (value_is(v, VALUE_FLOAT)) {
        return call_give(ret, value_float(fabs(value_as_float(v))));
    }
    bool negative =
        value_is_big(v) ? str_starts(value_big_digits(v), S("-")) : small_integer(v) < 0;
    return negative ? negate(call->render, v, call->at, ret) : plus(call->render, v, call->at, ret);
}

/* Python's round(): to the nearest, halves to even, exactly. */
static double round_decimal(struct arena *arena, double d, int64_t digits)
{
    if (!isfinite(d) || digits > 300) {
        return d;
    }
    if (digits < -300) {
        return 0;
    }
    if (digits >= 0) { /* printf rounds the exact value, halves to even */
        return strtod(str_format(arena, "%.*f", (int)digits, d).ptr, NULL);
    }
    double unit = pow(10, (double)-digits);
    return nearbyint(d / unit) * unit;
}

static value round_integer(struct call *call, value v, int64_t digits)
{
    if (digits >= 0 || value_is_big(v)) {
        return value_is(v, VALUE_BOOL) ? value_int(value_as_bool(v)) : v;
    }
    int64_t unit = 1;
    for (int64_t i = digits; i < 0; i++) {
        if (__builtin_mul_overflow(unit, 10, &unit)) {
            return value_int(0);
        }
    }
    int64_t n = small_integer(v), rest = ((n % unit) + unit) % unit, low = n - rest;
    bool up = rest * 2 > unit || (rest * 2 == unit && (low / unit) % 2 != 0);
    return value_int(up ? low + unit : low);
}

static bool filter_round(struct call *call, value *ret)
{
    int64_t digits = call_int(call, 0);
    str method = call_str(call, 1);
    if (!need_number(call, call->input)) {
        return false;
    }
    double d = value_as_float(call->input);
    if (str_eq(method, S("common"))) {
        *ret = is_integer(call->input) ? round_integer(call, call->input, digits)
                                       : value_float(round_decimal(call->arena, d, digits));
        return true;
    }
    bool ceiling = str_eq(method, S("ceil"));
    if (!ceiling && !str_eq(method, S("floor"))) {
        return call_fail(call, "the method is one of 'common', 'ceil' and 'floor'");
    }
    double unit = pow(10, (double)digits);
    double scaled = d * unit;
    return call_give(ret, value_float((ceiling ? ceil(scaled) : floor(scaled)) / unit));
}

/* ---- Ansible's mathematics ---- */

static bool filter_log(struct call *call, value *ret)
{
    if (!need_number(call, call->input) || !need_number(call, call->args[0])) {
        return false;
    }
    double x = value_as_float(call->input), base = value_as_float(call->args[0]);
    if (x <= 0 || base <= 0 || base == 1) {
        return call_fail(call, base == 1 ? "division by zero" : "there is no such logarithm");
    }
    double d = base == 10 ? log10(x) : base == M_E ? log(x) : log(x) / log(base);
    return call_give(ret, value_float(d));
}

/* Python's math.pow(), which fails where C gives no number or infinity. */
static bool give_power(struct call *call, double x, double y, value *ret)
{
    double d = pow(x, y);
    if (x == 0 && y < 0) {
        return call_fail(call, "there is no such power of zero");
    }
    if (isnan(d) && !isnan(x) && !isnan(y)) {
        return call_fail(call, "there is no such power of a negative number");
    }
    if (isinf(d) && isfinite(x) && isfinite(y)) {
        return call_fail(call, "the result is too large");
    }
    return call_give(ret, value_float(d));
}

static bool filter_pow(struct call *call, value *ret)
{
    return need_number(call, call->input) && need_number(call, call->args[0]) &&
           give_power(call, value_as_float(call->input), value_as_float(call->args[0]), ret);
}

static bool filter_root(struct call *call, value *ret)
{
    if (!need_number(call, call->input) || !need_number(call, call->args[0])) {
        return false;
    }
    double x = value_as_float(call->input), base = value_as_float(call->args[0]);
    if (base == 0) {
        return call_fail(call, "there is no zeroth root");
    }
    if (base == 2) {
        return x < 0 ? call_fail(call, "a negative number has no square root")
                     : call_give(ret, value_float(sqrt(x)));
    }
    return give_power(call, x, 1.0 / base, ret);
}

/* ---- sizes ---- */

static const struct {
    char letter;
    double size;
} units[] = { { 'Y', 1208925819614629174706176.0 },
              { 'Z', 1180591620717411303424.0 },
              { 'E', 1152921504606846976.0 },
              { 'P', 1125899906842624.0 },
              { 'T', 1099511627776.0 },
              { 'G', 1073741824.0 },
              { 'M', 1048576.0 },
              { 'K', 1024.0 },
              { 'B', 1.0 } };

static bool filter_human_readable(struct call *call, value *ret)
{
    if (!need_number(call, call->input)) {
        return false;
    }
    double size = value_as_float(call->input);
    const char *base = call_bool(call, 0) ? "bits" : "Bytes";
    bool any = call_none(call, 1);
    str wanted = any ? STR_EMPTY : str_upper(call->arena, call_str(call, 1));
    size_t i = 0;
    for (; i < ARRAY_LEN(units) - 1; i++) { /* a unit is one letter: 'KB' is none, so bytes */
        if (any ? size >= units[i].size : (wanted.len == 1 && wanted.ptr[0] == units[i].letter)) {
            break;
        }
    }
    double unit = units[i].size;
    const char *suffix =
        i + 1 == ARRAY_LEN(units)
            ? base
            : str_format(call->arena, "%c%c", units[i].letter, call_bool(call, 0) ? 'b' : 'B').ptr;
    return call_give(
        ret, value_str(call->arena, str_format(call->arena, "%.2f %s", size / unit, suffix)));
}

static bool unit_size(struct call *call, str unit, bool bits, double *ret)
{
    static const char *const byte_names[] = { "b", "byte", "bytes" };
    static const char *const bit_names[] = { "b", "bit", "bits" };
    if (unit.len == 0) {
        *ret = 1;
        return true;
    }
    char letter = (char)(unit.ptr[0] & ~0x20);
    const char *const *names = bits ? bit_names : byte_names;
    str lower = str_lower(call->arena, unit);
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (units[i].letter != letter) {
            continue;
        }
        *ret = units[i].size;
        str rest = letter == 'B' ? lower : str_part(lower, 1, lower.len);
        bool exact_case =
            rest.len != 1 || unit.ptr[unit.len - 1] == (bits ? 'b' : 'B') || unit.len == 1;
        for (size_t k = 0; k < 3; k++) {
            if (str_eq(rest, str_of(names[k])) && exact_case) {
                return true;
            }
        }
        return rest.len == 0;
    }
    return false;
}

static bool filter_human_to_bytes(struct call *call, value *ret)
{
    value text;
    double size, unit;
    if (!call_text(call, call->input, &text)) {
        return false;
    }
    str s = str_trim(value_as_str(text));
    size_t end = 0;
    while (end < s.len && ((s.ptr[end] >= '0' && s.ptr[end] <= '9') || s.ptr[end] == '.')) {
        end++;
    }
    if (end == 0 || !parse_float(call->arena, str_part(s, 0, end), &size)) {
        return call_fail(call, "'%.*s' does not begin with a number", SARG(s));
    }
    str name = str_trim_left(str_part(s, end, s.len));
    if (name.len == 0 && !call_none(call, 0)) {
        name = call_str(call, 0);
    }
    if (!unit_size(call, name, call_bool(call, 1), &unit)) {
        return call_fail(call, "'%.*s' is no unit of %s", SARG(name),
                         call_bool(call, 1) ? "bits" : "bytes");
    }
    return call_give(ret, big_from_double(call->arena, nearbyint(size * unit)));
}

static bool filter_filesizeformat(struct call *call, value *ret)
{
    double size;
    value v = call->input;
    if (value_is(v, VALUE_STR) && parse_float(call->arena, value_as_str(v), &size)) {
        v = value_float(size);
    }
    if (!need_number(call, v)) {
        return false;
    }
    size = value_as_float(v);
    bool binary = call_bool(call, 0);
    double base = binary ? 1024 : 1000;
    static const char prefixes[] = "kMGTPEZY";
    str text;
    if (size == 1) {
        text = S("1 Byte");
    } else if (size < base) {
        text = str_format(call->arena, "%.0f Bytes", trunc(size) + 0.0);
    } else {
        double unit = base;
        size_t i = 0;
        for (; i + 2 < sizeof prefixes && size >= unit * base; i++) {
            unit *= base;
        }
        char letter = binary && prefixes[i] == 'k' ? 'K' : prefixes[i];
        text = str_format(call->arena, "%.1f %c%sB", size / unit, letter, binary ? "i" : "");
    }
    return call_give(ret, value_str(call->arena, text));
}

const struct builtin filters_numbers[] = {
    { "int", NULL, "default=0, base=10", CALL_JINJA | CALL_UNDEFINED, filter_int,
      "The value as an integer, or the default.",
      "{{ '42' | int + 1 }} -> 43\n"
      "{{ 'ff' | int(base=16) }} -> 255\n"
      "{{ 'x' | int(-1) }} -> -1" },
    { "float", NULL, "default=0.0", CALL_JINJA | CALL_UNDEFINED, filter_float,
      "The value as a float, or the default.", "{{ '1.5' | float * 2 }} -> 3.0" },
    { "abs", NULL, "", CALL_JINJA, filter_abs, "The number without its sign.",
      "{{ -3 | abs }} -> 3" },
    { "round", NULL, "precision:int=0, method:str='common'", CALL_JINJA, filter_round,
      "The number rounded.",
      "{{ 2.7 | round }} -> 3.0\n"
      "{{ 3.14159 | round(2) }} -> 3.14\n"
      "{{ 2.2 | round(0, 'ceil') | int }} -> 3" },
    { "log", NULL, "base=2.718281828459045", 0, filter_log, "The logarithm.",
      "{{ 8 | log(2) }} -> 3.0" },
    { "pow", NULL, "exponent", 0, filter_pow, "The power.", "{{ 2 | pow(10) }} -> 1024.0" },
    { "root", NULL, "base=2", 0, filter_root, "The root.", "{{ 27 | root(3) }} -> 3.0" },
    { "human_readable", NULL, "isbits:bool=false, unit:str=none", 0, filter_human_readable,
      "A number of bytes for people.",
      "{{ 1536 | human_readable }} -> 1.50 KB\n"
      "{{ 10240 | human_readable(isbits=true, unit='K') }} -> 10.00 Kb" },
    { "human_to_bytes", NULL, "default_unit:str=none, isbits:bool=false", 0, filter_human_to_bytes,
      "The number of bytes of a size as people write it.",
      "{{ '1.5 GB' | human_to_bytes }} -> 1610612736" },
    { "filesizeformat", NULL, "binary:bool=false", CALL_JINJA, filter_filesizeformat,
      "A number of bytes for people.",
      "{{ 1500000 | filesizeformat }} -> 1.5 MB\n"
      "{{ 1500000 | filesizeformat(true) }} -> 1.4 MiB" },
    { 0 },
};
