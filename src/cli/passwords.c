/* passwords.c - see passwords.h. */
#include "cli/passwords.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/tree.h"
#include "cli/config.h"
#include "cli/output.h"

#define PASSWORD_MAX 65536 /* bytes of a file or an answer */

static bool read_all(struct arena *arena, int fd, str *ret)
{
    char bytes[PASSWORD_MAX];
    size_t len = 0;
    ssize_t got;
    while (len < sizeof bytes && (got = read(fd, bytes + len, sizeof bytes - len)) != 0) {
        if (got < 0 && errno != EINTR) {
            break;
        }
        len += got > 0 ? (size_t)got : 0;
    }
    *ret = str_copy(arena, str_trim((str){ bytes, len }));
    explicit_bzero(bytes, sizeof bytes);
    return len < sizeof bytes;
}

static bool failed(struct diags *diags, str path, const char *why)
{
    diag_error(diags, SPAN_NONE, "password file '%.*s': %s", SARG(path), why);
    return false;
}

/* With our terminal: it may ask there. */
static int start(const char *program, const char *const *args, int out, pid_t *ret)
{
    union {
        const char *in[6];
        char *out[6];
    } argv = { .in = { program } };
    for (size_t i = 0; args != NULL && args[i] != NULL && i < 4; i++) {
        argv.in[i + 1] = args[i];
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    int problem = posix_spawn(ret, program, &actions, NULL, argv.out, environ);
    posix_spawn_file_actions_destroy(&actions);
    return problem;
}

static bool from_program(struct arena *arena, struct diags *diags, str path, const char *program,
                         const char *const *args, str *ret)
{
    int ends[2], status = 0;
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return failed(diags, path, strerror(errno));
    }
    int problem = start(program, args, ends[1], &pid);
    close(ends[1]);
    if (problem != 0) {
        close(ends[0]);
        failed(diags, path, strerror(problem));
        if (problem == ENOEXEC) {
            diag_hint(diags->all.items[diags->all.len - 1],
                      "it is executable, and no program: chmod -x %.*s", SARG(path));
        }
        return false;
    }
    bool whole = read_all(arena, ends[0], ret);
    close(ends[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return failed(diags, path,
                      WIFEXITED(status)
                          ? str_format(arena, "it ended with status %d", WEXITSTATUS(status)).ptr
                          : "it was ended by a signal");
    }
    return whole || failed(diags, path, "it does not stop printing");
}

static bool is_program(str path)
{
    struct stat status;
    return tree_stat(path, &status) && (status.st_mode & S_IXUSR) != 0;
}

static bool is_directory(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A password itself is read from the disk, whatever covers its directory: who commits one? */
bool password_read(struct arena *arena, struct diags *diags, str path, const char *const *args,
                   str *ret)
{
    const char *name = str_c(arena, expand_home(arena, path));
    bool mounted = tree_is_mounted(path), program = access(name, X_OK) == 0;
    int fd = mounted ? tree_open(path) : open(name, O_RDONLY | O_CLOEXEC);
    bool ok;
    if (fd < 0) {
        return failed(diags, path, tree_why(errno));
    }
    if (is_directory(fd)) {
        ok = failed(diags, path, "it is a directory");
    } else if (mounted && is_program(path)) {
        ok = failed(diags, path, "it is a program, and those of a commit are not run");
    } else if (program && tree_is_covered(str_of(name)) && !is_program(str_of(name))) {
        ok = failed(diags, path, "it is a program that is not in the signed commit");
    } else if (program) {
        ok = from_program(arena, diags, path, name, args, ret);
    } else {
        ok = read_all(arena, fd, ret) || failed(diags, path, "it is too long for a password");
    }
    close(fd);
    return ok && (ret->len > 0 || failed(diags, path, "it holds no password"));
}

bool password_ask(struct arena *arena, struct diags *diags, str question, str *ret)
{
    if (terminal_ask(NULL, arena, question, false, ret)) {
        return true;
    }
    CLEANUP(close_fd) int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    diag_error(diags, SPAN_NONE, "%s",
               terminal < 0 ? "there is no terminal to ask for a password"
                            : "no password was typed");
    return false;
}

bool password_choose(struct arena *arena, struct diags *diags, str question, str again, str *ret)
{
    str second;
    if (!password_ask(arena, diags, question, ret) || !password_ask(arena, diags, again, &second)) {
        return false;
    }
    if (!str_eq(*ret, second)) {
        diag_error(diags, SPAN_NONE, "the two passwords differ");
        return false;
    }
    if (ret->len == 0) {
        diag_error(diags, SPAN_NONE, "an empty password protects nothing");
        return false;
    }
    return true;
}
