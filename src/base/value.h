/*
 * value.h - the data of playbooks: what YAML, JSON, templates, hosts and modules exchange.
 *
 * A value is 24 bytes, passed by value, and never changes once built; what it points to lives in
 * the arena it was built in and is shared freely, between threads too. Lists and maps are built by
 * a builder and then sealed.
 *
 * Types are Python's, since that is what playbooks were written against: 1 == 1.0 == true, a map
 * keeps the order of its keys, a tuple is not a list. Two are ours:
 *   undefined  a name, key or attribute that does not exist, and how it was written
 *   unknown    what only a real run can tell, in a dry run; may carry the known parts of a text
 *
 * Every value knows where it was written (at). A string also knows whether it may be compiled as a
 * template (trusted: written by the playbook's author; never what came from a host, a fact, a
 * lookup or a command), and which of its bytes are secret.
 */
#pragma once
#include "base/arena.h"
#include "base/source.h"

enum value_kind {
    VALUE_UNDEFINED,
    VALUE_UNKNOWN,
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT, /* 64 bits, or decimal digits of any length (value_is_big) */
    VALUE_FLOAT,
    VALUE_STR,
    VALUE_LIST,  /* a list or, with value_is_tuple, a tuple */
    VALUE_MAP,   /* keys: any scalar or tuple, ordered as written */
    VALUE_OBJECT /* what has a type of its own: dates, bytes, sets; functions during an evaluation
                  */
};

/* Bounds for everything read from outside; the parsers hold them, with a diagnostic. */
#define VALUE_MAX_DEPTH 256
#define VALUE_MAX_NODES                                                                            \
    10000000 /* values in one document, aliases counted as often as they are used */

enum value_flag {
    VALUE_FLAG_TRUSTED = 1, /* of a string: may be compiled as a template */
    VALUE_FLAG_TUPLE = 2,
    VALUE_FLAG_BIG = 4,
    VALUE_FLAG_BARE = 8,    /* of a string: a plain YAML scalar, unquoted; for hints only */
    VALUE_FLAG_SECRET = 32, /* of a number; strings have marks. 16 and 128: template/core.h */
    VALUE_FLAG_MARKUP = 64, /* of a string: safe HTML, as Jinja escaped it; its repr() says so */
};

/* Which bytes of a text are secret, or unknown. Sorted, disjoint, not empty. */
struct mark {
    uint32_t from, to; /* bytes [from, to) */
    enum mark_kind { MARK_SECRET = 1, MARK_UNKNOWN = 2 } kind;
};

struct text; /* the bytes of a string and its marks */
struct list;
struct map;
struct object_type;
struct strbuf;

typedef struct {
    uint8_t kind;  /* enum value_kind; read it by value_kind() */
    uint8_t flags; /* enum value_flag */
    span at;       /* where it was written; SPAN_NONE when made by the program */
    union {
        bool boolean;
        int64_t integer;
        double number;
        const struct text *text; /* VALUE_STR; VALUE_INT when big; VALUE_UNKNOWN: NULL, or the text
                                    with its known parts; VALUE_UNDEFINED: how it was written */
        const struct list *list;
        const struct map *map;
        const struct object *object;
    } as; /* private to base/ */
} value;

/* ---- making scalars ---- */

value value_undefined(struct arena *arena,
                      str what); /* what: "'x' is undefined", for the message */
value value_undefined_shared(struct arena *arena, str what); /* shares the bytes */
static inline value value_unknown(void);
static inline value value_null(void);
static inline value value_bool(bool b);
static inline value value_int(int64_t i);
static inline value value_float(double d);
value value_big(struct arena *arena, str digits); /* optional '-', decimal digits; becomes an
                                                     ordinary integer when 64 bits are enough */
value value_str(struct arena *arena, str s);      /* copies the bytes */
value value_str_shared(struct arena *arena,
                       str s); /* shares them: they live as long as the arena, a NUL behind them */
value value_secret(struct arena *arena, str s); /* all bytes are secret */
value value_marked(struct arena *arena, str s, const struct mark *marks,
                   size_t count); /* copies marks */

static inline value value_at(value v, span at)
{
    v.at = at;
    return v;
}
static inline value value_trusted(value v);   /* a string, marked as written by the author; deep for
                                   lists and maps   is value_trust_all() */
static inline value value_untrusted(value v); /* of a string; other kinds as they are */
value value_trust_all(struct arena *arena, value v); /* copies what has to change */
value value_untrust_all(struct arena *arena, value v);
/* Every string and number within becomes secret (no_log); keys of maps do not, they are names. */
value value_secret_all(struct arena *arena, value v);

/* ---- asking ---- */

static inline enum value_kind value_kind(value v)
{
    return (enum value_kind)v.kind;
}
static inline bool value_is(value v, enum value_kind kind)
{
    return v.kind == kind;
}
static inline bool value_is_defined(value v); /* anything but undefined */
static inline bool value_is_trusted(value v);
static inline bool value_is_big(value v);
static inline bool value_is_tuple(value v);
static inline bool value_has_secret(value v); /* it, or something within */
static inline bool value_is_secret_number(value v);
static inline bool value_has_unknown(value v); /* it, or something within */

static inline bool
value_as_bool(value v); /* of VALUE_BOOL; each of these is a BUG() on another kind */
static inline int64_t value_as_int(value v); /* of VALUE_INT, not big */
double value_as_float(value v);              /* of VALUE_FLOAT, or of any VALUE_INT or VALUE_BOOL */
static inline str value_as_str(value v);     /* of VALUE_STR; NUL-terminated behind its end */
str value_big_digits(value v);
static inline str value_undefined_what(value v);
bool value_unknown_text(value v,
                        value *ret); /* the text with its known parts as a string, if any */
const struct mark *value_marks(value v, size_t *ret_count); /* of a string or an unknown text */

/* Python's truth of a value; unknown for unknown. Undefined is a BUG(): ask first. */
enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN };
enum truth value_truth(value v);

/* Python's ==. Unknown when it depends on something unknown. */
enum truth value_equal(value a, value b);
/* Python's ordering: <0, 0, >0 in *ret. False when Python has no order for the two (str < int). */
bool value_compare(value a, value b, int *ret); /* NaN compares as 0 with any number */
uint64_t value_hash(value v);                   /* equal values hash alike: 1, 1.0 and true */
const char *
value_type_name(value v); /* in the user's words: "string", "list", "map", "integer" ... */
const char *value_python_type(value v); /* "str", "list", "dict", "int", "NoneType" ... */

/* ---- lists and maps ---- */

/* What tells a list, map or object from another that is equal; NULL for scalars. */
static inline const void *value_identity(value v)
{
    return v.kind == VALUE_LIST     ? (const void *)v.as.list
           : v.kind == VALUE_MAP    ? (const void *)v.as.map
           : v.kind == VALUE_OBJECT ? (const void *)v.as.object
                                    : NULL;
}

static inline size_t value_count(value v); /* items of a list, keys of a map */
static inline value value_item(value list, size_t index);
static inline const value *value_items(value list, size_t *ret_count);

static inline value
value_map_key(value map, size_t index); /* in order; its `at` is where the key was written */
static inline value value_map_value(value map, size_t index);
bool value_map_get(value map, str key, value *ret); /* by string key; constant time */
/* The same for those who keep the hash of a key that they look up often: str_hash(key). */
bool value_map_get_hashed(value map, str key, uint64_t hash, value *ret);
/* The same for those who look it up in many maps alike: *place says where it was found last, and is
 * looked at first. It may be shared between threads. */
bool value_map_get_near(value map, str key, uint64_t hash, uint32_t *place, value *ret);
bool value_map_find(value map, value key, value *ret); /* by any key, Python's equality */
/* In the first of several maps that has the key. */
bool value_maps_get(const value *maps, size_t count, str key, value *ret);
/* False: no key begins with these eight bytes. For those who look for many names that do. */
bool value_map_may_have_prefix(value map, str prefix);
value value_get(value map, str key); /* undefined (without a text) when missing or not a map */

struct list_builder {
    struct arena *arena;
    VEC(value) items;
    bool sealed;
};
struct list_builder list_in(struct arena *arena);
void list_add(struct list_builder *list, value v);
value list_seal(struct list_builder *list);
value tuple_seal(struct list_builder *list);
value value_list(struct arena *arena, const value *items, size_t count);
value value_tuple(struct arena *arena, const value *items, size_t count);

struct map_entry {
    value key, val;
};
struct map_builder {
    struct arena *arena;
    VEC(struct map_entry) entries;
    uint64_t keys;   /* see value_map.c, as for the index */
    uint32_t *index; /* hash table over entries, once there are more than a few */
    size_t index_size, indexed;
    bool sealed;
};
struct map_builder map_in(struct arena *arena);
struct map_builder map_with_room(struct arena *arena, size_t count); /* for so many entries */
struct map_builder map_from(struct arena *arena, value map);         /* starts with its entries */
void map_set(struct map_builder *map, value key, value v); /* a key that is there keeps its place */
void map_set_str(struct map_builder *map, str key, value v);
bool map_has(struct map_builder *map, value key, value *ret_key); /* ret_key: as first written */
bool map_find(struct map_builder *map, value key, value *ret);    /* what is under a key */
void map_remove(struct map_builder *map, value key);              /* costs a pass over the map */
value map_seal(struct map_builder *map);
/* The map `low` with the keys of `high` above; with `deep` maps that are in both are merged, too.
 */
value value_merge(struct arena *arena, value low, value high, bool deep);

/* ---- objects ---- */

/* What a type of object does, for printing; template/object.h adds what an evaluation can do with
 * it. */
struct object_type {
    const char *name; /* Python's name of the type */
    /* Append Python's str() or repr() of it. */
    void (*print)(struct strbuf *out, const void *data, bool repr);
    enum truth (*equal)(const void *a, const void *b);       /* NULL: identity */
    bool (*compare)(const void *a, const void *b, int *ret); /* NULL: no order */
    void *(*copy)(struct arena *arena, const void *data);    /* NULL: must not outlive its arena */
    const struct object_ops *ops;                            /* template/object.h; may be NULL */
};
struct object {
    const struct object_type *type;
    void *data;
};

value value_object(struct arena *arena, const struct object_type *type, void *data);
static inline const struct object_type *value_object_type(value v);
static inline void *value_object_data(value v);

/* ---- whole values ---- */

value value_copy(struct arena *arena,
                 value v); /* deep, into another arena; keeps at, trust, marks */

/* Python's str() and repr(), as strings whose secret bytes stay marked; unknown parts make the
 * result an unknown text. Undefined prints as "Undefined". */
value value_print(struct arena *arena, value v);
value value_repr(struct arena *arena, value v);
str float_repr(struct arena *arena, double d); /* shortest digits that read back, as Python */

/* For sinks: a value as value_print() has it, with secret ranges as "********" and unknown ones as
 * "(unknown)". */
#define SECRET_MASK "********"
str value_masked(struct arena *arena, value v);

#include "base/value_inline.h"
