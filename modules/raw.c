/* raw - run a command line as SSH would: by the user's login shell, with nothing else needed. */
#include "module/module.h"
#include "module/runner.h"

struct raw_params {
    str free, executable;
    str creates, removes;
};

static const struct param params[] = {
    PARAM_NAMED(struct raw_params, free, "_raw_params", .type = PARAM_STR, .required = true,
                .doc = "The command line as free text."),
    PARAM(struct raw_params, executable, .type = PARAM_STR,
          .doc = "A shell to give the command line to, instead of the login shell."),
    PARAM(struct raw_params, creates, .type = PARAM_STR, .doc = "Without effect, as in Ansible."),
    PARAM(struct raw_params, removes, .type = PARAM_STR, .doc = "Without effect, as in Ansible."),
    PARAM_IGNORED("warn", "Without effect: there are no such warnings."),
    PARAM_END,
};

static void raw_observe(struct observer *obs, const void *params_, void *ret_state)
{
    (void)obs; /* the host may have nothing that could answer */
    (void)params_;
    (void)ret_state;
}

/* It would need a question, and there may be nobody to answer. */
static void warn(struct plan *plan, const char *name, str given)
{
    if (!str_is_none(given)) {
        plan_warn(plan, "'%s' has no effect with 'raw'; with 'shell' it has", name);
    }
}

static void raw_plan(struct plan *plan, const void *params_, const void *state_)
{
    const struct raw_params *want = params_;
    (void)state_;
    warn(plan, "creates", want->creates);
    warn(plan, "removes", want->removes);
    struct command command = {
        .script = want->free,
        .executable = want->executable.len > 0 ? want->executable : STR_NONE,
        .raw = true,
    };
    struct path_list paths =
        guard_paths(plan_arena(plan), &(struct guard){ 0 }, &command.script, 1);
    plan_command(plan, &command, paths.paths, paths.count);
}

static value raw_result(struct outcome *out, const void *params_, const void *state_)
{
    (void)params_;
    (void)state_;
    return runner_result(out, &(struct runner_options){
                                  .reason = { .path = STR_NONE },
                                  .keep_empty = true,
                                  .bare = true,
                              });
}

const struct module module_raw = {
    .name = "raw",
    .summary = "Run a command line as SSH would, with nothing else needed on the host",
    .example = "- raw: opkg update\n",
    .params = params,
    .params_size = sizeof(struct raw_params),
    .state_size = 0,
    .free_form = true,
    .runner = true,
    .observe = raw_observe,
    .plan = raw_plan,
    .result = raw_result,
};
