/*
 * module_run.c - a module on a host: parameters, observe, plan, diff, apply unless it is a dry run,
 * result.
 */
#include "engine/item.h"

#include <string.h>

#include "base/bug.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "engine/ahead.h"
#include "engine/diff.h"
#include "engine/live.h"
#include "engine/params.h"
#include "module/plan_engine.h"

#define ROUNDS_MAX                                                                                 \
    32 /* of questions, and of changes: a module that never ends is a mistake of ours */

/* A module at work on one host. */
struct work {
    struct item *item;
    const struct module *module;
    struct arena *arena;
    void *params, *state;
    value args;
    struct connection_options options;
    struct lease *lease;
    struct eval *way; /* tells how the host is reached: has the variables of the target */
    struct remote_context context;
    struct ahead_of_item ahead;
    struct overlay *overlay; /* NULL in a real run */
    struct remote_error error;
    struct strbuf diff;
};

/* ---- failures ---- */

static void add_text(struct map_builder *map, str key, str text, struct arena *arena)
{
    if (!str_is_none(text) && text.len > 0) {
        map_set_str(map, key, value_str(arena, text));
    }
}

static bool failed_remote(struct work *work, enum remote_status status)
{
    struct item *item = work->item;
    struct remote_error *error = &work->error;
    if (status == REMOTE_TIMEOUT) {
        error->message = time_limit_passed(&item->limit, item->job->task, work->arena);
    }
    struct map_builder map = map_in(work->arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("msg"), value_str(work->arena, error->message));
    if (status == REMOTE_UNREACHABLE) {
        map_set_str(&map, S("unreachable"), value_bool(true));
        work->lease->connected = false;
    } else {
        map_set_str(&map, S("failed"), value_bool(true));
        add_text(&map, S("path"), error->path, work->arena);
        add_text(&map, S("stdout"), error->out, work->arena);
        add_text(&map, S("stderr"), error->err, work->arena);
        if (error->status_code != 0) {
            map_set_str(&map, S("rc"), value_int(error->status_code));
        }
    }
    struct connection_failure failure = {
        .run = item->job->run,
        .eval = work->way,
        .host = item->target,
        .task = item->job->task,
        .options = &work->options,
        .become = &work->context.become,
        .remote = work->lease->remote,
        .error = error,
    };
    connection_tell_failure(&failure, item->diags);
    item->result = map_seal(&map);
    item->status = status == REMOTE_UNREACHABLE ? RESULT_UNREACHABLE : RESULT_FAILED;
    return false;
}

static bool failed_here(struct work *work)
{
    work->item->status = RESULT_FAILED;
    work->item->result = failed_result(work->arena, work->item->diags);
    return false;
}

/* ---- the connection ---- */

/* What hangs on ansible_env is left out while nobody knows it: when facts are gathered, for one. */
static bool waits_for_facts(struct eval *eval, value raw)
{
    str text = value_is(raw, VALUE_STR) ? value_as_str(raw) : STR_EMPTY;
    return eval->failure == TEMPLATE_UNDEFINED &&
           (str_find(text, S("ansible_env"), 0) != STR_NPOS ||
            str_find(text, S("ansible_facts"), 0) != STR_NPOS);
}

static bool add_entries(struct eval *eval, value entries, struct map_builder *map)
{
    for (size_t i = 0; value_is(entries, VALUE_MAP) && i < value_count(entries); i++) {
        value raw = value_map_value(entries, i), v;
        struct eval trying = *eval;
        trying.diags = diags_new(eval->arena, eval->diags->sources);
        if (template_value(&trying, raw, &v)) {
            map_set(map, value_map_key(entries, i), value_print(eval->arena, v));
        } else if (!waits_for_facts(&trying, raw)) {
            diags_append(eval->diags, trying.diags);
            return false;
        }
    }
    return true;
}

/* `environment:` of the play, its blocks and the task; the nearest wins name by name. */
static bool add_environment(struct eval *eval, const struct node *node, struct map_builder *map)
{
    value own = node_own(node, KW_ENVIRONMENT);
    if (node->parent != NULL && !add_environment(eval, node->parent, map)) {
        return false;
    }
    if (value_is(own, VALUE_UNDEFINED)) {
        return true;
    }
    if (value_is(own, VALUE_STR) && !template_value(eval, own, &own)) {
        return false;
    }
    size_t count = value_is(own, VALUE_LIST) ? value_count(own) : 1;
    for (size_t i = 0; i < count; i++) {
        value one = value_is(own, VALUE_LIST) ? value_item(own, i) : own;
        if ((value_is(one, VALUE_STR) && !template_value(eval, one, &one)) ||
            !add_entries(eval, one, map)) {
            return false;
        }
    }
    return true;
}

static bool open_host(struct work *work)
{
    struct item *item = work->item;
    struct job *job = item->job;
    struct eval *eval = item->eval;
    const struct node *node = &job->task->node;
    if (item->target != job->host) {
        eval =
            eval_for(job->run, job->play, item->target, node, item->loop, work->arena, item->diags);
    }
    struct map_builder environment = map_in(work->arena);
    work->way = eval;
    work->context = (struct remote_context){ .arena = work->arena, .until = item->limit.until };
    if (!connection_of(job->run, eval, item->target, node, &work->options, &work->context.become) ||
        !add_environment(item->eval, node, &environment)) {
        return failed_here(work);
    }
    work->context.environment = map_seal(&environment);
    live_begin(job->run, item->target->name, item->no_log, &work->context);
    ahead_begin(&work->ahead, item, &work->options, &work->context);
    work->lease = lease_take(job->run, &work->options);
    work->overlay = item->check ? lease_overlay(job->run, work->lease) : NULL;
    enum remote_status status = lease_connect(job->run, work->lease, &work->context, &work->error);
    return status == REMOTE_OK || failed_remote(work, status);
}

/* Where relative paths begin, and users' commands: on this machine, at the playbook as in Ansible.
 */
static str directory_of(const struct work *work)
{
    bool local = work->options.kind == CONNECTION_LOCAL;
    return local ? tree_workplace(work->arena, node_play(&work->item->job->task->node)->dir)
                 : STR_NONE;
}

/* A module that runs in a directory of the user's choice runs there without one. */
static value with_directory(const struct work *work, value args)
{
    str dir = directory_of(work);
    if (str_is_none(dir) || value_is_defined(value_get(args, S("chdir")))) {
        return args;
    }
    for (const struct param *p = work->module->params; p->type != PARAM_END_TYPE; p++) {
        if (str_eq(p->name, S("chdir"))) {
            return result_with(work->arena, args, p->name, value_str(work->arena, dir));
        }
    }
    return args;
}

/* ---- questions ---- */

static bool answer(struct work *work, struct observer *obs)
{
    enum remote_status status =
        remote_answer(work->lease->remote, &work->context, obs, &work->error);
    if (status != REMOTE_OK) {
        return failed_remote(work, status);
    }
    return !observer_problem(obs, &work->error) || failed_remote(work, REMOTE_FAILED);
}

static bool observe(struct work *work, struct observer *obs)
{
    for (unsigned round = 0;; round++) {
        work->module->observe(obs, work->params, work->state);
        if (observer_pending(obs) == 0) {
            return true;
        }
        if (round == ROUNDS_MAX) {
            BUG("module '%s' asks without end", work->module->name);
        }
        if (!answer(work, obs)) {
            return false;
        }
    }
}

/* ---- changes ---- */

static void draw(struct work *work, struct plan *plan)
{
    size_t count;
    const struct change *changes = plan_changes(plan, &count);
    for (size_t i = 0; i < count; i++) {
        diff_add(&work->diff, &changes[i]);
    }
}

/* What outcome_stat() tells. What was asked before is known; the rest costs a round trip. */
static bool ask_stats(struct work *work, struct observer *obs, const str *paths, size_t count,
                      struct outcome *out)
{
    struct file_stat *stats = NEW_ARRAY(work->arena, struct file_stat, count + 1);
    bool answered;
    do {
        for (size_t i = 0; i < count; i++) {
            observe_stat(obs, paths[i], &stats[i]);
        }
        answered = observer_pending(obs) == 0;
        if (!answered && !answer(work, obs)) {
            return false;
        }
    } while (!answered);
    outcome_take_stats(out, stats, count);
    return true;
}

static bool makes_something(const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct change *change = &changes[i];
        bool makes = change->kind == CHANGE_WRITE || change->kind == CHANGE_DIRECTORY ||
                     change->kind == CHANGE_SYMLINK || change->create;
        if (makes && change->before.type == FILE_ABSENT) {
            return true;
        }
    }
    return false;
}

/* To whom belongs what the task's user makes. Asked once for a user of a machine. */
static bool find_maker(struct work *work, struct maker *ret)
{
    const struct become *become = &work->context.become;
    str user = become->method == BECOME_NONE ? STR_EMPTY
               : str_is_none(become->user)   ? S("root")
                                             : become->user;
    if (overlay_maker(work->overlay, user, ret)) {
        return true;
    }
    struct user_entry login = { 0 }, group = { 0 };
    struct observer *obs = observer_new(work->arena, work->overlay);
    str gid = STR_NONE;
    for (int round = 0; round < 3; round++) {
        observe_login(obs, &login);
        observe_umask(obs, &ret->umask);
        if (observer_rounds(obs) > 0) {
            gid = str_format(work->arena, "%u", login.gid);
            observe_group(obs, gid, &group);
        }
        if (observer_pending(obs) > 0 && !answer(work, obs)) {
            return false;
        }
    }
    ret->owner = login.name;
    ret->group = group.exists ? group.name : gid;
    ret->uid = login.uid;
    ret->gid = login.gid;
    overlay_learn_maker(work->overlay, user, ret);
    return overlay_maker(work->overlay, user, ret);
}

/* A dry run: what would have been done goes into the overlay, and the status afterwards comes from
 * it. */
static bool predict(struct work *work, struct plan *plan, struct outcome *out)
{
    size_t count, asked, named;
    const struct change *changes = plan_changes(plan, &count);
    const str *paths, *ask = plan_asked_after(plan, &asked);
    const struct command *command = plan_user_command(plan, &paths, &named);
    struct maker maker;
    bool known = makes_something(changes, count);
    if (known && !find_maker(work, &maker)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        overlay_add(work->overlay, &changes[i], known ? &maker : NULL);
    }
    if (command != NULL) {
        overlay_add_command(work->overlay, command, paths, named);
    }
    struct observer *obs = observer_new(work->arena, work->overlay);
    return ask_stats(work, obs, ask, asked, out);
}

/* Who has nothing but a login shell of an unknown kind cannot be given variables. */
static void drop_environment(struct work *work, struct remote_context *context)
{
    if (value_is(context->environment, VALUE_MAP) && value_count(context->environment) > 0) {
        diag_warning(work->item->diags, work->item->job->task->action_at,
                     "'environment' has no effect with 'raw'");
    }
    context->environment = (value){ 0 };
}

static bool run_command(struct work *work, struct command command, struct outcome *out)
{
    struct remote_context context = work->context;
    struct command_result *result = NEW(work->arena, struct command_result);
    if (command.raw) {
        drop_environment(work, &context);
        command.chdir = directory_of(work);
    }
    enum remote_status status =
        remote_command(work->lease->remote, &context, &command, result, &work->error);
    if (status != REMOTE_OK) {
        return failed_remote(work, status);
    }
    outcome_take_command(out, result);
    return true;
}

static bool apply(struct work *work, struct plan *plan, struct outcome *out)
{
    size_t count, asked, named;
    const struct change *changes = plan_changes(plan, &count);
    const str *paths, *ask = plan_asked_after(plan, &asked);
    const struct command *command = plan_user_command(plan, &paths, &named);
    struct remote *remote = work->lease->remote;
    if (count > 0 || asked > 0) {
        struct apply_result result = { 0 };
        enum remote_status status =
            remote_apply(remote, &work->context, changes, count, ask, asked, &result, &work->error);
        if (status != REMOTE_OK) {
            return failed_remote(work, status);
        }
        outcome_take_stats(out, result.after, asked);
        outcome_take_runs(out, result.outputs, count);
        outcome_take_sent(out, &result.sent);
    }
    return command == NULL || run_command(work, *command, out);
}

/* An empty plan: what it wants to know afterwards is what was asked before. */
static bool nothing_to_do(struct work *work, struct plan *plan, struct observer *obs,
                          struct outcome *out)
{
    size_t asked;
    const str *ask = plan_asked_after(plan, &asked);
    return ask_stats(work, obs, ask, asked, out);
}

static bool carry_out(struct work *work, struct plan *plan, struct observer *obs,
                      struct outcome *out)
{
    if (plan_is_empty(plan)) {
        return nothing_to_do(work, plan, obs, out);
    }
    if (work->item->want_diff) {
        plan_ask_before(plan, obs);
        if (observer_pending(obs) > 0 && !answer(work, obs)) {
            return false;
        }
        draw(work, plan);
    }
    return work->item->check ? predict(work, plan, out) : apply(work, plan, out);
}

/* ---- the whole ---- */

static void conclude(struct work *work, struct outcome *out)
{
    struct item *item = work->item;
    value result = work->module->result(out, work->params, work->state);
    struct outcome_status status = outcome_status(out);
    struct map_builder map =
        value_is(result, VALUE_MAP) ? map_from(work->arena, result) : map_in(work->arena);
    map_set_str(&map, S("changed"),
                status.changed_unknown ? value_unknown() : value_bool(status.changed));
    if (!str_is_none(status.message)) {
        map_set_str(&map, S("msg"), value_str(work->arena, status.message));
    }
    if (status.skipped) {
        map_set_str(&map, S("skipped"), value_bool(true));
    }
    map_set_str(&map, S("failed"), value_bool(status.failed));
    item->result = map_seal(&map);
    item->diff = work->diff.len > 0 ? strbuf_str(&work->diff) : STR_NONE;
    item->status = status.failed            ? RESULT_FAILED
                   : status.skipped         ? RESULT_SKIPPED
                   : status.changed_unknown ? RESULT_UNKNOWN
                   : status.changed         ? RESULT_CHANGED
                                            : RESULT_OK;
}

static void observe_and_plan(struct work *work)
{
    struct item *item = work->item;
    const struct module *module = work->module;
    struct plan *plan = plan_new(&(struct plan_setup){
        .arena = work->arena,
        .diags = item->diags,
        .args = work->args,
        .params = module->params,
        .at = item->job->task->action_at,
        .diff = item->want_diff,
    });
    struct outcome *out = outcome_new(plan, item->check);
    for (unsigned round = 1;; round++) {
        struct observer *obs = observer_new(work->arena, work->overlay);
        if (!observe(work, obs)) {
            return;
        }
        if (module->plan != NULL) {
            module->plan(plan, work->params, work->state);
        }
        if (plan_failed(plan)) {
            failed_here(work);
            return;
        }
        if (!carry_out(work, plan, obs, out)) {
            return;
        }
        if (module->next == NULL || round == ROUNDS_MAX ||
            !module->next(work->params, work->state, round)) {
            conclude(work, out);
            return;
        }
        plan_next_round(plan);
        memset(work->state, 0, module->state_size);
    }
}

void module_run(struct item *item, const struct module *module, value args)
{
    struct arena *arena = item->eval->arena;
    struct work work = {
        .item = item, .module = module, .arena = arena, .args = args, .diff = strbuf_in(arena)
    };
    secrets_add_value(item->job->run->secrets, args); /* what was made of one, too: it goes out */
    work.params = arena_alloc(arena, module->params_size + 1);
    work.state = arena_alloc(arena, module->state_size + 1);
    if (open_host(&work)) {
        struct params_source source = { item, work.lease->remote, &work.context, work.overlay,
                                        directory_of(&work) };
        struct param_hooks hooks = params_hooks(&source);
        bool unknown = false;
        args = with_directory(&work, args);
        if (!params_parse(module->params, str_of(module->name), args, item->job->task->action_at,
                          &hooks, arena, item->diags, work.params, &unknown) ||
            (module->check != NULL && !unknown &&
             !module->check(item->diags, item->job->task->action_at, work.params))) {
            failed_here(&work);
        } else if (unknown) {
            item->result = unknown_result(arena, S("an argument is known in a real run only"));
            item->status = RESULT_UNKNOWN;
        } else {
            work.ahead.asks = true;
            observe_and_plan(&work);
        }
    }
    if (work.lease != NULL) {
        live_end(&work.context);
        lease_give(item->job->run, work.lease);
    }
    item->result = secrets_mark(item->job->run->secrets, arena, item->result);
}

bool module_expect(struct item *item, const struct module *module, value args,
                   struct params_guess *guess, struct observer *obs)
{
    struct arena *arena = item->eval->arena;
    struct param_hooks hooks = params_hooks_tentative(guess);
    void *params = arena_alloc(arena, module->params_size + 1);
    void *state = arena_alloc(arena, module->state_size + 1);
    span at = item->job->task->action_at;
    bool unknown = false;
    bool known = params_parse(module->params, str_of(module->name), args, at, &hooks, arena,
                              item->diags, params, &unknown) &&
                 !unknown && (module->check == NULL || module->check(item->diags, at, params));
    if (known) {
        module->observe(obs, params, state);
    }
    return known;
}
