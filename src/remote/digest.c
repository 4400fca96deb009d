/*
 * digest.c - checksums, by libcrypto.
 */
#include "remote/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <unistd.h>

#include "base/bug.h"

static EVP_MD *algorithms[DIGESTS]; /* NULL: libcrypto refuses it */

static void fetch_algorithms(void)
{
    static const char *const names[DIGESTS] = {
        [DIGEST_SHA1] = "SHA1",     [DIGEST_MD5] = "MD5",       [DIGEST_SHA224] = "SHA224",
        [DIGEST_SHA256] = "SHA256", [DIGEST_SHA384] = "SHA384", [DIGEST_SHA512] = "SHA512",
    };
    for (size_t i = 0; i < DIGESTS; i++) {
        algorithms[i] = EVP_MD_fetch(NULL, names[i], NULL);
    }
}

/* Fetched once: libcrypto would look for it anew each time, which takes as long as the digest of a
 * small file. */
static const EVP_MD *algorithm(enum digest digest)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fetch_algorithms);
    return algorithms[digest];
}

bool digest_is_possible(enum digest digest)
{
    return algorithm(digest) != NULL;
}

EVP_MD_CTX *digest_start(enum digest digest)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || algorithm(digest) == NULL ||
        EVP_DigestInit_ex(context, algorithm(digest), NULL) != 1) {
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
