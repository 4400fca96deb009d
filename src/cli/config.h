/*
 * config.h - settings from ansible.cfg and ANSIBLE_* variables: those that mean something here, as
 * rows of one table (config.c). The environment wins over the file, the command line over both.
 *
 * The file is the first that can be read of $ANSIBLE_CONFIG, ./ansible.cfg (unless anybody may
 * write to the directory), ~/.ansible.cfg, /etc/ansible/ansible.cfg. Its form is that of Python's
 * configparser, with " ;" before a comment behind a value.
 */
#pragma once
#include "base/diag.h"
#include "base/value.h"

enum setting {
    SET_INVENTORY,
    SET_FORKS,
    SET_REMOTE_USER,
    SET_REMOTE_PORT,
    SET_PRIVATE_KEY_FILE,
    SET_HOST_KEY_CHECKING,
    SET_ROLES_PATH,
    SET_COLLECTIONS_PATH,
    SET_LIBRARY,
    SET_TIMEOUT,
    SET_GATHERING,
    SET_GATHER_SUBSET,
    SET_GATHER_TIMEOUT,
    SET_FACT_PATH,
    SET_INJECT_FACTS,
    SET_STRATEGY,
    SET_NO_LOG,
    SET_TASK_TIMEOUT,
    SET_POLL_INTERVAL,
    SET_MODULE_NAME,
    SET_RETRY_FILES,
    SET_RETRY_DIR,
    SET_STDOUT_CALLBACK,
    SET_CALLBACKS,
    SET_RESULT_FORMAT,
    SET_PRETTY,
    SET_FAILED_STDERR,
    SET_CHECK_MARKERS,
    SET_PROFILE_LIMIT,
    SET_PROFILE_SORT,
    SET_LOG_PATH,
    SET_CACHE,
    SET_CACHE_DIR,
    SET_CACHE_TIMEOUT,
    SET_CACHE_PREFIX,
    SET_FORCE_HANDLERS,
    SET_TRANSPORT,
    SET_ANY_UNPARSED_IS_FAILED,
    SET_INVENTORY_IGNORE,
    SET_INVENTORY_IGNORE_PATTERNS,
    SET_UNPARSED_IS_FAILED,
    SET_INVENTORY_ENABLED,
    SET_ANY_ERRORS_FATAL,
    SET_ERROR_ON_MISSING_HANDLER,
    SET_MANAGED,
    SET_SHOW_SKIPPED,
    SET_SHOW_OK,
    SET_HASH_BEHAVIOUR,
    SET_VARS_ENABLED,
    SET_JINJA2_NATIVE,
    SET_JINJA2_EXTENSIONS,
    SET_SHOW_CUSTOM_STATS,
    SET_NOCOLOR,
    SET_FORCE_COLOR,
    SET_BECOME,
    SET_BECOME_METHOD,
    SET_BECOME_USER,
    SET_BECOME_EXE,
    SET_BECOME_FLAGS,
    SET_SUDO_USER,
    SET_SUDO_EXE,
    SET_SUDO_FLAGS,
    SET_SUDO_PASS,
    SET_SU_USER,
    SET_SU_EXE,
    SET_SU_FLAGS,
    SET_SU_PASS,
    SET_SU_PROMPTS,
    SET_DOAS_USER,
    SET_DOAS_EXE,
    SET_DOAS_FLAGS,
    SET_DOAS_PASS,
    SET_DOAS_PROMPTS,
    SET_DZDO_USER,
    SET_DZDO_EXE,
    SET_DZDO_FLAGS,
    SET_DZDO_PASS,
    SET_BECOME_ASK_PASS,
    SET_ASK_PASS,
    SET_SSH_ARGS,
    SET_SSH_COMMON_ARGS,
    SET_SSH_EXTRA_ARGS,
    SET_SSH_HOST_KEY_CHECKING,
    SET_SSH_TIMEOUT,
    SET_SSH_RETRIES,
    SET_SSH_EXECUTABLE,
    SET_SSH_PKCS11_PROVIDER,
    SET_EXECUTABLE,
    SET_DOCKER_EXTRA_ARGS,
    SET_DOCKER_TIMEOUT,
    SET_PODMAN_EXTRA_ARGS,
    SET_CHROOT_EXE,
    SET_NSENTER_PID,
    SET_DIFF_ALWAYS,
    SET_VERBOSITY,
    SET_TAGS,
    SET_SKIP_TAGS,
    SET_VAULT_IDENTITY,
    SET_VAULT_IDENTITY_LIST,
    SET_VAULT_ENCRYPT_IDENTITY,
    SET_VAULT_ID_MATCH,
    SET_VAULT_PASSWORD_FILE,
    SET_ASK_VAULT_PASS,
    SET_COUNT
};

struct config_entry {
    str section, key, text;
    span section_at, at;
};
struct config_entries {
    struct config_entry *items;
    size_t len, cap;
};

struct config {
    str file;                    /* absolute; STR_NONE: none was found */
    str dir;                     /* paths in it are relative to it */
    str text;                    /* of the file */
    const struct source *source; /* the same as it may be shown: config_secrets.h; NULL: none */
    struct config_value {
        str text;   /* STR_NONE: not set */
        str origin; /* "ansible.cfg", "ANSIBLE_FORKS" */
        span at;
        bool from_file;
    } values[SET_COUNT];
    struct config_entries rest; /* what else the file says, in order */
};

enum config_kind {
    CONFIG_TEXT,
    CONFIG_BOOL,
    CONFIG_NUMBER,
    CONFIG_LIST,    /* separated by commas */
    CONFIG_PATH,    /* "~" and "$NAME" are expanded; relative to the file that says it */
    CONFIG_PATHS,   /* the same, separated by colons */
    CONFIG_SOURCES, /* the same, separated by commas */
    CONFIG_SECRET,
};

struct config_row {
    enum setting setting;
    enum config_kind kind;
    const char *name; /* what Ansible calls it; NULL: an option of one of its plugins */
    const char *section, *key, *env;
    const char *fallback; /* what it is when nothing sets it; NULL: nothing, or it depends */
    const char *doc;
    const char *also_env, *also_section, *also_key; /* older names; NULL: none */
    const char *variable;       /* what it sets by default, if that is all it does; else NULL */
    const char *const *choices; /* all it may be, NULL-terminated; NULL: anything of its kind */
};
const struct config_row *config_rows(size_t *ret_count);

/* A setting of Ansible's without effect here. */
struct config_other {
    const char *section, *key, *env; /* NULL: there is none */
    const char *harmless; /* the value with which nothing is lost; "": none; with why NULL: any */
    const char *why;      /* what is to be told otherwise */
};
const struct config_other *config_others(size_t *ret_count);

/* A map of the variables that rows set, to their texts. */
value config_variables(struct arena *arena, const struct config *config);

struct config config_empty(void); /* nothing is set */
/* The file is looked for where Ansible has it. For a project that is read from a commit, `project`
 * is the directory of its playbook: that one and those above it in the tree stand for the working
 * directory; else STR_NONE. Then the environment is read. False after a diagnostic:
 * a file that is no INI. */
bool config_load(struct arena *arena, struct diags *diags, str project, struct config *ret);
/* Warn of what is set and means nothing here: names that there are not, settings without effect. A
 * word that is none of a setting's choices is an error. */
void config_check(struct arena *arena, struct diags *diags, const struct config *config);

str config_text(const struct config *config, enum setting setting); /* STR_NONE: not set */
/* What the row says when it is not set. A wrong word is a warning, no number
 * an error; the row's value then stands. */
bool config_bool(const struct config *config, struct diags *diags, enum setting setting);
double config_number(const struct config *config, struct diags *diags, enum setting setting);
/* One path, or each of several; not set: the row's. */
str config_path(const struct config *config, struct arena *arena, enum setting setting);
const str *config_paths(const struct config *config, struct arena *arena, enum setting setting,
                        size_t *ret_count);
str expand_home(struct arena *arena, str path);
