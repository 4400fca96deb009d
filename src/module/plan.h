/*
 * plan.h - what a module wants to be changed. Building a plan is pure: it allocates from the task's
 * arena and touches nothing else. An empty plan is "ok", any other "changed"; the engine draws the
 * diff, applies the plan unless it is a dry run, and asks for the result.
 */
#pragma once
#include "module/param.h"

struct plan;

struct arena *plan_arena(struct plan *plan);
struct diags *plan_diags(struct plan *plan); /* for what reports by itself: regular expressions */
bool plan_wants_diff(const struct plan *plan);

/* Each `before` is what observe_stat() told. A change that would change nothing is not added. */
void plan_write(struct plan *plan, str path, str before,
                str after); /* a text file, whole; keeps attrs */
struct change *plan_write_content(struct plan *plan, str path, const struct file_stat *before,
                                  struct content content, struct file_attrs attrs);
void plan_directory(struct plan *plan, str path, struct file_attrs attrs);
void plan_symlink(struct plan *plan, str path, const struct file_stat *before, str target);
void plan_hardlink(struct plan *plan, str path, const struct file_stat *before, str target);
void plan_attrs(struct plan *plan, str path, const struct file_stat *before,
                struct file_attrs attrs, bool follow);
void plan_times(struct plan *plan, str path, const struct file_stat *before, int64_t atime,
                int64_t mtime, bool create);
void plan_remove(struct plan *plan, str path, const struct file_stat *before, bool recursive);
void plan_copy(struct plan *plan, str path, str to); /* a backup */
void plan_run(struct plan *plan, const str *argv, size_t argc, str what, str before, str after);
/* A command of the user: the plan of a runner. In a dry run it is not run, and `paths` become
 * unknown. */
void plan_command(struct plan *plan, const struct command *command, const str *paths, size_t count);

/* Attributes wanted, from a module's parameters and what is there. A symbolic mode changes the bits
 * of `before`, or of what is made when there is nothing: 0666, for directories 0777, without the
 * umask of the task's user. */
struct file_attrs plan_file_attrs(struct plan *plan, const struct file_params *params,
                                  const struct file_stat *before, bool is_directory);
/* The umask that was observed; without it symbolic modes count with 022. */
void plan_use_umask(struct plan *plan, unsigned umask);
/* Whether `before` differs from what the attributes want. */
bool attrs_differ(const struct file_stat *before, const struct file_attrs *attrs);

/* A text as content: its size, and its digest if all of it is known. */
struct content content_of(struct arena *arena, value text);

/* Ask for the status of a path after the changes, for outcome_stat(); in the same round trip. */
void plan_ask_after(struct plan *plan, str path);

/* The task fails; `param` names the parameter that is the cause (its span is shown), or NULL. */
void plan_fail(struct plan *plan, const char *param, const char *format, ...) PRINTF(3, 4);
/* The same, when another function has reported why into plan_diags(). */
void plan_reject(struct plan *plan);
span plan_place(const struct plan *plan, const char *param); /* where it was given, or the task */
void plan_hint(struct plan *plan, const char *format, ...) PRINTF(2, 3); /* to the failure */
void plan_warn(struct plan *plan, const char *format, ...) PRINTF(2, 3);
str plan_format(struct plan *plan, const char *format, ...) PRINTF(2, 3);

/* ---- the result ---- */

struct outcome; /* parameters, what was observed, and what the applied changes put out */

struct arena *outcome_arena(struct outcome *out);
struct diags *outcome_diags(struct outcome *out);
bool outcome_changed(const struct outcome *out);
bool outcome_dry_run(const struct outcome *out);
/* Status after the changes of a path that plan_ask_after() named; predicted in a dry run. */
const struct file_stat *outcome_stat(struct outcome *out, str path);
/* Of the plan's command; NULL when it was not run (a dry run, or the plan has none). */
const struct command_result *outcome_command(struct outcome *out);
/* Of the n-th plan_run; in a dry run .unknown is true. */
struct run_answer outcome_run(struct outcome *out, size_t n);
/* The task failed although everything was applied (a command with rc != 0). */
void outcome_fail(struct outcome *out, const char *format, ...) PRINTF(2, 3);
/* The task counts as skipped, or as not changed, whatever the plan was. */
void outcome_skip(struct outcome *out, const char *format, ...) PRINTF(2, 3);
void outcome_not_changed(struct outcome *out);

/* A map from pairs of const char * and value, ended by NULL. */
value map_of(struct outcome *out, ...) __attribute__((sentinel));
/* SHA-1 of a content, as Ansible's results have it: of what was sent if it was; unknown where it
 * hangs on what a dry run did not do. */
value outcome_sha1(struct outcome *out, const struct content *content);
/* MD5 of what was written, as Ansible's results have it; undefined where it is not known here (a
 * dry run, a file of the host). Reads a controller file once more, unless it was streamed. */
value outcome_md5(struct outcome *out, const struct content *content);
/* state, mode, owner, group, uid, gid, size as Ansible's file modules report them, added to map;
 * `path` was named by plan_ask_after(). */
void outcome_add_file(struct outcome *out, struct map_builder *map, str path);
