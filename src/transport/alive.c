/*
 * alive.c - notice a server that hangs: all its processes stopped, or stuck, while its kernel still
 * acknowledges what we send, so that the connection itself looks well.
 *
 * After an interval without a byte the server is asked, by a request of the whole connection
 * ("keepalive@openssh.com", answered whether known or not: RFC 4254, 4), so what runs there is not
 * disturbed. One question is enough, however long we then wait for its answer: TCP does not lose
 * it.
 *
 * Only time spent waiting counts. While this program was stopped (Ctrl-Z), or busy with something
 * else, the server had nobody to talk to.
 */
#include "transport/ssh.h" /* first: it tells libssh's headers to leave out their old names */

#include <libssh/server.h> /* ssh_send_keepalive(), which is the client's as well */
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "base/arena.h"

void ssh_watch(struct ssh_connection *ssh)
{
    ssh_set_counters(ssh->session, &ssh->alive.bytes, &ssh->alive.packets);
}

/* An answer to an earlier question came with the bytes that were heard since, but libssh keeps it
 * until it is called again, and that call sends nothing. False: not asked, since the earlier
 * question has no answer though the server spoke since: it does not know how to answer. */
static bool ask(struct ssh_connection *ssh)
{
    uint64_t before = ssh->alive.packets.out_packets;
    ssh_send_keepalive(ssh->session);
    if (ssh->alive.packets.out_packets == before) {
        ssh_send_keepalive(ssh->session);
    }
    return ssh->alive.packets.out_packets != before;
}

/* On a slow line what we wrote may be on its way for minutes, and the question behind it. */
static bool acknowledges(struct ssh_connection *ssh)
{
    int before = ssh->alive.unacknowledged;
    return ioctl(ssh->socket, SIOCOUTQ, &ssh->alive.unacknowledged) == 0 &&
           ssh->alive.unacknowledged < before;
}

/* An interval of silence has passed. */
static enum wire_status look_after(struct ssh_connection *ssh)
{
    struct ssh_alive *alive = &ssh->alive;
    const struct ssh_settings *settings = &ssh->settings;
    alive->silent = 0;
    if (acknowledges(ssh)) {
        alive->unanswered = 0;
    } else if (alive->unanswered == settings->alive_count) {
        ssh->base.problem =
            str_format(ssh->base.arena, "no answer from %.*s for %lld s", SARG(ssh->base.place),
                       (long long)settings->alive_interval * (settings->alive_count + 1LL));
        ssh->base.hint = S("the host or the way to it hangs; ServerAliveInterval and "
                           "ServerAliveCountMax of ssh tell how long to wait");
        jump_explain_silence(ssh);
        return WIRE_CLOSED;
    } else if (alive->unanswered > 0 || ask(ssh)) {
        alive->unanswered++;
    }
    return WIRE_OK; /* asking may have brought in bytes, which no descriptor tells any more */
}

deadline ssh_alive_until(struct ssh_connection *ssh)
{
    struct ssh_alive *alive = &ssh->alive;
    if (ssh->settings.alive_interval == 0) {
        return DEADLINE_NEVER;
    }
    if (alive->bytes.in_bytes != alive->heard) {
        alive->heard = alive->bytes.in_bytes;
        alive->silent = alive->unanswered = 0;
    }
    return wire_now() + (int64_t)ssh->settings.alive_interval * 1000 - alive->silent;
}

enum wire_status ssh_alive_waited(struct ssh_connection *ssh, int64_t began, bool in_vain)
{
    ssh->alive.silent += wire_now() - began;
    return in_vain ? look_after(ssh) : WIRE_OK;
}

enum wire_status ssh_wait_alive(struct ssh_connection *ssh, deadline until)
{
    int64_t began = wire_now();
    deadline patience = ssh_alive_until(ssh);
    enum wire_status status = ssh_wait(ssh, patience < until ? patience : until);
    bool in_vain = status == WIRE_TIMEOUT && patience < until;
    enum wire_status life = ssh_alive_waited(ssh, began, in_vain);
    return in_vain ? life : status;
}
