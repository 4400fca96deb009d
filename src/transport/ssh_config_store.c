/*
 * ssh_config_store.c - ssh(1)'s configuration files, each read and cut into parts once for all
 * connections, and again when it has changed: tasks of this machine may write them.
 *
 * A file is never changed once it is read. Who reads in it holds it, for as long as a `Match exec`
 * may take; so one that has a successor goes when nobody holds it any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/file_in.h"
#include "base/tree.h"
#include "transport/ssh_config_reader.h"

enum { FILE_MAX = 64 << 20 };

struct ssh_files {
    pthread_mutex_t lock;
    struct ssh_file *first;
};

static void let_go(struct ssh_file *file)
{
    if (--file->holders == 0) {
        arena_free(file->arena);
    }
}

/* Take it off the list, which held it, too. */
static void forget(struct ssh_file **place)
{
    struct ssh_file *file = *place;
    *place = file->next;
    let_go(file);
}

struct ssh_files *ssh_files_new(void)
{
    struct ssh_files *files = wire_alloc(sizeof *files);
    pthread_mutex_init(&files->lock, NULL);
    return files;
}

void ssh_files_free(struct ssh_files *files)
{
    if (files == NULL) {
        return;
    }
    while (files->first != NULL) {
        forget(&files->first);
    }
    pthread_mutex_destroy(&files->lock);
    free(files);
}

/* What is no regular file, as of `-F <(command)`, tells its text only once, and takes its time. A
 * directory has none: "Include conf.d/" with a star may find some. False: errno tells why. */
static bool tells_once(const struct stat *status)
{
    return !S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode);
}

static bool read_text(const struct ssh_file *file, int fd, int wake, deadline until, str *ret)
{
    *ret = STR_EMPTY;
    return S_ISDIR(file->status.st_mode) ||
           (tells_once(&file->status) ? wire_read_pipe(file->arena, fd, FILE_MAX, wake, until, ret)
                                      : fd_read(file->arena, fd, FILE_MAX, ret));
}

/* The status is taken first: what changes meanwhile is noticed the next time. A pipe that nobody
 * writes to is opened at once, too. */
static struct ssh_file *read_file(str path, int wake, deadline until)
{
    struct arena *arena = arena_new("ssh configuration");
    struct ssh_file *file = NEW(arena, struct ssh_file);
    file->arena = arena;
    file->path = str_c(arena, path);
    file->holders = 1;
    CLEANUP(close_fd) int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    str text;
    bool known = fd >= 0 && fstat(fd, &file->status) == 0;
    if (known && read_text(file, fd, wake, until, &text)) {
        ssh_parts_cut(arena, text, &file->parts);
        return file;
    }
    int problem = errno;
    if (known && tells_once(&file->status)) {
        file->problem = problem;
        return file;
    }
    arena_free(arena);
    errno = problem;
    return NULL;
}

static bool is_current(const struct ssh_file *file)
{
    struct stat now;
    return stat(file->path, &now) == 0 && (tells_once(&now) ? now.st_ino == file->status.st_ino &&
                                                                  now.st_dev == file->status.st_dev
                                                            : tree_unchanged(&now, &file->status));
}

/* Under the lock. NULL: errno tells why; it may also have a problem of its own. */
static struct ssh_file *current_file(struct ssh_files *files, str path, int wake, deadline until)
{
    struct ssh_file **place = &files->first;
    while (*place != NULL && !str_eq(str_of((*place)->path), path)) {
        place = &(*place)->next;
    }
    if (*place != NULL && is_current(*place)) {
        return *place;
    }
    if (*place != NULL) {
        forget(place);
    }
    struct ssh_file *file = read_file(path, wake, until);
    if (file != NULL) {
        file->next = files->first;
        files->first = file;
    }
    return file;
}

struct ssh_file *ssh_file_hold(struct ssh_files *files, str path, int wake, deadline until)
{
    pthread_mutex_lock(&files->lock);
    struct ssh_file *file = current_file(files, path, wake, until);
    int problem = file != NULL ? file->problem : errno;
    if (problem != 0) {
        file = NULL;
    } else {
        file->holders++;
    }
    pthread_mutex_unlock(&files->lock);
    errno = problem;
    return file;
}

void ssh_files_let_go(struct ssh_files *files, struct ssh_held held)
{
    pthread_mutex_lock(&files->lock);
    for (size_t i = 0; i < held.len; i++) {
        let_go(held.items[i]);
    }
    pthread_mutex_unlock(&files->lock);
}
