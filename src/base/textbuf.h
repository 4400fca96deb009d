/*
 * textbuf.h - a string value under construction that keeps the secret and unknown ranges of its
 * parts. Every operation that makes strings from strings goes through it, so no mark is lost.
 */
#pragma once
#include "base/strbuf.h"
#include "base/value.h"

struct textbuf {
    struct strbuf bytes;
    VEC(struct mark) marks; /* sorted; neighbours of one kind are joined */
};

static inline struct textbuf textbuf_in(struct arena *arena)
{
    return (struct textbuf){ .bytes = strbuf_in(arena) };
}
static inline void textbuf_add(struct textbuf *buf, str s) /* unmarked bytes */
{
    strbuf_add(&buf->bytes, s);
}
static inline void textbuf_add_char(struct textbuf *buf, char c)
{
    strbuf_add_char(&buf->bytes, c);
}
void textbuf_add_marked(struct textbuf *buf, str s, enum mark_kind kind); /* all bytes marked */
void textbuf_add_marked_value(struct textbuf *buf, value v); /* of textbuf_add_value() */
/* A string, or the known parts of an unknown text; a plain unknown adds the placeholder "(unknown)"
 * marked as unknown. */
static inline void textbuf_add_value(struct textbuf *buf, value v)
{
    if (value_is(v, VALUE_STR) && v.as.text->mark_count == 0) {
        strbuf_add(&buf->bytes, v.as.text->bytes);
    } else {
        textbuf_add_marked_value(buf, v);
    }
}
void textbuf_add_other(struct textbuf *buf, value v); /* of textbuf_add_printed() */
/* Any value as value_print() has it. */
static inline void textbuf_add_printed(struct textbuf *buf, value v)
{
    if (value_is(v, VALUE_STR)) {
        textbuf_add_value(buf, v);
    } else {
        textbuf_add_other(buf, v);
    }
}
void textbuf_add_marked_part(struct textbuf *buf, value v, size_t from, size_t to);
/* Bytes [from, to) of a string, with the marks that fall into them. */
static inline void textbuf_add_part(struct textbuf *buf, value v, size_t from, size_t to)
{
    if (value_is(v, VALUE_STR) && v.as.text->mark_count == 0) {
        strbuf_add(&buf->bytes, str_part(v.as.text->bytes, from, to));
    } else {
        textbuf_add_marked_part(buf, v, from, to);
    }
}
/* New bytes made from a marked text by a rule that does not keep places (upper-casing, hashing, a
 * regex): all secret if the source has any secret byte, else unmarked. */
void textbuf_add_derived(struct textbuf *buf, str bytes, value source);
/* A string, or an unknown text if any mark says so. Untrusted. */
value textbuf_value(struct textbuf *buf);

value value_part(struct arena *arena, value text, size_t from, size_t to); /* slice by bytes */
