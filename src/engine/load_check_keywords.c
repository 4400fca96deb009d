/*
 * load_check_keywords.c - values of keywords, as far as they can be judged without a run.
 */
#include <ctype.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "engine/load.h"

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
