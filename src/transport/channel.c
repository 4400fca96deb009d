/*
 * channel.c - connections and channels as transport.h promises them, whatever is behind: dispatch
 * to the kind, deadlines, counters, and the bytes that arrive while we are busy writing.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/strbuf.h"
#include "transport/wire.h"

/* While a write waits, what the program prints is kept here, so that `cat` cannot block on us while
 * we block on it. Beyond this it must wait: a host does not get to fill our memory. */
#define KEPT_MAX ((size_t)64 * 1024 * 1024)

static void *must(void *memory)
{
    BUG_ON(memory == NULL); /* malloc does not fail here, see arena.h */
    return memory;
}

/* ---- connections ---- */

void *wire_alloc(size_t size)
{
    return must(calloc(1, size));
}

static struct connection_options copy_options(struct arena *arena,
                                              const struct connection_options *from)
{
    struct connection_options to = *from;
    str *texts[] = { &to.name,     &to.host,
                     &to.user,     &to.private_key_file,
                     &to.password, &to.private_key_passphrase };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (!str_is_none(*texts[i])) {
            *texts[i] = str_copy(arena, *texts[i]);
        }
    }
    str *args = NEW_ARRAY(arena, str, from->ssh_args_count);
    for (size_t i = 0; i < from->ssh_args_count; i++) {
        args[i] = str_copy(arena, from->ssh_args[i]);
    }
    to.ssh_args = args;
    to.exec = exec_program_copy(arena, &from->exec);
    return to;
}

static void wipe(str secret)
{
    if (secret.len > 0) {
        explicit_bzero((void *)(uintptr_t)secret.ptr, secret.len); /* our own copy, in our arena */
    }
}

static void connection_release(struct connection *connection)
{
    wipe(connection->options.password);
    wipe(connection->options.private_key_passphrase);
    arena_free(connection->arena);
    free(connection);
}

/* A program that stopped reading must show as a status of write(2), not end us; spawned programs
 * get the default back. */
static void ignore_sigpipe(void)
{
    signal(SIGPIPE, SIG_IGN);
}

static struct connection *connection_new(enum connection_kind kind)
{
    switch (kind) {
    case CONNECTION_LOCAL:
        return local_connection_new();
    case CONNECTION_EXEC:
        return exec_connection_new();
    case CONNECTION_SSH:
        break;
    }
    return ssh_connection_new();
}

enum wire_status connection_start(struct connection *connection, struct arena *arena,
                                  const struct connection_options *options, deadline until,
                                  struct connection **ret, struct wire_error *ret_error)
{
    connection->arena = arena_new("connection");
    connection->options = copy_options(connection->arena, options);
    if (str_is_none(connection->options.host)) {
        connection->options.host = connection->options.name;
    }
    enum wire_status status = connection->type->open(connection, arena, until, ret_error);
    if (status != WIRE_OK) {
        connection_close(connection);
        return status;
    }
    *ret = connection;
    return WIRE_OK;
}

enum wire_status connection_open(struct arena *arena, const struct connection_options *options,
                                 struct connection **ret, struct wire_error *ret_error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, ignore_sigpipe);
    deadline until = deadline_in(options->connect_timeout);
    return connection_start(connection_new(options->kind), arena, options, until, ret, ret_error);
}

void connection_close(struct connection *connection)
{
    if (connection == NULL) {
        return;
    }
    while (connection->channels != NULL) {
        channel_close(connection->channels);
    }
    connection->type->close(connection);
    connection_release(connection);
}

bool connection_alive(struct connection *connection)
{
    return connection->type->alive(connection);
}

struct wire_counts *connection_counts(struct connection *connection)
{
    return &connection->counts;
}

const struct connection_options *connection_options(const struct connection *connection)
{
    return &connection->options;
}

str connection_user(const struct connection *connection)
{
    return connection->user;
}

str connection_problem(const struct connection *connection)
{
    return connection->problem;
}

str connection_hint(const struct connection *connection)
{
    return connection->hint;
}

void connection_set_wake(struct connection *connection, int wake)
{
    connection->options.wake = wake;
}

void connection_set_timeout(struct connection *connection, double seconds)
{
    connection->options.connect_timeout = seconds;
}

/* ---- opening and closing channels ---- */

struct connection *channel_connection(const struct channel *channel)
{
    return channel->connection;
}

bool channel_is_terminal(const struct channel *channel)
{
    return channel->terminal;
}

void channel_join(struct channel *channel, struct connection *connection,
                  const struct channel_type *type)
{
    channel->type = type;
    channel->connection = connection;
    channel->next = connection->channels;
    connection->channels = channel;
    connection->counts.channels++;
}

enum wire_status channel_open(struct connection *connection, struct arena *arena, str command,
                              struct channel_options options, struct channel **ret,
                              struct wire_error *ret_error)
{
    deadline until = deadline_in(connection->options.connect_timeout);
    enum wire_status status =
        connection->type->channel_open(connection, arena, command, options, until, ret, ret_error);
    if (status == WIRE_OK) {
        (*ret)->terminal = options.pty;
    }
    return status;
}

void channel_close(struct channel *channel)
{
    if (channel == NULL) {
        return;
    }
    struct channel **link = &channel->connection->channels;
    while (*link != channel) {
        link = &(*link)->next;
    }
    *link = channel->next;
    channel->type->close(channel);
    for (int stream = 0; stream < STREAMS; stream++) {
        free(channel->kept[stream].ptr);
    }
    free(channel);
}

/* ---- reading ---- */

static size_t kept_count(const struct channel *channel, int stream)
{
    return channel->kept[stream].to - channel->kept[stream].from;
}

static size_t take_kept(struct channel *channel, int stream, struct strbuf *to, size_t limit)
{
    struct kept *kept = &channel->kept[stream];
    size_t count = kept_count(channel, stream);
    count = count < limit ? count : limit;
    if (count == 0) {
        return 0;
    }
    strbuf_add(to, (str){ kept->ptr + kept->from, count });
    kept->from += count;
    if (kept->from == kept->to) {
        free(kept->ptr);
        *kept = (struct kept){ 0 };
    }
    return count;
}

/* What the kind has at once, at most `limit`; notes the end of the stream, or of the connection. */
static size_t ready_count(struct channel *channel, int stream, size_t limit)
{
    if (channel->eof[stream] || limit == 0) {
        return 0;
    }
    ssize_t count = channel->type->available(channel, stream);
    channel->eof[stream] = count == CHANNEL_EOF;
    channel->lost |= count == CHANNEL_LOST;
    return count <= 0 ? 0 : (size_t)count < limit ? (size_t)count : limit;
}

static size_t take(struct channel *channel, int stream, struct strbuf *to, size_t limit)
{
    size_t taken = take_kept(channel, stream, to, limit);
    size_t count = ready_count(channel, stream, limit - taken);
    if (count > 0) {
        channel->type->take(channel, stream, strbuf_room(to, count), count);
        strbuf_grew(to, count);
        channel->connection->counts.bytes_received += count;
    }
    return taken + count;
}

/* Take from both streams. Looking at one can bring in bytes of the other (a packet that was on its
 * way, counted in `arrivals`), so go on until a look at both finds nothing and brings nothing: only
 * then will the descriptor wake us up. */
static size_t take_both(struct channel *channel, struct strbuf *out, struct strbuf *err,
                        size_t limit)
{
    size_t taken = 0;
    for (;;) {
        unsigned before = channel->arrivals;
        bool err_first = channel->err_first = !channel->err_first;
        size_t count = 0;
        for (int i = 0; i < STREAMS; i++) {
            int stream = (i == 0) == err_first ? STREAM_ERR : STREAM_OUT;
            count += take(channel, stream, stream == STREAM_OUT ? out : err, limit - taken - count);
        }
        taken += count;
        if (taken == limit || (count == 0 && channel->arrivals == before)) {
            return taken;
        }
    }
}

static bool has_ended(const struct channel *channel)
{
    return channel->eof[STREAM_OUT] && channel->eof[STREAM_ERR] &&
           kept_count(channel, STREAM_OUT) == 0 && kept_count(channel, STREAM_ERR) == 0;
}

/* A host that never stops printing, or takes all that is written, must not outrun the deadline and
 * the wake descriptor: they are looked at even when there was no need to wait. */
static enum wire_status in_time(struct channel *channel, deadline until)
{
    enum wire_status status = transport_wait(NULL, 0, channel->connection->options.wake, 0);
    return status == WIRE_INTERRUPTED ? status : wire_now() > until ? WIRE_TIMEOUT : WIRE_OK;
}

enum wire_status channel_read(struct channel *channel, struct strbuf *out, struct strbuf *err,
                              size_t limit, deadline until, bool *ret_eof)
{
    channel->connection->counts.round_trips += channel->asked;
    channel->asked = false;
    for (bool waited = false;; waited = true) {
        size_t taken = take_both(channel, out, err, limit);
        *ret_eof = has_ended(channel);
        if (taken > 0) {
            return waited ? WIRE_OK : in_time(channel, until);
        }
        if (*ret_eof || limit == 0) {
            return WIRE_OK;
        }
        if (channel->lost) {
            return WIRE_CLOSED;
        }
        enum wire_status status = channel->type->wait(channel, false, until);
        if (status != WIRE_OK) {
            return status;
        }
    }
}

/* ---- writing ---- */

/* Move what has arrived on a stream to where it is kept. */
static bool keep(struct channel *channel, int stream)
{
    struct kept *kept = &channel->kept[stream];
    size_t have = kept->to - kept->from;
    size_t count = ready_count(channel, stream, KEPT_MAX - have);
    if (count == 0) {
        return false;
    }
    if (kept->to + count > kept->cap) {
        size_t cap = 2 * (have + count);
        char *bytes = must(malloc(cap));
        if (have > 0) {
            memcpy(bytes, kept->ptr + kept->from, have);
        }
        free(kept->ptr);
        *kept = (struct kept){ .ptr = bytes, .to = have, .cap = cap };
    }
    channel->type->take(channel, stream, kept->ptr + kept->to, count);
    kept->to += count;
    channel->connection->counts.bytes_received += count;
    return true;
}

static void keep_both(struct channel *channel)
{
    for (bool more = true; more;) {
        more = keep(channel, STREAM_OUT);
        more |= keep(channel, STREAM_ERR);
    }
}

enum wire_status channel_write(struct channel *channel, str bytes, deadline until)
{
    bool goes_on = channel->asked; /* write after write, with no read between them */
    channel->asked = true;
    while (bytes.len > 0) {
        unsigned before = channel->arrivals; /* the write may itself bring in what it waits for */
        ssize_t count = channel->type->write(channel, bytes.ptr, bytes.len);
        if (count == CHANNEL_EOF || count == CHANNEL_LOST) {
            return WIRE_CLOSED;
        }
        channel->connection->counts.bytes_sent += (size_t)count;
        bytes = str_part(bytes, (size_t)count, bytes.len);
        if (bytes.len == 0) {
            break;
        }
        keep_both(channel);
        if (count == CHANNEL_NOTHING && channel->arrivals == before) {
            enum wire_status status = channel->type->wait(channel, true, until);
            if (status != WIRE_OK) {
                return status;
            }
        }
    }
    return goes_on ? in_time(channel, until) : WIRE_OK;
}

enum wire_status channel_write_eof(struct channel *channel)
{
    channel->asked = true;
    return channel->type->write_eof(channel) ? WIRE_OK : WIRE_CLOSED;
}

/* ---- the end of the program ---- */

int channel_exit_status(struct channel *channel, str *ret_signal, deadline until)
{
    int status = -1;
    *ret_signal = STR_NONE;
    while (!channel->type->ended(channel, &status, ret_signal) && !channel->lost) {
        keep_both(channel);
        if (channel->type->ended(channel, &status, ret_signal) ||
            channel->type->wait(channel, false, until) != WIRE_OK) {
            break;
        }
    }
    return status;
}

void channel_signal(struct channel *channel, const char *name)
{
    channel->type->signal(channel, name);
}
