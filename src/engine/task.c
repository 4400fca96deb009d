/*
 * task.c - one task on one host: condition, loop, arguments, run, and what came of it. Runs in a
 * worker; what it changes of the run is only told (struct task_result) and applied by the play's
 * owner.
 */
#include "engine/item.h"

#include "base/bug.h"
#include "engine/keywords.h"
#include "engine/loop.h"

static void add_all(struct map_builder *map, value more)
{
    for (size_t i = 0; value_is(more, VALUE_MAP) && i < value_count(more); i++) {
        map_set(map, value_map_key(more, i), value_map_value(more, i));
    }
}

/* What set_fact has set, within the result: it is copied once. */
static value facts_of(struct arena *arena, const struct item *item, value result)
{
    value within = value_get(result, S("ansible_facts"));
    return item->facts_are_vars && value_is(item->facts, VALUE_MAP) && value_is(within, VALUE_MAP)
               ? within
               : value_copy(arena, item->facts);
}

/* What the items so far have registered and set: the next one sees it. */
static value set_so_far(struct job *job, const struct item *item, value result, value facts,
                        value before)
{
    struct arena *arena = job->host->task_arena;
    value name = node_own(&job->task->node, KW_REGISTER);
    value included = item->has_outcome ? item->outcome.host_vars : (value){ 0 };
    struct map_builder map = value_is(before, VALUE_MAP) ? map_from(arena, before) : map_in(arena);
    if (value_is(name, VALUE_STR) && item->status != RESULT_SKIPPED) {
        map_set(&map, name, value_untrust_all(arena, result));
    }
    if (item->facts_are_vars) {
        add_all(&map, facts);
    }
    if (value_is(included, VALUE_MAP)) {
        add_all(&map, value_copy(arena, included));
    }
    return map_seal(&map);
}

/* ---- one item into the task's result ---- */

static struct told_facts *facts_like(struct task_result *to, const struct item *item)
{
    for (size_t i = 0; i < to->facts.len; i++) {
        struct told_facts *told = &to->facts.items[i];
        if (told->host == item->facts_host && told->are_vars == item->facts_are_vars &&
            told->cacheable == item->facts_cacheable) {
            return told;
        }
    }
    return NULL;
}

static void take_facts(struct task_result *to, const struct item *item, value facts,
                       struct arena *arena)
{
    struct told_facts *told = facts_like(to, item);
    if (!value_is(facts, VALUE_MAP)) {
        return;
    }
    if (told == NULL) {
        *VEC_PUSH(arena, &to->facts) = (struct told_facts){ item->facts_host, item->facts_are_vars,
                                                            item->facts_cacheable, facts };
        return;
    }
    struct map_builder all = map_from(arena, told->facts);
    add_all(&all, facts);
    told->facts = map_seal(&all);
}

static void take_item(struct job *job, struct item *item, value facts)
{
    struct task_result *to = &job->result;
    struct arena *arena = job->host->task_arena;
    to->ignored |= item->ignored;
    to->show_always |= item->show_always;
    to->no_log |= item->no_log;
    to->delegate = str_is_none(item->delegate) ? to->delegate : str_copy(arena, item->delegate);
    take_facts(to, item, facts, arena);
    if (item->has_outcome) {
        *VEC_PUSH(arena, &to->outcomes) =
            (struct action_outcome_item){ action_outcome_copy(arena, &item->outcome),
                                          value_copy(arena, item->loop),
                                          value_copy(arena, item->label), item->facts_host };
    }
    diags_append(to->diags, item->diags);
}

void event_censor(struct arena *arena, struct task_event *event)
{
    struct map_builder map = map_in(arena);
    map_set_str(
        &map, S("censored"),
        value_str(arena, S("the output has been hidden due to the fact that 'no_log: true' was "
                           "specified for this result")));
    map_set_str(&map, S("changed"), value_bool(result_bool(event->result, S("changed"))));
    event->result = map_seal(&map);
    event->show = (value){ 0 };
    event->item_label = (value){ 0 };
    event->verbose_always = false;
    event->diff = STR_NONE;
    event->diags = NULL;
}

static struct task_event item_event(struct job *job, const struct item *item, value result)
{
    struct arena *arena = job->host->task_arena;
    struct task_event event = {
        .task = job->task,
        .name = job->title,
        .host = job->host->name,
        .delegate = str_copy(arena, item->delegate),
        .status = item->status,
        .ignored = item->ignored,
        .is_item = true,
        .item_label = value_copy(arena, item->label),
        .result = result,
        .verbose_always = item->show_always,
        .show = value_copy(arena, item->show),
        .diff = str_copy(arena, item->diff),
    };
    if (item->no_log) {
        event_censor(arena, &event);
    }
    return event;
}

/* ---- the whole task ---- */

static const char *loop_message(enum result_status status)
{
    switch (status) {
    case RESULT_FAILED:
    case RESULT_UNREACHABLE:
        return "One or more items failed";
    case RESULT_SKIPPED:
        return "All items skipped";
    case RESULT_OK:
    case RESULT_CHANGED:
    case RESULT_UNKNOWN:
        return "All items completed";
    }
    BUG("status %d", (int)status);
}

/* Failed before unreachable? No: an unreachable host ends the loop at once. */
static enum result_status worse(enum result_status a, enum result_status b)
{
    static const int rank[] = {
        [RESULT_SKIPPED] = 0, [RESULT_OK] = 1,     [RESULT_UNKNOWN] = 2,
        [RESULT_CHANGED] = 3, [RESULT_FAILED] = 4, [RESULT_UNREACHABLE] = 5,
    };
    return rank[a] >= rank[b] ? a : b;
}

static void run_loop(struct job *job, const struct loop *loop)
{
    struct task_result *to = &job->result;
    struct arena *arena = job->host->task_arena;
    struct list_builder results = list_in(arena);
    value set = { 0 };
    bool all_ignored = true;
    to->has_items = true;
    to->status = RESULT_SKIPPED;
    for (size_t i = 0; i < loop->count && !atomic_load(&job->run->interrupted); i++) {
        if (i > 0 && loop->pause > 0 && !job_sleep(job, loop->pause)) {
            break;
        }
        arena_reset(job->host->item_arena);
        job->loop = loop;
        job->loop_at = i;
        struct item item;
        item_run(job, loop_variables(job->host->item_arena, loop, i), set, loop->label,
                 loop->variable, &item);
        value result = value_copy(arena, item.result);
        value facts = facts_of(arena, &item, result);
        set = set_so_far(job, &item, result, facts, set);
        list_add(&results, result);
        struct task_event event = item_event(job, &item, result);
        job->tell_item(job, &event);
        bool failed = item.status == RESULT_FAILED || item.status == RESULT_UNREACHABLE;
        all_ignored &= !failed || item.ignored;
        to->status = worse(to->status, item.status);
        to->changed |= item.status == RESULT_CHANGED;
        take_item(job, &item, facts);
        if (item.status == RESULT_UNREACHABLE) {
            break;
        }
    }
    to->ignored = all_ignored && (to->status == RESULT_FAILED || to->status == RESULT_UNREACHABLE);
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("skipped"), value_bool(to->status == RESULT_SKIPPED));
    map_set_str(&map, S("changed"), value_bool(to->changed));
    if (to->status == RESULT_FAILED || to->status == RESULT_UNREACHABLE) {
        map_set_str(&map, S("failed"), value_bool(true));
    }
    map_set_str(&map, S("msg"), value_str(arena, str_of(loop_message(to->status))));
    map_set_str(&map, S("results"), list_seal(&results));
    to->result = map_seal(&map);
}

static void no_items(struct job *job)
{
    struct arena *arena = job->host->task_arena;
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("skipped"), value_bool(true));
    map_set_str(&map, S("skipped_reason"), value_str(arena, S("No items in the list")));
    map_set_str(&map, S("results"), value_list(arena, NULL, 0));
    job->result.status = RESULT_SKIPPED;
    job->result.result = map_seal(&map);
}

static void run_once_only(struct job *job)
{
    struct item item;
    item_run(job, (value){ 0 }, (value){ 0 }, (value){ 0 }, STR_NONE, &item);
    struct arena *arena = job->host->task_arena;
    value result = value_copy(arena, item.result);
    take_item(job, &item, facts_of(arena, &item, result));
    job->result.status = item.status;
    job->result.changed = item.status == RESULT_CHANGED;
    job->result.result = result;
    job->result.show = value_copy(arena, item.show);
    job->result.diff = str_copy(arena, item.diff);
}

/* The list could not be evaluated: skipped, if the condition is false without an item. */
static void loop_failed(struct job *job, struct eval *eval)
{
    struct arena *arena = job->host->task_arena;
    struct diags *unused = diags_new(arena, job->run->sources);
    struct eval *again =
        eval_for(job->run, job->play, job->host, &job->task->node, (value){ 0 }, arena, unused);
    struct condition condition;
    if (eval->failure == TEMPLATE_UNDEFINED &&
        conditions_hold(again, &job->task->node, &condition) && condition.truth == TRUTH_FALSE) {
        job->result.status = RESULT_SKIPPED;
        job->result.result = skipped_result(arena, &condition);
        return;
    }
    diags_append(job->result.diags, eval->diags);
    job->result.status = RESULT_FAILED;
    job->result.result = failed_result(arena, eval->diags);
    bool ignore = false;
    if (keyword_bool(again, &job->task->node, KW_IGNORE_ERRORS, false, &ignore)) {
        job->result.ignored = ignore;
    }
}

static void run_looping(struct job *job)
{
    struct arena *arena = job->host->task_arena;
    struct diags *diags = diags_new(arena, job->run->sources);
    struct loop loop = { 0 };
    struct eval *eval =
        eval_for(job->run, job->play, job->host, &job->task->node, (value){ 0 }, arena, diags);
    if (!loop_items(eval, job->task, &loop)) {
        loop_failed(job, eval);
    } else if (loop.unknown) {
        job->result.status = RESULT_UNKNOWN;
        job->result.result =
            unknown_result(arena, S("the list to loop over is known in a real run only"));
    } else if (loop.count == 0) {
        no_items(job);
    } else {
        run_loop(job, &loop);
    }
}

void task_run(struct job *job)
{
    arena_reset(job->host->item_arena);
    atomic_fetch_add(&job->run->tasks_run, 1);
    if (value_is_defined(job->task->loop)) {
        run_looping(job);
    } else {
        run_once_only(job);
    }
    arena_trim(job->host->item_arena); /* of ten thousand hosts only a few are at work */
}
