/*
 * loop.h - what a task loops over, and the variables of an item.
 */
#pragma once
#include "engine/state.h"

struct loop {
    bool unknown; /* a dry run: the list hangs on what only a real run can tell */
    const value *items;
    size_t count;
    str variable;       /* "item" */
    str index_variable; /* STR_NONE: none */
    value label;        /* raw; undefined: the item itself */
    double pause;
    bool extended, all_items; /* ansible_loop, and ansible_loop.allitems */
};

/* The list a task loops over. False: it could not be evaluated; eval->failure tells why. */
bool loop_items(struct eval *eval, const struct task *task, struct loop *ret);
/* A map: the item, its number, ansible_loop. */
value loop_variables(struct arena *arena, const struct loop *loop, size_t i);
