/*
 * filters_utils.c - filters of ansible.utils that are about neither keys nor networks: to_paths and
 * get_path, index_of, consolidate, param_list_compare.
 */
#include "template/members.h"
#include "template/sort.h"

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

#define UTILS "ansible.utils."

const struct builtin filters_utils[] = {
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
    { UTILS "param_list_compare", NULL, "target", 0, filter_param_list_compare,
      "Which of the names asked for there are.",
      "{{ ['all', '!b'] | ansible.utils.param_list_compare(['a', 'b', 'c']) }} -> {'actionable': "
      "[], 'unsupported': ['a', 'b', 'c']}" },
    { UTILS "to_paths", NULL, "prepend=none, wantlist:bool=false", 0, filter_to_paths,
      "Each value by its path.",
      "{{ {'a': {'b': [1, 2]}} | ansible.utils.to_paths }} -> {'a.b[0]': 1, 'a.b[1]': 2}" },
    { UTILS "to_xml", NULL, "*args, **options", 0, filter_refused,
      "Refused: it stands on a Python library." },
    { 0 },
};
