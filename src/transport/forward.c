/* forward.c - see forward.h. */
#include "transport/forward.h"

#include <libssh/callbacks.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "transport/agent.h"

struct forward {
    ssh_channel handle;
    int fd; /* connected to the agent; -1: it ended */
    struct ssh_channel_callbacks_struct callbacks;
};

struct ssh_forwarding {
    struct ssh_callbacks_struct callbacks;
    ssh_session session;
    char *path; /* of the agent's socket */
    struct forward open[FORWARDS_MAX];
    size_t count;
};

static void end(struct forward *forward)
{
    close_fd(&forward->fd);
    forward->fd = -1;
}

/* ---- what libssh calls ---- */

static int on_data(ssh_session session, ssh_channel handle, void *bytes, uint32_t count,
                   int is_stderr, void *data)
{
    struct forward *forward = data;
    bool sent = forward->fd >= 0 &&
                send(forward->fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)count;
    if (!sent) {
        end(forward);
    }
    return (int)count;
}

static void on_end(ssh_session session, ssh_channel handle, void *data)
{
    end(data);
}

/* NULL refuses the channel. */
static ssh_channel on_open(ssh_session session, void *data)
{
    struct ssh_forwarding *forwarding = data;
    if (forwarding->count == FORWARDS_MAX) {
        return NULL;
    }
    struct forward *forward = &forwarding->open[forwarding->count];
    *forward = (struct forward){ .fd = agent_connect(str_of(forwarding->path)) };
    if (forward->fd < 0) {
        return NULL;
    }
    forward->handle = ssh_channel_new(session);
    BUG_ON(forward->handle == NULL); /* the session is authenticated */
    forward->callbacks = (struct ssh_channel_callbacks_struct){
        .userdata = forward,
        .channel_data_function = on_data,
        .channel_eof_function = on_end,
        .channel_close_function = on_end,
    };
    ssh_callbacks_init(&forward->callbacks);
    ssh_set_channel_callbacks(forward->handle, &forward->callbacks);
    forwarding->count++;
    return forward->handle;
}

/* ---- moving bytes ---- */

size_t forward_polls(const struct ssh_connection *ssh, struct pollfd *fds)
{
    size_t count = 0;
    for (size_t i = 0; ssh->forwarding != NULL && i < ssh->forwarding->count; i++) {
        fds[count++] = (struct pollfd){ .fd = ssh->forwarding->open[i].fd, .events = POLLIN };
    }
    return count;
}

/* From the agent to the host: answers are short, so the channel takes them whole. */
static void pump(struct forward *forward)
{
    char bytes[16384];
    ssize_t got = recv(forward->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    bool moved = got > 0 && ssh_channel_write(forward->handle, bytes, (uint32_t)got) == got;
    if (got == 0 || (got > 0 && !moved)) {
        end(forward);
    }
}

static void drop(struct forward *forward)
{
    ssh_remove_channel_callbacks(forward->handle, &forward->callbacks);
    ssh_channel_free(forward->handle); /* closes it */
}

/* A channel moves to another place in the list: libssh knows where its callbacks are. */
static void move(struct forward *to, struct forward *from)
{
    ssh_remove_channel_callbacks(from->handle, &from->callbacks);
    *to = *from;
    to->callbacks.userdata = to;
    ssh_set_channel_callbacks(to->handle, &to->callbacks);
}

void forward_pump(struct ssh_connection *ssh)
{
    struct ssh_forwarding *forwarding = ssh->forwarding;
    for (size_t i = 0; forwarding != NULL && i < forwarding->count;) {
        struct forward *one = &forwarding->open[i];
        if (one->fd >= 0) {
            pump(one);
            i++;
            continue;
        }
        drop(one);
        forwarding->count--;
        if (i < forwarding->count) {
            move(one, &forwarding->open[forwarding->count]);
        }
    }
}

/* ---- beginning and end ---- */

void forward_request(struct ssh_step *step, ssh_channel handle)
{
    struct ssh_connection *ssh = step->ssh;
    str path = ssh->settings.forward_agent;
    const char *usual = getenv("SSH_AUTH_SOCK");
    if (ssh->forwarding != NULL || str_eq(path, S("none"))) {
        return;
    }
    if (str_is_none(path)) {
        path = usual != NULL ? str_of(usual) : STR_EMPTY;
    }
    int fd = agent_connect(path);
    if (fd < 0) {
        ssh_tell(step, S("start one: eval $(ssh-agent); ssh-add"),
                 "no agent is forwarded, since none can be reached%s%.*s",
                 path.len > 0 ? " at " : "", SARG(path));
        return;
    }
    close(fd);
    ssh->forwarding = wire_alloc(sizeof *ssh->forwarding);
    ssh->forwarding->session = ssh->session;
    ssh->forwarding->path = strndup(path.ptr, path.len);
    ssh->forwarding->callbacks = (struct ssh_callbacks_struct){
        .userdata = ssh->forwarding,
        .channel_open_request_auth_agent_function = on_open,
    };
    ssh_callbacks_init(&ssh->forwarding->callbacks);
    ssh_set_callbacks(ssh->session, &ssh->forwarding->callbacks);
    ssh_channel_request_auth_agent(handle);
}

void forward_close(struct ssh_connection *ssh)
{
    struct ssh_forwarding *forwarding = ssh->forwarding;
    if (forwarding == NULL) {
        return;
    }
    for (size_t i = 0; i < forwarding->count; i++) {
        end(&forwarding->open[i]);
        drop(&forwarding->open[i]);
    }
    free(forwarding->path);
    free(forwarding);
    ssh->forwarding = NULL;
}
