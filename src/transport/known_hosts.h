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

/* Add the lines of a file that are about the host. A file that is not there has none.
 *
 * name   as the files write it, in lower case: "host", or "[host]:port"
 * plain  "host" where `name` has a port; else STR_NONE
 */
void known_hosts_read(struct arena *arena, str path, str name, str plain, struct known_keys *keys);

/* The name as HashKnownHosts wants it: "|1|salt|HMAC-SHA1(salt, name)", both in base64. */
str known_hosts_hash(struct arena *arena, str name);

/* RevokedHostKeys: whether a key stands in a list of public keys. False: the file is none, or
 * cannot be read, and *ret_problem says so. */
NODISCARD bool revoked_keys_have(struct arena *arena, str path, str base64, bool *ret_has,
                                 str *ret_problem);

/* "ED25519 SHA256:...", as ssh(1) shows keys. */
str key_fingerprint(struct arena *arena, str type, str base64);
