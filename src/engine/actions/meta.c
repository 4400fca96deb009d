/*
 * meta - steer the play; src/engine/meta.c does it.
 */
#include "base/bug.h"
#include "engine/actions/actions.h"

static bool meta_never(struct action_call *call, struct action_outcome *ret)
{
    BUG("meta is run by the flow");
}

const struct engine_action action_meta = {
    .name = S_INIT("meta"),
    .summary = "Steer the play: flush_handlers, end_play, end_host ...",
    .free_form = true,
    .steers = true,
    .run = meta_never,
};
