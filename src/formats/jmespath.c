/*
 * jmespath.c - JMESPath expressions evaluated. A question that does not fit the data gives null;
 * only functions refuse what they do not take.
 */
#include "formats/jmespath.h"

#include "base/strbuf.h"
#include "formats/jmespath_node.h"

#define STEPS_MAX 10000000 /* nodes evaluated in one search */

bool jmes_fail(struct jmes_search *search, const struct jmes_node *node, const char *format, ...)
{
    struct strbuf what = strbuf_in(search->arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&what, format, args);
    va_end(args);
    struct diag *diag =
        diag_error(search->diags, search->at, "JMESPath: %.*s", SARG(strbuf_str(&what)));
    diag_note(diag, SPAN_NONE, "in '%.*s', at character %zu", SARG(search->expression->text),
              node->at + 1);
    return false;
}

/* ---- values ---- */

/* False are null, false, and what is empty; 0 is true. */
bool jmes_truth(value v)
{
    switch (value_kind(v)) {
    case VALUE_NULL:
    case VALUE_UNDEFINED:
        return false;
    case VALUE_BOOL:
        return value_as_bool(v);
    case VALUE_STR:
        return value_as_str(v).len > 0;
    case VALUE_LIST:
    case VALUE_MAP:
        return value_count(v) > 0;
    case VALUE_UNKNOWN:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_OBJECT:
        break;
    }
    return true;
}

/* As Python's ==, but that no boolean equals a number. */
bool jmes_equal(value a, value b)
{
    return value_is(a, VALUE_BOOL) == value_is(b, VALUE_BOOL) && value_equal(a, b) == TRUTH_TRUE;
}

static bool is_number(value v)
{
    return value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT);
}

bool jmes_order(value a, value b, int *ret)
{
    bool fits =
        (is_number(a) && is_number(b)) || (value_is(a, VALUE_STR) && value_is(b, VALUE_STR));
    return fits && value_compare(a, b, ret);
}

static value compared(enum jmes_compare comparison, value a, value b)
{
    int order = 0;
    if (comparison == JMES_EQ || comparison == JMES_NE) {
        return value_bool(jmes_equal(a, b) == (comparison == JMES_EQ));
    }
    if (!jmes_order(a, b, &order)) {
        return value_null();
    }
    switch (comparison) {
    case JMES_LT:
        return value_bool(order < 0);
    case JMES_LE:
        return value_bool(order <= 0);
    case JMES_GT:
        return value_bool(order > 0);
    case JMES_GE:
        return value_bool(order >= 0);
    case JMES_EQ:
    case JMES_NE:
        break;
    }
    return value_null();
}

static value item_at(value list, int64_t index)
{
    if (!value_is(list, VALUE_LIST)) {
        return value_null();
    }
    int64_t count = (int64_t)value_count(list);
    index += index < 0 ? count : 0;
    return index >= 0 && index < count ? value_item(list, (size_t)index) : value_null();
}

static int64_t clamp(struct jmes_bound bound, int64_t fallback, int64_t count, int64_t low,
                     int64_t high)
{
    int64_t n = !bound.given ? fallback : bound.n < 0 ? bound.n + count : bound.n;
    return n < low ? low : n > high ? high : n;
}

/* As a slice of Python. */
static value sliced(struct jmes_search *search, const struct jmes_node *node, value list)
{
    if (!value_is(list, VALUE_LIST)) {
        return value_null();
    }
    struct list_builder ret = list_in(search->arena);
    int64_t count = (int64_t)value_count(list), step = node->step.given ? node->step.n : 1;
    bool back = step < 0;
    int64_t low = back ? -1 : 0, high = back ? count - 1 : count;
    int64_t from = clamp(node->from, back ? high : low, count, low, high);
    int64_t to = clamp(node->to, back ? low : high, count, low, high);
    /* a step beyond the list takes one item, however large it is */
    step = step > count ? count + 1 : step < -count ? -count - 1 : step;
    for (int64_t i = from; back ? i > to : i < to; i += step) {
        list_add(&ret, value_item(list, (size_t)i));
    }
    return list_seal(&ret);
}

static value flattened(struct jmes_search *search, value list)
{
    if (!value_is(list, VALUE_LIST)) {
        return value_null();
    }
    struct list_builder ret = list_in(search->arena);
    for (size_t i = 0; i < value_count(list); i++) {
        value item = value_item(list, i);
        if (!value_is(item, VALUE_LIST)) {
            list_add(&ret, item);
            continue;
        }
        for (size_t j = 0; j < value_count(item); j++) {
            list_add(&ret, value_item(item, j));
        }
    }
    return list_seal(&ret);
}

static value values_of(struct jmes_search *search, value map)
{
    if (!value_is(map, VALUE_MAP)) {
        return value_null();
    }
    struct list_builder ret = list_in(search->arena);
    for (size_t i = 0; i < value_count(map); i++) {
        list_add(&ret, value_map_value(map, i));
    }
    return list_seal(&ret);
}

/* ---- nodes ---- */

/* node->right of each item that passes node->test; nulls are left out. */
static bool project(struct jmes_search *search, const struct jmes_node *node, value list,
                    value *ret)
{
    if (!value_is(list, VALUE_LIST)) {
        *ret = value_null();
        return true;
    }
    struct list_builder found = list_in(search->arena);
    for (size_t i = 0; i < value_count(list); i++) {
        value item = value_item(list, i), passes = value_bool(true), v;
        if (node->test != NULL && !jmes_eval(search, node->test, item, &passes)) {
            return false;
        }
        if (!jmes_truth(passes)) {
            continue;
        }
        if (!jmes_eval(search, node->right, item, &v)) {
            return false;
        }
        if (!value_is(v, VALUE_NULL)) {
            list_add(&found, v);
        }
    }
    *ret = list_seal(&found);
    return true;
}

static bool make_list(struct jmes_search *search, const struct jmes_node *node, value data,
                      value *ret)
{
    struct list_builder list = list_in(search->arena);
    for (size_t i = 0; i < node->nodes.len; i++) {
        value v;
        if (!jmes_eval(search, node->nodes.items[i], data, &v)) {
            return false;
        }
        list_add(&list, v);
    }
    *ret = list_seal(&list);
    return true;
}

static bool make_map(struct jmes_search *search, const struct jmes_node *node, value data,
                     value *ret)
{
    struct map_builder map = map_in(search->arena);
    for (size_t i = 0; i < node->nodes.len; i++) {
        value v;
        if (!jmes_eval(search, node->nodes.items[i], data, &v)) {
            return false;
        }
        map_set(&map, node->names.items[i], v);
    }
    *ret = map_seal(&map);
    return true;
}

/* Nodes whose left side is evaluated first. */
static bool eval_from_left(struct jmes_search *search, const struct jmes_node *node, value data,
                           value *ret)
{
    value left, right;
    if (!jmes_eval(search, node->left, data, &left)) {
        return false;
    }
    switch (node->kind) {
    case JMES_FLATTEN:
        *ret = flattened(search, left);
        return true;
    case JMES_CHAIN:
        return jmes_eval(search, node->right, left, ret);
    case JMES_PROJECTION:
    case JMES_FILTER:
        return project(search, node, left, ret);
    case JMES_VALUES:
        return project(search, node, values_of(search, left), ret);
    case JMES_OR:
    case JMES_AND:
        *ret = left;
        return jmes_truth(left) == (node->kind == JMES_OR) ||
               jmes_eval(search, node->right, data, ret);
    case JMES_NOT:
        *ret = value_bool(!jmes_truth(left));
        return true;
    case JMES_COMPARE:
        if (!jmes_eval(search, node->right, data, &right)) {
            return false;
        }
        *ret = compared(node->comparison, left, right);
        return true;
    case JMES_CURRENT:
    case JMES_LITERAL:
    case JMES_FIELD:
    case JMES_INDEX:
    case JMES_SLICE:
    case JMES_LIST:
    case JMES_MAP:
    case JMES_CALL:
    case JMES_EXPRESSION:
        break;
    }
    return jmes_fail(search, node, "'&' stands only before an argument of a function");
}

bool jmes_eval(struct jmes_search *search, const struct jmes_node *node, value data, value *ret)
{
    if (++search->steps > STEPS_MAX) {
        return jmes_fail(search, node, "the expression takes more than %d steps", STEPS_MAX);
    }
    *ret = value_null();
    switch (node->kind) {
    case JMES_CURRENT:
        *ret = data;
        return true;
    case JMES_LITERAL:
        *ret = node->value;
        return true;
    case JMES_FIELD:
        if (value_is(data, VALUE_MAP)) {
            value_map_find(data, node->value, ret);
        }
        return true;
    case JMES_INDEX:
        *ret = item_at(data, node->from.n);
        return true;
    case JMES_SLICE:
        *ret = sliced(search, node, data);
        return true;
    case JMES_LIST:
        return value_is(data, VALUE_NULL) || make_list(search, node, data, ret);
    case JMES_MAP:
        return value_is(data, VALUE_NULL) || make_map(search, node, data, ret);
    case JMES_CALL:
        return jmes_call_function(search, node, data, ret);
    case JMES_FLATTEN:
    case JMES_CHAIN:
    case JMES_PROJECTION:
    case JMES_VALUES:
    case JMES_FILTER:
    case JMES_OR:
    case JMES_AND:
    case JMES_NOT:
    case JMES_COMPARE:
    case JMES_EXPRESSION:
        break;
    }
    return eval_from_left(search, node, data, ret);
}

bool jmespath_search(const struct jmespath *expression, struct arena *arena, struct diags *diags,
                     span at, value data, value *ret)
{
    struct jmes_search search = { expression, arena, diags, at, 0 };
    return jmes_eval(&search, expression->root, data, ret);
}
