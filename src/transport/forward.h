/*
 * forward.h - ForwardAgent: programs on the host use our agent. The server opens a channel for each
 * of them; what comes through it goes to the agent's socket, and back.
 *
 * The bytes move whenever somebody waits for the connection, so while a task runs there; a program
 * that a task leaves behind cannot use the agent. As with ssh(1), whoever is root on the host can.
 */
#pragma once
#include "transport/ssh.h"

#define FORWARDS_MAX 8 /* at a time; further ones are refused */

/* Ask for it on the connection's first session channel, if it is configured and there is an agent.
 * Costs no round trip. */
void forward_request(struct ssh_step *step, ssh_channel handle);

/* What has to be polled beside the connection: `fds` has room for FORWARDS_MAX. */
size_t forward_polls(const struct ssh_connection *ssh, struct pollfd *fds);
void forward_pump(struct ssh_connection *ssh);  /* after any wait */
void forward_close(struct ssh_connection *ssh); /* before the session is freed */
