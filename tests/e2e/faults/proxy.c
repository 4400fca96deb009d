/*
 * proxy.c - a line between us and a host that can be made to fail: it forwards TCP connections, and
 * is told on its standard input, a word a line, what to do to them.
 *
 *   pass        forward, now and from now on; undoes all below
 *   freeze      keep everything open and forward nothing more, either way
 *   thaw        undo that
 *   reset       RST to both sides of all connections; new ones are forwarded
 *   close       end all connections in order
 *   stall N     freeze once N more bytes went to the host
 *   cut N       reset once N more bytes went to the host
 *   rate N      N bytes a second, each way (0: as fast as it goes)
 *   delay MS    each way
 *   deny N      accept the next N connections and close them at once, as sshd does
 *   deaf        stop listening: connections are refused
 *   swallow     let the queue of connections run full: the kernel drops what asks for more
 *
 * Each word is answered by "ok"; when `stall` or `cut` comes true, "reached" is told.
 *
 * usage: proxy ADDRESS PORT HOST-ADDRESS HOST-PORT
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LINES_MAX  128
#define CHUNK      16384
#define QUEUED_MAX 256 /* chunks on their way in one direction; then the sender has to wait */

struct chunk {
    int64_t due; /* milliseconds */
    size_t from, to;
    char bytes[CHUNK];
    struct chunk *next;
};

/* One direction of a connection. */
struct way {
    struct chunk *first, *last;
    size_t queued;
    int64_t free_at; /* when the last byte so far will have gone */
    bool ended;      /* the sender has */
    bool shut;       /* and the receiver was told */
};

enum { TO_HOST, TO_US };

static struct line {
    int fds[2]; /* [TO_HOST]: where we write for the host; [TO_US]: where we write for hostler */
    struct way ways[2];
} lines[LINES_MAX];
static size_t line_count;

static struct sockaddr_in here, there;
static int listener = -1;
static int fillers[4] = { -1, -1, -1, -1 }; /* our own connections that fill the queue */
static bool frozen, swallowing;
static int64_t rate, delay, denied;
static int64_t left = -1; /* bytes to the host until something happens; -1: nothing will */
static bool left_cuts;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void tell(const char *word)
{
    printf("%s\n", word);
    fflush(stdout);
}

/* ---- sockets ---- */

static struct sockaddr_in address_of(const char *address, const char *port)
{
    struct sockaddr_in to = { .sin_family = AF_INET };
    to.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    if (inet_pton(AF_INET, address, &to.sin_addr) != 1) {
        fprintf(stderr, "proxy: '%s' is not an address\n", address);
        exit(2);
    }
    return to;
}

static int new_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) {
        die("socket");
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return fd;
}

static void hear(int backlog)
{
    if (listener >= 0) {
        close(listener);
    }
    listener = new_socket();
    if (bind(listener, (struct sockaddr *)&here, sizeof here) != 0 ||
        listen(listener, backlog) != 0) {
        die("listen");
    }
}

static void be_deaf(void)
{
    close(listener);
    listener = -1;
}

static void swallow(void)
{
    hear(0);
    swallowing = true;
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++) {
        fillers[i] = new_socket();
        (void)connect(fillers[i], (struct sockaddr *)&here, sizeof here); /* under way is enough */
    }
}

static void end_swallowing(void)
{
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++) {
        if (fillers[i] >= 0) {
            close(fillers[i]);
            fillers[i] = -1;
        }
    }
    swallowing = false;
}

/* ---- lines ---- */

static void drop_line(size_t at, bool reset)
{
    struct line *line = &lines[at];
    for (int side = 0; side < 2; side++) {
        struct linger now_ = { .l_onoff = 1, .l_linger = 0 };
        if (reset) {
            setsockopt(line->fds[side], SOL_SOCKET, SO_LINGER, &now_, sizeof now_);
        }
        close(line->fds[side]);
        for (struct chunk *chunk = line->ways[side].first, *next; chunk != NULL; chunk = next) {
            next = chunk->next;
            free(chunk);
        }
    }
    *line = lines[--line_count];
}

static void drop_all(bool reset)
{
    while (line_count > 0) {
        drop_line(0, reset);
    }
}

static void take_connection(void)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
    if (fd < 0) {
        return;
    }
    if (denied > 0 || line_count == LINES_MAX) {
        denied -= denied > 0;
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int to = new_socket();
    if (connect(to, (struct sockaddr *)&there, sizeof there) != 0 && errno != EINPROGRESS) {
        close(to);
        close(fd);
        return;
    }
    lines[line_count++] = (struct line){ .fds = { [TO_HOST] = to, [TO_US] = fd } };
}

/* ---- bytes ---- */

/* What was read now is due when the line had time for it. */
static bool take_bytes(struct line *line, int direction)
{
    struct way *way = &line->ways[direction];
    struct chunk *chunk = malloc(sizeof *chunk);
    if (chunk == NULL) {
        die("malloc");
    }
    size_t most = rate == 0 ? CHUNK : rate < 20 ? 1 : rate / 20 < CHUNK ? (size_t)rate / 20 : CHUNK;
    ssize_t got = read(line->fds[!direction], chunk->bytes, most);
    if (got <= 0) {
        bool broken = got < 0 && errno != EAGAIN && errno != EINTR;
        way->ended |= got == 0;
        free(chunk);
        return !broken;
    }
    int64_t start = now() + delay;
    start = start > way->free_at ? start : way->free_at;
    way->free_at = start + (rate == 0 ? 0 : (int64_t)got * 1000 / rate);
    chunk->due = way->free_at;
    chunk->from = 0;
    chunk->to = (size_t)got;
    chunk->next = NULL;
    *(way->first == NULL ? &way->first : &way->last->next) = chunk;
    way->last = chunk;
    way->queued++;
    return true;
}

/* How much of a chunk may go on; takes note of what that brings about. */
static size_t allowed(size_t count, int direction)
{
    if (direction != TO_HOST || left < 0) {
        return count;
    }
    return (int64_t)count < left ? count : (size_t)left;
}

static bool give_bytes(struct line *line, int direction)
{
    struct way *way = &line->ways[direction];
    while (!frozen && way->first != NULL && way->first->due <= now()) {
        struct chunk *chunk = way->first;
        size_t count = allowed(chunk->to - chunk->from, direction);
        ssize_t sent = send(line->fds[direction], chunk->bytes + chunk->from, count, MSG_NOSIGNAL);
        if (sent < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        chunk->from += (size_t)sent;
        if (direction == TO_HOST && left > 0) {
            left -= sent;
        }
        if (left == 0) {
            return true; /* the caller sees */
        }
        if (chunk->from < chunk->to) {
            return true;
        }
        way->first = chunk->next;
        way->queued--;
        free(chunk);
    }
    if (!frozen && way->ended && way->first == NULL && !way->shut) {
        shutdown(line->fds[direction], SHUT_WR);
        way->shut = true;
    }
    return true;
}

/* The bytes that `stall` and `cut` count have gone. */
static void happen(void)
{
    left = -1;
    if (left_cuts) {
        drop_all(true);
    } else {
        frozen = true;
    }
    tell("reached");
}

/* ---- words ---- */

static void pass(void)
{
    if (listener < 0 || swallowing) { /* else who connects just now would be refused */
        hear(64);
    }
    end_swallowing();
    frozen = false;
    rate = delay = denied = 0;
    left = -1;
    for (size_t i = 0; i < line_count; i++) {
        for (int direction = 0; direction < 2; direction++) {
            struct way *way = &lines[i].ways[direction];
            way->free_at = 0;
            for (struct chunk *chunk = way->first; chunk != NULL; chunk = chunk->next) {
                chunk->due = 0;
            }
        }
    }
}

static void obey(const char *words)
{
    char word[16] = "";
    long long number = 0;
    sscanf(words, "%15s %lld", word, &number);
    if (strcmp(word, "pass") == 0) {
        pass();
    } else if (strcmp(word, "freeze") == 0) {
        frozen = true;
    } else if (strcmp(word, "thaw") == 0) {
        frozen = false;
    } else if (strcmp(word, "reset") == 0) {
        drop_all(true);
    } else if (strcmp(word, "close") == 0) {
        drop_all(false);
    } else if (strcmp(word, "stall") == 0 || strcmp(word, "cut") == 0) {
        left = number;
        left_cuts = word[0] == 'c';
    } else if (strcmp(word, "rate") == 0) {
        rate = number;
    } else if (strcmp(word, "delay") == 0) {
        delay = number;
    } else if (strcmp(word, "deny") == 0) {
        denied = number;
    } else if (strcmp(word, "deaf") == 0) {
        be_deaf();
    } else if (strcmp(word, "swallow") == 0) {
        swallow();
    } else {
        fprintf(stderr, "proxy: unknown word '%s'\n", word);
        exit(2);
    }
    tell("ok");
}

static void read_words(void)
{
    static char text[256];
    static size_t length;
    ssize_t got = read(STDIN_FILENO, text + length, sizeof text - 1 - length);
    if (got <= 0) {
        exit(0); /* whoever started us has gone */
    }
    length += (size_t)got;
    text[length] = '\0';
    for (char *newline; (newline = strchr(text, '\n')) != NULL;) {
        *newline = '\0';
        obey(text);
        length -= (size_t)(newline + 1 - text);
        memmove(text, newline + 1, length + 1);
    }
}

/* ---- the loop ---- */

static short wanted(const struct line *line, int side, int64_t *wake)
{
    const struct way *out = &line->ways[side], *in = &line->ways[!side];
    short events = !frozen && !in->ended && in->queued < QUEUED_MAX ? POLLIN : 0;
    if (!frozen && out->first != NULL) {
        if (out->first->due <= now()) {
            events |= POLLOUT;
        } else if (out->first->due < *wake) {
            *wake = out->first->due;
        }
    }
    return events;
}

static bool serve(struct line *line, const struct pollfd *polled)
{
    for (int side = 0; side < 2; side++) {
        bool readable = polled[side].revents & (POLLIN | POLLHUP | POLLERR);
        struct way *in = &line->ways[!side];
        if (readable && !frozen && !in->ended && in->queued < QUEUED_MAX &&
            !take_bytes(line, !side)) {
            return false;
        }
    }
    return give_bytes(line, TO_HOST) && give_bytes(line, TO_US) &&
           !(line->ways[TO_HOST].shut && line->ways[TO_US].shut);
}

static void turn(void)
{
    struct pollfd fds[2 + 2 * LINES_MAX] = {
        { .fd = STDIN_FILENO, .events = POLLIN },
        { .fd = swallowing ? -1 : listener, .events = POLLIN },
    };
    int64_t wake = now() + 1000;
    for (size_t i = 0; i < line_count; i++) {
        for (int side = 0; side < 2; side++) {
            short events = wanted(&lines[i], side, &wake);
            /* a hang-up is told unasked: do not listen where it would be told again and again */
            fds[2 + 2 * i + (size_t)side] =
                (struct pollfd){ .fd = events == 0 ? -1 : lines[i].fds[side], .events = events };
        }
    }
    int64_t time = wake - now();
    poll(fds, 2 + 2 * line_count, time < 0 ? 0 : (int)time);
    for (size_t i = line_count; i-- > 0 && left != 0;) {
        if (!serve(&lines[i], &fds[2 + 2 * i])) {
            drop_line(i, true);
        }
    }
    if (left == 0) {
        happen();
    }
    if (fds[1].revents != 0) {
        take_connection();
    }
    if (fds[0].revents != 0) {
        read_words();
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: proxy ADDRESS PORT HOST-ADDRESS HOST-PORT\n", stderr);
        return 2;
    }
    here = address_of(argv[1], argv[2]);
    there = address_of(argv[3], argv[4]);
    hear(64);
    for (;;) {
        turn();
    }
}
