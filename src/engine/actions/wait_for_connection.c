/*
 * wait_for_connection - wait until a host can be used: until a login works and a shell answers.
 * Between two attempts it holds no worker. The connection that worked is kept for the tasks that
 * follow.
 */
#include "engine/actions/actions.h"
#include "engine/actions/reach.h"

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

/* A new connection each time: an old one may lead to a machine that is about to go down. Any
 * question will do then: its answer proves that a shell reads and writes. */
static enum remote_status attempt(struct reach *reach)
{
    reach_forget(reach);
    enum remote_status status = reach_open(reach);
    if (status == REMOTE_OK) {
        struct file_stat stat;
        struct observer *obs = observer_new(reach->context.arena, NULL);
        observe_stat(obs, S("/"), &stat);
        status = reach_ask(reach, obs);
        reach->lease->connected = status == REMOTE_OK;
    }
    reach_close(reach);
    if (status != REMOTE_OK) {
        reach_forget(reach);
    }
    return status;
}

/* False after a diagnostic. *ret_connected: whether an attempt succeeded in time. */
static bool attempt_until(struct reach *reach, const struct wait_params *want, bool *ret_connected)
{
    deadline end = wire_now() + (deadline)(want->timeout * 1000);
    *ret_connected = false;
    if (end > reach->call->limit.until) {
        end = reach->call->limit.until;
    }
    while (wire_now() < end) {
        enum remote_status status = attempt(reach);
        if (status == REMOTE_OK) {
            *ret_connected = true;
            return true;
        }
        if (!action_sleep(reach->call, want->sleep)) {
            return false;
        }
    }
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
    struct reach reach;
    if (call->dry_run) {
        ret->result = skipped(arena);
        return true;
    }
    deadline start = wire_now();
    bool connected;
    if (!reach_prepare(&reach, call)) {
        return false;
    }
    reach.options.connect_timeout = want->connect_timeout;
    reach.options.retries = 0; /* it is what this does */
    reach.error.message = S("no attempt was made");
    if (!action_sleep(call, want->delay) || !attempt_until(&reach, want, &connected)) {
        return false;
    }
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("elapsed"), value_int((wire_now() - start) / 1000));
    if (!connected) {
        str message = str_format(arena, "timed out waiting for the connection: %.*s",
                                 SARG(reach.error.message));
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
