/* maps.h - merging maps, as combine and lists_mergeby do it. */
#pragma once
#include "template/core.h"

enum list_merge { /* what comes of two lists under one key */
                  MERGE_REPLACE,
                  MERGE_KEEP,
                  MERGE_APPEND,
                  MERGE_PREPEND,
                  MERGE_APPEND_RP,
                  MERGE_PREPEND_RP
};

/* The options `recursive` and `list_merge` of a call that takes no other ones. */
NODISCARD bool merge_options(struct call *call, bool *ret_recursive, enum list_merge *ret_mode);
/* The keys of `low`, in their order, then those that only `high` has; `high` wins. */
value merge_maps(struct arena *arena, value low, value high, bool recursive, enum list_merge mode);
