/* value_private.h - what values are made of, beside value_inline.h; for value*.c and textbuf.c
 * only. */
#pragma once
#include "base/value.h"

/* A string or, if a mark says so, an unknown text; shares bytes and marks. */
value value_of_text(struct arena *arena, str bytes, const struct mark *marks, size_t count);
