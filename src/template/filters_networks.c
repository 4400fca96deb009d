/*
 * filters_networks.c - what networks hold: their subnets and hosts, sums of addresses, and
 * hardware addresses. As the filters of ansible.utils answer.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "template/ip.h"

/* ---- places in a network ---- */

static bool filter_nthhost(struct call *call, value *ret)
{
    struct asked asked;
    int64_t index;
    *ret = value_bool(false);
    if (!ip_understand(call, call->input, 0, &asked) || !str_to_int64(call_str(call, 0), &index)) {
        return true;
    }
    ip_number distance = index < 0 ? (ip_number)-index - 1 : (ip_number)index;
    if (distance > ipnet_hostmask(asked.net)) {
        return true;
    }
    return call_give(ret, ip_value(&asked, index < 0 ? ipnet_last(asked.net) - distance
                                                     : ipnet_first(asked.net) + distance));
}

static bool nth_usable(struct call *call, int64_t offset, value *ret)
{
    struct asked asked;
    *ret = value_bool(false);
    if (!ip_understand(call, call->input, 0, &asked)) {
        return true;
    }
    ip_number address = asked.net.address + (ip_number)offset; /* modulo 2^128, as signed */
    *ret = value_null();
    return ip_give_if(ip_host_bits(&asked) > 0 && ip_is_usable(asked.net, address),
                      ip_value(&asked, address), ret);
}

static bool filter_next_nth_usable(struct call *call, value *ret)
{
    return nth_usable(call, call_int(call, 0), ret);
}

static bool filter_previous_nth_usable(struct call *call, value *ret)
{
    return nth_usable(call, -call_int(call, 0), ret);
}

static bool filter_usable_range(struct call *call, value *ret)
{
    struct asked asked;
    if (!ip_understand(call, call->input, 0, &asked)) {
        return call_fail(call, "it is no address and no network");
    }
    ip_number first = ipnet_first(asked.net), last = ipnet_last(asked.net);
    if (asked.net.address != first) {
        return call_fail(call, "it is an address within a network, not the network");
    }
    if (ip_host_bits(&asked) > 16) {
        return call_fail(call, "a list of more than 65536 addresses is too long");
    }
    struct list_builder list = list_in(call->arena);
    struct map_builder map = map_in(call->arena);
    for (ip_number a = first; a <= last; a++) {
        list_add(&list, ip_value(&asked, a));
    }
    map_set_str(&map, S("number_of_ips"), value_int((int64_t)list.items.len));
    map_set_str(&map, S("usable_ips"), list_seal(&list));
    return call_give(ret, map_seal(&map));
}

/* Whether all of `inner` lies between two addresses of the input. */
static bool range_holds(struct call *call, value inner, bool usable, bool *ret)
{
    struct asked outer, other;
    ip_number first, last;
    *ret = false;
    if (!ip_understand(call, call->input, 0, &outer) || !ip_understand(call, inner, 0, &other)) {
        return true;
    }
    if (usable) {
        ip_usable(outer.net, &first, &last);
    } else {
        first = ipnet_first(outer.net);
        last = ipnet_last(outer.net);
    }
    *ret = outer.net.width == other.net.width && first <= ipnet_first(other.net) &&
           ipnet_last(other.net) <= last;
    return true;
}

static bool filter_network_in_network(struct call *call, value *ret)
{
    bool holds;
    return range_holds(call, call->args[0], false, &holds) && call_give(ret, value_bool(holds));
}

static bool filter_network_in_usable(struct call *call, value *ret)
{
    bool holds;
    return range_holds(call, call->args[0], true, &holds) && call_give(ret, value_bool(holds));
}

static bool filter_reduce_on_network(struct call *call, value *ret)
{
    struct call one = *call;
    struct list_builder list = list_in(call->arena);
    const value *items;
    size_t count;
    if (!call_items(call, call->input, &items, &count)) {
        return false;
    }
    one.input = call->args[0];
    for (size_t i = 0; i < count; i++) {
        bool holds;
        if (!range_holds(&one, items[i], false, &holds)) {
            return false;
        }
        if (holds) {
            list_add(&list, items[i]);
        }
    }
    return call_give(ret, list_seal(&list));
}

/* ---- arithmetic ---- */

static bool filter_ipmath(struct call *call, value *ret)
{
    struct asked asked = { .call = call };
    str text;
    if (!call_need_str(call, call->input, &text)) {
        return false;
    }
    if (!ipnet_parse(text, &asked.net)) {
        return call_fail(call, "'%.*s' is no address", SARG(text));
    }
    ip_number all = ipnet_netmask(
                  (struct ipnet){ .width = asked.net.width, .prefix = asked.net.width }),
              address = asked.net.address;
    int64_t amount = call_int(call, 0);
    ip_number distance = amount < 0 ? (ip_number) - (amount + 1) + 1 : (ip_number)amount;
    if (amount < 0 ? distance > address : distance > all - address) {
        return call_fail(call, "there is no such address: %.*s %+" PRId64, SARG(text), amount);
    }
    return call_give(ret, ip_value(&asked, amount < 0 ? address - distance : address + distance));
}

/* The number of subnets of a size in a network, one of them, or that which an address lies in. */
static bool subnets(const struct asked *asked, unsigned prefix, bool has_index, int64_t index,
                    value *ret)
{
    struct call *call = asked->call;
    unsigned width = asked->net.width;
    struct asked subnet = *asked;
    *ret = value_bool(false);
    subnet.net.prefix = prefix;
    if (ip_host_bits(asked) == 0) {
        /* the networks around an address, the largest first, from one of this size on */
        unsigned chosen = prefix + (unsigned)index;
        if (has_index &&
            (index < -(int64_t)(width - prefix) || index >= (int64_t)(width - prefix))) {
            return true;
        }
        subnet.net.prefix = !has_index ? prefix : index < 0 ? width + (unsigned)index : chosen;
        return call_give(ret, ip_with_prefix(&subnet, ipnet_first(subnet.net)));
    }
    if (prefix < asked->net.prefix) {
        if (has_index && index == 0) { /* the one network of that size around it */
            return call_give(ret, ip_with_prefix(&subnet, subnet.net.address));
        }
        return has_index ||
               call_fail(call, "a network of /%u has no subnets of /%u", asked->net.prefix, prefix);
    }
    unsigned bits = prefix - asked->net.prefix;
    ip_number last = bits == 128 ? ~(ip_number)0 : ((ip_number)1 << bits) - 1;
    if (!has_index) {
        struct asked count = { call, { 0, 128, 128 - bits }, false, value_null() };
        return call_give(
            ret,
            value_str(call->arena, value_as_str(value_print(call->arena, ip_size(&count, 0)))));
    }
    ip_number distance = index < 0 ? (ip_number)-index - 1 : (ip_number)index;
    if (distance > last) {
        return true;
    }
    ip_number nth = index < 0 ? last - distance : distance;
    return call_give(ret,
                     ip_with_prefix(&subnet, ipnet_first(asked->net) + (nth << (width - prefix))));
}

static bool filter_ipsubnet(struct call *call, value *ret)
{
    struct asked asked, outer;
    uint64_t prefix;
    str query = call_str(call, 0);
    *ret = value_bool(false);
    if (!ip_understand(call, call->input, 0, &asked)) {
        return true;
    }
    asked.net.address = ipnet_first(asked.net);
    if (query.len == 0) {
        return call_give(ret, ip_with_prefix(&asked, asked.net.address));
    }
    if (ip_is_number(query)) {
        bool has_index = !call_none(call, 1);
        if (!str_to_base(query, 10, &prefix) || prefix > asked.net.width) {
            return true;
        }
        return subnets(&asked, (unsigned)prefix, has_index, has_index ? call_int(call, 1) : 0, ret);
    }
    if (!ip_understand(call, value_str(call->arena, query), 0, &outer)) {
        return call_fail(call, "'%.*s' is no address and no network", SARG(query));
    }
    /* which of the subnets of its size it is in that network, from 1 */
    if (!ipnet_contains(outer.net, asked.net)) {
        return call_fail(call, "it is not in the network %.*s",
                         SARG(ipnet_text(call->arena, outer.net)));
    }
    ip_number offset = asked.net.address - ipnet_first(outer.net);
    offset = ip_host_bits(&asked) == 128 ? 0 : offset >> ip_host_bits(&asked);
    return call_give(ret, value_str(call->arena, ip_decimal(call->arena, offset + 1)));
}

/* ---- many networks ---- */

static int by_first(const void *a, const void *b)
{
    const struct ipnet *x = a, *y = b;
    if (x->width != y->width) {
        return x->width < y->width ? -1 : 1;
    }
    ip_number first = ipnet_first(*x), other = ipnet_first(*y);
    return first != other ? (first < other ? -1 : 1)
                          : (x->prefix > y->prefix) - (x->prefix < y->prefix);
}

/* Sorted networks: those within others go, and two halves become one. */
static size_t merge_networks(struct ipnet *nets, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        nets[i].address = ipnet_first(nets[i]);
        if (kept > 0 && ipnet_contains(nets[kept - 1], nets[i])) {
            continue;
        }
        nets[kept++] = nets[i];
        while (kept > 1) {
            struct ipnet whole = nets[kept - 2], half = nets[kept - 1];
            if (whole.width != half.width || whole.prefix != half.prefix || whole.prefix == 0) {
                break;
            }
            whole.prefix--;
            if (!ipnet_contains(whole, half) || whole.address != ipnet_first(whole)) {
                break;
            }
            nets[--kept - 1] = whole;
        }
    }
    return kept;
}

static bool read_networks(struct call *call, struct ipnet **ret, size_t *ret_count)
{
    const value *items;
    if (!call_items(call, call->input, &items, ret_count)) {
        return false;
    }
    *ret = NEW_ARRAY(call->arena, struct ipnet, *ret_count + 1);
    for (size_t i = 0; i < *ret_count; i++) {
        str text;
        if (!call_need_str(call, items[i], &text)) {
            return false;
        }
        if (!ipnet_parse(text, &(*ret)[i])) {
            return call_fail(call, "'%.*s' is no address and no network", SARG(text));
        }
    }
    return true;
}

/* The smallest network that holds them all; null for none. */
static bool span_networks(struct call *call, const struct ipnet *nets, size_t count, value *ret)
{
    *ret = value_null();
    if (count == 0) {
        return true;
    }
    struct asked whole = { .call = call, .net = nets[0] };
    for (size_t i = 1; i < count; i++) {
        if (nets[i].width != whole.net.width) {
            return call_fail(call, "addresses of IPv4 and IPv6 have no network in common");
        }
        while (!ipnet_contains(whole.net, nets[i])) {
            whole.net.prefix--;
        }
    }
    return call_give(
        ret, ip_with_prefix(&whole, count == 1 ? whole.net.address : ipnet_first(whole.net)));
}

static bool filter_cidr_merge(struct call *call, value *ret)
{
    struct ipnet *nets;
    size_t count;
    str action = call_str(call, 0);
    if (!str_eq(action, S("merge")) && !str_eq(action, S("span"))) {
        return call_fail(call, "'action' is 'merge' or 'span', not '%.*s'", SARG(action));
    }
    if (!read_networks(call, &nets, &count)) {
        return false;
    }
    if (str_eq(action, S("span"))) {
        return span_networks(call, nets, count, ret);
    }
    if (count > 1) {
        qsort(nets, count, sizeof *nets, by_first);
    }
    struct list_builder list = list_in(call->arena);
    count = merge_networks(nets, count);
    for (size_t i = 0; i < count; i++) {
        list_add(&list, value_str(call->arena, ipnet_text(call->arena, nets[i])));
    }
    return call_give(ret, list_seal(&list));
}

/* ---- hardware addresses ---- */

/* Groups of at most `digits` hexadecimal digits; all of them together are 48 bits. */
static bool read_groups(str text, char separator, unsigned groups, unsigned digits, uint64_t *ret)
{
    *ret = 0;
    for (unsigned i = 0; i < groups; i++) {
        str group = separator != '\0' ? str_cut(&text, separator) : text;
        uint64_t number;
        if (group.len > digits || !str_to_base(group, 16, &number)) {
            return false;
        }
        *ret = *ret << (4 * digits) | number;
    }
    return separator == '\0' || str_is_none(text);
}

static bool read_hardware_address(str text, uint64_t *ret)
{
    static const struct {
        char separator;
        unsigned groups, digits;
    } forms[] = {
        { ':', 6, 2 }, { '-', 6, 2 }, { ':', 3, 4 }, { '-', 3, 4 },   { '.', 3, 4 },
        { ':', 2, 6 }, { '-', 2, 6 }, { '.', 2, 6 }, { '\0', 1, 12 },
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if ((forms[i].separator != '\0' || text.len > 10) &&
            read_groups(text, forms[i].separator, forms[i].groups, forms[i].digits, ret)) {
            return true;
        }
    }
    return false;
}

static const struct hardware_form {
    str name, separator;
    unsigned groups;
    int digits; /* of a group, at least */
    bool upper;
} hardware_forms[] = {
    { S_INIT("bare"), S_INIT(""), 1, 12, true },
    { S_INIT("cisco"), S_INIT("."), 3, 4, false },
    { S_INIT("eui48"), S_INIT("-"), 6, 2, true },
    { S_INIT("linux"), S_INIT(":"), 6, 2, false },
    { S_INIT("pgsql"), S_INIT(":"), 2, 6, false },
    { S_INIT("postgresql"), S_INIT(":"), 2, 6, false },
    { S_INIT("psql"), S_INIT(":"), 2, 6, false },
    { S_INIT("unix"), S_INIT(":"), 6, 1, false },
    { S_INIT("win"), S_INIT("-"), 6, 2, true },
};

static str print_hardware_address(struct arena *arena, const struct hardware_form *form,
                                  uint64_t address)
{
    struct strbuf out = strbuf_in(arena);
    unsigned bits = 48 / form->groups;
    for (unsigned i = form->groups; i-- > 0;) {
        uint64_t group = address >> (i * bits) & ((UINT64_C(1) << bits) - 1);
        if (form->upper) {
            strbuf_addf(&out, "%0*" PRIX64, form->digits, group);
        } else {
            strbuf_addf(&out, "%0*" PRIx64, form->digits, group);
        }
        strbuf_add(&out, i > 0 ? form->separator : STR_EMPTY);
    }
    return strbuf_str(&out);
}

static bool filter_hwaddr(struct call *call, value *ret)
{
    str query = call_str(call, 0), text;
    value plain;
    uint64_t address;
    if (!call_text(call, call->input, &plain)) {
        return false;
    }
    text = value_as_str(plain);
    bool valid = read_hardware_address(text, &address), quiet = query.len == 0;
    if (quiet || str_eq(query, S("bool"))) {
        return call_give(ret, !valid ? value_null() : quiet ? call->input : value_bool(true));
    }
    if (!valid) {
        return call_fail(call, "'%.*s' is no hardware address", SARG(text));
    }
    if (str_eq(query, S("int"))) {
        return call_give(ret, value_int((int64_t)address));
    }
    for (size_t i = 0; i < ARRAY_LEN(hardware_forms); i++) {
        if (str_eq(query, hardware_forms[i].name)) {
            text = print_hardware_address(call->arena, &hardware_forms[i], address);
            return call_give(ret, value_str(call->arena, text));
        }
    }
    return call_fail(call, "there is no query '%.*s'", SARG(query));
}

/* The address of IPv6 that a host with this hardware address gives itself. */
static bool filter_slaac(struct call *call, value *ret)
{
    struct asked asked;
    uint64_t mac;
    *ret = value_bool(false);
    if (!ip_understand(call, call->input, 6, &asked) ||
        !read_hardware_address(call_str(call, 0), &mac)) {
        return true;
    }
    uint64_t interface = (mac >> 24) << 40 | UINT64_C(0xfffe) << 24 | (mac & 0xffffff);
    return call_give(
        ret, ip_value(&asked, ipnet_first(asked.net) + (interface ^ UINT64_C(0x0200000000000000))));
}

static bool filter_ip4_hex(struct call *call, value *ret)
{
    struct ipnet net;
    str text, between = call_str(call, 0);
    if (!call_need_str(call, call->input, &text)) {
        return false;
    }
    if (!ip_parse(text, &net) || net.width != 32) {
        return call_fail(call, "'%.*s' is no IPv4 address", SARG(text));
    }
    unsigned a = (unsigned)net.address;
    text = str_format(call->arena, "%02x%.*s%02x%.*s%02x%.*s%02x", a >> 24, SARG(between),
                      a >> 16 & 255, SARG(between), a >> 8 & 255, SARG(between), a & 255);
    return call_give(ret, value_str(call->arena, text));
}

const struct builtin filters_networks[] = {
    { "ipmath", NULL, "amount:int", 0, filter_ipmath, "The address so many further on.",
      "{{ '192.168.1.5' | ansible.utils.ipmath(10) }} -> 192.168.1.15" },
    { "ipsubnet", NULL, "query:text='', index=none", 0, filter_ipsubnet,
      "Subnets of a size: how many, or the one at the index.",
      "{{ '192.168.0.0/16' | ansible.utils.ipsubnet(24, 3) }} -> 192.168.3.0/24\n"
      "{{ '192.168.0.0/16' | ansible.utils.ipsubnet(24) }} -> 256" },
    { "nthhost", NULL, "query:text=''", 0, filter_nthhost, "The address at a place of a network.",
      "{{ '10.0.0.0/8' | ansible.utils.nthhost(305) }} -> 10.0.1.49" },
    { "next_nth_usable", NULL, "offset:int", 0, filter_next_nth_usable,
      "The usable address so many after this one.",
      "{{ '192.168.1.1/24' | ansible.utils.next_nth_usable(2) }} -> 192.168.1.3" },
    { "previous_nth_usable", NULL, "offset:int", 0, filter_previous_nth_usable,
      "The usable address so many before this one.",
      "{{ '192.168.1.10/24' | ansible.utils.previous_nth_usable(2) }} -> 192.168.1.8" },
    { "usable_range", NULL, "", 0, filter_usable_range,
      "All addresses of a network, and their number.",
      "{{ '192.168.1.0/30' | ansible.utils.usable_range }} -> {'number_of_ips': 4, 'usable_ips': "
      "['192.168.1.0', '192.168.1.1', '192.168.1.2', '192.168.1.3']}" },
    { "network_in_network", NULL, "test", 0, filter_network_in_network,
      "Whether an address or network lies within this one.",
      "{{ '192.168.0.0/16' | ansible.utils.network_in_network('192.168.3.0/24') }} -> True" },
    { "network_in_usable", NULL, "test", 0, filter_network_in_usable,
      "Whether it lies within the usable addresses.",
      "{{ '192.168.0.0/24' | ansible.utils.network_in_usable('192.168.0.255') }} -> False" },
    { "reduce_on_network", NULL, "network", 0, filter_reduce_on_network,
      "Those addresses that lie within a network.",
      "{{ ['10.0.0.1', '192.168.0.7'] | ansible.utils.reduce_on_network('192.168.0.0/24') }} -> "
      "['192.168.0.7']" },
    { "cidr_merge", NULL, "action:str='merge'", 0, filter_cidr_merge,
      "Networks as few as possible, or the one that spans all.",
      "{{ ['10.0.0.0/25', '10.0.0.128/25'] | ansible.utils.cidr_merge }} -> ['10.0.0.0/24']\n"
      "{{ ['10.0.0.0/25', '10.0.1.0/25'] | ansible.utils.cidr_merge('span') }} -> 10.0.0.0/23" },
    { "hwaddr", "macaddr", "query:text=''", 0, filter_hwaddr,
      "A hardware address in another form; null where it is none.",
      "{{ '1a-2b-3c-4d-5e-6f' | ansible.utils.hwaddr('unix') }} -> 1a:2b:3c:4d:5e:6f" },
    { "slaac", NULL, "query:text=''", 0, filter_slaac,
      "The address a host gives itself in a network, by its hardware address.",
      "{{ 'fdcf:1894::/64' | ansible.utils.slaac('c2:31:b3:83:bf:2b') }} -> "
      "fdcf:1894::c031:b3ff:fe83:bf2b" },
    { "ip4_hex", NULL, "delimiter:str=''", 0, filter_ip4_hex, "An IPv4 address in hexadecimal.",
      "{{ '192.168.1.5' | ansible.utils.ip4_hex }} -> c0a80105" },
    { 0 },
};
