/*
 * tree.c - see tree.h. The disk is read by the system's calls; the rest is asked of the driver.
 */
#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/path.h"

/* ---- what is mounted ---- */

struct mount {
    str root; /* of a cover: its directory */
    const struct tree_driver *driver;
    void *tree;
    struct mount *next;
};

/* Only ever added to, at the head, by mount_lock's holder; read without a lock. */
static _Atomic(struct mount *) mounts, covers;
static pthread_mutex_t mount_lock = PTHREAD_MUTEX_INITIALIZER;

static const struct mount *mount_of(str root)
{
    const struct mount *mount = atomic_load(&mounts);
    while (mount != NULL && !str_eq(mount->root, root)) {
        mount = mount->next;
    }
    return mount;
}

str tree_mount(str name, const struct tree_driver *driver, void *tree)
{
    struct mount *mount = calloc(1, sizeof *mount);
    char *root = malloc(name.len + 32);
    if (mount == NULL || root == NULL) {
        BUG("no memory for a tree");
    }
    pthread_mutex_lock(&mount_lock);
    int len = sprintf(root, PATH_TREE "%.*s:", SARG(name));
    for (unsigned i = 2; mount_of((str){ root, (size_t)len }) != NULL; i++) {
        len = sprintf(root, PATH_TREE "%.*s~%u:", SARG(name), i);
    }
    *mount = (struct mount){ { root, (size_t)len }, driver, tree, atomic_load(&mounts) };
    atomic_store(&mounts, mount);
    pthread_mutex_unlock(&mount_lock);
    return mount->root;
}

str tree_cover(str dir, const struct tree_driver *driver, void *tree)
{
    struct mount *cover = calloc(1, sizeof *cover);
    size_t len = str_eq(dir, S("/")) ? 0 : dir.len;
    char *root = strndup(dir.ptr, len);
    if (cover == NULL || root == NULL) {
        BUG("no memory for a tree");
    }
    pthread_mutex_lock(&mount_lock);
    *cover = (struct mount){ { root, len }, driver, tree, atomic_load(&covers) };
    atomic_store(&covers, cover);
    pthread_mutex_unlock(&mount_lock);
    return cover->root;
}

/* Whether ".." leads out of where the path begins. */
static bool leaves(const char *path)
{
    int depth = 0;
    for (; *(path += strspn(path, "/")) != '\0' && depth >= 0; path += strcspn(path, "/")) {
        size_t len = strcspn(path, "/");
        bool up = len == 2 && memcmp(path, "..", 2) == 0, stays = len == 1 && *path == '.';
        depth += up ? -1 : stays ? 0 : 1;
    }
    return depth < 0;
}

/* The innermost cover of a directory or file of the disk, given without links. */
static const struct mount *cover_around(const char *real)
{
    const struct mount *found = NULL;
    for (const struct mount *cover = atomic_load(&covers); cover != NULL; cover = cover->next) {
        bool inside = strncmp(real, cover->root.ptr, cover->root.len) == 0 &&
                      (real[cover->root.len] == '/' || real[cover->root.len] == '\0');
        if (inside && (found == NULL || found->root.len < cover->root.len)) {
            found = cover;
        }
    }
    return found;
}

/* The cover that a path of the disk leads into, NULL: none, and the way from there; links of the
 * disk count up to it and not behind. */
static const struct mount *find_cover(const char *path, char ret[])
{
    char before[PATH_MAX] = "", real[PATH_MAX];
    for (const char *rest = path;; rest += strcspn(rest, "/")) {
        rest += strspn(rest, "/");
        size_t len = (size_t)(rest - path);
        memcpy(before, path, len);
        before[len] = '\0';
        if (realpath(len > 0 ? before : ".", real) == NULL) {
            return NULL;
        }
        const struct mount *cover = cover_around(real);
        if (cover != NULL && !leaves(rest)) {
            int put = snprintf(ret, PATH_MAX, "%s/%s", real + cover->root.len, rest);
            return put < PATH_MAX ? cover : NULL;
        }
        if (*rest == '\0') {
            return NULL;
        }
    }
}

/* A path taken apart for a call: its tree, NULL for the disk, and the text that is asked for. */
struct place {
    const struct mount *mount;
    bool covered; /* by the mount, which has its own path to it */
    const char *path;
    char bytes[PATH_MAX], inner[PATH_MAX];
};

static bool find_place(str path, struct place *ret)
{
    if (path.len >= sizeof ret->bytes || memchr(path.ptr, '\0', path.len) != NULL) {
        errno = path.len >= sizeof ret->bytes ? ENAMETOOLONG : ENOENT;
        return false;
    }
    memcpy(ret->bytes, path.ptr, path.len);
    ret->bytes[path.len] = '\0';
    str root = path_tree_root(path);
    ret->mount = root.len > 0 ? mount_of(root) : NULL;
    ret->path = ret->mount == NULL ? ret->bytes : ret->bytes + root.len;
    ret->path += ret->mount == NULL ? 0 : strspn(ret->path, "/");
    ret->covered = false;
    if (ret->mount == NULL && atomic_load(&covers) != NULL && path.len > 0) {
        ret->mount = find_cover(ret->bytes, ret->inner);
        ret->covered = ret->mount != NULL;
        ret->path = ret->covered ? ret->inner + strspn(ret->inner, "/") : ret->bytes;
    }
    return true;
}

bool tree_is_mounted(str path)
{
    str root = path_tree_root(path);
    return root.len > 0 && mount_of(root) != NULL;
}

bool tree_is_covered(str path)
{
    struct place place;
    return find_place(path, &place) && place.covered;
}

str tree_workplace(struct arena *arena, str dir)
{
    char here[PATH_MAX];
    if (!tree_is_mounted(dir)) {
        return dir;
    }
    return getcwd(here, sizeof here) != NULL ? str_copy(arena, str_of(here)) : S("/");
}

str tree_shown(struct arena *arena, str path)
{
    str root = path_tree_root(path);
    if (!tree_is_mounted(path)) {
        return path;
    }
    str rest = str_part(path, root.len, path.len);
    rest = str_starts(rest, S("/")) ? str_part(rest, 1, rest.len) : rest;
    return str_concat(arena, str_part(root, 1, root.len), rest);
}

const char *tree_why(int error)
{
    switch (error) {
    case TREE_LEFT:
        return "it leads out of the tree of the commit";
    case TREE_ABSENT:
        return "the commit only names it: submodules and files of Git LFS are not read";
    case TREE_UNCOMMITTED:
        return "it is not in the signed commit";
    default:
        return strerror(error);
    }
}

/* ---- files ---- */

int tree_open(str path)
{
    struct place place;
    if (!find_place(path, &place)) {
        return -1;
    }
    return place.mount != NULL ? place.mount->driver->open(place.mount->tree, place.path)
                               : open(place.path, O_RDONLY | O_CLOEXEC);
}

static bool stat_at(str path, bool follow, struct stat *ret)
{
    struct place place;
    if (!find_place(path, &place)) {
        return false;
    }
    return place.mount != NULL
               ? place.mount->driver->stat(place.mount->tree, place.path, follow, ret)
               : (follow ? stat(place.path, ret) : lstat(place.path, ret)) == 0;
}

bool tree_stat(str path, struct stat *ret)
{
    return stat_at(path, true, ret);
}

bool tree_lstat(str path, struct stat *ret)
{
    return stat_at(path, false, ret);
}

bool tree_fstat(str path, int fd, struct stat *ret)
{
    struct place place;
    bool disk = find_place(path, &place) && place.mount == NULL;
    return disk ? fstat(fd, ret) == 0 : tree_stat(path, ret);
}

bool tree_unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

#define FRESH 20000000 /* nanoseconds */

bool tree_is_fresh(const struct stat *status)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time_t seconds = now.tv_sec - status->st_ctim.tv_sec;
    return seconds < 0 ||
           (seconds <= 1 && seconds * 1000000000 + now.tv_nsec - status->st_ctim.tv_nsec < FRESH);
}

bool tree_exists(str path)
{
    struct stat status;
    return tree_stat(path, &status);
}

bool tree_can_read(str path)
{
    struct place place;
    return find_place(path, &place) &&
           (place.mount != NULL ? tree_exists(path) : access(place.path, R_OK) == 0);
}

bool tree_link(struct arena *arena, str path, str *ret)
{
    struct place place;
    char target[PATH_MAX];
    if (!find_place(path, &place)) {
        return false;
    }
    if (place.mount != NULL) {
        if (!place.mount->driver->link(place.mount->tree, place.path, target)) {
            return false;
        }
    } else {
        ssize_t len = readlink(place.path, target, sizeof target - 1);
        if (len < 0) {
            return false;
        }
        target[len] = '\0';
    }
    *ret = str_copy(arena, str_of(target));
    return true;
}

str tree_real(struct arena *arena, str path)
{
    struct place place;
    char real[PATH_MAX];
    if (!find_place(path, &place)) {
        return STR_NONE;
    }
    if (place.mount == NULL) {
        return realpath(place.path, real) != NULL ? str_copy(arena, str_of(real)) : STR_NONE;
    }
    return place.mount->driver->real(place.mount->tree, place.path, real)
               ? path_normal(arena, str_format(arena, "%.*s/%s", SARG(place.mount->root), real))
               : STR_NONE;
}

/* ---- directories ---- */

static bool list_disk(struct arena *arena, const char *path, struct name_list *ret)
{
    DIR *stream = opendir(path);
    if (stream == NULL) {
        return false;
    }
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            *VEC_PUSH(arena, ret) = str_copy(arena, str_of(entry->d_name));
        }
    }
    closedir(stream);
    return true;
}

/* What the disk has more than a cover is listed, too: whoever asks for it then learns why he does
 * not get it. */
static void list_covered(struct arena *arena, const char *path, struct name_list *names)
{
    size_t kept = 0;
    list_disk(arena, path, names);
    str_sort(names->items, names->len);
    for (size_t i = 0; i < names->len; i++) {
        bool again = kept > 0 && str_eq(names->items[kept - 1], names->items[i]);
        if (!again && !str_eq(names->items[i], S(".git"))) {
            names->items[kept++] = names->items[i];
        }
    }
    names->len = kept;
}

bool tree_list_unsorted(struct arena *arena, str path, struct name_list *ret)
{
    struct place place;
    *ret = (struct name_list){ 0 };
    if (!find_place(path, &place)) {
        return false;
    }
    bool ok = place.mount != NULL
                  ? place.mount->driver->list(place.mount->tree, place.path, arena, ret)
                  : list_disk(arena, place.path, ret);
    if (ok && place.covered) {
        list_covered(arena, place.bytes, ret);
    }
    return ok;
}

bool tree_list(struct arena *arena, str path, struct name_list *ret)
{
    bool ok = tree_list_unsorted(arena, path, ret);
    if (ok) {
        str_sort(ret->items, ret->len);
    }
    return ok;
}

/* A directory as glob(3) reads it: one name after the other. */
struct listing {
    struct arena *arena;
    struct name_list names;
    size_t at;
    struct dirent entry;
};

static void *glob_open(const char *path)
{
    struct arena *arena = arena_new("glob");
    struct listing *listing = NEW(arena, struct listing);
    listing->arena = arena;
    if (!tree_list(arena, str_of(path), &listing->names)) {
        arena_free(arena);
        return NULL;
    }
    return listing;
}

static struct dirent *glob_read(void *stream)
{
    struct listing *listing = stream;
    while (listing->at < listing->names.len) {
        str name = listing->names.items[listing->at++];
        if (name.len < sizeof listing->entry.d_name) {
            listing->entry = (struct dirent){ .d_ino = 1, .d_type = DT_UNKNOWN };
            memcpy(listing->entry.d_name, name.ptr, name.len);
            return &listing->entry;
        }
    }
    return NULL;
}

static void glob_close(void *stream)
{
    arena_free(((struct listing *)stream)->arena); /* the listing lives in it */
}

static int glob_stat(const char *path, struct stat *ret)
{
    return tree_stat(str_of(path), ret) ? 0 : -1;
}

static int glob_lstat(const char *path, struct stat *ret)
{
    return tree_lstat(str_of(path), ret) ? 0 : -1;
}

void tree_glob(struct arena *arena, str pattern, struct name_list *ret)
{
    glob_t found = { .gl_opendir = glob_open,
                     .gl_readdir = glob_read,
                     .gl_closedir = glob_close,
                     .gl_stat = glob_stat,
                     .gl_lstat = glob_lstat };
    *ret = (struct name_list){ 0 };
    bool ours = tree_is_mounted(pattern) || atomic_load(&covers) != NULL;
    if (glob(str_c(arena, pattern), ours ? GLOB_ALTDIRFUNC : 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            *VEC_PUSH(arena, ret) = str_copy(arena, str_of(found.gl_pathv[i]));
        }
    }
    globfree(&found);
}
