/*
 * apply.c - changes through a control shell: as few scripts as the programs among them allow.
 */
#include "remote/apply.h"

#include "remote/ask.h"
#include "remote/bundle.h"
#include "remote/script.h"
#include "remote/shell.h"

struct applying {
    struct remote *remote;
    const struct remote_context *context;
    struct seat *seat;
    const struct change *changes;
    size_t count;
    const str *ask_after;
    size_t ask_count;
    struct apply_result *ret;
    struct remote_error *ret_error;
};

static enum remote_status change_failed(struct applying *applying, const struct change *change,
                                        str step, str error)
{
    struct arena *arena = applying->context->arena;
    str action = change_action(arena, change, step);
    str words = system_words(error);
    return remote_failed(arena, applying->ret_error, REMOTE_FAILED, change->path, "%.*s: %.*s",
                         SARG(action), SARG(words));
}

static enum remote_status validate_failed(struct applying *applying, const struct change *change,
                                          str printed)
{
    struct arena *arena = applying->context->arena;
    struct run_answer run = { 0 };
    reply_run(arena, &printed, applying->seat->control_token, &run);
    remote_failed(arena, applying->ret_error, REMOTE_FAILED, change->path,
                  "failed to validate: rc:%d error:%.*s", run.status, SARG(run.err));
    applying->ret_error->status_code = run.status;
    applying->ret_error->out = run.out;
    applying->ret_error->err = run.err;
    return REMOTE_FAILED;
}

/* Of `count` changes from the first that was not done on, the one that failed: that one, or another
 * of its bundle. */
static const struct change *failed_one(struct applying *applying, const struct reply *reply,
                                       size_t from, size_t count)
{
    struct arena *arena = applying->context->arena;
    const struct change *changes = &applying->changes[from];
    str at = reply_get(reply, S("at"));
    uint64_t index;
    if (at.len == 0 || at.len > 9 || !str_to_base(at, 10, &index)) {
        return changes;
    }
    size_t bundled = bundle_count(arena, changes, count);
    size_t named = bundle_blame(arena, changes, bundled, reply_get(reply, S("error")));
    return named != STR_NPOS ? &changes[named] : index < bundled ? &changes[index] : changes;
}

/* How far the host came; the first of these changes has the index `from`. */
static enum remote_status read_result(struct applying *applying, const struct reply *reply,
                                      size_t from, size_t count)
{
    str number = reply_get(reply, S("done"));
    uint64_t done;
    if (number.len == 0 || number.len > 9 || !str_to_base(number, 10, &done) || done > count) {
        control_close(applying->seat);
        return remote_failed(applying->context->arena, applying->ret_error, REMOTE_UNREACHABLE,
                             STR_NONE, "the host did not tell how far it came");
    }
    applying->ret->done = from + done;
    if (done == count) {
        return REMOTE_OK;
    }
    str step = reply_get(reply, S("step")), error = reply_get(reply, S("error"));
    const struct change *change = failed_one(applying, reply, from + done, count - done);
    return str_eq(step, S("validate")) ? validate_failed(applying, change, error)
                                       : change_failed(applying, change, step, error);
}

static enum remote_status read_after(struct applying *applying, const struct reply *reply)
{
    if (!ask_stats_answer(applying->context->arena, reply, applying->ask_after, applying->ask_count,
                          applying->ret->after)) {
        control_close(applying->seat);
        return remote_failed(applying->context->arena, applying->ret_error, REMOTE_UNREACHABLE,
                             STR_NONE, "the host's answers are not in the form that was asked for");
    }
    return REMOTE_OK;
}

/* Changes [from, from + count), in one script; with `last` also the status of paths afterwards. */
static enum remote_status apply_script(struct applying *applying, size_t from, size_t count,
                                       bool last)
{
    struct arena *arena = applying->context->arena;
    struct script script = {
        .lines = strbuf_in(arena),
        .sweep = strbuf_in(arena),
        .has_tar = applying->seat->has_tar,
    };
    enum remote_status status =
        control_open(applying->remote, applying->context, applying->seat, applying->ret_error);
    if (status != REMOTE_OK) {
        return status;
    }
    if (!applying->seat->can_change) {
        script_prelude(&script.lines);
    }
    script_changes(&script, arena, applying->changes + from, count);
    if (!str_is_none(script.problem)) {
        return remote_failed(arena, applying->ret_error, REMOTE_FAILED,
                             applying->changes[from + script.problem_at].path, "%.*s",
                             SARG(script.problem));
    }
    if (last) {
        ask_stats(&script.lines, applying->ask_after, applying->ask_count);
    }
    struct request request = {
        .script = strbuf_str(&script.lines),
        .payloads = script.payloads.items,
        .payload_count = script.payloads.len,
        .sweep = strbuf_str(&script.sweep),
        .sent = &applying->ret->sent,
    };
    struct reply reply;
    status = control_exchange(applying->remote, applying->context, applying->seat, &request, &reply,
                              applying->ret_error);
    if (status != REMOTE_OK) {
        return status;
    }
    applying->seat->can_change = true;
    status = read_result(applying, &reply, from, count);
    return status == REMOTE_OK && last ? read_after(applying, &reply) : status;
}

/* A program that changes something may leave a daemon behind that keeps our pipe open: it runs in
 * the work shell, as a user's command would, but speaks English. */
static enum remote_status apply_run(struct applying *applying, size_t index)
{
    const struct change *change = &applying->changes[index];
    struct arena *arena = applying->context->arena;
    struct remote_context context = *applying->context;
    struct map_builder environment = value_is(context.environment, VALUE_MAP)
                                         ? map_from(arena, context.environment)
                                         : map_in(arena);
    map_set_str(&environment, S("LC_ALL"), value_str(arena, S("C")));
    context.environment = map_seal(&environment);
    struct command command = change_command(change);
    struct command_result result;
    enum remote_status status =
        shell_command(applying->remote, &context, &command, &result, applying->ret_error);
    if (status != REMOTE_OK) {
        return status;
    }
    applying->ret->outputs[index] =
        (struct run_answer){ .status = result.status, .out = result.out, .err = result.err };
    if (result.status == 0) {
        applying->ret->done = index + 1;
        return REMOTE_OK;
    }
    str words =
        result.started ? str_trim(result.err.len > 0 ? result.err : result.out) : result.problem;
    str action = change_action(arena, change, STR_EMPTY);
    remote_failed(arena, applying->ret_error, REMOTE_FAILED, change->path, "%.*s: %.*s",
                  SARG(action), SARG(words));
    applying->ret_error->status_code = result.status;
    applying->ret_error->out = result.out;
    applying->ret_error->err = result.err;
    return REMOTE_FAILED;
}

enum remote_status shell_apply(struct remote *remote, const struct remote_context *context,
                               const struct change *changes, size_t count, const str *ask_after,
                               size_t ask_count, struct apply_result *ret,
                               struct remote_error *ret_error)
{
    struct applying applying = {
        .remote = remote,
        .context = context,
        .seat = seat_of(remote, &context->become),
        .changes = changes,
        .count = count,
        .ask_after = ask_after,
        .ask_count = ask_count,
        .ret = ret,
        .ret_error = ret_error,
    };
    size_t at = 0;
    bool asked = ask_count == 0;
    while (at < count || !asked) {
        size_t scripted = 0;
        while (at + scripted < count && changes[at + scripted].kind != CHANGE_RUN) {
            scripted++;
        }
        bool program = scripted == 0 && at < count;
        bool last = at + scripted == count;
        enum remote_status status =
            program ? apply_run(&applying, at) : apply_script(&applying, at, scripted, last);
        if (status != REMOTE_OK) {
            return status;
        }
        asked |= last && !program;
        at += program ? 1 : scripted;
    }
    return REMOTE_OK;
}
