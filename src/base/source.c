/* source.c - the texts of a run, one behind the other in one space of positions. */
#include "base/source.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/utf8.h"

struct entry {
    struct source source;
    uint32_t *lines; /* offset of the first byte of each line; NULL until somebody asks */
    size_t line_count;
};

struct source_map {
    pthread_mutex_t lock; /* guards all below, and the line tables of the entries */
    struct arena *arena;
    VEC(struct entry *) entries; /* by rising start */
    uint32_t next;               /* first free position */
};

struct source_map *source_map_new(void)
{
    struct arena *arena = arena_new("sources");
    struct source_map *map = NEW(arena, struct source_map);
    BUG_ON(pthread_mutex_init(&map->lock, NULL) != 0);
    map->arena = arena;
    map->next = 1; /* 0 is nowhere */
    return map;
}

void source_map_free(struct source_map *map)
{
    if (map != NULL) {
        pthread_mutex_destroy(&map->lock);
        arena_free(map->arena); /* the map lives in it */
    }
}

static const struct source *add(struct source_map *map, str name, str text, bool secret)
{
    pthread_mutex_lock(&map->lock);
    struct entry *entry = NULL;
    if (text.len < UINT32_MAX - map->next) {
        entry = NEW(map->arena, struct entry);
        entry->source = (struct source){ .name = str_copy(map->arena, name),
                                         .text = str_copy(map->arena, text),
                                         .start = map->next,
                                         .secret = secret };
        map->next += (uint32_t)text.len + 1; /* the place behind the last byte is its own, too */
        *VEC_PUSH(map->arena, &map->entries) = entry;
    }
    pthread_mutex_unlock(&map->lock);
    return entry != NULL ? &entry->source : NULL;
}

const struct source *source_add(struct source_map *map, str name, str text)
{
    return add(map, name, text, false);
}

const struct source *source_add_secret(struct source_map *map, str name, str text)
{
    return add(map, name, text, true);
}

static struct entry *find_entry(struct source_map *map, uint32_t pos)
{
    size_t low = 0, high = map->entries.len; /* the last entry that starts at or before pos */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (map->entries.items[middle]->source.start <= pos) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? map->entries.items[low - 1] : NULL;
}

void source_hide(struct source_map *map, const struct source *source)
{
    pthread_mutex_lock(&map->lock);
    find_entry(map, source->start)->source.secret = true;
    pthread_mutex_unlock(&map->lock);
}

static void make_line_table(struct source_map *map, struct entry *entry)
{
    str text = entry->source.text;
    size_t count = 1;
    for (size_t at = 0; (at = str_find_char(text, '\n', at)) != STR_NPOS; at++) {
        count++;
    }
    entry->lines = NEW_ARRAY(map->arena, uint32_t, count);
    for (size_t at = 0, line = 1; (at = str_find_char(text, '\n', at)) != STR_NPOS; at++) {
        entry->lines[line++] = (uint32_t)at + 1;
    }
    entry->line_count = count;
}

/* Index of the line that holds the offset. */
static size_t find_line(const struct entry *entry, uint32_t offset)
{
    size_t low = 0, high = entry->line_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (entry->lines[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static str line_text(const struct entry *entry, size_t line)
{
    str rest = str_part(entry->source.text, entry->lines[line], entry->source.text.len);
    str text = str_cut(&rest, '\n');
    return str_ends(text, S("\r")) ? str_part(text, 0, text.len - 1) : text;
}

static bool locate(struct source_map *map, uint32_t pos, struct place *ret)
{
    struct entry *entry = find_entry(map, pos);
    if (entry == NULL || pos - entry->source.start > entry->source.text.len) {
        return false;
    }
    if (entry->lines == NULL) {
        make_line_table(map, entry);
    }
    uint32_t offset = pos - entry->source.start;
    size_t line = find_line(entry, offset);
    str text = line_text(entry, line);
    uint32_t byte = offset - entry->lines[line];
    *ret = (struct place){ .source = &entry->source,
                           .line = (uint32_t)line + 1,
                           .column = (uint32_t)utf8_length(str_part(text, 0, byte)) + 1,
                           .offset = offset,
                           .line_text = text,
                           .line_byte = byte < text.len ? byte : (uint32_t)text.len };
    return true;
}

bool source_place(struct source_map *map, span at, struct place *ret)
{
    if (at.pos == 0) {
        return false;
    }
    pthread_mutex_lock(&map->lock);
    bool found = locate(map, at.pos, ret);
    pthread_mutex_unlock(&map->lock);
    return found;
}
