/* lookups_lists.c - lookups that only rearrange their terms: what loops need. */
#include <stdio.h>
#include <string.h>

#include "template/lookup.h"
#include "template/random.h"

/* The terms, lists among them given as their items: one level. */
static bool lookup_items(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < call->rest_count; i++) {
        value term = call->rest[i];
        if (is_view(term)) {
            term = view_list(term);
        }
        if (!value_is(term, VALUE_LIST)) {
            list_add(&list, term);
            continue;
        }
        for (size_t k = 0; k < value_count(term); k++) {
            list_add(&list, value_item(term, k));
        }
    }
    return call_give(ret, list_seal(&list));
}

static bool lookup_list(struct call *call, value *ret)
{
    return call_give(ret, value_list(call->arena, call->rest, call->rest_count));
}

static bool lookup_indexed_items(struct call *call, value *ret)
{
    value items;
    struct list_builder list = list_in(call->arena);
    if (!lookup_items(call, &items)) {
        return false;
    }
    for (size_t i = 0; i < value_count(items); i++) {
        list_add(&list, value_tuple(call->arena,
                                    (value[]){ value_int((int64_t)i), value_item(items, i) }, 2));
    }
    return call_give(ret, list_seal(&list));
}

/* Ansible ends a list where it holds one of the words for nothing. */
static bool is_word_for_nothing(value v)
{
    return value_is(v, VALUE_STR) &&
           (str_eq(value_as_str(v), S("None")) || str_eq(value_as_str(v), S("null")));
}

static void flatten(value v, struct list_builder *out)
{
    for (size_t i = 0; i < value_count(v) && !is_word_for_nothing(value_item(v, i)); i++) {
        value item = value_item(v, i);
        if (value_is(item, VALUE_LIST)) {
            flatten(item, out);
        } else {
            list_add(out, item);
        }
    }
}

static bool lookup_flattened(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    flatten(value_list(call->arena, call->rest, call->rest_count), &list);
    return call_give(ret, list_seal(&list));
}

static bool lookup_dict(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < call->rest_count; i++) {
        value map;
        if (!plain_value(call->render, call->rest[i], &map)) {
            return false;
        }
        if (!value_is(map, VALUE_MAP)) {
            return call_fail(call, "a map is needed, not %s %s", A_TYPE(map));
        }
        for (size_t k = 0; k < value_count(map); k++) {
            struct map_builder pair = map_in(call->arena);
            map_set_str(&pair, S("key"), value_map_key(map, k));
            map_set_str(&pair, S("value"), value_map_value(map, k));
            list_add(&list, map_seal(&pair));
        }
    }
    return call_give(ret, list_seal(&list));
}

/* Terms as lists: a single value is a list of one. */
static value term_list(struct call *call, value term)
{
    return value_is(term, VALUE_LIST) ? term : value_list(call->arena, &term, 1);
}

static bool lookup_together(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    size_t longest = 0;
    if (call->rest_count == 0) {
        return call_fail(call, "needs at least one list");
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        size_t count = value_count(term_list(call, call->rest[i]));
        longest = count > longest ? count : longest;
    }
    for (size_t k = 0; k < longest; k++) {
        struct list_builder one = list_in(call->arena);
        for (size_t i = 0; i < call->rest_count; i++) {
            value items = term_list(call, call->rest[i]);
            list_add(&one, k < value_count(items) ? value_item(items, k) : value_null());
        }
        list_add(&list, list_seal(&one));
    }
    return call_give(ret, list_seal(&list));
}

static bool lookup_nested(struct call *call, value *ret)
{
    if (call->rest_count == 0) {
        return call_fail(call, "needs at least one list");
    }
    struct list_builder all = list_in(call->arena);
    struct list_builder empty = list_in(call->arena);
    list_add(&all, list_seal(&empty));
    for (size_t i = 0; i < call->rest_count; i++) {
        value items = term_list(call, call->rest[i]);
        struct list_builder next = list_in(call->arena);
        for (size_t a = 0; a < all.items.len; a++) {
            for (size_t k = 0; k < value_count(items); k++) {
                struct list_builder one = list_in(call->arena);
                value before = all.items.items[a];
                for (size_t b = 0; b < value_count(before); b++) {
                    list_add(&one, value_item(before, b));
                }
                value item = value_item(items, k);
                if (value_is(item, VALUE_LIST)) {
                    flatten(item, &one);
                } else {
                    list_add(&one, item);
                }
                list_add(&next, list_seal(&one));
                if (next.items.len > MAX_ITEMS / 4) {
                    return call_fail(call, "there are too many combinations");
                }
            }
        }
        all = next;
    }
    return call_give(ret, list_seal(&all));
}

/* A map without what is at a path, "a.b". */
static value without_path(struct arena *arena, value map, str path)
{
    str key = str_cut(&path, '.');
    value inner;
    if (!value_is(map, VALUE_MAP) || !value_map_get(map, key, &inner)) {
        return map;
    }
    struct map_builder copy = map_from(arena, map);
    if (str_is_none(path)) {
        map_remove(&copy, value_str(arena, key));
    } else {
        map_set_str(&copy, key, without_path(arena, inner, path));
    }
    return map_seal(&copy);
}

/* The lookup, unlike the filter, takes the list out of its item. */
static bool without_sublists(struct call *call, value pairs, value path, value *ret)
{
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < value_count(pairs); i++) {
        value pair = value_item(pairs, i), item = value_item(pair, 0);
        item =
            value_is(path, VALUE_STR) ? without_path(call->arena, item, value_as_str(path)) : item;
        list_add(&list, value_tuple(call->arena, (value[]){ item, value_item(pair, 1) }, 2));
    }
    return call_give(ret, list_seal(&list));
}

/* Whether the way to the list ends at something that is no map: as good as a missing key. */
static bool ends_early(value item, value path)
{
    str rest = value_is(path, VALUE_STR) ? value_as_str(path) : STR_NONE;
    while (!str_is_none(rest)) {
        str key = str_cut(&rest, '.');
        if (!str_is_none(rest) && value_map_get(item, key, &item) && !value_is(item, VALUE_MAP)) {
            return true;
        }
    }
    return false;
}

static bool lookup_subelements(struct call *call, value *ret)
{
    if (call->rest_count < 2) {
        return call_fail(call, "needs a list and a key");
    }
    bool skip = false;
    if (call->rest_count > 2) {
        if (!value_is(call->rest[2], VALUE_MAP)) {
            return call_fail(call, "the third term is a map of flags");
        }
        value flag = value_get(call->rest[2], S("skip_missing"));
        struct call_args none = { .at = call->at, .keywords = { .kind = VALUE_UNDEFINED } };
        if (!value_is(flag, VALUE_UNDEFINED)) {
            if (!call_filter(call, S("bool"), flag, &none, &flag) ||
                !call_truth(call, flag, &skip)) {
                return false;
            }
        }
    }
    /* Items that were skipped have no such list. */
    struct list_builder kept = list_in(call->arena);
    value items = call->rest[0];
    if (value_is(items, VALUE_MAP)) {
        value skipped = value_get(items, S("skipped"));
        bool whole = value_is(skipped, VALUE_BOOL) && value_as_bool(skipped);
        for (size_t i = 0; !whole && i < value_count(items); i++) {
            list_add(&kept, value_map_value(items, i));
        }
    } else if (value_is(items, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(items); i++) {
            value item = value_item(items, i), skipped = value_get(item, S("skipped"));
            bool left_out = value_is(skipped, VALUE_BOOL) && value_as_bool(skipped);
            if (!left_out && !(skip && ends_early(item, call->rest[1]))) {
                list_add(&kept, item);
            }
        }
    } else {
        return call_fail(call, "the first term is a list or a map, not %s %s", A_TYPE(items));
    }
    value args[2] = { call->rest[1], value_bool(skip) };
    struct call_args given = { args, 2, { .kind = VALUE_UNDEFINED }, call->at };
    value pairs;
    if (!call_filter(call, S("subelements"), list_seal(&kept), &given, &pairs)) {
        return false;
    }
    return without_sublists(call, pairs, call->rest[1], ret);
}

static bool lookup_random_choice(struct call *call, value *ret)
{
    struct random random;
    if (call->rest_count == 0) {
        return call_give(ret, value_list(call->arena, NULL, 0));
    }
    random_from_system(&random);
    value one = call->rest[random_below(&random, call->rest_count)];
    return call_give(ret, value_list(call->arena, &one, 1));
}

/* ---- sequence ---- */

struct sequence {
    int64_t start, end, count, stride;
    bool has_end, has_count;
    str format;
};

static bool read_number(struct call *call, str s, int64_t *ret)
{
    bool negative = str_starts(s, S("-"));
    str digits = str_part(s, negative, s.len);
    bool hex = str_starts(digits, S("0x"));
    bool octal = !hex && digits.len > 1 && digits.ptr[0] == '0';
    uint64_t number;
    if (!str_to_base(str_part(digits, hex ? 2 : octal, digits.len),
                     hex     ? 16
                     : octal ? 8
                             : 10,
                     &number) ||
        number > INT64_MAX / 2) {
        return call_fail(call, "'%.*s' is no number", SARG(s));
    }
    *ret = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

static bool set_part(struct call *call, struct sequence *seq, str name, value v)
{
    value text;
    if (!call_text(call, v, &text)) {
        return false;
    }
    str s = value_as_str(text);
    if (str_eq(name, S("format"))) {
        seq->format = s;
        return true;
    }
    int64_t *place = str_eq(name, S("start"))    ? &seq->start
                     : str_eq(name, S("end"))    ? &seq->end
                     : str_eq(name, S("count"))  ? &seq->count
                     : str_eq(name, S("stride")) ? &seq->stride
                                                 : NULL;
    if (place == NULL) {
        return call_fail(call, "has no part '%.*s'", SARG(name));
    }
    seq->has_end |= place == &seq->end;
    seq->has_count |= place == &seq->count;
    return read_number(call, s, place);
}

/* "start-end/stride:format", all but the end optional. */
static bool parse_short(struct call *call, struct sequence *seq, str s, bool *ret)
{
    size_t colon = str_find_char(s, ':', 0);
    str format = colon == STR_NPOS ? STR_NONE : str_part(s, colon + 1, s.len);
    s = str_part(s, 0, colon == STR_NPOS ? s.len : colon);
    size_t slash = str_find_char(s, '/', 0);
    str stride = slash == STR_NPOS ? STR_NONE : str_part(s, slash + 1, s.len);
    s = str_part(s, 0, slash == STR_NPOS ? s.len : slash);
    size_t dash = s.len > 1 ? str_find_char(s, '-', 1) : STR_NPOS;
    str start = dash == STR_NPOS ? STR_NONE : str_part(s, 0, dash);
    str end = dash == STR_NPOS ? s : str_part(s, dash + 1, s.len);
    bool digits = end.len > 0 && end.ptr[0] >= '0' && end.ptr[0] <= '9' &&
                  str_find_char(s, '=', 0) == STR_NPOS;
    *ret = digits;
    if (!digits) {
        return true;
    }
    seq->has_end = true;
    seq->format = str_is_none(format) ? seq->format : format;
    return read_number(call, end, &seq->end) &&
           (str_is_none(start) || read_number(call, start, &seq->start)) &&
           (str_is_none(stride) || read_number(call, stride, &seq->stride));
}

static bool parse_sequence(struct call *call, struct sequence *seq, str s)
{
    bool short_form;
    if (!parse_short(call, seq, s, &short_form)) {
        return false;
    }
    str rest = short_form ? STR_NONE : s;
    while (!str_is_none(rest)) {
        str word = str_cut(&rest, ' ');
        size_t equals = str_find_char(word, '=', 0);
        if (word.len == 0) {
            continue;
        }
        if (equals == STR_NPOS) {
            return call_fail(call, "'%.*s' is not understood", SARG(word));
        }
        value v = value_str(call->arena, str_part(word, equals + 1, word.len));
        if (!set_part(call, seq, str_part(word, 0, equals), v)) {
            return false;
        }
    }
    return true;
}

static bool add_sequence(struct call *call, struct sequence *seq, struct list_builder *list)
{
    if (!seq->has_end && !seq->has_count) {
        return call_fail(call, "needs 'count' or 'end'");
    }
    if (seq->has_end && seq->has_count) {
        return call_fail(call, "takes 'count' or 'end', not both");
    }
    if (seq->has_count) {
        if (seq->count == 0) {
            return true;
        }
        seq->end = seq->start + seq->count * seq->stride - 1;
        seq->end = seq->stride < 0 ? seq->start + (seq->count - 1) * seq->stride : seq->end;
    }
    if (seq->stride > 0 && seq->end < seq->start) {
        return call_fail(call, "to count backwards make the stride negative");
    }
    if (seq->stride < 0 && seq->end > seq->start) {
        return call_fail(call, "to count forward do not make the stride negative");
    }
    if (seq->stride == 0) {
        return true;
    }
    for (int64_t i = seq->start; seq->stride > 0 ? i <= seq->end : i >= seq->end;
         i += seq->stride) {
        value text;
        value number = value_int(i);
        if (list->items.len > MAX_ITEMS / 4) {
            return call_fail(call, "the sequence is too long");
        }
        if (!binary_operation(call->render, OP_MOD, value_str(call->arena, seq->format), number,
                              call->at, &text)) {
            return false;
        }
        list_add(list, text);
    }
    return true;
}

static bool lookup_sequence(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    size_t count = call->rest_count > 0 ? call->rest_count : 1;
    for (size_t i = 0; i < count; i++) {
        struct sequence seq = { .start = 1, .stride = 1, .format = S("%d") };
        str term = STR_EMPTY;
        for (size_t k = 0; k < value_count(call->keywords); k++) {
            if (!set_part(call, &seq, value_as_str(value_map_key(call->keywords, k)),
                          value_map_value(call->keywords, k))) {
                return false;
            }
        }
        if (call->rest_count > 0 &&
            (!call_need_str(call, call->rest[i], &term) || !parse_sequence(call, &seq, term))) {
            return false;
        }
        if (!add_sequence(call, &seq, &list)) {
            return false;
        }
    }
    return call_give(ret, list_seal(&list));
}

/* ---- of community.general ---- */

static bool lookup_refused(struct call *call, value *ret)
{
    return call_fail(call, "is not supported");
}

const struct builtin lookups_lists[] = {
    { "items", NULL, "*terms, **options", CALL_DEEP, lookup_items,
      "The terms; items of lists one by one.", "{{ q('items', [1, 2], 3) }} -> [1, 2, 3]" },
    { "list", NULL, "*terms, **options", CALL_DEEP, lookup_list, "The terms as they are.",
      "{{ q('list', [1, 2], 3) }} -> [[1, 2], 3]" },
    { "indexed_items", NULL, "*terms, **options", CALL_DEEP, lookup_indexed_items,
      "Pairs of a number and an item.",
      "{{ q('indexed_items', ['a', 'b']) }} -> [(0, 'a'), (1, 'b')]" },
    { "flattened", NULL, "*terms, **options", CALL_DEEP, lookup_flattened,
      "The items of lists within lists.", "{{ q('flattened', [1, [2, [3]]]) }} -> [1, 2, 3]" },
    { "dict", NULL, "*terms, **options", CALL_DEEP, lookup_dict, "Maps as lists of key and value.",
      "{{ q('dict', {'a': 1}) }} -> [{'key': 'a', 'value': 1}]" },
    { "together", NULL, "*terms, **options", CALL_DEEP, lookup_together,
      "The first items of lists, the second ones, and so on.",
      "{{ q('together', ['a', 'b'], [1, 2]) }} -> [['a', 1], ['b', 2]]" },
    { "nested", "cartesian", "*terms, **options", CALL_DEEP, lookup_nested,
      "Each item of one list with each of the others.",
      "{{ q('nested', ['a', 'b'], [1, 2]) }} -> [['a', 1], ['a', 2], ['b', 1], ['b', 2]]" },
    { "subelements", NULL, "*terms, **options", CALL_DEEP, lookup_subelements,
      "Pairs of an item and each member of one of its lists. A third term {skip_missing: true} "
      "leaves out items without such a list.",
      "{{ q('subelements', [{'n': 'x', 'keys': ['k1', 'k2']}], 'keys') | map('last') }} -> ['k1', "
      "'k2']" },
    { "random_choice", NULL, "*terms, **options", 0, lookup_random_choice, "One of the terms.",
      "{{ lookup('random_choice', ['a', 'b']) in ['a', 'b'] }} -> False" },
    { "sequence", NULL, "*terms, **options", 0, lookup_sequence,
      "Numbers as texts. A term is 'START-END/STRIDE:FORMAT' in parts, or start=, end= or count=, "
      "stride=, format=.",
      "{{ q('sequence', 'start=1 end=3 format=web%02d') }} -> ['web01', 'web02', 'web03']\n"
      "{{ q('sequence', '0-8/4') }} -> ['0', '4', '8']" },
    { "dig", NULL, "*terms, **options", 0, lookup_refused, "Refused: an answer of the DNS." },
    { "filetree", NULL, "*terms, **options", 0, lookup_refused, "Refused: the files of a tree." },
    { "random_string", NULL, "*terms, **options", 0, lookup_refused, "Refused: random texts." },
    { 0 },
};
