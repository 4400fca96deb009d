/*
 * data.h - hosts and groups as the sources put them together; shared by the files of inventory/ and
 * nobody else.
 *
 * A host or a group keeps the maps of variables that sources gave it, one for each definition, the
 * later the stronger; nothing is merged, so each value keeps its place and groups are shared by
 * their hosts. A relation is kept both ways (group and host, parent and child).
 */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "inventory/inventory.h"
#include "inventory/names.h"

struct group {
    str name;
    span at;          /* where it was first named */
    int64_t priority; /* ansible_group_priority; 1 unless a source sets it */
    unsigned depth;   /* the longest way from `all`; set by data_settle() */
    VEC(value) vars;  /* maps */
    VEC(struct host_entry *) hosts;
    VEC(struct group *) children;
    VEC(struct group *) parents;
    unsigned visit; /* the walk that last came by */
};

struct host_entry {
    struct host host;                      /* the public part */
    VEC(value) vars;                       /* maps */
    VEC(struct group *) groups;            /* those it was put into itself */
    str file;                              /* the source that named it first; STR_NONE: add_host */
    _Atomic(const struct layers *) layers; /* layers.c */
};

#define LOCALHOST_NAMES 3

struct inventory {
    struct arena *arena; /* its own: grows under the lock below, or at a barrier */
    struct inventory_options options;
    struct source_map *sources;
    str here;                       /* the working directory */
    VEC(struct host_entry *) hosts; /* in order of first mention */
    VEC(struct group *) groups;     /* likewise; `all` and `ungrouped` come first */
    struct names host_names;
    struct names group_names;
    struct group *all, *ungrouped;
    struct host_entry *localhost;                 /* the first in the sources that is one */
    struct host_entry *implicit[LOCALHOST_NAMES]; /* one for each of its names */
    struct names known_hosts; /* every host there ever was: a refresh gives back the same */
    size_t known_count;
    struct names strangers; /* of them, those that tasks went to though no source names them */
    unsigned visits;
    unsigned readers; /* enum reader: those that may be asked about sources */

    pthread_mutex_t lock;                     /* its holder may take it again; see data_lock() */
    VEC(struct vars_directory *) directories; /* those that may hold vars files; vars_files.c */
    value groups_map;                         /* undefined: to be made */

    VEC(struct dynamic_change *)
    changes;                   /* add_host and group_by, done again by a refresh; dynamic.c */
    VEC(struct since *) since; /* what limits asked for (changed:REV); difference.c */
    str *vars_dirs;            /* beside the sources: where host_vars/ and group_vars/ count */
    size_t vars_dir_count;
};

static inline struct host_entry *host_entry(const struct host *host)
{
    /* every struct host is the first member of a host_entry of ours */
    return (struct host_entry *)(uintptr_t)host;
}

/* Whoever changes an inventory or goes through it while plays run holds the lock: hosts of a free
 * strategy are on different tasks, and one of them may be group_by. What is made once and never
 * changed, as the layers of a host are, is read without it. */
static inline struct inventory *data_lock(struct inventory *inventory)
{
    pthread_mutex_lock(&inventory->lock);
    return inventory;
}
static inline void data_unlock(struct inventory **inventory)
{
    pthread_mutex_unlock(&(*inventory)->lock);
}
#define HOLD_LOCK(inventory) /* until the end of the block */                                      \
    CLEANUP(data_unlock) struct inventory *locked = data_lock(inventory);                          \
    (void)locked

void data_init(struct inventory *inventory); /* `all`, `ungrouped`, nobody else */

struct group *data_group(struct inventory *inventory, str name); /* NULL: there is none */
struct group *data_add_group(struct inventory *inventory, str name, span at);
struct host_entry *data_host(struct inventory *inventory, str name); /* NULL: there is none */
/* A new host gets the port, if positive, and the file; one that is there is left as it is. */
struct host_entry *data_add_host(struct inventory *inventory, str name, span at, str file,
                                 int64_t port);
/* One that is in nothing but the table of strangers. The lock is held. */
struct host_entry *data_stranger(struct inventory *inventory, str name);
bool data_join(struct inventory *inventory, struct group *group,
               struct host_entry *host); /* false: was in it */
/* False after a diagnostic when the groups would contain each other. */
bool data_add_child(struct inventory *inventory, struct diags *diags, struct group *parent,
                    struct group *child, span at, bool *ret_new);

/* A map of variables for a host. */
void data_set_host_vars(struct inventory *inventory, struct host_entry *host, value map);
/* For a group; takes ansible_group_priority out. False after a diagnostic. */
bool data_set_group_vars(struct inventory *inventory, struct diags *diags, struct group *group,
                         value map);
/* For whatever bears the name, groups first, as Ansible does. */
bool data_set_vars(struct inventory *inventory, struct diags *diags, str name, value map);

/* Depths of all groups, as they hang together so far. */
void data_find_depths(struct inventory *inventory);

/* After sources were read or a change was made: every group below `all`, hosts without a group in
 * `ungrouped`, depths. */
bool data_settle(struct inventory *inventory, struct diags *diags);

struct group_list {
    struct group **items;
    size_t len, cap;
};
struct entry_list {
    struct host_entry **items;
    size_t len, cap;
};
/* All groups of a host, parents included, `all` left out, the weakest first: by depth, priority,
 * name. */
struct group_list data_groups_of(struct inventory *inventory, struct arena *arena,
                                 const struct host_entry *host);
/* Hosts of a group: its own, then those of its children as declared, level by level. */
struct entry_list data_hosts_of(struct inventory *inventory, struct arena *arena,
                                struct group *group);

/* Every host has a number of its own from 0, implicit ones too, below data_slots(). */
size_t data_slot(const struct inventory *inventory, const struct host_entry *host);
size_t data_slots(const struct inventory *inventory);
