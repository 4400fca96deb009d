/*
 * files.h - files that a command line names, read and written whole.
 */
#pragma once
#include "base/diag.h"

/* All bytes of a file; false after a diagnostic at `at`. At most 64 MiB. */
bool file_bytes_at(struct arena *arena, struct diags *diags, str path, span at, str *ret);
static inline bool file_bytes(struct arena *arena, struct diags *diags, str path, str *ret)
{
    return file_bytes_at(arena, diags, path, SPAN_NONE, ret);
}

/* Read a file into the source map; NULL after a diagnostic at `at`. */
const struct source *file_source(struct arena *arena, struct diags *diags, str path, span at);

/* Make `bytes` the content of a file, as file_put() does, synced. False after a diagnostic. */
bool file_replace(struct arena *arena, struct diags *diags, str path, str bytes);

/* Make a directory and those above it, where there are none; 0777 without the umask. What cannot be
 * made is told by who opens something in it. */
void directory_make(struct arena *arena, str path);
