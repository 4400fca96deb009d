/* filters_serial.c - JSON and YAML, to and from. */
#include "formats/json.h"
#include "formats/objects.h"
#include "formats/yaml.h"
#include "template/core.h"

static bool failed(struct call *call)
{
    call->eval->failure = TEMPLATE_FAILED;
    add_trail(call->eval, call->eval->diags->all.items[call->eval->diags->all.len - 1]);
    return false;
}

static bool check_input(struct call *call, value *ret)
{
    value undefined;
    if (find_undefined(call->input, &undefined)) {
        return call_fail_undefined(call, undefined);
    }
    *ret = call->input;
    return is_view(call->input) || plain_value(call->render, call->input, ret);
}

struct plain {
    struct call *call;
    bool vault_text; /* a vault text as its ciphertext */
};

static bool plain_object(void *data, value object, value *ret)
{
    const struct plain *plain = data;
    if (plain->vault_text && value_is_object(object, &vault_type)) {
        *ret = value_str(plain->call->arena, *(const str *)value_object_data(object));
        return true;
    }
    return !is_view(object) && plain_value(plain->call->render, object, ret) &&
           !value_is(*ret, VALUE_OBJECT);
}

/* ---- JSON ---- */

static bool json_option(struct call *call, struct json_format *format, str name, value v)
{
    bool on;
    if (str_eq(name, S("indent"))) {
        int64_t indent = 0;
        if (value_is(v, VALUE_NULL)) {
            format->indent = 0;
            return true;
        }
        if (!call_need_int(call, v, "'indent'", &indent)) {
            return false;
        }
        format->indent = indent > 0 && indent < 1000 ? (int)indent : -1;
        return true;
    }
    if (str_eq(name, S("separators"))) {
        const value *items;
        size_t count;
        if (value_is(v, VALUE_NULL)) {
            return true;
        }
        if (!call_items(call, v, &items, &count)) {
            return false;
        }
        return (count == 2 && call_need_str(call, items[0], &format->item_separator) &&
                call_need_str(call, items[1], &format->key_separator)) ||
               call_fail(call, "'separators' are two strings");
    }
    if (!call_truth(call, v, &on)) {
        return false;
    }
    if (str_eq(name, S("sort_keys"))) {
        format->sort = on ? JSON_SORTED : JSON_AS_WRITTEN;
    } else if (str_eq(name, S("ensure_ascii"))) {
        format->unicode = !on;
    } else if (str_eq(name, S("vault_to_text"))) {
        ((struct plain *)format->plain_data)->vault_text = on;
    } else if (!str_eq(name, S("preprocess_unsafe")) && !str_eq(name, S("allow_nan")) &&
               !str_eq(name, S("skipkeys")) && !str_eq(name, S("check_circular"))) {
        return call_fail(call, "has no argument '%.*s'", SARG(name));
    }
    return true;
}

static bool write_json(struct call *call, struct json_format format, bool nice, value *ret)
{
    value v;
    struct plain plain = { .call = call };
    format.plain = plain_object;
    format.plain_data = &plain;
    if (!check_input(call, &v)) {
        return false;
    }
    for (size_t i = 0; i < value_count(call->keywords); i++) {
        str name = value_as_str(value_map_key(call->keywords, i));
        if (nice && str_eq(name, S("separators"))) {
            continue; /* it has its own */
        }
        if (!json_option(call, &format, name, value_map_value(call->keywords, i))) {
            return false;
        }
    }
    return json_write(call->arena, call->eval->diags, v, format, ret) || failed(call);
}

static bool filter_to_json(struct call *call, value *ret)
{
    return write_json(call, (struct json_format){ 0 }, false, ret);
}

static bool filter_to_nice_json(struct call *call, value *ret)
{
    struct json_format format = { .indent = 4, .sort = JSON_SORTED };
    if (call->given[0] && !json_option(call, &format, S("indent"), call->args[0])) {
        return false;
    }
    if (call->given[1] && !json_option(call, &format, S("sort_keys"), call->args[1])) {
        return false;
    }
    return write_json(call, format, true, ret);
}

static value secret_like(struct call *call, value v, value source)
{
    return value_has_secret(source) ? value_secret_all(call->arena, v) : v;
}

static bool filter_from_json(struct call *call, value *ret)
{
    str text;
    if (value_is(call->input, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, call->input);
    }
    if (!value_is(call->input, VALUE_STR)) {
        return call_fail(call, "a string is needed, not %s %s", A_TYPE(call->input));
    }
    text = value_as_str(call->input);
    struct source source = { .name = S("text of from_json"),
                             .text = text,
                             .secret = value_has_secret(call->input) };
    struct json_options options = { .at = place_in_source(call->render, call->at) };
    if (!json_read(call->arena, call->eval->diags, &source, options, ret)) {
        return failed(call);
    }
    *ret = secret_like(call, *ret, call->input);
    return true;
}

/* ---- YAML ---- */

static bool read_yaml(struct call *call, bool all, value *ret)
{
    value text = call->input;
    if (value_is(text, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, text);
    }
    if (!value_is(text, VALUE_STR)) {
        return call_give(ret, text);
    }
    struct source source = { .name = S("text of from_yaml"),
                             .text = value_as_str(text),
                             .secret = value_has_secret(text) };
    struct yaml_options options = { .at = place_in_source(call->render, call->at) };
    struct diag_mark mark = diags_mark(call->eval);
    bool ok = all ? yaml_read_all(call->arena, call->eval->diags, &source, options, ret)
                  : yaml_read(call->arena, call->eval->diags, &source, options, ret);
    if (!ok) {
        return failed(call);
    }
    diags_forget(call->eval, mark); /* a duplicate key is no mistake of the playbook */
    *ret = secret_like(call, *ret, text);
    return true;
}

static bool filter_from_yaml(struct call *call, value *ret)
{
    return read_yaml(call, false, ret);
}

static bool filter_from_yaml_all(struct call *call, value *ret)
{
    if (value_is(call->input, VALUE_NULL)) {
        return call_give(ret, value_list(call->arena, NULL, 0));
    }
    return read_yaml(call, true, ret);
}

static bool yaml_option(struct call *call, struct yaml_format *format, str name, value v)
{
    int64_t number = 0;
    bool on = false;
    if (str_eq(name, S("indent")) || str_eq(name, S("width"))) {
        bool infinite = value_is(v, VALUE_FLOAT);
        if (value_is(v, VALUE_NULL)) {
            return true;
        }
        if (!infinite && !call_need_int(call, v, "the number", &number)) {
            return false;
        }
        if (str_eq(name, S("indent"))) {
            format->indent = number > 0 && number < 1000 ? (int)number : 2;
        } else {
            format->width = infinite || number > 1000000 ? -1 : (int)number;
        }
        return true;
    }
    if (str_eq(name, S("default_style"))) {
        str style;
        if (value_is(v, VALUE_NULL)) {
            return true;
        }
        if (!call_need_str(call, v, &style)) {
            return false;
        }
        format->style = style.len > 0 ? style.ptr[0] : 0;
        return true;
    }
    bool line_feed = str_eq(name, S("line_break")) &&
                     !(value_is(v, VALUE_STR) && str_starts(value_as_str(v), S("\r")));
    if (line_feed) { /* what PyYAML does not know as a line break is one line feed */
        return true;
    }
    if (str_eq(name, S("line_break")) || str_eq(name, S("encoding")) ||
        str_eq(name, S("version")) || str_eq(name, S("tags"))) {
        return call_fail(call, "'%.*s' is not supported", SARG(name));
    }
    if (str_eq(name, S("default_flow_style"))) {
        if (!value_is(v, VALUE_NULL)) {
            if (!call_truth(call, v, &on)) {
                return false;
            }
            format->flow = on ? YAML_FLOW_ALWAYS : YAML_FLOW_NEVER;
        } else {
            format->flow = YAML_FLOW_LEAVES;
        }
        return true;
    }
    if (!call_truth(call, v, &on)) {
        return false;
    }
    if (str_eq(name, S("sort_keys"))) {
        format->sort_keys = on;
    } else if (str_eq(name, S("explicit_start"))) {
        format->explicit_start = on;
    } else if (str_eq(name, S("explicit_end"))) {
        format->explicit_end = on;
    } else if (str_eq(name, S("canonical"))) {
        format->canonical = on;
    } else {
        return call_fail(call, "has no argument '%.*s'", SARG(name));
    }
    return true;
}

/* What Ansible's filters give to PyYAML themselves, and so nobody else can. */
static bool is_given(str name, bool nice)
{
    return str_eq(name, S("allow_unicode")) || (nice && str_eq(name, S("default_flow_style")));
}

static bool write_yaml(struct call *call, struct yaml_format format, bool nice, value *ret)
{
    value v;
    struct plain plain = { .call = call };
    if (!check_input(call, &v)) {
        return false;
    }
    for (size_t i = 0; i < value_count(call->keywords); i++) {
        str name = value_as_str(value_map_key(call->keywords, i));
        if (is_given(name, nice)) {
            return call_fail(call, "'%.*s' is the filter's own", SARG(name));
        }
        if (!yaml_option(call, &format, name, value_map_value(call->keywords, i))) {
            return false;
        }
    }
    format.plain = plain_object;
    format.plain_data = &plain;
    format.aliases = true;
    return yaml_write(call->arena, call->eval->diags, v, format, ret) || failed(call);
}

static bool filter_to_yaml(struct call *call, value *ret)
{
    return write_yaml(call, YAML_WRITE_DEFAULTS, false, ret);
}

static bool filter_to_nice_yaml(struct call *call, value *ret)
{
    struct yaml_format format = YAML_WRITE_DEFAULTS;
    format.flow = YAML_FLOW_NEVER;
    format.indent = 4;
    return (!call->given[0] || yaml_option(call, &format, S("indent"), call->args[0])) &&
           write_yaml(call, format, true, ret);
}

const struct builtin filters_serial[] = {
    { "to_json", NULL, "**options", CALL_STRING, filter_to_json,
      "The value as JSON. Options are those of Python's json.dumps: indent, sort_keys, separators, "
      "ensure_ascii ...; vault_to_text, preprocess_unsafe.",
      "{{ {'b': [1, true], 'a': none} | to_json }} -> {\"b\": [1, true], \"a\": null}" },
    { "to_nice_json", NULL, "indent=4, sort_keys=true, **options", CALL_STRING, filter_to_nice_json,
      "The value as JSON for people: indented, with sorted keys. The options are those of to_json.",
      "{{ {'b': 1, 'a': [2]} | to_nice_json(indent=2) }} -> {\\n  \"a\": [\\n    2\\n  ],\\n  "
      "\"b\": 1\\n}" },
    { "from_json", NULL, "", 0, filter_from_json, "The value that a text holds as JSON.",
      "{{ ('[{\"port\": 80}]' | from_json)[0].port }} -> 80" },
    { "to_yaml", NULL, "**options", CALL_STRING, filter_to_yaml,
      "The value as YAML. Options are those of PyYAML: indent, width, sort_keys, "
      "default_flow_style, explicit_start ...",
      "{{ {'a': [1, 2]} | to_yaml }} -> a: [1, 2]\\n" },
    { "to_nice_yaml", NULL, "indent=4, **options", CALL_STRING, filter_to_nice_yaml,
      "The value as YAML for people: every item on a line of its own. The options are those of "
      "to_yaml.",
      "{{ {'a': [1, 2]} | to_nice_yaml(indent=2) }} -> a:\\n- 1\\n- 2\\n" },
    { "from_yaml", NULL, "", 0, filter_from_yaml, "The value that a text holds as YAML.",
      "{{ 'ports: [80, 443]' | from_yaml }} -> {'ports': [80, 443]}" },
    { "from_yaml_all", NULL, "", 0, filter_from_yaml_all,
      "The documents that a text holds as YAML.",
      "{{ lookup('file', 'two.yml') | from_yaml_all | list }} -> [{'a': 1}, {'b': 2}]" },
    { 0 },
};
