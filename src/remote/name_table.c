/*
 * name_table.c - a hash table of names, see name_table.h.
 */
#include "remote/name_table.h"

/* The name's place, or the free one that it would get. */
static struct name_place *place_of(const struct name_table *names, str name)
{
    size_t i = str_hash(name) & (names->cap - 1);
    while (!str_is_none(names->places[i].name) && !str_eq(names->places[i].name, name)) {
        i = (i + 1) & (names->cap - 1);
    }
    return &names->places[i];
}

static void grow(struct arena *arena, struct name_table *names)
{
    struct name_table larger = { .cap = names->cap == 0 ? 16 : 2 * names->cap,
                                 .count = names->count };
    larger.places = NEW_ARRAY(arena, struct name_place, larger.cap);
    for (size_t i = 0; i < larger.cap; i++) {
        larger.places[i].name = STR_NONE;
    }
    for (size_t i = 0; i < names->cap; i++) {
        if (!str_is_none(names->places[i].name)) {
            *place_of(&larger, names->places[i].name) = names->places[i];
        }
    }
    *names = larger;
}

bool name_table_put(struct arena *arena, struct name_table *names, str name, size_t at,
                    size_t *ret_at)
{
    if (2 * names->count >= names->cap) {
        grow(arena, names);
    }
    struct name_place *place = place_of(names, name);
    bool known = !str_is_none(place->name);
    if (!known) {
        *place = (struct name_place){ name, at };
        names->count++;
    }
    *ret_at = place->at;
    return known;
}

bool name_table_find(const struct name_table *names, str name, size_t *ret_at)
{
    const struct name_place *place = names->cap == 0 ? NULL : place_of(names, name);
    if (place == NULL || str_is_none(place->name)) {
        return false;
    }
    *ret_at = place->at;
    return true;
}
