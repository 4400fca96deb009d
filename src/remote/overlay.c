/*
 * overlay.c - the shadow of a dry run. A node stands for a path that earlier tasks would have
 * changed, with its status afterwards; what is below a removed or newly made directory is hidden.
 * Links that were planned, or seen on the host, are followed, so that one file has one node under
 * all names that were asked about.
 */
#include "remote/overlay.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/path.h"
#include "base/tree.h"
#include "base/words.h"
#include "remote/digest.h"
#include "remote/question.h"

struct node {
    str path;              /* as it is once links are followed */
    struct file_stat stat; /* FILE_ABSENT: removed; FILE_UNKNOWN: a command may have touched it */
    bool seen_only;        /* a link of the host: not changed, kept to follow it */
    bool hides_below;      /* what the host has below it would be gone */
    bool has_content;      /* `content` is what it would hold; else what the host has */
    struct content content;
    str digest; /* of unknown bytes that are somewhere on the host; or STR_NONE */
    struct node *next;
};

#define CHAINS    1024
#define LINKS_MAX 40 /* links followed in one path, as Linux has it */

struct overlay {
    pthread_mutex_t lock;
    struct arena *arena;
    struct node *chains[CHAINS];
    VEC(struct node *) nodes;
    VEC(str) touched; /* words of the programs that would have changed something */
    VEC(struct known_maker {
        str user;
        struct maker maker;
    })
    makers;
    unsigned commands;
};

struct overlay *overlay_new(void)
{
    struct arena *arena = arena_new("overlay");
    struct overlay *overlay = NEW(arena, struct overlay);
    overlay->arena = arena;
    pthread_mutex_init(&overlay->lock, NULL);
    return overlay;
}

void overlay_free(struct overlay *overlay)
{
    if (overlay != NULL) {
        pthread_mutex_destroy(&overlay->lock);
        arena_free(overlay->arena);
    }
}

unsigned overlay_commands(struct overlay *overlay)
{
    pthread_mutex_lock(&overlay->lock);
    unsigned commands = overlay->commands;
    pthread_mutex_unlock(&overlay->lock);
    return commands;
}

/* ---- who makes files ---- */

bool overlay_maker(struct overlay *overlay, str user, struct maker *ret)
{
    bool found = false;
    pthread_mutex_lock(&overlay->lock);
    for (size_t i = 0; i < overlay->makers.len && !found; i++) {
        found = str_eq(overlay->makers.items[i].user, user);
        *ret = found ? overlay->makers.items[i].maker : *ret;
    }
    pthread_mutex_unlock(&overlay->lock);
    return found;
}

void overlay_learn_maker(struct overlay *overlay, str user, const struct maker *maker)
{
    pthread_mutex_lock(&overlay->lock);
    struct known_maker *known = VEC_PUSH(overlay->arena, &overlay->makers);
    *known = (struct known_maker){ str_copy(overlay->arena, user), *maker };
    known->maker.owner = str_copy(overlay->arena, maker->owner);
    known->maker.group = str_copy(overlay->arena, maker->group);
    pthread_mutex_unlock(&overlay->lock);
}

/* ---- nodes ---- */

static struct node *node_find(const struct overlay *overlay, str path)
{
    struct node *node = overlay->chains[str_hash(path) % CHAINS];
    while (node != NULL && !str_eq(node->path, path)) {
        node = node->next;
    }
    return node;
}

static struct node *node_make(struct overlay *overlay, str path)
{
    struct node *node = node_find(overlay, path);
    if (node == NULL) {
        struct node **chain = &overlay->chains[str_hash(path) % CHAINS];
        node = NEW(overlay->arena, struct node);
        node->path = str_copy(overlay->arena, path);
        node->digest = STR_NONE;
        node->next = *chain;
        *chain = node;
        *VEC_PUSH(overlay->arena, &overlay->nodes) = node;
    }
    node->seen_only = false;
    return node;
}

static bool is_below(str path, str dir)
{
    return str_starts(path, dir) && path.len > dir.len &&
           (path.ptr[dir.len] == '/' || str_eq(dir, S("/")));
}

/* Follow links in all components but the last one, and in it too if `follow`. */
static str resolve(const struct overlay *overlay, struct arena *arena, str path, bool follow)
{
    path = path_normal(arena, path);
    for (int links = 0; links < LINKS_MAX; links++) {
        size_t at = 1;
        const struct node *link = NULL;
        while (link == NULL && at <= path.len) {
            size_t slash = str_find_char(path, '/', at);
            bool last = slash == STR_NPOS;
            size_t end = last ? path.len : slash;
            const struct node *node = node_find(overlay, str_part(path, 0, end));
            if (node != NULL && node->stat.type == FILE_LINK && (!last || follow)) {
                link = node;
            }
            at = end + 1;
        }
        if (link == NULL) {
            return path;
        }
        str target = path_join(arena, path_dirname(link->path), link->stat.target);
        str rest = str_part(path, link->path.len, path.len);
        path = path_normal(arena, str_concat(arena, target, rest));
    }
    return path;
}

enum shadow {
    SHADOW_NONE,    /* as the host has it */
    SHADOW_NODE,    /* as *ret_node says */
    SHADOW_GONE,    /* nothing: a parent was removed, or is new, or is no directory */
    SHADOW_UNKNOWN, /* below what a command may have touched */
};

static enum shadow look(const struct overlay *overlay, str resolved, const struct node **ret_node)
{
    const struct node *node = node_find(overlay, resolved);
    if (node != NULL && !node->seen_only) {
        *ret_node = node;
        return SHADOW_NODE;
    }
    for (str dir = resolved; dir.len > 1;) {
        dir = path_dirname(dir);
        node = node_find(overlay, dir);
        if (node == NULL || node->seen_only) {
            continue;
        }
        if (node->stat.type == FILE_UNKNOWN) {
            return SHADOW_UNKNOWN;
        }
        return node->stat.type != FILE_DIRECTORY || node->hides_below ? SHADOW_GONE : SHADOW_NONE;
    }
    return SHADOW_NONE;
}

/* ---- what a change would do ---- */

static void set_attrs(struct node *node, struct arena *arena, const struct file_attrs *attrs)
{
    if (attrs->has_mode && node->stat.type != FILE_LINK) {
        node->stat.mode = attrs->mode;
    }
    if (attrs->owner.len > 0 && !str_eq(attrs->owner, node->stat.owner)) {
        node->stat.owner = str_copy(arena, attrs->owner);
        node->stat.uid = ID_UNKNOWN;
    }
    if (attrs->group.len > 0 && !str_eq(attrs->group, node->stat.group)) {
        node->stat.group = str_copy(arena, attrs->group);
        node->stat.gid = ID_UNKNOWN;
    }
}

static struct file_stat copy_stat(struct arena *arena, const struct file_stat *from)
{
    struct file_stat stat = *from;
    stat.owner = str_is_none(from->owner) ? STR_NONE : str_copy(arena, from->owner);
    stat.group = str_is_none(from->group) ? STR_NONE : str_copy(arena, from->group);
    stat.target = str_is_none(from->target) ? STR_NONE : str_copy(arena, from->target);
    return stat;
}

static struct node *node_changed(struct overlay *overlay, const struct change *change, str path)
{
    struct node *node = node_make(overlay, path);
    if (!node->stat.predicted || node->stat.type == FILE_UNKNOWN) {
        node->stat = copy_stat(overlay->arena, &change->before);
    }
    node->stat.predicted = true;
    return node;
}

/* It is of another kind now: what was below is gone, and so is what it held. */
static void become(struct node *node, enum file_type type, const struct maker *maker)
{
    static const struct maker nobody = { .uid = ID_UNKNOWN, .gid = ID_UNKNOWN, .umask = 022 };
    unsigned mode = type == FILE_DIRECTORY || type == FILE_LINK ? 0777 : 0666;
    maker = maker == NULL ? &nobody : maker;
    if (node->stat.type != type) {
        node->stat = (struct file_stat){ .type = type,
                                         .mode = type == FILE_LINK ? mode : mode & ~maker->umask,
                                         .owner = maker->owner,
                                         .group = maker->group,
                                         .uid = maker->uid,
                                         .gid = maker->gid,
                                         .links = 1,
                                         .predicted = true };
        node->hides_below = true;
        node->has_content = false;
        node->digest = STR_NONE;
    }
}

static void add_write(struct overlay *overlay, const struct change *change,
                      const struct maker *maker, struct node *node)
{
    struct arena *arena = overlay->arena;
    become(node, FILE_REGULAR, maker);
    node->has_content = true;
    node->content = change->content;
    node->content.bytes = value_copy(arena, change->content.bytes);
    node->content.path =
        str_is_none(change->content.path) ? STR_NONE : str_copy(arena, change->content.path);
    node->content.digest =
        str_is_none(change->content.digest) ? STR_NONE : str_copy(arena, change->content.digest);
    bool known =
        change->content.kind == CONTENT_BYTES && value_is(change->content.bytes, VALUE_STR);
    node->stat.size = known ? value_as_str(change->content.bytes).len : change->content.size;
    set_attrs(node, arena, &change->attrs);
}

static void add_removed(struct overlay *overlay, struct node *node)
{
    become(node, FILE_ABSENT, NULL);
    node->stat = (struct file_stat){ .type = FILE_ABSENT, .predicted = true };
    node->has_content = false;
    for (size_t i = 0; i < overlay->nodes.len; i++) {
        struct node *below = overlay->nodes.items[i];
        if (is_below(below->path, node->path)) {
            below->stat = (struct file_stat){ .type = FILE_ABSENT, .predicted = true };
            below->has_content = false;
            below->hides_below = true;
            below->seen_only = false;
        }
    }
}

/* A copy beside it: as the original is, under another name. */
static void add_copied(struct overlay *overlay, const struct change *change,
                       const struct node *from)
{
    struct arena *scratch = arena_new("overlay copy");
    struct node *to = node_make(overlay, resolve(overlay, scratch, change->target, true));
    arena_free(scratch);
    to->stat = copy_stat(overlay->arena, &change->before);
    to->stat.predicted = true;
    to->has_content = true;
    to->content = from != NULL && from->has_content
                      ? from->content
                      : (struct content){ .kind = CONTENT_REMOTE, .path = change->path };
    to->content.path =
        str_is_none(to->content.path) ? STR_NONE : str_copy(overlay->arena, to->content.path);
}

/* What a program is told to work on: packages, services, users. The first word is its name. */
static void add_touched(struct overlay *overlay, const str *words, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (words[i].len > 0 && words[i].ptr[0] != '-') {
            *VEC_PUSH(overlay->arena, &overlay->touched) = str_copy(overlay->arena, words[i]);
        }
    }
}

static void add_file_change(struct overlay *overlay, const struct change *change,
                            const struct maker *maker, str path)
{
    struct arena *arena = overlay->arena;
    if (change->kind == CHANGE_COPY) {
        const struct node *from = node_find(overlay, path);
        add_copied(overlay, change, from);
        return;
    }
    struct node *node = node_changed(overlay, change, path);
    switch (change->kind) {
    case CHANGE_WRITE:
        add_write(overlay, change, maker, node);
        return;
    case CHANGE_DIRECTORY:
        become(node, FILE_DIRECTORY, maker);
        set_attrs(node, arena, &change->attrs);
        return;
    case CHANGE_SYMLINK:
        become(node, FILE_LINK, maker);
        node->stat.target = str_copy(arena, change->target);
        node->stat.size = change->target.len;
        set_attrs(node, arena, &change->attrs);
        return;
    case CHANGE_HARDLINK:
        become(node, FILE_REGULAR, maker);
        node->has_content = true;
        node->content =
            (struct content){ .kind = CONTENT_REMOTE, .path = str_copy(arena, change->target) };
        node->stat.links = 2;
        return;
    case CHANGE_TIMES:
        if (change->create && node->stat.type == FILE_ABSENT) {
            become(node, FILE_REGULAR, maker);
            node->has_content = true;
            node->content =
                (struct content){ .kind = CONTENT_BYTES, .bytes = value_str(arena, STR_EMPTY) };
        }
        node->stat.mtime = change->mtime == CHANGE_NOW || change->mtime == CHANGE_KEEP
                               ? node->stat.mtime
                               : change->mtime;
        set_attrs(node, arena, &change->attrs);
        return;
    case CHANGE_ATTRS:
        set_attrs(node, arena, &change->attrs);
        return;
    case CHANGE_REMOVE:
        add_removed(overlay, node);
        return;
    case CHANGE_COPY:
    case CHANGE_RUN:
        return;
    }
}

void overlay_add(struct overlay *overlay, const struct change *change, const struct maker *maker)
{
    pthread_mutex_lock(&overlay->lock);
    if (change->kind == CHANGE_RUN) {
        add_touched(overlay, change->argv, change->argc);
    } else {
        struct arena *scratch = arena_new("overlay path");
        add_file_change(
            overlay, change, maker,
            resolve(overlay, scratch, change->path, change->follow || change->kind == CHANGE_COPY));
        arena_free(scratch);
    }
    pthread_mutex_unlock(&overlay->lock);
}

static void make_unknown(struct overlay *overlay, str path)
{
    struct arena *scratch = arena_new("overlay path");
    struct node *node = node_make(overlay, resolve(overlay, scratch, path, true));
    arena_free(scratch);
    node->stat = (struct file_stat){ .type = FILE_UNKNOWN, .predicted = true };
    node->has_content = false;
    node->hides_below = false;
    for (size_t i = 0; i < overlay->nodes.len; i++) {
        struct node *below = overlay->nodes.items[i];
        if (is_below(below->path, node->path)) {
            below->stat = node->stat;
            below->has_content = false;
        }
    }
}

void overlay_add_command(struct overlay *overlay, const struct command *command, const str *paths,
                         size_t count)
{
    struct arena *scratch = arena_new("overlay words");
    struct words words = { .items = command->argv, .count = command->argc };
    if (command->argv == NULL) {
        words_split(scratch, command->script, &words);
    }
    pthread_mutex_lock(&overlay->lock);
    overlay->commands++;
    for (size_t i = 0; i < count; i++) {
        make_unknown(overlay, paths[i]);
    }
    add_touched(overlay, words.items, words.count);
    pthread_mutex_unlock(&overlay->lock);
    arena_free(scratch);
}

/* ---- answers ---- */

static void patch_stat(const struct overlay *overlay, struct arena *arena, struct question *q)
{
    const struct node *node = NULL;
    str path = resolve(overlay, arena, q->arg, q->kind == ASK_STAT_FOLLOW);
    switch (look(overlay, path, &node)) {
    case SHADOW_NONE:
        if (!str_eq(path, path_normal(arena, q->arg)) &&
            !str_eq(path_dirname(path), path_dirname(q->arg)) &&
            q->answer.stat.type == FILE_ABSENT) {
            q->answer.stat = (struct file_stat){ .type = FILE_UNKNOWN, .predicted = true };
        }
        return;
    case SHADOW_NODE:
        q->answer.stat = copy_stat(arena, &node->stat);
        break;
    case SHADOW_GONE:
        q->answer.stat = (struct file_stat){ .type = FILE_ABSENT, .predicted = true };
        break;
    case SHADOW_UNKNOWN:
        q->answer.stat = (struct file_stat){ .type = FILE_UNKNOWN, .predicted = true };
        break;
    }
    q->problem = STR_NONE;
}

/* What a node would hold, if we can tell; unknown where only the host could. */
static value node_content(struct arena *arena, const struct node *node)
{
    const struct content *content = &node->content;
    if (content->kind == CONTENT_BYTES) {
        return value_untrusted(value_copy(arena, content->bytes));
    }
    if (content->kind == CONTENT_REMOTE || content->size > OBSERVE_TEXT_MAX) {
        return value_unknown();
    }
    CLEANUP(close_fd) int fd = tree_open(content->path);
    str text;
    if (fd < 0 || !fd_read(arena, fd, OBSERVE_TEXT_MAX, &text)) {
        return value_unknown();
    }
    return content->secret ? value_secret(arena, text) : value_str(arena, text);
}

static void patch_text(const struct overlay *overlay, struct arena *arena, struct question *q)
{
    const struct node *node = NULL;
    switch (look(overlay, resolve(overlay, arena, q->arg, true), &node)) {
    case SHADOW_NONE:
        return;
    case SHADOW_GONE:
        q->answer.content = (value){ .kind = VALUE_UNDEFINED };
        break;
    case SHADOW_UNKNOWN:
        q->answer.content = value_unknown();
        break;
    case SHADOW_NODE:
        if (node->stat.type == FILE_REGULAR && !node->has_content) {
            return; /* only owner, mode or times would change */
        }
        q->answer.content = node->stat.type == FILE_UNKNOWN   ? value_unknown()
                            : node->stat.type == FILE_REGULAR ? node_content(arena, node)
                                                              : (value){ .kind = VALUE_UNDEFINED };
        break;
    }
    q->problem = STR_NONE;
}

static str node_digest(struct arena *arena, const struct node *node, enum digest digest)
{
    const struct content *content = &node->content;
    str sha1 = digest == DIGEST_SHA1 ? content_digest(content) : STR_NONE;
    if (sha1.len > 0) {
        return str_copy(arena, sha1);
    }
    if (content->kind == CONTENT_BYTES && value_is(content->bytes, VALUE_STR)) {
        return digest_of_bytes(arena, digest, value_as_str(content->bytes));
    }
    if (content->kind == CONTENT_CONTROLLER) {
        CLEANUP(close_fd) int fd = tree_open(content->path);
        str hex = fd < 0 ? STR_NONE : digest_of_fd(arena, digest, fd);
        return str_is_none(hex) ? STR_EMPTY : hex;
    }
    return STR_EMPTY; /* unknown: equal to none */
}

static void patch_digest(const struct overlay *overlay, struct arena *arena, struct question *q)
{
    const struct node *node = NULL;
    switch (look(overlay, resolve(overlay, arena, q->arg, true), &node)) {
    case SHADOW_NONE:
        return;
    case SHADOW_GONE:
        q->answer.text = STR_NONE;
        break;
    case SHADOW_UNKNOWN:
        q->answer.text = STR_EMPTY;
        break;
    case SHADOW_NODE:
        if (node->stat.type == FILE_REGULAR && !node->has_content) {
            return;
        }
        q->answer.text = node->stat.type == FILE_UNKNOWN   ? STR_EMPTY
                         : node->stat.type == FILE_REGULAR ? node_digest(arena, node, q->digest)
                                                           : STR_NONE;
        break;
    }
    q->problem = STR_NONE;
}

static int compare_entries(const void *a, const void *b)
{
    return str_cmp(((const struct file_entry *)a)->path, ((const struct file_entry *)b)->path);
}

struct entries {
    VEC(struct file_entry) items;
};

/* What the host has below `dir` and would still have. */
static void keep_fresh(const struct overlay *overlay, struct arena *arena, str dir,
                       const struct file_tree *tree, struct entries *ret)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct node *node;
        str path = path_join(arena, dir, tree->entries[i].path);
        if (look(overlay, path, &node) == SHADOW_NONE) {
            *VEC_PUSH(arena, &ret->items) = tree->entries[i];
        }
    }
}

static void add_nodes(const struct overlay *overlay, struct arena *arena, str dir, bool with_digest,
                      const struct file_tree *fresh, struct entries *ret)
{
    for (size_t i = 0; i < overlay->nodes.len; i++) {
        const struct node *node = overlay->nodes.items[i];
        if (node->seen_only || node->stat.type == FILE_ABSENT || !is_below(node->path, dir)) {
            continue;
        }
        size_t from = dir.len + (str_eq(dir, S("/")) ? 0 : 1);
        struct file_entry entry = {
            .path = str_copy(arena, str_part(node->path, from, node->path.len)),
            .stat = copy_stat(arena, &node->stat),
            .digest = STR_NONE,
        };
        if (with_digest && node->stat.type == FILE_REGULAR && node->has_content) {
            entry.digest = node_digest(arena, node, DIGEST_SHA1);
        } else if (with_digest && node->stat.type == FILE_REGULAR && fresh->count > 0) {
            const struct file_entry *had =
                bsearch(&entry, fresh->entries, fresh->count, sizeof entry, compare_entries);
            entry.digest = had == NULL ? STR_EMPTY : had->digest;
        }
        *VEC_PUSH(arena, &ret->items) = entry;
    }
}

static void patch_tree(const struct overlay *overlay, struct arena *arena, struct question *q)
{
    const struct node *node = NULL;
    struct file_tree *tree = &q->answer.tree;
    str dir = resolve(overlay, arena, q->arg, true);
    enum shadow shadow = look(overlay, dir, &node);
    bool gone =
        shadow == SHADOW_GONE || (shadow == SHADOW_NODE && node->stat.type != FILE_DIRECTORY);
    if (shadow != SHADOW_NONE) {
        q->problem = STR_NONE;
    }
    if (gone) {
        *tree = (struct file_tree){ .exists = false };
        return;
    }
    struct entries entries = { 0 };
    keep_fresh(overlay, arena, dir, tree, &entries);
    add_nodes(overlay, arena, dir, q->with_digest, tree, &entries);
    if (entries.items.len > 0) {
        qsort(entries.items.items, entries.items.len, sizeof *entries.items.items, compare_entries);
    }
    tree->exists |= shadow == SHADOW_NODE || entries.items.len > 0;
    tree->entries = entries.items.items;
    tree->count = entries.items.len;
}

static int compare_paths(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

static void patch_glob(const struct overlay *overlay, struct arena *arena, struct question *q)
{
    struct path_list *fresh = &q->answer.paths;
    VEC(str) paths = { 0 };
    for (size_t i = 0; i < fresh->count; i++) {
        const struct node *node;
        if (look(overlay, fresh->paths[i], &node) == SHADOW_NONE) {
            *VEC_PUSH(arena, &paths) = fresh->paths[i];
        }
    }
    for (size_t i = 0; i < overlay->nodes.len; i++) {
        const struct node *node = overlay->nodes.items[i];
        if (!node->seen_only && node->stat.type != FILE_ABSENT &&
            fnmatch(str_c(arena, q->arg), node->path.ptr, FNM_PATHNAME | FNM_PERIOD) == 0) {
            *VEC_PUSH(arena, &paths) = str_copy(arena, node->path);
        }
    }
    if (paths.len > 0) {
        qsort(paths.items, paths.len, sizeof *paths.items, compare_paths);
    }
    *fresh = (struct path_list){ paths.items, paths.len };
}

/* What a program answers hangs on what was not done when both name the same thing: a package, a
 * service, a user. */
static void patch_run(const struct overlay *overlay, struct question *q)
{
    for (size_t i = 1; i < q->argc; i++) {
        for (size_t t = 0; t < overlay->touched.len; t++) {
            q->answer.run.unknown |= str_eq(q->argv[i], overlay->touched.items[t]);
        }
    }
}

static void patch_access(const struct overlay *overlay, struct arena *arena, struct question *q)
{
    const struct node *node;
    if (look(overlay, resolve(overlay, arena, q->arg, true), &node) != SHADOW_NONE) {
        q->answer.access = (struct file_access){ .predicted = true };
    }
}

/* A link that the host has: later names that lead through it mean the file it leads to. */
static void learn_link(struct overlay *overlay, const struct question *q)
{
    if (q->kind == ASK_STAT && q->answer.stat.type == FILE_LINK && q->answer.stat.target.len > 0 &&
        node_find(overlay, q->arg) == NULL) {
        struct node *node = node_make(overlay, q->arg);
        node->stat = copy_stat(overlay->arena, &q->answer.stat);
        node->seen_only = true;
    }
}

static void patch(struct overlay *overlay, struct arena *arena, struct question *q)
{
    switch (q->kind) {
    case ASK_STAT:
    case ASK_STAT_FOLLOW:
        learn_link(overlay, q);
        patch_stat(overlay, arena, q);
        return;
    case ASK_TEXT:
        patch_text(overlay, arena, q);
        return;
    case ASK_DIGEST:
        patch_digest(overlay, arena, q);
        return;
    case ASK_TREE:
        patch_tree(overlay, arena, q);
        return;
    case ASK_GLOB:
        patch_glob(overlay, arena, q);
        return;
    case ASK_RUN:
        patch_run(overlay, q);
        return;
    case ASK_ACCESS:
        patch_access(overlay, arena, q);
        return;
    case ASK_USER:
    case ASK_GROUP:
    case ASK_LOGIN:
    case ASK_ENVIRONMENT:
    case ASK_PROGRAM:
    case ASK_UMASK:
        return; /* changes of files do not change them */
    }
}

void overlay_patch(struct overlay *overlay, struct arena *arena, struct question *question)
{
    pthread_mutex_lock(&overlay->lock);
    patch(overlay, arena, question);
    pthread_mutex_unlock(&overlay->lock);
}
