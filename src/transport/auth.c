/*
 * auth.c - logging in: keys, Kerberos, then the password, by whatever the server allows.
 *
 * A password is offered once, by one method: twice would count as two failures and may lock an
 * account. A method that is only part of what the server wants ("partial success") leads to another
 * round with the rest. PreferredAuthentications changes which methods are tried, and their order.
 * Source: RFC 4252, RFC 4256, RFC 4462.
 */
#include "transport/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"

enum { ROUNDS_MAX = 8, PROMPTS_MAX = 16 };

struct method {
    unsigned bit;
    str name;
    bool ours; /* false: only named to the user */
};

/* In the order in which they are tried. */
static const struct method methods[] = {
    { SSH_AUTH_METHOD_PUBLICKEY, S_INIT("publickey"), true },
    { SSH_AUTH_METHOD_GSSAPI_MIC, S_INIT("gssapi-with-mic"), true },
    { SSH_AUTH_METHOD_PASSWORD, S_INIT("password"), true },
    { SSH_AUTH_METHOD_INTERACTIVE, S_INIT("keyboard-interactive"), true },
    { SSH_AUTH_METHOD_HOSTBASED, S_INIT("hostbased"), false },
};

void login_note(struct login *login, const char *what, str which)
{
    strbuf_addf(&login->tried, "%s%s%s%.*s", login->tried.len > 0 ? ", " : "", what,
                which.len > 0 ? " " : "", SARG(which));
}

/* ---- one question to the server ---- */

/* The server hung up: after too many keys, mostly. */
static void broken_off(struct login *login)
{
    struct ssh_step *step = login->step;
    ssh_step_failed(step, WIRE_CLOSED, "logging in to");
    if (login->keys > 0) {
        str said = step->error->message;
        wire_fail(step->arena, step->error, WIRE_CLOSED,
                  S("servers break off after a few keys they do not know: IdentitiesOnly=yes with "
                    "--private-key or IdentityFile offers only that one"),
                  "%.*s; tried: %.*s", SARG(said), SARG(strbuf_str(&login->tried)));
    }
}

bool login_settled(struct login *login, int result, enum outcome *ret)
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
        if (status == WIRE_CLOSED) {
            broken_off(login);
        } else {
            ssh_step_failed(step, status, "logging in to");
        }
        *ret = BROKEN;
        return true;
    }
    default:
        *ret = BROKEN;
        if (ssh_session_lives(step->ssh)) {
            *ret = DENIED; /* a key libssh cannot use, an agent that does not answer */
            return true;
        }
        broken_off(login);
        return true;
    }
}

static enum outcome try_none(struct login *login)
{
    enum outcome outcome;
    while (!login_settled(login, ssh_userauth_none(login->session, NULL), &outcome)) {
    }
    return outcome;
}

static unsigned allowed_methods(struct login *login)
{
    return (unsigned)ssh_userauth_list(login->session, NULL);
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

/* The password that goes with the connection, or STR_NONE. Nobody can give one with a jump host:
 * the user is asked, as by ssh(1). */
static str password_of(struct login *login)
{
    struct ssh_connection *ssh = login->step->ssh;
    str answer;
    if (str_is_none(ssh->base.options.password) && ssh->as != NULL && ssh_may_ask(ssh)) {
        str question = str_format(login->step->arena,
                                  "Password of user '%.*s' at %.*s: ", SARG(ssh->base.user),
                                  SARG(ssh->base.place));
        if (ssh_ask(login->step, question, false, &answer)) {
            ssh->base.options.password = str_copy(ssh->base.arena, answer);
            if (ssh->base.options.secrets != NULL) {
                secrets_add(ssh->base.options.secrets, answer);
            }
        }
    }
    return ssh->base.options.password;
}

static enum outcome try_password(struct login *login)
{
    str password = may_tell_password(login) ? password_of(login) : STR_NONE;
    if (str_is_none(password)) {
        return DENIED;
    }
    login_note(login, "password", STR_EMPTY);
    enum outcome outcome;
    while (!login_settled(login, ssh_userauth_password(login->session, NULL, password.ptr),
                          &outcome)) {
    }
    if (outcome == DENIED) { /* whoever gives one does not mind what was wrong with a key before */
        login->hint = STR_NONE;
        login->about = ABOUT_USER;
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
    const char *told = ssh_userauth_kbdint_getinstruction(login->session);
    str instruction = told != NULL && index == 0 ? str_trim(str_of(told)) : STR_EMPTY;
    if (!echo && !*password_used && !str_is_none(options->password)) {
        *password_used = true;
        return set_answer(login, index, options->password);
    }
    str answer;
    str question = str_format(arena, "%.*s: %.*s%s%.*s", SARG(login->step->ssh->base.place),
                              SARG(instruction), instruction.len > 0 ? "\n" : "", SARG(prompt));
    return ssh_ask(login->step, question, echo, &answer) && set_answer(login, index, answer);
}

/* Without a password the user is asked only for what comes on top of another proof (a one-time
 * code): as with Ansible, whoever wants to be asked for a password says so. For a jump host nobody
 * can. */
static enum outcome try_interactive(struct login *login)
{
    const struct connection_options *options = &login->step->ssh->base.options;
    const struct ssh_connection *ssh = login->step->ssh;
    bool may_ask = (login->used != 0 || ssh->as != NULL) && ssh_may_ask(ssh);
    if ((str_is_none(options->password) && !may_ask) || !may_tell_password(login)) {
        return DENIED;
    }
    login_note(login, "keyboard-interactive", STR_EMPTY);
    bool password_used = (login->used & SSH_AUTH_METHOD_PASSWORD) != 0;
    for (unsigned prompts = 0; prompts <= PROMPTS_MAX;) {
        int result = ssh_userauth_kbdint(login->session, NULL, NULL);
        enum outcome outcome;
        if (result != SSH_AUTH_INFO) {
            if (login_settled(login, result, &outcome)) {
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

/* ---- Kerberos ---- */

/* libssh asks the Kerberos library, which talks to its servers in its own time. Without a ticket it
 * says so at once. */
static enum outcome try_gssapi(struct login *login)
{
    struct ssh_step *step = login->step;
    const struct ssh_settings *settings = &step->ssh->settings;
    str server = str_is_none(settings->gssapi_server) ? settings->host : settings->gssapi_server;
    int delegate = settings->gssapi_delegate == SSH_YES;
    ssh_options_set(login->session, SSH_OPTIONS_GSSAPI_SERVER_IDENTITY, str_c(step->arena, server));
    ssh_options_set(login->session, SSH_OPTIONS_GSSAPI_DELEGATE_CREDENTIALS, &delegate);
    if (!str_is_none(settings->gssapi_client)) {
        ssh_options_set(login->session, SSH_OPTIONS_GSSAPI_CLIENT_IDENTITY,
                        str_c(step->arena, settings->gssapi_client));
    }
    login_note(login, "gssapi-with-mic", STR_EMPTY);
    enum outcome outcome;
    while (!login_settled(login, ssh_userauth_gssapi(login->session), &outcome)) {
    }
    return outcome;
}

/* ---- all of it ---- */

/* Whether configuration and arguments leave a method on. Kerberos is off if nobody says so. */
static bool is_on(struct login *login, const struct method *method)
{
    const struct ssh_settings *settings = &login->step->ssh->settings;
    if (!method->ours || (login->used & method->bit) != 0) {
        return false;
    }
    switch (method->bit) {
    case SSH_AUTH_METHOD_PUBLICKEY:
        return settings->pubkey != SSH_NO;
    case SSH_AUTH_METHOD_GSSAPI_MIC:
        return settings->gssapi == SSH_YES;
    case SSH_AUTH_METHOD_PASSWORD:
        return settings->password != SSH_NO;
    default:
        return settings->interactive != SSH_NO;
    }
}

/* Those that are on, as preferred; the number of them. */
static size_t methods_in_order(struct login *login, const struct method **ret)
{
    size_t count = 0;
    str rest = login->step->ssh->settings.preferred, name;
    bool all = str_is_none(rest);
    while (all || !str_is_none(name = str_cut(&rest, ','))) {
        for (size_t i = 0; i < ARRAY_LEN(methods) && count < ARRAY_LEN(methods); i++) {
            if ((all || str_eq(methods[i].name, name)) && is_on(login, &methods[i])) {
                ret[count++] = &methods[i];
            }
        }
        if (all) {
            break;
        }
    }
    return count;
}

static enum outcome try_method(struct login *login, const struct method *method)
{
    switch (method->bit) {
    case SSH_AUTH_METHOD_PUBLICKEY:
        return login_by_keys(login);
    case SSH_AUTH_METHOD_GSSAPI_MIC:
        return try_gssapi(login);
    case SSH_AUTH_METHOD_PASSWORD:
        return try_password(login);
    default:
        return try_interactive(login);
    }
}

/* What the server allows is learnt from its first refusal: a key that fits needs no question before
 * it. */
static enum outcome learn_methods(struct login *login)
{
    return allowed_methods(login) == 0 ? try_none(login) : DENIED;
}

/* After a refused password the other way to send the same one is not taken. */
static enum outcome try_round(struct login *login)
{
    const struct method *order[ARRAY_LEN(methods)];
    size_t count = methods_in_order(login, order);
    for (size_t i = 0; i < count; i++) {
        enum outcome outcome = DENIED;
        if (order[i]->bit != SSH_AUTH_METHOD_PUBLICKEY) {
            outcome = learn_methods(login);
        }
        if (outcome != DENIED) {
            return outcome;
        }
        unsigned allowed = allowed_methods(login);
        if (allowed != 0 && (allowed & order[i]->bit) == 0) {
            continue;
        }
        size_t before = login->tried.len;
        outcome = try_method(login, order[i]);
        if (outcome != DENIED) {
            login->used |= order[i]->bit;
            return outcome;
        }
        if (order[i]->bit == SSH_AUTH_METHOD_PASSWORD && login->tried.len > before) {
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

/* What to do about a denial, for want of something that the tries themselves told. */
static str denial_hint(const struct login *login, bool takes_password)
{
    const struct ssh_connection *ssh = login->step->ssh;
    if (!takes_password) {
        return S("is it the right user, and is the public key in its authorized_keys there?");
    }
    if (!str_is_none(ssh->base.options.password)) {
        return S("is it the right user, and the right password?");
    }
    if (ssh->as == NULL && login->keys > 0) {
        return S("is it the right user, and is the public key in its authorized_keys there? -k "
                 "asks for a password, --private-key names a key");
    }
    return ssh->as == NULL
               ? S("-k asks for a password, --private-key names a key")
               : S("a jump host's key is what its own part of ssh's configuration names; its "
                   "password is asked for on a terminal");
}

static bool was_denied(struct login *login)
{
    const struct ssh_connection *ssh = login->step->ssh;
    unsigned allowed = allowed_methods(login);
    bool takes_password = allowed & (SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_INTERACTIVE);
    str nothing = ssh->settings.pubkey == SSH_NO ? S("nothing, PubkeyAuthentication is off")
                                                 : S("nothing, there is no key");
    str tried = login->tried.len > 0 ? strbuf_str(&login->tried) : nothing;
    str hint = str_is_none(login->hint) ? denial_hint(login, takes_password) : login->hint;
    ssh_refuse(login->step, hint,
               "permission denied for user '%.*s' at %.*s; tried: %.*s; the server allows: %.*s",
               SARG(ssh->base.user), SARG(ssh->base.place), SARG(tried),
               SARG(list_methods(login, allowed)));
    login->step->error->about = login->about;
    return false;
}

bool ssh_log_in(struct ssh_step *step)
{
    struct login login = { .step = step,
                           .session = step->ssh->session,
                           .tried = strbuf_in(step->arena),
                           .about = ABOUT_USER };
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
