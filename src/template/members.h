/* members.h - a set of values, found by hash where Python could, else by comparing. */
#pragma once
#include "template/core.h"

struct members {
    struct map_builder hashed;
    struct list_builder others; /* lists and maps */
};

bool is_hashable(value v);
struct members members_in(struct arena *arena);
bool is_member(struct members *members, value v);
bool add_member(struct members *members, value v); /* false: it was there before */
