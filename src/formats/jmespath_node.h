/*
 * jmespath_node.h - what the parser of JMESPath hands to the evaluation. Private to formats/.
 */
#pragma once
#include "formats/jmespath.h"

enum jmes_kind {
    JMES_CURRENT,    /* @, and what stands for it where nothing is written */
    JMES_LITERAL,    /* `1`, 'text': value */
    JMES_FIELD,      /* name: value */
    JMES_INDEX,      /* [n]: from */
    JMES_SLICE,      /* [from:to:step] */
    JMES_FLATTEN,    /* left[] */
    JMES_CHAIN,      /* left.right, left | right: right is asked of what left gave */
    JMES_PROJECTION, /* left[*].right: right of each item of a list */
    JMES_VALUES,     /* left.*.right: right of each value of a map */
    JMES_FILTER,     /* left[?test].right */
    JMES_LIST,       /* [a, b]: nodes */
    JMES_MAP,        /* {x: a, y: b}: nodes, names */
    JMES_OR,
    JMES_AND,
    JMES_NOT,       /* left */
    JMES_COMPARE,   /* comparison */
    JMES_CALL,      /* function(nodes) */
    JMES_EXPRESSION /* &left */
};

enum jmes_compare { JMES_EQ, JMES_NE, JMES_LT, JMES_LE, JMES_GT, JMES_GE };

struct jmes_node {
    enum jmes_kind kind;
    size_t at; /* byte of the expression */
    const struct jmes_node *left, *right, *test;
    value value;
    struct jmes_bound {
        bool given;
        int64_t n;
    } from, to, step;
    enum jmes_compare comparison;
    const struct jmes_function *function;
    VEC(const struct jmes_node *) nodes;
    VEC(value) names;
};

struct jmespath {
    str text;
    const struct jmes_node *root;
};

/* One evaluation. */
struct jmes_search {
    const struct jmespath *expression;
    struct arena *arena;
    struct diags *diags;
    span at;
    unsigned steps; /* nodes evaluated so far */
};

NODISCARD bool jmes_eval(struct jmes_search *search, const struct jmes_node *node, value data,
                         value *ret);
bool jmes_truth(value v);
bool jmes_equal(value a, value b);
/* Numbers, or texts: <0, 0, >0. False: these two have no order. */
bool jmes_order(value a, value b, int *ret);
/* Always false. */
bool jmes_fail(struct jmes_search *search, const struct jmes_node *node, const char *format, ...)
    PRINTF(3, 4);

struct jmes_function;
const struct jmes_function *jmes_function(str name); /* NULL: there is none */
/* The names of all, for a suggestion. */
const str *jmes_function_names(struct arena *arena, size_t *ret_count);
/* NULL: it takes so many arguments; else how many it takes: "1 argument", "at least 1 argument". */
const char *jmes_arity_problem(struct arena *arena, const struct jmes_function *function,
                               size_t count);
NODISCARD bool jmes_call_function(struct jmes_search *search, const struct jmes_node *node,
                                  value data, value *ret);
