/* Bytes, sets and vault texts. */
#include "check.h"

#include "formats/objects.h"

static const struct row printed[] = {
    { S_INIT("hello"), S_INIT("b'hello'") },
    { S_INIT("it's"), S_INIT("b\"it's\"") },
    { S_INIT("'\""), S_INIT("b'\\'\"'") },
    { S_INIT("\0\n\t\r\\\x7F\xFF"), S_INIT("b'\\x00\\n\\t\\r\\\\\\x7f\\xff'") },
    { S_INIT(""), S_INIT("b''") },
};

Test(objects, bytes)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(printed); i++) {
        value v = value_bytes(bench.arena, printed[i].text);
        EQ_STR(value_as_str(value_repr(bench.arena, v)), printed[i].expected, printed[i].text);
        cr_assert_eq(value_equal(v, value_copy(bench.arena, v)), TRUTH_TRUE);
    }
}

static const struct row encoded[] = {
    { S_INIT(""), S_INIT("") },
    { S_INIT("a"), S_INIT("YQ==\n") },
    { S_INIT("ab"), S_INIT("YWI=\n") },
    { S_INIT("abc"), S_INIT("YWJj\n") },
    { S_INIT("\xFF\xFE\xFD\xFC"), S_INIT("//79/A==\n") },
    { S_INIT("012345678901234567890123456789012345678901234567890123456"),
      S_INIT("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2\n") },
    { S_INIT("0123456789012345678901234567890123456789012345678901234567"),
      S_INIT("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2\n"
             "Nw==\n") },
};

Test(objects, base64)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(encoded); i++) {
        str back;
        EQ_STR(base64_encode_lines(bench.arena, encoded[i].text), encoded[i].expected,
               encoded[i].text);
        cr_assert(base64_decode(bench.arena, encoded[i].expected, &back));
        EQ_STR(back, encoded[i].text, encoded[i].text);
    }
}

Test(objects, base64_as_lenient_as_python)
{
    BENCH(bench);
    str bytes;
    cr_assert(base64_decode(bench.arena, S("Y W-J\nj"), &bytes));
    EQ_STR(bytes, S("abc"), S("what is no digit is skipped"));
    cr_assert(base64_decode(bench.arena, S("YQ==YQ=="), &bytes));
    EQ_STR(bytes, S("a"), S("padding ends it"));
    cr_assert(base64_decode(bench.arena, S("=YWJj"), &bytes));
    EQ_STR(bytes, S("abc"), S("padding before anything"));
    cr_assert_not(base64_decode(bench.arena, S("YQ"), &bytes));
    cr_assert_not(base64_decode(bench.arena, S("YQ="), &bytes));
    cr_assert_not(base64_decode(bench.arena, S("Y"), &bytes));
}

static value set_of(struct bench *bench, str yaml)
{
    return value_set(bench->arena, yaml_value(bench, yaml));
}

Test(objects, sets)
{
    BENCH(bench);
    value set = set_of(&bench, S("[b, 1, a, b, true, 1.0]"));
    EQ_STR(value_as_str(value_repr(bench.arena, set)), S("{'b', 1, 'a'}"), S("first seen"));
    EQ_STR(value_as_str(value_repr(bench.arena, set_of(&bench, S("[]")))), S("set()"), S("empty"));
    cr_assert_eq(value_equal(set, set_of(&bench, S("[a, b, 1]"))), TRUTH_TRUE);
    cr_assert_eq(value_equal(set, set_of(&bench, S("[a, b, 2]"))), TRUTH_FALSE);
    cr_assert_eq(value_equal(set, set_of(&bench, S("[a, b]"))), TRUTH_FALSE);
    cr_assert_eq(value_equal(set, value_copy(bench.arena, set)), TRUTH_TRUE);
}
