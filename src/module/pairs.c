/*
 * pairs.c - maps given as text.
 */
#include "module/internal.h"

#include "base/strbuf.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The end of "k=v" in a list that commas and blanks separate; quotes hide both. */
static size_t field_end(str text, size_t at)
{
    char quote = '\0';
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == ',' || is_blank(c)) {
            break;
        }
    }
    return at;
}

static str without_quotes(struct arena *arena, str text)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '"' && text.ptr[i] != '\'') {
            strbuf_add_char(&out, text.ptr[i]);
        }
    }
    return strbuf_str(&out);
}

bool pairs_to_map(struct arena *arena, str text, value *ret)
{
    struct map_builder map = map_in(arena);
    for (size_t at = 0; at < text.len;) {
        size_t end = field_end(text, at);
        str field = str_part(text, at, end);
        at = end + 1;
        if (field.len == 0) {
            continue;
        }
        size_t equals = str_find_char(field, '=', 0);
        if (equals == STR_NPOS || equals == 0) {
            return false;
        }
        str key = without_quotes(arena, str_part(field, 0, equals));
        str val = without_quotes(arena, str_part(field, equals + 1, field.len));
        map_set_str(&map, key, value_str(arena, val));
    }
    *ret = map_seal(&map);
    return true;
}
