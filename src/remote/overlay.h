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

/* To whom belongs what a user makes, and which bits it does not get. */
struct maker {
    str owner, group;
    unsigned uid, gid, umask;
};
/* Of a user, as the task's become names him ("": the login), once it was found out. Its texts live
 * as long as the overlay. */
bool overlay_maker(struct overlay *overlay, str user, struct maker *ret);
void overlay_learn_maker(struct overlay *overlay, str user, const struct maker *maker); /* copied */

/* What a planned change would have done; copied. maker: who would make it, as overlay_maker()
 * told; NULL: not known. */
void overlay_add(struct overlay *overlay, const struct change *change, const struct maker *maker);
/* A command was not run: `paths` (what it names, and its creates/removes), and what is below them,
 * become unknown; so does what a later observe_run says of anything the command's words name. */
void overlay_add_command(struct overlay *overlay, const struct command *command, const str *paths,
                         size_t count);
unsigned overlay_commands(struct overlay *overlay); /* that were not run so far */
