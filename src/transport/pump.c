/*
 * pump.c - one thread for one session at a jump host, see pump.h.
 *
 * Each round passes on what there is, as far as the other side takes it, and then waits. Nothing is
 * read from a passage's socket while the session has something unsent, so a slow line fills no
 * memory of ours; towards the hosts behind it libssh's windows hold back the servers.
 */
#include "transport/pump.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh/callbacks.h>
#include <libssh/server.h> /* ssh_execute_message_callbacks(), which serves clients as well */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"

enum {
    PIECE = 32 * 1024,  /* bytes passed on at a time: a packet of SSH's */
    READS_A_ROUND = 64, /* of libssh, 4 KiB each */
    WORDS_MAX = 256,
    ANSWER_TIME = 2, /* ms in which a host's answer leads to another question, mostly */
};

/* Bytes that were taken from one side, and not yet by the other. */
struct held {
    size_t from, to;
    char *bytes; /* PIECE of them, or NULL */
};

struct passage {
    struct passage *next;
    unsigned holders; /* under the pump's lock: the pump, and who asked; the last one frees */
    struct passage_refusal refusal;
    char words[WORDS_MAX];

    /* The pump's own: */
    ssh_channel channel;
    struct ssh_channel_callbacks_struct callbacks;
    struct pump *pump;
    int socket;   /* our end */
    bool open;    /* the jump host has connected */
    bool arrived; /* libssh has something for it, or knows that it has ended */
    bool ready;   /* its socket may have something to read */
    bool hung_up; /* nobody is at the other end of the socket any more */
    bool over;    /* to be forgotten */
    struct held inward, outward;
    unsigned port;
    char host[]; /* NUL-terminated */
};

struct pump {
    struct ssh_connection *ssh;
    pthread_t thread;
    int wake; /* eventfd: something is asked of the thread */
    struct passage *passages;
    bool heard;    /* something came in in this round */
    bool owes;     /* something came in after the last that went out, see ssh_acknowledge() */
    uint64_t sent; /* bytes, as of the last round */
    _Atomic int64_t heard_at;
    struct pollfd *fds; /* the session, `wake`, then a row for each passage */
    size_t fds_cap;

    pthread_mutex_t lock; /* of what follows, and of `holders` */
    struct passage *asked;
    bool stop, ended;
    str why; /* in the session's arena */
};

static void release(struct passage *passage)
{
    struct pump *pump = passage->pump;
    pthread_mutex_lock(&pump->lock);
    bool last = --passage->holders == 0;
    pthread_mutex_unlock(&pump->lock);
    if (last) {
        free(passage);
    }
}

/* ---- from the jump host to the socket ---- */

static void hold(struct held *held, const char *bytes, size_t count)
{
    if (count > 0) {
        held->bytes = wire_alloc(PIECE);
        memcpy(held->bytes, bytes, count);
        held->from = 0;
        held->to = count;
    }
}

static void let_go(struct held *held)
{
    free(held->bytes);
    *held = (struct held){ 0 };
}

/* Send to the socket; how many bytes it took. */
static size_t give(struct passage *passage, const char *bytes, size_t count)
{
    ssize_t sent = send(passage->socket, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        passage->hung_up = true;
    }
    return sent < 0 ? 0 : (size_t)sent;
}

static bool give_held(struct passage *passage)
{
    struct held *held = &passage->inward;
    if (held->bytes != NULL) {
        held->from += give(passage, held->bytes + held->from, held->to - held->from);
        if (held->from < held->to) {
            return false;
        }
        let_go(held);
    }
    return true;
}

static void pass_inward(struct passage *passage)
{
    char bytes[PIECE];
    while (give_held(passage) && !passage->hung_up) {
        int count = ssh_channel_read_nonblocking(passage->channel, bytes, sizeof bytes, 0);
        if (count <= 0) {
            passage->arrived = false;
            passage->over |= count < 0; /* the end: all of it was passed on */
            return;
        }
        size_t given = give(passage, bytes, (size_t)count);
        hold(&passage->inward, bytes + given, (size_t)count - given);
    }
}

/* ---- from the socket to the jump host ---- */

static bool line_is_free(const struct pump *pump)
{
    return (ssh_get_poll_flags(pump->ssh->session) & SSH_WRITE_PENDING) == 0;
}

/* libssh takes nothing while keys are exchanged anew. */
static bool send_held(struct passage *passage)
{
    struct held *held = &passage->outward;
    if (held->bytes != NULL) {
        int count = ssh_channel_write(passage->channel, held->bytes + held->from,
                                      (uint32_t)(held->to - held->from));
        passage->over |= count < 0;
        held->from += count > 0 ? (size_t)count : 0;
        if (held->from < held->to) {
            return false;
        }
        let_go(held);
    }
    return true;
}

static void pass_outward(struct passage *passage)
{
    char bytes[PIECE];
    if (!line_is_free(passage->pump) || !send_held(passage)) {
        return;
    }
    uint32_t window = ssh_channel_window_size(passage->channel);
    if (window == 0) {
        passage->over |= passage->hung_up; /* nobody waits for the rest to arrive */
        return;
    }
    ssize_t count = recv(passage->socket, bytes, window < PIECE ? window : PIECE, MSG_DONTWAIT);
    passage->ready = count == PIECE; /* there may be more */
    if (count <= 0) {
        passage->over |= count == 0 || (errno != EAGAIN && errno != EINTR);
        return;
    }
    int sent = ssh_channel_write(passage->channel, bytes, (uint32_t)count);
    passage->over |= sent < 0;
    if (sent >= 0) {
        hold(&passage->outward, bytes + sent, (size_t)(count - sent));
    }
}

/* ---- opening ---- */

static int on_data(ssh_session session, ssh_channel channel, void *bytes, uint32_t count,
                   int is_stderr, void *data)
{
    ((struct passage *)data)->arrived = true;
    return 0; /* not taken: libssh keeps the bytes, and its window bounds them */
}

static void on_end(ssh_session session, ssh_channel channel, void *data)
{
    ((struct passage *)data)->arrived = true;
}

static void make_channel(struct passage *passage)
{
    passage->channel = ssh_channel_new(passage->pump->ssh->session);
    BUG_ON(passage->channel == NULL); /* the session is authenticated */
    passage->callbacks = (struct ssh_channel_callbacks_struct){
        .userdata = passage,
        .channel_data_function = on_data,
        .channel_eof_function = on_end,
        .channel_close_function = on_end,
    };
    ssh_callbacks_init(&passage->callbacks);
    ssh_set_channel_callbacks(passage->channel, &passage->callbacks);
}

/* As the server knows it: some may not be noted by us yet. */
static unsigned open_channels(const struct pump *pump)
{
    unsigned count = 0;
    for (const struct passage *passage = pump->passages; passage != NULL; passage = passage->next) {
        count += passage->channel != NULL && ssh_channel_is_open(passage->channel);
    }
    return count;
}

/* "Channel opening failure: channel 43 error (2) Connection refused". libssh keeps the text of the
 * last one only: of two that come in at the same moment, the first is told the other's reason. */
static void note_refusal(struct passage *passage)
{
    str text = str_of(ssh_get_error(passage->pump->ssh->session));
    size_t open = str_find(text, S("error ("), 0);
    size_t close = str_find(text, S(") "), open);
    int64_t code = 0;
    if (open != STR_NPOS && close != STR_NPOS &&
        str_to_int64(str_part(text, open + strlen("error ("), close), &code)) {
        text = str_part(text, close + 2, text.len);
    }
    snprintf(passage->words, sizeof passage->words, "%.*s", SARG(text));
    pthread_mutex_lock(&passage->pump->lock);
    passage->refusal = (struct passage_refusal){ .code = (unsigned)code,
                                                 .others = open_channels(passage->pump),
                                                 .words = str_of(passage->words) };
    pthread_mutex_unlock(&passage->pump->lock);
}

/* The address that asks is what ssh(1) tells, too: there is no such socket. */
static void go_on_opening(struct passage *passage)
{
    if (passage->channel == NULL) {
        make_channel(passage);
    }
    int result = ssh_channel_open_forward(passage->channel, passage->host, (int)passage->port,
                                          "127.0.0.1", 65535);
    if (result == SSH_OK) {
        passage->open = true;
        give(passage, &(char){ PASSAGE_OPEN }, 1);
    } else if (result != SSH_AGAIN) {
        passage->over = true;
        if (ssh_session_lives(passage->pump->ssh)) {
            note_refusal(passage);
            give(passage, &(char){ PASSAGE_REFUSED }, 1);
        }
    }
}

/* ---- the thread ---- */

static void forget(struct passage *passage)
{
    close(passage->socket);
    if (passage->channel != NULL) {
        ssh_remove_channel_callbacks(passage->channel, &passage->callbacks);
        ssh_channel_free(passage->channel);
    }
    let_go(&passage->inward);
    let_go(&passage->outward);
    release(passage);
}

static void forget_those_over(struct pump *pump)
{
    for (struct passage **at = &pump->passages; *at != NULL;) {
        struct passage *passage = *at;
        if (!passage->over) {
            at = &passage->next;
            continue;
        }
        *at = passage->next;
        forget(passage);
    }
}

/* A passage that nobody waits for any more is kept until the jump host has answered: libssh would
 * leave a channel open over there that it is told of later. */
static void serve(struct passage *passage)
{
    if (!passage->open) {
        go_on_opening(passage);
    }
    if (passage->open && (passage->arrived || passage->inward.bytes != NULL)) {
        pass_inward(passage);
    }
    bool outward = passage->ready || passage->hung_up || passage->outward.bytes != NULL;
    if (passage->open && !passage->over && outward) {
        pass_outward(passage);
    }
}

/* Take in what has come for the session. */
static void receive(struct pump *pump)
{
    const uint64_t *bytes = &pump->ssh->alive.bytes.in_bytes;
    uint64_t before, first = *bytes;
    unsigned reads = 0;
    do {
        before = *bytes;
        ssh_execute_message_callbacks(pump->ssh->session);
    } while (*bytes != before && ++reads < READS_A_ROUND);
    pump->heard = *bytes != first;
    if (pump->heard) {
        pump->heard_at = wire_now();
    }
}

/* False: it is time to end. */
static bool take_requests(struct pump *pump)
{
    pthread_mutex_lock(&pump->lock);
    while (pump->asked != NULL) {
        struct passage *passage = pump->asked;
        pump->asked = passage->next;
        passage->next = pump->passages;
        pump->passages = passage;
    }
    bool go_on = !pump->stop;
    pthread_mutex_unlock(&pump->lock);
    return go_on;
}

static struct pollfd passage_events(const struct passage *passage, bool free_line)
{
    struct pollfd fd = { .fd = passage->socket };
    if (passage->open && free_line && passage->outward.bytes == NULL &&
        ssh_channel_window_size(passage->channel) > 0) {
        fd.events |= POLLIN;
    }
    if (passage->inward.bytes != NULL) {
        fd.events |= POLLOUT;
    }
    if (passage->hung_up && fd.events == 0) {
        fd.fd = -1; /* poll would tell that again and again */
    }
    return fd;
}

static size_t list_descriptors(struct pump *pump)
{
    size_t count = 2;
    bool free_line = line_is_free(pump);
    for (const struct passage *passage = pump->passages; passage != NULL; passage = passage->next) {
        count++;
    }
    if (count > pump->fds_cap) {
        free(pump->fds);
        pump->fds_cap = 2 * count;
        pump->fds = wire_alloc(pump->fds_cap * sizeof *pump->fds);
    }
    pump->fds[0] = (struct pollfd){ pump->ssh->socket, POLLIN | (free_line ? 0 : POLLOUT), 0 };
    pump->fds[1] = (struct pollfd){ pump->wake, POLLIN, 0 };
    count = 2;
    for (const struct passage *passage = pump->passages; passage != NULL; passage = passage->next) {
        pump->fds[count++] = passage_events(passage, free_line);
    }
    return count;
}

static void note_debt(struct pump *pump)
{
    uint64_t sent = pump->ssh->alive.bytes.out_bytes;
    if (sent != pump->sent) {
        pump->owes = false;
    } else if (pump->heard) {
        pump->owes = ssh_is_behind(pump->ssh);
    }
    pump->sent = sent;
}

/* Wait for something to do; `at_once`: there is something. False: the server no longer answers. */
static bool wait_for_work(struct pump *pump, bool at_once)
{
    struct ssh_connection *ssh = pump->ssh;
    int64_t began = wire_now();
    deadline patience = ssh_alive_until(ssh);
    deadline until = at_once ? began : pump->owes ? began + ANSWER_TIME : patience;
    size_t count = list_descriptors(pump);
    enum wire_status status = transport_poll(pump->fds, count, until);
    if (status == WIRE_TIMEOUT && pump->owes && !at_once) {
        ssh_acknowledge(ssh);
    }
    if (pump->fds[0].revents & POLLIN) { /* as in ssh_wait(): no delayed ACK holds up an answer */
        int on = 1;
        setsockopt(ssh->socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    }
    if (pump->fds[1].revents) {
        eventfd_t unused;
        eventfd_read(pump->wake, &unused);
    }
    size_t i = 2;
    for (struct passage *passage = pump->passages; passage != NULL; passage = passage->next) {
        short events = pump->fds[i++].revents;
        passage->ready |= (events & POLLIN) != 0;
        passage->hung_up |= (events & (POLLHUP | POLLERR)) != 0;
    }
    return ssh_alive_waited(ssh, began, status == WIRE_TIMEOUT && until == patience) == WIRE_OK;
}

/* One round. False: the session has ended. */
static bool pass_on(struct pump *pump)
{
    receive(pump);
    uint64_t before = pump->ssh->alive.bytes.in_bytes;
    for (struct passage *passage = pump->passages; passage != NULL; passage = passage->next) {
        serve(passage);
    }
    forget_those_over(pump);
    note_debt(pump);
    /* Serving one may have brought in what concerns another, which no descriptor tells any more. */
    bool at_once = pump->ssh->alive.bytes.in_bytes != before;
    return ssh_session_lives(pump->ssh) && wait_for_work(pump, at_once);
}

/* The reason is told before the sockets show that there is one. */
static void end(struct pump *pump)
{
    struct connection *connection = &pump->ssh->base;
    jump_explain_loss(pump->ssh);
    str why = connection->problem;
    if (str_is_none(why)) {
        why = str_format(connection->arena, "connection to %.*s lost: %s", SARG(connection->place),
                         ssh_words(pump->ssh->session));
    }
    pthread_mutex_lock(&pump->lock);
    pump->ended = true;
    pump->why = why;
    pthread_mutex_unlock(&pump->lock);

    take_requests(pump);
    for (struct passage *passage = pump->passages; passage != NULL; passage = passage->next) {
        passage->over = true;
    }
    forget_those_over(pump);
}

static void *run(void *data)
{
    struct pump *pump = data;
    while (take_requests(pump) && pass_on(pump)) {
    }
    end(pump);
    return NULL;
}

/* ---- for the other threads ---- */

struct pump *pump_start(struct ssh_connection *ssh)
{
    struct pump *pump = wire_alloc(sizeof *pump);
    pump->ssh = ssh;
    pump->heard_at = wire_now();
    pthread_mutex_init(&pump->lock, NULL);
    pump->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int problem = pump->wake < 0 ? errno : pthread_create(&pump->thread, NULL, run, pump);
    if (problem != 0) {
        close_fd(&pump->wake);
        pthread_mutex_destroy(&pump->lock);
        free(pump);
        errno = problem;
        return NULL;
    }
    return pump;
}

static void wake_up(struct pump *pump)
{
    eventfd_write(pump->wake, 1);
}

void pump_stop(struct pump *pump)
{
    if (pump == NULL) {
        return;
    }
    pthread_mutex_lock(&pump->lock);
    pump->stop = true;
    pthread_mutex_unlock(&pump->lock);
    wake_up(pump);
    pthread_join(pump->thread, NULL);
    close(pump->wake);
    pthread_mutex_destroy(&pump->lock);
    free(pump->fds);
    free(pump);
}

bool pump_lives(struct pump *pump, str *ret_why)
{
    pthread_mutex_lock(&pump->lock);
    bool lives = !pump->ended;
    *ret_why = pump->why;
    pthread_mutex_unlock(&pump->lock);
    return lives;
}

int64_t pump_silence(struct pump *pump)
{
    return wire_now() - pump->heard_at;
}

struct passage *pump_passage(struct pump *pump, str host, unsigned port, int *ret_socket)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
        return NULL;
    }
    struct passage *passage = wire_alloc(sizeof *passage + host.len + 1);
    memcpy(passage->host, host.ptr, host.len);
    passage->port = port;
    passage->pump = pump;
    passage->socket = pair[0];
    passage->holders = 2;

    pthread_mutex_lock(&pump->lock);
    bool ended = pump->ended;
    if (ended) {
        passage->holders--;
    } else {
        passage->next = pump->asked;
        pump->asked = passage;
    }
    pthread_mutex_unlock(&pump->lock);
    if (ended) {
        close(passage->socket); /* the reader sees the end */
    }
    wake_up(pump);
    *ret_socket = pair[1];
    return passage;
}

struct passage_refusal passage_refusal(struct passage *passage)
{
    pthread_mutex_lock(&passage->pump->lock);
    struct passage_refusal refusal = passage->refusal;
    pthread_mutex_unlock(&passage->pump->lock);
    return refusal;
}

void passage_drop(struct passage *passage)
{
    release(passage);
}
