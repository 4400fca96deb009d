/*
 * auth.c - logging in: keys, then the password, by whatever the server allows.
 *
 * Order: the key file the playbook names, the agent's keys, the configured (or usual) key files;
 * the agent later than ssh(1) would, since servers break off after a few keys they do not want. A
 * password is offered once, by one method: twice would count as two failures and may lock an
 * account. A method that is only part of what the server wants ("partial success") leads to another
 * round with the rest. Source: RFC 4252, RFC 4256.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/strbuf.h"
#include "transport/ssh.h"

enum { ROUNDS_MAX = 8, PROMPTS_MAX = 16 };

enum outcome {
    LOGGED_IN,
    PARTLY, /* accepted, but the server wants more */
    DENIED, /* or there was nothing to try */
    BROKEN, /* step->error is filled */
};

struct login {
    struct ssh_step *step;
    ssh_session session;
    struct strbuf tried; /* "key /home/me/.ssh/id_ed25519, password": for the message */
    unsigned used; /* SSH_AUTH_METHOD_*: those that were accepted in part, or failed for good */
    str hint;      /* what would have helped, as far as we know */
};

static const struct {
    unsigned bit;
    str name;
} methods[] = {
    { SSH_AUTH_METHOD_PUBLICKEY, S_INIT("publickey") },
    { SSH_AUTH_METHOD_PASSWORD, S_INIT("password") },
    { SSH_AUTH_METHOD_INTERACTIVE, S_INIT("keyboard-interactive") },
    { SSH_AUTH_METHOD_HOSTBASED, S_INIT("hostbased") },
    { SSH_AUTH_METHOD_GSSAPI_MIC, S_INIT("gssapi-with-mic") },
};

static void note_try(struct login *login, const char *what, str which)
{
    strbuf_addf(&login->tried, "%s%s%s%.*s", login->tried.len > 0 ? ", " : "", what,
                which.len > 0 ? " " : "", SARG(which));
}

/* ---- one question to the server ---- */

/* libssh's answer to one call. True: `*ret` holds the outcome; false: wait, then call again. */
static bool settle(struct login *login, int result, enum outcome *ret)
{
    struct ssh_step *step = login->step;
    switch (result) {
    case SSH_AUTH_SUCCESS:
        *ret = LOGGED_IN;
        return true;
    case SSH_AUTH_PARTIAL:
        *ret = PARTLY;
        return true;
    case SSH_AUTH_DENIED:
        *ret = DENIED;
        return true;
    case SSH_AUTH_AGAIN: {
        enum wire_status status = ssh_wait(step->ssh, step->until);
        if (status == WIRE_OK) {
            return false;
        }
        ssh_step_failed(step, status, "logging in to");
        *ret = BROKEN;
        return true;
    }
    default:
        *ret = BROKEN;
        if (ssh_session_lives(step->ssh)) {
            *ret = DENIED; /* a key libssh cannot use, an agent that does not answer */
            return true;
        }
        ssh_step_failed(step, WIRE_CLOSED, "logging in to");
        step->error->hint =
            S("servers break off after a few keys they do not know: IdentitiesOnly=yes "
              "offers only the key file that is named");
        return true;
    }
}

static enum outcome try_none(struct login *login)
{
    enum outcome outcome;
    while (!settle(login, ssh_userauth_none(login->session, NULL), &outcome)) {
    }
    return outcome;
}

static unsigned allowed_methods(struct login *login)
{
    return (unsigned)ssh_userauth_list(login->session, NULL);
}

/* ---- keys ---- */

struct key_load {
    struct login *login;
    str file;
    bool encrypted; /* a passphrase was wanted */
    bool may_ask;
};

static bool ask_passphrase(struct key_load *load, str *ret)
{
    const struct connection_options *options = &load->login->step->ssh->base.options;
    if (!str_is_none(options->private_key_passphrase)) {
        *ret = options->private_key_passphrase;
        return true;
    }
    if (!load->may_ask || options->ask == NULL) {
        return false;
    }
    struct arena *arena = load->login->step->arena;
    str question = str_format(arena, "Passphrase of the key '%.*s': ", SARG(load->file));
    return options->ask(options->ask_data, arena, question, false, ret);
}

/* libssh wants the passphrase of a key file: called only when it is encrypted. */
static int give_passphrase(const char *prompt, char *buf, size_t len, int echo, int verify,
                           void *data)
{
    struct key_load *load = data;
    str passphrase;
    load->encrypted = true;
    if (!ask_passphrase(load, &passphrase) || passphrase.len >= len) {
        return -1;
    }
    memcpy(buf, passphrase.ptr, passphrase.len);
    buf[passphrase.len] = '\0';
    return 0;
}

static ssh_key load_key(struct key_load *load)
{
    ssh_key key = NULL;
    const char *path = str_c(load->login->step->arena, load->file);
    return ssh_pki_import_privkey_file(path, NULL, give_passphrase, load, &key) == SSH_OK ? key
                                                                                          : NULL;
}

/* The certificate that goes with a key file: beside it, as ssh-keygen leaves it, or configured. */
static ssh_key load_certificate(struct login *login, str file)
{
    const struct ssh_list *configured = &login->step->ssh->settings.certificates;
    str path = str_format(login->step->arena, "%.*s-cert.pub", SARG(file));
    for (unsigned i = 0;; i++) {
        ssh_key certificate = NULL;
        if (ssh_pki_import_cert_file(str_c(login->step->arena, path), &certificate) == SSH_OK) {
            return certificate;
        }
        if (i == configured->count) {
            return NULL;
        }
        path = configured->items[i];
    }
}

/* Would the server take the key? Asked before the user is bothered for a passphrase. */
static bool key_is_wanted(struct login *login, str file)
{
    ssh_key public = NULL;
    enum outcome outcome = LOGGED_IN;
    str beside = str_format(login->step->arena, "%.*s.pub", SARG(file));
    if (ssh_pki_import_pubkey_file(beside.ptr, &public) != SSH_OK) {
        return true; /* cannot tell */
    }
    while (!settle(login, ssh_userauth_try_publickey(login->session, NULL, public), &outcome)) {
    }
    ssh_key_free(public);
    return outcome == LOGGED_IN;
}

static enum outcome offer_key(struct login *login, ssh_key key)
{
    enum outcome outcome;
    while (!settle(login, ssh_userauth_publickey(login->session, NULL, key), &outcome)) {
    }
    return outcome;
}

static enum outcome try_certificate(struct login *login, str file, ssh_key key)
{
    ssh_key certificate = load_certificate(login, file);
    if (certificate == NULL) {
        return DENIED;
    }
    enum outcome outcome = DENIED;
    ssh_key both = ssh_key_dup(key);
    if (both != NULL && ssh_pki_copy_cert_to_privkey(certificate, both) == SSH_OK) {
        note_try(login, "certificate of", file);
        outcome = offer_key(login, both);
    }
    ssh_key_free(both);
    ssh_key_free(certificate);
    return outcome;
}

static enum outcome try_key_file(struct login *login, str file, bool named)
{
    if (access(str_c(login->step->arena, file), R_OK) != 0) {
        if (named) {
            note_try(login, "unreadable key", file);
        }
        return DENIED;
    }
    struct key_load load = { .login = login, .file = file };
    ssh_key key = load_key(&load);
    if (key == NULL && load.encrypted && key_is_wanted(login, file)) {
        load.may_ask = true;
        key = load_key(&load);
    }
    if (key == NULL) {
        note_try(login, load.encrypted ? "encrypted key without its passphrase" : "unusable key",
                 file);
        return DENIED;
    }
    enum outcome outcome = try_certificate(login, file, key);
    if (outcome == DENIED) {
        note_try(login, "key", file);
        outcome = offer_key(login, key);
    }
    ssh_key_free(key);
    return outcome;
}

static enum outcome try_agent(struct login *login)
{
    const struct ssh_settings *settings = &login->step->ssh->settings;
    str agent = settings->identity_agent;
    if (settings->identities_only == SSH_YES || str_eq(agent, S("none"))) {
        return DENIED;
    }
    if (!str_is_none(agent)) {
        ssh_options_set(login->session, SSH_OPTIONS_IDENTITY_AGENT,
                        str_c(login->step->arena, agent));
    } else if (getenv("SSH_AUTH_SOCK") == NULL) {
        return DENIED;
    }
    note_try(login, "the agent's keys", STR_EMPTY);
    enum outcome outcome;
    while (!settle(login, ssh_userauth_agent(login->session, NULL), &outcome)) {
    }
    return outcome;
}

static enum outcome try_keys(struct login *login)
{
    static const char *const usual[] = { "id_ed25519", "id_ecdsa", "id_rsa" };
    const struct ssh_settings *settings = &login->step->ssh->settings;
    str named = login->step->ssh->base.options.private_key_file;
    enum outcome outcome = DENIED;
    if (!str_is_none(named)) {
        outcome = try_key_file(login, named, true);
    }
    if (outcome == DENIED) {
        outcome = try_agent(login);
    }
    for (unsigned i = 0; i < settings->identities.count && outcome == DENIED; i++) {
        outcome = try_key_file(login, settings->identities.items[i], true);
    }
    bool only = !str_is_none(named) || settings->identities.count > 0;
    for (size_t i = 0; !only && i < ARRAY_LEN(usual) && outcome == DENIED; i++) {
        outcome = try_key_file(
            login, str_format(login->step->arena, "%.*s/.ssh/%s", SARG(settings->home), usual[i]),
            false);
    }
    return outcome;
}

/* ---- passwords ---- */

static bool may_tell_password(struct login *login)
{
    if (!login->step->ssh->key_changed) {
        return true;
    }
    login->hint = S("its host key is not the recorded one, so no password was sent to it");
    return false;
}

static enum outcome try_password(struct login *login)
{
    str password = login->step->ssh->base.options.password;
    if (str_is_none(password) || !may_tell_password(login)) {
        return DENIED;
    }
    note_try(login, "password", STR_EMPTY);
    enum outcome outcome;
    while (!settle(login, ssh_userauth_password(login->session, NULL, password.ptr), &outcome)) {
    }
    return outcome;
}

static bool set_answer(struct login *login, unsigned index, str answer)
{
    char text[1024];
    if (answer.len >= sizeof text) {
        return false;
    }
    memcpy(text, answer.ptr, answer.len);
    text[answer.len] = '\0';
    bool set = ssh_userauth_kbdint_setanswer(login->session, index, text) == 0;
    explicit_bzero(text, sizeof text);
    return set;
}

/* Answer one prompt: the first hidden one gets the password, others are shown to the user. */
static bool answer_prompt(struct login *login, unsigned index, bool *password_used)
{
    const struct connection_options *options = &login->step->ssh->base.options;
    struct arena *arena = login->step->arena;
    char echo = 0;
    str prompt = str_of(ssh_userauth_kbdint_getprompt(login->session, index, &echo));
    if (!echo && !*password_used && !str_is_none(options->password)) {
        *password_used = true;
        return set_answer(login, index, options->password);
    }
    str answer;
    str question =
        str_format(arena, "%.*s: %.*s", SARG(login->step->ssh->base.place), SARG(prompt));
    return options->ask != NULL &&
           options->ask(options->ask_data, arena, question, echo, &answer) &&
           set_answer(login, index, answer);
}

/* Without a password the user is asked only for what comes on top of another proof (a one-time
 * code): as with Ansible, whoever wants to be asked for a password says so. */
static enum outcome try_interactive(struct login *login)
{
    const struct connection_options *options = &login->step->ssh->base.options;
    bool second_proof = login->used != 0 && options->ask != NULL;
    if ((str_is_none(options->password) && !second_proof) || !may_tell_password(login)) {
        return DENIED;
    }
    note_try(login, "keyboard-interactive", STR_EMPTY);
    bool password_used = (login->used & SSH_AUTH_METHOD_PASSWORD) != 0;
    for (unsigned prompts = 0; prompts <= PROMPTS_MAX;) {
        int result = ssh_userauth_kbdint(login->session, NULL, NULL);
        enum outcome outcome;
        if (result != SSH_AUTH_INFO) {
            if (settle(login, result, &outcome)) {
                return outcome;
            }
            continue;
        }
        int count = ssh_userauth_kbdint_getnprompts(login->session);
        prompts += 1 + (count > 0 ? (unsigned)count : 0);
        for (int i = 0; i < count; i++) {
            if (!answer_prompt(login, (unsigned)i, &password_used)) {
                return DENIED;
            }
        }
    }
    return DENIED;
}

/* ---- all of it ---- */

/* Whether configuration and arguments leave a method on. */
static bool is_on(struct login *login, unsigned method, str name)
{
    const struct ssh_settings *settings = &login->step->ssh->settings;
    enum ssh_flag flag = method == SSH_AUTH_METHOD_PUBLICKEY  ? settings->pubkey
                         : method == SSH_AUTH_METHOD_PASSWORD ? settings->password
                                                              : settings->interactive;
    if (flag == SSH_NO || (login->used & method) != 0) {
        return false;
    }
    str rest = settings->preferred, one;
    if (str_is_none(rest)) {
        return true;
    }
    while (!str_is_none(one = str_cut(&rest, ','))) {
        if (str_eq(one, name)) {
            return true;
        }
    }
    return false;
}

static enum outcome try_method(struct login *login, unsigned method)
{
    switch (method) {
    case SSH_AUTH_METHOD_PUBLICKEY:
        return try_keys(login);
    case SSH_AUTH_METHOD_PASSWORD:
        return try_password(login);
    case SSH_AUTH_METHOD_INTERACTIVE:
        return try_interactive(login);
    default:
        return DENIED;
    }
}

/* What the server allows is learnt from its first refusal: a key that fits needs no question before
 * it. After a refused password the other way to send the same one is not taken. */
static enum outcome try_round(struct login *login)
{
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        unsigned method = methods[i].bit;
        unsigned allowed = allowed_methods(login);
        if (!is_on(login, method, methods[i].name) || (allowed != 0 && !(allowed & method))) {
            continue;
        }
        if (allowed == 0 && method != SSH_AUTH_METHOD_PUBLICKEY) {
            enum outcome outcome = try_none(login);
            if (outcome != DENIED) {
                return outcome;
            }
            i--; /* now we know */
            if (allowed_methods(login) == 0) {
                return DENIED;
            }
            continue;
        }
        size_t before = login->tried.len;
        enum outcome outcome = try_method(login, method);
        if (outcome != DENIED) {
            login->used |= method;
            return outcome;
        }
        if (method == SSH_AUTH_METHOD_PASSWORD && login->tried.len > before) {
            return DENIED;
        }
    }
    return DENIED;
}

static str list_methods(struct login *login, unsigned allowed)
{
    struct strbuf text = strbuf_in(login->step->arena);
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (allowed & methods[i].bit) {
            strbuf_addf(&text, "%s%.*s", text.len > 0 ? ", " : "", SARG(methods[i].name));
        }
    }
    return text.len > 0 ? strbuf_str(&text) : S("nothing we know");
}

static bool was_denied(struct login *login)
{
    const struct ssh_connection *ssh = login->step->ssh;
    unsigned allowed = allowed_methods(login);
    bool takes_password = allowed & (SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_INTERACTIVE);
    str tried = login->tried.len > 0 ? strbuf_str(&login->tried) : S("nothing, there is no key");
    str hint = login->hint;
    if (str_is_none(hint) && takes_password && str_is_none(ssh->base.options.password)) {
        hint = S("-k asks for a password, --private-key names a key");
    }
    return ssh_refuse(login->step, hint,
                      "permission denied for user '%.*s' at %.*s; tried: %.*s; the server allows: "
                      "%.*s",
                      SARG(ssh->base.user), SARG(ssh->base.place), SARG(tried),
                      SARG(list_methods(login, allowed)));
}

bool ssh_log_in(struct ssh_step *step)
{
    struct login login = { .step = step,
                           .session = step->ssh->session,
                           .tried = strbuf_in(step->arena) };
    enum outcome outcome = PARTLY;
    for (unsigned round = 0; outcome == PARTLY && round < ROUNDS_MAX; round++) {
        outcome = try_round(&login);
    }
    switch (outcome) {
    case LOGGED_IN:
        return true;
    case PARTLY:
    case DENIED:
        return was_denied(&login);
    case BROKEN:
        break;
    }
    return false;
}
