/*
 * ssh_config.c - from arguments and files to the settings of one host, see ssh_config.h.
 *
 * Around it: ssh_config_args.c and ssh_config_files.c read, ssh_config_store.c keeps the files and
 * ssh_config_lines.c cuts them, ssh_config_match.c tells what holds for this host,
 * ssh_config_canonical.c finds its whole name, ssh_config_keywords.c is the table of what can be
 * said, ssh_config_tokens.c expands.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "transport/ssh_config_reader.h"

str ssh_reader_where(struct ssh_reader *reader)
{
    return reader->line == 0
               ? reader->where
               : str_format(reader->arena, "%.*s:%u", SARG(reader->where), reader->line);
}

bool ssh_reader_refuse(struct ssh_reader *reader, str hint, const char *format, ...)
{
    struct strbuf text = strbuf_in(reader->arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    wire_fail(reader->error_arena, reader->error, WIRE_REFUSED, str_copy(reader->error_arena, hint),
              "%.*s: %.*s", SARG(ssh_reader_where(reader)), SARG(strbuf_str(&text)));
    reader->error->about = reader->about;
    reader->error->about_args = reader->about_args;
    return false;
}

void ssh_reader_tell(struct ssh_reader *reader, str hint, const char *format, ...)
{
    const struct connection_options *options = reader->options;
    if (options->tell == NULL) {
        return;
    }
    struct strbuf text = strbuf_in(reader->arena);
    va_list args;
    strbuf_addf(&text, "%.*s: ", SARG(ssh_reader_where(reader)));
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    options->tell(options->ask_data, strbuf_str(&text), hint);
}

/* "none" is no file. */
static void expand_list(struct ssh_reader *reader, struct ssh_list *list, bool have_tokens)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < list->count; i++) {
        str item = list->items[i];
        if (!str_eq_nocase(item, S("none"))) {
            list->items[kept++] = have_tokens ? ssh_tokens_path(reader, item) : item;
        }
    }
    list->count = kept;
}

static void use_files(struct ssh_list *list, str first, str second)
{
    if (list->count == 0) {
        *list = (struct ssh_list){ .items = { first, second }, .count = 2 };
    }
}

static void set_defaults(struct ssh_reader *reader)
{
    struct ssh_settings *settings = reader->settings;
    use_files(&settings->user_known_hosts, S("~/.ssh/known_hosts"), S("~/.ssh/known_hosts2"));
    use_files(&settings->global_known_hosts, S("/etc/ssh/ssh_known_hosts"),
              S("/etc/ssh/ssh_known_hosts2"));
    str home;
    if (str_is_none(settings->user)) {
        settings->user = ssh_local_user(reader->arena, &home);
    }
    settings->port = settings->port == 0 ? 22 : settings->port;
    settings->attempts = settings->attempts == 0 ? 1 : settings->attempts;
    settings->alive_interval = settings->alive_interval == NOT_SAID ? 15 : settings->alive_interval;
    settings->alive_count = settings->alive_count == NOT_SAID ? 3 : settings->alive_count;
    settings->prompts = settings->prompts == NOT_SAID ? 3 : settings->prompts;
}

/* $SSH_AUTH_SOCK is STR_NONE, a variable that is not set is no agent. */
static str agent_socket(struct ssh_reader *reader, str said)
{
    if (str_eq(said, S("SSH_AUTH_SOCK"))) {
        return STR_NONE;
    }
    if (str_starts(said, S("$")) && !str_starts(said, S("${"))) {
        const char *path = getenv(str_c(reader->arena, str_part(said, 1, said.len)));
        return path != NULL ? str_of(path) : S("none");
    }
    return ssh_tokens_path(reader, said);
}

/* SendEnv's patterns become variables; what SetEnv says of one of that name wins. */
static bool collect_environment(struct ssh_reader *reader)
{
    for (char **entry = environ; *entry != NULL; entry++) {
        str text = str_of(*entry), rest = text;
        str name = str_cut(&rest, '=');
        bool sent = false, set = false;
        for (unsigned i = 0; i < reader->send_env.count; i++) {
            sent |= ssh_match_pattern(reader->send_env.items[i], name);
        }
        for (unsigned i = 0; i < reader->settings->environment.count; i++) {
            str other = reader->settings->environment.items[i];
            set |= str_eq(str_cut(&other, '='), name);
        }
        if (sent && !set && !ssh_list_add(reader, &reader->settings->environment, text)) {
            return false;
        }
    }
    return true;
}

static bool finish(struct ssh_reader *reader)
{
    struct ssh_settings *settings = reader->settings;
    set_defaults(reader);
    settings->config_file = reader->only_file;
    settings->host_alias = str_is_none(settings->host_alias)
                               ? STR_NONE
                               : str_lower(reader->arena, settings->host_alias);
    expand_list(reader, &settings->user_known_hosts, true);
    expand_list(reader, &settings->global_known_hosts, false);
    expand_list(reader, &settings->identities, true);
    expand_list(reader, &settings->certificates, true);
    if (!str_is_none(settings->named_identity)) {
        settings->named_identity = ssh_tokens_path(reader, settings->named_identity);
    }
    if (!str_is_none(settings->identity_agent)) {
        settings->identity_agent = agent_socket(reader, settings->identity_agent);
    }
    settings->forward_agent = reader->forward != SSH_YES ? S("none")
                              : str_is_none(settings->forward_agent)
                                  ? STR_NONE
                                  : agent_socket(reader, settings->forward_agent);
    if (!str_is_none(settings->revoked)) {
        settings->revoked = str_eq_nocase(settings->revoked, S("none"))
                                ? STR_NONE
                                : ssh_tokens_path(reader, settings->revoked);
    }
    if (!str_is_none(reader->jump) && !str_eq_nocase(reader->jump, S("none"))) {
        settings->proxy_jump = ssh_tokens_expand(reader, reader->jump);
    }
    if (str_eq_nocase(settings->proxy_command, S("none"))) {
        settings->proxy_command = STR_NONE;
    }
    if (!str_is_none(settings->proxy_command)) {
        settings->proxy_command = ssh_tokens_expand(reader, settings->proxy_command);
    }
    return collect_environment(reader);
}

static void keep_list(struct arena *arena, struct ssh_list *list)
{
    for (unsigned i = 0; i < list->count; i++) {
        list->items[i] = str_copy(arena, list->items[i]);
    }
}

/* Copy every text: a connection may last long and there may be thousands, the files' text goes. */
static void keep(struct arena *arena, struct ssh_settings *settings)
{
    str *texts[] = { &settings->host,
                     &settings->host_alias,
                     &settings->user,
                     &settings->home,
                     &settings->proxy_command,
                     &settings->proxy_jump,
                     &settings->config_file,
                     &settings->bind_address,
                     &settings->named_identity,
                     &settings->identity_agent,
                     &settings->preferred,
                     &settings->forward_agent,
                     &settings->strict_where,
                     &settings->revoked,
                     &settings->gssapi_client,
                     &settings->gssapi_server,
                     &settings->ca_algorithms,
                     &settings->ciphers,
                     &settings->macs,
                     &settings->kex,
                     &settings->host_key_algorithms,
                     &settings->pubkey_algorithms };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = str_copy(arena, *texts[i]);
    }
    keep_list(arena, &settings->user_known_hosts);
    keep_list(arena, &settings->global_known_hosts);
    keep_list(arena, &settings->identities);
    keep_list(arena, &settings->certificates);
    keep_list(arena, &settings->environment);
    settings->tag = settings->ignore_unknown = STR_NONE; /* they count while reading only */
}

/* "user@host", "ssh://user@host:port", as on ssh(1)'s command line. */
static bool read_destination(struct ssh_reader *reader)
{
    struct ssh_hop *asked = &reader->asked;
    str text = reader->options->host;
    size_t at = str_rfind(text, S("@"));
    asked->host = text;
    if (str_starts(text, S("ssh://")) && !ssh_hop_parse(text, asked)) {
        reader->where = S("the host to connect to");
        reader->about = ABOUT_HOST;
        return ssh_reader_refuse(reader, S("as in ssh://user@host:port"), "bad value '%.*s'",
                                 SARG(text));
    }
    if (str_eq(asked->host, text) && at != STR_NPOS) {
        asked->user = str_part(text, 0, at);
        asked->host = str_part(text, at + 1, text.len);
    }
    reader->settings->host = asked->host;
    return true;
}

/* Options that stand before the destination count more than what it says, files less. */
static void use_destination(struct ssh_reader *reader)
{
    struct ssh_settings *settings = reader->settings;
    settings->user = str_is_none(settings->user) ? reader->asked.user : settings->user;
    settings->port = settings->port == 0 ? reader->asked.port : settings->port;
}

static bool read_all(struct ssh_reader *reader)
{
    if (!read_destination(reader) || !ssh_args_read(reader)) {
        return false;
    }
    use_destination(reader);
    reader->about = ABOUT_NOTHING;
    if (!ssh_files_read(reader) || !ssh_canonicalize(reader)) {
        return false;
    }
    reader->final = reader->final_seen || reader->canonical.wanted >= CANONICAL_YES;
    reader->host_name = reader->settings->host; /* a HostName comes too late from now on */
    return !reader->final || ssh_files_read(reader);
}

static bool load(struct arena *arena, struct ssh_reader *reader, struct ssh_settings *ret)
{
    ssh_local_user(reader->arena, &reader->settings->home);
    bool done = read_all(reader) && finish(reader);
    if (done) {
        *ret = *reader->settings;
        keep(arena, ret);
    }
    ssh_files_let_go(reader->files, reader->held);
    return done;
}

static void free_own(struct ssh_files **files)
{
    ssh_files_free(*files);
}

bool ssh_settings_load(struct arena *arena, struct arena *error_arena,
                       const struct connection_options *options, deadline until,
                       struct ssh_settings *ret, struct wire_error *ret_error)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("ssh configuration");
    /* not on the stack: whoever is called from here goes deep, for each connection */
    struct ssh_settings *settings = NEW(scratch, struct ssh_settings);
    struct ssh_reader *reader = NEW(scratch, struct ssh_reader);
    __attribute__((cleanup(free_own))) struct ssh_files *own =
        options->ssh_files == NULL ? ssh_files_new() : NULL;
    *settings = (struct ssh_settings){ .alive_interval = NOT_SAID,
                                       .alive_count = NOT_SAID,
                                       .prompts = NOT_SAID };
    *reader = (struct ssh_reader){ .arena = scratch,
                                   .error_arena = error_arena,
                                   .options = options,
                                   .settings = settings,
                                   .error = ret_error,
                                   .until = until,
                                   .files = own != NULL ? own : options->ssh_files };
    return load(arena, reader, ret);
}
