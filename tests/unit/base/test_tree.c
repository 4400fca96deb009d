#include "base/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "check.h"

/* A tree of two files: "a.yml" and "dir/b.yml", each holding its own path. */
static bool is_file(const char *path)
{
    return strcmp(path, "a.yml") == 0 || strcmp(path, "dir/b.yml") == 0;
}

static int open_file(void *tree, const char *path)
{
    int ends[2];
    if (!is_file(path) || pipe(ends) != 0) {
        errno = strncmp(path, "..", 2) == 0 ? TREE_LEFT : ENOENT;
        return -1;
    }
    cr_assert_eq(write(ends[1], path, strlen(path)), (ssize_t)strlen(path));
    close(ends[1]);
    ++*(int *)tree;
    return ends[0];
}

static bool stat_file(void *tree, const char *path, bool follow, struct stat *ret)
{
    bool dir = strcmp(path, "") == 0 || strcmp(path, "dir") == 0;
    errno = ENOENT;
    *ret = (struct stat){ .st_mode = dir ? S_IFDIR | 0755 : S_IFREG | 0644 };
    return dir || is_file(path);
}

static bool list_files(void *tree, const char *path, struct arena *arena, struct name_list *ret)
{
    if (strcmp(path, "dir") == 0) {
        *VEC_PUSH(arena, ret) = S("b.yml");
        return true;
    }
    *VEC_PUSH(arena, ret) = S("dir");
    *VEC_PUSH(arena, ret) = S("a.yml");
    return strcmp(path, "") == 0;
}

static bool read_link(void *tree, const char *path, char ret[])
{
    errno = EINVAL;
    return false;
}

static bool real_path(void *tree, const char *path, char ret[])
{
    strcpy(ret, path);
    return true;
}

static const struct tree_driver driver = { open_file, stat_file, list_files, read_link, real_path };

static str text_of(struct arena *arena, str path)
{
    char bytes[64];
    CLEANUP(close_fd) int fd = tree_open(path);
    ssize_t got = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    return got < 0 ? STR_NONE : str_copy(arena, (str){ bytes, (size_t)got });
}

Test(tree, mounted)
{
    ARENA(arena);
    int opened = 0;
    str root = tree_mount(S("x@1"), &driver, &opened);
    EQ_STR(root, S("/git:x@1:"));
    EQ_STR(tree_mount(S("x@1"), &driver, &opened), S("/git:x@1~2:"));
    EQ_STR(text_of(arena, S("/git:x@1:/dir/b.yml")), S("dir/b.yml"));
    EQ_STR(text_of(arena, S("/git:x@1~2:/a.yml")), S("a.yml"));
    cr_assert_eq(opened, 2);
    EQ_STR(text_of(arena, S("/git:other:/a.yml")), STR_NONE);
    cr_assert(tree_exists(root));
    cr_assert(tree_exists(S("/git:x@1:/dir")));
    cr_assert_not(tree_exists(S("/git:x@1:/c")));
    cr_assert(tree_is_mounted(S("/git:x@1:/c")));
    cr_assert_not(tree_is_mounted(S("/git:x@1")));
    EQ_STR(tree_shown(arena, S("/git:x@1:/dir/b.yml")), S("git:x@1:dir/b.yml"));
    EQ_STR(tree_shown(arena, root), S("git:x@1:"));
    EQ_STR(tree_shown(arena, S("/etc/x")), S("/etc/x"));
    EQ_STR(tree_real(arena, S("/git:x@1:/dir")), S("/git:x@1:/dir"));
}

Test(tree, names)
{
    ARENA(arena);
    int opened = 0;
    struct name_list names;
    str root = tree_mount(S("y"), &driver, &opened);
    cr_assert(tree_list_unsorted(arena, root, &names));
    size_t count = names.len;
    cr_assert(tree_list(arena, root, &names) && names.len == count);
    cr_assert_eq(names.len, 2);
    EQ_STR(names.items[0], S("a.yml"));
    tree_glob(arena, str_concat(arena, root, S("/*/*.yml")), &names);
    cr_assert_eq(names.len, 1);
    EQ_STR(names.items[0], str_concat(arena, root, S("/dir/b.yml")));
    tree_glob(arena, str_concat(arena, root, S("/*.txt")), &names);
    cr_assert_eq(names.len, 0);
}

Test(tree, never_left)
{
    ARENA(arena);
    int opened = 0;
    tree_mount(S("z"), &driver, &opened);
    str path = path_normal(arena, S("/git:z:/dir/../../../etc/passwd"));
    EQ_STR(path, S("/git:z:/../../etc/passwd"));
    EQ_STR(text_of(arena, path), STR_NONE);
    EQ_STR(str_of(tree_why(TREE_LEFT)), S("it leads out of the tree of the commit"));
}

Test(tree, disk)
{
    ARENA(arena);
    struct name_list names;
    char dir[] = "/tmp/hostler-tree-XXXXXX";
    cr_assert_not_null(mkdtemp(dir));
    str path = path_join(arena, str_of(dir), S("f")), link = path_join(arena, str_of(dir), S("l"));
    FILE *file = fopen(str_c(arena, path), "w");
    fputs("text", file);
    fclose(file);
    cr_assert_eq(symlink("f", str_c(arena, link)), 0);
    EQ_STR(text_of(arena, link), S("text"));
    cr_assert(tree_list(arena, str_of(dir), &names) && names.len == 2);
    str said;
    struct stat status;
    cr_assert(tree_link(arena, link, &said));
    EQ_STR(said, S("f"));
    EQ_STR(tree_real(arena, link), path);
    cr_assert(tree_lstat(link, &status) && S_ISLNK(status.st_mode));
    cr_assert(tree_can_read(link) && !tree_can_read(S("/nonexistent")));
    tree_glob(arena, path_join(arena, str_of(dir), S("[a-z]")), &names);
    cr_assert_eq(names.len, 2);
    unlink(str_c(arena, path));
    unlink(str_c(arena, link));
    rmdir(dir);
}
