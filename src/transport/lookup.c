/* lookup.c - see lookup.h. */
#include "transport/lookup.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/arena.h"

/* When nobody waits for it any more the thread ends by itself later: whoever lets go last frees. */
struct lookup {
    atomic_int holders;
    int done; /* eventfd: readable once the answer is there */
    int problem;
    struct addrinfo *found;
    struct addrinfo wanted;
    char port[12];
    char host[]; /* NUL-terminated */
};

void lookup_free(struct lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->holders, 1) > 1) {
        return;
    }
    if (lookup->found != NULL) {
        freeaddrinfo(lookup->found);
    }
    close_fd(&lookup->done);
    free(lookup);
}

static void look_up(struct lookup *lookup)
{
    const char *port = *lookup->port != '\0' ? lookup->port : NULL;
    lookup->problem = getaddrinfo(lookup->host, port, &lookup->wanted, &lookup->found);
}

static void *work(void *data)
{
    struct lookup *lookup = data;
    look_up(lookup);
    eventfd_write(lookup->done, 1);
    lookup_free(lookup);
    return NULL;
}

struct lookup *lookup_new(str host, unsigned port, int family, int flags)
{
    struct lookup *lookup = wire_alloc(sizeof *lookup + host.len + 1);
    memcpy(lookup->host, host.ptr, host.len);
    if (port != 0) {
        snprintf(lookup->port, sizeof lookup->port, "%u", port);
    }
    lookup->wanted = (struct addrinfo){ .ai_family = family,
                                        .ai_socktype = SOCK_STREAM,
                                        .ai_flags = flags | AI_NUMERICSERV };
    lookup->done = -1;
    atomic_init(&lookup->holders, 1);
    return lookup;
}

static enum wire_status wait_for_thread(struct lookup *lookup, int wake, deadline until)
{
    pthread_attr_t attributes;
    pthread_t thread;
    lookup->done = eventfd(0, EFD_CLOEXEC);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    atomic_fetch_add(&lookup->holders, 1);
    int problem = lookup->done < 0 ? errno : pthread_create(&thread, &attributes, work, lookup);
    pthread_attr_destroy(&attributes);
    if (problem != 0) {
        atomic_fetch_sub(&lookup->holders, 1);
        errno = problem;
        lookup->problem = EAI_SYSTEM;
        return WIRE_OK;
    }
    struct pollfd done = { .fd = lookup->done, .events = POLLIN };
    enum wire_status status = transport_wait(&done, 1, wake, until);
    if (status == WIRE_OK) {
        eventfd_t count; /* reading it is what orders the thread's writes before ours */
        eventfd_read(lookup->done, &count);
    }
    return status;
}

enum wire_status lookup_wait(struct lookup *lookup, int wake, deadline until)
{
    int flags = lookup->wanted.ai_flags;
    lookup->wanted.ai_flags |= AI_NUMERICHOST;
    look_up(lookup);
    lookup->wanted.ai_flags = flags;
    return lookup->problem == 0 ? WIRE_OK : wait_for_thread(lookup, wake, until);
}

const struct addrinfo *lookup_addresses(const struct lookup *lookup)
{
    return lookup->problem == 0 ? lookup->found : NULL;
}

const char *lookup_problem(const struct lookup *lookup)
{
    return gai_strerror(lookup->problem);
}
