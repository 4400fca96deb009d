/*
 * check.h - what the tests of inventory/ share: an inventory made of texts or of files in a folder
 * of its own, and its contents as one line of text.
 */
#pragma once
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "inventory/layers.h"
#include "inventory/sources.h"

struct bench {
    struct arena *arena;
    struct source_map *sources;
    struct diags *diags;
    struct inventory *inventory;
    str folder; /* STR_NONE until a file is written */
};

static inline struct bench bench_open(void)
{
    struct bench bench = { .arena = arena_new("test"), .sources = source_map_new() };
    bench.diags = diags_new(bench.arena, bench.sources);
    struct inventory_options none = { .playbook_dir = STR_NONE };
    cr_assert(inventory_load(bench.arena, bench.diags, &none, &bench.inventory));
    return bench;
}

static inline int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    return remove(path);
}

static inline void bench_close(struct bench *bench)
{
    if (!str_is_none(bench->folder)) {
        nftw(str_c(bench->arena, bench->folder), remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
    arena_free(bench->arena);
    source_map_free(bench->sources);
}

#define BENCH(name) __attribute__((cleanup(bench_close), unused)) struct bench name = bench_open()

#define EQ_STR(actual, expected, what) eq_str((actual), (expected), __LINE__, (what))

static inline void eq_str(str actual, str expected, int line, str what)
{
    cr_assert(str_eq(actual, expected), "line %d: %.*s\n     got: %.*s\nexpected: %.*s", line,
              SARG(what), SARG(actual), SARG(expected));
}

static inline void add_diag(struct bench *bench, struct strbuf *out, const struct diag *diag)
{
    struct place place;
    if (source_place(bench->sources, diag->at, &place)) {
        strbuf_addf(out, "%u:%u ", place.line, place.column);
    }
    strbuf_add(out, diag->message);
    if (!str_is_none(diag->hint)) {
        strbuf_addf(out, " [%.*s]", SARG(diag->hint));
    }
}

/* All diagnostics as "line:column message [hint]", with " | " between. */
static inline str bench_complaints(struct bench *bench)
{
    struct strbuf out = strbuf_in(bench->arena);
    for (size_t i = 0; i < bench->diags->all.len; i++) {
        strbuf_add(&out, i > 0 ? S(" | ") : STR_EMPTY);
        add_diag(bench, &out, bench->diags->all.items[i]);
    }
    return strbuf_str(&out);
}

static inline void add_repr(struct bench *bench, struct strbuf *out, value v)
{
    strbuf_add(out, value_as_str(value_repr(bench->arena, v)));
}

/* "all > ungrouped web; web(w1 w2){'n': 1}; w1{'a': 1}": groups with children, hosts and maps of
 * variables, then hosts that have any. What is empty is left out. */
static inline str bench_dump(struct bench *bench)
{
    struct strbuf out = strbuf_in(bench->arena);
    const struct inventory *inventory = bench->inventory;
    for (size_t i = 0; i < inventory->groups.len; i++) {
        const struct group *group = inventory->groups.items[i];
        strbuf_addf(&out, "%s%.*s", i > 0 ? "; " : "", SARG(group->name));
        for (size_t k = 0; k < group->hosts.len; k++) {
            strbuf_addf(&out, "%s%.*s%s", k > 0 ? " " : "(", SARG(group->hosts.items[k]->host.name),
                        k + 1 == group->hosts.len ? ")" : "");
        }
        for (size_t k = 0; k < group->vars.len; k++) {
            add_repr(bench, &out, group->vars.items[k]);
        }
        for (size_t k = 0; k < group->children.len; k++) {
            strbuf_addf(&out, "%s %.*s", k == 0 ? " >" : "", SARG(group->children.items[k]->name));
        }
    }
    for (size_t i = 0; i < inventory->hosts.len; i++) {
        const struct host_entry *host = inventory->hosts.items[i];
        for (size_t k = 0; k < host->vars.len; k++) {
            strbuf_addf(&out, "%s%.*s", k == 0 ? "; " : "", k == 0 ? (int)host->host.name.len : 0,
                        host->host.name.ptr);
            add_repr(bench, &out, host->vars.items[k]);
        }
    }
    return strbuf_str(&out);
}

/* What a reader makes of a text: the dump, or the complaints. */
static inline str bench_parse(struct bench *bench, bool (*reader)(struct parse *), str text)
{
    bench->diags->all.len = 0;
    data_init(bench->inventory);
    struct parse parse = { .inventory = bench->inventory,
                           .diags = bench->diags,
                           .source = source_add(bench->sources, S("hosts"), text),
                           .file = S("/somewhere/hosts") };
    if (!reader(&parse) || !data_settle(bench->inventory, bench->diags)) {
        return bench_complaints(bench);
    }
    return bench_dump(bench);
}

/* ---- files ---- */

static inline str bench_path(struct bench *bench, str name)
{
    if (str_is_none(bench->folder)) {
        char folder[] = "/tmp/hostler-inventory-XXXXXX";
        cr_assert_not_null(mkdtemp(folder));
        bench->folder = str_copy(bench->arena, str_of(folder));
    }
    return path_join(bench->arena, bench->folder, name);
}

static inline void bench_write(struct bench *bench, str name, str text)
{
    str path = bench_path(bench, name);
    for (size_t at = bench->folder.len + 1; at < path.len; at++) {
        if (path.ptr[at] == '/') {
            mkdir(str_c(bench->arena, str_part(path, 0, at)), 0755);
        }
    }
    FILE *file = fopen(str_c(bench->arena, path), "we");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text.ptr, 1, text.len, file), text.len);
    fclose(file);
}

static inline bool bench_load(struct bench *bench, const str *names, size_t count, str playbook_dir)
{
    str paths[8];
    for (size_t i = 0; i < count; i++) {
        bool is_list = str_find_char(names[i], ',', 0) != STR_NPOS;
        paths[i] = is_list ? names[i] : bench_path(bench, names[i]);
    }
    struct inventory_options options = { .sources = paths,
                                         .count = count,
                                         .playbook_dir = str_is_none(playbook_dir)
                                                             ? STR_NONE
                                                             : bench_path(bench, playbook_dir),
                                         .unparsed_is_failed = true };
    return inventory_load(bench->arena, bench->diags, &options, &bench->inventory);
}

/* The winner among a host's variables of a name, as text; "-" when there is none. */
static inline str bench_var(struct bench *bench, str host, str name)
{
    size_t count;
    const struct host *found = inventory_find(bench->inventory, host);
    cr_assert_not_null(found, "no host %.*s", SARG(host));
    const value *layers = inventory_layers(bench->inventory, found, &count);
    for (size_t i = 0; i < count; i++) {
        value v;
        if (value_map_get(layers[i], name, &v)) {
            return value_as_str(value_print(bench->arena, v));
        }
    }
    return S("-");
}

/* Names with blanks between. */
static inline str bench_names(struct bench *bench, const struct host_list *hosts)
{
    struct strbuf out = strbuf_in(bench->arena);
    for (size_t i = 0; i < hosts->count; i++) {
        strbuf_addf(&out, "%s%.*s", i > 0 ? " " : "", SARG(hosts->hosts[i]->name));
    }
    return strbuf_str(&out);
}

struct row {
    str text;
    str expected;
};
