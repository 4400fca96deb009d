/*
 * ssh_config_canonical.c - CanonicalizeHostname and its like: "web1" becomes "web1.example.org",
 * the first of the domains where there is such a host. The files are read once more with that name,
 * and the host's key is looked up by it.
 *
 * Source: ssh_config(5). What a proxy makes of a name is left to the proxy, unless "always" says
 * otherwise.
 */
#include <string.h>

#include "base/arena.h"
#include "formats/ipnet.h"
#include "transport/lookup.h"
#include "transport/ssh_config_reader.h"

/* ---- values ---- */

static bool bad_value(struct ssh_reader *reader, str hint, const char *name, str said)
{
    return ssh_reader_refuse(reader, hint, "bad value '%.*s' for %s", SARG(said), name);
}

bool ssh_set_canonical(struct ssh_reader *reader, const str *said, size_t count)
{
    enum ssh_flag flag;
    bool always = str_eq_nocase(said[0], S("always"));
    if (!always && !ssh_parse_flag(said[0], &flag)) {
        return bad_value(reader, S("it takes yes, no or always"), "CanonicalizeHostname", said[0]);
    }
    if (reader->canonical.wanted == CANONICAL_UNSET) {
        reader->canonical.where = ssh_reader_where(reader);
        reader->canonical.wanted = always            ? CANONICAL_ALWAYS
                                   : flag == SSH_YES ? CANONICAL_YES
                                                     : CANONICAL_NO;
    }
    return true;
}

bool ssh_set_canonical_dots(struct ssh_reader *reader, const str *said, size_t count)
{
    int64_t number;
    if (!str_to_int64(said[0], &number) || number < 0 || number > 255) {
        return bad_value(reader, S("it takes a number"), "CanonicalizeMaxDots", said[0]);
    }
    if (!reader->canonical.dots_said) {
        reader->canonical.max_dots = (unsigned)number;
        reader->canonical.dots_said = true;
    }
    return true;
}

bool ssh_set_canonical_fallback(struct ssh_reader *reader, const str *said, size_t count)
{
    enum ssh_flag flag;
    if (!ssh_parse_flag(said[0], &flag)) {
        return bad_value(reader, S("it takes yes or no"), "CanonicalizeFallbackLocal", said[0]);
    }
    if (reader->canonical.fallback_local == SSH_UNSET) {
        reader->canonical.fallback_local = flag;
    }
    return true;
}

/* The first line that says something gives all. */
static bool set_list(struct ssh_reader *reader, str name, struct ssh_list *list, const str *said,
                     size_t count)
{
    bool done = list->count > 0;
    for (size_t i = 0; i < count && !done; i++) {
        if (!ssh_list_add(reader, list, said[i])) {
            return false;
        }
    }
    return ssh_none_alone(reader, name, said, count);
}

bool ssh_set_canonical_domains(struct ssh_reader *reader, const str *said, size_t count)
{
    return set_list(reader, S("CanonicalDomains"), &reader->canonical.domains, said, count);
}

bool ssh_set_canonical_cnames(struct ssh_reader *reader, const str *said, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_find_char(said[i], ':', 0) == STR_NPOS && !str_eq_nocase(said[i], S("none"))) {
            return bad_value(reader, S("write it as names:aliases"), "CanonicalizePermittedCNAMEs",
                             said[i]);
        }
    }
    return set_list(reader, S("CanonicalizePermittedCNAMEs"), &reader->canonical.cnames, said,
                    count);
}

/* ---- names ---- */

/* Whether there is such a host. ret_cname: what the name is an alias of, in lower case; STR_NONE:
 * of nothing. False: there is no time left. */
static bool look_up(struct ssh_reader *reader, str name, bool *ret_found, str *ret_cname)
{
    struct lookup *lookup = lookup_new(name, 0, reader->settings->family, AI_CANONNAME);
    enum wire_status status = lookup_wait(lookup, reader->options->wake, reader->until);
    *ret_found = status == WIRE_OK && lookup_addresses(lookup) != NULL;
    const char *cname = *ret_found ? lookup_addresses(lookup)->ai_canonname : NULL;
    *ret_cname = cname == NULL ? STR_NONE : str_lower(reader->arena, str_of(cname));
    lookup_free(lookup);
    if (status != WIRE_OK) {
        wire_fail(reader->error_arena, reader->error, status, STR_NONE,
                  "%s looking up the address of %.*s",
                  status == WIRE_TIMEOUT ? "timed out" : "interrupted", SARG(name));
    }
    return status == WIRE_OK;
}

/* The name, or what it is an alias of if CanonicalizePermittedCNAMEs lets that count. */
static str follow(struct ssh_reader *reader, str name, str cname)
{
    const struct ssh_list *rules = &reader->canonical.cnames;
    for (unsigned i = 0; i < rules->count && !str_is_none(cname); i++) {
        str aliases = rules->items[i], names = str_cut(&aliases, ':');
        if (!str_is_none(aliases) && ssh_match_patterns(reader->arena, name, names, true) &&
            ssh_match_patterns(reader->arena, cname, aliases, true)) {
            return cname;
        }
    }
    return name;
}

/* Asked with a dot behind it, so that it is not looked for in other domains. */
static bool try_whole(struct ssh_reader *reader, str name, bool *ret_found)
{
    str cname;
    if (!look_up(reader, str_concat(reader->arena, name, S(".")), ret_found, &cname)) {
        return false;
    }
    if (*ret_found) {
        reader->settings->host = follow(reader, name, cname);
    }
    return true;
}

static bool try_domains(struct ssh_reader *reader, str name, bool *ret_found)
{
    const struct ssh_list *domains = &reader->canonical.domains;
    for (unsigned i = 0; i < domains->count && !*ret_found; i++) {
        if (str_eq_nocase(domains->items[i], S("none"))) {
            break;
        }
        str whole = str_format(reader->arena, "%.*s.%.*s", SARG(name), SARG(domains->items[i]));
        if (!try_whole(reader, whole, ret_found)) {
            return false;
        }
    }
    return true;
}

static bool goes_through_proxy(const struct ssh_reader *reader)
{
    str command = reader->settings->proxy_command, jump = reader->jump;
    return (!str_is_none(command) && !str_eq_nocase(command, S("none"))) ||
           (!str_is_none(jump) && !str_eq_nocase(jump, S("none")));
}

static bool is_wanted(const struct ssh_reader *reader, str name)
{
    const struct ssh_canonical *canonical = &reader->canonical;
    unsigned most = canonical->dots_said ? canonical->max_dots : 1;
    struct ipnet address;
    return canonical->wanted >= CANONICAL_YES && !ip_parse(name, &address) &&
           (canonical->wanted == CANONICAL_ALWAYS || !goes_through_proxy(reader)) &&
           (str_ends(name, S(".")) || str_count(name, '.') <= most);
}

/* An address as it is printed: "127.1" is 127.0.0.1, and "::0001" is ::1. False: it is none; what
 * has a '%' is one, of an interface that may be gone. */
static bool use_address(struct ssh_reader *reader)
{
    struct addrinfo hints = { .ai_family = reader->settings->family,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICHOST };
    struct addrinfo *address = NULL;
    char text[NI_MAXHOST];
    const char *host = str_c(reader->arena, reader->settings->host);
    bool is_one = getaddrinfo(host, NULL, &hints, &address) == 0;
    if (is_one && getnameinfo(address->ai_addr, address->ai_addrlen, text, sizeof text, NULL, 0,
                              NI_NUMERICHOST) == 0) {
        reader->settings->host = str_copy(reader->arena, str_of(text));
    }
    freeaddrinfo(address);
    return is_one || strchr(host, '%') != NULL;
}

bool ssh_canonicalize(struct ssh_reader *reader)
{
    bool found = false;
    if (use_address(reader)) {
        return true;
    }
    str name = str_lower(reader->arena, reader->settings->host);
    reader->settings->host = name;
    if (!is_wanted(reader, name)) {
        return true;
    }
    bool looked = str_ends(name, S("."))
                      ? try_whole(reader, str_part(name, 0, name.len - 1), &found)
                      : try_domains(reader, name, &found);
    if (looked && !found && reader->canonical.fallback_local == SSH_NO) {
        reader->where = reader->canonical.where;
        reader->line = 0;
        return ssh_reader_refuse(reader, S("it has to be in one of CanonicalDomains"),
                                 "there is no host '%.*s'", SARG(name));
    }
    return looked;
}
