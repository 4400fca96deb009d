/*
 * arena.c - bump allocation in blocks that grow from 1 KiB to 256 KiB. What is larger than a
 * quarter of a block gets a block of its own, behind the current one, so that little is wasted.
 *
 * Blocks that are given back are kept for the next arena of any thread: one thread often frees what
 * another has allocated, of which malloc would keep a part for each thread. They are warm, too.
 *
 * With HARDENED_ARENA every allocation is a block of its own. With POISON_ARENA bytes not handed
 * out are filled with 0xA5 and, under AddressSanitizer, must not be touched.
 */
#include "base/arena.h"

#include <errno.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif

#if defined(POISON_ARENA) && defined(HAVE_ASAN)
#include <sanitizer/asan_interface.h>
#define FORBID(ptr, size) ASAN_POISON_MEMORY_REGION((ptr), (size))
#define PERMIT(ptr, size) ASAN_UNPOISON_MEMORY_REGION((ptr), (size))
#else
#define FORBID(ptr, size) ((void)(ptr), (void)(size))
#define PERMIT(ptr, size) ((void)(ptr), (void)(size))
#endif

#ifdef HARDENED_ARENA
static const bool hardened = true;
#else
static const bool hardened = false;
#endif
#ifdef POISON_ARENA
static const bool poisoned = true;
#else
static const bool poisoned = false;
#endif

/* Set once there are secrets, and never cleared: arena_wipe_all(). */
static atomic_bool wiping;

#define BLOCK_MIN ((size_t)1024)
#define BLOCK_MAX ((size_t)256 * 1024)
#define POISON    0xA5

struct block {
    struct block *next;
    size_t size, used; /* of bytes[] */
    alignas(max_align_t) char bytes[];
};

struct release {
    struct release *next;
    void (*function)(void *);
    void *object;
};

struct arena {
    const char *name;
    struct block *blocks; /* the first is the one allocated from */
    size_t next_size;     /* of the next ordinary block */
    size_t used;
    struct release *releases; /* newest first; they live in the blocks */
    size_t watched;           /* see arena_watch() */
    uint32_t *look;           /* NULL: nobody watches */
};

__attribute__((noreturn)) static void out_of_memory(const char *name, size_t size)
{
    fprintf(stderr, "hostler: out of memory: %zu bytes for '%s'\n", size, name);
    _exit(1);
}

struct arena *arena_new(const char *name)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL) {
        out_of_memory(name, sizeof *arena);
    }
    arena->name = name;
    arena->next_size = BLOCK_MIN;
    return arena;
}

/* Fill the unused rest of a block, and let nobody touch it. */
static void poison_rest(struct block *block)
{
    if (poisoned) {
        PERMIT(block->bytes, block->size);
        memset(block->bytes + block->used, POISON, block->size - block->used);
        FORBID(block->bytes + block->used, block->size - block->used);
    }
}

static void wipe(struct block *block)
{
    if (atomic_load_explicit(&wiping, memory_order_relaxed)) {
        explicit_bzero(block->bytes, block->used);
    }
}

void arena_wipe_all(void)
{
    atomic_store(&wiping, true);
}

__attribute__((noinline)) void arena_wipe_stack(void)
{
    char left[128 * 1024];
    if (atomic_load_explicit(&wiping, memory_order_relaxed)) {
        explicit_bzero(left, sizeof left);
    }
}

/* ---- blocks that nobody uses now ---- */

#define SPARE_SIZES 9 /* from BLOCK_MIN to BLOCK_MAX, each twice the one before */
#define SPARE_BYTES ((size_t)1024 * 1024) /* of all together */

static struct {
    pthread_mutex_t lock;
    struct block *first[SPARE_SIZES];
    size_t bytes;
} spare = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Which list holds blocks of this size, with their head; SPARE_SIZES: none. */
static size_t spare_index(size_t size)
{
    bool ordinary = size >= BLOCK_MIN && size <= BLOCK_MAX && (size & (size - 1)) == 0 && !hardened;
    return ordinary ? (size_t)(__builtin_ctzl(size) - __builtin_ctzl(BLOCK_MIN)) : SPARE_SIZES;
}

/* NULL: there is none. */
static struct block *spare_take(size_t size)
{
    size_t index = spare_index(size);
    if (index == SPARE_SIZES) {
        return NULL;
    }
    pthread_mutex_lock(&spare.lock);
    struct block *block = spare.first[index];
    if (block != NULL) {
        spare.first[index] = block->next;
        spare.bytes -= size;
    }
    pthread_mutex_unlock(&spare.lock);
    return block;
}

/* False: it has to be freed. */
static bool spare_give(struct block *block, size_t size)
{
    size_t index = spare_index(size);
    if (index == SPARE_SIZES) {
        return false;
    }
    pthread_mutex_lock(&spare.lock);
    bool kept = spare.bytes + size <= SPARE_BYTES;
    if (kept) {
        block->next = spare.first[index];
        spare.first[index] = block;
        spare.bytes += size;
    }
    pthread_mutex_unlock(&spare.lock);
    return kept;
}

static void block_free(struct block *block)
{
    PERMIT(block->bytes, block->size);
    wipe(block);
    FORBID(block->bytes, block->size);
    if (!spare_give(block, sizeof *block + block->size)) {
        PERMIT(block->bytes, block->size);
        free(block);
    }
}

static struct block *block_new(struct arena *arena, size_t size)
{
    size_t all = size <= SIZE_MAX - sizeof(struct block) ? sizeof(struct block) + size : SIZE_MAX;
    struct block *block = spare_take(all);
    block = block != NULL ? block : malloc(all);
    if (block == NULL) {
        out_of_memory(arena->name, size);
    }
    block->next = NULL;
    block->size = size;
    block->used = 0;
    poison_rest(block);
    return block;
}

void arena_watch(struct arena *arena, size_t most, uint32_t *ret_look)
{
    arena->watched = most;
    arena->look = ret_look;
}

static void tell_watcher(const struct arena *arena)
{
    if (arena->look != NULL && arena->used > arena->watched) {
        *arena->look = 0;
    }
}

static void run_releases(struct arena *arena)
{
    while (arena->releases != NULL) {
        struct release *last = arena->releases;
        arena->releases = last->next;
        last->function(last->object);
    }
}

static void free_blocks(struct block *block)
{
    while (block != NULL) {
        struct block *next = block->next;
        block_free(block);
        block = next;
    }
}

void arena_free(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    run_releases(arena);
    free_blocks(arena->blocks);
    free(arena);
}

void arena_reset(struct arena *arena)
{
    run_releases(arena);
    struct block *keep = arena->blocks;
    if (keep != NULL && (hardened || keep->size > BLOCK_MAX)) {
        free_blocks(keep);
        keep = NULL;
    } else if (keep != NULL) {
        free_blocks(keep->next);
        keep->next = NULL;
        wipe(keep);
        keep->used = 0;
        poison_rest(keep);
    }
    arena->blocks = keep;
    arena->used = 0;
    arena->look = NULL;
}

void arena_trim(struct arena *arena)
{
    arena_reset(arena);
    if (arena->blocks != NULL && arena->blocks->size > BLOCK_MIN) {
        free_blocks(arena->blocks);
        arena->blocks = NULL;
    }
    arena->next_size = BLOCK_MIN;
}

/* A block that holds exactly one allocation. It goes behind the current one, which stays in use. */
static void *alone(struct arena *arena, size_t size)
{
    struct block *block = block_new(arena, size);
    struct block **place =
        arena->blocks != NULL && !hardened ? &arena->blocks->next : &arena->blocks;
    block->next = *place;
    *place = block;
    block->used = size;
    PERMIT(block->bytes, size);
    return block->bytes;
}

/* The slow path: the current block is full. */
static void *from_new_block(struct arena *arena, size_t size)
{
    tell_watcher(arena);
    if (hardened || size > arena->next_size / 4) {
        return alone(arena, size);
    }
    struct block *block = block_new(arena, arena->next_size - sizeof(struct block));
    block->next = arena->blocks;
    arena->blocks = block;
    if (arena->next_size < BLOCK_MAX) {
        arena->next_size *= 2;
    }
    block->used = size;
    PERMIT(block->bytes, size);
    return block->bytes;
}

static inline void *take(struct arena *arena, size_t size, size_t align)
{
    arena->used += size;
    struct block *block = arena->blocks;
    if (block == NULL || hardened) {
        return from_new_block(arena, size);
    }
    size_t from = (block->used + align - 1) & ~(align - 1);
    if (from > block->size || size > block->size - from) {
        return from_new_block(arena, size);
    }
    block->used = from + size;
    PERMIT(block->bytes + from, size);
    return block->bytes + from;
}

void *arena_alloc_unset(struct arena *arena, size_t size)
{
    return take(arena, size, alignof(max_align_t));
}

void *arena_alloc_raw(struct arena *arena, size_t size)
{
    return take(arena, size, 1);
}

bool arena_extend(struct arena *arena, void *last, size_t size, size_t new_size)
{
    struct block *block = arena->blocks;
    if (hardened || block == NULL || (char *)last + size != block->bytes + block->used ||
        new_size - size > block->size - block->used) {
        return false;
    }
    PERMIT(block->bytes + block->used, new_size - size);
    block->used += new_size - size;
    arena->used += new_size - size;
    return true;
}

void *arena_regrow(struct arena *arena, void *ptr, size_t size, size_t new_size)
{
    struct block **place = &arena->blocks;
    for (unsigned i = 0; i < 2 && *place != NULL; i++, place = &(*place)->next) {
        struct block *block = *place;
        if (ptr != block->bytes || block->size != size) {
            continue;
        }
        if (atomic_load_explicit(&wiping, memory_order_relaxed) ||
            new_size > SIZE_MAX - sizeof *block) {
            return NULL; /* realloc() may leave the bytes behind */
        }
        block = realloc(block, sizeof *block + new_size);
        if (block == NULL) {
            out_of_memory(arena->name, new_size);
        }
        block->size = block->used = new_size;
        arena->used += new_size - size;
        tell_watcher(arena);
        *place = block;
        return block->bytes;
    }
    return NULL;
}

void arena_shrink(struct arena *arena, const void *last, size_t size, size_t new_size)
{
    struct block *block = arena->blocks;
    if (hardened || block == NULL || (const char *)last + size != block->bytes + block->used) {
        return;
    }
    block->used -= size - new_size;
    arena->used -= size - new_size;
    if (poisoned) {
        memset(block->bytes + block->used, POISON, size - new_size);
        FORBID(block->bytes + block->used, size - new_size);
    }
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

void arena_on_reset(struct arena *arena, void (*release)(void *), void *object)
{
    struct release *entry = NEW(arena, struct release);
    *entry = (struct release){ arena->releases, release, object };
    arena->releases = entry;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        out_of_memory(arena->name, SIZE_MAX);
    }
    return arena_alloc(arena, bytes);
}

void *vec_grow(struct arena *arena, void *items, size_t len, size_t *cap, size_t size)
{
    size_t new_cap = *cap > 0 ? *cap * 2 : 4;
    size_t bytes = 0;
    if (__builtin_mul_overflow(new_cap, size, &bytes)) {
        out_of_memory(arena->name, SIZE_MAX);
    }
    if (items == NULL || !arena_extend(arena, items, *cap * size, bytes)) {
        void *grown = arena_alloc_array(arena, new_cap, size);
        if (len > 0) {
            memcpy(grown, items, len * size);
        }
        items = grown;
    }
    *cap = new_cap;
    return items;
}

void close_fd(int *fd)
{
    if (*fd >= 0) {
        int saved = errno;
        close(*fd);
        errno = saved;
    }
}

void release_arena(struct arena **arena)
{
    arena_free(*arena);
}
