/*
 * yaml_scalar.c - what a plain scalar is, and the value of a scalar by its tag. The patterns are
 * those of PyYAML's resolver, which differ from YAML 1.1 in places: a float needs its point, and
 * its exponent a sign; 0o17 is a string.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "formats/datetime.h"
#include "formats/objects.h"
#include "formats/yaml_node.h"

#define MAX_DIGITS 4300 /* of an integer: Python's default limit */

/* ---- patterns: each function moves behind what it takes ---- */

struct scan {
    const char *at, *end;
};

static size_t take_set(struct scan *s, const char *set)
{
    const char *start = s->at;

    while (s->at < s->end && *s->at != '\0' && strchr(set, *s->at) != NULL) {
        s->at++;
    }
    return (size_t)(s->at - start);
}

static bool take_one(struct scan *s, const char *set)
{
    if (s->at < s->end && *s->at != '\0' && strchr(set, *s->at) != NULL) {
        s->at++;
        return true;
    }
    return false;
}

static bool take_word(struct scan *s, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(s->end - s->at) >= len && memcmp(s->at, word, len) == 0) {
        s->at += len;
        return true;
    }
    return false;
}

static bool at_end(const struct scan *s)
{
    return s->at == s->end;
}

#define DIGITS "0123456789"

/* Between `min` and `max` digits; -1: fewer. */
static int take_number(struct scan *s, int min, int max)
{
    int number = 0, count = 0;

    while (count < max && s->at < s->end && *s->at >= '0' && *s->at <= '9') {
        number = number * 10 + (*s->at++ - '0');
        count++;
    }
    return count < min ? -1 : number;
}

/* (?::[0-5]?[0-9])+ */
static bool take_sixties(struct scan *s)
{
    bool any = false;

    while (s->at < s->end && *s->at == ':') {
        struct scan part = { s->at + 1, s->end };
        bool tens = take_one(&part, "012345");
        if (!take_one(&part, DIGITS) && !tens) {
            return false;
        }
        *s = part;
        any = true;
    }
    return any;
}

static bool is_int(str text)
{
    struct scan s = { text.ptr, text.ptr + text.len };

    take_one(&s, "+-");
    if (take_word(&s, "0b")) {
        return take_set(&s, "01_") > 0 && at_end(&s);
    }
    if (take_word(&s, "0x")) {
        return take_set(&s, DIGITS "abcdefABCDEF_") > 0 && at_end(&s);
    }
    if (take_one(&s, "0")) {
        take_set(&s, "01234567_");
        return at_end(&s);
    }
    if (!take_one(&s, "123456789")) {
        return false;
    }
    take_set(&s, DIGITS "_");
    return at_end(&s) || (take_sixties(&s) && at_end(&s));
}

static bool take_exponent(struct scan *s)
{
    return !take_one(s, "eE") || (take_one(s, "+-") && take_set(s, DIGITS) > 0);
}

static bool is_float(str text)
{
    struct scan s = { text.ptr, text.ptr + text.len };
    bool sign = take_one(&s, "+-");

    if (take_one(&s, ".")) {
        if (take_word(&s, "inf") || take_word(&s, "Inf") || take_word(&s, "INF")) {
            return at_end(&s);
        }
        if (sign) {
            return false;
        }
        if (take_word(&s, "nan") || take_word(&s, "NaN") || take_word(&s, "NAN")) {
            return at_end(&s);
        }
        return take_one(&s, DIGITS) && (take_set(&s, DIGITS "_"), take_exponent(&s)) && at_end(&s);
    }
    if (!take_one(&s, DIGITS)) {
        return false;
    }
    take_set(&s, DIGITS "_");
    bool sixties = take_sixties(&s);
    if (!take_one(&s, ".")) {
        return false;
    }
    take_set(&s, DIGITS "_");
    return (sixties || take_exponent(&s)) && at_end(&s);
}

/* The pattern of timestamps; `implicit`: the one that chooses the tag, where a date alone needs two
 * digits for month and day. */
static bool parse_timestamp(str text, bool implicit, struct datetime *ret, bool *ret_has_time)
{
    struct scan s = { text.ptr, text.ptr + text.len };
    struct datetime dt = { 0 };

    dt.year = take_number(&s, 4, 4);
    if (dt.year < 0 || !take_one(&s, "-") || (dt.month = take_number(&s, 1, 2)) < 0 ||
        !take_one(&s, "-") || (dt.day = take_number(&s, 1, 2)) < 0) {
        return false;
    }
    *ret_has_time = !at_end(&s);
    if (at_end(&s)) {
        *ret = dt;
        return !implicit || text.len == 10;
    }
    if (!take_one(&s, "Tt") && take_set(&s, " \t") == 0) {
        return false;
    }
    if ((dt.hour = take_number(&s, 1, 2)) < 0 || !take_one(&s, ":") ||
        (dt.minute = take_number(&s, 2, 2)) < 0 || !take_one(&s, ":") ||
        (dt.second = take_number(&s, 2, 2)) < 0) {
        return false;
    }
    if (take_one(&s, ".")) {
        const char *fraction = s.at;
        size_t digits = take_set(&s, DIGITS);
        for (size_t i = 0; i < 6; i++) {
            dt.microsecond = dt.microsecond * 10 + (i < digits ? fraction[i] - '0' : 0);
        }
    }
    if (!at_end(&s)) {
        take_set(&s, " \t");
        dt.has_zone = true;
        bool negative = s.at < s.end && *s.at == '-';
        if (!take_one(&s, "Z")) {
            int hours, minutes = 0;
            if (!take_one(&s, "+-") || (hours = take_number(&s, 1, 2)) < 0 ||
                (take_one(&s, ":") && (minutes = take_number(&s, 2, 2)) < 0)) {
                return false;
            }
            dt.zone = (negative ? -1 : 1) * (hours * 60 + minutes);
        }
    }
    *ret = dt;
    return at_end(&s);
}

static bool is_word(str text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(text, str_of(words[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_bool(str text)
{
    static const char *const words[] = { "yes",  "Yes",   "YES",   "no",    "No",  "NO",
                                         "true", "True",  "TRUE",  "false", "on",  "On",
                                         "ON",   "False", "FALSE", "off",   "Off", "OFF" };
    return is_word(text, words, ARRAY_LEN(words));
}

static bool is_null(str text)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };
    return is_word(text, words, ARRAY_LEN(words));
}

enum yaml_tag yaml_resolve_plain(str text)
{
    struct datetime dt;
    bool has_time;

    if (text.len == 0) {
        return TAG_NULL;
    }
    char c = text.ptr[0];
    if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') {
        return is_float(text)                                ? TAG_FLOAT
               : is_int(text)                                ? TAG_INT
               : parse_timestamp(text, true, &dt, &has_time) ? TAG_TIMESTAMP
                                                             : TAG_STR;
    }
    if (strchr("yYnNtTfFoO~<=", c) == NULL) { /* nearly always: no other word begins so */
        return TAG_STR;
    }
    return is_bool(text)           ? TAG_BOOL
           : is_null(text)         ? TAG_NULL
           : str_eq(text, S("<<")) ? TAG_MERGE
           : str_eq(text, S("="))  ? TAG_VALUE
                                   : TAG_STR;
}

/* ---- integers of any size: decimal digits, the lowest first, nine to a limb ---- */

#define LIMB 1000000000u

struct big {
    uint32_t limbs[MAX_DIGITS / 9 + 2];
    size_t len;
};

/* big * factor + digit; false when it grows beyond the limit. */
static bool big_push(struct big *big, uint32_t factor, uint32_t digit)
{
    uint64_t carry = digit;

    for (size_t i = 0; i < big->len; i++) {
        carry += (uint64_t)big->limbs[i] * factor;
        big->limbs[i] = (uint32_t)(carry % LIMB);
        carry /= LIMB;
    }
    while (carry > 0) {
        if (big->len == ARRAY_LEN(big->limbs)) {
            return false;
        }
        big->limbs[big->len++] = (uint32_t)(carry % LIMB);
        carry /= LIMB;
    }
    return true;
}

static bool big_value(struct arena *arena, const struct big *big, bool negative, value *ret)
{
    struct strbuf digits = strbuf_in(arena);

    strbuf_add(&digits, negative && big->len > 0 ? S("-") : STR_EMPTY);
    strbuf_addf(&digits, "%u", big->len > 0 ? big->limbs[big->len - 1] : 0);
    for (size_t i = big->len > 0 ? big->len - 1 : 0; i > 0; i--) {
        strbuf_addf(&digits, "%09u", big->limbs[i - 1]);
    }
    if (digits.len - negative > MAX_DIGITS) {
        return false;
    }
    *ret = value_big(arena, strbuf_str(&digits));
    return true;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

enum number_read { NUMBER_OK, NUMBER_BAD, NUMBER_TOO_LONG };

/* Lower-case digits of a base, with parts of sixty in base 10; the whole text. */
static enum number_read read_digits(struct big *big, str text, unsigned base)
{
    size_t i = 0;
    bool sixties = base == 10 && str_find_char(text, ':', 0) != STR_NPOS;

    for (bool first = true; first || i < text.len; first = false) {
        struct scan part = { text.ptr + i, text.ptr + text.len };
        if (sixties && !first) {
            part.at++; /* the colon */
            int number = take_number(&part, 1, 9);
            if (number < 0 || (part.at < part.end && *part.at != ':')) {
                return NUMBER_BAD;
            }
            if (!big_push(big, 60, (uint32_t)number)) {
                return NUMBER_TOO_LONG;
            }
        } else {
            while (part.at < part.end && *part.at != ':') {
                int digit = digit_of(*part.at++);
                if ((unsigned)digit >= base) {
                    return NUMBER_BAD;
                }
                if (!big_push(big, base, (uint32_t)digit)) {
                    return NUMBER_TOO_LONG;
                }
            }
            if (part.at == text.ptr + i || (part.at < part.end && !sixties)) {
                return NUMBER_BAD;
            }
        }
        i = (size_t)(part.at - text.ptr);
    }
    return NUMBER_OK;
}

static str without_underscores(struct arena *arena, str text)
{
    return str_lower(arena, str_replace(arena, str_trim(text), S("_"), STR_EMPTY));
}

static bool report_bad(struct yaml_reader *reader, const struct node *node, const char *what)
{
    struct diag *diag = origin_error(&reader->origin, node->from, node->to, "'%.*s' is not %s",
                                     SARG(origin_words(&reader->origin, node->text)), what);
    diag_hint(diag, "quote it if it is to be a string");
    return false;
}

static bool build_int(struct yaml_reader *reader, const struct node *node, value *ret)
{
    str text = without_underscores(reader->scratch, node->text);
    bool negative = str_starts(text, S("-"));
    unsigned base = 10;
    struct big *big = NEW(reader->scratch, struct big);
    int64_t small;

    if (str_to_int64(text, &small) && text.ptr[negative] != '0' && text.ptr[0] != '+') {
        *ret = value_int(small);
        return true;
    }
    if (negative || str_starts(text, S("+"))) {
        text = str_part(text, 1, text.len);
    }
    if (str_starts(text, S("0b")) || str_starts(text, S("0x"))) {
        base = text.ptr[1] == 'b' ? 2 : 16;
        text = str_part(text, 2, text.len);
    } else if (text.len > 1 && text.ptr[0] == '0') {
        base = 8;
        text = str_part(text, str_starts(text, S("0o")) ? 2 : 1, text.len);
    }
    enum number_read read = read_digits(big, text, base);
    if (read == NUMBER_BAD) {
        return report_bad(reader, node, "an integer");
    }
    if (read == NUMBER_TOO_LONG || !big_value(reader->arena, big, negative, ret)) {
        origin_error(&reader->origin, node->from, node->to, "integer has more than %d digits",
                     MAX_DIGITS);
        return false;
    }
    return true;
}

/* A number as Python's float() takes it; the text is lower-case. */
static bool parse_float(str text, double *ret)
{
    struct scan s = { text.ptr, text.ptr + text.len };

    take_one(&s, "+-");
    if (!take_word(&s, "infinity") && !take_word(&s, "inf") && !take_word(&s, "nan")) {
        size_t digits = take_set(&s, DIGITS);
        digits += take_one(&s, ".") ? take_set(&s, DIGITS) : 0;
        if (digits == 0 || (take_one(&s, "e") && (take_one(&s, "+-"), take_set(&s, DIGITS) == 0))) {
            return false;
        }
    }
    if (!at_end(&s)) {
        return false;
    }
    *ret = strtod(text.ptr, NULL); /* the text is one of a strbuf: it has a NUL behind its end */
    return true;
}

/* 1:30.5; summed from the lowest part as PyYAML does, for the same rounding. */
static bool parse_sixties(struct arena *arena, str text, double *ret)
{
    double sum = 0.0, base = 1.0, part;

    for (bool last = false; !last; base *= 60) {
        size_t colon = str_rfind(text, S(":"));
        last = colon == STR_NPOS;
        if (!parse_float(str_copy(arena, str_part(text, last ? 0 : colon + 1, text.len)), &part)) {
            return false;
        }
        sum += part * base;
        text = str_part(text, 0, last ? 0 : colon);
    }
    *ret = sum;
    return true;
}

static bool build_float(struct yaml_reader *reader, const struct node *node, value *ret)
{
    str text = without_underscores(reader->scratch, node->text);
    bool negative = str_starts(text, S("-"));
    double number;

    if (negative || str_starts(text, S("+"))) {
        text = str_part(text, 1, text.len);
    }
    if (str_eq(text, S(".inf"))) {
        number = (double)INFINITY;
    } else if (str_eq(text, S(".nan"))) {
        number = (double)NAN;
    } else if (str_find_char(text, ':', 0) != STR_NPOS) {
        if (!parse_sixties(reader->scratch, text, &number)) {
            return report_bad(reader, node, "a number");
        }
    } else if (!parse_float(str_copy(reader->scratch, text), &number)) {
        return report_bad(reader, node, "a number");
    }
    *ret = value_float(negative ? -number : number);
    return true;
}

static bool build_timestamp(struct yaml_reader *reader, const struct node *node, value *ret)
{
    struct datetime dt;
    bool has_time;

    if (!parse_timestamp(node->text, false, &dt, &has_time) || !datetime_valid(&dt)) {
        return report_bad(reader, node, "a date that exists");
    }
    *ret = has_time ? value_datetime(reader->arena, &dt) : value_date(reader->arena, &dt);
    return true;
}

static bool build_bool(struct yaml_reader *reader, const struct node *node, value *ret)
{
    static const char *const yes[] = { "yes", "true", "on" }, *const no[] = { "no", "false",
                                                                              "off" };
    str text = str_lower(reader->scratch, node->text);
    bool is_yes = is_word(text, yes, ARRAY_LEN(yes));

    if (!is_yes && !is_word(text, no, ARRAY_LEN(no))) {
        return report_bad(reader, node, "a boolean");
    }
    *ret = value_bool(is_yes);
    return true;
}

static bool build_binary(struct yaml_reader *reader, const struct node *node, value *ret)
{
    str bytes;

    for (size_t i = 0; i < node->text.len; i++) {
        if ((unsigned char)node->text.ptr[i] >= 0x80) {
            return report_bad(reader, node, "base64");
        }
    }
    if (!base64_decode(reader->arena, node->text, &bytes)) {
        origin_error(&reader->origin, node->from, node->to,
                     "base64 text of !!binary is not complete");
        return false;
    }
    *ret = value_bytes(reader->arena, bytes);
    return true;
}

static value build_str(struct yaml_reader *reader, const struct node *node)
{
    value v = value_str(reader->arena, node->text);

    if (reader->options.trusted && node->tag != TAG_UNSAFE) {
        v = value_trusted(v);
    }
    if (node->plain) {
        v.flags |= VALUE_FLAG_BARE;
    }
    return v;
}

static bool build_vault(struct yaml_reader *reader, const struct node *node, value *ret)
{
    str ciphertext = str_copy(reader->arena, node->text);

    if (reader->options.vault != NULL) {
        return reader->options.vault(reader->options.vault_data, reader->origin.diags, ciphertext,
                                     origin_span(&reader->origin, node->from, node->to), ret);
    }
    *ret = value_vaulted(reader->arena, ciphertext);
    return true;
}

bool yaml_build_scalar(struct yaml_reader *reader, const struct node *node, value *ret)
{
    switch (node->tag) {
    case TAG_STR:
    case TAG_UNSAFE:
        *ret = build_str(reader, node);
        return true;
    case TAG_NULL:
        *ret = value_null();
        return true;
    case TAG_BOOL:
        return build_bool(reader, node, ret);
    case TAG_INT:
        return build_int(reader, node, ret);
    case TAG_FLOAT:
        return build_float(reader, node, ret);
    case TAG_TIMESTAMP:
        return build_timestamp(reader, node, ret);
    case TAG_BINARY:
        return build_binary(reader, node, ret);
    case TAG_VAULT:
        return build_vault(reader, node, ret);
    case TAG_MERGE:
    case TAG_VALUE:
        origin_error(&reader->origin, node->from, node->to,
                     "'%.*s' means something only as a key of a map", SARG(node->text))
            ->hint = S("quote it if it is to be a string");
        return false;
    case TAG_SEQ:
    case TAG_OMAP:
    case TAG_PAIRS:
        origin_error(&reader->origin, node->from, node->to,
                     "a list is needed here, as its tag says");
        return false;
    case TAG_MAP:
    case TAG_SET:
        origin_error(&reader->origin, node->from, node->to,
                     "a map is needed here, as its tag says");
        return false;
    case TAG_UNKNOWN:
        break; /* refused by the caller, whatever the kind of its node */
    }
    return false;
}
