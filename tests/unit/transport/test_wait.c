/* The clock and the one place that waits. */
#include "check.h"
#include "transport/wire.h"

Test(wait, deadlines)
{
    cr_assert_eq(deadline_in(0), DEADLINE_NEVER);
    cr_assert_eq(deadline_in(-1), DEADLINE_NEVER);
    cr_assert_eq(deadline_in(1e12), DEADLINE_NEVER);
    int64_t now = wire_now();
    deadline soon = deadline_in(1.5);
    cr_assert(soon >= now + 1500 && soon <= now + 1600);
}

Test(wait, ready_late_and_woken)
{
    int data[2], wake[2];
    cr_assert(pipe(data) == 0 && pipe(wake) == 0);
    struct pollfd fd = { .fd = data[0], .events = POLLIN };

    int64_t before = wire_now();
    cr_assert_eq(transport_wait(&fd, 1, wake[0], before + 30), WIRE_TIMEOUT);
    cr_assert(wire_now() >= before + 30);
    cr_assert_eq(transport_wait(NULL, 0, -1, 0), WIRE_TIMEOUT);

    cr_assert(write(data[1], "x", 1) == 1);
    cr_assert_eq(transport_wait(&fd, 1, wake[0], DEADLINE_NEVER), WIRE_OK);
    cr_assert(fd.revents & POLLIN);

    cr_assert(write(wake[1], "x", 1) == 1);
    cr_assert_eq(transport_wait(&fd, 1, wake[0], DEADLINE_NEVER), WIRE_INTERRUPTED);
}

Test(wait, tokens_differ)
{
    BENCH(bench);
    str one = token_new(bench.arena), two = token_new(bench.arena);
    cr_assert_eq(one.len, TOKEN_LEN);
    cr_assert(!str_eq(one, two));
}
