/*
 * pyregex.c - Python's regular expressions on PCRE2: what is written otherwise is translated, what
 * means otherwise is set by options.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "formats/pyregex.h"

#include <pcre2.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"

#define STEPS_MAX 20000000 /* of the matcher */
#define DEPTH_MAX 100000

struct pyregex {
    pcre2_code *code;
    uint32_t groups;
    span at;
};

static void release(void *code)
{
    pcre2_code_free(code);
}

/* ---- syntax ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What stands at `i`, a backslash: \Z is \z, \uXXXX and \UXXXXXXXX are \x{...}; all else as it is.
 */
static size_t add_escape(struct strbuf *out, str pattern, size_t i)
{
    char c = i + 1 < pattern.len ? pattern.ptr[i + 1] : '\0';
    size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (c == 'Z') {
        strbuf_add(out, S("\\z"));
        return i + 2;
    }
    if (digits > 0 && i + 2 + digits <= pattern.len) {
        strbuf_addf(out, "\\x{%.*s}", SARG(str_part(pattern, i + 2, i + 2 + digits)));
        return i + 2 + digits;
    }
    strbuf_add(out, str_part(pattern, i, i + 2));
    return i + 2;
}

/* {,n} means {0,n} in Python. */
static bool is_open_range(str pattern, size_t i)
{
    if (i + 2 >= pattern.len || pattern.ptr[i] != '{' || pattern.ptr[i + 1] != ',') {
        return false;
    }
    size_t k = i + 2;
    while (k < pattern.len && is_digit(pattern.ptr[k])) {
        k++;
    }
    return k > i + 2 && k < pattern.len && pattern.ptr[k] == '}';
}

static str translate(struct arena *arena, str pattern)
{
    struct strbuf out = strbuf_in(arena);
    bool in_class = false;
    for (size_t i = 0; i < pattern.len;) {
        char c = pattern.ptr[i];
        if (c == '\\') {
            i = add_escape(&out, pattern, i);
            continue;
        }
        if (in_class && c == '[') {
            strbuf_add(&out, S("\\[")); /* PCRE2 would read [:name:] */
            i++;
            continue;
        }
        if (!in_class && is_open_range(pattern, i)) {
            strbuf_add(&out, S("{0,"));
            i += 2;
            continue;
        }
        if (!in_class && c == '[') {
            in_class = true;
            strbuf_add_char(&out, c);
            i++;
            if (i < pattern.len && pattern.ptr[i] == '^') {
                strbuf_add_char(&out, pattern.ptr[i++]);
            }
            if (i < pattern.len && pattern.ptr[i] == ']') {
                strbuf_add(&out, S("\\]"));
                i++;
            }
            continue;
        }
        in_class &= c != ']';
        strbuf_add_char(&out, c);
        i++;
    }
    return strbuf_str(&out);
}

struct pyregex *pyregex_compile(struct arena *arena, struct diags *diags, span at, str pattern,
                                unsigned flags)
{
    uint32_t options = PCRE2_UCP | PCRE2_DUPNAMES;
    int error;
    PCRE2_SIZE offset;
    str text = translate(arena, pattern);
    options |= utf8_valid(pattern, NULL) ? PCRE2_UTF | PCRE2_MATCH_INVALID_UTF : 0;
    options |= flags & PYREGEX_IGNORECASE ? PCRE2_CASELESS : 0;
    options |= flags & PYREGEX_MULTILINE ? PCRE2_MULTILINE : 0;
    options |= flags & PYREGEX_DOTALL ? PCRE2_DOTALL : 0;
    options |= flags & PYREGEX_VERBOSE ? PCRE2_EXTENDED : 0;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)text.ptr, text.len, options, &error, &offset, NULL);
    if (code == NULL) {
        PCRE2_UCHAR message[160] = "";
        pcre2_get_error_message(error, message, sizeof message);
        struct diag *diag = diag_error(diags, at, "regular expression '%.*s' is not valid: %s",
                                       SARG(pattern), (const char *)message);
        diag_note(diag, SPAN_NONE, "at character %zu of it",
                  utf8_length(str_part(text, 0, offset)) + 1);
        return NULL;
    }
    arena_on_reset(arena, release, code);
    struct pyregex *regex = NEW(arena, struct pyregex);
    regex->code = code;
    regex->at = at;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &regex->groups);
    return regex;
}

size_t pyregex_groups(const struct pyregex *regex)
{
    return regex->groups;
}

size_t pyregex_group_index(const struct pyregex *regex, str name)
{
    char text[128];
    if (name.len >= sizeof text) {
        return 0;
    }
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    int number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)text);
    return number < 0 ? 0 : (size_t)number;
}

/* ---- matching ---- */

bool pyregex_exec(const struct pyregex *regex, struct arena *arena, struct diags *diags,
                  str subject, size_t from, enum pyregex_mode mode, bool *ret_found,
                  struct pyregex_match *ret_match)
{
    uint32_t options = mode == PYREGEX_SEARCH ? 0 : PCRE2_ANCHORED;
    options |= mode == PYREGEX_FULLMATCH ? PCRE2_ENDANCHORED : 0;
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(regex->code, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(context, STEPS_MAX);
    pcre2_set_depth_limit(context, DEPTH_MAX);
    int got = pcre2_match(regex->code, (PCRE2_SPTR)subject.ptr, subject.len, from, options, data,
                          context);
    bool ok = got >= 0 || got == PCRE2_ERROR_NOMATCH;
    *ret_found = got >= 0;
    if (!ok) {
        diag_error(diags, regex->at, "regular expression needs too many steps to be matched");
    } else if (got >= 0) {
        const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(data);
        struct pyregex_group *groups = NEW_ARRAY(arena, struct pyregex_group, regex->groups + 1);
        for (size_t i = 0; i <= regex->groups; i++) {
            bool set = i < (size_t)got && offsets[2 * i] != PCRE2_UNSET;
            groups[i].from = set ? offsets[2 * i] : STR_NPOS;
            groups[i].to = set ? offsets[2 * i + 1] : STR_NPOS;
        }
        *ret_match = (struct pyregex_match){ groups, regex->groups + 1 };
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return ok;
}

/* ---- replacing ---- */

static bool add_group(const struct pyregex *regex, struct diags *diags, span at, size_t index,
                      str subject, const struct pyregex_match *match, struct strbuf *out)
{
    if (index > regex->groups) {
        diag_error(diags, at, "the replacement names group %zu, the expression has %u", index,
                   regex->groups);
        return false;
    }
    const struct pyregex_group *group = &match->groups[index];
    if (group->from != STR_NPOS) {
        strbuf_add(out, str_part(subject, group->from, group->to));
    }
    return true;
}

/* \g<name>, from the g at `i`. */
static bool add_named(const struct pyregex *regex, struct diags *diags, span at, str replacement,
                      size_t *i, str subject, const struct pyregex_match *match, struct strbuf *out)
{
    size_t end = str_find_char(replacement, '>', *i);
    int64_t number;
    if (*i + 1 >= replacement.len || replacement.ptr[*i + 1] != '<' || end == STR_NPOS) {
        diag_error(diags, at, "'\\g' in a replacement needs a group: \\g<1>");
        return false;
    }
    str name = str_part(replacement, *i + 2, end);
    *i = end + 1;
    if (str_to_int64(name, &number) && number >= 0) {
        return add_group(regex, diags, at, (size_t)number, subject, match, out);
    }
    size_t index = pyregex_group_index(regex, name);
    if (index == 0) {
        diag_error(diags, at,
                   "the replacement names group '%.*s', which the expression does not have",
                   SARG(name));
        return false;
    }
    return add_group(regex, diags, at, index, subject, match, out);
}

/* \N and \NN are groups; \0, \0o, \0oo and three octal digits are a character. */
static bool add_number(const struct pyregex *regex, struct diags *diags, span at, str replacement,
                       size_t *i, str subject, const struct pyregex_match *match,
                       struct strbuf *out)
{
    size_t digits = 1;
    bool octal = replacement.ptr[*i] == '0';
    while (digits < (octal ? 3 : 2) && *i + digits < replacement.len &&
           is_digit(replacement.ptr[*i + digits]) &&
           (!octal || replacement.ptr[*i + digits] < '8')) {
        digits++;
    }
    bool three = digits == 2 && *i + 2 < replacement.len && replacement.ptr[*i] < '4' &&
                 replacement.ptr[*i + 1] < '8' && replacement.ptr[*i + 2] >= '0' &&
                 replacement.ptr[*i + 2] < '8';
    str text = str_part(replacement, *i, *i + (three ? 3 : digits));
    uint64_t number = 0;
    *i += text.len;
    if (octal || three) {
        (void)!str_to_base(text, 8, &number);
        strbuf_add_utf8(out, (uint32_t)number & 0xff);
        return true;
    }
    (void)!str_to_base(text, 10, &number);
    return add_group(regex, diags, at, number, subject, match, out);
}

bool pyregex_expand(const struct pyregex *regex, struct diags *diags, span at, str replacement,
                    str subject, const struct pyregex_match *match, struct strbuf *out)
{
    static const char letters[] = "abfnrtv\\", meanings[] = "\a\b\f\n\r\t\v\\";
    for (size_t i = 0; i < replacement.len;) {
        char c = replacement.ptr[i];
        if (c != '\\' || i + 1 == replacement.len) {
            if (c == '\\') {
                diag_error(diags, at, "the replacement ends with a backslash");
                return false;
            }
            strbuf_add_char(out, c);
            i++;
            continue;
        }
        c = replacement.ptr[++i];
        const char *letter = c == '\0' ? NULL : strchr(letters, c);
        if (c == 'g') {
            if (!add_named(regex, diags, at, replacement, &i, subject, match, out)) {
                return false;
            }
        } else if (is_digit(c)) {
            if (!add_number(regex, diags, at, replacement, &i, subject, match, out)) {
                return false;
            }
        } else if (letter != NULL) {
            strbuf_add_char(out, meanings[letter - letters]);
            i++;
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            diag_error(diags, at, "the replacement has an unknown escape '\\%c'", c);
            return false;
        } else {
            strbuf_add_char(out, '\\');
            strbuf_add_char(out, c);
            i++;
        }
    }
    return true;
}

/* The end of the character at `at`. */
static size_t next_character(str subject, size_t at)
{
    return at < subject.len ? (utf8_next(subject, &at), at) : at + 1;
}

bool pyregex_sub(const struct pyregex *regex, struct arena *arena, struct diags *diags, span at,
                 str replacement, str subject, size_t count, str *ret, size_t *ret_replaced)
{
    struct strbuf out = strbuf_in(arena);
    size_t copied = 0, from = 0, done = 0, last_end = STR_NPOS;
    while (from <= subject.len && (count == 0 || done < count)) {
        struct pyregex_match match;
        bool found;
        if (!pyregex_exec(regex, arena, diags, subject, from, PYREGEX_SEARCH, &found, &match)) {
            return false;
        }
        if (!found) {
            break;
        }
        size_t begin = match.groups[0].from, end = match.groups[0].to;
        if (begin == end &&
            begin == last_end) { /* an empty match right behind another one does not count */
            from = next_character(subject, from);
            continue;
        }
        strbuf_add(&out, str_part(subject, copied, begin));
        if (!pyregex_expand(regex, diags, at, replacement, subject, &match, &out)) {
            return false;
        }
        copied = last_end = end;
        from = begin == end ? next_character(subject, end) : end;
        done++;
    }
    strbuf_add(&out, str_part(subject, copied, subject.len));
    *ret = strbuf_str(&out);
    *ret_replaced = done;
    return true;
}

bool pyregex_found(struct diags *diags, span at, str pattern, str subject, bool *ret)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("regex");
    struct pyregex_match match;
    const struct pyregex *regex = pyregex_compile(arena, diags, at, pattern, 0);
    return regex != NULL &&
           pyregex_exec(regex, arena, diags, subject, 0, PYREGEX_SEARCH, ret, &match);
}
