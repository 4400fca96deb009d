/*
 * flow.h - the way of a set of hosts through lists of tasks. A linear play is one flow of all hosts
 * of its batch; a free one is a flow for each host. Blocks, includes and handlers make flows of
 * fewer hosts on the way, so that lockstep needs no bookkeeping: what a function does, it does for
 * its hosts.
 */
#pragma once
#include "engine/state.h"

/* A block whose tasks are being run, from the innermost outwards. */
struct frame {
    const struct block *block;
    bool in_body; /* not in its rescue or always */
    const struct frame *outer;
};

struct flow {
    struct run *run;
    struct play_run *play;
    struct run_host **hosts; /* in the order of the output */
    size_t count;
    const struct frame *frame;       /* NULL outside of blocks */
    bool handlers;                   /* what runs are handlers */
    bool alone;                      /* free strategy: the calling thread is the only worker */
    const struct upcoming *upcoming; /* behind the task that is run */
    struct arena *arena;             /* lives as long as the flow */
};

/* ---- flow.c ---- */
bool host_is_active(const struct flow *flow, const struct run_host *host);
void flow_list(struct flow *flow, struct node_list list);
/* The tasks of a role, on the hosts where it has not run yet (or may run again). */
void flow_role(struct flow *flow, const struct role *role, bool once);
void flow_hosts(struct flow *flow, struct run_host **hosts, size_t count, struct node_list list);
/* Whether a failure here is caught by the rescue of a block around it. */
bool flow_is_rescued(const struct flow *flow);

/* ---- step.c: one task on the hosts of a flow ---- */
void flow_task(struct flow *flow, const struct task *task);
/* A host has failed (or is unreachable) in this flow: its state and counters. */
void flow_host_failed(struct flow *flow, struct run_host *host, const struct task_result *result);

/* ---- handlers.c ---- */
/* The handlers a task that changed something notifies; false: one of them does not exist. */
bool handlers_notify(struct flow *flow, const struct job *job);
void handlers_flush(struct flow *flow);
void handlers_add_role(struct run *run, struct play_run *play, const struct role *role);
void handlers_add_own(struct run *run, struct play_run *play); /* those of the play */
/* A role's variables are seen by all tasks of the play from now on. */
void roles_add_public(struct run *run, struct play_run *play, const struct role *role);

/* ---- include.c ---- */
/* What jobs of include_tasks and include_role found: load and run it, for the hosts that want it.
 */
void includes_run(struct flow *flow, const struct task *task, struct job *const *jobs,
                  size_t count);

/* ---- meta.c ---- */
void meta_run(struct flow *flow, const struct task *task);

/* ---- barrier.c: what actions want to be done once their task has ended on all hosts ---- */
void barrier_apply(struct flow *flow, const struct task *task, struct job *const *jobs,
                   size_t count);
/* What hosts and groups there are: compute the names that tell of them. */
void barrier_inventory_changed(struct flow *flow);
