/* unicode.c - see unicode.h; the classes of characters are the C library's, of its own locale. */
#include "template/unicode.h"

#include <locale.h>
#include <pthread.h>
#include <wctype.h>

#include "base/utf8.h"

static locale_t utf8_locale;
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void make_locale(void)
{
    utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static locale_t locale_of(void)
{
    pthread_once(&made, make_locale);
    return utf8_locale;
}

uint32_t unicode_lower(uint32_t c)
{
    if (c < 0x80) {
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    }
    return (uint32_t)towlower_l((wint_t)c, locale_of());
}

uint32_t unicode_upper(uint32_t c)
{
    if (c < 0x80) {
        return c >= 'a' && c <= 'z' ? c - 32 : c;
    }
    return (uint32_t)towupper_l((wint_t)c, locale_of());
}

bool unicode_is_alpha(uint32_t c)
{
    if (c < 0x80) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
    return iswalpha_l((wint_t)c, locale_of()) != 0 && !unicode_is_digit(c);
}

/* The zeros of all scripts; nine digits follow each of them. Unicode 14, as Python 3.11 has it. */
static const uint32_t zeros[] = {
    0x30,    0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,
    0xC66,   0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,  0x1090,  0x17E0,
    0x1810,  0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,
    0xA8D0,  0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0,
    0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2,
    0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0
};

int unicode_digit(uint32_t c)
{
    size_t low = 0, high = ARRAY_LEN(zeros);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (zeros[middle] <= c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && c - zeros[low - 1] < 10 ? (int)(c - zeros[low - 1]) : -1;
}

bool unicode_is_digit(uint32_t c)
{
    return unicode_digit(c) >= 0;
}

bool unicode_is_upper(uint32_t c)
{
    return iswupper_l((wint_t)c, locale_of()) != 0;
}

bool unicode_is_lower(uint32_t c)
{
    return iswlower_l((wint_t)c, locale_of()) != 0;
}

/* The one letter whose upper case is two. */
static bool is_sharp_s(uint32_t c)
{
    return c == 0xDF;
}

static bool wants_upper(enum case_style style, uint32_t c, bool first, bool after_letter)
{
    switch (style) {
    case CASE_LOWER:
    case CASE_FOLD:
        return false;
    case CASE_UPPER:
        return true;
    case CASE_CAPITALIZE:
        return first;
    case CASE_TITLE:
        return !after_letter;
    case CASE_SWAP:
        return unicode_is_lower(c);
    }
    return false;
}

/* What a letter is compared as, where that is not its lower case; or an empty text. */
static str folded(uint32_t c)
{
    static const struct {
        uint32_t from;
        str to;
    } rows[] = {
        { 0xB5, S_INIT("\316\274") },  { 0xDF, S_INIT("ss") },   { 0x17F, S_INIT("s") },
        { 0x3C2, S_INIT("\317\203") }, { 0x1E9E, S_INIT("ss") }, { 0xFB00, S_INIT("ff") },
        { 0xFB01, S_INIT("fi") },      { 0xFB02, S_INIT("fl") }, { 0xFB03, S_INIT("ffi") },
        { 0xFB04, S_INIT("ffl") },     { 0xFB05, S_INIT("st") }, { 0xFB06, S_INIT("st") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].from == c) {
            return rows[i].to;
        }
    }
    return STR_EMPTY;
}

/* Lower case that depends on more than the letter: I with a dot becomes two characters, and sigma
 * has another form at the end of a word. */
static void add_lower(struct strbuf *out, uint32_t c, bool after_letter, str rest)
{
    size_t at = 0;
    bool sigma = c == 0x3A3 && after_letter;
    bool last = sigma && (rest.len == 0 || !unicode_is_alpha(utf8_next(rest, &at)));
    strbuf_add_utf8(out, last ? 0x3C2 : unicode_lower(c));
    if (c == 0x130) {
        strbuf_add_utf8(out, 0x307);
    }
}

/* Of a character below 0x80. */
static char ascii_case(char c, bool upper)
{
    char from = upper ? 'a' : 'A';
    return c >= from && c <= from + 25 ? (char)(c ^ 0x20) : c;
}

static bool is_ascii(str s)
{
    unsigned char all = 0;
    for (size_t i = 0; i < s.len; i++) {
        all |= (unsigned char)s.ptr[i];
    }
    return all < 0x80;
}

/* What most texts are: no letter hangs on another one, or on more than a byte. */
static str change_ascii(struct arena *arena, str s, bool upper)
{
    char *out = arena_alloc_raw(arena, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        out[i] = ascii_case(s.ptr[i], upper);
    }
    out[s.len] = '\0';
    return (str){ out, s.len };
}

static str change_each(struct arena *arena, str s, enum case_style style)
{
    struct strbuf out = strbuf_in(arena);
    bool after_letter = false;
    strbuf_room(&out, s.len);
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        bool ascii = (unsigned char)s.ptr[at] < 0x80;
        uint32_t c = ascii ? (uint32_t)s.ptr[at++] : utf8_next(s, &at);
        if (c == UTF8_BAD) {
            strbuf_add(&out, str_part(s, from, at));
            continue;
        }
        bool upper = wants_upper(style, c, from == 0, after_letter);
        str fold = style == CASE_FOLD && !ascii ? folded(c) : STR_EMPTY;
        if (ascii) {
            strbuf_add_char(&out, ascii_case((char)c, upper));
        } else if (fold.len > 0) {
            strbuf_add(&out, fold);
        } else if (upper && is_sharp_s(c)) {
            strbuf_add(&out, style == CASE_UPPER || style == CASE_SWAP ? S("SS") : S("Ss"));
        } else if (upper) {
            strbuf_add_utf8(&out, unicode_upper(c));
        } else {
            add_lower(&out, c, after_letter && style != CASE_FOLD, str_part(s, at, s.len));
        }
        after_letter = unicode_is_alpha(c);
    }
    return strbuf_str(&out);
}

value change_case(struct arena *arena, value text, enum case_style style)
{
    str s = value_as_str(text);
    bool alike = style == CASE_UPPER || style == CASE_LOWER || style == CASE_FOLD;
    str bytes = alike && is_ascii(s) ? change_ascii(arena, s, style == CASE_UPPER)
                                     : change_each(arena, s, style);
    size_t count;
    const struct mark *marks = value_marks(text, &count);
    if (count == 0) {
        return value_str_shared(arena, bytes);
    }
    if (bytes.len == s.len) {
        return value_marked(arena, bytes, marks, count);
    }
    struct textbuf derived = textbuf_in(arena);
    textbuf_add_derived(&derived, bytes, text);
    return textbuf_value(&derived);
}
