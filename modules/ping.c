/* ping - prove that a host can be reached and answers. */
#include "module/module.h"

struct ping_params {
    str data;
};

static const struct param params[] = {
    PARAM(struct ping_params, data, .type = PARAM_STR, .fallback = "pong",
          .doc = "What to answer. The word 'crash' makes the task fail."),
    PARAM_END,
};

struct ping_state {
    unsigned umask; /* any question will do */
};

static void ping_observe(struct observer *obs, const void *params_, void *ret_state)
{
    (void)params_;
    observe_umask(obs, &((struct ping_state *)ret_state)->umask);
}

static value ping_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct ping_params *want = params_;
    (void)state_;
    if (str_eq(want->data, S("crash"))) {
        outcome_fail(out, "asked to crash");
    }
    return map_of(out, "ping", value_str(outcome_arena(out), want->data), NULL);
}

const struct module module_ping = {
    .name = "ping",
    .summary = "Prove that a host can be reached and answers",
    .example = "- ping:\n",
    .params = params,
    .params_size = sizeof(struct ping_params),
    .state_size = sizeof(struct ping_state),
    .observe = ping_observe,
    .result = ping_result,
};
