/*
 * inventory_list.c - the whole inventory: `inventory --list`.
 */
#include "cli/inventory_show.h"

static value member_names(const struct show *show, const struct group *group)
{
    struct list_builder names = list_in(show->arena);
    for (size_t i = 0; i < inventory_member_count(group); i++) {
        const struct host *host = inventory_member(group, i);
        if (show_has_host(show, host)) {
            list_add(&names, show_text(show, host->name));
        }
    }
    return list_seal(&names);
}

static void set_unless_empty(struct map_builder *map, str key, value v)
{
    if (value_count(v) > 0) {
        map_set_str(map, key, v);
    }
}

/* A group, and those below it that are not in `all` yet, as {"name": {hosts, children, vars}}; one
 * that has nothing of these is empty. */
static bool list_group(const struct show *show, const struct group *group, struct map_builder *all,
                       struct map_builder *seen)
{
    struct map_builder entry = map_in(show->arena);
    struct list_builder children = list_in(show->arena);
    map_set_str(all, inventory_group_name(group), value_null()); /* before those below */
    if (!show_is_all(group)) {
        set_unless_empty(&entry, S("hosts"), member_names(show, group));
    }
    for (size_t i = 0; i < inventory_child_count(group); i++) {
        const struct group *child = inventory_child(group, i);
        value name = show_text(show, inventory_group_name(child)), ignored;
        list_add(&children, name);
        if (!map_has(seen, name, &ignored)) {
            map_set(seen, name, value_null());
            if (!list_group(show, child, all, seen)) {
                return false;
            }
        }
    }
    set_unless_empty(&entry, S("children"), list_seal(&children));
    if (show->args->export) {
        value vars;
        if (!show_group_vars(show, group, &vars)) {
            return false;
        }
        set_unless_empty(&entry, S("vars"), vars);
    }
    map_set_str(all, inventory_group_name(group), map_seal(&entry));
    return true;
}

static bool list_json(struct show *show)
{
    struct map_builder all = map_in(show->arena), seen = map_in(show->arena);
    struct map_builder hostvars = map_in(show->arena), meta = map_in(show->arena);
    struct map_builder groups = map_in(show->arena);
    if (!list_group(show, inventory_find_group(show->inventory, S("all")), &groups, &seen)) {
        return false;
    }
    value listed = map_seal(&groups);
    for (size_t i = 0; i < value_count(listed); i++) {
        set_unless_empty(&all, value_as_str(value_map_key(listed, i)), value_map_value(listed, i));
    }
    for (size_t i = 0; i < show->hosts.count; i++) {
        value vars;
        if (!show_host_vars(show, show->hosts.hosts[i], &vars)) {
            return false;
        }
        set_unless_empty(&hostvars, show->hosts.hosts[i]->name, vars);
    }
    map_set_str(&meta, S("hostvars"), map_seal(&hostvars));
    map_set_str(&all, S("_meta"), map_seal(&meta));
    return show_json(show, map_seal(&all));
}

/* The form of a YAML inventory: groups stand in groups, and the variables of a host where it is
 * named first. */
static bool list_yaml_group(const struct show *show, const struct group *group,
                            struct map_builder *seen, value *ret)
{
    struct map_builder entry = map_in(show->arena), children = map_in(show->arena);
    struct map_builder hosts = map_in(show->arena);
    for (size_t i = 0; i < inventory_child_count(group); i++) {
        const struct group *child = inventory_child(group, i);
        value below;
        if (!list_yaml_group(show, child, seen, &below)) {
            return false;
        }
        map_set_str(&children, inventory_group_name(child), below);
    }
    for (size_t i = 0; !show_is_all(group) && i < inventory_member_count(group); i++) {
        const struct host *host = inventory_member(group, i);
        struct map_builder none = map_in(show->arena);
        value vars = map_seal(&none), name = show_text(show, host->name), ignored;
        if (!show_has_host(show, host)) {
            continue;
        }
        if (!map_has(seen, name, &ignored)) {
            map_set(seen, name, value_null());
            if (!show_host_vars(show, host, &vars)) {
                return false;
            }
        }
        map_set(&hosts, name, vars);
    }
    set_unless_empty(&entry, S("children"), map_seal(&children));
    set_unless_empty(&entry, S("hosts"), map_seal(&hosts));
    if (show->args->export) {
        value vars;
        if (!show_group_vars(show, group, &vars)) {
            return false;
        }
        set_unless_empty(&entry, S("vars"), vars);
    }
    *ret = map_seal(&entry);
    return true;
}

static bool list_yaml(struct show *show)
{
    struct map_builder all = map_in(show->arena), seen = map_in(show->arena);
    value below;
    if (!list_yaml_group(show, inventory_find_group(show->inventory, S("all")), &seen, &below)) {
        return false;
    }
    map_set_str(&all, S("all"), below);
    return show_yaml(show, map_seal(&all));
}

enum run_status show_list(struct show *show)
{
    return (show->args->yaml ? list_yaml(show) : list_json(show)) ? RUN_OK : RUN_PARSE;
}
