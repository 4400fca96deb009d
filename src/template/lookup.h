/* lookup.h - what the files of lookups share. A row's input is unused; *terms are positional. */
#pragma once
#include "template/core.h"

/* The terms of a call as texts. */
NODISCARD bool lookup_terms(struct call *call, const value **ret, size_t *ret_count);
value lookup_option(const struct call *call, const char *name, value fallback);
NODISCARD bool lookup_flag(struct call *call, const char *name, bool fallback, bool *ret);
NODISCARD bool lookup_text(struct call *call, const char *name, str fallback, str *ret);
/* Only these options exist; the list ends with NULL. */
NODISCARD bool lookup_options(struct call *call, const char *const *names);
