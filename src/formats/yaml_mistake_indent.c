/*
 * yaml_mistake_indent.c - lines that do not begin where they should.
 */
#include "formats/yaml_mistake.h"

bool look_for_tab(const struct mistake *m)
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
bool look_for_misalignment(const struct mistake *m)
{
    struct level levels[32];
    size_t column = m->at - m->line + 1;
    bool dash = m->at + 1 < m->text.len && m->text.ptr[m->at] == '-' &&
                strchr(" \t\r\n", m->text.ptr[m->at + 1]) != NULL;
    size_t end = value_end(m->text, m->at, m->end);

    if (!mistake_begins_line(m) || m->at >= m->end ||
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
        if (dash) {
            diag_hint(diag, "indent the list below the key it belongs to");
        } else if (outer > 0) {
            diag_hint(diag,
                      "begin it at column %zu if it belongs to the item above, else with '- '",
                      levels[outer - 1].column);
        } else {
            diag_hint(diag, "begin it with '- ', or indent it below the item it belongs to");
        }
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

/* A block of text that is not indented more than its key. */
bool look_for_flat_block(const struct mistake *m)
{
    size_t line = m->context_at < m->line ? line_start(m->text, m->context_at) : m->line, above;
    size_t first = skip_blanks(m->text, line, line_end(m->text, line));

    bool begins = mistake_begins_line(m) || strcmp(m->problem, "could not find expected ':'") == 0;
    if (!begins || !line_above(m->text, line, &above)) {
        return false;
    }
    size_t end = line_end(m->text, above), entry = entry_start(m->text, above, end);
    size_t block = value_start(m->text, above, end);
    if (block >= end || block == entry || strchr("|>", m->text.ptr[block]) == NULL ||
        value_end(m->text, block, end) > block + 3 || first - line > entry - above) {
        return false;
    }
    struct diag *diag =
        origin_error(m->origin, first, value_end(m->text, first, line_end(m->text, line)),
                     "text of a block at column %zu, where its key stands", first - line + 1);
    origin_note(m->origin, diag, block, block + 1, "the block begins here");
    diag_hint(diag, "indent it more than the key: begin it at column %zu", entry - above + 3);
    return true;
}
