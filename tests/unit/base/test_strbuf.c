#include "base/strbuf.h"

#include <limits.h>
#include <string.h>

#include "check.h"

Test(strbuf, builds)
{
    ARENA(arena);
    struct strbuf buf = strbuf_in(arena);
    EQ_STR(strbuf_str(&buf), S(""), "empty, but a text");
    strbuf_add(&buf, S("ab"));
    strbuf_add(&buf, STR_NONE);
    strbuf_add_char(&buf, '\0');
    strbuf_add_repeat(&buf, '-', 3);
    strbuf_add_repeat(&buf, '-', 0);
    strbuf_add_utf8(&buf, 0x20AC);
    strbuf_add_utf8(&buf, 0xD800);
    strbuf_addf(&buf, "%05.1f", 3.14159);
    str text = strbuf_str(&buf);
    EQ_STR(text, S("ab\0---\xE2\x82\xAC\xEF\xBF\xBD"
                   "003.1"));
    cr_assert_eq(text.ptr[text.len], '\0');
}

Test(strbuf, grows_beside_others)
{
    ARENA(arena);
    struct strbuf one = strbuf_in(arena), other = strbuf_in(arena);
    for (int i = 0; i < 20000; i++) {
        strbuf_addf(&one, "%d,", i);
        strbuf_add_char(&other, (char)('a' + i % 26));
    }
    str rest = strbuf_str(&one);
    for (int64_t i = 0; i < 20000; i++) {
        int64_t number = -1;
        cr_assert(str_to_int64(str_cut(&rest, ','), &number));
        cr_assert_eq(number, i);
        cr_assert_eq(strbuf_str(&other).ptr[i], 'a' + i % 26);
    }
}

Test(strbuf, room_is_given_and_taken)
{
    ARENA(arena);
    struct strbuf buf = strbuf_in(arena);
    memcpy(strbuf_room(&buf, 1000), "hello", 5);
    strbuf_grew(&buf, 5);
    strbuf_add_char(&buf, '!');
    EQ_STR(strbuf_str(&buf), S("hello!"));
    strbuf_truncate(&buf, 4);
    EQ_STR(strbuf_str(&buf), S("hell"));
    str itself = strbuf_str(&buf);
    for (int i = 0; i < 5; i++) {
        strbuf_add(&buf, itself);
    }
    EQ_STR(strbuf_str(&buf), S("hellhellhellhellhellhell"));
}

/* What is done here and what printf does come out alike. */
Test(strbuf, formats)
{
    ARENA(arena);
    char bytes[] = { 'a', 'b', 'c' }; /* no NUL behind */
    struct strbuf buf = strbuf_in(arena);
    strbuf_addf(&buf, "%s|%.*s|%.*s|%.*s|%c%%", "text", 2, "abc", 3, bytes, -1, "all", 'x');
    strbuf_addf(&buf, "|%d %d %d|%u %zu", 0, INT_MIN, INT_MAX, UINT_MAX, SIZE_MAX);
    strbuf_addf(&buf, "|%d %5s %03d %x %.2f %s", 7, "ab", 9, 255, 0.5, "end");
    strbuf_addf(&buf, "|%04o %03o %03o %09o", 0644, 7, 04755, UINT_MAX);
    strbuf_addf(&buf, "%s", "");
    EQ_STR(strbuf_str(&buf), S("text|ab|abc|all|x%|0 -2147483648 2147483647|4294967295 "
                               "18446744073709551615|7    ab 009 ff 0.50 end"
                               "|0644 007 4755 37777777777"));
}

Test(strbuf, one_format_longer_than_the_room)
{
    ARENA(arena);
    struct strbuf buf = strbuf_in(arena);
    for (int width = 1; width < 300; width++) {
        size_t before = buf.len;
        strbuf_addf(&buf, "%*d", width, 7);
        cr_assert_eq(buf.len, before + (size_t)width);
        cr_assert_eq(strbuf_str(&buf).ptr[buf.len - 1], '7');
    }
}

Test(strbuf, integers)
{
    static const struct {
        int64_t number;
        const char *text;
    } rows[] = { { 0, "0" },
                 { 7, "7" },
                 { -10, "-10" },
                 { INT64_MAX, "9223372036854775807" },
                 { INT64_MIN, "-9223372036854775808" } };
    ARENA(arena);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf buf = strbuf_in(arena);
        strbuf_add_int(&buf, rows[i].number);
        EQ_STR(strbuf_str(&buf), str_of(rows[i].text));
    }
}

Test(strbuf, truncating_behind_the_end_is_a_bug, .exit_code = 250)
{
    ARENA(arena);
    struct strbuf buf = strbuf_in(arena);
    strbuf_truncate(&buf, 1);
}
