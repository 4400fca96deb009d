/*
 * ipnet.h - IP addresses with the network they lie in ("192.168.1.5/24"), of either version, as
 * numbers. Read and printed as Python's netaddr 0.8 does.
 */
#pragma once
#include "base/arena.h"

typedef unsigned __int128 ip_number;

struct ipnet {
    ip_number address;
    unsigned width;  /* bits of an address: 32 or 128 */
    unsigned prefix; /* 0 to width */
};

/* An address, or ADDRESS/PREFIX, ADDRESS/NETMASK, ADDRESS/HOSTMASK; an IPv4 address may leave out
 * its last numbers ("10/8", "172.16"). */
bool ipnet_parse(str text, struct ipnet *ret);
/* An address alone, in the usual form. */
bool ip_parse(str text, struct ipnet *ret);

/* "192.168.1.5", "2001:db8::1" */
str ip_text(struct arena *arena, ip_number address, unsigned width);
str ipnet_text(struct arena *arena, struct ipnet net); /* with "/PREFIX" */
str ip_decimal(struct arena *arena, ip_number number);

/* The bits of the address that count hosts; all ones but for a single address. */
ip_number ipnet_hostmask(struct ipnet net);
ip_number ipnet_netmask(struct ipnet net);
ip_number ipnet_first(struct ipnet net);
ip_number ipnet_last(struct ipnet net);
/* Whether all of `inner` lies in `outer`; false for different versions. */
bool ipnet_contains(struct ipnet outer, struct ipnet inner);
