/*
 * token.c - a security key that is none: what OpenSSH loads to talk to a token, with the key in
 * software, so that keys of the kind "sk-ssh-ed25519" can be tested. The handle of a key is its
 * seed. Source: sk-api.h and PROTOCOL.u2f of OpenSSH 9.2.
 */
#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    VERSION = 0x000a0000,
    ED25519 = 1,
    REFUSED = -1,
    UNSUPPORTED = -2,
    SEED = 32,
    SIGNATURE = 64
};

struct sk_option;

struct sk_enroll_response {
    uint8_t flags;
    uint8_t *public_key;
    size_t public_key_len;
    uint8_t *key_handle;
    size_t key_handle_len;
    uint8_t *signature;
    size_t signature_len;
    uint8_t *attestation_cert;
    size_t attestation_cert_len;
    uint8_t *authdata;
    size_t authdata_len;
};

struct sk_sign_response {
    uint8_t flags;
    uint32_t counter;
    uint8_t *sig_r;
    size_t sig_r_len;
    uint8_t *sig_s;
    size_t sig_s_len;
};

uint32_t sk_api_version(void);
int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t challenge_len,
              const char *application, uint8_t flags, const char *pin, struct sk_option **options,
              struct sk_enroll_response **ret);
int sk_sign(uint32_t algorithm, const uint8_t *data, size_t data_len, const char *application,
            const uint8_t *key_handle, size_t key_handle_len, uint8_t flags, const char *pin,
            struct sk_option **options, struct sk_sign_response **ret);
int sk_load_resident_keys(const char *pin, struct sk_option **options, void ***ret, size_t *count);

uint32_t sk_api_version(void)
{
    return VERSION;
}

int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t challenge_len,
              const char *application, uint8_t flags, const char *pin, struct sk_option **options,
              struct sk_enroll_response **ret)
{
    if (algorithm != ED25519) {
        return UNSUPPORTED;
    }
    struct sk_enroll_response *answer = calloc(1, sizeof *answer);
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    answer->flags = flags;
    answer->public_key_len = answer->key_handle_len = SEED;
    answer->public_key = malloc(SEED);
    answer->key_handle = malloc(SEED);
    EVP_PKEY_get_raw_public_key(key, answer->public_key, &answer->public_key_len);
    EVP_PKEY_get_raw_private_key(key, answer->key_handle, &answer->key_handle_len);
    EVP_PKEY_free(key);
    *ret = answer;
    return 0;
}

static void digest(const void *bytes, size_t count, uint8_t *ret)
{
    EVP_Digest(bytes, count, ret, NULL, EVP_sha256(), NULL);
}

/* Signed is: digest of the application, flags, counter, digest of the data. */
int sk_sign(uint32_t algorithm, const uint8_t *data, size_t data_len, const char *application,
            const uint8_t *key_handle, size_t key_handle_len, uint8_t flags, const char *pin,
            struct sk_option **options, struct sk_sign_response **ret)
{
    uint8_t message[32 + 1 + 4 + 32] = { 0 };
    size_t len = SIGNATURE;
    if (algorithm != ED25519 || key_handle_len != SEED) {
        return REFUSED;
    }
    struct sk_sign_response *answer = calloc(1, sizeof *answer);
    answer->flags = flags;
    answer->counter = 1;
    digest(application, strlen(application), message);
    message[32] = flags;
    message[36] = 1;
    digest(data, data_len, &message[37]);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key_handle, SEED);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    answer->sig_r = malloc(SIGNATURE);
    EVP_DigestSignInit(context, NULL, NULL, NULL, key);
    EVP_DigestSign(context, answer->sig_r, &len, message, sizeof message);
    answer->sig_r_len = len;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    *ret = answer;
    return 0;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options, void ***ret, size_t *count)
{
    return UNSUPPORTED;
}
