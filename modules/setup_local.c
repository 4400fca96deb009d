/*
 * setup_local.c - local facts: files NAME.fact that a host's administrator wrote, as JSON or as
 * sections of settings. Ansible runs those that are executable; gathering facts changes nothing
 * here, and a program could, so these are left out.
 */
#include "base/path.h"
#include "base/strbuf.h"
#include "formats/json.h"
#include "setup_facts.h"

/* ---- sections of settings, as Python's configparser reads them ---- */

struct section {
    str name;
    struct map_builder settings;
};

struct settings {
    struct arena *arena;
    struct section *items;
    size_t len, cap;
    value key; /* of the setting that an indented line goes on with; undefined: none */
    struct strbuf text;
};

static void end_setting(struct settings *all)
{
    if (value_is_defined(all->key)) {
        map_set(&all->items[all->len - 1].settings, all->key,
                value_str(all->arena, str_trim(strbuf_str(&all->text))));
    }
    all->key = value_undefined(all->arena, STR_NONE);
    all->text = strbuf_in(all->arena);
}

static bool begin_section(struct settings *all, str line)
{
    size_t close = str_rfind(line, S("]"));
    str name = str_part(line, 1, close);
    if (close == STR_NPOS || close < 2) {
        return false;
    }
    for (size_t i = 0; i < all->len; i++) {
        if (str_eq(all->items[i].name, name)) {
            return false; /* twice: which one holds cannot be known */
        }
    }
    *VEC_PUSH(all->arena, all) = (struct section){ name, map_in(all->arena) };
    return true;
}

static bool begin_setting(struct settings *all, str line)
{
    size_t equals = str_find_char(line, '=', 0), colon = str_find_char(line, ':', 0);
    size_t at = equals < colon ? equals : colon;
    if (at == STR_NPOS || at == 0 || all->len == 0) {
        return false;
    }
    all->key = value_str(all->arena, str_lower(all->arena, str_trim_right(str_part(line, 0, at))));
    strbuf_add(&all->text, str_trim(str_part(line, at + 1, line.len)));
    return !map_has(&all->items[all->len - 1].settings, all->key, NULL);
}

static bool read_setting_line(struct settings *all, str line)
{
    str text = str_trim(line);
    bool indented = line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t');
    if (text.len == 0 || text.ptr[0] == '#' || text.ptr[0] == ';') {
        return true;
    }
    if (indented && value_is_defined(all->key)) {
        strbuf_add_char(&all->text, '\n');
        strbuf_add(&all->text, text);
        return true;
    }
    end_setting(all);
    return text.ptr[0] == '[' ? begin_section(all, text) : begin_setting(all, text);
}

/* Settings of [DEFAULT] hold in every section that does not have them. */
static value settings_value(struct settings *all)
{
    struct map_builder map = map_in(all->arena), none = map_in(all->arena);
    struct map_builder *defaults = &none;
    for (size_t i = 0; i < all->len; i++) {
        defaults = str_eq(all->items[i].name, S("DEFAULT")) ? &all->items[i].settings : defaults;
    }
    for (size_t i = 0; i < all->len; i++) {
        struct map_builder *own = &all->items[i].settings;
        if (own == defaults) {
            continue;
        }
        for (size_t d = 0; d < defaults->entries.len; d++) {
            if (!map_has(own, defaults->entries.items[d].key, NULL)) {
                map_set(own, defaults->entries.items[d].key, defaults->entries.items[d].val);
            }
        }
        map_set_str(&map, all->items[i].name, map_seal(own));
    }
    return map_seal(&map);
}

static bool read_settings(struct arena *arena, str text, value *ret)
{
    struct settings all = { .arena = arena };
    all.key = value_undefined(arena, STR_NONE);
    all.text = strbuf_in(arena);
    while (text.len > 0) {
        if (!read_setting_line(&all, str_cut_line(&text))) {
            return false;
        }
    }
    end_setting(&all);
    *ret = settings_value(&all);
    return true;
}

/* ---- files ---- */

static bool read_fact(const struct host *host, struct source_map *sources, str path, value *ret)
{
    str text = host_text(host, path);
    struct source source = { .name = path, .text = str_is_none(text) ? STR_EMPTY : text };
    /* what JSON has against it does not matter when it is no JSON */
    struct diags *ignored = diags_new(host->arena, sources);
    return json_read(host->arena, ignored, &source, (struct json_options){ 0 }, ret) ||
           read_settings(host->arena, source.text, ret);
}

void facts_local(const struct host *host, str fact_path, struct map_builder *facts,
                 struct diags *diags)
{
    struct map_builder local = map_in(facts->arena);
    str directory = path_normal(host->arena, fact_path), entry;
    for (size_t i = 0; !str_is_none(entry = host_entry(host, directory, &i));) {
        str path = path_join(host->arena, directory, entry);
        const struct host_path *file = host_path(host, path);
        value fact;
        if (!str_ends(entry, S(".fact"))) {
            continue;
        }
        if (str_is_none(file->target) && (file->mode & 0100)) {
            diag_warning(diags, SPAN_NONE,
                         "local facts of '%.*s' are left out: it is a program, and gathering "
                         "facts runs none",
                         SARG(path));
        } else if (!read_fact(host, diags->sources, path, &fact)) {
            diag_warning(diags, SPAN_NONE,
                         "local facts of '%.*s' are left out: it is neither JSON nor sections "
                         "of settings",
                         SARG(path));
        } else {
            map_set_str(&local, str_part(entry, 0, entry.len - 5), fact);
        }
    }
    map_set_str(facts, S("local"), map_seal(&local));
}
