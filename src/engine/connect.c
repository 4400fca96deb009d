/*
 * connect.c - how a task reaches its host: connection and become from variables, keywords and the
 * command line, in this order: the first that says something wins. lease.c holds what is open.
 */
#include "engine/state.h"

#include <stdlib.h>

#include "base/bug.h"
#include "base/path.h"
#include "engine/connect_names.h"
#include "engine/console.h"
#include "engine/keywords.h"
#include "template/scope.h"

/* ---- settings ---- */

struct setting {
    struct eval *eval;
    const struct node *node;
    value *layers; /* those of the scope that may say something */
    size_t layer_count;
    bool ok;
};

#define PREFIX "ansible_" /* of all variables that are asked for here */

static struct setting settings_in(struct eval *eval, const struct node *node)
{
    const struct scope *scope = eval->scope;
    const struct task_scope *task = scope->magic_data;
    struct setting s = { .eval = eval, .node = node, .ok = true };
    s.layers = NEW_ARRAY(eval->arena, value, scope->count);
    for (size_t i = task->magic_layers; i < scope->count; i++) {
        if (value_map_may_have_prefix(scope->layers[i], S(PREFIX))) {
            s.layers[s.layer_count++] = scope->layers[i];
        }
    }
    return s;
}

/* The first of several variables that is set, evaluated; undefined when none is. */
static value variable(struct setting *s, const str *names, size_t count)
{
    for (size_t i = 0; i < count && s->ok; i++) {
        value v;
        BUG_ON(!str_starts(names[i], S(PREFIX)));
        if (!value_maps_get(s->layers, s->layer_count, names[i], &v)) {
            continue;
        }
        if (!scope_get(s->eval, names[i], &v)) {
            s->ok = false;
        } else if (!value_is(v, VALUE_UNDEFINED) && !value_is(v, VALUE_NULL)) {
            return v;
        }
    }
    return (value){ 0 };
}

static str text_or(struct setting *s, value v, str fallback)
{
    if (value_is(v, VALUE_STR)) {
        return value_as_str(v);
    }
    if (value_is(v, VALUE_UNDEFINED) || value_is(v, VALUE_NULL) || value_is(v, VALUE_UNKNOWN)) {
        return fallback;
    }
    value text = value_print(s->eval->arena, v);
    return value_is(text, VALUE_STR) ? value_as_str(text) : fallback;
}

/* An empty text says nothing, as in Ansible: "{{ wanted | default('') }}". */
static str unless_empty(str text, str fallback)
{
    return text.len == 0 ? fallback : text;
}

static value keyword(struct setting *s, enum keyword which)
{
    value v = { 0 };
    if (s->ok && !keyword_value(s->eval, s->node, which, &v)) {
        s->ok = false;
    }
    return v;
}

/* Of several variables for one thing Ansible takes the last in its list. */
#define OF_HOST S("ansible_ssh_host"), S("ansible_host")
#define OF_PORT S("ansible_ssh_port"), S("ansible_port")
#define OF_USER S("ansible_paramiko_user"), S("ansible_ssh_user"), S("ansible_user")
#define OF_KEY  S("ansible_ssh_private_key_file"), S("ansible_private_key_file")

#define VARIABLE(s, ...)                                                                           \
    variable((s), ((const str[]){ __VA_ARGS__ }),                                                  \
             sizeof((const str[]){ __VA_ARGS__ }) / sizeof(str))

static str setting_text(struct setting *s, value v, enum keyword which, str fallback)
{
    return text_or(s, v, which == KW_COUNT ? fallback : text_or(s, keyword(s, which), fallback));
}

/* name: of the variable, for the message. */
static bool setting_bool(struct setting *s, str name, value v, enum keyword which, bool fallback)
{
    bool b = fallback;
    if (value_is(v, VALUE_UNDEFINED)) {
        s->ok = s->ok && keyword_bool(s->eval, s->node, which, fallback, &b);
    } else if (!value_to_bool(v, &b)) {
        str shown = shown_text(s->eval->arena, v);
        diag_error(s->eval->diags, v.at, "'%.*s' must be yes or no, not '%.*s'", SARG(name),
                   SARG(shown));
        s->ok = false;
    }
    return b;
}

/* ---- connection ---- */

static bool is_localhost(str name)
{
    return str_eq(name, S("localhost")) || str_eq(name, S("127.0.0.1")) || str_eq(name, S("::1"));
}

/* Whatever the login shell is, ours is a POSIX sh; what is none of Unix has no sh at all. */
static bool shell_type_is_possible(struct setting *s)
{
    value v = VARIABLE(s, S("ansible_shell_type"));
    str type = text_or(s, v, S("sh"));
    if (str_eq(type, S("powershell")) || str_eq(type, S("pwsh")) || str_eq(type, S("cmd"))) {
        struct diag *diag =
            diag_error(s->eval->diags, v.at, "shell type '%.*s' is not supported", SARG(type));
        diag_hint(diag, "hosts with Windows are not managed");
        s->ok = false;
    }
    return s->ok;
}

/* By which way: the name of a connection, from where it is said. */
static bool fill_kind(struct setting *s, struct run *run, struct run_host *host,
                      struct connection_options *ret)
{
    str fallback = !str_is_none(run->options.connection) ? run->options.connection
                   : host->host->implicit                ? S("local")
                                                         : S("ssh");
    value v = VARIABLE(s, S("ansible_connection"));
    if (value_is(v, VALUE_UNDEFINED) && !(host->host->implicit && is_localhost(host->name))) {
        v = keyword(s, KW_CONNECTION);
    }
    str name = text_or(s, v, fallback);
    return s->ok && connection_kind_of(s->eval->diags, v.at, name, ret) &&
           shell_type_is_possible(s);
}

#define SSH_ARGS_MAX 4

/* The options of the OpenSSH command line, from all variables and flags that may hold some, in the
 * order of Ansible's ssh plugin: what is said first wins. It names the methods where it has no
 * password, since ssh's configuration may prefer that. ret_at: where each of them is said. */
static void ssh_args(struct setting *s, const struct run_options *options,
                     struct connection_options *ret, span ret_at[SSH_ARGS_MAX])
{
    static const str methods = S_INIT("-o PreferredAuthentications=publickey,gssapi-with-mic,"
                                      "password,keyboard-interactive");
    value said[SSH_ARGS_MAX] = { VARIABLE(s, S("ansible_ssh_args")),
                                 { 0 },
                                 VARIABLE(s, S("ansible_ssh_common_args")),
                                 VARIABLE(s, S("ansible_ssh_extra_args")) };
    str otherwise[SSH_ARGS_MAX] = { options->ssh_args,
                                    str_is_none(ret->password) ? methods : STR_NONE,
                                    options->ssh_common_args, options->ssh_extra_args };
    str *all = NEW_ARRAY(s->eval->arena, str, SSH_ARGS_MAX);
    size_t count = 0;
    for (size_t i = 0; i < SSH_ARGS_MAX; i++) {
        str text = text_or(s, said[i], otherwise[i]);
        if (!str_is_none(text)) {
            ret->ssh_args_first += i == 0;
            ret_at[count] = said[i].at;
            all[count++] = text;
        }
    }
    ret->ssh_args = all;
    ret->ssh_args_count = count;
}

static unsigned port_of(struct setting *s, unsigned fallback)
{
    value v = VARIABLE(s, OF_PORT);
    double port = 0;
    if (value_is(v, VALUE_UNDEFINED)) {
        v = keyword(s, KW_PORT);
    }
    if (value_is(v, VALUE_UNDEFINED) || value_is(v, VALUE_NULL)) {
        return fallback;
    }
    if (!value_to_number(v, &port) || port < 1 || port > 65535) {
        str shown = shown_text(s->eval->arena, v);
        diag_error(s->eval->diags, v.at, "port '%.*s' is not a number from 1 to 65535",
                   SARG(shown));
        s->ok = false;
    }
    return (unsigned)port;
}

/* A variable, else what ansible.cfg says in its place. */
static value ssh_setting(struct setting *s, const struct run *run, str name)
{
    value v = VARIABLE(s, name);
    return value_is(v, VALUE_UNDEFINED) ? value_get(run->options.connection_settings, name) : v;
}

static enum host_keys host_keys_of(struct setting *s, struct run *run)
{
    enum host_keys fallback = run->options.host_keys;
    value v = VARIABLE(s, S("ansible_paramiko_host_key_checking"),
                       S("ansible_ssh_host_key_checking"), S("ansible_host_key_checking"));
    if (value_is(v, VALUE_UNDEFINED)) {
        v = value_get(run->options.connection_settings, S("ansible_ssh_host_key_checking"));
    }
    if (value_is(v, VALUE_UNDEFINED)) {
        return fallback;
    }
    if (setting_bool(s, S("ansible_host_key_checking"), v, KW_COUNT, true)) {
        return fallback == HOST_KEYS_OFF ? HOST_KEYS_ASK : fallback;
    }
    if (fallback != HOST_KEYS_OFF) { /* a setting for all hosts was told when it was read */
        console_tell(run,
                     S("host keys are not checked: anybody in between can read and change what is "
                       "sent"),
                     S("that is by ansible_host_key_checking"));
    }
    return HOST_KEYS_OFF;
}

static unsigned retries_of(struct setting *s, const struct run *run)
{
    value v = ssh_setting(s, run, S("ansible_ssh_retries"));
    double retries = 0;
    if (!value_is(v, VALUE_UNDEFINED) && (!value_to_number(v, &retries) || retries < 0)) {
        str shown = shown_text(s->eval->arena, v);
        diag_error(s->eval->diags, v.at, "'ansible_ssh_retries' is '%.*s', not a number",
                   SARG(shown));
        s->ok = false;
        return 0;
    }
    return retries > 1000 ? 1000 : (unsigned)retries;
}

/* Programs that would take the place of what is built in. */
static void refuse_programs(struct setting *s, const struct run *run)
{
    static const struct {
        str name;
        const char *hint;
    } programs[] = {
        { S_INIT("ansible_ssh_executable"),
          "ssh is built in; a program that leads to the host can be a ProxyCommand" },
        { S_INIT("ansible_ssh_pkcs11_provider"), "give the token to the agent: ssh-add -s" },
    };
    for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
        value v = ssh_setting(s, run, programs[i].name);
        str program = text_or(s, v, STR_EMPTY);
        if (program.len > 0 && !str_eq(path_basename(program), S("ssh"))) {
            struct diag *diag = diag_error(s->eval->diags, v.at, "'%.*s' (%.*s) is not supported",
                                           SARG(programs[i].name), SARG(program));
            diag_hint(diag, "%s", programs[i].hint);
            s->ok = false;
        }
    }
}

static void fill_connection(struct setting *s, struct run *run, struct run_host *host,
                            struct connection_options *ret)
{
    const struct run_options *options = &run->options;
    double timeout = options->timeout > 0 ? options->timeout : 10;
    const struct exec_kind *exec = ret->exec.kind;
    str special =
        exec != NULL && exec->timeout != NULL ? str_of(exec->timeout) : S("ansible_ssh_timeout");
    value v = VARIABLE(s, special, S("ansible_timeout"));
    if (value_is(v, VALUE_UNDEFINED)) {
        v = value_get(options->connection_settings, special);
    }
    if (!value_is(v, VALUE_UNDEFINED) && !value_to_number(v, &timeout)) {
        str shown = shown_text(s->eval->arena, v);
        diag_error(s->eval->diags, v.at, "the timeout '%.*s' is not a number", SARG(shown));
        s->ok = false;
    }
    ret->name = host->name;
    ret->host = text_or(s, VARIABLE(s, OF_HOST), host->name);
    ret->port = port_of(s, options->remote_port);
    ret->user = setting_text(s, VARIABLE(s, OF_USER), KW_REMOTE_USER, options->remote_user);
    ret->user = unless_empty(ret->user, STR_NONE);
    ret->password =
        text_or(s,
                VARIABLE(s, S("ansible_paramiko_password"), S("ansible_paramiko_pass"),
                         S("ansible_ssh_password"), S("ansible_ssh_pass"), S("ansible_password")),
                options->password);
    ret->password = unless_empty(ret->password, STR_NONE);
    ret->private_key_file = text_or(s, VARIABLE(s, OF_KEY), options->private_key_file);
    ret->private_key_file = unless_empty(ret->private_key_file, STR_NONE);
    ret->private_key_passphrase = text_or(
        s,
        VARIABLE(s, S("ansible_private_key_passphrase"), S("ansible_ssh_private_key_passphrase")),
        STR_NONE);
    ret->host_keys = HOST_KEYS_ASK;
    if (ret->kind == CONNECTION_SSH) {
        ret->host_keys = host_keys_of(s, run);
        ret->retries = retries_of(s, run);
        refuse_programs(s, run);
    }
    ret->connect_timeout = timeout;
    ret->wake = run->wake;
    ret->jumps = run->jumps;
    ret->secrets = run->secrets;
    ret->ask = run->report.ask != NULL ? console_ask : NULL;
    ret->tell = console_tell;
    ret->ask_data = run;
    ret->keyring = run->keyring;
    ret->known_files = run->known_files;
    ret->ssh_files = run->ssh_files;
}

/* ---- programs that run a shell elsewhere ---- */

/* The value of a word: a variable, the environment, ansible.cfg; undefined when nothing says one.
 * The empty text is Ansible's default of most, and means nothing. */
static value word_value(struct setting *s, const struct run *run, const struct exec_word *word)
{
    for (size_t i = 0; i < EXEC_NAMES_MAX && word->variables[i] != NULL; i++) {
        value v = VARIABLE(s, str_of(word->variables[i]));
        if (!value_is(v, VALUE_UNDEFINED)) {
            return value_is(v, VALUE_STR) && value_as_str(v).len == 0 ? (value){ 0 } : v;
        }
    }
    for (size_t i = 0; i < EXEC_NAMES_MAX && word->env[i] != NULL; i++) {
        const char *text = getenv(word->env[i]);
        if (text != NULL && *text != '\0') {
            return value_str(s->eval->arena, str_of(text));
        }
    }
    const char *name = word->variables[0];
    return name == NULL ? (value){ 0 } : value_get(run->options.connection_settings, str_of(name));
}

static void word_refused(struct setting *s, const struct exec_word *word, value v,
                         const char *wanted)
{
    str shown = shown_text(s->eval->arena, v);
    diag_error(s->eval->diags, v.at, "'%s' must be %s, not '%.*s'", word->variables[0], wanted,
               SARG(shown));
    s->ok = false;
}

/* "NAME=VALUE" of each entry, quoted. */
static str word_pairs(struct setting *s, const struct exec_word *word, value v)
{
    struct strbuf text = strbuf_in(s->eval->arena);
    if (!value_is(v, VALUE_MAP)) {
        word_refused(s, word, v, "a map");
        return STR_NONE;
    }
    for (size_t i = 0; i < value_count(v); i++) {
        str name = text_or(s, value_map_key(v, i), STR_EMPTY);
        str setting = text_or(s, value_map_value(v, i), STR_EMPTY);
        strbuf_add(&text, S(" "));
        shell_quote_to(&text, str_format(s->eval->arena, "%.*s=%.*s", SARG(name), SARG(setting)));
    }
    return strbuf_str(&text);
}

static str word_switch(struct setting *s, const struct exec_word *word, value v)
{
    bool on = false;
    if (!value_to_bool(v, &on)) {
        word_refused(s, word, v, "true or false");
    }
    return on == (word->value == EXEC_ON) ? S("yes") : STR_NONE;
}

static str word_text(struct setting *s, const struct run *run, const struct exec_word *word,
                     const struct connection_options *options)
{
    value v = word_value(s, run, word);
    if (value_is(v, VALUE_UNDEFINED)) {
        return word->value == EXEC_HOST   ? options->name
               : word->value == EXEC_USER ? options->user
                                          : STR_NONE;
    }
    if (word->value == EXEC_PAIRS) {
        return word_pairs(s, word, v);
    }
    if (word->value == EXEC_ON || word->value == EXEC_OFF) {
        return word_switch(s, word, v);
    }
    if (value_is(v, VALUE_MAP) || value_is(v, VALUE_LIST)) {
        word_refused(s, word, v, "a text");
    }
    str text = text_or(s, v, STR_NONE);
    if (word->secret && !str_is_none(text)) {
        secrets_add(run->secrets, text);
    }
    return text;
}

/* The command line of the program that runs a shell there, and whom and what it leads to. */
static void fill_program(struct setting *s, struct run *run, struct connection_options *ret)
{
    const struct exec_kind *kind = ret->exec.kind;
    str values[EXEC_WORDS_MAX], user = STR_NONE;
    size_t bad;
    for (size_t i = 0; kind->words[i].value != EXEC_END; i++) {
        values[i] = word_text(s, run, &kind->words[i], ret);
        if (kind->words[i].value == EXEC_USER) {
            user = values[i];
        } else if (kind->words[i].value == EXEC_HOST) {
            ret->host = values[i];
        }
    }
    ret->user = user;
    if (s->ok && !exec_program_make(s->eval->arena, kind, values, &ret->exec, &bad)) {
        diag_error(s->eval->diags, SPAN_NONE, "'%s': a quote is not closed in '%.*s'",
                   kind->words[bad].variables[0], SARG(values[bad]));
        s->ok = false;
    }
}

/* ---- become ---- */

/* The variables of one method, which win over those of all: ansible_sudo_user, ... */
#define BECOME_VARIABLES(method)                                                                   \
    {                                                                                              \
        S_INIT("ansible_" method "_user"), S_INIT("ansible_" method "_exe"),                       \
            S_INIT("ansible_" method "_flags"), S_INIT("ansible_" method "_pass"),                 \
            S_INIT("ansible_" method "_prompt_l10n")                                               \
    }

static const struct become_variables {
    str user, exe, flags, password, prompts;
} become_variables[] = {
    [BECOME_SUDO] = BECOME_VARIABLES("sudo"),   [BECOME_SU] = BECOME_VARIABLES("su"),
    [BECOME_DOAS] = BECOME_VARIABLES("doas"),   [BECOME_DZDO] = BECOME_VARIABLES("dzdo"),
    [BECOME_SUDOSU] = BECOME_VARIABLES("sudo"),
};

static void no_such_method(struct setting *s, str name, span at, const struct become_name *known)
{
    size_t count;
    const struct become_name *all = become_names(&count);
    str *names = NEW_ARRAY(s->eval->arena, str, count);
    for (size_t i = 0; i < count; i++) {
        names[i] = all[i].name;
    }
    s->ok = false;
    if (known != NULL) {
        struct diag *diag =
            diag_error(s->eval->diags, at, "become method '%.*s' is not supported: %s", SARG(name),
                       known->refused);
        diag_hint(diag, "use sudo, su or doas");
        return;
    }
    struct diag *diag =
        diag_error(s->eval->diags, at, "there is no become method '%.*s'", SARG(name));
    if (str_is_none(suggest(name, names, count))) {
        diag_hint(diag, "use sudo, su or doas");
    } else {
        diag_suggest(diag, name, names, count);
    }
}

static enum become_method become_method_of(struct setting *s, str fallback)
{
    value v = VARIABLE(s, S("ansible_become_method"));
    if (value_is(v, VALUE_UNDEFINED)) {
        v = keyword(s, KW_BECOME_METHOD);
    }
    str name = unless_empty(text_or(s, v, fallback), S("sudo"));
    const struct become_name *found = become_name(name);
    if (s->ok && (found == NULL || found->refused != NULL)) {
        no_such_method(s, name, v.at, found);
    }
    return s->ok ? found->method : BECOME_NONE;
}

/* A list, or a text of words between commas; a line each for the transport. */
static str prompts_of(struct setting *s, value v, str fallback)
{
    struct strbuf lines = strbuf_in(s->eval->arena);
    if (!value_is(v, VALUE_LIST)) {
        str text = text_or(s, v, fallback);
        return str_trim(text).len == 0 ? STR_NONE
                                       : str_replace(s->eval->arena, text, S(","), S("\n"));
    }
    for (size_t i = 0; i < value_count(v); i++) {
        strbuf_addf(&lines, "%s%.*s", i > 0 ? "\n" : "",
                    SARG(text_or(s, value_item(v, i), STR_EMPTY)));
    }
    return lines.len == 0 ? STR_NONE : strbuf_str(&lines);
}

static void fill_become(struct setting *s, struct run *run, struct become *ret)
{
    const struct run_options *options = &run->options;
    *ret = (struct become){ .method = BECOME_NONE };
    str name = S("ansible_become");
    if (!setting_bool(s, name, VARIABLE(s, name), KW_BECOME, options->become) || !s->ok) {
        return;
    }
    ret->method = become_method_of(s, options->become_method);
    if (!s->ok) {
        return;
    }
    const struct become_variables *own = &become_variables[ret->method];
    const struct become *set = &options->become_by[ret->method];
    str user = !str_is_none(options->become_user) ? options->become_user
               : !str_is_none(set->user)          ? set->user
                                                  : S("root");
    str password = str_is_none(options->become_password) ? set->password : options->become_password;
    ret->user =
        setting_text(s, VARIABLE(s, own->user, S("ansible_become_user")), KW_BECOME_USER, user);
    ret->user = unless_empty(ret->user, S("root"));
    ret->password = text_or(
        s, VARIABLE(s, own->password, S("ansible_become_pass"), S("ansible_become_password")),
        password);
    ret->password = unless_empty(ret->password, STR_NONE);
    ret->flags = setting_text(s, VARIABLE(s, own->flags, S("ansible_become_flags")),
                              KW_BECOME_FLAGS, set->flags);
    ret->exe =
        setting_text(s, VARIABLE(s, own->exe, S("ansible_become_exe")), KW_BECOME_EXE, set->exe);
    ret->exe = unless_empty(ret->exe, STR_NONE);
    ret->prompts = prompts_of(s, VARIABLE(s, own->prompts), set->prompts);
}

/* What is wrong is shown on its line, which may hold the passwords, too. None of them need have
 * been evaluated by then: they are known as they are written. */
static void know_passwords(struct setting *s, struct secrets *secrets)
{
    for (size_t i = 0; i < s->layer_count; i++) {
        for (size_t k = 0; k < value_count(s->layers[i]); k++) {
            str name = value_as_str(value_map_key(s->layers[i], k));
            value v = value_map_value(s->layers[i], k);
            if (str_starts(name, S(PREFIX)) && str_find(name, S("pass"), 0) != STR_NPOS &&
                !template_is_template(v)) {
                secrets_add(secrets, text_or(s, v, STR_EMPTY));
            }
        }
    }
}

static bool fill(struct setting *s, struct run *run, struct run_host *host,
                 struct connection_options *ret, struct become *ret_become)
{
    if (!fill_kind(s, run, host, ret)) {
        return false;
    }
    fill_connection(s, run, host, ret);
    if (ret->kind == CONNECTION_EXEC) {
        fill_program(s, run, ret);
    }
    fill_become(s, run, ret_become);
    span at[SSH_ARGS_MAX];
    ssh_args(s, &run->options, ret, at);
    return s->ok;
}

bool connection_of(struct run *run, struct eval *eval, struct run_host *host,
                   const struct node *node, struct connection_options *ret,
                   struct become *ret_become)
{
    struct setting s = settings_in(eval, node);
    *ret = (struct connection_options){ 0 };
    if (!fill(&s, run, host, ret, ret_become)) {
        know_passwords(&s, run->secrets);
        return false;
    }
    str passwords[] = { ret->password, ret->private_key_passphrase, ret_become->password };
    for (size_t i = 0; i < ARRAY_LEN(passwords); i++) {
        if (!str_is_none(passwords[i])) {
            secrets_add(run->secrets, passwords[i]);
        }
    }
    return true;
}

/* ---- who said it ---- */

static span said_or(value v, value otherwise)
{
    return value_is_defined(v) ? v.at : otherwise.at;
}

static span host_said(struct setting *s, const struct run_host *host)
{
    value v = VARIABLE(s, OF_HOST);
    return value_is_defined(v) ? v.at : host->host->at;
}

static span args_said(struct setting *s, const struct run *run,
                      const struct connection_options *options, size_t which)
{
    struct connection_options again = { .password = options->password };
    span at[SSH_ARGS_MAX] = { 0 };
    ssh_args(s, &run->options, &again, at);
    return which < again.ssh_args_count ? at[which] : SPAN_NONE;
}

/* The variable, keyword, or host; SPAN_NONE: nobody said it in a file of ours. */
static span said_where(struct setting *s, const struct connection_failure *failure)
{
    const struct remote_error *error = failure->error;
    span at = SPAN_NONE;
    switch (error->about) {
    case ABOUT_NOTHING:
        break;
    case ABOUT_HOST:
        at = host_said(s, failure->host);
        break;
    case ABOUT_PORT:
        at = said_or(VARIABLE(s, OF_PORT), keyword(s, KW_PORT));
        at = at.pos == 0 ? host_said(s, failure->host) : at;
        break;
    case ABOUT_USER:
        at = said_or(VARIABLE(s, OF_USER), keyword(s, KW_REMOTE_USER));
        break;
    case ABOUT_KEY:
        at = VARIABLE(s, OF_KEY).at;
        break;
    case ABOUT_ARGS:
        at = args_said(s, failure->run, failure->options, error->about_args);
        break;
    }
    return at;
}

/* A variable that nobody reads may be why the one that it was meant to be says nothing. */
static void note_mistyped(const struct setting *s, struct diag *diag)
{
    for (size_t i = 0; i < s->layer_count; i++) {
        for (size_t k = 0; k < value_count(s->layers[i]); k++) {
            str name = value_as_str(value_map_key(s->layers[i], k));
            str meant = connection_variable_meant(s->eval->arena, name);
            span at = value_map_value(s->layers[i], k).at;
            if (at.pos != 0 && !str_is_none(meant)) { /* a host's facts have no place */
                diag_note(diag, at, "'%.*s' says nothing of the connection; did you mean '%.*s'?",
                          SARG(name), SARG(meant));
            }
        }
    }
}

void connection_tell_failure(const struct connection_failure *failure, struct diags *diags)
{
    struct eval eval = *failure->eval;
    eval.diags = diags_new(eval.arena, eval.diags->sources); /* they were told when it was made */
    struct setting s = settings_in(&eval, &failure->task->node);
    const struct remote_error *error = failure->error;
    span said = said_where(&s, failure), at = said.pos == 0 ? failure->task->action_at : said;
    struct diag *diag = diag_error(diags, at, "%.*s", SARG(error->message));
    diag->narrow = said.pos != 0;
    if (error->status == REMOTE_UNREACHABLE) {
        note_mistyped(&s, diag);
    }
    str hint = remote_hint(failure->remote, failure->become, error);
    if (!str_is_none(hint)) {
        diag_hint(diag, "%.*s", SARG(hint));
    }
}
