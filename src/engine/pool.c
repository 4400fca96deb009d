/*
 * pool.c - threads that run jobs, at most so many at a time. A job that waits for something that
 * needs no worker (a retry's delay, a pause) gives its place away meanwhile; a thread more is then
 * made.
 *
 * To wake a thread is a large part of what a short job costs, so jobs are handed over many at a
 * time: one lock, one call of the system that wakes all who are needed.
 *
 * Signals are blocked in all of them: the main thread reads them.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/bug.h"
#include "engine/state.h"

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t more; /* work, a free place, or the end */
    struct pool_job *first, **last;
    unsigned queued;    /* jobs that wait */
    unsigned places;    /* jobs that may run at a time */
    unsigned running;   /* jobs that run */
    unsigned idle;      /* threads that have no job: asleep, or on their way to one */
    pthread_t *threads; /* all that were made; joined at the end, so that what libraries keep for a
                           thread is released */
    size_t thread_count, thread_cap;
    bool closing;
};

#define STACK_SIZE (1u << 20) /* bytes: evaluation of templates is bounded in depth to fit */

static struct pool_job *take(struct pool *pool)
{
    struct pool_job *job = pool->first;
    pool->first = job->next;
    pool->queued--;
    if (pool->first == NULL) {
        pool->last = &pool->first;
    }
    return job;
}

static void *worker(void *pool_)
{
    struct pool *pool = pool_;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->closing && (pool->first == NULL || pool->running >= pool->places)) {
            pthread_cond_wait(&pool->more, &pool->lock);
        }
        if (pool->closing) {
            break;
        }
        struct pool_job *job = take(pool);
        pool->idle--;
        pool->running++;
        pthread_mutex_unlock(&pool->lock);
        job->work(job->argument); /* the job may be gone from here on */
        pthread_mutex_lock(&pool->lock);
        pool->running--;
        pool->idle++;
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

/* False: the system gives none. */
static bool add_thread(struct pool *pool)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pool->thread_count == pool->thread_cap) {
        grow_threads(pool);
    }
    bool made = pthread_create(&pool->threads[pool->thread_count], &attributes, worker, pool) == 0;
    if (made) {
        pool->thread_count++;
        pool->idle++;
    } else if (pool->thread_count == 0) {
        BUG("the system gives no thread");
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return made;
}

/* Unlock, and see to it that the jobs that may run find threads: `more` of them can since the last
 * time. Sleepers are woken once the lock is free; else they would wake only to wait for it. */
static void unlock_for(struct pool *pool, unsigned more)
{
    unsigned places = pool->places > pool->running ? pool->places - pool->running : 0;
    unsigned ready = pool->queued < places ? pool->queued : places;
    unsigned asleep = pool->idle, wake = more < ready ? more : ready;
    while (pool->idle < ready && add_thread(pool)) {
    }
    pthread_mutex_unlock(&pool->lock);
    if (wake > 1) {
        pthread_cond_broadcast(&pool->more);
    } else if (wake == 1 && asleep > 0) {
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
    pthread_cond_destroy(&pool->more);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool);
}

void pool_add(struct pool *pool, struct pool_job *jobs)
{
    unsigned count = 0;
    pthread_mutex_lock(&pool->lock);
    *pool->last = jobs;
    for (; *pool->last != NULL; pool->last = &(*pool->last)->next) {
        count++;
    }
    pool->queued += count;
    unlock_for(pool, count);
}

void pool_pause(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->running--;
    unlock_for(pool, 1);
}

/* The place is taken back without waiting: for a moment one job more than `places` may run, which
 * is better than a host that waits for its turn with a connection open. */
void pool_resume(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->running++;
    pthread_mutex_unlock(&pool->lock);
}
