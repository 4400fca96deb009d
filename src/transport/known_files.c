/*
 * known_files.c - the known_hosts files, each read once for all connections of a run, and again
 * when it has changed. Ten thousand hosts in a file of as many lines would else mean to look at a
 * hundred million of them.
 *
 * A line that lists whole names is found by their hash. The others, with patterns or with names
 * that are hashed with a salt of their own, are looked at one by one.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/tree.h"
#include "transport/known_hosts.h"
#include "transport/wire.h"

struct numbered {
    struct known_line line;
    unsigned number; /* in the file, from 1 */
};

struct salted_line {
    struct salted_name name;
    unsigned line; /* its index */
};

/* One of the names of a line. */
struct entry {
    uint64_t hash; /* of the name in lower case */
    unsigned line; /* its index */
    unsigned next; /* the next entry of the bucket, +1; 0: none */
};

struct file {
    str path; /* in the arena of all */
    pthread_rwlock_t lock;
    struct stat seen;    /* its status when it was read; st_ino 0: it was not there */
    struct arena *arena; /* of what follows; NULL: it was not read yet */
    unsigned count;      /* of all its lines */
    VEC(struct numbered) lines;
    VEC(struct entry) entries;
    unsigned *buckets; /* entries, +1 */
    size_t bucket_count;
    VEC(unsigned) patterns; /* lines with some */
    VEC(struct salted_line) salted;
    struct file *next;
};

struct known_files {
    pthread_mutex_t lock; /* of the list */
    struct arena *arena;
    struct file *files;
};

struct known_files *known_files_new(void)
{
    struct known_files *files = wire_alloc(sizeof *files);
    pthread_mutex_init(&files->lock, NULL);
    files->arena = arena_new("known_hosts");
    return files;
}

void known_files_free(struct known_files *files)
{
    if (files == NULL) {
        return;
    }
    for (struct file *file = files->files; file != NULL; file = file->next) {
        pthread_rwlock_destroy(&file->lock);
        arena_free(file->arena);
    }
    arena_free(files->arena);
    pthread_mutex_destroy(&files->lock);
    free(files);
}

static void free_own(struct known_files **files)
{
    known_files_free(*files);
}

/* `files`, or others for this scope alone. */
#define FILES_OR_OWN(files)                                                                        \
    __attribute__((cleanup(free_own))) struct known_files *own_files =                             \
        (files) == NULL ? known_files_new() : NULL;                                                \
    (files) = (files) == NULL ? own_files : (files)

static struct file *file_of(struct known_files *files, str path)
{
    pthread_mutex_lock(&files->lock);
    struct file *file = files->files;
    while (file != NULL && !str_eq(file->path, path)) {
        file = file->next;
    }
    if (file == NULL) {
        file = NEW(files->arena, struct file);
        file->path = str_copy(files->arena, path);
        pthread_rwlock_init(&file->lock, NULL);
        file->next = files->files;
        files->files = file;
    }
    pthread_mutex_unlock(&files->lock);
    return file;
}

/* ---- the index ---- */

static void put_in_bucket(struct file *file, unsigned index)
{
    struct entry *entry = &file->entries.items[index];
    unsigned *bucket = &file->buckets[entry->hash % file->bucket_count];
    entry->next = *bucket;
    *bucket = index + 1;
}

static void add_name(struct file *file, str name, unsigned line)
{
    if (file->entries.len == file->bucket_count) {
        file->bucket_count = file->bucket_count == 0 ? 64 : 4 * file->bucket_count;
        file->buckets = NEW_ARRAY(file->arena, unsigned, file->bucket_count);
        for (unsigned i = 0; i < file->entries.len; i++) {
            put_in_bucket(file, i);
        }
    }
    *VEC_PUSH(file->arena, &file->entries) =
        (struct entry){ .hash = str_hash(str_lower(file->arena, name)), .line = line };
    put_in_bucket(file, (unsigned)file->entries.len - 1);
}

/* The next line of the file, whose text stays where it is. */
static void add_line(struct file *file, str text)
{
    struct known_line line;
    struct salted_name name;
    unsigned index = (unsigned)file->lines.len;
    file->count++;
    if (!known_line_parse(text, &line)) {
        return;
    }
    *VEC_PUSH(file->arena, &file->lines) = (struct numbered){ line, file->count };
    if (known_line_salted(file->arena, &line, &name)) {
        *VEC_PUSH(file->arena, &file->salted) = (struct salted_line){ name, index };
        return;
    }
    if (!known_line_is_plain(&line)) {
        *VEC_PUSH(file->arena, &file->patterns) = index;
        return;
    }
    for (str one; !str_is_none(one = str_cut(&line.names, ','));) {
        add_name(file, one, index);
    }
}

/* ---- reading ---- */

static struct stat status_of(struct arena *arena, str path)
{
    struct stat status;
    return stat(str_c(arena, path), &status) == 0 ? status : (struct stat){ 0 };
}

static bool is_current(const struct file *file, struct arena *arena)
{
    struct stat now = status_of(arena, file->path);
    return file->arena != NULL && tree_unchanged(&now, &file->seen);
}

/* The status is taken first: what changes meanwhile is noticed the next time. */
static void read_anew(struct file *file, struct arena *arena)
{
    struct stat seen = status_of(arena, file->path);
    str text, line;
    arena_free(file->arena);
    file->arena = arena_new("known_hosts");
    file->seen = seen;
    file->count = 0;
    file->buckets = NULL;
    file->bucket_count = 0;
    file->lines.len = file->entries.len = file->patterns.len = file->salted.len = 0;
    file->lines.cap = file->entries.cap = file->patterns.cap = file->salted.cap = 0;
    if (!known_text(file->arena, file->path, &text)) {
        return;
    }
    while (!str_is_none(line = str_cut_line(&text))) {
        add_line(file, line);
    }
}

/* Locked for reading then. */
static void lock_current(struct file *file, struct arena *arena)
{
    pthread_rwlock_rdlock(&file->lock);
    if (is_current(file, arena)) {
        return;
    }
    pthread_rwlock_unlock(&file->lock);
    pthread_rwlock_wrlock(&file->lock);
    if (!is_current(file, arena)) {
        read_anew(file, arena);
    }
    pthread_rwlock_unlock(&file->lock);
    pthread_rwlock_rdlock(&file->lock);
}

/* ---- looking up ---- */

/* A line that is about the host. */
struct found {
    unsigned line;
    bool named; /* else it is the name without its port that it has */
};

struct search {
    const struct file *file;
    struct arena *arena;
    VEC(struct found) found; /* in the end in order; a line may be there twice */
};

static void by_hash(struct search *search, str name, bool named)
{
    const struct file *file = search->file;
    uint64_t hash = str_hash(str_lower(search->arena, name));
    unsigned at = file->bucket_count == 0 ? 0 : file->buckets[hash % file->bucket_count];
    while (at != 0) {
        const struct entry *entry = &file->entries.items[at - 1];
        if (entry->hash == hash &&
            known_line_lists(search->arena, &file->lines.items[entry->line].line, name)) {
            *VEC_PUSH(search->arena, &search->found) = (struct found){ entry->line, named };
        }
        at = entry->next;
    }
}

static void by_pattern(struct search *search, str name, bool named)
{
    const struct file *file = search->file;
    for (size_t i = 0; i < file->patterns.len; i++) {
        unsigned line = file->patterns.items[i];
        if (known_line_lists(search->arena, &file->lines.items[line].line, name)) {
            *VEC_PUSH(search->arena, &search->found) = (struct found){ line, named };
        }
    }
}

static void by_salt(struct search *search, str name, bool named)
{
    const struct file *file = search->file;
    if (file->salted.len == 0) {
        return;
    }
    struct salter *salter = salter_new();
    for (size_t i = 0; i < file->salted.len; i++) {
        const struct salted_line *salted = &file->salted.items[i];
        if (salted_name_is(salter, &salted->name, name)) {
            *VEC_PUSH(search->arena, &search->found) = (struct found){ salted->line, named };
        }
    }
    salter_free(salter);
}

static void look_for(struct search *search, str name, bool named)
{
    if (!str_is_none(name)) {
        by_hash(search, name, named);
        by_pattern(search, name, named);
        by_salt(search, name, named);
    }
}

/* By line; the full name first. */
static int in_order(const void *a_, const void *b_)
{
    const struct found *a = a_, *b = b_;
    return a->line != b->line ? (a->line > b->line) - (a->line < b->line) : b->named - a->named;
}

void known_hosts_read(struct known_files *files, struct arena *arena, str path, str name, str plain,
                      struct known_keys *keys)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("known_hosts");
    FILES_OR_OWN(files);
    struct file *file = file_of(files, path);
    struct search search = { .file = file, .arena = scratch };
    lock_current(file, scratch);
    look_for(&search, name, true);
    look_for(&search, plain, false);
    if (search.found.len > 1) {
        qsort(search.found.items, search.found.len, sizeof search.found.items[0], in_order);
    }
    for (size_t i = 0; i < search.found.len; i++) {
        const struct found *found = &search.found.items[i];
        const struct numbered *numbered = &file->lines.items[found->line];
        if (i > 0 && search.found.items[i - 1].line == found->line) {
            continue;
        }
        *VEC_PUSH(arena, &keys->all) = (struct known_key){
            .kind = numbered->line.kind,
            .type = str_copy(arena, numbered->line.type),
            .base64 = str_copy(arena, numbered->line.base64),
            .where = str_format(arena, "%.*s:%u", SARG(path), numbered->number),
            .without_port = !found->named,
        };
    }
    pthread_rwlock_unlock(&file->lock);
}

/* ---- adding ---- */

static bool ends_in_newline(int fd)
{
    char last = '\n';
    off_t size = lseek(fd, 0, SEEK_END);
    return size <= 0 || pread(fd, &last, 1, size - 1) != 1 || last == '\n';
}

static bool append(struct file *file, struct arena *arena, str line)
{
    mkdir(str_c(arena, path_dirname(file->path)), 0700);
    CLEANUP(close_fd)
    int fd = open(str_c(arena, file->path), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    str text = str_format(arena, "%s%.*s\n", ends_in_newline(fd) ? "" : "\n", SARG(line));
    bool current = is_current(file, arena);
    if (write(fd, text.ptr, text.len) != (ssize_t)text.len) {
        return false;
    }
    struct stat now = status_of(arena, file->path);
    if (current && now.st_ino == file->seen.st_ino && now.st_dev == file->seen.st_dev &&
        now.st_size == file->seen.st_size + (off_t)text.len) { /* nobody else has added any */
        file->seen = now;
        add_line(file, str_copy(file->arena, line));
    }
    return true;
}

bool known_hosts_add(struct known_files *files, struct arena *arena, str path, str line)
{
    FILES_OR_OWN(files);
    struct file *file = file_of(files, path);
    pthread_rwlock_wrlock(&file->lock);
    errno = 0;
    bool added = append(file, arena, line);
    int problem = errno;
    pthread_rwlock_unlock(&file->lock);
    errno = problem == 0 ? ENOSPC : problem; /* a write that was cut short */
    return added;
}
