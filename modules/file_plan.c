/*
 * file_plan.c - what the module file wants changed, state by state. What is replaced, followed or
 * refused is as in Ansible's module of this name, observed.
 */
#include "file.h"

#include "base/path.h"

static const char *type_word(const struct file_stat *stat)
{
    switch (stat->type) {
    case FILE_ABSENT:
        return "nothing";
    case FILE_REGULAR:
        return "a file";
    case FILE_DIRECTORY:
        return "a directory";
    case FILE_LINK:
        return "a link";
    case FILE_CHAR_DEVICE:
    case FILE_BLOCK_DEVICE:
        return "a device";
    case FILE_FIFO:
        return "a FIFO";
    case FILE_SOCKET:
        return "a socket";
    case FILE_UNKNOWN:
        return "something";
    }
    return "something";
}

static bool has_attrs(const struct file_attrs *attrs)
{
    return attrs->has_mode || !str_is_none(attrs->owner) || !str_is_none(attrs->group);
}

static void plan_attrs_and_times(struct plan *plan, const struct file_module_params *want,
                                 const struct file_module_state *have, str path,
                                 const struct file_stat *before)
{
    struct file_attrs attrs =
        plan_file_attrs(plan, &want->file, before, before->type == FILE_DIRECTORY);
    plan_attrs(plan, path, before, attrs, false);
    plan_times(plan, path, before, have->atime, have->mtime, false);
}

/* ---- absent ---- */

static void plan_absent(struct plan *plan, const struct file_module_state *have)
{
    plan_remove(plan, have->path, &have->there, have->there.type == FILE_DIRECTORY);
}

/* ---- file, touch ---- */

static void plan_existing(struct plan *plan, const struct file_module_params *want,
                          const struct file_module_state *have)
{
    const struct file_stat *stat = &have->real.stat;
    if (stat->type == FILE_ABSENT) {
        plan_fail(plan, "path", "there is no file '%.*s'", SARG(have->real.path));
        plan_hint(plan, "state=touch makes an empty file, copy and template one with content");
        return;
    }
    if (stat->type == FILE_DIRECTORY || stat->type == FILE_LINK) {
        plan_fail(plan, "path", "'%.*s' is %s, not a file", SARG(have->real.path), type_word(stat));
        return;
    }
    plan_attrs_and_times(plan, want, have, have->real.path, stat);
}

static void plan_touch(struct plan *plan, const struct file_module_params *want,
                       const struct file_module_state *have)
{
    const struct file_stat *stat = &have->real.stat;
    if (stat->type != FILE_ABSENT) {
        plan_attrs_and_times(plan, want, have, have->real.path, stat);
        return;
    }
    if (have->parent.type == FILE_ABSENT) {
        plan_fail(plan, "path", "the directory '%.*s' does not exist",
                  SARG(path_dirname(have->path)));
        return;
    }
    struct content empty = content_of(plan_arena(plan), value_str(plan_arena(plan), STR_EMPTY));
    plan_write_content(plan, have->real.path, stat, empty,
                       plan_file_attrs(plan, &want->file, stat, false))
        ->show = SHOW_TOUCH;
    if (have->atime != CHANGE_NOW || have->mtime != CHANGE_NOW) {
        plan_times(plan, have->real.path, stat, have->atime, have->mtime, false);
    }
}

/* ---- directory ---- */

/* Owner and group of a link itself; it has no mode of its own. */
static void plan_link_owner(struct plan *plan, const struct file_params *file, str path,
                            const struct file_stat *stat)
{
    plan_attrs(plan, path, stat, (struct file_attrs){ .owner = file->owner, .group = file->group },
               false);
}

static void plan_entry(struct plan *plan, const struct file_module_params *want,
                       const struct file_module_state *have, const struct walk *walk, size_t i)
{
    const struct file_entry *entry = &walk->tree.entries[i];
    str path = path_join(plan_arena(plan), walk->path, entry->path);
    if (entry->stat.type != FILE_LINK) {
        plan_attrs_and_times(plan, want, have, path, &entry->stat);
        return;
    }
    plan_link_owner(plan, &want->file, path, &entry->stat);
    if (walk->links != NULL && stat_exists(&walk->links[i].stat)) {
        plan_attrs_and_times(plan, want, have, walk->links[i].path, &walk->links[i].stat);
    }
}

static void plan_directory_state(struct plan *plan, const struct file_module_params *want,
                                 const struct file_module_state *have)
{
    const struct file_stat *stat = &have->real.stat;
    if (stat->type == FILE_ABSENT) {
        if (directory_chain_plan(plan, &have->above, &want->file)) {
            plan_directory(plan, have->real.path, plan_file_attrs(plan, &want->file, stat, true));
        }
        return;
    }
    if (stat->type != FILE_DIRECTORY && stat->type != FILE_UNKNOWN) {
        plan_fail(plan, "path", "'%.*s' is %s and stays so: it cannot become a directory",
                  SARG(have->real.path), type_word(stat));
        return;
    }
    plan_attrs_and_times(plan, want, have, have->real.path, stat);
    for (size_t w = 0; w < have->walks.len; w++) {
        for (size_t i = 0; i < have->walks.items[w].tree.count; i++) {
            plan_entry(plan, want, have, &have->walks.items[w], i);
        }
    }
}

/* ---- link ---- */

static bool link_possible(struct plan *plan, const struct file_module_params *want,
                          const struct file_module_state *have)
{
    if (str_is_none(want->src)) {
        if (have->there.type == FILE_LINK) {
            return true; /* only its owner, or what it points to, is changed */
        }
        plan_fail(plan, "state", "a new link needs 'src'");
        return false;
    }
    if (!want->force && have->source.type == FILE_ABSENT) {
        plan_fail(plan, "src", "'%.*s' does not exist, and a link would point to nothing",
                  SARG(have->source_path));
        plan_hint(plan, "force=yes makes the link all the same");
        return false;
    }
    if (have->there.type == FILE_ABSENT || have->there.type == FILE_LINK ||
        have->there.type == FILE_UNKNOWN) {
        return true;
    }
    if (!want->force) {
        plan_fail(plan, "path", "'%.*s' is %s and stays so: it is not replaced by a link",
                  SARG(have->path), type_word(&have->there));
        plan_hint(plan, "force=yes replaces it");
        return false;
    }
    return true;
}

/* What the link will point to; its owner, group and mode are meant, unless follow=no. */
static void plan_link_attrs(struct plan *plan, const struct file_module_params *want,
                            const struct file_module_state *have, bool made)
{
    struct file_attrs attrs = plan_file_attrs(plan, &want->file, &have->source, false);
    if (!want->follow) {
        struct file_stat unowned = { .type = FILE_LINK, .target = want->src };
        plan_link_owner(plan, &want->file, have->path, made ? &unowned : &have->there);
        return;
    }
    const struct file_stat *target = str_is_none(want->src) ? &have->real.stat : &have->source;
    str path = str_is_none(want->src) ? have->real.path : have->source_path;
    if (stat_exists(target)) {
        plan_attrs_and_times(plan, want, have, path, target);
    } else if (has_attrs(&attrs)) {
        plan_warn(plan, "'%.*s' points to nothing that owner, group or mode could be set of",
                  SARG(have->path));
    }
}

static bool nonempty(struct plan *plan, const struct file_module_state *have)
{
    for (size_t i = 0; i < have->walks.len; i++) {
        if (have->walks.items[i].tree.count > 0) {
            plan_fail(plan, "path",
                      "the directory '%.*s' is not empty and is not replaced by a link",
                      SARG(have->path));
            return true;
        }
    }
    return false;
}

static void plan_link(struct plan *plan, const struct file_module_params *want,
                      const struct file_module_state *have)
{
    if (!link_possible(plan, want, have) || nonempty(plan, have)) {
        return;
    }
    bool made = !str_is_none(want->src) &&
                !(have->there.type == FILE_LINK && str_eq(have->there.target, want->src));
    if (made) {
        if (have->there.type == FILE_DIRECTORY) {
            plan_remove(plan, have->path, &have->there, false);
        }
        plan_symlink(plan, have->path,
                     have->there.type == FILE_DIRECTORY ? &(struct file_stat){ 0 } : &have->there,
                     want->src);
    }
    plan_link_attrs(plan, want, have, made);
}

/* ---- hard ---- */

static bool same_file(const struct file_stat *a, const struct file_stat *b)
{
    return a->inode == b->inode && a->device == b->device && a->inode != 0;
}

static bool hard_possible(struct plan *plan, const struct file_module_params *want,
                          const struct file_module_state *have)
{
    if (str_is_none(want->src)) {
        if (have->there.type == FILE_REGULAR && have->there.links > 1) {
            return true;
        }
        plan_fail(plan, "state", "a new hard link needs 'src'");
        return false;
    }
    if (have->source.type == FILE_ABSENT) {
        plan_fail(plan, "src", "'%.*s' does not exist", SARG(want->src));
        return false;
    }
    if (have->there.type != FILE_ABSENT && have->there.type != FILE_LINK &&
        have->there.type != FILE_UNKNOWN && !same_file(&have->there, &have->source) &&
        !want->force) {
        plan_fail(plan, "path", "'%.*s' is %s of its own and stays so", SARG(have->path),
                  type_word(&have->there));
        plan_hint(plan, "force=yes replaces it by the link");
        return false;
    }
    return true;
}

static void plan_hard(struct plan *plan, const struct file_module_params *want,
                      const struct file_module_state *have)
{
    if (!hard_possible(plan, want, have)) {
        return;
    }
    bool made = !str_is_none(want->src) && !same_file(&have->there, &have->source);
    if (made) {
        plan_hardlink(plan, have->path, &have->there, want->src);
    }
    plan_attrs_and_times(plan, want, have, made ? want->src : have->path,
                         made ? &have->source : &have->there);
}

/* ---- the whole ---- */

static bool times_ok(struct plan *plan, const struct file_module_state *have)
{
    if (have->atime != TIME_BAD && have->mtime != TIME_BAD) {
        return true;
    }
    bool atime = have->atime == TIME_BAD;
    plan_fail(plan, atime ? "access_time" : "modification_time",
              "this is not a time in the format of '%s_format'",
              atime ? "access_time" : "modification_time");
    plan_hint(plan, "the default format is YYYYMMDDhhmm.ss; quote it");
    return false;
}

void file_plan(struct plan *plan, const void *params_, const void *state_)
{
    const struct file_module_params *want = params_;
    const struct file_module_state *have = state_;
    enum file_state state = file_wanted_state(want, &have->there);
    if (!file_context_plan(plan, &want->file, &have->context) || !times_ok(plan, have)) {
        return;
    }
    bool follows = state == STATE_FILE || state == STATE_DIRECTORY || state == STATE_TOUCH;
    if (state != STATE_ABSENT) {
        plan_ask_after(plan, follows ? have->real.path : have->path);
    }
    switch (state) {
    case STATE_ABSENT:
        plan_absent(plan, have);
        break;
    case STATE_DIRECTORY:
        plan_directory_state(plan, want, have);
        break;
    case STATE_FILE:
        plan_existing(plan, want, have);
        break;
    case STATE_HARD:
        plan_hard(plan, want, have);
        break;
    case STATE_LINK:
        plan_link(plan, want, have);
        break;
    case STATE_TOUCH:
        plan_touch(plan, want, have);
        break;
    }
}
