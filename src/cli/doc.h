/*
 * doc.h - what `hostler doc` shows: the rows of the tables of modules, actions, keywords, filters,
 * tests, lookups, functions and statements, as entries of one kind.
 */
#pragma once
#include <stdio.h>

#include "engine/keywords.h"
#include "module/param.h"
#include "template/template.h"

enum doc_kind {
    DOC_MODULE, /* and actions: a task does not tell them apart */
    DOC_KEYWORD,
    DOC_FILTER,
    DOC_TEST,
    DOC_LOOKUP,
    DOC_FUNCTION,
    DOC_STATEMENT,
    DOC_KINDS /* how many there are */
};

struct doc_entry {
    enum doc_kind kind;
    str name, summary;
    const struct param *params;        /* of a module; or NULL */
    const char *example;               /* of a module; or NULL */
    const struct template_name *row;   /* of what templates have; or NULL */
    const struct keyword_row *keyword; /* or NULL */
};

/* "module", "filter" ...: the word for a kind. */
str doc_kind_name(enum doc_kind kind);

/* One entry in full, for people. */
void doc_print(FILE *out, const struct doc_entry *entry);
