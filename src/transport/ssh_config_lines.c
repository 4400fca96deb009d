/*
 * ssh_config_lines.c - the form of ssh(1)'s configuration files: words in lines, lines in parts.
 */
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "transport/ssh_config_reader.h"

/* A command is everything up to the end of the line, as it stands. */
static bool is_command(str name)
{
    static const str commands[] = { S_INIT("proxycommand"), S_INIT("localcommand"),
                                    S_INIT("remotecommand"), S_INIT("knownhostscommand") };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (str_eq_nocase(name, commands[i])) {
            return true;
        }
    }
    return false;
}

/* The next word of *rest, which ssh(1) cuts in its own way: a backslash counts before a quote, a
 * backslash and, outside of quotes, a blank, else it stands for itself, as in "User CORP\me"; what
 * begins with '#' is a comment. STR_NONE: there is none. False: a quote is not closed. */
static bool cut_word(struct arena *arena, str *rest, str *ret)
{
    struct strbuf word = strbuf_in(arena);
    char quote = '\0';
    size_t i = 0;
    *ret = STR_NONE;
    *rest = str_trim_left(*rest);
    if (rest->len == 0 || rest->ptr[0] == '#') {
        return true;
    }
    for (; i < rest->len; i++) {
        char c = rest->ptr[i], next = i + 1 < rest->len ? rest->ptr[i + 1] : '\0';
        bool escapes = c == '\\' && (next == '\'' || next == '"' || next == '\\' ||
                                     (next == ' ' && quote == '\0'));
        if ((c == ' ' || c == '\t') && quote == '\0') {
            break;
        }
        if (escapes) {
            strbuf_add_char(&word, next);
            i++;
        } else if (c == quote && quote != '\0') {
            quote = '\0';
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else {
            strbuf_add_char(&word, c);
        }
    }
    *rest = str_part(*rest, i, rest->len);
    *ret = strbuf_str(&word);
    return quote == '\0';
}

static bool cut_words(struct arena *arena, str rest, struct words *ret)
{
    VEC(str) words = { 0 };
    str word;
    bool whole;
    while ((whole = cut_word(arena, &rest, &word)) && !str_is_none(word)) {
        *VEC_PUSH(arena, &words) = word;
    }
    *ret = (struct words){ words.items, words.len };
    return whole;
}

static str keyword_of(str line)
{
    size_t end = 0;
    while (end < line.len && !strchr(" \t=", line.ptr[end])) {
        end++;
    }
    return str_part(line, 0, end);
}

/* "Keyword value value", "Keyword=value", with quotes. False: one is not closed. */
static bool split(struct arena *arena, str line, str *ret_name, struct words *ret_values)
{
    *ret_name = keyword_of(line);
    str rest = str_trim(str_part(line, ret_name->len, line.len));
    if (str_starts(rest, S("="))) {
        rest = str_trim(str_part(rest, 1, rest.len));
    }
    if (is_command(*ret_name)) {
        str *all = NEW(arena, str);
        while (rest.len > 0 && strchr(" \t=", rest.ptr[0]) != NULL) { /* however many there are */
            rest = str_part(rest, 1, rest.len);
        }
        *all = rest;
        *ret_values = (struct words){ .items = all, .count = 1 };
        return true;
    }
    return cut_words(arena, rest, ret_values);
}

bool ssh_line_split(struct ssh_reader *reader, str line, str *ret_name, struct words *ret_values)
{
    line = str_trim(line);
    return split(reader->arena, line, ret_name, ret_values) ||
           ssh_reader_refuse(reader, STR_NONE, "a quote is not closed in '%.*s'", SARG(line));
}

static enum ssh_part_kind kind_of(str line)
{
    str name = keyword_of(line);
    return str_eq_nocase(name, S("host"))    ? SSH_PART_HOST
           : str_eq_nocase(name, S("match")) ? SSH_PART_MATCH
                                             : SSH_PART_FIRST;
}

static bool has_open_quote(struct arena *scratch, str line)
{
    str name;
    struct words values;
    bool quoted =
        str_find_char(line, '"', 0) != STR_NPOS || str_find_char(line, '\'', 0) != STR_NPOS;
    return quoted && !str_starts(line, S("#")) && !split(scratch, line, &name, &values);
}

static bool has_unknown_keyword(str line)
{
    return line.len > 0 && line.ptr[0] != '#' && !ssh_keyword_is_known(keyword_of(line));
}

void ssh_parts_cut(struct arena *arena, str text, struct ssh_parts *ret)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("ssh configuration");
    struct ssh_part *part = VEC_PUSH(arena, ret);
    str line;
    *part = (struct ssh_part){ .kind = SSH_PART_FIRST, .lines = text };
    for (unsigned number = 1; !str_is_none(line = str_cut_line(&text)); number++) {
        str trimmed = str_trim(line), unused;
        enum ssh_part_kind kind = kind_of(trimmed);
        if (kind == SSH_PART_FIRST) {
            part->open_quote |= has_open_quote(scratch, trimmed);
            part->includes |= str_eq_nocase(keyword_of(trimmed), S("include"));
            part->unknown |= has_unknown_keyword(trimmed);
            continue;
        }
        part->lines.len = (size_t)(line.ptr - part->lines.ptr);
        part = VEC_PUSH(arena, ret);
        *part =
            (struct ssh_part){ .kind = kind, .number = number, .heading = trimmed, .lines = text };
        part->heading_open = !split(arena, trimmed, &unused, &part->words);
    }
}
