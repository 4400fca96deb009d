/* test_tcp_table.c - the kernel's table of TCP sockets, as a host may show it. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/actions/tcp_table.h"

#define HEADER "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"

Test(tcp_table, sockets)
{
    static const struct {
        const char *text;
        bool big_endian;
        const char *local, *remote; /* NULL: no socket is read */
        unsigned local_port, remote_port, state;
    } rows[] = {
        { HEADER "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 0 0\n", false,
          "127.0.0.1", "0.0.0.0", 8080, 0, TCP_STATE_LISTEN },
        { "   1: 7F000001:0016 0A000002:C350 01 0\n", true, "127.0.0.1", "10.0.0.2", 22, 50000,
          TCP_STATE_ESTABLISHED },
        { "   2: 00000000000000000000000001000000:0050 "
          "0000000000000000FFFF00000200000A:0001 06 0\n",
          false, "::1", "10.0.0.2", 80, 1, TCP_STATE_TIME_WAIT },
        { HEADER, false, NULL, NULL, 0, 0, 0 },
        { "", false, NULL, NULL, 0, 0, 0 },
        { "   0: 0100007F 00000000:0000 0A", false, NULL, NULL, 0, 0, 0 },
        { "   0: 0100007F:12345 00000000:0000 0A", false, NULL, NULL, 0, 0, 0 },
        { "   0: 0100007G:1234 00000000:0000 0A", false, NULL, NULL, 0, 0, 0 },
        { "   0: 01007F:1234 00000000:0000 0A", false, NULL, NULL, 0, 0, 0 },
        { "   0: 0100007F:1234 00000000:0000 A", false, NULL, NULL, 0, 0, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct tcp_socket socket;
        struct tcp_address local, remote;
        str rest = str_of(rows[i].text);
        bool found = tcp_table_next(&rest, rows[i].big_endian, &socket);
        cr_expect_eq(found, rows[i].local != NULL, "row %zu", i);
        if (!found || rows[i].local == NULL) {
            continue;
        }
        cr_assert(tcp_address_read(str_of(rows[i].local), &local));
        cr_assert(tcp_address_read(str_of(rows[i].remote), &remote));
        cr_expect(tcp_address_equal(&socket.local, &local), "row %zu", i);
        cr_expect(tcp_address_equal(&socket.remote, &remote), "row %zu", i);
        cr_expect_eq(socket.local_port, rows[i].local_port, "row %zu", i);
        cr_expect_eq(socket.remote_port, rows[i].remote_port, "row %zu", i);
        cr_expect_eq(socket.state, rows[i].state, "row %zu", i);
        cr_expect_not(tcp_table_next(&rest, false, &socket), "row %zu", i);
    }
}

Test(tcp_table, addresses)
{
    static const struct {
        const char *text;
        bool address, any, loopback;
    } rows[] = {
        { "127.0.0.1", true, false, true },    { "127.9.8.7", true, false, true },
        { "0.0.0.0", true, true, false },      { "::", true, true, false },
        { "::1", true, false, true },          { "::ffff:127.0.0.1", true, false, true },
        { "10.1.2.3", true, false, false },    { "localhost", false, false, false },
        { "", false, false, false },           { "1.2.3", false, false, false },
        { "127.0.0.1 ", false, false, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct tcp_address address;
        bool ok = tcp_address_read(str_of(rows[i].text), &address);
        cr_expect_eq(ok, rows[i].address, "'%s'", rows[i].text);
        if (ok) {
            cr_expect_eq(tcp_address_is_any(&address), rows[i].any, "'%s'", rows[i].text);
            cr_expect_eq(tcp_address_is_loopback(&address), rows[i].loopback, "'%s'", rows[i].text);
        }
    }
}

Test(tcp_table, names_of_states)
{
    cr_expect_eq(tcp_state_named(S("ESTABLISHED")), 1);
    cr_expect_eq(tcp_state_named(S("TIME_WAIT")), 6);
    cr_expect_eq(tcp_state_named(S("LISTEN")), 0);
}
