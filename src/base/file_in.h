/*
 * file_in.h - files of this machine, whole, into memory.
 */
#pragma once
#include "base/arena.h"

/*
 * All that is left to read of a descriptor, at most `most` bytes. The size of a regular file is
 * asked for, so that one call reads all of it and sees that it ends there, and nothing is copied;
 * of a pipe, and of a file of /proc, it is not known. False: errno, EFBIG where there is more.
 */
NODISCARD bool fd_read(struct arena *arena, int fd, size_t most, str *ret);
