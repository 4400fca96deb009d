/*
 * layers.c - which variables of the inventory a host has, and which of them win.
 *
 * The strongest first: host_vars/ beside the playbook, beside the inventory, what sources and
 * add_host say of the host; group_vars/ of its groups beside the playbook, beside the inventory;
 * group_vars/all likewise; what sources say of its groups, then of `all`. Among groups the deeper
 * wins, then the higher ansible_group_priority, then the later name; among sources the later.
 *
 * Source: the variable precedence of ansible-core 2.14 to 2.18.
 */
#include "inventory/layers.h"

#include <string.h>

#define MAPS_MAX 48 /* so many maps a lookup goes through; weaker ones are merged into one */

struct building {
    struct inventory *inventory;
    struct arena *arena;
    VEC(struct inventory_layer) layers;
    VEC(const struct vars_set *) sets; /* with something to tell */
};

static void add_maps(struct building *b, const value *maps, size_t count, enum layer_kind kind,
                     str owner)
{
    for (size_t i = count; i > 0; i--) {
        *VEC_PUSH(b->arena, &b->layers) = (struct inventory_layer){ kind, owner, maps[i - 1] };
    }
}

static void add_files(struct building *b, str base, bool of_group, enum layer_kind kind, str owner)
{
    const struct vars_set *set = vars_files(b->inventory, base, of_group, owner);
    add_maps(b, set->maps.items, set->maps.len, kind, owner);
    if (set->said != NULL) {
        *VEC_PUSH(b->arena, &b->sets) = set;
    }
}

static void add_playbook_files(struct building *b, bool of_group, enum layer_kind kind, str owner)
{
    if (!str_is_none(b->inventory->options.playbook_dir)) {
        add_files(b, b->inventory->options.playbook_dir, of_group, kind, owner);
    }
}

static void add_group_files(struct building *b, str dir, const struct group_list *groups)
{
    for (size_t i = groups->len; i > 0; i--) {
        add_files(b, dir, true, LAYER_INVENTORY_GROUP_VARS, groups->items[i - 1]->name);
    }
}

static void add_all_group_files(struct building *b, const struct group_list *groups)
{
    const struct inventory *inventory = b->inventory;
    for (size_t i = groups->len; i > 0; i--) {
        add_playbook_files(b, true, LAYER_PLAYBOOK_GROUP_VARS, groups->items[i - 1]->name);
    }
    for (size_t dir = inventory->vars_dir_count; dir > 0; dir--) {
        add_group_files(b, inventory->vars_dirs[dir - 1], groups);
    }
}

static void add_groups(struct building *b, const struct group_list *groups)
{
    for (size_t i = groups->len; i > 0; i--) {
        const struct group *group = groups->items[i - 1];
        add_maps(b, group->vars.items, group->vars.len, LAYER_GROUP, group->name);
    }
}

static void add_host(struct building *b, const struct host_entry *host)
{
    const struct inventory *inventory = b->inventory;
    add_playbook_files(b, false, LAYER_PLAYBOOK_HOST_VARS, host->host.name);
    for (size_t dir = inventory->vars_dir_count; dir > 0; dir--) {
        add_files(b, inventory->vars_dirs[dir - 1], false, LAYER_INVENTORY_HOST_VARS,
                  host->host.name);
    }
    add_maps(b, host->vars.items, host->vars.len, LAYER_HOST, host->host.name);
}

/* ---- merging ---- */

bool inventory_merges_maps(const struct inventory *inventory)
{
    return inventory->options.settings.merge_maps;
}

value inventory_merge_vars(const struct inventory *inventory, struct arena *arena, value low,
                           value high)
{
    return value_merge(arena, low, high, inventory->options.settings.merge_maps);
}

/* Layers [from, count), the strongest first, as one map. */
static value merge_layers(const struct building *b, size_t from, bool deep)
{
    value merged = b->layers.items[b->layers.len - 1].vars;
    for (size_t i = b->layers.len - 1; i > from; i--) {
        merged = value_merge(b->arena, merged, b->layers.items[i - 1].vars, deep);
    }
    return merged;
}

static void make_maps(const struct building *b, struct layers *layers)
{
    bool deep = b->inventory->options.settings.merge_maps;
    size_t count = b->layers.len, apart = count;
    if (count > 1 && (deep || count > MAPS_MAX)) {
        apart = deep ? 0 : MAPS_MAX - 1;
    }
    value *maps = NEW_ARRAY(b->arena, value, apart + 1);
    for (size_t i = 0; i < apart; i++) {
        maps[i] = b->layers.items[i].vars;
    }
    if (apart < count) {
        maps[apart] = merge_layers(b, apart, deep);
    }
    layers->maps = maps;
    layers->count = apart < count ? apart + 1 : count;
}

static const struct layers *finish(const struct building *b)
{
    struct layers *layers = NEW(b->arena, struct layers);
    *layers = (struct layers){ .all = b->layers.items,
                               .all_count = b->layers.len,
                               .sets = b->sets.items,
                               .set_count = b->sets.len };
    make_maps(b, layers);
    return layers;
}

/* ---- asking ---- */

static struct building begin(struct inventory *inventory)
{
    return (struct building){ .inventory = inventory, .arena = inventory->arena };
}

static const struct layers *build_layers(struct inventory *inventory, const struct host_entry *host)
{
    struct building b = begin(inventory);
    struct group_list groups = data_groups_of(inventory, inventory->arena, host);
    struct group *everybody[] = { inventory->all };
    struct group_list all = { .items = everybody, .len = 1 };
    add_host(&b, host);
    add_all_group_files(&b, &groups);
    add_all_group_files(&b, &all);
    add_groups(&b, &groups);
    add_groups(&b, &all);
    return finish(&b);
}

const struct layers *layers_of(struct inventory *inventory, struct host_entry *host)
{
    const struct layers *layers = atomic_load_explicit(&host->layers, memory_order_acquire);
    if (layers != NULL) {
        return layers;
    }
    HOLD_LOCK(inventory);
    layers = atomic_load_explicit(&host->layers, memory_order_relaxed);
    if (layers == NULL) { /* nobody was faster */
        layers = build_layers(inventory, host);
        atomic_store_explicit(&host->layers, layers, memory_order_release);
    }
    return layers;
}

/* Whether a host is below `all`: groups are put there only after all sources are read. */
static bool is_below_all(const struct inventory *inventory, const struct host_entry *host,
                         const struct group_list *groups)
{
    bool below = false;
    for (size_t i = 0; i < host->groups.len; i++) {
        below |= host->groups.items[i] == inventory->all;
    }
    for (size_t i = 0; i < groups->len; i++) {
        const struct group *group = groups->items[i];
        for (size_t k = 0; k < group->parents.len; k++) {
            below |= group->parents.items[k] == inventory->all;
        }
    }
    return below;
}

const struct layers *layers_now(struct inventory *inventory, struct arena *arena,
                                const struct host_entry *host, bool files)
{
    struct building b = { .inventory = inventory, .arena = arena };
    struct group_list groups = data_groups_of(inventory, arena, host);
    struct group *everybody[] = { inventory->all };
    struct group_list all = { .items = everybody, .len = is_below_all(inventory, host, &groups) };
    for (size_t dir = files ? inventory->vars_dir_count : 0; dir > 0; dir--) {
        add_files(&b, inventory->vars_dirs[dir - 1], false, LAYER_INVENTORY_HOST_VARS,
                  host->host.name);
    }
    add_maps(&b, host->vars.items, host->vars.len, LAYER_HOST, host->host.name);
    for (size_t dir = files ? inventory->vars_dir_count : 0; dir > 0; dir--) {
        add_group_files(&b, inventory->vars_dirs[dir - 1], &groups);
        add_group_files(&b, inventory->vars_dirs[dir - 1], &all);
    }
    add_groups(&b, &groups);
    add_groups(&b, &all);
    return finish(&b);
}

const value *inventory_layers(struct inventory *inventory, const struct host *host,
                              size_t *ret_count)
{
    const struct layers *layers = layers_of(inventory, host_entry(host));
    *ret_count = layers->count;
    return layers->maps;
}

const struct inventory_layer *inventory_layers_apart(struct inventory *inventory,
                                                     const struct host *host, size_t *ret_count)
{
    const struct layers *layers = layers_of(inventory, host_entry(host));
    *ret_count = layers->all_count;
    return layers->all;
}

/* Pass on what was said about the files; false if any of them could not be read. */
static bool report(struct diags *diags, const struct vars_set *const *sets, size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        diags_append(diags, sets[i]->said);
        ok &= sets[i]->ok;
    }
    return ok;
}

bool inventory_prepare(struct inventory *inventory, struct diags *diags,
                       const struct host *const *hosts, size_t count)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("prepare");
    struct sets {
        const struct vars_set **items;
        size_t len, cap;
    } sets = { 0 };
    struct names seen = { .arena = scratch };
    for (size_t i = 0; i < count; i++) {
        const struct layers *layers = layers_of(inventory, host_entry(hosts[i]));
        for (size_t k = 0; k < layers->set_count; k++) {
            str key = { (const char *)&layers->sets[k], sizeof layers->sets[k] };
            if (names_find(&seen, key) == NULL) { /* a group's mistake is told once */
                names_set(&seen, key, scratch);
                *VEC_PUSH(scratch, &sets) = layers->sets[k];
            }
        }
    }
    return report(diags, sets.items, sets.len);
}

bool inventory_group_layers(struct inventory *inventory, struct diags *diags,
                            const struct group *group, const struct inventory_layer **ret,
                            size_t *ret_count)
{
    HOLD_LOCK(inventory);
    struct building b = begin(inventory);
    struct group *self[] = { data_group(inventory, group->name) };
    struct group_list groups = { .items = self, .len = 1 };
    add_all_group_files(&b, &groups);
    add_groups(&b, &groups);
    *ret = b.layers.items;
    *ret_count = b.layers.len;
    return report(diags, b.sets.items, b.sets.len);
}
