/*
 * live.c - cuts the output of a command into lines as it comes, and tells each when it is complete.
 * A line is what can be redacted: half of a secret would not be known for one.
 *
 * A carriage return ends a line, too, since that is how programs show their progress; empty lines
 * are not told.
 */
#include "engine/live.h"

static void tell(struct live *live, bool is_stderr)
{
    struct live_line *line = &live->lines[is_stderr];
    struct run *run = live->run;
    if (line->length > 0) {
        pthread_mutex_lock(&run->report_lock);
        run->report.live(run->report.data, live->host, (str){ line->bytes, line->length },
                         is_stderr);
        pthread_mutex_unlock(&run->report_lock);
    }
    line->length = 0;
}

static void take(void *data, str bytes, bool is_stderr)
{
    struct live *live = data;
    struct live_line *line = &live->lines[is_stderr];
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.ptr[i];
        if (c == '\n' || c == '\r') {
            tell(live, is_stderr);
        } else if (line->length < sizeof line->bytes) {
            line->bytes[line->length++] = c;
        }
    }
}

void live_begin(struct run *run, str host, bool no_log, struct remote_context *context)
{
    if (run->report.live == NULL || no_log) {
        return;
    }
    struct live *live = NEW(context->arena, struct live);
    live->run = run;
    live->host = host;
    context->live = take;
    context->live_data = live;
}

void live_end(struct remote_context *context)
{
    if (context->live != NULL) {
        tell(context->live_data, false);
        tell(context->live_data, true);
    }
}
