/*
 * meta.c - `meta`: what steers the play itself. It has a banner, and no result but for a condition
 * that is false. What is asked for each host has a banner for each, as in Ansible.
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
    struct diags *diags = diags_new(flow->arena, flow->run->sources);
    bool found = inventory_refresh(flow->run->inventory, diags) &&
                 play_match_again(flow->run, flow->play, diags);
    run_found(flow->run, diags);
    if (!found) {
        flow->run->error = true;
        return;
    }
    barrier_inventory_changed(flow);
}

enum meta {
    META_NOOP,
    META_FLUSH_HANDLERS,
    META_END_HOST,
    META_END_BATCH,
    META_END_PLAY,
    META_CLEAR_HOST_ERRORS,
    META_CLEAR_FACTS,
    META_RESET_CONNECTION,
    META_REFRESH_INVENTORY,
};

static const struct meta_row {
    str name;
    enum meta meta;
    bool for_all; /* asked once for all hosts, with the variables of the first one */
    str done;     /* told with -vv, before the name of the host unless it is for all */
    str left;     /* the same of what a condition has left undone */
} rows[] = {
    { S_INIT("noop"), META_NOOP, false, S_INIT("noop"), S_INIT("doing nothing") },
    { S_INIT("flush_handlers"), META_FLUSH_HANDLERS, false,
      S_INIT("triggered running handlers for "), S_INIT("not running handlers for ") },
    { S_INIT("end_host"), META_END_HOST, false, S_INIT("ending play for "),
      S_INIT("continuing execution for ") },
    { S_INIT("end_batch"), META_END_BATCH, true, S_INIT("ending batch"),
      S_INIT("continuing current batch") },
    { S_INIT("end_play"), META_END_PLAY, true, S_INIT("ending play"), S_INIT("continuing play") },
    { S_INIT("clear_host_errors"), META_CLEAR_HOST_ERRORS, true, S_INIT("cleared host errors"),
      S_INIT("not clearing host error state for ") },
    { S_INIT("clear_facts"), META_CLEAR_FACTS, true, S_INIT("facts cleared"),
      S_INIT("not clearing facts and fact cache for ") },
    { S_INIT("reset_connection"), META_RESET_CONNECTION, false, S_INIT("reset connection"),
      S_INIT("not resetting the connection of ") },
    { S_INIT("refresh_inventory"), META_REFRESH_INVENTORY, true,
      S_INIT("inventory successfully refreshed"), S_INIT("not refreshing the inventory") },
};

static void do_meta(struct flow *flow, const struct meta_row *row, struct run_host **hosts,
                    size_t count)
{
    struct flow part = *flow;
    switch (row->meta) {
    case META_NOOP:
        break;
    case META_FLUSH_HANDLERS:
        part.hosts = hosts;
        part.count = count;
        handlers_flush(&part);
        break;
    case META_END_HOST:
        end_all(hosts, count);
        break;
    case META_END_BATCH:
        flow->play->batch_ended = true;
        end_all(flow->play->batch, flow->play->batch_count);
        break;
    case META_END_PLAY:
        flow->play->ended = true;
        end_all(flow->play->all, flow->play->all_count);
        break;
    case META_CLEAR_HOST_ERRORS:
        clear_host_errors(flow);
        break;
    case META_CLEAR_FACTS:
        for (size_t i = 0; i < count; i++) {
            host_clear_facts(hosts[i]);
        }
        break;
    case META_RESET_CONNECTION:
        for (size_t i = 0; i < count; i++) {
            leases_close(flow->run, hosts[i]->name);
        }
        break;
    case META_REFRESH_INVENTORY:
        refresh_inventory(flow);
        break;
    }
}

static const struct meta_row *find_row(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (str_eq(name, rows[i].name)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* What the task asks for, or NULL after a diagnostic. */
static const struct meta_row *row_of(struct flow *flow, const struct task *task)
{
    value text = value_is(task->free_form, VALUE_UNDEFINED)
                     ? value_get(task->args, S("_raw_params"))
                     : task->free_form;
    str name = value_is(text, VALUE_STR) ? str_trim(value_as_str(text)) : STR_EMPTY;
    const struct meta_row *row = find_row(name);
    struct diags *diags = diags_new(flow->arena, flow->run->sources);
    if (row == NULL) {
        diag_error(diags, text.at, "there is no meta action '%.*s'", SARG(name));
    } else if (row->meta == META_FLUSH_HANDLERS && flow->handlers) {
        diag_error(diags, text.at, "'flush_handlers' cannot be a handler");
        row = NULL;
    }
    run_found(flow->run, diags);
    return row;
}

/* ---- telling ---- */

static void tell_banner(struct flow *flow, const struct task *task, struct run_host *host,
                        struct arena *arena)
{
    struct run *run = flow->run;
    if (!flow->alone) { /* else the output tells it with a result */
        str title = task_title(run, flow->play, host, task, arena);
        pthread_mutex_lock(&run->report_lock);
        run->report.task_start(run->report.data, task, title, flow->handlers);
        pthread_mutex_unlock(&run->report_lock);
    }
}

static void tell(struct flow *flow, const struct task *task, struct run_host *host,
                 const struct task_result *result, struct arena *arena)
{
    struct run *run = flow->run;
    struct task_event event = { .task = task,
                                .name = task_title(run, flow->play, host, task, arena),
                                .host = host->name,
                                .status = result->status,
                                .result = result->result,
                                .diags = result->diags };
    pthread_mutex_lock(&run->report_lock);
    run->report.result(run->report.data, &event);
    pthread_mutex_unlock(&run->report_lock);
}

/* "ending play", or with the name of the host behind a blank: "ending play for web1". */
static str message(struct arena *arena, str text, const struct run_host *host)
{
    return str_ends(text, S(" ")) ? str_concat(arena, text, host->name) : text;
}

static void tell_skipped(struct flow *flow, const struct task *task, const struct meta_row *row,
                         struct run_host *host, struct arena *arena)
{
    str left = message(arena, row->left, host);
    str reason =
        str_format(arena, "%.*s conditional evaluated to False, %.*s", SARG(row->name), SARG(left));
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("msg"), value_str(arena, row->name));
    map_set_str(&map, S("skip_reason"), value_str(arena, reason));
    struct task_result result = { .status = RESULT_SKIPPED, .result = map_seal(&map) };
    run_note(flow->run, 2, str_concat(arena, S("META: "), reason));
    tell(flow, task, host, &result, arena);
}

/* Whether the host wants it; a condition that cannot be evaluated is its failure. */
static bool is_wanted(struct flow *flow, const struct task *task, const struct meta_row *row,
                      struct run_host *host, struct arena *arena)
{
    struct diags *diags = diags_new(arena, flow->run->sources);
    struct eval *eval =
        eval_for(flow->run, flow->play, host, &task->node, (value){ 0 }, arena, diags);
    struct condition condition;
    if (!conditions_hold(eval, &task->node, &condition)) {
        struct task_result result = { .status = RESULT_FAILED,
                                      .diags = diags,
                                      .result = failed_result(arena, diags) };
        tell(flow, task, host, &result, arena);
        host->stats.failed++;
        flow_host_failed(flow, host, &result);
        return false;
    }
    if (condition.truth != TRUTH_TRUE) {
        tell_skipped(flow, task, row, host, arena);
        return false;
    }
    str done = message(arena, row->done, host);
    run_note(flow->run, 2, str_concat(arena, S("META: "), done));
    return true;
}

void meta_run(struct flow *flow, const struct task *task)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("meta");
    const struct meta_row *row = row_of(flow, task);
    struct run_host **hosts = NEW_ARRAY(flow->arena, struct run_host *, flow->count + 1);
    size_t count = 0;
    if (row == NULL) {
        flow->run->error = true;
        return;
    }
    for (size_t i = 0; i < flow->count; i++) {
        if (!host_is_active(flow, flow->hosts[i])) {
            continue;
        }
        tell_banner(flow, task, flow->hosts[i], arena);
        if (is_wanted(flow, task, row, flow->hosts[i], arena)) {
            hosts[count++] = flow->hosts[i];
        }
        if (row->for_all) {
            break;
        }
    }
    if (count > 0) {
        do_meta(flow, row, row->for_all ? flow->hosts : hosts, row->for_all ? flow->count : count);
    }
}
