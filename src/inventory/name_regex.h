/*
 * name_regex.h - regular expressions on names, matched at their beginning or anywhere, as Python's
 * re.match and re.search; for patterns of hosts and for files to leave out.
 */
#pragma once
#include "base/diag.h"

struct name_regex; /* compiled; lives as long as its arena */

/* NULL after a diagnostic at `at`. */
struct name_regex *name_regex_compile(struct arena *arena, struct diags *diags, str text,
                                      bool at_begin, span at);
bool name_regex_matches(const struct name_regex *regex, str name);
