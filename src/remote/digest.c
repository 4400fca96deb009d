/*
 * digest.c - checksums, by libcrypto.
 */
#include "remote/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "base/bug.h"

static const EVP_MD *algorithm(enum digest digest)
{
    switch (digest) {
    case DIGEST_SHA1:
        return EVP_sha1();
    case DIGEST_MD5:
        return EVP_md5();
    case DIGEST_SHA224:
        return EVP_sha224();
    case DIGEST_SHA256:
        return EVP_sha256();
    case DIGEST_SHA384:
        return EVP_sha384();
    case DIGEST_SHA512:
        return EVP_sha512();
    }
    BUG("digest %d", (int)digest);
}

bool digest_is_possible(enum digest digest)
{
    EVP_MD_CTX *context CLEANUP(digest_free) = EVP_MD_CTX_new();
    return context != NULL && EVP_DigestInit_ex(context, algorithm(digest), NULL) == 1;
}

EVP_MD_CTX *digest_start(enum digest digest)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestInit_ex(context, algorithm(digest), NULL) != 1) {
        BUG("libcrypto refuses to compute a checksum");
    }
    return context;
}

void digest_add(EVP_MD_CTX *context, str bytes)
{
    EVP_DigestUpdate(context, bytes.ptr, bytes.len);
}

str digest_text(struct arena *arena, EVP_MD_CTX *context)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_DigestFinal_ex(context, bytes, &len);
    return str_hex(arena, bytes, len);
}

void digest_free(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

str digest_of_bytes(struct arena *arena, enum digest digest, str bytes)
{
    CLEANUP(digest_free) EVP_MD_CTX *context = digest_start(digest);
    digest_add(context, bytes);
    return digest_text(arena, context);
}

str digest_of_fd(struct arena *arena, enum digest digest, int fd)
{
    char chunk[65536];
    CLEANUP(digest_free) EVP_MD_CTX *context = digest_start(digest);
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return STR_NONE;
        }
        if (got == 0) {
            return digest_text(arena, context);
        }
        digest_add(context, (str){ chunk, (size_t)got });
    }
}
