/*
 * ssh_config_keywords.c - the keywords of ssh_config(5), and what each does with its value.
 *
 * One table serves arguments and files. What we have is a row that fills a field; what is harmless
 * here (multiplexing is built in, so ControlMaster and its like are satisfied) is accepted; what
 * asks for something we do not have (forwarding, tunnels) is refused by name as an argument, since
 * it was written for this program, and passed over in a file, which is shared with ssh(1).
 */
#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/diag.h"
#include "transport/ssh_config_reader.h"

enum keyword_kind {
    WORD_TEXT,   /* a str */
    WORD_FLAG,   /* an enum ssh_flag: yes or no */
    WORD_NUMBER, /* an unsigned */
    WORD_LIST,   /* a struct ssh_list: each line adds one */
    WORD_FILES,  /* a struct ssh_list: the first line gives all */
    WORD_OWN,    /* read by a function */
    WORD_MET,    /* harmless: what it asks for is so anyway, or does not concern us */
    WORD_OFF,    /* we do not have it: only "no" (or "none", "0") can be had */
    WORD_NEVER,  /* we do not have it, whatever its value */
};

typedef bool set_function(struct ssh_reader *reader, str said);
static set_function set_strict, set_timeout, set_family, set_compression, set_host_name, set_jump,
    set_alive_interval, set_alive_count;

static const struct keyword {
    str name; /* lower case */
    enum keyword_kind kind;
    size_t offset;
    set_function *set;
} keywords[] = {
#define FIELD(name, kind, field)                                                                   \
    {                                                                                              \
        S_INIT(name), kind, offsetof(struct ssh_settings, field), NULL                             \
    }
#define OWN(name, function)                                                                        \
    {                                                                                              \
        S_INIT(name), WORD_OWN, 0, function                                                        \
    }
#define PLAIN(name, kind)                                                                          \
    {                                                                                              \
        S_INIT(name), kind, 0, NULL                                                                \
    }
    OWN("addressfamily", set_family),
    OWN("compression", set_compression),
    OWN("connecttimeout", set_timeout),
    OWN("hostname", set_host_name),
    OWN("proxyjump", set_jump),
    OWN("serveralivecountmax", set_alive_count),
    OWN("serveraliveinterval", set_alive_interval),
    OWN("stricthostkeychecking", set_strict),
    FIELD("bindaddress", WORD_TEXT, bind_address),
    FIELD("certificatefile", WORD_LIST, certificates),
    FIELD("ciphers", WORD_TEXT, ciphers),
    FIELD("connectionattempts", WORD_NUMBER, attempts),
    FIELD("globalknownhostsfile", WORD_FILES, global_known_hosts),
    FIELD("hashknownhosts", WORD_FLAG, hash_known_hosts),
    FIELD("hostkeyalgorithms", WORD_TEXT, host_key_algorithms),
    FIELD("hostkeyalias", WORD_TEXT, host_alias),
    FIELD("identitiesonly", WORD_FLAG, identities_only),
    FIELD("identityagent", WORD_TEXT, identity_agent),
    FIELD("identityfile", WORD_LIST, identities),
    FIELD("kbdinteractiveauthentication", WORD_FLAG, interactive),
    FIELD("challengeresponseauthentication", WORD_FLAG, interactive),
    FIELD("kexalgorithms", WORD_TEXT, kex),
    FIELD("macs", WORD_TEXT, macs),
    FIELD("passwordauthentication", WORD_FLAG, password),
    FIELD("port", WORD_NUMBER, port),
    FIELD("preferredauthentications", WORD_TEXT, preferred),
    FIELD("proxycommand", WORD_TEXT, proxy_command),
    FIELD("pubkeyacceptedalgorithms", WORD_TEXT, pubkey_algorithms),
    FIELD("pubkeyacceptedkeytypes", WORD_TEXT, pubkey_algorithms),
    FIELD("pubkeyauthentication", WORD_FLAG, pubkey),
    FIELD("user", WORD_TEXT, user),
    FIELD("userknownhostsfile", WORD_FILES, user_known_hosts),
    PLAIN("addkeystoagent", WORD_MET),
    PLAIN("batchmode", WORD_MET),
    PLAIN("checkhostip", WORD_MET),
    PLAIN("clearallforwardings", WORD_MET),
    PLAIN("controlmaster", WORD_MET),
    PLAIN("controlpath", WORD_MET),
    PLAIN("controlpersist", WORD_MET),
    PLAIN("escapechar", WORD_MET),
    PLAIN("exitonforwardfailure", WORD_MET),
    PLAIN("fingerprinthash", WORD_MET),
    PLAIN("gssapiauthentication", WORD_MET),
    PLAIN("hostbasedauthentication", WORD_MET),
    PLAIN("ipqos", WORD_MET),
    PLAIN("loglevel", WORD_MET),
    PLAIN("numberofpasswordprompts", WORD_MET),
    PLAIN("rekeylimit", WORD_MET),
    PLAIN("requesttty", WORD_MET),
    PLAIN("stdinnull", WORD_MET),
    PLAIN("tcpkeepalive", WORD_MET),
    PLAIN("updatehostkeys", WORD_MET),
    PLAIN("visualhostkey", WORD_MET),
    PLAIN("canonicalizehostname", WORD_OFF),
    PLAIN("forwardagent", WORD_OFF),
    PLAIN("forwardx11", WORD_OFF),
    PLAIN("gssapidelegatecredentials", WORD_OFF),
    PLAIN("permitlocalcommand", WORD_OFF),
    PLAIN("proxyusefdpass", WORD_OFF),
    PLAIN("tunnel", WORD_OFF),
    PLAIN("verifyhostkeydns", WORD_OFF),
    PLAIN("dynamicforward", WORD_NEVER),
    PLAIN("knownhostscommand", WORD_NEVER),
    PLAIN("localcommand", WORD_NEVER),
    PLAIN("localforward", WORD_NEVER),
    PLAIN("pkcs11provider", WORD_NEVER),
    PLAIN("remotecommand", WORD_NEVER),
    PLAIN("remoteforward", WORD_NEVER),
    PLAIN("revokedhostkeys", WORD_NEVER),
    PLAIN("sendenv", WORD_NEVER),
    PLAIN("setenv", WORD_NEVER),
#undef FIELD
#undef OWN
#undef PLAIN
};

static const struct keyword *find_keyword(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
        if (str_eq_nocase(keywords[i].name, name)) {
            return &keywords[i];
        }
    }
    return NULL;
}

static bool refuse_value(struct ssh_reader *reader, str name, str said)
{
    return ssh_reader_refuse(reader, STR_NONE, "bad value '%.*s' for %.*s", SARG(said), SARG(name));
}

static bool parse_flag(str said, enum ssh_flag *ret)
{
    bool yes = str_eq_nocase(said, S("yes")) || str_eq_nocase(said, S("true"));
    bool no = str_eq_nocase(said, S("no")) || str_eq_nocase(said, S("false"));
    *ret = yes ? SSH_YES : SSH_NO;
    return yes || no;
}

static bool set_strict(struct ssh_reader *reader, str said)
{
    static const struct {
        str name;
        enum ssh_strict strict;
    } known[] = {
        { S_INIT("yes"), SSH_STRICT_YES },        { S_INIT("true"), SSH_STRICT_YES },
        { S_INIT("no"), SSH_STRICT_NO },          { S_INIT("false"), SSH_STRICT_NO },
        { S_INIT("off"), SSH_STRICT_NO },         { S_INIT("ask"), SSH_STRICT_ASK },
        { S_INIT("accept-new"), SSH_STRICT_NEW },
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (str_eq_nocase(known[i].name, said)) {
            if (reader->settings->strict == SSH_STRICT_UNSET) {
                reader->settings->strict = known[i].strict;
                reader->settings->strict_by_args = reader->from_args;
            }
            return true;
        }
    }
    return refuse_value(reader, S("StrictHostKeyChecking"), said);
}

/* ssh_config(5), TIME FORMATS: "90", "1m30s". */
static bool parse_time(struct ssh_reader *reader, str name, str said, double *ret)
{
    double seconds = 0;
    int64_t number = 0;
    for (size_t i = 0, from = 0; i < said.len; i++) {
        static const char units[] = "smhd";
        static const int lengths[] = { 1, 60, 3600, 86400 };
        bool last = i + 1 == said.len;
        const char *unit = strchr(units, tolower((unsigned char)said.ptr[i]));
        if (unit == NULL && !last) {
            continue;
        }
        if (!str_to_int64(str_part(said, from, unit != NULL ? i : i + 1), &number) || number < 0) {
            return refuse_value(reader, name, said);
        }
        seconds += (double)number * (unit != NULL ? lengths[unit - units] : 1);
        from = i + 1;
    }
    *ret = seconds;
    return true;
}

static bool set_timeout(struct ssh_reader *reader, str said)
{
    double seconds = 0;
    if (str_eq_nocase(said, S("none"))) {
        return true;
    }
    if (!parse_time(reader, S("ConnectTimeout"), said, &seconds)) {
        return false;
    }
    if (reader->settings->connect_timeout == 0) {
        reader->settings->connect_timeout = seconds;
        reader->settings->timeout_by_args = reader->from_args;
    }
    return true;
}

static bool set_alive_interval(struct ssh_reader *reader, str said)
{
    const double most = 32767; /* of TCP_KEEPIDLE, tcp(7), which is set to the same */
    double seconds = 0;
    if (!parse_time(reader, S("ServerAliveInterval"), said, &seconds)) {
        return false;
    }
    if (seconds > most) {
        return refuse_value(reader, S("ServerAliveInterval"), said);
    }
    if (reader->settings->alive_interval == NOT_SAID) {
        reader->settings->alive_interval = (int)seconds;
    }
    return true;
}

static bool set_alive_count(struct ssh_reader *reader, str said)
{
    int64_t number;
    if (!str_to_int64(said, &number) || number < 0 || number > 127) { /* of TCP_KEEPCNT */
        return refuse_value(reader, S("ServerAliveCountMax"), said);
    }
    if (reader->settings->alive_count == NOT_SAID) {
        reader->settings->alive_count = (int)number;
    }
    return true;
}

static bool set_family(struct ssh_reader *reader, str said)
{
    int family = str_eq_nocase(said, S("inet"))    ? AF_INET
                 : str_eq_nocase(said, S("inet6")) ? AF_INET6
                                                   : AF_UNSPEC;
    if (family == AF_UNSPEC && !str_eq_nocase(said, S("any"))) {
        return refuse_value(reader, S("AddressFamily"), said);
    }
    if (reader->settings->family == AF_UNSPEC) {
        reader->settings->family = family;
    }
    return true;
}

static bool set_compression(struct ssh_reader *reader, str said)
{
    enum ssh_flag flag;
    if (!parse_flag(said, &flag)) {
        return refuse_value(reader, S("Compression"), said);
    }
    if (reader->settings->compression == SSH_UNSET) {
        reader->settings->compression = flag;
    }
    return true;
}

static bool set_host_name(struct ssh_reader *reader, str said)
{
    if (str_is_none(reader->host_name)) {
        reader->host_name = said;
        reader->settings->host = ssh_tokens_expand(reader, said);
    }
    return true;
}

static bool set_jump(struct ssh_reader *reader, str said)
{
    if (str_is_none(reader->jump) && str_is_none(reader->settings->proxy_command)) {
        reader->jump = said;
    }
    return true;
}

static bool add_item(struct ssh_reader *reader, struct ssh_list *list, str item)
{
    if (list->count == SSH_MANY) {
        return ssh_reader_refuse(reader, STR_NONE, "more than %d entries in a list", SSH_MANY);
    }
    list->items[list->count++] = item;
    return true;
}

static bool set_field(struct ssh_reader *reader, const struct keyword *keyword, const str *values,
                      size_t count)
{
    char *field = (char *)reader->settings + keyword->offset;
    switch (keyword->kind) {
    case WORD_TEXT: {
        str *text = (str *)(void *)field;
        bool proxied = text == &reader->settings->proxy_command && !str_is_none(reader->jump);
        *text = str_is_none(*text) && !proxied ? values[0] : *text;
        return true;
    }
    case WORD_FLAG: {
        enum ssh_flag flag, *to = (enum ssh_flag *)(void *)field;
        if (!parse_flag(values[0], &flag)) {
            return refuse_value(reader, keyword->name, values[0]);
        }
        *to = *to == SSH_UNSET ? flag : *to;
        return true;
    }
    case WORD_NUMBER: {
        unsigned *to = (unsigned *)(void *)field;
        int64_t number;
        if (!str_to_int64(values[0], &number) || number < 0 || number > 65535) {
            return refuse_value(reader, keyword->name, values[0]);
        }
        *to = *to == 0 ? (unsigned)number : *to;
        return true;
    }
    case WORD_LIST:
        return add_item(reader, (struct ssh_list *)(void *)field, values[0]);
    case WORD_FILES: {
        struct ssh_list *list = (struct ssh_list *)(void *)field;
        bool done = list->count > 0;
        for (size_t i = 0; i < count && !done; i++) {
            if (!add_item(reader, list, values[i])) {
                return false;
            }
        }
        return true;
    }
    case WORD_OWN:
        return keyword->set(reader, values[0]);
    case WORD_MET:
    case WORD_OFF:
    case WORD_NEVER:
        break;
    }
    return true;
}

static bool is_off(str said)
{
    return str_eq_nocase(said, S("no")) || str_eq_nocase(said, S("none")) ||
           str_eq_nocase(said, S("false")) || str_eq(said, S("0"));
}

bool ssh_keyword_set(struct ssh_reader *reader, str name, const str *values, size_t count)
{
    const struct keyword *keyword = find_keyword(name);
    if (keyword == NULL && reader->from_args) {
        str names[ARRAY_LEN(keywords)];
        for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
            names[i] = keywords[i].name;
        }
        str near = suggest(name, names, ARRAY_LEN(names));
        return ssh_reader_refuse(
            reader,
            str_is_none(near) ? near
                              : str_format(reader->arena, "did you mean '%.*s'?", SARG(near)),
            "unknown option '%.*s'", SARG(name));
    }
    if (keyword == NULL) {
        return true; /* of a later ssh(1), perhaps */
    }
    if (count == 0 || values[0].len == 0) {
        return ssh_reader_refuse(reader, STR_NONE, "%.*s has no value", SARG(name));
    }
    bool missing = keyword->kind == WORD_NEVER || (keyword->kind == WORD_OFF && !is_off(values[0]));
    if (missing && reader->from_args) {
        return ssh_reader_refuse(reader, STR_NONE, "the option %.*s=%.*s is not supported",
                                 SARG(name), SARG(values[0]));
    }
    return set_field(reader, keyword, values, count);
}
