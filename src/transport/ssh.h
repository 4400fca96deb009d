/*
 * ssh.h - what the files that make an ssh connection share. Between them: ssh.c drives the session,
 * dial.c finds a way to the port, handshake.c exchanges keys, hostkeys.c knows the host, auth.c
 * logs in, alive.c notices when it hangs, jump.c leads through jump hosts.
 */
#pragma once
#define LIBSSH_LEGACY_0_4  /* its old names, channel_read() and others, are left out: they are ours \
                            */
#include <libssh/libssh.h>

#include "transport/jump.h"
#include "transport/known_hosts.h"
#include "transport/ssh_config.h"
#include "transport/wire.h"

/* What is known of the server's life, see alive.c. */
struct ssh_alive {
    struct ssh_counter_struct bytes,
        packets;    /* libssh counts: on the socket, and in the protocol */
    uint64_t heard; /* bytes received when it was last looked at */
    int64_t silent; /* milliseconds waited since something was heard, or since the last question */
    int unacknowledged; /* bytes the kernel still had to send, or to send again, at that time */
    int unanswered;     /* intervals since the question */
};

struct ssh_connection {
    struct connection base;
    struct ssh_settings settings;
    ssh_session session;
    int socket;
    bool socket_given;  /* libssh has it: closes it when it finds the server gone, else never */
    pid_t proxy;        /* of the ProxyCommand, else 0 */
    struct ssh_way way; /* through a jump host */
    struct jump *as;    /* this is the login at a jump host; NULL: it is a host's */
    struct ssh_alive alive;
    struct ssh_forwarding *forwarding; /* of our agent, see forward.h; NULL: none */
    struct {
        uint64_t in, out;
    } waited;         /* bytes that had come and gone when ssh_wait() was last called */
    bool drained;     /* libssh has read all that came before the next wait */
    bool open;        /* logged in */
    int64_t forgiven; /* milliseconds for which its user was asked, see ssh_forgive */
    bool key_changed; /* checking is off and the key is another one: no password is sent */
};

/* What a step of connecting needs: where to complain, and until when. */
struct ssh_step {
    struct ssh_connection *ssh;
    struct arena *arena; /* for messages */
    deadline until;
    struct wire_error *error;
    bool met;     /* keys were exchanged: what fails from now on would fail again */
    str greeting; /* the first line a server said, at this try or an earlier one: handshake.c */
    /* hostkeys.c, from before the key exchange to after it */
    struct known_keys known; /* what the known_hosts files say about the host */
    str certified;           /* the key that a certificate vouches for, in base64; or STR_NONE */
    str certificate_problem; /* why there is none though an authority is known; or STR_NONE */
};

/* Wait until libssh can go on: its socket is readable, or writable if it has something to send. */
enum wire_status ssh_wait(struct ssh_connection *ssh, deadline until);

/* The same for a channel of an open connection, while the server answers: WIRE_CLOSED when it no
 * longer does, told in base.problem. alive.c */
enum wire_status ssh_wait_alive(struct ssh_connection *ssh, deadline until);
void ssh_watch(struct ssh_connection *ssh); /* start counting; the session is new */

/* What ssh_wait_alive is made of, for a thread that waits for more than one session: wait no longer
 * than ssh_alive_until(), then tell when that wait began, and whether nothing came in until then.
 */
deadline ssh_alive_until(struct ssh_connection *ssh);
enum wire_status ssh_alive_waited(struct ssh_connection *ssh, int64_t began, bool in_vain);

/* A server that sends two small packets waits for the first one's acknowledgement, which the kernel
 * that receives it delays by 40 ms. For our own sockets ssh_wait() turns that off; behind a jump
 * host, or a ProxyCommand, it is another machine's kernel, which acknowledges at once only when
 * bytes go the other way: an empty message does. Not before the login is done. */
bool ssh_is_behind(const struct ssh_connection *ssh);
void ssh_acknowledge(struct ssh_connection *ssh);

/* libssh's words for what went wrong last. */
const char *ssh_words(ssh_session session);

/* As far as libssh knows by what it has read. */
bool ssh_session_lives(const struct ssh_connection *ssh);

/* Report why a step failed: time, interruption, or a connection lost while `doing` something. */
bool ssh_step_failed(struct ssh_step *step, enum wire_status status, const char *doing);
/* Report that a step was refused; always false. */
bool ssh_refuse(struct ssh_step *step, str hint, const char *format, ...) PRINTF(3, 4);

/* Ask the user, if there is one at a terminal and BatchMode is off. The time it takes is not the
 * host's: step->until moves on. False: no answer. */
bool ssh_may_ask(const struct ssh_connection *ssh);
bool ssh_ask(struct ssh_step *step, str question, bool echo, str *ret);
void ssh_forgive(struct ssh_step *step, int64_t milliseconds); /* let the deadline be later */
/* Tell the user something that stops nothing. */
void ssh_tell(struct ssh_step *step, str hint, const char *format, ...) PRINTF(3, 4);

/* Each: false when step->error was filled. */
bool ssh_dial(struct ssh_step *step); /* dial.c: sets socket, proxy, place */
/* Whether that is why a step failed: the ProxyCommand cannot be run. Then step->error says so. */
bool ssh_proxy_failed(struct ssh_step *step);
void ssh_hang_up(struct ssh_connection *ssh);  /* the counterpart; also after a failed ssh_dial */
bool ssh_exchange_keys(struct ssh_step *step); /* handshake.c */
bool ssh_prepare_hostkeys(struct ssh_step *step); /* hostkeys.c: before the key exchange */
bool ssh_check_hostkey(struct ssh_step *step);    /* after it */
bool ssh_log_in(struct ssh_step *step);           /* auth.c */
