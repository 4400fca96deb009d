/* The classic and the native dialect: what results become, and what conditions mean. */
#include "kit.h"

static const char vars[] =
    "{i: 5, f: 1.5, t: true, z: null, s: Hello, l: [1, 2], d: {a: 1},\n"
    " lazy: '{{ i + 1 }}', bad: '{{ nope }}', text: '[1]', truth: '{{ t }}'}";

Test(convert, classic)
{
    static const struct kit_row rows[] = {
        { "[1, 2]", "[1, 2]" },
        { "{{ i }}", "5" },
        { "{{ z }}", "None" },
        { "{{ none }}", "" },
        { "{{ l }}", "[1, 2]" },
        { "{{ text }}", "[1]" },
        { "{{ d | to_json }}", "{\"a\": 1}" },
        { "{{ '[1,' }}{{ '2]' }}", "[1, 2]" },
        { "{{ [1, true, null] if false else '[true, null, 0x1F, 1_000,]' }}",
          "[True, None, 31, 1000]" },
        { " [1]", " [1]" },
        { "{{ (1, 2) }}", "(1, 2)" },
        { "{{ 1 + 1 }}", "2" },
        { "{{ 'a\\nb' }}", "a\\nb" },
        { "{{ 'x' }}\n\n", "x\n\n" },
        { "{{ d.nope | default('x') }} {{ d.a.b.c | default('y') }}", "x y" },
        { "{{ bad | default('fallback') }}", "fallback" },
        { "{{ bad is defined }}", "False" },
        { "{{ 1 if false }}", "" },
        { "{{ lazy }}", "6" },
        { "{{ d.keys() }} {{ range(2) }}", "['a'] [0, 1]" },
        { "#jinja2: variable_start_string: '[%', variable_end_string: '%]'\n[% i %]{{ i }}",
          "5{{ i }}" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

Test(convert, native)
{
    static const struct kit_row rows[] = {
        { "{{ i + 1 }}", "6" },
        { "{{ '[1]' }}", "[1]" },
        { "{{ l }}", "[1, 2]" },
        { "a{{ l }}", "a[1, 2]" },
    };
    kit_rows(DIALECT_NATIVE, vars, rows, ARRAY_LEN(rows));
}

Test(convert, types_survive)
{
    struct kit kit;
    kit_open(&kit, DIALECT_CLASSIC, vars);
    static const struct {
        const char *text;
        enum value_kind kind;
    } rows[] = { { "{{ i }}", VALUE_INT },       { "{{ i + 0 }}", VALUE_STR },
                 { " {{ i }}", VALUE_STR },      { "{{ t }}", VALUE_BOOL },
                 { "{{ i == 5 }}", VALUE_BOOL }, { "{{ z }}", VALUE_NULL },
                 { "{{ l }}", VALUE_LIST },      { "{{ l | string }}", VALUE_STR },
                 { "{{ d.a }}", VALUE_STR } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        value v;
        cr_assert(template_value(&kit.eval, kit_text(&kit, rows[i].text), &v));
        cr_expect_eq(value_kind(v), rows[i].kind, "%s", rows[i].text);
    }
    kit_close(&kit);
}

static const char *condition(struct kit *kit, value v)
{
    enum truth truth;
    kit->diags->all.len = 0;
    if (!template_condition(&kit->eval, v, &truth)) {
        return kit_complaint(kit);
    }
    static const char *const names[] = { "false", "true", "unknown" };
    return names[truth];
}

Test(convert, conditions)
{
    static const struct kit_row rows[] = {
        { "i == 5", "true" },
        { "'no'", "true" },
        { "s is match('H') and not z", "true" },
        { "truth", "true" },
        { "{{ i }} == 5", "true" },
        { "nope is defined", "false" },
        { "i == 5,", "true" },
        { "i == 5 if truth else false", "!unexpected 'if'" },
        { "(i == 5 if truth else false)", "true" },
        { "nope", "!'nope' is undefined" },
        { "i ==", "!unexpected the end of the template" },
    };
    struct kit kit;
    kit_open(&kit, DIALECT_CLASSIC, vars);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *got = condition(&kit, kit_text(&kit, rows[i].text));
        cr_expect_str_eq(got, rows[i].expected, "%s gave %s", rows[i].text, got);
    }
    cr_expect_str_eq(condition(&kit, value_null()), "true");
    cr_expect_str_eq(condition(&kit, value_bool(false)), "false");
    cr_expect_str_eq(condition(&kit, kit_yaml(&kit, "when", "['i == 5', 'i == 6']")), "false");
    kit_close(&kit);
}
