/*
 * parse.c - expressions: operators with Jinja's precedence, tuples; and the way in. What they stand
 * between is in parse_operand.c.
 */
#include "template/parser.h"

#include <string.h>

#include "base/strbuf.h"

/* ---- tokens ---- */

bool at_name(const struct parser *p, const char *name)
{
    return at_kind(p, TOKEN_NAME) && str_eq(current(p)->text, str_of(name));
}

const struct token *advance(struct parser *p)
{
    const struct token *token = current(p);
    p->at += p->at + 1 < p->tokens.len;
    return token;
}

bool skip_kind(struct parser *p, enum token_kind kind)
{
    bool found = at_kind(p, kind);
    if (found) {
        advance(p);
    }
    return found;
}

bool skip_name(struct parser *p, const char *name)
{
    bool found = at_name(p, name);
    if (found) {
        advance(p);
    }
    return found;
}

void *parse_fail(struct parser *p, const struct token *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct strbuf message = strbuf_in(p->arena);
    strbuf_vaddf(&message, format, args);
    va_end(args);
    p->error->message = strbuf_str(&message);
    p->error->from = at->from;
    p->error->to = at->to;
    return NULL;
}

static str describe(struct parser *p, const struct token *token)
{
    switch (token->kind) {
    case TOKEN_NAME:
    case TOKEN_INTEGER:
    case TOKEN_FLOAT:
        return str_format(p->arena, "'%.*s'", SARG(token->text));
    default:
        return str_of(token_describe(token->kind));
    }
}

void *parse_unexpected(struct parser *p, const char *expected)
{
    const struct token *token = current(p);
    str what = describe(p, token);
    if (token->kind == TOKEN_ASSIGN) {
        p->error->hint = S("to compare, write '=='");
    }
    if (expected == NULL) {
        return parse_fail(p, token, "unexpected %.*s", SARG(what));
    }
    return parse_fail(p, token, "expected %s, found %.*s", expected, SARG(what));
}

bool expect_kind(struct parser *p, enum token_kind kind)
{
    if (skip_kind(p, kind)) {
        return true;
    }
    parse_unexpected(p, token_describe(kind));
    return false;
}

bool expect_name(struct parser *p, const struct symbol **ret)
{
    if (!at_kind(p, TOKEN_NAME)) {
        parse_unexpected(p, "a name");
        return false;
    }
    *ret = symbol_of(p, advance(p)->text);
    return true;
}

/* ---- nodes ---- */

struct node *node_new(struct parser *p, enum node_kind kind, const struct token *at)
{
    struct node *node = NEW(p->arena, struct node);
    node->kind = (uint8_t)kind;
    node->from = at->from;
    node->to = at->to;
    return node;
}

void node_end(struct parser *p, struct node *node)
{
    if (p->at > 0 && p->tokens.items[p->at - 1].to > node->from) {
        node->to = p->tokens.items[p->at - 1].to;
    }
}

const struct symbol *symbol_of(struct parser *p, str name)
{
    return cache_symbol(p->input->env, name);
}

struct node *node_seal(struct parser *p, struct node *node, struct node *const *items, size_t count)
{
    node->count = (uint32_t)count;
    node->items = NEW_ARRAY(p->arena, struct node *, count);
    if (count > 0) {
        memcpy(node->items, items, count * sizeof *items);
    }
    node_end(p, node);
    return node;
}

struct node *node_pair(struct parser *p, enum node_kind kind, struct node *a, struct node *b)
{
    if (b == NULL) {
        return NULL;
    }
    struct node *node = NEW(p->arena, struct node);
    *node = (struct node){ .kind = (uint8_t)kind, .from = a->from, .to = b->to, .a = a, .b = b };
    return node;
}

static bool deeper(struct parser *p)
{
    if (p->depth >= PARSE_MAX_DEPTH) {
        parse_fail(p, current(p), "expression is nested too deeply");
        return false;
    }
    p->depth++;
    return true;
}
/* ---- operators, from the tightest ---- */

static struct node *parse_unary(struct parser *p, bool with_filter)
{
    if (!deeper(p)) {
        return NULL;
    }
    struct node *node;
    const struct token *token = current(p);
    if (token->kind == TOKEN_SUB || token->kind == TOKEN_ADD) {
        advance(p);
        struct node *operand = parse_unary(p, false);
        if (operand == NULL) {
            return NULL;
        }
        node = node_new(p, token->kind == TOKEN_SUB ? NODE_NEG : NODE_POS, token);
        node->a = operand;
        node->to = operand->to;
    } else {
        node = parse_primary(p);
    }
    node = parse_postfix(p, node);
    if (with_filter) {
        node = parse_filters_and_tests(p, node);
    }
    p->depth--;
    return node;
}

struct level {
    struct {
        enum token_kind token;
        enum operator op;
    } ops[4];
    size_t count;
};

typedef struct node *parse_fn(struct parser *p);

static struct node *parse_level(struct parser *p, const struct level *level, parse_fn *operand)
{
    struct node *left = operand(p);
    while (left != NULL) {
        size_t i = 0;
        while (i < level->count && !at_kind(p, level->ops[i].token)) {
            i++;
        }
        if (i == level->count) {
            break;
        }
        advance(p);
        left = node_pair(p, NODE_BINARY, left, operand(p));
        if (left != NULL) {
            left->op = (uint8_t)level->ops[i].op;
        }
    }
    return left;
}

static struct node *parse_operand(struct parser *p)
{
    return parse_unary(p, true);
}

static struct node *parse_power(struct parser *p)
{
    static const struct level level = { { { TOKEN_POW, OP_POW } }, 1 };
    return parse_level(p, &level, parse_operand);
}

static struct node *parse_product(struct parser *p)
{
    static const struct level level = { { { TOKEN_MUL, OP_MUL },
                                          { TOKEN_DIV, OP_DIV },
                                          { TOKEN_FLOORDIV, OP_FLOORDIV },
                                          { TOKEN_MOD, OP_MOD } },
                                        4 };
    return parse_level(p, &level, parse_power);
}

static struct node *parse_concat(struct parser *p)
{
    const struct token *first = current(p);
    struct node *one = parse_product(p);
    if (one == NULL || !at_kind(p, TOKEN_TILDE)) {
        return one;
    }
    node_vec items = { 0 };
    *VEC_PUSH(p->arena, &items) = one;
    while (skip_kind(p, TOKEN_TILDE)) {
        struct node *next = parse_product(p);
        if (next == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &items) = next;
    }
    return node_seal(p, node_new(p, NODE_CONCAT, first), items.items, items.len);
}

static struct node *parse_sum(struct parser *p)
{
    static const struct level level = { { { TOKEN_ADD, OP_ADD }, { TOKEN_SUB, OP_SUB } }, 2 };
    return parse_level(p, &level, parse_concat);
}

static bool comparison(struct parser *p, enum operator* ret)
{
    static const struct {
        enum token_kind token;
        enum operator op;
    } table[] = { { TOKEN_EQ, OP_EQ }, { TOKEN_NE, OP_NE }, { TOKEN_LT, OP_LT },
                  { TOKEN_LE, OP_LE }, { TOKEN_GT, OP_GT }, { TOKEN_GE, OP_GE } };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (skip_kind(p, table[i].token)) {
            *ret = table[i].op;
            return true;
        }
    }
    if (skip_name(p, "in")) {
        *ret = OP_IN;
        return true;
    }
    if (at_name(p, "not") && peek(p)->kind == TOKEN_NAME && str_eq(peek(p)->text, S("in"))) {
        advance(p);
        advance(p);
        *ret = OP_NOT_IN;
        return true;
    }
    return false;
}

static struct node *parse_compare(struct parser *p)
{
    const struct token *first = current(p);
    node_vec items = { 0 };
    VEC(uint8_t) ops = { 0 };
    struct node *one = parse_sum(p);
    enum operator op;
    while (one != NULL && comparison(p, &op)) {
        if (items.len == 0) {
            *VEC_PUSH(p->arena, &items) = one;
        }
        *VEC_PUSH(p->arena, &ops) = (uint8_t)op;
        one = parse_sum(p);
        *VEC_PUSH(p->arena, &items) = one;
    }
    if (one == NULL || items.len == 0) {
        return one;
    }
    struct node *node = node_seal(p, node_new(p, NODE_COMPARE, first), items.items, items.len);
    node->as.ops = ops.items;
    return node;
}

static struct node *parse_not(struct parser *p)
{
    const struct token *token = current(p);
    if (!skip_name(p, "not")) {
        return parse_compare(p);
    }
    if (!deeper(p)) {
        return NULL;
    }
    struct node *operand = parse_not(p);
    p->depth--;
    if (operand == NULL) {
        return NULL;
    }
    struct node *node = node_new(p, NODE_NOT, token);
    node->a = operand;
    node->to = operand->to;
    return node;
}

static struct node *parse_and(struct parser *p)
{
    struct node *left = parse_not(p);
    while (left != NULL && skip_name(p, "and")) {
        left = node_pair(p, NODE_AND, left, parse_not(p));
    }
    return left;
}

static struct node *parse_or(struct parser *p)
{
    struct node *left = parse_and(p);
    while (left != NULL && skip_name(p, "or")) {
        left = node_pair(p, NODE_OR, left, parse_and(p));
    }
    return left;
}

struct node *parse_no_condition(struct parser *p)
{
    if (!deeper(p)) {
        return NULL;
    }
    struct node *node = parse_or(p);
    p->depth--;
    return node;
}

struct node *parse_expression(struct parser *p)
{
    if (!deeper(p)) {
        return NULL;
    }
    struct node *node = parse_or(p);
    while (node != NULL && skip_name(p, "if")) {
        p->soft++;
        struct node *condition = parse_or(p);
        struct node *otherwise = NULL;
        if (condition == NULL ||
            (skip_name(p, "else") && (otherwise = parse_expression(p)) == NULL)) {
            return NULL;
        }
        p->soft--;
        struct node *cond = node_pair(p, NODE_COND, condition, node);
        cond->c = otherwise;
        cond->from = node->from;
        node_end(p, cond);
        node = cond;
    }
    p->depth--;
    return node;
}

static bool tuple_ends(const struct parser *p, unsigned rules)
{
    switch (current(p)->kind) {
    case TOKEN_VARIABLE_END:
    case TOKEN_BLOCK_END:
    case TOKEN_RPAREN:
    case TOKEN_EOF:
        return true;
    default:
        return ((rules & TUPLE_UNTIL_IN) != 0 && at_name(p, "in")) ||
               ((rules & TUPLE_UNTIL_RECURSIVE) != 0 && at_name(p, "recursive"));
    }
}

static struct node *tuple_item(struct parser *p, unsigned rules)
{
    if ((rules & TUPLE_SIMPLE) != 0) {
        return parse_postfix(p, parse_primary(p));
    }
    return (rules & TUPLE_NO_COND) != 0 ? parse_no_condition(p) : parse_expression(p);
}

struct node *parse_tuple(struct parser *p, unsigned rules)
{
    const struct token *first = current(p);
    node_vec items = { 0 };
    bool is_tuple = false;
    while (!tuple_ends(p, rules)) {
        struct node *item = tuple_item(p, rules);
        if (item == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &items) = item;
        if (!skip_kind(p, TOKEN_COMMA)) {
            break;
        }
        is_tuple = true;
    }
    if (!is_tuple && items.len == 1) {
        return items.items[0];
    }
    if (items.len == 0 && (rules & TUPLE_PARENTHESES) == 0) {
        return parse_unexpected(p, "an expression");
    }
    return node_seal(p, node_new(p, NODE_TUPLE, first), items.items, items.len);
}

/* ---- the way in ---- */

/* "{{ name }}", a line break allowed behind it. */
static const struct symbol *single_name(const struct program *program)
{
    const struct node *body = program->body;
    if (body->kind != NODE_BODY || body->count == 0 || body->items[0]->kind != NODE_OUTPUT ||
        body->items[0]->a->kind != NODE_NAME || !str_starts(program->text, S("{{"))) {
        return NULL;
    }
    str rest = str_part(program->text, body->items[0]->to, program->text.len);
    return rest.len == 0 || str_eq(rest, S("\n")) ? body->items[0]->a->as.name : NULL;
}

struct program *parse_program(const struct parse_input *input, struct syntax_error *ret_error)
{
    struct parser p = { .input = input, .arena = input->arena, .error = ret_error };
    const struct compile_options *options = input->options;
    p.program = NEW(input->arena, struct program);
    p.program->text = input->text;
    p.program->autoescape = options->autoescape;
    if (!lex_text(input->arena, input->text, &options->lex, &p.tokens, ret_error)) {
        return NULL;
    }
    struct node *body = !options->lex.expression ? parse_template(&p)
                        : options->lex.condition ? parse_tuple(&p, TUPLE_NO_COND)
                                                 : parse_expression(&p);
    if (body == NULL) {
        return NULL;
    }
    if (!at_kind(&p, TOKEN_EOF)) {
        return parse_unexpected(&p, NULL);
    }
    p.program->body = body;
    p.program->blocks = p.blocks.items;
    p.program->block_count = (uint32_t)p.blocks.len;
    p.program->single_name = single_name(p.program);
    return p.program;
}
