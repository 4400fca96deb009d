/*
 * yaml_node.h - between the parts of the YAML reader: the tree of nodes, as YAML's specification
 * calls it, that lies between libyaml's events and values. Anchors are resolved and tags are chosen
 * in it; merge keys need it, since they move pairs before anything is built.
 *
 *     yaml_compose.c  events -> nodes       yaml_mistake.c  what libyaml complains of ->
 * diagnostics yaml_scalar.c   one scalar -> value   yaml_read.c     nodes -> values
 */
#pragma once
#include <yaml.h>

#include "formats/origin.h"
#include "formats/yaml.h"

enum yaml_tag {
    TAG_STR,
    TAG_NULL,
    TAG_BOOL,
    TAG_INT,
    TAG_FLOAT,
    TAG_TIMESTAMP,
    TAG_BINARY,
    TAG_MERGE, /* "<<" */
    TAG_VALUE, /* "=" */
    TAG_SEQ,
    TAG_OMAP,
    TAG_PAIRS,
    TAG_MAP,
    TAG_SET,
    TAG_VAULT,
    TAG_UNSAFE,
    TAG_UNKNOWN,
};

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

struct pair {
    struct node *key, *val;
    bool merged; /* came through a merge key */
};

struct node {
    enum node_kind kind;
    enum yaml_tag tag;
    str tag_text;        /* as written out: "tag:yaml.org,2002:str"; STR_NONE when resolved */
    uint32_t from, to;   /* bytes of the text, without tag and anchor */
    uint32_t properties; /* where its tag or anchor begins; `from` when it has none */
    str text;            /* of a scalar */
    bool plain;          /* of a scalar: not quoted, no block */
    bool open;           /* still being composed: an alias to it would be recursive */
    bool flat;           /* its merge keys are resolved */
    bool built;          /* `result` is set */
    unsigned height;     /* levels of nesting in it: 1 for a scalar */
    uint64_t weight;     /* nodes in it, aliases counted as often as used */
    VEC(struct node *) items;
    VEC(struct pair) pairs;
    value result;
};

struct yaml_reader {
    struct arena *arena;   /* of the values */
    struct arena *scratch; /* of the nodes */
    struct origin origin;
    str text; /* of the source */
    struct yaml_options options;
    yaml_parser_t parser;
    bool ascii;                 /* characters are bytes */
    size_t mark_index;          /* a known pair of character ... */
    size_t mark_byte;           /* ... and byte, near the last mark */
    struct map_builder anchors; /* name -> index in `anchored` */
    VEC(struct node *) anchored;
    struct map_builder keys; /* texts that were keys already, by themselves */
};

/* The next document's root; NULL at the end of the stream. */
bool yaml_compose(struct yaml_reader *reader, struct node **ret);
/* Behind the tag and the anchor before a node, at most at `to`. */
size_t yaml_skip_properties(str text, size_t from, size_t to);
size_t yaml_offset(struct yaml_reader *reader, const yaml_mark_t *mark); /* in bytes */

enum yaml_tag yaml_resolve_plain(str text); /* the tag of a plain scalar without one */
/* The value of a scalar by its tag; false after a diagnostic. */
bool yaml_build_scalar(struct yaml_reader *reader, const struct node *node, value *ret);

/* Bytes [from, to) of a scalar's text, in its source; false when one does not explain the other. */
bool yaml_scalar_bytes(str scalar, str result, size_t from, size_t to, size_t *ret_from,
                       size_t *ret_to);

void yaml_report_parser(struct yaml_reader *reader); /* libyaml's error, in our words */
/* Report a template without quotes, when that is what stands at this byte; else false. */
bool yaml_report_template(const struct yaml_reader *reader, size_t at);
