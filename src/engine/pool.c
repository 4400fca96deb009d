/*
 * pool.c - threads that run jobs, at most so many at a time. A job that waits for something that
 * needs no worker (a retry's delay, a pause) gives its place away meanwhile; a thread more is then
 * made.
 *
 * Signals are blocked in all of them: the main thread reads them.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/bug.h"
#include "engine/state.h"

struct piece {
    void (*work)(void *);
    void *argument;
    struct piece *next;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t more; /* work, a free place, or the end */
    struct piece *first, **last;
    unsigned queued;    /* pieces that wait */
    unsigned places;    /* jobs that may run at a time */
    unsigned running;   /* jobs that run */
    unsigned idle;      /* threads that wait for work */
    pthread_t *threads; /* all that were made; joined at the end, so that what libraries keep for a
                           thread is released */
    size_t thread_count, thread_cap;
    bool closing;
};

#define STACK_SIZE (1u << 20) /* bytes: evaluation of templates is bounded in depth to fit */

static struct piece *take(struct pool *pool)
{
    struct piece *piece = pool->first;
    pool->first = piece->next;
    pool->queued--;
    if (pool->first == NULL) {
        pool->last = &pool->first;
    }
    return piece;
}

static void *worker(void *pool_)
{
    struct pool *pool = pool_;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->closing && (pool->first == NULL || pool->running >= pool->places)) {
            pool->idle++;
            pthread_cond_wait(&pool->more, &pool->lock);
            pool->idle--;
        }
        if (pool->closing) {
            break;
        }
        struct piece *piece = take(pool);
        pool->running++;
        pthread_mutex_unlock(&pool->lock);
        piece->work(piece->argument);
        free(piece);
        pthread_mutex_lock(&pool->lock);
        pool->running--;
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void grow_threads(struct pool *pool)
{
    pool->thread_cap = pool->thread_cap == 0 ? 16 : pool->thread_cap * 2;
    pthread_t *threads = realloc(pool->threads, pool->thread_cap * sizeof(*threads));
    if (threads == NULL) {
        BUG("no memory for %zu threads", pool->thread_cap);
    }
    pool->threads = threads;
}

/* Called with the lock held: one more thread, if there is work that nobody waits for. True: wake
 * one that is idle, once the lock is free; else it would wake only to wait for the lock. */
static bool ensure_thread(struct pool *pool)
{
    if (pool->first == NULL || pool->running >= pool->places) {
        return false;
    }
    if (pool->idle >= pool->queued) { /* a thread that was woken counts as idle until it runs */
        return true;
    }
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pool->thread_count == pool->thread_cap) {
        grow_threads(pool);
    }
    if (pthread_create(&pool->threads[pool->thread_count], &attributes, worker, pool) == 0) {
        pool->thread_count++;
    } else if (pool->thread_count == 0) {
        BUG("the system gives no thread");
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return false;
}

static void unlock(struct pool *pool, bool wake)
{
    pthread_mutex_unlock(&pool->lock);
    if (wake) {
        pthread_cond_signal(&pool->more);
    }
}

struct pool *pool_new(unsigned workers)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        BUG("no memory for the pool");
    }
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->more, NULL);
    pool->last = &pool->first;
    pool->places = workers == 0 ? 1 : workers;
    return pool;
}

void pool_free(struct pool *pool)
{
    if (pool == NULL) {
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->more);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->thread_count; i++) {
        pthread_join(pool->threads[i], NULL);
    }
    while (pool->first != NULL) {
        free(take(pool));
    }
    pthread_cond_destroy(&pool->more);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool);
}

void pool_add(struct pool *pool, void (*work)(void *), void *argument)
{
    struct piece *piece = malloc(sizeof *piece);
    if (piece == NULL) {
        BUG("no memory for a job");
    }
    *piece = (struct piece){ .work = work, .argument = argument };
    pthread_mutex_lock(&pool->lock);
    *pool->last = piece;
    pool->last = &piece->next;
    pool->queued++;
    unlock(pool, ensure_thread(pool));
}

void pool_pause(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->running--;
    unlock(pool, ensure_thread(pool));
}

/* The place is taken back without waiting: for a moment one job more than `places` may run, which
 * is better than a host that waits for its turn with a connection open. */
void pool_resume(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->running++;
    pthread_mutex_unlock(&pool->lock);
}
