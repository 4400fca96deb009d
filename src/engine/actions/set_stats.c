/*
 * set_stats - values to be shown with the run's statistics.
 */
#include "engine/actions/actions.h"
#include "engine/state.h"

struct stats_params {
    value data;
    bool per_host, aggregate;
};

static const struct param params[] = {
    PARAM(struct stats_params, data, .type = PARAM_DICT, .required = true,
          .doc = "Names and values."),
    PARAM(struct stats_params, per_host, .type = PARAM_BOOL,
          .doc = "Keep them for each host apart."),
    PARAM(struct stats_params, aggregate, .type = PARAM_BOOL, .fallback = "true",
          .doc = "Add numbers and join lists and maps, rather than replace them."),
    PARAM_END,
};

static bool set_stats_run(struct action_call *call, struct action_outcome *ret)
{
    const struct stats_params *want = call->params;
    struct arena *arena = call->eval->arena;
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("aggregate"), value_bool(want->aggregate));
    map_set_str(&map, S("data"), want->data);
    map_set_str(&map, S("per_host"), value_bool(want->per_host));
    ret->stats = map_seal(&map);
    ret->result = action_result(arena, false, S("ansible_stats"), ret->stats);
    return true;
}

const struct engine_action action_set_stats = {
    .name = S_INIT("set_stats"),
    .summary = "Add to the statistics of the run",
    .params = params,
    .params_size = sizeof(struct stats_params),
    .quiet = true,
    .run = set_stats_run,
};
