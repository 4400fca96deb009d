/*
 * digest.h - checksums of bytes on the controller. Private to remote/.
 */
#pragma once
#include "remote/observe.h"

/* Hexadecimal digest of what can be read from a descriptor; STR_NONE on a read error. */
str digest_of_fd(struct arena *arena, enum digest digest, int fd);
str digest_of_bytes(struct arena *arena, enum digest digest, str bytes);
