/*
 * model.c - a host in memory. Links are resolved as a kernel does, so that modules that follow them
 * are held to the truth.
 */
#include "model.h"

#include <stdlib.h>

#include "base/bug.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "remote/digest.h"

/* ---- reading a case ---- */

static str text_of(value map, str key, str otherwise)
{
    value v = value_get(map, key);
    return value_is(v, VALUE_STR) ? value_as_str(v) : otherwise;
}

static int64_t number_of(value map, str key, int64_t otherwise)
{
    value v = value_get(map, key);
    return value_is(v, VALUE_INT) ? value_as_int(v) : otherwise;
}

/* Well-known names have their well-known numbers, others one that hangs on the name. */
static unsigned id_of(str name)
{
    uint64_t number;
    if (str_eq(name, S("root"))) {
        return 0;
    }
    if (str_to_base(name, 10, &number)) {
        return (unsigned)number;
    }
    return str_eq(name, S("www-data")) ? 33 : 1000 + (unsigned)(str_hash(name) % 1000);
}

static enum file_type type_of(value entry)
{
    str type = text_of(entry, S("type"), STR_NONE);
    static const struct {
        const char *word;
        enum file_type type;
    } words[] = { { "file", FILE_REGULAR },     { "directory", FILE_DIRECTORY },
                  { "fifo", FILE_FIFO },        { "socket", FILE_SOCKET },
                  { "char", FILE_CHAR_DEVICE }, { "block", FILE_BLOCK_DEVICE },
                  { "unknown", FILE_UNKNOWN } };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (str_eq(type, str_of(words[i].word))) {
            return words[i].type;
        }
    }
    return value_is(value_get(entry, S("link")), VALUE_STR) ? FILE_LINK : FILE_REGULAR;
}

static struct model_file *add_file(struct model *model, str path, enum file_type type)
{
    struct model_file *file = VEC_PUSH(model->arena, &model->files);
    unsigned mode = type == FILE_DIRECTORY ? 0777 & ~model->umask
                    : type == FILE_LINK    ? 0777
                                           : 0666 & ~model->umask;
    *file = (struct model_file){
        .path = str_copy(model->arena, path),
        .content = STR_EMPTY,
        .stat = { .type = type,
                  .mode = mode,
                  .owner = model->login.name,
                  .group = model->login.name,
                  .uid = model->login.uid,
                  .gid = model->login.gid,
                  .inode = ++model->inodes,
                  .device = 1,
                  .links = 1,
                  .mtime = 1600000000,
                  .atime = 1600000000,
                  .ctime = 1600000000,
                  .target = STR_NONE },
    };
    if (type == FILE_UNKNOWN) {
        file->stat = (struct file_stat){ .type = FILE_UNKNOWN };
    }
    return file;
}

static unsigned mode_of(value entry, unsigned otherwise)
{
    uint64_t bits;
    return str_to_base(text_of(entry, S("mode"), STR_EMPTY), 8, &bits) ? (unsigned)bits : otherwise;
}

static void read_file(struct model *model, str path, value entry)
{
    enum file_type type = type_of(entry);
    struct model_file *file = add_file(model, path, type);
    struct file_stat *stat = &file->stat;
    if (type == FILE_UNKNOWN) {
        return;
    }
    file->content =
        value_is(entry, VALUE_STR) ? value_as_str(entry) : text_of(entry, S("content"), STR_EMPTY);
    stat->mode = mode_of(entry, stat->mode);
    stat->owner = text_of(entry, S("owner"), stat->owner);
    stat->group = text_of(entry, S("group"), stat->group);
    stat->uid = id_of(stat->owner);
    stat->gid = id_of(stat->group);
    stat->mtime = number_of(entry, S("mtime"), stat->mtime);
    stat->atime = number_of(entry, S("atime"), stat->atime);
    stat->inode = (uint64_t)number_of(entry, S("inode"), (int64_t)stat->inode);
    stat->links = (uint64_t)number_of(entry, S("links"), 1);
    stat->target = text_of(entry, S("link"), STR_NONE);
    stat->predicted = value_is(value_get(entry, S("predicted")), VALUE_BOOL) &&
                      value_as_bool(value_get(entry, S("predicted")));
    stat->size = type == FILE_LINK ? stat->target.len : file->content.len;
}

void model_read(struct model *model, struct arena *arena, value host)
{
    value files = value_get(host, S("files")), login = value_get(host, S("login"));
    *model = (struct model){ .arena = arena };
    str name = text_of(login, S("name"), S("root"));
    model->login = (struct user_entry){
        .exists = true,
        .name = name,
        .uid = id_of(name),
        .gid = id_of(name),
        .home = text_of(login, S("home"), S("/root")),
        .shell = S("/bin/sh"),
        .gecos = STR_EMPTY,
        .members = STR_EMPTY,
    };
    str umask = text_of(host, S("umask"), S("022"));
    uint64_t bits = 022;
    str_to_base(umask, 8, &bits);
    model->umask = (unsigned)bits;
    model->environment = value_get(host, S("environment"));
    model->programs = value_get(host, S("programs"));
    model->users = value_get(host, S("users"));
    model->groups = value_get(host, S("groups"));
    model->paths_of_programs = value_get(host, S("installed"));
    for (size_t i = 0; value_is(files, VALUE_MAP) && i < value_count(files); i++) {
        read_file(model, value_as_str(value_map_key(files, i)), value_map_value(files, i));
    }
}

/* ---- paths ---- */

static struct model_file *exact(struct model *model, str path)
{
    for (size_t i = 0; i < model->files.len; i++) {
        if (str_eq(model->files.items[i].path, path)) {
            return &model->files.items[i];
        }
    }
    return NULL;
}

static str rest_of(str path, size_t at)
{
    while (at < path.len && path.ptr[at] == '/') {
        at++;
    }
    return str_part(path, at, path.len);
}

/* The path with every link resolved; the last one only if `follow`. */
static str real_path(struct model *model, str path, bool follow, unsigned depth)
{
    str done = S("/");
    str rest = rest_of(path_normal(model->arena, path), 0);
    while (rest.len > 0) {
        size_t end = str_find_char(rest, '/', 0);
        bool last = end == STR_NPOS;
        str next = path_join(model->arena, done, str_part(rest, 0, last ? rest.len : end));
        rest = last ? STR_EMPTY : rest_of(rest, end);
        struct model_file *file = exact(model, next);
        if (file != NULL && file->stat.type == FILE_LINK && (!last || follow) && depth < 40) {
            str target = path_join(model->arena, done, file->stat.target);
            next = real_path(model, target, true, depth + 1);
        }
        done = next;
    }
    return done;
}

static struct model_file *find(struct model *model, str path, bool follow)
{
    return exact(model, real_path(model, path, follow, 0));
}

/* A directory of which something is listed is there, even if it is not listed itself. */
static bool holds_something(struct model *model, str path)
{
    str prefix = str_eq(path, S("/")) ? path : str_concat(model->arena, path, S("/"));
    for (size_t i = 0; i < model->files.len; i++) {
        if (str_starts(model->files.items[i].path, prefix)) {
            return true;
        }
    }
    return str_eq(path, S("/"));
}

struct file_stat model_stat(struct model *model, str path, bool follow)
{
    struct model_file *file = find(model, path, follow);
    if (file != NULL) {
        return file->stat;
    }
    if (!holds_something(model, real_path(model, path, follow, 0))) {
        return (struct file_stat){ .type = FILE_ABSENT };
    }
    return (struct file_stat){ .type = FILE_DIRECTORY,
                               .mode = 0755,
                               .owner = S("root"),
                               .group = S("root"),
                               .inode = 2,
                               .device = 1,
                               .links = 2,
                               .mtime = 1600000000,
                               .atime = 1600000000,
                               .target = STR_NONE };
}

/* ---- answers ---- */

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct file_entry *)a)->path, ((const struct file_entry *)b)->path);
}

static struct file_tree tree_of(struct model *model, str path, bool with_digest)
{
    struct file_stat top = model_stat(model, path, true);
    str prefix = str_concat(model->arena, real_path(model, path, true, 0), S("/"));
    struct file_tree tree = { .exists = top.type == FILE_DIRECTORY };
    VEC(struct file_entry) entries = { 0 };
    for (size_t i = 0; tree.exists && i < model->files.len; i++) {
        const struct model_file *file = &model->files.items[i];
        if (str_starts(file->path, prefix)) {
            bool digest = with_digest && file->stat.type == FILE_REGULAR;
            *VEC_PUSH(model->arena, &entries) = (struct file_entry){
                .path = str_part(file->path, prefix.len, file->path.len),
                .stat = file->stat,
                .digest =
                    digest ? digest_of_bytes(model->arena, DIGEST_SHA1, file->content) : STR_NONE,
            };
        }
    }
    if (entries.len > 0) {
        qsort(entries.items, entries.len, sizeof *entries.items, by_path);
    }
    tree.entries = entries.items;
    tree.count = entries.len;
    return tree;
}

static struct path_list glob(struct model *model, str pattern)
{
    VEC(str) paths = { 0 };
    for (size_t i = 0; i < model->files.len; i++) {
        if (path_match(pattern, model->files.items[i].path)) {
            *VEC_PUSH(model->arena, &paths) = model->files.items[i].path;
        }
    }
    return (struct path_list){ paths.items, paths.len };
}

static bool run(struct model *model, const struct question *q, struct run_answer *ret,
                str *ret_problem)
{
    struct strbuf line = strbuf_in(model->arena);
    for (size_t i = 0; i < q->argc; i++) {
        strbuf_addf(&line, "%s%.*s", i == 0 ? "" : " ", SARG(q->argv[i]));
    }
    value canned = value_get(model->programs, strbuf_str(&line));
    canned = value_is(canned, VALUE_UNDEFINED) ? value_get(model->programs, S("*")) : canned;
    if (value_is(canned, VALUE_UNDEFINED)) {
        *ret_problem = str_format(model->arena, "the case has no answer for the program '%.*s'",
                                  SARG(strbuf_str(&line)));
        return false;
    }
    if (value_is(canned, VALUE_STR)) {
        *ret = (struct run_answer){ .out = value_as_str(canned), .err = STR_EMPTY };
        return true;
    }
    *ret = (struct run_answer){ .status = (int)number_of(canned, S("status"), 0),
                                .out = text_of(canned, S("out"), STR_EMPTY),
                                .err = text_of(canned, S("err"), STR_EMPTY) };
    return true;
}

static struct user_entry entry_of(value table, str name)
{
    value entry = value_get(table, name);
    if (value_is(entry, VALUE_UNDEFINED)) {
        return (struct user_entry){ .exists = false };
    }
    return (struct user_entry){
        .exists = true,
        .name = name,
        .uid = (unsigned)number_of(entry, S("uid"), id_of(name)),
        .gid = (unsigned)number_of(entry, S("gid"), id_of(name)),
        .home = text_of(entry, S("home"), STR_EMPTY),
        .shell = text_of(entry, S("shell"), STR_EMPTY),
        .gecos = text_of(entry, S("gecos"), STR_EMPTY),
        .members = text_of(entry, S("members"), STR_EMPTY),
    };
}

static value content_answer(struct model *model, str path)
{
    struct model_file *file = find(model, path, true);
    if (file == NULL || file->stat.type == FILE_DIRECTORY) {
        return (value){ .kind = VALUE_UNDEFINED };
    }
    return file->stat.type == FILE_UNKNOWN ? value_unknown()
                                           : value_str(model->arena, file->content);
}

/* By the permission bits of owner and others; groups are not looked at. */
static struct file_access access_of(const struct model *model, const struct file_stat *stat)
{
    if (stat == NULL || stat->type == FILE_UNKNOWN || stat->predicted) {
        return (struct file_access){ .predicted = stat != NULL };
    }
    bool root = model->login.uid == 0;
    unsigned bits = stat->mode >> (stat->uid == model->login.uid ? 6 : 0);
    return (struct file_access){
        .read = root || (bits & 4) != 0,
        .write = root || (bits & 2) != 0,
        .execute =
            root ? stat->type == FILE_DIRECTORY || (stat->mode & 0111) != 0 : (bits & 1) != 0,
    };
}

static bool answer(struct model *model, struct question *q, str *ret_problem)
{
    struct model_file *file;
    switch (q->kind) {
    case ASK_STAT:
    case ASK_STAT_FOLLOW:
        q->answer.stat = model_stat(model, q->arg, q->kind == ASK_STAT_FOLLOW);
        return true;
    case ASK_TEXT:
        q->answer.content = content_answer(model, q->arg);
        return true;
    case ASK_DIGEST:
        file = find(model, q->arg, true);
        q->answer.text = file != NULL && file->stat.type == FILE_REGULAR
                             ? digest_of_bytes(model->arena, q->digest, file->content)
                             : STR_NONE;
        return true;
    case ASK_TREE:
        q->answer.tree = tree_of(model, q->arg, q->with_digest);
        return true;
    case ASK_GLOB:
        q->answer.paths = glob(model, q->arg);
        return true;
    case ASK_RUN:
        return run(model, q, &q->answer.run, ret_problem);
    case ASK_USER:
        q->answer.user = entry_of(model->users, q->arg);
        return true;
    case ASK_GROUP:
        q->answer.user = entry_of(model->groups, q->arg);
        return true;
    case ASK_LOGIN:
        q->answer.user = model->login;
        return true;
    case ASK_ENVIRONMENT:
        q->answer.map = model->environment;
        return true;
    case ASK_PROGRAM:
        q->answer.text = text_of(model->paths_of_programs, q->arg, STR_NONE);
        return true;
    case ASK_UMASK:
        q->answer.umask = model->umask;
        return true;
    case ASK_ACCESS:
        file = find(model, q->arg, true);
        q->answer.access = access_of(model, file == NULL ? NULL : &file->stat);
        return true;
    }
    BUG("question of kind %d", (int)q->kind);
}

bool model_answer(struct model *model, struct observer *obs, str *ret_problem)
{
    for (; obs->answered < obs->questions.len; obs->answered++) {
        struct question *q = obs->questions.items[obs->answered];
        if (!answer(model, q, ret_problem)) {
            return false;
        }
        q->answered = true;
    }
    obs->rounds++;
    return true;
}

/* ---- changes ---- */

static void set_attrs(struct model_file *file, const struct file_attrs *attrs)
{
    if (attrs->has_mode) {
        file->stat.mode = attrs->mode;
    }
    if (!str_is_none(attrs->owner)) {
        file->stat.owner = attrs->owner;
        file->stat.uid = id_of(attrs->owner);
    }
    if (!str_is_none(attrs->group)) {
        file->stat.group = attrs->group;
        file->stat.gid = id_of(attrs->group);
    }
}

static void drop(struct model *model, str path)
{
    str prefix = str_concat(model->arena, path, S("/"));
    size_t kept = 0;
    for (size_t i = 0; i < model->files.len; i++) {
        str at = model->files.items[i].path;
        if (!str_eq(at, path) && !str_starts(at, prefix)) {
            model->files.items[kept++] = model->files.items[i];
        }
    }
    model->files.len = kept;
}

static bool content_bytes(struct model *model, const struct content *content, str *ret,
                          str *ret_problem)
{
    struct model_file *from;
    switch (content->kind) {
    case CONTENT_BYTES:
        if (!value_is(content->bytes, VALUE_STR)) {
            *ret_problem = S("the content to be written is not known");
            return false;
        }
        *ret = value_as_str(content->bytes);
        return true;
    case CONTENT_CONTROLLER:
        *ret = value_as_str(content->bytes); /* the runner of the cases keeps it there */
        return true;
    case CONTENT_REMOTE:
        from = find(model, content->path, true);
        *ret = from == NULL ? STR_EMPTY : from->content;
        return true;
    }
    BUG("content of kind %d", (int)content->kind);
}

static bool apply_write(struct model *model, const struct change *change, str *ret_problem)
{
    str bytes;
    str path = real_path(model, change->path, change->follow, 0);
    struct model_file *file = exact(model, path);
    if (!content_bytes(model, &change->content, &bytes, ret_problem)) {
        return false;
    }
    if (model_stat(model, path_dirname(path), true).type != FILE_DIRECTORY) {
        *ret_problem = str_format(model->arena, "no directory for '%.*s'", SARG(path));
        return false;
    }
    if (file != NULL && file->stat.type != FILE_REGULAR) {
        drop(model, path);
        file = NULL;
    }
    file = file == NULL ? add_file(model, path, FILE_REGULAR) : file;
    file->content = bytes;
    file->stat.size = bytes.len;
    set_attrs(file, &change->attrs);
    return true;
}

static bool apply_directory(struct model *model, const struct change *change, str *ret_problem)
{
    if (model_stat(model, path_dirname(change->path), true).type != FILE_DIRECTORY) {
        *ret_problem = str_format(model->arena, "no parent for '%.*s'", SARG(change->path));
        return false;
    }
    if (exact(model, change->path) != NULL) {
        *ret_problem = str_format(model->arena, "'%.*s' is there already", SARG(change->path));
        return false;
    }
    set_attrs(add_file(model, change->path, FILE_DIRECTORY), &change->attrs);
    return true;
}

static bool apply_hardlink(struct model *model, const struct change *change, str *ret_problem)
{
    struct model_file *from = find(model, change->target, true);
    if (from == NULL) {
        *ret_problem = str_format(model->arena, "no file '%.*s'", SARG(change->target));
        return false;
    }
    from->stat.links++;
    struct model_file copy = *from;
    drop(model, change->path);
    copy.path = change->path;
    *VEC_PUSH(model->arena, &model->files) = copy;
    return true;
}

static bool apply_times(struct model *model, const struct change *change, str *ret_problem)
{
    struct model_file *file = find(model, change->path, change->follow);
    if (file == NULL && !change->create) {
        *ret_problem = str_format(model->arena, "no file '%.*s'", SARG(change->path));
        return false;
    }
    file = file == NULL ? add_file(model, change->path, FILE_REGULAR) : file;
    file->stat.atime = change->atime == CHANGE_KEEP  ? file->stat.atime
                       : change->atime == CHANGE_NOW ? 1700000000
                                                     : change->atime;
    file->stat.mtime = change->mtime == CHANGE_KEEP  ? file->stat.mtime
                       : change->mtime == CHANGE_NOW ? 1700000000
                                                     : change->mtime;
    return true;
}

bool model_apply(struct model *model, const struct change *change, str *ret_problem)
{
    struct model_file *file;
    switch (change->kind) {
    case CHANGE_WRITE:
        return apply_write(model, change, ret_problem);
    case CHANGE_DIRECTORY:
        return apply_directory(model, change, ret_problem);
    case CHANGE_SYMLINK:
        drop(model, change->path);
        file = add_file(model, change->path, FILE_LINK);
        file->stat.target = change->target;
        set_attrs(file, &change->attrs);
        return true;
    case CHANGE_HARDLINK:
        return apply_hardlink(model, change, ret_problem);
    case CHANGE_ATTRS:
        file = find(model, change->path, change->follow);
        if (file == NULL) {
            *ret_problem = str_format(model->arena, "no file '%.*s'", SARG(change->path));
            return false;
        }
        set_attrs(file, &change->attrs);
        return true;
    case CHANGE_TIMES:
        return apply_times(model, change, ret_problem);
    case CHANGE_REMOVE:
        drop(model, change->path);
        return true;
    case CHANGE_COPY:
        file = find(model, change->path, true);
        if (file != NULL) {
            str content = file->content; /* adding a file moves the others */
            add_file(model, change->target, FILE_REGULAR)->content = content;
        }
        return file != NULL;
    case CHANGE_RUN:
        return true;
    }
    BUG("change of kind %d", (int)change->kind);
}
