/* object.c - objects of templates: views, namespaces, cyclers, joiners, lazy maps. */
#include "template/object.h"

#include "template/core.h"

/* ---- views: ranges, dict.keys() ..., iterators of plain Jinja ---- */

struct view {
    enum view_kind kind;
    value list;
    str text; /* of a range: how it prints */
};

static void print_view(struct strbuf *out, const void *data, bool repr)
{
    const struct view *view = data;
    static const char *const names[] = {
        [VIEW_KEYS] = "dict_keys", [VIEW_VALUES] = "dict_values", [VIEW_ITEMS] = "dict_items"
    };
    if (view->kind == VIEW_RANGE || view->kind == VIEW_ITERATOR) {
        strbuf_add(out, view->text);
        return;
    }
    str list = value_masked(out->arena, value_repr(out->arena, view->list));
    strbuf_addf(out, "%s(%.*s)", names[view->kind], SARG(list));
}

static bool view_iterate(struct eval *eval, void *data, value *ret_list)
{
    *ret_list = ((const struct view *)data)->list;
    return true;
}

static bool view_length(struct eval *eval, void *data, size_t *ret)
{
    const struct view *view = data;
    if (view->kind == VIEW_ITERATOR) {
        struct render *r = eval->state->render;
        diag_hint(render_error(r, SPAN_NONE, TEMPLATE_FAILED, "an iterator has no length"),
                  "make it a list: '... | list'");
        return false;
    }
    *ret = value_count(view->list);
    return true;
}

static bool view_get(struct eval *eval, void *data, value key, value *ret)
{
    const struct view *view = data;
    *ret = (value){ .kind = VALUE_UNDEFINED };
    return view->kind != VIEW_RANGE ||
           get_item(eval->state->render, view->list, key, SPAN_NONE, ret);
}

static enum truth view_equal(const void *a, const void *b)
{
    const struct view *x = a, *y = b;
    return x->kind == y->kind ? value_equal(x->list, y->list) : TRUTH_FALSE;
}

static const struct object_ops view_ops = {
    .get = view_get, .iterate = view_iterate, .length = view_length, .plain = view_iterate
};
static const struct object_ops iterator_ops = { .iterate = view_iterate, .plain = view_iterate };

#define VIEW_TYPE(type_name, type_ops)                                                             \
    {                                                                                              \
        .name = type_name, .print = print_view, .equal = view_equal, .ops = &type_ops              \
    }
static const struct object_type view_types[] = {
    [VIEW_RANGE] = VIEW_TYPE("range", view_ops),
    [VIEW_KEYS] = VIEW_TYPE("dict_keys", view_ops),
    [VIEW_VALUES] = VIEW_TYPE("dict_values", view_ops),
    [VIEW_ITEMS] = VIEW_TYPE("dict_items", view_ops),
    [VIEW_ITERATOR] = VIEW_TYPE("generator", iterator_ops),
};

value view_value(struct arena *arena, enum view_kind kind, value list, str text)
{
    struct view *view = NEW(arena, struct view);
    *view = (struct view){ kind, list, text };
    return value_object(arena, &view_types[kind], view);
}

bool is_view(value v)
{
    return value_is(v, VALUE_OBJECT) && value_object_type(v) >= view_types &&
           value_object_type(v) < view_types + ARRAY_LEN(view_types);
}

bool is_iterator(value v)
{
    return value_is(v, VALUE_OBJECT) && value_object_type(v) == &view_types[VIEW_ITERATOR];
}

value view_list(value view)
{
    return ((const struct view *)value_object_data(view))->list;
}

/* ---- namespaces ---- */

struct namespace
{
    value attributes; /* a map, replaced at each change */
};

static void print_namespace(struct strbuf *out, const void *data, bool repr)
{
    str map = value_masked(out->arena,
                           value_repr(out->arena, ((const struct namespace *)data)->attributes));
    strbuf_addf(out, "<Namespace %.*s>", SARG(map));
}

static bool namespace_get(struct eval *eval, void *data, value key, value *ret)
{
    *ret = (value){ .kind = VALUE_UNDEFINED };
    (void)value_map_find(((struct namespace *)data)->attributes, key, ret);
    return true;
}

static const struct object_ops namespace_ops = { .get = namespace_get };
static const struct object_type namespace_type = { .name = "Namespace",
                                                   .print = print_namespace,
                                                   .ops = &namespace_ops };

bool namespace_set(value ns, struct arena *arena, str name, value v)
{
    if (!value_is(ns, VALUE_OBJECT) || value_object_type(ns) != &namespace_type) {
        return false;
    }
    struct namespace *data = value_object_data(ns);
    struct map_builder map = map_from(arena, data->attributes);
    map_set_str(&map, name, v);
    data->attributes = map_seal(&map);
    return true;
}

bool namespace_attributes(value ns, value *ret)
{
    bool is = value_is(ns, VALUE_OBJECT) && value_object_type(ns) == &namespace_type;
    if (is) {
        *ret = ((const struct namespace *)value_object_data(ns))->attributes;
    }
    return is;
}

static bool make_map(struct call *call, value *ret)
{
    struct map_builder map = map_in(call->arena);
    if (call->given[0]) {
        const value *items;
        size_t count;
        value given = call->args[0];
        if (is_map_object(given) && !plain_value(call->render, given, &given)) {
            return false;
        }
        if (value_is(given, VALUE_MAP)) {
            map = map_from(call->arena, given);
        } else {
            if (!call_items(call, given, &items, &count)) {
                return false;
            }
            for (size_t i = 0; i < count; i++) {
                const value *pair;
                size_t two;
                if (!call_items(call, items[i], &pair, &two)) {
                    return false;
                }
                if (two != 2) {
                    return call_fail(call, "item %zu has %zu values, and not a key and a value", i,
                                     two);
                }
                map_set(&map, pair[0], pair[1]);
            }
        }
    }
    for (size_t i = 0; i < value_count(call->keywords); i++) {
        map_set(&map, value_map_key(call->keywords, i), value_map_value(call->keywords, i));
    }
    *ret = map_seal(&map);
    return true;
}

static bool function_namespace(struct call *call, value *ret)
{
    struct namespace *ns = NEW(call->arena, struct namespace);
    *ret = value_object(call->arena, &namespace_type, ns);
    return make_map(call, &ns->attributes);
}

/* ---- range ---- */

static bool function_range(struct call *call, value *ret)
{
    int64_t numbers[3] = { 0, 0, 1 };
    for (size_t i = 0; i < 3; i++) {
        if (call->given[i] && !call_need_int(call, call->args[i], "a bound", &numbers[i])) {
            return false;
        }
    }
    if (!call->given[1]) {
        numbers[1] = numbers[0];
        numbers[0] = 0;
    }
    int64_t from = numbers[0], to = numbers[1], step = numbers[2];
    if (step == 0) {
        return call_fail(call, "the step cannot be zero");
    }
    struct list_builder list = list_in(call->arena);
    for (int64_t i = from; step > 0 ? i < to : i > to;) {
        if (list.items.len >= MAX_ITEMS) {
            return call_fail(call, "more than %d numbers", MAX_ITEMS);
        }
        list_add(&list, value_int(i));
        if (__builtin_add_overflow(i, step, &i)) {
            break;
        }
    }
    str text = step == 1
                   ? str_format(call->arena, "range(%lld, %lld)", (long long)from, (long long)to)
                   : str_format(call->arena, "range(%lld, %lld, %lld)", (long long)from,
                                (long long)to, (long long)step);
    *ret = view_value(call->arena, VIEW_RANGE, list_seal(&list), text);
    return true;
}

/* ---- cycler and joiner ---- */

struct cycler {
    const value *items;
    size_t count, at;
    str separator; /* of a joiner */
    bool used;
};

static const struct object_type cycler_type, joiner_type, cycler_next_type, cycler_reset_type;

static bool cycler_get(struct eval *eval, void *data, value key, value *ret)
{
    struct cycler *cycler = data;
    str name = value_is(key, VALUE_STR) ? value_as_str(key) : STR_EMPTY;
    *ret = (value){ .kind = VALUE_UNDEFINED };
    if (str_eq(name, S("current"))) {
        *ret = cycler->items[cycler->at];
    } else if (str_eq(name, S("next"))) {
        *ret = value_object(eval->arena, &cycler_next_type, cycler);
    } else if (str_eq(name, S("reset"))) {
        *ret = value_object(eval->arena, &cycler_reset_type, cycler);
    }
    return true;
}

static bool cycler_next(struct eval *eval, void *data, const struct call_args *args, value *ret)
{
    struct cycler *cycler = data;
    *ret = cycler->items[cycler->at];
    cycler->at = (cycler->at + 1) % cycler->count;
    return true;
}

static bool cycler_reset(struct eval *eval, void *data, const struct call_args *args, value *ret)
{
    ((struct cycler *)data)->at = 0;
    *ret = value_null();
    return true;
}

static bool joiner_call(struct eval *eval, void *data, const struct call_args *args, value *ret)
{
    struct cycler *joiner = data;
    *ret = value_str(eval->arena, joiner->used ? joiner->separator : STR_EMPTY);
    joiner->used = true;
    return true;
}

static void print_helper(struct strbuf *out, const void *data, bool repr)
{
    strbuf_add(out, S("<helper of templates>"));
}

static const struct object_ops cycler_ops = { .get = cycler_get };
static const struct object_ops cycler_next_ops = { .call = cycler_next };
static const struct object_ops cycler_reset_ops = { .call = cycler_reset };
static const struct object_ops joiner_ops = { .call = joiner_call };
static const struct object_type cycler_type = { "Cycler", print_helper, .ops = &cycler_ops };
static const struct object_type cycler_next_type = { "method", print_helper,
                                                     .ops = &cycler_next_ops };
static const struct object_type cycler_reset_type = { "method", print_helper,
                                                      .ops = &cycler_reset_ops };
static const struct object_type joiner_type = { "Joiner", print_helper, .ops = &joiner_ops };

static bool function_cycler(struct call *call, value *ret)
{
    if (call->rest_count == 0) {
        return call_fail(call, "at least one item is needed");
    }
    struct cycler *cycler = NEW(call->arena, struct cycler);
    *cycler = (struct cycler){ .items = call->rest, .count = call->rest_count };
    return call_give(ret, value_object(call->arena, &cycler_type, cycler));
}

static bool function_joiner(struct call *call, value *ret)
{
    struct cycler *joiner = NEW(call->arena, struct cycler);
    joiner->separator = call_str(call, 0);
    return call_give(ret, value_object(call->arena, &joiner_type, joiner));
}

/* ---- lookups as functions, undef ---- */

static bool function_lookup(struct call *call, value *ret)
{
    return lookup_call(call, false, ret);
}

static bool function_query(struct call *call, value *ret)
{
    return lookup_call(call, true, ret);
}

static bool function_undef(struct call *call, value *ret)
{
    str hint = call_none(call, 0) ? S("value is undefined on purpose") : call_str(call, 0);
    *ret = value_at(value_undefined(call->arena, str_copy(call->arena, hint)), call->at);
    return true;
}

const struct builtin functions_core[] = {
    { "range", NULL, "start, stop=none, step=none", CALL_JINJA, function_range,
      "The integers from start to stop, stop excluded.",
      "{{ range(1, 10, 3) | list }} -> [1, 4, 7]" },
    { "dict", NULL, "items=none, **values", CALL_JINJA, make_map,
      "A map of keyword arguments, or of pairs.",
      "{{ dict(a=1, b=2) }} -> {'a': 1, 'b': 2}\n"
      "{{ dict([['a', 1]]) }} -> {'a': 1}" },
    { "namespace", NULL, "items=none, **values", CALL_JINJA, function_namespace,
      "An object whose attributes {% set %} can change, from within loops too.",
      "{% set n = namespace(found=0) %}{% for i in [1, 2, 3] %}{% set n.found = n.found + i %}{% "
      "endfor %}{{ n.found }} -> 6" },
    { "cycler", NULL, "*items", CALL_JINJA, function_cycler, "Gives its items in turn, by next().",
      "{% set row = cycler('odd', 'even') %}{% for i in [1, 2, 3] %}{{ row.next() }};{% endfor %} "
      "-> odd;even;odd;" },
    { "joiner", NULL, "separator:str=', '", CALL_JINJA, function_joiner,
      "Gives nothing when first called, then the separator.",
      "{% set comma = joiner(', ') %}{% for i in [1, 2, 3] %}{{ comma() }}{{ i }}{% endfor %} -> "
      "1, 2, 3" },
    { "lipsum", NULL, "n:int=5, html:bool=true, min:int=20, max:int=100", CALL_JINJA,
      function_lipsum,
      "Filler text: n paragraphs of at least min and less than max words, drawn anew each time. "
      "html=false: without <p>.",
      "{{ lipsum(n=2, html=false, min=5, max=6).split() | length }} -> 10\n"
      "{{ lipsum(1) is search('^<p>[A-Z][^<]+[.]</p>$') }} -> True" },
    { "lookup", NULL, "*terms, **options", CALL_UNKNOWN, function_lookup,
      "The result of a lookup, as text joined by commas where it is a list. wantlist=true gives "
      "the list; errors='warn' or 'ignore' gives null where it fails.",
      "{{ lookup('items', ['a', 'b']) }} -> a,b" },
    { "query", "q", "*terms, **options", CALL_UNKNOWN, function_query,
      "The result of a lookup as a list. errors= as for lookup.",
      "{{ query('items', ['a', 'b']) }} -> ['a', 'b']" },
    { "undef", NULL, "hint:str=none", 0, function_undef, "An undefined value.",
      "{{ undef(hint='set it in group_vars') is undefined }} -> True" },
    { "now", NULL, "utc:bool=false, fmt:str=none", 0, function_now, "The current time.",
      "{{ now().year > 2000 }} -> True" },
    { 0 },
};

/* ---- lazy maps ---- */

struct lazy {
    struct scope *scope;
    value raw;
};

static bool lazy_one(struct eval *eval, const struct lazy *lazy, value raw, value *ret)
{
    struct scope *outer = eval->scope;
    eval->scope = lazy->scope;
    bool ok = template_value(eval, raw, ret);
    eval->scope = outer;
    return ok;
}

static bool lazy_get(struct eval *eval, void *data, value key, value *ret)
{
    const struct lazy *lazy = data;
    value raw;
    *ret = (value){ .kind = VALUE_UNDEFINED };
    return !value_map_find(lazy->raw, key, &raw) || lazy_one(eval, lazy, raw, ret);
}

static bool lazy_iterate(struct eval *eval, void *data, value *ret_list)
{
    const struct lazy *lazy = data;
    struct list_builder keys = list_in(eval->arena);
    for (size_t i = 0; i < value_count(lazy->raw); i++) {
        list_add(&keys, value_map_key(lazy->raw, i));
    }
    *ret_list = list_seal(&keys);
    return true;
}

static bool lazy_length(struct eval *eval, void *data, size_t *ret)
{
    *ret = value_count(((const struct lazy *)data)->raw);
    return true;
}

static bool lazy_contains(struct eval *eval, void *data, value key, enum truth *ret)
{
    value ignored;
    *ret =
        value_map_find(((const struct lazy *)data)->raw, key, &ignored) ? TRUTH_TRUE : TRUTH_FALSE;
    return true;
}

static bool lazy_plain(struct eval *eval, void *data, value *ret)
{
    const struct lazy *lazy = data;
    struct map_builder map = map_in(eval->arena);
    for (size_t i = 0; i < value_count(lazy->raw); i++) {
        value v;
        if (!lazy_one(eval, lazy, value_map_value(lazy->raw, i), &v)) {
            return false;
        }
        map_set(&map, value_map_key(lazy->raw, i), v);
    }
    *ret = map_seal(&map);
    return true;
}

static void print_lazy(struct strbuf *out, const void *data, bool repr)
{
    strbuf_add(out,
               value_masked(out->arena, value_repr(out->arena, ((const struct lazy *)data)->raw)));
}

static const struct object_ops lazy_ops = { .get = lazy_get,
                                            .iterate = lazy_iterate,
                                            .length = lazy_length,
                                            .contains = lazy_contains,
                                            .plain = lazy_plain,
                                            .is_map = true };
static const struct object_type lazy_type = { .name = "dict",
                                              .print = print_lazy,
                                              .ops = &lazy_ops };

value lazy_map(struct arena *arena, struct scope *scope, value raw_map)
{
    struct lazy *lazy = NEW(arena, struct lazy);
    *lazy = (struct lazy){ scope, raw_map };
    return value_object(arena, &lazy_type, lazy);
}
