/*
 * ssh.h - what the files that make an ssh connection share. Between them: ssh.c drives the session,
 * dial.c finds a way to the port, hostkeys.c knows the host, auth.c logs in.
 */
#pragma once
#define LIBSSH_LEGACY_0_4  /* its old names, channel_read() and others, are left out: they are ours \
                            */
#include <libssh/libssh.h>

#include "transport/ssh_config.h"
#include "transport/wire.h"

struct ssh_connection {
    struct connection base;
    struct ssh_settings settings;
    ssh_session session;
    int socket;       /* ours to close: libssh leaves a descriptor given to it alone */
    pid_t proxy;      /* of the ProxyCommand, else 0 */
    bool key_changed; /* checking is off and the key is another one: no password is sent */
};

/* What a step of connecting needs: where to complain, and until when. */
struct ssh_step {
    struct ssh_connection *ssh;
    struct arena *arena; /* for messages */
    deadline until;
    struct wire_error *error;
};

/* Wait until libssh can go on: its socket is readable, or writable if it has something to send. */
enum wire_status ssh_wait(struct ssh_connection *ssh, deadline until);

/* As far as libssh knows by what it has read. */
bool ssh_session_lives(const struct ssh_connection *ssh);

/* Report why a step failed: time, interruption, or a connection lost while `doing` something. */
bool ssh_step_failed(struct ssh_step *step, enum wire_status status, const char *doing);
/* Report that a step was refused; always false. */
bool ssh_refuse(struct ssh_step *step, str hint, const char *format, ...) PRINTF(3, 4);

/* Each: false when step->error was filled. */
bool ssh_dial(struct ssh_step *step);         /* dial.c: sets socket, proxy, place */
void ssh_hang_up(struct ssh_connection *ssh); /* the counterpart; also after a failed ssh_dial */
bool ssh_prepare_hostkeys(struct ssh_step *step); /* hostkeys.c: before the key exchange */
bool ssh_check_hostkey(struct ssh_step *step);    /* after it */
bool ssh_log_in(struct ssh_step *step);           /* auth.c */
