/* loop.c - `for`, and the variable `loop` within it. */
#include "template/core.h"

struct loop {
    struct render *render;
    struct frame *outer; /* around the statement: for recursive calls */
    const struct node *node;
    const value *items;
    size_t count, index;
    unsigned depth; /* from 0 */
    value changed;  /* what changed() was last asked about; undefined at first */
};

static const struct object_type loop_type, loop_method_type;

struct loop_method {
    struct loop *loop;
    bool cycle; /* else: changed */
};

static bool run_loop(struct render *r, const struct node *node, const value *items, size_t count,
                     unsigned depth);

static void print_loop(struct strbuf *out, const void *data, bool repr)
{
    const struct loop *loop = data;
    strbuf_addf(out, "<LoopContext %zu/%zu>", loop->index + 1, loop->count);
}

static void print_loop_method(struct strbuf *out, const void *data, bool repr)
{
    strbuf_add(out, S("<bound method of LoopContext>"));
}

static value loop_item(const struct loop *loop, size_t index, struct arena *arena, str what)
{
    return index < loop->count ? loop->items[index] : value_undefined(arena, what);
}

enum loop_attribute {
    LOOP_INDEX,
    LOOP_INDEX0,
    LOOP_FIRST,
    LOOP_LAST,
    LOOP_LENGTH,
    LOOP_REVINDEX,
    LOOP_REVINDEX0,
    LOOP_DEPTH,
    LOOP_DEPTH0,
    LOOP_PREVITEM,
    LOOP_NEXTITEM,
    LOOP_CYCLE,
    LOOP_CHANGED,
    LOOP_NOTHING
};

static enum loop_attribute attribute_named(str name)
{
    static const str names[] = {
        [LOOP_INDEX] = S_INIT("index"),         [LOOP_INDEX0] = S_INIT("index0"),
        [LOOP_FIRST] = S_INIT("first"),         [LOOP_LAST] = S_INIT("last"),
        [LOOP_LENGTH] = S_INIT("length"),       [LOOP_REVINDEX] = S_INIT("revindex"),
        [LOOP_REVINDEX0] = S_INIT("revindex0"), [LOOP_DEPTH] = S_INIT("depth"),
        [LOOP_DEPTH0] = S_INIT("depth0"),       [LOOP_PREVITEM] = S_INIT("previtem"),
        [LOOP_NEXTITEM] = S_INIT("nextitem"),   [LOOP_CYCLE] = S_INIT("cycle"),
        [LOOP_CHANGED] = S_INIT("changed"),
    };
    size_t i = 0;
    while (i < ARRAY_LEN(names) && !str_eq(names[i], name)) {
        i++;
    }
    return (enum loop_attribute)i;
}

static value loop_method(struct loop *loop, struct arena *arena, bool cycle)
{
    struct loop_method *method = NEW(arena, struct loop_method);
    *method = (struct loop_method){ loop, cycle };
    return value_object(arena, &loop_method_type, method);
}

static value loop_attribute(struct loop *loop, struct arena *arena, enum loop_attribute which)
{
    int64_t index = (int64_t)loop->index, count = (int64_t)loop->count;
    switch (which) {
    case LOOP_INDEX:
        return value_int(index + 1);
    case LOOP_INDEX0:
        return value_int(index);
    case LOOP_FIRST:
        return value_bool(index == 0);
    case LOOP_LAST:
        return value_bool(index == count - 1);
    case LOOP_LENGTH:
        return value_int(count);
    case LOOP_REVINDEX:
        return value_int(count - index);
    case LOOP_REVINDEX0:
        return value_int(count - index - 1);
    case LOOP_DEPTH:
        return value_int(loop->depth + 1);
    case LOOP_DEPTH0:
        return value_int(loop->depth);
    case LOOP_PREVITEM:
        return loop_item(loop, loop->index - 1, arena, S("there is no previous item"));
    case LOOP_NEXTITEM:
        return loop_item(loop, loop->index + 1, arena, S("there is no next item"));
    case LOOP_CYCLE:
        return loop_method(loop, arena, true);
    case LOOP_CHANGED:
        return loop_method(loop, arena, false);
    case LOOP_NOTHING:
        break;
    }
    return value_undefined(arena, STR_EMPTY);
}

static bool loop_get(struct eval *eval, void *data, value key, value *ret)
{
    bool named = value_is(key, VALUE_STR);
    *ret = loop_attribute(data, eval->arena,
                          named ? attribute_named(value_as_str(key)) : LOOP_NOTHING);
    return true;
}

static bool loop_length(struct eval *eval, void *data, size_t *ret)
{
    *ret = ((struct loop *)data)->count;
    return true;
}

/* loop(items): the same loop one level deeper, as text. */
static bool loop_call(struct eval *eval, void *data, const struct call_args *args, value *ret)
{
    struct loop *loop = data;
    struct render *r = loop->render;
    const value *items;
    size_t count;
    if (!loop->node->flag) {
        render_error(r, args->at, TEMPLATE_FAILED,
                     "the loop is not recursive: write 'recursive' at its 'for'");
        return false;
    }
    if (args->count != 1) {
        render_error(r, args->at, TEMPLATE_FAILED, "a recursive loop takes one list");
        return false;
    }
    if (!iterate(r, args->positional[0], args->at, &items, &count)) {
        return false;
    }
    struct frame *frame = r->frame;
    struct output out, *outer = r->out;
    output_init(&out, r->arena);
    r->out = &out;
    r->frame = loop->outer;
    bool ok = run_loop(r, loop->node, items, count, loop->depth + 1);
    r->out = outer;
    r->frame = frame;
    if (ok) {
        *ret = output_result(r, &out);
        *ret = r->autoescape ? as_markup(*ret) : *ret;
    }
    return ok;
}

static bool method_call(struct eval *eval, void *data, const struct call_args *args, value *ret)
{
    const struct loop_method *method = data;
    struct loop *loop = method->loop;
    if (!method->cycle) {
        value now = value_tuple(eval->arena, args->positional, args->count);
        bool changed = value_is(loop->changed, VALUE_UNDEFINED) ||
                       value_equal(loop->changed, now) != TRUTH_TRUE;
        loop->changed = now;
        return call_give(ret, value_bool(changed));
    }
    if (args->count == 0) {
        render_error(loop->render, args->at, TEMPLATE_FAILED, "no items for cycling given");
        return false;
    }
    return call_give(ret, args->positional[loop->index % args->count]);
}

static const struct object_ops loop_ops = { .get = loop_get,
                                            .length = loop_length,
                                            .call = loop_call };
static const struct object_type loop_type = { .name = "LoopContext",
                                              .print = print_loop,
                                              .ops = &loop_ops };
static const struct object_ops loop_method_ops = { .call = method_call };
static const struct object_type loop_method_type = { .name = "method",
                                                     .print = print_loop_method,
                                                     .ops = &loop_method_ops };

/* ---- running ---- */

/* A frame for the next round; the old one again, unless a macro still sees it. */
static struct frame *round_frame(struct render *r, struct frame *frame, struct frame *outer)
{
    if (frame == NULL || frame->captured) {
        return frame_new(r->arena, outer);
    }
    frame->bindings.len = 0;
    return frame;
}

/* The items that pass the condition of "for x in y if condition". */
static bool select_items(struct render *r, const struct node *node, const value **items,
                         size_t *count)
{
    struct list_builder kept = list_in(r->arena);
    struct frame *outer = r->frame, *frame = NULL;
    bool ok = true;
    for (size_t i = 0; ok && i < *count; i++) {
        value v;
        enum truth truth = TRUTH_FALSE;
        frame = r->frame = round_frame(r, frame, outer);
        ok = eval_step(r, node_span(r, node)) && assign_target(r, node->a, (*items)[i]) &&
             eval_node(r, node->c, &v) && truth_of(r, v, node_span(r, node->c), &truth);
        if (ok && truth != TRUTH_FALSE) {
            list_add(&kept, (*items)[i]);
        }
    }
    r->frame = outer;
    if (ok) {
        *items = value_items(list_seal(&kept), count);
    }
    return ok;
}

static bool run_else(struct render *r, const struct node *node)
{
    struct frame *outer = r->frame;
    if (node->d == NULL) {
        return true;
    }
    r->frame = frame_new(r->arena, outer);
    bool ok = exec_body(r, node->d);
    r->frame = outer;
    return ok;
}

static bool run_rounds(struct render *r, const struct node *node, struct loop *loop)
{
    struct frame *outer = r->frame, *frame = NULL;
    value loop_value = value_object(r->arena, &loop_type, loop);
    const struct symbol *name = node->context ? r->eval->env->names.loop : NULL;
    bool ok = true, completed = false;
    for (loop->index = 0; ok && loop->index < loop->count; loop->index++) {
        frame = r->frame = round_frame(r, frame, outer);
        ok =
            eval_step(r, node_span(r, node)) && assign_target(r, node->a, loop->items[loop->index]);
        if (ok && name != NULL) { /* behind the target, which is asked for more often */
            frame_set(r, frame, name, loop_value);
        }
        ok = ok && exec_body(r, node->items[0]);
        enum flow flow = r->flow;
        r->flow = FLOW_NEXT;
        completed |= flow == FLOW_NEXT;
        if (flow == FLOW_BREAK) {
            break;
        }
    }
    r->frame = outer;
    /* Jinja takes the else when no round came to its end. */
    return ok && (completed || run_else(r, node));
}

static bool run_loop(struct render *r, const struct node *node, const value *items, size_t count,
                     unsigned depth)
{
    if (node->c != NULL && !select_items(r, node, &items, &count)) {
        return false;
    }
    if (count == 0) {
        return run_else(r, node);
    }
    struct loop *loop = NEW(r->arena, struct loop);
    *loop = (struct loop){ .render = r, .outer = r->frame, .node = node, .items = items };
    loop->count = count;
    loop->depth = depth;
    return run_rounds(r, node, loop);
}

bool exec_for(struct render *r, const struct node *node)
{
    value v;
    const value *items;
    size_t count;
    if (!eval_node(r, node->b, &v)) {
        return false;
    }
    if (value_is(v, VALUE_UNKNOWN)) { /* nobody can tell how often */
        return output_value(r, v, node_span(r, node->b));
    }
    return iterate(r, v, node_span(r, node->b), &items, &count) &&
           run_loop(r, node, items, count, 0);
}
