/* Addresses and networks; the expected answers are those of ansible.utils with netaddr 0.8 and
 * Python's ipaddress. */
#include "kit.h"

static const char vars[] = "{a: 192.168.1.10/24, n: 10.0.0.0/30, six: '2001:db8::1/64',\n"
                           " all: [192.168.32.0/24, 'fe80::100/10', 192.0.2.1, host, '', '::1']}";

Test(ip, queries)
{
    static const struct kit_row rows[] = {
        { "{{ a | ansible.utils.ipaddr }} {{ '1.2.3.4' | ipaddr }} {{ 'x' | ipaddr }}",
          "192.168.1.10/24 1.2.3.4 False" },
        { "{{ a | ipaddr('address') }} {{ a | ipaddr('network') }} {{ a | ipaddr('netmask') }}",
          "192.168.1.10 192.168.1.0 255.255.255.0" },
        { "{{ a | ipaddr('prefix') }} {{ a | ipaddr('broadcast') }} {{ a | ipaddr('wildcard') }}",
          "24 192.168.1.255 0.0.0.255" },
        { "{{ a | ipaddr('subnet') }} {{ a | ipaddr('net') }} {{ n | ipaddr('net') }}",
          "192.168.1.0/24  10.0.0.0/30" },
        { "{{ a | ipaddr('5') }} {{ a | ipaddr(-1) }} {{ a | ipaddr('300') }}",
          "192.168.1.5/24 192.168.1.255/24 False" },
        { "{{ n | ipaddr('first_usable') }} {{ n | ipaddr('range_usable') }}",
          "10.0.0.1 10.0.0.1-10.0.0.2" },
        { "{{ '10.0.0.1/30' | ipaddr('peer') }} {{ '10.0.0.1/31' | ipaddr('peer') }}",
          "10.0.0.2 10.0.0.0" },
        { "{{ six | ipaddr('revdns') }}",
          "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa." },
        { "{{ '::/0' | ipaddr('size') }} {{ six | ipaddr('int') }}",
          "340282366920938463463374607431768211456 42540766411282592856903984951653826561/64" },
        { "{{ '1.2.3.4' | ipaddr('6to4') }} {{ '1.2.3.4/24' | ipaddr('ipv6') }}",
          "2002:0102:0304::1/48 ::ffff:1.2.3.4/120" },
        { "{{ all | ipv4 }} {{ all | ipv6('address') }}",
          "['192.168.32.0/24', '192.0.2.1'] ['fe80::100', '::1']" },
        { "{{ all | ipwrap }}",
          "['192.168.32.0/24', '[fe80::100]/10', '192.0.2.1', 'host', '', '[::1]']" },
        { "{{ all | ipaddr('192.168.0.0/16') }}", "['192.168.32.0/24']" },
        { "{{ ['10.1.2.3', '8.8.8.8', '127.0.0.1', '255.255.0.0'] | ipaddr('public') }}",
          "['8.8.8.8']" },
        { "{{ 3232235786 | ipaddr }} {{ '10/8' | ipaddr('cidr') }}", "192.168.1.10 10.0.0.0/8" },
        { "{{ a | ipaddr('netmsak') }}", "!filter 'ipaddr': there is no query 'netmsak'" },
        { "{{ '1.2.3.4' | ipaddr('first_usable') }}",
          "!filter 'ipaddr': '1.2.3.4' is an address, not a network" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

Test(ip, networks)
{
    static const struct kit_row rows[] = {
        { "{{ '192.168.0.0/16' | ipsubnet(20) }} {{ '192.168.0.0/16' | ipsubnet(20, -1) }}",
          "16 192.168.240.0/20" },
        { "{{ '192.168.144.5' | ipsubnet(18, 0) }} {{ 'x' | ipsubnet(20) }}",
          "192.168.128.0/18 False" },
        { "{{ '192.168.144.16/30' | ipsubnet('192.168.0.0/18') }}",
          "!filter 'ipsubnet': it is not in the network 192.168.0.0/18" },
        { "{{ '192.168.144.16/30' | ipsubnet('192.168.144.0/24') }}", "5" },
        { "{{ '10.0.0.0/8' | nthhost(305) }} {{ a | next_nth_usable(2) }}",
          "10.0.1.49 192.168.1.12" },
        { "{{ a | network_in_network('192.168.1.255') }}", "True" },
        { "{{ a | network_in_usable('192.168.1.255') }}", "False" },
        { "{{ ['10.0.0.1', '11.0.0.1'] | reduce_on_network('10.0.0.0/8') }}", "['10.0.0.1']" },
        { "{{ '192.168.1.5' | ipmath(-10) }} {{ '::1' | ipmath(255) }}", "192.168.0.251 ::100" },
        { "{{ '0.0.0.1' | ipmath(-2) }}",
          "!filter 'ipmath': there is no such address: 0.0.0.1 -2" },
        { "{{ ['10.0.1.0/24', '10.0.0.0/24', '10.0.0.7'] | cidr_merge }}", "['10.0.0.0/23']" },
        { "{{ ['10.0.0.1', '10.0.0.9'] | cidr_merge('span') }}", "10.0.0.0/28" },
        { "{{ '1a:2b:3:4d:5e:6f' | hwaddr('cisco') }} {{ '1a2b034d5e6f' | hwaddr('unix') }}",
          "1a2b.034d.5e6f 1a:2b:3:4d:5e:6f" },
        { "{{ 'x' | hwaddr('win') }}", "!filter 'hwaddr': 'x' is no hardware address" },
        { "{{ six | slaac('1a:2b:3c:4d:5e:6f') }}", "2001:db8::182b:3cff:fe4d:5e6f" },
        { "{{ '192.168.1.5' | ip4_hex(':') }}", "c0:a8:01:05" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

Test(ip, tests)
{
    static const struct kit_row rows[] = {
        { "{{ a is ansible.utils.ip }} {{ n is ansible.utils.ip }} {{ n is "
          "ansible.utils.ip_address }}",
          "False True False" },
        { "{{ '::1' is ansible.utils.ipv6 }} {{ '::1' is ansible.utils.ipv4 }} {{ '::1' is "
          "ansible.utils.loopback }}",
          "True False True" },
        { "{{ '10.1.1.1' is ansible.utils.private }} {{ '8.8.8.8' is ansible.utils.public }} {{ "
          "'100.64.0.1' is ansible.utils.public }}",
          "True True False" },
        { "{{ '255.255.0.0' is ansible.utils.ipv4_netmask }} {{ '0.0.255.255' is "
          "ansible.utils.ipv4_hostmask }}",
          "True True" },
        { "{{ n is ansible.utils.subnet_of('10.0.0.0/8') }} {{ n is "
          "ansible.utils.supernet_of('10.0.0.1') }}",
          "True True" },
        { "{{ n is ansible.utils.in_any_network(['1.0.0.0/8', '10.0.0.0/8']) }}", "True" },
        { "{{ 'AA-BB-CC-DD-EE-FF' is ansible.utils.mac }} {{ 'aabb' is ansible.utils.mac }}",
          "True False" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}
