/*
 * tests_ip.c - the tests of ansible.utils: what a text is, as an address or a network. They take
 * what Python's ipaddress takes: no host bits behind a prefix, no numbers left out.
 */
#include "formats/ipnet.h"
#include "formats/pyregex.h"
#include "template/core.h"

/* The address or network a text is, or false. */
static bool strict_network(str text, struct ipnet *ret)
{
    str rest = text, address = str_cut(&rest, '/');
    struct ipnet alone;
    return ip_parse(address, &alone) && ipnet_parse(text, ret) && ret->address == ipnet_first(*ret);
}

static bool input_network(struct call *call, struct ipnet *ret)
{
    return value_is(call->input, VALUE_STR) && strict_network(value_as_str(call->input), ret);
}

static bool input_address(struct call *call, struct ipnet *ret)
{
    return value_is(call->input, VALUE_STR) && ip_parse(value_as_str(call->input), ret);
}

static bool holds(value *ret, bool b)
{
    return call_give(ret, value_bool(b));
}

static bool in(struct ipnet net, const char *outer)
{
    struct ipnet network;
    return ipnet_parse(str_of(outer), &network) && ipnet_contains(network, net);
}

static bool in_one(struct ipnet net, const char *const *outer)
{
    for (; *outer != NULL; outer++) {
        if (in(net, *outer)) {
            return true;
        }
    }
    return false;
}

/* ---- forms ---- */

static bool test_ip(struct call *call, value *ret)
{
    struct ipnet net;
    return holds(ret, input_network(call, &net));
}

static bool test_ip_address(struct call *call, value *ret)
{
    struct ipnet net;
    return holds(ret, input_address(call, &net));
}

static bool test_ipv4(struct call *call, value *ret)
{
    struct ipnet net;
    return holds(ret, input_network(call, &net) && net.width == 32);
}

static bool test_ipv6(struct call *call, value *ret)
{
    struct ipnet net;
    return holds(ret, input_network(call, &net) && net.width == 128);
}

static bool test_ipv4_address(struct call *call, value *ret)
{
    struct ipnet net;
    return holds(ret, input_address(call, &net) && net.width == 32);
}

static bool test_ipv6_address(struct call *call, value *ret)
{
    struct ipnet net;
    return holds(ret, input_address(call, &net) && net.width == 128);
}

/* Ones, then zeros. */
static bool is_netmask(struct ipnet net)
{
    uint32_t hosts = ~(uint32_t)net.address;
    return net.width == 32 && (hosts & (hosts + 1)) == 0;
}

static bool test_ipv4_netmask(struct call *call, value *ret)
{
    struct ipnet net;
    return holds(ret, input_address(call, &net) && is_netmask(net) && net.address != 0);
}

/* Zeros, then ones; what is a netmask too is taken for that. */
static bool test_ipv4_hostmask(struct call *call, value *ret)
{
    struct ipnet net;
    bool is = input_address(call, &net) && net.width == 32 && !is_netmask(net) &&
              (net.address & (net.address + 1)) == 0;
    return holds(ret, is);
}

static bool test_mac(struct call *call, value *ret)
{
    bool found = false;
    if (value_is(call->input, VALUE_STR) &&
        !pyregex_found(call->eval->diags, call_place(call),
                       S("(?i)^(?:([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|"
                         "[0-9a-f]{4}\\.[0-9a-f]{4}\\.[0-9a-f]{4}$|[0-9a-f]{12}$)"),
                       value_as_str(call->input), &found)) {
        return call_reported(call);
    }
    return holds(ret, found);
}

/* ---- kinds ---- */

static bool is_of_kind(struct call *call, const char *const *networks, value *ret)
{
    struct ipnet net;
    return holds(ret, input_address(call, &net) && in_one(net, networks));
}

/* By IANA's registries of addresses for special purposes. */
static const char *const private_networks[] = {
    "0.0.0.0/8",
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
    "::1/128",
    "::/128",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "fc00::/7",
    "fe80::/10",
    NULL,
};
/* Within those, and not private. */
static const char *const public_networks[] = {
    "192.0.0.9/32",  "192.0.0.10/32", "2001:1::1/128",
    "2001:1::2/128", "2001:3::/32",   "2001:4:112::/48",
    "2001:20::/28",  "2001:30::/28",  NULL,
};

/* An address of IPv4 within IPv6 is judged as that. */
static bool is_private(struct ipnet net)
{
    if (in(net, "::ffff:0:0/96")) {
        net = (struct ipnet){ (uint32_t)net.address, 32, 32 };
    }
    return in_one(net, private_networks) && !in_one(net, public_networks);
}

static bool test_private(struct call *call, value *ret)
{
    struct ipnet net;
    return holds(ret, input_address(call, &net) && is_private(net));
}

static bool test_public(struct call *call, value *ret)
{
    struct ipnet net;
    return holds(ret, input_address(call, &net) && !is_private(net) && !in(net, "100.64.0.0/10"));
}

static bool test_loopback(struct call *call, value *ret)
{
    static const char *const networks[] = { "127.0.0.0/8", "::1/128", NULL };
    return is_of_kind(call, networks, ret);
}

static bool test_multicast(struct call *call, value *ret)
{
    static const char *const networks[] = { "224.0.0.0/4", "ff00::/8", NULL };
    return is_of_kind(call, networks, ret);
}

static bool test_reserved(struct call *call, value *ret)
{
    static const char *const networks[] = {
        "240.0.0.0/4", "::/8",     "100::/8",  "200::/7",  "400::/6",  "800::/5",
        "1000::/4",    "4000::/3", "6000::/3", "8000::/3", "a000::/3", "c000::/3",
        "e000::/4",    "f000::/5", "f800::/6", "fe00::/9", NULL,
    };
    return is_of_kind(call, networks, ret);
}

static bool test_unspecified(struct call *call, value *ret)
{
    static const char *const networks[] = { "0.0.0.0/32", "::/128", NULL };
    return is_of_kind(call, networks, ret);
}

static bool test_ipv6_ipv4_mapped(struct call *call, value *ret)
{
    static const char *const networks[] = { "::ffff:0:0/96", NULL };
    return is_of_kind(call, networks, ret);
}

static bool test_ipv6_sixtofour(struct call *call, value *ret)
{
    static const char *const networks[] = { "2002::/16", NULL };
    return is_of_kind(call, networks, ret);
}

static bool test_ipv6_teredo(struct call *call, value *ret)
{
    static const char *const networks[] = { "2001::/32", NULL };
    return is_of_kind(call, networks, ret);
}

/* ---- relations ---- */

static bool lies_in(value inner, value outer)
{
    struct ipnet a, b;
    return value_is(inner, VALUE_STR) && value_is(outer, VALUE_STR) &&
           strict_network(value_as_str(inner), &a) && strict_network(value_as_str(outer), &b) &&
           ipnet_contains(b, a);
}

static bool test_in_network(struct call *call, value *ret)
{
    return holds(ret, lies_in(call->input, call->args[0]));
}

static bool test_supernet_of(struct call *call, value *ret)
{
    return holds(ret, lies_in(call->args[0], call->input));
}

static bool count_networks(struct call *call, size_t *ret)
{
    const value *items;
    size_t count;
    *ret = 0;
    if (!call_items(call, call->args[0], &items, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        *ret += lies_in(call->input, items[i]);
    }
    return true;
}

static bool test_in_any_network(struct call *call, value *ret)
{
    size_t count;
    return count_networks(call, &count) && holds(ret, count > 0);
}

static bool test_in_one_network(struct call *call, value *ret)
{
    size_t count;
    return count_networks(call, &count) && holds(ret, count == 1);
}

const struct builtin tests_ip[] = {
    { "ansible.utils.ip", NULL, "", 0, test_ip, "An address or a network.",
      "{{ '10.0.0.0/8' is ansible.utils.ip }} {{ 'host' is ansible.utils.ip }} -> True False" },
    { "ansible.utils.ip_address", NULL, "", 0, test_ip_address, "An address.",
      "{{ '10.0.0.1' is ansible.utils.ip_address }} {{ '10.0.0.0/8' is ansible.utils.ip_address }} "
      "-> True False" },
    { "ansible.utils.ipv4", NULL, "", 0, test_ipv4, "An address or a network of IPv4.",
      "{{ '10.0.0.0/8' is ansible.utils.ipv4 }} {{ '::1' is ansible.utils.ipv4 }} -> True False" },
    { "ansible.utils.ipv6", NULL, "", 0, test_ipv6, "An address or a network of IPv6.",
      "{{ 'fd00::/8' is ansible.utils.ipv6 }} {{ '10.0.0.1' is ansible.utils.ipv6 }} -> True "
      "False" },
    { "ansible.utils.ipv4_address", NULL, "", 0, test_ipv4_address, "An address of IPv4.",
      "{{ '10.0.0.1' is ansible.utils.ipv4_address }} -> True" },
    { "ansible.utils.ipv6_address", NULL, "", 0, test_ipv6_address, "An address of IPv6.",
      "{{ 'fd00::1' is ansible.utils.ipv6_address }} -> True" },
    { "ansible.utils.ipv4_netmask", NULL, "", 0, test_ipv4_netmask,
      "A netmask, such as 255.255.255.0.",
      "{{ '255.255.255.0' is ansible.utils.ipv4_netmask }} -> True" },
    { "ansible.utils.ipv4_hostmask", NULL, "", 0, test_ipv4_hostmask,
      "A hostmask, such as 0.0.0.255.",
      "{{ '0.0.0.255' is ansible.utils.ipv4_hostmask }} -> True" },
    { "ansible.utils.ipv6_ipv4_mapped", NULL, "", 0, test_ipv6_ipv4_mapped,
      "An address of IPv4 within IPv6.",
      "{{ '::FFFF:10.1.1.1' is ansible.utils.ipv6_ipv4_mapped }} -> True" },
    { "ansible.utils.ipv6_sixtofour", NULL, "", 0, test_ipv6_sixtofour, "An address of 6to4.",
      "{{ '2002:c0a8:6301:1::1' is ansible.utils.ipv6_sixtofour }} -> True" },
    { "ansible.utils.ipv6_teredo", NULL, "", 0, test_ipv6_teredo, "An address of Teredo.",
      "{{ '2001::c0a8:6301:1' is ansible.utils.ipv6_teredo }} -> True" },
    { "ansible.utils.loopback", NULL, "", 0, test_loopback, "An address of the host itself.",
      "{{ '127.10.10.10' is ansible.utils.loopback }} -> True" },
    { "ansible.utils.mac", NULL, "", 0, test_mac, "A hardware address.",
      "{{ '02:16:3e:e4:16:f3' is ansible.utils.mac }} -> True" },
    { "ansible.utils.multicast", NULL, "", 0, test_multicast, "An address of many hosts.",
      "{{ '224.0.0.1' is ansible.utils.multicast }} -> True" },
    { "ansible.utils.private", NULL, "", 0, test_private,
      "An address that is not routed in the Internet.",
      "{{ '10.1.1.1' is ansible.utils.private }} -> True" },
    { "ansible.utils.public", NULL, "", 0, test_public, "An address of the Internet.",
      "{{ '8.8.8.8' is ansible.utils.public }} -> True" },
    { "ansible.utils.reserved", NULL, "", 0, test_reserved, "An address that is reserved.",
      "{{ '253.0.0.1' is ansible.utils.reserved }} -> True" },
    { "ansible.utils.unspecified", NULL, "", 0, test_unspecified, "0.0.0.0 or ::.",
      "{{ '0.0.0.0' is ansible.utils.unspecified }} -> True" },
    { "ansible.utils.in_network", "ansible.utils.subnet_of", "network", 0, test_in_network,
      "Within that network.",
      "{{ '10.1.1.1' is ansible.utils.in_network('10.0.0.0/8') }} -> True" },
    { "ansible.utils.supernet_of", NULL, "network", 0, test_supernet_of,
      "That network lies within it.",
      "{{ '10.0.0.0/8' is ansible.utils.supernet_of('10.1.1.0/24') }} -> True" },
    { "ansible.utils.in_any_network", NULL, "networks", 0, test_in_any_network,
      "Within one of the networks.",
      "{{ '10.1.1.1' is ansible.utils.in_any_network(['10.0.0.0/8', '192.168.0.0/16']) }} -> "
      "True" },
    { "ansible.utils.in_one_network", NULL, "networks", 0, test_in_one_network,
      "Within one of the networks, and no other.",
      "{{ '10.1.1.1' is ansible.utils.in_one_network(['10.0.0.0/8', '192.168.0.0/16']) }} -> "
      "True" },
    { 0 },
};
