/*
 * pattern.c - which hosts a pattern means: "web:&live:!db3", "web[0:2]", "*.example.org", "~re".
 *
 * Source: Ansible's user guide, "Patterns: targeting hosts and groups"; how a pattern with colons
 * is taken apart, and when hosts are looked at behind groups, as ansible-core 2.14 to 2.18 do.
 */
#include <string.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "formats/pyregex.h"
#include "inventory/sources.h"

struct match {
    struct inventory *inventory;
    struct arena *arena;
    struct diags *diags;
    str whole; /* the text the parts were cut from */
    span at;   /* its place */
};

struct host_set {
    bool *in; /* by data_slot() */
    struct entry_list hosts;
    bool missing; /* a slice asks for a place that is not there */
};

/* The place of a part, if the text stands in its source as it is, or in quotes. */
static span part_span(const struct match *m, str part)
{
    size_t quotes = m->at.len == m->whole.len ? 0 : m->at.len == m->whole.len + 2 ? 1 : SIZE_MAX;
    if (m->at.pos == 0 || quotes == SIZE_MAX || part.ptr < m->whole.ptr ||
        part.ptr + part.len > m->whole.ptr + m->whole.len) {
        return m->at;
    }
    return (span){ m->at.pos + (uint32_t)(quotes + (size_t)(part.ptr - m->whole.ptr)),
                   (uint32_t)part.len };
}

/* ---- taking a pattern apart ---- */

static void add_part(struct arena *arena, struct str_list *parts, str part)
{
    part = str_trim(part);
    if (part.len > 0) {
        *VEC_PUSH(arena, parts) = part;
    }
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Length of a piece at `at`: a character that separates nothing, or complete brackets; 0: none. */
static size_t piece_length(str s, size_t at)
{
    char c = s.ptr[at];
    if (c == '[') {
        size_t close = str_find_char(s, ']', at);
        return close == STR_NPOS ? 0 : close + 1 - at;
    }
    return is_space(c) || c == ':' || c == ']' ? 0 : 1;
}

static void split_colons(struct arena *arena, str pattern, struct str_list *parts)
{
    for (size_t at = 0; at < pattern.len;) {
        size_t start = at, length;
        while (at < pattern.len && (length = piece_length(pattern, at)) > 0) {
            at += length;
        }
        add_part(arena, parts, str_part(pattern, start, at));
        at += at == start || at < pattern.len;
    }
}

/* At commas; without any, at colons, unless the whole is a host name or an address. */
static struct str_list split(struct arena *arena, str pattern)
{
    struct str_list parts = { 0 };
    str host;
    int64_t port;
    if (str_find_char(pattern, ',', 0) != STR_NPOS) {
        for (str rest = pattern; !str_is_none(rest);) {
            add_part(arena, &parts, str_cut(&rest, ','));
        }
    } else if (address_split(pattern, true, &host, &port)) {
        add_part(arena, &parts, pattern);
    } else {
        split_colons(arena, pattern, &parts);
    }
    return parts;
}

/* ---- slices ---- */

struct slice {
    bool is_range, open_end;
    int64_t first, last;
};

static bool to_index(str s, bool negative, int64_t *ret)
{
    return s.len > 0 && s.ptr[0] != '+' && (negative || s.ptr[0] != '-') && str_to_int64(s, ret);
}

/* "expr[3]", "expr[-1]", "expr[1:3]", "expr[1:]" (or '-' for ':'); the expression before it. */
static bool cut_slice(str *pattern, struct slice *ret)
{
    size_t open = str_rfind(*pattern, S("["));
    if (open == STR_NPOS || open == 0 || !str_ends(*pattern, S("]"))) {
        return false;
    }
    str inside = str_part(*pattern, open + 1, pattern->len - 1);
    struct slice slice = { 0 };
    if (!to_index(inside, true, &slice.first)) {
        size_t separator = str_find_char(inside, ':', 0);
        separator = separator != STR_NPOS ? separator : str_find_char(inside, '-', 0);
        if (separator == STR_NPOS ||
            !to_index(str_part(inside, 0, separator), false, &slice.first)) {
            return false;
        }
        str last = str_part(inside, separator + 1, inside.len);
        slice.is_range = true;
        slice.open_end = last.len == 0;
        if (!slice.open_end && !to_index(last, false, &slice.last)) {
            return false;
        }
    }
    *pattern = str_part(*pattern, 0, open);
    *ret = slice;
    return true;
}

/* False: a single index is past the end. */
static bool apply_slice(struct entry_list *hosts, struct slice slice)
{
    int64_t count = (int64_t)hosts->len;
    if (count == 0) {
        return true;
    }
    if (!slice.is_range || (!slice.open_end && slice.last == 0)) { /* [2:0] is [2], as in Ansible */
        int64_t at = slice.first < 0 ? slice.first + count : slice.first;
        if (at < 0 || at >= count) {
            return false;
        }
        hosts->items += at;
        hosts->len = 1;
        return true;
    }
    int64_t end = slice.open_end || slice.last >= count ? count : slice.last + 1;
    int64_t first = slice.first < end ? slice.first : end;
    hosts->items += first;
    hosts->len = (size_t)(end - first);
    return true;
}

/* ---- one part ---- */

/* What names are compared with. */
struct expression {
    str text;
    bool plain;                  /* only itself */
    const struct pyregex *regex; /* "~re"; else NULL */
    bool failed;                 /* the regex could not be matched, and a diagnostic says why */
};

static bool compile(const struct match *m, str text, struct expression *ret)
{
    *ret = (struct expression){ .text = text };
    if (text.ptr[0] == '~') {
        ret->regex =
            pyregex_compile(m->arena, m->diags, part_span(m, text), str_part(text, 1, text.len), 0);
        return ret->regex != NULL;
    }
    ret->plain = true;
    for (size_t i = 0; i < text.len; i++) {
        ret->plain &= strchr("*?[", text.ptr[i]) == NULL;
    }
    return true;
}

static bool matches(const struct match *m, struct expression *e, str name)
{
    if (e->regex != NULL) {
        bool found = false;
        e->failed = e->failed ||
                    !pyregex_exec(e->regex, NULL, m->diags, name, 0, PYREGEX_MATCH, &found, NULL);
        return found;
    }
    return e->plain ? str_eq(e->text, name) : path_match(e->text, name);
}

static void add_host(const struct match *m, struct host_set *set, struct host_entry *host)
{
    size_t slot = data_slot(m->inventory, host);
    if (!set->in[slot]) {
        set->in[slot] = true;
        *VEC_PUSH(m->arena, &set->hosts) = host;
    }
}

static void add_group(const struct match *m, struct host_set *set, struct group *group)
{
    struct entry_list hosts = data_hosts_of(m->inventory, m->arena, group);
    for (size_t i = 0; i < hosts.len; i++) {
        add_host(m, set, hosts.items[i]);
    }
}

/* Hosts of the groups that match; true if any did. */
static bool add_groups(const struct match *m, struct expression *e, struct host_set *set)
{
    struct inventory *inventory = m->inventory;
    if (e->plain) {
        struct group *group = data_group(inventory, e->text);
        if (group != NULL) {
            add_group(m, set, group);
        }
        return group != NULL;
    }
    bool any = false;
    for (size_t i = 0; i < inventory->groups.len; i++) {
        if (matches(m, e, inventory->groups.items[i]->name)) {
            add_group(m, set, inventory->groups.items[i]);
            any = true;
        }
    }
    return any;
}

static void add_matching_hosts(const struct match *m, struct expression *e, struct host_set *set)
{
    struct inventory *inventory = m->inventory;
    if (e->plain) {
        struct host_entry *host = data_host(inventory, e->text);
        if (host != NULL) {
            add_host(m, set, host);
        }
        return;
    }
    for (size_t i = 0; i < inventory->hosts.len; i++) {
        if (matches(m, e, inventory->hosts.items[i]->host.name)) {
            add_host(m, set, inventory->hosts.items[i]);
        }
    }
}

static bool looks_at_hosts(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr(".?*[", text.ptr[i]) != NULL) {
            return true;
        }
    }
    return text.ptr[0] == '~';
}

static void warn_nothing(const struct match *m, str text)
{
    const struct inventory *inventory = m->inventory;
    VEC(str) names = { 0 };
    for (size_t i = 0; i < inventory->groups.len; i++) {
        *VEC_PUSH(m->arena, &names) = inventory->groups.items[i]->name;
    }
    for (size_t i = 0; i < inventory->hosts.len; i++) {
        *VEC_PUSH(m->arena, &names) = inventory->hosts.items[i]->host.name;
    }
    struct diag *diag =
        diag_warning(m->diags, part_span(m, text), "no host or group matches '%.*s'", SARG(text));
    diag_suggest(diag, text, names.items, names.len);
}

static struct host_set new_set(const struct match *m)
{
    return (struct host_set){ .in = NEW_ARRAY(m->arena, bool, data_slots(m->inventory)) };
}

static bool enumerate(const struct match *m, str text, struct entry_list *ret)
{
    struct host_set set = new_set(m);
    struct expression e;
    if (!compile(m, text, &e)) {
        return false;
    }
    bool any = add_groups(m, &e, &set);
    if (!any || looks_at_hosts(text)) {
        add_matching_hosts(m, &e, &set);
    }
    if (e.failed) {
        return false;
    }
    if (set.hosts.len == 0 && inventory_is_localhost(text)) {
        add_host(m, &set, host_entry(inventory_find(m->inventory, text)));
    }
    if (set.hosts.len == 0 && !any && !str_eq(text, S("all"))) {
        warn_nothing(m, text);
    }
    *ret = set.hosts;
    return true;
}

/* Without its '&' or '!'. *ret_missing: it asks for a place that is not there. */
static bool match_part(const struct match *m, str part, struct entry_list *ret, bool *ret_missing)
{
    str text = part;
    struct slice slice = { 0 };
    bool sliced = text.ptr[0] != '~' && cut_slice(&text, &slice);
    if (!enumerate(m, text, ret)) {
        return false;
    }
    if (sliced && !apply_slice(ret, slice)) {
        bool nobody = m->inventory->options.settings.past_end_is_nobody;
        (nobody ? diag_warning : diag_error)(
            m->diags, part_span(m, part), "'%.*s' has %zu hosts: there is none at '%.*s'",
            SARG(text), ret->len, SARG(str_part(part, text.len, part.len)));
        *ret_missing = true;
        return nobody;
    }
    return true;
}

/* ---- the whole ---- */

static bool add_union(const struct match *m, struct host_set *set, str part)
{
    struct entry_list found;
    struct host_entry *host = data_host(m->inventory, part);
    if (host != NULL) { /* a host's name is nothing else, whatever is in it */
        add_host(m, set, host);
        return true;
    }
    if (!match_part(m, part, &found, &set->missing)) {
        return false;
    }
    for (size_t i = 0; i < found.len; i++) {
        add_host(m, set, found.items[i]);
    }
    return true;
}

/* Keep those that are, or are not, among the hosts of a part. */
static bool narrow(const struct match *m, struct host_set *set, str part, bool keep)
{
    struct entry_list found;
    if (!match_part(m, part, &found, &set->missing)) {
        return false;
    }
    struct host_set other = new_set(m);
    for (size_t i = 0; i < found.len; i++) {
        other.in[data_slot(m->inventory, found.items[i])] = true;
    }
    size_t kept = 0;
    for (size_t i = 0; i < set->hosts.len; i++) {
        struct host_entry *host = set->hosts.items[i];
        if (other.in[data_slot(m->inventory, host)] == keep) {
            set->hosts.items[kept++] = host;
        } else {
            set->in[data_slot(m->inventory, host)] = false;
        }
    }
    set->hosts.len = kept;
    return true;
}

static bool is_union(str part)
{
    return part.ptr[0] != '&' && part.ptr[0] != '!';
}

static bool narrow_all(const struct match *m, const struct str_list *parts, struct host_set *set,
                       char mark)
{
    for (size_t i = 0; i < parts->len; i++) {
        str part = parts->items[i];
        str name = str_part(part, 1, part.len);
        if (part.ptr[0] == mark && name.len > 0 && !narrow(m, set, name, mark == '&')) {
            return false;
        }
    }
    return true;
}

/* Unions first, then '&', then '!', wherever they stand; without a union it begins with `all`. */
static bool evaluate(const struct match *m, const struct str_list *parts, struct host_set *set)
{
    bool any = false;
    for (size_t i = 0; i < parts->len; i++) {
        if (is_union(parts->items[i])) {
            any = true;
            if (!add_union(m, set, parts->items[i])) {
                return false;
            }
        }
    }
    if (!any && !add_union(m, set, S("all"))) {
        return false;
    }
    bool ok = narrow_all(m, parts, set, '&') && narrow_all(m, parts, set, '!');
    if (set->missing) { /* then the whole pattern means nobody, in Ansible, too */
        *set = new_set(m);
    }
    return ok;
}

/* ---- --limit ---- */

static bool read_limit_file(const struct match *m, str path, struct str_list *parts)
{
    const struct source *source;
    if (!file_read(m->inventory, m->diags, path, &source)) {
        return false;
    }
    for (str rest = source->text; !str_is_none(rest);) {
        add_part(m->arena, parts, str_cut(&rest, '\n'));
    }
    return true;
}

static bool split_limit(const struct match *m, str limit, struct str_list *ret)
{
    struct str_list parts = split(m->arena, limit);
    for (size_t i = 0; i < parts.len; i++) {
        str part = parts.items[i];
        if (part.ptr[0] != '@') {
            *VEC_PUSH(m->arena, ret) = part;
        } else if (!read_limit_file(m, str_part(part, 1, part.len), ret)) {
            return false;
        }
    }
    return true;
}

#define CHANGED "changed:"

static bool is_changed_part(str part)
{
    part = str_trim(part);
    part = str_starts(part, S("&")) ? str_part(part, 1, part.len) : part;
    return str_starts(part, S(CHANGED)) && part.len > sizeof CHANGED - 1;
}

bool inventory_limit_asks_for_changes(str limit)
{
    bool asks = false;
    while (!str_is_none(limit)) {
        asks |= is_changed_part(str_cut(&limit, ','));
    }
    return asks;
}

/* "!changed:REV" and "web:changed:REV": they would mean a group `changed`, and with none of that
 * name a run on hosts that were to be left out. */
static bool is_misplaced(const struct match *m, str part)
{
    size_t at = str_find(part, S(CHANGED), 1);
    return !is_changed_part(part) && at != STR_NPOS && strchr(":&!", part.ptr[at - 1]) != NULL &&
           names_find(&m->inventory->group_names, S("changed")) == NULL;
}

static bool changed_parts_are_right(const struct match *m, str limit)
{
    while (!str_is_none(limit)) {
        str part = str_trim(str_cut(&limit, ','));
        if (is_misplaced(m, part)) {
            diag_hint(diag_error(m->diags, SPAN_NONE,
                                 "in the limit '%.*s' 'changed:' cannot be a part of a pattern",
                                 SARG(part)),
                      "it narrows what else the limit says, behind a comma: web,changed:v1.4");
            return false;
        }
    }
    return true;
}

/* Leave the hosts that are not as they were at the revision. */
static bool apply_changed(const struct match *m, str part, struct host_set *set)
{
    const struct names *unchanged;
    str rev = str_part(part, str_find(part, S(CHANGED), 0) + sizeof CHANGED - 1, part.len);
    if (!changed_since(m->inventory, m->diags, str_trim(rev), &unchanged)) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < set->hosts.len; i++) {
        struct host_entry *host = set->hosts.items[i];
        if (!host->host.implicit && names_find(unchanged, host->host.name) == NULL) {
            set->hosts.items[kept++] = host;
        }
    }
    set->hosts.len = kept;
    return true;
}

/* The limit without its parts changed:REV, which are applied; STR_NONE when nothing is left. */
static bool apply_all_changed(const struct match *m, str limit, struct host_set *set, str *ret)
{
    struct strbuf left = strbuf_in(m->arena);
    while (!str_is_none(limit)) {
        str part = str_cut(&limit, ',');
        if (!is_changed_part(part)) {
            strbuf_addf(&left, "%s%.*s", left.len > 0 ? "," : "", SARG(part));
        } else if (!apply_changed(m, part, set)) {
            return false;
        }
    }
    *ret = left.len > 0 ? strbuf_str(&left) : STR_NONE;
    return true;
}

static bool apply_limit(struct match *m, str limit, struct host_set *set)
{
    if (!changed_parts_are_right(m, limit)) {
        return false;
    }
    if (inventory_limit_asks_for_changes(limit) && !apply_all_changed(m, limit, set, &limit)) {
        return false;
    }
    if (str_is_none(limit)) {
        return true;
    }
    struct str_list parts = { 0 };
    struct host_set allowed = new_set(m);
    m->whole = limit;
    m->at = SPAN_NONE;
    if (!split_limit(m, limit, &parts) || !evaluate(m, &parts, &allowed)) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < set->hosts.len; i++) {
        struct host_entry *host = set->hosts.items[i];
        if (allowed.in[data_slot(m->inventory, host)]) {
            set->hosts.items[kept++] = host;
        }
    }
    set->hosts.len = kept;
    return true;
}

static struct host_list to_list(struct arena *arena, const struct entry_list *entries)
{
    const struct host **hosts = NEW_ARRAY(arena, const struct host *, entries->len);
    for (size_t i = 0; i < entries->len; i++) {
        hosts[i] = &entries->items[i]->host;
    }
    return (struct host_list){ hosts, entries->len };
}

bool inventory_match_all(struct inventory *inventory, struct arena *arena, struct diags *diags,
                         const str *patterns, const span *places, size_t count, str limit,
                         struct host_list *ret)
{
    HOLD_LOCK(inventory);
    struct match m = { .inventory = inventory, .arena = arena, .diags = diags };
    struct str_list parts = { 0 };
    for (size_t i = 0; i < count; i++) {
        struct str_list some = split(arena, patterns[i]);
        for (size_t k = 0; k < some.len; k++) {
            *VEC_PUSH(arena, &parts) = some.items[k];
        }
    }
    if (count == 1) { /* of a list, whose parts stand apart, the place as a whole is the first's */
        m.whole = patterns[0];
    }
    m.at = count > 0 ? places[0] : SPAN_NONE;
    struct host_set set = new_set(&m);
    if ((parts.len > 0 && !evaluate(&m, &parts, &set)) ||
        (!str_is_none(limit) && !apply_limit(&m, limit, &set))) {
        return false;
    }
    *ret = to_list(arena, &set.hosts);
    return true;
}

bool inventory_match(struct inventory *inventory, struct arena *arena, struct diags *diags,
                     str pattern, span at, str limit, struct host_list *ret)
{
    return inventory_match_all(inventory, arena, diags, &pattern, &at, 1, limit, ret);
}
