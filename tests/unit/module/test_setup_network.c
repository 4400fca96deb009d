#include "test_setup.h"

/* iproute2 and busybox print the same, but for what they call their options. */
static const char iproute2[] =
    "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n"
    "1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever\n"
    "2: eth0    inet 192.0.2.2/24 brd 192.0.2.255 scope global dynamic eth0\\       valid_lft "
    "9sec\n"
    "2: eth0    inet 192.0.2.9/24 brd 192.0.2.255 scope global secondary eth0:1\\       valid_lft\n"
    "2: eth0    inet 10.1.0.1/16 scope global eth0:2\\       valid_lft forever\n"
    "2: eth0    inet6 fd00::99/64 scope global temporary dynamic \\       valid_lft 99sec\n"
    "2: eth0    inet6 fd00::2/64 scope global \\       valid_lft forever preferred_lft forever\n"
    "3: tun-a    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun-a\\       valid_lft forever\n";

#define NET_FILES                                                                                  \
    {                                                                                              \
        { "/sys/class/net/eth0/address", "02:fc:00:00:00:01\n" },                                  \
            { "/sys/class/net/eth0/mtu", "1400\n" }, { "/sys/class/net/eth0/type", "1\n" },        \
            { "/sys/class/net/eth0/operstate", "up\n" },                                           \
            { "/sys/class/net/eth0/flags", "0x1103\n" }, { "/sys/class/net/eth0/speed", "-1\n" },  \
            { "/sys/class/net/lo/mtu", "65536\n" },                                                \
            { "/sys/class/net/lo/address", "00:00:00:00:00:00\n" },                                \
    }

static const char net_paths[] =
    "a1ff 10 22 '/sys/class/net/eth0' -> '../../devices/pci0000:00/0000:00:03.0/virtio2/net/eth0'\n"
    "a1ff 11 22 /sys/class/net/lo -> ../../devices/virtual/net/lo\n"
    "a1ff 12 22 /sys/class/net/tun-a -> ../../devices/virtual/net/tun-a\n"
    "8124 13 22 /sys/class/net/bonding_masters\n"
    "a1ff 14 22 /sys/class/net/eth0/device -> ../../../virtio2\n"
    "a1ff 15 22 /sys/class/net/eth0/device/driver/module -> ../../../../module/virtio_net\n";

static struct host network_host(struct bench *b)
{
    static const struct file files[FILES_MAX] = NET_FILES;
    struct host host = host_of(b, files, net_paths, KERNEL);
    host.run.addresses.out = str_of(iproute2);
    host.run.route4.out = S("8.8.8.8 via 192.0.2.1 dev eth0 src 192.0.2.2 uid 0 \\    cache ");
    host.run.route6.out = S("2404:6800:400a:800::1012 from :: via fd00::1 dev eth0 src fd00::2 "
                            "metric 1024 pref medium");
    return host;
}

Test(setup_network, facts)
{
    static const struct {
        const char *key, *want;
    } rows[] = {
        { "interfaces", "[\"eth0\", \"lo\", \"tun-a\", \"eth0_2\", \"eth0_1\"]" },
        { "all_ipv4_addresses", "[\"192.0.2.2\", \"10.1.0.1\", \"10.8.0.1\", \"192.0.2.9\"]" },
        { "all_ipv6_addresses", "[\"fd00::2\", \"fd00::99\"]" },
        { "default_ipv4",
          "{\"interface\": \"eth0\", \"address\": \"192.0.2.2\", \"gateway\": \"192.0.2.1\", "
          "\"broadcast\": \"192.0.2.255\", \"netmask\": \"255.255.255.0\", "
          "\"network\": \"192.0.2.0\", \"prefix\": \"24\", "
          "\"macaddress\": \"02:fc:00:00:00:01\", \"mtu\": 1400, \"type\": \"ether\", "
          "\"alias\": \"eth0\"}" },
        { "default_ipv6",
          "{\"interface\": \"eth0\", \"address\": \"fd00::2\", \"gateway\": \"fd00::1\", "
          "\"prefix\": \"64\", \"scope\": \"global\", \"macaddress\": \"02:fc:00:00:00:01\", "
          "\"mtu\": 1400, \"type\": \"ether\"}" },
        { "eth0",
          "{\"device\": \"eth0\", \"macaddress\": \"02:fc:00:00:00:01\", \"mtu\": 1400, "
          "\"active\": true, \"type\": \"ether\", \"module\": \"virtio_net\", "
          "\"pciid\": \"virtio2\", \"speed\": -1, \"promisc\": true, "
          "\"ipv4\": {\"address\": \"192.0.2.2\", \"broadcast\": \"192.0.2.255\", "
          "\"netmask\": \"255.255.255.0\", \"network\": \"192.0.2.0\", \"prefix\": \"24\"}, "
          "\"ipv4_secondaries\": [{\"address\": \"192.0.2.9\", \"broadcast\": \"192.0.2.255\", "
          "\"netmask\": \"255.255.255.0\", \"network\": \"192.0.2.0\", \"prefix\": \"24\"}], "
          "\"ipv6\": [{\"address\": \"fd00::2\", \"prefix\": \"64\", \"scope\": \"global\"}, "
          "{\"address\": \"fd00::99\", \"prefix\": \"64\", \"scope\": \"global\"}]}" },
        { "eth0_2",
          "{\"ipv4\": {\"address\": \"10.1.0.1\", \"broadcast\": \"\", "
          "\"netmask\": \"255.255.0.0\", \"network\": \"10.1.0.0\", \"prefix\": \"16\"}}" },
        { "tun-a",
          "{\"device\": \"tun-a\", \"ipv4\": {\"address\": \"10.8.0.1\", \"broadcast\": \"\", "
          "\"netmask\": \"255.255.255.255\", \"network\": \"10.8.0.1\", \"prefix\": \"32\"}}" },
        { "bonding_masters", "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct host host = network_host(&b);
        EQ_STR(fact_of(&b, &host, facts_network, rows[i].key), str_of(rows[i].want));
    }
}

Test(setup_network, bridge_and_bond)
{
    BENCH(b);
    size_t i = 0;
    static const struct file files[FILES_MAX] = {
        { "/sys/class/net/br0/bridge/bridge_id", "8000.02fc00000001\n" },
        { "/sys/class/net/br0/bridge/stp_state", "0\n" },
        { "/sys/class/net/bond0/bonding/mode", "802.3ad 4\n" },
        { "/sys/class/net/bond0/bonding/slaves", "eth0 eth1\n" },
        { "/sys/class/net/bond0/bonding/miimon", "100\n" },
        { "/sys/class/net/bond0/bonding/lacp_rate", "slow 0\n" },
    };
    struct host host = host_of(&b, files,
                               "a1ff 1 2 /sys/class/net/br0 -> ../../devices/virtual/net/br0\n"
                               "a1ff 1 2 /sys/class/net/bond0 -> ../../devices/virtual/net/bond0\n"
                               "a1ff 1 2 /sys/class/net/br0/brif/eth2 -> ../../x\n",
                               KERNEL);
    EQ_STR(fact_of(&b, &host, facts_network, "br0"),
           S("{\"device\": \"br0\", \"type\": \"bridge\", \"interfaces\": [\"eth2\"], "
             "\"id\": \"8000.02fc00000001\", \"stp\": false}"));
    EQ_STR(fact_of(&b, &host, facts_network, "bond0"),
           S("{\"device\": \"bond0\", \"type\": \"bonding\", \"slaves\": [\"eth0\", \"eth1\"], "
             "\"mode\": \"802.3ad\", \"miimon\": \"100\", \"lacp_rate\": \"slow\"}"));
}

/* Whatever a host says: facts or none, but an end. */
Test(setup_network, nonsense)
{
    static const char *const rows[] = {
        "",
        "\n\n",
        "2:",
        "2: eth0",
        "2: eth0 inet",
        "2: eth0 inet 1.2.3/24 scope",
        "2: eth0 inet 1.2.3.4/99 eth0",
        "2: eth0 inet 1.2.3.400/8 eth0",
        "2: eth0 inet 1.2.3.4.5/8 eth0",
        "2: eth0 inet /8 eth0",
        "2: e inet6 x peer",
        "2: e inet 1.2.3.4/8 peer",
        "2: e inet 1.2.3.4/8 brd",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        struct host host = network_host(&b);
        host.run.addresses.out = host.run.route4.out = host.run.route6.out = str_of(rows[i]);
        EQ_STR(fact_of(&b, &host, facts_network, "default_ipv4"), S("{}"));
    }
    BENCH(b);
    size_t i = 0;
    struct host host = network_host(&b);
    host.run.addresses.status = 127;
    EQ_STR(fact_of(&b, &host, facts_network, NULL), S("{}"));
}

Test(setup_network, resolver)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "nameserver 10.0.0.1\nnameserver 10.0.0.2\n",
          "{\"dns\": {\"nameservers\": [\"10.0.0.1\", \"10.0.0.2\"]}}" },
        { "# nothing\n;nothing\ndomain example.org\nsearch a.org b.org\n"
          "options ndots:2 rotate\nsortlist 1.2.3.4\n",
          "{\"dns\": {\"domain\": \"example.org\", \"search\": [\"a.org\", \"b.org\"], "
          "\"options\": {\"ndots\": \"2\", \"rotate\": true}, \"sortlist\": [\"1.2.3.4\"]}}" },
        { "domain\n", "{\"dns\": {}}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        BENCH(b);
        const struct file files[FILES_MAX] = { { "/etc/resolv.conf", rows[i].text } };
        struct host host = host_of(&b, files, NULL, KERNEL);
        EQ_STR(fact_of(&b, &host, facts_dns, NULL), str_of(rows[i].want));
    }
}

Test(setup_network, storage_names)
{
    BENCH(b);
    size_t i = 0;
    const struct file files[FILES_MAX] = {
        { "/etc/iscsi/initiatorname.iscsi", "## a comment\nInitiatorName=iqn.1993-08.org:01:4\n" },
        { "/etc/nvme/hostnqn", "nqn.2014-08.org.nvmexpress:uuid:2c\n" },
        { "/sys/class/fc_host/host1/port_name", "0x21000014ff52a9bb\n" },
    };
    struct host host =
        host_of(&b, files, "a1ff 1 2 /sys/class/fc_host/host1 -> ../../devices/x\n", KERNEL);
    EQ_STR(fact_of(&b, &host, facts_iscsi, NULL), S("{\"iscsi_iqn\": \"iqn.1993-08.org:01:4\"}"));
    EQ_STR(fact_of(&b, &host, facts_nvme, NULL),
           S("{\"hostnqn\": \"nqn.2014-08.org.nvmexpress:uuid:2c\"}"));
    EQ_STR(fact_of(&b, &host, facts_fibre_channel, NULL),
           S("{\"fibre_channel_wwn\": [\"21000014ff52a9bb\"]}"));
}
