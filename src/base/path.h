/*
 * path.h - paths as texts. Nothing here looks at a file system.
 */
#pragma once
#include "base/arena.h"

bool path_is_absolute(str path);
str path_dirname(str path);   /* as Python's os.path.dirname: "" for a bare name; no copy */
str path_basename(str path);  /* as Python's os.path.basename; no copy */
str path_extension(str path); /* with its dot: ".yml"; "" when there is none; ".bashrc" has none */
/* The root of a tree that is no directory (tree.h), "/git:infra@1a2b3c4d5e:", if the path begins
 * like one; else empty. No copy. */
#define PATH_TREE "/git:"
str path_tree_root(str path);
str path_join(struct arena *arena, str dir,
              str name);                        /* an absolute `name` wins, as os.path.join */
str path_normal(struct arena *arena, str path); /* as os.path.normpath; a tree's
                                                   root is not left by "..", which stays then */
/* Whether `path`, normalised, stays inside `dir` (both absolute, or both relative to one place). */
bool path_is_inside(struct arena *arena, str dir, str path);
bool path_match(str pattern, str path); /* as Python's fnmatch.fnmatchcase: * ? [seq] [!seq], '/' is
                                           no special character */
