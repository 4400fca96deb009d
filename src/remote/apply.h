/*
 * apply.h - the operations that change a host. Only the engine includes this; modules/ cannot.
 *
 * A file on a host is either the old one or the new one: the new one is created exclusively beside
 * it (leading dot, never the target's suffix), gets owner, mode, ACL, xattr and SELinux context of
 * the target where tools exist (else 0666 & ~umask), is synced once per batch, and renamed.
 */
#pragma once
#include "remote/remote.h"

/*
 * Carry out changes in order, in as few round trips as their payloads allow (one, if all contents
 * are small). Stops at the first that fails: ret->done counts those that were done; of many new
 * files that went in one stream none is, unless the last step, the renaming, found out. after: for
 * each path of `ask_after` its status afterwards, in the same round trip. outputs: for each change
 * of kind CHANGE_RUN its output, in order. sent: what was streamed file by file.
 */
struct apply_result {
    size_t done;
    struct file_stat *after;
    struct run_answer *outputs; /* one for each change; zero for those that run nothing */
    struct sent_files sent;
};
enum remote_status remote_apply(struct remote *remote, const struct remote_context *context,
                                const struct change *changes, size_t count, const str *ask_after,
                                size_t ask_count, struct apply_result *ret,
                                struct remote_error *ret_error);

/* Run a command of the user in the work shell, and wait for its end. */
enum remote_status remote_command(struct remote *remote, const struct remote_context *context,
                                  const struct command *command, struct command_result *ret,
                                  struct remote_error *ret_error);
