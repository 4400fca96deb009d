/*
 * tcp_table.c - reading the kernel's table of TCP sockets.
 */
#include "engine/actions/tcp_table.h"

#include <arpa/inet.h>
#include <string.h>

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

unsigned tcp_state_named(str name)
{
    static const struct {
        str name;
        enum tcp_state state;
    } states[] = {
        { S_INIT("ESTABLISHED"), TCP_STATE_ESTABLISHED },
        { S_INIT("SYN_SENT"), TCP_STATE_SYN_SENT },
        { S_INIT("SYN_RECV"), TCP_STATE_SYN_RECV },
        { S_INIT("FIN_WAIT1"), TCP_STATE_FIN_WAIT1 },
        { S_INIT("FIN_WAIT2"), TCP_STATE_FIN_WAIT2 },
        { S_INIT("TIME_WAIT"), TCP_STATE_TIME_WAIT },
    };
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        if (str_eq(states[i].name, name)) {
            return states[i].state;
        }
    }
    return 0;
}

/* ---- addresses ---- */

bool tcp_address_read(str text, struct tcp_address *ret)
{
    char name[INET6_ADDRSTRLEN];
    struct in_addr four;
    if (text.len == 0 || text.len >= sizeof name) {
        return false;
    }
    memcpy(name, text.ptr, text.len);
    name[text.len] = '\0';
    if (inet_pton(AF_INET, name, &four) == 1) {
        memcpy(ret->bytes, mapped, sizeof mapped);
        memcpy(ret->bytes + sizeof mapped, &four, sizeof four);
        return true;
    }
    return inet_pton(AF_INET6, name, ret->bytes) == 1;
}

static bool is_four(const struct tcp_address *address)
{
    return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

bool tcp_address_is_any(const struct tcp_address *address)
{
    static const unsigned char zeros[16];
    size_t from = is_four(address) ? sizeof mapped : 0;
    return memcmp(address->bytes + from, zeros, sizeof zeros - from) == 0;
}

bool tcp_address_is_loopback(const struct tcp_address *address)
{
    static const unsigned char one[16] = { [15] = 1 };
    return is_four(address) ? address->bytes[12] == 127
                            : memcmp(address->bytes, one, sizeof one) == 0;
}

bool tcp_address_equal(const struct tcp_address *a, const struct tcp_address *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* ---- the table ---- */

/* "0100007F" or four such words. */
static bool read_words(str hex, bool big_endian, struct tcp_address *ret)
{
    if (hex.len != 8 && hex.len != 32) {
        return false;
    }
    size_t at = hex.len == 8 ? sizeof mapped : 0;
    memcpy(ret->bytes, mapped, at);
    for (size_t i = 0; i < hex.len; i += 8, at += 4) {
        uint64_t word;
        if (!str_to_base(str_part(hex, i, i + 8), 16, &word)) {
            return false;
        }
        for (unsigned b = 0; b < 4; b++) {
            ret->bytes[at + b] = (unsigned char)(word >> (big_endian ? 24 - 8 * b : 8 * b));
        }
    }
    return true;
}

static bool read_end(str text, bool big_endian, struct tcp_address *ret, unsigned *ret_port)
{
    uint64_t port;
    size_t colon = str_find_char(text, ':', 0);
    if (colon == STR_NPOS || !read_words(str_part(text, 0, colon), big_endian, ret) ||
        text.len - colon > 5 || !str_to_base(str_part(text, colon + 1, text.len), 16, &port)) {
        return false;
    }
    *ret_port = (unsigned)port;
    return true;
}

static str next_word(str *rest)
{
    *rest = str_trim_left(*rest);
    size_t end = str_find_char(*rest, ' ', 0);
    str word = str_part(*rest, 0, end);
    *rest = str_part(*rest, word.len, rest->len);
    return word;
}

static bool read_line(str line, bool big_endian, struct tcp_socket *ret)
{
    uint64_t state;
    next_word(&line);
    if (!read_end(next_word(&line), big_endian, &ret->local, &ret->local_port) ||
        !read_end(next_word(&line), big_endian, &ret->remote, &ret->remote_port)) {
        return false;
    }
    str word = next_word(&line);
    if (word.len != 2 || !str_to_base(word, 16, &state)) {
        return false;
    }
    ret->state = (unsigned)state;
    return true;
}

bool tcp_table_next(str *rest, bool big_endian, struct tcp_socket *ret)
{
    while (rest->len > 0) {
        if (read_line(str_cut_line(rest), big_endian, ret)) {
            return true;
        }
    }
    return false;
}
