/*
 * setup_network.c - interfaces, their addresses, the default routes, resolver and storage names.
 * Interfaces are those of /sys/class/net; addresses and routes are what ip(8) printed, one line
 * for each (-o), which iproute2 and busybox write alike.
 */
#include "base/path.h"
#include "base/strbuf.h"
#include "setup_facts.h"

#define NET S("/sys/class/net")

/* ---- resolver ---- */

static value words_list(struct arena *arena, value before, str rest)
{
    struct list_builder list = list_in(arena);
    str word;
    for (size_t i = 0; value_is(before, VALUE_LIST) && i < value_count(before); i++) {
        list_add(&list, value_item(before, i));
    }
    while (!str_is_none(word = next_word(&rest))) {
        list_add(&list, value_str(arena, word));
    }
    return list_seal(&list);
}

static value resolver_options(struct arena *arena, str rest)
{
    struct map_builder options = map_in(arena);
    str word;
    while (!str_is_none(word = next_word(&rest))) {
        str setting = word, name = str_cut(&setting, ':');
        map_set_str(&options, name, setting.len > 0 ? value_str(arena, setting) : value_bool(true));
    }
    return map_seal(&options);
}

void facts_dns(const struct host *host, struct map_builder *facts)
{
    struct arena *arena = facts->arena;
    struct map_builder dns = map_in(arena);
    str text = host_text(host, S("/etc/resolv.conf"));
    value servers = value_null();
    while (text.len > 0) {
        str rest = str_cut_line(&text);
        if (str_starts(rest, S("#")) || str_starts(rest, S(";"))) {
            continue;
        }
        str key = next_word(&rest);
        if (str_eq(key, S("nameserver"))) {
            servers = words_list(arena, servers, rest);
            map_set_str(&dns, S("nameservers"), servers);
        } else if (str_eq(key, S("domain"))) {
            fact_str(&dns, key, next_word(&rest));
        } else if (str_eq(key, S("search")) || str_eq(key, S("sortlist"))) {
            map_set_str(&dns, key, words_list(arena, value_null(), rest));
        } else if (str_eq(key, S("options"))) {
            map_set_str(&dns, key, resolver_options(arena, rest));
        }
    }
    map_set_str(facts, S("dns"), map_seal(&dns));
}

/* ---- default routes ---- */

struct route {
    str interface, address, gateway; /* STR_NONE: not told */
};

/* "8.8.8.8 via 192.0.2.1 dev eth0 src 192.0.2.2 uid 0": the first line, up to a backslash. */
static struct route read_route(const struct run_answer *answer, str asked)
{
    struct route route = { 0 };
    str out = answer->out, line = str_is_none(out) ? STR_EMPTY : str_cut_line(&out);
    str rest = str_cut(&line, '\\'), word = next_word(&rest);
    if (!str_eq(word, asked)) {
        return route;
    }
    while (!str_is_none(word = next_word(&rest))) {
        str after = rest, next = next_word(&after);
        if (str_eq(word, S("dev"))) {
            route.interface = next;
        } else if (str_eq(word, S("src"))) {
            route.address = next;
        } else if (str_eq(word, S("via"))) {
            route.gateway = next;
        }
    }
    return route;
}

/* ---- addresses ---- */

struct address {
    str device; /* whose it is */
    str label;  /* of IPv4: the device, or "eth0:1"; of IPv6: the device */
    bool v6, secondary;
    str address, prefix, broadcast, scope;
    str netmask, network; /* of IPv4 */
};

static bool ipv4_number(str text, uint32_t *ret)
{
    uint32_t number = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t part;
        if (str_is_none(text) || !str_to_base(str_cut(&text, '.'), 10, &part) || part > 255) {
            return false;
        }
        number = number << 8 | (uint32_t)part;
    }
    *ret = number;
    return str_is_none(text);
}

static str ipv4_text(struct arena *arena, uint32_t number)
{
    return str_format(arena, "%u.%u.%u.%u", number >> 24, number >> 16 & 255, number >> 8 & 255,
                      number & 255);
}

static bool add_masks(struct arena *arena, struct address *address)
{
    uint32_t number;
    uint64_t bits;
    if (!ipv4_number(address->address, &number) || !str_to_base(address->prefix, 10, &bits) ||
        bits > 32) {
        return false;
    }
    uint32_t mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
    address->netmask = ipv4_text(arena, mask);
    address->network = ipv4_text(arena, number & mask);
    return true;
}

/* "2: eth0    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0\    valid_lft ...". An address
 * of a point-to-point link is "10.8.0.1 peer 10.8.0.2/32". */
static bool read_address(struct arena *arena, str line, struct address *ret)
{
    str rest = str_cut(&line, '\\');
    next_word(&rest);
    struct address address = { .device = next_word(&rest), .broadcast = STR_EMPTY };
    str family = next_word(&rest);
    address.v6 = str_eq(family, S("inet6"));
    address.prefix = next_word(&rest);
    if (!(address.v6 || str_eq(family, S("inet"))) || str_is_none(address.prefix)) {
        return false;
    }
    address.address = str_cut(&address.prefix, '/');
    address.label = address.device;
    for (str word; !str_is_none(word = next_word(&rest));) {
        if (str_eq(word, S("brd"))) {
            address.broadcast = next_word(&rest);
        } else if (str_eq(word, S("scope"))) {
            address.scope = next_word(&rest);
        } else if (str_eq(word, S("peer"))) {
            str peer = next_word(&rest);
            str_cut(&peer, '/');
            address.prefix = address.v6 ? peer : S("32");
        } else if (str_eq(word, S("secondary")) || str_eq(word, S("temporary"))) {
            address.secondary = true;
        } else if (!address.v6 && str_starts(word, address.device)) {
            address.label = word;
        }
    }
    if (str_is_none(address.prefix)) {
        address.prefix = address.v6 ? S("128") : S("32");
    }
    if (!address.v6 && !add_masks(arena, &address)) {
        return false;
    }
    *ret = address;
    return true;
}

struct addresses {
    struct address *items;
    size_t len, cap;
};

/* Primary addresses before the others, as `ip addr show primary` and `secondary` list them. */
static struct addresses read_addresses(const struct host *host)
{
    struct addresses all = { 0 };
    for (int secondary = 0; secondary < 2; secondary++) {
        str out = host->run.addresses.status == 0 ? host->run.addresses.out : STR_EMPTY;
        while (out.len > 0) {
            struct address address;
            if (read_address(host->arena, str_cut_line(&out), &address) &&
                address.secondary == (secondary == 1)) {
                *VEC_PUSH(host->arena, &all) = address;
            }
        }
    }
    return all;
}

/* ---- interfaces ---- */

/* An entry of the facts: a device, or a label of one ("eth0:1"). */
struct interface {
    str name;
    bool is_device;
    struct map_builder map;
    bool has_ipv4;
    struct list_builder ipv4_secondaries, ipv6;
};

struct interfaces {
    struct interface *items;
    size_t len, cap;
};

static struct interface *interface_of(struct arena *arena, struct interfaces *all, str name)
{
    for (size_t i = 0; i < all->len; i++) {
        if (str_eq(all->items[i].name, name)) {
            return &all->items[i];
        }
    }
    struct interface *added = VEC_PUSH(arena, all);
    *added = (struct interface){
        .name = name,
        .map = map_in(arena),
        .ipv4_secondaries = list_in(arena),
        .ipv6 = list_in(arena),
    };
    return added;
}

static str net_text(const struct host *host, str device, const char *attribute)
{
    return host_textf(host, "/sys/class/net/%.*s/%s", SARG(device), attribute);
}

static str first_word(str text)
{
    return str_is_none(text) ? STR_EMPTY : next_word(&text);
}

static str device_type(const struct host *host, str device)
{
    static const struct {
        const char *number, *name;
    } types[] = {
        { "1", "ether" },      { "32", "infiniband" }, { "512", "ppp" },
        { "772", "loopback" }, { "65534", "tunnel" },
    };
    str number = net_text(host, device, "type");
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (str_eq(number, str_of(types[i].number))) {
            return str_of(types[i].name);
        }
    }
    return str_is_none(number) ? number : S("unknown");
}

static void add_bridge(const struct host *host, str device, struct map_builder *map)
{
    str id = net_text(host, device, "bridge/bridge_id");
    if (str_is_none(id)) {
        return;
    }
    struct list_builder members = list_in(map->arena);
    str directory = str_format(map->arena, "/sys/class/net/%.*s/brif", SARG(device)), member;
    for (size_t i = 0; !str_is_none(member = host_entry(host, directory, &i));) {
        list_add(&members, value_str(map->arena, member));
    }
    fact_str(map, S("type"), S("bridge"));
    map_set_str(map, S("interfaces"), list_seal(&members));
    fact_str(map, S("id"), id);
    fact_bool(map, S("stp"), str_eq(net_text(host, device, "bridge/stp_state"), S("1")));
}

static void add_bonding(const struct host *host, str device, struct map_builder *map)
{
    str mode = net_text(host, device, "bonding/mode");
    if (!str_is_none(mode)) {
        str slaves = net_text(host, device, "bonding/slaves");
        str primary = net_text(host, device, "bonding/primary");
        str active = net_text(host, device, "bonding/all_slaves_active");
        fact_str(map, S("type"), S("bonding"));
        map_set_str(map, S("slaves"), words_list(map->arena, value_null(), slaves));
        fact_str(map, S("mode"), first_word(mode));
        fact_str(map, S("miimon"), first_word(net_text(host, device, "bonding/miimon")));
        fact_str(map, S("lacp_rate"), first_word(net_text(host, device, "bonding/lacp_rate")));
        fact_str(map, S("primary"), primary);
        if (!str_is_none(primary) && !str_is_none(active)) {
            fact_bool(map, S("all_slaves_active"), str_eq(active, S("1")));
        }
    }
    fact_str(map, S("perm_macaddress"), net_text(host, device, "bonding_slave/perm_hwaddr"));
}

static void add_hardware(const struct host *host, str device, struct map_builder *map)
{
    const struct host_path *link =
        host_path(host, str_format(map->arena, "/sys/class/net/%.*s/device", SARG(device)));
    const struct host_path *module = host_path(
        host, str_format(map->arena, "/sys/class/net/%.*s/device/driver/module", SARG(device)));
    int64_t speed;
    uint64_t flags;
    if (module != NULL && !str_is_none(module->target)) {
        fact_str(map, S("module"), path_basename(module->target));
    }
    if (link != NULL && !str_is_none(link->target)) {
        fact_str(map, S("pciid"), path_basename(link->target));
    }
    if (str_to_int64(net_text(host, device, "speed"), &speed)) {
        fact_int(map, S("speed"), speed);
    }
    str text = net_text(host, device, "flags");
    if (str_starts(text, S("0x")) && str_to_base(str_part(text, 2, text.len), 16, &flags)) {
        fact_bool(map, S("promisc"), (flags & 0x100) != 0); /* IFF_PROMISC */
    }
}

static void add_device(const struct host *host, str device, struct map_builder *map)
{
    str mac = net_text(host, device, "address"), state = net_text(host, device, "operstate");
    int64_t mtu;
    fact_str(map, S("device"), device);
    if (!str_eq(mac, S("00:00:00:00:00:00"))) {
        fact_str(map, S("macaddress"), mac);
    }
    if (str_to_int64(net_text(host, device, "mtu"), &mtu)) {
        fact_int(map, S("mtu"), mtu);
    }
    if (!str_is_none(state)) {
        fact_bool(map, S("active"), !str_eq(state, S("down")));
    }
    fact_str(map, S("type"), device_type(host, device));
    add_bridge(host, device, map);
    add_bonding(host, device, map);
    add_hardware(host, device, map);
}

static value ipv4_value(struct arena *arena, const struct address *address)
{
    struct map_builder map = map_in(arena);
    fact_str(&map, S("address"), address->address);
    fact_str(&map, S("broadcast"), address->broadcast);
    fact_str(&map, S("netmask"), address->netmask);
    fact_str(&map, S("network"), address->network);
    fact_str(&map, S("prefix"), address->prefix);
    return map_seal(&map);
}

static value ipv6_value(struct arena *arena, const struct address *address)
{
    struct map_builder map = map_in(arena);
    fact_str(&map, S("address"), address->address);
    fact_str(&map, S("prefix"), address->prefix);
    fact_str(&map, S("scope"), address->scope);
    return map_seal(&map);
}

/* A secondary address counts for its label and for the device. */
static void add_address(struct arena *arena, struct interfaces *all, const struct address *address)
{
    struct interface *labelled = interface_of(arena, all, address->label);
    if (address->v6) {
        list_add(&labelled->ipv6, ipv6_value(arena, address));
        return;
    }
    value v = ipv4_value(arena, address);
    if (!address->secondary && !labelled->has_ipv4) {
        labelled->has_ipv4 = true;
        map_set_str(&labelled->map, S("ipv4"), v);
        return;
    }
    list_add(&labelled->ipv4_secondaries, v);
    if (address->secondary && !str_eq(address->label, address->device)) {
        list_add(&interface_of(arena, all, address->device)->ipv4_secondaries, v);
    }
}

static value interface_value(struct interface *interface)
{
    if (interface->ipv4_secondaries.items.len > 0) {
        map_set_str(&interface->map, S("ipv4_secondaries"),
                    list_seal(&interface->ipv4_secondaries));
    }
    if (interface->ipv6.items.len > 0) {
        map_set_str(&interface->map, S("ipv6"), list_seal(&interface->ipv6));
    }
    return map_seal(&interface->map);
}

/* ---- all together ---- */

static void add_default(const struct host *host, struct map_builder *facts, str key,
                        const struct route *route, const struct addresses *addresses, bool v6)
{
    struct map_builder map = map_in(facts->arena);
    fact_str(&map, S("interface"), route->interface);
    fact_str(&map, S("address"), route->address);
    fact_str(&map, S("gateway"), route->gateway);
    for (size_t i = 0; i < addresses->len; i++) {
        const struct address *a = &addresses->items[i];
        int64_t mtu;
        if (a->v6 != v6 || str_is_none(route->address) || !str_eq(a->address, route->address)) {
            continue;
        }
        str type = device_type(host, a->device);
        fact_str(&map, S("broadcast"), v6 ? STR_NONE : a->broadcast);
        fact_str(&map, S("netmask"), a->netmask);
        fact_str(&map, S("network"), a->network);
        fact_str(&map, S("prefix"), a->prefix);
        fact_str(&map, S("scope"), v6 ? a->scope : STR_NONE);
        fact_str(&map, S("macaddress"), net_text(host, a->device, "address"));
        if (str_to_int64(net_text(host, a->device, "mtu"), &mtu)) {
            fact_int(&map, S("mtu"), mtu);
        }
        fact_str(&map, S("type"), str_is_none(type) ? S("unknown") : type);
        fact_str(&map, S("alias"), v6 ? STR_NONE : a->label);
    }
    map_set_str(facts, key, map_seal(&map));
}

static void add_all_addresses(struct map_builder *facts, str key, const struct addresses *addresses,
                              bool v6)
{
    struct list_builder list = list_in(facts->arena);
    for (size_t i = 0; i < addresses->len; i++) {
        const struct address *a = &addresses->items[i];
        bool loopback = v6 ? str_eq(a->address, S("::1")) : str_starts(a->address, S("127."));
        if (a->v6 == v6 && !loopback) {
            list_add(&list, value_str(facts->arena, a->address));
        }
    }
    map_set_str(facts, key, list_seal(&list));
}

void facts_network(const struct host *host, struct map_builder *facts)
{
    struct arena *arena = facts->arena;
    struct interfaces all = { 0 };
    struct list_builder list = list_in(arena);
    str device;
    if (host->run.addresses.status != 0) {
        return; /* without ip(8) nothing is known that a playbook could rely on */
    }
    for (size_t i = 0; !str_is_none(device = host_entry(host, NET, &i));) {
        if (str_is_none(host->paths.items[i - 1].target)) {
            continue; /* a file for settings of all, such as bonding_masters */
        }
        struct interface *interface = interface_of(arena, &all, device);
        add_device(host, device, &interface->map);
    }
    struct addresses addresses = read_addresses(host);
    for (size_t i = 0; i < addresses.len; i++) {
        add_address(arena, &all, &addresses.items[i]);
    }
    for (size_t i = 0; i < all.len; i++) {
        str name = str_replace(arena, all.items[i].name, S(":"), S("_"));
        list_add(&list, value_str(arena, name));
        map_set_str(facts, name, interface_value(&all.items[i]));
    }
    struct route v4 = read_route(&host->run.route4, ROUTE4);
    struct route v6 = read_route(&host->run.route6, ROUTE6);
    map_set_str(facts, S("interfaces"), list_seal(&list));
    add_default(host, facts, S("default_ipv4"), &v4, &addresses, false);
    add_default(host, facts, S("default_ipv6"), &v6, &addresses, true);
    add_all_addresses(facts, S("all_ipv4_addresses"), &addresses, false);
    add_all_addresses(facts, S("all_ipv6_addresses"), &addresses, true);
}

/* ---- names in storage networks ---- */

void facts_fibre_channel(const struct host *host, struct map_builder *facts)
{
    struct list_builder list = list_in(facts->arena);
    str name;
    for (size_t i = 0; !str_is_none(name = host_entry(host, S("/sys/class/fc_host"), &i));) {
        str port = host_textf(host, "/sys/class/fc_host/%.*s/port_name", SARG(name));
        if (str_starts(port, S("0x"))) {
            list_add(&list, value_str(facts->arena, str_part(port, 2, port.len)));
        }
    }
    map_set_str(facts, S("fibre_channel_wwn"), list_seal(&list));
}

void facts_iscsi(const struct host *host, struct map_builder *facts)
{
    str name = shell_setting(facts->arena, host_text(host, S("/etc/iscsi/initiatorname.iscsi")),
                             S("InitiatorName"));
    fact_str(facts, S("iscsi_iqn"), str_is_none(name) ? STR_EMPTY : name);
}

void facts_nvme(const struct host *host, struct map_builder *facts)
{
    str text = host_text(host, S("/etc/nvme/hostnqn")), name = STR_EMPTY;
    while (text.len > 0 && name.len == 0) {
        str line = str_cut_line(&text);
        name = str_starts(line, S("nqn.")) ? line : name;
    }
    fact_str(facts, S("hostnqn"), name);
}
