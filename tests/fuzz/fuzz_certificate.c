/*
 * fuzz_certificate.c - a hostile host shows any bytes as its certificate: they are read or refused.
 * What was read is made of the bytes given, and says something of itself.
 */
#include "base/arena.h"
#include "base/bug.h"
#include "fuzz.h"
#include "transport/ssh_bytes.h"
#include "transport/ssh_cert.h"

static bool is_inside(str part, str whole)
{
    return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fuzz");
    str blob = { (const char *)data, size };
    struct ssh_cert cert;
    if (!ssh_cert_parse(arena, blob, &cert)) {
        return 0;
    }
    BUG_ON(!is_inside(cert.signer, blob) || !is_inside(cert.body, blob) ||
           !is_inside(cert.signature, blob) || !is_inside(cert.principals, blob));
    str again = ssh_base64_decode(arena, ssh_base64(arena, cert.key));
    BUG_ON(!str_eq(again, cert.key));
    ssh_cert_problem(arena, &cert, SSH_CERT_HOST, S("web"), 1800000000);
    ssh_cert_problem(arena, &cert, SSH_CERT_USER, S("deploy"), 1800000000);
    bool verified = ssh_cert_verify(arena, &cert, STR_NONE);
    BUG_ON(verified && !ssh_cert_verify(arena, &cert, S("*")));
    return 0;
}
