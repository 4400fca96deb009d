/* What values carry through evaluations: trust, secrecy, and not being known. */
#include "kit.h"

/* Each route by which text of a host could come to be compiled. */
Test(values, foreign_text_is_never_compiled)
{
    static const char *const routes[] = {
        "{{ fact }}",
        "{{ result.stdout }}",
        "{{ result['stdout'] | trim }}",
        "{{ 'x' ~ fact }}",
        "{{ list | join(',') }}",
        "{{ list | map('string') | list }}",
        "{{ [fact] }}",
        "{{ {'k': fact} }}",
        "{{ indirect }}",
        "{% for x in list %}{{ x }}{% endfor %}",
        "{% set y = fact %}{{ y }}",
        "{{ fact | replace('zzz', '') }}",
        "{{ lookup('vars', 'fact') }}",
        "{{ '%s' % fact }}",
    };
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        struct kit kit;
        kit_open(&kit, DIALECT_CLASSIC, "{indirect: '{{ fact }}', canary: LEAKED}");
        value foreign = kit_yaml(&kit, "facts",
                                 "{fact: '{{ canary }}', list: ['{{ canary }}'],\n"
                                 " result: {stdout: ' {{ canary }} '}}");
        kit.layers[1] = kit.layers[0];
        kit.layers[0] = value_untrust_all(kit.arena, foreign);
        kit.scope.count = 2;
        value once, twice;
        cr_assert(template_value(&kit.eval, kit_text(&kit, routes[i]), &once));
        cr_assert(template_value(&kit.eval, once, &twice)); /* as set_fact and its reader would */
        str shown = value_masked(kit.arena, value_print(kit.arena, twice));
        cr_expect(str_find(shown, S("LEAKED"), 0) == STR_NPOS, "%s", routes[i]);
        cr_expect(str_find(shown, S("canary"), 0) != STR_NPOS, "%s", routes[i]);
        kit_close(&kit);
    }
}

Test(values, foreign_text_is_no_condition)
{
    struct kit kit;
    enum truth truth;
    kit_open(&kit, DIALECT_CLASSIC, "{}");
    kit.layers[0] = value_untrust_all(
        kit.arena, kit_yaml(&kit, "facts", "{fact: \"lookup('env', 'HOME')\", rc: 0}"));
    cr_expect(!template_condition(&kit.eval, kit_text(&kit, "{{ fact }}"), &truth));
    cr_expect(!template_condition(&kit.eval, value_get(kit.layers[0], S("fact")), &truth));
    cr_assert(template_condition(&kit.eval, kit_text(&kit, "{{ rc }} == 0"), &truth));
    cr_expect_eq(truth, TRUTH_TRUE);
    kit_close(&kit);
}

Test(values, secrets_stay_marked)
{
    static const struct kit_row rows[] = {
        { "x{{ pw }}y", "x********y" },
        { "{{ pw | upper }}", "********" },
        { "{{ pw[1:3] }}", "********" },
        { "{{ 'a' ~ pw }}", "a********" },
        { "{{ pw | hash('sha1') }}", "********" },
        { "{{ pw | b64encode }}", "********" },
        { "{{ [pw, 'b'] | join('-') }}", "********-b" },
        { "{{ pw | replace('e', 'E') }}", "****************" },
        { "{{ '%s!' % pw }}", "********!" },
        { "{{ pw | length }}", "6" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        kit_open(&kit, DIALECT_CLASSIC, "{pw: secret}");
        kit.layers[0] = value_secret_all(kit.arena, kit.layers[0]);
        const char *got = kit_value(&kit, rows[i].text);
        bool masked = strstr(got, "****") != NULL && strstr(got, "ecr") == NULL;
        bool plain = strcmp(got, rows[i].expected) == 0;
        cr_expect(plain || (masked && strstr(rows[i].expected, "****") != NULL), "%s gave %s",
                  rows[i].text, got);
        kit_close(&kit);
    }
}

Test(values, unknown_flows)
{
    static const struct {
        const char *text;
        enum truth expected;
    } rows[] = {
        { "u", TRUTH_UNKNOWN },
        { "u.rc == 0", TRUTH_UNKNOWN },
        { "u or true", TRUTH_TRUE },
        { "true or u", TRUTH_TRUE },
        { "u and false", TRUTH_FALSE },
        { "not u", TRUTH_UNKNOWN },
        { "u is defined", TRUTH_TRUE },
        { "u is undefined", TRUTH_FALSE },
        { "u | default(false)", TRUTH_UNKNOWN },
        { "u is changed", TRUTH_UNKNOWN },
        { "u and nope", TRUTH_UNKNOWN },
        { "1 in [u, 1]", TRUTH_TRUE },
        { "1 in [u]", TRUTH_UNKNOWN },
        { "[u, 2] | length == 2", TRUTH_TRUE },
        { "(u if true else 1) is defined", TRUTH_TRUE },
        { "u | int > 3", TRUTH_UNKNOWN },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        enum truth truth = TRUTH_FALSE;
        kit_open(&kit, DIALECT_CLASSIC, "{}");
        struct map_builder map = map_in(kit.arena);
        map_set_str(&map, S("u"), value_unknown());
        kit.layers[0] = map_seal(&map);
        bool ok = template_condition(&kit.eval, kit_text(&kit, rows[i].text), &truth);
        cr_expect(ok && truth == rows[i].expected, "%s gave %d", rows[i].text, truth);
        kit_close(&kit);
    }
}

Test(values, unknown_text_keeps_what_is_known)
{
    struct kit kit;
    value v;
    kit_open(&kit, DIALECT_CLASSIC, "{}");
    struct map_builder map = map_in(kit.arena);
    map_set_str(&map, S("u"), value_unknown());
    kit.layers[0] = map_seal(&map);
    cr_assert(template_value(
        &kit.eval, kit_text(&kit, "a={{ u }}{% if u %}{% set x = 1 %}{% endif %}{{ x }}"), &v));
    cr_assert(value_is(v, VALUE_UNKNOWN));
    str shown = value_masked(kit.arena, v);
    cr_expect(str_starts(shown, S("a=(unknown)")), "%.*s", SARG(shown));
    kit_close(&kit);
}

Test(values, omit)
{
    struct kit kit;
    value v;
    kit_open(&kit, DIALECT_CLASSIC, "{}");
    value args = kit_yaml(&kit, "args", "{a: '{{ nope | default(omit) }}', b: [1, '{{ omit }}']}");
    cr_assert(template_value(&kit.eval, args, &v));
    v = template_without_omitted(&kit.eval, v);
    cr_expect_eq(value_count(v), 1);
    cr_expect_eq(value_count(value_get(v, S("b"))), 1);
    kit_close(&kit);
}
