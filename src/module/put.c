/*
 * put.c - putting a file somewhere. What is made, followed or replaced is what Ansible's copy
 * does: a link at the destination is replaced unless `follow`, directories are made only below a
 * destination that ends in '/', and what is already right is left alone.
 */
#include "module/put.h"

#include <time.h>

#include "base/path.h"

/* ---- what attributes depend on ---- */

static const char *context_part(const struct file_params *params)
{
    return !str_is_none(params->seuser)    ? "seuser"
           : !str_is_none(params->serole)  ? "serole"
           : !str_is_none(params->setype)  ? "setype"
           : !str_is_none(params->selevel) ? "selevel"
                                           : NULL;
}

void file_context_observe(struct observer *obs, const struct file_params *params,
                          struct file_context *ret)
{
    ret->umask = 022;
    if (params->mode.form == MODE_SYMBOLIC) {
        observe_umask(obs, &ret->umask);
    }
    if (context_part(params) != NULL) {
        observe_stat(obs, S("/sys/fs/selinux/enforce"), &ret->selinux);
    }
}

bool file_context_plan(struct plan *plan, const struct file_params *params,
                       const struct file_context *context)
{
    plan_use_umask(plan, context->umask);
    if (context_part(params) != NULL && stat_exists(&context->selinux)) {
        plan_fail(plan, context_part(params),
                  "SELinux runs on the host, and setting a context is not supported yet");
        return false;
    }
    return true;
}

/* ---- a directory and those above it ---- */

static size_t depth_of(str path)
{
    size_t depth = 0;
    for (; path.len > 1; path = path_dirname(path)) {
        depth++;
    }
    return depth;
}

void directory_chain_observe(struct observer *obs, str path, struct directory_chain *ret)
{
    struct arena *arena = observe_arena(obs);
    path = path_normal(arena, path);
    path = str_starts(path, S("//")) ? str_part(path, 1, path.len) : path; /* Python keeps two */
    ret->count = depth_of(path);
    ret->steps = NEW_ARRAY(arena, struct directory_step, ret->count + 1);
    for (size_t i = ret->count; i-- > 0; path = path_dirname(path)) {
        ret->steps[i].path = path;
        observe_stat_follow(obs, path, &ret->steps[i].stat);
    }
}

bool directory_chain_plan(struct plan *plan, const struct directory_chain *chain,
                          const struct file_params *params)
{
    for (size_t i = 0; i < chain->count; i++) {
        const struct directory_step *step = &chain->steps[i];
        if (step->stat.type == FILE_ABSENT) {
            plan_directory(plan, step->path, plan_file_attrs(plan, params, &step->stat, true));
        } else if (step->stat.type != FILE_DIRECTORY && step->stat.type != FILE_UNKNOWN) {
            plan_fail(plan, NULL, "'%.*s' is in the way: it is not a directory", SARG(step->path));
            return false;
        }
    }
    return true;
}

/* ---- backups ---- */

str backup_path(struct observer *obs, str path)
{
    char when[64];
    uint64_t number = 0;
    time_t now = (time_t)observe_now(obs);
    struct tm utc;
    strftime(when, sizeof when, "%Y-%m-%d@%H:%M:%S", gmtime_r(&now, &utc));
    str_to_base(observe_token(obs, 2), 16, &number);
    return str_format(observe_arena(obs), "%.*s.%u.%s~", SARG(path), (unsigned)number, when);
}

/* ---- a file ---- */

static void settle(struct observer *obs, str path, struct put_state *ret)
{
    ret->path = path;
    observe_stat(obs, path, &ret->old);
    observe_stat_follow(obs, path, &ret->target);
    observe_stat_follow(obs, path_dirname(path), &ret->parent);
    observe_digest(obs, path, DIGEST_SHA1, &ret->digest);
}

void put_observe(struct observer *obs, const struct put *put, struct put_state *ret)
{
    struct arena *arena = observe_arena(obs);
    bool slash = str_ends(put->dest, S("/")) && !str_is_none(put->name);
    file_context_observe(obs, put->file, &ret->context);
    if (slash) {
        directory_chain_observe(obs, put->dest, &ret->above);
    }
    str path = slash ? path_join(arena, put->dest, put->name) : put->dest;
    settle(obs, path_normal(arena, path), ret);
    if (observe_ready(obs) && !slash && !str_is_none(put->name) &&
        ret->target.type == FILE_DIRECTORY) {
        settle(obs, path_normal(arena, path_join(arena, path, put->name)), ret);
    }
    /* a link to nothing is replaced all the same, as in Ansible */
    bool follow = put->follow && observe_ready(obs) && ret->target.type != FILE_ABSENT;
    resolve_observe(obs, ret->path, follow, &ret->real);
    if (put->backup) {
        ret->backup = backup_path(obs, ret->real.path);
    }
}

static bool replaces_link(const struct put_state *state)
{
    return state->real.stat.type == FILE_LINK;
}

static bool keeps_what_is_there(const struct put *put, const struct put_state *state)
{
    return !put->force && stat_exists(&state->target);
}

bool put_writes(const struct put *put, const struct put_state *state, const struct content *content)
{
    return !keeps_what_is_there(put, state) &&
           (replaces_link(state) || content_differs(content, state->target.size, state->digest));
}

static bool put_possible(struct plan *plan, const struct put_state *state)
{
    if (state->target.type == FILE_DIRECTORY) {
        plan_fail(plan, "dest", "'%.*s' is a directory", SARG(state->path));
        return false;
    }
    if (state->above.count == 0 && state->parent.type == FILE_ABSENT) {
        plan_fail(plan, "dest", "the directory '%.*s' does not exist",
                  SARG(path_dirname(state->path)));
        plan_hint(plan, "make it first, with 'file: state=directory'");
        return false;
    }
    return true;
}

/* What is written is new: nothing was there, or a link that goes away. */
static struct file_attrs attrs_of(struct plan *plan, const struct put *put,
                                  const struct put_state *state)
{
    struct file_stat none = { 0 };
    struct file_attrs attrs =
        plan_file_attrs(plan, put->file, replaces_link(state) ? &none : &state->target, false);
    if (put->file->mode.form == MODE_PRESERVE) {
        attrs.has_mode = true;
        attrs.mode = put->mode;
    }
    return attrs;
}

void put_plan(struct plan *plan, const struct put *put, const struct put_state *state,
              const struct content *content)
{
    struct file_params directories = *put->file;
    directories.mode = put->directory_mode == NULL ? (struct mode_spec){ 0 } : *put->directory_mode;
    if (!file_context_plan(plan, put->file, &state->context) || !put_possible(plan, state) ||
        !directory_chain_plan(plan, &state->above, &directories)) {
        return;
    }
    plan_ask_after(plan, state->real.path);
    if (keeps_what_is_there(put, state)) {
        return;
    }
    struct file_attrs attrs = attrs_of(plan, put, state);
    if (!put_writes(put, state, content)) {
        plan_attrs(plan, state->real.path, &state->real.stat, attrs, false);
        return;
    }
    if (put->backup && state->target.type == FILE_REGULAR) {
        plan_copy(plan, state->real.path, state->backup);
    }
    struct change *change =
        plan_write_content(plan, state->real.path, &state->real.stat, *content, attrs);
    change->content.note_sent = true;
    change->validate = put->validate;
    change->unsafe_writes = put->file->unsafe_writes;
}

void put_result(struct outcome *out, const struct put *put, const struct put_state *state,
                const struct content *content, struct map_builder *map)
{
    struct arena *arena = outcome_arena(out);
    bool wrote = put_writes(put, state, content);
    map_set_str(map, S("dest"), value_str(arena, state->real.path));
    if (!keeps_what_is_there(put, state)) {
        if (!wrote) {
            map_set_str(map, S("path"), value_str(arena, state->real.path));
        }
        map_set_str(map, S("checksum"), outcome_sha1(out, content));
        outcome_add_file(out, map, state->real.path);
    }
    value md5 = wrote ? outcome_md5(out, content) : (value){ 0 };
    if (value_is_defined(md5)) {
        map_set_str(map, S("md5sum"), md5);
    }
    if (wrote && put->backup && state->target.type == FILE_REGULAR && !outcome_dry_run(out)) {
        map_set_str(map, S("backup_file"), value_str(arena, state->backup));
    }
}
