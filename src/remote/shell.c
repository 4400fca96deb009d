/*
 * shell.c - control shells: opening, taking turns, and one exchange.
 *
 * A script goes out as one text between braces; the answer comes back as one write (two would cost
 * 40 ms through a jump host), framed by a random token that nothing the host ran could know. What
 * does not fit the frame is a broken host: the shell is closed, never resynchronised.
 */
#include "remote/shell.h"

#include <string.h>
#include <time.h>

#include "base/strbuf.h"
#include "remote/ask.h"

#define READ_LIMIT   1048576 /* bytes taken from a channel at once */
#define CLEANUP_TIME 1.2     /* seconds for ending what a task left running */

/* ---- opening and closing ---- */

void control_close(struct seat *seat)
{
    channel_close(seat->control);
    expected_forget(seat);
    seat->control = NULL;
    seat->can_ask = seat->can_change = false;
    seat->control_pid[0] = '\0';
}

void work_close(struct seat *seat)
{
    channel_close(seat->work);
    seat->work = NULL;
    seat->work_ready = false;
    seat->work_pid[0] = '\0';
}

void remote_notice_loss(struct remote *remote)
{
    if (remote->connection != NULL && !connection_alive(remote->connection)) {
        remote_reset(remote);
        remote->options.was_lost = true;
    }
}

/* What it means that a connection or a shell could not be had. Their time is bounded by a limit of
 * their own: that it passed is not the task's doing. */
static enum remote_status opening_failed(const struct remote_context *context,
                                         enum wire_status status, const struct wire_error *wire,
                                         const char *doing, struct remote_error *ret_error)
{
    enum remote_status meaning = remote_wire_error(context, status, wire, doing, ret_error);
    if (meaning == REMOTE_TIMEOUT) {
        meaning = ret_error->status = REMOTE_UNREACHABLE;
    }
    return meaning;
}

static enum remote_status connect_once(struct remote *remote, const struct remote_context *context,
                                       struct remote_error *ret_error)
{
    remote_notice_loss(remote);
    if (remote->connection != NULL) {
        return REMOTE_OK;
    }
    struct wire_error wire = { 0 };
    enum wire_status status =
        connection_open(context->arena, &remote->options, &remote->connection, &wire);
    remote->options.was_lost = false;
    if (status == WIRE_OK) {
        return REMOTE_OK;
    }
    remote->connection = NULL;
    return opening_failed(context, status, &wire, "connecting", ret_error);
}

/* Let a shell end by itself, so that the server has its session free when the next one opens. */
static void leave(struct channel **channel)
{
    if (*channel != NULL) {
        struct arena *arena CLEANUP(release_arena) = arena_new("leaving a shell");
        struct strbuf out = strbuf_in(arena), err = strbuf_in(arena);
        deadline until = deadline_in(CLEANUP_TIME);
        bool eof = false;
        if (channel_is_terminal(*channel)) { /* knows no end of file */
            channel_write(*channel, S("exit\n"), until);
        } else {
            channel_write_eof(*channel);
        }
        while (!eof && channel_read(*channel, &out, &err, READ_LIMIT, until, &eof) == WIRE_OK) {
            strbuf_truncate(&out, 0);
            strbuf_truncate(&err, 0);
        }
        channel_close(*channel);
        *channel = NULL;
    }
}

/* Set while process_end works: its own exchanges must not end up there again, nor wait for the
 * shell that is to be ended to leave. */
static _Thread_local bool ending;

static bool seat_leave(struct seat *seat)
{
    bool any = seat->control != NULL || seat->work != NULL;
    leave(&seat->control);
    leave(&seat->work);
    control_close(seat);
    work_close(seat);
    return any;
}

void seats_leave(struct remote *remote, const struct become *stays)
{
    for (struct seat *seat = remote->seats; seat != NULL; seat = seat->next) {
        if (seat->become.method != BECOME_NONE && !same_become(&seat->become, stays)) {
            seat_leave(seat);
        }
    }
}

static bool leave_others(struct remote *remote)
{
    bool any = false;
    if (ending) {
        return false;
    }
    for (struct seat *seat = remote->seats; seat != NULL; seat = seat->next) {
        any |= seat_leave(seat);
    }
    return any;
}

static void pause_ms(long ms)
{
    struct timespec time = { .tv_nsec = ms * 1000000 };
    nanosleep(&time, NULL);
}

/* What to open: a bare command, or (STR_NONE) a shell as somebody. */
static enum wire_status open_once(struct remote *remote, const struct remote_context *context,
                                  const struct become *become, str command, struct channel **ret,
                                  struct wire_error *ret_wire)
{
    *ret_wire = (struct wire_error){ 0 };
    return str_is_none(command)
               ? shell_open(remote->connection, context->arena, become, false, ret, ret_wire)
               : channel_open(remote->connection, context->arena, command,
                              (struct channel_options){ 0 }, ret, ret_wire);
}

/* A server counts a session until it has seen the end of its process; give it a moment. */
static enum wire_status open_retrying(struct remote *remote, const struct remote_context *context,
                                      const struct become *become, str command,
                                      struct channel **ret, struct wire_error *ret_wire)
{
    enum wire_status status = WIRE_REFUSED;
    for (long ms = 1; ms < 600; ms *= 2) {
        status = open_once(remote, context, become, command, ret, ret_wire);
        if (status != WIRE_REFUSED || ret_wire->become) {
            break;
        }
        pause_ms(ms);
    }
    return status;
}

/* With what it takes where there is one session only: our other shells leave, and the server is
 * given time to notice. Learns that it is so. */
static enum wire_status open_in_turn(struct remote *remote, const struct remote_context *context,
                                     const struct become *become, str command, struct channel **ret,
                                     struct wire_error *ret_wire)
{
    if (!remote->one_session) {
        enum wire_status status = open_once(remote, context, become, command, ret, ret_wire);
        if (status != WIRE_REFUSED || ret_wire->become || !leave_others(remote)) {
            return status;
        }
        remote->one_session = true;
    }
    leave_others(remote);
    return open_retrying(remote, context, become, command, ret, ret_wire);
}

/* Nothing was under way: the connection ended while it was idle, or as an answer to our closing a
 * channel in the middle of its output (dropbear does that), or what holds the only session will not
 * let go. */
static bool another_connection_helps(const struct remote *remote, enum wire_status status,
                                     const struct wire_error *wire)
{
    bool lost = status == WIRE_CLOSED && str_is_none(connection_problem(remote->connection));
    return !ending && (lost || (status == WIRE_REFUSED && !wire->become && remote->one_session));
}

enum remote_status remote_channel(struct remote *remote, const struct remote_context *context,
                                  const struct become *become, str command, struct channel **ret,
                                  struct remote_error *ret_error)
{
    struct wire_error wire = { 0 };
    enum remote_status meaning = connect_once(remote, context, ret_error);
    if (meaning != REMOTE_OK) {
        return meaning;
    }
    enum wire_status status = open_in_turn(remote, context, become, command, ret, &wire);
    if (another_connection_helps(remote, status, &wire)) {
        remote->options.was_lost = status == WIRE_CLOSED;
        remote_reset(remote);
        meaning = connect_once(remote, context, ret_error);
        if (meaning != REMOTE_OK) {
            return meaning;
        }
        status = open_once(remote, context, become, command, ret, &wire);
    }
    if (status == WIRE_OK) {
        return REMOTE_OK;
    }
    *ret = NULL;
    meaning = opening_failed(context, status, &wire, "opening a shell", ret_error);
    remote_notice_loss(remote);
    return meaning;
}

/* The strings of a token live with the remote: a few bytes for each shell that is opened. */
static enum remote_status seat_open(struct remote *remote, const struct remote_context *context,
                                    struct seat *seat, struct channel **channel, str *token,
                                    struct remote_error *ret_error)
{
    remote_notice_loss(remote);
    if (*channel != NULL) {
        return REMOTE_OK;
    }
    *token = shell_token(remote->arena);
    return remote_channel(remote, context, &seat->become, STR_NONE, channel, ret_error);
}

enum remote_status control_open(struct remote *remote, const struct remote_context *context,
                                struct seat *seat, struct remote_error *ret_error)
{
    return seat_open(remote, context, seat, &seat->control, &seat->control_token, ret_error);
}

enum remote_status work_open(struct remote *remote, const struct remote_context *context,
                             struct seat *seat, struct remote_error *ret_error)
{
    return seat_open(remote, context, seat, &seat->work, &seat->work_token, ret_error);
}

/* ---- one exchange ---- */

struct exchange {
    struct seat *seat;
    const struct remote_context *context;
    const struct request *request;
    size_t payloads_sent;
    struct strbuf out, err;
};

/* The first bytes of what a host sent, for a message: printable, short. */
static str shown(struct arena *arena, str bytes)
{
    struct strbuf text = strbuf_in(arena);
    for (size_t i = 0; i < bytes.len && i < 60; i++) {
        char c = bytes.ptr[i];
        strbuf_add_char(&text, c >= ' ' && c <= '~' ? c : '?');
    }
    return strbuf_str(&text);
}

static enum remote_status broken(struct exchange *exchange, struct remote_error *ret_error)
{
    struct arena *arena = exchange->context->arena;
    str first = shown(arena, strbuf_str(&exchange->out));
    remote_failed(arena, ret_error, REMOTE_UNREACHABLE, STR_NONE,
                  "the host's shell answered what the protocol does not allow: '%.*s'",
                  SARG(first));
    ret_error->hint = S("something on the host writes into our shell, or its sh is not a POSIX sh");
    return REMOTE_UNREACHABLE;
}

static enum remote_status shell_ended(struct exchange *exchange, struct remote_error *ret_error)
{
    struct arena *arena = exchange->context->arena;
    str words = str_trim(shown(arena, strbuf_str(&exchange->err)));
    return remote_failed(arena, ret_error, REMOTE_UNREACHABLE, STR_NONE,
                         "the shell on the host ended in the middle of a task%s%.*s",
                         words.len > 0 ? ": " : "", SARG(words));
}

static void drop_front(struct strbuf *buf, size_t bytes)
{
    memmove(buf->ptr, buf->ptr + bytes, buf->len - bytes);
    strbuf_truncate(buf, buf->len - bytes);
}

/* Bytes for the sink come before all frames. */
static enum remote_status take_stream(struct exchange *exchange, struct remote_error *ret_error)
{
    size_t used;
    enum remote_status status = sink_take(exchange->request->sink, exchange->context,
                                          strbuf_str(&exchange->out), &used, ret_error);
    if (status == REMOTE_OK) {
        drop_front(&exchange->out, used);
    }
    return status;
}

/* Look at what came so far: the reply, a request for a payload, or not enough yet. */
static enum remote_status take_frames(struct exchange *exchange, bool *ret_done, str *ret_payload,
                                      struct remote_error *ret_error)
{
    for (;;) {
        str payload;
        size_t used;
        switch (frame_read(strbuf_str(&exchange->out), exchange->seat->control_token, &payload,
                           &used)) {
        case FRAME_MORE:
            return REMOTE_OK;
        case FRAME_BROKEN:
            return broken(exchange, ret_error);
        case FRAME_REPLY:
            if (used != exchange->out.len) {
                return broken(exchange, ret_error);
            }
            *ret_payload = payload;
            *ret_done = true;
            return REMOTE_OK;
        case FRAME_READY:
            if (exchange->payloads_sent == exchange->request->payload_count) {
                return broken(exchange, ret_error);
            }
            drop_front(&exchange->out, used);
            enum remote_status status =
                payload_send(exchange->seat->control, exchange->context,
                             &exchange->request->payloads[exchange->payloads_sent++],
                             exchange->request->sent, ret_error);
            if (status != REMOTE_OK) {
                return status;
            }
        }
    }
}

/* The other side ended the shell or the connection; it is not we who gave up a host that hangs. */
static bool was_cut(const struct exchange *exchange)
{
    return str_is_none(connection_problem(channel_connection(exchange->seat->control)));
}

static bool nothing_came(const struct exchange *exchange)
{
    const struct sink *sink = exchange->request->sink;
    return exchange->out.len == 0 && (sink == NULL || sink->size == 0);
}

static enum remote_status await_reply(struct exchange *exchange, str *ret_payload,
                                      struct remote_error *ret_error)
{
    const struct remote_context *context = exchange->context;
    const struct sink *sink = exchange->request->sink;
    bool done = false, eof = false;
    while (!done) {
        if (eof) {
            exchange->seat->cut = nothing_came(exchange);
            return shell_ended(exchange, ret_error);
        }
        enum wire_status wire = channel_read(exchange->seat->control, &exchange->out,
                                             &exchange->err, READ_LIMIT, context->until, &eof);
        if (wire != WIRE_OK) {
            exchange->seat->cut =
                wire == WIRE_CLOSED && was_cut(exchange) && nothing_came(exchange);
            return remote_channel_error(context, exchange->seat->control, wire,
                                        "waiting for an answer", ret_error);
        }
        if (exchange->out.len > REPLY_MAX || exchange->err.len > REPLY_MAX) {
            return broken(exchange, ret_error);
        }
        enum remote_status status = REMOTE_OK;
        if (sink != NULL && !sink->ended) {
            status = take_stream(exchange, ret_error);
        }
        if (status == REMOTE_OK && exchange->out.len > 0 && (sink == NULL || sink->ended)) {
            status = take_frames(exchange, &done, ret_payload, ret_error);
        }
        if (status != REMOTE_OK) {
            return status;
        }
    }
    return REMOTE_OK;
}

/* What a shell tells of itself and the host in its first reply. */
static void learn_host(struct seat *seat, const struct reply *reply)
{
    str pid = reply_get(reply, S("pid"));
    if (pid.len > 0 && pid.len < sizeof seat->control_pid) {
        memcpy(seat->control_pid, pid.ptr, pid.len);
        seat->control_pid[pid.len] = '\0';
        seat->has_tar = reply_get(reply, S("tar")).len > 0;
    }
}

static enum remote_status send_and_await(struct exchange *exchange, str script,
                                         struct reply *ret_reply, struct remote_error *ret_error)
{
    const struct remote_context *context = exchange->context;
    struct seat *seat = exchange->seat;
    enum wire_status wire = channel_write(seat->control, script, context->until);
    if (wire == WIRE_CLOSED && was_cut(exchange)) {
        exchange->seat->cut = true; /* the shell had ended before */
        return shell_ended(exchange, ret_error);
    }
    if (wire != WIRE_OK) {
        return remote_channel_error(context, seat->control, wire, "sending a script", ret_error);
    }
    str payload;
    enum remote_status status = await_reply(exchange, &payload, ret_error);
    if (status != REMOTE_OK) {
        return status;
    }
    if (!reply_parse(context->arena, seat->control_token, payload, ret_reply)) {
        return broken(exchange, ret_error);
    }
    learn_host(seat, ret_reply);
    return REMOTE_OK;
}

static void end_and_sweep(struct remote *remote, struct seat *seat, const char *pid, bool hung_up,
                          str sweep);

/* Close the shell. What it was doing ends with it: it is killed where it was stopped, else it reads
 * the end of its input, and removes by itself what it has begun. */
static void after_failure(struct remote *remote, struct seat *seat, enum remote_status status,
                          str sweep)
{
    char pid[sizeof seat->control_pid];
    bool terminal = channel_is_terminal(seat->control);
    memcpy(pid, seat->control_pid, sizeof pid);
    control_close(seat);
    if (status == REMOTE_TIMEOUT || status == REMOTE_INTERRUPTED) {
        end_and_sweep(remote, seat, pid, terminal, sweep);
    }
    remote_notice_loss(remote);
    if (status == REMOTE_UNREACHABLE && remote->connection != NULL) { /* the shell alone died */
        end_and_sweep(remote, seat, "", false, sweep);
    }
}

enum remote_status control_exchange(struct remote *remote, const struct remote_context *context,
                                    struct seat *seat, const struct request *request,
                                    struct reply *ret_reply, struct remote_error *ret_error)
{
    struct strbuf text = strbuf_in(context->arena);
    if (!seat->can_ask) {
        strbuf_addf(&text, "T=%.*s\n", SARG(seat->control_token));
        ask_prelude(&text);
    }
    strbuf_add(&text, S("{ R=\n"));
    if (!seat->can_ask) {
        strbuf_add(&text, S("s pid $$; h tar && s tar y\n"));
    }
    strbuf_add(&text, request->script);
    strbuf_add(&text, S("f\n} 3<&0 </dev/null\n"));
    seat->can_ask = true;
    struct exchange exchange = {
        .seat = seat,
        .context = context,
        .request = request,
        .out = strbuf_in(context->arena),
        .err = strbuf_in(context->arena),
    };
    enum remote_status status = send_and_await(&exchange, strbuf_str(&text), ret_reply, ret_error);
    if (status != REMOTE_OK) {
        after_failure(remote, seat, status, request->sweep);
    }
    return status;
}

enum remote_status control_ask(struct remote *remote, const struct remote_context *context,
                               struct seat *seat, const struct request *request,
                               struct reply *ret_reply, struct remote_error *ret_error)
{
    enum remote_status status = REMOTE_UNREACHABLE;
    bool again = true;
    for (int attempt = 0; attempt < 2 && status == REMOTE_UNREACHABLE && again; attempt++) {
        seat->cut = false;
        status = control_open(remote, context, seat, ret_error);
        if (status == REMOTE_OK) {
            status = control_exchange(remote, context, seat, request, ret_reply, ret_error);
        }
        again = seat->cut;
    }
    return status;
}

/* ---- ending what runs ---- */

/*
 * The tree below a process, found by its parents' numbers: /proc if the host has it (no fork), else
 * ps. Where nothing tells the parents (a chroot without /proc), the process group is what is left
 * to go by. A sudo above belongs to it: one that has a terminal, and bytes for a shell that is no
 * more, would try for ever to get rid of them.
 */
static const char find_script[] =
    "k=; for p in /proc/[0-9]*/stat; do read -r l <\"$p\" && {\n"
    "q=${p#/proc/}; l=${l##*) }; l=${l#* }; k=\"$k ${q%%/*}:${l%% *}\"; }; done 2>/dev/null\n"
    "[ \"$k\" ] || k=$(ps -A -o pid= -o ppid= | while read -r p q; do echo \"$p:$q\"; done)\n"
    "a=\" $W \" o=; while [ \"$a\" != \"$o\" ]; do o=$a; for l in $k; do\n"
    "case $a in *\" ${l%:*} \"*) ;; *\" ${l#*:} \"*) a=\"$a${l%:*} \";; esac; done; done\n"
    "p=$W q=; while [ \"$p\" != \"$q\" ]; do q=$p\n"
    "for l in $k; do case $l in $p:*) p=${l#*:}; break;; esac; done\n"
    "{ read -r l <\"/proc/$p/stat\"; } 2>/dev/null || l=\n"
    "case $l in *' (sudo) '*) a=\" $p$a\";; *) break;; esac; done\n";

/* On a terminal that hung up, the shell reads what was sent to it, and ends (see script.c): it gets
 * the time for that, since sudo, which may not be ours to kill, has to get rid of those bytes. */
static const char wait_script[] =
    "for i in 1 2 3 4 5 6 7; do kill -0 $W && sleep .1 || break; done 2>/dev/null\n";

/* Parents first, so that none sees a child of its own end. They are not stopped before: a sudo that
 * has a terminal sees its command stop, stops as well, and nobody wakes it up. */
static const char kill_script[] = "[ \"$k\" ] || kill -s KILL -- -$W\n"
                                  "for p in $a; do kill -s KILL $p; done 2>/dev/null\n";

static enum remote_status run_end(struct remote *remote, const struct remote_context *context,
                                  struct seat *seat, str script)
{
    struct remote_error error;
    struct reply reply;
    struct request request = { .script = script };
    enum remote_status status = control_open(remote, context, seat, &error);
    return status != REMOTE_OK ? status
                               : control_exchange(remote, context, seat, &request, &reply, &error);
}

/* Seconds for each of some steps that are to be done within the time for cleaning up. */
static double time_for_one(const struct remote_context *context, int steps)
{
    double left = (double)(context->until - wire_now()) / 1000;
    return (left > 0.1 ? left : 0.1) / steps;
}

/* Where the server allows one session, and a process of ours holds it, another connection. */
static void end_by_new_connection(const struct remote *remote, const struct remote_context *context,
                                  struct seat *seat, str script)
{
    struct connection_options options = remote->options;
    options.wake = -1;
    options.connect_timeout = time_for_one(context, 3); /* connection, channel, shell */
    options.retries = 0;
    struct remote *second = remote_new(&options);
    run_end(second, context, seat_of(second, &seat->become), script);
    remote_free(second);
}

/* End a process (pid "": none) with all below it, then remove what it left behind. hung_up: it is a
 * shell whose terminal we closed. */
static void end_and_sweep(struct remote *remote, struct seat *seat, const char *pid, bool hung_up,
                          str sweep)
{
    if ((pid[0] == '\0' && sweep.len == 0) || ending) {
        return;
    }
    ending = true;
    struct arena *arena = arena_new("ending a process");
    struct remote_context context = {
        .arena = arena,
        .become = seat->become,
        .until = deadline_in(CLEANUP_TIME),
    };
    struct strbuf script = strbuf_in(arena);
    if (pid[0] != '\0') {
        strbuf_addf(&script, "W=%s\n%s%s%s", pid, find_script, hung_up ? wait_script : "",
                    kill_script);
    }
    strbuf_add(&script, sweep);
    double timeout = remote->options.connect_timeout;
    if (remote->connection != NULL) {
        timeout = connection_options(remote->connection)->connect_timeout;
        connection_set_wake(remote->connection, -1);
        connection_set_timeout(remote->connection, time_for_one(&context, 2)); /* channel, shell */
    }
    bool ended =
        !remote->one_session && run_end(remote, &context, seat, strbuf_str(&script)) == REMOTE_OK;
    if (!ended && wire_now() < context.until) { /* a host that hangs does so on any connection */
        end_by_new_connection(remote, &context, seat, strbuf_str(&script));
    }
    if (remote->connection != NULL) {
        connection_set_wake(remote->connection, remote->options.wake);
        connection_set_timeout(remote->connection, timeout);
    }
    arena_free(arena);
    ending = false;
}

void process_end(struct remote *remote, struct seat *seat, const char *pid, str sweep)
{
    if (pid[0] != '\0') {
        end_and_sweep(remote, seat, pid, false, sweep);
    }
}

/* ---- questions ---- */

enum remote_status shell_answer(struct remote *remote, const struct remote_context *context,
                                struct observer *obs, struct remote_error *ret_error)
{
    struct seat *seat = seat_of(remote, &context->become);
    if (expected_tells(seat, context, obs)) {
        return REMOTE_OK;
    }
    struct observer *all = expected_along(seat, context, obs);
    struct strbuf script = strbuf_in(context->arena);
    struct path_wants wants = path_wants(context->arena, all);
    ask_script(&script, &wants, all, context->environment);
    struct request request = { .script = strbuf_str(&script) };
    struct reply reply;
    enum remote_status status = control_ask(remote, context, seat, &request, &reply, ret_error);
    if (status != REMOTE_OK) {
        return status;
    }
    if (!ask_answers(context->arena, &reply, &wants, all)) {
        control_close(seat);
        return remote_failed(context->arena, ret_error, REMOTE_UNREACHABLE, STR_NONE,
                             "the host's answers are not in the form that was asked for");
    }
    if (all != obs) {
        expected_keep(seat);
    }
    return REMOTE_OK;
}
