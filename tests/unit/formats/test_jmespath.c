/* JMESPath; the expected answers were compared with those of Python's jmespath 1.1. */
#include "check.h"

#include "formats/jmespath.h"

#define SHOP                                                                                       \
    "{\"shop\": {\"fruit\": [{\"name\": \"fig\", \"kilo\": 7, \"tags\": [\"sweet\", \"dry\"]},"    \
    " {\"name\": \"lime\", \"kilo\": 2.5, \"tags\": [\"sour\"]}, {\"name\": \"nut\"}],"            \
    " \"open\": {\"mon\": 9, \"tue\": 8}}, \"none\": [], \"grid\": [[1, 2], [3, [4]], 5],"         \
    " \"truth\": [true, 1, \"true\"], \"a b\": 1, \"n\": 3, \"word\": \"\\u00e9tude\"}"

static const struct {
    str expression, expected;
} rows[] = {
    { S_INIT("n"), S_INIT("3") },
    { S_INIT("\"a b\""), S_INIT("1") },
    { S_INIT("nothing.at.all"), S_INIT("null") },
    { S_INIT("shop.fruit[0].name"), S_INIT("\"fig\"") },
    { S_INIT("shop.fruit[-1].name"), S_INIT("\"nut\"") },
    { S_INIT("shop.fruit[3]"), S_INIT("null") },
    { S_INIT("shop.fruit[*].kilo"), S_INIT("[7, 2.5]") },
    { S_INIT("shop.fruit[*].tags[0]"), S_INIT("[\"sweet\", \"sour\"]") },
    { S_INIT("shop.fruit[*].tags | [0]"), S_INIT("[\"sweet\", \"dry\"]") },
    { S_INIT("shop.fruit[].tags[]"), S_INIT("[\"sweet\", \"dry\", \"sour\"]") },
    { S_INIT("shop.open.*"), S_INIT("[9, 8]") },
    { S_INIT("grid[]"), S_INIT("[1, 2, 3, [4], 5]") },
    { S_INIT("grid[][]"), S_INIT("[1, 2, 3, 4, 5]") },
    { S_INIT("grid[::2]"), S_INIT("[[1, 2], 5]") },
    { S_INIT("grid[::-1] | [0]"), S_INIT("5") },
    { S_INIT("grid[1:][0]"), S_INIT("[3]") },
    { S_INIT("grid[:-1:9223372036854775807]"), S_INIT("[[1, 2]]") },
    { S_INIT("none[*].x"), S_INIT("[]") },
    { S_INIT("n[*]"), S_INIT("null") },
    { S_INIT("shop.fruit[?kilo > `3`].name"), S_INIT("[\"fig\"]") },
    { S_INIT("shop.fruit[?name == 'lime' || !kilo].name"), S_INIT("[\"lime\", \"nut\"]") },
    { S_INIT("shop.fruit[?kilo && contains(tags, 'dry')].name | [0]"), S_INIT("\"fig\"") },
    { S_INIT("shop.fruit[?name > 'g'].name"), S_INIT("[\"lime\", \"nut\"]") },
    { S_INIT("truth[?@ == `1`]"), S_INIT("[1]") },
    { S_INIT("n < 'a'"), S_INIT("null") },
    { S_INIT("n == `3.0`"), S_INIT("true") },
    { S_INIT("{n: n, kinds: shop.fruit[*].name}"),
      S_INIT("{\"n\": 3, \"kinds\": [\"fig\", \"lime\", \"nut\"]}") },
    { S_INIT("shop.fruit[*].[name, kilo]"),
      S_INIT("[[\"fig\", 7], [\"lime\", 2.5], [\"nut\", null]]") },
    { S_INIT("nothing.[n]"), S_INIT("null") },
    { S_INIT("none || n"), S_INIT("3") },
    { S_INIT("n && none"), S_INIT("[]") },
    { S_INIT("'it\\'s' "), S_INIT("\"it's\"") },
    { S_INIT("`{\"a\": [1, null]}`"), S_INIT("{\"a\": [1, null]}") },
    { S_INIT("`bare`"), S_INIT("\"bare\"") },
    { S_INIT("length(shop.fruit)"), S_INIT("3") },
    { S_INIT("length(word)"), S_INIT("5") },
    { S_INIT("reverse(word)"), S_INIT("\"edut\\u00e9\"") },
    { S_INIT("sort_by(shop.fruit[?kilo], &kilo)[*].name"), S_INIT("[\"lime\", \"fig\"]") },
    { S_INIT("max_by(shop.fruit[?kilo], &kilo).name"), S_INIT("\"fig\"") },
    { S_INIT("min(shop.open.*)"), S_INIT("8") },
    { S_INIT("max(none)"), S_INIT("null") },
    { S_INIT("map(&tags[0], shop.fruit)"), S_INIT("[\"sweet\", \"sour\", null]") },
    { S_INIT("sum(shop.fruit[].kilo)"), S_INIT("9.5") },
    { S_INIT("avg(shop.open.*)"), S_INIT("8.5") },
    { S_INIT("[abs(`-2`), ceil(`1.2`), floor(`-1.2`)]"), S_INIT("[2, 2, -2]") },
    { S_INIT("join('-', keys(shop.open))"), S_INIT("\"mon-tue\"") },
    { S_INIT("merge(shop.open, {tue: n})"), S_INIT("{\"mon\": 9, \"tue\": 3}") },
    { S_INIT("not_null(nothing, none, n)"), S_INIT("[]") },
    { S_INIT("to_string(shop.open)"), S_INIT("\"{\\\"mon\\\":9,\\\"tue\\\":8}\"") },
    { S_INIT("[to_number('4.5'), to_number('x')]"), S_INIT("[4.5, null]") },
    { S_INIT("[type(@), type(n), type(truth[0]), type(nothing)]"),
      S_INIT("[\"object\", \"number\", \"boolean\", \"null\"]") },
    { S_INIT("to_array(n)"), S_INIT("[3]") },
    { S_INIT("[starts_with(word, '\303\251'), ends_with(word, 'x')]"), S_INIT("[true, false]") },
    /* mistakes */
    { S_INIT(""), S_INIT("JMESPath: the expression ends too early") },
    { S_INIT("shop."), S_INIT("JMESPath: the expression ends too early") },
    { S_INIT("shop fruit"), S_INIT("JMESPath: 'fruit' is not expected here") },
    { S_INIT("shop[?n = 3]"), S_INIT("JMESPath: '=' compares nothing: write '=='") },
    { S_INIT("shop['x']"), S_INIT("JMESPath: ''x'' is not expected here") },
    { S_INIT("'open"), S_INIT("JMESPath: a ' is not closed") },
    { S_INIT("a[1:2:0]"), S_INIT("JMESPath: the step of a slice is not 0") },
    { S_INIT("99999999999999999999[0]"), S_INIT("JMESPath: '99999999999999999999' is no number") },
    { S_INIT("lengthy(n)"), S_INIT("JMESPath: there is no function 'lengthy'") },
    { S_INIT("length()"), S_INIT("JMESPath: 'length' takes 1 argument, not 0") },
    { S_INIT("merge()"), S_INIT("JMESPath: 'merge' takes at least 1 argument, not 0") },
    { S_INIT("length(n)"), S_INIT("JMESPath: the function 'length' takes a string or a list or a "
                                  "map, and this is an integer") },
    { S_INIT("sort(grid)"), S_INIT("JMESPath: the function 'sort' takes a list of numbers or a "
                                   "list of strings, and this is an unfit list") },
    { S_INIT("sort_by(shop.fruit, name)"),
      S_INIT("JMESPath: 'sort_by' takes an expression here: write '&' before it") },
    { S_INIT("&n"), S_INIT("JMESPath: '&' stands only before an argument of a function") },
};

static str answer(struct bench *bench, value data, str expression)
{
    value found, json;
    size_t told = bench->diags->all.len;
    const struct jmespath *compiled =
        jmespath_compile(bench->arena, bench->diags, SPAN_NONE, expression);
    if (compiled == NULL ||
        !jmespath_search(compiled, bench->arena, bench->diags, SPAN_NONE, data, &found)) {
        return bench->diags->all.items[told]->message;
    }
    cr_assert(json_write(bench->arena, bench->diags, found, (struct json_format){ 0 }, &json));
    return value_as_str(json);
}

Test(jmespath, answers)
{
    BENCH(bench);
    value data;
    cr_assert(json_read(bench.arena, bench.diags, bench_source(&bench, S(SHOP)),
                        (struct json_options){ 0 }, &data));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(answer(&bench, data, rows[i].expression), rows[i].expected, rows[i].expression);
    }
}

Test(jmespath, secrets_stay_secret)
{
    BENCH(bench);
    struct map_builder map = map_in(bench.arena);
    value found;
    map_set_str(&map, S("key"), value_secret(bench.arena, S("hush")));
    value data = map_seal(&map);
    static const char *const expressions[] = { "key", "join('', [key])", "to_string(@)",
                                               "reverse(key)", "{x: key}.x" };
    for (size_t i = 0; i < ARRAY_LEN(expressions); i++) {
        const struct jmespath *compiled =
            jmespath_compile(bench.arena, bench.diags, SPAN_NONE, str_of(expressions[i]));
        cr_assert(jmespath_search(compiled, bench.arena, bench.diags, SPAN_NONE, data, &found));
        cr_assert(value_has_secret(found), "%s", expressions[i]);
    }
}

Test(jmespath, depth_is_bounded)
{
    BENCH(bench);
    struct strbuf deep = strbuf_in(bench.arena);
    for (int i = 0; i < 100000; i++) {
        strbuf_add(&deep, S("("));
    }
    EQ_STR(answer(&bench, value_null(), strbuf_str(&deep)),
           S("JMESPath: the expression is nested too deep"), S("(((..."));
}
