/*
 * lookup.h - the addresses of a name, within a deadline. getaddrinfo() cannot be interrupted, so
 * what needs more than a look at the name is done in a thread of its own.
 */
#pragma once
#include <netdb.h>

#include "transport/wire.h"

struct lookup;

/* port  0: none. family  AF_UNSPEC, AF_INET, AF_INET6. flags  as in struct addrinfo. */
struct lookup *lookup_new(str host, unsigned port, int family, int flags);
/* Once for each. */
enum wire_status lookup_wait(struct lookup *lookup, int wake, deadline until);
/* What follows only after WIRE_OK. NULL: there are none, and lookup_problem() tells why. */
const struct addrinfo *lookup_addresses(const struct lookup *lookup);
const char *lookup_problem(const struct lookup *lookup);
void lookup_free(struct lookup *lookup); /* also while it is still under way */
