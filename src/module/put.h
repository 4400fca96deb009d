/*
 * put.h - putting a file somewhere, as copy and template do, and what other modules that make
 * files share with them: directories that are missing, backups, contexts.
 *
 * Each part is a pair: an _observe that asks, and a _plan that is pure.
 */
#pragma once
#include "module/resolve.h"

/* ---- what attributes depend on ---- */

struct file_context {
    unsigned umask; /* asked only for symbolic modes */
    struct file_stat
        selinux; /* of SELinux's own file; asked only when a part of a context is given */
};
void file_context_observe(struct observer *obs, const struct file_params *params,
                          struct file_context *ret);
/* False after plan_fail(): a context was given and SELinux runs. */
bool file_context_plan(struct plan *plan, const struct file_params *params,
                       const struct file_context *context);

/* ---- a directory and those above it ---- */

struct directory_chain {
    struct directory_step {
        str path;
        struct file_stat stat; /* links followed */
    } * steps;                 /* the outermost first, without "/" */
    size_t count;
};
void directory_chain_observe(struct observer *obs, str path, struct directory_chain *ret);
/* Make what is missing, with these attributes. False after plan_fail(): something else than a
 * directory is in the way. */
bool directory_chain_plan(struct plan *plan, const struct directory_chain *chain,
                          const struct file_params *params);

/* ---- backups ---- */

/* PATH.NUMBER.YYYY-MM-DD@HH:MM:SS~, where Ansible has its process id a random number, and UTC. */
str backup_path(struct observer *obs, str path);

/* ---- a file ---- */

struct put {
    str dest;      /* as given: a file, or a directory if it is one or ends in '/' */
    str name;      /* the file's name in a directory; STR_NONE: dest must not be one */
    unsigned mode; /* of the source, for MODE_PRESERVE */
    bool backup;
    bool force;  /* replace what is there; else only make what is missing */
    bool follow; /* write to what a link at dest points to; else replace the link */
    str validate;
    const struct file_params *file;
    const struct mode_spec *directory_mode; /* for directories that are made; NULL: the umask's */
};

struct put_state {
    str path;                /* the file; settled when observing is done */
    struct file_stat old;    /* what is at the path; a link is not followed */
    struct file_stat target; /* followed */
    struct resolved real;    /* what is written: with `follow` behind the links, else the path */
    struct file_stat parent; /* of the path; followed */
    str digest;              /* SHA-1 of what is there; STR_NONE: no file */
    struct directory_chain above; /* the directory, when dest ends in '/' */
    struct file_context context;
    str backup;
};

void put_observe(struct observer *obs, const struct put *put, struct put_state *ret);
void put_plan(struct plan *plan, const struct put *put, const struct put_state *state,
              const struct content *content);
/* Whether the content is written (and not only attributes are set). */
bool put_writes(const struct put *put, const struct put_state *state,
                const struct content *content);
/* dest, checksum, backup_file and what outcome_add_file() tells. */
void put_result(struct outcome *out, const struct put *put, const struct put_state *state,
                const struct content *content, struct map_builder *map);

/* What is at a path may be settled only by a real run. */
static inline bool stat_exists(const struct file_stat *stat)
{
    return stat->type != FILE_ABSENT && stat->type != FILE_UNKNOWN;
}
