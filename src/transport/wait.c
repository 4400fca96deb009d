/*
 * wait.c - the clock, and the one place where this room waits.
 */
#include <errno.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/strbuf.h"
#include "transport/wire.h"

int64_t wire_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

deadline deadline_in(double seconds)
{
    const double most = 1e9; /* 30 years are as good as never, and fit */
    if (!(seconds > 0) || seconds > most) {
        return DEADLINE_NEVER;
    }
    return wire_now() + (int64_t)(seconds * 1000) + 1; /* a started millisecond counts whole */
}

/* Milliseconds left, as poll(2) wants them. */
static int time_left(deadline until)
{
    if (until == DEADLINE_NEVER) {
        return -1;
    }
    int64_t left = until - wire_now();
    return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

enum wire_status transport_poll(struct pollfd *fds, size_t count, deadline until)
{
    for (;;) {
        int ready = poll(fds, count, time_left(until));
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready < 0) {
            BUG("poll: %m");
        }
        if (ready > 0) {
            return WIRE_OK;
        }
        if (time_left(until) == 0) {
            return WIRE_TIMEOUT;
        }
    }
}

enum wire_status transport_wait(struct pollfd *fds, size_t count, int wake, deadline until)
{
    struct pollfd all[8];
    BUG_ON(count >= ARRAY_LEN(all));
    for (size_t i = 0; i < count; i++) {
        all[i] = fds[i];
    }
    all[count] = (struct pollfd){ .fd = wake, .events = POLLIN }; /* poll skips a negative fd */
    enum wire_status status = transport_poll(all, count + 1, until);
    for (size_t i = 0; i < count; i++) {
        fds[i].revents = all[i].revents;
    }
    return all[count].revents ? WIRE_INTERRUPTED : status;
}

bool wire_read_pipe(struct arena *arena, int fd, size_t most, int wake, deadline until, str *ret)
{
    enum { STEP = 4096 };
    struct strbuf text = strbuf_in(arena);
    for (;;) {
        struct pollfd readable = { .fd = fd, .events = POLLIN };
        enum wire_status status = transport_wait(&readable, 1, wake, until);
        if (status != WIRE_OK) {
            errno = status == WIRE_TIMEOUT ? ETIMEDOUT : EINTR;
            return false;
        }
        ssize_t got = read(fd, strbuf_room(&text, STEP), STEP);
        if (got < 0 && errno != EINTR && errno != EAGAIN) {
            return false;
        }
        if (got == 0) {
            *ret = strbuf_str(&text);
            return true;
        }
        strbuf_grew(&text, got > 0 ? (size_t)got : 0);
        if (text.len > most) {
            errno = EFBIG;
            return false;
        }
    }
}

enum wire_status wire_vfail(struct arena *arena, struct wire_error *ret, enum wire_status status,
                            str hint, const char *format, va_list args)
{
    struct strbuf text = strbuf_in(arena);
    strbuf_vaddf(&text, format, args);
    *ret = (struct wire_error){ .status = status, .message = strbuf_str(&text), .hint = hint };
    return status;
}

enum wire_status wire_fail(struct arena *arena, struct wire_error *ret, enum wire_status status,
                           str hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wire_vfail(arena, ret, status, hint, format, args);
    va_end(args);
    return status;
}

str token_new(struct arena *arena)
{
    return str_random_hex(arena, TOKEN_LEN / 2);
}
