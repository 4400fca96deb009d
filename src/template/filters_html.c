/* filters_html.c - filters of HTML and of URLs. */
#include <string.h>

#include "base/utf8.h"
#include "formats/json.h"
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
    for (size_t at = 0; at < s.len;) {
        bool comment = str_starts(str_part(s, at, s.len), S("<!--"));
        size_t end = comment            ? str_find(s, S("-->"), at)
                     : s.ptr[at] == '<' ? str_find_char(s, '>', at)
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

struct urlize {
    struct call *call;
    struct strbuf out;
    str attributes; /* rel and target */
    int64_t limit;  /* of the shown text; negative: none */
};

static void add_link(struct urlize *u, str attributes, str prefix, str target, str shown)
{
    value escaped = escape_html(u->call->arena, value_str(u->call->arena, target));
    strbuf_addf(&u->out, "<a href=\"%.*s%.*s\"%.*s>", SARG(prefix), SARG(value_as_str(escaped)),
                SARG(attributes));
    size_t cut = u->limit >= 0 ? utf8_offset(shown, (size_t)u->limit) : shown.len;
    value text = escape_html(u->call->arena, value_str(u->call->arena, str_part(shown, 0, cut)));
    strbuf_addf(&u->out, "%.*s%s</a>", SARG(value_as_str(text)), cut < shown.len ? "..." : "");
}

static bool looks_like_host(str word)
{
    static const str ends[] = { S_INIT(".com"), S_INIT(".net"), S_INIT(".org"), S_INIT(".info"),
                                S_INIT(".edu"), S_INIT(".gov"), S_INIT(".int"), S_INIT(".mil") };
    size_t slash = str_find_char(word, '/', 0);
    str host = str_part(word, 0, slash == STR_NPOS ? word.len : slash);
    if (str_starts(host, S("www.")) && host.len > 4) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        if (str_ends(host, ends[i]) && host.len > ends[i].len) {
            return true;
        }
    }
    return false;
}

static bool looks_like_mail(str word)
{
    size_t at = str_find_char(word, '@', 0);
    return at != STR_NPOS && at > 0 && str_find_char(word, '.', at) != STR_NPOS &&
           str_find_char(word, '/', 0) == STR_NPOS;
}

static void urlize_word(struct urlize *u, str word)
{
    size_t from = 0, to = word.len;
    while (from < to && strchr("(<\"'", word.ptr[from]) != NULL) {
        from++;
    }
    while (to > from && strchr(")>.,\n\"'", word.ptr[to - 1]) != NULL) {
        to--;
    }
    str middle = str_part(word, from, to);
    struct arena *arena = u->call->arena;
    value head = escape_html(arena, value_str(arena, str_part(word, 0, from)));
    value tail = escape_html(arena, value_str(arena, str_part(word, to, word.len)));
    strbuf_add(&u->out, value_as_str(head));
    if (str_starts(middle, S("http://")) || str_starts(middle, S("https://"))) {
        add_link(u, u->attributes, STR_EMPTY, middle, middle);
    } else if (str_starts(middle, S("mailto:")) &&
               looks_like_mail(str_part(middle, 7, middle.len))) {
        add_link(u, STR_EMPTY, STR_EMPTY, middle, str_part(middle, 7, middle.len));
    } else if (looks_like_mail(middle)) {
        add_link(u, STR_EMPTY, S("mailto:"), middle, middle);
    } else if (looks_like_host(middle)) {
        add_link(u, u->attributes, S("https://"), middle, middle);
    } else {
        strbuf_add(&u->out, value_as_str(escape_html(arena, value_str(arena, middle))));
    }
    strbuf_add(&u->out, value_as_str(tail));
}

static str urlize_attributes(struct call *call)
{
    str rel = call_none(call, 3) ? STR_EMPTY : call_str(call, 3);
    bool nofollow = call_bool(call, 1);
    struct strbuf out = strbuf_in(call->arena);
    if (!nofollow && rel.len == 0) {
        strbuf_add(&out, S(" rel=\"noopener\""));
    } else if (nofollow) {
        strbuf_add(&out, S(" rel=\"nofollow noopener\""));
    } else {
        strbuf_addf(&out, " rel=\"%.*s noopener\"", SARG(rel));
    }
    if (!call_none(call, 2)) {
        strbuf_addf(&out, " target=\"%.*s\"", SARG(call_str(call, 2)));
    }
    return strbuf_str(&out);
}

static bool filter_urlize(struct call *call, value *ret)
{
    value text;
    struct urlize u = { .call = call, .out = strbuf_in(call->arena), .limit = -1 };
    if (!call_text(call, call->input, &text) ||
        (!call_none(call, 0) &&
         !call_need_int(call, call->args[0], "'trim_url_limit'", &u.limit))) {
        return false;
    }
    u.attributes = urlize_attributes(call);
    str s = value_as_str(text);
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        bool space = strchr(" \t\r\n\f\v", s.ptr[at]) != NULL;
        while (at < s.len && (strchr(" \t\r\n\f\v", s.ptr[at]) != NULL) == space) {
            at++;
        }
        if (space) {
            strbuf_add(&u.out, str_part(s, from, at));
        } else {
            urlize_word(&u, str_part(s, from, at));
        }
    }
    *ret = value_str(call->arena, strbuf_str(&u.out));
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
    { "escape", "e", "", CALL_JINJA, filter_escape, "With < > & and quotes as entities." },
    { "forceescape", NULL, "", CALL_JINJA, filter_forceescape, "As escape, of marked text too." },
    { "safe", NULL, "", CALL_JINJA, filter_safe, "Marked as HTML that needs no escaping." },
    { "striptags", NULL, "", CALL_JINJA, filter_striptags, "Without tags of HTML." },
    { "xmlattr", NULL, "autospace:bool=true", CALL_JINJA, filter_xmlattr,
      "A map as attributes of a tag." },
    { "urlize", NULL,
      "trim_url_limit=none, nofollow:bool=false, target:str=none, rel:str=none, "
      "extra_schemes=none",
      CALL_JINJA, filter_urlize, "URLs in the text as links." },
    { "urlencode", NULL, "", CALL_JINJA, filter_urlencode,
      "The text, or a map as a query, for a URL." },
    { "tojson", NULL, "indent=none", CALL_JINJA, filter_tojson, "JSON that is safe in HTML." },
    { 0 },
};
