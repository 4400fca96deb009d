/*
 * template.h - Jinja2 as Ansible uses it: texts and expressions to values.
 *
 * A text is compiled once per run (the environment keeps a cache by content, dialect and options)
 * and evaluated many times, from several threads. An evaluation allocates from the arena of its
 * task, reports to the diagnostics of its task, and is bounded in depth, steps and size of result.
 *
 * Variables are lazy: a scope holds raw values, and a variable whose text is a template is
 * evaluated when it is used, once per scope; a cycle is reported with the chain of names. Only
 * trusted strings (value.h) are ever compiled: what a host sent stays text, whatever route it
 * takes.
 *
 * Source: Jinja2 3.1 (template designer documentation); for the classic dialect ansible-core 2.18.
 */
#pragma once
#include "base/diag.h"
#include "base/secrets.h"
#include "base/value.h"

struct template_env; /* one per run, used by all threads */

enum dialect {
    DIALECT_CLASSIC, /* ansible-core 2.9 to 2.18, jinja2_native off: results are read as literals */
    DIALECT_NATIVE,  /* ansible-core 2.19: one expression keeps its type, conditions must be boolean
                      */
    DIALECT_JINJA,   /* plain Jinja2: text only, undefined prints as nothing */
};

/* What the rest of the program lends to templates; any function may be NULL (refused by name then).
 */
struct template_hooks {
    void *data;
    /* lookup('config', name): *ret undefined when there is no such setting;
     * lookup('inventory_hostnames', pattern) */
    bool (*config)(void *data, struct diags *diags, span at, str name, value *ret);
    bool (*hosts)(void *data, struct diags *diags, span at, str pattern, value *ret_list);
    /* decrypt a vault text: for `!vault` values and the unvault filter and lookup */
    bool (*vault)(void *data, struct diags *diags, str ciphertext, span at, value *ret);
    /* before and after what may change something: lookup('pipe') and the like */
    void (*acts)(void *data);
};

struct template_env *template_env_new(enum dialect dialect, struct source_map *sources,
                                      struct secrets *secrets, struct template_hooks hooks);
void template_env_free(struct template_env *env); /* accepts NULL */

/*
 * The names an evaluation can see: maps of raw values, the strongest first, then names that are
 * computed when they are asked for (hostvars, groups, ...). A scope and its results live as long as
 * its arena and belong to one thread. Results of evaluated variables are remembered in it.
 */
struct scope {
    const value *layers; /* maps */
    size_t count;
    /* The weakest names, computed; false: there is no such name. */
    bool (*magic)(void *data, struct arena *arena, str name, value *ret);
    void *magic_data;
    const str *magic_names; /* for suggestions and `vars` */
    size_t magic_count;
    struct scope_memo *memo; /* starts as NULL; private to template/ */
};

/* {% do %}; {% break %} and {% continue %}: off unless jinja2_extensions asks for them. */
struct template_extensions {
    bool do_statement, loop_controls;
};

/* Of all evaluations that begin later; before the first one. */
void template_env_extend(struct template_env *env, struct template_extensions extensions);

/* Why an evaluation failed; the engine treats an undefined name unlike a mistake. */
enum template_failure { TEMPLATE_OK, TEMPLATE_UNDEFINED, TEMPLATE_SYNTAX, TEMPLATE_FAILED };

/* One evaluation, or several one after another with the same scope. */
struct eval {
    struct template_env *env;
    struct arena *arena;
    struct diags *diags;
    struct scope *scope;
    const str *search_paths; /* directories on the controller for lookups, templates and includes,
                                in order: role, including file, play */
    size_t search_count;
    value templates; /* a map of texts by name, found before files by include, import and extends;
                        zero: none */
    value globals;   /* a map of values that imported templates see too; zero: none */
    bool dry_run;    /* lookup('pipe') and the like are still done: they read */
    bool tentative;  /* nobody knows yet whether it will be needed: they are refused */
    enum template_failure failure; /* set when a function below has returned false */
    struct eval_state *state;      /* starts as NULL; private to template/ */
};

/* Of this evaluation only. */
void template_set_extensions(struct eval *eval, struct template_extensions extensions);

/* Whether a string holds anything to evaluate ("{{", "{%" or "{#") and may be: is trusted. */
bool template_is_template(value v);

/*
 * Evaluate whatever is a template within a value: strings, and strings in lists and in values of
 * maps (keys are not, but for those of the map itself in the second form, as set_fact has it). What
 * needs no evaluation is returned as it is, without a copy. The result of a template is not
 * trusted.
 */
NODISCARD bool template_value(struct eval *eval, value v, value *ret);
NODISCARD bool template_value_and_keys(struct eval *eval, value v, value *ret);

/* A condition (when, changed_when, failed_when, until, assert.that): a bare expression, a bool,
 * null (true), or a list that must hold as a whole. Unknown when it hangs on something unknown. */
NODISCARD bool template_condition(struct eval *eval, value condition, enum truth *ret);

/* Behind a condition that was just found to be false: note at a diagnostic the values that decided
 * it. Nothing is noted where a second look might do something, or where the text is a template. */
void template_explain(struct eval *eval, value condition, struct diag *diag);

/* A bare expression, keeping the type of its result ("{{", "}}" not written): `var:` of debug,
 * with_* of bare names. */
NODISCARD bool template_expression(struct eval *eval, value expression, value *ret);

/* What plain Jinja makes of undefined values. */
enum template_undefined {
    UNDEFINED_DEFAULT, /* nothing when printed; their attributes are mistakes */
    UNDEFINED_STRICT,  /* any use is a mistake */
    UNDEFINED_CHAINABLE,
    UNDEFINED_DEBUG, /* printed as they were written */
};

/* A template file's text, as the template module renders it: no literal parsing, no doubling of
 * backslashes, the options below and those of a "#jinja2:" header. */
struct template_file_options {
    bool trim_blocks; /* Ansible's default is true */
    bool lstrip_blocks;
    bool keep_trailing_newline; /* Ansible's default is true */
    str newline_sequence;       /* "\n" if STR_NONE */
    str block_start, block_end, variable_start, variable_end, comment_start,
        comment_end;                    /* or STR_NONE */
    str line_statement, line_comment;   /* prefixes, or STR_NONE */
    bool extension_do, extension_loops; /* {% do %}; {% break %} and {% continue %} */
    /* Plain Jinja only. */
    bool autoescape;
    enum template_undefined undefined;
};
#define TEMPLATE_FILE_DEFAULTS                                                                     \
    ((struct template_file_options){ .trim_blocks = true, .keep_trailing_newline = true })
NODISCARD bool template_file(struct eval *eval, value text, struct template_file_options options,
                             value *ret);

/* Only the syntax, and names of filters and tests: for checks before a run. */
bool template_check(struct template_env *env, struct diags *diags, value text);
bool template_check_condition(struct template_env *env, struct diags *diags, value condition);

/* A lookup by name as with_NAME and lookup() call it: `terms` evaluated, the result always a list.
 */
NODISCARD bool template_lookup(struct eval *eval, str name, span at, value terms, value *ret_list);

/* The value that `omit` stands for, and a map or list without what equals it. */
value template_omit(struct template_env *env);
bool template_is_omit(value v);
value template_without_omitted(struct eval *eval, value args);

/* For `hostler doc` and completion: the rows of the tables. */
enum template_kind {
    TEMPLATE_FILTER,
    TEMPLATE_TEST,
    TEMPLATE_LOOKUP,
    TEMPLATE_FUNCTION,
    TEMPLATE_STATEMENT,
    TEMPLATE_KINDS /* how many there are */
};
struct template_name {
    str name;
    str aliases;   /* with spaces between them; or empty */
    str signature; /* "width=4, first:bool=false": see call.h; empty for statements */
    str summary;   /* sentences; the first of them says what it is for */
    str example;   /* lines "template -> result"; empty for what is refused */
};
const struct template_name *template_rows(enum template_kind kind, size_t *ret_count);
/* By a name or an alias, with or without its collection; NULL: there is none. */
const struct template_name *template_find_name(enum template_kind kind, str name);
