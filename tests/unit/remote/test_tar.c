#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "remote/tar.h"

static void add_member(struct strbuf *out, str name, str bytes)
{
    size_t before = out->len;
    tar_header(out, name, bytes.len);
    strbuf_add(out, bytes);
    strbuf_add_repeat(out, '\0', tar_padding(bytes.len));
    cr_assert_eq(out->len - before, tar_member_size(name, bytes.len));
}

/* What a program on this machine makes of an archive. */
static str listed(struct arena *arena, const char *command, str archive)
{
    struct strbuf out = strbuf_in(arena);
    char name[] = "/tmp/hostler-tar.XXXXXX";
    int fd = mkstemp(name);
    FILE *file = fdopen(fd, "w");
    fwrite(archive.ptr, 1, archive.len, file);
    fclose(file);
    FILE *pipe = popen(str_format(arena, "%s <%s", command, name).ptr, "r");
    size_t got;
    while ((got = fread(strbuf_room(&out, 4096), 1, 4096, pipe)) > 0) {
        strbuf_grew(&out, got);
    }
    cr_assert_eq(pclose(pipe), 0);
    remove(name);
    return strbuf_str(&out);
}

Test(tar, programs_read_it)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    struct strbuf archive = strbuf_in(arena), want = strbuf_in(arena);
    const int lengths[] = { 1, 98, 99, 100, 101, 255, 511, 512, 513, 3000 };
    char many[1500] = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        str name = str_format(arena, "%0*d", lengths[i], 7);
        add_member(&archive, name, (str){ many, i * 160 });
        strbuf_addf(&want, "%.*s\n", SARG(name));
    }
    strbuf_add_repeat(&archive, '\0', TAR_END);
    EQ_STR(listed(arena, "tar tf -", strbuf_str(&archive)), strbuf_str(&want));
    if (system("busybox tar --help >/dev/null 2>&1") == 0) {
        EQ_STR(listed(arena, "busybox tar tf -", strbuf_str(&archive)), strbuf_str(&want));
    }
}

Test(tar, sizes)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    static const struct {
        uint64_t size;
        const char *listed;
    } rows[] = { { 0, " 0 " },
                 { 8589934591, " 8589934591 " }, /* the largest of eleven octal digits */
                 { 8589934592, " 8589934592 " },
                 { 1099511627776, " 1099511627776 " } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf archive = strbuf_in(arena);
        tar_header(&archive, S("big"), rows[i].size);
        str line = listed(arena, "{ tar tvf - 2>/dev/null; :; }", strbuf_str(&archive));
        cr_assert_neq(str_find(line, str_of(rows[i].listed), 0), STR_NPOS, "%.*s", SARG(line));
    }
    cr_assert_eq(tar_padding(0), 0u);
    cr_assert_eq(tar_padding(1), 511u);
    cr_assert_eq(tar_padding(512), 0u);
}
