/*
 * files.c - reading files.
 */
#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"

#define FILE_MAX (64u << 20)

const struct source *file_source(struct arena *arena, struct diags *diags, str path, span at)
{
    struct strbuf text = strbuf_in(arena);
    CLEANUP(close_fd) int fd = open(str_c(arena, path), O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : 1;
    while (fd >= 0 && got > 0 && text.len <= FILE_MAX) {
        got = read(fd, strbuf_room(&text, 1 << 16), 1 << 16);
        strbuf_grew(&text, got > 0 ? (size_t)got : 0);
    }
    if (got < 0 || text.len > FILE_MAX) {
        diag_error(diags, at, "could not read '%.*s': %s", SARG(path),
                   got < 0 ? strerror(errno) : "larger than 64 MiB");
        return NULL;
    }
    const struct source *source = source_add(diags->sources, path, strbuf_str(&text));
    if (source == NULL) {
        diag_error(diags, at, "too many bytes of sources");
    }
    return source;
}
