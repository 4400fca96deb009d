/*
 * object.h - what an evaluation can do with a value of kind VALUE_OBJECT. Rooms above make objects
 * of their own (hostvars, a lazily templated map); template/ has loop, namespace, macro, cycler ...
 */
#pragma once
#include "template/template.h"

struct call_args {
    const value *positional;
    size_t count;
    value keywords; /* a map; value_undefined when there are none */
    span at;
};

/* Each may be NULL: refused, with a diagnostic that names the type. */
struct object_ops {
    /* x[key] and x.key; *ret undefined when there is no such key. False only after a diagnostic. */
    bool (*get)(struct eval *eval, void *data, value key, value *ret);
    /* What iteration gives: for a map-like object its keys. */
    bool (*iterate)(struct eval *eval, void *data, value *ret_list);
    bool (*length)(struct eval *eval, void *data, size_t *ret);
    bool (*contains)(struct eval *eval, void *data, value key,
                     enum truth *ret); /* NULL: by iterating */
    bool (*call)(struct eval *eval, void *data, const struct call_args *args, value *ret);
    /* The same as an ordinary value, for output, filters and to_json: a list or map. */
    bool (*plain)(struct eval *eval, void *data, value *ret);
    /* What `iterate` gives are keys for `get`: a mapping, with keys(), values(), items(), get(). */
    bool is_map;
};

/* A map whose values are templated when they are used: `vars`, `hostvars[host]`. `scope` is the one
 * to evaluate them in and must live as long as the arena. */
value lazy_map(struct arena *arena, struct scope *scope, value raw_map);
