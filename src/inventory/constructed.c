/*
 * constructed.c - the inventory plugin `constructed`: variables and groups of hosts that earlier
 * sources named, computed from their variables.
 *
 * Source: the documentation of ansible.builtin.constructed, core 2.18. What cannot be computed for
 * a host is left out, or is a mistake with `strict`.
 */
#include "base/strbuf.h"
#include "inventory/layers.h"
#include "inventory/plugins.h"

static const str options[] = { S_INIT("compose"),          S_INIT("groups"),
                               S_INIT("keyed_groups"),     S_INIT("strict"),
                               S_INIT("use_extra_vars"),   S_INIT("use_vars_plugins"),
                               S_INIT("leading_separator") };

static const str keyed_options[] = { S_INIT("key"),           S_INIT("prefix"),
                                     S_INIT("separator"),     S_INIT("parent_group"),
                                     S_INIT("default_value"), S_INIT("trailing_separator") };

struct built {
    struct parse *parse;
    struct arena *scratch; /* reset after each host */
    value compose, groups, keyed;
    bool strict, use_extra_vars, use_files, leading_separator;
};

/* One host while it is worked on. */
struct subject {
    struct host_entry *host;
    struct scope scope;
};

/* ---- variables of the host, as they are now ---- */

static value magic_vars(const struct built *b, const struct host_entry *host)
{
    struct arena *arena = b->scratch;
    struct inventory *inventory = b->parse->inventory;
    str name = host->host.name;
    size_t dot = str_find_char(name, '.', 0);
    bool is_address = name.len > 0 && name.ptr[0] >= '0' && name.ptr[0] <= '9';
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("inventory_hostname"), value_str(arena, name));
    map_set_str(&map, S("inventory_hostname_short"),
                value_str(arena, dot == STR_NPOS || is_address ? name : str_part(name, 0, dot)));
    map_set_str(&map, S("group_names"), inventory_group_names(inventory, arena, &host->host));
    str file = inventory_file_of(inventory, &host->host);
    str dir = inventory_dir_of(inventory, &host->host);
    map_set_str(&map, S("inventory_file"),
                str_is_none(file) ? value_null() : value_str(arena, file));
    map_set_str(&map, S("inventory_dir"), str_is_none(dir) ? value_null() : value_str(arena, dir));
    return map_seal(&map);
}

static void look(const struct built *b, struct subject *subject, bool extra)
{
    struct inventory *inventory = b->parse->inventory;
    const struct layers *own = layers_now(inventory, b->scratch, subject->host, b->use_files);
    value *maps = NEW_ARRAY(b->scratch, value, own->count + 2);
    size_t count = 0;
    if (extra && value_is(inventory->options.extra_vars, VALUE_MAP)) {
        maps[count++] = inventory->options.extra_vars;
    }
    maps[count++] = magic_vars(b, subject->host);
    for (size_t i = 0; i < own->count; i++) {
        maps[count++] = own->maps[i];
    }
    subject->scope = (struct scope){ .layers = maps, .count = count };
}

/* ---- expressions ---- */

/* What a failed evaluation means: nothing, or with `strict` a mistake. */
static bool skipped(const struct built *b, const struct subject *subject, struct diags *said,
                    value entry)
{
    if (!b->strict) {
        return true;
    }
    if (said->all.len > 0) {
        diag_note(said->all.items[0], entry.at, "computed for host '%.*s', with 'strict'",
                  SARG(subject->host->host.name));
    }
    diags_append(b->parse->diags, said);
    return false;
}

/* An expression as a template of its own, which decides the type of the result. */
static bool compute(const struct built *b, struct subject *subject, struct diags *said,
                    value expression, value *ret)
{
    value text = value_print(b->scratch, expression);
    str braces = str_format(b->scratch, "{{%.*s}}", SARG(value_as_str(text)));
    struct eval eval = plugin_eval(b->parse, b->scratch, said, &subject->scope);
    value v = value_trusted(value_at(value_str(b->scratch, braces), expression.at));
    return template_value(&eval, v, ret) && value_is_defined(*ret);
}

static struct diags *new_diags(const struct built *b)
{
    return diags_new(b->scratch, b->parse->inventory->sources);
}

static bool set_vars(const struct built *b, struct subject *subject)
{
    struct arena *arena = b->parse->inventory->arena;
    struct map_builder vars = map_in(arena);
    for (size_t i = 0; value_is(b->compose, VALUE_MAP) && i < value_count(b->compose); i++) {
        value name = value_map_key(b->compose, i), expression = value_map_value(b->compose, i);
        struct diags *said = new_diags(b);
        value v;
        if (compute(b, subject, said, expression, &v)) {
            v = value_trust_all(arena, value_copy(arena, v));
            map_set(&vars, value_copy(arena, name), value_at(v, expression.at));
        } else if (!skipped(b, subject, said, expression)) {
            return false;
        }
    }
    value sealed = map_seal(&vars);
    return value_count(sealed) == 0 ||
           data_set_vars(b->parse->inventory, b->parse->diags, subject->host->host.name, sealed);
}

/* ---- groups ---- */

/* A name that a variable could have: every other character becomes '_'. */
static str safe_name(struct arena *arena, str name)
{
    struct strbuf out = strbuf_in(arena);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                      (unsigned char)c >= 0x80;
        bool digit = c >= '0' && c <= '9' && i > 0;
        strbuf_add_char(&out, letter || digit ? c : '_');
    }
    return strbuf_str(&out);
}

static struct group *join(const struct built *b, const struct subject *subject, str name, span at)
{
    struct inventory *inventory = b->parse->inventory;
    struct group *group = data_add_group(inventory, safe_name(b->scratch, name), at);
    data_join(inventory, group, subject->host);
    return group;
}

static bool is_true(const struct built *b, struct subject *subject, struct diags *said,
                    value condition, bool *ret)
{
    struct eval eval = plugin_eval(b->parse, b->scratch, said, &subject->scope);
    enum truth truth;
    if (!value_is(condition, VALUE_BOOL)) {
        value text = value_print(b->scratch, condition);
        condition = value_trusted(value_at(text, condition.at));
    }
    if (!template_condition(&eval, condition, &truth)) {
        return false;
    }
    *ret = truth == TRUTH_TRUE;
    return true;
}

static bool join_groups(const struct built *b, struct subject *subject)
{
    for (size_t i = 0; value_is(b->groups, VALUE_MAP) && i < value_count(b->groups); i++) {
        value name = value_map_key(b->groups, i), condition = value_map_value(b->groups, i);
        struct diags *said = new_diags(b);
        bool joins = false;
        if (!is_true(b, subject, said, condition, &joins) &&
            !skipped(b, subject, said, condition)) {
            return false;
        }
        if (joins) {
            join(b, subject, value_as_str(value_print(b->scratch, name)), name.at);
        }
    }
    return true;
}

/* ---- keyed_groups ---- */

struct keyed {
    value entry;
    value key; /* computed */
    str prefix, separator;
    str fallback; /* default_value; STR_NONE: none */
    bool trailing_separator;
    str parent; /* STR_NONE: none */
};

static str text_option(const struct built *b, value entry, str name, str fallback)
{
    value v = value_get(entry, name);
    if (!value_is_defined(v) || value_is(v, VALUE_NULL)) {
        return fallback;
    }
    return value_as_str(value_print(b->scratch, v));
}

static bool is_text_empty(value v)
{
    return value_is(v, VALUE_STR) && value_as_str(v).len == 0;
}

/* What of a name comes from the key's value. */
static void add_name(const struct built *b, struct str_list *names, str name)
{
    *VEC_PUSH(b->scratch, names) = name;
}

static str name_or_fallback(const struct built *b, const struct keyed *keyed, value v)
{
    return is_text_empty(v) && !str_is_none(keyed->fallback)
               ? keyed->fallback
               : value_as_str(value_print(b->scratch, v));
}

static str pair_name(const struct built *b, const struct keyed *keyed, value name, value v)
{
    str key = value_as_str(value_print(b->scratch, name));
    if (is_text_empty(v) && str_is_none(keyed->fallback) && !keyed->trailing_separator) {
        return key;
    }
    return str_format(b->scratch, "%.*s%.*s%.*s", SARG(key), SARG(keyed->separator),
                      SARG(name_or_fallback(b, keyed, v)));
}

static bool key_names(const struct built *b, const struct keyed *keyed, struct str_list *ret)
{
    value key = keyed->key;
    if (value_is(key, VALUE_STR)) {
        add_name(b, ret, name_or_fallback(b, keyed, key));
    } else if (value_is(key, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(key); i++) {
            add_name(b, ret, name_or_fallback(b, keyed, value_item(key, i)));
        }
    } else if (value_is(key, VALUE_MAP)) {
        for (size_t i = 0; i < value_count(key); i++) {
            add_name(b, ret, pair_name(b, keyed, value_map_key(key, i), value_map_value(key, i)));
        }
    } else {
        value written = value_get(keyed->entry, S("key"));
        struct diag *diag = diag_error(b->parse->diags, written.at,
                                       "key of a group must be a string, a list or a map, not %s",
                                       value_type_name(key));
        diag_hint(diag, "write it as a string: key: %.*s | string",
                  SARG(value_as_str(value_print(b->scratch, written))));
        return false;
    }
    return true;
}

static bool join_keyed(const struct built *b, const struct subject *subject,
                       const struct keyed *keyed)
{
    struct inventory *inventory = b->parse->inventory;
    struct str_list names = { 0 };
    bool leads = keyed->prefix.len > 0 || b->leading_separator;
    if (!key_names(b, keyed, &names)) {
        return false;
    }
    for (size_t i = 0; i < names.len; i++) {
        str name = str_format(b->scratch, "%.*s%.*s%.*s", SARG(keyed->prefix),
                              SARG(leads ? keyed->separator : STR_EMPTY), SARG(names.items[i]));
        struct group *group = join(b, subject, name, keyed->entry.at);
        if (!str_is_none(keyed->parent)) {
            bool is_new;
            struct group *parent =
                data_add_group(inventory, safe_name(b->scratch, keyed->parent), keyed->entry.at);
            if (!data_add_child(inventory, b->parse->diags, parent, group, keyed->entry.at,
                                &is_new)) {
                return false;
            }
        }
    }
    return true;
}

/* False when the parent's name cannot be computed. */
static bool find_parent(const struct built *b, struct subject *subject, struct diags *said,
                        struct keyed *keyed)
{
    value parent = value_get(keyed->entry, S("parent_group"));
    keyed->parent = STR_NONE;
    if (!value_is(parent, VALUE_STR) || is_text_empty(parent)) {
        return true;
    }
    struct eval eval = plugin_eval(b->parse, b->scratch, said, &subject->scope);
    if (!template_value(&eval, parent, &parent) || !value_is_defined(parent)) {
        return false;
    }
    keyed->parent = value_as_str(value_print(b->scratch, parent));
    return true;
}

/* Null, false, 0 and empty ones make no group. */
static bool is_nothing(const struct built *b, const struct subject *subject,
                       const struct keyed *keyed, bool *ret_ok)
{
    bool empty = value_truth(keyed->key) == TRUTH_FALSE;
    bool counts = is_text_empty(keyed->key) && !str_is_none(keyed->fallback);
    *ret_ok = true;
    if (empty && !counts && b->strict && !value_is(keyed->key, VALUE_LIST) &&
        !value_is(keyed->key, VALUE_MAP)) {
        diag_error(b->parse->diags, value_get(keyed->entry, S("key")).at,
                   "key of a group is empty for host '%.*s'", SARG(subject->host->host.name));
        *ret_ok = false;
    }
    return empty && !counts;
}

static bool join_entry(const struct built *b, struct subject *subject, value entry)
{
    struct keyed keyed = { .entry = entry,
                           .prefix = text_option(b, entry, S("prefix"), STR_EMPTY),
                           .separator = text_option(b, entry, S("separator"), S("_")),
                           .fallback = text_option(b, entry, S("default_value"), STR_NONE) };
    struct diags *said = new_diags(b);
    value key = value_get(entry, S("key"));
    bool ok;
    if (!plugin_bool(b->parse, entry, S("trailing_separator"), true, &keyed.trailing_separator)) {
        return false;
    }
    if (!compute(b, subject, said, key, &keyed.key)) {
        return skipped(b, subject, said, key);
    }
    if (is_nothing(b, subject, &keyed, &ok)) {
        return ok;
    }
    return find_parent(b, subject, said, &keyed) ? join_keyed(b, subject, &keyed)
                                                 : skipped(b, subject, said, entry);
}

static bool check_entry(const struct built *b, value entry)
{
    if (!value_is(entry, VALUE_MAP) || !value_is_defined(value_get(entry, S("key")))) {
        struct diag *diag = diag_error(b->parse->diags, entry.at,
                                       "entry of 'keyed_groups' must be a map with a 'key'");
        diag_hint(diag, "write - {key: os, prefix: os}");
        return false;
    }
    value fallback = value_get(entry, S("default_value"));
    value trailing = value_get(entry, S("trailing_separator"));
    if (value_is_defined(fallback) && value_is_defined(trailing)) {
        diag_error(b->parse->diags, trailing.at,
                   "'default_value' and 'trailing_separator' exclude each other");
        return false;
    }
    plugin_check_options(b->parse, entry, keyed_options, ARRAY_LEN(keyed_options));
    return true;
}

/* ---- the source ---- */

static bool build_host(const struct built *b, struct host_entry *host)
{
    struct subject subject = { .host = host };
    look(b, &subject, b->use_extra_vars);
    if (!set_vars(b, &subject)) {
        return false;
    }
    look(b, &subject, false);
    if (!join_groups(b, &subject)) {
        return false;
    }
    look(b, &subject, b->use_extra_vars);
    for (size_t i = 0; value_is(b->keyed, VALUE_LIST) && i < value_count(b->keyed); i++) {
        if (!join_entry(b, &subject, value_item(b->keyed, i))) {
            return false;
        }
    }
    return true;
}

static bool read_options(struct built *b, value config)
{
    struct parse *parse = b->parse;
    plugin_check_options(parse, config, options, ARRAY_LEN(options));
    if (!plugin_option(parse, config, S("compose"), VALUE_MAP, &b->compose) ||
        !plugin_option(parse, config, S("groups"), VALUE_MAP, &b->groups) ||
        !plugin_option(parse, config, S("keyed_groups"), VALUE_LIST, &b->keyed) ||
        !plugin_bool(parse, config, S("strict"), false, &b->strict) ||
        !plugin_bool(parse, config, S("use_extra_vars"), false, &b->use_extra_vars) ||
        !plugin_bool(parse, config, S("use_vars_plugins"), false, &b->use_files) ||
        !plugin_bool(parse, config, S("leading_separator"), true, &b->leading_separator)) {
        return false;
    }
    for (size_t i = 0; value_is(b->keyed, VALUE_LIST) && i < value_count(b->keyed); i++) {
        if (!check_entry(b, value_item(b->keyed, i))) {
            return false;
        }
    }
    return true;
}

bool constructed_parse(struct parse *parse, value config)
{
    CLEANUP(release_arena) struct arena *scratch = arena_new("constructed");
    struct built b = { .parse = parse, .scratch = scratch };
    if (!read_options(&b, config)) {
        return false;
    }
    data_find_depths(parse->inventory);
    for (size_t i = 0; i < parse->inventory->hosts.len; i++) {
        if (!build_host(&b, parse->inventory->hosts.items[i])) {
            return false;
        }
        arena_reset(scratch);
    }
    return true;
}
