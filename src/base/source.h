/*
 * source.h - texts that were read, and places in them.
 *
 * All sources of a run share one space of positions, so that a place is 8 bytes and every value can
 * carry one: `pos` counts bytes over all sources, in the order in which they were added, and line
 * and column are found when a diagnostic is shown. Position 0 means "nowhere".
 *
 * A source map may be used from several threads; sources are added under its lock and never go
 * away.
 */
#pragma once
#include "base/str.h"

typedef struct {
    uint32_t pos; /* 0: nowhere */
    uint32_t len; /* bytes; 0 marks a point */
} span;

#define SPAN_NONE ((span){ 0, 0 })

struct source_map;

struct source {
    str name; /* as to be shown: a path relative to the working directory, "<stdin>", "-e" */
    str text; /* the bytes as read; for decrypted vault files the ciphertext is kept, see `secret`
               */
    uint32_t start; /* position of the first byte */
    bool secret;    /* its lines are never shown, only its name and line numbers */
};

struct place {
    const struct source *source;
    uint32_t line;      /* from 1 */
    uint32_t column;    /* from 1, in characters */
    uint32_t offset;    /* bytes from the start of the source */
    str line_text;      /* the line, without its end */
    uint32_t line_byte; /* offset of the place in line_text, bytes */
};

struct source_map *source_map_new(void);
void source_map_free(struct source_map *map); /* accepts NULL */

/* Add a text; name and text are copied. Fails (NULL) when all positions are used up (4 GiB). */
const struct source *source_add(struct source_map *map, str name, str text);
const struct source *source_add_secret(struct source_map *map, str name, str text);

/* Make one of them secret once it was read, before other threads look at it: until then its own
 * mistakes show its lines. */
void source_hide(struct source_map *map, const struct source *source);

static inline span source_span(const struct source *source, size_t from, size_t to)
{
    return (span){ source->start + (uint32_t)from, (uint32_t)(to - from) };
}

/* Where a span begins. False for SPAN_NONE. Costs a binary search and a scan of the line table,
 * which is made at the first question about a source. */
bool source_place(struct source_map *map, span at, struct place *ret);
