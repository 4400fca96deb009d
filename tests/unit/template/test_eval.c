/* The language: expressions and statements, as plain Jinja has them. */
#include "kit.h"

static const char vars[] = "{n: 5, s: Hello, l: [3, 1, 2], d: {a: 1, b: {c: 2}}, t: true}";

Test(eval, expressions)
{
    static const struct kit_row rows[] = {
        { "{{ 1 + 2 * 3 }}", "7" },
        { "{{ -2 ** 2 }} {{ 2 ** 3 ** 2 }} {{ 2 ** -1 }}", "4 64 0.5" },
        { "{{ 7 // -2 }} {{ 7 % -2 }} {{ 7 / 2 }} {{ -7 // 2 }}", "-4 -1 3.5 -4" },
        { "{{ 9223372036854775807 + 1 }}", "9223372036854775808" },
        { "{{ 2 ** 100 }}", "1267650600228229401496703205376" },
        { "{{ 0.1 + 0.2 }} {{ 1e16 }} {{ true + 1 }}", "0.30000000000000004 1e+16 2" },
        { "{{ 'a' ~ 1 ~ none }}", "a1None" },
        { "{{ 'ab' * 3 }} {{ [1] * 2 }} {{ [1] + [2] }}", "ababab [1, 1] [1, 2]" },
        { "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 == true }}", "True False True" },
        { "{{ 2 in l }} {{ 'ell' in s }} {{ 'a' in d }} {{ 9 not in l }}", "True True True True" },
        { "{{ 1 if t else 2 }}{{ 1 if not t }}", "1" },
        { "{{ not t or n and s }}", "Hello" },
        { "{{ l[0] }}{{ l[-1] }}{{ l[1:] }}{{ s[::-1] }}", "32[1, 2]olleH" },
        { "{{ d.a }} {{ d['b'].c }} {{ d.b['c'] }}", "1 2 2" },
        { "{{ (1, 2) }} {{ () }} {{ (1,) }}", "(1, 2) () (1,)" },
        { "{{ {'a': [1, none], 2: 'x'} }}", "{'a': [1, None], 2: 'x'}" },
        { "{{ 0x1F }} {{ 0b11 }} {{ 0o17 }} {{ 1_000 }}", "31 3 15 1000" },
        { "{{ n is divisibleby 5 }} {{ n is not odd }}", "True False" },
        { "{{ '%s-%03d' % (s, n) }}", "Hello-005" },
        { "{{ '{:>8}|{0}'.format(s) }}", "!automatic and given numbers of fields are mixed: "
                                         "'{:>8}|{0}'" },
        { "{{ '{:>8}|{:,}'.format(s, 1234567) }}", "   Hello|1,234,567" },
        { "{{ range(3) }} {{ range(1, 9, 3) | list }}", "range(0, 3) [1, 4, 7]" },
        { "{{ dict(a=1, **{'b': 2}) }}", "{'a': 1, 'b': 2}" },
    };
    kit_rows(DIALECT_JINJA, vars, rows, ARRAY_LEN(rows));
}

Test(eval, statements)
{
    static const struct kit_row rows[] = {
        { "{% for x in l %}{{ loop.index }}{{ x }}{{ ',' if not loop.last }}{% endfor %}",
          "13,21,32" },
        { "{% for x in [] %}a{% else %}none{% endfor %}", "none" },
        { "{% for k, v in d.items() %}{{ k }};{% endfor %}", "a;b;" },
        { "{% for x in l if x > 1 %}{{ loop.length }}{% endfor %}", "22" },
        { "{% set x = 1 %}{% for i in l %}{% set x = 2 %}{% endfor %}{{ x }}", "1" },
        { "{% set ns = namespace(x=1) %}{% for i in l %}{% set ns.x = i %}{% endfor %}{{ ns.x }}",
          "2" },
        { "{% set x %}a{{ n }}{% endset %}[{{ x }}]", "[a5]" },
        { "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "12" },
        { "{% macro m(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}"
          "{{ m(1) }}{{ m(1, 3, 4, k=5) }}",
          "12(){}13(4,){'k': 5}" },
        { "{% macro m() %}<{{ caller('x') }}>{% endmacro %}"
          "{% call(y) m() %}{{ y }}!{% endcall %}",
          "<x!>" },
        { "{% filter upper %}a{{ s }}{% endfilter %}", "AHELLO" },
        { "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a }}", "15" },
        { "{% raw %}{{ x }}{% endraw %}", "{{ x }}" },
        { "a {#- c -#} b", "ab" },
        { "{% for i in [[1, [2]]] recursive %}{{ i if i is number else loop(i) }}{% endfor %}",
          "12" },
        { "{% set l2 = [] %}{% set _ = l2.append(1) %}{% set _ = l2.append(2) %}{{ l2 }}",
          "[1, 2]" },
        { "{% set _ = l.append(4) %}{{ l }}", "[3, 1, 2, 4]" },
        { "{% set _ = d.b.update({'z': 0}) %}{{ d }}", "{'a': 1, 'b': {'c': 2, 'z': 0}}" },
        { "{% if n > 9 %}a{% elif n == 5 %}b{% else %}c{% endif %}", "b" },
        { "[{{ missing }}]", "[]" },
    };
    kit_rows(DIALECT_JINJA, vars, rows, ARRAY_LEN(rows));
}

Test(eval, white_space)
{
    struct kit kit;
    kit_open(&kit, DIALECT_JINJA, "{}");
    struct template_file_options both = { .trim_blocks = true, .lstrip_blocks = true };
    static const struct kit_row rows[] = {
        { "a\n  {% if true %}\nb\n  {% endif %}\nc", "a\nb\nc" },
        { "  {%+ if true %}x{% endif +%}\ny", "  x\ny" },
        { " {{- 1 -}} ", "1" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_expect_str_eq(kit_file(&kit, rows[i].text, both), rows[i].expected);
    }
    struct template_file_options lines = { .line_statement = S("#"), .line_comment = S("##") };
    cr_expect_str_eq(kit_file(&kit, "# for i in [1, 2]:\n{{ i }} ## c\n# endfor\n", lines),
                     "1\n2\n");
    kit_close(&kit);
}

Test(eval, other_templates)
{
    struct kit kit;
    kit_open(&kit, DIALECT_JINJA, "{v: V}");
    kit.eval.templates = kit_yaml(&kit, "templates",
                                  "base: '[{% block a %}A{% endblock %}|{{ self.a() }}]'\n"
                                  "inc: '({{ v }}{{ x }})'\n"
                                  "mac: '{% macro f(a) %}<{{ a }}{{ v }}>{% endmacro %}'\n"
                                  "loop: '{% include \"loop\" %}'\n");
    static const struct kit_row rows[] = {
        { "{% extends 'base' %}{% block a %}B{{ super() }}{% endblock %}", "[BA|BA]" },
        { "{% if v %}{% extends 'base' %}{% else %}x{% endif %}y{% block a %}B{% endblock %}",
          "[B|B]" },
        { "{% if not v %}x{% else %}{% extends 'base' %}{% endif %}", "[A|A]" },
        { "{% if v %}{% for i in [1] %}{% extends 'base' %}{% endfor %}{% endif %}",
          "!a template cannot extend another one within 'for'" },
        { "{% for i in [] %}{% else %}{% extends 'base' %}{% endfor %}",
          "!a template cannot extend another one within 'else'" },
        { "{% macro m() %}{% extends 'base' %}{% endmacro %}",
          "!a template cannot extend another one within 'macro'" },
        { "{% extends 'base' %}{% include 'inc' %}", "(V)[A|A]" },
        { "{% extends 'base' %}{% filter upper %}gone{% endfilter %}", "[A|A]" },
        { "{% set x = 1 %}{% include 'inc' %}", "(V1)" },
        { "{% include 'inc' without context %}", "()" },
        { "{% include ['no', 'inc'] %}{% include 'no' ignore missing %}", "(V)" },
        { "{% import 'mac' as m %}{{ m.f(1) }}", "<1>" },
        { "{% from 'mac' import f as g with context %}{{ g(1) }}", "<1V>" },
        { "{% include 'no' %}", "!template 'no' is not found" },
        { "{% include 'loop' %}", "!templates use each other too deeply" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *got = kit_file(&kit, rows[i].text, (struct template_file_options){ 0 });
        cr_expect_str_eq(got, rows[i].expected, "%s gave %s", rows[i].text, got);
    }
    kit_close(&kit);
}

/* What one step may make of little is looked at while it is made. */
Test(eval, bounds_of_memory)
{
    static const char *const texts[] = {
        "{{ ('x' * 10 ** 5) | replace('x', 'y' * 10 ** 4) }}",
        "{{ ('x' * 10 ** 5) | replace('', 'y' * 10 ** 4) }}",
        "{{ ('x' * 10 ** 5).replace('x', 'y' * 10 ** 4) }}",
        "{{ ('x' * 10 ** 5) | regex_replace('x', 'y' * 10 ** 4) }}",
        "{{ ('x' * 10 ** 5) | regex_findall('(?=(x+))') }}",
        "{{ (['x'] * 10 ** 5) | join('y' * 10 ** 4) }}",
        "{{ ('y' * 10 ** 4).join(['x'] * 10 ** 5) }}",
        "{% set t = 'a\\n' * 10 ** 5 %}{{ t | indent(10 ** 4) }}",
        "{{ ('x' * 10 ** 5) | wordwrap(1, wrapstring='y' * 10 ** 4) }}",
        "{{ ('x' * 10 ** 5).translate({120: 'y' * 10 ** 4}) }}",
        "{% set t = '\\t' * 10 ** 5 %}{{ t.expandtabs(10 ** 5) }}",
        "{{ ([range(10 ** 4) | list] * 10 ** 4) | flatten }}",
        "{{ ([range(10 ** 4)] * 10 ** 4) | map('list') }}",
        "{{ ('x' * 10 ** 6) | list }}",
        "{{ ('x ' * 10 ** 6).split() }}",
        "{{ ('x ' * 10 ** 6).split(' ') }}",
        "{{ ('x ' * 10 ** 6).rsplit() }}",
        "{{ ('x\v' * 10 ** 6).splitlines() }}",
        "{{ range(30) | permutations }}",
        "{{ range(10 ** 3) | product(range(10 ** 3)) }}",
        "{% for i in range(10 ** 6) %}{% set x = range(10 ** 5) | list %}{% endfor %}",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct kit kit;
        kit_open(&kit, DIALECT_CLASSIC, "{}");
        eval_state(&kit.eval)->memory_limit = (size_t)16 << 20;
        const char *got = kit_value(&kit, texts[i]);
        cr_expect_str_eq(got, "!template needs more than 16 MiB of memory: it is given up",
                         "%s gave %.100s", texts[i], got);
        kit_close(&kit);
    }
}

/* Lists that are held twice, by lists that are held twice, and what would hold itself. */
Test(eval, bounds_of_values)
{
#define TWICE "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}"
    static const struct kit_row rows[] = {
        { TWICE "{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}",
          "!there are too many values in each other" },
        { TWICE "{% set ns.a = {'l': ns.a, 'r': ns.a} %}{% endfor %}{{ ns.a }}",
          "!there are too many values in each other" },
        { TWICE "{% set ns.a = [ns.a] | zip([ns.a]) | list %}{% endfor %}{{ ns.a }}",
          "!there are too many values in each other" },
        { TWICE "{% set n = [] %}{% do n.append(ns.a) %}{% do n.append(ns.a) %}"
                "{% set ns.a = n %}{% endfor %}{{ ns.a }}",
          "!there are too many values in each other" },
        { "{% set ns = namespace(a=[1]) %}{% for i in range(300) %}"
          "{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a }}",
          "!lists and maps are nested too deeply" },
        { "{{ ([range(10 ** 4) | list] * 10 ** 4) == [] }}",
          "!there are too many values in each other" },
        { "{% set l = [1] %}{% do l.append(l) %}{{ l }}", "!a list or map cannot hold itself" },
        { "{% set l = [1] %}{% do l.insert(0, [l]) %}{{ l }}",
          "!a list or map cannot hold itself" },
        { "{% set m = {} %}{% do m.update(a=[m]) %}{{ m }}", "!a list or map cannot hold itself" },
        { "{% set ns = namespace() %}{% set ns.a = [ns] %}{{ ns }}",
          "!a list or map cannot hold itself" },
        { "{% set l = [1] %}{% do l.append([2]) %}{% do l.extend(l) %}{{ l }}",
          "[1, [2], 1, [2]]" },
    };
#undef TWICE
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        kit_open(&kit, DIALECT_CLASSIC, "{}");
        template_set_extensions(&kit.eval, (struct template_extensions){ true, true });
        const char *got = kit_value(&kit, rows[i].text);
        cr_expect_str_eq(got, rows[i].expected, "%s gave %.100s", rows[i].text, got);
        kit_close(&kit);
    }
}

/* What loops without end, in loops that do nothing else. */
Test(eval, bounds_of_steps)
{
    static const char *const texts[] = {
        "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}",
        "{% for i in range(9999) %}{% for j in range(9999) if true %}{% endfor %}{% endfor %}",
        "{% for i in range(9999) %}{% for j in range(9999) if j < 0 %}{% endfor %}{% endfor %}",
        "{{ range(500) | map('community.general.dict_kv', 'a') | unique }}",
        "{{ range(500) | map('community.general.dict_kv', 'a') | union([]) }}",
        ("{% macro m() %}{% for i in [1, 2] %}{{ varargs }}{% endfor %}{% endmacro %}"
         "{% for i in range(9999) %}{{ m() }}{% endfor %}"),
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct kit kit;
        kit_open(&kit, DIALECT_CLASSIC, "{}");
        eval_state(&kit.eval)->step_limit = 20000;
        const char *got = kit_value(&kit, texts[i]);
        cr_expect_str_eq(got, "!template takes more than 20000 steps: it is given up",
                         "%s gave %.100s", texts[i], got);
        kit_close(&kit);
    }
}

Test(eval, bounds)
{
    static const struct kit_row rows[] = {
        { "{{ lipsum(10 ** 6, max=10 ** 6) }}", "!function 'lipsum': more than 1000000 words" },
        { "{{ 'x' | indent(10 ** 9) }}", "!filter 'indent': the width is too large" },
        { "{{ 'x'.expandtabs(10 ** 9) }}", "!method 'expandtabs': the size of a tab is too large" },
        { "{% set t = '\\t' * 2 %}{{ t.expandtabs(1500) | length }}", "3000" },
        { "{{ 'x' * 10 ** 12 }}", "!result of the calculation is too large" },
        { "{{ range(10 ** 10) }}", "!function 'range': more than 10000000 numbers" },
        { "{{ 10 ** 999999 }}", "!result of the calculation is too large" },
        { "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
          "!templates, macros or statements are nested too deeply" },
        { "{{ 1 / 0 }}", "!division by zero" },
        { "{{ a }}", "!variable 'a' is defined by itself" },
    };
    kit_rows(DIALECT_CLASSIC, "{a: '{{ b }}', b: '{{ a }}'}", rows, ARRAY_LEN(rows));
}
