/*
 * fuzz_json.c - any bytes are read or refused with a diagnostic; what was read can be written, and
 * reads back as the same.
 */
#include "base/bug.h"
#include "formats/json.h"
#include "fuzz.h"

static void check_round(struct arena *arena, struct diags *diags, value v,
                        struct json_format format)
{
    struct source text = { .name = S("written") };
    value first, back, second;

    BUG_ON(!json_write(arena, diags, v, format, &first));
    text.text = value_as_str(first);
    BUG_ON(!json_read(arena, diags, &text, (struct json_options){ 0 }, &back));
    BUG_ON(!json_write(arena, diags, back, format, &second));
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
    value v;

    BUG_ON(source == NULL);
    if (json_read(arena, diags, source, (struct json_options){ 0 }, &v)) {
        check_round(arena, diags, v, (struct json_format){ 0 });
        check_round(arena, diags, v,
                    (struct json_format){ .indent = 2, .sort = JSON_SORTED, .unicode = true });
    } else {
        BUG_ON(diags->errors == 0);
    }
    for (size_t i = 0; i < diags->all.len; i++) {
        diag_render(arena, sources, diags->all.items[i], (struct diag_style){ .columns = 80 });
    }
    source_map_free(sources);
    return 0;
}
