/*
 * yaml.h - YAML 1.1 as PyYAML's safe loader and dumper have it, which is what playbooks were
 * written against: 0644 is 420, yes is true, 1:30 is 90, 1e3 a string, 2001-12-14 a date.
 *
 * Every value and every key carries the place where it was written; the place of a scalar begins at
 * its first character (its quote, its | or >) and that of an alias is its anchor's content. A plain
 * scalar that is a string says so (VALUE_FLAG_BARE). Values that an alias names are shared.
 *
 * Bounds: VALUE_MAX_DEPTH, VALUE_MAX_NODES with aliases counted as often as used, and integers of
 * at most 4300 digits, Python's own limit. Recursive aliases are refused.
 *
 * Source: YAML 1.1; PyYAML 6.0 on libyaml 0.2.5; ansible-core 2.18 for !vault and !unsafe.
 */
#pragma once
#include "base/diag.h"
#include "base/value.h"

struct yaml_options {
    /* Written by the playbook's author: strings may be templates, !vault and !unsafe are known. */
    bool trusted;
    /* Decrypts a !vault text; it reports what goes wrong. NULL: the value becomes an object of
     * vault_type (objects.h), to be decrypted when it is used. */
    bool (*vault)(void *data, struct diags *diags, str ciphertext, span at, value *ret);
    void *vault_data;
    /* For a text that is no source of the map (source->start is 0: a string at hand, the reply of a
     * host): the place given to all its values and diagnostics. These then name line and column. */
    span at;
};

/*
 * Read one document; an empty text is null, a second document is refused. Strings are copied into
 * the arena. A duplicate key is a warning that shows both places; the last value wins.
 * False after a diagnostic; *ret is then untouched. Source text in UTF-16 is added to the map once
 * more, in UTF-8, for the places in it.
 */
NODISCARD bool yaml_read(struct arena *arena, struct diags *diags, const struct source *source,
                         struct yaml_options options, value *ret);
/* All documents of the stream, as a list. */
NODISCARD bool yaml_read_all(struct arena *arena, struct diags *diags, const struct source *source,
                             struct yaml_options options, value *ret_list);

/*
 * The place of bytes [from, to) of a string that was read from YAML or JSON, in its source: through
 * quotes, escapes, folding and indentation. When the string does not stand there as it is (it was
 * changed since), the answer is its whole place, v.at. Costs a scan of the scalar.
 */
span yaml_scalar_span(struct source_map *sources, value v, size_t from, size_t to);

enum yaml_flow {
    YAML_FLOW_LEAVES, /* lists and maps of plain scalars in one line: Ansible's to_yaml */
    YAML_FLOW_NEVER,  /* to_nice_yaml */
    YAML_FLOW_ALWAYS,
};

/* The arguments of yaml.dump; start from YAML_WRITE_DEFAULTS. */
struct yaml_format {
    enum yaml_flow flow;
    int indent;                        /* 2 to 9, else 2; to_nice_yaml: 4 */
    int width;                         /* columns to fold at; negative: never */
    bool sort_keys;                    /* maps whose keys have no common order keep theirs */
    bool explicit_start, explicit_end; /* "---", "..." */
    bool canonical;
    bool blocks; /* strings of several lines as literal blocks ('|'), where one may stand */
    char style;  /* of all scalars: '\'', '"', '|', '>', or 0: each as it needs */
    /* Repeated lists and maps (the same, not equal ones) as anchor and alias, as yaml.dump does.
     * What a YAML alias named is shared here, but was copied by Ansible: value_copy() it first. */
    bool aliases;
    /* An object as ordinary data, asked for each object first (a vault text is otherwise written as
     * !vault). NULL or false: dates, bytes, sets and vault texts only, others are refused. */
    bool (*plain)(void *data, value object, value *ret);
    void *plain_data;
};
#define YAML_WRITE_DEFAULTS                                                                        \
    ((struct yaml_format){ .flow = YAML_FLOW_LEAVES, .indent = 2, .width = 80, .sort_keys = true })

/*
 * Write a document, byte for byte as yaml.dump with Ansible's dumper. The result is a string whose
 * secret and unknown bytes stay marked. False after a diagnostic: undefined values, functions and
 * other objects cannot be written.
 */
NODISCARD bool yaml_write(struct arena *arena, struct diags *diags, value v,
                          struct yaml_format format, value *ret);
