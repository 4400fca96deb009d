/*
 * command.h - the commands of hostler, each a row of the table in main.c, and what they share.
 */
#pragma once
#include "cli/config.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/vault_ids.h"
#include "engine/run.h"

/* argv begins behind the command's name; `as_ansible`: started as ansible-playbook, ansible ... :
 * then exit statuses are those of that command. */
struct command_call {
    int argc;
    char **argv;
    bool as_ansible;
};

struct command_row {
    const char *name;
    const char *ansible_name; /* NULL: Ansible has no such command */
    const char *usage;
    const char *summary;
    int (*run)(const struct command_call *call);
};

int command_play(const struct command_call *call);
int command_run(const struct command_call *call);
int command_inventory(const struct command_call *call);
int command_config(const struct command_call *call);
int command_vault(const struct command_call *call);
int command_template(const struct command_call *call);
int command_doc(const struct command_call *call);

/* What play and run have in common. */
struct common_args {
    struct texts inventories, extra_vars, tags, skip_tags;
    str limit, user, connection, private_key, ssh_common_args, ssh_extra_args;
    str scp_extra_args, sftp_extra_args; /* of no use here */
    str become_method, become_user, become_password_file, connection_password_file;
    str module_path;
    int64_t forks;
    double timeout;
    struct vault_args vault;
    bool check, diff, become, ask_become_pass, ask_pass, strict, help, list_hosts, force_handlers,
        flush_cache;
    bool syntax_check, no_color, live;
    unsigned verbosity;
};
#define COMMON_OPTIONS(struct_, field)                                                             \
    { 'i',                                                                                         \
      S_INIT("inventory"),                                                                         \
      ALIASES_OF("inventory-file"),                                                                \
      OPTION_TEXTS,                                                                                \
      offsetof(struct_, field.inventories),                                                        \
      "SOURCE",                                                                                    \
      "File or directory of hosts, git:REPOSITORY@REV:PATH, or a list with a comma." },            \
        { 'l',                                                                                     \
          S_INIT("limit"),                                                                         \
          ALIASES_OF("subset"),                                                                    \
          OPTION_TEXT,                                                                             \
          offsetof(struct_, field.limit),                                                          \
          "PATTERN",                                                                               \
          "Only these hosts; @FILE reads them from a file, changed:REV from git." },               \
        { 'e',                                                                                     \
          S_INIT("extra-vars"),                                                                    \
          NULL,                                                                                    \
          OPTION_TEXTS,                                                                            \
          offsetof(struct_, field.extra_vars),                                                     \
          "VARS",                                                                                  \
          "Variables that win over all others: key=value, YAML or JSON, or @FILE." },              \
        { 'f',                                                                                     \
          S_INIT("forks"),                                                                         \
          NULL,                                                                                    \
          OPTION_NUMBER,                                                                           \
          offsetof(struct_, field.forks),                                                          \
          "N",                                                                                     \
          "Hosts at a time; default: all, up to 50." },                                            \
        { 'u',    S_INIT("user"),   NULL, OPTION_TEXT, offsetof(struct_, field.user),              \
          "USER", "Log in as USER." },                                                             \
        { 'k',                                                                                     \
          S_INIT("ask-pass"),                                                                      \
          NULL,                                                                                    \
          OPTION_FLAG,                                                                             \
          offsetof(struct_, field.ask_pass),                                                       \
          NULL,                                                                                    \
          "Ask for the password of the login." },                                                  \
        { 0,                                                                                       \
          S_INIT("private-key"),                                                                   \
          ALIASES_OF("key-file"),                                                                  \
          OPTION_TEXT,                                                                             \
          offsetof(struct_, field.private_key),                                                    \
          "FILE",                                                                                  \
          "Key to log in with." },                                                                 \
        { 'c',    S_INIT("connection"), NULL, OPTION_TEXT, offsetof(struct_, field.connection),    \
          "KIND", "ssh or local." },                                                               \
        { 'T',                                                                                     \
          S_INIT("timeout"),                                                                       \
          NULL,                                                                                    \
          OPTION_REAL,                                                                             \
          offsetof(struct_, field.timeout),                                                        \
          "SECONDS",                                                                               \
          "Give up connecting after so long; default 10." },                                       \
        { 0,                                                                                       \
          S_INIT("ssh-common-args"),                                                               \
          NULL,                                                                                    \
          OPTION_TEXT,                                                                             \
          offsetof(struct_, field.ssh_common_args),                                                \
          "ARGS",                                                                                  \
          "Options as of ssh: -o, -J, -p, -i, -l, -F." },                                          \
        { 0,                                                                                       \
          S_INIT("ssh-extra-args"),                                                                \
          NULL,                                                                                    \
          OPTION_TEXT,                                                                             \
          offsetof(struct_, field.ssh_extra_args),                                                 \
          "ARGS",                                                                                  \
          "The same." },                                                                           \
        { 0,                                                                                       \
          S_INIT("scp-extra-args"),                                                                \
          NULL,                                                                                    \
          OPTION_TEXT,                                                                             \
          offsetof(struct_, field.scp_extra_args),                                                 \
          "ARGS",                                                                                  \
          "Accepted; files do not go by scp." },                                                   \
        { 0,                                                                                       \
          S_INIT("sftp-extra-args"),                                                               \
          NULL,                                                                                    \
          OPTION_TEXT,                                                                             \
          offsetof(struct_, field.sftp_extra_args),                                                \
          "ARGS",                                                                                  \
          "Accepted; files do not go by sftp." },                                                  \
        { 'b',  S_INIT("become"),      NULL, OPTION_FLAG, offsetof(struct_, field.become),         \
          NULL, "Run as another user." },                                                          \
        { 0,                                                                                       \
          S_INIT("become-method"),                                                                 \
          NULL,                                                                                    \
          OPTION_TEXT,                                                                             \
          offsetof(struct_, field.become_method),                                                  \
          "METHOD",                                                                                \
          "sudo, su, doas, dzdo or sudosu." },                                                     \
        { 0,                                                                                       \
          S_INIT("become-user"),                                                                   \
          NULL,                                                                                    \
          OPTION_TEXT,                                                                             \
          offsetof(struct_, field.become_user),                                                    \
          "USER",                                                                                  \
          "That user; default root." },                                                            \
        { 'K',                                                                                     \
          S_INIT("ask-become-pass"),                                                               \
          NULL,                                                                                    \
          OPTION_FLAG,                                                                             \
          offsetof(struct_, field.ask_become_pass),                                                \
          NULL,                                                                                    \
          "Ask for the password of become." },                                                     \
        { 0,                                                                                       \
          S_INIT("become-password-file"),                                                          \
          ALIASES_OF("become-pass-file"),                                                          \
          OPTION_TEXT,                                                                             \
          offsetof(struct_, field.become_password_file),                                           \
          "FILE",                                                                                  \
          "Read that password from a file." },                                                     \
        { 0,                                                                                       \
          S_INIT("connection-password-file"),                                                      \
          ALIASES_OF("conn-pass-file"),                                                            \
          OPTION_TEXT,                                                                             \
          offsetof(struct_, field.connection_password_file),                                       \
          "FILE",                                                                                  \
          "Read the login's password from a file." },                                              \
        { 'C',                                                                                     \
          S_INIT("check"),                                                                         \
          NULL,                                                                                    \
          OPTION_FLAG,                                                                             \
          offsetof(struct_, field.check),                                                          \
          NULL,                                                                                    \
          "A dry run: say what would change, change nothing." },                                   \
        { 'D',                                                                                     \
          S_INIT("diff"),                                                                          \
          NULL,                                                                                    \
          OPTION_FLAG,                                                                             \
          offsetof(struct_, field.diff),                                                           \
          NULL,                                                                                    \
          "Show what changes within files." },                                                     \
        { 0,    S_INIT("strict"),      NULL, OPTION_FLAG, offsetof(struct_, field.strict),         \
          NULL, "Warnings are errors." },                                                          \
        { 'v',                                                                                     \
          S_INIT("verbose"),                                                                       \
          NULL,                                                                                    \
          OPTION_COUNT,                                                                            \
          offsetof(struct_, field.verbosity),                                                      \
          NULL,                                                                                    \
          "Show results; more often: more." },                                                     \
        { 0,    S_INIT("no-color"), NULL, OPTION_FLAG, offsetof(struct_, field.no_color),          \
          NULL, "No colour." },                                                                    \
        { 0,                                                                                       \
          S_INIT("live"),                                                                          \
          NULL,                                                                                    \
          OPTION_FLAG,                                                                             \
          offsetof(struct_, field.live),                                                           \
          NULL,                                                                                    \
          "Print what commands print while they run, on standard error." },                        \
        { 0,                                                                                       \
          S_INIT("list-hosts"),                                                                    \
          NULL,                                                                                    \
          OPTION_FLAG,                                                                             \
          offsetof(struct_, field.list_hosts),                                                     \
          NULL,                                                                                    \
          "List the hosts, run nothing." },                                                        \
        { 'M',                                                                                     \
          S_INIT("module-path"),                                                                   \
          NULL,                                                                                    \
          OPTION_TEXT,                                                                             \
          offsetof(struct_, field.module_path),                                                    \
          "DIRS",                                                                                  \
          "Where modules of your own are looked for." },                                           \
        VAULT_OPTIONS(struct_, field.vault),                                                       \
    {                                                                                              \
        'h', S_INIT("help"), NULL, OPTION_FLAG, offsetof(struct_, field.help), NULL, "Show this."  \
    }
#define ALIASES_OF(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* All that a command needs to start a run, and to end it. */
/* What `play` asks of the repositories of its project, and whether it tells of them (project.h). */
struct project_rules {
    bool wanted, require_clean;
    str signers; /* file of keys; STR_NONE: commits need no signature */
    struct git_states {
        struct git_state *items;
        size_t len, cap;
    } states; /* of those found so far */
};

struct setup {
    struct vault_ids *vault; /* passwords; NULL until setup_common */
    bool as_ansible;
    struct arena *arena;
    struct source_map *sources;
    struct diags *diags;
    struct config config;
    struct run_options run;
    struct output_options output;
    struct project_rules project;
};
/* Configuration and environment. Fails after having told why. */
bool setup_init(struct setup *setup, bool as_ansible);
void setup_finish(struct setup *setup);
/* The common options over the configuration; asks for passwords. False: status in *ret_status. */
bool setup_common(struct setup *setup, const struct common_args *args, enum run_status *ret_status);
/* A path at a revision (git:...) becomes that of its mounted tree; others stay. A server of
 * repositories is logged in to as a host is, by what is configured and given. False after a
 * diagnostic. */
bool setup_open_git(struct setup *setup, const struct common_args *args, str *path);
/* Print what was found out so far. */
void setup_tell(struct setup *setup);
/* A command between setup_init() and setup_finish(), with arguments of its own; tells the rest. */
enum run_status command_do(const struct command_call *call,
                           enum run_status (*run)(struct setup *setup,
                                                  const struct command_call *call, void *args),
                           void *args);

/* Run it with signals caught; frees the run. */
enum run_status run_with_signals(struct run *run);
/* Whether a run was told to end, by Ctrl-C or a polite kill. */
bool was_interrupted(void);
int exit_status(enum run_status status, bool as_ansible);
