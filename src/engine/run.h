/*
 * run.h - a run: playbooks over an inventory. cli/ fills the options and the report, and gets the
 * exit status.
 */
#pragma once
#include "engine/fact_cache.h"
#include "engine/report.h"
#include "inventory/inventory.h"
#include "template/template.h"

struct run_options {
    const str *playbooks;
    size_t playbook_count;
    const str *inventories;
    size_t inventory_count;
    str limit;             /* -l; STR_NONE: all */
    value tags, skip_tags; /* lists of strings; undefined: not given */
    value extra_vars;      /* a map; later -e win; or undefined */
    /* Where extra_vars and connection_settings were written; the run adds what it reads. It is
     * lent; NULL: the run has its own. */
    struct source_map *sources;
    bool check, diff; /* -C -D */
    unsigned forks;   /* 0: min(hosts, 50) */
    unsigned verbosity;
    str remote_user; /* -u */
    str connection;  /* -c */
    str private_key_file;
    str ssh_args, ssh_common_args, ssh_extra_args;
    str password;              /* -k, already asked for */
    double timeout;            /* -T: seconds to connect; 0: 10 */
    value connection_settings; /* ansible.cfg's, by the variable that each stands for; a map */
    bool become;               /* -b */
    str become_method, become_user, become_password; /* -K, already asked for */
    struct become become_by[BECOME_METHODS];         /* ansible.cfg, environment: of each method */
    str start_at_task;
    bool step;        /* ask before each task; the report has `ask` then */
    str playbook_dir; /* of a run without a playbook; STR_NONE: the working directory */
    str config_file;  /* the ansible.cfg in use; STR_NONE: none */
    bool force_handlers;
    bool any_errors_fatal; /* where no keyword says otherwise */
    bool missing_handler_is_warning;
    str managed; /* `ansible_managed` of templates, before {file} and %d are replaced */
    bool strict; /* what would be a warning is an error */
    enum host_keys host_keys;
    const str *roles_paths;
    size_t roles_path_count;
    const str *collections_paths;
    size_t collections_path_count;
    bool any_unparsed_is_failed; /* an inventory source that cannot be read is an error */
    struct inventory_settings inventory_settings;
    struct secrets
        *secrets; /* the run's known secrets; outlives it, for what is printed behind it */
    /* Decrypts vault texts, and makes them known to `secrets`; NULL: they are refused. */
    bool (*vault)(void *data, struct diags *diags, str ciphertext, span at, value *ret);
    void *vault_data;
    value settings; /* a map of what lookup('config') tells, by name; undefined: nothing */
    enum dialect dialect;
    struct template_extensions extensions;
    bool gather_explicit; /* gathering = explicit: only where a play asks for it */
    bool gather_smart;    /* gathering = smart: not again for a host whose facts are known */
    /* Of ansible.cfg, where plays and tasks do not say: */
    str strategy;        /* STR_NONE: linear */
    value gathered;      /* a map of arguments of "Gathering Facts"; or undefined */
    bool no_log;         /* results are hidden */
    double task_timeout; /* seconds; 0: none */
    double poll;         /* seconds between two looks at an async task */
    struct fact_cache fact_cache;
    bool flush_cache;         /* forget what it has before the run begins */
    bool facts_apart;         /* facts are no variables: ansible_facts.NAME, never ansible_NAME */
    unsigned remote_port;     /* of ansible.cfg; 0: not set */
    const str *library_paths; /* of modules */
    size_t library_path_count;
    str version; /* ansible_version.full as playbooks see it */
};

/* Exit statuses of a run (architecture, section 4); cli/ maps them for the ansible-* names. */
enum run_status {
    RUN_OK = 0,
    RUN_ERROR = 1,
    RUN_HOSTS_FAILED = 2,
    RUN_CHANGED = 3, /* with --detailed-exitcode only; cli/ decides by the summary */
    RUN_UNREACHABLE = 4,
    RUN_USAGE = 5,
    RUN_PARSE = 6,
    RUN_NO_HOSTS = 7,
    RUN_BROKEN_OFF = 8,
    RUN_INTERRUPTED = 130,
    RUN_HUNG_UP = 129,    /* the same by SIGHUP; cli/ decides, who reads the signals */
    RUN_TERMINATED = 143, /* ... by SIGTERM */
};

struct run; /* all that a run holds */

/* Load inventory and playbooks; everything wrong with them is reported. NULL after an error, with
 * the status in *ret_status. */
struct run *run_load(const struct run_options *options, const struct report *report,
                     enum run_status *ret_status);
void run_free(struct run *run); /* accepts NULL */

enum run_status run_execute(struct run *run);
/* From a signal handler or another thread: end cleanly, remote processes too, within two seconds.
 */
void run_interrupt(struct run *run);

/* --list-hosts, --list-tasks, --list-tags: written to `out` in Ansible's form. */
enum run_status run_list(struct run *run, FILE *out, bool hosts, bool tasks, bool tags);

/* `ansible --list-hosts`: "  hosts (2):" and their names. */
enum run_status run_list_matched(struct run *run, FILE *out);

/* One host and nothing to do there: for run_render(). */
struct run *run_load_host(const struct run_options *options, const struct report *report, str host,
                          enum run_status *ret_status);
/* A template file as a task on that host would render it, without the facts that a play gathers.
 * The text lives as long as the run. */
enum run_status run_render(struct run *run, str file, value *ret);
/* Variables of that host by name, templated, as a map; one that needs what is not defined is
 * undefined there and tells why. It lives as long as the run. */
enum run_status run_variables(struct run *run, value names, value *ret_map);

/* Ad hoc: one task on the hosts of a pattern (`hostler run`), with its own form of report. */
struct adhoc {
    str pattern, module;
    str args;      /* name=value, the command, or a map as JSON */
    int64_t async; /* -B: seconds that it may take in the background; 0: not there */
    int64_t poll;  /* -P: seconds between two looks; negative: not given */
};
struct run *run_load_adhoc(const struct run_options *options, const struct report *report,
                           const struct adhoc *adhoc, enum run_status *ret_status);
