/*
 * inventory.h - hosts, groups and their variables.
 *
 * An inventory is loaded once from its sources (files, directories, "a,b," lists). While plays run
 * it may change (add_host, group_by, refresh): mostly at task barriers, in a free strategy at any
 * moment. Every thread may ask about hosts, their groups and variables, and by patterns; what it
 * was told stays true of the moment. Going through groups one by one is for one thread alone.
 *
 * Source: Ansible's user guide, "How to build your inventory" and "Patterns"; the order of
 * precedence in detail is that of ansible-core 2.18.
 */
#pragma once
#include "base/diag.h"
#include "base/value.h"

struct inventory;
struct group;
struct template_env;

struct host {
    str name;
    size_t index;  /* order in the inventory: that of first mention */
    size_t id;     /* of its name, whatever a refresh does: counted from 0 */
    bool implicit; /* `localhost` that no source names */
    span at;       /* where it was first named */
};

/* What ansible.cfg may change; zero is the default. */
struct inventory_settings {
    bool merge_maps;    /* hash_behaviour = merge: maps of one name are merged, not replaced */
    bool no_vars_files; /* host_vars/ and group_vars/ do not count */
    /* a slice past the end of its hosts means nobody, with a warning, as `ansible` has it; else it
     * is an error, as in a play */
    bool past_end_is_nobody;
    bool none_read_is_failed; /* that no source could be read is an error, not a warning */
    str enabled_plugins; /* names with commas between: readers of sources; STR_NONE: all there are
                          */
    str ignored_extensions; /* of files in a directory, with commas between; STR_NONE: Ansible's */
    str ignored_patterns;   /* likewise regular expressions; STR_NONE: none */
};

struct inventory_options {
    const str *sources; /* paths, or lists with a comma; none: only the implicit localhost */
    size_t count;
    str playbook_dir;        /* its group_vars/ and host_vars/ count too; STR_NONE: none */
    bool unparsed_is_failed; /* a source that cannot be read is an error, not a warning */
    struct inventory_settings settings;
    /* for the inventory plugins that compute (constructed, generator); NULL: they are refused */
    struct template_env *env;
    value extra_vars;        /* a map, for constructed with use_extra_vars; or undefined */
    struct secrets *secrets; /* where values of encrypted files are made known; may be NULL */
    /* decrypt vault files (values stay as they are); NULL: refused, with a diagnostic */
    bool (*vault)(void *data, struct diags *diags, str ciphertext, span at, value *ret);
    void *vault_data;
};

/* `arena` is the run's. False only after an error was reported. */
bool inventory_load(struct arena *arena, struct diags *diags,
                    const struct inventory_options *options, struct inventory **ret);

/* ---- hosts and groups ---- */

struct host_list {
    const struct host **hosts;
    size_t count;
};

/* Hosts that a pattern means ("web:&live:!db3", "web[0:2]", "~re", "all", a list), in the order of
 * Ansible: order of the inventory within each part. What matches nothing is a warning. False for a
 * pattern that cannot be read. `limit` (--limit; may hold @file) narrows the same way; STR_NONE:
 * none. A part "changed:REV" of it leaves those of its hosts that are not as they were at that
 * revision (difference.h); what is in no inventory is not changed. */
bool inventory_match(struct inventory *inventory, struct arena *arena, struct diags *diags,
                     str pattern, span at, str limit, struct host_list *ret);
/* The same for a list of patterns (`hosts: [a, b]`), each taken apart on its own. */
bool inventory_match_all(struct inventory *inventory, struct arena *arena, struct diags *diags,
                         const str *patterns, const span *places, size_t count, str limit,
                         struct host_list *ret);
/* Whether it is one of the names of the machine we run on, which need no source. */
bool inventory_is_localhost(str name);
bool inventory_limit_asks_for_changes(str limit); /* it has such a part; STR_NONE: no */
const struct host *inventory_find(struct inventory *inventory,
                                  str name); /* implicit localhost too */
/* A host that no source names, for a task that is delegated to it. It is in no group, but has the
 * variables of `all` and a host_vars/ file of its name; no pattern means it, and inventory_find()
 * does not know it, until add_host makes it one of the others. The same for one name, always. For
 * any thread. */
const struct host *inventory_stranger(struct inventory *inventory, str name);
struct host_list inventory_hosts(struct inventory *inventory,
                                 struct arena *arena); /* all, in order */

/* Groups for those who draw them: all, in the order of first mention; `all` is the first. */
size_t inventory_group_count(const struct inventory *inventory);
const struct group *inventory_group(const struct inventory *inventory, size_t index);
const struct group *inventory_find_group(const struct inventory *inventory, str name);
str inventory_group_name(const struct group *group);
int64_t inventory_group_priority(const struct group *group); /* 1 unless the inventory sets it */
size_t inventory_child_count(const struct group *group);
const struct group *inventory_child(const struct group *group, size_t index);
/* Its own hosts, without those of its children. */
size_t inventory_member_count(const struct group *group);
const struct host *inventory_member(const struct group *group, size_t index);

/* Names of the groups a host is in, without `all`, sorted as `group_names` is. */
value inventory_group_names(struct inventory *inventory, struct arena *arena,
                            const struct host *host);
/* The magic variable `groups`: a map of group name to list of host names. */
value inventory_groups(struct inventory *inventory, struct arena *arena);

/* ---- variables ---- */

/*
 * Read the host_vars/ and group_vars/ files of these hosts, unless they were read before, and
 * report what is wrong with them. False after a diagnostic. Files of other hosts are not touched:
 * they may be encrypted with a password that is not at hand. For any thread; to be called for the
 * hosts of a play, and for a host whose variables somebody asks for.
 */
bool inventory_prepare(struct inventory *inventory, struct diags *diags,
                       const struct host *const *hosts, size_t count);

/*
 * The maps of raw variables of a host that stand between role defaults and facts in the order of
 * precedence (levels 3 to 10 of Ansible's list), the strongest first: playbook host_vars/,
 * inventory host_vars/, inventory file host vars, playbook group_vars/, ... group_vars/all,
 * inventory file group vars. Values carry the file and range they were written in. Cached: costs
 * nothing after the first call. Of a host that inventory_prepare() refused, without the files that
 * cannot be read.
 */
const value *inventory_layers(struct inventory *inventory, const struct host *host,
                              size_t *ret_count);

/* The same, each with its origin; never merged. */
enum layer_kind {
    LAYER_PLAYBOOK_HOST_VARS,
    LAYER_INVENTORY_HOST_VARS,
    LAYER_HOST, /* a source of the inventory, or add_host */
    LAYER_PLAYBOOK_GROUP_VARS,
    LAYER_INVENTORY_GROUP_VARS,
    LAYER_GROUP,
};
struct inventory_layer {
    enum layer_kind kind;
    str owner; /* name of the host or group */
    value vars;
};
const struct inventory_layer *inventory_layers_apart(struct inventory *inventory,
                                                     const struct host *host, size_t *ret_count);
/* Of a group alone, without its parents. False after a diagnostic; the layers are given anyway. */
bool inventory_group_layers(struct inventory *inventory, struct diags *diags,
                            const struct group *group, const struct inventory_layer **ret,
                            size_t *ret_count);

bool inventory_merges_maps(const struct inventory *inventory); /* hash_behaviour = merge */
/* The map `low` with the keys of `high` above it, as layers are merged: where maps of one name are
 * merged (options), maps in both, too. */
value inventory_merge_vars(const struct inventory *inventory, struct arena *arena, value low,
                           value high);

/* inventory_file, inventory_dir of a host, for the magic variables: absolute paths. The file of a
 * list is its text, and it has no directory; add_host gives neither: STR_NONE. */
str inventory_file_of(struct inventory *inventory, const struct host *host);
str inventory_dir_of(struct inventory *inventory, const struct host *host);

/* ---- changes while plays run ---- */

/* add_host: makes the host or the groups if needed; vars: a map. True in *ret_changed if anything
 * is new. */
bool inventory_add_host(struct inventory *inventory, struct diags *diags, str name,
                        const str *groups, size_t group_count, value vars, bool *ret_changed);
/* group_by: puts a host into a group (with parents); both made if needed. */
bool inventory_add_to_group(struct inventory *inventory, struct diags *diags,
                            const struct host *host, str group, const str *parents,
                            size_t parent_count, bool *ret_changed);
/* meta: refresh_inventory: read the sources again; hosts made by add_host stay. */
bool inventory_refresh(struct inventory *inventory, struct diags *diags);
