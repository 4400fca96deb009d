/*
 * play.h - a playbook as it was written: plays, blocks, tasks, roles, as an immutable tree that
 * lives in the run's arena. Values are raw: templates in them are evaluated when a task runs.
 *
 * Keywords are a table (keywords.c). A node holds the raw value of each keyword it was given; what
 * a task means is found by walking from it to its play (node_keyword): the nearest wins, except
 * where the table says that values of all levels are joined (when, tags, environment, vars,
 * module_defaults).
 */
#pragma once
#include "base/diag.h"
#include "base/value.h"
#include "module/module.h"

enum keyword {
    /* of plays, roles, blocks and tasks; inherited */
    KW_NAME,
    KW_WHEN,
    KW_TAGS,
    KW_VARS,
    KW_BECOME,
    KW_BECOME_USER,
    KW_BECOME_METHOD,
    KW_BECOME_FLAGS,
    KW_BECOME_EXE,
    KW_ENVIRONMENT,
    KW_IGNORE_ERRORS,
    KW_IGNORE_UNREACHABLE,
    KW_ANY_ERRORS_FATAL,
    KW_CHECK_MODE,
    KW_DIFF,
    KW_NO_LOG,
    KW_CONNECTION,
    KW_PORT,
    KW_REMOTE_USER,
    KW_RUN_ONCE,
    KW_THROTTLE,
    KW_TIMEOUT,
    KW_MODULE_DEFAULTS,
    KW_COLLECTIONS,
    KW_DEBUGGER,
    KW_DELEGATE_TO,
    KW_DELEGATE_FACTS,
    /* of tasks */
    KW_ARGS,
    KW_LOOP,
    KW_LOOP_CONTROL,
    KW_REGISTER,
    KW_UNTIL,
    KW_RETRIES,
    KW_DELAY,
    KW_ASYNC,
    KW_POLL,
    KW_NOTIFY,
    KW_LISTEN, /* handlers */
    KW_CHANGED_WHEN,
    KW_FAILED_WHEN,
    KW_ACTION,
    KW_LOCAL_ACTION,
    /* of blocks */
    KW_BLOCK,
    KW_RESCUE,
    KW_ALWAYS,
    /* of plays */
    KW_HOSTS,
    KW_GATHER_FACTS,
    KW_GATHER_SUBSET,
    KW_GATHER_TIMEOUT,
    KW_FACT_PATH,
    KW_VARS_FILES,
    KW_VARS_PROMPT,
    KW_SERIAL,
    KW_STRATEGY,
    KW_MAX_FAIL_PERCENTAGE,
    KW_ORDER,
    KW_FORCE_HANDLERS,
    KW_ROLES,
    KW_TASKS,
    KW_PRE_TASKS,
    KW_POST_TASKS,
    KW_HANDLERS,
    KW_USER, /* old name of remote_user */
    KW_IMPORT_PLAYBOOK,
    KW_COUNT
};

enum node_kind { NODE_PLAY, NODE_ROLE, NODE_BLOCK, NODE_TASK, NODE_IMPORT };

/* What plays, roles in use, blocks, tasks and imports (with their when, tags, vars) have in common.
 */
struct node {
    enum node_kind kind;
    const struct node *parent; /* NULL for a play, but the NODE_IMPORT of one that was imported */
    const struct role *role;   /* the role it was written in, or NULL */
    span at;                   /* its first key */
    str file;                  /* the file it was written in */
    bool is_old_include;       /* an import written as `include`: its vars are parameters */
    uint16_t given_count;
    const struct keyword_value { /* sorted by keyword; of what was given only */
        enum keyword keyword;
        value value; /* `at`: the value */
        span key_at;
    } * given;
};

/* The raw value given at this very node, or undefined. */
value node_own(const struct node *node, enum keyword keyword);
/* The nearest value, from the node up to its play, or undefined. */
value node_keyword(const struct node *node, enum keyword keyword);
/* The play a node stands in; NULL for the node of an import_playbook. */
const struct play *node_play(const struct node *node);

struct task;
struct block;
struct node_list {
    const struct node **nodes; /* tasks and blocks in order */
    size_t count;
};

struct block {
    struct node node;
    struct node_list body, rescue, always;
    bool has_rescue;         /* `rescue: []` was given: still rescues nothing */
    const struct role *runs; /* not written as a block: the tasks of a role that import_role
                                brought, or of a dependency of it; its end is the end of the role */
};

/* What a task does: found in one table of four kinds (architecture, section 3). */
enum action_kind {
    ACTION_MODULE,  /* modules/NAME.c */
    ACTION_ENGINE,  /* src/engine/actions/ */
    ACTION_UNKNOWN, /* no such name here: a warning when loaded, a failure if it runs; or a name
                       that is a template: see action_template */
};

struct task {
    struct node node;
    str name;         /* raw, may hold templates; STR_NONE: the action's name is shown */
    value name_value; /* the same as a value, undefined when not given */
    enum action_kind kind;
    str action; /* as written: "ansible.builtin.copy" */
    span action_at;
    const struct module *module;               /* ACTION_MODULE */
    const struct engine_action *engine_action; /* ACTION_ENGINE */
    value action_template;                     /* ACTION_UNKNOWN: gives the name when it runs, for
                                                  action_resolve(); else undefined */
    str action_file; /* ACTION_UNKNOWN: a module of the user that was found in library/ or a
                        collection; STR_NONE: none */
    value args; /* map of raw arguments (k=v text already split; `args:` merged in); or undefined */
    value args_template; /* `args: "{{ map }}"`: a template of a map that stands below `args`; or
                            undefined */
    value free_form;     /* the text of "command: uptime"; undefined when there is none */
    str loop_lookup;     /* with_NAME: "items"; STR_NONE: `loop` or none */
    value loop;          /* raw terms, undefined without a loop */
    bool is_handler;
};

/*
 * A role where it is used: each use has nodes of its own, since when, tags and become of its use
 * reach its tasks. import_tasks and import_role are no nodes of a list: what they import takes
 * their place there and has a NODE_IMPORT among its parents.
 */
struct role {
    struct node node; /* NODE_ROLE: what was given where it is used; above it the role that depends
                         on it, the import or include, or the play */
    str name;         /* "web", or "namespace.collection.web" */
    str path;         /* its directory */
    value defaults, vars; /* maps of raw values */
    value params; /* given where it is used: the entry's keys that are no keywords; templates */
    struct node_list tasks, handlers;
    const struct role **dependencies;
    size_t dependency_count;
    const struct role *parent; /* the role that depends on or includes it, or NULL */
    value collections; /* names, of its meta and its own: its short names are looked for there */
    bool allow_duplicates;
    bool is_included; /* by import_role or include_role: runs again, allow_duplicates or not */
    /* Equal for uses with the same parameters: what of them has run on a host is not run there
     * again, but for allow_duplicates and is_included. */
    str identity;
    value argument_specs; /* of meta/argument_specs.yml for the entry point; undefined: none. The
                             task that checks them is the first of `tasks` already. */
};

struct role_list {
    const struct role **roles;
    size_t count;
};
/* A role behind all that it depends on, in order of running. */
struct role_list role_sequence(const struct role *role, struct arena *arena);

struct play {
    struct node node;
    str file;
    str dir; /* playbook_dir */
    struct node_list pre_tasks, tasks, post_tasks, handlers;
    const struct role **roles;      /* with their dependencies in front, in order of running */
    const struct node **role_nodes; /* NODE_ROLE: when, tags, become ... of each entry; the role's
                                       own node */
    size_t role_count;
    struct role_list imported; /* by import_role anywhere in the play: their variables and handlers
                                  are known to the whole play */
};

struct playbook {
    const struct play **plays;
    size_t count;
    str path, dir;
};

/* Why a playbook was refused: Ansible's two kinds, with exit statuses of their own. */
enum load_failure {
    LOAD_OK,
    LOAD_SYNTAX, /* not what a playbook may be: 4 as ansible-playbook, else 6 */
    LOAD_FAILED, /* any other mistake, such as a role or file that is not there: 1 */
};

/* Where the loader finds things. */
struct loader {
    struct arena *arena; /* the run's */
    struct diags *diags;
    const str *roles_paths; /* beside roles/ of the playbook */
    size_t roles_path_count;
    const str *collections_paths;
    size_t collections_path_count;
    const str *library_paths; /* of modules, beside library/ of the playbook and of roles */
    size_t library_path_count;
    struct secrets *secrets; /* where values of encrypted files are made known */
    /* decrypts vault files; values are decrypted when they are used */
    bool (*vault)(void *data, struct diags *diags, str ciphertext, span at, value *ret);
    void *vault_data;
    struct template_env *env;   /* for checks before the run, and to template names of imports */
    value extra_vars;           /* names of imports may use them; or undefined */
    enum load_failure failure;  /* set by the first error of a load */
    struct role_list imported;  /* by import_role, in the last tasks_load() or role_load() */
    struct loader_state *state; /* starts as NULL; private to load*.c */
};

/* Load a playbook (a path, or "ns.coll.name") with everything it imports statically. False after an
 * error: what Ansible refuses at load is refused here, before the first connection. */
bool playbook_load(struct loader *loader, str path, struct playbook **ret);

/* The same of plays at hand, as if they stood in a file of `dir`: an ad hoc task. */
bool playbook_of(struct loader *loader, value plays, str dir, struct playbook **ret);

/*
 * For dynamic includes, while plays run; under the run's lock. `parent` is the including task.
 *
 * path    a name as it was written, evaluated; it is looked for as tasks_find() does
 * *_from  STR_NONE: main
 * params  a map of parameters beside the vars of `parent`; or undefined
 *
 * What a role depends on is loaded with it and runs before it: role_sequence(). These and the
 * functions below work on the loader's own memory: one thread at a time.
 */
bool tasks_load(struct loader *loader, str path, const struct node *parent, const struct role *role,
                bool handlers, struct node_list *ret);
bool role_load(struct loader *loader, str name, span at, const struct node *parent,
               str playbook_dir, str tasks_from, str vars_from, str defaults_from,
               str handlers_from, value params, const struct role **ret);

/* Where a file named in include_tasks (or import_tasks) is: beside the file that names it and those
 * that include that one, in the role, beside the playbook. False after a diagnostic that lists the
 * places, unless `diags` is NULL. */
bool tasks_find(struct loader *loader, struct diags *diags, str name, span at,
                const struct node *parent, bool handlers, str *ret_path);

/* What a name of an action means, where `node` stands (its `collections`). */
struct action {
    enum action_kind kind;
    const struct module *module;
    const struct engine_action *engine_action;
    str file;
};
struct action action_resolve(struct loader *loader, str name, const struct node *node);

/* A file of variables as vars_files, include_vars and role vars read it: a map, or nothing. */
bool vars_file_load(struct loader *loader, str path, value *ret);

/* Tags of a node with those of all its parents; raw values. */
void node_tags(const struct node *node, struct arena *arena, struct list_builder *ret);
