#include "base/strbuf.h"
#include "base/value.h"
#include "check.h"

static value text(struct arena *arena, const char *s)
{
    return value_str(arena, str_of(s));
}

Test(value_map, keeps_the_order_and_the_first_key)
{
    ARENA(arena);
    struct map_builder map = map_in(arena);
    map_set(&map, value_at(text(arena, "b"), (span){ 5, 1 }), value_int(1));
    map_set_str(&map, S("a"), value_int(2));
    map_set(&map, value_at(text(arena, "b"), (span){ 9, 1 }), value_int(3));
    value first;
    cr_assert(map_has(&map, text(arena, "b"), &first));
    cr_assert_eq(first.at.pos, 5);
    cr_assert_not(map_has(&map, text(arena, "c"), NULL));
    value v = map_seal(&map);
    cr_assert_eq(value_count(v), 2);
    EQ_STR(value_as_str(value_map_key(v, 0)), S("b"));
    cr_assert_eq(value_map_key(v, 0).at.pos, 5);
    cr_assert_eq(value_as_int(value_map_value(v, 0)), 3);
    cr_assert_eq(value_as_int(value_get(v, S("a"))), 2);
    cr_assert_not(value_is_defined(value_get(v, S("c"))));
    cr_assert_not(value_is_defined(value_get(value_int(1), S("c"))));
    EQ_STR(value_undefined_what(value_get(v, S("c"))), STR_NONE);
}

/* As Python: 1, 1.0 and True are one key; "1" and 1 are two. */
Test(value_map, keys_of_all_types)
{
    ARENA(arena);
    for (int many = 0; many < 2; many++) { /* few keys, and enough for the index */
        struct map_builder map = map_in(arena);
        for (int i = 0; i < 100 * many; i++) {
            map_set(&map, value_int(1000 + i), value_null());
        }
        value pair[] = { value_int(1), text(arena, "x") };
        value same_pair[] = { value_float(1.0), text(arena, "x") };
        map_set(&map, value_int(1), text(arena, "one"));
        map_set(&map, text(arena, "1"), text(arena, "text"));
        map_set(&map, value_null(), text(arena, "none"));
        map_set(&map, value_tuple(arena, pair, 2), text(arena, "pair"));
        map_set(&map, value_float(1.5), text(arena, "half"));
        map_set(&map, value_big(arena, S("100000000000000000000")), text(arena, "big"));
        const struct {
            value key;
            const char *expected;
        } rows[] = {
            { value_int(1), "one" },
            { value_float(1.0), "one" },
            { value_bool(true), "one" },
            { text(arena, "1"), "text" },
            { value_null(), "none" },
            { value_tuple(arena, same_pair, 2), "pair" },
            { value_list(arena, pair, 2), NULL },
            { value_float(1.5), "half" },
            { value_float(1e20), "big" },
            { value_bool(false), NULL },
            { text(arena, ""), NULL },
        };
        value v = map_seal(&map);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            value found;
            cr_assert_eq(value_map_find(v, rows[i].key, &found), rows[i].expected != NULL,
                         "row %zu", i);
            if (rows[i].expected != NULL) {
                EQ_STR(value_as_str(found), str_of(rows[i].expected));
            }
        }
    }
}

Test(value_map, many_keys)
{
    ARENA(arena);
    struct map_builder map = map_in(arena);
    enum { COUNT = 20000 };
    for (int i = 0; i < COUNT; i++) {
        map_set_str(&map, str_format(arena, "key%d", i * 7919 % COUNT), value_int(i));
    }
    for (int i = 0; i < COUNT; i += 2) {
        map_set_str(&map, str_format(arena, "key%d", i * 7919 % COUNT), value_int(-i));
    }
    value v = map_seal(&map);
    cr_assert_eq(value_count(v), COUNT);
    for (int i = 0; i < COUNT; i++) {
        value found;
        str key = str_format(arena, "key%d", i * 7919 % COUNT);
        cr_assert(value_map_get(v, key, &found));
        cr_assert_eq(value_as_int(found), i % 2 ? i : -i);
        EQ_STR(value_as_str(value_map_key(v, (size_t)i)), key, "order");
    }
    cr_assert_not(value_map_get(v, S("key20000"), &(value){ 0 }));
}

Test(value_map, remove)
{
    ARENA(arena);
    for (int count = 1; count <= 40; count += 13) {
        struct map_builder map = map_in(arena);
        for (int i = 0; i < count; i++) {
            map_set(&map, value_int(i), value_int(i));
        }
        map_remove(&map, value_int(0));
        map_remove(&map, value_int(99));
        map_remove(&map, value_int(count - 1));
        map_set(&map, value_int(0), value_int(77)); /* comes last now */
        value v = map_seal(&map);
        size_t expected = count == 1 ? 1 : (size_t)count - 1;
        cr_assert_eq(value_count(v), expected);
        cr_assert_eq(value_as_int(value_map_key(v, expected - 1)), 0);
        for (int i = 1; i < count - 1; i++) {
            value found;
            cr_assert(value_map_find(v, value_int(i), &found));
            cr_assert_eq(value_as_int(found), i);
        }
        cr_assert_not(value_map_find(v, value_int(count > 1 ? count - 1 : 5), &(value){ 0 }));
    }
}

Test(value_map, from_another_leaves_it_alone)
{
    ARENA(arena);
    for (int count = 0; count <= 20; count += 20) {
        struct map_builder map = map_in(arena);
        for (int i = 0; i < count; i++) {
            map_set(&map, value_int(i), value_int(i));
        }
        value v = map_seal(&map);
        struct map_builder copy = map_from(arena, v);
        for (int i = 0; i < 30; i++) {
            map_set(&copy, value_int(i), value_int(-i));
        }
        map_remove(&copy, value_int(7));
        value changed = map_seal(&copy);
        cr_assert_eq(value_count(v), (size_t)count);
        cr_assert_eq(value_count(changed), 29);
        for (int i = 0; i < count; i++) {
            cr_assert_eq(value_as_int(value_map_value(v, (size_t)i)), i);
        }
    }
}

Test(value_map, a_sealed_one_takes_no_more, .exit_code = 250)
{
    ARENA(arena);
    struct map_builder map = map_in(arena);
    map_seal(&map);
    map_set(&map, value_int(1), value_int(1));
}

Test(value_map, has_no_entry_behind_its_last, .exit_code = 250)
{
    ARENA(arena);
    struct map_builder map = map_in(arena);
    value_map_key(map_seal(&map), 0);
}

Test(value_map, texts_by_their_hash_and_by_where_they_were)
{
    ARENA(arena);
    for (size_t count = 1; count < 40; count += 6) { /* without an index, and with one */
        struct map_builder builder = map_in(arena);
        for (size_t i = 0; i < count; i++) {
            map_set(&builder, value_int((int64_t)i), value_null());
            map_set_str(&builder, str_format(arena, "k%zu", i), value_int((int64_t)i));
        }
        value map = map_seal(&builder), found;
        for (uint32_t guess = 0; guess < 2 * count + 2; guess++) {
            uint32_t place = guess;
            str key = str_format(arena, "k%zu", guess % count);
            cr_assert(value_map_get_hashed(map, key, str_hash(key), &found));
            cr_assert_eq(value_as_int(found), (int64_t)(guess % count));
            cr_assert(value_map_get_near(map, key, str_hash(key), &place, &found));
            cr_assert_eq(value_as_int(found), (int64_t)(guess % count));
            cr_assert_eq(place, 2 * (guess % count) + 1);
            cr_assert_not(value_map_get_near(map, S("none"), str_hash(S("none")), &place, &found));
        }
    }
}
