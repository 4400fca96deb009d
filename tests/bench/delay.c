/*
 * delay.c - a wire that is long: passes connections on, each byte so many milliseconds later.
 *
 *     delay MILLISECONDS ADDRESS PORT TO_ADDRESS TO_PORT
 *
 * Bytes that come together leave together, as packets would on a long line without loss. Prints,
 * when a connection ends, how many round trips it took (how often the client sent something after
 * it had got something, once for making the connection included), and how many bytes both ways.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 65536 /* bytes read at once */

static struct {
    int64_t delay; /* milliseconds */
    struct sockaddr_in from, to;
} options;

struct packet {
    struct packet *next;
    int64_t due;
    size_t sent, len; /* len 0: the end of the stream */
    char bytes[];
};

/* One direction of a connection. */
struct line {
    int from, to;
    bool ended; /* nothing more comes */
    bool closed;
    struct packet *first, **last;
};

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* How many bytes. */
static size_t take(struct line *line)
{
    struct packet *packet = malloc(sizeof *packet + CHUNK);
    if (packet == NULL) {
        abort();
    }
    ssize_t got = read(line->from, packet->bytes, CHUNK);
    *packet = (struct packet){ .due = now() + options.delay, .len = got > 0 ? (size_t)got : 0 };
    packet = realloc(packet, sizeof *packet + packet->len + 1);
    line->ended = got <= 0;
    *line->last = packet;
    line->last = &packet->next;
    return packet->len;
}

static void drop_first(struct line *line)
{
    struct packet *packet = line->first;
    line->first = packet->next;
    if (line->first == NULL) {
        line->last = &line->first;
    }
    free(packet);
}

/* Send what is due. False: the other side does not want it. */
static bool pass_on(struct line *line)
{
    while (line->first != NULL && line->first->due <= now()) {
        struct packet *packet = line->first;
        if (packet->len == 0) {
            line->closed = true;
            shutdown(line->to, SHUT_WR);
            drop_first(line);
            return true;
        }
        ssize_t sent = send(line->to, packet->bytes + packet->sent, packet->len - packet->sent,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            return errno == EAGAIN;
        }
        packet->sent += (size_t)sent;
        if (packet->sent < packet->len) {
            return true;
        }
        drop_first(line);
    }
    return true;
}

/* Milliseconds until the next packet is due; -1: none is on its way. */
static int until_due(const struct line *lines)
{
    int wait = -1;
    for (int i = 0; i < 2; i++) {
        if (lines[i].first != NULL) {
            int64_t left = lines[i].first->due - now();
            int most = left < 1 ? 1 : (int)left;
            wait = wait < 0 || most < wait ? most : wait;
        }
    }
    return wait;
}

static void carry(int a, int b)
{
    struct line lines[2] = { { .from = a, .to = b }, { .from = b, .to = a } };
    bool good = true, answered = true;
    unsigned trips = 1;
    unsigned long long bytes = 0;
    lines[0].last = &lines[0].first;
    lines[1].last = &lines[1].first;
    while (good && !(lines[0].closed && lines[1].closed)) {
        struct pollfd fds[2] = { { .fd = lines[0].ended ? -1 : a, .events = POLLIN },
                                 { .fd = lines[1].ended ? -1 : b, .events = POLLIN } };
        poll(fds, 2, until_due(lines));
        for (int i = 0; i < 2; i++) {
            if (fds[i].revents != 0) {
                bytes += take(&lines[i]);
                trips += i == 0 && answered && !lines[i].ended;
                answered = i == 1;
            }
            good = pass_on(&lines[i]) && good;
        }
    }
    for (int i = 0; i < 2; i++) {
        while (lines[i].first != NULL) {
            drop_first(&lines[i]);
        }
    }
    printf("%u %llu\n", trips, bytes);
    fflush(stdout);
}

static void *serve(void *client_)
{
    int client = (int)(intptr_t)client_, on = 1;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    struct timespec handshake = { options.delay * 2 / 1000, options.delay * 2 % 1000 * 1000000 };
    nanosleep(&handshake, NULL); /* the SYN and its answer travel, too */
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(server, (struct sockaddr *)&options.to, sizeof options.to) == 0) {
        carry(client, server);
    }
    close(server);
    close(client);
    return NULL;
}

static struct sockaddr_in address(const char *text, const char *port)
{
    struct sockaddr_in made = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)strtoul(port, NULL, 10)) };
    if (inet_pton(AF_INET, text, &made.sin_addr) != 1) {
        fprintf(stderr, "delay: '%s' is no address\n", text);
        exit(2);
    }
    return made;
}

int main(int argc, char **argv)
{
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    if (argc != 6) {
        fputs("usage: delay MILLISECONDS ADDRESS PORT TO_ADDRESS TO_PORT\n", stderr);
        return 2;
    }
    options.delay = strtol(argv[1], NULL, 10);
    options.from = address(argv[2], argv[3]);
    options.to = address(argv[4], argv[5]);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&options.from, sizeof options.from) != 0 ||
        listen(listener, 128) != 0) {
        perror("delay");
        return 1;
    }
    for (;;) {
        pthread_t thread;
        int client = accept(listener, NULL, NULL);
        if (client >= 0 && pthread_create(&thread, NULL, serve, (void *)(intptr_t)client) == 0) {
            pthread_detach(thread);
        }
    }
}
