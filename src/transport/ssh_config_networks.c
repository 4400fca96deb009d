/*
 * ssh_config_networks.c - `Match localnetwork`: whether an interface of this machine that is up has
 * an address in one of some networks.
 *
 * Source: ssh_config(5) of OpenSSH 9.4, where it came. As there, the list takes no '!' of its own
 * (the criterion does), an address alone is a network of one, and one whose address has bits behind
 * its mask is an error.
 */
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "base/arena.h"
#include "formats/ipnet.h"
#include "transport/ssh_config_reader.h"

/* The same without the forms that only netaddr knows: "10/8", "10.0.0.0/255.0.0.0". */
static bool parse_network(str text, struct ipnet *ret)
{
    uint64_t prefix;
    str address = str_cut(&text, '/');
    if (!ip_parse(address, ret)) {
        return false;
    }
    if (!str_is_none(text)) {
        if (!str_to_base(text, 10, &prefix) || prefix > ret->width) {
            return false;
        }
        ret->prefix = (unsigned)prefix;
    }
    return ret->address == ipnet_first(*ret);
}

/* The address of an interface, or false if it has none of IP. */
static bool address_of(const struct sockaddr *socket, struct ipnet *ret)
{
    if (socket != NULL && socket->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const void *)socket;
        *ret = (struct ipnet){ ntohl(four->sin_addr.s_addr), 32, 32 };
        return true;
    }
    if (socket != NULL && socket->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const void *)socket;
        *ret = (struct ipnet){ .width = 128, .prefix = 128 };
        for (size_t i = 0; i < sizeof six->sin6_addr.s6_addr; i++) {
            ret->address = ret->address << 8 | six->sin6_addr.s6_addr[i];
        }
        return true;
    }
    return false;
}

static bool is_local(const struct ifaddrs *interfaces, struct ipnet network)
{
    for (const struct ifaddrs *at = interfaces; at != NULL; at = at->ifa_next) {
        struct ipnet address;
        if ((at->ifa_flags & IFF_UP) != 0 && address_of(at->ifa_addr, &address) &&
            ipnet_contains(network, address)) {
            return true;
        }
    }
    return false;
}

bool ssh_match_networks(struct ssh_reader *reader, str list, bool *ret_holds)
{
    struct ifaddrs *interfaces = NULL;
    bool readable = true;
    str one, bad = STR_NONE;
    *ret_holds = false;
    if (getifaddrs(&interfaces) != 0) {
        return ssh_reader_refuse(reader, STR_NONE,
                                 "'Match localnetwork': cannot list the network interfaces: %m");
    }
    while (readable && !str_is_none(one = str_cut(&list, ','))) {
        struct ipnet network;
        readable = parse_network(one, &network);
        bad = readable ? STR_NONE : one;
        *ret_holds |= readable && is_local(interfaces, network);
    }
    freeifaddrs(interfaces);
    return readable ||
           ssh_reader_refuse(reader, S("as in 10.0.0.0/8,fd00::/8; no bits behind the mask"),
                             "'Match localnetwork': '%.*s' is not a network", SARG(bad));
}
