/*
 * bare.c - the limit of the wire: connects to hosts, opens a shell on each and makes so many round
 * trips, one program each, and nothing else. What hostler's time is held against.
 *
 *     bare [-n TRIPS] [-c COMMAND] -p PORT -l USER -i KEY -k KNOWN_HOSTS ADDRESS...
 *
 * A thread for each host; 8 handshakes at a time. Prints the seconds until all hosts had a shell,
 * until the end, and of CPU: "connected 0.191 all 0.576 cpu 0.081".
 */
#include <libssh/libssh.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HANDSHAKES 8
#define STACK_SIZE (1u << 19) /* bytes */
#define END        "-- end --\n"

static struct {
    unsigned trips;
    const char *command, *user, *key, *known_hosts;
    unsigned port;
    struct timespec began;
    pthread_mutex_t lock;
    double connected; /* seconds until the last host had its shell */
    sem_t handshakes;
} bench = {
    .trips = 50,
    .command = "stat -L -c '%s:%f:%u:%g:%Y:%X:%Z:%i:%d:%h:%U:%G:%N' /etc/hostname",
    .user = "root",
    .port = 22,
    .lock = PTHREAD_MUTEX_INITIALIZER,
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - bench.began.tv_sec) +
           (double)(now.tv_nsec - bench.began.tv_nsec) / 1e9;
}

__attribute__((noreturn)) static void fail(const char *address, const char *doing,
                                           ssh_session session)
{
    fprintf(stderr, "bare: %s: %s: %s\n", address, doing, ssh_get_error(session));
    exit(1);
}

/* Until the socket has something for us. An ACK that is not delayed keeps a server that has two
 * packets to send from waiting 40 ms between them. */
static void wait_readable(ssh_session session)
{
    struct pollfd socket = { .fd = ssh_get_fd(session), .events = POLLIN };
    int on = 1;
    setsockopt(socket.fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    poll(&socket, 1, 10000);
}

static void log_in(ssh_session session, const char *address)
{
    ssh_key key = NULL;
    int on = 1, no = 0;
    ssh_options_set(session, SSH_OPTIONS_HOST, address);
    ssh_options_set(session, SSH_OPTIONS_PORT, &bench.port);
    ssh_options_set(session, SSH_OPTIONS_USER, bench.user);
    ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, bench.known_hosts);
    ssh_options_set(session, SSH_OPTIONS_NODELAY, &on);
    ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
    if (ssh_connect(session) != SSH_OK) {
        fail(address, "connect", session);
    }
    if (ssh_session_is_known_server(session) != SSH_KNOWN_HOSTS_OK) {
        fail(address, "known_hosts", session);
    }
    if (ssh_pki_import_privkey_file(bench.key, NULL, NULL, NULL, &key) != SSH_OK ||
        ssh_userauth_publickey(session, NULL, key) != SSH_AUTH_SUCCESS) {
        fail(address, "log in", session);
    }
    ssh_key_free(key);
}

static ssh_channel open_shell(ssh_session session, const char *address)
{
    int status;
    ssh_channel channel = ssh_channel_new(session);
    ssh_set_blocking(session, 0);
    while ((status = ssh_channel_open_session(channel)) == SSH_AGAIN) {
        wait_readable(session);
    }
    if (status != SSH_OK) {
        fail(address, "open a session", session);
    }
    while ((status = ssh_channel_request_exec(channel, "sh")) == SSH_AGAIN) {
        wait_readable(session);
    }
    if (status != SSH_OK) {
        fail(address, "start a shell", session);
    }
    return channel;
}

/* One round trip: the command goes out, its output comes back, with an end that tells it is all. */
static void make_trip(ssh_session session, ssh_channel channel, const char *address)
{
    char line[1024], answer[4096];
    size_t have = 0, end = strlen(END);
    int length = snprintf(line, sizeof line, "o=$(%s); printf '%%s\\n%s' \"$o\"\n", bench.command,
                          "-- end --\\n");
    if (ssh_channel_write(channel, line, (uint32_t)length) != length) {
        fail(address, "send", session);
    }
    while (have < end || memcmp(answer + have - end, END, end) != 0) {
        int got = ssh_channel_read_nonblocking(channel, answer + have,
                                               (uint32_t)(sizeof answer - have), 0);
        if (got < 0 || (got == 0 && ssh_channel_is_eof(channel)) || have == sizeof answer) {
            fail(address, "receive", session);
        }
        if (got == 0) {
            wait_readable(session);
        }
        have += (size_t)got;
    }
}

static void *work_on(void *address_)
{
    const char *address = address_;
    ssh_session session = ssh_new();
    sem_wait(&bench.handshakes);
    log_in(session, address);
    ssh_channel channel = open_shell(session, address);
    sem_post(&bench.handshakes);
    pthread_mutex_lock(&bench.lock);
    bench.connected = seconds();
    pthread_mutex_unlock(&bench.lock);
    for (unsigned i = 0; i < bench.trips; i++) {
        make_trip(session, channel, address);
    }
    ssh_set_blocking(session, 1);
    ssh_channel_free(channel);
    ssh_disconnect(session);
    ssh_free(session);
    return NULL;
}

static void read_options(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "n:c:p:l:i:k:")) != -1) {
        switch (option) {
        case 'n':
            bench.trips = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'c':
            bench.command = optarg;
            break;
        case 'p':
            bench.port = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'l':
            bench.user = optarg;
            break;
        case 'i':
            bench.key = optarg;
            break;
        case 'k':
            bench.known_hosts = optarg;
            break;
        default:
            exit(2);
        }
    }
    if (bench.key == NULL || bench.known_hosts == NULL || optind == argc) {
        fputs("usage: bare [-n TRIPS] [-c COMMAND] -p PORT -l USER -i KEY -k KNOWN_HOSTS "
              "ADDRESS...\n",
              stderr);
        exit(2);
    }
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    size_t count = (size_t)(argc - optind);
    pthread_t *threads = calloc(count, sizeof *threads);
    pthread_attr_t attributes;
    if (threads == NULL) {
        return 1;
    }
    ssh_init();
    clock_gettime(CLOCK_MONOTONIC, &bench.began);
    sem_init(&bench.handshakes, 0, HANDSHAKES);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    for (size_t i = 0; i < count; i++) {
        if (pthread_create(&threads[i], &attributes, work_on, argv[optind + (int)i]) != 0) {
            perror("bare: pthread_create");
            return 1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("connected %.3f all %.3f cpu %.3f\n", bench.connected, seconds(), cpu_seconds());
    free(threads);
    ssh_finalize();
    return 0;
}
