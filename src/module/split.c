/*
 * split.c - arguments in one line: "src=a dest='b c' creates=/x rest". Words end at spaces and line
 * ends, but not within quotes or {{ }}, {% %}, {# #}. Source: ansible-core 2.14, observed.
 */
#include "module/param.h"

#include "base/bug.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "formats/yaml.h"

/* ---- words ---- */

struct word {
    size_t from, to;
};
typedef VEC(struct word) word_list;

struct scan {
    str text;
    struct arena *arena;
    word_list words;
    char quote;        /* the quote that is open at the end of the last token, or NUL */
    unsigned depth[3]; /* of {{, {% and {# */
};

static size_t count_of(str token, str what)
{
    size_t count = 0;
    for (size_t at = str_find(token, what, 0); at != STR_NPOS; at = str_find(token, what, at + 2)) {
        count++;
    }
    return count;
}

static void follow_quotes(struct scan *scan, str token)
{
    for (size_t i = 0; i < token.len; i++) {
        char c = token.ptr[i];
        if ((c == '"' || c == '\'') && !(i > 0 && token.ptr[i - 1] == '\\')) {
            scan->quote = scan->quote == '\0' ? c : scan->quote == c ? '\0' : scan->quote;
        }
    }
}

static void follow_blocks(struct scan *scan, str token)
{
    const str opens[] = { S("{{"), S("{%"), S("{#") };
    const str closes[] = { S("}}"), S("%}"), S("#}") };
    for (size_t i = 0; i < ARRAY_LEN(opens); i++) {
        size_t depth = scan->depth[i] + count_of(token, opens[i]),
               closed = count_of(token, closes[i]);
        scan->depth[i] = (unsigned)(closed > depth ? 0 : depth - closed);
    }
}

static bool in_block(const struct scan *scan)
{
    return scan->depth[0] || scan->depth[1] || scan->depth[2];
}

/* A piece of text between two separators: a word of its own, or more of the last one. */
static void take_token(struct scan *scan, size_t from, size_t to)
{
    str token = str_part(scan->text, from, to);
    bool was_quoted = scan->quote != '\0';
    bool continues = in_block(scan) || was_quoted;
    if (token.len == 0 || (str_eq(token, S("\\")) && !was_quoted)) {
        return;
    }
    follow_quotes(scan, token);
    follow_blocks(scan, token);
    if (continues && scan->words.len > 0) {
        scan->words.items[scan->words.len - 1].to = to;
    } else {
        *VEC_PUSH(scan->arena, &scan->words) = (struct word){ from, to };
    }
}

static bool split_words(struct scan *scan)
{
    size_t from = 0;
    for (size_t i = 0; i <= scan->text.len; i++) {
        if (i == scan->text.len || scan->text.ptr[i] == ' ' || scan->text.ptr[i] == '\n') {
            take_token(scan, from, i);
            from = i + 1;
        }
    }
    return scan->quote == '\0' && !in_block(scan);
}

/* ---- escapes and quotes ---- */

static bool hex_escape(str s, size_t digits, uint32_t *ret)
{
    uint64_t code;
    if (s.len < digits || !str_to_base(str_part(s, 0, digits), 16, &code)) {
        return false;
    }
    *ret = (uint32_t)code;
    return true;
}

/* What follows a backslash, as in a Python string; 0: it is no escape and stays as it is. */
static size_t decode_escape(str s, uint32_t *ret)
{
    static const struct {
        char letter;
        char meaning;
    } letters[] = { { 'n', '\n' }, { 't', '\t' }, { 'r', '\r' }, { '\\', '\\' }, { '\'', '\'' },
                    { '"', '"' },  { 'a', '\a' }, { 'b', '\b' }, { 'f', '\f' },  { 'v', '\v' } };
    static const struct {
        char letter;
        size_t digits;
    } codes[] = { { 'x', 2 }, { 'u', 4 }, { 'U', 8 } };
    for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
        if (s.ptr[0] == letters[i].letter) {
            *ret = (unsigned char)letters[i].meaning;
            return 1;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        char utf8[4];
        if (s.ptr[0] == codes[i].letter &&
            hex_escape(str_part(s, 1, s.len), codes[i].digits, ret) &&
            (*ret == 0 || utf8_encode(*ret, utf8) > 0)) {
            return 1 + codes[i].digits;
        }
    }
    return 0;
}

static str decode_escapes(struct arena *arena, str s)
{
    if (str_find_char(s, '\\', 0) == STR_NPOS) {
        return s;
    }
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < s.len;) {
        uint32_t code;
        size_t used =
            s.ptr[i] == '\\' && i + 1 < s.len ? decode_escape(str_part(s, i + 1, s.len), &code) : 0;
        if (used > 0) {
            strbuf_add_utf8(&out, code);
            i += 1 + used;
        } else {
            strbuf_add_char(&out, s.ptr[i++]);
        }
    }
    return strbuf_str(&out);
}

static str unquote(str s)
{
    if (s.len > 1 && (s.ptr[0] == '"' || s.ptr[0] == '\'') && s.ptr[s.len - 1] == s.ptr[0] &&
        s.ptr[s.len - 2] != '\\') {
        return str_part(s, 1, s.len - 1);
    }
    return s;
}

/* The '=' that ends a name: not the first byte, not behind a backslash. */
static size_t find_equals(str s)
{
    size_t at = str_find_char(s, '=', 1);
    while (at != STR_NPOS && s.ptr[at - 1] == '\\') {
        at = str_find_char(s, '=', at + 1);
    }
    return at;
}

/* ---- the whole ---- */

/* The only names that are taken out of a command's text. */
static bool is_command_option(str name)
{
    static const char *const names[] = {
        "creates", "removes",           "chdir", "executable",
        "stdin",   "stdin_add_newline", "warn",  "strip_empty_ends"
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(name, str_of(names[i]))) {
            return true;
        }
    }
    return false;
}

struct split {
    struct scan scan;
    struct diags *diags;
    value text;
    bool free_form;
    struct map_builder map;
    struct strbuf free;
    size_t free_from, free_to; /* SIZE_MAX: none yet */
};

static value made(struct split *split, str s, size_t from, size_t to)
{
    span at = yaml_scalar_span(split->diags->sources, split->text, from, to);
    value v = value_at(value_str(split->scan.arena, s), at);
    return value_is_trusted(split->text) ? value_trusted(v) : v;
}

static bool take_pair(struct split *split, struct word word)
{
    str raw = str_part(split->scan.text, word.from, word.to);
    str decoded = decode_escapes(split->scan.arena, raw);
    size_t equals = find_equals(decoded);
    if (equals == STR_NPOS) {
        return false;
    }
    str name = str_trim(str_part(decoded, 0, equals));
    if (split->free_form && !is_command_option(name)) {
        return false;
    }
    str val = unquote(str_trim(str_part(decoded, equals + 1, decoded.len)));
    size_t name_end = word.from + find_equals(raw);
    value key = made(split, str_copy(split->scan.arena, name), word.from, name_end);
    map_set(&split->map, key, made(split, str_copy(split->scan.arena, val), name_end + 1, word.to));
    return true;
}

/* The white space behind a word that belongs to the text: all but one space before the next word.
 * A single space that begins a line is lost, as in Ansible. */
static void add_tail(struct split *split, size_t i)
{
    const struct scan *scan = &split->scan;
    bool last = i + 1 == scan->words.len;
    str tail = str_part(scan->text, scan->words.items[i].to,
                        last ? scan->text.len : scan->words.items[i + 1].from);
    bool continued = str_find(tail, S("\\\n"), 0) != STR_NPOS;
    if (continued || (!last && str_ends(tail, S(" ")))) {
        tail = str_part(tail, 0, continued ? 0 : tail.len - 1);
    }
    strbuf_add(&split->free, tail);
}

static void take_free(struct split *split, size_t i)
{
    struct word word = split->scan.words.items[i];
    struct strbuf *free = &split->free;
    str raw = str_part(split->scan.text, word.from, word.to);
    if (free->len > 0 && free->ptr[free->len - 1] != '\n') {
        strbuf_add_char(free, ' ');
    }
    /* an escaped '=' only hides from being a pair */
    bool pair = find_equals(raw) != STR_NPOS;
    strbuf_add(free, pair ? raw : str_replace(split->scan.arena, raw, S("\\="), S("=")));
    add_tail(split, i);
    split->free_from = split->free_from == SIZE_MAX ? word.from : split->free_from;
    split->free_to = word.to;
}

bool params_split(struct arena *arena, struct diags *diags, value text, bool free_form,
                  value *ret_map, value *ret_free)
{
    struct split split = { .scan = { .text = value_as_str(text), .arena = arena },
                           .diags = diags,
                           .text = text,
                           .free_form = free_form,
                           .map = map_in(arena),
                           .free = strbuf_in(arena),
                           .free_from = SIZE_MAX };
    if (!split_words(&split.scan)) {
        struct diag *diag = diag_error(diags, text.at, "a quote or a {{ }} block is not closed");
        diag_hint(diag, "write the arguments as a map, or the text as a block (|)");
        return false;
    }
    for (size_t i = 0; i < split.scan.words.len; i++) {
        if (!take_pair(&split, split.scan.words.items[i])) {
            take_free(&split, i);
        }
    }
    *ret_map = map_seal(&split.map);
    if (split.free_from != SIZE_MAX) {
        *ret_free = made(&split, strbuf_str(&split.free), split.free_from, split.free_to);
    }
    return true;
}
