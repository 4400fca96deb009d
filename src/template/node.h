/*
 * node.h - the syntax tree of a compiled template. Nodes are made by the parser in the arena of the
 * environment, never change afterwards, and are read by any number of threads.
 *
 * Each node knows the bytes of the text it was parsed from; the place in a file is found only when
 * a diagnostic is made, since one compiled text may have been written in several places.
 */
#pragma once
#include "base/value.h"

struct function; /* call.h */

/* A name, one object for each spelling in an environment: compared by address. */
struct symbol {
    str name;
    uint64_t hash;                     /* str_hash() of the name */
    value key;                         /* the name as a string */
    const struct function *map_method; /* the method of maps with this name, or NULL */
    const struct function *global;     /* the function with this name, or NULL */
};

enum node_kind {
    /* expressions */
    NODE_CONST,
    NODE_NAME,
    NODE_ATTR,   /* a.name */
    NODE_ITEM,   /* a[b] */
    NODE_SLICE,  /* a[b:c:d], parts may be NULL */
    NODE_CALL,   /* a(args) */
    NODE_FILTER, /* a | name(args); a is NULL for the input of a filter block */
    NODE_TEST,   /* a is name(args) */
    NODE_NOT,
    NODE_NEG,
    NODE_POS,
    NODE_BINARY,  /* a op b */
    NODE_COMPARE, /* a op b op c ... */
    NODE_AND,
    NODE_OR,
    NODE_COND,   /* b if a else c; c may be NULL */
    NODE_CONCAT, /* items joined by ~ */
    NODE_LIST,
    NODE_TUPLE,
    NODE_DICT,  /* items: key, value, key, value ... */
    NODE_NSREF, /* name.attr as the target of a set */
    /* statements */
    NODE_TEXT,
    NODE_OUTPUT,
    NODE_IF, /* items: condition, body, condition, body ...; b: the else */
    NODE_FOR,
    NODE_SET, /* a: target, b: value */
    NODE_SET_BLOCK,
    NODE_MACRO,
    NODE_CALL_BLOCK,
    NODE_FILTER_BLOCK,
    NODE_BLOCK,
    NODE_EXTENDS,
    NODE_INCLUDE,
    NODE_IMPORT,
    NODE_FROM,
    NODE_WITH,
    NODE_AUTOESCAPE,
    NODE_DO,
    NODE_BREAK,
    NODE_CONTINUE,
    NODE_BODY, /* items, one after another */
};

enum operator{
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_FLOORDIV,
    OP_MOD,
    OP_POW,
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_IN,
    OP_NOT_IN,
};

struct node;

struct keyword_node {
    const struct symbol *name;
    struct node *value;
    uint32_t from;
};

struct arg_nodes {
    struct node **positional;
    struct keyword_node *keywords;
    uint32_t positional_count, keyword_count;
    struct node *star, *star_star; /* *a, **b, or NULL */
    /* Of a filter or test whose arguments fit its parameters: what each parameter gets, NULL: its
     * default. Else NULL, and they are bound at each call. */
    struct node **bound;
    const bool *given; /* with `bound`: which of them are no defaults */
};

struct import_name {
    const struct symbol *name, *as;
};

/* Parameters and body of a macro or a call block. */
struct macro_node {
    const struct symbol *name; /* NULL for a call block */
    const struct symbol **params;
    struct node **defaults; /* of the last `default_count` parameters */
    uint32_t param_count, default_count;
    struct node *body;
    bool uses_varargs, uses_kwargs, uses_caller;
};

struct node {
    uint8_t kind;      /* enum node_kind */
    uint8_t op;        /* enum operator; in a compare of operands[1..] in ops */
    bool flag;         /* FOR: recursive; BLOCK: scoped; INCLUDE: ignore missing; AUTOESCAPE: -;
                          TEST: negated; NAME: the whole output; ATTR, ITEM: why it is undefined,
                          should it be, nobody asks */
    bool context;      /* INCLUDE, IMPORT, FROM: with context; FOR: the body uses `loop`;
                          BLOCK: required */
    uint32_t from, to; /* bytes of the text */
    struct node *a, *b, *c, *d;
    struct node **items;
    uint32_t count;
    uint32_t *place; /* ATTR: where its key was found last, for value_map_get_near() */
    union {
        value constant;                      /* CONST, TEXT */
        const struct symbol *name;           /* NAME, ATTR, NSREF, BLOCK, IMPORT */
        struct {                             /* FILTER, TEST, CALL */
            struct arg_nodes *args;          /* NULL: none */
            const struct function *function; /* NULL: unknown here, refused when it is reached */
            str spelling;
        } call;
        uint8_t *ops;              /* COMPARE: one for each operand after the first */
        struct macro_node *macro;  /* MACRO, CALL_BLOCK */
        struct import_name *names; /* FROM */
    } as;
};

struct block_entry {
    const struct symbol *name;
    struct node *node;
};

/* A compiled text. */
struct program {
    str text;          /* as compiled */
    struct node *body; /* a NODE_BODY, or the expression */
    struct block_entry *blocks;
    uint32_t block_count;
    bool has_extends;
    /* It calls methods that change a list or map, or runs other templates, which may: variables are
     * then given to it as copies. */
    bool mutates;
    bool autoescape;
    const struct symbol *single_name; /* the text is "{{ name }}" and nothing else */
};
