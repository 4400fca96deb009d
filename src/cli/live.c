/*
 * live.c - a line of a host's output, made fit for a terminal.
 */
#include "cli/live.h"

#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"

/* The columns it takes. */
static size_t add_character(struct strbuf *text, str line, size_t from, size_t to, uint32_t c)
{
    if (c == '\t' || c == ' ') {
        strbuf_add_char(text, ' ');
        return 1;
    }
    if (c != UTF8_BAD && (c > 0x7f ? utf8_is_printable(c) : c >= ' ' && c < 0x7f)) {
        strbuf_add(text, str_part(line, from, to));
        return utf8_columns(c);
    }
    for (size_t i = from; i < to; i++) {
        strbuf_addf(text, "\\x%02x", (unsigned char)line.ptr[i]);
    }
    return (to - from) * strlen("\\x1b");
}

str live_text(struct arena *arena, struct secrets *secrets, str line, size_t columns)
{
    struct strbuf text = strbuf_in(arena);
    size_t width = 0, fits = 0; /* fits: bytes of the text that leave room for the dots */
    line = secrets_redact(secrets, arena, line);
    for (size_t at = 0; at < line.len;) {
        size_t from = at, length = text.len;
        uint32_t c = utf8_next(line, &at);
        width += add_character(&text, line, from, at, c);
        if (columns == 0) {
            continue;
        }
        if (width + strlen("...") <= columns) {
            fits = text.len;
        } else if (width > columns) {
            strbuf_truncate(&text, fits <= length ? fits : length);
            strbuf_add(&text, columns >= strlen("...") ? S("...") : STR_EMPTY);
            break;
        }
    }
    return strbuf_str(&text);
}
