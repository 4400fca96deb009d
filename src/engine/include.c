/*
 * include.c - tasks and roles that are included while the play runs. Hosts and items that include
 * the same file with the same parameters go through it together; all lines "included: ..." come
 * first.
 */
#include "engine/flow.h"

#include <stdlib.h>

#include "engine/item.h"
#include "engine/keywords.h"

/* One thing to include, and who does. */
struct inclusion {
    const struct action_outcome *outcome;
    value loop, label;
    bool is_item;
    struct run_host **hosts;
    size_t count;
    struct node_list tasks;
    const struct role *role;
    struct role_list imported; /* by import_role within what is included */
    bool loaded;
};

static bool same_value(value a, value b)
{
    bool a_given = !value_is(a, VALUE_UNDEFINED), b_given = !value_is(b, VALUE_UNDEFINED);
    return a_given == b_given && (!a_given || value_equal(a, b) == TRUTH_TRUE);
}

static bool same_inclusion(const struct inclusion *a, const struct action_outcome *outcome,
                           value loop)
{
    return str_eq(a->outcome->include_file, outcome->include_file) &&
           str_eq(a->outcome->include_role, outcome->include_role) &&
           str_eq(a->outcome->role.tasks_from, outcome->role.tasks_from) &&
           same_value(a->outcome->include_vars, outcome->include_vars) && same_value(a->loop, loop);
}

typedef VEC(struct inclusion) inclusions;

static void add(struct flow *flow, inclusions *list, struct run_host *host,
                const struct action_outcome_item *item, bool is_item)
{
    struct inclusion *found = NULL;
    for (size_t i = 0; i < list->len && found == NULL; i++) {
        if (same_inclusion(&list->items[i], &item->outcome, item->loop)) {
            found = &list->items[i];
        }
    }
    if (found == NULL) {
        found = VEC_PUSH(flow->arena, list);
        struct action_outcome *outcome = NEW(flow->run->arena, struct action_outcome);
        *outcome = action_outcome_copy(flow->run->arena, &item->outcome);
        *found = (struct inclusion){
            .outcome = outcome,
            .loop = value_copy(flow->run->arena, item->loop),
            .label = value_copy(flow->run->arena, item->label),
            .is_item = is_item,
            .hosts = NEW_ARRAY(flow->arena, struct run_host *, flow->count + 1),
        };
    }
    found->hosts[found->count++] = host;
}

static int by_keyword(const void *a, const void *b)
{
    const struct keyword_value *x = a, *y = b;
    return (x->keyword > y->keyword) - (x->keyword < y->keyword);
}

/* A block below `node` with the keywords of `apply`. */
static const struct node *apply_node(struct arena *arena, const struct node *node, value apply)
{
    if (!value_is(apply, VALUE_MAP)) {
        return node;
    }
    struct keyword_value *given = NEW_ARRAY(arena, struct keyword_value, value_count(apply));
    struct block *block = NEW(arena, struct block);
    uint16_t count = 0;
    for (size_t i = 0; i < value_count(apply); i++) {
        value key = value_map_key(apply, i);
        const struct keyword_row *row =
            value_is(key, VALUE_STR) ? keyword_find(value_as_str(key)) : NULL;
        if (row != NULL) {
            given[count++] =
                (struct keyword_value){ row->keyword, value_map_value(apply, i), key.at };
        }
    }
    qsort(given, count, sizeof *given, by_keyword);
    block->node = *node;
    block->node.kind = NODE_BLOCK;
    block->node.parent = node;
    block->node.given = given;
    block->node.given_count = count;
    return &block->node;
}

/* The node that stands for the include above what it brings: its vars are parameters, and of its
 * other keywords only those of `apply` reach the tasks within. */
static const struct node *include_node(struct flow *flow, const struct task *task,
                                       const struct inclusion *inclusion)
{
    struct arena *arena = flow->run->arena;
    struct map_builder vars = map_in(arena);
    value sources[] = { inclusion->loop, node_own(&task->node, KW_VARS),
                        inclusion->outcome->include_vars };
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        for (size_t k = 0; value_is(sources[i], VALUE_MAP) && k < value_count(sources[i]); k++) {
            map_set(&vars, value_map_key(sources[i], k), value_map_value(sources[i], k));
        }
    }
    struct keyword_value *given = NEW(arena, struct keyword_value);
    *given = (struct keyword_value){ KW_VARS, map_seal(&vars), SPAN_NONE };
    struct node *node = NEW(arena, struct node);
    *node = task->node;
    node->given = given;
    node->given_count = 1;
    return apply_node(arena, node, inclusion->outcome->apply);
}

static bool load(struct flow *flow, const struct task *task, struct inclusion *inclusion)
{
    struct run *run = flow->run;
    const struct action_outcome *outcome = inclusion->outcome;
    const struct node *node = include_node(flow, task, inclusion);
    bool ok;
    if (str_is_none(outcome->include_role)) {
        ok = tasks_load(&run->loader, outcome->include_file, node, task->node.role, flow->handlers,
                        &inclusion->tasks);
    } else {
        ok = role_load(&run->loader, outcome->include_role, task->action_at, node,
                       flow->play->play->dir, outcome->role.tasks_from, outcome->role.vars_from,
                       outcome->role.defaults_from, outcome->role.handlers_from, (value){ 0 },
                       &inclusion->role);
        if (ok) {
            inclusion->tasks = inclusion->role->tasks;
        }
    }
    inclusion->loaded = ok;
    inclusion->imported = ok ? run->loader.imported : (struct role_list){ 0 };
    return ok;
}

/* What is included could not be loaded: the task fails on its hosts. */
static void fail_hosts(struct flow *flow, const struct task *task, struct inclusion *inclusion,
                       struct diags *diags)
{
    struct run *run = flow->run;
    struct task_result result = { .status = RESULT_FAILED, .diags = diags };
    result.result = failed_result(flow->arena, diags);
    for (size_t i = 0; i < inclusion->count; i++) {
        struct run_host *host = inclusion->hosts[i];
        struct task_event event = { .task = task,
                                    .name = task->name,
                                    .host = host->name,
                                    .status = RESULT_FAILED,
                                    .result = result.result,
                                    .diags = i == 0 ? diags : NULL };
        pthread_mutex_lock(&run->report_lock);
        run->report.result(run->report.data, &event);
        pthread_mutex_unlock(&run->report_lock);
        host->stats.failed++;
        flow_host_failed(flow, host, &result);
    }
}

static void tell(struct flow *flow, const struct task *task, const struct inclusion *inclusion)
{
    struct run *run = flow->run;
    str *names = NEW_ARRAY(flow->arena, str, inclusion->count);
    for (size_t i = 0; i < inclusion->count; i++) {
        names[i] = inclusion->hosts[i]->name;
        inclusion->hosts[i]->stats.ok++;
        inclusion->hosts[i]->has_result = true;
    }
    struct task_event event = {
        .task = task,
        .name = task_title(run, flow->play, inclusion->hosts[0], task, flow->arena),
        .host = names[0],
        .status = RESULT_OK,
        .is_item = inclusion->is_item,
        .item_label = inclusion->label,
        .included = str_is_none(inclusion->outcome->include_role)
                        ? inclusion->outcome->include_file
                        : inclusion->outcome->include_role,
        .included_hosts = names,
        .included_count = inclusion->count,
    };
    pthread_mutex_lock(&run->report_lock);
    run->report.result(run->report.data, &event);
    pthread_mutex_unlock(&run->report_lock);
}

static void collect(struct flow *flow, struct job *const *jobs, size_t count, inclusions *ret)
{
    for (size_t i = 0; i < count; i++) {
        const struct task_result *result = &jobs[i]->result;
        for (size_t k = 0; k < result->outcomes.len; k++) {
            const struct action_outcome_item *item = &result->outcomes.items[k];
            bool includes = !str_is_none(item->outcome.include_file) ||
                            !str_is_none(item->outcome.include_role);
            if (includes && jobs[i]->host->state == HOST_OK) {
                add(flow, ret, jobs[i]->host, item, result->has_items);
            }
        }
    }
}

/* Variables and handlers of imported roles are known to the whole play from now on. */
static void add_imported(struct flow *flow, struct role_list imported)
{
    for (size_t i = 0; i < imported.count; i++) {
        roles_add_public(flow->run, flow->play, imported.roles[i]);
        handlers_add_role(flow->run, flow->play, imported.roles[i]);
    }
}

/* A role, and in front of it what it depends on. */
static void run_role(struct flow *flow, const struct inclusion *inclusion)
{
    struct role_list sequence = role_sequence(inclusion->role, flow->arena);
    struct flow part = *flow;
    part.hosts = inclusion->hosts;
    part.count = inclusion->count;
    for (size_t i = 0; i < sequence.count; i++) {
        handlers_add_role(flow->run, flow->play, sequence.roles[i]);
        if (inclusion->outcome->role.public_) {
            roles_add_public(flow->run, flow->play, sequence.roles[i]);
        }
    }
    if (inclusion->outcome->role.public_) {
        vars_play_changed(flow->run, flow->play);
    }
    for (size_t i = 0; i < sequence.count; i++) {
        flow_role(&part, sequence.roles[i], inclusion->outcome->role.once);
    }
}

void includes_run(struct flow *flow, const struct task *task, struct job *const *jobs, size_t count)
{
    inclusions list = { 0 };
    struct run *run = flow->run;
    pthread_mutex_lock(&run->load_lock);
    collect(flow, jobs, count, &list);
    struct diags *before = run->loader.diags;
    for (size_t i = 0; i < list.len; i++) {
        run->loader.diags = diags_new(flow->arena, run->sources);
        bool loaded = load(flow, task, &list.items[i]);
        if (loaded) {
            tell(flow, task, &list.items[i]);
            diags_append(before, run->loader.diags);
        } else {
            fail_hosts(flow, task, &list.items[i], run->loader.diags);
        }
    }
    run->loader.diags = before;
    pthread_mutex_unlock(&run->load_lock);
    for (size_t i = 0; i < list.len; i++) {
        struct inclusion *inclusion = &list.items[i];
        if (!inclusion->loaded) {
            continue;
        }
        add_imported(flow, inclusion->imported);
        if (inclusion->role != NULL) {
            run_role(flow, inclusion);
        } else {
            flow_hosts(flow, inclusion->hosts, inclusion->count, inclusion->tasks);
        }
    }
}
