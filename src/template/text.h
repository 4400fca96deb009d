/* text.h - helpers of texts that filters and methods share. */
#pragma once
#include "template/core.h"

void trim_bounds(str s, str set, bool left, bool right, size_t *ret_from, size_t *ret_to);
NODISCARD bool replace_text(struct call *call, value text, str from, value to, int64_t limit,
                            value *ret);
/* Where the line ends that begins at `at`, as Python's splitlines has it; the next begins behind
 * its break. */
size_t line_end(str s, size_t at, size_t *ret_next);
builtin_fn method_encode; /* methods_bytes.c */
str quote_shell(struct arena *arena, str s);
bool glob_files(struct arena *arena, str pattern, value *ret); /* lookups_files.c; sorted */
