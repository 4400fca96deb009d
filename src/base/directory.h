/*
 * directory.h - the names in a directory of this machine.
 */
#pragma once
#include "base/arena.h"

struct name_list {
    str *items;
    size_t len, cap;
};

/* All but "." and "..", sorted by their bytes. False: errno tells why. */
bool directory_list(struct arena *arena, str path, struct name_list *ret);
