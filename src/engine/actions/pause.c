/*
 * pause - wait for some time, or for Enter on a terminal; once for all hosts. Holds no worker
 * meanwhile.
 */
#include <math.h>
#include <time.h>

#include "engine/actions/actions.h"
#include "engine/actions/reach.h"
#include "formats/datetime.h"

struct pause_params {
    double seconds, minutes; /* negative: not given */
    str prompt;
    bool echo;
};

static const struct param params[] = {
    PARAM(struct pause_params, seconds, .type = PARAM_FLOAT, .doc = "How long; 1 at least."),
    PARAM(struct pause_params, minutes, .type = PARAM_FLOAT, .doc = "How long."),
    PARAM(struct pause_params, prompt, .type = PARAM_STR,
          .doc = "What to ask; the answer is `user_input`, unless a time is given."),
    PARAM(struct pause_params, echo, .type = PARAM_BOOL, .fallback = "true",
          .doc = "Show what is typed."),
    PARAM_END,
};

static bool is_given(const struct action_call *call, str name)
{
    value v = value_get(call->args, name);
    return value_is_defined(v) && !value_is(v, VALUE_NULL);
}

/* "2026-11-21 09:14:55.120043", local time. */
static value time_now(struct arena *arena)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct datetime local = datetime_local(now);
    return value_print(arena, value_datetime(arena, &local));
}

static bool ended(struct action_call *call, const char *why)
{
    diag_error(call->eval->diags, call->task->action_at, "%s", why);
    return false;
}

static bool wait_at_terminal(struct action_call *call, const struct pause *pause, str *ret_input)
{
    struct report *report = &call->run->report;
    pool_pause(call->run->pool);
    enum pause_end end = report->pause(report->data, call->eval->arena, pause, ret_input);
    pool_resume(call->run->pool);
    switch (end) {
    case PAUSE_OVER:
        return true;
    case PAUSE_ABORTED:
        return ended(call, "user requested abort!");
    case PAUSE_INTERRUPTED:
        return ended(call, "interrupted while waiting");
    }
    return false;
}

/* At a terminal somebody may cut it short. Without one a question is not waited for. */
static bool wait_out(struct action_call *call, const struct pause *pause, str *ret_input)
{
    struct run *run = call->run;
    const struct report *report = &run->report;
    if (pause->seconds >= 0 && call->dry_run) {
        return true; /* nothing was begun that would need the time */
    }
    pthread_mutex_lock(&run->report_lock);
    report->pausing(report->data, pause);
    pthread_mutex_unlock(&run->report_lock);
    if (report->pause != NULL) {
        return wait_at_terminal(call, pause, ret_input);
    }
    if (pause->seconds < 0) {
        diag_warning(call->eval->diags, call->task->action_at,
                     "the prompt is not waited for: standard input is no terminal");
        return true;
    }
    return action_sleep(call, pause->seconds);
}

static value result_of(struct action_call *call, const struct pause_params *want, value start,
                       double seconds, str input)
{
    struct arena *arena = call->eval->arena;
    bool in_seconds = is_given(call, S("seconds"));
    double shown = round((in_seconds ? seconds : seconds / 60) * 100) / 100;
    str told = str_format(arena, "Paused for %.*s %s", SARG(float_repr(arena, shown)),
                          in_seconds ? "seconds" : "minutes");
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("delta"), value_int((int64_t)seconds));
    map_set_str(&map, S("echo"), value_bool(want->echo));
    map_set_str(&map, S("rc"), value_int(0));
    map_set_str(&map, S("start"), start);
    map_set_str(&map, S("stderr"), value_str(arena, STR_EMPTY));
    map_set_str(&map, S("stdout"), value_str(arena, told));
    map_set_str(&map, S("stop"), time_now(arena));
    map_set_str(&map, S("user_input"), value_str(arena, input));
    return map_seal(&map);
}

static bool pause_run(struct action_call *call, struct action_outcome *ret)
{
    const struct pause_params *want = call->params;
    struct arena *arena = call->eval->arena;
    bool minutes = is_given(call, S("minutes")), timed = minutes || is_given(call, S("seconds"));
    if (minutes && is_given(call, S("seconds"))) {
        diag_error(call->eval->diags, call->task->action_at,
                   "'seconds' and 'minutes' exclude each other");
        return false;
    }
    double seconds = minutes ? want->minutes * 60 : want->seconds;
    struct pause pause = {
        .title = task_title(call->run, call->play, call->host, call->task, arena),
        .prompt = want->prompt.len > 0 ? want->prompt : STR_NONE,
        .seconds = !timed        ? -1
                   : seconds < 1 ? 1
                                 : seconds, /* 0 is a second, too, as in Ansible */
        .echo = want->echo,
        .wake = call->run->wake,
    };
    str input = STR_EMPTY;
    value start = time_now(arena);
    deadline began = wire_now();
    if (!wait_out(call, &pause, &input)) {
        return false;
    }
    ret->result = result_of(call, want, start, (double)(wire_now() - began) / 1000, input);
    return true;
}

const struct engine_action action_pause = {
    .name = S_INIT("pause"),
    .summary = "Wait for some time, or for Enter",
    .params = params,
    .params_size = sizeof(struct pause_params),
    .once = true,
    .run = pause_run,
};
