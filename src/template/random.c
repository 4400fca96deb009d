/* random.c - see random.h. */
#include "template/random.h"

#include <openssl/rand.h>
#include <openssl/sha.h>
#include <string.h>

#include "template/core.h"

#define N 624
#define M 397

static void seed_one(struct random *r, uint32_t seed)
{
    r->state[0] = seed;
    for (uint32_t i = 1; i < N; i++) {
        r->state[i] = 1812433253u * (r->state[i - 1] ^ (r->state[i - 1] >> 30)) + i;
    }
    r->at = N;
}

static void seed_array(struct random *r, const uint32_t *key, size_t length)
{
    uint32_t *mt = r->state;
    seed_one(r, 19650218u);
    size_t i = 1, j = 0;
    for (size_t k = N > length ? N : length; k > 0; k--) {
        mt[i] = (mt[i] ^ ((mt[i - 1] ^ (mt[i - 1] >> 30)) * 1664525u)) + key[j] + (uint32_t)j;
        if (++i >= N) {
            mt[0] = mt[N - 1];
            i = 1;
        }
        j = j + 1 >= length ? 0 : j + 1;
    }
    for (size_t k = N - 1; k > 0; k--) {
        mt[i] = (mt[i] ^ ((mt[i - 1] ^ (mt[i - 1] >> 30)) * 1566083941u)) - (uint32_t)i;
        if (++i >= N) {
            mt[0] = mt[N - 1];
            i = 1;
        }
    }
    mt[0] = 0x80000000u;
    r->at = N;
}

static void refill(struct random *r)
{
    uint32_t *mt = r->state;
    for (size_t k = 0; k < N; k++) {
        uint32_t y = (mt[k] & 0x80000000u) | (mt[(k + 1) % N] & 0x7fffffffu);
        mt[k] = mt[(k + M) % N] ^ (y >> 1) ^ ((y & 1) != 0 ? 0x9908b0dfu : 0);
    }
    r->at = 0;
}

static uint32_t next_word(struct random *r)
{
    if (r->at >= N) {
        refill(r);
    }
    uint32_t y = r->state[r->at++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

double random_unit(struct random *r)
{
    uint32_t a = next_word(r) >> 5, b = next_word(r) >> 6;
    return (a * 67108864.0 + b) * (1.0 / 9007199254740992.0);
}

static uint64_t bits(struct random *r, unsigned count)
{
    if (count <= 32) {
        return next_word(r) >> (32 - count);
    }
    uint64_t low = next_word(r);
    return low | ((uint64_t)(next_word(r) >> (64 - count)) << 32);
}

uint64_t random_below(struct random *r, uint64_t count)
{
    unsigned width = 0;
    while (width < 64 && (count >> width) != 0) {
        width++;
    }
    uint64_t number;
    do {
        number = bits(r, width);
    } while (number >= count);
    return number;
}

void random_from_system(struct random *r)
{
    uint32_t key[8];
    RAND_bytes((unsigned char *)key, sizeof key);
    seed_array(r, key, ARRAY_LEN(key));
}

/* A number given by its bytes, the most significant first. */
static void seed_bytes(struct random *r, struct arena *arena, const unsigned char *bytes,
                       size_t count)
{
    size_t words = (count + 3) / 4;
    uint32_t *key = NEW_ARRAY(arena, uint32_t, words + 1);
    for (size_t i = 0; i < count; i++) {
        key[i / 4] |= (uint32_t)bytes[count - 1 - i] << (8 * (i % 4));
    }
    while (words > 1 && key[words - 1] == 0) {
        words--;
    }
    seed_array(r, key, words == 0 ? 1 : words);
}

static void seed_text(struct random *r, struct arena *arena, str s)
{
    unsigned char *bytes = NEW_ARRAY(arena, unsigned char, s.len + SHA512_DIGEST_LENGTH);
    memcpy(bytes, s.ptr, s.len);
    SHA512((const unsigned char *)s.ptr, s.len, bytes + s.len);
    seed_bytes(r, arena, bytes, s.len + SHA512_DIGEST_LENGTH);
}

static void seed_integer(struct random *r, struct arena *arena, value v)
{
    str hex = big_to_base(arena, v, 16);
    hex = str_starts(hex, S("-")) ? str_part(hex, 1, hex.len) : hex;
    hex = hex.len % 2 != 0 ? str_concat(arena, S("0"), hex) : hex;
    unsigned char *bytes = NEW_ARRAY(arena, unsigned char, hex.len / 2);
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        uint64_t byte = 0;
        (void)str_to_base(str_part(hex, i, i + 2), 16, &byte);
        bytes[i / 2] = (unsigned char)byte;
    }
    seed_bytes(r, arena, bytes, hex.len / 2);
}

bool random_seed_value(struct random *r, struct arena *arena, value seed)
{
    if (value_is(seed, VALUE_STR)) {
        seed_text(r, arena, value_as_str(seed));
        return true;
    }
    if (is_integer(seed)) {
        seed_integer(r, arena, seed);
        return true;
    }
    return false;
}
