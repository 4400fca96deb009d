/*
 * filters_ip.c - addresses and networks: the filters of ansible.utils, ipaddr and its family. They
 * answer as those of collection version 2 with Python's netaddr do.
 */
#include "template/ip.h"

#include <stdlib.h>

static value text_value(struct call *call, str text)
{
    return value_str(call->arena, text);
}

value ip_value(const struct asked *asked, ip_number address)
{
    return text_value(asked->call, ip_text(asked->call->arena, address, asked->net.width));
}

value ip_with_prefix(const struct asked *asked, ip_number address)
{
    struct ipnet net = asked->net;
    net.address = address;
    return text_value(asked->call, ipnet_text(asked->call->arena, net));
}

static value pair_value(const struct asked *asked, ip_number a, const char *between, ip_number b)
{
    struct arena *arena = asked->call->arena;
    str first = ip_text(arena, a, asked->net.width), second = ip_text(arena, b, asked->net.width);
    return text_value(asked->call,
                      str_format(arena, "%.*s%s%.*s", SARG(first), between, SARG(second)));
}

static value number_value(struct call *call, ip_number number)
{
    return value_big(call->arena, ip_decimal(call->arena, number));
}

unsigned ip_host_bits(const struct asked *asked)
{
    return asked->net.width - asked->net.prefix;
}

static bool is_first(const struct asked *asked)
{
    return asked->net.address == ipnet_first(asked->net);
}

/* Its broadcast address, which the smallest networks of IPv4 do not have. */
static bool has_broadcast(const struct asked *asked)
{
    return asked->net.width == 128 || ip_host_bits(asked) > 1;
}

/* The addresses that hosts may have; of a network of two, both. */
void ip_usable(struct ipnet net, ip_number *ret_first, ip_number *ret_last)
{
    unsigned edge = net.width - net.prefix > 1 ? 1 : 0;
    *ret_first = ipnet_first(net) + edge;
    *ret_last = ipnet_last(net) - edge;
}

bool ip_is_usable(struct ipnet net, ip_number address)
{
    ip_number first, last;
    ip_usable(net, &first, &last);
    return first <= address && address <= last;
}

static bool parse_known(const char *text, struct ipnet *ret)
{
    return ipnet_parse(str_of(text), ret);
}

static bool in_one_of(struct ipnet net, const char *const *networks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ipnet outer;
        if (parse_known(networks[i], &outer) && ipnet_contains(outer, net)) {
            return true;
        }
    }
    return false;
}

static const char *const private_networks[] = {
    "10.0.0.0/8",     "100.64.0.0/10",  "172.16.0.0/12", "192.0.0.0/24",
    "192.168.0.0/16", "198.18.0.0/15",  "239.0.0.0/8",   "fc00::/7",
    "fec0::/10",      "169.254.0.0/16", "fe80::/10",
};
static const char *const link_local_networks[] = { "169.254.0.0/16", "fe80::/10" };
static const char *const loopback_networks[] = { "127.0.0.0/8", "::1/128" };
static const char *const multicast_networks[] = { "224.0.0.0/4", "ff00::/8" };

#define IS_IN(net, networks) in_one_of(net, networks, ARRAY_LEN(networks))

static struct ipnet alone(struct ipnet net)
{
    net.prefix = net.width;
    return net;
}

static bool is_mask(struct ipnet net)
{
    ip_number hosts = net.address, net_bits = net.address ^ ipnet_netmask((struct ipnet){
                                                                .width = net.width,
                                                                .prefix = net.width,
                                                            });
    return (hosts & (hosts + 1)) == 0 || (net_bits & (net_bits + 1)) == 0;
}

static bool is_public(struct ipnet net)
{
    net = alone(net);
    return !IS_IN(net, multicast_networks) && !IS_IN(net, private_networks) &&
           !IS_IN(net, loopback_networks) && !is_mask(net);
}

/* ---- the queries of ipaddr ---- */

/* Each sets *ret where it has an answer; it is null before. */
typedef bool query_fn(const struct asked *asked, value *ret);

static bool needs_network(const struct asked *asked)
{
    return asked->network ||
           call_fail(asked->call, "'%.*s' is an address, not a network",
                     SARG(ip_text(asked->call->arena, asked->net.address, asked->net.width)));
}

static bool query_itself(const struct asked *asked, value *ret)
{
    return call_give(ret, asked->network ? ip_with_prefix(asked, asked->net.address)
                                         : ip_value(asked, asked->net.address));
}

static bool query_6to4(const struct asked *asked, value *ret)
{
    struct ipnet sixtofour;
    ip_number a = asked->net.address;
    *ret = value_bool(false);
    if (asked->net.width == 32) {
        bool host = ip_host_bits(asked) == 0 || !is_first(asked);
        if (host && (is_public(asked->net) || IS_IN(alone(asked->net), private_networks))) {
            *ret = text_value(asked->call,
                              str_format(asked->call->arena, "2002:%02x%02x:%02x%02x::1/48",
                                         (unsigned)(a >> 24) & 255, (unsigned)(a >> 16) & 255,
                                         (unsigned)(a >> 8) & 255, (unsigned)a & 255));
        }
        return true;
    }
    bool inside =
        parse_known("2002::/16", &sixtofour) && ipnet_contains(sixtofour, alone(asked->net));
    return ip_give_if(inside && (!asked->network || !is_first(asked)), asked->input, ret);
}

static bool is_host(const struct asked *asked)
{
    return ip_host_bits(asked) == 0 || !is_first(asked) || !has_broadcast(asked);
}

static bool query_address(const struct asked *asked, value *ret)
{
    return ip_give_if(is_host(asked) || asked->net.width == 128,
                      ip_value(asked, asked->net.address), ret);
}

static bool query_host(const struct asked *asked, value *ret)
{
    return ip_give_if(is_host(asked), ip_with_prefix(asked, asked->net.address), ret);
}

static bool query_address_prefix(const struct asked *asked, value *ret)
{
    bool edge = ip_host_bits(asked) > 1 &&
                (is_first(asked) || asked->net.address == ipnet_last(asked->net));
    return call_give(ret, edge ? value_bool(false) : ip_with_prefix(asked, asked->net.address));
}

static bool query_bool(const struct asked *asked, value *ret)
{
    return call_give(ret, value_bool(true));
}

static bool query_broadcast(const struct asked *asked, value *ret)
{
    return ip_give_if(ip_host_bits(asked) > 1, ip_value(asked, ipnet_last(asked->net)), ret);
}

static bool query_cidr(const struct asked *asked, value *ret)
{
    return call_give(ret, ip_with_prefix(asked, asked->net.address));
}

static bool query_first_usable(const struct asked *asked, value *ret)
{
    ip_number first, last;
    ip_usable(asked->net, &first, &last);
    return needs_network(asked) && ip_give_if(ip_host_bits(asked) > 0, ip_value(asked, first), ret);
}

static bool query_last_usable(const struct asked *asked, value *ret)
{
    ip_number first, last;
    ip_usable(asked->net, &first, &last);
    return needs_network(asked) && ip_give_if(ip_host_bits(asked) > 0, ip_value(asked, last), ret);
}

static bool query_range_usable(const struct asked *asked, value *ret)
{
    ip_number first, last;
    ip_usable(asked->net, &first, &last);
    return needs_network(asked) &&
           ip_give_if(ip_host_bits(asked) > 0, pair_value(asked, first, "-", last), ret);
}

static bool neighbour(const struct asked *asked, ip_number address, value *ret)
{
    return needs_network(asked) &&
           ip_give_if(ip_host_bits(asked) > 0 && ip_is_usable(asked->net, address),
                      ip_value(asked, address), ret);
}

static bool query_next_usable(const struct asked *asked, value *ret)
{
    return neighbour(asked, asked->net.address + 1, ret);
}

static bool query_previous_usable(const struct asked *asked, value *ret)
{
    return neighbour(asked, asked->net.address - 1, ret);
}

static bool query_hostmask(const struct asked *asked, value *ret)
{
    return call_give(ret, ip_value(asked, ipnet_hostmask(asked->net)));
}

static bool query_int(const struct asked *asked, value *ret)
{
    struct arena *arena = asked->call->arena;
    str number = ip_decimal(arena, asked->net.address);
    return call_give(ret, asked->network
                              ? text_value(asked->call, str_format(arena, "%.*s/%u", SARG(number),
                                                                   asked->net.prefix))
                              : value_big(arena, number));
}

static bool is_host_of_network(const struct asked *asked)
{
    return ip_host_bits(asked) == 1 || (ip_host_bits(asked) > 0 && !is_first(asked));
}

static bool query_ip_prefix(const struct asked *asked, value *ret)
{
    return ip_give_if(is_host_of_network(asked), ip_with_prefix(asked, asked->net.address), ret);
}

static bool query_ip_netmask(const struct asked *asked, value *ret)
{
    return ip_give_if(is_host_of_network(asked),
                      pair_value(asked, asked->net.address, " ", ipnet_netmask(asked->net)), ret);
}

#define MAPPED ((ip_number)0xffff << 32) /* ::ffff:0:0, where IPv4 lies within IPv6 */

static bool query_ipv4(const struct asked *asked, value *ret)
{
    struct ipnet net = { asked->net.address, 32, asked->net.prefix - 96 };
    if (asked->net.width == 32) {
        return call_give(ret, asked->input);
    }
    *ret = value_bool(false);
    if (asked->net.prefix < 96 || net.address > (MAPPED | 0xffffffff) ||
        (net.address > 0xffffffff && net.address < MAPPED)) {
        return true;
    }
    net.address &= 0xffffffff;
    return call_give(ret, text_value(asked->call, ipnet_text(asked->call->arena, net)));
}

static bool query_ipv6(const struct asked *asked, value *ret)
{
    struct ipnet net = { MAPPED | asked->net.address, 128, asked->net.prefix + 96 };
    return call_give(ret, asked->net.width == 128
                              ? asked->input
                              : text_value(asked->call, ipnet_text(asked->call->arena, net)));
}

static bool query_link_local(const struct asked *asked, value *ret)
{
    return ip_give_if(IS_IN(alone(asked->net), link_local_networks), asked->input, ret);
}

static bool query_loopback(const struct asked *asked, value *ret)
{
    return ip_give_if(IS_IN(alone(asked->net), loopback_networks), asked->input, ret);
}

static bool query_multicast(const struct asked *asked, value *ret)
{
    return ip_give_if(IS_IN(asked->net, multicast_networks), asked->input, ret);
}

static bool query_unicast(const struct asked *asked, value *ret)
{
    return ip_give_if(!IS_IN(asked->net, multicast_networks), asked->input, ret);
}

static bool query_private(const struct asked *asked, value *ret)
{
    return ip_give_if(IS_IN(asked->net, private_networks), asked->input, ret);
}

static bool query_public(const struct asked *asked, value *ret)
{
    return ip_give_if(is_public(asked->net), asked->input, ret);
}

static bool query_net(const struct asked *asked, value *ret)
{
    return ip_give_if(ip_host_bits(asked) > 0 && is_first(asked),
                      ip_with_prefix(asked, asked->net.address), ret);
}

static bool query_netmask(const struct asked *asked, value *ret)
{
    return call_give(ret, ip_value(asked, ipnet_netmask(asked->net)));
}

static bool query_network(const struct asked *asked, value *ret)
{
    return call_give(ret, ip_value(asked, ipnet_first(asked->net)));
}

static bool query_network_netmask(const struct asked *asked, value *ret)
{
    return call_give(ret,
                     pair_value(asked, ipnet_first(asked->net), " ", ipnet_netmask(asked->net)));
}

static bool query_network_wildcard(const struct asked *asked, value *ret)
{
    return call_give(ret,
                     pair_value(asked, ipnet_first(asked->net), " ", ipnet_hostmask(asked->net)));
}

static bool query_subnet(const struct asked *asked, value *ret)
{
    return call_give(ret, ip_with_prefix(asked, ipnet_first(asked->net)));
}

static bool query_peer(const struct asked *asked, value *ret)
{
    ip_number a = asked->net.address;
    if (!needs_network(asked)) {
        return false;
    }
    switch (ip_host_bits(asked)) {
    case 1:
        return call_give(ret, ip_value(asked, a ^ 1));
    case 2:
        if ((a & 3) == 0 || (a & 3) == 3) {
            return call_fail(asked->call, "the %s address of a /30 has no peer",
                             (a & 3) == 0 ? "network" : "broadcast");
        }
        return call_give(ret, ip_value(asked, a ^ 3));
    default:
        return call_fail(asked->call, "it is no point-to-point network");
    }
}

static bool query_prefix(const struct asked *asked, value *ret)
{
    return call_give(ret, value_int(asked->net.prefix));
}

static bool query_revdns(const struct asked *asked, value *ret)
{
    struct strbuf out = strbuf_in(asked->call->arena);
    bool v6 = asked->net.width == 128;
    unsigned step = v6 ? 4 : 8;
    for (unsigned shift = 0; shift < asked->net.width; shift += step) {
        unsigned part = (unsigned)(asked->net.address >> shift) & ((1u << step) - 1);
        strbuf_addf(&out, v6 ? "%x." : "%u.", part);
    }
    strbuf_add(&out, v6 ? S("ip6.arpa.") : S("in-addr.arpa."));
    return call_give(ret, text_value(asked->call, strbuf_str(&out)));
}

/* How many addresses there are, without `left_out` of them. */
value ip_size(const struct asked *asked, unsigned left_out)
{
    ip_number last = ipnet_hostmask(asked->net); /* one less than there are */
    if (ip_host_bits(asked) == 128) {
        return value_big(asked->call->arena, left_out == 0
                                                 ? S("340282366920938463463374607431768211456")
                                                 : S("340282366920938463463374607431768211454"));
    }
    return number_value(asked->call, last + 1 - left_out);
}

static bool query_size(const struct asked *asked, value *ret)
{
    return call_give(ret, ip_size(asked, 0));
}

static bool query_size_usable(const struct asked *asked, value *ret)
{
    return call_give(ret, ip_host_bits(asked) == 0
                              ? value_int(0)
                              : ip_size(asked, ip_host_bits(asked) > 1 ? 2 : 0));
}

static bool query_type(const struct asked *asked, value *ret)
{
    bool network = ip_host_bits(asked) > 0 && is_first(asked);
    return call_give(ret, text_value(asked->call, network ? S("network") : S("address")));
}

static bool query_version(const struct asked *asked, value *ret)
{
    return call_give(ret, value_int(asked->net.width == 128 ? 6 : 4));
}

static bool query_wrap(const struct asked *asked, value *ret)
{
    struct arena *arena = asked->call->arena;
    str address = ip_text(arena, asked->net.address, asked->net.width);
    if (asked->net.width == 32) {
        return call_give(ret, asked->input);
    }
    str wrapped = asked->network ? str_format(arena, "[%.*s]/%u", SARG(address), asked->net.prefix)
                                 : str_format(arena, "[%.*s]", SARG(address));
    return call_give(ret, text_value(asked->call, wrapped));
}

static const struct query {
    str name;
    query_fn *answer;
} queries[] = {
    { S_INIT(""), query_itself },
    { S_INIT("6to4"), query_6to4 },
    { S_INIT("address"), query_address },
    { S_INIT("address/prefix"), query_address_prefix },
    { S_INIT("bool"), query_bool },
    { S_INIT("broadcast"), query_broadcast },
    { S_INIT("cidr"), query_cidr },
    { S_INIT("first_usable"), query_first_usable },
    { S_INIT("gateway"), query_address_prefix },
    { S_INIT("gw"), query_address_prefix },
    { S_INIT("host"), query_host },
    { S_INIT("host/prefix"), query_address_prefix },
    { S_INIT("hostmask"), query_hostmask },
    { S_INIT("hostnet"), query_address_prefix },
    { S_INIT("int"), query_int },
    { S_INIT("ip"), query_address },
    { S_INIT("ip/prefix"), query_ip_prefix },
    { S_INIT("ip_netmask"), query_ip_netmask },
    { S_INIT("ipv4"), query_ipv4 },
    { S_INIT("ipv6"), query_ipv6 },
    { S_INIT("last_usable"), query_last_usable },
    { S_INIT("link-local"), query_link_local },
    { S_INIT("lo"), query_loopback },
    { S_INIT("loopback"), query_loopback },
    { S_INIT("multicast"), query_multicast },
    { S_INIT("net"), query_net },
    { S_INIT("netmask"), query_netmask },
    { S_INIT("network"), query_network },
    { S_INIT("network/prefix"), query_subnet },
    { S_INIT("network_id"), query_network },
    { S_INIT("network_netmask"), query_network_netmask },
    { S_INIT("network_wildcard"), query_network_wildcard },
    { S_INIT("next_usable"), query_next_usable },
    { S_INIT("peer"), query_peer },
    { S_INIT("prefix"), query_prefix },
    { S_INIT("previous_usable"), query_previous_usable },
    { S_INIT("private"), query_private },
    { S_INIT("public"), query_public },
    { S_INIT("range_usable"), query_range_usable },
    { S_INIT("revdns"), query_revdns },
    { S_INIT("router"), query_address_prefix },
    { S_INIT("size"), query_size },
    { S_INIT("size_usable"), query_size_usable },
    { S_INIT("subnet"), query_subnet },
    { S_INIT("type"), query_type },
    { S_INIT("unicast"), query_unicast },
    { S_INIT("v4"), query_ipv4 },
    { S_INIT("v6"), query_ipv6 },
    { S_INIT("version"), query_version },
    { S_INIT("wildcard"), query_hostmask },
    { S_INIT("wrap"), query_wrap },
};

static const struct query *find_query(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        if (str_eq(queries[i].name, name)) {
            return &queries[i];
        }
    }
    return NULL;
}

/* ---- what was given ---- */

/* A number is an address; which version, tells its size unless it is wanted. */
static bool from_number(value v, unsigned version, struct ipnet *ret)
{
    str digits = value_is(v, VALUE_STR) ? value_as_str(v)
                 : value_is_big(v)      ? value_big_digits(v)
                                        : STR_EMPTY;
    ip_number number = 0;
    if (digits.len == 0 && value_as_int(v) >= 0) {
        number = (ip_number)value_as_int(v);
    }
    for (size_t i = 0; i < digits.len; i++) {
        ip_number next = number * 10 + (unsigned)(digits.ptr[i] - '0');
        if (number > ~(ip_number)0 / 10 || next < number * 10) {
            return false;
        }
        number = next;
    }
    unsigned width = version == 6 || number > 0xffffffff ? 128 : 32;
    *ret = (struct ipnet){ number, width, width };
    return true;
}

bool ip_is_number(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return text.len > 0;
}

/* "3232235786/24" */
static bool from_number_and_prefix(struct call *call, str text, struct ipnet *ret)
{
    str number = str_cut(&text, '/');
    uint64_t prefix;
    if (str_is_none(text) || !ip_is_number(number) || !str_to_base(text, 10, &prefix) ||
        !from_number(text_value(call, number), 0, ret) || prefix > ret->width) {
        return false;
    }
    ret->prefix = (unsigned)prefix;
    return true;
}

/* Whether the input is an address or a network; version 0: either. */
bool ip_understand(struct call *call, value v, unsigned version, struct asked *ret)
{
    *ret = (struct asked){ .call = call, .input = v };
    if (value_is(v, VALUE_INT)) {
        bool fits = (value_is_big(v) || value_as_int(v) > 0) && from_number(v, version, &ret->net);
        ret->input = fits ? ip_with_prefix(ret, ret->net.address) : v;
        return fits && (version == 0 || ret->net.width == (version == 6 ? 128 : 32));
    }
    if (!value_is(v, VALUE_STR)) {
        return false;
    }
    str text = value_as_str(v);
    bool fits;
    ret->network = str_find_char(text, '/', 0) != STR_NPOS;
    if (ip_is_number(text)) {
        fits = from_number(v, version, &ret->net);
        ret->input = fits ? ip_with_prefix(ret, ret->net.address) : v;
    } else {
        fits = ipnet_parse(text, &ret->net);
        if (!fits && from_number_and_prefix(call, text, &ret->net)) {
            fits = true;
            ret->input = ip_with_prefix(ret, ret->net.address);
        }
    }
    return fits && (version == 0 || ret->net.width == (version == 6 ? 128 : 32));
}

/* ---- ipaddr, ipv4, ipv6 ---- */

static bool no_query(struct call *call, str name)
{
    struct diags *diags = call->eval->diags;
    str names[ARRAY_LEN(queries)];
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        names[i] = queries[i].name;
    }
    call_fail(call, "there is no query '%.*s'", SARG(name));
    diag_suggest(diags->all.items[diags->all.len - 1], name, names, ARRAY_LEN(names));
    return false;
}

static bool is_float(struct arena *arena, str text)
{
    char *end;
    const char *from = str_c(arena, text);
    (void)strtod(from, &end);
    return end != from && *end == '\0';
}

/* A number: the address at that place of the network. */
static bool query_index(const struct asked *asked, str text, value *ret)
{
    int64_t index = 0;
    if (!is_float(asked->call->arena, text)) {
        return no_query(asked->call, text);
    }
    if (ip_host_bits(asked) == 0) {
        return query_itself(asked, ret);
    }
    *ret = value_bool(false);
    if (!str_to_int64(text, &index)) {
        return true;
    }
    ip_number distance = index < 0 ? (ip_number)-index - 1 : (ip_number)index;
    ip_number base = index < 0 ? ipnet_last(asked->net) : ipnet_first(asked->net);
    return ip_give_if(distance <= ipnet_hostmask(asked->net),
                      ip_with_prefix(asked, index < 0 ? base - distance : base + distance), ret);
}

/* The answer for one input: what the query gives, false where it is no address. */
static bool ask(struct call *call, value v, str name, unsigned version, value *ret)
{
    struct asked asked;
    struct ipnet outer;
    *ret = value_bool(false);
    if (!ip_understand(call, v, version, &asked)) {
        return true;
    }
    *ret = value_null();
    const struct query *query = find_query(name);
    if (query != NULL) {
        return query->answer(&asked, ret);
    }
    if (!ip_is_number(name) && ipnet_parse(name, &outer)) {
        return ip_give_if(ipnet_contains(outer, asked.net), asked.input, ret);
    }
    return query_index(&asked, name, ret);
}

static bool ask_all(struct call *call, str name, unsigned version, value *ret)
{
    value v;
    if (!plain_value(call->render, call->input, &v)) {
        return false;
    }
    if (!value_is(v, VALUE_LIST)) {
        return value_is(v, VALUE_STR) || value_is(v, VALUE_INT) || value_is(v, VALUE_BOOL)
                   ? ask(call, v, name, version, ret)
                   : call_fail(call, "an address is a text, and this is %s %s", A_TYPE(v));
    }
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < value_count(v); i++) {
        value one;
        if (!ask(call, value_item(v, i), name, version, &one)) {
            return false;
        }
        if (value_truth(one) == TRUTH_TRUE) {
            list_add(&list, one);
        }
    }
    return call_give(ret, list_seal(&list));
}

static bool filter_ipaddr(struct call *call, value *ret)
{
    unsigned version = value_is(call->args[1], VALUE_INT) ? (unsigned)call_int(call, 1) : 0;
    return ask_all(call, call_str(call, 0), version, ret);
}

static bool filter_ipv4(struct call *call, value *ret)
{
    return ask_all(call, call_str(call, 0), 4, ret);
}

static bool filter_ipv6(struct call *call, value *ret)
{
    return ask_all(call, call_str(call, 0), 6, ret);
}

/* What is no address stays as it is. */
static bool filter_ipwrap(struct call *call, value *ret)
{
    value v;
    if (!plain_value(call->render, call->input, &v)) {
        return false;
    }
    struct asked asked;
    if (!value_is(v, VALUE_LIST)) {
        *ret = v;
        return !ip_understand(call, v, 0, &asked) || query_wrap(&asked, ret);
    }
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < value_count(v); i++) {
        value one = value_item(v, i);
        if (ip_understand(call, one, 0, &asked)) {
            query_wrap(&asked, &one);
        }
        list_add(&list, one);
    }
    return call_give(ret, list_seal(&list));
}

const struct builtin filters_ip[] = {
    { "ipaddr", NULL, "query:text='', version=false", 0, filter_ipaddr,
      "What a query tells of an address or a network; false where it is none.",
      "{{ ['10.0.0.1', 'no address', '::1'] | ansible.utils.ipaddr }} -> ['10.0.0.1', '::1']\n"
      "{{ '192.168.5.9/24' | ansible.utils.ipaddr('network') }} -> 192.168.5.0" },
    { "ipv4", NULL, "query:text=''", 0, filter_ipv4, "The same, of IPv4 only.",
      "{{ ['10.0.0.1', '::1'] | ansible.utils.ipv4 }} -> ['10.0.0.1']" },
    { "ipv6", NULL, "query:text=''", 0, filter_ipv6, "The same, of IPv6 only.",
      "{{ ['10.0.0.1', '::1'] | ansible.utils.ipv6 }} -> ['::1']" },
    { "ipwrap", NULL, "", 0, filter_ipwrap, "Addresses of IPv6 in brackets.",
      "http://{{ '2001:db8::1' | ansible.utils.ipwrap }}:8080/ -> http://[2001:db8::1]:8080/" },
    { 0 },
};
