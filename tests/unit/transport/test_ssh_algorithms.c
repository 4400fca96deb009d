/* What lists of algorithms come to. */
#include "check.h"
#include "transport/ssh_algorithms.h"

#define MORE_KEX "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521"
#define CTR      "aes256-ctr,aes192-ctr,aes128-ctr"

static const struct {
    enum ssh_algorithms_kind kind;
    str said, expected;
} rows[] = {
    { SSH_HOST_KEYS,
      { 0 },
      S_INIT("ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
             "rsa-sha2-512,rsa-sha2-256") },
    { SSH_HOST_KEYS, S_INIT("+ssh-rsa"),
      S_INIT("ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
             "rsa-sha2-512,rsa-sha2-256,ssh-rsa") },
    { SSH_HOST_KEYS, S_INIT("+ssh-dss,ssh-ed25519"),
      S_INIT("ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
             "rsa-sha2-512,rsa-sha2-256") },
    { SSH_HOST_KEYS, S_INIT("-ecdsa*,ssh-dss"), S_INIT("ssh-ed25519,rsa-sha2-512,rsa-sha2-256") },
    { SSH_HOST_KEYS, S_INIT("^rsa-sha2-*"),
      S_INIT("rsa-sha2-512,rsa-sha2-256,ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
             "ecdsa-sha2-nistp521") },
    { SSH_HOST_KEYS, S_INIT("ssh-rsa,ssh-ed25519-cert-v01@openssh.com,ssh-ed25519"),
      S_INIT("ssh-rsa,ssh-ed25519") },
    { SSH_HOST_KEYS, S_INIT("ssh-dss"), { 0 } },
    { SSH_HOST_KEYS, S_INIT("-*"), { 0 } },
    { SSH_CIPHERS, S_INIT("aes*-ctr"), S_INIT(CTR) },
    { SSH_CIPHERS, S_INIT("-*gcm*"), S_INIT("chacha20-poly1305@openssh.com," CTR) },
    { SSH_CIPHERS, S_INIT("3des-cbc,arcfour"), S_INIT("3des-cbc") },
    { SSH_CIPHERS, S_INIT("aes128-ctr,aes*-ctr,aes128-ctr"),
      S_INIT("aes128-ctr,aes256-ctr,aes192-ctr") },
    { SSH_MACS, S_INIT("+hmac-sha1"),
      S_INIT("hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,"
             "hmac-sha2-512,hmac-sha1-etm@openssh.com,hmac-sha1") },
    { SSH_MACS, S_INIT("umac-128@openssh.com"), { 0 } },
    { SSH_KEY_EXCHANGES, S_INIT("^sntrup761x25519-sha512@openssh.com,ecdh-*"),
      S_INIT(MORE_KEX ",curve25519-sha256,curve25519-sha256@libssh.org,"
                      "diffie-hellman-group18-sha512,diffie-hellman-group16-sha512,"
                      "diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256") },
    { SSH_KEY_EXCHANGES, S_INIT("diffie-hellman-group1-sha1"),
      S_INIT("diffie-hellman-group1-sha1") },
    { SSH_USER_KEYS, S_INIT("ssh-rsa"), S_INIT("ssh-rsa") },
    { SSH_USER_KEYS, S_INIT("ssh-ed25519*"),
      S_INIT("ssh-ed25519-cert-v01@openssh.com,ssh-ed25519") },
};

/* Which is best depends on the processor; each is there once all the same. */
Test(ssh_algorithms, the_usual_ciphers)
{
    static const str usual[] = { S_INIT("chacha20-poly1305@openssh.com"),
                                 S_INIT("aes256-gcm@openssh.com"),
                                 S_INIT("aes128-gcm@openssh.com"),
                                 S_INIT("aes256-ctr"),
                                 S_INIT("aes192-ctr"),
                                 S_INIT("aes128-ctr") };
    BENCH(bench);
    str list = ssh_algorithms(bench.arena, SSH_CIPHERS, STR_NONE), rest = list, one;
    size_t count = 0, seen = 0;
    while (!str_is_none(one = str_cut(&rest, ','))) {
        count++;
        for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
            seen += str_eq(one, usual[i]) ? (size_t)1 << (4 * i) : 0;
        }
    }
    cr_assert_eq(count, ARRAY_LEN(usual), "%.*s", SARG(list));
    cr_assert_eq(seen, 0x111111, "%.*s", SARG(list));
    bool gcm = str_starts(list, S("aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20"));
    cr_assert(gcm || str_starts(list, S("chacha20")), "%.*s", SARG(list));
}

Test(ssh_algorithms, rows)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str what = str_format(bench.arena, "row %zu: %.*s", i, SARG(rows[i].said));
        EQ_STR(ssh_algorithms(bench.arena, rows[i].kind, rows[i].said), rows[i].expected, what);
    }
}
