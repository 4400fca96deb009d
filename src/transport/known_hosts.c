/* known_hosts.c - see known_hosts.h. */
#include "transport/known_hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/file_in.h"
#include "transport/ssh_bytes.h"
#include "transport/ssh_config_reader.h"
#include "transport/wire.h"

bool known_text(struct arena *arena, str path, str *ret)
{
    CLEANUP(close_fd) int fd = open(str_c(arena, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        return false;
    }
    *ret = STR_EMPTY;
    return !S_ISREG(status.st_mode) || fd_read(arena, fd, SIZE_MAX / 2, ret);
}

/* ---- names ---- */

/* HMAC-SHA1, as HMAC() would have it in five times the time: that looks for the algorithm anew at
 * each call, and a file may hold thousands of these. */
struct salter {
    EVP_MD *sha1;
    EVP_MD_CTX *context;
};

struct salter *salter_new(void)
{
    struct salter *salter = wire_alloc(sizeof *salter);
    salter->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    salter->context = EVP_MD_CTX_new();
    BUG_ON(salter->sha1 == NULL || salter->context == NULL);
    return salter;
}

void salter_free(struct salter *salter)
{
    EVP_MD_free(salter->sha1);
    EVP_MD_CTX_free(salter->context);
    free(salter);
}

static void digest_two(struct salter *salter, const unsigned char *block, size_t size, str rest,
                       unsigned char *ret)
{
    bool done = EVP_DigestInit_ex2(salter->context, salter->sha1, NULL) == 1 &&
                EVP_DigestUpdate(salter->context, block, size) == 1 &&
                EVP_DigestUpdate(salter->context, rest.ptr, rest.len) == 1 &&
                EVP_DigestFinal_ex(salter->context, ret, NULL) == 1;
    BUG_ON(!done);
}

/* RFC 2104. */
static void salted(struct salter *salter, const unsigned char *salt, str name, unsigned char *ret)
{
    unsigned char inner[64] = { 0 }, outer[64] = { 0 };
    memcpy(inner, salt, SALT_SIZE);
    memcpy(outer, salt, SALT_SIZE);
    for (size_t i = 0; i < sizeof inner; i++) {
        inner[i] ^= 0x36;
        outer[i] ^= 0x5c;
    }
    digest_two(salter, inner, sizeof inner, name, ret);
    digest_two(salter, outer, sizeof outer, (str){ (char *)ret, SALT_SIZE }, ret);
}

bool salted_name_is(struct salter *salter, const struct salted_name *known, str name)
{
    unsigned char digest[SALT_SIZE];
    salted(salter, known->salt, name, digest);
    return memcmp(digest, known->digest, sizeof digest) == 0;
}

str known_hosts_hash(struct arena *arena, str name)
{
    struct salted_name made;
    struct salter *salter = salter_new();
    BUG_ON(getrandom(made.salt, sizeof made.salt, 0) != (ssize_t)sizeof made.salt);
    salted(salter, made.salt, name, made.digest);
    salter_free(salter);
    str salt = ssh_base64(arena, (str){ (char *)made.salt, sizeof made.salt });
    str digest = ssh_base64(arena, (str){ (char *)made.digest, sizeof made.digest });
    return str_format(arena, "|1|%.*s|%.*s", SARG(salt), SARG(digest));
}

static bool is_hashed(str names)
{
    return str_starts(names, S("|1|"));
}

/* ---- lines ---- */

/* The next word; blanks and tabs separate. */
static str next_word(str *rest)
{
    size_t end = 0;
    *rest = str_trim_left(*rest);
    while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != '\t') {
        end++;
    }
    str word = str_part(*rest, 0, end);
    *rest = str_part(*rest, end, rest->len);
    return word;
}

/* A marker that is not known makes a line that says nothing to us, as in ssh(1). */
static bool take_marker(str *line, enum known_kind *ret)
{
    *ret = KNOWN_KEY;
    if (!str_starts(*line, S("@"))) {
        return true;
    }
    str marker = next_word(line);
    *ret = str_eq(marker, S("@revoked")) ? KNOWN_REVOKED : KNOWN_AUTHORITY;
    return *ret == KNOWN_REVOKED || str_eq(marker, S("@cert-authority"));
}

bool known_line_parse(str text, struct known_line *ret)
{
    struct known_line line = { 0 };
    text = str_trim(text);
    if (text.len == 0 || text.ptr[0] == '#' || !take_marker(&text, &line.kind)) {
        return false;
    }
    line.names = next_word(&text);
    line.type = next_word(&text);
    line.base64 = next_word(&text);
    *ret = line;
    return line.base64.len > 0;
}

bool known_line_lists(struct arena *arena, const struct known_line *line, str name)
{
    return !is_hashed(line->names) && ssh_match_patterns(arena, name, line->names, true);
}

bool known_line_is_plain(const struct known_line *line)
{
    for (size_t i = 0; i < line->names.len; i++) {
        if (strchr("*?!", line->names.ptr[i]) != NULL) {
            return false;
        }
    }
    return !is_hashed(line->names);
}

bool known_line_salted(struct arena *arena, const struct known_line *line, struct salted_name *ret)
{
    str digest = str_part(line->names, strlen("|1|"), line->names.len);
    str salt = ssh_base64_decode(arena, str_cut(&digest, '|'));
    digest = str_is_none(digest) ? STR_NONE : ssh_base64_decode(arena, digest);
    if (!is_hashed(line->names) || salt.len != sizeof ret->salt ||
        digest.len != sizeof ret->digest) {
        return false;
    }
    memcpy(ret->salt, salt.ptr, salt.len);
    memcpy(ret->digest, digest.ptr, digest.len);
    return true;
}

/* ---- revoked keys ---- */

bool revoked_keys_have(struct arena *arena, str path, str base64, bool *ret_has, str *ret_problem)
{
    str rest, line;
    if (!known_text(arena, path, &rest)) {
        *ret_problem = str_format(arena, "cannot be read: %s", strerror(errno));
        return false;
    }
    if (str_starts(rest, S("SSHKRL\n"))) {
        *ret_problem = S("is a key revocation list in binary form, which is not supported");
        return false;
    }
    *ret_has = false;
    while (!str_is_none(line = str_cut_line(&rest))) {
        for (str word; (word = next_word(&line)).len > 0;) {
            *ret_has |= str_eq(word, base64);
        }
    }
    return true;
}

/* ---- fingerprints ---- */

str key_fingerprint(struct arena *arena, str type, str base64)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    str blob = ssh_base64_decode(arena, base64);
    if (str_is_none(blob) ||
        EVP_Digest(blob.ptr, blob.len, digest, &size, EVP_sha256(), NULL) != 1) {
        return S("of an unknown kind");
    }
    str text = ssh_base64(arena, (str){ (char *)digest, size });
    text = str_part(text, 0, str_find(text, S("="), 0));
    type = str_starts(type, S("ssh-")) ? str_part(type, 4, type.len) : type;
    type = str_starts(type, S("ecdsa-sha2-")) ? S("ecdsa") : type;
    return str_format(arena, "%.*s SHA256:%.*s", SARG(str_upper(arena, type)), SARG(text));
}
