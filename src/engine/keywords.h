/*
 * keywords.h - the words a play, role, block or task may be given, as rows of one table. From it
 * come parsing, checks, suggestions, `hostler doc` and completion.
 */
#pragma once
#include "engine/play.h"

/* Where a keyword may stand; an include or import is a task, but takes fewer. */
enum keyword_place {
    ON_PLAY = 1 << 0,
    ON_ROLE = 1 << 1, /* an entry of `roles:` or of a role's dependencies */
    ON_BLOCK = 1 << 2,
    ON_TASK = 1 << 3,
    ON_HANDLER = 1 << 4,
    ON_INCLUDE = 1 << 5, /* include_tasks, include_role: what is included is not reached by it */
    ON_IMPORT = 1 << 6,  /* import_tasks, import_role: it reaches each task within */
    ON_IMPORT_PLAYBOOK = 1 << 7,
};

/* What a value that is no template must look like. */
enum keyword_type {
    KEYWORD_STRING,
    KEYWORD_BOOL,
    KEYWORD_INT,
    KEYWORD_FLOAT,
    KEYWORD_PERCENT,    /* a number, with or without a percent sign */
    KEYWORD_STRINGS,    /* a list of strings, or one */
    KEYWORD_VARS,       /* a map, or a list of maps, from names of variables */
    KEYWORD_CONDITIONS, /* an expression, or a list of them */
    KEYWORD_TAGS,
    KEYWORD_VARIABLE, /* a name of a variable to be set */
    KEYWORD_ANY,      /* checked where it is used */
};

struct keyword_row {
    str name;
    enum keyword keyword;
    unsigned where; /* enum keyword_place, or-ed */
    enum keyword_type type;
    bool joined;               /* values of all levels count; else the nearest wins */
    const char *const *values; /* all it may be, NULL-terminated; NULL: anything of its type */
    const char *doc;
};

const struct keyword_row *keyword_row(enum keyword keyword);
const struct keyword_row *keyword_find(str name); /* anywhere; NULL: there is none */
const struct keyword_row *keyword_all(size_t *ret_count);

/* The place in the user's words: "a task". */
const char *keyword_place_name(enum keyword_place place);
/* Names of the keywords that may stand at a place, for suggestions. */
const str *keyword_names(struct arena *arena, enum keyword_place place, size_t *ret_count);
