/* agent.c - see agent.h. */
#include "transport/agent.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "transport/ssh_bytes.h"

enum { MESSAGE_MAX = 256 * 1024, KEYS_MAX = 1024, LOOK_AGAIN = 50 /* ms */ };
enum { FAILURE = 5, REQUEST_IDENTITIES = 11, IDENTITIES_ANSWER = 12, SIGN_REQUEST = 13 };

struct agent {
    struct ssh_step *step;
    int real;            /* connected to the agent */
    int libssh, relayed; /* two ends: libssh talks to the one, we listen at the other */
    pthread_t thread;
    bool running;
    struct arena *arena; /* of the thread */
    VEC(struct agent_key) keys;

    pthread_mutex_t lock; /* what follows is shared with the thread */
    VEC(struct shown {
        str blob;
        const struct agent_key *signer;
    })
    shown;
    const char *problem;
};

/* ---- messages ---- */

static bool wait_for(int fd, short events, int wake, deadline until)
{
    struct pollfd ready = { .fd = fd, .events = events };
    return transport_wait(&ready, 1, wake, until) == WIRE_OK;
}

static bool read_bytes(int fd, char *bytes, size_t count, int wake, deadline until)
{
    while (count > 0) {
        ssize_t got = recv(fd, bytes, count, MSG_DONTWAIT);
        if (got > 0) {
            bytes += got;
            count -= (size_t)got;
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR) ||
                   !wait_for(fd, POLLIN, wake, until)) {
            return false;
        }
    }
    return true;
}

static bool write_bytes(int fd, str bytes, int wake, deadline until)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            bytes = str_part(bytes, (size_t)sent, bytes.len);
        } else if ((errno != EAGAIN && errno != EINTR) || !wait_for(fd, POLLOUT, wake, until)) {
            return false;
        }
    }
    return true;
}

/* The payload of the next message, in `arena`; STR_NONE: none came. */
static str read_message(struct arena *arena, int fd, int wake, deadline until)
{
    char head[4];
    str rest = { head, sizeof head };
    uint32_t len = 0;
    if (!read_bytes(fd, head, sizeof head, wake, until) || !take_u32(&rest, &len) || len == 0 ||
        len > MESSAGE_MAX) {
        return STR_NONE;
    }
    struct strbuf message = strbuf_in(arena);
    if (!read_bytes(fd, strbuf_room(&message, len), len, wake, until)) {
        return STR_NONE;
    }
    strbuf_grew(&message, len);
    return strbuf_str(&message);
}

static bool write_message(struct arena *arena, int fd, str payload, int wake, deadline until)
{
    struct strbuf message = strbuf_in(arena);
    put_string(&message, payload);
    return write_bytes(fd, strbuf_str(&message), wake, until);
}

/* ---- which keys there are ---- */

static bool read_keys(struct agent *agent, str answer)
{
    struct arena *arena = agent->step->arena;
    unsigned type = 0;
    uint32_t count = 0;
    if (!take_u8(&answer, &type) || type != IDENTITIES_ANSWER || !take_u32(&answer, &count)) {
        return false;
    }
    for (uint32_t i = 0; i < count && i < KEYS_MAX; i++) {
        struct agent_key key = { 0 };
        str blob;
        if (!take_string(&answer, &key.blob) || !take_string(&answer, &key.comment)) {
            return false;
        }
        blob = key.blob;
        if (take_string(&blob, &key.type)) {
            key.base64 = ssh_base64(arena, key.blob);
            *VEC_PUSH(arena, &agent->keys) = key;
        }
    }
    return true;
}

static bool ask_for_keys(struct agent *agent)
{
    static const char request[] = { REQUEST_IDENTITIES };
    struct arena *arena = agent->step->arena;
    int wake = agent->step->ssh->base.options.wake;
    deadline until = deadline_in(AGENT_PATIENCE);
    if (!write_message(arena, agent->real, (str){ request, 1 }, wake, until)) {
        return false;
    }
    str answer = read_message(arena, agent->real, wake, until);
    return !str_is_none(answer) && read_keys(agent, answer);
}

int agent_connect(str path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    if (path.len >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
    } else {
        memcpy(address.sun_path, path.ptr, path.len);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
            return fd;
        }
    }
    close(fd);
    return -1;
}

/* ---- the relay ---- */

static str list_shown(struct agent *agent)
{
    struct strbuf answer = strbuf_in(agent->arena);
    strbuf_add_char(&answer, IDENTITIES_ANSWER);
    pthread_mutex_lock(&agent->lock);
    put_u32(&answer, (uint32_t)agent->shown.len);
    for (size_t i = 0; i < agent->shown.len; i++) {
        put_string(&answer, agent->shown.items[i].blob);
        put_string(&answer, STR_EMPTY);
    }
    pthread_mutex_unlock(&agent->lock);
    return strbuf_str(&answer);
}

static const struct agent_key *signer_of(struct agent *agent, str blob)
{
    const struct agent_key *signer = NULL;
    pthread_mutex_lock(&agent->lock);
    for (size_t i = 0; i < agent->shown.len && signer == NULL; i++) {
        if (str_eq(agent->shown.items[i].blob, blob)) {
            signer = agent->shown.items[i].signer;
        }
    }
    pthread_mutex_unlock(&agent->lock);
    return signer;
}

/* The agent knows the key, but perhaps not the certificate that libssh was shown for it. */
static str sign(struct agent *agent, str request)
{
    struct strbuf asked = strbuf_in(agent->arena);
    int wake = agent->step->ssh->base.options.wake;
    deadline until = deadline_in(AGENT_PATIENCE);
    str blob, rest = str_part(request, 1, request.len);
    if (!take_string(&rest, &blob)) {
        return STR_NONE;
    }
    const struct agent_key *signer = signer_of(agent, blob);
    if (signer == NULL) {
        return STR_NONE;
    }
    strbuf_add_char(&asked, SIGN_REQUEST);
    put_string(&asked, signer->blob);
    strbuf_add(&asked, rest);
    return write_message(agent->arena, agent->real, strbuf_str(&asked), wake, until)
               ? read_message(agent->arena, agent->real, wake, until)
               : STR_NONE;
}

static void set_problem(struct agent *agent, const char *problem)
{
    pthread_mutex_lock(&agent->lock);
    agent->problem = problem;
    pthread_mutex_unlock(&agent->lock);
}

static str answer_to(struct agent *agent, str request)
{
    static const char failure[] = { FAILURE };
    if (request.ptr[0] == REQUEST_IDENTITIES) {
        return list_shown(agent);
    }
    str answer = request.ptr[0] == SIGN_REQUEST ? sign(agent, request) : STR_NONE;
    if (str_is_none(answer)) {
        set_problem(agent, "the agent does not answer");
        return (str){ failure, 1 };
    }
    if (answer.ptr[0] == FAILURE) {
        set_problem(agent, "the agent refused to sign");
    }
    return answer;
}

/* Ends when agent_close shuts the socket down. */
static void *relay(void *data)
{
    struct agent *agent = data;
    for (;;) {
        str request = read_message(agent->arena, agent->relayed, -1, DEADLINE_NEVER);
        if (str_is_none(request) ||
            !write_message(agent->arena, agent->relayed, answer_to(agent, request), -1,
                           deadline_in(AGENT_PATIENCE))) {
            return NULL;
        }
        arena_reset(agent->arena);
    }
}

static bool start_relay(struct agent *agent)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return false;
    }
    agent->libssh = pair[0];
    agent->relayed = pair[1];
    agent->arena = arena_new("agent");
    agent->running = pthread_create(&agent->thread, NULL, relay, agent) == 0;
    if (agent->running) {
        ssh_set_agent_socket(agent->step->ssh->session, agent->libssh);
    }
    return agent->running;
}

/* ---- opening and closing ---- */

/* One that hangs does not take its callers in: their queue is full at some time. */
static int connect_in_time(struct ssh_step *step, str path)
{
    deadline until = deadline_in(AGENT_PATIENCE);
    int fd;
    do {
        fd = agent_connect(path);
    } while (fd < 0 && errno == EAGAIN && wire_now() < until &&
             transport_wait(NULL, 0, step->ssh->base.options.wake, wire_now() + LOOK_AGAIN) ==
                 WIRE_TIMEOUT);
    return fd;
}

struct agent *agent_open(struct ssh_step *step, str path, str *ret_problem)
{
    const char *usual = getenv("SSH_AUTH_SOCK");
    *ret_problem = STR_NONE;
    if (str_eq(path, S("none")) || (str_is_none(path) && (usual == NULL || *usual == '\0'))) {
        return NULL;
    }
    path = str_is_none(path) ? str_of(usual) : path;
    struct agent *agent = wire_alloc(sizeof *agent);
    agent->step = step;
    agent->libssh = agent->relayed = -1;
    pthread_mutex_init(&agent->lock, NULL);
    agent->real = connect_in_time(step, path);
    if (agent->real < 0) {
        *ret_problem = str_format(step->arena, "the agent at %.*s cannot be reached (%s)",
                                  SARG(path), strerror(errno));
    } else if (!ask_for_keys(agent)) {
        *ret_problem = str_format(step->arena, "the agent at %.*s does not answer", SARG(path));
    } else if (!start_relay(agent)) {
        *ret_problem = S("the agent could not be used for lack of descriptors");
    } else {
        return agent;
    }
    agent_close(agent);
    return NULL;
}

void agent_close(struct agent *agent)
{
    if (agent == NULL) {
        return;
    }
    if (agent->running) {
        ssh_set_agent_socket(agent->step->ssh->session, SSH_INVALID_SOCKET);
        shutdown(agent->relayed, SHUT_RDWR);
        pthread_join(agent->thread, NULL);
    }
    int *fds[] = { &agent->real, &agent->libssh, &agent->relayed };
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        close_fd(fds[i]);
    }
    arena_free(agent->arena);
    pthread_mutex_destroy(&agent->lock);
    free(agent);
}

const struct agent_key *agent_keys(const struct agent *agent, size_t *ret_count)
{
    *ret_count = agent == NULL ? 0 : agent->keys.len;
    return agent == NULL ? NULL : agent->keys.items;
}

void agent_show(struct agent *agent, str shown, const struct agent_key *key)
{
    pthread_mutex_lock(&agent->lock);
    *VEC_PUSH(agent->step->arena, &agent->shown) = (struct shown){ shown, key };
    pthread_mutex_unlock(&agent->lock);
}

size_t agent_shown(const struct agent *agent)
{
    return agent == NULL ? 0 : agent->shown.len;
}

str agent_problem(struct agent *agent)
{
    pthread_mutex_lock(&agent->lock);
    const char *problem = agent->problem;
    pthread_mutex_unlock(&agent->lock);
    return problem == NULL ? STR_NONE : str_of(problem);
}
