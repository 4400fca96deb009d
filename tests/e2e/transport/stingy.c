/*
 * stingy.c - a jump host whose server opens only a few channels for each login: stingy ADDRESS
 * PORT KEY LIMIT. It lets everybody in, prints a line for each login, and ends when it is killed.
 */
#define LIBSSH_LEGACY_0_4
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int limit;

struct login {
    ssh_session session;
    ssh_event event;
    int channels;
};

static int connect_to(const char *host, int port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(host, service, &hints, &found) != 0) {
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

static void join(struct login *login, ssh_channel channel, int fd)
{
    ssh_connector in = ssh_connector_new(login->session), out = ssh_connector_new(login->session);
    ssh_connector_set_in_channel(out, channel, SSH_CONNECTOR_STDINOUT);
    ssh_connector_set_out_fd(out, fd);
    ssh_connector_set_in_fd(in, fd);
    ssh_connector_set_out_channel(in, channel, SSH_CONNECTOR_STDINOUT);
    ssh_event_add_connector(login->event, out);
    ssh_event_add_connector(login->event, in);
}

/* 1: the library's own answer, which for a channel is "administratively prohibited". */
static int on_message(ssh_session session, ssh_message message, void *data)
{
    struct login *login = data;
    if (ssh_message_type(message) == SSH_REQUEST_AUTH) {
        ssh_message_auth_reply_success(message, 0);
        return 0;
    }
    if (ssh_message_type(message) != SSH_REQUEST_CHANNEL_OPEN ||
        ssh_message_subtype(message) != SSH_CHANNEL_DIRECT_TCPIP || login->channels == limit) {
        return 1;
    }
    int fd = connect_to(ssh_message_channel_request_open_destination(message),
                        ssh_message_channel_request_open_destination_port(message));
    if (fd < 0) {
        return 1;
    }
    login->channels++;
    join(login, ssh_message_channel_request_open_reply_accept(message), fd);
    return 0;
}

static void *serve(void *data)
{
    struct login login = { .session = data, .event = ssh_event_new() };
    ssh_set_message_callback(login.session, on_message, &login);
    if (ssh_handle_key_exchange(login.session) == SSH_OK) {
        puts("login");
        fflush(stdout);
        ssh_event_add_session(login.event, login.session);
        while (ssh_is_connected(login.session) && ssh_event_dopoll(login.event, -1) != SSH_ERROR) {
        }
    }
    return NULL; /* what the login held is left to the end of the program */
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        return 2;
    }
    limit = atoi(argv[4]);
    ssh_init();
    ssh_bind server = ssh_bind_new();
    ssh_bind_options_set(server, SSH_BIND_OPTIONS_BINDADDR, argv[1]);
    ssh_bind_options_set(server, SSH_BIND_OPTIONS_BINDPORT_STR, argv[2]);
    ssh_bind_options_set(server, SSH_BIND_OPTIONS_HOSTKEY, argv[3]);
    if (ssh_bind_listen(server) != SSH_OK) {
        fprintf(stderr, "stingy: %s\n", ssh_get_error(server));
        return 1;
    }
    puts("listening");
    fflush(stdout);
    for (;;) {
        pthread_t thread;
        ssh_session session = ssh_new();
        if (ssh_bind_accept(server, session) == SSH_OK) {
            pthread_create(&thread, NULL, serve, session);
            pthread_detach(thread);
        }
    }
}
