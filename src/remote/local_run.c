/*
 * local_run.c - programs of this machine as children of ours: a process group of its own, so that a
 * deadline or Ctrl-C can end all of it; stdin from /dev/null or given; both outputs live.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "remote/local.h"

#define OUTPUT_MAX (512u << 20)
#define SILENCE    1.0 /* seconds without output before a daemon that holds the pipe is let go */
#define GRACE      0.3 /* seconds between SIGTERM and SIGKILL */
#define TICK       20  /* milliseconds, where the kernel has no pidfd */

enum { IN, OUT, ERR, PIPES };

struct child {
    const struct remote_context *context;
    pid_t pid;
    int pidfd; /* -1: none */
    int wake;
    int pipes[PIPES]; /* our ends; -1: closed */
    str input;
    size_t input_sent;
    struct strbuf out, err;
    bool ended;
    int wait_status;
};

static void close_pipe(int *fd)
{
    close_fd(fd);
    *fd = -1;
}

static void finish_child(struct child *child)
{
    for (int i = 0; i < PIPES; i++) {
        close_pipe(&child->pipes[i]);
    }
    close_pipe(&child->pidfd);
}

/* ---- starting ---- */

static char **argument_list(struct arena *arena, const struct command *command)
{
    bool shell = command->argv == NULL;
    size_t count = shell ? 3 : command->argc;
    char **list = NEW_ARRAY(arena, char *, count + 1);
    str executable = str_is_none(command->executable) ? S("/bin/sh") : command->executable;
    const str words[] = { executable, S("-c"), command->script };
    for (size_t i = 0; i < count; i++) {
        list[i] = local_text(arena, shell ? words[i] : command->argv[i]);
    }
    return list;
}

static str path_of(char *const *environment)
{
    for (size_t i = 0; environment[i] != NULL; i++) {
        if (strncmp(environment[i], "PATH=", 5) == 0) {
            return str_of(environment[i] + 5);
        }
    }
    return S("/usr/local/bin:/usr/bin:/bin");
}

static bool make_pipes(int ours[PIPES], int theirs[PIPES])
{
    for (int i = 0; i < PIPES; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            return false;
        }
        ours[i] = ends[i == IN ? 1 : 0];
        theirs[i] = ends[i == IN ? 0 : 1];
        fcntl(ours[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

static int spawn(struct arena *arena, const char *program, char *const *argv, char *const *env,
                 str chdir_to, const int theirs[PIPES], pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    if (!str_is_none(chdir_to)) {
        posix_spawn_file_actions_addchdir_np(&actions, str_c(arena, chdir_to));
    }
    for (int i = 0; i < PIPES; i++) {
        posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
    }
    posix_spawnattr_setsigmask(&attributes, &none); /* ours are blocked in this thread */
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    int error = posix_spawn(ret_pid, program, &actions, &attributes, argv, env);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static bool can_enter(struct arena *arena, str dir)
{
    CLEANUP(close_fd) int fd = open(str_c(arena, dir), O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && faccessat(fd, ".", X_OK, AT_EACCESS) == 0;
}

/* A file as standard input, in the place of a pipe. */
static bool give_file(struct child *child, const struct command *command, int theirs[PIPES])
{
    if (command->stdin_path.len == 0) {
        return true;
    }
    close_pipe(&child->pipes[IN]);
    close_fd(&theirs[IN]);
    theirs[IN] = tree_open(command->stdin_path);
    return theirs[IN] >= 0;
}

/* 0, or the error of exec. A command without a program (127) is an answer, not a failure. */
static str start_child(struct child *child, const struct command *command)
{
    struct arena *arena = child->context->arena;
    const value more[] = { child->context->environment, command->environment };
    char **environment = local_environment(arena, more, ARRAY_LEN(more));
    char **argv = argument_list(arena, command);
    if (!str_is_none(command->chdir) && !can_enter(arena, command->chdir)) {
        return directory_problem(arena, command->chdir, str_of(strerror(errno)));
    }
    str name = str_of(argv[0]);
    bool has_slash = str_find_char(name, '/', 0) != STR_NPOS;
    str program = has_slash ? name : local_program(arena, path_of(environment), name, false);
    int theirs[PIPES] = { -1, -1, -1 };
    bool ready = make_pipes(child->pipes, theirs) && give_file(child, command, theirs);
    int error = !ready                 ? errno
                : str_is_none(program) ? ENOENT
                                       : spawn(arena, program.ptr, argv, environment,
                                               command->chdir, theirs, &child->pid);
    for (int i = 0; i < PIPES; i++) {
        close_fd(&theirs[i]);
    }
    if (error != 0) {
        return str_copy(arena, str_of(strerror(error)));
    }
    child->pidfd = pidfd_open(child->pid, 0);
    return STR_NONE;
}

/* ---- while it runs ---- */

static void take(struct child *child, int which)
{
    struct strbuf *buf = which == OUT ? &child->out : &child->err;
    const struct remote_context *context = child->context;
    ssize_t got = read(child->pipes[which], strbuf_room(buf, 65536), 65536);
    if (got > 0) {
        strbuf_grew(buf, (size_t)got);
        if (context->live != NULL) {
            str bytes = { buf->ptr + buf->len - got, (size_t)got };
            context->live(context->live_data, bytes, which == ERR);
        }
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_pipe(&child->pipes[which]);
    }
}

/* SIGPIPE is blocked or ignored in all threads (see main). */
static void give(struct child *child)
{
    str rest = str_part(child->input, child->input_sent, child->input.len);
    ssize_t sent = rest.len == 0 ? 0 : write(child->pipes[IN], rest.ptr, rest.len);
    child->input_sent += sent > 0 ? (size_t)sent : 0;
    bool failed = sent < 0 && errno != EAGAIN && errno != EINTR;
    if (failed || child->input_sent == child->input.len) {
        close_pipe(&child->pipes[IN]);
    }
}

static void look_for_end(struct child *child)
{
    if (!child->ended && waitpid(child->pid, &child->wait_status, WNOHANG) == child->pid) {
        child->ended = true;
    }
}

static int milliseconds_until(deadline until)
{
    if (until == DEADLINE_NEVER) {
        return -1;
    }
    int64_t left = until - wire_now();
    return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

/* One wait. REMOTE_TIMEOUT: `until` passed. */
static enum remote_status step(struct child *child, deadline until)
{
    struct pollfd fds[] = {
        { .fd = child->pipes[IN], .events = POLLOUT },
        { .fd = child->pipes[OUT], .events = POLLIN },
        { .fd = child->pipes[ERR], .events = POLLIN },
        { .fd = child->wake, .events = POLLIN },
        { .fd = child->ended ? -1 : child->pidfd, .events = POLLIN },
    };
    int wait = milliseconds_until(until);
    if (!child->ended && child->pidfd < 0 && (wait < 0 || wait > TICK)) {
        wait = TICK;
    }
    int ready = poll(fds, ARRAY_LEN(fds), wait);
    if (ready > 0 && fds[3].revents != 0) {
        return REMOTE_INTERRUPTED;
    }
    if (ready > 0 && fds[IN].revents != 0) {
        give(child);
    }
    for (int i = OUT; i <= ERR; i++) {
        if (ready > 0 && fds[i].revents != 0) {
            take(child, i);
        }
    }
    look_for_end(child);
    return ready == 0 && wire_now() >= until ? REMOTE_TIMEOUT : REMOTE_OK;
}

static void kill_group(struct child *child, const struct command *command)
{
    kill(-child->pid, SIGTERM);
    deadline grace = deadline_in(GRACE);
    while (!child->ended && step(child, grace) != REMOTE_TIMEOUT) {
    }
    kill(-child->pid, SIGKILL);
    if (!child->ended) {
        waitpid(child->pid, &child->wait_status, 0);
    }
    for (size_t i = 0; i < command->leftover_count; i++) {
        remove(str_c(child->context->arena, command->leftovers[i]));
    }
}

static enum remote_status await_child(struct child *child)
{
    enum remote_status status = REMOTE_OK;
    while (status == REMOTE_OK && !child->ended) {
        status = step(child, child->context->until);
    }
    /* what is left in the pipes; a daemon that keeps them gets a second of silence */
    while (status == REMOTE_OK && (child->pipes[OUT] >= 0 || child->pipes[ERR] >= 0) &&
           child->out.len < OUTPUT_MAX && child->err.len < OUTPUT_MAX) {
        deadline silence = deadline_in(SILENCE);
        status = step(child, silence < child->context->until ? silence : child->context->until);
    }
    return status == REMOTE_TIMEOUT && child->ended ? REMOTE_OK : status;
}

enum remote_status local_run(const struct remote_context *context, const struct command *command,
                             int wake, struct command_result *ret, struct remote_error *ret_error)
{
    struct child child = {
        .context = context,
        .pidfd = -1,
        .wake = wake,
        .pipes = { -1, -1, -1 },
        .input = str_is_none(command->stdin_text) ? STR_EMPTY : command->stdin_text,
        .out = strbuf_in(context->arena),
        .err = strbuf_in(context->arena),
    };
    *ret = (struct command_result){ .problem = start_child(&child, command) };
    ret->started = str_is_none(ret->problem);
    enum remote_status status = ret->started ? await_child(&child) : REMOTE_OK;
    if (status != REMOTE_OK) {
        child.wake = -1;
        kill_group(&child, command);
    }
    finish_child(&child);
    if (status == REMOTE_OK) {
        ret->out = strbuf_str(&child.out);
        ret->err = strbuf_str(&child.err);
        ret->status = !ret->started                    ? 127
                      : WIFSIGNALED(child.wait_status) ? 128 + WTERMSIG(child.wait_status)
                                                       : WEXITSTATUS(child.wait_status);
        return REMOTE_OK;
    }
    return remote_failed(context->arena, ret_error, status, STR_NONE, "%s while the command ran",
                         status == REMOTE_TIMEOUT ? "no answer in time" : "interrupted");
}

enum remote_status local_go_on(const struct remote_context *context, int wake, const char *doing,
                               struct remote_error *ret_error)
{
    struct pollfd fd = { .fd = wake, .events = POLLIN };
    enum remote_status status = poll(&fd, 1, 0) > 0            ? REMOTE_INTERRUPTED
                                : wire_now() >= context->until ? REMOTE_TIMEOUT
                                                               : REMOTE_OK;
    return status == REMOTE_OK
               ? REMOTE_OK
               : remote_failed(context->arena, ret_error, status, STR_NONE, "%s while %s",
                               status == REMOTE_TIMEOUT ? "no answer in time" : "interrupted",
                               doing);
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

enum remote_status local_command(struct remote *remote, const struct remote_context *context,
                                 const struct command *command, struct command_result *ret,
                                 struct remote_error *ret_error)
{
    double start = now_seconds();
    if (!command_is_possible(context, command, ret_error)) {
        return ret_error->status;
    }
    enum remote_status status = local_run(context, command, remote->options.wake, ret, ret_error);
    ret->start = start;
    ret->end = now_seconds();
    return status;
}
