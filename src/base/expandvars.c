/*
 * expandvars.c - see expandvars.h.
 */
#include "base/expandvars.h"

#include <stdlib.h>

#include "base/strbuf.h"

/* The name in "$NAME" or "${NAME}" at `at`, and where that ends; empty: there is none. */
static str variable_at(str text, size_t at, size_t *ret_end)
{
    bool braces = at + 1 < text.len && text.ptr[at + 1] == '{';
    size_t from = at + 1 + braces, to = from;
    while (to < text.len && (braces ? text.ptr[to] != '}' : str_name_char(text.ptr[to]))) {
        to++;
    }
    if (text.ptr[at] != '$' || to == from || (braces && to == text.len)) {
        return STR_EMPTY;
    }
    *ret_end = to + braces;
    return str_part(text, from, to);
}

static str variable_text(struct arena *arena, const value *environment, str name)
{
    if (name.len == 0) {
        return STR_NONE;
    }
    if (environment == NULL) {
        return str_of(getenv(str_c(arena, name)));
    }
    value v = value_get(*environment, name);
    return value_is(v, VALUE_STR) ? value_as_str(v) : STR_NONE;
}

str expandvars(struct arena *arena, str text, const value *environment)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t at = 0, end; at < text.len; at = end) {
        end = at + 1;
        str name = variable_at(text, at, &end);
        str found = variable_text(arena, environment, name);
        strbuf_add(&out, str_is_none(found) ? str_part(text, at, end) : found);
    }
    return strbuf_str(&out);
}
