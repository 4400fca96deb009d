/* template.c - the functions of template.h: texts, values, conditions, files. */
#include "template/template.h"

#include <string.h>

#include "formats/objects.h"
#include "template/core.h"

static const struct lex_options jinja_lexing = {
    .block_start = S_INIT("{%"),
    .block_end = S_INIT("%}"),
    .variable_start = S_INIT("{{"),
    .variable_end = S_INIT("}}"),
    .comment_start = S_INIT("{#"),
    .comment_end = S_INIT("#}"),
    .newline = S_INIT("\n"),
};

static void add_extensions(const struct eval *eval, struct compile_options *ret)
{
    struct template_extensions extensions =
        eval->state == NULL ? eval->env->extensions : eval->state->extensions;
    ret->extension_do |= extensions.do_statement;
    ret->extension_loops |= extensions.loop_controls;
}

void playbook_options(const struct eval *eval, struct compile_options *ret)
{
    *ret = (struct compile_options){ .lex = jinja_lexing };
    bool jinja = eval->env->dialect == DIALECT_JINJA;
    ret->lex.trim_blocks = !jinja;
    ret->lex.double_backslashes = !jinja;
    ret->names_late = jinja;
    add_extensions(eval, ret);
}

static str or_else(str given, str fallback)
{
    return str_is_none(given) ? fallback : given;
}

void file_options(const struct eval *eval, struct template_file_options from,
                  struct compile_options *ret)
{
    *ret = (struct compile_options){ .lex = jinja_lexing };
    struct lex_options *lex = &ret->lex;
    lex->trim_blocks = from.trim_blocks;
    lex->lstrip_blocks = from.lstrip_blocks;
    /* Ansible has it restored behind the rendering, and only for the file itself: what is included
     * loses its last one */
    lex->keep_trailing_newline = from.keep_trailing_newline && eval->env->dialect == DIALECT_JINJA;
    lex->newline = or_else(from.newline_sequence, lex->newline);
    lex->block_start = or_else(from.block_start, lex->block_start);
    lex->block_end = or_else(from.block_end, lex->block_end);
    lex->variable_start = or_else(from.variable_start, lex->variable_start);
    lex->variable_end = or_else(from.variable_end, lex->variable_end);
    lex->comment_start = or_else(from.comment_start, lex->comment_start);
    lex->comment_end = or_else(from.comment_end, lex->comment_end);
    lex->line_statement = from.line_statement;
    lex->line_comment = from.line_comment;
    ret->extension_do = from.extension_do;
    ret->extension_loops = from.extension_loops;
    add_extensions(eval, ret);
    ret->autoescape = from.autoescape;
    ret->names_late = eval->env->dialect == DIALECT_JINJA;
}

/* ---- rendering ---- */

static bool with_header(struct eval *eval, value text, struct compile_options *options)
{
    struct syntax_error error = { 0 };
    return parse_header(eval->arena, value_as_str(text), &options->lex, &options->skip, &error) ||
           report_syntax(eval, text, 0, &error);
}

/* What the rendering of a text needs besides the text. */
struct rendering {
    struct frame exports, copies;
    struct context context;
    struct output out;
    struct render render;
    struct render *outer;
    const struct compile_options *outer_options;
};

static struct render *rendering_begin(struct rendering *rendering, struct eval *eval, value text,
                                      const struct compile_options *options,
                                      const struct program *program)
{
    struct eval_state *state = eval_state(eval);
    *rendering = (struct rendering){ .outer = state->render, .outer_options = state->options };
    rendering->context = (struct context){ .scope = eval->scope,
                                           .exports = &rendering->exports,
                                           .copies = &rendering->copies };
    struct render *r = &rendering->render;
    *r = (struct render){ .eval = eval, .state = state, .arena = eval->arena };
    r->program = program;
    r->source = text;
    r->source_skip = options->skip;
    r->context = &rendering->context;
    r->frame = &rendering->exports;
    r->out = &rendering->out;
    r->autoescape = options->autoescape;
    state->render = r;
    state->options = options;
    return r;
}

static void rendering_end(struct rendering *rendering)
{
    struct eval_state *state = rendering->render.state;
    state->render = rendering->outer;
    state->options = rendering->outer_options;
}

/* Evaluate a compiled text: its output, or the value of an expression. */
static bool run(struct eval *eval, value text, const struct compile_options *options,
                const struct program *program, bool convert, value *ret)
{
    struct rendering rendering;
    struct render *r = rendering_begin(&rendering, eval, text, options, program);
    r->convert = convert;
    bool ok;
    if (options->lex.expression) {
        ok = eval_node(r, program->body, ret);
    } else {
        output_init(r->out, eval->arena);
        ok = render_program(r);
        if (ok) {
            *ret = convert ? output_result(r, r->out) : output_plain(r->out);
        }
    }
    rendering_end(&rendering);
    return ok;
}

bool render_text(struct eval *eval, value text, struct compile_options options, bool convert,
                 value *ret)
{
    if (!options.lex.expression && eval->env->dialect != DIALECT_JINJA &&
        !with_header(eval, text, &options)) {
        return false;
    }
    const struct program *program = cache_program(eval, text, &options);
    if (program == NULL) {
        return false;
    }
    return run(eval, text, &options, program, convert, ret);
}

static size_t newlines_at_end(str s)
{
    size_t count = 0;
    while (count < s.len && s.ptr[s.len - 1 - count] == '\n') {
        count++;
    }
    return count;
}

/* As many newlines at the end as the text had, if rendering took some. */
static value restore_newlines(struct eval *eval, value text, str newline, value result)
{
    if (!value_is(result, VALUE_STR) && !value_is(result, VALUE_UNKNOWN)) {
        return result;
    }
    value shown = result;
    if (value_is(result, VALUE_UNKNOWN) && !value_unknown_text(result, &shown)) {
        return result;
    }
    size_t wanted = newlines_at_end(value_as_str(text));
    size_t there = newlines_at_end(value_as_str(shown));
    if (there >= wanted) {
        return result;
    }
    struct textbuf out = textbuf_in(eval->arena);
    textbuf_add_value(&out, result);
    for (; there < wanted; there++) {
        textbuf_add(&out, newline);
    }
    value v = textbuf_value(&out);
    v.flags |= result.flags & FLAG_NATIVE;
    return v;
}

bool render_file(struct eval *eval, value text, struct compile_options options, bool convert,
                 value *ret)
{
    value result;
    if (!render_text(eval, text, options, convert, &result) || !with_header(eval, text, &options)) {
        return false;
    }
    *ret = restore_newlines(eval, text, options.lex.newline, result);
    return true;
}

/* "{{ name }}" of a raw boolean, number or null: that value. */
static bool bare_scalar(struct eval *eval, const struct program *program, value *ret)
{
    value raw;
    if (program->single_name == NULL || eval->env->dialect != DIALECT_CLASSIC ||
        !scope_raw(eval, program->single_name->name, &raw) ||
        !(is_number(raw) || value_is(raw, VALUE_NULL))) {
        return false;
    }
    *ret = raw;
    return true;
}

static bool evaluate_string(struct eval *eval, value text, value *ret)
{
    struct compile_options options;
    playbook_options(eval, &options);
    if (!with_header(eval, text, &options)) {
        return false;
    }
    const struct program *program = cache_program(eval, text, &options);
    if (program == NULL) {
        return false;
    }
    if (bare_scalar(eval, program, ret)) {
        return true;
    }
    value result;
    if (!run(eval, text, &options, program, true, &result)) {
        return false;
    }
    result = restore_newlines(eval, text, options.lex.newline, result);
    *ret = result.at.pos == 0 ? value_at(result, text.at) : result;
    return true;
}

void template_set_extensions(struct eval *eval, struct template_extensions extensions)
{
    eval_state(eval)->extensions = extensions;
}

/* ---- values ---- */

static bool decrypt(struct eval *eval, value v, value *ret)
{
    if (eval->env->hooks.vault == NULL) {
        diag_error(eval->diags, v.at, "value is encrypted, and there is no vault password");
        eval->failure = TEMPLATE_FAILED;
        return false;
    }
    str ciphertext = *(const str *)value_object_data(v);
    if (!eval->env->hooks.vault(eval->env->hooks.data, eval->diags, ciphertext, v.at, ret)) {
        eval->failure = TEMPLATE_FAILED;
        return false;
    }
    *ret = value_secret_all(eval->arena, *ret);
    return true;
}

static bool same_value(value a, value b)
{
    return memcmp(&a.as, &b.as, sizeof a.as) == 0 && a.kind == b.kind && a.flags == b.flags;
}

static bool evaluate_list(struct eval *eval, value v, value *ret);
static bool evaluate_map(struct eval *eval, value v, bool keys, value *ret);

/* `keys`: those of this map, too. */
static bool evaluate(struct eval *eval, value v, bool keys, value *ret)
{
    *ret = v;
    if (!value_may_have_template(v)) {
        return true;
    }
    switch (value_kind(v)) {
    case VALUE_STR:
        return !template_is_template(v) || evaluate_string(eval, v, ret);
    case VALUE_LIST:
        return evaluate_list(eval, v, ret);
    case VALUE_MAP:
        return evaluate_map(eval, v, keys, ret);
    case VALUE_OBJECT:
        return !value_is_object(v, &vault_type) || decrypt(eval, v, ret);
    default:
        return true;
    }
}

static bool evaluate_list(struct eval *eval, value v, value *ret)
{
    size_t count;
    const value *items = value_items(v, &count);
    value *changed = NULL;
    for (size_t i = 0; i < count; i++) {
        value item;
        if (!evaluate(eval, items[i], false, &item)) {
            return false;
        }
        if (changed == NULL && !same_value(item, items[i])) {
            changed = NEW_ARRAY(eval->arena, value, count);
            memcpy(changed, items, count * sizeof *items);
        }
        if (changed != NULL) {
            changed[i] = item;
        }
    }
    if (changed != NULL) {
        value list = value_is_tuple(v) ? value_tuple(eval->arena, changed, count)
                                       : value_list(eval->arena, changed, count);
        *ret = value_at(list, v.at);
    }
    return true;
}

static bool evaluate_map(struct eval *eval, value v, bool keys, value *ret)
{
    size_t count = value_count(v);
    struct map_builder map = { 0 };
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        value old_key = value_map_key(v, i), old = value_map_value(v, i), key = old_key, item;
        if ((keys && !evaluate(eval, old_key, false, &key)) || !evaluate(eval, old, false, &item)) {
            return false;
        }
        if (!changed && (!same_value(item, old) || !same_value(key, old_key))) {
            changed = true;
            map = map_in(eval->arena);
            for (size_t k = 0; k < i; k++) {
                map_set(&map, value_map_key(v, k), value_map_value(v, k));
            }
        }
        if (changed) {
            map_set(&map, key, item);
        }
    }
    if (changed) {
        *ret = value_at(map_seal(&map), v.at);
    }
    return true;
}

/* Each public function is a beginning: earlier failures and counts do not matter to it. */
static void begin(struct eval *eval)
{
    struct eval_state *state = eval_state(eval);
    eval->failure = TEMPLATE_OK;
    if (state->render == NULL && state->trail == NULL) {
        state->steps = state->look_at = 0;
        state->depth = 0;
    }
}

/* What a nested evaluation costs of the depth there is. */
#define VALUE_DEPTH 8

static bool evaluate_bounded(struct eval *eval, value v, bool keys, value *ret)
{
    begin(eval);
    struct eval_state *state = eval->state;
    if (state->depth + VALUE_DEPTH > MAX_DEPTH) {
        diag_error(eval->diags, v.at, "variables refer to each other too deeply");
        eval->failure = TEMPLATE_FAILED;
        return false;
    }
    state->depth += VALUE_DEPTH;
    bool ok = evaluate(eval, v, keys, ret);
    state->depth -= VALUE_DEPTH;
    return ok;
}

bool template_value(struct eval *eval, value v, value *ret)
{
    return evaluate_bounded(eval, v, false, ret);
}

bool template_value_and_keys(struct eval *eval, value v, value *ret)
{
    return evaluate_bounded(eval, v, true, ret);
}

bool template_is_template(value v)
{
    if (!value_is(v, VALUE_STR) || !value_is_trusted(v)) {
        return false;
    }
    str s = value_as_str(v);
    const char *at = s.ptr;
    const char *end = s.ptr + s.len;
    while ((at = memchr(at, '{', (size_t)(end - at))) != NULL && at + 1 < end) {
        if (at[1] == '{' || at[1] == '%' || at[1] == '#') {
            return true;
        }
        at++;
    }
    return str_starts(s, S("#jinja2:"));
}

bool template_expression(struct eval *eval, value expression, value *ret)
{
    begin(eval);
    if (!value_is(expression, VALUE_STR) || !value_is_trusted(expression)) {
        *ret = expression;
        return true;
    }
    struct compile_options options;
    playbook_options(eval, &options);
    options.lex.expression = true;
    value v;
    if (!render_text(eval, expression, options, false, &v)) {
        return false;
    }
    value within;
    if (find_undefined(v, &within)) {
        struct render r = { .eval = eval, .state = eval->state, .arena = eval->arena };
        r.source = expression;
        return may_use_undefined(&r, within, SPAN_NONE);
    }
    *ret = value_untrust_all(eval->arena, v);
    return true;
}

bool template_file(struct eval *eval, value text, struct template_file_options options, value *ret)
{
    begin(eval);
    if (!value_is(text, VALUE_STR)) {
        *ret = text;
        return true;
    }
    struct compile_options compile;
    file_options(eval, options, &compile);
    eval->state->undefined = options.undefined;
    bool keep = options.keep_trailing_newline && eval->env->dialect != DIALECT_JINJA;
    return keep ? render_file(eval, text, compile, false, ret)
                : render_text(eval, text, compile, false, ret);
}

/* ---- conditions (what they mean is in convert.c) ---- */

bool template_condition(struct eval *eval, value condition, enum truth *ret)
{
    begin(eval);
    if (!value_is(condition, VALUE_LIST)) {
        return condition_holds(eval, condition, ret);
    }
    *ret = TRUTH_TRUE;
    for (size_t i = 0; i < value_count(condition); i++) {
        enum truth one;
        if (!condition_holds(eval, value_item(condition, i), &one)) {
            return false;
        }
        if (one == TRUTH_FALSE) {
            *ret = TRUTH_FALSE;
            return true;
        }
        *ret = one == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : *ret;
    }
    return true;
}

void template_explain(struct eval *eval, value condition, struct diag *diag)
{
    if (!value_is(condition, VALUE_STR) || !value_is_trusted(condition) ||
        template_is_template(condition)) {
        return;
    }
    struct compile_options options;
    condition_options(eval, &options);
    const struct program *program = cache_program(eval, condition, &options);
    if (program == NULL) {
        return;
    }
    struct rendering rendering;
    explain_condition(rendering_begin(&rendering, eval, condition, &options, program), diag);
    rendering_end(&rendering);
}

/* ---- checks before a run ---- */

static bool check(struct template_env *env, struct diags *diags, value text, bool expression)
{
    if (!value_is(text, VALUE_STR)) {
        return true;
    }
    struct arena *arena = arena_new("check");
    struct eval eval = { .env = env, .arena = arena, .diags = diags };
    struct compile_options options;
    eval_state(&eval);
    playbook_options(&eval, &options);
    options.lex.expression = expression;
    options.lex.condition = expression && env->dialect == DIALECT_CLASSIC;
    bool ok = (expression || with_header(&eval, text, &options)) &&
              cache_program(&eval, text, &options) != NULL;
    arena_free(arena);
    return ok;
}

bool template_check(struct template_env *env, struct diags *diags, value text)
{
    bool ok = true;
    if (value_is(text, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(text); i++) {
            ok &= template_check(env, diags, value_item(text, i));
        }
    } else if (value_is(text, VALUE_MAP)) {
        for (size_t i = 0; i < value_count(text); i++) {
            ok &= template_check(env, diags, value_map_value(text, i));
        }
    } else if (template_is_template(text)) {
        ok = check(env, diags, text, false);
    }
    return ok;
}

bool template_check_condition(struct template_env *env, struct diags *diags, value condition)
{
    if (value_is(condition, VALUE_LIST)) {
        bool ok = true;
        for (size_t i = 0; i < value_count(condition); i++) {
            ok &= template_check_condition(env, diags, value_item(condition, i));
        }
        return ok;
    }
    if (!value_is(condition, VALUE_STR) || value_as_str(condition).len == 0) {
        return true;
    }
    return template_is_template(condition) ? check(env, diags, condition, false)
                                           : check(env, diags, condition, true);
}

/* ---- lookups ---- */

bool template_lookup(struct eval *eval, str name, span at, value terms, value *ret_list)
{
    begin(eval);
    struct eval_state *state = eval->state;
    struct frame exports = { 0 }, copies = { 0 };
    struct context context = { .scope = eval->scope, .exports = &exports, .copies = &copies };
    struct program program = { .text = STR_EMPTY };
    struct render r = { .eval = eval, .state = state, .arena = eval->arena };
    r.program = &program;
    r.source = value_at(value_str(eval->arena, STR_EMPTY), at);
    r.context = &context;
    r.frame = &exports;
    r.convert = true;
    struct render *outer = state->render;
    state->render = &r;
    bool ok = lookup_run(&r, name, terms, SPAN_NONE, ret_list);
    state->render = outer;
    return ok;
}
