#include "base/textbuf.h"

#include "check.h"

/* The text with each range in brackets: s[...] secret, u[...] unknown. */
static str drawn(struct arena *arena, value v)
{
    value text = v;
    value_unknown_text(v, &text);
    str bytes = value_as_str(text);
    size_t count = 0, done = 0;
    const struct mark *marks = value_marks(v, &count);
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < count; i++) {
        cr_assert(marks[i].from >= done && marks[i].to > marks[i].from);
        strbuf_add(&out, str_part(bytes, done, marks[i].from));
        strbuf_add(&out, marks[i].kind == MARK_SECRET ? S("s[") : S("u["));
        strbuf_add(&out, str_part(bytes, marks[i].from, marks[i].to));
        strbuf_add_char(&out, ']');
        done = marks[i].to;
    }
    strbuf_add(&out, str_part(bytes, done, bytes.len));
    return strbuf_str(&out);
}

Test(textbuf, keeps_marks_of_parts)
{
    ARENA(arena);
    struct textbuf buf = textbuf_in(arena);
    textbuf_add(&buf, S("user="));
    textbuf_add_value(&buf, value_str(arena, S("root")));
    textbuf_add_char(&buf, ':');
    textbuf_add_value(&buf, value_secret(arena, S("hunter2")));
    textbuf_add_value(&buf, value_secret(arena, S("!")));
    textbuf_add_value(&buf, value_secret(arena, S("")));
    textbuf_add(&buf, S("@"));
    value v = textbuf_value(&buf);
    cr_assert(value_is(v, VALUE_STR));
    cr_assert(value_has_secret(v));
    cr_assert_not(value_is_trusted(v));
    EQ_STR(drawn(arena, v), S("user=root:s[hunter2!]@"), "neighbours are joined");
}

Test(textbuf, an_unknown_part_makes_an_unknown_text)
{
    ARENA(arena);
    struct textbuf buf = textbuf_in(arena);
    textbuf_add(&buf, S("id "));
    textbuf_add_value(&buf, value_unknown());
    textbuf_add_value(&buf, value_secret(arena, S("pw")));
    value v = textbuf_value(&buf);
    cr_assert(value_is(v, VALUE_UNKNOWN));
    cr_assert(value_has_unknown(v));
    EQ_STR(drawn(arena, v), S("id u[(unknown)]s[pw]"));

    struct textbuf outer = textbuf_in(arena);
    textbuf_add_value(&outer, v);
    textbuf_add_value(&outer, v);
    EQ_STR(drawn(arena, textbuf_value(&outer)), S("id u[(unknown)]s[pw]id u[(unknown)]s[pw]"));
}

Test(textbuf, parts)
{
    ARENA(arena);
    static const struct mark marks[] = { { 2, 4, MARK_SECRET }, { 6, 8, MARK_UNKNOWN } };
    value v = value_marked(arena, S("0123456789"), marks, 2);
    static const struct {
        size_t from, to;
        str expected;
        enum value_kind kind;
    } rows[] = {
        { 0, 10, S_INIT("01s[23]45u[67]89"), VALUE_UNKNOWN },
        { 0, 99, S_INIT("01s[23]45u[67]89"), VALUE_UNKNOWN },
        { 3, 7, S_INIT("s[3]45u[6]"), VALUE_UNKNOWN },
        { 0, 6, S_INIT("01s[23]45"), VALUE_STR },
        { 4, 6, S_INIT("45"), VALUE_STR },
        { 8, 6, S_INIT(""), VALUE_STR },
        { 2, 3, S_INIT("s[2]"), VALUE_STR },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        value part = value_part(arena, v, rows[i].from, rows[i].to);
        EQ_STR(drawn(arena, part), rows[i].expected);
        cr_assert_eq(value_kind(part), rows[i].kind, "row %zu", i);
    }
}

Test(textbuf, what_is_derived_from_a_secret_is_secret)
{
    ARENA(arena);
    static const struct mark middle = { 1, 2, MARK_SECRET };
    struct textbuf buf = textbuf_in(arena);
    textbuf_add_derived(&buf, S("ABC"), value_marked(arena, S("abc"), &middle, 1));
    textbuf_add_derived(&buf, S("DEF"), value_str(arena, S("def")));
    EQ_STR(drawn(arena, textbuf_value(&buf)), S("s[ABC]DEF"));
}

Test(textbuf, takes_texts_only, .exit_code = 250)
{
    ARENA(arena);
    struct textbuf buf = textbuf_in(arena);
    textbuf_add_value(&buf, value_int(1));
}
