/*
 * cmd_run.c - hostler run: one task on the hosts of a pattern, without a playbook. The flags are
 * those of ansible.
 */
#include "cli/command.h"

struct run_args {
    struct common_args common;
    str module, args;
    bool one_line;
};

static const struct option_row rows[] = {
    COMMON_OPTIONS(struct run_args, common),
    { 'm', S_INIT("module-name"), NULL, OPTION_TEXT, offsetof(struct run_args, module), "MODULE",
      "The module; default command." },
    { 'a', S_INIT("args"), NULL, OPTION_TEXT, offsetof(struct run_args, args), "ARGS",
      "Its arguments: key=value, or the command." },
    { 'o', S_INIT("one-line"), NULL, OPTION_FLAG, offsetof(struct run_args, one_line), NULL,
      "One line a host." },
    OPTIONS_END,
};

static enum run_status execute(struct setup *setup, const struct run_args *args, str pattern)
{
    enum run_status status;
    struct output *output = output_new(&setup->output);
    struct report report = output_report(output);
    str configured = config_text(&setup->config, SET_MODULE_NAME);
    str module = !str_is_none(args->module) ? args->module
                 : !str_is_none(configured) ? configured
                                            : S("command");
    struct run *run = run_load_adhoc(&setup->run, &report, pattern, module,
                                     str_is_none(args->args) ? STR_EMPTY : args->args, &status);
    if (run != NULL && args->common.list_hosts) {
        status = run_list_matched(run, stdout);
        run_free(run);
    } else if (run != NULL) {
        status = run_with_signals(run);
    }
    output_free(output);
    return status;
}

static enum run_status run(struct setup *setup, const struct command_call *call,
                           struct run_args *args)
{
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
    setup->run.inventory_settings.past_end_is_nobody =
        args->common.list_hosts && str_is_none(args->common.limit);
    setup->output.summary = false;
    setup->output.adhoc = true;
    setup->output.one_line = args->one_line;
    return execute(setup, args, patterns.items[0]);
}

int command_run(const struct command_call *call)
{
    struct setup setup;
    struct run_args args = { .common = { .forks = -1 } };
    enum run_status status = RUN_ERROR;
    if (setup_init(&setup, call->as_ansible)) {
        status = run(&setup, call, &args);
    }
    setup_tell(&setup);
    setup_finish(&setup);
    return exit_status(status, call->as_ansible);
}
