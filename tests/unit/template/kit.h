/* kit.h - what the tests of template/ share: a text, variables in YAML, and what comes of them. */
#pragma once
#include <criterion/criterion.h>

#include "formats/yaml.h"
#include "template/core.h"

struct kit {
    struct arena *arena;
    struct source_map *sources;
    struct secrets *secrets;
    struct diags *diags;
    struct template_env *env;
    struct scope scope;
    value layers[2];
    struct eval eval;
};

static inline value kit_yaml(struct kit *kit, const char *name, const char *text)
{
    const struct source *source = source_add(kit->sources, str_of(name), str_of(text));
    struct yaml_options options = { .trusted = true };
    value v;
    cr_assert(yaml_read(kit->arena, kit->diags, source, options, &v), "%s is no YAML", text);
    return v;
}

static inline void kit_open(struct kit *kit, enum dialect dialect, const char *vars)
{
    kit->arena = arena_new("test");
    kit->sources = source_map_new();
    kit->secrets = secrets_new();
    kit->diags = diags_new(kit->arena, kit->sources);
    kit->env = template_env_new(dialect, kit->sources, kit->secrets, (struct template_hooks){ 0 });
    kit->layers[0] = kit_yaml(kit, "vars.yml", vars);
    kit->scope = (struct scope){ .layers = kit->layers, .count = 1 };
    kit->eval = (struct eval){
        .env = kit->env, .arena = kit->arena, .diags = kit->diags, .scope = &kit->scope
    };
}

static inline void kit_close(struct kit *kit)
{
    template_env_free(kit->env);
    secrets_free(kit->secrets);
    arena_free(kit->arena);
    source_map_free(kit->sources);
}

static inline value kit_text(struct kit *kit, const char *text)
{
    const struct source *source = source_add(kit->sources, S("t.j2"), str_of(text));
    return value_at(value_trusted(value_str(kit->arena, source->text)),
                    source_span(source, 0, source->text.len));
}

/* The first diagnostic, "!message". */
static inline const char *kit_complaint(struct kit *kit)
{
    cr_assert(kit->diags->all.len > 0, "failed without a diagnostic");
    str message = kit->diags->all.items[0]->message;
    return str_c(kit->arena, str_format(kit->arena, "!%.*s", SARG(message)));
}

/* What a text gives, as Python would write it; strings as they are; "!message" for a mistake. */
static inline const char *kit_value(struct kit *kit, const char *text)
{
    value v;
    kit->diags->all.len = 0;
    if (!template_value(&kit->eval, kit_text(kit, text), &v)) {
        return kit_complaint(kit);
    }
    v = value_is(v, VALUE_STR) ? v : value_repr(kit->arena, v);
    return str_c(kit->arena, value_masked(kit->arena, v));
}

static inline const char *kit_file(struct kit *kit, const char *text,
                                   struct template_file_options options)
{
    value v;
    kit->diags->all.len = 0;
    if (!template_file(&kit->eval, kit_text(kit, text), options, &v)) {
        return kit_complaint(kit);
    }
    return str_c(kit->arena, value_masked(kit->arena, v));
}

struct kit_row {
    const char *text, *expected;
};

/* Each row, in a kit of its own. */
static inline void kit_rows(enum dialect dialect, const char *vars, const struct kit_row *rows,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct kit kit;
        kit_open(&kit, dialect, vars);
        const char *got = dialect == DIALECT_JINJA
                              ? kit_file(&kit, rows[i].text, (struct template_file_options){ 0 })
                              : kit_value(&kit, rows[i].text);
        cr_expect_str_eq(got, rows[i].expected, "%s\n gave %s\n not  %s", rows[i].text, got,
                         rows[i].expected);
        kit_close(&kit);
    }
}
