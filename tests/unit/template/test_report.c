/* Diagnostics: the place inside of strings, the chain that led there, and suggestions. */
#include "kit.h"

static const char *rendered(struct kit *kit, value v)
{
    value ignored;
    kit->diags->all.len = 0;
    cr_assert(!template_value(&kit->eval, v, &ignored));
    str text =
        diag_render(kit->arena, kit->sources, kit->diags->all.items[0], (struct diag_style){ 0 });
    return str_c(kit->arena, text);
}

static void expect_parts(const char *yaml, const char *key, const char *const *parts)
{
    struct kit kit;
    kit_open(&kit, DIALECT_CLASSIC, yaml);
    const char *shown = rendered(&kit, value_get(kit.layers[0], str_of(key)));
    for (; *parts != NULL; parts++) {
        cr_expect(strstr(shown, *parts) != NULL, "no '%s' in:\n%s", *parts, shown);
    }
    kit_close(&kit);
}

#define PARTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

Test(report, undefined_variable)
{
    expect_parts("msg: \"port is {{ htpp_port }}\"\nhttp_port: 80\n", "msg",
                 PARTS("'htpp_port' is undefined", "vars.yml:1:18", "did you mean 'http_port'"));
}

Test(report, missing_key)
{
    expect_parts("srv: {port: 80}\nmsg: '{{ srv.prot }}'\n", "msg",
                 PARTS("'srv' has no key 'prot'", "vars.yml:2:14", "it has the keys: port",
                       "did you mean 'port'"));
}

Test(report, chain_of_variables)
{
    expect_parts("url: 'http://{{ hostt }}/'\ncmd: 'curl {{ url }}'\nmsg: '{{ cmd }}'\n", "msg",
                 PARTS("'hostt' is undefined", "vars.yml:1:17", "variable 'url' is used here",
                       "vars.yml:2:15", "variable 'cmd' is used here", "vars.yml:3:10"));
}

Test(report, unknown_names)
{
    expect_parts("msg: \"{{ 'a' | uper }}\"\n", "msg",
                 PARTS("no filter is called 'uper'", "did you mean 'upper'", "vars.yml:1:16"));
    expect_parts("msg: \"{{ 'a' is mtch('b') }}\"\n", "msg",
                 PARTS("no test is called 'mtch'", "did you mean 'match'"));
    expect_parts("msg: \"{{ lookup('fil', 'x') }}\"\n", "msg", PARTS("no lookup is called 'fil'"));
}

Test(report, syntax)
{
    expect_parts("msg: \"{{ foo | default('x' }}\"\n", "msg",
                 PARTS("unexpected '}', expected ')'", "the bracket that is open began here"));
    expect_parts("msg: '{% if x %}a'\n", "msg", PARTS("'if' is never ended", "endif"));
    expect_parts("msg: '{{ x }'\n", "msg",
                 PARTS("unexpected '}'", "vars.yml:1:12", "'{{' is closed with '}}'"));
    expect_parts("msg: '{% if x }a{% endif %}'\n", "msg",
                 PARTS("unexpected '}'", "'{%' is closed with '%}'"));
    expect_parts("msg: '{{ x '\n", "msg", PARTS("'{{' is never closed"));
}

Test(report, types)
{
    expect_parts("n: 5\nmsg: \"{{ n + 'a' }}\"\n", "msg",
                 PARTS("cannot apply '+' to a", "string", "'~' joins anything"));
    expect_parts("s: '5'\nmsg: '{{ s > 3 }}'\n", "msg", PARTS("cannot compare", "| int"));
}

Test(report, variable_defined_by_itself)
{
    struct kit kit;
    kit_open(&kit, DIALECT_CLASSIC, "path: '{{ path }}:/x'\nmsg: '{{ path }}'\n");
    kit.layers[1] = kit_yaml(&kit, "group_vars/all.yml", "other: 1\npath: /usr\n");
    kit.scope.count = 2;
    const char *shown = rendered(&kit, value_get(kit.layers[0], S("msg")));
    const char *const parts[] = {
        "variable 'path' is defined by itself",
        "vars.yml:1:11",
        "this other value is hidden by that definition at group_vars/all.yml:2:7",
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        cr_expect(strstr(shown, parts[i]) != NULL, "no '%s' in:\n%s", parts[i], shown);
    }
    kit_close(&kit);
}
