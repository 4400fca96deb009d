/*
 * hostkeys.c - is this the host we mean? Its key is compared with the known_hosts files.
 *
 * libssh parses and matches a line (plain, hashed, patterns, [host]:port); the files, their markers
 * and the decision are ours, since libssh reads only one file of the user's and passes over
 * @revoked. A key that is revoked, or differs from the one recorded, is refused; an unknown one is
 * treated as StrictHostKeyChecking, or Ansible's host_key_checking, says. Source: sshd(8),
 * "SSH_KNOWN_HOSTS FILE FORMAT"; ssh_config(5).
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "transport/ssh.h"

/* What the files say about a key. */
enum verdict { KEY_UNKNOWN, KEY_KNOWN, KEY_OTHER_TYPE, KEY_CHANGED, KEY_REVOKED };

struct finding {
    enum verdict verdict;
    str where;    /* "known_hosts:12", of what decided */
    str recorded; /* the recorded key, as "ED25519 SHA256:..." */
};

/* What is looked for in the files. Without a key the entries' types are collected. */
struct search {
    struct arena *arena;
    const char *name; /* as known_hosts writes it: "host" or "[host]:port" */
    ssh_key key;
    struct finding finding;
    struct strbuf types; /* of the entries, separated by commas */
};

static const char *known_name(struct ssh_step *step)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    if (!str_is_none(settings->host_alias)) {
        return str_c(step->arena, str_lower(step->arena, settings->host_alias));
    }
    str host = str_lower(step->arena, settings->host);
    return settings->port == 22
               ? str_c(step->arena, host)
               : str_format(step->arena, "[%.*s]:%u", SARG(host), settings->port).ptr;
}

/* "ED25519 SHA256:...", as OpenSSH shows keys. */
static str fingerprint(struct arena *arena, ssh_key key)
{
    unsigned char *hash = NULL;
    size_t size = 0;
    if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != 0) {
        return S("of an unknown kind");
    }
    char *text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
    str type = str_of(ssh_key_type_to_char(ssh_key_type(key)));
    type = str_starts(type, S("ssh-")) ? str_part(type, 4, type.len) : type;
    type = str_starts(type, S("ecdsa-sha2-")) ? S("ecdsa") : type;
    str result = str_format(arena, "%.*s %s", SARG(str_upper(arena, type)), text);
    ssh_string_free_char(text);
    ssh_clean_pubkey_hash(&hash);
    return result;
}

/* ---- reading the files ---- */

static str read_file(struct arena *arena, str path)
{
    CLEANUP(close_fd) int fd = open(str_c(arena, path), O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return STR_EMPTY;
    }
    struct strbuf text = strbuf_in(arena);
    for (;;) {
        ssize_t count = read(fd, strbuf_room(&text, 65536), 65536);
        if (count <= 0) {
            return strbuf_str(&text);
        }
        strbuf_grew(&text, (size_t)count);
    }
}

static void note(struct search *search, enum verdict verdict, str where, ssh_key recorded)
{
    if (verdict > search->finding.verdict ||
        (verdict == KEY_KNOWN && search->finding.verdict != KEY_REVOKED)) {
        search->finding = (struct finding){ verdict, where, fingerprint(search->arena, recorded) };
    }
}

/* A key that is known stays so whatever the other lines say (a host may have several of a type),
 * unless one revokes it. */
static void judge(struct search *search, ssh_key recorded, bool revoked, str where)
{
    bool same = ssh_key_cmp(search->key, recorded, SSH_KEY_CMP_PUBLIC) == 0;
    if (revoked) {
        if (same) {
            note(search, KEY_REVOKED, where, recorded);
        }
    } else if (same) {
        note(search, KEY_KNOWN, where, recorded);
    } else if (search->finding.verdict != KEY_KNOWN) {
        bool same_type = ssh_key_type(search->key) == ssh_key_type(recorded);
        note(search, same_type ? KEY_CHANGED : KEY_OTHER_TYPE, where, recorded);
    }
}

static void search_line(struct search *search, str line, str where)
{
    bool revoked = str_starts(line, S("@revoked"));
    if (str_starts(line, S("@"))) {
        str marker = str_cut(&line, ' ');
        if (!revoked || str_is_none(line)) {
            return; /* @cert-authority: libssh has no host certificates */
        }
        revoked = str_eq(marker, S("@revoked"));
        line = str_trim(line);
    }
    struct ssh_knownhosts_entry *entry = NULL;
    /* libssh splits at spaces only; OpenSSH allows tabs. */
    line = str_replace(search->arena, line, S("\t"), S(" "));
    if (ssh_known_hosts_parse_line(search->name, str_c(search->arena, line), &entry) != SSH_OK) {
        return;
    }
    if (search->key != NULL) {
        judge(search, entry->publickey, revoked, where);
    } else if (!revoked) {
        strbuf_addf(&search->types, "%s%s", search->types.len > 0 ? "," : "",
                    ssh_key_type_to_char(ssh_key_type(entry->publickey)));
    }
    ssh_knownhosts_entry_free(entry);
}

static void search_file(struct search *search, str path)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("known_hosts");
    struct arena *lasting = search->arena;
    str rest = read_file(scratch, path), line;
    for (unsigned number = 1; !str_is_none(line = str_cut_line(&rest)); number++) {
        line = str_trim(line);
        if (line.len > 0 && line.ptr[0] != '#') {
            search->arena = scratch;
            search_line(search, line, str_format(scratch, "%.*s:%u", SARG(path), number));
        }
    }
    search->arena = lasting;
    search->finding.where = str_copy(lasting, search->finding.where);
    search->finding.recorded = str_copy(lasting, search->finding.recorded);
}

static void search_files(struct search *search, const struct ssh_settings *settings)
{
    const struct ssh_list *lists[] = { &settings->user_known_hosts, &settings->global_known_hosts };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (unsigned j = 0; j < lists[i]->count; j++) {
            search_file(search, lists[i]->items[j]);
        }
    }
}

/* ---- before the key exchange ---- */

/* The algorithms that go with a type of key, best first; those of libssh 0.10. */
static const struct algorithms {
    str type, names;
} algorithms[] = {
    { S_INIT("ssh-ed25519"), S_INIT("ssh-ed25519") },
    { S_INIT("ecdsa-sha2-nistp256"), S_INIT("ecdsa-sha2-nistp256") },
    { S_INIT("ecdsa-sha2-nistp384"), S_INIT("ecdsa-sha2-nistp384") },
    { S_INIT("ecdsa-sha2-nistp521"), S_INIT("ecdsa-sha2-nistp521") },
    { S_INIT("ssh-rsa"), S_INIT("rsa-sha2-512,rsa-sha2-256") },
};

/* A server with several keys shows the one we ask for first: ask for those we know. */
bool ssh_prepare_hostkeys(struct ssh_step *step)
{
    struct ssh_connection *ssh = step->ssh;
    ssh_options_set(ssh->session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null"); /* it would do the same */
    ssh_options_set(ssh->session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null"); /* with one file */
    if (!str_is_none(ssh->settings.host_key_algorithms)) {
        return true;
    }
    struct search search = { .arena = step->arena,
                             .name = known_name(step),
                             .types = strbuf_in(step->arena) };
    search_files(&search, &ssh->settings);
    str known = strbuf_str(&search.types);
    struct strbuf order = strbuf_in(step->arena);
    for (int wanted = 1; wanted >= 0; wanted--) {
        for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
            if ((str_find(known, algorithms[i].type, 0) != STR_NPOS) == wanted) {
                strbuf_addf(&order, "%s%.*s", order.len > 0 ? "," : "", SARG(algorithms[i].names));
            }
        }
    }
    ssh_options_set(ssh->session, SSH_OPTIONS_HOSTKEYS, strbuf_str(&order).ptr);
    return true;
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

/* The name as HashKnownHosts wants it: "|1|salt|HMAC-SHA1(salt, name)", both in base64. */
static str hashed_name(struct arena *arena, const char *name)
{
    unsigned char salt[20], digest[20], text[2][32];
    unsigned size = sizeof digest;
    BUG_ON(getrandom(salt, sizeof salt, 0) != (ssize_t)sizeof salt);
    HMAC(EVP_sha1(), salt, sizeof salt, (const unsigned char *)name, strlen(name), digest, &size);
    EVP_EncodeBlock(text[0], salt, sizeof salt);
    EVP_EncodeBlock(text[1], digest, sizeof digest);
    return str_format(arena, "|1|%s|%s", (char *)text[0], (char *)text[1]);
}

/* Add the key to the user's first known_hosts file, as ssh(1) does: one append of one line. */
static bool remember(struct ssh_step *step, ssh_key key)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    str path =
        settings->user_known_hosts.count > 0 ? settings->user_known_hosts.items[0] : S("/dev/null");
    char *base64 = NULL;
    if (ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK) {
        return ssh_refuse(step, STR_NONE, "cannot write down the host key of %.*s",
                          SARG(step->ssh->base.place));
    }
    str name = settings->hash_known_hosts == SSH_YES ? hashed_name(step->arena, known_name(step))
                                                     : str_of(known_name(step));
    str line = str_format(step->arena, "%.*s %s %s\n", SARG(name),
                          ssh_key_type_to_char(ssh_key_type(key)), base64);
    ssh_string_free_char(base64);
    mkdir(str_c(step->arena, path_dirname(path)), 0700);
    CLEANUP(close_fd)
    int fd = open(str_c(step->arena, path), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, line.ptr, line.len) != (ssize_t)line.len) {
        return ssh_refuse(step, S("with StrictHostKeyChecking=no nothing is written"),
                          "cannot add the host key to '%.*s': %s", SARG(path), strerror(errno));
    }
    return true;
}

static bool ask_about(struct ssh_step *step, str shown, const char *what)
{
    const struct connection_options *options = &step->ssh->base.options;
    str answer = STR_NONE;
    if (options->ask == NULL) {
        return false;
    }
    str question = str_format(step->arena, "%s of %.*s is\n  %.*s\nIs that its key (yes/no)? ",
                              what, SARG(step->ssh->base.place), SARG(shown));
    return options->ask(options->ask_data, step->arena, question, true, &answer) &&
           str_eq_nocase(str_trim(answer), S("yes"));
}

static bool key_is_unknown(struct ssh_step *step, ssh_key key, enum ssh_strict policy)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    str shown = fingerprint(step->arena, key);
    if (policy == SSH_STRICT_NEW ||
        (policy == SSH_STRICT_ASK && ask_about(step, shown, "The host key, not known yet,"))) {
        return remember(step, key);
    }
    str file = settings->user_known_hosts.count > 0 ? settings->user_known_hosts.items[0]
                                                    : S("~/.ssh/known_hosts");
    str hint =
        str_format(step->arena,
                   "compare it with the host's; then: ssh-keyscan -p %u %.*s >> %.*s, or let "
                   "new keys in with StrictHostKeyChecking=accept-new",
                   settings->port, SARG(settings->host), SARG(file));
    return ssh_refuse(step, hint, "the host key of %.*s is not known: %.*s",
                      SARG(step->ssh->base.place), SARG(shown));
}

static bool key_has_changed(struct ssh_step *step, ssh_key key, const struct finding *finding)
{
    str shown = fingerprint(step->arena, key);
    str place = step->ssh->base.place;
    str hint = str_format(step->arena,
                          "if the host was set up anew, forget its old key: "
                          "ssh-keygen -R '%s'; if not, somebody may be listening in",
                          known_name(step));
    if (finding->verdict == KEY_REVOKED) {
        return ssh_refuse(step, STR_NONE, "the host key of %.*s, %.*s, is revoked by %.*s",
                          SARG(place), SARG(shown), SARG(finding->where));
    }
    if (finding->verdict == KEY_OTHER_TYPE) {
        return ssh_refuse(step, hint,
                          "the host key of %.*s is %.*s, but only another type is known: %.*s has "
                          "%.*s",
                          SARG(place), SARG(shown), SARG(finding->where), SARG(finding->recorded));
    }
    return ssh_refuse(step, hint, "the host key of %.*s has changed: it is %.*s, but %.*s has %.*s",
                      SARG(place), SARG(shown), SARG(finding->where), SARG(finding->recorded));
}

/* With checking off another key than the recorded one is let pass, but not told any password: that
 * is how ssh(1) keeps a listener from learning it. */
static bool decide(struct ssh_step *step, ssh_key key, const struct finding *finding)
{
    enum ssh_strict policy = policy_of(step->ssh);
    switch (finding->verdict) {
    case KEY_KNOWN:
        return true;
    case KEY_UNKNOWN:
        return policy == SSH_STRICT_NO || key_is_unknown(step, key, policy);
    case KEY_CHANGED:
    case KEY_OTHER_TYPE:
        step->ssh->key_changed = true;
        return policy == SSH_STRICT_NO || key_has_changed(step, key, finding);
    case KEY_REVOKED:
        return key_has_changed(step, key, finding);
    }
    BUG("verdict %d", (int)finding->verdict);
}

bool ssh_check_hostkey(struct ssh_step *step)
{
    ssh_key key = NULL;
    if (ssh_get_server_publickey(step->ssh->session, &key) != SSH_OK) {
        return ssh_refuse(step, STR_NONE, "%.*s has shown no host key",
                          SARG(step->ssh->base.place));
    }
    struct search search = {
        .arena = step->arena, .name = known_name(step), .key = key, .types = strbuf_in(step->arena)
    };
    search_files(&search, &step->ssh->settings);
    bool trusted = decide(step, key, &search.finding);
    ssh_key_free(key);
    return trusted;
}
