/*
 * config.c - ansible.cfg and the environment.
 */
#include "cli/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/tree.h"
#include "cli/files.h"

/* What Ansible's become plugins take, each for itself: [sudo_become_plugin] user, ... */
#define BECOME_ROWS(NAME, name)                                                                    \
    { SET_##NAME##_USER,   name "_become_plugin", "user", "ANSIBLE_" #NAME "_USER", NULL,          \
      "Whom, by " name "." },                                                                      \
        { SET_##NAME##_EXE, name "_become_plugin", "executable", "ANSIBLE_" #NAME "_EXE", NULL,    \
          "Its program." },                                                                        \
        { SET_##NAME##_FLAGS, name "_become_plugin", "flags", "ANSIBLE_" #NAME "_FLAGS", NULL,     \
          "Its flags." },                                                                          \
    {                                                                                              \
        SET_##NAME##_PASS, name "_become_plugin", "password", "ANSIBLE_" #NAME "_PASS",            \
            "ANSIBLE_BECOME_PASS", "Its password."                                                 \
    }
#define PROMPT_ROW(NAME, name)                                                                     \
    {                                                                                              \
        SET_##NAME##_PROMPTS, name "_become_plugin", "localized_prompts",                          \
            "ANSIBLE_" #NAME "_PROMPT_L10N", NULL, "Words it asks with."                           \
    }

static const struct config_row rows[] = {
    { SET_INVENTORY, "defaults", "inventory", "ANSIBLE_INVENTORY", NULL,
      "Inventory sources, separated by commas." },
    { SET_FORKS, "defaults", "forks", "ANSIBLE_FORKS", NULL, "Hosts at a time." },
    { SET_REMOTE_USER, "defaults", "remote_user", "ANSIBLE_REMOTE_USER", NULL,
      "User to log in as." },
    { SET_REMOTE_PORT, "defaults", "remote_port", "ANSIBLE_REMOTE_PORT", NULL, "Port of sshd." },
    { SET_PRIVATE_KEY_FILE, "defaults", "private_key_file", "ANSIBLE_PRIVATE_KEY_FILE", NULL,
      "Key to log in with." },
    { SET_HOST_KEY_CHECKING, "defaults", "host_key_checking", "ANSIBLE_HOST_KEY_CHECKING",
      "ANSIBLE_SSH_HOST_KEY_CHECKING", "Refuse hosts whose key is not known." },
    { SET_ROLES_PATH, "defaults", "roles_path", "ANSIBLE_ROLES_PATH", NULL,
      "Where roles are looked for." },
    { SET_COLLECTIONS_PATH, "defaults", "collections_path", "ANSIBLE_COLLECTIONS_PATH",
      "ANSIBLE_COLLECTIONS_PATHS", "Where collections are looked for." },
    { SET_LIBRARY, "defaults", "library", "ANSIBLE_LIBRARY", NULL,
      "Where modules of your own are looked for." },
    { SET_TIMEOUT, "defaults", "timeout", "ANSIBLE_TIMEOUT", NULL, "Seconds to connect." },
    { SET_GATHERING, "defaults", "gathering", "ANSIBLE_GATHERING", NULL,
      "implicit, explicit or smart." },
    { SET_FORCE_HANDLERS, "defaults", "force_handlers", "ANSIBLE_FORCE_HANDLERS", NULL,
      "Run handlers of failed hosts." },
    { SET_TRANSPORT, "defaults", "transport", "ANSIBLE_TRANSPORT", NULL,
      "Connection: ssh, local, docker ..." },
    { SET_ANY_UNPARSED_IS_FAILED, "inventory", "any_unparsed_is_failed",
      "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", NULL,
      "A source that cannot be read is an error." },
    { SET_INVENTORY_IGNORE, "inventory", "ignore_extensions", "ANSIBLE_INVENTORY_IGNORE", NULL,
      "Endings of files that a directory of inventories leaves out." },
    { SET_INVENTORY_IGNORE_PATTERNS, "inventory", "ignore_patterns",
      "ANSIBLE_INVENTORY_IGNORE_REGEX", NULL,
      "Regular expressions for files that a directory of inventories leaves out." },
    { SET_HASH_BEHAVIOUR, "defaults", "hash_behaviour", "ANSIBLE_HASH_BEHAVIOUR", NULL,
      "replace or merge: maps of variables of one name." },
    { SET_VARS_ENABLED, "defaults", "vars_plugins_enabled", "ANSIBLE_VARS_ENABLED", NULL,
      "host_group_vars: host_vars/ and group_vars/ count." },
    { SET_JINJA2_NATIVE, "defaults", "jinja2_native", "ANSIBLE_JINJA2_NATIVE", NULL,
      "Results of templates keep their type." },
    { SET_SHOW_CUSTOM_STATS, "defaults", "show_custom_stats", "ANSIBLE_SHOW_CUSTOM_STATS", NULL,
      "Show set_stats at the end." },
    { SET_NOCOLOR, "defaults", "nocolor", "ANSIBLE_NOCOLOR", "NO_COLOR", "No colour." },
    { SET_FORCE_COLOR, "defaults", "force_color", "ANSIBLE_FORCE_COLOR", NULL,
      "Colour without a terminal." },
    { SET_BECOME, "privilege_escalation", "become", "ANSIBLE_BECOME", NULL,
      "Become another user." },
    { SET_BECOME_METHOD, "privilege_escalation", "become_method", "ANSIBLE_BECOME_METHOD", NULL,
      "How: sudo, su, doas, dzdo or sudosu." },
    { SET_BECOME_USER, "privilege_escalation", "become_user", "ANSIBLE_BECOME_USER", NULL,
      "Whom." },
    { SET_BECOME_EXE, "privilege_escalation", "become_exe", "ANSIBLE_BECOME_EXE", NULL,
      "The program to do it." },
    { SET_BECOME_FLAGS, "privilege_escalation", "become_flags", "ANSIBLE_BECOME_FLAGS", NULL,
      "Its flags." },
    BECOME_ROWS(SUDO, "sudo"),
    BECOME_ROWS(SU, "su"),
    PROMPT_ROW(SU, "su"),
    BECOME_ROWS(DOAS, "doas"),
    PROMPT_ROW(DOAS, "doas"),
    BECOME_ROWS(DZDO, "dzdo"),
    { SET_BECOME_ASK_PASS, "privilege_escalation", "become_ask_pass", "ANSIBLE_BECOME_ASK_PASS",
      NULL, "Ask for its password." },
    { SET_ASK_PASS, "defaults", "ask_pass", "ANSIBLE_ASK_PASS", NULL,
      "Ask for the login's password." },
    { SET_SSH_ARGS, "ssh_connection", "ssh_args", "ANSIBLE_SSH_ARGS", NULL, "Options of ssh." },
    { SET_SSH_COMMON_ARGS, "ssh_connection", "ssh_common_args", "ANSIBLE_SSH_COMMON_ARGS", NULL,
      "Options of ssh." },
    { SET_SSH_EXTRA_ARGS, "ssh_connection", "ssh_extra_args", "ANSIBLE_SSH_EXTRA_ARGS", NULL,
      "Options of ssh." },
    { SET_SSH_HOST_KEY_CHECKING, "ssh_connection", "host_key_checking", NULL, NULL,
      "Refuse hosts whose key is not known.", "ansible_ssh_host_key_checking" },
    { SET_SSH_TIMEOUT, "ssh_connection", "timeout", "ANSIBLE_SSH_TIMEOUT", NULL,
      "Seconds to connect.", "ansible_ssh_timeout" },
    { SET_SSH_RETRIES, "ssh_connection", "retries", "ANSIBLE_SSH_RETRIES", NULL,
      "How often a connection that cannot be made is tried again.", "ansible_ssh_retries" },
    { SET_SSH_EXECUTABLE, "ssh_connection", "ssh_executable", "ANSIBLE_SSH_EXECUTABLE", NULL,
      "Refused unless it is ssh, which is built in.", "ansible_ssh_executable" },
    { SET_SSH_PKCS11_PROVIDER, "ssh_connection", "pkcs11_provider", "ANSIBLE_PKCS11_PROVIDER", NULL,
      "Refused: the agent has the keys on tokens.", "ansible_ssh_pkcs11_provider" },
    { SET_EXECUTABLE, "defaults", "executable", "ANSIBLE_EXECUTABLE", NULL,
      "Shell that is started in a container, a pod, a chroot.", "ansible_executable" },
    { SET_DOCKER_EXTRA_ARGS, "docker_connection", "extra_cli_args", NULL, NULL,
      "Options of docker.", "ansible_docker_extra_args" },
    { SET_DOCKER_TIMEOUT, "docker_connection", "timeout", "ANSIBLE_DOCKER_TIMEOUT", NULL,
      "Seconds to get into a container.", "ansible_docker_timeout" },
    { SET_PODMAN_EXTRA_ARGS, "defaults", "podman_extra_args", "ANSIBLE_PODMAN_EXTRA_ARGS", NULL,
      "Options of podman.", "ansible_podman_extra_args" },
    { SET_CHROOT_EXE, "chroot_connection", "exe", "ANSIBLE_CHROOT_EXE", NULL,
      "The program for chroot connections.", "ansible_chroot_exe" },
    { SET_NSENTER_PID, "nsenter_connection", "nsenter_pid", "ANSIBLE_NSENTER_PID", NULL,
      "The process whose namespaces nsenter connections enter.", "ansible_nsenter_pid" },
    { SET_DIFF_ALWAYS, "diff", "always", "ANSIBLE_DIFF_ALWAYS", NULL, "Show differences." },
    { SET_VERBOSITY, "defaults", "verbosity", "ANSIBLE_VERBOSITY", NULL, "How much is told." },
    { SET_TAGS, "tags", "run", "ANSIBLE_RUN_TAGS", NULL, "Tags to run." },
    { SET_SKIP_TAGS, "tags", "skip", "ANSIBLE_SKIP_TAGS", NULL, "Tags to skip." },
    { SET_VAULT_IDENTITY, "defaults", "vault_identity", "ANSIBLE_VAULT_IDENTITY", NULL,
      "Vault id of a password given without one." },
    { SET_VAULT_IDENTITY_LIST, "defaults", "vault_identity_list", "ANSIBLE_VAULT_IDENTITY_LIST",
      NULL, "Vault ids and their sources, separated by commas." },
    { SET_VAULT_ENCRYPT_IDENTITY, "defaults", "vault_encrypt_identity",
      "ANSIBLE_VAULT_ENCRYPT_IDENTITY", NULL, "Vault id to encrypt with." },
    { SET_VAULT_ID_MATCH, "defaults", "vault_id_match", "ANSIBLE_VAULT_ID_MATCH", NULL,
      "Try only the password of the vault id that a text names." },
    { SET_VAULT_PASSWORD_FILE, "defaults", "vault_password_file", "ANSIBLE_VAULT_PASSWORD_FILE",
      NULL, "The vault password, or a program that prints it." },
    { SET_ASK_VAULT_PASS, "defaults", "ask_vault_pass", "ANSIBLE_ASK_VAULT_PASS", NULL,
      "Ask for the vault password." },
};

const struct config_row *config_rows(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rows);
    return rows;
}

str expand_home(struct arena *arena, str path)
{
    const char *home = getenv("HOME");
    bool own = str_eq(path, S("~")) || str_starts(path, S("~/"));
    return own && home != NULL ? str_concat(arena, str_of(home), str_part(path, 1, path.len))
                               : path;
}

/* ---- the file ---- */

static bool is_file(struct arena *arena, str path)
{
    struct stat status;
    return tree_stat(path, &status) && S_ISREG(status.st_mode);
}

/* A directory that anybody may write to is not trusted with settings. */
static bool here_is_safe(void)
{
    struct stat status;
    return stat(".", &status) == 0 && (status.st_mode & S_IWOTH) == 0;
}

/* The nearest one in the tree of a commit; STR_NONE: there is none. */
static str find_in_tree(struct arena *arena, str dir)
{
    for (; tree_is_mounted(dir); dir = path_dirname(dir)) {
        str path = path_join(arena, dir, S("ansible.cfg"));
        if (is_file(arena, path)) {
            return path;
        }
    }
    return STR_NONE;
}

static str find_file(struct arena *arena, str project)
{
    const char *named = getenv("ANSIBLE_CONFIG");
    if (named != NULL && *named != '\0') {
        str path = expand_home(arena, str_of(named));
        struct stat status;
        if (tree_stat(path, &status) && S_ISDIR(status.st_mode)) {
            path = path_join(arena, path, S("ansible.cfg"));
        }
        return is_file(arena, path) ? path : STR_NONE;
    }
    str here = here_is_safe() ? S("ansible.cfg") : S("/nonexistent");
    str in_tree = str_is_none(project) ? STR_NONE : find_in_tree(arena, project);
    if (!str_is_none(in_tree)) {
        return in_tree;
    }
    str places[] = { str_is_none(project) ? here : S("/nonexistent"),
                     expand_home(arena, S("~/.ansible.cfg")), S("/etc/ansible/ansible.cfg") };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (is_file(arena, places[i])) {
            return places[i];
        }
    }
    return STR_NONE;
}

static const struct config_row *find_row(str section, str key)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool old_name =
            rows[i].setting == SET_COLLECTIONS_PATH && str_eq(key, S("collections_paths"));
        if (str_eq(str_of(rows[i].section), section) &&
            (str_eq(str_of(rows[i].key), key) || old_name)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* A comment starts a line with # or ;, or stands behind a blank and a ;. */
static str without_comment(str line)
{
    str text = str_trim(line);
    if (text.len > 0 && (text.ptr[0] == '#' || text.ptr[0] == ';')) {
        return STR_EMPTY;
    }
    size_t at = str_find(line, S(" ;"), 0);
    return at == STR_NPOS ? str_trim_right(line) : str_trim_right(str_part(line, 0, at));
}

static void read_file(struct arena *arena, const struct source *source, struct config *ret)
{
    str rest = source->text, section = STR_EMPTY;
    struct config_value *last = NULL;
    while (!str_is_none(rest)) {
        str whole = str_cut_line(&rest), line = without_comment(whole);
        if (str_trim(line).len == 0) {
            continue;
        }
        if ((line.ptr[0] == ' ' || line.ptr[0] == '\t') && last != NULL) {
            last->text = str_format(arena, "%.*s\n%.*s", SARG(last->text), SARG(str_trim(line)));
            continue;
        }
        line = str_trim(line);
        last = NULL;
        if (line.ptr[0] == '[') {
            section = str_trim(str_part(line, 1, line.len - 1));
            continue;
        }
        size_t equals = str_find_char(line, '=', 0), colon = str_find_char(line, ':', 0);
        size_t at = equals < colon ? equals : colon;
        if (at == STR_NPOS) {
            continue;
        }
        str key = str_trim(str_part(line, 0, at));
        const struct config_row *row = find_row(section, str_lower(arena, key));
        if (row != NULL) {
            last = &ret->values[row->setting];
            size_t from = (size_t)(key.ptr - source->text.ptr);
            *last = (struct config_value){ str_trim(str_part(line, at + 1, line.len)), source->name,
                                           source_span(source, from, from + key.len), true };
        }
    }
}

struct config config_empty(void)
{
    struct config config = { .file = STR_NONE, .dir = STR_NONE };
    for (size_t i = 0; i < SET_COUNT; i++) {
        config.values[i].text = STR_NONE;
    }
    return config;
}

bool config_load(struct arena *arena, struct diags *diags, str project, struct config *ret)
{
    *ret = config_empty();
    ret->file = find_file(arena, project);
    if (!str_is_none(ret->file)) {
        const struct source *source = file_source(arena, diags, ret->file, SPAN_NONE);
        if (source == NULL) {
            return false;
        }
        ret->dir = path_dirname(ret->file);
        read_file(arena, source, ret);
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *names[] = { rows[i].also_env, rows[i].env };
        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
            const char *text = names[k] == NULL ? NULL : getenv(names[k]);
            if (text != NULL) {
                ret->values[rows[i].setting] =
                    (struct config_value){ str_of(text), str_of(names[k]), SPAN_NONE, false };
            }
        }
    }
    return true;
}

/* ---- reading values ---- */

str config_text(const struct config *config, enum setting setting)
{
    str text = config->values[setting].text;
    bool quoted = text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') &&
                  text.ptr[text.len - 1] == text.ptr[0];
    return quoted ? str_part(text, 1, text.len - 1) : text;
}

value config_variables(struct arena *arena, const struct config *config)
{
    struct map_builder map = map_in(arena);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str text = config_text(config, rows[i].setting);
        if (rows[i].variable != NULL && !str_is_none(text)) {
            map_set_str(&map, str_of(rows[i].variable), value_str(arena, text));
        }
    }
    return map_seal(&map);
}

static void report(const struct config *config, struct diags *diags, enum setting setting,
                   const char *wanted)
{
    const struct config_value *v = &config->values[setting];
    diag_warning(diags, v->at, "setting '%s' (%.*s) must be %s, not '%.*s'", rows[setting].key,
                 SARG(v->origin), wanted, SARG(v->text));
}

bool config_bool(const struct config *config, struct diags *diags, enum setting setting,
                 bool fallback)
{
    static const str yes[] = { S_INIT("true"), S_INIT("yes"), S_INIT("on"),
                               S_INIT("1"),    S_INIT("y"),   S_INIT("t") };
    static const str no[] = { S_INIT("false"), S_INIT("no"), S_INIT("off"),
                              S_INIT("0"),     S_INIT("n"),  S_INIT("f") };
    str text = config_text(config, setting);
    if (str_is_none(text)) {
        return fallback;
    }
    if (setting == SET_NOCOLOR && str_eq(config->values[setting].origin, S("NO_COLOR"))) {
        return text.len > 0; /* no-color.org: any text means yes */
    }
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (str_eq_nocase(text, yes[i])) {
            return true;
        }
        if (str_eq_nocase(text, no[i])) {
            return false;
        }
    }
    report(config, diags, setting, "true or false");
    return fallback;
}

double config_number(const struct config *config, struct diags *diags, enum setting setting,
                     double fallback)
{
    str text = config_text(config, setting);
    int64_t number;
    if (str_is_none(text)) {
        return fallback;
    }
    if (!str_to_int64(str_trim(text), &number) || number < 0) {
        report(config, diags, setting, "a number");
        return fallback;
    }
    return (double)number;
}

const str *config_paths(const struct config *config, struct arena *arena, enum setting setting,
                        size_t *ret_count)
{
    VEC(str) paths = { 0 };
    str rest = config_text(config, setting);
    bool relative = config->values[setting].from_file;
    while (!str_is_none(rest)) {
        str path = expand_home(arena, str_trim(str_cut(&rest, ':')));
        if (path.len > 0) {
            *VEC_PUSH(arena, &paths) = relative ? path_join(arena, config->dir, path) : path;
        }
    }
    *ret_count = paths.len;
    return paths.items;
}
