/* shell - run a command line by a shell. */
#include "base/path.h"
#include "module/module.h"
#include "module/runner.h"

struct shell_params {
    str free, cmd;
    str chdir, creates, removes, executable;
    value input;
    bool stdin_add_newline, strip_empty_ends;
};

static const struct param params[] = {
    PARAM_NAMED(struct shell_params, free, "_raw_params", .type = PARAM_STR,
                .doc = "The command line as free text."),
    PARAM(struct shell_params, cmd, .type = PARAM_STR, .doc = "The command line."),
    PARAM(struct shell_params, chdir, .type = PARAM_PATH, .doc = "The directory to run it in."),
    PARAM(struct shell_params, creates, .type = PARAM_PATH, .relative = true,
          .doc = "A path or pattern; the command is not run when it exists."),
    PARAM(struct shell_params, removes, .type = PARAM_PATH, .relative = true,
          .doc = "A path or pattern; the command is run only when it exists."),
    PARAM(struct shell_params, executable, .type = PARAM_PATH, .relative = true,
          .doc = "The shell, with its absolute path; /bin/sh when not given."),
    PARAM_NAMED(struct shell_params, input, "stdin", .type = PARAM_TEXT,
                .doc = "Text for the command's standard input; it is empty otherwise."),
    PARAM(struct shell_params, stdin_add_newline, .type = PARAM_BOOL, .fallback = "yes",
          .doc = "End the standard input with a line end."),
    PARAM(struct shell_params, strip_empty_ends, .type = PARAM_BOOL, .fallback = "yes",
          .doc = "Take line ends at the end of the output away."),
    PARAM_IGNORED("warn", "Without effect: there are no such warnings."),
    PARAM_END,
};

struct shell_state {
    struct guard_state guard;
};

static str script_of(const struct shell_params *want)
{
    return str_is_none(want->free) ? want->cmd : want->free;
}

static bool shell_check(struct diags *diags, span at, const void *params_)
{
    const struct shell_params *want = params_;
    if (!str_is_none(want->free) && !str_is_none(want->cmd)) {
        diag_error(diags, at, "give the command once: as free text or as 'cmd'");
        return false;
    }
    if (str_trim(script_of(want)).len == 0) {
        diag_error(diags, at, "'shell' has no command to run");
        return false;
    }
    if (!str_is_none(want->executable) && !path_is_absolute(want->executable)) {
        diag_error(diags, at, "'executable' must be an absolute path, not '%.*s'",
                   SARG(want->executable));
        return false;
    }
    return true;
}

static struct guard guard_of(const struct shell_params *want)
{
    return (struct guard){ want->creates, want->removes, want->chdir };
}

static void shell_observe(struct observer *obs, const void *params_, void *ret_state)
{
    struct guard guard = guard_of(params_);
    guard_observe(obs, &guard, &((struct shell_state *)ret_state)->guard);
}

static void shell_plan(struct plan *plan, const void *params_, const void *state_)
{
    const struct shell_params *want = params_;
    const struct shell_state *have = state_;
    struct guard guard = guard_of(want);
    if (!str_is_none(guard_reason(&guard, &have->guard).path)) {
        return;
    }
    struct command command = {
        .script = script_of(want),
        .executable = want->executable,
        .chdir = want->chdir,
        .stdin_text = runner_input(plan_arena(plan), want->input, want->stdin_add_newline),
    };
    struct path_list paths = guard_paths(plan_arena(plan), &guard, &command.script, 1);
    plan_command(plan, &command, paths.paths, paths.count);
}

static value shell_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct shell_params *want = params_;
    const struct shell_state *have = state_;
    struct guard guard = guard_of(want);
    return runner_result(
        out, &(struct runner_options){
                 .cmd = value_str(outcome_arena(out), script_of(want)),
                 .reason = guard_reason(&guard, &have->guard),
                 .guarded = (!str_is_none(want->creates) || !str_is_none(want->removes)) &&
                            !guard_unknown(&have->guard),
                 .keep_empty = !want->strip_empty_ends,
             });
}

const struct module module_shell = {
    .name = "shell",
    .summary = "Run a command line by a shell",
    .example = "- shell: sort names | uniq > /srv/names\n  args: { chdir: /srv/in, creates: "
               "/srv/names }\n",
    .params = params,
    .params_size = sizeof(struct shell_params),
    .state_size = sizeof(struct shell_state),
    .free_form = true,
    .runner = true,
    .check = shell_check,
    .observe = shell_observe,
    .plan = shell_plan,
    .result = shell_result,
};
