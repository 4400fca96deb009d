/*
 * unknown.c - the result of something that a dry run did not do: it is defined, `is skipped` is
 * true, and everything else of it is unknown.
 */
#include "engine/item.h"

#include "base/strbuf.h"
#include "template/object.h"

static bool unknown_get(struct eval *eval, void *data, value key, value *ret)
{
    bool skipped = value_is(key, VALUE_STR) && str_eq(value_as_str(key), S("skipped"));
    *ret = skipped ? value_bool(true) : value_unknown();
    return true;
}

static bool unknown_plain(struct eval *eval, void *data, value *ret)
{
    const str *why = data;
    struct map_builder map = map_in(eval->arena);
    map_set_str(&map, S("changed"), value_unknown());
    map_set_str(&map, S("skipped"), value_bool(true));
    map_set_str(&map, S("msg"), value_str(eval->arena, *why));
    *ret = map_seal(&map);
    return true;
}

static void unknown_print(struct strbuf *out, const void *data, bool repr)
{
    strbuf_add(out, S("(unknown)"));
}

static void *unknown_copy(struct arena *arena, const void *data)
{
    str *copy = NEW(arena, str);
    *copy = str_copy(arena, *(const str *)data);
    return copy;
}

static const struct object_ops unknown_ops = { .get = unknown_get, .plain = unknown_plain };

static const struct object_type unknown_type = {
    .name = "result of a dry run",
    .print = unknown_print,
    .copy = unknown_copy,
    .ops = &unknown_ops,
};

value unknown_result(struct arena *arena, str why)
{
    str *reason = NEW(arena, str);
    *reason = why;
    return value_object(arena, &unknown_type, reason);
}
