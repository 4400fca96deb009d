/*
 * hostcert.h - the certificate by which a host's key is known. libssh 0.10 does not negotiate
 * certificates of hosts, so we ask for it on a connection of its own, which ends before anything is
 * encrypted: the certificate is signed by its authority, and that its key is the host's is proved
 * when libssh then speaks to the owner of that same key. Costs a TCP connection and two round
 * trips, and is done only where an @cert-authority line of known_hosts is all that is known.
 * Source: RFC 4253, 7 and 8; RFC 5656; PROTOCOL.certkeys of OpenSSH.
 */
#pragma once
#include "transport/ssh.h"

/* False: there is none to be had, and *ret_problem says why, in step->arena. */
NODISCARD bool host_certificate_fetch(struct ssh_step *step, str *ret_blob, str *ret_problem);
