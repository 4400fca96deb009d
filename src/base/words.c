/*
 * words.c - splitting a text as a shell would.
 */
#include "base/words.h"

#include <string.h>

#include "base/strbuf.h"

struct reader {
    str text;
    size_t at;
    enum words_comments comments;
    size_t bad;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_end(const struct reader *r, size_t at)
{
    return at == r->text.len || is_blank(r->text.ptr[at]) ||
           (r->comments == WORDS_COMMENTS && r->text.ptr[at] == '#');
}

/* A quoted part, from its quote on. */
static enum words_status read_quoted(struct reader *r, struct strbuf *word)
{
    size_t start = r->at++;
    char quote = r->text.ptr[start];
    for (; r->at < r->text.len; r->at++) {
        char c = r->text.ptr[r->at];
        if (c == quote) {
            r->at++;
            return WORDS_READ;
        }
        if (c == '\\' && quote == '"') {
            if (r->at + 1 == r->text.len) {
                r->bad = r->at;
                return WORDS_OPEN_BACKSLASH;
            }
            char next = r->text.ptr[r->at + 1];
            if (next == '"' || next == '\\') {
                c = next;
                r->at++;
            }
        }
        strbuf_add_char(word, c);
    }
    r->bad = start;
    return WORDS_OPEN_QUOTE;
}

/* A word with quotes or backslashes in it. */
static enum words_status read_protected(struct reader *r, struct strbuf *word)
{
    while (!is_end(r, r->at)) {
        char c = r->text.ptr[r->at];
        if (c == '"' || c == '\'') {
            enum words_status status = read_quoted(r, word);
            if (status != WORDS_READ) {
                return status;
            }
            continue;
        }
        if (c == '\\' && ++r->at == r->text.len) {
            r->bad = r->at - 1;
            return WORDS_OPEN_BACKSLASH;
        }
        strbuf_add_char(word, r->text.ptr[r->at++]);
    }
    return WORDS_READ;
}

/* From the first byte of a word. */
static enum words_status read_word(struct reader *r, struct arena *arena, struct word *ret)
{
    size_t from = r->at, plain = from;
    while (!is_end(r, plain) && strchr("\"'\\", r->text.ptr[plain]) == NULL) {
        plain++;
    }
    if (is_end(r, plain)) { /* most of them; it needs no copy */
        r->at = plain;
        *ret = (struct word){ str_part(r->text, from, plain), from, plain };
        return WORDS_READ;
    }
    struct strbuf word = strbuf_in(arena);
    enum words_status status = read_protected(r, &word);
    *ret = (struct word){ strbuf_str(&word), from, r->at };
    return status;
}

static void skip_blanks_and_comments(struct reader *r)
{
    for (; r->at < r->text.len; r->at++) {
        if (r->text.ptr[r->at] == '#' && r->comments != WORDS_NO_COMMENTS) {
            r->at = str_find_char(r->text, '\n', r->at);
            r->at = r->at == STR_NPOS ? r->text.len - 1 : r->at;
        } else if (!is_blank(r->text.ptr[r->at])) {
            return;
        }
    }
}

enum words_status words_read(struct arena *arena, str text, enum words_comments comments,
                             struct word_list *ret, size_t *ret_bad)
{
    struct reader r = { .text = text, .comments = comments };
    struct word_list words = { 0 };
    for (skip_blanks_and_comments(&r); r.at < text.len; skip_blanks_and_comments(&r)) {
        struct word word;
        enum words_status status = read_word(&r, arena, &word);
        if (status != WORDS_READ) {
            *ret_bad = r.bad;
            return status;
        }
        *VEC_PUSH(arena, &words) = word;
    }
    *ret = words;
    return WORDS_READ;
}

bool words_split(struct arena *arena, str text, struct words *ret)
{
    struct word_list words;
    size_t bad;
    if (words_read(arena, text, WORDS_NO_COMMENTS, &words, &bad) != WORDS_READ) {
        return false;
    }
    str *items = NEW_ARRAY(arena, str, words.len);
    for (size_t i = 0; i < words.len; i++) {
        items[i] = str_copy(arena, words.items[i].text);
    }
    *ret = (struct words){ items, words.len };
    return true;
}
