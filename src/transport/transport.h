/*
 * transport.h - ways to a machine, and channels to programs on it: ssh (libssh), a local process,
 * or a local program that runs a shell elsewhere (docker, kubectl, chroot ...).
 *
 * A connection belongs to one thread at a time. Every blocking call goes through one place,
 * transport_wait(), which polls the connection's descriptor together with the wake descriptor of
 * the host, so that a deadline or Ctrl-C ends any wait. libssh runs non-blocking, Nagle off;
 * TCP_QUICKACK is set before each poll that follows no message of ours (sshd answers in two
 * packets, and a delayed ACK would cost 40 ms).
 *
 * A host that hangs, its kernel alone still alive, is noticed while a channel waits: after
 * ServerAliveInterval seconds without a byte (15 if not said; 0: never) the server is asked whether
 * it lives, and after ServerAliveCountMax (3) intervals more the connection is lost. A live server
 * answers by itself, so a program may be silent for as long as it likes.
 *
 * Failures are the host's, not the user's source: they come as a `struct wire_error`, in words that
 * tell which host, what was tried and what to do. Nothing a host sends is trusted.
 */
#pragma once
#include "base/diag.h"
#include "base/secrets.h"
#include "base/value.h"
#include "transport/exec.h"

enum wire_status {
    WIRE_OK,
    WIRE_TIMEOUT,     /* the deadline passed */
    WIRE_INTERRUPTED, /* the wake descriptor became readable */
    WIRE_CLOSED,      /* the other side is gone: connection lost */
    WIRE_REFUSED,     /* could not connect, authenticate or become; host key not accepted */
    WIRE_BROKEN,      /* the other side answered what the protocol does not allow */
};

/* Which of its options the failure of a connection is about, for those who know where it is said.
 */
enum wire_about { ABOUT_NOTHING, ABOUT_HOST, ABOUT_PORT, ABOUT_USER, ABOUT_KEY, ABOUT_ARGS };

struct wire_error {
    enum wire_status status;
    str message; /* "connection refused by 127.0.4.2 port 22"; in the arena given to the call */
    str hint;    /* or STR_NONE */
    bool become; /* the login worked, becoming another user did not: failed, not unreachable */
    enum wire_about about;
    size_t about_args; /* which of ssh_args */
};

/* Monotonic milliseconds; a deadline is such a time, or DEADLINE_NEVER. */
typedef int64_t deadline;
#define DEADLINE_NEVER INT64_MAX
int64_t wire_now(void);
deadline deadline_in(double seconds); /* seconds <= 0: never */

/* Counters of a connection, for the summary line and the benchmarks. */
struct wire_counts {
    uint64_t round_trips; /* questions sent for which an answer was awaited, handshake left out */
    uint64_t bytes_sent, bytes_received; /* payload of channels */
    uint64_t channels;
};

/* Host key policy, Ansible's host_key_checking and OpenSSH's StrictHostKeyChecking. */
enum host_keys { HOST_KEYS_STRICT, HOST_KEYS_ASK, HOST_KEYS_ACCEPT_NEW, HOST_KEYS_OFF };

enum connection_kind {
    CONNECTION_SSH,
    CONNECTION_LOCAL, /* processes of this machine, as ourselves */
    CONNECTION_EXEC,  /* a program of this machine that runs a shell elsewhere: exec.h */
};

/* How to reach one machine as one login. All strings live as long as the connection. */
struct connection_options {
    enum connection_kind kind;
    str name;             /* the inventory's name, for messages */
    str host;             /* name or address; STR_NONE: `name` */
    unsigned port;        /* 0: the configuration's, else 22 */
    str user;             /* STR_NONE: the configuration's, else ours */
    str password;         /* STR_NONE: not tried */
    str private_key_file; /* an IdentityFile; STR_NONE: the configuration's, or the usual ones */
    str private_key_passphrase; /* STR_NONE: the user is asked */
    enum host_keys host_keys;
    double connect_timeout; /* seconds for connect, key exchange and authentication together */
    unsigned retries;       /* so often a connection that could not be made is tried again */
    bool was_lost; /* a moment ago, while it was open: its server may be about to start again */
    /* Options of the OpenSSH command line, in Ansible's args strings: "-o UserKnownHostsFile=x -C".
     * Split by shell rules; one that is not known here is refused by name when connecting. */
    const str *ssh_args;
    size_t ssh_args_count;
    /* So many of them count more than port, user, host_keys and connect_timeout of this struct, and
     * the others less: what is said first wins, and Ansible writes its own in between. */
    size_t ssh_args_first;
    struct exec_program exec; /* of CONNECTION_EXEC */
    int wake;                 /* descriptor whose becoming readable interrupts any wait; -1: none */
    struct secrets *secrets;
    /* The logins at jump hosts; NULL: the connection makes its own. */
    struct jumps *jumps;
    /* Ask the user on the terminal (unknown host key, passphrase); NULL: no terminal. False: no
     * answer. */
    bool (*ask)(void *data, struct arena *arena, str question, bool echo, str *ret);
    /* Something the user should know, though nothing stops: an option that is left out, keys that
     * are not checked. The same text may come once for each host. NULL: it is dropped. */
    void (*tell)(void *data, str message, str hint);
    void *ask_data;                  /* of both */
    struct keyring *keyring;         /* shared by connections, and by threads; NULL: none */
    struct known_files *known_files; /* the same */
    struct ssh_files *ssh_files;     /* the same */
};

/* Private keys that were read, so that each is decrypted, and its passphrase asked for, once. */
struct keyring;
struct keyring *keyring_new(void);
void keyring_free(struct keyring *keyring); /* accepts NULL */

/* The known_hosts files, read once, and again when they change. For any number of threads. */
struct known_files;
struct known_files *known_files_new(void);
void known_files_free(struct known_files *files); /* accepts NULL */

/* The configuration files of ssh(1), those they include, too: the same. */
struct ssh_files;
struct ssh_files *ssh_files_new(void);
void ssh_files_free(struct ssh_files *files); /* accepts NULL */

struct connection;

/* Logins at jump hosts (ProxyJump), shared by all connections that are given the same; one for each
 * jump host, or more when its server limits the channels. For any number of threads. */
struct jumps *jumps_new(void);
void jumps_free(struct jumps *jumps); /* logs out; accepts NULL; after the last connection */

/* Connect and authenticate. Costs 4 round trips and about 1 ms of CPU; the limit on simultaneous
 * handshakes is the caller's. */
enum wire_status connection_open(struct arena *arena, const struct connection_options *options,
                                 struct connection **ret, struct wire_error *ret_error);
/* Accepts NULL. Its channels are closed with it, and must not be used afterwards. */
void connection_close(struct connection *connection);
bool connection_alive(struct connection *connection);
struct wire_counts *connection_counts(struct connection *connection);
const struct connection_options *connection_options(const struct connection *connection);
str connection_user(const struct connection *connection); /* whom we logged in as */
/* Change `wake` (-1: none): what must be done after an interruption may not be interrupted by it.
 */
void connection_set_wake(struct connection *connection, int wake);
/* Change `connect_timeout`, which bounds the opening of channels and shells, too. */
void connection_set_timeout(struct connection *connection, double seconds);

/* Why a connection was lost, where more is known than that: "no answer from HOST for 60 s". Else
 * STR_NONE. Lives as long as the connection. */
str connection_problem(const struct connection *connection);
/* What to do about it, a literal, or STR_NONE. */
str connection_hint(const struct connection *connection);

/* ---- channels ---- */

struct channel; /* a program over there: its stdin, stdout, stderr */

struct channel_options {
    bool pty;      /* raw mode, no echo, is the first thing done in it */
    bool harmless; /* the command only waits for what it is told: it may be begun again */
};

/* Start `command` by the login shell of the user (ssh) or by /bin/sh (the others). Two round trips.
 * When the server refuses another session (MaxSessions) the status is WIRE_REFUSED and the
 * connection lives. */
enum wire_status channel_open(struct connection *connection, struct arena *arena, str command,
                              struct channel_options options, struct channel **ret,
                              struct wire_error *ret_error);
void channel_close(
    struct channel *channel); /* accepts NULL; does not wait for the program to end */

struct connection *channel_connection(const struct channel *channel);
/* Whether it has a PTY: what the program writes to stderr comes on stdout. */
bool channel_is_terminal(const struct channel *channel);

/* Write all bytes; while the other side does not read, what it sends is kept for channel_read. */
enum wire_status channel_write(struct channel *channel, str bytes, deadline until);
enum wire_status channel_write_eof(struct channel *channel);

/* Wait until at least one byte is there on either stream, or end of file. Appends what there is.
 * ret_eof: both streams have ended. At most `limit` bytes are taken, the rest stays
 * (back-pressure). When the deadline has passed or the wake descriptor is readable the status says
 * so even if there were bytes; they are appended all the same. */
enum wire_status channel_read(struct channel *channel, struct strbuf *out, struct strbuf *err,
                              size_t limit, deadline until, bool *ret_eof);

/* After end of file: the exit status, or -1 when the program died of a signal (its name, a literal,
 * in ret_signal) or the server tells none. */
int channel_exit_status(struct channel *channel, str *ret_signal, deadline until);
/* "INT", "TERM", "KILL". Best effort: some servers do not know the request, and before the program
 * has begun to run it is lost. */
void channel_signal(struct channel *channel, const char *name);

/* ---- a shell as another user ---- */

enum become_method {
    BECOME_NONE,
    BECOME_SUDO,
    BECOME_SU,
    BECOME_DOAS,
    BECOME_DZDO,   /* takes what sudo takes */
    BECOME_SUDOSU, /* su -l, which sudo runs as root */
    BECOME_METHODS
};

struct become {
    enum become_method method;
    str user;     /* "root" if STR_NONE */
    str password; /* STR_NONE: none; sent only in answer to the program's prompt */
    str flags;    /* become_flags; STR_NONE: the method's own, as "-H -S -n" of sudo */
    str exe;      /* become_exe; STR_NONE: the method's own name */
    str prompts;  /* what su or doas ask with, a line each; STR_NONE: "Password", in many languages
                   */
};

/* A name that become_method may have. */
struct become_name {
    str name;
    str settings; /* "sudo": ansible_sudo_user, ANSIBLE_SUDO_USER, [sudo_become_plugin] */
    enum become_method method;
    const char *refused; /* NULL, or why there is no such method here */
};
const struct become_name *become_names(size_t *ret_count);
/* With or without the collection it comes from: "community.general.doas". NULL: unknown. */
const struct become_name *become_name(str name);
str become_method_name(enum become_method method);

/*
 * Open a channel with a POSIX sh behind it that has proved, by a random marker, that it reads
 * commands, and, after becoming, that it runs as the user asked for. Anything printed before the
 * marker (motd, noisy profiles) is dropped. Nothing is sent after a become command until its marker
 * or prompt was read; a second prompt means a wrong password: closed, and told as such. Where the
 * program wants a terminal to ask on (su, doas, sudoers' requiretty) it gets one: stderr then comes
 * on stdout.
 */
enum wire_status shell_open(struct connection *connection, struct arena *arena,
                            const struct become *become, bool pty, struct channel **ret,
                            struct wire_error *ret_error);

/* Quote for a POSIX sh: the one place where that happens. Fuzzed against real shells. */
str shell_quote(struct arena *arena, str word);
void shell_quote_to(struct strbuf *out, str word);
