/*
 * pump.h - the thread of one session at a jump host. It opens channels to ports behind the jump
 * host ("direct-tcpip", RFC 4254, 7.2) and moves bytes between each and a local socket, so that the
 * session to the host behind is one like any other, on a socket of its own.
 *
 * libssh wants one thread at a time for a session: from pump_start to pump_stop it is the pump's.
 */
#pragma once
#include "transport/ssh.h"

struct pump;
struct passage; /* a way to one port behind the jump host */

/* `ssh` is logged in. It stays the caller's, who closes it after pump_stop. */
struct pump *pump_start(struct ssh_connection *ssh);
void pump_stop(struct pump *pump); /* accepts NULL; every passage was dropped before */

/* False: the session has ended, and *ret_why tells why, for as long as the pump is there. */
bool pump_lives(struct pump *pump, str *ret_why);

/* Milliseconds since something came from the jump host. */
int64_t pump_silence(struct pump *pump);

/* The first byte that comes on a passage's socket tells whether its bytes will follow; the end of
 * the stream instead, that the session has ended. */
#define PASSAGE_OPEN    '+'
#define PASSAGE_REFUSED '-'

/* Ask for a way to host:port. *ret_socket is the caller's, non-blocking. NULL: errno tells why not.
 * Does not wait: one round trip to the jump host, and its connect, pass before the first byte. */
struct passage *pump_passage(struct pump *pump, str host, unsigned port, int *ret_socket);

/* After PASSAGE_REFUSED: the jump host's words, for as long as the passage is there. */
struct passage_refusal {
    unsigned code;   /* RFC 4254, 5.1; 0: not told */
    unsigned others; /* passages that were open at that time */
    str words;
};
#define REFUSED_PROHIBITED 1
#define REFUSED_CONNECT    2
#define REFUSED_SHORTAGE   4
struct passage_refusal passage_refusal(struct passage *passage);

/* The caller has closed the socket, or is about to: the channel is closed with it. */
void passage_drop(struct passage *passage);
