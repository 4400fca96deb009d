/*
 * git_program.c - see git_program.h.
 */
#include "inventory/git_program.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/file_out.h"
#include "transport/spawn.h"

#define TEXT_MAX ((size_t)16 << 20) /* bytes of a file of keys, or of an answer */

int memory_file(struct arena *arena, str text, const char **ret_path)
{
    int fd = fd_of_bytes("text", text);
    if (fd < 0) {
        return -1;
    }
    *ret_path = str_format(arena, "/proc/%d/fd/%d", (int)getpid(), fd).ptr;
    return fd;
}

/* What a program wrote to a file in memory. */
static bool read_again(struct arena *arena, int fd, str *ret)
{
    return lseek(fd, 0, SEEK_SET) == 0 && fd_read(arena, fd, TEXT_MAX, ret);
}

int program_run(struct arena *arena, const char *const *args, str input, struct program_answer *ret)
{
    const char *none;
    union {
        const char *in[16];
        char *out[16];
    } argv = { 0 };
    for (size_t i = 0; args[i] != NULL && i + 1 < ARRAY_LEN(argv.in); i++) {
        argv.in[i] = args[i];
    }
    CLEANUP(close_fd) int in = memory_file(arena, input, &none);
    CLEANUP(close_fd) int out = memory_file(arena, STR_EMPTY, &none);
    CLEANUP(close_fd) int err = memory_file(arena, STR_EMPTY, &none);
    pid_t pid;
    int status = -1, streams[] = { in, out, err };
    int problem =
        in < 0 || out < 0 || err < 0 ? errno : spawn_program(argv.out, streams, NULL, &pid);
    if (problem != 0) {
        return problem;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return read_again(arena, out, &ret->out) && read_again(arena, err, &ret->err) ? 0 : errno;
}
