/*
 * words.c - splitting a text as a shell would.
 */
#include "base/words.h"

#include <string.h>

#include "base/strbuf.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A quoted part from the quote at *at; false: it is not closed. */
static bool add_quoted(struct strbuf *word, str text, size_t *at)
{
    char quote = text.ptr[(*at)++];
    while (*at < text.len && text.ptr[*at] != quote) {
        bool escape = quote == '"' && text.ptr[*at] == '\\' && *at + 1 < text.len &&
                      strchr("\"\\", text.ptr[*at + 1]) != NULL;
        *at += escape;
        strbuf_add_char(word, text.ptr[(*at)++]);
    }
    return (*at)++ < text.len;
}

/* One word from *at, which is at none of its blanks. */
static bool add_word(struct strbuf *word, str text, size_t *at)
{
    while (*at < text.len && !is_blank(text.ptr[*at])) {
        char c = text.ptr[*at];
        if (c == '\'' || c == '"') {
            if (!add_quoted(word, text, at)) {
                return false;
            }
            continue;
        }
        if (c == '\\' && ++*at == text.len) {
            return false;
        }
        strbuf_add_char(word, text.ptr[(*at)++]);
    }
    return true;
}

bool words_split(struct arena *arena, str text, bool comments, struct words *ret)
{
    VEC(str) words = { 0 };
    size_t at = 0;
    for (;;) {
        while (at < text.len && is_blank(text.ptr[at])) {
            at++;
        }
        if (at < text.len && comments && text.ptr[at] == '#') {
            at = str_find_char(text, '\n', at);
            if (at != STR_NPOS) {
                continue;
            }
            at = text.len;
        }
        if (at == text.len) {
            break;
        }
        struct strbuf word = strbuf_in(arena);
        if (!add_word(&word, text, &at)) {
            return false;
        }
        *VEC_PUSH(arena, &words) = strbuf_str(&word);
    }
    *ret = (struct words){ words.items, words.len };
    return true;
}
