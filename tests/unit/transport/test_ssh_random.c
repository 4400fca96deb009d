/* Random bytes by OpenSSL, from the kernel: no two are the same, in no two threads, nor after
 * fork(). */
#include "check.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transport/ssh_random.h"

enum { DRAWS = 4000, SIZE = 16, THREADS = 4 };

static unsigned char drawn[THREADS][DRAWS][SIZE];

static void *draw(void *to)
{
    unsigned char(*bytes)[SIZE] = to;
    for (size_t i = 0; i < DRAWS; i++) {
        if (RAND_bytes(bytes[i], SIZE) != 1) {
            abort();
        }
    }
    return NULL;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, SIZE);
}

Test(ssh_random, no_two_alike)
{
    pthread_t threads[THREADS];
    ssh_random_init();
    for (size_t i = 0; i < THREADS; i++) {
        cr_assert(pthread_create(&threads[i], NULL, draw, drawn[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    qsort(drawn, (size_t)THREADS * DRAWS, SIZE, compare);
    unsigned char(*all)[SIZE] = drawn[0];
    for (size_t i = 1; i < (size_t)THREADS * DRAWS; i++) {
        cr_assert(memcmp(all[i - 1], all[i], SIZE) != 0, "two draws are the same");
    }
}

/* Every byte of a request is filled: of one that comes from what was fetched before, and of others.
 */
Test(ssh_random, all_of_it)
{
    static const int sizes[] = { 1, 31, 32, 33, 255, 256, 257, 1000 };
    ssh_random_init();
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
        unsigned char seen[1001] = { 0 };
        for (unsigned draws = 0; draws < 100; draws++) {
            unsigned char bytes[1001] = { 0 };
            cr_assert(RAND_priv_bytes(bytes, sizes[s]) == 1);
            for (size_t i = 0; i < sizeof bytes; i++) {
                seen[i] |= bytes[i];
            }
        }
        for (int i = 0; i < (int)sizeof seen; i++) {
            cr_assert((seen[i] != 0) == (i < sizes[s]), "byte %d of %d", i, sizes[s]);
        }
    }
}

Test(ssh_random, not_after_fork)
{
    unsigned char ours[SIZE], theirs[SIZE];
    int ends[2];
    ssh_random_init();
    cr_assert(RAND_bytes(ours, SIZE) == 1 && pipe(ends) == 0);
    pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        bool told = RAND_bytes(theirs, SIZE) == 1 && write(ends[1], theirs, SIZE) == SIZE;
        _exit(told ? 0 : 1);
    }
    cr_assert(RAND_bytes(ours, SIZE) == 1);
    cr_assert(read(ends[0], theirs, SIZE) == SIZE && waitpid(child, NULL, 0) == child);
    cr_assert(memcmp(ours, theirs, SIZE) != 0);
}
