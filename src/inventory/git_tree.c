/*
 * git_tree.c - see git_tree.h.
 *
 * A path is walked here, component by component, as the kernel does it: links are followed within
 * the tree, and neither a link nor ".." leaves it.
 */
#include "inventory/git_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/file_out.h"
#include "base/tree.h"

#define LINKS_MAX 40 /* as the kernel's */
#define HELD      8  /* contents that stay in memory for who asks next */
#define HELD_MIN  ((size_t)64 << 10)
#define CACHE_MAX ((size_t)64 << 20) /* bytes of a directory that is kept in its parsed form */

/* Something asked for that a commit does not hold. */
struct refused {
    char *path;
    enum { SUBMODULE, LFS_FILE, LINK_OUT, UNCOMMITTED } kind;
    bool told;
    struct refused *next;
};

/* A large content, open: one memory for all who send it. */
struct held {
    git_oid id;
    int fd;
};

struct git_tree {
    pthread_mutex_t lock; /* guards all below */
    git_repository *repo;
    git_oid commit, id; /* of the commit, and of its tree */
    git_time_t time;
    str root;
    bool covers; /* a directory of the disk, its root */
    struct held held[HELD];
    size_t next_held;
    struct refused *refused; /* the last one first */
    struct git_tree *next;
};

/* All that are mounted, the last one first. */
static struct git_tree *trees;
static pthread_mutex_t trees_lock = PTHREAD_MUTEX_INITIALIZER;

static void start_library(void)
{
    git_libgit2_init();
    /* Directories of 10,000 host_vars files must not be parsed anew for each of them. */
    git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE, CACHE_MAX);
}

void git_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_library);
}

int git_open(git_repository **ret, const char *path, unsigned flags)
{
    int error = git_repository_open_ext(ret, path, flags, NULL);
    bool no_setting = error == GIT_ENOTFOUND && git_error_last()->klass == GIT_ERROR_CONFIG;
    return no_setting ? GIT_EOWNER : error; /* safe.directory */
}

/* ---- walking ---- */

/* Where a walk has come to. */
struct spot {
    git_oid id;
    git_filemode_t mode;
    char path[PATH_MAX]; /* from the root, without links; the root: "" */
};

/* With the lock held. */
static int refuse(struct git_tree *tree, const char *path, int kind)
{
    struct refused *refused = tree->refused;
    while (refused != NULL && strcmp(refused->path, path) != 0) {
        refused = refused->next;
    }
    if (refused == NULL) {
        refused = calloc(1, sizeof *refused);
        char *copy = strdup(path);
        if (refused == NULL || copy == NULL) {
            BUG("no memory for a path");
        }
        *refused = (struct refused){ .path = copy, .kind = kind, .next = tree->refused };
        tree->refused = refused;
    }
    return kind == LINK_OUT ? TREE_LEFT : kind == UNCOMMITTED ? TREE_UNCOMMITTED : TREE_ABSENT;
}

static void go_to_root(const struct git_tree *tree, struct spot *at)
{
    at->id = tree->id;
    at->mode = GIT_FILEMODE_TREE;
    at->path[0] = '\0';
}

/* 0, or an errno; so in all that follows. */
static int go_down(struct git_tree *tree, struct spot *at, const char *name, size_t len)
{
    size_t used = strlen(at->path);
    git_tree *dir = NULL;
    if (at->mode == GIT_FILEMODE_COMMIT) {
        return refuse(tree, at->path, SUBMODULE);
    }
    if (at->mode != GIT_FILEMODE_TREE) {
        return ENOTDIR;
    }
    if (used + len + 2 > sizeof at->path) {
        return ENAMETOOLONG;
    }
    int put = sprintf(at->path + used, "%s%.*s", used > 0 ? "/" : "", (int)len, name);
    if (git_tree_lookup(&dir, tree->repo, &at->id) != 0) {
        return EIO;
    }
    const git_tree_entry *entry = git_tree_entry_byname(dir, at->path + used + (size_t)put - len);
    if (entry != NULL) {
        at->id = *git_tree_entry_id(entry);
        at->mode = git_tree_entry_filemode(entry);
    }
    git_tree_free(dir);
    return entry != NULL ? 0 : ENOENT;
}

static int go_up(struct git_tree *tree, struct spot *at)
{
    char path[PATH_MAX];
    char *slash = strrchr(at->path, '/');
    size_t len = slash != NULL ? (size_t)(slash - at->path) : 0;
    if (at->path[0] == '\0') {
        return TREE_LEFT;
    }
    memcpy(path, at->path, len);
    path[len] = '\0';
    go_to_root(tree, at);
    int error = 0;
    for (char *next = path; error == 0 && *next != '\0'; next += strspn(next, "/")) {
        len = strcspn(next, "/");
        error = go_down(tree, at, next, len);
        next += len;
    }
    return error;
}

/* What a link says; NUL-terminated. */
static int read_link(struct git_tree *tree, const struct spot *at, char ret[])
{
    git_blob *blob = NULL;
    if (git_blob_lookup(&blob, tree->repo, &at->id) != 0) {
        return EIO;
    }
    size_t len = (size_t)git_blob_rawsize(blob);
    int error = len == 0 ? ENOENT : len >= PATH_MAX ? ENAMETOOLONG : 0;
    if (error == 0) {
        memcpy(ret, git_blob_rawcontent(blob), len);
        ret[len] = '\0';
    }
    git_blob_free(blob);
    return error;
}

/* From a link: go back to its directory, and make its text a part of the way before us. */
static int follow(struct git_tree *tree, struct spot *at, const char *behind, char rest[])
{
    char target[PATH_MAX], way[2 * PATH_MAX];
    char link[PATH_MAX];
    int error = read_link(tree, at, target);
    if (error != 0) {
        return error;
    }
    strcpy(link, at->path);
    if (target[0] == '/') {
        return refuse(tree, link, LINK_OUT);
    }
    int len = snprintf(way, sizeof way, "%s/%s", target, behind);
    if (len >= PATH_MAX) {
        return ENAMETOOLONG;
    }
    memcpy(rest, way, (size_t)len + 1);
    return go_up(tree, at);
}

static int walk(struct git_tree *tree, const char *path, bool follow_last, struct spot *at)
{
    char rest[PATH_MAX], link[PATH_MAX] = "";
    unsigned links = 0;
    strcpy(rest, path); /* at most PATH_MAX: see tree.h */
    go_to_root(tree, at);
    for (char *next = rest; *(next += strspn(next, "/")) != '\0';) {
        size_t len = strcspn(next, "/");
        bool last = next[len + strspn(next + len, "/")] == '\0';
        int error = 0;
        if (len == 2 && memcmp(next, "..", 2) == 0) {
            error = at->mode != GIT_FILEMODE_TREE ? ENOTDIR : go_up(tree, at);
        } else if (len != 1 || *next != '.') {
            error = go_down(tree, at, next, len);
        }
        next += len;
        if (error == 0 && at->mode == GIT_FILEMODE_LINK && (follow_last || !last)) {
            strcpy(link, at->path);
            error = ++links > LINKS_MAX ? ELOOP : follow(tree, at, next, rest);
            next = rest;
        }
        if (error != 0) {
            return error == TREE_LEFT && link[0] != '\0' ? refuse(tree, link, LINK_OUT) : error;
        }
    }
    return 0;
}

/* ---- contents ---- */

/* The content as a file in memory, at its beginning; -1: errno tells why. */
static int file_in_memory(const struct git_tree *tree, const git_blob *blob, git_filemode_t mode)
{
    const struct timespec times[2] = { { .tv_sec = tree->time }, { .tv_sec = tree->time } };
    int fd =
        fd_of_bytes("commit", (str){ git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob) });
    if (fd < 0) {
        return -1;
    }
    fchmod(fd, mode == GIT_FILEMODE_BLOB_EXECUTABLE ? 0755 : 0644);
    futimens(fd, times);
    return fd;
}

/* Another opening of a file in memory, with a position of its own; -1: there is none. */
static int reopen(int fd)
{
    char path[40];
    sprintf(path, "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static int find_held(const struct git_tree *tree, const git_oid *id)
{
    for (size_t i = 0; i < HELD; i++) {
        if (tree->held[i].fd >= 0 && git_oid_equal(&tree->held[i].id, id)) {
            return reopen(tree->held[i].fd);
        }
    }
    return -1;
}

static void hold(struct git_tree *tree, const git_oid *id, int fd)
{
    struct held *held = &tree->held[tree->next_held++ % HELD];
    close_fd(&held->fd);
    *held = (struct held){ *id, dup(fd) };
}

static bool is_lfs_pointer(const git_blob *blob)
{
    static const str begin = S_INIT("version https://git-lfs.github.com/spec/");
    size_t len = (size_t)git_blob_rawsize(blob);
    return len < 1024 && str_starts((str){ git_blob_rawcontent(blob), len }, begin);
}

static int open_blob(struct git_tree *tree, const struct spot *at)
{
    git_blob *blob = NULL;
    int fd = find_held(tree, &at->id);
    if (fd >= 0) {
        return fd;
    }
    if (git_blob_lookup(&blob, tree->repo, &at->id) != 0) {
        errno = EIO;
        return -1;
    }
    if (is_lfs_pointer(blob)) {
        errno = refuse(tree, at->path, LFS_FILE);
    } else {
        fd = file_in_memory(tree, blob, at->mode);
    }
    if (fd >= 0 && (size_t)git_blob_rawsize(blob) >= HELD_MIN) {
        hold(tree, &at->id, fd);
        int own = find_held(tree, &at->id); /* whoever shares the file has a position of his own */
        if (own >= 0) {
            close(fd);
            fd = own;
        }
    }
    git_blob_free(blob);
    return fd;
}

/* ---- the driver ---- */

/* Whether only the disk has what a walk did not find. */
static bool is_on_disk(const struct git_tree *tree, const char *path)
{
    char whole[2 * PATH_MAX];
    struct stat status;
    snprintf(whole, sizeof whole, "%.*s/%s", SARG(tree->root), path);
    return lstat(whole, &status) == 0;
}

/* Walk with the lock held; the caller gives it up. False: errno. */
static bool walk_locked(struct git_tree *tree, const char *path, bool follow_last, struct spot *ret)
{
    pthread_mutex_lock(&tree->lock);
    int error = walk(tree, path, follow_last, ret);
    if (tree->covers && (error == ENOENT || error == ENOTDIR) && is_on_disk(tree, path)) {
        error = refuse(tree, path, UNCOMMITTED);
    }
    errno = error;
    return error == 0;
}

static int open_file(void *data, const char *path)
{
    struct git_tree *tree = data;
    struct spot at;
    int fd = -1;
    if (walk_locked(tree, path, true, &at)) {
        if (at.mode == GIT_FILEMODE_COMMIT) {
            errno = refuse(tree, at.path, SUBMODULE);
        } else if (at.mode == GIT_FILEMODE_TREE) {
            errno = EISDIR;
        } else {
            fd = open_blob(tree, &at);
        }
    }
    pthread_mutex_unlock(&tree->lock);
    return fd;
}

static mode_t mode_of(git_filemode_t mode)
{
    switch (mode) {
    case GIT_FILEMODE_TREE:
    case GIT_FILEMODE_COMMIT: /* an empty directory, as in a check-out without it */
        return S_IFDIR | 0755;
    case GIT_FILEMODE_BLOB_EXECUTABLE:
        return S_IFREG | 0755;
    case GIT_FILEMODE_LINK:
        return S_IFLNK | 0777;
    case GIT_FILEMODE_BLOB:
    case GIT_FILEMODE_UNREADABLE:
        break;
    }
    return S_IFREG | 0644;
}

/* A number that tells this file from others: of its place and its content. */
static ino_t inode_of(const struct spot *at)
{
    str id = { (const char *)at->id.id, GIT_OID_RAWSZ };
    return (ino_t)(str_hash(id) ^ str_hash(str_of(at->path)));
}

static bool stat_file(void *data, const char *path, bool follow_last, struct stat *ret)
{
    struct git_tree *tree = data;
    struct spot at;
    size_t size = 0;
    git_object_t type;
    git_odb *odb = NULL;
    bool ok = walk_locked(tree, path, follow_last, &at);
    if (ok && mode_of(at.mode) != (S_IFDIR | 0755)) {
        ok = git_repository_odb(&odb, tree->repo) == 0 &&
             git_odb_read_header(&size, &type, odb, &at.id) == 0;
        git_odb_free(odb);
        errno = ok ? 0 : EIO;
    }
    pthread_mutex_unlock(&tree->lock);
    if (ok) {
        struct timespec time = { .tv_sec = tree->time };
        *ret = (struct stat){ .st_dev = (dev_t)str_hash(tree->root),
                              .st_ino = inode_of(&at),
                              .st_mode = mode_of(at.mode),
                              .st_nlink = 1,
                              .st_uid = geteuid(),
                              .st_gid = getegid(),
                              .st_size = (off_t)size,
                              .st_atim = time,
                              .st_mtim = time,
                              .st_ctim = time };
    }
    return ok;
}

/* Whether it can be the name of a file: a repository may have been made to hold others. */
static bool is_name(const char *name)
{
    return strchr(name, '/') == NULL && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static bool list_names(struct git_tree *tree, const struct spot *at, struct arena *arena,
                       struct name_list *ret)
{
    git_tree *dir = NULL;
    if (at->mode != GIT_FILEMODE_TREE) {
        errno = at->mode == GIT_FILEMODE_COMMIT ? refuse(tree, at->path, SUBMODULE) : ENOTDIR;
        return false;
    }
    if (git_tree_lookup(&dir, tree->repo, &at->id) != 0) {
        errno = EIO;
        return false;
    }
    for (size_t i = 0; i < git_tree_entrycount(dir); i++) {
        const char *name = git_tree_entry_name(git_tree_entry_byindex(dir, i));
        if (is_name(name)) {
            *VEC_PUSH(arena, ret) = str_copy(arena, str_of(name));
        }
    }
    git_tree_free(dir);
    return true;
}

static bool list_directory(void *data, const char *path, struct arena *arena, struct name_list *ret)
{
    struct git_tree *tree = data;
    struct spot at;
    bool ok = walk_locked(tree, path, true, &at) && list_names(tree, &at, arena, ret);
    pthread_mutex_unlock(&tree->lock);
    return ok;
}

static bool link_text(void *data, const char *path, char ret[])
{
    struct git_tree *tree = data;
    struct spot at;
    bool ok = walk_locked(tree, path, false, &at);
    if (ok) {
        errno = at.mode == GIT_FILEMODE_LINK ? read_link(tree, &at, ret) : EINVAL;
        ok = errno == 0;
    }
    pthread_mutex_unlock(&tree->lock);
    return ok;
}

static bool real_path(void *data, const char *path, char ret[])
{
    struct git_tree *tree = data;
    struct spot at;
    bool ok = walk_locked(tree, path, true, &at);
    pthread_mutex_unlock(&tree->lock);
    if (ok) {
        strcpy(ret, at.path);
    }
    return ok;
}

static const struct tree_driver driver = { open_file, stat_file, list_directory, link_text,
                                           real_path };

/* ---- mounting ---- */

static struct git_tree *find_tree(git_repository *repo, const git_oid *commit)
{
    struct git_tree *tree = trees;
    while (tree != NULL && (tree->covers || !git_oid_equal(&tree->commit, commit) ||
                            strcmp(git_repository_path(tree->repo), git_repository_path(repo)))) {
        tree = tree->next;
    }
    return tree;
}

/* NULL: the commit cannot be read. */
static struct git_tree *new_tree(git_repository *repo, const git_oid *id)
{
    git_commit *commit = NULL;
    if (git_commit_lookup(&commit, repo, id) != 0) {
        return NULL;
    }
    struct git_tree *tree = calloc(1, sizeof *tree);
    if (tree == NULL) {
        BUG("no memory for a tree");
    }
    *tree = (struct git_tree){ .repo = repo,
                               .commit = *id,
                               .id = *git_commit_tree_id(commit),
                               .time = git_commit_time(commit) };
    for (size_t i = 0; i < HELD; i++) {
        tree->held[i].fd = -1;
    }
    pthread_mutex_init(&tree->lock, NULL);
    git_commit_free(commit);
    return tree;
}

/* With the lock of all trees held. */
static void add_tree(struct git_tree *tree)
{
    tree->next = trees;
    trees = tree;
}

static void mount_tree(struct git_tree *tree, str name)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("mount");
    char shown[11];
    git_oid_tostr(shown, sizeof shown, &tree->commit);
    tree->root = tree_mount(str_format(scratch, "%.*s@%s", SARG(name), shown), &driver, tree);
    add_tree(tree);
}

bool git_tree_mount(git_repository *repo, const git_oid *commit, str name, str *ret_root)
{
    pthread_mutex_lock(&trees_lock);
    struct git_tree *known = find_tree(repo, commit);
    struct git_tree *tree = known != NULL ? known : new_tree(repo, commit);
    bool ok = tree != NULL;
    if (ok && known == NULL) {
        mount_tree(tree, name);
    }
    if (ok) {
        *ret_root = tree->root;
    }
    pthread_mutex_unlock(&trees_lock);
    if (!ok || known != NULL) {
        git_repository_free(repo);
    }
    return ok;
}

bool git_tree_cover(git_repository *repo, const git_oid *commit, str dir)
{
    struct git_tree *tree = new_tree(repo, commit);
    if (tree == NULL) {
        git_repository_free(repo);
        return false;
    }
    tree->covers = true;
    tree->root = tree_cover(dir, &driver, tree);
    pthread_mutex_lock(&trees_lock);
    add_tree(tree);
    pthread_mutex_unlock(&trees_lock);
    return true;
}

bool git_tree_find(str root, git_repository **ret_repo, git_oid *ret_commit)
{
    pthread_mutex_lock(&trees_lock);
    struct git_tree *tree = trees;
    while (tree != NULL && (tree->covers || !str_eq(tree->root, root))) {
        tree = tree->next;
    }
    pthread_mutex_unlock(&trees_lock);
    if (tree != NULL) {
        *ret_repo = tree->repo;
        *ret_commit = tree->commit;
    }
    return tree != NULL;
}

/* ---- telling ---- */

static void tell(struct diags *diags, const struct git_tree *tree, const struct refused *refused)
{
    str root = tree->covers ? tree->root : str_part(tree->root, 1, tree->root.len);
    str path =
        str_format(diags->arena, "%.*s%s%s", SARG(root), tree->covers ? "/" : "", refused->path);
    switch (refused->kind) {
    case SUBMODULE:
        diag_hint(diag_warning(diags, SPAN_NONE, "submodule '%.*s' is not read", SARG(path)),
                  "a commit only names its submodules; use a check-out that has them");
        return;
    case LFS_FILE:
        diag_hint(
            diag_warning(diags, SPAN_NONE, "'%.*s' is kept by Git LFS and is not read", SARG(path)),
            "a commit holds only a pointer to it; use a check-out that has it");
        return;
    case LINK_OUT:
        diag_hint(diag_warning(diags, SPAN_NONE, "link '%.*s' leads out of the tree", SARG(path)),
                  "what is not in the commit is not read; use a check-out");
        return;
    case UNCOMMITTED:
        diag_hint(diag_error(diags, SPAN_NONE, "'%.*s' is not read: %s", SARG(path),
                             tree_why(TREE_UNCOMMITTED)),
                  "commit it, or keep it outside of the repository");
        return;
    }
}

bool git_tree_tell(struct diags *diags)
{
    bool all_committed = true;
    pthread_mutex_lock(&trees_lock);
    for (struct git_tree *tree = trees; tree != NULL; tree = tree->next) {
        pthread_mutex_lock(&tree->lock);
        for (struct refused *refused = tree->refused; refused != NULL; refused = refused->next) {
            if (!refused->told) {
                tell(diags, tree, refused);
            }
            refused->told = true;
            all_committed &= refused->kind != UNCOMMITTED;
        }
        pthread_mutex_unlock(&tree->lock);
    }
    pthread_mutex_unlock(&trees_lock);
    return all_committed;
}
