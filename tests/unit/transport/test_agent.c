/* The way to the user's agent; what goes over it is looked at by tests/e2e/transport. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"
#include "transport/agent.h"

enum { MANY = 64 };

/* Somebody listens but lets nobody in: sooner or later his queue is full. */
Test(agent, is_not_waited_for)
{
    BENCH(bench);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    str path = bench_file(&bench, "agent", "");
    unlink(path.ptr);
    memcpy(address.sun_path, path.ptr, path.len);
    CLEANUP(close_fd) int hung = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(hung, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(hung, 1), 0);

    int fds[MANY];
    size_t count = 0;
    alarm(20);
    while (count < MANY && (fds[count] = agent_connect(path)) >= 0) {
        count++;
    }
    cr_assert(count > 0 && count < MANY);
    cr_assert_eq(errno, EAGAIN);
    while (count > 0) {
        close(fds[--count]);
    }
}

Test(agent, is_not_there)
{
    BENCH(bench);
    cr_assert_eq(agent_connect(S("/no/such/agent")), -1);
    cr_assert_eq(errno, ENOENT);
    struct strbuf path = strbuf_in(bench.arena);
    strbuf_add_repeat(&path, 'x', 200);
    cr_assert_eq(agent_connect(strbuf_str(&path)), -1);
    cr_assert_eq(errno, ENAMETOOLONG);
}
