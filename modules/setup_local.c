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

/* What the file holds, or will hold; unknown where a command that was not run may have written it.
 */
static value fact_text(const struct host *host, size_t i)
{
    const struct local_fact *file = &host->local[i];
    if (value_is(file->planned, VALUE_STR) || value_is(file->planned, VALUE_UNKNOWN)) {
        return file->planned;
    }
    str text = host_text(host, host->local_paths.paths[i]);
    return file->stat.type == FILE_UNKNOWN
               ? value_unknown()
               : value_str(host->arena, str_is_none(text) ? STR_EMPTY : text);
}

static bool read_fact(const struct host *host, struct source_map *sources, size_t i, value *ret)
{
    value text = fact_text(host, i);
    if (value_is(text, VALUE_UNKNOWN)) {
        *ret = value_unknown();
        return true;
    }
    struct source source = { .name = host->local_paths.paths[i], .text = value_as_str(text) };
    /* what JSON has against it does not matter when it is no JSON */
    struct diags *ignored = diags_new(host->arena, sources);
    return json_read(host->arena, ignored, &source, (struct json_options){ 0 }, ret) ||
           read_settings(host->arena, source.text, ret);
}

static void add_local(const struct host *host, size_t i, struct map_builder *local,
                      struct diags *diags)
{
    str path = host->local_paths.paths[i], name = path_basename(path);
    const struct file_stat *stat = &host->local[i].stat;
    value fact;
    if (stat->type != FILE_REGULAR && stat->type != FILE_UNKNOWN) {
        return;
    }
    if (stat->mode & 0100) {
        diag_warning(diags, SPAN_NONE,
                     "local facts of '%.*s' are left out: it is a program, and gathering facts "
                     "runs none",
                     SARG(path));
    } else if (!read_fact(host, diags->sources, i, &fact)) {
        diag_warning(diags, SPAN_NONE,
                     "local facts of '%.*s' are left out: it is neither JSON nor sections of "
                     "settings",
                     SARG(path));
    } else {
        map_set_str(local, str_part(name, 0, name.len - 5), fact);
    }
}

void facts_local(const struct host *host, struct map_builder *facts, struct diags *diags)
{
    struct map_builder local = map_in(facts->arena);
    for (size_t i = 0; i < host->local_paths.count; i++) {
        add_local(host, i, &local, diags);
    }
    map_set_str(facts, S("local"), map_seal(&local));
}
