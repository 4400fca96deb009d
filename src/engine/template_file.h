/*
 * template_file.h - a template of the project, read and rendered for a host: for the parameter of
 * the module `template`, and for `hostler template`.
 */
#pragma once
#include "engine/state.h"
#include "module/param.h"

/* The templates that a run has read, so that a host costs a stat of each; from several threads. */
struct template_files *template_files_new(void);
void template_files_free(struct template_files *files); /* accepts NULL */

/*
 * Render the file at `path` with all that `outer` sees, and what a template sees besides
 * (ansible_managed, template_path ...).
 *
 * name  the file as the user named it
 * args  the arguments of the task, evaluated: among them are the options of rendering (trim_blocks
 *       ...); undefined: there is no task
 * ret   its texts live in the arena of `outer`
 *
 * False after a diagnostic.
 */
NODISCARD bool template_file_render(struct run *run, struct eval *outer, value name, str path,
                                    value args, struct template_text *ret);
