/*
 * plan_internal.h - what plans and outcomes hold; private to plan.c, plan_engine.c and outcome.c.
 */
#pragma once
#include "module/plan_engine.h"

struct plan {
    struct plan_setup setup;
    VEC(struct change) changes; /* of all rounds */
    size_t round_start;         /* where those of this round begin */
    bool has_command;
    struct command command;
    const str *command_paths;
    size_t command_path_count;
    VEC(str) ask_after;
    struct observer *before_asked; /* by plan_ask_before(); NULL once its answers were taken */
    bool failed;
    struct diag *failure; /* the last plan_fail(), for its hint */
    unsigned umask;
    bool uncertain; /* a change whose `before` a dry run cannot know */
    bool certain;   /* a change that is needed in any case */
};

struct outcome {
    struct plan *plan;
    bool dry_run;
    const struct file_stat *stats; /* of plan->ask_after */
    size_t stat_count;
    VEC(struct run_answer) runs; /* one for each CHANGE_RUN of all rounds */
    VEC(struct sent_file) sent;
    const struct command_result *command;
    bool not_changed; /* outcome_not_changed() */
    struct outcome_status status;
};
