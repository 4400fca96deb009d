/*
 * copy.h - the parts of the module copy: one file (copy.c), a tree from the controller or from the
 * same host (copy_tree.c).
 */
#pragma once
#include "module/module.h"
#include "module/put.h"

struct copy_params {
    struct source_file src;
    value content; /* undefined: not given */
    str dest, validate, checksum;
    bool backup, force, follow, remote_src, local_follow;
    struct mode_spec directory_mode;
    struct file_params file;
};

/* Something to be there: from the controller's list or the host's, told alike. */
struct copy_entry {
    str path;            /* below the base */
    enum file_type type; /* FILE_REGULAR, FILE_DIRECTORY or FILE_LINK */
    unsigned mode;       /* of the source */
    str target;          /* of a link */
    struct content content;
    bool holds_files; /* a directory with files directly in it */
};

/* What is there in its place. */
struct copy_there {
    struct file_stat old, target; /* not followed; followed */
    str digest;
    str backup;
};

struct copy_tree {
    str base; /* where the tree goes */
    str top;  /* what the result tells of: dest, or the base when dest was there before */
    struct file_stat top_stat;
    struct directory_chain above; /* the base and what is above it */
    const struct copy_entry *entries;
    struct copy_there *there; /* of each entry */
    size_t count;
    const char *problem; /* why the source cannot be copied; NULL: it can */
    str problem_path;
    struct file_context context;
};

struct copy_state {
    struct put_state put;    /* of one file */
    struct file_stat source; /* remote_src; links followed */
    str source_digest;
    struct copy_tree tree;
};

bool copy_is_tree(const struct copy_params *want, const struct copy_state *have);
void copy_tree_observe(struct observer *obs, const struct copy_params *want,
                       struct copy_state *have);
void copy_tree_plan(struct plan *plan, const struct copy_params *want,
                    const struct copy_tree *tree);
