/* plugins.c - sources that begin with `plugin:`, and what their readers share. */
#include "inventory/plugins.h"

static const struct plugin {
    str name;
    bool (*parse)(struct parse *parse, value config);
} plugins[] = {
    { S_INIT("constructed"), constructed_parse },
    { S_INIT("generator"), generator_parse },
};

str plugin_bare_name(str name)
{
    static const str collections[] = { S_INIT("ansible.builtin."), S_INIT("ansible.legacy.") };
    for (size_t i = 0; i < ARRAY_LEN(collections); i++) {
        if (str_starts(name, collections[i])) {
            return str_part(name, collections[i].len, name.len);
        }
    }
    return name;
}

static bool refuse(struct parse *parse, value plugin)
{
    str names[ARRAY_LEN(plugins)];
    str name = value_as_str(value_print(parse->diags->arena, plugin));
    for (size_t i = 0; i < ARRAY_LEN(plugins); i++) {
        names[i] = plugins[i].name;
    }
    struct diag *diag =
        diag_error(parse->diags, plugin.at, "inventory plugin '%.*s' is not supported", SARG(name));
    diag_suggest(diag, name, names, ARRAY_LEN(names));
    diag_hint(diag, "use an executable script that prints the inventory as JSON, or write it out "
                    "with 'ansible-inventory --list --export -y'");
    return false;
}

bool plugin_parse(struct parse *parse, value plugin, value config)
{
    str name = value_is(plugin, VALUE_STR) ? plugin_bare_name(value_as_str(plugin)) : STR_EMPTY;
    for (size_t i = 0; i < ARRAY_LEN(plugins); i++) {
        if (str_eq(name, plugins[i].name)) {
            if (parse->inventory->options.env == NULL) {
                diag_error(parse->diags, plugin.at,
                           "inventory plugin '%.*s' needs templates, which are not available here",
                           SARG(name));
                return false;
            }
            return plugins[i].parse(parse, config);
        }
    }
    return refuse(parse, plugin);
}

struct eval plugin_eval(struct parse *parse, struct arena *arena, struct diags *diags,
                        struct scope *scope)
{
    return (struct eval){
        .env = parse->inventory->options.env, .arena = arena, .diags = diags, .scope = scope
    };
}

bool plugin_option(struct parse *parse, value config, str name, enum value_kind kind, value *ret)
{
    value v = value_get(config, name);
    if (!value_is_defined(v) || value_is(v, VALUE_NULL)) {
        *ret = (value){ 0 };
        return true;
    }
    if (value_kind(v) != kind) {
        diag_error(parse->diags, v.at, "'%.*s' must be a %s, not a %s", SARG(name),
                   kind == VALUE_MAP ? "map" : "list", value_type_name(v));
        return false;
    }
    *ret = v;
    return true;
}

bool plugin_bool(struct parse *parse, value config, str name, bool fallback, bool *ret)
{
    value v = value_get(config, name);
    if (value_is(v, VALUE_BOOL)) {
        *ret = value_as_bool(v);
        return true;
    }
    if (value_is_defined(v) && !value_is(v, VALUE_NULL)) {
        diag_error(parse->diags, v.at, "'%.*s' must be true or false, not a %s", SARG(name),
                   value_type_name(v));
        return false;
    }
    *ret = fallback;
    return true;
}

void plugin_check_options(struct parse *parse, value config, const str *known, size_t count)
{
    for (size_t i = 0; i < value_count(config); i++) {
        value key = value_map_key(config, i);
        str name = value_as_str(value_print(parse->diags->arena, key));
        bool found = str_eq(name, S("plugin"));
        for (size_t k = 0; k < count; k++) {
            found |= str_eq(name, known[k]);
        }
        if (!found) {
            struct diag *diag =
                diag_warning(parse->diags, key.at, "the plugin has no option '%.*s'", SARG(name));
            diag_suggest(diag, name, known, count);
        }
    }
}
