/*
 * meta.c - `meta`: what steers the play itself. No banner, no result, but for a condition that is
 * false.
 */
#include "engine/flow.h"

#include "engine/item.h"
#include "engine/keywords.h"

/* One host's end for the rest of this play: its handlers will not run, its `always` neither. */
static void end_host(struct run_host *host)
{
    host->state = HOST_ENDED;
    host->notified.len = 0;
}

static void end_all(struct run_host **hosts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hosts[i]->state == HOST_OK) {
            end_host(hosts[i]);
        }
    }
}

/* Failed hosts come back in the next play, and those in an `always` go on behind it; but what has
 * failed for good stays out of this play. */
static void clear_host_errors(struct flow *flow)
{
    for (size_t i = 0; i < flow->play->all_count; i++) {
        flow->play->all[i]->removed = false;
        flow->play->all[i]->clearings++;
    }
}

static void refresh_inventory(struct flow *flow)
{
    if (!inventory_refresh(flow->run->inventory, flow->run->diags) ||
        !play_match_again(flow->run, flow->play)) {
        flow->run->error = true;
        return;
    }
    for (size_t i = 0; i < flow->play->all_count; i++) {
        flow->play->all[i]->magic =
            vars_magic(flow->run, flow->play, flow->play->all[i], flow->play->all[i]->arena);
    }
    vars_play_changed(flow->run, flow->play);
}

static void do_meta(struct flow *flow, str what, struct run_host **hosts, size_t count)
{
    if (str_eq(what, S("flush_handlers"))) {
        struct flow part = *flow;
        part.hosts = hosts;
        part.count = count;
        handlers_flush(&part);
    } else if (str_eq(what, S("end_play"))) {
        flow->play->ended = true;
        end_all(flow->play->all, flow->play->all_count);
    } else if (str_eq(what, S("end_batch"))) {
        flow->play->batch_ended = true;
        end_all(flow->play->batch, flow->play->batch_count);
    } else if (str_eq(what, S("end_host"))) {
        end_all(hosts, count);
    } else if (str_eq(what, S("clear_host_errors"))) {
        clear_host_errors(flow);
    } else if (str_eq(what, S("clear_facts"))) {
        for (size_t i = 0; i < count; i++) {
            host_clear_facts(hosts[i]);
        }
    } else if (str_eq(what, S("reset_connection"))) {
        for (size_t i = 0; i < count; i++) {
            leases_close(flow->run, hosts[i]->name);
        }
    } else if (str_eq(what, S("refresh_inventory"))) {
        refresh_inventory(flow);
    }
}

static bool is_known(str what)
{
    static const str known[] = { S_INIT("flush_handlers"),   S_INIT("noop"),
                                 S_INIT("end_play"),         S_INIT("end_batch"),
                                 S_INIT("end_host"),         S_INIT("clear_host_errors"),
                                 S_INIT("clear_facts"),      S_INIT("reset_connection"),
                                 S_INIT("refresh_inventory") };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (str_eq(what, known[i])) {
            return true;
        }
    }
    return false;
}

/* Asked once for all hosts, with the variables of the first one. */
static bool is_for_all(str what)
{
    return str_eq(what, S("end_play")) || str_eq(what, S("end_batch")) ||
           str_eq(what, S("clear_host_errors")) || str_eq(what, S("refresh_inventory"));
}

static void tell(struct flow *flow, const struct task *task, struct run_host *host,
                 enum result_status status, value result, const struct diags *diags,
                 bool *told_name)
{
    struct run *run = flow->run;
    pthread_mutex_lock(&run->report_lock);
    if (!*told_name) {
        run->report.task_start(run->report.data, task, task->action, flow->handlers);
        *told_name = true;
    }
    struct task_event event = { .task = task,
                                .name = task->action,
                                .host = host->name,
                                .status = status,
                                .result = result,
                                .diags = diags };
    run->report.result(run->report.data, &event);
    pthread_mutex_unlock(&run->report_lock);
}

void meta_run(struct flow *flow, const struct task *task)
{
    value text = value_is(task->free_form, VALUE_UNDEFINED)
                     ? value_get(task->args, S("_raw_params"))
                     : task->free_form;
    str what = value_is(text, VALUE_STR) ? str_trim(value_as_str(text)) : STR_EMPTY;
    if (!is_known(what)) {
        diag_error(flow->run->diags, text.at, "there is no meta action '%.*s'", SARG(what));
        flow->run->error = true;
        return;
    }
    CLEANUP(release_arena) struct arena *arena = arena_new("meta");
    struct run_host **hosts = NEW_ARRAY(flow->arena, struct run_host *, flow->count + 1);
    size_t count = 0;
    bool told_name = false, for_all = is_for_all(what);
    for (size_t i = 0; i < flow->count; i++) {
        struct run_host *host = flow->hosts[i];
        if (!host_is_active(flow, host)) {
            continue;
        }
        struct diags *diags = diags_new(arena, flow->run->sources);
        struct eval *eval =
            eval_for(flow->run, flow->play, host, &task->node, (value){ 0 }, arena, diags);
        struct condition condition;
        if (!conditions_hold(eval, &task->node, &condition)) {
            struct task_result result = { .status = RESULT_FAILED,
                                          .diags = diags,
                                          .result = failed_result(arena, diags) };
            tell(flow, task, host, RESULT_FAILED, result.result, diags, &told_name);
            host->stats.failed++;
            flow_host_failed(flow, host, &result);
        } else if (condition.truth == TRUTH_TRUE) {
            hosts[count++] = host;
        } else {
            tell(flow, task, host, RESULT_SKIPPED, skipped_result(arena, &condition), NULL,
                 &told_name);
        }
        if (for_all) {
            break;
        }
    }
    if (count > 0) {
        do_meta(flow, what, for_all ? flow->hosts : hosts, for_all ? flow->count : count);
    }
}
