/* test_pause.c - waiting at a terminal, with keys from a pseudo-terminal. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/arena.h"
#include "cli/output.h"

struct typist {
    int master;
    const char *keys;
};

/* What is typed before the terminal was made ready does not count. */
static void *type(void *typist_)
{
    struct typist *typist = typist_;
    struct termios mode;
    do {
        usleep(1000);
        cr_assert_eq(tcgetattr(typist->master, &mode), 0);
    } while ((mode.c_lflag & ICANON) != 0);
    cr_assert_eq(write(typist->master, typist->keys, strlen(typist->keys)),
                 (ssize_t)strlen(typist->keys));
    return NULL;
}

static int open_terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    cr_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    cr_assert(slave >= 0);
    dup2(slave, STDIN_FILENO);
    close(slave);
    return master;
}

Test(pause, keys)
{
    static const struct {
        const char *keys;
        double seconds;
        enum pause_end end;
        const char *input;
    } rows[] = {
        { "abc\r", -1, PAUSE_OVER, "abc" },
        { "\n", -1, PAUSE_OVER, "" },
        { "ax\177bcc\b\r", -1, PAUSE_OVER, "abc" },
        { "\303\251\303\244\177\r", -1, PAUSE_OVER, "\303\251" },
        { "\177\177a\r", -1, PAUSE_OVER, "a" },
        { "ab\003xyc", -1, PAUSE_OVER, "ab" },
        { "ab\003A", -1, PAUSE_ABORTED, "ab" },
        { "ab\r", 0.2, PAUSE_OVER, "" },
        { "\003c", 60, PAUSE_OVER, "" },
        { "\003a", 60, PAUSE_ABORTED, "" },
    };
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    int master = open_terminal();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pause pause = { .seconds = rows[i].seconds, .echo = true, .wake = -1 };
        struct typist typist = { master, rows[i].keys };
        struct termios before, after;
        pthread_t thread;
        str input = STR_NONE;
        tcgetattr(STDIN_FILENO, &before);
        pthread_create(&thread, NULL, type, &typist);
        enum pause_end end = terminal_pause(NULL, arena, &pause, &input);
        pthread_join(thread, NULL);
        tcgetattr(STDIN_FILENO, &after);
        tcflush(STDIN_FILENO, TCIFLUSH);
        cr_expect_eq(end, rows[i].end, "row %zu", i);
        cr_expect(str_eq(input, str_of(rows[i].input)), "row %zu: '%.*s'", i, SARG(input));
        cr_expect_eq(before.c_lflag, after.c_lflag, "row %zu", i);
    }
    close(master);
}

Test(pause, interrupted)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    int master = open_terminal(), wake[2];
    cr_assert_eq(pipe(wake), 0);
    cr_assert_eq(write(wake[1], "x", 1), 1);
    struct pause pause = { .seconds = -1, .echo = true, .wake = wake[0] };
    str input;
    cr_expect_eq(terminal_pause(NULL, arena, &pause, &input), PAUSE_INTERRUPTED);
    close(master);
    close(wake[0]);
    close(wake[1]);
}
