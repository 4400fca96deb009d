/*
 * ssh_config_keywords.c - the keywords of ssh_config(5), all of them, and where their values go.
 *
 * One table serves arguments and files. A keyword works, or is moot (it has no meaning where no
 * person sits in a session: what is told about it in the manual is in its row), or is not there.
 * The last is refused by name as an argument, since that was written for this program. A file is
 * shared with ssh(1): there it is told once and passed over, unless without it the wrong host, or
 * none, would be reached.
 */
#include <stddef.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/diag.h"
#include "transport/ssh_config_reader.h"

static const struct ssh_keyword keywords[] = {
#define FIELD(name, kind, field)                                                                   \
    {                                                                                              \
        S_INIT(name), kind, offsetof(struct ssh_settings, field), 0, 0                             \
    }
#define OWN(name, function)                                                                        \
    {                                                                                              \
        S_INIT(name), SSH_OWN, 0, function, 0                                                      \
    }
#define OWN_ALL(name, function)                                                                    \
    {                                                                                              \
        S_INIT(name), SSH_OWN_ALL, 0, function, 0                                                  \
    }
#define PLAIN(name, kind, why)                                                                     \
    {                                                                                              \
        S_INIT(name), kind, 0, 0, why                                                              \
    }
    OWN("AddressFamily", ssh_set_family),
    OWN_ALL("CanonicalDomains", ssh_set_canonical_domains),
    OWN("CanonicalizeFallbackLocal", ssh_set_canonical_fallback),
    OWN("CanonicalizeHostname", ssh_set_canonical),
    OWN("CanonicalizeMaxDots", ssh_set_canonical_dots),
    OWN_ALL("CanonicalizePermittedCNAMEs", ssh_set_canonical_cnames),
    OWN("ConnectTimeout", ssh_set_timeout),
    OWN("ForwardAgent", ssh_set_forward_agent),
    OWN("Hostname", ssh_set_host_name),
    OWN("IdentityFile", ssh_set_identity),
    OWN("Port", ssh_set_port),
    OWN("ProxyCommand", ssh_set_proxy),
    OWN_ALL("ProxyJump", ssh_set_jump),
    OWN_ALL("RekeyLimit", ssh_set_rekey),
    OWN_ALL("SendEnv", ssh_set_send_env),
    OWN("ServerAliveCountMax", ssh_set_alive_count),
    OWN("ServerAliveInterval", ssh_set_alive_interval),
    OWN_ALL("SetEnv", ssh_set_env),
    OWN("SessionType", ssh_set_session_type),
    OWN("StrictHostKeyChecking", ssh_set_strict),
    FIELD("BatchMode", SSH_FLAG, batch),
    FIELD("BindAddress", SSH_TEXT, bind_address),
    FIELD("CASignatureAlgorithms", SSH_TEXT, ca_algorithms),
    FIELD("CertificateFile", SSH_LINES, certificates),
    FIELD("Ciphers", SSH_TEXT, ciphers),
    FIELD("Compression", SSH_FLAG, compression),
    FIELD("ConnectionAttempts", SSH_NUMBER, attempts),
    FIELD("GSSAPIAuthentication", SSH_FLAG, gssapi),
    FIELD("GSSAPIClientIdentity", SSH_TEXT, gssapi_client),
    FIELD("GSSAPIDelegateCredentials", SSH_FLAG, gssapi_delegate),
    FIELD("GSSAPIServerIdentity", SSH_TEXT, gssapi_server),
    FIELD("GlobalKnownHostsFile", SSH_NAMES, global_known_hosts),
    FIELD("HashKnownHosts", SSH_FLAG, hash_known_hosts),
    FIELD("HostKeyAlgorithms", SSH_TEXT, host_key_algorithms),
    FIELD("HostKeyAlias", SSH_TEXT, host_alias),
    FIELD("IdentitiesOnly", SSH_FLAG, identities_only),
    OWN("IdentityAgent", ssh_set_identity_agent),
    FIELD("IgnoreUnknown", SSH_TEXT, ignore_unknown),
    FIELD("KbdInteractiveAuthentication", SSH_FLAG, interactive),
    FIELD("KexAlgorithms", SSH_TEXT, kex),
    FIELD("MACs", SSH_TEXT, macs),
    FIELD("NoHostAuthenticationForLocalhost", SSH_FLAG, trust_localhost),
    OWN("NumberOfPasswordPrompts", ssh_set_prompts),
    FIELD("PasswordAuthentication", SSH_FLAG, password),
    FIELD("PreferredAuthentications", SSH_TEXT, preferred),
    FIELD("PubkeyAcceptedAlgorithms", SSH_TEXT, pubkey_algorithms),
    OWN("PubkeyAuthentication", ssh_set_pubkey),
    FIELD("RequiredRSASize", SSH_NUMBER, rsa_min),
    FIELD("RevokedHostKeys", SSH_PATH, revoked),
    FIELD("TCPKeepAlive", SSH_FLAG, keep_alive),
    FIELD("Tag", SSH_TEXT, tag),
    FIELD("User", SSH_TEXT, user),
    FIELD("UserKnownHostsFile", SSH_WORDS, user_known_hosts),
    /* other and older names */
    FIELD("ChallengeResponseAuthentication", SSH_FLAG, interactive),
    OWN("DSAAuthentication", ssh_set_pubkey),
    FIELD("GlobalKnownHostsFile2", SSH_NAMES, global_known_hosts),
    OWN("IdentityFile2", ssh_set_identity),
    FIELD("KeepAlive", SSH_FLAG, keep_alive),
    FIELD("PubkeyAcceptedKeyTypes", SSH_TEXT, pubkey_algorithms),
    FIELD("SKeyAuthentication", SSH_FLAG, interactive),
    FIELD("TISAuthentication", SSH_FLAG, interactive),
    FIELD("UserKnownHostsFile2", SSH_WORDS, user_known_hosts),

    PLAIN("AddKeysToAgent", SSH_MOOT, "a passphrase is asked for once in a run anyway"),
    PLAIN("ClearAllForwardings", SSH_MOOT, "there are no forwardings"),
    PLAIN("ControlMaster", SSH_MOOT, "a host has one connection that stays open"),
    PLAIN("ControlPath", SSH_MOOT, "a host has one connection that stays open"),
    PLAIN("ControlPersist", SSH_MOOT, "a host has one connection that stays open"),
    PLAIN("EnableEscapeCommandline", SSH_MOOT, "nobody types"),
    PLAIN("EnableSSHKeysign", SSH_MOOT, "there is no host-based authentication"),
    PLAIN("EscapeChar", SSH_MOOT, "nobody types"),
    PLAIN("ExitOnForwardFailure", SSH_MOOT, "there are no forwardings"),
    PLAIN("FingerprintHash", SSH_MOOT, "fingerprints are shown as SHA256"),
    PLAIN("ForkAfterAuthentication", SSH_MOOT, "a run ends with its tasks"),
    PLAIN("ForwardX11", SSH_MOOT, "no task shows windows"),
    PLAIN("ForwardX11Timeout", SSH_MOOT, "no task shows windows"),
    PLAIN("ForwardX11Trusted", SSH_MOOT, "no task shows windows"),
    PLAIN("GSSAPIKexAlgorithms", SSH_MOOT, "the key exchange does not use GSSAPI"),
    PLAIN("GSSAPIRenewalForcesRekey", SSH_MOOT, "the key exchange does not use GSSAPI"),
    PLAIN("GatewayPorts", SSH_MOOT, "there are no forwardings"),
    PLAIN("HostbasedAcceptedAlgorithms", SSH_MOOT, "there is no host-based authentication"),
    PLAIN("HostbasedAcceptedKeyTypes", SSH_MOOT, "there is no host-based authentication"),
    PLAIN("HostbasedKeyTypes", SSH_MOOT, "there is no host-based authentication"),
    PLAIN("IPQoS", SSH_MOOT, "the kernel's default is used"),
    PLAIN("KbdInteractiveDevices", SSH_MOOT, "the server chooses"),
    PLAIN("LocalCommand", SSH_MOOT, "counts only with PermitLocalCommand"),
    PLAIN("LogLevel", SSH_MOOT, "what went wrong is always told"),
    PLAIN("LogVerbose", SSH_MOOT, "what went wrong is always told"),
    PLAIN("ObscureKeystrokeTiming", SSH_MOOT, "nobody types"),
    PLAIN("PermitRemoteOpen", SSH_MOOT, "there are no forwardings"),
    PLAIN("RequestTTY", SSH_MOOT, "become asks for a terminal where it needs one"),
    PLAIN("SecurityKeyProvider", SSH_MOOT, "keys on tokens are used through the agent"),
    PLAIN("StdinNull", SSH_MOOT, "tasks read nothing"),
    PLAIN("StreamLocalBindMask", SSH_MOOT, "there are no forwardings"),
    PLAIN("StreamLocalBindUnlink", SSH_MOOT, "there are no forwardings"),
    PLAIN("SyslogFacility", SSH_MOOT, "nothing is logged there"),
    PLAIN("TunnelDevice", SSH_MOOT, "counts only with Tunnel"),
    PLAIN("UpdateHostKeys", SSH_MOOT, "known_hosts gets the keys of new hosts only"),
    PLAIN("VisualHostKey", SSH_MOOT, "fingerprints are shown as text"),
    PLAIN("WarnWeakCrypto", SSH_MOOT, "see KexAlgorithms"),
    PLAIN("XAuthLocation", SSH_MOOT, "no task shows windows"),
    PLAIN("AFSTokenPassing", SSH_MOOT, "of old versions of ssh"),
    PLAIN("Cipher", SSH_MOOT, "of old versions of ssh"),
    PLAIN("CompressionLevel", SSH_MOOT, "of old versions of ssh"),
    PLAIN("FallBackToRsh", SSH_MOOT, "of old versions of ssh"),
    PLAIN("KerberosAuthentication", SSH_MOOT, "of old versions of ssh"),
    PLAIN("KerberosTgtPassing", SSH_MOOT, "of old versions of ssh"),
    PLAIN("Protocol", SSH_MOOT, "of old versions of ssh"),
    PLAIN("RSAAuthentication", SSH_MOOT, "of old versions of ssh"),
    PLAIN("RhostsAuthentication", SSH_MOOT, "of old versions of ssh"),
    PLAIN("RhostsRSAAuthentication", SSH_MOOT, "of old versions of ssh"),
    PLAIN("UseBlacklistedKeys", SSH_MOOT, "of old versions of ssh"),
    PLAIN("UsePrivilegedPort", SSH_MOOT, "of old versions of ssh"),
    PLAIN("UseRoaming", SSH_MOOT, "of old versions of ssh"),
    PLAIN("UseRsh", SSH_MOOT, "of old versions of ssh"),

    PLAIN("ChannelTimeout", SSH_LACKING, "the task keyword 'timeout' bounds a task"),
    PLAIN("CheckHostIP", SSH_LACKING, "keys are looked up by name"),
    PLAIN("DynamicForward", SSH_LACKING, "a forwarding needs an ssh of its own: ssh -N -D"),
    PLAIN("GSSAPIKeyExchange", SSH_LACKING, "the key exchange does not use GSSAPI"),
    PLAIN("GSSAPITrustDns", SSH_LACKING, "GSSAPIServerIdentity names the server"),
    PLAIN("HostbasedAuthentication", SSH_LACKING, "use a key"),
    PLAIN("KnownHostsCommand", SSH_LACKING, "write its output into a known_hosts file"),
    PLAIN("LocalForward", SSH_LACKING, "a forwarding needs an ssh of its own: ssh -N -L"),
    PLAIN("PKCS11Provider", SSH_LACKING, "give the token to the agent: ssh-add -s"),
    PLAIN("PermitLocalCommand", SSH_LACKING, "delegate a task to localhost"),
    PLAIN("RemoteForward", SSH_LACKING, "a forwarding needs an ssh of its own: ssh -N -R"),
    PLAIN("SmartcardDevice", SSH_LACKING, "give the token to the agent: ssh-add -s"),
    PLAIN("Tunnel", SSH_LACKING, "a tunnel needs an ssh of its own: ssh -N -w"),
    PLAIN("VerifyHostKeyDNS", SSH_LACKING, "write the keys into a known_hosts file"),

    PLAIN("BindInterface", SSH_NEEDED, "BindAddress names an address of that interface"),
    PLAIN("ProxyUseFdpass", SSH_NEEDED, "let the ProxyCommand pass the bytes on"),
    PLAIN("RefuseConnection", SSH_NEEDED,
          "the configuration says that this host is not to be used"),
    PLAIN("RemoteCommand", SSH_NEEDED, "tasks need a shell: with -F name a file without it"),
#undef FIELD
#undef OWN
#undef OWN_ALL
#undef PLAIN
};

const struct ssh_keyword *ssh_keywords(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(keywords);
    return keywords;
}

static const struct ssh_keyword *find_keyword(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
        if (str_eq_nocase(keywords[i].name, name)) {
            return &keywords[i];
        }
    }
    return NULL;
}

/* Not a keyword: fine if IgnoreUnknown, which has to stand before it, says so. */
static bool unknown_keyword(struct ssh_reader *reader, str name)
{
    /* those of files alone, which are no settings */
    static const str of_files[] = { S_INIT("Host"), S_INIT("Include"), S_INIT("Match") };
    str names[ARRAY_LEN(keywords) + ARRAY_LEN(of_files)];
    size_t count = 0;
    str ignored = reader->settings->ignore_unknown;
    if (!str_is_none(ignored) && ssh_match_patterns(reader->arena, name, ignored, true)) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(of_files) && !reader->from_args; i++) {
        names[count++] = of_files[i];
    }
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
        names[count++] = keywords[i].name;
    }
    str near = suggest(name, names, count);
    str hint = str_is_none(near) ? str_format(reader->arena,
                                              "ssh(1) would stop here, too, unless 'IgnoreUnknown "
                                              "%.*s' stands before it",
                                              SARG(name))
                                 : str_format(reader->arena, "did you mean '%.*s'?", SARG(near));
    return ssh_reader_refuse(reader, hint, "unknown option '%.*s'", SARG(name));
}

bool ssh_keyword_is_known(str name)
{
    return find_keyword(name) != NULL;
}

bool ssh_keyword_check(struct ssh_reader *reader, str name)
{
    return ssh_keyword_is_known(name) || unknown_keyword(reader, name);
}

static bool add_item(struct ssh_reader *reader, struct ssh_list *list, str item)
{
    if (list->count == SSH_MANY) {
        return ssh_reader_refuse(reader, STR_NONE, "more than %d entries in a list", SSH_MANY);
    }
    list->items[list->count++] = item;
    return true;
}

bool ssh_list_add(struct ssh_reader *reader, struct ssh_list *list, str item)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (str_eq(list->items[i], item)) {
            return true;
        }
    }
    return add_item(reader, list, item);
}

static bool refuse_value(struct ssh_reader *reader, str name, str said, const char *takes)
{
    return ssh_reader_refuse(reader, str_of(takes), "bad value '%.*s' for %.*s", SARG(said),
                             SARG(name));
}

bool ssh_parse_flag(str said, enum ssh_flag *ret)
{
    bool yes = str_eq_nocase(said, S("yes")) || str_eq_nocase(said, S("true"));
    bool no = str_eq_nocase(said, S("no")) || str_eq_nocase(said, S("false"));
    *ret = yes ? SSH_YES : SSH_NO;
    return yes || no;
}

static bool set_text(str *to, str said)
{
    *to = str_is_none(*to) ? said : *to;
    return true;
}

static bool set_flag(struct ssh_reader *reader, str name, enum ssh_flag *to, str said)
{
    enum ssh_flag flag;
    if (!ssh_parse_flag(said, &flag)) {
        return refuse_value(reader, name, said, "it takes yes or no");
    }
    *to = *to == SSH_UNSET ? flag : *to;
    return true;
}

static bool set_number(struct ssh_reader *reader, str name, unsigned *to, str said)
{
    int64_t number;
    if (!str_to_int64(said, &number) || number < 1 || number > 65535) {
        return refuse_value(reader, name, said, "it takes a number from 1 to 65535");
    }
    *to = *to == 0 ? (unsigned)number : *to;
    return true;
}

bool ssh_none_alone(struct ssh_reader *reader, str name, const str *said, size_t count)
{
    for (size_t i = 0; i < count && count > 1; i++) {
        if (str_eq_nocase(said[i], S("none"))) {
            return ssh_reader_refuse(reader, STR_NONE, "'none' has to stand alone behind %.*s",
                                     SARG(name));
        }
    }
    return true;
}

/* The first line that says something gives all. */
static bool set_words(struct ssh_reader *reader, const struct ssh_keyword *keyword,
                      struct ssh_list *to, const str *said, size_t count)
{
    bool done = to->count > 0;
    for (size_t i = 0; i < count && !done; i++) {
        bool fine = keyword->kind == SSH_NAMES || ssh_tokens_check_path(reader, said[i]);
        if (!fine || !add_item(reader, to, said[i])) {
            return false;
        }
    }
    return ssh_none_alone(reader, keyword->name, said, count);
}

/* What is not taken is not looked at, as in ssh(1). */
static bool set_path(struct ssh_reader *reader, str *to, str said)
{
    return !str_is_none(*to) || (ssh_tokens_check_path(reader, said) && set_text(to, said));
}

static bool is_off(str said)
{
    return str_eq_nocase(said, S("no")) || str_eq_nocase(said, S("none")) ||
           str_eq_nocase(said, S("false")) || str_eq_nocase(said, S("default")) ||
           str_eq(said, S("0"));
}

static bool lacking(struct ssh_reader *reader, const struct ssh_keyword *keyword, str said)
{
    if (is_off(said)) {
        return true;
    }
    if (reader->from_args || keyword->kind == SSH_NEEDED) {
        return ssh_reader_refuse(reader, str_of(keyword->why), "%.*s '%.*s' is not supported",
                                 SARG(keyword->name), SARG(said));
    }
    ssh_reader_tell(reader, str_of(keyword->why), "%.*s is not supported, and left out",
                    SARG(keyword->name));
    return true;
}

static bool set_value(struct ssh_reader *reader, const struct ssh_keyword *keyword, const str *said,
                      size_t count)
{
    void *field = (char *)reader->settings + keyword->offset;
    switch (keyword->kind) {
    case SSH_TEXT:
        return set_text(field, said[0]);
    case SSH_PATH:
        return set_path(reader, field, said[0]);
    case SSH_FLAG:
        return set_flag(reader, keyword->name, field, said[0]);
    case SSH_NUMBER:
        return set_number(reader, keyword->name, field, said[0]);
    case SSH_LINES:
        return ssh_tokens_check_path(reader, said[0]) && ssh_list_add(reader, field, said[0]);
    case SSH_WORDS:
    case SSH_NAMES:
        return set_words(reader, keyword, field, said, count);
    case SSH_OWN:
    case SSH_OWN_ALL:
        return keyword->set(reader, said, count);
    case SSH_MOOT:
        return true;
    case SSH_LACKING:
    case SSH_NEEDED:
        return lacking(reader, keyword, said[0]);
    }
    BUG("keyword of kind %d", (int)keyword->kind);
}

bool ssh_keyword_set(struct ssh_reader *reader, str name, const str *said, size_t count)
{
    const struct ssh_keyword *keyword = find_keyword(name);
    if (keyword == NULL) {
        return unknown_keyword(reader, name);
    }
    bool empty = count == 0;
    for (size_t i = 0; i < count && keyword->kind != SSH_MOOT; i++) {
        empty |= said[i].len == 0;
    }
    if (empty) {
        return ssh_reader_refuse(reader, STR_NONE, "%.*s has no value", SARG(keyword->name));
    }
    bool one = keyword->kind == SSH_TEXT || keyword->kind == SSH_PATH ||
               keyword->kind == SSH_FLAG || keyword->kind == SSH_NUMBER ||
               keyword->kind == SSH_LINES || keyword->kind == SSH_OWN;
    if (one && count > 1) {
        return ssh_reader_refuse(reader, STR_NONE, "%.*s takes one value; '%.*s' is too much",
                                 SARG(keyword->name), SARG(said[1]));
    }
    return set_value(reader, keyword, said, count);
}
