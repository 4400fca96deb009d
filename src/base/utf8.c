/*
 * utf8.c - decoding, and what a character looks like. The tables follow Unicode 14; they are kept
 * short, and what they leave out is told at each.
 */
#include "base/utf8.h"

#include "base/strbuf.h"

struct range {
    uint32_t from, to; /* both inclusive */
};

/* East Asian wide and full-width characters, with emoji. */
static const struct range wide[] = {
    { 0x1100, 0x115F },   { 0x231A, 0x231B },   { 0x2329, 0x232A },   { 0x23E9, 0x23EC },
    { 0x23F0, 0x23F0 },   { 0x23F3, 0x23F3 },   { 0x25FD, 0x25FE },   { 0x2614, 0x2615 },
    { 0x2648, 0x2653 },   { 0x267F, 0x267F },   { 0x2693, 0x2693 },   { 0x26A1, 0x26A1 },
    { 0x26AA, 0x26AB },   { 0x26BD, 0x26BE },   { 0x26C4, 0x26C5 },   { 0x26CE, 0x26CE },
    { 0x26D4, 0x26D4 },   { 0x26EA, 0x26EA },   { 0x26F2, 0x26F3 },   { 0x26F5, 0x26F5 },
    { 0x26FA, 0x26FA },   { 0x26FD, 0x26FD },   { 0x2705, 0x2705 },   { 0x270A, 0x270B },
    { 0x2728, 0x2728 },   { 0x274C, 0x274C },   { 0x274E, 0x274E },   { 0x2753, 0x2755 },
    { 0x2757, 0x2757 },   { 0x2795, 0x2797 },   { 0x27B0, 0x27B0 },   { 0x27BF, 0x27BF },
    { 0x2B1B, 0x2B1C },   { 0x2B50, 0x2B50 },   { 0x2B55, 0x2B55 },   { 0x2E80, 0x303E },
    { 0x3041, 0x3247 },   { 0x3250, 0x4DBF },   { 0x4E00, 0xA4C6 },   { 0xA960, 0xA97C },
    { 0xAC00, 0xD7A3 },   { 0xF900, 0xFAD9 },   { 0xFE10, 0xFE19 },   { 0xFE30, 0xFE6B },
    { 0xFF01, 0xFF60 },   { 0xFFE0, 0xFFE6 },   { 0x16FE0, 0x1B2FB }, { 0x1F004, 0x1F004 },
    { 0x1F0CF, 0x1F0CF }, { 0x1F18E, 0x1F18E }, { 0x1F191, 0x1F19A }, { 0x1F200, 0x1F320 },
    { 0x1F32D, 0x1F335 }, { 0x1F337, 0x1F37C }, { 0x1F37E, 0x1F393 }, { 0x1F3A0, 0x1F3CA },
    { 0x1F3CF, 0x1F3D3 }, { 0x1F3E0, 0x1F3F0 }, { 0x1F3F4, 0x1F3F4 }, { 0x1F3F8, 0x1F43E },
    { 0x1F440, 0x1F440 }, { 0x1F442, 0x1F4FC }, { 0x1F4FF, 0x1F53D }, { 0x1F54B, 0x1F54E },
    { 0x1F550, 0x1F567 }, { 0x1F57A, 0x1F57A }, { 0x1F595, 0x1F596 }, { 0x1F5A4, 0x1F5A4 },
    { 0x1F5FB, 0x1F64F }, { 0x1F680, 0x1F6C5 }, { 0x1F6CC, 0x1F6CC }, { 0x1F6D0, 0x1F6D2 },
    { 0x1F6D5, 0x1F6DF }, { 0x1F6EB, 0x1F6EC }, { 0x1F6F4, 0x1F6FC }, { 0x1F7E0, 0x1F7F0 },
    { 0x1F90C, 0x1F93A }, { 0x1F93C, 0x1F945 }, { 0x1F947, 0x1F9FF }, { 0x1FA70, 0x1FAF6 },
    { 0x20000, 0x3134A },
};

/* Combining and format characters. Left out: combining marks of most Indic scripts and of scripts
 * beyond the basic plane, which count as one column. */
static const struct range no_width[] = {
    { 0x0300, 0x036F }, { 0x0483, 0x0489 }, { 0x0591, 0x05BD },   { 0x05BF, 0x05BF },
    { 0x05C1, 0x05C2 }, { 0x05C4, 0x05C5 }, { 0x05C7, 0x05C7 },   { 0x0610, 0x061A },
    { 0x064B, 0x065F }, { 0x0670, 0x0670 }, { 0x06D6, 0x06DC },   { 0x06DF, 0x06E4 },
    { 0x06E7, 0x06E8 }, { 0x06EA, 0x06ED }, { 0x0900, 0x0902 },   { 0x093A, 0x093A },
    { 0x093C, 0x093C }, { 0x0941, 0x0948 }, { 0x094D, 0x094D },   { 0x0E31, 0x0E31 },
    { 0x0E34, 0x0E3A }, { 0x0E47, 0x0E4E }, { 0x1AB0, 0x1ACE },   { 0x1DC0, 0x1DFF },
    { 0x200B, 0x200F }, { 0x202A, 0x202E }, { 0x2060, 0x2064 },   { 0x2066, 0x206F },
    { 0x20D0, 0x20F0 }, { 0x302A, 0x302D }, { 0x3099, 0x309A },   { 0xFE00, 0xFE0F },
    { 0xFE20, 0xFE2F }, { 0xFEFF, 0xFEFF }, { 0xE0100, 0xE01EF },
};

/* What Python's str.isprintable() denies: controls, formats, surrogates, private use, white space
 * but the space, and unassigned characters. Left out: unassigned ones in runs shorter than 32. */
static const struct range unprintable[] = {
    { 0x0, 0x1F },        { 0x7F, 0xA0 },        { 0xAD, 0xAD },       { 0x5F5, 0x605 },
    { 0x61C, 0x61C },     { 0x6DD, 0x6DD },      { 0x70E, 0x70F },     { 0x88F, 0x897 },
    { 0x8E2, 0x8E2 },     { 0xE5C, 0xE80 },      { 0xEE0, 0xEFF },     { 0xFDB, 0xFFF },
    { 0x1680, 0x1680 },   { 0x180E, 0x180E },    { 0x1ACF, 0x1AFF },   { 0x1FFF, 0x200F },
    { 0x2028, 0x202F },   { 0x205F, 0x206F },    { 0x2E5E, 0x2E7F },   { 0x2FFC, 0x3000 },
    { 0xD7FC, 0xF8FF },   { 0xFADA, 0xFAFF },    { 0xFDD0, 0xFDEF },   { 0xFEFD, 0xFF00 },
    { 0xFFEF, 0xFFFB },   { 0x1005E, 0x1007F },  { 0x101A1, 0x101CF }, { 0x101FE, 0x1027F },
    { 0x103D6, 0x103FF }, { 0x105BD, 0x105FF },  { 0x107BB, 0x107FF }, { 0x108B0, 0x108DF },
    { 0x10940, 0x1097F }, { 0x10AA0, 0x10ABF },  { 0x10BB0, 0x10BFF }, { 0x10C49, 0x10C7F },
    { 0x10D3A, 0x10E5F }, { 0x10EB2, 0x10EFF },  { 0x10F8A, 0x10FAF }, { 0x110BD, 0x110BD },
    { 0x110C3, 0x110CF }, { 0x1123F, 0x1127F },  { 0x11375, 0x113FF }, { 0x114DA, 0x1157F },
    { 0x115DE, 0x115FF }, { 0x116CA, 0x116FF },  { 0x11747, 0x117FF }, { 0x1183C, 0x1189F },
    { 0x1195A, 0x1199F }, { 0x11AF9, 0x11BFF },  { 0x11CB7, 0x11CFF }, { 0x11DAA, 0x11EDF },
    { 0x11EF9, 0x11FAF }, { 0x1239A, 0x123FF },  { 0x12544, 0x12F8F }, { 0x1342F, 0x143FF },
    { 0x14647, 0x167FF }, { 0x16B90, 0x16E3F },  { 0x16E9B, 0x16EFF }, { 0x16FA0, 0x16FDF },
    { 0x18CD6, 0x18CFF }, { 0x18D09, 0x1AFEF },  { 0x1B123, 0x1B14F }, { 0x1B2FC, 0x1BBFF },
    { 0x1BCA0, 0x1CEFF }, { 0x1CFC4, 0x1CFFF },  { 0x1D173, 0x1D17A }, { 0x1D246, 0x1D2DF },
    { 0x1D379, 0x1D3FF }, { 0x1DAB0, 0x1DEFF },  { 0x1DF1F, 0x1DFFF }, { 0x1E02B, 0x1E0FF },
    { 0x1E150, 0x1E28F }, { 0x1E300, 0x1E7DF },  { 0x1E8D7, 0x1E8FF }, { 0x1E960, 0x1EC70 },
    { 0x1ECB5, 0x1ED00 }, { 0x1ED3E, 0x1EDFF },  { 0x1EEBC, 0x1EEEF }, { 0x1EEF2, 0x1EFFF },
    { 0x1F1AE, 0x1F1E5 }, { 0x1F266, 0x1F2FF },  { 0x1F8B2, 0x1F8FF }, { 0x1FBCB, 0x1FBEF },
    { 0x1FBFA, 0x1FFFF }, { 0x2A6E0, 0x2A6FF },  { 0x2EBE1, 0x2F7FF }, { 0x2FA1E, 0x2FFFF },
    { 0x3134B, 0xE00FF }, { 0xE01F0, 0x10FFFF },
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t codepoint)
{
    size_t low = 0, high = count; /* the first range that does not end before codepoint */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges[middle].to < codepoint) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && ranges[low].from <= codepoint;
}

/* ---- bytes and characters ---- */

/* Length of the sequence that a byte begins, and the smallest character that needs it. */
static size_t sequence(unsigned char first, uint32_t *bits, uint32_t *smallest)
{
    if (first >= 0xC2 && first <= 0xDF) {
        *bits = first & 0x1Fu;
        *smallest = 0x80;
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        *bits = first & 0x0Fu;
        *smallest = 0x800;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        *bits = first & 0x07u;
        *smallest = 0x10000;
        return 4;
    }
    return 0;
}

static bool is_character(uint32_t codepoint)
{
    return codepoint <= 0x10FFFF && (codepoint < 0xD800 || codepoint > 0xDFFF);
}

uint32_t utf8_next(str s, size_t *at)
{
    if (*at >= s.len) {
        return UTF8_BAD;
    }
    const unsigned char *bytes = (const unsigned char *)s.ptr + *at;
    size_t left = s.len - *at;
    *at += 1;
    if (bytes[0] < 0x80) {
        return bytes[0];
    }
    uint32_t codepoint = 0, smallest = 0;
    size_t len = sequence(bytes[0], &codepoint, &smallest);
    if (len == 0 || len > left) {
        return UTF8_BAD;
    }
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return UTF8_BAD;
        }
        codepoint = codepoint << 6 | (bytes[i] & 0x3Fu);
    }
    if (codepoint < smallest || !is_character(codepoint)) {
        return UTF8_BAD;
    }
    *at += len - 1;
    return codepoint;
}

size_t utf8_encode(uint32_t codepoint, char ret[4])
{
    if (!is_character(codepoint)) {
        return 0;
    }
    if (codepoint < 0x80) {
        ret[0] = (char)codepoint;
        return 1;
    }
    size_t len = codepoint < 0x800 ? 2 : codepoint < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = len - 1; i > 0; i--) {
        ret[i] = (char)(0x80 | (codepoint & 0x3F));
        codepoint >>= 6;
    }
    ret[0] = (char)(lead[len] | codepoint);
    return len;
}

bool utf8_valid(str s, size_t *ret_bad)
{
    for (size_t at = 0; at < s.len;) {
        size_t was = at;
        if (utf8_next(s, &at) == UTF8_BAD) {
            if (ret_bad != NULL) {
                *ret_bad = was;
            }
            return false;
        }
    }
    return true;
}

size_t utf8_length(str s)
{
    size_t count = 0;
    for (size_t at = 0; at < s.len; count++) {
        utf8_next(s, &at);
    }
    return count;
}

size_t utf8_offset(str s, size_t index)
{
    size_t at = 0;
    while (index > 0 && at < s.len) {
        utf8_next(s, &at);
        index--;
    }
    return at;
}

str utf8_repair(struct arena *arena, str s)
{
    size_t bad = 0;
    if (utf8_valid(s, &bad)) {
        return s;
    }
    struct strbuf buf = strbuf_in(arena);
    strbuf_add(&buf, str_part(s, 0, bad));
    for (size_t at = bad; at < s.len;) {
        strbuf_add_utf8(&buf, utf8_next(s, &at)); /* writes U+FFFD for UTF8_BAD */
    }
    return strbuf_str(&buf);
}

/* ---- what a character is like ---- */

unsigned utf8_columns(uint32_t codepoint)
{
    if (codepoint < 0x300) {
        return 1;
    }
    if (in_ranges(no_width, ARRAY_LEN(no_width), codepoint)) {
        return 0;
    }
    return in_ranges(wide, ARRAY_LEN(wide), codepoint) ? 2 : 1;
}

bool utf8_is_space(uint32_t codepoint)
{
    switch (codepoint) {
    case ' ':
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
        return true;
    }
    return (codepoint >= '\t' && codepoint <= '\r') || (codepoint >= 0x1C && codepoint <= 0x1F) ||
           (codepoint >= 0x2000 && codepoint <= 0x200A);
}

bool utf8_is_printable(uint32_t codepoint)
{
    return codepoint <= 0x10FFFF && !in_ranges(unprintable, ARRAY_LEN(unprintable), codepoint);
}

/* ---- upper and lower case ---- */

/* Lower-case letters from..to, each `step` apart, and the way to their upper-case ones. Left out:
 * phonetic and historic letters. */
struct letters {
    uint32_t from, to;
    uint32_t step;
    int32_t to_upper;
};

static const struct letters letters[] = {
    { 'a', 'z', 1, -32 },      { 0xE0, 0xF6, 1, -32 },      { 0xF8, 0xFE, 1, -32 },
    { 0xFF, 0xFF, 1, 121 },    { 0x101, 0x12F, 2, -1 },     { 0x133, 0x137, 2, -1 },
    { 0x13A, 0x148, 2, -1 },   { 0x14B, 0x177, 2, -1 },     { 0x17A, 0x17E, 2, -1 },
    { 0x1A1, 0x1A5, 2, -1 },   { 0x1B0, 0x1B0, 1, -1 },     { 0x1CE, 0x1DC, 2, -1 },
    { 0x1DF, 0x1EF, 2, -1 },   { 0x1F5, 0x1F5, 1, -1 },     { 0x1F9, 0x21F, 2, -1 },
    { 0x223, 0x233, 2, -1 },   { 0x247, 0x24F, 2, -1 },     { 0x371, 0x373, 2, -1 },
    { 0x377, 0x377, 1, -1 },   { 0x3AC, 0x3AC, 1, -38 },    { 0x3AD, 0x3AF, 1, -37 },
    { 0x3B1, 0x3C1, 1, -32 },  { 0x3C3, 0x3CB, 1, -32 },    { 0x3CC, 0x3CC, 1, -64 },
    { 0x3CD, 0x3CE, 1, -63 },  { 0x3D9, 0x3EF, 2, -1 },     { 0x430, 0x44F, 1, -32 },
    { 0x450, 0x45F, 1, -80 },  { 0x461, 0x481, 2, -1 },     { 0x48B, 0x4BF, 2, -1 },
    { 0x4C2, 0x4CE, 2, -1 },   { 0x4CF, 0x4CF, 1, -15 },    { 0x4D1, 0x52F, 2, -1 },
    { 0x561, 0x586, 1, -48 },  { 0x10D0, 0x10FA, 1, 3008 }, { 0x10FD, 0x10FF, 1, 3008 },
    { 0x1E01, 0x1E95, 2, -1 }, { 0x1EA1, 0x1EFF, 2, -1 },   { 0xFF41, 0xFF5A, 1, -32 },
};

/* Lower-case letters whose upper-case one has another lower-case one. */
static const struct letters one_way[] = {
    { 0xB5, 0xB5, 1, 743 },    /* micro sign: Greek capital Mu */
    { 0x131, 0x131, 1, -232 }, /* dotless i */
    { 0x17F, 0x17F, 1, -300 }, /* long s */
    { 0x3C2, 0x3C2, 1, -31 },  /* final sigma */
};

static uint32_t raised(const struct letters *rows, size_t count, uint32_t codepoint)
{
    for (size_t i = 0; i < count; i++) {
        if (codepoint >= rows[i].from && codepoint <= rows[i].to &&
            (codepoint - rows[i].from) % rows[i].step == 0) {
            return (uint32_t)((int32_t)codepoint + rows[i].to_upper);
        }
    }
    return codepoint;
}

uint32_t utf8_to_upper(uint32_t codepoint)
{
    if (codepoint > 0x10FFFF) {
        return codepoint;
    }
    uint32_t upper = raised(letters, ARRAY_LEN(letters), codepoint);
    return upper != codepoint ? upper : raised(one_way, ARRAY_LEN(one_way), codepoint);
}

uint32_t utf8_to_lower(uint32_t codepoint)
{
    for (size_t i = 0; i < ARRAY_LEN(letters) && codepoint <= 0x10FFFF; i++) {
        uint32_t lower = (uint32_t)((int32_t)codepoint - letters[i].to_upper);
        if (lower >= letters[i].from && lower <= letters[i].to &&
            (lower - letters[i].from) % letters[i].step == 0) {
            return lower;
        }
    }
    return codepoint;
}

static str change_case(struct arena *arena, str s, bool upper)
{
    struct strbuf buf = strbuf_in(arena);
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        uint32_t changed = upper ? utf8_to_upper(c) : utf8_to_lower(c);
        if (upper && c == 0xDF) {
            strbuf_add(&buf, S("SS"));
        } else if (changed == c) {
            strbuf_add(&buf, str_part(s, from, at));
        } else {
            strbuf_add_utf8(&buf, changed);
        }
    }
    return strbuf_str(&buf);
}

str utf8_upper(struct arena *arena, str s)
{
    return change_case(arena, s, true);
}

str utf8_lower(struct arena *arena, str s)
{
    return change_case(arena, s, false);
}
