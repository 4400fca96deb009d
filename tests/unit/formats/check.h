/*
 * check.h - what the tests of formats/ share: an arena with diagnostics for each test, texts read
 * and printed, and comparing texts.
 */
#pragma once
#include <criterion/criterion.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "formats/json.h"
#include "formats/yaml.h"

struct bench {
    struct arena *arena;
    struct source_map *sources;
    struct diags *diags;
};

static inline struct bench bench_open(void)
{
    struct bench bench = { .arena = arena_new("test"), .sources = source_map_new() };
    bench.diags = diags_new(bench.arena, bench.sources);
    return bench;
}

static inline void bench_close(struct bench *bench)
{
    source_map_free(bench->sources);
    arena_free(bench->arena);
}

#define BENCH(name) __attribute__((cleanup(bench_close), unused)) struct bench name = bench_open()

#define EQ_STR(actual, expected, what) eq_str((actual), (expected), __LINE__, (what))

static inline void eq_str(str actual, str expected, int line, str what)
{
    cr_assert(str_eq(actual, expected), "line %d: %.*s\n     got: %.*s\nexpected: %.*s", line,
              SARG(what), SARG(actual), SARG(expected));
}

static inline const struct source *bench_source(struct bench *bench, str text)
{
    return source_add(bench->sources, S("play.yml"), text);
}

/* The first diagnostic as "line:column message [hint] <note line:column note>". */
static inline str bench_complaint(struct bench *bench)
{
    struct strbuf out = strbuf_in(bench->arena);
    struct place place;

    if (bench->diags->all.len == 0) {
        return S("nothing reported");
    }
    const struct diag *diag = bench->diags->all.items[0];
    if (source_place(bench->sources, diag->at, &place)) {
        strbuf_addf(&out, "%u:%u ", place.line, place.column);
    }
    strbuf_add(&out, diag->message);
    if (!str_is_none(diag->hint)) {
        strbuf_addf(&out, " [%.*s]", SARG(diag->hint));
    }
    for (const struct diag_note *note = diag->notes; note != NULL; note = note->next) {
        strbuf_add(&out, S(" <"));
        if (source_place(bench->sources, note->at, &place)) {
            strbuf_addf(&out, "%u:%u ", place.line, place.column);
        }
        strbuf_addf(&out, "%.*s>", SARG(note->text));
    }
    return strbuf_str(&out);
}

/* Python's repr() of what a YAML text means, or the complaint about it. */
static inline str yaml_repr(struct bench *bench, str text)
{
    value v;

    bench->diags->all.len = 0;
    if (!yaml_read(bench->arena, bench->diags, bench_source(bench, text),
                   (struct yaml_options){ .trusted = true }, &v)) {
        return bench_complaint(bench);
    }
    return value_as_str(value_repr(bench->arena, v));
}

static inline value yaml_value(struct bench *bench, str text)
{
    value v = value_null();

    cr_assert(yaml_read(bench->arena, bench->diags, bench_source(bench, text),
                        (struct yaml_options){ .trusted = true }, &v),
              "%.*s", SARG(bench_complaint(bench)));
    return v;
}

struct row {
    str text;
    str expected;
};
