/*
 * config.c - ansible.cfg and the environment.
 */
#include "cli/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/expandvars.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/config_secrets.h"
#include "cli/files.h"
#include "inventory/git_source.h"

str expand_home(struct arena *arena, str path)
{
    const char *home = getenv("HOME");
    bool own = str_eq(path, S("~")) || str_starts(path, S("~/"));
    return own && home != NULL ? str_concat(arena, str_of(home), str_part(path, 1, path.len))
                               : path;
}

/* ---- the file ---- */

static bool is_file(struct arena *arena, str path)
{
    struct stat status;
    return tree_stat(path, &status) && S_ISREG(status.st_mode);
}

/* A directory that anybody may write to is not trusted with settings. */
static bool here_is_safe(struct diags *diags)
{
    struct stat status;
    bool safe = stat(".", &status) == 0 && (status.st_mode & S_IWOTH) == 0;
    if (!safe && access("ansible.cfg", F_OK) == 0) {
        struct diag *diag =
            diag_warning(diags, SPAN_NONE, "ansible.cfg is not read: anybody may write here");
        diag_hint(diag, "chmod o-w . or set ANSIBLE_CONFIG");
    }
    return safe;
}

/* The nearest one in the tree of a commit; STR_NONE: there is none. */
static str find_in_tree(struct arena *arena, str dir)
{
    for (; tree_is_mounted(dir); dir = path_dirname(dir)) {
        str path = path_join(arena, dir, S("ansible.cfg"));
        if (is_file(arena, path)) {
            return path;
        }
    }
    return STR_NONE;
}

static str named_file(struct arena *arena, struct diags *diags)
{
    const char *named = getenv("ANSIBLE_CONFIG");
    struct stat status;
    if (named == NULL || *named == '\0') {
        return STR_NONE;
    }
    str path = expand_home(arena, str_of(named));
    if (tree_stat(path, &status) && S_ISDIR(status.st_mode)) {
        path = path_join(arena, path, S("ansible.cfg"));
    }
    if (!is_file(arena, path)) {
        diag_warning(diags, SPAN_NONE, "there is no '%.*s', which ANSIBLE_CONFIG names",
                     SARG(path));
    }
    return path;
}

static str find_file(struct arena *arena, struct diags *diags, str project)
{
    str named = named_file(arena, diags);
    if (!str_is_none(named) && is_file(arena, named)) {
        return named;
    }
    str in_tree = str_is_none(project) ? STR_NONE : find_in_tree(arena, project);
    if (!str_is_none(in_tree)) {
        return in_tree;
    }
    bool here = str_is_none(project) && here_is_safe(diags);
    str places[] = { here ? S("ansible.cfg") : STR_NONE, expand_home(arena, S("~/.ansible.cfg")),
                     S("/etc/ansible/ansible.cfg") };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (!str_is_none(places[i]) && is_file(arena, places[i])) {
            return places[i];
        }
    }
    return STR_NONE;
}

static bool is_named(const char *name, str text)
{
    return name != NULL && str_eq(str_of(name), text);
}

static const struct config_row *find_row(str section, str key)
{
    size_t count;
    const struct config_row *rows = config_rows(&count);
    for (size_t i = 0; i < count; i++) {
        const struct config_row *row = &rows[i];
        const char *old_section = row->also_section == NULL ? row->section : row->also_section;
        if ((is_named(row->section, section) && is_named(row->key, key)) ||
            (is_named(old_section, section) && is_named(row->also_key, key))) {
            return row;
        }
    }
    return NULL;
}

/* A comment begins a line with # or ;, or stands behind a blank and a ;. */
static str without_comment(str line)
{
    str text = str_trim(line);
    if (text.len > 0 && (text.ptr[0] == '#' || text.ptr[0] == ';')) {
        return STR_EMPTY;
    }
    for (size_t at = 0; (at = str_find_char(line, ';', at)) != STR_NPOS; at++) {
        if (at > 0 && (line.ptr[at - 1] == ' ' || line.ptr[at - 1] == '\t')) {
            return str_trim_right(str_part(line, 0, at));
        }
    }
    return str_trim_right(line);
}

/* ---- reading it ---- */

struct reading {
    struct arena *arena;
    struct diags *diags;
    str text;                    /* as it is in the file */
    const struct source *source; /* the same, with its secrets hidden */
    struct config *config;
    struct map_builder sections, keys; /* seen: of the file, and of the section */
    str section;
    span section_at;
    size_t indent; /* of the last key */
    str *last;     /* its text, to be continued; NULL: no key yet */
};

static span place(const struct reading *r, str part)
{
    size_t from = (size_t)(part.ptr - r->text.ptr);
    return source_span(r->source, from, from + part.len);
}

/* False: it is there already. */
static bool note_once(struct reading *r, struct map_builder *seen, str name, span at,
                      const char *what)
{
    value key = value_at(value_str(r->arena, name), at), before;
    if (map_has(seen, key, &before)) {
        struct diag *diag = diag_error(r->diags, at, "%s '%.*s' is there twice", what, SARG(name));
        diag_note(diag, before.at, "the first");
        return false;
    }
    map_set(seen, key, value_at(value_bool(true), at));
    return true;
}

static bool read_section(struct reading *r, str line)
{
    size_t end = str_rfind(line, S("]"));
    if (end == STR_NPOS) {
        diag_error(r->diags, place(r, line), "section without ']'");
        return false;
    }
    r->section = str_part(line, 1, end);
    r->section_at = place(r, r->section);
    r->keys = map_in(r->arena);
    r->last = NULL;
    return note_once(r, &r->sections, r->section, r->section_at, "section");
}

static void store(struct reading *r, str key, str text, span at)
{
    const struct config_row *row = find_row(r->section, key);
    if (row != NULL) {
        struct config_value *v = &r->config->values[row->setting];
        *v = (struct config_value){ text, r->source->name, at, true };
        r->last = &v->text;
        return;
    }
    struct config_entry *entry = VEC_PUSH(r->arena, &r->config->rest);
    *entry = (struct config_entry){ r->section, key, text, r->section_at, at };
    r->last = &entry->text;
}

static bool read_key(struct reading *r, str line)
{
    size_t equals = str_find_char(line, '=', 0), colon = str_find_char(line, ':', 0);
    size_t at = equals < colon ? equals : colon;
    str name = str_trim(str_part(line, 0, at == STR_NPOS ? line.len : at));
    if (str_is_none(r->section)) {
        diag_hint(diag_error(r->diags, place(r, line), "there is no section yet"),
                  "begin with [defaults]");
        return false;
    }
    if (at == STR_NPOS || name.len == 0) {
        diag_error(r->diags, place(r, line), "this is no 'name = value'");
        return false;
    }
    str key = str_lower(r->arena, name);
    store(r, key, str_trim(str_part(line, at + 1, line.len)), place(r, name));
    return note_once(r, &r->keys, key, place(r, name), "setting");
}

static bool read_file(struct reading *r)
{
    str rest = r->text;
    r->sections = map_in(r->arena);
    while (!str_is_none(rest)) {
        str line = without_comment(str_cut_line(&rest)), text = str_trim(line);
        size_t indent = (size_t)(text.ptr - line.ptr);
        if (text.len == 0) {
            continue;
        }
        if (r->last != NULL && indent > r->indent) {
            *r->last = str_format(r->arena, "%.*s\n%.*s", SARG(*r->last), SARG(text));
            continue;
        }
        r->indent = indent;
        if (!(text.ptr[0] == '[' ? read_section(r, text) : read_key(r, text))) {
            return false;
        }
    }
    return true;
}

static bool load_file(struct arena *arena, struct diags *diags, struct config *config)
{
    if (!file_bytes(arena, diags, config->file, &config->text)) {
        return false;
    }
    config->source =
        source_add(diags->sources, config->file, config_without_secrets(arena, config->text));
    struct reading r = { .text = config->text,
                         .arena = arena,
                         .diags = diags,
                         .source = config->source,
                         .config = config,
                         .section = STR_NONE };
    str real = tree_real(arena, config->file);
    config->file = str_is_none(real) ? config->file : real;
    config->dir = path_dirname(config->file);
    return config->source != NULL && read_file(&r);
}

struct config config_empty(void)
{
    struct config config = { .file = STR_NONE, .dir = STR_NONE };
    for (size_t i = 0; i < SET_COUNT; i++) {
        config.values[i].text = STR_NONE;
    }
    return config;
}

bool config_load(struct arena *arena, struct diags *diags, str project, struct config *ret)
{
    size_t count;
    const struct config_row *rows = config_rows(&count);
    *ret = config_empty();
    ret->file = find_file(arena, diags, project);
    if (!str_is_none(ret->file) && !load_file(arena, diags, ret)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *names[] = { rows[i].also_env, rows[i].env };
        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
            const char *text = names[k] == NULL ? NULL : getenv(names[k]);
            bool is_set = text != NULL && (rows[i].kind != CONFIG_NUMBER || *text != '\0');
            if (is_set) {
                ret->values[rows[i].setting] =
                    (struct config_value){ str_of(text), str_of(names[k]), SPAN_NONE, false };
            }
        }
    }
    return true;
}

/* ---- reading values ---- */

static const struct config_row *row_of(enum setting setting)
{
    size_t count;
    const struct config_row *rows = config_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].setting == setting) {
            return &rows[i];
        }
    }
    BUG("setting %d has no row", (int)setting);
}

str config_text(const struct config *config, enum setting setting)
{
    str text = config->values[setting].text;
    bool quoted = text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') &&
                  text.ptr[text.len - 1] == text.ptr[0];
    return quoted ? str_part(text, 1, text.len - 1) : text;
}

static str text_or_fallback(const struct config *config, enum setting setting)
{
    str text = config_text(config, setting);
    const char *fallback = row_of(setting)->fallback;
    return !str_is_none(text) || fallback == NULL ? text : str_of(fallback);
}

value config_variables(struct arena *arena, const struct config *config)
{
    size_t count;
    const struct config_row *rows = config_rows(&count);
    struct map_builder map = map_in(arena);
    for (size_t i = 0; i < count; i++) {
        str text = config_text(config, rows[i].setting);
        if (rows[i].variable != NULL && !str_is_none(text)) {
            map_set_str(&map, str_of(rows[i].variable), value_str(arena, text));
        }
    }
    return map_seal(&map);
}

static bool word_to_bool(str text, bool *ret)
{
    static const str yes[] = { S_INIT("true"), S_INIT("yes"), S_INIT("on"),
                               S_INIT("1"),    S_INIT("y"),   S_INIT("t") };
    static const str no[] = { S_INIT("false"), S_INIT("no"), S_INIT("off"),
                              S_INIT("0"),     S_INIT("n"),  S_INIT("f") };
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (str_eq_nocase(text, yes[i]) || str_eq_nocase(text, no[i])) {
            *ret = str_eq_nocase(text, yes[i]);
            return true;
        }
    }
    return false;
}

bool config_bool(const struct config *config, struct diags *diags, enum setting setting)
{
    str text = config_text(config, setting);
    const char *fallback = row_of(setting)->fallback;
    bool result = fallback != NULL && strcmp(fallback, "true") == 0;
    if (!str_is_none(text) && setting == SET_NOCOLOR &&
        str_eq(config->values[setting].origin, S("NO_COLOR"))) {
        return text.len > 0; /* no-color.org: any text means yes */
    }
    if (!str_is_none(text) && !word_to_bool(text, &result)) {
        const struct config_value *v = &config->values[setting];
        diag_warning(diags, v->at, "setting '%s' (%.*s) must be %s, not '%.*s'",
                     row_of(setting)->key, SARG(v->origin), "true or false", SARG(text));
    }
    return result;
}

double config_number(const struct config *config, struct diags *diags, enum setting setting)
{
    str text = config_text(config, setting);
    const char *fallback = row_of(setting)->fallback;
    int64_t number = 0;
    if (!str_is_none(text) && str_to_int64(str_trim(text), &number) && number >= 0) {
        return (double)number;
    }
    if (!str_is_none(text)) {
        const struct config_value *v = &config->values[setting];
        diag_error(diags, v->at, "setting '%s' (%.*s) must be %s, not '%.*s'", row_of(setting)->key,
                   SARG(v->origin), "a number", SARG(text));
    }
    return fallback != NULL && str_to_int64(str_of(fallback), &number) ? (double)number : 0;
}

/* ---- paths ---- */

static str whole_path(const struct config *config, struct arena *arena, enum setting setting,
                      str path)
{
    path = expand_home(arena, expandvars(arena, str_trim(path), NULL));
    if (str_starts(path, S("{{CWD}}"))) {
        return str_concat(arena, S("."), str_part(path, S("{{CWD}}").len, path.len));
    }
    bool relative = config->values[setting].from_file && !git_source_is(path);
    return relative ? path_join(arena, config->dir, path) : path;
}

str config_path(const struct config *config, struct arena *arena, enum setting setting)
{
    str text = text_or_fallback(config, setting);
    return str_is_none(text) || text.len == 0 ? STR_NONE : whole_path(config, arena, setting, text);
}

const str *config_paths(const struct config *config, struct arena *arena, enum setting setting,
                        size_t *ret_count)
{
    VEC(str) paths = { 0 };
    str rest = text_or_fallback(config, setting);
    char separator = row_of(setting)->kind == CONFIG_SOURCES ? ',' : ':';
    while (!str_is_none(rest)) {
        str path = str_trim(str_cut(&rest, separator));
        if (path.len > 0) {
            *VEC_PUSH(arena, &paths) = whole_path(config, arena, setting, path);
        }
    }
    *ret_count = paths.len;
    return paths.items;
}

/* ---- what means nothing here ---- */

static bool is_harmless(const struct config_other *other, str text)
{
    bool given, wanted;
    if (other->why == NULL || str_eq(text, str_of(other->harmless))) {
        return true;
    }
    return word_to_bool(text, &given) && word_to_bool(str_of(other->harmless), &wanted) &&
           given == wanted;
}

static void tell_other(struct diags *diags, const struct config_other *other, const char *name,
                       str text, span at)
{
    if (!is_harmless(other, text)) {
        diag_warning(diags, at, "setting '%s' has no effect: %s", name, other->why);
    }
}

static const struct config_other *find_other(str section, str key)
{
    size_t count;
    const struct config_other *others = config_others(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_named(others[i].section, section) && is_named(others[i].key, key)) {
            return &others[i];
        }
    }
    return NULL;
}

/* Sections in which we know all names; those of plugins and of ansible-galaxy we do not. */
static bool is_our_section(str section)
{
    static const str ours[] = { S_INIT("defaults"),       S_INIT("inventory"),
                                S_INIT("ssh_connection"), S_INIT("privilege_escalation"),
                                S_INIT("tags"),           S_INIT("diff") };
    for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
        if (str_eq(section, ours[i])) {
            return true;
        }
    }
    return false;
}

/* The section that has a setting of that name; NULL: none. */
static const char *home_of(str key)
{
    size_t count;
    const struct config_row *rows = config_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_named(rows[i].key, key)) {
            return rows[i].section;
        }
    }
    const struct config_other *others = config_others(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_named(others[i].key, key)) {
            return others[i].section;
        }
    }
    return NULL;
}

static void suggest_key(struct arena *arena, struct diag *diag, str section, str key)
{
    VEC(str) names = { 0 };
    size_t count;
    const char *home = home_of(key);
    if (home != NULL) {
        diag_hint(diag, "its section is [%s]", home);
        return;
    }
    const struct config_row *rows = config_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_named(rows[i].section, section)) {
            *VEC_PUSH(arena, &names) = str_of(rows[i].key);
        }
    }
    const struct config_other *others = config_others(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_named(others[i].section, section)) {
            *VEC_PUSH(arena, &names) = str_of(others[i].key);
        }
    }
    diag_suggest(diag, key, names.items, names.len);
}

static void check_entry(struct arena *arena, struct diags *diags, const struct config_entry *entry)
{
    static const str sections[] = { S_INIT("defaults"), S_INIT("inventory"),
                                    S_INIT("ssh_connection"), S_INIT("privilege_escalation") };
    const struct config_other *other = find_other(entry->section, entry->key);
    if (other != NULL) {
        tell_other(diags, other, other->key, entry->text, entry->at);
    } else if (is_our_section(entry->section)) {
        suggest_key(arena,
                    diag_warning(diags, entry->at, "there is no setting '%.*s' in [%.*s]",
                                 SARG(entry->key), SARG(entry->section)),
                    entry->section, entry->key);
    } else if (!str_is_none(suggest(entry->section, sections, ARRAY_LEN(sections)))) {
        diag_suggest(diag_warning(diags, entry->section_at, "there is no section [%.*s]",
                                  SARG(entry->section)),
                     entry->section, sections, ARRAY_LEN(sections));
    }
}

static bool is_row_env(str name)
{
    size_t count;
    const struct config_row *rows = config_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_named(rows[i].env, name) || is_named(rows[i].also_env, name)) {
            return true;
        }
    }
    return false;
}

static void check_variable(struct arena *arena, struct diags *diags, str name, str text)
{
    size_t count;
    const struct config_other *others = config_others(&count);
    if (is_row_env(name)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_named(others[i].env, name)) {
            tell_other(diags, &others[i], others[i].env, text, SPAN_NONE);
            return;
        }
    }
    VEC(str) names = { 0 };
    const struct config_row *rows = config_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].env != NULL) {
            *VEC_PUSH(arena, &names) = str_of(rows[i].env);
        }
    }
    diag_suggest(diag_warning(diags, SPAN_NONE, "there is no setting %.*s", SARG(name)), name,
                 names.items, names.len);
}

static void check_choice(struct diags *diags, const struct config *config,
                         const struct config_row *row)
{
    str text = config_text(config, row->setting), names[16];
    size_t count = 0;
    for (; row->choices != NULL && row->choices[count] != NULL; count++) {
        names[count] = str_of(row->choices[count]);
        if (str_eq(text, names[count])) {
            return;
        }
    }
    if (count > 0 && !str_is_none(text)) {
        const struct config_value *v = &config->values[row->setting];
        diag_suggest(diag_error(diags, v->at, "setting '%s' (%.*s) cannot be '%.*s'", row->key,
                                SARG(v->origin), SARG(text)),
                     text, names, count);
    }
}

void config_check(struct arena *arena, struct diags *diags, const struct config *config)
{
    size_t count;
    const struct config_row *rows = config_rows(&count);
    for (size_t i = 0; i < count; i++) {
        check_choice(diags, config, &rows[i]);
    }
    for (size_t i = 0; i < config->rest.len; i++) {
        const struct config_entry *entry = &config->rest.items[i];
        bool told = i > 0 && str_eq(entry[-1].section, entry->section) &&
                    !is_our_section(entry->section); /* once for a section */
        if (!told) {
            check_entry(arena, diags, entry);
        }
    }
    for (char **variable = environ; *variable != NULL; variable++) {
        str text = str_of(*variable), name = str_cut(&text, '=');
        if (str_starts(name, S("ANSIBLE_"))) {
            check_variable(arena, diags, name, text);
        }
    }
}
