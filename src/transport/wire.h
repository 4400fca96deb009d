/*
 * wire.h - what the files of this room share: the kinds of connections behind transport.h, and
 * the one place that waits. Nothing outside transport/ includes it.
 *
 * channel.c holds what all kinds have in common (bytes kept while we write, counting, deadlines);
 * ssh.c, local.c and exec.c only say how one step is made without blocking.
 */
#pragma once
#include <poll.h>
#include <stdarg.h>
#include <sys/types.h>

#include "transport/spawn.h"
#include "transport/transport.h"

/* ---- waiting: wait.c ---- */

/* Poll until one of `fds` is ready, the deadline passes, or `wake` (-1: none) becomes readable.
 * WIRE_OK, WIRE_TIMEOUT or WIRE_INTERRUPTED, the last one winning. */
enum wire_status transport_wait(struct pollfd *fds, size_t count, int wake, deadline until);
/* The same of any number, without a `wake`: for a thread that has its own among `fds`. */
enum wire_status transport_poll(struct pollfd *fds, size_t count, deadline until);

/* All that comes from a pipe, a terminal or a socket until its end, at most `most` bytes: `-F <(ssh
 * gateway cat config)` may take its time, or hang. False: errno; ETIMEDOUT, EINTR: `wake`, EFBIG.
 */
NODISCARD bool wire_read_pipe(struct arena *arena, int fd, size_t most, int wake, deadline until,
                              str *ret);

/* Fill an error and return its status. The message is formatted into `arena`. */
enum wire_status wire_fail(struct arena *arena, struct wire_error *ret, enum wire_status status,
                           str hint, const char *format, ...) PRINTF(5, 6);
enum wire_status wire_vfail(struct arena *arena, struct wire_error *ret, enum wire_status status,
                            str hint, const char *format, va_list args) PRINTF(5, 0);

#define TOKEN_LEN 32 /* hexadecimal digits: 128 random bits */
str token_new(struct arena *arena);

/* ---- connections ---- */

enum { STREAM_OUT, STREAM_ERR, STREAMS };

/* Answers of channel_type.available and .write, beside a number of bytes. */
#define CHANNEL_NOTHING 0  /* not now: wait */
#define CHANNEL_EOF     -1 /* the stream has ended; of write: nobody reads any more */
#define CHANNEL_LOST    -2 /* the connection is gone */

struct connection_type {
    enum wire_status (*open)(struct connection *connection, struct arena *arena, deadline until,
                             struct wire_error *ret_error);
    enum wire_status (*channel_open)(struct connection *connection, struct arena *arena,
                                     str command, struct channel_options options, deadline until,
                                     struct channel **ret, struct wire_error *ret_error);
    bool (*alive)(struct connection *connection);
    void (*close)(struct connection *connection); /* also after a failed open; no channels left */
    /* What it means that a program ended before its shell was there, with a status (-1: a signal)
     * and after these words: fills the error, and returns its status. NULL: the login shell's words
     * are all there is to tell. */
    enum wire_status (*explain)(struct connection *connection, struct arena *arena, int status,
                                str said, struct wire_error *ret_error);
};

struct connection {
    const struct connection_type *type;
    struct connection_options options; /* strings in `arena` */
    struct arena *arena;
    str user;    /* whom we logged in as */
    str place;   /* "127.0.4.2 port 22", for messages */
    str problem; /* why it was given up, in `arena`; STR_NONE: it was not */
    str hint;    /* what to do about that; a literal, or STR_NONE */
    struct wire_counts counts;
    struct channel *channels; /* those that are open */
    bool no_terminal;         /* they cannot have one */
    unsigned wants_terminal;  /* a bit for each become_method whose program asked for one */
    bool restricted;          /* the login shell runs "sh", but no command with more to it */
};

struct channel_type {
    ssize_t (*available)(struct channel *channel, int stream); /* bytes that `take` gives at once */
    void (*take)(struct channel *channel, int stream, char *bytes, size_t count);
    ssize_t (*write)(struct channel *channel, const char *bytes, size_t count);
    bool (*write_eof)(struct channel *channel);
    enum wire_status (*wait)(struct channel *channel, bool to_write, deadline until);
    /* Whether the exit status is known by now; *ret_signal is set when a signal ended it. */
    bool (*ended)(struct channel *channel, int *ret_status, str *ret_signal);
    void (*signal)(struct channel *channel, const char *name);
    void (*close)(struct channel *channel); /* frees what the kind added, not the channel */
};

struct channel {
    const struct channel_type *type;
    struct connection *connection;
    struct channel *next; /* of the same connection */
    /* What came while we were writing, until it is read. */
    struct kept {
        char *ptr;
        size_t from, to, cap; /* bytes [from, to) are there */
    } kept[STREAMS];
    bool eof[STREAMS];
    unsigned arrivals; /* grows when something came in for it, so that no wait overlooks that */
    bool lost;         /* the connection ended under it */
    bool terminal;     /* has a PTY: all comes on stdout */
    bool asked;        /* something was written since the last read */
    bool err_first;    /* which stream is read first; alternates, so that none starves the other */
};

/* Make `channel` (embedded in a larger struct that calloc gave) one of the connection's. */
void channel_join(struct channel *channel, struct connection *connection,
                  const struct channel_type *type);

/* The kinds, each with its type set and nothing open. */
struct connection *ssh_connection_new(void);
struct connection *local_connection_new(void);
struct connection *exec_connection_new(void);

/* A channel of a local connection, or of one whose program is of this machine. */
enum wire_status local_channel_open(struct connection *connection, struct arena *arena, str command,
                                    struct channel_options options, deadline until,
                                    struct channel **ret, struct wire_error *ret_error);

/* The rest of connection_open for one of them. On failure it is closed, *ret untouched. */
enum wire_status connection_start(struct connection *connection, struct arena *arena,
                                  const struct connection_options *options, deadline until,
                                  struct connection **ret, struct wire_error *ret_error);

/* Zeroed; freed by channel.c. */
void *wire_alloc(size_t size);
