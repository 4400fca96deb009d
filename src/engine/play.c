/*
 * play.c - one play: its hosts, its batches (`serial`), and in each batch facts, pre_tasks, roles,
 * tasks, post_tasks and the handlers between them.
 */
#include "engine/flow.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/tree.h"
#include "engine/keywords.h"
#include "engine/load.h"
#include "inventory/git_tree.h"
#include "template/scope.h"

/* ---- what a play says, evaluated without a host ---- */

static struct eval *play_eval(struct play_run *play, struct run *run)
{
    struct arena *arena = play->arena;
    struct eval *eval = NEW(arena, struct eval);
    struct scope *scope = NEW(arena, struct scope);
    value *layers = NEW_ARRAY(arena, value, 4);
    struct map_builder magic = map_in(arena);
    map_set_str(&magic, S("playbook_dir"), value_str(arena, play->play->dir));
    map_set_str(&magic, S("groups"), inventory_groups(run->inventory, arena));
    layers[0] = map_seal(&magic);
    size_t count = 1;
    value maps[] = { run->extra_vars, play->prompted, node_own(&play->play->node, KW_VARS) };
    for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
        if (value_is(maps[i], VALUE_MAP)) {
            layers[count++] = maps[i];
        }
    }
    *scope = (struct scope){ .layers = layers, .count = count };
    *eval = (struct eval){ .env = run->env, .arena = arena, .diags = run->diags, .scope = scope };
    return eval;
}

/* hosts: a pattern, or a list of them; shown joined. */
static bool patterns_of(struct eval *eval, struct play_run *play)
{
    value hosts;
    VEC(str) patterns = { 0 };
    VEC(span) places = { 0 };
    if (!template_value(eval, node_own(&play->play->node, KW_HOSTS), &hosts)) {
        return false;
    }
    struct strbuf joined = strbuf_in(eval->arena);
    size_t count = value_is(hosts, VALUE_LIST) ? value_count(hosts) : 1;
    for (size_t i = 0; i < count; i++) {
        value v = value_is(hosts, VALUE_LIST) ? value_item(hosts, i) : hosts;
        str one = shown_text(eval->arena, v);
        *VEC_PUSH(eval->arena, &patterns) = one;
        *VEC_PUSH(eval->arena, &places) = v.at;
        strbuf_addf(&joined, "%s%.*s", i == 0 ? "" : ",", SARG(one));
    }
    play->patterns = patterns.items;
    play->places = places.items;
    play->pattern_count = patterns.len;
    play->pattern = strbuf_str(&joined);
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct run_host *const *x = a, *const *y = b;
    return str_cmp((*x)->name, (*y)->name);
}

static void reverse(struct run_host **hosts, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct run_host *other = hosts[i];
        hosts[i] = hosts[count - 1 - i];
        hosts[count - 1 - i] = other;
    }
}

static void shuffle(struct run_host **hosts, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t k = (size_t)random() % i;
        struct run_host *other = hosts[i - 1];
        hosts[i - 1] = hosts[k];
        hosts[k] = other;
    }
}

static void put_in_order(struct play_run *play, str order)
{
    if (str_eq(order, S("sorted")) || str_eq(order, S("reverse_sorted"))) {
        qsort(play->all, play->all_count, sizeof *play->all, by_name);
    }
    if (str_eq(order, S("reverse_inventory")) || str_eq(order, S("reverse_sorted"))) {
        reverse(play->all, play->all_count);
    } else if (str_eq(order, S("shuffle"))) {
        shuffle(play->all, play->all_count);
    }
}

static bool match_hosts(struct run *run, struct play_run *play, struct diags *diags)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("hosts of a play");
    struct host_list found;
    if (!inventory_match_all(run->inventory, arena, diags, play->patterns, play->places,
                             play->pattern_count, run->options.limit, &found) ||
        !inventory_prepare(run->inventory, diags, found.hosts, found.count)) {
        return false;
    }
    pthread_mutex_lock(&run->play_lock);
    play->matched.len = 0;
    for (size_t i = 0; i < found.count; i++) {
        *VEC_PUSH(play->arena, &play->matched) = run_host(run, found.hosts[i]);
    }
    pthread_mutex_unlock(&run->play_lock);
    return true;
}

bool play_match_again(struct run *run, struct play_run *play, struct diags *diags)
{
    if (!match_hosts(run, play, diags)) {
        return false;
    }
    for (size_t i = 0; i < play->all_count; i++) {
        play->all[i]->left = true;
    }
    for (size_t i = 0; i < play->matched.len; i++) {
        play->matched.items[i]->left = false;
    }
    for (size_t i = 0; i < play->all_count; i++) {
        if (play->all[i]->left && play->all[i]->state == HOST_OK) {
            play->all[i]->state = HOST_ENDED;
        }
    }
    return true;
}

/* Hosts of the play that have not failed in an earlier one. */
static bool find_hosts(struct run *run, struct play_run *play, struct eval *eval)
{
    value order;
    if (!match_hosts(run, play, run->diags) ||
        !template_value(eval, node_own(&play->play->node, KW_ORDER), &order)) {
        return false;
    }
    play->all = NEW_ARRAY(play->arena, struct run_host *, play->matched.len + 1);
    for (size_t i = 0; i < play->matched.len; i++) {
        struct run_host *host = play->matched.items[i];
        host->left = false;
        if (!host->removed) {
            host->state = HOST_OK;
            host->notified.len = 0;
            memset(&host->roles_run, 0, sizeof(host->roles_run)); /* of the last play's arena */
            play->all[play->all_count++] = host;
        }
    }
    if (value_is(order, VALUE_STR)) {
        put_in_order(play, value_as_str(order));
    }
    return true;
}

/* ---- vars_files, vars_prompt ---- */

/* In vars/ beside the playbook, else beside it. `ret_tried`: the places, two. */
static bool find_vars_file(struct arena *arena, str dir, str name, str ret_tried[2], str *ret)
{
    ret_tried[0] = path_normal(arena, path_join(arena, path_join(arena, dir, S("vars")), name));
    ret_tried[1] = path_normal(arena, path_join(arena, dir, name));
    *ret = tree_can_read(ret_tried[0]) ? ret_tried[0] : ret_tried[1];
    return tree_can_read(*ret);
}

static bool no_vars_file(struct loader *loader, value name, const str tried[2])
{
    str shown = shown_text(loader->arena, name);
    load_note_places(loader,
                     load_error(loader, LOAD_FAILED, name.at,
                                "file of variables '%.*s' was not found", SARG(shown)),
                     tried, 2);
    return false;
}

/* A name, or a list of which the first that exists is taken. */
static bool vars_file(struct run *run, struct play_run *play, struct eval *eval, value entry,
                      struct map_builder *ret)
{
    size_t count = value_is(entry, VALUE_LIST) ? value_count(entry) : 1;
    struct diags *quiet = diags_new(eval->arena, run->sources);
    for (size_t i = 0; i < count; i++) {
        value name = value_is(entry, VALUE_LIST) ? value_item(entry, i) : entry;
        struct eval trying = *eval;
        trying.diags = quiet;
        if (!template_value(&trying, name, &name)) {
            if (trying.failure != TEMPLATE_UNDEFINED) {
                diags_append(run->diags, quiet);
                return false;
            }
            return true; /* hangs on a fact that is not known yet */
        }
        str tried[2], path;
        bool there = find_vars_file(eval->arena, play->play->dir, shown_text(eval->arena, name),
                                    tried, &path);
        if (!there && i + 1 < count) {
            continue;
        }
        value vars;
        pthread_mutex_lock(&run->load_lock);
        bool ok = there ? vars_file_load(&run->loader, path, &vars)
                        : no_vars_file(&run->loader, name, tried);
        pthread_mutex_unlock(&run->load_lock);
        for (size_t k = 0; ok && value_is(vars, VALUE_MAP) && k < value_count(vars); k++) {
            map_set(ret, value_map_key(vars, k), value_map_value(vars, k));
        }
        return ok;
    }
    return true;
}

static bool load_vars_files(struct run *run, struct play_run *play, struct run_host *host,
                            struct arena *arena)
{
    value files = node_own(&play->play->node, KW_VARS_FILES);
    if (value_is(files, VALUE_UNDEFINED) || value_is(files, VALUE_NULL)) {
        host->vars_files = (value){ 0 };
        return true;
    }
    struct map_builder all = map_in(arena);
    size_t count = value_is(files, VALUE_LIST) ? value_count(files) : 1;
    for (size_t i = 0; i < count; i++) {
        struct eval *eval =
            eval_for(run, play, host, &play->play->node, (value){ 0 }, arena, run->diags);
        if (!vars_file(run, play, eval, value_is(files, VALUE_LIST) ? value_item(files, i) : files,
                       &all)) {
            return false;
        }
        host->vars_files = map_seal(&all); /* the next name may hang on these */
        all = map_from(arena, host->vars_files);
    }
    return true;
}

static bool prompt_for(struct run *run, struct play_run *play, struct eval *eval, value prompt,
                       struct map_builder *ret)
{
    value name = value_get(prompt, S("name")), text = value_get(prompt, S("prompt")), given;
    value fallback = value_get(prompt, S("default")), private_ = value_get(prompt, S("private"));
    if (!value_is(name, VALUE_STR)) {
        diag_error(run->diags, prompt.at, "an entry of 'vars_prompt' has no name");
        return false;
    }
    if (value_is(run->extra_vars, VALUE_MAP) && value_map_find(run->extra_vars, name, &given)) {
        return true;
    }
    static const str unsupported[] = { S_INIT("encrypt"), S_INIT("salt"), S_INIT("salt_size"),
                                       S_INIT("confirm") };
    for (size_t i = 0; i < ARRAY_LEN(unsupported); i++) {
        value v = value_get(prompt, unsupported[i]);
        bool off = value_is(v, VALUE_BOOL) && !value_as_bool(v);
        if (!value_is(v, VALUE_UNDEFINED) && !value_is(v, VALUE_NULL) && !off) {
            diag_error(run->diags, v.at, "'%.*s' of vars_prompt is not supported",
                       SARG(unsupported[i]));
            return false;
        }
    }
    bool hidden = true;
    str answer = STR_NONE,
        question = value_is(text, VALUE_STR) ? value_as_str(text) : value_as_str(name);
    value_to_bool(private_, &hidden);
    if (run->report.ask != NULL) {
        str shown = value_is(fallback, VALUE_STR) && !hidden
                        ? str_format(eval->arena, "%.*s [%.*s]: ", SARG(question),
                                     SARG(value_as_str(fallback)))
                        : str_format(eval->arena, "%.*s: ", SARG(question));
        if (!run->report.ask(run->report.data, eval->arena, shown, !hidden, &answer)) {
            answer = STR_NONE;
        }
    }
    value v = !str_is_none(answer) && answer.len > 0
                  ? hidden ? value_secret(eval->arena, answer) : value_str(eval->arena, answer)
              : value_is(fallback, VALUE_UNDEFINED) ? value_str(eval->arena, S("None"))
                                                    : fallback;
    map_set(ret, name, v);
    return true;
}

static bool ask_prompts(struct run *run, struct play_run *play, struct eval *eval)
{
    value prompts = node_own(&play->play->node, KW_VARS_PROMPT);
    if (!value_is(prompts, VALUE_LIST)) {
        return true;
    }
    struct map_builder answers = map_in(play->arena);
    for (size_t i = 0; i < value_count(prompts); i++) {
        if (!prompt_for(run, play, eval, value_item(prompts, i), &answers)) {
            return false;
        }
    }
    play->prompted = map_seal(&answers);
    return true;
}

/* ---- batches ---- */

/* Hosts of one round of `serial`: a number, or a percentage of all. 0: all that are left. */
static size_t batch_size(value v, size_t all)
{
    double number = 0;
    if (value_is(v, VALUE_STR) && str_ends(str_trim(value_as_str(v)), S("%"))) {
        str text = str_trim(value_as_str(v));
        char digits[32] = { 0 };
        memcpy(digits, text.ptr,
               text.len - 1 < sizeof digits - 1 ? text.len - 1 : sizeof digits - 1);
        size_t size = (size_t)(strtod(digits, NULL) / 100.0 * (double)all);
        return size == 0 ? 1 : size;
    }
    return value_to_number(v, &number) && number > 0 ? (size_t)number : all;
}

static bool serial_of(struct eval *eval, const struct play *play, value *ret)
{
    return template_value(eval, node_own(&play->node, KW_SERIAL), ret);
}

static size_t next_batch(value serial, size_t round, size_t all, size_t left)
{
    if (value_is(serial, VALUE_UNDEFINED) || value_is(serial, VALUE_NULL)) {
        return left;
    }
    value one = serial;
    if (value_is(serial, VALUE_LIST)) {
        size_t count = value_count(serial);
        if (count == 0) {
            return left;
        }
        one = value_item(serial, round < count ? round : count - 1);
    }
    size_t size = batch_size(one, all);
    return size < left ? size : left;
}

/* ---- facts ---- */

static bool wants_facts(struct run *run, struct eval *eval, const struct play *play, bool *ret)
{
    value v = node_own(&play->node, KW_GATHER_FACTS);
    *ret = !run->options.gather_explicit;
    if (value_is(v, VALUE_UNDEFINED) || value_is(v, VALUE_NULL)) {
        return true;
    }
    if (!template_value(eval, v, &v)) {
        return false;
    }
    if (!value_to_bool(v, ret)) {
        diag_error(run->diags, v.at, "'gather_facts' must be true or false");
        return false;
    }
    return true;
}

/* "Gathering Facts": a task that nobody wrote, tagged always. */
static const struct task *facts_task(struct run *run, struct play_run *play)
{
    struct arena *arena = play->arena;
    struct task *task = NEW(arena, struct task);
    struct keyword_value *given = NEW(arena, struct keyword_value);
    struct map_builder args = map_in(arena);
    static const struct {
        enum keyword keyword;
        str name;
    } settings[] = { { KW_GATHER_SUBSET, S_INIT("gather_subset") },
                     { KW_GATHER_TIMEOUT, S_INIT("gather_timeout") },
                     { KW_FACT_PATH, S_INIT("fact_path") } };
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        value v = node_own(&play->play->node, settings[i].keyword);
        v = value_is(v, VALUE_UNDEFINED) ? value_get(run->options.gathered, settings[i].name) : v;
        if (!value_is(v, VALUE_UNDEFINED)) {
            map_set_str(&args, settings[i].name, v);
        }
    }
    *given = (struct keyword_value){ KW_TAGS, value_str(arena, S("always")), SPAN_NONE };
    task->node = (struct node){ .kind = NODE_TASK,
                                .parent = &play->play->node,
                                .at = play->play->node.at,
                                .file = play->play->file,
                                .given = given,
                                .given_count = 1 };
    task->name = S("Gathering Facts");
    task->kind = ACTION_MODULE;
    task->action = S("gather_facts");
    task->action_at = play->play->node.at;
    task->module = module_find(S("setup"));
    task->args = map_seal(&args);
    return task;
}

/* ---- one batch ---- */

/* What a batch runs one behind the other, each as what is upcoming behind those before it:
 * pre_tasks, the roles, tasks, post_tasks. */
struct sections {
    struct upcoming *pre_tasks, *roles, *tasks, *post_tasks;
};

static struct sections sections_of(struct arena *arena, const struct play *play)
{
    size_t count = play->role_count + 3;
    struct upcoming *all = NEW_ARRAY(arena, struct upcoming, count);
    struct sections sections = { all, &all[1], &all[count - 2], &all[count - 1] };
    for (size_t i = 0; i + 1 < count; i++) {
        all[i].outer = &all[i + 1];
    }
    sections.pre_tasks->list = play->pre_tasks;
    for (size_t i = 0; i < play->role_count; i++) {
        sections.roles[i].list = play->roles[i]->tasks;
    }
    sections.tasks->list = play->tasks;
    sections.post_tasks->list = play->post_tasks;
    return sections;
}

static void run_section(struct flow *flow, const struct upcoming *section)
{
    flow->upcoming = section->outer;
    flow_list(flow, section->list);
}

static void run_roles(struct flow *flow, const struct upcoming *sections)
{
    for (size_t i = 0; i < flow->play->play->role_count; i++) {
        flow->upcoming = sections[i].outer;
        flow_role(flow, flow->play->play->roles[i], false);
    }
}

static void gather_facts(struct flow *flow)
{
    const struct node *node = &flow->play->facts->node;
    struct run_host **hosts = NEW_ARRAY(flow->arena, struct run_host *, flow->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < flow->count; i++) {
        if (!flow->run->options.gather_smart || !flow->hosts[i]->facts_gathered) {
            hosts[count++] = flow->hosts[i];
            flow->hosts[i]->facts_gathered = true;
        }
    }
    flow_hosts(flow, hosts, count, (struct node_list){ &node, 1 });
}

static void run_sections(struct flow *flow, bool facts)
{
    struct sections sections = sections_of(flow->arena, flow->play->play);
    if (facts) {
        gather_facts(flow);
        for (size_t i = 0; i < flow->count; i++) {
            if (!load_vars_files(flow->run, flow->play, flow->hosts[i], flow->arena)) {
                flow->run->error = true;
            }
        }
    }
    run_section(flow, sections.pre_tasks);
    handlers_flush(flow);
    run_roles(flow, sections.roles);
    run_section(flow, sections.tasks);
    handlers_flush(flow);
    run_section(flow, sections.post_tasks);
    handlers_flush(flow);
}

/* free, host_pinned: each host goes its own way, as many at a time as there are workers. */
struct lone {
    struct flow flow;
    struct pool_job pool_job;
    bool facts;
    struct section_group *group;
};
struct section_group {
    pthread_mutex_t lock;
    pthread_cond_t done;
    size_t left;
};

static void run_lone(void *argument)
{
    struct lone *lone = argument;
    run_sections(&lone->flow, lone->facts);
    pthread_mutex_lock(&lone->group->lock);
    lone->group->left--;
    pthread_cond_signal(&lone->group->done);
    pthread_mutex_unlock(&lone->group->lock);
}

static void run_apart(struct flow *flow, bool facts)
{
    struct section_group group = { .left = flow->count };
    struct lone *lone = NEW_ARRAY(flow->arena, struct lone, flow->count);
    pthread_mutex_init(&group.lock, NULL);
    pthread_cond_init(&group.done, NULL);
    for (size_t i = 0; i < flow->count; i++) {
        lone[i] = (struct lone){ .flow = *flow, .facts = facts, .group = &group };
        lone[i].flow.hosts = &flow->hosts[i];
        lone[i].flow.count = 1;
        lone[i].flow.alone = true;
        lone[i].flow.arena = arena_new("flow");
        lone[i].pool_job =
            (struct pool_job){ .work = run_lone,
                               .argument = &lone[i],
                               .next = i + 1 < flow->count ? &lone[i + 1].pool_job : NULL };
    }
    if (flow->count > 0) {
        pool_add(flow->run->pool, &lone->pool_job);
    }
    pool_pause(flow->run->pool);
    pthread_mutex_lock(&group.lock);
    while (group.left > 0) {
        pthread_cond_wait(&group.done, &group.lock);
    }
    pthread_mutex_unlock(&group.lock);
    pool_resume(flow->run->pool);
    for (size_t i = 0; i < flow->count; i++) {
        arena_free(lone[i].flow.arena);
    }
    pthread_cond_destroy(&group.done);
    pthread_mutex_destroy(&group.lock);
}

static bool strategy_of(struct run *run, struct eval *eval, const struct play *play, bool *ret_free)
{
    value v;
    *ret_free = false;
    if (!template_value(eval, node_own(&play->node, KW_STRATEGY), &v)) {
        return false;
    }
    bool given = !value_is(v, VALUE_UNDEFINED) && !value_is(v, VALUE_NULL);
    str name = given ? shown_text(eval->arena, v) : run->options.strategy;
    if (str_is_none(name)) {
        return true;
    }
    /* those of mitogen make Ansible faster, and nothing else */
    static const str prefixes[] = { S_INIT("ansible.builtin."), S_INIT("mitogen_") };
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        if (str_starts(name, prefixes[i])) {
            name = str_part(name, prefixes[i].len, name.len);
        }
    }
    *ret_free = str_eq(name, S("free")) || str_eq(name, S("host_pinned"));
    if (!*ret_free && !str_eq(name, S("linear"))) {
        struct diag *diag =
            diag_error(run->diags, v.at, "strategy '%.*s' is not supported", SARG(name));
        static const str known[] = { S_INIT("linear"), S_INIT("free"), S_INIT("host_pinned") };
        diag_suggest(diag, name, known, ARRAY_LEN(known));
        return false;
    }
    return true;
}

static bool all_failed(const struct play_run *play)
{
    size_t failed = 0;
    for (size_t i = 0; i < play->batch_count; i++) {
        enum host_state state = play->batch[i]->state;
        failed += state == HOST_FAILED || state == HOST_UNREACHABLE;
    }
    return play->batch_count > 0 && failed == play->batch_count;
}

/* False: the run ends here. */
static bool run_batch(struct run *run, struct play_run *play, bool facts, bool free_)
{
    struct flow flow = { .run = run,
                         .play = play,
                         .hosts = play->batch,
                         .count = play->batch_count,
                         .arena = play->arena };
    play->batch_ended = false;
    vars_play_changed(run, play);
    for (size_t i = 0; i < play->batch_count; i++) {
        host_magic_changed(run, play->batch[i]);
        if (!load_vars_files(run, play, play->batch[i], play->arena)) {
            run->error = true;
            return false;
        }
    }
    if (free_) {
        run_apart(&flow, facts);
    } else {
        run_sections(&flow, facts);
    }
    if (run->error || atomic_load(&run->interrupted)) {
        return false;
    }
    if (play->broken || (play->fatal && all_failed(play))) {
        run->report.no_more_hosts(run->report.data);
    }
    if (play->broken || all_failed(play)) {
        run->broken_off |= play->broken || play->fatal;
        return false;
    }
    return true;
}

void roles_add_public(struct run *run, struct play_run *play, const struct role *role)
{
    pthread_mutex_lock(&run->play_lock);
    const struct role_list *old = atomic_load(&play->public_roles);
    size_t count = old == NULL ? 0 : old->count;
    const struct role **roles = NEW_ARRAY(play->arena, const struct role *, count + 1);
    for (size_t i = 0; i < count; i++) {
        roles[i] = old->roles[i];
    }
    roles[count] = role;
    struct role_list *list = NEW(play->arena, struct role_list);
    *list = (struct role_list){ roles, count + 1 };
    atomic_store(&play->public_roles, list);
    pthread_mutex_unlock(&run->play_lock);
}

static void add_roles(struct run *run, struct play_run *play)
{
    for (size_t i = 0; i < play->play->role_count; i++) {
        roles_add_public(run, play, play->play->roles[i]);
        handlers_add_role(run, play, play->play->roles[i]);
    }
    handlers_add_own(run, play);
    for (size_t i = 0; i < play->play->imported.count; i++) {
        roles_add_public(run, play, play->play->imported.roles[i]);
        handlers_add_role(run, play, play->play->imported.roles[i]);
    }
}

/* ---- the play ---- */

static bool run_batches(struct run *run, struct play_run *play, struct eval *eval)
{
    value serial;
    bool facts, free_;
    if (!serial_of(eval, play->play, &serial) || !wants_facts(run, eval, play->play, &facts) ||
        !strategy_of(run, eval, play->play, &free_)) {
        run->error = true;
        return false;
    }
    for (size_t from = 0, round = 0; from < play->all_count && !play->ended; round++) {
        play->batch = play->all + from;
        play->batch_count = next_batch(serial, round, play->all_count, play->all_count - from);
        from += play->batch_count;
        if (round > 0) {
            run->report.play_start(run->report.data, play->play, play->name);
        }
        if (!run_batch(run, play, facts, free_)) {
            return false;
        }
    }
    return true;
}

static bool play_settings(struct run *run, struct play_run *play, struct eval *eval)
{
    value percentage;
    play->max_fail_percentage = -1;
    if (!keyword_bool(eval, &play->play->node, KW_FORCE_HANDLERS, run->options.force_handlers,
                      &play->force_handlers) ||
        !template_value(eval, node_own(&play->play->node, KW_MAX_FAIL_PERCENTAGE), &percentage)) {
        return false;
    }
    if (value_is(percentage, VALUE_STR) && str_ends(value_as_str(percentage), S("%"))) {
        str text = value_as_str(percentage);
        percentage = value_str(eval->arena, str_copy(eval->arena, str_part(text, 0, text.len - 1)));
    }
    if (!value_is(percentage, VALUE_UNDEFINED) && !value_is(percentage, VALUE_NULL) &&
        !value_to_number(percentage, &play->max_fail_percentage)) {
        diag_error(run->diags, percentage.at, "'max_fail_percentage' is not a number");
        return false;
    }
    return true;
}

static str play_title(struct eval *eval, const struct play *play, str pattern)
{
    value name = node_own(&play->node, KW_NAME);
    struct diags *unused = diags_new(eval->arena, eval->diags->sources);
    struct eval quiet = *eval;
    quiet.diags = unused;
    if (value_is(name, VALUE_UNDEFINED) || value_is(name, VALUE_NULL) ||
        !template_value(&quiet, name, &name)) {
        return value_is(name, VALUE_STR) ? value_as_str(name) : pattern;
    }
    str text = shown_text(eval->arena, name);
    return text.len == 0 ? pattern : text;
}

struct eval *play_prepare(struct run *run, const struct play *play, struct arena *arena,
                          struct play_run *ret)
{
    *ret = (struct play_run){ .play = play, .arena = arena, .prompted = ret->prompted };
    struct eval *eval = play_eval(ret, run);
    if (!patterns_of(eval, ret) || !find_hosts(run, ret, eval)) {
        return NULL;
    }
    ret->name = play_title(eval, play, ret->pattern);
    return eval;
}

bool play_execute(struct run *run, const struct play *play)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("play");
    struct play_run state = { .play = play, .arena = arena };
    if (!ask_prompts(run, &state, play_eval(&state, run))) {
        run->error = true;
        return false;
    }
    struct eval *eval = play_prepare(run, play, arena, &state);
    if (eval == NULL || !play_settings(run, &state, eval)) {
        run->error = true;
        return false;
    }
    if (!git_tree_tell(run->diags)) { /* files of variables were read meanwhile */
        run->error = true;
        return false;
    }
    leases_play_begins(run, play);
    run->report.play_start(run->report.data, play, state.name);
    bool go_on = true;
    if (state.matched.len == 0) {
        run->report.play_without_hosts(run->report.data);
    } else if (state.all_count > 0) { /* else all have failed before */
        add_roles(run, &state);
        state.facts = facts_task(run, &state);
        go_on = run_batches(run, &state, eval);
    }
    for (size_t i = 0; i < state.all_count; i++) {
        atomic_store(&state.all[i]->magic, NULL);
        state.all[i]->vars_files = (value){ 0 };
        host_compact(state.all[i]);
    }
    return go_on;
}
