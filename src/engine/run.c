/*
 * run.c - a run from its options to its exit status.
 */
#include "engine/state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/path.h"
#include "engine/template_file.h"
#include "formats/json.h"
#include "inventory/git_tree.h"

#define FORKS_DEFAULT 50
#define FORKS_TOLD    5 /* when nobody has set them: playbooks divide by what Ansible has */

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- loading ---- */

/* What playbooks give to tasks on this machine as ansible_python_interpreter: there is no Python in
 * us, so it is the one that a shell would find. */
static str python_here(struct arena *arena)
{
    const char *path = getenv("PATH");
    str rest = path == NULL ? STR_NONE : str_of(path);
    while (!str_is_none(rest)) {
        str dir = str_cut(&rest, ':'), found = path_join(arena, dir, S("python3"));
        if (path_is_absolute(dir) && access(str_c(arena, found), X_OK) == 0) {
            return found;
        }
    }
    return S("/usr/bin/python3");
}

static struct run *run_new(const struct run_options *options, const struct report *report)
{
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        BUG("no memory for a run");
    }
    run->options = *options;
    run->report = *report;
    run->arena = arena_new("run");
    run->console.arena = arena_new("console");
    run->keyring = keyring_new();
    run->known_files = known_files_new();
    run->ssh_files = ssh_files_new();
    run->digests = digests_new();
    run->template_files = template_files_new();
    run->sources = options->sources != NULL ? options->sources : source_map_new();
    run->secrets = options->secrets;
    run->diags = diags_new(run->arena, run->sources);
    run->diags->strict = options->strict;
    run->extra_vars = options->extra_vars;
    run->fallback = vars_fallback(run->arena);
    run->started_at = str_is_none(options->start_at_task);
    run->stepping = options->step;
    run->forks_told = options->forks > 0 ? options->forks : FORKS_TOLD;
    run->python = python_here(run->arena);
    run->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    run->jumps = jumps_new();
    pthread_mutex_init(&run->load_lock, NULL);
    pthread_mutex_init(&run->play_lock, NULL);
    pthread_mutex_init(&run->report_lock, NULL);
    pthread_mutex_init(&run->step_lock, NULL);
    pthread_cond_init(&run->step_done, NULL);
    run->leases = leases_new();
    pthread_rwlock_init(&run->host_lock, NULL);
    run->started = seconds_now();
    return run;
}

static bool match_hosts(void *data, struct diags *diags, span at, str pattern, value *ret_list)
{
    struct run *run = data;
    struct host_list found;
    if (run->inventory == NULL) { /* a plugin of a source that is just being read */
        diag_error(diags, at, "the inventory is not known yet");
        return false;
    }
    if (!inventory_match(run->inventory, diags->arena, diags, pattern, at, STR_NONE, &found)) {
        return false;
    }
    struct list_builder names = list_in(diags->arena);
    for (size_t i = 0; i < found.count; i++) {
        list_add(&names, value_str(diags->arena, found.hosts[i]->name));
    }
    *ret_list = list_seal(&names);
    return true;
}

/* A limit that leaves no host of the pattern is a typo, not a run with nothing to do; the pattern
 * is `all`, or that of an ad hoc task. Of an inventory without hosts nothing is left anyway. */
static bool check_limit(struct run *run, str pattern)
{
    struct host_list left;
    if (str_is_none(run->options.limit)) {
        return true;
    }
    if (!inventory_match(run->inventory, run->arena, run->diags, pattern, SPAN_NONE,
                         run->options.limit, &left)) {
        return false;
    }
    /* that nothing has changed is no mistake */
    bool nobody = left.count == 0 && !inventory_limit_asks_for_changes(run->options.limit) &&
                  !inventory_is_localhost(pattern) &&
                  inventory_hosts(run->inventory, run->arena).count > 0;
    if (nobody) {
        bool all = str_eq(pattern, S("all"));
        diag_error(run->diags, SPAN_NONE, "--limit '%.*s' leaves no host%s%.*s%s",
                   SARG(run->options.limit), all ? "" : " of '", SARG(all ? S("") : pattern),
                   all ? "" : "'");
    }
    return !nobody;
}

static bool load_inventory(struct run *run, str pattern)
{
    struct inventory_options options = {
        .sources = run->options.inventories,
        .count = run->options.inventory_count,
        .playbook_dir = run->playbook_count > 0 ? run->playbooks[0]->dir : STR_NONE,
        .unparsed_is_failed = run->options.any_unparsed_is_failed,
        .settings = run->options.inventory_settings,
        .env = run->env,
        .extra_vars = run->extra_vars,
        .secrets = run->secrets,
        .vault = run->options.vault,
        .vault_data = run->options.vault_data,
    };
    return inventory_load(run->arena, run->diags, &options, &run->inventory) &&
           check_limit(run, pattern);
}

static struct loader *loader_of(struct run *run)
{
    run->loader = (struct loader){
        .arena = run->arena,
        .diags = run->diags,
        .roles_paths = run->options.roles_paths,
        .roles_path_count = run->options.roles_path_count,
        .collections_paths = run->options.collections_paths,
        .collections_path_count = run->options.collections_path_count,
        .library_paths = run->options.library_paths,
        .secrets = run->secrets,
        .vault = run->options.vault,
        .vault_data = run->options.vault_data,
        .library_path_count = run->options.library_path_count,
        .env = run->env,
        .extra_vars = run->extra_vars,
    };
    return &run->loader;
}

static enum run_status load_playbooks(struct run *run)
{
    struct loader *loader = loader_of(run);
    run->playbooks = NEW_ARRAY(run->arena, struct playbook *, run->options.playbook_count + 1);
    for (size_t i = 0; i < run->options.playbook_count; i++) {
        if (!playbook_load(loader, run->options.playbooks[i],
                           &run->playbooks[run->playbook_count])) {
            return loader->failure == LOAD_SYNTAX ? RUN_PARSE : RUN_ERROR;
        }
        run->playbook_count++;
    }
    return RUN_OK;
}

void run_found(struct run *run, const struct diags *found)
{
    if (found->all.len > 0) {
        pthread_mutex_lock(&run->load_lock);
        diags_append(run->diags, found);
        pthread_mutex_unlock(&run->load_lock);
    }
}

/* Tell what was found out so far, once. */
void run_tell_diagnostics(struct run *run)
{
    if (!git_tree_tell(run->diags)) {
        run->error = true;
    }
    if (run->diags->all.len > run->told) {
        struct diags rest = *run->diags;
        rest.all.items += run->told;
        rest.all.len -= run->told;
        run->told = run->diags->all.len;
        run->report.diagnostics(run->report.data, &rest);
    }
}

void run_note(struct run *run, unsigned verbosity, str text)
{
    pthread_mutex_lock(&run->report_lock);
    run->report.note(run->report.data, verbosity, text);
    pthread_mutex_unlock(&run->report_lock);
}

static struct run *fail_load(struct run *run, enum run_status status, enum run_status *ret_status)
{
    run_tell_diagnostics(run);
    run_free(run);
    *ret_status = status;
    return NULL;
}

static bool open_vault(void *data, struct diags *diags, str ciphertext, span at, value *ret)
{
    const struct run *run = data;
    return run->options.vault(run->options.vault_data, diags, ciphertext, at, ret);
}

bool run_decrypt(struct run *run, struct diags *diags, span at, str path, str text, value *ret)
{
    if (run->options.vault == NULL) {
        diag_error(diags, at, "'%.*s' is encrypted, and there is no vault password", SARG(path));
        return false;
    }
    return open_vault(run, diags, text, at, ret);
}

static bool tell_setting(void *data, struct diags *diags, span at, str name, value *ret)
{
    const struct run *run = data;
    *ret = value_get(run->options.settings, name);
    return true;
}

static void count_act(void *data)
{
    struct run *run = data;
    atomic_fetch_add(&run->changes, 1);
}

static struct template_hooks hooks_of(struct run *run)
{
    return (struct template_hooks){ .data = run,
                                    .config = tell_setting,
                                    .hosts = match_hosts,
                                    .vault = run->options.vault != NULL ? open_vault : NULL,
                                    .acts = count_act };
}

static void open_templates(struct run *run)
{
    const struct run_options *options = &run->options;
    run->env = template_env_new(options->dialect, run->sources, run->secrets, hooks_of(run));
    template_env_extend(run->env, options->extensions);
    run->magic = vars_of_run(run);
}

struct run *run_load(const struct run_options *options, const struct report *report,
                     enum run_status *ret_status)
{
    struct run *run = run_new(options, report);
    open_templates(run);
    if (!str_is_none(options->password)) {
        secrets_add(run->secrets, options->password);
    }
    if (!str_is_none(options->become_password)) {
        secrets_add(run->secrets, options->become_password);
    }
    enum run_status status = load_playbooks(run);
    if (status != RUN_OK) {
        return fail_load(run, status, ret_status);
    }
    bool loaded = load_inventory(run, S("all")) && run->diags->errors == 0;
    run_tell_diagnostics(run);
    if (!loaded || run->error) {
        return fail_load(run, RUN_ERROR, ret_status);
    }
    *ret_status = RUN_OK;
    return run;
}

/* A playbook of one play, as YAML has it: so that what is in it means what it means there. */
static value play_of(struct run *run, str name, str pattern, value tasks)
{
    struct arena *arena = run->arena;
    struct map_builder play = map_in(arena);
    map_set_str(&play, S("name"), value_str(arena, name));
    map_set_str(&play, S("hosts"), value_str(arena, pattern));
    map_set_str(&play, S("gather_facts"), value_bool(false));
    map_set_str(&play, S("tasks"), tasks);
    value plays[] = { map_seal(&play) };
    return value_list(arena, plays, 1);
}

/* What is written in braces is a map, if it is JSON; all else is for the module to read. */
static value adhoc_args(struct run *run, str args)
{
    struct arena *arena = run->arena;
    const struct source *source = source_add(run->sources, S("-a"), args);
    str text = str_trim(args);
    value map;
    if (args.len == 0) {
        return value_null();
    }
    if (source != NULL && str_starts(text, S("{")) && str_ends(text, S("}")) &&
        json_read(arena, diags_new(arena, run->sources), source,
                  (struct json_options){ .trusted = true }, &map)) {
        return map;
    }
    value v = value_str(arena, str_copy(arena, args));
    return value_trusted(source == NULL ? v : value_at(v, source_span(source, 0, args.len)));
}

static value adhoc_tasks(struct run *run, const struct adhoc *adhoc)
{
    struct arena *arena = run->arena;
    struct map_builder task = map_in(arena);
    map_set_str(&task, adhoc->module, adhoc_args(run, adhoc->args));
    if (adhoc->async > 0) {
        map_set_str(&task, S("async"), value_int(adhoc->async));
    }
    if (adhoc->async > 0 && adhoc->poll >= 0) {
        map_set_str(&task, S("poll"), value_int(adhoc->poll));
    }
    value tasks[] = { map_seal(&task) };
    return value_list(arena, tasks, 1);
}

/* A run of that one play. */
static struct run *load_play(struct run *run, value plays, str pattern, enum run_status *ret_status)
{
    open_templates(run);
    run->playbooks = NEW_ARRAY(run->arena, struct playbook *, 1);
    struct loader *loader = loader_of(run);
    str dir = str_is_none(run->options.playbook_dir) ? S(".") : run->options.playbook_dir;
    if (!playbook_of(loader, plays, dir, &run->playbooks[0])) {
        return fail_load(run, loader->failure == LOAD_SYNTAX ? RUN_PARSE : RUN_ERROR, ret_status);
    }
    run->playbook_count = 1;
    if (!load_inventory(run, pattern) || run->diags->errors > 0) {
        return fail_load(run, RUN_ERROR, ret_status);
    }
    run_tell_diagnostics(run);
    *ret_status = RUN_OK;
    return run;
}

struct run *run_load_adhoc(const struct run_options *options, const struct report *report,
                           const struct adhoc *adhoc, enum run_status *ret_status)
{
    struct run *run = run_new(options, report);
    value play = play_of(run, S("Ansible Ad-Hoc"), adhoc->pattern, adhoc_tasks(run, adhoc));
    return load_play(run, play, adhoc->pattern, ret_status);
}

struct run *run_load_host(const struct run_options *options, const struct report *report, str host,
                          enum run_status *ret_status)
{
    struct run *run = run_new(options, report);
    value tasks = value_list(run->arena, NULL, 0);
    return load_play(run, play_of(run, host, host, tasks), host, ret_status);
}

void run_free(struct run *run)
{
    if (run == NULL) {
        return;
    }
    pool_free(run->pool);
    leases_free(run);
    jumps_free(run->jumps);
    for (size_t i = 0; i < run->host_cap; i++) {
        host_free(run->hosts[i]);
    }
    free(run->hosts);
    template_env_free(run->env);
    close(run->wake);
    pthread_rwlock_destroy(&run->host_lock);
    pthread_cond_destroy(&run->step_done);
    pthread_mutex_destroy(&run->step_lock);
    pthread_mutex_destroy(&run->report_lock);
    pthread_mutex_destroy(&run->load_lock);
    pthread_mutex_destroy(&run->play_lock);
    arena_free(run->console.arena);
    keyring_free(run->keyring);
    known_files_free(run->known_files);
    ssh_files_free(run->ssh_files);
    digests_free(run->digests);
    template_files_free(run->template_files);
    arena_free(run->arena);
    if (run->options.sources == NULL) {
        source_map_free(run->sources);
    }
    free(run);
}

/* ---- running ---- */

bool run_sleep(struct run *run, double seconds)
{
    double end = seconds_now() + seconds;
    for (double left = seconds; left > 0; left = end - seconds_now()) {
        struct pollfd wake = { .fd = run->wake, .events = POLLIN };
        int milliseconds = left > 1e6 ? 1000000000 : (int)(left * 1000) + 1;
        if (poll(&wake, 1, milliseconds) > 0 || atomic_load(&run->interrupted)) {
            return false;
        }
    }
    return true;
}

/* Safe in a signal handler: an atomic and a write(). */
void run_interrupt(struct run *run)
{
    uint64_t one = 1;
    atomic_store(&run->interrupted, true);
    if (write(run->wake, &one, sizeof one) < 0) {
        return; /* the counter is full: it is readable already */
    }
}

static unsigned forks_of(struct run *run)
{
    if (run->options.forks > 0) {
        return run->options.forks;
    }
    size_t hosts = inventory_hosts(run->inventory, run->arena).count;
    return hosts == 0 ? 1 : hosts < FORKS_DEFAULT ? (unsigned)hosts : FORKS_DEFAULT;
}

static int by_host(const void *a, const void *b)
{
    const struct host_stats *x = a, *y = b;
    return str_cmp(x->host, y->host);
}

/* Failed or unreachable; what was rescued, or cleared, is no failure of the run. */
static bool is_lost(const struct run_host *host)
{
    return host->removed && (host->stats.failed > 0 || host->stats.unreachable > 0);
}

static bool any_is_lost(const struct run *run)
{
    for (size_t i = 0; i < run->host_cap; i++) {
        if (run->hosts[i] != NULL && is_lost(run->hosts[i])) {
            return true;
        }
    }
    return false;
}

/* In the order of the names, each once. */
static void find_lost(struct run *run, struct run_summary *summary)
{
    str *lost = NEW_ARRAY(run->arena, str, summary->count + 1);
    for (size_t i = 0; i < summary->count; i++) {
        const struct run_host *host = run_host_find(run, summary->hosts[i].host);
        if (host != NULL && is_lost(host)) {
            lost[summary->lost_count++] = host->name;
        }
    }
    summary->lost = lost;
}

static void summarize(struct run *run, str playbook, bool last)
{
    struct host_stats *stats = NEW_ARRAY(run->arena, struct host_stats, run->host_count + 1);
    struct run_summary summary = {
        .hosts = stats, .dry_run = run->options.check, .playbook = playbook, .last = last
    };
    for (size_t i = 0; i < run->host_cap; i++) {
        if (run->hosts[i] != NULL && run->hosts[i]->has_result) {
            stats[summary.count++] = run->hosts[i]->stats;
        }
    }
    qsort(stats, summary.count, sizeof *stats, by_host);
    find_lost(run, &summary);
    summary.commands_not_run = leases_commands_not_run(run);
    summary.seconds = seconds_now() - run->started;
    summary.wire = leases_counts(run);
    summary.tasks = atomic_load(&run->tasks_run);
    summary.custom_stats = run->custom_stats;
    run->report.summary(run->report.data, &summary);
}

static enum run_status status_of(const struct run *run)
{
    bool failed = false, unreachable = false, any = false;
    for (size_t i = 0; i < run->host_cap; i++) {
        const struct run_host *host = run->hosts[i];
        if (host != NULL) {
            failed |= is_lost(host) && host->stats.failed > 0;
            unreachable |= is_lost(host) && host->stats.unreachable > 0;
            any = true;
        }
    }
    return atomic_load(&run->interrupted) ? RUN_INTERRUPTED
           : run->error                   ? RUN_ERROR
           : run->broken_off              ? RUN_BROKEN_OFF
           : unreachable                  ? RUN_UNREACHABLE
           : failed                       ? RUN_HOSTS_FAILED
           : any                          ? RUN_OK
                                          : RUN_NO_HOSTS;
}

/* The thread that plays, a worker as those of the pool. */
struct player {
    struct run *run;
    pthread_cond_t stopped; /* with the run's step_lock */
    bool has_stopped;
};

static void *play_all(void *player_)
{
    struct player *player = player_;
    struct run *run = player->run;
    bool go_on = true;
    pool_resume(run->pool);
    for (size_t i = 0; i < run->playbook_count && go_on; i++) {
        const struct playbook *playbook = run->playbooks[i];
        for (size_t k = 0; k < playbook->count && go_on; k++) {
            go_on = play_execute(run, playbook->plays[k]);
            run_tell_diagnostics(run);
            go_on &= !run->error;
        }
        go_on &= !any_is_lost(run); /* else no further playbook is begun */
        if (!run->error) {          /* what a mistake has broken off has no result to sum up */
            summarize(run, i < run->options.playbook_count ? run->options.playbooks[i] : STR_NONE,
                      !go_on || i + 1 == run->playbook_count);
        }
    }
    pthread_mutex_lock(&run->step_lock);
    player->has_stopped = true;
    pthread_cond_signal(&player->stopped);
    pthread_mutex_unlock(&run->step_lock);
    return NULL;
}

#define TICK 0.5 /* seconds between two looks at who is still at work */

static void watch(struct player *player)
{
    struct run *run = player->run;
    pthread_mutex_lock(&run->step_lock);
    while (!player->has_stopped) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)(TICK * 1e9);
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (pthread_cond_timedwait(&player->stopped, &run->step_lock, &until) == ETIMEDOUT) {
            step_tell_waiting(run);
        }
    }
    pthread_mutex_unlock(&run->step_lock);
}

/* This thread has nothing to do but to take signals, and to tell for whom the run waits. */
static void play(struct run *run)
{
    struct player player = { .run = run };
    pthread_t thread;
    sigset_t all, before;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* which nobody sets */
    pthread_cond_init(&player.stopped, &attributes);
    pthread_condattr_destroy(&attributes);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, play_all, &player) != 0) {
        BUG("the system gives no thread");
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    watch(&player);
    pthread_join(thread, NULL);
    pthread_cond_destroy(&player.stopped);
}

static void flush_facts(struct run *run)
{
    struct host_list all = inventory_hosts(run->inventory, run->arena);
    for (size_t i = 0; run->options.flush_cache && i < all.count; i++) {
        fact_cache_forget(&run->options.fact_cache, all.hosts[i]->name);
    }
}

enum run_status run_execute(struct run *run)
{
    run->options.forks = forks_of(run);
    flush_facts(run);
    leases_divide_descriptors(run);
    run->pool = pool_new(run->options.forks);
    play(run);
    run_tell_diagnostics(run);
    return status_of(run);
}
