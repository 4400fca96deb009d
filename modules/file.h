/*
 * file.h - the two halves of the module file: what it asks (file.c), and what it wants changed
 * (file_plan.c).
 */
#pragma once
#include "module/module.h"
#include "module/put.h"
#include "module/resolve.h"

enum file_state { STATE_ABSENT, STATE_DIRECTORY, STATE_FILE, STATE_HARD, STATE_LINK, STATE_TOUCH };

struct file_module_params {
    str path, src;
    int state;
    bool has_state, force, follow, recurse;
    str access_time, modification_time, access_time_format, modification_time_format;
    struct file_params file;
};

/* A directory whose contents get attributes, and what is in it. */
struct walk {
    str path;
    struct file_tree tree;
    struct resolved *links; /* of each entry: where it leads, for a link that is followed */
};

struct file_module_state {
    str path;               /* as given, or within the directory that was given (hard links) */
    struct file_stat there; /* at the path, not followed */
    struct resolved real;   /* the path, followed if `follow` says so */
    struct file_stat parent;
    struct file_stat source; /* what src names, followed */
    str source_path;
    struct directory_chain above;
    VEC(struct walk) walks;
    struct file_context context;
    int64_t atime, mtime; /* as in struct change */
};

#define TIME_BAD (CHANGE_KEEP + 1) /* not a time in the format that was given */

/* When the user names no state: what is there. */
enum file_state file_wanted_state(const struct file_module_params *want,
                                  const struct file_stat *there);

void file_plan(struct plan *plan, const void *params_, const void *state_);
