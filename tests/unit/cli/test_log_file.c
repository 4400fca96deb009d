/* test_log_file.c - entries of the log. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "cli/log_file.h"

Test(log_file, entries)
{
    static const struct {
        str text, expected;
    } rows[] = {
        { S_INIT("plain"), S_INIT("plain\n") },
        { S_INIT("\n\nTASK [x] ***\n"), S_INIT("TASK [x] ***\n") },
        { S_INIT("\033[0;32mok: [a]\033[0m"), S_INIT("ok: [a]\n") },
        { S_INIT("\033[mno colour\033[1;31m"), S_INIT("no colour\n") },
        /* what a host prints must not hide what stands behind it */
        { S_INIT("\033[2J failed, and more"), S_INIT("\033[2J failed, and more\n") },
        { S_INIT("at the end \033[0;3"), S_INIT("at the end \033[0;3\n") },
        { S_INIT("\033\033[0m"), S_INIT("\033\n") },
        { S_INIT("\n"), S_INIT("") },
        { S_INIT(""), S_INIT("") },
    };
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[] = "/tmp/log_file.XXXXXX", text[256];
        CLEANUP(close_fd) int fd = mkstemp(path);
        cr_assert(fd >= 0);
        struct log_file *log = log_file_open(arena, NULL, str_of(path), SPAN_NONE);
        cr_assert(log != NULL);
        log_file_add(log, arena, rows[i].text);
        log_file_close(log);
        ssize_t len = read(fd, text, sizeof text);
        unlink(path);
        cr_assert(len >= 0);
        str got = { text, (size_t)len };
        size_t head = str_find(got, S(" n=ansible | "), 0);
        got = head == STR_NPOS ? got : str_part(got, head + strlen(" n=ansible | "), got.len);
        cr_expect(str_eq(got, rows[i].expected), "row %zu: %.*s", i, SARG(got));
    }
}
