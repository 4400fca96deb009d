/*
 * ssh_algorithms.h - what Ciphers and the like come to, of what libssh has. It takes plain lists of
 * whole names only; ssh_config(5) also has "+list", "-list", "^list", and patterns in each.
 */
#pragma once
#include "base/str.h"

struct arena;

enum ssh_algorithms_kind {
    SSH_KEY_EXCHANGES,
    SSH_HOST_KEYS,
    SSH_CIPHERS,
    SSH_MACS,
    SSH_USER_KEYS, /* PubkeyAcceptedAlgorithms */
};

/*
 * The names, best first, separated by commas.
 *
 * said  STR_NONE: the usual ones. "+a,b*" adds to those, "-a,b*" takes away, "^a,b*" puts in front;
 *       else these are all. What libssh does not have is passed over.
 *
 * STR_NONE: none is left. In `arena`, or a literal.
 */
str ssh_algorithms(struct arena *arena, enum ssh_algorithms_kind kind, str said);

/* What to tell a user who named none of them: all that libssh has. */
str ssh_algorithms_hint(struct arena *arena, enum ssh_algorithms_kind kind);
