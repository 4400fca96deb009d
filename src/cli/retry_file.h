/*
 * retry_file.h - NAME.retry: the hosts that the playbook NAME.yml has lost, one a line. The next
 * run takes them up with --limit @NAME.retry.
 */
#pragma once
#include "engine/report.h"

/* Into `dir`, which is made; STR_NONE: beside the playbook, or into the working directory if that
 * is in no file system but in a commit. False after a warning. */
bool retry_file_write(struct arena *arena, struct diags *diags, str dir,
                      const struct run_summary *summary, str *ret_path);
