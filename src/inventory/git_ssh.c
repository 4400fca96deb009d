/*
 * git_ssh.c - libgit2's smart protocol over a channel of ours.
 *
 * libgit2 asks for a stream to list what is there, and for another to fetch: with ssh both are one
 * git-upload-pack.
 */
#include <git2/errors.h>
#include <git2/sys/transport.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "inventory/git_fetch.h"

#define CHUNK ((size_t)1 << 16)

struct ssh_stream {
    git_smart_subtransport_stream base; /* first: libgit2 hands back a pointer to it */
    struct git_ssh *ssh;
    struct arena *arena;
    struct connection *connection;
    struct channel *channel;
    struct strbuf out, err;
    size_t taken; /* bytes of `out` that were given away */
};

struct ssh_subtransport {
    git_smart_subtransport base; /* likewise */
    struct git_ssh *ssh;
    struct ssh_stream *stream; /* open, or NULL */
};

static bool cut_scheme(str *url)
{
    static const str schemes[] = { S_INIT("ssh://"), S_INIT("git+ssh://"), S_INIT("ssh+git://") };
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (str_starts(*url, schemes[i])) {
            *url = str_part(*url, schemes[i].len, url->len);
            return true;
        }
    }
    return false;
}

bool git_ssh_is(str url)
{
    return cut_scheme(&url);
}

static int fail(const char *words)
{
    git_error_set_str(GIT_ERROR_NET, words);
    return -1;
}

/* ---- one stream ---- */

/* From [user@]host[:port]/path; IPv6 addresses in brackets. */
static bool take_url(str url, struct connection_options *ret, str *ret_path)
{
    cut_scheme(&url);
    size_t slash = str_find_char(url, '/', 0);
    if (slash == STR_NPOS) {
        return false;
    }
    *ret_path = str_part(url, slash, url.len);
    *ret_path = str_starts(*ret_path, S("/~")) ? str_part(*ret_path, 1, ret_path->len) : *ret_path;
    str host = str_part(url, 0, slash);
    size_t at = str_rfind(host, S("@"));
    if (at != STR_NPOS) {
        str user = str_part(host, 0, at);
        ret->user = str_cut(&user, ':');
        host = str_part(host, at + 1, host.len);
    }
    size_t bracket = str_rfind(host, S("]"));
    size_t colon = str_find_char(host, ':', bracket == STR_NPOS ? 0 : bracket);
    int64_t port = 0;
    if (colon != STR_NPOS) {
        if (!str_to_int64(str_part(host, colon + 1, host.len), &port) || port < 1 || port > 65535) {
            return false;
        }
        host = str_part(host, 0, colon);
    }
    bool bracketed = str_starts(host, S("[")) && str_ends(host, S("]"));
    ret->name = bracketed ? str_part(host, 1, host.len - 1) : host;
    ret->port = (unsigned)port;
    return ret->name.len > 0;
}

/* "git-upload-pack '/path'"; the home of a user must not be quoted. */
static str upload_pack(struct arena *arena, str path)
{
    struct strbuf command = strbuf_in(arena);
    strbuf_add(&command, S("git-upload-pack "));
    if (str_starts(path, S("~"))) {
        size_t slash = str_find_char(path, '/', 0);
        str home = str_part(path, 0, slash);
        for (size_t i = 1; i < home.len; i++) {
            bool plain = (home.ptr[i] | 32) >= 'a' && (home.ptr[i] | 32) <= 'z';
            if (!plain && strchr("0123456789_-.", home.ptr[i]) == NULL) {
                home.len = 0;
            }
        }
        strbuf_add(&command, home);
        path = str_part(path, home.len, path.len);
    }
    shell_quote_to(&command, path);
    return strbuf_str(&command);
}

static bool open_channel(struct ssh_stream *stream, str url)
{
    struct git_ssh *ssh = stream->ssh;
    struct connection_options options = ssh->access->ssh;
    str path;
    options.kind = CONNECTION_SSH;
    options.host = options.user = STR_NONE;
    options.wake = -1;
    if (!take_url(url, &options, &path)) {
        ssh->error = (struct wire_error){ .status = WIRE_REFUSED,
                                          .message = S("the URL is not of the form "
                                                       "ssh://USER@HOST:PORT/PATH"),
                                          .hint = STR_NONE };
        return false;
    }
    return connection_open(stream->arena, &options, &stream->connection, &ssh->error) == WIRE_OK &&
           channel_open(stream->connection, stream->arena, upload_pack(stream->arena, path),
                        (struct channel_options){ 0 }, &stream->channel, &ssh->error) == WIRE_OK;
}

static int stream_lost(struct ssh_stream *stream, enum wire_status status)
{
    str problem = connection_problem(stream->connection);
    stream->ssh->error = (struct wire_error){
        .status = status,
        .message = str_is_none(problem) ? S("the connection was lost")
                                        : str_copy(stream->ssh->arena, problem),
        .hint = STR_NONE,
    };
    return fail("the connection was lost");
}

static int stream_read(git_smart_subtransport_stream *base, char *buffer, size_t size, size_t *ret)
{
    struct ssh_stream *stream = (struct ssh_stream *)base;
    bool eof = false;
    while (stream->taken == stream->out.len && !eof) {
        strbuf_truncate(&stream->out, 0);
        stream->taken = 0;
        enum wire_status status =
            channel_read(stream->channel, &stream->out, &stream->err, CHUNK, DEADLINE_NEVER, &eof);
        if (status != WIRE_OK) {
            return stream_lost(stream, status);
        }
    }
    size_t have = stream->out.len - stream->taken;
    *ret = have < size ? have : size;
    if (*ret == 0) {
        stream->ssh->said = str_copy(stream->ssh->arena, str_trim(strbuf_str(&stream->err)));
        return 0;
    }
    memcpy(buffer, stream->out.ptr + stream->taken, *ret);
    stream->taken += *ret;
    return 0;
}

static int stream_write(git_smart_subtransport_stream *base, const char *bytes, size_t len)
{
    struct ssh_stream *stream = (struct ssh_stream *)base;
    enum wire_status status = channel_write(stream->channel, (str){ bytes, len }, DEADLINE_NEVER);
    return status == WIRE_OK ? 0 : stream_lost(stream, status);
}

static void stream_free(git_smart_subtransport_stream *base)
{
    struct ssh_stream *stream = (struct ssh_stream *)base;
    ((struct ssh_subtransport *)base->subtransport)->stream = NULL;
    channel_close(stream->channel);
    connection_close(stream->connection);
    arena_free(stream->arena); /* the stream lives in it */
}

static struct ssh_stream *stream_new(struct ssh_subtransport *subtransport)
{
    struct arena *arena = arena_new("git");
    struct ssh_stream *stream = NEW(arena, struct ssh_stream);
    *stream = (struct ssh_stream){ .base = { .subtransport = &subtransport->base,
                                             .read = stream_read,
                                             .write = stream_write,
                                             .free = stream_free },
                                   .ssh = subtransport->ssh,
                                   .arena = arena,
                                   .out = strbuf_in(arena),
                                   .err = strbuf_in(arena) };
    return stream;
}

/* ---- the transport ---- */

static int act(git_smart_subtransport_stream **ret, git_smart_subtransport *base, const char *url,
               git_smart_service_t action)
{
    struct ssh_subtransport *subtransport = (struct ssh_subtransport *)base;
    if (action != GIT_SERVICE_UPLOADPACK_LS && action != GIT_SERVICE_UPLOADPACK) {
        return fail("repositories are only read");
    }
    if (subtransport->stream == NULL) {
        struct ssh_stream *stream = stream_new(subtransport);
        if (!open_channel(stream, str_of(url))) {
            struct wire_error *error = &subtransport->ssh->error;
            error->message = str_copy(subtransport->ssh->arena, error->message);
            error->hint = str_is_none(error->hint)
                              ? STR_NONE
                              : str_copy(subtransport->ssh->arena, error->hint);
            stream_free(&stream->base);
            return fail("no connection");
        }
        subtransport->stream = stream;
    }
    *ret = &subtransport->stream->base;
    return 0;
}

static int close_all(git_smart_subtransport *base)
{
    struct ssh_subtransport *subtransport = (struct ssh_subtransport *)base;
    if (subtransport->stream != NULL) {
        stream_free(&subtransport->stream->base);
    }
    return 0;
}

static void free_all(git_smart_subtransport *base)
{
    close_all(base);
    free(base);
}

static int subtransport_new(git_smart_subtransport **ret, git_transport *owner, void *payload)
{
    struct ssh_subtransport *subtransport = calloc(1, sizeof *subtransport);
    if (subtransport == NULL) {
        return fail("out of memory");
    }
    subtransport->base =
        (git_smart_subtransport){ .action = act, .close = close_all, .free = free_all };
    subtransport->ssh = payload;
    *ret = &subtransport->base;
    return 0;
}

int git_ssh_transport(git_transport **out, git_remote *owner, void *payload)
{
    git_smart_subtransport_definition definition = { subtransport_new, 0, payload };
    return git_transport_smart(out, owner, &definition);
}
