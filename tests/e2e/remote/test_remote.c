/*
 * test_remote.c - the same cases against every implementation of src/remote: direct system calls, a
 * shell of this machine, shells over ssh. tests/e2e/remote/run starts it for each of them.
 *
 *     test_remote local                    system calls
 *     test_remote shell                    /bin/sh over a local channel
 *     test_remote ssh ADDRESS:PORT USER KEY KNOWN_HOSTS [BECOME_USER [PASSWORD]]
 *
 * In the environment: CASE, the one case to run; SKIP, one not to run; METHOD, how to become that
 * user, if not by sudo, and FLAGS, its flags; TERMINAL, its program wants one. Prints a line for
 * each case that fails, and ends with 1 if there was one.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "remote/digest.h"
#include "remote/overlay.h"
#include "remote/shell.h"

static struct {
    struct remote *remote;
    struct arena *arena;
    struct become become;
    str dir;       /* on the host, made for this run */
    bool root;     /* the tests run as root over there */
    bool here;     /* the host is this machine */
    bool terminal; /* becoming wanted one, where stdout and stderr are one */
    const char *mode;
    const char *only; /* the name of the one case to run, or NULL */
    const char *skip; /* of one not to run, or NULL */
    unsigned failures, checks;
    const char *name;
    int wake[2];
} t;

static void check_failed(int line, const char *what)
{
    t.failures++;
    fprintf(stderr, "FAIL %s: %s:%d: %s\n", t.mode, t.name, line, what);
}
#define CHECK(cond) (t.checks++, (cond) ? (void)0 : check_failed(__LINE__, #cond))

static void check_str(int line, str have, str want)
{
    t.checks++;
    if (!str_eq(have, want)) {
        t.failures++;
        fprintf(stderr, "FAIL %s: %s:%d: have '%.*s' (%zu), want '%.*s' (%zu)\n", t.mode, t.name,
                line, SARG(str_part(have, 0, 200)), have.len, SARG(str_part(want, 0, 200)),
                want.len);
    }
}
#define CHECK_STR(have, want) check_str(__LINE__, have, want)

static struct remote_context context_for(double seconds)
{
    return (struct remote_context){
        .arena = t.arena,
        .become = t.become,
        .until = deadline_in(seconds),
    };
}

static str in_dir(str name)
{
    return str_format(t.arena, "%.*s/%.*s", SARG(t.dir), SARG(name));
}

/* ---- shorthands ---- */

static struct command_result run_command(struct command command)
{
    struct remote_context context = context_for(30);
    struct command_result result = { 0 };
    struct remote_error error = { 0 };
    enum remote_status status = remote_command(t.remote, &context, &command, &result, &error);
    CHECK(status == REMOTE_OK);
    if (status != REMOTE_OK) {
        fprintf(stderr, "  %.*s\n", SARG(error.message));
    }
    return result;
}

static struct command script_of(str script)
{
    return (struct command){
        .script = script, .executable = STR_NONE, .chdir = STR_NONE, .stdin_text = STR_NONE
    };
}

static struct command_result run_script(str script)
{
    return run_command(script_of(script));
}

static struct command_result run_argv(const str *argv, size_t argc)
{
    return run_command((struct command){ .argv = argv,
                                         .argc = argc,
                                         .script = STR_NONE,
                                         .executable = STR_NONE,
                                         .chdir = STR_NONE,
                                         .stdin_text = STR_NONE });
}

static struct observer *observer(void)
{
    return observer_new(t.arena, NULL);
}

static bool answer(struct observer *obs)
{
    struct remote_context context = context_for(30);
    struct remote_error error = { 0 };
    enum remote_status status = remote_answer(t.remote, &context, obs, &error);
    CHECK(status == REMOTE_OK);
    if (status != REMOTE_OK) {
        fprintf(stderr, "  %.*s\n", SARG(error.message));
    }
    return status == REMOTE_OK;
}

#define ASK(obs, question)                                                                         \
    do {                                                                                           \
        question;                                                                                  \
        if (!observe_ready(obs)) {                                                                 \
            answer(obs);                                                                           \
            question;                                                                              \
        }                                                                                          \
    } while (0)

static struct file_stat stat_of(str path)
{
    struct observer *obs = observer();
    struct file_stat stat = { 0 };
    ASK(obs, observe_stat(obs, path, &stat));
    return stat;
}

static str text_of(str path)
{
    struct observer *obs = observer();
    str text = STR_NONE;
    ASK(obs, observe_text(obs, path, &text));
    return text;
}

static enum remote_status apply(const struct change *changes, size_t count,
                                struct apply_result *ret, struct remote_error *ret_error)
{
    struct remote_context context = context_for(30);
    str after[] = { changes[0].path };
    *ret_error = (struct remote_error){ 0 };
    return remote_apply(t.remote, &context, changes, count, after, 1, ret, ret_error);
}

static bool applied(struct change change)
{
    struct apply_result result;
    struct remote_error error;
    enum remote_status status = apply(&change, 1, &result, &error);
    if (status != REMOTE_OK) {
        fprintf(stderr, "  %.*s\n", SARG(error.message));
    }
    return status == REMOTE_OK && result.done == 1;
}

static str refused(struct change change)
{
    struct apply_result result;
    struct remote_error error;
    enum remote_status status = apply(&change, 1, &result, &error);
    CHECK(status == REMOTE_FAILED);
    CHECK(result.done == 0);
    return status == REMOTE_FAILED ? error.message : S("it did not fail");
}

/* What a command wrote to each stream, in this order where they are one. */
#define CHECK_STREAMS(have, wanted_out, wanted_err)                                                \
    check_streams_at(__LINE__, (have).out, (have).err, wanted_out, wanted_err)
static void check_streams_at(int line, str have_out, str have_err, str out, str err)
{
    check_str(line, have_out, t.terminal ? str_concat(t.arena, out, err) : out);
    check_str(line, have_err, t.terminal ? STR_EMPTY : err);
}

static struct change write_of(str path, str bytes)
{
    return (struct change){
        .kind = CHANGE_WRITE,
        .path = path,
        .content = { .kind = CONTENT_BYTES, .bytes = value_str(t.arena, bytes) },
        .validate = STR_NONE,
    };
}

/* Files that a failed write left behind. */
static void check_no_litter(void)
{
    str script = str_format(t.arena, "ls -A '%.*s' | grep -c '^[.]hostler-'", SARG(t.dir));
    CHECK_STR(run_script(script).out, S("0\n"));
}

/* ---- questions ---- */

static void case_stat(void)
{
    str path = in_dir(S("stat.txt")), link = in_dir(S("stat.link")), sub = in_dir(S("stat.dir"));
    str dangling = in_dir(S("stat.dangling"));
    run_script(
        str_format(t.arena,
                   "cd '%.*s' && printf hello >stat.txt && chmod 640 stat.txt && "
                   "ln -s stat.txt stat.link && mkdir stat.dir && chmod 2755 stat.dir && "
                   "ln -s nowhere stat.dangling && TZ=UTC0 touch -t 200102030405.06 stat.txt",
                   SARG(t.dir)));
    struct observer *obs = observer();
    struct file_stat file = { 0 }, linked = { 0 }, followed = { 0 }, dir = { 0 }, absent = { 0 };
    struct file_stat loose = { 0 }, loose_followed = { 0 }, below_file = { 0 };
    for (int round = 0; round < 2; round++) {
        observe_stat(obs, path, &file);
        observe_stat(obs, link, &linked);
        observe_stat_follow(obs, link, &followed);
        observe_stat(obs, sub, &dir);
        observe_stat(obs, in_dir(S("none/at/all")), &absent);
        observe_stat(obs, dangling, &loose);
        observe_stat_follow(obs, dangling, &loose_followed);
        observe_stat(obs, str_concat(t.arena, path, S("/x")), &below_file);
        if (round == 0) {
            answer(obs);
        }
    }
    CHECK(observe_ready(obs));
    CHECK(observer_rounds(obs) == 1);
    CHECK(file.type == FILE_REGULAR && file.mode == 0640 && file.size == 5);
    CHECK(file.mtime == 981173106);
    CHECK(file.links == 1 && file.inode != 0);
    CHECK(linked.type == FILE_LINK);
    CHECK_STR(linked.target, S("stat.txt"));
    CHECK(followed.type == FILE_REGULAR && followed.inode == file.inode);
    CHECK(dir.type == FILE_DIRECTORY && dir.mode == 02755);
    CHECK(absent.type == FILE_ABSENT && loose_followed.type == FILE_ABSENT);
    CHECK(loose.type == FILE_LINK && below_file.type == FILE_ABSENT);
    CHECK(file.owner.len > 0 && file.group.len > 0);
    if (t.root) {
        CHECK_STR(file.owner, S("root"));
    }
}

static const struct {
    const char *label;
    str name;
} odd_names[] = {
    { "single quote", S_INIT("it's") },
    { "double quote", S_INIT("say \"hi\"") },
    { "dollar", S_INIT("$HOME `id` $(id)") },
    { "newline", S_INIT("two\nlines") },
    { "trailing newline", S_INIT("end\n") },
    { "leading dash", S_INIT("-rf") },
    { "utf-8", S_INIT("gr\xc3\xbc\xc3\x9f") },
    { "invalid utf-8", S_INIT("\xff\xfe\x80") },
    { "control bytes of dash", S_INIT("\x81\x82\x83\x84\x85\x86\x87\x88") },
    { "control bytes of bash", S_INIT("\x01\x7f") },
    { "backslashes", S_INIT("a\\nb\\\\c\\") },
    { "pattern", S_INIT("*?[a]") },
    { "blanks", S_INIT("  a  b\t") },
    { "arrow", S_INIT("a -> b") },
    { "hash", S_INIT("#not a comment") },
};

static void case_odd_names(void)
{
    for (size_t i = 0; i < ARRAY_LEN(odd_names); i++) {
        str path = in_dir(odd_names[i].name), link = str_concat(t.arena, path, S(".l"));
        str text = str_format(t.arena, "content of %zu\n", i);
        bool ok = applied(write_of(path, text)) &&
                  applied((struct change){ .kind = CHANGE_SYMLINK, .path = link, .target = path });
        CHECK_STR(text_of(path), text);
        CHECK(stat_of(path).size == text.len);
        CHECK_STR(stat_of(link).target, path);
        CHECK_STR(text_of(link), text);
        struct observer *obs = observer();
        str hex = STR_NONE;
        ASK(obs, observe_digest(obs, path, DIGEST_SHA1, &hex));
        ok = ok && hex.len == 40;
        ok = applied((struct change){ .kind = CHANGE_REMOVE, .path = link }) &&
             applied((struct change){ .kind = CHANGE_REMOVE, .path = path }) && ok;
        CHECK(stat_of(path).type == FILE_ABSENT);
        if (!ok) {
            fprintf(stderr, "  with %s in the name\n", odd_names[i].label);
        }
        CHECK(ok);
    }
}

static void case_texts(void)
{
    char all[1024],
        texty[1025]; /* a shell reads up to 1024 bytes by itself, unless there are NULs */
    for (size_t i = 0; i < sizeof texty; i++) {
        all[i % sizeof all] = (char)i;
        texty[i] = (char)(i % 255 + 1);
    }
    const str texts[] = {
        STR_EMPTY,           S("x"),          S("no newline"), S("\n\n\n"),
        S("%s %d \\n %%\n"), S("it's\n"),     S("a\0b\0"),     S("\0"),
        { all, sizeof all }, S("-n"),         S("-"),          S("\\c stop \\0101"),
        { texty, 1023 },     { texty, 1024 }, { texty, 1025 }
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        str path = in_dir(S("text"));
        CHECK(applied(write_of(path, texts[i])));
        CHECK_STR(text_of(path), texts[i]);
    }
    CHECK(str_is_none(text_of(in_dir(S("not there")))));
    CHECK(str_is_none(text_of(t.dir)));
}

static str big_text(size_t size)
{
    char *bytes = arena_alloc_raw(t.arena, size);
    unsigned seed = 7;
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1103515245 + 12345;
        bytes[i] = (char)(seed >> 16);
    }
    return (str){ bytes, size };
}

static void case_big_files(void)
{
    const size_t sizes[] = { 8191, 8192, 8193, 24576, 24577, 65536, 3000001 };
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        str text = big_text(sizes[i]), path = in_dir(S("big"));
        CHECK(applied(write_of(path, text)));
        str have = text_of(path);
        CHECK(str_eq(have, text));
    }
    /* two payloads and a small one in the same round */
    struct change changes[] = { write_of(in_dir(S("b1")), big_text(100000)),
                                write_of(in_dir(S("b2")), S("small\n")),
                                write_of(in_dir(S("b3")), big_text(50000)) };
    struct apply_result result;
    struct remote_error error;
    CHECK(apply(changes, 3, &result, &error) == REMOTE_OK && result.done == 3);
    CHECK(result.after[0].size == 100000);
    CHECK_STR(text_of(in_dir(S("b2"))), S("small\n"));
    CHECK(stat_of(in_dir(S("b3"))).size == 50000);
}

static void case_controller_file(void)
{
    char name[] = "/tmp/test_remote.XXXXXX";
    int fd = mkstemp(name);
    str text = big_text(400000);
    CHECK(write(fd, text.ptr, text.len) == (ssize_t)text.len);
    close(fd);
    struct change change = write_of(in_dir(S("from-here")), STR_EMPTY);
    change.content =
        (struct content){ .kind = CONTENT_CONTROLLER, .path = str_of(name), .size = text.len };
    CHECK(applied(change));
    CHECK(str_eq(text_of(change.path), text));
    /* it became shorter since it was looked at: nothing is replaced */
    CHECK(truncate(name, 1000) == 0);
    struct apply_result result;
    struct remote_error error;
    if (strcmp(t.mode, "local") != 0) {
        CHECK(apply(&change, 1, &result, &error) == REMOTE_FAILED);
        CHECK(str_eq(text_of(change.path), text));
    }
    unlink(name);
    struct change remote = write_of(in_dir(S("from-there")), STR_EMPTY);
    remote.content = (struct content){ .kind = CONTENT_REMOTE, .path = change.path };
    CHECK(applied(remote));
    CHECK(str_eq(text_of(remote.path), text));
    check_no_litter();
}

static void case_digests(void)
{
    static const struct {
        enum digest digest;
        const char *hex;
    } rows[] = {
        { DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
        { DIGEST_MD5, "900150983cd24fb0d6963f7d28e17f72" },
        { DIGEST_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    };
    str path = in_dir(S("abc"));
    CHECK(applied(write_of(path, S("abc"))));
    struct observer *obs = observer();
    str hex[ARRAY_LEN(rows)], none = S("?"), dir = S("?");
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            observe_digest(obs, path, rows[i].digest, &hex[i]);
        }
        observe_digest(obs, in_dir(S("nope")), DIGEST_SHA1, &none);
        observe_digest(obs, t.dir, DIGEST_SHA1, &dir);
        if (round == 0) {
            answer(obs);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_STR(hex[i], str_of(rows[i].hex));
    }
    CHECK(str_is_none(none) && str_is_none(dir));
}

/* In a crowd the shell leaves small files to the program, too. */
static void case_many_digests(void)
{
    str path = in_dir(S("abc")), none = S("?"), dir = S("?"), hex[40];
    CHECK(applied(write_of(path, S("abc"))));
    struct observer *obs = observer();
    for (int round = 0; round < 2; round++) {
        struct strbuf name = strbuf_in(t.arena);
        for (size_t i = 0; i < ARRAY_LEN(hex); i++) {
            strbuf_add(&name, S("./"));
            observe_digest(obs, in_dir(str_format(t.arena, "%.*sabc", SARG(strbuf_str(&name)))),
                           i % 2 == 0 ? DIGEST_SHA1 : DIGEST_MD5, &hex[i]);
        }
        observe_digest(obs, in_dir(S("nope")), DIGEST_SHA1, &none);
        observe_digest(obs, t.dir, DIGEST_SHA1, &dir);
        if (round == 0) {
            answer(obs);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(hex); i++) {
        CHECK_STR(hex[i], i % 2 == 0 ? S("a9993e364706816aba3e25717850c26c9cd0d89d")
                                     : S("900150983cd24fb0d6963f7d28e17f72"));
    }
    CHECK(str_is_none(none) && str_is_none(dir));
}

static void case_tree(void)
{
    run_script(str_format(t.arena,
                          "cd '%.*s' && mkdir -p tree/a/b tree/z && printf abc >tree/a/b/f && "
                          "printf abc >'tree/q'\"'\"'s' && printf x >'tree/new\nline' && "
                          "ln -s 'a -> b' tree/l && printf abc >tree/z/'back\\slash'",
                          SARG(t.dir)));
    struct observer *obs = observer();
    struct file_tree tree = { 0 }, none = { .exists = true };
    for (int round = 0; round < 2; round++) {
        observe_tree(obs, in_dir(S("tree")), true, &tree);
        observe_tree(obs, in_dir(S("no-tree")), true, &none);
        if (round == 0) {
            answer(obs);
        }
    }
    CHECK(tree.exists && !none.exists);
    const str names[] = { S("a"),         S("a/b"), S("a/b/f"), S("l"),
                          S("new\nline"), S("q's"), S("z"),     S("z/back\\slash") };
    CHECK(tree.count == ARRAY_LEN(names));
    for (size_t i = 0; i < tree.count && i < ARRAY_LEN(names); i++) {
        CHECK_STR(tree.entries[i].path, names[i]);
        if (tree.entries[i].stat.size == 3 && tree.entries[i].stat.type == FILE_REGULAR) {
            CHECK_STR(tree.entries[i].digest, S("a9993e364706816aba3e25717850c26c9cd0d89d"));
        }
    }
    if (tree.count == ARRAY_LEN(names)) {
        CHECK_STR(tree.entries[3].stat.target, S("a -> b"));
        CHECK(tree.entries[4].digest.len == 40);
    }
}

static void case_glob(void)
{
    run_script(str_format(t.arena,
                          "cd '%.*s' && mkdir g && touch g/a.conf g/b.conf g/.h.conf "
                          "g/'c d.conf' g/x.txt",
                          SARG(t.dir)));
    struct observer *obs = observer();
    struct path_list some = { 0 }, none = { 0 };
    for (int round = 0; round < 2; round++) {
        observe_glob(obs, in_dir(S("g/*.conf")), &some);
        observe_glob(obs, in_dir(S("g/*.nope")), &none);
        if (round == 0) {
            answer(obs);
        }
    }
    CHECK(some.count == 3 && none.count == 0);
    if (some.count == 3) {
        CHECK_STR(some.paths[0], in_dir(S("g/a.conf")));
        CHECK_STR(some.paths[2], in_dir(S("g/c d.conf")));
    }
}

static void case_programs(void)
{
    struct observer *obs = observer();
    struct run_answer name = { 0 }, bad = { 0 }, missing = { 0 };
    str sh = STR_NONE, none = S("?");
    for (int round = 0; round < 2; round++) {
        observe_run(obs, ARGV(S("uname"), S("-s")), &name);
        observe_run(obs, ARGV(S("ls"), S("/no such place")), &bad);
        observe_run(obs, ARGV(S("lsb_release"), S("-none")), &missing);
        observe_program(obs, S("sh"), &sh);
        observe_program(obs, S("no-such-program"), &none);
        if (round == 0) {
            answer(obs);
        }
    }
    CHECK(name.status == 0);
    CHECK_STR(name.out, S("Linux"));
    CHECK(bad.status != 0 && bad.out.len == 0);
    CHECK(str_find(bad.err, S("No such file"), 0) != STR_NPOS);
    CHECK(missing.status != 0);
    CHECK(str_ends(sh, S("/sh")) && str_is_none(none));
}

/* Patterns stand for all they find, in order; names keep their spaces, and what finds nothing is
 * the program's business. */
static void case_programs_of_paths(void)
{
    run_script(str_format(t.arena,
                          "cd '%.*s' && mkdir r && echo 1 >r/a.n && echo 2 >'r/b c.n' && "
                          "echo 3 >r/d.txt",
                          SARG(t.dir)));
    struct observer *obs = observer();
    struct run_answer answered = { 0 };
    const str patterns[] = { in_dir(S("r/*.n")), in_dir(S("r/*.nope")), in_dir(S("r/[d]*")) };
    for (int round = 0; round < 2; round++) {
        observe_run_paths(obs, ARGV(S("grep"), S("-hs"), S("")), patterns, ARRAY_LEN(patterns),
                          &answered);
        if (round == 0) {
            answer(obs);
        }
    }
    CHECK_STR(answered.out, S("1\n2\n3"));
}

static void case_users(void)
{
    struct observer *obs = observer();
    struct user_entry root = { 0 }, by_id = { 0 }, nobody = { .exists = true }, login = { 0 };
    struct user_entry group = { 0 }, no_group = { .exists = true };
    unsigned umask_now = 12345;
    value environment = { 0 };
    for (int round = 0; round < 2; round++) {
        observe_user(obs, S("root"), &root);
        observe_user(obs, S("0"), &by_id);
        observe_user(obs, S("no-such-user"), &nobody);
        observe_group(obs, S("root"), &group);
        observe_group(obs, S("no-such-group"), &no_group);
        observe_login(obs, &login);
        observe_umask(obs, &umask_now);
        observe_environment(obs, &environment);
        if (round == 0) {
            answer(obs);
        }
    }
    CHECK(root.exists && root.uid == 0 && root.home.len > 0 && root.shell.len > 0);
    CHECK(by_id.exists && str_eq(by_id.name, S("root")));
    CHECK(!nobody.exists && !no_group.exists && group.exists && group.gid == 0);
    CHECK((login.uid == 0) == t.root && login.name.len > 0);
    CHECK(umask_now <= 0777);
    CHECK(value_is(environment, VALUE_MAP) &&
          value_is(value_get(environment, S("PATH")), VALUE_STR));
    CHECK(!value_is_defined(value_get(environment, S("LC_ALL"))) || t.here);
}

static void check_access(str path, bool read, bool write, bool execute)
{
    struct observer *obs = observer();
    struct file_access access = { 0 };
    ASK(obs, observe_access(obs, path, &access));
    CHECK(access.read == read && access.write == write && access.execute == execute);
}

static void case_access(void)
{
    struct change change = write_of(in_dir(S("may")), S("x"));
    change.attrs.has_mode = true;
    change.attrs.mode = 0500;
    CHECK(applied(change));
    check_access(change.path, true, t.root, true);
    change.attrs.mode = 0200;
    CHECK(applied(change));
    check_access(change.path, t.root, true, false);
    check_access(in_dir(S("nope")), false, false, false);
    check_access(S("/"), true, t.root, true);
}

static void case_denied(void)
{
    if (t.root) {
        return;
    }
    struct observer *obs = observer();
    str text = STR_NONE;
    struct remote_error error = { 0 };
    ASK(obs, observe_text(obs, S("/etc/shadow"), &text));
    CHECK(observer_problem(obs, &error));
    CHECK_STR(error.message, S("could not read /etc/shadow: Permission denied"));
    obs = observer();
    struct file_stat stat = { 0 };
    ASK(obs, observe_stat(obs, S("/root/.ssh/x"), &stat));
    CHECK(observer_problem(obs, &error));
    CHECK_STR(error.message, S("could not look at /root/.ssh/x: Permission denied"));
    obs = observer();
    struct file_tree tree = { 0 };
    ASK(obs, observe_tree(obs, S("/root"), false, &tree));
    CHECK(observer_problem(obs, &error));
    CHECK_STR(error.message, S("could not list /root: Permission denied"));
    str message = refused(write_of(S("/etc/hostler-test"), S("x")));
    CHECK_STR(message, S("could not write /etc/hostler-test: Permission denied"));
}

/* Without stat nothing must look as if it were not there. Its directory of programs is a user's. */
static void case_no_stat(void)
{
    if (strcmp(t.mode, "shell") != 0) {
        return;
    }
    char *path = strdup(getenv("PATH"));
    char programs[] = "/tmp/test_remote.XXXXXX"; /* mksh has no printf of its own */
    CHECK(mkdtemp(programs) != NULL);
    str printf_there = str_format(t.arena, "%s/printf", programs);
    CHECK(symlink("/usr/bin/printf", printf_there.ptr) == 0);
    setenv("PATH", programs, 1);
    remote_reset(t.remote);
    struct observer *obs = observer();
    struct remote_error error = { 0 };
    struct file_stat stat = { 0 };
    ASK(obs, observe_stat(obs, S("/etc"), &stat));
    if (observer_problem(obs, &error)) {
        CHECK(str_find(error.message, S("could not look at /etc: "), 0) == 0);
        CHECK(str_find(error.message, S("not found"), 0) != STR_NPOS);
    } else {
        CHECK(stat.type == FILE_DIRECTORY); /* a busybox needs no PATH for its own programs */
    }
    setenv("PATH", path, 1);
    free(path);
    unlink(printf_there.ptr);
    rmdir(programs);
    remote_reset(t.remote);
}

/* ---- changes ---- */

static void case_attributes(void)
{
    str path = in_dir(S("attrs"));
    struct change change = write_of(path, S("one"));
    change.attrs = (struct file_attrs){ .has_mode = true, .mode = 0604 };
    CHECK(applied(change));
    CHECK(stat_of(path).mode == 0604);
    change = write_of(path, S("two"));
    change.before = stat_of(path);
    CHECK(applied(change)); /* keeps the mode of what it replaces */
    CHECK(stat_of(path).mode == 0604);
    CHECK_STR(text_of(path), S("two"));
    change = (struct change){ .kind = CHANGE_ATTRS,
                              .path = path,
                              .attrs = { .has_mode = true, .mode = 0755 } };
    CHECK(applied(change));
    CHECK(stat_of(path).mode == 0755);
    change.attrs = (struct file_attrs){ .owner = S("no-such-user") };
    str message = refused(change);
    CHECK(str_find(message, S("could not set the owner of "), 0) == 0);
    CHECK(str_find(message, S("no-such-user"), 0) != STR_NPOS);
    if (t.root) {
        change.attrs = (struct file_attrs){ .owner = S("12"), .group = S("34") };
        CHECK(applied(change));
        CHECK(stat_of(path).uid == 12);
        change = write_of(path, S("three"));
        change.before = stat_of(path);
        CHECK(applied(change));
        CHECK(stat_of(path).gid == 34);
    }
    /* without a mode a new file obeys the umask */
    struct observer *obs = observer();
    unsigned mask = 0;
    ASK(obs, observe_umask(obs, &mask));
    CHECK(applied(write_of(in_dir(S("fresh")), S("x"))));
    CHECK(stat_of(in_dir(S("fresh"))).mode == (0666 & ~mask));
}

static void case_kinds(void)
{
    str dir = in_dir(S("kinds")), link = in_dir(S("kinds/link")), file = in_dir(S("kinds/file"));
    struct change changes[] = {
        { .kind = CHANGE_DIRECTORY, .path = dir, .attrs = { .has_mode = true, .mode = 0750 } },
        write_of(file, S("text\n")),
        { .kind = CHANGE_SYMLINK, .path = link, .target = S("file") },
        { .kind = CHANGE_HARDLINK, .path = in_dir(S("kinds/hard")), .target = file },
        { .kind = CHANGE_COPY, .path = file, .target = in_dir(S("kinds/copy")) },
        { .kind = CHANGE_TIMES, .path = file, .atime = 1000000000, .mtime = 1100000000 },
        { .kind = CHANGE_TIMES,
          .path = in_dir(S("kinds/touched")),
          .create = true,
          .atime = CHANGE_NOW,
          .mtime = CHANGE_NOW },
        { .kind = CHANGE_SYMLINK,
          .path = link,
          .target = S("elsewhere"),
          .before = { .type = FILE_LINK } },
        { .kind = CHANGE_RUN,
          .path = STR_EMPTY,
          .argv = (str[]){ S("sh"), S("-c"), S("cat; echo err >&2") },
          .argc = 3,
          .stdin_text = S("given") },
        { .kind = CHANGE_REMOVE, .path = in_dir(S("kinds/hard")) },
    };
    struct apply_result result;
    struct remote_error error;
    CHECK(apply(changes, ARRAY_LEN(changes), &result, &error) == REMOTE_OK);
    CHECK(result.done == ARRAY_LEN(changes));
    if (result.done != ARRAY_LEN(changes)) {
        fprintf(stderr, "  %zu: %.*s\n", result.done, SARG(error.message));
        return;
    }
    CHECK(result.after[0].type == FILE_DIRECTORY && result.after[0].mode == 0750);
    CHECK_STREAMS(result.outputs[8], S("given"), S("err\n"));
    CHECK_STR(stat_of(link).target, S("elsewhere"));
    CHECK(stat_of(file).mtime == 1100000000 && stat_of(file).atime == 1000000000);
    CHECK(stat_of(in_dir(S("kinds/copy"))).size == 5);
    CHECK(stat_of(in_dir(S("kinds/touched"))).type == FILE_REGULAR);
    CHECK(stat_of(in_dir(S("kinds/hard"))).type == FILE_ABSENT);
    CHECK(applied((struct change){ .kind = CHANGE_REMOVE,
                                   .path = dir,
                                   .recursive = true,
                                   .before = { .type = FILE_DIRECTORY } }));
    CHECK(stat_of(dir).type == FILE_ABSENT);
}

static void case_stops(void)
{
    str gone = in_dir(S("gone/file"));
    struct change changes[] = { write_of(in_dir(S("s1")), S("1")), write_of(gone, S("2")),
                                write_of(in_dir(S("s3")), S("3")) };
    struct apply_result result;
    struct remote_error error;
    CHECK(apply(changes, 3, &result, &error) == REMOTE_FAILED);
    CHECK(result.done == 1);
    CHECK_STR(error.message,
              str_format(t.arena, "could not write %.*s: No such file or directory", SARG(gone)));
    CHECK_STR(text_of(in_dir(S("s1"))), S("1"));
    CHECK(stat_of(in_dir(S("s3"))).type == FILE_ABSENT);
    struct change run = { .kind = CHANGE_RUN,
                          .path = STR_EMPTY,
                          .argv = (str[]){ S("sh"), S("-c"), S("echo no >&2; exit 3") },
                          .argc = 3,
                          .stdin_text = STR_NONE };
    CHECK(apply(&run, 1, &result, &error) == REMOTE_FAILED);
    CHECK_STR(error.message, S("could not run sh: no"));
    CHECK(error.status_code == 3);
    check_no_litter();
}

static void case_targets(void)
{
    str dir = in_dir(S("a-dir")), link = in_dir(S("a-link")), file = in_dir(S("a-file"));
    CHECK(applied((struct change){ .kind = CHANGE_DIRECTORY, .path = dir }));
    CHECK_STR(refused(write_of(dir, S("x"))),
              str_format(t.arena, "could not write %.*s: Is a directory", SARG(dir)));
    CHECK(applied(write_of(file, S("old"))));
    CHECK(applied((struct change){ .kind = CHANGE_SYMLINK, .path = link, .target = file }));
    struct change change = write_of(link, S("through"));
    change.follow = true;
    CHECK(applied(change));
    CHECK(stat_of(link).type == FILE_LINK);
    CHECK_STR(text_of(file), S("through"));
    CHECK(applied(write_of(link, S("instead"))));
    CHECK(stat_of(link).type == FILE_REGULAR);
    CHECK_STR(text_of(file), S("through"));
    check_no_litter();
}

static void case_validate(void)
{
    str path = in_dir(S("valid"));
    CHECK(applied(write_of(path, S("good\n"))));
    struct change change = write_of(path, S("better good\n"));
    change.validate = S("grep -q 'good' %s");
    CHECK(applied(change));
    change = write_of(path, S("bad\n"));
    change.validate = S("sh -c 'echo out; echo wrong >&2; exit 4' sh %s");
    struct apply_result result;
    struct remote_error error;
    CHECK(apply(&change, 1, &result, &error) == REMOTE_FAILED);
    CHECK_STR(error.message, S("failed to validate: rc:4 error:wrong"));
    CHECK(error.status_code == 4);
    CHECK_STR(text_of(path), S("better good\n"));
    change.validate = S("true");
    CHECK_STR(
        refused(change),
        str_eq(str_of(t.mode), S("local"))
            ? str_format(t.arena, "could not write %.*s: 'validate' must contain %%s", SARG(path))
            : S("'validate' must contain %s"));
    check_no_litter();
}

/* A file system of 1 MiB, and a file that is a mount point: only where we may mount. */
static void case_mounts(void)
{
    str small = in_dir(S("small"));
    struct command_result mounted = run_script(str_format(
        t.arena,
        "cd '%.*s' && mkdir small && mount -t tmpfs -o size=1m tmpfs small && echo old >small/f && "
        "echo one >bound && echo two >over && mount --bind over bound",
        SARG(t.dir)));
    if (mounted.status != 0) {
        return;
    }
    struct change full = write_of(str_concat(t.arena, small, S("/f")), big_text(2000000));
    full.before = stat_of(full.path);
    CHECK_STR(refused(full), str_format(t.arena, "could not write %.*s: No space left on device",
                                        SARG(full.path)));
    CHECK_STR(text_of(full.path), S("old\n"));
    run_script(str_format(t.arena, "dd if=/dev/zero bs=4096 count=500 of='%.*s/fill' 2>/dev/null",
                          SARG(small)));
    full = write_of(full.path, S("small, but there is no room for it\n"));
    CHECK_STR(refused(full), str_format(t.arena, "could not write %.*s: No space left on device",
                                        SARG(full.path)));
    CHECK_STR(text_of(full.path), S("old\n"));
    CHECK_STR(run_script(str_format(t.arena, "ls -A1 '%.*s'", SARG(small))).out, S("f\nfill\n"));
    struct change bound = write_of(in_dir(S("bound")), S("new"));
    CHECK_STR(refused(bound), str_format(t.arena, "could not replace %.*s: Device or resource busy",
                                         SARG(bound.path)));
    CHECK_STR(text_of(bound.path), S("two\n"));
    bound.unsafe_writes = true;
    CHECK(applied(bound));
    CHECK_STR(text_of(bound.path), S("new"));
    check_no_litter();
    run_script(str_format(t.arena, "cd '%.*s' && umount bound small", SARG(t.dir)));
}

/* ---- commands ---- */

static void case_commands(void)
{
    struct command_result r = run_script(S("printf 'a\\000b'; printf err >&2; exit 7"));
    CHECK_STREAMS(r, S("a\0b"), S("err"));
    CHECK(r.status == 7 && r.started);
    r = run_argv(ARGV(S("printf"), S("%s|"), S("a b"), S("it's"), S("$HOME"), S("")));
    CHECK_STR(r.out, S("a b|it's|$HOME||"));
    r = run_script(S("cat")); /* stdin is empty, not ours */
    CHECK(r.status == 0 && r.out.len == 0);
    r = run_argv(ARGV(S("no-such-program"), S("x")));
    CHECK(!r.started && r.status == 127);
    CHECK_STR(r.problem, S("No such file or directory"));
    r = run_argv(ARGV(S("/etc/passwd")));
    CHECK(!r.started);
    CHECK_STR(r.problem, S("Permission denied"));
    r = run_script(S("kill -s KILL $$"));
    CHECK(r.status == 137);
    CHECK(r.err.len == 0);
    struct command there = script_of(S("pwd; umask >/dev/null; echo \"$A\""));
    there.chdir = t.dir;
    struct map_builder map = map_in(t.arena);
    map_set_str(&map, S("A"), value_str(t.arena, S("it's $A\nb")));
    there.environment = map_seal(&map);
    CHECK_STR(run_command(there).out, str_format(t.arena, "%.*s\nit's $A\nb\n", SARG(t.dir)));
    there.chdir = S("/no such place");
    r = run_command(there);
    CHECK(!r.started);
    CHECK_STR(r.problem, S("cannot change to /no such place: No such file or directory"));
    CHECK_STR(r.err, S(""));
    there.chdir = S("/etc/passwd");
    CHECK_STR(run_command(there).problem, S("cannot change to /etc/passwd: Not a directory"));
    there = (struct command){ .argv = (str[]){ S("env") },
                              .argc = 1,
                              .script = STR_NONE,
                              .executable = STR_NONE,
                              .chdir = STR_NONE,
                              .stdin_text = STR_NONE };
    map = map_in(t.arena);
    map_set_str(&map, S("A.B"), value_str(t.arena, S("it's c")));
    there.environment = map_seal(&map);
    CHECK(str_find(run_command(there).out, S("A.B=it's c\n"), 0) != STR_NPOS);
    struct remote_context context = context_for(5);
    struct remote_error error = { 0 };
    there = script_of(S("echo a\0b"));
    CHECK(remote_command(t.remote, &context, &there, &r, &error) == REMOTE_FAILED);
    CHECK_STR(error.message, S("the command holds a NUL byte"));
    CHECK_STR(run_script(S("echo \"$A\"; cd /; exit 0")).out, S("\n"));
}

static void case_stdin(void)
{
    struct command cat = script_of(S("cat"));
    const size_t sizes[] = { 0, 1, 16384, 16385, 300000 };
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        cat.stdin_text = big_text(sizes[i]);
        CHECK(str_eq(run_command(cat).out, cat.stdin_text));
    }
    struct command deaf = script_of(S("exit 5"));
    deaf.stdin_text = big_text(300000);
    CHECK(run_command(deaf).status == 5);
    deaf.stdin_text = S("echo not a command\n");
    struct command_result r = run_command(deaf);
    CHECK(r.status == 5 && r.out.len == 0);
    CHECK_STR(run_script(S("echo fine")).out, S("fine\n"));
}

struct live {
    size_t out, err;
    double first;
};

static void hear(void *data, str bytes, bool is_stderr)
{
    struct live *live = data;
    *(is_stderr ? &live->err : &live->out) += bytes.len;
}

static void case_much_output(void)
{
    struct live live = { 0 };
    struct remote_context context = context_for(60);
    context.live = hear;
    context.live_data = &live;
    struct command command =
        script_of(S("dd if=/dev/zero bs=10000 count=1000 2>/dev/null; "
                    "(exec 3>&2 2>/dev/null; dd if=/dev/zero bs=10000 count=30 >&3); echo end"));
    struct command_result r;
    struct remote_error error;
    CHECK(remote_command(t.remote, &context, &command, &r, &error) == REMOTE_OK);
    CHECK(r.out.len + r.err.len == 10300004 && r.err.len == (t.terminal ? 0 : 300000));
    CHECK(live.out == r.out.len && live.err == r.err.len);
    CHECK(str_ends(r.out, S("end\n")));
}

static double seconds(void)
{
    return (double)wire_now() / 1000;
}

static void case_daemons(void)
{
    double start = seconds();
    struct command_result r = run_script(S("(sleep 20; echo late) & echo started"));
    CHECK_STR(r.out, S("started\n"));
    CHECK(seconds() - start < 3);
    CHECK_STR(run_script(S("echo next")).out, S("next\n"));
    /* one that goes on printing: the shell is not used again */
    r = run_script(S("(i=0; while [ $i -lt 40 ]; do echo noise; i=$((i+1)); sleep 0.05 || sleep 1; "
                     "done) & exit 0"));
    CHECK(r.status == 0);
    nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL); /* also on a busy machine a line has come */
    CHECK_STR(run_script(S("echo clean")).out, S("clean\n"));
}

/* These wait, and hang on the shell, not on how somebody became the user. */
static void case_late_daemons(void)
{
    if (t.become.method != BECOME_NONE && t.only == NULL) {
        return;
    }
    /* one that is silent when its command ends does not print into the next one's output */
    struct command_result r = run_script(S("(sleep 3; echo late; echo late >&2) & echo started"));
    CHECK_STR(r.out, S("started\n"));
    r = run_script(S("sleep 3; echo mine"));
    CHECK_STR(r.out, S("mine\n"));
    CHECK_STR(r.err, S(""));
    /* what comes within a second is of the command that started it */
    r = run_script(S("(sleep 0.3 || sleep 1; echo soon) & exit 3"));
    CHECK(r.status == 3);
    CHECK_STR(r.out, S("soon\n"));
    /* who has closed the streams is not waited for */
    double start = seconds();
    r = run_script(S("sleep 20 >/dev/null 2>&1 & exit 0"));
    CHECK(r.status == 0 && seconds() - start < 0.9);
}

/* What was told to end may take a while on a busy machine. */
static bool still_runs(str mark)
{
    str script = str_format(t.arena,
                            "i=0; while n=$(for p in /proc/[0-9]*/cmdline; do "
                            "tr '\\0' ' ' <$p 2>/dev/null; echo; done | grep -c '^sleep %.*s')\n"
                            "[ $n != 0 ] && [ $i -lt 10 ]; do i=$((i+1)); sleep 1; done; echo $n",
                            SARG(mark));
    return !str_eq(run_script(script).out, S("0\n"));
}

static enum remote_status command_until(double limit, str script)
{
    struct remote_context context = context_for(limit);
    struct command command = script_of(script);
    struct command_result result;
    struct remote_error error = { 0 };
    return remote_command(t.remote, &context, &command, &result, &error);
}

static void case_timeout(void)
{
    str mark = str_format(t.arena, "3%d", (int)getpid());
    str script = str_format(t.arena, "sh -c 'sleep %.*s; echo a' & sleep %.*s; echo b", SARG(mark),
                            SARG(mark));
    double start = seconds();
    CHECK(command_until(0.7, script) == REMOTE_TIMEOUT);
    CHECK(seconds() - start < 3.5);
    CHECK_STR(run_script(S("echo after")).out, S("after\n"));
    CHECK(!still_runs(mark));
}

/* Without CHECK, whose counts belong to the main thread: the byte is read there. */
static void *press_ctrl_c(void *unused)
{
    nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
    return write(t.wake[1], "x", 1) == 1 ? unused : NULL;
}

static void case_ctrl_c(void)
{
    pthread_t thread;
    char byte;
    str mark = str_format(t.arena, "4%d", (int)getpid());
    run_script(S("true")); /* the shell is open */
    double start = seconds();
    pthread_create(&thread, NULL, press_ctrl_c, NULL);
    CHECK(command_until(60, str_format(t.arena, "sleep %.*s; true", SARG(mark))) ==
          REMOTE_INTERRUPTED);
    CHECK(seconds() - start < 2.5);
    pthread_join(thread, NULL);
    CHECK(read(t.wake[0], &byte, 1) == 1);
    CHECK(!still_runs(mark));
}

static void case_killed_shell(void)
{
    if (strcmp(t.mode, "local") == 0) {
        return;
    }
    struct remote_error error = { 0 };
    struct remote_context context = context_for(20);
    struct command command = script_of(S("kill -s KILL $PPID; sleep 0.1"));
    struct command_result result;
    CHECK(remote_command(t.remote, &context, &command, &result, &error) == REMOTE_UNREACHABLE);
    CHECK_STR(error.message, S("the shell on the host ended while the command ran"));
    CHECK_STR(run_script(S("echo again")).out, S("again\n"));
}

static void case_raw(void)
{
    struct command raw = script_of(S("echo raw; echo e >&2; exit 3"));
    raw.raw = true;
    struct command_result r = run_command(raw);
    CHECK_STREAMS(r, S("raw\n"), S("e\n"));
    CHECK(r.status == 3);
}

/* A batch of questions is one round trip once the shell is open. */
static void case_round_trips(void)
{
    if (strcmp(t.mode, "local") == 0) {
        return;
    }
    stat_of(t.dir);
    uint64_t before = remote_counts(t.remote).round_trips;
    struct observer *obs = observer();
    struct file_stat stat;
    str text, hex;
    for (int round = 0; round < 2; round++) {
        observe_stat(obs, S("/etc/passwd"), &stat);
        observe_text(obs, S("/etc/passwd"), &text);
        observe_digest(obs, S("/etc/passwd"), DIGEST_SHA1, &hex);
        if (round == 0) {
            answer(obs);
        }
    }
    CHECK(remote_counts(t.remote).round_trips - before == 1);
    CHECK(text.len == stat.size && hex.len == 40);
}

/* ---- asked ahead ---- */

/* What the next task is expected to ask, and what it then does. */
struct guess {
    str path, name;
    bool tree;
    struct file_stat stat, parent;
    struct file_tree entries;
    str text, hex, program;
    struct user_entry login, user;
    struct file_access access;
    unsigned umask;
};

static void observe_guess(struct observer *obs, struct guess *guess)
{
    observe_stat(obs, guess->path, &guess->stat);
    observe_stat_follow(obs, t.dir, &guess->parent);
    observe_text(obs, guess->path, &guess->text);
    observe_digest(obs, guess->path, DIGEST_SHA1, &guess->hex);
    observe_program(obs, S("sh"), &guess->program);
    observe_login(obs, &guess->login);
    observe_user(obs, S("root"), &guess->user);
    observe_access(obs, guess->path, &guess->access);
    observe_umask(obs, &guess->umask);
    if (guess->tree) {
        observe_tree(obs, t.dir, false, &guess->entries);
    }
}

static bool guess_taken;

static void expect_guess(void *data, struct expected *expected)
{
    struct guess unanswered = *(const struct guess *)data;
    struct observer *obs = observer();
    observe_guess(obs, &unanswered);
    guess_taken = expected_add(expected, obs);
}

/* Ask something, and the guess along with it. */
static void ask_with_guess(struct ahead *ahead, struct guess *guess)
{
    struct remote_context context = context_for(30);
    struct remote_error error = { 0 };
    struct file_stat stat;
    struct observer *obs = observer();
    ahead->expect = expect_guess;
    ahead->data = guess;
    context.ahead = ahead;
    observe_stat(obs, S("/"), &stat);
    CHECK(remote_answer(t.remote, &context, obs, &error) == REMOTE_OK);
    observe_stat(obs, S("/"), &stat);
    CHECK(stat.type == FILE_DIRECTORY);
}

/* Ask what was guessed; the round trips that it took. */
static uint64_t ask_guessed(struct ahead *ahead, struct guess *guess)
{
    struct remote_context context = context_for(30);
    struct remote_error error = { 0 };
    uint64_t before = remote_counts(t.remote).round_trips;
    struct observer *obs = observer();
    ahead->expect = NULL;
    context.ahead = ahead;
    observe_guess(obs, guess);
    CHECK(remote_answer(t.remote, &context, obs, &error) == REMOTE_OK);
    CHECK(!observer_problem(obs, &error));
    observe_guess(obs, guess);
    return remote_counts(t.remote).round_trips - before;
}

static void check_guess(const struct guess *guess, str text)
{
    CHECK(guess->stat.type == FILE_REGULAR && guess->stat.size == text.len);
    CHECK(guess->parent.type == FILE_DIRECTORY);
    CHECK_STR(guess->text, text);
    CHECK_STR(guess->hex, digest_of_bytes(t.arena, DIGEST_SHA1, text));
    CHECK(str_ends(guess->program, S("/sh")));
    CHECK(guess->login.exists && guess->login.uid == guess->stat.uid);
    CHECK_STR(guess->user.name, S("root"));
    CHECK(guess->access.read && guess->access.write && !guess->access.execute);
    CHECK((guess->stat.mode & guess->umask) == 0);
}

/* Round trips where there is a shell; more, if it has to be opened again. */
static uint64_t trips(uint64_t by_shell)
{
    return strcmp(t.mode, "local") == 0 ? 0 : by_shell;
}

static void case_ahead(void)
{
    atomic_uint changes = 0;
    struct ahead ahead = { .changes = &changes };
    struct guess guess = { .path = in_dir(S("ahead")) };
    CHECK(applied(write_of(guess.path, S("first\n"))));
    ask_with_guess(&ahead, &guess);
    CHECK(ask_guessed(&ahead, &guess) == 0);
    check_guess(&guess, S("first\n"));
    CHECK(ask_guessed(&ahead, &guess) == 0); /* two tasks may ask the same */

    /* who does not take part asks for himself */
    struct remote_context alone = context_for(30);
    struct remote_error error;
    struct observer *obs = observer();
    uint64_t before = remote_counts(t.remote).round_trips;
    observe_stat(obs, guess.path, &guess.stat);
    CHECK(remote_answer(t.remote, &alone, obs, &error) == REMOTE_OK);
    CHECK(remote_counts(t.remote).round_trips - before == trips(1));

    /* nor does one new question among known ones have an answer */
    struct guess other = { .path = in_dir(S("other")) };
    CHECK(applied(write_of(other.path, S("other\n"))));
    CHECK(ask_guessed(&ahead, &other) == trips(1));
    check_guess(&other, S("other\n"));
}

static void case_ahead_outdated(void)
{
    atomic_uint changes = 0;
    struct ahead ahead = { .changes = &changes };
    struct guess guess = { .path = in_dir(S("outdated")) };
    struct remote_error error = { 0 };
    CHECK(applied(write_of(guess.path, S("first\n"))));
    ask_with_guess(&ahead, &guess);
    struct remote_context context = context_for(30);
    context.ahead = &ahead;
    struct change change = write_of(guess.path, S("second\n"));
    struct apply_result result;
    ahead.expect = NULL;
    CHECK(remote_apply(t.remote, &context, &change, 1, NULL, 0, &result, &error) == REMOTE_OK);
    CHECK(changes == 2); /* it began, and ended */
    CHECK(ask_guessed(&ahead, &guess) >= trips(1));
    check_guess(&guess, S("second\n"));

    ask_with_guess(&ahead, &guess);
    struct command command = script_of(str_format(t.arena, "echo third >'%.*s'", SARG(guess.path)));
    struct command_result output;
    ahead.expect = NULL;
    CHECK(remote_command(t.remote, &context, &command, &output, &error) == REMOTE_OK);
    CHECK(changes == 4);
    CHECK(ask_guessed(&ahead, &guess) >= trips(1));
    check_guess(&guess, S("third\n"));

    ask_with_guess(&ahead, &guess);
    changes++; /* by somebody, anywhere */
    CHECK(ask_guessed(&ahead, &guess) >= trips(1));

    ask_with_guess(&ahead, &guess);
    sleep(AHEAD_SECONDS + 1);
    CHECK(ask_guessed(&ahead, &guess) >= trips(1));

    ask_with_guess(&ahead, &guess);
    control_close(seat_of(t.remote, &t.become)); /* groups may be others behind it */
    CHECK(ask_guessed(&ahead, &guess) >= trips(1));
    check_guess(&guess, S("third\n"));
}

/* What is left to its turn: large files, what needs programs, what cannot be answered. */
static void case_ahead_withheld(void)
{
    atomic_uint changes = 0;
    struct ahead ahead = { .changes = &changes };
    struct guess guess = { .path = in_dir(S("withheld")) };
    struct strbuf text = strbuf_in(t.arena);
    for (int i = 0; i < 7000; i++) {
        strbuf_addf(&text, "line %d of many\n", i);
    }
    CHECK(applied(write_of(guess.path, strbuf_str(&text))));
    ask_with_guess(&ahead, &guess);
    CHECK(guess_taken || strcmp(t.mode, "local") == 0);
    CHECK(ask_guessed(&ahead, &guess) == trips(1));
    check_guess(&guess, strbuf_str(&text));

    guess.tree = true;
    guess_taken = false;
    ask_with_guess(&ahead, &guess);
    CHECK(!guess_taken);
    CHECK(ask_guessed(&ahead, &guess) == trips(1));
    CHECK(guess.entries.exists);

    /* nor is a file read otherwise for what may come than for what is asked */
    struct guess same = { .path = in_dir(S("same")) };
    struct change sparse = write_of(same.path, S("x"));
    CHECK(applied(sparse));
    run_script(str_format(t.arena,
                          "truncate -s 20000000 '%.*s' || dd if=/dev/zero of='%.*s' bs=1 "
                          "count=1 seek=19999999",
                          SARG(same.path), SARG(same.path)));
    struct remote_context context = context_for(30);
    struct remote_error error = { 0 };
    struct observer *obs = observer();
    str hex = STR_NONE;
    ahead.expect = expect_guess;
    ahead.data = &same;
    context.ahead = &ahead;
    observe_digest(obs, same.path, DIGEST_SHA1, &hex);
    CHECK(remote_answer(t.remote, &context, obs, &error) == REMOTE_OK);
    CHECK(!observer_problem(obs, &error));
    observe_digest(obs, same.path, DIGEST_SHA1, &hex);
    CHECK(hex.len == 40);
    run_script(str_format(t.arena, "rm '%.*s'", SARG(same.path)));

    struct guess odd = { .path = t.dir }; /* a directory has no text: undefined, and no problem */
    ask_with_guess(&ahead, &odd);
    CHECK(ask_guessed(&ahead, &odd) == 0);
    CHECK(str_is_none(odd.text) && str_is_none(odd.hex));

    struct guess none = { .path = in_dir(S("nothing")) };
    ask_with_guess(&ahead, &none);
    CHECK(ask_guessed(&ahead, &none) == 0);
    CHECK(none.stat.type == FILE_ABSENT && str_is_none(none.text) && !none.access.read);
}

/* The number that the last process of the host was given. */
static int64_t last_pid(void)
{
    int64_t pid = 0;
    CHECK(str_to_int64(str_trim(text_of(S("/proc/sys/kernel/ns_last_pid"))), &pid));
    return pid;
}

/*
 * What a converged task may cost on the host: a fork for each program, none for the shell. Asking
 * for the last pid costs two itself (stat, and what reads the file). Only a host whose pids are its
 * own is quiet enough to count.
 */
static void case_forks(void)
{
    if (t.here) {
        return;
    }
    str path = in_dir(S("converged")), hex;
    struct file_stat stat, other, absent;
    CHECK(applied(write_of(path, S("as it should be\n"))));
    int64_t before = last_pid();
    struct observer *obs = observer();
    ASK(obs, observe_stat(obs, path, &stat);
        observe_digest(obs, path, DIGEST_SHA1, &hex)); /* copy */
    int64_t after_copy = last_pid();
    obs = observer();
    ASK(obs, observe_stat(obs, path, &stat); observe_stat(obs, S("/etc"), &other);
        observe_stat_follow(obs, path, &other); observe_stat(obs, S("/no"), &absent)); /* file */
    int64_t after_file = last_pid();
    run_script(S("true"));
    int64_t after_command = last_pid();
    CHECK(after_copy - before - 2 <= 2);
    CHECK(after_file - after_copy - 2 <= 1);
    /* where the shells take turns, one had to be opened */
    CHECK(t.remote->one_session ||
          after_command - after_file - 2 <= 2); /* the subshell, and true in /bin/sh -c */
}

/* ---- files of any size ---- */

static enum remote_status download_to(int fd, str path, uint64_t max, double seconds,
                                      struct downloaded *ret, struct remote_error *ret_error)
{
    struct remote_context context = context_for(seconds);
    struct download download = { .path = path, .size_max = max, .fd = fd, .digest = DIGEST_SHA256 };
    *ret = (struct downloaded){ 0 };
    *ret_error = (struct remote_error){ 0 };
    return remote_download(t.remote, &context, &download, ret, ret_error);
}

static int empty_file(void)
{
    char name[] = "/tmp/test_remote.XXXXXX";
    int fd = mkostemp(name, O_CLOEXEC);
    unlink(name);
    return fd;
}

static void check_download(str path, str bytes)
{
    struct downloaded got;
    struct remote_error error;
    CLEANUP(close_fd) int fd = empty_file();
    CHECK(download_to(fd, path, bytes.len, 30, &got, &error) == REMOTE_OK);
    if (error.message.len > 0) {
        fprintf(stderr, "  %.*s\n", SARG(error.message));
    }
    char *have = arena_alloc_raw(t.arena, bytes.len + 1);
    CHECK(got.size == bytes.len);
    CHECK(pread(fd, have, bytes.len + 1, 0) == (ssize_t)bytes.len);
    CHECK(str_eq((str){ have, bytes.len }, bytes));
    CHECK_STR(got.digest, digest_of_bytes(t.arena, DIGEST_SHA256, bytes));
}

static void case_download(void)
{
    str path = in_dir(S("down load"));
    const str texts[] = { STR_EMPTY, S("x"), S("\n"), S("a\0b\nno newline"), big_text(3000001) };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        CHECK(applied(write_of(path, texts[i])));
        check_download(path, texts[i]);
    }
    str link = in_dir(S("down.link"));
    CHECK(applied((struct change){ .kind = CHANGE_SYMLINK, .path = link, .target = path }));
    check_download(link, texts[4]);
}

static void check_no_download(str path, uint64_t max, const char *why)
{
    struct downloaded got;
    struct remote_error error;
    CLEANUP(close_fd) int fd = empty_file();
    CHECK(download_to(fd, path, max, 30, &got, &error) == REMOTE_FAILED);
    CHECK_STR(error.message, str_format(t.arena, "could not read %.*s: %s", SARG(path), why));
}

static void case_no_download(void)
{
    str big = in_dir(S("too big")), fifo = in_dir(S("fifo")), secret = in_dir(S("secret"));
    CHECK(applied(write_of(big, big_text(100001))));
    check_no_download(in_dir(S("nope")), 1000, "No such file or directory");
    check_no_download(t.dir, 1000, "Is a directory");
    check_no_download(big, 100000, "larger than 100000 bytes");
    run_script(str_format(t.arena, "mkfifo '%.*s'; printf s >'%.*s'; chmod 0 '%.*s'", SARG(fifo),
                          SARG(secret), SARG(secret)));
    check_no_download(fifo, 1000, "not a regular file");
    if (!t.root) {
        check_no_download(secret, 1000, "Permission denied");
    }
    struct downloaded got;
    struct remote_error error;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    CHECK(download_to(full, big, UINT64_MAX, 30, &got, &error) == REMOTE_FAILED);
    CHECK_STR(error.message,
              str_format(t.arena,
                         "could not write on the controller what was read of %.*s: No space left "
                         "on device",
                         SARG(big)));
    close(full);
    check_download(big, big_text(100001)); /* the remote is usable */
}

/* A file without an end stops at the deadline, and holds no more memory than another. */
static void case_endless_download(void)
{
    struct downloaded got;
    struct remote_error error;
    str path = in_dir(S("endless"));
    run_script(str_format(t.arena,
                          "truncate -s 300G '%.*s' || dd if=/dev/null of='%.*s' bs=1 seek=300G",
                          SARG(path), SARG(path)));
    CLEANUP(close_fd) int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    double start = seconds();
    CHECK(download_to(fd, path, UINT64_MAX, 1, &got, &error) == REMOTE_TIMEOUT);
    CHECK(seconds() - start < 4);
    CHECK_STR(run_script(S("echo after")).out, S("after\n"));
    run_script(str_format(t.arena, "rm -f '%.*s'", SARG(path)));
}

/* ---- many files in one stream ---- */

static enum remote_status apply_all(const struct change *changes, size_t count,
                                    struct remote_error *ret_error)
{
    struct apply_result result;
    enum remote_status status = apply(changes, count, &result, ret_error);
    CHECK(status != REMOTE_OK || result.done == count);
    return status;
}

static struct change directory_of(str path)
{
    return (struct change){ .kind = CHANGE_DIRECTORY, .path = path };
}

/* Names that a shell, tar or mv could take for something else. */
static const str tree_names[] = { S_INIT("plain"),       S_INIT("-rf"),   S_INIT("a b"),
                                  S_INIT("it's"),        S_INIT("$HOME"), S_INIT("*"),
                                  S_INIT("new\nline"),   S_INIT("\\"),    S_INIT("\xc3\xbc\xff"),
                                  S_INIT(".hidden.conf") };

static void case_bundle(void)
{
    struct change changes[40];
    struct remote_error error;
    size_t n = 0;
    str long_name = str_format(t.arena, "%0200d", 7);
    changes[n++] = directory_of(in_dir(S("bundle")));
    for (size_t i = 0; i < ARRAY_LEN(tree_names); i++) {
        str dir = str_format(t.arena, "bundle/%.*s", SARG(tree_names[i]));
        changes[n++] = directory_of(in_dir(dir));
        str path = str_format(t.arena, "%.*s/%.*s", SARG(dir), SARG(tree_names[i]));
        changes[n++] = write_of(in_dir(path), tree_names[i]);
    }
    changes[n++] = write_of(in_dir(str_concat(t.arena, S("bundle/"), long_name)), big_text(100000));
    changes[n++] = write_of(in_dir(S("bundle/empty")), STR_EMPTY);
    changes[n++] = write_of(in_dir(S("beside")), S("a\0b"));
    stat_of(t.dir); /* the shell is open */
    uint64_t before = remote_counts(t.remote).round_trips;
    CHECK(apply_all(changes, n, &error) == REMOTE_OK);
    CHECK(remote_counts(t.remote).round_trips - before <= 2); /* ready, and the reply */
    for (size_t i = 0; i < n; i++) {
        struct file_stat stat = stat_of(changes[i].path);
        CHECK(stat.type == (changes[i].kind == CHANGE_WRITE ? FILE_REGULAR : FILE_DIRECTORY));
        if (changes[i].kind == CHANGE_WRITE) {
            CHECK_STR(text_of(changes[i].path), value_as_str(changes[i].content.bytes));
        }
    }
    check_no_litter();
}

#define BUNDLED 8

/* So many files "<name><i>" in a directory, each with the text. */
static void files_of(struct change *changes, str dir, const char *name, str text)
{
    for (size_t i = 0; i < BUNDLED; i++) {
        changes[i] = write_of(str_format(t.arena, "%.*s/%s%zu", SARG(dir), name, i), text);
        changes[i].before = stat_of(changes[i].path);
    }
}

/* New files obey the umask or the mode given, old ones keep what they have. */
static void case_bundle_attributes(void)
{
    struct change changes[BUNDLED];
    struct remote_error error;
    struct observer *obs = observer();
    unsigned mask = 0;
    ASK(obs, observe_umask(obs, &mask));
    files_of(changes, t.dir, "attr", S("one"));
    changes[1].attrs = (struct file_attrs){ .has_mode = true, .mode = 0604 };
    changes[2].attrs = (struct file_attrs){ .has_mode = true, .mode = t.root ? 04750 : 0750 };
    changes[3].attrs = (struct file_attrs){ .has_mode = true, .mode = 0400 };
    changes[2].attrs.owner = t.root ? S("12") : STR_NONE;
    CHECK(apply_all(changes, BUNDLED, &error) == REMOTE_OK);
    CHECK(stat_of(changes[0].path).mode == (0666 & ~mask));
    CHECK(stat_of(changes[1].path).mode == 0604);
    CHECK(stat_of(changes[2].path).mode == (t.root ? 04750 : 0750));
    CHECK(stat_of(changes[3].path).mode == 0400);
    run_script(str_format(t.arena,
                          "cd '%.*s' && touch -t 200102030405.06 attr0 && rm attr7 && "
                          "ln attr6 attr7 && rm attr5 && ln -s attr4 attr5",
                          SARG(t.dir)));
    files_of(changes, t.dir, "attr", S("two"));
    CHECK(apply_all(changes, BUNDLED, &error) == REMOTE_OK);
    CHECK(stat_of(changes[1].path).mode == 0604);
    CHECK(stat_of(changes[2].path).mode == (t.root ? 04750 : 0750));
    CHECK(stat_of(changes[2].path).uid == (t.root ? 12 : stat_of(t.dir).uid));
    CHECK(stat_of(changes[3].path).mode == 0400);
    CHECK(stat_of(changes[0].path).mtime > 1500000000);
    CHECK(stat_of(changes[5].path).type == FILE_REGULAR); /* a link is replaced */
    CHECK_STR(text_of(changes[4].path), S("two"));
    CHECK(stat_of(changes[6].path).inode != stat_of(changes[7].path).inode);
    check_no_litter();
}

static void case_bundle_fails(void)
{
    struct change changes[BUNDLED];
    struct remote_error error;
    str gone = in_dir(S("no such/dir"));
    files_of(changes, t.dir, "bad", S("x"));
    changes[5] = write_of(gone, S("x"));
    CHECK(apply_all(changes, BUNDLED, &error) == REMOTE_FAILED);
    CHECK_STR(error.message,
              str_format(t.arena, "could not write %.*s: No such file or directory", SARG(gone)));
    files_of(changes, t.dir, "bad", S("x"));
    changes[6].attrs.owner = S("no-such-user");
    CHECK(apply_all(changes, BUNDLED, &error) == REMOTE_FAILED);
    CHECK(str_starts(error.message,
                     str_format(t.arena, "could not set the owner of %.*s: invalid user",
                                SARG(changes[6].path))) ||
          str_find(error.message, S("no-such-user"), 0) != STR_NPOS);
    CHECK(strcmp(t.mode, "local") == 0 || stat_of(changes[0].path).type == FILE_ABSENT);
    check_no_litter();
}

static bool has_gnu_tar(void)
{
    return run_script(S("tar --version | grep -q GNU")).status == 0;
}

/* Where we may mount: a disk that becomes full, a file that cannot be replaced. */
static void case_bundle_mounts(void)
{
    struct change changes[BUNDLED];
    struct remote_error error;
    str small = in_dir(S("small"));
    struct command_result mounted = run_script(str_format(
        t.arena,
        "cd '%.*s' && mkdir -p small && mount -t tmpfs -o size=1m tmpfs small && echo two >over && "
        "echo old >busy5 && mount --bind over busy5",
        SARG(t.dir)));
    if (mounted.status != 0) {
        return;
    }
    files_of(changes, small, "f", S("old\n"));
    CHECK(apply_all(changes, BUNDLED, &error) == REMOTE_OK);
    files_of(changes, small, "f", S("new\n"));
    changes[3].content.bytes = value_str(t.arena, big_text(2000000));
    CHECK(apply_all(changes, BUNDLED, &error) == REMOTE_FAILED);
    CHECK(str_ends(error.message, S(": No space left on device")));
    CHECK(!has_gnu_tar() || str_find(error.message, changes[3].path, 0) != STR_NPOS);
    CHECK_STR(text_of(changes[3].path), S("old\n"));
    CHECK_STR(run_script(str_format(t.arena, "ls -A '%.*s' | wc -l", SARG(small))).out,
              str_format(t.arena, "%d\n", BUNDLED));
    files_of(changes, t.dir, "busy", S("new\n"));
    CHECK(apply_all(changes, BUNDLED, &error) == REMOTE_FAILED);
    CHECK_STR(error.message, str_format(t.arena, "could not replace %.*s: Device or resource busy",
                                        SARG(changes[5].path)));
    check_no_litter();
    run_script(str_format(t.arena, "cd '%.*s' && umount busy5 small", SARG(t.dir)));
}

/* What takes too long is ended, and what it made goes. */
static void case_bundle_timeout(void)
{
    struct change changes[BUNDLED];
    struct remote_error error;
    struct apply_result result;
    if (strcmp(t.mode, "local") == 0) {
        return;
    }
    files_of(changes, t.dir, "late", S("x"));
    changes[4].content =
        (struct content){ .kind = CONTENT_CONTROLLER, .path = S("/dev/zero"), .size = 1ull << 42 };
    struct remote_context context = context_for(1);
    double start = seconds();
    CHECK(remote_apply(t.remote, &context, changes, BUNDLED, NULL, 0, &result, &error) ==
          REMOTE_TIMEOUT);
    CHECK(seconds() - start < 4);
    CHECK(stat_of(changes[0].path).type == FILE_ABSENT);
    nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL); /* what is large goes slowly */
    check_no_litter();
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    { "stat", case_stat },
    { "odd_names", case_odd_names },
    { "texts", case_texts },
    { "big_files", case_big_files },
    { "controller_file", case_controller_file },
    { "digests", case_digests },
    { "many digests", case_many_digests },
    { "tree", case_tree },
    { "glob", case_glob },
    { "programs", case_programs },
    { "programs_of_paths", case_programs_of_paths },
    { "users", case_users },
    { "access", case_access },
    { "denied", case_denied },
    { "no_stat", case_no_stat },
    { "attributes", case_attributes },
    { "kinds", case_kinds },
    { "stops", case_stops },
    { "targets", case_targets },
    { "validate", case_validate },
    { "mounts", case_mounts },
    { "commands", case_commands },
    { "stdin", case_stdin },
    { "much_output", case_much_output },
    { "daemons", case_daemons },
    { "late_daemons", case_late_daemons },
    { "timeout", case_timeout },
    { "ctrl_c", case_ctrl_c },
    { "killed_shell", case_killed_shell },
    { "raw", case_raw },
    { "download", case_download },
    { "no_download", case_no_download },
    { "endless_download", case_endless_download },
    { "bundle", case_bundle },
    { "bundle_attributes", case_bundle_attributes },
    { "bundle_fails", case_bundle_fails },
    { "bundle_mounts", case_bundle_mounts },
    { "bundle_timeout", case_bundle_timeout },
    { "round_trips", case_round_trips },
    { "ahead", case_ahead },
    { "ahead_outdated", case_ahead_outdated },
    { "ahead_withheld", case_ahead_withheld },
    { "forks", case_forks },
};

static struct connection_options options_from(int argc, char **argv)
{
    struct connection_options options = {
        .kind = strcmp(argv[1], "ssh") == 0 ? CONNECTION_SSH : CONNECTION_LOCAL,
        .name = S("test"),
        .connect_timeout = 40, /* four tests at a time, with sanitizers */
        .wake = t.wake[0],
    };
    if (options.kind == CONNECTION_SSH) {
        static str args[2];
        args[0] = str_format(t.arena, "-o UserKnownHostsFile=%s", argv[5]);
        str rest = str_of(argv[2]);
        int64_t port;
        options.host = str_cut(&rest, ':');
        options.port = str_to_int64(rest, &port) ? (unsigned)port : 22;
        options.user = str_of(argv[3]);
        options.private_key_file = str_of(argv[4]);
        options.ssh_args = args;
        options.ssh_args_count = 1;
        if (argc > 6) {
            const char *method = getenv("METHOD");
            t.become =
                (struct become){ .method = become_name(str_of(method ? method : "sudo"))->method,
                                 .flags = str_of(getenv("FLAGS")),
                                 .user = str_of(argv[6]),
                                 .password = argc > 7 ? str_of(argv[7]) : STR_NONE };
        }
    }
    return options;
}

static bool usage(int argc, char **argv)
{
    return argc < 2 || (strcmp(argv[1], "ssh") == 0 && argc < 6);
}

int main(int argc, char **argv)
{
    if (usage(argc, argv)) {
        fprintf(stderr,
                "usage: test_remote local|shell|ssh ADDRESS:PORT USER KEY KNOWN_HOSTS [BECOME "
                "[PASSWORD]]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    t.mode = argv[1];
    t.only = getenv("CASE");
    t.skip = getenv("SKIP");
    t.name = "start";
    t.arena = arena_new("test");
    if (pipe2(t.wake, O_CLOEXEC) != 0) {
        return 2;
    }
    struct connection_options options = options_from(argc, argv);
    t.remote = remote_new(&options);
    t.remote->by_shell = strcmp(t.mode, "shell") == 0;
    t.here = options.kind == CONNECTION_LOCAL;
    t.terminal = getenv("TERMINAL") != NULL;
    t.root = str_eq(run_script(S("id -u")).out, S("0\n"));
    t.dir = str_trim(run_script(S("mktemp -d /tmp/remote-test.XXXXXX")).out);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        t.name = cases[i].name;
        bool skipped = t.skip != NULL && strcmp(t.skip, t.name) == 0;
        if (!skipped && (t.only == NULL || strcmp(t.only, t.name) == 0)) {
            cases[i].run();
        }
    }
    t.name = "end";
    if (t.dir.len > 5) {
        run_script(str_format(t.arena, "rm -rf '%.*s'", SARG(t.dir)));
    }
    remote_free(t.remote);
    arena_free(t.arena);
    close(t.wake[0]);
    close(t.wake[1]);
    printf("%s: %u checks, %u failed\n", t.mode, t.checks, t.failures);
    return t.failures > 0;
}
