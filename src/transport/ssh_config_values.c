/*
 * ssh_config_values.c - values of keywords that are more than a text, a number or yes and no.
 */
#include <ctype.h>
#include <limits.h>
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
                settings->strict_by_args =
                    reader->from_args &&
                    (reader->from_first || reader->options->host_keys == HOST_KEYS_ASK);
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
    if (!reader->timeout_said) { /* 0 is said, and is none */
        reader->timeout_said = true;
        reader->settings->connect_timeout = seconds;
        reader->settings->timeout_by_args = reader->from_first && seconds > 0;
    }
    return true;
}

bool ssh_set_alive_interval(struct ssh_reader *reader, const str *said, size_t count)
{
    double seconds = 0;
    if (str_eq_nocase(said[0], S("none"))) {
        return true;
    }
    if (!parse_time(reader, "ServerAliveInterval", said[0], &seconds)) {
        return false;
    }
    if (reader->settings->alive_interval == NOT_SAID) {
        reader->settings->alive_interval = seconds > INT_MAX ? INT_MAX : (int)seconds;
    }
    return true;
}

/* A number from 0; *to was not said before if it is NOT_SAID. */
static bool set_count(struct ssh_reader *reader, const char *name, int *to, str said)
{
    int64_t number;
    if (!str_to_int64(said, &number) || number < 0 || number > INT_MAX) {
        return bad_value(reader, name, said);
    }
    *to = *to == NOT_SAID ? (int)number : *to;
    return true;
}

bool ssh_set_alive_count(struct ssh_reader *reader, const str *said, size_t count)
{
    return set_count(reader, "ServerAliveCountMax", &reader->settings->alive_count, said[0]);
}

bool ssh_set_prompts(struct ssh_reader *reader, const str *said, size_t count)
{
    return set_count(reader, "NumberOfPasswordPrompts", &reader->settings->prompts, said[0]);
}

/* Beside yes and no it can be told how keys are bound to a session, which is for the agent. */
bool ssh_set_pubkey(struct ssh_reader *reader, const str *said, size_t count)
{
    enum ssh_flag flag;
    bool bound = str_eq_nocase(said[0], S("unbound")) || str_eq_nocase(said[0], S("host-bound"));
    if (!ssh_parse_flag(said[0], &flag) && !bound) {
        return bad_value(reader, "PubkeyAuthentication", said[0]);
    }
    if (reader->settings->pubkey == SSH_UNSET) {
        reader->settings->pubkey = bound ? SSH_YES : flag;
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
    if (!str_is_none(reader->host_name)) {
        return true;
    }
    reader->host_name = said[0];
    reader->settings->host = ssh_tokens_expand(reader, said[0]);
    return ssh_tokens_check(reader, said[0], SSH_TOKENS_HOST);
}

/* The list may have blanks about its commas. STR_NONE: and elsewhere. */
static str join_hops(struct arena *arena, const str *said, size_t count)
{
    str list = said[0];
    for (size_t i = 1; i < count; i++) {
        if (!str_ends(list, S(",")) && !str_starts(said[i], S(","))) {
            return STR_NONE;
        }
        list = str_concat(arena, list, said[i]);
    }
    return list;
}

/* Of ProxyCommand and ProxyJump the first one counts; but a command can stand behind the jump
 * "none". */
static bool has_jump(const struct ssh_reader *reader)
{
    return !str_is_none(reader->jump) && !str_eq_nocase(reader->jump, S("none"));
}

bool ssh_set_jump(struct ssh_reader *reader, const str *said, size_t count)
{
    str all = join_hops(reader->arena, said, count);
    str list = str_eq_nocase(all, S("none")) ? STR_NONE : all;
    while (!str_is_none(list) || str_is_none(all)) {
        struct ssh_hop unused;
        str hop = str_is_none(all) ? said[1] : ssh_hop_cut(&list);
        if (str_is_none(all) || !ssh_hop_parse(hop, &unused)) {
            return ssh_reader_refuse(reader, S("a jump host is written as user@host:port"),
                                     "bad value '%.*s' for ProxyJump", SARG(hop));
        }
    }
    if (!str_is_none(reader->jump) || !str_is_none(reader->settings->proxy_command)) {
        return true;
    }
    reader->jump = all;
    return ssh_tokens_check(reader, all, SSH_TOKENS_PROXY);
}

bool ssh_set_proxy(struct ssh_reader *reader, const str *said, size_t count)
{
    if (has_jump(reader) || !str_is_none(reader->settings->proxy_command)) {
        return true;
    }
    reader->settings->proxy_command = said[0];
    return ssh_tokens_check(reader, said[0], SSH_TOKENS_PROXY);
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

/* The socket of an agent: its path, or "$VARIABLE" that holds it. */
static bool set_agent(struct ssh_reader *reader, str *to, str said)
{
    bool variable = str_starts(said, S("$")) && !str_starts(said, S("${"));
    for (size_t i = 1; i < said.len && variable; i++) {
        if (!isalnum((unsigned char)said.ptr[i]) && said.ptr[i] != '_') {
            return ssh_reader_refuse(reader, STR_NONE, "'%.*s' names no variable", SARG(said));
        }
    }
    *to = str_is_none(*to) ? said : *to;
    return ssh_tokens_check_path(reader, said);
}

bool ssh_set_identity_agent(struct ssh_reader *reader, const str *said, size_t count)
{
    return set_agent(reader, &reader->settings->identity_agent, said[0]);
}

/* Yes, no, or an agent, which is another way to say yes: the first of each counts. */
bool ssh_set_forward_agent(struct ssh_reader *reader, const str *said, size_t count)
{
    enum ssh_flag flag;
    bool named = !ssh_parse_flag(said[0], &flag);
    if (reader->forward == SSH_UNSET) {
        reader->forward = named ? SSH_YES : flag;
    }
    return !named || set_agent(reader, &reader->settings->forward_agent, said[0]);
}

/* "1G 1h": after so many bytes and so much time new keys are exchanged. */
static bool parse_bytes(str said, uint64_t *ret)
{
    static const char units[] = "KMG";
    int64_t number;
    const char *unit =
        said.len > 0 ? strchr(units, toupper((unsigned char)said.ptr[said.len - 1])) : NULL;
    bool scaled = unit != NULL && *unit != '\0';
    if (!str_to_int64(scaled ? str_part(said, 0, said.len - 1) : said, &number) || number < 0 ||
        number > INT64_MAX >> 30) {
        return false;
    }
    *ret = (uint64_t)number << (scaled ? 10 * (unit - units + 1) : 0);
    return *ret == 0 || *ret >= 16; /* ssh(1) takes no fewer */
}

/* Of each of the two the first one counts; "none" is no time, and leaves it to another line. */
bool ssh_set_rekey(struct ssh_reader *reader, const str *said, size_t count)
{
    uint64_t bytes = 0;
    double seconds = 0;
    bool timed = count > 1 && !str_eq_nocase(said[1], S("none"));
    if (count > 2 || (!str_eq_nocase(said[0], S("default")) && !parse_bytes(said[0], &bytes))) {
        return bad_value(reader, "RekeyLimit", said[count > 2 ? 2 : 0]);
    }
    if (timed && !parse_time(reader, "RekeyLimit", said[1], &seconds)) {
        return false;
    }
    if (!reader->rekey_bytes_said) {
        reader->settings->rekey_bytes = bytes;
        reader->rekey_bytes_said = true;
    }
    if (timed && !reader->rekey_time_said) {
        reader->settings->rekey_seconds = (unsigned)seconds;
        reader->rekey_time_said = true;
    }
    return true;
}

/* Names of variables, as patterns; "-pattern" takes back what was said before. */
bool ssh_set_send_env(struct ssh_reader *reader, const str *said, size_t count)
{
    struct ssh_list *list = &reader->send_env;
    for (size_t i = 0; i < count; i++) {
        if (str_find_char(said[i], '=', 0) != STR_NPOS) {
            return bad_value(reader, "SendEnv", said[i]);
        }
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

static bool sets_name(const struct ssh_list *list, str variable)
{
    str name = str_cut(&variable, '=');
    bool sets = false;
    for (unsigned i = 0; i < list->count; i++) {
        str other = list->items[i];
        sets |= str_eq(str_cut(&other, '='), name);
    }
    return sets;
}

/* NAME=value; the first line gives all, and in it the first of a name counts. */
bool ssh_set_env(struct ssh_reader *reader, const str *said, size_t count)
{
    struct ssh_list *list = &reader->settings->environment;
    bool done = list->count > 0;
    for (size_t i = 0; i < count; i++) {
        if (str_find(said[i], S("="), 0) == STR_NPOS) {
            return ssh_reader_refuse(reader, S("write it as NAME=value"),
                                     "bad value '%.*s' for SetEnv", SARG(said[i]));
        }
        if (!done && !sets_name(list, said[i]) && !ssh_list_add(reader, list, said[i])) {
            return false;
        }
    }
    return true;
}
