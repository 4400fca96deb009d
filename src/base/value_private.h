/* value_private.h - what values are made of, beside value_inline.h; for value*.c and textbuf.c
 * only. */
#pragma once
#include "base/value.h"

/* A string or, if a mark says so, an unknown text; shares bytes and marks. */
value value_of_text(struct arena *arena, str bytes, const struct mark *marks, size_t count);

/* What a list or map comes to know of an item: enum contents. */
static inline unsigned contents_of_item(value item)
{
    return value_contents(item) | (value_may_have_template(item) ? MAY_HAVE_TEMPLATE : 0);
}
