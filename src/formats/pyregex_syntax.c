/* pyregex_syntax.c - Python's regular expressions in PCRE2's words, construct by construct. */
#include "formats/pyregex_syntax.h"

#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "formats/pyregex.h"

struct reader {
    str pattern;
    size_t at;
    struct strbuf out;
    bool in_class;
    unsigned flags;
    unsigned groups; /* opened so far, which is what \1 may name */
    struct pyregex_mistake mistake;
};

static bool mistake(struct reader *r, size_t at, const char *why)
{
    r->mistake = (struct pyregex_mistake){ why, at };
    return false;
}

/* The byte `ahead` of the place; NUL behind the end. */
static char peek(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->pattern.len ? r->pattern.ptr[r->at + ahead] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static void copy(struct reader *r, size_t count)
{
    strbuf_add(&r->out, str_part(r->pattern, r->at, r->at + count));
    r->at += count;
}

/* ---- behind a backslash ---- */

/* \x41, \u20ac, \U0001f600: as many digits as that, no fewer. */
static bool read_hex(struct reader *r, size_t digits)
{
    str text = str_part(r->pattern, r->at + 2, r->at + 2 + digits);
    for (size_t i = 0; i < digits; i++) {
        if (i >= text.len || !is_one_of(text.ptr[i], "0123456789abcdefABCDEF")) {
            return mistake(r, r->at, "incomplete escape");
        }
    }
    strbuf_addf(&r->out, "\\x{%.*s}", SARG(text));
    r->at += 2 + digits;
    return true;
}

static bool read_octal(struct reader *r, size_t digits)
{
    unsigned number = 0;
    for (size_t i = 1; i <= digits; i++) {
        number = number * 8 + (unsigned)(peek(r, i) - '0');
    }
    if (number > 0377) {
        return mistake(r, r->at, "octal escape value outside of range 0-0o377");
    }
    strbuf_addf(&r->out, "\\x{%x}", number);
    r->at += 1 + digits;
    return true;
}

/* \0 and up to two octal digits more, and three octal digits, are a character; else \N and \NN are
 * groups. */
static bool read_number(struct reader *r)
{
    bool three = is_octal(peek(r, 1)) && is_octal(peek(r, 2)) && is_octal(peek(r, 3));
    if (peek(r, 1) == '0' || three || r->in_class) {
        size_t digits = 0;
        while (digits < 3 && is_octal(peek(r, 1 + digits))) {
            digits++;
        }
        return digits > 0 ? read_octal(r, digits) : mistake(r, r->at, "bad escape");
    }
    size_t digits = is_digit(peek(r, 2)) ? 2 : 1;
    unsigned number = (unsigned)(peek(r, 1) - '0');
    number = digits == 2 ? number * 10 + (unsigned)(peek(r, 2) - '0') : number;
    if (number > r->groups) {
        return mistake(r, r->at + 1, "invalid group reference");
    }
    strbuf_addf(&r->out, "\\g{%u}", number);
    r->at += 1 + digits;
    return true;
}

static bool read_escape(struct reader *r)
{
    char c = peek(r, 1);
    if (r->at + 1 == r->pattern.len) {
        return mistake(r, r->at, "bad escape (end of pattern)");
    }
    if (c == 'x' || c == 'u' || c == 'U') {
        return read_hex(r, c == 'x' ? 2 : c == 'u' ? 4 : 8);
    }
    if (is_digit(c)) {
        return read_number(r);
    }
    if (c == 'v' || (c == 'Z' && !r->in_class)) { /* \v of PCRE2 is a set, and its \Z is our $ */
        strbuf_add(&r->out, c == 'v' ? S("\\x{b}") : S("\\z"));
        r->at += 2;
        return true;
    }
    if (c == 'N') {
        return mistake(r, r->at, "characters by name are not supported");
    }
    if (is_letter(c) && !is_one_of(c, r->in_class ? "abdDfnrsStwW" : "AabBdDfnrsStwW")) {
        return mistake(r, r->at, "bad escape");
    }
    copy(r, 2);
    return true;
}

/* ---- groups ---- */

/* (?im) in front holds for all, (?i:...) and (?-i:...) for a part. */
static bool read_flags(struct reader *r)
{
    static const struct {
        char letter;
        unsigned flag;
    } letters[] = { { 'i', PYREGEX_IGNORECASE }, { 'm', PYREGEX_MULTILINE },
                    { 's', PYREGEX_DOTALL },     { 'x', PYREGEX_VERBOSE },
                    { 'a', PYREGEX_ASCII },      { 'u', 0 } };
    size_t i = 2;
    unsigned flags = 0;
    bool partial = false;
    for (; peek(r, i) != ')' && peek(r, i) != ':'; i++) {
        size_t k = 0;
        while (k < ARRAY_LEN(letters) && letters[k].letter != peek(r, i)) {
            k++;
        }
        if (k == ARRAY_LEN(letters) && peek(r, i) != '-') {
            return mistake(r, r->at + i, "unknown flag");
        }
        partial |= is_one_of(peek(r, i), "axu");
        flags |= k < ARRAY_LEN(letters) ? letters[k].flag : 0;
    }
    if (peek(r, i) == ':') {
        if (partial) {
            return mistake(r, r->at, "the flags a, u and x are not supported for a part");
        }
        copy(r, i + 1);
        return true;
    }
    if (r->out.len > 0) {
        return mistake(r, r->at, "global flags not at the start of the expression");
    }
    r->flags |= flags;
    r->at += i + 1;
    return true;
}

/* From "(?" on. */
static bool read_extension(struct reader *r)
{
    char c = peek(r, 2), next = peek(r, 3);
    if (c == '#') {
        size_t end = str_find_char(r->pattern, ')', r->at);
        if (end == STR_NPOS) {
            return mistake(r, r->at, "missing ), unterminated comment");
        }
        r->at = end + 1;
        return true;
    }
    if ((c == 'P' && (next == '<' || next == '=')) || (c == '<' && (next == '=' || next == '!'))) {
        r->groups += c == 'P' && next == '<';
        copy(r, 4);
        return true;
    }
    if (is_one_of(c, ":=!>(")) {
        copy(r, 3);
        return true;
    }
    if (is_letter(c) && c != 'P') {
        return read_flags(r);
    }
    return c == '-' ? read_flags(r) : mistake(r, r->at, "unknown extension");
}

static bool read_open(struct reader *r)
{
    if (peek(r, 1) == '?') {
        return read_extension(r);
    }
    if (peek(r, 1) == '*') {
        return mistake(r, r->at + 1, "nothing to repeat");
    }
    r->groups++;
    copy(r, 1);
    return true;
}

/* ---- sets, ranges, the whole ---- */

/* [ of a set, with what may stand behind it: ^, and a ] that is a member. */
static void open_class(struct reader *r)
{
    r->in_class = true;
    copy(r, peek(r, 1) == '^' ? 2 : 1);
    if (peek(r, 0) == ']') {
        strbuf_add(&r->out, S("\\]"));
        r->at++;
    }
}

static void read_in_class(struct reader *r)
{
    if (peek(r, 0) == '[') { /* PCRE2 would read [:name:] */
        strbuf_add_char(&r->out, '\\');
    }
    r->in_class = peek(r, 0) != ']';
    copy(r, 1);
}

/* {,3} and {,} begin at 0 in Python, and are text in PCRE2. */
static bool is_open_range(const struct reader *r)
{
    size_t i = 2;
    while (is_digit(peek(r, i))) {
        i++;
    }
    return peek(r, 0) == '{' && peek(r, 1) == ',' && peek(r, i) == '}';
}

static bool read_one(struct reader *r)
{
    char c = peek(r, 0);
    if (c == '\\') {
        return read_escape(r);
    }
    if (r->in_class) {
        read_in_class(r);
    } else if (c == '[') {
        open_class(r);
    } else if (c == '(') {
        return read_open(r);
    } else if (is_open_range(r)) {
        strbuf_add(&r->out, S("{0,"));
        r->at += 2;
    } else if (c == '#' && (r->flags & PYREGEX_VERBOSE) != 0) {
        size_t end = str_find_char(r->pattern, '\n', r->at);
        r->at = end == STR_NPOS ? r->pattern.len : end;
    } else {
        copy(r, 1);
    }
    return true;
}

bool pyregex_translate(struct arena *arena, str pattern, unsigned flags, struct pyregex_text *ret,
                       struct pyregex_mistake *ret_mistake)
{
    struct reader r = { .pattern = pattern, .out = strbuf_in(arena), .flags = flags };
    while (r.at < pattern.len) {
        if (!read_one(&r)) {
            *ret_mistake = r.mistake;
            return false;
        }
    }
    *ret = (struct pyregex_text){ strbuf_str(&r.out), r.flags };
    return true;
}
