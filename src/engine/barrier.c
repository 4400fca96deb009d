/*
 * barrier.c - what actions want to be done when their task has ended on all hosts: changes of the
 * inventory, statistics, includes.
 */
#include "engine/flow.h"

#include "engine/item.h"

static str text_of(value v)
{
    return value_is(v, VALUE_STR) ? value_as_str(v) : STR_NONE;
}

/* A list of strings, or one string with commas. */
static const str *texts_of(struct arena *arena, value v, size_t *ret_count)
{
    VEC(str) all = { 0 };
    if (value_is(v, VALUE_STR)) {
        str rest = value_as_str(v);
        while (!str_is_none(rest)) {
            str part = str_trim(str_cut(&rest, ','));
            if (part.len > 0) {
                *VEC_PUSH(arena, &all) = part;
            }
        }
    }
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_count(v); i++) {
        *VEC_PUSH(arena, &all) = shown_text(arena, value_item(v, i));
    }
    *ret_count = all.len;
    return all.items;
}

static void group_by(struct flow *flow, const struct job *job, value wanted)
{
    size_t count;
    const str *parents = texts_of(flow->arena, value_get(wanted, S("parents")), &count);
    bool changed;
    if (!inventory_add_to_group(flow->run->inventory, flow->run->diags, job->host->host,
                                text_of(value_get(wanted, S("key"))), parents, count, &changed)) {
        flow->run->error = true;
    }
}

static value aggregated(struct arena *arena, value before, value more)
{
    if (value_is(before, VALUE_INT) && value_is(more, VALUE_INT) && !value_is_big(before) &&
        !value_is_big(more)) {
        return value_int(value_as_int(before) + value_as_int(more));
    }
    if (value_is(before, VALUE_MAP) && value_is(more, VALUE_MAP)) {
        struct map_builder map = map_from(arena, before);
        for (size_t i = 0; i < value_count(more); i++) {
            map_set(&map, value_map_key(more, i), value_map_value(more, i));
        }
        return map_seal(&map);
    }
    if (value_is(before, VALUE_LIST) && value_is(more, VALUE_LIST)) {
        struct list_builder list = list_in(arena);
        for (size_t i = 0; i < value_count(before); i++) {
            list_add(&list, value_item(before, i));
        }
        for (size_t i = 0; i < value_count(more); i++) {
            list_add(&list, value_item(more, i));
        }
        return list_seal(&list);
    }
    return more;
}

static void set_stats(struct run *run, const struct job *job, value wanted)
{
    struct arena *arena = run->arena;
    value data = value_copy(arena, value_get(wanted, S("data")));
    bool aggregate = result_bool(wanted, S("aggregate"));
    str who = result_bool(wanted, S("per_host")) ? job->host->name : S("_run");
    struct map_builder all =
        value_is(run->custom_stats, VALUE_MAP) ? map_from(arena, run->custom_stats) : map_in(arena);
    value before = { 0 };
    if (value_is(run->custom_stats, VALUE_MAP)) {
        before = value_get(run->custom_stats, who);
    }
    struct map_builder own = value_is(before, VALUE_MAP) ? map_from(arena, before) : map_in(arena);
    for (size_t i = 0; value_is(data, VALUE_MAP) && i < value_count(data); i++) {
        value key = value_map_key(data, i), v = value_map_value(data, i), old;
        if (aggregate && value_is(before, VALUE_MAP) && value_map_find(before, key, &old)) {
            v = aggregated(arena, old, v);
        }
        map_set(&own, key, v);
    }
    map_set_str(&all, str_copy(arena, who), map_seal(&own));
    run->custom_stats = map_seal(&all);
}

/* A host that add_host made, or changed, is counted among those of the play, though nothing runs on
 * it before the next one. */
static void note_host(struct flow *flow, str name)
{
    struct run_host *host = run_host_find(flow->run, name);
    struct play_run *play = flow->play;
    for (size_t i = 0; i < play->matched.len; i++) {
        if (play->matched.items[i] == host) {
            return;
        }
    }
    pthread_mutex_lock(&flow->run->play_lock);
    *VEC_PUSH(play->arena, &play->matched) = host;
    pthread_mutex_unlock(&flow->run->play_lock);
}

void barrier_inventory_changed(struct flow *flow)
{
    struct run_host **hosts = flow->alone ? flow->hosts : flow->play->all;
    size_t count = flow->alone ? flow->count : flow->play->all_count;
    for (size_t i = 0; i < count; i++) {
        host_magic_changed(flow->run, hosts[i]);
    }
    vars_play_changed(flow->run, flow->play);
}

void barrier_apply(struct flow *flow, const struct task *task, struct job *const *jobs,
                   size_t count)
{
    bool inventory_changed = false, includes = false;
    pthread_mutex_lock(&flow->run->load_lock);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < jobs[i]->result.outcomes.len; k++) {
            const struct action_outcome *outcome = &jobs[i]->result.outcomes.items[k].outcome;
            if (!str_is_none(outcome->changed_host)) {
                note_host(flow, outcome->changed_host);
                inventory_changed = true;
            }
            if (value_is(outcome->group_by, VALUE_MAP)) {
                group_by(flow, jobs[i], outcome->group_by);
                inventory_changed = true;
            }
            if (value_is(outcome->stats, VALUE_MAP)) {
                set_stats(flow->run, jobs[i], outcome->stats);
            }
            includes |= !str_is_none(outcome->include_file) || !str_is_none(outcome->include_role);
        }
    }
    if (inventory_changed) {
        barrier_inventory_changed(flow);
    }
    pthread_mutex_unlock(&flow->run->load_lock);
    if (includes) {
        includes_run(flow, task, jobs, count);
    }
}
