/*
 * jump.h - ProxyJump: sockets to ports behind jump hosts, through sessions of our own there.
 *
 * A jump host is a host like any other: its own part of ssh's configuration holds for it, not the
 * arguments of the host behind it, as in ssh(1) (only -F goes along); its key is verified, and it
 * may itself lie behind others. One login serves all connections that share a `struct jumps` and
 * name the jump host alike; when its server takes no more channels, another login is made.
 */
#pragma once
#include "base/str.h"

struct ssh_step;
struct ssh_connection;

/* How a connection came through a jump host; all NULL for one that did not. */
struct ssh_way {
    struct jump *jump;
    struct passage *passage;
    struct jumps *own; /* without shared logins: its own */
};

/* The counterpart of a TCP connection for a host with a ProxyJump: sets socket and way. False:
 * step->error is filled, which tells the jump host at fault. */
bool jump_dial(struct ssh_step *step);
void jump_hang_up(struct ssh_connection *ssh); /* the socket is closed; also without a way */

/* When a jump host on the way is why a connection was lost, or is silent, note that as the
 * connection's problem; else nothing changes. */
void jump_explain_loss(struct ssh_connection *ssh);
void jump_explain_silence(struct ssh_connection *ssh);
