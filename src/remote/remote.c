/*
 * remote.c - one machine: the connection, the seats of the users on it, and which of the two
 * implementations answers.
 */
#include "remote/remote.h"

#include <stdarg.h>
#include <string.h>

#include "base/strbuf.h"
#include "remote/accounts.h"
#include "remote/ask.h"
#include "remote/shell.h"

static str identity_of(struct arena *arena, const struct connection_options *options)
{
    str host = str_is_none(options->host) ? options->name : options->host;
    switch (options->kind) {
    case CONNECTION_LOCAL:
        return S("local");
    case CONNECTION_EXEC:
        return options->exec.machine;
    case CONNECTION_SSH:
        break;
    }
    return str_format(arena, "%.*s:%u", SARG(host), options->port == 0 ? 22 : options->port);
}

struct remote *remote_new(const struct connection_options *options)
{
    struct arena *arena = arena_new("remote");
    struct remote *remote = NEW(arena, struct remote);
    struct connection_options copy = *options;
    str *const texts[] = { &copy.name,
                           &copy.host,
                           &copy.user,
                           &copy.password,
                           &copy.private_key_file,
                           &copy.private_key_passphrase };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = str_is_none(*texts[i]) ? STR_NONE : str_copy(arena, *texts[i]);
    }
    str *args = NEW_ARRAY(arena, str, options->ssh_args_count);
    for (size_t i = 0; i < options->ssh_args_count; i++) {
        args[i] = str_copy(arena, options->ssh_args[i]);
    }
    copy.ssh_args = args;
    copy.exec = exec_program_copy(arena, &options->exec);
    remote->arena = arena;
    remote->options = copy;
    remote->identity = identity_of(arena, &copy);
    return remote;
}

static void add_counts(struct wire_counts *sum, const struct wire_counts *more)
{
    sum->round_trips += more->round_trips;
    sum->bytes_sent += more->bytes_sent;
    sum->bytes_received += more->bytes_received;
    sum->channels += more->channels;
}

void remote_reset(struct remote *remote)
{
    for (struct seat *seat = remote->seats; seat != NULL; seat = seat->next) {
        control_close(seat);
        work_close(seat);
    }
    if (remote->connection != NULL) {
        add_counts(&remote->closed, connection_counts(remote->connection));
        connection_close(remote->connection);
        remote->connection = NULL;
    }
}

void remote_free(struct remote *remote)
{
    if (remote != NULL) {
        remote_reset(remote);
        for (struct seat *seat = remote->seats; seat != NULL; seat = seat->next) {
            arena_free(seat->ahead_arena);
        }
        arena_free(remote->arena);
    }
}

str remote_identity(const struct remote *remote)
{
    return remote->identity;
}

struct wire_counts remote_counts(const struct remote *remote)
{
    struct wire_counts sum = remote->closed;
    if (remote->connection != NULL) {
        add_counts(&sum, connection_counts(remote->connection));
    }
    return sum;
}

/* ---- seats ---- */

bool same_become(const struct become *a, const struct become *b)
{
    return a->method == b->method &&
           (a->method == BECOME_NONE ||
            (str_eq(a->user, b->user) && str_eq(a->password, b->password) &&
             str_eq(a->flags, b->flags) && str_eq(a->exe, b->exe) &&
             str_eq(a->prompts, b->prompts)));
}

static str copy_or_none(struct arena *arena, str s)
{
    return str_is_none(s) ? STR_NONE : str_copy(arena, s);
}

struct seat *seat_of(struct remote *remote, const struct become *become)
{
    for (struct seat *seat = remote->seats; seat != NULL; seat = seat->next) {
        if (same_become(&seat->become, become)) {
            return seat;
        }
    }
    struct seat *seat = NEW(remote->arena, struct seat);
    seat->become = (struct become){
        .method = become->method,
        .user = copy_or_none(remote->arena, become->user),
        .password = copy_or_none(remote->arena, become->password),
        .flags = copy_or_none(remote->arena, become->flags),
        .exe = copy_or_none(remote->arena, become->exe),
        .prompts = copy_or_none(remote->arena, become->prompts),
    };
    seat->next = remote->seats;
    remote->seats = seat;
    return seat;
}

/* ---- errors ---- */

enum remote_status remote_failed(struct arena *arena, struct remote_error *ret_error,
                                 enum remote_status status, str path, const char *format, ...)
{
    struct strbuf message = strbuf_in(arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&message, format, args);
    va_end(args);
    *ret_error = (struct remote_error){
        .status = status,
        .message = strbuf_str(&message),
        .path = path,
    };
    return status;
}

enum remote_status remote_wire_error(const struct remote_context *context, enum wire_status status,
                                     const struct wire_error *wire, const char *doing,
                                     struct remote_error *ret_error)
{
    static const struct {
        enum remote_status status;
        const char *words;
    } meanings[] = {
        [WIRE_OK] = { REMOTE_OK, "" },
        [WIRE_TIMEOUT] = { REMOTE_TIMEOUT, "no answer in time" },
        [WIRE_INTERRUPTED] = { REMOTE_INTERRUPTED, "interrupted" },
        [WIRE_CLOSED] = { REMOTE_UNREACHABLE, "connection lost" },
        [WIRE_REFUSED] = { REMOTE_UNREACHABLE, "refused by the host" },
        [WIRE_BROKEN] = { REMOTE_UNREACHABLE,
                          "the host answered what the protocol does not allow" },
    };
    if (wire == NULL || wire->message.len == 0) {
        return remote_failed(context->arena, ret_error, meanings[status].status, STR_NONE,
                             "%s while %s", meanings[status].words, doing);
    }
    enum remote_status meaning =
        wire->become && status != WIRE_INTERRUPTED ? REMOTE_FAILED : meanings[status].status;
    *ret_error = (struct remote_error){
        .status = meaning,
        .message = wire->message,
        .hint = wire->hint,
        .about = wire->about,
        .about_args = wire->about_args,
    };
    return meaning;
}

enum remote_status remote_channel_error(const struct remote_context *context,
                                        const struct channel *channel, enum wire_status status,
                                        const char *doing, struct remote_error *ret_error)
{
    str problem = connection_problem(channel_connection(channel));
    if (status != WIRE_CLOSED || str_is_none(problem)) {
        return remote_wire_error(context, status, NULL, doing, ret_error);
    }
    struct wire_error wire = {
        .message = str_format(context->arena, "%.*s while %s", SARG(problem), doing),
        .hint = connection_hint(channel_connection(channel)),
    };
    return remote_wire_error(context, status, &wire, doing, ret_error);
}

str shell_token(struct arena *arena)
{
    return str_random_hex(arena, 12);
}

/* ---- which implementation ---- */

static bool by_system_calls(const struct remote *remote, const struct remote_context *context)
{
    return remote->options.kind == CONNECTION_LOCAL && context->become.method == BECOME_NONE &&
           !remote->by_shell;
}

enum remote_status remote_connect(struct remote *remote, const struct remote_context *context,
                                  struct remote_error *ret_error)
{
    if (by_system_calls(remote, context)) {
        return REMOTE_OK;
    }
    return control_open(remote, context, seat_of(remote, &context->become), ret_error);
}

/* A change begins, or has ended: what was asked ahead until now holds no more. */
static void ahead_outdated(const struct remote_context *context)
{
    if (context->ahead != NULL) {
        atomic_fetch_add(context->ahead->changes, 1);
    }
}

/* environment: what the task sets over that of its user. */
static void finish_round(struct observer *obs, value environment)
{
    obs->rounds++;
    for (; obs->answered < obs->questions.len; obs->answered++) {
        struct question *q = obs->questions.items[obs->answered];
        q->answered = true;
        if (q->kind == ASK_ENVIRONMENT && value_is(environment, VALUE_MAP)) {
            q->answer.map = value_merge(obs->arena, q->answer.map, environment, false);
        }
        if (obs->overlay != NULL) {
            overlay_patch(obs->overlay, obs->arena, q);
        }
        if (!str_is_none(q->problem) && obs->unanswerable == NULL) {
            obs->unanswerable = q;
        }
    }
}

enum remote_status remote_answer(struct remote *remote, const struct remote_context *context,
                                 struct observer *obs, struct remote_error *ret_error)
{
    if (observer_pending(obs) == 0) {
        return REMOTE_OK;
    }
    if (by_system_calls(remote, context)) {
        local_answer(context->arena, obs, context->environment);
    } else {
        enum remote_status status = shell_answer(remote, context, obs, ret_error);
        if (status != REMOTE_OK) {
            return status;
        }
    }
    finish_round(obs, context->environment);
    return REMOTE_OK;
}

enum remote_status remote_apply(struct remote *remote, const struct remote_context *context,
                                const struct change *changes, size_t count, const str *ask_after,
                                size_t ask_count, struct apply_result *ret,
                                struct remote_error *ret_error)
{
    *ret = (struct apply_result){
        .after = NEW_ARRAY(context->arena, struct file_stat, ask_count),
        .outputs = NEW_ARRAY(context->arena, struct run_answer, count),
    };
    if (changes_concern_accounts(changes, count)) {
        seats_leave(remote, &context->become);
    }
    ahead_outdated(context);
    enum remote_status status = (by_system_calls(remote, context) ? local_apply : shell_apply)(
        remote, context, changes, count, ask_after, ask_count, ret, ret_error);
    ahead_outdated(context);
    return status;
}

enum remote_status remote_command(struct remote *remote, const struct remote_context *context,
                                  const struct command *command, struct command_result *ret,
                                  struct remote_error *ret_error)
{
    if (command_concerns_accounts(command)) {
        seats_leave(remote, &context->become);
    }
    ahead_outdated(context);
    enum remote_status status = (by_system_calls(remote, context) ? local_command : shell_command)(
        remote, context, command, ret, ret_error);
    ahead_outdated(context);
    return status;
}

enum remote_status remote_download(struct remote *remote, const struct remote_context *context,
                                   const struct download *download, struct downloaded *ret,
                                   struct remote_error *ret_error)
{
    return (by_system_calls(remote, context) ? local_download : shell_download)(
        remote, context, download, ret, ret_error);
}
