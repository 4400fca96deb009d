/*
 * address.h - host names as inventories and patterns write them: "db[01:10].example.org:2222".
 *
 * Source: Ansible's user guide, "Adding ranges of hosts"; which texts count as an address is as in
 * ansible-core 2.14 to 2.18 (it decides how a pattern with colons is taken apart).
 */
#pragma once
#include "base/diag.h"

#define PORT_NONE (-1)

/* Split into host and port ("web:22", "[::1]:22", "web[1:3]"). False when the text is neither a
 * host name nor an address, with ranges if `ranges`. */
bool address_split(str text, bool ranges, str *ret_host, int64_t *ret_port);

struct str_list {
    str *items;
    size_t len, cap;
};

/* All names that a text with ranges means; a text without any means itself. False after a
 * diagnostic at `at`, which spans the text. */
bool address_expand(struct arena *arena, struct diags *diags, str text, span at,
                    struct str_list *ret);
