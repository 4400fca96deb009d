/* test_value_each.c - scalars within values replaced. */
#include <criterion/criterion.h>

#include "base/arena.h"
#include "base/value_each.h"

static value doubled(struct arena *arena, value v)
{
    return value_is(v, VALUE_INT) ? value_int(2 * value_as_int(v)) : v;
}

static value as_list(struct arena *arena, value v)
{
    return value_is(v, VALUE_INT) ? value_list(arena, &v, 1) : v;
}

Test(value_each, within_lists_and_maps)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    value numbers[] = { value_int(1), value_str(arena, S("x")), value_int(3) };
    struct map_builder map = map_in(arena);
    map_set(&map, value_int(7), value_list(arena, numbers, ARRAY_LEN(numbers)));
    map_set_str(&map, S("n"), value_null());
    value all = map_seal(&map);
    static const struct {
        value (*scalar)(struct arena *arena, value v);
        str expected;
    } rows[] = {
        { doubled, S_INIT("{7: [2, 'x', 6], 'n': None}") }, /* not the keys */
        { as_list, S_INIT("{7: [[1], 'x', [3]], 'n': None}") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        value got = value_print(arena, value_each(arena, all, rows[i].scalar));
        cr_expect(str_eq(value_as_str(got), rows[i].expected), "%.*s", SARG(value_as_str(got)));
    }
}

Test(value_each, the_same_where_nothing_differs)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    value texts[] = { value_str(arena, S("a")), value_str(arena, S("b")) };
    value list = value_list(arena, texts, ARRAY_LEN(texts));
    cr_expect(value_identity(value_each(arena, list, doubled)) == value_identity(list));
}
