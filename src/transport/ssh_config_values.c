/*
 * ssh_config_values.c - values of keywords that are more than a text, a number or yes and no.
 */
#include <ctype.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "transport/ssh_config_reader.h"

static bool bad_value(struct ssh_reader *reader, const char *name, str said)
{
    return ssh_reader_refuse(reader, STR_NONE, "bad value '%.*s' for %s", SARG(said), name);
}

bool ssh_set_strict(struct ssh_reader *reader, const str *said, size_t count)
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
    struct ssh_settings *settings = reader->settings;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (str_eq_nocase(known[i].name, said[0])) {
            if (settings->strict == SSH_STRICT_UNSET) {
                settings->strict = known[i].strict;
                settings->strict_by_args = reader->from_args;
                settings->strict_where = ssh_reader_where(reader);
            }
            return true;
        }
    }
    return ssh_reader_refuse(reader, S("it takes yes, no, ask or accept-new"),
                             "bad value '%.*s' for StrictHostKeyChecking", SARG(said[0]));
}

/* ssh_config(5), TIME FORMATS: "90", "1m30s". */
static bool parse_time(struct ssh_reader *reader, const char *name, str said, double *ret)
{
    double seconds = 0;
    int64_t number = 0;
    for (size_t i = 0, from = 0; i < said.len; i++) {
        static const char units[] = "smhdw";
        static const int lengths[] = { 1, 60, 3600, 86400, 604800 };
        bool last = i + 1 == said.len;
        const char *unit = memchr(units, tolower((unsigned char)said.ptr[i]), strlen(units));
        if (unit == NULL && !last) {
            continue;
        }
        if (!str_to_int64(str_part(said, from, unit != NULL ? i : i + 1), &number) || number < 0) {
            return bad_value(reader, name, said);
        }
        seconds += (double)number * (unit != NULL ? lengths[unit - units] : 1);
        from = i + 1;
    }
    *ret = seconds;
    return true;
}

bool ssh_set_timeout(struct ssh_reader *reader, const str *said, size_t count)
{
    double seconds = 0;
    if (str_eq_nocase(said[0], S("none"))) {
        return true;
    }
    if (!parse_time(reader, "ConnectTimeout", said[0], &seconds)) {
        return false;
    }
    if (reader->settings->connect_timeout == 0) {
        reader->settings->connect_timeout = seconds;
        reader->settings->timeout_by_args = reader->from_args;
    }
    return true;
}

bool ssh_set_alive_interval(struct ssh_reader *reader, const str *said, size_t count)
{
    const double most = 32767; /* of TCP_KEEPIDLE, tcp(7), which is set to the same */
    double seconds = 0;
    if (!parse_time(reader, "ServerAliveInterval", said[0], &seconds)) {
        return false;
    }
    if (seconds > most) {
        return bad_value(reader, "ServerAliveInterval", said[0]);
    }
    if (reader->settings->alive_interval == NOT_SAID) {
        reader->settings->alive_interval = (int)seconds;
    }
    return true;
}

bool ssh_set_alive_count(struct ssh_reader *reader, const str *said, size_t count)
{
    int64_t number;
    if (!str_to_int64(said[0], &number) || number < 0 || number > 127) { /* of TCP_KEEPCNT */
        return bad_value(reader, "ServerAliveCountMax", said[0]);
    }
    if (reader->settings->alive_count == NOT_SAID) {
        reader->settings->alive_count = (int)number;
    }
    return true;
}

bool ssh_set_family(struct ssh_reader *reader, const str *said, size_t count)
{
    int family = str_eq_nocase(said[0], S("inet"))    ? AF_INET
                 : str_eq_nocase(said[0], S("inet6")) ? AF_INET6
                                                      : AF_UNSPEC;
    if (family == AF_UNSPEC && !str_eq_nocase(said[0], S("any"))) {
        return ssh_reader_refuse(reader, S("it takes any, inet or inet6"),
                                 "bad value '%.*s' for AddressFamily", SARG(said[0]));
    }
    if (!reader->family_said) {
        reader->settings->family = family;
        reader->family_said = true;
    }
    return true;
}

bool ssh_set_port(struct ssh_reader *reader, const str *said, size_t count)
{
    int64_t number;
    if (!str_to_int64(said[0], &number) || number < 1 || number > 65535) {
        return ssh_reader_refuse(reader, S("a port is a number from 1 to 65535"),
                                 "bad value '%.*s' for Port", SARG(said[0]));
    }
    if (reader->settings->port == 0) {
        reader->settings->port = (unsigned)number;
    }
    return true;
}

bool ssh_set_host_name(struct ssh_reader *reader, const str *said, size_t count)
{
    if (str_is_none(reader->host_name)) {
        reader->host_name = said[0];
        reader->settings->host = ssh_tokens_expand(reader, said[0]);
    }
    return ssh_tokens_check(reader, said[0]);
}

/* Of ProxyCommand and ProxyJump the first one counts. */
bool ssh_set_jump(struct ssh_reader *reader, const str *said, size_t count)
{
    str list = str_eq_nocase(said[0], S("none")) ? STR_NONE : said[0];
    while (!str_is_none(list)) {
        struct ssh_hop unused;
        str hop = ssh_hop_cut(&list);
        if (!ssh_hop_parse(hop, &unused)) {
            return ssh_reader_refuse(reader, S("a jump host is written as user@host:port"),
                                     "bad value '%.*s' for ProxyJump", SARG(hop));
        }
    }
    if (str_is_none(reader->jump) && str_is_none(reader->settings->proxy_command)) {
        reader->jump = said[0];
    }
    return ssh_tokens_check(reader, said[0]);
}

bool ssh_set_proxy(struct ssh_reader *reader, const str *said, size_t count)
{
    if (str_is_none(reader->jump) && str_is_none(reader->settings->proxy_command)) {
        reader->settings->proxy_command = said[0];
    }
    return ssh_tokens_check(reader, said[0]);
}

/* "none": no file, not even the usual ones. */
bool ssh_set_identity(struct ssh_reader *reader, const str *said, size_t count)
{
    if (str_eq_nocase(said[0], S("none"))) {
        reader->settings->no_usual_identities = true;
        return true;
    }
    return ssh_tokens_check_path(reader, said[0]) &&
           ssh_list_add(reader, &reader->settings->identities, said[0]);
}

/* Yes, no, or the socket of an agent: its path, or "$VARIABLE" that holds it. */
bool ssh_set_forward_agent(struct ssh_reader *reader, const str *said, size_t count)
{
    enum ssh_flag flag;
    str agent = said[0];
    if (ssh_parse_flag(agent, &flag)) {
        agent = flag == SSH_YES ? S("SSH_AUTH_SOCK") : S("none");
    }
    if (str_is_none(reader->settings->forward_agent)) {
        reader->settings->forward_agent = agent;
    }
    return ssh_tokens_check_path(reader, agent);
}

/* "1G 1h": after so many bytes and so much time new keys are exchanged. */
static bool parse_bytes(str said, uint64_t *ret)
{
    static const char units[] = "KMG";
    int64_t number;
    const char *unit =
        said.len > 0 ? strchr(units, toupper((unsigned char)said.ptr[said.len - 1])) : NULL;
    bool scaled = unit != NULL && *unit != '\0';
    if (!str_to_int64(scaled ? str_part(said, 0, said.len - 1) : said, &number) || number < 1 ||
        number > INT64_MAX >> 30) {
        return false;
    }
    *ret = (uint64_t)number << (scaled ? 10 * (unit - units + 1) : 0);
    return true;
}

bool ssh_set_rekey(struct ssh_reader *reader, const str *said, size_t count)
{
    uint64_t bytes = 0;
    double seconds = 0;
    if (!str_eq_nocase(said[0], S("default")) && !str_eq_nocase(said[0], S("none")) &&
        !parse_bytes(said[0], &bytes)) {
        return bad_value(reader, "RekeyLimit", said[0]);
    }
    if (count > 1 && !str_eq_nocase(said[1], S("none")) &&
        !parse_time(reader, "RekeyLimit", said[1], &seconds)) {
        return false;
    }
    if (!reader->rekey_said) {
        reader->settings->rekey_bytes = bytes;
        reader->settings->rekey_seconds = (unsigned)seconds;
        reader->rekey_said = true;
    }
    return true;
}

/* Names of variables, as patterns; "-pattern" takes back what was said before. */
bool ssh_set_send_env(struct ssh_reader *reader, const str *said, size_t count)
{
    struct ssh_list *list = &reader->send_env;
    for (size_t i = 0; i < count; i++) {
        if (!str_starts(said[i], S("-"))) {
            if (!ssh_list_add(reader, list, said[i])) {
                return false;
            }
            continue;
        }
        unsigned kept = 0;
        str taken = str_part(said[i], 1, said[i].len);
        for (unsigned j = 0; j < list->count; j++) {
            if (!ssh_match_pattern(taken, list->items[j])) {
                list->items[kept++] = list->items[j];
            }
        }
        list->count = kept;
    }
    return true;
}

/* Of a session without a shell, or with a subsystem in its place, no task could make use. */
bool ssh_set_session_type(struct ssh_reader *reader, const str *said, size_t count)
{
    return str_eq_nocase(said[0], S("default")) ||
           ssh_reader_refuse(reader, S("tasks need a shell: with -F name a file without it"),
                             "SessionType '%.*s' is not supported", SARG(said[0]));
}

/* NAME=value; the first line gives all. */
bool ssh_set_env(struct ssh_reader *reader, const str *said, size_t count)
{
    struct ssh_list *list = &reader->settings->environment;
    bool done = list->count > 0;
    for (size_t i = 0; i < count; i++) {
        if (str_find(said[i], S("="), 0) == STR_NPOS) {
            return ssh_reader_refuse(reader, S("write it as NAME=value"),
                                     "bad value '%.*s' for SetEnv", SARG(said[i]));
        }
        if (!done && !ssh_list_add(reader, list, said[i])) {
            return false;
        }
    }
    return true;
}
