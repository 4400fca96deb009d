/* Which variables win, and the files in host_vars/ and group_vars/. */
#include "check.h"

/* Each variable is set from its place in the order on, down to the weakest: NAME=PLACE. */
Test(layers, the_order_of_precedence)
{
    BENCH(bench);
    bench_write(&bench, S("inv/hosts"),
                S("h a=line b=line c=line\n[top:children]\nlow\n[low]\nh\n"
                  "[low:vars]\nf=low\nh=low\ni=low\n[top:vars]\nh=top\ni=top\n"
                  "[all:vars]\ni=all\nj=all\ng=all\n"));
    bench_write(&bench, S("play/host_vars/h.yml"), S("a: play_host\n"));
    bench_write(&bench, S("inv/host_vars/h.yml"), S("a: inv_host\nb: inv_host\n"));
    bench_write(&bench, S("play/group_vars/top.yml"), S("c: play_top\nd: play_top\n"));
    bench_write(&bench, S("inv/group_vars/low.yml"), S("d: inv_low\ne: inv_low\n"));
    bench_write(&bench, S("play/group_vars/all.yml"), S("e: play_all\nf: play_all\n"));
    bench_write(&bench, S("inv/group_vars/all.yml"), S("f: inv_all\ng: inv_all\n"));
    cr_assert(bench_load(&bench, &S("inv/hosts"), 1, S("play")));
    static const struct row rows[] = {
        { S_INIT("a"), S_INIT("play_host") }, { S_INIT("b"), S_INIT("inv_host") },
        { S_INIT("c"), S_INIT("line") },      { S_INIT("d"), S_INIT("play_top") },
        { S_INIT("e"), S_INIT("inv_low") },   { S_INIT("f"), S_INIT("play_all") },
        { S_INIT("g"), S_INIT("inv_all") },   { S_INIT("h"), S_INIT("low") },
        { S_INIT("i"), S_INIT("low") },       { S_INIT("j"), S_INIT("all") },
        { S_INIT("k"), S_INIT("-") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(bench_var(&bench, S("h"), rows[i].text), rows[i].expected, rows[i].text);
    }
}

/* Depth first, then ansible_group_priority, then the name. */
Test(layers, groups_by_depth_priority_and_name)
{
    BENCH(bench);
    bench_parse(&bench, ini_parse,
                S("[a]\nh\n[b]\nh\n[c]\nh\n[deep]\nh\n[c:children]\ndeep\n"
                  "[a:vars]\nn=a\np=a\nd=a\nansible_group_priority=2\n"
                  "[b:vars]\nn=b\np=b\nd=b\n[c:vars]\nn=c\n[deep:vars]\nd=deep\n"));
    EQ_STR(bench_var(&bench, S("h"), S("n")), S("a"), S("priority"));
    EQ_STR(bench_var(&bench, S("h"), S("d")), S("deep"), S("depth"));
}

static const struct file_row {
    str files[3]; /* in group_vars/; each sets v to its own name */
    str expected;
} file_rows[] = {
    { { S_INIT("web") }, S_INIT("web") },
    { { S_INIT("web.yml") }, S_INIT("web.yml") },
    { { S_INIT("web.json"), S_INIT("web.yaml") }, S_INIT("web.yaml") },
    { { S_INIT("web.yml"), S_INIT("web.yaml"), S_INIT("web") }, S_INIT("web") },
    { { S_INIT("web.yml"), S_INIT("web/x.yml") }, S_INIT("web/x.yml") },
    { { S_INIT("web/b.yml"), S_INIT("web/a.yml") }, S_INIT("web/b.yml") },
    { { S_INIT("web/a/z.yml"), S_INIT("web/b.yml") }, S_INIT("web/b.yml") },
    { { S_INIT("web/B"), S_INIT("web/a") }, S_INIT("web/a") },
    { { S_INIT("web/a.yml"), S_INIT("web/b.txt") }, S_INIT("web/a.yml") },
    { { S_INIT("web/a.yml"), S_INIT("web/.b.yml") }, S_INIT("web/a.yml") },
    { { S_INIT("web/a.yml"), S_INIT("web/b.yml~") }, S_INIT("web/a.yml") },
    { { S_INIT("web/a.yml"), S_INIT("web/b.d/c.yml") }, S_INIT("web/a.yml") },
    { { S_INIT("web.txt") }, S_INIT("-") },
    { { S_INIT("webs.yml") }, S_INIT("-") },
};

Test(layers, which_files_count)
{
    for (size_t i = 0; i < ARRAY_LEN(file_rows); i++) {
        BENCH(bench);
        const struct file_row *row = &file_rows[i];
        bench_write(&bench, S("hosts"), S("[web]\nh\n"));
        for (size_t k = 0; k < ARRAY_LEN(row->files) && row->files[k].len > 0; k++) {
            bench_write(&bench, str_concat(bench.arena, S("group_vars/"), row->files[k]),
                        str_format(bench.arena, "{\"v\": \"%.*s\"}", SARG(row->files[k])));
        }
        cr_assert(bench_load(&bench, &S("hosts"), 1, STR_NONE));
        EQ_STR(bench_var(&bench, S("h"), S("v")), row->expected, row->files[0]);
    }
}

static bool prepare(struct bench *bench, str name)
{
    const struct host *host = inventory_find(bench->inventory, name);
    bench->diags->all.len = 0;
    bench->diags->errors = 0;
    return inventory_prepare(bench->inventory, bench->diags, &host, 1);
}

/* A file that cannot be read matters only to its hosts; each who asks is told. */
Test(layers, mistakes_in_files_are_told_for_their_hosts)
{
    BENCH(bench);
    bench_write(&bench, S("hosts"), S("[web]\nw1\nw2\n[db]\nd1\n"));
    bench_write(&bench, S("group_vars/web.yml"), S("- a\n"));
    bench_write(&bench, S("host_vars/w2.yml"), S("b: 1\n"));
    cr_assert(bench_load(&bench, &S("hosts"), 1, STR_NONE));
    cr_assert(prepare(&bench, S("d1")));
    for (int again = 0; again < 2; again++) {
        cr_assert_not(prepare(&bench, S("w1")));
        EQ_STR(bench_complaints(&bench),
               S("1:1 variables must be a map, not a list [write 'name: value' on each line]"),
               S("group_vars/web.yml"));
    }
    EQ_STR(bench_var(&bench, S("w2"), S("b")), S("1"), S("other files are read"));
}

Test(layers, encrypted_files_need_a_password)
{
    BENCH(bench);
    bench_write(&bench, S("hosts"), S("h\nother\n"));
    bench_write(&bench, S("host_vars/h"), S("$ANSIBLE_VAULT;1.1;AES256\n6162\n"));
    cr_assert(bench_load(&bench, &S("hosts"), 1, STR_NONE));
    cr_assert(prepare(&bench, S("other")));
    cr_assert_not(prepare(&bench, S("h")));
    cr_assert(str_find(bench_complaints(&bench), S("is encrypted"), 0) != STR_NPOS);
}

static bool decrypt(void *data, struct diags *diags, str ciphertext, span at, value *ret)
{
    struct arena *arena = data;
    cr_assert(str_starts(ciphertext, S("$ANSIBLE_VAULT;1.1;AES256\n")));
    *ret = value_str(arena, S("pw: hunter2\n"));
    return true;
}

Test(layers, encrypted_files_are_secret)
{
    BENCH(bench);
    size_t count;
    bench_write(&bench, S("host_vars/h"), S("$ANSIBLE_VAULT;1.1;AES256\n6162\n"));
    bench_write(&bench, S("hosts"), S("h\n"));
    str source = bench_path(&bench, S("hosts"));
    struct inventory_options options = { .sources = &source,
                                         .count = 1,
                                         .playbook_dir = STR_NONE,
                                         .vault = decrypt,
                                         .vault_data = bench.arena };
    cr_assert(inventory_load(bench.arena, bench.diags, &options, &bench.inventory));
    const struct host *host = inventory_find(bench.inventory, S("h"));
    value pw = value_get(inventory_layers(bench.inventory, host, &count)[0], S("pw"));
    EQ_STR(value_as_str(pw), S("hunter2"), S("in clear"));
    EQ_STR(value_masked(bench.arena, pw), S("********"), S("masked"));
    cr_assert(value_is_trusted(pw));
}

/* Deep merging, as hash_behaviour = merge. */
Test(layers, maps_are_merged_if_so_set)
{
    BENCH(bench);
    bench_write(&bench, S("hosts"),
                S("[g]\nh m=\"{'a': 1}\"\n[g:vars]\nm={'a': 0, 'b': {'c': 2}}\n"));
    str source = bench_path(&bench, S("hosts"));
    struct inventory_options options = {
        .sources = &source, .count = 1, .playbook_dir = STR_NONE, .settings.merge_maps = true
    };
    cr_assert(inventory_load(bench.arena, bench.diags, &options, &bench.inventory));
    EQ_STR(bench_var(&bench, S("h"), S("m")), S("{'a': 1, 'b': {'c': 2}}"), S("merged"));
}

/* More definitions than a lookup should go through become one map; nothing is lost. */
Test(layers, many_layers_are_joined)
{
    BENCH(bench);
    struct strbuf text = strbuf_in(bench.arena);
    for (int i = 0; i < 200; i++) {
        strbuf_addf(&text, "h v%d=%d last=%d\n", i, i, i);
    }
    bench_parse(&bench, ini_parse, strbuf_str(&text));
    size_t count;
    inventory_layers(bench.inventory, inventory_find(bench.inventory, S("h")), &count);
    cr_assert_lt(count, 50);
    EQ_STR(bench_var(&bench, S("h"), S("v0")), S("0"), S("the weakest"));
    EQ_STR(bench_var(&bench, S("h"), S("last")), S("199"), S("the strongest"));
}

/* Localhost that nobody names: without a connection, but with the variables of `all`. */
Test(layers, implicit_localhost)
{
    BENCH(bench);
    bench_write(&bench, S("hosts"), S("h\n[all:vars]\na=1\nansible_connection=ssh\n"));
    bench_write(&bench, S("host_vars/localhost.yml"), S("b: 2\n"));
    cr_assert(bench_load(&bench, &S("hosts"), 1, STR_NONE));
    EQ_STR(bench_var(&bench, S("localhost"), S("ansible_connection")), S("local"), S("connection"));
    EQ_STR(bench_var(&bench, S("localhost"), S("a")), S("1"), S("of all"));
    EQ_STR(bench_var(&bench, S("localhost"), S("b")), S("2"), S("host_vars"));
    cr_assert(inventory_find(bench.inventory, S("localhost"))->implicit);
    cr_assert_eq(inventory_hosts(bench.inventory, bench.arena).count, 1);
}
