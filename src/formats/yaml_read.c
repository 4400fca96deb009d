/*
 * yaml_read.c - nodes to values, and the reading of documents.
 */
#include "base/strbuf.h"
#include "formats/objects.h"
#include "formats/yaml_node.h"

static struct diag *node_error(const struct yaml_reader *reader, const struct node *node,
                               const char *message)
{
    return origin_error(&reader->origin, node->from, node->to, "%s", message);
}

/* ---- merge keys ---- */

/* Resolve the merge keys of a mapping as PyYAML does: all merged pairs stand before its own, those
 * of a list's first mapping last, so that each earlier one wins over the later. */
static bool flatten(struct yaml_reader *reader, struct node *node);

static bool merge_mapping(struct yaml_reader *reader, struct node *into, struct node *from)
{
    if (from->kind != NODE_MAPPING) {
        node_error(reader, from, "a merge key '<<' needs a map, or a list of maps")->hint =
            S("name an anchored map: <<: *defaults");
        return false;
    }
    if (!flatten(reader, from)) {
        return false;
    }
    for (size_t i = 0; i < from->pairs.len; i++) {
        struct pair pair = from->pairs.items[i];
        pair.merged = true;
        *VEC_PUSH(reader->scratch, &into->pairs) = pair;
    }
    return true;
}

static bool merge_from(struct yaml_reader *reader, struct node *into, struct node *from)
{
    if (from->kind != NODE_SEQUENCE) {
        return merge_mapping(reader, into, from);
    }
    for (size_t i = from->items.len; i > 0; i--) {
        if (!merge_mapping(reader, into, from->items.items[i - 1])) {
            return false;
        }
    }
    return true;
}

static bool flatten(struct yaml_reader *reader, struct node *node)
{
    struct node merged = { 0 };
    size_t own = 0;

    if (node->flat) {
        return true;
    }
    node->flat = true;
    for (size_t i = 0; i < node->pairs.len; i++) {
        struct pair pair = node->pairs.items[i];
        if (pair.key->tag == TAG_MERGE) {
            if (!merge_from(reader, &merged, pair.val)) {
                return false;
            }
        } else {
            if (pair.key->tag == TAG_VALUE) {
                pair.key->tag = TAG_STR;
            }
            node->pairs.items[own++] = pair;
        }
    }
    node->pairs.len = own;
    if (merged.pairs.len > 0) {
        for (size_t i = 0; i < own; i++) {
            *VEC_PUSH(reader->scratch, &merged.pairs) = node->pairs.items[i];
        }
        node->pairs.items = merged.pairs.items;
        node->pairs.len = merged.pairs.len;
        node->pairs.cap = merged.pairs.cap;
    }
    return true;
}

/* ---- collections ---- */

static bool build(struct yaml_reader *reader, struct node *node, value *ret);

static bool is_hashable(value key)
{
    return !value_is(key, VALUE_LIST) && !value_is(key, VALUE_MAP) &&
           !value_is_object(key, &set_type);
}

/* The maps of a list mostly have the same keys: their texts are shared, so that looking into many
 * maps touches little memory. */
static void share_text(struct yaml_reader *reader, value *key)
{
    value first;
    if (!map_find(&reader->keys, *key, &first)) {
        map_set(&reader->keys, *key, *key);
        return;
    }
    first.flags = key->flags;
    *key = value_at(first, key->at);
}

static bool build_key(struct yaml_reader *reader, struct node *map, struct node *key, value *ret)
{
    if (key->kind == NODE_MAPPING && yaml_report_template(reader, map->from)) {
        return false;
    }
    if (!build(reader, key, ret)) {
        return false;
    }
    if (!is_hashable(*ret)) {
        origin_error(&reader->origin, key->from, key->to, "a %s cannot be the key of a map",
                     value_type_name(*ret))
            ->hint = S("quote it if it is to be a string");
        return false;
    }
    if (value_is(*ret, VALUE_STR)) {
        share_text(reader, ret);
    }
    return true;
}

static void warn_duplicate(struct yaml_reader *reader, const struct node *key, value first)
{
    if (reader->origin.source->start == 0) {
        return; /* Ansible's from_yaml takes the last one silently, too */
    }
    struct diag *diag =
        diag_warning(reader->origin.diags, origin_span(&reader->origin, key->from, key->to),
                     "key '%.*s' is here a second time; this value wins",
                     SARG(origin_words(&reader->origin, key->text)));
    diag_note(diag, first.at, "first written here");
}

static bool build_map(struct yaml_reader *reader, struct node *node, value *ret)
{
    struct map_builder map = map_in(reader->arena), own = map_in(reader->scratch);

    if (!flatten(reader, node)) {
        return false;
    }
    /* A key may replace a merged one, but stand only once among the written ones. */
    bool merged = node->pairs.len > 0 && node->pairs.items[0].merged;
    for (size_t i = 0; i < node->pairs.len; i++) {
        struct pair pair = node->pairs.items[i];
        struct map_builder *seen = merged ? &own : &map;
        value key, v, first;
        if (!build_key(reader, node, pair.key, &key)) {
            return false;
        }
        if (!pair.merged && map_has(seen, key, &first)) {
            warn_duplicate(reader, pair.key, first);
        }
        if (!build(reader, pair.val, &v)) {
            return false;
        }
        map_set(&map, key, v);
        if (merged && !pair.merged) {
            map_set(&own, key, value_null());
        }
    }
    *ret = map_seal(&map);
    return true;
}

static bool build_list(struct yaml_reader *reader, struct node *node, value *ret)
{
    struct list_builder list = list_in(reader->arena);

    for (size_t i = 0; i < node->items.len; i++) {
        value v;
        if (!build(reader, node->items.items[i], &v)) {
            return false;
        }
        list_add(&list, v);
    }
    *ret = list_seal(&list);
    return true;
}

static bool build_set(struct yaml_reader *reader, struct node *node, value *ret)
{
    struct list_builder members = list_in(reader->arena);
    value map;

    if (!build_map(reader, node, &map)) {
        return false;
    }
    for (size_t i = 0; i < value_count(map); i++) {
        list_add(&members, value_map_key(map, i));
    }
    *ret = value_set(reader->arena, list_seal(&members));
    return true;
}

/* !!omap and !!pairs: a list of maps with one key each, as a list of tuples. */
static bool build_pairs(struct yaml_reader *reader, struct node *node, value *ret)
{
    struct list_builder list = list_in(reader->arena);

    for (size_t i = 0; i < node->items.len; i++) {
        struct node *item = node->items.items[i];
        value pair[2];
        if (item->kind != NODE_MAPPING || item->pairs.len != 1) {
            node_error(reader, item, "each item of !!omap and !!pairs is a map with one key");
            return false;
        }
        if (!build(reader, item->pairs.items[0].key, &pair[0]) ||
            !build(reader, item->pairs.items[0].val, &pair[1])) {
            return false;
        }
        list_add(&list, value_tuple(reader->arena, pair, 2));
    }
    *ret = list_seal(&list);
    return true;
}

/* A scalar's tag on a map means its key "=", as PyYAML's construct_scalar has it. */
static bool build_default_value(struct yaml_reader *reader, struct node *node, value *ret)
{
    for (size_t i = 0; i < node->pairs.len; i++) {
        struct pair pair = node->pairs.items[i];
        if (pair.key->tag == TAG_VALUE && pair.val->kind == NODE_SCALAR) {
            struct node scalar = *pair.val;
            scalar.tag = node->tag;
            return yaml_build_scalar(reader, &scalar, ret);
        }
    }
    node_error(reader, node, "a single value is needed here, as its tag says");
    return false;
}

static bool build_collection(struct yaml_reader *reader, struct node *node, value *ret)
{
    bool is_list = node->kind == NODE_SEQUENCE;

    switch (node->tag) {
    case TAG_SEQ:
    case TAG_OMAP:
    case TAG_PAIRS:
        if (!is_list) {
            node_error(reader, node, "a list is needed here, as its tag says");
            return false;
        }
        return node->tag == TAG_SEQ ? build_list(reader, node, ret)
                                    : build_pairs(reader, node, ret);
    case TAG_MAP:
    case TAG_SET:
        if (is_list) {
            node_error(reader, node, "a map is needed here, as its tag says");
            return false;
        }
        return node->tag == TAG_MAP ? build_map(reader, node, ret) : build_set(reader, node, ret);
    case TAG_UNSAFE:
        if (!(is_list ? build_list : build_map)(reader, node, ret)) {
            return false;
        }
        *ret = value_untrust_all(reader->arena, *ret);
        return true;
    case TAG_STR:
    case TAG_NULL:
    case TAG_BOOL:
    case TAG_INT:
    case TAG_FLOAT:
    case TAG_TIMESTAMP:
    case TAG_BINARY:
    case TAG_MERGE:
    case TAG_VALUE:
    case TAG_VAULT:
        return build_default_value(reader, node, ret);
    case TAG_UNKNOWN:
        break; /* refused by build() */
    }
    return false;
}

static bool refuse_tag(struct yaml_reader *reader, const struct node *node)
{
    static const str known[] = { S_INIT("!vault"), S_INIT("!unsafe") };
    str tag = node->tag_text, prefix = S("tag:yaml.org,2002:");

    if (str_starts(tag, prefix)) {
        tag = str_format(reader->scratch, "!!%.*s", SARG(str_part(tag, prefix.len, tag.len)));
    }
    struct diag *diag = origin_error(&reader->origin, node->properties, node->from,
                                     "unknown tag '%.*s'", SARG(tag));
    if (reader->options.trusted) {
        diag_suggest(diag, tag, known, ARRAY_LEN(known));
        diag_hint(diag, "quote a text that begins with '!'");
    }
    return false;
}

static bool build(struct yaml_reader *reader, struct node *node, value *ret)
{
    if (!node->built) {
        value v;
        if (node->tag == TAG_UNKNOWN) {
            return refuse_tag(reader, node);
        }
        if (!(node->kind == NODE_SCALAR ? yaml_build_scalar(reader, node, &v)
                                        : build_collection(reader, node, &v))) {
            return false;
        }
        node->result = value_at(v, origin_span(&reader->origin, node->from, node->to));
        node->built = true;
    }
    *ret = node->result;
    return true;
}

/* ---- documents ---- */

static bool is_ascii(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* UTF-16 with a byte order mark, as UTF-8. */
static bool from_utf16(struct arena *arena, str text, str *ret)
{
    struct strbuf out = strbuf_in(arena);
    bool big = str_starts(text, S("\xFE\xFF"));
    uint32_t high = 0;

    for (size_t i = 2; i + 1 < text.len; i += 2) {
        unsigned char a = (unsigned char)text.ptr[i], b = (unsigned char)text.ptr[i + 1];
        uint32_t unit = big ? (uint32_t)a << 8 | b : (uint32_t)b << 8 | a;
        bool is_high = (unit & 0xFC00) == 0xD800, is_low = (unit & 0xFC00) == 0xDC00;
        if (is_low != (high != 0)) {
            return false; /* half of a pair */
        }
        if (is_high) {
            high = unit;
        } else {
            strbuf_add_utf8(&out,
                            is_low ? 0x10000 + ((high & 0x3FF) << 10 | (unit & 0x3FF)) : unit);
            high = 0;
        }
    }
    *ret = strbuf_str(&out);
    return high == 0 && text.len % 2 == 0;
}

static bool is_utf16(str text)
{
    return str_starts(text, S("\xFE\xFF")) || str_starts(text, S("\xFF\xFE"));
}

/* Read documents; `one`: refuse a second one, and give null when there is none. */
static bool read_documents(struct yaml_reader *reader, bool one, value *ret)
{
    struct list_builder documents = list_in(reader->arena);
    bool first = true;
    value v = value_at(value_null(), origin_span(&reader->origin, 0, 0));

    for (struct node *root;; first = false) {
        if (!yaml_compose(reader, &root)) {
            return false;
        }
        if (root == NULL) {
            *ret = one ? v : list_seal(&documents);
            return true;
        }
        if (one && !first) {
            node_error(reader, root, "a second document begins before here, but one was expected");
            return false;
        }
        if (!build(reader, root, &v)) {
            return false;
        }
        list_add(&documents, v);
    }
}

static void start_reader(struct yaml_reader *reader)
{
    str text = reader->text;

    reader->ascii = is_ascii(text);
    reader->mark_byte = str_starts(text, S("\xEF\xBB\xBF")) ? 3 : 0; /* a BOM is not counted */
    reader->anchors = map_in(reader->scratch);
    reader->keys = map_in(reader->scratch);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text.ptr, text.len);
}

static bool read_with_parser(struct yaml_reader *reader, bool one, value *ret)
{
    if (!yaml_parser_initialize(&reader->parser)) {
        origin_error(&reader->origin, 0, 0, "no memory for the YAML parser");
        return false;
    }
    start_reader(reader);
    bool read = read_documents(reader, one, ret);
    yaml_parser_delete(&reader->parser);
    return read;
}

/* The text in UTF-8, as a source of its own if it was UTF-16. */
static bool decode_text(struct yaml_reader *reader, struct source *decoded)
{
    struct origin *origin = &reader->origin;
    const struct source *added = decoded;

    if (!is_utf16(decoded->text)) {
        return true;
    }
    if (!from_utf16(reader->scratch, decoded->text, &decoded->text)) {
        origin_error(origin, 0, 0, "text begins as UTF-16, but is not");
        return false;
    }
    if (decoded->start > 0) {
        added = source_add(origin->diags->sources, decoded->name, decoded->text);
        if (added == NULL) {
            origin_error(origin, 0, 0, "no room for another source");
            return false;
        }
    }
    *decoded = *added;
    return true;
}

static bool read_source(struct arena *arena, struct diags *diags, const struct source *source,
                        struct yaml_options options, bool one, value *ret)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("yaml nodes");
    struct source decoded = *source;
    struct yaml_reader reader = {
        .arena = arena,
        .scratch = scratch,
        .origin = { diags, &decoded, options.at },
        .options = options,
    };
    value read;

    if (!decode_text(&reader, &decoded)) {
        return false;
    }
    reader.text = decoded.text;
    if (!read_with_parser(&reader, one, &read)) {
        return false;
    }
    *ret = read;
    return true;
}

bool yaml_read(struct arena *arena, struct diags *diags, const struct source *source,
               struct yaml_options options, value *ret)
{
    return read_source(arena, diags, source, options, true, ret);
}

bool yaml_read_all(struct arena *arena, struct diags *diags, const struct source *source,
                   struct yaml_options options, value *ret_list)
{
    return read_source(arena, diags, source, options, false, ret_list);
}
