/*
 * validate_argument_spec - check values against a specification of arguments: meta/argument_specs
 * of a role, checked in front of its tasks, or one that a playbook gives.
 *
 * What is checked and in what order was observed with ansible-core 2.14: aliases, names, what
 * excludes each other, what is required, types, choices, what is required together or because of
 * another; then the same for the options within. Every mistake is told, not the first alone. A
 * value that only a real run can tell is taken to be right.
 */
#include <stdlib.h>

#include "base/strbuf.h"
#include "engine/actions/actions.h"
#include "engine/state.h"
#include "template/scope.h"

struct check {
    struct arena *arena;
    struct source_map *sources;
    struct list_builder errors;
    VEC(str) unsupported; /* dotted names */
    str supported;        /* what the last of them might have been */
};

/* One map of values and the specification for it. */
struct level {
    struct check *check;
    value spec;    /* a map of options */
    value options; /* of what it is an option itself; undefined at the top: no rules between options
                    */
    struct map_builder values;
    str path;  /* "conf.many."; empty at the top */
    str where; /* " found in conf -> many" */
};

static void mistake(struct check *check, const char *format, ...) PRINTF(2, 3);
static void mistake(struct check *check, const char *format, ...)
{
    struct strbuf text = strbuf_in(check->arena);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&text, format, args);
    va_end(args);
    list_add(&check->errors, value_str(check->arena, strbuf_str(&text)));
}

static bool is_given(value v)
{
    return !value_is(v, VALUE_UNDEFINED) && !value_is(v, VALUE_NULL);
}

static bool truth_of(value map, str key)
{
    bool b = false;
    return value_to_bool(value_get(map, key), &b) && b;
}

static bool lookup(const struct level *level, value name, value *ret)
{
    for (size_t i = 0; i < level->values.entries.len; i++) {
        const struct map_entry *entry = &level->values.entries.items[i];
        if (value_equal(entry->key, name) == TRUTH_TRUE) {
            *ret = entry->val;
            return true;
        }
    }
    return false;
}

static bool present(const struct level *level, value name)
{
    value unused;
    return lookup(level, name, &unused);
}

/* A list as such, anything else as a list of one. */
static size_t count_of(value v)
{
    return value_is(v, VALUE_LIST) ? value_count(v) : is_given(v) ? 1 : 0;
}

static value item_of(value v, size_t i)
{
    return value_is(v, VALUE_LIST) ? value_item(v, i) : v;
}

static str joined(struct arena *arena, value list, const char *between)
{
    struct strbuf text = strbuf_in(arena);
    for (size_t i = 0; i < count_of(list); i++) {
        strbuf_addf(&text, "%s%.*s", i == 0 ? "" : between,
                    SARG(shown_text(arena, item_of(list, i))));
    }
    return strbuf_str(&text);
}

static str sorted_names(struct arena *arena, str *names, size_t count)
{
    struct strbuf text = strbuf_in(arena);
    str_sort(names, count);
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(&text, "%s%.*s", i == 0 ? "" : ", ", SARG(names[i]));
    }
    return strbuf_str(&text);
}

/* ---- names ---- */

static void take_aliases(struct level *level)
{
    for (size_t i = 0; i < value_count(level->spec); i++) {
        value name = value_map_key(level->spec, i), option = value_map_value(level->spec, i);
        value aliases = value_get(option, S("aliases")), given;
        for (size_t k = 0; k < count_of(aliases); k++) {
            if (lookup(level, item_of(aliases, k), &given)) {
                map_set(&level->values, name, given);
            }
        }
        if (is_given(value_get(option, S("default"))) && truth_of(option, S("required"))) {
            mistake(level->check, "the option '%.*s' is required, and has a default all the same",
                    SARG(shown_text(level->check->arena, name)));
        }
    }
}

static bool is_known(const struct level *level, value name)
{
    value unused;
    bool known = value_map_find(level->spec, name, &unused);
    for (size_t i = 0; !known && i < value_count(level->spec); i++) {
        value aliases = value_get(value_map_value(level->spec, i), S("aliases"));
        for (size_t k = 0; !known && k < count_of(aliases); k++) {
            known = value_equal(item_of(aliases, k), name) == TRUTH_TRUE;
        }
    }
    return known;
}

static void check_names(struct level *level)
{
    struct check *check = level->check;
    for (size_t i = 0; i < level->values.entries.len; i++) {
        value name = level->values.entries.items[i].key;
        if (is_known(level, name)) {
            continue;
        }
        *VEC_PUSH(check->arena, &check->unsupported) =
            str_concat(check->arena, level->path, shown_text(check->arena, name));
        size_t count = value_count(level->spec);
        str *names = NEW_ARRAY(check->arena, str, count + 1);
        for (size_t k = 0; k < count; k++) {
            names[k] = shown_text(check->arena, value_map_key(level->spec, k));
        }
        check->supported = sorted_names(check->arena, names, count);
    }
}

/* ---- what is required ---- */

static void set_defaults(struct level *level)
{
    for (size_t i = 0; i < value_count(level->spec); i++) {
        value name = value_map_key(level->spec, i);
        value fallback = value_get(value_map_value(level->spec, i), S("default"));
        if (is_given(fallback) && !present(level, name)) {
            map_set(&level->values, name, fallback);
        }
    }
}

static void check_required(struct level *level)
{
    struct arena *arena = level->check->arena;
    VEC(str) missing = { 0 };
    for (size_t i = 0; i < value_count(level->spec); i++) {
        value name = value_map_key(level->spec, i);
        if (truth_of(value_map_value(level->spec, i), S("required")) && !present(level, name)) {
            *VEC_PUSH(arena, &missing) = shown_text(arena, name);
        }
    }
    if (missing.len > 0) {
        mistake(level->check, "missing required arguments: %.*s%.*s",
                SARG(sorted_names(arena, missing.items, missing.len)), SARG(level->where));
    }
}

static size_t count_present(const struct level *level, value names)
{
    size_t count = 0;
    for (size_t i = 0; i < count_of(names); i++) {
        count += present(level, item_of(names, i));
    }
    return count;
}

static void check_exclusive(struct level *level)
{
    struct arena *arena = level->check->arena;
    value groups = value_get(level->options, S("mutually_exclusive"));
    struct strbuf text = strbuf_in(arena);
    for (size_t i = 0; i < count_of(groups); i++) {
        value group = item_of(groups, i);
        if (count_present(level, group) > 1) {
            strbuf_addf(&text, "%s%.*s", text.len > 0 ? ", " : "", SARG(joined(arena, group, "|")));
        }
    }
    if (text.len > 0) {
        mistake(level->check, "parameters are mutually exclusive: %.*s%.*s",
                SARG(strbuf_str(&text)), SARG(level->where));
    }
}

static void check_together(struct level *level)
{
    value groups = value_get(level->options, S("required_together"));
    for (size_t i = 0; i < count_of(groups); i++) {
        value group = item_of(groups, i);
        size_t given = count_present(level, group);
        if (given > 0 && given < count_of(group)) {
            mistake(level->check, "parameters are required together: %.*s%.*s",
                    SARG(joined(level->check->arena, group, ", ")), SARG(level->where));
        }
    }
}

static void check_one_of(struct level *level)
{
    value groups = value_get(level->options, S("required_one_of"));
    for (size_t i = 0; i < count_of(groups); i++) {
        if (count_present(level, item_of(groups, i)) == 0) {
            mistake(level->check, "one of the following is required: %.*s%.*s",
                    SARG(joined(level->check->arena, item_of(groups, i), ", ")),
                    SARG(level->where));
        }
    }
}

/* Rows of: option, its value, what it then requires, whether one of these is enough. */
static void check_required_if(struct level *level)
{
    struct arena *arena = level->check->arena;
    value rows = value_get(level->options, S("required_if"));
    for (size_t i = 0; i < count_of(rows); i++) {
        value row = item_of(rows, i), given;
        if (!value_is(row, VALUE_LIST) || value_count(row) < 3 ||
            !lookup(level, value_item(row, 0), &given) ||
            value_equal(given, value_item(row, 1)) != TRUTH_TRUE) {
            continue;
        }
        value needs = value_item(row, 2);
        bool one_is_enough = false;
        if (value_count(row) > 3 && !value_to_bool(value_item(row, 3), &one_is_enough)) {
            one_is_enough = false;
        }
        struct list_builder missing = list_in(arena);
        for (size_t k = 0; k < count_of(needs); k++) {
            if (!present(level, item_of(needs, k))) {
                list_add(&missing, item_of(needs, k));
            }
        }
        value absent = list_seal(&missing);
        if (value_count(absent) > 0 && (!one_is_enough || value_count(absent) == count_of(needs))) {
            mistake(level->check, "%.*s is %.*s but %s of the following are missing: %.*s%.*s",
                    SARG(shown_text(arena, value_item(row, 0))),
                    SARG(shown_text(arena, value_item(row, 1))), one_is_enough ? "any" : "all",
                    SARG(joined(arena, absent, ", ")), SARG(level->where));
        }
    }
}

static void check_required_by(struct level *level)
{
    struct arena *arena = level->check->arena;
    value rules = value_get(level->options, S("required_by"));
    for (size_t i = 0; value_is(rules, VALUE_MAP) && i < value_count(rules); i++) {
        value name = value_map_key(rules, i), needs = value_map_value(rules, i), v;
        if (!lookup(level, name, &v) || !is_given(v)) {
            continue;
        }
        struct list_builder missing = list_in(arena);
        for (size_t k = 0; k < count_of(needs); k++) {
            if (!lookup(level, item_of(needs, k), &v) || !is_given(v)) {
                list_add(&missing, item_of(needs, k));
            }
        }
        value absent = list_seal(&missing);
        if (value_count(absent) > 0) {
            mistake(level->check, "missing parameter(s) required by '%.*s': %.*s%.*s",
                    SARG(shown_text(arena, name)), SARG(joined(arena, absent, ", ")),
                    SARG(level->where));
        }
    }
}

/* ---- types ---- */

static bool is_number(value v)
{
    return value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT) || value_is(v, VALUE_BOOL);
}

static bool to_list(struct arena *arena, value v, value *ret)
{
    struct list_builder list = list_in(arena);
    if (value_is(v, VALUE_LIST)) {
        *ret = v;
        return true;
    }
    if (value_is(v, VALUE_STR)) {
        str rest = value_as_str(v);
        while (!str_is_none(rest)) {
            list_add(&list, value_str(arena, str_cut(&rest, ',')));
        }
    } else if (is_number(v)) {
        list_add(&list, value_print(arena, v));
    } else {
        return false;
    }
    *ret = list_seal(&list);
    return true;
}

static size_t leading(str text, str set)
{
    size_t count = 0;
    while (count < text.len && str_find_char(set, text.ptr[count], 0) != STR_NPOS) {
        count++;
    }
    return count;
}

/* "10", "1.5 GB", "3 bytes": a number, then a unit, which its first letter tells. */
static bool is_size(struct arena *arena, value v)
{
    str text = str_trim(value_as_str(value_print(arena, v)));
    size_t digits = leading(text, S("0123456789."));
    str unit = str_trim(str_part(text, digits, text.len));
    double number;
    return digits > 0 && value_to_number(value_str(arena, str_part(text, 0, digits)), &number) &&
           (unit.len == 0 || leading(unit, S("BKMGTPEZYbkmgtpezy")) > 0);
}

/* The conversions of modules' parameters, for one value of a type. */
static bool convert_as_param(struct check *check, enum param_type type, value v, value *ret)
{
    struct {
        int64_t integer;
        double number;
        bool boolean;
        value map;
    } out = { 0 };
    size_t offset = type == PARAM_INT     ? offsetof(__typeof__(out), integer)
                    : type == PARAM_FLOAT ? offsetof(__typeof__(out), number)
                    : type == PARAM_BOOL  ? offsetof(__typeof__(out), boolean)
                                          : offsetof(__typeof__(out), map);
    const struct param row[] = { { .name = S_INIT("value"), .type = type, .offset = offset },
                                 PARAM_END };
    struct map_builder args = map_in(check->arena);
    bool unknown;
    map_set_str(&args, S("value"), v);
    if (!params_parse(row, S("value"), map_seal(&args), v.at, NULL, check->arena,
                      diags_new(check->arena, check->sources), &out, &unknown)) {
        return false;
    }
    *ret = type == PARAM_INT     ? value_int(out.integer)
           : type == PARAM_FLOAT ? value_float(out.number)
           : type == PARAM_BOOL  ? value_bool(out.boolean)
                                 : out.map;
    return true;
}

/* False: `v` is no `type`, nor can it become one. */
static bool convert(struct check *check, str type, value v, value *ret)
{
    struct arena *arena = check->arena;
    *ret = v;
    if (str_eq(type, S("str")) || str_eq(type, S("path"))) {
        *ret = value_is(v, VALUE_STR) ? v : value_print(arena, v);
        return true;
    }
    if (str_eq(type, S("list"))) {
        return to_list(arena, v, ret);
    }
    if (str_eq(type, S("dict"))) {
        return convert_as_param(check, PARAM_DICT, v, ret);
    }
    if (str_eq(type, S("bool"))) {
        return convert_as_param(check, PARAM_BOOL, v, ret);
    }
    if (str_eq(type, S("int"))) {
        return value_is(v, VALUE_INT) || convert_as_param(check, PARAM_INT, v, ret);
    }
    if (str_eq(type, S("float"))) {
        return convert_as_param(check, PARAM_FLOAT, v, ret);
    }
    if (str_eq(type, S("bytes")) || str_eq(type, S("bits"))) {
        return is_size(arena, v);
    }
    if (str_eq(type, S("json")) || str_eq(type, S("jsonarg"))) {
        return value_is(v, VALUE_STR) || value_is(v, VALUE_LIST) || value_is(v, VALUE_MAP);
    }
    return str_eq(type, S("raw"));
}

static str type_of(value option, str key, str fallback)
{
    value type = value_get(option, key);
    return value_is(type, VALUE_STR) ? value_as_str(type) : fallback;
}

static value check_elements(struct level *level, value name, str type, value list)
{
    struct check *check = level->check;
    struct list_builder converted = list_in(check->arena);
    for (size_t i = 0; i < value_count(list); i++) {
        value item = value_item(list, i), done = item;
        if (value_has_unknown(item) || convert(check, type, item, &done)) {
            list_add(&converted, done);
        } else {
            mistake(check,
                    "Elements value for option '%.*s'%.*s is of type <class '%s'> and we were "
                    "unable to convert to %.*s: '%.*s'",
                    SARG(shown_text(check->arena, name)), SARG(level->where),
                    value_python_type(item), SARG(type), SARG(shown_text(check->arena, item)));
        }
    }
    return list_seal(&converted);
}

static void check_types(struct level *level)
{
    struct check *check = level->check;
    for (size_t i = 0; i < value_count(level->spec); i++) {
        value name = value_map_key(level->spec, i), option = value_map_value(level->spec, i), v;
        if (!lookup(level, name, &v) || !is_given(v) || value_is(v, VALUE_UNKNOWN)) {
            continue;
        }
        str type = type_of(option, S("type"), S("str"));
        str elements = type_of(option, S("elements"), STR_NONE);
        value converted;
        if (!convert(check, type, v, &converted)) {
            mistake(check,
                    "argument '%.*s' is of type <class '%s'>%.*s and we were unable to convert to "
                    "%.*s: '%.*s'",
                    SARG(shown_text(check->arena, name)), value_python_type(v), SARG(level->where),
                    SARG(type), SARG(shown_text(check->arena, v)));
            continue;
        }
        if (!str_is_none(elements) && value_is(converted, VALUE_LIST)) {
            converted = check_elements(level, name, elements, converted);
        }
        map_set(&level->values, name, converted);
    }
}

/* ---- choices ---- */

static bool is_choice(value choices, value v)
{
    if (value_has_unknown(v)) {
        return true;
    }
    for (size_t i = 0; i < count_of(choices); i++) {
        if (value_equal(item_of(choices, i), v) == TRUTH_TRUE) {
            return true;
        }
    }
    return false;
}

/* YAML reads a bare yes or off as a boolean: it means the one choice that is spelt like that. */
static bool is_boolean_choice(value choices, value v)
{
    unsigned found = 0;
    bool wanted = value_is(v, VALUE_STR) && str_eq(value_as_str(v), S("True"));
    if (!wanted && !(value_is(v, VALUE_STR) && str_eq(value_as_str(v), S("False")))) {
        return false;
    }
    for (size_t i = 0; i < count_of(choices); i++) {
        bool b;
        found += value_to_bool(item_of(choices, i), &b) && b == wanted;
    }
    return found == 1;
}

static void check_choices(struct level *level)
{
    struct arena *arena = level->check->arena;
    for (size_t i = 0; i < value_count(level->spec); i++) {
        value name = value_map_key(level->spec, i), v;
        value choices = value_get(value_map_value(level->spec, i), S("choices"));
        if (!is_given(choices) || !lookup(level, name, &v)) {
            continue;
        }
        str known = joined(arena, choices, ", ");
        if (value_is(v, VALUE_LIST)) {
            struct list_builder wrong = list_in(arena);
            for (size_t k = 0; k < value_count(v); k++) {
                if (!is_choice(choices, value_item(v, k))) {
                    list_add(&wrong, value_item(v, k));
                }
            }
            value list = list_seal(&wrong);
            if (value_count(list) > 0) {
                mistake(level->check,
                        "value of %.*s must be one or more of: %.*s. Got no match for: %.*s%.*s",
                        SARG(shown_text(arena, name)), SARG(known), SARG(joined(arena, list, ", ")),
                        SARG(level->where));
            }
        } else if (!is_choice(choices, v) && !is_boolean_choice(choices, v)) {
            mistake(level->check, "value of %.*s must be one of: %.*s, got: %.*s%.*s",
                    SARG(shown_text(arena, name)), SARG(known), SARG(shown_text(arena, v)),
                    SARG(level->where));
        }
    }
}

/* ---- levels ---- */

static void check_level(struct level *level);

static void check_inner(struct level *level, value name, value option, value v, str suffix)
{
    struct check *check = level->check;
    str shown = shown_text(check->arena, name);
    if (value_is(v, VALUE_UNKNOWN)) {
        return;
    }
    if (!value_is(v, VALUE_MAP)) {
        mistake(check, "value of '%.*s' must be of type dict or list of dicts", SARG(shown));
        return;
    }
    struct level inner = {
        .check = check,
        .spec = value_get(option, S("options")),
        .options = option,
        .values = map_from(check->arena, v),
        .path =
            str_format(check->arena, "%.*s%.*s%.*s.", SARG(level->path), SARG(shown), SARG(suffix)),
        .where = level->where.len == 0
                     ? str_format(check->arena, " found in %.*s", SARG(shown))
                     : str_format(check->arena, "%.*s -> %.*s", SARG(level->where), SARG(shown)),
    };
    check_level(&inner);
}

static void check_options(struct level *level)
{
    struct map_builder nothing = map_in(level->check->arena);
    value empty = map_seal(&nothing);
    for (size_t i = 0; i < value_count(level->spec); i++) {
        value name = value_map_key(level->spec, i), option = value_map_value(level->spec, i);
        value v = { 0 };
        bool is_list = str_eq(type_of(option, S("type"), S("str")), S("list"));
        bool is_dict = str_eq(type_of(option, S("type"), S("str")), S("dict"));
        is_list = is_list && str_eq(type_of(option, S("elements"), STR_EMPTY), S("dict"));
        if ((!is_list && !is_dict) || !value_is(value_get(option, S("options")), VALUE_MAP)) {
            continue;
        }
        if (!lookup(level, name, &v) || !is_given(v)) {
            if (!truth_of(option, S("apply_defaults"))) {
                continue;
            }
            v = empty;
        }
        for (size_t k = 0; k < count_of(v); k++) {
            str suffix = is_list ? str_format(level->check->arena, "[%zu]", k) : STR_EMPTY;
            check_inner(level, name, option, item_of(v, k), suffix);
        }
    }
}

static void check_level(struct level *level)
{
    take_aliases(level);
    check_names(level);
    check_exclusive(level);
    set_defaults(level);
    check_required(level);
    check_types(level);
    check_choices(level);
    check_together(level);
    check_one_of(level);
    check_required_if(level);
    check_required_by(level);
    check_options(level);
}

/* ---- the action ---- */

/* A map that is an argument of the task; empty when it is not given. */
static bool map_argument(struct action_call *call, str name, bool required, value *ret)
{
    struct map_builder nothing = map_in(call->eval->arena);
    value v = value_get(call->args, name);
    *ret = v;
    if (!is_given(v) && !required) {
        *ret = map_seal(&nothing);
        return true;
    }
    if (value_is(v, VALUE_MAP)) {
        return true;
    }
    if (value_is(v, VALUE_UNDEFINED)) {
        diag_error(call->eval->diags, call->task->action_at,
                   "'validate_argument_spec' needs the parameter '%.*s'", SARG(name));
    } else {
        diag_error(call->eval->diags, v.at, "'%.*s' must be a map, not the %s", SARG(name),
                   value_type_name(v));
    }
    return false;
}

/* Options that are variables of the host, under those that were given. */
static bool take_values(struct action_call *call, value spec, value provided,
                        struct map_builder *ret)
{
    for (size_t i = 0; i < value_count(spec); i++) {
        value name = value_map_key(spec, i), v;
        if (!value_is(name, VALUE_STR) || !scope_has(call->eval->scope, value_as_str(name))) {
            continue;
        }
        if (!scope_get(call->eval, value_as_str(name), &v)) {
            return false;
        }
        if (!value_is(v, VALUE_UNDEFINED)) {
            map_set(ret, name, v);
        }
    }
    for (size_t i = 0; i < value_count(provided); i++) {
        map_set(ret, value_map_key(provided, i), value_map_value(provided, i));
    }
    return true;
}

static void tell_unsupported(struct check *check)
{
    if (check->unsupported.len > 0) {
        str names = sorted_names(check->arena, check->unsupported.items, check->unsupported.len);
        mistake(check, "%.*s. Supported parameters include: %.*s.", SARG(names),
                SARG(check->supported));
    }
}

static bool validate_run(struct action_call *call, struct action_outcome *ret)
{
    struct arena *arena = call->eval->arena;
    value spec, provided, context;
    if (!map_argument(call, S("argument_spec"), true, &spec) ||
        !map_argument(call, S("provided_arguments"), false, &provided) ||
        !map_argument(call, S("validate_args_context"), false, &context)) {
        return false;
    }
    struct check check = { .arena = arena,
                           .sources = call->run->sources,
                           .errors = list_in(arena) };
    struct level top = { .check = &check,
                         .spec = spec,
                         .values = map_in(arena),
                         .path = STR_EMPTY,
                         .where = STR_EMPTY };
    if (!take_values(call, spec, provided, &top.values)) {
        return false;
    }
    check_level(&top);
    tell_unsupported(&check);

    value errors = list_seal(&check.errors);
    bool failed = value_count(errors) > 0;
    str message = S("The arg spec validation passed");
    struct map_builder map = map_in(arena);
    if (failed) {
        map_set_str(&map, S("argument_errors"), errors);
        map_set_str(&map, S("argument_spec_data"), spec);
        map_set_str(&map, S("failed"), value_bool(true));
        message =
            str_concat(arena, S("Validation of arguments failed:\n"), joined(arena, errors, "\n"));
    }
    map_set_str(&map, S("changed"), value_bool(false));
    map_set_str(&map, S("msg"), value_str(arena, message));
    map_set_str(&map, S("validate_args_context"), context);
    ret->result = map_seal(&map);
    return true;
}

const struct engine_action action_validate_argument_spec = {
    .name = S_INIT("validate_argument_spec"),
    .summary = "Check values against a specification of arguments",
    .quiet = true,
    .run = validate_run,
};
