/*
 * secrets.h - the known secrets of a run. Sinks redact each known secret of 6 bytes or more in any
 * text, output of hosts included. One set belongs to the run; it has a lock.
 */
#pragma once
#include "base/value.h"

#define SECRET_MIN 6 /* bytes; a shorter secret would redact innocent text */

struct secrets;

struct secrets *secrets_new(void);
void secrets_free(struct secrets *secrets); /* wipes them; accepts NULL */
/* Copied, without line ends behind it; too short ones are left out. Arenas wipe what they let go
 * from then on. Its forms in base64, in JSON
 * and in URLs are known with it. Lines of 16 bytes or more of a
 * secret of several lines are secrets of their own, as hosts may print it line by line. */
void secrets_add(struct secrets *secrets, str s);
void secrets_add_value(struct secrets *secrets, value v); /* every secret range and number within */
/* The text with each known secret as "********", overlapping ones as one; no copy when there is
 * none. Costs one pass over the text, and a comparison where two bytes begin a known secret. */
str secrets_redact(struct secrets *secrets, struct arena *arena, str text);
/* A value with the known secrets in its strings marked as secret, so that they stay so whatever is
 * done with them later: for what hosts answer. The same value when there are no secrets. */
value secrets_mark(struct secrets *secrets, struct arena *arena, value v);
