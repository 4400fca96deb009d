/*
 * overlay.h - the shadow of a dry run: changes that were planned but not made, laid over fresh
 * answers. One per machine connected to (remote_identity), shared by all hosts of the inventory
 * that lead there; it has a lock. Prediction lives here, in the change types, never in the modules.
 */
#pragma once
#include "remote/change.h"

struct overlay;

struct overlay *overlay_new(void);
void overlay_free(struct overlay *overlay); /* accepts NULL */

/* What a planned change would have done; copied. */
void overlay_add(struct overlay *overlay, const struct change *change);
/* A command was not run: `paths` (what it names, and its creates/removes), and what is below them,
 * become unknown; so does what a later observe_run says of anything the command's words name. */
void overlay_add_command(struct overlay *overlay, const struct command *command, const str *paths,
                         size_t count);
unsigned overlay_commands(struct overlay *overlay); /* that were not run so far */
