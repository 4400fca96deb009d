/*
 * console.c - what connections ask of whoever started the run (a passphrase, whether a host's key
 * is right) and tell them. Many hosts connect at a time: one question or message at a time is
 * shown, and a message only once.
 */
#include "engine/console.h"

#include "base/diag.h"

bool console_ask(void *data, struct arena *arena, str question, bool echo, str *ret)
{
    struct run *run = data;
    pthread_mutex_lock(&run->report_lock);
    bool answered = !run->interrupted && run->report.ask != NULL &&
                    run->report.ask(run->report.data, arena, question, echo, ret);
    pthread_mutex_unlock(&run->report_lock);
    if (answered && !echo) {
        secrets_add(run->secrets, *ret);
    }
    return answered;
}

/* True the first time. */
static bool is_news(struct run *run, str message)
{
    for (size_t i = 0; i < run->console.told.len; i++) {
        if (str_eq(run->console.told.items[i], message)) {
            return false;
        }
    }
    *VEC_PUSH(run->console.arena, &run->console.told) = str_copy(run->console.arena, message);
    return true;
}

void console_tell(void *data, str message, str hint)
{
    struct run *run = data;
    CLEANUP(release_arena) struct arena *arena = arena_new("message");
    struct diags *diags = diags_new(arena, run->sources);
    struct diag *diag = diag_warning(diags, SPAN_NONE, "%.*s", SARG(message));
    if (!str_is_none(hint)) {
        diag_hint(diag, "%.*s", SARG(hint));
    }
    pthread_mutex_lock(&run->report_lock);
    if (is_news(run, message)) {
        run->report.diagnostics(run->report.data, diags);
    }
    pthread_mutex_unlock(&run->report_lock);
}
