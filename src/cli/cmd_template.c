/*
 * cmd_template.c - hostler template: render a template file for a host and print it, to try it out;
 * or answer the cases of a corpus (template_cases.c).
 */
#include <string.h>

#include "cli/command.h"
#include "cli/template_cases.h"

struct template_args {
    struct common_args common;
    str host;
    bool jinja, jsonl;
};

#define ARG(member) offsetof(struct template_args, member)

static const struct option_row rows[] = {
    { 'i', S_INIT("inventory"), ALIASES_OF("inventory-file"), OPTION_TEXTS, ARG(common.inventories),
      "SOURCE", "File or directory of hosts, git:REPOSITORY@REV:PATH, or a list with a comma." },
    { 0, S_INIT("host"), NULL, OPTION_TEXT, ARG(host), "HOST",
      "Whose variables the template sees; default localhost." },
    { 'e', S_INIT("extra-vars"), NULL, OPTION_TEXTS, ARG(common.extra_vars), "VARS",
      "Variables that win over all others: key=value, YAML or JSON, or @FILE." },
    { 0, S_INIT("jinja"), NULL, OPTION_FLAG, ARG(jinja), NULL,
      "As Jinja by itself, without what Ansible adds." },
    { 0, S_INIT("jsonl"), NULL, OPTION_FLAG, ARG(jsonl), NULL,
      "Answer cases on standard input, an object of JSON a line." },
    { 'v', S_INIT("verbose"), NULL, OPTION_COUNT, ARG(common.verbosity), NULL,
      "What ansible_verbosity is." },
    { 0, S_INIT("strict"), NULL, OPTION_FLAG, ARG(common.strict), NULL, "Warnings are errors." },
    { 0, S_INIT("no-color"), NULL, OPTION_FLAG, ARG(common.no_color), NULL, "No colour." },
    VAULT_OPTIONS(struct template_args, common.vault),
    { 'h', S_INIT("help"), NULL, OPTION_FLAG, ARG(common.help), NULL, "Show this." },
    OPTIONS_END
};

/* What a template is tried out for: shown in full, with its secrets. */
static void print(struct arena *arena, value text)
{
    str shown = value_is(text, VALUE_STR) ? value_as_str(text) : value_masked(arena, text);
    fwrite(shown.ptr, 1, shown.len, stdout);
}

static enum run_status render(struct setup *setup, const struct template_args *args, str file)
{
    enum run_status status;
    struct output *output = output_new(&setup->output);
    struct report report = output_report(output);
    str host = str_is_none(args->host) ? S("localhost") : args->host;
    struct run *run = run_load_host(&setup->run, &report, host, &status);
    value text;
    if (run != NULL) {
        status = run_render(run, str_eq(file, S("-")) ? S("/dev/stdin") : file, &text);
    }
    if (status == RUN_OK) {
        print(setup->arena, text);
    }
    run_free(run);
    output_free(output);
    return status;
}

static enum run_status run(struct setup *setup, const struct command_call *call, void *args_)
{
    struct template_args *args = args_;
    struct texts files;
    enum run_status status;
    if (!options_parse(setup->arena, "hostler template", rows, call->argc, call->argv, args,
                       &files)) {
        return RUN_USAGE;
    }
    if (args->common.help) {
        puts("usage: hostler template FILE [-e VARS]... [-i SOURCE --host HOST]\n\n"
             "Render a template and print it. FILE - is standard input.\n");
        options_help(stdout, rows);
        return RUN_OK;
    }
    if (args->jsonl && files.count == 0) {
        template_cases(args->jinja);
        return RUN_OK;
    }
    if (args->jsonl || files.count != 1) {
        fputs("error: one template is needed\n"
              "hint: hostler template motd.j2 -i inventory --host web1 -e port=80\n",
              stderr);
        return RUN_USAGE;
    }
    if (!setup_common(setup, &args->common, &status)) {
        return status;
    }
    setup_tell(setup);
    if (args->jinja) {
        setup->run.dialect = DIALECT_JINJA;
    }
    setup->output.summary = false;
    return render(setup, args, files.items[0]);
}

int command_template(const struct command_call *call)
{
    struct template_args args = { .common = { .forks = -1 } };
    return (int)command_do(call, run, &args);
}
