/*
 * words.c - a command line as a shell would cut it, and maps given as text. Source: POSIX.1-2017,
 * 2.2 Quoting, as far as Python's shlex follows it.
 */
#include "module/words.h"

#include "base/strbuf.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Within double quotes a backslash escapes only itself and the quote. */
static bool double_quoted(str text, size_t *at, struct strbuf *word)
{
    for (size_t i = *at; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"') {
            *at = i + 1;
            return true;
        }
        if (c == '\\' && i + 1 < text.len && (text.ptr[i + 1] == '"' || text.ptr[i + 1] == '\\')) {
            c = text.ptr[++i];
        }
        strbuf_add_char(word, c);
    }
    return false;
}

static bool single_quoted(str text, size_t *at, struct strbuf *word)
{
    size_t end = str_find_char(text, '\'', *at);
    if (end == STR_NPOS) {
        return false;
    }
    strbuf_add(word, str_part(text, *at, end));
    *at = end + 1;
    return true;
}

/* One word, from a byte that is not blank. */
static bool next_word(struct arena *arena, str text, size_t *at, str *ret, const char **ret_why)
{
    struct strbuf word = strbuf_in(arena);
    while (*at < text.len && !is_blank(text.ptr[*at])) {
        char c = text.ptr[(*at)++];
        if (c == '\'' || c == '"') {
            if (!(c == '"' ? double_quoted : single_quoted)(text, at, &word)) {
                *ret_why = "a quote is not closed";
                return false;
            }
        } else if (c == '\\') {
            if (*at == text.len) {
                *ret_why = "it ends in a backslash";
                return false;
            }
            strbuf_add_char(&word, text.ptr[(*at)++]);
        } else {
            strbuf_add_char(&word, c);
        }
    }
    *ret = strbuf_str(&word);
    return true;
}

bool words_split(struct arena *arena, str text, struct str_list *ret, const char **ret_why)
{
    VEC(str) words = { 0 };
    for (size_t at = 0;;) {
        while (at < text.len && is_blank(text.ptr[at])) {
            at++;
        }
        if (at == text.len) {
            break;
        }
        str word;
        if (!next_word(arena, text, &at, &word, ret_why)) {
            return false;
        }
        *VEC_PUSH(arena, &words) = word;
    }
    *ret = (struct str_list){ .items = words.items, .count = words.len, .given = true };
    return true;
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

bool words_to_map(struct arena *arena, str text, value *ret)
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
