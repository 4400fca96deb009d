/*
 * yaml_lines.h - the lines of a YAML text, looked at without parsing it: for reports about a text
 * that cannot be parsed. Offsets are bytes of the text; an end is behind the last byte.
 */
#pragma once
#include <string.h>

#include "base/utf8.h"

static inline size_t line_start(str text, size_t at)
{
    while (at > 0 && text.ptr[at - 1] != '\n') {
        at--;
    }
    return at;
}

static inline size_t line_end(str text, size_t at)
{
    size_t end = str_find_char(text, '\n', at);

    end = end == STR_NPOS ? text.len : end;
    return end > at && text.ptr[end - 1] == '\r' ? end - 1 : end;
}

static inline unsigned line_number(str text, size_t at)
{
    unsigned line = 1;

    for (size_t i = 0; i < at; i++) {
        line += text.ptr[i] == '\n';
    }
    return line;
}

static inline size_t column_of(str text, size_t at)
{
    return utf8_length(str_part(text, line_start(text, at), at)) + 1;
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static inline size_t skip_blanks(str text, size_t at, size_t end)
{
    while (at < end && is_blank(text.ptr[at])) {
        at++;
    }
    return at;
}

/* The nearest line above with something in it besides a comment; false at the top. */
static inline bool line_above(str text, size_t line, size_t *ret)
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
static inline bool is_colon(str text, size_t at, size_t end)
{
    return text.ptr[at] == ':' && (at + 1 >= end || is_blank(text.ptr[at + 1]));
}

static inline size_t find_colon(str text, size_t at, size_t end)
{
    while (at < end && !is_colon(text, at, end)) {
        at++;
    }
    return at;
}

static inline bool is_template(str text, size_t at)
{
    str rest = str_part(text, at, at + 2);
    return str_eq(rest, S("{{")) || str_eq(rest, S("{%"));
}

/* Behind the dashes of list items. */
static inline size_t entry_start(str text, size_t line, size_t end)
{
    size_t at = skip_blanks(text, line, end);

    while (at + 1 < end && text.ptr[at] == '-' && is_blank(text.ptr[at + 1])) {
        at = skip_blanks(text, at + 1, end);
    }
    return at;
}

/* Where the value of a line begins: behind the key's colon, or the entry itself. */
static inline size_t value_start(str text, size_t line, size_t end)
{
    size_t at = entry_start(text, line, end);

    if (is_template(text, at)) {
        return at;
    }
    size_t colon = find_colon(text, at, end);
    return colon < end ? skip_blanks(text, colon + 1, end) : at;
}

/* The end of a value on its line: without a comment and white space. */
static inline size_t value_end(str text, size_t from, size_t end)
{
    str rest = str_part(text, from, end);
    size_t comment = str_find(rest, S(" #"), 0);

    return from + str_trim_right(str_part(rest, 0, comment)).len;
}
