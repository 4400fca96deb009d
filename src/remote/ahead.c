/*
 * ahead.c - questions of tasks to come, and their answers until somebody asks.
 *
 * A round trip costs the host a wake-up and a program, and us the time of the wire and cold caches:
 * with what the next tasks will ask it costs hardly more. Nothing is predicted here: an answer is
 * taken only by the same question of the same user, and only while nothing has changed anywhere.
 */
#include "base/bug.h"
#include "remote/question.h"
#include "remote/shell.h"

#define URGENT_MAX 15  /* with more questions than that nothing is asked ahead */
#define AHEAD_MAX  200 /* questions that are asked ahead at once */

struct expected {
    struct observer *obs; /* the questions, and the arena of all this */
    unsigned changes;     /* as counted before they were asked */
    deadline until;
    bool kept; /* the answers are there, and hold */
};

/* ---- asking ---- */

/* What the shell can tell by itself, or one program for all. */
static bool is_cheap(enum question_kind kind)
{
    switch (kind) {
    case ASK_STAT:
    case ASK_STAT_FOLLOW:
    case ASK_TEXT:
    case ASK_DIGEST:
    case ASK_USER:
    case ASK_GROUP:
    case ASK_LOGIN:
    case ASK_PROGRAM:
    case ASK_UMASK:
    case ASK_ACCESS:
        return true;
    case ASK_TREE:
    case ASK_GLOB:
    case ASK_RUN:
    case ASK_ENVIRONMENT:
        return false;
    }
    BUG("question of kind %d", kind);
}

bool expected_add(struct expected *expected, const struct observer *of_task)
{
    bool ok = of_task->unanswerable == NULL &&
              expected->obs->questions.len + of_task->questions.len <= AHEAD_MAX;
    for (size_t i = 0; i < of_task->questions.len && ok; i++) {
        ok = is_cheap(of_task->questions.items[i]->kind);
    }
    for (size_t i = 0; i < of_task->questions.len && ok; i++) {
        observer_question(expected->obs, of_task->questions.items[i])->ahead = true;
    }
    return ok;
}

static bool is_of_bytes(const struct question *q)
{
    return q->kind == ASK_TEXT || q->kind == ASK_DIGEST;
}

/* A file is read in one way: how the task that asks now needs it. */
static bool is_in_the_way(const struct question *ahead, const struct observer *obs)
{
    bool found = false;
    for (size_t i = obs->answered; i < obs->questions.len && is_of_bytes(ahead); i++) {
        const struct question *q = obs->questions.items[i];
        found |= is_of_bytes(q) && str_eq(q->arg, ahead->arg) &&
                 (q->kind != ahead->kind || q->digest != ahead->digest);
    }
    return found;
}

struct observer *expected_along(struct seat *seat, const struct remote_context *context,
                                struct observer *obs)
{
    const struct ahead *ahead = context->ahead;
    if (ahead == NULL || ahead->expect == NULL || observer_pending(obs) > URGENT_MAX) {
        return obs;
    }
    if (seat->ahead_arena == NULL) {
        seat->ahead_arena = arena_new("ahead");
    }
    arena_reset(seat->ahead_arena);
    struct expected *expected = NEW(seat->ahead_arena, struct expected);
    expected->obs = observer_new(seat->ahead_arena, NULL);
    expected->changes = atomic_load(ahead->changes);
    expected->until = deadline_in(AHEAD_SECONDS);
    ahead->expect(ahead->data, expected);
    seat->expected = expected;
    if (expected->obs->questions.len == 0) {
        seat->expected = NULL;
        return obs;
    }
    struct observer *all = observer_new(context->arena, NULL);
    for (size_t i = obs->answered; i < obs->questions.len; i++) {
        *VEC_PUSH(context->arena, &all->questions) = obs->questions.items[i];
    }
    for (size_t i = 0; i < expected->obs->questions.len; i++) {
        struct question *q = expected->obs->questions.items[i];
        q->withheld = is_in_the_way(q, obs);
        if (!q->withheld) {
            *VEC_PUSH(context->arena, &all->questions) = q;
        }
    }
    return all;
}

/* ---- the answers ---- */

/* To another arena. */
static void copy_answer(struct arena *arena, struct question *to, const struct question *from)
{
    to->answer = from->answer;
    switch (to->kind) {
    case ASK_STAT:
    case ASK_STAT_FOLLOW: {
        struct file_stat *stat = &to->answer.stat;
        stat->owner = str_copy(arena, stat->owner);
        stat->group = str_copy(arena, stat->group);
        stat->target = str_copy(arena, stat->target);
        return;
    }
    case ASK_TEXT:
        to->answer.content = value_copy(arena, to->answer.content);
        return;
    case ASK_DIGEST:
    case ASK_PROGRAM:
        to->answer.text = str_copy(arena, to->answer.text);
        return;
    case ASK_USER:
    case ASK_GROUP:
    case ASK_LOGIN: {
        struct user_entry *user = &to->answer.user;
        str *const texts[] = { &user->name, &user->home, &user->shell, &user->gecos,
                               &user->members };
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
            *texts[i] = str_copy(arena, *texts[i]);
        }
        return;
    }
    case ASK_ACCESS:
    case ASK_UMASK:
        return;
    case ASK_TREE:
    case ASK_GLOB:
    case ASK_RUN:
    case ASK_ENVIRONMENT:
        break;
    }
    BUG("a question of kind %d was asked ahead", to->kind);
}

/* What could not be answered is asked again when it is its turn: the task fails with it, then. */
void expected_keep(struct seat *seat)
{
    struct expected *expected = seat->expected;
    for (size_t i = 0; i < expected->obs->questions.len; i++) {
        struct question *q = expected->obs->questions.items[i];
        q->answered = !q->withheld && str_is_none(q->problem);
        if (q->answered) {
            copy_answer(seat->ahead_arena, q, q);
        }
    }
    expected->kept = true;
}

/* What is under way stays: a host of one session has a shell end for the one that asks. */
void expected_forget(struct seat *seat)
{
    if (seat->expected != NULL && seat->expected->kept) {
        seat->expected = NULL;
    }
}

static bool holds(const struct expected *expected, const struct remote_context *context)
{
    return expected != NULL && expected->kept && context->ahead != NULL &&
           expected->changes == atomic_load(context->ahead->changes) &&
           wire_now() < expected->until;
}

bool expected_tells(struct seat *seat, const struct remote_context *context, struct observer *obs)
{
    const struct expected *expected = seat->expected;
    bool all = holds(expected, context);
    for (size_t i = obs->answered; i < obs->questions.len && all; i++) {
        const struct question *known = observer_recall(expected->obs, obs->questions.items[i]);
        all = known != NULL && known->answered;
        if (all) {
            copy_answer(obs->arena, obs->questions.items[i], known);
        }
    }
    return all;
}
