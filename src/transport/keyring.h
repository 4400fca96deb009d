/*
 * keyring.h - private keys, each read once for all connections of a run: decrypting one takes the
 * time of a handshake, and its passphrase is asked for once, not for each host.
 */
#pragma once
#include "transport/ssh.h"

enum key_status {
    KEY_READY,
    KEY_LOCKED,   /* encrypted, and nobody told its passphrase */
    KEY_UNUSABLE, /* no key that libssh reads */
};

/*
 * The key in `file`, a copy for the caller to free.
 *
 * may_ask  ask the user for its passphrase if that was not done before; else KEY_LOCKED, and
 *          asking again with may_ask is worth while
 *
 * While another connection's user is asked for the same key, this waits; the time that this or the
 * answer takes does not count against step->until.
 */
enum key_status keyring_key(struct ssh_step *step, str file, bool may_ask, ssh_key *ret);
