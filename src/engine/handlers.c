/*
 * handlers.c - which handlers a changed task notifies, and running them.
 *
 * Handlers stand in lists: those of `roles:`, of the play itself, then of what import_role and
 * include_role brought. A name is looked for from the last list to the first; within a list the
 * first handler of that name is meant. "role : name" means a role's own. A topic (`listen`) means
 * all handlers that listen to it. Handlers run in the order of the lists, once each.
 */
#include "engine/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "engine/item.h"
#include "engine/keywords.h"

static bool is_notified(const struct run_host *host, const struct task *handler)
{
    for (size_t i = 0; i < host->notified.len; i++) {
        if (host->notified.items[i] == handler) {
            return true;
        }
    }
    return false;
}

static void notify(struct run_host *host, const struct task *handler)
{
    if (is_notified(host, handler)) {
        return;
    }
    if (host->notified.len == host->notified.cap) {
        size_t cap = host->notified.cap == 0 ? 8 : host->notified.cap * 2;
        const struct task **items = realloc(host->notified.items, cap * sizeof *items);
        if (items == NULL) {
            BUG("no memory for notifications");
        }
        host->notified.items = items;
        host->notified.cap = cap;
    }
    host->notified.items[host->notified.len++] = handler;
}

static void forget(struct run_host *host, const struct task *handler)
{
    for (size_t i = 0; i < host->notified.len; i++) {
        if (host->notified.items[i] == handler) {
            host->notified.items[i] = host->notified.items[--host->notified.len];
            return;
        }
    }
}

/* Topics are no templates. */
static bool listens_to(const struct task *handler, str topic)
{
    value listen = node_own(&handler->node, KW_LISTEN);
    size_t count =
        value_is(listen, VALUE_LIST) ? value_count(listen) : !value_is(listen, VALUE_UNDEFINED);
    for (size_t i = 0; i < count; i++) {
        value one = value_is(listen, VALUE_LIST) ? value_item(listen, i) : listen;
        if (value_is(one, VALUE_STR) && str_eq(value_as_str(one), topic)) {
            return true;
        }
    }
    return false;
}

/* Handlers are tasks, or imports of tasks: blocks made by import_tasks are looked into. */
typedef bool (*visit)(void *data, const struct task *handler);

static bool each_handler(struct node_list list, visit visit_, void *data)
{
    for (size_t i = 0; i < list.count; i++) {
        const struct node *node = list.nodes[i];
        bool go_on = node->kind == NODE_BLOCK
                         ? each_handler(((const struct block *)node)->body, visit_, data)
                         : visit_(data, (const struct task *)node);
        if (!go_on) {
            return false;
        }
    }
    return true;
}

struct search {
    struct flow *flow;
    struct run_host *host;
    struct eval *eval;
    str wanted;
    const struct task *found;
    bool listened;
};

static bool has_name(void *data, const struct task *handler)
{
    struct search *search = data;
    str title = task_title(search->flow->run, search->flow->play, search->host, handler,
                           search->eval->arena);
    str bare = title;
    if (handler->node.role != NULL) {
        bare = str_part(title, handler->node.role->name.len + strlen(" : "), title.len);
    }
    bool has_own_name = !str_is_none(handler->name) && handler->name.len > 0;
    if (has_own_name && (str_eq(title, search->wanted) || str_eq(bare, search->wanted))) {
        search->found = handler;
        return false;
    }
    return true;
}

static bool listens(void *data, const struct task *handler)
{
    struct search *search = data;
    if (listens_to(handler, search->wanted)) {
        notify(search->host, handler);
        search->listened = true;
    }
    return true;
}

/* Whether the run goes on all the same. */
static bool tell_missing(struct flow *flow, struct diags *diags, value name)
{
    static const char message[] = "there is no handler '%.*s', and none listens to it";
    bool go_on = flow->run->options.missing_handler_is_warning;
    (void)(go_on ? diag_warning : diag_error)(diags, name.at, message, SARG(value_as_str(name)));
    return go_on;
}

static bool notify_name(struct flow *flow, struct run_host *host, struct eval *eval, value name)
{
    struct search search = {
        .flow = flow, .host = host, .eval = eval, .wanted = value_as_str(name)
    };
    const struct handler_lists *handlers = atomic_load(&flow->play->handlers);
    for (size_t i = handlers->count; i > 0 && search.found == NULL; i--) {
        each_handler(handlers->items[i - 1].tasks, has_name, &search);
    }
    if (search.found != NULL) {
        notify(host, search.found);
    }
    for (size_t i = 0; i < handlers->count; i++) {
        each_handler(handlers->items[i].tasks, listens, &search);
    }
    return search.found != NULL || search.listened || tell_missing(flow, eval->diags, name);
}

/* ansible_failed_... aside, a handler's names are evaluated with the variables of the notifying
 * host. */
static bool notify_from(struct flow *flow, const struct job *job, struct eval *eval)
{
    value names;
    if (!keyword_value(eval, &job->task->node, KW_NOTIFY, &names)) {
        return false;
    }
    size_t count = value_is(names, VALUE_LIST) ? value_count(names) : 1;
    for (size_t i = 0; i < count; i++) {
        value name = value_is(names, VALUE_LIST) ? value_item(names, i) : names;
        if (value_is(name, VALUE_STR) && value_as_str(name).len > 0 &&
            !notify_name(flow, job->host, eval, name)) {
            return false;
        }
    }
    return true;
}

/* A notification in a loop may name the item: once for each item that changed. */
static bool notify_from_all(struct flow *flow, const struct job *job, struct arena *arena,
                            struct diags *diags)
{
    for (size_t i = 0; i < job->result.items.len; i++) {
        const struct task_event *item = &job->result.items.items[i];
        value variable = value_get(item->result, S("ansible_loop_var"));
        if (item->status != RESULT_CHANGED || !value_is(variable, VALUE_STR)) {
            continue;
        }
        struct map_builder loop = map_in(arena);
        map_set(&loop, variable, value_get(item->result, value_as_str(variable)));
        struct eval *eval = eval_for(flow->run, flow->play, job->host, &job->task->node,
                                     map_seal(&loop), arena, diags);
        if (!notify_from(flow, job, eval)) {
            return false;
        }
    }
    if (job->result.items.len > 0) {
        return true;
    }
    struct eval *eval =
        eval_for(flow->run, flow->play, job->host, &job->task->node, (value){ 0 }, arena, diags);
    return notify_from(flow, job, eval);
}

bool handlers_notify(struct flow *flow, const struct job *job)
{
    if (value_is(node_keyword(&job->task->node, KW_NOTIFY), VALUE_UNDEFINED)) {
        return true;
    }
    CLEANUP(release_arena) struct arena *arena = arena_new("notify");
    struct diags *diags = diags_new(arena, flow->run->sources);
    bool notified = notify_from_all(flow, job, arena, diags);
    run_found(flow->run, diags);
    return notified;
}

static bool is_added(const struct handler_lists *lists, const struct role *role)
{
    for (size_t i = 0; lists != NULL && i < lists->count; i++) {
        if (lists->items[i].role == role) {
            return true;
        }
    }
    return false;
}

static const struct handler_lists *with_list(const struct handler_lists *old, struct arena *arena,
                                             struct handler_list added)
{
    size_t count = old == NULL ? 0 : old->count;
    struct handler_list *items = NEW_ARRAY(arena, struct handler_list, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = old->items[i];
    }
    items[count] = added;
    struct handler_lists *lists = NEW(arena, struct handler_lists);
    *lists = (struct handler_lists){ items, count + 1 };
    return lists;
}

static void add_list(struct run *run, struct play_run *play, struct handler_list added)
{
    pthread_mutex_lock(&run->play_lock);
    const struct handler_lists *old = atomic_load(&play->handlers);
    if (added.role == NULL || !is_added(old, added.role)) {
        atomic_store(&play->handlers, with_list(old, play->arena, added));
    }
    pthread_mutex_unlock(&run->play_lock);
}

void handlers_add_role(struct run *run, struct play_run *play, const struct role *role)
{
    if (role->handlers.count > 0) {
        add_list(run, play, (struct handler_list){ role, role->handlers });
    }
}

void handlers_add_own(struct run *run, struct play_run *play)
{
    add_list(run, play, (struct handler_list){ NULL, play->play->handlers });
}

/* ---- running ---- */

struct flush {
    struct flow *flow;
};

static bool run_handler(void *data, const struct task *handler)
{
    struct flow *flow = ((struct flush *)data)->flow;
    struct run_host **hosts = NEW_ARRAY(flow->arena, struct run_host *, flow->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < flow->count; i++) {
        if (is_notified(flow->hosts[i], handler) && host_is_active(flow, flow->hosts[i])) {
            hosts[count++] = flow->hosts[i];
            forget(flow->hosts[i], handler);
        }
    }
    if (count > 0) {
        const struct node *node = &handler->node;
        struct flow part = *flow;
        part.handlers = true;
        part.frame = NULL;
        flow_hosts(&part, hosts, count, (struct node_list){ &node, 1 });
    }
    return true;
}

/* With force_handlers hosts that failed run theirs too, and have failed again behind it. */
static size_t revive(struct flow *flow, struct run_host **ret)
{
    size_t count = 0;
    for (size_t i = 0; flow->play->force_handlers && i < flow->count; i++) {
        if (flow->hosts[i]->state == HOST_FAILED) {
            ret[count++] = flow->hosts[i];
            flow->hosts[i]->state = HOST_OK;
        }
    }
    return count;
}

void handlers_flush(struct flow *flow)
{
    struct run_host **revived = NEW_ARRAY(flow->arena, struct run_host *, flow->count + 1);
    size_t count = revive(flow, revived);
    struct flush flush = { flow };
    const struct handler_lists *handlers = atomic_load(&flow->play->handlers);
    for (size_t i = 0; i < handlers->count; i++) {
        each_handler(handlers->items[i].tasks, run_handler, &flush);
    }
    for (size_t i = 0; i < count; i++) {
        if (revived[i]->state == HOST_OK) {
            revived[i]->state = HOST_FAILED;
        }
    }
}
