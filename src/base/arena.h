/*
 * arena.h - memory that is given back all at once. Whoever needs memory takes a `struct arena *`
 * first; a function without one allocates nothing.
 *
 * Three lifetimes: run (sources, syntax trees, inventory), host (facts, registered results), task
 * (rendering, parameters, plan; reset after each task and loop item). What outlives its task is
 * copied across by name: value_copy(), str_copy().
 *
 * Allocation does not fail: when the system has no memory left the program ends, saying so. Sizes
 * that come from outside are bounded by the parser that reads them, with a diagnostic.
 *
 * An arena belongs to one thread at a time; it has no lock. Builds with -Dhardened_arena=true make
 * each allocation a malloc of its own, so that AddressSanitizer sees neighbours collide; debug
 * builds poison what is reset.
 */
#pragma once
#include <stddef.h>

#include "base/str.h"

struct arena;

struct arena *arena_new(const char *name); /* `name` is for statistics and must be a literal */
void arena_free(struct arena *arena);      /* accepts NULL */
void arena_reset(struct arena *arena);     /* keeps one block for the next use */
void arena_trim(struct arena *arena); /* the same, but keeps at most 4 KiB: nobody uses it now */

/* There are secrets from now on, and values that hold them are copied from arena to arena: each
 * wipes what it lets go, on reset and on free. */
void arena_wipe_all(void);
/* If so: wipe the stack below the caller, where functions that have returned, and what saved the
 * registers for them, left their bytes. For the end of the program. */
void arena_wipe_stack(void);

void *arena_alloc_unset(struct arena *arena, size_t size); /* aligned for any type, not zeroed */
void *arena_alloc_raw(struct arena *arena, size_t size);   /* not zeroed, alignment 1: for bytes */
static inline void *arena_alloc(struct arena *arena, size_t size) /* zeroed, for any type */
{
    return memset(arena_alloc_unset(arena, size), 0, size);
}
size_t arena_used(const struct arena *arena); /* bytes handed out since the last reset */
/* Once more than `most` bytes are used, *ret_look becomes 0 whenever a new block is taken, until
 * the next reset: for those who count steps down to a look at their bounds. Replaces an earlier
 * wish; costs nothing where no block is taken. */
void arena_watch(struct arena *arena, size_t most, uint32_t *ret_look);

/* Make the last allocation longer where it is; the new bytes are not zeroed. False when `last` is
 * not the last allocation or its block is full: allocate anew and copy. */
bool arena_extend(struct arena *arena, void *last, size_t size, size_t new_size);

/* Make an allocation longer that has a block of its own, as the large ones have; it may move: the
 * system then moves its pages, so that nothing is copied and nothing stays behind. NULL when it has
 * none, or what it holds may be secret: allocate anew and copy. */
void *arena_regrow(struct arena *arena, void *ptr, size_t size, size_t new_size);

/* The last allocation needs only `new_size` bytes: the others are given back. */
void arena_shrink(struct arena *arena, const void *last, size_t size, size_t new_size);

/* Something to be released with the arena's contents (on reset and on free), last one first. */
void arena_on_reset(struct arena *arena, void (*release)(void *), void *object);

#define NEW(arena, type)              ((type *)arena_alloc((arena), sizeof(type)))
#define NEW_ARRAY(arena, type, count) ((type *)arena_alloc_array((arena), (count), sizeof(type)))
void *arena_alloc_array(struct arena *arena, size_t count,
                        size_t size); /* the product is checked */

/*
 * A growing array in an arena:  struct { struct thing *items; size_t len, cap; } things = { 0 };
 *                               *VEC_PUSH(arena, &things) = (struct thing){ ... };
 */
#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t len, cap;                                                                           \
    }
#define VEC_PUSH(arena, vec)                                                                       \
    ((vec)->items = (vec)->len < (vec)->cap ? (vec)->items                                         \
                                            : vec_grow((arena), (vec)->items, (vec)->len,          \
                                                       &(vec)->cap, sizeof *(vec)->items),         \
     &(vec)->items[(vec)->len++])
void *vec_grow(struct arena *arena, void *items, size_t len, size_t *cap, size_t size);

#define CLEANUP(function) __attribute__((cleanup(function)))
void close_fd(int *fd);                   /* for CLEANUP: closes unless negative */
void release_arena(struct arena **arena); /* for CLEANUP */
