/*
 * ahead.h - what the items and tasks behind one will ask its host. Costs no round trip: it goes
 * along with one.
 */
#pragma once
#include "engine/item.h"

struct ahead_of_item {
    struct ahead remote;
    const struct item *item;
    str user;  /* as whom it runs; STR_NONE: who logs in */
    bool asks; /* the paths it has are expanded by now; set by module_run */
};
/* Lends itself to `context`; both are used no longer than the item. */
void ahead_begin(struct ahead_of_item *ahead, const struct item *item,
                 const struct connection_options *options, struct remote_context *context);
