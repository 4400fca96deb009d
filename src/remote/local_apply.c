/*
 * local_apply.c - changes by direct system calls, for `connection: local` as ourselves. The steps
 * of a write are those of script.c.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "base/words.h"
#include "remote/local.h"

struct doing {
    struct remote *remote;
    const struct remote_context *context;
    const struct change *change;
    struct arena *arena;
    str step;  /* the words of change_action */
    str words; /* the system's words, when it is not errno that tells */
    struct remote_error *ret_error;
    bool told; /* ret_error is filled already */
};

static bool fails(struct doing *doing, str step, str words)
{
    doing->step = step;
    doing->words = words;
    return false;
}

static bool fails_by_errno(struct doing *doing, str step)
{
    return fails(doing, step, str_copy(doing->arena, str_of(strerror(errno))));
}

/* ---- owner and mode ---- */

#define ENTRY_SIZE 65536

static bool id_of(struct doing *doing, str name, bool is_group, unsigned *ret)
{
    uint64_t number;
    char *buffer = arena_alloc_raw(doing->arena, ENTRY_SIZE);
    struct passwd user, *user_found = NULL;
    struct group group, *group_found = NULL;
    if (is_group) {
        getgrnam_r(str_c(doing->arena, name), &group, buffer, ENTRY_SIZE, &group_found);
    } else {
        getpwnam_r(str_c(doing->arena, name), &user, buffer, ENTRY_SIZE, &user_found);
    }
    if (user_found != NULL || group_found != NULL) {
        *ret = is_group ? group_found->gr_gid : user_found->pw_uid;
        return true;
    }
    if (name.len <= 10 && str_to_base(name, 10, &number) && number < UINT32_MAX) {
        *ret = (unsigned)number;
        return true;
    }
    return fails(
        doing, S("owner"),
        str_format(doing->arena, "invalid %s '%.*s'", is_group ? "group" : "user", SARG(name)));
}

static bool set_attrs(struct doing *doing, const char *path, bool follow)
{
    const struct file_attrs *attrs = &doing->change->attrs;
    unsigned uid = (unsigned)-1, gid = (unsigned)-1;
    if ((attrs->owner.len > 0 && !id_of(doing, attrs->owner, false, &uid)) ||
        (attrs->group.len > 0 && !id_of(doing, attrs->group, true, &gid))) {
        return false;
    }
    bool owns = attrs->owner.len > 0 || attrs->group.len > 0;
    if (owns && fchownat(AT_FDCWD, path, uid, gid, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
        return fails_by_errno(doing, S("owner"));
    }
    if (attrs->has_mode && fchmodat(AT_FDCWD, path, attrs->mode, 0) != 0) {
        return fails_by_errno(doing, S("mode"));
    }
    return true;
}

/* ---- writing ---- */

static bool write_all(int fd, str bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = write(fd, bytes.ptr, bytes.len);
        if (sent < 0 && errno != EINTR) {
            return false;
        }
        bytes = str_part(bytes, sent > 0 ? (size_t)sent : 0, bytes.len);
    }
    return true;
}

static bool copy_bytes(struct doing *doing, int from, int to, str step)
{
    char chunk[65536];
    ssize_t got;
    while ((got = read(from, chunk, sizeof chunk)) != 0) {
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 || !write_all(to, (str){ chunk, (size_t)got })) {
            return fails_by_errno(doing, step);
        }
    }
    return true;
}

static bool write_content(struct doing *doing, int fd)
{
    const struct content *content = &doing->change->content;
    if (content->kind == CONTENT_BYTES) {
        return write_all(fd, value_as_str(content->bytes)) || fails_by_errno(doing, S("write"));
    }
    CLEANUP(close_fd) int from = tree_open(content->path);
    if (from < 0) {
        return fails(doing, S("write"),
                     str_format(doing->arena, "could not read %.*s: %s", SARG(content->path),
                                tree_why(errno)));
    }
    return copy_bytes(doing, from, fd, S("write"));
}

/* ACLs, SELinux labels and other extended attributes; those that cannot be set are left out, as by
 * cp --preserve=all. */
static void copy_xattrs(int from, int to)
{
    char names[4096], text[65536];
    ssize_t len = flistxattr(from, names, sizeof names);
    for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
        ssize_t size = fgetxattr(from, names + at, text, sizeof text);
        if (size >= 0) {
            fsetxattr(to, names + at, text, (size_t)size, 0);
        }
    }
}

/* The new file gets what the old one has; that of a link it replaces is another file. Another owner
 * only root can give away: left, as Ansible does. */
static bool copy_attributes(struct doing *doing, const char *target, int fd)
{
    struct stat old;
    CLEANUP(close_fd) int from = open(target, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (lstat(target, &old) != 0 || !S_ISREG(old.st_mode)) {
        return true;
    }
    if (fchown(fd, old.st_uid, old.st_gid) != 0 && errno != EPERM) {
        return fails_by_errno(doing, S("write"));
    }
    if (fchmod(fd, old.st_mode & 07777) != 0) {
        return fails_by_errno(doing, S("mode"));
    }
    if (from >= 0) {
        copy_xattrs(from, fd);
    }
    return true;
}

static str with_percent_s(struct arena *arena, str word, str path)
{
    str result = str_replace(arena, word, S("%s"), path);
    return str_replace(arena, result, S("%%"), S("%"));
}

static bool validate(struct doing *doing, str path)
{
    str text = doing->change->validate;
    struct arena *arena = doing->arena;
    struct words words;
    if (str_find(text, S("%s"), 0) == STR_NPOS) {
        return fails(doing, S("write"), S("'validate' must contain %s"));
    }
    if (!words_split(arena, text, &words)) {
        return fails(doing, S("write"), S("a quote in 'validate' is not closed"));
    }
    str *argv = NEW_ARRAY(arena, str, words.count);
    for (size_t i = 0; i < words.count; i++) {
        argv[i] = with_percent_s(arena, words.items[i], path);
    }
    struct command command = { .argv = argv, .argc = words.count, .chdir = S("/") };
    struct command_result result;
    doing->told = true;
    enum remote_status status =
        local_run(doing->context, &command, doing->remote->options.wake, &result, doing->ret_error);
    if (status != REMOTE_OK || result.status == 0) {
        doing->told = status != REMOTE_OK;
        return status == REMOTE_OK;
    }
    str err = result.started ? str_trim_right(result.err) : result.problem;
    remote_failed(arena, doing->ret_error, REMOTE_FAILED, doing->change->path,
                  "failed to validate: rc:%d error:%.*s", result.status, SARG(err));
    doing->ret_error->status_code = result.status;
    doing->ret_error->out = result.out;
    doing->ret_error->err = result.err;
    return false;
}

/* ACLs of the directory, and the umask, only count where nobody said a mode. */
static bool fill_new_file(struct doing *doing, const char *path, const char *target, int fd)
{
    return copy_attributes(doing, target, fd) && write_content(doing, fd) &&
           set_attrs(doing, path, true) &&
           (str_is_none(doing->change->validate) || validate(doing, str_of(path))) &&
           (fsync(fd) == 0 || errno == EINVAL || fails_by_errno(doing, S("write")));
}

static bool write_in_place(struct doing *doing, const char *target)
{
    CLEANUP(close_fd) int fd = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        return fails_by_errno(doing, S("write"));
    }
    return write_content(doing, fd) && set_attrs(doing, target, true);
}

static str beside(struct arena *arena, str target)
{
    str dir = path_dirname(target), name = shell_token(arena);
    return str_format(arena, "%.*s%s.hostler-%.*s", SARG(dir), str_ends(dir, S("/")) ? "" : "/",
                      SARG(name));
}

/* rename(2) does not enter a directory; it refuses one, or replaces an empty one by a directory. */
static bool put_in_place(struct doing *doing, const char *new_file, const char *target)
{
    if (rename(new_file, target) == 0) {
        return true;
    }
    int error = errno;
    unlink(new_file);
    errno = error;
    return fails_by_errno(doing, S("replace"));
}

static bool write_atomically(struct doing *doing, str target)
{
    const struct change *change = doing->change;
    str new_file = beside(doing->arena, target);
    bool fresh =
        change->before.type == FILE_ABSENT || (change->before.type == FILE_LINK && !change->follow);
    bool open_to_all = !change->attrs.has_mode && fresh;
    int fd = open(new_file.ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                  open_to_all ? 0666 : 0600);
    if (fd < 0) {
        return fails_by_errno(doing, S("write"));
    }
    bool filled = fill_new_file(doing, new_file.ptr, target.ptr, fd);
    close(fd);
    if (!filled) {
        unlink(new_file.ptr);
        return false;
    }
    return put_in_place(doing, new_file.ptr, target.ptr);
}

/* Errors after which Ansible's unsafe_writes writes in place. */
static bool may_write_in_place(const struct doing *doing)
{
    return doing->change->unsafe_writes && !doing->told &&
           (errno == EPERM || errno == EXDEV || errno == EACCES || errno == EBUSY ||
            errno == ETXTBSY || errno == EROFS);
}

static bool do_write(struct doing *doing)
{
    const struct change *change = doing->change;
    char real[PATH_MAX];
    str target = str_copy(doing->arena, change->path);
    struct stat found;
    bool is_link = lstat(target.ptr, &found) == 0 && S_ISLNK(found.st_mode);
    if (change->follow && is_link) {
        if (realpath(target.ptr, real) == NULL) {
            return fails_by_errno(doing, S("write"));
        }
        target = str_copy(doing->arena, str_of(real));
    }
    if (stat(target.ptr, &found) == 0 && S_ISDIR(found.st_mode) && (change->follow || !is_link)) {
        return fails(doing, S("write"), S("Is a directory"));
    }
    return write_atomically(doing, target) ||
           (may_write_in_place(doing) && write_in_place(doing, target.ptr));
}

/* ---- the other kinds ---- */

static bool do_directory(struct doing *doing)
{
    const char *path = str_c(doing->arena, doing->change->path);
    if (mkdir(path, doing->change->attrs.has_mode ? doing->change->attrs.mode : 0777) != 0) {
        return fails_by_errno(doing, S("create"));
    }
    return set_attrs(doing, path, true);
}

static bool make_link(struct doing *doing, const char *at)
{
    const char *target = str_c(doing->arena, doing->change->target);
    return doing->change->kind == CHANGE_SYMLINK ? symlink(target, at) == 0 : link(target, at) == 0;
}

static bool do_link(struct doing *doing)
{
    struct stat found;
    const char *path = str_c(doing->arena, doing->change->path);
    bool replaces = lstat(path, &found) == 0;
    str at = replaces ? beside(doing->arena, doing->change->path) : str_of(path);
    if (!make_link(doing, at.ptr)) {
        return fails_by_errno(doing, S("create"));
    }
    if (replaces && !put_in_place(doing, at.ptr, path)) {
        return false;
    }
    struct change without_mode = *doing->change;
    without_mode.attrs.has_mode = false; /* a link has none */
    struct doing owner = *doing;
    owner.change = &without_mode;
    bool done = set_attrs(&owner, path, false);
    doing->step = owner.step;
    doing->words = owner.words;
    return done;
}

static struct timespec stamp(int64_t when)
{
    return (struct timespec){ .tv_sec = when == CHANGE_NOW || when == CHANGE_KEEP ? 0 : when,
                              .tv_nsec = when == CHANGE_NOW    ? UTIME_NOW
                                         : when == CHANGE_KEEP ? UTIME_OMIT
                                                               : 0 };
}

static bool do_times(struct doing *doing)
{
    const struct change *change = doing->change;
    const char *path = str_c(doing->arena, change->path);
    if (change->create) {
        CLEANUP(close_fd)
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
        if (fd < 0 && errno != EISDIR) {
            return fails_by_errno(doing, S("create"));
        }
    }
    const struct timespec times[] = { stamp(change->atime), stamp(change->mtime) };
    if (utimensat(AT_FDCWD, path, times, change->follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0 &&
        errno != ENOENT) {
        return fails_by_errno(doing, S("times"));
    }
    return set_attrs(doing, path, true);
}

static bool remove_tree(struct doing *doing, int dir, const char *name);

static bool remove_entries(struct doing *doing, int fd)
{
    DIR *dir = fdopendir(fd);
    struct dirent *found;
    bool ok = dir != NULL || fails_by_errno(doing, S("remove"));
    while (ok && (found = readdir(dir)) != NULL) {
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0) {
            ok = remove_tree(doing, dirfd(dir), found->d_name);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return ok;
}

static bool remove_tree(struct doing *doing, int dir, const char *name)
{
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT) {
        return true;
    }
    if (errno != EISDIR && errno != EPERM) {
        return fails_by_errno(doing, S("remove"));
    }
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
    if (fd < 0) {
        errno = errno == ENOTDIR ? EPERM : errno; /* a file that may not be unlinked */
        return fails_by_errno(doing, S("remove"));
    }
    return remove_entries(doing, fd) &&
           (unlinkat(dir, name, AT_REMOVEDIR) == 0 || fails_by_errno(doing, S("remove")));
}

static bool do_remove(struct doing *doing)
{
    const struct change *change = doing->change;
    const char *path = str_c(doing->arena, change->path);
    if (change->recursive) {
        return remove_tree(doing, AT_FDCWD, path);
    }
    bool directory = change->before.type == FILE_DIRECTORY;
    return unlinkat(AT_FDCWD, path, directory ? AT_REMOVEDIR : 0) == 0 || errno == ENOENT ||
           fails_by_errno(doing, S("remove"));
}

static bool do_copy(struct doing *doing)
{
    const char *from = str_c(doing->arena, doing->change->path);
    const char *to = str_c(doing->arena, doing->change->target);
    CLEANUP(close_fd) int in = open(from, O_RDONLY | O_CLOEXEC);
    struct stat old;
    if (in < 0 || fstat(in, &old) != 0) {
        return fails_by_errno(doing, S("copy"));
    }
    CLEANUP(close_fd) int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0) {
        return fails_by_errno(doing, S("copy"));
    }
    bool done = copy_bytes(doing, in, out, S("copy")) && copy_attributes(doing, from, out);
    const struct timespec times[] = { old.st_atim, old.st_mtim };
    if (done && futimens(out, times) != 0) {
        done = fails_by_errno(doing, S("copy"));
    }
    if (!done) {
        unlink(to);
    }
    return done;
}

static bool do_run(struct doing *doing, struct run_answer *ret)
{
    struct arena *arena = doing->arena;
    struct remote_context context = *doing->context;
    struct map_builder environment = value_is(context.environment, VALUE_MAP)
                                         ? map_from(arena, context.environment)
                                         : map_in(arena);
    map_set_str(&environment, S("LC_ALL"), value_str(arena, S("C")));
    context.environment = map_seal(&environment);
    struct command command = change_command(doing->change);
    struct command_result result;
    doing->told = true;
    if (local_run(&context, &command, doing->remote->options.wake, &result, doing->ret_error) !=
        REMOTE_OK) {
        return false;
    }
    *ret = (struct run_answer){ .status = result.status, .out = result.out, .err = result.err };
    if (result.status == 0) {
        doing->told = false;
        return true;
    }
    str words = !result.started      ? result.problem
                : result.err.len > 0 ? str_trim(result.err)
                                     : str_trim(result.out);
    str action = change_action(arena, doing->change, STR_EMPTY);
    remote_failed(arena, doing->ret_error, REMOTE_FAILED, doing->change->path, "%.*s: %.*s",
                  SARG(action), SARG(words));
    doing->ret_error->status_code = result.status;
    doing->ret_error->out = result.out;
    doing->ret_error->err = result.err;
    return false;
}

static bool do_change(struct doing *doing, struct run_answer *output)
{
    switch (doing->change->kind) {
    case CHANGE_WRITE:
        return do_write(doing);
    case CHANGE_DIRECTORY:
        return do_directory(doing);
    case CHANGE_SYMLINK:
    case CHANGE_HARDLINK:
        return do_link(doing);
    case CHANGE_ATTRS:
        return set_attrs(doing, str_c(doing->arena, doing->change->path), doing->change->follow);
    case CHANGE_TIMES:
        return do_times(doing);
    case CHANGE_REMOVE:
        return do_remove(doing);
    case CHANGE_COPY:
        return do_copy(doing);
    case CHANGE_RUN:
        return do_run(doing, output);
    }
    return false;
}

enum remote_status local_apply(struct remote *remote, const struct remote_context *context,
                               const struct change *changes, size_t count, const str *ask_after,
                               size_t ask_count, struct apply_result *ret,
                               struct remote_error *ret_error)
{
    struct arena *arena = context->arena;
    for (; ret->done < count; ret->done++) {
        struct doing doing = {
            .remote = remote,
            .context = context,
            .change = &changes[ret->done],
            .arena = arena,
            .ret_error = ret_error,
        };
        if (do_change(&doing, &ret->outputs[ret->done])) {
            continue;
        }
        if (doing.told) {
            return ret_error->status;
        }
        str action = change_action(arena, doing.change, doing.step);
        return remote_failed(arena, ret_error, REMOTE_FAILED, doing.change->path, "%.*s: %.*s",
                             SARG(action), SARG(doing.words));
    }
    for (size_t i = 0; i < ask_count; i++) {
        local_stat(arena, ask_after[i], false, &ret->after[i]);
    }
    return REMOTE_OK;
}
