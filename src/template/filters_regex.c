/* filters_regex.c - regex_replace, regex_search, regex_findall, regex_escape. */
#include <string.h>

#include "formats/pyregex.h"
#include "template/core.h"

static unsigned flags_of(const struct call *call, size_t multiline, size_t ignorecase)
{
    return (call_bool(call, multiline) ? PYREGEX_MULTILINE : 0u) |
           (call_bool(call, ignorecase) ? PYREGEX_IGNORECASE : 0u);
}

/* The text and the expression that every filter here begins with. */
static bool begin(struct call *call, unsigned flags, value *ret_text,
                  const struct pyregex **ret_regex)
{
    str pattern;
    if (!call_text(call, call->input, ret_text) || !call_need_str(call, call->args[0], &pattern)) {
        return false;
    }
    *ret_regex = pyregex_compile(call->arena, call->eval->diags, call_place(call), pattern, flags);
    return *ret_regex != NULL || call_reported(call);
}

static bool next_match(struct call *call, const struct pyregex *regex, value text,
                       struct pyregex_walk *walk, bool *ret_found, struct pyregex_match *ret_match)
{
    return call_step(call) && (pyregex_next(regex, call->arena, call->eval->diags,
                                            value_as_str(text), walk, ret_found, ret_match) ||
                               call_reported(call));
}

/* ---- replace ---- */

static void add_replacement(const struct pyregex_replacement *pieces, value replacement, value text,
                            const struct pyregex_match *match, struct textbuf *out)
{
    for (size_t i = 0; i < pieces->len; i++) {
        const struct pyregex_piece *piece = &pieces->items[i];
        if (piece->group == STR_NPOS) {
            textbuf_add_derived(out, piece->text, replacement);
        } else if (match->groups[piece->group].from != STR_NPOS) {
            const struct pyregex_group *group = &match->groups[piece->group];
            textbuf_add_part(out, text, group->from, group->to);
        }
    }
}

static bool filter_regex_replace(struct call *call, value *ret)
{
    value text;
    str replacement;
    const struct pyregex *regex;
    struct pyregex_replacement pieces;
    if (!begin(call, flags_of(call, 3, 2), &text, &regex) ||
        !call_need_str(call, call->args[1], &replacement)) {
        return false;
    }
    if (!pyregex_parse_replacement(regex, call->arena, call->eval->diags, call_place(call),
                                   replacement, &pieces)) {
        return call_reported(call);
    }
    int64_t limit = call_int(call, 4), done = 0, mandatory = call_int(call, 5);
    struct textbuf out = textbuf_in(call->arena);
    struct pyregex_walk walk = { 0 };
    size_t copied = 0;
    while (limit <= 0 || done < limit) {
        bool found;
        struct pyregex_match match;
        if (!next_match(call, regex, text, &walk, &found, &match)) {
            return false;
        }
        if (!found) {
            break;
        }
        textbuf_add_part(&out, text, copied, match.groups[0].from);
        add_replacement(&pieces, call->args[1], text, &match, &out);
        copied = match.groups[0].to;
        done++;
    }
    if (mandatory != 0 && done != mandatory) {
        return call_fail(call, "%lld matches are needed, and there are %lld", (long long)mandatory,
                         (long long)done);
    }
    textbuf_add_part(&out, text, copied, value_as_str(text).len);
    return call_give(ret, textbuf_value(&out));
}

/* ---- search and findall ---- */

/* `absent`: what stands for a group that took no part. */
static value group_value(struct call *call, value text, const struct pyregex_match *match,
                         size_t group, value absent)
{
    const struct pyregex_group *g = &match->groups[group];
    return g->from == STR_NPOS ? absent : value_part(call->arena, text, g->from, g->to);
}

/* The groups that are asked for are looked at before the text is. */
static bool check_groups(struct call *call)
{
    for (size_t i = 0; i < call->rest_count; i++) {
        str s;
        int64_t number;
        if (!call_need_str(call, call->rest[i], &s)) {
            return false;
        }
        bool named = str_starts(s, S("\\g<")) && str_ends(s, S(">"));
        bool numbered =
            str_starts(s, S("\\")) && str_to_int64(str_part(s, 1, s.len), &number) && number >= 0;
        if (!named && !numbered) {
            return call_fail(call, "'%.*s' is no group: write '\\1' or '\\g<name>'", SARG(s));
        }
    }
    return true;
}

static bool wanted_group(struct call *call, const struct pyregex *regex, value arg, size_t *ret)
{
    str s = value_as_str(arg);
    bool named = str_starts(s, S("\\g<"));
    str name = named ? str_part(s, 3, s.len - 1) : str_part(s, 1, s.len);
    int64_t number;
    if (!str_to_int64(name, &number)) {
        size_t group = pyregex_group_index(regex, name);
        number = group > 0 ? (int64_t)group : -1;
    }
    if (number < 0 || (uint64_t)number > pyregex_groups(regex)) {
        return call_fail(call, "the expression has no group '%.*s'", SARG(s));
    }
    *ret = (size_t)number;
    return true;
}

static bool search_flags(struct call *call, unsigned *ret)
{
    *ret = 0;
    for (size_t i = 0; i < value_count(call->keywords); i++) {
        str name = value_as_str(value_map_key(call->keywords, i));
        bool on;
        if (!str_eq(name, S("multiline")) && !str_eq(name, S("ignorecase"))) {
            return call_fail(call, "has no argument '%.*s'", SARG(name));
        }
        if (!call_truth(call, value_map_value(call->keywords, i), &on)) {
            return false;
        }
        *ret |= !on ? 0u : str_eq(name, S("multiline")) ? PYREGEX_MULTILINE : PYREGEX_IGNORECASE;
    }
    return true;
}

static bool filter_regex_search(struct call *call, value *ret)
{
    value text;
    const struct pyregex *regex;
    struct pyregex_walk walk = { 0 };
    struct pyregex_match match;
    unsigned flags;
    bool found;
    if (!search_flags(call, &flags) || !check_groups(call) || !begin(call, flags, &text, &regex) ||
        !next_match(call, regex, text, &walk, &found, &match)) {
        return false;
    }
    if (!found) {
        return call_give(ret, value_null());
    }
    if (call->rest_count == 0) {
        return call_give(ret, group_value(call, text, &match, 0, value_null()));
    }
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < call->rest_count; i++) {
        size_t group = 0;
        if (!wanted_group(call, regex, call->rest[i], &group)) {
            return false;
        }
        list_add(&list, group_value(call, text, &match, group, value_null()));
    }
    return call_give(ret, list_seal(&list));
}

static value findall_item(struct call *call, value text, const struct pyregex_match *match)
{
    value empty = value_str(call->arena, STR_EMPTY);
    if (match->count <= 2) {
        return group_value(call, text, match, match->count - 1, empty);
    }
    struct list_builder tuple = list_in(call->arena);
    for (size_t g = 1; g < match->count; g++) {
        list_add(&tuple, group_value(call, text, match, g, empty));
    }
    return tuple_seal(&tuple);
}

static bool filter_regex_findall(struct call *call, value *ret)
{
    value text;
    const struct pyregex *regex;
    if (!begin(call, flags_of(call, 1, 2), &text, &regex)) {
        return false;
    }
    struct list_builder list = list_in(call->arena);
    struct pyregex_walk walk = { 0 };
    struct pyregex_match match;
    bool found;
    for (;;) {
        if (!next_match(call, regex, text, &walk, &found, &match)) {
            return false;
        }
        if (!found) {
            return call_give(ret, list_seal(&list));
        }
        list_add(&list, findall_item(call, text, &match));
    }
}

static bool filter_regex_escape(struct call *call, value *ret)
{
    value text;
    str kind = call_str(call, 0);
    bool python = str_eq(kind, S("python"));
    if (!call_text(call, call->input, &text)) {
        return false;
    }
    if (!python && !str_eq(kind, S("posix_basic"))) {
        return call_fail(call, "the type is 'python' or 'posix_basic', not '%.*s'", SARG(kind));
    }
    const char *special = python ? "()[]{}?*+-|^$\\.&~# \t\n\r\v\f" : "[].^$*\\";
    str s = value_as_str(text);
    struct textbuf out = textbuf_in(call->arena);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != 0 && strchr(special, s.ptr[i]) != NULL) {
            textbuf_add_char(&out, '\\');
        }
        textbuf_add_part(&out, text, i, i + 1);
    }
    return call_give(ret, textbuf_value(&out));
}

const struct builtin filters_regex[] = {
    { "regex_replace", NULL,
      "pattern='', replacement='', ignorecase:bool=false, multiline:bool=false, count:int=0, "
      "mandatory_count:int=0",
      0, filter_regex_replace, "The text with matches of an expression replaced.",
      "{{ 'web-01' | regex_replace('-0*(\\d+)$', '_\\1') }} -> web_1" },
    { "regex_search", NULL, "pattern, *groups, **options", 0, filter_regex_search,
      "The first match of an expression, or its groups; null without one. Groups are asked for as "
      "'\\1' or '\\g<name>'; ignorecase=true and multiline=true as in other filters.",
      "{{ 'version 2.14.18' | regex_search('\\d+\\.\\d+') }} -> 2.14\n"
      "{{ 'port=80' | regex_search('(\\w+)=(\\d+)', '\\1', '\\2') }} -> ['port', '80']" },
    { "regex_findall", NULL, "pattern, multiline:bool=false, ignorecase:bool=false", 0,
      filter_regex_findall, "All matches of an expression.",
      "{{ 'eth0, eth1' | regex_findall('eth\\d') }} -> ['eth0', 'eth1']" },
    { "regex_escape", NULL, "re_type:str='python'", 0, filter_regex_escape,
      "The text as an expression that matches it.", "{{ 'a.b*' | regex_escape }} -> a\\.b\\*" },
    { 0 },
};
