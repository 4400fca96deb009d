/*
 * files.h - files that a command line names, read whole.
 */
#pragma once
#include "base/diag.h"

/* Read a file into the source map; NULL after a diagnostic at `at`. At most 64 MiB. */
const struct source *file_source(struct arena *arena, struct diags *diags, str path, span at);
