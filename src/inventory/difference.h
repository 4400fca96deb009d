/*
 * difference.h - what differs between two states of an inventory: hosts, groups, membership, and
 * the variables that a host has in the end.
 *
 * Variables are compared as they are written, templates unevaluated and inline vault values
 * encrypted; those of roles and playbooks do not belong to an inventory.
 */
#pragma once
#include "inventory/inventory.h"

/*
 * The same sources, settings and playbook directory as those of `now`, read from the commit that
 * `rev` means in the repository of each. A list of hosts stays as it is; a source that was not
 * there yet names nobody. False after a diagnostic.
 */
bool inventory_at(struct inventory *now, struct arena *arena, struct diags *diags, str rev,
                  struct inventory **ret);

struct var_change {
    str name;
    value before, after; /* undefined: it was not set, or is no more */
};

struct host_change {
    str name;
    const str *joined, *left; /* groups, sorted */
    size_t joined_count, left_count;
    const struct var_change *vars; /* sorted by name */
    size_t var_count;
};

struct difference {
    const str *hosts_added, *hosts_removed, *groups_added, *groups_removed; /* sorted */
    size_t hosts_added_count, hosts_removed_count, groups_added_count, groups_removed_count;
    const struct host_change *changed; /* hosts of both, in the order of the later inventory */
    size_t changed_count;
};

/* False after a diagnostic: variables of hosts that cannot be read. */
bool inventory_compare(struct inventory *before, struct inventory *after, struct arena *arena,
                       struct diags *diags, struct difference *ret);
