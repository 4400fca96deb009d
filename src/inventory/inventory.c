/* inventory.c - loading an inventory, and what may be asked of it. */
#include "inventory/inventory.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/path.h"
#include "base/tree.h"
#include "inventory/layers.h"
#include "inventory/sources.h"

static void release(void *object)
{
    struct inventory *inventory = object;
    pthread_mutex_destroy(&inventory->lock);
    arena_free(inventory->arena); /* the inventory lives in it */
}

static str working_directory(struct arena *arena)
{
    char here[PATH_MAX];
    return getcwd(here, sizeof here) == NULL ? STR_EMPTY : str_copy(arena, str_of(here));
}

/* A path as Ansible keeps it: absolute, with ~ for the home, links not resolved. */
static str absolute(struct arena *arena, str path)
{
    const char *home = getenv("HOME");
    if (home != NULL && (str_eq(path, S("~")) || str_starts(path, S("~/")))) {
        path = str_concat(arena, str_of(home), str_part(path, 1, path.len));
    }
    if (!path_is_absolute(path)) {
        path = path_join(arena, working_directory(arena), path);
    }
    return path_normal(arena, path);
}

static str copy_or_none(struct arena *arena, str s)
{
    return str_is_none(s) ? STR_NONE : str_copy(arena, s);
}

static void copy_options(struct inventory *inventory, const struct inventory_options *options)
{
    struct arena *arena = inventory->arena;
    str *sources = NEW_ARRAY(arena, str, options->count);
    for (size_t i = 0; i < options->count; i++) {
        str source = options->sources[i];
        bool is_list = str_find_char(source, ',', 0) != STR_NPOS && !tree_exists(source);
        sources[i] = is_list ? str_copy(arena, source) : str_copy(arena, absolute(arena, source));
    }
    inventory->options = *options;
    inventory->options.sources = sources;
    struct inventory_settings *settings = &inventory->options.settings;
    settings->enabled_plugins = copy_or_none(arena, settings->enabled_plugins);
    settings->ignored_extensions = copy_or_none(arena, settings->ignored_extensions);
    settings->ignored_patterns = copy_or_none(arena, settings->ignored_patterns);
    if (!str_is_none(options->playbook_dir)) {
        inventory->options.playbook_dir = str_copy(arena, absolute(arena, options->playbook_dir));
    }
}

static void make_lock(struct inventory *inventory)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    BUG_ON(pthread_mutex_init(&inventory->lock, &attributes) != 0);
    pthread_mutexattr_destroy(&attributes);
}

bool inventory_load(struct arena *arena, struct diags *diags,
                    const struct inventory_options *options, struct inventory **ret)
{
    struct arena *own = arena_new("inventory");
    struct inventory *inventory = NEW(own, struct inventory);
    inventory->arena = own;
    inventory->sources = diags->sources;
    inventory->here = working_directory(own);
    make_lock(inventory);
    arena_on_reset(arena, release, inventory);
    copy_options(inventory, options);
    data_init(inventory);
    vars_files_find_dirs(inventory);
    if (!sources_read(inventory, diags)) {
        return false;
    }
    *ret = inventory;
    return true;
}

/* ---- hosts ---- */

const struct host *inventory_find(struct inventory *inventory, str name)
{
    HOLD_LOCK(inventory);
    struct host_entry *host = data_host(inventory, name);
    if (host != NULL) {
        return &host->host;
    }
    if (!inventory_is_localhost(name)) {
        return NULL;
    }
    if (inventory->localhost != NULL) {
        return &inventory->localhost->host;
    }
    for (size_t i = 0; i < LOCALHOST_NAMES; i++) {
        if (str_eq(inventory->implicit[i]->host.name, name)) {
            host = inventory->implicit[i];
        }
    }
    return &host->host;
}

const struct host *inventory_stranger(struct inventory *inventory, str name)
{
    HOLD_LOCK(inventory);
    return &data_stranger(inventory, name)->host;
}

struct host_list inventory_hosts(struct inventory *inventory, struct arena *arena)
{
    HOLD_LOCK(inventory);
    size_t count = inventory->hosts.len;
    const struct host **hosts = NEW_ARRAY(arena, const struct host *, count);
    for (size_t i = 0; i < count; i++) {
        hosts[i] = &inventory->hosts.items[i]->host;
    }
    return (struct host_list){ hosts, count };
}

str inventory_file_of(struct inventory *inventory, const struct host *host)
{
    return host_entry(host)->file;
}

str inventory_dir_of(struct inventory *inventory, const struct host *host)
{
    str file = host_entry(host)->file;
    return !str_is_none(file) && path_is_absolute(file) ? path_dirname(file) : STR_NONE;
}

/* ---- groups ---- */

value inventory_group_names(struct inventory *inventory, struct arena *arena,
                            const struct host *host)
{
    HOLD_LOCK(inventory);
    struct group_list groups = data_groups_of(inventory, arena, host_entry(host));
    str *names = NEW_ARRAY(arena, str, groups.len);
    for (size_t i = 0; i < groups.len; i++) {
        names[i] = groups.items[i]->name;
    }
    if (groups.len > 1) {
        str_sort(names, groups.len);
    }
    struct list_builder list = list_in(arena);
    for (size_t i = 0; i < groups.len; i++) {
        list_add(&list, value_str_shared(arena, names[i]));
    }
    return list_seal(&list);
}

static value make_groups(struct inventory *inventory)
{
    struct arena *arena = inventory->arena;
    value *names = NEW_ARRAY(arena, value, data_slots(inventory));
    for (size_t i = 0; i < inventory->hosts.len; i++) {
        names[i] = value_str_shared(arena, inventory->hosts.items[i]->host.name);
    }
    for (size_t i = 0; i < LOCALHOST_NAMES; i++) {
        names[inventory->hosts.len + i] =
            value_str_shared(arena, inventory->implicit[i]->host.name);
    }
    struct map_builder map = map_in(arena);
    for (size_t i = 0; i < inventory->groups.len; i++) {
        struct group *group = inventory->groups.items[i];
        struct entry_list hosts = data_hosts_of(inventory, arena, group);
        struct list_builder list = list_in(arena);
        for (size_t k = 0; k < hosts.len; k++) {
            list_add(&list, names[data_slot(inventory, hosts.items[k])]);
        }
        map_set_str(&map, group->name, list_seal(&list));
    }
    return map_seal(&map);
}

value inventory_groups(struct inventory *inventory, struct arena *arena)
{
    HOLD_LOCK(inventory);
    if (!value_is_defined(inventory->groups_map)) {
        inventory->groups_map = make_groups(inventory);
    }
    return inventory->groups_map;
}

size_t inventory_group_count(const struct inventory *inventory)
{
    return inventory->groups.len;
}

const struct group *inventory_group(const struct inventory *inventory, size_t index)
{
    return inventory->groups.items[index];
}

const struct group *inventory_find_group(const struct inventory *inventory, str name)
{
    return names_find(&inventory->group_names, name);
}

str inventory_group_name(const struct group *group)
{
    return group->name;
}

int64_t inventory_group_priority(const struct group *group)
{
    return group->priority;
}

size_t inventory_child_count(const struct group *group)
{
    return group->children.len;
}

const struct group *inventory_child(const struct group *group, size_t index)
{
    return group->children.items[index];
}

size_t inventory_member_count(const struct group *group)
{
    return group->hosts.len;
}

const struct host *inventory_member(const struct group *group, size_t index)
{
    return &group->hosts.items[index]->host;
}
