/*
 * dial.c - a way to the host's ssh port: a TCP connection, the streams of a ProxyCommand, or a
 * channel of a jump host (jump.c).
 *
 * The connection is made here and not by libssh, so that the deadline and the wake descriptor hold
 * for name lookup and connect, too, and each address of a name gets its turn.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "transport/lookup.h"
#include "transport/ssh.h"

/* ---- TCP ---- */

/* The kernel notices a host that vanished without a word, in the same time as alive.c notices one
 * that hangs; with ServerAliveInterval 0 after 30 s of silence and so many probes. */
static void watch_peer(int fd, const struct ssh_settings *settings)
{
    const int most_seconds = 32767, most_probes = 127; /* of the kernel, tcp(7) */
    int on = 1;
    int said = settings->alive_interval, probes = settings->alive_count;
    int idle = said == 0 ? 30 : said < most_seconds ? said : most_seconds;
    int interval = said != 0 ? idle : 10;
    int count = probes == 0 ? 1 : probes < most_probes ? probes : most_probes;
    int64_t patience = (idle + (int64_t)interval * count) * 1000;
    int unanswered = patience < INT_MAX ? (int)patience : INT_MAX;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered, sizeof unanswered);
}

static bool bind_to(struct ssh_step *step, int fd, int family)
{
    str wanted = step->ssh->settings.bind_address;
    if (str_is_none(wanted)) {
        return true;
    }
    struct addrinfo hints = { .ai_family = family,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICHOST | AI_PASSIVE };
    struct addrinfo *own = NULL;
    if (getaddrinfo(str_c(step->arena, wanted), NULL, &hints, &own) != 0) {
        return ssh_refuse(step, S("give an address of this machine, of the family of the host's"),
                          "cannot use BindAddress '%.*s'", SARG(wanted));
    }
    bool bound = bind(fd, own->ai_addr, own->ai_addrlen) == 0;
    freeaddrinfo(own);
    return bound || ssh_refuse(step, STR_NONE, "cannot use BindAddress '%.*s': %s", SARG(wanted),
                               strerror(errno));
}

/* Connect to one address until `until`. WIRE_REFUSED: errno tells why. */
static enum wire_status try_address(struct ssh_step *step, int fd, const struct addrinfo *address,
                                    deadline until)
{
    int problem = 0;
    socklen_t size = sizeof problem;
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0) {
        return WIRE_OK;
    }
    if (errno != EINPROGRESS) {
        return WIRE_REFUSED;
    }
    struct pollfd ready = { .fd = fd, .events = POLLOUT };
    enum wire_status status = transport_wait(&ready, 1, step->ssh->base.options.wake, until);
    if (status == WIRE_OK) {
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
        errno = problem;
        status = problem == 0 ? WIRE_OK : WIRE_REFUSED;
    }
    return status;
}

/* The time for one of `left` addresses: an even share of what there is, so that one which swallows
 * packets leaves time for the others. */
static deadline share(deadline until, unsigned left)
{
    return until == DEADLINE_NEVER ? until : wire_now() + (until - wire_now()) / left;
}

static bool connect_failed(struct ssh_step *step, enum wire_status status, int problem)
{
    str place = step->ssh->base.place;
    if (status != WIRE_REFUSED) {
        ssh_step_failed(step, status, "connecting to");
    } else if (problem == ECONNREFUSED) {
        ssh_refuse(step, S("is sshd running there, and is the port right?"),
                   "connection refused by %.*s", SARG(place));
    } else {
        /* A server that is too busy may hang up that early: worth another try. */
        wire_fail(step->arena, step->error, problem == ECONNRESET ? WIRE_CLOSED : WIRE_REFUSED,
                  STR_NONE, "cannot connect to %.*s: %s", SARG(place), strerror(problem));
    }
    step->error->about = problem == ECONNREFUSED ? ABOUT_PORT : ABOUT_HOST;
    return false;
}

/* An address of another family than BindAddress is passed over, and told if there is no other. */
static bool connect_any(struct ssh_step *step, const struct addrinfo *addresses)
{
    unsigned left = 0;
    bool told = false;
    enum wire_status status = WIRE_REFUSED;
    int problem = 0;
    for (const struct addrinfo *one = addresses; one != NULL; one = one->ai_next) {
        left++;
    }
    for (const struct addrinfo *one = addresses; one != NULL; one = one->ai_next, left--) {
        int fd = socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            problem = errno;
            continue;
        }
        if (!bind_to(step, fd, one->ai_family)) {
            close(fd);
            told = problem == 0;
            continue;
        }
        told = false;
        status = try_address(step, fd, one, share(step->until, left));
        problem = errno;
        if (status == WIRE_OK) {
            int on = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            if (step->ssh->settings.keep_alive != SSH_NO) {
                watch_peer(fd, &step->ssh->settings);
            }
            step->ssh->socket = fd;
            return true;
        }
        close(fd);
        if (status == WIRE_INTERRUPTED) {
            break;
        }
    }
    return !told && connect_failed(step, status, problem);
}

static bool dial_tcp(struct ssh_step *step)
{
    struct ssh_settings *settings = &step->ssh->settings;
    struct lookup *lookup = lookup_new(settings->host, settings->port, settings->family, 0);
    enum wire_status status = lookup_wait(lookup, step->ssh->base.options.wake, step->until);
    const struct addrinfo *found = status == WIRE_OK ? lookup_addresses(lookup) : NULL;
    bool connected = false;
    if (status != WIRE_OK) {
        ssh_step_failed(step, status, "looking up the address of");
    } else if (found == NULL) {
        ssh_refuse(step, S("is the name right? ansible_host tells the address to connect to"),
                   "cannot resolve the host name '%.*s': %s", SARG(settings->host),
                   lookup_problem(lookup));
        step->error->about = ABOUT_HOST;
    } else {
        connected = connect_any(step, found);
    }
    lookup_free(lookup);
    return connected;
}

/* ConnectionAttempts, a second apart. */
static bool dial_repeatedly(struct ssh_step *step)
{
    for (unsigned left = step->ssh->settings.attempts;; left--) {
        if (dial_tcp(step)) {
            return true;
        }
        deadline next = wire_now() + 1000;
        bool again = step->error->status == WIRE_REFUSED && left > 1 && next < step->until;
        if (!again || transport_wait(NULL, 0, step->ssh->base.options.wake, next) != WIRE_TIMEOUT) {
            return false;
        }
    }
}

/* ---- ProxyCommand ---- */

/* Run by sh with one end of a socket as its stdin and stdout; its stderr is ours, as ssh(1) does,
 * so that a jump host's complaint is seen. */
static bool dial_proxy(struct ssh_step *step)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return ssh_refuse(step, STR_NONE, "cannot start the ProxyCommand: %s", strerror(errno));
    }
    str text = str_format(step->arena, "exec %.*s", SARG(step->ssh->settings.proxy_command));
    int streams[] = { pair[1], pair[1], SPAWN_OURS };
    int problem = spawn_shell(text.ptr, streams, NULL, &step->ssh->proxy);
    close(pair[1]);
    step->ssh->socket = pair[0];
    if (problem != 0) {
        step->ssh->proxy = 0;
        return ssh_refuse(step, STR_NONE, "cannot start the ProxyCommand: %s", strerror(problem));
    }
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    return true;
}

/* True: the shell's statuses for a command that cannot be run. Another one says more than that the
 * connection was lost, but may be the way's doing, and pass. It closes the socket as it ends: a
 * moment later the status is there. */
bool ssh_proxy_failed(struct ssh_step *step)
{
    struct ssh_connection *ssh = step->ssh;
    siginfo_t info = { 0 };
    if (ssh->proxy <= 0) {
        return false;
    }
    CLEANUP(close_fd) int process = pidfd_open(ssh->proxy, 0);
    struct pollfd ended = { .fd = process, .events = POLLIN };
    transport_poll(&ended, 1, deadline_in(0.2));
    bool known = waitid(P_PID, (id_t)ssh->proxy, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                 info.si_code == CLD_EXITED;
    bool missing = known && (info.si_status == 126 || info.si_status == 127);
    if (known && !missing && step->error->status == WIRE_CLOSED && !step->met) {
        wire_fail(step->arena, step->error, WIRE_CLOSED,
                  S("what it has to say stands above; try it by hand"),
                  "the ProxyCommand for %.*s ended with status %d: %.*s", SARG(ssh->base.place),
                  info.si_status, SARG(ssh->settings.proxy_command));
    }
    if (!missing) {
        return false;
    }
    ssh_refuse(step, S("is the program it names installed here?"),
               "the ProxyCommand for %.*s cannot be run: %.*s", SARG(ssh->base.place),
               SARG(ssh->settings.proxy_command));
    return true;
}

/* libssh 0.10 keeps 16 bits of a descriptor. */
static bool socket_fits(struct ssh_step *step)
{
    return step->ssh->socket <= 0xffff ||
           ssh_refuse(step, S("lower --forks"), "too many open descriptors to connect to %.*s",
                      SARG(step->ssh->base.place));
}

bool ssh_dial(struct ssh_step *step)
{
    struct ssh_settings *settings = &step->ssh->settings;
    step->ssh->base.place =
        str_format(step->ssh->base.arena, "%.*s port %u", SARG(settings->host), settings->port);
    bool dialled = !str_is_none(settings->proxy_jump)      ? jump_dial(step)
                   : !str_is_none(settings->proxy_command) ? dial_proxy(step)
                                                           : dial_repeatedly(step);
    return dialled && socket_fits(step);
}

void ssh_hang_up(struct ssh_connection *ssh)
{
    close_fd(&ssh->socket);
    ssh->socket = -1;
    jump_hang_up(ssh);
    if (ssh->proxy > 0) { /* KILL, since we wait: nothing may hold us up here */
        kill(-ssh->proxy, SIGKILL);
        while (waitpid(ssh->proxy, NULL, 0) < 0 && errno == EINTR) {
        }
        ssh->proxy = 0;
    }
}
