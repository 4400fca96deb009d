/*
 * names.h - a table from names to what bears them, for hosts and groups: constant time, no removal.
 */
#pragma once
#include "base/arena.h"

struct names {
    struct arena *arena;
    struct name_slot {
        str name; /* STR_NONE: free */
        void *item;
    } * slots;
    size_t size, used; /* size: zero or a power of two */
};

void *names_find(const struct names *names, str name); /* NULL: not there */
/* The name must live as long as the table; an item that is there is replaced. */
void names_set(struct names *names, str name, void *item);
