/*
 * threads.c - what of base/ is shared between threads: source maps and sets of secrets. Each thread
 * adds its own and looks for all; run it under ThreadSanitizer, too.
 */
#include <pthread.h>
#include <stdio.h>

#include "base/secrets.h"

enum { THREADS = 8, ROUNDS = 200 };

static struct source_map *map;
static struct secrets *secrets;

struct worker {
    pthread_t thread;
    unsigned number;
    unsigned mistakes;
};

static bool finds_its_source(struct arena *arena, unsigned thread, unsigned round)
{
    str text = str_format(arena, "one\ntwo\n  %u/%u\n", thread, round);
    const struct source *source = source_add(map, S("f"), text);
    struct place place;
    return source != NULL && source_place(map, source_span(source, 10, 11), &place) &&
           place.source == source && place.line == 3 && place.column == 3;
}

static bool hides_its_secret(struct arena *arena, unsigned thread, unsigned round)
{
    str secret = str_format(arena, "secret-%u-%u.", thread, round);
    secrets_add(secrets, secret);
    str shown = secrets_redact(secrets, arena, str_concat(arena, S("<"), secret));
    return str_eq(shown, S("<********"));
}

static void *work(void *worker_)
{
    struct worker *worker = worker_;
    CLEANUP(release_arena) struct arena *arena = arena_new("worker");
    for (unsigned round = 0; round < ROUNDS; round++) {
        worker->mistakes += !finds_its_source(arena, worker->number, round);
        worker->mistakes += !hides_its_secret(arena, worker->number, round);
        arena_reset(arena);
    }
    return NULL;
}

int main(void)
{
    struct worker workers[THREADS] = { 0 };
    unsigned mistakes = 0;
    map = source_map_new();
    secrets = secrets_new();
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].number = i;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            perror("pthread_create");
            return 1;
        }
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        mistakes += workers[i].mistakes;
    }
    secrets_free(secrets);
    source_map_free(map);
    printf("%u mistakes\n", mistakes);
    return mistakes > 0;
}
