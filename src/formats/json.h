/*
 * json.h - JSON as Python's json module reads and writes it: RFC 8259, with NaN, Infinity and
 * -Infinity. Numbers are exact: integers of any length up to 4300 digits, floats as Python prints
 * them. Of a duplicate key the last value wins, silently.
 *
 * Bounds: VALUE_MAX_DEPTH and VALUE_MAX_NODES, with a diagnostic. Safe for replies of hosts.
 */
#pragma once
#include "base/diag.h"
#include "base/value.h"

struct json_options {
    bool trusted; /* written by the playbook's author: strings may be templates */
    /* For a text that is no source of the map (source->start is 0): the place given to all its
     * values and diagnostics; these then name line and column. */
    span at;
};

/* Read one value, with white space around it. False after a diagnostic; *ret is then untouched. */
NODISCARD bool json_read(struct arena *arena, struct diags *diags, const struct source *source,
                         struct json_options options, value *ret);

enum json_sort {
    JSON_AS_WRITTEN,
    JSON_SORTED,      /* as Python: keys of several types in one map are refused */
    JSON_SORTED_SOME, /* such maps keep their order */
};

/* The arguments of json.dumps; zero is its default. */
struct json_format {
    int indent; /* 0: all in one line; else columns a level, negative: line breaks only (indent=0)
                 */
    enum json_sort sort;
    bool unicode;       /* ensure_ascii=False: write other characters as they are */
    bool html;          /* Jinja's tojson: < > & ' as \u003c ... */
    str item_separator; /* STR_NONE: ", ", or "," with an indent */
    str key_separator;  /* STR_NONE: ": " */
    /* An object as ordinary data, asked for each object first (a vault text is otherwise written as
     * {"__ansible_vault": ...}). NULL or false: dates and vault texts only, others are refused. */
    bool (*plain)(void *data, value object, value *ret);
    void *plain_data;
};

/*
 * Write a value, byte for byte as json.dumps with Ansible's encoder: dates in ISO 8601, keys as
 * Python converts them (true, 1, 1.5 and null become text). The result is a string whose secret and
 * unknown bytes stay marked. False after a diagnostic: undefined values, bytes, sets and other
 * objects have no JSON.
 */
NODISCARD bool json_write(struct arena *arena, struct diags *diags, value v,
                          struct json_format format, value *ret);
/* The same behind a text, without marks: for what exists to print secrets. The text is as it was
 * after a failure. */
NODISCARD bool json_append(struct strbuf *out, struct diags *diags, value v,
                           struct json_format format);
