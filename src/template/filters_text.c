/* filters_text.c - Jinja's and Ansible's filters of texts. */
#include <string.h>

#include "base/utf8.h"
#include "template/format.h"
#include "template/text.h"
#include "template/unicode.h"

static value derived(struct call *call, str bytes, value source)
{
    struct textbuf out = textbuf_in(call->arena);
    textbuf_add_derived(&out, bytes, source);
    value v = textbuf_value(&out);
    return is_markup(source) ? as_markup(v) : v;
}

/* The input as text. */
static bool input_text(struct call *call, value *ret)
{
    return call_text(call, call->input, ret);
}

/* ---- case ---- */

static bool cased(struct call *call, enum case_style style, value *ret)
{
    value text;
    if (!input_text(call, &text)) {
        return false;
    }
    *ret = change_case(call->arena, text, style);
    *ret = is_markup(text) ? as_markup(*ret) : *ret;
    return true;
}

static bool filter_lower(struct call *call, value *ret)
{
    return cased(call, CASE_LOWER, ret);
}

static bool filter_upper(struct call *call, value *ret)
{
    return cased(call, CASE_UPPER, ret);
}

static bool filter_capitalize(struct call *call, value *ret)
{
    return cased(call, CASE_CAPITALIZE, ret);
}

/* Jinja's title: words begin behind white space, '-', '(', '{', '[' and '<'. */
static bool filter_title(struct call *call, value *ret)
{
    value text;
    if (!input_text(call, &text)) {
        return false;
    }
    str s = value_as_str(text);
    struct strbuf out = strbuf_in(call->arena);
    bool start = true;
    for (size_t at = 0; at < s.len;) {
        uint32_t c = utf8_next(s, &at);
        strbuf_add_utf8(&out, start ? unicode_upper(c) : unicode_lower(c));
        start = utf8_is_space(c) || (c < 0x80 && strchr("-({[<", (int)c) != NULL);
    }
    return call_give(ret, derived(call, strbuf_str(&out), text));
}

/* ---- trimming, replacing ---- */

static bool in_set(str set, str c)
{
    return str_find(set, c, 0) != STR_NPOS;
}

/* The bytes that remain when characters of `set` (STR_NONE: white space) are taken off. */
void trim_bounds(str s, str set, bool left, bool right, size_t *ret_from, size_t *ret_to)
{
    size_t from = 0, to = s.len;
    while (left && from < to) {
        size_t next = from;
        uint32_t c = utf8_next(s, &next);
        str one = str_part(s, from, next);
        if (!(str_is_none(set) ? utf8_is_space(c) : in_set(set, one))) {
            break;
        }
        from = next;
    }
    while (right && to > from) {
        size_t start = to - 1;
        while (start > from && ((unsigned char)s.ptr[start] & 0xC0) == 0x80) {
            start--;
        }
        size_t next = start;
        uint32_t c = utf8_next(s, &next);
        str one = str_part(s, start, to);
        if (!(str_is_none(set) ? utf8_is_space(c) : in_set(set, one))) {
            break;
        }
        to = start;
    }
    *ret_from = from;
    *ret_to = to;
}

static bool filter_trim(struct call *call, value *ret)
{
    value text;
    size_t from, to;
    if (!input_text(call, &text)) {
        return false;
    }
    trim_bounds(value_as_str(text), call_none(call, 0) ? STR_NONE : call_str(call, 0), true, true,
                &from, &to);
    *ret = value_part(call->arena, text, from, to);
    *ret = is_markup(text) ? as_markup(*ret) : *ret;
    return true;
}

/* An empty `from`: between all characters. */
static bool replace_nothing(struct call *call, value text, value to, int64_t limit, value *ret)
{
    str s = value_as_str(text);
    struct textbuf out = textbuf_in(call->arena);
    size_t at = 0;
    for (; limit != 0 && at <= s.len; limit--) {
        if (!call_step(call)) {
            return false;
        }
        textbuf_add_value(&out, to);
        size_t next = at;
        if (at == s.len) {
            at++;
            break;
        }
        utf8_next(s, &next);
        textbuf_add_part(&out, text, at, next);
        at = next;
    }
    textbuf_add_part(&out, text, at < s.len ? at : s.len, s.len);
    return call_give(ret, textbuf_value(&out));
}

/* A byte for a byte: the most frequent case. */
static value replace_bytes(struct arena *arena, str s, char from, char to)
{
    char *bytes = arena_alloc_raw(arena, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        bytes[i] = s.ptr[i] == from ? to : s.ptr[i];
    }
    bytes[s.len] = '\0';
    return value_str_shared(arena, (str){ bytes, s.len });
}

static bool has_marks(value text)
{
    size_t count;
    value_marks(text, &count);
    return count > 0;
}

bool replace_text(struct call *call, value text, str from, value to, int64_t limit, value *ret)
{
    str s = value_as_str(text);
    if (from.len == 0) {
        return replace_nothing(call, text, to, limit, ret);
    }
    if (from.len == 1 && value_as_str(to).len == 1 && limit < 0 && !has_marks(text) &&
        !has_marks(to)) {
        return call_give(ret, replace_bytes(call->arena, s, from.ptr[0], value_as_str(to).ptr[0]));
    }
    struct textbuf out = textbuf_in(call->arena);
    size_t at = 0;
    strbuf_room(&out.bytes, s.len);
    for (size_t found; limit != 0 && (found = str_find(s, from, at)) != STR_NPOS; limit--) {
        if (!call_step(call)) {
            return false;
        }
        textbuf_add_part(&out, text, at, found);
        textbuf_add_value(&out, to);
        at = found + from.len;
    }
    textbuf_add_part(&out, text, at, s.len);
    return call_give(ret, textbuf_value(&out));
}

static bool filter_replace(struct call *call, value *ret)
{
    value text, from, to = call->args[1];
    int64_t limit = -1;
    if (!input_text(call, &text) || !call_text(call, call->args[0], &from) ||
        !call_text(call, to, &to) ||
        (!call_none(call, 2) && !call_need_int(call, call->args[2], "count", &limit))) {
        return false;
    }
    bool markup = call->render->autoescape && (is_markup(text) || is_markup(to));
    if (call->render->autoescape) {
        bool escape = is_markup(from) || is_markup(to);
        text = escape && !is_markup(text) ? escape_html(call->arena, text) : text;
        to = is_markup(text) && !is_markup(to) ? escape_html(call->arena, to) : to;
    }
    if (!replace_text(call, text, value_as_str(from), to, limit, ret)) {
        return false;
    }
    *ret = markup ? as_markup(*ret) : *ret;
    return true;
}

/* ---- layout ---- */

static bool filter_indent(struct call *call, value *ret)
{
    value text = call->input, indent = call->args[0];
    str s;
    if (!call_need_str(call, text, &s)) {
        return false;
    }
    if (!value_is(indent, VALUE_STR)) {
        int64_t width;
        if (!call_need_int(call, indent, "'width'", &width)) {
            return false;
        }
        if (width > MAX_TEXT) {
            return call_fail(call, "the width is too large");
        }
        struct strbuf spaces = strbuf_in(call->arena);
        strbuf_add_repeat(&spaces, ' ', width > 0 ? (size_t)width : 0);
        indent = value_str(call->arena, strbuf_str(&spaces));
    }
    if (value_is(text, VALUE_UNDEFINED)) { /* plain Jinja adds a line break to it first */
        return call_fail_undefined(call, text);
    }
    bool first = call_bool(call, 1), blank = call_bool(call, 2);
    struct textbuf out = textbuf_in(call->arena);
    for (size_t at = 0, next;; at = next) {
        size_t end = line_end(s, at, &next);
        if (!call_step(call)) {
            return false;
        }
        bool empty = end == at;
        if (at == 0 ? first : (!empty || blank)) {
            textbuf_add_value(&out, indent);
        }
        textbuf_add_part(&out, text, at, end);
        bool last = end == s.len || (next == s.len && s.ptr[end] == '\r'); /* Jinja adds a '\n' */
        if (last) {
            break;
        }
        textbuf_add_char(&out, '\n');
    }
    *ret = textbuf_value(&out);
    *ret = is_markup(text) ? as_markup(*ret) : *ret;
    return true;
}

static bool filter_center(struct call *call, value *ret)
{
    value text;
    if (!input_text(call, &text)) {
        return false;
    }
    int64_t length = (int64_t)utf8_length(value_as_str(text)), width = call_int(call, 0);
    if (width > MAX_TEXT) {
        return call_fail(call, "the width is too large");
    }
    int64_t missing = width > length ? width - length : 0;
    int64_t left = missing / 2 + (missing & width & 1);
    struct textbuf out = textbuf_in(call->arena);
    strbuf_add_repeat(&out.bytes, ' ', (size_t)left);
    textbuf_add_value(&out, text);
    strbuf_add_repeat(&out.bytes, ' ', (size_t)(missing - left));
    return call_give(ret, textbuf_value(&out));
}

/* A list or map stays as it is while it is short; there is no way to shorten one. */
static bool filter_truncate(struct call *call, value *ret)
{
    value text = call->input;
    int64_t length = call_int(call, 0), leeway = 5;
    size_t have;
    str s, end = call_str(call, 2);
    if ((!call_none(call, 3) && !call_need_int(call, call->args[3], "'leeway'", &leeway)) ||
        !length_of(call->render, text, call->at, &have)) {
        return false;
    }
    int64_t end_length = (int64_t)utf8_length(end);
    if (length < end_length || leeway < 0) {
        return call_fail(call, "the length must be at least that of 'end'");
    }
    if ((int64_t)have <= length + leeway) {
        return call_give(ret, text);
    }
    if (!call_need_str(call, text, &s)) {
        return false;
    }
    size_t cut = utf8_offset(s, (size_t)(length - end_length));
    if (!call_bool(call, 1)) {
        size_t space = str_rfind(str_part(s, 0, cut), S(" "));
        cut = space == STR_NPOS ? cut : space;
    }
    struct textbuf out = textbuf_in(call->arena);
    textbuf_add_part(&out, text, 0, cut);
    textbuf_add(&out, end);
    return call_give(ret, textbuf_value(&out));
}

static bool is_word_char(uint32_t c)
{
    return c == '_' || unicode_is_digit(c) || unicode_is_alpha(c);
}

static bool filter_wordcount(struct call *call, value *ret)
{
    value text;
    if (!input_text(call, &text)) {
        return false;
    }
    str s = value_as_str(text);
    int64_t words = 0;
    bool within = false;
    for (size_t at = 0; at < s.len;) {
        bool word = is_word_char(utf8_next(s, &at));
        words += word && !within;
        within = word;
    }
    return call_give(ret, value_int(words));
}

/* ---- wordwrap: Python's textwrap, which drops white space where a line ends ---- */

struct wrap {
    struct call *call;
    struct strbuf out;
    str between; /* stands between lines */
    size_t width;
    bool break_words, hyphens;
};

static bool is_wrap_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_letter_at(str s, size_t at)
{
    return at < s.len && unicode_is_alpha(utf8_next(s, &at));
}

/* Before `at`, a letter; `*ret` is where it begins. */
static bool letter_before(str s, size_t at, size_t *ret)
{
    size_t start = at;
    while (start > 0 && ((unsigned char)s.ptr[--start] & 0xC0) == 0x80) {
    }
    *ret = start;
    return at > 0 && is_letter_at(s, start);
}

/* Whether a word may break behind the hyphen at `at`: two letters before it, or a letter, a hyphen
 * and a letter; and two letters behind it, with at most a hyphen between. */
static bool breaks_behind(str word, size_t at)
{
    size_t first, second, next = at + 1;
    if (!letter_before(word, at, &second) || !is_letter_at(word, next)) {
        return false;
    }
    if (!letter_before(word, second, &first)) {
        bool hyphen = second > 0 && word.ptr[second - 1] == '-';
        if (!hyphen || !letter_before(word, second - 1, &first)) {
            return false;
        }
    }
    utf8_next(word, &next);
    return is_letter_at(word, next) ||
           (next < word.len && word.ptr[next] == '-' && is_letter_at(word, next + 1));
}

/* The end of the dash between words, of two or more hyphens, that begins at `at`; else 0. */
static size_t dash_end(str line, size_t at)
{
    size_t end = at, start, next;
    while (end < line.len && line.ptr[end] == '-') {
        end++;
    }
    if (end < at + 2 || at == 0 || end == line.len) {
        return 0;
    }
    bool word_before =
        letter_before(line, at, &start) || strchr("0123456789_!\"'&.,?", line.ptr[at - 1]) != NULL;
    next = end;
    uint32_t c = utf8_next(line, &next);
    bool word_behind = c == '_' || unicode_is_alpha(c) || unicode_is_digit(c);
    return word_before && word_behind ? end : 0;
}

/* The end of the piece that begins at `from`: white space, a word, or a part of a word. */
static size_t piece_end(const struct wrap *w, str line, size_t from)
{
    bool space = is_wrap_space(line.ptr[from]);
    size_t end = from;
    while (end < line.len && is_wrap_space(line.ptr[end]) == space) {
        bool hyphen = w->hyphens && line.ptr[end] == '-';
        size_t dash = hyphen ? dash_end(line, end) : 0;
        if (dash > 0) {
            return end == from ? dash : end;
        }
        end++;
        if (hyphen && breaks_behind(line, end - 1)) {
            break;
        }
    }
    return end;
}

/* How much of a word that is longer than a line goes on one with so much room. */
static size_t long_word_cut(const struct wrap *w, str word, size_t room)
{
    size_t cut = utf8_offset(word, room);
    if (w->hyphens) {
        size_t hyphen = str_rfind(str_part(word, 0, cut), S("-"));
        bool more = false;
        for (size_t i = 0; hyphen != STR_NPOS && i < hyphen; i++) {
            more |= word.ptr[i] != '-';
        }
        cut = more ? hyphen + 1 : cut;
    }
    return cut;
}

/* One line of the result, from what begins at `at`: the bytes from `*ret_from` to `*ret_to`. */
static size_t wrap_one(const struct wrap *w, str line, size_t at, bool first, size_t *ret_from,
                       size_t *ret_to)
{
    size_t column = 0, end = at;
    if (!first && is_wrap_space(line.ptr[at])) {
        end = at = piece_end(w, line, at);
    }
    size_t last = at; /* where the last piece begins */
    while (end < line.len) {
        size_t next = piece_end(w, line, end);
        size_t length = utf8_length(str_part(line, end, next));
        if (column + length > w->width) {
            str word = str_part(line, end, next);
            if (length > w->width && (w->break_words || column == 0)) {
                last = end;
                end += w->break_words ? long_word_cut(w, word, w->width - column) : word.len;
            }
            break;
        }
        column += length;
        last = end;
        end = next;
    }
    *ret_from = at;
    *ret_to = last < end && is_wrap_space(line.ptr[last]) ? last : end;
    return end;
}

static bool wrap_line(struct wrap *w, str line)
{
    bool any = false;
    for (size_t at = 0, from, to; at < line.len;) {
        at = wrap_one(w, line, at, !any, &from, &to);
        if (!call_step(w->call)) {
            return false;
        }
        if (from < to) {
            strbuf_add(&w->out, any ? w->between : STR_EMPTY);
            strbuf_add(&w->out, str_part(line, from, to));
            any = true;
        }
    }
    return true;
}

static bool filter_wordwrap(struct call *call, value *ret)
{
    str s;
    if (!call_need_str(call, call->input, &s)) {
        return false;
    }
    struct wrap w = { .call = call,
                      .out = strbuf_in(call->arena),
                      .between = call_none(call, 2) ? S("\n") : call_str(call, 2),
                      .break_words = call_bool(call, 1),
                      .hyphens = call_bool(call, 3) };
    int64_t width = call_int(call, 0);
    if (width < 1) {
        return call_fail(call, "the width must be positive");
    }
    w.width = (size_t)width;
    for (size_t at = 0, next; at < s.len; at = next) {
        size_t end = line_end(s, at, &next);
        strbuf_add(&w.out, at > 0 ? w.between : STR_EMPTY);
        if (!wrap_line(&w, str_part(s, at, end))) {
            return false;
        }
    }
    return call_give(ret, not_markup(derived(call, strbuf_str(&w.out), call->input)));
}

/* ---- conversions to text ---- */

static bool filter_string(struct call *call, value *ret)
{
    value text;
    if (!input_text(call, &text)) {
        return false;
    }
    return call_give(ret, text);
}

static bool filter_format(struct call *call, value *ret)
{
    value format;
    if (!input_text(call, &format)) {
        return false;
    }
    bool keywords = value_count(call->keywords) > 0;
    if (keywords && call->rest_count > 0) {
        return call_fail(call, "takes positional or keyword arguments, not both");
    }
    value args = keywords ? call->keywords : value_tuple(call->arena, call->rest, call->rest_count);
    *ret = value_null();
    if (!format_percent(call->render, format, args, call->at, ret)) {
        return false;
    }
    return true;
}

/* Python's shlex.quote. */
str quote_shell(struct arena *arena, str s)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_@%+=:,./-";
    bool plain = s.len > 0;
    for (size_t i = 0; plain && i < s.len; i++) {
        plain = s.ptr[i] != 0 && strchr(safe, s.ptr[i]) != NULL;
    }
    if (plain) {
        return s;
    }
    return str_format(arena, "'%.*s'", SARG(str_replace(arena, s, S("'"), S("'\"'\"'"))));
}

static bool filter_quote(struct call *call, value *ret)
{
    value text = value_str(call->arena, STR_EMPTY);
    if (!value_is(call->input, VALUE_NULL) && !input_text(call, &text)) {
        return false;
    }
    return call_give(ret, derived(call, quote_shell(call->arena, value_as_str(text)), text));
}

static bool filter_split(struct call *call, value *ret)
{
    const struct function *split = name_table_get(&call->eval->env->str_methods, S("split"));
    if (!value_is(call->input, VALUE_STR)) {
        return call_fail(call, "a string is needed, not %s %s", A_TYPE(call->input));
    }
    struct call_args args = { call->args, 2, { .kind = VALUE_UNDEFINED }, call->at };
    return function_call(call->render, split, call->input, &args, ret);
}

/* ---- comment ---- */

struct comment_style {
    const char *name, *decoration, *beginning, *end, *prefix_line;
};

static const struct comment_style styles[] = {
    { "plain", "# ", NULL, NULL, NULL },   { "erlang", "% ", NULL, NULL, NULL },
    { "c", "// ", NULL, NULL, NULL },      { "cblock", " * ", "/*", " */", NULL },
    { "xml", " - ", "<!--", "-->", NULL },
};

static str option(struct call *call, const char *name, str fallback)
{
    value v, text;
    if (!value_map_get(call->keywords, str_of(name), &v) || !call_text(call, v, &text)) {
        return fallback;
    }
    return value_as_str(text);
}

static str repeat_lines(struct call *call, str text, int64_t count, str newline)
{
    struct strbuf out = strbuf_in(call->arena);
    for (int64_t i = 0; i < count && i < 10000; i++) {
        strbuf_add(&out, text);
        strbuf_add(&out, newline);
    }
    return strbuf_str(&out);
}

static bool count_option(struct call *call, const char *name, int64_t *ret)
{
    value v;
    *ret = 1;
    return !value_map_get(call->keywords, str_of(name), &v) || call_need_int(call, v, name, ret);
}

static bool filter_comment(struct call *call, value *ret)
{
    value text;
    const struct comment_style *style = NULL;
    for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
        if (str_eq(call_str(call, 0), str_of(styles[i].name))) {
            style = &styles[i];
        }
    }
    if (style == NULL) {
        return call_fail(call, "no style is called '%.*s'", SARG(call_str(call, 0)));
    }
    int64_t prefixes, postfixes;
    str checked;
    if (!call_need_str(call, call->input, &checked)) {
        return false;
    }
    if (!input_text(call, &text) || !count_option(call, "prefix_count", &prefixes) ||
        !count_option(call, "postfix_count", &postfixes)) {
        return false;
    }
    str newline = option(call, "newline", S("\n"));
    str decoration = option(call, "decoration", str_of(style->decoration));
    str bare = str_trim_right(decoration);
    str beginning =
        option(call, "beginning", style->beginning ? str_of(style->beginning) : STR_EMPTY);
    str end = option(call, "end", style->end ? str_of(style->end) : STR_EMPTY);
    str prefix = option(call, "prefix", bare), postfix = option(call, "postfix", bare);
    struct strbuf out = strbuf_in(call->arena);
    if (beginning.len > 0) {
        strbuf_addf(&out, "%.*s%.*s", SARG(beginning), SARG(newline));
    }
    if (prefix.len > 0) {
        bool empty_line = str_eq(prefix, newline); /* ends itself */
        strbuf_add(&out, repeat_lines(call, empty_line ? STR_EMPTY : prefix, prefixes, newline));
    }
    size_t breaks = 0, size;
    for (size_t at = 0; newline.len > 0 && at != STR_NPOS; breaks++) {
        at = str_find(value_as_str(text), newline, at);
        at = at == STR_NPOS ? at : at + newline.len;
    }
    if (__builtin_mul_overflow(breaks, decoration.len, &size) || size > MAX_TEXT) {
        return call_fail(call, "the comment is too large");
    }
    str lines_of = str_replace(call->arena, value_as_str(text), newline,
                               str_concat(call->arena, newline, decoration));
    lines_of = str_concat(call->arena, decoration, lines_of);
    str empty = str_concat(call->arena, decoration, newline);
    strbuf_add(&out,
               str_replace(call->arena, lines_of, empty, str_concat(call->arena, bare, newline)));
    if (postfixes > 0) { /* an empty one counts: it ends the line before it */
        str lines = repeat_lines(call, postfix, postfixes, newline);
        strbuf_add(&out, newline);
        strbuf_add(&out, str_part(lines, 0, lines.len - newline.len));
    }
    if (end.len > 0) {
        strbuf_addf(&out, "%.*s%.*s", SARG(newline), SARG(end));
    }
    return call_give(ret, derived(call, strbuf_str(&out), text));
}

const struct builtin filters_text[] = {
    { "lower", NULL, "", CALL_JINJA, filter_lower, "The text in lower case.",
      "{{ 'Web1' | lower }} -> web1" },
    { "upper", NULL, "", CALL_JINJA, filter_upper, "The text in upper case.",
      "{{ 'Web1' | upper }} -> WEB1" },
    { "capitalize", NULL, "", CALL_JINJA, filter_capitalize,
      "The first letter in upper case, all others in lower case.",
      "{{ 'wEB one' | capitalize }} -> Web one" },
    { "title", NULL, "", CALL_JINJA, filter_title, "Each word with a capital.",
      "{{ 'web one' | title }} -> Web One" },
    { "trim", NULL, "chars:str=none", CALL_JINJA, filter_trim,
      "Without white space, or other characters, at both ends.",
      "{{ '  x ' | trim }} -> x\n"
      "{{ '--x--' | trim('-') }} -> x" },
    { "replace", NULL, "old, new, count=none", CALL_JINJA, filter_replace,
      "With each occurrence of a text replaced.",
      "{{ 'a.b.c' | replace('.', '-') }} -> a-b-c\n"
      "{{ 'a.b.c' | replace('.', '-', 1) }} -> a-b.c" },
    { "indent", NULL, "width=4, first:bool=false, blank:bool=false", CALL_JINJA, filter_indent,
      "Each line but the first indented.",
      "{{ lookup('file', 'lines.txt') | indent(2) }} -> one\\n  two\n"
      "{{ lookup('file', 'lines.txt') | indent(2, first=true) }} ->   one\\n  two" },
    { "center", NULL, "width:int=80", CALL_JINJA, filter_center, "The text between spaces.",
      "[{{ 'x' | center(5) }}] -> [  x  ]" },
    { "truncate", NULL, "length:int=255, killwords:bool=false, end:str='...', leeway=none",
      CALL_JINJA, filter_truncate, "The beginning of a long text.",
      "{{ 'a long sentence' | truncate(9) }} -> a...\n"
      "{{ 'a long sentence' | truncate(9, killwords=true, end='~') }} -> a long s~" },
    { "wordcount", NULL, "", CALL_JINJA, filter_wordcount, "How many words.",
      "{{ 'one two three' | wordcount }} -> 3" },
    { "wordwrap", NULL,
      "width:int=79, break_long_words:bool=true, wrapstring:str=none, "
      "break_on_hyphens:bool=true",
      CALL_JINJA, filter_wordwrap, "The text in lines of at most so many characters.",
      "{{ 'one two three' | wordwrap(8) }} -> one two\\nthree" },
    { "string", NULL, "", CALL_JINJA | CALL_STRING, filter_string,
      "The value as text; the result is never read as a literal.",
      "{{ [1, 2] | string | length }} -> 6" },
    { "format", NULL, "*args, **values", CALL_JINJA, filter_format,
      "The text with its %-fields filled in, as by printf. Named fields take keyword arguments.",
      "{{ '%s-%02d' | format('web', 7) }} -> web-07" },
    { "quote", NULL, "", 0, filter_quote, "The text quoted for a shell.",
      "{{ 'it is' | quote }} -> 'it is'" },
    { "split", NULL, "sep=none, maxsplit=-1", 0, filter_split, "The parts of a text.",
      "{{ 'a,b,c' | split(',') }} -> ['a', 'b', 'c']\n"
      "{{ ' a  b ' | split }} -> ['a', 'b']" },
    { "comment", NULL, "style:str='plain', **options", 0, filter_comment,
      "The text as a comment of a configuration file. Styles are plain, erlang, c, cblock and xml; "
      "options change their parts: decoration, beginning, end, prefix, prefix_count, postfix, "
      "postfix_count, newline.",
      "{{ 'managed' | comment }} -> #\\n# managed\\n#\n"
      "{{ 'managed' | comment('c') }} -> //\\n// managed\\n//\n"
      "{{ 'x' | comment(decoration='; ', prefix='', postfix='') }} -> ; x\\n" },
    { 0 },
};
