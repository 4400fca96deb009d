/*
 * reach.h - an action's way to its host, for those that look at it or run something there: a leased
 * connection, and as whom.
 *
 *     struct reach reach;
 *     if (!reach_prepare(&reach, call)) return false;
 *     status = reach_open(&reach);           may be repeated after reach_close()
 *     if (status != REMOTE_OK) return reach_failed(&reach, status, ret);
 *     ... remote_answer(reach.lease->remote, &reach.context, ...) ...
 *     reach_close(&reach);
 */
#pragma once
#include "engine/action.h"
#include "engine/state.h"

struct reach {
    struct action_call *call;
    struct eval *eval; /* tells how the host is reached */
    struct connection_options options;
    struct remote_context context;
    struct overlay *overlay;   /* of a dry run; NULL in a real one */
    struct lease *lease;       /* NULL: not open */
    struct remote_error error; /* of the last call that did not end with REMOTE_OK */
};

/* How to reach the host the task is for, or the one it is delegated to. Opens nothing. False after
 * a diagnostic. */
bool reach_prepare(struct reach *reach, struct action_call *call);

/* Take a connection that is free, or make one. When it fails nothing is left open. */
enum remote_status reach_open(struct reach *reach);
void reach_close(struct reach *reach); /* give it back, open, for the tasks that follow */
/* Close all idle connections to the host: they may lead to a machine that goes down. */
void reach_forget(struct reach *reach);

/* Processes of this machine, as ourselves: system calls do what a shell would have to do. */
bool reach_is_here(const struct reach *reach);

/* The arguments of the call by the action's own table, with paths expanded on the host: ~user,
 * $VAR, relative ones. False after a diagnostic. */
bool reach_params(struct reach *reach, const struct engine_action *action, void *ret_params);

/* Ask what `obs` has pending. REMOTE_FAILED when a question could not be answered. */
enum remote_status reach_ask(struct reach *reach, struct observer *obs);

/* What a failure means for the task: unreachable (true: it is in the outcome), or a diagnostic. */
bool reach_failed(struct reach *reach, enum remote_status status, struct action_outcome *ret);

/* Sleep without holding a worker. False after a diagnostic: the run was interrupted, or the task's
 * own time (timeout, async) is up. */
bool action_sleep(struct action_call *call, double seconds);
bool action_has_time(struct action_call *call); /* the same without sleeping */
