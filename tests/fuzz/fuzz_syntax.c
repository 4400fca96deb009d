/*
 * fuzz_syntax.c - any bytes are compiled as a template, a condition and a template with everything
 * that options can turn on, or refused with a diagnostic that shows where. Nothing is evaluated:
 * fuzz_template does that, several times slower.
 */
#include "base/bug.h"
#include "fuzz_environment.h"

static void check_told(struct diags *diags, bool ok)
{
    BUG_ON(ok != (diags->errors == 0));
    for (size_t i = 0; i < diags->all.len; i++) {
        diag_render(diags->arena, diags->sources, diags->all.items[i], (struct diag_style){ 0 });
    }
}

static const struct template_file_options everything = {
    .trim_blocks = true,
    .lstrip_blocks = true,
    .line_statement = S_INIT("#"),
    .line_comment = S_INIT("##"),
    .extension_do = true,
    .extension_loops = true,
    .autoescape = true,
};

static void compile_strings(struct environment *e, str text)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fuzz");
    struct diags *diags = diags_new(arena, e->sources), *again = diags_new(arena, e->sources);
    value v = environment_text(e, arena, text);
    check_told(diags, template_check(e->env, diags, v));
    check_told(again, template_check_condition(e->env, again, v));
}

static void compile_file(struct environment *e, str text)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fuzz");
    struct diags *diags = diags_new(arena, e->sources);
    struct scope scope = { 0 };
    struct eval eval = { .env = e->env, .arena = arena, .diags = diags, .scope = &scope };
    struct compile_options options;
    file_options(&eval, everything, &options);
    check_told(diags, cache_program(&eval, environment_text(e, arena, text), &options) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct environment classic, jinja;
    str text = { (const char *)data, size };
    environment_ready(&classic, DIALECT_CLASSIC);
    environment_ready(&jinja, DIALECT_JINJA);
    compile_strings(&classic, text);
    compile_file(&jinja, text);
    return 0;
}
