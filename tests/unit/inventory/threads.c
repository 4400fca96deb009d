/*
 * threads.c - several threads ask for the variables of the same hosts at once, and of hosts that no
 * source names. A plain program, as ThreadSanitizer does not start under Criterion.
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

int main(void)
{
    char folder[] = "/tmp/hostler-threads-XXXXXX";
    struct arena *arena = arena_new("run");
    struct source_map *sources = source_map_new();
    struct diags *diags = diags_new(arena, sources);
    struct inventory_options options = {
        .sources = &S("hosts"), .count = 1, .playbook_dir = STR_NONE, .unparsed_is_failed = true
    };
    pthread_t threads[THREADS];

    BUG_ON(mkdtemp(folder) == NULL || chdir(folder) != 0 || mkdir("group_vars", 0755) != 0);
    write_file("hosts", "[web]\n" HOSTS " of_host=1\n");
    write_file("group_vars/web.yml", "of_group: 1\n");
    write_file("group_vars/all.yml", "of_all: 1\n");
    BUG_ON(!inventory_load(arena, diags, &options, &inventory));
    for (size_t i = 0; i < THREADS; i++) {
        BUG_ON(pthread_create(&threads[i], NULL, ask, sources) != 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        BUG_ON(pthread_join(threads[i], NULL) != 0);
    }
    unlink("group_vars/web.yml");
    unlink("group_vars/all.yml");
    rmdir("group_vars");
    unlink("hosts");
    rmdir(folder);
    arena_free(arena);
    source_map_free(sources);
    puts("8 threads, 300 hosts, 100 strangers");
    return 0;
}
