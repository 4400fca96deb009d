#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "check.h"

Test(arena, bytes_are_zeroed_aligned_and_apart)
{
    ARENA(arena);
    static const size_t sizes[] = { 1, 0, 3, 8, 24, 1000, 5000, 100000, 7, 1000000, 16 };
    unsigned char *all[ARRAY_LEN(sizes)];
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        all[i] = arena_alloc(arena, sizes[i]);
        cr_assert_eq((uintptr_t)all[i] % _Alignof(max_align_t), 0, "size %zu", sizes[i]);
        for (size_t at = 0; at < sizes[i]; at++) {
            cr_assert_eq(all[i][at], 0);
        }
        memset(all[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (size_t at = 0; at < sizes[i]; at++) {
            cr_assert_eq(all[i][at], i + 1, "allocation %zu was overwritten", i);
        }
    }
}

Test(arena, counts_what_it_handed_out)
{
    ARENA(arena);
    cr_assert_eq(arena_used(arena), 0);
    arena_alloc(arena, 10);
    arena_alloc_raw(arena, 5);
    NEW_ARRAY(arena, uint64_t, 100000);
    cr_assert_eq(arena_used(arena), 800015);
    arena_reset(arena);
    cr_assert_eq(arena_used(arena), 0);
}

Test(arena, is_zeroed_again_after_a_reset)
{
    ARENA(arena);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 200; i++) {
            uint64_t *number = NEW(arena, uint64_t);
            cr_assert_eq(*number, 0);
            *number = UINT64_MAX;
        }
        arena_reset(arena);
    }
}

static char order[8];

static void record(void *letter)
{
    strncat(order, letter, 1);
}

Test(arena, is_as_new_after_a_trim)
{
    ARENA(arena);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 1; size < 300000; size *= 3) {
            unsigned char *bytes = arena_alloc(arena, size);
            cr_assert(bytes[0] == 0 && bytes[size - 1] == 0);
            memset(bytes, 0xff, size);
        }
        arena_trim(arena);
        cr_assert_eq(arena_used(arena), 0);
    }
}

Test(arena, releases_last_first_on_reset_and_on_free)
{
    struct arena *arena = arena_new("test");
    char a[] = "a", b[] = "b", c[] = "c";
    arena_on_reset(arena, record, a);
    arena_on_reset(arena, record, b);
    arena_reset(arena);
    cr_assert_str_eq(order, "ba");
    arena_reset(arena);
    cr_assert_str_eq(order, "ba", "a release happens once");
    arena_on_reset(arena, record, c);
    arena_free(arena);
    cr_assert_str_eq(order, "bac");
    arena_free(NULL);
}

Test(arena, extends_only_what_came_last)
{
    ARENA(arena);
    char *first = arena_alloc_raw(arena, 8);
    memcpy(first, "12345678", 8);
    bool extended = arena_extend(arena, first, 8, 16);
#ifdef HARDENED_ARENA
    cr_assert_not(extended);
#else
    cr_assert(extended);
    memcpy(first + 8, "12345678", 8);
    cr_assert_eq(arena_used(arena), 16);
    cr_assert_not(arena_extend(arena, first, 16, SIZE_MAX / 2), "no room");
    arena_alloc_raw(arena, 1);
    cr_assert_not(arena_extend(arena, first, 16, 17), "no longer the last");
#endif
}

/* What is large has a block of its own, and keeps its bytes when that moves. */
Test(arena, regrows_what_is_alone)
{
    ARENA(arena);
    arena_alloc_raw(arena, 8);
    char *large = arena_alloc_raw(arena, 100000);
    memset(large, 'x', 100000);
    char *grown = arena_regrow(arena, large, 100000, 10000000);
    cr_assert_not_null(grown);
    cr_assert_eq(grown[99999], 'x');
    memset(grown + 100000, 'y', 9900000);
    cr_assert_eq(arena_used(arena), 10000008);
    cr_assert_null(arena_regrow(arena, grown, 5, 10), "not all of it");
    char *small = arena_alloc_raw(arena, 8);
#ifndef HARDENED_ARENA
    cr_assert_null(arena_regrow(arena, small, 8, 16), "it shares its block");
#endif
    memset(small, 'z', 8);
}

/* realloc() would leave secrets behind. */
Test(arena, regrows_nothing_that_may_be_secret)
{
    ARENA(arena);
    char *large = arena_alloc_raw(arena, 100000);
    arena_wipe_all();
    cr_assert_null(arena_regrow(arena, large, 100000, 200000));
}

Test(arena, vec_keeps_its_items)
{
    ARENA(arena);
    VEC(size_t) even = { 0 }, odd = { 0 };
    for (size_t i = 0; i < 5000; i++) {
        if (i % 2 == 0) {
            *VEC_PUSH(arena, &even) = i;
        } else {
            *VEC_PUSH(arena, &odd) = i;
        }
    }
    cr_assert_eq(even.len, 2500);
    for (size_t i = 0; i < even.len; i++) {
        cr_assert_eq(even.items[i], 2 * i);
        cr_assert_eq(odd.items[i], 2 * i + 1);
    }
}

Test(arena, product_too_large_ends_the_program, .exit_code = 1)
{
    ARENA(arena);
    volatile size_t count = SIZE_MAX / 2;
    NEW_ARRAY(arena, uint64_t, count);
}

Test(arena, close_fd_spares_negative_ones)
{
    int none = -1, ends[2];
    close_fd(&none);
    cr_assert_eq(pipe(ends), 0);
    close_fd(&ends[0]);
    cr_assert_eq(close(ends[0]), -1, "was closed already");
    close_fd(&ends[1]);
}

Test(bug, ends_with_its_status, .exit_code = 250)
{
    BUG("the answer is %d", 42);
}

Test(bug, only_when_true, .exit_code = 250)
{
    volatile int one = 1;
    BUG_ON(one == 2);
    BUG_ON(one == 1);
    _exit(0);
}

#if !defined(POISON_ARENA) && !defined(HARDENED_ARENA)
Test(arena, what_held_secrets_is_wiped)
{
    ARENA(arena);
    arena_wipe_all();
    char *secret = arena_alloc(arena, 16);
    memcpy(secret, "a secret, whole", 16);
    arena_reset(arena); /* keeps the block */
    for (size_t i = 0; i < 16; i++) {
        cr_assert_eq(secret[i], 0);
    }
}
#endif

#if defined(POISON_ARENA) && defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>

Test(arena, what_is_reset_may_not_be_touched)
{
    ARENA(arena);
    char *before = arena_alloc(arena, 100);
    cr_assert_not(__asan_address_is_poisoned(before));
    arena_reset(arena);
    cr_assert(__asan_address_is_poisoned(before));
}
#endif

Test(arena, tells_who_watches_that_much_is_used)
{
    ARENA(arena);
    uint32_t look = 7;
    arena_watch(arena, 1u << 20, &look);
    arena_alloc_raw(arena, 1u << 19);
    cr_assert_eq(look, 7, "within the limit");
    for (int i = 0; i < 1024; i++) {
        arena_alloc_raw(arena, 1024);
    }
    cr_assert_eq(look, 0);
    look = 7;
    arena_alloc_raw(arena, 1u << 20);
    cr_assert_eq(look, 0, "told again");
    look = 7;
    arena_reset(arena);
    arena_alloc_raw(arena, 1u << 21);
    cr_assert_eq(look, 7, "nobody watches any more");
}
