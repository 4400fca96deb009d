/*
 * ssh_config_jump.c - ProxyJump: how a list of jump hosts is written.
 */
#include <string.h>

#include "transport/ssh_config.h"

/* "host", "[address]", each with ":port" behind it. */
static bool parse_place(str text, struct ssh_hop *ret)
{
    bool bracketed = str_starts(text, S("["));
    size_t end = str_find_char(text, bracketed ? ']' : ':', 0);
    ret->host = str_part(text, bracketed, end);
    if (ret->host.len == 0 || ret->host.ptr[0] == '-' || (bracketed && end == STR_NPOS)) {
        return false;
    }
    str rest = end == STR_NPOS ? STR_EMPTY : str_part(text, end + bracketed, text.len);
    int64_t port = 0;
    if (rest.len > 0 && (rest.ptr[0] != ':' || !str_to_int64(str_part(rest, 1, rest.len), &port) ||
                         port < 1 || port > 65535)) {
        return false;
    }
    ret->port = (unsigned)port;
    return true;
}

bool ssh_hop_parse(str text, struct ssh_hop *ret)
{
    struct ssh_hop hop = { .name = text };
    if (str_starts(text, S("ssh://"))) {
        text = str_part(text, strlen("ssh://"), text.len);
        text = str_ends(text, S("/")) ? str_part(text, 0, text.len - 1) : text;
    }
    size_t at = str_rfind(text, S("@"));
    if (at != STR_NPOS) {
        hop.user = str_part(text, 0, at);
        text = str_part(text, at + 1, text.len);
    }
    if ((at != STR_NPOS && hop.user.len == 0) || !parse_place(text, &hop)) {
        return false;
    }
    *ret = hop;
    return true;
}

str ssh_hop_cut(str *list)
{
    size_t comma = str_rfind(*list, S(","));
    str last = comma == STR_NPOS ? *list : str_part(*list, comma + 1, list->len);
    *list = comma == STR_NPOS ? STR_NONE : str_part(*list, 0, comma);
    return str_trim(last);
}
