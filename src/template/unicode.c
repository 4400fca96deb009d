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
    return iswalpha_l((wint_t)c, locale_of()) != 0 && !unicode_is_digit(c);
}

bool unicode_is_digit(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 0x660 && c <= 0x669) || (c >= 0xFF10 && c <= 0xFF19);
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

value change_case(struct arena *arena, value text, enum case_style style)
{
    str s = value_as_str(text);
    struct strbuf out = strbuf_in(arena);
    bool after_letter = false;
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        if (c == UTF8_BAD) {
            strbuf_add(&out, str_part(s, from, at));
            continue;
        }
        bool upper = wants_upper(style, c, from == 0, after_letter);
        if (upper && is_sharp_s(c)) {
            strbuf_add(&out, style == CASE_UPPER || style == CASE_SWAP ? S("SS") : S("Ss"));
        } else {
            strbuf_add_utf8(&out, upper ? unicode_upper(c) : unicode_lower(c));
        }
        after_letter = unicode_is_alpha(c);
    }
    str bytes = strbuf_str(&out);
    size_t count;
    const struct mark *marks = value_marks(text, &count);
    if (count > 0 && bytes.len == s.len) {
        return value_marked(arena, bytes, marks, count);
    }
    struct textbuf derived = textbuf_in(arena);
    textbuf_add_derived(&derived, bytes, text);
    return textbuf_value(&derived);
}
