/* parser.h - what the parts of the parser share: expressions, their operands, and statements. */
#pragma once
#include "template/core.h"

#define PARSE_MAX_DEPTH 200 /* expressions and statements within each other */

typedef VEC(struct node *) node_vec;

struct parser {
    const struct parse_input *input;
    struct arena *arena;
    struct tokens tokens;
    size_t at;
    unsigned depth;
    unsigned soft; /* within branches: unknown filters may never be reached */
    unsigned loops;
    struct program *program;
    struct macro_node *macro; /* the innermost macro being parsed */
    bool uses_loop;           /* since the innermost for began */
    VEC(struct block_entry) blocks;
    struct {
        struct token name;
        const char *const *ends;
    } open[PARSE_MAX_DEPTH + 1]; /* statements that wait for their end */
    unsigned open_count;
    struct syntax_error *error;
};

static inline const struct token *current(const struct parser *p)
{
    return &p->tokens.items[p->at];
}
static inline const struct token *peek(const struct parser *p)
{
    return &p->tokens.items[p->at + (p->at + 1 < p->tokens.len)];
}
static inline bool at_kind(const struct parser *p, enum token_kind kind)
{
    return current(p)->kind == kind;
}
bool at_name(const struct parser *p, const char *name);
const struct token *advance(struct parser *p);
bool skip_kind(struct parser *p, enum token_kind kind);
bool skip_name(struct parser *p, const char *name);
NODISCARD bool expect_kind(struct parser *p, enum token_kind kind);
NODISCARD bool expect_name(struct parser *p, const struct symbol **ret);

/* Both set the error and return NULL. */
void *parse_fail(struct parser *p, const struct token *at, const char *format, ...) PRINTF(3, 4);
void *parse_unexpected(struct parser *p, const char *expected);

struct node *node_new(struct parser *p, enum node_kind kind, const struct token *at);
const struct symbol *symbol_of(struct parser *p, str name);
void node_end(struct parser *p, struct node *node); /* it ends before the current token */
struct node *node_seal(struct parser *p, struct node *node, struct node *const *items,
                       size_t count);

/* A node of both; NULL if b is NULL: its mistake is reported. */
struct node *node_pair(struct parser *p, enum node_kind kind, struct node *a, struct node *b);

struct node *parse_expression(struct parser *p);
struct node *parse_no_condition(struct parser *p); /* without "x if y" */

enum tuple_rule {
    TUPLE_SIMPLE = 1, /* only names and postfixes: targets */
    TUPLE_NO_COND = 2,
    TUPLE_PARENTHESES = 4, /* () is a tuple too */
    TUPLE_UNTIL_IN = 8,
    TUPLE_UNTIL_RECURSIVE = 16,
};
struct node *parse_tuple(struct parser *p, unsigned rules);

struct node *parse_primary(struct parser *p); /* a literal, a name, or what is in brackets */
/* What stands behind `node`, which may be NULL: then so is the answer. */
struct node *parse_postfix(struct parser *p, struct node *node); /* .a [i] (...) */
struct node *parse_filters_and_tests(struct parser *p, struct node *node);
struct node *parse_filters(struct parser *p, struct node *node, bool start_inline);
NODISCARD bool parse_arguments(struct parser *p, struct arg_nodes **ret);
struct node *parse_body(struct parser *p, const char *const *ends);
struct node *parse_template(struct parser *p);
