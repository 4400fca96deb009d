/*
 * bundle.h - many new files and directories in one stream. Private to remote/.
 */
#pragma once
#include "remote/script.h"

/* So many changes from the first on can go in one stream, and are worth it; else 0. */
size_t bundle_count(struct arena *arena, const struct change *changes, size_t count);

/* Lines for them, in the loop of script_changes(): D counts them when all are done; U is the index
 * among them of the one to blame, unless the error names another. */
void bundle_lines(struct script *script, struct arena *arena, const struct change *changes,
                  size_t count);

/* The one of these changes that the words of a failed step name, or STR_NPOS. */
size_t bundle_blame(struct arena *arena, const struct change *changes, size_t count, str error);
