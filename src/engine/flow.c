/*
 * flow.c - lists of tasks and blocks. A block runs its body on its hosts; those that failed in it
 * go through `rescue` together, and all of them through `always`.
 */
#include "engine/flow.h"

bool host_is_active(const struct flow *flow, const struct run_host *host)
{
    const struct play_run *play = flow->play;
    return host->state == HOST_OK && !play->ended && !play->batch_ended && !play->broken &&
           !flow->run->error && !atomic_load(&flow->run->interrupted);
}

void flow_hosts(struct flow *flow, struct run_host **hosts, size_t count, struct node_list list)
{
    struct flow part = *flow;
    part.hosts = hosts;
    part.count = count;
    flow_list(&part, list);
}

bool flow_is_rescued(const struct flow *flow)
{
    for (const struct frame *frame = flow->frame; frame != NULL; frame = frame->outer) {
        if (frame->in_body && frame->block->rescue.count > 0) {
            return true;
        }
    }
    return false;
}

static bool has_run(const struct run_host *host, const struct role *role)
{
    for (size_t i = 0; i < host->roles_run.len; i++) {
        if (str_eq(host->roles_run.items[i], role->identity)) {
            return true;
        }
    }
    return false;
}

static void flow_where_due(struct flow *flow, const struct role *role, bool once,
                           struct node_list list)
{
    struct run_host **hosts = NEW_ARRAY(flow->arena, struct run_host *, flow->count + 1);
    bool again = !once && (role->allow_duplicates || role->is_included);
    size_t count = 0;
    for (size_t i = 0; i < flow->count; i++) {
        if (again || !has_run(flow->hosts[i], role)) {
            hosts[count++] = flow->hosts[i];
        }
    }
    flow_hosts(flow, hosts, count, list);
}

void flow_role(struct flow *flow, const struct role *role, bool once)
{
    flow_where_due(flow, role, once, role->tasks);
}

/* The hosts of the flow in a given state, in order. */
static size_t hosts_in(const struct flow *flow, struct run_host **ret, enum host_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < flow->count; i++) {
        if (flow->hosts[i]->state == state) {
            ret[count++] = flow->hosts[i];
        }
    }
    return count;
}

static void rescue(struct flow *flow, const struct block *block, struct run_host **failed,
                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        failed[i]->state = HOST_OK;
        failed[i]->removed = false;
    }
    vars_play_changed(flow->run, flow->play);
    flow_hosts(flow, failed, count, block->rescue);
}

/* Hosts that failed go through `always` too, and have failed again behind it, unless their errors
 * were cleared in it. */
static void always(struct flow *flow, const struct block *block, struct run_host **hosts)
{
    size_t failed = hosts_in(flow, hosts, HOST_FAILED);
    unsigned *clearings = NEW_ARRAY(flow->arena, unsigned, failed + 1);
    for (size_t i = 0; i < failed; i++) {
        hosts[i]->state = HOST_OK;
        clearings[i] = hosts[i]->clearings;
    }
    flow_list(flow, block->always);
    for (size_t i = 0; i < failed; i++) {
        if (hosts[i]->state == HOST_OK && hosts[i]->clearings == clearings[i]) {
            hosts[i]->state = HOST_FAILED;
            hosts[i]->removed = true;
        }
    }
}

static void flow_block(struct flow *flow, const struct block *block)
{
    if (block->runs != NULL) {
        flow_where_due(flow, block->runs, false, block->body);
        return;
    }
    /* hosts that had failed before this block are none of its business */
    struct run_host **hosts = NEW_ARRAY(flow->arena, struct run_host *, flow->count + 1);
    struct run_host **some = NEW_ARRAY(flow->arena, struct run_host *, flow->count + 1);
    struct flow inner = *flow;
    struct frame frame = { .block = block, .in_body = true, .outer = flow->frame };
    inner.count = hosts_in(flow, hosts, HOST_OK);
    inner.hosts = hosts;
    inner.frame = &frame;
    flow_list(&inner, block->body);
    frame.in_body = false;
    if (block->rescue.count > 0) {
        size_t failed = hosts_in(&inner, some, HOST_FAILED);
        if (failed > 0) {
            rescue(&inner, block, some, failed);
        }
    }
    if (block->always.count > 0) {
        always(&inner, block, some);
    }
}

static bool any_active(const struct flow *flow)
{
    for (size_t i = 0; i < flow->count; i++) {
        if (host_is_active(flow, flow->hosts[i])) {
            return true;
        }
    }
    return false;
}

void flow_list(struct flow *flow, struct node_list list)
{
    struct upcoming rest = { .list = list, .outer = flow->upcoming };
    flow->upcoming = &rest;
    for (size_t i = 0; i < list.count && any_active(flow); i++) {
        const struct node *node = list.nodes[i];
        rest.at = i + 1;
        if (node->kind == NODE_BLOCK) {
            flow_block(flow, (const struct block *)node);
        } else {
            flow_task(flow, (const struct task *)node);
        }
    }
    flow->upcoming = rest.outer;
}
