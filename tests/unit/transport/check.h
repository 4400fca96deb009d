/*
 * check.h - what the tests of transport/ share: a local connection with an arena, reading a channel
 * to its end, small files.
 */
#pragma once
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "transport/transport.h"

struct bench {
    struct arena *arena;
    struct connection *connection; /* local; NULL until bench_connect */
    char dir[64];                  /* for files; "" until bench_file */
};

static inline void bench_close(struct bench *bench)
{
    connection_close(bench->connection);
    if (bench->dir[0] != '\0') {
        cr_assert(system(str_format(bench->arena, "rm -rf %s", bench->dir).ptr) == 0);
    }
    arena_free(bench->arena);
}

#define BENCH(name)                                                                                \
    __attribute__((cleanup(bench_close), unused)) struct bench name = { .arena = arena_new("tes"   \
                                                                                           "t") }

static inline void bench_connect(struct bench *bench, double timeout, int wake)
{
    struct wire_error error;
    struct connection_options options = {
        .kind = CONNECTION_LOCAL, .name = S("here"), .connect_timeout = timeout, .wake = wake
    };
    cr_assert(connection_open(bench->arena, &options, &bench->connection, &error) == WIRE_OK);
}

/* An executable file; its path. */
static inline str bench_file(struct bench *bench, const char *name, const char *text)
{
    if (bench->dir[0] == '\0') {
        strcpy(bench->dir, "/tmp/hostler-transport.XXXXXX");
        cr_assert(mkdtemp(bench->dir) != NULL);
    }
    str path = str_format(bench->arena, "%s/%s", bench->dir, name);
    FILE *file = fopen(path.ptr, "w");
    cr_assert(file != NULL);
    fputs(text, file);
    fclose(file);
    chmod(path.ptr, 0755);
    return path;
}

static inline struct channel *bench_start(struct bench *bench, const char *command, bool pty)
{
    struct channel *channel;
    struct wire_error error;
    cr_assert(channel_open(bench->connection, bench->arena, str_of(command),
                           (struct channel_options){ .pty = pty }, &channel, &error) == WIRE_OK);
    return channel;
}

struct end {
    str out, err;
    int status;
    str signal;
};

/* Read to the end, at most 20 s. */
static inline struct end bench_finish(struct bench *bench, struct channel *channel)
{
    struct strbuf out = strbuf_in(bench->arena), err = strbuf_in(bench->arena);
    struct end end;
    deadline until = deadline_in(20);
    for (bool eof = false; !eof;) {
        cr_assert_eq(channel_read(channel, &out, &err, 1 << 20, until, &eof), WIRE_OK);
    }
    end.status = channel_exit_status(channel, &end.signal, until);
    end.out = strbuf_str(&out);
    end.err = strbuf_str(&err);
    channel_close(channel);
    return end;
}

#define EQ_STR(actual, expected, what) eq_str((actual), (expected), __LINE__, (what))

static inline void eq_str(str actual, str expected, int line, str what)
{
    cr_assert(str_eq(actual, expected), "line %d: %.*s\n     got: %.*s\nexpected: %.*s", line,
              SARG(what), SARG(actual), SARG(expected));
}
