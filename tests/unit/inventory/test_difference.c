/* What differs between two revisions of an inventory, and limits by it. */
#include "inventory/difference.h"

#include "check.h"

static const char script[] =
    "set -e; cd \"$1\"\n"
    "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a\n"
    "export GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b\n"
    "git init -q -b main .; mkdir group_vars host_vars\n"
    "printf '[web]\\nsame\\nmoved\\ntold n=1\\nmasked\\ngone\\n[db]\\nfiled\\n[left]\\n' >hosts\n"
    "printf 'color: red\\nflag: true\\nports: [80]\\n' >group_vars/web.yml\n"
    "echo 'x: 1' >host_vars/filed.yml; echo 'color: green' >host_vars/masked.yml\n"
    "echo 'ntp: {a: 1, b: 2}' >group_vars/all.yml\n"
    "git add .; git commit -qm one; git tag one\n"
    "printf '[web]\\nsame\\ntold n=2 m=3\\nmasked\\nnew\\n[db]\\nmoved\\nfiled\\n[more]\\n' "
    ">hosts\n"
    "echo '{y: 1}' >host_vars/filed.yml\n"
    "printf 'ports:\\n- 80\\nflag: true\\ncolor: red\\n' >group_vars/web.yml\n"
    "echo 'ntp: {b: 2, a: 1}' >group_vars/all.yml\n"
    "git commit -qam two; git tag two\n"
    "sed -i 's/red/blue/; s/true/1/' group_vars/web.yml\n";

/* The inventory of the work tree, whose color of `web` is not committed. */
static void load(struct bench *bench)
{
    str top = bench_path(bench, S(""));
    str command = str_format(bench->arena, "sh -s -- '%.*s' <<'END'\n%s\nEND\n", SARG(top), script);
    cr_assert_eq(system(str_c(bench->arena, command)), 0);
    cr_assert(bench_load(bench, &S("hosts"), 1, STR_NONE), "%.*s", SARG(bench_complaints(bench)));
}

static void add_names(struct strbuf *out, const char *sign, const str *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(out, " %s%.*s", sign, SARG(names[i]));
    }
}

static void add_var(struct bench *bench, struct strbuf *out, const struct var_change *var)
{
    strbuf_addf(out, " %.*s:", SARG(var->name));
    if (value_is_defined(var->before)) {
        add_repr(bench, out, var->before);
    }
    strbuf_add(out, S(">"));
    if (value_is_defined(var->after)) {
        add_repr(bench, out, var->after);
    }
}

/* "groups +x -y; hosts +x -y; host +group -group name:before>after; ..." */
static str dump(struct bench *bench, const struct difference *d)
{
    struct strbuf out = strbuf_in(bench->arena);
    strbuf_add(&out, S("groups"));
    add_names(&out, "+", d->groups_added, d->groups_added_count);
    add_names(&out, "-", d->groups_removed, d->groups_removed_count);
    strbuf_add(&out, S("; hosts"));
    add_names(&out, "+", d->hosts_added, d->hosts_added_count);
    add_names(&out, "-", d->hosts_removed, d->hosts_removed_count);
    for (size_t i = 0; i < d->changed_count; i++) {
        const struct host_change *change = &d->changed[i];
        strbuf_addf(&out, "; %.*s", SARG(change->name));
        add_names(&out, "+", change->joined, change->joined_count);
        add_names(&out, "-", change->left, change->left_count);
        for (size_t k = 0; k < change->var_count; k++) {
            add_var(bench, &out, &change->vars[k]);
        }
    }
    return strbuf_str(&out);
}

static struct inventory *at(struct bench *bench, str rev)
{
    struct inventory *inventory = NULL;
    cr_assert(inventory_at(bench->inventory, bench->arena, bench->diags, rev, &inventory), "%.*s",
              SARG(bench_complaints(bench)));
    return inventory;
}

Test(difference, revisions)
{
    BENCH(bench);
    struct difference difference;
    load(&bench);
    cr_assert(inventory_compare(at(&bench, S("one")), at(&bench, S("two")), bench.arena,
                                bench.diags, &difference));
    EQ_STR(dump(&bench, &difference),
           S("groups +more -left; hosts +new -gone; told m:>3 n:1>2; moved +db -web color:'red'> "
             "flag:True> ports:[80]>; filed x:1> y:>1"),
           S("one to two"));
    cr_assert(inventory_compare(at(&bench, S("two")), bench.inventory, bench.arena, bench.diags,
                                &difference));
    EQ_STR(dump(&bench, &difference),
           S("groups; hosts; same color:'red'>'blue' flag:True>1; told color:'red'>'blue' "
             "flag:True>1; masked flag:True>1; new color:'red'>'blue' flag:True>1"),
           S("two to the work tree"));
}

static str matched(struct bench *bench, str pattern, str limit)
{
    struct host_list hosts;
    return inventory_match(bench->inventory, bench->arena, bench->diags, pattern, SPAN_NONE, limit,
                           &hosts)
               ? bench_names(bench, &hosts)
               : bench_complaints(bench);
}

Test(difference, limits)
{
    BENCH(bench);
    load(&bench);
    static const struct {
        str pattern, limit, expected;
    } rows[] = {
        { S_INIT("all"), S_INIT("changed:one"), S_INIT("same told masked new moved filed") },
        { S_INIT("all"), S_INIT("changed:two"), S_INIT("same told masked new") },
        { S_INIT("all"), S_INIT("changed:HEAD"), S_INIT("same told masked new") },
        { S_INIT("db"), S_INIT("changed:one"), S_INIT("moved filed") },
        { S_INIT("db"), S_INIT("changed:two"), S_INIT("") },
        { S_INIT("all"), S_INIT("db,changed:one"), S_INIT("moved filed") },
        { S_INIT("all"), S_INIT("changed:one, !moved"), S_INIT("same told masked new filed") },
        { S_INIT("all"), S_INIT("&changed:one,changed:two"), S_INIT("same told masked new") },
        { S_INIT("localhost"), S_INIT("changed:one"), S_INIT("") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        EQ_STR(matched(&bench, rows[i].pattern, rows[i].limit), rows[i].expected, rows[i].limit);
    }
    str said = matched(&bench, S("all"), S("changed:tow"));
    cr_assert(str_starts(said, S("no revision 'tow' in repository '")), "%.*s", SARG(said));
    static const str misplaced[] = { S_INIT("!changed:one"), S_INIT("db,!changed:one"),
                                     S_INIT("db:changed:one"), S_INIT("db:&changed:one"),
                                     S_INIT("db:!changed:one") };
    for (size_t i = 0; i < ARRAY_LEN(misplaced); i++) {
        str told = matched(&bench, S("all"), misplaced[i]);
        cr_expect(str_find(told, S("cannot be a part of a pattern"), 0) != STR_NPOS, "%.*s: %.*s",
                  SARG(misplaced[i]), SARG(told));
    }
    cr_assert(inventory_limit_asks_for_changes(S("a,changed:b")));
    cr_assert_not(inventory_limit_asks_for_changes(S("a,unchanged:b")));
    cr_assert_not(inventory_limit_asks_for_changes(STR_NONE));
}

/* Who is added while plays run is new. */
Test(difference, hosts_of_a_run)
{
    BENCH(bench);
    load(&bench);
    bool changed;
    EQ_STR(matched(&bench, S("db"), S("changed:two")), S(""), S("before"));
    cr_assert(inventory_add_host(bench.inventory, bench.diags, S("later"), &S("db"), 1,
                                 (value){ .kind = VALUE_UNDEFINED }, &changed));
    EQ_STR(matched(&bench, S("db"), S("changed:two")), S("later"), S("after"));
}

Test(difference, no_repository)
{
    BENCH(bench);
    bench_write(&bench, S("hosts"), S("a\n"));
    cr_assert(bench_load(&bench, &S("hosts"), 1, STR_NONE));
    str said = matched(&bench, S("all"), S("changed:HEAD"));
    cr_assert(str_find(said, S("is in no git repository [a revision of it, such as 'HEAD'"), 0) !=
                  STR_NPOS,
              "%.*s", SARG(said));
    cr_assert(bench_load(&bench, &S("a,b"), 1, STR_NONE));
    EQ_STR(matched(&bench, S("all"), S("changed:HEAD")), S(""), S("lists are as they were"));
}
