/* test_file_out.c - texts into files of this machine. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_out.h"
#include "base/strbuf.h"

static struct arena *arena;
static char dir[] = "/tmp/file_out.XXXXXX";

static str in_dir(const char *name)
{
    return str_format(arena, "%s/%s", dir, name);
}

static void open_dir(void)
{
    arena = arena_new("test");
    cr_assert(mkdtemp(dir) != NULL);
}

static void remove_dir(void)
{
    const char *names[] = { "file", "link", "pipe", "below" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        cr_expect(remove(in_dir(names[i]).ptr) == 0 || errno == ENOENT, "%s", names[i]);
    }
    cr_expect(rmdir(dir) == 0, "something was left behind");
    arena_free(arena);
}

static str content(const char *path)
{
    static char text[64];
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    return (str){ text, len };
}

static unsigned mode_of(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 ? st.st_mode : 0;
}

Test(file_out, replaces, .init = open_dir, .fini = remove_dir)
{
    const char *file = in_dir("file").ptr, *link = in_dir("link").ptr;
    cr_assert(file_put(arena, in_dir("file"), S("one\n"), true));
    cr_expect(mode_of(file) == (S_IFREG | 0600));
    cr_assert(chmod(file, 0640) == 0 && symlink("file", link) == 0);
    cr_assert(file_put(arena, in_dir("link"), S("two"), false));
    cr_expect(S_ISLNK(mode_of(link)));
    cr_expect(mode_of(file) == (S_IFREG | 0640));
    cr_expect(str_eq(content(file), S("two")));
}

/* A device or a pipe stays what it is: who runs this may be root, and it /dev/null. */
Test(file_out, writes_into_others, .init = open_dir, .fini = remove_dir)
{
    const char *pipe = in_dir("pipe").ptr;
    char text[16];
    cr_assert(mkfifo(pipe, 0600) == 0);
    CLEANUP(close_fd) int fd = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    cr_assert(fd >= 0);
    cr_assert(file_put(arena, in_dir("pipe"), S("through"), true));
    cr_expect(S_ISFIFO(mode_of(pipe)));
    cr_expect(read(fd, text, sizeof text) == 7);
}

Test(file_out, tells_why_not, .init = open_dir, .fini = remove_dir)
{
    cr_assert(mkdir(in_dir("below").ptr, 0700) == 0);
    cr_expect(!file_put(arena, in_dir("below"), S("x"), true) && errno == EISDIR);
    cr_expect(!file_put(arena, in_dir("none/file"), S("x"), true) && errno == ENOENT);
}

Test(file_out, in_memory)
{
    char text[8];
    CLEANUP(close_fd) int fd = fd_of_bytes("test", S("abc"));
    cr_assert(fd >= 0);
    cr_expect(read(fd, text, sizeof text) == 3);
    cr_expect(str_eq((str){ text, 3 }, S("abc")));
}
