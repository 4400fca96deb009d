/*
 * local.c - questions answered by direct system calls, for `connection: local` as ourselves.
 * Threads share umask, working directory and ids, so none of them is ever changed here.
 */
#include "remote/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/file_in.h"
#include "base/strbuf.h"
#include "remote/digest.h"

/* ---- status ---- */

static enum file_type type_of(mode_t mode)
{
    return S_ISDIR(mode)    ? FILE_DIRECTORY
           : S_ISLNK(mode)  ? FILE_LINK
           : S_ISCHR(mode)  ? FILE_CHAR_DEVICE
           : S_ISBLK(mode)  ? FILE_BLOCK_DEVICE
           : S_ISFIFO(mode) ? FILE_FIFO
           : S_ISSOCK(mode) ? FILE_SOCKET
                            : FILE_REGULAR;
}

#define ENTRY_SIZE 65536 /* of a line of the user or group database; groups can be long */

static str user_name(struct arena *arena, uid_t uid)
{
    struct passwd entry, *found = NULL;
    char *buffer = arena_alloc_raw(arena, ENTRY_SIZE);
    getpwuid_r(uid, &entry, buffer, ENTRY_SIZE, &found);
    return found != NULL ? str_copy(arena, str_of(found->pw_name))
                         : str_format(arena, "%u", (unsigned)uid);
}

static str group_name(struct arena *arena, gid_t gid)
{
    struct group entry, *found = NULL;
    char *buffer = arena_alloc_raw(arena, ENTRY_SIZE);
    getgrgid_r(gid, &entry, buffer, ENTRY_SIZE, &found);
    return found != NULL ? str_copy(arena, str_of(found->gr_name))
                         : str_format(arena, "%u", (unsigned)gid);
}

/* Names are looked up once for all entries of a tree. */
struct names {
    bool known;
    uid_t uid;
    gid_t gid;
    str owner, group;
};

static void fill_stat(struct arena *arena, const struct stat *from, struct names *names,
                      struct file_stat *ret)
{
    if (!names->known || names->uid != from->st_uid || names->gid != from->st_gid) {
        *names = (struct names){ true, from->st_uid, from->st_gid, user_name(arena, from->st_uid),
                                 group_name(arena, from->st_gid) };
    }
    *ret = (struct file_stat){
        .type = type_of(from->st_mode),
        .mode = from->st_mode & 07777,
        .owner = names->owner,
        .group = names->group,
        .uid = from->st_uid,
        .gid = from->st_gid,
        .size = (uint64_t)from->st_size,
        .mtime = from->st_mtime,
        .atime = from->st_atime,
        .ctime = from->st_ctime,
        .inode = from->st_ino,
        .device = from->st_dev,
        .links = from->st_nlink,
        .target = STR_NONE,
    };
}

static str link_target(struct arena *arena, int dir, const char *path)
{
    char target[4096];
    ssize_t len = readlinkat(dir, path, target, sizeof target);
    return len < 0 ? STR_EMPTY : str_copy(arena, (str){ target, (size_t)len });
}

static bool stat_at(struct arena *arena, int dir, const char *path, bool follow,
                    struct names *names, struct file_stat *ret)
{
    struct stat found;
    if (fstatat(dir, path, &found, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
        *ret = (struct file_stat){ .type = FILE_ABSENT };
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    }
    fill_stat(arena, &found, names, ret);
    if (ret->type == FILE_LINK) {
        ret->target = link_target(arena, dir, path);
    }
    return true;
}

bool local_stat(struct arena *arena, str path, bool follow, struct file_stat *ret)
{
    struct names names = { 0 };
    return stat_at(arena, AT_FDCWD, str_c(arena, path), follow, &names, ret);
}

static void answer_stat(struct arena *arena, struct question *q)
{
    if (!local_stat(arena, q->arg, q->kind == ASK_STAT_FOLLOW, &q->answer.stat)) {
        q->problem = str_copy(arena, str_of(strerror(errno)));
    }
}

/* ---- contents ---- */

/* A regular file to read, or -1; then *ret_problem is STR_NONE if there is no such file. */
static int open_regular(struct arena *arena, str path, bool other_is_problem, str *ret_problem)
{
    struct stat found;
    *ret_problem = STR_NONE;
    int fd = open(str_c(arena, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        bool absent = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
        *ret_problem = absent ? STR_NONE : str_copy(arena, str_of(strerror(errno)));
        return -1;
    }
    if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode)) {
        return fd;
    }
    if (other_is_problem && !S_ISDIR(found.st_mode)) {
        *ret_problem = S("not a regular file");
    }
    close(fd);
    return -1;
}

static void answer_text(struct arena *arena, struct question *q)
{
    q->answer.content = (value){ .kind = VALUE_UNDEFINED };
    CLEANUP(close_fd) int fd = open_regular(arena, q->arg, true, &q->problem);
    if (fd < 0) {
        return;
    }
    str text;
    if (fd_read(arena, fd, OBSERVE_TEXT_MAX, &text)) {
        q->answer.content = value_str(arena, text);
    } else {
        q->problem =
            errno == EFBIG ? S("larger than 16 MiB") : str_copy(arena, str_of(strerror(errno)));
    }
}

static void answer_digest(struct arena *arena, struct question *q)
{
    q->answer.text = STR_NONE;
    CLEANUP(close_fd) int fd = open_regular(arena, q->arg, false, &q->problem);
    if (fd >= 0) {
        q->answer.text = digest_of_fd(arena, q->digest, fd);
        if (str_is_none(q->answer.text)) {
            q->problem = str_copy(arena, str_of(strerror(errno)));
        }
    }
}

/* ---- trees and patterns ---- */

struct walk {
    struct arena *arena;
    struct question *question;
    struct names names;
    VEC(struct file_entry) entries;
};

static void walk_directory(struct walk *walk, int dir_fd, str prefix);

static void walk_entry(struct walk *walk, int dir, const char *name, str prefix)
{
    struct arena *arena = walk->arena;
    struct question *q = walk->question;
    struct file_entry entry = { .digest = STR_NONE };
    if (!stat_at(arena, dir, name, false, &walk->names, &entry.stat)) {
        q->problem = str_copy(arena, str_of(strerror(errno)));
        return;
    }
    if (entry.stat.type == FILE_ABSENT) {
        return; /* removed meanwhile */
    }
    if (walk->entries.len == OBSERVE_TREE_MAX) {
        q->problem = str_format(arena, "more than %d entries", OBSERVE_TREE_MAX);
        return;
    }
    entry.path = str_format(arena, "%.*s%s", SARG(prefix), name);
    if (entry.stat.type == FILE_REGULAR && q->with_digest) {
        CLEANUP(close_fd) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        entry.digest = fd < 0 ? STR_NONE : digest_of_fd(arena, DIGEST_SHA1, fd);
    }
    *VEC_PUSH(arena, &walk->entries) = entry;
    if (entry.stat.type == FILE_DIRECTORY) {
        int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
        walk_directory(walk, fd, str_format(arena, "%.*s/", SARG(entry.path)));
    }
}

/* Takes dir_fd over. Depth is bounded by the limit on open descriptors. */
static void walk_directory(struct walk *walk, int dir_fd, str prefix)
{
    DIR *dir = dir_fd < 0 ? NULL : fdopendir(dir_fd);
    if (dir == NULL) {
        walk->question->problem = str_copy(walk->arena, str_of(strerror(errno)));
        close_fd(&dir_fd);
        return;
    }
    struct dirent *found;
    while (str_is_none(walk->question->problem) && (found = readdir(dir)) != NULL) {
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0) {
            walk_entry(walk, dirfd(dir), found->d_name, prefix);
        }
    }
    closedir(dir);
}

static int compare_entries(const void *a, const void *b)
{
    return str_cmp(((const struct file_entry *)a)->path, ((const struct file_entry *)b)->path);
}

static void answer_tree(struct arena *arena, struct question *q)
{
    q->answer.tree = (struct file_tree){ .exists = false };
    int fd = open(str_c(arena, q->arg), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0) {
        bool absent = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
        q->problem = absent ? STR_NONE : str_copy(arena, str_of(strerror(errno)));
        return;
    }
    struct walk walk = { .arena = arena, .question = q };
    walk_directory(&walk, fd, STR_EMPTY);
    if (walk.entries.len > 0) {
        qsort(walk.entries.items, walk.entries.len, sizeof *walk.entries.items, compare_entries);
    }
    q->answer.tree = (struct file_tree){ true, walk.entries.items, walk.entries.len };
}

static void answer_glob(struct arena *arena, struct question *q)
{
    glob_t found = { 0 };
    VEC(str) paths = { 0 };
    if (glob(str_c(arena, q->arg), 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && i < OBSERVE_TREE_MAX; i++) {
            *VEC_PUSH(arena, &paths) = str_copy(arena, str_of(found.gl_pathv[i]));
        }
    }
    globfree(&found);
    q->answer.paths = (struct path_list){ paths.items, paths.len };
}

/* ---- users ---- */

static bool is_number(str s, unsigned *ret)
{
    uint64_t number;
    bool fits = s.len <= 10 && str_to_base(s, 10, &number) && number <= UINT32_MAX;
    *ret = fits ? (unsigned)number : 0;
    return fits;
}

static void fill_user(struct arena *arena, const struct passwd *from, struct user_entry *ret)
{
    *ret = (struct user_entry){
        .exists = true,
        .name = str_copy(arena, str_of(from->pw_name)),
        .uid = from->pw_uid,
        .gid = from->pw_gid,
        .home = str_copy(arena, str_of(from->pw_dir)),
        .shell = str_copy(arena, str_of(from->pw_shell)),
        .gecos = str_copy(arena, str_of(from->pw_gecos == NULL ? "" : from->pw_gecos)),
    };
}

static void user_by_id(struct arena *arena, uid_t uid, struct user_entry *ret)
{
    struct passwd entry, *found = NULL;
    char *buffer = arena_alloc_raw(arena, ENTRY_SIZE);
    getpwuid_r(uid, &entry, buffer, ENTRY_SIZE, &found);
    if (found != NULL) {
        fill_user(arena, found, ret);
    }
}

static void answer_user(struct arena *arena, struct question *q)
{
    struct passwd entry, *found = NULL;
    unsigned uid;
    char *buffer = arena_alloc_raw(arena, ENTRY_SIZE);
    getpwnam_r(str_c(arena, q->arg), &entry, buffer, ENTRY_SIZE, &found);
    if (found != NULL) {
        fill_user(arena, found, &q->answer.user);
    } else if (is_number(q->arg, &uid)) {
        user_by_id(arena, uid, &q->answer.user);
    }
}

static void answer_group(struct arena *arena, struct question *q)
{
    struct group entry, *found = NULL;
    unsigned gid;
    char *buffer = arena_alloc_raw(arena, ENTRY_SIZE);
    getgrnam_r(str_c(arena, q->arg), &entry, buffer, ENTRY_SIZE, &found);
    if (found == NULL && is_number(q->arg, &gid)) {
        getgrgid_r(gid, &entry, buffer, ENTRY_SIZE, &found);
    }
    if (found == NULL) {
        return;
    }
    struct strbuf members = strbuf_in(arena);
    for (size_t i = 0; found->gr_mem[i] != NULL; i++) {
        strbuf_addf(&members, "%s%s", i > 0 ? "," : "", found->gr_mem[i]);
    }
    q->answer.user = (struct user_entry){
        .exists = true,
        .name = str_copy(arena, str_of(found->gr_name)),
        .gid = found->gr_gid,
        .members = strbuf_str(&members),
    };
}

/* ---- programs, environment ---- */

str local_program(struct arena *arena, str path, str name, bool with_sbin)
{
    if (str_find_char(name, '/', 0) != STR_NPOS) {
        return access(str_c(arena, name), X_OK) == 0 ? name : STR_NONE;
    }
    str rest =
        with_sbin ? str_format(arena, "%.*s:/usr/sbin:/sbin:/usr/local/sbin", SARG(path)) : path;
    while (!str_is_none(rest)) {
        str dir = str_cut(&rest, ':');
        str full = str_format(arena, "%.*s/%.*s", SARG(dir.len > 0 ? dir : S(".")), SARG(name));
        struct stat found;
        if (stat(full.ptr, &found) == 0 && S_ISREG(found.st_mode) && access(full.ptr, X_OK) == 0) {
            return full;
        }
    }
    return STR_NONE;
}

static bool same_name(const char *entry, str name)
{
    return strncmp(entry, name.ptr, name.len) == 0 && entry[name.len] == '=';
}

char *local_text(struct arena *arena, str s)
{
    char *text = arena_alloc_raw(arena, s.len + 1);
    memcpy(text, s.len > 0 ? s.ptr : "", s.len);
    text[s.len] = '\0';
    return text;
}

static void set_variable(struct arena *arena, char **list, size_t *count, str name, str text)
{
    size_t at = 0;
    while (at < *count && !same_name(list[at], name)) {
        at++;
    }
    list[at] = local_text(arena, str_format(arena, "%.*s=%.*s", SARG(name), SARG(text)));
    *count += at == *count;
}

char **local_environment(struct arena *arena, const value *more, size_t more_count)
{
    size_t count = 0, room = 1;
    while (environ[count] != NULL) {
        count++;
    }
    for (size_t i = 0; i < more_count; i++) {
        room += value_is(more[i], VALUE_MAP) ? value_count(more[i]) : 0;
    }
    char **list = NEW_ARRAY(arena, char *, count + room);
    memcpy(list, environ, count * sizeof *list);
    for (size_t i = 0; i < more_count; i++) {
        for (size_t k = 0; value_is(more[i], VALUE_MAP) && k < value_count(more[i]); k++) {
            value key = value_map_key(more[i], k), v = value_map_value(more[i], k);
            if (value_is(key, VALUE_STR) && value_is(v, VALUE_STR)) {
                set_variable(arena, list, &count, value_as_str(key), value_as_str(v));
            }
        }
    }
    list[count] = NULL;
    return list;
}

static void answer_environment(struct arena *arena, struct question *q)
{
    struct map_builder map = map_in(arena);
    for (size_t i = 0; environ[i] != NULL; i++) {
        str rest = str_copy(arena, str_of(environ[i]));
        str name = str_cut(&rest, '=');
        if (!str_is_none(rest)) {
            map_set_str(&map, name, value_str(arena, rest));
        }
    }
    q->answer.map = map_seal(&map);
}

static str path_variable(void)
{
    const char *path = getenv("PATH");
    return path == NULL ? S("/usr/local/bin:/usr/bin:/bin") : str_of(path);
}

/* As the shell does: trailing newlines and NUL bytes are left out. */
static str shell_like(struct arena *arena, str out)
{
    struct strbuf text = strbuf_in(arena);
    for (size_t i = 0; i < out.len; i++) {
        if (out.ptr[i] != '\0') {
            strbuf_add_char(&text, out.ptr[i]);
        }
    }
    str kept = strbuf_str(&text);
    while (kept.len > 0 && kept.ptr[kept.len - 1] == '\n') {
        kept.len--;
    }
    return kept;
}

/* The words of a program whose last ones are patterns, as a shell expands them. */
static struct path_list expanded_words(struct arena *arena, const struct question *q)
{
    glob_t found = { 0 };
    VEC(str) words = { 0 };
    size_t plain = q->argc - q->patterns;
    for (size_t i = 0; i < plain; i++) {
        *VEC_PUSH(arena, &words) = q->argv[i];
    }
    for (size_t i = plain; i < q->argc; i++) {
        int flags = GLOB_NOCHECK | (i > plain ? GLOB_APPEND : 0);
        (void)glob(str_c(arena, q->argv[i]), flags, NULL, &found);
    }
    for (size_t i = 0; i < found.gl_pathc && i < OBSERVE_TREE_MAX; i++) {
        *VEC_PUSH(arena, &words) = str_copy(arena, str_of(found.gl_pathv[i]));
    }
    globfree(&found);
    return (struct path_list){ words.items, words.len };
}

static void answer_run(struct arena *arena, struct question *q, value environment)
{
    struct map_builder map =
        value_is(environment, VALUE_MAP) ? map_from(arena, environment) : map_in(arena);
    map_set_str(&map, S("LC_ALL"), value_str(arena, S("C")));
    map_set_str(&map, S("PATH"),
                value_str(arena, str_concat(arena, path_variable(),
                                            S(":/usr/sbin:/sbin:/usr/local/sbin"))));
    struct remote_context context = { .arena = arena, .until = DEADLINE_NEVER };
    context.environment = map_seal(&map);
    struct path_list words = { q->argv, q->argc };
    if (q->patterns > 0) {
        words = expanded_words(arena, q);
    }
    struct command command = {
        .argv = words.paths,
        .argc = words.count,
        .script = STR_NONE,
        .chdir = S("/"),
        .stdin_text = STR_NONE,
    };
    struct command_result result;
    struct remote_error error;
    if (local_run(&context, &command, -1, &result, &error) != REMOTE_OK) {
        q->problem = error.message;
        return;
    }
    q->answer.run = (struct run_answer){
        .status = result.status,
        .out = shell_like(arena, result.out),
        .err = str_trim_right(result.err),
    };
}

/* Reading the umask with umask() would change it for a moment, for all threads. */
static void answer_umask(struct arena *arena, struct question *q)
{
    char text[4096];
    CLEANUP(close_fd) int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text);
    str status = { text, got > 0 ? (size_t)got : 0 };
    size_t at = str_find(status, S("\nUmask:\t"), 0);
    uint64_t mask;
    if (at == STR_NPOS || !str_to_base(str_trim(str_part(status, at + 8, at + 12)), 8, &mask)) {
        q->problem = S("/proc/self/status does not tell it");
        return;
    }
    q->answer.umask = (unsigned)mask;
}

static bool may(struct arena *arena, str path, int right)
{
    return faccessat(AT_FDCWD, str_c(arena, path), right, AT_EACCESS) == 0;
}

static void answer(struct arena *arena, struct question *q, value environment)
{
    switch (q->kind) {
    case ASK_STAT:
    case ASK_STAT_FOLLOW:
        answer_stat(arena, q);
        return;
    case ASK_TEXT:
        answer_text(arena, q);
        return;
    case ASK_DIGEST:
        answer_digest(arena, q);
        return;
    case ASK_TREE:
        answer_tree(arena, q);
        return;
    case ASK_GLOB:
        answer_glob(arena, q);
        return;
    case ASK_RUN:
        answer_run(arena, q, environment);
        return;
    case ASK_USER:
        answer_user(arena, q);
        return;
    case ASK_GROUP:
        answer_group(arena, q);
        return;
    case ASK_LOGIN:
        q->answer.user.uid = geteuid();
        user_by_id(arena, geteuid(), &q->answer.user);
        return;
    case ASK_ENVIRONMENT:
        answer_environment(arena, q);
        return;
    case ASK_PROGRAM:
        q->answer.text = local_program(arena, path_variable(), q->arg, true);
        return;
    case ASK_UMASK:
        answer_umask(arena, q);
        return;
    case ASK_ACCESS:
        q->answer.access = (struct file_access){
            .read = may(arena, q->arg, R_OK),
            .write = may(arena, q->arg, W_OK),
            .execute = may(arena, q->arg, X_OK),
        };
        return;
    }
    BUG("question of kind %d", q->kind);
}

void local_answer(struct arena *arena, struct observer *obs, value environment)
{
    for (size_t i = obs->answered; i < obs->questions.len; i++) {
        answer(arena, obs->questions.items[i], environment);
    }
}
