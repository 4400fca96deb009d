/*
 * cmd_inventory.c - `hostler inventory`: shows hosts, groups and variables the way
 * ansible-inventory prints them, and explains where a variable comes from.
 */
#include <errno.h>
#include <string.h>

#include "base/secrets.h"
#include "cli/inventory_show.h"

#define ARG(member) offsetof(struct inventory_args, member)

static const struct option_row rows[] = {
    { 0, S_INIT("list"), NULL, OPTION_FLAG, ARG(list), NULL,
      "All groups, and the variables of all hosts." },
    { 0, S_INIT("host"), NULL, OPTION_TEXT, ARG(host), "HOST", "The variables of one host." },
    { 0, S_INIT("graph"), NULL, OPTION_FLAG, ARG(graph), NULL,
      "A tree of groups and hosts; of one group if it is named." },
    { 0, S_INIT("explain"), NULL, OPTION_TEXT, ARG(explain), "HOST",
      "Each variable of a host, or those named: every place that sets it, the winner first." },
    { 0, S_INIT("diff"), NULL, OPTION_TEXT, ARG(diff), "REV",
      "What differs from that revision of its repository; or, from it to a second one." },
    { 0, S_INIT("json"), NULL, OPTION_FLAG, ARG(json), NULL, "With --diff: JSON." },
    { 'y', S_INIT("yaml"), NULL, OPTION_FLAG, ARG(yaml), NULL, "YAML instead of JSON." },
    { 0, S_INIT("toml"), NULL, OPTION_FLAG, ARG(toml), NULL, "Not supported." },
    { 0, S_INIT("vars"), NULL, OPTION_FLAG, ARG(show_vars), NULL, "With --graph: variables, too." },
    { 0, S_INIT("export"), NULL, OPTION_FLAG, ARG(export), NULL,
      "With --list: variables where they are set, not flattened by host." },
    { 0, S_INIT("output"), NULL, OPTION_TEXT, ARG(output), "FILE", "Write there." },
    { 0, S_INIT("playbook-dir"), ALIASES_OF("basedir"), OPTION_TEXT, ARG(playbook_dir), "DIR",
      "Its host_vars/ and group_vars/ count, too; default: where you are." },
    { 'i', S_INIT("inventory"), ALIASES_OF("inventory-file"), OPTION_TEXTS, ARG(common.inventories),
      "SOURCE", "File or directory of hosts, git:REPOSITORY@REV:PATH, or a list with a comma." },
    { 'l', S_INIT("limit"), ALIASES_OF("subset"), OPTION_TEXT, ARG(common.limit), "PATTERN",
      "Only these hosts; @FILE reads them from a file, changed:REV from git." },
    { 'e', S_INIT("extra-vars"), NULL, OPTION_TEXTS, ARG(common.extra_vars), "VARS",
      "Variables that win over all others: key=value, YAML or JSON, or @FILE." },
    { 'v', S_INIT("verbose"), NULL, OPTION_COUNT, ARG(common.verbosity), NULL, "No effect." },
    { 0, S_INIT("no-color"), NULL, OPTION_FLAG, ARG(common.no_color), NULL, "No colour." },
    VAULT_OPTIONS(struct inventory_args, common.vault),
    { 'h', S_INIT("help"), NULL, OPTION_FLAG, ARG(common.help), NULL, "Show this." },
    OPTIONS_END
};

static bool check_args(const struct inventory_args *args)
{
    int actions = args->list + args->graph + !str_is_none(args->host) +
                  !str_is_none(args->explain) + !str_is_none(args->diff);
    if (args->toml) {
        fputs("error: TOML is not supported\nhint: use --yaml, or JSON\n", stderr);
        return false;
    }
    if (actions != 1) {
        fprintf(stderr,
                "error: %s\nhint: hostler inventory -i hosts --list | --host HOST | --graph | "
                "--explain HOST | --diff REV\n",
                actions == 0 ? "nothing was asked for" : "only one thing can be asked for at once");
        return false;
    }
    return true;
}

static bool load(struct show *show)
{
    const struct run_options *run = &show->setup->run;
    struct inventory_options options = {
        .sources = run->inventories,
        .count = run->inventory_count,
        .playbook_dir = str_is_none(show->args->playbook_dir) ? S(".") : show->args->playbook_dir,
        .unparsed_is_failed = run->any_unparsed_is_failed,
        .settings = run->inventory_settings,
        .env = show->env,
        .extra_vars = run->extra_vars,
        .vault = run->vault,
        .vault_data = run->vault_data,
    };
    if (!inventory_load(show->arena, show->diags, &options, &show->inventory) ||
        !inventory_match(show->inventory, show->arena, show->diags, S("all"), SPAN_NONE,
                         show->args->common.limit, &show->hosts)) {
        return false;
    }
    struct map_builder shown = map_in(show->arena);
    for (size_t i = 0; i < show->hosts.count; i++) {
        map_set(&shown, value_str_shared(show->arena, show->hosts.hosts[i]->name), value_null());
    }
    show->shown = map_seal(&shown);
    return true;
}

static enum run_status answer(struct show *show)
{
    if (!str_is_none(show->args->host)) {
        return show_host(show);
    }
    if (!str_is_none(show->args->explain)) {
        return show_explain(show);
    }
    if (!str_is_none(show->args->diff)) {
        return show_diff(show);
    }
    if (show->args->graph) {
        return show_graph(show);
    }
    return show_list(show);
}

static bool write_text(struct show *show)
{
    str text = strbuf_str(&show->text), path = show->args->output;
    FILE *file = str_is_none(path) ? stdout : fopen(str_c(show->arena, path), "we");
    bool ok = file != NULL;
    if (!str_is_none(path) && str_ends(text, S("\n")) && !show->args->yaml) {
        text.len--; /* as ansible-inventory: a file of JSON without a last newline */
    }
    ok = ok && fwrite(text.ptr, 1, text.len, file) == text.len && fflush(file) == 0;
    if (!ok) {
        diag_error(show->diags, SPAN_NONE, "cannot write '%.*s': %s",
                   SARG(str_is_none(path) ? S("standard output") : path), strerror(errno));
    }
    if (file != NULL && file != stdout) {
        fclose(file);
    }
    return ok;
}

static enum run_status run(struct setup *setup, const struct command_call *call, void *args_)
{
    struct inventory_args *args = args_;
    struct show show = { .setup = setup,
                         .arena = setup->arena,
                         .diags = setup->diags,
                         .args = args,
                         .text = strbuf_in(setup->arena) };
    enum run_status status;
    if (!options_parse(setup->arena, "hostler inventory", rows, call->argc, call->argv, args,
                       &show.rest)) {
        return RUN_USAGE;
    }
    if (args->common.help) {
        puts("usage: hostler inventory --list | --host HOST | --graph [GROUP] | --explain HOST "
             "[VARIABLE...] | --diff REV [REV]\n\nShow hosts, groups and variables.\n");
        options_help(stdout, rows);
        return RUN_OK;
    }
    if (!check_args(args)) {
        return RUN_USAGE;
    }
    if (!setup_common(setup, &args->common, &status)) {
        return status;
    }
    struct secrets *secrets = secrets_new();
    struct template_hooks hooks = { .data = setup->vault, .vault = vault_ids_hook };
    show.env = template_env_new(setup->run.dialect, setup->sources, secrets, hooks);
    template_env_extend(show.env, setup->run.extensions);
    status = load(&show) ? answer(&show) : RUN_ERROR;
    template_env_free(show.env);
    secrets_free(secrets);
    return status == RUN_OK && !write_text(&show) ? RUN_ERROR : status;
}

int command_inventory(const struct command_call *call)
{
    struct inventory_args args = { .common = { .forks = -1 } };
    enum run_status status = command_do(call, run, &args);
    return status == RUN_USAGE ? (int)RUN_USAGE : exit_status(status, call->as_ansible);
}
