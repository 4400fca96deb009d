/*
 * wait_for_connection - wait until a host can be used: until a login works and a shell answers.
 * Between two attempts it holds no worker. The connection that worked is kept for the tasks that
 * follow.
 */
#include "engine/actions/actions.h"
#include "engine/state.h"

struct wait_params {
    double timeout, delay, sleep, connect_timeout;
};

static const struct param params[] = {
    PARAM(struct wait_params, timeout, .type = PARAM_FLOAT, .fallback = "600",
          .doc = "Seconds to keep trying before the task fails."),
    PARAM(struct wait_params, delay, .type = PARAM_FLOAT, .fallback = "0",
          .doc = "Seconds to wait before the first attempt."),
    PARAM(struct wait_params, sleep, .type = PARAM_FLOAT, .fallback = "1",
          .doc = "Seconds to wait between two attempts."),
    PARAM(struct wait_params, connect_timeout, .type = PARAM_FLOAT, .fallback = "5",
          .doc = "Seconds that one attempt may take to connect."),
    PARAM_END,
};

struct wait {
    struct action_call *call;
    struct connection_options options;
    struct remote_context context;
    struct remote_error error; /* of the last attempt */
};

/* Any question will do: the answer proves that a shell reads and writes. */
static enum remote_status ask(struct wait *wait, struct lease *lease)
{
    struct file_stat stat;
    struct observer *obs = observer_new(wait->context.arena, NULL);
    observe_stat(obs, S("/"), &stat);
    return remote_answer(lease->remote, &wait->context, obs, &wait->error);
}

/* A new connection each time: an old one may lead to a machine that is about to go down. */
static enum remote_status attempt(struct wait *wait)
{
    struct run *run = wait->call->run;
    leases_close(run, wait->options.name);
    struct lease *lease = lease_take(run, &wait->options);
    enum remote_status status = lease_connect(run, lease, &wait->context, &wait->error);
    if (status == REMOTE_OK) {
        status = ask(wait, lease);
        lease->connected = status == REMOTE_OK;
    }
    lease_give(run, lease);
    if (status != REMOTE_OK) {
        leases_close(run, wait->options.name);
    }
    return status;
}

static bool sleep_idle(struct run *run, double seconds)
{
    if (seconds <= 0) {
        return true;
    }
    pool_pause(run->pool);
    bool slept = run_sleep(run, seconds);
    pool_resume(run->pool);
    return slept;
}

/* False: interrupted. *ret_connected: whether an attempt succeeded in time. */
static bool attempt_until(struct wait *wait, const struct wait_params *want, bool *ret_connected)
{
    deadline end = wire_now() + (deadline)(want->timeout * 1000);
    *ret_connected = false;
    if (end > wait->call->until) {
        end = wait->call->until;
    }
    while (wire_now() < end) {
        enum remote_status status = attempt(wait);
        if (status == REMOTE_OK) {
            *ret_connected = true;
            return true;
        }
        if (status == REMOTE_INTERRUPTED || !sleep_idle(wait->call->run, want->sleep)) {
            return false;
        }
    }
    return true;
}

/* How to reach the host the task is for, which may be one it is delegated to. */
static bool prepare(struct wait *wait, const struct wait_params *want)
{
    struct action_call *call = wait->call;
    struct arena *arena = call->eval->arena;
    struct eval *eval = eval_for(call->run, call->play, call->host, &call->task->node, (value){ 0 },
                                 arena, call->eval->diags);
    wait->context = (struct remote_context){ .arena = arena, .until = call->until };
    if (!connection_of(call->run, eval, call->host, &call->task->node, &wait->options,
                       &wait->context.become)) {
        return false;
    }
    wait->options.connect_timeout = want->connect_timeout;
    return true;
}

static value skipped(struct arena *arena)
{
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("skipped"), value_bool(true));
    return map_seal(&map);
}

static bool wait_run(struct action_call *call, struct action_outcome *ret)
{
    const struct wait_params *want = call->params;
    struct arena *arena = call->eval->arena;
    struct wait wait = { .call = call, .error.message = S("no attempt was made") };
    if (call->dry_run) {
        ret->result = skipped(arena);
        return true;
    }
    deadline start = wire_now();
    bool connected;
    if (!prepare(&wait, want)) {
        return false;
    }
    if (!sleep_idle(call->run, want->delay) || !attempt_until(&wait, want, &connected)) {
        diag_error(call->eval->diags, call->task->action_at, "interrupted while waiting");
        return false;
    }
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("elapsed"), value_int((wire_now() - start) / 1000));
    if (!connected) {
        str message = str_format(arena, "timed out waiting for the connection: %.*s",
                                 SARG(wait.error.message));
        map_set_str(&map, S("failed"), value_bool(true));
        map_set_str(&map, S("msg"), value_str(arena, message));
    }
    ret->result = map_seal(&map);
    return true;
}

const struct engine_action action_wait_for_connection = {
    .name = S_INIT("wait_for_connection"),
    .summary = "Wait until a host can be used",
    .params = params,
    .params_size = sizeof(struct wait_params),
    .run = wait_run,
};
