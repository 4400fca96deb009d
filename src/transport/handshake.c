/*
 * handshake.c - the exchange of keys with a server; and where there is none, why: it hung up, it
 * has none of our algorithms, or it is no sshd at all.
 *
 * Source: RFC 4253, 4.2 (lines before the version), 7.1 (no algorithm in common).
 */
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "transport/ssh.h"
#include "transport/ssh_algorithms.h"

static bool set_text(struct ssh_step *step, enum ssh_options_e option, const char *name, str text)
{
    if (str_is_none(text) ||
        ssh_options_set(step->ssh->session, option, str_c(step->arena, text)) == 0) {
        return true;
    }
    return ssh_refuse(step, STR_NONE, "%s '%.*s' is not supported by libssh", name, SARG(text));
}

static const struct {
    enum ssh_algorithms_kind kind;
    const char *keyword;
    size_t said;                     /* offset of the keyword's text in struct ssh_settings */
    enum ssh_options_e option, back; /* of what we send and of what we receive */
} chosen[] = {
    { SSH_CIPHERS, "Ciphers", offsetof(struct ssh_settings, ciphers), SSH_OPTIONS_CIPHERS_C_S,
      SSH_OPTIONS_CIPHERS_S_C },
    { SSH_MACS, "MACs", offsetof(struct ssh_settings, macs), SSH_OPTIONS_HMAC_C_S,
      SSH_OPTIONS_HMAC_S_C },
    { SSH_KEY_EXCHANGES, "KexAlgorithms", offsetof(struct ssh_settings, kex),
      SSH_OPTIONS_KEY_EXCHANGE, SSH_OPTIONS_KEY_EXCHANGE },
    { SSH_USER_KEYS, "PubkeyAcceptedAlgorithms", offsetof(struct ssh_settings, pubkey_algorithms),
      SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES },
};

static bool choose_algorithms(struct ssh_step *step)
{
    for (size_t i = 0; i < ARRAY_LEN(chosen); i++) {
        str said = *(const str *)((const char *)&step->ssh->settings + chosen[i].said);
        bool own_usual = chosen[i].kind == SSH_CIPHERS || chosen[i].kind == SSH_MACS;
        if (str_is_none(said) && !own_usual) {
            continue; /* libssh's own are ours */
        }
        str list = ssh_algorithms(step->arena, chosen[i].kind, said);
        if (str_is_none(list)) {
            return ssh_refuse(step, ssh_algorithms_hint(step->arena, chosen[i].kind),
                              "%s '%.*s' is not supported by libssh", chosen[i].keyword,
                              SARG(said));
        }
        if (!set_text(step, chosen[i].option, chosen[i].keyword, list) ||
            !set_text(step, chosen[i].back, chosen[i].keyword, list)) {
            return false;
        }
    }
    return true;
}

/* HOST and PORT are only the name under which the key is known: the socket is ours. */
static bool set_options(struct ssh_step *step)
{
    struct ssh_connection *ssh = step->ssh;
    const struct ssh_settings *settings = &ssh->settings;
    bool aliased = !str_is_none(settings->host_alias);
    unsigned port = aliased ? 22 : settings->port;
    bool no = false;
    ssh_options_set(ssh->session, SSH_OPTIONS_PROCESS_CONFIG, &no);
    ssh_options_set(ssh->session, SSH_OPTIONS_PORT, &port);
    ssh_options_set(ssh->session, SSH_OPTIONS_FD, &ssh->socket);
    if (settings->rekey_bytes > 0) {
        ssh_options_set(ssh->session, SSH_OPTIONS_REKEY_DATA, &settings->rekey_bytes);
    }
    if (settings->rekey_seconds > 0) {
        uint32_t seconds = settings->rekey_seconds;
        ssh_options_set(ssh->session, SSH_OPTIONS_REKEY_TIME, &seconds);
    }
    if (settings->rsa_min > 0) {
        int bits = (int)settings->rsa_min;
        ssh_options_set(ssh->session, SSH_OPTIONS_RSA_MIN_SIZE, &bits);
    }
    str compression = settings->compression == SSH_YES ? S("yes") : S("no");
    return set_text(step, SSH_OPTIONS_HOST, "the host name",
                    aliased ? settings->host_alias : settings->host) &&
           set_text(step, SSH_OPTIONS_USER, "the user name", settings->user) &&
           set_text(step, SSH_OPTIONS_COMPRESSION, "Compression", compression) &&
           choose_algorithms(step);
}

/* ---- what it said ---- */

/* A server may say something before its version; sshd does to those it sends away. libssh passes
 * over it. Looked at as it comes in, and left there; where libssh was quicker, what was said to an
 * earlier try stands. */
static void overhear(struct ssh_step *step)
{
    char bytes[256];
    if (step->ssh->alive.bytes.in_bytes > 0) {
        return;
    }
    ssize_t count = recv(step->ssh->socket, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    str text = { bytes, count > 0 ? (size_t)count : 0 };
    if (str_find_char(text, '\n', 0) != STR_NPOS) { /* a slow one's first bytes tell nothing */
        step->greeting = str_copy(step->arena, str_trim(str_cut_line(&text)));
    }
}

static bool is_ssh(const struct ssh_step *step)
{
    return step->greeting.len == 0 || str_starts(step->greeting, S("SSH-"));
}

/* Those that are sent away for now, not for good. */
static const struct {
    const char *says;
    str hint;
} turned_away[] = {
    { "Exceeded MaxStartups",
      S_INIT("too many logins at once for it: MaxStartups in its sshd_config, or fewer --forks") },
    { "Not allowed at this time",
      S_INIT("its sshd keeps this machine out for a while, after logins that failed: "
             "PerSourcePenalties in its sshd_config") },
};

/* STR_NONE: it was not. */
static str away_hint(const struct ssh_step *step)
{
    for (size_t i = 0; i < ARRAY_LEN(turned_away); i++) {
        if (str_starts(step->greeting, str_of(turned_away[i].says))) {
            return turned_away[i].hint;
        }
    }
    return STR_NONE;
}

static str loss_hint(const struct ssh_step *step)
{
    str away = away_hint(step);
    return !str_is_none(away) ? away
           : step->greeting.len > 0
               ? S("the log of its sshd tells why it hung up")
               : S("it hung up without a word: too many logins at once for its sshd (MaxStartups), "
                   "a firewall, or another service at that port");
}

/* ---- no algorithm in common ---- */

static const struct {
    const char *libssh; /* its word begins so */
    const char *keyword;
} negotiated[] = {
    { "kex", "KexAlgorithms" },       { "server host key", "HostKeyAlgorithms" },
    { "encryption", "Ciphers" },      { "mac", "MACs" },
    { "compression", "Compression" },
};

static str in_brackets(str text, str before)
{
    size_t from = str_find(text, before, 0);
    str rest = from == STR_NPOS ? STR_EMPTY : str_part(text, from + before.len, text.len);
    return str_cut(&rest, ']');
}

/* "kex error : no match for method mac algo client->server: server [a,b], client [c]" */
static bool nothing_in_common(struct ssh_step *step, str words)
{
    str start = S("kex error : no match for method ");
    for (size_t i = 0; str_starts(words, start) && i < ARRAY_LEN(negotiated); i++) {
        str rest = str_part(words, start.len, words.len);
        if (str_starts(rest, str_of(negotiated[i].libssh))) {
            str hint = str_format(step->arena,
                                  "%s in ssh's configuration, or -o in ansible_ssh_common_args, "
                                  "chooses among those that libssh has",
                                  negotiated[i].keyword);
            return !ssh_refuse(
                step, hint, "%.*s and we have no %s in common: it has %.*s; we have %.*s",
                SARG(step->ssh->base.place), negotiated[i].keyword,
                SARG(in_brackets(rest, S("server ["))), SARG(in_brackets(rest, S("client ["))));
        }
    }
    return false;
}

/* ---- the exchange ---- */

static bool has_hung_up(const struct ssh_step *step, str words)
{
    return !str_is_none(step->ssh->base.problem) || words.len == 0 ||
           str_eq(words, S("Success")) || /* of errno, as a pipe ends */
           str_starts(words, S("Socket error")) ||
           str_starts(words, S("Received SSH_MSG_DISCONNECT"));
}

static bool exchange_failed(struct ssh_step *step, enum wire_status status)
{
    str place = step->ssh->base.place, words = str_of(ssh_get_error(step->ssh->session));
    bool ended = status == WIRE_CLOSED, lost = ended && has_hung_up(step, words);
    overhear(step);
    if (ended && nothing_in_common(step, words)) {
        return false;
    }
    if (ended && !lost) {
        return ssh_refuse(step, S("the log of its sshd may tell more"),
                          "the key exchange with %.*s failed: %.*s", SARG(place), SARG(words));
    }
    if (!is_ssh(step) && str_is_none(away_hint(step)) && status != WIRE_INTERRUPTED) {
        return ssh_refuse(step, S("is the port right?"),
                          "there is no sshd at %.*s, which says '%.*s'", SARG(place),
                          SARG(step->greeting));
    }
    ssh_step_failed(step, status, "in the key exchange with");
    if (lost && str_is_none(step->error->hint)) {
        step->error->hint = loss_hint(step);
    }
    return false;
}

bool ssh_exchange_keys(struct ssh_step *step)
{
    if (!set_options(step) || !ssh_prepare_hostkeys(step)) {
        return false;
    }
    step->ssh->socket_given = true;
    for (;;) {
        overhear(step);
        int result = ssh_connect(step->ssh->session);
        if (result == SSH_OK) {
            return true;
        }
        enum wire_status status =
            result == SSH_AGAIN ? ssh_wait(step->ssh, step->until) : WIRE_CLOSED;
        if (status != WIRE_OK) {
            return exchange_failed(step, status);
        }
    }
}
