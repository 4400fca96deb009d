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
#include "formats/yaml_mistake.h"

/* ---- the line as it should be ---- */

bool mistake_begins_line(const struct mistake *m)
{
    return skip_blanks(m->text, m->line, m->at) == m->at;
}

str yaml_quoted(struct arena *arena, str text)
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

void mistake_hint_line(const struct mistake *m, struct diag *diag, const char *advice, size_t from,
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

void mistake_hint_quotes(const struct mistake *m, struct diag *diag, size_t from, size_t to)
{
    mistake_hint_line(m, diag, "quote it", from, to,
                      yaml_quoted(m->arena, str_part(m->text, from, to)));
}

str mistake_words(const struct mistake *m, size_t from, size_t to)
{
    return origin_words(m->origin, str_part(m->text, from, to));
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

/* Whether the bracket at `open` is closed somewhere; brackets in quotes are not told apart. */
static bool is_closed(str text, size_t open)
{
    size_t depth = 0;

    for (size_t at = open; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == '[' || c == '{') {
            depth++;
        } else if ((c == ']' || c == '}') && --depth == 0) {
            return true;
        }
    }
    return false;
}

/* A key that begins a line within brackets, with no comma at the end of the line above. */
static bool look_for_comma(const struct mistake *m)
{
    size_t above;

    if (strcmp(m->problem, "did not find expected ',' or '}'") != 0 || m->at >= m->end ||
        m->text.ptr[m->at] != ':' || m->context_at >= m->line ||
        !is_closed(m->text, m->context_at) || !line_above(m->text, m->line, &above)) {
        return false;
    }
    size_t stop = value_end(m->text, above, line_end(m->text, above));
    struct diag *diag =
        origin_error(m->origin, stop, stop, "',' is missing at the end of the line");
    size_t first = skip_blanks(m->text, m->line, m->at);
    origin_note(m->origin, diag, first, m->at, "the next key is here");
    mistake_hint_line(m, diag, "write", stop, stop, S(","));
    return true;
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
            mistake_hint_quotes(m, diag, m->context_at, end);
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
                                     SARG(mistake_words(m, m->at, end)));
    if (strchr("]}", m->text.ptr[m->at]) != NULL) {
        diag_hint(diag, "there are more closing brackets than opening ones");
    } else if (start && first < m->text.len && m->text.ptr[first] == '[' &&
               mistake_begins_line(m)) {
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
        look_for_open_quote, look_for_template, look_for_tab,        look_for_escape,
        look_for_comma,      look_behind_quote, look_for_flat_block, look_for_missing_colon,
        look_for_colon,      look_for_bracket,  look_for_indicator,  look_for_misalignment,
        look_for_words,      look_for_extra,
    };
    yaml_parser_t *parser = &reader->parser;

    if (parser->error == YAML_READER_ERROR) {
        report_bytes(reader);
        return;
    }
    struct mistake m = {
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
