/*
 * tree.h - the files a project is read from: those of the disk, or those of a commit.
 *
 * Inventories, playbooks, roles, templates, files to copy: whatever belongs to a project is read
 * through these functions and in no other way, so that it may as well lie in the database of a
 * repository. What a run does to this machine as to any host, and what it writes here (`fetch`),
 * has nothing to do with them.
 *
 * A path is one of the disk unless it begins with the root of a tree that was mounted, a first
 * component that begins with "git:" and ends with a colon: "/git:infra@1a2b3c4d5e:/site.yml".
 * Such a root is never left: path_normal() keeps a ".." before which there is nothing else, and
 * a tree refuses it, as it does a link that leads out.
 *
 * All fail as the system's calls do: -1 or false, and errno, which tree_why() puts into words.
 * Paths of PATH_MAX bytes or more are ENAMETOOLONG. For any thread. What is mounted is seen by all
 * of the process, and stays: paths are texts that travel through variables and templates, with
 * nothing beside them that could say which tree they mean.
 */
#pragma once
#include <sys/stat.h>
#include <sys/types.h>

#include "base/arena.h"

struct name_list {
    str *items;
    size_t len, cap;
};

/* A descriptor to read from, and to seek in where that is a file: nobody else holds its position.
 * The content of a mounted tree is held in memory while it is open. */
int tree_open(str path);
/* Of an open file of this path; the same at each opening, while it is the same file. */
bool tree_fstat(str path, int fd, struct stat *ret);

bool tree_stat(str path, struct stat *ret);  /* follows links */
bool tree_lstat(str path, struct stat *ret); /* does not */
/* Whether two looks found the same file, and nothing tells that it was written between them. */
bool tree_unchanged(const struct stat *a, const struct stat *b);
/* Whether it was changed within the last 20 ms. The kernel's clock for files goes in steps of up to
 * 10 ms, and what is written twice in one of them looks the same: who keeps what was read of such a
 * file may keep the first of two. */
bool tree_is_fresh(const struct stat *status);
bool tree_exists(str path); /* links followed */
bool tree_can_read(str path);

/* All names but "." and "..", sorted by their bytes. */
bool tree_list(struct arena *arena, str path, struct name_list *ret);
bool tree_list_unsorted(struct arena *arena, str path, struct name_list *ret); /* any order */
/* The files that a pattern means, as glob(3); sorted. */
void tree_glob(struct arena *arena, str pattern, struct name_list *ret);
/* What a link says. */
bool tree_link(struct arena *arena, str path, str *ret);
/* Absolute, without links, "." and ".."; STR_NONE: it does not exist. */
str tree_real(struct arena *arena, str path);

/* Whether the path is in a mounted tree: no program can be started from there, none can begin
 * there. */
bool tree_is_mounted(str path);
/* Whether the path, one of the disk, is in a directory that a tree covers: programs start from the
 * disk all the same. */
bool tree_is_covered(str path);
/* Where programs begin, and relative paths of what is written: the directory itself, but the
 * working directory for one in a mounted tree. */
str tree_workplace(struct arena *arena, str dir);
/* A path as to be shown: the "/" around the root of a mounted tree left out; others as they are. */
str tree_shown(struct arena *arena, str path);
/* errno in words; those of mounted trees, too. No copy. */
const char *tree_why(int error);

/* ---- trees other than the disk ---- */

/* Why a mounted tree refuses; other errors as the system's. */
#define TREE_LEFT        EXDEV      /* a ".." or a link leads out of it */
#define TREE_ABSENT      EOPNOTSUPP /* it names what it does not hold: a submodule, a file of LFS */
#define TREE_UNCOMMITTED EKEYREJECTED /* a tree that covers a directory: only the disk has it */

/* Paths begin behind the root, without a "/"; "" is the root itself. */
struct tree_driver {
    int (*open)(void *tree, const char *path);
    bool (*stat)(void *tree, const char *path, bool follow, struct stat *ret);
    bool (*list)(void *tree, const char *path, struct arena *arena, struct name_list *ret);
    bool (*link)(void *tree, const char *path, char ret[]); /* PATH_MAX bytes, with the NUL */
    bool (*real)(void *tree, const char *path, char ret[]); /* likewise */
};

/* Mount a tree, to stay; `tree` and `driver` live as long. The root's path is "/git:NAME:", made
 * different ("NAME~2") where that one is taken. */
str tree_mount(str name, const struct tree_driver *driver, void *tree);
/*
 * Read a directory of the disk, and all below it, from a tree from now on, by the paths that these
 * files have, through links of the disk, too. `dir` is absolute, without links; what of it only the
 * disk has is listed, but not read: the driver says TREE_UNCOMMITTED then. To stay, as a mount;
 * gives the directory back, as a text that stays.
 */
str tree_cover(str dir, const struct tree_driver *driver, void *tree);
