/*
 * jmespath.h - JMESPath, the query language of json_query, as Python's jmespath 1.0 has it: the
 * whole specification, and ordering of texts by < and > beside numbers.
 *
 * An expression is compiled once into a tree that any thread may evaluate. What is found are the
 * values of the data themselves, so they keep where they were written and which bytes are secret.
 */
#pragma once
#include "base/diag.h"
#include "base/value.h"

struct jmespath; /* belongs to the arena it was compiled in */

/* NULL after a diagnostic at `at`, which tells the place within the expression. */
const struct jmespath *jmespath_compile(struct arena *arena, struct diags *diags, span at,
                                        str expression);

/* False after a diagnostic: a function was given what it does not take. Nothing found is null. */
NODISCARD bool jmespath_search(const struct jmespath *expression, struct arena *arena,
                               struct diags *diags, span at, value data, value *ret);
