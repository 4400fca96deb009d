/* scope.c - names: frames of the template, lazy variables of the scope, functions. */
#include <string.h>

#include "base/bug.h"
#include "formats/objects.h"
#include "template/core.h"

/* ---- frames ---- */

bool frame_get(const struct frame *frame, const struct symbol *name, value *ret)
{
    for (size_t i = 0; i < frame->bindings.len; i++) {
        if (frame->bindings.items[i].name == name) {
            *ret = frame->bindings.items[i].value;
            return true;
        }
    }
    return false;
}

void frame_set(struct render *r, struct frame *frame, const struct symbol *name, value v)
{
    for (size_t i = 0; i < frame->bindings.len; i++) {
        if (frame->bindings.items[i].name == name) {
            frame->bindings.items[i].value = v;
            return;
        }
    }
    *VEC_PUSH(r->arena, &frame->bindings) = (struct binding){ name, v };
}

static bool frames_get(const struct frame *frame, const struct symbol *name, value *ret)
{
    for (; frame != NULL; frame = frame->outer) {
        if (frame_get(frame, name, ret)) {
            return true;
        }
    }
    return false;
}

/* ---- variables, evaluated once ---- */

enum memo_state { MEMO_RUNNING, MEMO_DONE, MEMO_FAILED };

struct memo_entry {
    str name; /* STR_NONE: free */
    uint64_t hash;
    enum memo_state state;
    value v; /* undefined without a text: no such variable */
};

struct scope_memo {
    struct memo_entry *slots;
    size_t size, count;
};

static struct memo_entry *memo_slot(struct scope_memo *memo, str name, uint64_t hash)
{
    size_t slot = hash & (memo->size - 1);
    while (!str_is_none(memo->slots[slot].name) &&
           (memo->slots[slot].hash != hash || !str_eq(memo->slots[slot].name, name))) {
        slot = (slot + 1) & (memo->size - 1);
    }
    return &memo->slots[slot];
}

static void memo_grow(struct arena *arena, struct scope_memo *memo)
{
    struct scope_memo old = *memo;
    memo->size = old.size == 0 ? 8 : old.size * 2;
    memo->slots = NEW_ARRAY(arena, struct memo_entry, memo->size);
    for (size_t i = 0; i < old.size; i++) {
        if (!str_is_none(old.slots[i].name)) {
            *memo_slot(memo, old.slots[i].name, old.slots[i].hash) = old.slots[i];
        }
    }
}

static struct memo_entry *memo_entry(struct eval *eval, str name, uint64_t hash)
{
    struct scope *scope = eval->scope;
    if (scope->memo == NULL) {
        scope->memo = NEW(eval->arena, struct scope_memo);
    }
    if (scope->memo->count * 2 >= scope->memo->size) {
        memo_grow(eval->arena, scope->memo);
    }
    return memo_slot(scope->memo, name, hash);
}

static bool raw_variable(struct eval *eval, str name, uint64_t hash, value *ret)
{
    const struct scope *scope = eval->scope;
    for (size_t i = 0; scope != NULL && i < scope->count; i++) {
        if (value_map_get_hashed(scope->layers[i], name, hash, ret)) {
            return true;
        }
    }
    return scope != NULL && scope->magic != NULL &&
           scope->magic(scope->magic_data, eval->arena, name, ret);
}

bool scope_raw(struct eval *eval, str name, value *ret)
{
    return raw_variable(eval, name, str_hash(name), ret);
}

/* The value that a name has in a layer below the one where it is found first. */
static bool hidden_variable(const struct scope *scope, str name, value *ret)
{
    size_t found = 0;
    for (size_t i = 0; i < scope->count && found < 2; i++) {
        found += value_map_get(scope->layers[i], name, ret);
    }
    return found == 2;
}

static bool report_cycle(struct render *r, str name, span at)
{
    value hidden;
    struct diag *diag =
        render_error(r, at, TEMPLATE_FAILED, "variable '%.*s' is defined by itself", SARG(name));
    if (hidden_variable(r->eval->scope, name, &hidden)) {
        diag_note(diag, hidden.at, "this other value is hidden by that definition");
        diag_hint(diag, "give one of the two another name");
    }
    return false;
}

value undefined_variable(struct eval *eval, struct diag_mark mark)
{
    struct diag *diag = eval->diags->all.items[mark.count];
    diags_forget(eval, mark);
    value v = value_undefined(eval->arena, str_copy(eval->arena, diag->message));
    remember_origin(eval, v, (struct origin){ .diag = diag });
    return v;
}

static bool evaluate_variable(struct render *r, str name, value raw, span at, value *ret)
{
    struct eval *eval = r->eval;
    struct eval_state *state = r->state;
    struct trail trail = { state->trail, TRAIL_VARIABLE, name, r, at };
    struct diag_mark mark = diags_mark(eval);
    struct render *render = state->render;
    state->trail = &trail;
    bool ok = template_value(eval, raw, ret);
    state->trail = trail.outer;
    state->render = render;
    if (!ok && eval->failure == TEMPLATE_UNDEFINED) {
        *ret = undefined_variable(eval, mark);
        ok = true;
    }
    return ok;
}

/* Whether a string within is not the author's. */
static bool has_foreign_text(value v)
{
    switch (value_kind(v)) {
    case VALUE_STR:
        return !value_is_trusted(v);
    case VALUE_LIST:
        for (size_t i = 0; i < value_count(v); i++) {
            if (has_foreign_text(value_item(v, i))) {
                return true;
            }
        }
        return false;
    case VALUE_MAP:
        for (size_t i = 0; i < value_count(v); i++) {
            if (has_foreign_text(value_map_value(v, i))) {
                return true;
            }
        }
        return false;
    case VALUE_OBJECT:
        return true;
    default:
        return false;
    }
}

static bool variable(struct render *r, str name, uint64_t hash, span at, value *ret)
{
    struct eval *eval = r->eval;
    *ret = (value){ .kind = VALUE_UNDEFINED };
    if (eval->scope == NULL) {
        return true;
    }
    struct memo_entry *entry = memo_entry(eval, name, hash);
    if (!str_is_none(entry->name) && entry->state != MEMO_FAILED) {
        *ret = entry->v;
        return entry->state == MEMO_DONE || report_cycle(r, name, at);
    }
    value raw;
    if (!raw_variable(eval, name, hash, &raw)) {
        return true;
    }
    if (r->state->track_taint && has_foreign_text(raw)) {
        r->state->tainted = true;
    }
    eval->scope->memo->count += str_is_none(entry->name);
    name = str_copy(eval->arena, name);
    if (!value_may_have_template(raw)) {
        *entry = (struct memo_entry){ name, hash, MEMO_DONE, raw };
        return call_give(ret, raw);
    }
    *entry = (struct memo_entry){ name, hash, MEMO_RUNNING, raw };
    bool ok = evaluate_variable(r, name, raw, at, ret);
    entry = memo_entry(eval, name, hash); /* the table may have grown meanwhile */
    entry->state = ok ? MEMO_DONE : MEMO_FAILED;
    entry->v = ok ? *ret : raw;
    return ok;
}

bool scope_variable(struct render *r, str name, span at, value *ret)
{
    return variable(r, name, str_hash(name), at, ret);
}

const str *scope_names(struct eval *eval, size_t *ret_count)
{
    VEC(str) names = { 0 };
    const struct scope *scope = eval->scope;
    for (size_t i = 0; scope != NULL && i < scope->count; i++) {
        for (size_t k = 0; k < value_count(scope->layers[i]); k++) {
            value key = value_map_key(scope->layers[i], k);
            if (value_is(key, VALUE_STR)) {
                *VEC_PUSH(eval->arena, &names) = value_as_str(key);
            }
        }
    }
    for (size_t i = 0; scope != NULL && i < scope->magic_count; i++) {
        *VEC_PUSH(eval->arena, &names) = scope->magic_names[i];
    }
    *ret_count = names.len;
    return names.items;
}

/* ---- names in expressions ---- */

static value undefined_name(struct render *r, const struct symbol *name, span at)
{
    struct strbuf what = strbuf_in(r->arena);
    strbuf_add_char(&what, '\'');
    strbuf_add(&what, name->name);
    strbuf_add(&what, S("' is undefined"));
    value v = value_at(value_undefined_shared(r->arena, strbuf_str(&what)), at);
    remember_origin(r->eval, v, (struct origin){ .name = name->name });
    return v;
}

/* From the variables of the play; a template that may change lists gets its own copies. */
static bool resolve_variable(struct render *r, const struct context *context,
                             const struct symbol *name, span at, value *ret)
{
    if (frame_get(context->copies, name, ret)) {
        return true;
    }
    if (!variable(r, name->name, name->hash, at, ret)) {
        return false;
    }
    bool container = value_is(*ret, VALUE_LIST) || value_is(*ret, VALUE_MAP);
    if (container && r->program->mutates) {
        *ret = copy_for_change(r->arena, *ret);
        frame_set(r, context->copies, name, *ret);
    }
    return true;
}

/* Names that are known without anyone defining them. */
static bool resolve_global(struct render *r, const struct symbol *name, span at, value *ret)
{
    if (value_is(r->eval->globals, VALUE_MAP) && value_map_get(r->eval->globals, name->name, ret)) {
        return true;
    }
    if (name->global != NULL) {
        *ret = function_value(r->arena, name->global, (value){ .kind = VALUE_UNDEFINED });
    } else if (name == r->eval->env->names.self) {
        *ret = block_reference(r);
    } else if (!dialect_is(r, DIALECT_JINJA) && str_eq(name->name, S("omit"))) {
        *ret = template_omit(r->eval->env);
    } else {
        *ret = undefined_name(r, name, at);
    }
    return true;
}

bool resolve_name(struct render *r, const struct symbol *name, span at, value *ret)
{
    if (frames_get(r->frame, name, ret)) {
        return true;
    }
    const struct context *context = r->context;
    while (context->passed_context != NULL) {
        if (frames_get(context->passed, name, ret)) {
            return true;
        }
        context = context->passed_context;
    }
    if (context->scope != NULL) {
        if (!resolve_variable(r, context, name, at, ret)) {
            return false;
        }
        bool absent = value_is(*ret, VALUE_UNDEFINED) && value_undefined_what(*ret).len == 0;
        if (!absent) {
            if (value_is(*ret, VALUE_UNDEFINED) && ret->at.len == 0) {
                *ret = value_at(*ret, at);
            }
            return true;
        }
    }
    return resolve_global(r, name, at, ret);
}
