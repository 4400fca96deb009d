/* lex.c - tokens of a template; see lex.h. */
#include "template/lex.h"

#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"

#define MAX_OPEN 256 /* brackets within brackets */

/* What begins at a place of the text between tags. */
enum tag { TAG_NONE, TAG_RAW, TAG_BLOCK, TAG_VARIABLE, TAG_COMMENT, TAG_LINE, TAG_LINE_COMMENT };

struct tag_start {
    enum tag tag;
    str start;
};

struct bracket {
    char close;
    uint32_t at;
};

struct lexer {
    struct arena *arena;
    str text;
    const struct lex_options *options;
    struct tag_start starts[5]; /* the longest first */
    size_t start_count;
    bool first_byte[256]; /* whether a tag may start with it */
    size_t pos;
    enum tag tag;       /* that we are in */
    bool line_starting; /* the last thing read ended in a line break */
    struct bracket open[MAX_OPEN];
    size_t open_count;
    struct tokens *out;
    struct syntax_error *error;
};

static bool fail_at(struct lexer *lx, size_t from, size_t to, str message)
{
    lx->error->message = message;
    lx->error->from = (uint32_t)from;
    lx->error->to = (uint32_t)to;
    return false;
}

static struct token *add_token(struct lexer *lx, enum token_kind kind, size_t from, size_t to)
{
    struct token *token = VEC_PUSH(lx->arena, lx->out);
    *token = (struct token){ kind, (uint32_t)from, (uint32_t)to, str_part(lx->text, from, to) };
    return token;
}

static bool at_str(const struct lexer *lx, size_t pos, str what)
{
    return lx->text.len - pos >= what.len && memcmp(lx->text.ptr + pos, what.ptr, what.len) == 0;
}

static bool is_space_byte(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

static size_t skip_space(const struct lexer *lx, size_t pos)
{
    while (pos < lx->text.len) {
        if (is_space_byte(lx->text.ptr[pos])) {
            pos++;
        } else if ((unsigned char)lx->text.ptr[pos] >= 0x80) {
            size_t next = pos;
            if (!utf8_is_space(utf8_next(lx->text, &next))) {
                break;
            }
            pos = next;
        } else {
            break;
        }
    }
    return pos;
}

/* ---- text between tags ---- */

static void add_start(struct lexer *lx, enum tag tag, str start)
{
    if (str_is_none(start) || start.len == 0) {
        return;
    }
    size_t i = lx->start_count++;
    while (i > 0 && lx->starts[i - 1].start.len < start.len) {
        lx->starts[i] = lx->starts[i - 1];
        i--;
    }
    lx->starts[i] = (struct tag_start){ tag, start };
    lx->first_byte[(unsigned char)start.ptr[0]] = true;
}

static void collect_starts(struct lexer *lx)
{
    const struct lex_options *o = lx->options;
    add_start(lx, TAG_COMMENT, o->comment_start);
    add_start(lx, TAG_BLOCK, o->block_start);
    add_start(lx, TAG_VARIABLE, o->variable_start);
    add_start(lx, TAG_LINE, o->line_statement);
    add_start(lx, TAG_LINE_COMMENT, o->line_comment);
    if (!str_is_none(o->line_statement) || !str_is_none(o->line_comment)) {
        lx->first_byte[' '] = lx->first_byte['\t'] = lx->first_byte['\v'] = true;
    }
}

/* A sign behind the beginning or before the end of a tag. */
static char sign_at(const struct lexer *lx, size_t pos)
{
    char c = pos < lx->text.len ? lx->text.ptr[pos] : 0;
    return c == '-' || c == '+' ? c : 0;
}

struct tag_match {
    enum tag tag;
    size_t from, to; /* the beginning of the tag, with its sign */
    char sign;
};

/* {% raw %}: the whole tag belongs to the beginning. */
static bool match_raw(const struct lexer *lx, size_t pos, struct tag_match *ret)
{
    const struct lex_options *o = lx->options;
    if (!at_str(lx, pos, o->block_start)) {
        return false;
    }
    size_t at = pos + o->block_start.len;
    char sign = sign_at(lx, at);
    at = skip_space(lx, at + (sign != 0));
    if (!at_str(lx, at, S("raw"))) {
        return false;
    }
    at = skip_space(lx, at + 3);
    if (at < lx->text.len && lx->text.ptr[at] == '-' && at_str(lx, at + 1, o->block_end)) {
        at = skip_space(lx, at + 1 + o->block_end.len);
    } else if (at_str(lx, at, o->block_end)) {
        at += o->block_end.len;
    } else {
        return false;
    }
    *ret = (struct tag_match){ TAG_RAW, pos, at, sign };
    return true;
}

static bool match_start(const struct lexer *lx, size_t pos, struct tag_start start,
                        struct tag_match *ret)
{
    size_t at = pos;
    if (start.tag == TAG_LINE || start.tag == TAG_LINE_COMMENT) {
        bool line_start = pos == 0 || lx->text.ptr[pos - 1] == '\n';
        if (!line_start && (start.tag == TAG_LINE || is_space_byte(lx->text.ptr[pos - 1]))) {
            return false;
        }
        while (at < lx->text.len && strchr(" \t\v", lx->text.ptr[at]) != NULL &&
               lx->text.ptr[at] != 0) {
            at++;
        }
    }
    if (!at_str(lx, at, start.start)) {
        return false;
    }
    at += start.start.len;
    char sign = sign_at(lx, at);
    *ret = (struct tag_match){ start.tag, pos, at + (sign != 0), sign };
    return true;
}

static bool match_tag(const struct lexer *lx, size_t pos, struct tag_match *ret)
{
    if (match_raw(lx, pos, ret)) {
        return true;
    }
    for (size_t i = 0; i < lx->start_count; i++) {
        if (match_start(lx, pos, lx->starts[i], ret)) {
            return true;
        }
    }
    return false;
}

static bool find_tag(const struct lexer *lx, struct tag_match *ret)
{
    for (size_t pos = lx->pos; pos < lx->text.len; pos++) {
        if (lx->first_byte[(unsigned char)lx->text.ptr[pos]] && match_tag(lx, pos, ret)) {
            return true;
        }
    }
    return false;
}

/* Line breaks as the options want them. */
static str with_newlines(struct lexer *lx, str text)
{
    return str_eq(lx->options->newline, S("\n"))
               ? text
               : str_replace(lx->arena, text, S("\n"), lx->options->newline);
}

static void add_text(struct lexer *lx, size_t from, size_t to)
{
    if (from < to) {
        struct token *token = add_token(lx, TOKEN_TEXT, from, to);
        token->text = with_newlines(lx, token->text);
    }
}

static size_t trim_end(const struct lexer *lx, size_t from, size_t to)
{
    str part = str_part(lx->text, from, to);
    size_t keep = to;
    for (size_t at = 0; at < part.len;) { /* forward: a multi-byte space cannot be found backward */
        size_t next = at;
        uint32_t c = utf8_next(part, &next);
        if (c == UTF8_BAD || !(utf8_is_space(c) || (c < 0x80 && is_space_byte((char)c)))) {
            keep = from + next;
        } else if (at == 0) {
            keep = from;
        }
        at = next;
    }
    return keep;
}

/* Where the text before a tag ends, after "-" or lstrip_blocks has taken its share. */
static size_t text_end(const struct lexer *lx, size_t from, size_t to, char sign, bool variable)
{
    if (sign == '-') {
        return trim_end(lx, from, to);
    }
    if (sign == '+' || !lx->options->lstrip_blocks || variable) {
        return to;
    }
    size_t line = to;
    while (line > from && lx->text.ptr[line - 1] != '\n') {
        line--;
    }
    bool own_line = line > from || lx->line_starting;
    return own_line && line < to && skip_space(lx, line) >= to ? line : to;
}

/* ---- ends of tags ---- */

/* `end`, with its sign and what the sign or trim_blocks takes behind it; 0 when it is not here. */
static size_t match_end(const struct lexer *lx, size_t pos, str end, bool block)
{
    if (block && pos < lx->text.len && lx->text.ptr[pos] == '+' && at_str(lx, pos + 1, end)) {
        return pos + 1 + end.len;
    }
    if (pos < lx->text.len && lx->text.ptr[pos] == '-' && at_str(lx, pos + 1, end)) {
        return skip_space(lx, pos + 1 + end.len);
    }
    if (!at_str(lx, pos, end)) {
        return 0;
    }
    pos += end.len;
    bool trim = block && lx->options->trim_blocks && pos < lx->text.len;
    return trim && lx->text.ptr[pos] == '\n' ? pos + 1 : pos;
}

static bool skip_comment(struct lexer *lx, struct tag_match start)
{
    for (size_t pos = start.to; pos < lx->text.len; pos++) {
        size_t end = match_end(lx, pos, lx->options->comment_end, true);
        if (end != 0) {
            lx->pos = end;
            return true;
        }
    }
    lx->pos = lx->text.len;
    return start.to == lx->text.len ||
           fail_at(lx, start.from, start.to, S("comment is never closed"));
}

/* The end of a raw block: the whole {% endraw %}. */
static bool match_endraw(const struct lexer *lx, size_t pos, struct tag_match *ret)
{
    if (!at_str(lx, pos, lx->options->block_start)) {
        return false;
    }
    size_t at = pos + lx->options->block_start.len;
    char sign = sign_at(lx, at);
    at = skip_space(lx, at + (sign != 0));
    if (!at_str(lx, at, S("endraw"))) {
        return false;
    }
    at = match_end(lx, skip_space(lx, at + 6), lx->options->block_end, true);
    *ret = (struct tag_match){ TAG_RAW, pos, at, sign };
    return at != 0;
}

static bool read_raw(struct lexer *lx, struct tag_match start)
{
    lx->line_starting = start.to > 0 && lx->text.ptr[start.to - 1] == '\n';
    for (size_t pos = start.to; pos < lx->text.len; pos++) {
        struct tag_match end;
        if (match_endraw(lx, pos, &end)) {
            add_text(lx, start.to, text_end(lx, start.to, pos, end.sign, false));
            lx->pos = end.to;
            return true;
        }
    }
    lx->pos = lx->text.len;
    return start.to == lx->text.len ||
           fail_at(lx, start.from, start.to, S("'raw' block is never closed"));
}

/* ---- inside of tags ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

/* Letters beyond ASCII: everything but the blocks of punctuation, symbols and pictures. */
static bool is_name_char(uint32_t c)
{
    if (c == UTF8_BAD || c < 0x80) {
        return false;
    }
    bool latin_sign = c < 0xC0 ? c != 0xAA && c != 0xB5 && c != 0xBA : c == 0xD7 || c == 0xF7;
    return !latin_sign && !(c >= 0x2000 && c <= 0x2BFF) && !(c >= 0x3000 && c <= 0x3004) &&
           !(c >= 0xE000 && c <= 0xF8FF) && !(c >= 0x1F000 && c <= 0x1FAFF);
}

static size_t name_end(const struct lexer *lx, size_t pos)
{
    while (pos < lx->text.len) {
        size_t next = pos;
        if (is_name_byte(lx->text.ptr[pos])) {
            pos++;
        } else if ((unsigned char)lx->text.ptr[pos] >= 0x80 &&
                   is_name_char(utf8_next(lx->text, &next))) {
            pos = next;
        } else {
            break;
        }
    }
    return pos;
}

/* Digits with single underscores between them; `extra` letters count as digits too. */
static size_t digits_end(const struct lexer *lx, size_t pos, unsigned base, bool leading_underscore)
{
    size_t start = pos;
    while (pos < lx->text.len) {
        size_t at = pos;
        if (lx->text.ptr[at] == '_' && (pos > start || leading_underscore)) {
            at++;
        }
        char c = at < lx->text.len ? lx->text.ptr[at] : 0;
        char low = (char)(c | 0x20);
        unsigned digit = is_digit(c)                ? (unsigned)(c - '0')
                         : low >= 'a' && low <= 'f' ? (unsigned)(low - 'a') + 10
                                                    : 99;
        if (digit >= base) {
            break;
        }
        pos = at + 1;
    }
    return pos;
}

static size_t float_end(const struct lexer *lx, size_t pos)
{
    if (pos > 0 && lx->text.ptr[pos - 1] == '.') {
        return 0;
    }
    size_t whole = digits_end(lx, pos, 10, false);
    size_t end = 0;
    size_t at = whole;
    if (at + 1 < lx->text.len && lx->text.ptr[at] == '.' && is_digit(lx->text.ptr[at + 1])) {
        at = end = digits_end(lx, at + 1, 10, false);
    }
    if (at < lx->text.len && (lx->text.ptr[at] | 0x20) == 'e') {
        size_t exponent = at + 1;
        if (exponent < lx->text.len &&
            (lx->text.ptr[exponent] == '+' || lx->text.ptr[exponent] == '-')) {
            exponent++;
        }
        if (exponent < lx->text.len && is_digit(lx->text.ptr[exponent])) {
            end = digits_end(lx, exponent, 10, false);
        }
    }
    return end;
}

static size_t integer_end(const struct lexer *lx, size_t pos)
{
    if (lx->text.ptr[pos] != '0') {
        return digits_end(lx, pos, 10, false);
    }
    char kind = pos + 1 < lx->text.len ? (char)(lx->text.ptr[pos + 1] | 0x20) : 0;
    unsigned base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 1;
    if (base > 1) {
        size_t end = digits_end(lx, pos + 2, base, true);
        return end > pos + 2 ? end : pos + 1;
    }
    return digits_end(lx, pos, 1, false);
}

/* Read `count` hexadecimal digits. */
static bool hex_digits(str s, size_t at, size_t count, uint32_t *ret)
{
    uint64_t number;
    if (at + count > s.len || !str_to_base(str_part(s, at, at + count), 16, &number)) {
        return false;
    }
    *ret = (uint32_t)number;
    return true;
}

/* One escape of a string literal, at the character behind the backslash; moves *at behind it. */
static bool read_escape(str s, size_t *at, struct strbuf *out)
{
    static const char letters[] = "abfnrtv\\'\"";
    static const char bytes[] = "\a\b\f\n\r\t\v\\'\"";
    char c = s.ptr[*at];
    const char *found = c != 0 ? strchr(letters, c) : NULL;
    size_t width = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    ++*at;
    if (found != NULL) {
        strbuf_add_char(out, bytes[found - letters]);
    } else if (c >= '0' && c <= '7') {
        uint32_t number = 0;
        --*at;
        for (int i = 0; i < 3 && *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '7'; i++) {
            number = number * 8 + (uint32_t)(s.ptr[(*at)++] - '0');
        }
        strbuf_add_utf8(out, number);
    } else if (width > 0) {
        uint32_t number;
        char ignored[4];
        if (!hex_digits(s, *at, width, &number) || utf8_encode(number, ignored) == 0) {
            return false;
        }
        *at += width;
        strbuf_add_utf8(out, number);
    } else if (c == 'N') {
        return false;
    } else if (c != '\n') {
        strbuf_add_char(out, '\\');
        strbuf_add_char(out, c);
    }
    return true;
}

static bool unescape(struct lexer *lx, str raw, size_t from, str *ret)
{
    if (memchr(raw.ptr, '\\', raw.len) == NULL) {
        *ret = with_newlines(lx, raw);
        return true;
    }
    struct strbuf out = strbuf_in(lx->arena);
    for (size_t at = 0; at < raw.len;) {
        if (raw.ptr[at] != '\\' || at + 1 == raw.len) {
            strbuf_add_char(&out, raw.ptr[at++]);
            continue;
        }
        size_t start = at++;
        if (!read_escape(raw, &at, &out)) {
            return fail_at(lx, from + start, from + start + 2,
                           S("escape sequence in the string is not valid"));
        }
    }
    *ret = with_newlines(lx, strbuf_str(&out));
    return true;
}

/* The closing quote, or the end of the text. */
static size_t string_end(const struct lexer *lx, bool verbatim)
{
    char quote = lx->text.ptr[lx->pos];
    size_t at = lx->pos + 1;
    while (at < lx->text.len && lx->text.ptr[at] != quote) {
        at += !verbatim && lx->text.ptr[at] == '\\' ? 2 : 1;
    }
    return at;
}

static bool read_string(struct lexer *lx, bool verbatim)
{
    /* Ansible doubles the backslashes of what is a string before that, too. */
    size_t at = string_end(lx, verbatim);
    if (at >= lx->text.len || string_end(lx, false) >= lx->text.len) {
        return fail_at(lx, lx->pos, lx->pos + 1, S("string is never closed"));
    }
    struct token *token = add_token(lx, TOKEN_STRING, lx->pos, at + 1);
    str raw = str_part(lx->text, lx->pos + 1, at);
    size_t from = lx->pos + 1;
    lx->pos = at + 1;
    if (verbatim) {
        token->text = with_newlines(lx, raw);
        return true;
    }
    str text;
    if (!unescape(lx, raw, from, &text)) {
        return false;
    }
    token->text = text;
    return true;
}

static enum token_kind operator_at(const struct lexer *lx, size_t pos, size_t *ret_len)
{
    static const struct {
        char text[3];
        enum token_kind kind;
    } table[] = {
        { "**", TOKEN_POW },     { "//", TOKEN_FLOORDIV }, { "==", TOKEN_EQ },
        { "!=", TOKEN_NE },      { ">=", TOKEN_GE },       { "<=", TOKEN_LE },
        { "+", TOKEN_ADD },      { "-", TOKEN_SUB },       { "*", TOKEN_MUL },
        { "/", TOKEN_DIV },      { "%", TOKEN_MOD },       { "~", TOKEN_TILDE },
        { "(", TOKEN_LPAREN },   { ")", TOKEN_RPAREN },    { "[", TOKEN_LBRACKET },
        { "]", TOKEN_RBRACKET }, { "{", TOKEN_LBRACE },    { "}", TOKEN_RBRACE },
        { ">", TOKEN_GT },       { "<", TOKEN_LT },        { "=", TOKEN_ASSIGN },
        { ".", TOKEN_DOT },      { ":", TOKEN_COLON },     { "|", TOKEN_PIPE },
        { ",", TOKEN_COMMA },    { ";", TOKEN_SEMICOLON },
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        str text = str_of(table[i].text);
        if (at_str(lx, pos, text)) {
            *ret_len = text.len;
            return table[i].kind;
        }
    }
    return TOKEN_EOF;
}

static str tag_start_text(const struct lexer *lx)
{
    return lx->tag == TAG_BLOCK ? lx->options->block_start : lx->options->variable_start;
}

static str tag_end_text(const struct lexer *lx)
{
    return lx->tag == TAG_BLOCK ? lx->options->block_end : lx->options->variable_end;
}

static bool close_bracket(struct lexer *lx, char c)
{
    str one = str_part(lx->text, lx->pos, lx->pos + 1);
    if (lx->open_count == 0) {
        if (c == '}' && (lx->tag == TAG_VARIABLE || lx->tag == TAG_BLOCK)) {
            lx->error->hint = str_format(lx->arena, "'%.*s' is closed with '%.*s'",
                                         SARG(tag_start_text(lx)), SARG(tag_end_text(lx)));
        }
        return fail_at(lx, lx->pos, lx->pos + 1,
                       str_format(lx->arena, "unexpected '%.*s'", SARG(one)));
    }
    struct bracket open = lx->open[--lx->open_count];
    if (open.close == c) {
        return true;
    }
    lx->error->note = S("the bracket that is open began here");
    lx->error->note_from = open.at;
    lx->error->note_to = open.at + 1;
    return fail_at(
        lx, lx->pos, lx->pos + 1,
        str_format(lx->arena, "unexpected '%.*s', expected '%c'", SARG(one), open.close));
}

static bool track_brackets(struct lexer *lx)
{
    char c = lx->text.ptr[lx->pos];
    char close = c == '(' ? ')' : c == '[' ? ']' : c == '{' ? '}' : 0;
    if (close != 0) {
        if (lx->open_count == MAX_OPEN) {
            return fail_at(lx, lx->pos, lx->pos + 1, S("brackets are nested too deeply"));
        }
        lx->open[lx->open_count++] = (struct bracket){ close, (uint32_t)lx->pos };
    } else if (c == ')' || c == ']' || c == '}') {
        return close_bracket(lx, c);
    }
    return true;
}

/* What is written so in other languages. */
static str other_language(str c)
{
    return str_eq(c, S("&"))   ? S("write 'and'")
           : str_eq(c, S("!")) ? S("write 'not'")
           : str_eq(c, S("?")) ? S("write 'this if condition else that'")
                               : STR_NONE;
}

static bool read_operator(struct lexer *lx)
{
    size_t len = 0;
    enum token_kind kind = operator_at(lx, lx->pos, &len);
    if (kind == TOKEN_EOF) {
        size_t next = lx->pos;
        utf8_next(lx->text, &next);
        str c = str_part(lx->text, lx->pos, next);
        lx->error->hint = other_language(c);
        return fail_at(lx, lx->pos, next,
                       str_format(lx->arena, "unexpected character '%.*s'", SARG(c)));
    }
    if (!track_brackets(lx)) {
        return false;
    }
    add_token(lx, kind, lx->pos, lx->pos + len);
    lx->pos += len;
    return true;
}

static bool read_inner(struct lexer *lx, bool verbatim)
{
    char c = lx->text.ptr[lx->pos];
    if (c == '"' || c == '\'') {
        return read_string(lx, verbatim);
    }
    if (is_digit(c)) {
        size_t end = float_end(lx, lx->pos);
        enum token_kind kind = end != 0 ? TOKEN_FLOAT : TOKEN_INTEGER;
        end = end != 0 ? end : integer_end(lx, lx->pos);
        add_token(lx, kind, lx->pos, end);
        lx->pos = end;
        return true;
    }
    size_t end = name_end(lx, lx->pos);
    if (end > lx->pos) {
        add_token(lx, TOKEN_NAME, lx->pos, end);
        lx->pos = end;
        return true;
    }
    return read_operator(lx);
}

/* The end of the tag we are in, or 0. A line statement ends with its line. */
static size_t tag_end(const struct lexer *lx, enum tag tag)
{
    if (lx->open_count > 0 || tag == TAG_NONE) {
        return 0;
    }
    if (tag != TAG_LINE) {
        bool block = tag == TAG_BLOCK;
        return match_end(lx, lx->pos, block ? lx->options->block_end : lx->options->variable_end,
                         block);
    }
    size_t at = skip_space(lx, lx->pos); /* blank lines behind it belong to it */
    if (at == lx->text.len) {
        return at;
    }
    while (at > lx->pos && lx->text.ptr[at - 1] != '\n') {
        at--;
    }
    return at > lx->pos ? at : 0;
}

static bool unclosed(struct lexer *lx, enum tag tag, size_t from)
{
    if (tag == TAG_NONE || tag == TAG_LINE) {
        if (lx->open_count == 0) {
            return true;
        }
    }
    if (lx->open_count > 0) {
        struct bracket open = lx->open[lx->open_count - 1];
        return fail_at(lx, open.at, open.at + 1,
                       str_format(lx->arena, "'%c' is never closed", lx->text.ptr[open.at]));
    }
    str start = tag_start_text(lx);
    lx->error->hint = str_format(lx->arena, "close it with '%.*s'", SARG(tag_end_text(lx)));
    return fail_at(lx, from, from + start.len,
                   str_format(lx->arena, "'%.*s' is never closed", SARG(start)));
}

/* Everything from behind the beginning of a tag to its end. TAG_NONE: to the end of the text. */
static bool read_tag(struct lexer *lx, enum tag tag, size_t from)
{
    bool verbatim = lx->options->double_backslashes && tag == TAG_VARIABLE;
    enum token_kind end_kind = tag == TAG_VARIABLE ? TOKEN_VARIABLE_END : TOKEN_BLOCK_END;
    lx->open_count = 0;
    lx->tag = tag;
    for (;;) {
        size_t end = tag_end(lx, tag);
        if (end != 0) {
            add_token(lx, end_kind, lx->pos, end);
            lx->pos = end;
            return true;
        }
        lx->pos = skip_space(lx, lx->pos);
        if (lx->pos >= lx->text.len) {
            break;
        }
        if (tag_end(lx, tag) == 0 && !read_inner(lx, verbatim)) {
            return false;
        }
    }
    if (!unclosed(lx, tag, from)) {
        return false;
    }
    if (tag == TAG_LINE) {
        add_token(lx, TOKEN_BLOCK_END, lx->pos, lx->pos);
    }
    return true;
}

static bool read_after(struct lexer *lx, struct tag_match start)
{
    switch (start.tag) {
    case TAG_RAW:
        return read_raw(lx, start);
    case TAG_COMMENT:
        return skip_comment(lx, start);
    case TAG_LINE_COMMENT:
        lx->pos = str_find_char(lx->text, '\n', start.to);
        lx->pos = lx->pos == STR_NPOS ? lx->text.len : lx->pos;
        return true;
    case TAG_VARIABLE:
        add_token(lx, TOKEN_VARIABLE_BEGIN, start.from, start.to);
        break;
    case TAG_BLOCK:
    case TAG_LINE:
        add_token(lx, TOKEN_BLOCK_BEGIN, start.from, start.to);
        break;
    case TAG_NONE:
        break;
    }
    lx->pos = start.to;
    return read_tag(lx, start.tag, start.from);
}

static bool read_template(struct lexer *lx)
{
    collect_starts(lx);
    lx->line_starting = true;
    struct tag_match start;
    while (find_tag(lx, &start)) {
        size_t end = text_end(lx, lx->pos, start.from, start.sign, start.tag == TAG_VARIABLE);
        add_text(lx, lx->pos, end);
        if (!read_after(lx, start)) {
            return false;
        }
        lx->line_starting = lx->pos > 0 && lx->text.ptr[lx->pos - 1] == '\n';
    }
    add_text(lx, lx->pos, lx->text.len);
    lx->pos = lx->text.len;
    return true;
}

bool lex_text(struct arena *arena, str text, const struct lex_options *options, struct tokens *ret,
              struct syntax_error *ret_error)
{
    struct lexer lx = { .arena = arena, .text = text, .options = options, .out = ret };
    lx.error = ret_error;
    if (!options->keep_trailing_newline && str_ends(text, S("\n"))) {
        lx.text.len--;
    }
    if (!(options->expression ? read_tag(&lx, TAG_NONE, 0) : read_template(&lx))) {
        return false;
    }
    add_token(&lx, TOKEN_EOF, lx.text.len, lx.text.len);
    return true;
}

const char *token_describe(enum token_kind kind)
{
    static const char *const names[] = {
        [TOKEN_EOF] = "the end of the template",
        [TOKEN_TEXT] = "text",
        [TOKEN_VARIABLE_BEGIN] = "the beginning of an expression",
        [TOKEN_VARIABLE_END] = "the end of the expression",
        [TOKEN_BLOCK_BEGIN] = "the beginning of a statement",
        [TOKEN_BLOCK_END] = "the end of the statement",
        [TOKEN_NAME] = "a name",
        [TOKEN_STRING] = "a string",
        [TOKEN_INTEGER] = "an integer",
        [TOKEN_FLOAT] = "a number",
        [TOKEN_ADD] = "'+'",
        [TOKEN_SUB] = "'-'",
        [TOKEN_MUL] = "'*'",
        [TOKEN_POW] = "'**'",
        [TOKEN_DIV] = "'/'",
        [TOKEN_FLOORDIV] = "'//'",
        [TOKEN_MOD] = "'%'",
        [TOKEN_TILDE] = "'~'",
        [TOKEN_LPAREN] = "'('",
        [TOKEN_RPAREN] = "')'",
        [TOKEN_LBRACKET] = "'['",
        [TOKEN_RBRACKET] = "']'",
        [TOKEN_LBRACE] = "'{'",
        [TOKEN_RBRACE] = "'}'",
        [TOKEN_EQ] = "'=='",
        [TOKEN_NE] = "'!='",
        [TOKEN_GT] = "'>'",
        [TOKEN_GE] = "'>='",
        [TOKEN_LT] = "'<'",
        [TOKEN_LE] = "'<='",
        [TOKEN_ASSIGN] = "'='",
        [TOKEN_DOT] = "'.'",
        [TOKEN_COLON] = "':'",
        [TOKEN_PIPE] = "'|'",
        [TOKEN_COMMA] = "','",
        [TOKEN_SEMICOLON] = "';'",
    };
    return names[kind];
}
