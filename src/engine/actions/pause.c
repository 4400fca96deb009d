/*
 * pause - wait, or wait for Enter on a terminal. Holds no worker meanwhile.
 */
#include <time.h>

#include "engine/actions/actions.h"
#include "engine/state.h"

struct pause_params {
    double seconds, minutes;
    value prompt;
    bool echo;
};

static const struct param params[] = {
    PARAM(struct pause_params, seconds, .type = PARAM_FLOAT, .fallback = "-1", .doc = "How long."),
    PARAM(struct pause_params, minutes, .type = PARAM_FLOAT, .fallback = "-1", .doc = "How long."),
    PARAM(struct pause_params, prompt, .type = PARAM_RAW,
          .doc = "What to ask; the answer is `user_input`."),
    PARAM(struct pause_params, echo, .type = PARAM_BOOL, .fallback = "true",
          .doc = "Show what is typed."),
    PARAM_END,
};

static str timestamp(struct arena *arena, time_t when)
{
    struct tm parts;
    char text[64];
    localtime_r(&when, &parts);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    return str_copy(arena, str_of(text));
}

static bool pause_run(struct action_call *call, struct action_outcome *ret)
{
    const struct pause_params *want = call->params;
    struct arena *arena = call->eval->arena;
    double seconds = want->minutes >= 0 ? want->minutes * 60 : want->seconds;
    bool in_minutes = want->minutes >= 0;
    time_t start = time(NULL);
    str answer = STR_EMPTY, told;
    struct report *report = &call->run->report;
    if (want->minutes >= 0 && want->seconds >= 0) {
        diag_error(call->eval->diags, call->task->action_at,
                   "'seconds' and 'minutes' exclude each other");
        return false;
    }
    if (seconds >= 0) {
        ret->wait = call->dry_run ? 0 : seconds;
        told = in_minutes ? str_format(arena, "Paused for %g minutes", want->minutes)
                          : str_format(arena, "Paused for %g seconds", seconds);
    } else {
        str question = value_is(want->prompt, VALUE_UNDEFINED)
                           ? S("Press enter to continue, Ctrl+C to interrupt")
                           : shown_text(arena, want->prompt);
        question = str_concat(arena, question, S(": "));
        if (call->dry_run || report->ask == NULL ||
            !report->ask(report->data, arena, question, want->echo, &answer)) {
            answer = STR_EMPTY; /* without a terminal it does not wait, as in Ansible */
        }
        told = S("Paused for 0.0 minutes");
    }
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("delta"), value_int((int64_t)(seconds > 0 ? seconds : 0)));
    map_set_str(&map, S("echo"), value_bool(want->echo));
    map_set_str(&map, S("rc"), value_int(0));
    map_set_str(&map, S("start"), value_str(arena, timestamp(arena, start)));
    map_set_str(&map, S("stderr"), value_str(arena, STR_EMPTY));
    map_set_str(&map, S("stdout"), value_str(arena, told));
    map_set_str(&map, S("stop"), value_str(arena, timestamp(arena, start + (time_t)ret->wait)));
    map_set_str(&map, S("user_input"), value_str(arena, answer));
    ret->result = map_seal(&map);
    return true;
}

const struct engine_action action_pause = {
    .name = S_INIT("pause"),
    .summary = "Wait",
    .params = params,
    .params_size = sizeof(struct pause_params),
    .once = true,
    .run = pause_run,
};
