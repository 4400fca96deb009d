/*
 * difference.c - see difference.h.
 *
 * Most hosts of two inventories have the same variables, from groups that are the same: so layers
 * are compared first, those of groups once for all hosts, and only where one differs are all of
 * them merged.
 */
#include "inventory/difference.h"

#include <string.h>

#include "base/tree.h"
#include "inventory/git_source.h"
#include "inventory/layers.h"
#include "inventory/sources.h"

/* ---- an inventory at a revision ---- */

static bool is_list(str source)
{
    return str_find_char(source, ',', 0) != STR_NPOS && !tree_exists(source);
}

bool inventory_at(struct inventory *now, struct arena *arena, struct diags *diags, str rev,
                  struct inventory **ret)
{
    struct inventory_options options = now->options;
    str *sources = NEW_ARRAY(arena, str, options.count);
    options.count = 0;
    for (size_t i = 0; i < now->options.count; i++) {
        str source = now->options.sources[i], then = source;
        if (!is_list(source)) {
            if (!git_source_at(arena, diags, source, rev, &then)) {
                return false;
            }
            if (!tree_exists(then)) {
                continue;
            }
        }
        sources[options.count++] = then;
    }
    options.sources = sources;
    if (!str_is_none(options.playbook_dir) && git_source_is_in_one(arena, options.playbook_dir) &&
        !git_source_at(arena, diags, options.playbook_dir, rev, &options.playbook_dir)) {
        return false;
    }
    return inventory_load(arena, diags, &options, ret);
}

/* ---- values ---- */

/* As written: true is not 1 here, and the order of keys does not count. */
static bool same(value a, value b)
{
    bool holds = value_is(a, VALUE_MAP) || value_is(a, VALUE_LIST);
    if (a.kind != b.kind || (holds && value_count(a) != value_count(b))) {
        return false;
    }
    if (value_is(a, VALUE_MAP)) {
        for (size_t i = 0; i < value_count(a); i++) {
            value other = { .kind = VALUE_UNDEFINED };
            value_map_find(b, value_map_key(a, i), &other);
            if (!same(value_map_value(a, i), other)) {
                return false;
            }
        }
        return true;
    }
    if (value_is(a, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(a); i++) {
            if (!same(value_item(a, i), value_item(b, i))) {
                return false;
            }
        }
        return true;
    }
    return a.kind == VALUE_UNDEFINED || value_equal(a, b) == TRUTH_TRUE;
}

/* ---- layers ---- */

struct comparing {
    struct inventory *before, *after;
    struct arena *arena;
    struct names pairs; /* two layers' maps, as bytes: what `same` said of them */
};

static bool same_layer(struct comparing *c, const struct inventory_layer *a,
                       const struct inventory_layer *b)
{
    static const bool answers[] = { false, true };
    if (a->kind != b->kind || !str_eq(a->owner, b->owner)) {
        return false;
    }
    if (value_count(a->vars) == 0 || value_count(b->vars) == 0) {
        return value_count(a->vars) == value_count(b->vars);
    }
    bool of_group = a->kind >= LAYER_PLAYBOOK_GROUP_VARS;
    const void *both[] = { value_identity(a->vars), value_identity(b->vars) };
    str key = { (const char *)both, sizeof both };
    const bool *known = of_group ? names_find(&c->pairs, key) : NULL;
    bool is_same = known != NULL ? *known : same(a->vars, b->vars);
    if (of_group && known == NULL) {
        names_set(&c->pairs, str_copy(c->arena, key), (void *)(uintptr_t)&answers[is_same]);
    }
    return is_same;
}

static bool same_layers(struct comparing *c, const struct host *a, const struct host *b)
{
    size_t count, other;
    const struct inventory_layer *x = inventory_layers_apart(c->before, a, &count);
    const struct inventory_layer *y = inventory_layers_apart(c->after, b, &other);
    if (count != other) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!same_layer(c, &x[i], &y[i])) {
            return false;
        }
    }
    return true;
}

static value effective(struct comparing *c, struct inventory *inventory, const struct host *host)
{
    size_t count;
    const struct inventory_layer *layers = inventory_layers_apart(inventory, host, &count);
    struct map_builder none = map_in(c->arena);
    value vars = map_seal(&none);
    for (size_t i = count; i > 0; i--) {
        vars = inventory_merge_vars(inventory, c->arena, vars, layers[i - 1].vars);
    }
    return vars;
}

struct var_changes {
    struct var_change *items;
    size_t len, cap;
};

static void sort_vars(struct var_changes *changes)
{
    for (size_t i = 1; i < changes->len; i++) { /* few, and nearly sorted */
        struct var_change change = changes->items[i];
        size_t k = i;
        for (; k > 0 && str_cmp(changes->items[k - 1].name, change.name) > 0; k--) {
            changes->items[k] = changes->items[k - 1];
        }
        changes->items[k] = change;
    }
}

static void compare_vars(struct comparing *c, value before, value after, struct host_change *ret)
{
    struct var_changes changes = { 0 };
    for (size_t i = 0; i < value_count(before); i++) {
        value name = value_map_key(before, i), is = { .kind = VALUE_UNDEFINED };
        value_map_find(after, name, &is);
        if (!same(value_map_value(before, i), is)) {
            *VEC_PUSH(c->arena, &changes) =
                (struct var_change){ value_as_str(value_print(c->arena, name)),
                                     value_map_value(before, i), is };
        }
    }
    for (size_t i = 0; i < value_count(after); i++) {
        value name = value_map_key(after, i), was;
        if (!value_map_find(before, name, &was)) {
            *VEC_PUSH(c->arena, &changes) =
                (struct var_change){ value_as_str(value_print(c->arena, name)),
                                     (value){ .kind = VALUE_UNDEFINED },
                                     value_map_value(after, i) };
        }
    }
    sort_vars(&changes);
    ret->vars = changes.items;
    ret->var_count = changes.len;
}

/* ---- names ---- */

struct strs {
    str *items;
    size_t len, cap;
};

/* What only one of two sorted lists of names has. */
static void compare_names(struct arena *arena, const struct strs *before, const struct strs *after,
                          const str **ret_added, size_t *ret_added_count, const str **ret_removed,
                          size_t *ret_removed_count)
{
    struct strs added = { 0 }, removed = { 0 };
    size_t i = 0, k = 0;
    while (i < before->len || k < after->len) {
        int order = i == before->len  ? 1
                    : k == after->len ? -1
                                      : str_cmp(before->items[i], after->items[k]);
        if (order < 0) {
            *VEC_PUSH(arena, &removed) = before->items[i];
        } else if (order > 0) {
            *VEC_PUSH(arena, &added) = after->items[k];
        }
        i += order <= 0;
        k += order >= 0;
    }
    *ret_added = added.items;
    *ret_added_count = added.len;
    *ret_removed = removed.items;
    *ret_removed_count = removed.len;
}

static struct strs sorted(struct strs names)
{
    if (names.len > 1) {
        str_sort(names.items, names.len);
    }
    return names;
}

static struct strs host_names(struct inventory *inventory, struct arena *arena)
{
    struct strs names = { 0 };
    for (size_t i = 0; i < inventory->hosts.len; i++) {
        *VEC_PUSH(arena, &names) = inventory->hosts.items[i]->host.name;
    }
    return sorted(names);
}

static struct strs group_names(struct inventory *inventory, struct arena *arena)
{
    struct strs names = { 0 };
    for (size_t i = 0; i < inventory->groups.len; i++) {
        *VEC_PUSH(arena, &names) = inventory->groups.items[i]->name;
    }
    return sorted(names);
}

static struct strs groups_of(struct inventory *inventory, struct arena *arena,
                             const struct host *host)
{
    struct strs names = { 0 };
    struct group_list groups = data_groups_of(inventory, arena, host_entry(host));
    for (size_t i = 0; i < groups.len; i++) {
        *VEC_PUSH(arena, &names) = groups.items[i]->name;
    }
    return sorted(names);
}

/* ---- hosts ---- */

/* Whether anything of a host that both have differs. */
static bool compare_host(struct comparing *c, const struct host *before, const struct host *after,
                         struct host_change *ret)
{
    struct strs were = groups_of(c->before, c->arena, before);
    struct strs are = groups_of(c->after, c->arena, after);
    *ret = (struct host_change){ .name = after->name };
    compare_names(c->arena, &were, &are, &ret->joined, &ret->joined_count, &ret->left,
                  &ret->left_count);
    if (!same_layers(c, before, after)) {
        compare_vars(c, effective(c, c->before, before), effective(c, c->after, after), ret);
    }
    return ret->joined_count + ret->left_count + ret->var_count > 0;
}

static bool prepare(struct inventory *inventory, struct arena *arena, struct diags *diags,
                    struct host_list *ret)
{
    *ret = inventory_hosts(inventory, arena);
    return inventory_prepare(inventory, diags, ret->hosts, ret->count);
}

bool inventory_compare(struct inventory *before, struct inventory *after, struct arena *arena,
                       struct diags *diags, struct difference *ret)
{
    struct comparing c = { before, after, arena, { .arena = arena } };
    struct host_list old, new;
    struct {
        struct host_change *items;
        size_t len, cap;
    } changed = { 0 };
    if (!prepare(before, arena, diags, &old) || !prepare(after, arena, diags, &new)) {
        return false;
    }
    for (size_t i = 0; i < new.count; i++) {
        struct host_entry *was = data_host(before, new.hosts[i]->name);
        struct host_change change;
        if (was != NULL && compare_host(&c, &was->host, new.hosts[i], &change)) {
            *VEC_PUSH(arena, &changed) = change;
        }
    }
    *ret = (struct difference){ .changed = changed.items, .changed_count = changed.len };
    struct strs names[] = { host_names(before, arena), host_names(after, arena),
                            group_names(before, arena), group_names(after, arena) };
    compare_names(arena, &names[0], &names[1], &ret->hosts_added, &ret->hosts_added_count,
                  &ret->hosts_removed, &ret->hosts_removed_count);
    compare_names(arena, &names[2], &names[3], &ret->groups_added, &ret->groups_added_count,
                  &ret->groups_removed, &ret->groups_removed_count);
    return true;
}

/* ---- limits ---- */

/* Hosts that are as they were at a revision: by name, as `names` is. */
struct since {
    str rev;
    struct names unchanged;
};

static bool find_unchanged(struct inventory *inventory, struct diags *diags, struct since *since)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("since");
    struct inventory *before;
    struct difference difference;
    struct diags *said =
        diags_new(diags->arena, diags->sources); /* warnings were told of today's */
    if (!inventory_at(inventory, scratch, said, since->rev, &before) ||
        !inventory_compare(before, inventory, scratch, said, &difference)) {
        diags_append(diags, said);
        return false;
    }
    struct names changed = { .arena = scratch };
    for (size_t i = 0; i < difference.changed_count; i++) {
        names_set(&changed, difference.changed[i].name, scratch);
    }
    since->unchanged = (struct names){ .arena = inventory->arena };
    for (size_t i = 0; i < inventory->hosts.len; i++) {
        str name = inventory->hosts.items[i]->host.name;
        if (data_host(before, name) != NULL && names_find(&changed, name) == NULL) {
            names_set(&since->unchanged, name, since);
        }
    }
    return true;
}

bool changed_since(struct inventory *inventory, struct diags *diags, str rev,
                   const struct names **ret_unchanged)
{
    for (size_t i = 0; i < inventory->since.len; i++) {
        if (str_eq(inventory->since.items[i]->rev, rev)) {
            *ret_unchanged = &inventory->since.items[i]->unchanged;
            return true;
        }
    }
    struct since *since = NEW(inventory->arena, struct since);
    since->rev = str_copy(inventory->arena, rev);
    if (!find_unchanged(inventory, diags, since)) {
        return false;
    }
    *VEC_PUSH(inventory->arena, &inventory->since) = since;
    *ret_unchanged = &since->unchanged;
    return true;
}
