/*
 * action.h - what the engine itself does in a task: debug, set_fact, assert, include_vars ... One
 * table (actions/table.c), one file per action or family. An action runs for one host and one item,
 * on the controller; those that steer the play (meta, include_tasks, include_role, add_host,
 * group_by) say what they want in the outcome and the strategy does it at the task barrier.
 */
#pragma once
#include "engine/play.h"
#include "template/template.h"
#include "transport/transport.h"

struct run;
struct play_run;
struct run_host;

struct time_limit {
    deadline until;
    double seconds; /* that it gives */
    bool async;     /* by `async:`; else by `timeout:` */
};
/* The message when it has passed. */
str time_limit_passed(const struct time_limit *limit, const struct task *task, struct arena *arena);

struct action_call {
    struct run *run;
    struct play_run *play;
    struct run_host *host;
    const struct task *task;
    struct eval *eval;  /* scope, arena, diagnostics and search paths of this item */
    const void *params; /* the action's struct, filled from its table; NULL when it has none */
    value args;         /* the map of evaluated arguments */
    value loop;         /* variables of this item; undefined without a loop */
    bool dry_run, want_diff;
    struct time_limit limit;
};

struct action_outcome {
    value result;     /* a map; "changed", "failed", "skipped", "msg" decide the status */
    value show;       /* debug, assert: what is printed; undefined: the result */
    bool show_always; /* printed without -v */
    str diff;         /* as diff.h draws it; STR_NONE: none */
    value facts;      /* set_fact: a map of variables; undefined: none */
    bool cacheable;   /* set_fact: they are facts too */
    value host_vars;  /* include_vars: a map of raw variables */
    str include_file; /* include_tasks: evaluated; STR_NONE: none */
    str include_role;
    value include_vars; /* of include_tasks, include_role: `vars:`, raw */
    struct {            /* include_role */
        str tasks_from, vars_from, defaults_from, handlers_from;
        bool public_, once; /* once: not where it has run already */
    } role;
    value apply;      /* keywords for what is included */
    str meta;         /* "flush_handlers", "end_play" ...; STR_NONE: none */
    str changed_host; /* add_host has put something of this host into the inventory; STR_NONE: no */
    value group_by;   /* { key, parents } */
    value stats;      /* set_stats: { data, aggregate, per_host } */
};

struct engine_action {
    str name;
    const char *summary;
    const struct param *params; /* NULL: takes any names (set_fact, meta) */
    size_t params_size;
    bool free_form;      /* "meta: flush_handlers": given as `_raw_params` */
    bool raw_args;       /* its arguments are not evaluated as a whole (debug var, assert that) */
    bool steers;         /* meta: not run in a worker, but by the flow itself */
    bool includes;       /* include_tasks, include_role */
    bool once;           /* runs for one host only and counts for all (add_host) */
    bool keys_templated; /* set_fact: names may be templates */
    bool quiet;          /* changes nothing, here or on a host, and waits for nothing */
    /* False: could not be done; a diagnostic is in call->eval->diags (the task fails with it). */
    bool (*run)(struct action_call *call, struct action_outcome *ret);
};

/* By short name, ansible.builtin.NAME or ansible.legacy.NAME; NULL: there is none. import_* and
 * roles are the loader's own and are not here. */
const struct engine_action *engine_action_find(str name);
const struct engine_action *const *engine_action_all(size_t *ret_count);
