/* eval.c - expressions: nodes to values. */
#include "base/bug.h"
#include "formats/objects.h"
#include "template/core.h"

#define LOOK_EVERY 64u

bool eval_look_at_bounds(struct render *r, span at)
{
    struct eval_state *state = r->state;
    if (state->steps > state->step_limit) {
        render_error(r, at, TEMPLATE_FAILED, "template takes more than %u steps: it is given up",
                     state->step_limit);
        return false;
    }
    if (arena_used(r->arena) > state->memory_limit) {
        render_error(r, at, TEMPLATE_FAILED,
                     "template needs more than %zu MiB of memory: it is given up",
                     state->memory_limit >> 20);
        return false;
    }
    /* Another evaluation may have been the last to watch the same arena. */
    arena_watch(r->arena, state->memory_limit, &state->look_at);
    uint32_t left = state->step_limit - state->steps;
    state->look_at = state->steps + (left < LOOK_EVERY ? left : LOOK_EVERY);
    return true;
}

static bool too_deep(struct render *r, const struct node *node)
{
    render_error(r, node_span(r, node), TEMPLATE_FAILED,
                 "templates, macros or expressions are nested too deeply");
    return false;
}

/* ---- names, attributes, items ---- */

/* The whole text of an expression whose node only covers its last part. */
static str expression_text(const struct render *r, const struct node *node)
{
    uint32_t from = node->from;
    for (const struct node *n = node; n != NULL; n = n->a) {
        from = n->from < from ? n->from : from;
        if (n->kind == NODE_NAME || n->kind == NODE_CONST) {
            break;
        }
    }
    return str_part(r->program->text, from, node->to);
}

/* An attribute or key that does not exist: undefined, with a message that names the path, unless
 * nobody is going to ask for it. */
static value missing(struct render *r, const struct node *node, value object, str name)
{
    if (node->flag) {
        return (value){ .kind = VALUE_UNDEFINED };
    }
    str path = expression_text(r, node->a);
    str of_map[] = { S("'"), path, S("' has no key '"), name, S("'") }; /* often, and seldom read */
    str what = value_is(object, VALUE_MAP) || value_is(object, VALUE_OBJECT)
                   ? str_concat_all(r->arena, of_map, ARRAY_LEN(of_map))
                   : str_format(r->arena, "'%.*s' is %s %s and has no attribute '%.*s'", SARG(path),
                                A_TYPE(object), SARG(name));
    value undefined = value_at(value_undefined_shared(r->arena, what), node_span(r, node));
    remember_origin(r->eval, undefined, (struct origin){ .container = object, .name = name });
    return undefined;
}

static bool eval_attr(struct render *r, const struct node *node, value *ret)
{
    value object;
    if (!eval_node(r, node->a, &object)) {
        return false;
    }
    const struct symbol *name = node->as.name;
    if (value_is(object, VALUE_MAP) && name->map_method == NULL) {
        if (!value_map_get_near(object, name->name, name->hash, node->place, ret)) {
            *ret = missing(r, node, object, name->name);
        }
        return true;
    }
    value found;
    if (!get_attribute(r, object, name->key, node_span(r, node), &found)) {
        return false;
    }
    bool absent = value_is(found, VALUE_UNDEFINED) && value_undefined_what(found).len == 0;
    *ret = absent ? missing(r, node, object, name->name) : found;
    return true;
}

static str key_text(struct render *r, value key)
{
    return value_is(key, VALUE_STR) ? value_as_str(key)
                                    : value_masked(r->arena, value_repr(r->arena, key));
}

static bool eval_item(struct render *r, const struct node *node, value *ret)
{
    value object, key, found;
    if (!eval_node(r, node->a, &object) || !eval_node(r, node->b, &key) ||
        !get_item(r, object, key, node_span(r, node), &found)) {
        return false;
    }
    bool absent = value_is(found, VALUE_UNDEFINED) && value_undefined_what(found).len == 0;
    if (absent && !node->flag && value_is(object, VALUE_LIST) && is_integer(key)) {
        str path = expression_text(r, node->a);
        found = value_undefined(
            r->arena, str_format(r->arena, "'%.*s' has %zu items and none at %.*s", SARG(path),
                                 value_count(object), SARG(key_text(r, key))));
        absent = false;
    }
    if (absent && !node->flag) {
        found = missing(r, node, object, key_text(r, key));
    }
    *ret = found;
    return true;
}

static bool eval_optional(struct render *r, const struct node *node, value *ret)
{
    *ret = value_null();
    return node == NULL || eval_node(r, node, ret);
}

static bool eval_slice(struct render *r, const struct node *node, value *ret)
{
    value object, from, to, step;
    return eval_node(r, node->a, &object) && eval_optional(r, node->b, &from) &&
           eval_optional(r, node->c, &to) && eval_optional(r, node->d, &step) &&
           get_slice(r, object, from, to, step, node_span(r, node), ret);
}

/* ---- calls ---- */

static bool add_star(struct render *r, const struct node *node, span at, struct list_builder *list)
{
    value v;
    const value *items;
    size_t count;
    if (!eval_node(r, node, &v) || !iterate(r, v, at, &items, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        list_add(list, items[i]);
    }
    return true;
}

static bool add_star_star(struct render *r, const struct node *node, span at,
                          struct map_builder *map)
{
    value v;
    if (!eval_node(r, node, &v) || !plain_value(r, v, &v)) {
        return false;
    }
    if (!value_is(v, VALUE_MAP)) {
        render_error(r, at, TEMPLATE_FAILED, "argument after ** must be a map, not %s %s",
                     A_TYPE(v));
        return false;
    }
    for (size_t i = 0; i < value_count(v); i++) {
        map_set(map, value_map_key(v, i), value_map_value(v, i));
    }
    return true;
}

static bool eval_keywords(struct render *r, const struct arg_nodes *nodes, span at, value *ret)
{
    struct map_builder map = map_in(r->arena);
    for (uint32_t i = 0; i < nodes->keyword_count; i++) {
        value v;
        value key = value_str(r->arena, nodes->keywords[i].name->name);
        if (!eval_node(r, nodes->keywords[i].value, &v)) {
            return false;
        }
        if (map_has(&map, key, NULL)) {
            render_error(r, at, TEMPLATE_FAILED, "argument '%.*s' is given twice",
                         SARG(nodes->keywords[i].name->name));
            return false;
        }
        map_set(&map, key, v);
    }
    if (nodes->star_star != NULL && !add_star_star(r, nodes->star_star, at, &map)) {
        return false;
    }
    *ret = map_seal(&map);
    return true;
}

bool eval_args(struct render *r, const struct arg_nodes *nodes, span at, struct call_args *ret)
{
    *ret = (struct call_args){ .at = at, .keywords = { .kind = VALUE_UNDEFINED } };
    if (nodes == NULL) {
        return true;
    }
    if (nodes->star == NULL) {
        value *items = NEW_ARRAY(r->arena, value, nodes->positional_count);
        for (uint32_t i = 0; i < nodes->positional_count; i++) {
            if (!eval_node(r, nodes->positional[i], &items[i])) {
                return false;
            }
        }
        ret->positional = items;
        ret->count = nodes->positional_count;
    } else {
        struct list_builder list = list_in(r->arena);
        for (uint32_t i = 0; i < nodes->positional_count; i++) {
            value v;
            if (!eval_node(r, nodes->positional[i], &v)) {
                return false;
            }
            list_add(&list, v);
        }
        if (!add_star(r, nodes->star, at, &list)) {
            return false;
        }
        ret->positional = value_items(list_seal(&list), &ret->count);
    }
    bool keywords = nodes->keyword_count > 0 || nodes->star_star != NULL;
    return !keywords || eval_keywords(r, nodes, at, &ret->keywords);
}

bool call_value(struct render *r, value callee, const struct call_args *args, value *ret)
{
    if (value_is(callee, VALUE_UNDEFINED)) {
        return report_undefined(r, callee, args->at);
    }
    if (value_is(callee, VALUE_UNKNOWN)) {
        *ret = value_unknown();
        return true;
    }
    if (value_is(callee, VALUE_OBJECT)) {
        const struct object_ops *ops = value_object_type(callee)->ops;
        if (ops != NULL && ops->call != NULL) {
            return ops->call(r->eval, value_object_data(callee), args, ret);
        }
    }
    render_error(r, args->at, TEMPLATE_FAILED, "%s %s cannot be called", A_TYPE(callee));
    return false;
}

static bool call_method(struct render *r, const struct node *node, value object, bool *ret_found,
                        value *ret)
{
    const struct node *callee = node->a;
    const struct function *method = value_is(object, VALUE_MAP)
                                        ? callee->as.name->map_method
                                        : find_method(r->eval->env, object, callee->as.name->name);
    *ret_found = method != NULL;
    if (method == NULL) {
        return true;
    }
    struct call_args args;
    return eval_args(r, node->as.call.args, node_span(r, callee), &args) &&
           function_call(r, method, object, &args, ret);
}

static bool eval_method(struct render *r, const struct node *node, value *ret)
{
    value object;
    bool found = false;
    if (!eval_node(r, node->a->a, &object)) {
        return false;
    }
    if (value_is(object, VALUE_UNKNOWN)) {
        *ret = value_unknown();
        return true;
    }
    if (!call_method(r, node, object, &found, ret)) {
        return false;
    }
    if (found) {
        return true;
    }
    const struct symbol *name = node->a->as.name;
    value callee;
    if (!get_attribute(r, object, name->key, node_span(r, node->a), &callee)) {
        return false;
    }
    if (value_is(callee, VALUE_UNDEFINED) && value_undefined_what(callee).len == 0) {
        callee = missing(r, node->a, object, name->name);
    }
    struct call_args args;
    return eval_args(r, node->as.call.args, node_span(r, node->a), &args) &&
           call_value(r, callee, &args, ret);
}

static bool eval_call(struct render *r, const struct node *node, value *ret)
{
    if (node->a->kind == NODE_ATTR) {
        return eval_method(r, node, ret);
    }
    value callee;
    struct call_args args;
    if (node->a->kind == NODE_NAME && str_eq(node->a->as.name->name, S("super"))) {
        return super_call(r, node, ret);
    }
    if (!eval_node(r, node->a, &callee)) {
        return false;
    }
    if (value_is(callee, VALUE_UNDEFINED)) {
        return report_undefined(r, callee, node_span(r, node->a));
    }
    return eval_args(r, node->as.call.args, node_span(r, node->a), &args) &&
           call_value(r, callee, &args, ret);
}

/* ---- filters and tests ---- */

static bool unknown_function(struct render *r, const struct node *node, const char *kind)
{
    span at = render_span(r, node->from, node->from + node->as.call.spelling.len);
    struct diag *diag = render_error(r, at, TEMPLATE_SYNTAX, "no %s is called '%.*s'", kind,
                                     SARG(node->as.call.spelling));
    size_t count;
    const struct template_env *env = r->eval->env;
    const str *names =
        name_table_names(r->arena, node->kind == NODE_FILTER ? &env->filters : &env->tests, &count);
    diag_suggest(diag, node->as.call.spelling, names, count);
    return false;
}

/* A variable that is a vault, for the few who ask what it is. */
static bool encrypted_variable(struct render *r, const struct node *node, value *ret)
{
    if (node->kind != NODE_NAME || r->context->scope == NULL) {
        return false;
    }
    for (const struct frame *frame = r->frame; frame != NULL; frame = frame->outer) {
        if (frame_get(frame, node->as.name, ret)) {
            return false;
        }
    }
    return scope_raw(r->eval, node->as.name->name, ret) && value_is_object(*ret, &vault_type);
}

/* What stands before a filter or test. */
static bool eval_input(struct render *r, const struct node *node, value *ret)
{
    bool encrypted = (node->as.call.function->row->flags & CALL_ENCRYPTED) != 0;
    return (encrypted && encrypted_variable(r, node->a, ret)) || eval_node(r, node->a, ret);
}

/* Of a filter or test. */
static bool call_function(struct render *r, const struct node *node, value input, value *ret)
{
    const struct function *function = node->as.call.function;
    const struct arg_nodes *nodes = node->as.call.args;
    span at = render_span(r, node->from, node->from + node->as.call.spelling.len);
    if (nodes->bound != NULL) {
        return function_call_bound(r, function, input, nodes, at, ret);
    }
    struct call_args args;
    return eval_args(r, nodes, at, &args) && function_call(r, function, input, &args, ret);
}

static bool eval_filter(struct render *r, const struct node *node, value *ret)
{
    value input;
    if (node->as.call.function == NULL) {
        return unknown_function(r, node, "filter");
    }
    if (node->a == NULL) {
        input = *r->filter_input;
    } else if (!eval_input(r, node, &input)) {
        return false;
    }
    return call_function(r, node, input, ret);
}

static bool eval_test(struct render *r, const struct node *node, value *ret)
{
    value input, result;
    if (node->as.call.function == NULL) {
        return unknown_function(r, node, "test");
    }
    if (!eval_input(r, node, &input) || !call_function(r, node, input, &result)) {
        return false;
    }
    if (!node->flag || value_is(result, VALUE_UNKNOWN)) {
        *ret = result;
        return true;
    }
    enum truth truth;
    if (!truth_of(r, result, node_span(r, node), &truth)) {
        return false;
    }
    *ret = value_bool(truth == TRUTH_FALSE);
    return true;
}

/* ---- logic ---- */

/* One side is unknown: the other decides if it can. That it fails proves nothing: in a real run it
 * might never have been reached. */
static bool eval_other_side(struct render *r, const struct node *node, enum truth decides,
                            value *ret)
{
    struct diag_mark mark = diags_mark(r->eval);
    value other;
    enum truth truth;
    *ret = value_unknown();
    if (!eval_node(r, node->b, &other) || !truth_of(r, other, node_span(r, node->b), &truth)) {
        diags_forget(r->eval, mark);
        return true;
    }
    if (truth == decides) {
        *ret = other;
    }
    return true;
}

static bool eval_logic(struct render *r, const struct node *node, value *ret)
{
    enum truth decides = node->kind == NODE_AND ? TRUTH_FALSE : TRUTH_TRUE;
    value left;
    enum truth truth;
    if (!eval_node(r, node->a, &left) || !truth_of(r, left, node_span(r, node->a), &truth)) {
        return false;
    }
    if (truth == TRUTH_UNKNOWN) {
        return eval_other_side(r, node, decides, ret);
    }
    if (truth == decides) {
        *ret = left;
        return true;
    }
    return eval_node(r, node->b, ret);
}

static bool eval_not(struct render *r, const struct node *node, value *ret)
{
    value v;
    enum truth truth;
    if (!eval_node(r, node->a, &v) || !truth_of(r, v, node_span(r, node->a), &truth)) {
        return false;
    }
    *ret = truth == TRUTH_UNKNOWN ? value_unknown() : value_bool(truth == TRUTH_FALSE);
    return true;
}

static value no_else(struct render *r, const struct node *node)
{
    value v = value_undefined(r->arena, S("the condition is false and there is no 'else'"));
    v.flags |= FLAG_LENIENT;
    return value_at(v, node_span(r, node));
}

static bool eval_cond(struct render *r, const struct node *node, value *ret)
{
    value condition;
    enum truth truth;
    if (!eval_node(r, node->a, &condition) ||
        !truth_of(r, condition, node_span(r, node->a), &truth)) {
        return false;
    }
    if (truth == TRUTH_UNKNOWN) {
        *ret = value_unknown();
        return true;
    }
    if (truth == TRUTH_TRUE) {
        return eval_node(r, node->b, ret);
    }
    if (node->c != NULL) {
        return eval_node(r, node->c, ret);
    }
    *ret = no_else(r, node);
    return true;
}

/* An operator did not fit what stood beside it: the values say why. Always false. */
static bool wrong_operation(struct render *r, const struct node *left, value a,
                            const struct node *right, value b)
{
    const struct diags *diags = r->eval->diags;
    if (r->eval->failure == TEMPLATE_FAILED && diags->all.len > 0) {
        struct diag *diag = diags->all.items[diags->all.len - 1];
        explain_operand(r, left, a, diag);
        explain_operand(r, right, b, diag);
    }
    return false;
}

static bool eval_compare(struct render *r, const struct node *node, value *ret)
{
    value left, right;
    bool unknown = false;
    if (!eval_node(r, node->items[0], &left)) {
        return false;
    }
    for (uint32_t i = 1; i < node->count; i++) {
        enum truth truth;
        if (!eval_node(r, node->items[i], &right)) {
            return false;
        }
        if (!compare_values(r, (enum operator)node->as.ops[i - 1], left, right, node_span(r, node),
                            &truth)) {
            return wrong_operation(r, node->items[i - 1], left, node->items[i], right);
        }
        if (truth == TRUTH_FALSE) {
            *ret = value_bool(false);
            return true;
        }
        unknown |= truth == TRUTH_UNKNOWN;
        left = right;
    }
    *ret = unknown ? value_unknown() : value_bool(true);
    return true;
}

/* ---- operators and displays ---- */

static bool eval_binary(struct render *r, const struct node *node, value *ret)
{
    value a, b;
    if (!eval_node(r, node->a, &a) || !eval_node(r, node->b, &b)) {
        return false;
    }
    return binary_operation(r, (enum operator)node->op, a, b, node_span(r, node), ret) ||
           wrong_operation(r, node->a, a, node->b, b);
}

static bool concat_part(struct render *r, const struct node *part, value *ret)
{
    return eval_node(r, part, ret) &&
           (value_is(*ret, VALUE_STR) || text_of(r, *ret, node_span(r, part), ret));
}

/* One part that is markup makes the whole markup, and the others are escaped. */
static bool concat_escaped(struct render *r, const struct node *node, struct textbuf *out,
                           bool *ret_markup)
{
    value *parts = NEW_ARRAY(r->arena, value, node->count);
    bool markup = false;
    for (uint32_t i = 0; i < node->count; i++) {
        if (!concat_part(r, node->items[i], &parts[i])) {
            return false;
        }
        markup |= is_markup(parts[i]);
    }
    for (uint32_t i = 0; i < node->count; i++) {
        bool escape = markup && !is_markup(parts[i]);
        textbuf_add_value(out, escape ? escape_html(r->arena, parts[i]) : parts[i]);
    }
    *ret_markup = markup;
    return true;
}

static bool concat_plain(struct render *r, const struct node *node, struct textbuf *out)
{
    for (uint32_t i = 0; i < node->count; i++) {
        value part;
        if (!concat_part(r, node->items[i], &part)) {
            return false;
        }
        textbuf_add_value(out, part);
    }
    return true;
}

static bool eval_concat(struct render *r, const struct node *node, value *ret)
{
    struct textbuf out = textbuf_in(r->arena);
    bool markup = false;
    if (!(r->autoescape ? concat_escaped(r, node, &out, &markup) : concat_plain(r, node, &out))) {
        return false;
    }
    if (out.bytes.len > MAX_TEXT) {
        render_error(r, node_span(r, node), TEMPLATE_FAILED, "text is larger than %u MiB",
                     MAX_TEXT >> 20);
        return false;
    }
    *ret = textbuf_value(&out);
    *ret = markup ? as_markup(*ret) : *ret;
    return true;
}

static bool eval_list(struct render *r, const struct node *node, value *ret)
{
    value *items = NEW_ARRAY(r->arena, value, node->count);
    for (uint32_t i = 0; i < node->count; i++) {
        if (!eval_node(r, node->items[i], &items[i])) {
            return false;
        }
    }
    *ret = node->kind == NODE_TUPLE ? value_tuple(r->arena, items, node->count)
                                    : value_list(r->arena, items, node->count);
    return may_go_through(r, *ret, node_span(r, node));
}

static bool is_hashable(value v)
{
    if (value_is_tuple(v)) {
        size_t count;
        const value *items = value_items(v, &count);
        for (size_t i = 0; i < count; i++) {
            if (!is_hashable(items[i])) {
                return false;
            }
        }
        return true;
    }
    return !value_is(v, VALUE_LIST) && !value_is(v, VALUE_MAP);
}

static bool eval_dict(struct render *r, const struct node *node, value *ret)
{
    struct map_builder map = map_in(r->arena);
    bool unknown = false;
    for (uint32_t i = 0; i + 1 < node->count; i += 2) {
        value key, val;
        if (!eval_node(r, node->items[i], &key) || !eval_node(r, node->items[i + 1], &val)) {
            return false;
        }
        span at = node_span(r, node->items[i]);
        if (value_is(key, VALUE_UNDEFINED)) {
            return report_undefined(r, key, at);
        }
        if (!is_hashable(key)) {
            render_error(r, at, TEMPLATE_FAILED, "%s %s cannot be the key of a map", A_TYPE(key));
            return false;
        }
        unknown |= value_is(key, VALUE_UNKNOWN);
        map_set(&map, key, val);
    }
    *ret = unknown ? value_unknown() : map_seal(&map);
    return may_go_through(r, *ret, node_span(r, node));
}

static bool eval_unary(struct render *r, const struct node *node, value *ret)
{
    value v;
    if (!eval_node(r, node->a, &v)) {
        return false;
    }
    span at = node_span(r, node);
    return node->kind == NODE_NEG ? negate(r, v, at, ret) : plus(r, v, at, ret);
}

/* ---- all of them ---- */

/* A function for each kind, so that each takes no more of the stack than it needs itself. */
static bool (*const evaluators[])(struct render *, const struct node *, value *) = {
    [NODE_ATTR] = eval_attr,     [NODE_ITEM] = eval_item,       [NODE_SLICE] = eval_slice,
    [NODE_CALL] = eval_call,     [NODE_FILTER] = eval_filter,   [NODE_TEST] = eval_test,
    [NODE_NOT] = eval_not,       [NODE_NEG] = eval_unary,       [NODE_POS] = eval_unary,
    [NODE_BINARY] = eval_binary, [NODE_COMPARE] = eval_compare, [NODE_AND] = eval_logic,
    [NODE_OR] = eval_logic,      [NODE_COND] = eval_cond,       [NODE_CONCAT] = eval_concat,
    [NODE_LIST] = eval_list,     [NODE_TUPLE] = eval_list,      [NODE_DICT] = eval_dict,
};

bool eval_expression(struct render *r, const struct node *node, value *ret)
{
    struct eval_state *state = r->state;
    if (!eval_step(r, node_span(r, node))) {
        return false;
    }
    if (state->depth >= MAX_DEPTH) {
        return too_deep(r, node);
    }
    BUG_ON(node->kind >= ARRAY_LEN(evaluators) || evaluators[node->kind] == NULL);
    state->depth++;
    bool ok = evaluators[node->kind](r, node, ret);
    state->depth--;
    return ok;
}
