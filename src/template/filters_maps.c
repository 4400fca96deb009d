/* filters_maps.c - Ansible's filters of maps: combine, dict2items, subelements, extract ... */
#include "template/maps.h"

/* ---- combine ---- */

static bool has_item(const value *items, size_t count, value v)
{
    for (size_t i = 0; i < count; i++) {
        if (value_equal(items[i], v) == TRUTH_TRUE) {
            return true;
        }
    }
    return false;
}

static value merge_lists(struct arena *arena, value low, value high, enum list_merge mode)
{
    size_t nl, nh;
    const value *ls = value_items(low, &nl), *hs = value_items(high, &nh);
    struct list_builder list = list_in(arena);
    bool present = mode == MERGE_APPEND_RP || mode == MERGE_PREPEND_RP;
    bool high_first = mode == MERGE_PREPEND || mode == MERGE_PREPEND_RP;
    if (mode == MERGE_REPLACE) {
        return high;
    }
    if (mode == MERGE_KEEP) {
        return low;
    }
    for (size_t i = 0; high_first && i < nh; i++) {
        list_add(&list, hs[i]);
    }
    for (size_t i = 0; i < nl; i++) {
        if (!present || !has_item(hs, nh, ls[i])) {
            list_add(&list, ls[i]);
        }
    }
    for (size_t i = 0; !high_first && i < nh; i++) {
        list_add(&list, hs[i]);
    }
    return list_seal(&list);
}

value merge_maps(struct arena *arena, value low, value high, bool recursive, enum list_merge mode)
{
    struct map_builder map = map_from(arena, low);
    for (size_t i = 0; i < value_count(high); i++) {
        value key = value_map_key(high, i), v = value_map_value(high, i), old;
        if (value_map_find(low, key, &old)) {
            if (recursive && value_is(old, VALUE_MAP) && value_is(v, VALUE_MAP)) {
                v = merge_maps(arena, old, v, recursive, mode);
            } else if (value_is(old, VALUE_LIST) && value_is(v, VALUE_LIST)) {
                v = merge_lists(arena, old, v, mode);
            }
        }
        map_set(&map, key, v);
    }
    return map_seal(&map);
}

static bool read_list_merge(struct call *call, value v, enum list_merge *ret)
{
    static const char *const names[] = { "replace", "keep",      "append",
                                         "prepend", "append_rp", "prepend_rp" };
    for (size_t i = 0; value_is(v, VALUE_STR) && i < ARRAY_LEN(names); i++) {
        if (str_eq(value_as_str(v), str_of(names[i]))) {
            *ret = (enum list_merge)i;
            return true;
        }
    }
    return call_fail(call, "'list_merge' is one of 'replace', 'keep', 'append', 'prepend', "
                           "'append_rp' and 'prepend_rp'");
}

bool merge_options(struct call *call, bool *ret_recursive, enum list_merge *ret_mode)
{
    *ret_recursive = false;
    *ret_mode = MERGE_REPLACE;
    for (size_t i = 0; i < value_count(call->keywords); i++) {
        str name = value_as_str(value_map_key(call->keywords, i));
        value v = value_map_value(call->keywords, i);
        if (str_eq(name, S("recursive"))) {
            if (!call_truth(call, v, ret_recursive)) {
                return false;
            }
        } else if (str_eq(name, S("list_merge"))) {
            if (!read_list_merge(call, v, ret_mode)) {
                return false;
            }
        } else {
            return call_fail(call, "takes 'recursive' and 'list_merge', not '%.*s'", SARG(name));
        }
    }
    return true;
}

/* A map, or the maps of a list; null is none. */
static bool add_maps(struct call *call, value v, bool in_list, struct list_builder *list)
{
    if (value_is(v, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, v);
    }
    value plain;
    if (!plain_value(call->render, v, &plain)) {
        return false;
    }
    if (value_is(plain, VALUE_LIST) && !in_list) {
        for (size_t i = 0; i < value_count(plain); i++) {
            if (!add_maps(call, value_item(plain, i), true, list)) {
                return false;
            }
        }
        return true;
    }
    if (value_is(plain, VALUE_NULL)) {
        return true;
    }
    value undefined;
    if (find_undefined(plain, &undefined)) {
        return call_fail_undefined(call, undefined);
    }
    list_add(list, plain);
    return true;
}

static bool filter_combine(struct call *call, value *ret)
{
    bool recursive;
    enum list_merge mode;
    if (!merge_options(call, &recursive, &mode)) {
        return false;
    }
    struct list_builder maps = list_in(call->arena);
    if (!add_maps(call, call->input, false, &maps)) {
        return false;
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        if (value_is(call->rest[i], VALUE_UNKNOWN)) {
            return call_give(ret, value_unknown());
        }
        if (!add_maps(call, call->rest[i], false, &maps)) {
            return false;
        }
    }
    size_t count;
    const value *items = value_items(list_seal(&maps), &count);
    struct map_builder none = map_in(call->arena);
    value result = count > 0 ? items[0] : map_seal(&none);
    for (size_t i = 0; count > 1 && i < count; i++) { /* one alone is given as it is */
        if (!value_is(items[i], VALUE_MAP)) {
            return call_fail(call, "maps are combined, and this is %s %s", A_TYPE(items[i]));
        }
    }
    for (size_t i = 1; i < count; i++) {
        result = merge_maps(call->arena, result, items[i], recursive, mode);
    }
    return call_give(ret, result);
}

/* ---- maps and lists of pairs ---- */

static bool filter_dict2items(struct call *call, value *ret)
{
    value map;
    if (!plain_value(call->render, call->input, &map) || !call_need_map(call, map)) {
        return false;
    }
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < value_count(map); i++) {
        struct map_builder pair = map_in(call->arena);
        map_set_str(&pair, call_str(call, 0), value_map_key(map, i));
        map_set_str(&pair, call_str(call, 1), value_map_value(map, i));
        list_add(&list, map_seal(&pair));
    }
    return call_give(ret, list_seal(&list));
}

static bool filter_items2dict(struct call *call, value *ret)
{
    if (!value_is(call->input, VALUE_LIST)) {
        return call_fail(call, "a list is needed, not %s %s", A_TYPE(call->input));
    }
    struct map_builder map = map_in(call->arena);
    for (size_t i = 0; i < value_count(call->input); i++) {
        value item = value_item(call->input, i), key, v;
        if (!value_is(item, VALUE_MAP)) {
            return call_fail(call, "item %zu is %s %s, not a map", i, A_TYPE(item));
        }
        if (!value_map_find(item, call->args[0], &key) ||
            !value_map_find(item, call->args[1], &v)) {
            return call_fail(call, "item %zu needs the keys '%.*s' and '%.*s'", i,
                             SARG(value_as_str(value_print(call->arena, call->args[0]))),
                             SARG(value_as_str(value_print(call->arena, call->args[1]))));
        }
        if (value_is(key, VALUE_LIST) || value_is(key, VALUE_MAP)) {
            return call_fail(call, "%s %s cannot be the key of a map", A_TYPE(key));
        }
        map_set(&map, key, v);
    }
    return call_give(ret, map_seal(&map));
}

static bool filter_items(struct call *call, value *ret)
{
    value map;
    struct list_builder list = list_in(call->arena);
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_give(ret, list_seal(&list));
    }
    if (!plain_value(call->render, call->input, &map) || !call_need_map(call, map)) {
        return false;
    }
    for (size_t i = 0; i < value_count(map); i++) {
        list_add(&list,
                 value_tuple(call->arena,
                             (value[]){ value_map_key(map, i), value_map_value(map, i) }, 2));
    }
    return call_give(ret, list_seal(&list));
}

/* Items of a list, or values of a map. */
static bool items_of_input(struct call *call, const value **ret_items, size_t *ret_count)
{
    if (value_is(call->input, VALUE_LIST)) {
        *ret_items = value_items(call->input, ret_count);
        return true;
    }
    if (!value_is(call->input, VALUE_MAP)) {
        return call_fail(call, "a list or map is needed, not %s %s", A_TYPE(call->input));
    }
    struct list_builder values = list_in(call->arena);
    for (size_t i = 0; i < value_count(call->input); i++) {
        list_add(&values, value_map_value(call->input, i));
    }
    *ret_items = value_items(list_seal(&values), ret_count);
    return true;
}

static bool filter_rekey_on_member(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    str duplicates = call_str(call, 1);
    if (value_is(call->args[0], VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->args[0]);
    }
    if (!str_eq(duplicates, S("error")) && !str_eq(duplicates, S("overwrite"))) {
        return call_fail(call, "'duplicates' is either 'error' or 'overwrite'");
    }
    if (!items_of_input(call, &items, &count)) {
        return false;
    }
    struct map_builder map = map_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        value key;
        if (!value_is(items[i], VALUE_MAP)) {
            return call_fail(call, "item %zu is %s %s, not a map", i, A_TYPE(items[i]));
        }
        if (!value_map_find(items[i], call->args[0], &key)) {
            return call_fail(call, "item %zu has no such key", i);
        }
        if (map_has(&map, key, NULL) && str_eq(duplicates, S("error"))) {
            return call_fail(call, "the key of item %zu is not unique", i);
        }
        map_set(&map, key, items[i]);
    }
    return call_give(ret, map_seal(&map));
}

/* ---- subelements, extract ---- */

static bool sub_value(struct call *call, value item, const value *path, size_t count, bool skip,
                      value *ret, bool *ret_found)
{
    *ret_found = true;
    for (size_t i = 0; i < count; i++) {
        value next;
        if (!value_is(item, VALUE_MAP)) {
            return call_fail(call, "the key is looked for in %s %s, not in a map", A_TYPE(item));
        }
        if (!value_map_find(item, path[i], &next)) {
            *ret_found = false;
            return skip || call_fail(call, "there is no key '%.*s' in an item",
                                     SARG(value_as_str(value_print(call->arena, path[i]))));
        }
        item = next;
    }
    if (!value_is(item, VALUE_LIST)) {
        return call_fail(call, "the key must point to a list, not %s %s", A_TYPE(item));
    }
    *ret = item;
    return true;
}

static bool subelement_path(struct call *call, value v, const value **ret, size_t *ret_count)
{
    struct list_builder parts = list_in(call->arena);
    if (value_is(v, VALUE_STR)) {
        str rest = value_as_str(v);
        while (!str_is_none(rest)) {
            list_add(&parts, value_str(call->arena, str_cut(&rest, '.')));
        }
        *ret = value_items(list_seal(&parts), ret_count);
        return true;
    }
    if (!value_is(v, VALUE_LIST)) {
        return call_fail(call, "the key is a string or a list of strings");
    }
    *ret = value_items(v, ret_count);
    return true;
}

static bool filter_subelements(struct call *call, value *ret)
{
    const value *items, *path = NULL;
    size_t count, length = 0;
    bool skip = call_bool(call, 1);
    if (!items_of_input(call, &items, &count)) {
        return false;
    }
    if (!subelement_path(call, call->args[0], &path, &length)) {
        return false;
    }
    struct list_builder pairs = list_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        value list = value_null();
        bool found;
        if (!sub_value(call, items[i], path, length, skip, &list, &found)) {
            return false;
        }
        for (size_t k = 0; found && k < value_count(list); k++) {
            list_add(&pairs,
                     value_tuple(call->arena, (value[]){ items[i], value_item(list, k) }, 2));
        }
    }
    return call_give(ret, list_seal(&pairs));
}

static bool filter_extract(struct call *call, value *ret)
{
    value v;
    if (!get_item(call->render, call->args[0], call->input, call->at, &v)) {
        return false;
    }
    value more = call->args[1];
    size_t count = 1;
    const value *keys = &more;
    if (value_is(more, VALUE_LIST)) {
        keys = value_items(more, &count);
    }
    count = value_is(more, VALUE_NULL) ? 0 : count;
    for (size_t i = 0; i < count; i++) {
        if (!get_item(call->render, v, keys[i], call->at, &v)) {
            return false;
        }
    }
    if (value_is(v, VALUE_UNDEFINED) && value_undefined_what(v).len == 0) {
        v = value_undefined(call->arena, S("there is no such key to extract"));
        v = value_at(v, call->at);
    }
    return call_give(ret, v);
}

static bool filter_dict(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (value_is(call->input, VALUE_MAP)) {
        return call_give(ret, call->input);
    }
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    struct map_builder map = map_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        if (!value_is(items[i], VALUE_LIST) || value_count(items[i]) != 2) {
            return call_fail(call, "item %zu is no pair of a key and a value", i);
        }
        map_set(&map, value_item(items[i], 0), value_item(items[i], 1));
    }
    return call_give(ret, map_seal(&map));
}

const struct builtin filters_maps[] = {
    { "combine", NULL, "*maps, **options", CALL_DEEP, filter_combine,
      "Maps as one; the later ones win. recursive=true goes into maps within maps; list_merge is "
      "'replace', 'keep', 'append', 'prepend', 'append_rp' or 'prepend_rp'.",
      "{{ {'a': 1, 'b': 2} | combine({'b': 3}) }} -> {'a': 1, 'b': 3}\n"
      "{{ {'x': {'a': 1}} | combine({'x': {'b': 2}}, recursive=true) }} -> {'x': {'a': 1, 'b': "
      "2}}\n"
      "{{ {'l': [1]} | combine({'l': [2]}, list_merge='append') }} -> {'l': [1, 2]}" },
    { "dict2items", NULL, "key_name:str='key', value_name:str='value'", CALL_DEEP,
      filter_dict2items, "A map as a list of maps of key and value.",
      "{{ {'a': 1} | dict2items }} -> [{'key': 'a', 'value': 1}]\n"
      "{{ {'a': 1} | dict2items(key_name='name', value_name='size') }} -> [{'name': 'a', 'size': "
      "1}]" },
    { "items2dict", NULL, "key_name='key', value_name='value'", CALL_DEEP, filter_items2dict,
      "A list of maps of key and value as one map.",
      "{{ [{'key': 'a', 'value': 1}] | items2dict }} -> {'a': 1}" },
    { "items", NULL, "", CALL_JINJA | CALL_DEEP | CALL_UNDEFINED | CALL_ITERATOR, filter_items,
      "The pairs of a map.", "{{ {'a': 1, 'b': 2} | items }} -> [('a', 1), ('b', 2)]" },
    { "rekey_on_member", NULL, "key, duplicates:str='error'", 0, filter_rekey_on_member,
      "Maps by the value of one of their keys.",
      "{{ [{'n': 'x', 'v': 1}] | rekey_on_member('n') }} -> {'x': {'n': 'x', 'v': 1}}" },
    { "subelements", NULL, "subelements, skip_missing:bool=false", 0, filter_subelements,
      "Pairs of an item and each member of one of its lists.",
      "{{ [{'n': 'x', 'keys': ['k1', 'k2']}] | subelements('keys') | map('last') }} -> ['k1', "
      "'k2']" },
    { "extract", NULL, "container, morekeys=none", CALL_DEEP, filter_extract,
      "What a container has under the key.",
      "{{ [0, 2] | map('extract', ['a', 'b', 'c']) }} -> ['a', 'c']\n"
      "{{ 'web' | extract({'web': {'port': 80}}, 'port') }} -> 80" },
    { "community.general.dict", NULL, "", CALL_DEEP, filter_dict, "A list of pairs as a map.",
      "{{ [['a', 1], ['b', 2]] | community.general.dict }} -> {'a': 1, 'b': 2}" },
    { 0 },
};
