/* names.c - open addressing with linear probing, at most half full. */
#include "inventory/names.h"

#define FIRST_SIZE 64

static struct name_slot *find_slot(const struct names *names, str name)
{
    size_t at = (size_t)str_hash(name) & (names->size - 1);
    while (!str_is_none(names->slots[at].name) && !str_eq(names->slots[at].name, name)) {
        at = (at + 1) & (names->size - 1);
    }
    return &names->slots[at];
}

static void grow(struct names *names)
{
    struct names bigger = { .arena = names->arena,
                            .size = names->size == 0 ? FIRST_SIZE : names->size * 2,
                            .used = names->used };
    bigger.slots = NEW_ARRAY(names->arena, struct name_slot, bigger.size);
    for (size_t i = 0; i < names->size; i++) {
        if (!str_is_none(names->slots[i].name)) {
            *find_slot(&bigger, names->slots[i].name) = names->slots[i];
        }
    }
    *names = bigger;
}

void *names_find(const struct names *names, str name)
{
    return names->size == 0 || str_is_none(name) ? NULL : find_slot(names, name)->item;
}

void names_set(struct names *names, str name, void *item)
{
    if (2 * (names->used + 1) > names->size) {
        grow(names);
    }
    struct name_slot *slot = find_slot(names, name);
    names->used += str_is_none(slot->name);
    *slot = (struct name_slot){ name, item };
}
