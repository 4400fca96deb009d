/* constants.c - see constants.h. */
#include "cli/constants.h"

/* Playbooks that ask how many hosts are worked on at a time expect a number to divide by. */
#define FORKS_OF_ANSIBLE 5

static value paths(struct arena *arena, const struct config *config, enum setting setting)
{
    struct list_builder list = list_in(arena);
    size_t count;
    const str *items = config_paths(config, arena, setting, &count);
    for (size_t i = 0; i < count; i++) {
        list_add(&list, value_str(arena, items[i]));
    }
    return list_seal(&list);
}

static value words(struct arena *arena, str text)
{
    struct list_builder list = list_in(arena);
    while (!str_is_none(text) && text.len > 0) {
        list_add(&list, value_str(arena, str_trim(str_cut(&text, ','))));
    }
    return list_seal(&list);
}

static value number(struct diags *diags, const struct config *config, enum setting setting)
{
    double d = config_number(config, diags, setting);
    d = setting == SET_FORKS && d < 1 ? FORKS_OF_ANSIBLE : d;
    return d == (double)(int64_t)d ? value_int((int64_t)d) : value_float(d);
}

static value constant(struct arena *arena, struct diags *diags, const struct config *config,
                      const struct config_row *row)
{
    str text = config_text(config, row->setting);
    if (str_is_none(text) && row->fallback != NULL) {
        text = str_of(row->fallback);
    }
    if (str_is_none(text) && row->kind != CONFIG_BOOL) {
        return value_null();
    }
    switch (row->kind) {
    case CONFIG_BOOL:
        return value_bool(config_bool(config, diags, row->setting));
    case CONFIG_NUMBER:
        return number(diags, config, row->setting);
    case CONFIG_LIST:
        return words(arena, text);
    case CONFIG_PATH:
        return value_str(arena, config_path(config, arena, row->setting));
    case CONFIG_PATHS:
    case CONFIG_SOURCES:
        return paths(arena, config, row->setting);
    case CONFIG_TEXT:
        return value_str(arena, text);
    case CONFIG_SECRET:
        return value_secret(arena, text);
    }
    return value_null();
}

value config_constants(struct arena *arena, const struct config *config)
{
    struct diags *diags = diags_new(arena, NULL); /* which nobody prints */
    struct map_builder map = map_in(arena);
    size_t count;
    const struct config_row *rows = config_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].name != NULL) {
            map_set_str(&map, str_of(rows[i].name), constant(arena, diags, config, &rows[i]));
        }
    }
    map_set_str(&map, S("CONFIG_FILE"),
                str_is_none(config->file) ? value_null() : value_str(arena, config->file));
    return map_seal(&map);
}
