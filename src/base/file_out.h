/*
 * file_out.h - texts into files of this machine, whole or not at all.
 */
#pragma once
#include "base/arena.h"

/* All of them, in as many writes as it takes. False: errno. */
NODISCARD bool fd_write(int fd, str bytes);

/* A file in memory with these bytes, open at its beginning; `name` is for who looks into /proc.
 * -1: errno. */
NODISCARD int fd_of_bytes(const char *name, str bytes);

/*
 * Make `bytes` the content of a file: a new one is written beside it and renamed, with owner and
 * mode of the old one; 0600 if there was none. Links are followed. What is no regular file, such as
 * /dev/null or a pipe, is written into. synced: the bytes are on the disk before the old ones go.
 * False: errno; the old file is as it was.
 */
NODISCARD bool file_put(struct arena *arena, str path, str bytes, bool synced);
