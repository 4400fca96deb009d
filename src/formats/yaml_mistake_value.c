/*
 * yaml_mistake_value.c - mistakes within a line: what YAML reads as something else unless it is
 * quoted, and quotes that do not pair.
 */
#include "formats/yaml_mistake.h"

/* ---- templates ---- */

static void report_template(const struct mistake *m, size_t at)
{
    size_t line = line_start(m->text, at), end = line_end(m->text, at);
    size_t close = str_find(m->text, m->text.ptr[at + 1] == '{' ? S("}}") : S("%}"), at);
    size_t to = close == STR_NPOS ? end : close + 2;
    bool is_value = value_start(m->text, line, end) == at;
    bool is_key = to < end && m->text.ptr[to] == ':';

    if (is_value && !is_key && to <= end) {
        to = value_end(m->text, at, end); /* what follows the template belongs to the text */
    }
    struct diag *diag = origin_error(m->origin, at, to,
                                     "template without quotes: '%.2s' begins a "
                                     "map in YAML",
                                     m->text.ptr + at);
    if (to <= end) {
        mistake_hint_quotes(m, diag, at, to);
    } else {
        diag_hint(diag, "put the whole value in quotes");
    }
}

bool yaml_report_template(const struct yaml_reader *reader, size_t at)
{
    struct mistake m = { .origin = &reader->origin,
                         .arena = reader->scratch,
                         .text = reader->text };

    if (!is_template(reader->text, at)) {
        return false;
    }
    report_template(&m, at);
    return true;
}

bool look_for_template(const struct mistake *m)
{
    size_t lines[] = { m->line, line_start(m->text, m->context_at) };

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        size_t start = value_start(m->text, lines[i], line_end(m->text, lines[i]));
        if (start <= m->at && is_template(m->text, start)) {
            report_template(m, start);
            return true;
        }
    }
    if (m->at > 0 && is_template(m->text, m->at - 1)) {
        report_template(m, m->at - 1);
        return true;
    }
    return false;
}

/* ---- quotes and escapes ---- */

bool look_for_open_quote(const struct mistake *m)
{
    if (strcmp(m->context, "while scanning a quoted scalar") != 0) {
        return false;
    }
    size_t open = m->context_at, end = line_end(m->text, open);
    struct diag *diag = origin_error(m->origin, open, open + 1,
                                     "quote %c is opened here and never "
                                     "closed",
                                     m->text.ptr[open]);
    size_t stop = value_end(m->text, open, end);
    mistake_hint_line(m, diag, "close it", stop, stop, str_part(m->text, open, open + 1));
    return true;
}

bool look_for_escape(const struct mistake *m)
{
    if (strcmp(m->context, "while parsing a quoted scalar") != 0) {
        return false;
    }
    size_t open = m->context_at, slash = m->at;
    while (slash > open && m->text.ptr[slash] != '\\') {
        slash--;
    }
    size_t end = slash + 2 < m->text.len ? slash + 2 : m->text.len;
    static const struct {
        const char *problem, *message;
    } kinds[] = {
        { "found unknown escape character", "is no escape in double quotes" },
        { "found invalid Unicode character escape code",
          "has a number behind it that is no character" },
        { "did not find expected hexdecimal number", "needs hexadecimal digits behind it" },
    };
    const char *message = kinds[0].message;
    for (size_t i = 1; i < ARRAY_LEN(kinds); i++) {
        message = strcmp(m->problem, kinds[i].problem) == 0 ? kinds[i].message : message;
    }
    struct diag *diag = origin_error(m->origin, slash, end, "'%.*s' %s",
                                     SARG(mistake_words(m, slash, end)), message);
    size_t close = str_find_char(m->text, '"', end), line = line_end(m->text, open);
    if (close != STR_NPOS && close < line && m->text.ptr[close - 1] != '\\') {
        str inner = str_part(m->text, open + 1, close);
        str with =
            str_format(m->arena, "'%.*s'", SARG(str_replace(m->arena, inner, S("'"), S("''"))));
        mistake_hint_line(m, diag, "single quotes keep backslashes", open, close + 1, with);
    } else {
        diag_hint(diag, "double the backslash, or use single quotes, which keep it");
    }
    return true;
}

static bool is_key_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

/* Where the quote that closes before `close` was opened: the nearest one that can open. */
static bool opening_quote(str text, size_t close, size_t *ret)
{
    for (size_t at = close; at > 0; at--) {
        size_t open = at - 1;
        if (text.ptr[open] != text.ptr[close]) {
            continue;
        }
        size_t before = open;
        while (before > 0 && is_blank(text.ptr[before - 1])) {
            before--;
        }
        bool spaced = before < open;
        char c = before > 0 ? text.ptr[before - 1] : '\n';
        if (c == '\n' || strchr("[{,", c) != NULL || (spaced && (c == ':' || c == '-'))) {
            *ret = open;
            return true;
        }
    }
    return false;
}

/* Whether a place is within a text that began without quotes on its line: those in it are a part
 * of it. */
static bool within_plain(const struct mistake *m, size_t at)
{
    size_t start = value_start(m->text, m->line, m->end);
    return start < at && strchr("\"'[{!&*", m->text.ptr[start]) == NULL;
}

bool look_behind_quote(const struct mistake *m)
{
    size_t close = m->at, open;

    while (close > m->line && is_blank(m->text.ptr[close - 1])) {
        close--;
    }
    if (close-- == m->line || (m->text.ptr[close] != '\'' && m->text.ptr[close] != '"') ||
        m->at >= m->end || !opening_quote(m->text, close, &open)) {
        return false;
    }
    if (strncmp(m->problem, "mapping values", 14) == 0 && within_plain(m, open)) {
        return false; /* its colon is what is wrong */
    }
    if (open < m->line) {
        size_t end = line_end(m->text, open);
        struct diag *diag = origin_error(m->origin, open, open + 1,
                                         "quote %c is not closed on its line", m->text.ptr[open]);
        origin_note(m->origin, diag, close, close + 1, "the next one, in line %u, closes it",
                    line_number(m->text, close));
        size_t stop = value_end(m->text, open, end);
        mistake_hint_line(m, diag, "close it", stop, stop, str_part(m->text, open, open + 1));
        return true;
    }
    size_t end = value_end(m->text, open, m->end);
    struct diag *diag =
        origin_error(m->origin, m->at, end, "text behind the closing quote of a value");
    origin_note(m->origin, diag, open, close + 1, "the quotes are these");
    /* 'it's': quotes within quotes. */
    str all = str_part(m->text, open, end);
    bool around = all.ptr[all.len - 1] == all.ptr[0] && is_key_char(m->text.ptr[close + 1]);
    mistake_hint_line(m, diag,
                      around ? "use other quotes, or double those inside" : "quote all of it", open,
                      end, yaml_quoted(m->arena, around ? str_part(all, 1, all.len - 1) : all));
    return true;
}

/* ---- colons ---- */

/* "name:value" at the beginning of an entry, where a key was meant. */
static bool report_missing_space(const struct mistake *m, size_t line)
{
    size_t end = line_end(m->text, line), at = entry_start(m->text, line, end), colon = at;

    while (colon < end && is_key_char(m->text.ptr[colon])) {
        colon++;
    }
    if (colon == at || colon + 1 >= end || m->text.ptr[colon] != ':' ||
        is_blank(m->text.ptr[colon + 1]) || m->text.ptr[colon + 1] == '/' ||
        find_colon(m->text, at, end) < end) {
        return false;
    }
    struct diag *diag =
        origin_error(m->origin, colon, colon + 1, "no space behind the colon of key '%.*s'",
                     SARG(mistake_words(m, at, colon)));
    mistake_hint_line(m, diag, "write", colon, colon + 1, S(": "));
    return true;
}

bool look_for_missing_colon(const struct mistake *m)
{
    if (strcmp(m->problem, "could not find expected ':'") != 0) {
        return false;
    }
    size_t line = line_start(m->text, m->context_at), end = line_end(m->text, m->context_at);
    if (!report_missing_space(m, line)) {
        size_t stop = value_end(m->text, m->context_at, end);
        struct diag *diag = origin_error(m->origin, m->context_at, stop, "key '%.*s' has no colon",
                                         SARG(mistake_words(m, m->context_at, stop)));
        mistake_hint_line(m, diag, "add it, or indent the line if it continues the value above",
                          stop, stop, S(":"));
    }
    return true;
}

/* "mapping values are not allowed": a colon where no key can be. */
bool look_for_colon(const struct mistake *m)
{
    size_t above, entry = entry_start(m->text, m->line, m->end);

    if (strncmp(m->problem, "mapping values", 14) != 0) {
        return false;
    }
    size_t first = find_colon(m->text, entry, m->end);
    if (first < m->at) {
        size_t from = skip_blanks(m->text, first + 1, m->end);
        struct diag *diag =
            origin_error(m->origin, m->at, m->at + 1, "a second ': ' within one value");
        origin_note(m->origin, diag, first, first + 1, "the key ends here");
        mistake_hint_quotes(m, diag, from, value_end(m->text, from, m->end));
        return true;
    }
    if (!line_above(m->text, m->line, &above)) {
        return false;
    }
    if (report_missing_space(m, above)) {
        return true;
    }
    size_t end = line_end(m->text, above), key = entry_start(m->text, above, end);
    if (find_colon(m->text, key, end) == end) {
        size_t stop = value_end(m->text, key, end);
        struct diag *diag = origin_error(m->origin, key, stop, "key '%.*s' has no colon",
                                         SARG(mistake_words(m, key, stop)));
        mistake_hint_line(m, diag, "add it", stop, stop, S(":"));
        return true;
    }
    struct diag *diag = origin_error(m->origin, entry, m->at,
                                     "key '%.*s' is indented more than the key before it, which "
                                     "already has a value",
                                     SARG(mistake_words(m, entry, m->at)));
    origin_note(m->origin, diag, key, value_end(m->text, key, end), "the value is here");
    diag_hint(diag, "begin the key at column %zu", column_of(m->text, key));
    return true;
}
