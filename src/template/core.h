/*
 * core.h - what the files of the evaluator share: the state of an evaluation, frames of variables,
 * operators, attributes, output. Private to template/.
 */
#pragma once
#include "base/textbuf.h"
#include "template/call.h"
#include "template/lex.h"
#include "template/node.h"

#define MAX_DEPTH  1500       /* expressions, bodies, calls and templates within each other */
#define MAX_STEPS  100000000u /* nodes evaluated within one call of the public functions */
#define MAX_MEMORY ((size_t)1 << 30) /* bytes in the arena of the task */
#define MAX_TEXT   (128u << 20)      /* bytes of one text */
#define ARGS_ROOM  64u               /* arguments of running calls; beyond, the arena has them */
#define MAX_ITEMS  VALUE_MAX_NODES   /* items of one list */

/* Flags of values that only matter within an evaluation; they live in value.flags. */
#define FLAG_LENIENT 32  /* of an undefined value: prints as nothing in every dialect */
#define FLAG_OMIT    128 /* of the string `omit` stands for */
#define FLAG_NATIVE  16  /* of a string: never read as a literal (result of to_json and the like) */

static inline bool is_markup(value v)
{
    return value_is(v, VALUE_STR) && (v.flags & VALUE_FLAG_MARKUP) != 0;
}
static inline value as_markup(value v)
{
    if (value_is(v, VALUE_STR)) {
        v.flags |= VALUE_FLAG_MARKUP;
    }
    return v;
}
static inline value not_markup(value v)
{
    v.flags &= (uint8_t)~VALUE_FLAG_MARKUP;
    return v;
}

/* ---- the environment (env.c) ---- */

struct name_table { /* open addressing; names as keys */
    const struct function **slots;
    size_t size, count;
};

struct template_env {
    struct arena *arena; /* programs, symbols, functions; append-only, under the lock */
    enum dialect dialect;
    struct source_map *sources;
    struct secrets *secrets;
    struct template_hooks hooks;
    struct template_extensions extensions;
    struct name_table filters, tests, lookups, functions;
    struct name_table str_methods, list_methods, map_methods, number_methods, tuple_methods,
        datetime_methods, timedelta_methods, bytes_methods, mapping_methods;
    struct cache *cache;
    struct {
        const struct symbol *loop, *caller, *varargs, *kwargs, *self;
    } names; /* that have a meaning of their own */
    value omit;
};

const struct function *name_table_get(const struct name_table *table, str name);
const str *name_table_names(struct arena *arena, const struct name_table *table, size_t *ret_count);
/* Filters and tests may be written with the name of their collection. */
const struct function *env_filter(struct template_env *env, str name);
const struct function *env_test(struct template_env *env, str name);
const struct function *env_lookup(struct template_env *env, str name);

/* ---- compiled texts (cache.c) ---- */

struct compile_options {
    struct lex_options lex;
    bool classic_text; /* a playbook's string: headers, classic output */
    bool extension_do, extension_loops;
    bool autoescape;
    bool names_late; /* unknown filters in branches fail when they are reached */
    size_t skip;     /* bytes of a header before the text */
};

/* The program of a text; compiled at the first use. NULL after a diagnostic. */
const struct program *cache_program(struct eval *eval, value text,
                                    const struct compile_options *options);
struct cache *cache_new(void);
void cache_free(struct cache *cache);
const struct symbol *cache_symbol(struct template_env *env, str name);

struct parse_input {
    struct arena *arena;
    struct template_env *env;
    str text;
    const struct compile_options *options;
};
/* parse.c; the environment is locked. NULL with *ret_error set. */
struct program *parse_program(const struct parse_input *input, struct syntax_error *ret_error);
/* The "#jinja2:" header: options it sets, and how many bytes it takes. */
NODISCARD bool parse_header(struct arena *arena, str text, struct lex_options *options,
                            size_t *ret_skip, struct syntax_error *ret_error);

/* ---- an evaluation ---- */

/* Where we are, for notes: "variable 'url' is used here". A chain from the innermost. */
enum trail_kind { TRAIL_VARIABLE, TRAIL_MACRO, TRAIL_INCLUDE, TRAIL_IMPORT, TRAIL_EXTENDS };
struct trail {
    const struct trail *outer;
    enum trail_kind kind;
    str name;
    const struct render *render; /* whose text the place is in */
    span at;
};

/* Why a value is undefined, found again by the address of its text. */
struct origin {
    const struct origin *before;
    const void *text;
    value container; /* a map that has no such key: for suggestions; else undefined */
    str name;
    struct diag *diag; /* of a variable: what was wrong in its own text; or NULL */
};

/* Shared by all evaluations of one struct eval. */
struct eval_state {
    unsigned depth;
    uint32_t steps, step_limit;
    uint32_t look_at;    /* steps at which the bounds are to be looked at; arena_watch() sets it */
    size_t memory_limit; /* bytes in the arena */
    const struct trail *trail;
    const struct origin *origins; /* the newest first */
    struct render *render;        /* the innermost */
    bool track_taint, tainted;    /* whether a string was used that is not the author's */
    bool tainted_output;          /* and may have got into the result */
    enum template_undefined undefined;
    struct template_extensions extensions;
    const struct compile_options *options; /* of the outermost text: for those it includes */
    value *args; /* ARGS_ROOM for arguments of calls that run; NULL before the first */
    uint32_t args_used;
};

struct binding {
    const struct symbol *name;
    value value;
};

/* Variables that a template has set. Frames of loops and macros lie upon others. */
struct frame {
    struct frame *outer;
    VEC(struct binding) bindings;
    bool captured; /* a macro was defined in it: it outlives its block */
};

/* Where names come from when no frame has them. */
struct context {
    struct scope *scope;        /* NULL: only globals (import without context) */
    struct frame *exports;      /* the frame of top-level sets */
    struct frame *copies;       /* variables given to a template that may change them */
    const struct frame *passed; /* frames of the includer, or NULL */
    const struct context *passed_context;
};

/* One definition of a block, and that of the template it overrides. */
struct block {
    const struct node *node;
    struct render *home;
    struct block *parent;
};

/* The blocks of a template and of those it extends. */
struct block_list {
    VEC(struct named_block) items;
};
struct named_block {
    const struct symbol *name;
    struct block *first;
};

/* What output statements have given so far. One value alone is kept apart, since the classic
 * dialect then looks at its type. */
struct output {
    struct textbuf text;
    value only; /* while pieces == 1 */
    unsigned pieces;
};

/* One template being rendered. */
struct render {
    struct eval *eval;
    struct eval_state *state;
    struct arena *arena;
    const struct program *program;
    value source;       /* the text, for places */
    size_t source_skip; /* bytes of a header before the program's text */
    struct context *context;
    struct frame *frame;
    struct output *out;
    struct block_list *blocks; /* shared along the chain of extends */
    const struct block *block; /* the one being rendered, for super() */
    const value *filter_input; /* of a filter block, or NULL */
    value extends;             /* the parent's name; undefined until `extends` is reached */
    bool extended;
    bool autoescape;
    bool convert; /* classic: finished outputs are read as literals */
    enum flow { FLOW_NEXT, FLOW_BREAK, FLOW_CONTINUE } flow;
};

static inline bool dialect_is(const struct render *r, enum dialect dialect)
{
    return r->eval->env->dialect == dialect;
}

/* A place in the text of the render: found in its source only when it is needed, until then a span
 * is the offset. */
static inline span render_span(const struct render *r, size_t from, size_t to)
{
    return (span){ (uint32_t)(from + r->source_skip), (uint32_t)(to - from) };
}
static inline span node_span(const struct render *r, const struct node *node)
{
    return render_span(r, node->from, node->to);
}

/* ---- eval.c, statements.c ---- */

/* A name, from the innermost frame outwards, then from the scope (scope.c). */
NODISCARD bool resolve_name(struct render *r, const struct symbol *name, span at, value *ret);
/* Any node of an expression but a constant or a name, which count as no step of their own. */
NODISCARD bool eval_expression(struct render *r, const struct node *node, value *ret);
NODISCARD static inline bool eval_node(struct render *r, const struct node *node, value *ret)
{
    if (node->kind == NODE_CONST) {
        *ret = node->as.constant;
        return true;
    }
    return node->kind == NODE_NAME ? resolve_name(r, node->as.name, node_span(r, node), ret)
                                   : eval_expression(r, node, ret);
}
NODISCARD bool eval_args(struct render *r, const struct arg_nodes *nodes, span at,
                         struct call_args *ret);
NODISCARD bool exec_body(struct render *r, const struct node *body);
NODISCARD bool assign_target(struct render *r, const struct node *target, value v);
/* Run a body into a text of its own. The value as the dialect makes it of the output. */
NODISCARD bool exec_captured(struct render *r, const struct node *body, value *ret);
/* Each node that is evaluated or executed counts, and each round of what goes through lists or
 * texts of any size. False after a diagnostic: there were too many, or they took too much memory.
 */
NODISCARD bool eval_look_at_bounds(struct render *r, span at);
NODISCARD static inline bool eval_step(struct render *r, span at)
{
    return r->state->steps++ < r->state->look_at || eval_look_at_bounds(r, at);
}

/* Call any value. */
NODISCARD bool call_value(struct render *r, value callee, const struct call_args *args, value *ret);

/* ---- diagnostics (report.c) ---- */

/* The type of a value with its article, for "%s %s". */
#define A_TYPE(v) article_of(value_type_name(v)), value_type_name(v)
const char *article_of(const char *noun); /* "a", "an" */

/* Places in an evaluation are offsets into its text; this finds one in a source. */
span place_in_source(const struct render *r, span at);
/* After a diagnostic that another room reported: it is the failure, and is told how it was reached.
 */
void render_reported(struct render *r);
struct diag *render_error(struct render *r, span at, enum template_failure why, const char *format,
                          ...) PRINTF(4, 5);
/* Report the use of an undefined value; always false. */
bool report_undefined(struct render *r, value v, span at);
bool report_syntax(struct eval *eval, value text, size_t skip, const struct syntax_error *error);
/* Keep why a value is undefined, for the case that it is used. */
void remember_origin(struct eval *eval, value undefined, struct origin origin);
/* Diagnostics since `mark` are forgotten: what failed was only tried. */
struct diag_mark {
    size_t count;
    unsigned errors;
};
struct diag_mark diags_mark(const struct eval *eval);
void diags_forget(struct eval *eval, struct diag_mark mark);
/* Whether an undefined value may be used as if it were empty; reports its use if not. */
NODISCARD bool may_use_undefined(struct render *r, value v, span at);
bool undefined_chains(const struct render *r);
void add_trail(struct eval *eval, struct diag *diag);
struct eval_state *eval_state(struct eval *eval);
/* The text of a variable met something undefined, as the diagnostic behind the mark says: then so
 * is the variable, and that is told, instead, when someone uses it. */
value undefined_variable(struct eval *eval, struct diag_mark mark);

/* ---- the values behind a failure (explain.c) ---- */

/* Note what an operand was; nothing about a constant. */
void explain_operand(struct render *r, const struct node *node, value v, struct diag *diag);
/* Note what decided that the expression of the render is false. */
void explain_condition(struct render *r, struct diag *diag);

/* ---- frames and names (scope.c) ---- */

void frame_set(struct render *r, struct frame *frame, const struct symbol *name, value v);
bool frame_get(const struct frame *frame, const struct symbol *name,
               value *ret); /* this one only */
/* A variable of the scope, evaluated. *ret undefined without a text: there is none. */
NODISCARD bool scope_variable(struct render *r, str name, span at, value *ret);
bool scope_raw(struct eval *eval, str name, value *ret);
const str *scope_names(struct eval *eval, size_t *ret_count);

/* ---- values in an evaluation (attr.c, ops.c, bigint.c) ---- */

NODISCARD bool get_attribute(struct render *r, value v, value name, span at, value *ret);
NODISCARD bool get_item(struct render *r, value v, value key, span at, value *ret);
/* get_attribute, or an undefined value with its name; reports nothing about a missing one. */
NODISCARD bool get_slice(struct render *r, value v, value from, value to, value step, span at,
                         value *ret);
bool is_map_object(value v); /* hostvars, `vars` ...: what has keys and values */
const struct function *find_method(struct template_env *env, value v, str name);

NODISCARD bool binary_operation(struct render *r, enum operator op, value a, value b, span at,
                                value *ret);
NODISCARD bool negate(struct render *r, value v, span at, value *ret);
NODISCARD bool plus(struct render *r, value v, span at, value *ret);
NODISCARD bool compare_values(struct render *r, enum operator op, value a, value b, span at,
                              enum truth *ret);
NODISCARD bool contains(struct render *r, value container, value item, span at, enum truth *ret);
NODISCARD bool truth_of(struct render *r, value v, span at, enum truth *ret);
NODISCARD bool iterate(struct render *r, value v, span at, const value **ret, size_t *ret_count);
NODISCARD bool length_of(struct render *r, value v, span at, size_t *ret);
/* Python's str(), with undefined and None as the dialect prints them inside of texts. */
NODISCARD bool text_of(struct render *r, value v, span at, value *ret);
/* A list or map for an object that has such a form (views, namespaces ...). */
NODISCARD bool plain_value(struct render *r, value v, value *ret);
/* A map for an object that is one (vars, hostvars ...), and for those in it. */
NODISCARD bool plain_maps(struct render *r, value v, value *ret);
bool find_undefined(value v, value *ret); /* it, or one within */
static inline bool is_number(value v)
{
    return value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT) || value_is(v, VALUE_BOOL);
}
static inline bool is_integer(value v)
{
    return value_is(v, VALUE_INT) || value_is(v, VALUE_BOOL);
}
int64_t small_integer(value v); /* of a bool or an integer that is not big */

/* Sums and differences of dates (dates.c); false when the two have none. */
bool date_operation(struct render *r, enum operator op, value a, value b, value *ret);

/* Integers of any length, by decimal digits. */
value big_add(struct arena *arena, value a, value b);
value big_sub(struct arena *arena, value a, value b);
value big_mul(struct arena *arena, value a, value b);
bool big_divmod(struct arena *arena, value a, value b, value *ret_quotient, value *ret_rest);
bool big_pow(struct arena *arena, value a, uint64_t exponent, value *ret); /* false: too large */
int big_compare(value a, value b);
value big_from_double(struct arena *arena, double d);
bool big_from_digits(struct arena *arena, str digits, unsigned base, value *ret);
str big_to_base(struct arena *arena, value v, unsigned base); /* 2, 8, 10, 16; lower case */

/* Whether a value may be put into `holder` (or be gone through, if that is undefined): weigh.c. */
NODISCARD bool may_hold(struct render *r, value holder, value v, span at);
NODISCARD static inline bool may_go_through(struct render *r, value v, span at)
{
    return (!value_is(v, VALUE_LIST) && !value_is(v, VALUE_MAP)) ||
           may_hold(r, (value){ .kind = VALUE_UNDEFINED }, v, at);
}

/* A value whose lists and maps may be changed (base/value_change.h): anew, deep. */
value copy_for_change(struct arena *arena, value v);

/* < > & ' " as entities (markup.c); the result is markup. */
value escape_html(struct arena *arena, value text);

/* ---- output and dialects (convert.c) ---- */

void output_init(struct output *out, struct arena *arena);
NODISCARD bool output_value(struct render *r, value v, span at);
void output_text(struct render *r, value text); /* of the template itself: has no marks */
/* What a finished output is: text, or by the classic rules what the text reads as. */
value output_result(struct render *r, struct output *out);
value output_plain(struct output *out);
/* Read a Python literal (classic rule 5). False when the text is none. */
bool read_literal(struct arena *arena, str text, value *ret);
value classic_value(struct arena *arena, value text);

void condition_options(const struct eval *eval, struct compile_options *ret);
NODISCARD bool condition_holds(struct eval *eval, value condition, enum truth *ret);

bool is_container(value v); /* a list or a map; a tuple is none: it is no data */

/* ---- lookups (lookup.c) ---- */

NODISCARD bool lookup_run(struct render *r, str name, value terms, span at, value *ret_list);
NODISCARD bool lookup_call(struct call *call, bool as_list, value *ret); /* lookup(), query() */
builtin_fn function_now;                                                 /* dates.c */
builtin_fn function_lipsum;                                              /* lipsum.c */

/* ---- macros, loops, inheritance ---- */

struct frame *frame_new(struct arena *arena, struct frame *outer);
NODISCARD bool exec_for(struct render *r, const struct node *node);
NODISCARD bool exec_macro(struct render *r, const struct node *node);
NODISCARD bool exec_call_block(struct render *r, const struct node *node);
NODISCARD bool exec_block(struct render *r, const struct node *node);
NODISCARD bool exec_extends(struct render *r, const struct node *node);
NODISCARD bool exec_include(struct render *r, const struct node *node);
NODISCARD bool exec_import(struct render *r, const struct node *node);
NODISCARD bool exec_from(struct render *r, const struct node *node);
NODISCARD bool render_program(struct render *r); /* the body, then its parents */
value block_reference(struct render *r);         /* `self` */
NODISCARD bool super_call(struct render *r, const struct node *node, value *ret);
bool namespace_set(value ns, struct arena *arena, str name, value v); /* false: no namespace */
bool namespace_attributes(value ns, value *ret);                      /* the same */

/* Render a text as a template (template.c): `convert` reads the result as a literal. */
void playbook_options(const struct eval *eval, struct compile_options *ret);
void file_options(const struct eval *eval, struct template_file_options from,
                  struct compile_options *ret);
NODISCARD bool render_text(struct eval *eval, value text, struct compile_options options,
                           bool convert, value *ret);
/* The same of a file as Ansible does: with as many line ends behind it as the text has, if
 * rendering took some. */
NODISCARD bool render_file(struct eval *eval, value text, struct compile_options options,
                           bool convert, value *ret);
/* A template file by its name: of eval->templates, or in the search paths. */
NODISCARD bool find_template(struct eval *eval, str name, value *ret, bool *ret_found);
/* A file by its name: absolute, or `kind`/name or name in one of the search paths. */
NODISCARD bool find_file(struct eval *eval, const char *kind, str name, str *ret_path);
/* Note where it was looked for, with a hint if a file there has nearly that name. */
void note_file_places(struct eval *eval, struct diag *diag, const char *kind, str name);
NODISCARD bool read_file(struct eval *eval, span at, str path, str *ret);

/* Views: what ranges, dict.keys() and, in plain Jinja, filters like map give. */
enum view_kind { VIEW_RANGE, VIEW_KEYS, VIEW_VALUES, VIEW_ITEMS, VIEW_ITERATOR };
value view_value(struct arena *arena, enum view_kind kind, value list, str text);
bool is_view(value v);
bool is_iterator(value v); /* a view of kind VIEW_ITERATOR */
value view_list(value view);
