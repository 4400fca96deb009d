/*
 * parse_operand.c - what stands between operators: literals, names and brackets; behind them calls,
 * attributes and items, filters and tests.
 */
#include "template/parser.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

/* ---- literals ---- */

static struct node *constant(struct parser *p, const struct token *at, value v)
{
    struct node *node = node_new(p, NODE_CONST, at);
    node->as.constant = v;
    return node;
}

static str without_underscores(struct parser *p, str digits)
{
    return memchr(digits.ptr, '_', digits.len) == NULL
               ? digits
               : str_replace(p->arena, digits, S("_"), STR_EMPTY);
}

static struct node *parse_number(struct parser *p)
{
    const struct token *token = advance(p);
    str digits = without_underscores(p, token->text);
    if (token->kind == TOKEN_FLOAT) {
        return constant(p, token, value_float(strtod(str_c(p->arena, digits), NULL)));
    }
    unsigned base = 10;
    if (digits.len > 1 && digits.ptr[0] == '0') {
        char kind = (char)(digits.ptr[1] | 0x20);
        base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
        digits = base == 10 ? digits : str_part(digits, 2, digits.len);
    }
    value v;
    if (!big_from_digits(p->arena, digits, base, &v)) {
        return parse_fail(p, token, "integer has more than 4300 digits");
    }
    return constant(p, token, v);
}

static struct node *parse_string(struct parser *p)
{
    const struct token *first = advance(p);
    str text = first->text;
    if (at_kind(p, TOKEN_STRING)) { /* adjacent strings are one */
        struct strbuf all = strbuf_in(p->arena);
        strbuf_add(&all, text);
        while (at_kind(p, TOKEN_STRING)) {
            strbuf_add(&all, advance(p)->text);
        }
        text = strbuf_str(&all);
    }
    struct node *node = constant(p, first, value_str(p->arena, str_copy(p->arena, text)));
    node_end(p, node);
    return node;
}

static struct node *parse_list(struct parser *p)
{
    struct node *node = node_new(p, NODE_LIST, advance(p));
    node_vec items = { 0 };
    while (!at_kind(p, TOKEN_RBRACKET)) {
        if (items.len > 0 && !expect_kind(p, TOKEN_COMMA)) {
            return NULL;
        }
        if (at_kind(p, TOKEN_RBRACKET)) {
            break;
        }
        struct node *item = parse_expression(p);
        if (item == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &items) = item;
    }
    advance(p);
    return node_seal(p, node, items.items, items.len);
}

static struct node *parse_dict(struct parser *p)
{
    struct node *node = node_new(p, NODE_DICT, advance(p));
    node_vec items = { 0 };
    while (!at_kind(p, TOKEN_RBRACE)) {
        if (items.len > 0 && !expect_kind(p, TOKEN_COMMA)) {
            return NULL;
        }
        if (at_kind(p, TOKEN_RBRACE)) {
            break;
        }
        struct node *key = parse_expression(p);
        if (key == NULL || !expect_kind(p, TOKEN_COLON)) {
            return NULL;
        }
        struct node *val = parse_expression(p);
        if (val == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &items) = key;
        *VEC_PUSH(p->arena, &items) = val;
    }
    advance(p);
    return node_seal(p, node, items.items, items.len);
}

static void note_special_name(struct parser *p, str name)
{
    p->uses_loop |= str_eq(name, S("loop"));
    if (p->macro != NULL) {
        p->macro->uses_varargs |= str_eq(name, S("varargs"));
        p->macro->uses_kwargs |= str_eq(name, S("kwargs"));
        p->macro->uses_caller |= str_eq(name, S("caller"));
    }
}

static struct node *parse_name(struct parser *p)
{
    const struct token *token = advance(p);
    str name = token->text;
    if (str_eq(name, S("true")) || str_eq(name, S("True"))) {
        return constant(p, token, value_bool(true));
    }
    if (str_eq(name, S("false")) || str_eq(name, S("False"))) {
        return constant(p, token, value_bool(false));
    }
    if (str_eq(name, S("none")) || str_eq(name, S("None"))) {
        return constant(p, token, value_null());
    }
    note_special_name(p, name);
    struct node *node = node_new(p, NODE_NAME, token);
    node->as.name = symbol_of(p, name);
    return node;
}

struct node *parse_primary(struct parser *p)
{
    switch (current(p)->kind) {
    case TOKEN_NAME:
        return parse_name(p);
    case TOKEN_STRING:
        return parse_string(p);
    case TOKEN_INTEGER:
    case TOKEN_FLOAT:
        return parse_number(p);
    case TOKEN_LPAREN: {
        const struct token *open = advance(p);
        struct node *node = parse_tuple(p, TUPLE_PARENTHESES);
        if (node == NULL || !expect_kind(p, TOKEN_RPAREN)) {
            return NULL;
        }
        if (node->kind == NODE_TUPLE) {
            node->from = open->from;
            node_end(p, node);
        }
        return node;
    }
    case TOKEN_LBRACKET:
        return parse_list(p);
    case TOKEN_LBRACE:
        return parse_dict(p);
    default:
        return parse_unexpected(p, NULL);
    }
}

/* ---- calls, attributes, items ---- */

/* The order of arguments that Python asks for. */
static bool argument_order(struct parser *p, const struct arg_nodes *args, size_t keywords,
                           bool keyword)
{
    bool ok = keyword ? args->star_star == NULL
                      : args->star == NULL && args->star_star == NULL && keywords == 0;
    if (!ok) {
        parse_fail(p, current(p), "arguments are in the wrong order");
        p->error->hint = S("first positional ones, then name=value, *list, **map");
    }
    return ok;
}

static bool parse_star(struct parser *p, struct arg_nodes *args)
{
    bool twice = at_kind(p, TOKEN_POW);
    struct node **place = twice ? &args->star_star : &args->star;
    if (*place != NULL || args->star_star != NULL) {
        parse_fail(p, current(p), "arguments are in the wrong order");
        return false;
    }
    advance(p);
    *place = parse_expression(p);
    return *place != NULL;
}

bool parse_arguments(struct parser *p, struct arg_nodes **ret)
{
    struct arg_nodes *args = NEW(p->arena, struct arg_nodes);
    node_vec positional = { 0 };
    VEC(struct keyword_node) keywords = { 0 };
    bool comma = false;
    if (!expect_kind(p, TOKEN_LPAREN)) {
        return false;
    }
    while (!at_kind(p, TOKEN_RPAREN)) {
        if (comma && (!expect_kind(p, TOKEN_COMMA) || at_kind(p, TOKEN_RPAREN))) {
            if (at_kind(p, TOKEN_RPAREN)) {
                break;
            }
            return false;
        }
        comma = true;
        if (at_kind(p, TOKEN_MUL) || at_kind(p, TOKEN_POW)) {
            if (!parse_star(p, args)) {
                return false;
            }
            continue;
        }
        bool keyword = at_kind(p, TOKEN_NAME) && peek(p)->kind == TOKEN_ASSIGN;
        if (!argument_order(p, args, keywords.len, keyword)) {
            return false;
        }
        const struct token *name = current(p);
        if (keyword) {
            advance(p);
            advance(p);
        }
        struct node *item = parse_expression(p);
        if (item == NULL) {
            return false;
        }
        if (keyword) {
            *VEC_PUSH(p->arena, &keywords) =
                (struct keyword_node){ symbol_of(p, name->text), item, name->from };
        } else {
            *VEC_PUSH(p->arena, &positional) = item;
        }
    }
    advance(p);
    args->positional = positional.items;
    args->positional_count = (uint32_t)positional.len;
    args->keywords = keywords.items;
    args->keyword_count = (uint32_t)keywords.len;
    *ret = args;
    return true;
}

/* Methods that change what they are called on. */
static bool is_mutator(str name)
{
    static const char *const names[] = { "append",     "extend",  "insert",  "pop",
                                         "remove",     "clear",   "update",  "sort",
                                         "setdefault", "popitem", "reverse", "__setitem__" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(name, str_of(names[i]))) {
            return true;
        }
    }
    return false;
}

static struct node *parse_dot(struct parser *p, struct node *object)
{
    advance(p);
    const struct token *token = current(p);
    if (token->kind == TOKEN_NAME) {
        advance(p);
        struct node *node = node_new(p, NODE_ATTR, token);
        node->a = object;
        node->as.name = symbol_of(p, token->text);
        node->place = NEW(p->arena, uint32_t);
        p->program->mutates |= is_mutator(token->text);
        return node;
    }
    if (token->kind != TOKEN_INTEGER) {
        return parse_unexpected(p, "a name or a number");
    }
    struct node *index = parse_number(p);
    struct node *node = index == NULL ? NULL : node_pair(p, NODE_ITEM, object, index);
    if (node != NULL) {
        node->from = index->from;
    }
    return node;
}

/* What stands between brackets: an expression, or a slice. */
static struct node *parse_index(struct parser *p)
{
    const struct token *first = current(p);
    struct node *parts[3] = { 0 };
    size_t count = 0;
    if (!at_kind(p, TOKEN_COLON)) {
        parts[0] = parse_expression(p);
        if (parts[0] == NULL || !at_kind(p, TOKEN_COLON)) {
            return parts[0];
        }
    }
    while (skip_kind(p, TOKEN_COLON) && ++count < 3) {
        if (!at_kind(p, TOKEN_COLON) && !at_kind(p, TOKEN_RBRACKET) && !at_kind(p, TOKEN_COMMA) &&
            (parts[count] = parse_expression(p)) == NULL) {
            return NULL;
        }
    }
    struct node *slice = node_new(p, NODE_SLICE, first);
    slice->b = parts[0];
    slice->c = parts[1];
    slice->d = parts[2];
    return slice;
}

/* A slice of what stands before the brackets; in x[y[1:]] that of y is an index as any other. */
static bool is_open_slice(const struct node *index)
{
    return index->kind == NODE_SLICE && index->a == NULL;
}

static struct node *parse_brackets(struct parser *p, struct node *object)
{
    const struct token *open = advance(p);
    node_vec parts = { 0 };
    while (!at_kind(p, TOKEN_RBRACKET)) {
        if (parts.len > 0 && !expect_kind(p, TOKEN_COMMA)) {
            return NULL;
        }
        struct node *part = parse_index(p);
        if (part == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &parts) = part;
    }
    if (parts.len == 0) {
        return parse_fail(p, current(p), "expected an index between the brackets");
    }
    advance(p);
    struct node *index = parts.items[0];
    if (parts.len > 1) {
        index = node_seal(p, node_new(p, NODE_TUPLE, open), parts.items, parts.len);
        for (size_t i = 0; i < parts.len; i++) {
            if (is_open_slice(parts.items[i])) {
                return parse_fail(p, open, "a slice cannot be part of a tuple");
            }
        }
    }
    struct node *node = index;
    if (is_open_slice(index)) {
        node->a = object;
    } else {
        node = node_pair(p, NODE_ITEM, object, index);
    }
    node->from = open->from;
    node_end(p, node);
    return node;
}

static struct node *parse_call(struct parser *p, struct node *callee)
{
    struct node *node = node_new(p, NODE_CALL, current(p));
    node->from = callee->from;
    node->a = callee;
    if (!parse_arguments(p, &node->as.call.args)) {
        return NULL;
    }
    node_end(p, node);
    return node;
}

struct node *parse_postfix(struct parser *p, struct node *node)
{
    while (node != NULL) {
        if (at_kind(p, TOKEN_DOT)) {
            node = parse_dot(p, node);
        } else if (at_kind(p, TOKEN_LBRACKET)) {
            node = parse_brackets(p, node);
        } else if (at_kind(p, TOKEN_LPAREN)) {
            node = parse_call(p, node);
        } else {
            break;
        }
    }
    return node;
}

/* ---- filters and tests ---- */

static bool dotted_name(struct parser *p, str *ret)
{
    const struct token *first = current(p);
    const struct symbol *ignored;
    if (!expect_name(p, &ignored)) {
        return false;
    }
    while (at_kind(p, TOKEN_DOT)) {
        advance(p);
        if (!expect_name(p, &ignored)) {
            return false;
        }
    }
    *ret = str_part(p->program->text, first->from, p->tokens.items[p->at - 1].to);
    return true;
}

static void *unknown_name(struct parser *p, const struct node *node, const char *kind)
{
    struct template_env *env = p->input->env;
    str name = node->as.call.spelling;
    struct token at = { .from = node->from, .to = node->from + (uint32_t)name.len };
    size_t dot = str_rfind(name, S("."));
    parse_fail(p, &at, "no %s is called '%.*s'", kind, SARG(name));
    p->error->given = dot == STR_NPOS ? name : str_part(name, dot + 1, name.len);
    const struct name_table *table = strcmp(kind, "filter") == 0 ? &env->filters : &env->tests;
    p->error->candidates = name_table_names(p->arena, table, &p->error->candidate_count);
    if (dot != STR_NPOS) {
        str collection = str_part(name, 0, dot);
        p->error->hint = str_format(p->arena, "of the collection '%.*s' this %s is not built in",
                                    SARG(collection), kind);
    }
    return NULL;
}

static bool find_function(struct parser *p, struct node *node, bool filter)
{
    struct template_env *env = p->input->env;
    str name = node->as.call.spelling;
    node->as.call.function = filter ? env_filter(env, name) : env_test(env, name);
    if (node->as.call.function == NULL && !p->input->options->names_late) {
        unknown_name(p, node, filter ? "filter" : "test");
        return false;
    }
    if (node->as.call.args == NULL) {
        node->as.call.args = NEW(p->arena, struct arg_nodes);
    }
    if (node->as.call.function != NULL) {
        function_bind(p->arena, node->as.call.function, node->as.call.args);
        bool key = node->a != NULL && (node->a->kind == NODE_ATTR || node->a->kind == NODE_ITEM);
        if (key && (node->as.call.function->row->flags & CALL_PRESENCE) != 0) {
            node->a->flag = true;
        }
    }
    return true;
}

static struct node *parse_filter(struct parser *p, struct node *input)
{
    struct node *node = node_new(p, NODE_FILTER, current(p));
    node->a = input;
    if (!dotted_name(p, &node->as.call.spelling)) {
        return NULL;
    }
    node_end(p, node);
    if (at_kind(p, TOKEN_LPAREN) && !parse_arguments(p, &node->as.call.args)) {
        return NULL;
    }
    return find_function(p, node, true) ? node : NULL;
}

static bool starts_test_argument(const struct parser *p)
{
    switch (current(p)->kind) {
    case TOKEN_NAME:
        return !at_name(p, "else") && !at_name(p, "or") && !at_name(p, "and");
    case TOKEN_STRING:
    case TOKEN_INTEGER:
    case TOKEN_FLOAT:
    case TOKEN_LBRACKET:
    case TOKEN_LBRACE:
        return true;
    default:
        return false;
    }
}

static bool parse_test_argument(struct parser *p, struct node *test)
{
    if (at_name(p, "is")) {
        parse_fail(p, current(p), "tests cannot be chained with 'is'");
        return false;
    }
    struct node *argument = parse_primary(p);
    argument = argument == NULL ? NULL : parse_postfix(p, argument);
    if (argument == NULL) {
        return false;
    }
    struct arg_nodes *args = NEW(p->arena, struct arg_nodes);
    args->positional = NEW_ARRAY(p->arena, struct node *, 1);
    args->positional[0] = argument;
    args->positional_count = 1;
    test->as.call.args = args;
    return true;
}

static struct node *parse_test(struct parser *p, struct node *input)
{
    advance(p);
    bool negated = skip_name(p, "not");
    struct node *node = node_new(p, NODE_TEST, current(p));
    node->a = input;
    node->flag = negated;
    if (!dotted_name(p, &node->as.call.spelling)) {
        return NULL;
    }
    node_end(p, node);
    if (at_kind(p, TOKEN_LPAREN)) {
        if (!parse_arguments(p, &node->as.call.args)) {
            return NULL;
        }
    } else if (starts_test_argument(p) && !parse_test_argument(p, node)) {
        return NULL;
    }
    return find_function(p, node, false) ? node : NULL;
}

struct node *parse_filters(struct parser *p, struct node *node, bool start_inline)
{
    while (at_kind(p, TOKEN_PIPE) || start_inline) {
        if (!start_inline) {
            advance(p);
        }
        start_inline = false;
        node = parse_filter(p, node);
        if (node == NULL) {
            return NULL;
        }
    }
    return node;
}

struct node *parse_filters_and_tests(struct parser *p, struct node *node)
{
    while (node != NULL) {
        if (at_kind(p, TOKEN_PIPE)) {
            node = parse_filters(p, node, false);
        } else if (at_name(p, "is")) {
            node = parse_test(p, node);
        } else if (at_kind(p, TOKEN_LPAREN)) {
            node = parse_call(p, node);
        } else {
            break;
        }
    }
    return node;
}
