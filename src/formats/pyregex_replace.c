/* pyregex_replace.c - what stands in the place of a match: Python's replacement texts, re.sub. */
#include <string.h>

#include "base/strbuf.h"
#include "formats/pyregex.h"

struct reader {
    const struct pyregex *regex;
    struct arena *arena;
    struct diags *diags;
    span at;
    str text;
    size_t i; /* behind the backslash, while an escape is read */
    struct pyregex_replacement *out;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The byte `ahead` of the place; NUL behind the end. */
static char peek(const struct reader *r, size_t ahead)
{
    return r->i + ahead < r->text.len ? r->text.ptr[r->i + ahead] : '\0';
}

static void add_text(struct reader *r, str text)
{
    if (text.len > 0) {
        *VEC_PUSH(r->arena, r->out) = (struct pyregex_piece){ STR_NPOS, text };
    }
}

static bool add_group(struct reader *r, size_t group)
{
    if (group > pyregex_groups(r->regex)) {
        diag_error(r->diags, r->at, "the replacement names group %zu, the expression has %zu",
                   group, pyregex_groups(r->regex));
        return false;
    }
    *VEC_PUSH(r->arena, r->out) = (struct pyregex_piece){ group, STR_NONE };
    return true;
}

/* \g<name>, \g<1> */
static bool read_named(struct reader *r)
{
    size_t end = str_find_char(r->text, '>', r->i);
    int64_t number;
    if (peek(r, 1) != '<' || end == STR_NPOS) {
        diag_error(r->diags, r->at, "'\\g' in a replacement needs a group: \\g<1>");
        return false;
    }
    str name = str_part(r->text, r->i + 2, end);
    r->i = end + 1;
    if (str_to_int64(name, &number) && number >= 0) {
        return add_group(r, (size_t)number);
    }
    size_t index = pyregex_group_index(r->regex, name);
    if (index == 0) {
        diag_error(r->diags, r->at,
                   "the replacement names group '%.*s', which the expression does not have",
                   SARG(name));
        return false;
    }
    return add_group(r, index);
}

/* \N and \NN are groups; \0, \0o, \0oo and three octal digits are a character. */
static bool read_number(struct reader *r)
{
    bool octal =
        peek(r, 0) == '0' || (is_octal(peek(r, 0)) && is_octal(peek(r, 1)) && is_octal(peek(r, 2)));
    size_t digits = 1, most = octal ? 3 : 2;
    while (digits < most && (octal ? is_octal(peek(r, digits)) : is_digit(peek(r, digits)))) {
        digits++;
    }
    str text = str_part(r->text, r->i, r->i + digits);
    uint64_t number = 0;
    r->i += digits;
    (void)!str_to_base(text, octal ? 8 : 10, &number);
    if (!octal) {
        return add_group(r, number);
    }
    if (number > 0377) {
        diag_error(r->diags, r->at, "'\\%.*s' in the replacement is above \\377", SARG(text));
        return false;
    }
    struct strbuf character = strbuf_in(r->arena);
    strbuf_add_utf8(&character, (uint32_t)number);
    add_text(r, strbuf_str(&character));
    return true;
}

static bool read_escape(struct reader *r)
{
    static const char letters[] = "abfnrtv\\", meanings[] = "\a\b\f\n\r\t\v\\";
    char c = peek(r, 0);
    if (r->i == r->text.len) {
        diag_error(r->diags, r->at, "the replacement ends with a backslash");
        return false;
    }
    if (c == 'g') {
        return read_named(r);
    }
    if (is_digit(c)) {
        return read_number(r);
    }
    const char *letter = c == '\0' ? NULL : strchr(letters, c);
    if (letter == NULL && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
        diag_error(r->diags, r->at, "the replacement has an unknown escape '\\%c'", c);
        return false;
    }
    add_text(r, letter != NULL ? (str){ &meanings[letter - letters], 1 }
                               : str_part(r->text, r->i - 1, r->i + 1));
    r->i++;
    return true;
}

bool pyregex_parse_replacement(const struct pyregex *regex, struct arena *arena,
                               struct diags *diags, span at, str text,
                               struct pyregex_replacement *ret)
{
    *ret = (struct pyregex_replacement){ 0 };
    struct reader r = { regex, arena, diags, at, text, 0, ret };
    while (r.i < text.len) {
        size_t backslash = str_find_char(text, '\\', r.i);
        add_text(&r, str_part(text, r.i, backslash == STR_NPOS ? text.len : backslash));
        r.i = backslash == STR_NPOS ? text.len : backslash + 1;
        if (backslash != STR_NPOS && !read_escape(&r)) {
            return false;
        }
    }
    return true;
}

static void fill_in(const struct pyregex_replacement *pieces, str subject,
                    const struct pyregex_match *match, struct strbuf *out)
{
    for (size_t i = 0; i < pieces->len; i++) {
        const struct pyregex_piece *piece = &pieces->items[i];
        if (piece->group == STR_NPOS) {
            strbuf_add(out, piece->text);
        } else if (match->groups[piece->group].from != STR_NPOS) {
            const struct pyregex_group *group = &match->groups[piece->group];
            strbuf_add(out, str_part(subject, group->from, group->to));
        }
    }
}

bool pyregex_expand(const struct pyregex *regex, struct diags *diags, span at, str replacement,
                    str subject, const struct pyregex_match *match, struct strbuf *out)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("replacement");
    struct pyregex_replacement pieces;
    if (!pyregex_parse_replacement(regex, scratch, diags, at, replacement, &pieces)) {
        return false;
    }
    fill_in(&pieces, subject, match, out);
    return true;
}

bool pyregex_sub(const struct pyregex *regex, struct arena *arena, struct diags *diags, span at,
                 str replacement, str subject, size_t count, str *ret, size_t *ret_replaced)
{
    struct strbuf out = strbuf_in(arena);
    struct pyregex_walk walk = { 0 };
    struct pyregex_replacement pieces;
    size_t copied = 0, done = 0;
    if (!pyregex_parse_replacement(regex, arena, diags, at, replacement, &pieces)) {
        return false;
    }
    while (count == 0 || done < count) {
        struct pyregex_match match;
        bool found;
        if (!pyregex_next(regex, arena, diags, subject, &walk, &found, &match)) {
            return false;
        }
        if (!found) {
            break;
        }
        strbuf_add(&out, str_part(subject, copied, match.groups[0].from));
        fill_in(&pieces, subject, &match, &out);
        copied = match.groups[0].to;
        done++;
    }
    strbuf_add(&out, str_part(subject, copied, subject.len));
    *ret = strbuf_str(&out);
    *ret_replaced = done;
    return true;
}
