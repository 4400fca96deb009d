/*
 * plan_engine.h - the engine's side of a plan and of an outcome; modules see plan.h only.
 *
 * How the engine uses it, for one task item:
 *
 *     struct plan *plan = plan_new(&(struct plan_setup){ ... });
 *     module->plan(plan, params, state);             pure; not called for a query
 *     if (plan_failed(plan)) ...                     the reason is in setup.diags
 *     if (diff) plan_ask_before(plan, obs);          texts for the diff: of changed files only
 *     struct outcome *out = outcome_new(plan, dry_run);
 *     ... apply plan_changes(), or predict them; run plan_user_command() unless dry_run ...
 *     outcome_take_stats(out, ...); outcome_take_runs(out, ...); outcome_take_command(out, ...);
 *     if (module->next(...)) plan_next_round(plan);  then observe and plan once more
 *     value result = module->result(out, params, state);
 *     outcome_status(out) ...
 */
#pragma once
#include "module/module.h"

struct plan_setup {
    struct arena *arena; /* of the task; holds the plan */
    struct diags *diags; /* where plan_fail() and plan_warn() report */
    value args;          /* the evaluated arguments: where a parameter was written */
    const struct param *params;
    span at; /* of the task, for failures that no parameter caused */
    bool diff;
};
struct plan *plan_new(const struct plan_setup *setup);

/* plan_fail() was called; nothing of the plan may be applied. */
bool plan_failed(const struct plan *plan);

/* Changes of this round, in the order in which they are to be made. The engine may fill
 * before_content of them; pointers stay valid until the next call of module->plan. */
struct change *plan_changes(struct plan *plan, size_t *ret_count);

/* The command of a runner, or NULL; the paths that become unknown when a dry run leaves it out. */
const struct command *plan_user_command(const struct plan *plan, const str **ret_paths,
                                        size_t *ret_count);

/* Paths of plan_ask_after(), each once. When the plan is empty, ask the observer of the task for
 * them: modules have asked before, so that it costs no round trip. */
const str *plan_asked_after(const struct plan *plan, size_t *ret_count);

/* Nothing to do in this round. */
bool plan_is_empty(const struct plan *plan);

/* Ask for the texts that the diff of this round needs and that no answer has told yet: regular
 * files that will be replaced, up to OBSERVE_TEXT_MAX. Once they are answered, plan_changes() has
 * them in before_content; `obs` must live until then. */
void plan_ask_before(struct plan *plan, struct observer *obs);

/* What was planned so far has been applied (or predicted); what comes now is a further round. */
void plan_next_round(struct plan *plan);

/* ---- outcome ---- */

/* "Changed" starts as whether any round of the plan had something to do. */
struct outcome *outcome_new(struct plan *plan, bool dry_run);

/* Answers for plan_asked_after(), in its order; not copied. */
void outcome_take_stats(struct outcome *out, const struct file_stat *stats, size_t count);
/* One for each change of this round, zero for those that run nothing (as apply_result.outputs). In
 * a dry run not called. */
void outcome_take_runs(struct outcome *out, const struct run_answer *outputs, size_t count);
/* Files of the controller that went to the host. */
void outcome_take_sent(struct outcome *out, const struct sent_files *sent);
void outcome_take_command(struct outcome *out, const struct command_result *result);

/* After module->result. */
struct outcome_status {
    bool changed;
    bool skipped;
    bool failed;
    bool
        changed_unknown; /* a dry run left out a command: whether it changes something is unknown */
    str message;         /* why skipped or failed; STR_NONE otherwise. Also `msg` of the result */
};
struct outcome_status outcome_status(const struct outcome *out);
