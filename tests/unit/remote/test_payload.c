#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "check.h"
#include "remote/shell.h"

/* What a shell makes of the lines. */
static str printed(struct arena *arena, const char *shell, str bytes)
{
    struct strbuf lines = strbuf_in(arena), out = strbuf_in(arena);
    char name[] = "/tmp/hostler-payload.XXXXXX";
    int fd = mkstemp(name);
    cr_assert(fd >= 0);
    close_fd(&fd);
    payload_lines(&lines, bytes);
    FILE *file = fopen(name, "w");
    fwrite(lines.ptr, 1, lines.len, file);
    fclose(file);
    FILE *pipe = popen(str_format(arena, "%s %s", shell, name).ptr, "r");
    size_t got;
    while ((got = fread(strbuf_room(&out, 4096), 1, 4096, pipe)) > 0) {
        strbuf_grew(&out, got);
    }
    cr_assert_eq(pclose(pipe), 0);
    remove(name);
    return strbuf_str(&out);
}

Test(payload, every_byte_arrives)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    char all[20000];
    for (size_t i = 0; i < sizeof all; i++) {
        all[i] = (char)(i * 7 + i / 256);
    }
    const str rows[] = { STR_EMPTY,   S("it's\n"), S("%s %% \\n \\c \\\\"), S("-e -n"),
                         S("a\0b\0"), S("\0007"),  { all, sizeof all } };
    static const char *const shells[] = { "sh", "bash", "busybox sh" };
    for (size_t s = 0; s < ARRAY_LEN(shells); s++) {
        if (system(str_format(arena, "%s -c : 2>/dev/null", shells[s]).ptr) != 0) {
            continue; /* not on this machine */
        }
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            EQ_STR(printed(arena, shells[s], rows[i]), rows[i]);
        }
    }
}

Test(payload, lines_are_short)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    char zeros[100000] = { 0 };
    struct strbuf lines = strbuf_in(arena);
    payload_lines(&lines, (str){ zeros, sizeof zeros });
    str rest = strbuf_str(&lines);
    while (rest.len > 0) {
        cr_assert_lt(str_cut_line(&rest).len, 65536u);
    }
}
