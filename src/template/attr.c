/* attr.c - attributes, items and slices, as Python and Jinja look them up. */
#include <string.h>

#include "base/utf8.h"
#include "formats/datetime.h"
#include "formats/objects.h"
#include "template/core.h"
#include "template/dates.h"

static value nothing(void)
{
    return (value){ .kind = VALUE_UNDEFINED };
}

bool is_map_object(value v)
{
    const struct object_ops *ops = value_is(v, VALUE_OBJECT) ? value_object_type(v)->ops : NULL;
    return ops != NULL && ops->is_map;
}

const struct function *find_method(struct template_env *env, value v, str name)
{
    switch (value_kind(v)) {
    case VALUE_STR:
        return name_table_get(&env->str_methods, name);
    case VALUE_LIST:
        return name_table_get(value_is_tuple(v) ? &env->tuple_methods : &env->list_methods, name);
    case VALUE_MAP:
        return name_table_get(&env->map_methods, name);
    case VALUE_INT:
    case VALUE_BOOL:
    case VALUE_FLOAT:
        return name_table_get(&env->number_methods, name);
    case VALUE_OBJECT:
        if (value_object_type(v) == &datetime_type || value_object_type(v) == &date_type) {
            return name_table_get(&env->datetime_methods, name);
        }
        if (value_is_object(v, &bytes_type)) {
            return name_table_get(&env->bytes_methods, name);
        }
        if (is_map_object(v)) {
            return name_table_get(&env->mapping_methods, name);
        }
        return value_object_type(v) == &timedelta_type
                   ? name_table_get(&env->timedelta_methods, name)
                   : NULL;
    case VALUE_UNDEFINED:
    case VALUE_UNKNOWN:
    case VALUE_NULL:
        return NULL;
    }
    return NULL;
}

static bool undefined_part(struct render *r, value v, span at, value *ret)
{
    *ret = v;
    return undefined_chains(r) || report_undefined(r, v, at);
}

static bool object_get(struct render *r, value v, value key, value *ret)
{
    const struct object_ops *ops = value_object_type(v)->ops;
    *ret = nothing();
    return ops == NULL || ops->get == NULL || ops->get(r->eval, value_object_data(v), key, ret);
}

/* loop, namespaces, variables of hosts; not dates and bytes, which have Python's. */
static bool has_own_attributes(value v)
{
    const struct object_ops *ops = value_object_type(v)->ops;
    return ops != NULL && ops->get != NULL;
}

/* Python's attributes that are no methods. */
static value data_attribute(struct render *r, value v, str name)
{
    if (value_is(v, VALUE_OBJECT)) {
        return date_attribute(r->arena, v, name);
    }
    if (str_eq(name, S("__class__"))) { /* of which only the name is of use */
        struct map_builder type = map_in(r->arena);
        const char *python = is_markup(v) ? "Markup" : value_python_type(v);
        map_set_str(&type, S("__name__"), value_str(r->arena, str_of(python)));
        return map_seal(&type);
    }
    bool whole = is_integer(v);
    if (is_number(v) && (str_eq(name, S("real")) || (whole && str_eq(name, S("numerator"))))) {
        return value_is(v, VALUE_BOOL) ? value_int(value_as_bool(v)) : v;
    }
    if (is_number(v) && str_eq(name, S("imag"))) {
        return whole ? value_int(0) : value_float(0);
    }
    if (whole && str_eq(name, S("denominator"))) {
        return value_int(1);
    }
    if (value_is_tuple(v) && value_count(v) == 2) { /* what groupby gives */
        bool grouper = str_eq(name, S("grouper"));
        if (grouper || str_eq(name, S("list"))) {
            return value_item(v, grouper ? 0 : 1);
        }
    }
    return nothing();
}

bool get_attribute(struct render *r, value v, value key, span at, value *ret)
{
    str name = value_as_str(key);
    if (value_is(v, VALUE_OBJECT) && has_own_attributes(v)) {
        const struct function *own = find_method(r->eval->env, v, name);
        return own != NULL ? call_give(ret, function_value(r->arena, own, v))
                           : object_get(r, v, key, ret);
    }
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
        return undefined_part(r, v, at, ret);
    case VALUE_UNKNOWN:
        return call_give(ret, value_unknown());
    default:
        break;
    }
    const struct function *method = find_method(r->eval->env, v, name);
    if (method != NULL) {
        return call_give(ret, function_value(r->arena, method, v));
    }
    if (value_is(v, VALUE_MAP) && value_map_get(v, name, ret)) {
        return true;
    }
    return call_give(ret, data_attribute(r, v, name));
}

static bool index_of(value key, size_t count, size_t *ret)
{
    if (value_is_big(key)) {
        return false;
    }
    int64_t index = small_integer(key);
    index += index < 0 ? (int64_t)count : 0;
    *ret = (size_t)index;
    return index >= 0 && (size_t)index < count;
}

static value character_at(struct render *r, value text, value key)
{
    str s = value_as_str(text);
    size_t index;
    if (!index_of(key, utf8_length(s), &index)) {
        return nothing();
    }
    return value_part(r->arena, text, utf8_offset(s, index), utf8_offset(s, index + 1));
}

bool get_item(struct render *r, value v, value key, span at, value *ret)
{
    *ret = nothing();
    if (value_is(v, VALUE_UNDEFINED)) {
        return undefined_part(r, v, at, ret);
    }
    if (value_is(key, VALUE_UNDEFINED)) {
        return report_undefined(r, key, at);
    }
    if (value_is(v, VALUE_UNKNOWN) || value_is(key, VALUE_UNKNOWN)) {
        return call_give(ret, value_unknown());
    }
    if (value_is(v, VALUE_MAP) && value_map_find(v, key, ret)) {
        return true;
    }
    if (value_is(v, VALUE_LIST) && is_integer(key)) {
        size_t index;
        if (index_of(key, value_count(v), &index)) {
            *ret = value_item(v, index);
        }
        return true;
    }
    if (value_is(v, VALUE_STR) && is_integer(key)) {
        return call_give(ret, character_at(r, v, key));
    }
    if (value_is(v, VALUE_OBJECT)) {
        if (!object_get(r, v, key, ret) || !value_is(*ret, VALUE_UNDEFINED)) {
            return !value_is(*ret, VALUE_UNDEFINED);
        }
    }
    /* Subscripts look for an attribute last. */
    return !value_is(key, VALUE_STR) || get_attribute(r, v, key, at, ret);
}

/* ---- slices ---- */

static bool slice_bound(struct render *r, value v, int64_t length, int64_t low, int64_t high,
                        int64_t fallback, span at, int64_t *ret)
{
    if (value_is(v, VALUE_UNDEFINED)) {
        return report_undefined(r, v, at);
    }
    if (value_is(v, VALUE_NULL)) {
        *ret = fallback;
        return true;
    }
    if (!is_integer(v)) {
        render_error(r, at, TEMPLATE_FAILED, "bounds of a slice are integers, not %s %s",
                     A_TYPE(v));
        return false;
    }
    if (value_is_big(v)) {
        *ret = str_starts(value_big_digits(v), S("-")) ? low : high;
        return true;
    }
    int64_t index = small_integer(v);
    index += index < 0 ? length : 0;
    *ret = index < low ? low : index > high ? high : index;
    return true;
}

static bool slice_step(struct render *r, value v, span at, int64_t *ret)
{
    if (value_is(v, VALUE_NULL)) {
        *ret = 1;
        return true;
    }
    if (!slice_bound(r, v, 0, INT64_MIN, INT64_MAX, 1, at, ret)) {
        return false;
    }
    if (*ret == 0) {
        render_error(r, at, TEMPLATE_FAILED, "step of a slice cannot be zero");
        return false;
    }
    return true;
}

struct range_of {
    int64_t from, step;
    size_t count;
};

static bool slice_range(struct render *r, size_t length, value from, value to, value step, span at,
                        struct range_of *ret)
{
    int64_t n = (int64_t)length, first = 0, last = 0, by = 1;
    if (!slice_step(r, step, at, &by)) {
        return false;
    }
    int64_t low = by > 0 ? 0 : -1, high = by > 0 ? n : n - 1;
    if (!slice_bound(r, from, n, low, high, by > 0 ? low : high, at, &first) ||
        !slice_bound(r, to, n, low, high, by > 0 ? high : low, at, &last)) {
        return false;
    }
    uint64_t distance = by > 0 ? (last > first ? (uint64_t)(last - first) : 0)
                               : (first > last ? (uint64_t)(first - last) : 0);
    uint64_t stride = by > 0 ? (uint64_t)by : 0 - (uint64_t)by;
    *ret =
        (struct range_of){ first, by, (size_t)(distance == 0 ? 0 : (distance - 1) / stride + 1) };
    return true;
}

static value slice_text(struct render *r, value text, struct range_of range)
{
    str s = value_as_str(text);
    if (range.step == 1) {
        size_t from = utf8_offset(s, (size_t)range.from);
        size_t to = utf8_offset(s, (size_t)range.from + range.count);
        return value_part(r->arena, text, from, range.count == 0 ? from : to);
    }
    size_t length = utf8_length(s);
    size_t *offsets = NEW_ARRAY(r->arena, size_t, length + 1);
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        offsets[i] = at;
        utf8_next(s, &at);
    }
    offsets[length] = s.len;
    struct textbuf out = textbuf_in(r->arena);
    for (size_t i = 0; i < range.count; i++) {
        size_t index = (size_t)(range.from + (int64_t)i * range.step);
        textbuf_add_part(&out, text, offsets[index], offsets[index + 1]);
    }
    return textbuf_value(&out);
}

bool get_slice(struct render *r, value v, value from, value to, value step, span at, value *ret)
{
    struct range_of range;
    if (value_is(v, VALUE_UNDEFINED)) {
        return undefined_part(r, v, at, ret);
    }
    if (value_is(v, VALUE_UNKNOWN) || value_is(from, VALUE_UNKNOWN) ||
        value_is(to, VALUE_UNKNOWN) || value_is(step, VALUE_UNKNOWN)) {
        return call_give(ret, value_unknown());
    }
    if (is_view(v) && str_eq(str_of(value_object_type(v)->name), S("range"))) {
        v = view_list(v);
    }
    if (value_is(v, VALUE_STR)) {
        if (!slice_range(r, utf8_length(value_as_str(v)), from, to, step, at, &range)) {
            return false;
        }
        *ret = slice_text(r, v, range);
        return true;
    }
    if (!value_is(v, VALUE_LIST)) {
        render_error(r, at, TEMPLATE_FAILED, "%s %s cannot be sliced%s", A_TYPE(v),
                     is_view(v) ? ": make it a list first, by '| list'" : "");
        return false;
    }
    if (!slice_range(r, value_count(v), from, to, step, at, &range)) {
        return false;
    }
    value *items = NEW_ARRAY(r->arena, value, range.count);
    for (size_t i = 0; i < range.count; i++) {
        items[i] = value_item(v, (size_t)(range.from + (int64_t)i * range.step));
    }
    *ret = value_is_tuple(v) ? value_tuple(r->arena, items, range.count)
                             : value_list(r->arena, items, range.count);
    return true;
}
