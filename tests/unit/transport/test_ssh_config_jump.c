/* How jump hosts are written. */
#include "check.h"
#include "transport/ssh_config.h"

static void check_str(const char *what, str actual, str expected)
{
    cr_expect(str_eq(actual, expected), "%s: '%.*s', not '%.*s'", what, SARG(actual),
              SARG(expected));
}

static const struct hop_row {
    const char *text;
    const char *expected; /* user, host, port; NULL: no jump host */
} hop_rows[] = {
    { "gate", "- gate 0" },
    { "me@gate", "me gate 0" },
    { "me@gate:2222", "me gate 2222" },
    { "me@corp@gate", "me@corp gate 0" },
    { "[::1]", "- ::1 0" },
    { "me@[fe80::1%eth0]:22", "me fe80::1%eth0 22" },
    { "ssh://gate", "- gate 0" },
    { "ssh://me@gate:65535/", "me gate 65535" },
    { "", NULL },
    { "@gate", NULL },
    { "me@", NULL },
    { "me@:22", NULL },
    { "gate:", NULL },
    { "gate:0", NULL },
    { "gate:65536", NULL },
    { "gate:ssh", NULL },
    { "::1", NULL },
    { "[::1", NULL },
    { "[]", NULL },
    { "[::1]22", NULL },
    { "-oProxyCommand=x", NULL },
    { "me@-x", NULL },
    { "ssh://", NULL },
};

Test(ssh_config_jump, jump_hosts)
{
    for (size_t i = 0; i < ARRAY_LEN(hop_rows); i++) {
        struct arena *arena = arena_new("test");
        struct ssh_hop hop;
        str shown = STR_NONE;
        if (ssh_hop_parse(str_of(hop_rows[i].text), &hop)) {
            str user = str_is_none(hop.user) ? S("-") : hop.user;
            shown = str_format(arena, "%.*s %.*s %u", SARG(user), SARG(hop.host), hop.port);
            cr_expect(str_eq(hop.name, str_of(hop_rows[i].text)), "row %zu", i);
        }
        check_str(hop_rows[i].text, shown, str_of(hop_rows[i].expected));
        arena_free(arena);
    }
}

Test(ssh_config_jump, lists_of_jump_hosts)
{
    str list = S("a, b@c:5,[::1]");
    check_str("last", ssh_hop_cut(&list), S("[::1]"));
    check_str("before it", list, S("a, b@c:5"));
    check_str("second", ssh_hop_cut(&list), S("b@c:5"));
    check_str("first", ssh_hop_cut(&list), S("a"));
    cr_expect(str_is_none(list));
}
