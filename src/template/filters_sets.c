/* filters_sets.c - Ansible's filters of lists as sets, products, zips, flatten, random. */
#include <openssl/rand.h>

#include "template/members.h"
#include "template/random.h"

/* ---- operations ---- */

/* Whether it is in the set, counted by what has to be compared for it. */
static bool find_member(struct call *call, struct members *members, value v, bool *ret)
{
    *ret = is_member(members, v);
    return call_steps(call, is_hashable(v) ? 0 : members->others.items.len);
}

static bool put_member(struct call *call, struct members *members, value v, bool *ret_new)
{
    *ret_new = add_member(members, v);
    return call_steps(call, is_hashable(v) ? 0 : members->others.items.len);
}

static bool members_of(struct call *call, const value *items, size_t count, struct members *ret)
{
    *ret = members_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        bool is_new;
        if (!put_member(call, ret, items[i], &is_new)) {
            return false;
        }
    }
    return true;
}

enum set_operation { SET_UNION = 1, SET_INTERSECT, SET_DIFFERENCE, SET_SYMMETRIC };

/* Those of the items that are in the other set, or that are not, each once. */
static bool choose_members(struct call *call, const value *items, size_t count,
                           struct members *other, bool within, struct members *done,
                           struct list_builder *list)
{
    for (size_t i = 0; i < count; i++) {
        bool common = false, is_new = false;
        if ((other != NULL && !find_member(call, other, items[i], &common)) ||
            (common == within && !put_member(call, done, items[i], &is_new))) {
            return false;
        }
        if (is_new) {
            list_add(list, items[i]);
        }
    }
    return true;
}

static bool set_operation(struct call *call, enum set_operation op, value *ret)
{
    const value *as, *bs;
    size_t na, nb;
    struct members a, b, done = members_in(call->arena);
    struct list_builder list = list_in(call->arena);
    if (!call_items(call, call->input, &as, &na) || !call_items(call, call->args[0], &bs, &nb) ||
        !members_of(call, as, na, &a) || !members_of(call, bs, nb, &b)) {
        return false;
    }
    bool second = op == SET_UNION || op == SET_SYMMETRIC;
    bool joined = a.others.items.len + b.others.items.len > 0; /* no sets in Python: a + b */
    if (second && joined &&
        (!value_is(call->input, VALUE_LIST) || !value_is(call->args[0], VALUE_LIST) ||
         value_is_tuple(call->input) != value_is_tuple(call->args[0]))) {
        return call_fail(call, "of %s %s and %s %s, with lists or maps in them, no set can be made",
                         A_TYPE(call->input), A_TYPE(call->args[0]));
    }
    return choose_members(call, as, na, op == SET_UNION ? NULL : &b, op == SET_INTERSECT, &done,
                          &list) &&
           (!second || choose_members(call, bs, nb, &a, false, &done, &list)) &&
           call_give(ret, list_seal(&list));
}

static bool filter_union(struct call *call, value *ret)
{
    return set_operation(call, SET_UNION, ret);
}

static bool filter_intersect(struct call *call, value *ret)
{
    return set_operation(call, SET_INTERSECT, ret);
}

static bool filter_difference(struct call *call, value *ret)
{
    return set_operation(call, SET_DIFFERENCE, ret);
}

static bool filter_symmetric_difference(struct call *call, value *ret)
{
    return set_operation(call, SET_SYMMETRIC, ret);
}

static bool unique_key(struct call *call, value item, bool case_sensitive, value attribute,
                       value *ret)
{
    struct call_args none = { .at = call->at, .keywords = { .kind = VALUE_UNDEFINED } };
    if (!call_attribute(call, item, attribute, ret)) {
        return false;
    }
    if (value_is(*ret, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, *ret);
    }
    bool fold = !case_sensitive && value_is(*ret, VALUE_STR);
    return !fold || call_filter(call, S("lower"), *ret, &none, ret);
}

/* Whether what is to be unique is, somewhere, a list or map. Python has no hash of those: Ansible
 * then compares each with all, and letters as they are. */
static bool any_container(struct call *call, const value *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        value key;
        bool found = call_attribute(call, items[i], call->args[1], &key);
        if (found && is_container(key)) {
            return true;
        }
    }
    return false;
}

static bool filter_unique(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    bool case_sensitive = false;
    if (!call_items(call, call->input, &items, &count) ||
        (!call_none(call, 0) && !call_truth(call, call->args[0], &case_sensitive))) {
        return false;
    }
    if (any_container(call, items, count)) {
        if (!call_none(call, 1) || (!call_none(call, 0) && !case_sensitive)) {
            return call_fail(call, "a list or map is compared as it is: without 'attribute' and "
                                   "'case_sensitive'");
        }
        case_sensitive = true;
    }
    struct members seen = members_in(call->arena);
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        value key;
        bool is_new;
        if (!unique_key(call, items[i], case_sensitive, call->args[1], &key) ||
            !put_member(call, &seen, key, &is_new)) {
            return false;
        }
        if (is_new) {
            list_add(&list, items[i]);
        }
    }
    return call_give(ret, list_seal(&list));
}

/* ---- flatten ---- */

static bool is_null_like(value v)
{
    return value_is(v, VALUE_NULL) ||
           (value_is(v, VALUE_STR) &&
            (str_eq(value_as_str(v), S("None")) || str_eq(value_as_str(v), S("null"))));
}

static bool flatten(struct call *call, value list, int64_t levels, struct list_builder *out)
{
    bool skip_nulls = call_bool(call, 1);
    for (size_t i = 0; i < value_count(list); i++) {
        value v = value_item(list, i);
        if (!call_step(call)) {
            return false;
        }
        if (skip_nulls && is_null_like(v)) {
            continue;
        }
        if (!value_is(v, VALUE_LIST) || levels == 0) {
            list_add(out, v);
        } else if (!flatten(call, v, levels - 1, out)) {
            return false;
        }
    }
    return true;
}

static bool filter_flatten(struct call *call, value *ret)
{
    int64_t levels = -1;
    const value *items;
    size_t count;
    if (!call_none(call, 0) && !call_need_int(call, call->args[0], "'levels'", &levels)) {
        return false;
    }
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    struct list_builder list = list_in(call->arena);
    return flatten(call, value_list(call->arena, items, count), levels, &list) &&
           call_give(ret, list_seal(&list));
}

/* ---- combinations ---- */

static bool too_many(struct call *call)
{
    return call_fail(call, "there are more than %d results", MAX_ITEMS);
}

/* All ways to choose `size` of the items, in the order of their places. */
static bool choose(struct call *call, const value *items, size_t count, size_t size, bool ordered,
                   value *ret)
{
    struct list_builder all = list_in(call->arena);
    size_t *at = NEW_ARRAY(call->arena, size_t, size + 1);
    bool *used = NEW_ARRAY(call->arena, bool, count + 1);
    value *chosen = NEW_ARRAY(call->arena, value, size + 1);
    size_t depth = 0;
    at[0] = 0;
    if (size > count) {
        return call_give(ret, list_seal(&all));
    }
    for (;;) {
        if (!call_step(call)) {
            return false;
        }
        if (depth == size) {
            list_add(&all, value_tuple(call->arena, chosen, size));
            if (all.items.len > MAX_ITEMS / 4) {
                return too_many(call);
            }
        } else {
            size_t i = at[depth];
            while (i < count && used[i]) {
                i++;
            }
            if (i < count) {
                chosen[depth] = items[i];
                used[i] = ordered;
                at[depth] = i + 1;
                at[depth + 1] = ordered ? 0 : i + 1;
                depth++;
                continue;
            }
        }
        if (depth == 0) {
            break;
        }
        depth--;
        used[at[depth] - 1] = false;
    }
    return call_give(ret, list_seal(&all));
}

static bool choose_some(struct call *call, bool ordered, value *ret)
{
    const value *items;
    size_t count;
    int64_t size;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    size = (int64_t)count;
    if (!call_none(call, 0) && !call_need_int(call, call->args[0], "the number", &size)) {
        return false;
    }
    if (size < 0) {
        return call_fail(call, "the number cannot be negative");
    }
    return choose(call, items, count, (size_t)size, ordered, ret);
}

static bool filter_permutations(struct call *call, value *ret)
{
    return choose_some(call, true, ret);
}

static bool filter_combinations(struct call *call, value *ret)
{
    return choose_some(call, false, ret);
}

/* The lists of a call: the input and the further arguments. */
struct lists {
    const value **items;
    size_t *counts, count;
};

static bool all_lists(struct call *call, size_t repeat, struct lists *ret)
{
    size_t own = call->rest_count + 1, count = own * repeat;
    ret->items = NEW_ARRAY(call->arena, const value *, count);
    ret->counts = NEW_ARRAY(call->arena, size_t, count);
    ret->count = count;
    for (size_t i = 0; i < count; i++) {
        value v = i % own == 0 ? call->input : call->rest[i % own - 1];
        if (!call_items(call, v, &ret->items[i], &ret->counts[i])) {
            return false;
        }
    }
    return true;
}

static bool filter_product(struct call *call, value *ret)
{
    struct lists lists;
    int64_t repeat = 1;
    value v;
    if (value_map_get(call->keywords, S("repeat"), &v) &&
        !call_need_int(call, v, "'repeat'", &repeat)) {
        return false;
    }
    if (repeat < 0 || repeat > 100) {
        return call_fail(call, "'repeat' is out of range");
    }
    if (!all_lists(call, (size_t)repeat, &lists)) {
        return false;
    }
    size_t total = 1;
    for (size_t i = 0; i < lists.count; i++) {
        if (__builtin_mul_overflow(total, lists.counts[i], &total) || total > MAX_ITEMS / 4) {
            return too_many(call);
        }
    }
    struct list_builder all = list_in(call->arena);
    for (size_t n = 0; n < total; n++) {
        if (!call_step(call)) {
            return false;
        }
        value *tuple = NEW_ARRAY(call->arena, value, lists.count);
        size_t rest = n;
        for (size_t i = lists.count; i > 0; i--) {
            tuple[i - 1] = lists.items[i - 1][rest % lists.counts[i - 1]];
            rest /= lists.counts[i - 1];
        }
        list_add(&all, value_tuple(call->arena, tuple, lists.count));
    }
    return call_give(ret, list_seal(&all));
}

static bool zip(struct call *call, bool longest, value fill, value *ret)
{
    struct lists lists;
    if (!all_lists(call, 1, &lists)) {
        return false;
    }
    size_t length = lists.counts[0];
    for (size_t i = 1; i < lists.count; i++) {
        bool take = longest ? lists.counts[i] > length : lists.counts[i] < length;
        length = take ? lists.counts[i] : length;
    }
    struct list_builder all = list_in(call->arena);
    value *tuple = NEW_ARRAY(call->arena, value, lists.count);
    for (size_t n = 0; n < length; n++) {
        if (!call_step(call)) {
            return false;
        }
        for (size_t i = 0; i < lists.count; i++) {
            tuple[i] = n < lists.counts[i] ? lists.items[i][n] : fill;
        }
        list_add(&all, value_tuple(call->arena, tuple, lists.count));
    }
    return call_give(ret, list_seal(&all));
}

static bool filter_zip(struct call *call, value *ret)
{
    return zip(call, false, value_null(), ret);
}

static bool filter_zip_longest(struct call *call, value *ret)
{
    value fill = value_null();
    (void)value_map_get(call->keywords, S("fillvalue"), &fill);
    return zip(call, true, fill, ret);
}

/* ---- random ---- */

static bool seeded(struct call *call, value seed, struct random *ret)
{
    if (value_is(seed, VALUE_NULL)) {
        random_from_system(ret);
        return true;
    }
    return random_seed_value(ret, call->arena, seed) ||
           call_fail(call, "the seed is a string or a number, not %s %s", A_TYPE(seed));
}

static bool random_number(struct call *call, struct random *random, int64_t end, value *ret)
{
    int64_t start = 0, step = 1;
    if ((!call_none(call, 0) && !call_need_int(call, call->args[0], "'start'", &start)) ||
        (!call_none(call, 1) && !call_need_int(call, call->args[1], "'step'", &step))) {
        return false;
    }
    if (step == 0) {
        return call_fail(call, "'step' cannot be zero");
    }
    int64_t width = step > 0 ? end - start : start - end;
    int64_t stride = step > 0 ? step : -step;
    if (width <= 0) {
        return call_fail(call, "there is no number from %lld to %lld", (long long)start,
                         (long long)end);
    }
    uint64_t count = ((uint64_t)width + (uint64_t)stride - 1) / (uint64_t)stride;
    return call_give(ret, value_int(start + step * (int64_t)random_below(random, count)));
}

static bool filter_random(struct call *call, value *ret)
{
    struct random random;
    if (!seeded(call, call->args[2], &random)) {
        return false;
    }
    if (is_integer(call->input) && !value_is_big(call->input)) {
        return random_number(call, &random, small_integer(call->input), ret);
    }
    const value *items;
    size_t count;
    if (!call_none(call, 0) || !call_none(call, 1)) {
        return call_fail(call, "'start' and 'step' only go with a number");
    }
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    if (count == 0) {
        return call_fail(call, "the list is empty");
    }
    return call_give(ret, items[random_below(&random, count)]);
}

static bool filter_shuffle(struct call *call, value *ret)
{
    struct random random;
    size_t count;
    if (!seeded(call, call->args[0], &random)) {
        return false;
    }
    if (is_number(call->input) || value_is(call->input, VALUE_NULL)) {
        return call_give(ret, call->input);
    }
    const value *items;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    value *shuffled = NEW_ARRAY(call->arena, value, count);
    for (size_t i = 0; i < count; i++) {
        shuffled[i] = items[i];
    }
    for (size_t i = count; i > 1; i--) {
        size_t k = random_below(&random, i);
        value v = shuffled[i - 1];
        shuffled[i - 1] = shuffled[k];
        shuffled[k] = v;
    }
    return call_give(ret, value_list(call->arena, shuffled, count));
}

static bool random_jinja(struct call *call, value *ret)
{
    struct random random;
    const value *items;
    size_t count;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    random_from_system(&random);
    *ret = count > 0
               ? items[random_below(&random, count)]
               : value_undefined(call->arena, S("there is no random item: the list is empty"));
    return true;
}

const struct builtin filters_sets[] = {
    { "union", NULL, "other", 0, filter_union, "What is in one list or in the other.",
      "{{ [1, 2] | union([2, 3]) }} -> [1, 2, 3]" },
    { "intersect", NULL, "other", 0, filter_intersect, "What is in both lists.",
      "{{ [1, 2] | intersect([2, 3]) }} -> [2]" },
    { "difference", NULL, "other", 0, filter_difference, "What is not in the other list.",
      "{{ [1, 2] | difference([2, 3]) }} -> [1]" },
    { "symmetric_difference", NULL, "other", 0, filter_symmetric_difference,
      "What is in one of two lists only.",
      "{{ [1, 2] | symmetric_difference([2, 3]) }} -> [1, 3]" },
    { "unique", NULL, "case_sensitive=none, attribute=none", 0, filter_unique, "Each item once.",
      "{{ ['a', 'b', 'a'] | unique }} -> ['a', 'b']\n"
      "{{ [{'n': 1, 'v': 'x'}, {'n': 1}] | unique(attribute='n') }} -> [{'n': 1, 'v': 'x'}]" },
    { "flatten", NULL, "levels=none, skip_nulls:bool=true", CALL_DEEP, filter_flatten,
      "The items of lists within lists as one list.",
      "{{ [1, [2, [3, none]]] | flatten }} -> [1, 2, 3]\n"
      "{{ [1, [2, [3]]] | flatten(levels=1) }} -> [1, 2, [3]]" },
    { "permutations", NULL, "size=none", 0, filter_permutations, "All arrangements of the items.",
      "{{ [1, 2, 3] | permutations(2) | length }} -> 6" },
    { "combinations", NULL, "size", 0, filter_combinations, "All selections of items.",
      "{{ [1, 2, 3] | combinations(2) }} -> [(1, 2), (1, 3), (2, 3)]" },
    { "product", NULL, "*lists, **options", 0, filter_product,
      "Each item of one list with each of the others. repeat=N takes the lists N times.",
      "{{ ['a', 'b'] | product([1, 2]) | map('join') }} -> ['a1', 'a2', 'b1', 'b2']" },
    { "zip", NULL, "*lists, **options", CALL_DEEP, filter_zip,
      "The first items of lists, the second ones, and so on. strict=true refuses lists of "
      "different lengths.",
      "{{ ['a', 'b'] | zip([1, 2]) }} -> [('a', 1), ('b', 2)]" },
    { "zip_longest", NULL, "*lists, **options", CALL_DEEP, filter_zip_longest,
      "As zip, to the end of the longest list. fillvalue stands for what is missing; null if it is "
      "not given.",
      "{{ ['a', 'b'] | zip_longest([1], fillvalue=0) }} -> [('a', 1), ('b', 0)]" },
    { "random", NULL, "start=none, step=none, seed=none", 0, filter_random,
      "A random item, or a random number below.",
      "{{ 60 | random(seed='web1') }} -> 52\n"
      "{{ ['a', 'b', 'c'] | random(seed='web1') }} -> b" },
    { "shuffle", NULL, "seed=none", 0, filter_shuffle, "The items in random order.",
      "{{ ['a', 'b', 'c'] | shuffle(seed='web1') }} -> ['a', 'c', 'b']" },
    { "random", NULL, "", CALL_JINJA_ONLY, random_jinja, "A random item." },
    { 0 },
};
