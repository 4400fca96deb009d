/*
 * value_change.h - the one exception to "values never change": Jinja's list.append and
 * dict.update, on lists and maps that the same evaluation has created. Nobody else includes this.
 */
#pragma once
#include "base/value.h"

/* Everyone who holds the list sees the change. Appending costs constant time on average. */
void list_change_push(struct arena *arena, value list, value item);
void list_change(struct arena *arena, value list, const value *items, size_t count);
void map_change(value map, value with); /* takes over the entries of another map */
