/*
 * threads.c - what of template/ is shared between threads: the environment, its cache of compiled
 * texts, and the variables. Each thread compiles texts of its own and evaluates those of all; run
 * it under ThreadSanitizer, too.
 */
#include <pthread.h>
#include <stdio.h>

#include "formats/yaml.h"
#include "template/template.h"

enum { THREADS = 8, ROUNDS = 200 };

static const char variables[] = "users: [{name: ann, uid: 1}, {uid: 2, name: bob}]\n"
                                "greeting: 'hello {{ users[0].name }}'\n";

static struct source_map *sources;
static struct template_env *env;
static value layer;

struct worker {
    pthread_t thread;
    unsigned number;
    unsigned mistakes;
};

static value trusted(struct arena *arena, str text)
{
    return value_trusted(value_str(arena, text));
}

static bool gives(struct eval *eval, value text, str expected)
{
    value v;
    return template_value(eval, text, &v) && value_is(v, VALUE_STR) &&
           str_eq(value_as_str(v), expected);
}

/* The same text for all threads: one compiles it; its maps have their keys in different places. */
static bool renders_what_all_share(struct eval *eval)
{
    static const char text[] = "{% for u in users %}{{ u.name | upper }}={{ u.uid }};{% endfor %}"
                               "{{ greeting }}";
    return gives(eval, trusted(eval->arena, str_of(text)), S("ANN=1;BOB=2;hello ann"));
}

static bool renders_its_own(struct eval *eval, unsigned thread, unsigned round)
{
    str text = str_format(eval->arena, "{{ name_%u_%u | default('none') }} of {{ users | length }}",
                          thread, round);
    return gives(eval, trusted(eval->arena, text), S("none of 2"));
}

static bool judges(struct eval *eval, unsigned round)
{
    enum truth truth;
    str text = str_format(eval->arena, "users | length == 2 and %u in [%u]", round, round);
    return template_condition(eval, trusted(eval->arena, text), &truth) && truth == TRUTH_TRUE;
}

static void *work(void *worker_)
{
    struct worker *worker = worker_;
    CLEANUP(release_arena) struct arena *arena = arena_new("worker");
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct scope scope = { .layers = &layer, .count = 1 };
        struct eval eval = {
            .env = env, .arena = arena, .diags = diags_new(arena, sources), .scope = &scope
        };
        worker->mistakes += !renders_what_all_share(&eval);
        worker->mistakes += !renders_its_own(&eval, worker->number, round);
        worker->mistakes += !judges(&eval, round);
        arena_reset(arena);
    }
    return NULL;
}

int main(void)
{
    struct worker workers[THREADS] = { 0 };
    struct arena *arena = arena_new("variables");
    struct secrets *secrets = secrets_new();
    struct yaml_options options = { .trusted = true };
    unsigned mistakes = 0;
    sources = source_map_new();
    env = template_env_new(DIALECT_CLASSIC, sources, secrets, (struct template_hooks){ 0 });
    const struct source *source = source_add(sources, S("vars.yml"), str_of(variables));
    if (!yaml_read(arena, diags_new(arena, sources), source, options, &layer)) {
        return 1;
    }
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].number = i;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            perror("pthread_create");
            return 1;
        }
    }
    for (unsigned i = 0; i < THREADS; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        mistakes += workers[i].mistakes;
    }
    template_env_free(env);
    secrets_free(secrets);
    source_map_free(sources);
    arena_free(arena);
    printf("%u mistakes\n", mistakes);
    return mistakes > 0;
}
