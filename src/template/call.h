/*
 * call.h - filters, tests, lookups, methods and functions as rows of tables.
 *
 * A row's signature is written as Python would write it; from it come the binding of positional
 * and keyword arguments, their types and defaults, the errors, and the documentation:
 *
 *     "width:int=4, first=false, blank=false"      "attribute=none, *rest, **options"
 *
 * Types: int, float, str (a string, nothing else), text (anything, as Python's str() prints it),
 * bool (by truth), list (anything that can be iterated). Without a type the value is taken as it
 * is. Defaults are literals; a parameter without one is required.
 */
#pragma once
#include "template/object.h"

struct render;
struct env_names;

#define CALL_MAX_PARAMS 16

struct call {
    struct render *render;
    struct eval *eval;
    struct arena *arena;
    span at; /* of the name as it was called */
    const struct builtin *row;
    const char *kind;  /* "filter", "test", "method" ... */
    value input;       /* what stands before the name; undefined for functions */
    value *args;       /* in the order of the signature; given back after the call */
    const bool *given; /* for each of them: not by default */
    const value *rest; /* *rest */
    size_t rest_count;
    value keywords; /* **options: a map */
};

enum builtin_flag {
    CALL_UNDEFINED = 1, /* takes an undefined input as it is */
    CALL_UNKNOWN = 2,   /* can tell something about an unknown input */
    CALL_STRING = 4,    /* its result stays a string in the classic dialect */
    CALL_JINJA = 8,     /* also in plain Jinja */
    CALL_JINJA_ONLY = 16,
    CALL_DEEP = 32,      /* keeps or judges what is unknown within a list or map by itself */
    CALL_MARKUP = 64,    /* takes marked-up text as it is; else the marking gets lost */
    CALL_ITERATOR = 128, /* plain Jinja gives an iterator here, not a list */
    CALL_PRESENCE =
        256, /* asks of an undefined input no more than that it is: no message is made */
    CALL_ENCRYPTED = 512, /* takes a variable that is a vault as it is, not decrypted */
    CALL_ACTS = 1024,     /* a lookup that may change something: runs a program, asks a server */
    CALL_READS = 2048     /* a lookup of a file: it may be a pipe, which tells its text once */
};

typedef bool builtin_fn(struct call *call, value *ret);

struct builtin {
    const char *name;
    const char *aliases; /* further names, separated by spaces; or NULL */
    const char *signature;
    unsigned flags;
    builtin_fn *call;
    const char *summary; /* sentences; the first of them says what it is for */
    const char *example; /* "template -> result" in lines, newlines of a result as \n; run as tests.
                            NULL only for methods, and for what is refused */
};

enum param_type {
    PARAM_ANY,
    PARAM_INT,
    PARAM_FLOAT,
    PARAM_STR,
    PARAM_TEXT,
    PARAM_BOOL,
    PARAM_LIST
};

struct parameter {
    str name;
    enum param_type type;
    bool required;
    value fallback; /* of the parameter's type already, or null or undefined */
};

/* A row, made ready for calls. */
struct function {
    const struct builtin *row;
    str name;
    const char *kind; /* "filter", "test", "method" ... */
    struct parameter params[CALL_MAX_PARAMS];
    uint32_t param_count;
    bool takes_rest, takes_keywords;
    bool is_filter;
};

void function_make(struct arena *arena, const struct builtin *row, const char *kind, str name,
                   struct function *ret);

/* Bind and call. `input` is the value before the name. */
NODISCARD bool function_call(struct render *render, const struct function *function, value input,
                             const struct call_args *args, value *ret);

/* Arguments of a filter or test in a text that fit its parameters are bound once, when the text is
 * compiled; `nodes` keeps them. The arguments themselves are evaluated at each call. */
struct arg_nodes;
struct node;
void function_bind(struct arena *arena, const struct function *function, struct arg_nodes *nodes);
NODISCARD bool function_call_bound(struct render *render, const struct function *function,
                                   value input, const struct arg_nodes *nodes, span at, value *ret);

/* A function as a value: range, lookup, a bound method. */
value function_value(struct arena *arena, const struct function *function, value input);

/* ---- in the body of a row ---- */

/* Fails the call; the message is prefixed by what was called: "filter 'int': ...". Always false. */
bool call_fail(struct call *call, const char *format, ...) PRINTF(2, 3);
bool call_fail_undefined(struct call *call, value undefined); /* an undefined was used */

/* For functions of other rooms that report by themselves: the place to name in their diagnostic,
 * among call->eval->diags, and what fails the call after it (always false). */
span call_place(const struct call *call);
bool call_reported(struct call *call);

static inline bool call_bool(const struct call *call, size_t i)
{
    return value_as_bool(call->args[i]);
}
static inline int64_t call_int(const struct call *call, size_t i)
{
    return value_as_int(call->args[i]);
}
static inline str call_str(const struct call *call, size_t i)
{
    return value_as_str(call->args[i]);
}
static inline bool call_none(const struct call *call, size_t i)
{
    return value_is(call->args[i], VALUE_NULL);
}
static inline bool call_give(value *ret, value v)
{
    *ret = v;
    return true;
}

/* A round of a loop over what may be of any size: counted, so that it ends in a diagnostic and in
 * bounded memory. False after that. */
NODISCARD bool call_step(struct call *call);
NODISCARD bool call_steps(struct call *call, size_t count); /* that it took */

/* The items of anything that can be iterated: lists, the keys of maps, characters of strings. */
NODISCARD bool call_items(struct call *call, value v, const value **ret, size_t *ret_count);
/* As Python's str(); an undefined one as the dialect has it. */
NODISCARD bool call_printed(struct call *call, value v, value *ret); /* of call_text() */
NODISCARD static inline bool call_text(struct call *call, value v, value *ret)
{
    *ret = v;
    return value_is(v, VALUE_STR) || call_printed(call, v, ret);
}
/* A string, or a diagnostic that says what came instead. */
NODISCARD bool call_need_str(struct call *call, value v, str *ret);
NODISCARD bool call_need_int(struct call *call, value v, const char *what, int64_t *ret);
NODISCARD bool call_need_map(struct call *call, value v);
/* x[path] with "a.b.0" as Jinja's attribute= has it. Undefined where it does not exist. */
NODISCARD bool call_attribute(struct call *call, value v, value path, value *ret);
/* With a fallback, unless NULL, for each part of the path that does not exist. */
NODISCARD bool call_attribute_or(struct call *call, value v, value path, const value *fallback,
                                 value *ret);
NODISCARD bool call_truth(struct call *call, value v, bool *ret);
/* Call a filter or test by its name, as map() and select() do. */
NODISCARD bool call_filter(struct call *call, str name, value input, const struct call_args *args,
                           value *ret);
NODISCARD bool call_test(struct call *call, str name, value input, const struct call_args *args,
                         value *ret);

/* The tables: one of each subject, ended by a row without a name. */
extern const struct builtin filters_text[], filters_list[], filters_html[], filters_ip[],
    filters_collections[], filters_keys[], filters_tables[], filters_maps[], filters_networks[],
    filters_numbers[], filters_pprint[], filters_paths[], filters_query[], filters_regex[],
    filters_hash[], filters_serial[], filters_sets[], filters_time[], filters_utils[],
    filters_misc[];
extern const struct builtin tests_core[], tests_ansible[], tests_ip[];
extern const struct builtin lookups_vars[], lookups_files[], lookups_lists[], lookups_other[],
    lookups_url[];
extern const struct builtin methods_str[], methods_list[], methods_map[], methods_number[],
    methods_tuple[], methods_datetime[], methods_timedelta[], methods_bytes[], methods_mapping[];
extern const struct builtin functions_core[];
/* Statements, as rows of the same kind; NULL behind the last. */
const struct builtin *statement_row(size_t i);
