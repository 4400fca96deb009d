/*
 * port.c - TCP ports as a host sees them.
 */
#include "engine/actions/port.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "remote/apply.h"

#define READ_MAX 65536
#define SILENCE  1.0 /* seconds: then a server has said what it says by itself */
#define MARGIN   10  /* seconds that a probe may take beside its connecting */

static enum remote_status failed(struct reach *reach, const char *message)
{
    reach->error = (struct remote_error){
        .status = REMOTE_FAILED,
        .message = str_of(message),
        .hint = STR_NONE,
    };
    return REMOTE_FAILED;
}

/* ---- by a program of the host ---- */

/*
 * h host, p port, t seconds, r "1": read the first bytes, "2": all. Ends with 0 (open, what was
 * read on stdout), 1 (not open) or 3 (no program of the host can connect). T limits the time; a
 * timeout(1) that wants -t is an old busybox. What bash says of /dev/tcp when it was built without
 * it is a missing file. A netcat knows -z or, the small one of busybox, -e.
 */
static const char probe[] =
    "c() { command -v \"$1\" >/dev/null 2>&1; }\n"
    "T=\n"
    "if timeout 9 true; then T=\"timeout $t\"\n"
    "elif timeout -t 9 true; then T=\"timeout -t $t\"; fi 2>/dev/null\n"
    "if c bash; then\n"
    "{ E=$($T bash -c 'exec 3<>\"/dev/tcp/$0/$1\" || exit 1\n"
    "if [ \"$2\" ]; then dd bs=65536 count=1 <&3 2>/dev/null\n"
    "if [ \"$2\" = 2 ] && [ \"$3\" ]; then ${3% *} 1 cat <&3; fi; fi; exit 0' "
    "\"$h\" \"$p\" \"$r\" \"$T\" 2>&1 >&4); e=$?; } 4>&1\n"
    "case $e$E in 0*) exit 0;; *'No such file'*) ;; *) exit 1;; esac\n"
    "fi\n"
    "if c nc; then o=0\n"
    "E=$($T nc -z -w \"$t\" \"$h\" \"$p\" 2>&1 </dev/null) || o=1\n"
    "case $o$E in *sage*|*option*) o=0\n"
    "E=$($T nc -w \"$t\" \"$h\" \"$p\" -e true 2>&1 </dev/null) || o=1;; esac\n"
    "case $o$E in *sage*|*option*) ;; 1*) exit 1;; *)\n"
    "[ -z \"$r\" ] || $T nc -w 2 \"$h\" \"$p\" </dev/null 2>/dev/null; exit 0;; esac\n"
    "fi\n"
    "if c perl && perl -MIO::Socket::INET -e 1 2>/dev/null; then\n"
    "exec perl -MIO::Socket::INET -e 'my ($h, $p, $t, $r) = @ARGV;\n"
    "my $c = eval { require IO::Socket::IP } ? \"IO::Socket::IP\" : \"IO::Socket::INET\";\n"
    "my $s = $c->new(PeerHost => $h, PeerPort => $p, Timeout => $t) or exit 1;\n"
    "my $b = \"\"; vec($b, fileno $s, 1) = 1;\n"
    "while ($r && select(my $x = $b, undef, undef, $t) && sysread $s, my $d, 65536)\n"
    "{ syswrite STDOUT, $d; $t = 1; last if $r == 1 } exit 0' \"$h\" \"$p\" \"$t\" \"$r\"\n"
    "fi\n"
    "exit 3\n";

static void add_variable(struct strbuf *script, const char *name, str v)
{
    strbuf_addf(script, "%s=", name);
    shell_quote_to(script, v);
    strbuf_add_char(script, '\n');
}

static str probe_script(struct arena *arena, const struct port_question *question)
{
    struct strbuf script = strbuf_in(arena);
    unsigned seconds = question->timeout < 1 ? 1 : (unsigned)question->timeout;
    add_variable(&script, "h", question->host);
    static const char *const reading[] = {
        [PORT_READ_NOTHING] = "", [PORT_READ_FIRST] = "1", [PORT_READ_ALL] = "2"
    };
    strbuf_addf(&script, "p=%u t=%u r=%s\n%s", question->port, seconds, reading[question->read],
                probe);
    return strbuf_str(&script);
}

/* The table of sockets, and the machine's kind, which tells its byte order. */
struct table {
    struct run_answer sockets, machine;
};

static void observe_table(struct observer *obs, struct table *ret)
{
    observe_run(obs, ARGV(S("cat"), S("/proc/net/tcp"), S("/proc/net/tcp6")), &ret->sockets);
    observe_run(obs, ARGV(S("uname"), S("-m")), &ret->machine);
}

static enum remote_status ask_table(struct reach *reach, struct table *ret)
{
    struct observer *obs = observer_new(reach->context.arena, NULL);
    observe_table(obs, ret);
    enum remote_status status = reach_ask(reach, obs);
    if (status != REMOTE_OK) {
        return status;
    }
    observe_table(obs, ret); /* now with answers */
    return str_find(ret->sockets.out, S("local_address"), 0) == STR_NPOS
               ? failed(reach, "the host has no /proc/net/tcp, which would tell its connections")
               : REMOTE_OK;
}

static bool is_big_endian(const struct table *table)
{
    static const str machines[] = { S_INIT("s390"),  S_INIT("ppc"),  S_INIT("mips"),
                                    S_INIT("sparc"), S_INIT("m68k"), S_INIT("parisc") };
    str machine = str_trim(table->machine.out);
    for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
        if (str_starts(machine, machines[i])) {
            return !str_ends(machine, S("le")) && !str_ends(machine, S("el"));
        }
    }
    return false;
}

/* Nothing there can connect: whether somebody listens, which only the host's own ports tell. */
static enum remote_status look_for_listener(struct reach *reach,
                                            const struct port_question *question,
                                            struct port_answer *ret)
{
    struct tcp_address wanted;
    struct tcp_socket socket;
    struct table table;
    str host = str_eq(question->host, S("localhost")) ? S("127.0.0.1") : question->host;
    if (question->read != PORT_READ_NOTHING || !tcp_address_read(host, &wanted) ||
        !(tcp_address_is_loopback(&wanted) || tcp_address_is_any(&wanted))) {
        return failed(reach, "the host has no program that can connect to a port: it needs bash, "
                             "nc or perl");
    }
    enum remote_status status = ask_table(reach, &table);
    if (status != REMOTE_OK) {
        return status;
    }
    for (str rest = table.sockets.out; tcp_table_next(&rest, is_big_endian(&table), &socket);) {
        ret->open |= socket.state == TCP_STATE_LISTEN && socket.local_port == question->port &&
                     (tcp_address_is_any(&socket.local) || tcp_address_is_any(&wanted) ||
                      tcp_address_equal(&socket.local, &wanted));
    }
    return REMOTE_OK;
}

static enum remote_status ask_by_program(struct reach *reach, const struct port_question *question,
                                         struct port_answer *ret)
{
    struct remote_context context = reach->context;
    struct command command = {
        .script = probe_script(context.arena, question),
        .executable = STR_NONE,
        .chdir = S("/"),
        .stdin_text = STR_NONE,
    };
    struct command_result result;
    deadline latest = deadline_in(question->timeout + MARGIN);
    context.until = latest < context.until ? latest : context.until;
    enum remote_status status =
        remote_command(reach->lease->remote, &context, &command, &result, &reach->error);
    if (status == REMOTE_TIMEOUT && wire_now() < reach->context.until) {
        return REMOTE_OK; /* a program that cannot be told when to give up */
    }
    if (status != REMOTE_OK) {
        return status;
    }
    if (result.status == 3) {
        return look_for_listener(reach, question, ret);
    }
    ret->open = result.started && result.status == 0;
    ret->data = result.out;
    return REMOTE_OK;
}

/* ---- by system calls ---- */

/* Wait for a descriptor; false: time is up, or interrupted, which is told in *ret_interrupted. */
static bool await(int fd, short events, int wake, deadline until, bool *ret_interrupted)
{
    struct pollfd fds[] = { { .fd = fd, .events = events }, { .fd = wake, .events = POLLIN } };
    int64_t left = until - wire_now();
    int ready = poll(fds, ARRAY_LEN(fds), left < 0 ? 0 : (int)left + 1);
    *ret_interrupted |= fds[1].revents != 0;
    return ready > 0 && fds[0].revents != 0 && fds[1].revents == 0;
}

/* A socket that is connected, or -1. */
static int connect_to(const struct addrinfo *address, int wake, deadline until,
                      bool *ret_interrupted)
{
    int error = 0;
    socklen_t size = sizeof error;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool ok =
        fd >= 0 && (connect(fd, address->ai_addr, address->ai_addrlen) == 0 ||
                    (errno == EINPROGRESS && await(fd, POLLOUT, wake, until, ret_interrupted) &&
                     getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0));
    if (!ok) {
        close_fd(&fd);
        return -1;
    }
    return fd;
}

static void read_greeting(int fd, struct reach *reach, bool all, deadline until,
                          bool *ret_interrupted, str *ret)
{
    struct strbuf data = strbuf_in(reach->context.arena);
    bool more = true;
    while (more && await(fd, POLLIN, reach->options.wake, until, ret_interrupted)) {
        ssize_t got = read(fd, strbuf_room(&data, 4096), 4096);
        strbuf_grew(&data, got > 0 ? (size_t)got : 0);
        more = all && got > 0 && data.len < READ_MAX;
        until = deadline_in(SILENCE);
    }
    *ret = strbuf_str(&data);
}

static enum remote_status ask_here(struct reach *reach, const struct port_question *question,
                                   struct port_answer *ret)
{
    struct arena *arena = reach->context.arena;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
    deadline until = deadline_in(question->timeout);
    bool interrupted = false;
    until = until < reach->context.until ? until : reach->context.until;
    str port = str_format(arena, "%u", question->port);
    if (getaddrinfo(str_c(arena, question->host), port.ptr, &hints, &found) != 0) {
        return REMOTE_OK; /* a name may come to be known */
    }
    for (const struct addrinfo *one = found; one != NULL && !ret->open; one = one->ai_next) {
        CLEANUP(close_fd) int fd = connect_to(one, reach->options.wake, until, &interrupted);
        ret->open = fd >= 0;
        if (ret->open && question->read != PORT_READ_NOTHING) {
            read_greeting(fd, reach, question->read == PORT_READ_ALL, until, &interrupted,
                          &ret->data);
        }
    }
    freeaddrinfo(found);
    if (interrupted) {
        failed(reach, "interrupted while waiting");
        return REMOTE_INTERRUPTED;
    }
    return REMOTE_OK;
}

enum remote_status port_ask(struct reach *reach, const struct port_question *question,
                            struct port_answer *ret)
{
    *ret = (struct port_answer){ .data = STR_EMPTY };
    return (reach_is_here(reach) ? ask_here : ask_by_program)(reach, question, ret);
}

/* ---- connections ---- */

struct addresses {
    VEC(struct tcp_address) items;
};

/* The addresses of a name: itself, or what the host's databases know. */
static enum remote_status resolve(struct reach *reach, str name, struct addresses *ret)
{
    struct arena *arena = reach->context.arena;
    struct tcp_address address;
    if (tcp_address_read(name, &address)) {
        *VEC_PUSH(arena, &ret->items) = address;
        return REMOTE_OK;
    }
    struct run_answer answer = { 0 };
    struct observer *obs = observer_new(arena, NULL);
    observe_run(obs, ARGV(S("getent"), S("ahosts"), name), &answer);
    enum remote_status status = reach_ask(reach, obs);
    if (status != REMOTE_OK) {
        return status;
    }
    observe_run(obs, ARGV(S("getent"), S("ahosts"), name), &answer);
    for (str rest = answer.out; rest.len > 0;) {
        str line = str_cut_line(&rest);
        if (tcp_address_read(str_cut(&line, ' '), &address)) {
            *VEC_PUSH(arena, &ret->items) = address;
        }
    }
    return ret->items.len > 0
               ? REMOTE_OK
               : failed(reach, str_format(arena, "the host does not know the address of '%.*s'",
                                          SARG(name))
                                   .ptr);
}

static bool contains(const struct addresses *addresses, const struct tcp_address *one)
{
    for (size_t i = 0; i < addresses->items.len; i++) {
        if (tcp_address_equal(&addresses->items.items[i], one)) {
            return true;
        }
    }
    return false;
}

static bool contains_any(const struct addresses *addresses)
{
    for (size_t i = 0; i < addresses->items.len; i++) {
        if (tcp_address_is_any(&addresses->items.items[i])) {
            return true;
        }
    }
    return false;
}

enum remote_status port_count(struct reach *reach, const struct port_connections *which,
                              size_t *ret_count)
{
    struct addresses own = { 0 }, excluded = { 0 };
    struct table table;
    struct tcp_socket socket;
    enum remote_status status = resolve(reach, which->host, &own);
    for (size_t i = 0; status == REMOTE_OK && i < which->exclude_count; i++) {
        status = resolve(reach, which->exclude[i], &excluded);
    }
    if (status == REMOTE_OK) {
        status = ask_table(reach, &table);
    }
    if (status != REMOTE_OK) {
        return status;
    }
    *ret_count = 0;
    for (str rest = table.sockets.out; tcp_table_next(&rest, is_big_endian(&table), &socket);) {
        bool active = socket.state < 32 && ((which->states >> socket.state) & 1u) != 0;
        if (active && socket.local_port == which->port && !contains(&excluded, &socket.remote) &&
            (contains_any(&own) || contains(&own, &socket.local))) {
            ++*ret_count;
        }
    }
    return REMOTE_OK;
}
