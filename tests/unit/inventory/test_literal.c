/* Python literals; expected is what ast.literal_eval() gives, "text" where it refuses. */
#include "check.h"
#include "inventory/literal.h"

static const struct row literals[] = {
    { S_INIT("5"), S_INIT("5") },
    { S_INIT("-5"), S_INIT("-5") },
    { S_INIT("+5"), S_INIT("5") },
    { S_INIT("--5"), S_INIT("text") },
    { S_INIT("- 5"), S_INIT("-5") },
    { S_INIT("1_000"), S_INIT("1000") },
    { S_INIT("1__0"), S_INIT("text") },
    { S_INIT("1_"), S_INIT("text") },
    { S_INIT("_1"), S_INIT("text") },
    { S_INIT("0x1F"), S_INIT("31") },
    { S_INIT("0X_1f"), S_INIT("31") },
    { S_INIT("0o17"), S_INIT("15") },
    { S_INIT("017"), S_INIT("text") },
    { S_INIT("007"), S_INIT("text") },
    { S_INIT("00"), S_INIT("0") },
    { S_INIT("0_0"), S_INIT("0") },
    { S_INIT("0b101"), S_INIT("5") },
    { S_INIT("0b2"), S_INIT("text") },
    { S_INIT("1.10"), S_INIT("1.1") },
    { S_INIT("1."), S_INIT("1.0") },
    { S_INIT(".5"), S_INIT("0.5") },
    { S_INIT("."), S_INIT("text") },
    { S_INIT("1e3"), S_INIT("1000.0") },
    { S_INIT("1E-3"), S_INIT("0.001") },
    { S_INIT("1e"), S_INIT("text") },
    { S_INIT("01.5"), S_INIT("1.5") },
    { S_INIT("1_0.5"), S_INIT("10.5") },
    { S_INIT("5j"), S_INIT("text") },
    { S_INIT("1+2"), S_INIT("text") },
    { S_INIT("1 2"), S_INIT("text") },
    { S_INIT("5x"), S_INIT("text") },
    { S_INIT("12345678901234567890123"), S_INIT("12345678901234567890123") },
    { S_INIT("-9223372036854775808"), S_INIT("-9223372036854775808") },
    { S_INIT("-9223372036854775809"), S_INIT("-9223372036854775809") },
    { S_INIT("0xFFFFFFFFFFFFFFFFFF"), S_INIT("4722366482869645213695") },
    { S_INIT("True"), S_INIT("True") },
    { S_INIT("False"), S_INIT("False") },
    { S_INIT("None"), S_INIT("None") },
    { S_INIT("true"), S_INIT("text") },
    { S_INIT("null"), S_INIT("text") },
    { S_INIT("Truee"), S_INIT("text") },
    { S_INIT("set()"), S_INIT("set()") },
    { S_INIT("set( )"), S_INIT("set()") },
    { S_INIT("set(1)"), S_INIT("text") },
    { S_INIT("'a'"), S_INIT("'a'") },
    { S_INIT("\"a\""), S_INIT("'a'") },
    { S_INIT("'a' 'b'"), S_INIT("'ab'") },
    { S_INIT("\"a\"\"b\""), S_INIT("'ab'") },
    { S_INIT("'it\\'s'"), S_INIT("\"it's\"") },
    { S_INIT("'a\\nb'"), S_INIT("'a\\nb'") },
    { S_INIT("'\\x41\\u00e9\\U0001F600'"), S_INIT("'Aé😀'") },
    { S_INIT("'\\101\\0'"), S_INIT("'A\\x00'") },
    { S_INIT("'\\q'"), S_INIT("'\\\\q'") },
    { S_INIT("r'a\\nb'"), S_INIT("'a\\\\nb'") },
    { S_INIT("R'\\''"), S_INIT("\"\\\\'\"") },
    { S_INIT("b'ab'"), S_INIT("'ab'") },
    { S_INIT("b'a' b'c'"), S_INIT("'ac'") },
    { S_INIT("b'a' 'c'"), S_INIT("text") },
    { S_INIT("rb'\\n'"), S_INIT("'\\\\n'") },
    { S_INIT("u'x'"), S_INIT("'x'") },
    { S_INIT("ur'x'"), S_INIT("text") },
    { S_INIT("f'x'"), S_INIT("text") },
    { S_INIT("'a"), S_INIT("text") },
    { S_INIT("'''a'b'''"), S_INIT("\"a'b\"") },
    { S_INIT("''"), S_INIT("''") },
    { S_INIT("''''"), S_INIT("text") },
    { S_INIT("b'\\xc3\\xa9'"), S_INIT("'é'") },
    { S_INIT("b'\\xff'"), S_INIT("text") },
    { S_INIT("'\\xZZ'"), S_INIT("text") },
    { S_INIT("'\\ud800'"), S_INIT("text") },
    { S_INIT("[]"), S_INIT("[]") },
    { S_INIT("[1]"), S_INIT("[1]") },
    { S_INIT("[1,]"), S_INIT("[1]") },
    { S_INIT("[,]"), S_INIT("text") },
    { S_INIT("[1 2]"), S_INIT("text") },
    { S_INIT("[1, 2, \"x\"]"), S_INIT("[1, 2, 'x']") },
    { S_INIT("[1, [2, (3,)]]"), S_INIT("[1, [2, (3,)]]") },
    { S_INIT("()"), S_INIT("()") },
    { S_INIT("(1)"), S_INIT("1") },
    { S_INIT("(1,)"), S_INIT("(1,)") },
    { S_INIT("(1, 2)"), S_INIT("(1, 2)") },
    { S_INIT("1, 2"), S_INIT("(1, 2)") },
    { S_INIT("1,"), S_INIT("(1,)") },
    { S_INIT("1, 2,"), S_INIT("(1, 2)") },
    { S_INIT(","), S_INIT("text") },
    { S_INIT("1,,2"), S_INIT("text") },
    { S_INIT("{}"), S_INIT("{}") },
    { S_INIT("{1}"), S_INIT("{1}") },
    { S_INIT("{1, 2}"), S_INIT("{1, 2}") },
    { S_INIT("{1,}"), S_INIT("{1}") },
    { S_INIT("{\"a\": 1}"), S_INIT("{'a': 1}") },
    { S_INIT("{\"a\": 1,}"), S_INIT("{'a': 1}") },
    { S_INIT("{\"a\": 1, \"b\": [1]}"), S_INIT("{'a': 1, 'b': [1]}") },
    { S_INIT("{a: 1}"), S_INIT("text") },
    { S_INIT("{1: 2, 3}"), S_INIT("text") },
    { S_INIT("{1: }"), S_INIT("text") },
    { S_INIT("{(1, 2): 3}"), S_INIT("{(1, 2): 3}") },
    { S_INIT("{\"a\" 1}"), S_INIT("text") },
    { S_INIT("{[1]: 2}"), S_INIT("unhashable") },
    { S_INIT("{[1]}"), S_INIT("unhashable") },
    { S_INIT("{{1}}"), S_INIT("unhashable") },
    { S_INIT("{{ 5 }}"), S_INIT("unhashable") },
    { S_INIT("{{ ['a'] }}"), S_INIT("unhashable") },
    { S_INIT("{{ name }}"), S_INIT("text") },
    { S_INIT("{{ 'a' + b }}"), S_INIT("text") },
    { S_INIT("{{}: 1}"), S_INIT("unhashable") },
    { S_INIT("{({},): 1}"), S_INIT("unhashable") },
    { S_INIT("{{\"a\": 1}}"), S_INIT("unhashable") },
    { S_INIT("5 # five"), S_INIT("5") },
    { S_INIT("[1] # x"), S_INIT("[1]") },
    { S_INIT("# x"), S_INIT("text") },
    { S_INIT("[1 # x"), S_INIT("text") },
    { S_INIT("[1"), S_INIT("text") },
    { S_INIT("1]"), S_INIT("text") },
    { S_INIT("10.0.0.1"), S_INIT("text") },
    { S_INIT("1/2"), S_INIT("text") },
    { S_INIT("a"), S_INIT("text") },
    { S_INIT("a b"), S_INIT("text") },
    { S_INIT("web-1"), S_INIT("text") },
    { S_INIT("-"), S_INIT("text") },
    { S_INIT("not 1"), S_INIT("text") },
    { S_INIT("..."), S_INIT("text") },
    { S_INIT("1 if 1 else 2"), S_INIT("text") },
    { S_INIT("lambda: 1"), S_INIT("text") },
    { S_INIT("{**{}}"), S_INIT("text") },
    { S_INIT("[*[1]]"), S_INIT("text") },
    { S_INIT("\"a\" % 1"), S_INIT("text") },
    { S_INIT(" 5"), S_INIT("5") },
    { S_INIT("5 "), S_INIT("5") },
    { S_INIT("\t5"), S_INIT("5") },
    { S_INIT("[ 1 , 2 ]"), S_INIT("[1, 2]") },
    { S_INIT("{\"a\":1,\"a\":2}"), S_INIT("{'a': 2}") },
    { S_INIT("{1: \"a\", True: \"b\"}"), S_INIT("{1: 'b'}") },
    { S_INIT("é"), S_INIT("text") },
    { S_INIT("\"é\""), S_INIT("'é'") },
    { S_INIT("[True,None]"), S_INIT("[True, None]") },
    { S_INIT("((((((1))))))"), S_INIT("1") },
};

static str literal_repr(struct bench *bench, str text)
{
    value v;
    switch (literal_read(bench->arena, text, (span){ 7, 3 }, &v)) {
    case LITERAL_NONE:
        return S("text");
    case LITERAL_UNHASHABLE:
        return S("unhashable");
    case LITERAL_READ:
        cr_assert(v.at.pos == 7 && v.at.len == 3, "%.*s: place is lost", SARG(text));
        return value_as_str(value_repr(bench->arena, v));
    }
    return STR_EMPTY;
}

Test(literal, means_what_python_says)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(literals); i++) {
        EQ_STR(literal_repr(&bench, literals[i].text), literals[i].expected, literals[i].text);
    }
}

Test(literal, strings_may_be_templates)
{
    BENCH(bench);
    value v;
    cr_assert_eq(literal_read(bench.arena, S("['{{ a }}']"), SPAN_NONE, &v), LITERAL_READ);
    cr_assert(value_is_trusted(value_item(v, 0)));
}

Test(literal, depth_and_digits_are_bounded)
{
    BENCH(bench);
    struct strbuf deep = strbuf_in(bench.arena), digits = strbuf_in(bench.arena);
    strbuf_add_repeat(&deep, '[', 100000);
    EQ_STR(literal_repr(&bench, strbuf_str(&deep)), S("text"), S("100,000 brackets"));
    strbuf_add_repeat(&digits, '9', 4301);
    EQ_STR(literal_repr(&bench, strbuf_str(&digits)), S("text"), S("4,301 digits"));
    str most = str_part(strbuf_str(&digits), 0, 4300);
    EQ_STR(literal_repr(&bench, most), most, S("4,300 digits"));
}
