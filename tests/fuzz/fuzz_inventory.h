/*
 * fuzz_inventory.h - what the targets of inventory sources share: the input is one source of an
 * inventory, which is read or refused with a diagnostic, and whatever was read can be asked for.
 */
#pragma once
#include "base/bug.h"
#include "fuzz.h"
#include "inventory/sources.h"

static inline void ask_inventory(struct inventory *inventory, struct arena *arena)
{
    struct host_list hosts = inventory_hosts(inventory, arena);
    inventory_groups(inventory, arena);
    for (size_t i = 0; i < hosts.count && i < 100; i++) {
        size_t count;
        BUG_ON(inventory_find(inventory, hosts.hosts[i]->name) != hosts.hosts[i]);
        BUG_ON(value_count(inventory_group_names(inventory, arena, hosts.hosts[i])) == 0);
        inventory_layers(inventory, hosts.hosts[i], &count);
    }
}

static inline void fuzz_inventory(str input, bool (*read)(struct parse *))
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fuzz");
    struct source_map *sources = source_map_new();
    struct diags *diags = diags_new(arena, sources);
    struct inventory_options none = { .playbook_dir = STR_NONE };
    struct inventory *inventory;
    BUG_ON(!inventory_load(arena, diags, &none, &inventory));
    struct parse parse = { .inventory = inventory,
                           .diags = diags,
                           .source = source_add(sources, S("hosts"), input),
                           .file = S("/hosts") };
    BUG_ON(parse.source == NULL);
    bool ok = read(&parse);
    BUG_ON(!ok && diags->errors == 0);
    if (data_settle(inventory, diags)) {
        ask_inventory(inventory, arena);
    } else {
        BUG_ON(diags->errors == 0);
    }
    for (size_t i = 0; i < diags->all.len; i++) {
        diag_render(arena, sources, diags->all.items[i], (struct diag_style){ .columns = 80 });
    }
    arena_reset(arena); /* the inventory goes before the sources it points to */
    source_map_free(sources);
}
