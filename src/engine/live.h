/*
 * live.h - the output of a running command, told while it runs: see `live` in report.h.
 */
#pragma once
#include "engine/state.h"

/* What a task's commands print. Used by the one thread that runs the task. */
struct live {
    struct run *run;
    str host;
    struct live_line {
        char bytes[LIVE_LINE_MAX];
        size_t length;
    } lines[2]; /* stdout, stderr: what has come of the line that is not complete yet */
};

/* Have what runs in this context told, as of `host`: unless the report does not want it, or the
 * task hides its output (no_log). The strings live as long as the context. */
void live_begin(struct run *run, str host, bool no_log, struct remote_context *context);
/* Tell what was printed without an end of line. */
void live_end(struct remote_context *context);
