/*
 * known_hosts.h - what the known_hosts files say about one host. Source: sshd(8), "SSH_KNOWN_HOSTS
 * FILE FORMAT".
 *
 * Read by us and not by libssh, which takes one file of the user's only and passes over @revoked
 * and @cert-authority.
 */
#pragma once
#include "base/arena.h"

enum known_kind {
    KNOWN_KEY,       /* the host's */
    KNOWN_AUTHORITY, /* signs the certificates of hosts */
    KNOWN_REVOKED,   /* not to be trusted, as either of them */
};

struct known_key {
    enum known_kind kind;
    str type, base64;  /* "ssh-ed25519", and its blob as it is written there */
    str where;         /* "/home/me/.ssh/known_hosts:12" */
    bool without_port; /* stands under the host's name alone, though its port is another than 22 */
};

struct known_keys {
    VEC(struct known_key) all;
};

struct known_files; /* known_files.c: see known_files_new in transport.h */

/* Add the lines of a file that are about the host, in their order. A file that is not there has
 * none. Costs a look at the file's status, and reading it where it has changed since the last time.
 *
 * files  NULL: it is read for this call alone
 * name   as the files write it, in lower case: "host", or "[host]:port"
 * plain  "host" where `name` has a port; else STR_NONE
 */
void known_hosts_read(struct known_files *files, struct arena *arena, str path, str name, str plain,
                      struct known_keys *keys);

/* Append a line, "host type key" without its end, in one write; the file, and its directory, are
 * made where they are missing. False: errno tells why. */
NODISCARD bool known_hosts_add(struct known_files *files, struct arena *arena, str path, str line);

/* The name as HashKnownHosts wants it: "|1|salt|HMAC-SHA1(salt, name)", both in base64. */
str known_hosts_hash(struct arena *arena, str name);

/* RevokedHostKeys: whether a key stands in a list of public keys. False: the file is none, or
 * cannot be read, and *ret_problem says so. */
NODISCARD bool revoked_keys_have(struct arena *arena, str path, str base64, bool *ret_has,
                                 str *ret_problem);

/* "ED25519 SHA256:...", as ssh(1) shows keys. */
str key_fingerprint(struct arena *arena, str type, str base64);

/* ---- a line of a file ---- */

struct known_line {
    enum known_kind kind;
    str names, type, base64; /* in the text that was parsed */
};

/* The text of a file, "" of what is no regular one. False: errno tells why. */
NODISCARD bool known_text(struct arena *arena, str path, str *ret);
/* False: it says nothing, or nothing that is known here. */
NODISCARD bool known_line_parse(str text, struct known_line *ret);
/* Whether one of its names, or patterns, that are not hashed is this one. */
bool known_line_lists(struct arena *arena, const struct known_line *line, str name);
/* Whether it lists whole names: no pattern, and none hashed. */
bool known_line_is_plain(const struct known_line *line);

/* The name of a line that is hashed. */
#define SALT_SIZE 20 /* bytes, of SHA-1 */
struct salted_name {
    unsigned char salt[SALT_SIZE], digest[SALT_SIZE];
};
/* False: it is none. */
NODISCARD bool known_line_salted(struct arena *arena, const struct known_line *line,
                                 struct salted_name *ret);
struct salter; /* what hashing takes, made once for many names; for one thread */
struct salter *salter_new(void);
void salter_free(struct salter *salter);
bool salted_name_is(struct salter *salter, const struct salted_name *known, str name);
