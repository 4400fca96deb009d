/*
 * value_each.h - the same value with other scalars in it: for what is shown in another form than it
 * is kept.
 */
#pragma once
#include "base/value.h"

/*
 * What is neither list nor map, in lists and maps too, as `scalar` has it; the keys of maps stay.
 * What `scalar` gives may be a list or map itself, and is left as it is. Where nothing differs the
 * same value is given back, without a copy.
 */
value value_each(struct arena *arena, value v, value (*scalar)(struct arena *arena, value v));
