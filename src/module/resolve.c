/*
 * resolve.c - links, followed by questions.
 */
#include "module/resolve.h"

#include "base/path.h"

str link_target(struct arena *arena, str link, str target)
{
    return path_join(arena, path_dirname(link), target);
}

void resolve_observe(struct observer *obs, str path, bool follow, struct resolved *ret)
{
    ret->path = path;
    observe_stat(obs, path, &ret->stat);
    for (unsigned hop = 0; follow && hop < RESOLVE_MAX; hop++) {
        if (!observe_ready(obs) || ret->stat.type != FILE_LINK) {
            return;
        }
        ret->path = link_target(observe_arena(obs), ret->path, ret->stat.target);
        observe_stat(obs, ret->path, &ret->stat);
    }
}
