/* What a plain scalar means, and the tags; expected is what PyYAML's safe loader gives. */
#include "check.h"

static const struct row scalars[] = {
    { S_INIT(""), S_INIT("None") },
    { S_INIT("~"), S_INIT("None") },
    { S_INIT("null"), S_INIT("None") },
    { S_INIT("Null"), S_INIT("None") },
    { S_INIT("NULL"), S_INIT("None") },
    { S_INIT("nULL"), S_INIT("'nULL'") },
    { S_INIT("none"), S_INIT("'none'") },
    { S_INIT("yes"), S_INIT("True") },
    { S_INIT("Yes"), S_INIT("True") },
    { S_INIT("YES"), S_INIT("True") },
    { S_INIT("yEs"), S_INIT("'yEs'") },
    { S_INIT("no"), S_INIT("False") },
    { S_INIT("No"), S_INIT("False") },
    { S_INIT("NO"), S_INIT("False") },
    { S_INIT("on"), S_INIT("True") },
    { S_INIT("On"), S_INIT("True") },
    { S_INIT("ON"), S_INIT("True") },
    { S_INIT("off"), S_INIT("False") },
    { S_INIT("Off"), S_INIT("False") },
    { S_INIT("OFF"), S_INIT("False") },
    { S_INIT("true"), S_INIT("True") },
    { S_INIT("True"), S_INIT("True") },
    { S_INIT("TRUE"), S_INIT("True") },
    { S_INIT("tRUE"), S_INIT("'tRUE'") },
    { S_INIT("false"), S_INIT("False") },
    { S_INIT("False"), S_INIT("False") },
    { S_INIT("FALSE"), S_INIT("False") },
    { S_INIT("y"), S_INIT("'y'") },
    { S_INIT("n"), S_INIT("'n'") },
    { S_INIT("Y"), S_INIT("'Y'") },
    { S_INIT("N"), S_INIT("'N'") },
    { S_INIT("0"), S_INIT("0") },
    { S_INIT("1"), S_INIT("1") },
    { S_INIT("-1"), S_INIT("-1") },
    { S_INIT("+1"), S_INIT("1") },
    { S_INIT("-0"), S_INIT("0") },
    { S_INIT("00"), S_INIT("0") },
    { S_INIT("0644"), S_INIT("420") },
    { S_INIT("-0644"), S_INIT("-420") },
    { S_INIT("+017"), S_INIT("15") },
    { S_INIT("08"), S_INIT("'08'") },
    { S_INIT("018"), S_INIT("'018'") },
    { S_INIT("0o17"), S_INIT("'0o17'") },
    { S_INIT("0_7"), S_INIT("7") },
    { S_INIT("0_"), S_INIT("0") },
    { S_INIT("1_000"), S_INIT("1000") },
    { S_INIT("_1"), S_INIT("'_1'") },
    { S_INIT("1_"), S_INIT("1") },
    { S_INIT("-_1"), S_INIT("'-_1'") },
    { S_INIT("0x1F"), S_INIT("31") },
    { S_INIT("-0x1f"), S_INIT("-31") },
    { S_INIT("0x"), S_INIT("'0x'") },
    { S_INIT("0xg"), S_INIT("'0xg'") },
    { S_INIT("0X1F"), S_INIT("'0X1F'") },
    { S_INIT("0b101"), S_INIT("5") },
    { S_INIT("-0b11"), S_INIT("-3") },
    { S_INIT("0b2"), S_INIT("'0b2'") },
    { S_INIT("0b_1"), S_INIT("1") },
    { S_INIT("9223372036854775807"), S_INIT("9223372036854775807") },
    { S_INIT("9223372036854775808"), S_INIT("9223372036854775808") },
    { S_INIT("-9223372036854775808"), S_INIT("-9223372036854775808") },
    { S_INIT("-9223372036854775809"), S_INIT("-9223372036854775809") },
    { S_INIT("0x7fffffffffffffff"), S_INIT("9223372036854775807") },
    { S_INIT("0x8000000000000000"), S_INIT("9223372036854775808") },
    { S_INIT("-0x8000000000000000"), S_INIT("-9223372036854775808") },
    { S_INIT("123456789012345678901234567890"), S_INIT("123456789012345678901234567890") },
    { S_INIT("0777777777777777777777777"), S_INIT("4722366482869645213695") },
    { S_INIT("1:30"), S_INIT("90") },
    { S_INIT("1:3"), S_INIT("63") },
    { S_INIT("1:60"), S_INIT("'1:60'") },
    { S_INIT("1:5:9"), S_INIT("3909") },
    { S_INIT("-1:30"), S_INIT("-90") },
    { S_INIT("+1:30"), S_INIT("90") },
    { S_INIT("0:30"), S_INIT("'0:30'") },
    { S_INIT("01:30"), S_INIT("'01:30'") },
    { S_INIT("10:20:30:40"), S_INIT("2233840") },
    { S_INIT("190:20:30"), S_INIT("685230") },
    { S_INIT("1:30.5"), S_INIT("90.5") },
    { S_INIT("1:30."), S_INIT("90.0") },
    { S_INIT("0:30.25"), S_INIT("30.25") },
    { S_INIT("-1:30.5"), S_INIT("-90.5") },
    { S_INIT("1_0:30"), S_INIT("630") },
    { S_INIT("1:"), S_INIT("{1: None}") },
    { S_INIT(":30"), S_INIT("':30'") },
    { S_INIT("12:30:45:01"), S_INIT("2702701") },
    { S_INIT("1.0"), S_INIT("1.0") },
    { S_INIT("-1.5"), S_INIT("-1.5") },
    { S_INIT("+1.5"), S_INIT("1.5") },
    { S_INIT("1."), S_INIT("1.0") },
    { S_INIT(".5"), S_INIT("0.5") },
    { S_INIT("-.5"), S_INIT("'-.5'") },
    { S_INIT("+.5"), S_INIT("'+.5'") },
    { S_INIT("."), S_INIT("'.'") },
    { S_INIT("1.5e3"), S_INIT("'1.5e3'") },
    { S_INIT("1.5e+3"), S_INIT("1500.0") },
    { S_INIT("1.5E-3"), S_INIT("0.0015") },
    { S_INIT("1e3"), S_INIT("'1e3'") },
    { S_INIT("1e+3"), S_INIT("'1e+3'") },
    { S_INIT("1.e+3"), S_INIT("1000.0") },
    { S_INIT(".5e+3"), S_INIT("500.0") },
    { S_INIT(".5e3"), S_INIT("'.5e3'") },
    { S_INIT("1_000.5_0"), S_INIT("1000.5") },
    { S_INIT("1__0.0"), S_INIT("10.0") },
    { S_INIT("0.1"), S_INIT("0.1") },
    { S_INIT("0.30000000000000004"), S_INIT("0.30000000000000004") },
    { S_INIT("1.0e+400"), S_INIT("inf") },
    { S_INIT("123456789012345678.0"), S_INIT("1.2345678901234568e+17") },
    { S_INIT("1e5"), S_INIT("'1e5'") },
    { S_INIT("0x1p3"), S_INIT("'0x1p3'") },
    { S_INIT(".inf"), S_INIT("inf") },
    { S_INIT("-.inf"), S_INIT("-inf") },
    { S_INIT("+.inf"), S_INIT("inf") },
    { S_INIT(".Inf"), S_INIT("inf") },
    { S_INIT(".INF"), S_INIT("inf") },
    { S_INIT(".iNF"), S_INIT("'.iNF'") },
    { S_INIT("inf"), S_INIT("'inf'") },
    { S_INIT(".nan"), S_INIT("nan") },
    { S_INIT(".NaN"), S_INIT("nan") },
    { S_INIT(".NAN"), S_INIT("nan") },
    { S_INIT(".Nan"), S_INIT("'.Nan'") },
    { S_INIT("-.nan"), S_INIT("'-.nan'") },
    { S_INIT("nan"), S_INIT("'nan'") },
    { S_INIT("1.2.3"), S_INIT("'1.2.3'") },
    { S_INIT("1.5_"), S_INIT("1.5") },
    { S_INIT("5e-324"), S_INIT("'5e-324'") },
    { S_INIT("4.9e-324"), S_INIT("5e-324") },
    { S_INIT("2.2250738585072014e-308"), S_INIT("2.2250738585072014e-308") },
    { S_INIT("100.0"), S_INIT("100.0") },
    { S_INIT("1.0e+16"), S_INIT("1e+16") },
    { S_INIT("1.0e+15"), S_INIT("1000000000000000.0") },
    { S_INIT("2001-12-14"), S_INIT("datetime.date(2001, 12, 14)") },
    { S_INIT("2001-1-1"), S_INIT("'2001-1-1'") },
    { S_INIT("2001-01-1"), S_INIT("'2001-01-1'") },
    { S_INIT("2001-12-14t21:59:43.10-05:00"),
      S_INIT("datetime.datetime(2001, 12, 14, 21, 59, 43, 100000, "
             "tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=68400)))") },
    { S_INIT("2001-12-14 21:59:43.10 -5"),
      S_INIT("datetime.datetime(2001, 12, 14, 21, 59, 43, 100000, "
             "tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=68400)))") },
    { S_INIT("2001-12-15 2:59:43.10"),
      S_INIT("datetime.datetime(2001, 12, 15, 2, 59, 43, 100000)") },
    { S_INIT("2001-12-14T21:59:43Z"),
      S_INIT("datetime.datetime(2001, 12, 14, 21, 59, 43, tzinfo=datetime.timezone.utc)") },
    { S_INIT("2001-12-14 21:59:43 Z"),
      S_INIT("datetime.datetime(2001, 12, 14, 21, 59, 43, tzinfo=datetime.timezone.utc)") },
    { S_INIT("2001-12-14 21:59"), S_INIT("'2001-12-14 21:59'") },
    { S_INIT("2001-12-14 21:59:43+01:30"),
      S_INIT("datetime.datetime(2001, 12, 14, 21, 59, 43, "
             "tzinfo=datetime.timezone(datetime.timedelta(seconds=5400)))") },
    { S_INIT("2001-12-14 21:59:43.1234567"),
      S_INIT("datetime.datetime(2001, 12, 14, 21, 59, 43, 123456)") },
    { S_INIT("2001-12-14 21:59:43."), S_INIT("datetime.datetime(2001, 12, 14, 21, 59, 43)") },
    { S_INIT("2001-1-4 1:00:00"), S_INIT("datetime.datetime(2001, 1, 4, 1, 0)") },
    { S_INIT("2000-02-29"), S_INIT("datetime.date(2000, 2, 29)") },
    { S_INIT("01-12-14"), S_INIT("'01-12-14'") },
    { S_INIT("2001-12-14T"), S_INIT("'2001-12-14T'") },
    { S_INIT("2001-12-14 21:59:43 +1"),
      S_INIT("datetime.datetime(2001, 12, 14, 21, 59, 43, "
             "tzinfo=datetime.timezone(datetime.timedelta(seconds=3600)))") },
    { S_INIT("a b"), S_INIT("'a b'") },
    { S_INIT("a#b"), S_INIT("'a#b'") },
    { S_INIT("a:b"), S_INIT("'a:b'") },
    { S_INIT("http://x/"), S_INIT("'http://x/'") },
    { S_INIT("-"), S_INIT("[None]") },
    { S_INIT("- a"), S_INIT("['a']") },
    { S_INIT("1 2"), S_INIT("'1 2'") },
    { S_INIT("0644 x"), S_INIT("'0644 x'") },
    { S_INIT("=x"), S_INIT("'=x'") },
    { S_INIT("<"), S_INIT("'<'") },
    { S_INIT("<<<"), S_INIT("'<<<'") },
    { S_INIT("'yes'"), S_INIT("'yes'") },
    { S_INIT("\"1\""), S_INIT("'1'") },
    { S_INIT("'0644'"), S_INIT("'0644'") },
    { S_INIT("\"\\x41\\u00e9\\t\\0\""), S_INIT("'A\xc3\xa9\\t\\x00'") },
    { S_INIT("!!str 1"), S_INIT("'1'") },
    { S_INIT("!!str yes"), S_INIT("'yes'") },
    { S_INIT("!!int \"7\""), S_INIT("7") },
    { S_INIT("!!int 0o17"), S_INIT("15") },
    { S_INIT("!!int ' 12 '"), S_INIT("12") },
    { S_INIT("!!float 1"), S_INIT("1.0") },
    { S_INIT("!!float 1e3"), S_INIT("1000.0") },
    { S_INIT("!!float nan"), S_INIT("nan") },
    { S_INIT("!!bool \"Yes\""), S_INIT("True") },
    { S_INIT("!!null x"), S_INIT("None") },
    { S_INIT("!!null ''"), S_INIT("None") },
    { S_INIT("! 1"), S_INIT("1") },
    { S_INIT("! \"1\""), S_INIT("1") },
    { S_INIT("!!timestamp '2001-1-1'"), S_INIT("datetime.date(2001, 1, 1)") },
    { S_INIT("!!binary aGVsbG8="), S_INIT("b'hello'") },
    { S_INIT("!!binary \"aGVs bG8=\""), S_INIT("b'hello'") },
    { S_INIT("!<tag:yaml.org,2002:str> 5"), S_INIT("'5'") },
};

Test(yaml_scalar, as_pyyaml)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(scalars); i++) {
        EQ_STR(yaml_repr(&bench, scalars[i].text), scalars[i].expected, scalars[i].text);
    }
}

static const struct row refused[] = {
    { S_INIT("a: 2001-13-01"),
      S_INIT("1:4 '2001-13-01' is not a date that exists [quote it if it is to be a string]") },
    { S_INIT("2001-02-29"),
      S_INIT("1:1 '2001-02-29' is not a date that exists [quote it if it is to be a string]") },
    { S_INIT("a: !!int foo"),
      S_INIT("1:10 'foo' is not an integer [quote it if it is to be a string]") },
    { S_INIT("0x_"), S_INIT("1:1 '0x_' is not an integer [quote it if it is to be a string]") },
    { S_INIT("!!float 1.5x"),
      S_INIT("1:9 '1.5x' is not a number [quote it if it is to be a string]") },
    { S_INIT("!!bool maybe"),
      S_INIT("1:8 'maybe' is not a boolean [quote it if it is to be a string]") },
    { S_INIT("!!binary x"), S_INIT("1:10 base64 text of !!binary is not complete") },
    { S_INIT("- <<"), S_INIT("1:3 '<<' means something only as a key of a map [quote it if it is "
                             "to be a string]") },
    { S_INIT("!!seq x"), S_INIT("1:7 a list is needed here, as its tag says") },
    { S_INIT("!!map x"), S_INIT("1:7 a map is needed here, as its tag says") },
};

Test(yaml_scalar, refused)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        EQ_STR(yaml_repr(&bench, refused[i].text), refused[i].expected, refused[i].text);
    }
}

Test(yaml_scalar, integers_have_a_limit)
{
    BENCH(bench);
    struct strbuf digits = strbuf_in(bench.arena);
    strbuf_add_repeat(&digits, '7', 4300);
    EQ_STR(yaml_repr(&bench, strbuf_str(&digits)), strbuf_str(&digits), S("4300 digits"));
    strbuf_add_char(&digits, '7');
    EQ_STR(yaml_repr(&bench, strbuf_str(&digits)), S("1:1 integer has more than 4300 digits"),
           S("4301 digits"));
}

Test(yaml_scalar, says_what_is_bare_and_trusted)
{
    BENCH(bench);
    value v = yaml_value(&bench, S("[plain, 'quoted', !unsafe plain, !unsafe [[deep]]]"));
    cr_assert(value_item(v, 0).flags & VALUE_FLAG_BARE);
    cr_assert_not(value_item(v, 1).flags & VALUE_FLAG_BARE);
    cr_assert(value_is_trusted(value_item(v, 0)));
    cr_assert(value_is_trusted(value_item(v, 1)));
    cr_assert_not(value_is_trusted(value_item(v, 2)));
    cr_assert_not(value_is_trusted(value_item(value_item(value_item(v, 3), 0), 0)));

    struct source text = { .name = S("text"), .text = S("[plain]") };
    cr_assert(yaml_read(bench.arena, bench.diags, &text, (struct yaml_options){ 0 }, &v));
    cr_assert_not(value_is_trusted(value_item(v, 0)));
}
