/*
 * tcp_table.h - the TCP sockets of a host, as /proc/net/tcp and /proc/net/tcp6 tell them.
 *
 * Source: proc_net_tcp in the kernel's documentation. A line: number, local address, remote one,
 * state; an address is words of 32 bits in the host's byte order, as hexadecimal, and a port.
 */
#pragma once
#include "base/str.h"

struct tcp_address {
    unsigned char bytes[16]; /* an IPv4 address stands in the last four: ::ffff:a.b.c.d */
};
struct tcp_socket {
    struct tcp_address local, remote;
    unsigned local_port, remote_port;
    unsigned state; /* enum tcp_state */
};
enum tcp_state {
    TCP_STATE_ESTABLISHED = 1,
    TCP_STATE_SYN_SENT = 2,
    TCP_STATE_SYN_RECV = 3,
    TCP_STATE_FIN_WAIT1 = 4,
    TCP_STATE_FIN_WAIT2 = 5,
    TCP_STATE_TIME_WAIT = 6,
    TCP_STATE_LISTEN = 10,
};

/* The state of a name as wait_for's active_connection_states has it; 0: there is none. */
unsigned tcp_state_named(str name);

/* A numeric IPv4 or IPv6 address; false: it is none. */
bool tcp_address_read(str text, struct tcp_address *ret);
bool tcp_address_is_any(const struct tcp_address *address);      /* 0.0.0.0, :: */
bool tcp_address_is_loopback(const struct tcp_address *address); /* 127.0.0.0/8, ::1 */
bool tcp_address_equal(const struct tcp_address *a, const struct tcp_address *b);

/* The next socket of a table, cut from *rest; lines that are none are passed over. False: no more.
 * big_endian: the byte order of the host. */
bool tcp_table_next(str *rest, bool big_endian, struct tcp_socket *ret);
