/* What known_hosts files say about a host. */
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>

#include "base/path.h"
#include "check.h"
#include "transport/known_hosts.h"

static const struct {
    const char *line, *name, *plain;
    const char *expected; /* kind, type, key; "-": the name without its port; "": nothing */
} rows[] = {
    { "web1 ssh-ed25519 AAAA me@x", "web1", NULL, "key ssh-ed25519 AAAA" },
    { "web1 ssh-ed25519", "web1", NULL, "" },
    { "web1", "web1", NULL, "" },
    { "# web1 ssh-ed25519 AAAA", "web1", NULL, "" },
    { "\tWEB1\tssh-rsa\tAAAA ", "web1", NULL, "key ssh-rsa AAAA" },
    { "web2,web1,10.0.0.1 ssh-rsa AAAA", "web1", NULL, "key ssh-rsa AAAA" },
    { "web*,!web1 ssh-rsa AAAA", "web1", NULL, "" },
    { "web?,!web2 ssh-rsa AAAA", "web1", NULL, "key ssh-rsa AAAA" },
    { "web[1] ssh-rsa AAAA", "web1", NULL, "" },
    { "[web1]:2222 ssh-rsa AAAA", "[web1]:2222", "web1", "key ssh-rsa AAAA" },
    { "[web1]:* ssh-rsa AAAA", "[web1]:2222", "web1", "key ssh-rsa AAAA" },
    { "web1 ssh-rsa AAAA", "[web1]:2222", "web1", "-key ssh-rsa AAAA" },
    { "web1 ssh-rsa AAAA", "[web1]:2222", NULL, "" },
    { "@cert-authority *.example.org ssh-rsa AAAA", "a.example.org", NULL,
      "authority ssh-rsa AAAA" },
    { "@revoked * ssh-rsa AAAA", "web1", NULL, "revoked ssh-rsa AAAA" },
    { "@other * ssh-rsa AAAA", "web1", NULL, "" },
    { "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAA", "192.168.1.61",
      NULL, "key ssh-rsa AAAA" },
    { "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAA", "192.168.1.62",
      NULL, "" },
    { "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y= ssh-rsa AAAA", "192.168.1.61", NULL, "" },
    { "|1||| ssh-rsa AAAA", "192.168.1.61", NULL, "" },
    { "|2|x|y ssh-rsa AAAA", "web1", NULL, "" },
};

static str read_one(struct bench *bench, const char *text, const char *name, const char *plain)
{
    static const char *const kinds[] = { "key", "authority", "revoked" };
    struct known_keys keys = { 0 };
    struct strbuf out = strbuf_in(bench->arena);
    known_hosts_read(NULL, bench->arena, bench_file(bench, "known_hosts", text), str_of(name),
                     plain == NULL ? STR_NONE : str_of(plain), &keys);
    for (size_t i = 0; i < keys.all.len; i++) {
        const struct known_key *key = &keys.all.items[i];
        strbuf_addf(&out, "%s%s%s %.*s %.*s", i > 0 ? " | " : "", key->without_port ? "-" : "",
                    kinds[key->kind], SARG(key->type), SARG(key->base64));
    }
    return out.len == 0 ? STR_EMPTY : strbuf_str(&out);
}

Test(known_hosts, lines)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        EQ_STR(read_one(&bench, rows[i].line, rows[i].name, rows[i].plain),
               str_of(rows[i].expected), str_of(rows[i].line));
    }
}

Test(known_hosts, where)
{
    BENCH(bench);
    struct known_keys keys = { 0 };
    str path =
        bench_file(&bench, "known_hosts", "# one\n\nweb1 t AAAA\nweb2 t BBBB\nweb1 t CCCC\n");
    known_hosts_read(NULL, bench.arena, path, S("web1"), STR_NONE, &keys);
    cr_assert_eq(keys.all.len, 2);
    EQ_STR(keys.all.items[1].where, str_format(bench.arena, "%.*s:5", SARG(path)), path);
    known_hosts_read(NULL, bench.arena, S("/no/such/file"), S("web1"), STR_NONE, &keys);
    cr_assert_eq(keys.all.len, 2);
}

Test(known_hosts, hash_is_read_back)
{
    BENCH(bench);
    str line = str_format(bench.arena, "%.*s t AAAA",
                          SARG(known_hosts_hash(bench.arena, S("[web1]:2222"))));
    EQ_STR(read_one(&bench, line.ptr, "[web1]:2222", NULL), S("key t AAAA"), line);
}

Test(known_hosts, revoked_file)
{
    BENCH(bench);
    bool has;
    str problem;
    str path = bench_file(&bench, "revoked", "# these\nssh-rsa AAAA me\nssh-rsa BBBB\n");
    cr_assert(revoked_keys_have(bench.arena, path, S("BBBB"), &has, &problem) && has);
    cr_assert(revoked_keys_have(bench.arena, path, S("CCCC"), &has, &problem) && !has);
    path = bench_file(&bench, "krl", "SSHKRL\n");
    cr_assert(!revoked_keys_have(bench.arena, path, S("BBBB"), &has, &problem));
    EQ_STR(problem, S("is a key revocation list in binary form, which is not supported"), path);
    cr_assert(!revoked_keys_have(bench.arena, S("/no/such"), S("BBBB"), &has, &problem));
    EQ_STR(problem, S("cannot be read: No such file or directory"), path);
}

Test(known_hosts, fingerprint)
{
    BENCH(bench);
    EQ_STR(
        key_fingerprint(bench.arena, S("ssh-ed25519"),
                        S("AAAAC3NzaC1lZDI1NTE5AAAAILBM5DRjV0JMRww6xdChW3KeS3rr4h0gstQnGXbw0Bwo")),
        S("ED25519 SHA256:BI65shVoYOw3EUDjqYIqgUgGTB2e2AohJ0LCOomcn/E"), S("as ssh-keygen -l"));
}

static str keys_of(struct bench *bench, struct known_files *files, str path, const char *name)
{
    struct known_keys keys = { 0 };
    struct strbuf out = strbuf_in(bench->arena);
    known_hosts_read(files, bench->arena, path, str_of(name), STR_NONE, &keys);
    for (size_t i = 0; i < keys.all.len; i++) {
        str where = keys.all.items[i].where;
        strbuf_addf(&out, "%.*s%.*s ", SARG(keys.all.items[i].base64),
                    SARG(str_part(where, path.len, where.len)));
    }
    return out.len == 0 ? STR_EMPTY : strbuf_str(&out);
}

static void release_files(struct known_files **files)
{
    known_files_free(*files);
}
#define FILES(name) __attribute__((cleanup(release_files))) struct known_files *name

/* Lines found by hash, by pattern and by a hashed name come in the order of the file, each once. */
Test(known_hosts, read_once)
{
    BENCH(bench);
    FILES(files) = known_files_new();
    str hashed = known_hosts_hash(bench.arena, S("web1"));
    str path = bench_file(&bench, "known_hosts",
                          str_format(bench.arena,
                                     "web1,WEB1,web2 t A\n# no\nweb* t B\n%.*s t C\nweb2 t D\n"
                                     "web1 t E\n",
                                     SARG(hashed))
                              .ptr);
    for (int i = 0; i < 2; i++) {
        EQ_STR(keys_of(&bench, files, path, "web1"), S("A:1 B:3 C:4 E:6 "), path);
        EQ_STR(keys_of(&bench, files, path, "web2"), S("A:1 B:3 D:5 "), path);
        EQ_STR(keys_of(&bench, files, path, "db1"), STR_EMPTY, path);
    }
    bench_file(&bench, "known_hosts", "db1 t F\n");
    EQ_STR(keys_of(&bench, files, path, "db1"), S("F:1 "), path);
    EQ_STR(keys_of(&bench, files, path, "web1"), STR_EMPTY, path);
    unlink(path.ptr);
    EQ_STR(keys_of(&bench, files, path, "db1"), STR_EMPTY, path);
    bench_file(&bench, "known_hosts", "db1 t G\n");
    EQ_STR(keys_of(&bench, files, path, "db1"), S("G:1 "), path);
}

Test(known_hosts, add)
{
    BENCH(bench);
    FILES(files) = known_files_new();
    str beside = bench_file(&bench, "beside", ""), dir = path_dirname(beside);
    str path = str_format(bench.arena, "%.*s/made/known_hosts", SARG(dir));
    cr_assert(known_hosts_add(files, bench.arena, path, S("web1 t A")));
    EQ_STR(keys_of(&bench, files, path, "web1"), S("A:1 "), path);
    cr_assert(known_hosts_add(files, bench.arena, path, S("web2 t B")));
    EQ_STR(keys_of(&bench, files, path, "web2"), S("B:2 "), path);
    cr_assert(system(str_format(bench.arena, "printf 'web3 t C' >>%s", path.ptr).ptr) == 0);
    cr_assert(known_hosts_add(files, bench.arena, path, S("web4 t D"))); /* unread, half a line */
    cr_assert(known_hosts_add(NULL, bench.arena, path, S("web5 t E")));
    EQ_STR(keys_of(&bench, files, path, "web3"), S("C:3 "), path);
    EQ_STR(keys_of(&bench, files, path, "web4"), S("D:4 "), path);
    EQ_STR(keys_of(&bench, files, path, "web5"), S("E:5 "), path);
    str text;
    cr_assert(known_text(bench.arena, path, &text));
    EQ_STR(text, S("web1 t A\nweb2 t B\nweb3 t C\nweb4 t D\nweb5 t E\n"), path);
    cr_assert(!known_hosts_add(files, bench.arena, dir, S("web1 t A")));
    cr_assert_eq(errno, EISDIR);
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

/* With 10,000 hosts the file is read once, and each lookup costs about the same. */
Test(known_hosts, many)
{
    BENCH(bench);
    FILES(files) = known_files_new();
    struct strbuf text = strbuf_in(bench.arena);
    for (int i = 0; i < 10000; i++) {
        strbuf_addf(&text, "host%d.example.org,10.%d.%d.1 ssh-ed25519 KEY%d\n", i, i / 256, i % 256,
                    i);
    }
    str path = bench_file(&bench, "known_hosts", strbuf_str(&text).ptr);
    for (int i = 0; i < 10000; i++) {
        struct known_keys keys = { 0 };
        str name = str_format(bench.arena, "host%d.example.org", i);
        known_hosts_read(files, bench.arena, path, name, STR_NONE, &keys);
        cr_assert_eq(keys.all.len, 1);
        EQ_STR(keys.all.items[0].base64, str_format(bench.arena, "KEY%d", i), name);
    }
    cr_assert_lt(cpu_seconds(), 10.0); /* a minute and more, if each one read the file */
}

/* While one thread adds, the others find what was there. */
struct sharing {
    struct known_files *files;
    str path;
    int found;
};

static void *look_up_often(void *data)
{
    struct sharing *sharing = data;
    CLEANUP(release_arena) struct arena *arena = arena_new("test");
    for (int i = 0; i < 300; i++) {
        struct known_keys keys = { 0 };
        known_hosts_read(sharing->files, arena, sharing->path, S("web1"), STR_NONE, &keys);
        sharing->found += keys.all.len == 1;
    }
    return NULL;
}

Test(known_hosts, threads)
{
    BENCH(bench);
    FILES(files) = known_files_new();
    str path = bench_file(&bench, "known_hosts", "web1 t A\n");
    struct sharing sharing[4];
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        sharing[i] = (struct sharing){ .files = files, .path = path };
        cr_assert_eq(pthread_create(&threads[i], NULL, look_up_often, &sharing[i]), 0);
    }
    for (int i = 0; i < 300; i++) {
        str line = str_format(bench.arena, "added%d t B", i);
        cr_assert(known_hosts_add(files, bench.arena, path, line));
    }
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        pthread_join(threads[i], NULL);
        cr_assert_eq(sharing[i].found, 300);
    }
    EQ_STR(keys_of(&bench, files, path, "added299"), S("B:301 "), path);
}
