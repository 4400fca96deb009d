/*
 * reach.c - an action's way to its host.
 */
#include "engine/actions/reach.h"

#include "base/tree.h"
#include "engine/params.h"

bool reach_prepare(struct reach *reach, struct action_call *call)
{
    struct arena *arena = call->eval->arena;
    struct eval *eval = eval_for(call->run, call->play, call->host, &call->task->node, call->loop,
                                 arena, call->eval->diags);
    *reach = (struct reach){ .call = call, .eval = eval };
    reach->context = (struct remote_context){ .arena = arena, .until = call->limit.until };
    return connection_of(call->run, eval, call->host, &call->task->node, &reach->options,
                         &reach->context.become);
}

enum remote_status reach_open(struct reach *reach)
{
    struct run *run = reach->call->run;
    reach->lease = lease_take(run, &reach->options);
    reach->overlay = reach->call->dry_run ? lease_overlay(run, reach->lease) : NULL;
    enum remote_status status = lease_connect(run, reach->lease, &reach->context, &reach->error);
    if (status != REMOTE_OK) {
        reach_close(reach);
    }
    return status;
}

void reach_close(struct reach *reach)
{
    if (reach->lease != NULL) {
        lease_give(reach->call->run, reach->lease);
        reach->lease = NULL;
    }
}

void reach_forget(struct reach *reach)
{
    reach_close(reach);
    leases_close(reach->call->run, reach->options.name);
}

bool reach_is_here(const struct reach *reach)
{
    return reach->options.kind == CONNECTION_LOCAL && reach->context.become.method == BECOME_NONE;
}

bool reach_params(struct reach *reach, const struct engine_action *action, void *ret_params)
{
    struct action_call *call = reach->call;
    bool local = reach->options.kind == CONNECTION_LOCAL, unknown = false;
    struct params_source source = {
        .remote = reach->lease->remote,
        .context = &reach->context,
        .overlay = reach->overlay,
        .relative_to =
            local ? tree_workplace(call->eval->arena, node_play(&call->task->node)->dir) : STR_NONE,
    };
    struct param_hooks hooks = params_hooks(&source);
    return params_parse(action->params, action->name, call->args, call->task->action_at, &hooks,
                        call->eval->arena, call->eval->diags, ret_params, &unknown);
}

enum remote_status reach_ask(struct reach *reach, struct observer *obs)
{
    if (observer_pending(obs) == 0) {
        return REMOTE_OK;
    }
    enum remote_status status =
        remote_answer(reach->lease->remote, &reach->context, obs, &reach->error);
    if (status == REMOTE_OK && observer_problem(obs, &reach->error)) {
        return REMOTE_FAILED;
    }
    return status;
}

bool reach_failed(struct reach *reach, enum remote_status status, struct action_outcome *ret)
{
    struct action_call *call = reach->call;
    struct arena *arena = call->eval->arena;
    if (status == REMOTE_TIMEOUT) {
        reach->error.message = time_limit_passed(&call->limit, call->task, arena);
    }
    struct connection_failure failure = {
        .run = call->run,
        .eval = reach->eval,
        .host = call->host,
        .task = call->task,
        .options = &reach->options,
        .become = &reach->context.become,
        .remote = reach->lease == NULL ? NULL : reach->lease->remote,
        .error = &reach->error,
    };
    connection_tell_failure(&failure, call->eval->diags);
    if (status != REMOTE_UNREACHABLE) {
        return false;
    }
    if (reach->lease != NULL) {
        reach->lease->connected = false;
    }
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("msg"), value_str(arena, reach->error.message));
    map_set_str(&map, S("unreachable"), value_bool(true));
    ret->result = map_seal(&map);
    return true;
}

static bool ended(struct action_call *call, const char *why)
{
    diag_error(call->eval->diags, call->task->action_at, "%s", why);
    return false;
}

bool action_has_time(struct action_call *call)
{
    struct arena *arena = call->eval->arena;
    return wire_now() < call->limit.until ||
           ended(call, str_c(arena, time_limit_passed(&call->limit, call->task, arena)));
}

bool action_sleep(struct action_call *call, double seconds)
{
    struct run *run = call->run;
    double left = call->limit.until == DEADLINE_NEVER
                      ? seconds
                      : (double)(call->limit.until - wire_now()) / 1e3;
    seconds = left < seconds ? left : seconds;
    if (seconds > 0) {
        pool_pause(run->pool);
        bool slept = run_sleep(run, seconds);
        pool_resume(run->pool);
        if (!slept) {
            return ended(call, "interrupted while waiting");
        }
    }
    return action_has_time(call);
}
