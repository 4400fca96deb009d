/*
 * layers.h - the variables of hosts and groups, layer by layer, and the host_vars/ and group_vars/
 * files that some of them come from; shared by the files of inventory/ and nobody else.
 */
#pragma once
#include "inventory/data.h"

/* What the files of one directory say about one host or group. */
struct vars_set {
    VEC(value) maps;    /* one a file, the later the stronger */
    struct diags *said; /* mistakes and warnings; NULL: none */
    bool ok;
};

/*
 * The files for `name` in BASE/host_vars or BASE/group_vars; read when first asked for. Of a bare
 * name, .yml, .yaml and .json the first that exists counts; of a directory all files, in byte
 * order. The caller holds the lock.
 */
const struct vars_set *vars_files(struct inventory *inventory, str base, bool of_group, str name);
/* The directories beside the sources, from their paths: of a file its directory, of a directory
 * itself, of a list none. */
void vars_files_find_dirs(struct inventory *inventory);

struct layers {
    const struct inventory_layer *all; /* every layer, the strongest first */
    size_t all_count;
    const value *maps; /* the same, in fewer maps if there are many */
    size_t count;
    const struct vars_set **sets; /* the files that were read for them */
    size_t set_count;
};
/* While sources are read: of a host and the groups it is in so far, from the sources and, if
 * `files`, from host_vars/ and group_vars/ beside them. */
const struct layers *layers_now(struct inventory *inventory, struct arena *arena,
                                const struct host_entry *host, bool files);
const struct layers *layers_of(struct inventory *inventory, struct host_entry *host);
