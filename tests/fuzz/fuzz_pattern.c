/*
 * fuzz_pattern.c - any text is a pattern of hosts, or is refused with a diagnostic; what it means
 * has no host twice, and none that a limit leaves out. A second line is the limit.
 */
#include <string.h>

#include "base/bug.h"
#include "fuzz.h"
#include "inventory/sources.h"

static const str text = S_INIT("lone\n[web]\nweb1 a=1\nweb2\nweb10\n2001:db8::1\n[db]\ndb1\nweb2\n"
                               "[ab-c.d]\nx.y\n-1\n[site:children]\nweb\ndb\n[empty]\n");

static struct inventory *small_inventory(struct arena *arena, struct diags *diags)
{
    struct inventory_options none = { .playbook_dir = STR_NONE };
    struct inventory *inventory;
    BUG_ON(!inventory_load(arena, diags, &none, &inventory));
    struct parse parse = { .inventory = inventory,
                           .diags = diags,
                           .source = source_add(diags->sources, S("hosts"), text),
                           .file = S("/hosts") };
    BUG_ON(!ini_parse(&parse) || !data_settle(inventory, diags));
    return inventory;
}

static bool is_in(struct host_list hosts, const struct host *host)
{
    size_t found = 0;
    for (size_t i = 0; i < hosts.count; i++) {
        found += hosts.hosts[i] == host;
    }
    BUG_ON(found > 1);
    return found == 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fuzz");
    struct source_map *sources = source_map_new();
    struct diags *diags = diags_new(arena, sources);
    struct inventory *inventory = small_inventory(arena, diags);
    const struct source *source =
        source_add(sources, S("pattern"), (str){ (const char *)data, size });
    BUG_ON(source == NULL);
    str limit = source->text, pattern = str_cut(&limit, '\n');
    bool files = !str_is_none(limit) && str_find_char(limit, '@', 0) != STR_NPOS;
    struct host_list all, some;
    bool ok = inventory_match(inventory, arena, diags, pattern, source_span(source, 0, pattern.len),
                              STR_NONE, &all);
    BUG_ON(!ok && diags->errors == 0);
    if (ok && !files &&
        inventory_match(inventory, arena, diags, pattern, SPAN_NONE, limit, &some)) {
        for (size_t i = 0; i < some.count; i++) {
            BUG_ON(!is_in(all, some.hosts[i]) || !is_in(some, some.hosts[i]));
        }
    }
    for (size_t i = 0; i < diags->all.len; i++) {
        diag_render(arena, sources, diags->all.items[i], (struct diag_style){ .columns = 80 });
    }
    arena_reset(arena); /* the inventory goes before the sources it points to */
    source_map_free(sources);
    return 0;
}
