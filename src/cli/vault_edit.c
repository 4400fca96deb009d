/* vault_edit.c - see vault_edit.h. */
#include "cli/vault_edit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_out.h"
#include "base/path.h"
#include "base/tree.h"
#include "cli/files.h"

/* ---- programs of the user ---- */

/* The first of these variables that says something, else a program of that name. */
static const char *program_of(const char *const *variables, const char *otherwise)
{
    for (; *variables != NULL; variables++) {
        const char *text = getenv(*variables);
        if (text != NULL && *text != '\0') {
            return text;
        }
    }
    return otherwise;
}

/* Run by sh, since such variables hold options, too. The exit status; -1: it did not end by itself,
 * or did not start. */
static int run_shell(const char *command, const char *argument, int input)
{
    union {
        const char *in[6];
        char *out[6];
    } argv = { .in = { "/bin/sh", "-c", command, "sh", argument } };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    struct sigaction ignore = { .sa_handler = SIG_IGN }, interrupt, quit;
    sigset_t both;
    pid_t pid;
    int status = 0;
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGQUIT);
    sigaction(SIGINT, &ignore, &interrupt); /* Ctrl-C is the editor's */
    sigaction(SIGQUIT, &ignore, &quit);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &both);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    if (input >= 0) {
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    }
    int problem = posix_spawn(&pid, "/bin/sh", &actions, &attributes, argv.out, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (input >= 0) {
        close(input);
    }
    while (problem == 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGQUIT, &quit, NULL);
    return problem == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool vault_show(struct arena *arena, struct diags *diags, str plain)
{
    static const char *const variables[] = { "PAGER", NULL };
    if (isatty(STDOUT_FILENO)) {
        int input = fd_of_bytes("vault", plain);
        const char *pager = program_of(variables, "less -R");
        if (input >= 0 && run_shell(pager, NULL, input) != 127) {
            return true;
        }
    }
    bool ends = plain.len == 0 || str_ends(plain, S("\n"));
    if (!fd_write(STDOUT_FILENO, plain) || (!ends && !fd_write(STDOUT_FILENO, S("\n")))) {
        diag_error(diags, SPAN_NONE, "cannot write to standard output: %s", strerror(errno));
        return false;
    }
    return true;
}

/* ---- a directory that does not stay ---- */

struct desk {
    struct arena *arena;
    str dir, file;
    int life; /* while it is open, the watcher waits */
    pid_t watcher;
};

/* All that an editor may have left in it, too. */
static void clear_directory(struct arena *arena, str dir)
{
    struct name_list names;
    tree_list(arena, dir, &names);
    for (size_t i = 0; i < names.len; i++) {
        unlink(str_c(arena, path_join(arena, dir, names.items[i])));
    }
    rmdir(str_c(arena, dir));
}

/* Waits for the end of whoever holds the other end of a pipe, then clears up. */
static void watch(struct arena *arena, str dir, int life)
{
    char byte;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    setsid();
    for (int fd = 0; fd < life; fd++) {
        close(fd);
    }
    while (read(life, &byte, 1) < 0 && errno == EINTR) {
    }
    clear_directory(arena, dir);
    _exit(0);
}

static bool start_watcher(struct desk *desk)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    desk->watcher = fork(); /* before anything else has a thread */
    if (desk->watcher == 0) {
        close(ends[1]);
        watch(desk->arena, desk->dir, ends[0]);
    }
    close(ends[0]);
    desk->life = ends[1];
    return desk->watcher > 0;
}

static bool open_desk(struct desk *desk, str name)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR"), *temporary = getenv("TMPDIR");
    const char *const places[] = { runtime, "/dev/shm", temporary, "/tmp" };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (places[i] == NULL || *places[i] == '\0') {
            continue;
        }
        char *dir =
            (char *)(uintptr_t)str_format(desk->arena, "%s/hostler-vault.XXXXXX", places[i]).ptr;
        if (mkdtemp(dir) != NULL) {
            desk->dir = str_of(dir);
            str ending = path_extension(name);
            desk->file =
                path_join(desk->arena, desk->dir, str_concat(desk->arena, S("text"), ending));
            return start_watcher(desk);
        }
    }
    return false;
}

static void close_desk(struct desk *desk)
{
    if (desk->life >= 0) {
        close(desk->life); /* the watcher clears up */
        while (waitpid(desk->watcher, NULL, 0) < 0 && errno == EINTR) {
        }
    } else if (!str_is_none(desk->dir)) {
        clear_directory(desk->arena, desk->dir);
    }
}

static bool edit_on(struct desk *desk, struct diags *diags, str plain, str *ret)
{
    static const char *const variables[] = { "EDITOR", "VISUAL", NULL };
    const char *path = str_c(desk->arena, desk->file);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && fd_write(fd, plain);
    if (fd >= 0) {
        close(fd);
    }
    if (!ok) {
        diag_error(diags, SPAN_NONE, "cannot write '%s': %s", path, strerror(errno));
        return false;
    }
    const char *editor = program_of(variables, "vi");
    int status = run_shell(str_format(desk->arena, "%s \"$1\"", editor).ptr, path, -1);
    if (status != 0) {
        diag_error(diags, SPAN_NONE, "the editor '%s' failed: nothing was changed", editor);
        if (status == 127) {
            diag_hint(diags->all.items[diags->all.len - 1], "set EDITOR to one that there is");
        }
        return false;
    }
    return file_bytes(desk->arena, diags, desk->file, ret);
}

bool vault_edit(struct arena *arena, struct diags *diags, str name, str plain, str *ret)
{
    struct desk desk = { .arena = arena, .dir = STR_NONE, .life = -1 };
    bool ok;
    if (open_desk(&desk, name)) {
        ok = edit_on(&desk, diags, plain, ret);
    } else {
        diag_error(diags, SPAN_NONE, "there is no place for the text while it is edited: %s",
                   strerror(errno));
        ok = false;
    }
    close_desk(&desk);
    return ok;
}
