/*
 * hosts.c - thousands of hosts that cost next to nothing: a server whose logins share one answer.
 *
 *     hosts -a ADDRESS -p PORT -k HOST_KEY
 *
 * The first login gets a real shell, and a tape of it is made: so many bytes came, then these went
 * out. Each later login is answered from the tape, so it must be sent the same as the first one,
 * but for the tokens (24 hexadecimal digits and more), which are put where the first one's were.
 * That is so for tasks which find nothing to do and do not name their host. Any key is accepted. A
 * login has one channel; what else is asked for is refused.
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

/* After `came` bytes in all, `out` goes out. */
struct answer {
    size_t came;
    bool is_stderr;
    struct bytes out;
};

static struct {
    struct answer *answers;
    size_t count;
    struct tokens tokens; /* of the login that was taped */
    bool ready;
} tape;

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

/* `out` of the tape with the tokens of another login; they are as long. */
static struct bytes with_tokens(const struct bytes *out, const struct tokens *tokens)
{
    struct bytes copy = { 0 };
    add(&copy, out->ptr, out->len);
    for (size_t at = 0; at < copy.len; at++) {
        size_t run = hex_run(copy.ptr + at, copy.len - at);
        size_t index = run >= TOKEN_MIN ? token_index(&tape.tokens, copy.ptr + at, run) : SIZE_MAX;
        if (index < tokens->count && index < tape.tokens.count &&
            strlen(tokens->text[index]) == run) {
            memcpy(copy.ptr + at, tokens->text[index], run);
        }
        at += run;
    }
    return copy;
}

/* ---- a login ---- */

static void put(ssh_channel channel, const char *ptr, size_t len, bool is_stderr)
{
    (is_stderr ? ssh_channel_write_stderr : ssh_channel_write)(channel, ptr, (uint32_t)len);
}

static pid_t start_shell(const char *command, int *ret_in, int *ret_out, int *ret_err)
{
    int in[2], out[2], err[2];
    if (pipe(in) != 0 || pipe(out) != 0 || pipe(err) != 0) {
        abort();
    }
    pid_t pid = fork();
    if (pid == 0) {
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
    *ret_in = in[1];
    *ret_out = out[0];
    *ret_err = err[0];
    return pid;
}

static void tape_answer(const char *ptr, size_t len, size_t came, bool is_stderr)
{
    struct answer *last = tape.count == 0 ? NULL : &tape.answers[tape.count - 1];
    if (last == NULL || last->came != came || last->is_stderr != is_stderr) {
        tape.answers = realloc(tape.answers, (tape.count + 1) * sizeof *tape.answers);
        if (tape.answers == NULL) {
            abort();
        }
        last = &tape.answers[tape.count++];
        *last = (struct answer){ .came = came, .is_stderr = is_stderr };
    }
    add(&last->out, ptr, len);
}

/* Answered by a real shell, which is taped. */
static void serve_shell(ssh_session session, ssh_channel channel, char *command)
{
    char chunk[65536];
    size_t came = 0;
    int in, got = 0;
    struct pollfd streams[] = { { .events = POLLIN }, { .events = POLLIN } };
    pid_t pid = start_shell(command, &in, &streams[0].fd, &streams[1].fd);
    learn_from_command(&tape.tokens, command);
    while (got >= 0 && !ssh_channel_is_eof(channel) && ssh_is_connected(session)) {
        got = ssh_channel_read_timeout(channel, chunk, sizeof chunk, 0, 1);
        if (got > 0) {
            learn_tokens(&tape.tokens, chunk, (size_t)got);
            came += (size_t)got;
            got = (int)write(in, chunk, (size_t)got);
        }
        while (poll(streams, 2, 1) > 0 && ((streams[0].revents | streams[1].revents) & POLLIN)) {
            bool is_stderr = !(streams[0].revents & POLLIN);
            ssize_t printed = read(streams[is_stderr].fd, chunk, sizeof chunk);
            if (printed > 0) {
                tape_answer(chunk, (size_t)printed, came, is_stderr);
                put(channel, chunk, (size_t)printed, is_stderr);
            }
        }
    }
    close(in);
    close(streams[0].fd);
    close(streams[1].fd);
    waitpid(pid, NULL, 0);
    tape.ready = true;
}

static void serve_tape(ssh_channel channel, char *command)
{
    struct tokens *tokens = calloc(1, sizeof *tokens);
    char *chunk = malloc(65536);
    size_t came = 0, next = 0;
    learn_from_command(tokens, command);
    for (;;) {
        while (next < tape.count && came >= tape.answers[next].came) {
            const struct answer *answer = &tape.answers[next++];
            struct bytes out = with_tokens(&answer->out, tokens);
            put(channel, out.ptr, out.len, answer->is_stderr);
            free(out.ptr);
        }
        int got = ssh_channel_read(channel, chunk, 65536, 0);
        if (got <= 0) {
            break;
        }
        learn_tokens(tokens, chunk, (size_t)got);
        came += (size_t)got;
    }
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
    if (command != NULL && tape.ready) {
        serve_tape(channel, command);
    } else if (command != NULL) {
        serve_shell(session, channel, command);
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
