/*
 * fuzz_yaml.c - any bytes are read or refused with a diagnostic; what was read can be written, and
 * reads back as the same; every part of a string has a place within the string's own.
 */
#include "base/bug.h"
#include "formats/yaml.h"
#include "fuzz.h"

/* A place costs a walk over its scalar, and aliases show the same scalars again: an input is asked
 * until this many bytes were walked. */
#define PLACES_BYTES 100000

static void check_str_places(struct source_map *sources, value v, size_t *bytes_left)
{
    size_t len = value_as_str(v).len, walk = v.at.len + len;

    for (size_t i = 0; i < len && i < 100 && walk <= *bytes_left; i++) {
        span at = yaml_scalar_span(sources, v, i, i + 1);
        BUG_ON(at.pos < v.at.pos || at.pos + at.len > v.at.pos + v.at.len);
        *bytes_left -= walk;
    }
}

static void check_places(struct source_map *sources, value v, size_t *bytes_left)
{
    size_t count = value_is(v, VALUE_LIST) || value_is(v, VALUE_MAP) ? value_count(v) : 0;

    if (value_is(v, VALUE_STR)) {
        check_str_places(sources, v, bytes_left);
    }
    for (size_t i = 0; i < count && i < 100 && *bytes_left > 0; i++) {
        *bytes_left -= 1;
        check_places(sources, value_is(v, VALUE_LIST) ? value_item(v, i) : value_map_value(v, i),
                     bytes_left);
    }
}

/* A few lines of aliases are many megabytes when they are written out. */
#define ROUND_BYTES 100000

/* About the bytes that it takes to write the value; at least `limit` where it is more. */
static size_t written_size(value v, size_t limit)
{
    bool list = value_is(v, VALUE_LIST), map = value_is(v, VALUE_MAP);
    size_t size = 1 + (value_is(v, VALUE_STR) ? value_as_str(v).len : 0);

    for (size_t i = 0; (list || map) && i < value_count(v) && size < limit; i++) {
        size += map ? written_size(value_map_key(v, i), limit) : 0;
        size += written_size(list ? value_item(v, i) : value_map_value(v, i), limit);
    }
    return size;
}

static void check_round(struct arena *arena, struct diags *diags, value v,
                        struct yaml_format format)
{
    struct source text = { .name = S("written") };
    value first, back, second;

    if (!yaml_write(arena, diags, v, format, &first)) {
        BUG("what was read cannot be written");
    }
    text.text = value_as_str(first);
    if (!yaml_read(arena, diags, &text, (struct yaml_options){ .trusted = true }, &back)) {
        BUG("what was written cannot be read: %.*s", SARG(text.text));
    }
    BUG_ON(!yaml_write(arena, diags, back, format, &second));
    if (!str_eq(value_as_str(second), text.text)) {
        BUG("written again it differs:\n%.*s\n%.*s", SARG(text.text), SARG(value_as_str(second)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("fuzz");
    struct source_map *sources = source_map_new();
    struct diags *diags = diags_new(arena, sources);
    const struct source *source =
        source_add(sources, S("input"), (str){ (const char *)data, size });
    value v, all;

    BUG_ON(source == NULL);
    if (yaml_read(arena, diags, source, (struct yaml_options){ .trusted = true }, &v)) {
        struct yaml_format nice = { .flow = YAML_FLOW_NEVER, .indent = 4, .width = 80 };
        struct yaml_format leaves = YAML_WRITE_DEFAULTS;
        leaves.aliases = true;
        size_t bytes_left = PLACES_BYTES;
        check_places(sources, v, &bytes_left);
        if (written_size(v, ROUND_BYTES) < ROUND_BYTES) {
            check_round(arena, diags, v, nice);
            check_round(arena, diags, v, leaves);
        }
    } else {
        BUG_ON(diags->errors == 0);
    }
    (void)!yaml_read_all(arena, diags, source, (struct yaml_options){ 0 }, &all);
    for (size_t i = 0; i < diags->all.len; i++) {
        diag_render(arena, sources, diags->all.items[i], (struct diag_style){ .columns = 80 });
    }
    source_map_free(sources);
    return 0;
}
