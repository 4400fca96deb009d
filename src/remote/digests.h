/*
 * digests.h - checksums of files on the controller, for all hosts of a run: the first that needs
 * one reads the file, others wait for it or find it. A file is known by device, inode, size and
 * times, so what was changed meanwhile is read anew.
 *
 * Usable from several threads at once.
 */
#pragma once
#include "remote/content.h"

struct digests;
struct digests *digests_new(void);
void digests_free(struct digests *digests); /* accepts NULL */

/* A regular file as content of a change: its size, and its SHA-1 if that is known. Costs a stat.
 * False: errno tells why it could not be opened. */
bool digests_content(struct digests *digests, str path, struct content *ret);

/* The SHA-1 of a file, for as long as the table lives; STR_NONE: it could not be read. */
str digests_of(struct digests *digests, str path);

/* How often a file was read so far. */
size_t digests_read(struct digests *digests);
