/*
 * value_inline.h - the part of value.h that is asked so often, in templates above all, that a call
 * would cost more than the answer. Included by value.h alone; what the structs below hold is
 * private to base/ all the same.
 */
#pragma once
#include "base/bug.h"

struct text {
    str bytes; /* NUL-terminated behind its end */
    const struct mark *marks;
    size_t mark_count;
};

/* Lists and maps know what is within them, so that asking is cheap. */
enum contents {
    HAS_SECRET = MARK_SECRET,
    HAS_UNKNOWN = MARK_UNKNOWN,
    MAY_HAVE_TEMPLATE = 4 /* only of lists and maps; see value_may_have_template() */
};

struct list {
    const value *items;
    size_t count;
    unsigned contents; /* enum contents */
    value *own;        /* items, after value_change.c has added to them; with room for `room` */
    size_t room;
};

struct map {
    const struct map_entry *entries; /* in order */
    size_t count;
    const uint32_t *index; /* see value_map.c; NULL while there are few entries */
    size_t index_size;
    uint64_t keys;     /* the bits of its keys that are texts: see key_bit() in value_map.c */
    unsigned contents; /* enum contents */
    uint32_t heads;    /* the bits of how those begin: see head_bit() */
};

/* ---- making scalars ---- */

static inline value value_unknown(void)
{
    return (value){ .kind = VALUE_UNKNOWN };
}

static inline value value_null(void)
{
    return (value){ .kind = VALUE_NULL };
}

static inline value value_bool(bool b)
{
    return (value){ .kind = VALUE_BOOL, .as.boolean = b };
}

static inline value value_int(int64_t i)
{
    return (value){ .kind = VALUE_INT, .as.integer = i };
}

static inline value value_float(double d)
{
    return (value){ .kind = VALUE_FLOAT, .as.number = d };
}

static inline value value_trusted(value v)
{
    if (v.kind == VALUE_STR) {
        v.flags |= VALUE_FLAG_TRUSTED;
    }
    return v;
}

static inline value value_untrusted(value v)
{
    v.flags &= (uint8_t)~VALUE_FLAG_TRUSTED;
    return v;
}

/* ---- asking ---- */

static inline bool value_is_defined(value v)
{
    return v.kind != VALUE_UNDEFINED;
}

static inline bool value_is_trusted(value v)
{
    return (v.flags & VALUE_FLAG_TRUSTED) != 0;
}

static inline bool value_is_big(value v)
{
    return v.kind == VALUE_INT && (v.flags & VALUE_FLAG_BIG) != 0;
}

static inline bool value_is_tuple(value v)
{
    return v.kind == VALUE_LIST && (v.flags & VALUE_FLAG_TUPLE) != 0;
}

/* Strings and unknown texts have one; NULL for any other value, and for an unknown without known
 * parts. */
static inline const struct text *value_text(value v)
{
    return v.kind == VALUE_STR || v.kind == VALUE_UNKNOWN ? v.as.text : NULL;
}

static inline bool value_is_secret_number(value v)
{
    return (v.kind == VALUE_INT || v.kind == VALUE_FLOAT) && (v.flags & VALUE_FLAG_SECRET) != 0;
}

/* enum contents, of the value and of all within. */
static inline unsigned value_contents(value v)
{
    if (v.kind == VALUE_LIST) {
        return v.as.list->contents;
    }
    if (v.kind == VALUE_MAP) {
        return v.as.map->contents;
    }
    unsigned contents = v.kind == VALUE_UNKNOWN     ? HAS_UNKNOWN
                        : value_is_secret_number(v) ? HAS_SECRET
                                                    : 0;
    const struct text *text = value_text(v);
    for (size_t i = 0; text != NULL && i < text->mark_count; i++) {
        contents |= text->marks[i].kind;
    }
    return contents;
}

static inline bool value_has_secret(value v)
{
    return (value_contents(v) & HAS_SECRET) != 0;
}

static inline bool value_has_unknown(value v)
{
    return (value_contents(v) & HAS_UNKNOWN) != 0;
}

static inline bool value_may_have_template(value v)
{
    switch (v.kind) {
    case VALUE_STR:
        return value_is_trusted(v) && v.as.text->bytes.len > 0 &&
               (v.as.text->bytes.ptr[0] == '#' ||
                memchr(v.as.text->bytes.ptr, '{', v.as.text->bytes.len) != NULL);
    case VALUE_LIST:
    case VALUE_MAP:
        return (value_contents(v) & MAY_HAVE_TEMPLATE) != 0;
    default:
        return v.kind == VALUE_OBJECT;
    }
}

static inline bool value_as_bool(value v)
{
    BUG_ON(v.kind != VALUE_BOOL);
    return v.as.boolean;
}

static inline int64_t value_as_int(value v)
{
    BUG_ON(v.kind != VALUE_INT || value_is_big(v));
    return v.as.integer;
}

static inline str value_as_str(value v)
{
    BUG_ON(v.kind != VALUE_STR);
    return v.as.text->bytes;
}

static inline str value_undefined_what(value v)
{
    BUG_ON(v.kind != VALUE_UNDEFINED);
    return v.as.text != NULL ? v.as.text->bytes : STR_NONE;
}

static inline size_t value_count(value v)
{
    BUG_ON(v.kind != VALUE_LIST && v.kind != VALUE_MAP);
    return v.kind == VALUE_LIST ? v.as.list->count : v.as.map->count;
}

static inline value value_item(value list, size_t index)
{
    BUG_ON(list.kind != VALUE_LIST || index >= list.as.list->count);
    return list.as.list->items[index];
}

static inline const value *value_items(value list, size_t *ret_count)
{
    BUG_ON(list.kind != VALUE_LIST);
    *ret_count = list.as.list->count;
    return list.as.list->items;
}

static inline value value_map_key(value map, size_t index)
{
    BUG_ON(map.kind != VALUE_MAP || index >= map.as.map->count);
    return map.as.map->entries[index].key;
}

static inline value value_map_value(value map, size_t index)
{
    BUG_ON(map.kind != VALUE_MAP || index >= map.as.map->count);
    return map.as.map->entries[index].val;
}

/* ---- objects ---- */

static inline const struct object_type *value_object_type(value v)
{
    BUG_ON(v.kind != VALUE_OBJECT);
    return v.as.object->type;
}

static inline void *value_object_data(value v)
{
    BUG_ON(v.kind != VALUE_OBJECT);
    return v.as.object->data;
}
