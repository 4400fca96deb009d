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

#include "base/strbuf.h"
#include "base/tree.h"

#define FILE_MAX ((size_t)1 << 30) /* a vault file is four times its text */
#define STEP     ((size_t)1 << 16)

bool file_bytes_at(struct arena *arena, struct diags *diags, str path, span at, str *ret)
{
    struct strbuf text = strbuf_in(arena);
    CLEANUP(close_fd) int fd = tree_open(path);
    struct stat status;
    ssize_t got = fd < 0 ? -1 : 1;
    if (fd >= 0 && tree_fstat(path, fd, &status) && S_ISREG(status.st_mode)) {
        strbuf_room(&text, (size_t)status.st_size + STEP); /* at once: a large one has no copies */
    }
    while (fd >= 0 && got > 0 && text.len <= FILE_MAX) {
        got = read(fd, strbuf_room(&text, STEP), STEP);
        strbuf_grew(&text, got > 0 ? (size_t)got : 0);
    }
    if (got < 0 || text.len > FILE_MAX) {
        diag_error(diags, at, "could not read '%.*s': %s", SARG(path),
                   got < 0 ? tree_why(errno) : "larger than 1 GiB");
        return false;
    }
    *ret = strbuf_str(&text);
    return true;
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

static bool write_new(int fd, str bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(fd, bytes.ptr, bytes.len);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes = str_part(bytes, (size_t)written, bytes.len);
    }
    return fsync(fd) == 0;
}

/* Owner and mode of the file that goes; what only root may give is left as it is. */
static bool take_after(int fd, const char *path)
{
    struct stat old;
    if (stat(path, &old) != 0) {
        return true;
    }
    bool ours = old.st_uid == geteuid() && old.st_gid == getegid();
    return (ours || fchown(fd, old.st_uid, old.st_gid) == 0 || geteuid() != 0) &&
           fchmod(fd, old.st_mode & 07777) == 0;
}

bool file_replace(struct arena *arena, struct diags *diags, str path, str bytes)
{
    char *real = realpath(str_c(arena, path), NULL);
    const char *target = real == NULL ? str_c(arena, path) : str_copy(arena, str_of(real)).ptr;
    free(real);
    char *beside = (char *)(uintptr_t)str_format(arena, "%s.XXXXXX", target).ptr;
    CLEANUP(close_fd) int fd = mkostemp(beside, O_CLOEXEC);
    bool ok =
        fd >= 0 && take_after(fd, target) && write_new(fd, bytes) && rename(beside, target) == 0;
    if (!ok) {
        diag_error(diags, SPAN_NONE, "could not write '%.*s': %s", SARG(path), strerror(errno));
        if (fd >= 0) {
            unlink(beside);
        }
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
