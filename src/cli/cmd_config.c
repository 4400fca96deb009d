/*
 * cmd_config.c - `hostler config`: which settings there are, what each is now, and who says so. The
 * forms are those of ansible-config.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/config_secrets.h"
#include "formats/json.h"
#include "formats/yaml.h"

struct config_args {
    str file, format;
    bool only_changed, help;
    unsigned verbosity;
    struct texts rest; /* what is to be shown */
};

#define ARG(member) offsetof(struct config_args, member)

static const struct option_row options[] = {
    { 'c', S_INIT("config"), NULL, OPTION_TEXT, ARG(file), "FILE",
      "Read this file, instead of the one that is found." },
    { 'f', S_INIT("format"), NULL, OPTION_TEXT, ARG(format), "FORM",
      "dump: display (as is), json or yaml; list: yaml or json." },
    { 0, S_INIT("only-changed"), ALIASES_OF("changed-only"), OPTION_FLAG, ARG(only_changed), NULL,
      "dump: only what the file or the environment sets." },
    { 'v', S_INIT("verbose"), NULL, OPTION_COUNT, ARG(verbosity), NULL, "No effect." },
    { 'h', S_INIT("help"), NULL, OPTION_FLAG, ARG(help), NULL, "Show this." },
    OPTIONS_END,
};

/* What Ansible calls a setting; an option of a plugin is known by its place in the file. */
static str name_of(struct arena *arena, const struct config_row *row)
{
    return row->name != NULL ? str_of(row->name)
                             : str_format(arena, "%s.%s", row->section, row->key);
}

static const char *type_name(enum config_kind kind)
{
    switch (kind) {
    case CONFIG_BOOL:
        return "boolean";
    case CONFIG_NUMBER:
        return "integer";
    case CONFIG_LIST:
        return "list";
    case CONFIG_PATH:
        return "path";
    case CONFIG_PATHS:
        return "pathspec";
    case CONFIG_SOURCES:
        return "pathlist";
    case CONFIG_TEXT:
    case CONFIG_SECRET:
        break;
    }
    return "string";
}

static value list_of(struct arena *arena, str text)
{
    struct list_builder list = list_in(arena);
    while (!str_is_none(text)) {
        str part = str_trim(str_cut(&text, ','));
        if (part.len > 0) {
            list_add(&list, value_str(arena, config_value_shown(arena, part)));
        }
    }
    return list_seal(&list);
}

static value paths_of(struct setup *setup, enum setting setting)
{
    struct list_builder list = list_in(setup->arena);
    size_t count;
    const str *paths = config_paths(&setup->config, setup->arena, setting, &count);
    for (size_t i = 0; i < count; i++) {
        list_add(&list, value_str(setup->arena, config_value_shown(setup->arena, paths[i])));
    }
    return list_seal(&list);
}

/* What a setting is now, as the program understands it. */
static value value_of(struct setup *setup, const struct config_row *row)
{
    struct arena *arena = setup->arena;
    str text = config_text(&setup->config, row->setting);
    text = str_is_none(text) && row->fallback != NULL ? str_of(row->fallback) : text;
    if (str_is_none(text)) {
        return value_null();
    }
    switch (row->kind) {
    case CONFIG_BOOL:
        return value_bool(config_bool(&setup->config, setup->diags, row->setting));
    case CONFIG_NUMBER:
        return value_int((int64_t)config_number(&setup->config, setup->diags, row->setting));
    case CONFIG_LIST:
        return list_of(arena, text);
    case CONFIG_PATH:
        return value_str(
            arena, config_value_shown(arena, config_path(&setup->config, arena, row->setting)));
    case CONFIG_PATHS:
    case CONFIG_SOURCES:
        return paths_of(setup, row->setting);
    case CONFIG_SECRET:
        return value_str(arena, S("********"));
    case CONFIG_TEXT:
        break;
    }
    return value_str(arena, config_value_shown(arena, text));
}

static bool is_set(const struct setup *setup, const struct config_row *row)
{
    return !str_is_none(setup->config.values[row->setting].text);
}

/* "FILE:LINE", "env: NAME" or "default". */
static str origin_of(struct setup *setup, const struct config_row *row)
{
    const struct config_value *v = &setup->config.values[row->setting];
    if (!is_set(setup, row)) {
        return S("default");
    }
    if (!v->from_file) {
        return str_format(setup->arena, "env: %.*s", SARG(v->origin));
    }
    struct place at = { 0 };
    source_place(setup->sources, v->at, &at);
    return str_format(setup->arena, "%.*s:%u", SARG(setup->config.file), at.line);
}

static const struct config_row *const *sorted_rows(struct arena *arena, size_t *ret_count)
{
    const struct config_row *rows = config_rows(ret_count);
    const struct config_row **sorted = NEW_ARRAY(arena, const struct config_row *, *ret_count);
    for (size_t i = 0; i < *ret_count; i++) {
        size_t at = i;
        for (; at > 0 && str_cmp(name_of(arena, sorted[at - 1]), name_of(arena, &rows[i])) > 0;
             at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = &rows[i];
    }
    return sorted;
}

static bool print_value(struct setup *setup, value v, bool json)
{
    struct yaml_format yaml = YAML_WRITE_DEFAULTS;
    value text;
    yaml.flow = YAML_FLOW_NEVER;
    struct json_format format = { .indent = 4, .sort = JSON_SORTED, .unicode = true };
    if (!(json ? json_write(setup->arena, setup->diags, v, format, &text)
               : yaml_write(setup->arena, setup->diags, v, yaml, &text))) {
        return false;
    }
    printf("%.*s%s", SARG(value_as_str(text)), json ? "\n" : "");
    return true;
}

/* ---- dump ---- */

static value dumped(struct setup *setup, str name, str origin, value v)
{
    struct map_builder map = map_in(setup->arena);
    map_set_str(&map, S("name"), value_str(setup->arena, name));
    map_set_str(&map, S("origin"), value_str(setup->arena, origin));
    map_set_str(&map, S("value"), v);
    return map_seal(&map);
}

static bool dump(struct setup *setup, const struct config_args *args)
{
    size_t count;
    const struct config_row *const *rows = sorted_rows(setup->arena, &count);
    bool display = str_is_none(args->format) || str_eq(args->format, S("display"));
    struct list_builder list = list_in(setup->arena);
    value file = str_is_none(setup->config.file) ? value_null()
                                                 : value_str(setup->arena, setup->config.file);
    list_add(&list, dumped(setup, S("CONFIG_FILE"), S(""), file));
    for (size_t i = 0; i < count; i++) {
        if (!args->only_changed || is_set(setup, rows[i])) {
            list_add(&list, dumped(setup, name_of(setup->arena, rows[i]), origin_of(setup, rows[i]),
                                   value_of(setup, rows[i])));
        }
    }
    value all = list_seal(&list);
    if (!display) {
        return print_value(setup, all, str_eq(args->format, S("json")));
    }
    for (size_t i = 0; i < value_count(all); i++) {
        value one = value_item(all, i);
        printf("%.*s(%.*s) = %.*s\n", SARG(value_as_str(value_get(one, S("name")))),
               SARG(value_as_str(value_get(one, S("origin")))),
               SARG(value_as_str(value_print(setup->arena, value_get(one, S("value"))))));
    }
    return true;
}

/* ---- list ---- */

static void add_text(struct setup *setup, struct map_builder *map, str key, const char *text)
{
    if (text != NULL) {
        map_set_str(map, key, value_str(setup->arena, str_of(text)));
    }
}

static value named(struct setup *setup, const char *first, const char *second)
{
    struct list_builder list = list_in(setup->arena);
    const char *names[] = { first, second };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct map_builder map = map_in(setup->arena);
        add_text(setup, &map, S("name"), names[i]);
        if (names[i] != NULL) {
            list_add(&list, map_seal(&map));
        }
    }
    return list_seal(&list);
}

static value keys_of(struct setup *setup, const struct config_row *row)
{
    struct list_builder list = list_in(setup->arena);
    const char *keys[] = { row->key, row->also_key };
    const char *sections[] = { row->section,
                               row->also_section != NULL ? row->also_section : row->section };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct map_builder map = map_in(setup->arena);
        add_text(setup, &map, S("key"), keys[i]);
        add_text(setup, &map, S("section"), sections[i]);
        if (keys[i] != NULL) {
            list_add(&list, map_seal(&map));
        }
    }
    return list_seal(&list);
}

static bool list_rows(struct setup *setup, const struct config_args *args)
{
    size_t count;
    const struct config_row *const *rows = sorted_rows(setup->arena, &count);
    struct map_builder all = map_in(setup->arena);
    for (size_t i = 0; i < count; i++) {
        struct map_builder map = map_in(setup->arena);
        map_set_str(&map, S("default"), value_null());
        add_text(setup, &map, S("default"), rows[i]->fallback);
        add_text(setup, &map, S("description"), rows[i]->doc);
        map_set_str(&map, S("env"), named(setup, rows[i]->env, rows[i]->also_env));
        map_set_str(&map, S("ini"), keys_of(setup, rows[i]));
        add_text(setup, &map, S("type"), type_name(rows[i]->kind));
        map_set_str(&all, name_of(setup->arena, rows[i]), map_seal(&map));
    }
    return print_value(setup, map_seal(&all), str_eq(args->format, S("json")));
}

/* ---- view ---- */

static bool view(struct setup *setup)
{
    if (setup->config.source == NULL) {
        diag_error(setup->diags, SPAN_NONE, "no configuration file was found");
        return false;
    }
    fwrite(setup->config.source->text.ptr, 1, setup->config.source->text.len, stdout);
    return true;
}

/* ---- the command ---- */

static void help(void)
{
    puts("usage: hostler config dump [--only-changed] | list | view\n\n"
         "Show the settings that mean something here: dump tells what each is now and who says\n"
         "so, list what it is called and for, view prints the file.\n");
    options_help(stdout, options);
}

static enum run_status act(struct setup *setup, const struct command_call *call, void *args_)
{
    const struct config_args *args = args_;
    static const str actions[] = { S_INIT("dump"), S_INIT("list"), S_INIT("view") };
    static const str formats[] = { S_INIT("display"), S_INIT("json"), S_INIT("yaml") };
    str action = args->rest.count == 1 ? args->rest.items[0] : STR_NONE;
    bool known = str_is_none(args->format);
    for (size_t i = 0; i < ARRAY_LEN(formats) && !known; i++) {
        known = str_eq(args->format, formats[i]);
    }
    if (!known) {
        diag_suggest(
            diag_error(setup->diags, SPAN_NONE, "there is no format '%.*s'", SARG(args->format)),
            args->format, formats, ARRAY_LEN(formats));
        return RUN_USAGE;
    }
    if (str_eq(action, actions[0])) {
        config_check(setup->arena, setup->diags, &setup->config);
        return dump(setup, args) && setup->diags->errors == 0 ? RUN_OK : RUN_ERROR;
    }
    if (str_eq(action, actions[1])) {
        return list_rows(setup, args) ? RUN_OK : RUN_ERROR;
    }
    if (str_eq(action, actions[2])) {
        return view(setup) ? RUN_OK : RUN_ERROR;
    }
    struct diag *diag = diag_error(setup->diags, SPAN_NONE, "what is to be shown is needed");
    if (!str_is_none(action)) {
        diag_suggest(diag, action, actions, ARRAY_LEN(actions));
    }
    diag_hint(diag, "hostler config dump | list | view");
    return RUN_USAGE;
}

/* One that is named in so many words has to be there. */
static bool can_read(struct arena *arena, str path)
{
    CLEANUP(close_fd) int fd = open(str_c(arena, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        fprintf(stderr, "error: cannot read '%.*s': %s\n", SARG(path), strerror(errno));
    }
    return fd >= 0;
}

int command_config(const struct command_call *call)
{
    struct config_args args = { 0 };
    CLEANUP(release_arena) struct arena *arena = arena_new("arguments");
    if (!options_parse(arena, "hostler config", options, call->argc, call->argv, &args,
                       &args.rest)) {
        return RUN_USAGE;
    }
    if (args.help) {
        help();
        return RUN_OK;
    }
    if (!str_is_none(args.file)) {
        if (!can_read(arena, args.file)) {
            return exit_status(RUN_ERROR, call->as_ansible);
        }
        setenv("ANSIBLE_CONFIG", str_c(arena, args.file), 1);
    }
    return exit_status(command_do(call, act, &args), call->as_ansible);
}
