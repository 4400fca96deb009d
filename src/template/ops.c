/* ops.c - Python's operators on values: truth, order, arithmetic, membership, iteration. */
#include <math.h>

#include "base/utf8.h"
#include "formats/objects.h"
#include "template/core.h"
#include "template/format.h"

/* ---- what is asked of any value ---- */

bool find_undefined(value v, value *ret)
{
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
        *ret = v;
        return true;
    case VALUE_LIST:
        for (size_t i = 0; i < value_count(v); i++) {
            if (find_undefined(value_item(v, i), ret)) {
                return true;
            }
        }
        return false;
    case VALUE_MAP:
        for (size_t i = 0; i < value_count(v); i++) {
            if (find_undefined(value_map_value(v, i), ret)) {
                return true;
            }
        }
        return false;
    default:
        return false;
    }
}

bool truth_of(struct render *r, value v, span at, enum truth *ret)
{
    if (value_is(v, VALUE_UNDEFINED)) {
        *ret = TRUTH_FALSE;
        return may_use_undefined(r, v, at);
    }
    if (value_is(v, VALUE_OBJECT)) {
        const struct object_ops *ops = value_object_type(v)->ops;
        size_t length;
        if (ops != NULL && ops->length != NULL) {
            if (!ops->length(r->eval, value_object_data(v), &length)) {
                return false;
            }
            *ret = length > 0 ? TRUTH_TRUE : TRUTH_FALSE;
            return true;
        }
    }
    *ret = value_truth(v);
    return true;
}

static bool not_iterable(struct render *r, value v, span at)
{
    render_error(r, at, TEMPLATE_FAILED, "%s %s cannot be iterated", A_TYPE(v));
    return false;
}

static bool characters(struct render *r, value text, span at_call, const value **ret,
                       size_t *ret_count)
{
    struct list_builder list = list_in(r->arena);
    str s = value_as_str(text);
    for (size_t at = 0; at < s.len;) {
        size_t next = at;
        utf8_next(s, &next);
        list_add(&list, value_part(r->arena, text, at, next));
        at = next;
        if (!eval_step(r, at_call)) {
            return false;
        }
    }
    *ret = value_items(list_seal(&list), ret_count);
    return true;
}

bool iterate(struct render *r, value v, span at, const value **ret, size_t *ret_count)
{
    *ret = NULL;
    *ret_count = 0;
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
        return may_use_undefined(r, v, at);
    case VALUE_LIST:
        *ret = value_items(v, ret_count);
        return true;
    case VALUE_STR:
        return characters(r, v, at, ret, ret_count);
    case VALUE_MAP: {
        struct list_builder keys = list_in(r->arena);
        for (size_t i = 0; i < value_count(v); i++) {
            list_add(&keys, value_map_key(v, i));
        }
        *ret = value_items(list_seal(&keys), ret_count);
        return true;
    }
    case VALUE_OBJECT: {
        const struct object_ops *ops = value_object_type(v)->ops;
        value list;
        if (value_is_object(v, &set_type)) {
            list = ((const struct value_set *)value_object_data(v))->members;
        } else if (ops == NULL || ops->iterate == NULL) {
            return not_iterable(r, v, at);
        } else if (!ops->iterate(r->eval, value_object_data(v), &list)) {
            return false;
        }
        *ret = value_items(list, ret_count);
        return true;
    }
    case VALUE_UNKNOWN:
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
        break;
    }
    return not_iterable(r, v, at);
}

bool length_of(struct render *r, value v, span at, size_t *ret)
{
    *ret = 0;
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
        return may_use_undefined(r, v, at);
    case VALUE_LIST:
    case VALUE_MAP:
        *ret = value_count(v);
        return true;
    case VALUE_STR:
        *ret = utf8_length(value_as_str(v));
        return true;
    case VALUE_OBJECT: {
        const struct object_ops *ops = value_object_type(v)->ops;
        if (value_is_object(v, &set_type)) {
            *ret = value_count(((const struct value_set *)value_object_data(v))->members);
            return true;
        }
        if (value_is_object(v, &bytes_type)) {
            *ret = ((const str *)value_object_data(v))->len;
            return true;
        }
        if (ops != NULL && ops->length != NULL) {
            return ops->length(r->eval, value_object_data(v), ret);
        }
        break;
    }
    default:
        break;
    }
    render_error(r, at, TEMPLATE_FAILED, "%s %s has no length", A_TYPE(v));
    return false;
}

/* An undefined value as UNDEFINED_DEBUG shows it. */
static value debug_text(struct render *r, value v)
{
    str what = value_undefined_what(v);
    str name = str_part(r->program->text, v.at.pos, v.at.pos + v.at.len);
    bool is_name = str_ends(what, S("' is undefined"));
    str shown = is_name ? str_format(r->arena, "{{ %.*s }}", SARG(name))
                        : str_format(r->arena, "{{ no such element: %.*s }}", SARG(what));
    return value_str(r->arena, shown);
}

bool text_of(struct render *r, value v, span at, value *ret)
{
    switch (value_kind(v)) {
    case VALUE_STR:
        *ret = v;
        return true;
    case VALUE_UNDEFINED:
        *ret = r->state->undefined == UNDEFINED_DEBUG ? debug_text(r, v)
                                                      : value_str(r->arena, STR_EMPTY);
        return may_use_undefined(r, v, at);
    case VALUE_LIST:
    case VALUE_MAP: {
        value undefined;
        if (!may_go_through(r, v, at)) {
            return false;
        }
        if (!dialect_is(r, DIALECT_JINJA) && find_undefined(v, &undefined) &&
            !may_use_undefined(r, undefined, at)) {
            return false;
        }
        *ret = value_print(r->arena, v);
        return true;
    }
    default:
        *ret = value_is(v, VALUE_UNKNOWN) ? v : value_print(r->arena, v);
        return true;
    }
}

bool plain_value(struct render *r, value v, value *ret)
{
    *ret = v;
    if (!value_is(v, VALUE_OBJECT)) {
        return true;
    }
    const struct object_ops *ops = value_object_type(v)->ops;
    return ops == NULL || ops->plain == NULL || ops->plain(r->eval, value_object_data(v), ret);
}

bool plain_maps(struct render *r, value v, value *ret)
{
    *ret = v;
    if (value_is(v, VALUE_OBJECT)) {
        const struct object_ops *ops = value_object_type(v)->ops;
        if (ops == NULL || !ops->is_map) {
            return true;
        }
        if (!plain_value(r, v, &v)) {
            return false;
        }
    }
    if (!value_is(v, VALUE_MAP)) {
        return true;
    }
    struct map_builder map = map_with_room(r->arena, value_count(v));
    for (size_t i = 0; i < value_count(v); i++) {
        value item;
        if (!plain_maps(r, value_map_value(v, i), &item)) {
            return false;
        }
        map_set(&map, value_map_key(v, i), item);
    }
    *ret = map_seal(&map);
    return true;
}

/* ---- comparing ---- */

static bool equal(struct render *r, value a, value b, span at, enum truth *ret)
{
    if (value_is(a, VALUE_STR) && value_is(b, VALUE_STR)) {
        *ret = str_eq(value_as_str(a), value_as_str(b)) ? TRUTH_TRUE : TRUTH_FALSE;
        return true;
    }
    bool undefined_a = value_is(a, VALUE_UNDEFINED), undefined_b = value_is(b, VALUE_UNDEFINED);
    if (undefined_a || undefined_b) {
        *ret = undefined_a && undefined_b ? TRUTH_TRUE : TRUTH_FALSE;
        return may_use_undefined(r, undefined_a ? a : b, at);
    }
    if (value_is(a, VALUE_OBJECT) && value_is(b, VALUE_OBJECT) &&
        value_object_data(a) == value_object_data(b)) {
        *ret = TRUTH_TRUE;
        return true;
    }
    bool map_a = value_is(a, VALUE_MAP) || is_map_object(a);
    bool map_b = value_is(b, VALUE_MAP) || is_map_object(b);
    if (map_a && map_b && (!plain_value(r, a, &a) || !plain_value(r, b, &b))) {
        return false;
    }
    if (!may_go_through(r, a, at) || !may_go_through(r, b, at)) {
        return false;
    }
    *ret = value_equal(a, b);
    return true;
}

static bool incomparable(struct render *r, enum operator op, value a, value b, span at)
{
    static const char *const names[] = {
        [OP_LT] = "<", [OP_LE] = "<=", [OP_GT] = ">", [OP_GE] = ">="
    };
    struct diag *diag =
        render_error(r, at, TEMPLATE_FAILED, "cannot compare %s %s with %s %s by '%s'", A_TYPE(a),
                     A_TYPE(b), names[op]);
    if ((value_is(a, VALUE_STR) && is_number(b)) || (value_is(b, VALUE_STR) && is_number(a))) {
        diag_hint(diag, "convert the string: '... | int' or '... | float'");
    }
    return false;
}

static bool ordered(struct render *r, enum operator op, value a, value b, span at, enum truth *ret)
{
    int order;
    if (value_is(a, VALUE_UNDEFINED) || value_is(b, VALUE_UNDEFINED)) {
        return report_undefined(r, value_is(a, VALUE_UNDEFINED) ? a : b, at);
    }
    if (value_has_unknown(a) || value_has_unknown(b)) {
        *ret = TRUTH_UNKNOWN;
        return true;
    }
    bool nan_a = value_is(a, VALUE_FLOAT) && isnan(value_as_float(a));
    bool nan_b = value_is(b, VALUE_FLOAT) && isnan(value_as_float(b));
    if ((nan_a && is_number(b)) || (nan_b && is_number(a))) {
        *ret = TRUTH_FALSE;
        return true;
    }
    if (!value_compare(a, b, &order)) {
        return incomparable(r, op, a, b, at);
    }
    bool holds = op == OP_LT   ? order < 0
                 : op == OP_LE ? order <= 0
                 : op == OP_GT ? order > 0
                               : order >= 0;
    *ret = holds ? TRUTH_TRUE : TRUTH_FALSE;
    return true;
}

static enum truth opposite(enum truth t)
{
    return t == TRUTH_UNKNOWN ? t : t == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
}

bool compare_values(struct render *r, enum operator op, value a, value b, span at, enum truth *ret)
{
    bool ok;
    switch (op) {
    case OP_EQ:
    case OP_NE:
        ok = equal(r, a, b, at, ret);
        *ret = ok && op == OP_NE ? opposite(*ret) : *ret;
        return ok;
    case OP_IN:
    case OP_NOT_IN:
        ok = contains(r, b, a, at, ret);
        *ret = ok && op == OP_NOT_IN ? opposite(*ret) : *ret;
        return ok;
    default:
        return ordered(r, op, a, b, at, ret);
    }
}

static bool in_items(struct render *r, const value *items, size_t count, value item, span at,
                     enum truth *ret)
{
    *ret = TRUTH_FALSE;
    for (size_t i = 0; i < count; i++) {
        enum truth one;
        if (value_is(items[i], VALUE_UNDEFINED) || value_is(item, VALUE_UNDEFINED)) {
            if (!equal(r, items[i], item, at, &one)) {
                return false;
            }
        } else {
            one = value_equal(items[i], item);
        }
        if (one == TRUTH_TRUE) {
            *ret = TRUTH_TRUE;
            return true;
        }
        *ret = one == TRUTH_UNKNOWN ? one : *ret;
    }
    return true;
}

static bool in_string(struct render *r, value container, value item, span at, enum truth *ret)
{
    if (!value_is(item, VALUE_STR)) {
        render_error(r, at, TEMPLATE_FAILED, "'in' a string needs a string on its left, not %s %s",
                     A_TYPE(item));
        return false;
    }
    bool found = str_find(value_as_str(container), value_as_str(item), 0) != STR_NPOS;
    *ret = found ? TRUTH_TRUE : TRUTH_FALSE;
    return true;
}

bool contains(struct render *r, value container, value item, span at, enum truth *ret)
{
    *ret = TRUTH_FALSE;
    if (value_is(container, VALUE_UNDEFINED)) {
        return may_use_undefined(r, container, at);
    }
    if (value_is(container, VALUE_UNKNOWN)) {
        *ret = TRUTH_UNKNOWN;
        return true;
    }
    if (value_is(item, VALUE_UNKNOWN) && !value_is(container, VALUE_LIST)) {
        *ret = TRUTH_UNKNOWN;
        return true;
    }
    if (value_is(item, VALUE_UNDEFINED) && !may_use_undefined(r, item, at)) {
        return false;
    }
    if (value_is(container, VALUE_STR)) {
        return in_string(r, container, item, at, ret);
    }
    if (value_is(container, VALUE_MAP)) {
        value ignored;
        bool hashable =
            !value_is(item, VALUE_MAP) && (!value_is(item, VALUE_LIST) || value_is_tuple(item));
        if (!hashable) {
            render_error(r, at, TEMPLATE_FAILED, "%s %s cannot be a key of a map", A_TYPE(item));
            return false;
        }
        *ret = value_map_find(container, item, &ignored) ? TRUTH_TRUE : TRUTH_FALSE;
        return true;
    }
    if (value_is(container, VALUE_OBJECT)) {
        const struct object_ops *ops = value_object_type(container)->ops;
        if (ops != NULL && ops->contains != NULL) {
            return ops->contains(r->eval, value_object_data(container), item, ret);
        }
    }
    const value *items;
    size_t count;
    return iterate(r, container, at, &items, &count) && in_items(r, items, count, item, at, ret);
}

/* ---- arithmetic ---- */

static const char *operator_text(enum operator op)
{
    static const char *const names[] = {
        [OP_ADD] = "+",       [OP_SUB] = "-", [OP_MUL] = "*", [OP_DIV] = "/",
        [OP_FLOORDIV] = "//", [OP_MOD] = "%", [OP_POW] = "**"
    };
    return names[op];
}

static bool wrong_operands(struct render *r, enum operator op, value a, value b, span at)
{
    struct diag *diag = render_error(r, at, TEMPLATE_FAILED, "cannot apply '%s' to %s %s and %s %s",
                                     operator_text(op), A_TYPE(a), A_TYPE(b));
    if (op == OP_ADD && (value_is(a, VALUE_STR) || value_is(b, VALUE_STR))) {
        diag_hint(diag, "'~' joins anything as text; '| int' makes a number of a string");
    }
    return false;
}

static bool division_by_zero(struct render *r, span at)
{
    render_error(r, at, TEMPLATE_FAILED, "division by zero");
    return false;
}

static bool too_large(struct render *r, span at)
{
    render_error(r, at, TEMPLATE_FAILED, "result of the calculation is too large");
    return false;
}

static double float_floordiv(double a, double b)
{
    double rest = fmod(a, b);
    double quotient = (a - rest) / b;
    if (rest != 0 && (b < 0) != (rest < 0)) {
        quotient -= 1;
    }
    return quotient != 0
               ? (quotient - floor(quotient) > 0.5 ? floor(quotient) + 1 : floor(quotient))
               : copysign(0, a / b);
}

static double float_mod(double a, double b)
{
    double rest = fmod(a, b);
    if (rest == 0) {
        return copysign(0, b);
    }
    return (b < 0) != (rest < 0) ? rest + b : rest;
}

static bool float_operation(struct render *r, enum operator op, double a, double b, span at,
                            value *ret)
{
    bool divides = op == OP_DIV || op == OP_FLOORDIV || op == OP_MOD;
    if ((divides && b == 0) || (op == OP_POW && a == 0 && b < 0)) {
        return division_by_zero(r, at);
    }
    double d = 0;
    switch (op) {
    case OP_ADD:
        d = a + b;
        break;
    case OP_SUB:
        d = a - b;
        break;
    case OP_MUL:
        d = a * b;
        break;
    case OP_DIV:
        d = a / b;
        break;
    case OP_FLOORDIV:
        d = float_floordiv(a, b);
        break;
    case OP_MOD:
        d = float_mod(a, b);
        break;
    default:
        d = pow(a, b);
        if (isnan(d) && !isnan(a) && !isnan(b)) {
            render_error(r, at, TEMPLATE_FAILED, "result is no real number");
            return false;
        }
        if (isinf(d) && !isinf(a) && !isinf(b)) {
            return too_large(r, at);
        }
        break;
    }
    *ret = value_float(d);
    return true;
}

/* a / b of integers, correctly rounded also beyond 2**53. */
static bool true_division(struct render *r, value a, value b, span at, value *ret)
{
    double y = value_as_float(b);
    if (y == 0) {
        return division_by_zero(r, at);
    }
    double d = (double)((long double)value_as_float(a) / (long double)y);
    if (isinf(d) || isnan(d)) {
        return too_large(r, at);
    }
    *ret = value_float(d);
    return true;
}

static bool small_pow(int64_t base, int64_t exponent, int64_t *ret)
{
    int64_t result = 1;
    while (exponent > 0) {
        if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) {
            return false;
        }
        exponent >>= 1;
        if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) {
            return false;
        }
    }
    *ret = result;
    return true;
}

static bool integer_power(struct render *r, value a, value b, span at, value *ret)
{
    if (value_is_big(b)) {
        return too_large(r, at);
    }
    int64_t exponent = small_integer(b), result;
    if (exponent < 0) {
        return float_operation(r, OP_POW, value_as_float(a), (double)exponent, at, ret);
    }
    if (!value_is_big(a) && small_pow(small_integer(a), exponent, &result)) {
        *ret = value_int(result);
        return true;
    }
    return big_pow(r->arena, a, (uint64_t)exponent, ret) || too_large(r, at);
}

static bool small_operation(enum operator op, int64_t a, int64_t b, int64_t *ret)
{
    switch (op) {
    case OP_ADD:
        return !__builtin_add_overflow(a, b, ret);
    case OP_SUB:
        return !__builtin_sub_overflow(a, b, ret);
    case OP_MUL:
        return !__builtin_mul_overflow(a, b, ret);
    case OP_FLOORDIV:
    case OP_MOD: {
        if (a == INT64_MIN && b == -1) {
            return false;
        }
        int64_t quotient = a / b, rest = a % b;
        if (rest != 0 && (rest < 0) != (b < 0)) {
            quotient--;
            rest += b;
        }
        *ret = op == OP_MOD ? rest : quotient;
        return true;
    }
    default:
        return false;
    }
}

static value big_operation(struct arena *arena, enum operator op, value a, value b)
{
    value quotient, rest;
    switch (op) {
    case OP_ADD:
        return big_add(arena, a, b);
    case OP_SUB:
        return big_sub(arena, a, b);
    case OP_MUL:
        return big_mul(arena, a, b);
    default:
        (void)big_divmod(arena, a, b, &quotient, &rest);
        return op == OP_MOD ? rest : quotient;
    }
}

static bool integer_operation(struct render *r, enum operator op, value a, value b, span at,
                              value *ret)
{
    if (op == OP_POW) {
        return integer_power(r, a, b, at, ret);
    }
    if (op == OP_DIV) {
        return true_division(r, a, b, at, ret);
    }
    bool small = !value_is_big(a) && !value_is_big(b);
    if ((op == OP_FLOORDIV || op == OP_MOD) && !value_is_big(b) && small_integer(b) == 0) {
        return division_by_zero(r, at);
    }
    int64_t result;
    if (small && small_operation(op, small_integer(a), small_integer(b), &result)) {
        *ret = value_int(result);
        return true;
    }
    *ret = big_operation(r->arena, op, a, b);
    return true;
}

/* ---- sequences ---- */

static bool repeat(struct render *r, value sequence, value times, span at, value *ret)
{
    int64_t count = value_is_big(times) ? 0 : small_integer(times);
    bool text = value_is(sequence, VALUE_STR);
    size_t length = text ? value_as_str(sequence).len : value_count(sequence);
    if (value_is_big(times) && length > 0) {
        return too_large(r, at);
    }
    count = count < 0 || length == 0 ? 0 : count;
    size_t total;
    if (__builtin_mul_overflow(length, (size_t)count, &total) ||
        total > (text ? MAX_TEXT : MAX_ITEMS)) {
        return too_large(r, at);
    }
    if (text) {
        struct textbuf out = textbuf_in(r->arena);
        for (int64_t i = 0; i < count; i++) {
            textbuf_add_value(&out, sequence);
        }
        *ret = textbuf_value(&out);
        *ret = is_markup(sequence) ? as_markup(*ret) : *ret;
        return true;
    }
    value *items = NEW_ARRAY(r->arena, value, total);
    for (size_t i = 0; i < total; i++) {
        items[i] = value_item(sequence, i % length);
    }
    *ret = value_is_tuple(sequence) ? value_tuple(r->arena, items, total)
                                    : value_list(r->arena, items, total);
    return true;
}

static bool add_sequences(struct render *r, value a, value b, span at, value *ret)
{
    if (value_is(a, VALUE_STR)) {
        struct textbuf out = textbuf_in(r->arena);
        bool markup = is_markup(a) || is_markup(b);
        textbuf_add_value(&out, markup && !is_markup(a) ? escape_html(r->arena, a) : a);
        textbuf_add_value(&out, markup && !is_markup(b) ? escape_html(r->arena, b) : b);
        *ret = textbuf_value(&out);
        *ret = markup ? as_markup(*ret) : *ret;
        return out.bytes.len <= MAX_TEXT || too_large(r, at);
    }
    size_t na = value_count(a), nb = value_count(b);
    if (na + nb > MAX_ITEMS) {
        return too_large(r, at);
    }
    value *items = NEW_ARRAY(r->arena, value, na + nb);
    for (size_t i = 0; i < na + nb; i++) {
        items[i] = i < na ? value_item(a, i) : value_item(b, i - na);
    }
    *ret = value_is_tuple(a) ? value_tuple(r->arena, items, na + nb)
                             : value_list(r->arena, items, na + nb);
    return true;
}

static bool is_sequence(value v)
{
    return value_is(v, VALUE_STR) || value_is(v, VALUE_LIST);
}

static bool operate(struct render *r, enum operator op, value a, value b, span at, value *ret)
{
    if (value_is(a, VALUE_UNDEFINED) || value_is(b, VALUE_UNDEFINED)) {
        return report_undefined(r, value_is(a, VALUE_UNDEFINED) ? a : b, at);
    }
    if (value_is(a, VALUE_UNKNOWN) || value_is(b, VALUE_UNKNOWN)) {
        if (op == OP_ADD && (value_is(a, VALUE_STR) || value_is(b, VALUE_STR))) {
            struct textbuf out = textbuf_in(r->arena);
            textbuf_add_value(&out, a);
            textbuf_add_value(&out, b);
            return call_give(ret, textbuf_value(&out));
        }
        return call_give(ret, value_unknown());
    }
    if (is_integer(a) && is_integer(b)) {
        return integer_operation(r, op, a, b, at, ret);
    }
    if (is_number(a) && is_number(b)) {
        return float_operation(r, op, value_as_float(a), value_as_float(b), at, ret);
    }
    if (op == OP_ADD && is_sequence(a) && value_is(b, value_kind(a)) &&
        value_is_tuple(a) == value_is_tuple(b)) {
        return add_sequences(r, a, b, at, ret);
    }
    if (op == OP_MUL && is_sequence(a) && is_integer(b)) {
        return repeat(r, a, b, at, ret);
    }
    if (op == OP_MUL && is_sequence(b) && is_integer(a)) {
        return repeat(r, b, a, at, ret);
    }
    if (op == OP_MOD && value_is(a, VALUE_STR)) {
        return format_percent(r, a, b, at, ret);
    }
    if (value_is(a, VALUE_OBJECT) && date_operation(r, op, a, b, ret)) {
        return true;
    }
    return wrong_operands(r, op, a, b, at);
}

bool binary_operation(struct render *r, enum operator op, value a, value b, span at, value *ret)
{
    if (!operate(r, op, a, b, at, ret)) {
        return false;
    }
    if (value_is_secret_number(a) || value_is_secret_number(b)) {
        *ret = value_secret_all(r->arena, *ret);
    }
    return true;
}

static bool sign_operand(struct render *r, value v, span at, const char *sign)
{
    if (value_is(v, VALUE_UNDEFINED)) {
        return report_undefined(r, v, at);
    }
    render_error(r, at, TEMPLATE_FAILED, "cannot apply '%s' to %s %s", sign, A_TYPE(v));
    return false;
}

bool negate(struct render *r, value v, span at, value *ret)
{
    if (value_is(v, VALUE_UNKNOWN)) {
        return call_give(ret, v);
    }
    if (!is_number(v)) {
        return sign_operand(r, v, at, "-");
    }
    bool small = is_integer(v) && !value_is_big(v) && small_integer(v) != INT64_MIN;
    value negative = value_is(v, VALUE_FLOAT) ? value_float(-value_as_float(v))
                     : small                  ? value_int(-small_integer(v))
                                              : big_sub(r->arena, value_int(0), v);
    return call_give(ret,
                     value_is_secret_number(v) ? value_secret_all(r->arena, negative) : negative);
}

bool plus(struct render *r, value v, span at, value *ret)
{
    if (value_is(v, VALUE_BOOL)) {
        return call_give(ret, value_int(value_as_bool(v)));
    }
    if (!is_number(v) && !value_is(v, VALUE_UNKNOWN)) {
        return sign_operand(r, v, at, "+");
    }
    return call_give(ret, v);
}
