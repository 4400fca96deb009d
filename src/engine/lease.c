/*
 * lease.c - open connections, each leased to one job at a time, and what they cost: handshakes (so
 * many at a time) and descriptors.
 *
 * A connection stays open for the host's next task. Where the system gives too few descriptors for
 * that, idle ones are closed and opened again when they are needed: first one that this play has
 * not used, the longest idle of them; else the one given back last. Tasks go round all hosts in the
 * same order, so the one that was idle longest will be needed first.
 */
#include "engine/state.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/bug.h"

/* At a time: more do not finish sooner, and the first hosts could not start. */
#define HANDSHAKES     8
#define HANDSHAKE_TIME 500  /* milliseconds; what takes longer waits for its host, not for us */
#define CHAINS         4096 /* of the tables */

#define OF_SSH     1  /* descriptors: a socket */
#define OF_PROGRAM 8  /* pipes to the shells of two users */
#define OF_JOB     8  /* files of the controller, handshakes */
#define OF_RUN     64 /* standard streams, inventory scripts, libraries */

struct leases {
    pthread_mutex_t lock;
    struct lease *chains[CHAINS];    /* by the inventory's name */
    struct lease *oldest, *newest;   /* the idle ones, by when they were given back */
    unsigned descriptors, available; /* those that open leases take; those they may take */
    struct wire_counts closed;       /* of leases that are gone */
    const struct play *play;
    struct handshake { /* those that run, the youngest first */
        int64_t started;
        struct handshake *next;
    } * handshakes;
    pthread_cond_t handshake_done;
    struct overlay_of {
        str identity;
        struct overlay *overlay;
        struct overlay_of *next;
    } * overlays[CHAINS]; /* by the machine */
    struct arena *overlay_arena;
};

static struct lease **chain_of(struct leases *leases, str host)
{
    return &leases->chains[str_hash(host) % CHAINS];
}

/* ---- the idle ones; the lock is held ---- */

static void idle_add(struct leases *leases, struct lease *lease)
{
    lease->busy = false;
    lease->older = leases->newest;
    lease->newer = NULL;
    *(leases->newest == NULL ? &leases->oldest : &leases->newest->newer) = lease;
    leases->newest = lease;
}

static void idle_remove(struct leases *leases, struct lease *lease)
{
    *(lease->older == NULL ? &leases->oldest : &lease->older->newer) = lease->newer;
    *(lease->newer == NULL ? &leases->newest : &lease->newer->older) = lease->older;
    lease->older = lease->newer = NULL;
    lease->busy = true;
}

/* The next to be closed for another one, or NULL. */
static struct lease *least_useful(const struct leases *leases)
{
    struct lease *oldest = leases->oldest, *newest = leases->newest;
    while (oldest != NULL && !oldest->open) {
        oldest = oldest->newer;
    }
    if (oldest == NULL || oldest->play != leases->play) {
        return oldest;
    }
    while (!newest->open) {
        newest = newest->older;
    }
    return newest;
}

/* ---- taking and giving back ---- */

static bool same_words(const str *a, size_t a_count, const str *b, size_t b_count)
{
    bool same = a_count == b_count;
    for (size_t i = 0; i < a_count && same; i++) {
        same = str_eq(a[i], b[i]);
    }
    return same;
}

/* Whether two jobs may share a connection. */
static bool same_way(const struct connection_options *a, const struct connection_options *b)
{
    return str_eq(a->name, b->name) && a->kind == b->kind && a->port == b->port &&
           str_eq(a->host, b->host) && str_eq(a->user, b->user) &&
           str_eq(a->private_key_file, b->private_key_file) &&
           same_words(a->ssh_args, a->ssh_args_count, b->ssh_args, b->ssh_args_count) &&
           a->ssh_args_first == b->ssh_args_first &&
           same_words(a->exec.words, a->exec.count, b->exec.words, b->exec.count);
}

static const str *copy_words(struct arena *arena, const str *words, size_t count)
{
    str *copies = NEW_ARRAY(arena, str, count);
    for (size_t i = 0; i < count; i++) {
        copies[i] = str_copy(arena, words[i]);
    }
    return copies;
}

/* What same_way() looks at. */
static struct connection_options copy_way(struct arena *arena,
                                          const struct connection_options *options)
{
    return (struct connection_options){
        .kind = options->kind,
        .name = str_copy(arena, options->name),
        .host = str_copy(arena, options->host),
        .port = options->port,
        .user = str_copy(arena, options->user),
        .private_key_file = str_copy(arena, options->private_key_file),
        .ssh_args = copy_words(arena, options->ssh_args, options->ssh_args_count),
        .ssh_args_count = options->ssh_args_count,
        .ssh_args_first = options->ssh_args_first,
        .exec = { .words = copy_words(arena, options->exec.words, options->exec.count),
                  .count = options->exec.count },
    };
}

static struct lease *lease_new(const struct connection_options *options)
{
    struct lease *lease = calloc(1, sizeof *lease);
    if (lease == NULL) {
        BUG("no memory for a connection");
    }
    lease->arena = arena_new("lease");
    lease->way = copy_way(lease->arena, options);
    lease->remote = remote_new(options);
    lease->descriptors = options->kind == CONNECTION_SSH ? OF_SSH : OF_PROGRAM;
    return lease;
}

struct lease *lease_take(struct run *run, const struct connection_options *options)
{
    struct leases *leases = run->leases;
    struct lease **chain = chain_of(leases, options->name);
    pthread_mutex_lock(&leases->lock);
    struct lease *lease = *chain;
    while (lease != NULL && (lease->busy || !same_way(&lease->way, options))) {
        lease = lease->next;
    }
    if (lease != NULL) {
        idle_remove(leases, lease);
    } else {
        lease = lease_new(options);
        lease->next = *chain;
        lease->busy = true;
        *chain = lease;
    }
    lease->play = leases->play;
    pthread_mutex_unlock(&leases->lock);
    return lease;
}

void lease_give(struct run *run, struct lease *lease)
{
    pthread_mutex_lock(&run->leases->lock);
    idle_add(run->leases, lease);
    pthread_mutex_unlock(&run->leases->lock);
}

/* ---- connecting ---- */

/* Close idle connections until there are descriptors for this one. The lock is held. */
static void make_room(struct leases *leases, struct lease *lease)
{
    struct lease *victim;
    while (leases->descriptors + lease->descriptors > leases->available &&
           (victim = least_useful(leases)) != NULL) {
        idle_remove(leases, victim);
        victim->open = victim->connected = false;
        leases->descriptors -= victim->descriptors;
        pthread_mutex_unlock(&leases->lock);
        remote_reset(victim->remote);
        pthread_mutex_lock(&leases->lock);
        idle_add(leases, victim);
    }
    lease->open = true;
    leases->descriptors += lease->descriptors;
}

/* ---- handshakes; the lock is held ---- */

/* How many take our time, and when the oldest of them will be taken for one that waits for its
 * host: hosts that hang shall not keep others from connecting. */
static unsigned busy_handshakes(const struct leases *leases, int64_t *ret_next)
{
    unsigned busy = 0;
    int64_t since = wire_now() - HANDSHAKE_TIME;
    for (const struct handshake *one = leases->handshakes; one != NULL; one = one->next) {
        if (one->started > since) {
            busy++;
            *ret_next = one->started + HANDSHAKE_TIME;
        }
    }
    return busy;
}

static void handshake_begin(struct leases *leases, struct handshake *handshake)
{
    int64_t next;
    while (busy_handshakes(leases, &next) >= HANDSHAKES) {
        struct timespec until = { .tv_sec = next / 1000, .tv_nsec = next % 1000 * 1000000 };
        pthread_cond_clockwait(&leases->handshake_done, &leases->lock, CLOCK_MONOTONIC, &until);
    }
    *handshake = (struct handshake){ .started = wire_now(), .next = leases->handshakes };
    leases->handshakes = handshake;
}

static void handshake_end(struct leases *leases, struct handshake *handshake)
{
    struct handshake **link = &leases->handshakes;
    while (*link != handshake) {
        link = &(*link)->next;
    }
    *link = handshake->next;
    pthread_cond_signal(&leases->handshake_done);
}

enum remote_status lease_connect(struct run *run, struct lease *lease,
                                 const struct remote_context *context,
                                 struct remote_error *ret_error)
{
    struct leases *leases = run->leases;
    if (lease->connected) {
        return REMOTE_OK;
    }
    pthread_mutex_lock(&leases->lock);
    if (!lease->open) {
        make_room(leases, lease);
    }
    struct handshake handshake;
    handshake_begin(leases, &handshake);
    pthread_mutex_unlock(&leases->lock);

    enum remote_status status = remote_connect(lease->remote, context, ret_error);

    pthread_mutex_lock(&leases->lock);
    handshake_end(leases, &handshake);
    pthread_mutex_unlock(&leases->lock);
    lease->connected = status == REMOTE_OK;
    return status;
}

/* ---- overlays ---- */

static struct overlay *overlay_of(struct leases *leases, str identity)
{
    struct overlay_of **chain = &leases->overlays[str_hash(identity) % CHAINS];
    struct overlay_of *found = *chain;
    while (found != NULL && !str_eq(found->identity, identity)) {
        found = found->next;
    }
    if (found == NULL) {
        found = NEW(leases->overlay_arena, struct overlay_of);
        *found =
            (struct overlay_of){ str_copy(leases->overlay_arena, identity), overlay_new(), *chain };
        *chain = found;
    }
    return found->overlay;
}

struct overlay *lease_overlay(struct run *run, struct lease *lease)
{
    if (lease->overlay == NULL) {
        pthread_mutex_lock(&run->leases->lock);
        lease->overlay = overlay_of(run->leases, remote_identity(lease->remote));
        pthread_mutex_unlock(&run->leases->lock);
    }
    return lease->overlay;
}

unsigned leases_commands_not_run(const struct run *run)
{
    unsigned sum = 0;
    for (size_t i = 0; i < CHAINS; i++) {
        for (struct overlay_of *one = run->leases->overlays[i]; one != NULL; one = one->next) {
            sum += overlay_commands(one->overlay);
        }
    }
    return sum;
}

/* ---- all of them ---- */

struct leases *leases_new(void)
{
    struct leases *leases = calloc(1, sizeof *leases);
    if (leases == NULL) {
        BUG("no memory for connections");
    }
    pthread_mutex_init(&leases->lock, NULL);
    pthread_cond_init(&leases->handshake_done, NULL);
    leases->overlay_arena = arena_new("overlays");
    leases->available = UINT_MAX;
    return leases;
}

void leases_free(struct run *run)
{
    struct leases *leases = run->leases;
    leases_close(run, STR_NONE);
    for (size_t i = 0; i < CHAINS; i++) {
        for (struct overlay_of *one = leases->overlays[i]; one != NULL; one = one->next) {
            overlay_free(one->overlay);
        }
    }
    arena_free(leases->overlay_arena);
    pthread_cond_destroy(&leases->handshake_done);
    pthread_mutex_destroy(&leases->lock);
    free(leases);
}

/* The soft limit is raised as far as the system lets us. */
static unsigned raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return UINT_MAX;
    }
    if (limit.rlim_cur < limit.rlim_max) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        limit.rlim_cur = setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
    }
    return limit.rlim_cur > UINT_MAX ? UINT_MAX : (unsigned)limit.rlim_cur;
}

void leases_divide_descriptors(struct run *run)
{
    unsigned all = raise_descriptors(), each = OF_JOB + OF_SSH, forks = run->options.forks;
    unsigned left = all > OF_RUN ? all - OF_RUN : 0;
    if (left / each < forks) {
        run->options.forks = left < each ? 1 : left / each;
        struct diag *diag = diag_warning(
            run->diags, SPAN_NONE, "%u open descriptors are enough for %u host%s at a time, not %u",
            all, run->options.forks, run->options.forks == 1 ? "" : "s", forks);
        diag_hint(diag, "raise the limit ('ulimit -n'), or lower --forks");
    }
    run->leases->available = left - OF_JOB * run->options.forks;
}

void leases_play_begins(struct run *run, const struct play *play)
{
    run->leases->play = play;
}

static void add_counts(struct wire_counts *to, struct wire_counts more)
{
    to->round_trips += more.round_trips;
    to->bytes_sent += more.bytes_sent;
    to->bytes_received += more.bytes_received;
    to->channels += more.channels;
}

static void lease_end(struct leases *leases, struct lease *lease)
{
    idle_remove(leases, lease);
    leases->descriptors -= lease->open ? lease->descriptors : 0;
    add_counts(&leases->closed, remote_counts(lease->remote));
    remote_free(lease->remote);
    arena_free(lease->arena);
    free(lease);
}

static void chain_close(struct leases *leases, struct lease **at, str host)
{
    while (*at != NULL) {
        struct lease *lease = *at;
        if (lease->busy || (!str_is_none(host) && !str_eq(lease->way.name, host))) {
            at = &lease->next;
        } else {
            *at = lease->next;
            lease_end(leases, lease);
        }
    }
}

void leases_close(struct run *run, str host)
{
    struct leases *leases = run->leases;
    pthread_mutex_lock(&leases->lock);
    if (!str_is_none(host)) {
        chain_close(leases, chain_of(leases, host), host);
    }
    for (size_t i = 0; i < CHAINS && str_is_none(host); i++) {
        chain_close(leases, &leases->chains[i], STR_NONE);
    }
    pthread_mutex_unlock(&leases->lock);
}

struct wire_counts leases_counts(struct run *run)
{
    struct leases *leases = run->leases;
    pthread_mutex_lock(&leases->lock);
    struct wire_counts all = leases->closed;
    for (size_t i = 0; i < CHAINS; i++) {
        for (struct lease *lease = leases->chains[i]; lease != NULL; lease = lease->next) {
            add_counts(&all, remote_counts(lease->remote));
        }
    }
    pthread_mutex_unlock(&leases->lock);
    return all;
}
