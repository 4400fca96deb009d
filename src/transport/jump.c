/*
 * jump.c - logins at jump hosts and who shares them, see jump.h. What goes through one is pump.c's.
 *
 * Whoever first needs a jump host logs in there, in its own thread and time; those who come
 * meanwhile wait for that, and share its failure: a wrong password is not sent ten times. A login
 * may need another one before it (a chain); what an unfinished one needs is noted, so that a chain
 * that comes back to itself is found, also when several threads work on its parts.
 */
#include "transport/jump.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/strbuf.h"
#include "transport/pump.h"

enum {
    DEPTH_MAX = 16,   /* jump hosts before one host */
    LOST_MAX = 3,     /* logins that may end while we ask for a way */
    FAILURE_AGE = 200 /* ms for which a failure is told to those who come after it: when a limit on
                       * handshakes lets the next ones in, they do not try, and wait, anew */
};

enum jump_state { JUMP_OPENING, JUMP_OPEN, JUMP_FAILED };

/* One login at one jump host. */
struct jump {
    struct jump *next;
    struct jumps *pool;
    struct arena *arena;
    str key;        /* those who want the same share it */
    str name;       /* as the user wrote it */
    unsigned depth; /* 1: before a host; 2: before such a one */
    int settled;    /* eventfd: readable once it is no longer JUMP_OPENING */

    /* Under the pool's lock: */
    enum jump_state state;
    unsigned users;     /* those who came through it, or try to */
    bool full;          /* the server refused another one, until one is closed */
    bool prohibits;     /* a refusal does not mean that: it came when there was none */
    struct jump *needs; /* while opening: the one before it, of which it is a user */
    bool told;          /* why it failed, or ended, names the one before it */
    struct wire_error error;
    int64_t failed_at;

    struct connection *connection;
    struct pump *pump;
};

struct jumps {
    pthread_mutex_t lock;
    struct jump *all;
};

static struct ssh_connection *session_of(const struct jump *jump)
{
    return (struct ssh_connection *)jump->connection;
}

static void lock(struct jumps *pool)
{
    pthread_mutex_lock(&pool->lock);
}

static void unlock(struct jumps *pool)
{
    pthread_mutex_unlock(&pool->lock);
}

/* ---- what is wanted ---- */

/* A jump host to log in at, and how. */
struct wanted {
    struct ssh_hop hop;
    str args[2]; /* -F and -J, as a user would give them */
    size_t args_count;
    str key;
};

static void add_arg(struct ssh_step *step, struct wanted *wanted, const char *option, str said)
{
    if (!str_is_none(said)) {
        wanted->args[wanted->args_count++] =
            str_format(step->arena, "%s %.*s", option, SARG(shell_quote(step->arena, said)));
    }
}

/* Of "a,b" it is b, by way of a. */
static bool read_wanted(struct ssh_step *step, struct wanted *ret)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    str before = settings->proxy_jump;
    str last = ssh_hop_cut(&before);
    *ret = (struct wanted){ 0 };
    if (!ssh_hop_parse(last, &ret->hop)) {
        return ssh_refuse(step, S("as in -J user@host:port"), "'%.*s' is not a jump host",
                          SARG(last));
    }
    add_arg(step, ret, "-F", settings->config_file);
    add_arg(step, ret, "-J", before);
    struct strbuf key = strbuf_in(step->arena);
    strbuf_addf(&key, "%.*s", SARG(last));
    for (size_t i = 0; i < ret->args_count; i++) {
        strbuf_addf(&key, " %.*s", SARG(ret->args[i]));
    }
    ret->key = strbuf_str(&key);
    return true;
}

/* ---- one login ---- */

static void jump_free(struct jump *jump)
{
    pump_stop(jump->pump);
    connection_close(jump->connection);
    close_fd(&jump->settled);
    arena_free(jump->arena);
    free(jump);
}

/* As a host of its own: nothing of the one behind it but time, and whom to ask. */
static enum wire_status log_in(struct jump *jump, struct ssh_step *step,
                               const struct wanted *wanted)
{
    struct connection_options options = step->ssh->base.options;
    struct ssh_connection *ssh = (struct ssh_connection *)ssh_connection_new();
    ssh->as = jump;
    options.name = options.host = wanted->hop.host;
    options.port = wanted->hop.port;
    options.user = wanted->hop.user;
    options.password = options.private_key_file = options.private_key_passphrase = STR_NONE;
    options.host_keys = HOST_KEYS_ASK;
    options.retries = 0; /* the host behind it retries, and so all of the way */
    options.ssh_args = wanted->args;
    options.ssh_args_count = wanted->args_count;
    options.jumps = jump->pool;
    enum wire_status status = connection_start(&ssh->base, step->arena, &options, step->until,
                                               &jump->connection, step->error);
    if (status == WIRE_OK) {
        ssh_forgive(step, ssh->forgiven);
    }
    return status;
}

static bool start_pump(struct jump *jump, struct ssh_step *step)
{
    jump->pump = pump_start(session_of(jump));
    return jump->pump != NULL ||
           ssh_refuse(step, STR_NONE, "cannot start a thread: %s", strerror(errno));
}

/* The failure is kept for those who wait for it. */
static void note_failure(struct jump *jump, struct ssh_step *step)
{
    struct wire_error *error = step->error;
    if (!jump->told) {
        error->message = str_format(step->arena, "jump host '%.*s': %.*s", SARG(jump->name),
                                    SARG(error->message));
    }
    error->about = ABOUT_NOTHING; /* the options were ours, not the user's */
    jump->error = *error;
    jump->error.message = str_copy(jump->arena, error->message);
    jump->error.hint = str_copy(jump->arena, error->hint);
    jump->failed_at = wire_now();
}

static bool open_jump(struct jump *jump, struct ssh_step *step, const struct wanted *wanted)
{
    bool open = log_in(jump, step, wanted) == WIRE_OK && start_pump(jump, step);
    lock(jump->pool);
    jump->needs = NULL;
    jump->state = open ? JUMP_OPEN : JUMP_FAILED;
    if (!open) {
        note_failure(jump, step);
    }
    unlock(jump->pool);
    eventfd_write(jump->settled, 1);
    return open;
}

/* ---- sharing ---- */

struct jumps *jumps_new(void)
{
    struct jumps *pool = wire_alloc(sizeof *pool);
    pthread_mutex_init(&pool->lock, NULL);
    return pool;
}

static bool is_dead(struct jump *jump)
{
    str why;
    return jump->state == JUMP_OPEN && !pump_lives(jump->pump, &why);
}

static bool is_fresh_failure(const struct jump *jump)
{
    return jump->state == JUMP_FAILED && jump->error.status != WIRE_INTERRUPTED &&
           wire_now() - jump->failed_at < FAILURE_AGE;
}

static bool may_share(struct jump *jump)
{
    return jump->state == JUMP_OPENING || is_fresh_failure(jump) ||
           (jump->state == JUMP_OPEN && !jump->full && !is_dead(jump));
}

/* Take out of the list, and return, one that is of no use to anybody. */
static struct jump *take_useless(struct jumps *pool, bool all)
{
    for (struct jump **at = &pool->all; *at != NULL; at = &(*at)->next) {
        struct jump *jump = *at;
        bool failed = jump->state == JUMP_FAILED && !is_fresh_failure(jump);
        if (jump->users == 0 && (all || failed || is_dead(jump))) {
            *at = jump->next;
            return jump;
        }
    }
    return NULL;
}

/* Outside of the lock, since each may itself be a user of another. */
static void free_useless(struct jumps *pool, bool all)
{
    for (;;) {
        lock(pool);
        struct jump *jump = take_useless(pool, all);
        unlock(pool);
        if (jump == NULL) {
            return;
        }
        jump_free(jump);
    }
}

void jumps_free(struct jumps *pool)
{
    if (pool != NULL) {
        free_useless(pool, true);
        BUG_ON(pool->all != NULL); /* a connection is still open */
        pthread_mutex_destroy(&pool->lock);
        free(pool);
    }
}

/* `through`: a channel is closed, so there is room for another one. */
static void leave(struct ssh_connection *ssh, struct jump *jump, bool through)
{
    lock(jump->pool);
    jump->users--;
    jump->full &= !through;
    if (ssh->as != NULL) {
        ssh->as->needs = NULL; /* which may be freed from now on */
    }
    unlock(jump->pool);
}

static struct jump *find(struct jumps *pool, str key)
{
    struct jump *jump = pool->all;
    while (jump != NULL && !(str_eq(jump->key, key) && may_share(jump))) {
        jump = jump->next;
    }
    return jump;
}

/* NULL: errno tells why not. */
static struct jump *add(struct jumps *pool, const struct wanted *wanted, unsigned depth)
{
    int settled = eventfd(0, EFD_CLOEXEC);
    if (settled < 0) {
        return NULL;
    }
    struct jump *jump = wire_alloc(sizeof *jump);
    jump->pool = pool;
    jump->arena = arena_new("jump host");
    jump->key = str_copy(jump->arena, wanted->key);
    jump->name = str_copy(jump->arena, wanted->hop.name);
    jump->depth = depth;
    jump->settled = settled;
    for (const struct jump *other = pool->all; other != NULL; other = other->next) {
        jump->prohibits |= other->prohibits && str_eq(other->key, jump->key);
    }
    jump->next = pool->all;
    pool->all = jump;
    return jump;
}

/* Would `behind` wait for itself? */
static bool is_loop(const struct jump *jump, const struct jump *behind)
{
    while (jump != NULL && jump != behind) {
        jump = jump->needs;
    }
    return jump != NULL && behind != NULL;
}

static struct jump *cannot_enter(struct ssh_step *step, const struct wanted *wanted, bool loop,
                                 int problem)
{
    str name = wanted->hop.name, hint = S("see ProxyJump in ssh's configuration");
    if (loop) {
        ssh_refuse(step, hint, "jump host '%.*s' lies behind itself", SARG(name));
    } else if (problem != 0) {
        ssh_refuse(step, STR_NONE, "cannot log in at jump host '%.*s': %s", SARG(name),
                   strerror(problem));
    } else {
        ssh_refuse(step, hint, "more than %d jump hosts, one behind the other", DEPTH_MAX);
    }
    return NULL;
}

/* Find the login, or enter a new one into the list; become its user. NULL: refused. */
static struct jump *enter(struct jumps *pool, struct ssh_step *step, const struct wanted *wanted,
                          bool *ret_new)
{
    struct jump *behind = step->ssh->as;
    unsigned depth = behind != NULL ? behind->depth + 1 : 1;
    int problem = 0;
    lock(pool);
    struct jump *jump = find(pool, wanted->key);
    bool loop = jump != NULL && is_loop(jump, behind);
    *ret_new = jump == NULL;
    if (jump == NULL && depth <= DEPTH_MAX) {
        jump = add(pool, wanted, depth);
        problem = jump == NULL ? errno : 0;
    }
    if (jump != NULL && !loop) {
        jump->users++;
        if (behind != NULL) {
            behind->needs = jump;
        }
    }
    unlock(pool);
    return jump != NULL && !loop ? jump : cannot_enter(step, wanted, loop, problem);
}

/* Wait for whoever logs in. Where that may ask the user, its time counts, which stands still then;
 * not ours. */
static bool await(struct jump *jump, struct ssh_step *step)
{
    struct pollfd settled = { .fd = jump->settled, .events = POLLIN };
    int64_t began = wire_now();
    bool asks = ssh_may_ask(step->ssh);
    enum wire_status status = transport_wait(&settled, 1, step->ssh->base.options.wake,
                                             asks ? DEADLINE_NEVER : step->until);
    if (status == WIRE_OK) {
        ssh_forgive(step, asks ? wire_now() - began : 0);
        return true;
    }
    wire_fail(step->arena, step->error, status, STR_NONE, "%s logging in to jump host '%.*s'",
              status == WIRE_TIMEOUT ? "timed out" : "interrupted", SARG(jump->name));
    return false;
}

/* How it went for the one who logged in. */
static bool settled_well(struct jump *jump, struct ssh_step *step, bool *ret_again)
{
    lock(jump->pool);
    bool open = jump->state == JUMP_OPEN;
    *ret_again = !open && jump->error.status == WIRE_INTERRUPTED;
    if (!open) {
        *step->error = jump->error;
        step->error->message = str_copy(step->arena, jump->error.message);
        step->error->hint = str_copy(step->arena, jump->error.hint);
    }
    unlock(jump->pool);
    return open;
}

/* Become the user of a login that works; NULL: step->error is filled. */
static struct jump *log_in_or_share(struct jumps *pool, struct ssh_step *step,
                                    const struct wanted *wanted)
{
    bool again = true;
    while (again) {
        bool is_new;
        free_useless(pool, false);
        struct jump *jump = enter(pool, step, wanted, &is_new);
        if (jump == NULL) {
            return NULL;
        }
        bool open;
        if (is_new) {
            open = open_jump(jump, step, wanted);
            again = false;
        } else {
            again = await(jump, step);
            open = again && settled_well(jump, step, &again);
        }
        if (open) {
            return jump;
        }
        leave(step->ssh, jump, false);
    }
    return NULL;
}

/* ---- who is at fault ---- */

/* Why it was lost; STR_NONE: it was not. */
static str loss(struct jump *jump, struct arena *arena)
{
    str why;
    if (pump_lives(jump->pump, &why)) {
        return STR_NONE;
    }
    return jump->told ? str_copy(arena, why)
                      : str_format(arena, "jump host '%.*s': %.*s", SARG(jump->name), SARG(why));
}

static void blame(struct ssh_connection *ssh, str problem)
{
    ssh->base.problem = problem;
    if (ssh->as != NULL) {
        ssh->as->told = true;
    }
}

void jump_explain_loss(struct ssh_connection *ssh)
{
    if (ssh->way.jump != NULL && str_is_none(ssh->base.problem)) {
        str problem = loss(ssh->way.jump, ssh->base.arena);
        if (!str_is_none(problem)) {
            blame(ssh, problem);
        }
    }
}

/* Its pump asks after an interval without a byte, and has no answer after another one. */
static bool is_silent(struct jump *jump)
{
    int interval = session_of(jump)->settings.alive_interval;
    return interval > 0 && pump_silence(jump->pump) >= 2000 * (int64_t)interval;
}

/* Of several the one next to us, since it is why the others are. What a session came through stays
 * the same while it is used, so it may be read here. */
void jump_explain_silence(struct ssh_connection *ssh)
{
    struct jump *silent = NULL;
    for (struct jump *jump = ssh->way.jump; jump != NULL && is_silent(jump);) {
        silent = jump;
        jump = session_of(jump)->way.jump;
    }
    if (silent != NULL) {
        blame(ssh,
              str_format(ssh->base.arena, "jump host '%.*s': no answer from %.*s for %" PRId64 " s",
                         SARG(silent->name), SARG(silent->connection->place),
                         pump_silence(silent->pump) / 1000));
    }
}

/* ---- a way through ---- */

enum result { THROUGH, NOT_THROUGH, FULL, LOST };

/* Servers tell in the same words that they open no channel there, and that they open no more: what
 * a login without any channel is told is the former, for all logins at that jump host. */
static bool is_full(struct jump *jump, const struct passage_refusal *refusal)
{
    if (refusal->code != REFUSED_PROHIBITED && refusal->code != REFUSED_SHORTAGE) {
        return false;
    }
    lock(jump->pool);
    for (struct jump *one = jump->pool->all; one != NULL; one = one->next) {
        one->prohibits |= refusal->others == 0 && str_eq(one->key, jump->key);
    }
    bool full = !jump->prohibits;
    jump->full |= full;
    unlock(jump->pool);
    return full;
}

static enum result was_refused(struct ssh_step *step, struct jump *jump, struct passage *passage)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    struct passage_refusal refusal = passage_refusal(passage);
    if (is_full(jump, &refusal)) {
        return FULL;
    }
    bool prohibited = refusal.code == REFUSED_PROHIBITED;
    ssh_refuse(
        step, prohibited ? S("see AllowTcpForwarding and PermitOpen in its sshd_config") : STR_NONE,
        "jump host '%.*s' %s %.*s port %u: %.*s", SARG(jump->name),
        prohibited ? "opens no channel to" : "cannot connect to", SARG(settings->host),
        settings->port, SARG(refusal.words));
    step->error->about = prohibited ? ABOUT_NOTHING : ABOUT_HOST;
    return NOT_THROUGH;
}

static enum result has_ended(struct ssh_step *step, struct jump *jump)
{
    str why = loss(jump, step->arena);
    wire_fail(step->arena, step->error, WIRE_CLOSED, STR_NONE, "%.*s", SARG(why));
    return LOST;
}

static enum result wait_for_answer(struct ssh_step *step, struct jump *jump,
                                   struct passage *passage, int socket)
{
    struct pollfd answered = { .fd = socket, .events = POLLIN };
    enum wire_status status =
        transport_wait(&answered, 1, step->ssh->base.options.wake, step->until);
    if (status != WIRE_OK) {
        wire_fail(step->arena, step->error, status, STR_NONE,
                  "%s waiting for jump host '%.*s' to connect to %.*s port %u",
                  status == WIRE_TIMEOUT ? "timed out" : "interrupted", SARG(jump->name),
                  SARG(step->ssh->settings.host), step->ssh->settings.port);
        return NOT_THROUGH;
    }
    char answer = '\0';
    if (read(socket, &answer, 1) != 1) {
        return has_ended(step, jump);
    }
    return answer == PASSAGE_OPEN ? THROUGH : was_refused(step, jump, passage);
}

static enum result pass(struct ssh_step *step, struct jump *jump)
{
    const struct ssh_settings *settings = &step->ssh->settings;
    int socket;
    struct passage *passage = pump_passage(jump->pump, settings->host, settings->port, &socket);
    if (passage == NULL) {
        ssh_refuse(step, STR_NONE, "cannot make a socket: %s", strerror(errno));
        return NOT_THROUGH;
    }
    enum result result = wait_for_answer(step, jump, passage, socket);
    if (result == THROUGH) {
        step->ssh->socket = socket;
        step->ssh->way.jump = jump;
        step->ssh->way.passage = passage;
    } else {
        close(socket);
        passage_drop(passage);
    }
    return result;
}

static bool find_way(struct ssh_step *step, struct jumps *pool, const struct wanted *wanted)
{
    enum result result = LOST;
    for (unsigned lost = 0; result == FULL || (result == LOST && lost < LOST_MAX);
         lost += result == LOST) {
        struct jump *jump = log_in_or_share(pool, step, wanted);
        if (jump == NULL) {
            return false;
        }
        result = pass(step, jump);
        if (result != THROUGH) {
            leave(step->ssh, jump, false);
        }
    }
    return result == THROUGH;
}

bool jump_dial(struct ssh_step *step)
{
    struct ssh_connection *ssh = step->ssh;
    struct jumps *pool = ssh->base.options.jumps;
    struct wanted wanted;
    if (!read_wanted(step, &wanted)) {
        return false;
    }
    ssh->base.place = str_format(ssh->base.arena, "%.*s behind %.*s", SARG(ssh->base.place),
                                 SARG(wanted.hop.name));
    if (pool == NULL) {
        pool = ssh->way.own = jumps_new();
    }
    bool through = find_way(step, pool, &wanted);
    if (!through && ssh->as != NULL) {
        ssh->as->told = true;
    }
    return through;
}

void jump_hang_up(struct ssh_connection *ssh)
{
    struct ssh_way *way = &ssh->way;
    if (way->jump != NULL) {
        passage_drop(way->passage);
        leave(ssh, way->jump, true);
    }
    jumps_free(way->own);
    *way = (struct ssh_way){ 0 };
}
