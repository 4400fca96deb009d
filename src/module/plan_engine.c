/*
 * plan_engine.c - a plan and an outcome as the engine sees them.
 */
#include "module/plan_internal.h"

struct plan *plan_new(const struct plan_setup *setup)
{
    struct plan *plan = NEW(setup->arena, struct plan);
    plan->setup = *setup;
    plan->umask = 022;
    return plan;
}

bool plan_failed(const struct plan *plan)
{
    return plan->failed;
}

const struct command *plan_user_command(const struct plan *plan, const str **ret_paths,
                                        size_t *ret_count)
{
    *ret_paths = plan->command_paths;
    *ret_count = plan->command_path_count;
    return plan->has_command ? &plan->command : NULL;
}

const str *plan_asked_after(const struct plan *plan, size_t *ret_count)
{
    *ret_count = plan->ask_after.len;
    return plan->ask_after.items;
}

bool plan_is_empty(const struct plan *plan)
{
    return plan->changes.len == plan->round_start && !plan->has_command;
}

/* ---- texts for the diff ---- */

static bool needs_before(const struct change *change)
{
    return change->kind == CHANGE_WRITE && change->before.type == FILE_REGULAR &&
           value_is(change->before_content, VALUE_UNDEFINED) &&
           change->before.size <= OBSERVE_TEXT_MAX && !change->content.secret;
}

/* Asks, or, when the observer has the answers by now, takes them. */
static void before_texts(struct plan *plan, struct observer *obs)
{
    for (size_t i = plan->round_start; i < plan->changes.len; i++) {
        struct change *change = &plan->changes.items[i];
        if (needs_before(change)) {
            observe_content(obs, change->path, &change->before_content);
        }
    }
}

void plan_ask_before(struct plan *plan, struct observer *obs)
{
    plan->before_asked = obs;
    before_texts(plan, obs);
}

struct change *plan_changes(struct plan *plan, size_t *ret_count)
{
    if (plan->before_asked != NULL && observe_ready(plan->before_asked)) {
        before_texts(plan, plan->before_asked);
        plan->before_asked = NULL;
    }
    *ret_count = plan->changes.len - plan->round_start;
    return *ret_count == 0 ? NULL : plan->changes.items + plan->round_start;
}

void plan_next_round(struct plan *plan)
{
    plan->round_start = plan->changes.len;
}

/* ---- outcome ---- */

struct outcome *outcome_new(struct plan *plan, bool dry_run)
{
    struct outcome *out = NEW(plan->setup.arena, struct outcome);
    out->plan = plan;
    out->dry_run = dry_run;
    out->status.message = STR_NONE;
    return out;
}

void outcome_take_stats(struct outcome *out, const struct file_stat *stats, size_t count)
{
    out->stats = stats;
    out->stat_count = count;
}

void outcome_take_runs(struct outcome *out, const struct run_answer *outputs, size_t count)
{
    size_t planned;
    const struct change *changes = plan_changes(out->plan, &planned);
    for (size_t i = 0; i < count && i < planned; i++) {
        if (changes[i].kind == CHANGE_RUN) {
            *VEC_PUSH(out->plan->setup.arena, &out->runs) = outputs[i];
        }
    }
}

void outcome_take_sent(struct outcome *out, const struct sent_files *sent)
{
    for (size_t i = 0; i < sent->files.len; i++) {
        *VEC_PUSH(out->plan->setup.arena, &out->sent) = sent->files.items[i];
    }
}

void outcome_take_command(struct outcome *out, const struct command_result *result)
{
    out->command = result;
}
