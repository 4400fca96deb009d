/*
 * tags.c - which tasks --tags and --skip-tags select. Source: Ansible's user guide, "Tags".
 */
#include "engine/state.h"

static bool has(value list, str tag)
{
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < value_count(list); i++) {
        value one = value_item(list, i);
        if (value_is(one, VALUE_STR) && str_eq(value_as_str(one), tag)) {
            return true;
        }
    }
    return false;
}

static bool share_one(value a, value b)
{
    for (size_t i = 0; value_is(a, VALUE_LIST) && i < value_count(a); i++) {
        if (has(b, value_as_str(value_item(a, i)))) {
            return true;
        }
    }
    return false;
}

static void add_split(struct arena *arena, struct list_builder *list, value v)
{
    str rest = shown_text(arena, v);
    while (!str_is_none(rest)) {
        str tag = str_trim(str_cut(&rest, ','));
        if (tag.len > 0) {
            list_add(list, value_str(arena, tag));
        }
    }
}

/* Evaluated, one string each; a tag that cannot be evaluated (yet) is left out. */
static value evaluated(struct eval *eval, value raw)
{
    struct list_builder tags = list_in(eval->arena);
    for (size_t i = 0; i < value_count(raw); i++) {
        struct eval quiet = *eval;
        value v;
        quiet.diags = diags_new(eval->arena, eval->diags->sources);
        if (!template_value(&quiet, value_item(raw, i), &v)) {
            continue;
        }
        size_t count = value_is(v, VALUE_LIST) ? value_count(v) : 1;
        for (size_t k = 0; k < count; k++) {
            add_split(eval->arena, &tags, value_is(v, VALUE_LIST) ? value_item(v, k) : v);
        }
    }
    return list_seal(&tags);
}

static bool is_wanted(value only, value tags)
{
    bool untagged = value_count(tags) == 0, never = has(tags, S("never"));
    if (!value_is(only, VALUE_LIST) || value_count(only) == 0) {
        return !never;
    }
    return has(tags, S("always")) || (has(only, S("all")) && !never) || share_one(tags, only) ||
           (has(only, S("untagged")) && untagged) ||
           (has(only, S("tagged")) && !untagged && !never);
}

static bool is_skipped(value skip, value tags)
{
    bool untagged = value_count(tags) == 0;
    if (has(skip, S("all"))) {
        return !has(tags, S("always")) || has(skip, S("always"));
    }
    return share_one(tags, skip) || (has(skip, S("untagged")) && untagged) ||
           (has(skip, S("tagged")) && !untagged);
}

bool tags_select(struct run *run, struct eval *eval, const struct node *node)
{
    struct list_builder raw = list_in(eval->arena);
    node_tags(node, eval->arena, &raw);
    value tags = evaluated(eval, list_seal(&raw));
    return is_wanted(run->options.tags, tags) && !is_skipped(run->options.skip_tags, tags);
}
