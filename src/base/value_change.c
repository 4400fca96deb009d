/* value_change.c - see value_change.h. */
#include "base/value_change.h"

#include <string.h>

#include "base/value_private.h"

/* The constness is of those who read; the list was made by this evaluation and is its own. */
static struct list *writable_list(value v)
{
    union {
        const struct list *shared;
        struct list *own;
    } list = { .shared = v.as.list };
    return list.own;
}

static struct map *writable_map(value v)
{
    union {
        const struct map *shared;
        struct map *own;
    } map = { .shared = v.as.map };
    return map.own;
}

void list_change_push(struct arena *arena, value v, value item)
{
    struct list *list = writable_list(v);
    if (list->count >= list->room) {
        size_t room = list->count < 4 ? 8 : list->count * 2;
        value *items = NEW_ARRAY(arena, value, room);
        if (list->count > 0) {
            memcpy(items, list->items, list->count * sizeof *items);
        }
        list->items = list->own = items;
        list->room = room;
    }
    list->own[list->count++] = item;
    list->contents |= contents_of_item(item);
}

void list_change(struct arena *arena, value v, const value *items, size_t count)
{
    struct list *list = writable_list(v);
    value fresh = value_list(arena, items, count);
    *list = *fresh.as.list;
}

void map_change(value v, value with)
{
    *writable_map(v) = *with.as.map;
}
