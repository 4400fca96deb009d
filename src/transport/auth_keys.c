/*
 * auth_keys.c - logging in by key: those in files, those of the agent, and certificates for both.
 *
 * Order: the file the playbook names; then as ssh(1): what the agent has of the configured files,
 * the agent's other keys unless IdentitiesOnly, then the files that are not in the agent. A key
 * that the agent has is used there, so that no passphrase is asked for. A certificate goes before
 * its bare key.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/file_in.h"
#include "transport/agent.h"
#include "transport/auth.h"
#include "transport/keyring.h"
#include "transport/ssh_bytes.h"
#include "transport/ssh_cert.h"

/* What is known of a key file without its passphrase. */
struct candidate {
    str file;
    ssh_key public;               /* NULL: cannot be told */
    str base64;                   /* of the public key; STR_NONE: cannot be told */
    const struct agent_key *held; /* by the agent; NULL: not */
    bool named; /* somebody asked for this very file, so it is told when it is not there */
    bool done;
};

enum { CANDIDATES_MAX = SSH_MANY };

struct keys {
    struct login *login;
    struct arena *arena;
    struct agent *agent; /* NULL: there is none */
    struct candidate items[CANDIDATES_MAX];
    unsigned count;
};

/* ---- offering ---- */

static enum outcome offer_private(struct login *login, ssh_key key)
{
    enum outcome outcome;
    login->keys++;
    while (!login_settled(login, ssh_userauth_publickey(login->session, NULL, key), &outcome)) {
    }
    return outcome;
}

/* All that was shown of the agent, at once. */
static enum outcome offer_agent(struct keys *keys)
{
    enum outcome outcome;
    if (agent_shown(keys->agent) == 0) {
        return DENIED;
    }
    keys->login->keys += (unsigned)agent_shown(keys->agent);
    while (!login_settled(keys->login, ssh_userauth_agent(keys->login->session, NULL), &outcome)) {
    }
    str problem = agent_problem(keys->agent);
    if (outcome == DENIED && !str_is_none(problem)) {
        login_note(keys->login, problem.ptr, STR_EMPTY);
    }
    return outcome;
}

/* Would the server take the key? Asked before the user is bothered for a passphrase. */
static bool is_wanted(struct login *login, ssh_key public)
{
    enum outcome outcome = DENIED;
    if (public == NULL) {
        return true; /* cannot tell */
    }
    while (
        !login_settled(login, ssh_userauth_try_publickey(login->session, NULL, public), &outcome)) {
    }
    return outcome == LOGGED_IN;
}

/* ---- certificates ---- */

static str read_small_file(struct arena *arena, str path)
{
    str text;
    CLEANUP(close_fd) int fd = open(str_c(arena, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return fd >= 0 && fd_read(arena, fd, 65536, &text) ? text : STR_NONE;
}

/* The certificate in `path` if it is one of this key: its blob; else STR_NONE. */
static str certificate_for(struct keys *keys, str path, str key_base64)
{
    struct ssh_cert cert;
    str text = read_small_file(keys->arena, path);
    str rest = str_is_none(text) ? STR_EMPTY : str_trim(text);
    str_cut(&rest, ' ');
    str blob = str_is_none(rest) ? STR_NONE : ssh_base64_decode(keys->arena, str_cut(&rest, ' '));
    if (str_is_none(blob) || !ssh_cert_parse(keys->arena, blob, &cert) ||
        !str_eq(ssh_base64(keys->arena, cert.key), key_base64)) {
        return STR_NONE;
    }
    str problem = ssh_cert_problem(keys->arena, &cert, SSH_CERT_USER,
                                   keys->login->step->ssh->settings.user, time(NULL));
    if (!str_is_none(problem) && str_find(problem, S("does not name"), 0) == STR_NPOS) {
        login_note(keys->login, "certificate",
                   str_format(keys->arena, "%.*s, which %.*s", SARG(path), SARG(problem)));
        return STR_NONE; /* the server would count it as a failure */
    }
    return blob;
}

static enum outcome offer_certificate(struct keys *keys, str path, ssh_key key)
{
    ssh_key certificate = NULL, both = ssh_key_dup(key);
    enum outcome outcome = DENIED;
    if (both != NULL &&
        ssh_pki_import_cert_file(str_c(keys->arena, path), &certificate) == SSH_OK &&
        ssh_pki_copy_cert_to_privkey(certificate, both) == SSH_OK) {
        outcome = offer_private(keys->login, both);
    }
    ssh_key_free(both);
    ssh_key_free(certificate);
    return outcome;
}

/* Those that go with a key: configured ones, and the one beside it, as ssh-keygen leaves it.
 * Without `key` they are shown as the agent's, which signs. */
static enum outcome try_certificates(struct keys *keys, const struct candidate *one, ssh_key key)
{
    const struct ssh_list *configured = &keys->login->step->ssh->settings.certificates;
    enum outcome outcome = DENIED;
    for (unsigned i = 0; i <= configured->count && outcome == DENIED; i++) {
        str path = i < configured->count
                       ? configured->items[i]
                       : str_format(keys->arena, "%.*s-cert.pub", SARG(one->file));
        str blob = str_is_none(one->base64) ? STR_NONE : certificate_for(keys, path, one->base64);
        if (str_is_none(blob)) {
            continue;
        }
        login_note(keys->login, "certificate", path);
        if (key == NULL) {
            agent_show(keys->agent, blob, one->held);
        } else {
            outcome = offer_certificate(keys, path, key);
        }
    }
    return outcome;
}

/* ---- one key ---- */

static str base64_of_key(struct arena *arena, ssh_key key)
{
    char *text = NULL;
    if (ssh_pki_export_pubkey_base64(key, &text) != SSH_OK) {
        return STR_NONE;
    }
    str copy = str_copy(arena, str_of(text));
    ssh_string_free_char(text);
    return copy;
}

static void show_held(struct keys *keys, struct candidate *one)
{
    one->done = true;
    try_certificates(keys, one, NULL);
    login_note(keys->login, "the agent's key", one->file);
    agent_show(keys->agent, one->held->blob, one->held);
}

/* A key that cannot be used: the user's mistake if the play names it, ssh's configuration's else.
 */
static void blame(struct keys *keys, const struct candidate *one)
{
    if (str_eq(one->file, keys->login->step->ssh->settings.named_identity)) {
        keys->login->about = ABOUT_KEY;
    }
}

/* Not encrypted, or opened before; else the user is asked, if the server wants the key at all. */
static enum outcome load_key(struct keys *keys, struct candidate *one, ssh_key *ret)
{
    struct login *login = keys->login;
    enum key_status status = keyring_key(login->step, one->file, false, ret);
    if (status == KEY_LOCKED && ssh_may_ask(login->step->ssh)) {
        if (!is_wanted(login, one->public)) {
            login_note(login, "key", one->file);
            return ssh_session_lives(login->step->ssh) ? DENIED : BROKEN;
        }
        status = keyring_key(login->step, one->file, true, ret);
    }
    if (status != KEY_READY) {
        blame(keys, one);
    }
    if (status == KEY_LOCKED) {
        login_note(login, "encrypted key without its passphrase", one->file);
        login->hint =
            str_format(keys->arena, "give the key to the agent: ssh-add %.*s", SARG(one->file));
    } else if (status == KEY_UNUSABLE) {
        bool token =
            one->public != NULL &&
            str_find(str_of(ssh_key_type_to_char(ssh_key_type(one->public))), S("sk-"), 0) == 0;
        login_note(login, token ? "key on a token, which is not in the agent," : "unusable key",
                   one->file);
        if (token) {
            login->hint = str_format(keys->arena,
                                     "keys on tokens work through the agent: ssh-add "
                                     "%.*s",
                                     SARG(one->file));
        } else if (str_ends(one->file, S(".pub"))) {
            login->hint =
                S("that is a public key: name its private one, or give that to the agent");
        } else {
            login->hint = str_format(keys->arena,
                                     "what is wrong with the key is told by: ssh-keygen -y -f %.*s",
                                     SARG(one->file));
        }
    }
    return DENIED;
}

/* ssh(1) does not use such a file. Where it lies on a file system without modes, nothing can be
 * done about it, so it is only told. */
static void tell_if_open(struct ssh_step *step, str file)
{
    struct stat status;
    if (stat(str_c(step->arena, file), &status) == 0 && status.st_uid == getuid() &&
        (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        ssh_tell(step, str_format(step->arena, "chmod 600 %.*s", SARG(file)),
                 "the private key '%.*s' is open to others (mode %04o); ssh would not use it",
                 SARG(file), status.st_mode & 07777);
    }
}

/* Why it cannot be read; NULL: it can. libssh would wait for somebody to write to a pipe. */
static const char *problem_of_file(struct arena *arena, str file)
{
    struct stat status;
    const char *path = str_c(arena, file);
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        return S_ISDIR(status.st_mode) ? strerror(EISDIR)
                                       : "it is not a file; a key can also be given to the agent";
    }
    return access(path, R_OK) == 0 ? NULL : strerror(errno);
}

static enum outcome try_file(struct keys *keys, struct candidate *one)
{
    const char *problem = problem_of_file(keys->arena, one->file);
    one->done = true;
    if (problem != NULL) {
        if (one->named) {
            keys->login->hint = str_format(keys->arena, "the key '%.*s' cannot be read: %s",
                                           SARG(one->file), problem);
            blame(keys, one);
            login_note(keys->login, "unreadable key", one->file);
        }
        return DENIED;
    }
    ssh_key key = NULL;
    enum outcome outcome = load_key(keys, one, &key);
    if (key == NULL) {
        return outcome;
    }
    if (str_is_none(one->base64)) {
        one->base64 = base64_of_key(keys->arena, key);
    }
    tell_if_open(keys->login->step, one->file);
    outcome = try_certificates(keys, one, key);
    if (outcome == DENIED) {
        login_note(keys->login, "key", one->file);
        outcome = offer_private(keys->login, key);
    }
    ssh_key_free(key);
    return outcome;
}

/* ---- all of them ---- */

static const struct agent_key *held_by_agent(struct keys *keys, str base64)
{
    size_t count;
    const struct agent_key *held = agent_keys(keys->agent, &count);
    for (size_t i = 0; i < count; i++) {
        if (str_eq(held[i].base64, base64)) {
            return &held[i];
        }
    }
    return NULL;
}

static bool import_public(struct keys *keys, str file, ssh_key *ret)
{
    return problem_of_file(keys->arena, file) == NULL &&
           ssh_pki_import_pubkey_file(str_c(keys->arena, file), ret) == SSH_OK;
}

static void add_candidate(struct keys *keys, str file, bool named)
{
    struct candidate *one = &keys->items[keys->count++];
    str beside = str_format(keys->arena, "%.*s.pub", SARG(file));
    *one = (struct candidate){ .file = file, .named = named };
    if (!import_public(keys, beside, &one->public) && !import_public(keys, file, &one->public)) {
        one->public = NULL; /* in an old format, or not there */
        return;
    }
    one->base64 = base64_of_key(keys->arena, one->public);
    one->held = held_by_agent(keys, one->base64);
}

static void collect(struct keys *keys)
{
    static const char *const usual[] = { "id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519",
                                         "id_ed25519_sk" };
    const struct ssh_settings *settings = &keys->login->step->ssh->settings;
    for (unsigned i = 0; i < settings->identities.count; i++) {
        add_candidate(keys, settings->identities.items[i], true);
    }
    if (keys->count > 0 || settings->no_usual_identities) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
        str file = str_format(keys->arena, "%.*s/.ssh/%s", SARG(settings->home), usual[i]);
        if (access(file.ptr, F_OK) == 0) {
            add_candidate(keys, file, false);
        }
    }
}

static bool is_candidate(const struct keys *keys, const struct agent_key *key)
{
    for (unsigned i = 0; i < keys->count; i++) {
        if (keys->items[i].held == key) {
            return true;
        }
    }
    return false;
}

static void show_others(struct keys *keys)
{
    size_t count;
    const struct agent_key *held = agent_keys(keys->agent, &count);
    for (size_t i = 0; i < count; i++) {
        if (!is_candidate(keys, &held[i])) {
            login_note(keys->login, "the agent's key",
                       held[i].comment.len > 0 ? held[i].comment : held[i].type);
            agent_show(keys->agent, held[i].blob, &held[i]);
        }
    }
}

static enum outcome try_agent(struct keys *keys)
{
    for (unsigned i = 0; i < keys->count; i++) {
        if (keys->items[i].held != NULL) {
            show_held(keys, &keys->items[i]);
        }
    }
    if (keys->login->step->ssh->settings.identities_only != SSH_YES) {
        show_others(keys);
    }
    return offer_agent(keys);
}

/* Of the play's own key, which an agent full of others may not keep from being tried. */
static struct candidate *named_candidate(struct keys *keys)
{
    str named = keys->login->step->ssh->settings.named_identity;
    for (unsigned i = 0; i < keys->count && !str_is_none(named); i++) {
        if (str_eq(keys->items[i].file, named)) {
            return &keys->items[i];
        }
    }
    return NULL;
}

static enum outcome try_in_order(struct keys *keys)
{
    enum outcome outcome = DENIED;
    struct candidate *named = named_candidate(keys);
    if (named != NULL && named->held == NULL) {
        outcome = try_file(keys, named);
    }
    if (outcome == DENIED) {
        outcome = try_agent(keys);
    }
    for (unsigned i = 0; i < keys->count && outcome == DENIED; i++) {
        if (!keys->items[i].done) {
            outcome = try_file(keys, &keys->items[i]);
        }
    }
    return outcome;
}

enum outcome login_by_keys(struct login *login)
{
    struct ssh_step *step = login->step;
    struct keys keys = { .login = login, .arena = step->arena };
    str problem;
    keys.agent = agent_open(step, step->ssh->settings.identity_agent, &problem);
    if (!str_is_none(problem)) {
        login_note(login, problem.ptr, STR_EMPTY);
    }
    collect(&keys);
    enum outcome outcome = try_in_order(&keys);
    for (unsigned i = 0; i < keys.count; i++) {
        ssh_key_free(keys.items[i].public);
    }
    agent_close(keys.agent);
    return outcome;
}
