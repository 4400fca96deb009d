/* filters_html.c - filters of HTML and of URLs. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "formats/json.h"
#include "formats/pyregex.h"
#include "template/core.h"

static bool filter_escape(struct call *call, value *ret)
{
    value text;
    if (!call_text(call, call->input, &text)) {
        return false;
    }
    return call_give(ret, is_markup(text) ? text : escape_html(call->arena, text));
}

static bool filter_forceescape(struct call *call, value *ret)
{
    value text;
    if (!call_text(call, call->input, &text)) {
        return false;
    }
    return call_give(ret, escape_html(call->arena, not_markup(text)));
}

static bool filter_safe(struct call *call, value *ret)
{
    value text;
    if (!call_text(call, call->input, &text)) {
        return false;
    }
    return call_give(ret, as_markup(text));
}

static uint32_t named_entity(str name)
{
    static const struct {
        const char *name;
        uint32_t c;
    } names[] = {
        { "amp", '&' },    { "lt", '<' },        { "gt", '>' },       { "quot", '"' },
        { "apos", '\'' },  { "nbsp", 0xA0 },     { "copy", 0xA9 },    { "raquo", 0xBB },
        { "laquo", 0xAB }, { "hellip", 0x2026 }, { "mdash", 0x2014 }, { "ndash", 0x2013 }
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(name, str_of(names[i].name))) {
            return names[i].c;
        }
    }
    uint64_t number = 0;
    bool hex = str_starts(name, S("#x")) || str_starts(name, S("#X"));
    if (str_starts(name, S("#"))) {
        (void)str_to_base(str_part(name, hex ? 2 : 1, name.len), hex ? 16 : 10, &number);
    }
    return number > 0x10FFFF ? 0 : (uint32_t)number;
}

static str unescape_html(struct arena *arena, str s)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t at = 0; at < s.len;) {
        size_t end = s.ptr[at] == '&' ? str_find_char(s, ';', at) : STR_NPOS;
        uint32_t c = end != STR_NPOS && end - at < 12 ? named_entity(str_part(s, at + 1, end)) : 0;
        if (c != 0) {
            strbuf_add_utf8(&out, c);
            at = end + 1;
        } else {
            strbuf_add_char(&out, s.ptr[at++]);
        }
    }
    return strbuf_str(&out);
}

/* Without comments and tags, white space joined. */
static bool filter_striptags(struct call *call, value *ret)
{
    value text;
    if (!call_text(call, call->input, &text)) {
        return false;
    }
    str s = value_as_str(text);
    struct strbuf bare = strbuf_in(call->arena);
    /* Looked for only where they are to be found: what is never closed is not searched again. */
    size_t last_tag = str_rfind(s, S(">")), last_comment = str_rfind(s, S("-->"));
    last_tag = last_tag == STR_NPOS ? 0 : last_tag;
    last_comment = last_comment == STR_NPOS ? 0 : last_comment;
    for (size_t at = 0; at < s.len;) {
        bool comment = str_starts(str_part(s, at, s.len), S("<!--"));
        bool tag = !comment && s.ptr[at] == '<';
        size_t end = comment && at < last_comment ? str_find(s, S("-->"), at)
                     : tag && at < last_tag       ? str_find_char(s, '>', at)
                                                  : STR_NPOS;
        if (end != STR_NPOS) {
            at = end + (comment ? 3 : 1);
        } else {
            strbuf_add_char(&bare, s.ptr[at++]);
        }
    }
    struct strbuf out = strbuf_in(call->arena);
    str rest = strbuf_str(&bare);
    for (size_t at = 0; at < rest.len;) {
        size_t from = at;
        uint32_t c = utf8_next(rest, &at);
        if (!utf8_is_space(c)) {
            strbuf_add(&out, str_part(rest, from, at));
        } else if (out.len > 0 && out.ptr[out.len - 1] != ' ') {
            strbuf_add_char(&out, ' ');
        }
    }
    str joined = str_trim_right(strbuf_str(&out));
    struct textbuf result = textbuf_in(call->arena);
    textbuf_add_derived(&result, unescape_html(call->arena, joined), text);
    return call_give(ret, textbuf_value(&result));
}

static bool filter_xmlattr(struct call *call, value *ret)
{
    if (!call_need_map(call, call->input)) {
        return false;
    }
    struct textbuf out = textbuf_in(call->arena);
    bool space = call_bool(call, 0), any = false;
    for (size_t i = 0; i < value_count(call->input); i++) {
        value key = value_map_key(call->input, i), v = value_map_value(call->input, i), text;
        if (value_is(v, VALUE_NULL) || value_is(v, VALUE_UNDEFINED)) {
            continue;
        }
        if (!call_text(call, v, &text)) {
            return false;
        }
        str name = value_as_str(value_print(call->arena, key));
        for (size_t k = 0; k < name.len; k++) {
            if (strchr(" \t\n\f\r/>=", name.ptr[k]) != NULL) {
                return call_fail(call, "'%.*s' is no name of an attribute", SARG(name));
            }
        }
        if (any || space) {
            textbuf_add_char(&out, ' ');
        }
        any = true;
        textbuf_add_value(&out, escape_html(call->arena, value_str(call->arena, name)));
        textbuf_add(&out, S("=\""));
        textbuf_add_value(&out, is_markup(text) ? text : escape_html(call->arena, text));
        textbuf_add_char(&out, '"');
    }
    *ret = any ? textbuf_value(&out) : value_str(call->arena, STR_EMPTY);
    *ret = call->render->autoescape ? as_markup(*ret) : *ret;
    return true;
}

/* ---- urlize ---- */

/* What stands for an address of the web, of mail; from Jinja's documentation of its behaviour. */
#define LABELS     "(?:[\\w%-]+\\.)+"
#define ANY_HOST   "(?:https?://|www\\.)(?:" LABELS ")?(?:[a-z]{2,63}|xn--[\\w%]{2,59})"
#define KNOWN_HOST "(?:[\\w%-]{2,63}\\.)+(?:com|net|int|edu|gov|org|info|mil)"
#define NUMBER_HOST                                                                                \
    "https?://(?:\\d{1,3}(?:\\.\\d{1,3}){3}|\\[(?:[\\da-f]{0,4}:){2}(?:[\\da-f]{0,4}:?){1,6}\\])"
#define WEB_ADDRESS  "^(?:" ANY_HOST "|" KNOWN_HOST "|" NUMBER_HOST ")(?::\\d{1,5})?(?:[/?#]\\S*)?$"
#define MAIL_ADDRESS "^\\S+@\\w[\\w.-]*\\.\\w+$"

struct urlize {
    struct call *call;
    struct strbuf out;
    const struct pyregex *web, *mail;
    str attributes;       /* rel and target */
    int64_t limit;        /* characters of the shown text; negative: none */
    const value *schemes; /* others that make a link */
    size_t scheme_count;
};

static bool matches(struct urlize *u, const struct pyregex *regex, str s, bool *ret)
{
    struct pyregex_match match;
    return pyregex_exec(regex, u->call->arena, u->call->eval->diags, s, 0, PYREGEX_MATCH, ret,
                        &match) ||
           call_reported(u->call);
}

static void add_link(struct urlize *u, str attributes, str prefix, str target, str shown)
{
    size_t cut = u->limit >= 0 ? utf8_offset(shown, (size_t)u->limit) : shown.len;
    strbuf_addf(&u->out, "<a href=\"%.*s%.*s\"%.*s>%.*s%s</a>", SARG(prefix), SARG(target),
                SARG(attributes), SARG(str_part(shown, 0, cut)), cut < shown.len ? "..." : "");
}

/* The first of some texts that a word begins with (or ends with); its length, or 0. */
static size_t bracket_at(str s, const str *brackets, size_t count, bool at_end)
{
    for (size_t i = 0; i < count; i++) {
        if (at_end ? str_ends(s, brackets[i]) : str_starts(s, brackets[i])) {
            return brackets[i].len;
        }
    }
    return 0;
}

static size_t count_of(str s, str what)
{
    size_t count = 0;
    for (size_t at = 0; (at = str_find(s, what, at)) != STR_NPOS; at += what.len) {
        count++;
    }
    return count;
}

/* Where the address within a word ends: brackets that it opens are closed within it. */
static size_t address_end(str word, size_t from, size_t to)
{
    static const str pairs[][2] = { { S_INIT("("), S_INIT(")") },
                                    { S_INIT("<"), S_INIT(">") },
                                    { S_INIT("&lt;"), S_INIT("&gt;") } };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        str middle = str_part(word, from, to);
        size_t opened = count_of(middle, pairs[i][0]);
        size_t open = opened > count_of(middle, pairs[i][1]) ? opened : 0;
        size_t found;
        for (; open > 0 && (found = str_find(word, pairs[i][1], to)) != STR_NPOS; open--) {
            to = found + pairs[i][1].len;
        }
    }
    return to;
}

static bool add_scheme_link(struct urlize *u, str middle)
{
    for (size_t i = 0; i < u->scheme_count; i++) {
        str scheme;
        if (!call_need_str(u->call, u->schemes[i], &scheme)) {
            return false;
        }
        if (middle.len > scheme.len && str_starts(middle, scheme)) {
            strbuf_addf(&u->out, "<a href=\"%.*s\"%.*s>%.*s</a>", SARG(middle), SARG(u->attributes),
                        SARG(middle));
            return true;
        }
    }
    strbuf_add(&u->out, middle);
    return true;
}

static bool add_middle(struct urlize *u, str middle)
{
    bool web = false, mail = false;
    bool mailto = str_starts(middle, S("mailto:"));
    bool maybe_mail =
        mailto || (str_find_char(middle, '@', 0) != STR_NPOS &&
                   str_find_char(middle, ':', 0) == STR_NPOS && !str_starts(middle, S("www.")));
    str address = mailto ? str_part(middle, 7, middle.len) : middle;
    if (!matches(u, u->web, middle, &web) ||
        (!web && maybe_mail && !matches(u, u->mail, address, &mail))) {
        return false;
    }
    if (web) {
        bool whole = str_starts(middle, S("http://")) || str_starts(middle, S("https://"));
        add_link(u, u->attributes, whole ? STR_EMPTY : S("https://"), middle, middle);
    } else if (mail) {
        strbuf_addf(&u->out, "<a href=\"mailto:%.*s\">%.*s</a>", SARG(address), SARG(address));
    } else {
        return add_scheme_link(u, middle);
    }
    return true;
}

/* A word of escaped text. */
static bool urlize_word(struct urlize *u, str word)
{
    static const str before[] = { S_INIT("("), S_INIT("<"), S_INIT("&lt;") };
    static const str behind[] = { S_INIT(")"), S_INIT(">"),  S_INIT("."),
                                  S_INIT(","), S_INIT("\n"), S_INIT("&gt;") };
    size_t from = 0, to = word.len, step;
    while ((step = bracket_at(str_part(word, from, to), before, ARRAY_LEN(before), false)) > 0) {
        from += step;
    }
    while ((step = bracket_at(str_part(word, from, to), behind, ARRAY_LEN(behind), true)) > 0) {
        to -= step;
    }
    to = address_end(word, from, to);
    strbuf_add(&u->out, str_part(word, 0, from));
    if (!add_middle(u, str_part(word, from, to))) {
        return false;
    }
    strbuf_add(&u->out, str_part(word, to, word.len));
    return true;
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

/* rel="..." with its words in order, each once. */
static void add_rel(struct call *call, struct strbuf *out)
{
    str words[64], rest = call_none(call, 3) ? STR_EMPTY : call_str(call, 3);
    size_t count = 0;
    words[count++] = S("noopener");
    if (call_bool(call, 1)) {
        words[count++] = S("nofollow");
    }
    while (!str_is_none(rest) && count < ARRAY_LEN(words)) {
        str word = str_trim(str_cut(&rest, ' '));
        words[count] = word;
        count += word.len > 0;
    }
    qsort(words, count, sizeof *words, by_text);
    strbuf_add(out, S(" rel=\""));
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !str_eq(words[i], words[i - 1])) {
            strbuf_addf(out, "%s%.*s", i > 0 ? " " : "", SARG(words[i]));
        }
    }
    strbuf_add_char(out, '"');
}

static bool urlize_options(struct call *call, struct urlize *u)
{
    struct strbuf attributes = strbuf_in(call->arena);
    struct diags *diags = call->eval->diags;
    if ((!call_none(call, 0) &&
         !call_need_int(call, call->args[0], "'trim_url_limit'", &u->limit)) ||
        (!call_none(call, 4) && !call_items(call, call->args[4], &u->schemes, &u->scheme_count))) {
        return false;
    }
    add_rel(call, &attributes);
    if (!call_none(call, 2)) {
        strbuf_addf(&attributes, " target=\"%.*s\"", SARG(call_str(call, 2)));
    }
    u->attributes = strbuf_str(&attributes);
    u->web =
        pyregex_compile(call->arena, diags, call_place(call), S(WEB_ADDRESS), PYREGEX_IGNORECASE);
    u->mail = pyregex_compile(call->arena, diags, call_place(call), S(MAIL_ADDRESS), 0);
    return (u->web != NULL && u->mail != NULL) || call_reported(call);
}

static bool filter_urlize(struct call *call, value *ret)
{
    value text;
    struct urlize u = { .call = call, .out = strbuf_in(call->arena), .limit = -1 };
    if (!call_text(call, call->input, &text) || !urlize_options(call, &u)) {
        return false;
    }
    value escaped = is_markup(text) ? text : escape_html(call->arena, text);
    str s = value_as_str(escaped);
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        bool space = strchr(" \t\r\n\f\v", s.ptr[at]) != NULL;
        while (at < s.len && (strchr(" \t\r\n\f\v", s.ptr[at]) != NULL) == space) {
            at++;
        }
        if (space) {
            strbuf_add(&u.out, str_part(s, from, at));
        } else if (!urlize_word(&u, str_part(s, from, at))) {
            return false;
        }
    }
    struct textbuf out = textbuf_in(call->arena);
    textbuf_add_derived(&out, strbuf_str(&u.out), text);
    *ret = textbuf_value(&out);
    *ret = call->render->autoescape ? as_markup(*ret) : *ret;
    return true;
}

/* ---- urlencode, tojson ---- */

static void url_quote(struct strbuf *out, str s, const char *safe)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c != 0 && strchr("_.-~", c) != NULL) || (c != 0 && strchr(safe, c) != NULL);
        if (plain) {
            strbuf_add_char(out, c);
        } else {
            strbuf_addf(out, "%%%02X", (unsigned char)c);
        }
    }
}

/* In a query spaces are plus signs, and slashes are not kept. */
static bool encode_query_part(struct call *call, struct strbuf *out, value v)
{
    value text;
    if (!call_text(call, v, &text)) {
        return false;
    }
    struct strbuf quoted = strbuf_in(call->arena);
    url_quote(&quoted, value_as_str(text), " ");
    strbuf_add(out, str_replace(call->arena, strbuf_str(&quoted), S(" "), S("+")));
    return true;
}

static bool filter_urlencode(struct call *call, value *ret)
{
    struct strbuf out = strbuf_in(call->arena);
    value input = call->input;
    if (value_is(input, VALUE_MAP) || value_is(input, VALUE_LIST)) {
        size_t count = value_count(input);
        for (size_t i = 0; i < count; i++) {
            value key, v;
            if (value_is(input, VALUE_MAP)) {
                key = value_map_key(input, i);
                v = value_map_value(input, i);
            } else {
                const value *pair;
                size_t two;
                if (!call_items(call, value_item(input, i), &pair, &two)) {
                    return false;
                }
                if (two != 2) {
                    return call_fail(call, "pairs of a name and a value are needed");
                }
                key = pair[0];
                v = pair[1];
            }
            if (i > 0) {
                strbuf_add_char(&out, '&');
            }
            if (!encode_query_part(call, &out, key)) {
                return false;
            }
            strbuf_add_char(&out, '=');
            if (!encode_query_part(call, &out, v)) {
                return false;
            }
        }
        return call_give(ret, value_str(call->arena, strbuf_str(&out)));
    }
    value text;
    if (!call_text(call, input, &text)) {
        return false;
    }
    url_quote(&out, value_as_str(text), "/");
    struct textbuf result = textbuf_in(call->arena);
    textbuf_add_derived(&result, strbuf_str(&out), text);
    return call_give(ret, textbuf_value(&result));
}

static bool filter_tojson(struct call *call, value *ret)
{
    struct json_format format = { .sort = JSON_SORTED, .html = true };
    int64_t indent;
    value plain;
    if (!call_none(call, 0)) {
        if (!call_need_int(call, call->args[0], "'indent'", &indent)) {
            return false;
        }
        format.indent = indent > 0 && indent < 100 ? (int)indent : -1;
    }
    value undefined;
    if (find_undefined(call->input, &undefined)) {
        return call_fail_undefined(call, undefined);
    }
    if (is_view(call->input)) {
        return call_fail(call, "%s %s has no form in JSON: make it a list, by '| list'",
                         A_TYPE(call->input));
    }
    if (!plain_value(call->render, call->input, &plain)) {
        return false;
    }
    if (!json_write(call->arena, call->eval->diags, plain, format, ret)) {
        call->eval->failure = TEMPLATE_FAILED;
        return false;
    }
    *ret = as_markup(*ret);
    return true;
}

const struct builtin filters_html[] = {
    { "escape", "e", "", CALL_JINJA, filter_escape, "With < > & and quotes as entities.",
      "{{ '<a href=\"x\">' | escape }} -> &lt;a href=&#34;x&#34;&gt;" },
    { "forceescape", NULL, "", CALL_JINJA, filter_forceescape, "As escape, of marked text too.",
      "{{ '<b>' | forceescape }} -> &lt;b&gt;" },
    { "safe", NULL, "", CALL_JINJA, filter_safe, "Marked as HTML that needs no escaping.",
      "{{ '<b>' | safe }} -> <b>" },
    { "striptags", NULL, "", CALL_JINJA, filter_striptags, "Without tags of HTML.",
      "{{ '<p>one <b>two</b></p>' | striptags }} -> one two" },
    { "xmlattr", NULL, "autospace:bool=true", CALL_JINJA, filter_xmlattr,
      "A map as attributes of a tag.",
      "<li{{ {'id': 'x', 'class': 'a b'} | xmlattr }}> -> <li id=\"x\" class=\"a b\">" },
    { "urlize", NULL,
      "trim_url_limit=none, nofollow:bool=false, target:str=none, rel:str=none, "
      "extra_schemes=none",
      CALL_JINJA, filter_urlize, "URLs in the text as links.",
      "{{ 'see https://example.org' | urlize }} -> see <a href=\"https://example.org\" "
      "rel=\"noopener\">https://example.org</a>" },
    { "urlencode", NULL, "", CALL_JINJA, filter_urlencode,
      "The text, or a map as a query, for a URL.",
      "{{ 'a b/c?' | urlencode }} -> a%20b/c%3F\n"
      "{{ {'q': 'x y', 'n': 1} | urlencode }} -> q=x+y&n=1" },
    { "tojson", NULL, "indent=none", CALL_JINJA, filter_tojson, "JSON that is safe in HTML.",
      "{{ ['<b>', true] | tojson | string }} -> [\"\\u003cb\\u003e\", true]" },
    { 0 },
};
