/* node.c - walking the tree of a playbook. */
#include "engine/play.h"

value node_own(const struct node *node, enum keyword keyword)
{
    for (size_t i = 0; i < node->given_count && node->given[i].keyword <= keyword; i++) {
        if (node->given[i].keyword == keyword) {
            return node->given[i].value;
        }
    }
    return (value){ .kind = VALUE_UNDEFINED };
}

value node_keyword(const struct node *node, enum keyword keyword)
{
    for (; node; node = node->parent) {
        value own = node_own(node, keyword);
        if (value_is_defined(own)) {
            return own;
        }
    }
    return (value){ .kind = VALUE_UNDEFINED };
}

const struct play *node_play(const struct node *node)
{
    while (node && node->kind != NODE_PLAY) {
        node = node->parent;
    }
    return (const struct play *)node;
}

/* A text "a, b" means two tags. */
static void add_tags(struct arena *arena, struct list_builder *list, value tags)
{
    if (value_is(tags, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(tags); i++) {
            list_add(list, value_item(tags, i));
        }
    } else if (value_is(tags, VALUE_STR)) {
        str rest = value_as_str(tags);
        while (!str_is_none(rest)) {
            value tag = value_at(value_str(arena, str_trim(str_cut(&rest, ','))), tags.at);
            list_add(list, value_is_trusted(tags) ? value_trusted(tag) : tag);
        }
    }
}

void node_tags(const struct node *node, struct arena *arena, struct list_builder *ret)
{
    for (; node; node = node->parent) {
        add_tags(arena, ret, node_own(node, KW_TAGS));
    }
}

static void add_sequence(const struct role *role, struct arena *arena, struct role_list *list,
                         size_t *cap)
{
    for (size_t i = 0; i < role->dependency_count; i++) {
        add_sequence(role->dependencies[i], arena, list, cap);
    }
    list->roles = vec_grow(arena, list->roles, list->count, cap, sizeof *list->roles);
    list->roles[list->count++] = role;
}

struct role_list role_sequence(const struct role *role, struct arena *arena)
{
    struct role_list list = { 0 };
    size_t cap = 0;
    add_sequence(role, arena, &list, &cap);
    return list;
}
