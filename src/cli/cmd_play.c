/*
 * cmd_play.c - hostler play: run playbooks. The flags are those of ansible-playbook.
 */
#include <string.h>
#include <unistd.h>

#include "base/tree.h"
#include "cli/callbacks.h"
#include "cli/project.h"

struct play_args {
    struct common_args common;
    bool step, list_tasks, list_tags, detailed_exitcode, require_clean;
    str require_signed;
    str start_at_task;
};

static const struct option_row rows[] = {
    COMMON_OPTIONS(struct play_args, common),
    { 't', S_INIT("tags"), NULL, OPTION_TEXTS, offsetof(struct play_args, common.tags), "TAGS",
      "Only tasks with one of these tags." },
    { 0, S_INIT("skip-tags"), NULL, OPTION_TEXTS, offsetof(struct play_args, common.skip_tags),
      "TAGS", "No task with one of these tags." },
    { 0, S_INIT("start-at-task"), NULL, OPTION_TEXT, offsetof(struct play_args, start_at_task),
      "NAME", "Begin with the task of this name; * and ? match." },
    { 0, S_INIT("step"), NULL, OPTION_FLAG, offsetof(struct play_args, step), NULL,
      "Ask before each task: no, yes, or continue without asking." },
    { 0, S_INIT("force-handlers"), NULL, OPTION_FLAG,
      offsetof(struct play_args, common.force_handlers), NULL,
      "Run handlers of hosts that have failed, too." },
    { 0, S_INIT("flush-cache"), NULL, OPTION_FLAG, offsetof(struct play_args, common.flush_cache),
      NULL, "Forget the facts of earlier runs." },
    { 0, S_INIT("list-tasks"), NULL, OPTION_FLAG, offsetof(struct play_args, list_tasks), NULL,
      "List the tasks, run nothing." },
    { 0, S_INIT("list-tags"), NULL, OPTION_FLAG, offsetof(struct play_args, list_tags), NULL,
      "List the tags, run nothing." },
    { 0, S_INIT("syntax-check"), NULL, OPTION_FLAG, offsetof(struct play_args, common.syntax_check),
      NULL, "Only read the playbooks." },
    { 0, S_INIT("detailed-exitcode"), NULL, OPTION_FLAG,
      offsetof(struct play_args, detailed_exitcode), NULL,
      "End with 3 when something was changed, or would be." },
    { 0, S_INIT("require-clean"), NULL, OPTION_FLAG, offsetof(struct play_args, require_clean),
      NULL, "Only if all files of the project's repositories are committed." },
    { 0, S_INIT("require-signed"), NULL, OPTION_TEXT, offsetof(struct play_args, require_signed),
      "KEYS", "Likewise, and only if the commits are signed by one of the keys in this file." },
    OPTIONS_END,
};

static void help(void)
{
    puts("usage: hostler play [OPTION...] PLAYBOOK...\n\nRun playbooks on the hosts of an "
         "inventory.\n");
    options_help(stdout, rows);
}

static enum run_status execute(struct setup *setup, const struct play_args *args)
{
    enum run_status status;
    bool list = args->common.list_hosts || args->list_tasks || args->list_tags;
    struct output *output = output_new(&setup->output);
    struct report report = output_report(output);
    struct run *run = run_load(&setup->run, &report, &status);
    if (run == NULL) {
        output_free(output);
        return status;
    }
    if (list) {
        status = run_list(run, stdout, args->common.list_hosts, args->list_tasks, args->list_tags);
        run_free(run);
    } else if (args->common.syntax_check) {
        for (size_t i = 0; i < setup->run.playbook_count; i++) {
            printf("\nplaybook: %.*s\n", SARG(tree_shown(setup->arena, setup->run.playbooks[i])));
        }
        run_free(run);
    } else {
        status = run_with_signals(run);
    }
    if (status == RUN_OK && args->detailed_exitcode && output_changed(output)) {
        status = RUN_CHANGED;
    }
    output_free(output);
    return status;
}

static enum run_status play(struct setup *setup, const struct command_call *call, void *args_)
{
    struct play_args *args = args_;
    struct texts playbooks;
    enum run_status status;
    if (!options_parse(setup->arena, "hostler play", rows, call->argc, call->argv, args,
                       &playbooks)) {
        return RUN_USAGE;
    }
    if (args->common.help) {
        help();
        return RUN_OK;
    }
    if (args->step && !isatty(STDIN_FILENO)) {
        fputs("error: --step asks, and standard input is no terminal\n", stderr);
        return RUN_USAGE;
    }
    if (playbooks.count == 0) {
        fputs("error: no playbook was given\nhint: hostler play site.yml -i inventory\n", stderr);
        return RUN_USAGE;
    }
    setup->project = (struct project_rules){ .wanted = !call->as_ansible || args->require_clean ||
                                                       !str_is_none(args->require_signed),
                                             .require_clean = args->require_clean,
                                             .signers = args->require_signed };
    if (!project_open(setup, &args->common, &playbooks)) {
        return RUN_ERROR;
    }
    if (!setup_common(setup, &args->common, &status)) {
        return status;
    }
    setup->run.step = args->step;
    setup->run.start_at_task = args->start_at_task;
    callbacks_apply(&setup->config, setup->diags, args->common.check, &setup->output);
    setup_tell(setup);
    setup->output.summary = !call->as_ansible;
    return execute(setup, args);
}

int command_play(const struct command_call *call)
{
    struct play_args args = { .common = { .forks = -1 } };
    return exit_status(command_do(call, play, &args), call->as_ansible);
}
