/*
 * include.c - include_tasks and include_role: which file or role, evaluated for this host and item;
 * the flow loads and runs it (src/engine/include.c).
 */
#include "engine/actions/actions.h"
#include "engine/state.h"

static value argument(struct action_call *call, str name)
{
    value v = value_get(call->args, name);
    return value_is(v, VALUE_NULL) ? (value){ 0 } : v;
}

/* ---- include_tasks ---- */

static bool include_tasks_run(struct action_call *call, struct action_outcome *ret)
{
    struct arena *arena = call->eval->arena;
    value file = argument(call, S("file"));
    if (value_is(file, VALUE_UNDEFINED)) {
        file = argument(call, S("_raw_params"));
    }
    if (!value_is(file, VALUE_STR) || value_as_str(file).len == 0) {
        diag_error(call->eval->diags, call->task->action_at,
                   "'include_tasks' needs the name of a file");
        return false;
    }
    pthread_mutex_lock(&call->run->load_lock);
    bool found = tasks_find(&call->run->loader, call->eval->diags, value_as_str(file), file.at,
                            &call->task->node, call->task->is_handler, &ret->include_file);
    pthread_mutex_unlock(&call->run->load_lock);
    if (!found) {
        return false;
    }
    ret->apply = value_get(call->task->args, S("apply"));
    ret->result = action_result(arena, false, S("include"), value_str(arena, ret->include_file));
    return true;
}

const struct engine_action action_include_tasks = {
    .name = S_INIT("include_tasks"),
    .summary = "Run the tasks of another file",
    .free_form = true,
    .includes = true,
    .quiet = true,
    .run = include_tasks_run,
};

/* ---- include_role ---- */

struct include_role_params {
    str name, tasks_from, vars_from, defaults_from, handlers_from;
    bool public_, allow_duplicates, rolespec_validate;
    value apply;
};

static const struct param role_rows[] = {
    PARAM(struct include_role_params, name, .type = PARAM_STR, .required = true,
          .aliases = ALIASES("role"), .doc = "The role."),
    PARAM(struct include_role_params, tasks_from, .type = PARAM_STR, .doc = "File in its tasks/."),
    PARAM(struct include_role_params, vars_from, .type = PARAM_STR, .doc = "File in its vars/."),
    PARAM(struct include_role_params, defaults_from, .type = PARAM_STR,
          .doc = "File in its defaults/."),
    PARAM(struct include_role_params, handlers_from, .type = PARAM_STR,
          .doc = "File in its handlers/."),
    PARAM_NAMED(struct include_role_params, public_, "public", .type = PARAM_BOOL,
                .doc = "Its variables stay visible to the tasks that follow."),
    PARAM(struct include_role_params, allow_duplicates, .type = PARAM_BOOL, .fallback = "true",
          .doc = "Run it again where it has run already."),
    PARAM(struct include_role_params, rolespec_validate, .type = PARAM_BOOL, .fallback = "true",
          .doc = "Check the role's parameters against its argument specification."),
    PARAM(struct include_role_params, apply, .type = PARAM_RAW,
          .doc = "Keywords for the tasks of the role."),
    PARAM_END,
};

static bool include_role_run(struct action_call *call, struct action_outcome *ret)
{
    const struct include_role_params *want = call->params;
    struct arena *arena = call->eval->arena;
    ret->include_role = want->name;
    ret->role.tasks_from = want->tasks_from;
    ret->role.vars_from = want->vars_from;
    ret->role.defaults_from = want->defaults_from;
    ret->role.handlers_from = want->handlers_from;
    ret->role.public_ = want->public_;
    ret->role.once = !want->allow_duplicates;
    ret->apply = value_get(call->task->args, S("apply"));
    ret->result = action_result(arena, false, S("include"), value_str(arena, want->name));
    return true;
}

const struct engine_action action_include_role = {
    .name = S_INIT("include_role"),
    .summary = "Run a role at this place",
    .params = role_rows,
    .params_size = sizeof(struct include_role_params),
    .includes = true,
    .quiet = true,
    .run = include_role_run,
};
