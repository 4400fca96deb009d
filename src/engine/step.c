/*
 * step.c - one task on the hosts of a flow: hand it to the workers, tell the results in order, and
 * apply them to the hosts.
 *
 * The thread that walks the flow is a worker, too, and runs the first job itself: to wake another
 * thread and to wait for it costs more than many a task. So a run of one host needs no other.
 */
#include "engine/flow.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/path.h"
#include "engine/item.h"
#include "engine/keywords.h"

/* Jobs of one task, and which are done. Under the run's step_lock, as it goes. */
struct step {
    struct step_job *jobs;
    size_t count;
    bool *finished; /* one a job */
    size_t front;   /* the job whose results are told as they come */
    struct timespec began;
};

struct step_job {
    struct job job;
    struct pool_job pool_job;
    struct step *step;
    size_t index;
};

static void work(void *argument)
{
    struct step_job *job = argument;
    struct run *run = job->job.run;
    task_run(&job->job);
    pthread_mutex_lock(&run->step_lock);
    job->step->finished[job->index] = true;
    bool awaited = job->step->front == job->index;
    pthread_mutex_unlock(&run->step_lock); /* the step may be gone from here on */
    if (awaited) {
        pthread_cond_signal(&run->step_done);
    }
}

/* Another job may run here meanwhile. */
static void wait_for(struct run *run, const struct step *step, size_t index)
{
    pthread_mutex_lock(&run->step_lock);
    if (!step->finished[index]) {
        pool_pause(run->pool);
        while (!step->finished[index]) {
            pthread_cond_wait(&run->step_done, &run->step_lock);
        }
        pool_resume(run->pool);
    }
    pthread_mutex_unlock(&run->step_lock);
}

/* From now on, or no longer, the step is what the run waits for. */
static void set_step(struct run *run, struct step *step)
{
    pthread_mutex_lock(&run->step_lock);
    run->step = step;
    pthread_mutex_unlock(&run->step_lock);
}

void step_tell_waiting(struct run *run)
{
    const struct step *step = run->step;
    if (step == NULL) {
        return;
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)(now.tv_sec - step->began.tv_sec) +
                     (double)(now.tv_nsec - step->began.tv_nsec) / 1e9;
    CLEANUP(release_arena) struct arena *arena = arena_new("waiting");
    str *names = NEW_ARRAY(arena, str, step->count);
    size_t waiting = 0;
    for (size_t i = 0; i < step->count; i++) {
        if (!step->finished[i]) {
            names[waiting++] = step->jobs[i].job.host->name;
        }
    }
    if (waiting > 0) {
        pthread_mutex_lock(&run->report_lock);
        run->report.waiting(run->report.data, step->jobs[0].job.task, names, waiting, seconds);
        pthread_mutex_unlock(&run->report_lock);
    }
}

/* ---- telling ---- */

static void tell(struct run *run, const struct task_event *event)
{
    pthread_mutex_lock(&run->report_lock);
    run->report.result(run->report.data, event);
    pthread_mutex_unlock(&run->report_lock);
}

static bool includes(const struct job *job)
{
    return job->task->kind == ACTION_ENGINE && job->task->engine_action->includes;
}

/* An item that includes something is told by its line "included: ...". */
static void tell_event(const struct job *job, const struct task_event *event)
{
    if (!includes(job) || event->status != RESULT_OK) {
        tell(job->run, event);
    }
}

/* Called by the worker, after each item of a loop. */
static void tell_item(struct job *job, const struct task_event *event)
{
    struct step_job *step_job = (struct step_job *)job; /* its first member */
    struct run *run = job->run;
    pthread_mutex_lock(&run->step_lock);
    *VEC_PUSH(job->host->task_arena, &job->result.items) = *event;
    bool now = step_job->step->front == step_job->index;
    job->result.told += now;
    pthread_mutex_unlock(&run->step_lock);
    if (now) {
        tell_event(job, event);
    }
}

/* From now on the items of this job are told as they come; those so far are told here. */
static void bring_to_front(struct step *step, struct step_job *step_job)
{
    struct task_result *result = &step_job->job.result;
    struct run *run = step_job->job.run;
    pthread_mutex_lock(&run->step_lock);
    step->front = step_job->index;
    while (result->told < result->items.len) {
        tell_event(&step_job->job, &result->items.items[result->told++]);
    }
    pthread_mutex_unlock(&run->step_lock);
}

static void tell_job(struct job *job)
{
    struct task_result *result = &job->result;
    struct task_event event = {
        .task = job->task,
        .name = job->title,
        .host = job->host->name,
        .delegate = result->delegate,
        .status = result->status,
        .ignored = result->ignored,
        .has_items = result->has_items && !result->no_log,
        .result = result->result,
        .verbose_always = result->show_always,
        .show = result->show,
        .diff = result->diff,
        .diags = result->diags->all.len > 0 ? result->diags : NULL,
    };
    if (result->no_log) {
        event_censor(job->host->task_arena, &event);
    }
    tell_event(job, &event);
}

/* ---- applying ---- */

static void count(struct run_host *host, const struct task_result *result, bool include,
                  bool rescued)
{
    struct host_stats *stats = &host->stats;
    host->has_result = true;
    switch (result->status) {
    case RESULT_OK:
        stats->ok += !include; /* an include counts when its line is told */
        break;
    case RESULT_CHANGED:
        stats->ok++;
        stats->changed++;
        break;
    case RESULT_UNKNOWN:
        stats->ok++;
        stats->unknown++;
        break;
    case RESULT_SKIPPED:
        stats->skipped++;
        break;
    case RESULT_FAILED:
        if (result->ignored) {
            stats->ok++;
            stats->ignored++;
            stats->changed += result_bool(result->result, S("changed"));
        } else if (rescued) {
            stats->rescued++;
        } else {
            stats->failed++;
        }
        break;
    case RESULT_UNREACHABLE:
        if (result->ignored) {
            stats->ok++;
            stats->ignored++;
        } else {
            stats->unreachable++;
        }
        break;
    }
}

void flow_host_failed(struct flow *flow, struct run_host *host, const struct task_result *result)
{
    host->state = result->status == RESULT_UNREACHABLE ? HOST_UNREACHABLE : HOST_FAILED;
    host->removed = true;
}

/* ansible_failed_task and ansible_failed_result, for the rescue. */
static void remember_failure(const struct job *job)
{
    struct arena *arena = job->host->task_arena;
    struct map_builder vars = map_in(arena), task = map_in(arena);
    /* without the role's name in front of it */
    const struct role *role = job->task->node.role;
    size_t prefix =
        role != NULL && str_starts(job->title, role->name) ? role->name.len + strlen(" : ") : 0;
    map_set_str(&task, S("name"), value_str(arena, str_part(job->title, prefix, job->title.len)));
    map_set_str(&task, S("action"), value_str(arena, job->task->action));
    map_set_str(&vars, S("ansible_failed_task"), map_seal(&task));
    map_set_str(&vars, S("ansible_failed_result"), value_untrust_all(arena, job->result.result));
    host_set_all(job->host, map_seal(&vars));
}

static void apply_vars(const struct job *job, struct run_host *host)
{
    const struct task_result *result = &job->result;
    value name = node_own(&job->task->node, KW_REGISTER);
    if (value_is(name, VALUE_STR)) {
        host_set(host, value_as_str(name), value_untrust_all(host->task_arena, result->result));
    }
    if (result->status == RESULT_FAILED || result->status == RESULT_UNREACHABLE) {
        return; /* what single items have set was known to the others, and to nobody else */
    }
    for (size_t i = 0; i < result->facts.len; i++) {
        const struct told_facts *told = &result->facts.items[i];
        struct run_host *to = told->host != NULL ? told->host : host;
        if (told->are_vars) {
            host_set_all(to, told->facts);
        }
        if (!told->are_vars || told->cacheable) {
            host_add_facts(to, told->facts);
            host_keep_facts(job->run, to);
        }
    }
    for (size_t i = 0; i < result->outcomes.len; i++) {
        const struct action_outcome_item *item = &result->outcomes.items[i];
        if (value_is(item->outcome.host_vars, VALUE_MAP)) {
            host_include_vars(item->facts_host != NULL ? item->facts_host : host,
                              item->outcome.host_vars);
        }
    }
}

/* Apply a result to a host: the one that ran it, or with run_once each of the others. */
static void apply(struct flow *flow, struct job *job, struct run_host *host, bool counted)
{
    struct task_result *result = &job->result;
    bool failed = (result->status == RESULT_FAILED || result->status == RESULT_UNREACHABLE) &&
                  !result->ignored;
    apply_vars(job, host);
    bool ran = result->status != RESULT_SKIPPED && result->status != RESULT_UNREACHABLE;
    if (job->task->node.role != NULL && ran) {
        *VEC_PUSH(flow->arena, &host->roles_run) = job->task->node.role->identity;
    }
    if (counted) {
        bool rescued = result->status == RESULT_FAILED && flow_is_rescued(flow);
        count(host, result, includes(job), rescued);
    }
    if (failed) {
        flow_host_failed(flow, host, result);
        remember_failure(job);
        vars_play_changed(flow->run, flow->play);
    }
}

/* ---- what follows from failures ---- */

static bool fatal_to_all(struct flow *flow, const struct task *task, struct job *job)
{
    bool fatal = false;
    struct diags *diags = diags_new(flow->arena, flow->run->sources);
    struct eval *eval =
        eval_for(flow->run, flow->play, job->host, &task->node, (value){ 0 }, flow->arena, diags);
    return keyword_bool(eval, &task->node, KW_ANY_ERRORS_FATAL, flow->run->options.any_errors_fatal,
                        &fatal) &&
           fatal;
}

/* any_errors_fatal, and run_once: the others fail with it, each into its own rescue. */
static void fail_all(struct flow *flow)
{
    flow->play->fatal = true;
    for (size_t i = 0; i < flow->play->batch_count; i++) {
        struct run_host *host = flow->play->batch[i];
        if (host->state == HOST_OK) {
            host->state = HOST_FAILED;
            host->removed = true;
        }
    }
    vars_play_changed(flow->run, flow->play);
}

static void check_percentage(struct flow *flow)
{
    struct play_run *play = flow->play;
    unsigned failed = 0;
    if (play->max_fail_percentage < 0) {
        return;
    }
    for (size_t i = 0; i < play->batch_count; i++) {
        enum host_state state = play->batch[i]->state;
        failed += state == HOST_FAILED || state == HOST_UNREACHABLE;
    }
    if (100.0 * failed > play->max_fail_percentage * (double)play->batch_count) {
        play->broken = true;
    }
}

/* ---- one task ---- */

static size_t active_hosts(const struct flow *flow, struct run_host **ret)
{
    size_t count_ = 0;
    for (size_t i = 0; i < flow->count; i++) {
        if (host_is_active(flow, flow->hosts[i])) {
            ret[count_++] = flow->hosts[i];
        }
    }
    return count_;
}

static bool is_selected(struct flow *flow, const struct task *task, struct eval *eval, str title)
{
    struct run *run = flow->run;
    if (!flow->handlers && !tags_select(run, eval, &task->node)) {
        return false;
    }
    if (run->started_at || flow->handlers) {
        return true;
    }
    str wanted = run->options.start_at_task;
    run->started_at = path_match(wanted, title) || str_eq(wanted, task->name);
    return run->started_at;
}

/* --step: yes, no, or yes to all that follow. No answer is no. */
static bool is_confirmed(struct run *run, struct arena *arena, str title)
{
    str answer = STR_EMPTY;
    if (!run->stepping) {
        return true;
    }
    str question =
        str_format(arena, "Perform task: TASK: %.*s (N)o/(y)es/(c)ontinue: ", SARG(title));
    if (!run->report.ask(run->report.data, arena, question, true, &answer)) {
        return false;
    }
    answer = str_lower(arena, str_trim(answer));
    run->stepping = !str_eq(answer, S("c")) && !str_eq(answer, S("continue"));
    return !run->stepping || str_eq(answer, S("y")) || str_eq(answer, S("yes"));
}

/* Let the pool run jobs[from] up to, not including, jobs[to]. */
static void hand_over(struct run *run, struct step_job *jobs, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        jobs[i].pool_job = (struct pool_job){ .work = work,
                                              .argument = &jobs[i],
                                              .next = i + 1 < to ? &jobs[i + 1].pool_job : NULL };
    }
    if (from < to) {
        pool_add(run->pool, &jobs[from].pool_job);
    }
}

/* throttle: so many hosts at a time; 0: all. */
static void run_jobs(struct flow *flow, struct step *step, size_t throttle)
{
    struct run *run = flow->run;
    size_t begun = 0; /* jobs that a thread has, or waits for in the pool */
    for (size_t i = 0; i < step->count; i++) {
        struct job *job = &step->jobs[i].job;
        bool here = begun == i;
        size_t until = throttle == 0 || throttle > step->count - i ? step->count : i + throttle;
        hand_over(run, step->jobs, begun + here, until);
        begun = until;
        bring_to_front(step, &step->jobs[i]);
        if (here) {
            work(&step->jobs[i]);
        } else {
            wait_for(run, step, i);
        }
        if (job->result.status == RESULT_CHANGED && !handlers_notify(flow, job)) {
            run->error = true; /* the run ends with this task, and without its result */
        }
        if (!run->error) {
            tell_job(job);
        }
    }
}

/* once: it ran on one host only, and its failure is everybody's. sharing: those that get the result
 * then, with run_once; an action that runs once by itself does not share, as in Ansible. */
static void apply_jobs(struct flow *flow, const struct task *task, struct step_job *jobs,
                       size_t count_, struct run_host **sharing, size_t sharing_count, bool once)
{
    struct job **list = NEW_ARRAY(flow->arena, struct job *, count_);
    bool fatal = false;
    for (size_t i = 0; i < count_; i++) {
        struct job *job = list[i] = &jobs[i].job;
        apply(flow, job, job->host, true);
        for (size_t k = 0; k < sharing_count; k++) {
            if (sharing[k] != job->host) {
                apply_vars(job, sharing[k]);
            }
        }
        bool failed = job->host->state != HOST_OK;
        fatal = fatal || (failed && (once || fatal_to_all(flow, task, job)));
    }
    if (fatal) {
        fail_all(flow);
    }
    check_percentage(flow);
    barrier_apply(flow, task, list, count_);
}

void flow_task(struct flow *flow, const struct task *task)
{
    struct run *run = flow->run;
    struct run_host **hosts = NEW_ARRAY(flow->arena, struct run_host *, flow->count + 1);
    size_t all = active_hosts(flow, hosts), running = all;
    if (all == 0) {
        return;
    }
    CLEANUP(release_arena) struct arena *arena = arena_new("step");
    struct diags *diags = diags_new(arena, run->sources);
    struct eval *eval =
        eval_for(run, flow->play, hosts[0], &task->node, (value){ 0 }, arena, diags);
    str title = task_title(run, flow->play, hosts[0], task, arena);
    bool once = false, shared = false;
    double throttle = 0;
    if (!is_selected(flow, task, eval, title)) {
        return;
    }
    if (task->kind == ACTION_ENGINE && task->engine_action->steers) {
        meta_run(flow, task);
        return;
    }
    if (!is_confirmed(run, arena, title)) {
        return;
    }
    shared = keyword_bool(eval, &task->node, KW_RUN_ONCE, false, &shared) && shared;
    once = shared || (task->kind == ACTION_ENGINE && task->engine_action->once);
    if (once) {
        running = 1;
    }
    bool known = keyword_number(eval, &task->node, KW_THROTTLE, 0, &throttle);
    if (known && throttle > 0 && flow->alone) {
        diag_error(diags, node_keyword(&task->node, KW_THROTTLE).at,
                   "'throttle' is not supported by the strategy 'free'");
        known = false;
    }
    if (!known) {
        run_found(run, diags);
        run->error = true;
        return;
    }
    if (!flow->alone) { /* else the output tells it with the first result */
        pthread_mutex_lock(&run->report_lock);
        run->report.task_start(run->report.data, task, title, flow->handlers);
        pthread_mutex_unlock(&run->report_lock);
    }

    struct step_job *jobs = NEW_ARRAY(arena, struct step_job, running);
    struct step step = {
        .jobs = jobs,
        .count = running,
        .finished = NEW_ARRAY(arena, bool, running),
        .front = SIZE_MAX,
    };
    clock_gettime(CLOCK_MONOTONIC, &step.began);
    for (size_t i = 0; i < running; i++) {
        arena_reset(hosts[i]->task_arena);
        jobs[i] = (struct step_job){
            .job = { .run = run,
                     .play = flow->play,
                     .host = hosts[i],
                     .task = task,
                     .upcoming = flow->upcoming,
                     .title = title,
                     .tell_item = tell_item,
                     .result = { .diags = diags_new(hosts[i]->task_arena, run->sources) } },
            .step = &step,
            .index = i,
        };
    }
    if (!flow->alone) {
        set_step(run, &step);
    }
    run_jobs(flow, &step, throttle > 0 ? (size_t)throttle : 0);
    if (!flow->alone) {
        set_step(run, NULL);
    }
    apply_jobs(flow, task, jobs, running, hosts, shared ? all : 0, once);
    for (size_t i = 0; i < running && !flow->alone; i++) {
        arena_trim(hosts[i]->task_arena);
        host_compact(hosts[i]);
    }
}
