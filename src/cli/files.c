/*
 * files.c - reading and writing files.
 */
#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/file_out.h"
#include "base/tree.h"

#define FILE_MAX ((size_t)1 << 30) /* a vault file is four times its text */

bool file_bytes_at(struct arena *arena, struct diags *diags, str path, span at, str *ret)
{
    CLEANUP(close_fd) int fd = tree_open(path);
    bool ok = fd >= 0 && fd_read(arena, fd, FILE_MAX, ret);
    if (!ok) {
        diag_error(diags, at, "could not read '%.*s': %s", SARG(path),
                   errno == EFBIG ? "larger than 1 GiB" : tree_why(errno));
    }
    return ok;
}

const struct source *file_source(struct arena *arena, struct diags *diags, str path, span at)
{
    str text;
    if (!file_bytes_at(arena, diags, path, at, &text)) {
        return NULL;
    }
    const struct source *source = source_add(diags->sources, path, text);
    if (source == NULL) {
        diag_error(diags, at, "too many bytes of sources");
    }
    return source;
}

/* ---- writing ---- */

bool file_replace(struct arena *arena, struct diags *diags, str path, str bytes)
{
    bool ok = file_put(arena, path, bytes, true);
    if (!ok) {
        diag_error(diags, SPAN_NONE, "could not write '%.*s': %s", SARG(path), strerror(errno));
    }
    return ok;
}

void directory_make(struct arena *arena, str path)
{
    for (size_t at = 1; at <= path.len; at++) {
        if (at == path.len || path.ptr[at] == '/') {
            (void)mkdir(str_c(arena, str_part(path, 0, at)), 0777);
        }
    }
}
