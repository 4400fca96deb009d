/*
 * spawn.h - programs of this machine.
 */
#pragma once
#include <sys/types.h>

#define SPAWN_OURS -1 /* the stream is shared with us */
#define SPAWN_NULL -2 /* /dev/null */

/* Start a program, looked for in PATH, in a process group of its own. streams: descriptors for its
 * 0, 1 and 2; unused with a terminal (path of a pseudo-terminal; NULL: none), which stands for all
 * three. Returns 0 or an errno value: ENOENT when there is no such program. */
int spawn_program(char *const *argv, const int *streams, const char *terminal, pid_t *ret_pid);
/* The same for a command of the user's configuration: by $SHELL, as ssh(1) does, else /bin/sh. */
int spawn_shell(const char *command, const int *streams, const char *terminal, pid_t *ret_pid);
