/*
 * filters_keys.c - filters of the keys within data: keep_keys, remove_keys, replace_keys in both
 * forms there are (community.general's for lists of maps, ansible.utils' for data of any depth),
 * consolidate, get_path, to_paths, index_of, param_list_compare.
 */
#include "formats/pyregex.h"
#include "template/members.h"
#include "template/sort.h"

/* ---- which keys are meant ---- */

enum match_by { BY_EQUAL, BY_START, BY_END, BY_REGEX };

/* One key that is asked for, and what it becomes. */
struct target {
    value before, after;
    const struct pyregex *regex; /* BY_REGEX */
};

struct targets {
    struct call *call;
    enum match_by by;
    VEC(struct target) items;
};

static bool read_match_by(struct call *call, value v, enum match_by *ret)
{
    static const struct {
        const char *name;
        enum match_by by;
    } names[] = { { "equal", BY_EQUAL },
                  { "equality", BY_EQUAL },
                  { "starts_with", BY_START },
                  { "ends_with", BY_END },
                  { "regex", BY_REGEX } };
    for (size_t i = 0; value_is(v, VALUE_STR) && i < ARRAY_LEN(names); i++) {
        if (str_eq(value_as_str(v), str_of(names[i].name))) {
            *ret = names[i].by;
            return true;
        }
    }
    return call_fail(call, "'matching_parameter' is one of 'equal', 'starts_with', 'ends_with' "
                           "and 'regex'");
}

static bool add_target(struct targets *targets, value before, value after)
{
    struct call *call = targets->call;
    struct target target = { .before = before, .after = after };
    if (targets->by != BY_EQUAL && !value_is(before, VALUE_STR)) {
        return call_fail(call, "a key to match is a string, not %s %s", A_TYPE(before));
    }
    if (targets->by == BY_REGEX) {
        target.regex = pyregex_compile(call->arena, call->eval->diags, call_place(call),
                                       value_as_str(before), 0);
        if (target.regex == NULL) {
            return call_reported(call);
        }
    }
    *VEC_PUSH(call->arena, &targets->items) = target;
    return true;
}

static bool add_replacement(struct targets *targets, value pair)
{
    value before, after;
    if (!value_is(pair, VALUE_MAP) || !value_map_get(pair, S("before"), &before) ||
        !value_map_get(pair, S("after"), &after)) {
        return call_fail(targets->call, "a replacement is a map with 'before' and 'after'");
    }
    return add_target(targets, before, after);
}

/* args[0]: the keys, or the replacements; args[1]: how they are matched. */
static bool read_targets(struct call *call, bool replacements, struct targets *ret)
{
    value list = call->args[0];
    *ret = (struct targets){ .call = call };
    if (!read_match_by(call, call->args[1], &ret->by)) {
        return false;
    }
    bool one = value_is(list, VALUE_STR) || (replacements && value_is(list, VALUE_MAP));
    const value *items = &call->args[0];
    size_t count = 1;
    if (!one && !call_items(call, list, &items, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (replacements ? !add_replacement(ret, items[i])
                         : !add_target(ret, items[i], value_null())) {
            return false;
        }
    }
    return true;
}

static bool matches(struct targets *targets, const struct target *target, value key, bool *ret)
{
    struct call *call = targets->call;
    struct pyregex_match match;
    if (targets->by == BY_EQUAL) {
        *ret = value_equal(target->before, key) == TRUTH_TRUE;
        return true;
    }
    if (!value_is(key, VALUE_STR)) {
        return call_fail(call, "a key that is %s %s cannot be matched by its text", A_TYPE(key));
    }
    str s = value_as_str(key);
    switch (targets->by) {
    case BY_EQUAL:
        break;
    case BY_START:
        *ret = str_starts(s, value_as_str(target->before));
        break;
    case BY_END:
        *ret = str_ends(s, value_as_str(target->before));
        break;
    case BY_REGEX:
        return pyregex_exec(target->regex, call->arena, call->eval->diags, s, 0, PYREGEX_MATCH, ret,
                            &match) ||
               call_reported(call);
    }
    return true;
}

/* The first target that matches; NULL in *ret: none. */
static bool find_target(struct targets *targets, value key, const struct target **ret)
{
    *ret = NULL;
    for (size_t i = 0; i < targets->items.len; i++) {
        bool hit;
        if (!matches(targets, &targets->items.items[i], key, &hit)) {
            return false;
        }
        if (hit) {
            *ret = &targets->items.items[i];
            return true;
        }
    }
    return true;
}

/* ---- the maps of a list ---- */

enum edit { EDIT_KEEP, EDIT_REMOVE, EDIT_REPLACE };

static bool edit_map(struct targets *targets, enum edit edit, value map, value *ret)
{
    struct map_builder out = map_in(targets->call->arena);
    for (size_t i = 0; i < value_count(map); i++) {
        value key = value_map_key(map, i);
        const struct target *target;
        if (!find_target(targets, key, &target)) {
            return false;
        }
        if (edit == EDIT_REPLACE) {
            map_set(&out, target != NULL ? target->after : key, value_map_value(map, i));
        } else if ((target != NULL) == (edit == EDIT_KEEP)) {
            map_set(&out, key, value_map_value(map, i));
        }
    }
    *ret = map_seal(&out);
    return true;
}

static bool edit_maps(struct call *call, enum edit edit, value *ret)
{
    struct targets targets;
    struct list_builder list = list_in(call->arena);
    const value *items;
    size_t count;
    if (value_is(call->input, VALUE_STR) || value_is(call->input, VALUE_MAP)) {
        return call_fail(call, "a list of maps is needed, not %s %s", A_TYPE(call->input));
    }
    if (!call_items(call, call->input, &items, &count) ||
        !read_targets(call, edit == EDIT_REPLACE, &targets)) {
        return false;
    }
    if (targets.items.len == 0) {
        return call_fail(call, "'target' is empty");
    }
    for (size_t i = 0; i < count; i++) {
        value map;
        if (!call_need_map(call, items[i]) || !edit_map(&targets, edit, items[i], &map)) {
            return false;
        }
        list_add(&list, map);
    }
    return call_give(ret, list_seal(&list));
}

static bool filter_keep_keys(struct call *call, value *ret)
{
    return edit_maps(call, EDIT_KEEP, ret);
}

static bool filter_remove_keys(struct call *call, value *ret)
{
    return edit_maps(call, EDIT_REMOVE, ret);
}

static bool filter_replace_keys(struct call *call, value *ret)
{
    return edit_maps(call, EDIT_REPLACE, ret);
}

/* ---- data of any depth ---- */

typedef bool walk_fn(struct targets *targets, value v, value *ret);

/* A tuple is none: these filters are for data. */
static bool is_container(value v)
{
    return (value_is(v, VALUE_LIST) && !value_is_tuple(v)) || value_is(v, VALUE_MAP);
}

static bool walk_list(struct targets *targets, walk_fn *walk, value list, value *ret)
{
    struct list_builder out = list_in(targets->call->arena);
    for (size_t i = 0; i < value_count(list); i++) {
        value item;
        if (!walk(targets, value_item(list, i), &item)) {
            return false;
        }
        list_add(&out, item);
    }
    *ret = list_seal(&out);
    return true;
}

/* Whether a list that is left after keeping has anything to keep: more than texts. */
static value without_empty(struct arena *arena, value list, bool *ret_worth)
{
    struct list_builder out = list_in(arena);
    *ret_worth = false;
    for (size_t i = 0; i < value_count(list); i++) {
        value item = value_item(list, i);
        if (!is_container(item) || value_count(item) > 0) {
            list_add(&out, item);
            *ret_worth |= !value_is(item, VALUE_STR);
        }
    }
    return list_seal(&out);
}

static bool keep_within(struct targets *targets, value v, value *ret)
{
    *ret = v;
    if (!is_container(v)) {
        return true;
    }
    if (value_is(v, VALUE_LIST)) {
        return walk_list(targets, keep_within, v, ret);
    }
    struct map_builder out = map_in(targets->call->arena);
    for (size_t i = 0; i < value_count(v) && targets->items.len > 0; i++) {
        value key = value_map_key(v, i), item = value_map_value(v, i);
        const struct target *target;
        bool worth;
        if (!is_container(item)) {
            if (!find_target(targets, key, &target)) {
                return false;
            }
            worth = target != NULL;
        } else if (!keep_within(targets, item, &item)) {
            return false;
        } else if (value_is(item, VALUE_LIST)) {
            item = without_empty(targets->call->arena, item, &worth);
        } else {
            worth = value_count(item) > 0;
        }
        if (worth) {
            map_set(&out, key, item);
        }
    }
    *ret = map_seal(&out);
    return true;
}

static bool remove_within(struct targets *targets, value v, value *ret)
{
    *ret = v;
    if (!is_container(v)) {
        return true;
    }
    if (value_is(v, VALUE_LIST)) {
        return walk_list(targets, remove_within, v, ret);
    }
    struct map_builder out = map_in(targets->call->arena);
    for (size_t i = 0; i < value_count(v); i++) {
        const struct target *target;
        value item;
        if (!find_target(targets, value_map_key(v, i), &target)) {
            return false;
        }
        if (target == NULL) {
            if (!remove_within(targets, value_map_value(v, i), &item)) {
                return false;
            }
            map_set(&out, value_map_key(v, i), item);
        }
    }
    *ret = map_seal(&out);
    return true;
}

/* Lists without what Python takes for false: what was left empty, but also 0 and "". */
static value without_false(struct arena *arena, value v)
{
    if (value_is(v, VALUE_LIST)) {
        struct list_builder out = list_in(arena);
        for (size_t i = 0; i < value_count(v); i++) {
            if (value_truth(value_item(v, i)) != TRUTH_FALSE) {
                list_add(&out, without_false(arena, value_item(v, i)));
            }
        }
        return list_seal(&out);
    }
    if (value_is(v, VALUE_MAP)) {
        struct map_builder out = map_in(arena);
        for (size_t i = 0; i < value_count(v); i++) {
            map_set(&out, value_map_key(v, i), without_false(arena, value_map_value(v, i)));
        }
        return map_seal(&out);
    }
    return v;
}

/* A key that is renamed goes to the end of its map; each replacement sees what those before it
 * have made. */
static bool rename_keys(struct targets *targets, value map, value *ret)
{
    *ret = map;
    for (size_t t = 0; t < targets->items.len; t++) {
        const struct target *target = &targets->items.items[t];
        struct map_builder out = map_from(targets->call->arena, *ret);
        for (size_t i = 0; i < value_count(*ret); i++) {
            value key = value_map_key(*ret, i), item;
            bool hit;
            if (!matches(targets, target, key, &hit)) {
                return false;
            }
            if (hit && map_find(&out, key, &item)) {
                map_remove(&out, key);
                map_set(&out, target->after, item);
            }
        }
        *ret = map_seal(&out);
    }
    return true;
}

static bool replace_within(struct targets *targets, value v, value *ret)
{
    *ret = v;
    if (!is_container(v)) {
        return true;
    }
    if (value_is(v, VALUE_LIST)) {
        return walk_list(targets, replace_within, v, ret);
    }
    value renamed;
    if (!rename_keys(targets, v, &renamed)) {
        return false;
    }
    struct map_builder out = map_in(targets->call->arena);
    for (size_t i = 0; i < value_count(renamed); i++) {
        value item;
        if (!replace_within(targets, value_map_value(renamed, i), &item)) {
            return false;
        }
        map_set(&out, value_map_key(renamed, i), item);
    }
    *ret = map_seal(&out);
    return true;
}

static bool edit_deep(struct call *call, walk_fn *walk, value *ret)
{
    struct targets targets;
    value data;
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->input);
    }
    if (!plain_value(call->render, call->input, &data)) {
        return false;
    }
    if (!is_container(data)) {
        return call_fail(call, "a list or map is needed, not %s %s", A_TYPE(data));
    }
    value undefined;
    if (find_undefined(data, &undefined)) {
        return call_fail_undefined(call, undefined);
    }
    return read_targets(call, walk == replace_within, &targets) && walk(&targets, data, ret);
}

static bool filter_keep_within(struct call *call, value *ret)
{
    return edit_deep(call, keep_within, ret);
}

static bool filter_remove_within(struct call *call, value *ret)
{
    if (!edit_deep(call, remove_within, ret)) {
        return false;
    }
    *ret = without_false(call->arena, *ret);
    return true;
}

static bool filter_replace_within(struct call *call, value *ret)
{
    return edit_deep(call, replace_within, ret);
}

/* ---- paths ---- */

/* What can follow a dot. */
static bool is_plain_name(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        bool digit = c >= '0' && c <= '9';
        if (!letter && c != '_' && !(digit && i > 0)) {
            return false;
        }
    }
    return s.len > 0;
}

static bool add_paths(struct call *call, value v, str path, struct map_builder *out)
{
    bool empty = is_container(v) && value_count(v) == 0;
    if (!is_container(v) || (empty && path.len > 0)) {
        map_set_str(out, path, v);
        return true;
    }
    for (size_t i = 0; i < value_count(v); i++) {
        str next;
        if (value_is(v, VALUE_LIST)) {
            next = str_format(call->arena, "%.*s[%zu]", SARG(path), i);
        } else if (!value_is(value_map_key(v, i), VALUE_STR)) {
            return call_fail(call, "a path cannot name a key that is %s %s",
                             A_TYPE(value_map_key(v, i)));
        } else {
            str key = value_as_str(value_map_key(v, i));
            next = path.len == 0 ? key
                   : is_plain_name(key)
                       ? str_format(call->arena, "%.*s.%.*s", SARG(path), SARG(key))
                       : str_format(call->arena, "%.*s['%.*s']", SARG(path), SARG(key));
        }
        value item = value_is(v, VALUE_LIST) ? value_item(v, i) : value_map_value(v, i);
        if (!add_paths(call, item, next, out)) {
            return false;
        }
    }
    return true;
}

static bool give_wanted(struct call *call, value v, bool as_list, value *ret)
{
    return call_give(ret, as_list ? value_list(call->arena, &v, 1) : v);
}

static bool filter_to_paths(struct call *call, value *ret)
{
    struct map_builder out = map_in(call->arena);
    value data;
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->input);
    }
    str root = call_none(call, 0) ? STR_EMPTY : call_str(call, 0);
    if (!plain_value(call->render, call->input, &data) || !add_paths(call, data, root, &out)) {
        return false;
    }
    bool nothing = root.len == 0 && value_is(data, VALUE_LIST) && value_count(data) == 0;
    return give_wanted(call, nothing ? data : map_seal(&out), call_bool(call, 1), ret);
}

/* The next step of a path: "name", ".name", ".0", "[0]", "['key']". Only these: what is within the
 * data must never be evaluated. */
static bool path_step(struct call *call, str *rest, bool first, value *ret)
{
    str s = *rest;
    size_t end = 0;
    if (!first && str_starts(s, S("["))) {
        bool quoted = s.len > 1 && (s.ptr[1] == '\'' || s.ptr[1] == '"');
        end = quoted ? str_find_char(s, s.ptr[1], 2) : str_find_char(s, ']', 0);
        str inner = end == STR_NPOS ? STR_EMPTY : str_part(s, quoted ? 2 : 1, end);
        end += end != STR_NPOS && quoted ? 1 : 0;
        int64_t index;
        if (end < s.len && s.ptr[end] == ']' && (quoted || str_to_int64(inner, &index))) {
            *ret = quoted ? value_str(call->arena, inner) : value_int(index);
            *rest = str_part(s, end + 1, s.len);
            return true;
        }
    } else if (first || str_starts(s, S("."))) {
        s = str_part(s, first ? 0 : 1, s.len);
        while (end < s.len && s.ptr[end] != '.' && s.ptr[end] != '[') {
            end++;
        }
        str name = str_part(s, 0, end);
        int64_t index;
        bool number = !first && str_to_int64(name, &index);
        if (number || is_plain_name(name)) {
            *ret = number ? value_int(index) : value_str(call->arena, name);
            *rest = str_part(s, end, s.len);
            return true;
        }
    }
    return call_fail(call, "'%.*s' is no path: write one like \"a.b[0]['c']\"",
                     SARG(call_str(call, 0)));
}

static bool filter_get_path(struct call *call, value *ret)
{
    value v;
    str rest = call_str(call, 0);
    if (!plain_value(call->render, call->input, &v) || !call_need_map(call, v)) {
        return false;
    }
    bool first = true;
    do {
        value step;
        if (!path_step(call, &rest, first, &step) ||
            !get_item(call->render, v, step, call->at, &v)) {
            return false;
        }
        if (value_is(v, VALUE_UNDEFINED)) {
            return call_fail(call, "there is nothing at '%.*s'", SARG(call_str(call, 0)));
        }
        first = false;
    } while (rest.len > 0);
    if (dialect_is(call->render, DIALECT_CLASSIC)) { /* as a template's output */
        value text = value_str(call->arena, STR_EMPTY);
        if (!value_is(v, VALUE_NULL) && !text_of(call->render, v, call->at, &text)) {
            return false;
        }
        v = classic_value(call->arena, text);
    }
    return give_wanted(call, v, call_bool(call, 1), ret);
}

/* ---- index_of ---- */

/* A test by its name, with "!" or "not " before it for the contrary. */
static bool run_test(struct call *call, value item, bool *ret)
{
    str name = call_str(call, 0);
    value hit, right = call->args[1];
    bool inverted = false;
    if (str_starts(name, S("!"))) {
        inverted = true;
        name = str_eq(name, S("!=")) ? S("==") : str_part(name, 1, name.len);
    } else if (str_starts(name, S("not "))) {
        inverted = true;
        name = str_trim(str_part(name, 4, name.len));
    }
    if (str_eq(name, S("in")) && !value_is(right, VALUE_LIST)) {
        right = value_list(call->arena, &right, 1);
    }
    struct call_args args = {
        &right, value_is(right, VALUE_NULL) ? 0 : 1, { .kind = VALUE_UNDEFINED }, call->at
    };
    bool truth;
    if (!call_test(call, name, item, &args, &hit) || !call_truth(call, hit, &truth)) {
        return false;
    }
    *ret = truth != inverted;
    return true;
}

/* A list as the parameters of modules have it: of a text what stands between commas. */
static bool list_of(struct call *call, value v, const value **ret, size_t *ret_count)
{
    struct list_builder list = list_in(call->arena);
    if (value_is(v, VALUE_STR)) {
        str rest = value_as_str(v);
        while (!str_is_none(rest)) {
            list_add(&list, value_str(call->arena, str_cut(&rest, ',')));
        }
        v = list_seal(&list);
    } else if (is_number(v)) {
        list_add(&list, value_print(call->arena, v));
        v = list_seal(&list);
    }
    if (value_is(v, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, v);
    }
    if (!value_is(v, VALUE_LIST) || value_is_tuple(v)) {
        return call_fail(call, "a list is needed, not %s %s", A_TYPE(v));
    }
    *ret = value_items(v, ret_count);
    return true;
}

static bool filter_index_of(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    bool by_key = !call_none(call, 2), fail_on_missing = call_bool(call, 4);
    if (!list_of(call, call->input, &items, &count)) {
        return false;
    }
    struct list_builder found = list_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        value item = items[i];
        bool hit;
        if (by_key && !value_is(item, VALUE_MAP)) {
            return call_fail(call, "with 'key' all items are maps, and item %zu is %s %s", i,
                             A_TYPE(item));
        }
        if (by_key && !value_map_find(items[i], call->args[2], &item)) {
            if (fail_on_missing) {
                return call_fail(call, "item %zu has no such key", i);
            }
            continue;
        }
        if (!run_test(call, item, &hit)) {
            return false;
        }
        if (hit) {
            list_add(&found, value_int((int64_t)i));
        }
    }
    value list = list_seal(&found);
    bool single = value_count(list) == 1 && !call_bool(call, 3);
    return call_give(ret, single ? value_item(list, 0) : list);
}

/* ---- consolidate ---- */

struct source_of_facts {
    value name, match_key, by_key; /* by_key: the facts by the value of match_key */
};

struct consolidation {
    struct call *call;
    bool missing_key, missing_value, duplicate; /* which of these are mistakes */
    VEC(struct source_of_facts) sources;
    struct map_builder keys; /* of all sources */
};

static bool read_source(struct consolidation *all, value source)
{
    struct call *call = all->call;
    struct source_of_facts facts;
    value data;
    if (!value_is(source, VALUE_MAP) || !value_map_get(source, S("data"), &data) ||
        !value_is(data, VALUE_LIST) || !value_map_get(source, S("match_key"), &facts.match_key) ||
        !value_map_get(source, S("name"), &facts.name)) {
        return call_fail(call, "a source is a map with 'data' (a list), 'match_key' and 'name'");
    }
    struct map_builder by_key = map_in(call->arena);
    for (size_t i = 0; i < value_count(data); i++) {
        value item = value_item(data, i), key;
        if (!value_is(item, VALUE_MAP) || !value_map_find(item, facts.match_key, &key)) {
            if (all->missing_key) {
                return call_fail(call, "item %zu of source %zu has no such key", i + 1,
                                 all->sources.len + 1);
            }
            continue;
        }
        if (!is_hashable(key)) {
            return call_fail(call, "%s %s cannot be the key of a map", A_TYPE(key));
        }
        if (all->duplicate && map_has(&by_key, key, NULL)) {
            return call_fail(call, "source %zu has two items of one key", all->sources.len + 1);
        }
        map_set(&by_key, key, item);
        map_set(&all->keys, key, key);
    }
    facts.by_key = map_seal(&by_key);
    *VEC_PUSH(call->arena, &all->sources) = facts;
    return true;
}

/* What each source has under one key. */
static bool consolidated(struct consolidation *all, value key, value *ret)
{
    struct map_builder nothing = map_in(all->call->arena), out = map_in(all->call->arena);
    value none = map_seal(&nothing);
    for (size_t i = 0; i < all->sources.len; i++) {
        const struct source_of_facts *source = &all->sources.items[i];
        value facts;
        if (!value_map_find(source->by_key, key, &facts)) {
            if (all->missing_value) {
                return call_fail(all->call, "source %zu has nothing for '%.*s'", i + 1,
                                 SARG(value_as_str(value_print(all->call->arena, key))));
            }
            facts = none;
        }
        map_set(&out, source->name, facts);
    }
    *ret = map_seal(&out);
    return true;
}

static bool filter_consolidate(struct call *call, value *ret)
{
    struct consolidation all = { .call = call,
                                 .missing_key = call_bool(call, 0),
                                 .missing_value = call_bool(call, 1),
                                 .duplicate = call_bool(call, 2),
                                 .keys = map_in(call->arena) };
    const value *items;
    size_t count;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!read_source(&all, items[i])) {
            return false;
        }
    }
    value keys = map_seal(&all.keys);
    struct keyed *keyed = NEW_ARRAY(call->arena, struct keyed, value_count(keys));
    for (size_t i = 0; i < value_count(keys); i++) {
        keyed[i] = (struct keyed){ value_map_key(keys, i), value_map_key(keys, i), i };
    }
    if (!sort_keyed(call, keyed, value_count(keys), false, order_values)) {
        return false;
    }
    struct map_builder out = map_in(call->arena);
    for (size_t i = 0; i < value_count(keys); i++) {
        value facts;
        if (!consolidated(&all, keyed[i].key, &facts)) {
            return false;
        }
        map_set(&out, keyed[i].key, facts);
    }
    return call_give(ret, map_seal(&out));
}

/* ---- param_list_compare ---- */

static bool is_text(value v, const char *text)
{
    return value_is(v, VALUE_STR) && str_eq(value_as_str(v), str_of(text));
}

static struct members members_of(struct arena *arena, const value *items, size_t count)
{
    struct members members = members_in(arena);
    for (size_t i = 0; i < count; i++) {
        (void)add_member(&members, items[i]);
    }
    return members;
}

/* "all", "!name" and names, out of those that there are. */
static bool filter_param_list_compare(struct call *call, value *ret)
{
    const value *base, *wanted;
    size_t base_count, wanted_count;
    if (!list_of(call, call->input, &base, &base_count) ||
        !list_of(call, call->args[0], &wanted, &wanted_count)) {
        return false;
    }
    struct members known = members_of(call->arena, base, base_count);
    struct members asked = members_of(call->arena, wanted, wanted_count);
    struct members chosen = members_in(call->arena);
    struct list_builder actionable = list_in(call->arena), unsupported = list_in(call->arena);
    bool all = is_member(&asked, value_str(call->arena, S("all")));
    for (size_t i = 0; all && i < base_count; i++) {
        str name = value_is(base[i], VALUE_STR) ? value_as_str(base[i]) : STR_EMPTY;
        value bang = value_str(call->arena, str_concat(call->arena, S("!"), name));
        if (!is_member(&asked, bang)) {
            (void)add_member(&chosen, base[i]);
            list_add(&actionable, base[i]);
        }
    }
    for (size_t i = 0; i < wanted_count; i++) {
        bool bang = value_is(wanted[i], VALUE_STR) && str_starts(value_as_str(wanted[i]), S("!"));
        if (bang || is_text(wanted[i], "all")) {
            continue;
        }
        if (!is_member(&known, wanted[i])) {
            list_add(&unsupported, wanted[i]);
        } else if (add_member(&chosen, wanted[i])) {
            list_add(&actionable, wanted[i]);
        }
    }
    value sorted, sort_args[] = { value_bool(false), value_bool(true) }; /* upwards, by case */
    struct call_args args = { sort_args, 2, { .kind = VALUE_UNDEFINED }, call->at };
    struct map_builder map = map_in(call->arena);
    if (!call_filter(call, S("sort"), list_seal(&actionable), &args, &sorted)) {
        return false;
    }
    map_set_str(&map, S("actionable"), sorted);
    map_set_str(&map, S("unsupported"), list_seal(&unsupported));
    return call_give(ret, map_seal(&map));
}

static bool filter_refused(struct call *call, value *ret)
{
    return call_fail(call, "is not supported: it stands on a Python library");
}

#define GENERAL "community.general."
#define UTILS   "ansible.utils."

const struct builtin filters_keys[] = {
    { GENERAL "keep_keys", NULL, "target, matching_parameter='equal'", CALL_DEEP, filter_keep_keys,
      "The maps of a list with these keys only.",
      "{{ [{'a': 1, 'b': 2}] | community.general.keep_keys(['a']) }} -> [{'a': 1}]" },
    { GENERAL "remove_keys", NULL, "target, matching_parameter='equal'", CALL_DEEP,
      filter_remove_keys, "The maps of a list without these keys.",
      "{{ [{'a': 1, 'b': 2}] | community.general.remove_keys(['a']) }} -> [{'b': 2}]" },
    { GENERAL "replace_keys", NULL, "target, matching_parameter='equal'", CALL_DEEP,
      filter_replace_keys, "The maps of a list with keys renamed.",
      "{{ [{'a': 1}] | community.general.replace_keys([{'before': 'a', 'after': 'b'}]) }} -> "
      "[{'b': 1}]" },
    { UTILS "consolidate", NULL,
      "fail_missing_match_key:bool=true, fail_missing_match_value:bool=true, "
      "fail_duplicate:bool=true",
      0, filter_consolidate, "Facts of several sources, by a key that they share.",
      "{{ [{'data': [{'n': 'x', 'v': 1}], 'match_key': 'n', 'name': 'p'}] | "
      "ansible.utils.consolidate }} -> {'x': {'p': {'n': 'x', 'v': 1}}}" },
    { UTILS "from_xml", NULL, "*args, **options", 0, filter_refused,
      "Refused: it stands on a Python library." },
    { UTILS "get_path", NULL, "path:str, wantlist:bool=false", 0, filter_get_path,
      "What is at a path.", "{{ {'a': {'b': [1, 2]}} | ansible.utils.get_path('a.b[1]') }} -> 2" },
    { UTILS "index_of", NULL,
      "test:str, value=none, key=none, wantlist:bool=false, fail_on_missing:bool=false", 0,
      filter_index_of, "Where in a list a test holds.",
      "{{ [5, 6, 7] | ansible.utils.index_of('eq', 6) }} -> 1" },
    { UTILS "keep_keys", NULL, "target, matching_parameter='equality'", CALL_DEEP,
      filter_keep_within, "These keys only, at any depth.",
      "{{ {'a': 1, 'b': {'a': 2, 'c': 3}} | ansible.utils.keep_keys(['a']) }} -> {'a': 1, 'b': "
      "{'a': 2}}" },
    { UTILS "param_list_compare", NULL, "target", 0, filter_param_list_compare,
      "Which of the names asked for there are.",
      "{{ ['all', '!b'] | ansible.utils.param_list_compare(['a', 'b', 'c']) }} -> {'actionable': "
      "[], 'unsupported': ['a', 'b', 'c']}" },
    { UTILS "remove_keys", NULL, "target, matching_parameter='equality'", CALL_DEEP,
      filter_remove_within, "Without these keys, at any depth.",
      "{{ {'a': 1, 'b': {'a': 2, 'c': 3}} | ansible.utils.remove_keys(['a']) }} -> {'b': {'c': "
      "3}}" },
    { UTILS "replace_keys", NULL, "target, matching_parameter='equality'", CALL_DEEP,
      filter_replace_within, "With keys renamed, at any depth.",
      "{{ {'b': {'a': 2}} | ansible.utils.replace_keys([{'before': 'a', 'after': 'c'}]) }} -> "
      "{'b': {'c': 2}}" },
    { UTILS "to_paths", NULL, "prepend=none, wantlist:bool=false", 0, filter_to_paths,
      "Each value by its path.",
      "{{ {'a': {'b': [1, 2]}} | ansible.utils.to_paths }} -> {'a.b[0]': 1, 'a.b[1]': 2}" },
    { UTILS "to_xml", NULL, "*args, **options", 0, filter_refused,
      "Refused: it stands on a Python library." },
    { 0 },
};
