/* Lists, directories, scripts, several sources, and sources that cannot be read. */
#include "check.h"

static str all_hosts(struct bench *bench)
{
    struct host_list found;
    cr_assert(inventory_match(bench->inventory, bench->arena, bench->diags, S("all"), SPAN_NONE,
                              STR_NONE, &found));
    return bench_names(bench, &found);
}

Test(sources, lists)
{
    BENCH(bench);
    cr_assert(bench_load(&bench, &S("a, b:22 ,a,[::1]:33,"), 1, STR_NONE));
    EQ_STR(bench_dump(&bench),
           S("all > ungrouped; ungrouped(a b ::1); b{'ansible_port': 22}; ::1{'ansible_port': 33}"),
           S("list"));
    const struct host *a = inventory_find(bench.inventory, S("a"));
    EQ_STR(inventory_file_of(bench.inventory, a), S("a, b:22 ,a,[::1]:33,"), S("file"));
    cr_assert(str_is_none(inventory_dir_of(bench.inventory, a)));
}

Test(sources, directories_in_byte_order)
{
    BENCH(bench);
    static const str names[] = {
        S_INIT("d/9-x"),     S_INIT("d/10-x"),  S_INIT("d/B.yml"),          S_INIT("d/a/inner"),
        S_INIT("d/.hidden"), S_INIT("d/x.cfg"), S_INIT("d/group_vars/all"), S_INIT("d/y~"),
        S_INIT("d/z.ini")
    };
    static const str hosts[] = {
        S_INIT("nine\n"),  S_INIT("ten\n"),    S_INIT("all: {hosts: {bee: }}"),
        S_INIT("inner\n"), S_INIT("hidden\n"), S_INIT("cfg\n"),
        S_INIT("v: 1\n"),  S_INIT("backup\n"), S_INIT("ini\n")
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        bench_write(&bench, names[i], hosts[i]);
    }
    cr_assert(bench_load(&bench, &S("d"), 1, STR_NONE));
    EQ_STR(all_hosts(&bench), S("bee ten nine inner"), S("order"));
    EQ_STR(bench_var(&bench, S("inner"), S("v")), S("1"), S("group_vars in the directory"));
    EQ_STR(inventory_dir_of(bench.inventory, inventory_find(bench.inventory, S("inner"))),
           bench_path(&bench, S("d/a")), S("inventory_dir"));
}

Test(sources, later_sources_win)
{
    BENCH(bench);
    bench_write(&bench, S("one/hosts"), S("[g]\nh n=1\n[g:vars]\ng=1\n"));
    bench_write(&bench, S("two/hosts"), S("[g]\nh n=2\n[g:vars]\ng=2\n"));
    bench_write(&bench, S("one/group_vars/g.yml"), S("f: 1\n"));
    bench_write(&bench, S("two/group_vars/all.yml"), S("f: 2\n"));
    str names[] = { S("one/hosts"), S("two/hosts") };
    cr_assert(bench_load(&bench, names, 2, STR_NONE));
    EQ_STR(bench_var(&bench, S("h"), S("n")), S("2"), S("host"));
    EQ_STR(bench_var(&bench, S("h"), S("g")), S("2"), S("group"));
    EQ_STR(bench_var(&bench, S("h"), S("f")), S("1"), S("groups above all"));
}

static void write_script(struct bench *bench, str text)
{
    bench_write(bench, S("script"), text);
    cr_assert_eq(chmod(str_c(bench->arena, bench_path(bench, S("script"))), 0755), 0);
}

Test(sources, scripts_with_meta)
{
    BENCH(bench);
    write_script(&bench, S("#!/bin/sh\necho '{\"web\": {\"hosts\": [\"w1\"], \"vars\": {\"t\": "
                           "\"{{ x }}\"}, \"children\": [\"sub\"]}, \"list\": [\"w2\"], \"lone\": "
                           "{\"a\": 1}, \"_meta\": {\"hostvars\": {\"w1\": {\"n\": 1}}}}'\n"));
    cr_assert(bench_load(&bench, &S("script"), 1, STR_NONE), "%.*s",
              SARG(bench_complaints(&bench)));
    EQ_STR(bench_dump(&bench),
           S("all > ungrouped web list lone; ungrouped; web(w1){'t': '{{ x }}'} > sub; sub; "
             "list(w2); lone(lone){'a': 1}; w1{'n': 1}"),
           S("script"));
    value vars = data_group(bench.inventory, S("web"))->vars.items[0];
    cr_assert(value_is_trusted(value_get(vars, S("t"))));
}

Test(sources, scripts_are_asked_for_each_host)
{
    BENCH(bench);
    write_script(&bench, S("#!/bin/sh\n[ \"$1\" = --list ] && echo '{\"g\": [\"a\", \"b\"]}'\n"
                           "[ \"$2\" = a ] && echo '{\"n\": 1}'\nexit 0\n"));
    cr_assert(bench_load(&bench, &S("script"), 1, STR_NONE));
    EQ_STR(bench_dump(&bench), S("all > ungrouped g; ungrouped; g(a b); a{'n': 1}"), S("--host"));
}

static const struct row failing[] = {
    { S_INIT("#!/bin/sh\necho oops >&2; exit 3\n"), S_INIT("ended with status 3") },
    { S_INIT("#!/bin/sh\nkill -9 $$\n"), S_INIT("ended by signal 9") },
    { S_INIT("#!/bin/sh\necho '[1]'\n"), S_INIT("must print a map of groups") },
    { S_INIT("#!/bin/sh\necho 'x'\n"), S_INIT("did not print JSON") },
    { S_INIT("#!/bin/sh\necho '{\"g\": {\"hosts\": 5}}'\n"), S_INIT("must be a list") },
    { S_INIT("#!/nonexistent/sh\n"), S_INIT("cannot run inventory script") },
    { S_INIT("#!/nonexistent/sh\n"), S_INIT("names a program that is not there") },
};

Test(sources, scripts_that_fail)
{
    for (size_t i = 0; i < ARRAY_LEN(failing); i++) {
        BENCH(bench);
        write_script(&bench, failing[i].text);
        cr_assert_not(bench_load(&bench, &S("script"), 1, STR_NONE));
        str said = bench_complaints(&bench);
        cr_assert(str_find(said, failing[i].expected, 0) != STR_NPOS, "%.*s\n%.*s",
                  SARG(failing[i].text), SARG(said));
    }
}

/* An error by default; where it is a warning, the other sources count. */
Test(sources, unreadable_ones)
{
    BENCH(bench);
    bench_write(&bench, S("good"), S("h1\n"));
    bench_write(&bench, S("bad"), S("h2\n[x:var]\n"));
    str names[] = { S("bad"), S("good") };
    cr_assert_not(bench_load(&bench, names, 2, STR_NONE));
    str paths[] = { bench_path(&bench, S("bad")), bench_path(&bench, S("good")),
                    bench_path(&bench, S("missing")) };
    struct inventory_options options = { .sources = paths, .count = 3, .playbook_dir = STR_NONE };
    bench.diags->errors = 0;
    cr_assert(inventory_load(bench.arena, bench.diags, &options, &bench.inventory));
    cr_assert_eq(bench.diags->errors, 0);
    EQ_STR(all_hosts(&bench), S("h2 h1"), S("what came before the mistake stays"));
}
