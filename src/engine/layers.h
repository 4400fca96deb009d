/*
 * layers.h - the maps of variables that a scope is made of; between vars.c and hostvars.c.
 */
#pragma once
#include "engine/state.h"

struct layers {
    struct arena *arena;
    VEC(value) maps; /* the strongest first */
};

void layers_add(struct layers *layers, value map); /* what is no map, or empty, is left out */
void layers_add_inventory(struct layers *layers, const struct run *run,
                          const struct run_host *host);
/* hash_behaviour = merge: the layers become one map, in which maps of one name are merged. */
void layers_merge(const struct inventory *inventory, struct layers *layers);
