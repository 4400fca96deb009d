/* filters_regex.c - regex_replace, regex_search, regex_findall, regex_escape. */
#include <string.h>

#include "template/regex.h"

static unsigned flags_of(const struct call *call, size_t multiline, size_t ignorecase)
{
    return (call_bool(call, multiline) ? REGEX_MULTILINE : 0u) |
           (call_bool(call, ignorecase) ? REGEX_IGNORECASE : 0u);
}

static bool input_text(struct call *call, value *ret)
{
    return call_text(call, call->input, ret);
}

/* ---- replacements: \1, \g<1>, \g<name>, \n ... ---- */

struct piece {
    int group; /* -1: the text */
    str text;
};

struct template_pieces {
    VEC(struct piece) all;
};

static void add_text(struct call *call, struct template_pieces *out, str text)
{
    *VEC_PUSH(call->arena, &out->all) = (struct piece){ -1, text };
}

static bool add_group(struct call *call, const struct regex *regex, struct template_pieces *out,
                      int group)
{
    if (group < 0 || (uint32_t)group > regex->groups) {
        return call_fail(call, "the replacement names group %d, and there are %u", group,
                         regex->groups);
    }
    *VEC_PUSH(call->arena, &out->all) = (struct piece){ group, STR_NONE };
    return true;
}

static bool named_group(struct call *call, const struct regex *regex, struct template_pieces *out,
                        str name)
{
    int64_t number;
    if (name.len > 0 && name.ptr[0] >= '0' && name.ptr[0] <= '9' && str_to_int64(name, &number)) {
        return add_group(call, regex, out, number > 9999 ? 9999 : (int)number);
    }
    int group = name.len > 0 ? regex_group(regex, call->arena, name) : -1;
    if (group < 0) {
        return call_fail(call, "the replacement names the group '%.*s', which there is not",
                         SARG(name));
    }
    return add_group(call, regex, out, group);
}

/* Behind a backslash at *at. */
static bool read_escape(struct call *call, const struct regex *regex, str s, size_t *at,
                        struct template_pieces *out)
{
    static const char letters[] = "abfnrtv\\";
    static const char bytes[] = "\a\b\f\n\r\t\v\\";
    char c = s.ptr[*at];
    if (c == 'g' && *at + 1 < s.len && s.ptr[*at + 1] == '<') {
        size_t end = str_find_char(s, '>', *at);
        if (end == STR_NPOS) {
            return call_fail(call, "'\\g<' in the replacement is not closed by '>'");
        }
        str name = str_part(s, *at + 2, end);
        *at = end + 1;
        return named_group(call, regex, out, name);
    }
    if (c >= '0' && c <= '9') {
        int number = 0;
        size_t digits = 0;
        if (c == '0') {
            add_text(call, out, S("\0"));
            ++*at;
            return true;
        }
        while (digits < 2 && *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9') {
            number = number * 10 + s.ptr[(*at)++] - '0';
            digits++;
        }
        return add_group(call, regex, out, number);
    }
    const char *found = c != 0 ? strchr(letters, c) : NULL;
    if (found != NULL) {
        add_text(call, out, str_copy(call->arena, (str){ &bytes[found - letters], 1 }));
        ++*at;
        return true;
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        return call_fail(call, "'\\%c' in the replacement means nothing", c);
    }
    add_text(call, out, str_part(s, *at - 1, *at + 1));
    ++*at;
    return true;
}

static bool parse_replacement(struct call *call, const struct regex *regex, str s,
                              struct template_pieces *out)
{
    size_t from = 0, at = 0;
    while (at < s.len) {
        if (s.ptr[at] != '\\') {
            at++;
            continue;
        }
        add_text(call, out, str_part(s, from, at));
        if (++at == s.len) {
            return call_fail(call, "the replacement ends with a backslash");
        }
        if (!read_escape(call, regex, s, &at, out)) {
            return false;
        }
        from = at;
    }
    add_text(call, out, str_part(s, from, at));
    return true;
}

static void add_replacement(const struct template_pieces *pieces, value text, const size_t *offsets,
                            struct textbuf *out)
{
    for (size_t i = 0; i < pieces->all.len; i++) {
        struct piece piece = pieces->all.items[i];
        if (piece.group < 0) {
            textbuf_add(out, piece.text);
        } else if (offsets[2 * piece.group] != PCRE2_UNSET) {
            textbuf_add_part(out, text, offsets[2 * piece.group], offsets[2 * piece.group + 1]);
        }
    }
}

static bool filter_regex_replace(struct call *call, value *ret)
{
    value text, pattern, replacement;
    struct regex regex;
    if (!input_text(call, &text) || !call_text(call, call->args[0], &pattern) ||
        !call_text(call, call->args[1], &replacement) ||
        !regex_compile(call, value_as_str(pattern), flags_of(call, 3, 2), &regex)) {
        return false;
    }
    struct template_pieces pieces = { 0 };
    if (!parse_replacement(call, &regex, value_as_str(replacement), &pieces)) {
        return false;
    }
    str s = value_as_str(text);
    int64_t limit = call_int(call, 4), done = 0, mandatory = call_int(call, 5);
    struct textbuf out = textbuf_in(call->arena);
    size_t copied = 0, at = 0;
    bool after_empty = false; /* then a match must not be empty at the same place */
    while (limit <= 0 || done < limit) {
        bool found;
        const size_t *offsets;
        if (!regex_match(call, &regex, s, at, after_empty ? REGEX_NOT_EMPTY : 0, &found,
                         &offsets)) {
            return false;
        }
        if (!found) {
            break;
        }
        textbuf_add_part(&out, text, copied, offsets[0]);
        add_replacement(&pieces, text, offsets, &out);
        copied = at = offsets[1];
        after_empty = offsets[0] == offsets[1];
        done++;
    }
    if (mandatory != 0 && done != mandatory) {
        return call_fail(call, "%lld matches are needed, and there are %lld", (long long)mandatory,
                         (long long)done);
    }
    textbuf_add_part(&out, text, copied, s.len);
    return call_give(ret, textbuf_value(&out));
}

/* ---- search and findall ---- */

static value group_value(struct call *call, value text, const size_t *offsets, int group)
{
    if (offsets[2 * group] == PCRE2_UNSET) {
        return value_null();
    }
    return value_part(call->arena, text, offsets[2 * group], offsets[2 * group + 1]);
}

static bool wanted_group(struct call *call, const struct regex *regex, value arg, int *ret)
{
    str s;
    int64_t number;
    if (!call_need_str(call, arg, &s)) {
        return false;
    }
    if (str_starts(s, S("\\g<")) && str_ends(s, S(">"))) {
        str name = str_part(s, 3, s.len - 1);
        *ret = str_to_int64(name, &number) ? (int)number : regex_group(regex, call->arena, name);
    } else if (str_starts(s, S("\\")) && str_to_int64(str_part(s, 1, s.len), &number)) {
        *ret = (int)number;
    } else {
        return call_fail(call, "'%.*s' is no group: write '\\1' or '\\g<name>'", SARG(s));
    }
    if (*ret < 0 || (uint32_t)*ret > regex->groups) {
        return call_fail(call, "the expression has no group '%.*s'", SARG(s));
    }
    return true;
}

static bool filter_regex_search(struct call *call, value *ret)
{
    value text, pattern;
    struct regex regex;
    unsigned flags = 0;
    for (size_t i = 0; i < value_count(call->keywords); i++) {
        str name = value_as_str(value_map_key(call->keywords, i));
        bool on;
        if (!str_eq(name, S("multiline")) && !str_eq(name, S("ignorecase"))) {
            return call_fail(call, "has no argument '%.*s'", SARG(name));
        }
        if (!call_truth(call, value_map_value(call->keywords, i), &on)) {
            return false;
        }
        flags |= !on ? 0 : str_eq(name, S("multiline")) ? REGEX_MULTILINE : REGEX_IGNORECASE;
    }
    if (!input_text(call, &text) || !call_text(call, call->args[0], &pattern) ||
        !regex_compile(call, value_as_str(pattern), flags, &regex)) {
        return false;
    }
    int *groups = NEW_ARRAY(call->arena, int, call->rest_count);
    bool found;
    const size_t *offsets;
    if (!regex_match(call, &regex, value_as_str(text), 0, 0, &found, &offsets)) {
        return false;
    }
    for (size_t i = 0; found && i < call->rest_count; i++) {
        if (!wanted_group(call, &regex, call->rest[i], &groups[i])) {
            return false;
        }
    }
    if (!found) {
        return call_give(ret, value_null());
    }
    if (call->rest_count == 0) {
        return call_give(ret, group_value(call, text, offsets, 0));
    }
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < call->rest_count; i++) {
        list_add(&list, group_value(call, text, offsets, groups[i]));
    }
    return call_give(ret, list_seal(&list));
}

static value findall_item(struct call *call, value text, const struct regex *regex,
                          const size_t *offsets)
{
    value empty = value_str(call->arena, STR_EMPTY);
    if (regex->groups <= 1) {
        value v = group_value(call, text, offsets, (int)regex->groups);
        return value_is(v, VALUE_NULL) ? empty : v;
    }
    struct list_builder tuple = list_in(call->arena);
    for (int g = 1; (uint32_t)g <= regex->groups; g++) {
        value v = group_value(call, text, offsets, g);
        list_add(&tuple, value_is(v, VALUE_NULL) ? empty : v);
    }
    return tuple_seal(&tuple);
}

static bool filter_regex_findall(struct call *call, value *ret)
{
    value text, pattern;
    struct regex regex;
    if (!input_text(call, &text) || !call_text(call, call->args[0], &pattern) ||
        !regex_compile(call, value_as_str(pattern), flags_of(call, 1, 2), &regex)) {
        return false;
    }
    str s = value_as_str(text);
    struct list_builder list = list_in(call->arena);
    size_t at = 0;
    bool after_empty = false;
    for (;;) {
        bool found;
        const size_t *offsets;
        if (!regex_match(call, &regex, s, at, after_empty ? REGEX_NOT_EMPTY : 0, &found,
                         &offsets)) {
            return false;
        }
        if (!found) {
            break;
        }
        list_add(&list, findall_item(call, text, &regex, offsets));
        at = offsets[1];
        after_empty = offsets[0] == offsets[1];
    }
    return call_give(ret, list_seal(&list));
}

static bool filter_regex_escape(struct call *call, value *ret)
{
    value text;
    str kind = call_str(call, 0);
    bool python = str_eq(kind, S("python"));
    if (!input_text(call, &text)) {
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
      0, filter_regex_replace, "The text with matches of an expression replaced." },
    { "regex_search", NULL, "pattern, *groups, **options", 0, filter_regex_search,
      "The first match of an expression, or its groups; null without one." },
    { "regex_findall", NULL, "pattern, multiline:bool=false, ignorecase:bool=false", 0,
      filter_regex_findall, "All matches of an expression." },
    { "regex_escape", NULL, "re_type:str='python'", 0, filter_regex_escape,
      "The text as an expression that matches it." },
    { 0 },
};
