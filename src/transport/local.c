/*
 * local.c - programs of this machine, as ourselves: `connection: local`, and those that run a shell
 * elsewhere (exec.c).
 *
 * A channel is a process of /bin/sh, or of such a program, in a process group of its own, so that a
 * signal reaches what it started, too; its three streams are pipes, or one pseudo-terminal.
 * Everything is close-on-exec and non-blocking on our side; the child gets default signals and an
 * empty mask, whatever our threads have blocked.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "transport/wire.h"

struct local_channel {
    struct channel base;
    pid_t pid;
    int process;         /* pidfd of the child; -1 once it was waited for */
    int input;           /* our end of its stdin; -1 after the end of file was sent */
    int output[STREAMS]; /* our ends of its stdout and stderr; -1 with a terminal, or at the end */
    bool terminal;
    int exit_status;
    str exit_signal; /* static text */
};

static struct local_channel *local_of(struct channel *channel)
{
    return (struct local_channel *)channel;
}

static void drop(int *fd)
{
    close_fd(fd);
    *fd = -1;
}

/* ---- starting a program ---- */

/* The ends of a channel's descriptors: ours, and the child's until it runs. */
struct ends {
    int ours[3];
    int theirs[3];
    char terminal[64]; /* path of the pseudo-terminal; "" when there is none */
};

static void drop_ends(struct ends *ends)
{
    for (int i = 0; i < 3; i++) {
        drop(&ends->ours[i]);
        drop(&ends->theirs[i]);
    }
}

static bool make_pipes(struct ends *ends)
{
    for (int i = 0; i < 3; i++) {
        int pair[2];
        if (pipe2(pair, O_CLOEXEC) != 0) {
            return false;
        }
        ends->ours[i] = i == 0 ? pair[1] : pair[0];
        ends->theirs[i] = i == 0 ? pair[0] : pair[1];
        fcntl(ends->ours[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

/* A pseudo-terminal in raw mode; the child opens it by its path, and so makes it its own. */
static bool make_terminal(struct ends *ends)
{
    int master = ends->ours[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    struct termios mode;
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
        ptsname_r(master, ends->terminal, sizeof ends->terminal) != 0 ||
        tcgetattr(master, &mode) != 0) {
        return false;
    }
    cfmakeraw(&mode);
    return tcsetattr(master, TCSANOW, &mode) == 0;
}

static const struct channel_type local_channel_type;

/* What runs commands: the connection's program, or the shell of this machine. */
static struct exec_program program_of(const struct connection *connection)
{
    static const str shell = S_INIT("/bin/sh");
    const struct exec_program *program = &connection->options.exec;
    return program->kind != NULL ? *program : (struct exec_program){ .words = &shell, .count = 1 };
}

static enum wire_status not_started(struct arena *arena, const struct exec_program *program,
                                    int problem, struct wire_error *ret_error)
{
    str name = program->words[0];
    if (problem == ENOENT && program->kind != NULL) {
        return wire_fail(arena, ret_error, WIRE_REFUSED,
                         S("install it on the machine that hostler runs on"),
                         "there is no program '%.*s' here, which %s connections need", SARG(name),
                         program->kind->name);
    }
    return wire_fail(arena, ret_error, WIRE_REFUSED, STR_NONE, "cannot start %.*s: %s", SARG(name),
                     strerror(problem));
}

enum wire_status local_channel_open(struct connection *connection, struct arena *arena, str command,
                                    struct channel_options options, deadline until,
                                    struct channel **ret, struct wire_error *ret_error)
{
    struct exec_program program = program_of(connection);
    struct ends ends = { { -1, -1, -1 }, { -1, -1, -1 }, "" };
    pid_t pid = 0;
    bool made = options.pty ? make_terminal(&ends) : make_pipes(&ends);
    char **argv = exec_argv(arena, &program, command);
    int problem =
        made ? spawn_program(argv, ends.theirs, options.pty ? ends.terminal : NULL, &pid) : errno;
    if (problem != 0) {
        drop_ends(&ends);
        return not_started(arena, &program, problem, ret_error);
    }
    for (int i = 0; i < 3; i++) {
        drop(&ends.theirs[i]);
    }
    struct local_channel *local = wire_alloc(sizeof *local);
    local->pid = pid;
    local->process = pidfd_open(pid, 0); /* a child not waited for exists: cannot miss */
    BUG_ON(local->process < 0);
    local->input = ends.ours[0];
    local->output[STREAM_OUT] =
        options.pty ? fcntl(ends.ours[0], F_DUPFD_CLOEXEC, 0) : ends.ours[1];
    local->output[STREAM_ERR] = ends.ours[2];
    local->base.eof[STREAM_ERR] = options.pty;
    local->terminal = options.pty;
    local->exit_status = -1;
    channel_join(&local->base, connection, &local_channel_type);
    *ret = &local->base;
    return WIRE_OK;
}

/* ---- its streams ---- */

/* FIONREAD tells nothing about the end of file: only a read of an empty pipe does. */
static ssize_t local_available(struct channel *channel, int stream)
{
    int *fd = &local_of(channel)->output[stream];
    struct pollfd ready = { .fd = *fd, .events = POLLIN };
    int count = 0;
    if (poll(&ready, 1, 0) <= 0) {
        return CHANNEL_NOTHING;
    }
    if (ioctl(*fd, FIONREAD, &count) == 0 && count > 0) {
        return count;
    }
    if (ready.revents & (POLLHUP | POLLERR)) {
        drop(fd);
        return CHANNEL_EOF;
    }
    return CHANNEL_NOTHING;
}

static void local_take(struct channel *channel, int stream, char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t got = read(local_of(channel)->output[stream], bytes, count);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        BUG_ON(got <= 0); /* only we read from it, and so many bytes were there */
        bytes += got;
        count -= (size_t)got;
    }
}

static ssize_t local_write(struct channel *channel, const char *bytes, size_t count)
{
    struct local_channel *local = local_of(channel);
    ssize_t written = local->input < 0 ? -1 : write(local->input, bytes, count);
    if (written >= 0) {
        return written;
    }
    return local->input >= 0 && (errno == EAGAIN || errno == EINTR) ? CHANNEL_NOTHING : CHANNEL_EOF;
}

/* In a terminal in raw mode no byte means the end of file, so there is nothing to send. */
static bool local_write_eof(struct channel *channel)
{
    if (!local_of(channel)->terminal) {
        drop(&local_of(channel)->input);
    }
    return true;
}

static enum wire_status local_wait(struct channel *channel, bool to_write, deadline until)
{
    struct local_channel *local = local_of(channel);
    bool drained = channel->eof[STREAM_OUT] && channel->eof[STREAM_ERR];
    struct pollfd fds[] = {
        { .fd = local->output[STREAM_OUT], .events = POLLIN },
        { .fd = local->output[STREAM_ERR], .events = POLLIN },
        { .fd = to_write ? local->input : -1, .events = POLLOUT },
        { .fd = drained ? local->process : -1, .events = POLLIN },
    };
    return transport_wait(fds, ARRAY_LEN(fds), channel->connection->options.wake, until);
}

/* ---- its end ---- */

static bool local_ended(struct channel *channel, int *ret_status, str *ret_signal)
{
    struct local_channel *local = local_of(channel);
    int status;
    if (local->process >= 0) {
        if (waitpid(local->pid, &status, WNOHANG) != local->pid) {
            return false;
        }
        drop(&local->process);
        if (WIFEXITED(status)) {
            local->exit_status = WEXITSTATUS(status);
        } else {
            local->exit_signal = str_of(sigabbrev_np(WTERMSIG(status)));
        }
    }
    *ret_status = local->exit_status;
    *ret_signal = local->exit_signal;
    return true;
}

static void local_signal(struct channel *channel, const char *name)
{
    struct local_channel *local = local_of(channel);
    for (int number = 1; number < NSIG; number++) {
        const char *known = sigabbrev_np(number);
        if (known != NULL && strcmp(known, name) == 0 && local->process >= 0) {
            kill(-local->pid, number);
        }
    }
}

static void *reap(void *process)
{
    siginfo_t info;
    int fd = (int)(intptr_t)process;
    while (waitid(P_PIDFD, (id_t)fd, &info, WEXITED) != 0 && errno == EINTR) {
    }
    close(fd);
    return NULL;
}

/* A program that got the end of file ends within a moment; one that goes on is waited for by a
 * thread of its own, so that it does not stay behind as a zombie. If its daemon hangs, a program
 * that runs a shell elsewhere would go on for ever: that one is told to end. */
static void local_channel_close(struct channel *channel)
{
    struct local_channel *local = local_of(channel);
    drop(&local->input);
    drop(&local->output[STREAM_OUT]);
    drop(&local->output[STREAM_ERR]);
    if (local->process < 0) {
        return;
    }
    struct pollfd process = { .fd = local->process, .events = POLLIN };
    transport_wait(&process, 1, -1, wire_now() + 50);
    int status;
    str signal;
    if (local_ended(channel, &status, &signal)) {
        return;
    }
    if (channel->connection->options.kind == CONNECTION_EXEC) {
        kill(local->pid, SIGTERM);
    }
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, reap, (void *)(intptr_t)local->process) != 0) {
        drop(&local->process);
    }
    pthread_attr_destroy(&attributes);
}

static const struct channel_type local_channel_type = {
    .available = local_available,
    .take = local_take,
    .write = local_write,
    .write_eof = local_write_eof,
    .wait = local_wait,
    .ended = local_ended,
    .signal = local_signal,
    .close = local_channel_close,
};

/* ---- the connection ---- */

static enum wire_status local_open(struct connection *connection, struct arena *arena,
                                   deadline until, struct wire_error *ret_error)
{
    char text[4096];
    struct passwd entry, *found = NULL;
    getpwuid_r(geteuid(), &entry, text, sizeof text, &found);
    connection->user = found != NULL ? str_copy(connection->arena, str_of(entry.pw_name))
                                     : str_format(connection->arena, "#%u", geteuid());
    connection->place = S("this machine");
    return WIRE_OK;
}

static bool local_alive(struct connection *connection)
{
    return true;
}

static void local_close(struct connection *connection)
{
}

static const struct connection_type local_type = {
    .open = local_open,
    .channel_open = local_channel_open,
    .alive = local_alive,
    .close = local_close,
};

struct connection *local_connection_new(void)
{
    struct connection *connection = wire_alloc(sizeof *connection);
    connection->type = &local_type;
    return connection;
}
