/*
 * copy_tree.c - copying a directory. The source's list, wherever it comes from, becomes a list of
 * entries; each is compared with what is in its place.
 *
 * As in Ansible: a source without a '/' at its end goes into dest under its own name; an empty one
 * copies nothing; directories that hold files are made but not changed, others get owner, group and
 * directory_mode; what is copied on the host itself keeps the source's mode.
 */
#include "copy.h"

#include "base/path.h"

#define LINKED_DIRECTORIES_MAX 8 /* one in the other; more are taken for a circle */

typedef VEC(struct copy_entry) entry_vec;

/* ---- the entries ---- */

static bool is_below_link(const struct source_file *src, str path)
{
    for (str above = path_dirname(path); above.len > 0; above = path_dirname(above)) {
        for (size_t i = 0; i < src->count; i++) {
            if (src->entries[i].type == FILE_LINK && str_eq(src->entries[i].path, above)) {
                return true;
            }
        }
    }
    return false;
}

static void entries_from_controller(struct arena *arena, const struct copy_params *want,
                                    entry_vec *ret)
{
    const struct source_file *src = &want->src;
    for (size_t i = 0; i < src->count; i++) {
        const struct source_entry *entry = &src->entries[i];
        bool follow =
            entry->type == FILE_LINK && want->local_follow && entry->leads_to != FILE_ABSENT;
        if (!want->local_follow && is_below_link(src, entry->path)) {
            continue;
        }
        *VEC_PUSH(arena, ret) = (struct copy_entry){
            .path = entry->path,
            .type = follow ? entry->leads_to : entry->type,
            .mode = entry->mode,
            .target = entry->target,
            .content = entry->content,
        };
    }
}

static void entries_from_host(struct observer *obs, const struct copy_params *want, str top,
                              str below, unsigned depth, struct copy_tree *tree, entry_vec *ret);

/* What a link leads to is copied: a file, a directory with all that is in it, or nothing. */
static void follow_on_host(struct observer *obs, const struct copy_params *want, str path,
                           struct copy_entry entry, unsigned depth, struct copy_tree *tree,
                           entry_vec *ret)
{
    struct file_stat stat = { 0 };
    observe_stat_follow(obs, path, &stat);
    observe_digest(obs, path, DIGEST_SHA1, &entry.content.digest);
    if (stat.type != FILE_REGULAR && stat.type != FILE_DIRECTORY) {
        return;
    }
    if (depth == LINKED_DIRECTORIES_MAX) {
        tree->problem = "leads back to where it is, again and again; use local_follow: no";
        tree->problem_path = path;
        return;
    }
    entry.type = stat.type;
    entry.mode = stat.mode;
    entry.content.size = stat.size;
    *VEC_PUSH(observe_arena(obs), ret) = entry;
    if (stat.type == FILE_DIRECTORY) {
        entries_from_host(obs, want, path, entry.path, depth + 1, tree, ret);
    }
}

static void entry_from_host(struct observer *obs, const struct copy_params *want, str path,
                            str name, const struct file_entry *from, unsigned depth,
                            struct copy_tree *tree, entry_vec *ret)
{
    const struct file_stat *stat = &from->stat;
    struct copy_entry entry = {
        .path = name,
        .type = stat->type,
        .mode = stat->mode,
        .target = stat->target,
        .content = { .kind = CONTENT_REMOTE,
                     .path = path,
                     .size = stat->size,
                     .digest = from->digest },
    };
    if (stat->type == FILE_LINK && want->local_follow) {
        follow_on_host(obs, want, path, entry, depth, tree, ret);
        return;
    }
    if (stat->type != FILE_LINK && stat->type != FILE_REGULAR && stat->type != FILE_DIRECTORY) {
        tree->problem = "is neither a file nor a directory nor a link";
        tree->problem_path = path;
    }
    *VEC_PUSH(observe_arena(obs), ret) = entry;
}

/* What is below `top` on the host, as entries below `below`. */
static void entries_from_host(struct observer *obs, const struct copy_params *want, str top,
                              str below, unsigned depth, struct copy_tree *tree, entry_vec *ret)
{
    struct arena *arena = observe_arena(obs);
    struct file_tree source = { 0 };
    observe_tree(obs, top, true, &source);
    for (size_t i = 0; i < source.count; i++) {
        str name = source.entries[i].path;
        entry_from_host(obs, want, path_join(arena, top, name),
                        below.len == 0 ? name : path_join(arena, below, name), &source.entries[i],
                        depth, tree, ret);
    }
}

static void mark_directories(entry_vec *entries)
{
    for (size_t i = 0; i < entries->len; i++) {
        str parent = path_dirname(entries->items[i].path);
        for (size_t k = i; entries->items[i].type == FILE_REGULAR && k-- > 0;) {
            if (str_eq(entries->items[k].path, parent)) {
                entries->items[k].holds_files = true;
                break;
            }
        }
    }
}

/* ---- observing ---- */

static void there_observe(struct observer *obs, const struct copy_params *want,
                          struct copy_tree *tree)
{
    struct arena *arena = observe_arena(obs);
    tree->there = NEW_ARRAY(arena, struct copy_there, tree->count + 1);
    for (size_t i = 0; i < tree->count; i++) {
        str path = path_join(arena, tree->base, tree->entries[i].path);
        struct copy_there *there = &tree->there[i];
        observe_stat(obs, path, &there->old);
        observe_stat_follow(obs, path, &there->target);
        if (tree->entries[i].type == FILE_REGULAR) {
            observe_digest(obs, path, DIGEST_SHA1, &there->digest);
        }
        if (want->backup) {
            there->backup = backup_path(obs, path);
        }
    }
}

static str base_of(struct arena *arena, const struct copy_params *want)
{
    bool contents = str_ends(want->src.name, S("/"));
    str name = path_basename(path_normal(arena, want->src.path));
    return path_normal(arena, contents ? want->dest : path_join(arena, want->dest, name));
}

static str top_of(struct arena *arena, const struct copy_params *want, const struct copy_tree *tree)
{
    str dest = path_normal(arena, want->dest);
    for (size_t i = 0; i < tree->above.count; i++) {
        if (str_eq(tree->above.steps[i].path, dest) &&
            tree->above.steps[i].stat.type == FILE_DIRECTORY) {
            return tree->base;
        }
    }
    return dest;
}

void copy_tree_observe(struct observer *obs, const struct copy_params *want,
                       struct copy_state *have)
{
    struct arena *arena = observe_arena(obs);
    struct copy_tree *tree = &have->tree;
    entry_vec entries = { 0 };
    *tree = (struct copy_tree){ .base = base_of(arena, want) };
    file_context_observe(obs, &want->file, &tree->context);
    directory_chain_observe(obs, tree->base, &tree->above);
    tree->top = top_of(arena, want, tree);
    if (want->src.remote) {
        observe_stat(obs, tree->top, &tree->top_stat); /* for the result when nothing changes */
    }
    if (want->src.remote) {
        entries_from_host(obs, want, want->src.path, STR_EMPTY, 0, tree, &entries);
    } else {
        entries_from_controller(arena, want, &entries);
    }
    mark_directories(&entries);
    tree->entries = entries.items;
    tree->count = entries.len;
    there_observe(obs, want, tree);
}

/* ---- planning ---- */

static void plan_copy_directory(struct plan *plan, const struct copy_params *want, str path,
                                const struct copy_entry *entry, const struct copy_there *there)
{
    struct file_params file = want->file;
    file.mode = want->directory_mode;
    struct file_attrs attrs = plan_file_attrs(plan, &file, &there->target, true);
    if (want->src.remote && there->target.type == FILE_ABSENT) {
        attrs.has_mode = true;
        attrs.mode = entry->mode;
    }
    if (there->target.type == FILE_ABSENT) {
        plan_directory(plan, path, attrs);
    } else if (there->target.type != FILE_DIRECTORY && there->target.type != FILE_UNKNOWN) {
        plan_fail(plan, "dest", "'%.*s' is in the way: it is not a directory", SARG(path));
    } else if (!entry->holds_files || want->src.remote) {
        plan_attrs(plan, path, &there->target, attrs, true);
    }
}

static struct file_attrs entry_attrs(struct plan *plan, const struct copy_params *want,
                                     const struct copy_entry *entry, const struct file_stat *before,
                                     bool writes)
{
    struct file_params file = want->file;
    bool preserve = want->file.mode.form == MODE_PRESERVE;
    if (want->src.remote || preserve) {
        file.mode = (struct mode_spec){ 0 };
    }
    struct file_attrs attrs = plan_file_attrs(plan, &file, before, false);
    if (preserve || (want->src.remote && writes)) {
        attrs.has_mode = true;
        attrs.mode = entry->mode;
    }
    return attrs;
}

static void plan_copy_file(struct plan *plan, const struct copy_params *want, str path,
                           const struct copy_entry *entry, const struct copy_there *there)
{
    bool replaced = there->old.type == FILE_LINK && !want->follow;
    bool writes = replaced || content_differs(&entry->content, there->target.size, there->digest);
    if (there->target.type == FILE_DIRECTORY) {
        plan_fail(plan, "dest", "'%.*s' is a directory, but a file in the source", SARG(path));
        return;
    }
    if (!want->force && stat_exists(&there->target)) {
        return;
    }
    const struct file_stat *before = want->follow ? &there->target : &there->old;
    struct file_stat none = { 0 };
    struct file_attrs attrs =
        entry_attrs(plan, want, entry, replaced ? &none : &there->target, writes);
    if (!writes) {
        plan_attrs(plan, path, &there->target, attrs, want->follow);
        return;
    }
    if (want->backup && there->target.type == FILE_REGULAR) {
        plan_copy(plan, path, there->backup);
    }
    struct change *change = plan_write_content(plan, path, before, entry->content, attrs);
    change->follow = want->follow;
    change->validate = want->validate;
    change->unsafe_writes = want->file.unsafe_writes;
}

static void plan_entry(struct plan *plan, const struct copy_params *want,
                       const struct copy_tree *tree, size_t i)
{
    const struct copy_entry *entry = &tree->entries[i];
    str path = path_join(plan_arena(plan), tree->base, entry->path);
    if (entry->type == FILE_DIRECTORY) {
        plan_copy_directory(plan, want, path, entry, &tree->there[i]);
    } else if (entry->type == FILE_LINK) {
        plan_symlink(plan, path, &tree->there[i].old, entry->target);
    } else {
        plan_copy_file(plan, want, path, entry, &tree->there[i]);
    }
}

void copy_tree_plan(struct plan *plan, const struct copy_params *want, const struct copy_tree *tree)
{
    struct file_params directories = want->file;
    directories.mode = want->directory_mode;
    if (tree->problem != NULL) {
        plan_fail(plan, "src", "'%.*s' %s", SARG(tree->problem_path), tree->problem);
        return;
    }
    if (!file_context_plan(plan, &want->file, &tree->context)) {
        return;
    }
    if (want->src.remote) {
        plan_ask_after(plan, tree->top);
    } else if (tree->count == 0) {
        return;
    }
    if (!directory_chain_plan(plan, &tree->above, &directories)) {
        return;
    }
    for (size_t i = 0; i < tree->count; i++) {
        plan_entry(plan, want, tree, i);
    }
}
