/*
 * ssh_random.c - see ssh_random.h.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* the way without a provider, which is said to be old */
#include "transport/ssh_random.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>

#include "base/bug.h"

#define POOL_SIZE 256 /* what getrandom() always gives whole */
#define FEW       32  /* so many bytes, or fewer, come from the pool */

/* Bytes that nobody has had yet: pool.bytes[0..left). */
static _Thread_local struct {
    unsigned char bytes[POOL_SIZE];
    size_t left;
} pool;

static bool from_kernel(unsigned char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t got = getrandom(bytes, count < POOL_SIZE ? count : POOL_SIZE, 0);
        if (got <= 0) {
            return false;
        }
        bytes += got;
        count -= (size_t)got;
    }
    return true;
}

static int random_bytes(unsigned char *bytes, int count_)
{
    size_t count = count_ < 0 ? 0 : (size_t)count_;
    if (count > FEW) {
        return from_kernel(bytes, count);
    }
    if (pool.left < count) {
        if (!from_kernel(pool.bytes, sizeof pool.bytes)) {
            return 0;
        }
        pool.left = sizeof pool.bytes;
    }
    pool.left -= count;
    memcpy(bytes, pool.bytes + pool.left, count);
    explicit_bzero(pool.bytes + pool.left, count); /* who reads our memory learns nothing of it */
    return 1;
}

/* What the parent will hand out is not for a child. */
static void forget(void)
{
    explicit_bzero(&pool, sizeof pool);
}

static int has_seed(void)
{
    return 1;
}

void ssh_random_init(void)
{
    static const RAND_METHOD method = { .bytes = random_bytes,
                                        .pseudorand = random_bytes,
                                        .status = has_seed };
    BUG_ON(RAND_set_rand_method(&method) != 1 || pthread_atfork(NULL, NULL, forget) != 0);
}
