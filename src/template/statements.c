/* statements.c - statements: what is executed, in order, into the output. */
#include "base/bug.h"
#include "template/core.h"

struct frame *frame_new(struct arena *arena, struct frame *outer)
{
    struct frame *frame = NEW(arena, struct frame);
    frame->outer = outer;
    return frame;
}

/* ---- assignment ---- */

static bool assign_attribute(struct render *r, const struct node *target, value v)
{
    value ns;
    if (!eval_node(r, target->a, &ns)) {
        return false;
    }
    if (!may_hold(r, ns, v, node_span(r, target))) {
        return false;
    }
    if (namespace_set(ns, r->arena, target->as.name->name, v)) {
        return true;
    }
    struct diag *diag = render_error(r, node_span(r, target), TEMPLATE_FAILED,
                                     "'%.*s' is no namespace: its attributes cannot be set",
                                     SARG(target->a->as.name->name));
    diag_hint(diag, "make one before: {%% set %.*s = namespace() %%}",
              SARG(target->a->as.name->name));
    return false;
}

static bool assign_tuple(struct render *r, const struct node *target, value v)
{
    const value *items;
    size_t count;
    span at = node_span(r, target);
    if (value_is(v, VALUE_UNKNOWN)) {
        for (uint32_t i = 0; i < target->count; i++) {
            if (!assign_target(r, target->items[i], value_unknown())) {
                return false;
            }
        }
        return true;
    }
    if (!iterate(r, v, at, &items, &count)) {
        return false;
    }
    if (count != target->count) {
        render_error(r, at, TEMPLATE_FAILED, "%u names here, but %zu values to give to them",
                     target->count, count);
        return false;
    }
    for (uint32_t i = 0; i < target->count; i++) {
        if (!assign_target(r, target->items[i], items[i])) {
            return false;
        }
    }
    return true;
}

bool assign_target(struct render *r, const struct node *target, value v)
{
    if (target->kind == NODE_NAME) {
        frame_set(r, r->frame, target->as.name, v);
        return true;
    }
    return target->kind == NODE_NSREF ? assign_attribute(r, target, v) : assign_tuple(r, target, v);
}

/* ---- captured output ---- */

bool exec_captured(struct render *r, const struct node *body, value *ret)
{
    struct output out, *outer = r->out;
    bool extended = r->extended;
    output_init(&out, r->arena);
    r->out = &out;
    r->extended = false; /* what is captured is no output of the template */
    bool ok = exec_body(r, body);
    r->out = outer;
    r->extended |= extended;
    if (ok) {
        *ret = output_result(r, &out);
    }
    return ok;
}

static bool apply_filters(struct render *r, const struct node *filters, value input, value *ret)
{
    const value *outer = r->filter_input;
    r->filter_input = &input;
    bool ok = eval_node(r, filters, ret);
    r->filter_input = outer;
    return ok;
}

/* A body in a frame of its own. */
static bool exec_scoped(struct render *r, const struct node *body, value *ret_captured)
{
    struct frame *outer = r->frame;
    r->frame = frame_new(r->arena, outer);
    bool ok = ret_captured != NULL ? exec_captured(r, body, ret_captured) : exec_body(r, body);
    r->frame = outer;
    return ok;
}

static bool exec_set_block(struct render *r, const struct node *node)
{
    value v;
    if (!exec_scoped(r, node->b, &v)) {
        return false;
    }
    v = r->autoescape ? as_markup(v) : v;
    return (node->c == NULL || apply_filters(r, node->c, v, &v)) && assign_target(r, node->a, v);
}

static bool exec_filter_block(struct render *r, const struct node *node)
{
    value v;
    return exec_scoped(r, node->b, &v) &&
           apply_filters(r, node->a, r->autoescape ? as_markup(v) : v, &v) &&
           (r->extended || output_value(r, v, node_span(r, node)));
}

/* ---- if ---- */

/* Whatever the body of an undecided branch would set is unknown from here on. */
static bool spoil(struct render *r, const struct node *node, bool own_frame)
{
    if (node == NULL) {
        return true;
    }
    if (node->kind == NODE_SET || node->kind == NODE_SET_BLOCK) {
        bool visible = node->a->kind == NODE_NSREF || !own_frame;
        if (!visible) {
            return true;
        }
        if (node->a->kind == NODE_TUPLE) {
            return assign_tuple(r, node->a, value_unknown());
        }
        return assign_target(r, node->a, value_unknown());
    }
    if (node->kind < NODE_TEXT || node->kind == NODE_FROM || node->kind == NODE_MACRO) {
        return true;
    }
    own_frame |= node->kind == NODE_FOR || node->kind == NODE_WITH;
    for (uint32_t i = 0; i < node->count; i++) {
        if (!spoil(r, node->items[i], own_frame)) {
            return false;
        }
    }
    return spoil(r, node->b, own_frame) && spoil(r, node->d, own_frame);
}

static bool exec_if(struct render *r, const struct node *node)
{
    for (uint32_t i = 0; i + 1 < node->count; i += 2) {
        value condition;
        enum truth truth;
        if (!eval_node(r, node->items[i], &condition) ||
            !truth_of(r, condition, node_span(r, node->items[i]), &truth)) {
            return false;
        }
        if (truth == TRUTH_UNKNOWN) {
            return output_value(r, value_unknown(), node_span(r, node)) && spoil(r, node, false);
        }
        if (truth == TRUTH_TRUE) {
            return exec_body(r, node->items[i + 1]);
        }
    }
    return node->b == NULL || exec_body(r, node->b);
}

/* ---- the others ---- */

static bool exec_with(struct render *r, const struct node *node)
{
    /* The values are evaluated before any of the names is set. */
    value *values = NEW_ARRAY(r->arena, value, node->count / 2);
    struct frame *outer = r->frame;
    for (uint32_t i = 0; i + 1 < node->count; i += 2) {
        if (!eval_node(r, node->items[i + 1], &values[i / 2])) {
            return false;
        }
    }
    r->frame = frame_new(r->arena, outer);
    bool ok = true;
    for (uint32_t i = 0; ok && i + 1 < node->count; i += 2) {
        ok = assign_target(r, node->items[i], values[i / 2]);
    }
    ok = ok && exec_body(r, node->b);
    r->frame = outer;
    return ok;
}

static bool exec_autoescape(struct render *r, const struct node *node)
{
    value v;
    enum truth truth;
    if (!eval_node(r, node->a, &v) || !truth_of(r, v, node_span(r, node->a), &truth)) {
        return false;
    }
    bool outer = r->autoescape;
    r->autoescape = truth == TRUTH_TRUE;
    bool ok = exec_scoped(r, node->b, NULL);
    r->autoescape = outer;
    return ok;
}

static bool exec_output(struct render *r, const struct node *node)
{
    value v;
    return r->extended || (eval_node(r, node->a, &v) && output_value(r, v, node_span(r, node->a)));
}

static bool exec_set(struct render *r, const struct node *node)
{
    value v;
    return eval_node(r, node->b, &v) && assign_target(r, node->a, v);
}

static bool exec_do(struct render *r, const struct node *node)
{
    value ignored;
    return eval_node(r, node->a, &ignored);
}

static bool exec_text(struct render *r, const struct node *node)
{
    if (!r->extended) {
        output_text(r, node->as.constant);
    }
    return true;
}

static bool exec_break(struct render *r, const struct node *node)
{
    r->flow = FLOW_BREAK;
    return true;
}

static bool exec_continue(struct render *r, const struct node *node)
{
    r->flow = FLOW_CONTINUE;
    return true;
}

static bool (*const statements[])(struct render *, const struct node *) = {
    [NODE_TEXT] = exec_text,
    [NODE_OUTPUT] = exec_output,
    [NODE_IF] = exec_if,
    [NODE_FOR] = exec_for,
    [NODE_SET] = exec_set,
    [NODE_SET_BLOCK] = exec_set_block,
    [NODE_MACRO] = exec_macro,
    [NODE_CALL_BLOCK] = exec_call_block,
    [NODE_FILTER_BLOCK] = exec_filter_block,
    [NODE_BLOCK] = exec_block,
    [NODE_EXTENDS] = exec_extends,
    [NODE_INCLUDE] = exec_include,
    [NODE_IMPORT] = exec_import,
    [NODE_FROM] = exec_from,
    [NODE_WITH] = exec_with,
    [NODE_AUTOESCAPE] = exec_autoescape,
    [NODE_DO] = exec_do,
    [NODE_BREAK] = exec_break,
    [NODE_CONTINUE] = exec_continue,
    [NODE_BODY] = exec_body,
};

static bool exec_node(struct render *r, const struct node *node)
{
    BUG_ON(node->kind >= ARRAY_LEN(statements) || statements[node->kind] == NULL);
    return eval_step(r, node_span(r, node)) && statements[node->kind](r, node);
}

bool exec_body(struct render *r, const struct node *body)
{
    if (++r->state->depth > MAX_DEPTH) {
        r->state->depth--;
        render_error(r, node_span(r, body), TEMPLATE_FAILED,
                     "templates, macros or statements are nested too deeply");
        return false;
    }
    bool ok = true;
    for (uint32_t i = 0; ok && i < body->count && r->flow == FLOW_NEXT; i++) {
        ok = exec_node(r, body->items[i]);
    }
    r->state->depth--;
    return ok;
}
