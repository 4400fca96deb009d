/*
 * work.c - users' commands, through a work shell or, raw, a channel of their own.
 *
 * Each command runs in a subshell of the work shell, never with & (it would ignore SIGINT). It
 * inherits the channel's streams, so what it prints is live; a random marker on each stream tells
 * that it has ended. A daemon that it left behind may keep the streams: when output goes on behind
 * the marker we wait for a second of silence, as Ansible does, and retire the shell. One that is
 * silent then would print into what a later command says: where the host is a Linux, the shell
 * looks whether a process that was started meanwhile has its streams, gives that a second to end,
 * and else says so behind the marker. Processes of other users it cannot look at. On a terminal
 * (requiretty) both streams come as one, on stdout: there is one marker then.
 */
#include <string.h>
#include <time.h>

#include "base/strbuf.h"
#include "remote/ask.h"
#include "remote/shell.h"

#define READ_LIMIT   262144
#define OUTPUT_MAX   (512u << 20) /* bytes of one command on one stream */
#define SILENCE      1.0          /* seconds without output before a daemon is let go */
#define STDIN_INLINE 16384

/*
 * Descriptor 3: the shell's own stdin; 4: its stderr, which is otherwise closed to what shells say
 * of commands that a signal ended. L: the directory of the login;
 * where another user may not go there, the home, or /.
 *   w  whether there is such a program: leaves why not in W
 *   c  change directory, telling why not
 *   q  tell that the command was not started, and why
 *   n  the pid that was given last, in i; where P is set: there is a /proc, and test knows -ef
 *   o  whether the process p has one of our streams
 *   b  look for one that began behind p: leaves " &" in h
 */
static const char prelude[] =
    "L=$PWD; [ -x \"$L\" ] || L=$HOME; [ -x \"$L\" ] || L=/\n"
    "cd /; exec 3<&0 4>&2 2>/dev/null\n"
    "q() { printf '%s!%s\\n' \"$T\" \"$1\"; exit 127; }\n"
    "c() { cd \"$1\" 2>/dev/null || { if [ -d \"$1\" ]; then q 'cd Permission denied'\n"
    "elif [ -e \"$1\" ]; then q 'cd Not a directory'; else q 'cd No such file or directory'; fi; "
    "}; }\n"
    "w() { case $1 in */*) [ -f \"$1\" ] && [ -x \"$1\" ] && return\n"
    "if [ -e \"$1\" ]; then q 'Permission denied'; fi;; *) i=$IFS; IFS=:; for d in $PATH; do\n"
    "[ -f \"${d:-.}/$1\" ] && [ -x \"${d:-.}/$1\" ] && { IFS=$i; return; }; done;; esac\n"
    "q 'No such file or directory'; }\n"
    "P=; [ -r /proc/loadavg ] && [ /proc/self/fd/1 -ef /proc/self/fd/1 ] && P=1\n"
    "n() { i=0; [ -z \"$P\" ] || read -r i i i i i </proc/loadavg; }\n"
    "o() { [ /proc/$p/fd/1 -ef /proc/self/fd/1 ] || [ /proc/$p/fd/2 -ef /proc/self/fd/1 ] ||\n"
    "[ /proc/$p/fd/2 -ef /proc/self/fd/4 ]; }\n"
    "b() { h= j=0; n; [ $((i-p)) -le 999 ] || p=$((i-999))\n"
    "while [ $p -lt $i ]; do p=$((p+1))\n"
    "while o; do [ $j -lt 10 ] || { h=' &'; return; }; j=$((j+1)); sleep 0.1 || { sleep 1; j=10; "
    "}\n"
    "done; done; }\n" READER "printf '%s %s\\n' \"$T\" $$\n";

struct running {
    struct remote *remote;
    const struct remote_context *context;
    struct seat *seat;
    struct payload stdin_payload;
    bool stdin_wanted; /* the host shall say when it is ready for it */
    struct stream {
        struct strbuf bytes;
        size_t searched; /* no marker begins before this place */
        size_t told;     /* given to `live` up to here */
        size_t end;      /* the output's length, once the marker came */
        size_t behind;   /* where the marker ends */
        bool ended, is_stderr;
    } out, err;
    bool pid_known;
    bool held; /* a process that the command left behind has our streams */
    str problem;
    int status;
};

/* ---- what is sent ---- */

static void add_start(struct strbuf *script, const struct running *running,
                      const struct command *command)
{
    const value environments[] = { running->context->environment, command->environment };
    if (command->argv == NULL) {
        strbuf_add(script, S("exec "));
        environment_words(script, environments, ARRAY_LEN(environments));
        shell_quote_to(script,
                       str_is_none(command->executable) ? S("/bin/sh") : command->executable);
        strbuf_add(script, S(" -c "));
        shell_quote_to(script, command->script);
        return;
    }
    strbuf_add(script, S("w "));
    shell_quote_to(script, command->argv[0]);
    strbuf_add(script, S("; exec "));
    environment_words(script, environments, ARRAY_LEN(environments));
    for (size_t i = 0; i < command->argc; i++) {
        shell_quote_to(script, command->argv[i]);
        strbuf_add_char(script, ' ');
    }
}

static void add_directory(struct strbuf *script, struct arena *arena, str chdir)
{
    strbuf_add(script, S("cd \"$L\"\n"));
    if (!str_is_none(chdir)) {
        strbuf_add(script, S("c "));
        shell_quote_to(script,
                       str_starts(chdir, S("/")) ? chdir : str_concat(arena, S("./"), chdir));
        strbuf_add_char(script, '\n');
    }
}

/* "( ... exec PROGRAM )" with its own streams only. They are set within: the shell above keeps its
 * stderr closed to what it says of a program that a signal ended. */
static void add_subshell(struct strbuf *script, const struct running *running,
                         const struct command *command, const char *input)
{
    strbuf_add(script, S("(\nexec 2>&4 3<&- 4>&-\n"));
    add_directory(script, running->context->arena, command->chdir);
    ask_environment(script, running->context->environment);
    ask_environment(script, command->environment);
    add_start(script, running, command);
    strbuf_addf(script, "\n) %s", input);
}

static str command_script(struct running *running, const struct command *command)
{
    struct strbuf script = strbuf_in(running->context->arena);
    str input = command->stdin_text;
    bool streamed = command->stdin_path.len > 0;
    if (!running->seat->work_ready) {
        strbuf_addf(&script, "T=%.*s\n%s", SARG(running->seat->work_token), prelude);
    }
    strbuf_add(&script, S("{ n; p=$i\n"));
    if (str_is_none(input) && !streamed) {
        add_subshell(&script, running, command, "</dev/null");
    } else if (!streamed && input.len <= STDIN_INLINE) {
        strbuf_add(&script, S("{ "));
        payload_lines(&script, input);
        strbuf_add(&script, S("} | "));
        add_subshell(&script, running, command, "");
    } else {
        /* what the command does not read must not be left for the shell */
        running->stdin_wanted = true;
        running->stdin_payload =
            streamed ? (struct payload){ .path = command->stdin_path, .size = command->stdin_size }
                     : (struct payload){ .bytes = input, .path = STR_NONE, .size = input.len };
        strbuf_addf(&script, "if reader; then printf '%%s +\\n' \"$T\"; ${READER}%llu <&3 | { ",
                    (unsigned long long)running->stdin_payload.size);
        add_subshell(&script, running, command, "");
        strbuf_add(&script,
                   S("; e=$?; [ $e -lt 256 ] || e=$((e-128)); cat >/dev/null; (exit $e); }\n"
                     "else (q \"$E\"); fi"));
    }
    strbuf_add(&script, S("\ne=$?; b; "));
    if (!channel_is_terminal(running->seat->work)) {
        strbuf_add(&script, S("printf %s \"$T\" >&4; "));
    }
    strbuf_add(&script, S("printf '%s %s%s\\n' \"$T\" $e \"$h\"\n}\n"));
    return strbuf_str(&script);
}

/* ---- what comes back ---- */

static void tell_live(struct running *running, struct stream *stream, size_t upto)
{
    const struct remote_context *context = running->context;
    if (context->live != NULL && upto > stream->told) {
        str bytes = { stream->bytes.ptr + stream->told, upto - stream->told };
        context->live(context->live_data, bytes, stream->is_stderr);
    }
    stream->told = upto > stream->told ? upto : stream->told;
}

static void cut_out(struct stream *stream, size_t from, size_t to)
{
    if (from == to) {
        return; /* also where there never was a byte */
    }
    memmove(stream->bytes.ptr + from, stream->bytes.ptr + to, stream->bytes.len - to);
    strbuf_truncate(&stream->bytes, stream->bytes.len - (to - from));
}

/* The next token and the line behind it ("" on stderr, which has the bare token). False: not yet.
 */
static bool find_marker(struct stream *stream, str token, size_t *ret_at, str *ret_line,
                        size_t *ret_behind)
{
    str bytes = { stream->bytes.ptr, stream->bytes.len };
    if (bytes.len == 0) {
        return false;
    }
    size_t at = str_find(bytes, token, stream->searched);
    if (at == STR_NPOS) {
        size_t tail = token.len - 1;
        stream->searched =
            bytes.len > tail + stream->searched ? bytes.len - tail : stream->searched;
        return false;
    }
    stream->searched = at;
    size_t from = at + token.len;
    size_t newline = stream->is_stderr ? from : str_find_char(bytes, '\n', from);
    if (newline == STR_NPOS) {
        return false;
    }
    *ret_at = at;
    *ret_line = str_part(bytes, from, newline);
    *ret_behind = stream->is_stderr ? from : newline + 1;
    return true;
}

static enum remote_status protocol_error(const struct running *running,
                                         struct remote_error *ret_error)
{
    return remote_failed(running->context->arena, ret_error, REMOTE_UNREACHABLE, STR_NONE,
                         "the host's shell answered what the protocol does not allow");
}

static void learn_pid(struct running *running, str digits)
{
    if (digits.len < sizeof running->seat->work_pid) {
        memcpy(running->seat->work_pid, digits.ptr, digits.len);
        running->seat->work_pid[digits.len] = '\0';
    }
    running->pid_known = true;
    running->seat->work_ready = true;
}

/* A marker on stdout: " PID" first, " +" for stdin, "!WHY" when not started, " STATUS" at the end,
 * or " STATUS &" where the streams are not ours alone. */
static enum remote_status take_marker(struct running *running, size_t at, str line, size_t behind,
                                      struct remote_error *ret_error)
{
    struct stream *out = &running->out;
    uint64_t number;
    bool held = running->pid_known && str_ends(line, S(" &"));
    str rest = str_part(line, 1, held ? line.len - 2 : line.len);
    if (str_starts(line, S("!"))) {
        running->problem = str_copy(running->context->arena, str_part(line, 1, line.len));
    } else if (str_eq(line, S(" +")) && running->stdin_wanted) {
        running->stdin_wanted = false;
        enum remote_status status = payload_send(running->seat->work, running->context,
                                                 &running->stdin_payload, NULL, ret_error);
        if (status != REMOTE_OK) {
            return status;
        }
    } else if (!str_starts(line, S(" ")) || rest.len > 10 || !str_to_base(rest, 10, &number)) {
        return protocol_error(running, ret_error);
    } else if (!running->pid_known) {
        learn_pid(running, rest);
    } else {
        tell_live(running, out, at);
        out->ended = true;
        out->end = at;
        out->behind = behind;
        running->status = shell_status(number);
        running->held = held;
        return REMOTE_OK;
    }
    cut_out(out, at, behind);
    return REMOTE_OK;
}

static enum remote_status take_out(struct running *running, struct remote_error *ret_error)
{
    struct stream *out = &running->out;
    size_t at, behind;
    str line;
    while (!out->ended && find_marker(out, running->seat->work_token, &at, &line, &behind)) {
        enum remote_status status = take_marker(running, at, line, behind, ret_error);
        if (status != REMOTE_OK) {
            return status;
        }
    }
    if (!out->ended) {
        tell_live(running, out, out->searched);
    }
    return REMOTE_OK;
}

static void take_err(struct running *running)
{
    struct stream *err = &running->err;
    str line;
    if (!err->ended &&
        find_marker(err, running->seat->work_token, &err->end, &line, &err->behind)) {
        err->ended = true;
    }
    tell_live(running, err, err->ended ? err->end : err->searched);
}

static enum remote_status shell_ended(struct running *running, struct remote_error *ret_error)
{
    return remote_failed(running->context->arena, ret_error, REMOTE_UNREACHABLE, STR_NONE,
                         "the shell on the host ended while the command ran");
}

static bool is_too_much(const struct running *running)
{
    return running->out.bytes.len > OUTPUT_MAX || running->err.bytes.len > OUTPUT_MAX;
}

static enum remote_status too_much(const struct running *running, struct remote_error *ret_error)
{
    return remote_failed(running->context->arena, ret_error, REMOTE_FAILED, STR_NONE,
                         "the command wrote more than %u MiB", OUTPUT_MAX >> 20);
}

static enum remote_status await_end(struct running *running, struct remote_error *ret_error)
{
    const struct remote_context *context = running->context;
    while (!running->out.ended || !running->err.ended) {
        bool eof = false;
        enum wire_status wire = channel_read(running->seat->work, &running->out.bytes,
                                             &running->err.bytes, READ_LIMIT, context->until, &eof);
        if (wire != WIRE_OK) {
            return remote_channel_error(context, running->seat->work, wire, "the command ran",
                                        ret_error);
        }
        enum remote_status status = take_out(running, ret_error);
        if (status != REMOTE_OK) {
            return status;
        }
        take_err(running);
        if (eof && (!running->out.ended || !running->err.ended)) {
            return shell_ended(running, ret_error);
        }
        if (is_too_much(running)) {
            return too_much(running, ret_error);
        }
    }
    return REMOTE_OK;
}

static bool goes_on(const struct running *running)
{
    return running->out.bytes.len > running->out.behind ||
           running->err.bytes.len > running->err.behind;
}

/* Somebody still writes: take what comes until there is silence, then let the shell go. */
static void hear_daemon(struct running *running)
{
    const struct remote_context *context = running->context;
    bool eof = false;
    enum wire_status wire = WIRE_OK;
    while (wire == WIRE_OK && !eof && !is_too_much(running)) {
        deadline silence = deadline_in(SILENCE);
        wire = channel_read(running->seat->work, &running->out.bytes, &running->err.bytes,
                            READ_LIMIT, silence < context->until ? silence : context->until, &eof);
    }
    work_close(running->seat);
}

/* The output without its marker, and with what a daemon wrote behind it. */
static str stream_text(struct running *running, struct stream *stream)
{
    cut_out(stream, stream->end, stream->behind);
    tell_live(running, stream, stream->bytes.len);
    return strbuf_str(&stream->bytes);
}

/* ---- one command ---- */

/* A daemon of an earlier command wrote behind its frame: the streams are not ours alone. */
static bool is_quiet(struct seat *seat, struct arena *arena)
{
    struct strbuf out = strbuf_in(arena), err = strbuf_in(arena);
    bool eof = false;
    return channel_read(seat->work, &out, &err, READ_LIMIT, wire_now(), &eof) == WIRE_TIMEOUT;
}

static enum remote_status work_ready(struct remote *remote, const struct remote_context *context,
                                     struct seat *seat, struct remote_error *ret_error)
{
    if (seat->work != NULL && !is_quiet(seat, context->arena)) {
        work_close(seat);
    }
    return work_open(remote, context, seat, ret_error);
}

static enum remote_status run_in_shell(struct running *running, const struct command *command,
                                       struct remote_error *ret_error)
{
    str script = command_script(running, command);
    enum wire_status wire = channel_write(running->seat->work, script, running->context->until);
    if (wire != WIRE_OK) {
        return remote_channel_error(running->context, running->seat->work, wire,
                                    "sending a command", ret_error);
    }
    return await_end(running, ret_error);
}

static str sweep_of(struct arena *arena, const struct command *command)
{
    struct strbuf lines = strbuf_in(arena);
    for (size_t i = 0; i < command->leftover_count; i++) {
        strbuf_add(&lines, S("rm -rf "));
        shell_quote_to(&lines, command->leftovers[i]);
        strbuf_add_char(&lines, '\n');
    }
    return strbuf_str(&lines);
}

/* Deadline, Ctrl-C, a shell that is gone: end what runs. The tree first: a signal would end the
 * shell above it, and then nobody could tell any more what belonged to it. */
static void give_up(struct running *running, const struct command *command,
                    enum remote_status status)
{
    struct seat *seat = running->seat;
    struct remote *remote = running->remote;
    if (status != REMOTE_UNREACHABLE && running->pid_known) {
        process_end(remote, seat, seat->work_pid, sweep_of(running->context->arena, command));
    } else if (status != REMOTE_UNREACHABLE && seat->work != NULL) {
        channel_signal(seat->work, "KILL");
    }
    work_close(seat);
    remote_notice_loss(remote);
}

static void describe(struct running *running, const struct command *command,
                     struct command_result *ret)
{
    if (str_starts(running->problem, S("cd "))) {
        str words = str_part(running->problem, 3, running->problem.len);
        running->problem = directory_problem(running->context->arena, command->chdir, words);
    }
    ret->out = stream_text(running, &running->out);
    ret->err = stream_text(running, &running->err);
    ret->status = running->status;
    ret->problem = running->problem;
    ret->started = str_is_none(running->problem);
}

static enum remote_status work_command(struct remote *remote, const struct remote_context *context,
                                       const struct command *command, struct command_result *ret,
                                       struct remote_error *ret_error)
{
    struct seat *seat = seat_of(remote, &context->become);
    enum remote_status status = work_ready(remote, context, seat, ret_error);
    if (status != REMOTE_OK) {
        return status;
    }
    struct running running = {
        .remote = remote,
        .context = context,
        .seat = seat,
        .out = { .bytes = strbuf_in(context->arena) },
        .err = { .bytes = strbuf_in(context->arena),
                 .is_stderr = true,
                 .ended = channel_is_terminal(seat->work) },
        .pid_known = seat->work_ready,
        .problem = STR_NONE,
    };
    status = run_in_shell(&running, command, ret_error);
    if (status != REMOTE_OK) {
        give_up(&running, command, status);
        return status;
    }
    if (goes_on(&running)) {
        hear_daemon(&running);
    } else if (running.held) {
        work_close(seat);
    }
    describe(&running, command, ret);
    return REMOTE_OK;
}

/* ---- raw ---- */

/* "EXECUTABLE -c SCRIPT" */
static str raw_line(struct arena *arena, const struct command *command, str executable)
{
    struct strbuf line = strbuf_in(arena);
    shell_quote_to(&line, executable);
    strbuf_add(&line, S(" -c "));
    shell_quote_to(&line, command->script);
    return strbuf_str(&line);
}

/* As another user there is no login shell to ask: a shell that became that user runs the line. */
static enum remote_status raw_open(struct remote *remote, const struct remote_context *context,
                                   const struct command *command, struct channel **ret,
                                   struct remote_error *ret_error)
{
    struct arena *arena = context->arena;
    bool becomes = context->become.method != BECOME_NONE;
    str executable = command->executable;
    str line = str_is_none(executable) ? command->script : raw_line(arena, command, executable);
    enum remote_status status = remote_channel(remote, context, &context->become,
                                               becomes ? STR_NONE : line, ret, ret_error);
    if (status != REMOTE_OK || !becomes) {
        return status;
    }
    line = raw_line(arena, command, str_is_none(executable) ? S("/bin/sh") : executable);
    line =
        str_format(arena, "exec %.*s </dev/null\n", SARG(line)); /* a terminal has no end of file */
    enum wire_status wire = channel_write(*ret, line, context->until);
    return wire == WIRE_OK
               ? REMOTE_OK
               : remote_channel_error(context, *ret, wire, "sending a command", ret_error);
}

static enum remote_status raw_command(struct remote *remote, const struct remote_context *context,
                                      const struct command *command, struct command_result *ret,
                                      struct remote_error *ret_error)
{
    struct channel *channel = NULL;
    struct running running = {
        .context = context,
        .out = { .bytes = strbuf_in(context->arena) },
        .err = { .bytes = strbuf_in(context->arena), .is_stderr = true },
    };
    enum remote_status status = raw_open(remote, context, command, &channel, ret_error);
    if (status != REMOTE_OK) {
        channel_close(channel);
        return status;
    }
    bool eof = false;
    enum wire_status wire = channel_write_eof(channel);
    while (!eof && wire == WIRE_OK && !is_too_much(&running)) {
        wire = channel_read(channel, &running.out.bytes, &running.err.bytes, READ_LIMIT,
                            context->until, &eof);
        tell_live(&running, &running.out, running.out.bytes.len);
        tell_live(&running, &running.err, running.err.bytes.len);
    }
    if (wire != WIRE_OK || is_too_much(&running)) {
        channel_signal(channel, "TERM");
        channel_signal(channel, "KILL");
        status = wire == WIRE_OK
                     ? too_much(&running, ret_error)
                     : remote_channel_error(context, channel, wire, "the command ran", ret_error);
        channel_close(channel);
        return status;
    }
    str signal = STR_NONE;
    int code = channel_exit_status(channel, &signal, context->until);
    channel_close(channel);
    ret->status = code < 0 ? 255 : code;
    ret->out = strbuf_str(&running.out.bytes);
    ret->err = strbuf_str(&running.err.bytes);
    ret->started = true;
    return REMOTE_OK;
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

enum remote_status shell_command(struct remote *remote, const struct remote_context *context,
                                 const struct command *command, struct command_result *ret,
                                 struct remote_error *ret_error)
{
    *ret = (struct command_result){ .problem = STR_NONE, .start = now_seconds() };
    if (!command_is_possible(context, command, ret_error)) {
        return ret_error->status;
    }
    /* A program that runs a shell elsewhere runs no login shell; and what it started there outlives
     * it, unless a shell there told its pid. */
    bool raw = command->raw && remote->options.kind != CONNECTION_EXEC;
    enum remote_status status =
        (raw ? raw_command : work_command)(remote, context, command, ret, ret_error);
    ret->end = now_seconds();
    return status;
}
