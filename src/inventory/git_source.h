/*
 * git_source.h - projects and inventories named by a revision: git:REPOSITORY[@REV][:PATH].
 *
 * REPOSITORY is a directory, of a work tree or bare, or a URL with a scheme (ssh, https, file). In
 * it, the last "@" that no "{" follows begins the revision, and the first ":" the path; what is a
 * directory as a whole has no revision. REV is whatever `git rev-parse` takes for a commit, HEAD
 * without it. PATH begins at the top of the tree; without it, that is meant itself.
 */
#pragma once
#include "inventory/git_fetch.h"
#include "inventory/git_tree.h"

struct git_source {
    str repository; /* as given */
    str rev;        /* "HEAD" where there is none */
    str inside;     /* without "/" before it; empty: the top */
    bool is_url;
};

bool git_source_is(str text); /* begins with "git:" */
struct git_source git_source_parse(struct arena *arena, str text);

/* Mount the tree that `text` names. *ret is where its path lies now, whether or not there is such a
 * path. False after a diagnostic. `access`: for URLs. */
bool git_source_mount(struct arena *arena, struct diags *diags, const struct git_access *access,
                      str text, str *ret);
/* The same; that the path does not exist is an error, too. */
bool git_source_open(struct arena *arena, struct diags *diags, const struct git_access *access,
                     str text, str *ret);

/* Whether a path is in a work tree, or in a mounted tree. */
bool git_source_is_in_one(struct arena *arena, str path);
/* The file or directory at `path`, which a work tree or a mounted tree holds, as it is at `rev` in
 * the same repository. False after a diagnostic; *ret need not exist there. */
bool git_source_at(struct arena *arena, struct diags *diags, str path, str rev, str *ret);
