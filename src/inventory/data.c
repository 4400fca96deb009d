/* data.c - hosts and groups, and who is in which. */
#include "inventory/data.h"

#include <stdlib.h>
#include <string.h>

static const str localhost_names[LOCALHOST_NAMES] = { S_INIT("localhost"), S_INIT("127.0.0.1"),
                                                      S_INIT("::1") };

bool inventory_is_localhost(str name)
{
    for (size_t i = 0; i < LOCALHOST_NAMES; i++) {
        if (str_eq(name, localhost_names[i])) {
            return true;
        }
    }
    return false;
}

size_t data_slot(const struct inventory *inventory, const struct host_entry *host)
{
    return host->host.implicit
               ? inventory->hosts.len + (host->host.index - (SIZE_MAX - LOCALHOST_NAMES))
               : host->host.index;
}

size_t data_slots(const struct inventory *inventory)
{
    return inventory->hosts.len + LOCALHOST_NAMES;
}

/* The host that nobody named: reached without a connection. */
static struct host_entry *make_implicit(struct inventory *inventory, size_t number)
{
    struct host_entry *entry = NEW(inventory->arena, struct host_entry);
    entry->host = (struct host){ .name = localhost_names[number],
                                 .index = SIZE_MAX - LOCALHOST_NAMES + number,
                                 .implicit = true };
    struct map_builder vars = map_in(inventory->arena);
    map_set_str(&vars, S("ansible_connection"),
                value_trusted(value_str(inventory->arena, S("local"))));
    map_set_str(&vars, S("ansible_python_interpreter"),
                value_trusted(value_str(inventory->arena, S("/usr/bin/python3"))));
    *VEC_PUSH(inventory->arena, &entry->vars) = map_seal(&vars);
    return entry;
}

void data_init(struct inventory *inventory)
{
    inventory->hosts.len = 0;
    inventory->groups.len = 0;
    inventory->host_names = (struct names){ .arena = inventory->arena };
    inventory->group_names = (struct names){ .arena = inventory->arena };
    inventory->known_hosts.arena = inventory->arena;
    inventory->strangers = (struct names){ .arena = inventory->arena };
    inventory->directories.len = 0;
    inventory->localhost = NULL;
    inventory->groups_map = (value){ 0 };
    for (size_t i = 0; i < LOCALHOST_NAMES; i++) {
        if (inventory->implicit[i] == NULL) {
            inventory->implicit[i] = make_implicit(inventory, i);
        }
        inventory->implicit[i]->groups.len = 0;
        atomic_store(&inventory->implicit[i]->layers, NULL);
    }
    inventory->all = data_add_group(inventory, S("all"), SPAN_NONE);
    inventory->ungrouped = data_add_group(inventory, S("ungrouped"), SPAN_NONE);
    *VEC_PUSH(inventory->arena, &inventory->all->children) = inventory->ungrouped;
    *VEC_PUSH(inventory->arena, &inventory->ungrouped->parents) = inventory->all;
}

/* ---- groups and hosts ---- */

struct group *data_group(struct inventory *inventory, str name)
{
    return names_find(&inventory->group_names, name);
}

struct group *data_add_group(struct inventory *inventory, str name, span at)
{
    struct group *group = data_group(inventory, name);
    if (group == NULL) {
        group = NEW(inventory->arena, struct group);
        *group =
            (struct group){ .name = str_copy(inventory->arena, name), .at = at, .priority = 1 };
        *VEC_PUSH(inventory->arena, &inventory->groups) = group;
        names_set(&inventory->group_names, group->name, group);
    }
    return group;
}

struct host_entry *data_host(struct inventory *inventory, str name)
{
    return names_find(&inventory->host_names, name);
}

/* The memory of a host: that of the same name before a refresh, so that who holds on to a host
 * still has it. */
static struct host_entry *make_host(struct inventory *inventory, str name)
{
    struct host_entry *entry = names_find(&inventory->known_hosts, name);
    if (entry == NULL) {
        entry = NEW(inventory->arena, struct host_entry);
        entry->host.name = str_copy(inventory->arena, name);
        entry->host.id = inventory->known_count++;
        names_set(&inventory->known_hosts, entry->host.name, entry);
    }
    entry->vars.len = 0;
    entry->groups.len = 0;
    atomic_store(&entry->layers, NULL);
    return entry;
}

static value port_map(struct arena *arena, int64_t port, span at)
{
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("ansible_port"), value_at(value_int(port), at));
    return map_seal(&map);
}

struct host_entry *data_add_host(struct inventory *inventory, str name, span at, str file,
                                 int64_t port)
{
    struct host_entry *entry = data_host(inventory, name);
    if (entry != NULL) {
        return entry;
    }
    entry = make_host(inventory, name);
    entry->host.index = inventory->hosts.len;
    entry->host.at = at;
    entry->file = file;
    if (port > 0) {
        data_set_host_vars(inventory, entry, port_map(inventory->arena, port, at));
    }
    *VEC_PUSH(inventory->arena, &inventory->hosts) = entry;
    names_set(&inventory->host_names, entry->host.name, entry);
    if (inventory->localhost == NULL && inventory_is_localhost(name)) {
        inventory->localhost = entry;
    }
    return entry;
}

struct host_entry *data_stranger(struct inventory *inventory, str name)
{
    struct host_entry *entry = names_find(&inventory->strangers, name);
    if (entry == NULL) {
        entry = make_host(inventory, name);
        entry->host.at = SPAN_NONE;
        entry->file = STR_NONE;
        names_set(&inventory->strangers, entry->host.name, entry);
    }
    return entry;
}

static bool is_in(const struct host_entry *host, const struct group *group)
{
    for (size_t i = 0; i < host->groups.len; i++) {
        if (host->groups.items[i] == group) {
            return true;
        }
    }
    return false;
}

bool data_join(struct inventory *inventory, struct group *group, struct host_entry *host)
{
    if (is_in(host, group)) {
        return false;
    }
    *VEC_PUSH(inventory->arena, &group->hosts) = host;
    *VEC_PUSH(inventory->arena, &host->groups) = group;
    atomic_store(&host->layers, NULL);
    return true;
}

/* Whether `group` is `above` or has it among its ancestors. */
static bool is_below(struct inventory *inventory, struct group *group, const struct group *above,
                     unsigned visit)
{
    if (group == above) {
        return true;
    }
    group->visit = visit;
    for (size_t i = 0; i < group->parents.len; i++) {
        struct group *parent = group->parents.items[i];
        if (parent->visit != visit && is_below(inventory, parent, above, visit)) {
            return true;
        }
    }
    return false;
}

bool data_add_child(struct inventory *inventory, struct diags *diags, struct group *parent,
                    struct group *child, span at, bool *ret_new)
{
    for (size_t i = 0; i < child->parents.len; i++) {
        if (child->parents.items[i] == parent) {
            *ret_new = false;
            return true;
        }
    }
    if (child == inventory->all || is_below(inventory, parent, child, ++inventory->visits)) {
        struct diag *diag =
            child == parent
                ? diag_error(diags, at, "group '%.*s' cannot be a child of itself",
                             SARG(child->name))
                : diag_error(diags, at,
                             "group '%.*s' cannot be a child of '%.*s', which is below it",
                             SARG(child->name), SARG(parent->name));
        if (child != parent && parent->at.pos != 0) {
            diag_note(diag, parent->at, "'%.*s' is named here", SARG(parent->name));
        }
        return false;
    }
    *VEC_PUSH(inventory->arena, &parent->children) = child;
    *VEC_PUSH(inventory->arena, &child->parents) = parent;
    *ret_new = true;
    return true;
}

/* ---- variables ---- */

void data_set_host_vars(struct inventory *inventory, struct host_entry *host, value map)
{
    if (value_count(map) > 0) {
        *VEC_PUSH(inventory->arena, &host->vars) = map;
        atomic_store(&host->layers, NULL);
    }
}

/* What Python's int() makes of it. */
static bool to_priority(value v, int64_t *ret)
{
    switch (value_kind(v)) {
    case VALUE_INT:
        if (value_is_big(v)) {
            return false;
        }
        *ret = value_as_int(v);
        return true;
    case VALUE_BOOL:
        *ret = value_as_bool(v);
        return true;
    case VALUE_FLOAT:
        if (!(value_as_float(v) > -1e18 && value_as_float(v) < 1e18)) {
            return false;
        }
        *ret = (int64_t)value_as_float(v);
        return true;
    case VALUE_STR:
        return str_to_int64(str_trim(value_as_str(v)), ret);
    case VALUE_UNDEFINED:
    case VALUE_UNKNOWN:
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_OBJECT:
        return false;
    }
    return false;
}

bool data_set_group_vars(struct inventory *inventory, struct diags *diags, struct group *group,
                         value map)
{
    value priority;
    if (value_map_get(map, S("ansible_group_priority"), &priority)) {
        if (!to_priority(priority, &group->priority)) {
            diag_error(diags, priority.at,
                       "ansible_group_priority of group '%.*s' must be a number",
                       SARG(group->name));
            return false;
        }
        struct map_builder rest = map_from(inventory->arena, map);
        map_remove(&rest, value_str(inventory->arena, S("ansible_group_priority")));
        map = map_seal(&rest);
    }
    if (value_count(map) > 0) {
        *VEC_PUSH(inventory->arena, &group->vars) = map;
    }
    return true;
}

bool data_set_vars(struct inventory *inventory, struct diags *diags, str name, value map)
{
    struct group *group = data_group(inventory, name);
    if (group != NULL) {
        return data_set_group_vars(inventory, diags, group, map);
    }
    data_set_host_vars(inventory, data_host(inventory, name), map);
    return true;
}

/* ---- the rules that hold once all is read ---- */

static void leave(struct host_entry *host, struct group *group)
{
    for (size_t i = 0; i < host->groups.len; i++) {
        if (host->groups.items[i] == group) {
            memmove(&host->groups.items[i], &host->groups.items[i + 1],
                    (host->groups.len - i - 1) * sizeof(struct group *));
            host->groups.len--;
            return;
        }
    }
}

/* In no group but `all`: then in `ungrouped`; in `ungrouped` and another, be it one that has
 * `ungrouped` as a child: then not. */
static void settle_ungrouped(struct inventory *inventory)
{
    struct group *ungrouped = inventory->ungrouped;
    size_t kept = 0, before = ungrouped->hosts.len;
    for (size_t i = 0; i < inventory->hosts.len; i++) {
        struct host_entry *host = inventory->hosts.items[i];
        if (host->groups.len == 0 || (host->groups.len == 1 && is_in(host, inventory->all))) {
            data_join(inventory, ungrouped, host);
        }
    }
    for (size_t i = 0; i < ungrouped->hosts.len; i++) {
        struct host_entry *host = ungrouped->hosts.items[i];
        bool other = i < before && ungrouped->parents.len > 1;
        for (size_t k = 0; k < host->groups.len; k++) {
            other |= host->groups.items[k] != ungrouped && host->groups.items[k] != inventory->all;
        }
        if (other) {
            leave(host, ungrouped);
        } else {
            ungrouped->hosts.items[kept++] = host;
        }
    }
    ungrouped->hosts.len = kept;
}

static unsigned find_depth(struct group *group, unsigned visit)
{
    if (group->visit != visit) {
        unsigned depth = 0;
        for (size_t i = 0; i < group->parents.len; i++) {
            unsigned below = find_depth(group->parents.items[i], visit) + 1;
            depth = below > depth ? below : depth;
        }
        group->depth = depth;
        group->visit = visit;
    }
    return group->depth;
}

void data_find_depths(struct inventory *inventory)
{
    unsigned visit = ++inventory->visits;
    for (size_t i = 0; i < inventory->groups.len; i++) {
        find_depth(inventory->groups.items[i], visit);
    }
}

bool data_settle(struct inventory *inventory, struct diags *diags)
{
    for (size_t i = 0; i < inventory->groups.len; i++) {
        struct group *group = inventory->groups.items[i];
        bool is_new;
        if (group != inventory->all && group->parents.len == 0 &&
            !data_add_child(inventory, diags, inventory->all, group, group->at, &is_new)) {
            return false;
        }
    }
    settle_ungrouped(inventory);
    data_find_depths(inventory);
    for (size_t i = 0; i < inventory->hosts.len; i++) {
        atomic_store(&inventory->hosts.items[i]->layers, NULL);
    }
    inventory->groups_map = (value){ 0 };
    return true;
}

/* ---- who is in which ---- */

static bool is_listed(const struct group_list *list, const struct group *group)
{
    for (size_t i = 0; i < list->len; i++) {
        if (list->items[i] == group) {
            return true;
        }
    }
    return false;
}

static void add_with_parents(const struct inventory *inventory, struct arena *arena,
                             struct group_list *list, struct group *group)
{
    if (group == inventory->all || is_listed(list, group)) {
        return;
    }
    *VEC_PUSH(arena, list) = group;
    for (size_t i = 0; i < group->parents.len; i++) {
        add_with_parents(inventory, arena, list, group->parents.items[i]);
    }
}

static int compare_groups(const void *a_, const void *b_)
{
    const struct group *a = *(struct group *const *)a_, *b = *(struct group *const *)b_;
    if (a->depth != b->depth) {
        return a->depth < b->depth ? -1 : 1;
    }
    if (a->priority != b->priority) {
        return a->priority < b->priority ? -1 : 1;
    }
    return str_cmp(a->name, b->name);
}

struct group_list data_groups_of(struct inventory *inventory, struct arena *arena,
                                 const struct host_entry *host)
{
    struct group_list list = { 0 };
    for (size_t i = 0; i < host->groups.len; i++) {
        add_with_parents(inventory, arena, &list, host->groups.items[i]);
    }
    if (list.len > 1) {
        qsort(list.items, list.len, sizeof *list.items, compare_groups);
    }
    return list;
}

struct entry_list data_hosts_of(struct inventory *inventory, struct arena *arena,
                                struct group *group)
{
    struct group_list queue = { 0 };
    struct names seen_groups = { .arena = arena };
    bool *seen = NEW_ARRAY(arena, bool, data_slots(inventory));
    struct entry_list hosts = { 0 };
    *VEC_PUSH(arena, &queue) = group;
    names_set(&seen_groups, group->name, group);
    for (size_t at = 0; at < queue.len; at++) {
        const struct group *next = queue.items[at];
        for (size_t i = 0; i < next->hosts.len; i++) {
            struct host_entry *host = next->hosts.items[i];
            size_t slot = data_slot(inventory, host);
            if (!seen[slot] && !(group == inventory->all && host->host.implicit)) {
                seen[slot] = true;
                *VEC_PUSH(arena, &hosts) = host;
            }
        }
        for (size_t i = 0; i < next->children.len; i++) {
            struct group *child = next->children.items[i];
            if (names_find(&seen_groups, child->name) == NULL) {
                names_set(&seen_groups, child->name, child);
                *VEC_PUSH(arena, &queue) = child;
            }
        }
    }
    return hosts;
}
