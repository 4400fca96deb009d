/* file_out.c - see file_out.h. */
#include "base/file_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

bool fd_write(int fd, str bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(fd, bytes.ptr, bytes.len);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes = str_part(bytes, written > 0 ? (size_t)written : 0, bytes.len);
    }
    return true;
}

int fd_of_bytes(const char *name, str bytes)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd >= 0 && (!fd_write(fd, bytes) || lseek(fd, 0, SEEK_SET) != 0)) {
        int error = errno;
        close_fd(&fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* ---- in the place of a file ---- */

/* Owner and mode of the file that goes; what only root may give is left as it is. */
static bool take_after(int fd, const struct stat *old)
{
    bool ours = old->st_uid == geteuid() && old->st_gid == getegid();
    return (ours || fchown(fd, old->st_uid, old->st_gid) == 0 || geteuid() != 0) &&
           fchmod(fd, old->st_mode & 07777) == 0;
}

static bool write_into(const char *path, str bytes)
{
    CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return fd >= 0 && fd_write(fd, bytes);
}

bool file_put(struct arena *arena, str path, str bytes, bool synced)
{
    struct stat old;
    char *real = realpath(str_c(arena, path), NULL);
    const char *target = real == NULL ? str_c(arena, path) : str_copy(arena, str_of(real)).ptr;
    free(real);
    bool there = stat(target, &old) == 0;
    if (there && !S_ISREG(old.st_mode)) {
        return write_into(target, bytes);
    }
    char *beside = (char *)(uintptr_t)str_format(arena, "%s.XXXXXX", target).ptr;
    CLEANUP(close_fd) int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    if ((there && !take_after(fd, &old)) || !fd_write(fd, bytes) || (synced && fsync(fd) != 0) ||
        rename(beside, target) != 0) {
        int error = errno;
        unlink(beside);
        errno = error;
        return false;
    }
    return true;
}
