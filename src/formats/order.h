/*
 * order.h - the keys of a map in order, for both writers.
 */
#pragma once
#include "base/value.h"

/* Indices of a map's keys, sorted as Python sorts them (strings by code points). False when two
 * keys have no order in Python; *ret_order is then as written. */
bool order_keys(struct arena *arena, value map, size_t **ret_order);
