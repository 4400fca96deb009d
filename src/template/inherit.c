/* inherit.c - templates that use other templates: blocks and extends, include, import. */
#include "base/path.h"
#include "template/core.h"

/* ---- blocks ---- */

static struct named_block *find_block(struct block_list *blocks, const struct symbol *name)
{
    for (size_t i = 0; blocks != NULL && i < blocks->items.len; i++) {
        if (blocks->items.items[i].name == name) {
            return &blocks->items.items[i];
        }
    }
    return NULL;
}

/* The blocks of one more template, behind those of the templates that extend it. */
static void add_blocks(struct render *r)
{
    const struct program *program = r->program;
    if (r->blocks == NULL) {
        r->blocks = NEW(r->arena, struct block_list);
    }
    struct render *home = NEW(r->arena, struct render);
    *home = *r;
    for (uint32_t i = 0; i < program->block_count; i++) {
        struct block *block = NEW(r->arena, struct block);
        *block = (struct block){ .node = program->blocks[i].node, .home = home };
        struct named_block *named = find_block(r->blocks, program->blocks[i].name);
        if (named == NULL) {
            *VEC_PUSH(r->arena, &r->blocks->items) =
                (struct named_block){ program->blocks[i].name, block };
            continue;
        }
        struct block *last = named->first;
        while (last->parent != NULL) {
            last = last->parent;
        }
        last->parent = block;
    }
}

static bool run_block(struct render *r, const struct block *block, struct frame *outer)
{
    struct render in = *block->home;
    in.out = r->out;
    in.block = block;
    in.context = r->context;
    in.blocks = r->blocks;
    in.extended = false;
    in.autoescape = r->autoescape;
    in.frame = frame_new(r->arena, outer);
    struct render *before = r->state->render;
    r->state->render = &in;
    bool ok = exec_body(&in, block->node->b);
    r->state->render = before;
    return ok;
}

bool exec_block(struct render *r, const struct node *node)
{
    if (r->extended) {
        return true;
    }
    const struct named_block *named = find_block(r->blocks, node->as.name);
    if (node->context && named->first->node == node) {
        render_error(r, node_span(r, node), TEMPLATE_FAILED,
                     "block '%.*s' is required: a template that extends this one must define it",
                     SARG(node->as.name->name));
        return false;
    }
    bool scoped = node->flag || named->first->node->flag;
    return run_block(r, named->first, scoped ? r->frame : r->context->exports);
}

static bool block_text(struct render *r, const struct block *block, struct frame *frame, value *ret)
{
    struct output out, *outer = r->out;
    output_init(&out, r->arena);
    r->out = &out;
    bool ok = run_block(r, block, frame);
    r->out = outer;
    if (ok) {
        *ret = output_result(r, &out);
        *ret = r->autoescape ? as_markup(*ret) : *ret;
    }
    return ok;
}

bool super_call(struct render *r, const struct node *node, value *ret)
{
    span at = node_span(r, node);
    if (r->block == NULL) {
        render_error(r, at, TEMPLATE_FAILED, "'super' only exists within blocks");
        return false;
    }
    if (r->block->parent == NULL) {
        render_error(r, at, TEMPLATE_UNDEFINED, "there is no parent block called '%.*s'",
                     SARG(r->block->node->as.name->name));
        return false;
    }
    return block_text(r, r->block->parent, r->frame, ret);
}

/* `self`: its attributes are the blocks, as functions. */
struct block_call {
    struct render *render;
    const struct block *block;
};

static bool call_block(struct eval *eval, void *data, const struct call_args *args, value *ret)
{
    const struct block_call *call = data;
    struct render *r = eval->state->render;
    return block_text(r, call->block, r->context->exports, ret);
}

static void print_self(struct strbuf *out, const void *data, bool repr)
{
    strbuf_add(out, S("<TemplateReference None>"));
}

static const struct object_ops block_call_ops = { .call = call_block };
static const struct object_type block_call_type = { .name = "BlockReference",
                                                    .print = print_self,
                                                    .ops = &block_call_ops };

static bool self_get(struct eval *eval, void *data, value key, value *ret)
{
    struct render *r = data;
    *ret = value_undefined(eval->arena, STR_EMPTY);
    bool blocks = r->blocks != NULL && value_is(key, VALUE_STR);
    for (size_t i = 0; blocks && i < r->blocks->items.len; i++) {
        if (str_eq(r->blocks->items.items[i].name->name, value_as_str(key))) {
            struct block_call *call = NEW(eval->arena, struct block_call);
            *call = (struct block_call){ r, r->blocks->items.items[i].first };
            *ret = value_object(eval->arena, &block_call_type, call);
        }
    }
    return true;
}

static const struct object_ops self_ops = { .get = self_get };
static const struct object_type self_type = { .name = "TemplateReference",
                                              .print = print_self,
                                              .ops = &self_ops };

value block_reference(struct render *r)
{
    struct render *copy = NEW(r->arena, struct render);
    *copy = *r;
    return value_object(r->arena, &self_type, copy);
}

/* ---- other templates ---- */

struct template_object {
    struct context *context; /* with its exports */
    value text;
    value body; /* what it printed */
};

static void print_module(struct strbuf *out, const void *data, bool repr)
{
    const struct template_object *module = data;
    strbuf_add(out, value_is(module->body, VALUE_STR) ? value_as_str(module->body) : STR_EMPTY);
}

static bool module_get(struct eval *eval, void *data, value key, value *ret)
{
    const struct template_object *module = data;
    const struct frame *exports = module->context->exports;
    *ret = value_undefined(eval->arena, STR_EMPTY);
    for (size_t i = 0; value_is(key, VALUE_STR) && i < exports->bindings.len; i++) {
        str name = exports->bindings.items[i].name->name;
        if (str_eq(name, value_as_str(key)) && !str_starts(name, S("_"))) {
            *ret = exports->bindings.items[i].value;
        }
    }
    return true;
}

static const struct object_ops module_ops = { .get = module_get };
static const struct object_type module_type = { .name = "TemplateModule",
                                                .print = print_module,
                                                .ops = &module_ops };

static struct context *new_context(struct render *r, bool with)
{
    struct context *context = NEW(r->arena, struct context);
    context->exports = frame_new(r->arena, NULL);
    context->copies = frame_new(r->arena, NULL);
    if (with) {
        context->scope = r->context->scope;
        context->passed = r->frame;
        context->passed_context = r->context;
    }
    return context;
}

/* A render for another text, with its own context. NULL after a diagnostic. */
static struct render *open_template(struct render *r, value text, struct context *context)
{
    const struct program *program = cache_program(r->eval, text, r->state->options);
    if (program == NULL) {
        return NULL;
    }
    struct render *in = NEW(r->arena, struct render);
    *in = (struct render){ .eval = r->eval, .state = r->state, .arena = r->arena };
    in->program = program;
    in->source = text;
    in->context = context;
    in->frame = context->exports;
    in->autoescape = r->autoescape;
    in->convert = r->convert;
    in->out = r->out;
    return in;
}

static bool run_template(struct render *r, struct render *in, span at, enum trail_kind what)
{
    struct trail trail = { r->state->trail, what, STR_NONE, r, at };
    if (r->state->depth + 20 > MAX_DEPTH) {
        render_error(r, at, TEMPLATE_FAILED, "templates use each other too deeply");
        return false;
    }
    r->state->trail = &trail;
    r->state->render = in;
    r->state->depth += 20;
    bool ok = render_program(in);
    r->state->depth -= 20;
    r->state->render = r;
    r->state->trail = trail.outer;
    return ok;
}

static bool template_missing(struct render *r, span at, value name)
{
    struct diag *diag = render_error(r, at, TEMPLATE_FAILED, "template '%.*s' is not found",
                                     SARG(value_masked(r->arena, value_print(r->arena, name))));
    if (value_is(name, VALUE_STR)) {
        note_file_places(r->eval, diag, "templates", value_as_str(name));
    }
    return false;
}

/* The first template of a name or a list of names. */
static bool select_template(struct render *r, value names, span at, value *ret, bool *ret_found)
{
    *ret_found = false;
    if (value_is(names, VALUE_UNDEFINED)) {
        return report_undefined(r, names, at);
    }
    size_t count = 1;
    const value *items = &names;
    if (value_is(names, VALUE_LIST)) {
        items = value_items(names, &count);
    }
    for (size_t i = 0; i < count && !*ret_found; i++) {
        if (value_is(items[i], VALUE_UNDEFINED) && !value_is(names, VALUE_LIST)) {
            return report_undefined(r, items[i], at);
        }
        if (value_is(items[i], VALUE_STR) &&
            !find_template(r->eval, value_as_str(items[i]), ret, ret_found)) {
            return false;
        }
    }
    return true;
}

static bool eval_template_name(struct render *r, const struct node *node, value *ret_text,
                               bool *ret_found, value *ret_name)
{
    return eval_node(r, node, ret_name) &&
           select_template(r, *ret_name, node_span(r, node), ret_text, ret_found);
}

bool exec_include(struct render *r, const struct node *node)
{
    value text, name;
    bool found;
    span at = node_span(r, node->a);
    if (!eval_template_name(r, node->a, &text, &found, &name)) {
        return false;
    }
    if (!found) {
        return node->flag || template_missing(r, at, name);
    }
    struct render *in = open_template(r, text, new_context(r, node->context));
    return in != NULL && run_template(r, in, at, TRAIL_INCLUDE);
}

static bool import_module(struct render *r, const struct node *node, value *ret)
{
    value text, name;
    bool found;
    span at = node_span(r, node->a);
    if (!eval_template_name(r, node->a, &text, &found, &name)) {
        return false;
    }
    if (!found) {
        return template_missing(r, at, name);
    }
    struct context *context = new_context(r, node->context);
    struct render *in = open_template(r, text, context);
    if (in == NULL) {
        return false;
    }
    struct output *out = NEW(r->arena, struct output);
    output_init(out, r->arena);
    in->out = out;
    if (!run_template(r, in, at, TRAIL_IMPORT)) {
        return false;
    }
    struct template_object *module = NEW(r->arena, struct template_object);
    *module = (struct template_object){ context, text, output_plain(out) };
    *ret = value_object(r->arena, &module_type, module);
    return true;
}

bool exec_import(struct render *r, const struct node *node)
{
    value module;
    if (!import_module(r, node, &module)) {
        return false;
    }
    frame_set(r, r->frame, node->as.name, module);
    return true;
}

bool exec_from(struct render *r, const struct node *node)
{
    value module;
    if (!import_module(r, node, &module)) {
        return false;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        struct import_name name = node->as.names[i];
        value v;
        value key = value_str(r->arena, name.name->name);
        if (!module_get(r->eval, value_object_data(module), key, &v)) {
            return false;
        }
        if (value_is(v, VALUE_UNDEFINED)) {
            v = value_undefined(r->arena, str_format(r->arena, "the template has no '%.*s'",
                                                     SARG(name.name->name)));
        }
        frame_set(r, r->frame, name.as, v);
    }
    return true;
}

/* ---- extends ---- */

bool exec_extends(struct render *r, const struct node *node)
{
    value name;
    if (!eval_node(r, node->a, &name)) {
        return false;
    }
    if (r->extended) {
        render_error(r, node_span(r, node), TEMPLATE_FAILED, "a template extends only one other");
        return false;
    }
    r->extended = true;
    r->extends = value_at(name, node_span(r, node->a));
    return true;
}

static bool render_parent(struct render *r)
{
    value text;
    bool found;
    if (!select_template(r, r->extends, r->extends.at, &text, &found)) {
        return false;
    }
    if (!found) {
        return template_missing(r, r->extends.at, r->extends);
    }
    struct render *in = open_template(r, text, r->context);
    if (in == NULL) {
        return false;
    }
    in->blocks = r->blocks;
    return run_template(r, in, r->extends.at, TRAIL_EXTENDS);
}

bool render_program(struct render *r)
{
    if (r->program->block_count > 0 || r->program->has_extends) {
        add_blocks(r);
    }
    return exec_body(r, r->program->body) && (!r->extended || render_parent(r));
}
