/*
 * ahead.c - what the items and tasks behind this one will ask a host, to be asked along with what
 * this one does (remote/remote.h, "asked ahead").
 *
 * A guess is the task's beginning: condition, arguments, and the module's first questions, with the
 * variables of now. It may be wrong, since tasks in between may set variables: then what was asked
 * is of no use, and nothing else. What it finds fault with is told when it is the task's turn.
 */
#include "engine/ahead.h"

#include "engine/keywords.h"
#include "engine/loop.h"
#include "engine/params.h"

#define TASKS_MAX 16 /* items and tasks that are asked ahead at once */
#define LOOKS_MAX 64 /* that are looked at for that: skipped ones, too */

struct look {
    const struct ahead_of_item *ahead; /* of the item that asks now */
    struct run_host *host;
    struct expected *expected;
    struct arena *arena;
    unsigned tasks, looks; /* so many more */
};

/* ---- one item ---- */

/* The guess goes to the shell of the item that asks now. */
static bool same_way(const struct node *a, const struct node *b)
{
    static const enum keyword keywords[] = {
        KW_BECOME,     KW_BECOME_USER, KW_BECOME_METHOD, KW_BECOME_FLAGS,
        KW_BECOME_EXE, KW_CONNECTION,  KW_REMOTE_USER,   KW_PORT,
    };
    bool same = true;
    for (size_t i = 0; i < ARRAY_LEN(keywords) && same; i++) {
        value of_a = node_keyword(a, keywords[i]), of_b = node_keyword(b, keywords[i]);
        same = value_is_defined(of_a) == value_is_defined(of_b) &&
               (!value_is_defined(of_a) || value_equal(of_a, of_b) == TRUTH_TRUE);
    }
    return same;
}

/* Whether more may be looked at behind it. */
static bool look_at_item(struct look *look, const struct task *task, value loop)
{
    const struct job *asking = look->ahead->item->job;
    /* without its result: another thread tells that */
    struct job job = { .run = asking->run, .play = asking->play, .host = look->host, .task = task };
    struct diags *diags = diags_new(look->arena, job.run->sources);
    struct condition condition;
    value args;
    if (look->looks == 0 || task->kind != ACTION_MODULE) { /* a name that is a template */
        return false;
    }
    look->looks--;
    struct item item = { .job = &job, .diags = diags, .loop = loop, .target = look->host };
    item.eval = eval_for(job.run, job.play, look->host, &task->node, loop, look->arena, diags);
    item.eval->tentative = true;
    if (!conditions_hold(item.eval, &task->node, &condition) || condition.truth != TRUTH_TRUE) {
        return true;
    }
    struct observer *obs = observer_new(look->arena, NULL);
    struct params_guess guess = { .host = look->host,
                                  .user = look->ahead->user,
                                  .paths = observer_new(look->arena, NULL) };
    bool known = item_arguments(&item, false, false, &args) &&
                 module_expect(&item, task->module, args, &guess, obs);
    look->tasks--;
    expected_add(look->expected, guess.paths);
    expected_add(look->expected, obs);
    /* a command may change what the others would ask about */
    return look->tasks > 0 && (!task->module->runner || (known && observer_pending(obs) > 0));
}

static bool look_at_items(struct look *look, const struct task *task, const struct loop *loop,
                          size_t from)
{
    bool more = true;
    for (size_t i = from; i < loop->count && more; i++) {
        more = look_at_item(look, task, loop_variables(look->arena, loop, i));
    }
    return more;
}

/* ---- tasks ---- */

/* What runs here only, and changes nothing that a host could be asked about. */
static bool is_quiet(const struct task *task)
{
    return task->kind == ACTION_ENGINE && task->engine_action->quiet &&
           !task->engine_action->includes;
}

static bool look_at_task(struct look *look, const struct task *task)
{
    const struct job *job = look->ahead->item->job;
    if (task->kind != ACTION_MODULE) {
        return is_quiet(task);
    }
    if (value_is_defined(node_keyword(&task->node, KW_DELEGATE_TO)) ||
        value_is_defined(node_keyword(&task->node, KW_RUN_ONCE)) ||
        !same_way(&task->node, &job->task->node)) {
        return true;
    }
    struct diags *diags = diags_new(look->arena, job->run->sources);
    struct eval *eval =
        eval_for(job->run, job->play, look->host, &task->node, (value){ 0 }, look->arena, diags);
    struct loop loop = { 0 };
    eval->tentative = true;
    if (!tags_select(job->run, eval, &task->node)) {
        return true;
    }
    if (!value_is_defined(task->loop)) {
        return look_at_item(look, task, (value){ 0 });
    }
    return loop_items(eval, task, &loop) && look_at_items(look, task, &loop, 0);
}

static bool look_at_list(struct look *look, struct node_list list, size_t from)
{
    bool more = true;
    for (size_t i = from; i < list.count && more; i++) {
        const struct node *node = list.nodes[i];
        more = node->kind == NODE_BLOCK ? look_at_list(look, ((const struct block *)node)->body, 0)
                                        : look_at_task(look, (const struct task *)node);
    }
    return more;
}

/* ---- when the item asks ---- */

/* How far to look: further each time that the last answers were of use to the end; less far where
 * many hosts make a task take long; not at all while things change. */
static unsigned tasks_to_look_at(struct run_host *host, unsigned changes)
{
    bool quiet = host->ahead.changes == changes, slow = wire_now() >= host->ahead.until;
    unsigned last = host->ahead.tasks;
    unsigned tasks = !quiet ? 0 : last == 0 ? 1 : slow ? last / 2 : last * 2;
    host->ahead.tasks = tasks < TASKS_MAX ? tasks : TASKS_MAX;
    host->ahead.changes = changes;
    host->ahead.until = deadline_in(AHEAD_SECONDS);
    return host->ahead.tasks;
}

static void expect(void *data, struct expected *expected)
{
    struct ahead_of_item *ahead = data;
    const struct item *item = ahead->item;
    const struct job *job = item->job;
    struct look look = {
        .ahead = ahead, .host = job->host, .expected = expected, .looks = LOOKS_MAX
    };
    ahead->remote.expect = NULL; /* once: what an answer leads to is asked in a trip of its own */
    look.tasks = tasks_to_look_at(job->host, atomic_load(&job->run->changes)) + !ahead->asks;
    if (look.tasks == 0) {
        return;
    }
    look.arena = arena_new("guesses");
    /* with a path that is to be expanded, what is asked about it */
    bool more = ahead->asks || look_at_item(&look, job->task, item->loop);
    more =
        more && (job->loop == NULL || look_at_items(&look, job->task, job->loop, job->loop_at + 1));
    for (const struct upcoming *next = job->upcoming; next != NULL && more; next = next->outer) {
        more = look_at_list(&look, next->list, next->at);
    }
    arena_free(look.arena);
}

void ahead_begin(struct ahead_of_item *ahead, const struct item *item,
                 const struct connection_options *options, struct remote_context *context)
{
    const struct run *run = item->job->run;
    *ahead = (struct ahead_of_item){ .item = item, .user = context->become.user };
    ahead->remote.changes = &item->job->run->changes;
    ahead->remote.data = ahead;
    /* time that others take must not be counted against a limit of this one */
    if (options->kind != CONNECTION_LOCAL && context->until == DEADLINE_NEVER && !run->stepping &&
        item->target == item->job->host) {
        ahead->remote.expect = expect;
    }
    context->ahead = &ahead->remote;
}
