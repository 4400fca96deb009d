/* methods_str.c - Python's methods of strings. */
#include <string.h>

#include "base/utf8.h"
#include "template/format.h"
#include "template/text.h"
#include "template/unicode.h"

static str self(const struct call *call)
{
    return value_as_str(call->input);
}

static value part(const struct call *call, size_t from, size_t to)
{
    value v = value_part(call->arena, call->input, from, to);
    return is_markup(call->input) ? as_markup(v) : v;
}

/* ---- splitting ---- */

static bool add_part(struct call *call, struct list_builder *list, size_t from, size_t to)
{
    list_add(list, part(call, from, to));
    return call_step(call);
}

static bool split_space(struct call *call, int64_t limit, struct list_builder *list)
{
    str s = self(call);
    size_t at = 0;
    for (;;) {
        size_t from, to;
        trim_bounds(str_part(s, at, s.len), STR_NONE, true, false, &from, &to);
        at += from;
        if (at >= s.len) {
            return true;
        }
        if (limit == 0) {
            return add_part(call, list, at, s.len);
        }
        size_t end = at;
        for (size_t next = at; end < s.len; end = next) {
            if (utf8_is_space(utf8_next(s, &next))) {
                break;
            }
        }
        if (!add_part(call, list, at, end)) {
            return false;
        }
        at = end;
        limit--;
    }
}

static bool split_at(struct call *call, str separator, int64_t limit, struct list_builder *list)
{
    str s = self(call);
    size_t at = 0, found;
    while (limit != 0 && (found = str_find(s, separator, at)) != STR_NPOS) {
        if (!add_part(call, list, at, found)) {
            return false;
        }
        at = found + separator.len;
        limit--;
    }
    return add_part(call, list, at, s.len);
}

static bool separator_of(struct call *call, str *ret)
{
    *ret = STR_NONE;
    if (call_none(call, 0)) {
        return true;
    }
    if (!call_need_str(call, call->args[0], ret)) {
        return false;
    }
    return ret->len > 0 || call_fail(call, "the separator is empty");
}

static bool method_split(struct call *call, value *ret)
{
    str separator;
    int64_t limit;
    if (!separator_of(call, &separator) ||
        !call_need_int(call, call->args[1], "'maxsplit'", &limit)) {
        return false;
    }
    struct list_builder list = list_in(call->arena);
    return (str_is_none(separator) ? split_space(call, limit, &list)
                                   : split_at(call, separator, limit, &list)) &&
           call_give(ret, list_seal(&list));
}

static value reversed(struct arena *arena, struct list_builder *list)
{
    struct list_builder out = list_in(arena);
    for (size_t i = list->items.len; i > 0; i--) {
        list_add(&out, list->items.items[i - 1]);
    }
    return list_seal(&out);
}

/* Where the word begins whose last byte is before `end`. */
static size_t word_start(str s, size_t end)
{
    while (end > 0) {
        size_t start = end - 1;
        while (start > 0 && ((unsigned char)s.ptr[start] & 0xC0) == 0x80) {
            start--;
        }
        size_t at = start;
        if (utf8_is_space(utf8_next(s, &at))) {
            break;
        }
        end = start;
    }
    return end;
}

static bool method_rsplit(struct call *call, value *ret)
{
    str separator, s = self(call);
    int64_t limit;
    if (!separator_of(call, &separator) ||
        !call_need_int(call, call->args[1], "'maxsplit'", &limit)) {
        return false;
    }
    struct list_builder list = list_in(call->arena);
    size_t end = s.len, from;
    if (str_is_none(separator)) {
        trim_bounds(s, STR_NONE, false, true, &from, &end);
        while (end > 0 && limit != 0) {
            size_t start = word_start(s, end);
            if (!add_part(call, &list, start, end)) {
                return false;
            }
            trim_bounds(str_part(s, 0, start), STR_NONE, false, true, &from, &end);
            limit--;
        }
        if (end > 0) { /* what is left after the last cut keeps the white space before it */
            list_add(&list, part(call, 0, end));
        }
        return call_give(ret, reversed(call->arena, &list));
    }
    size_t found;
    while (limit != 0 && (found = str_rfind(str_part(s, 0, end), separator)) != STR_NPOS) {
        if (!add_part(call, &list, found + separator.len, end)) {
            return false;
        }
        end = found;
        limit--;
    }
    list_add(&list, part(call, 0, end));
    return call_give(ret, reversed(call->arena, &list));
}

/* The length of the line break at a place, or 0: Python knows more of them than '\n'. */
static size_t line_break(str s, size_t at)
{
    if (str_starts(str_part(s, at, s.len), S("\r\n"))) {
        return 2;
    }
    size_t next = at;
    uint32_t c = utf8_next(s, &next);
    bool breaks = (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 ||
                  c == 0x2028 || c == 0x2029;
    return breaks ? next - at : 0;
}

size_t line_end(str s, size_t at, size_t *ret_next)
{
    while (at < s.len) {
        size_t width = line_break(s, at);
        if (width > 0) {
            *ret_next = at + width;
            return at;
        }
        utf8_next(s, &at);
    }
    *ret_next = at;
    return at;
}

static bool method_splitlines(struct call *call, value *ret)
{
    str s = self(call);
    struct list_builder list = list_in(call->arena);
    for (size_t at = 0, next; at < s.len; at = next) {
        size_t end = line_end(s, at, &next);
        if (!add_part(call, &list, at, call_bool(call, 0) ? next : end)) {
            return false;
        }
    }
    return call_give(ret, list_seal(&list));
}

static bool partition(struct call *call, bool last, value *ret)
{
    str s = self(call), separator = call_str(call, 0);
    if (separator.len == 0) {
        return call_fail(call, "the separator is empty");
    }
    size_t at = last ? str_rfind(s, separator) : str_find(s, separator, 0);
    value parts[3] = { call->input, value_str(call->arena, STR_EMPTY),
                       value_str(call->arena, STR_EMPTY) };
    if (at != STR_NPOS) {
        parts[0] = part(call, 0, at);
        parts[1] = part(call, at, at + separator.len);
        parts[2] = part(call, at + separator.len, s.len);
    } else if (last) {
        parts[2] = call->input;
        parts[0] = parts[1];
    }
    return call_give(ret, value_tuple(call->arena, parts, 3));
}

static bool method_partition(struct call *call, value *ret)
{
    return partition(call, false, ret);
}

static bool method_rpartition(struct call *call, value *ret)
{
    return partition(call, true, ret);
}

static bool method_join(struct call *call, value *ret)
{
    const value *items;
    size_t count;
    if (!call_items(call, call->args[0], &items, &count)) {
        return false;
    }
    struct textbuf out = textbuf_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        if (value_is(items[i], VALUE_UNDEFINED)) {
            return call_fail_undefined(call, items[i]);
        }
        if (!call_step(call)) {
            return false;
        }
        if (!value_is(items[i], VALUE_STR) && !value_is(items[i], VALUE_UNKNOWN)) {
            return call_fail(call, "item %zu is %s %s, not a string", i, A_TYPE(items[i]));
        }
        if (i > 0) {
            textbuf_add_value(&out, call->input);
        }
        textbuf_add_value(&out, items[i]);
    }
    return call_give(ret, textbuf_value(&out));
}

/* ---- case ---- */

static bool cased(struct call *call, enum case_style style, value *ret)
{
    *ret = change_case(call->arena, call->input, style);
    *ret = is_markup(call->input) ? as_markup(*ret) : *ret;
    return true;
}

static bool method_lower(struct call *call, value *ret)
{
    return cased(call, CASE_LOWER, ret);
}

static bool method_casefold(struct call *call, value *ret)
{
    return cased(call, CASE_FOLD, ret);
}

static bool method_upper(struct call *call, value *ret)
{
    return cased(call, CASE_UPPER, ret);
}

static bool method_capitalize(struct call *call, value *ret)
{
    return cased(call, CASE_CAPITALIZE, ret);
}

static bool method_title(struct call *call, value *ret)
{
    return cased(call, CASE_TITLE, ret);
}

static bool method_swapcase(struct call *call, value *ret)
{
    return cased(call, CASE_SWAP, ret);
}

/* ---- trimming ---- */

static bool strip(struct call *call, bool left, bool right, value *ret)
{
    str set = STR_NONE;
    size_t from, to;
    if (!call_none(call, 0) && !call_need_str(call, call->args[0], &set)) {
        return false;
    }
    trim_bounds(self(call), set, left, right, &from, &to);
    return call_give(ret, part(call, from, to));
}

static bool method_strip(struct call *call, value *ret)
{
    return strip(call, true, true, ret);
}

static bool method_lstrip(struct call *call, value *ret)
{
    return strip(call, true, false, ret);
}

static bool method_rstrip(struct call *call, value *ret)
{
    return strip(call, false, true, ret);
}

static bool method_removeprefix(struct call *call, value *ret)
{
    str s = self(call), prefix = call_str(call, 0);
    return call_give(ret, part(call, str_starts(s, prefix) ? prefix.len : 0, s.len));
}

static bool method_removesuffix(struct call *call, value *ret)
{
    str s = self(call), suffix = call_str(call, 0);
    return call_give(ret, part(call, 0, str_ends(s, suffix) ? s.len - suffix.len : s.len));
}

/* ---- translating ---- */

/* A character as a key: its number. */
static value code_of(str s, size_t *at)
{
    uint32_t c = utf8_next(s, at);
    return value_int(c == UTF8_BAD ? -1 : (int64_t)c);
}

static bool method_maketrans(struct call *call, value *ret)
{
    struct map_builder map = map_in(call->arena);
    value x = call->args[0];
    str from, to, gone = STR_EMPTY;
    if (call_none(call, 1)) { /* a map of characters or numbers */
        if (!call_need_map(call, x)) {
            return false;
        }
        for (size_t i = 0; i < value_count(x); i++) {
            value key = value_map_key(x, i);
            size_t at = 0;
            if (value_is(key, VALUE_STR)) {
                key = code_of(value_as_str(key), &at);
            }
            map_set(&map, key, value_map_value(x, i));
        }
        return call_give(ret, map_seal(&map));
    }
    if (!call_need_str(call, x, &from) || !call_need_str(call, call->args[1], &to) ||
        (!call_none(call, 2) && !call_need_str(call, call->args[2], &gone))) {
        return false;
    }
    if (utf8_length(from) != utf8_length(to)) {
        return call_fail(call, "both texts must have as many characters");
    }
    for (size_t i = 0, k = 0; i < from.len;) {
        value key = code_of(from, &i);
        map_set(&map, key, code_of(to, &k));
    }
    for (size_t i = 0; i < gone.len;) {
        map_set(&map, code_of(gone, &i), value_null());
    }
    return call_give(ret, map_seal(&map));
}

static bool method_translate(struct call *call, value *ret)
{
    str s = self(call);
    struct textbuf out = textbuf_in(call->arena);
    if (!call_need_map(call, call->args[0])) {
        return false;
    }
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        value to;
        if (!call_step(call)) {
            return false;
        }
        if (!value_map_find(call->args[0], code_of(s, &at), &to)) {
            textbuf_add_part(&out, call->input, from, at);
        } else if (value_is(to, VALUE_STR)) {
            textbuf_add_value(&out, to);
        } else if (is_integer(to)) {
            char bytes[4];
            int64_t code = value_is_big(to) ? -1 : small_integer(to);
            size_t len = code < 0 || code > 0x10FFFF ? 0 : utf8_encode((uint32_t)code, bytes);
            if (len == 0) {
                return call_fail(call, "the number is no character");
            }
            textbuf_add(&out, (str){ bytes, len });
        } else if (!value_is(to, VALUE_NULL)) {
            return call_fail(call, "a character becomes a string, a number or null, not %s %s",
                             A_TYPE(to));
        }
    }
    return call_give(ret, textbuf_value(&out));
}

/* ---- searching ---- */

/* The bytes that start and end (in characters) name; false when start is behind the end. */
static bool bounds(struct call *call, size_t first, size_t *ret_from, size_t *ret_to)
{
    str s = self(call);
    int64_t length = (int64_t)utf8_length(s), limits[2] = { 0, length };
    for (size_t i = 0; i < 2; i++) {
        if (!call_none(call, first + i) &&
            !call_need_int(call, call->args[first + i], "a bound", &limits[i])) {
            return false;
        }
        limits[i] += limits[i] < 0 ? length : 0;
        limits[i] = limits[i] < 0 ? 0 : limits[i];
    }
    limits[1] = limits[1] > length ? length : limits[1];
    *ret_from = limits[0] > length ? STR_NPOS : utf8_offset(s, (size_t)limits[0]);
    *ret_to = utf8_offset(s, (size_t)limits[1]);
    return true;
}

/* The character where `needle` is, or -1. */
static bool find(struct call *call, bool last, int64_t *ret)
{
    size_t from, to;
    str s = self(call);
    *ret = -1;
    if (!bounds(call, 1, &from, &to)) {
        return false;
    }
    if (from == STR_NPOS || from > to) {
        return true;
    }
    str within = str_part(s, from, to), needle = call_str(call, 0);
    size_t at = last ? (needle.len == 0 ? within.len : str_rfind(within, needle))
                     : str_find(within, needle, 0);
    if (at != STR_NPOS) {
        *ret = (int64_t)utf8_length(str_part(s, 0, from + at));
    }
    return true;
}

static bool method_find(struct call *call, value *ret)
{
    int64_t at;
    return find(call, false, &at) && call_give(ret, value_int(at));
}

static bool method_rfind(struct call *call, value *ret)
{
    int64_t at;
    return find(call, true, &at) && call_give(ret, value_int(at));
}

static bool method_index(struct call *call, value *ret)
{
    int64_t at;
    return find(call, false, &at) &&
           (at >= 0 || call_fail(call, "'%.*s' is not in the text", SARG(call_str(call, 0)))) &&
           call_give(ret, value_int(at));
}

static bool method_rindex(struct call *call, value *ret)
{
    int64_t at;
    return find(call, true, &at) &&
           (at >= 0 || call_fail(call, "'%.*s' is not in the text", SARG(call_str(call, 0)))) &&
           call_give(ret, value_int(at));
}

static bool method_count(struct call *call, value *ret)
{
    size_t from, to;
    if (!bounds(call, 1, &from, &to)) {
        return false;
    }
    if (from == STR_NPOS || from > to) {
        return call_give(ret, value_int(0));
    }
    str within = str_part(self(call), from, to), needle = call_str(call, 0);
    if (needle.len == 0) {
        return call_give(ret, value_int((int64_t)utf8_length(within) + 1));
    }
    int64_t count = 0;
    for (size_t at = 0; (at = str_find(within, needle, at)) != STR_NPOS; at += needle.len) {
        count++;
    }
    return call_give(ret, value_int(count));
}

static bool affix(struct call *call, bool (*has)(str, str), value *ret)
{
    size_t from, to, count = 1;
    const value *options = &call->args[0];
    bool truth = false;
    if (!bounds(call, 1, &from, &to)) {
        return false;
    }
    if (value_is_tuple(call->args[0])) {
        options = value_items(call->args[0], &count);
    }
    for (size_t i = 0; i < count; i++) {
        str option;
        if (!call_need_str(call, options[i], &option)) {
            return false;
        }
        truth |= from != STR_NPOS && from <= to && has(str_part(self(call), from, to), option);
    }
    return call_give(ret, value_bool(truth));
}

static bool method_startswith(struct call *call, value *ret)
{
    return affix(call, str_starts, ret);
}

static bool method_endswith(struct call *call, value *ret)
{
    return affix(call, str_ends, ret);
}

static bool method_replace(struct call *call, value *ret)
{
    if (!value_is(call->args[1], VALUE_STR)) {
        return call_fail(call, "a string is needed, not %s %s", A_TYPE(call->args[1]));
    }
    if (!replace_text(call, call->input, call_str(call, 0), call->args[1], call_int(call, 2),
                      ret)) {
        return false;
    }
    *ret = is_markup(call->input) ? as_markup(*ret) : *ret;
    return true;
}

/* ---- layout ---- */

static bool pad(struct call *call, bool left, bool right, value *ret)
{
    str fill = call_str(call, 1);
    int64_t length = (int64_t)utf8_length(self(call)), width = call_int(call, 0);
    if (utf8_length(fill) != 1) {
        return call_fail(call, "the fill must be one character");
    }
    if (width > (MAX_TEXT >> 4)) {
        return call_fail(call, "the width is too large");
    }
    int64_t missing = width > length ? width - length : 0;
    int64_t before = !left ? 0 : !right ? missing : missing / 2 + (missing & width & 1);
    struct textbuf out = textbuf_in(call->arena);
    for (int64_t i = 0; i < before; i++) {
        textbuf_add(&out, fill);
    }
    textbuf_add_value(&out, call->input);
    for (int64_t i = before; i < missing; i++) {
        textbuf_add(&out, fill);
    }
    return call_give(ret, textbuf_value(&out));
}

static bool method_ljust(struct call *call, value *ret)
{
    return pad(call, false, true, ret);
}

static bool method_rjust(struct call *call, value *ret)
{
    return pad(call, true, false, ret);
}

static bool method_center(struct call *call, value *ret)
{
    return pad(call, true, true, ret);
}

static bool method_zfill(struct call *call, value *ret)
{
    str s = self(call);
    int64_t length = (int64_t)utf8_length(s), width = call_int(call, 0);
    bool sign = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
    struct textbuf out = textbuf_in(call->arena);
    if (width > (MAX_TEXT >> 4)) {
        return call_fail(call, "the width is too large");
    }
    textbuf_add_part(&out, call->input, 0, sign);
    for (int64_t i = length; i < width; i++) {
        textbuf_add_char(&out, '0');
    }
    textbuf_add_part(&out, call->input, sign, s.len);
    return call_give(ret, textbuf_value(&out));
}

static bool method_expandtabs(struct call *call, value *ret)
{
    str s = self(call);
    int64_t size = call_int(call, 0), column = 0;
    struct textbuf out = textbuf_in(call->arena);
    if (size > MAX_TEXT) {
        return call_fail(call, "the size of a tab is too large");
    }
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        if (!call_step(call)) {
            return false;
        }
        uint32_t c = utf8_next(s, &at);
        if (c != '\t') {
            textbuf_add_part(&out, call->input, from, at);
            column = c == '\n' || c == '\r' ? 0 : column + 1;
            continue;
        }
        int64_t spaces = size > 0 ? size - column % size : 0;
        column += spaces;
        strbuf_add_repeat(&out.bytes, ' ', (size_t)spaces);
    }
    return call_give(ret, textbuf_value(&out));
}

static bool method_format(struct call *call, value *ret)
{
    struct call_args args = { call->rest, call->rest_count, call->keywords, call->at };
    return format_braces(call->render, call->input, &args, ret);
}

static bool method_format_map(struct call *call, value *ret)
{
    struct call_args args = { NULL, 0, call->args[0], call->at };
    return call_need_map(call, call->args[0]) &&
           format_braces(call->render, call->input, &args, ret);
}

/* ---- asking ---- */

static bool all_chars(const struct call *call, bool (*is)(uint32_t), value *ret)
{
    str s = self(call);
    bool truth = s.len > 0;
    for (size_t at = 0; truth && at < s.len;) {
        truth = is(utf8_next(s, &at));
    }
    return call_give(ret, value_bool(truth));
}

static bool is_alnum(uint32_t c)
{
    return unicode_is_alpha(c) || unicode_is_digit(c);
}

static bool method_isdigit(struct call *call, value *ret)
{
    return all_chars(call, unicode_is_digit, ret);
}

static bool method_isalpha(struct call *call, value *ret)
{
    return all_chars(call, unicode_is_alpha, ret);
}

static bool method_isalnum(struct call *call, value *ret)
{
    return all_chars(call, is_alnum, ret);
}

static bool method_isprintable(struct call *call, value *ret)
{
    return self(call).len == 0 ? call_give(ret, value_bool(true))
                               : all_chars(call, utf8_is_printable, ret);
}

static bool method_isspace(struct call *call, value *ret)
{
    return all_chars(call, utf8_is_space, ret);
}

static bool method_isascii(struct call *call, value *ret)
{
    str s = self(call);
    bool ascii = true;
    for (size_t i = 0; i < s.len; i++) {
        ascii &= (unsigned char)s.ptr[i] < 0x80;
    }
    return call_give(ret, value_bool(ascii));
}

static bool method_islower(struct call *call, value *ret)
{
    struct call_args none = { .at = call->at, .keywords = { .kind = VALUE_UNDEFINED } };
    return call_test(call, S("lower"), call->input, &none, ret);
}

static bool method_isupper(struct call *call, value *ret)
{
    struct call_args none = { .at = call->at, .keywords = { .kind = VALUE_UNDEFINED } };
    return call_test(call, S("upper"), call->input, &none, ret);
}

static bool method_isidentifier(struct call *call, value *ret)
{
    str s = self(call);
    bool ok = s.len > 0;
    for (size_t at = 0; ok && at < s.len;) {
        bool first = at == 0;
        uint32_t c = utf8_next(s, &at);
        ok = c == '_' || unicode_is_alpha(c) || (!first && unicode_is_digit(c));
    }
    return call_give(ret, value_bool(ok));
}

static bool method_istitle(struct call *call, value *ret)
{
    value title = change_case(call->arena, call->input, CASE_TITLE);
    value lower = change_case(call->arena, call->input, CASE_LOWER);
    bool cased_letters = !str_eq(value_as_str(title), value_as_str(lower));
    return call_give(ret, value_bool(cased_letters && str_eq(value_as_str(title), self(call))));
}

const struct builtin methods_str[] = {
    { "split", NULL, "sep=none, maxsplit=-1", 0, method_split, "The parts between separators." },
    { "rsplit", NULL, "sep=none, maxsplit=-1", 0, method_rsplit, "As split, from the right." },
    { "splitlines", NULL, "keepends:bool=false", 0, method_splitlines, "The lines." },
    { "partition", NULL, "sep:str", 0, method_partition, "Before, separator, behind." },
    { "rpartition", NULL, "sep:str", 0, method_rpartition, "As partition, at the last one." },
    { "join", NULL, "iterable", CALL_DEEP, method_join, "The items with the text between them." },
    { "lower", NULL, "", 0, method_lower, "In lower case." },
    { "casefold", NULL, "", 0, method_casefold, "As texts are compared that ignore case." },
    { "upper", NULL, "", 0, method_upper, "In upper case." },
    { "capitalize", NULL, "", 0, method_capitalize, "The first letter in upper case." },
    { "title", NULL, "", 0, method_title, "Each word with a capital." },
    { "swapcase", NULL, "", 0, method_swapcase, "Small and capital letters exchanged." },
    { "strip", NULL, "chars=none", 0, method_strip, "Without white space at both ends." },
    { "lstrip", NULL, "chars=none", 0, method_lstrip, "Without white space at the start." },
    { "rstrip", NULL, "chars=none", 0, method_rstrip, "Without white space at the end." },
    { "removeprefix", NULL, "prefix:str", 0, method_removeprefix, "Without a beginning." },
    { "removesuffix", NULL, "suffix:str", 0, method_removesuffix, "Without an end." },
    { "find", NULL, "sub:str, start=none, end=none", 0, method_find, "Where a text is, or -1." },
    { "rfind", NULL, "sub:str, start=none, end=none", 0, method_rfind, "As find, the last one." },
    { "index", NULL, "sub:str, start=none, end=none", 0, method_index, "Where a text is." },
    { "rindex", NULL, "sub:str, start=none, end=none", 0, method_rindex,
      "As index, the last one." },
    { "count", NULL, "sub:str, start=none, end=none", 0, method_count, "How often a text is in." },
    { "startswith", NULL, "prefix, start=none, end=none", 0, method_startswith,
      "Whether it begins so." },
    { "endswith", NULL, "suffix, start=none, end=none", 0, method_endswith, "Whether it ends so." },
    { "replace", NULL, "old:str, new, count:int=-1", 0, method_replace, "With a text replaced." },
    { "maketrans", NULL, "x, y=none, z=none", 0, method_maketrans, "A table for translate." },
    { "translate", NULL, "table", CALL_DEEP, method_translate,
      "With characters replaced by a table." },
    { "ljust", NULL, "width:int, fillchar:str=' '", 0, method_ljust, "Filled up at the right." },
    { "rjust", NULL, "width:int, fillchar:str=' '", 0, method_rjust, "Filled up at the left." },
    { "center", NULL, "width:int, fillchar:str=' '", 0, method_center, "Filled up on both sides." },
    { "zfill", NULL, "width:int", 0, method_zfill, "Filled up with zeros." },
    { "expandtabs", NULL, "tabsize:int=8", 0, method_expandtabs, "With spaces for tabs." },
    { "encode", NULL, "encoding:str='utf-8', errors:str='strict'", 0, method_encode, "As bytes." },
    { "format", NULL, "*args, **values", CALL_DEEP, method_format, "With {} replaced." },
    { "format_map", NULL, "mapping", CALL_DEEP, method_format_map, "With {name} replaced." },
    { "isdigit", "isdecimal isnumeric", "", 0, method_isdigit, "Whether all are digits." },
    { "isalpha", NULL, "", 0, method_isalpha, "Whether all are letters." },
    { "isalnum", NULL, "", 0, method_isalnum, "Whether all are letters or digits." },
    { "isprintable", NULL, "", 0, method_isprintable, "Whether all can be printed." },
    { "isspace", NULL, "", 0, method_isspace, "Whether all is white space." },
    { "isascii", NULL, "", 0, method_isascii, "Whether all is ASCII." },
    { "islower", NULL, "", 0, method_islower, "Whether all letters are small." },
    { "isupper", NULL, "", 0, method_isupper, "Whether all letters are capitals." },
    { "istitle", NULL, "", 0, method_istitle, "Whether each word has a capital." },
    { "isidentifier", NULL, "", 0, method_isidentifier, "Whether it is a name." },
    { 0 },
};
