/*
 * payload.c - bytes for a host. Small ones are arguments of the shell's builtin printf; others are
 * streamed once the host has said that a program reads them, since dash and busybox read ahead and
 * would take raw bytes behind a command for commands.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "remote/digest.h"
#include "remote/shell.h"
#include "remote/tar.h"

#define PIECE 8192 /* bytes of one printf; escaped at most five times as long */
/* Bytes of one write to a channel. A packet of ssh holds ten bytes less than the 32 KiB that
 * servers take, so writes of 32 KiB would make a large and a tiny one each. */
#define CHUNK 131072

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

/* What was not sent yet is gathered into writes of one size. */
struct outlet {
    struct channel *channel;
    const struct remote_context *context;
    struct remote_error *ret_error;
    struct evp_md_ctx_st *sha1, *md5; /* of the bytes of a file; NULL: not wanted */
    size_t used;
    char chunk[CHUNK];
};

static enum remote_status flush(struct outlet *outlet)
{
    str chunk = { outlet->chunk, outlet->used };
    enum wire_status status = channel_write(outlet->channel, chunk, outlet->context->until);
    outlet->used = 0;
    return status == WIRE_OK ? REMOTE_OK
                             : remote_channel_error(outlet->context, outlet->channel, status,
                                                    "sending a file", outlet->ret_error);
}

static enum remote_status send_bytes(struct outlet *outlet, str bytes)
{
    enum remote_status status = REMOTE_OK;
    while (bytes.len > 0 && status == REMOTE_OK) {
        size_t room = CHUNK - outlet->used, count = bytes.len < room ? bytes.len : room;
        memcpy(outlet->chunk + outlet->used, bytes.ptr, count);
        outlet->used += count;
        bytes = str_part(bytes, count, bytes.len);
        status = outlet->used == CHUNK ? flush(outlet) : REMOTE_OK;
    }
    return status;
}

static enum remote_status send_zeros(struct outlet *outlet, size_t count)
{
    static const char zeros[TAR_END];
    return send_bytes(outlet, (str){ zeros, count });
}

static enum remote_status changed_here(struct outlet *outlet, str path, const char *words)
{
    return remote_failed(outlet->context->arena, outlet->ret_error, REMOTE_FAILED, path,
                         "could not read %.*s on the controller: %s", SARG(path), words);
}

static void add_digests(struct outlet *outlet, str bytes)
{
    if (outlet->sha1 != NULL) {
        digest_add(outlet->sha1, bytes);
    }
    if (outlet->md5 != NULL) {
        digest_add(outlet->md5, bytes);
    }
}

static enum remote_status send_file(struct outlet *outlet, str path, uint64_t size)
{
    CLEANUP(close_fd)
    int fd = tree_open(path);
    if (fd < 0) {
        return changed_here(outlet, path, tree_why(errno));
    }
    while (size > 0) {
        size_t room = CHUNK - outlet->used;
        ssize_t got = read(fd, outlet->chunk + outlet->used, size < room ? (size_t)size : room);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return changed_here(outlet, path, got < 0 ? strerror(errno) : "it changed meanwhile");
        }
        add_digests(outlet, (str){ outlet->chunk + outlet->used, (size_t)got });
        outlet->used += (size_t)got;
        size -= (uint64_t)got;
        enum remote_status status = outlet->used == CHUNK ? flush(outlet) : REMOTE_OK;
        if (status != REMOTE_OK) {
            return status;
        }
    }
    return REMOTE_OK;
}

static enum remote_status send_content(struct outlet *outlet, str bytes, str path, uint64_t size)
{
    return str_is_none(path) ? send_bytes(outlet, bytes) : send_file(outlet, path, size);
}

static enum remote_status send_archive(struct outlet *outlet, const struct payload *payload)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("headers");
    enum remote_status status = REMOTE_OK;
    for (size_t i = 0; i < payload->member_count && status == REMOTE_OK; i++) {
        const struct payload_member *member = &payload->members[i];
        struct strbuf header = strbuf_in(arena);
        tar_header(&header, member->name, member->size);
        status = send_bytes(outlet, strbuf_str(&header));
        if (status == REMOTE_OK) {
            status = send_content(outlet, member->bytes, member->path, member->size);
        }
        if (status == REMOTE_OK) {
            status = send_zeros(outlet, tar_padding(member->size));
        }
        arena_reset(arena);
    }
    return status == REMOTE_OK ? send_zeros(outlet, TAR_END) : status;
}

/* The digests cost no time of their own: meanwhile the host receives what was sent before. */
static enum remote_status send_noted_file(struct outlet *outlet, const struct payload *payload,
                                          struct sent_files *sent)
{
    CLEANUP(digest_free)
    struct evp_md_ctx_st *sha1 = str_is_none(payload->sha1) ? digest_start(DIGEST_SHA1) : NULL;
    CLEANUP(digest_free)
    struct evp_md_ctx_st *md5 = digest_is_possible(DIGEST_MD5) ? digest_start(DIGEST_MD5) : NULL;
    struct arena *arena = outlet->context->arena;
    outlet->sha1 = sha1;
    outlet->md5 = md5;
    enum remote_status status = send_file(outlet, payload->path, payload->size);
    outlet->sha1 = outlet->md5 = NULL;
    if (status == REMOTE_OK) {
        *VEC_PUSH(arena, &sent->files) = (struct sent_file){
            .path = payload->path,
            .sha1 = sha1 == NULL ? payload->sha1 : digest_text(arena, sha1),
            .md5 = md5 == NULL ? STR_NONE : digest_text(arena, md5),
        };
    }
    return status;
}

enum remote_status payload_send(struct channel *channel, const struct remote_context *context,
                                const struct payload *payload, struct sent_files *sent,
                                struct remote_error *ret_error)
{
    struct outlet outlet;
    outlet.channel = channel;
    outlet.context = context;
    outlet.ret_error = ret_error;
    outlet.sha1 = outlet.md5 = NULL;
    outlet.used = 0;
    enum remote_status status =
        payload->members != NULL ? send_archive(&outlet, payload)
        : payload->noted         ? send_noted_file(&outlet, payload, sent)
                         : send_content(&outlet, payload->bytes, payload->path, payload->size);
    return status == REMOTE_OK ? flush(&outlet) : status;
}
