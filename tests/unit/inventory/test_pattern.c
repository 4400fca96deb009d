/* Which hosts a pattern means; expected is what `ansible PATTERN --list-hosts` gives. */
#include "check.h"

static const str hosts_file =
    S_INIT("lone\n[web]\nw1.example.org\nw2.example.org\nw3.example.org\n[db]\nd1\nd2\n"
           "[live]\nw2.example.org\nd1\n[site:children]\nweb\ndb\n[empty]\n[odd]\n2001:db8::1\n");

static const struct row patterns[] = {
    { S_INIT("all"),
      S_INIT("lone w2.example.org d1 2001:db8::1 w1.example.org w3.example.org d2") },
    { S_INIT("*"), S_INIT("lone w2.example.org d1 2001:db8::1 w1.example.org w3.example.org d2") },
    { S_INIT("web"), S_INIT("w1.example.org w2.example.org w3.example.org") },
    { S_INIT("d2"), S_INIT("d2") },
    { S_INIT("site"), S_INIT("w1.example.org w2.example.org w3.example.org d1 d2") },
    { S_INIT("db:web"), S_INIT("d1 d2 w1.example.org w2.example.org w3.example.org") },
    { S_INIT("db,web"), S_INIT("d1 d2 w1.example.org w2.example.org w3.example.org") },
    { S_INIT("site:&live"), S_INIT("w2.example.org d1") },
    { S_INIT("!web:site"), S_INIT("d1 d2") },
    { S_INIT("site:!web:&live"), S_INIT("d1") },
    { S_INIT("&live"), S_INIT("w2.example.org d1") },
    { S_INIT("!site"), S_INIT("lone 2001:db8::1") },
    { S_INIT("w*.org"), S_INIT("w1.example.org w2.example.org w3.example.org") },
    { S_INIT("w[12].example.org"), S_INIT("w1.example.org w2.example.org") },
    { S_INIT("~w[13]"), S_INIT("w1.example.org w3.example.org") },
    { S_INIT("~d\\d$"), S_INIT("d1 d2") },
    { S_INIT("web[0]"), S_INIT("w1.example.org") },
    { S_INIT("web[-1]"), S_INIT("w3.example.org") },
    { S_INIT("web[1:]"), S_INIT("w2.example.org w3.example.org") },
    { S_INIT("web[0:1]"), S_INIT("w1.example.org w2.example.org") },
    { S_INIT("web[0-1]"), S_INIT("w1.example.org w2.example.org") },
    { S_INIT("web[2:0]"), S_INIT("w3.example.org") },
    { S_INIT("web[5:9]"), S_INIT("") },
    { S_INIT("web[0],db[1]"), S_INIT("w1.example.org d2") },
    { S_INIT("empty"), S_INIT("") },
    { S_INIT("empty[0]"), S_INIT("") },
    { S_INIT("2001:db8::1"), S_INIT("2001:db8::1") },
    { S_INIT("all,!2001:db8::1"),
      S_INIT("lone w2.example.org d1 w1.example.org w3.example.org d2") },
    { S_INIT("ungr*"), S_INIT("lone") },
    { S_INIT("localhost"), S_INIT("localhost") },
    { S_INIT("127.0.0.1"), S_INIT("127.0.0.1") },
    { S_INIT(" web , db "), S_INIT("w1.example.org w2.example.org w3.example.org d1 d2") },
    { S_INIT(""), S_INIT("") },
    /* mistakes */
    { S_INIT("web[7]"), S_INIT("'web' has 3 hosts: there is none at '[7]'") },
    { S_INIT("~w("), S_INIT("regular expression 'w(' is not valid: missing closing parenthesis") },
};

static str matched(struct bench *bench, str pattern, str limit)
{
    struct host_list found;
    bench->diags->all.len = 0;
    return inventory_match(bench->inventory, bench->arena, bench->diags, pattern, SPAN_NONE, limit,
                           &found)
               ? bench_names(bench, &found)
               : bench_complaints(bench);
}

Test(pattern, means_these_hosts)
{
    BENCH(bench);
    bench_parse(&bench, ini_parse, hosts_file);
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        EQ_STR(matched(&bench, patterns[i].text, STR_NONE), patterns[i].expected, patterns[i].text);
    }
}

static const struct limit_row {
    str pattern, limit, expected;
} limits[] = {
    { S_INIT("web"), S_INIT("live"), S_INIT("w2.example.org") },
    { S_INIT("web"), S_INIT("!live"), S_INIT("w1.example.org w3.example.org") },
    { S_INIT("web"), S_INIT("db"), S_INIT("") },
    { S_INIT("all"), S_INIT("d2,w1*"), S_INIT("w1.example.org d2") },
    { S_INIT("localhost"), S_INIT("localhost"), S_INIT("localhost") },
};

Test(pattern, limit_narrows)
{
    BENCH(bench);
    bench_parse(&bench, ini_parse, hosts_file);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        EQ_STR(matched(&bench, limits[i].pattern, limits[i].limit), limits[i].expected,
               limits[i].limit);
    }
}

Test(pattern, limit_is_read_from_a_file)
{
    BENCH(bench);
    bench_parse(&bench, ini_parse, hosts_file);
    bench_write(&bench, S("some.retry"), S("d1\n\n w3.example.org \n"));
    str limit = str_concat(bench.arena, S("@"), bench_path(&bench, S("some.retry")));
    EQ_STR(matched(&bench, S("all"), limit), S("d1 w3.example.org"), S("@file"));
    EQ_STR(matched(&bench, S("all"), S("@/nonexistent/x")),
           S("cannot read '/nonexistent/x': No such file or directory"), S("@missing"));
}

/* A pattern that matches nothing is a warning, at its part of the text, with the nearest name. */
Test(pattern, nothing_matched_is_told)
{
    BENCH(bench);
    struct host_list found;
    bench_parse(&bench, ini_parse, hosts_file);
    const struct source *source = source_add(bench.sources, S("site.yml"), S("- hosts: db:wbe\n"));
    cr_assert(inventory_match(bench.inventory, bench.arena, bench.diags, S("db:wbe"),
                              source_span(source, 9, 15), STR_NONE, &found));
    EQ_STR(bench_complaints(&bench), S("1:13 no host or group matches 'wbe' [did you mean 'web'?]"),
           S("warning"));
    cr_assert_eq(bench.diags->errors, 0);
}

/* Each element of a list is taken apart on its own. */
Test(pattern, lists_of_patterns)
{
    BENCH(bench);
    struct host_list found;
    bench_parse(&bench, ini_parse, hosts_file);
    str list[] = { S("db:lone"), S("web[0]") };
    span places[] = { SPAN_NONE, SPAN_NONE };
    cr_assert(inventory_match_all(bench.inventory, bench.arena, bench.diags, list, places, 2,
                                  STR_NONE, &found));
    EQ_STR(bench_names(&bench, &found), S("d1 d2 lone w1.example.org"), S("list"));
}
