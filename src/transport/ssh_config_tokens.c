/*
 * ssh_config_tokens.c - what stands for something else in a configuration: "%h", "~/".
 */
#include <pwd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "transport/ssh_config_reader.h"

static str own_name(struct arena *arena)
{
    char text[256] = "";
    gethostname(text, sizeof text - 1);
    return str_copy(arena, str_of(text));
}

str ssh_local_user(struct arena *arena, str *ret_home)
{
    char text[4096];
    struct passwd entry, *found = NULL;
    getpwuid_r(getuid(), &entry, text, sizeof text, &found);
    *ret_home = str_copy(arena, found != NULL ? str_of(entry.pw_dir) : S("/"));
    return str_copy(arena, found != NULL ? str_of(entry.pw_name) : S("root"));
}

/* What a %-token stands for; STR_NONE: no token. Source: ssh_config(5), TOKENS. */
static str token_value(struct ssh_reader *reader, char token)
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
        return ssh_local_user(reader->arena, &unused);
    default:
        return STR_NONE;
    }
}

/* An unknown token stays as it is written. */
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

str ssh_tokens_path(struct ssh_reader *reader, str path)
{
    if (str_starts(path, S("~/"))) {
        path = str_concat(reader->arena, reader->settings->home, str_part(path, 1, path.len));
    }
    return ssh_tokens_expand(reader, path);
}
