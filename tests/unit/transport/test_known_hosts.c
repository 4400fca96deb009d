/* What known_hosts files say about a host. */
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
    known_hosts_read(bench->arena, bench_file(bench, "known_hosts", text), str_of(name),
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
    known_hosts_read(bench.arena, path, S("web1"), STR_NONE, &keys);
    cr_assert_eq(keys.all.len, 2);
    EQ_STR(keys.all.items[1].where, str_format(bench.arena, "%.*s:5", SARG(path)), path);
    known_hosts_read(bench.arena, S("/no/such/file"), S("web1"), STR_NONE, &keys);
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
