/*
 * scope_object.c - a scope seen from outside: by name, and as an object.
 */
#include "template/core.h"
#include "template/object.h"
#include "template/scope.h"

bool scope_has(const struct scope *scope, str name)
{
    value raw;
    return value_maps_get(scope->layers, scope->count, name, &raw);
}

/* A name is an expression too, and compiled once per run like all others. */
bool scope_get(struct eval *eval, str name, value *ret)
{
    const struct scope *scope = eval->scope;
    if (!value_maps_get(scope->layers, scope->count, name, ret)) {
        *ret = value_undefined(eval->arena, STR_EMPTY);
        return true;
    }
    if (!value_may_have_template(*ret)) {
        *ret = value_untrust_all(eval->arena, *ret);
        return true;
    }
    value expression = value_trusted(value_str(eval->arena, name));
    return template_expression(eval, expression, ret);
}

/* The same evaluation, depth and steps counted on, with the names of another scope. */
static struct eval within(struct eval *eval, void *scope)
{
    eval_state(eval);
    struct eval inner = *eval;
    inner.scope = scope;
    return inner;
}

static bool object_get(struct eval *eval, void *data, value key, value *ret)
{
    struct eval inner = within(eval, data);
    if (!value_is(key, VALUE_STR)) {
        *ret = value_undefined(eval->arena, STR_EMPTY);
        return true;
    }
    struct diag_mark mark = diags_mark(eval);
    bool ok = scope_get(&inner, value_as_str(key), ret);
    if (!ok && inner.failure == TEMPLATE_UNDEFINED) {
        *ret = undefined_variable(&inner, mark);
        ok = true;
    }
    eval->failure = inner.failure;
    return ok;
}

static value names_of(struct eval *eval, void *data)
{
    struct eval inner = within(eval, data);
    size_t count;
    const str *names = scope_names(&inner, &count);
    struct map_builder seen = map_in(eval->arena);
    struct list_builder list = list_in(eval->arena);
    for (size_t i = 0; i < count; i++) {
        value name = value_str(eval->arena, names[i]);
        if (scope_has(data, names[i]) && !map_has(&seen, name, NULL)) {
            map_set(&seen, name, value_null());
            list_add(&list, name);
        }
    }
    return list_seal(&list);
}

static bool object_iterate(struct eval *eval, void *data, value *ret_list)
{
    *ret_list = names_of(eval, data);
    return true;
}

static bool object_length(struct eval *eval, void *data, size_t *ret)
{
    *ret = value_count(names_of(eval, data));
    return true;
}

static bool object_contains(struct eval *eval, void *data, value key, enum truth *ret)
{
    bool has = value_is(key, VALUE_STR) && scope_has(data, value_as_str(key));
    *ret = has ? TRUTH_TRUE : TRUTH_FALSE;
    return true;
}

static bool object_plain(struct eval *eval, void *data, value *ret)
{
    value names = names_of(eval, data);
    struct map_builder map = map_in(eval->arena);
    for (size_t i = 0; i < value_count(names); i++) {
        value name = value_item(names, i), v;
        if (!object_get(eval, data, name, &v)) {
            return false;
        }
        if (!value_is(v, VALUE_UNDEFINED)) {
            map_set(&map, name, v);
        }
    }
    *ret = map_seal(&map);
    return true;
}

static void object_print(struct strbuf *out, const void *data, bool repr)
{
    strbuf_add(out, S("<variables>"));
}

static const struct object_ops scope_ops = {
    .get = object_get,
    .iterate = object_iterate,
    .length = object_length,
    .contains = object_contains,
    .plain = object_plain,
    .is_map = true,
};

static const struct object_type scope_type = {
    .name = "HostVarsVars",
    .print = object_print,
    .ops = &scope_ops,
};

value scope_object(struct arena *arena, struct scope *scope)
{
    return value_object(arena, &scope_type, scope);
}
