/*
 * timing.h - how long tasks, roles and the whole run took, in the form of Ansible's callbacks
 * profile_tasks, profile_roles and timer.
 */
#pragma once
#include "engine/play.h"

enum timing_kind { TIMING_TASKS, TIMING_ROLES, TIMING_TOTAL, TIMING_KINDS };
enum timing_sort { TIMING_LONGEST_FIRST, TIMING_SHORTEST_FIRST, TIMING_AS_RUN };

struct timing_options {
    enum timing_kind kinds[TIMING_KINDS]; /* in the order in which they are shown */
    size_t count;
    size_t limit; /* tasks in the list behind the recap */
    enum timing_sort sort;
};

struct timing;

struct timing *timing_new(const struct timing_options *options); /* the clock starts */
void timing_free(struct timing *timing);                         /* accepts NULL */

/* A task begins. What stands below its banner, each line with its end; empty: nothing. */
str timing_task(struct timing *timing, struct arena *arena, const struct task *task, str name);
/* A playbook has ended. What stands below the recap, each line with its end. */
str timing_recap(struct timing *timing, struct arena *arena);
