/*
 * item.c - one run of a task: condition, delegation, arguments, attempts, and what the result
 * means.
 */
#include "engine/item.h"

#include "base/bug.h"
#include "engine/keywords.h"
#include "module/param.h"
#include "template/scope.h"

/* ---- results ---- */

bool result_bool(value result, str key)
{
    value v = value_get(result, key);
    return value_is(v, VALUE_BOOL) && value_as_bool(v);
}

value result_with(struct arena *arena, value result, str key, value v)
{
    struct map_builder map = value_is(result, VALUE_MAP) ? map_from(arena, result) : map_in(arena);
    map_set_str(&map, key, v);
    return map_seal(&map);
}

value skipped_result(struct arena *arena, const struct condition *condition)
{
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("skipped"), value_bool(true));
    map_set_str(&map, S("skip_reason"), value_str(arena, S("Conditional result was False")));
    if (!value_is(condition->failed, VALUE_UNDEFINED)) {
        map_set_str(&map, S("false_condition"), value_untrusted(condition->failed));
    }
    return map_seal(&map);
}

value failed_result(struct arena *arena, const struct diags *diags)
{
    struct map_builder map = map_in(arena);
    str message = S("the task could not be run");
    for (size_t i = 0; i < diags->all.len; i++) {
        if (diags->all.items[i]->severity == DIAG_ERROR) {
            message = diags->all.items[i]->message;
            break;
        }
    }
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("failed"), value_bool(true));
    map_set_str(&map, S("msg"), value_str(arena, str_copy(arena, message)));
    return map_seal(&map);
}

struct action_outcome action_outcome_copy(struct arena *arena, const struct action_outcome *outcome)
{
    struct action_outcome copy = *outcome;
    value *values[] = { &copy.result,       &copy.show,  &copy.facts,    &copy.host_vars,
                        &copy.include_vars, &copy.apply, &copy.group_by, &copy.stats };
    str *texts[] = { &copy.include_file,       &copy.include_role,
                     &copy.role.tasks_from,    &copy.role.vars_from,
                     &copy.role.defaults_from, &copy.role.handlers_from,
                     &copy.changed_host,       &copy.meta };
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        *values[i] = value_copy(arena, *values[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = str_copy(arena, *texts[i]);
    }
    return copy;
}

/* ---- conditions ---- */

bool conditions_hold(struct eval *eval, const struct node *node, struct condition *ret)
{
    *ret = (struct condition){ .truth = TRUTH_TRUE };
    if (node->parent != NULL &&
        (!conditions_hold(eval, node->parent, ret) || ret->truth != TRUTH_TRUE)) {
        return ret->truth != TRUTH_TRUE;
    }
    value when = node_own(node, KW_WHEN);
    if (value_is(when, VALUE_UNDEFINED)) {
        return true;
    }
    size_t count = value_is(when, VALUE_LIST) ? value_count(when) : 1;
    for (size_t i = 0; i < count && ret->truth == TRUTH_TRUE; i++) {
        value one = value_is(when, VALUE_LIST) ? value_item(when, i) : when;
        if (!template_condition(eval, one, &ret->truth)) {
            return false;
        }
        ret->failed = one;
    }
    return true;
}

bool job_sleep(struct job *job, double seconds)
{
    atomic_fetch_add(&job->run->changes, 1); /* who waits does so for something to change */
    pool_pause(job->run->pool);
    bool slept = run_sleep(job->run, seconds);
    pool_resume(job->run->pool);
    return slept;
}

/* ---- arguments ---- */

static str short_name(str action)
{
    static const str prefixes[] = { S_INIT("ansible.builtin."), S_INIT("ansible.legacy.") };
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        if (str_starts(action, prefixes[i])) {
            return str_part(action, prefixes[i].len, action.len);
        }
    }
    return action;
}

/* What a level of module_defaults says for this action; undefined: nothing. */
static value defaults_for(value defaults, const struct task *task)
{
    str bare = short_name(task->action);
    for (size_t i = 0; value_is(defaults, VALUE_MAP) && i < value_count(defaults); i++) {
        value key = value_map_key(defaults, i);
        if (value_is(key, VALUE_STR) && str_eq(short_name(value_as_str(key)), bare)) {
            return value_map_value(defaults, i);
        }
    }
    return (value){ 0 };
}

static void add_entries(struct map_builder *map, value more)
{
    for (size_t i = 0; value_is(more, VALUE_MAP) && i < value_count(more); i++) {
        map_set(map, value_map_key(more, i), value_map_value(more, i));
    }
}

/* module_defaults of the task, its blocks and the play: the nearest that names the action counts.
 */
static bool module_defaults(struct eval *eval, const struct task *task, struct map_builder *map)
{
    value found = { 0 };
    for (const struct node *node = &task->node; node != NULL && value_is(found, VALUE_UNDEFINED);
         node = node->parent) {
        value own = node_own(node, KW_MODULE_DEFAULTS);
        if (value_is(own, VALUE_UNDEFINED)) {
            continue;
        }
        if (!template_value(eval, own, &own)) {
            return false;
        }
        size_t count = value_is(own, VALUE_LIST) ? value_count(own) : 1;
        for (size_t i = count; i > 0 && value_is(found, VALUE_UNDEFINED); i--) {
            found = defaults_for(value_is(own, VALUE_LIST) ? value_item(own, i - 1) : own, task);
        }
    }
    add_entries(map, found);
    return true;
}

/* Arguments hold lists where templates gave tuples, as after Ansible's second look at them. */
static value without_tuples(struct arena *arena, value v)
{
    if (value_is(v, VALUE_MAP)) {
        struct map_builder map = map_with_room(arena, value_count(v));
        for (size_t i = 0; i < value_count(v); i++) {
            map_set(&map, value_map_key(v, i), without_tuples(arena, value_map_value(v, i)));
        }
        return value_at(map_seal(&map), v.at);
    }
    if (value_is(v, VALUE_LIST)) {
        struct list_builder list = list_in(arena);
        for (size_t i = 0; i < value_count(v); i++) {
            list_add(&list, without_tuples(arena, value_item(v, i)));
        }
        return value_at(list_seal(&list), v.at);
    }
    return v;
}

static bool has_tuple(value v)
{
    bool map = value_is(v, VALUE_MAP);
    if (!map && !value_is(v, VALUE_LIST)) {
        return false;
    }
    bool found = !map && value_is_tuple(v);
    for (size_t i = 0; !found && i < value_count(v); i++) {
        found = has_tuple(map ? value_map_value(v, i) : value_item(v, i));
    }
    return found;
}

bool item_arguments(struct item *item, bool raw, bool keys, value *ret)
{
    const struct task *task = item->job->task;
    struct eval *eval = item->eval;
    struct map_builder map = map_in(eval->arena);
    value args = task->args, free_form = task->free_form;
    if (!module_defaults(eval, task, &map)) {
        return false;
    }
    if (!raw) {
        bool ok =
            keys ? template_value_and_keys(eval, args, &args) : template_value(eval, args, &args);
        if (!ok || !template_value(eval, free_form, &free_form)) {
            return false;
        }
        args = has_tuple(args) ? without_tuples(eval->arena, args) : args;
    }
    if (!value_is(args, VALUE_MAP) && !value_is(args, VALUE_UNDEFINED) &&
        !value_is(args, VALUE_NULL)) {
        diag_error(eval->diags, args.at, "arguments of '%.*s' must be a map, not a %s",
                   SARG(task->action), value_type_name(args));
        return false;
    }
    value below = task->args_template; /* `args: "{{ map }}"`: what the task says itself wins */
    if (!raw && !template_value(eval, below, &below)) {
        return false;
    }
    if (!raw && !value_is(below, VALUE_MAP) && !value_is(below, VALUE_UNDEFINED) &&
        !value_is(below, VALUE_NULL)) {
        str text = shown_text(eval->arena, below);
        diag_error(eval->diags, task->args_template.at,
                   "'%.*s' takes no free text, and this is no map: '%.*s'", SARG(task->action),
                   SARG(text));
        return false;
    }
    add_entries(&map, below);
    if (map.entries.len == 0 && value_is(args, VALUE_MAP) && !value_is_defined(free_form)) {
        *ret = template_without_omitted(eval, value_at(args, task->action_at));
        return true;
    }
    add_entries(&map, args);
    if (value_is_defined(free_form)) {
        map_set_str(&map, S("_raw_params"), free_form);
    }
    *ret = template_without_omitted(eval, value_at(map_seal(&map), task->action_at));
    return true;
}

/* ---- running the action ---- */

static void fail_with_diags(struct item *item)
{
    item->status = RESULT_FAILED;
    item->result = failed_result(item->eval->arena, item->diags);
}

static void status_of_result(struct item *item)
{
    value changed = value_get(item->result, S("changed"));
    if (result_bool(item->result, S("unreachable"))) {
        item->status = RESULT_UNREACHABLE;
    } else if (result_bool(item->result, S("failed"))) {
        item->status = RESULT_FAILED;
    } else if (result_bool(item->result, S("skipped"))) {
        item->status = RESULT_SKIPPED;
    } else if (value_is(changed, VALUE_UNKNOWN)) {
        item->status = RESULT_UNKNOWN;
    } else {
        item->status = result_bool(item->result, S("changed")) ? RESULT_CHANGED : RESULT_OK;
    }
}

static void run_action(struct item *item, const struct engine_action *action, value args)
{
    struct eval *eval = item->eval;
    void *params = NULL;
    if (action->params != NULL) {
        bool unknown = false;
        params = arena_alloc(eval->arena, action->params_size);
        if (!params_parse(action->params, action->name, args, item->job->task->action_at, NULL,
                          eval->arena, eval->diags, params, &unknown)) {
            fail_with_diags(item);
            return;
        }
        if (unknown && !action->raw_args) {
            item->result =
                unknown_result(eval->arena, S("an argument is known in a real run only"));
            item->status = RESULT_UNKNOWN;
            return;
        }
    }
    struct action_call call = {
        .run = item->job->run,
        .play = item->job->play,
        .host = item->target,
        .task = item->job->task,
        .eval = eval,
        .params = params,
        .args = args,
        .loop = item->loop,
        .dry_run = item->check,
        .want_diff = item->want_diff,
        .limit = item->limit,
    };
    struct action_outcome *outcome = &item->outcome;
    *outcome = (struct action_outcome){ 0 };
    atomic_fetch_add(&item->job->run->changes, !action->quiet);
    bool done = action->run(&call, outcome);
    atomic_fetch_add(&item->job->run->changes, !action->quiet);
    if (!done) {
        fail_with_diags(item);
        return;
    }
    item->has_outcome = true;
    item->result = outcome->result;
    if (!value_is(item->result, VALUE_MAP)) {
        item->result = result_with(eval->arena, (value){ 0 }, S("changed"), value_bool(false));
    }
    item->show = outcome->show;
    item->diff = outcome->diff;
    item->show_always = outcome->show_always;
    item->facts = outcome->facts;
    item->facts_are_vars = !value_is(outcome->facts, VALUE_UNDEFINED);
    item->facts_cacheable = outcome->cacheable;
    status_of_result(item);
}

/* What the task does; its name may be a template. */
static bool find_action(struct item *item, struct action *ret)
{
    const struct task *task = item->job->task;
    struct run *run = item->job->run;
    str name = task->action;
    *ret = (struct action){ task->kind, task->module, task->engine_action, task->action_file };
    if (!value_is(task->action_template, VALUE_UNDEFINED)) {
        value v;
        if (!template_value(item->eval, task->action_template, &v)) {
            return false;
        }
        name = shown_text(item->eval->arena, v);
        pthread_mutex_lock(&run->load_lock);
        *ret = action_resolve(&run->loader, name, &task->node);
        pthread_mutex_unlock(&run->load_lock);
    }
    if (ret->kind != ACTION_UNKNOWN) {
        return true;
    }
    struct diag *diag =
        diag_error(item->diags, task->action_at, "module '%.*s' is not supported", SARG(name));
    if (!str_is_none(ret->file)) {
        diag_note(diag, SPAN_NONE,
                  "%.*s needs an interpreter on the host, which hostler does not use",
                  SARG(ret->file));
    }
    return false;
}

static void run_once_now(struct item *item)
{
    struct action action;
    value args;
    item->show = (value){ 0 };
    item->diff = STR_NONE;
    if (!find_action(item, &action)) {
        fail_with_diags(item);
        return;
    }
    bool raw = action.kind == ACTION_ENGINE && action.engine_action->raw_args;
    bool keys = action.kind == ACTION_ENGINE && action.engine_action->keys_templated;
    if (!item_arguments(item, raw, keys, &args)) {
        fail_with_diags(item);
        return;
    }
    switch (action.kind) {
    case ACTION_MODULE:
        module_run(item, action.module, args);
        break;
    case ACTION_ENGINE:
        run_action(item, action.engine_action, args);
        break;
    case ACTION_UNKNOWN:
        BUG("an action that was not found");
    }
}

/* ---- what the result means ---- */

/* A scope in which the task's own result has its registered name. */
static struct eval *eval_with_result(struct item *item)
{
    struct eval *eval = item->eval;
    value name = node_own(&item->job->task->node, KW_REGISTER);
    struct map_builder map = map_in(eval->arena);
    if (value_is(name, VALUE_STR)) {
        map_set(&map, name, value_untrust_all(eval->arena, item->result));
    }
    value *layers = NEW_ARRAY(eval->arena, value, eval->scope->count + 1);
    layers[0] = map_seal(&map);
    for (size_t i = 0; i < eval->scope->count; i++) {
        layers[i + 1] = eval->scope->layers[i];
    }
    struct scope *scope = NEW(eval->arena, struct scope);
    *scope = *eval->scope;
    scope->layers = layers;
    scope->count++;
    scope->memo = NULL;
    struct eval *with = NEW(eval->arena, struct eval);
    *with = *eval;
    with->scope = scope;
    with->state = NULL;
    return with;
}

static bool apply_changed_when(struct item *item)
{
    value when = node_own(&item->job->task->node, KW_CHANGED_WHEN);
    enum truth truth;
    if (value_is(when, VALUE_UNDEFINED) || item->status == RESULT_SKIPPED) {
        return true;
    }
    if (!template_condition(eval_with_result(item), when, &truth)) {
        return false;
    }
    item->result =
        result_with(item->eval->arena, item->result, S("changed"),
                    truth == TRUTH_UNKNOWN ? value_unknown() : value_bool(truth == TRUTH_TRUE));
    status_of_result(item);
    return true;
}

static bool apply_failed_when(struct item *item)
{
    value when = node_own(&item->job->task->node, KW_FAILED_WHEN);
    enum truth truth;
    if (value_is(when, VALUE_UNDEFINED) || item->status == RESULT_SKIPPED) {
        return true;
    }
    if (!template_condition(eval_with_result(item), when, &truth)) {
        return false;
    }
    bool failed = truth == TRUTH_TRUE;
    struct map_builder map = map_from(item->eval->arena, item->result);
    map_set_str(&map, S("failed_when_result"), value_bool(failed));
    map_set_str(&map, S("failed"), value_bool(failed));
    item->result = map_seal(&map);
    status_of_result(item);
    return true;
}

/* `changed` and `failed` are there in every result of a task that ran. */
static void add_missing(struct item *item)
{
    static const str names[] = { S_INIT("changed"), S_INIT("failed") };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (value_is(value_get(item->result, names[i]), VALUE_UNDEFINED)) {
            item->result =
                result_with(item->eval->arena, item->result, names[i], value_bool(false));
        }
    }
}

/* changed_when or failed_when could not be evaluated; `verdict` tells why, as in Ansible. */
static void fail_judged(struct item *item, str verdict)
{
    struct map_builder map = map_from(item->eval->arena, item->result);
    value why = value_get(failed_result(item->eval->arena, item->diags), S("msg"));
    map_set_str(&map, S("failed"), value_bool(true));
    map_set_str(&map, S("msg"), why);
    map_set_str(&map, verdict, why);
    item->status = RESULT_FAILED;
    item->result = map_seal(&map);
}

static void judge(struct item *item)
{
    if (item->status == RESULT_UNREACHABLE || !value_is(item->result, VALUE_MAP)) {
        return;
    }
    add_missing(item);
    if (!apply_changed_when(item)) {
        fail_judged(item, S("changed_when_result"));
    } else if (!apply_failed_when(item)) {
        fail_judged(item, S("failed_when_result"));
    }
}

/* ---- attempts ---- */

struct attempts {
    bool given;
    value until;
    int64_t retries;
    double delay;
};

static bool attempts_of(struct item *item, struct attempts *ret)
{
    const struct node *node = &item->job->task->node;
    double retries;
    *ret = (struct attempts){ .until = node_own(node, KW_UNTIL) };
    bool has_until = !value_is(ret->until, VALUE_UNDEFINED);
    if (!keyword_number(item->eval, node, KW_RETRIES, has_until ? 3 : 0, &retries) ||
        !keyword_number(item->eval, node, KW_DELAY, 5, &ret->delay)) {
        return false;
    }
    ret->retries = retries < 0 ? 0 : (int64_t)retries;
    ret->given = has_until || ret->retries > 0;
    return true;
}

/* Whether the attempt was good enough: `until` holds, or without one, the task did not fail. */
static bool attempt_is_enough(struct item *item, const struct attempts *attempts, enum truth *ret)
{
    if (value_is(attempts->until, VALUE_UNDEFINED)) {
        *ret = item->status == RESULT_FAILED ? TRUTH_FALSE : TRUTH_TRUE;
        return true;
    }
    return template_condition(eval_with_result(item), attempts->until, ret);
}

static void tell_retry(struct item *item, int64_t left)
{
    struct job *job = item->job;
    struct report *report = &job->run->report;
    pthread_mutex_lock(&job->run->report_lock);
    report->retry(report->data, job->task, job->title, job->host->name, item->delegate, left,
                  item->no_log ? (value){ 0 } : item->result);
    pthread_mutex_unlock(&job->run->report_lock);
}

static void forget_diags(struct item *item)
{
    item->diags->all.len = 0;
    item->diags->errors = 0;
}

static void run_attempts(struct item *item, const struct attempts *attempts)
{
    struct arena *arena = item->eval->arena;
    for (int64_t attempt = 1;; attempt++) {
        enum truth enough = TRUTH_TRUE;
        forget_diags(item);
        run_once_now(item);
        if (attempts->given && value_is(item->result, VALUE_MAP)) {
            item->result = result_with(arena, item->result, S("attempts"), value_int(attempt));
        }
        judge(item);
        if (!attempts->given || item->status == RESULT_UNREACHABLE || item->check) {
            return; /* a dry run asks once: nothing will have changed at a second attempt */
        }
        if (!attempt_is_enough(item, attempts, &enough)) {
            fail_with_diags(item);
            return;
        }
        if (enough != TRUTH_FALSE) {
            return;
        }
        if (attempt > attempts->retries) {
            /* what failed_when has decided stands */
            value decided = value_get(item->result, S("failed_when_result"));
            item->status = value_is_defined(decided) ? item->status : RESULT_FAILED;
            struct map_builder map = map_from(arena, item->result);
            map_set_str(&map, S("failed"), value_bool(true));
            /* the last of N + 1 attempts counts as N */
            map_set_str(&map, S("attempts"), value_int(attempts->retries));
            item->result = map_seal(&map);
            return;
        }
        tell_retry(item, attempts->retries - attempt + 1);
        if (!job_sleep(item->job, attempts->delay)) {
            diag_error(item->diags, SPAN_NONE, "interrupted between two attempts");
            fail_with_diags(item);
            return;
        }
    }
}

/* ---- the whole item ---- */

/* "name", or "name(address)" where that is another one. */
static str label_of(struct item *item, struct run_host *host)
{
    struct arena *arena = item->eval->arena;
    struct diags *unused = diags_new(arena, item->job->run->sources);
    struct eval *there = eval_for(item->job->run, item->job->play, host, &item->job->task->node,
                                  item->loop, arena, unused);
    value address;
    bool known = scope_get(there, S("ansible_host"), &address) && value_is(address, VALUE_STR);
    if (!known || str_eq(value_as_str(address), host->name)) {
        return host->name;
    }
    str shown = shown_text(arena, address);
    return str_format(arena, "%.*s(%.*s)", SARG(host->name), SARG(shown));
}

static bool find_target(struct item *item)
{
    value to;
    if (!keyword_value(item->eval, &item->job->task->node, KW_DELEGATE_TO, &to)) {
        return false;
    }
    if (!value_is_defined(to) || value_is(to, VALUE_NULL) || template_is_omit(to) ||
        (value_is(to, VALUE_STR) && value_as_str(to).len == 0)) {
        return true;
    }
    if (value_is(to, VALUE_UNKNOWN)) {
        item->target = NULL;
        return true;
    }
    if (!value_is(to, VALUE_STR)) {
        diag_error(item->diags, to.at, "'delegate_to' must be the name of a host, not a %s",
                   value_type_name(to));
        return false;
    }
    struct run_host *host = run_host_reach(item->job->run, value_as_str(to));
    if (!inventory_prepare(item->job->run->inventory, item->diags, &host->host, 1)) {
        return false;
    }
    item->target = host;
    item->delegated = true;
    item->delegate = host == item->job->host ? STR_NONE : label_of(item, host);
    vars_delegate(item->eval, host);
    return true;
}

str time_limit_passed(const struct time_limit *limit, const struct task *task, struct arena *arena)
{
    return limit->async
               ? str_format(arena, "async task did not complete within the requested time - %.0fs",
                            limit->seconds)
               : str_format(arena,
                            "The %.*s action failed to execute in the expected time frame (%.0f) "
                            "and was terminated",
                            SARG(task->action), limit->seconds);
}

/* `async` with polling is a task that may take so long; without, it would have to go on behind our
 * back, which is not there yet. */
static bool waits_of(struct item *item, const struct node *node)
{
    double seconds, poll;
    if (!keyword_number(item->eval, node, KW_ASYNC, 0, &seconds) ||
        !keyword_number(item->eval, node, KW_POLL, item->job->run->options.poll, &poll)) {
        return false;
    }
    if (seconds > 0 && poll <= 0) {
        struct diag *diag = diag_error(item->diags, node_keyword(node, KW_POLL).at,
                                       "'async' with 'poll: 0' is not supported");
        diag_hint(diag, "with a poll of more than 0 the task is waited for, up to 'async' seconds");
        return false;
    }
    value debugger = node_keyword(node, KW_DEBUGGER);
    if (value_is(debugger, VALUE_STR) && !str_eq(value_as_str(debugger), S("never"))) {
        diag_error(item->diags, debugger.at, "'debugger' is not supported");
        return false;
    }
    deadline end = deadline_in(seconds);
    if (end < item->limit.until) {
        item->limit = (struct time_limit){ .until = end, .seconds = seconds, .async = true };
    }
    return true;
}

static bool settings_of(struct item *item)
{
    const struct node *node = &item->job->task->node;
    const struct run_options *options = &item->job->run->options;
    double timeout;
    if (!keyword_bool(item->eval, node, KW_CHECK_MODE, options->check, &item->check) ||
        !keyword_bool(item->eval, node, KW_DIFF, options->diff, &item->want_diff) ||
        !keyword_number(item->eval, node, KW_TIMEOUT, options->task_timeout, &timeout)) {
        return false;
    }
    item->limit = (struct time_limit){ .until = deadline_in(timeout), .seconds = timeout };
    return waits_of(item, node);
}

static void show_label(struct item *item, value label, str loop_variable)
{
    if (str_is_none(loop_variable)) {
        return;
    }
    struct diags *unused = diags_new(item->eval->arena, item->job->run->sources);
    struct eval quiet = *item->eval;
    quiet.diags = unused;
    item->label = value_get(item->loop, loop_variable);
    value shown;
    if (!value_is(label, VALUE_UNDEFINED) && template_value(&quiet, label, &shown)) {
        item->label = shown;
    }
}

static void apply_ignore(struct item *item)
{
    enum keyword keyword = item->status == RESULT_FAILED        ? KW_IGNORE_ERRORS
                           : item->status == RESULT_UNREACHABLE ? KW_IGNORE_UNREACHABLE
                                                                : KW_COUNT;
    if (item->condition_failed &&
        template_is_template(node_keyword(&item->job->task->node, KW_IGNORE_ERRORS))) {
        item->ignored = true; /* Ansible has not evaluated it yet, and takes the text for true */
        return;
    }
    if (keyword != KW_COUNT &&
        !keyword_bool(item->eval, &item->job->task->node, keyword, false, &item->ignored)) {
        item->ignored = false;
    }
}

static void take_facts(struct item *item)
{
    value facts = value_get(item->result, S("ansible_facts"));
    bool failed = item->status == RESULT_FAILED || item->status == RESULT_UNREACHABLE;
    bool delegate_facts = false;
    if (failed) {
        item->facts = (value){ 0 };
        return;
    }
    /* include_vars sets them otherwise, and what debug shows of them is shown only */
    bool are_facts = !item->facts_are_vars &&
                     !(item->has_outcome &&
                       (value_is_defined(item->outcome.host_vars) || item->outcome.show_always));
    if (value_is(facts, VALUE_MAP) && are_facts) {
        item->facts = facts;
    }
    if (item->delegated &&
        keyword_bool(item->eval, &item->job->task->node, KW_DELEGATE_FACTS, false,
                     &delegate_facts) &&
        delegate_facts) {
        item->facts_host = item->target;
    }
}

/* What `debug: var` shows of an item has the loop's variable too. */
static void show_loop(struct item *item, str loop_variable)
{
    value message;
    if (!value_is(item->show, VALUE_MAP) || value_map_get(item->show, S("msg"), &message)) {
        return;
    }
    struct map_builder map = map_from(item->eval->arena, item->show);
    map_set_str(&map, loop_variable, value_get(item->loop, loop_variable));
    map_set_str(&map, S("ansible_loop_var"), value_str(item->eval->arena, loop_variable));
    item->show = map_seal(&map);
}

/* What the earlier items have set lies above all variables but those of the loop, as in Ansible. */
static value with_set(struct arena *arena, value loop, value set)
{
    if (!value_is(set, VALUE_MAP)) {
        return loop;
    }
    return value_merge(arena, set, loop, false);
}

void item_run(struct job *job, value loop, value set, value label, str loop_variable,
              struct item *ret)
{
    struct arena *arena = job->host->item_arena;
    struct diags *diags = diags_new(arena, job->run->sources);
    *ret = (struct item){ .job = job, .diags = diags, .loop = loop, .target = job->host };
    ret->eval = eval_for(job->run, job->play, job->host, &job->task->node,
                         with_set(arena, loop, set), arena, diags);
    show_label(ret, label, loop_variable);

    struct condition condition;
    struct attempts attempts;
    if (!keyword_bool(ret->eval, &job->task->node, KW_NO_LOG, job->run->options.no_log,
                      &ret->no_log)) {
        ret->no_log = true; /* better hidden by mistake than shown by mistake */
        fail_with_diags(ret);
    } else if (!conditions_hold(ret->eval, &job->task->node, &condition)) {
        fail_with_diags(ret);
        ret->condition_failed = true;
    } else if (condition.truth == TRUTH_FALSE) {
        ret->status = RESULT_SKIPPED;
        ret->result = skipped_result(arena, &condition);
    } else if (condition.truth == TRUTH_UNKNOWN) {
        ret->status = RESULT_UNKNOWN;
        ret->result = unknown_result(arena, S("its condition is known in a real run only"));
    } else if (!settings_of(ret) || !find_target(ret) || !attempts_of(ret, &attempts)) {
        fail_with_diags(ret);
    } else if (ret->target == NULL) {
        ret->status = RESULT_UNKNOWN;
        ret->result = unknown_result(arena, S("its host is known in a real run only"));
    } else {
        run_attempts(ret, &attempts);
    }
    apply_ignore(ret);
    take_facts(ret);
    if (!value_is(loop, VALUE_UNDEFINED) && value_is(ret->result, VALUE_MAP)) {
        struct map_builder map = map_from(arena, ret->result);
        map_set_str(&map, loop_variable, value_get(loop, loop_variable));
        map_set_str(&map, S("ansible_loop_var"), value_str(arena, loop_variable));
        ret->result = map_seal(&map);
        show_loop(ret, loop_variable);
    }
}
