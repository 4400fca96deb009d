#include "check.h"
#include "remote/reply.h"

#define T S("0123456789abcdef01234567")

Test(reply, frames)
{
    static const struct {
        str bytes;
        enum frame frame;
        size_t used;
        str payload;
    } rows[] = {
        { S_INIT("0123456789abcdef01234567 3\nabc\n"), FRAME_REPLY, 31, S_INIT("abc") },
        { S_INIT("0123456789abcdef01234567 0\n\n"), FRAME_REPLY, 28, S_INIT("") },
        { S_INIT("0123456789abcdef01234567 3\nabc"), FRAME_MORE, 0, S_INIT("") },
        { S_INIT("0123456789abcdef01234567 3\nabcd"), FRAME_BROKEN, 0, S_INIT("") },
        { S_INIT("0123456789abcdef01234567 +\n"), FRAME_READY, 27, S_INIT("") },
        { S_INIT("01234"), FRAME_MORE, 0, S_INIT("") },
        { S_INIT("0123456789abcdef01234567 12"), FRAME_MORE, 0, S_INIT("") },
        { S_INIT("0123x"), FRAME_BROKEN, 0, S_INIT("") },
        { S_INIT("0123456789abcdef01234567\n"), FRAME_BROKEN, 0, S_INIT("") },
        { S_INIT("0123456789abcdef01234567 -1\n"), FRAME_BROKEN, 0, S_INIT("") },
        { S_INIT("0123456789abcdef01234567 999999999999\nx"), FRAME_BROKEN, 0, S_INIT("") },
        { S_INIT("0123456789abcdef01234567 11111111111111111111111111"), FRAME_BROKEN, 0,
          S_INIT("") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str payload = STR_EMPTY;
        size_t used = 0;
        enum frame frame = frame_read(rows[i].bytes, T, &payload, &used);
        cr_assert_eq(frame, rows[i].frame, "row %zu: %d", i, (int)frame);
        cr_assert_eq(used, rows[i].used, "row %zu: %zu", i, used);
        EQ_STR(payload, rows[i].payload);
    }
}

Test(reply, sections)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    struct reply reply;
    cr_assert(reply_parse(arena, T, S("a 1\nx\nlong 3\nl\ni\nnone 0\n\n"), &reply));
    EQ_STR(reply_get(&reply, S("a")), S("x"));
    EQ_STR(reply_get(&reply, S("long")), S("l\ni"));
    EQ_STR(reply_get(&reply, S("none")), STR_EMPTY);
    cr_assert(str_is_none(reply_get(&reply, S("b"))));
    const str bad[] = {
        S("a"), S("a 1\nx"), S("a 5\nx\n"), S(" 1\nx\n"), S("a 1 x\n"), S("a 1\nxy")
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cr_assert(!reply_parse(arena, T, bad[i], &reply), "row %zu", i);
    }
}

Test(reply, encoded_bytes)
{
    static const struct {
        str encoded;
        bool ok;
        str bytes;
    } rows[] = {
        { S_INIT("="), true, S_INIT("") },
        { S_INIT("=aGVsbG8="), true, S_INIT("hello") },
        { S_INIT("=aGVs\nbG8=\n"), true, S_INIT("hello") },
        { S_INIT("=AAA="), true, S_INIT("\0\0") },
        { S_INIT("=aGVsbG8"), false, S_INIT("") },
        { S_INIT("=aGVsbG8=x"), false, S_INIT("") },
        { S_INIT("=a!"), false, S_INIT("") },
        { S_INIT("x 68 65\n 0a"), true, S_INIT("he\n") },
        { S_INIT("x 6"), false, S_INIT("") },
        { S_INIT("x zz"), false, S_INIT("") },
        { S_INIT("ubegin-base64 644 x\naGk=\n====\n"), true, S_INIT("hi") },
        { S_INIT("uaGk=\n"), false, S_INIT("") },
        { S_INIT("?"), false, S_INIT("") },
        { S_INIT(""), false, S_INIT("") },
    };
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str bytes = STR_EMPTY;
        cr_assert_eq(reply_bytes(arena, rows[i].encoded, &bytes), rows[i].ok, "row %zu", i);
        EQ_STR(bytes, rows[i].bytes);
    }
}

#define META ":0:0:1:2:-3:4:5:6:root:domain users:"

Test(reply, stats)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    const str paths[] = { S("/gone"), S("/a"), S("/l"), S("/q"), S("/t"), S("/'") };
    struct file_stat stats[6] = { 0 };
    bool found[6] = { 0 };
    str text = S("0123456789abcdef01234567 5:81a4" META "/a;\n"
                 "0123456789abcdef01234567 6:a1ff" META "/l -> a\n->b;;\n"
                 "0123456789abcdef01234567 1:a1ff" META "'/q' -> 'x';\n"
                 "0123456789abcdef01234567 1:a1ff" META "/t -> 'x';\n" /* toybox */
                 "0123456789abcdef01234567 3:a1ff" META "/' -> 'x';");
    cr_assert(reply_stats(arena, text, T, paths, 6, stats, found));
    cr_assert(!found[0] && found[1] && found[2] && found[3]);
    cr_assert(stats[1].type == FILE_REGULAR && stats[1].mode == 0644 && stats[1].size == 5);
    cr_assert(stats[1].ctime == -3 && stats[1].links == 6);
    EQ_STR(stats[1].group, S("domain users"));
    cr_assert(stats[2].type == FILE_LINK);
    EQ_STR(stats[2].target, S("a\n->b;"));
    EQ_STR(stats[3].target, S("x"));
    EQ_STR(stats[4].target, S("x"));
    EQ_STR(stats[5].target, S("'x'"));
    const str bad[] = {
        S("0123456789abcdef01234567 x:81a4" META "/a;"),
        S("0123456789abcdef01234567 5:81a4;"),
        S("0123456789abcdef01234567 5:81a4" META "/other;"),
        S("0123456789abcdef01234567 99999999999999999999999:81a4" META "/a;"),
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cr_assert(!reply_stats(arena, bad[i], T, paths, 4, stats, found), "row %zu", i);
    }
}

Test(reply, digests)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    const str paths[] = { S("/a"), S("/gone"), S("/b\\\nc"), S("/d\ne"), S("/bsd"), S("/end\n") };
    str hex[6] = { { 0 } };
    reply_digests(arena,
                  S("A9993e364706816aba3e25717850c26c  /a\n"
                    "noise\n"
                    "\\b9993e364706816aba3e25717850c26c  /b\\\\\\nc\n"
                    "c9993e364706816aba3e25717850c26c */d\ne\n"
                    "e9993e364706816aba3e25717850c26c /bsd\n"
                    "d9993e364706816aba3e25717850c26c  /end"),
                  paths, 6, hex);
    EQ_STR(hex[0], S("a9993e364706816aba3e25717850c26c"));
    cr_assert(str_is_none(hex[1]));
    EQ_STR(hex[2], S("b9993e364706816aba3e25717850c26c"));
    EQ_STR(hex[3], S("c9993e364706816aba3e25717850c26c"));
    EQ_STR(hex[4], S("e9993e364706816aba3e25717850c26c"));
    EQ_STR(hex[5], S("d9993e364706816aba3e25717850c26c"));
}

Test(reply, users)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    str lines = S("root:x:0:0:root:/root:/bin/sh\n1000:x:7:8::/h:/s\nbad\nu:x:zz:1:::\n"
                  "dep:x:1000:1001:D,e,p:/home/dep:/bin/bash\n");
    struct user_entry user;
    reply_user(arena, lines, S("dep"), &user);
    cr_assert(user.exists && user.uid == 1000 && user.gid == 1001);
    EQ_STR(user.gecos, S("D,e,p"));
    EQ_STR(user.shell, S("/bin/bash"));
    reply_user(arena, lines, S("1000"), &user); /* a name goes before a number */
    cr_assert(user.exists && user.uid == 7);
    reply_user(arena, lines, S("0"), &user);
    EQ_STR(user.name, S("root"));
    reply_user(arena, lines, S("u"), &user);
    cr_assert(!user.exists);
    reply_group(arena, S("adm:x:4:a,b\n"), S("4"), &user);
    cr_assert(user.exists && user.gid == 4);
    EQ_STR(user.members, S("a,b"));
}

Test(reply, runs)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    str rest = S("oops\n0123456789abcdef01234567 3 2\nhi;0123456789abcdef01234567 0 0\n;");
    struct run_answer run;
    cr_assert(reply_run(arena, &rest, T, &run));
    EQ_STR(run.err, S("oops"));
    EQ_STR(run.out, S("hi"));
    cr_assert(run.status == 3);
    cr_assert(reply_run(arena, &rest, T, &run));
    cr_assert(run.status == 0 && run.out.len == 0 && rest.len == 0);
    cr_assert(!reply_run(arena, &rest, T, &run));
    str killed = S("0123456789abcdef01234567 265 0\n;"); /* by ksh93 */
    cr_assert(reply_run(arena, &killed, T, &run) && run.status == 137);
    str bad = S("0123456789abcdef01234567 3 9\nhi;");
    cr_assert(!reply_run(arena, &bad, T, &run));
}

Test(reply, paths)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    struct path_list paths;
    cr_assert(reply_paths(arena, S("2:/a4:/b\nc"), &paths));
    cr_assert_eq(paths.count, 2u);
    EQ_STR(paths.paths[1], S("/b\nc"));
    cr_assert(!reply_paths(arena, S("9:/a"), &paths));
    cr_assert(!reply_paths(arena, S("/a"), &paths));
}
