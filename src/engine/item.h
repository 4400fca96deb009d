/*
 * item.h - one run of a task: on one host, for one item of its loop if it has one.
 */
#pragma once
#include "engine/state.h"

struct item {
    struct job *job;
    struct eval *eval;   /* scope with the loop's variables; arena: the host's item_arena */
    struct diags *diags; /* what went wrong in the last attempt */
    value loop;          /* the loop's variables, or undefined */
    value label;         /* what to show for it */
    bool check, want_diff, no_log;
    struct time_limit limit;

    struct run_host *target; /* the host, or the one it is delegated to; NULL: nobody knows */
    bool delegated;          /* `delegate_to` names one, perhaps the host itself */
    str delegate;            /* how it is shown, when delegated to another one */

    enum result_status status;
    bool ignored, show_always;
    bool condition_failed; /* `when` could not be evaluated */
    value result;          /* a map (or the result of a task that a dry run did not run) */
    value show;
    str diff;
    value facts;
    bool facts_are_vars, facts_cacheable;
    struct run_host *facts_host;
    bool has_outcome;
    struct action_outcome outcome;
};

/* loop: the loop's variables; set: what its earlier items have set, or undefined; label: raw,
 * undefined: the item. Never fails: it tells in the item. */
void item_run(struct job *job, value loop, value set, value label, str loop_variable,
              struct item *ret);

/* Wait without holding a worker; false: interrupted. */
bool job_sleep(struct job *job, double seconds);

/* ---- conditions ---- */
struct condition {
    enum truth truth;
    value failed; /* the condition that did not hold, as written */
};
/* `when` of the node and of all it stands in, the outermost first. False after a diagnostic. */
bool conditions_hold(struct eval *eval, const struct node *node, struct condition *ret);

/* ---- results ---- */
value skipped_result(struct arena *arena, const struct condition *condition);
value failed_result(struct arena *arena, const struct diags *diags); /* msg: the first error */
/* Of something a dry run could not do: `is skipped`, everything else unknown. */
value unknown_result(struct arena *arena, str why);
bool result_bool(value result, str key); /* of a map; false when missing or not true */
value result_with(struct arena *arena, value result, str key, value v);
struct action_outcome action_outcome_copy(struct arena *arena,
                                          const struct action_outcome *outcome);

/* no_log: what an event tells of a result goes. */
void event_censor(struct arena *arena, struct task_event *event);

/* The task's arguments, evaluated unless the action wants them raw, over module_defaults. keys:
 * names of arguments may be templates. False after a diagnostic. */
bool item_arguments(struct item *item, bool raw, bool keys, value *ret);

/* ---- module_run.c ---- */

/* Run a module with evaluated arguments; fills status, result, diff and facts of the item. */
void module_run(struct item *item, const struct module *module, value args);
struct params_guess;
/* What it would ask first. False: that cannot be told without the host or the controller's files.
 */
bool module_expect(struct item *item, const struct module *module, value args,
                   struct params_guess *guess, struct observer *obs);
