/*
 * download.c - the bytes of a file on the machine, in a stream, into a descriptor here.
 *
 * The control shell prints them as they are and then a mark that nobody could know before; the
 * frame of the reply follows and tells how it went. So a download works as any user, costs one
 * round trip, and a file that grows or shrinks while it is read leaves the shell usable.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "remote/digest.h"
#include "remote/local.h"

/* ---- where the bytes go ---- */

static enum remote_status sink_write(struct sink *sink, const struct remote_context *context,
                                     str bytes, struct remote_error *ret_error)
{
    const struct download *download = sink->download;
    if (bytes.len > download->size_max - sink->size) {
        return remote_failed(context->arena, ret_error, REMOTE_FAILED, download->path,
                             "could not read %.*s: larger than %llu bytes", SARG(download->path),
                             (unsigned long long)download->size_max);
    }
    sink->size += bytes.len;
    digest_add(sink->digesting, bytes);
    while (bytes.len > 0) {
        ssize_t written = write(download->fd, bytes.ptr, bytes.len);
        if (written < 0 && errno != EINTR) {
            return remote_failed(context->arena, ret_error, REMOTE_FAILED, STR_NONE,
                                 "could not write on the controller what was read of %.*s: %s",
                                 SARG(download->path), strerror(errno));
        }
        bytes = str_part(bytes, written > 0 ? (size_t)written : 0, bytes.len);
    }
    return REMOTE_OK;
}

enum remote_status sink_take(struct sink *sink, const struct remote_context *context, str bytes,
                             size_t *ret_used, struct remote_error *ret_error)
{
    size_t mark = str_find(bytes, sink->mark, 0);
    size_t begun = sink->mark.len - 1; /* so many last bytes may be the beginning of the mark */
    size_t count = mark != STR_NPOS ? mark : bytes.len > begun ? bytes.len - begun : 0;
    enum remote_status status = sink_write(sink, context, str_part(bytes, 0, count), ret_error);
    if (status == REMOTE_OK) {
        sink->ended = mark != STR_NPOS;
        *ret_used = count + (sink->ended ? sink->mark.len : 0);
    }
    return status;
}

static void tell(const struct sink *sink, const struct remote_context *context,
                 struct downloaded *ret)
{
    *ret = (struct downloaded){
        .size = sink->size,
        .digest = digest_text(context->arena, sink->digesting),
    };
}

static enum remote_status download_failed(const struct remote_context *context,
                                          const struct download *download, str words,
                                          struct remote_error *ret_error)
{
    return remote_failed(context->arena, ret_error, REMOTE_FAILED, download->path,
                         "could not read %.*s: %.*s", SARG(download->path), SARG(words));
}

/* ---- through a shell ---- */

static str download_script(struct arena *arena, const struct download *download, str mark)
{
    struct strbuf script = strbuf_in(arena);
    strbuf_add(&script, S("E= p="));
    shell_quote_to(&script, download->path);
    strbuf_addf(&script,
                "\nif [ -f \"$p\" ]; then\n"
                "{ E=$(cat \"$p\" 2>&1 >&4) || E=${E:-'read error'}; } 4>&1\n"
                "elif [ -d \"$p\" ]; then E='Is a directory'\n"
                "elif [ -e \"$p\" ]; then E='not a regular file'\n"
                "elif d \"$p\"; then E='No such file or directory'\n"
                "else E='Permission denied'; fi\n"
                "printf %%s %.*s; s error \"$E\"\n",
                SARG(mark));
    return strbuf_str(&script);
}

static enum remote_status download_to(struct remote *remote, const struct remote_context *context,
                                      struct sink *sink, str *ret_words,
                                      struct remote_error *ret_error)
{
    struct seat *seat = seat_of(remote, &context->become);
    struct request request = {
        .script = download_script(context->arena, sink->download, sink->mark),
        .sink = sink,
    };
    struct reply reply;
    enum remote_status status = control_ask(remote, context, seat, &request, &reply, ret_error);
    if (status == REMOTE_OK) {
        *ret_words = reply_get(&reply, S("error"));
    } else if (status == REMOTE_FAILED || sink->size > 0) {
        /* bytes are still on their way: to libssh what dropbear sends for a channel that was closed
         * meanwhile is a breach of the protocol, and it would end the session at the next use */
        remote_reset(remote);
    }
    return status;
}

enum remote_status shell_download(struct remote *remote, const struct remote_context *context,
                                  const struct download *download, struct downloaded *ret,
                                  struct remote_error *ret_error)
{
    CLEANUP(digest_free) struct evp_md_ctx_st *digesting = digest_start(download->digest);
    struct sink sink = {
        .mark = shell_token(context->arena),
        .download = download,
        .digesting = digesting,
    };
    str words;
    enum remote_status status = download_to(remote, context, &sink, &words, ret_error);
    if (status != REMOTE_OK) {
        return status;
    }
    if (words.len > 0) {
        return download_failed(context, download, system_words(words), ret_error);
    }
    tell(&sink, context, ret);
    return REMOTE_OK;
}

/* ---- by system calls ---- */

static enum remote_status read_fd(struct remote *remote, const struct remote_context *context,
                                  struct sink *sink, int from, struct remote_error *ret_error)
{
    char chunk[65536];
    for (;;) {
        enum remote_status status =
            local_go_on(context, remote->options.wake, "reading a file", ret_error);
        ssize_t got = status == REMOTE_OK ? read(from, chunk, sizeof chunk) : 0;
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return download_failed(context, sink->download, str_of(strerror(errno)), ret_error);
        }
        if (got == 0) {
            return status;
        }
        status = sink_write(sink, context, (str){ chunk, (size_t)got }, ret_error);
        if (status != REMOTE_OK) {
            return status;
        }
    }
}

enum remote_status local_download(struct remote *remote, const struct remote_context *context,
                                  const struct download *download, struct downloaded *ret,
                                  struct remote_error *ret_error)
{
    struct stat found = { 0 };
    CLEANUP(digest_free) struct evp_md_ctx_st *digesting = digest_start(download->digest);
    CLEANUP(close_fd)
    int from =
        open(str_c(context->arena, download->path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (from < 0 && errno != ENXIO) { /* ENXIO: a socket */
        return download_failed(context, download, str_of(strerror(errno)), ret_error);
    }
    if (from < 0 || fstat(from, &found) != 0 || !S_ISREG(found.st_mode)) {
        str words =
            from >= 0 && S_ISDIR(found.st_mode) ? S("Is a directory") : S("not a regular file");
        return download_failed(context, download, words, ret_error);
    }
    struct sink sink = { .download = download, .digesting = digesting };
    enum remote_status status = read_fd(remote, context, &sink, from, ret_error);
    if (status == REMOTE_OK) {
        tell(&sink, context, ret);
    }
    return status;
}
