/*
 * tar.h - an archive of regular files as a stream of bytes, for a tar over there: GNU's, busybox's
 * or bsdtar. Private to remote/.
 * Source: ustar of POSIX.1-2017 pax(1); names longer than its field, and sizes beyond 8 GiB, as GNU
 * tar writes them (tar(5) of FreeBSD), which all three read.
 */
#pragma once
#include "base/strbuf.h"

#define TAR_BLOCK 512

/* Bytes that the archive takes for a member: with its header, and its content padded. */
uint64_t tar_member_size(str name, uint64_t size);
/* What stands before the content: one block, or more if the name is long. Mode 0600, owner root,
 * the epoch: whoever extracts says otherwise. */
void tar_header(struct strbuf *out, str name, uint64_t size);
/* Zero bytes behind a content of this size. */
size_t tar_padding(uint64_t size);
#define TAR_END ((size_t)2 * TAR_BLOCK) /* zero bytes that end the archive */
