/*
 * spawn.c - start a program of this machine, with nothing of ours but what it is given.
 *
 * posix_spawn and not fork: threads hold locks. Each program leads a process group of its own, so
 * that a signal reaches what it started, and the terminal's Ctrl-C does not; it gets default
 * signals and an empty mask, whatever our threads block and ignore.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "transport/spawn.h"

static void place_streams(posix_spawn_file_actions_t *actions, const int *streams)
{
    for (int fd = 0; fd < 3; fd++) {
        if (streams[fd] == SPAWN_NULL) {
            posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
        } else if (streams[fd] != SPAWN_OURS) {
            posix_spawn_file_actions_adddup2(actions, streams[fd], fd);
        }
    }
}

/* Opened by the leader of a new session, a terminal becomes its controlling one. */
static void place_terminal(posix_spawn_file_actions_t *actions, const char *terminal)
{
    posix_spawn_file_actions_addopen(actions, 0, terminal, O_RDWR, 0);
    posix_spawn_file_actions_adddup2(actions, 0, 1);
    posix_spawn_file_actions_adddup2(actions, 0, 2);
}

int spawn_program(char *const *argv, const int *streams, const char *terminal, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    int group = terminal != NULL ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setflags(&attributes,
                             (short)(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    if (terminal != NULL) {
        place_terminal(&actions, terminal);
    } else {
        place_streams(&actions, streams);
    }
    int problem = posix_spawnp(ret_pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return problem;
}

int spawn_shell(const char *command, const int *streams, const char *terminal, pid_t *ret_pid)
{
    const char *shell = getenv("SHELL");
    shell = shell != NULL && *shell != '\0' ? shell : "/bin/sh";
    char *argv[] = { (char *)(uintptr_t)shell, (char[]){ "-c" }, (char *)(uintptr_t)command, NULL };
    return spawn_program(argv, streams, terminal, ret_pid);
}
