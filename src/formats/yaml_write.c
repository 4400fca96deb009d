/*
 * yaml_write.c - yaml.dump as Ansible calls it. Ansible's dumper is PyYAML's safe one on libyaml's
 * emitter, so the same emitter is used here, and what PyYAML does before it is done as there: nodes
 * with tags and styles, anchors, then events.
 *
 * libyaml folds and quotes as it writes, so secret and unknown bytes are found again afterwards:
 * what was written is scanned, and its n-th scalar is the n-th that was given.
 */
#include <math.h>
#include <string.h>

#include "base/bug.h"
#include "base/textbuf.h"
#include "formats/datetime.h"
#include "formats/objects.h"
#include "formats/order.h"
#include "formats/yaml_node.h"

#define TAG_PREFIX "tag:yaml.org,2002:"

/* What is to be written: PyYAML's representation of a value. */
struct item {
    enum node_kind kind;
    const char *tag;
    enum yaml_tag resolved;   /* the tag that a plain scalar must resolve to, to be written plain */
    value text;               /* of a scalar: a string, with its marks */
    char style;               /* of a scalar: '|' and so on, 0: as needed */
    bool flow;                /* of a list or map */
    unsigned uses;            /* how often it is met: an anchor is needed from 2 on */
    str anchor;               /* STR_NONE: none yet */
    bool written;             /* from now on an alias does */
    VEC(struct item *) items; /* of a map: keys and values in turn */
};

struct writer {
    struct arena *scratch;
    struct diags *diags;
    struct yaml_format format;
    struct map_builder known; /* identity -> index in `shared` */
    VEC(struct item *) shared;
    unsigned anchors;
    size_t nodes;
    yaml_emitter_t emitter;
    struct strbuf out;
    VEC(struct item *) scalars; /* as written */
    bool marked;                /* one of them has marks */
};

/* ---- values to items ---- */

static bool represent(struct writer *w, value v, unsigned depth, struct item **ret);

static struct item *scalar_item(struct writer *w, const char *tag, enum yaml_tag resolved,
                                value text)
{
    struct item *item = NEW(w->scratch, struct item);

    item->kind = NODE_SCALAR;
    item->tag = tag;
    item->resolved = resolved;
    item->text = text;
    item->style = w->format.style;
    return item;
}

static struct item *text_item(struct writer *w, const char *tag, enum yaml_tag resolved, str text)
{
    return scalar_item(w, tag, resolved, value_str(w->scratch, text));
}

static str float_text(struct writer *w, double d)
{
    if (isnan(d) || isinf(d)) {
        return isnan(d) ? S(".nan") : d > 0 ? S(".inf") : S("-.inf");
    }
    str text = float_repr(w->scratch, d);
    /* A float of YAML 1.1 has a point: 1e+16 is 1.0e+16. */
    return str_find_char(text, '.', 0) == STR_NPOS ? str_replace(w->scratch, text, S("e"), S(".0e"))
                                                   : text;
}

/* A string, or the text of an unknown: a string with its unknown bytes marked. */
static struct item *str_item(struct writer *w, value v)
{
    value text = v;

    if (value_is(v, VALUE_UNKNOWN) && !value_unknown_text(v, &text)) {
        struct textbuf placeholder = textbuf_in(w->scratch);
        textbuf_add_value(&placeholder, v);
        value unknown = textbuf_value(&placeholder);
        text = value_unknown_text(unknown, &text) ? text : value_str(w->scratch, S("(unknown)"));
    }
    struct item *item = scalar_item(w, TAG_PREFIX "str", TAG_STR, text);
    if (w->format.blocks && str_find_char(value_as_str(text), '\n', 0) != STR_NPOS) {
        item->style = '|';
    }
    return item;
}

/* Lists and maps of plain scalars stand in one line, if the format says so. */
static bool choose_flow(struct writer *w, const struct item *item)
{
    for (size_t i = 0; i < item->items.len && w->format.flow == YAML_FLOW_LEAVES; i++) {
        const struct item *child = item->items.items[i];
        if (child->kind != NODE_SCALAR || child->style != 0) {
            return false;
        }
    }
    return w->format.flow != YAML_FLOW_NEVER;
}

static bool add_item(struct writer *w, struct item *item, value v, unsigned depth)
{
    struct item *child;

    if (!represent(w, v, depth + 1, &child)) {
        return false;
    }
    *VEC_PUSH(w->scratch, &item->items) = child;
    return true;
}

static bool fill_list(struct writer *w, struct item *item, value v, unsigned depth)
{
    size_t count;
    const value *items = value_items(v, &count);

    item->kind = NODE_SEQUENCE;
    item->tag = TAG_PREFIX "seq";
    for (size_t i = 0; i < count; i++) {
        if (!add_item(w, item, items[i], depth)) {
            return false;
        }
    }
    item->flow = choose_flow(w, item);
    return true;
}

static bool fill_map(struct writer *w, struct item *item, value v, unsigned depth)
{
    size_t count = value_count(v), *order = NULL;

    item->kind = NODE_MAPPING;
    item->tag = TAG_PREFIX "map";
    if (w->format.sort_keys) {
        order_keys(w->scratch, v, &order); /* keys without an order stay as written */
    }
    for (size_t i = 0; i < count; i++) {
        size_t index = order != NULL ? order[i] : i;
        if (!add_item(w, item, value_map_key(v, index), depth) ||
            !add_item(w, item, value_map_value(v, index), depth)) {
            return false;
        }
    }
    item->flow = choose_flow(w, item);
    return true;
}

static bool fill_set(struct writer *w, struct item *item, value members, unsigned depth)
{
    struct map_builder map = map_in(w->scratch);

    for (size_t i = 0; i < value_count(members); i++) {
        map_set(&map, value_item(members, i), value_null());
    }
    if (!fill_map(w, item, map_seal(&map), depth)) {
        return false;
    }
    item->tag = TAG_PREFIX "set";
    return true;
}

static bool fill_object(struct writer *w, struct item *item, value v, unsigned depth)
{
    const struct object_type *type = value_object_type(v);
    struct datetime dt;

    if (value_as_datetime(v, &dt)) {
        *item =
            *text_item(w, TAG_PREFIX "timestamp", TAG_TIMESTAMP, datetime_iso(w->scratch, v, ' '));
    } else if (type == &bytes_type) {
        const str *bytes = value_object_data(v);
        *item =
            *text_item(w, TAG_PREFIX "binary", TAG_BINARY, base64_encode_lines(w->scratch, *bytes));
        item->style = '|';
    } else if (type == &vault_type) {
        const str *ciphertext = value_object_data(v);
        *item = *text_item(w, "!vault", TAG_VAULT, *ciphertext);
        item->style = '|';
    } else if (type == &set_type) {
        const struct value_set *set = value_object_data(v);
        return fill_set(w, item, set->members, depth);
    } else {
        diag_error(w->diags, v.at, "a %s cannot be written as YAML", type->name);
        return false;
    }
    return true;
}

/* A list, map or object; the same one again is the same item again. */
static bool represent_shared(struct writer *w, value v, unsigned depth, struct item **ret)
{
    value key = value_int((int64_t)(intptr_t)value_identity(v)), known;
    struct item *item = NEW(w->scratch, struct item);

    if (w->format.aliases) {
        if (map_has(&w->known, key, &known)) {
            *ret = w->shared.items[known.at.pos];
            return true;
        }
        map_set(&w->known, value_at(key, (span){ (uint32_t)w->shared.len, 0 }), value_null());
        *VEC_PUSH(w->scratch, &w->shared) = item;
    }
    *ret = item;
    return value_is(v, VALUE_LIST)  ? fill_list(w, item, v, depth)
           : value_is(v, VALUE_MAP) ? fill_map(w, item, v, depth)
                                    : fill_object(w, item, v, depth);
}

static bool represent(struct writer *w, value v, unsigned depth, struct item **ret)
{
    value plain;

    if (depth > VALUE_MAX_DEPTH || ++w->nodes > VALUE_MAX_NODES) {
        diag_error(w->diags, v.at, "more than %d values, or more than %d levels of them",
                   VALUE_MAX_NODES, VALUE_MAX_DEPTH);
        return false;
    }
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
        diag_error(w->diags, v.at, "%.*s", SARG(value_undefined_what(v)));
        return false;
    case VALUE_NULL:
        *ret = text_item(w, TAG_PREFIX "null", TAG_NULL, S("null"));
        return true;
    case VALUE_BOOL:
        *ret = text_item(w, TAG_PREFIX "bool", TAG_BOOL, value_as_bool(v) ? S("true") : S("false"));
        return true;
    case VALUE_INT:
        *ret = scalar_item(w, TAG_PREFIX "int", TAG_INT, value_print(w->scratch, v));
        return true;
    case VALUE_FLOAT:
        plain = value_str_shared(w->scratch, float_text(w, value_as_float(v)));
        *ret = scalar_item(w, TAG_PREFIX "float", TAG_FLOAT,
                           value_is_secret_number(v) ? value_secret_all(w->scratch, plain) : plain);
        return true;
    case VALUE_UNKNOWN:
    case VALUE_STR:
        *ret = str_item(w, v);
        return true;
    case VALUE_OBJECT:
        if (w->format.plain != NULL && w->format.plain(w->format.plain_data, v, &plain)) {
            return represent(w, plain, depth + 1, ret);
        }
        return represent_shared(w, v, depth, ret);
    case VALUE_LIST:
    case VALUE_MAP:
        return represent_shared(w, v, depth, ret);
    }
    return false;
}

/* ---- anchors ---- */

/* Numbered in the order in which the second use of each is met. */
static void number_anchors(struct writer *w, struct item *item)
{
    if (++item->uses == 1) {
        for (size_t i = 0; i < item->items.len; i++) {
            number_anchors(w, item->items.items[i]);
        }
    } else if (item->uses == 2) {
        item->anchor = str_format(w->scratch, "id%03u", ++w->anchors);
    }
}

/* ---- items to events ---- */

static int take_output(void *data, unsigned char *bytes, size_t size)
{
    strbuf_add(data, (str){ (const char *)bytes, size });
    return 1;
}

static bool emit(struct writer *w, yaml_event_t *event)
{
    if (yaml_emitter_emit(&w->emitter, event)) {
        return true;
    }
    diag_error(w->diags, SPAN_NONE, "cannot be written as YAML: %s",
               w->emitter.problem != NULL ? w->emitter.problem : "no memory");
    return false;
}

static const yaml_char_t *chars(const char *text)
{
    return (const yaml_char_t *)text;
}

static bool emit_scalar(struct writer *w, struct item *item, const yaml_char_t *anchor)
{
    yaml_event_t event;
    str text = value_as_str(item->text);
    yaml_scalar_style_t style = item->style == '|'    ? YAML_LITERAL_SCALAR_STYLE
                                : item->style == '>'  ? YAML_FOLDED_SCALAR_STYLE
                                : item->style == '\'' ? YAML_SINGLE_QUOTED_SCALAR_STYLE
                                : item->style == '"'  ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
                                                      : YAML_PLAIN_SCALAR_STYLE;
    size_t marks;

    value_marks(item->text, &marks);
    w->marked = w->marked || marks > 0;
    *VEC_PUSH(w->scratch, &w->scalars) = item;
    if (text.len > INT32_MAX ||
        !yaml_scalar_event_initialize(&event, anchor, chars(item->tag), chars(text.ptr),
                                      (int)text.len, yaml_resolve_plain(text) == item->resolved,
                                      item->resolved == TAG_STR, style)) {
        diag_error(w->diags, item->text.at, "text is not UTF-8 and cannot be written as YAML");
        return false;
    }
    return emit(w, &event);
}

static bool emit_item(struct writer *w, struct item *item);

static bool emit_collection(struct writer *w, struct item *item, const yaml_char_t *anchor)
{
    bool list = item->kind == NODE_SEQUENCE;
    bool implicit = strcmp(item->tag, list ? TAG_PREFIX "seq" : TAG_PREFIX "map") == 0;
    yaml_event_t event;

    if (list) {
        yaml_sequence_start_event_initialize(&event, anchor, chars(item->tag), implicit,
                                             item->flow ? YAML_FLOW_SEQUENCE_STYLE
                                                        : YAML_BLOCK_SEQUENCE_STYLE);
    } else {
        yaml_mapping_start_event_initialize(&event, anchor, chars(item->tag), implicit,
                                            item->flow ? YAML_FLOW_MAPPING_STYLE
                                                       : YAML_BLOCK_MAPPING_STYLE);
    }
    if (!emit(w, &event)) {
        return false;
    }
    for (size_t i = 0; i < item->items.len; i++) {
        if (!emit_item(w, item->items.items[i])) {
            return false;
        }
    }
    if (list) {
        yaml_sequence_end_event_initialize(&event);
    } else {
        yaml_mapping_end_event_initialize(&event);
    }
    return emit(w, &event);
}

static bool emit_item(struct writer *w, struct item *item)
{
    const yaml_char_t *anchor = str_is_none(item->anchor) ? NULL : chars(item->anchor.ptr);

    if (item->written && anchor != NULL) {
        yaml_event_t event;
        yaml_alias_event_initialize(&event, anchor);
        return emit(w, &event);
    }
    item->written = true;
    return item->kind == NODE_SCALAR ? emit_scalar(w, item, anchor)
                                     : emit_collection(w, item, anchor);
}

static bool emit_document(struct writer *w, struct item *root)
{
    yaml_event_t event;

    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
    if (!emit(w, &event)) {
        return false;
    }
    yaml_document_start_event_initialize(&event, NULL, NULL, NULL, !w->format.explicit_start);
    if (!emit(w, &event) || !emit_item(w, root)) {
        return false;
    }
    yaml_document_end_event_initialize(&event, !w->format.explicit_end);
    if (!emit(w, &event)) {
        return false;
    }
    yaml_stream_end_event_initialize(&event);
    return emit(w, &event);
}

static bool run_emitter(struct writer *w, struct item *root)
{
    if (!yaml_emitter_initialize(&w->emitter)) {
        diag_error(w->diags, SPAN_NONE, "no memory for the YAML emitter");
        return false;
    }
    yaml_emitter_set_output(&w->emitter, take_output, &w->out);
    yaml_emitter_set_canonical(&w->emitter, w->format.canonical);
    yaml_emitter_set_indent(&w->emitter, w->format.indent);
    yaml_emitter_set_width(&w->emitter, w->format.width);
    yaml_emitter_set_unicode(&w->emitter, true);
    bool emitted = emit_document(w, root);
    yaml_emitter_delete(&w->emitter);
    return emitted;
}

/* ---- marks ---- */

struct marks {
    VEC(struct mark) all;
};

/* The marks of a scalar, where it was written: bytes [from, to) of the output. */
static void add_marks(struct writer *w, struct marks *marks, value text, size_t from, size_t to)
{
    str scalar = str_part(strbuf_str(&w->out), from, to);
    size_t count;
    const struct mark *own = value_marks(text, &count);

    for (size_t i = 0; i < count; i++) {
        size_t first = 0, last = scalar.len; /* all of it, should it not be found again */
        yaml_scalar_bytes(scalar, value_as_str(text), own[i].from, own[i].to, &first, &last);
        *VEC_PUSH(w->scratch, &marks->all) =
            (struct mark){ (uint32_t)(from + first), (uint32_t)(from + last), own[i].kind };
    }
}

/* Scan what was written for its scalars. */
static void find_marks(struct writer *w, struct marks *marks)
{
    struct yaml_reader reader = { .scratch = w->scratch, .text = strbuf_str(&w->out) };
    size_t scalar = 0;
    bool more = yaml_parser_initialize(&reader.parser);

    BUG_ON(!more);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)reader.text.ptr,
                                 reader.text.len);
    while (more) {
        yaml_event_t event;
        BUG_ON(!yaml_parser_parse(&reader.parser, &event));
        if (event.type == YAML_SCALAR_EVENT) {
            size_t from = yaml_offset(&reader, &event.start_mark);
            size_t to = yaml_offset(&reader, &event.end_mark);
            from = yaml_skip_properties(reader.text, from, to);
            add_marks(w, marks, w->scalars.items[scalar++]->text, from, to);
        }
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&reader.parser);
}

static value finished_text(struct writer *w, struct arena *arena)
{
    str text = strbuf_str(&w->out);
    struct textbuf out = textbuf_in(arena);
    struct marks marks = { 0 };

    if (!w->marked) {
        return value_str(arena, text);
    }
    find_marks(w, &marks);
    textbuf_add_value(&out, value_marked(arena, text, marks.all.items, marks.all.len));
    return textbuf_value(&out);
}

bool yaml_write(struct arena *arena, struct diags *diags, value v, struct yaml_format format,
                value *ret)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("yaml text");
    struct writer w = {
        .scratch = scratch,
        .diags = diags,
        .format = format,
        .known = map_in(scratch),
        .out = strbuf_in(scratch),
    };
    struct item *root;

    if (!represent(&w, v, 0, &root)) {
        return false;
    }
    number_anchors(&w, root);
    if (!run_emitter(&w, root)) {
        return false;
    }
    *ret = finished_text(&w, arena);
    return true;
}
