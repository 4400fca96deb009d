/*
 * options.c - reading a command line by a table.
 */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"

struct reader {
    struct arena *arena;
    const char *command;
    const struct option_row *rows;
    int argc;
    char **argv;
    int at; /* the argument being read */
    char *ret;
};

static bool is_end(const struct option_row *row)
{
    return row->name.ptr == NULL;
}

static bool has_name(const struct option_row *row, str name)
{
    if (str_eq(row->name, name)) {
        return true;
    }
    for (size_t i = 0; row->aliases != NULL && row->aliases[i] != NULL; i++) {
        if (str_eq(str_of(row->aliases[i]), name)) {
            return true;
        }
    }
    return false;
}

static void suggest_name(struct reader *r, str name)
{
    VEC(str) names = { 0 };
    for (const struct option_row *row = r->rows; !is_end(row); row++) {
        *VEC_PUSH(r->arena, &names) = row->name;
    }
    str near = suggest(name, names.items, names.len);
    if (!str_is_none(near)) {
        fprintf(stderr, "hint: did you mean --%.*s?\n", SARG(near));
    }
    fprintf(stderr, "hint: see %s --help\n", r->command);
}

/* By its whole name, or by a beginning that only one option has. */
static const struct option_row *find_long(struct reader *r, str name)
{
    const struct option_row *found = NULL;
    for (const struct option_row *row = r->rows; !is_end(row); row++) {
        if (has_name(row, name)) {
            return row;
        }
    }
    for (const struct option_row *row = r->rows; !is_end(row); row++) {
        if (str_starts(row->name, name)) {
            if (found != NULL) {
                fprintf(stderr, "error: option --%.*s is ambiguous: --%.*s or --%.*s\n", SARG(name),
                        SARG(found->name), SARG(row->name));
                return NULL;
            }
            found = row;
        }
    }
    if (found == NULL) {
        fprintf(stderr, "error: there is no option --%.*s\n", SARG(name));
        suggest_name(r, name);
    }
    return found;
}

static const struct option_row *find_letter(struct reader *r, char letter)
{
    for (const struct option_row *row = r->rows; !is_end(row); row++) {
        if (row->letter == letter) {
            return row;
        }
    }
    fprintf(stderr, "error: there is no option -%c\nhint: see %s --help\n", letter, r->command);
    return NULL;
}

static bool wrong_number(const struct option_row *row, str text)
{
    fprintf(stderr, "error: --%.*s needs a number, not '%.*s'\n", SARG(row->name), SARG(text));
    return false;
}

static bool store(struct reader *r, const struct option_row *row, str text)
{
    void *to = r->ret + row->offset;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)to = true;
        return true;
    case OPTION_COUNT:
        ++*(unsigned *)to;
        return true;
    case OPTION_TEXT:
        *(str *)to = text;
        return true;
    case OPTION_TEXTS: {
        struct texts *texts = to;
        str *more = NEW_ARRAY(r->arena, str, texts->count + 1);
        for (size_t i = 0; i < texts->count; i++) {
            more[i] = texts->items[i];
        }
        more[texts->count] = text;
        *texts = (struct texts){ more, texts->count + 1 };
        return true;
    }
    case OPTION_NUMBER: {
        int64_t number;
        if (!str_to_int64(text, &number) || number < 0) {
            return wrong_number(row, text);
        }
        *(int64_t *)to = number;
        return true;
    }
    case OPTION_REAL: {
        char *end;
        double number = strtod(str_c(r->arena, text), &end);
        if (text.len == 0 || *end != '\0' || !(number >= 0)) {
            return wrong_number(row, text);
        }
        *(double *)to = number;
        return true;
    }
    }
    return false;
}

static bool takes_value(const struct option_row *row)
{
    return row->kind != OPTION_FLAG && row->kind != OPTION_COUNT;
}

/* An option's value: what follows it in the same argument, or the next argument. */
static bool with_value(struct reader *r, const struct option_row *row, str given)
{
    if (str_is_none(given)) {
        if (r->at + 1 >= r->argc) {
            fprintf(stderr, "error: --%.*s needs a value (%s)\n", SARG(row->name), row->value);
            return false;
        }
        given = str_of(r->argv[++r->at]);
    }
    return store(r, row, given);
}

static bool read_long(struct reader *r, str text)
{
    str value = text, name = str_cut(&value, '=');
    const struct option_row *row = find_long(r, name);
    if (row == NULL) {
        return false;
    }
    if (takes_value(row)) {
        return with_value(r, row, value);
    }
    if (!str_is_none(value)) {
        fprintf(stderr, "error: --%.*s takes no value\n", SARG(row->name));
        return false;
    }
    return store(r, row, STR_NONE);
}

static bool read_letters(struct reader *r, str letters)
{
    for (size_t i = 0; i < letters.len; i++) {
        const struct option_row *row = find_letter(r, letters.ptr[i]);
        if (row == NULL) {
            return false;
        }
        if (takes_value(row)) {
            str rest = str_part(letters, i + 1, letters.len);
            if (rest.len > 0 && rest.ptr[0] == '=') {
                rest = str_part(rest, 1, rest.len);
            }
            return with_value(r, row, rest.len == 0 ? STR_NONE : rest);
        }
        if (!store(r, row, STR_NONE)) {
            return false;
        }
    }
    return true;
}

/* A number below zero is no option: no option is a digit. */
static bool is_negative_number(str argument)
{
    for (size_t i = 1; i < argument.len; i++) {
        if (argument.ptr[i] != '.' && (argument.ptr[i] < '0' || argument.ptr[i] > '9')) {
            return false;
        }
    }
    return str_count(argument, '.') <= 1 && argument.ptr[argument.len - 1] != '.';
}

bool options_parse(struct arena *arena, const char *command, const struct option_row *rows,
                   int argc, char **argv, void *ret, struct texts *ret_rest)
{
    struct reader r = { arena, command, rows, argc, argv, 0, ret };
    VEC(str) rest = { 0 };
    bool only_rest = false;
    for (r.at = 0; r.at < argc; r.at++) {
        str argument = str_of(argv[r.at]);
        if (only_rest || argument.len < 2 || argument.ptr[0] != '-' ||
            is_negative_number(argument)) {
            *VEC_PUSH(arena, &rest) = argument;
        } else if (str_eq(argument, S("--"))) {
            only_rest = true;
        } else if (str_starts(argument, S("--"))
                       ? !read_long(&r, str_part(argument, 2, argument.len))
                       : !read_letters(&r, str_part(argument, 1, argument.len))) {
            return false;
        }
    }
    *ret_rest = (struct texts){ rest.items, rest.len };
    return true;
}

void options_help(FILE *out, const struct option_row *rows)
{
    for (const struct option_row *row = rows; !is_end(row); row++) {
        char left[64];
        int used = row->letter != 0
                       ? snprintf(left, sizeof left, "  -%c, --%.*s", row->letter, SARG(row->name))
                       : snprintf(left, sizeof left, "      --%.*s", SARG(row->name));
        if (takes_value(row)) {
            used += snprintf(left + used, sizeof left - (size_t)used, " %s", row->value);
        }
        if (used < 34) {
            fprintf(out, "%-34s %s\n", left, row->doc);
        } else {
            fprintf(out, "%s\n%35s%s\n", left, "", row->doc);
        }
    }
}
