/*
 * become.c - shells that have proved themselves, as the login user or as another one.
 *
 * A shell counts only after it has printed a random marker on each of its streams; what came before
 * is the login's (motd, noisy profiles) and dropped. Becoming another user is a dialogue:
 *
 *     we                                     the host
 *     exec sudo -p PROMPT ... sh -c SCRIPT   PROMPT, or at once the marker
 *     password, if there is one              the marker; PROMPT again: the password was wrong
 *                                            MARKER uid wanted-uid
 *
 * Nothing is sent between the command and its first answer, so a password can only ever reach the
 * program that printed our prompt, and no command the wrong shell. Marker and prompt are 128 random
 * bits, written in the commands in two pieces, so that an echo of the command is not taken for
 * them.
 */
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/strbuf.h"
#include "base/words.h"
#include "transport/wire.h"

#define NOISE_MAX ((size_t)1024 * 1024) /* bytes before the marker; more is no shell */

struct opening {
    struct connection *connection;
    struct arena *arena;
    const struct become *become;
    bool pty;
    struct wire_error *error;
    deadline until;
    str user;   /* whom to become; STR_NONE: nobody else */
    str marker; /* tells that the shell is there */
    str prompt; /* asks for the password */
    struct channel *channel;
    struct strbuf out, err; /* all that came so far */
    bool eof;
    bool password_sent;
};

/* ---- the commands ---- */

/* A token such that the text that makes the shell print it does not contain it. */
static str in_pieces(struct arena *arena, str token)
{
    return str_format(arena, "%.*s\"\"%.*s", SARG(str_part(token, 0, TOKEN_LEN / 2)),
                      SARG(str_part(token, TOKEN_LEN / 2, TOKEN_LEN)));
}

/* The login shell may be anything (csh, fish): give it one command that all of them read alike,
 * with a script for sh in single quotes that holds no character special to any. */
static str for_login_shell(struct arena *arena, str script)
{
    struct strbuf out = strbuf_in(arena);
    strbuf_add(&out, S("exec /bin/sh -c 'eval \"$(printf %b \""));
    for (size_t i = 0; i < script.len; i++) {
        char c = script.ptr[i];
        if (c != '\0' && strchr("'\"\\!`$\n", c) != NULL) {
            strbuf_addf(&out, "\\0%03o", (unsigned char)c);
        } else {
            strbuf_add_char(&out, c);
        }
    }
    strbuf_add(&out, S("\")\"'"));
    return strbuf_str(&out);
}

/* How the shell is left that will read our commands. On a terminal it would take itself for an
 * interactive one, with prompts and line editing, unless it reads a script: its own stdin by name,
 * or (when the terminal belongs to another user) a pipe. */
static const char *reading_shell(const struct opening *opening)
{
    return opening->pty ? "if true 2>/dev/null </dev/stdin; then exec /bin/sh /dev/stdin; fi; "
                          "cat | /bin/sh"
                        : "exec /bin/sh";
}

static str plain_script(struct opening *opening)
{
    str marker = in_pieces(opening->arena, opening->marker);
    return str_format(opening->arena, "echo %.*s; echo %.*s >&2; %s", SARG(marker), SARG(marker),
                      reading_shell(opening));
}

/* The uid of whom to become, in a script. A name that begins with '#' is a uid to sudo. */
static str wanted_uid(struct opening *opening)
{
    struct strbuf wanted = strbuf_in(opening->arena);
    if (str_starts(opening->user, S("#"))) {
        shell_quote_to(&wanted, str_part(opening->user, 1, opening->user.len));
    } else {
        strbuf_add(&wanted, S("$(id -u -- "));
        shell_quote_to(&wanted, opening->user);
        strbuf_add_char(&wanted, ')');
    }
    return strbuf_str(&wanted);
}

/* What the other user's shell runs first: the marker, its uid, and the uid it should have. */
static str proving_script(struct opening *opening)
{
    str marker = in_pieces(opening->arena, opening->marker);
    return str_format(opening->arena, "echo %.*s $(id -u) %.*s; echo %.*s >&2; %s", SARG(marker),
                      SARG(wanted_uid(opening)), SARG(marker), reading_shell(opening));
}

/* What stands before the script where the way there leads into a root of its own. Without devices,
 * as in a bare chroot, "2>/dev/null" would make a file of that name. And it is not told whom the
 * way leads to: whoever is there already goes on without sudo, which few containers have. */
static str in_own_root(struct opening *opening, str script)
{
    struct strbuf all = strbuf_in(opening->arena);
    strbuf_add(&all, S("[ -c /dev/null ] || { echo there is no device /dev/null >&2; exit 1; }; "));
    if (!str_is_none(opening->user)) {
        strbuf_addf(&all, "if [ \"$(id -u)\" = \"%.*s\" ]; then %.*s; fi; ",
                    SARG(wanted_uid(opening)), SARG(proving_script(opening)));
    }
    strbuf_add(&all, script);
    return strbuf_str(&all);
}

static bool has_password(const struct opening *opening)
{
    return !str_is_none(opening->become->password);
}

/* become_flags, quoted. With a password "-n" must go and "-S" must be there: we have no terminal to
 * type it on. False when a quote is not closed. */
static bool sudo_flags(struct opening *opening, struct strbuf *command)
{
    str text = opening->become->flags;
    struct words words;
    bool reads_stdin = false;
    if (str_is_none(text)) {
        text = has_password(opening) ? S("-H -S") : S("-H -S -n");
    }
    if (!words_split(opening->arena, text, false, &words)) {
        return false;
    }
    for (size_t i = 0; i < words.count; i++) {
        if (has_password(opening) && str_eq(words.items[i], S("-n"))) {
            continue;
        }
        reads_stdin |= str_eq(words.items[i], S("-S"));
        strbuf_add_char(command, ' ');
        shell_quote_to(command, words.items[i]);
    }
    if (has_password(opening) && !reads_stdin) {
        strbuf_add(command, S(" -S"));
    }
    return true;
}

static bool sudo_script(struct opening *opening, str *ret)
{
    struct strbuf command = strbuf_in(opening->arena);
    str exe = str_is_none(opening->become->exe) ? S("sudo") : opening->become->exe;
    strbuf_add(&command, S("exec "));
    shell_quote_to(&command, exe);
    if (!sudo_flags(opening, &command)) {
        return false;
    }
    strbuf_addf(&command, " -p %.*s -u ", SARG(in_pieces(opening->arena, opening->prompt)));
    shell_quote_to(&command, opening->user);
    strbuf_add(&command, S(" /bin/sh -c "));
    shell_quote_to(&command, proving_script(opening));
    *ret = strbuf_str(&command);
    return true;
}

/* ---- what went wrong ---- */

/* A terminal that could not be made raw may have echoed it. */
static str without_password(struct opening *opening, str text)
{
    str password = opening->become != NULL ? opening->become->password : STR_NONE;
    return password.len > 0 ? str_replace(opening->arena, text, password, S("********")) : text;
}

/* What the program said, in one line, without our prompt. */
static str words_said(struct opening *opening)
{
    str parts[] = { strbuf_str(&opening->err), strbuf_str(&opening->out) };
    struct strbuf line = strbuf_in(opening->arena);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        str text = str_replace(opening->arena, parts[i], opening->prompt, S("\n")), one;
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

static enum wire_status fail(struct opening *opening, enum wire_status status, str hint,
                             const char *format, ...) PRINTF(4, 5);
static enum wire_status fail(struct opening *opening, enum wire_status status, str hint,
                             const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wire_vfail(opening->arena, opening->error, status, hint, format, args);
    va_end(args);
    opening->error->become = !str_is_none(opening->user);
    return status;
}

static const char *who(const struct opening *opening)
{
    return str_is_none(opening->user)
               ? "the login shell"
               : str_format(opening->arena, "sudo to '%.*s'", SARG(opening->user)).ptr;
}

/* sudo's refusals that deserve better words than its own. LC_ALL is the login's, so a text in
 * another language falls through to being shown as it is. */
static const struct {
    const char *says;
    const char *means;
    str hint;
} refusals[] = {
    { "a password is required", "needs a password", S_INIT("-K asks for it") },
    { "a terminal is required", "needs a password", S_INIT("-K asks for it") },
    { "no password was provided", "needs a password", S_INIT("-K asks for it") },
    { "incorrect password attempt", "refused the password", { NULL, 0 } },
    { "is not in the sudoers file", "is not allowed", { NULL, 0 } },
    { "is not allowed to", "is not allowed", { NULL, 0 } },
    { "may not run sudo", "is not allowed", { NULL, 0 } },
    { "unknown user", "does not work, there is no such user", { NULL, 0 } },
    { "invalid user", "does not work, there is no such user", { NULL, 0 } },
    { "account validation failure", "refused the account", { NULL, 0 } },
};

/* The program ended before its marker came. */
static enum wire_status ended_early(struct opening *opening)
{
    str signal;
    int status = channel_exit_status(opening->channel, &signal, opening->until);
    str said = words_said(opening);
    const char *separator = said.len > 0 ? ": " : "";
    str problem = connection_problem(opening->connection);
    const struct connection_type *type = opening->connection->type;
    if (type->explain != NULL &&
        type->explain(opening->connection, opening->arena, said, opening->error)) {
        return opening->error->status;
    }
    if (!str_is_none(problem)) {
        return fail(opening, WIRE_CLOSED, STR_NONE, "%.*s while opening %s", SARG(problem),
                    who(opening));
    }
    if (!connection_alive(opening->connection)) {
        return fail(opening, WIRE_CLOSED, STR_NONE, "connection lost while opening %s",
                    who(opening));
    }
    for (size_t i = 0; i < ARRAY_LEN(refusals) && !str_is_none(opening->user); i++) {
        if (str_find(said, str_of(refusals[i].says), 0) != STR_NPOS) {
            return fail(opening, WIRE_REFUSED, refusals[i].hint, "%s %s: %.*s", who(opening),
                        refusals[i].means, SARG(said));
        }
    }
    if (!str_is_none(opening->user) && (status == 127 || status == 126)) {
        str exe = str_is_none(opening->become->exe) ? S("sudo") : opening->become->exe;
        return fail(opening, WIRE_REFUSED, S("log in as that user, or set become: false"),
                    "there is no '%.*s' on %.*s", SARG(exe), SARG(opening->connection->place));
    }
    return fail(opening, WIRE_REFUSED, STR_NONE, "%s ended with status %d%s%.*s", who(opening),
                status, separator, SARG(said));
}

static enum wire_status wait_failed(struct opening *opening, enum wire_status status)
{
    str said = words_said(opening);
    switch (status) {
    case WIRE_TIMEOUT:
        return fail(opening, status, STR_NONE, "%s did not answer within %g s%s%.*s", who(opening),
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

/* Our prompt, in what came since the last time; it is cut out, so that a second one shows. */
static bool prompt_is_there(struct opening *opening)
{
    struct strbuf *streams[] = { &opening->err, &opening->out };
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        size_t end = find_token(streams[i], opening->prompt);
        if (end != STR_NPOS) {
            size_t from = end - opening->prompt.len;
            memmove(streams[i]->ptr + from, streams[i]->ptr + end, streams[i]->len - end);
            streams[i]->len -= opening->prompt.len;
            return true;
        }
    }
    return false;
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
        if (prompt_is_there(opening)) {
            enum wire_status status = send_password(opening);
            if (status != WIRE_OK) {
                return status;
            }
            continue;
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

static enum wire_status open_once(struct opening *opening)
{
    str script = plain_script(opening);
    if (!str_is_none(opening->user) && !sudo_script(opening, &script)) {
        return fail(opening, WIRE_REFUSED, STR_NONE, "become_flags '%.*s': a quote is not closed",
                    SARG(opening->become->flags));
    }
    if (opening->connection->options.kind == CONNECTION_EXEC) {
        script = in_own_root(opening, script);
    }
    struct channel_options options = { .pty = opening->pty };
    enum wire_status status =
        channel_open(opening->connection, opening->arena, for_login_shell(opening->arena, script),
                     options, &opening->channel, opening->error);
    if (status != WIRE_OK) {
        return status;
    }
    str line = STR_EMPTY;
    status = talk(opening, &line);
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

enum wire_status shell_open(struct connection *connection, struct arena *arena,
                            const struct become *become, bool pty, struct channel **ret,
                            struct wire_error *ret_error)
{
    str user = user_to_become(connection, become);
    pty |= connection->wants_terminal && !str_is_none(user);
    for (;;) {
        struct opening opening = { .connection = connection,
                                   .arena = arena,
                                   .become = become,
                                   .pty = pty,
                                   .error = ret_error,
                                   .until = deadline_in(connection->options.connect_timeout),
                                   .user = user,
                                   .marker = token_new(arena),
                                   .prompt = token_new(arena),
                                   .out = strbuf_in(arena),
                                   .err = strbuf_in(arena) };
        enum wire_status status = open_once(&opening);
        if (status == WIRE_OK) {
            *ret = opening.channel;
            return WIRE_OK;
        }
        /* sudoers' requiretty; the host's other shells will need it too */
        connection->wants_terminal =
            status == WIRE_REFUSED && !pty &&
            str_find(words_said(&opening), S("you must have a tty"), 0) != STR_NPOS;
        if (!connection->wants_terminal) {
            return status;
        }
        pty = true;
    }
}
