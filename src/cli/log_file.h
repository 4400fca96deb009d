/*
 * log_file.h - log_path: what a run shows, in a file too, as Ansible writes it:
 *
 *     2026-11-21 15:06:52,140 p=4483 u=root n=ansible | TASK [copy] ****
 *
 * A text of several lines is one entry. What is added was redacted before; colours are left out.
 */
#pragma once
#include "base/diag.h"

struct log_file;

/* Entries are added to the file, which is made with mode 0600. NULL after a diagnostic at `at`. */
struct log_file *log_file_open(struct arena *arena, struct diags *diags, str path, span at);
void log_file_close(struct log_file *log); /* accepts NULL */

/* One entry; empty texts are none. Each is one write, so that runs may share a file. NULL: nothing
 * is written. */
void log_file_add(struct log_file *log, struct arena *arena, str text);
