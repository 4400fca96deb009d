/* vault.c - see vault.h. */
#include "formats/vault.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "base/bug.h"
#include "base/strbuf.h"

#define MAGIC   "$ANSIBLE_VAULT;"
#define ROUNDS  10000
#define COLUMNS 80 /* of a line of the body */

enum { SALT_LEN = 32, KEY_LEN = 32, MAC_LEN = 32, BLOCK = 16 };

/* What a password and a salt make. */
struct keys {
    unsigned char cipher[KEY_LEN], mac[MAC_LEN], counter[BLOCK];
};

static void derive(str password, str salt, struct keys *ret)
{
    int done =
        PKCS5_PBKDF2_HMAC(password.ptr, (int)password.len, (const unsigned char *)salt.ptr,
                          (int)salt.len, ROUNDS, EVP_sha256(), sizeof *ret, (unsigned char *)ret);
    BUG_ON(done != 1);
}

static void authenticate(const struct keys *keys, str sealed, unsigned char ret[MAC_LEN])
{
    unsigned len = MAC_LEN;
    BUG_ON(HMAC(EVP_sha256(), keys->mac, MAC_LEN, (const unsigned char *)sealed.ptr, sealed.len,
                ret, &len) == NULL);
}

/* Counter mode: the same step seals and opens. */
static void apply_cipher(const struct keys *keys, str from, char *to)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int len = 0;
    BUG_ON(context == NULL ||
           EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), NULL, keys->cipher, keys->counter) != 1);
    for (size_t at = 0; at < from.len; at += (size_t)len) {
        size_t step = from.len - at < (1u << 20) ? from.len - at : 1u << 20;
        BUG_ON(EVP_EncryptUpdate(context, (unsigned char *)to + at, &len,
                                 (const unsigned char *)from.ptr + at, (int)step) != 1);
    }
    EVP_CIPHER_CTX_free(context);
}

/* ---- reading ---- */

bool vault_is(str text)
{
    return str_starts(text, S(MAGIC));
}

enum vault_status vault_read(str text, struct vault_text *ret, const char **ret_problem)
{
    text = str_trim(text);
    str header = str_cut_line(&text);
    bool known = str_eq(str_cut(&header, ';'), S("$ANSIBLE_VAULT")) && !str_is_none(header);
    if (!known) {
        *ret_problem = "it does not begin with " MAGIC;
        return VAULT_BROKEN;
    }
    str version = str_trim(str_cut(&header, ';'));
    str cipher = str_is_none(header) ? STR_EMPTY : str_trim(str_cut(&header, ';'));
    *ret = (struct vault_text){ .id = STR_NONE, .body = str_is_none(text) ? STR_EMPTY : text };
    if (!str_eq(version, S("1.1")) && !str_eq(version, S("1.2")) && !str_eq(version, S("1.0"))) {
        *ret_problem = "its header does not name version 1.1 or 1.2 of the format";
        return VAULT_BROKEN;
    }
    if (!str_eq(cipher, S("AES256"))) {
        *ret_problem = "its header names a cipher other than AES256";
        return VAULT_BROKEN;
    }
    if (str_eq(version, S("1.2")) && !str_is_none(header)) {
        ret->id = str_trim(header);
    }
    return VAULT_OK;
}

/* PKCS 7: the last byte tells how many of its kind are there. */
static bool remove_padding(str *plain)
{
    unsigned char pad = plain->len > 0 ? (unsigned char)plain->ptr[plain->len - 1] : 0;
    if (pad == 0 || pad > BLOCK || pad > plain->len) {
        return false;
    }
    for (size_t i = plain->len - pad; i < plain->len; i++) {
        if ((unsigned char)plain->ptr[i] != pad) {
            return false;
        }
    }
    plain->len -= pad;
    return true;
}

static enum vault_status open_sealed(struct arena *arena, const struct keys *keys, str mac,
                                     str sealed, str *ret)
{
    unsigned char expected[MAC_LEN];
    authenticate(keys, sealed, expected);
    if (mac.len != MAC_LEN || CRYPTO_memcmp(mac.ptr, expected, MAC_LEN) != 0) {
        return VAULT_WRONG_PASSWORD;
    }
    char *plain = arena_alloc(arena, sealed.len + 1);
    apply_cipher(keys, sealed, plain);
    *ret = (str){ plain, sealed.len };
    if (!remove_padding(ret)) {
        return VAULT_BROKEN;
    }
    OPENSSL_cleanse(plain + ret->len, sealed.len - ret->len);
    return VAULT_OK;
}

enum vault_status vault_decrypt(struct arena *arena, const struct vault_text *text, str password,
                                str *ret, const char **ret_problem)
{
    struct keys keys;
    str inner, salt, mac, sealed;
    *ret_problem = "its body is not what ansible-vault writes: digits are missing or changed";
    if (!str_from_hex(arena, text->body, &inner)) {
        return VAULT_BROKEN;
    }
    str rest = inner;
    str salt_hex = str_cut_line(&rest);
    str mac_hex = str_is_none(rest) ? STR_EMPTY : str_cut_line(&rest);
    if (str_is_none(rest) || !str_from_hex(arena, salt_hex, &salt) ||
        !str_from_hex(arena, mac_hex, &mac) || !str_from_hex(arena, rest, &sealed)) {
        return VAULT_BROKEN;
    }
    derive(password, salt, &keys);
    enum vault_status status = open_sealed(arena, &keys, mac, sealed, ret);
    OPENSSL_cleanse(&keys, sizeof keys);
    return status;
}

/* ---- writing ---- */

static str padded(struct arena *arena, str plain)
{
    size_t pad = BLOCK - plain.len % BLOCK;
    char *bytes = arena_alloc(arena, plain.len + pad);
    memcpy(bytes, plain.ptr, plain.len);
    memset(bytes + plain.len, (int)pad, pad);
    return (str){ bytes, plain.len + pad };
}

str vault_encrypt(struct arena *arena, str plain, str password, str id)
{
    unsigned char salt[SALT_LEN];
    BUG_ON(RAND_bytes(salt, sizeof salt) != 1);
    return vault_encrypt_salted(arena, plain, password, id,
                                (str){ (const char *)salt, sizeof salt });
}

str vault_encrypt_salted(struct arena *arena, str plain, str password, str id, str salt)
{
    unsigned char mac[MAC_LEN];
    struct keys keys;
    struct strbuf inner = strbuf_in(arena), body = strbuf_in(arena), out = strbuf_in(arena);
    derive(password, salt, &keys);
    str text = padded(arena, plain);
    apply_cipher(&keys, text, (char *)(uintptr_t)text.ptr);
    authenticate(&keys, text, mac);
    OPENSSL_cleanse(&keys, sizeof keys);
    strbuf_room(&inner, 2 * (text.len + salt.len + sizeof mac) + 2); /* large ones at once */
    strbuf_add_hex(&inner, salt.ptr, salt.len);
    strbuf_add_char(&inner, '\n');
    strbuf_add_hex(&inner, mac, sizeof mac);
    strbuf_add_char(&inner, '\n');
    strbuf_add_hex(&inner, text.ptr, text.len);
    strbuf_room(&body, 2 * inner.len);
    strbuf_add_hex(&body, inner.ptr, inner.len);
    strbuf_room(&out, body.len + body.len / COLUMNS + 256);
    if (str_is_none(id)) {
        strbuf_add(&out, S(MAGIC "1.1;AES256\n"));
    } else {
        strbuf_addf(&out, MAGIC "1.2;AES256;%.*s\n", SARG(id));
    }
    for (size_t at = 0; at < body.len; at += COLUMNS) {
        strbuf_add(&out, str_part(strbuf_str(&body), at, at + COLUMNS));
        strbuf_add_char(&out, '\n');
    }
    return strbuf_str(&out);
}
