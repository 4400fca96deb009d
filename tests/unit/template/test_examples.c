/* Each filter, test, lookup, function and statement has an example, and it is true. */
#include <stdlib.h>
#include <unistd.h>

#include "kit.h"

static bool setting(void *data, struct diags *diags, span at, str name, value *ret)
{
    (void)data, (void)diags, (void)at;
    *ret = str_eq(name, S("DEFAULT_FORKS")) ? value_int(5) : (value){ 0 };
    return true;
}

static bool hosts_of(void *data, struct diags *diags, span at, str pattern, value *ret)
{
    (void)diags, (void)at, (void)pattern;
    value names[2] = { value_str(data, S("web1")), value_str(data, S("web3")) };
    *ret = value_list(data, names, 2);
    return true;
}

/* The result as an example shows it: in one line. */
static const char *in_a_line(struct kit *kit, const char *text)
{
    const char *got = kit_value(kit, text);
    return str_c(kit->arena, str_replace(kit->arena, str_of(got), S("\n"), S("\\n")));
}

static void check_line(str name, str line)
{
    struct kit kit;
    str here = S(EXAMPLES);
    kit_open(&kit, DIALECT_CLASSIC, "{example_a: 1}");
    kit.env->hooks = (struct template_hooks){ kit.arena, setting, hosts_of, NULL };
    kit.eval.search_paths = &here;
    kit.eval.search_count = 1;
    template_set_extensions(&kit.eval, (struct template_extensions){ true, true });
    size_t arrow = str_find(line, S(" -> "), 0);
    cr_assert(arrow != STR_NPOS, "the example of '%.*s' has no result", SARG(name));
    const char *expected = str_c(kit.arena, str_part(line, arrow + 4, line.len));
    const char *got = in_a_line(&kit, str_c(kit.arena, str_part(line, 0, arrow)));
    cr_expect_str_eq(got, expected, "%.*s\n gave %s", SARG(line), got);
    kit_close(&kit);
}

static void check_row(const struct template_name *row)
{
    str rest = row->example;
    cr_expect(str_ends(row->summary, S(".")), "'%.*s' is not told about", SARG(row->name));
    if (rest.len == 0) {
        cr_expect(str_starts(row->summary, S("Refused: ")), "'%.*s' has no example",
                  SARG(row->name));
        return;
    }
    while (!str_is_none(rest)) {
        check_line(row->name, str_cut(&rest, '\n'));
    }
}

Test(examples, are_there_and_true)
{
    setenv("EXAMPLE_DIR", "/srv", 1);
    for (int kind = 0; kind < TEMPLATE_KINDS; kind++) {
        size_t count;
        const struct template_name *rows = template_rows((enum template_kind)kind, &count);
        cr_expect(count > 9);
        for (size_t i = 0; i < count; i++) {
            check_row(&rows[i]);
        }
    }
}

Test(examples, are_found_by_every_name)
{
    cr_expect(template_find_name(TEMPLATE_FILTER, S("d")) ==
              template_find_name(TEMPLATE_FILTER, S("default")));
    cr_expect(template_find_name(TEMPLATE_FILTER, S("ansible.builtin.combine")) != NULL);
    cr_expect(template_find_name(TEMPLATE_LOOKUP, S("cartesian")) != NULL);
    cr_expect(template_find_name(TEMPLATE_STATEMENT, S("raw")) != NULL);
    cr_expect(template_find_name(TEMPLATE_TEST, S("no_such")) == NULL);
}
