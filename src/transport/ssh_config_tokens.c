/*
 * ssh_config_tokens.c - what stands for something else in a configuration: "%h", "~/".
 */
#include <openssl/evp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/strbuf.h"
#include "transport/ssh_config_reader.h"

/* What looks up users needs much of the stack, which is memory of each connection: it shall not
 * become part of a caller that goes on from there. */
#define LOOKUP __attribute__((noinline))

static str own_name(struct arena *arena)
{
    char text[256] = "";
    gethostname(text, sizeof text - 1);
    return str_copy(arena, str_of(text));
}

LOOKUP str ssh_local_user(struct arena *arena, str *ret_home)
{
    char text[4096];
    struct passwd entry, *found = NULL;
    getpwuid_r(getuid(), &entry, text, sizeof text, &found);
    *ret_home = str_copy(arena, found != NULL ? str_of(entry.pw_dir) : S("/"));
    return str_copy(arena, found != NULL ? str_of(entry.pw_name) : S("root"));
}

static unsigned port_so_far(const struct ssh_settings *settings)
{
    return settings->port == 0 ? 22 : settings->port;
}

static str user_so_far(struct ssh_reader *reader)
{
    str unused, user = reader->settings->user;
    return str_is_none(user) ? ssh_local_user(reader->arena, &unused) : user;
}

/* %C: one word for a connection, SHA1 of %l%h%p%r. */
static str connection_digest(struct ssh_reader *reader)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    str all = str_format(reader->arena, "%.*s%.*s%u%.*s", SARG(own_name(reader->arena)),
                         SARG(reader->settings->host), port_so_far(reader->settings),
                         SARG(user_so_far(reader)));
    BUG_ON(EVP_Digest(all.ptr, all.len, digest, &size, EVP_sha1(), NULL) != 1);
    return str_hex(reader->arena, digest, size);
}

/* What a %-token stands for; STR_NONE: no token. Source: ssh_config(5), TOKENS. */
static str token_value(struct ssh_reader *reader, char token)
{
    const struct ssh_settings *settings = reader->settings;
    str unused;
    switch (token) {
    case '%':
        return S("%");
    case 'C':
        return connection_digest(reader);
    case 'd':
        return settings->home;
    case 'h':
        return settings->host;
    case 'i':
        return str_format(reader->arena, "%u", getuid());
    case 'k':
        return !str_is_none(settings->host_alias) ? settings->host_alias
               : reader->matching                 ? settings->host
                                                  : reader->asked.host;
    case 'L': {
        str name = own_name(reader->arena);
        return str_cut(&name, '.');
    }
    case 'l':
        return own_name(reader->arena);
    case 'n':
        return reader->asked.host;
    case 'p':
        return str_format(reader->arena, "%u", port_so_far(settings));
    case 'r':
        return user_so_far(reader);
    case 'u':
        return ssh_local_user(reader->arena, &unused);
    default:
        return STR_NONE;
    }
}

str ssh_tokens_expand(struct ssh_reader *reader, str text)
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

/* The name in "${name}..."; STR_NONE: `text` does not begin so. */
static str variable_name(str text)
{
    size_t end = str_starts(text, S("${")) ? str_find(text, S("}"), 0) : STR_NPOS;
    return end == STR_NPOS ? STR_NONE : str_part(text, 2, end);
}

static str expand_variables(struct ssh_reader *reader, str text)
{
    struct strbuf out = strbuf_in(reader->arena);
    for (size_t i = 0; i < text.len; i++) {
        str name = variable_name(str_part(text, i, text.len));
        const char *set = str_is_none(name) ? NULL : getenv(str_c(reader->arena, name));
        if (set == NULL) {
            strbuf_add_char(&out, text.ptr[i]);
        } else {
            strbuf_add(&out, str_of(set));
            i += name.len + 2;
        }
    }
    return strbuf_str(&out);
}

bool ssh_tokens_check(struct ssh_reader *reader, str text, const char *allowed)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '%') {
            char token = i + 1 < text.len ? text.ptr[i + 1] : '\0';
            if (token != '%' && (token == '\0' || strchr(allowed, token) == NULL)) {
                return ssh_reader_refuse(reader, S("a percent sign is written '%%'"),
                                         "unknown token '%.*s' in '%.*s'",
                                         SARG(str_part(text, i, i + 2)), SARG(text));
            }
            i++;
        }
    }
    return true;
}

/* "~user/x" if there is such a user, else as it is. */
LOOKUP static str other_home(struct ssh_reader *reader, str path)
{
    char text[4096];
    struct passwd entry, *found = NULL;
    str rest = str_part(path, 1, path.len);
    str user = str_cut(&rest, '/');
    getpwnam_r(str_c(reader->arena, user), &entry, text, sizeof text, &found);
    return found == NULL ? path
                         : str_format(reader->arena, "%s/%.*s", entry.pw_dir,
                                      SARG(str_is_none(rest) ? STR_EMPTY : rest));
}

bool ssh_tokens_check_path(struct ssh_reader *reader, str path)
{
    for (size_t i = 0; i < path.len; i++) {
        str name = variable_name(str_part(path, i, path.len));
        if (!str_is_none(name) && getenv(str_c(reader->arena, name)) == NULL) {
            return ssh_reader_refuse(reader, STR_NONE, "the environment variable '%.*s' is not set",
                                     SARG(name));
        }
    }
    if (str_starts(path, S("~")) && path.len > 1 && path.ptr[1] != '/' &&
        str_eq(other_home(reader, path), path)) {
        return ssh_reader_refuse(reader, STR_NONE, "there is no such user: '%.*s'", SARG(path));
    }
    return ssh_tokens_check(reader, path, SSH_TOKENS_ALL);
}

str ssh_tokens_path(struct ssh_reader *reader, str path)
{
    if (str_eq(path, S("~")) || str_starts(path, S("~/"))) {
        path = str_concat(reader->arena, reader->settings->home, str_part(path, 1, path.len));
    } else if (str_starts(path, S("~"))) {
        path = other_home(reader, path);
    }
    return expand_variables(reader, ssh_tokens_expand(reader, path));
}
