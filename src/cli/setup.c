/*
 * setup.c - from configuration and command line to the options of a run.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/path.h"
#include "cli/command.h"
#include "cli/constants.h"
#include "cli/files.h"
#include "cli/passwords.h"
#include "cli/project.h"
#include "cli/vault_ids.h"
#include "formats/yaml.h"
#include "inventory/git_source.h"
#include "module/param.h"

#ifndef HOSTLER_ANSIBLE_VERSION
#define HOSTLER_ANSIBLE_VERSION                                                                    \
    "2.18.0" /* what playbooks see as ansible_version: the behaviour built here */
#endif

static unsigned terminal_columns(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    int64_t number;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return columns != NULL && str_to_int64(str_of(columns), &number) && number > 0 && number < 10000
               ? (unsigned)number
               : 0;
}

bool setup_init(struct setup *setup, bool as_ansible)
{
    *setup = (struct setup){ .as_ansible = as_ansible,
                             .arena = arena_new("options"),
                             .sources = source_map_new(),
                             .project = { .signers = STR_NONE } };
    setup->diags = diags_new(setup->arena, setup->sources);
    setup->run.sources = setup->sources;
    setup->run.secrets = setup->output.secrets = secrets_new();
    return config_load(setup->arena, setup->diags, STR_NONE, &setup->config);
}

void setup_finish(struct setup *setup)
{
    vault_ids_free(setup->vault);
    log_file_close(setup->output.log);
    secrets_free(setup->run.secrets);
    source_map_free(setup->sources);
    arena_free(setup->arena);
}

void setup_tell(struct setup *setup)
{
    git_tree_tell(setup->diags);
    fflush(stdout);
    diags_print(
        stderr, setup->diags,
        (struct diag_style){ .color = setup->output.color_err, .columns = terminal_columns() });
    setup->diags->all.len = 0;
}

enum run_status command_do(const struct command_call *call,
                           enum run_status (*run)(struct setup *setup,
                                                  const struct command_call *call, void *args),
                           void *args)
{
    struct setup setup;
    enum run_status status = RUN_ERROR;
    if (setup_init(&setup, call->as_ansible)) {
        status = run(&setup, call, args);
    }
    setup_tell(&setup);
    setup_finish(&setup);
    return status;
}

/* ---- extra variables ---- */

static const struct source *open_sealed(struct setup *setup, const struct source *sealed)
{
    str plain;
    size_t index;
    const char *what = str_format(setup->arena, "'%.*s'", SARG(sealed->name)).ptr;
    return vault_ids_open(setup->vault, setup->diags, SPAN_NONE, what, sealed->text, &plain, &index)
               ? source_add_secret(setup->sources, sealed->name, plain)
               : NULL;
}

static bool extra_file(struct setup *setup, str path, value *ret)
{
    const struct source *source =
        file_source(setup->arena, setup->diags, expand_home(setup->arena, path), SPAN_NONE);
    struct yaml_options options = { .trusted = true };
    bool sealed = source != NULL && vault_is(source->text);
    if (sealed) {
        source = open_sealed(setup, source);
    }
    if (source == NULL || !yaml_read(setup->arena, setup->diags, source, options, ret)) {
        return false;
    }
    *ret = sealed ? value_secret_all(setup->arena, *ret) : *ret;
    secrets_add_value(setup->run.secrets, *ret);
    return true;
}

static bool read_extra_text(struct setup *setup, const struct source *source, value *ret)
{
    str text = source->text, start = str_trim_left(text);
    if (start.len > 0 && (start.ptr[0] == '{' || start.ptr[0] == '[')) {
        struct yaml_options options = { .trusted = true };
        return yaml_read(setup->arena, setup->diags, source, options, ret);
    }
    value v =
        value_trusted(value_at(value_str(setup->arena, text), source_span(source, 0, text.len)));
    value left = { 0 };
    return params_split(setup->arena, setup->diags, v, false, ret, &left);
}

/* It may hold secrets beside what turns out to be wrong, of names that nobody knows. */
static bool extra_text(struct setup *setup, str text, value *ret)
{
    const struct source *source = source_add(setup->sources, S("-e"), text);
    if (!read_extra_text(setup, source, ret)) {
        return false;
    }
    source_hide(setup->sources, source);
    return true;
}

static bool extra_vars(struct setup *setup, const struct texts *given)
{
    struct map_builder all = map_in(setup->arena);
    for (size_t i = 0; i < given->count; i++) {
        str text = given->items[i];
        value vars = { 0 };
        bool file = text.len > 0 && text.ptr[0] == '@';
        if (!(file ? extra_file(setup, str_part(text, 1, text.len), &vars)
                   : extra_text(setup, text, &vars))) {
            return false;
        }
        if (value_is(vars, VALUE_NULL) || value_is(vars, VALUE_UNDEFINED)) {
            continue;
        }
        if (!value_is(vars, VALUE_MAP)) {
            diag_error(setup->diags, vars.at, "extra variables must be a map, not a %s",
                       value_type_name(vars));
            return false;
        }
        for (size_t k = 0; k < value_count(vars); k++) {
            map_set(&all, value_map_key(vars, k), value_map_value(vars, k));
        }
    }
    setup->run.extra_vars = map_seal(&all);
    return true;
}

/* ---- passwords ---- */

static bool vault_passwords(struct setup *setup, const struct vault_args *args)
{
    struct run_options *run = &setup->run;
    setup->vault = vault_ids_new(setup->diags, &setup->config, args, false, run->secrets);
    run->vault = vault_ids_hook;
    run->vault_data = setup->vault;
    return setup->vault != NULL;
}

static bool passwords(struct setup *setup, const struct common_args *args)
{
    struct run_options *run = &setup->run;
    bool ask = args->ask_pass || config_bool(&setup->config, setup->diags, SET_ASK_PASS);
    bool ask_become =
        args->ask_become_pass || config_bool(&setup->config, setup->diags, SET_BECOME_ASK_PASS);
    if (!str_is_none(args->connection_password_file)) {
        if (!password_read(setup->arena, setup->diags, args->connection_password_file, NULL,
                           &run->password)) {
            return false;
        }
    } else if (ask &&
               !password_ask(setup->arena, setup->diags, S("SSH password: "), &run->password)) {
        return false;
    }
    if (!str_is_none(args->become_password_file)) {
        return password_read(setup->arena, setup->diags, args->become_password_file, NULL,
                             &run->become_password);
    }
    if (!ask_become) {
        return true;
    }
    if (!password_ask(setup->arena, setup->diags,
                      ask ? S("BECOME password[defaults to SSH password]: ")
                          : S("BECOME password: "),
                      &run->become_password)) {
        return false;
    }
    if (ask && run->become_password.len == 0) {
        run->become_password = run->password;
    }
    return true;
}

/* ---- options ---- */

static unsigned forks_of(struct setup *setup, int64_t given)
{
    double forks =
        given > 0 ? (double)given : config_number(&setup->config, setup->diags, SET_FORKS);
    return forks < UINT_MAX ? (unsigned)forks : UINT_MAX;
}

static str text_or(str given, str fallback)
{
    return str_is_none(given) ? fallback : given;
}

static void add_parts(struct arena *arena, struct list_builder *list, str text)
{
    while (!str_is_none(text)) {
        str part = str_trim(str_cut(&text, ','));
        if (part.len > 0) {
            list_add(list, value_str(arena, part));
        }
    }
}

static value tag_list(struct setup *setup, const struct texts *given, enum setting setting)
{
    struct list_builder list = list_in(setup->arena);
    for (size_t i = 0; i < given->count; i++) {
        add_parts(setup->arena, &list, given->items[i]);
    }
    if (given->count == 0) {
        add_parts(setup->arena, &list, config_text(&setup->config, setting));
    }
    return list.items.len == 0 ? (value){ 0 } : list_seal(&list);
}

static struct git_access git_access(struct setup *setup, const struct common_args *args)
{
    const struct config *config = &setup->config;
    str given[] = { config_text(config, SET_SSH_ARGS),
                    text_or(args->ssh_common_args, config_text(config, SET_SSH_COMMON_ARGS)),
                    text_or(args->ssh_extra_args, config_text(config, SET_SSH_EXTRA_ARGS)) };
    str *ssh_args = NEW_ARRAY(setup->arena, str, ARRAY_LEN(given));
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(given); i++) {
        ssh_args[count] = given[i];
        count += !str_is_none(given[i]);
    }
    str key = text_or(args->private_key, config_text(config, SET_PRIVATE_KEY_FILE));
    bool check = config_bool(config, setup->diags, SET_HOST_KEY_CHECKING);
    return (struct git_access){
        .ssh = { .password = STR_NONE,
                 .private_key_file = str_is_none(key) ? STR_NONE : expand_home(setup->arena, key),
                 .private_key_passphrase = STR_NONE,
                 .host_keys = check ? HOST_KEYS_ASK : HOST_KEYS_OFF,
                 .connect_timeout = args->timeout > 0
                                        ? args->timeout
                                        : config_number(config, setup->diags, SET_TIMEOUT),
                 .ssh_args = ssh_args,
                 .ssh_args_count = count,
                 .ssh_args_first = !str_is_none(given[0]),
                 .secrets = setup->run.secrets,
                 .ask = terminal_ask }
    };
}

bool setup_open_git(struct setup *setup, const struct common_args *args, str *path)
{
    if (!git_source_is(*path)) {
        return true;
    }
    struct git_access access = git_access(setup, args);
    return git_source_open(setup->arena, setup->diags, &access, *path, path);
}

static bool inventories(struct setup *setup, const struct common_args *args)
{
    VEC(str) sources = { 0 };
    for (size_t i = 0; i < args->inventories.count; i++) {
        *VEC_PUSH(setup->arena, &sources) = expand_home(setup->arena, args->inventories.items[i]);
    }
    size_t count = 0;
    const str *configured = config_paths(&setup->config, setup->arena, SET_INVENTORY, &count);
    bool set = !str_is_none(config_text(&setup->config, SET_INVENTORY));
    for (size_t i = 0; i < count && args->inventories.count == 0; i++) {
        if (set || access(str_c(setup->arena, configured[i]), R_OK) == 0) {
            *VEC_PUSH(setup->arena, &sources) = configured[i];
        }
    }
    setup->run.inventories = sources.items;
    setup->run.inventory_count = sources.len;
    for (size_t i = 0; i < sources.len; i++) {
        if (!setup_open_git(setup, args, &sources.items[i])) {
            return false;
        }
    }
    return true;
}

static struct inventory_settings inventory_settings(const struct config *config,
                                                    struct diags *diags)
{
    str vars = config_text(config, SET_VARS_ENABLED);
    return (struct inventory_settings){
        .merge_maps = str_eq(config_text(config, SET_HASH_BEHAVIOUR), S("merge")),
        .no_vars_files = !str_is_none(vars) && str_find(vars, S("host_group_vars"), 0) == STR_NPOS,
        .none_read_is_failed = config_bool(config, diags, SET_UNPARSED_IS_FAILED),
        .enabled_plugins = config_text(config, SET_INVENTORY_ENABLED),
        .ignored_extensions = config_text(config, SET_INVENTORY_IGNORE),
        .ignored_patterns = config_text(config, SET_INVENTORY_IGNORE_PATTERNS),
    };
}

static void output_options(struct setup *setup, const struct common_args *args)
{
    struct output_options *output = &setup->output;
    bool off = args->no_color || config_bool(&setup->config, setup->diags, SET_NOCOLOR);
    bool forced = config_bool(&setup->config, setup->diags, SET_FORCE_COLOR);
    const char *term = getenv("TERM");
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;
    output->color = !off && (forced || (isatty(STDOUT_FILENO) && !dumb));
    output->color_err = !off && (forced || (isatty(STDERR_FILENO) && !dumb));
    output->live = args->live;
    output->retry_files = config_bool(&setup->config, setup->diags, SET_RETRY_FILES);
    output->retry_dir = config_path(&setup->config, setup->arena, SET_RETRY_DIR);
    output->status_line = isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) && !dumb;
    output->columns = terminal_columns();
    output->verbosity = setup->run.verbosity;
}

static void paths(struct setup *setup, const struct common_args *args)
{
    struct run_options *run = &setup->run;
    run->roles_paths =
        config_paths(&setup->config, setup->arena, SET_ROLES_PATH, &run->roles_path_count);
    run->config_file = setup->config.file;
    run->collections_paths = config_paths(&setup->config, setup->arena, SET_COLLECTIONS_PATH,
                                          &run->collections_path_count);
    run->library_paths =
        config_paths(&setup->config, setup->arena, SET_LIBRARY, &run->library_path_count);
    if (!str_is_none(args->module_path)) {
        VEC(str) dirs = { 0 };
        str rest = args->module_path;
        while (!str_is_none(rest)) {
            *VEC_PUSH(setup->arena, &dirs) = expand_home(setup->arena, str_cut(&rest, ':'));
        }
        run->library_paths = dirs.items;
        run->library_path_count = dirs.len;
    }
}

/* The environment wins over the file; in each, what is said of one method over what is of all. */
static str of_method(const struct config *config, enum setting all, enum setting own)
{
    const struct config_value *of_all = &config->values[all], *of_one = &config->values[own];
    bool later = str_is_none(of_one->text) || (of_one->from_file && !of_all->from_file);
    return config_text(config, !str_is_none(of_all->text) && later ? all : own);
}

static void become_settings(const struct config *config, struct become *ret)
{
    static const struct {
        enum setting user, exe, flags, password, prompts;
    } of[BECOME_METHODS] = {
        [BECOME_SUDO] = { SET_SUDO_USER, SET_SUDO_EXE, SET_SUDO_FLAGS, SET_SUDO_PASS, SET_COUNT },
        [BECOME_SU] = { SET_SU_USER, SET_SU_EXE, SET_SU_FLAGS, SET_SU_PASS, SET_SU_PROMPTS },
        [BECOME_DOAS] = { SET_DOAS_USER, SET_DOAS_EXE, SET_DOAS_FLAGS, SET_DOAS_PASS,
                          SET_DOAS_PROMPTS },
        [BECOME_DZDO] = { SET_DZDO_USER, SET_DZDO_EXE, SET_DZDO_FLAGS, SET_DZDO_PASS, SET_COUNT },
        [BECOME_SUDOSU] = { SET_SUDO_USER, SET_SUDO_EXE, SET_SUDO_FLAGS, SET_SUDO_PASS, SET_COUNT },
    };
    for (size_t i = BECOME_NONE + 1; i < BECOME_METHODS; i++) {
        ret[i] = (struct become){
            .user = of_method(config, SET_BECOME_USER, of[i].user),
            .exe = of_method(config, SET_BECOME_EXE, of[i].exe),
            .flags = of_method(config, SET_BECOME_FLAGS, of[i].flags),
            .password = config_text(config, of[i].password),
            .prompts = of[i].prompts == SET_COUNT ? STR_NONE : config_text(config, of[i].prompts),
        };
    }
}

/* Arguments of "Gathering Facts", where the play gives none. */
static value gathered(struct setup *setup)
{
    const struct config *config = &setup->config;
    struct map_builder map = map_in(setup->arena);
    struct list_builder subset = list_in(setup->arena);
    str path = config_text(config, SET_FACT_PATH);
    add_parts(setup->arena, &subset, config_text(config, SET_GATHER_SUBSET));
    if (subset.items.len > 0) {
        map_set_str(&map, S("gather_subset"), list_seal(&subset));
    }
    if (!str_is_none(config_text(config, SET_GATHER_TIMEOUT))) {
        double seconds = config_number(config, setup->diags, SET_GATHER_TIMEOUT);
        map_set_str(&map, S("gather_timeout"), value_int((int64_t)seconds));
    }
    if (!str_is_none(path)) {
        map_set_str(&map, S("fact_path"), value_str(setup->arena, path));
    }
    return map_seal(&map);
}

/* jinja2_extensions: the modules and classes of Jinja2, as Ansible wants them named. What is a part
 * of the language by now may be named, too. */
static bool extensions(struct setup *setup, struct template_extensions *ret)
{
    static const struct {
        str name;
        bool do_statement, loop_controls;
    } known[] = {
        { .name = S_INIT("jinja2.ext.do"), .do_statement = true },
        { .name = S_INIT("jinja2.ext.ExprStmtExtension"), .do_statement = true },
        { .name = S_INIT("jinja2.ext.loopcontrols"), .loop_controls = true },
        { .name = S_INIT("jinja2.ext.LoopControlExtension"), .loop_controls = true },
        { .name = S_INIT("jinja2.ext.with_") },
        { .name = S_INIT("jinja2.ext.autoescape") },
    };
    str names[ARRAY_LEN(known)];
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        names[i] = known[i].name;
    }
    str rest = config_text(&setup->config, SET_JINJA2_EXTENSIONS);
    while (!str_is_none(rest)) {
        str name = str_trim(str_cut(&rest, ','));
        size_t i = 0;
        while (i < ARRAY_LEN(known) && !str_eq(name, names[i])) {
            i++;
        }
        if (i < ARRAY_LEN(known)) {
            ret->do_statement |= known[i].do_statement;
            ret->loop_controls |= known[i].loop_controls;
        } else if (name.len > 0 && !str_eq(name, S("[]"))) {
            struct diag *diag =
                diag_error(setup->diags, setup->config.values[SET_JINJA2_EXTENSIONS].at,
                           "the extension '%.*s' of Jinja2 is not supported", SARG(name));
            diag_suggest(diag, name, names, ARRAY_LEN(names));
            return false;
        }
    }
    return true;
}

/* Makes the directory. False: it cannot be written, which was told; facts are gathered each time.
 */
static bool ready_cache(struct setup *setup, span at, str dir)
{
    directory_make(setup->arena, dir);
    bool ready =
        access(str_c(setup->arena, path_join(setup->arena, dir, S("."))), W_OK | X_OK) == 0;
    if (!ready) {
        diag_warning(setup->diags, at, "facts are not kept: cannot write into '%.*s': %s",
                     SARG(dir), strerror(errno));
    }
    return ready;
}

/* Of Ansible's caches the one that is a directory of files. */
static struct fact_cache fact_cache(struct setup *setup)
{
    const struct config *config = &setup->config;
    str kind = config_text(config, SET_CACHE),
        dir = config_path(config, setup->arena, SET_CACHE_DIR);
    str prefix = config_text(config, SET_CACHE_PREFIX);
    bool none = str_is_none(kind) || str_ends(kind, S("memory"));
    span at = config->values[SET_CACHE].at;
    bool ready = false;
    if (!none && !str_eq(kind, S("jsonfile")) && !str_eq(kind, S("ansible.builtin.jsonfile"))) {
        diag_hint(diag_warning(setup->diags, at,
                               "facts are kept for one run only: there is no cache '%.*s' here",
                               SARG(kind)),
                  "jsonfile is supported");
        none = true;
    } else if (!none && str_is_none(dir)) {
        diag_error(setup->diags, at, "fact_caching = jsonfile needs fact_caching_connection");
    } else if (!none) {
        ready = ready_cache(setup, at, dir);
    }
    return (struct fact_cache){ .dir = none ? STR_NONE : dir,
                                .writable = ready,
                                .prefix = str_is_none(prefix) ? STR_EMPTY : prefix,
                                .timeout = config_number(config, setup->diags, SET_CACHE_TIMEOUT) };
}

static bool open_log(struct setup *setup)
{
    str path = config_path(&setup->config, setup->arena, SET_LOG_PATH);
    if (!str_is_none(path)) {
        setup->output.log =
            log_file_open(setup->arena, setup->diags, path, setup->config.values[SET_LOG_PATH].at);
    }
    return str_is_none(path) || setup->output.log != NULL;
}

bool setup_common(struct setup *setup, const struct common_args *args, enum run_status *ret_status)
{
    struct run_options *run = &setup->run;
    const struct config *config = &setup->config;
    struct diags *diags = setup->diags;
    config_check(setup->arena, diags, config);
    run->settings = config_constants(setup->arena, config);
    run->limit = args->limit;
    run->check = args->check;
    run->diff = args->diff || config_bool(config, diags, SET_DIFF_ALWAYS);
    run->forks = forks_of(setup, args->forks);
    run->verbosity = args->verbosity > 0 ? args->verbosity
                                         : (unsigned)config_number(config, diags, SET_VERBOSITY);
    run->remote_user = text_or(args->user, config_text(config, SET_REMOTE_USER));
    run->connection = text_or(args->connection, config_text(config, SET_TRANSPORT));
    run->private_key_file = str_is_none(args->private_key)
                                ? config_path(config, setup->arena, SET_PRIVATE_KEY_FILE)
                                : expand_home(setup->arena, args->private_key);
    run->ssh_args = config_text(config, SET_SSH_ARGS);
    run->ssh_common_args = text_or(args->ssh_common_args, config_text(config, SET_SSH_COMMON_ARGS));
    run->ssh_extra_args = text_or(args->ssh_extra_args, config_text(config, SET_SSH_EXTRA_ARGS));
    run->connection_settings = config_variables(setup->arena, config);
    run->timeout = args->timeout > 0 ? args->timeout : config_number(config, diags, SET_TIMEOUT);
    run->become = args->become || config_bool(config, diags, SET_BECOME);
    run->become_method = text_or(args->become_method, config_text(config, SET_BECOME_METHOD));
    run->become_user = args->become_user;
    become_settings(config, run->become_by);
    run->force_handlers = args->force_handlers || config_bool(config, diags, SET_FORCE_HANDLERS);
    run->any_errors_fatal = config_bool(config, diags, SET_ANY_ERRORS_FATAL);
    run->missing_handler_is_warning = !config_bool(config, diags, SET_ERROR_ON_MISSING_HANDLER);
    run->managed = text_or(config_text(config, SET_MANAGED), S("Ansible managed"));
    run->strict = args->strict;
    run->remote_port = (unsigned)config_number(config, diags, SET_REMOTE_PORT);
    run->host_keys =
        config_bool(config, diags, SET_HOST_KEY_CHECKING) ? HOST_KEYS_ASK : HOST_KEYS_OFF;
    if (run->host_keys == HOST_KEYS_OFF) {
        diag_warning(
            diags, config->values[SET_HOST_KEY_CHECKING].at,
            "host keys are not checked: anybody in between can read and change what is sent");
    }
    run->any_unparsed_is_failed = str_is_none(config_text(config, SET_ANY_UNPARSED_IS_FAILED))
                                      ? !setup->as_ansible
                                      : config_bool(config, diags, SET_ANY_UNPARSED_IS_FAILED);
    run->inventory_settings = inventory_settings(config, diags);
    run->dialect = config_bool(config, diags, SET_JINJA2_NATIVE) ? DIALECT_NATIVE : DIALECT_CLASSIC;
    run->gather_explicit = str_eq(config_text(config, SET_GATHERING), S("explicit"));
    run->gather_smart = str_eq(config_text(config, SET_GATHERING), S("smart"));
    run->strategy = config_text(config, SET_STRATEGY);
    run->gathered = gathered(setup);
    run->no_log = config_bool(config, diags, SET_NO_LOG);
    run->task_timeout = config_number(config, diags, SET_TASK_TIMEOUT);
    run->poll = config_number(config, diags, SET_POLL_INTERVAL);
    run->flush_cache = args->flush_cache;
    run->fact_cache = fact_cache(setup);
    run->facts_apart = !config_bool(config, diags, SET_INJECT_FACTS);
    run->version = S(HOSTLER_ANSIBLE_VERSION);
    run->tags = tag_list(setup, &args->tags, SET_TAGS);
    run->skip_tags = tag_list(setup, &args->skip_tags, SET_SKIP_TAGS);
    paths(setup, args);
    output_options(setup, args);
    if (args->forks == 0) {
        diag_error(diags, SPAN_NONE, "--forks must be at least 1");
        *ret_status = RUN_USAGE;
        return false;
    }
    *ret_status = RUN_ERROR;
    return diags->errors == 0 && open_log(setup) && extensions(setup, &run->extensions) &&
           inventories(setup, args) && project_check(setup) &&
           vault_passwords(setup, &args->vault) && extra_vars(setup, &args->extra_vars) &&
           passwords(setup, args);
}

/* ---- running ---- */

/* For the signal handler. The lock-free atomics of C are safe there. */
static struct run *_Atomic running;
static volatile sig_atomic_t last_signal;
static atomic_llong interrupted_at; /* milliseconds; 0: not yet */
static struct {
    int fd; /* -1: there is none */
    struct termios mode;
} terminal;

/* Ctrl-C, a polite kill, a terminal that is gone. */
static const int ending[] = { SIGINT, SIGTERM, SIGHUP };

#define SAME_SIGNAL 300 /* milliseconds in which one Ctrl-C may come twice: by a wrapper, too */

/* The first time what runs is ended in order, on the hosts, too; the second time it ends here. */
static void on_signal(int number)
{
    static const char told[] = "\ninterrupted: ending what runs; once more to leave it at once\n";
    int64_t now = wire_now();
    long long before = 0;
    if (!atomic_compare_exchange_strong(&interrupted_at, &before, now)) {
        if (now - before > SAME_SIGNAL) {
            if (terminal.fd >= 0) { /* a password may have been asked for */
                tcsetattr(terminal.fd, TCSANOW, &terminal.mode);
            }
            _exit(128 + number);
        }
        return;
    }
    last_signal = number;
    struct run *run = running;
    if (run != NULL) {
        run_interrupt(run);
    }
    if (terminal.fd >= 0 && write(STDERR_FILENO, told, sizeof told - 1) < 0) {
        return; /* nobody to tell */
    }
}

bool was_interrupted(void)
{
    return atomic_load(&interrupted_at) != 0;
}

enum run_status run_with_signals(struct run *run)
{
    struct sigaction action = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };
    struct sigaction before[ARRAY_LEN(ending)];
    atomic_store(&interrupted_at, 0);
    terminal.fd = tcgetattr(STDERR_FILENO, &terminal.mode) == 0 ? STDERR_FILENO : -1;
    running = run;
    for (size_t i = 0; i < ARRAY_LEN(ending); i++) {
        sigaction(ending[i], &action, &before[i]);
        if (ending[i] == SIGHUP && before[i].sa_handler == SIG_IGN) { /* nohup(1) */
            sigaction(SIGHUP, &ignore, NULL);
        }
    }
    sigaction(SIGPIPE, &ignore, NULL);
    enum run_status status = run_execute(run);
    running = NULL;
    run_free(run); /* may take a moment, too */
    for (size_t i = 0; i < ARRAY_LEN(ending); i++) {
        sigaction(ending[i], &before[i], NULL);
    }
    return status != RUN_INTERRUPTED ? status
           : last_signal == SIGTERM  ? RUN_TERMINATED
           : last_signal == SIGHUP   ? RUN_HUNG_UP
                                     : RUN_INTERRUPTED;
}

int exit_status(enum run_status status, bool as_ansible)
{
    if (!as_ansible) {
        return (int)status;
    }
    switch (status) {
    case RUN_PARSE:
        return 4;
    case RUN_USAGE:
    case RUN_BROKEN_OFF:
        return 2;
    case RUN_NO_HOSTS:
    case RUN_CHANGED:
        return 0;
    case RUN_INTERRUPTED:
    case RUN_HUNG_UP:
    case RUN_TERMINATED:
        return 99;
    case RUN_OK:
    case RUN_ERROR:
    case RUN_HOSTS_FAILED:
    case RUN_UNREACHABLE:
        break;
    }
    return (int)status;
}
