/*
 * ssh_cert.h - OpenSSH's certificates: a public key, for whom and for how long it stands, signed by
 * an authority. Source: PROTOCOL.certkeys of OpenSSH.
 *
 * A certificate comes from a file or from a host and is not trusted: nothing in it counts before
 * ssh_cert_verify() has said that its signature is right and the caller that its signer is.
 */
#pragma once
#include "base/str.h"

struct arena;

enum ssh_cert_kind { SSH_CERT_USER = 1, SSH_CERT_HOST = 2 };

/* Texts are parts of the blob, but for `key`. */
struct ssh_cert {
    str type;          /* "ssh-ed25519-cert-v01@openssh.com" */
    str key_type, key; /* of the key that is certified: "ssh-ed25519", and its blob */
    uint32_t kind;
    str id;              /* for people */
    str principals;      /* encoded strings: user or host names; empty: all */
    uint64_t from, to;   /* seconds since the epoch; valid at `from`, no longer at `to` */
    str critical;        /* what a reader has to know or refuse, encoded */
    str signer;          /* the authority's key, a blob */
    str body, signature; /* what is signed, and the signature */
};

/* False: it is none, or of a kind of key that we do not know. */
NODISCARD bool ssh_cert_parse(struct arena *arena, str blob, struct ssh_cert *ret);

/* Whether the signer has signed it, by one of `algorithms`: a list as CASignatureAlgorithms has it;
 * STR_NONE: those of ssh(1). */
NODISCARD bool ssh_cert_verify(struct arena *arena, const struct ssh_cert *cert, str algorithms);

/* Why it does not hold for `name` now, in words that end "the certificate ..."; STR_NONE: it does.
 * A host's principals may be patterns. */
str ssh_cert_problem(struct arena *arena, const struct ssh_cert *cert, enum ssh_cert_kind kind,
                     str name, int64_t now);
