/*
 * inventory_diff.c - `hostler inventory --diff`: what changed between two revisions, for people and
 * as JSON or YAML. Secret values are masked: such a text goes into logs and reviews.
 */
#include <string.h>

#include "base/value_each.h"
#include "cli/inventory_show.h"
#include "formats/json.h"
#include "formats/objects.h"
#include "inventory/difference.h"

#define NAMED 8 /* hosts with the same changes that are named */

/* ---- values ---- */

static value masked(struct arena *arena, value v)
{
    if (value_is_object(v, &vault_type)) {
        return value_str(arena, S(SECRET_MASK));
    }
    return value_is(v, VALUE_STR) ? value_trusted(value_str(arena, value_masked(arena, v))) : v;
}

/* On one line. */
static str value_line(struct show *show, value v)
{
    struct json_format format = { .sort = JSON_AS_WRITTEN, .unicode = true };
    struct diags *tried = diags_new(show->arena, show->setup->sources);
    value text;
    v = value_each(show->arena, v, masked);
    return json_write(show->arena, tried, v, format, &text) ? value_as_str(text)
                                                            : value_masked(show->arena, v);
}

/* ---- for people ---- */

static void add_changes(struct show *show, struct strbuf *out, const struct host_change *change)
{
    for (size_t i = 0; i < change->joined_count; i++) {
        strbuf_addf(out, "    + group %.*s\n", SARG(change->joined[i]));
    }
    for (size_t i = 0; i < change->left_count; i++) {
        strbuf_addf(out, "    - group %.*s\n", SARG(change->left[i]));
    }
    for (size_t i = 0; i < change->var_count; i++) {
        const struct var_change *var = &change->vars[i];
        if (!value_is_defined(var->before)) {
            strbuf_addf(out, "    + %.*s: %.*s\n", SARG(var->name),
                        SARG(value_line(show, var->after)));
        } else if (!value_is_defined(var->after)) {
            strbuf_addf(out, "    - %.*s: %.*s\n", SARG(var->name),
                        SARG(value_line(show, var->before)));
        } else {
            strbuf_addf(out, "    ~ %.*s: %.*s -> %.*s\n", SARG(var->name),
                        SARG(value_line(show, var->before)), SARG(value_line(show, var->after)));
        }
    }
}

/* Hosts of which the same is to be told. */
struct alike {
    str text;
    struct {
        str *items;
        size_t len, cap;
    } hosts;
};

struct alike_hosts {
    struct alike **items; /* in order of their first host */
    size_t len, cap;
    struct map_builder places; /* of a text, its number */
};

static void add_alike(struct show *show, struct alike_hosts *all, const struct host_change *change)
{
    struct strbuf text = strbuf_in(show->arena);
    add_changes(show, &text, change);
    value key = value_str(show->arena, strbuf_str(&text)), place;
    if (!map_find(&all->places, key, &place)) {
        place = value_int((int64_t)all->len);
        map_set(&all->places, key, place);
        *VEC_PUSH(show->arena, all) = NEW(show->arena, struct alike);
        all->items[all->len - 1]->text = value_as_str(key);
    }
    struct alike *alike = all->items[value_as_int(place)];
    *VEC_PUSH(show->arena, &alike->hosts) = change->name;
}

static void tell_alike(struct show *show, const struct alike *alike)
{
    size_t named = alike->hosts.len > NAMED + 1 ? NAMED : alike->hosts.len;
    strbuf_addf(&show->text, "~ host");
    for (size_t i = 0; i < named; i++) {
        strbuf_addf(&show->text, " %.*s", SARG(alike->hosts.items[i]));
    }
    if (named < alike->hosts.len) {
        strbuf_addf(&show->text, " and %zu more", alike->hosts.len - named);
    }
    strbuf_addf(&show->text, "\n%.*s", SARG(alike->text));
}

static void tell_names(struct show *show, char sign, const char *what, const str *names,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(&show->text, "%c %s %.*s\n", sign, what, SARG(names[i]));
    }
}

static void tell_people(struct show *show, str from, str to, const struct difference *difference)
{
    struct alike_hosts all = { .places = map_in(show->arena) };
    strbuf_addf(&show->text, "--- %.*s\n+++ %.*s\n", SARG(from), SARG(to));
    tell_names(show, '-', "group", difference->groups_removed, difference->groups_removed_count);
    tell_names(show, '+', "group", difference->groups_added, difference->groups_added_count);
    tell_names(show, '-', "host", difference->hosts_removed, difference->hosts_removed_count);
    tell_names(show, '+', "host", difference->hosts_added, difference->hosts_added_count);
    for (size_t i = 0; i < difference->changed_count; i++) {
        add_alike(show, &all, &difference->changed[i]);
    }
    for (size_t i = 0; i < all.len; i++) {
        tell_alike(show, all.items[i]);
    }
}

/* ---- for programs ---- */

static value name_list(struct show *show, const str *names, size_t count)
{
    struct list_builder list = list_in(show->arena);
    for (size_t i = 0; i < count; i++) {
        list_add(&list, show_text(show, names[i]));
    }
    return list_seal(&list);
}

static value added_removed(struct show *show, const str *added, size_t added_count,
                           const str *removed, size_t removed_count)
{
    struct map_builder map = map_in(show->arena);
    map_set_str(&map, S("added"), name_list(show, added, added_count));
    map_set_str(&map, S("removed"), name_list(show, removed, removed_count));
    return map_seal(&map);
}

static value host_map(struct show *show, const struct host_change *change)
{
    struct map_builder map = map_in(show->arena), vars = map_in(show->arena);
    for (size_t i = 0; i < change->var_count; i++) {
        const struct var_change *var = &change->vars[i];
        struct map_builder both = map_in(show->arena);
        if (value_is_defined(var->before)) {
            map_set_str(&both, S("before"), value_each(show->arena, var->before, masked));
        }
        if (value_is_defined(var->after)) {
            map_set_str(&both, S("after"), value_each(show->arena, var->after, masked));
        }
        map_set(&vars, show_text(show, var->name), map_seal(&both));
    }
    map_set_str(&map, S("groups"),
                added_removed(show, change->joined, change->joined_count, change->left,
                              change->left_count));
    map_set_str(&map, S("variables"), map_seal(&vars));
    return map_seal(&map);
}

static value whole_map(struct show *show, str from, str to, const struct difference *difference)
{
    struct map_builder map = map_in(show->arena), changed = map_in(show->arena);
    for (size_t i = 0; i < difference->changed_count; i++) {
        const struct host_change *change = &difference->changed[i];
        map_set(&changed, show_text(show, change->name), host_map(show, change));
    }
    map_set_str(&map, S("from"), show_text(show, from));
    map_set_str(&map, S("to"), show_text(show, to));
    map_set_str(&map, S("groups"),
                added_removed(show, difference->groups_added, difference->groups_added_count,
                              difference->groups_removed, difference->groups_removed_count));
    map_set_str(&map, S("hosts"),
                added_removed(show, difference->hosts_added, difference->hosts_added_count,
                              difference->hosts_removed, difference->hosts_removed_count));
    map_set_str(&map, S("changed"), map_seal(&changed));
    return map_seal(&map);
}

/* ---- --limit ---- */

/* Add the hosts of one inventory that the limit leaves. */
static bool add_limited(struct show *show, struct inventory *inventory, struct map_builder *names)
{
    struct host_list hosts;
    if (!inventory_match(inventory, show->arena, show->diags, S("all"), SPAN_NONE,
                         show->args->common.limit, &hosts)) {
        return false;
    }
    for (size_t i = 0; i < hosts.count; i++) {
        map_set(names, value_str(show->arena, hosts.hosts[i]->name), value_null());
    }
    return true;
}

static const str *keep(struct show *show, value limited, const str *names, size_t *count)
{
    value ignored;
    size_t kept = 0;
    str *all = NEW_ARRAY(show->arena, str, *count);
    for (size_t i = 0; i < *count; i++) {
        all[kept] = names[i];
        kept += value_map_get(limited, names[i], &ignored);
    }
    *count = kept;
    return all;
}

static bool limit_to(struct show *show, struct inventory *before, struct inventory *after,
                     struct difference *difference)
{
    struct map_builder names = map_in(show->arena);
    if (str_is_none(show->args->common.limit)) {
        return true;
    }
    if (!add_limited(show, before, &names) || !add_limited(show, after, &names)) {
        return false;
    }
    value limited = map_seal(&names), ignored;
    difference->hosts_added =
        keep(show, limited, difference->hosts_added, &difference->hosts_added_count);
    difference->hosts_removed =
        keep(show, limited, difference->hosts_removed, &difference->hosts_removed_count);
    struct host_change *changed =
        NEW_ARRAY(show->arena, struct host_change, difference->changed_count);
    size_t kept = 0;
    for (size_t i = 0; i < difference->changed_count; i++) {
        changed[kept] = difference->changed[i];
        kept += value_map_get(limited, changed[kept].name, &ignored);
    }
    difference->changed = changed;
    difference->changed_count = kept;
    return true;
}

/* ---- both ---- */

enum run_status show_diff(struct show *show)
{
    str from = show->args->diff, to = show->rest.count > 0 ? show->rest.items[0] : S("now");
    struct inventory *before, *after = show->inventory;
    struct difference difference;
    if (!inventory_at(show->inventory, show->arena, show->diags, from, &before) ||
        (show->rest.count > 0 &&
         !inventory_at(show->inventory, show->arena, show->diags, to, &after)) ||
        !inventory_compare(before, after, show->arena, show->diags, &difference) ||
        !limit_to(show, before, after, &difference)) {
        return RUN_ERROR;
    }
    if (!show->args->json && !show->args->yaml) {
        tell_people(show, from, to, &difference);
        return RUN_OK;
    }
    return show_value(show, whole_map(show, from, to, &difference)) ? RUN_OK : RUN_ERROR;
}
