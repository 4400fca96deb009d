/*
 * magic.c - variables that nobody sets: what tells of the play while it runs, and of a host in it.
 */
#include "engine/state.h"

#include <unistd.h>

#include "base/path.h"

/* ---- what changes while a play runs ---- */

const struct play_magic *play_magic(const struct play_run *play)
{
    return atomic_load_explicit(&play->magic, memory_order_acquire);
}

static value host_names(struct run_host *const *hosts, size_t count, struct arena *arena,
                        bool active)
{
    struct list_builder names = list_in(arena);
    for (size_t i = 0; i < count; i++) {
        bool gone =
            hosts[i]->state == HOST_FAILED || hosts[i]->state == HOST_UNREACHABLE || hosts[i]->left;
        if (!active || !gone) {
            list_add(&names, value_str(arena, hosts[i]->name));
        }
    }
    return list_seal(&names);
}

/* Both lists, each name once. */
static value all_names(value some, value more, struct arena *arena)
{
    struct map_builder seen = map_in(arena);
    struct list_builder list = list_in(arena);
    const value lists[] = { some, more };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (size_t k = 0; k < value_count(lists[i]); k++) {
            value name = value_item(lists[i], k);
            if (!map_has(&seen, name, NULL)) {
                map_set(&seen, name, value_null());
                list_add(&list, name);
            }
        }
    }
    return list_seal(&list);
}

static void add_dependent(const struct role *role, struct arena *arena, struct list_builder *names)
{
    for (size_t i = 0; i < role->dependency_count; i++) {
        const struct role *dependency = role->dependencies[i];
        add_dependent(dependency, arena, names);
        list_add(names, value_str(arena, dependency->name));
    }
}

/* Of the roles that the play names, or imports, or includes for all to see; and of what those
 * depend on. */
static void add_role_names(const struct play_run *play, struct arena *arena,
                           struct map_builder *map)
{
    struct list_builder list = list_in(arena), more = list_in(arena);
    const struct role_list *public_ = atomic_load(&play->public_roles);
    for (size_t i = 0; public_ != NULL && i < public_->count; i++) {
        const struct role *role = public_->roles[i];
        if (role->parent == NULL || role->is_included) { /* not those that others depend on */
            list_add(&list, value_str(arena, role->name));
            add_dependent(role, arena, &more);
        }
    }
    value named = list_seal(&list), none = value_list(arena, NULL, 0);
    value dependent = all_names(list_seal(&more), none, arena);
    map_set_str(map, S("ansible_play_role_names"), named);
    map_set_str(map, S("role_names"), named);
    map_set_str(map, S("ansible_dependent_role_names"), dependent);
    map_set_str(map, S("ansible_role_names"), all_names(named, dependent, arena));
}

void vars_play_changed(struct run *run, struct play_run *play)
{
    struct arena *arena = play->arena;
    pthread_mutex_lock(&run->play_lock);
    struct map_builder map = map_in(arena), shared = map_in(arena);
    value batch = host_names(play->batch, play->batch_count, arena, true);
    map_set_str(&map, S("ansible_play_hosts"),
                host_names(play->matched.items, play->matched.len, arena, true));
    map_set_str(&map, S("ansible_play_batch"), batch);
    map_set_str(&map, S("play_hosts"), batch);
    map_set_str(&map, S("ansible_play_hosts_all"),
                host_names(play->matched.items, play->matched.len, arena, false));
    add_role_names(play, arena, &map);
    value known = inventory_groups(run->inventory, arena);
    value dir = value_str(arena, play->play->dir);
    map_set_str(&shared, S("groups"), known);
    map_set_str(&shared, S("playbook_dir"), dir);
    map_set_str(&map, S("groups"), known);
    map_set_str(&map, S("playbook_dir"), dir);
    map_set_str(&map, S("ansible_play_name"), value_str(arena, play->name));
    map_set_str(&map, S("environment"), value_list(arena, NULL, 0));
    map_set_str(&map, S("hostvars"), hostvars_of(run, play, arena));
    struct play_magic *magic = NEW(arena, struct play_magic);
    *magic = (struct play_magic){ .all = map_seal(&map), .shared = map_seal(&shared) };
    atomic_store_explicit(&play->magic, magic, memory_order_release);
    pthread_mutex_unlock(&run->play_lock);
}

/* ---- what is computed once per run, and per play and host ---- */

static value version_map(struct run *run, struct arena *arena)
{
    struct map_builder map = map_in(arena);
    str full = run->options.version, rest = full;
    map_set_str(&map, S("full"), value_str(arena, full));
    map_set_str(&map, S("string"), value_str(arena, full));
    static const str parts[] = { S_INIT("major"), S_INIT("minor"), S_INIT("revision") };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        int64_t number = 0;
        str part = str_cut(&rest, '.');
        map_set_str(&map, parts[i], value_int(str_to_int64(part, &number) ? number : 0));
    }
    return map_seal(&map);
}

value text_list(const str *items, size_t count, struct arena *arena)
{
    struct list_builder list = list_in(arena);
    for (size_t i = 0; i < count; i++) {
        list_add(&list, value_str(arena, items[i]));
    }
    return list_seal(&list);
}

/* Sources as absolute paths, but for lists of hosts. */
static value source_list(struct run *run, struct arena *arena)
{
    char here[4096] = "";
    struct list_builder list = list_in(arena);
    str dir = getcwd(here, sizeof(here)) == NULL ? STR_EMPTY : str_of(here);
    for (size_t i = 0; i < run->options.inventory_count; i++) {
        str source = run->options.inventories[i];
        bool hosts = str_find_char(source, ',', 0) != STR_NPOS;
        list_add(
            &list,
            value_str(arena, hosts ? source : path_normal(arena, path_join(arena, dir, source))));
    }
    return list_seal(&list);
}

value vars_fallback(struct arena *arena)
{
    struct map_builder map = map_in(arena), facts = map_in(arena);
    map_set_str(&map, S("ansible_facts"), map_seal(&facts));
    return map_seal(&map);
}

value vars_of_run(struct run *run)
{
    struct arena *arena = run->arena;
    const struct run_options *options = &run->options;
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("ansible_playbook_python"), value_str(arena, run->python));
    map_set_str(&map, S("ansible_check_mode"), value_bool(options->check));
    map_set_str(&map, S("ansible_diff_mode"), value_bool(options->diff));
    map_set_str(&map, S("ansible_forks"), value_int(run->forks_told));
    map_set_str(&map, S("ansible_verbosity"), value_int(options->verbosity));
    map_set_str(&map, S("ansible_version"), version_map(run, arena));
    map_set_str(&map, S("ansible_config_file"),
                str_is_none(options->config_file) ? value_null()
                                                  : value_str(arena, options->config_file));
    map_set_str(&map, S("ansible_inventory_sources"), source_list(run, arena));
    map_set_str(&map, S("ansible_run_tags"),
                value_is(options->tags, VALUE_LIST) ? options->tags
                                                    : text_list(&S("all"), 1, arena));
    map_set_str(&map, S("ansible_skip_tags"),
                value_is(options->skip_tags, VALUE_LIST) ? options->skip_tags
                                                         : text_list(NULL, 0, arena));
    if (!str_is_none(options->limit)) {
        map_set_str(&map, S("ansible_limit"), value_str(arena, options->limit));
    }
    map_set_str(&map, S("omit"), template_omit(run->env));
    return map_seal(&map);
}

value vars_magic(struct run *run, struct run_host *host, struct arena *arena)
{
    struct map_builder map = map_in(arena);
    size_t dot = str_find_char(host->name, '.', 0);
    bool is_address = host->name.len > 0 && (host->name.ptr[0] >= '0' && host->name.ptr[0] <= '9');
    map_set_str(&map, S("inventory_hostname"), value_str(arena, host->name));
    map_set_str(&map, S("inventory_hostname_short"),
                value_str(arena, dot == STR_NPOS || is_address ? host->name
                                                               : str_part(host->name, 0, dot)));
    map_set_str(&map, S("group_names"), inventory_group_names(run->inventory, arena, host->host));
    str file = inventory_file_of(run->inventory, host->host);
    str dir = inventory_dir_of(run->inventory, host->host);
    if (!host->host->implicit) {
        map_set_str(&map, S("inventory_file"),
                    str_is_none(file) ? value_null() : value_str(arena, file));
        map_set_str(&map, S("inventory_dir"),
                    str_is_none(dir) ? value_null() : value_str(arena, dir));
    }
    return map_seal(&map);
}

value host_magic(const struct run_host *host)
{
    const value *magic = atomic_load_explicit(&host->magic, memory_order_acquire);
    return magic == NULL ? (value){ 0 } : *magic;
}

void host_magic_changed(struct run *run, struct run_host *host)
{
    pthread_mutex_lock(&host->edit_lock);
    value *magic = NEW(host->arena, value);
    *magic = vars_magic(run, host, host->arena);
    atomic_store_explicit(&host->magic, magic, memory_order_release);
    pthread_mutex_unlock(&host->edit_lock);
}
