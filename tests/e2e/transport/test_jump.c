/*
 * test_jump.c - how long the way through jump hosts takes, and many connections at once on one
 * login: test_jump CONFIG DIRECT BEHIND..., names of hosts in a configuration file of ssh(1). A
 * plain program, so that ThreadSanitizer can watch it; run by jump.sh, prints a line for each thing
 * looked at.
 *
 * The trap: a server that sends two small packets waits for the first one's acknowledgement, which
 * the jump host's kernel delays by 40 ms. So the times are compared with those of a direct way.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "transport/transport.h"

enum { OPENINGS = 9, QUESTIONS = 200, THREADS = 8, TURNS = 4 };

static const char *config;
static struct jumps *jumps;
static unsigned failures;

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void check(bool holds, const char *what, const char *host)
{
    printf("%s - %s (%s)\n", holds ? "ok" : "not ok", what, host);
    failures += !holds;
}

/* ---- a host with a shell ---- */

struct visit {
    struct arena *arena;
    struct connection *connection;
    struct channel *shell;
};

static bool begin(struct visit *visit, const char *host)
{
    struct wire_error error = { 0 };
    *visit = (struct visit){ .arena = arena_new("test") };
    str args = str_format(visit->arena, "-F %s", config);
    struct connection_options options = { .name = str_of(host),
                                          .host_keys = HOST_KEYS_STRICT,
                                          .connect_timeout = 30,
                                          .ssh_args = &args,
                                          .ssh_args_count = 1,
                                          .wake = -1,
                                          .jumps = jumps };
    if (connection_open(visit->arena, &options, &visit->connection, &error) != WIRE_OK ||
        shell_open(visit->connection, visit->arena, NULL, false, &visit->shell, &error) !=
            WIRE_OK) {
        printf("# %s: %.*s\n", host, SARG(error.message));
        return false;
    }
    return true;
}

static void end(struct visit *visit)
{
    connection_close(visit->connection);
    arena_free(visit->arena);
}

static bool ask(struct visit *visit)
{
    struct strbuf out = strbuf_in(visit->arena), err = strbuf_in(visit->arena);
    bool eof = false;
    enum wire_status status = channel_write(visit->shell, S("echo here\n"), deadline_in(20));
    while (status == WIRE_OK && !eof && out.len < strlen("here\n")) {
        status = channel_read(visit->shell, &out, &err, 4096, deadline_in(20), &eof);
    }
    return str_eq(strbuf_str(&out), S("here\n"));
}

/* ---- times ---- */

static int by_time(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

/* Connecting, and a shell: the shortest of several, since what we look for happens each time. */
static double opening_time(const char *host)
{
    double best = 1e9;
    for (int i = 0; i < OPENINGS; i++) {
        struct visit visit;
        double began = now_ms();
        bool open = begin(&visit, host) && ask(&visit);
        double took = now_ms() - began;
        best = open && took < best ? took : best;
        end(&visit);
    }
    return best;
}

/* The median of a question to the shell. */
static double question_time(const char *host)
{
    struct visit visit;
    double times[QUESTIONS] = { 0 };
    bool answered = begin(&visit, host);
    for (int i = 0; i < QUESTIONS && answered; i++) {
        double began = now_ms();
        answered = ask(&visit);
        times[i] = now_ms() - began;
    }
    end(&visit);
    check(answered, "all questions are answered", host);
    qsort(times, QUESTIONS, sizeof *times, by_time);
    return times[QUESTIONS / 2];
}

/* On a machine that is busy with something else 40 ms are nothing. */
static void check_opening(bool quick, double direct, const char *host)
{
    if (!quick && direct > 50) {
        printf("ok - no delayed acknowledgement in opening (%s) # SKIP a busy machine\n", host);
    } else {
        check(quick, "no delayed acknowledgement in opening", host);
    }
}

static void look_at_times(const char *direct, char **behind, int count)
{
    double opening = opening_time(direct), question = question_time(direct);
    printf("# %s: %.1f ms to open, %.2f ms a question\n", direct, opening, question);
    for (int i = 0; i < count; i++) {
        double opening_behind = opening_time(behind[i]), question_behind = question_time(behind[i]);
        printf("# %s: %.1f ms to open, %.2f ms a question\n", behind[i], opening_behind,
               question_behind);
        check_opening(opening_behind - opening < 35, opening, behind[i]);
        check(question_behind < question + 20, "none in a question", behind[i]);
    }
}

/* ---- many at once ---- */

static void *visit_often(void *data)
{
    const char *host = data;
    bool all = true;
    for (int i = 0; i < TURNS; i++) {
        struct visit visit;
        all &= begin(&visit, host) && ask(&visit);
        end(&visit);
    }
    return all ? data : NULL;
}

static void look_at_many(char **behind, int count)
{
    pthread_t threads[THREADS];
    bool all = true;
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, visit_often, behind[i % count]);
    }
    for (int i = 0; i < THREADS; i++) {
        void *done = NULL;
        pthread_join(threads[i], &done);
        all &= done != NULL;
    }
    check(all, "many come and go at once", "all");
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        return 2;
    }
    config = argv[1];
    jumps = jumps_new();
    look_at_many(&argv[3], argc - 3);
    jumps_free(jumps);
    jumps = jumps_new();
    look_at_times(argv[2], &argv[3], argc - 3);
    jumps_free(jumps);
    return failures > 0;
}
