/*
 * fuzz_environment.h - what the targets of templates share: an environment costs more than ten
 * evaluations, so it serves many inputs, as one serves a whole run.
 */
#pragma once
#include "base/arena.h"
#include "fuzz.h"
#include "template/core.h"

#define INPUTS_PER_ENVIRONMENT 200

struct environment {
    struct template_env *env;
    struct source_map *sources;
    struct secrets *secrets;
    unsigned inputs;
};

static inline void environment_ready(struct environment *e, enum dialect dialect)
{
    if (e->inputs++ % INPUTS_PER_ENVIRONMENT == 0) {
        template_env_free(e->env);
        secrets_free(e->secrets);
        source_map_free(e->sources);
        e->sources = source_map_new();
        e->secrets = secrets_new();
        e->env = template_env_new(dialect, e->sources, e->secrets, (struct template_hooks){ 0 });
    }
}

/* A text of the user, with its place. */
static inline value environment_text(struct environment *e, struct arena *arena, str text)
{
    const struct source *source = source_add(e->sources, S("template"), text);
    value v = value_trusted(value_str(arena, source->text));
    return value_at(v, source_span(source, 0, text.len));
}
