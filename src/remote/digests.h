/*
 * digests.h - checksums of files on the controller, for all hosts of a run: the first that needs
 * one reads the file, others wait for it or find it. A file is known by device, inode, size and
 * times, so what was changed meanwhile is read anew.
 *
 * Usable from several threads at once.
 */
#pragma once
#include "remote/change.h"

struct digests;
struct digests *digests_new(void);
void digests_free(struct digests *digests); /* accepts NULL */

/* A regular file as content of a change: its size, and its SHA-1 if that is known. Costs a stat.
 * False: errno tells why it could not be opened. */
bool digests_content(struct digests *digests, str path, struct content *ret);

/* The SHA-1 of any content; STR_NONE: its bytes are not all known, or could not be read. Reads a
 * file of the controller at the first call for it. */
str content_digest(const struct content *content);

/* Whether a file of the host, of which size and SHA-1 (STR_NONE: no file) are known, has other
 * bytes. A file of the controller is read only where both have one size. */
bool content_differs(const struct content *content, uint64_t size, str digest);

/* How often a file was read so far. */
size_t digests_read(struct digests *digests);
