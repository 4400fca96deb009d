/*
 * resolve.h - where a path leads when links are followed, one link at a time, so that what is
 * changed and what is reported is the thing itself.
 */
#pragma once
#include "module/plan.h"

#define RESOLVE_MAX 20 /* links one behind the other; more are taken for a circle */

struct resolved {
    str path;              /* behind the last link */
    struct file_stat stat; /* FILE_LINK: not followed, or more than RESOLVE_MAX links */
};

/* Ask for the status of a path; each link that is followed costs a round trip, a path that is none
 * costs none of its own. Asks nothing further while other questions wait for their answers. */
void resolve_observe(struct observer *obs, str path, bool follow, struct resolved *ret);

/* What a link's text means where the link is. */
str link_target(struct arena *arena, str link, str target);
