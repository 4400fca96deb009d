/*
 * expandvars.h - $NAME and ${NAME} in paths and words.
 *
 * Source: Python's os.path.expandvars: a name that is not set stays as it is written.
 */
#pragma once
#include "base/value.h"

/* environment: a map of texts, or undefined, which sets none; NULL: that of this process. */
str expandvars(struct arena *arena, str text, const value *environment);
