/* ipnet.c - see ipnet.h. */
#include "formats/ipnet.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/strbuf.h"

ip_number ipnet_hostmask(struct ipnet net)
{
    unsigned hosts = net.width - net.prefix;
    return hosts == 0 ? 0 : hosts == 128 ? ~(ip_number)0 : ((ip_number)1 << hosts) - 1;
}

ip_number ipnet_netmask(struct ipnet net)
{
    ip_number all = net.width == 128 ? ~(ip_number)0 : 0xffffffff;
    return all ^ ipnet_hostmask(net);
}

ip_number ipnet_first(struct ipnet net)
{
    return net.address & ~ipnet_hostmask(net);
}

ip_number ipnet_last(struct ipnet net)
{
    return net.address | ipnet_hostmask(net);
}

bool ipnet_contains(struct ipnet outer, struct ipnet inner)
{
    return outer.width == inner.width && ipnet_first(outer) <= ipnet_first(inner) &&
           ipnet_last(inner) <= ipnet_last(outer);
}

/* ---- reading ---- */

bool ip_parse(str text, struct ipnet *ret)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    if (text.len >= sizeof copy || str_find_char(text, '\0', 0) != STR_NPOS) {
        return false;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    unsigned width = inet_pton(AF_INET, copy, bytes) == 1    ? 32
                     : inet_pton(AF_INET6, copy, bytes) == 1 ? 128
                                                             : 0;
    *ret = (struct ipnet){ .width = width, .prefix = width };
    for (unsigned i = 0; i < width / 8; i++) {
        ret->address = ret->address << 8 | bytes[i];
    }
    return width != 0;
}

/* "10", "172.16": the numbers that are missing are 0. */
static bool parse_partial(str text, struct ipnet *ret)
{
    unsigned numbers = 0;
    *ret = (struct ipnet){ .width = 32, .prefix = 32 };
    for (; !str_is_none(text); numbers++) {
        uint64_t number;
        if (numbers == 4 || !str_to_base(str_cut(&text, '.'), 10, &number) || number > 255) {
            return false;
        }
        ret->address = ret->address << 8 | number;
    }
    ret->address <<= 8 * (4 - numbers);
    return true;
}

/* The prefix that a netmask or hostmask means. */
static bool mask_prefix(struct ipnet mask, unsigned width, unsigned *ret)
{
    ip_number all = width == 128 ? ~(ip_number)0 : 0xffffffff;
    ip_number hosts = mask.address ^ all;
    if (mask.width != width) {
        return false;
    }
    if ((hosts & (hosts + 1)) != 0) {
        hosts = mask.address; /* no netmask: a hostmask? */
    }
    if ((hosts & (hosts + 1)) != 0) {
        return false;
    }
    *ret = width;
    for (; hosts != 0; hosts >>= 1) {
        --*ret;
    }
    return true;
}

bool ipnet_parse(str text, struct ipnet *ret)
{
    str address = str_cut(&text, '/');
    uint64_t number;
    struct ipnet mask;
    if (!ip_parse(address, ret) && !parse_partial(address, ret)) {
        return false;
    }
    if (str_is_none(text)) {
        return true;
    }
    if (str_to_base(text, 10, &number)) {
        ret->prefix = (unsigned)number;
        return number <= ret->width;
    }
    return ip_parse(text, &mask) && mask_prefix(mask, ret->width, &ret->prefix);
}

/* ---- printing ---- */

str ip_text(struct arena *arena, ip_number address, unsigned width)
{
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];
    for (unsigned i = width / 8; i-- > 0; address >>= 8) {
        bytes[i] = (unsigned char)(address & 0xff);
    }
    inet_ntop(width == 32 ? AF_INET : AF_INET6, bytes, text, sizeof text);
    return str_copy(arena, str_of(text));
}

str ipnet_text(struct arena *arena, struct ipnet net)
{
    return str_format(arena, "%.*s/%u", SARG(ip_text(arena, net.address, net.width)), net.prefix);
}

str ip_decimal(struct arena *arena, ip_number number)
{
    char digits[40];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + (int)(number % 10));
        number /= 10;
    } while (number != 0);
    return str_copy(arena, (str){ digits + at, sizeof digits - at });
}
