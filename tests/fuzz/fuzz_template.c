/*
 * fuzz_template.c - any bytes are evaluated as a template, a condition and a plain Jinja template,
 * or refused with a diagnostic.
 */
#include "base/bug.h"
#include "formats/yaml.h"
#include "fuzz_environment.h"

#define FUZZ_STEPS 3000

static const char vars[] = "{n: 5, s: Hello, l: [3, 1, {a: 2}], d: {a: 1, b: {c: 2}}, t: true,\n"
                           " lazy: '{{ n + 1 }}', bad: '{{ nope }}', z: null, f: 1.5}";

/* Large numbers only make it slow: that they end in a diagnostic is a unit test. */
static bool has_large_number(const uint8_t *data, size_t size)
{
    unsigned digits = 0;
    for (size_t i = 0; i < size; i++) {
        digits = data[i] >= '0' && data[i] <= '9' ? digits + 1 : data[i] == '_' ? digits : 0;
        if (digits > 3 || (i > 0 && data[i] == '*' && data[i - 1] == '*')) {
            return true;
        }
    }
    return false;
}

static bool runs_programs(str text)
{
    return str_find(text, S("pipe"), 0) != STR_NPOS || str_find(text, S("lines"), 0) != STR_NPOS ||
           str_find(text, S("password"), 0) != STR_NPOS;
}

static void evaluate(enum dialect dialect, struct environment *e, str text, bool condition)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fuzz");
    struct diags *diags = diags_new(arena, e->sources);
    value layers[1], result, v = environment_text(e, arena, text);
    BUG_ON(!yaml_read(arena, diags, source_add(e->sources, S("vars"), str_of(vars)),
                      (struct yaml_options){ .trusted = true }, &layers[0]));
    struct scope scope = { .layers = layers, .count = 1 };
    struct eval eval = { .env = e->env, .arena = arena, .diags = diags, .scope = &scope };
    eval_state(&eval)->step_limit = FUZZ_STEPS;
    enum truth truth;
    bool ok = condition                  ? template_condition(&eval, v, &truth)
              : dialect == DIALECT_JINJA ? template_file(&eval, v, TEMPLATE_FILE_DEFAULTS, &result)
                                         : template_value(&eval, v, &result);
    BUG_ON(!ok && diags->errors == 0);
    for (size_t i = 0; i < diags->all.len; i++) {
        diag_render(arena, e->sources, diags->all.items[i], (struct diag_style){ 0 });
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct environment classic, jinja;
    str text = { (const char *)data, size };
    if (size == 0 || has_large_number(data, size) || runs_programs(text)) {
        return 0;
    }
    environment_ready(&classic, DIALECT_CLASSIC);
    environment_ready(&jinja, DIALECT_JINJA);
    evaluate(DIALECT_CLASSIC, &classic, text, false);
    evaluate(DIALECT_JINJA, &jinja, text, false);
    evaluate(DIALECT_CLASSIC, &classic, text, true);
    return 0;
}
