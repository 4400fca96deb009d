/*
 * become.c - shells that have proved themselves, as the login user or as another one.
 *
 * A shell counts only after it has printed a random marker on each of its streams; what came before
 * is the login's (motd, noisy profiles) and dropped. Becoming another user is a dialogue:
 *
 *     we                                     the host
 *     echo START; exec sudo -p PROMPT ...    START; PROMPT, or at once the marker
 *     password, if there is one              the marker; PROMPT again: the password was wrong
 *                                            MARKER uid wanted-uid
 *
 * Nothing is sent between the command and its first answer, so a password can only ever reach the
 * program that printed the prompt, and no command the wrong shell. START, marker and our prompt are
 * 128 random bits, written in the commands in two pieces, so that an echo of the command is not
 * taken for them. A program that asks in words of its own (su, doas) is believed behind START only:
 * what a profile prints is no prompt.
 */
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "transport/become_methods.h"
#include "transport/become_script.h"
#include "transport/wire.h"

#define NOISE_MAX   ((size_t)1024 * 1024) /* bytes before the marker; more is no shell */
#define FLUSH_PAUSE 0.05 /* seconds; busybox drops what came in while it printed its prompt */

struct opening {
    struct connection *connection;
    struct arena *arena;
    const struct become *become;
    bool pty;
    bool restricted; /* the login shell is given the bare word "sh", and that the script */
    bool again;      /* an attempt failed, and told what to do */
    struct wire_error *error;
    deadline until;
    str user;   /* whom to become; STR_NONE: nobody else */
    str start;  /* tells that the login shell obeyed */
    str marker; /* tells that the shell is there */
    str prompt; /* asks for the password, where the program lets us choose */
    struct channel *channel;
    struct strbuf out, err;        /* all that came so far; behind START once it came */
    bool out_started, err_started; /* it came on this stream */
    bool eof;
    bool password_sent;
};

static bool becomes(const struct opening *opening)
{
    return !str_is_none(opening->user);
}

static bool has_password(const struct opening *opening)
{
    return !str_is_none(opening->become->password);
}

/* ---- what went wrong ---- */

/* A terminal that could not be made raw may have echoed it. */
static str without_password(struct opening *opening, str text)
{
    str password = opening->become != NULL ? opening->become->password : STR_NONE;
    return password.len > 0 ? str_replace(opening->arena, text, password, S("********")) : text;
}

/* What the program said, in one line, without our prompt and marker. */
static str words_said(struct opening *opening)
{
    str parts[] = { strbuf_str(&opening->err), strbuf_str(&opening->out) };
    struct strbuf line = strbuf_in(opening->arena);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        str text = str_replace(opening->arena, parts[i], opening->prompt, S("\n")), one;
        text = str_replace(opening->arena, text, opening->marker, S("\n"));
        text = without_password(opening, text);
        while (!str_is_none(one = str_cut_line(&text)) && line.len < 400) {
            one = str_trim(one);
            if (one.len > 0) {
                strbuf_addf(&line, "%s%.*s", line.len > 0 ? "; " : "", SARG(one));
            }
        }
    }
    return str_part(strbuf_str(&line), 0, 400);
}

/* Until START has come it is the login shell that we wait for. */
static bool program_started(const struct opening *opening)
{
    return becomes(opening) && (opening->out_started || opening->err_started);
}

static enum wire_status fail(struct opening *opening, enum wire_status status, str hint,
                             const char *format, ...) PRINTF(4, 5);
static enum wire_status fail(struct opening *opening, enum wire_status status, str hint,
                             const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wire_vfail(opening->arena, opening->error, status, hint, format, args);
    va_end(args);
    opening->error->become = program_started(opening);
    return status;
}

static const char *who(const struct opening *opening)
{
    str user = opening->connection->user;
    if (program_started(opening)) {
        str method = become_method_name(opening->become->method);
        return str_format(opening->arena, "%.*s to '%.*s'", SARG(method), SARG(opening->user)).ptr;
    }
    return user.len == 0 ? "the login shell"
                         : str_format(opening->arena, "the login shell of '%.*s'", SARG(user)).ptr;
}

static const char *separator(str said)
{
    return said.len > 0 ? ": " : "";
}

static enum wire_status lost(struct opening *opening)
{
    str problem = connection_problem(opening->connection);
    return str_is_none(problem) ? fail(opening, WIRE_CLOSED, STR_NONE,
                                       "connection lost while opening %s", who(opening))
                                : fail(opening, WIRE_CLOSED, STR_NONE, "%.*s while opening %s",
                                       SARG(problem), who(opening));
}

static enum wire_status login_ended(struct opening *opening, int status, str said)
{
    const struct connection_type *type = opening->connection->type;
    if (type->explain != NULL) {
        return type->explain(opening->connection, opening->arena, status, said, opening->error);
    }
    const struct become_refusal *refusal = become_refusal(said, true);
    if (refusal != NULL) {
        return fail(opening, WIRE_REFUSED, refusal->hint, "%s %s: %.*s", who(opening),
                    refusal->means, SARG(said));
    }
    str hint = said.len > 0 ? STR_NONE
                            : S("a login shell such as /bin/false, or a ForceCommand of "
                                "its sshd, may be why; it has to run sh");
    return fail(opening, WIRE_REFUSED, hint, "%s ended with status %d%s%.*s", who(opening), status,
                separator(said), SARG(said));
}

/* The program ended before its marker came. */
static enum wire_status ended_early(struct opening *opening)
{
    str signal = STR_NONE;
    int status = channel_exit_status(opening->channel, &signal, opening->until);
    str said = words_said(opening);
    if (!str_is_none(connection_problem(opening->connection)) ||
        !connection_alive(opening->connection)) {
        return lost(opening);
    }
    if (!program_started(opening)) {
        return login_ended(opening, status, said);
    }
    const struct become_refusal *refusal = become_refusal(said, false);
    if (refusal != NULL) {
        return fail(opening, WIRE_REFUSED, refusal->hint, "%s %s: %.*s", who(opening),
                    refusal->means, SARG(said));
    }
    if (status == 127) {
        return fail(opening, WIRE_REFUSED,
                    S("another become_method may do, or log in as that user, or set become: false"),
                    "there is no '%.*s' on %.*s", SARG(become_exe(opening->become)),
                    SARG(opening->connection->place));
    }
    if (!str_is_none(signal)) {
        return fail(opening, WIRE_REFUSED, STR_NONE, "%s was ended by a signal (%.*s)%s%.*s",
                    who(opening), SARG(signal), separator(said), SARG(said));
    }
    return fail(opening, WIRE_REFUSED,
                opening->password_sent ? S("the password may be wrong") : STR_NONE,
                "%s ended with status %d%s%.*s", who(opening), status, separator(said), SARG(said));
}

static enum wire_status wait_failed(struct opening *opening, enum wire_status status)
{
    str said = words_said(opening);
    switch (status) {
    case WIRE_TIMEOUT:
        return fail(opening, status,
                    program_started(opening)
                        ? S("it may wait for a name service (users, groups, this host's own "
                            "name), or ask for something in words that are not known; "
                            "--timeout gives it more time")
                        : S("what the shell reads first (such as .bashrc) may wait for "
                            "something, start another shell, or send its output elsewhere"),
                    "%s did not answer within %g s%s%.*s", who(opening),
                    opening->connection->options.connect_timeout, said.len > 0 ? "; it said: " : "",
                    SARG(said));
    case WIRE_INTERRUPTED:
        return fail(opening, status, STR_NONE, "interrupted while opening %s", who(opening));
    case WIRE_OK:
    case WIRE_CLOSED:
    case WIRE_REFUSED:
    case WIRE_BROKEN:
        break;
    }
    return ended_early(opening);
}

/* ---- the dialogue ---- */

/* Position behind `token`, or STR_NPOS. */
static size_t find_token(struct strbuf *text, str token)
{
    size_t at = str_find((str){ text->ptr, text->len }, token, 0);
    return text->ptr == NULL || at == STR_NPOS ? STR_NPOS : at + token.len;
}

/* The marker's line on stdout is whole, and on stderr it has come, too. */
static bool marker_is_there(struct opening *opening, str *ret_line)
{
    size_t from = find_token(&opening->out, opening->marker);
    size_t end = from == STR_NPOS ? STR_NPOS : str_find_char(strbuf_str(&opening->out), '\n', from);
    /* On a terminal both markers come on stdout, one after the other. */
    struct strbuf second = opening->err;
    if (opening->pty && end != STR_NPOS) {
        second = opening->out;
        second.ptr += end;
        second.len -= end;
    }
    size_t twin = find_token(&second, opening->marker);
    if (end == STR_NPOS || twin == STR_NPOS ||
        str_find_char((str){ second.ptr, second.len }, '\n', twin) == STR_NPOS) {
        return false;
    }
    *ret_line = str_part(strbuf_str(&opening->out), from, end);
    return true;
}

static void cut_out(struct strbuf *text, size_t from, size_t to)
{
    memmove(text->ptr + from, text->ptr + to, text->len - to);
    text->len -= to - from;
}

/* What came before START was the login's. */
static void drop_login(struct strbuf *text, str start, bool *ret_started)
{
    for (size_t end; (end = find_token(text, start)) != STR_NPOS;) {
        cut_out(text, 0, end);
        *ret_started = true;
    }
}

/* Where the prompt stands in a stream; STR_NPOS: not there. */
static size_t find_prompt(struct opening *opening, struct strbuf *text, bool started,
                          size_t *ret_end)
{
    if (become_prompt_is_ours(opening->become->method)) {
        *ret_end = find_token(text, opening->prompt);
        return *ret_end == STR_NPOS ? STR_NPOS : *ret_end - opening->prompt.len;
    }
    *ret_end = text->len;
    return started ? become_prompt_in_words(strbuf_str(text), opening->become->prompts) : STR_NPOS;
}

/* The prompt, in what came since the last time; it is cut out, so that a second one shows. */
static bool prompt_is_there(struct opening *opening)
{
    struct strbuf *streams[] = { &opening->err, &opening->out };
    bool started[] = { opening->err_started, opening->out_started };
    for (size_t i = 0; i < ARRAY_LEN(streams) && becomes(opening); i++) {
        size_t to, from = find_prompt(opening, streams[i], started[i], &to);
        if (from != STR_NPOS) {
            cut_out(streams[i], from, to);
            return true;
        }
    }
    return false;
}

/* The program asks for something that we have no answer to. */
static const struct become_refusal *other_question(struct opening *opening)
{
    if (!program_started(opening)) {
        return NULL;
    }
    const struct become_refusal *refusal = become_refusal(words_said(opening), false);
    return refusal != NULL && refusal->asks ? refusal : NULL;
}

static enum wire_status send_password(struct opening *opening)
{
    str password = opening->become->password;
    if (!has_password(opening)) {
        return fail(opening, WIRE_REFUSED, S("-K asks for it"), "%s needs a password",
                    who(opening));
    }
    if (opening->password_sent) {
        return fail(opening, WIRE_REFUSED, STR_NONE, "%s refused the password: it is wrong",
                    who(opening));
    }
    opening->password_sent = true;
    if (opening->pty && !become_prompt_is_ours(opening->become->method)) {
        transport_wait(NULL, 0, -1, deadline_in(FLUSH_PAUSE));
    }
    char line[1024];
    if (password.len >= sizeof line || memchr(password.ptr, '\n', password.len) != NULL) {
        return fail(opening, WIRE_REFUSED, STR_NONE, "the become password is not one line");
    }
    memcpy(line, password.ptr, password.len);
    line[password.len] = '\n';
    enum wire_status status =
        channel_write(opening->channel, (str){ line, password.len + 1 }, opening->until);
    explicit_bzero(line, sizeof line);
    return status == WIRE_OK ? status : wait_failed(opening, status);
}

/* Read until the marker is there, answering the prompt. */
static enum wire_status talk(struct opening *opening, str *ret_line)
{
    while (!marker_is_there(opening, ret_line)) {
        const struct become_refusal *question;
        if (prompt_is_there(opening)) {
            enum wire_status status = send_password(opening);
            if (status != WIRE_OK) {
                return status;
            }
            continue;
        }
        if ((question = other_question(opening)) != NULL) {
            return fail(opening, WIRE_REFUSED, question->hint, "%s %s: %.*s", who(opening),
                        question->means, SARG(words_said(opening)));
        }
        if (opening->out.len + opening->err.len >= NOISE_MAX) {
            return fail(opening, WIRE_BROKEN, STR_NONE, "%s prints without end", who(opening));
        }
        if (opening->eof) {
            return ended_early(opening);
        }
        enum wire_status status = channel_read(opening->channel, &opening->out, &opening->err,
                                               NOISE_MAX, opening->until, &opening->eof);
        if (status != WIRE_OK) {
            return wait_failed(opening, status);
        }
        drop_login(&opening->out, opening->start, &opening->out_started);
        drop_login(&opening->err, opening->start, &opening->err_started);
    }
    return WIRE_OK;
}

/* The rest of the marker's line: nothing, or " uid wanted-uid". */
static enum wire_status check_proof(struct opening *opening, str line)
{
    if (str_ends(line, S("\r"))) {
        return fail(opening, WIRE_REFUSED, S("is there an 'stty' on the host?"),
                    "the terminal of %s could not be put into raw mode", who(opening));
    }
    if (str_is_none(opening->user)) {
        return WIRE_OK;
    }
    str rest = str_trim(line);
    str uid = str_cut(&rest, ' ');
    if (uid.len == 0 || str_is_none(rest)) {
        return fail(opening, WIRE_BROKEN, S("is there an 'id' on the host?"),
                    "%s did not tell as whom its shell runs", who(opening));
    }
    if (!str_eq(uid, rest)) {
        return fail(opening, WIRE_BROKEN, STR_NONE, "%s gave a shell of uid %.*s, not of %.*s",
                    who(opening), SARG(uid), SARG(rest));
    }
    return WIRE_OK;
}

/* A server that allows one session counts the one before until it has heard of its end. */
static enum wire_status open_channel(struct opening *opening, str command)
{
    struct channel_options options = { .pty = opening->pty, .harmless = true };
    enum wire_status status;
    for (double pause = 0.001;; pause *= 2) {
        status = channel_open(opening->connection, opening->arena, command, options,
                              &opening->channel, opening->error);
        if (status != WIRE_REFUSED || !opening->again || pause > 0.6) {
            return status;
        }
        transport_wait(NULL, 0, opening->connection->options.wake, deadline_in(pause));
    }
}

/* A shell that takes no more than "sh" reads the script instead. */
static enum wire_status start_script(struct opening *opening, str script)
{
    str command = opening->restricted ? S("sh") : login_command(opening->arena, script);
    enum wire_status status = open_channel(opening, command);
    if (status == WIRE_OK && opening->restricted) {
        script = str_concat(opening->arena, script, S("\n"));
        status = channel_write(opening->channel, script, opening->until);
        return status == WIRE_OK ? status : wait_failed(opening, status);
    }
    return status;
}

static enum wire_status open_once(struct opening *opening)
{
    struct become_words words = { .arena = opening->arena,
                                  .become = opening->become,
                                  .user = opening->user,
                                  .start = opening->start,
                                  .marker = opening->marker,
                                  .prompt = opening->prompt,
                                  .pty = opening->pty };
    str script = login_script(&words);
    if (becomes(opening) && !become_script(&words, &script)) {
        fail(opening, WIRE_REFUSED, STR_NONE, "become_flags '%.*s': a quote is not closed",
             SARG(opening->become->flags));
        opening->error->become = true;
        return WIRE_REFUSED;
    }
    if (opening->connection->options.kind == CONNECTION_EXEC) {
        script = own_root_script(&words, script);
    }
    enum wire_status status = start_script(opening, script);
    str line = STR_EMPTY;
    if (status == WIRE_OK) {
        status = talk(opening, &line);
    }
    if (status == WIRE_OK) {
        status = check_proof(opening, line);
    }
    if (status != WIRE_OK) {
        channel_close(opening->channel);
        opening->channel = NULL;
    }
    return status;
}

/* ---- the whole ---- */

/* Ansible, too, leaves out a become that would change nothing (become_allow_same_user is off). */
static str user_to_become(const struct connection *connection, const struct become *become)
{
    if (become == NULL || become->method == BECOME_NONE) {
        return STR_NONE;
    }
    str user = str_is_none(become->user) ? S("root") : become->user;
    return str_eq(user, connection->user) ? STR_NONE : user;
}

/* sudoers' requiretty; doas and su of some systems, whose PAM fails without asking, too. */
static bool asks_for_terminal(struct opening *opening, enum wire_status status)
{
    static const str words[] = { S_INIT("you must have a tty"), S_INIT("a tty is required"),
                                 S_INIT("must be run from a terminal"), S_INIT("Authentication") };
    if (status != WIRE_REFUSED || !program_started(opening) || opening->pty ||
        opening->password_sent) {
        return false;
    }
    size_t count = ARRAY_LEN(words) - (has_password(opening) ? 0 : 1);
    str said = words_said(opening);
    for (size_t i = 0; i < count; i++) {
        if (str_find(said, words[i], 0) != STR_NPOS) {
            return true;
        }
    }
    return false;
}

/* rbash takes no path and no exec; a ForceCommand may split the command as no shell would. */
static bool may_be_restricted(const struct opening *opening, enum wire_status status)
{
    return status == WIRE_REFUSED && opening->connection->options.kind == CONNECTION_SSH &&
           opening->eof && !program_started(opening) && !opening->restricted;
}

/* Once, with what is known of the host by now. */
static enum wire_status attempt(struct opening *opening)
{
    opening->until = deadline_in(opening->connection->options.connect_timeout);
    opening->start = token_new(opening->arena);
    opening->marker = token_new(opening->arena);
    opening->prompt = token_new(opening->arena);
    opening->out = strbuf_in(opening->arena);
    opening->err = strbuf_in(opening->arena);
    opening->out_started = opening->err_started = opening->eof = opening->password_sent = false;
    return open_once(opening);
}

enum wire_status shell_open(struct connection *connection, struct arena *arena,
                            const struct become *become, bool pty, struct channel **ret,
                            struct wire_error *ret_error)
{
    struct wire_error first = { 0 };
    struct opening opening = { .connection = connection,
                               .arena = arena,
                               .become = become,
                               .error = ret_error,
                               .user = user_to_become(connection, become),
                               .restricted = connection->restricted };
    unsigned method = becomes(&opening) ? 1u << become->method : 0;
    for (;;) {
        opening.pty = pty || (connection->wants_terminal & method) != 0;
        enum wire_status status = attempt(&opening);
        bool obeyed = status == WIRE_OK || program_started(&opening);
        connection->restricted |= opening.restricted && obeyed;
        if (status == WIRE_OK) {
            *ret = opening.channel;
            return WIRE_OK;
        }
        if (asks_for_terminal(&opening, status) && connection->no_terminal) {
            return fail(&opening, status, S("take requiretty out of sudoers there"),
                        "%s wants a terminal, and there is none in %.*s", who(&opening),
                        SARG(connection->place));
        }
        opening.again = true;
        if (asks_for_terminal(&opening, status)) {
            connection->wants_terminal |= method; /* the host's other shells will need it, too */
        } else if (may_be_restricted(&opening, status)) {
            first = *ret_error;
            opening.restricted = true;
        } else {
            if (!obeyed && first.status != WIRE_OK) {
                *ret_error = first; /* tells more than what became of the bare "sh" */
            }
            return ret_error->status;
        }
    }
}
