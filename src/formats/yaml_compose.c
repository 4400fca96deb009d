/*
 * yaml_compose.c - libyaml's events to a tree of nodes: anchors and aliases, tags, places, bounds.
 */
#include <string.h>

#include "base/utf8.h"
#include "formats/yaml_node.h"

/* ---- places ---- */

/* libyaml counts characters, we count bytes: walk from the last place asked for, which is near. */
size_t yaml_offset(struct yaml_reader *reader, const yaml_mark_t *mark)
{
    str text = reader->text;

    if (reader->ascii) {
        return mark->index < text.len ? mark->index : text.len;
    }
    while (reader->mark_index < mark->index && reader->mark_byte < text.len) {
        utf8_next(text, &reader->mark_byte);
        reader->mark_index++;
    }
    while (reader->mark_index > mark->index) {
        do {
            reader->mark_byte--;
        } while (((unsigned char)text.ptr[reader->mark_byte] & 0xC0) == 0x80);
        reader->mark_index--;
    }
    return reader->mark_byte;
}

size_t yaml_skip_properties(str text, size_t from, size_t to)
{
    while (from < to && (text.ptr[from] == '&' || text.ptr[from] == '!')) {
        bool verbatim = text.ptr[from] == '!' && from + 1 < to && text.ptr[from + 1] == '<';
        while (from < to && strchr(verbatim ? ">" : " \t\r\n,[]{}", text.ptr[from]) == NULL) {
            from++;
        }
        from += verbatim && from < to;
        for (bool comment = false; from < to; from++) {
            char c = text.ptr[from];
            comment = c == '#' || (comment && c != '\n');
            if (!comment && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
                break;
            }
        }
    }
    return from;
}

static void set_place(struct yaml_reader *reader, struct node *node, const yaml_event_t *event,
                      bool has_properties)
{
    node->from = node->properties = (uint32_t)yaml_offset(reader, &event->start_mark);
    node->to = (uint32_t)yaml_offset(reader, &event->end_mark);
    if (has_properties) {
        node->from = (uint32_t)yaml_skip_properties(reader->text, node->from, node->to);
    }
}

/* ---- tags ---- */

static enum yaml_tag tag_named(const struct yaml_reader *reader, str tag)
{
    static const struct {
        str name;
        enum yaml_tag tag;
        bool author; /* known only in what the author of a playbook wrote */
    } tags[] = {
        { S_INIT("tag:yaml.org,2002:str"), TAG_STR, false },
        { S_INIT("tag:yaml.org,2002:null"), TAG_NULL, false },
        { S_INIT("tag:yaml.org,2002:bool"), TAG_BOOL, false },
        { S_INIT("tag:yaml.org,2002:int"), TAG_INT, false },
        { S_INIT("tag:yaml.org,2002:float"), TAG_FLOAT, false },
        { S_INIT("tag:yaml.org,2002:timestamp"), TAG_TIMESTAMP, false },
        { S_INIT("tag:yaml.org,2002:binary"), TAG_BINARY, false },
        { S_INIT("tag:yaml.org,2002:merge"), TAG_MERGE, false },
        { S_INIT("tag:yaml.org,2002:value"), TAG_VALUE, false },
        { S_INIT("tag:yaml.org,2002:seq"), TAG_SEQ, false },
        { S_INIT("tag:yaml.org,2002:omap"), TAG_OMAP, false },
        { S_INIT("tag:yaml.org,2002:pairs"), TAG_PAIRS, false },
        { S_INIT("tag:yaml.org,2002:map"), TAG_MAP, false },
        { S_INIT("tag:yaml.org,2002:set"), TAG_SET, false },
        { S_INIT("tag:yaml.org,2002:python/dict"), TAG_MAP, true },
        { S_INIT("tag:yaml.org,2002:python/unicode"), TAG_STR, true },
        { S_INIT("!vault"), TAG_VAULT, true },
        { S_INIT("!vault-encrypted"), TAG_VAULT, true },
        { S_INIT("!unsafe"), TAG_UNSAFE, true },
    };

    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        if (str_eq(tag, tags[i].name) && (!tags[i].author || reader->options.trusted)) {
            return tags[i].tag;
        }
    }
    return TAG_UNKNOWN;
}

static void set_tag(struct yaml_reader *reader, struct node *node, const yaml_char_t *written,
                    enum yaml_tag otherwise)
{
    str tag = str_of((const char *)written);

    if (str_is_none(tag) || str_eq(tag, S("!"))) {
        node->tag = otherwise;
    } else {
        node->tag_text = str_copy(reader->scratch, tag);
        node->tag = tag_named(reader, tag);
    }
}

/* ---- anchors ---- */

static bool set_anchor(struct yaml_reader *reader, struct node *node, const yaml_char_t *anchor)
{
    str name = str_of((const char *)anchor);
    value first;

    if (str_is_none(name)) {
        return true;
    }
    value key = value_str(reader->scratch, name);
    if (map_has(&reader->anchors, key, &first)) {
        struct node *other = reader->anchored.items[first.at.pos];
        struct diag *diag = origin_error(&reader->origin, node->properties, node->from,
                                         "anchor '%.*s' is defined twice", SARG(name));
        origin_note(&reader->origin, diag, other->properties, other->from, "first defined here");
        return false;
    }
    /* The place of the key serves as its index, which spares a lookup. */
    key = value_at(key, (span){ (uint32_t)reader->anchored.len, 0 });
    map_set(&reader->anchors, key, value_null());
    *VEC_PUSH(reader->scratch, &reader->anchored) = node;
    return true;
}

static bool compose_alias(struct yaml_reader *reader, const yaml_event_t *event, struct node **ret)
{
    str name = str_of((const char *)event->data.alias.anchor);
    size_t from = yaml_offset(reader, &event->start_mark);
    size_t to = yaml_offset(reader, &event->end_mark);
    value key;

    if (!map_has(&reader->anchors, value_str(reader->scratch, name), &key)) {
        struct diag *diag = origin_error(&reader->origin, from, to,
                                         "no anchor '%.*s' before this alias", SARG(name));
        diag_hint(diag, "define it with &%.*s, or quote a text that begins with *", SARG(name));
        return false;
    }
    struct node *node = reader->anchored.items[key.at.pos];
    if (node->open) {
        struct diag *diag = origin_error(&reader->origin, from, to,
                                         "alias '%.*s' is part of what it names", SARG(name));
        origin_note(&reader->origin, diag, node->properties, node->from, "the anchor is here");
        return false;
    }
    *ret = node;
    return true;
}

/* ---- nodes ---- */

static bool compose_node(struct yaml_reader *reader, const yaml_event_t *event, unsigned depth,
                         struct node **ret);

static bool next_event(struct yaml_reader *reader, yaml_event_t *event)
{
    if (!yaml_parser_parse(&reader->parser, event)) {
        yaml_report_parser(reader);
        return false;
    }
    return true;
}

/* Count a child into its parent, and hold the bounds. */
static bool grow(struct yaml_reader *reader, struct node *parent, const struct node *child)
{
    parent->weight += child->weight;
    if (parent->height <= child->height) {
        parent->height = child->height + 1;
    }
    if (parent->height > VALUE_MAX_DEPTH) {
        origin_error(&reader->origin, parent->from, parent->from + 1,
                     "nested more than %d levels deep", VALUE_MAX_DEPTH);
        return false;
    }
    if (parent->weight > VALUE_MAX_NODES) {
        origin_error(&reader->origin, parent->from, parent->from + 1,
                     "more than %d values, counting each alias as often as it is used",
                     VALUE_MAX_NODES);
        return false;
    }
    return true;
}

/* The items of a sequence, or the keys and values of a mapping in turn, up to the end event. */
static bool compose_children(struct yaml_reader *reader, struct node *node, unsigned depth)
{
    yaml_event_type_t end =
        node->kind == NODE_SEQUENCE ? YAML_SEQUENCE_END_EVENT : YAML_MAPPING_END_EVENT;
    struct node *key = NULL;

    if (depth >= VALUE_MAX_DEPTH) {
        origin_error(&reader->origin, node->from, node->from + 1, "nested more than %d levels deep",
                     VALUE_MAX_DEPTH);
        return false;
    }
    for (;;) {
        yaml_event_t event;
        if (!next_event(reader, &event)) {
            return false;
        }
        if (event.type == end) {
            node->to = (uint32_t)yaml_offset(reader, &event.end_mark);
            yaml_event_delete(&event);
            return true;
        }
        struct node *child = NULL;
        bool composed = compose_node(reader, &event, depth + 1, &child);
        yaml_event_delete(&event);
        if (!composed || !grow(reader, node, child)) {
            return false;
        }
        if (node->kind == NODE_SEQUENCE) {
            *VEC_PUSH(reader->scratch, &node->items) = child;
        } else if (key == NULL) {
            key = child;
        } else {
            *VEC_PUSH(reader->scratch, &node->pairs) = (struct pair){ key, child, false };
            key = NULL;
        }
    }
}

/* A block collection ends where the next thing begins: leave out the white space and comments. */
static void trim_place(struct node *node, str text)
{
    const struct node *last = node->items.len > 0   ? node->items.items[node->items.len - 1]
                              : node->pairs.len > 0 ? node->pairs.items[node->pairs.len - 1].val
                                                    : NULL;
    char open = node->from < text.len ? text.ptr[node->from] : '\0';

    if (open != '[' && open != '{' && last != NULL && last->to > node->from &&
        last->to < node->to) {
        node->to = last->to;
    }
}

static bool compose_collection(struct yaml_reader *reader, const yaml_event_t *event,
                               unsigned depth, struct node *node)
{
    bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *anchor =
        is_list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
    const yaml_char_t *tag =
        is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag;

    node->kind = is_list ? NODE_SEQUENCE : NODE_MAPPING;
    set_place(reader, node, event, anchor != NULL || tag != NULL);
    set_tag(reader, node, tag, is_list ? TAG_SEQ : TAG_MAP);
    node->open = true;
    if (!set_anchor(reader, node, anchor) || !compose_children(reader, node, depth)) {
        return false;
    }
    trim_place(node, reader->text);
    node->open = false;
    return true;
}

static bool compose_scalar(struct yaml_reader *reader, const yaml_event_t *event, struct node *node)
{
    const yaml_char_t *anchor = event->data.scalar.anchor, *tag = event->data.scalar.tag;

    node->kind = NODE_SCALAR;
    node->text = str_copy(reader->scratch, (str){ (const char *)event->data.scalar.value,
                                                  event->data.scalar.length });
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    set_place(reader, node, event, anchor != NULL || tag != NULL);
    set_tag(reader, node, tag,
            event->data.scalar.plain_implicit ? yaml_resolve_plain(node->text) : TAG_STR);
    return set_anchor(reader, node, anchor);
}

static bool compose_node(struct yaml_reader *reader, const yaml_event_t *event, unsigned depth,
                         struct node **ret)
{
    if (event->type == YAML_ALIAS_EVENT) {
        return compose_alias(reader, event, ret);
    }
    struct node *node = NEW(reader->scratch, struct node);
    node->weight = node->height = 1;
    *ret = node;
    return event->type == YAML_SCALAR_EVENT ? compose_scalar(reader, event, node)
                                            : compose_collection(reader, event, depth, node);
}

bool yaml_compose(struct yaml_reader *reader, struct node **ret)
{
    for (struct node *root = NULL;;) {
        yaml_event_t event;
        if (!next_event(reader, &event)) {
            return false;
        }
        yaml_event_type_t type = event.type;
        bool composed = true;
        if (type == YAML_DOCUMENT_START_EVENT) {
            reader->anchors = map_in(reader->scratch);
            reader->anchored.len = 0;
        } else if (type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT &&
                   type != YAML_DOCUMENT_END_EVENT) {
            composed = compose_node(reader, &event, 0, &root);
        }
        yaml_event_delete(&event);
        if (!composed) {
            return false;
        }
        if (type == YAML_DOCUMENT_END_EVENT || type == YAML_STREAM_END_EVENT) {
            *ret = root;
            return true;
        }
    }
}
