/*
 * git_state.h - what a file stands for in a repository: commit, branch, and what is not committed.
 */
#pragma once
#include "base/diag.h"
#include "inventory/git_tree.h"

struct git_state {
    str top;      /* the directory of the work tree, absolute; of a mounted tree its root */
    str name;     /* short: "infra" */
    str commit;   /* 40 hexadecimal digits; STR_NONE: there is none yet */
    str branch;   /* STR_NONE: a commit without one, or a mounted tree */
    bool mounted; /* read from the commit: it is what it is */
    bool ignored; /* the path is no part of the repository: nothing else is known but `top` */
    bool foreign; /* it belongs to another user, which is the problem */
    str problem;  /* why it cannot be told what is not committed; STR_NONE: it can */
    /* What differs from the commit: changed, added, gone, not known; from the top, sorted. What is
     * ignored does not count. */
    const str *dirty;
    size_t dirty_count;
};

/*
 * The repository around `path`: its `top` and `name`. False: there is none. Of a mounted tree all
 * is known then; of others git_state_read() finds it out, at the cost of a look at every file of
 * the work tree. One that cannot be read has a `problem`; its commit may be STR_NONE then, too.
 */
bool git_state_of(struct arena *arena, str path, struct git_state *ret);
void git_state_read(struct arena *arena, struct git_state *state);

/*
 * Whether the commit is signed by one of the keys of a file: SSH public keys, as authorized_keys or
 * allowed_signers hold them, or OpenPGP public keys, armored or not. Runs ssh-keygen or gpgv. False
 * after a diagnostic.
 */
bool git_state_is_signed(struct arena *arena, struct diags *diags, const struct git_state *state,
                         str key_file);

/*
 * From now on read all that lies in the work tree from its commit, by the paths that it has there,
 * whatever becomes of the work tree: see git_tree_cover(). False after a diagnostic. A mounted tree
 * is so by itself.
 */
bool git_state_cover(struct arena *arena, struct diags *diags, const struct git_state *state);
