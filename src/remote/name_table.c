/*
 * name_table.c - a table of names, see name_table.h. The few of an ordinary task are compared one
 * by one; of more a hash table is kept.
 */
#include "remote/name_table.h"

#define FEW  8
#define FREE SIZE_MAX

/* The slot of the hash table that tells where the name is, or the free one that would. */
static size_t *slot_of(const struct name_table *names, str name)
{
    size_t i = str_hash(name) & (names->slot_count - 1);
    while (names->slots[i] != FREE && !str_eq(names->places.items[names->slots[i]].name, name)) {
        i = (i + 1) & (names->slot_count - 1);
    }
    return &names->slots[i];
}

/* The number of its place, or FREE. */
static size_t find(const struct name_table *names, str name)
{
    if (names->slot_count > 0) {
        return *slot_of(names, name);
    }
    for (size_t i = 0; i < names->places.len; i++) {
        if (str_eq(names->places.items[i].name, name)) {
            return i;
        }
    }
    return FREE;
}

/* The last place is new. Slots are a power of two, at most half of them in use. */
static void index_last(struct arena *arena, struct name_table *names)
{
    size_t count = names->places.len, from = count - 1;
    if (count <= FEW) {
        return;
    }
    if (2 * count > names->slot_count) {
        names->slot_count = names->slot_count == 0 ? 4 * FEW : 2 * names->slot_count;
        names->slots = NEW_ARRAY(arena, size_t, names->slot_count);
        for (size_t i = 0; i < names->slot_count; i++) {
            names->slots[i] = FREE;
        }
        from = 0;
    }
    for (size_t i = from; i < count; i++) {
        *slot_of(names, names->places.items[i].name) = i;
    }
}

bool name_table_put(struct arena *arena, struct name_table *names, str name, size_t at,
                    size_t *ret_at)
{
    if (name_table_find(names, name, ret_at)) {
        return true;
    }
    *VEC_PUSH(arena, &names->places) = (struct name_place){ name, at };
    index_last(arena, names);
    *ret_at = at;
    return false;
}

bool name_table_find(const struct name_table *names, str name, size_t *ret_at)
{
    size_t found = find(names, name);
    if (found != FREE) {
        *ret_at = names->places.items[found].at;
    }
    return found != FREE;
}
