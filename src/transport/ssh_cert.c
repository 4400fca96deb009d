/* ssh_cert.c - see ssh_cert.h. */
#include "transport/ssh_cert.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <time.h>

#include "base/arena.h"
#include "transport/ssh_bytes.h"
#include "transport/ssh_config_reader.h"

enum { PRINCIPALS_MAX = 256 };

/* ---- reading ---- */

static const struct {
    str type, key_type;
    unsigned fields; /* of the key: strings behind the nonce */
} types[] = {
    { S_INIT("ssh-ed25519-cert-v01@openssh.com"), S_INIT("ssh-ed25519"), 1 },
    { S_INIT("ssh-rsa-cert-v01@openssh.com"), S_INIT("ssh-rsa"), 2 },
    { S_INIT("ecdsa-sha2-nistp256-cert-v01@openssh.com"), S_INIT("ecdsa-sha2-nistp256"), 2 },
    { S_INIT("ecdsa-sha2-nistp384-cert-v01@openssh.com"), S_INIT("ecdsa-sha2-nistp384"), 2 },
    { S_INIT("ecdsa-sha2-nistp521-cert-v01@openssh.com"), S_INIT("ecdsa-sha2-nistp521"), 2 },
    { S_INIT("sk-ssh-ed25519-cert-v01@openssh.com"), S_INIT("sk-ssh-ed25519@openssh.com"), 2 },
    { S_INIT("sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"),
      S_INIT("sk-ecdsa-sha2-nistp256@openssh.com"), 3 },
};

/* The key alone, as it would be written without a certificate. */
static bool take_key(struct arena *arena, str *rest, struct ssh_cert *cert)
{
    struct strbuf key = strbuf_in(arena);
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (!str_eq(types[i].type, cert->type)) {
            continue;
        }
        cert->key_type = types[i].key_type;
        put_string(&key, cert->key_type);
        for (unsigned field = 0; field < types[i].fields; field++) {
            str one;
            if (!take_string(rest, &one)) {
                return false;
            }
            put_string(&key, one);
        }
        cert->key = strbuf_str(&key);
        return true;
    }
    return false;
}

bool ssh_cert_parse(struct arena *arena, str blob, struct ssh_cert *ret)
{
    struct ssh_cert cert = { 0 };
    str rest = blob, nonce, extensions, reserved;
    uint64_t serial;
    bool whole = take_string(&rest, &cert.type) && take_string(&rest, &nonce) &&
                 take_key(arena, &rest, &cert) && take_u64(&rest, &serial) &&
                 take_u32(&rest, &cert.kind) && take_string(&rest, &cert.id) &&
                 take_string(&rest, &cert.principals) && take_u64(&rest, &cert.from) &&
                 take_u64(&rest, &cert.to) && take_string(&rest, &cert.critical) &&
                 take_string(&rest, &extensions) && take_string(&rest, &reserved) &&
                 take_string(&rest, &cert.signer);
    cert.body = str_part(blob, 0, blob.len - rest.len);
    if (!whole || !take_string(&rest, &cert.signature) || rest.len > 0) {
        return false;
    }
    *ret = cert;
    return true;
}

/* ---- signatures ---- */

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static EVP_PKEY *key_from(const char *kind, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (params == NULL || context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    return key;
}

static BIGNUM *number_of(str bytes)
{
    return BN_bin2bn((const unsigned char *)bytes.ptr, (int)bytes.len, NULL);
}

static EVP_PKEY *rsa_key(str rest)
{
    str exponent, modulus;
    if (!take_string(&rest, &exponent) || !take_string(&rest, &modulus)) {
        return NULL;
    }
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *e = number_of(exponent), *n = number_of(modulus);
    bool fits = BN_num_bits(n) >= 2048 && BN_num_bits(n) <= 16384; /* as ssh(1) has it */
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e);
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n);
    EVP_PKEY *key = fits ? key_from("RSA", builder) : NULL;
    OSSL_PARAM_BLD_free(builder);
    BN_free(e);
    BN_free(n);
    return key;
}

static EVP_PKEY *ecdsa_key(str rest, const char *group)
{
    str curve, point;
    if (!take_string(&rest, &curve) || !take_string(&rest, &point)) {
        return NULL;
    }
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.ptr, point.len);
    EVP_PKEY *key = key_from("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static EVP_PKEY *ed25519_key(str rest)
{
    str bytes;
    return take_string(&rest, &bytes)
               ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
                                             (const unsigned char *)bytes.ptr, bytes.len)
               : NULL;
}

static bool verify(EVP_PKEY *key, const EVP_MD *digest, str body, str signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool right = key != NULL && EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1 &&
                 EVP_DigestVerify(context, (const unsigned char *)signature.ptr, signature.len,
                                  (const unsigned char *)body.ptr, body.len) == 1;
    EVP_MD_CTX_free(context);
    return right;
}

/* ssh writes the two numbers of such a signature as strings, OpenSSL wants them in DER. */
static bool verify_ecdsa(EVP_PKEY *key, const EVP_MD *digest, str body, str numbers)
{
    str r, s;
    unsigned char *der = NULL;
    if (!take_string(&numbers, &r) || !take_string(&numbers, &s)) {
        return false;
    }
    ECDSA_SIG *both = ECDSA_SIG_new();
    ECDSA_SIG_set0(both, number_of(r), number_of(s));
    int len = i2d_ECDSA_SIG(both, &der);
    bool right = len > 0 && verify(key, digest, body, (str){ (char *)der, (size_t)len });
    OPENSSL_free(der);
    ECDSA_SIG_free(both);
    return right;
}

enum family { OF_ED25519, OF_RSA, OF_ECDSA };

static const struct algorithm {
    str name, key_type;
    enum family family;
    const EVP_MD *(*digest)(void);
    const char *group;
} algorithms[] = {
    { S_INIT("ssh-ed25519"), S_INIT("ssh-ed25519"), OF_ED25519, NULL, NULL },
    { S_INIT("rsa-sha2-256"), S_INIT("ssh-rsa"), OF_RSA, EVP_sha256, NULL },
    { S_INIT("rsa-sha2-512"), S_INIT("ssh-rsa"), OF_RSA, EVP_sha512, NULL },
    { S_INIT("ecdsa-sha2-nistp256"), S_INIT("ecdsa-sha2-nistp256"), OF_ECDSA, EVP_sha256, "P-256" },
    { S_INIT("ecdsa-sha2-nistp384"), S_INIT("ecdsa-sha2-nistp384"), OF_ECDSA, EVP_sha384, "P-384" },
    { S_INIT("ecdsa-sha2-nistp521"), S_INIT("ecdsa-sha2-nistp521"), OF_ECDSA, EVP_sha512, "P-521" },
};

/* "a,b": these; "-a": all we know but these; "+a", "^a": all we know. */
static bool is_allowed(struct arena *arena, str name, str list)
{
    if (str_is_none(list) || list.len == 0 || list.ptr[0] == '+' || list.ptr[0] == '^') {
        return true;
    }
    bool without = list.ptr[0] == '-';
    return ssh_match_patterns(arena, name, str_part(list, without, list.len), false) != without;
}

bool ssh_cert_verify(struct arena *arena, const struct ssh_cert *cert, str allowed)
{
    str rest = cert->signer, signature = cert->signature, key_type, name, bytes;
    if (!take_string(&rest, &key_type) || !take_string(&signature, &name) ||
        !take_string(&signature, &bytes) || signature.len > 0) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
        const struct algorithm *one = &algorithms[i];
        if (!str_eq(one->name, name) || !str_eq(one->key_type, key_type)) {
            continue;
        }
        __attribute__((cleanup(free_key))) EVP_PKEY *key =
            one->family == OF_ED25519 ? ed25519_key(rest)
            : one->family == OF_RSA   ? rsa_key(rest)
                                      : ecdsa_key(rest, one->group);
        const EVP_MD *digest = one->digest != NULL ? one->digest() : NULL;
        return is_allowed(arena, name, allowed) &&
               (one->family == OF_ECDSA ? verify_ecdsa(key, digest, cert->body, bytes)
                                        : verify(key, digest, cert->body, bytes));
    }
    return false;
}

/* ---- what it says ---- */

static str date_of(struct arena *arena, uint64_t when)
{
    char text[32];
    time_t seconds = (time_t)when;
    struct tm parts;
    if (when > INT32_MAX * UINT64_C(64) || gmtime_r(&seconds, &parts) == NULL) {
        return S("a far day");
    }
    strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
    return str_copy(arena, str_of(text));
}

static bool names(struct arena *arena, const struct ssh_cert *cert, bool patterns, str name)
{
    str rest = cert->principals, one;
    if (rest.len == 0) {
        return true;
    }
    for (unsigned i = 0; i < PRINCIPALS_MAX && take_string(&rest, &one); i++) {
        if (patterns ? ssh_match_pattern(str_lower(arena, one), name) : str_eq(one, name)) {
            return true;
        }
    }
    return false;
}

str ssh_cert_problem(struct arena *arena, const struct ssh_cert *cert, enum ssh_cert_kind kind,
                     str name, int64_t now)
{
    bool host = kind == SSH_CERT_HOST;
    if (cert->kind != kind) {
        return str_format(arena, "is not for a %s", host ? "host" : "user");
    }
    if ((uint64_t)now < cert->from) {
        return str_format(arena, "is valid only from %.*s", SARG(date_of(arena, cert->from)));
    }
    if ((uint64_t)now >= cert->to) {
        return str_format(arena, "ended at %.*s", SARG(date_of(arena, cert->to)));
    }
    if (host && cert->critical.len > 0) {
        return S("has critical options, which a host's may not have");
    }
    if (!names(arena, cert, host, name)) {
        return str_format(arena, "does not name '%.*s'", SARG(name));
    }
    return STR_NONE;
}
