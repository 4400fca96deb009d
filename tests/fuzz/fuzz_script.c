/*
 * fuzz_script.c - any bytes that an inventory script prints are read or refused with a diagnostic,
 * and whatever was read can be asked for.
 */
#include "base/bug.h"
#include "fuzz.h"
#include "inventory/sources.h"

static void ask(struct inventory *inventory, struct arena *arena)
{
    struct host_list hosts = inventory_hosts(inventory, arena);
    inventory_groups(inventory, arena);
    for (size_t i = 0; i < hosts.count && i < 100; i++) {
        size_t count;
        BUG_ON(inventory_find(inventory, hosts.hosts[i]->name) != hosts.hosts[i]);
        inventory_layers(inventory, hosts.hosts[i], &count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fuzz");
    struct source_map *sources = source_map_new();
    struct diags *diags = diags_new(arena, sources);
    struct inventory_options none = { .playbook_dir = STR_NONE };
    struct inventory *inventory;
    BUG_ON(!inventory_load(arena, diags, &none, &inventory));
    struct parse parse = { .inventory = inventory,
                           .diags = diags,
                           .source = source_add(sources, S("script --list"),
                                                (str){ (const char *)data, size }),
                           .file = S("/script") };
    BUG_ON(parse.source == NULL);
    bool ok = script_output_parse(&parse);
    BUG_ON(!ok && diags->errors == 0);
    if (data_settle(inventory, diags)) {
        ask(inventory, arena);
    } else {
        BUG_ON(diags->errors == 0);
    }
    for (size_t i = 0; i < diags->all.len; i++) {
        diag_render(arena, sources, diags->all.items[i], (struct diag_style){ .columns = 80 });
    }
    arena_reset(arena); /* the inventory goes before the sources it points to */
    source_map_free(sources);
    return 0;
}
