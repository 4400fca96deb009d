/* words.c - a line cut into words as a shell cuts them. */
#include "inventory/words.h"

#include "base/strbuf.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The quoted part that begins at *at, into `out`. */
static enum words_status read_quoted(str line, size_t *at, struct strbuf *out, size_t *ret_bad)
{
    size_t start = *at;
    char quote = line.ptr[start];
    for (size_t i = start + 1; i < line.len; i++) {
        char c = line.ptr[i];
        if (c == quote) {
            *at = i + 1;
            return WORDS_READ;
        }
        if (c == '\\' && quote == '"') {
            if (++i == line.len) {
                *ret_bad = i - 1;
                return WORDS_OPEN_BACKSLASH;
            }
            if (line.ptr[i] != '"' && line.ptr[i] != '\\') {
                strbuf_add_char(out, '\\');
            }
        }
        strbuf_add_char(out, line.ptr[i]);
    }
    *ret_bad = start;
    return WORDS_OPEN_QUOTE;
}

/* A word with quotes or backslashes in it; *at stands on its first character. */
static enum words_status read_word(struct arena *arena, str line, size_t *at, struct word *ret,
                                   size_t *ret_bad)
{
    struct strbuf out = strbuf_in(arena);
    size_t from = *at;
    while (*at < line.len && !is_blank(line.ptr[*at]) && line.ptr[*at] != '#') {
        char c = line.ptr[*at];
        if (c == '"' || c == '\'') {
            enum words_status status = read_quoted(line, at, &out, ret_bad);
            if (status != WORDS_READ) {
                return status;
            }
        } else if (c == '\\') {
            if (*at + 1 == line.len) {
                *ret_bad = *at;
                return WORDS_OPEN_BACKSLASH;
            }
            strbuf_add_char(&out, line.ptr[*at + 1]);
            *at += 2;
        } else {
            strbuf_add_char(&out, c);
            (*at)++;
        }
    }
    *ret = (struct word){ strbuf_str(&out), from, *at };
    return WORDS_READ;
}

/* The end of a word that has neither: most of them; it needs no copy. */
static size_t plain_end(str line, size_t at)
{
    while (at < line.len && !is_blank(line.ptr[at]) && line.ptr[at] != '#' && line.ptr[at] != '"' &&
           line.ptr[at] != '\'' && line.ptr[at] != '\\') {
        at++;
    }
    return at;
}

enum words_status words_of_line(struct arena *arena, str line, struct word_list *ret,
                                size_t *ret_bad)
{
    size_t at = 0;
    for (;;) {
        while (at < line.len && is_blank(line.ptr[at])) {
            at++;
        }
        if (at == line.len || line.ptr[at] == '#') {
            return WORDS_READ;
        }
        size_t end = plain_end(line, at);
        struct word word = { str_part(line, at, end), at, end };
        if (end < line.len && !is_blank(line.ptr[end]) && line.ptr[end] != '#') {
            enum words_status status = read_word(arena, line, &at, &word, ret_bad);
            if (status != WORDS_READ) {
                return status;
            }
        }
        at = word.to;
        *VEC_PUSH(arena, ret) = word;
    }
}
