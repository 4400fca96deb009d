/*
 * jmespath_functions.c - the functions of JMESPath, as a table: what each takes, and what it gives.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/textbuf.h"
#include "base/utf8.h"
#include "formats/jmespath_node.h"
#include "formats/json.h"

/* What an argument may be. */
enum takes {
    NUMBER = 1,
    STRING = 2,
    BOOLEAN = 4,
    ARRAY = 8,
    OBJECT = 16,
    NOTHING = 32, /* null */
    ANY = 63,
    EXPRESSION = 64,
    NUMBERS = 128, /* an array of numbers only */
    STRINGS = 256,
};

#define ARGUMENTS_MAX 2

struct call {
    struct jmes_search *search;
    const struct jmes_node *node;
    struct arena *arena;
    const value *args; /* null where it is an expression */
    size_t count;
    const struct jmes_node *expression; /* the one argument written with & */
};

struct jmes_function {
    const char *name;
    bool (*call)(struct call *call, value *ret);
    unsigned count; /* of arguments */
    unsigned takes[ARGUMENTS_MAX];
    bool more; /* any number more like the last one */
};

static const struct jmes_function functions[];

static bool give(value *ret, value v)
{
    *ret = v;
    return true;
}

/* ---- types ---- */

static unsigned type_of(value v)
{
    switch (value_kind(v)) {
    case VALUE_BOOL:
        return BOOLEAN;
    case VALUE_INT:
    case VALUE_FLOAT:
        return NUMBER;
    case VALUE_LIST:
        return ARRAY;
    case VALUE_MAP:
        return OBJECT;
    case VALUE_NULL:
    case VALUE_UNDEFINED:
        return NOTHING;
    case VALUE_STR:
    case VALUE_UNKNOWN:
    case VALUE_OBJECT: /* dates: as they print */
        break;
    }
    return STRING;
}

static bool is_list_of(value v, unsigned type)
{
    if (type_of(v) != ARRAY) {
        return false;
    }
    for (size_t i = 0; i < value_count(v); i++) {
        if (type_of(value_item(v, i)) != type) {
            return false;
        }
    }
    return true;
}

static bool fits(value v, unsigned takes)
{
    return (type_of(v) & takes) != 0 || ((takes & NUMBERS) != 0 && is_list_of(v, NUMBER)) ||
           ((takes & STRINGS) != 0 && is_list_of(v, STRING));
}

/* "a string or a list" */
static str type_words(struct arena *arena, unsigned takes)
{
    static const char *const words[] = {
        "a number", "a string",      "a boolean",         "a list",           "a map",
        "null",     "an expression", "a list of numbers", "a list of strings"
    };
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if ((takes & 1u << i) != 0) {
            strbuf_addf(&out, "%s%s", out.len > 0 ? " or " : "", words[i]);
        }
    }
    return strbuf_str(&out);
}

static bool wrong_type(struct call *call, const char *what, unsigned takes, value v)
{
    const char *is = value_is(v, VALUE_LIST) ? "unfit list" : value_type_name(v);
    return jmes_fail(call->search, call->node, "%s '%s' takes %.*s, and this is a%s %s", what,
                     call->node->function->name, SARG(type_words(call->arena, takes)),
                     strchr("aeiou", is[0]) != NULL ? "n" : "", is);
}

/* ---- numbers ---- */

static bool call_abs(struct call *call, value *ret)
{
    value v = call->args[0];
    if (value_is(v, VALUE_INT) && !value_is_big(v) && value_as_int(v) != INT64_MIN) {
        return give(ret, value_int(llabs(value_as_int(v))));
    }
    return give(ret, value_float(fabs(value_as_float(v))));
}

static bool rounded(double number, value *ret)
{
    return give(ret, fabs(number) < 9e18 ? value_int((int64_t)number) : value_float(number));
}

static bool call_ceil(struct call *call, value *ret)
{
    return value_is(call->args[0], VALUE_INT) ? give(ret, call->args[0])
                                              : rounded(ceil(value_as_float(call->args[0])), ret);
}

static bool call_floor(struct call *call, value *ret)
{
    return value_is(call->args[0], VALUE_INT) ? give(ret, call->args[0])
                                              : rounded(floor(value_as_float(call->args[0])), ret);
}

/* An integer as long as all are and 64 bits are enough. */
static value sum_of(value list)
{
    int64_t whole = 0;
    double sum = 0;
    bool exact = true;
    for (size_t i = 0; i < value_count(list); i++) {
        value v = value_item(list, i);
        exact = exact && value_is(v, VALUE_INT) && !value_is_big(v) &&
                !__builtin_add_overflow(whole, value_as_int(v), &whole);
        sum += value_as_float(v);
    }
    return exact ? value_int(whole) : value_float(sum);
}

static bool call_sum(struct call *call, value *ret)
{
    return give(ret, sum_of(call->args[0]));
}

static bool call_avg(struct call *call, value *ret)
{
    size_t count = value_count(call->args[0]);
    return give(ret, count == 0
                         ? value_null()
                         : value_float(value_as_float(sum_of(call->args[0])) / (double)count));
}

/* ---- texts ---- */

static bool call_starts_with(struct call *call, value *ret)
{
    return give(ret,
                value_bool(str_starts(value_as_str(call->args[0]), value_as_str(call->args[1]))));
}

static bool call_ends_with(struct call *call, value *ret)
{
    return give(ret,
                value_bool(str_ends(value_as_str(call->args[0]), value_as_str(call->args[1]))));
}

static bool call_join(struct call *call, value *ret)
{
    struct textbuf text = textbuf_in(call->arena);
    for (size_t i = 0; i < value_count(call->args[1]); i++) {
        if (i > 0) {
            textbuf_add_value(&text, call->args[0]);
        }
        textbuf_add_value(&text, value_item(call->args[1], i));
    }
    return give(ret, textbuf_value(&text));
}

static bool call_contains(struct call *call, value *ret)
{
    value in = call->args[0], what = call->args[1];
    bool found = false;
    if (value_is(in, VALUE_STR)) {
        found = value_is(what, VALUE_STR) &&
                str_find(value_as_str(in), value_as_str(what), 0) != STR_NPOS;
        return give(ret, value_bool(found));
    }
    for (size_t i = 0; i < value_count(in) && !found; i++) {
        found = jmes_equal(value_item(in, i), what);
    }
    return give(ret, value_bool(found));
}

static bool call_length(struct call *call, value *ret)
{
    value v = call->args[0];
    size_t length = value_is(v, VALUE_STR) ? utf8_length(value_as_str(v)) : value_count(v);
    return give(ret, value_int((int64_t)length));
}

static value reversed_text(struct arena *arena, value text)
{
    struct textbuf out = textbuf_in(arena);
    size_t length = utf8_length(value_as_str(text)), end = value_as_str(text).len;
    for (size_t i = length; i-- > 0;) {
        size_t from = utf8_offset(value_as_str(text), i);
        textbuf_add_part(&out, text, from, end);
        end = from;
    }
    return textbuf_value(&out);
}

static bool call_reverse(struct call *call, value *ret)
{
    value v = call->args[0];
    if (value_is(v, VALUE_STR)) {
        return give(ret, reversed_text(call->arena, v));
    }
    struct list_builder list = list_in(call->arena);
    for (size_t i = value_count(v); i-- > 0;) {
        list_add(&list, value_item(v, i));
    }
    return give(ret, list_seal(&list));
}

/* ---- conversions ---- */

static bool call_to_array(struct call *call, value *ret)
{
    return give(ret, value_is(call->args[0], VALUE_LIST) ? call->args[0]
                                                         : value_list(call->arena, call->args, 1));
}

static bool call_to_number(struct call *call, value *ret)
{
    value v = call->args[0];
    struct diags *tried = diags_new(call->arena, call->search->diags->sources);
    *ret = type_of(v) == NUMBER ? v : value_null();
    if (value_is(v, VALUE_STR)) {
        struct source source = { .name = S("JMESPath"), .text = value_as_str(v) };
        value read;
        if (json_read(call->arena, tried, &source, (struct json_options){ 0 }, &read) &&
            type_of(read) == NUMBER) {
            *ret = read;
        }
    }
    return true;
}

static bool call_to_string(struct call *call, value *ret)
{
    static const struct json_format compact = { .item_separator = S_INIT(","),
                                                .key_separator = S_INIT(":") };
    if (value_is(call->args[0], VALUE_STR)) {
        return give(ret, call->args[0]);
    }
    return json_write(call->arena, call->search->diags, call->args[0], compact, ret);
}

static bool call_type(struct call *call, value *ret)
{
    static const char *const names[] = { "number", "string", "boolean", "array", "object", "null" };
    unsigned type = type_of(call->args[0]), i = 0;
    while (type >> i != 1) {
        i++;
    }
    return give(ret, value_str(call->arena, str_of(names[i])));
}

/* ---- maps ---- */

static bool call_keys(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < value_count(call->args[0]); i++) {
        list_add(&list, value_map_key(call->args[0], i));
    }
    return give(ret, list_seal(&list));
}

static bool call_values(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < value_count(call->args[0]); i++) {
        list_add(&list, value_map_value(call->args[0], i));
    }
    return give(ret, list_seal(&list));
}

static bool call_merge(struct call *call, value *ret)
{
    struct map_builder map = map_in(call->arena);
    for (size_t i = 0; i < call->count; i++) {
        for (size_t j = 0; j < value_count(call->args[i]); j++) {
            map_set(&map, value_map_key(call->args[i], j), value_map_value(call->args[i], j));
        }
    }
    return give(ret, map_seal(&map));
}

static bool call_not_null(struct call *call, value *ret)
{
    *ret = value_null();
    for (size_t i = 0; i < call->count && value_is(*ret, VALUE_NULL); i++) {
        *ret = call->args[i];
    }
    return true;
}

static bool call_map(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < value_count(call->args[1]); i++) {
        value v;
        if (!jmes_eval(call->search, call->expression, value_item(call->args[1], i), &v)) {
            return false;
        }
        list_add(&list, v);
    }
    return give(ret, list_seal(&list));
}

/* ---- orders ---- */

struct keyed {
    value key, item;
    size_t place; /* equal keys keep their order */
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int order = 0;
    (void)jmes_order(x->key, y->key, &order); /* both numbers, or both texts */
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

/* The items with their keys, which are all numbers or all texts. */
static bool keyed_items(struct call *call, struct keyed **ret)
{
    size_t count = value_count(call->args[0]);
    struct keyed *items = NEW_ARRAY(call->arena, struct keyed, count + 1);
    unsigned type = NUMBER | STRING;
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct keyed){ .item = value_item(call->args[0], i), .place = i };
        items[i].key = items[i].item;
        if (call->expression != NULL &&
            !jmes_eval(call->search, call->expression, items[i].item, &items[i].key)) {
            return false;
        }
        if ((type_of(items[i].key) & type) == 0) {
            return wrong_type(call, "the expression of", type, items[i].key);
        }
        type = type_of(items[i].key);
    }
    *ret = items;
    return true;
}

/* sort, sort_by */
static bool call_sort(struct call *call, value *ret)
{
    struct keyed *items;
    size_t count = value_count(call->args[0]);
    if (!keyed_items(call, &items)) {
        return false;
    }
    struct list_builder list = list_in(call->arena);
    if (count > 1) {
        qsort(items, count, sizeof *items, by_key);
    }
    for (size_t i = 0; i < count; i++) {
        list_add(&list, items[i].item);
    }
    return give(ret, list_seal(&list));
}

/* The first of the items that no other is beyond, in this direction. */
static bool extreme(struct call *call, int direction, value *ret)
{
    struct keyed *items;
    size_t best = 0;
    if (!keyed_items(call, &items)) {
        return false;
    }
    for (size_t i = 1; i < value_count(call->args[0]); i++) {
        int order = 0;
        (void)jmes_order(items[i].key, items[best].key, &order);
        best = order * direction > 0 ? i : best;
    }
    return give(ret, value_count(call->args[0]) > 0 ? items[best].item : value_null());
}

static bool call_max(struct call *call, value *ret)
{
    return extreme(call, 1, ret);
}

static bool call_min(struct call *call, value *ret)
{
    return extreme(call, -1, ret);
}

/* ---- the table ---- */

static const struct jmes_function functions[] = {
    { "abs", call_abs, 1, { NUMBER } },
    { "avg", call_avg, 1, { NUMBERS } },
    { "ceil", call_ceil, 1, { NUMBER } },
    { "contains", call_contains, 2, { ARRAY | STRING, ANY } },
    { "ends_with", call_ends_with, 2, { STRING, STRING } },
    { "floor", call_floor, 1, { NUMBER } },
    { "join", call_join, 2, { STRING, STRINGS } },
    { "keys", call_keys, 1, { OBJECT } },
    { "length", call_length, 1, { STRING | ARRAY | OBJECT } },
    { "map", call_map, 2, { EXPRESSION, ARRAY } },
    { "max", call_max, 1, { NUMBERS | STRINGS } },
    { "max_by", call_max, 2, { ARRAY, EXPRESSION } },
    { "merge", call_merge, 1, { OBJECT }, true },
    { "min", call_min, 1, { NUMBERS | STRINGS } },
    { "min_by", call_min, 2, { ARRAY, EXPRESSION } },
    { "not_null", call_not_null, 1, { ANY }, true },
    { "reverse", call_reverse, 1, { ARRAY | STRING } },
    { "sort", call_sort, 1, { NUMBERS | STRINGS } },
    { "sort_by", call_sort, 2, { ARRAY, EXPRESSION } },
    { "starts_with", call_starts_with, 2, { STRING, STRING } },
    { "sum", call_sum, 1, { NUMBERS } },
    { "to_array", call_to_array, 1, { ANY } },
    { "to_number", call_to_number, 1, { ANY } },
    { "to_string", call_to_string, 1, { ANY } },
    { "type", call_type, 1, { ANY } },
    { "values", call_values, 1, { OBJECT } },
};

const struct jmes_function *jmes_function(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        if (str_eq(name, str_of(functions[i].name))) {
            return &functions[i];
        }
    }
    return NULL;
}

const str *jmes_function_names(struct arena *arena, size_t *ret_count)
{
    str *names = NEW_ARRAY(arena, str, ARRAY_LEN(functions));
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        names[i] = str_of(functions[i].name);
    }
    *ret_count = ARRAY_LEN(functions);
    return names;
}

const char *jmes_arity_problem(struct arena *arena, const struct jmes_function *function,
                               size_t count)
{
    if (count == function->count || (function->more && count > function->count)) {
        return NULL;
    }
    return str_format(arena, "%s%u argument%s", function->more ? "at least " : "", function->count,
                      function->count == 1 ? "" : "s")
        .ptr;
}

/* ---- a call ---- */

static bool evaluate_argument(struct call *call, size_t i, value data, value *ret)
{
    const struct jmes_function *function = call->node->function;
    const struct jmes_node *node = call->node->nodes.items[i];
    unsigned takes = function->takes[i < function->count ? i : function->count - 1];
    *ret = value_null();
    if (takes == EXPRESSION) {
        call->expression = node->left;
        return node->kind == JMES_EXPRESSION ||
               jmes_fail(call->search, node, "'%s' takes an expression here: write '&' before it",
                         function->name);
    }
    return jmes_eval(call->search, node, data, ret) &&
           (fits(*ret, takes) || wrong_type(call, "the function", takes, *ret));
}

bool jmes_call_function(struct jmes_search *search, const struct jmes_node *node, value data,
                        value *ret)
{
    value *args = NEW_ARRAY(search->arena, value, node->nodes.len);
    struct call call = { .search = search,
                         .node = node,
                         .arena = search->arena,
                         .args = args,
                         .count = node->nodes.len };
    for (size_t i = 0; i < node->nodes.len; i++) {
        if (!evaluate_argument(&call, i, data, &args[i])) {
            return false;
        }
    }
    return node->function->call(&call, ret);
}
