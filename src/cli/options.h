/*
 * options.h - command-line options as rows of a table: from it come parsing, suggestions, --help
 * and the man page. Options and other arguments may be mixed; long names may be shortened while
 * they stay unambiguous; "--" ends the options. A number, "-1", is no option.
 */
#pragma once
#include <stdio.h>

#include "base/arena.h"

enum option_kind {
    OPTION_FLAG,   /* bool */
    OPTION_COUNT,  /* unsigned: -vvv */
    OPTION_TEXT,   /* str; STR_NONE: not given; the last wins */
    OPTION_TEXTS,  /* struct texts: each time one more */
    OPTION_NUMBER, /* int64_t, not negative */
    OPTION_REAL,   /* double, not negative */
};

struct texts {
    const str *items;
    size_t count;
};

struct option_row {
    char letter;                /* 0: none */
    str name;                   /* without dashes */
    const char *const *aliases; /* further long names, NULL-terminated; or NULL */
    enum option_kind kind;
    size_t offset;
    const char *value; /* what --help calls it: "FILE" */
    const char *doc;
};
#define OPTIONS_END                                                                                \
    {                                                                                              \
        .letter = 0                                                                                \
    }

/* Fill `ret` (zeroed) from argv; what is no option goes to *ret_rest. False after a message. */
bool options_parse(struct arena *arena, const char *command, const struct option_row *rows,
                   int argc, char **argv, void *ret, struct texts *ret_rest);
void options_help(FILE *out, const struct option_row *rows);
