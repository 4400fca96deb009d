/*
 * ip.h - what the filters of addresses share. Private to template/.
 */
#pragma once
#include "formats/ipnet.h"
#include "template/core.h"

/* What a filter was given, once it was understood. */
struct asked {
    struct call *call;
    struct ipnet net;
    bool network; /* written with a prefix */
    value input;
};

/* Whether a value is an address or a network, of this version (0: of either): a text, or a number.
 */
bool ip_understand(struct call *call, value v, unsigned version, struct asked *ret);

bool ip_is_number(str text); /* decimal digits only */

/* *ret stays as it is where `holds` is false; always true. */
static inline bool ip_give_if(bool holds, value v, value *ret)
{
    if (holds) {
        *ret = v;
    }
    return true;
}

value ip_value(const struct asked *asked, ip_number address);
value ip_with_prefix(const struct asked *asked, ip_number address);
/* How many addresses the network has, without `left_out` (0 or 2) of them. */
value ip_size(const struct asked *asked, unsigned left_out);
unsigned ip_host_bits(const struct asked *asked);
/* The addresses that hosts may have; of a network of two, both. */
void ip_usable(struct ipnet net, ip_number *ret_first, ip_number *ret_last);
bool ip_is_usable(struct ipnet net, ip_number address);
