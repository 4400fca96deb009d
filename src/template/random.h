/*
 * random.h - CPython's generator, so that random(seed=...) gives the numbers that playbooks have
 * relied on. Source: Python's random module; the generator is MT19937 (Matsumoto, Nishimura 1998).
 */
#pragma once
#include "base/value.h"

struct random {
    uint32_t state[624];
    unsigned at;
};

void random_from_system(struct random *random);
/* random.Random(seed) for a string, an integer, a float or a boolean; false for anything else. */
bool random_seed_value(struct random *random, struct arena *arena, value seed);
uint64_t random_below(struct random *random, uint64_t count); /* randrange(count); count > 0 */
double random_unit(struct random *random);                    /* random() */
