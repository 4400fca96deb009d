/*
 * agent.h - the user's ssh-agent: which keys it has, and letting libssh use one of them at a time.
 *
 * libssh offers a server all that an agent holds, in its order; servers break off after a few. So
 * libssh does not talk to the agent but to us: it is shown the keys that we choose, or certificates
 * that belong to them, in our order, and what it wants to have signed is passed on. The agent may
 * ask its user, or wait for a token to be touched, so it is given time (AGENT_PATIENCE), but not
 * for ever. Source: draft-miller-ssh-agent.
 */
#pragma once
#include "transport/ssh.h"

#define AGENT_PATIENCE 30 /* seconds */

struct agent_key {
    str blob;    /* a public key or a certificate */
    str base64;  /* the same, to compare and to show to libssh */
    str type;    /* "ssh-ed25519" */
    str comment; /* "me@laptop"; may be anything */
};

struct agent;

/* A descriptor connected to the socket `path`; -1: errno tells why not, EAGAIN that others wait to
 * be let in. Never blocks. */
int agent_connect(str path);

/* The agent behind `path`; NULL: there is none, and *ret_problem says why if it should have been
 * there (STR_NONE: none was to be expected). In step->arena, but for agent_close. */
struct agent *agent_open(struct ssh_step *step, str path, str *ret_problem);
void agent_close(struct agent *agent); /* accepts NULL; libssh forgets it, too */

const struct agent_key *agent_keys(const struct agent *agent, size_t *ret_count);

/* libssh's agent has one thing more: `shown`, for which it is `key` that signs. libssh should ask
 * for the list once, since it loses the memory of each list but the last. */
void agent_show(struct agent *agent, str shown, const struct agent_key *key);
size_t agent_shown(const struct agent *agent); /* how many there are */
/* Why the last signature was not given; STR_NONE: it was, or none was asked for. */
str agent_problem(struct agent *agent);
