/*
 * ssh.c - connections by libssh: the session and its channels. libssh never blocks here: each of
 * its calls is repeated until it no longer says "again", with transport_wait() in between.
 */
#include "transport/ssh.h"

#include <libssh/callbacks.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/strbuf.h"
#include "transport/forward.h"
#include "transport/ssh_random.h"

struct session_channel {
    struct channel base;
    ssh_channel handle;
    struct ssh_channel_callbacks_struct callbacks;
    size_t unread[STREAMS]; /* bytes that libssh keeps for us */
    bool eof;               /* of both streams: nothing more comes after those */
    int exit_status;        /* -1: not told */
    str exit_signal;        /* STR_NONE: none; a literal, which outlives the channel */
    bool closed;            /* the server closed it: nothing more will come */
};

static struct ssh_connection *connection_of(struct connection *connection)
{
    return (struct ssh_connection *)connection;
}

static struct session_channel *channel_of(struct channel *channel)
{
    return (struct session_channel *)channel;
}

/* ---- waiting ---- */

bool ssh_is_behind(const struct ssh_connection *ssh)
{
    return ssh->way.jump != NULL || ssh->proxy > 0;
}

void ssh_acknowledge(struct ssh_connection *ssh)
{
    ssh_send_ignore(ssh->session, "");
}

/* Something may have come, we did not answer, and now wait on, while the server with Nagle's
 * algorithm on holds back its second packet until the first is acknowledged: not 40 ms later, but
 * now. What we send acknowledges by itself; and the kernel forgets the option soon, so it is set
 * each time. Through others' sockets a message of ours does it, if little came: much comes in full
 * packets, which no server holds back. True: sending that brought in bytes, which no descriptor
 * tells any more. */
static bool let_more_come(struct ssh_connection *ssh)
{
    uint64_t before = ssh->alive.bytes.in_bytes, came = before - ssh->waited.in;
    bool answered = ssh->alive.bytes.out_bytes != ssh->waited.out;
    if (!answered && !ssh_is_behind(ssh)) {
        int on = 1;
        setsockopt(ssh->socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    } else if (!answered && ssh->open && came > 0 && came < 1024) {
        ssh_acknowledge(ssh);
    }
    ssh->waited.in = before;
    ssh->waited.out = ssh->alive.bytes.out_bytes;
    return ssh->alive.bytes.in_bytes != before;
}

enum wire_status ssh_wait(struct ssh_connection *ssh, deadline until)
{
    /* After a server's farewell libssh has nothing more to wait for, but says "again" all the same.
     */
    if (!str_is_none(ssh->base.problem) || !ssh_is_connected(ssh->session)) {
        return WIRE_CLOSED;
    }
    if (let_more_come(ssh)) {
        return WIRE_OK;
    }
    struct pollfd fds[1 + FORWARDS_MAX] = { { .fd = ssh->socket, .events = POLLIN } };
    if (ssh_get_status(ssh->session) & SSH_WRITE_PENDING) {
        fds[0].events |= POLLOUT;
    }
    size_t count = 1 + forward_polls(ssh, &fds[1]);
    enum wire_status status = transport_wait(fds, count, ssh->base.options.wake, until);
    forward_pump(ssh);
    ssh->drained = false;
    return status;
}

/* libssh's words without its prefix, which repeats what we say anyway. */
const char *ssh_words(ssh_session session)
{
    const char *words = ssh_get_error(session);
    const char *prefix = "Socket error: ", *farewell = "Received SSH_MSG_DISCONNECT: ";
    if (strncmp(words, farewell, strlen(farewell)) == 0) {
        const char *said = strchr(words + strlen(farewell), ':'); /* behind a number */
        return said != NULL ? said + 1 : words;
    }
    return strncmp(words, prefix, strlen(prefix)) == 0 ? words + strlen(prefix) : words;
}

bool ssh_step_failed(struct ssh_step *step, enum wire_status status, const char *doing)
{
    str place = step->ssh->base.place, why;
    switch (status) {
    case WIRE_TIMEOUT:
        wire_fail(step->arena, step->error, status,
                  S("is the host hung, or busy? --timeout gives it more time"),
                  "timed out after %g s %s %.*s", step->ssh->base.options.connect_timeout, doing,
                  SARG(place));
        break;
    case WIRE_INTERRUPTED:
        wire_fail(step->arena, step->error, status, STR_NONE, "interrupted %s %.*s", doing,
                  SARG(place));
        break;
    case WIRE_OK:
    case WIRE_CLOSED:
    case WIRE_REFUSED:
    case WIRE_BROKEN:
        jump_explain_loss(step->ssh);
        why = step->ssh->base.problem;
        why = str_is_none(why) ? str_of(ssh_words(step->ssh->session)) : why;
        wire_fail(step->arena, step->error, WIRE_CLOSED, STR_NONE, "connection lost %s %.*s: %.*s",
                  doing, SARG(place), SARG(why));
        break;
    }
    return false;
}

bool ssh_refuse(struct ssh_step *step, str hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wire_vfail(step->arena, step->error, WIRE_REFUSED, hint, format, args);
    va_end(args);
    return false;
}

/* ---- the user ---- */

bool ssh_may_ask(const struct ssh_connection *ssh)
{
    return ssh->base.options.ask != NULL && ssh->settings.batch != SSH_YES;
}

void ssh_forgive(struct ssh_step *step, int64_t milliseconds)
{
    step->ssh->forgiven += milliseconds;
    if (step->until != DEADLINE_NEVER) {
        step->until += milliseconds;
    }
}

bool ssh_ask(struct ssh_step *step, str question, bool echo, str *ret)
{
    const struct connection_options *options = &step->ssh->base.options;
    int64_t before = wire_now();
    bool answered =
        ssh_may_ask(step->ssh) && options->ask(options->ask_data, step->arena, question, echo, ret);
    ssh_forgive(step, wire_now() - before);
    return answered;
}

void ssh_tell(struct ssh_step *step, str hint, const char *format, ...)
{
    const struct connection_options *options = &step->ssh->base.options;
    if (options->tell == NULL) {
        return;
    }
    struct strbuf text = strbuf_in(step->arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    options->tell(options->ask_data, strbuf_str(&text), hint);
}

/* ---- connecting ---- */

enum { BUSY_TRIES = 6 }; /* about 13 s in all, if there is time */

/* So that hosts that were sent away together do not come back together. */
static int64_t random_below(unsigned limit)
{
    unsigned number = 0;
    BUG_ON(getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number);
    return number % limit;
}

static void init_library(void)
{
    ssh_random_init();
    BUG_ON(ssh_init() != 0);
}

static bool open_once(struct ssh_step *step)
{
    struct ssh_connection *ssh = step->ssh;
    if (!ssh_dial(step)) {
        return false;
    }
    ssh->session = ssh_new();
    BUG_ON(ssh->session == NULL);
    ssh_set_blocking(ssh->session, 0);
    ssh_watch(ssh);
    if (!ssh_exchange_keys(step)) {
        return false;
    }
    step->met = true;
    ssh->open = ssh_check_hostkey(step) && ssh_log_in(step);
    return ssh->open;
}

/* libssh may close the socket it was given, even while it says good-bye, and does not tell. Another
 * thread may have the number by then: only what is still the same socket is left for us to close.
 */
static void end_session(struct ssh_connection *ssh)
{
    struct stat before = { 0 }, after = { 0 };
    bool open = !ssh->socket_given ||
                (ssh_get_fd(ssh->session) == ssh->socket && fstat(ssh->socket, &before) == 0);
    ssh_disconnect(ssh->session);
    ssh_free(ssh->session);
    ssh->session = NULL;
    if (open && ssh->socket_given) {
        open = fstat(ssh->socket, &after) == 0 && after.st_ino == before.st_ino;
    }
    if (!open) {
        ssh->socket = -1;
    }
    ssh->socket_given = false;
}

static void hang_up(struct ssh_connection *ssh)
{
    if (ssh->session != NULL) {
        forward_close(ssh);
        end_session(ssh);
    }
    ssh_hang_up(ssh);
}

/* Milliseconds to wait before the next try; -1: none is worth while.
 *
 * A server that hangs up before the keys are exchanged has too many connections at that stage
 * (MaxStartups), so it gets some time, though nobody asked for it; so does one that refuses a
 * connection that was lost a moment ago, since it may be starting again. Otherwise `retries`
 * counts, with Ansible's pauses: 0, 1, 3, 7 ... 30 seconds. */
static int64_t pause_before_retry(const struct ssh_step *step, unsigned failures)
{
    enum wire_status status = step->error->status;
    unsigned retries = step->ssh->base.options.retries;
    if (step->met || status == WIRE_INTERRUPTED || status == WIRE_BROKEN) {
        return -1;
    }
    if (failures <= retries) {
        return failures > 5 ? 30000 : ((INT64_C(1) << (failures - 1)) - 1) * 1000;
    }
    int64_t busy = (INT64_C(100) << failures) + random_below(100);
    bool in_time = failures <= BUSY_TRIES && wire_now() + busy < step->until;
    bool passing =
        status == WIRE_CLOSED || (status == WIRE_REFUSED && step->ssh->base.options.was_lost);
    return passing && in_time ? busy : -1;
}

static bool open_repeatedly(struct ssh_step *step, double timeout)
{
    struct wire_error lost = { .status = WIRE_OK };
    for (unsigned failures = 1; !open_once(step); failures++) {
        int64_t pause = ssh_proxy_failed(step) ? -1 : pause_before_retry(step, failures);
        if (step->error->status == WIRE_CLOSED) {
            lost = *step->error;
        } else if (step->error->status == WIRE_TIMEOUT && lost.status == WIRE_CLOSED) {
            *step->error = lost; /* that it hung up says more than that it then did not answer */
        }
        hang_up(step->ssh);
        if (pause < 0 || transport_wait(NULL, 0, step->ssh->base.options.wake,
                                        wire_now() + pause) != WIRE_TIMEOUT) {
            return false;
        }
        step->ssh->base.problem = STR_NONE;
        step->known = (struct known_keys){ 0 };
        step->certified = step->certificate_problem = STR_NONE;
        if (failures <= step->ssh->base.options.retries) {
            step->until = deadline_in(timeout);
        }
    }
    return true;
}

static enum wire_status ssh_connection_open(struct connection *connection, struct arena *arena,
                                            deadline until, struct wire_error *ret_error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_library);

    struct ssh_connection *ssh = connection_of(connection);
    struct ssh_step step = { .ssh = ssh, .arena = arena, .until = until, .error = ret_error };
    const struct ssh_settings *settings = &ssh->settings;
    if (!ssh_settings_load(connection->arena, arena, &connection->options, until, &ssh->settings,
                           ret_error)) {
        return ret_error->status;
    }
    connection->user = settings->user;
    if (settings->connect_timeout > 0 && (settings->timeout_by_args || until == DEADLINE_NEVER)) {
        connection->options.connect_timeout = settings->connect_timeout;
        step.until = deadline_in(settings->connect_timeout);
    }
    return open_repeatedly(&step, connection->options.connect_timeout) ? WIRE_OK
                                                                       : ret_error->status;
}

bool ssh_session_lives(const struct ssh_connection *ssh)
{
    return str_is_none(ssh->base.problem) && ssh_is_connected(ssh->session) &&
           (ssh_get_status(ssh->session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) == 0;
}

/* libssh learns that a server has gone when it reads; the socket knows before. */
static bool ssh_connection_alive(struct connection *connection)
{
    struct ssh_connection *ssh = connection_of(connection);
    struct pollfd socket = { .fd = ssh->socket, .events = POLLRDHUP };
    return ssh_session_lives(ssh) && poll(&socket, 1, 0) == 0;
}

static void ssh_connection_close(struct connection *connection)
{
    struct ssh_connection *ssh = connection_of(connection);
    hang_up(ssh);
}

/* ---- opening a channel ---- */

/* count: with what was there before. */
static int on_data(ssh_session session, ssh_channel handle, void *bytes, uint32_t count,
                   int is_stderr, void *data)
{
    struct session_channel *channel = data;
    channel->base.arrivals++;
    channel->unread[is_stderr ? STREAM_ERR : STREAM_OUT] = count;
    return 0; /* not taken: libssh keeps the bytes, and its window bounds them */
}

static void on_eof(ssh_session session, ssh_channel handle, void *data)
{
    struct session_channel *channel = data;
    channel->base.arrivals++;
    channel->eof = true;
}

static void on_close(ssh_session session, ssh_channel handle, void *data)
{
    struct session_channel *channel = data;
    channel->base.arrivals++;
    channel->eof = channel->closed = true;
}

static int on_window(ssh_session session, ssh_channel handle, uint32_t bytes, void *data)
{
    ((struct session_channel *)data)->base.arrivals++;
    return 0;
}

static void on_exit_status(ssh_session session, ssh_channel handle, int status, void *data)
{
    ((struct session_channel *)data)->exit_status = status;
}

static void on_exit_signal(ssh_session session, ssh_channel handle, const char *signal, int core,
                           const char *message, const char *language, void *data)
{
    struct session_channel *channel = data;
    channel->exit_signal = S("unknown");
    for (int number = 1; number < NSIG; number++) {
        const char *known = sigabbrev_np(number);
        if (known != NULL && strcmp(known, signal) == 0) {
            channel->exit_signal = str_of(known);
        }
    }
}

static void listen_to(struct session_channel *channel)
{
    channel->callbacks = (struct ssh_channel_callbacks_struct){
        .userdata = channel,
        .channel_data_function = on_data,
        .channel_eof_function = on_eof,
        .channel_close_function = on_close,
        .channel_write_wontblock_function = on_window,
        .channel_exit_status_function = on_exit_status,
        .channel_exit_signal_function = on_exit_signal,
    };
    ssh_callbacks_init(&channel->callbacks);
    ssh_set_channel_callbacks(channel->handle, &channel->callbacks);
}

/* One question to the server about the channel, until it is answered. */
enum request { REQUEST_SESSION, REQUEST_TERMINAL, REQUEST_EXEC };

static int make_request(ssh_channel handle, enum request request, const char *command)
{
    switch (request) {
    case REQUEST_SESSION:
        return ssh_channel_open_session(handle);
    case REQUEST_TERMINAL:
        return ssh_channel_request_pty_size(handle, "dumb", 80, 24);
    case REQUEST_EXEC:
        return ssh_channel_request_exec(handle, command);
    }
    BUG("request %d", (int)request);
}

/* The server closed the channel, and will not answer what it was asked about it. */
static bool closed_early(struct ssh_step *step)
{
    return ssh_refuse(step, STR_NONE, "%.*s closed the session before it was ready",
                      SARG(step->ssh->base.place));
}

static bool ask_server(struct ssh_step *step, const struct session_channel *channel,
                       enum request request, const char *command)
{
    static const char *const doing[] = { "opening a session on", "asking for a terminal on",
                                         "starting a program on" };
    static const char *const refused[] = { "another session", "a terminal", "to start a program" };
    step->ssh->base.counts.round_trips++;
    for (;;) {
        int result = make_request(channel->handle, request, command);
        if (result == SSH_OK) {
            return true;
        }
        if (channel->closed) {
            return closed_early(step);
        }
        if (result == SSH_ERROR && ssh_get_error_code(step->ssh->session) == SSH_REQUEST_DENIED) {
            return ssh_refuse(step,
                              request == REQUEST_SESSION ? S("see MaxSessions in its sshd_config")
                                                         : STR_NONE,
                              "%.*s refused %s", SARG(step->ssh->base.place), refused[request]);
        }
        enum wire_status status =
            result == SSH_AGAIN ? ssh_wait(step->ssh, step->until) : WIRE_CLOSED;
        if (status != WIRE_OK) {
            return ssh_step_failed(step, status, doing[request]);
        }
    }
}

/* SetEnv and SendEnv; a server that does not accept a variable goes without, as with ssh(1). */
static bool send_environment(struct ssh_step *step, const struct session_channel *channel)
{
    const struct ssh_list *list = &step->ssh->settings.environment;
    forward_request(step, channel->handle);
    for (unsigned i = 0; i < list->count; i++) {
        str rest = list->items[i];
        const char *name = str_c(step->arena, str_cut(&rest, '='));
        const char *text = str_c(step->arena, rest);
        int result;
        step->ssh->base.counts.round_trips++;
        while ((result = ssh_channel_request_env(channel->handle, name, text)) == SSH_AGAIN) {
            if (channel->closed) {
                return closed_early(step);
            }
            enum wire_status status = ssh_wait(step->ssh, step->until);
            if (status != WIRE_OK) {
                return ssh_step_failed(step, status, "setting the environment on");
            }
        }
        if (result != SSH_OK && channel->closed) {
            return closed_early(step);
        }
        if (result != SSH_OK && !ssh_session_lives(step->ssh)) {
            return ssh_step_failed(step, WIRE_CLOSED, "setting the environment on");
        }
    }
    return true;
}

static const struct channel_type ssh_channel_type;

static struct session_channel *new_channel(struct connection *connection)
{
    struct session_channel *channel = wire_alloc(sizeof *channel);
    channel->handle = ssh_channel_new(connection_of(connection)->session);
    BUG_ON(channel->handle == NULL); /* the session is authenticated */
    channel->exit_status = -1;
    listen_to(channel);
    channel_join(&channel->base, connection, &ssh_channel_type);
    return channel;
}

/* asked: the command may have been begun, whatever came of it. */
static bool start(struct ssh_step *step, const struct session_channel *channel, bool pty,
                  const char *command, bool *ret_asked)
{
    *ret_asked = false;
    if (!ask_server(step, channel, REQUEST_SESSION, NULL) ||
        (pty && !ask_server(step, channel, REQUEST_TERMINAL, NULL)) ||
        !send_environment(step, channel)) {
        return false;
    }
    *ret_asked = true;
    return ask_server(step, channel, REQUEST_EXEC, command);
}

#define OPENING_TRIES 10

/* Dropbear now and then closes a channel that was opened while the program of another one ended:
 * the next one, or the one after that, is well. */
static enum wire_status ssh_open_channel(struct connection *connection, struct arena *arena,
                                         str command, struct channel_options options,
                                         deadline until, struct channel **ret,
                                         struct wire_error *ret_error)
{
    struct ssh_connection *ssh = connection_of(connection);
    struct ssh_step step = { .ssh = ssh, .arena = arena, .until = until, .error = ret_error };
    const char *text = options.pty ? str_format(arena, "stty raw -echo; %.*s", SARG(command)).ptr
                                   : str_c(arena, command);
    for (unsigned i = 1;; i++) {
        bool asked;
        struct session_channel *channel = new_channel(connection);
        if (start(&step, channel, options.pty, text, &asked)) {
            *ret = &channel->base;
            return WIRE_OK;
        }
        bool again = channel->closed && (!asked || options.harmless) && i < OPENING_TRIES;
        channel_close(&channel->base);
        if (!again || !ssh_session_lives(ssh)) {
            return ret_error->status;
        }
    }
}

/* ---- its streams ---- */

static bool session_is_alive(struct channel *channel)
{
    return ssh_session_lives(connection_of(channel->connection));
}

static ssize_t was_lost(struct channel *channel)
{
    jump_explain_loss(connection_of(channel->connection));
    return CHANNEL_LOST;
}

#define READ_SIZE 4096 /* what libssh reads at a time; less means that no more is there */

/* Have libssh read from the socket; on_data() and others tell what comes. */
static bool look(struct channel *channel)
{
    struct ssh_connection *ssh = connection_of(channel->connection);
    uint64_t before = ssh->alive.bytes.in_bytes;
    if (ssh_channel_poll(channel_of(channel)->handle, false) == SSH_ERROR) {
        return false;
    }
    ssh->drained = ssh->alive.bytes.in_bytes - before < READ_SIZE && ssh_session_lives(ssh);
    return true;
}

/* Each look costs a system call, so none is made where it would find nothing. */
static ssize_t ssh_channel_available(struct channel *channel, int stream)
{
    const struct session_channel *ssh = channel_of(channel);
    bool known = ssh->unread[stream] > 0 || ssh->eof || connection_of(channel->connection)->drained;
    if (!known && !look(channel)) {
        return was_lost(channel);
    }
    return ssh->unread[stream] > 0 ? (ssize_t)ssh->unread[stream]
           : ssh->eof              ? CHANNEL_EOF
                                   : CHANNEL_NOTHING;
}

static void ssh_channel_take(struct channel *channel, int stream, char *bytes, size_t count)
{
    struct session_channel *ssh = channel_of(channel);
    while (count > 0) {
        int got =
            ssh_channel_read_nonblocking(ssh->handle, bytes, (uint32_t)count, stream == STREAM_ERR);
        if (got <= 0) {
            channel->lost = true; /* the connection broke while libssh made room for more */
            memset(bytes, 0, count);
            return;
        }
        ssh->unread[stream] -= (size_t)got;
        bytes += got;
        count -= (size_t)got;
    }
}

#define WRITE_MAX ((size_t)256 * 1024) /* a call; what the window takes comes back as the count */

static ssize_t ssh_channel_write_some(struct channel *channel, const char *bytes, size_t count)
{
    count = count < WRITE_MAX ? count : WRITE_MAX;
    int written = ssh_channel_write(channel_of(channel)->handle, bytes, (uint32_t)count);
    if (written >= 0) {
        return written;
    }
    return session_is_alive(channel) ? CHANNEL_EOF : was_lost(channel);
}

static bool ssh_channel_write_end(struct channel *channel)
{
    return ssh_channel_send_eof(channel_of(channel)->handle) == SSH_OK;
}

static enum wire_status ssh_channel_wait(struct channel *channel, bool to_write, deadline until)
{
    return ssh_wait_alive(connection_of(channel->connection), until);
}

/* The status may come before or after the end of the streams, or never; the close comes last. */
static bool ssh_channel_ended(struct channel *channel, int *ret_status, str *ret_signal)
{
    struct session_channel *ssh = channel_of(channel);
    if (ssh->exit_status < 0 && str_is_none(ssh->exit_signal) && !ssh->closed) {
        ssh_channel_get_exit_status(ssh->handle); /* does not block here: takes what has come in */
        channel->lost |= !session_is_alive(channel);
    }
    *ret_status = ssh->exit_status;
    *ret_signal = ssh->exit_signal;
    return ssh->exit_status >= 0 || !str_is_none(ssh->exit_signal) || ssh->closed;
}

static void ssh_channel_send_signal(struct channel *channel, const char *name)
{
    ssh_channel_request_send_signal(channel_of(channel)->handle, name);
}

static void ssh_channel_end(struct channel *channel)
{
    struct session_channel *ssh = channel_of(channel);
    ssh_remove_channel_callbacks(ssh->handle, &ssh->callbacks);
    ssh_channel_free(ssh->handle);
}

static const struct channel_type ssh_channel_type = {
    .available = ssh_channel_available,
    .take = ssh_channel_take,
    .write = ssh_channel_write_some,
    .write_eof = ssh_channel_write_end,
    .wait = ssh_channel_wait,
    .ended = ssh_channel_ended,
    .signal = ssh_channel_send_signal,
    .close = ssh_channel_end,
};

static const struct connection_type ssh_connection_type = {
    .open = ssh_connection_open,
    .channel_open = ssh_open_channel,
    .alive = ssh_connection_alive,
    .close = ssh_connection_close,
};

struct connection *ssh_connection_new(void)
{
    struct ssh_connection *ssh = wire_alloc(sizeof *ssh);
    ssh->base.type = &ssh_connection_type;
    ssh->socket = -1;
    return &ssh->base;
}
