/*
 * payload.c - bytes for a host. Small ones are arguments of the shell's builtin printf; others are
 * streamed once the host has said that a program reads them, since dash and busybox read ahead and
 * would take raw bytes behind a command for commands.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "remote/shell.h"

#define PIECE 8192  /* bytes of one printf; escaped at most five times as long */
#define CHUNK 32768 /* bytes of one write to a channel; smaller is slower, larger gains nothing */

static bool is_plain(char c)
{
    return (c >= ' ' && c <= '~' && c != '\\') || c == '\n' || c == '\t';
}

static bool all_plain(str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (!is_plain(bytes.ptr[i])) {
            return false;
        }
    }
    return true;
}

static void escape(struct strbuf *out, str bytes)
{
    strbuf_add_char(out, '\'');
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.ptr[i];
        if (c == '\'') {
            strbuf_add(out, S("\\0047"));
        } else if (is_plain(c)) {
            strbuf_add_char(out, c);
        } else {
            strbuf_addf(out, "\\0%03o", (unsigned char)c);
        }
    }
    strbuf_add_char(out, '\'');
}

void payload_lines(struct strbuf *script, str bytes)
{
    size_t from = 0;
    do {
        str piece = str_part(bytes, from, from + PIECE);
        strbuf_add(script, from == 0 ? STR_EMPTY : S(" &&\n"));
        if (all_plain(piece)) {
            strbuf_add(script, S("printf %s "));
            shell_quote_to(script, piece);
        } else {
            strbuf_add(script, S("printf %b "));
            escape(script, piece);
        }
        from += PIECE;
    } while (from < bytes.len);
    strbuf_add_char(script, '\n');
}

/* ---- streaming ---- */

static enum remote_status write_chunk(struct channel *channel, const struct remote_context *context,
                                      str chunk, struct remote_error *ret_error)
{
    enum wire_status status = channel_write(channel, chunk, context->until);
    return status == WIRE_OK
               ? REMOTE_OK
               : remote_channel_error(context, channel, status, "sending a file", ret_error);
}

static enum remote_status send_file(struct channel *channel, const struct remote_context *context,
                                    const struct payload *payload, struct remote_error *ret_error)
{
    char chunk[CHUNK];
    uint64_t sent = 0;
    CLEANUP(close_fd)
    int fd = open(str_c(context->arena, payload->path), O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && sent < payload->size) {
        uint64_t left = payload->size - sent;
        ssize_t got = read(fd, chunk, left < CHUNK ? (size_t)left : CHUNK);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        enum remote_status status =
            write_chunk(channel, context, (str){ chunk, (size_t)got }, ret_error);
        if (status != REMOTE_OK) {
            return status;
        }
        sent += (uint64_t)got;
    }
    if (sent < payload->size) {
        return remote_failed(context->arena, ret_error, REMOTE_FAILED, payload->path,
                             "could not read %.*s on the controller: %s", SARG(payload->path),
                             fd < 0 ? strerror(errno) : "it changed meanwhile");
    }
    return REMOTE_OK;
}

enum remote_status payload_send(struct channel *channel, const struct remote_context *context,
                                const struct payload *payload, struct remote_error *ret_error)
{
    if (!str_is_none(payload->path)) {
        return send_file(channel, context, payload, ret_error);
    }
    for (size_t from = 0; from < payload->bytes.len; from += CHUNK) {
        enum remote_status status =
            write_chunk(channel, context, str_part(payload->bytes, from, from + CHUNK), ret_error);
        if (status != REMOTE_OK) {
            return status;
        }
    }
    return REMOTE_OK;
}
