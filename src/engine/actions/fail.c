/*
 * fail - end the task with a failure of the playbook's own.
 */
#include "engine/actions/actions.h"
#include "engine/state.h"

struct fail_params {
    value msg;
};

static const struct param params[] = {
    PARAM(struct fail_params, msg, .type = PARAM_RAW,
          .doc = "Why; shown as the failure's message."),
    PARAM_END,
};

static bool fail_run(struct action_call *call, struct action_outcome *ret)
{
    const struct fail_params *want = call->params;
    struct arena *arena = call->eval->arena;
    bool given = !value_is(want->msg, VALUE_UNDEFINED) && !value_is(want->msg, VALUE_NULL);
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("failed"), value_bool(true));
    map_set_str(&map, S("msg"),
                given ? want->msg : value_str(arena, S("Failed as requested from task")));
    ret->result = map_seal(&map);
    return true;
}

const struct engine_action action_fail = {
    .name = S_INIT("fail"),
    .summary = "Fail, with a message",
    .params = params,
    .params_size = sizeof(struct fail_params),
    .quiet = true,
    .run = fail_run,
};
