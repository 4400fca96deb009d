/*
 * local.h - what the files of the implementation by system calls share. Private to remote/.
 */
#pragma once
#include <sys/stat.h>

#include "remote/question.h"
#include "remote/shell.h"

/* The status of a path; FILE_ABSENT where there is none. False: errno tells why it cannot be told.
 */
bool local_stat(struct arena *arena, str path, bool follow, struct file_stat *ret);
/* Run a program or script as a child, in a process group of its own. */
enum remote_status local_run(const struct remote_context *context, const struct command *command,
                             int wake, struct command_result *ret, struct remote_error *ret_error);
/* REMOTE_OK, or why a long operation has to stop here: the deadline has passed, or `wake` (-1:
 * none) is readable. */
enum remote_status local_go_on(const struct remote_context *context, int wake, const char *doing,
                               struct remote_error *ret_error);
/* Our environment with what a task adds, as strings NAME=VALUE ended by NULL. */
char **local_environment(struct arena *arena, const value *more, size_t count);
char *local_text(struct arena *arena, str s); /* NUL-terminated, as exec wants it */
/* A program in PATH (of `environment`) and sbin directories; STR_NONE. */
str local_program(struct arena *arena, str path, str name, bool with_sbin);
