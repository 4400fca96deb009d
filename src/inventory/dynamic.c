/*
 * dynamic.c - changes while plays run: add_host, group_by, and meta: refresh_inventory, which reads
 * the sources again and repeats the others.
 */
#include "inventory/layers.h"
#include "inventory/sources.h"

struct dynamic_change {
    str host;
    str group;       /* group_by; STR_NONE: add_host */
    const str *more; /* add_host: groups; group_by: parents of the group */
    size_t more_count;
    value vars; /* add_host */
};

static void remember(struct inventory *inventory, struct dynamic_change change)
{
    struct arena *arena = inventory->arena;
    struct dynamic_change *kept = NEW(arena, struct dynamic_change);
    str *more = NEW_ARRAY(arena, str, change.more_count);
    for (size_t i = 0; i < change.more_count; i++) {
        more[i] = str_copy(arena, change.more[i]);
    }
    *kept =
        (struct dynamic_change){ .host = str_copy(arena, change.host),
                                 .group = str_is_none(change.group) ? STR_NONE
                                                                    : str_copy(arena, change.group),
                                 .more = more,
                                 .more_count = change.more_count,
                                 .vars = change.vars };
    *VEC_PUSH(arena, &inventory->changes) = kept;
}

/* Whether the host's own variables would differ with these on top. */
static bool has_news(const struct host_entry *host, value vars)
{
    for (size_t i = 0; i < value_count(vars); i++) {
        value key = value_map_key(vars, i), old = { 0 };
        size_t map = host->vars.len;
        while (map > 0 && !value_map_find(host->vars.items[map - 1], key, &old)) {
            map--;
        }
        if (map == 0 || value_equal(old, value_map_value(vars, i)) != TRUTH_TRUE) {
            return true;
        }
    }
    return false;
}

static bool do_add_host(struct inventory *inventory, struct diags *diags,
                        const struct dynamic_change *change, bool *ret_changed)
{
    bool changed = data_host(inventory, change->host) == NULL;
    struct host_entry *host =
        data_add_host(inventory, change->host, SPAN_NONE, STR_NONE, PORT_NONE);
    if (changed) {
        data_join(inventory, inventory->all, host);
    }
    if (value_is(change->vars, VALUE_MAP) && has_news(host, change->vars)) {
        data_set_host_vars(inventory, host, change->vars);
        changed = true;
    }
    for (size_t i = 0; i < change->more_count; i++) {
        changed |= data_group(inventory, change->more[i]) == NULL;
        struct group *group = data_add_group(inventory, change->more[i], SPAN_NONE);
        changed |= data_join(inventory, group, host);
    }
    *ret_changed = changed;
    return !changed || data_settle(inventory, diags);
}

static bool is_member(struct inventory *inventory, const struct host_entry *host,
                      const struct group *group)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("member");
    struct group_list groups = data_groups_of(inventory, scratch, host);
    for (size_t i = 0; i < groups.len; i++) {
        if (groups.items[i] == group) {
            return true;
        }
    }
    return false;
}

static bool do_group_by(struct inventory *inventory, struct diags *diags,
                        const struct dynamic_change *change, struct host_entry *host,
                        bool *ret_changed)
{
    bool changed = false;
    struct group *group = data_add_group(inventory, change->group, SPAN_NONE);
    for (size_t i = 0; i < change->more_count; i++) {
        changed |= data_group(inventory, change->more[i]) == NULL;
        struct group *parent = data_add_group(inventory, change->more[i], SPAN_NONE);
        bool is_new;
        if (!data_add_child(inventory, diags, parent, group, SPAN_NONE, &is_new)) {
            return false;
        }
        changed |= is_new;
    }
    if (!is_member(inventory, host, group)) {
        changed |= data_join(inventory, group, host);
    }
    *ret_changed = changed;
    return !changed || data_settle(inventory, diags);
}

bool inventory_add_host(struct inventory *inventory, struct diags *diags, str name,
                        const str *groups, size_t group_count, value vars, bool *ret_changed)
{
    HOLD_LOCK(inventory);
    struct dynamic_change change = { .host = name, .more = groups, .more_count = group_count };
    if (value_is(vars, VALUE_MAP)) {
        change.vars = value_copy(inventory->arena, vars);
    }
    remember(inventory, change);
    return do_add_host(inventory, diags, &change, ret_changed);
}

bool inventory_add_to_group(struct inventory *inventory, struct diags *diags,
                            const struct host *host, str group, const str *parents,
                            size_t parent_count, bool *ret_changed)
{
    HOLD_LOCK(inventory);
    struct dynamic_change change = {
        .host = host->name, .group = group, .more = parents, .more_count = parent_count
    };
    remember(inventory, change);
    return do_group_by(inventory, diags, &change, host_entry(host), ret_changed);
}

static bool repeat(struct inventory *inventory, struct diags *diags,
                   const struct dynamic_change *change)
{
    bool changed;
    if (str_is_none(change->group)) {
        return do_add_host(inventory, diags, change, &changed);
    }
    const struct host *host = inventory_find(inventory, change->host);
    return host == NULL || do_group_by(inventory, diags, change, host_entry(host), &changed);
}

bool inventory_refresh(struct inventory *inventory, struct diags *diags)
{
    HOLD_LOCK(inventory);
    data_init(inventory);
    vars_files_find_dirs(inventory);
    bool ok = sources_read(inventory, diags);
    for (size_t i = 0; ok && i < inventory->changes.len; i++) {
        ok = repeat(inventory, diags, inventory->changes.items[i]);
    }
    return ok;
}
