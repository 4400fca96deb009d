/*
 * digest.h - checksums of bytes on the controller.
 */
#pragma once
#include "remote/observe.h"

#define DIGESTS (DIGEST_SHA512 + 1) /* how many there are */

/* False: libcrypto refuses it, as MD5 under FIPS; then it must not be asked for. */
bool digest_is_possible(enum digest digest);

/* Hexadecimal digest of what can be read from a descriptor; STR_NONE on a read error. */
str digest_of_fd(struct arena *arena, enum digest digest, int fd);
str digest_of_bytes(struct arena *arena, enum digest digest, str bytes);

/* A digest of bytes that come piece by piece: libcrypto's own type. */
struct evp_md_ctx_st;
struct evp_md_ctx_st *digest_start(enum digest digest);
void digest_add(struct evp_md_ctx_st *context, str bytes);
str digest_text(struct arena *arena, struct evp_md_ctx_st *context); /* once, at the end */
void digest_free(struct evp_md_ctx_st **context);                    /* for CLEANUP */
