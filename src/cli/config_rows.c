/*
 * config_rows.c - the settings there are: what each is called, and what it is by default. Below
 * them what Ansible knows besides: what has no meaning here, and why.
 */
#include "cli/config.h"

/* What Ansible's become plugins take, each for itself: [sudo_become_plugin] user, ... */
#define BECOME_ROWS(NAME, name)                                                                     \
    { SET_##NAME##_USER,                                                                            \
      CONFIG_TEXT,                                                                                  \
      NULL,                                                                                         \
      name "_become_plugin",                                                                        \
      "user",                                                                                       \
      "ANSIBLE_" #NAME "_USER",                                                                     \
      NULL,                                                                                         \
      "Whom, by " name "." },                                                                       \
        { SET_##NAME##_EXE,        CONFIG_TEXT, NULL,          name "_become_plugin", "executable", \
          "ANSIBLE_" #NAME "_EXE", NULL,        "Its program." },                                   \
        { SET_##NAME##_FLAGS,        CONFIG_TEXT, NULL,        name "_become_plugin", "flags",      \
          "ANSIBLE_" #NAME "_FLAGS", NULL,        "Its flags." },                                   \
    {                                                                                               \
        SET_##NAME##_PASS, CONFIG_SECRET, NULL, name "_become_plugin", "password",                  \
            "ANSIBLE_" #NAME "_PASS", NULL, "Its password.", .also_env = "ANSIBLE_BECOME_PASS"      \
    }
#define PROMPT_ROW(NAME, name)                                                                     \
    {                                                                                              \
        SET_##NAME##_PROMPTS, CONFIG_LIST, NULL, name "_become_plugin", "localized_prompts",       \
            "ANSIBLE_" #NAME "_PROMPT_L10N", NULL, "Words it asks with."                           \
    }

#define CHOICES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct config_row rows[] = {
    { SET_INVENTORY, CONFIG_SOURCES, "DEFAULT_HOST_LIST", "defaults", "inventory",
      "ANSIBLE_INVENTORY", "/etc/ansible/hosts", "Inventory sources, separated by commas." },
    { SET_FORKS, CONFIG_NUMBER, "DEFAULT_FORKS", "defaults", "forks", "ANSIBLE_FORKS", "0",
      "Hosts at a time; 0: all, up to 50." },
    { SET_REMOTE_USER, CONFIG_TEXT, "DEFAULT_REMOTE_USER", "defaults", "remote_user",
      "ANSIBLE_REMOTE_USER", NULL, "User to log in as." },
    { SET_REMOTE_PORT, CONFIG_NUMBER, "DEFAULT_REMOTE_PORT", "defaults", "remote_port",
      "ANSIBLE_REMOTE_PORT", NULL, "Port of sshd." },
    { SET_PRIVATE_KEY_FILE, CONFIG_PATH, "DEFAULT_PRIVATE_KEY_FILE", "defaults", "private_key_file",
      "ANSIBLE_PRIVATE_KEY_FILE", NULL, "Key to log in with." },
    { SET_HOST_KEY_CHECKING, CONFIG_BOOL, "HOST_KEY_CHECKING", "defaults", "host_key_checking",
      "ANSIBLE_HOST_KEY_CHECKING", "true", "Refuse hosts whose key is not known.",
      .also_env = "ANSIBLE_SSH_HOST_KEY_CHECKING" },
    { SET_ROLES_PATH, CONFIG_PATHS, "DEFAULT_ROLES_PATH", "defaults", "roles_path",
      "ANSIBLE_ROLES_PATH", "~/.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles",
      "Where roles are looked for." },
    { SET_COLLECTIONS_PATH, CONFIG_PATHS, "COLLECTIONS_PATHS", "defaults", "collections_path",
      "ANSIBLE_COLLECTIONS_PATH", "~/.ansible/collections:/usr/share/ansible/collections",
      "Where collections are looked for.", .also_env = "ANSIBLE_COLLECTIONS_PATHS",
      .also_key = "collections_paths" },
    { SET_LIBRARY, CONFIG_PATHS, "DEFAULT_MODULE_PATH", "defaults", "library", "ANSIBLE_LIBRARY",
      NULL, "Where modules of your own are looked for." },
    { SET_TIMEOUT, CONFIG_NUMBER, "DEFAULT_TIMEOUT", "defaults", "timeout", "ANSIBLE_TIMEOUT", "10",
      "Seconds to connect." },
    { SET_GATHERING, CONFIG_TEXT, "DEFAULT_GATHERING", "defaults", "gathering", "ANSIBLE_GATHERING",
      "implicit", "implicit, explicit or smart: not again for a host whose facts are known.",
      .choices = CHOICES("implicit", "explicit", "smart") },
    { SET_GATHER_SUBSET, CONFIG_LIST, "DEFAULT_GATHER_SUBSET", "defaults", "gather_subset",
      "ANSIBLE_GATHER_SUBSET", NULL, "Facts to gather, where a play does not say which." },
    { SET_GATHER_TIMEOUT, CONFIG_NUMBER, "DEFAULT_GATHER_TIMEOUT", "defaults", "gather_timeout",
      "ANSIBLE_GATHER_TIMEOUT", NULL, "Seconds for a single fact, where a play does not say." },
    { SET_FACT_PATH, CONFIG_TEXT, "DEFAULT_FACT_PATH", "defaults", "fact_path", "ANSIBLE_FACT_PATH",
      NULL, "Directory of local facts on the hosts, where a play names none." },
    { SET_INJECT_FACTS, CONFIG_BOOL, "INJECT_FACTS_AS_VARS", "defaults", "inject_facts_as_vars",
      "ANSIBLE_INJECT_FACT_VARS", "true",
      "Facts are variables, too: ansible_hostname beside ansible_facts.hostname." },
    { SET_STRATEGY, CONFIG_TEXT, "DEFAULT_STRATEGY", "defaults", "strategy", "ANSIBLE_STRATEGY",
      "linear", "linear, free or host_pinned, where a play does not say." },
    { SET_NO_LOG, CONFIG_BOOL, "DEFAULT_NO_LOG", "defaults", "no_log", "ANSIBLE_NO_LOG", "false",
      "Results are hidden, where a task does not say otherwise." },
    { SET_TASK_TIMEOUT, CONFIG_NUMBER, "TASK_TIMEOUT", "defaults", "task_timeout",
      "ANSIBLE_TASK_TIMEOUT", "0", "Seconds for a task, where it does not say; 0: any time." },
    { SET_POLL_INTERVAL, CONFIG_NUMBER, "DEFAULT_POLL_INTERVAL", "defaults", "poll_interval",
      "ANSIBLE_POLL_INTERVAL", "15",
      "Seconds between two looks at an async task, where it does not say." },
    { SET_MODULE_NAME, CONFIG_TEXT, "DEFAULT_MODULE_NAME", "defaults", "module_name", NULL,
      "command", "Module of `hostler run` without -m." },
    { SET_FORCE_HANDLERS, CONFIG_BOOL, "DEFAULT_FORCE_HANDLERS", "defaults", "force_handlers",
      "ANSIBLE_FORCE_HANDLERS", "false", "Run handlers of failed hosts." },
    { SET_TRANSPORT, CONFIG_TEXT, "DEFAULT_TRANSPORT", "defaults", "transport", "ANSIBLE_TRANSPORT",
      "smart", "Connection: ssh, local, docker ..." },
    { SET_ANY_UNPARSED_IS_FAILED, CONFIG_BOOL, "INVENTORY_ANY_UNPARSED_IS_FAILED", "inventory",
      "any_unparsed_is_failed", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", NULL,
      "A source that cannot be read is an error." },
    { SET_UNPARSED_IS_FAILED, CONFIG_BOOL, "INVENTORY_UNPARSED_IS_FAILED", "inventory",
      "unparsed_is_failed", "ANSIBLE_INVENTORY_UNPARSED_FAILED", "false",
      "It is an error when no source can be read." },
    { SET_INVENTORY_ENABLED, CONFIG_LIST, "INVENTORY_ENABLED", "inventory", "enable_plugins",
      "ANSIBLE_INVENTORY_ENABLED", "host_list, script, auto, yaml, ini",
      "What may read sources; 'auto' is for those that name a plugin." },
    { SET_ANY_ERRORS_FATAL, CONFIG_BOOL, "ANY_ERRORS_FATAL", "defaults", "any_errors_fatal",
      "ANSIBLE_ANY_ERRORS_FATAL", "false", "The first failure ends the play for all hosts." },
    { SET_MANAGED, CONFIG_TEXT, "DEFAULT_MANAGED_STR", "defaults", "ansible_managed", NULL,
      "Ansible managed",
      "What templates have as ansible_managed: {file}, {host}, {uid} and strftime(3) are "
      "replaced." },
    { SET_SHOW_SKIPPED, CONFIG_BOOL, "DISPLAY_SKIPPED_HOSTS", "defaults", "display_skipped_hosts",
      "ANSIBLE_DISPLAY_SKIPPED_HOSTS", "true", "Show hosts and items that are skipped.",
      .also_env = "DISPLAY_SKIPPED_HOSTS" },
    { SET_SHOW_OK, CONFIG_BOOL, NULL, "defaults", "display_ok_hosts", "ANSIBLE_DISPLAY_OK_HOSTS",
      "true", "Show hosts and items where nothing changed." },
    { SET_INVENTORY_IGNORE, CONFIG_LIST, "INVENTORY_IGNORE_EXTS", "inventory", "ignore_extensions",
      "ANSIBLE_INVENTORY_IGNORE",
      ".pyc, .pyo, .swp, .bak, ~, .rpm, .md, .txt, .rst, .orig, .ini, .cfg, .retry",
      "Endings of files that a directory of inventories leaves out.", .also_section = "defaults",
      .also_key = "inventory_ignore_extensions" },
    { SET_INVENTORY_IGNORE_PATTERNS, CONFIG_LIST, "INVENTORY_IGNORE_PATTERNS", "inventory",
      "ignore_patterns", "ANSIBLE_INVENTORY_IGNORE_REGEX", NULL,
      "Regular expressions for files that a directory of inventories leaves out.",
      .also_section = "defaults", .also_key = "inventory_ignore_patterns" },
    { SET_HASH_BEHAVIOUR, CONFIG_TEXT, "DEFAULT_HASH_BEHAVIOUR", "defaults", "hash_behaviour",
      "ANSIBLE_HASH_BEHAVIOUR", "replace", "replace or merge: maps of variables of one name.",
      .choices = CHOICES("replace", "merge") },
    { SET_VARS_ENABLED, CONFIG_LIST, "VARIABLE_PLUGINS_ENABLED", "defaults", "vars_plugins_enabled",
      "ANSIBLE_VARS_ENABLED", "host_group_vars",
      "host_group_vars: host_vars/ and group_vars/ count." },
    { SET_JINJA2_NATIVE, CONFIG_BOOL, "DEFAULT_JINJA2_NATIVE", "defaults", "jinja2_native",
      "ANSIBLE_JINJA2_NATIVE", "false", "Results of templates keep their type." },
    { SET_JINJA2_EXTENSIONS, CONFIG_TEXT, "DEFAULT_JINJA2_EXTENSIONS", "defaults",
      "jinja2_extensions", "ANSIBLE_JINJA2_EXTENSIONS", "",
      "What templates may have besides: jinja2.ext.do, jinja2.ext.loopcontrols." },
    { SET_SHOW_CUSTOM_STATS, CONFIG_BOOL, "SHOW_CUSTOM_STATS", "defaults", "show_custom_stats",
      "ANSIBLE_SHOW_CUSTOM_STATS", "false", "Show set_stats at the end." },
    { SET_NOCOLOR, CONFIG_BOOL, "ANSIBLE_NOCOLOR", "defaults", "nocolor", "ANSIBLE_NOCOLOR",
      "false", "No colour.", .also_env = "NO_COLOR" },
    { SET_FORCE_COLOR, CONFIG_BOOL, "ANSIBLE_FORCE_COLOR", "defaults", "force_color",
      "ANSIBLE_FORCE_COLOR", "false", "Colour without a terminal." },
    { SET_RETRY_FILES, CONFIG_BOOL, "RETRY_FILES_ENABLED", "defaults", "retry_files_enabled",
      "ANSIBLE_RETRY_FILES_ENABLED", "false",
      "Write the hosts that a playbook was lost on into a file, for --limit @FILE." },
    { SET_RETRY_DIR, CONFIG_PATH, "RETRY_FILES_SAVE_PATH", "defaults", "retry_files_save_path",
      "ANSIBLE_RETRY_FILES_SAVE_PATH", NULL, "Directory of those files; else the playbook's." },
    { SET_BECOME, CONFIG_BOOL, "DEFAULT_BECOME", "privilege_escalation", "become", "ANSIBLE_BECOME",
      "false", "Become another user." },
    { SET_BECOME_METHOD, CONFIG_TEXT, "DEFAULT_BECOME_METHOD", "privilege_escalation",
      "become_method", "ANSIBLE_BECOME_METHOD", "sudo", "How: sudo, su, doas, dzdo or sudosu." },
    { SET_BECOME_USER, CONFIG_TEXT, "DEFAULT_BECOME_USER", "privilege_escalation", "become_user",
      "ANSIBLE_BECOME_USER", "root", "Whom." },
    { SET_BECOME_EXE, CONFIG_TEXT, "DEFAULT_BECOME_EXE", "privilege_escalation", "become_exe",
      "ANSIBLE_BECOME_EXE", NULL, "The program to do it." },
    { SET_BECOME_FLAGS, CONFIG_TEXT, "DEFAULT_BECOME_FLAGS", "privilege_escalation", "become_flags",
      "ANSIBLE_BECOME_FLAGS", NULL, "Its flags." },
    BECOME_ROWS(SUDO, "sudo"),
    BECOME_ROWS(SU, "su"),
    PROMPT_ROW(SU, "su"),
    BECOME_ROWS(DOAS, "doas"),
    PROMPT_ROW(DOAS, "doas"),
    BECOME_ROWS(DZDO, "dzdo"),
    { SET_BECOME_ASK_PASS, CONFIG_BOOL, "DEFAULT_BECOME_ASK_PASS", "privilege_escalation",
      "become_ask_pass", "ANSIBLE_BECOME_ASK_PASS", "false", "Ask for its password." },
    { SET_ASK_PASS, CONFIG_BOOL, "DEFAULT_ASK_PASS", "defaults", "ask_pass", "ANSIBLE_ASK_PASS",
      "false", "Ask for the login's password." },
    { SET_SSH_ARGS, CONFIG_TEXT, NULL, "ssh_connection", "ssh_args", "ANSIBLE_SSH_ARGS", NULL,
      "Options of ssh." },
    { SET_SSH_COMMON_ARGS, CONFIG_TEXT, NULL, "ssh_connection", "ssh_common_args",
      "ANSIBLE_SSH_COMMON_ARGS", NULL, "Options of ssh." },
    { SET_SSH_EXTRA_ARGS, CONFIG_TEXT, NULL, "ssh_connection", "ssh_extra_args",
      "ANSIBLE_SSH_EXTRA_ARGS", NULL, "Options of ssh." },
    { SET_SSH_HOST_KEY_CHECKING, CONFIG_TEXT, NULL, "ssh_connection", "host_key_checking", NULL,
      NULL, "Refuse hosts whose key is not known.", .variable = "ansible_ssh_host_key_checking" },
    { SET_SSH_TIMEOUT, CONFIG_TEXT, NULL, "ssh_connection", "timeout", "ANSIBLE_SSH_TIMEOUT", NULL,
      "Seconds to connect.", .variable = "ansible_ssh_timeout" },
    { SET_SSH_RETRIES, CONFIG_TEXT, NULL, "ssh_connection", "retries", "ANSIBLE_SSH_RETRIES", "0",
      "How often a connection that cannot be made is tried again.",
      .variable = "ansible_ssh_retries" },
    { SET_SSH_EXECUTABLE, CONFIG_TEXT, NULL, "ssh_connection", "ssh_executable",
      "ANSIBLE_SSH_EXECUTABLE", "ssh", "Refused unless it is ssh, which is built in.",
      .variable = "ansible_ssh_executable" },
    { SET_SSH_PKCS11_PROVIDER, CONFIG_TEXT, NULL, "ssh_connection", "pkcs11_provider",
      "ANSIBLE_PKCS11_PROVIDER", NULL, "Refused: the agent has the keys on tokens.",
      .variable = "ansible_ssh_pkcs11_provider" },
    { SET_EXECUTABLE, CONFIG_TEXT, "DEFAULT_EXECUTABLE", "defaults", "executable",
      "ANSIBLE_EXECUTABLE", "/bin/sh", "Shell that is started in a container, a pod, a chroot.",
      .variable = "ansible_executable" },
    { SET_DOCKER_EXTRA_ARGS, CONFIG_TEXT, NULL, "docker_connection", "extra_cli_args", NULL, NULL,
      "Options of docker.", .variable = "ansible_docker_extra_args" },
    { SET_DOCKER_TIMEOUT, CONFIG_TEXT, NULL, "docker_connection", "timeout",
      "ANSIBLE_DOCKER_TIMEOUT", NULL, "Seconds to get into a container.",
      .variable = "ansible_docker_timeout" },
    { SET_PODMAN_EXTRA_ARGS, CONFIG_TEXT, NULL, "defaults", "podman_extra_args",
      "ANSIBLE_PODMAN_EXTRA_ARGS", NULL, "Options of podman.",
      .variable = "ansible_podman_extra_args" },
    { SET_CHROOT_EXE, CONFIG_TEXT, NULL, "chroot_connection", "exe", "ANSIBLE_CHROOT_EXE", NULL,
      "The program for chroot connections.", .variable = "ansible_chroot_exe" },
    { SET_NSENTER_PID, CONFIG_TEXT, NULL, "nsenter_connection", "nsenter_pid",
      "ANSIBLE_NSENTER_PID", NULL, "The process whose namespaces nsenter connections enter.",
      .variable = "ansible_nsenter_pid" },
    { SET_DIFF_ALWAYS, CONFIG_BOOL, "DIFF_ALWAYS", "diff", "always", "ANSIBLE_DIFF_ALWAYS", "false",
      "Show differences." },
    { SET_VERBOSITY, CONFIG_NUMBER, "DEFAULT_VERBOSITY", "defaults", "verbosity",
      "ANSIBLE_VERBOSITY", "0", "How much is told." },
    { SET_TAGS, CONFIG_LIST, "TAGS_RUN", "tags", "run", "ANSIBLE_RUN_TAGS", NULL, "Tags to run." },
    { SET_SKIP_TAGS, CONFIG_LIST, "TAGS_SKIP", "tags", "skip", "ANSIBLE_SKIP_TAGS", NULL,
      "Tags to skip." },
    { SET_VAULT_IDENTITY, CONFIG_TEXT, "DEFAULT_VAULT_IDENTITY", "defaults", "vault_identity",
      "ANSIBLE_VAULT_IDENTITY", "default", "Vault id of a password given without one." },
    { SET_VAULT_IDENTITY_LIST, CONFIG_LIST, "DEFAULT_VAULT_IDENTITY_LIST", "defaults",
      "vault_identity_list", "ANSIBLE_VAULT_IDENTITY_LIST", NULL,
      "Vault ids and their sources, separated by commas." },
    { SET_VAULT_ENCRYPT_IDENTITY, CONFIG_TEXT, "DEFAULT_VAULT_ENCRYPT_IDENTITY", "defaults",
      "vault_encrypt_identity", "ANSIBLE_VAULT_ENCRYPT_IDENTITY", NULL,
      "Vault id to encrypt with." },
    { SET_VAULT_ID_MATCH, CONFIG_BOOL, "DEFAULT_VAULT_ID_MATCH", "defaults", "vault_id_match",
      "ANSIBLE_VAULT_ID_MATCH", "false",
      "Try only the password of the vault id that a text names." },
    { SET_VAULT_PASSWORD_FILE, CONFIG_PATH, "DEFAULT_VAULT_PASSWORD_FILE", "defaults",
      "vault_password_file", "ANSIBLE_VAULT_PASSWORD_FILE", NULL,
      "The vault password, or a program that prints it." },
    { SET_ASK_VAULT_PASS, CONFIG_BOOL, "DEFAULT_ASK_VAULT_PASS", "defaults", "ask_vault_pass",
      "ANSIBLE_ASK_VAULT_PASS", "false", "Ask for the vault password." },
};

const struct config_row *config_rows(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rows);
    return rows;
}

/* ---- what Ansible knows besides ---- */

#define PYTHON       "plugins of your own, in Python, are not run"
#define NO_CALLBACKS "there is the default output only"
#define NO_CACHE     "facts are kept for one run only"

/* Of no effect here, and nothing is lost by it: what they tune is not there. */
#define IDLE(section, key, env)                                                                    \
    {                                                                                              \
        section, key, env, NULL, NULL                                                              \
    }

static const struct config_other others[] = {
    IDLE("defaults", "pipelining", "ANSIBLE_PIPELINING"),
    IDLE("connection", "pipelining", NULL),
    IDLE("ssh_connection", "pipelining", "ANSIBLE_SSH_PIPELINING"),
    IDLE("ssh_connection", "control_path", "ANSIBLE_SSH_CONTROL_PATH"),
    IDLE("ssh_connection", "control_path_dir", "ANSIBLE_SSH_CONTROL_PATH_DIR"),
    IDLE("ssh_connection", "scp_if_ssh", "ANSIBLE_SCP_IF_SSH"),
    IDLE("ssh_connection", "transfer_method", "ANSIBLE_SSH_TRANSFER_METHOD"),
    IDLE("ssh_connection", "sftp_batch_mode", "ANSIBLE_SFTP_BATCH_MODE"),
    IDLE("ssh_connection", "scp_extra_args", "ANSIBLE_SCP_EXTRA_ARGS"),
    IDLE("ssh_connection", "sftp_extra_args", "ANSIBLE_SFTP_EXTRA_ARGS"),
    IDLE("ssh_connection", "scp_executable", "ANSIBLE_SCP_EXECUTABLE"),
    IDLE("ssh_connection", "sftp_executable", "ANSIBLE_SFTP_EXECUTABLE"),
    IDLE("ssh_connection", "usetty", "ANSIBLE_SSH_USETTY"),
    IDLE("defaults", "nocows", "ANSIBLE_NOCOWS"),
    IDLE("defaults", "cowpath", "ANSIBLE_COW_PATH"),
    IDLE("defaults", "cow_selection", "ANSIBLE_COW_SELECTION"),
    IDLE("defaults", "cowsay_enabled_stencils", "ANSIBLE_COW_ACCEPTLIST"),
    IDLE("defaults", "home", "ANSIBLE_HOME"),
    IDLE("defaults", "remote_tmp", "ANSIBLE_REMOTE_TMP"),
    IDLE(NULL, NULL, "ANSIBLE_REMOTE_TEMP"),
    IDLE("defaults", "local_tmp", "ANSIBLE_LOCAL_TEMP"),
    IDLE("defaults", "allow_world_readable_tmpfiles", "ANSIBLE_SHELL_ALLOW_WORLD_READABLE_TEMP"),
    IDLE("defaults", "interpreter_python", "ANSIBLE_PYTHON_INTERPRETER"),
    IDLE("defaults", "interpreter_python_fallback", NULL),
    IDLE("defaults", "module_compression", NULL),
    IDLE("defaults", "keep_remote_files", "ANSIBLE_KEEP_REMOTE_FILES"),
    IDLE("defaults", "internal_poll_interval", NULL),
    IDLE("defaults", "deprecation_warnings", "ANSIBLE_DEPRECATION_WARNINGS"),
    IDLE("defaults", "system_warnings", "ANSIBLE_SYSTEM_WARNINGS"),
    IDLE("defaults", "command_warnings", "ANSIBLE_COMMAND_WARNINGS"),
    IDLE("defaults", "action_warnings", "ANSIBLE_ACTION_WARNINGS"),
    IDLE("defaults", "devel_warning", "ANSIBLE_DEVEL_WARNING"),
    IDLE("defaults", "localhost_warning", "ANSIBLE_LOCALHOST_WARNING"),
    IDLE("inventory", "inventory_unparsed_warning", "ANSIBLE_INVENTORY_UNPARSED_WARNING"),
    IDLE("defaults", "jinja2_native_warning", "ANSIBLE_JINJA2_NATIVE_WARNING"),
    IDLE("defaults", "bin_ansible_callbacks", "ANSIBLE_LOAD_CALLBACK_PLUGINS"),
    IDLE("defaults", "squash_actions", "ANSIBLE_SQUASH_ACTIONS"),
    IDLE("defaults", "syslog_facility", "ANSIBLE_SYSLOG_FACILITY"),
    IDLE("defaults", "no_target_syslog", "ANSIBLE_NO_TARGET_SYSLOG"),
    IDLE("defaults", "fact_caching_connection", "ANSIBLE_CACHE_PLUGIN_CONNECTION"),
    IDLE("defaults", "fact_caching_timeout", "ANSIBLE_CACHE_PLUGIN_TIMEOUT"),
    IDLE("defaults", "fact_caching_prefix", "ANSIBLE_CACHE_PLUGIN_PREFIX"),
    IDLE("privilege_escalation", "agnostic_become_prompt", "ANSIBLE_AGNOSTIC_BECOME_PROMPT"),
    IDLE(NULL, NULL, "ANSIBLE_CONFIG"),
    IDLE(NULL, NULL, "ANSIBLE_PODMAN_EXECUTABLE"), /* read by its connection */
    { "defaults", "fact_caching", "ANSIBLE_CACHE_PLUGIN", "memory", NO_CACHE },
    { "defaults", "stdout_callback", "ANSIBLE_STDOUT_CALLBACK", "default", NO_CALLBACKS },
    { "defaults", "stderr_callback", NULL, "default", NO_CALLBACKS },
    { "defaults", "callback_result_format", "ANSIBLE_CALLBACK_RESULT_FORMAT", "json",
      NO_CALLBACKS },
    { "defaults", "result_format", NULL, "json", NO_CALLBACKS },
    { "defaults", "callbacks_enabled", "ANSIBLE_CALLBACKS_ENABLED", "", NO_CALLBACKS },
    { "defaults", "callback_whitelist", "ANSIBLE_CALLBACK_WHITELIST", "", NO_CALLBACKS },
    { "defaults", "callback_plugins", "ANSIBLE_CALLBACK_PLUGINS", "", PYTHON },
    { "defaults", "action_plugins", "ANSIBLE_ACTION_PLUGINS", "", PYTHON },
    { "defaults", "filter_plugins", "ANSIBLE_FILTER_PLUGINS", "", PYTHON },
    { "defaults", "lookup_plugins", "ANSIBLE_LOOKUP_PLUGINS", "", PYTHON },
    { "defaults", "test_plugins", "ANSIBLE_TEST_PLUGINS", "", PYTHON },
    { "defaults", "vars_plugins", "ANSIBLE_VARS_PLUGINS", "", PYTHON },
    { "defaults", "connection_plugins", "ANSIBLE_CONNECTION_PLUGINS", "", PYTHON },
    { "defaults", "inventory_plugins", "ANSIBLE_INVENTORY_PLUGINS", "", PYTHON },
    { "defaults", "strategy_plugins", "ANSIBLE_STRATEGY_PLUGINS", "", PYTHON },
    { "defaults", "become_plugins", "ANSIBLE_BECOME_PLUGINS", "", PYTHON },
    { "defaults", "cache_plugins", "ANSIBLE_CACHE_PLUGINS", "", PYTHON },
    { "defaults", "module_utils", "ANSIBLE_MODULE_UTILS", "", PYTHON },
    { "defaults", "log_path", "ANSIBLE_LOG_PATH", "", "no log is written; use tee(1)" },
    { "defaults", "force_valid_group_names", "ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS", "ignore",
      "names of groups are taken as they are" },
    { "defaults", "duplicate_dict_key", "ANSIBLE_DUPLICATE_YAML_DICT_KEY", "warn",
      "it is a warning, an error with --strict" },
    { "defaults", "error_on_undefined_vars", "ANSIBLE_ERROR_ON_UNDEFINED_VARS", "true",
      "what is undefined is an error" },
    { "defaults", "error_on_missing_handler", "ANSIBLE_ERROR_ON_MISSING_HANDLER", "true",
      "a handler that is missing is an error" },
    { "defaults", "private_role_vars", "ANSIBLE_PRIVATE_ROLE_VARS", "false",
      "variables of roles are seen by the whole play" },
};

const struct config_other *config_others(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(others);
    return others;
}
