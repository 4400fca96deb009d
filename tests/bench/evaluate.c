/*
 * evaluate.c - how long templates take: a text, a name of a YAML file with variables, a number of
 * evaluations, a number of threads. Prints microseconds of CPU per evaluation, the bytes of a
 * result and the most memory that was used, in KiB. With "when" a condition is evaluated instead.
 *
 * usage: evaluate file|when TEXT-FILE VARS-FILE COUNT THREADS
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/strbuf.h"
#include "formats/yaml.h"
#include "template/template.h"

struct work {
    struct template_env *env;
    struct source_map *sources;
    value text, vars;
    bool condition;
    unsigned long count;
    size_t bytes;
};

static str read_all(struct arena *arena, const char *path)
{
    struct strbuf out = strbuf_in(arena);
    FILE *file = fopen(path, "re");
    size_t got;
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    do {
        char *room = strbuf_room(&out, 65536);
        got = fread(room, 1, 65536, file);
        strbuf_grew(&out, got);
    } while (got > 0);
    (void)fclose(file);
    return strbuf_str(&out);
}

/* As a task does it: an arena and a scope of its own for each evaluation. */
static void *evaluate(void *data)
{
    struct work *work = data;
    struct arena *arena = arena_new("evaluation");
    for (unsigned long i = 0; i < work->count; i++) {
        struct scope scope = { .layers = &work->vars, .count = 1 };
        struct eval eval = { .env = work->env,
                             .arena = arena,
                             .diags = diags_new(arena, work->sources),
                             .scope = &scope };
        enum truth truth;
        value result;
        bool ok = work->condition
                      ? template_condition(&eval, work->text, &truth)
                      : template_file(&eval, work->text, TEMPLATE_FILE_DEFAULTS, &result);
        if (!ok) {
            (void)fprintf(stderr, "%.*s\n", SARG(eval.diags->all.items[0]->message));
            exit(2);
        }
        work->bytes = work->condition ? (size_t)truth : value_as_str(result).len;
        arena_reset(arena);
    }
    arena_free(arena);
    return NULL;
}

/* Of the processor, so that it holds on a busy machine. */
static double seconds(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        (void)fprintf(stderr, "usage: evaluate file|when TEXT VARS COUNT THREADS\n");
        return 2;
    }
    struct arena *arena = arena_new("run");
    struct source_map *sources = source_map_new();
    struct secrets *secrets = secrets_new();
    struct work work = { .sources = sources, .condition = argv[1][0] == 'w' };
    struct yaml_options options = { .trusted = true };
    const struct source *text = source_add(sources, S("text"), read_all(arena, argv[2]));
    const struct source *vars = source_add(sources, S("vars"), read_all(arena, argv[3]));
    unsigned long count = strtoul(argv[4], NULL, 10), threads = strtoul(argv[5], NULL, 10);
    pthread_t ids[64];
    struct work works[64];
    if (!yaml_read(arena, diags_new(arena, sources), vars, options, &work.vars)) {
        return 2;
    }
    work.env = template_env_new(DIALECT_CLASSIC, sources, secrets, (struct template_hooks){ 0 });
    str source_text = work.condition ? str_trim(text->text) : text->text;
    work.text = value_at(value_trusted(value_str(arena, source_text)),
                         source_span(text, 0, source_text.len));
    double start = seconds();
    for (unsigned long i = 0; i < threads && i < 64; i++) {
        works[i] = work;
        works[i].count = count / threads;
        (void)pthread_create(&ids[i], NULL, evaluate, &works[i]);
    }
    for (unsigned long i = 0; i < threads && i < 64; i++) {
        (void)pthread_join(ids[i], NULL);
    }
    double spent = seconds() - start;
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    printf("%.3f %zu %ld\n", spent / (double)count * 1e6, works[0].bytes, usage.ru_maxrss);
    template_env_free(work.env);
    secrets_free(secrets);
    source_map_free(sources);
    arena_free(arena);
    return 0;
}
