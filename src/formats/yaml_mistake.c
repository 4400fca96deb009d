/*
 * yaml_mistake.c - what libyaml complains of, in words that help. libyaml tells where it could not
 * go on, which is often not where the mistake was made; so the text around that place is looked at
 * for the mistakes people make, the most telling first:
 *
 *     a template that is not quoted     a quote that is not closed, or closed too early
 *     a tab as indentation              a backslash in double quotes
 *     a colon inside a plain value      no space behind the colon of a key
 *     a line that aligns with nothing   a list item among keys, a key among list items
 *     brackets left open                a character that begins something else: @ ` % * & !
 *
 * Where it can, the hint shows the line as it should be.
 */
#include <string.h>

#include "base/bug.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "formats/yaml_node.h"

/* The place libyaml stopped at, and its line. */
struct mistake {
    const struct yaml_reader *reader;
    const struct origin *origin;
    struct arena *arena;
    str text;
    const char *problem, *context; /* libyaml's words; "" when there are none */
    size_t at;                     /* of the problem */
    size_t context_at;             /* of what was being read; `at` when unknown */
    size_t line, end;              /* the line of `at`, without its newline */
};

/* ---- lines ---- */

static size_t line_start(str text, size_t at)
{
    while (at > 0 && text.ptr[at - 1] != '\n') {
        at--;
    }
    return at;
}

static size_t line_end(str text, size_t at)
{
    size_t end = str_find_char(text, '\n', at);

    end = end == STR_NPOS ? text.len : end;
    return end > at && text.ptr[end - 1] == '\r' ? end - 1 : end;
}

static unsigned line_number(str text, size_t at)
{
    unsigned line = 1;

    for (size_t i = 0; i < at; i++) {
        line += text.ptr[i] == '\n';
    }
    return line;
}

static size_t column_of(str text, size_t at)
{
    return utf8_length(str_part(text, line_start(text, at), at)) + 1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static size_t skip_blanks(str text, size_t at, size_t end)
{
    while (at < end && is_blank(text.ptr[at])) {
        at++;
    }
    return at;
}

static bool is_first_on_line(const struct mistake *m)
{
    return skip_blanks(m->text, m->line, m->at) == m->at;
}

/* The nearest line above with something in it besides a comment; false at the top. */
static bool line_above(str text, size_t line, size_t *ret)
{
    while (line > 0) {
        line = line_start(text, line - 1);
        size_t end = line_end(text, line), first = skip_blanks(text, line, end);
        if (first < end && text.ptr[first] != '#') {
            *ret = line;
            return true;
        }
    }
    return false;
}

/* A colon that ends a key stands before a blank or the end of the line. */
static bool is_colon(str text, size_t at, size_t end)
{
    return text.ptr[at] == ':' && (at + 1 >= end || is_blank(text.ptr[at + 1]));
}

static size_t find_colon(str text, size_t at, size_t end)
{
    while (at < end && !is_colon(text, at, end)) {
        at++;
    }
    return at;
}

static bool is_template(str text, size_t at)
{
    str rest = str_part(text, at, at + 2);
    return str_eq(rest, S("{{")) || str_eq(rest, S("{%"));
}

/* Behind the dashes of list items. */
static size_t entry_start(str text, size_t line, size_t end)
{
    size_t at = skip_blanks(text, line, end);

    while (at + 1 < end && text.ptr[at] == '-' && is_blank(text.ptr[at + 1])) {
        at = skip_blanks(text, at + 1, end);
    }
    return at;
}

/* Where the value of a line begins: behind the key's colon, or the entry itself. */
static size_t value_start(str text, size_t line, size_t end)
{
    size_t at = entry_start(text, line, end);

    if (is_template(text, at)) {
        return at;
    }
    size_t colon = find_colon(text, at, end);
    return colon < end ? skip_blanks(text, colon + 1, end) : at;
}

/* The end of a value on its line: without a comment and white space. */
static size_t value_end(str text, size_t from, size_t end)
{
    str rest = str_part(text, from, end);
    size_t comment = str_find(rest, S(" #"), 0);

    return from + str_trim_right(str_part(rest, 0, comment)).len;
}

/* ---- the line as it should be ---- */

/* A text in the quotes that need the fewest changes. */
static str quoted(struct arena *arena, str text)
{
    bool single = str_find_char(text, '\'', 0) != STR_NPOS;
    bool doubled =
        str_find_char(text, '"', 0) != STR_NPOS || str_find_char(text, '\\', 0) != STR_NPOS;

    if (!doubled) {
        return str_format(arena, "\"%.*s\"", SARG(text));
    }
    if (single) {
        text = str_replace(arena, text, S("'"), S("''"));
    }
    return str_format(arena, "'%.*s'", SARG(text));
}

/* Hint at the line of `from`, with its bytes [from, to) replaced. */
static void hint_line(const struct mistake *m, struct diag *diag, const char *advice, size_t from,
                      size_t to, str with)
{
    size_t start = line_start(m->text, from);

    if (m->origin->source->secret) {
        diag_hint(diag, "%s", advice);
        return;
    }
    str before = str_trim_left(str_part(m->text, start, from));
    str after = str_trim_right(str_part(m->text, to, line_end(m->text, to)));
    diag_hint(diag, "%s: %.*s%.*s%.*s", advice, SARG(before), SARG(with), SARG(after));
}

static void hint_quotes(const struct mistake *m, struct diag *diag, size_t from, size_t to)
{
    hint_line(m, diag, "quote it", from, to, quoted(m->arena, str_part(m->text, from, to)));
}

/* Some words of the text for a message; not those of a secret. */
static str words(const struct mistake *m, size_t from, size_t to)
{
    return origin_words(m->origin, str_part(m->text, from, to));
}

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
        hint_quotes(m, diag, at, to);
    } else {
        diag_hint(diag, "put the whole value in quotes");
    }
}

bool yaml_report_template(const struct yaml_reader *reader, size_t at)
{
    struct mistake m = {
        .reader = reader, .origin = &reader->origin, .arena = reader->scratch, .text = reader->text
    };

    if (!is_template(reader->text, at)) {
        return false;
    }
    report_template(&m, at);
    return true;
}

static bool look_for_template(const struct mistake *m)
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

/* ---- indentation ---- */

static bool look_for_tab(const struct mistake *m)
{
    size_t first = skip_blanks(m->text, m->line, m->end);
    size_t tab = str_find_char(str_part(m->text, 0, first), '\t', m->line);

    if (tab == STR_NPOS || m->at > first) {
        return false;
    }
    struct diag *diag = origin_error(m->origin, tab, tab + 1, "tab as indentation at column %zu",
                                     column_of(m->text, tab));
    diag_hint(diag, "YAML indents with spaces only: replace each tab by spaces");
    return true;
}

/* The columns at which a line can go on here, from the inside out: of the keys and dashes of the
 * lines above that are not ended yet. */
struct level {
    size_t at; /* what stands at that column */
    size_t column;
    enum level_kind { LEVEL_KEY, LEVEL_ITEM, LEVEL_TEXT } kind;
};

static size_t open_levels(const struct mistake *m, struct level *levels, size_t max)
{
    size_t count = 0, limit = SIZE_MAX;

    for (size_t line = m->line; limit > 1 && line_above(m->text, line, &line);) {
        struct level found[8];
        size_t end = line_end(m->text, line), at = skip_blanks(m->text, line, end), here = 0;
        if (str_starts(str_part(m->text, line, end), S("---"))) {
            break;
        }
        size_t outer = at - line + 1;
        for (bool dash = true; dash && here < ARRAY_LEN(found);) {
            dash = m->text.ptr[at] == '-' && (at + 1 >= end || is_blank(m->text.ptr[at + 1]));
            if (dash || find_colon(m->text, at, end) < end) {
                found[here++] = (struct level){ at, at - line + 1, dash ? LEVEL_ITEM : LEVEL_KEY };
            } else if (count + here == 0) {
                found[here++] = (struct level){ at, at - line + 1, LEVEL_TEXT };
            }
            at = skip_blanks(m->text, at + 1, end);
        }
        while (here > 0 && count < max) {
            if (found[--here].column < limit) {
                levels[count++] = found[here];
            }
        }
        limit = outer < limit ? outer : limit;
    }
    return count;
}

static const char *level_name(struct level level)
{
    switch (level.kind) {
    case LEVEL_KEY:
        return "the keys of a map";
    case LEVEL_ITEM:
        return "the items of a list";
    case LEVEL_TEXT:
        break;
    }
    return "the lines of the text above";
}

/* A line that begins at a column where nothing is open, or at one where something else is. */
static bool look_for_misalignment(const struct mistake *m)
{
    struct level levels[32];
    size_t column = m->at - m->line + 1;
    bool dash = m->at + 1 < m->text.len && m->text.ptr[m->at] == '-' &&
                strchr(" \t\r\n", m->text.ptr[m->at + 1]) != NULL;
    size_t end = value_end(m->text, m->at, m->end);

    if (!is_first_on_line(m) || m->at >= m->end ||
        (strstr(m->problem, "expected key") == NULL && strstr(m->problem, "expected '-'") == NULL &&
         strstr(m->problem, "<document start>") == NULL)) {
        return false;
    }
    size_t count = open_levels(m, levels, ARRAY_LEN(levels)), outer = 0;
    if (count == 0) {
        return false;
    }
    while (outer < count && levels[outer].column > column) {
        outer++;
    }
    if (outer < count && levels[outer].column == column) {
        struct level level = levels[outer];
        if (level.kind == LEVEL_TEXT || (level.kind == LEVEL_ITEM) == dash) {
            return false;
        }
        struct diag *diag = origin_error(
            m->origin, m->at, dash ? m->at + 1 : end, "%s at column %zu, where %s stand",
            dash ? "list item" : "key of a map", column, level_name(level));
        origin_note(m->origin, diag, level.at, level.at + 1, "for example here");
        diag_hint(diag, dash ? "indent the list below the key it belongs to"
                             : "begin it with '- ', or indent it below the item it belongs to");
        return true;
    }
    struct diag *diag =
        origin_error(m->origin, m->at, dash ? m->at + 1 : end,
                     "line begins at column %zu, where nothing above begins", column);
    if (outer > 0) {
        origin_note(m->origin, diag, levels[outer - 1].at, levels[outer - 1].at + 1,
                    "%s are at column %zu", level_name(levels[outer - 1]),
                    levels[outer - 1].column);
    }
    if (outer < count) {
        origin_note(m->origin, diag, levels[outer].at, levels[outer].at + 1, "%s are at column %zu",
                    level_name(levels[outer]), levels[outer].column);
    }
    if (outer > 0 && outer < count) {
        diag_hint(diag, "begin the line at column %zu or %zu", levels[outer].column,
                  levels[outer - 1].column);
    } else {
        diag_hint(diag, "begin the line at column %zu",
                  levels[outer > 0 ? outer - 1 : outer].column);
    }
    return true;
}

/* ---- quotes and escapes ---- */

static bool look_for_open_quote(const struct mistake *m)
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
    hint_line(m, diag, "close it", stop, stop, str_part(m->text, open, open + 1));
    return true;
}

static bool look_for_escape(const struct mistake *m)
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
    struct diag *diag =
        origin_error(m->origin, slash, end, "'%.*s' %s", SARG(words(m, slash, end)), message);
    size_t close = str_find_char(m->text, '"', end), line = line_end(m->text, open);
    if (close != STR_NPOS && close < line && m->text.ptr[close - 1] != '\\') {
        str inner = str_part(m->text, open + 1, close);
        str with =
            str_format(m->arena, "'%.*s'", SARG(str_replace(m->arena, inner, S("'"), S("''"))));
        hint_line(m, diag, "single quotes keep backslashes", open, close + 1, with);
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

static bool look_behind_quote(const struct mistake *m)
{
    size_t close = m->at, open;

    while (close > m->line && is_blank(m->text.ptr[close - 1])) {
        close--;
    }
    if (close-- == m->line || (m->text.ptr[close] != '\'' && m->text.ptr[close] != '"') ||
        m->at >= m->end || !opening_quote(m->text, close, &open)) {
        return false;
    }
    if (open < m->line) {
        size_t end = line_end(m->text, open);
        struct diag *diag = origin_error(m->origin, open, open + 1,
                                         "quote %c is not closed on its line", m->text.ptr[open]);
        origin_note(m->origin, diag, close, close + 1, "the next one, in line %u, closes it",
                    line_number(m->text, close));
        size_t stop = value_end(m->text, open, end);
        hint_line(m, diag, "close it", stop, stop, str_part(m->text, open, open + 1));
        return true;
    }
    size_t end = value_end(m->text, open, m->end);
    struct diag *diag =
        origin_error(m->origin, m->at, end, "text behind the closing quote of a value");
    origin_note(m->origin, diag, open, close + 1, "the quotes are these");
    /* 'it's': quotes within quotes. */
    str all = str_part(m->text, open, end);
    bool around = all.ptr[all.len - 1] == all.ptr[0] && is_key_char(m->text.ptr[close + 1]);
    hint_line(m, diag, around ? "use other quotes, or double those inside" : "quote all of it",
              open, end, quoted(m->arena, around ? str_part(all, 1, all.len - 1) : all));
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
                     SARG(words(m, at, colon)));
    hint_line(m, diag, "write", colon, colon + 1, S(": "));
    return true;
}

static bool look_for_missing_colon(const struct mistake *m)
{
    if (strcmp(m->problem, "could not find expected ':'") != 0) {
        return false;
    }
    size_t line = line_start(m->text, m->context_at), end = line_end(m->text, m->context_at);
    if (!report_missing_space(m, line)) {
        size_t stop = value_end(m->text, m->context_at, end);
        struct diag *diag = origin_error(m->origin, m->context_at, stop, "key '%.*s' has no colon",
                                         SARG(words(m, m->context_at, stop)));
        hint_line(m, diag, "add it, or indent the line if it continues the value above", stop, stop,
                  S(":"));
    }
    return true;
}

/* "mapping values are not allowed": a colon where no key can be. */
static bool look_for_colon(const struct mistake *m)
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
        hint_quotes(m, diag, from, value_end(m->text, from, m->end));
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
                                         SARG(words(m, key, stop)));
        hint_line(m, diag, "add it", stop, stop, S(":"));
        return true;
    }
    struct diag *diag = origin_error(m->origin, entry, m->at,
                                     "key '%.*s' is indented more than the key before it, which "
                                     "already has a value",
                                     SARG(words(m, entry, m->at)));
    origin_note(m->origin, diag, key, value_end(m->text, key, end), "the value is here");
    diag_hint(diag, "begin the key at column %zu", column_of(m->text, key));
    return true;
}

/* ---- brackets ---- */

/* The last bracket before `at` that nothing closes; brackets in quotes are not told apart. */
static bool open_bracket(str text, size_t at, size_t *ret)
{
    size_t closed = 0;

    while (at > 0) {
        char c = text.ptr[--at];
        if (c == ']' || c == '}') {
            closed++;
        } else if ((c == '[' || c == '{') && closed-- == 0) {
            *ret = at;
            return true;
        }
    }
    return false;
}

static bool look_for_bracket(const struct mistake *m)
{
    size_t open = m->context_at;

    if (strncmp(m->context, "while parsing a flow", 20) != 0) {
        return false;
    }
    bool at_end = str_trim(str_part(m->text, m->at, m->text.len)).len == 0;
    if (at_end && !open_bracket(m->text, m->at, &open)) {
        return false;
    }
    if (at_end || (strchr("[{", m->text.ptr[open]) != NULL && open < m->line)) {
        struct diag *diag =
            origin_error(m->origin, open, open + 1, "'%c' is not closed", m->text.ptr[open]);
        if (!at_end) {
            origin_note(m->origin, diag, m->at, m->at + 1, "it cannot go on like this");
        }
        diag_hint(diag, "close it with '%c'", m->text.ptr[open] == '[' ? ']' : '}');
        return true;
    }
    if (strncmp(m->problem, "did not find expected ','", 25) != 0) {
        return false;
    }
    bool list = m->text.ptr[open] == '[';
    struct diag *diag = origin_error(m->origin, m->at, m->at + 1,
                                     "',' or '%c' is missing before this", list ? ']' : '}');
    origin_note(m->origin, diag, open, open + 1, "the %s begins here", list ? "list" : "map");
    diag_hint(diag, "put a comma between items, and quotes around a text with a comma or bracket");
    return true;
}

/* ---- characters that begin something else ---- */

static bool look_for_indicator(const struct mistake *m)
{
    static const struct {
        const char *context;
        const char *message;
    } kinds[] = {
        { "while scanning for the next token",
          "a text cannot begin with '%c' unless it is quoted" },
        { "while scanning an alias", "'%c' begins the name of an anchor, and this is none" },
        { "while scanning an anchor", "'%c' begins the name of an anchor, and this is none" },
        { "while scanning a tag", "'%c' begins a tag, and this is none" },
        { "while parsing a tag", "'%c' begins a tag, and this is none" },
        { "while parsing a node", "'%c' begins a tag, and its prefix is not declared" },
    };

    for (size_t i = 0; i < ARRAY_LEN(kinds) && m->context_at < m->text.len; i++) {
        char c = m->text.ptr[m->context_at];
        if (strcmp(m->context, kinds[i].context) != 0 || strchr("@`%*&!\t", c) == NULL) {
            continue;
        }
        size_t end = value_end(m->text, m->context_at, line_end(m->text, m->context_at));
        struct strbuf message = strbuf_in(m->arena);
        if (c == '\t') {
            strbuf_add(&message, S("tab where a value begins"));
        } else {
            str format = str_of(kinds[i].message);
            size_t hole = str_find(format, S("%c"), 0);
            strbuf_add(&message, str_part(format, 0, hole));
            strbuf_add_char(&message, c);
            strbuf_add(&message, str_part(format, hole + 2, format.len));
        }
        struct diag *diag = origin_error(m->origin, m->context_at, m->context_at + 1, "%.*s",
                                         SARG(strbuf_str(&message)));
        if (c == '\t') {
            diag_hint(diag, "separate with spaces");
        } else {
            hint_quotes(m, diag, m->context_at, end);
        }
        return true;
    }
    return false;
}

/* ---- all else ---- */

static bool look_for_extra(const struct mistake *m)
{
    bool key = strstr(m->problem, "expected key") != NULL;
    bool start = strstr(m->problem, "<document start>") != NULL;
    size_t first = skip_blanks(m->text, 0, m->text.len);

    if ((!key && !start && strstr(m->problem, "expected '-'") == NULL) || m->at >= m->end) {
        return false;
    }
    size_t end = value_end(m->text, m->at, m->end);
    struct diag *diag = origin_error(m->origin, m->at, end,
                                     "'%.*s' belongs to nothing: the value "
                                     "before it has ended",
                                     SARG(words(m, m->at, end)));
    if (strchr("]}", m->text.ptr[m->at]) != NULL) {
        diag_hint(diag, "there are more closing brackets than opening ones");
    } else if (start && first < m->text.len && m->text.ptr[first] == '[' && is_first_on_line(m)) {
        diag_hint(diag, "this looks like INI, not like YAML");
    } else {
        diag_hint(diag, "quote the whole value if it belongs to it");
    }
    return true;
}

static bool look_for_words(const struct mistake *m)
{
    static const struct {
        const char *problem;
        const char *message, *hint;
    } known[] = {
        { "block sequence entries are not allowed in this context",
          "a list cannot begin on the line of its key",
          "begin it on the next line, or quote a text that begins with '- '" },
        { "mapping keys are not allowed in this context", "'? ' begins a key, and none can be here",
          "quote a text that begins with '?'" },
        { "did not find expected comment or line break",
          "the text of a block begins on the line below '|' or '>'",
          "move it there, or quote a text that begins with '|' or '>'" },
        { "found a tab character where an indentation space is expected",
          "tab as indentation of a block of text", "indent it with spaces" },
        { "found an indentation indicator equal to 0", "indentation of a block cannot be 0",
          "give 1 to 9 behind '|' or '>', or nothing" },
        { "found unknown directive name",
          "a line that begins with '%' is a directive, and there "
          "are only %YAML and %TAG",
          "quote or indent the line if it is text" },
        { "found incompatible YAML document", "this is a version of YAML that is not known here",
          "remove the %YAML line; 1.1 is read" },
        { "found duplicate %YAML directive", "a second %YAML line in one document", "remove it" },
        { "found duplicate %TAG directive", "a second %TAG line for one prefix", "remove it" },
        { "did not find expected node content", "a value is missing here",
          "write null if there is none, or close the bracket" },
        { "found unexpected document indicator", "a document ends inside a quoted text",
          "close the quote, or indent the line" },
    };

    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (strcmp(m->problem, known[i].problem) == 0) {
            struct diag *diag =
                origin_error(m->origin, m->at, m->at + (m->at < m->end), "%s", known[i].message);
            diag_hint(diag, "%s", known[i].hint);
            return true;
        }
    }
    return false;
}

static void report_in_its_words(const struct mistake *m)
{
    struct diag *diag = origin_error(m->origin, m->at, m->at + (m->at < m->end), "%s", m->problem);

    if (m->context[0] != '\0') {
        origin_note(m->origin, diag, m->context_at, m->context_at, "%s", m->context);
    }
}

static void report_bytes(const struct yaml_reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    size_t at =
        parser->problem_offset < reader->text.len ? parser->problem_offset : reader->text.len;
    bool control = strcmp(parser->problem, "control characters are not allowed") == 0;

    if (control) {
        struct diag *diag =
            origin_error(&reader->origin, at, at + 1, "character U+%04X is not allowed in YAML",
                         (unsigned)parser->problem_value);
        diag_hint(diag, "write it in double quotes, as \\x%02x", (unsigned)parser->problem_value);
        return;
    }
    /* libyaml names the byte that does not continue a character; we, the one that began it. */
    bool valid = utf8_valid(reader->text, &at);
    BUG_ON(valid);
    struct diag *diag = origin_error(&reader->origin, at, at + 1, "byte 0x%02X is not UTF-8",
                                     (unsigned char)reader->text.ptr[at]);
    diag_hint(diag, "save the file as UTF-8, or write bytes with !!binary");
}

void yaml_report_parser(struct yaml_reader *reader)
{
    static bool (*const looks[])(const struct mistake *) = {
        look_for_open_quote, look_for_template,      look_for_tab,   look_for_escape,
        look_behind_quote,   look_for_missing_colon, look_for_colon, look_for_bracket,
        look_for_indicator,  look_for_misalignment,  look_for_words, look_for_extra,
    };
    yaml_parser_t *parser = &reader->parser;

    if (parser->error == YAML_READER_ERROR) {
        report_bytes(reader);
        return;
    }
    struct mistake m = {
        .reader = reader,
        .origin = &reader->origin,
        .arena = reader->scratch,
        .text = reader->text,
        .problem = parser->problem != NULL ? parser->problem : "no memory for YAML",
        .context = parser->context != NULL ? parser->context : "",
        .at = yaml_offset(reader, &parser->problem_mark),
    };
    m.context_at = m.context[0] != '\0' ? yaml_offset(reader, &parser->context_mark) : m.at;
    m.line = line_start(m.text, m.at);
    m.end = line_end(m.text, m.at);
    for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
        if (looks[i](&m)) {
            return;
        }
    }
    report_in_its_words(&m);
}
