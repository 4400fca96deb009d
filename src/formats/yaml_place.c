/*
 * yaml_place.c - from a byte of a string back to the byte of the file: the scalar's source is read
 * once more beside the string's text, and each must explain the other. What libyaml did between
 * them is one of few things: characters copied, an escape, a line break folded into a space or
 * into fewer breaks, indentation left out.
 */

#include "base/utf8.h"
#include "formats/yaml_node.h"

struct walk {
    str text;                /* the source of the scalar */
    str result;              /* the string made of it */
    size_t in;               /* how far the source is explained */
    size_t out;              /* how far the string is */
    size_t from, to;         /* wanted: bytes of the string */
    size_t ret_from, ret_to; /* found: bytes of the source; STR_NPOS until then */
};

/* `out` bytes of the string come from `in` bytes of the source. */
static void step(struct walk *w, size_t in, size_t out)
{
    bool copied = in == out;

    if (w->ret_from == STR_NPOS && w->from < w->out + out) {
        w->ret_from = w->in + (copied ? w->from - w->out : 0);
    }
    if (w->ret_to == STR_NPOS && w->to <= w->out + out && w->to > w->out) {
        w->ret_to = w->in + (copied ? w->to - w->out : in);
    }
    w->in += in;
    w->out += out;
}

/* The same byte on both sides. */
static bool copy_byte(struct walk *w)
{
    if (w->in >= w->text.len || w->out >= w->result.len ||
        w->text.ptr[w->in] != w->result.ptr[w->out]) {
        return false;
    }
    step(w, 1, 1);
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

/* ---- plain and quoted scalars ---- */

/* Blanks that hold a line break: one break is a space, more are one less; `escaped`: the first one
 * had a backslash before it and gives nothing. False when there is no break in them. */
static bool fold(struct walk *w, bool escaped)
{
    size_t end = w->in, breaks = 0;

    while (end < w->text.len && (is_blank(w->text.ptr[end]) || is_break(w->text.ptr[end]))) {
        breaks +=
            w->text.ptr[end] == '\n' ||
            (w->text.ptr[end] == '\r' && (end + 1 >= w->text.len || w->text.ptr[end + 1] != '\n'));
        end++;
    }
    if (breaks == 0) {
        return false;
    }
    step(w, end - w->in, breaks == 1 ? !escaped : breaks - 1);
    return true;
}

/* The bytes an escape in double quotes makes; *ret_in: its own length. */
static size_t escape_size(str text, size_t at, size_t *ret_in)
{
    char utf8[4], c = at + 1 < text.len ? text.ptr[at + 1] : '\0';
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    uint64_t code, low;

    *ret_in = 2 + digits;
    if (digits == 0) {
        return c == 'N' || c == '_' ? 2 : c == 'L' || c == 'P' ? 3 : 1;
    }
    if (!str_to_base(str_part(text, at + 2, at + 2 + digits), 16, &code)) {
        return 0;
    }
    if ((code & ~0x3FFu) == 0xD800 && str_eq(str_part(text, at + 6, at + 8), S("\\u")) &&
        str_to_base(str_part(text, at + 8, at + 12), 16, &low)) {
        *ret_in = 12; /* JSON's pair of escapes */
        return 4;
    }
    return utf8_encode((uint32_t)code, utf8);
}

static bool walk_escape(struct walk *w)
{
    size_t in, out;

    if (w->in + 1 < w->text.len && is_break(w->text.ptr[w->in + 1])) {
        step(w, 1, 0);
        return fold(w, true);
    }
    out = escape_size(w->text, w->in, &in);
    step(w, in, out);
    return out > 0 && w->in <= w->text.len && w->out <= w->result.len;
}

static bool walk_flow(struct walk *w)
{
    char quote = w->text.ptr[0];
    bool quotes = quote == '\'' || quote == '"';

    if (quotes) {
        step(w, 1, 0);
    }
    while (w->out < w->result.len && w->in < w->text.len) {
        char c = w->text.ptr[w->in];
        if ((is_blank(c) || is_break(c)) && fold(w, false)) {
            continue;
        }
        if (quote == '"' && c == '\\') {
            if (!walk_escape(w)) {
                return false;
            }
        } else if (quote == '\'' && c == '\'') {
            step(w, 1, 0); /* the first of two */
            if (!copy_byte(w)) {
                return false;
            }
        } else if (!copy_byte(w)) {
            return false;
        }
    }
    return w->out == w->result.len;
}

/* ---- literal and folded blocks ---- */

static size_t count_spaces(str text, size_t at)
{
    size_t end = at;

    while (end < text.len && text.ptr[end] == ' ') {
        end++;
    }
    return end - at;
}

/* Spaces before each line that are not the text's: those before the first line with something in
 * it, less those the string begins that line with. False when there is no such line. */
static bool block_indent(const struct walk *w, size_t *ret)
{
    size_t in = w->in, out = 0;

    for (size_t spaces; in < w->text.len; in++) {
        spaces = count_spaces(w->text, in);
        if (in + spaces < w->text.len && !is_break(w->text.ptr[in + spaces])) {
            while (out < w->result.len && w->result.ptr[out] == '\n') {
                out++;
            }
            size_t own = count_spaces(w->result, out);
            *ret = spaces - own;
            return own <= spaces;
        }
        in = str_find_char(w->text, '\n', in);
        if (in == STR_NPOS) {
            break;
        }
    }
    return false;
}

/* From the end of a line to the text of the next one that has some. In the string that is one space
 * (folded), or newlines. */
static bool walk_block_break(struct walk *w, size_t indent)
{
    size_t in = w->in, out = w->out;

    while (in < w->text.len && is_break(w->text.ptr[in])) {
        in++;
        size_t spaces = count_spaces(w->text, in);
        in += spaces < indent ? spaces : indent;
    }
    if (out < w->result.len && w->result.ptr[out] == ' ' && in < w->text.len) {
        out++;
    }
    while (out < w->result.len && w->result.ptr[out] == '\n') {
        out++;
    }
    if (out == w->out && out < w->result.len) {
        return false;
    }
    step(w, in - w->in, out - w->out);
    return true;
}

static bool walk_block(struct walk *w)
{
    size_t indent, header = str_find_char(w->text, '\n', 0);

    if (header == STR_NPOS) {
        return false;
    }
    step(w, header + 1, 0);
    if (!block_indent(w, &indent)) {
        return false;
    }
    /* Breaks before the first line of text, then its indentation. */
    while (w->in < w->text.len && w->out < w->result.len) {
        size_t spaces = count_spaces(w->text, w->in);
        step(w, spaces < indent ? spaces : indent, 0);
        if (w->in >= w->text.len || !is_break(w->text.ptr[w->in])) {
            break;
        }
        step(w, w->text.ptr[w->in] == '\r' ? 2 : 1, 1);
    }
    while (w->out < w->result.len) {
        if (w->in < w->text.len && is_break(w->text.ptr[w->in])) {
            if (!walk_block_break(w, indent)) {
                return false;
            }
        } else if (!copy_byte(w)) {
            return false;
        }
    }
    return true;
}

bool yaml_scalar_bytes(str scalar, str result, size_t from, size_t to, size_t *ret_from,
                       size_t *ret_to)
{
    struct walk w = {
        .text = scalar,
        .result = result,
        .from = from,
        .to = to,
        .ret_from = STR_NPOS,
        .ret_to = STR_NPOS,
    };
    bool block = scalar.len > 0 && (scalar.ptr[0] == '|' || scalar.ptr[0] == '>');

    if (scalar.len == 0 || !(block ? walk_block : walk_flow)(&w) || w.ret_from == STR_NPOS ||
        w.ret_to == STR_NPOS) {
        return false;
    }
    *ret_from = w.ret_from;
    *ret_to = w.ret_to;
    return true;
}

span yaml_scalar_span(struct source_map *sources, value v, size_t from, size_t to)
{
    struct place place;

    if (!value_is(v, VALUE_STR) || v.at.len == 0 || !source_place(sources, v.at, &place)) {
        return v.at;
    }
    /* A point is the beginning of the character there; behind the last one, that one's end. */
    str result = value_as_str(v);
    bool point = to <= from, behind = point && from > 0 && from >= result.len;
    str scalar = str_part(place.source->text, place.offset, place.offset + v.at.len);
    if (point) {
        from = behind ? result.len - 1 : from;
        to = from + 1;
    }
    if (!yaml_scalar_bytes(scalar, result, from, to, &from, &to)) {
        return v.at;
    }
    if (point) {
        return (span){ v.at.pos + (uint32_t)(behind ? to : from), 0 };
    }
    return (span){ v.at.pos + (uint32_t)from, (uint32_t)(to - from) };
}
