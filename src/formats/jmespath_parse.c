/*
 * jmespath_parse.c - JMESPath expressions to trees: a lexer, and a parser by operator precedence as
 * the specification's grammar implies it.
 */
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "formats/jmespath_node.h"
#include "formats/json.h"

#define DEPTH_MAX 200  /* expressions within each other */
#define LINKS_MAX 1000 /* parts of one, as in a.b.c */

enum token_kind {
    T_END,
    T_NAME,   /* name, also "quoted": value */
    T_QUOTED, /* "quoted": a name that calls nothing */
    T_NUMBER, /* n */
    T_LITERAL,
    T_CURRENT,
    T_DOT,
    T_STAR,
    T_COMMA,
    T_COLON,
    T_OPEN,       /* ( */
    T_CLOSE,      /* ) */
    T_BRACKET,    /* [ */
    T_UNBRACKET,  /* ] */
    T_BRACE,      /* { */
    T_UNBRACE,    /* } */
    T_FILTER,     /* [? */
    T_FLATTEN,    /* [] */
    T_PIPE,       /* | */
    T_OR,         /* || */
    T_AND,        /* && */
    T_NOT,        /* ! */
    T_EXPRESSION, /* & */
    T_COMPARE,    /* comparison */
};

/* How strongly a token binds what stands before it; what ends a projection binds less than
 * PROJECTION_STOP. */
enum binding {
    BIND_NONE = 0,
    BIND_PIPE = 1,
    BIND_OR = 2,
    BIND_AND = 3,
    BIND_COMPARE = 5,
    BIND_FLATTEN = 9,
    PROJECTION_STOP = 10,
    BIND_STAR = 20,
    BIND_FILTER = 21,
    BIND_DOT = 40,
    BIND_NOT = 45,
    BIND_BRACKET = 55,
    BIND_CALL = 60,
};

struct token {
    enum token_kind kind;
    size_t from, to; /* bytes of the expression */
    value value;
    int64_t n;
    enum jmes_compare comparison;
};

struct parser {
    struct arena *arena;
    struct diags *diags;
    span at;
    str text;
    size_t next; /* byte behind the tokens read */
    struct token token, ahead;
    unsigned depth;
};

static const struct jmes_node *parse(struct parser *p, enum binding least);

/* ---- mistakes ---- */

static bool fail(struct parser *p, size_t at, const char *format, ...) PRINTF(3, 4);
static bool fail(struct parser *p, size_t at, const char *format, ...)
{
    struct strbuf what = strbuf_in(p->arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&what, format, args);
    va_end(args);
    struct diag *diag = diag_error(p->diags, p->at, "JMESPath: %.*s", SARG(strbuf_str(&what)));
    str before = str_part(p->text, 0, at);
    diag_note(diag, SPAN_NONE, "%.*s", SARG(p->text));
    diag_note(diag, SPAN_NONE, "%*s^", (int)utf8_length(before), "");
    return false;
}

static const struct jmes_node *unexpected(struct parser *p, const struct token *token)
{
    if (token->kind == T_END) {
        fail(p, token->from, "the expression ends too early");
    } else {
        fail(p, token->from, "'%.*s' is not expected here",
             SARG(str_part(p->text, token->from, token->to)));
    }
    return NULL;
}

/* ---- tokens ---- */

static const struct {
    const char *text;
    enum token_kind kind;
    enum jmes_compare comparison;
} symbols[] = {
    { "[?", T_FILTER, 0 },
    { "[]", T_FLATTEN, 0 },
    { "[", T_BRACKET, 0 },
    { "]", T_UNBRACKET, 0 },
    { "{", T_BRACE, 0 },
    { "}", T_UNBRACE, 0 },
    { "(", T_OPEN, 0 },
    { ")", T_CLOSE, 0 },
    { ".", T_DOT, 0 },
    { "*", T_STAR, 0 },
    { ",", T_COMMA, 0 },
    { ":", T_COLON, 0 },
    { "@", T_CURRENT, 0 },
    { "||", T_OR, 0 },
    { "|", T_PIPE, 0 },
    { "&&", T_AND, 0 },
    { "&", T_EXPRESSION, 0 },
    { "==", T_COMPARE, JMES_EQ },
    { "!=", T_COMPARE, JMES_NE },
    { "!", T_NOT, 0 },
    { "<=", T_COMPARE, JMES_LE },
    { "<", T_COMPARE, JMES_LT },
    { ">=", T_COMPARE, JMES_GE },
    { ">", T_COMPARE, JMES_GT },
};

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* JSON, of a literal or a quoted name. */
static bool read_json(struct parser *p, str text, value *ret)
{
    struct diags *tried = diags_new(p->arena, p->diags->sources);
    struct source source = { .name = S("JMESPath"), .text = text };
    return json_read(p->arena, tried, &source, (struct json_options){ .at = p->at }, ret);
}

/* The bytes up to the closing `quote`, in which a backslash before it is dropped (and all others
 * stay); of a quoted name both stay, for JSON. */
static bool read_quoted(struct parser *p, struct token *token, char quote, str *ret)
{
    struct strbuf text = strbuf_in(p->arena);
    size_t i = token->from + 1;
    for (; i < p->text.len && p->text.ptr[i] != quote; i++) {
        char c = p->text.ptr[i];
        if (c == '\\' && i + 1 < p->text.len) {
            char escaped = p->text.ptr[++i];
            if (quote == '"' || escaped != quote) {
                strbuf_add_char(&text, c);
            }
            c = escaped;
        }
        strbuf_add_char(&text, c);
    }
    if (i >= p->text.len) {
        return fail(p, token->from, "a %c is not closed", quote);
    }
    token->to = i + 1;
    *ret = strbuf_str(&text);
    return true;
}

static bool read_name_or_text(struct parser *p, struct token *token, char quote)
{
    str text;
    if (!read_quoted(p, token, quote, &text)) {
        return false;
    }
    if (quote == '\'') {
        token->kind = T_LITERAL;
        token->value = value_str(p->arena, text);
        return true;
    }
    token->kind = quote == '"' ? T_QUOTED : T_LITERAL;
    str json = quote == '"' ? str_format(p->arena, "\"%.*s\"", SARG(text)) : text;
    if (read_json(p, json, &token->value)) {
        return true;
    }
    /* once a literal without its inner quotes was allowed, and is still read */
    json = str_format(p->arena, "\"%.*s\"", SARG(str_trim(text)));
    if (quote == '`' && read_json(p, json, &token->value)) {
        return true;
    }
    return fail(p, token->from, "%.*s is not JSON",
                SARG(str_part(p->text, token->from, token->to)));
}

static bool read_number(struct parser *p, struct token *token)
{
    while (token->to < p->text.len && is_digit(p->text.ptr[token->to])) {
        token->to++;
    }
    token->kind = T_NUMBER;
    str digits = str_part(p->text, token->from, token->to);
    return str_to_int64(digits, &token->n) ||
           fail(p, token->from, "'%.*s' is no number", SARG(digits));
}

static bool read_symbol(struct parser *p, struct token *token)
{
    str rest = str_part(p->text, token->from, p->text.len);
    for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
        if (str_starts(rest, str_of(symbols[i].text))) {
            token->kind = symbols[i].kind;
            token->comparison = symbols[i].comparison;
            token->to = token->from + strlen(symbols[i].text);
            return true;
        }
    }
    if (rest.ptr[0] == '=') {
        return fail(p, token->from, "'=' compares nothing: write '=='");
    }
    size_t behind = token->from;
    utf8_next(p->text, &behind);
    return fail(p, token->from, "'%.*s' means nothing here",
                SARG(str_part(p->text, token->from, behind)));
}

static bool read_token(struct parser *p, struct token *token)
{
    while (p->next < p->text.len && strchr(" \t\n\r", p->text.ptr[p->next]) != NULL) {
        p->next++;
    }
    *token = (struct token){ .kind = T_END, .from = p->next, .to = p->next + 1 };
    if (p->next >= p->text.len) {
        return true;
    }
    char c = p->text.ptr[p->next];
    bool ok = true;
    if (is_name_start(c)) {
        while (token->to < p->text.len &&
               (is_name_start(p->text.ptr[token->to]) || is_digit(p->text.ptr[token->to]))) {
            token->to++;
        }
        token->kind = T_NAME;
        token->value = value_str(p->arena, str_part(p->text, token->from, token->to));
    } else if (is_digit(c) || c == '-') {
        ok = read_number(p, token);
    } else if (c == '"' || c == '\'' || c == '`') {
        ok = read_name_or_text(p, token, c);
    } else {
        ok = read_symbol(p, token);
    }
    p->next = token->to;
    return ok;
}

static bool advance(struct parser *p)
{
    p->token = p->ahead;
    return read_token(p, &p->ahead);
}

/* Take a token of this kind. */
static bool expect(struct parser *p, enum token_kind kind)
{
    if (p->token.kind != kind) {
        unexpected(p, &p->token);
        return false;
    }
    return advance(p);
}

/* ---- nodes ---- */

static struct jmes_node *node_new(struct parser *p, enum jmes_kind kind, size_t at)
{
    struct jmes_node *node = NEW(p->arena, struct jmes_node);
    *node = (struct jmes_node){ .kind = kind, .at = at };
    return node;
}

static const struct jmes_node *node_pair(struct parser *p, enum jmes_kind kind, size_t at,
                                         const struct jmes_node *left,
                                         const struct jmes_node *right)
{
    if (left == NULL || right == NULL) {
        return NULL;
    }
    struct jmes_node *node = node_new(p, kind, at);
    node->left = left;
    node->right = right;
    return node;
}

static const struct jmes_node *current(struct parser *p)
{
    return node_new(p, JMES_CURRENT, p->token.from);
}

static enum binding binding_of(enum token_kind kind)
{
    switch (kind) {
    case T_PIPE:
        return BIND_PIPE;
    case T_OR:
        return BIND_OR;
    case T_AND:
        return BIND_AND;
    case T_COMPARE:
        return BIND_COMPARE;
    case T_FLATTEN:
        return BIND_FLATTEN;
    case T_STAR:
        return BIND_STAR;
    case T_FILTER:
        return BIND_FILTER;
    case T_DOT:
        return BIND_DOT;
    case T_BRACKET:
        return BIND_BRACKET;
    case T_OPEN:
        return BIND_CALL;
    case T_NOT:
    case T_BRACE:
    case T_END:
    case T_NAME:
    case T_QUOTED:
    case T_NUMBER:
    case T_LITERAL:
    case T_CURRENT:
    case T_COMMA:
    case T_COLON:
    case T_CLOSE:
    case T_UNBRACKET:
    case T_UNBRACE:
    case T_EXPRESSION:
        break;
    }
    return BIND_NONE;
}

/* ---- [a, b] and {x: a, y: b} ---- */

/* Behind the '['. */
static const struct jmes_node *parse_list(struct parser *p)
{
    struct jmes_node *list = node_new(p, JMES_LIST, p->token.from);
    for (;;) {
        const struct jmes_node *item = parse(p, BIND_NONE);
        if (item == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &list->nodes) = item;
        if (p->token.kind != T_COMMA) {
            return expect(p, T_UNBRACKET) ? list : NULL;
        }
        if (!advance(p)) {
            return NULL;
        }
    }
}

/* Behind the '{'. */
static const struct jmes_node *parse_map(struct parser *p)
{
    struct jmes_node *map = node_new(p, JMES_MAP, p->token.from);
    for (;;) {
        if (p->token.kind != T_NAME && p->token.kind != T_QUOTED) {
            return unexpected(p, &p->token);
        }
        *VEC_PUSH(p->arena, &map->names) = p->token.value;
        const struct jmes_node *item =
            advance(p) && expect(p, T_COLON) ? parse(p, BIND_NONE) : NULL;
        if (item == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &map->nodes) = item;
        if (p->token.kind != T_COMMA) {
            return expect(p, T_UNBRACE) ? map : NULL;
        }
        if (!advance(p)) {
            return NULL;
        }
    }
}

/* ---- projections and indices ---- */

/* What may follow a dot. */
static const struct jmes_node *parse_after_dot(struct parser *p, enum binding least)
{
    switch (p->token.kind) {
    case T_NAME:
    case T_QUOTED:
    case T_STAR:
        return parse(p, least);
    case T_BRACKET:
        return advance(p) ? parse_list(p) : NULL;
    case T_BRACE:
        return advance(p) ? parse_map(p) : NULL;
    default:
        return unexpected(p, &p->token);
    }
}

/* What is asked of each item of a projection. */
static const struct jmes_node *parse_projected(struct parser *p, enum binding least)
{
    if (binding_of(p->token.kind) < PROJECTION_STOP) {
        return current(p);
    }
    switch (p->token.kind) {
    case T_BRACKET:
    case T_FILTER:
        return parse(p, least);
    case T_DOT:
        return advance(p) ? parse_after_dot(p, least) : NULL;
    default:
        return unexpected(p, &p->token);
    }
}

/* left[], at the token behind it. */
static const struct jmes_node *parse_flatten(struct parser *p, const struct jmes_node *left,
                                             size_t at)
{
    struct jmes_node *flat = node_new(p, JMES_FLATTEN, at);
    flat->left = left;
    return node_pair(p, JMES_PROJECTION, at, flat, parse_projected(p, BIND_FLATTEN));
}

/* left[?test], behind the '[?'. */
static const struct jmes_node *parse_filter(struct parser *p, const struct jmes_node *left,
                                            size_t at)
{
    const struct jmes_node *test = parse(p, BIND_NONE);
    if (test == NULL || !expect(p, T_UNBRACKET)) {
        return NULL;
    }
    const struct jmes_node *right =
        p->token.kind == T_FLATTEN ? current(p) : parse_projected(p, BIND_FILTER);
    if (right == NULL) {
        return NULL;
    }
    struct jmes_node *filter = node_new(p, JMES_FILTER, at);
    filter->left = left;
    filter->right = right;
    filter->test = test;
    return filter;
}

/* left[n] and left[from:to:step], behind the '['. */
static const struct jmes_node *parse_index(struct parser *p, const struct jmes_node *left,
                                           size_t at)
{
    struct jmes_node *node = node_new(p, JMES_INDEX, at);
    struct jmes_bound *bounds[] = { &node->from, &node->to, &node->step };
    unsigned part = 0;
    while (p->token.kind != T_UNBRACKET) {
        if (p->token.kind == T_COLON && part < 2) {
            node->kind = JMES_SLICE;
            part++;
        } else if (p->token.kind == T_NUMBER && !bounds[part]->given) {
            *bounds[part] = (struct jmes_bound){ true, p->token.n };
        } else {
            return unexpected(p, &p->token);
        }
        if (!advance(p)) {
            return NULL;
        }
    }
    if (!advance(p)) {
        return NULL;
    }
    if (node->step.given && node->step.n == 0) {
        fail(p, at, "the step of a slice is not 0");
        return NULL;
    }
    const struct jmes_node *indexed = node_pair(p, JMES_CHAIN, at, left, node);
    return node->kind == JMES_INDEX
               ? indexed
               : node_pair(p, JMES_PROJECTION, at, indexed, parse_projected(p, BIND_STAR));
}

/* left[*], at the '*'. */
static const struct jmes_node *parse_star(struct parser *p, const struct jmes_node *left, size_t at)
{
    if (!expect(p, T_STAR) || !expect(p, T_UNBRACKET)) {
        return NULL;
    }
    return node_pair(p, JMES_PROJECTION, at, left, parse_projected(p, BIND_STAR));
}

/* ---- calls ---- */

static const struct jmes_node *checked_call(struct parser *p, struct jmes_node *call, str name)
{
    call->function = jmes_function(name);
    if (call->function == NULL) {
        size_t count;
        const str *names = jmes_function_names(p->arena, &count);
        fail(p, call->at, "there is no function '%.*s'", SARG(name));
        diag_suggest(p->diags->all.items[p->diags->all.len - 1], name, names, count);
        return NULL;
    }
    const char *wanted = jmes_arity_problem(p->arena, call->function, call->nodes.len);
    if (wanted != NULL) {
        fail(p, call->at, "'%.*s' takes %s, not %zu", SARG(name), wanted, call->nodes.len);
        return NULL;
    }
    return call;
}

/* name(...), behind the '('. */
static const struct jmes_node *parse_call(struct parser *p, const struct token *name)
{
    struct jmes_node *call = node_new(p, JMES_CALL, name->from);
    while (p->token.kind != T_CLOSE) {
        const struct jmes_node *argument = parse(p, BIND_NONE);
        if (argument == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &call->nodes) = argument;
        if (p->token.kind == T_COMMA) {
            if (!advance(p)) {
                return NULL;
            }
            if (p->token.kind == T_CLOSE) {
                return unexpected(p, &p->token);
            }
        } else if (p->token.kind != T_CLOSE) {
            return unexpected(p, &p->token);
        }
    }
    return advance(p) ? checked_call(p, call, value_as_str(name->value)) : NULL;
}

/* ---- expressions ---- */

static const struct jmes_node *parse_name(struct parser *p, const struct token *name)
{
    if (p->token.kind == T_OPEN) {
        if (name->kind == T_QUOTED) {
            fail(p, name->from, "the name of a function is not quoted");
            return NULL;
        }
        return advance(p) ? parse_call(p, name) : NULL;
    }
    struct jmes_node *field = node_new(p, JMES_FIELD, name->from);
    field->value = name->value;
    return field;
}

static const struct jmes_node *parse_bracket(struct parser *p, size_t at)
{
    if (p->token.kind == T_NUMBER || p->token.kind == T_COLON) {
        return parse_index(p, current(p), at);
    }
    if (p->token.kind == T_STAR && p->ahead.kind == T_UNBRACKET) {
        return parse_star(p, current(p), at);
    }
    return parse_list(p);
}

static const struct jmes_node *node_of_one(struct parser *p, enum jmes_kind kind, size_t at,
                                           const struct jmes_node *left)
{
    if (left == NULL) {
        return NULL;
    }
    struct jmes_node *node = node_new(p, kind, at);
    node->left = left;
    return node;
}

/* An expression's first token, which begins it. */
static const struct jmes_node *parse_first(struct parser *p)
{
    struct token token = p->token;
    const struct jmes_node *inner;
    struct jmes_node *literal;
    if (!advance(p)) {
        return NULL;
    }
    switch (token.kind) {
    case T_LITERAL:
        literal = node_new(p, JMES_LITERAL, token.from);
        literal->value = token.value;
        return literal;
    case T_NAME:
    case T_QUOTED:
        return parse_name(p, &token);
    case T_CURRENT:
        return node_new(p, JMES_CURRENT, token.from);
    case T_STAR:
        inner = p->token.kind == T_UNBRACKET ? current(p) : parse_projected(p, BIND_STAR);
        return node_pair(p, JMES_VALUES, token.from, current(p), inner);
    case T_FILTER:
        return parse_filter(p, current(p), token.from);
    case T_FLATTEN:
        return parse_flatten(p, current(p), token.from);
    case T_BRACKET:
        return parse_bracket(p, token.from);
    case T_BRACE:
        return parse_map(p);
    case T_OPEN:
        inner = parse(p, BIND_NONE);
        return inner != NULL && expect(p, T_CLOSE) ? inner : NULL;
    case T_NOT:
        return node_of_one(p, JMES_NOT, token.from, parse(p, BIND_NOT));
    case T_EXPRESSION:
        return node_of_one(p, JMES_EXPRESSION, token.from, parse(p, BIND_NONE));
    default:
        return unexpected(p, &token);
    }
}

static const struct jmes_node *parse_compare(struct parser *p, const struct jmes_node *left,
                                             const struct token *token)
{
    const struct jmes_node *right = parse(p, BIND_COMPARE);
    if (right == NULL) {
        return NULL;
    }
    struct jmes_node *node = node_new(p, JMES_COMPARE, token->from);
    node->left = left;
    node->right = right;
    node->comparison = token->comparison;
    return node;
}

static const struct jmes_node *parse_dot(struct parser *p, const struct jmes_node *left, size_t at)
{
    if (p->token.kind != T_STAR) {
        return node_pair(p, JMES_CHAIN, at, left, parse_after_dot(p, BIND_DOT));
    }
    return advance(p) ? node_pair(p, JMES_VALUES, at, left, parse_projected(p, BIND_DOT)) : NULL;
}

/* What a token makes of the expression before it. */
static const struct jmes_node *parse_more(struct parser *p, const struct jmes_node *left)
{
    struct token token = p->token;
    if (!advance(p)) {
        return NULL;
    }
    switch (token.kind) {
    case T_DOT:
        return parse_dot(p, left, token.from);
    case T_PIPE:
        return node_pair(p, JMES_CHAIN, token.from, left, parse(p, BIND_PIPE));
    case T_OR:
        return node_pair(p, JMES_OR, token.from, left, parse(p, BIND_OR));
    case T_AND:
        return node_pair(p, JMES_AND, token.from, left, parse(p, BIND_AND));
    case T_COMPARE:
        return parse_compare(p, left, &token);
    case T_FLATTEN:
        return parse_flatten(p, left, token.from);
    case T_FILTER:
        return parse_filter(p, left, token.from);
    case T_BRACKET:
        return p->token.kind == T_NUMBER || p->token.kind == T_COLON
                   ? parse_index(p, left, token.from)
                   : parse_star(p, left, token.from);
    default:
        return unexpected(p, &token);
    }
}

/* An expression up to a token that binds no more than `least`. */
static const struct jmes_node *parse(struct parser *p, enum binding least)
{
    if (p->depth >= DEPTH_MAX) {
        fail(p, p->token.from, "the expression is nested too deep");
        return NULL;
    }
    p->depth++;
    const struct jmes_node *left = parse_first(p);
    for (unsigned links = 0; left != NULL && least < binding_of(p->token.kind); links++) {
        left = parse_more(p, left);
        if (links == LINKS_MAX && left != NULL) { /* each holds the one before it */
            fail(p, p->token.from, "the expression has too many parts");
            left = NULL;
        }
    }
    p->depth--;
    return left;
}

const struct jmespath *jmespath_compile(struct arena *arena, struct diags *diags, span at,
                                        str expression)
{
    struct parser p = { .arena = arena, .diags = diags, .at = at };
    struct jmespath *ret = NEW(arena, struct jmespath);
    p.text = str_copy(arena, expression);
    if (!read_token(&p, &p.token) || !read_token(&p, &p.ahead)) {
        return NULL;
    }
    *ret = (struct jmespath){ p.text, parse(&p, BIND_NONE) };
    if (ret->root != NULL && p.token.kind != T_END) {
        ret->root = unexpected(&p, &p.token);
    }
    return ret->root != NULL ? ret : NULL;
}
