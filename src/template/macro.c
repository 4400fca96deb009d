/* macro.c - macros and call blocks. */
#include "template/core.h"

struct macro {
    struct render home; /* where it was defined; its output and frame are set at each call */
    const struct macro_node *node;
    str name;
};

static void print_macro(struct strbuf *out, const void *data, bool repr)
{
    const struct macro *macro = data;
    strbuf_addf(out, "<Macro '%.*s'>", SARG(macro->name));
}

static bool macro_error(struct render *r, const struct macro *macro, const struct call_args *args,
                        const char *what, str name)
{
    struct diag *diag = render_error(r, args->at, TEMPLATE_FAILED, "macro '%.*s' %s '%.*s'",
                                     SARG(macro->name), what, SARG(name));
    str *names = NEW_ARRAY(r->arena, str, macro->node->param_count);
    for (uint32_t i = 0; i < macro->node->param_count; i++) {
        names[i] = macro->node->params[i]->name;
    }
    diag_suggest(diag, name, names, macro->node->param_count);
    return false;
}

static bool keyword_given(const struct call_args *args, str name, value *ret)
{
    return value_is(args->keywords, VALUE_MAP) && value_map_get(args->keywords, name, ret);
}

/* One parameter: positional, by name, its default, or undefined. */
static bool bind_parameter(struct render *in, const struct macro *macro, uint32_t i,
                           const struct call_args *args, value *ret)
{
    const struct macro_node *node = macro->node;
    str name = node->params[i]->name;
    value by_name;
    bool named = keyword_given(args, name, &by_name);
    if (i < args->count) {
        *ret = args->positional[i];
        return !named || macro_error(in, macro, args, "takes no second value for", name);
    }
    uint32_t first_default = node->param_count - node->default_count;
    if (named) {
        *ret = by_name;
        if (!value_is(by_name, VALUE_UNDEFINED) || i < first_default) {
            return true;
        }
    }
    if (i >= first_default) {
        return eval_node(in, node->defaults[i - first_default], ret);
    }
    *ret = value_undefined(in->arena,
                           str_format(in->arena, "parameter '%.*s' was not given", SARG(name)));
    return true;
}

/* Keywords that are no parameters go to `kwargs`, if the body uses it. */
static bool bind_keywords(struct render *in, const struct macro *macro,
                          const struct call_args *args)
{
    const struct macro_node *node = macro->node;
    struct map_builder rest = map_in(in->arena);
    size_t count = value_is(args->keywords, VALUE_MAP) ? value_count(args->keywords) : 0;
    for (size_t i = 0; i < count; i++) {
        value key = value_map_key(args->keywords, i);
        str name = value_is(key, VALUE_STR) ? value_as_str(key) : STR_EMPTY;
        bool known = node->uses_caller && str_eq(name, S("caller"));
        for (uint32_t k = 0; k < node->param_count; k++) {
            known |= str_eq(name, node->params[k]->name);
        }
        if (!known && !node->uses_kwargs) {
            return macro_error(in, macro, args, "takes no argument", name);
        }
        if (!known) {
            map_set(&rest, key, value_map_value(args->keywords, i));
        }
    }
    if (node->uses_kwargs) {
        frame_set(in, in->frame, in->eval->env->names.kwargs, map_seal(&rest));
    }
    return true;
}

static bool bind_rest(struct render *in, const struct macro *macro, const struct call_args *args)
{
    const struct macro_node *node = macro->node;
    bool more = args->count > node->param_count;
    if (node->uses_varargs) {
        const value *rest = more ? args->positional + node->param_count : NULL;
        frame_set(in, in->frame, in->eval->env->names.varargs,
                  value_tuple(in->arena, rest, more ? args->count - node->param_count : 0));
    } else if (more) {
        render_error(in, args->at, TEMPLATE_FAILED,
                     "macro '%.*s' takes at most %u arguments, not %zu", SARG(macro->name),
                     node->param_count, args->count);
        return false;
    }
    return true;
}

static void bind_caller(struct render *in, const struct macro *macro, const struct call_args *args)
{
    if (!macro->node->uses_caller) {
        return;
    }
    value caller;
    if (!keyword_given(args, S("caller"), &caller)) {
        caller = value_undefined(in->arena, S("there is no caller: this is no call block"));
    }
    frame_set(in, in->frame, in->eval->env->names.caller, caller);
}

static bool bind(struct render *in, const struct macro *macro, const struct call_args *args)
{
    if (!bind_rest(in, macro, args) || !bind_keywords(in, macro, args)) {
        return false;
    }
    bind_caller(in, macro, args);
    for (uint32_t i = 0; i < macro->node->param_count; i++) {
        value v;
        if (!bind_parameter(in, macro, i, args, &v)) {
            return false;
        }
        frame_set(in, in->frame, macro->node->params[i], v);
    }
    return true;
}

static bool call_macro(struct eval *eval, void *data, const struct call_args *args, value *ret)
{
    struct macro *macro = data;
    struct render *caller = eval->state->render;
    struct render in = macro->home;
    struct output out;
    output_init(&out, in.arena);
    in.out = &out;
    in.flow = FLOW_NEXT;
    in.extended = false;
    in.autoescape = caller->autoescape;
    in.frame = frame_new(in.arena, macro->home.frame);
    struct trail trail = { eval->state->trail, TRAIL_MACRO, macro->name, caller, args->at };
    if (!bind(&in, macro, args)) {
        return false;
    }
    eval->state->trail = &trail;
    eval->state->render = &in;
    bool ok = exec_body(&in, macro->node->body);
    eval->state->render = caller;
    eval->state->trail = trail.outer;
    if (ok) {
        *ret = output_result(&in, &out);
        *ret = in.autoescape ? as_markup(*ret) : *ret;
    }
    return ok;
}

static bool macro_attribute(struct eval *eval, void *data, value key, value *ret)
{
    const struct macro *macro = data;
    str name = value_is(key, VALUE_STR) ? value_as_str(key) : STR_EMPTY;
    *ret = value_undefined(eval->arena, STR_EMPTY);
    if (str_eq(name, S("name"))) {
        *ret = macro->node->name == NULL ? value_null() : value_str(eval->arena, macro->name);
    } else if (str_eq(name, S("arguments"))) {
        struct list_builder list = list_in(eval->arena);
        for (uint32_t i = 0; i < macro->node->param_count; i++) {
            list_add(&list, value_str(eval->arena, macro->node->params[i]->name));
        }
        *ret = tuple_seal(&list);
    } else if (str_eq(name, S("catch_kwargs"))) {
        *ret = value_bool(macro->node->uses_kwargs);
    } else if (str_eq(name, S("catch_varargs"))) {
        *ret = value_bool(macro->node->uses_varargs);
    } else if (str_eq(name, S("caller"))) {
        *ret = value_bool(macro->node->uses_caller);
    }
    return true;
}

static const struct object_ops macro_ops = { .get = macro_attribute, .call = call_macro };
static const struct object_type macro_type = { .name = "Macro",
                                               .print = print_macro,
                                               .ops = &macro_ops };

static value make_macro(struct render *r, const struct macro_node *node, str name)
{
    struct macro *macro = NEW(r->arena, struct macro);
    *macro = (struct macro){ .home = *r, .node = node, .name = name };
    for (struct frame *f = r->frame; f != NULL && !f->captured; f = f->outer) {
        f->captured = true;
    }
    return value_object(r->arena, &macro_type, macro);
}

bool exec_macro(struct render *r, const struct node *node)
{
    const struct symbol *name = node->as.macro->name;
    frame_set(r, r->frame, name, make_macro(r, node->as.macro, name->name));
    return true;
}

/* {% call f(x) %}body{% endcall %}: f(x, caller=body). */
bool exec_call_block(struct render *r, const struct node *node)
{
    struct node with_caller = *node->a;
    struct arg_nodes args =
        node->a->as.call.args != NULL ? *node->a->as.call.args : (struct arg_nodes){ 0 };
    struct node constant = { .kind = NODE_CONST, .from = node->from, .to = node->to };
    constant.as.constant = make_macro(r, node->as.macro, S("caller"));
    struct keyword_node *keywords =
        NEW_ARRAY(r->arena, struct keyword_node, args.keyword_count + 1);
    for (uint32_t i = 0; i < args.keyword_count; i++) {
        keywords[i] = args.keywords[i];
    }
    keywords[args.keyword_count++] =
        (struct keyword_node){ r->eval->env->names.caller, &constant, node->from };
    args.keywords = keywords;
    with_caller.as.call.args = &args;
    value v;
    return eval_node(r, &with_caller, &v) && output_value(r, v, node_span(r, node->a));
}
