/*
 * content.h - bytes that a change puts into a file: known here, in a file of the controller, or on
 * the host itself.
 */
#pragma once
#include "base/value.h"

/* Bytes for a file. `digest` (SHA-1, hexadecimal) is STR_NONE when the bytes are not all known, and
 * for a file of the controller until a host has needed it: ask content_digest(). */
struct content {
    enum content_kind {
        CONTENT_BYTES,      /* `bytes`: a string value, or an unknown text in a dry run */
        CONTENT_CONTROLLER, /* a file here: `path`; streamed, not held in memory */
        CONTENT_REMOTE,     /* a file on the same host: `path` */
    } kind;
    value bytes;
    str path;
    uint64_t size;
    str digest;
    struct digests *digests; /* CONTROLLER: where the digest is found; NULL: nowhere */
    bool secret;             /* never shown in a diff: no_log, or decrypted */
    bool note_sent;          /* CONTROLLER: the result wants the digests of what is streamed */
};

/* The SHA-1 of a content; STR_NONE: its bytes are not all known, or could not be read. A file of
 * the controller is read at the first call for it, for all hosts. */
str content_digest(const struct content *content);
/* Whether a file of the host, of which size and SHA-1 (STR_NONE: no file) are known, has other
 * bytes. A file of the controller is read only where both have one size. */
bool content_differs(const struct content *content, uint64_t size, str digest);

/* A file of the controller that was streamed to the host. Digests are of the bytes that were sent.
 */
struct sent_file {
    str path;
    str sha1;
    str md5; /* STR_NONE: libcrypto refuses it */
};
struct sent_files {
    VEC(struct sent_file) files;
};
