#include "base/utf8.h"

#include "check.h"

Test(utf8, decodes_what_is_valid_and_nothing_else)
{
    static const struct {
        str bytes;
        uint32_t codepoint;
        size_t moved;
    } rows[] = {
        { S_INIT("a"), 'a', 1 },
        { S_INIT("\0"), 0, 1 },
        { S_INIT("\xC2\x80"), 0x80, 2 },
        { S_INIT("\xDF\xBF"), 0x7FF, 2 },
        { S_INIT("\xE0\xA0\x80"), 0x800, 3 },
        { S_INIT("\xED\x9F\xBF"), 0xD7FF, 3 },
        { S_INIT("\xEE\x80\x80"), 0xE000, 3 },
        { S_INIT("\xEF\xBF\xBF"), 0xFFFF, 3 },
        { S_INIT("\xF0\x90\x80\x80"), 0x10000, 4 },
        { S_INIT("\xF4\x8F\xBF\xBF"), 0x10FFFF, 4 },
        { S_INIT("\x80"), UTF8_BAD, 1 },     /* a continuation alone */
        { S_INIT("\xC0\x80"), UTF8_BAD, 1 }, /* not the shortest form */
        { S_INIT("\xC1\xBF"), UTF8_BAD, 1 },
        { S_INIT("\xE0\x9F\xBF"), UTF8_BAD, 1 },
        { S_INIT("\xF0\x8F\xBF\xBF"), UTF8_BAD, 1 },
        { S_INIT("\xED\xA0\x80"), UTF8_BAD, 1 },     /* a surrogate */
        { S_INIT("\xF4\x90\x80\x80"), UTF8_BAD, 1 }, /* above U+10FFFF */
        { S_INIT("\xF5\x80\x80\x80"), UTF8_BAD, 1 },
        { S_INIT("\xE2\x82"), UTF8_BAD, 1 }, /* broken off */
        { S_INIT("\xE2\x28\xA1"), UTF8_BAD, 1 },
        { S_INIT("\xFF"), UTF8_BAD, 1 },
        { S_INIT(""), UTF8_BAD, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t at = 0;
        cr_assert_eq(utf8_next(rows[i].bytes, &at), rows[i].codepoint, "row %zu", i);
        cr_assert_eq(at, rows[i].moved, "row %zu", i);
        cr_assert_eq(utf8_valid(rows[i].bytes, NULL), rows[i].codepoint != UTF8_BAD || at == 0);
    }
}

Test(utf8, encodes_every_character_as_it_is_decoded)
{
    for (uint32_t c = 0; c <= 0x110010; c += c < 0x3000 ? 1 : 7) {
        char bytes[4];
        size_t len = utf8_encode(c, bytes), at = 0;
        bool character = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
        cr_assert_eq(len > 0, character, "U+%04X", c);
        if (character) {
            cr_assert_eq(utf8_next((str){ bytes, len }, &at), c, "U+%04X", c);
            cr_assert_eq(at, len);
        }
    }
}

Test(utf8, counts_and_repairs)
{
    ARENA(arena);
    str text = S("a\xC3\xA4\xFFz");
    size_t bad = 0;
    cr_assert_not(utf8_valid(text, &bad));
    cr_assert_eq(bad, 3);
    cr_assert_eq(utf8_length(text), 4);
    cr_assert_eq(utf8_offset(text, 2), 3);
    cr_assert_eq(utf8_offset(text, 99), text.len);
    EQ_STR(utf8_repair(arena, text), S("a\xC3\xA4\xEF\xBF\xBDz"));
    str good = S("gr\xC3\xBC\xC3\x9F");
    cr_assert_eq(utf8_repair(arena, good).ptr, good.ptr, "no copy");
}

Test(utf8, knows_characters)
{
    static const struct {
        uint32_t codepoint;
        unsigned columns;
        bool space, printable;
    } rows[] = {
        { 'a', 1, false, true },     { ' ', 1, true, true },        { '\n', 1, true, false },
        { 0x7F, 1, false, false },   { 0x85, 1, true, false },      { 0xA0, 1, true, false },
        { 0xAD, 1, false, false },   { 0xE4, 1, false, true },      { 0x301, 0, false, true },
        { 0x1100, 2, false, true },  { 0x200B, 0, false, false },   { 0x2028, 1, true, false },
        { 0x20AC, 1, false, true },  { 0x3000, 2, true, false },    { 0x4E2D, 2, false, true },
        { 0xAC00, 2, false, true },  { 0xD800, 1, false, false },   { 0xE000, 1, false, false },
        { 0xFEFF, 0, false, false }, { 0xFF21, 2, false, true },    { 0x1F600, 2, false, true },
        { 0x1F, 1, true, false },    { 0x10FFFF, 1, false, false }, { 0x200E, 0, false, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint32_t c = rows[i].codepoint;
        cr_assert_eq(utf8_columns(c), rows[i].columns, "U+%04X", c);
        cr_assert_eq(utf8_is_space(c), rows[i].space, "U+%04X", c);
        cr_assert_eq(utf8_is_printable(c), rows[i].printable, "U+%04X", c);
    }
}

Test(utf8, upper_and_lower)
{
    ARENA(arena);
    static const struct {
        const char *lower, *upper;
    } rows[] = {
        { "abc-xyz 123 {", "ABC-XYZ 123 {" },
        { "\u00e4\u00f6\u00fc\u00e5\u00f8\u00f7\u00ff",
          "\u00c4\u00d6\u00dc\u00c5\u00d8\u00f7\u0178" },
        { "\u015b\u017c\u010d\u0142\u01a1\u01b0", "\u015a\u017b\u010c\u0141\u01a0\u01af" },
        { "\u03b1\u03c9\u03ac\u03ce", "\u0391\u03a9\u0386\u038f" },
        { "\u0430\u044f\u0451", "\u0410\u042f\u0401" },
        { "\u4e2d\xFF", "\u4e2d\xFF" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(utf8_upper(arena, str_of(rows[i].lower)), str_of(rows[i].upper));
        EQ_STR(utf8_lower(arena, str_of(rows[i].upper)), str_of(rows[i].lower));
    }
    EQ_STR(utf8_upper(arena, S("stra\u00dfe \u00b5 \u03c2")), S("STRASSE \u039c \u03a3"));
    cr_assert_eq(utf8_to_lower(utf8_to_upper(0x3C2)), 0x3C3, "final sigma has no way back");
}
