/* add_host, group_by and refresh. */
#include "check.h"

static value one_var(struct bench *bench, str name, int64_t v)
{
    struct map_builder map = map_in(bench->arena);
    map_set_str(&map, name, value_int(v));
    return map_seal(&map);
}

static bool add(struct bench *bench, str host, str group, value vars)
{
    bool changed;
    cr_assert(inventory_add_host(bench->inventory, bench->diags, host, &group, group.len > 0, vars,
                                 &changed));
    return changed;
}

static bool group_by(struct bench *bench, str host, str group, str parent)
{
    bool changed;
    cr_assert(inventory_add_to_group(bench->inventory, bench->diags,
                                     inventory_find(bench->inventory, host), group, &parent,
                                     parent.len > 0, &changed));
    return changed;
}

static str group_hosts(struct bench *bench, str group)
{
    value names = value_get(inventory_groups(bench->inventory, bench->arena), group);
    return value_is_defined(names) ? value_as_str(value_repr(bench->arena, names)) : S("-");
}

Test(dynamic, add_host_changes_only_what_is_new)
{
    BENCH(bench);
    bench_parse(&bench, ini_parse, S("[web]\nw1\n"));
    cr_assert(add(&bench, S("new"), S("web"), one_var(&bench, S("n"), 1)));
    cr_assert_not(add(&bench, S("new"), S("web"), one_var(&bench, S("n"), 1)));
    cr_assert(add(&bench, S("new"), S("web"), one_var(&bench, S("n"), 2)));
    cr_assert(add(&bench, S("new"), S("extra"), (value){ 0 }));
    EQ_STR(bench_var(&bench, S("new"), S("n")), S("2"), S("the later wins"));
    EQ_STR(group_hosts(&bench, S("web")), S("['w1', 'new']"), S("web"));
    EQ_STR(group_hosts(&bench, S("extra")), S("['new']"), S("extra"));
    EQ_STR(group_hosts(&bench, S("all")), S("['new', 'w1']"), S("all"));
    cr_assert(
        str_is_none(inventory_file_of(bench.inventory, inventory_find(bench.inventory, S("new")))));
}

Test(dynamic, group_by_adds_variables_of_the_group)
{
    BENCH(bench);
    bench_parse(&bench, ini_parse, S("h1\nh2\n[os_x]\n[os_x:vars]\nv=1\n"));
    EQ_STR(bench_var(&bench, S("h1"), S("v")), S("-"), S("before"));
    cr_assert(group_by(&bench, S("h1"), S("os_x"), S("systems")));
    cr_assert_not(group_by(&bench, S("h1"), S("os_x"), S("systems")));
    EQ_STR(bench_var(&bench, S("h1"), S("v")), S("1"), S("after"));
    EQ_STR(group_hosts(&bench, S("systems")), S("['h1']"), S("parent"));
    EQ_STR(group_hosts(&bench, S("ungrouped")), S("['h2']"), S("ungrouped"));
    value names = inventory_group_names(bench.inventory, bench.arena,
                                        inventory_find(bench.inventory, S("h1")));
    EQ_STR(value_as_str(value_repr(bench.arena, names)), S("['os_x', 'systems']"), S("names"));
}

Test(dynamic, implicit_localhost_may_be_grouped)
{
    BENCH(bench);
    bench_parse(&bench, ini_parse, S("h1\n"));
    cr_assert(group_by(&bench, S("localhost"), S("here"), STR_EMPTY));
    EQ_STR(group_hosts(&bench, S("here")), S("['localhost']"), S("here"));
    EQ_STR(group_hosts(&bench, S("all")), S("['h1']"), S("never in all"));
}

Test(dynamic, refresh_reads_again_and_keeps_the_rest)
{
    BENCH(bench);
    bench_write(&bench, S("hosts"), S("h1 n=1\nh2\n"));
    cr_assert(bench_load(&bench, &S("hosts"), 1, STR_NONE));
    const struct host *h1 = inventory_find(bench.inventory, S("h1"));
    add(&bench, S("new"), S("g"), one_var(&bench, S("n"), 5));
    group_by(&bench, S("h1"), S("by"), STR_EMPTY);
    group_by(&bench, S("h2"), S("by"), STR_EMPTY);
    bench_write(&bench, S("hosts"), S("h3\nh1 n=2\n"));
    cr_assert(inventory_refresh(bench.inventory, bench.diags));
    cr_assert_eq(inventory_find(bench.inventory, S("h1")), h1, "a host stays where it is");
    cr_assert_null(inventory_find(bench.inventory, S("h2")));
    EQ_STR(bench_var(&bench, S("h1"), S("n")), S("2"), S("read again"));
    EQ_STR(bench_var(&bench, S("new"), S("n")), S("5"), S("kept"));
    EQ_STR(group_hosts(&bench, S("by")), S("['h1']"), S("group_by again"));
    EQ_STR(group_hosts(&bench, S("g")), S("['new']"), S("add_host again"));
}
