/* value_private.h - what values point to; for value*.c and textbuf.c only. */
#pragma once
#include "base/value.h"

struct text {
    str bytes; /* NUL-terminated behind its end */
    const struct mark *marks;
    size_t mark_count;
};

/* Lists and maps know what is within them, so that asking is cheap. */
enum contents { HAS_SECRET = MARK_SECRET, HAS_UNKNOWN = MARK_UNKNOWN };

struct list {
    const value *items;
    size_t count;
    unsigned contents; /* enum contents */
    value *own;        /* items, after value_change.c has added to them; with room for `room` */
    size_t room;
};

struct map {
    const struct map_entry *entries; /* in order */
    size_t count;
    const uint32_t *index; /* see value_map.c; NULL while there are few entries */
    size_t index_size;
    unsigned contents; /* enum contents */
};

/* A string or, if a mark says so, an unknown text; shares bytes and marks. */
value value_of_text(struct arena *arena, str bytes, const struct mark *marks, size_t count);
/* Both kinds have a text; NULL for any other value, and for an unknown without known parts. */
const struct text *value_text(value v);
unsigned value_contents(value v); /* enum contents, of the value and of all within */
