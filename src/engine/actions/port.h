/*
 * port.h - TCP ports as a host sees them: whether one accepts connections, what a server says by
 * itself, which connections there are.
 *
 * A host has no program that everybody has for this. On this machine it is a system call; elsewhere
 * bash, nc or perl, whatever is there; and where none is, the kernel's table of sockets still tells
 * whether somebody listens on a port of the host itself.
 */
#pragma once
#include "engine/actions/reach.h"
#include "engine/actions/tcp_table.h"

struct port_question {
    str host;
    unsigned port;
    double timeout; /* seconds for connecting, and for waiting for the first bytes */
    /* Take what the server says by itself: what it says first, which comes at once, or all until it
     * is silent for a second. Netcat gives all of it in either case. */
    enum { PORT_READ_NOTHING, PORT_READ_FIRST, PORT_READ_ALL } read;
};
struct port_answer {
    bool open;
    str data; /* at most 64 KiB and what comes within a second after it; in the context's arena */
};

/* Connect from the open host. REMOTE_FAILED: it cannot be found out; the error tells why. */
enum remote_status port_ask(struct reach *reach, const struct port_question *question,
                            struct port_answer *ret);

struct port_connections {
    str host; /* a name or an address: of the host itself; 0.0.0.0: any of its addresses */
    unsigned port;
    unsigned states;    /* 1 << enum tcp_state */
    const str *exclude; /* names or addresses of other ends that do not count */
    size_t exclude_count;
};
/* How many connections to a port of the open host there are. REMOTE_FAILED as above. */
enum remote_status port_count(struct reach *reach, const struct port_connections *which,
                              size_t *ret_count);
