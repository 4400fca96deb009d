/* report.c - diagnostics of evaluations: the place inside the text, why a value is undefined, and
 * the chain of variables and templates that led there. */
#include <stdarg.h>

#include "formats/yaml.h"
#include "template/core.h"

struct eval_state *eval_state(struct eval *eval)
{
    if (eval->state == NULL) {
        eval->state = NEW(eval->arena, struct eval_state);
        eval->state->extensions = eval->env->extensions;
        eval->state->step_limit = MAX_STEPS;
        eval->state->memory_limit = MAX_MEMORY;
    }
    return eval->state;
}

const char *article_of(const char *noun)
{
    return strchr("aeiou", noun[0]) != NULL ? "an" : "a";
}

/* ---- places ---- */

static span span_within(struct source_map *sources, value text, size_t from, size_t to)
{
    size_t len = value_as_str(text).len;
    if (text.at.pos == 0) {
        return SPAN_NONE;
    }
    from = from < len ? from : len;
    to = to < len ? to : len;
    if (text.at.len == len) { /* the source itself: a template file */
        return (span){ text.at.pos + (uint32_t)from, (uint32_t)(to - from) };
    }
    return yaml_scalar_span(sources, text, from, to);
}

span place_in_source(const struct render *r, span at)
{
    if (!value_is(r->source, VALUE_STR)) {
        return SPAN_NONE;
    }
    return span_within(r->eval->env->sources, r->source, at.pos, (size_t)at.pos + at.len);
}

/* ---- notes ---- */

void add_trail(struct eval *eval, struct diag *diag)
{
    for (const struct trail *t = eval_state(eval)->trail; t != NULL; t = t->outer) {
        span at = place_in_source(t->render, t->at);
        switch (t->kind) {
        case TRAIL_VARIABLE:
            diag_note(diag, at, "variable '%.*s' is used here", SARG(t->name));
            break;
        case TRAIL_MACRO:
            diag_note(diag, at, "macro '%.*s' is called here", SARG(t->name));
            break;
        case TRAIL_INCLUDE:
            diag_note(diag, at, "included here");
            break;
        case TRAIL_IMPORT:
            diag_note(diag, at, "imported here");
            break;
        case TRAIL_EXTENDS:
            diag_note(diag, at, "extended here");
            break;
        }
    }
}

static void set_failure(struct eval *eval, enum template_failure why)
{
    if (eval->failure == TEMPLATE_OK || why != TEMPLATE_UNDEFINED) {
        eval->failure = why;
    }
}

struct diag *render_error(struct render *r, span at, enum template_failure why, const char *format,
                          ...)
{
    va_list args;
    va_start(args, format);
    struct strbuf message = strbuf_in(r->arena);
    strbuf_vaddf(&message, format, args);
    va_end(args);
    str text = strbuf_str(&message);
    struct diag *diag = diag_error(r->eval->diags, place_in_source(r, at), "%.*s", SARG(text));
    r->eval->failure = why;
    add_trail(r->eval, diag);
    return diag;
}

void render_reported(struct render *r)
{
    struct diags *diags = r->eval->diags;
    r->eval->failure = TEMPLATE_FAILED;
    add_trail(r->eval, diags->all.items[diags->all.len - 1]);
}

bool report_syntax(struct eval *eval, value text, size_t skip, const struct syntax_error *error)
{
    struct source_map *sources = eval->env->sources;
    struct diag *diag =
        diag_error(eval->diags, span_within(sources, text, skip + error->from, skip + error->to),
                   "%.*s", SARG(error->message));
    if (error->note.ptr != NULL) {
        diag_note(diag, span_within(sources, text, skip + error->note_from, skip + error->note_to),
                  "%.*s", SARG(error->note));
    }
    if (error->candidates != NULL) {
        diag_suggest(diag, error->given, error->candidates, error->candidate_count);
    }
    if (error->hint.ptr != NULL) {
        diag_hint(diag, "%.*s", SARG(error->hint));
    }
    set_failure(eval, TEMPLATE_SYNTAX);
    add_trail(eval, diag);
    return false;
}

struct diag_mark diags_mark(const struct eval *eval)
{
    return (struct diag_mark){ eval->diags->all.len, eval->diags->errors };
}

void diags_forget(struct eval *eval, struct diag_mark mark)
{
    eval->diags->all.len = mark.count;
    eval->diags->errors = mark.errors;
    eval->failure = TEMPLATE_OK;
}

/* ---- undefined values ---- */

void remember_origin(struct eval *eval, value undefined, struct origin origin)
{
    struct eval_state *state = eval_state(eval);
    struct origin *kept = arena_alloc_unset(eval->arena, sizeof *kept);
    *kept = origin;
    kept->before = state->origins;
    kept->text = value_undefined_what(undefined).ptr;
    state->origins = kept;
}

static const struct origin *find_origin(const struct eval_state *state, value undefined)
{
    const void *text = value_undefined_what(undefined).ptr;
    const struct origin *origin = state->origins;
    while (origin != NULL && origin->text != text) {
        origin = origin->before;
    }
    return origin;
}

/* The keys there are, and the one that was meant. */
static void explain_missing_key(struct render *r, struct diag *diag, const struct origin *origin)
{
    size_t count = value_is(origin->container, VALUE_MAP) ? value_count(origin->container) : 0;
    VEC(str) keys = { 0 };
    struct strbuf list = strbuf_in(r->arena);
    for (size_t i = 0; i < count; i++) {
        value key = value_map_key(origin->container, i);
        if (value_is(key, VALUE_STR)) {
            *VEC_PUSH(r->arena, &keys) = value_as_str(key);
            if (keys.len <= 8) {
                strbuf_addf(&list, "%s%.*s", keys.len > 1 ? ", " : "", SARG(value_as_str(key)));
            }
        }
    }
    if (!value_is(origin->container, VALUE_UNDEFINED)) {
        span defined = origin->container.at;
        if (keys.len > 0) {
            diag_note(diag, defined, "it has the keys: %.*s%s", SARG(strbuf_str(&list)),
                      keys.len > 8 ? " ..." : "");
        } else if (defined.pos != 0) {
            diag_note(diag, defined, "it is defined here");
        }
    }
    diag_suggest(diag, origin->name, keys.items, keys.len);
}

static bool report_variable(struct render *r, const struct diag *inner)
{
    struct diag *diag = diag_error(r->eval->diags, inner->at, "%.*s", SARG(inner->message));
    for (const struct diag_note *note = inner->notes; note != NULL; note = note->next) {
        diag_note(diag, note->at, "%.*s", SARG(note->text));
    }
    if (inner->hint.ptr != NULL) {
        diag_hint(diag, "%.*s", SARG(inner->hint));
    }
    r->eval->failure = TEMPLATE_UNDEFINED;
    return false;
}

bool report_undefined(struct render *r, value v, span at)
{
    const struct origin *origin = find_origin(eval_state(r->eval), v);
    if (origin != NULL && origin->diag != NULL) {
        return report_variable(r, origin->diag);
    }
    str what = value_undefined_what(v);
    struct diag *diag = render_error(r, v.at.len > 0 ? v.at : at, TEMPLATE_UNDEFINED, "%.*s",
                                     SARG(what.len > 0 ? what : S("value is undefined")));
    if (origin == NULL) {
        return false;
    }
    if (value_is(origin->container, VALUE_UNDEFINED)) {
        size_t count;
        const str *names = scope_names(r->eval, &count);
        diag_suggest(diag, origin->name, names, count);
    } else {
        explain_missing_key(r, diag, origin);
    }
    return false;
}

bool undefined_chains(const struct render *r)
{
    return r->eval->env->dialect != DIALECT_JINJA || r->state->undefined == UNDEFINED_CHAINABLE;
}

bool may_use_undefined(struct render *r, value v, span at)
{
    bool lenient = (v.flags & FLAG_LENIENT) != 0 ||
                   (dialect_is(r, DIALECT_JINJA) && r->state->undefined != UNDEFINED_STRICT);
    return lenient || report_undefined(r, v, at);
}
