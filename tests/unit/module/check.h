/* check.h - what the tests of module/ share: an arena, diagnostics, values written as YAML. */
#pragma once
#include <criterion/criterion.h>

#include "base/diag.h"
#include "formats/json.h"
#include "formats/yaml.h"

#define EQ_STR(got, want) eq_str((got), (want), __LINE__, i)

/* row: of the test's table */
static inline void eq_str(str got, str want, int line, size_t row)
{
    cr_assert(str_eq(got, want), "line %d, row %zu: got '%.*s', want '%.*s'", line, row, SARG(got),
              SARG(want));
}

struct bench {
    struct arena *arena;
    struct source_map *sources;
    struct diags *diags;
};

static inline struct bench bench_new(void)
{
    struct bench b = { .arena = arena_new("test"), .sources = source_map_new() };
    b.diags = diags_new(b.arena, b.sources);
    return b;
}

static inline void bench_free(struct bench *b)
{
    source_map_free(b->sources);
    arena_free(b->arena);
}

#define BENCH(b) __attribute__((cleanup(bench_free))) struct bench b = bench_new()

static inline value from_yaml(struct bench *b, str text)
{
    value v;
    const struct source *source = source_add(b->sources, S("test.yml"), text);
    bool ok = yaml_read(b->arena, b->diags, source, (struct yaml_options){ .trusted = true }, &v);
    cr_assert(ok, "the test's own YAML: %.*s", SARG(text));
    return v;
}

static inline str to_json(struct bench *b, value v)
{
    value text;
    bool ok = json_write(b->arena, b->diags, v, (struct json_format){ .unicode = true }, &text);
    cr_assert(ok);
    return value_as_str(text);
}

/* The last message reported, or "". */
static inline str last_message(struct bench *b)
{
    return b->diags->all.len == 0 ? STR_EMPTY : b->diags->all.items[b->diags->all.len - 1]->message;
}
