/* filters_hash.c - digests, base64, UUIDs, hashed passwords. */
#include <crypt.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/utf8.h"
#include "formats/objects.h"
#include "template/core.h"
#include "template/random.h"

static bool text_input(struct call *call, str *ret)
{
    value text;
    if (value_is_object(call->input, &bytes_type)) {
        *ret = *(const str *)value_object_data(call->input);
        return true;
    }
    if (!call_text(call, call->input, &text)) {
        return false;
    }
    *ret = value_as_str(text);
    return true;
}

static value derived(struct call *call, str s)
{
    struct textbuf out = textbuf_in(call->arena);
    textbuf_add_derived(&out, s, call->input);
    return textbuf_value(&out);
}

/* ---- digests ---- */

static bool digest(struct call *call, str name, str data, str *ret)
{
    const EVP_MD *type = EVP_get_digestbyname(str_c(call->arena, name));
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len;
    if (type == NULL || EVP_Digest(data.ptr, data.len, bytes, &len, type, NULL) != 1) {
        return false;
    }
    *ret = str_hex(call->arena, bytes, len);
    return true;
}

static bool digest_filter(struct call *call, str name, value *ret)
{
    str s, hex;
    if (!text_input(call, &s)) {
        return false;
    }
    if (!digest(call, name, s, &hex)) {
        return call_fail(call, "no hash is called '%.*s'", SARG(name));
    }
    return call_give(ret, derived(call, hex));
}

static bool filter_md5(struct call *call, value *ret)
{
    return digest_filter(call, S("md5"), ret);
}

static bool filter_sha1(struct call *call, value *ret)
{
    return digest_filter(call, S("sha1"), ret);
}

static bool filter_hash(struct call *call, value *ret)
{
    str name = str_lower(call->arena, call_str(call, 0));
    name = str_eq(name, S("blake2s"))   ? S("blake2s256")
           : str_eq(name, S("blake2b")) ? S("blake2b512")
                                        : str_replace(call->arena, name, S("sha3_"), S("sha3-"));
    return digest_filter(call, name, ret);
}

/* ---- base64 ---- */

static bool encoding_ok(struct call *call, size_t i)
{
    str name = str_lower(call->arena, call_str(call, i));
    return str_eq(name, S("utf-8")) || str_eq(name, S("utf8")) || str_eq(name, S("ascii")) ||
           str_eq(name, S("us-ascii")) || str_eq(name, S("utf-16-le")) ||
           call_fail(call, "the encoding '%.*s' is not supported", SARG(name));
}

static bool is_utf16(const struct call *call)
{
    return str_eq_nocase(call_str(call, 0), S("utf-16-le"));
}

static str to_utf16(struct arena *arena, str s)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t at = 0; at < s.len;) {
        uint32_t c = utf8_next(s, &at);
        uint32_t units[2] = { c, 0 };
        if (c > 0xFFFF) {
            units[0] = 0xD800 + ((c - 0x10000) >> 10);
            units[1] = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        for (size_t i = 0; i < 1 + (size_t)(c > 0xFFFF); i++) {
            strbuf_add_char(&out, (char)(units[i] & 0xFF));
            strbuf_add_char(&out, (char)(units[i] >> 8));
        }
    }
    return strbuf_str(&out);
}

static str from_utf16(struct arena *arena, str s)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i + 1 < s.len; i += 2) {
        uint32_t c = (unsigned char)s.ptr[i] | (uint32_t)(unsigned char)s.ptr[i + 1] << 8;
        if (c >= 0xD800 && c < 0xDC00 && i + 3 < s.len) {
            uint32_t low = (unsigned char)s.ptr[i + 2] | (uint32_t)(unsigned char)s.ptr[i + 3] << 8;
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        }
        strbuf_add_utf8(&out, c);
    }
    return strbuf_str(&out);
}

static bool filter_b64encode(struct call *call, value *ret)
{
    str s;
    if (!encoding_ok(call, 0) || !text_input(call, &s)) {
        return false;
    }
    s = is_utf16(call) ? to_utf16(call->arena, s) : s;
    struct strbuf out = strbuf_in(call->arena);
    char *room = strbuf_room(&out, (s.len + 2) / 3 * 4 + 1);
    int len = EVP_EncodeBlock((unsigned char *)room, (const unsigned char *)s.ptr, (int)s.len);
    strbuf_grew(&out, (size_t)len);
    return call_give(ret, derived(call, strbuf_str(&out)));
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c != 0 ? strchr(digits, c) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

/* As Python: what is no digit is skipped, padding must be right. */
static bool decode_base64(struct arena *arena, str s, str *ret)
{
    struct strbuf out = strbuf_in(arena);
    uint32_t bits = 0;
    unsigned count = 0;
    bool padded = false;
    for (size_t i = 0; i < s.len && !padded; i++) {
        int digit = base64_digit(s.ptr[i]);
        if (s.ptr[i] == '=' && count >= 2) {
            unsigned pads = 1;
            for (size_t k = i + 1; k < s.len; k++) {
                pads += s.ptr[k] == '=';
            }
            padded = count + pads >= 4;
            if (!padded) {
                return false;
            }
        }
        if (digit < 0) {
            continue;
        }
        bits = bits << 6 | (uint32_t)digit;
        if (++count == 4) {
            strbuf_add_char(&out, (char)(bits >> 16));
            strbuf_add_char(&out, (char)(bits >> 8));
            strbuf_add_char(&out, (char)bits);
            bits = count = 0;
        }
    }
    if (count >= 2) {
        bits <<= 6 * (4 - count);
        strbuf_add_char(&out, (char)(bits >> 16));
        if (count == 3) {
            strbuf_add_char(&out, (char)(bits >> 8));
        }
    }
    *ret = strbuf_str(&out);
    return padded || count == 0;
}

static bool filter_b64decode(struct call *call, value *ret)
{
    str s, bytes;
    if (!encoding_ok(call, 0) || !text_input(call, &s)) {
        return false;
    }
    if (!decode_base64(call->arena, s, &bytes)) {
        return call_fail(call, "the text is no base64");
    }
    bytes = is_utf16(call) ? from_utf16(call->arena, bytes) : utf8_repair(call->arena, bytes);
    return call_give(ret, derived(call, bytes));
}

/* ---- UUIDs ---- */

static bool uuid_bytes(str text, unsigned char ret[16])
{
    size_t count = 0;
    for (size_t i = 0; i < text.len;) {
        uint64_t byte;
        if (text.ptr[i] == '-' || text.ptr[i] == '{' || text.ptr[i] == '}') {
            i++;
        } else if (count < 16 && str_to_base(str_part(text, i, i + 2), 16, &byte) &&
                   i + 2 <= text.len) {
            ret[count++] = (unsigned char)byte;
            i += 2;
        } else {
            return false;
        }
    }
    return count == 16;
}

static bool filter_to_uuid(struct call *call, value *ret)
{
    unsigned char space[16], bytes[EVP_MAX_MD_SIZE];
    str s;
    if (!text_input(call, &s)) {
        return false;
    }
    if (!uuid_bytes(call_str(call, 0), space)) {
        return call_fail(call, "the namespace is no UUID");
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestInit_ex(context, EVP_sha1(), NULL);
    EVP_DigestUpdate(context, space, sizeof space);
    EVP_DigestUpdate(context, s.ptr, s.len);
    EVP_DigestFinal_ex(context, bytes, NULL);
    EVP_MD_CTX_free(context);
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x50);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    struct strbuf out = strbuf_in(call->arena);
    for (size_t i = 0; i < 16; i++) {
        strbuf_addf(&out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
    }
    return call_give(ret, derived(call, strbuf_str(&out)));
}

/* ---- passwords ---- */

#define MAX_ROUNDS 10000000 /* some ten seconds */

struct scheme {
    const char *name, *ident;
    size_t salt_length;
    int64_t rounds, least_rounds; /* 0: the scheme has none */
    const char *type;             /* how it is called in /etc/shadow, without "_crypt" */
};

static const struct scheme schemes[] = {
    { "sha512", "$6$", 16, 656000, 1000, "sha512_crypt" },
    { "sha256", "$5$", 16, 535000, 1000, "sha256_crypt" },
    { "md5", "$1$", 8, 0, 0, "md5_crypt" },
    { "blowfish", "$2b$", 22, 12, 4, "bcrypt" },
};

static str random_salt(struct call *call, size_t length)
{
    static const char letters[] =
        "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    struct random random;
    struct strbuf out = strbuf_in(call->arena);
    random_from_system(&random);
    for (size_t i = 0; i < length; i++) {
        strbuf_add_char(&out, letters[random_below(&random, 64)]);
    }
    return strbuf_str(&out);
}

static bool check_salt(struct call *call, const struct scheme *scheme, str salt)
{
    bool fixed = strcmp(scheme->name, "blowfish") == 0;
    if (salt.len > scheme->salt_length || (fixed && salt.len != scheme->salt_length)) {
        return call_fail(call, "the salt must have %s%zu characters", fixed ? "" : "at most ",
                         scheme->salt_length);
    }
    for (size_t i = 0; i < salt.len; i++) {
        char c = salt.ptr[i], low = (char)(c | 0x20);
        if (!(low >= 'a' && low <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '/') {
            return call_fail(call, "the salt may only hold letters, digits, '.' and '/'");
        }
    }
    return true;
}

static bool salt_of(struct call *call, const struct scheme *scheme, str *ret)
{
    value text;
    int64_t size = (int64_t)scheme->salt_length;
    if (!call_none(call, 2) && !call_need_int(call, call->args[2], "'salt_size'", &size)) {
        return false;
    }
    if (call_none(call, 1)) {
        *ret = random_salt(call, size > 0 ? (size_t)(size < 64 ? size : 64) : 0);
        return check_salt(call, scheme, *ret);
    }
    if (!call_text(call, call->args[1], &text)) {
        return false;
    }
    *ret = value_as_str(text);
    return check_salt(call, scheme, *ret);
}

static bool setting_of(struct call *call, const struct scheme *scheme, str *ret)
{
    str salt;
    int64_t rounds = scheme->rounds;
    if (!salt_of(call, scheme, &salt)) {
        return false;
    }
    if (!call_none(call, 3) && !call_need_int(call, call->args[3], "'rounds'", &rounds)) {
        return false;
    }
    if (scheme->rounds != 0 && (rounds < scheme->least_rounds || rounds > MAX_ROUNDS)) {
        return call_fail(call, "'rounds' is out of range");
    }
    str ident = str_of(scheme->ident);
    if (!call_none(call, 4) && strcmp(scheme->name, "blowfish") == 0) {
        ident = str_format(call->arena, "$%.*s$", SARG(call_str(call, 4)));
    }
    if (strcmp(scheme->name, "blowfish") == 0) {
        *ret =
            str_format(call->arena, "%.*s%02lld$%.*s", SARG(ident), (long long)rounds, SARG(salt));
    } else if (scheme->rounds != 0 && rounds != 5000) {
        *ret = str_format(call->arena, "%.*srounds=%lld$%.*s", SARG(ident), (long long)rounds,
                          SARG(salt));
    } else {
        *ret = str_format(call->arena, "%.*s%.*s", SARG(ident), SARG(salt));
    }
    return true;
}

static const struct scheme *find_scheme(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (str_eq(name, str_of(schemes[i].name)) || str_eq(name, str_of(schemes[i].type))) {
            return &schemes[i];
        }
    }
    return str_eq(name, S("bcrypt")) ? &schemes[3] : NULL;
}

static bool filter_password_hash(struct call *call, value *ret)
{
    const struct scheme *scheme = find_scheme(call_str(call, 0));
    str password, setting;
    if (scheme == NULL) {
        return call_fail(call, "no type of hashes is called '%.*s'", SARG(call_str(call, 0)));
    }
    if (!call_need_str(call, call->input, &password) || !setting_of(call, scheme, &setting)) {
        return false;
    }
    struct crypt_data *data = arena_alloc(call->arena, sizeof *data);
    const char *hash =
        crypt_rn(str_c(call->arena, password), str_c(call->arena, setting), data, sizeof *data);
    if (hash == NULL || hash[0] == '*') {
        return call_fail(call, "the password cannot be hashed with these parameters");
    }
    return call_give(ret, derived(call, str_copy(call->arena, str_of(hash))));
}

const struct builtin filters_hash[] = {
    { "md5", NULL, "", 0, filter_md5, "The MD5 digest.",
      "{{ 'abc' | md5 }} -> 900150983cd24fb0d6963f7d28e17f72" },
    { "sha1", "checksum", "", 0, filter_sha1, "The SHA-1 digest.",
      "{{ 'abc' | sha1 }} -> a9993e364706816aba3e25717850c26c9cd0d89d" },
    { "hash", NULL, "hashtype:str='sha1'", 0, filter_hash, "The digest of a kind.",
      "{{ 'abc' | hash('sha256') }} -> "
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "b64encode", NULL, "encoding:str='utf-8'", 0, filter_b64encode, "The text in base64.",
      "{{ 'user:secret' | b64encode }} -> dXNlcjpzZWNyZXQ=" },
    { "b64decode", NULL, "encoding:str='utf-8'", 0, filter_b64decode,
      "The text that base64 stands for.", "{{ 'aGVsbG8=' | b64decode }} -> hello" },
    { "to_uuid", NULL, "namespace:str='361E6D51-FAEC-444A-9079-341386DA8E2E'", 0, filter_to_uuid,
      "A UUID made of the text.",
      "{{ 'www.example.org' | to_uuid }} -> fb5221f7-85c2-555c-9988-ee68dc2d0408" },
    { "password_hash", NULL,
      "hashtype:str='sha512', salt=none, salt_size=none, rounds=none, ident:str=none", 0,
      filter_password_hash, "A password hashed for /etc/shadow.",
      "{{ 'secret' | password_hash('sha512', 'salt1234', rounds=5000) }} -> "
      "$6$salt1234$"
      "XlM3TAPQpzPux1K5SXljYTSlmwnoAbsunXwwWMLH2USuV84oQBkDPWUDYWZltiv6PdqNfuqoMB4aXKHtDfWeo/" },
    { 0 },
};
