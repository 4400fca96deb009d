/*
 * hosts.c - thousands of hosts that cost next to nothing: a server whose logins share one shell.
 *
 *     hosts -a ADDRESS -p PORT -k HOST_KEY
 *
 * A login's shell is not there: what it is asked is given to one real shell, once, and its answer
 * goes to all logins that are asked the same, with their own tokens (24 hexadecimal digits and
 * more) in the place of its own. That is right for questions, and for tasks that find nothing to
 * do. Any key is accepted. A login has one channel; what else is asked for is refused.
 */
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_SIZE (1u << 18) /* bytes */
#define TOKEN_MIN  24         /* hexadecimal digits */
#define TOKENS_MAX 16

struct bytes {
    char *ptr;
    size_t len, cap;
};

/* The different tokens that a login was sent, in their order. */
struct tokens {
    char text[TOKENS_MAX][64];
    size_t count;
};

/* What a shell was asked, and what it wrote; with the tokens of the real one. */
struct exchange {
    struct bytes request, out, err;
    struct exchange *next;
};

/* How hostler ends a request. */
static const char request_end[] = "\n} 3<&0 </dev/null\n";

static struct {
    pthread_mutex_t lock;
    int in, out, err; /* of the real shell */
    struct tokens tokens;
    struct exchange *known;
} real = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void add(struct bytes *to, const char *ptr, size_t len)
{
    if (to->len + len > to->cap) {
        to->cap = (to->len + len) * 2;
        to->ptr = realloc(to->ptr, to->cap);
        if (to->ptr == NULL) {
            abort();
        }
    }
    memcpy(to->ptr + to->len, ptr, len);
    to->len += len;
}

/* ---- tokens ---- */

static size_t hex_run(const char *ptr, size_t len)
{
    size_t run = 0;
    while (run < len && strchr("0123456789abcdef", ptr[run]) != NULL && ptr[run] != '\0') {
        run++;
    }
    return run;
}

static size_t token_index(const struct tokens *tokens, const char *ptr, size_t len)
{
    size_t i = 0;
    while (i < tokens->count &&
           (strlen(tokens->text[i]) != len || memcmp(tokens->text[i], ptr, len) != 0)) {
        i++;
    }
    return i;
}

static void learn_tokens(struct tokens *tokens, const char *ptr, size_t len)
{
    for (size_t at = 0; at < len; at++) {
        size_t run = hex_run(ptr + at, len - at);
        if (run >= TOKEN_MIN && run < sizeof tokens->text[0] && tokens->count < TOKENS_MAX &&
            token_index(tokens, ptr + at, run) == tokens->count) {
            memcpy(tokens->text[tokens->count], ptr + at, run);
            tokens->text[tokens->count++][run] = '\0';
        }
        at += run;
    }
}

/* The token in the command of a shell has quotes in its middle, lest an echo of it be taken for its
 * output. */
static void learn_from_command(struct tokens *tokens, char *command)
{
    static const char quote[] = "\\0042";
    char *at = command;
    while ((at = strstr(at, quote)) != NULL) {
        memmove(at, at + strlen(quote), strlen(at + strlen(quote)) + 1);
    }
    learn_tokens(tokens, command, strlen(command));
}

/* A copy with the tokens of one shell in the place of those of another; they are as long. */
static struct bytes with_tokens(const struct bytes *bytes, const struct tokens *from,
                                const struct tokens *to)
{
    struct bytes copy = { 0 };
    add(&copy, bytes->ptr, bytes->len);
    for (size_t at = 0; at < copy.len; at++) {
        size_t run = hex_run(copy.ptr + at, copy.len - at);
        size_t index = run >= TOKEN_MIN ? token_index(from, copy.ptr + at, run) : SIZE_MAX;
        if (index < from->count && index < to->count && strlen(to->text[index]) == run) {
            memcpy(copy.ptr + at, to->text[index], run);
        }
        at += run;
    }
    return copy;
}

/* ---- the real shell ---- */

static void start_shell(const char *command)
{
    int in[2], out[2], err[2];
    if (pipe(in) != 0 || pipe(out) != 0 || pipe(err) != 0) {
        abort();
    }
    if (fork() == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(err[1], 2);
        close(in[1]);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    real.in = in[1];
    real.out = out[0];
    real.err = err[0];
}

/* "TOKEN LENGTH\n" and so many bytes and a newline. */
static bool is_whole(const struct bytes *reply)
{
    const char *line = memchr(reply->ptr, '\n', reply->len), *space;
    if (line == NULL || (space = memchr(reply->ptr, ' ', (size_t)(line - reply->ptr))) == NULL) {
        return false;
    }
    return reply->len >= (size_t)(line - reply->ptr) + 1 + strtoul(space, NULL, 10) + 1;
}

/* What it writes: a whole reply, or at its start all that comes before it is silent. */
static void take_output(struct exchange *exchange)
{
    bool greeting = exchange->request.len == 0, any = false, quiet = false;
    char chunk[65536];
    while (greeting ? !(any && quiet) : !(exchange->out.len > 0 && is_whole(&exchange->out))) {
        struct pollfd streams[] = { { real.out, POLLIN, 0 }, { real.err, POLLIN, 0 } };
        quiet = poll(streams, 2, 100) == 0;
        for (int i = 0; i < 2; i++) {
            ssize_t got =
                (streams[i].revents & POLLIN) ? read(streams[i].fd, chunk, sizeof chunk) : 0;
            if (got > 0) {
                add(i == 0 ? &exchange->out : &exchange->err, chunk, (size_t)got);
                any = true;
            }
        }
        if ((streams[0].revents & POLLHUP) != 0) {
            abort(); /* it ended: a request that it does not understand */
        }
    }
}

static const struct exchange *find_exchange(const struct bytes *request)
{
    const struct exchange *known = real.known;
    while (known != NULL && (known->request.len != request->len ||
                             memcmp(known->request.ptr, request->ptr, request->len) != 0)) {
        known = known->next;
    }
    return known;
}

/* The real shell does what nobody was asked before. request: with its tokens; taken over. */
static const struct exchange *exchange_of(struct bytes request)
{
    const struct exchange *known = find_exchange(&request);
    if (known != NULL) {
        free(request.ptr);
        return known;
    }
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL || write(real.in, request.ptr, request.len) != (ssize_t)request.len) {
        abort();
    }
    exchange->request = request;
    take_output(exchange);
    exchange->next = real.known;
    real.known = exchange;
    return exchange;
}

/* ---- a login ---- */

static void put(ssh_channel channel, struct bytes bytes, bool is_stderr)
{
    (is_stderr ? ssh_channel_write_stderr : ssh_channel_write)(channel, bytes.ptr,
                                                               (uint32_t)bytes.len);
    free(bytes.ptr);
}

/* A request, whole; empty: the shell has just begun. */
static void answer(ssh_channel channel, const struct bytes *request, const struct tokens *tokens)
{
    pthread_mutex_lock(&real.lock);
    for (size_t i = real.tokens.count; i < tokens->count; i++) {
        memcpy(real.tokens.text[i], tokens->text[i], sizeof tokens->text[i]);
        real.tokens.count++;
    }
    const struct exchange *exchange = exchange_of(with_tokens(request, tokens, &real.tokens));
    struct bytes out = with_tokens(&exchange->out, &real.tokens, tokens);
    struct bytes err = with_tokens(&exchange->err, &real.tokens, tokens);
    pthread_mutex_unlock(&real.lock);
    put(channel, err, true);
    put(channel, out, false);
}

static void serve_shell(ssh_channel channel, char *command)
{
    struct tokens *tokens = calloc(1, sizeof *tokens);
    char *chunk = malloc(65536);
    struct bytes request = { 0 };
    learn_from_command(tokens, command);
    answer(channel, &request, tokens);
    for (;;) {
        int got = ssh_channel_read(channel, chunk, 65536, 0);
        size_t end = strlen(request_end);
        if (got <= 0) {
            break;
        }
        learn_tokens(tokens, chunk, (size_t)got);
        add(&request, chunk, (size_t)got);
        if (request.len >= end && memcmp(request.ptr + request.len - end, request_end, end) == 0) {
            answer(channel, &request, tokens);
            request.len = 0;
        }
    }
    free(request.ptr);
    free(chunk);
    free(tokens);
}

static bool accept_key(ssh_message message)
{
    if (ssh_message_subtype(message) != SSH_AUTH_METHOD_PUBLICKEY) {
        ssh_message_auth_set_methods(message, SSH_AUTH_METHOD_PUBLICKEY);
        ssh_message_reply_default(message);
        return false;
    }
    if (ssh_message_auth_publickey_state(message) == SSH_PUBLICKEY_STATE_VALID) {
        ssh_message_auth_reply_success(message, 0);
        return true;
    }
    ssh_message_auth_reply_pk_ok_simple(message);
    return false;
}

/* Log in, open a channel, ask for a program: what is asked for then, or NULL. */
static char *greet(ssh_session session, ssh_channel *ret_channel)
{
    char *command = NULL;
    ssh_message message;
    while (command == NULL && (message = ssh_message_get(session)) != NULL) {
        int type = ssh_message_type(message), subtype = ssh_message_subtype(message);
        if (type == SSH_REQUEST_AUTH) {
            accept_key(message);
        } else if (type == SSH_REQUEST_CHANNEL_OPEN && *ret_channel == NULL) {
            *ret_channel = ssh_message_channel_request_open_reply_accept(message);
        } else if (type == SSH_REQUEST_CHANNEL && subtype == SSH_CHANNEL_REQUEST_EXEC) {
            command = strdup(ssh_message_channel_request_command(message));
            ssh_message_channel_request_reply_success(message);
        } else {
            ssh_message_reply_default(message);
        }
        ssh_message_free(message);
    }
    return command;
}

static void *serve(void *session_)
{
    ssh_session session = session_;
    ssh_channel channel = NULL;
    int on = 1;
    setsockopt(ssh_get_fd(session), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ssh_set_auth_methods(session, SSH_AUTH_METHOD_PUBLICKEY);
    char *command = ssh_handle_key_exchange(session) == SSH_OK ? greet(session, &channel) : NULL;
    if (command != NULL) {
        pthread_mutex_lock(&real.lock);
        if (real.in == 0) {
            start_shell(command);
        }
        pthread_mutex_unlock(&real.lock);
        serve_shell(channel, command);
    }
    free(command);
    ssh_disconnect(session);
    ssh_free(session);
    return NULL;
}

/* ---- the server ---- */

static ssh_bind listen_at(int argc, char **argv)
{
    int option;
    ssh_bind server = ssh_bind_new();
    while ((option = getopt(argc, argv, "a:p:k:")) != -1) {
        enum ssh_bind_options_e what = option == 'a'   ? SSH_BIND_OPTIONS_BINDADDR
                                       : option == 'p' ? SSH_BIND_OPTIONS_BINDPORT_STR
                                                       : SSH_BIND_OPTIONS_HOSTKEY;
        if (option == '?' || ssh_bind_options_set(server, what, optarg) != SSH_OK) {
            exit(2);
        }
    }
    if (ssh_bind_listen(server) != SSH_OK) {
        fprintf(stderr, "hosts: %s\n", ssh_get_error(server));
        exit(1);
    }
    return server;
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    pthread_attr_t attributes;
    ssh_init();
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    ssh_bind server = listen_at(argc, argv);
    for (;;) {
        pthread_t thread;
        ssh_session session = ssh_new();
        if (ssh_bind_accept(server, session) != SSH_OK) {
            fprintf(stderr, "hosts: %s\n", ssh_get_error(server));
            return 1;
        }
        if (pthread_create(&thread, &attributes, serve, session) != 0) {
            perror("hosts: pthread_create");
            return 1;
        }
    }
}
