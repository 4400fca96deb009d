/*
 * load_check.c - values that need no run to be judged. What Ansible refuses when it loads a
 * playbook is an error; what would fail only if the task really ran is a warning.
 */
#include <ctype.h>
#include <stdlib.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "engine/load.h"
#include "module/module.h"

/* ---- keywords ---- */

/* Ansible's words for true and false. */
static bool is_bool_word(str word)
{
    static const char *const words[] = { "yes", "no", "true", "false", "on",  "off", "y", "n",
                                         "t",   "f",  "1",    "0",     "1.0", "0.0", NULL };
    for (size_t i = 0; words[i]; i++) {
        if (str_eq_nocase(word, str_of(words[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_number_word(struct arena *arena, str word, bool integer, bool percent)
{
    word = str_trim(word);
    if (percent && str_ends(word, S("%"))) {
        word = str_part(word, 0, word.len - 1);
    }
    int64_t number;
    if (str_to_int64(word, &number)) {
        return true;
    }
    char *end;
    const char *text = str_c(arena, word);
    (void)strtod(text, &end);
    return !integer && word.len > 0 && *end == '\0';
}

static bool is_scalar_of(struct arena *arena, enum keyword_type type, value v)
{
    switch (value_kind(v)) {
    case VALUE_BOOL:
        return true;
    case VALUE_INT:
        return type != KEYWORD_BOOL ||
               (!value_is_big(v) && (value_as_int(v) == 0 || value_as_int(v) == 1));
    case VALUE_FLOAT:
        return type != KEYWORD_BOOL;
    case VALUE_STR:
        return type == KEYWORD_BOOL ? is_bool_word(value_as_str(v))
                                    : is_number_word(arena, value_as_str(v), type == KEYWORD_INT,
                                                     type == KEYWORD_PERCENT);
    default:
        return false;
    }
}

static str shown(struct arena *arena, value v)
{
    str text = value_masked(arena, value_is(v, VALUE_STR) ? v : value_print(arena, v));
    return text.len <= 60 ? text : str_concat(arena, str_part(text, 0, 57), S("..."));
}

/* A play is judged when it is loaded, a task when it runs. */
static bool report_scalar(const struct context *context, const struct keyword_row *row, value v)
{
    static const char *const wanted[] = { [KEYWORD_BOOL] = "a boolean",
                                          [KEYWORD_INT] = "an integer",
                                          [KEYWORD_FLOAT] = "a number",
                                          [KEYWORD_PERCENT] = "a number or percentage" };
    struct loader *loader = context->loader;
    bool is_error = row->where == ON_PLAY;
    str text = shown(loader->arena, v);
    struct diag *diag = is_error
                            ? load_error(loader, LOAD_SYNTAX, v.at, "'%.*s' must be %s, not '%.*s'",
                                         SARG(row->name), wanted[row->type], SARG(text))
                            : load_warning(loader, v.at, "'%.*s' must be %s, not '%.*s'",
                                           SARG(row->name), wanted[row->type], SARG(text));
    if (row->type == KEYWORD_BOOL) {
        diag_hint(diag, "write true or false");
    }
    return !is_error;
}

static bool check_string(const struct context *context, const struct keyword_row *row, value v)
{
    if (value_is(v, VALUE_LIST) || value_is(v, VALUE_MAP)) {
        struct diag *diag =
            load_error(context->loader, LOAD_SYNTAX, v.at, "'%.*s' must be a text, not %s",
                       SARG(row->name), load_kind(v));
        if (value_is(v, VALUE_MAP)) {
            diag_hint(diag, "quote a text that holds ': ' or begins with '{'");
        }
        return false;
    }
    if (!row->values || !value_is(v, VALUE_STR) || template_is_template(v)) {
        return true;
    }
    str names[8];
    size_t count = 0;
    for (; row->values[count]; count++) {
        names[count] = str_of(row->values[count]);
        if (str_eq(names[count], value_as_str(v))) {
            return true;
        }
    }
    if (row->keyword == KW_STRATEGY && str_find_char(value_as_str(v), '.', 0) != STR_NPOS) {
        return true;
    }
    struct diag *diag = load_warning(context->loader, v.at, "there is no '%.*s: %.*s'",
                                     SARG(row->name), SARG(value_as_str(v)));
    diag_suggest(diag, value_as_str(v), names, count);
    return true;
}

/* A text, or a list of texts. */
static bool check_strings(const struct context *context, const struct keyword_row *row, value v)
{
    size_t count = value_is(v, VALUE_LIST) ? value_count(v) : 1;
    for (size_t i = 0; i < count; i++) {
        value item = value_is(v, VALUE_LIST) ? value_item(v, i) : v;
        if (!value_is(item, VALUE_STR)) {
            load_error(context->loader, LOAD_SYNTAX, item.at,
                       "'%.*s' must be a list of texts, not %s", SARG(row->name), load_kind(item));
            return false;
        }
    }
    return true;
}

static bool check_tags(const struct context *context, value v)
{
    if (value_is(v, VALUE_STR)) {
        return true;
    }
    if (!value_is(v, VALUE_LIST)) {
        struct diag *diag = load_error(context->loader, LOAD_FAILED, v.at,
                                       "tags must be a list or a text, not %s", load_kind(v));
        if (!value_is(v, VALUE_MAP) && !value_is(v, VALUE_NULL)) {
            diag_hint(diag, "quote it, or put it in a list: [%.*s]",
                      SARG(shown(context->loader->arena, v)));
        }
        return false;
    }
    for (size_t i = 0; i < value_count(v); i++) {
        value tag = value_item(v, i);
        if (value_is(tag, VALUE_MAP) || value_is(tag, VALUE_LIST)) {
            load_error(context->loader, LOAD_FAILED, tag.at, "a tag must be a word, not %s",
                       load_kind(tag));
            return false;
        }
    }
    return true;
}

/* Names that Python has taken, which Ansible refuses. */
static bool is_python_word(str name)
{
    static const char *const words[] = {
        "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
        "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
        "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
        "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield",    NULL
    };
    for (size_t i = 0; words[i]; i++) {
        if (str_eq(name, str_of(words[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_variable_name(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c != '_' && !(i > 0 ? isalnum(c) : isalpha(c))) {
            return false;
        }
    }
    return name.len > 0 && !is_python_word(name);
}

static void hint_variable_name(struct arena *arena, struct diag *diag, str name)
{
    if (is_python_word(name)) {
        diag_hint(diag, "it is a word of Python's; choose another");
        return;
    }
    char *fixed = arena_alloc(arena, name.len + 1);
    for (size_t i = 0; i < name.len; i++) {
        fixed[i] = isalnum((unsigned char)name.ptr[i]) ? name.ptr[i] : '_';
    }
    if (name.len > 0 && is_variable_name((str){ fixed, name.len })) {
        diag_hint(diag, "write '%s': letters, digits and underscores only", fixed);
    } else {
        diag_hint(diag, "letters, digits and underscores only, no digit in front");
    }
}

bool check_vars(const struct context *context, value vars, const char *where)
{
    struct loader *loader = context->loader;
    bool ok = true;
    if (value_is(vars, VALUE_NULL)) {
        return true;
    }
    for (size_t i = 0; value_is(vars, VALUE_LIST) && i < value_count(vars); i++) {
        value item = value_item(vars, i);
        if (!value_is(item, VALUE_MAP)) {
            vars = item;
            break;
        }
        ok &= check_vars(context, item, where);
    }
    if (value_is(vars, VALUE_LIST)) {
        return ok;
    }
    if (!value_is(vars, VALUE_MAP)) {
        load_error(loader, LOAD_SYNTAX, vars.at, "%s must be a map of variables, not %s", where,
                   load_kind(vars));
        return false;
    }
    for (size_t i = 0; i < value_count(vars); i++) {
        value key = value_map_key(vars, i);
        str name = value_is(key, VALUE_STR) ? value_as_str(key) : shown(loader->arena, key);
        if (!value_is(key, VALUE_STR) || !is_variable_name(name)) {
            struct diag *diag = load_error(loader, LOAD_SYNTAX, key.at,
                                           "'%.*s' cannot be the name of a variable", SARG(name));
            hint_variable_name(loader->arena, diag, name);
            ok = false;
        }
    }
    check_templates(context, vars);
    return ok;
}

static void check_variable(const struct context *context, value v)
{
    str name = value_is(v, VALUE_STR) ? value_as_str(v) : shown(context->loader->arena, v);
    if (!template_is_template(v) && (!value_is(v, VALUE_STR) || !is_variable_name(name))) {
        struct diag *diag = load_warning(context->loader, v.at,
                                         "'%.*s' cannot be the name of a variable", SARG(name));
        hint_variable_name(context->loader->arena, diag, name);
    }
}

static void check_conditions(const struct context *context, const struct keyword_row *row, value v)
{
    if (value_is(v, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(v); i++) {
            check_conditions(context, row, value_item(v, i));
        }
    } else if (value_is(v, VALUE_MAP)) {
        struct diag *diag = load_warning(
            context->loader, v.at, "'%.*s' must be an expression, not a map; it counts as true",
            SARG(row->name));
        diag_hint(diag, "quote an expression that holds ': ' or begins with '{'");
    } else if (value_is(v, VALUE_STR) && context->loader->env &&
               !load_state(context->loader)->quiet) {
        struct diags *found = diags_new(context->loader->arena, context->loader->diags->sources);
        (void)template_check_condition(context->loader->env, found, v);
        load_as_warnings(context->loader, found);
    }
}

static bool check_loop_control(const struct context *context, value v)
{
    static const str names[] = { S_INIT("loop_var"), S_INIT("index_var"),
                                 S_INIT("label"),    S_INIT("pause"),
                                 S_INIT("extended"), S_INIT("extended_allitems") };
    struct loader *loader = context->loader;
    bool ok = true;
    if (!value_is(v, VALUE_MAP)) {
        load_error(loader, LOAD_SYNTAX, v.at, "'loop_control' must be a map, not %s", load_kind(v));
        return false;
    }
    for (size_t i = 0; i < value_count(v); i++) {
        value key = value_map_key(v, i);
        str name = value_is(key, VALUE_STR) ? value_as_str(key) : shown(loader->arena, key);
        bool known = false;
        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
            known |= str_eq(names[k], name);
        }
        if (!known) {
            struct diag *diag = load_error(loader, LOAD_SYNTAX, key.at,
                                           "'%.*s' is no keyword of loop_control", SARG(name));
            diag_suggest(diag, name, names, ARRAY_LEN(names));
            ok = false;
        }
    }
    check_templates(context, v);
    return ok;
}

static bool check_defaults_of(const struct context *context, value map)
{
    struct loader *loader = context->loader;
    bool ok = true;
    for (size_t i = 0; i < value_count(map); i++) {
        value key = value_map_key(map, i);
        str name = value_is(key, VALUE_STR) ? value_as_str(key) : shown(loader->arena, key);
        if (!str_starts(name, S("group/")) && !load_is_action(context, name)) {
            struct diag *diag = load_error(loader, LOAD_SYNTAX, key.at,
                                           "no module '%.*s' to give defaults to", SARG(name));
            size_t count;
            const str *names = load_action_names(loader, &count);
            diag_suggest(diag, name, names, count);
            ok = false;
        }
    }
    return ok;
}

static bool check_module_defaults(const struct context *context, value v)
{
    bool ok = true;
    if (value_is(v, VALUE_MAP)) {
        return check_defaults_of(context, v);
    }
    if (value_is(v, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(v); i++) {
            ok &= check_module_defaults(context, value_item(v, i));
        }
        return ok;
    }
    if (value_is(v, VALUE_NULL)) {
        return true;
    }
    load_error(context->loader, LOAD_SYNTAX, v.at,
               "'module_defaults' must be a map of modules, not %s", load_kind(v));
    return false;
}

static bool check_collections(const struct context *context, value v)
{
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_count(v); i++) {
        if (!value_is(value_item(v, i), VALUE_STR)) {
            v = value_item(v, i);
            break;
        }
    }
    if (value_is(v, VALUE_LIST) || value_is(v, VALUE_STR) || value_is(v, VALUE_NULL)) {
        return true;
    }
    load_error(context->loader, LOAD_SYNTAX, v.at, "'collections' must be a list of names, not %s",
               load_kind(v));
    return false;
}

bool check_keyword(const struct context *context, const struct keyword_row *row, value key, value v)
{
    switch (row->type) {
    case KEYWORD_STRING:
        check_templates(context, v);
        return check_string(context, row, v);
    case KEYWORD_BOOL:
    case KEYWORD_INT:
    case KEYWORD_FLOAT:
    case KEYWORD_PERCENT:
        check_templates(context, v);
        return template_is_template(v) || value_is(v, VALUE_NULL) ||
               is_scalar_of(context->loader->arena, row->type, v) || report_scalar(context, row, v);
    case KEYWORD_VARS:
        return check_vars(context, v, "'vars'");
    case KEYWORD_TAGS:
        return check_tags(context, v);
    case KEYWORD_CONDITIONS:
        check_conditions(context, row, v);
        return true;
    case KEYWORD_VARIABLE:
        if (!check_string(context, row, v)) {
            return false;
        }
        check_variable(context, v);
        return true;
    case KEYWORD_STRINGS:
        if (row->where == ON_PLAY) {
            return check_strings(context, row, v);
        }
        break;
    case KEYWORD_ANY:
        break;
    }
    switch (row->keyword) {
    case KW_LOOP_CONTROL:
        return check_loop_control(context, v);
    case KW_MODULE_DEFAULTS:
        return check_module_defaults(context, v);
    case KW_COLLECTIONS:
        return check_collections(context, v);
    case KW_LOOP:
    case KW_ENVIRONMENT:
    case KW_NOTIFY:
        check_templates(context, v);
        return true;
    default:
        return true;
    }
}

/* ---- templates and arguments ---- */

static void collect_mistakes(struct template_env *env, struct diags *found, value v)
{
    if (value_is(v, VALUE_STR)) {
        if (template_is_template(v)) {
            (void)template_check(env, found, v);
        }
        return;
    }
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_count(v); i++) {
        collect_mistakes(env, found, value_item(v, i));
    }
    for (size_t i = 0; value_is(v, VALUE_MAP) && i < value_count(v); i++) {
        collect_mistakes(env, found, value_map_value(v, i));
    }
}

void check_templates(const struct context *context, value v)
{
    struct loader *loader = context->loader;
    if (!loader->env || load_state(loader)->quiet) {
        return;
    }
    struct diags *found = diags_new(loader->arena, loader->diags->sources);
    collect_mistakes(loader->env, found, v);
    load_as_warnings(loader, found);
}

static bool has_template(value v)
{
    bool found = template_is_template(v);
    for (size_t i = 0; !found && value_is(v, VALUE_LIST) && i < value_count(v); i++) {
        found = has_template(value_item(v, i));
    }
    for (size_t i = 0; !found && value_is(v, VALUE_MAP) && i < value_count(v); i++) {
        found = has_template(value_map_value(v, i));
    }
    return found;
}

static bool is_refused(const struct param *params, value key)
{
    for (const struct param *row = params; row->type != PARAM_END_TYPE; row++) {
        bool is_row = value_is(key, VALUE_STR) && str_eq(value_as_str(key), row->name);
        for (size_t i = 0; row->aliases && row->aliases[i] && value_is(key, VALUE_STR); i++) {
            is_row |= str_eq(value_as_str(key), str_of(row->aliases[i]));
        }
        if (is_row) {
            return row->refused != NULL;
        }
    }
    return false;
}

/* The arguments of a task as far as they are known before it runs; a template may turn out to be
 * `omit`. */
static value plain_arguments(struct arena *arena, const struct param *params,
                             const struct task *task)
{
    struct map_builder args = map_in(arena);
    if (value_is_defined(task->free_form)) {
        map_set_str(&args, S("_raw_params"), value_unknown());
    }
    for (size_t i = 0; value_is(task->args, VALUE_MAP) && i < value_count(task->args); i++) {
        value key = value_map_key(task->args, i), v = value_map_value(task->args, i);
        bool is_raw = value_is(key, VALUE_STR) && str_eq(value_as_str(key), S("_raw_params"));
        if (!is_raw && !has_template(v)) {
            map_set(&args, key, v);
        } else if (!is_refused(params, key)) {
            map_set(&args, key, value_at(value_unknown(), v.at));
        }
    }
    return map_seal(&args);
}

/* What a parameter that names a file means needs no host: it is looked for where the task will look
 * for it. An absolute path may be written by then. */
static bool look_for_file(const struct context *context, struct diags *diags, value name,
                          const char *subdir)
{
    struct loader *loader = context->loader;
    if (!value_is(name, VALUE_STR) || path_is_absolute(value_as_str(name)) ||
        str_starts(value_as_str(name), S("~"))) {
        return true;
    }
    VEC(str) dirs = { 0 };
    for (const struct role *role = context->role; role; role = role->parent) {
        *VEC_PUSH(loader->arena, &dirs) = role->path;
    }
    *VEC_PUSH(loader->arena, &dirs) = path_dirname(context->file);
    *VEC_PUSH(loader->arena, &dirs) = context->playbook_dir;
    str *paths = NEW_ARRAY(loader->arena, str, 2 * dirs.len);
    for (size_t i = 0; i < dirs.len; i++) {
        str below = path_join(loader->arena, dirs.items[i], str_of(subdir));
        str both[] = { below, dirs.items[i] };
        for (size_t k = 0; k < ARRAY_LEN(both); k++) {
            str path =
                path_normal(loader->arena, path_join(loader->arena, both[k], value_as_str(name)));
            if (load_is_file(path) || load_is_dir(path)) {
                return true;
            }
            paths[2 * i + k] = path;
        }
    }
    struct diag *diag = diag_error(diags, name.at, "no file '%.*s'", SARG(value_as_str(name)));
    load_note_places(loader, diag, paths, 2 * dirs.len);
    return false;
}

static bool check_source(void *context, struct diags *diags, struct arena *arena, value name,
                         struct source_file *ret)
{
    *ret = (struct source_file){ .given = true };
    return look_for_file(context, diags, name, "files");
}

static bool check_template(void *context, struct diags *diags, struct arena *arena, value name,
                           value args, struct template_text *ret)
{
    *ret = (struct template_text){ .given = true };
    return look_for_file(context, diags, name, "templates");
}

static bool take_path(void *data, struct diags *diags, struct arena *arena, value path, str *ret)
{
    *ret = value_as_str(path);
    return true;
}

/* Names, types and choices of arguments, what is missing, and files that are named. With defaults
 * from elsewhere only names can be judged. */
static void check_parameters(const struct context *context, const struct task *task)
{
    struct loader *loader = context->loader;
    struct arena *scratch = load_state(loader)->scratch;
    const struct param *params = task->module          ? task->module->params
                                 : task->engine_action ? task->engine_action->params
                                                       : NULL;
    if (!params) {
        return;
    }
    str name = load_short_name(task->action);
    struct diags *found = diags_new(loader->arena, loader->diags->sources);
    value args = plain_arguments(loader->arena, params, task);
    if (value_is_defined(task->args_template) ||
        value_is_defined(node_keyword(&task->node, KW_MODULE_DEFAULTS))) {
        (void)params_check_names(params, name, args, found);
    } else {
        struct context given = *context;
        struct param_hooks hooks = { &given, check_source, check_template, take_path };
        size_t size = task->module ? task->module->params_size : task->engine_action->params_size;
        bool unknown;
        (void)params_parse(params, name, args, task->action_at, &hooks, loader->arena, found,
                           arena_alloc(scratch, size + 1), &unknown);
        arena_reset(scratch);
    }
    load_as_warnings(loader, found);
}

/* A loop over what is written out, and no list. */
static void check_loop(const struct context *context, const struct task *task)
{
    value loop = task->loop;
    if (!str_is_none(task->loop_lookup) || !value_is_defined(loop) || value_is(loop, VALUE_LIST) ||
        template_is_template(loop)) {
        return;
    }
    struct diag *diag =
        load_warning(context->loader, loop.at, "'loop' must be a list, not %s", load_kind(loop));
    if (value_is(loop, VALUE_MAP)) {
        diag_hint(diag, "over a map that a variable holds: \"{{ variable | dict2items }}\"");
    } else if (value_is(loop, VALUE_STR)) {
        diag_hint(diag, "a variable is written \"{{ %.*s }}\"", SARG(value_as_str(loop)));
    }
}

/* A file that an include names in plain words. */
static void check_included(const struct context *context, const struct task *task)
{
    struct loader *loader = context->loader;
    str action = load_short_name(task->action);
    bool is_role = str_eq(action, S("include_role"));
    if (!is_role && !str_eq(action, S("include_tasks"))) {
        return;
    }
    value name = is_role ? load_option(task, "name") : task->free_form;
    if (!value_is_defined(name)) {
        name = load_option(task, is_role ? "role" : "file");
    }
    if (!value_is(name, VALUE_STR) || template_is_template(name)) {
        return;
    }
    struct diags *found = diags_new(loader->arena, loader->diags->sources);
    if (is_role) {
        struct role_use use = { .name = value_as_str(name),
                                .at = name.at,
                                .owner = context->role,
                                .collections = node_keyword(context->parent, KW_COLLECTIONS) };
        str collection;
        (void)role_find(context, &use, found, &collection);
    } else {
        str path;
        (void)tasks_find(loader, found, value_as_str(name), name.at, &task->node, context->handlers,
                         &path);
    }
    load_as_warnings(loader, found);
}

static void check_meta(const struct context *context, const struct task *task)
{
    static const str names[] = { S_INIT("noop"),
                                 S_INIT("flush_handlers"),
                                 S_INIT("end_play"),
                                 S_INIT("end_batch"),
                                 S_INIT("end_host"),
                                 S_INIT("end_role"),
                                 S_INIT("clear_facts"),
                                 S_INIT("clear_host_errors"),
                                 S_INIT("refresh_inventory"),
                                 S_INIT("reset_connection") };
    value name = task->free_form;
    if (!str_eq(load_short_name(task->action), S("meta")) || template_is_template(name)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(names) && value_is(name, VALUE_STR); i++) {
        if (str_eq(names[i], value_as_str(name))) {
            return;
        }
    }
    if (!value_is(name, VALUE_STR)) {
        load_warning(context->loader, task->action_at, "'meta' does not say what to do");
        return;
    }
    struct diag *diag = load_warning(context->loader, name.at, "there is no 'meta: %.*s'",
                                     SARG(value_as_str(name)));
    diag_suggest(diag, value_as_str(name), names, ARRAY_LEN(names));
}

void check_task(const struct context *context, const struct task *task)
{
    if (load_state(context->loader)->quiet) {
        return;
    }
    check_templates(context, task->args);
    check_templates(context, task->free_form);
    check_templates(context, task->loop);
    check_parameters(context, task);
    check_loop(context, task);
    check_included(context, task);
    check_meta(context, task);
}

/* ---- handlers ---- */

/* Names of handlers that are known before the run; templates in them stand for anything. */
struct handler_names {
    struct arena *arena;
    VEC(str) patterns;
    bool open; /* an include may bring more */
};

/* "restart {{ name }}" as "restart *". */
static str pattern_of(struct arena *arena, str text)
{
    struct strbuf pattern = strbuf_in(arena);
    if (str_find(text, S("{{"), 0) == STR_NPOS) {
        return text;
    }
    for (size_t at = 0; at < text.len;) {
        size_t open = str_find(text, S("{{"), at);
        strbuf_add(&pattern, str_part(text, at, open));
        if (open == STR_NPOS) {
            break;
        }
        strbuf_add_char(&pattern, '*');
        size_t close = str_find(text, S("}}"), open);
        at = close == STR_NPOS ? text.len : close + 2;
    }
    return strbuf_str(&pattern);
}

static void add_name(struct handler_names *names, const struct role *role, value name)
{
    if (value_is(name, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(name); i++) {
            add_name(names, role, value_item(name, i));
        }
    } else if (value_is(name, VALUE_STR)) {
        str pattern = pattern_of(names->arena, value_as_str(name));
        *VEC_PUSH(names->arena, &names->patterns) = pattern;
        if (role) {
            *VEC_PUSH(names->arena, &names->patterns) =
                str_format(names->arena, "%.*s : %.*s", SARG(role->name), SARG(pattern));
        }
    }
}

/* Tasks or roles that are known only when it has run. */
static bool is_include(const struct task *task)
{
    str name = load_short_name(task->action);
    return str_eq(name, S("include_tasks")) || str_eq(name, S("include_role")) ||
           str_eq(name, S("include"));
}

static void add_handlers(struct handler_names *names, struct node_list handlers)
{
    for (size_t i = 0; i < handlers.count; i++) {
        const struct task *task = (const struct task *)handlers.nodes[i];
        names->open |= is_include(task);
        add_name(names, task->node.role, task->name_value);
        add_name(names, task->node.role, node_own(&task->node, KW_LISTEN));
    }
}

static bool is_known_handler(const struct handler_names *names, str name)
{
    for (size_t i = 0; i < names->patterns.len; i++) {
        if (path_match(names->patterns.items[i], name)) {
            return true;
        }
    }
    return false;
}

static void check_notify(struct loader *loader, const struct handler_names *names, value notify)
{
    if (value_is(notify, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(notify); i++) {
            check_notify(loader, names, value_item(notify, i));
        }
        return;
    }
    if (!value_is(notify, VALUE_STR) || template_is_template(notify) ||
        is_known_handler(names, value_as_str(notify))) {
        return;
    }
    struct diag *diag =
        load_warning(loader, notify.at, "no handler '%.*s'", SARG(value_as_str(notify)));
    diag_suggest(diag, value_as_str(notify), names->patterns.items, names->patterns.len);
}

/* Whether a list may bring roles while it runs, whose handlers are not known yet. */
static bool has_include(struct node_list list)
{
    for (size_t i = 0; i < list.count; i++) {
        const struct node *node = list.nodes[i];
        if (node->kind == NODE_BLOCK) {
            const struct block *block = (const struct block *)node;
            if (has_include(block->body) || has_include(block->rescue) ||
                has_include(block->always)) {
                return true;
            }
        } else if (node->kind == NODE_TASK && is_include((const struct task *)node)) {
            return true; /* a file of tasks may include a role, too */
        }
    }
    return false;
}

static void check_list(struct loader *loader, const struct handler_names *names,
                       struct node_list list)
{
    for (size_t i = 0; i < list.count; i++) {
        const struct node *node = list.nodes[i];
        check_notify(loader, names, node_own(node, KW_NOTIFY));
        if (node->kind == NODE_BLOCK) {
            const struct block *block = (const struct block *)node;
            check_list(loader, names, block->body);
            check_list(loader, names, block->rescue);
            check_list(loader, names, block->always);
        }
    }
}

void check_handlers(struct loader *loader, const struct play *play)
{
    struct handler_names names = { .arena = loader->arena };
    const struct node_list sections[] = { play->pre_tasks, play->tasks, play->post_tasks };
    add_handlers(&names, play->handlers);
    for (size_t i = 0; i < play->role_count; i++) {
        add_handlers(&names, play->roles[i]->handlers);
        names.open |= has_include(play->roles[i]->tasks);
    }
    for (size_t i = 0; i < play->imported.count; i++) {
        add_handlers(&names, play->imported.roles[i]->handlers);
    }
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        names.open |= has_include(sections[i]);
    }
    if (names.open) {
        return;
    }
    for (size_t i = 0; i < play->role_count; i++) {
        check_list(loader, &names, play->roles[i]->tasks);
        check_list(loader, &names, play->roles[i]->handlers);
    }
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        check_list(loader, &names, sections[i]);
    }
    check_list(loader, &names, play->handlers);
}
