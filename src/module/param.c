/*
 * param.c - arguments of a task into a module's own struct, by the rows of its table.
 *
 * The conversions are Ansible's: "yes" is a boolean, a number is a text where a text is wanted, a
 * text with commas is a list. Null counts as not given. Source: the documented types of module
 * arguments; what they accept was observed on ansible-core 2.14.
 */
#include "module/param.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/words.h"
#include "formats/json.h"
#include "module/internal.h"
#include "module/plan.h"

/* One parsing of one set of arguments. */
struct parse {
    const struct param *params;
    str module;
    value args;
    span at;
    const struct param_hooks *hooks;
    struct arena *arena;
    struct diags *diags;
    char *ret;
    bool unknown;
};

/* ---- names ---- */

static bool is_alias(const struct param *param, str name)
{
    for (size_t i = 0; param->aliases != NULL && param->aliases[i] != NULL; i++) {
        if (str_eq(name, str_of(param->aliases[i]))) {
            return true;
        }
    }
    return false;
}

static const struct param *param_find(const struct param *params, str name)
{
    for (const struct param *p = params; p->type != PARAM_END_TYPE; p++) {
        if (str_eq(p->name, name) || is_alias(p, name)) {
            return p;
        }
    }
    return NULL;
}

static void report_unknown_name(const struct param *params, str module, value key,
                                struct arena *arena, struct diags *diags)
{
    str name = value_as_str(value_print(arena, key));
    if (str_eq(name, S("_raw_params"))) {
        diag_error(diags, key.at, "'%.*s' takes no free text", SARG(module));
        return;
    }
    VEC(str) known = { 0 };
    for (const struct param *p = params; p->type != PARAM_END_TYPE; p++) {
        *VEC_PUSH(arena, &known) = p->name;
        for (size_t i = 0; p->aliases != NULL && p->aliases[i] != NULL; i++) {
            *VEC_PUSH(arena, &known) = str_of(p->aliases[i]);
        }
    }
    struct diag *diag = diag_error(diags, key.at, "module '%.*s' has no parameter '%.*s'",
                                   SARG(module), SARG(name));
    diag_suggest(diag, name, known.items, known.len);
}

#define NO_ENTRY 0
#define SEVERAL  UINT16_MAX

/* Find the row of each argument. ret_entries, where it is not NULL: for each row the number of its
 * entry in args, plus one; NO_ENTRY; or SEVERAL, under its name and aliases. */
static bool find_rows(const struct param *params, str module, value args, struct diags *diags,
                      uint16_t *ret_entries)
{
    bool ok = true;
    for (size_t i = 0; i < value_count(args); i++) {
        value key = value_map_key(args, i);
        const struct param *param =
            value_is(key, VALUE_STR) ? param_find(params, value_as_str(key)) : NULL;
        if (param == NULL) {
            report_unknown_name(params, module, key, diags->arena, diags);
            ok = false;
        } else if (ret_entries != NULL) {
            uint16_t *entry = &ret_entries[param - params];
            *entry = *entry == NO_ENTRY && i + 1 < SEVERAL ? (uint16_t)(i + 1) : SEVERAL;
        }
    }
    return ok;
}

bool params_check_names(const struct param *params, str module, value args, struct diags *diags)
{
    return find_rows(params, module, args, diags, NULL);
}

/* The value for a row that several arguments are for: an alias wins, as in Ansible. */
static value chosen_value(struct parse *parse, const struct param *param)
{
    value found = value_get(parse->args, param->name);
    str under = param->name;
    for (size_t i = 0; param->aliases != NULL && param->aliases[i] != NULL; i++) {
        str alias = str_of(param->aliases[i]);
        value v = value_get(parse->args, alias);
        if (value_is(v, VALUE_UNDEFINED)) {
            continue;
        }
        if (!value_is(found, VALUE_UNDEFINED)) {
            diag_warning(parse->diags, v.at, "'%.*s' and '%.*s' are one parameter; '%.*s' is used",
                         SARG(under), SARG(alias), SARG(alias));
        }
        found = v;
        under = alias;
    }
    return found;
}

/* ---- conversions ---- */

static bool wrong_type(struct parse *parse, const struct param *param, value v, const char *wanted)
{
    diag_error(parse->diags, v.at, "'%.*s' must be %s, not the %s '%.*s'", SARG(param->name),
               wanted, value_type_name(v),
               SARG(value_masked(parse->arena, value_print(parse->arena, v))));
    return false;
}

static bool word_in(str word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (str_eq_nocase(word, str_of(*words))) {
            return true;
        }
    }
    return false;
}

static bool to_bool(value v, bool *ret)
{
    static const char *const yes[] = { "y", "yes", "on", "1", "true", "t", "1.0", NULL };
    static const char *const no[] = { "n", "no", "off", "0", "false", "f", "0.0", NULL };
    switch (value_kind(v)) {
    case VALUE_BOOL:
        *ret = value_as_bool(v);
        return true;
    case VALUE_INT:
    case VALUE_FLOAT: {
        double number = value_as_float(v);
        *ret = number > 0.5;
        return number == 0.0 || number == 1.0;
    }
    case VALUE_STR: {
        str word = str_trim(value_as_str(v));
        *ret = word_in(word, yes);
        return *ret || word_in(word, no);
    }
    default:
        return false;
    }
}

static bool to_int(value v, int64_t *ret)
{
    switch (value_kind(v)) {
    case VALUE_BOOL:
        *ret = value_as_bool(v);
        return true;
    case VALUE_INT:
        if (value_is_big(v)) {
            return false;
        }
        *ret = value_as_int(v);
        return true;
    case VALUE_STR:
        return str_to_int64(str_trim(value_as_str(v)), ret);
    default:
        return false;
    }
}

static bool to_float(struct arena *arena, value v, double *ret)
{
    if (value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT) || value_is(v, VALUE_BOOL)) {
        *ret = value_as_float(v);
        return true;
    }
    if (!value_is(v, VALUE_STR)) {
        return false;
    }
    const char *text = str_c(arena, str_trim(value_as_str(v)));
    char *end;
    *ret = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*ret);
}

/* A text; numbers, booleans, lists and maps are printed as Python's str(). */
static str to_str(struct parse *parse, value v)
{
    return value_as_str(value_is(v, VALUE_STR) ? v : value_print(parse->arena, v));
}

static bool parse_list(struct parse *parse, const struct param *param, value v,
                       struct str_list *ret)
{
    VEC(str) items = { 0 };
    ret->given = true;
    if (value_is(v, VALUE_STR)) {
        str rest = value_as_str(v);
        while (!str_is_none(rest)) {
            *VEC_PUSH(parse->arena, &items) = str_cut(&rest, ',');
        }
    } else if (value_is(v, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(v); i++) {
            *VEC_PUSH(parse->arena, &items) = to_str(parse, value_item(v, i));
        }
    } else if (value_is(v, VALUE_MAP) || value_is(v, VALUE_OBJECT)) {
        return wrong_type(parse, param, v, "a list");
    } else {
        *VEC_PUSH(parse->arena, &items) = to_str(parse, v);
    }
    ret->items = items.items;
    ret->count = items.len;
    return true;
}

static bool read_json(struct parse *parse, value v, value *ret)
{
    struct source source = { .text = value_as_str(v) };
    struct diags *unused = diags_new(parse->arena, parse->diags->sources);
    return json_read(parse->arena, unused, &source, (struct json_options){ .at = v.at }, ret);
}

static bool parse_dict(struct parse *parse, const struct param *param, value v, value *ret)
{
    if (value_is(v, VALUE_MAP)) {
        *ret = v;
        return true;
    }
    if (!value_is(v, VALUE_STR)) {
        return wrong_type(parse, param, v, "a map");
    }
    str text = str_trim(value_as_str(v));
    if (str_starts(text, S("{"))) {
        return (read_json(parse, v, ret) && value_is(*ret, VALUE_MAP)) ||
               wrong_type(parse, param, v, "a map or JSON of one");
    }
    return pairs_to_map(parse->arena, text, ret) || wrong_type(parse, param, v, "a map");
}

static bool parse_choice(struct parse *parse, const struct param *param, value v, int *ret)
{
    /* A choice "yes" or "no" may have become a boolean on its way through YAML. */
    bool boolean = false;
    str wanted = to_str(parse, v);
    bool is_bool = value_is(v, VALUE_BOOL) && to_bool(v, &boolean);
    VEC(str) known = { 0 };
    for (int i = 0; param->choices[i] != NULL; i++) {
        str choice = str_of(param->choices[i]);
        bool choice_bool;
        if (str_eq(choice, wanted) ||
            (is_bool && to_bool(value_str(parse->arena, choice), &choice_bool) &&
             choice_bool == boolean)) {
            *ret = i;
            return true;
        }
        *VEC_PUSH(parse->arena, &known) = choice;
    }
    struct strbuf list = strbuf_in(parse->arena);
    for (size_t i = 0; i < known.len; i++) {
        strbuf_addf(&list, "%s%.*s", i == 0 ? "" : ", ", SARG(known.items[i]));
    }
    struct diag *diag =
        diag_error(parse->diags, v.at, "'%.*s' cannot be '%.*s'", SARG(param->name), SARG(wanted));
    diag_note(diag, SPAN_NONE, "it is one of: %.*s", SARG(strbuf_str(&list)));
    diag_suggest(diag, wanted, known.items, known.len);
    return false;
}

static bool parse_text(struct parse *parse, value v, value *ret)
{
    if (value_is(v, VALUE_LIST) || value_is(v, VALUE_MAP)) {
        return json_write(parse->arena, parse->diags, v, (struct json_format){ 0 }, ret);
    }
    *ret = value_is(v, VALUE_STR) || value_is(v, VALUE_UNKNOWN) ? v : value_print(parse->arena, v);
    return true;
}

/* ---- paths and files ---- */

/* A name that a template left empty; joined to a directory it would mean all of that. */
static bool is_empty(struct parse *parse, const struct param *param, value name)
{
    if (value_as_str(name).len > 0) {
        return false;
    }
    diag_error(parse->diags, name.at, "'%.*s' is empty", SARG(param->name));
    return true;
}

static bool parse_path(struct parse *parse, const struct param *param, value v, str *ret)
{
    str path = to_str(parse, v);
    value text = value_at(value_str(parse->arena, path), v.at);
    if (path.len == 0 && param->type == PARAM_PATH && (!param->required || param->maybe)) {
        *ret = STR_NONE;
        return true;
    }
    if (is_empty(parse, param, text)) {
        return false;
    }
    if (str_find_char(path, '\0', 0) != STR_NPOS) {
        diag_error(parse->diags, v.at, "path '%.*s' has a NUL byte", SARG(param->name));
        return false;
    }
    *ret = path;
    if (parse->hooks == NULL || parse->hooks->expand_path == NULL) {
        return true;
    }
    bool (*expand)(void *, struct diags *, struct arena *, value, str *) =
        parse->hooks->expand_path;
    if (!expand(parse->hooks->data, parse->diags, parse->arena, text, ret)) {
        return false;
    }
    if (param->relative || path_is_absolute(*ret)) {
        return true;
    }
    if (!str_is_none(parse->hooks->relative_to)) {
        *ret = path_join(parse->arena, parse->hooks->relative_to, *ret);
        return true;
    }
    text = value_at(value_str(parse->arena, str_concat(parse->arena, S("~/"), *ret)), v.at);
    return expand(parse->hooks->data, parse->diags, parse->arena, text, ret);
}

static bool is_remote(struct parse *parse, const struct param *param)
{
    bool remote = false;
    return param->remote_if != NULL &&
           to_bool(value_get(parse->args, str_of(param->remote_if)), &remote) && remote;
}

static bool parse_source(struct parse *parse, const struct param *param, value v,
                         struct source_file *ret)
{
    value name = value_at(value_str(parse->arena, to_str(parse, v)), v.at);
    if (is_remote(parse, param)) {
        ret->given = true;
        ret->remote = true;
        ret->name = value_as_str(name);
        return parse_path(parse, param, name, &ret->path);
    }
    if (is_empty(parse, param, name)) {
        return false;
    }
    bool decrypt = true;
    ret->as_is = param->decrypt_if != NULL &&
                 to_bool(value_get(parse->args, str_of(param->decrypt_if)), &decrypt) && !decrypt;
    if (parse->hooks == NULL || parse->hooks->find_source == NULL) {
        BUG("no way to find files for '%.*s'", SARG(param->name));
    }
    return parse->hooks->find_source(parse->hooks->data, parse->diags, parse->arena, name, ret);
}

static bool parse_source_line(struct parse *parse, const struct param *param, value v,
                              struct source_line *ret)
{
    struct word_list words = { 0 };
    size_t bad;
    str line = to_str(parse, v);
    if (words_read(parse->arena, line, WORDS_NO_COMMENTS, &words, &bad) != WORDS_READ) {
        diag_error(parse->diags, v.at, "a quote is not closed, or a backslash ends the line");
        return false;
    }
    if (words.len == 0) {
        return true;
    }
    ret->rest = str_part(line, words.items[0].to, line.len);
    value name = value_at(value_str(parse->arena, words.items[0].text), v.at);
    return parse_source(parse, param, name, &ret->file);
}

static bool parse_template(struct parse *parse, const struct param *param, value v,
                           struct template_text *ret)
{
    if (parse->hooks == NULL || parse->hooks->render_template == NULL) {
        BUG("no way to render templates for '%.*s'", SARG(param->name));
    }
    value name = value_at(value_str(parse->arena, to_str(parse, v)), v.at);
    if (is_empty(parse, param, name)) {
        return false;
    }
    if (!parse->hooks->render_template(parse->hooks->data, parse->diags, parse->arena, name,
                                       parse->args, ret)) {
        return false;
    }
    ret->content = content_of(parse->arena, ret->text);
    return true;
}

/* ---- one row ---- */

static bool parse_bool(struct parse *parse, const struct param *param, value v, void *field)
{
    bool b;
    if (!to_bool(v, &b)) {
        return wrong_type(parse, param, v, "yes or no");
    }
    if (param->maybe) {
        *(enum maybe *)field = b ? MAYBE_YES : MAYBE_NO;
    } else {
        *(bool *)field = b;
    }
    return true;
}

static bool parse_row(struct parse *parse, const struct param *param, value v)
{
    void *field = parse->ret + param->offset;
    if (param->has_offset != 0) {
        *(bool *)(parse->ret + param->has_offset - 1) = true;
    }
    switch (param->type) {
    case PARAM_END_TYPE:
        break;
    case PARAM_STR:
        *(str *)field = to_str(parse, v);
        return true;
    case PARAM_BOOL:
        return parse_bool(parse, param, v, field);
    case PARAM_INT:
        return to_int(v, field) || wrong_type(parse, param, v, "a whole number");
    case PARAM_FLOAT:
        return to_float(parse->arena, v, field) || wrong_type(parse, param, v, "a number");
    case PARAM_LIST:
        return parse_list(parse, param, v, field);
    case PARAM_DICT:
        return parse_dict(parse, param, v, field);
    case PARAM_RAW:
        *(value *)field = v;
        return true;
    case PARAM_PATH:
        return parse_path(parse, param, v, field);
    case PARAM_MODE:
        return mode_parse(parse->diags, v, field);
    case PARAM_CHOICE:
        return parse_choice(parse, param, v, field);
    case PARAM_SOURCE:
        return parse_source(parse, param, v, field);
    case PARAM_SOURCE_LINE:
        return parse_source_line(parse, param, v, field);
    case PARAM_TEMPLATE:
        return parse_template(parse, param, v, field);
    case PARAM_TEXT:
        return parse_text(parse, v, field);
    }
    BUG("parameter '%.*s' has no type", SARG(param->name));
}

static bool missing(struct parse *parse, const struct param *param)
{
    if (param->required && str_eq(param->name, S("_raw_params"))) {
        diag_error(parse->diags, parse->at, "'%.*s' has nothing to run", SARG(parse->module));
        return false;
    }
    if (param->required) {
        diag_error(parse->diags, parse->at, "'%.*s' needs the parameter '%.*s'",
                   SARG(parse->module), SARG(param->name));
        return false;
    }
    if (param->fallback != NULL && !param->ignored) {
        value v = value_str(parse->arena, str_of(param->fallback));
        bool ok = parse_row(parse, param, v);
        BUG_ON(!ok);
        if (param->has_offset != 0) {
            *(bool *)(parse->ret + param->has_offset - 1) = false;
        } else if (param->type == PARAM_LIST) {
            ((struct str_list *)(parse->ret + param->offset))->given = false;
        }
    }
    return true;
}

static bool may_be_unknown(const struct param *param)
{
    return param->type == PARAM_TEXT || param->type == PARAM_RAW;
}

/* One row; its entry is told by find_rows(). */
static bool take(struct parse *parse, const struct param *param, uint16_t entry)
{
    if (entry == NO_ENTRY) {
        return missing(parse, param);
    }
    value v =
        entry == SEVERAL ? chosen_value(parse, param) : value_map_value(parse->args, entry - 1u);
    if (value_is(v, VALUE_UNDEFINED) || value_is(v, VALUE_NULL)) {
        return missing(parse, param);
    }
    if (param->refused != NULL && !(value_is(v, VALUE_STR) && value_as_str(v).len == 0)) {
        diag_error(parse->diags, v.at, "'%.*s' cannot be used: %s", SARG(param->name),
                   param->refused);
        return false;
    }
    if (param->ignored) {
        return true;
    }
    if (value_has_unknown(v) && !may_be_unknown(param)) {
        parse->unknown = true;
        return true;
    }
    return parse_row(parse, param, v);
}

bool params_parse(const struct param *params, str module, value args, span at,
                  const struct param_hooks *hooks, struct arena *arena, struct diags *diags,
                  void *ret, bool *ret_unknown)
{
    struct parse parse = { .params = params,
                           .module = module,
                           .args = args,
                           .at = at,
                           .hooks = hooks,
                           .arena = arena,
                           .diags = diags,
                           .ret = ret };
    size_t count = 0;
    while (params[count].type != PARAM_END_TYPE) {
        count++;
    }
    uint16_t *entries = NEW_ARRAY(arena, uint16_t, count);
    bool ok = find_rows(params, module, args, diags, entries);
    for (size_t i = 0; i < count; i++) {
        ok &= take(&parse, &params[i], entries[i]);
    }
    *ret_unknown = parse.unknown;
    return ok;
}
