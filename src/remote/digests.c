/*
 * digests.c - a table of the files whose checksums are known, under one lock; files are read
 * outside of it.
 */
#include "remote/digests.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tree.h"
#include "remote/digest.h"

#define CHAINS 4096

struct known {
    struct stat file;
    bool fresh; /* when it was read: not known to who asks later */
    enum { READING, KNOWN, FAILED } state;
    str digest; /* STR_NONE unless KNOWN */
    struct known *next;
};

struct digests {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct arena *arena;
    size_t read;
    struct known *chains[CHAINS];
};

struct digests *digests_new(void)
{
    struct arena *arena = arena_new("digests");
    struct digests *digests = NEW(arena, struct digests);
    digests->arena = arena;
    pthread_mutex_init(&digests->lock, NULL);
    pthread_cond_init(&digests->changed, NULL);
    return digests;
}

void digests_free(struct digests *digests)
{
    if (digests != NULL) {
        pthread_cond_destroy(&digests->changed);
        pthread_mutex_destroy(&digests->lock);
        arena_free(digests->arena);
    }
}

size_t digests_read(struct digests *digests)
{
    pthread_mutex_lock(&digests->lock);
    size_t read = digests->read;
    pthread_mutex_unlock(&digests->lock);
    return read;
}

/* Under the lock. */
static struct known *find(struct digests *digests, const struct stat *file)
{
    struct known *known = digests->chains[file->st_ino % CHAINS];
    while (known != NULL && (known->fresh || !tree_unchanged(&known->file, file))) {
        known = known->next;
    }
    return known;
}

static struct known *add(struct digests *digests, const struct stat *file)
{
    struct known **chain = &digests->chains[file->st_ino % CHAINS];
    struct known *known = NEW(digests->arena, struct known);
    *known = (struct known){ .file = *file, .next = *chain };
    return *chain = known;
}

/* Called with the lock, which is given up while the file is read. */
static void read_file(struct digests *digests, struct known *known, int fd)
{
    bool fresh = tree_is_fresh(&known->file);
    known->state = READING;
    digests->read++;
    pthread_mutex_unlock(&digests->lock);
    struct arena *arena CLEANUP(release_arena) = arena_new("digest");
    str digest = digest_of_fd(arena, DIGEST_SHA1, fd);
    pthread_mutex_lock(&digests->lock);
    known->state = str_is_none(digest) ? FAILED : KNOWN;
    known->digest = str_is_none(digest) ? STR_NONE : str_copy(digests->arena, digest);
    known->fresh = fresh;
    pthread_cond_broadcast(&digests->changed);
}

bool digests_content(struct digests *digests, str path, struct content *ret)
{
    struct stat file;
    CLEANUP(close_fd) int fd = tree_open(path);
    if (fd < 0 || !tree_fstat(path, fd, &file)) {
        return false;
    }
    pthread_mutex_lock(&digests->lock);
    const struct known *known = find(digests, &file);
    *ret = (struct content){
        .kind = CONTENT_CONTROLLER,
        .path = path,
        .size = (uint64_t)file.st_size,
        .digest = known != NULL && known->state == KNOWN ? known->digest : STR_NONE,
        .digests = digests,
    };
    pthread_mutex_unlock(&digests->lock);
    return true;
}

/* What was read lives as long as the table. */
static str find_or_read(struct digests *digests, const struct stat *file, int fd)
{
    pthread_mutex_lock(&digests->lock);
    struct known *known = find(digests, file);
    if (known == NULL || known->state == FAILED) {
        known = known == NULL ? add(digests, file) : known;
        read_file(digests, known, fd);
    }
    while (known->state == READING) {
        pthread_cond_wait(&digests->changed, &digests->lock);
    }
    str digest = known->digest;
    pthread_mutex_unlock(&digests->lock);
    return digest;
}

str digests_of(struct digests *digests, str path)
{
    struct stat file;
    CLEANUP(close_fd) int fd = tree_open(path);
    if (fd < 0 || !tree_fstat(path, fd, &file)) {
        return STR_NONE;
    }
    return find_or_read(digests, &file, fd);
}
