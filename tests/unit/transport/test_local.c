/* Channels, on programs of this machine: what holds for them holds for ssh, see tests/e2e. */
#include <signal.h>
#include <sys/eventfd.h>

#include "check.h"

static const struct {
    const char *command;
    int status;
    str out, err, signal;
} rows[] = {
    { "echo out; echo err >&2", 0, S_INIT("out\n"), S_INIT("err\n"), { NULL, 0 } },
    { "exit 7", 7, S_INIT(""), S_INIT(""), { NULL, 0 } },
    { "printf 'no newline'", 0, S_INIT("no newline"), S_INIT(""), { NULL, 0 } },
    { "printf 'a\\0b'", 0, S_INIT("a\0b"), S_INIT(""), { NULL, 0 } },
    { "kill -TERM $$", -1, S_INIT(""), S_INIT(""), S_INIT("TERM") },
    { "nosuchprogram 2>/dev/null", 127, S_INIT(""), S_INIT(""), { NULL, 0 } },
    { "exec >&-; exec 2>&-; sleep 0.1; exit 3", 3, S_INIT(""), S_INIT(""), { NULL, 0 } },
    { "trap '' PIPE; kill -PIPE $$; echo still", 0, S_INIT("still\n"), S_INIT(""), { NULL, 0 } },
};

Test(local, programs)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct channel *channel = bench_start(&bench, rows[i].command, false);
        struct end end = bench_finish(&bench, channel);
        str what = str_of(rows[i].command);
        EQ_STR(end.out, rows[i].out, what);
        EQ_STR(end.err, rows[i].err, what);
        EQ_STR(end.signal, rows[i].signal, what);
        cr_assert_eq(end.status, rows[i].status, "%s: %d", rows[i].command, end.status);
    }
}

/* We ignore SIGPIPE; the programs we start must not. */
Test(local, programs_get_default_signals)
{
    BENCH(bench);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    bench_connect(&bench, 5, -1);
    struct channel *channel = bench_start(&bench, "kill -PIPE $$; echo survived", false);
    struct end end = bench_finish(&bench, channel);
    EQ_STR(end.signal, S("PIPE"), S("signal"));
}

#define BIG ((size_t)10 * 1024 * 1024)

static str big_text(struct arena *arena)
{
    char *bytes = arena_alloc_raw(arena, BIG);
    unsigned state = 1;
    for (size_t i = 0; i < BIG; i++) {
        state = state * 1103515245 + 12345;
        bytes[i] = (char)(state >> 16);
    }
    return (str){ bytes, BIG };
}

/* cat answers while we still write: what it prints is kept, nobody waits for the other. */
Test(local, ten_megabytes_both_ways)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    str text = big_text(bench.arena);
    struct channel *channel = bench_start(&bench, "cat", false);
    cr_assert_eq(channel_write(channel, text, deadline_in(20)), WIRE_OK);
    cr_assert_eq(channel_write_eof(channel), WIRE_OK);
    struct end end = bench_finish(&bench, channel);
    cr_assert(str_eq(end.out, text));
    cr_assert_eq(connection_counts(bench.connection)->bytes_sent, BIG);
    cr_assert_eq(connection_counts(bench.connection)->bytes_received, BIG);
    cr_assert_eq(connection_counts(bench.connection)->round_trips, 1);
}

Test(local, limit_holds_back)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    struct channel *channel = bench_start(&bench, "head -c 100000 /dev/zero", false);
    struct strbuf out = strbuf_in(bench.arena), err = strbuf_in(bench.arena);
    size_t total = 0;
    for (bool eof = false; !eof;) {
        cr_assert_eq(channel_read(channel, &out, &err, 1000, deadline_in(5), &eof), WIRE_OK);
        cr_assert(out.len - total <= 1000);
        total = out.len;
    }
    cr_assert_eq(total, 100000);
    channel_close(channel);
}

Test(local, neither_stream_starves)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    struct channel *channel = bench_start(&bench, "yes & exec yes err >&2", false);
    struct strbuf out = strbuf_in(bench.arena), err = strbuf_in(bench.arena);
    bool eof;
    while (out.len < 10000 || err.len < 10000) {
        cr_assert_eq(channel_read(channel, &out, &err, 1000, deadline_in(5), &eof), WIRE_OK);
        cr_assert(out.len + err.len < 100 * BIG);
    }
    channel_signal(channel, "KILL");
    channel_close(channel);
}

Test(local, deadline_ends_a_read)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    struct strbuf out = strbuf_in(bench.arena), err = strbuf_in(bench.arena);
    bool eof;

    struct channel *silent = bench_start(&bench, "exec sleep 60", false);
    int64_t before = wire_now();
    cr_assert_eq(channel_read(silent, &out, &err, 1000, before + 50, &eof), WIRE_TIMEOUT);
    cr_assert(wire_now() - before < 1000);
    channel_close(silent);

    /* Also when there is always something to read. */
    struct channel *flood = bench_start(&bench, "exec yes", false);
    deadline until = wire_now() + 100;
    enum wire_status status = WIRE_OK;
    while (status == WIRE_OK && wire_now() < until + 5000) {
        strbuf_truncate(&out, 0);
        status = channel_read(flood, &out, &err, 65536, until, &eof);
    }
    cr_assert_eq(status, WIRE_TIMEOUT);
    channel_close(flood);
}

Test(local, deadline_ends_a_write)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    struct channel *channel = bench_start(&bench, "exec sleep 60", false);
    str text = big_text(bench.arena);
    cr_assert_eq(channel_write(channel, text, wire_now() + 50), WIRE_TIMEOUT);
    channel_signal(channel, "KILL");
    channel_close(channel);
}

Test(local, wake_interrupts)
{
    BENCH(bench);
    int wake = eventfd(0, EFD_CLOEXEC);
    bench_connect(&bench, 5, wake);
    struct channel *channel = bench_start(&bench, "exec yes", false);
    struct strbuf out = strbuf_in(bench.arena), err = strbuf_in(bench.arena);
    bool eof;
    cr_assert_eq(channel_read(channel, &out, &err, 1000, DEADLINE_NEVER, &eof), WIRE_OK);
    eventfd_write(wake, 1);
    cr_assert_eq(channel_read(channel, &out, &err, 1000, DEADLINE_NEVER, &eof), WIRE_INTERRUPTED);
    connection_set_wake(bench.connection, -1); /* cleaning up goes on */
    cr_assert_eq(channel_read(channel, &out, &err, 1000, DEADLINE_NEVER, &eof), WIRE_OK);
    channel_close(channel);
    close(wake);
}

Test(local, nobody_reads_any_more)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    struct channel *channel = bench_start(&bench, "exec <&-; echo closed; sleep 0.2", false);
    struct strbuf out = strbuf_in(bench.arena), err = strbuf_in(bench.arena);
    bool eof;
    cr_assert_eq(channel_read(channel, &out, &err, 1000, deadline_in(5), &eof), WIRE_OK);
    cr_assert_eq(channel_write(channel, S("hello"), deadline_in(5)), WIRE_CLOSED);
    channel_close(channel);
}

Test(local, signal_reaches_the_whole_group)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    struct channel *channel = bench_start(&bench, "sleep 60 | sleep 60", false);
    usleep(50000);
    channel_signal(channel, "TERM");
    struct end end = bench_finish(&bench, channel);
    EQ_STR(end.signal, S("TERM"), S("signal"));
}

/* Closing does not wait for a program that goes on. */
Test(local, close_at_once)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    struct channel *channel = bench_start(&bench, "exec sleep 1", false);
    int64_t before = wire_now();
    channel_close(channel);
    cr_assert(wire_now() - before < 500);
}

Test(local, terminal_is_raw)
{
    BENCH(bench);
    bench_connect(&bench, 5, -1);
    struct channel *channel = bench_start(
        &bench, "test -t 0 && test -t 1 && test -t 2 && echo ready; head -c 5 | od -An -c", true);
    struct strbuf out = strbuf_in(bench.arena);
    bool eof = false;
    while (str_find(strbuf_str(&out), S("ready\n"), 0) == STR_NPOS) {
        cr_assert_eq(channel_read(channel, &out, &out, 1000, deadline_in(5), &eof), WIRE_OK);
    }
    cr_assert_eq(channel_write(channel, S("\x03\r\n\x04\xff"), deadline_in(5)), WIRE_OK);
    struct end end = bench_finish(&bench, channel);
    EQ_STR(end.out, S(" 003  \\r  \\n 004 377\n"), S("bytes through the terminal"));
}
