/*
 * internal.h - what the files that read parameters share; private to module/.
 */
#pragma once
#include "module/param.h"

/* A mode from a text or an integer, with its diagnostics. */
bool mode_parse(struct diags *diags, value v, struct mode_spec *ret);

/* "a=1, b='x y'" into a map of texts; false when a word has no '='. */
bool pairs_to_map(struct arena *arena, str text, value *ret);
