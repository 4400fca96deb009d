#include <stdio.h>
#include <string.h>

#include "check.h"

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

Test(str, of_and_part)
{
    EQ_STR(str_of("abc"), S("abc"));
    EQ_STR(str_of(NULL), STR_NONE);
    static const struct {
        size_t from, to;
        str expected;
    } rows[] = {
        { 0, 5, S_INIT("hello") }, { 1, 3, S_INIT("el") }, { 0, 99, S_INIT("hello") },
        { 9, 99, S_INIT("") },     { 3, 3, S_INIT("") },   { 4, 2, S_INIT("") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(str_part(S("hello"), rows[i].from, rows[i].to), rows[i].expected);
    }
}

Test(str, compare)
{
    static const struct {
        str a, b;
        int order;
        bool nocase;
    } rows[] = {
        { S_INIT(""), S_INIT(""), 0, true },           { S_INIT("a"), S_INIT("a"), 0, true },
        { S_INIT("a"), S_INIT("A"), 1, true },         { S_INIT("a"), S_INIT("ab"), -1, false },
        { S_INIT("b"), S_INIT("ab"), 1, false },       { S_INIT(""), S_INIT("a"), -1, false },
        { S_INIT("a\0b"), S_INIT("a\0c"), -1, false }, { S_INIT("\xff"), S_INIT("a"), 1, false },
        { S_INIT("["), S_INIT("{"), -1, false },       { S_INIT("Mode"), S_INIT("mODE"), -1, true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(sign(str_cmp(rows[i].a, rows[i].b)), rows[i].order, "row %zu", i);
        cr_assert_eq(sign(str_cmp(rows[i].b, rows[i].a)), -rows[i].order, "row %zu", i);
        cr_assert_eq(str_eq(rows[i].a, rows[i].b), rows[i].order == 0, "row %zu", i);
        cr_assert_eq(str_eq_nocase(rows[i].a, rows[i].b), rows[i].nocase, "row %zu", i);
    }
    cr_assert(str_eq(STR_NONE, STR_NONE));
    cr_assert_not(str_eq(STR_NONE, STR_EMPTY));
    cr_assert_not(str_eq_nocase(STR_EMPTY, STR_NONE));
}

Test(str, starts_and_ends)
{
    cr_assert(str_starts(S("abc"), S("ab")));
    cr_assert(str_starts(S("abc"), S("")));
    cr_assert(str_starts(STR_NONE, S("")));
    cr_assert_not(str_starts(S("a"), S("ab")));
    cr_assert(str_ends(S("abc"), S("bc")));
    cr_assert(str_ends(S("abc"), S("")));
    cr_assert_not(str_ends(S("abc"), S("b")));
    cr_assert_not(str_ends(S("c"), S("bc")));
}

Test(str, hash_depends_on_every_byte_and_the_length)
{
    char text[40] = { 0 };
    uint64_t hashes[400];
    size_t count = 0;
    for (size_t len = 0; len <= sizeof text; len++) {
        str s = { text, len };
        hashes[count++] = str_hash(s);
        for (size_t at = 0; at < len; at += 5) {
            text[at] ^= 1;
            hashes[count++] = str_hash(s);
            text[at] ^= 1;
        }
        cr_assert_eq(str_hash(s), str_hash((str){ memcpy((char[40]){ 0 }, text, len), len }));
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            cr_assert_neq(hashes[i], hashes[j]);
        }
    }
}

Test(str, find)
{
    static const struct {
        str text, needle;
        size_t from, first, last;
    } rows[] = {
        { S_INIT("abcabc"), S_INIT("bc"), 0, 1, 4 },
        { S_INIT("abcabc"), S_INIT("bc"), 2, 4, 4 },
        { S_INIT("abcabc"), S_INIT("bc"), 5, STR_NPOS, 4 },
        { S_INIT("abc"), S_INIT("abcd"), 0, STR_NPOS, STR_NPOS },
        { S_INIT("abc"), S_INIT(""), 1, 1, 3 },
        { S_INIT("abc"), S_INIT(""), 3, 3, 3 },
        { S_INIT("abc"), S_INIT(""), 4, STR_NPOS, 3 },
        { S_INIT(""), S_INIT("a"), 0, STR_NPOS, STR_NPOS },
        { S_INIT("a\0b\0"), S_INIT("\0"), 2, 3, 3 },
        { S_INIT("aaa"), S_INIT("aa"), 0, 0, 1 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(str_find(rows[i].text, rows[i].needle, rows[i].from), rows[i].first, "row %zu",
                     i);
        cr_assert_eq(str_rfind(rows[i].text, rows[i].needle), rows[i].last, "row %zu", i);
    }
    cr_assert_eq(str_find_char(S("a:b:c"), ':', 2), 3);
    cr_assert_eq(str_find_char(S("a:b:c"), ':', 9), STR_NPOS);
    cr_assert_eq(str_find_char(STR_NONE, ':', 0), STR_NPOS);
    cr_assert_eq(str_count(S(":a:b::"), ':'), 4);
    cr_assert_eq(str_count(STR_NONE, ':'), 0);
}

Test(str, trim)
{
    EQ_STR(str_trim(S(" \t\r\n\v\f a b \n")), S("a b"));
    EQ_STR(str_trim_left(S("  a ")), S("a "));
    EQ_STR(str_trim_right(S("  a ")), S("  a"));
    EQ_STR(str_trim(S("  ")), S(""));
    EQ_STR(str_trim(S("\xC2\xA0")), S("\xC2\xA0"), "ASCII only");
}

Test(str, cut)
{
    static const struct {
        str text;
        const char *parts; /* each in brackets */
        const char *lines;
    } rows[] = {
        { S_INIT("a\nb"), "[a][b]", "[a][b]" },
        { S_INIT("a\nb\n"), "[a][b][]", "[a][b]" },
        { S_INIT("a\n\n"), "[a][][]", "[a][]" },
        { S_INIT("\na"), "[][a]", "[][a]" },
        { S_INIT("a"), "[a]", "[a]" },
        { S_INIT("\n"), "[][]", "[]" },
        { S_INIT(""), "[]", "[]" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char parts[40] = "", lines[40] = "";
        for (str rest = rows[i].text; !str_is_none(rest);) {
            str part = str_cut(&rest, '\n');
            snprintf(parts + strlen(parts), 20, "[%.*s]", SARG(part));
        }
        for (str rest = rows[i].text; !str_is_none(rest);) {
            str line = str_cut_line(&rest);
            snprintf(lines + strlen(lines), 20, "[%.*s]", SARG(line));
        }
        cr_assert_str_eq(parts, rows[i].parts, "row %zu", i);
        cr_assert_str_eq(lines, rows[i].lines, "row %zu", i);
    }
}

Test(str, to_int64)
{
    static const struct {
        str text;
        bool valid;
        int64_t number;
    } rows[] = {
        { S_INIT("0"), true, 0 },
        { S_INIT("-0"), true, 0 },
        { S_INIT("+7"), true, 7 },
        { S_INIT("007"), true, 7 },
        { S_INIT("9223372036854775807"), true, INT64_MAX },
        { S_INIT("-9223372036854775808"), true, INT64_MIN },
        { S_INIT("9223372036854775808"), false, 0 },
        { S_INIT("-9223372036854775809"), false, 0 },
        { S_INIT("99999999999999999999"), false, 0 },
        { S_INIT(""), false, 0 },
        { S_INIT("-"), false, 0 },
        { S_INIT("--1"), false, 0 },
        { S_INIT("1 "), false, 0 },
        { S_INIT("0x1"), false, 0 },
        { S_INIT("1_0"), false, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t number = 77;
        cr_assert_eq(str_to_int64(rows[i].text, &number), rows[i].valid, "row %zu", i);
        cr_assert_eq(number, rows[i].valid ? rows[i].number : 77, "row %zu", i);
    }
}

Test(str, to_base)
{
    static const struct {
        str text;
        unsigned base;
        bool valid;
        uint64_t number;
    } rows[] = {
        { S_INIT("0755"), 8, true, 0755 },
        { S_INIT("8"), 8, false, 0 },
        { S_INIT("fF"), 16, true, 255 },
        { S_INIT("fg"), 16, false, 0 },
        { S_INIT("1010"), 2, true, 10 },
        { S_INIT("z"), 36, true, 35 },
        { S_INIT(""), 10, false, 0 },
        { S_INIT("-1"), 10, false, 0 },
        { S_INIT("ffffffffffffffff"), 16, true, UINT64_MAX },
        { S_INIT("10000000000000000"), 16, false, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t number = 0;
        cr_assert_eq(str_to_base(rows[i].text, rows[i].base, &number), rows[i].valid, "row %zu", i);
        cr_assert_eq(number, rows[i].number, "row %zu", i);
    }
}

Test(str, hexadecimal)
{
    ARENA(arena);
    static const struct {
        str text;
        bool valid;
        str bytes;
    } rows[] = {
        { S_INIT(""), true, S_INIT("") },
        { S_INIT("00ff7F"), true, S_INIT("\0\xff\x7f") },
        { S_INIT(" 6\n1 6\t2\r\n"), true, S_INIT("ab") },
        { S_INIT("616"), false, S_INIT("") },
        { S_INIT("6g"), false, S_INIT("") },
        { S_INIT("61\0"), false, S_INIT("") },
        { S_INIT("0x61"), false, S_INIT("") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str bytes;
        cr_assert_eq(str_from_hex(arena, rows[i].text, &bytes), rows[i].valid, "row %zu", i);
        if (rows[i].valid) {
            EQ_STR(bytes, rows[i].bytes);
        }
    }
    EQ_STR(str_hex(arena, "\x01\xab\0", 3), S("01ab00"));
    EQ_STR(str_hex(arena, "", 0), STR_EMPTY);
    str one = str_random_hex(arena, 12), two = str_random_hex(arena, 12), bytes;
    cr_assert_eq(one.len, 24u);
    cr_assert(!str_eq(one, two));
    cr_assert(str_from_hex(arena, one, &bytes));
}

Test(str, make)
{
    ARENA(arena);
    str copy = str_copy(arena, S("a\0b"));
    EQ_STR(copy, S("a\0b"));
    cr_assert_eq(copy.ptr[3], '\0');
    EQ_STR(str_copy(arena, STR_NONE), STR_NONE);
    EQ_STR(str_copy(arena, STR_EMPTY), STR_EMPTY);
    cr_assert_str_eq(str_c(arena, str_part(S("abc"), 0, 2)), "ab");
    cr_assert_str_eq(str_c(arena, STR_NONE), "");
    EQ_STR(str_format(arena, "%s-%d", "a", 7), S("a-7"));
    EQ_STR(str_format(arena, "%300d", 7), str_format(arena, "%299s7", ""));
    EQ_STR(str_concat(arena, S("ab"), S("cd")), S("abcd"));
    EQ_STR(str_concat(arena, STR_NONE, S("cd")), S("cd"));
    EQ_STR(str_replace(arena, S("a.b.c"), S("."), S("::")), S("a::b::c"));
    EQ_STR(str_replace(arena, S("aaa"), S("aa"), S("b")), S("ba"));
    EQ_STR(str_replace(arena, S("abc"), S("x"), S("y")), S("abc"));
    EQ_STR(str_replace(arena, S("abc"), S("abc"), S("")), S(""));
    EQ_STR(str_lower(arena, S("ABC \xC3\x84")), S("abc \xC3\x84"));
    EQ_STR(str_upper(arena, S("abz{ \xC3\xA4")), S("ABZ{ \xC3\xA4"));
}
