/*
 * loop.c - `loop`, `with_*` and `loop_control`.
 */
#include "engine/loop.h"

#include "engine/keywords.h"

static bool loop_control(struct eval *eval, const struct task *task, struct loop *loop)
{
    value control = node_own(&task->node, KW_LOOP_CONTROL);
    loop->variable = S("item");
    loop->all_items = true;
    if (!value_is(control, VALUE_MAP)) {
        return true;
    }
    loop->label = value_get(control, S("label"));
    value variable, index, pause, extended, all_items;
    if (!template_value(eval, value_get(control, S("loop_var")), &variable) ||
        !template_value(eval, value_get(control, S("index_var")), &index) ||
        !template_value(eval, value_get(control, S("pause")), &pause) ||
        !template_value(eval, value_get(control, S("extended")), &extended) ||
        !template_value(eval, value_get(control, S("extended_allitems")), &all_items)) {
        return false;
    }
    if (value_is(variable, VALUE_STR)) {
        loop->variable = value_as_str(variable);
    }
    if (value_is(index, VALUE_STR)) {
        loop->index_variable = value_as_str(index);
    }
    value_to_number(pause, &loop->pause);
    value_to_bool(extended, &loop->extended);
    value_to_bool(all_items, &loop->all_items);
    return true;
}

/* Items are lists where Python has tuples, as after Ansible's way through JSON. */
static value without_tuples(struct arena *arena, value list)
{
    struct list_builder items = list_in(arena);
    for (size_t i = 0; i < value_count(list); i++) {
        value item = value_item(list, i);
        if (value_is(item, VALUE_LIST) && value_is_tuple(item)) {
            size_t count;
            const value *parts = value_items(item, &count);
            item = value_at(value_list(arena, parts, count), item.at);
        }
        list_add(&items, item);
    }
    return list_seal(&items);
}

bool loop_items(struct eval *eval, const struct task *task, struct loop *loop)
{
    value list;
    if (!loop_control(eval, task, loop) || !template_value(eval, task->loop, &list)) {
        return false;
    }
    if (value_is(list, VALUE_UNKNOWN)) {
        loop->unknown = true;
        return true;
    }
    if (!str_is_none(task->loop_lookup) &&
        !template_lookup(eval, task->loop_lookup, task->loop.at, list, &list)) {
        return false;
    }
    if (value_is(list, VALUE_UNKNOWN)) {
        loop->unknown = true;
        return true;
    }
    if (!value_is(list, VALUE_LIST)) {
        struct diag *diag = diag_error(eval->diags, task->loop.at, "'loop' needs a list, not a %s",
                                       value_type_name(list));
        if (value_is(list, VALUE_MAP)) {
            diag_hint(diag, "loop over a map with 'dict2items'");
        } else if (value_is(list, VALUE_STR)) {
            diag_hint(diag, "split it: '| split', or put it into a list: '[ ]' around it");
        }
        eval->failure = TEMPLATE_FAILED;
        return false;
    }
    list = without_tuples(eval->arena, list);
    loop->items = value_items(list, &loop->count);
    return true;
}

/* ansible_loop, with loop_control.extended. */
static value loop_extended(struct arena *arena, const struct loop *loop, size_t i)
{
    struct map_builder map = map_in(arena);
    if (loop->all_items) {
        map_set_str(&map, S("allitems"), value_list(arena, loop->items, loop->count));
    }
    map_set_str(&map, S("index"), value_int((int64_t)i + 1));
    map_set_str(&map, S("index0"), value_int((int64_t)i));
    map_set_str(&map, S("first"), value_bool(i == 0));
    map_set_str(&map, S("last"), value_bool(i + 1 == loop->count));
    map_set_str(&map, S("length"), value_int((int64_t)loop->count));
    map_set_str(&map, S("revindex"), value_int((int64_t)(loop->count - i)));
    map_set_str(&map, S("revindex0"), value_int((int64_t)(loop->count - i - 1)));
    if (i > 0) {
        map_set_str(&map, S("previtem"), loop->items[i - 1]);
    }
    if (i + 1 < loop->count) {
        map_set_str(&map, S("nextitem"), loop->items[i + 1]);
    }
    return map_seal(&map);
}

value loop_variables(struct arena *arena, const struct loop *loop, size_t i)
{
    struct map_builder map = map_in(arena);
    map_set_str(&map, loop->variable, loop->items[i]);
    map_set_str(&map, S("ansible_loop_var"), value_str(arena, loop->variable));
    if (!str_is_none(loop->index_variable)) {
        map_set_str(&map, loop->index_variable, value_int((int64_t)i));
        map_set_str(&map, S("ansible_index_var"), value_str(arena, loop->index_variable));
    }
    if (loop->extended) {
        map_set_str(&map, S("ansible_loop"), loop_extended(arena, loop, i));
    }
    return map_seal(&map);
}
