#include "check.h"
#include "module/param.h"

struct everything {
    str text, path, relative;
    bool flag;
    enum maybe maybe;
    int64_t number;
    bool has_number;
    double ratio;
    struct str_list list;
    value dict, raw, content;
    int choice;
    struct mode_spec mode;
};

static const struct param params[] = {
    PARAM(struct everything, text, .type = PARAM_STR, .aliases = ALIASES("txt", "string")),
    PARAM(struct everything, path, .type = PARAM_PATH),
    PARAM(struct everything, relative, .type = PARAM_PATH, .relative = true),
    PARAM(struct everything, flag, .type = PARAM_BOOL, .fallback = "yes"),
    PARAM(struct everything, maybe, .type = PARAM_BOOL, .maybe = true),
    PARAM(struct everything, number, .type = PARAM_INT, .fallback = "7",
          GIVEN(struct everything, has_number)),
    PARAM(struct everything, ratio, .type = PARAM_FLOAT),
    PARAM(struct everything, list, .type = PARAM_LIST),
    PARAM(struct everything, dict, .type = PARAM_DICT),
    PARAM(struct everything, raw, .type = PARAM_RAW),
    PARAM(struct everything, content, .type = PARAM_TEXT),
    PARAM(struct everything, choice, .type = PARAM_CHOICE, .fallback = "present",
          .choices = CHOICES("absent", "present", "yes")),
    PARAM(struct everything, mode, .type = PARAM_MODE),
    PARAM_IGNORED("old", "Without effect."),
    { .name = S_INIT("never"), .type = PARAM_STR, .refused = "it cannot be done" },
    PARAM_END,
};

static bool expand(void *data, struct diags *diags, struct arena *arena, value path, str *ret)
{
    str text = value_as_str(path);
    (void)data;
    (void)diags;
    *ret = str_starts(text, S("~/")) ? str_concat(arena, S("/home/me"), str_part(text, 1, text.len))
                                     : text;
    return true;
}

static bool parse(struct bench *b, str yaml, struct everything *ret, bool *ret_unknown)
{
    struct param_hooks hooks = { .expand_path = expand };
    *ret = (struct everything){ 0 };
    return params_parse(params, S("test"), from_yaml(b, yaml), SPAN_NONE, &hooks, b->arena,
                        b->diags, ret, ret_unknown);
}

static void parsed(struct bench *b, str yaml, struct everything *ret)
{
    bool unknown;
    bool ok = parse(b, yaml, ret, &unknown);
    cr_assert(ok, "%.*s: %.*s", SARG(yaml), SARG(last_message(b)));
    cr_assert_not(unknown);
}

Test(param, texts)
{
    static const struct {
        str yaml, expected;
    } rows[] = {
        { S_INIT("text: abc"), S_INIT("abc") },
        { S_INIT("text: 1.50"), S_INIT("1.5") },
        { S_INIT("text: yes"), S_INIT("True") },
        { S_INIT("text: 0644"), S_INIT("420") },
        { S_INIT("text: ''"), S_INIT("") },
        { S_INIT("txt: a"), S_INIT("a") },
        { S_INIT("text: [a, 1]"), S_INIT("['a', 1]") },
        { S_INIT("{text: a, string: b}"), S_INIT("b") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct everything got;
        parsed(&b, rows[i].yaml, &got);
        EQ_STR(got.text, rows[i].expected);
    }
}

Test(param, fallbacks)
{
    BENCH(b);
    struct everything got;
    parsed(&b, S("{text: null}"), &got);
    cr_assert(str_is_none(got.text));
    cr_assert(got.flag);
    cr_assert_eq(got.maybe, MAYBE_UNSET);
    cr_assert_eq(got.number, 7);
    cr_assert_not(got.has_number);
    cr_assert_eq(got.choice, 1);
    cr_assert_not(got.list.given);
    cr_assert(value_is(got.dict, VALUE_UNDEFINED));
    cr_assert_eq((int)got.mode.form, MODE_NONE);
}

Test(param, booleans)
{
    static const struct {
        str yaml;
        bool expected;
    } rows[] = {
        { S_INIT("flag: yes"), true },  { S_INIT("flag: 'no'"), false },
        { S_INIT("flag: 'ON'"), true }, { S_INIT("flag: 0"), false },
        { S_INIT("flag: 1.0"), true },  { S_INIT("flag: ' f '"), false },
        { S_INIT("flag: '0'"), false }, { S_INIT("flag: 'T'"), true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct everything got;
        parsed(&b, rows[i].yaml, &got);
        cr_assert_eq(got.flag, rows[i].expected, "row %zu", i);
    }
    BENCH(b);
    struct everything got;
    parsed(&b, S("maybe: no"), &got);
    cr_assert_eq(got.maybe, MAYBE_NO);
}

Test(param, numbers)
{
    BENCH(b);
    struct everything got;
    parsed(&b, S("{number: ' 12 ', ratio: '1.5'}"), &got);
    cr_assert_eq(got.number, 12);
    cr_assert(got.has_number);
    cr_assert_float_eq(got.ratio, 1.5, 1e-9);
    parsed(&b, S("{number: yes, ratio: 3}"), &got);
    cr_assert_eq(got.number, 1);
    cr_assert_float_eq(got.ratio, 3.0, 1e-9);
}

Test(param, lists)
{
    static const struct {
        str yaml, expected;
    } rows[] = {
        { S_INIT("list: a,b, c"), S_INIT("a|b| c") },
        { S_INIT("list: [a, 1, yes]"), S_INIT("a|1|True") },
        { S_INIT("list: 5"), S_INIT("5") },
        { S_INIT("list: []"), S_INIT("") },
        { S_INIT("list: one"), S_INIT("one") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct everything got;
        str joined = STR_EMPTY;
        parsed(&b, rows[i].yaml, &got);
        cr_assert(got.list.given);
        for (size_t k = 0; k < got.list.count; k++) {
            joined = str_format(b.arena, "%.*s%s%.*s", SARG(joined), k == 0 ? "" : "|",
                                SARG(got.list.items[k]));
        }
        EQ_STR(joined, rows[i].expected);
    }
}

Test(param, maps)
{
    static const struct {
        str yaml, expected;
    } rows[] = {
        { S_INIT("dict: {a: 1}"), S_INIT("{\"a\": 1}") },
        { S_INIT("dict: 'a=1, b=\"x y\" c=3'"),
          S_INIT("{\"a\": \"1\", \"b\": \"x y\", \"c\": \"3\"}") },
        { S_INIT("dict: '{\"a\": [1, 2]}'"), S_INIT("{\"a\": [1, 2]}") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct everything got;
        parsed(&b, rows[i].yaml, &got);
        EQ_STR(to_json(&b, got.dict), rows[i].expected);
    }
}

Test(param, contents)
{
    static const struct {
        str yaml, expected;
    } rows[] = {
        { S_INIT("content: ' a '"), S_INIT(" a ") },
        { S_INIT("content: {a: [1, null]}"), S_INIT("{\"a\": [1, null]}") },
        { S_INIT("content: 5"), S_INIT("5") },
        { S_INIT("content: yes"), S_INIT("True") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct everything got;
        parsed(&b, rows[i].yaml, &got);
        EQ_STR(value_as_str(got.content), rows[i].expected);
    }
}

Test(param, paths)
{
    size_t i = 0;
    BENCH(b);
    struct everything got;
    parsed(&b, S("{path: ~/x, relative: y}"), &got);
    EQ_STR(got.path, S("/home/me/x"));
    EQ_STR(got.relative, S("y"));
    parsed(&b, S("{path: y, relative: ~/x}"), &got);
    EQ_STR(got.path, S("/home/me/y"));
    EQ_STR(got.relative, S("/home/me/x"));
}

/* A choice that YAML made a boolean of is meant all the same. */
Test(param, choice_as_boolean)
{
    BENCH(b);
    struct everything got;
    parsed(&b, S("choice: yes"), &got);
    cr_assert_eq(got.choice, 2);
}

Test(param, mistakes)
{
    static const struct {
        str yaml, message;
    } rows[] = {
        { S_INIT("textt: a"), S_INIT("module 'test' has no parameter 'textt'") },
        { S_INIT("_raw_params: a"), S_INIT("'test' takes no free text") },
        { S_INIT("flag: perhaps"), S_INIT("'flag' must be yes or no, not the string 'perhaps'") },
        { S_INIT("number: 1.5"), S_INIT("'number' must be a whole number, not the float '1.5'") },
        { S_INIT("ratio: x"), S_INIT("'ratio' must be a number, not the string 'x'") },
        { S_INIT("list: {a: 1}"), S_INIT("'list' must be a list, not the map '{'a': 1}'") },
        { S_INIT("dict: 'a'"), S_INIT("'dict' must be a map, not the string 'a'") },
        { S_INIT("choice: presnt"), S_INIT("'choice' cannot be 'presnt'") },
        { S_INIT("never: x"), S_INIT("'never' cannot be used: it cannot be done") },
        { S_INIT("path: \"a\\0b\""), S_INIT("path 'path' has a NUL byte") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct everything got;
        bool unknown;
        cr_assert_not(parse(&b, rows[i].yaml, &got, &unknown), "row %zu", i);
        EQ_STR(last_message(&b), rows[i].message);
    }
}

/* Every mistake is told, not only the first. */
Test(param, all_mistakes)
{
    BENCH(b);
    struct everything got;
    bool unknown;
    cr_assert_not(parse(&b, S("{flag: perhaps, number: x, nosuch: 1, old: 1}"), &got, &unknown));
    cr_assert_eq(b.diags->errors, 3);
}

Test(param, unknown_values)
{
    BENCH(b);
    struct everything got = { 0 };
    struct map_builder map = map_in(b.arena);
    bool unknown;
    map_set_str(&map, S("text"), value_unknown());
    cr_assert(params_parse(params, S("test"), map_seal(&map), SPAN_NONE, NULL, b.arena, b.diags,
                           &got, &unknown));
    cr_assert(unknown);
    map = map_in(b.arena);
    map_set_str(&map, S("content"), value_unknown());
    cr_assert(params_parse(params, S("test"), map_seal(&map), SPAN_NONE, NULL, b.arena, b.diags,
                           &got, &unknown));
    cr_assert_not(unknown);
    cr_assert(value_is(got.content, VALUE_UNKNOWN));
}
