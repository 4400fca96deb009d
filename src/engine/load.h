/*
 * load.h - what the files of the loader share. A list of tasks is loaded in a context: what stands
 * above it in the tree, whose role and file it is. Mistakes are reported where they are found and
 * the rest of the list is still looked at, so that one run shows them all; a function returns false
 * when anything of it was refused.
 */
#pragma once
#include <sys/stat.h>

#include "engine/action.h"
#include "engine/keywords.h"

struct context {
    struct loader *loader;
    const struct node *parent;
    const struct role *role; /* NULL outside of roles */
    str file;                /* absolute */
    str playbook_dir;        /* absolute */
    bool handlers;
};

/* A file of the run, read again only when it has changed since. */
struct loaded_file {
    str path; /* absolute, normal */
    value content;
    bool ok;
    struct stat status;
    bool checked; /* its templates were looked at */
    struct loaded_file *next;
};

struct user_module {
    str name, path;
};

/* What a full name ("ns.coll.name") means; the same everywhere. */
struct full_name {
    str name;
    struct action action;
    bool known; /* at least to Ansible */
    struct full_name *next;
};

struct loader_state {
    str cwd;
    struct arena *scratch;          /* for paths that are only tried; reset by who fills it */
    struct full_name *names[64];    /* by hash */
    struct loaded_file *files[256]; /* by hash of the path */
    VEC(const struct role *) imported;
    VEC(struct user_module) modules; /* found in library/ and action_plugins/ so far */
    VEC(str) module_dirs;            /* where was looked */
    VEC(str) collection_roots;       /* collections/ beside playbooks, after the configured ones */
    VEC(str) warned;                 /* names of modules that were already warned about */
    bool quiet;                      /* the file at hand was checked before */
};

struct node_vec {
    const struct node **items;
    size_t len, cap;
};

struct given {
    struct keyword_value *items;
    size_t len, cap;
};

/* ---- load_file.c: files, paths, reports ---- */

struct loader_state *load_state(struct loader *loader);
str load_path(struct loader *loader, str path); /* absolute and normal */
str load_shown(struct loader *loader,
               str path); /* as the user sees it: from the working directory */
bool load_is_file(str path);
bool load_is_dir(str path);
/* The content of a YAML file; null when it is empty. `at` names it, for the report that it cannot
 * be read. */
bool load_yaml(struct loader *loader, str path, span at, value *ret);
/* The path itself, the same bytes for each time it is asked for. */
str load_keep(struct loader *loader, str path);
/* Whether the file's templates still have to be checked; asks once only. */
bool load_check_due(struct loader *loader, str path);
/* Names in a directory, sorted, without hidden ones and backups. */
const str *load_directory(struct loader *loader, str path, size_t *ret_count);

const char *load_kind(value v); /* with its article: "a list" */
/* Report; the same words at the same place are said once. The first error decides `failure`. */
struct diag *load_error(struct loader *loader, enum load_failure failure, span at,
                        const char *format, ...) PRINTF(4, 5);
struct diag *load_warning(struct loader *loader, span at, const char *format, ...) PRINTF(3, 4);
/* Report what was found early, and would fail the task if it ran. */
void load_as_warnings(struct loader *loader, const struct diags *found);
/* Note where was looked, and suggest a file of the same directory with a similar name. */
void load_note_places(struct loader *loader, struct diag *diag, const str *paths, size_t count);

/* ---- load_block.c: lists of tasks ---- */

/* A list, or null; `what` names it: a keyword, or words. Tasks are added to `ret`. */
bool load_list(const struct context *context, value list, str what, struct node_vec *ret);
/* The tasks of a file. `at` names it. */
bool load_tasks_file(const struct context *context, str path, span at, struct node_vec *ret);
bool load_task(const struct context *context, value map, struct node_vec *ret);
struct node_list load_nodes(const struct node_vec *vec);

void load_node(const struct context *context, enum node_kind kind, value map, struct given *given,
               struct node *ret);
/* Take a keyword if it may stand here. False after a report. */
bool load_keyword(const struct context *context, enum keyword_place place, value key, value v,
                  struct given *given);
void given_set(struct loader *loader, struct given *given, enum keyword keyword, value key,
               value v);
value given_get(const struct given *given, enum keyword keyword);
/* Two maps as one, where `above` wins; what is no map is left out. */
value load_joined(struct loader *loader, value below, value above);
/* `vars` may be a list of maps: one map, where the later ones win. */
value load_vars_list(struct loader *loader, value v);

/* ---- load_args.c: what a task does, and its arguments ---- */

struct action_call_text {
    str name; /* the action as written */
    span at;
    value thing;    /* what was given to it: a map, a text, null */
    value more;     /* beside a map, text behind the name: "module: copy src=a"; or null */
    bool old_style; /* under `action` or `local_action`: Ansible looks for it when it runs */
    bool local;     /* local_action */
};
bool load_action_text(const struct context *context, value map, struct action_call_text *ret);
bool load_args(const struct context *context, const struct action_call_text *text, value args,
               struct task *task);
/* Only these names may be given; NULL-terminated. */
bool load_check_options(const struct context *context, const struct task *task,
                        const char *const *names);
value load_option(const struct task *task, const char *name);

/* ---- load_action.c: names of actions ---- */

/* Resolve; false after the report that nobody knows such an action. */
bool load_action(const struct context *context, const struct action_call_text *text,
                 struct task *task);
/* Whether a key of a task could be an action: known here, to Ansible or to the user. */
bool load_is_action(const struct context *context, str name);
/* "copy" of "ansible.builtin.copy" and "ansible.legacy.copy"; other names as they are. */
str load_short_name(str name);
/* The collection ("ns.coll") that a playbook of this directory is of; STR_NONE: of none. */
str load_own_collection(struct loader *loader, str dir);
/* A directory of a collection; STR_NONE when there is no further one. Start with *index = 0. */
str load_collection_dir(struct loader *loader, str namespace, str collection, size_t *index);
void load_add_modules(struct loader *loader, str dir);                  /* of a playbook or role */
const str *load_action_names(struct loader *loader, size_t *ret_count); /* for suggestions */

/* ---- load_known.c: names that Ansible knows ---- */

bool known_builtin(str short_name);
/* The collection that has a short name of older playbooks: "community.general" of "ufw"; STR_NONE:
 * none. */
str known_collection_of(str short_name);
bool known_collection(str name);
bool known_lookup(str name);
const str *known_builtins(size_t *ret_count);
const str *known_collections(size_t *ret_count);

/* ---- load_import.c: static imports ---- */

bool load_import_tasks(const struct context *context, const struct task *task, value map,
                       struct given *given, struct node_vec *ret);
bool load_import_role(const struct context *context, const struct task *task, value map,
                      struct given *given, struct node_vec *ret);
/* A name that may be a template of what is known before the run. */
bool load_name(const struct context *context, value name, const char *what,
               enum load_failure failure, str *ret);

/* ---- roles.c ---- */

struct role_use {
    str name; /* evaluated */
    span at;
    value entry;               /* keywords and parameters where it is used; or undefined */
    const struct node *parent; /* above its node */
    const struct role *owner;  /* what depends on it or includes it */
    bool is_dependency;
    bool is_included;
    bool validate; /* put the task in front that checks its arguments */
    str tasks_from, vars_from, defaults_from, handlers_from; /* STR_NONE: main */
    span from_at;      /* of a name of a file, for a report; SPAN_NONE: `at` */
    value params;      /* beside those of the entry; or undefined */
    value collections; /* where short names of roles are looked for; or undefined */
};
bool role_use_load(const struct context *context, const struct role_use *use, struct role **ret);
/* The entries of `roles:` or of `dependencies:`. */
bool role_entry_load(const struct context *context, value entry, struct role_use use,
                     struct role **ret);
/* The directory of a role, and the collection it is of (or STR_NONE); STR_NONE after a report. */
str role_find(const struct context *context, const struct role_use *use, struct diags *diags,
              str *ret_collection);

/* ---- load_check.c, _keywords.c, _handlers.c: values that need no run to be judged ---- */

bool check_keyword(const struct context *context, const struct keyword_row *row, value key,
                   value v);
bool check_vars(const struct context *context, value vars, const char *where);
/* Syntax of all templates within a value, as warnings. */
void check_templates(const struct context *context, value v);
void check_task(const struct context *context, const struct task *task);
void check_handlers(struct loader *loader, const struct play *play);
