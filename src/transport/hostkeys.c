/*
 * hostkeys.c - is this the host we mean? Its key is compared with what the known_hosts files say.
 *
 * A key that is revoked, or differs from the one recorded, is refused; an unknown one is treated as
 * StrictHostKeyChecking, or Ansible's host_key_checking, says. Where only an authority is known,
 * the host's certificate is fetched first (hostcert.c), and what it vouches for counts as recorded.
 * Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; ssh_config(5).
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "transport/hostcert.h"
#include "transport/ssh.h"
#include "transport/ssh_algorithms.h"
#include "transport/ssh_bytes.h"
#include "transport/ssh_cert.h"

/* What the files say about a key, the later the stronger. */
enum verdict { KEY_UNKNOWN, KEY_OTHER_TYPE, KEY_CHANGED, KEY_KNOWN, KEY_REVOKED };

struct finding {
    enum verdict verdict;
    str where;    /* "known_hosts:12", of what decided */
    str recorded; /* the recorded key, as "ED25519 SHA256:..." */
};

struct shown_key {
    str type, base64;
    str text; /* "ED25519 SHA256:..." */
};

/* Without a port: what a certificate names. */
static str host_name(struct ssh_step *step)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    return str_lower(step->arena,
                     str_is_none(settings->host_alias) ? settings->host : settings->host_alias);
}

static bool has_port(const struct ssh_settings *settings)
{
    return str_is_none(settings->host_alias) && settings->port != 22;
}

/* As known_hosts writes it. */
static str known_name(struct ssh_step *step)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    str name = host_name(step);
    return has_port(settings) ? str_format(step->arena, "[%.*s]:%u", SARG(name), settings->port)
                              : name;
}

/* Whether the key of a line is of the type that stands before it: ssh(1) passes over what is not.
 */
static bool is_whole(struct arena *arena, const struct known_key *known)
{
    str blob = ssh_base64_decode(arena, known->base64), type;
    return !str_is_none(blob) && take_string(&blob, &type) && str_eq(type, known->type);
}

static bool has_authority(const struct ssh_step *step)
{
    for (size_t i = 0; i < step->known.all.len; i++) {
        if (step->known.all.items[i].kind == KNOWN_AUTHORITY) {
            return true;
        }
    }
    return false;
}

/* Of the host itself, not of its name without the port. */
static bool has_own_key(const struct ssh_step *step)
{
    for (size_t i = 0; i < step->known.all.len; i++) {
        const struct known_key *known = &step->known.all.items[i];
        if (known->kind == KNOWN_KEY && !known->without_port) {
            return true;
        }
    }
    return false;
}

/* Keep the lines that count: whole ones; those without the port only where no key is known with it.
 */
static void drop_useless(struct ssh_step *step)
{
    bool has_key = false;
    for (int pass = 0; pass < 2; pass++) {
        size_t kept = 0;
        for (size_t i = 0; i < step->known.all.len; i++) {
            const struct known_key *known = &step->known.all.items[i];
            if (is_whole(step->arena, known) && !(has_key && known->without_port)) {
                step->known.all.items[kept++] = *known;
            }
        }
        step->known.all.len = kept;
        has_key = has_own_key(step);
    }
}

static void read_known(struct ssh_step *step)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    const struct ssh_list *lists[] = { &settings->user_known_hosts, &settings->global_known_hosts };
    str plain = has_port(settings) ? host_name(step) : STR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (unsigned j = 0; j < lists[i]->count; j++) {
            known_hosts_read(step->ssh->base.options.known_files, step->arena, lists[i]->items[j],
                             known_name(step), plain, &step->known);
        }
    }
    drop_useless(step);
}

/* A key that is known stays so whatever the other lines say (a host may have several of a type),
 * unless one revokes it. A line without the port only counts if the key is the same. */
static struct finding judge(struct ssh_step *step, const struct shown_key *key)
{
    struct finding finding = { .verdict = KEY_UNKNOWN };
    if (!str_is_none(step->certified) && str_eq(step->certified, key->base64)) {
        finding.verdict = KEY_KNOWN;
    }
    for (size_t i = 0; i < step->known.all.len; i++) {
        const struct known_key *known = &step->known.all.items[i];
        bool same = str_eq(known->base64, key->base64);
        enum verdict verdict = same                             ? KEY_KNOWN
                               : known->without_port            ? KEY_UNKNOWN
                               : str_eq(known->type, key->type) ? KEY_CHANGED
                                                                : KEY_OTHER_TYPE;
        if (known->kind == KNOWN_REVOKED) {
            verdict = same ? KEY_REVOKED : KEY_UNKNOWN;
        } else if (known->kind == KNOWN_AUTHORITY) {
            verdict = KEY_UNKNOWN;
        }
        if (verdict > finding.verdict) {
            finding = (struct finding){ verdict, known->where,
                                        key_fingerprint(step->arena, known->type, known->base64) };
        }
    }
    return finding;
}

/* ---- certificates ---- */

static bool is_revoked(const struct ssh_step *step, str base64)
{
    for (size_t i = 0; i < step->known.all.len; i++) {
        const struct known_key *known = &step->known.all.items[i];
        if (known->kind == KNOWN_REVOKED && str_eq(known->base64, base64)) {
            return true;
        }
    }
    return false;
}

/* By RevokedHostKeys; if that cannot be read no key is trusted, which check_revoked_file tells. */
static bool is_revoked_by_file(struct ssh_step *step, str base64)
{
    str path = step->ssh->settings.revoked, problem;
    bool revoked;
    return !str_is_none(path) &&
           (!revoked_keys_have(step->arena, path, base64, &revoked, &problem) || revoked);
}

/* What the certificate says against itself; STR_NONE: its key is the host's. */
static str certificate_fault(struct ssh_step *step, const struct ssh_cert *cert)
{
    str signer = ssh_base64(step->arena, cert->signer);
    const struct known_key *authority = NULL;
    for (size_t i = 0; i < step->known.all.len; i++) {
        const struct known_key *known = &step->known.all.items[i];
        if (known->kind == KNOWN_AUTHORITY && str_eq(known->base64, signer)) {
            authority = known;
        }
    }
    if (authority == NULL) {
        return S("its certificate is of another authority");
    }
    if (is_revoked(step, signer) || is_revoked_by_file(step, signer)) {
        return S("the authority of its certificate is revoked");
    }
    if (!ssh_cert_verify(step->arena, cert, step->ssh->settings.ca_algorithms)) {
        return S("its certificate has no valid signature");
    }
    str problem = ssh_cert_problem(step->arena, cert, SSH_CERT_HOST, host_name(step), time(NULL));
    return str_is_none(problem) ? STR_NONE
                                : str_format(step->arena, "its certificate %.*s", SARG(problem));
}

/* What goes wrong is told where the key turns out to be unknown. */
static void certify(struct ssh_step *step)
{
    struct ssh_cert cert;
    str blob;
    if (!host_certificate_fetch(step, &blob, &step->certificate_problem)) {
        return;
    }
    if (!ssh_cert_parse(step->arena, blob, &cert)) {
        step->certificate_problem = S("its certificate cannot be read");
        return;
    }
    step->certificate_problem = certificate_fault(step, &cert);
    if (str_is_none(step->certificate_problem)) {
        struct known_key key = { .kind = KNOWN_AUTHORITY, .type = cert.key_type };
        step->certified = ssh_base64(step->arena, cert.key);
        *VEC_PUSH(step->arena, &step->known.all) = key; /* its type is asked for */
    }
}

/* ---- before the key exchange ---- */

/* Whether a key is known that goes with the algorithm, and is not revoked. */
static bool is_type_known(const struct ssh_step *step, str algorithm)
{
    str type = str_starts(algorithm, S("rsa-sha2-")) ? S("ssh-rsa") : algorithm;
    for (size_t i = 0; i < step->known.all.len; i++) {
        const struct known_key *known = &step->known.all.items[i];
        bool vouched = known->kind == KNOWN_AUTHORITY && str_is_none(known->base64);
        if ((known->kind == KNOWN_KEY || vouched) && str_eq(known->type, type) &&
            !is_revoked(step, known->base64)) {
            return true;
        }
    }
    return false;
}

/* A server with several keys shows the one we ask for first: ask for those we know. */
static str known_first(struct ssh_step *step, str list)
{
    struct strbuf order = strbuf_in(step->arena);
    for (int wanted = 1; wanted >= 0; wanted--) {
        str rest = list, name;
        while (!str_is_none(name = str_cut(&rest, ','))) {
            if (is_type_known(step, name) == wanted) {
                strbuf_addf(&order, "%s%.*s", order.len > 0 ? "," : "", SARG(name));
            }
        }
    }
    return strbuf_str(&order);
}

/* Whoever lists them all, or puts some in front, gets them in that order, as with ssh(1). */
static bool choose_algorithms(struct ssh_step *step)
{
    str said = step->ssh->settings.host_key_algorithms;
    bool in_order = !str_is_none(said) && !str_starts(said, S("+")) && !str_starts(said, S("-"));
    str list = ssh_algorithms(step->arena, SSH_HOST_KEYS, said);
    if (!str_is_none(list)) {
        list = in_order ? list : known_first(step, list);
    }
    return (!str_is_none(list) &&
            ssh_options_set(step->ssh->session, SSH_OPTIONS_HOSTKEYS, list.ptr) == 0) ||
           ssh_refuse(step, ssh_algorithms_hint(step->arena, SSH_HOST_KEYS),
                      "HostKeyAlgorithms '%.*s' is not supported by libssh", SARG(said));
}

bool ssh_prepare_hostkeys(struct ssh_step *step)
{
    struct ssh_connection *ssh = step->ssh;
    ssh_options_set(ssh->session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null"); /* it would do the same */
    ssh_options_set(ssh->session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null"); /* with one file */
    read_known(step);
    if (has_authority(step) && !has_own_key(step)) {
        certify(step);
    }
    return choose_algorithms(step);
}

/* ---- after it ---- */

static enum ssh_strict policy_of(const struct ssh_connection *ssh)
{
    const struct ssh_settings *settings = &ssh->settings;
    if (settings->strict_by_args) {
        return settings->strict;
    }
    switch (ssh->base.options.host_keys) {
    case HOST_KEYS_STRICT:
        return SSH_STRICT_YES;
    case HOST_KEYS_ACCEPT_NEW:
        return SSH_STRICT_NEW;
    case HOST_KEYS_OFF:
        return SSH_STRICT_NO;
    case HOST_KEYS_ASK:
        break;
    }
    return settings->strict == SSH_STRICT_UNSET ? SSH_STRICT_ASK : settings->strict;
}

/* Add the key to the user's first known_hosts file, as ssh(1) does: one append of one line. Where
 * that cannot be, as where the home is read-only, the key was accepted all the same. */
static void remember(struct ssh_step *step, const struct shown_key *key)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    str path =
        settings->user_known_hosts.count > 0 ? settings->user_known_hosts.items[0] : S("/dev/null");
    str name = settings->hash_known_hosts == SSH_YES
                   ? known_hosts_hash(step->arena, known_name(step))
                   : known_name(step);
    str line =
        str_format(step->arena, "%.*s %.*s %.*s", SARG(name), SARG(key->type), SARG(key->base64));
    if (!known_hosts_add(step->ssh->base.options.known_files, step->arena, path, line)) {
        ssh_tell(step, S("UserKnownHostsFile names another file"),
                 "cannot add the host key of %.*s to '%.*s': %s", SARG(step->ssh->base.place),
                 SARG(path), strerror(errno));
    }
}

/* The answer is yes, or the fingerprint as it was told by somebody else. */
static bool is_confirmed(struct ssh_step *step, const struct shown_key *key)
{
    str answer, shown = key->text;
    str question = str_format(step->arena,
                              "The host key of %.*s is not known yet. It is\n  %.*s\n"
                              "Is that its key (yes/no/fingerprint)? ",
                              SARG(step->ssh->base.place), SARG(shown));
    if (!ssh_ask(step, question, true, &answer)) {
        return false;
    }
    answer = str_trim(answer);
    str_cut(&shown, ' ');
    return str_eq_nocase(answer, S("yes")) || str_eq(answer, shown);
}

/* How to get the key into the file for it: ssh-keyscan reaches only what can be reached from here,
 * and knows no other name for it. */
static str way_to_key(struct ssh_step *step)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    const struct ssh_list *files = &settings->user_known_hosts;
    if (files->count == 0 || str_eq(files->items[0], S("/dev/null"))) {
        return S("name a file that keeps it, with UserKnownHostsFile");
    }
    str file = files->items[0];
    if (!str_is_none(settings->proxy_jump)) {
        return str_format(step->arena,
                          "log in once by: ssh -J %.*s -p %u -o UserKnownHostsFile=%.*s %.*s@%.*s",
                          SARG(settings->proxy_jump), settings->port, SARG(file),
                          SARG(settings->user), SARG(settings->host));
    }
    if (!str_is_none(settings->proxy_command)) {
        return S("log in once by ssh with the same ProxyCommand");
    }
    if (!str_is_none(settings->host_alias)) {
        return str_format(step->arena,
                          "log in once by: ssh -o HostKeyAlias=%.*s -p %u -o "
                          "UserKnownHostsFile=%.*s %.*s@%.*s",
                          SARG(settings->host_alias), settings->port, SARG(file),
                          SARG(settings->user), SARG(settings->host));
    }
    return str_format(step->arena, "run: ssh-keyscan -p %u %.*s >> %.*s", settings->port,
                      SARG(settings->host), SARG(file));
}

static bool key_is_unknown(struct ssh_step *step, const struct shown_key *key,
                           enum ssh_strict policy)
{
    bool accepted =
        policy == SSH_STRICT_NEW || (policy == SSH_STRICT_ASK && is_confirmed(step, key));
    if (accepted) {
        remember(step, key);
        return true;
    }
    str why = str_is_none(step->certificate_problem)
                  ? STR_EMPTY
                  : str_format(step->arena, ", and %.*s", SARG(step->certificate_problem));
    str hint = str_format(
        step->arena,
        "compare it with the host's; then %.*s, or let new keys in with "
        "StrictHostKeyChecking=accept-new%s",
        SARG(way_to_key(step)),
        step->ssh->as != NULL ? " in the jump host's own part of ssh's configuration" : "");
    return ssh_refuse(step, hint, "the host key of %.*s is not known: %.*s%.*s",
                      SARG(step->ssh->base.place), SARG(key->text), SARG(why));
}

static bool key_has_changed(struct ssh_step *step, const struct shown_key *key,
                            const struct finding *finding)
{
    str place = step->ssh->base.place, file = finding->where;
    file = str_part(file, 0, str_rfind(file, S(":")));
    str hint = str_format(step->arena,
                          "if the host was set up anew, forget its old key: "
                          "ssh-keygen -f %.*s -R '%.*s'; if not, somebody may be listening in",
                          SARG(file), SARG(known_name(step)));
    if (finding->verdict == KEY_REVOKED) {
        return ssh_refuse(step, STR_NONE, "the host key of %.*s, %.*s, is revoked by %.*s",
                          SARG(place), SARG(key->text), SARG(finding->where));
    }
    if (finding->verdict == KEY_OTHER_TYPE) {
        return ssh_refuse(step, hint,
                          "the host key of %.*s is %.*s, but only another type is known: %.*s has "
                          "%.*s",
                          SARG(place), SARG(key->text), SARG(finding->where),
                          SARG(finding->recorded));
    }
    return ssh_refuse(step, hint, "the host key of %.*s has changed: it is %.*s, but %.*s has %.*s",
                      SARG(place), SARG(key->text), SARG(finding->where), SARG(finding->recorded));
}

/* With checking off another key than the recorded one is let pass, but not told any password: that
 * is how ssh(1) keeps a listener from learning it. */
static bool pass_changed(struct ssh_step *step, const struct shown_key *key,
                         const struct finding *finding)
{
    step->ssh->key_changed = true;
    ssh_tell(step, S("its key is let pass, since host keys are not checked; no password is sent"),
             "the host key of %.*s has changed: it is %.*s, but %.*s has %.*s",
             SARG(step->ssh->base.place), SARG(key->text), SARG(finding->where),
             SARG(finding->recorded));
    return true;
}

/* The key is another one than those recorded, but an authority is known, too, which counts more. */
static bool may_be_certified(const struct ssh_step *step, const struct finding *finding)
{
    return (finding->verdict == KEY_CHANGED || finding->verdict == KEY_OTHER_TYPE) &&
           has_authority(step) && str_is_none(step->certified) &&
           str_is_none(step->certificate_problem);
}

static bool decide(struct ssh_step *step, const struct shown_key *key)
{
    struct finding finding = judge(step, key);
    if (may_be_certified(step, &finding)) {
        certify(step);
        finding = judge(step, key);
    }
    enum ssh_strict policy = policy_of(step->ssh);
    switch (finding.verdict) {
    case KEY_KNOWN:
        return true;
    case KEY_UNKNOWN:
        return policy == SSH_STRICT_NO || key_is_unknown(step, key, policy);
    case KEY_CHANGED:
    case KEY_OTHER_TYPE:
        return policy == SSH_STRICT_NO ? pass_changed(step, key, &finding)
                                       : key_has_changed(step, key, &finding);
    case KEY_REVOKED:
        return key_has_changed(step, key, &finding);
    }
    BUG("verdict %d", (int)finding.verdict);
}

static bool check_revoked_file(struct ssh_step *step, const struct shown_key *key)
{
    str path = step->ssh->settings.revoked, problem;
    bool revoked;
    if (str_is_none(path)) {
        return true;
    }
    if (!revoked_keys_have(step->arena, path, key->base64, &revoked, &problem)) {
        return ssh_refuse(step, S("write it as a list of public keys, or set RevokedHostKeys=none"),
                          "no host key can be trusted: RevokedHostKeys '%.*s' %.*s", SARG(path),
                          SARG(problem));
    }
    return !revoked || ssh_refuse(step, STR_NONE, "the host key of %.*s, %.*s, is revoked by %.*s",
                                  SARG(step->ssh->base.place), SARG(key->text), SARG(path));
}

/* NoHostAuthenticationForLocalhost: the other end of the socket is this machine, and nobody says
 * that it is more than that. */
static bool is_trusted_localhost(const struct ssh_connection *ssh)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    if (ssh->settings.trust_localhost != SSH_YES || !str_is_none(ssh->settings.host_alias) ||
        getpeername(ssh->socket, (struct sockaddr *)&peer, &size) != 0) {
        return false;
    }
    if (peer.ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&peer;
        return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&peer;
    return peer.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* Ansible's own setting is told where it is read. */
static void tell_unchecked(struct ssh_step *step)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    if (policy_of(step->ssh) == SSH_STRICT_NO && settings->strict == SSH_STRICT_NO) {
        ssh_tell(step, S("StrictHostKeyChecking=accept-new lets in new hosts, and no changed ones"),
                 "%.*s: host keys are not checked: anybody in between can read and change what is "
                 "sent",
                 SARG(settings->strict_where));
    }
}

bool ssh_check_hostkey(struct ssh_step *step)
{
    ssh_key key = NULL;
    char *base64 = NULL;
    if (ssh_get_server_publickey(step->ssh->session, &key) != SSH_OK ||
        ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK) {
        ssh_key_free(key);
        return ssh_refuse(step, STR_NONE, "%.*s has shown no host key",
                          SARG(step->ssh->base.place));
    }
    struct shown_key shown = { .base64 = str_copy(step->arena, str_of(base64)) };
    ssh_string_free_char(base64);
    str blob = ssh_base64_decode(step->arena, shown.base64);
    bool read = !str_is_none(blob) && take_string(&blob, &shown.type);
    BUG_ON(!read);
    ssh_key_free(key);
    shown.text = key_fingerprint(step->arena, shown.type, shown.base64);
    if (is_trusted_localhost(step->ssh)) {
        return true;
    }
    tell_unchecked(step);
    return check_revoked_file(step, &shown) && decide(step, &shown);
}
