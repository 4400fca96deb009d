/*
 * origin.h - where a text that is being read comes from, and reports about places in it. A source
 * of the map has places; any other text (source->start is 0) has one place as a whole, and line and
 * column are told in words.
 */
#pragma once
#include "base/diag.h"

struct origin {
    struct diags *diags;
    const struct source *source;
    span at; /* of a text that is no source of the map */
};

span origin_span(const struct origin *origin, size_t from, size_t to);

/* Report about bytes [from, to) of the text. */
struct diag *origin_error(const struct origin *origin, size_t from, size_t to, const char *format,
                          ...) PRINTF(4, 5);
/* The beginning of a part of the text for a message; "********" when its source is secret. */
str origin_words(const struct origin *origin, str words);
void origin_note(const struct origin *origin, struct diag *diag, size_t from, size_t to,
                 const char *format, ...) PRINTF(5, 6);
