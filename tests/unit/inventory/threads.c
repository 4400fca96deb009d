/*
 * threads.c - several threads ask for the variables of the same hosts at once, and of hosts that no
 * source names; then one of them changes the inventory. A plain program, as ThreadSanitizer does
 * not start under Criterion.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "inventory/inventory.h"

#define THREADS 8
#define HOSTS   "h[1:300]"

#define STRANGERS 100

static struct inventory *inventory;

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "we");
    BUG_ON(file == NULL || fputs(text, file) < 0 || fclose(file) != 0);
}

static void *ask(void *sources)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("thread");
    struct diags *diags = diags_new(arena, sources);
    struct host_list hosts;
    BUG_ON(!inventory_match(inventory, arena, diags, S("web"), SPAN_NONE, STR_NONE, &hosts));
    BUG_ON(hosts.count != 300 || !inventory_prepare(inventory, diags, hosts.hosts, hosts.count));
    for (size_t i = 0; i < hosts.count; i++) {
        size_t count;
        const value *layers = inventory_layers(inventory, hosts.hosts[i], &count);
        BUG_ON(count != 3 || !value_is_defined(value_get(layers[0], S("of_host"))));
        BUG_ON(value_count(inventory_group_names(inventory, arena, hosts.hosts[i])) != 1);
    }
    value groups = inventory_groups(inventory, arena);
    BUG_ON(value_count(value_get(groups, S("web"))) != 300);
    for (size_t i = 0; i < STRANGERS; i++) {
        str name = str_format(arena, "stranger%zu", i);
        const struct host *host = inventory_stranger(inventory, name);
        size_t count;
        const value *layers = inventory_layers(inventory, host, &count);
        BUG_ON(!str_eq(host->name, name) || inventory_stranger(inventory, name) != host);
        BUG_ON(count != 1 || !value_is_defined(value_get(layers[0], S("of_all"))));
        BUG_ON(host->id < 300 || host->id >= 300 + STRANGERS);
        BUG_ON(inventory_find(inventory, name) != NULL);
    }
    return NULL;
}

#define CHANGES 50

/* Of a free strategy: one host is at group_by or add_host while others ask. */
static void *change(void *sources)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("changes");
    struct diags *diags = diags_new(arena, sources);
    str parents[] = { S("above") };
    for (size_t i = 0; i < CHANGES; i++) {
        str name = str_format(arena, "h%zu", i + 1);
        str made = str_format(arena, "made%zu", i), group = str_format(arena, "g%zu", i % 5);
        bool changed;
        BUG_ON(!inventory_add_to_group(inventory, diags, inventory_find(inventory, name), group,
                                       parents, 1, &changed));
        BUG_ON(!inventory_add_host(inventory, diags, made, &group, 1, (value){ 0 }, &changed));
        BUG_ON(!changed);
    }
    return NULL;
}

static void *ask_meanwhile(void *sources)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("thread");
    struct diags *diags = diags_new(arena, sources);
    for (size_t i = 0; i < CHANGES; i++) {
        struct host_list web, all = inventory_hosts(inventory, arena);
        const struct host *host = inventory_find(inventory, S("h1"));
        size_t count;
        BUG_ON(!inventory_match(inventory, arena, diags, S("web"), SPAN_NONE, STR_NONE, &web));
        BUG_ON(web.count != 300 || all.count < 300);
        inventory_layers(inventory, host, &count);
        BUG_ON(count < 3 || value_count(inventory_group_names(inventory, arena, host)) < 1);
        BUG_ON(value_count(value_get(inventory_groups(inventory, arena), S("web"))) != 300);
    }
    return NULL;
}

static void all_at_once(void *(*first)(void *), void *(*others)(void *), void *sources)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        BUG_ON(pthread_create(&threads[i], NULL, i == 0 ? first : others, sources) != 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        BUG_ON(pthread_join(threads[i], NULL) != 0);
    }
}

int main(void)
{
    char folder[] = "/tmp/hostler-threads-XXXXXX";
    struct arena *arena = arena_new("run");
    struct source_map *sources = source_map_new();
    struct diags *diags = diags_new(arena, sources);
    struct inventory_options options = {
        .sources = &S("hosts"), .count = 1, .playbook_dir = STR_NONE, .unparsed_is_failed = true
    };

    BUG_ON(mkdtemp(folder) == NULL || chdir(folder) != 0 || mkdir("group_vars", 0755) != 0);
    write_file("hosts", "[web]\n" HOSTS " of_host=1\n");
    write_file("group_vars/web.yml", "of_group: 1\n");
    write_file("group_vars/all.yml", "of_all: 1\n");
    BUG_ON(!inventory_load(arena, diags, &options, &inventory));
    all_at_once(ask, ask, sources);
    all_at_once(change, ask_meanwhile, sources);
    unlink("group_vars/web.yml");
    unlink("group_vars/all.yml");
    rmdir("group_vars");
    unlink("hosts");
    rmdir(folder);
    arena_free(arena);
    source_map_free(sources);
    puts("8 threads, 300 hosts, 100 strangers, 100 changes");
    return 0;
}
