/*
 * value_map.c - maps that keep the order of their keys.
 *
 * Entries lie in an array, in order. Beyond FEW entries an index is kept beside it: an open hash
 * table of slots of two words, the entry's number plus one (0: free) and 32 bits of the hash of its
 * key, so that growing it needs no key and a probe seldom compares one in vain. A builder lets the
 * index fall behind until somebody looks for a key that may be there.
 *
 * A bit is kept for each key that is a text: most names that are looked up in many maps are in none
 * of them, as most keys that are added to one are new, and that is known without comparing or
 * hashing any.
 */
#include <string.h>

#include "base/bug.h"
#include "base/value_private.h"

#define FEW       16
#define NOT_FOUND SIZE_MAX
#define MORE      3 /* who starts with a map seldom adds more to it */

/* What builders and sealed maps have in common, for looking up. */
struct table {
    const struct map_entry *entries;
    size_t count;
    const uint32_t *index;
    size_t index_size; /* slots, a power of two */
};

static inline uint64_t eight_bytes(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static inline uint32_t four_bytes(const char *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Of one length. Names are short: two words that overlap are compared sooner than memcmp() begins.
 */
static inline bool same_bytes(const char *a, const char *b, size_t len)
{
    if (len > 16) {
        return memcmp(a, b, len) == 0;
    }
    if (len >= 8) {
        return eight_bytes(a) == eight_bytes(b) &&
               eight_bytes(a + len - 8) == eight_bytes(b + len - 8);
    }
    if (len >= 4) {
        return four_bytes(a) == four_bytes(b) && four_bytes(a + len - 4) == four_bytes(b + len - 4);
    }
    return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1]);
}

static inline bool is_text(value key, str text)
{
    return key.kind == VALUE_STR && key.as.text->bytes.len == text.len &&
           same_bytes(key.as.text->bytes.ptr, text.ptr, text.len);
}

static bool same_key(value a, value b)
{
    if (a.kind == VALUE_STR && b.kind == VALUE_STR) {
        return is_text(a, b.as.text->bytes);
    }
    return value_equal(a, b) == TRUTH_TRUE;
}

static size_t lookup(struct table table, value key)
{
    if (table.index == NULL) {
        for (size_t i = 0; i < table.count; i++) {
            if (same_key(table.entries[i].key, key)) {
                return i;
            }
        }
        return NOT_FOUND;
    }
    uint32_t hash = (uint32_t)value_hash(key);
    size_t last = table.index_size - 1;
    for (size_t slot = hash & last;; slot = (slot + 1) & last) {
        const uint32_t *entry = table.index + 2 * slot;
        if (entry[0] == 0) {
            return NOT_FOUND;
        }
        if (entry[1] == hash && same_key(table.entries[entry[0] - 1].key, key)) {
            return entry[0] - 1;
        }
    }
}

/* One of 64, by what names differ in: the length, the middle, the end. */
static inline uint64_t key_bit(str key)
{
    if (key.len == 0) {
        return 1;
    }
    const unsigned char *bytes = (const unsigned char *)key.ptr;
    return (uint64_t)1 << ((key.len + 5u * bytes[key.len - 1] + 11u * bytes[key.len / 2]) & 63);
}

/* One of 32, by the first eight bytes, of a key that has so many. */
static inline uint32_t head_bit(str key)
{
    return key.len < 8 ? 0 : 1u << (eight_bytes(key.ptr) * 0x9E3779B97F4A7C15u >> 59);
}

/* lookup() for a key that is a text whose hash is known. */
static const struct map_entry *lookup_text(const struct map *map, str key, uint64_t hash64)
{
    if (map->index == NULL) {
        for (size_t i = 0; i < map->count; i++) {
            const struct map_entry *entry = &map->entries[i];
            if (is_text(entry->key, key)) {
                return entry;
            }
        }
        return NULL;
    }
    uint32_t hash = (uint32_t)hash64;
    for (size_t slot = hash & (map->index_size - 1);; slot = (slot + 1) & (map->index_size - 1)) {
        const uint32_t *number = map->index + 2 * slot;
        if (number[0] == 0) {
            return NULL;
        }
        const struct map_entry *entry = &map->entries[number[0] - 1];
        if (number[1] == hash && is_text(entry->key, key)) {
            return entry;
        }
    }
}

static struct table sealed_table(const struct map *map)
{
    return (struct table){ map->entries, map->count, map->index, map->index_size };
}

/* ---- building ---- */

struct map_builder map_in(struct arena *arena)
{
    return (struct map_builder){ .arena = arena };
}

struct map_builder map_with_room(struct arena *arena, size_t count)
{
    struct map_builder map = map_in(arena);
    map.entries.items = arena_alloc_unset(arena, count * sizeof *map.entries.items);
    map.entries.cap = count;
    return map;
}

static void index_insert(uint32_t *index, size_t size, uint32_t number, uint32_t hash)
{
    size_t slot = hash & (size - 1);
    while (index[2 * slot] != 0) {
        slot = (slot + 1) & (size - 1);
    }
    index[2 * slot] = number;
    index[2 * slot + 1] = hash;
}

/* A table of such a size, with what the old one holds. */
static void index_resize(struct map_builder *map, size_t size)
{
    uint32_t *index = NEW_ARRAY(map->arena, uint32_t, 2 * size);
    for (size_t slot = 0; slot < map->index_size; slot++) {
        if (map->index[2 * slot] != 0) {
            index_insert(index, size, map->index[2 * slot], map->index[2 * slot + 1]);
        }
    }
    map->index = index;
    map->index_size = size;
}

/* Make all entries known to the index, if there is need of one. */
static void index_catch_up(struct map_builder *map)
{
    size_t count = map->entries.len, size = map->index_size;
    if (count <= FEW || map->indexed == count) {
        return;
    }
    BUG_ON(count > UINT32_MAX / 4);
    while (count > size / 4 * 3) {
        size = size == 0 ? 2 * FEW : 2 * size;
    }
    if (size != map->index_size) {
        index_resize(map, size);
    }
    for (; map->indexed < count; map->indexed++) {
        uint32_t hash = (uint32_t)value_hash(map->entries.items[map->indexed].key);
        index_insert(map->index, size, (uint32_t)map->indexed + 1, hash);
    }
}

struct map_builder map_from(struct arena *arena, value source)
{
    BUG_ON(!value_is(source, VALUE_MAP));
    const struct map *map = source.as.map;
    struct map_builder copy = map_with_room(arena, map->count + MORE);
    if (map->count > 0) {
        memcpy(copy.entries.items, map->entries, map->count * sizeof *map->entries);
        copy.entries.len = map->count;
    }
    if (map->index != NULL) {
        copy.index_size = map->index_size;
        copy.index = NEW_ARRAY(arena, uint32_t, 2 * map->index_size);
        memcpy(copy.index, map->index, 2 * map->index_size * sizeof *map->index);
        copy.indexed = map->count;
    }
    copy.keys = map->keys;
    return copy;
}

/* The entry's number, or NOT_FOUND. */
static size_t find(struct map_builder *map, value key)
{
    if (value_is(key, VALUE_STR) && (map->keys & key_bit(key.as.text->bytes)) == 0) {
        return NOT_FOUND;
    }
    index_catch_up(map);
    return lookup(
        (struct table){ map->entries.items, map->entries.len, map->index, map->index_size }, key);
}

void map_set(struct map_builder *map, value key, value v)
{
    BUG_ON(map->sealed);
    size_t found = find(map, key);
    if (found != NOT_FOUND) {
        map->entries.items[found].val = v;
        return;
    }
    map->keys |= value_is(key, VALUE_STR) ? key_bit(key.as.text->bytes) : 0;
    *VEC_PUSH(map->arena, &map->entries) = (struct map_entry){ key, v };
}

void map_set_str(struct map_builder *map, str key, value v)
{
    map_set(map, value_str(map->arena, key), v);
}

bool map_has(struct map_builder *map, value key, value *ret_key)
{
    size_t found = find(map, key);
    if (found != NOT_FOUND && ret_key != NULL) {
        *ret_key = map->entries.items[found].key;
    }
    return found != NOT_FOUND;
}

bool map_find(struct map_builder *map, value key, value *ret)
{
    size_t found = find(map, key);
    if (found != NOT_FOUND) {
        *ret = map->entries.items[found].val;
    }
    return found != NOT_FOUND;
}

void map_remove(struct map_builder *map, value key)
{
    BUG_ON(map->sealed);
    size_t found = find(map, key);
    if (found == NOT_FOUND) {
        return;
    }
    struct map_entry *entries = map->entries.items;
    memmove(entries + found, entries + found + 1, (map->entries.len - found - 1) * sizeof *entries);
    map->entries.len--;
    map->index = NULL; /* its numbers are wrong from here on */
    map->index_size = map->indexed = 0;
}

value map_seal(struct map_builder *builder)
{
    BUG_ON(builder->sealed);
    builder->sealed = true;
    index_catch_up(builder);
    struct map *map = NEW(builder->arena, struct map);
    *map = (struct map){ .entries = builder->entries.items,
                         .count = builder->entries.len,
                         .index = builder->index,
                         .index_size = builder->index_size,
                         .keys = builder->keys };
    for (size_t i = 0; i < map->count; i++) {
        value key = map->entries[i].key;
        map->contents |= contents_of_item(key) | contents_of_item(map->entries[i].val);
        map->heads |= value_is(key, VALUE_STR) ? head_bit(key.as.text->bytes) : 0;
    }
    return (value){ .kind = VALUE_MAP, .as.map = map };
}

/* ---- asking ---- */

bool value_map_find(value map, value key, value *ret)
{
    BUG_ON(!value_is(map, VALUE_MAP));
    size_t found = lookup(sealed_table(map.as.map), key);
    if (found != NOT_FOUND) {
        *ret = map.as.map->entries[found].val;
    }
    return found != NOT_FOUND;
}

bool value_map_get_hashed(value map, str key, uint64_t hash, value *ret)
{
    BUG_ON(!value_is(map, VALUE_MAP));
    const struct map_entry *entry =
        (map.as.map->keys & key_bit(key)) != 0 ? lookup_text(map.as.map, key, hash) : NULL;
    if (entry != NULL) {
        *ret = entry->val;
    }
    return entry != NULL;
}

bool value_map_get_near(value map, str key, uint64_t hash, uint32_t *place, value *ret)
{
    BUG_ON(!value_is(map, VALUE_MAP));
    const struct map *entries = map.as.map;
    uint32_t guess = __atomic_load_n(place, __ATOMIC_RELAXED);
    const struct map_entry *entry = guess < entries->count ? &entries->entries[guess] : NULL;
    if (entry == NULL || !is_text(entry->key, key)) {
        entry = lookup_text(entries, key, hash);
        if (entry == NULL) {
            return false;
        }
        __atomic_store_n(place, (uint32_t)(entry - entries->entries), __ATOMIC_RELAXED);
    }
    *ret = entry->val;
    return true;
}

bool value_map_get(value map, str key, value *ret)
{
    BUG_ON(!value_is(map, VALUE_MAP));
    if ((map.as.map->keys & key_bit(key)) == 0) {
        return false;
    }
    uint64_t hash = map.as.map->index != NULL ? str_hash(key) : 0;
    return value_map_get_hashed(map, key, hash, ret);
}

bool value_maps_get(const value *maps, size_t count, str key, value *ret)
{
    uint64_t hash = 0, bit = key_bit(key);
    bool hashed = false; /* not before a map has an index */
    for (size_t i = 0; i < count; i++) {
        BUG_ON(!value_is(maps[i], VALUE_MAP));
        const struct map *map = maps[i].as.map;
        if ((map->keys & bit) == 0) {
            continue;
        }
        if (map->index != NULL && !hashed) {
            hash = str_hash(key);
            hashed = true;
        }
        const struct map_entry *entry = lookup_text(map, key, hash);
        if (entry != NULL) {
            *ret = entry->val;
            return true;
        }
    }
    return false;
}

bool value_map_may_have_prefix(value map, str prefix)
{
    BUG_ON(!value_is(map, VALUE_MAP) || prefix.len != 8);
    return (map.as.map->heads & head_bit(prefix)) != 0;
}

value value_get(value map, str key)
{
    value found = { .kind = VALUE_UNDEFINED };
    if (value_is(map, VALUE_MAP)) {
        value_map_get(map, key, &found);
    }
    return found;
}

value value_merge(struct arena *arena, value low, value high, bool deep)
{
    struct map_builder map = map_from(arena, low);
    for (size_t i = 0; i < value_count(high); i++) {
        value key = value_map_key(high, i), v = value_map_value(high, i), old;
        if (deep && value_is(v, VALUE_MAP) && value_map_find(low, key, &old) &&
            value_is(old, VALUE_MAP)) {
            v = value_at(value_merge(arena, old, v, true), v.at);
        }
        map_set(&map, key, v);
    }
    return map_seal(&map);
}
