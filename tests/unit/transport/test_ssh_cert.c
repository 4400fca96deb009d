/* OpenSSH's certificates: those that ssh-keygen made, and what is wrong with others. */
#include "check.h"
#include "transport/ssh_bytes.h"
#include "transport/ssh_cert.h"

/* By ssh-keygen -s: of a host's ed25519 key, for "127.42.178.2" and "web". */

static const char host_by_ed25519[] =
    "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAINfK4Fw1ImZ9uDYkXOH6NGryq8rxlJwlyCCG"
    "sA8YYB+MAAAAILBM5DRjV0JMRww6xdChW3KeS3rr4h0gstQnGXbw0BwoAAAAAAAAAAAAAAACAAAAAWgAAAAXAAAA"
    "DDEyNy40Mi4xNzguMgAAAAN3ZWIAAAAAAAAAAP//////////AAAAAAAAAAAAAAAAAAAAMwAAAAtzc2gtZWQyNTUx"
    "OQAAACAKbfJwQz050xtglMr+ULvLcHudqcbq/S9YevQ4qE2SjAAAAFMAAAALc3NoLWVkMjU1MTkAAABAC4IflKpf"
    "92Xzglcl39pcGRdjhxp7LH8i7Rj0ZpkFtrVCzYZqK/eHfFdyT2q1cBrN+4ynslEeoCMpFtn76oCVAg==";

static const char host_by_rsa[] =
    "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIIyJW+uWVrMVooW8UNbOTA4c22tXSdk8AOtk"
    "Nkkjb9LmAAAAILBM5DRjV0JMRww6xdChW3KeS3rr4h0gstQnGXbw0BwoAAAAAAAAAAAAAAACAAAAAWgAAAAXAAAA"
    "DDEyNy40Mi4xNzguMgAAAAN3ZWIAAAAAAAAAAP//////////AAAAAAAAAAAAAAAAAAABlwAAAAdzc2gtcnNhAAAA"
    "AwEAAQAAAYEAu8wKdTPer6sUBrqKcVRGjwg9tFjUwqX6QiUKtOUlI5QafZGIsQtwgENpfr5GyC2UcbG0f/FiZwT6"
    "o3l1Tcwx0RsTKHR+2/ioXO+nyWxCMYhIkfZ+s8AHjuWEbWYFbUJxaSCW87cBOUwpwVDFl2NlKPSkdkn0er2oqGj3"
    "AqJ+nZAZwEE0Gyv40f38SRGc2BOe/nt5VdL4EaPuYYijLFDbJvQPv4ZPau5oSLGaa0UuLRuH1JE8GEvJHz0zSR8J"
    "Ja0ILSH2c6k0gyrDofp2oyxcmbivXChdQNd1h0qXOjnj1ylzun+MROZ3sf1iOX3nj+DLEI0MDWRTE/xxM75A6f6r"
    "Op47HwUzp/8+wotw7FCSkVMxwOlrnoMh2GfgsOuyU+TPxXti0loSlOFncJUBUHtW0NQSWW9GsIsJ6Mf1/hRSHLQs"
    "2lR/Ez1Z6p+uS68ujuWbbBBQvoZv3D8NITMsyHp34EgGS3q20g5YYxL60SNVc80nbNwRu8amTwj+mL5x3t8rAAAB"
    "lAAAAAxyc2Etc2hhMi01MTIAAAGAYgBcwk1GK/SrEYodxk4sdQdm/b97rKMAh2JxMUmpFmFPr4eoXnhwRBikhPyA"
    "3yraPJOG6Ix7nPKPYHRiwXgjSF+sEWzt/GnndkO8jdyfq6jF0eQWv8xqbGPmu4tdZ2H/BONx4R76jTDOfqGV+aWY"
    "D2gGB6oZHrUQ0OAXuXf1R4Zo+t2EM0rESahQhqSFzeBwp1NhKPlMnFgZPNzHdoCIlhrAUaBK7vqOe2ENH5UEnSU4"
    "SIZwm3reezhhhg09jApk5OYFem6M1htyAGBa+/oH74lKf1v7J6V+ciLwuyL81/wsQaHJ25uRHjpebXHNuzxcVqxT"
    "xBTe2orcTIhVDNq69NVHrrWunUt6qaPsUZ7k9wQmHQYBcJu0fYCYK0CxEDoNgEBdcEIlYE/MS1dsBD3Y5ebLJsQl"
    "nxrsY2/ELZmvwi30Tp6BrQlFIVFySuA5TQJHz8l9pd5vf7OJm/izwfZmBynKZGbbXwdoZFR6Zl6G6kJ0YNPaiGX4"
    "0H/4Ox1UcURB";

static const char host_by_ecdsa[] =
    "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIHC7M8JPqUOu50qVw2U6WmCW//IY0DbElLAY"
    "eLcbMLQaAAAAILBM5DRjV0JMRww6xdChW3KeS3rr4h0gstQnGXbw0BwoAAAAAAAAAAAAAAACAAAAAWgAAAAXAAAA"
    "DDEyNy40Mi4xNzguMgAAAAN3ZWIAAAAAAAAAAP//////////AAAAAAAAAAAAAAAAAAAAaAAAABNlY2RzYS1zaGEy"
    "LW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQRwdKMVPdRDUFZapCI17BnmoOlK2qxkIXRzBA8bXXXVcpMDj8ygN43K"
    "wJ5A1TxsDH3qBkYIzxgxCweif0GCw0lMAAAAZAAAABNlY2RzYS1zaGEyLW5pc3RwMjU2AAAASQAAACBWmKwHtOG3"
    "nkUBw2VHtCICmti0359HYhmvTgr1hWKBuwAAACEArt5c48SzdKpCD1g5aZMrHF3EPsx6t2r9hBegQs1wHM8=";

static const char user_expired[] =
    "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIBfdMNv5+qCfTc4cGIogbUN+jR5XMh+03eM7"
    "kTf0T+nhAAAAIApt8nBDPTnTG2CUyv5Qu8twe52pxur9L1h69DioTZKMAAAAAAAAAAAAAAABAAAABXVzZXIxAAAA"
    "EgAAAARyb290AAAABmRlcGxveQAAAABeC+EAAAAAAF/uZgAAAAAAAAAAAAAAAAAAAAAzAAAAC3NzaC1lZDI1NTE5"
    "AAAAIApt8nBDPTnTG2CUyv5Qu8twe52pxur9L1h69DioTZKMAAAAUwAAAAtzc2gtZWQyNTUxOQAAAEAQ841RrFaD"
    "NadaXsc+hCijLE95evzWfGMAazU/tcMff6QsZbJf/YqNKgvCEvvoz2rVO0QjujQ/76cUWShvmpIP";

static struct ssh_cert parse(struct bench *bench, const char *base64)
{
    struct ssh_cert cert;
    str blob = ssh_base64_decode(bench->arena, str_of(base64));
    cr_assert(!str_is_none(blob));
    cr_assert(ssh_cert_parse(bench->arena, blob, &cert));
    return cert;
}

Test(ssh_cert, signatures)
{
    static const struct {
        const char *base64;
        const char *allowed; /* NULL: not said */
        bool right;
    } rows[] = {
        { host_by_ed25519, NULL, true },
        { host_by_rsa, NULL, true },
        { host_by_ecdsa, NULL, true },
        { user_expired, NULL, true },
        { host_by_ed25519, "ssh-ed25519", true },
        { host_by_ed25519, "rsa-sha2-512,ecdsa-*", false },
        { host_by_ecdsa, "rsa-sha2-512,ecdsa-*", true },
        { host_by_rsa, "-rsa-*", false },
        { host_by_rsa, "-ssh-ed25519", true },
        { host_by_rsa, "+ssh-rsa", true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        struct ssh_cert cert = parse(&bench, rows[i].base64);
        str allowed = rows[i].allowed == NULL ? STR_NONE : str_of(rows[i].allowed);
        cr_assert_eq(ssh_cert_verify(bench.arena, &cert, allowed), rows[i].right, "row %zu", i);
    }
}

/* No byte of what is signed, or of the signature, can be another one. */
Test(ssh_cert, every_byte_counts)
{
    const char *const all[] = { host_by_ed25519, host_by_ecdsa };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        BENCH(bench);
        str blob = ssh_base64_decode(bench.arena, str_of(all[i]));
        for (size_t at = 0; at < blob.len; at++) {
            char *copy = malloc(blob.len);
            memcpy(copy, blob.ptr, blob.len);
            copy[at] = (char)(copy[at] ^ 1);
            struct ssh_cert cert;
            cr_assert(!ssh_cert_parse(bench.arena, (str){ copy, blob.len }, &cert) ||
                          !ssh_cert_verify(bench.arena, &cert, STR_NONE),
                      "%zu of %zu", at, blob.len);
            free(copy);
        }
    }
}

Test(ssh_cert, cut_short)
{
    BENCH(bench);
    str blob = ssh_base64_decode(bench.arena, str_of(host_by_rsa));
    for (size_t len = 0; len < blob.len; len++) {
        struct ssh_cert cert;
        cr_assert(!ssh_cert_parse(bench.arena, str_part(blob, 0, len), &cert), "%zu", len);
    }
}

Test(ssh_cert, problems)
{
    const int64_t now = 1800000000;
    static const struct {
        const char *base64;
        enum ssh_cert_kind kind;
        const char *name;
        str expected;
    } rows[] = {
        { host_by_ed25519, SSH_CERT_HOST, "web", { 0 } },
        { host_by_ed25519, SSH_CERT_HOST, "127.42.178.2", { 0 } },
        { host_by_ed25519, SSH_CERT_HOST, "we", S_INIT("does not name 'we'") },
        { host_by_ed25519, SSH_CERT_USER, "web", S_INIT("is not for a user") },
        { user_expired, SSH_CERT_HOST, "root", S_INIT("is not for a host") },
        { user_expired, SSH_CERT_USER, "root", S_INIT("ended at 2021-01-01 00:00 UTC") },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        struct ssh_cert cert = parse(&bench, rows[i].base64);
        str problem = ssh_cert_problem(bench.arena, &cert, rows[i].kind, str_of(rows[i].name), now);
        EQ_STR(problem, rows[i].expected, S("problem"));
    }
    BENCH(bench);
    struct ssh_cert cert = parse(&bench, user_expired);
    cr_assert(
        str_is_none(ssh_cert_problem(bench.arena, &cert, SSH_CERT_USER, S("deploy"), 1600000000)));
    EQ_STR(ssh_cert_problem(bench.arena, &cert, SSH_CERT_USER, S("deploy"), 1500000000),
           S("is valid only from 2020-01-01 00:00 UTC"), S("before it"));
}

Test(ssh_cert, key_alone)
{
    BENCH(bench);
    struct ssh_cert cert = parse(&bench, host_by_ed25519);
    EQ_STR(ssh_base64(bench.arena, cert.key),
           S("AAAAC3NzaC1lZDI1NTE5AAAAILBM5DRjV0JMRww6xdChW3KeS3rr4h0gstQnGXbw0Bwo"), S("key"));
    EQ_STR(cert.key_type, S("ssh-ed25519"), S("its type"));
}

Test(ssh_bytes, base64)
{
    static const struct {
        const char *text;
        str bytes; /* STR_NONE: it is none */
    } rows[] = {
        { "QUJD", S_INIT("ABC") },
        { "QUI=", S_INIT("AB") },
        { "QQ==", S_INIT("A") },
        { "QQ=", { 0 } },
        { "", { 0 } },
        { "Q!==", { 0 } },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(bench);
        EQ_STR(ssh_base64_decode(bench.arena, str_of(rows[i].text)), rows[i].bytes,
               str_of(rows[i].text));
    }
}
