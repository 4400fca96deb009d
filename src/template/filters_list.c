/* filters_list.c - Jinja's filters of lists: select, map, sort, groupby ... */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "template/core.h"
#include "template/sort.h"

/* ---- simple ones ---- */

static bool filter_list(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    *ret = value_list(call->arena, items, count);
    return true;
}

static bool filter_length(struct call *call, value *ret)
{
    size_t length;
    if (!length_of(call->render, call->input, call->at, &length)) {
        return false;
    }
    return call_give(ret, value_int((int64_t)length));
}

static value nothing_of(struct call *call, const char *what)
{
    return value_at(value_undefined(call->arena, str_format(call->arena,
                                                            "there is no %s item: "
                                                            "the list is empty",
                                                            what)),
                    call->at);
}

static bool filter_first(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    return call_give(ret, count > 0 ? items[0] : nothing_of(call, "first"));
}

static bool filter_last(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    return call_give(ret, count > 0 ? items[count - 1] : nothing_of(call, "last"));
}

/* Plain Jinja gives an iterator, but a list when it was given an iterator. */
static bool filter_reverse(struct call *call, value *ret)
{
    if (value_is(call->input, VALUE_STR)) {
        value null = value_null();
        return get_slice(call->render, call->input, null, null, value_int(-1), call->at, ret);
    }
    const value *items;
    size_t count;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    struct list_builder list = list_in(call->arena);
    for (size_t i = count; i > 0; i--) {
        list_add(&list, items[i - 1]);
    }
    *ret = list_seal(&list);
    if (!is_iterator(call->input) && dialect_is(call->render, DIALECT_JINJA)) {
        *ret = view_value(call->arena, VIEW_ITERATOR, *ret, S("<list_reverseiterator object>"));
    }
    return true;
}

/* An item, or the attribute of it that was asked for, as text. */
static bool join_text(struct call *call, value item, value *ret)
{
    return eval_step(call->render, call->at) &&
           (call_none(call, 1) || call_attribute(call, item, call->args[1], &item)) &&
           call_text(call, item, ret);
}

/* With markup among the texts, or as the separator, the others are escaped. */
static bool join_escaped(struct call *call, const value *items, size_t count, value *ret)
{
    struct textbuf out = textbuf_in(call->arena);
    value separator = call->args[0];
    bool markup = is_markup(separator);
    value *texts = NEW_ARRAY(call->arena, value, count);
    for (size_t i = 0; i < count; i++) {
        if (!join_text(call, items[i], &texts[i])) {
            return false;
        }
        markup |= is_markup(texts[i]);
    }
    if (markup && !is_markup(separator)) {
        separator = escape_html(call->arena, separator);
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            textbuf_add_value(&out, separator);
        }
        textbuf_add_value(&out, markup && !is_markup(texts[i]) ? escape_html(call->arena, texts[i])
                                                               : texts[i]);
    }
    *ret = textbuf_value(&out);
    *ret = markup ? as_markup(*ret) : *ret;
    return true;
}

static bool filter_join(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    if (call->render->autoescape) {
        return join_escaped(call, items, count, ret);
    }
    struct textbuf out = textbuf_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        value text;
        if (!join_text(call, items[i], &text)) {
            return false;
        }
        if (i > 0) {
            textbuf_add_value(&out, call->args[0]);
        }
        textbuf_add_value(&out, text);
    }
    *ret = textbuf_value(&out);
    return true;
}

/* ---- sorting ---- */

/* Lower case, for keys that ignore it. */
static value fold_case(struct call *call, value v)
{
    if (!value_is(v, VALUE_STR)) {
        return v;
    }
    struct call_args none = { .at = call->at, .keywords = { .kind = VALUE_UNDEFINED } };
    value lower;
    return call_filter(call, S("lower"), v, &none, &lower) ? lower : v;
}

/* The key of an item by "attribute,other": one value, or a list of them. */
static bool sort_key(struct call *call, value item, value attribute, bool case_sensitive,
                     value *ret)
{
    if (!value_is(attribute, VALUE_STR) ||
        str_find_char(value_as_str(attribute), ',', 0) == STR_NPOS) {
        if (!call_attribute(call, item, attribute, ret)) {
            return false;
        }
        *ret = case_sensitive ? *ret : fold_case(call, *ret);
        return true;
    }
    struct list_builder keys = list_in(call->arena);
    str rest = value_as_str(attribute);
    while (!str_is_none(rest)) {
        value part;
        value path = value_str(call->arena, str_trim(str_cut(&rest, ',')));
        if (value_as_str(path).len == 0) {
            continue;
        }
        if (!sort_key(call, item, path, case_sensitive, &part)) {
            return false;
        }
        list_add(&keys, part);
    }
    *ret = list_seal(&keys);
    return true;
}

static bool keyed_items(struct call *call, value attribute, bool case_sensitive, struct keyed **ret,
                        size_t *ret_count)
{
    const value *items;
    if (!call_items(call, call->input, &items, ret_count)) {
        return false;
    }
    struct keyed *keyed = NEW_ARRAY(call->arena, struct keyed, *ret_count);
    for (size_t i = 0; i < *ret_count; i++) {
        keyed[i].item = items[i];
        keyed[i].place = i;
        if (!sort_key(call, items[i], attribute, case_sensitive, &keyed[i].key)) {
            return false;
        }
    }
    *ret = keyed;
    return true;
}

/* Attributes that are missing equal each other where plain Jinja is lenient. */
static bool order_keys(struct call *call, value a, value b, int *ret)
{
    bool lists = value_is(a, VALUE_LIST) && value_is(b, VALUE_LIST);
    for (size_t i = 0; lists && i < value_count(a) && i < value_count(b); i++) {
        if (!order_keys(call, value_item(a, i), value_item(b, i), ret) || *ret != 0) {
            return *ret != 0;
        }
    }
    bool both = value_is(a, VALUE_UNDEFINED) && value_is(b, VALUE_UNDEFINED);
    if (!both) {
        return order_values(call, a, b, ret);
    }
    *ret = 0;
    return may_use_undefined(call->render, a, call->at);
}

static bool filter_sort(struct call *call, value *ret)
{
    struct keyed *keyed;
    size_t count;
    if (!keyed_items(call, call->args[2], call_bool(call, 1), &keyed, &count) ||
        !sort_keyed(call, keyed, count, call_bool(call, 0), order_keys)) {
        return false;
    }
    return call_give(ret, sorted_list(call->arena, keyed, count));
}

static bool extreme(struct call *call, bool largest, value *ret)
{
    struct keyed *keyed;
    size_t count;
    if (!keyed_items(call, call->args[1], call_bool(call, 0), &keyed, &count)) {
        return false;
    }
    if (count == 0) {
        *ret = nothing_of(call, largest ? "largest" : "smallest");
        return true;
    }
    size_t best = 0;
    for (size_t i = 1; i < count; i++) {
        int order;
        if (!order_values(call, keyed[i].key, keyed[best].key, &order)) {
            return false;
        }
        best = (largest ? order > 0 : order < 0) ? i : best;
    }
    return call_give(ret, keyed[best].item);
}

static bool filter_min(struct call *call, value *ret)
{
    return extreme(call, false, ret);
}

static bool filter_max(struct call *call, value *ret)
{
    return extreme(call, true, ret);
}

static bool filter_dictsort(struct call *call, value *ret)
{
    value map;
    if (!plain_value(call->render, call->input, &map) || !call_need_map(call, map)) {
        return false;
    }
    bool by_value = str_eq(call_str(call, 1), S("value"));
    if (!by_value && !str_eq(call_str(call, 1), S("key"))) {
        return call_fail(call, "'by' is either 'key' or 'value'");
    }
    size_t count = value_count(map);
    struct keyed *keyed = NEW_ARRAY(call->arena, struct keyed, count);
    for (size_t i = 0; i < count; i++) {
        value pair[2] = { value_map_key(map, i), value_map_value(map, i) };
        keyed[i].item = value_tuple(call->arena, pair, 2);
        keyed[i].place = i;
        keyed[i].key = call_bool(call, 0) ? pair[by_value] : fold_case(call, pair[by_value]);
    }
    if (!sort_keyed(call, keyed, count, call_bool(call, 2), order_values)) {
        return false;
    }
    return call_give(ret, sorted_list(call->arena, keyed, count));
}

/* ---- grouping ---- */

/* A tuple; its attributes `grouper` and `list` are known to attr.c. */
static value group_of(struct arena *arena, value grouper, value items)
{
    return value_tuple(arena, (value[]){ grouper, items }, 2);
}

static bool filter_groupby(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    struct keyed *keyed = NEW_ARRAY(call->arena, struct keyed, count);
    value *names = NEW_ARRAY(call->arena, value, count);
    for (size_t i = 0; i < count; i++) {
        value name;
        if (!call_attribute_or(call, items[i], call->args[0],
                               call->given[1] ? &call->args[1] : NULL, &name)) {
            return false;
        }
        names[i] = name;
        keyed[i] = (struct keyed){ call_bool(call, 2) ? name : fold_case(call, name), items[i], i };
    }
    if (!sort_keyed(call, keyed, count, false, order_values)) {
        return false;
    }
    struct list_builder groups = list_in(call->arena);
    for (size_t i = 0; i < count;) {
        struct list_builder group = list_in(call->arena);
        size_t first = i;
        for (; i < count && value_equal(keyed[i].key, keyed[first].key) == TRUTH_TRUE; i++) {
            list_add(&group, keyed[i].item);
        }
        list_add(&groups, group_of(call->arena, names[keyed[first].place], list_seal(&group)));
    }
    return call_give(ret, list_seal(&groups));
}

static bool filter_batch(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    int64_t size = call_int(call, 0);
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    if (!call_none(call, 1) && size > MAX_ITEMS) {
        return call_fail(call, "batches are too large");
    }
    struct list_builder batches = list_in(call->arena);
    if (size < 1) { /* no batch ever gets full; Jinja has a first, empty one when it is 0 */
        if (size == 0 && count > 0) {
            list_add(&batches, value_list(call->arena, NULL, 0));
        }
        size = INT64_MAX;
        call->args[1] = value_null();
    }
    for (size_t i = 0; i < count;) {
        struct list_builder batch = list_in(call->arena);
        for (int64_t k = 0; k < size && (i < count || !call_none(call, 1)); k++, i++) {
            list_add(&batch, i < count ? items[i] : call->args[1]);
        }
        list_add(&batches, list_seal(&batch));
    }
    return call_give(ret, list_seal(&batches));
}

static bool filter_slice(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    int64_t slices = call_int(call, 0);
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    if (slices == 0 || slices > MAX_ITEMS) {
        return call_fail(call, "the number of slices must be positive");
    }
    if (slices < 0) { /* as Python counts up to it: none */
        return call_give(ret, value_list(call->arena, NULL, 0));
    }
    size_t each = count / (size_t)slices, more = count % (size_t)slices, at = 0;
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < (size_t)slices; i++) {
        struct list_builder slice = list_in(call->arena);
        size_t end = at + each + (i < more);
        while (at < end) {
            list_add(&slice, items[at++]);
        }
        if (!call_none(call, 1) && i >= more && more > 0) {
            list_add(&slice, call->args[1]);
        } else if (!call_none(call, 1) && more == 0) {
            list_add(&slice, call->args[1]);
        }
        list_add(&list, list_seal(&slice));
    }
    return call_give(ret, list_seal(&list));
}

static bool filter_sum(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    value total = call->args[1];
    if (value_is(total, VALUE_STR)) {
        return call_fail(call, "strings are joined by 'join'");
    }
    for (size_t i = 0; i < count; i++) {
        value item;
        if (!call_attribute(call, items[i], call->args[0], &item)) {
            return false;
        }
        if (!binary_operation(call->render, OP_ADD, total, item, call->at, &total)) {
            return false;
        }
    }
    return call_give(ret, total);
}

/* ---- map, select, reject ---- */

/* The arguments behind the first one, for the filter or test it names. */
static struct call_args inner_args(const struct call *call, size_t skip)
{
    return (struct call_args){ .positional = call->rest + skip,
                               .count = call->rest_count - skip,
                               .keywords = call->keywords,
                               .at = call->at };
}

/* Nothing, where there is nothing to iterate: in null, false and zero too. */
static bool items_or_none(struct call *call, const value **ret, size_t *ret_count)
{
    *ret_count = 0;
    bool scalar = value_is(call->input, VALUE_NULL) || is_number(call->input);
    bool is_true = false;
    if (scalar && !call_truth(call, call->input, &is_true)) {
        return false;
    }
    return (scalar && !is_true) || call_items(call, call->input, ret, ret_count);
}

static bool map_attribute(struct call *call, const value *items, size_t count, value attribute,
                          value *ret)
{
    value fallback;
    bool has_default = value_map_get(call->keywords, S("default"), &fallback);
    if (value_count(call->keywords) > 1 + (size_t)has_default) {
        return call_fail(call, "takes only 'default' beside 'attribute'");
    }
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        value v;
        if (!call_attribute_or(call, items[i], attribute, has_default ? &fallback : NULL, &v)) {
            return false;
        }
        list_add(&list, v);
    }
    return call_give(ret, list_seal(&list));
}

static bool filter_map(struct call *call, value *ret)
{
    const value *items = NULL;
    size_t count;
    value attribute;
    if (!items_or_none(call, &items, &count)) {
        return false;
    }
    if (call->rest_count == 0 && value_map_get(call->keywords, S("attribute"), &attribute)) {
        return map_attribute(call, items, count, attribute, ret);
    }
    str name;
    if (call->rest_count == 0) {
        return call_fail(call, "needs the name of a filter, or attribute=");
    }
    if (!call_need_str(call, call->rest[0], &name)) {
        return false;
    }
    struct call_args args = inner_args(call, 1);
    struct list_builder list = list_in(call->arena);
    if (count == 0 && env_filter(call->eval->env, name) == NULL) {
        value ignored;
        return call_filter(call, name, value_null(), &args, &ignored);
    }
    for (size_t i = 0; i < count; i++) {
        value v;
        if (!call_filter(call, name, items[i], &args, &v)) {
            return false;
        }
        list_add(&list, v);
    }
    return call_give(ret, list_seal(&list));
}

/* Whether an item passes: by a test, or by its truth. */
static bool passes(struct call *call, value item, size_t skip, enum truth *ret)
{
    if (call->rest_count <= skip) {
        return truth_of(call->render, item, call->at, ret);
    }
    str name;
    value result;
    struct call_args args = inner_args(call, skip + 1);
    return call_need_str(call, call->rest[skip], &name) &&
           call_test(call, name, item, &args, &result) &&
           truth_of(call->render, result, call->at, ret);
}

static bool choose(struct call *call, bool by_attribute, bool wanted, value *ret)
{
    const value *items = NULL;
    size_t count;
    if (!items_or_none(call, &items, &count)) {
        return false;
    }
    if (by_attribute && call->rest_count == 0) {
        return call_fail(call, "needs the name of an attribute");
    }
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        value item = items[i];
        enum truth truth;
        if ((by_attribute && !call_attribute(call, item, call->rest[0], &item)) ||
            !passes(call, item, by_attribute, &truth)) {
            return false;
        }
        if (truth == TRUTH_UNKNOWN) {
            return call_give(ret, value_unknown());
        }
        if ((truth == TRUTH_TRUE) == wanted) {
            list_add(&list, items[i]);
        }
    }
    return call_give(ret, list_seal(&list));
}

static bool filter_select(struct call *call, value *ret)
{
    return choose(call, false, true, ret);
}

static bool filter_reject(struct call *call, value *ret)
{
    return choose(call, false, false, ret);
}

static bool filter_selectattr(struct call *call, value *ret)
{
    return choose(call, true, true, ret);
}

static bool filter_rejectattr(struct call *call, value *ret)
{
    return choose(call, true, false, ret);
}

/* Jinja's own `unique`; Ansible's is in filters_sets.c. */
static bool filter_unique_jinja(struct call *call, value *ret)
{
    struct keyed *keyed;
    size_t count;
    if (!keyed_items(call, call->args[1], call_bool(call, 0), &keyed, &count)) {
        return false;
    }
    struct map_builder seen = map_in(call->arena);
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        if (!map_has(&seen, keyed[i].key, NULL)) {
            map_set(&seen, keyed[i].key, value_null());
            list_add(&list, keyed[i].item);
        }
    }
    return call_give(ret, list_seal(&list));
}

#define LIST (CALL_JINJA | CALL_DEEP)

const struct builtin filters_list[] = {
    { "list", NULL, "", LIST, filter_list, "A list of what the value iterates over.",
      "{{ 'abc' | list }} -> ['a', 'b', 'c']\n"
      "{{ {'a': 1, 'b': 2} | list }} -> ['a', 'b']" },
    { "length", "count", "", LIST, filter_length, "How many items, keys or characters.",
      "{{ [4, 5, 6] | length }} -> 3" },
    { "first", NULL, "", LIST, filter_first, "The first item.",
      "{{ ['web1', 'web2'] | first }} -> web1" },
    { "last", NULL, "", LIST, filter_last, "The last item.",
      "{{ ['web1', 'web2'] | last }} -> web2" },
    { "reverse", NULL, "", LIST, filter_reverse, "The items from the last.",
      "{{ [1, 2, 3] | reverse }} -> [3, 2, 1]" },
    { "join", NULL, "d:text='', attribute=none", LIST, filter_join,
      "The items as one text, with d between them.",
      "{{ ['a', 'b'] | join(', ') }} -> a, b\n"
      "{{ [{'n': 'x'}, {'n': 'y'}] | join('-', attribute='n') }} -> x-y" },
    { "sort", NULL, "reverse:bool=false, case_sensitive:bool=false, attribute=none", CALL_JINJA,
      filter_sort, "The items in order; letter case is ignored unless asked for.",
      "{{ ['b', 'A', 'c'] | sort }} -> ['A', 'b', 'c']\n"
      "{{ [{'n': 2}, {'n': 1}] | sort(attribute='n') }} -> [{'n': 1}, {'n': 2}]" },
    { "min", NULL, "case_sensitive:bool=false, attribute=none", CALL_JINJA, filter_min,
      "The smallest item.", "{{ [3, 1, 2] | min }} -> 1" },
    { "max", NULL, "case_sensitive:bool=false, attribute=none", CALL_JINJA, filter_max,
      "The largest item.", "{{ [3, 1, 2] | max }} -> 3" },
    { "dictsort", NULL, "case_sensitive:bool=false, by:str='key', reverse:bool=false", CALL_JINJA,
      filter_dictsort, "The pairs of a map, in order.",
      "{{ {'b': 1, 'a': 2} | dictsort }} -> [('a', 2), ('b', 1)]\n"
      "{{ {'b': 1, 'a': 2} | dictsort(by='value') }} -> [('b', 1), ('a', 2)]" },
    { "groupby", NULL, "attribute, default=undefined, case_sensitive:bool=false", CALL_JINJA,
      filter_groupby, "Pairs of a value and the items whose attribute it is.",
      "{{ [{'os': 'deb', 'n': 1}, {'os': 'bsd', 'n': 2}] | groupby('os') | map('first') }} -> "
      "['bsd', 'deb']" },
    { "batch", NULL, "linecount:int, fill_with=none", LIST | CALL_ITERATOR, filter_batch,
      "Lists of linecount items each.",
      "{{ [1, 2, 3, 4, 5] | batch(2) }} -> [[1, 2], [3, 4], [5]]\n"
      "{{ [1, 2, 3] | batch(2, '-') }} -> [[1, 2], [3, '-']]" },
    { "slice", NULL, "slices:int, fill_with=none", LIST | CALL_ITERATOR, filter_slice,
      "As many lists as slices says, of about the same length.",
      "{{ [1, 2, 3, 4, 5] | slice(2) }} -> [[1, 2, 3], [4, 5]]" },
    { "sum", NULL, "attribute=none, start=0", CALL_JINJA, filter_sum, "The sum of numbers.",
      "{{ [1, 2, 3] | sum }} -> 6\n"
      "{{ [{'n': 1}, {'n': 2}] | sum(attribute='n') }} -> 3" },
    { "map", NULL, "*args, **options", LIST | CALL_ITERATOR, filter_map,
      "Each item through a filter, or its attribute. The first argument is the filter, the others "
      "are given to it; or attribute= and default=.",
      "{{ ['a', 'b'] | map('upper') }} -> ['A', 'B']\n"
      "{{ [{'name': 'x'}, {}] | map(attribute='name', default='?') }} -> ['x', '?']" },
    { "select", NULL, "*args, **options", LIST | CALL_ITERATOR, filter_select,
      "The items that pass a test. The first argument is the test, the others are given to it; "
      "without any, the items that are true.",
      "{{ [1, 2, 3, 4] | select('even') }} -> [2, 4]" },
    { "reject", NULL, "*args, **options", LIST | CALL_ITERATOR, filter_reject,
      "The items that do not pass a test. The arguments are those of select.",
      "{{ [1, 2, 3, 4] | reject('in', [2, 3]) }} -> [1, 4]" },
    { "selectattr", NULL, "*args, **options", LIST | CALL_ITERATOR, filter_selectattr,
      "The items with an attribute that passes a test. The first argument is the attribute, the "
      "second the test; without it, the attribute must be true.",
      "{{ [{'n': 'x', 'up': true}, {'n': 'y', 'up': false}] | selectattr('up') | "
      "map(attribute='n') }} -> ['x']\n"
      "{{ [{'n': 1}, {'n': 5}] | selectattr('n', '>', 3) }} -> [{'n': 5}]" },
    { "rejectattr", NULL, "*args, **options", LIST | CALL_ITERATOR, filter_rejectattr,
      "The items with an attribute that does not pass a test. The arguments are those of "
      "selectattr.",
      "{{ [{'n': 1}, {}] | rejectattr('n', 'defined') }} -> [{}]" },
    { "unique", NULL, "case_sensitive:bool=false, attribute=none", CALL_JINJA_ONLY | CALL_ITERATOR,
      filter_unique_jinja, "Each item once." },
    { 0 },
};
