/*
 * ssh_config.c - ssh(1)'s arguments and configuration files, see ssh_config.h.
 *
 * One table of keywords serves both. What we have is a row that fills a field; what is harmless
 * here (multiplexing is built in, so ControlMaster and its like are satisfied) is accepted; what
 * asks for something we do not have (forwarding, tunnels) is refused by name as an argument, since
 * it was written for this program, and passed over in a file, which is shared with ssh(1).
 */
#include "transport/ssh_config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/diag.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/words.h"

enum { INCLUDE_DEPTH = 16, FILE_MAX = 1024 * 1024 };
#define NOT_SAID -1 /* of a number that may be 0 */

/* One reading of everything there is. */
struct reader {
    struct arena *arena; /* for the time of the reading */
    struct arena *error_arena;
    const struct connection_options *options;
    struct ssh_settings *settings;
    struct wire_error *error;
    deadline until;
    str only_file;          /* -F */
    str jump;               /* ProxyJump; "none" */
    str host_name;          /* HostName as written; STR_NONE: not said */
    bool from_args;         /* the words come from the command line */
    bool final, final_seen; /* `Match final`: the second pass over the files */
    str where;              /* "~/.ssh/config:12", or "ssh arguments" */
};

/* ---- the table ---- */

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

typedef bool set_function(struct reader *reader, str said);
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

static bool refuse(struct reader *reader, str hint, const char *format, ...) PRINTF(3, 4);
static bool refuse(struct reader *reader, str hint, const char *format, ...)
{
    struct strbuf text = strbuf_in(reader->arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    wire_fail(reader->error_arena, reader->error, WIRE_REFUSED, str_copy(reader->error_arena, hint),
              "%.*s: %.*s", SARG(reader->where), SARG(strbuf_str(&text)));
    return false;
}

static bool refuse_value(struct reader *reader, str name, str said)
{
    return refuse(reader, STR_NONE, "bad value '%.*s' for %.*s", SARG(said), SARG(name));
}

/* ---- tokens ---- */

static str own_name(struct arena *arena)
{
    char text[256] = "";
    gethostname(text, sizeof text - 1);
    return str_copy(arena, str_of(text));
}

static str local_user(struct arena *arena, str *ret_home)
{
    char text[4096];
    struct passwd entry, *found = NULL;
    getpwuid_r(getuid(), &entry, text, sizeof text, &found);
    *ret_home = str_copy(arena, found != NULL ? str_of(entry.pw_dir) : S("/"));
    return str_copy(arena, found != NULL ? str_of(entry.pw_name) : S("root"));
}

/* What a %-token stands for; STR_NONE: no token. Source: ssh_config(5), TOKENS. */
static str token_value(struct reader *reader, char token)
{
    const struct ssh_settings *settings = reader->settings;
    str unused;
    switch (token) {
    case '%':
        return S("%");
    case 'd':
        return settings->home;
    case 'h':
        return settings->host;
    case 'i':
        return str_format(reader->arena, "%u", getuid());
    case 'k':
        return str_is_none(settings->host_alias) ? reader->options->host : settings->host_alias;
    case 'L': {
        str name = own_name(reader->arena);
        return str_cut(&name, '.');
    }
    case 'l':
        return own_name(reader->arena);
    case 'n':
        return reader->options->host;
    case 'p':
        return str_format(reader->arena, "%u", settings->port);
    case 'r':
        return settings->user;
    case 'u':
        return local_user(reader->arena, &unused);
    default:
        return STR_NONE;
    }
}

/* An unknown token stays as it is written. */
static str expand_tokens(struct reader *reader, str text)
{
    struct strbuf out = strbuf_in(reader->arena);
    for (size_t i = 0; i < text.len; i++) {
        str said = text.ptr[i] == '%' && i + 1 < text.len ? token_value(reader, text.ptr[i + 1])
                                                          : STR_NONE;
        if (str_is_none(said)) {
            strbuf_add_char(&out, text.ptr[i]);
        } else {
            strbuf_add(&out, said);
            i++;
        }
    }
    return strbuf_str(&out);
}

static str expand_path(struct reader *reader, str path)
{
    if (str_starts(path, S("~/"))) {
        path = str_concat(reader->arena, reader->settings->home, str_part(path, 1, path.len));
    }
    return expand_tokens(reader, path);
}

static void expand_list(struct reader *reader, struct ssh_list *list)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < list->count; i++) {
        if (!str_eq_nocase(list->items[i], S("none"))) {
            list->items[kept++] = expand_path(reader, list->items[i]);
        }
    }
    list->count = kept;
}

/* ---- one keyword ---- */

static bool parse_flag(str said, enum ssh_flag *ret)
{
    bool yes = str_eq_nocase(said, S("yes")) || str_eq_nocase(said, S("true"));
    bool no = str_eq_nocase(said, S("no")) || str_eq_nocase(said, S("false"));
    *ret = yes ? SSH_YES : SSH_NO;
    return yes || no;
}

static bool set_strict(struct reader *reader, str said)
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
static bool parse_time(struct reader *reader, str name, str said, double *ret)
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

static bool set_timeout(struct reader *reader, str said)
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

static bool set_alive_interval(struct reader *reader, str said)
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

static bool set_alive_count(struct reader *reader, str said)
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

static bool set_family(struct reader *reader, str said)
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

static bool set_compression(struct reader *reader, str said)
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

static bool set_host_name(struct reader *reader, str said)
{
    if (str_is_none(reader->host_name)) {
        reader->host_name = said;
        reader->settings->host = expand_tokens(reader, said);
    }
    return true;
}

static bool set_jump(struct reader *reader, str said)
{
    if (str_is_none(reader->jump) && str_is_none(reader->settings->proxy_command)) {
        reader->jump = said;
    }
    return true;
}

static bool add_item(struct reader *reader, struct ssh_list *list, str item)
{
    if (list->count == SSH_MANY) {
        return refuse(reader, STR_NONE, "more than %d entries in a list", SSH_MANY);
    }
    list->items[list->count++] = item;
    return true;
}

static bool set_field(struct reader *reader, const struct keyword *keyword, const str *values,
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

static bool set_keyword(struct reader *reader, str name, const str *values, size_t count)
{
    const struct keyword *keyword = find_keyword(name);
    if (keyword == NULL && reader->from_args) {
        str names[ARRAY_LEN(keywords)];
        for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
            names[i] = keywords[i].name;
        }
        str near = suggest(name, names, ARRAY_LEN(names));
        return refuse(reader,
                      str_is_none(near)
                          ? near
                          : str_format(reader->arena, "did you mean '%.*s'?", SARG(near)),
                      "unknown option '%.*s'", SARG(name));
    }
    if (keyword == NULL) {
        return true; /* of a later ssh(1), perhaps */
    }
    if (count == 0 || values[0].len == 0) {
        return refuse(reader, STR_NONE, "%.*s has no value", SARG(name));
    }
    bool missing = keyword->kind == WORD_NEVER || (keyword->kind == WORD_OFF && !is_off(values[0]));
    if (missing && reader->from_args) {
        return refuse(reader, STR_NONE, "the option %.*s=%.*s is not supported", SARG(name),
                      SARG(values[0]));
    }
    return set_field(reader, keyword, values, count);
}

/* "Keyword value value", "Keyword=value", with double quotes; '#' starts a comment only at the
 * start of a line or, as in OpenSSH, of a word. */
static bool split_line(struct reader *reader, str line, str *ret_name, struct words *ret_values)
{
    size_t end = 0;
    line = str_trim(line);
    while (end < line.len && !strchr(" \t=", line.ptr[end])) {
        end++;
    }
    *ret_name = str_part(line, 0, end);
    str rest = str_trim(str_part(line, end, line.len));
    if (str_starts(rest, S("="))) {
        rest = str_trim(str_part(rest, 1, rest.len));
    }
    /* A command is everything up to the end of the line, as it stands. */
    if (str_eq_nocase(*ret_name, S("proxycommand"))) {
        str *all = NEW(reader->arena, str);
        *all = rest;
        *ret_values = (struct words){ .items = all, .count = 1 };
        return true;
    }
    return words_split(reader->arena, rest, true, ret_values) ||
           refuse(reader, STR_NONE, "a quote is not closed in '%.*s'", SARG(line));
}

/* ---- files ---- */

/* A comma-separated list of patterns; "!pattern" excludes. Source: ssh_config(5), PATTERNS. */
static bool match_patterns(struct reader *reader, str subject, str patterns)
{
    bool matched = false;
    str one;
    subject = str_lower(reader->arena, subject);
    while (!str_is_none(one = str_cut(&patterns, ','))) {
        bool excluded = str_starts(one, S("!"));
        one = str_lower(reader->arena, str_part(one, excluded, one.len));
        if (path_match(one, subject)) {
            if (excluded) {
                return false;
            }
            matched = true;
        }
    }
    return matched;
}

/* `Host` looks at the name that was asked for; its patterns stand in words, not behind commas. */
static bool match_host(struct reader *reader, const struct words *patterns)
{
    struct strbuf all = strbuf_in(reader->arena);
    for (size_t i = 0; i < patterns->count; i++) {
        strbuf_addf(&all, "%s%.*s", i > 0 ? "," : "", SARG(patterns->items[i]));
    }
    return match_patterns(reader, reader->options->host, strbuf_str(&all));
}

/* `Match exec`: the command's exit status, within the time there is. */
static bool run_succeeds(struct reader *reader, str command)
{
    int streams[] = { SPAWN_NULL, SPAWN_NULL, SPAWN_OURS };
    pid_t pid;
    if (spawn_shell(str_c(reader->arena, command), streams, NULL, &pid) != 0) {
        return false;
    }
    CLEANUP(close_fd) int process = pidfd_open(pid, 0);
    struct pollfd ended = { .fd = process, .events = POLLIN };
    if (transport_wait(&ended, 1, reader->options->wake, reader->until) != WIRE_OK) {
        kill(-pid, SIGKILL);
    }
    int status = -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool match_criterion(struct reader *reader, str name, str argument)
{
    str home;
    if (str_eq_nocase(name, S("host"))) {
        return match_patterns(reader, reader->settings->host, argument);
    }
    if (str_eq_nocase(name, S("originalhost"))) {
        return match_patterns(reader, reader->options->host, argument);
    }
    if (str_eq_nocase(name, S("user"))) {
        return match_patterns(reader,
                              str_is_none(reader->settings->user) ? local_user(reader->arena, &home)
                                                                  : reader->settings->user,
                              argument);
    }
    if (str_eq_nocase(name, S("localuser"))) {
        return match_patterns(reader, local_user(reader->arena, &home), argument);
    }
    if (str_eq_nocase(name, S("exec"))) {
        return run_succeeds(reader, expand_tokens(reader, argument));
    }
    return false; /* of a later ssh(1), perhaps */
}

/* Names are not made canonical here, so `canonical` never holds; `final` holds in the second pass.
 */
static bool match_all(struct reader *reader, const struct words *words)
{
    bool matched = words->count > 0;
    for (size_t i = 0; i < words->count && matched; i++) {
        str name = words->items[i];
        bool negated = str_starts(name, S("!"));
        name = str_part(name, negated, name.len);
        bool holds;
        if (str_eq_nocase(name, S("all"))) {
            holds = true;
        } else if (str_eq_nocase(name, S("canonical"))) {
            holds = false;
        } else if (str_eq_nocase(name, S("final"))) {
            reader->final_seen = true;
            holds = reader->final;
        } else {
            str argument = i + 1 < words->count ? words->items[++i] : STR_EMPTY;
            holds = match_criterion(reader, name, argument);
        }
        matched = holds != negated;
    }
    return matched;
}

static bool read_config(struct reader *reader, str path, bool required, unsigned depth);

/* Relative names are looked up beside the user's configuration, or the system's. */
static bool include(struct reader *reader, str pattern, str from, unsigned depth)
{
    glob_t found = { 0 };
    bool done = true;
    if (depth == INCLUDE_DEPTH) {
        return refuse(reader, STR_NONE, "Include goes deeper than %d files", INCLUDE_DEPTH);
    }
    pattern = expand_path(reader, pattern);
    if (!path_is_absolute(pattern)) {
        bool system = str_starts(from, S("/etc/ssh/"));
        str dir =
            system ? S("/etc/ssh") : path_join(reader->arena, reader->settings->home, S(".ssh"));
        pattern = path_join(reader->arena, dir, pattern);
    }
    if (glob(str_c(reader->arena, pattern), 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && done; i++) {
            done = read_config(reader, str_copy(reader->arena, str_of(found.gl_pathv[i])), false,
                               depth + 1);
        }
    }
    globfree(&found);
    return done;
}

static bool read_lines(struct reader *reader, str path, str text, unsigned depth)
{
    bool active = true;
    str line;
    for (unsigned number = 1; !str_is_none(line = str_cut_line(&text)); number++) {
        str name;
        struct words words;
        line = str_trim(line);
        reader->where = str_format(reader->arena, "%.*s:%u", SARG(path), number);
        if (line.len == 0 || line.ptr[0] == '#') {
            continue;
        }
        if (!split_line(reader, line, &name, &words)) {
            return false;
        }
        bool done = true;
        if (str_eq_nocase(name, S("host"))) {
            active = match_host(reader, &words);
        } else if (str_eq_nocase(name, S("match"))) {
            active = match_all(reader, &words);
        } else if (active && str_eq_nocase(name, S("include"))) {
            for (size_t i = 0; i < words.count && done; i++) {
                done = include(reader, words.items[i], path, depth);
            }
        } else if (active) {
            done = set_keyword(reader, name, words.items, words.count);
        }
        if (!done) {
            return false;
        }
    }
    return true;
}

static bool read_config(struct reader *reader, str path, bool required, unsigned depth)
{
    CLEANUP(close_fd) int fd = open(str_c(reader->arena, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return !required ||
               refuse(reader, STR_NONE, "cannot read '%.*s': %s", SARG(path), strerror(errno));
    }
    struct strbuf text = strbuf_in(reader->arena);
    while (text.len < FILE_MAX) {
        ssize_t count = read(fd, strbuf_room(&text, 4096), 4096);
        if (count <= 0) {
            break;
        }
        strbuf_grew(&text, (size_t)count);
    }
    return read_lines(reader, path, strbuf_str(&text), depth);
}

static bool read_files(struct reader *reader)
{
    str own = path_join(reader->arena, reader->settings->home, S(".ssh/config"));
    reader->from_args = false;
    if (str_eq(reader->only_file, S("none"))) {
        return true;
    }
    if (!str_is_none(reader->only_file)) {
        return read_config(reader, reader->only_file, true, 0);
    }
    return read_config(reader, own, false, 0) &&
           read_config(reader, S("/etc/ssh/ssh_config"), false, 0);
}

/* ---- arguments ---- */

/* ssh(1)'s options. With a keyword they stand for it, `value` NULL meaning that one follows. */
static const struct letter {
    char letter;
    const char *keyword; /* NULL: harmless */
    const char *said;
    bool takes; /* an argument follows */
} letters[] = {
    { '4', "AddressFamily", "inet", false },
    { '6', "AddressFamily", "inet6", false },
    { 'A', "ForwardAgent", "yes", false },
    { 'C', "Compression", "yes", false },
    { 'D', "DynamicForward", NULL, true },
    { 'J', "ProxyJump", NULL, true },
    { 'K', "GSSAPIDelegateCredentials", "yes", false },
    { 'L', "LocalForward", NULL, true },
    { 'M', NULL, NULL, false },
    { 'R', "RemoteForward", NULL, true },
    { 'S', NULL, NULL, true },
    { 'T', NULL, NULL, false },
    { 'X', "ForwardX11", "yes", false },
    { 'Y', "ForwardX11", "yes", false },
    { 'a', NULL, NULL, false },
    { 'b', "BindAddress", NULL, true },
    { 'c', "Ciphers", NULL, true },
    { 'i', "IdentityFile", NULL, true },
    { 'k', NULL, NULL, false },
    { 'l', "User", NULL, true },
    { 'm', "MACs", NULL, true },
    { 'n', NULL, NULL, false },
    { 'p', "Port", NULL, true },
    { 'q', NULL, NULL, false },
    { 't', NULL, NULL, false },
    { 'v', NULL, NULL, false },
    { 'w', "Tunnel", NULL, true },
    { 'x', NULL, NULL, false },
};

/* -o takes "Keyword=value" or "Keyword value". */
static bool set_option(struct reader *reader, str text)
{
    str name;
    struct words words;
    return split_line(reader, text, &name, &words) &&
           set_keyword(reader, name, words.items, words.count);
}

static bool set_letter(struct reader *reader, char letter, str argument)
{
    if (letter == 'o') {
        return set_option(reader, argument);
    }
    if (letter == 'F') {
        reader->only_file = expand_path(reader, argument);
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
        if (letters[i].letter == letter && letters[i].keyword != NULL) {
            str said = letters[i].said != NULL ? str_of(letters[i].said) : argument;
            return set_keyword(reader, str_of(letters[i].keyword), &said, 1);
        }
    }
    return true;
}

/* Whether the letter is known, and takes an argument. */
static bool find_letter(char letter, bool *ret_takes)
{
    *ret_takes = letter == 'o' || letter == 'F';
    for (size_t i = 0; i < ARRAY_LEN(letters) && !*ret_takes; i++) {
        if (letters[i].letter == letter) {
            *ret_takes = letters[i].takes;
            return true;
        }
    }
    return *ret_takes;
}

/* One word of options: "-vvC", "-oPort=22", "-o" with `next`. */
static bool read_word(struct reader *reader, str word, str next, bool *ret_used_next)
{
    *ret_used_next = false;
    if (word.len < 2 || word.ptr[0] != '-') {
        return refuse(reader, STR_NONE, "'%.*s' is not an option", SARG(word));
    }
    for (size_t i = 1; i < word.len; i++) {
        bool takes;
        if (!find_letter(word.ptr[i], &takes)) {
            return refuse(reader, STR_NONE, "the option '-%c' is not supported", word.ptr[i]);
        }
        str argument = str_part(word, i + 1, word.len);
        if (takes && argument.len == 0) {
            argument = next;
            *ret_used_next = true;
        }
        if (takes && str_is_none(argument)) {
            return refuse(reader, STR_NONE, "the option '-%c' has no value", word.ptr[i]);
        }
        if (!set_letter(reader, word.ptr[i], argument)) {
            return false;
        }
        if (takes) {
            break;
        }
    }
    return true;
}

static bool read_args(struct reader *reader)
{
    reader->from_args = true;
    reader->where = S("ssh arguments");
    for (size_t i = 0; i < reader->options->ssh_args_count; i++) {
        struct words words;
        if (!words_split(reader->arena, reader->options->ssh_args[i], false, &words)) {
            return refuse(reader, STR_NONE, "a quote is not closed in '%.*s'",
                          SARG(reader->options->ssh_args[i]));
        }
        for (size_t j = 0; j < words.count; j++) {
            bool used_next;
            str next = j + 1 < words.count ? words.items[j + 1] : STR_NONE;
            if (!read_word(reader, words.items[j], next, &used_next)) {
                return false;
            }
            j += used_next;
        }
    }
    return true;
}

/* ---- the result ---- */

/* "ssh://user@host:port", "user@host:port", "[v6]:port": as an ssh(1) command that jumps there. The
 * jump host's own settings are ssh(1)'s business, as in OpenSSH, which starts itself in the same
 * way. */
static str jump_command(struct reader *reader, str jump)
{
    struct strbuf command = strbuf_in(reader->arena);
    size_t last = str_rfind(jump, S(","));
    strbuf_add(&command, S("ssh"));
    if (!str_is_none(reader->only_file)) {
        strbuf_add(&command, S(" -F "));
        shell_quote_to(&command, reader->only_file);
    }
    if (last != STR_NPOS) {
        strbuf_add(&command, S(" -J "));
        shell_quote_to(&command, str_part(jump, 0, last));
        jump = str_part(jump, last + 1, jump.len);
    }
    strbuf_add(&command, S(" -W '[%h]:%p' -- "));
    bool uri = str_starts(jump, S("ssh://"));
    shell_quote_to(&command, uri ? jump : str_concat(reader->arena, S("ssh://"), jump));
    return strbuf_str(&command);
}

static void use_files(struct ssh_list *list, str first, str second)
{
    if (list->count == 0) {
        *list = (struct ssh_list){ .items = { first, second }, .count = 2 };
    }
}

static void set_defaults(struct reader *reader)
{
    struct ssh_settings *settings = reader->settings;
    use_files(&settings->user_known_hosts, S("~/.ssh/known_hosts"), S("~/.ssh/known_hosts2"));
    use_files(&settings->global_known_hosts, S("/etc/ssh/ssh_known_hosts"),
              S("/etc/ssh/ssh_known_hosts2"));
    str home;
    if (str_is_none(settings->user)) {
        settings->user = local_user(reader->arena, &home);
    }
    settings->port = settings->port == 0 ? 22 : settings->port;
    settings->attempts = settings->attempts == 0 ? 1 : settings->attempts;
    settings->alive_interval = settings->alive_interval == NOT_SAID ? 15 : settings->alive_interval;
    settings->alive_count = settings->alive_count == NOT_SAID ? 3 : settings->alive_count;
}

static void finish(struct reader *reader)
{
    struct ssh_settings *settings = reader->settings;
    set_defaults(reader);
    expand_list(reader, &settings->user_known_hosts);
    expand_list(reader, &settings->global_known_hosts);
    expand_list(reader, &settings->identities);
    expand_list(reader, &settings->certificates);
    if (!str_is_none(settings->identity_agent)) {
        str agent = settings->identity_agent;
        if (str_eq(agent, S("SSH_AUTH_SOCK"))) {
            settings->identity_agent = STR_NONE;
        } else if (str_starts(agent, S("$"))) {
            const char *path = getenv(str_c(reader->arena, str_part(agent, 1, agent.len)));
            settings->identity_agent = path != NULL ? str_of(path) : S("none");
        } else {
            settings->identity_agent = expand_path(reader, agent);
        }
    }
    if (!str_is_none(reader->jump) && !str_eq_nocase(reader->jump, S("none"))) {
        settings->proxy_command = jump_command(reader, reader->jump);
    }
    if (str_eq_nocase(settings->proxy_command, S("none"))) {
        settings->proxy_command = STR_NONE;
    }
    if (!str_is_none(settings->proxy_command)) {
        settings->proxy_command = expand_tokens(reader, settings->proxy_command);
    }
}

static void keep_list(struct arena *arena, struct ssh_list *list)
{
    for (unsigned i = 0; i < list->count; i++) {
        list->items[i] = str_copy(arena, list->items[i]);
    }
}

/* Copy every text: a connection may last long and there may be thousands, the files' text goes. */
static struct ssh_settings keep(struct arena *arena, struct ssh_settings settings)
{
    str *texts[] = { &settings.host,
                     &settings.host_alias,
                     &settings.user,
                     &settings.home,
                     &settings.proxy_command,
                     &settings.bind_address,
                     &settings.identity_agent,
                     &settings.preferred,
                     &settings.ciphers,
                     &settings.macs,
                     &settings.kex,
                     &settings.host_key_algorithms,
                     &settings.pubkey_algorithms };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = str_copy(arena, *texts[i]);
    }
    keep_list(arena, &settings.user_known_hosts);
    keep_list(arena, &settings.global_known_hosts);
    keep_list(arena, &settings.identities);
    keep_list(arena, &settings.certificates);
    return settings;
}

static bool read_all(struct reader *reader)
{
    if (!read_args(reader) || !read_files(reader)) {
        return false;
    }
    reader->final = reader->final_seen;
    return !reader->final || read_files(reader);
}

bool ssh_settings_load(struct arena *arena, struct arena *error_arena,
                       const struct connection_options *options, deadline until,
                       struct ssh_settings *ret, struct wire_error *ret_error)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("ssh configuration");
    struct ssh_settings settings = { .host = options->host,
                                     .port = options->port,
                                     .user = options->user,
                                     .alive_interval = NOT_SAID,
                                     .alive_count = NOT_SAID };
    struct reader reader = { .arena = scratch,
                             .error_arena = error_arena,
                             .options = options,
                             .settings = &settings,
                             .error = ret_error,
                             .until = until };
    local_user(scratch, &settings.home);
    if (!read_all(&reader)) {
        return false;
    }
    finish(&reader);
    *ret = keep(arena, settings);
    return true;
}
