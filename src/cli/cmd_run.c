/*
 * cmd_run.c - hostler run: one task on the hosts of a pattern, without a playbook. The flags are
 * those of ansible.
 */
#include "cli/command.h"

struct run_args {
    struct common_args common;
    str module, args, tree, playbook_dir;
    int64_t background, poll, task_timeout;
    bool one_line;
};

static const struct option_row rows[] = {
    COMMON_OPTIONS(struct run_args, common),
    { 'm', S_INIT("module-name"), NULL, OPTION_TEXT, offsetof(struct run_args, module), "MODULE",
      "The module; default command." },
    { 'a', S_INIT("args"), NULL, OPTION_TEXT, offsetof(struct run_args, args), "ARGS",
      "Its arguments: key=value, or the command." },
    { 'B', S_INIT("background"), NULL, OPTION_NUMBER, offsetof(struct run_args, background),
      "SECONDS", "Run in the background of the hosts, for at most so long." },
    { 'P', S_INIT("poll"), NULL, OPTION_NUMBER, offsetof(struct run_args, poll), "SECONDS",
      "With -B: look that often whether it has ended; default 15." },
    { 0, S_INIT("task-timeout"), NULL, OPTION_NUMBER, offsetof(struct run_args, task_timeout),
      "SECONDS", "End the task after so long." },
    { 't', S_INIT("tree"), NULL, OPTION_TEXT, offsetof(struct run_args, tree), "DIR",
      "Write the result of each host into a file of its name in DIR, too." },
    { 0, S_INIT("playbook-dir"), NULL, OPTION_TEXT, offsetof(struct run_args, playbook_dir), "DIR",
      "Where roles, files, group_vars and the like are looked for." },
    { 'o', S_INIT("one-line"), NULL, OPTION_FLAG, offsetof(struct run_args, one_line), NULL,
      "One line a host." },
    OPTIONS_END,
};

/* Those that are nothing without arguments. */
static bool needs_args(str module)
{
    static const str names[] = { S_INIT("command"), S_INIT("shell"), S_INIT("raw"),
                                 S_INIT("script") };
    size_t dot = str_rfind(module, S("."));
    str name = dot == STR_NPOS ? module : str_part(module, dot + 1, module.len);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(name, names[i])) {
            return true;
        }
    }
    return false;
}

static str module_of(const struct setup *setup, const struct run_args *args)
{
    str configured = config_text(&setup->config, SET_MODULE_NAME);
    return !str_is_none(args->module) ? args->module
           : !str_is_none(configured) ? configured
                                      : S("command");
}

static enum run_status execute(struct setup *setup, const struct run_args *args, str pattern)
{
    enum run_status status;
    struct output *output = output_new(&setup->output);
    struct report report = output_report(output);
    struct adhoc adhoc = { .pattern = pattern,
                           .module = module_of(setup, args),
                           .args = str_is_none(args->args) ? STR_EMPTY : args->args,
                           .async = args->background,
                           .poll = args->poll };
    struct run *run = run_load_adhoc(&setup->run, &report, &adhoc, &status);
    if (run != NULL && args->common.list_hosts) {
        status = run_list_matched(run, stdout);
        run_free(run);
    } else if (run != NULL) {
        status = run_with_signals(run);
    }
    if (status == RUN_OK && output_is_incomplete(output) && !setup->as_ansible) {
        status = RUN_ERROR;
    }
    output_free(output);
    return status;
}

static enum run_status run(struct setup *setup, const struct command_call *call, void *args_)
{
    struct run_args *args = args_;
    struct texts patterns;
    enum run_status status;
    if (!options_parse(setup->arena, "hostler run", rows, call->argc, call->argv, args,
                       &patterns)) {
        return RUN_USAGE;
    }
    if (args->common.help) {
        puts("usage: hostler run PATTERN [-m MODULE] [-a ARGS] [OPTION...]\n\nRun one module on "
             "hosts.\n");
        options_help(stdout, rows);
        return RUN_OK;
    }
    if (patterns.count != 1) {
        fputs("error: one pattern of hosts is needed\nhint: hostler run all -i inventory -m ping\n",
              stderr);
        return RUN_USAGE;
    }
    if (!setup_common(setup, &args->common, &status)) {
        return status;
    }
    setup_tell(setup);
    str module = module_of(setup, args);
    if (needs_args(module) && str_trim(args->args).len == 0 && !args->common.list_hosts) {
        fprintf(stderr, "error: '%.*s' needs arguments\nhint: give them with -a\n", SARG(module));
        return RUN_USAGE;
    }
    setup->run.inventory_settings.past_end_is_nobody =
        args->common.list_hosts && str_is_none(args->common.limit);
    setup->output.summary = false;
    setup->output.adhoc = true;
    setup->output.one_line = args->one_line;
    setup->output.tree = args->tree;
    setup->run.playbook_dir = args->playbook_dir;
    if (args->task_timeout > 0) {
        setup->run.task_timeout = (double)args->task_timeout;
    }
    return execute(setup, args, patterns.items[0]);
}

int command_run(const struct command_call *call)
{
    struct run_args args = { .common = { .forks = -1 }, .poll = -1 };
    return exit_status(command_do(call, run, &args), call->as_ansible);
}
