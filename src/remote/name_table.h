/*
 * name_table.h - where in a list a name stands, found without going through the list: batches have
 * thousands of paths. Private to remote/.
 */
#pragma once
#include "base/arena.h"
#include "base/str.h"

struct name_place {
    str name;
    size_t at;
};

struct name_table { /* all zero: empty */
    VEC(struct name_place) places;
    size_t *slots; /* of a hash table: numbers of places; see name_table.c */
    size_t slot_count;
};

/* Where the name stands, in ret_at. False: it was added at `at`; its bytes are not copied. */
bool name_table_put(struct arena *arena, struct name_table *names, str name, size_t at,
                    size_t *ret_at);
bool name_table_find(const struct name_table *names, str name, size_t *ret_at);
