/* value.c - making values, asking them, copying them. */
#include "base/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/strbuf.h"
#include "base/value_each.h"
#include "base/value_private.h"

/* ---- making scalars ---- */

static const struct text *text_new(struct arena *arena, str bytes)
{
    struct text *text = NEW(arena, struct text);
    text->bytes = bytes;
    return text;
}

/* The bytes are copied, to where the text is. */
static struct text *text_with(struct arena *arena, str bytes)
{
    struct text *text = arena_alloc_unset(arena, sizeof *text + bytes.len + 1);
    char *copy = (char *)(text + 1);
    if (bytes.len > 0) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    copy[bytes.len] = '\0';
    *text = (struct text){ .bytes = { copy, bytes.len } };
    return text;
}

value value_undefined(struct arena *arena, str what)
{
    return value_undefined_shared(arena, str_copy(arena, what));
}

value value_undefined_shared(struct arena *arena, str what)
{
    return (value){ .kind = VALUE_UNDEFINED, .as.text = text_new(arena, what) };
}

value value_big(struct arena *arena, str digits)
{
    bool negative = str_starts(digits, S("-"));
    str rest = str_part(digits, negative ? 1 : 0, digits.len);
    while (rest.len > 1 && rest.ptr[0] == '0') {
        rest = str_part(rest, 1, rest.len);
    }
    BUG_ON(rest.len == 0 || strspn(str_c(arena, rest), "0123456789") != rest.len);
    str plain = str_concat(arena, negative ? S("-") : S(""), rest);
    int64_t small = 0;
    if (str_to_int64(plain, &small)) {
        return value_int(small);
    }
    return (value){ .kind = VALUE_INT, .flags = VALUE_FLAG_BIG, .as.text = text_new(arena, plain) };
}

value value_str(struct arena *arena, str s)
{
    return (value){ .kind = VALUE_STR, .as.text = text_with(arena, s) };
}

value value_str_shared(struct arena *arena, str s)
{
    return (value){ .kind = VALUE_STR, .as.text = text_new(arena, s) };
}

value value_of_text(struct arena *arena, str bytes, const struct mark *marks, size_t count)
{
    struct text *text = NEW(arena, struct text);
    *text = (struct text){ bytes, marks, count };
    value v = { .kind = VALUE_STR, .as.text = text };
    if ((value_contents(v) & HAS_UNKNOWN) != 0) {
        v.kind = VALUE_UNKNOWN;
    }
    return v;
}

value value_marked(struct arena *arena, str s, const struct mark *marks, size_t count)
{
    BUG_ON(s.len > UINT32_MAX);
    struct mark *copy = NEW_ARRAY(arena, struct mark, count);
    size_t behind = 0; /* the end of the mark before */
    for (size_t i = 0; i < count; i++) {
        BUG_ON(marks[i].from < behind || marks[i].to <= marks[i].from || marks[i].to > s.len);
        behind = marks[i].to;
        copy[i] = marks[i];
    }
    return value_of_text(arena, str_copy(arena, str_is_none(s) ? STR_EMPTY : s), copy, count);
}

value value_secret(struct arena *arena, str s)
{
    BUG_ON(s.len > UINT32_MAX);
    struct mark all = { 0, (uint32_t)s.len, MARK_SECRET };
    return value_marked(arena, s, &all, s.len > 0 ? 1 : 0);
}

value value_object(struct arena *arena, const struct object_type *type, void *data)
{
    struct object *object = NEW(arena, struct object);
    *object = (struct object){ type, data };
    return (value){ .kind = VALUE_OBJECT, .as.object = object };
}

/* ---- asking ---- */

double value_as_float(value v)
{
    if (v.kind == VALUE_FLOAT) {
        return v.as.number;
    }
    if (v.kind == VALUE_BOOL) {
        return v.as.boolean ? 1.0 : 0.0;
    }
    BUG_ON(v.kind != VALUE_INT);
    return value_is_big(v) ? strtod(v.as.text->bytes.ptr, NULL) : (double)v.as.integer;
}

str value_big_digits(value v)
{
    BUG_ON(!value_is_big(v));
    return v.as.text->bytes;
}

bool value_unknown_text(value v, value *ret)
{
    if (v.kind != VALUE_UNKNOWN || v.as.text == NULL) {
        return false;
    }
    v.kind = VALUE_STR;
    *ret = v;
    return true;
}

const struct mark *value_marks(value v, size_t *ret_count)
{
    const struct text *text = value_text(v);
    *ret_count = text != NULL ? text->mark_count : 0;
    return text != NULL ? text->marks : NULL;
}

const char *value_type_name(value v)
{
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
        return "undefined";
    case VALUE_UNKNOWN:
        return "unknown";
    case VALUE_NULL:
        return "null";
    case VALUE_BOOL:
        return "boolean";
    case VALUE_INT:
        return "integer";
    case VALUE_FLOAT:
        return "float";
    case VALUE_STR:
        return "string";
    case VALUE_LIST:
        return value_is_tuple(v) ? "tuple" : "list";
    case VALUE_MAP:
        return "map";
    case VALUE_OBJECT:
        return v.as.object->type->name;
    }
    BUG("value of kind %d", v.kind);
}

const char *value_python_type(value v)
{
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
        return "Undefined";
    case VALUE_UNKNOWN:
        return "unknown";
    case VALUE_NULL:
        return "NoneType";
    case VALUE_BOOL:
        return "bool";
    case VALUE_INT:
        return "int";
    case VALUE_FLOAT:
        return "float";
    case VALUE_STR:
        return "str";
    case VALUE_LIST:
        return value_is_tuple(v) ? "tuple" : "list";
    case VALUE_MAP:
        return "dict";
    case VALUE_OBJECT:
        return v.as.object->type->name;
    }
    BUG("value of kind %d", v.kind);
}

/* ---- lists ---- */

struct list_builder list_in(struct arena *arena)
{
    return (struct list_builder){ .arena = arena };
}

void list_add(struct list_builder *list, value v)
{
    BUG_ON(list->sealed);
    *VEC_PUSH(list->arena, &list->items) = v;
}

static value list_of(struct arena *arena, const value *items, size_t count, uint8_t flags)
{
    struct list *list = NEW(arena, struct list);
    *list = (struct list){ .items = items, .count = count };
    for (size_t i = 0; i < count; i++) {
        list->contents |= contents_of_item(items[i]);
    }
    return (value){ .kind = VALUE_LIST, .flags = flags, .as.list = list };
}

value list_seal(struct list_builder *list)
{
    BUG_ON(list->sealed);
    list->sealed = true;
    return list_of(list->arena, list->items.items, list->items.len, 0);
}

value tuple_seal(struct list_builder *list)
{
    value sealed = list_seal(list);
    sealed.flags = VALUE_FLAG_TUPLE;
    return sealed;
}

static const value *copy_items(struct arena *arena, const value *items, size_t count)
{
    value *copy = NEW_ARRAY(arena, value, count);
    if (count > 0) {
        memcpy(copy, items, count * sizeof *items);
    }
    return copy;
}

value value_list(struct arena *arena, const value *items, size_t count)
{
    return list_of(arena, copy_items(arena, items, count), count, 0);
}

value value_tuple(struct arena *arena, const value *items, size_t count)
{
    return list_of(arena, copy_items(arena, items, count), count, VALUE_FLAG_TUPLE);
}

/* ---- trust and secrecy ---- */

/* A change to each scalar within a value; what it leaves alone is shared, not copied. */
struct change {
    struct arena *arena;
    value (*scalar)(struct arena *arena, value v);
    bool keys; /* also to the keys of maps */
};

static bool is_same(value a, value b)
{
    return a.kind == b.kind && a.flags == b.flags && a.as.integer == b.as.integer;
}

static value change_all(const struct change *change, value v);

static value change_list(const struct change *change, value v)
{
    const struct list *list = v.as.list;
    value *items = NULL; /* made when the first item differs */
    for (size_t i = 0; i < list->count; i++) {
        value changed = change_all(change, list->items[i]);
        if (items == NULL && !is_same(changed, list->items[i])) {
            items = NEW_ARRAY(change->arena, value, list->count);
            memcpy(items, list->items, list->count * sizeof *items);
        }
        if (items != NULL) {
            items[i] = changed;
        }
    }
    if (items == NULL) {
        return v;
    }
    return value_at(list_of(change->arena, items, list->count, v.flags), v.at);
}

static value change_map(const struct change *change, value v)
{
    const struct map *map = v.as.map;
    struct map_entry *entries = NULL;
    unsigned contents = 0;
    for (size_t i = 0; i < map->count; i++) {
        struct map_entry old = map->entries[i];
        struct map_entry new = { change->keys ? change_all(change, old.key) : old.key,
                                 change_all(change, old.val) };
        if (entries == NULL && (!is_same(old.key, new.key) || !is_same(old.val, new.val))) {
            entries = NEW_ARRAY(change->arena, struct map_entry, map->count);
            memcpy(entries, map->entries, map->count * sizeof *entries);
        }
        if (entries != NULL) {
            entries[i] = new;
        }
        contents |= contents_of_item(new.key) | contents_of_item(new.val);
    }
    if (entries == NULL) {
        return v;
    }
    struct map *changed = NEW(change->arena, struct map);
    *changed = *map; /* equal keys in the same order: the index still holds */
    changed->entries = entries;
    changed->contents = contents;
    v.as.map = changed;
    return v;
}

static value change_all(const struct change *change, value v)
{
    if (v.kind == VALUE_LIST) {
        return change_list(change, v);
    }
    return v.kind == VALUE_MAP ? change_map(change, v) : change->scalar(change->arena, v);
}

static value trust_one(struct arena *arena, value v)
{
    (void)arena;
    return value_trusted(v);
}

static value untrust_one(struct arena *arena, value v)
{
    (void)arena;
    return value_untrusted(v);
}

/* Bytes that are unknown already stay so: what is unknown is not shown either. */
static value secret_one(struct arena *arena, value v)
{
    const struct text *text = value_text(v);
    if (v.kind == VALUE_INT || v.kind == VALUE_FLOAT) {
        v.flags |= VALUE_FLAG_SECRET;
    }
    if (text == NULL || text->bytes.len == 0) {
        return v;
    }
    BUG_ON(text->bytes.len > UINT32_MAX);
    VEC(struct mark) marks = { 0 };
    uint32_t done = 0;
    for (size_t i = 0; i < text->mark_count; i++) {
        struct mark old = text->marks[i];
        if (old.kind != MARK_UNKNOWN) {
            continue;
        }
        if (old.from > done) {
            *VEC_PUSH(arena, &marks) = (struct mark){ done, old.from, MARK_SECRET };
        }
        *VEC_PUSH(arena, &marks) = old;
        done = old.to;
    }
    if (done < text->bytes.len) {
        *VEC_PUSH(arena, &marks) = (struct mark){ done, (uint32_t)text->bytes.len, MARK_SECRET };
    }
    value secret = value_of_text(arena, text->bytes, marks.items, marks.len);
    secret.flags = v.flags;
    return value_at(secret, v.at);
}

value value_trust_all(struct arena *arena, value v)
{
    return change_all(&(struct change){ arena, trust_one, true }, v);
}

value value_untrust_all(struct arena *arena, value v)
{
    return change_all(&(struct change){ arena, untrust_one, true }, v);
}

value value_secret_all(struct arena *arena, value v)
{
    return change_all(&(struct change){ arena, secret_one, false }, v);
}

value value_each(struct arena *arena, value v, value (*scalar)(struct arena *arena, value v))
{
    return change_all(&(struct change){ arena, scalar, false }, v);
}

/* ---- copying ---- */

static const struct text *copy_text(struct arena *arena, const struct text *text)
{
    if (text == NULL) {
        return NULL;
    }
    struct text *copy = text_with(arena, text->bytes);
    if (str_is_none(text->bytes)) {
        copy->bytes = STR_NONE;
    }
    if (text->mark_count > 0) {
        struct mark *marks = NEW_ARRAY(arena, struct mark, text->mark_count);
        memcpy(marks, text->marks, text->mark_count * sizeof *marks);
        copy->marks = marks;
        copy->mark_count = text->mark_count;
    }
    return copy;
}

static const struct list *copy_list(struct arena *arena, const struct list *list)
{
    value *items = NEW_ARRAY(arena, value, list->count);
    for (size_t i = 0; i < list->count; i++) {
        items[i] = value_copy(arena, list->items[i]);
    }
    struct list *copy = NEW(arena, struct list);
    *copy = (struct list){ items, list->count, list->contents };
    return copy;
}

static const struct map *copy_map(struct arena *arena, const struct map *map)
{
    struct map_entry *entries = NEW_ARRAY(arena, struct map_entry, map->count);
    for (size_t i = 0; i < map->count; i++) {
        entries[i].key = value_copy(arena, map->entries[i].key);
        entries[i].val = value_copy(arena, map->entries[i].val);
    }
    struct map *copy = NEW(arena, struct map);
    *copy = *map;
    copy->entries = entries;
    if (map->index != NULL) {
        uint32_t *index = NEW_ARRAY(arena, uint32_t, 2 * map->index_size);
        memcpy(index, map->index, 2 * map->index_size * sizeof *index);
        copy->index = index;
    }
    return copy;
}

static const struct object *copy_object(struct arena *arena, const struct object *object)
{
    if (object->type->copy == NULL) {
        BUG("'%s' must not outlive its arena", object->type->name);
    }
    struct object *copy = NEW(arena, struct object);
    *copy = (struct object){ object->type, object->type->copy(arena, object->data) };
    return copy;
}

value value_copy(struct arena *arena, value v)
{
    switch (value_kind(v)) {
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_FLOAT:
        break;
    case VALUE_INT:
        if (value_is_big(v)) {
            v.as.text = copy_text(arena, v.as.text);
        }
        break;
    case VALUE_UNDEFINED:
    case VALUE_UNKNOWN:
    case VALUE_STR:
        v.as.text = copy_text(arena, v.as.text);
        break;
    case VALUE_LIST:
        v.as.list = copy_list(arena, v.as.list);
        break;
    case VALUE_MAP:
        v.as.map = copy_map(arena, v.as.map);
        break;
    case VALUE_OBJECT:
        v.as.object = copy_object(arena, v.as.object);
        break;
    }
    return v;
}
