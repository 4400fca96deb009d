/*
 * git_tree.h - the tree of a commit, read from the database of its repository: no check-out.
 *
 * Files are given as they are stored: conversions of a check-out (line ends, filters) are not
 * made, and files that Git LFS keeps elsewhere are refused, not read as the pointers to them.
 * Their times are the commit's, their modes 0644 or 0755, their owner is who reads.
 */
#pragma once
#include <git2.h>

#include "base/diag.h"

/*
 * Mount the tree of a commit (base/tree.h) under NAME@COMMIT, to stay; the same commit of the same
 * repository only once. Gives the path of its root. Takes `repo` over, whatever comes of it. False:
 * git_error_last() tells why. For any thread.
 */
bool git_tree_mount(git_repository *repo, const git_oid *commit, str name, str *ret_root);

/*
 * Read a directory, the top of a work tree, from a commit from now on (tree_cover()), as long as
 * the process lives; what only the disk has is refused, as submodules are. `dir` absolute, without
 * links. Takes `repo` over. False: git_error_last() tells why.
 */
bool git_tree_cover(git_repository *repo, const git_oid *commit, str dir);

/* The commit whose tree is mounted at a root, and its repository, which is lent. False: none is. */
bool git_tree_find(str root, git_repository **ret_repo, git_oid *ret_commit);

/*
 * Warn of what was asked for in these trees and refused: submodules, files of Git LFS, links that
 * lead out. To be told where something "was not found"; each thing once. False: in a directory that
 * is covered something was asked for that is not in the commit, which is an error.
 */
bool git_tree_tell(struct diags *diags);

/* To be called first by whoever uses libgit2; more than once does no harm. For any thread. */
void git_start(void);

/* As git_repository_open_ext(); GIT_EOWNER also where libgit2 1.5 misses a setting instead. */
int git_open(git_repository **ret, const char *path, unsigned flags);
