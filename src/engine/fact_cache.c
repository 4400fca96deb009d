/* fact_cache.c - see fact_cache.h. */
#include "engine/fact_cache.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/file_out.h"
#include "formats/json.h"

#define FILE_MAX (64u << 20) /* bytes of a host's facts */
#define GATHERED S("_ansible_facts_gathered")

/* A host's file; STR_NONE: its name would lead elsewhere. */
static str file_of(struct arena *arena, const struct fact_cache *cache, str host)
{
    bool usable = host.len > 0 && str_find_char(host, '/', 0) == STR_NPOS && host.ptr[0] != '.';
    return usable && !str_is_none(cache->dir) ? str_format(arena, "%.*s/%.*s%.*s", SARG(cache->dir),
                                                           SARG(cache->prefix), SARG(host))
                                              : STR_NONE;
}

/* ---- reading ---- */

static bool is_fresh(const struct fact_cache *cache, const struct stat *file)
{
    return S_ISREG(file->st_mode) && file->st_size <= FILE_MAX &&
           (cache->timeout <= 0 || difftime(time(NULL), file->st_mtim.tv_sec) <= cache->timeout);
}

static bool read_whole(struct arena *arena, const struct fact_cache *cache, str path, str *ret)
{
    struct stat file;
    CLEANUP(close_fd) int fd = open(str_c(arena, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &file) != 0 || !is_fresh(cache, &file)) {
        return false;
    }
    return fd_read(arena, fd, FILE_MAX, ret);
}

/* Without what only tells of the file. */
static value facts_of(struct arena *arena, value read)
{
    struct map_builder map = map_in(arena);
    for (size_t i = 0; i < value_count(read); i++) {
        value key = value_map_key(read, i);
        if (!str_eq(value_as_str(key), GATHERED)) {
            map_set(&map, key, value_map_value(read, i));
        }
    }
    return map_seal(&map);
}

value fact_cache_read(struct arena *arena, const struct fact_cache *cache, str host,
                      bool *ret_gathered)
{
    str path = file_of(arena, cache, host);
    struct source source = { .name = S("facts") };
    value read;
    if (str_is_none(path) || !read_whole(arena, cache, path, &source.text) ||
        !json_read(arena, diags_new(arena, NULL), &source, (struct json_options){ 0 }, &read) ||
        !value_is(read, VALUE_MAP)) {
        return (value){ 0 };
    }
    value gathered = value_get(read, GATHERED);
    *ret_gathered = value_is(gathered, VALUE_BOOL) && value_as_bool(gathered);
    return facts_of(arena, read);
}

/* ---- writing ---- */

static value to_keep(struct arena *arena, value facts, bool gathered)
{
    struct map_builder map = map_in(arena);
    if (gathered) {
        map_set_str(&map, GATHERED, value_bool(true));
    }
    for (size_t i = 0; i < value_count(facts); i++) {
        value v = value_map_value(facts, i);
        if (!value_has_secret(v)) {
            map_set(&map, value_map_key(facts, i), v);
        }
    }
    return map_seal(&map);
}

bool fact_cache_write(const struct fact_cache *cache, str host, value facts, bool gathered)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fact cache");
    struct json_format format = { .indent = 4, .sort = JSON_SORTED_SOME, .unicode = true };
    str path = file_of(arena, cache, host);
    value text;
    return str_is_none(path) ||
           !json_write(arena, diags_new(arena, NULL), to_keep(arena, facts, gathered), format,
                       &text) ||
           file_put(arena, path, value_as_str(text), false); /* another run may be reading */
}

void fact_cache_forget(const struct fact_cache *cache, str host)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fact cache");
    str path = file_of(arena, cache, host);
    if (!str_is_none(path)) {
        (void)unlink(str_c(arena, path));
    }
}
