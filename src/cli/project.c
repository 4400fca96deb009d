/*
 * project.c - see project.h.
 */
#include "cli/project.h"

#include "base/path.h"
#include "base/tree.h"
#include "inventory/git_source.h"

bool project_open(struct setup *setup, struct texts *playbooks)
{
    str *paths = NEW_ARRAY(setup->arena, str, playbooks->count);
    str dir = STR_NONE;
    for (size_t i = 0; i < playbooks->count; i++) {
        paths[i] = playbooks->items[i];
        if (!git_source_is(paths[i])) {
            continue;
        }
        if (!git_source_open(setup->arena, setup->diags, paths[i], &paths[i])) {
            return false;
        }
        dir = str_is_none(dir) ? path_dirname(paths[i]) : dir;
    }
    playbooks->items = paths;
    return str_is_none(dir) || config_load(setup->arena, setup->diags, dir, &setup->config);
}
