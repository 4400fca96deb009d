/*
 * origin.c - reports about places of a text.
 */
#include "formats/origin.h"

#include "base/strbuf.h"
#include "base/utf8.h"

span origin_span(const struct origin *origin, size_t from, size_t to)
{
    return origin->source->start > 0 ? source_span(origin->source, from, to) : origin->at;
}

/* The message, and " (line 3, column 5)" where a span cannot tell. */
PRINTF(3, 0)
static str message_at(const struct origin *origin, size_t at, const char *format, va_list args)
{
    struct strbuf message = strbuf_in(origin->diags->arena);
    str text = origin->source->text;
    size_t line = 1, start = 0;

    strbuf_vaddf(&message, format, args);
    if (origin->source->start == 0) {
        for (size_t i = 0; i < at && i < text.len; i++) {
            if (text.ptr[i] == '\n') {
                line++;
                start = i + 1;
            }
        }
        strbuf_addf(&message, " (line %zu, column %zu)", line,
                    utf8_length(str_part(text, start, at)) + 1);
    }
    return strbuf_str(&message);
}

struct diag *origin_error(const struct origin *origin, size_t from, size_t to, const char *format,
                          ...)
{
    va_list args;

    va_start(args, format);
    str message = message_at(origin, from, format, args);
    va_end(args);
    return diag_error(origin->diags, origin_span(origin, from, to), "%.*s", SARG(message));
}

void origin_note(const struct origin *origin, struct diag *diag, size_t from, size_t to,
                 const char *format, ...)
{
    va_list args;

    va_start(args, format);
    str message = message_at(origin, from, format, args);
    va_end(args);
    diag_note(diag, origin_span(origin, from, to), "%.*s", SARG(message));
}

str origin_words(const struct origin *origin, str words)
{
    return origin->source->secret ? S("********") : str_part(words, 0, utf8_offset(words, 40));
}
