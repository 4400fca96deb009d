/* textbuf.c - strings made from strings, with their marks. */
#include "base/textbuf.h"

#include "base/bug.h"
#include "base/value_private.h"

static void add_mark(struct textbuf *buf, size_t from, size_t to, enum mark_kind kind)
{
    BUG_ON(to > UINT32_MAX);
    if (from == to) {
        return;
    }
    if (buf->marks.len > 0) {
        struct mark *last = &buf->marks.items[buf->marks.len - 1];
        if (last->to == from && last->kind == kind) {
            last->to = (uint32_t)to;
            return;
        }
    }
    *VEC_PUSH(buf->bytes.arena, &buf->marks) = (struct mark){ (uint32_t)from, (uint32_t)to, kind };
}

void textbuf_add_marked(struct textbuf *buf, str s, enum mark_kind kind)
{
    size_t from = buf->bytes.len;
    strbuf_add(&buf->bytes, s);
    add_mark(buf, from, buf->bytes.len, kind);
}

void textbuf_add_marked_value(struct textbuf *buf, value v)
{
    if (value_text(v) == NULL) {
        BUG_ON(!value_is(v, VALUE_UNKNOWN));
        textbuf_add_marked(buf, S("(unknown)"), MARK_UNKNOWN);
        return;
    }
    textbuf_add_marked_part(buf, v, 0, SIZE_MAX);
}

void textbuf_add_marked_part(struct textbuf *buf, value v, size_t from, size_t to)
{
    const struct text *text = value_text(v);
    BUG_ON(text == NULL);
    to = to < text->bytes.len ? to : text->bytes.len;
    from = from < to ? from : to;
    size_t start = buf->bytes.len;
    strbuf_add(&buf->bytes, str_part(text->bytes, from, to));
    for (size_t i = 0; i < text->mark_count; i++) {
        struct mark mark = text->marks[i];
        size_t first = mark.from > from ? mark.from : from;
        size_t last = mark.to < to ? mark.to : to;
        if (first < last) {
            add_mark(buf, start + first - from, start + last - from, mark.kind);
        }
    }
}

void textbuf_add_derived(struct textbuf *buf, str bytes, value source)
{
    if (value_has_secret(source)) {
        textbuf_add_marked(buf, bytes, MARK_SECRET);
    } else {
        textbuf_add(buf, bytes);
    }
}

value textbuf_value(struct textbuf *buf)
{
    str bytes = strbuf_str(&buf->bytes);
    return buf->marks.len == 0
               ? value_str_shared(buf->bytes.arena, bytes)
               : value_of_text(buf->bytes.arena, bytes, buf->marks.items, buf->marks.len);
}

value value_part(struct arena *arena, value text, size_t from, size_t to)
{
    struct textbuf buf = textbuf_in(arena);
    textbuf_add_part(&buf, text, from, to);
    return value_at(textbuf_value(&buf), text.at);
}
