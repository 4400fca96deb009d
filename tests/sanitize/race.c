/*
 * race.c - two threads that write one number without a lock, on purpose: run by selftest in the
 * build for ThreadSanitizer, which does not start under Criterion.
 */
#include <pthread.h>

static int shared;

static void *count(void *data)
{
    for (int i = 0; i < 100000; i++) {
        shared++;
    }
    return data;
}

int main(void)
{
    pthread_t other;

    if (pthread_create(&other, NULL, count, NULL) != 0) {
        return 1;
    }
    count(NULL);
    return pthread_join(other, NULL);
}
