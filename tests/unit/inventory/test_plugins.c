/* The inventory plugins constructed and generator. */
#include "base/secrets.h"
#include "check.h"
#include "inventory/plugins.h"

static const str hosts_file =
    S_INIT("[web]\nw1 os=debian size=3 tags=\"['a', 'b']\" m=\"{'k': 'v', 'e': ''}\"\n"
           "w2 os= size=12 tags=[]\n[db]\nd1 os=debian size=7\n");

/* A source of a plugin behind the hosts above: the dump, or the complaints. */
static str built(struct bench *bench, str config)
{
    struct secrets *secrets = secrets_new();
    struct template_env *env =
        template_env_new(DIALECT_CLASSIC, bench->sources, secrets, (struct template_hooks){ 0 });
    bench_write(bench, S("hosts"), hosts_file);
    bench_write(bench, S("built.yml"), config);
    str paths[] = { bench_path(bench, S("hosts")), bench_path(bench, S("built.yml")) };
    struct inventory_options options = { .sources = paths,
                                         .count = 2,
                                         .playbook_dir = STR_NONE,
                                         .unparsed_is_failed = true,
                                         .env = env };
    bench->diags->all.len = 0;
    bench->diags->errors = 0;
    bool ok = inventory_load(bench->arena, bench->diags, &options, &bench->inventory);
    str got = ok ? bench_dump(bench) : bench_complaints(bench);
    template_env_free(env);
    secrets_free(secrets);
    return got;
}

/* The part of a dump that is not the hosts' file. */
static str news(str dump)
{
    size_t from = str_find(dump, S("db(d1)"), 0), to = str_find(dump, S("; w1{"), 0);
    return from == STR_NPOS ? dump : str_part(dump, from + 8, to);
}

static const struct row groups[] = {
    { S_INIT("plugin: constructed\ngroups:\n  big: size > 5\n  all-of-them: true\n"),
      S_INIT("all_of_them(w1 w2 d1); big(w2 d1)") },
    { S_INIT("plugin: ansible.builtin.constructed\ngroups: {web_debian: \"'web' in group_names and "
             "os == 'debian'\", 1st: inventory_hostname == 'w1'}\n"),
      S_INIT("web_debian(w1); _st(w1)") },
    { S_INIT("plugin: constructed\nkeyed_groups: [{key: os, prefix: os}]\n"),
      S_INIT("os_debian(w1 d1)") },
    { S_INIT("plugin: constructed\nkeyed_groups: [{key: os, prefix: os, default_value: none}]\n"),
      S_INIT("os_debian(w1 d1); os_none(w2)") },
    { S_INIT("plugin: constructed\nkeyed_groups: [{key: tags, separator: '-'}]\n"),
      S_INIT("_a(w1); _b(w1)") },
    { S_INIT("plugin: constructed\nleading_separator: false\nkeyed_groups: [{key: os}]\n"),
      S_INIT("debian(w1 d1)") },
    { S_INIT("plugin: constructed\nkeyed_groups: [{key: m, prefix: p}]\n"),
      S_INIT("p_k_v(w1); p_e_(w1)") },
    { S_INIT("plugin: constructed\nkeyed_groups: [{key: m, prefix: p, trailing_separator: no}]\n"),
      S_INIT("p_k_v(w1); p_e(w1)") },
    { S_INIT("plugin: constructed\nkeyed_groups: [{key: os, prefix: o, parent_group: 'all {{ os "
             "}}'}]\n"),
      S_INIT("o_debian(w1 d1); all_debian > o_debian") },
    /* mistakes */
    { S_INIT("plugin: constructed\nkeyed_groups:\n- key: size\n"),
      S_INIT("3:8 key of a group must be a string, a list or a map, not integer [write it as a "
             "string: key: size | string]") },
    { S_INIT("plugin: constructed\nkeyed_groups:\n- prefix: os\n"),
      S_INIT("3:3 entry of 'keyed_groups' must be a map with a 'key' [write - {key: os, prefix: "
             "os}]") },
    { S_INIT("plugin: constructed\ngroups: [a]\n"),
      S_INIT("2:9 'groups' must be a map, not a list") },
    { S_INIT("plugin: constucted\n"),
      S_INIT("1:9 inventory plugin 'constucted' is not supported [did you mean 'constructed'?]") },
};

Test(plugins, groups_are_constructed)
{
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        BENCH(bench);
        EQ_STR(news(built(&bench, groups[i].text)), groups[i].expected, groups[i].text);
    }
}

Test(plugins, variables_are_constructed)
{
    BENCH(bench);
    built(&bench, S("plugin: constructed\ncompose:\n  double: size * 2\n  list: '[1, size]'\n"
                    "  missing: not_there\n  late: double | default('unset')\n"));
    EQ_STR(bench_var(&bench, S("w1"), S("double")), S("6"), S("an expression is a text"));
    EQ_STR(bench_var(&bench, S("w1"), S("list")), S("[1, 3]"), S("a list is a list"));
    EQ_STR(bench_var(&bench, S("w1"), S("missing")), S("-"), S("what fails is left out"));
    EQ_STR(bench_var(&bench, S("w1"), S("late")), S("unset"), S("not seen by its neighbours"));
    EQ_STR(bench_complaints(&bench), S(""), S("in silence"));
}

Test(plugins, strict_tells_what_fails)
{
    BENCH(bench);
    str said = built(&bench, S("plugin: constructed\nstrict: true\ncompose: {a: not_there}\n"));
    cr_assert(str_find(said, S("not_there"), 0) != STR_NPOS, "%.*s", SARG(said));
}

Test(plugins, unknown_options_are_warned_of)
{
    BENCH(bench);
    built(&bench, S("plugin: constructed\nkeyed_group: []\n"));
    EQ_STR(bench_complaints(&bench),
           S("2:1 the plugin has no option 'keyed_group' [did you mean 'keyed_groups'?]"),
           S("warning"));
}

Test(plugins, hosts_are_generated)
{
    BENCH(bench);
    str dump =
        built(&bench, S("plugin: generator\nhosts:\n  name: '{{ op }}-{{ env }}'\n  parents:\n"
                        "  - name: '{{ op }}'\n    vars: {op: '{{ op }}'}\n"
                        "    parents: [{name: ops}]\n"
                        "layers: {op: [a, b], env: [x, y]}\n"));
    EQ_STR(news(dump), S("a(a-x a-y){'op': 'a'}; ops > a b; b(b-x b-y){'op': 'b'}"), dump);
}
