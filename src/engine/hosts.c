/*
 * hosts.c - a host during a run: its own variables as immutable snapshots, its arenas, its state.
 */
#include "engine/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "engine/connect_names.h"

/* So many newly set variables are kept apart before they are merged: copying n entries at each of m
 * tasks would cost n * m. */
#define RECENT_MAX 24

static const struct host_vars no_vars; /* all fields VALUE_UNDEFINED, which is kind 0 */

static struct run_host *host_new(const struct host *host)
{
    struct arena *arena = arena_new("host");
    struct run_host *made = calloc(1, sizeof *made);
    if (made == NULL) {
        BUG("no memory for a host");
    }
    made->host = host;
    made->name = host->name;
    made->arena = arena;
    made->task_arena = arena_new("task");
    made->item_arena = arena_new("item");
    made->stats.host = host->name;
    atomic_init(&made->vars, &no_vars);
    pthread_mutex_init(&made->edit_lock, NULL);
    return made;
}

void host_free(struct run_host *host)
{
    if (host == NULL) {
        return;
    }
    arena_free(host->item_arena);
    arena_free(host->task_arena);
    arena_free(host->arena);
    pthread_mutex_destroy(&host->edit_lock);
    free(host->notified.items);
    free(host);
}

/* A host has its place for the whole run; the implicit localhost, which is not counted, the first.
 */
static size_t slot_of(const struct host *host)
{
    return host->implicit ? 0 : host->id + 1;
}

static void grow_hosts(struct run *run, size_t slot)
{
    size_t cap = run->host_cap == 0 ? 64 : run->host_cap;
    while (cap <= slot) {
        cap *= 2;
    }
    struct run_host **hosts = realloc(run->hosts, cap * sizeof(*hosts));
    if (hosts == NULL) {
        BUG("no memory for %zu hosts", cap);
    }
    memset(hosts + run->host_cap, 0, (cap - run->host_cap) * sizeof(*hosts));
    run->hosts = hosts;
    run->host_cap = cap;
}

/* What an earlier run was told by the host. */
static void take_up_facts(struct run *run, struct run_host *host)
{
    const struct fact_cache *cache = &run->options.fact_cache;
    host->facts_apart = run->options.facts_apart;
    if (!str_is_none(cache->dir)) {
        CLEANUP(release_arena) struct arena *arena = arena_new("kept facts");
        host->fact_cache = cache;
        host_add_facts(host, fact_cache_read(arena, cache, host->name, &host->facts_gathered));
    }
}

void host_keep_facts(struct run *run, struct run_host *host)
{
    const struct fact_cache *cache = host->fact_cache;
    if (cache != NULL && cache->writable && !atomic_load(&run->facts_lost) &&
        !fact_cache_write(cache, host->name, host_vars(host)->told, host->facts_gathered) &&
        !atomic_exchange(&run->facts_lost, true)) {
        int problem = errno;
        CLEANUP(release_arena) struct arena *arena = arena_new("message");
        struct diags *diags = diags_new(arena, run->sources);
        diag_warning(diags, SPAN_NONE, "facts are not kept: cannot write into '%.*s': %s",
                     SARG(cache->dir), strerror(problem));
        run_found(run, diags);
    }
}

struct run_host *run_host(struct run *run, const struct host *host)
{
    size_t slot = slot_of(host);
    pthread_rwlock_rdlock(&run->host_lock);
    struct run_host *found = slot < run->host_cap ? run->hosts[slot] : NULL;
    pthread_rwlock_unlock(&run->host_lock);
    if (found != NULL) {
        return found;
    }
    pthread_rwlock_wrlock(&run->host_lock);
    if (slot >= run->host_cap) {
        grow_hosts(run, slot);
    }
    if (run->hosts[slot] == NULL) {
        run->hosts[slot] = host_new(host);
        take_up_facts(run, run->hosts[slot]);
        run->host_count++;
    }
    found = run->hosts[slot];
    pthread_rwlock_unlock(&run->host_lock);
    return found;
}

struct run_host *run_host_find(struct run *run, str name)
{
    const struct host *host = inventory_find(run->inventory, name);
    return host == NULL ? NULL : run_host(run, host);
}

struct run_host *run_host_reach(struct run *run, str name)
{
    struct run_host *host = run_host_find(run, name);
    return host != NULL ? host : run_host(run, inventory_stranger(run->inventory, name));
}

const struct host_vars *host_vars(const struct run_host *host)
{
    return atomic_load_explicit(&host->vars, memory_order_acquire);
}

/* A copy of the present snapshot, to be changed and published. Until then the host's arena is ours:
 * where each host goes its own way, several may have something for it at once, by delegate_facts.
 */
static struct host_vars *vars_edit(struct run_host *host)
{
    pthread_mutex_lock(&host->edit_lock);
    struct host_vars *edited = NEW(host->arena, struct host_vars);
    *edited = *host_vars(host);
    return edited;
}

static void vars_publish(struct run_host *host, struct host_vars *vars)
{
    atomic_store_explicit(&host->vars, vars, memory_order_release);
    pthread_mutex_unlock(&host->edit_lock);
}

/* `map` with the entries of `over` set in it; both maps or undefined. */
static value merged(struct arena *arena, value map, value over)
{
    struct map_builder builder = value_is(map, VALUE_MAP) ? map_from(arena, map) : map_in(arena);
    for (size_t i = 0; value_is(over, VALUE_MAP) && i < value_count(over); i++) {
        map_set(&builder, value_map_key(over, i), value_map_value(over, i));
    }
    return map_seal(&builder);
}

/* `map` is in the host's arena. */
static void set_and_publish(struct run_host *host, struct host_vars *vars, value map)
{
    vars->set_recent = merged(host->arena, vars->set_recent, map);
    if (value_count(vars->set_recent) > RECENT_MAX) {
        vars->set = merged(host->arena, vars->set, vars->set_recent);
        vars->set_recent = (value){ 0 };
    }
    vars_publish(host, vars);
}

void host_set_all(struct run_host *host, value map)
{
    struct host_vars *vars = vars_edit(host);
    set_and_publish(host, vars, value_copy(host->arena, map));
}

void host_set(struct run_host *host, str name, value v)
{
    struct host_vars *vars = vars_edit(host);
    struct map_builder one = map_in(host->arena);
    map_set_str(&one, str_copy(host->arena, name), value_copy(host->arena, v));
    set_and_publish(host, vars, map_seal(&one));
}

void host_include_vars(struct run_host *host, value map)
{
    struct host_vars *vars = vars_edit(host);
    vars->included = merged(host->arena, vars->included, value_copy(host->arena, map));
    vars_publish(host, vars);
}

/* Facts have two faces: `ansible_facts.distribution` and the variable `ansible_distribution`. */
void host_add_facts(struct run_host *host, value facts)
{
    if (!value_is(facts, VALUE_MAP)) {
        return;
    }
    struct arena *arena = host->arena;
    struct host_vars *vars = vars_edit(host);
    value copy = value_copy(arena, facts);
    struct map_builder plain =
        value_is(vars->facts, VALUE_MAP) ? map_from(arena, vars->facts) : map_in(arena);
    struct map_builder prefixed =
        value_is(vars->injected, VALUE_MAP) ? map_from(arena, vars->injected) : map_in(arena);
    if (host->fact_cache != NULL) {
        vars->told = merged(arena, vars->told, copy);
    }
    for (size_t i = 0; i < value_count(copy); i++) {
        value key = value_map_key(copy, i), v = value_map_value(copy, i);
        if (!value_is(key, VALUE_STR)) {
            continue;
        }
        str name = value_as_str(key);
        bool has_prefix = str_starts(name, S("ansible_"));
        str bare = has_prefix ? str_part(name, strlen("ansible_"), name.len) : name;
        map_set_str(&plain, str_eq(bare, S("local")) ? S("ansible_local") : bare, v);
        bool is_variable = !host->facts_apart || str_eq(name, S("ansible_local"));
        /* what a host tells must not decide how it, or another one, is reached */
        if (is_variable && !connection_uses(name) && !str_eq(name, S("vars"))) {
            map_set_str(&prefixed, name, v);
        }
    }
    vars->facts = map_seal(&plain);
    map_set_str(&prefixed, S("ansible_facts"), vars->facts);
    vars->injected = map_seal(&prefixed);
    vars_publish(host, vars);
}

void host_set_home(struct run_host *host, str name, str home)
{
    if (str_eq(host_home(host, name), home)) {
        return;
    }
    struct arena *arena = host->arena;
    struct host_vars *vars = vars_edit(host);
    struct map_builder homes =
        value_is(vars->homes, VALUE_MAP) ? map_from(arena, vars->homes) : map_in(arena);
    map_set_str(&homes, str_copy(arena, name), value_str(arena, str_copy(arena, home)));
    vars->homes = map_seal(&homes);
    vars_publish(host, vars);
}

str host_home(const struct run_host *host, str name)
{
    value home = value_get(host_vars(host)->homes, name);
    return value_is(home, VALUE_STR) ? value_as_str(home) : STR_NONE;
}

void host_clear_facts(struct run_host *host)
{
    struct host_vars *vars = vars_edit(host);
    vars->facts = (value){ 0 };
    vars->told = (value){ 0 };
    vars->injected = (value){ 0 };
    host->facts_gathered = false;
    vars_publish(host, vars);
    if (host->fact_cache != NULL) {
        fact_cache_forget(host->fact_cache, host->name);
    }
}

/* Move what is alive to a new arena when most of the present one is garbage. Nobody may be reading.
 */
void host_compact(struct run_host *host)
{
    if (arena_used(host->arena) < (1u << 20)) {
        return;
    }
    struct arena *fresh = arena_new("host");
    const struct host_vars *have = host_vars(host);
    struct host_vars *vars = NEW(fresh, struct host_vars);
    *vars = (struct host_vars){
        .set = value_copy(fresh, have->set),
        .set_recent = value_copy(fresh, have->set_recent),
        .included = value_copy(fresh, have->included),
        .facts = value_copy(fresh, have->facts),
        .told = value_copy(fresh, have->told),
        .injected = value_copy(fresh, have->injected),
        .homes = value_copy(fresh, have->homes),
    };
    atomic_store_explicit(&host->vars, vars, memory_order_release);
    if (atomic_load(&host->magic) != NULL) {
        value *magic = NEW(fresh, value);
        *magic = value_copy(fresh, host_magic(host));
        atomic_store(&host->magic, magic);
    }
    arena_free(host->arena);
    host->arena = fresh;
}
