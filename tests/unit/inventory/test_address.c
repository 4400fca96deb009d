/* Host names, ports, ranges; which texts are addresses decides how patterns are taken apart. */
#include "check.h"
#include "inventory/address.h"

static const struct row addresses[] = {
    { S_INIT("web1"), S_INIT("web1") },
    { S_INIT("web1:22"), S_INIT("web1 22") },
    { S_INIT("web1.example.org:2222"), S_INIT("web1.example.org 2222") },
    { S_INIT("192.0.2.1"), S_INIT("192.0.2.1") },
    { S_INIT("192.0.2.1:22"), S_INIT("192.0.2.1 22") },
    { S_INIT("192.0.2.[1:9]:22"), S_INIT("192.0.2.[1:9] 22") },
    { S_INIT("web[01:10]"), S_INIT("web[01:10]") },
    { S_INIT("web[01:10:2]:22"), S_INIT("web[01:10:2] 22") },
    { S_INIT("db-[a:f].x"), S_INIT("db-[a:f].x") },
    { S_INIT("[1:3]web"), S_INIT("[1:3]web") },
    { S_INIT("a_b"), S_INIT("a_b") },
    { S_INIT("_a"), S_INIT("_a") },
    { S_INIT("\xC3\xBC"
             "ber"),
      S_INIT("\xC3\xBC"
             "ber") },
    { S_INIT("2001:db8::1"), S_INIT("2001:db8::1") },
    { S_INIT("::1"), S_INIT("::1") },
    { S_INIT("::ffff:192.0.2.1"), S_INIT("::ffff:192.0.2.1") },
    { S_INIT("[2001:db8::1]:22"), S_INIT("2001:db8::1 22") },
    { S_INIT("2001:db8::[1:f]"), S_INIT("2001:db8::[1:f]") },
    { S_INIT("1:2:3:4:5:6:7:8"), S_INIT("1:2:3:4:5:6:7:8") },
    { S_INIT("[web1]:22"), S_INIT("web1 22") },
    { S_INIT("web1:"), S_INIT("-") },
    { S_INIT("web1:ssh"), S_INIT("-") },
    { S_INIT("web:db"), S_INIT("-") },
    { S_INIT("web-"), S_INIT("-") },
    { S_INIT("-web"), S_INIT("-") },
    { S_INIT("web..x"), S_INIT("-") },
    { S_INIT(".web"), S_INIT("-") },
    { S_INIT("web."), S_INIT("-") },
    { S_INIT("web*"), S_INIT("-") },
    { S_INIT("web[1]"), S_INIT("-") },
    { S_INIT("web[1:]"), S_INIT("-") },
    { S_INIT("web[aa:ff]"), S_INIT("-") },
    { S_INIT("a b"), S_INIT("-") },
    { S_INIT("all:!web"), S_INIT("-") },
    { S_INIT("1:2:3"), S_INIT("-") },
    { S_INIT("12345::"), S_INIT("-") },
    { S_INIT(""), S_INIT("-") },
};

Test(address, is_split)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        str host, got = S("-");
        int64_t port;
        if (address_split(addresses[i].text, true, &host, &port)) {
            got = port == PORT_NONE
                      ? host
                      : str_format(bench.arena, "%.*s %lld", SARG(host), (long long)port);
        }
        EQ_STR(got, addresses[i].expected, addresses[i].text);
    }
}

Test(address, without_ranges_brackets_are_refused)
{
    str host;
    int64_t port;
    cr_assert_not(address_split(S("web[1:3]"), false, &host, &port));
    cr_assert(address_split(S("web1:22"), false, &host, &port));
}

static const struct row ranges[] = {
    { S_INIT("web"), S_INIT("web") },
    { S_INIT("web[1:3]"), S_INIT("web1 web2 web3") },
    { S_INIT("web[08:11]x"), S_INIT("web08x web09x web10x web11x") },
    { S_INIT("w[1:10:4]"), S_INIT("w1 w5 w9") },
    { S_INIT("w[:2]"), S_INIT("w0 w1 w2") },
    { S_INIT("w[5:3]"), S_INIT("") },
    { S_INIT("w[0:0]"), S_INIT("w0") },
    { S_INIT("w[a:d:2]"), S_INIT("wa wc") },
    { S_INIT("w[y:B]"), S_INIT("wy wz wA wB") },
    { S_INIT("[a:b][1:2]"), S_INIT("a1 a2 b1 b2") },
    { S_INIT("w[9:8]"), S_INIT("") },
    { S_INIT("w[1:]"),
      S_INIT("range in 'w[1:]' has no end [write it as [begin:end] or [begin:end:step]]") },
    { S_INIT("w[1]"),
      S_INIT("range in 'w[1]' has no ':' [write it as [begin:end] or [begin:end:step]]") },
    { S_INIT("w[01:100]"), S_INIT("range in 'w[01:100]' begins with zeros, but its ends differ in "
                                  "length [write both ends with as many digits: [001:100]]") },
    { S_INIT("w[d:a]"),
      S_INIT("range in 'w[d:a]' runs backwards [letters run from a to z, then from A to Z]") },
    { S_INIT("w[x:9]"), S_INIT("range in 'w[x:9]' is neither of numbers nor of letters [a range is "
                               "written [1:10], [01:10], [1:10:2] or [a:f]]") },
    { S_INIT("w[1:9:0]"), S_INIT("range in 'w[1:9:0]' has a step that is no number above zero "
                                 "[write it as [begin:end:step], such as [1:10:2]]") },
    { S_INIT("w[1:3"), S_INIT("range in 'w[1:3' has no end [close it with ']']") },
    { S_INIT("w[1:9999999]"), S_INIT("range in 'w[1:9999999]' means more than a million hosts "
                                     "[name fewer hosts]") },
    { S_INIT("w[9223372036854775806:9223372036854775807]"),
      S_INIT("w9223372036854775806 w9223372036854775807") },
};

Test(address, ranges_are_expanded)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        struct str_list names = { 0 };
        struct strbuf out = strbuf_in(bench.arena);
        bench.diags->all.len = 0;
        bool ok = address_expand(bench.arena, bench.diags, ranges[i].text, SPAN_NONE, &names);
        for (size_t k = 0; ok && k < names.len; k++) {
            strbuf_addf(&out, "%s%.*s", k > 0 ? " " : "", SARG(names.items[k]));
        }
        EQ_STR(ok ? strbuf_str(&out) : bench_complaints(&bench), ranges[i].expected,
               ranges[i].text);
    }
}
