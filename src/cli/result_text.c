/* result_text.c - see result_text.h. */
#include "cli/result_text.h"

#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/value_each.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "template/object.h"

/* An object as data, where it has such a form without an evaluation. */
static bool plain_object(void *arena, value object, value *ret)
{
    const struct object_type *type = value_object_type(object);
    if (type->ops == NULL || type->ops->plain == NULL) {
        *ret = value_print(arena, object);
        return true;
    }
    struct eval eval = { .arena = arena };
    return type->ops->plain(&eval, value_object_data(object), ret);
}

/* Secret numbers as secret texts, so that what is masked is still JSON. */
static value without_secret_number(struct arena *arena, value v)
{
    return value_is_secret_number(v) ? value_secret(arena, S("number")) : v;
}

static str to_json(struct arena *arena, struct source_map *sources, value v, int indent)
{
    struct json_format format = { .indent = indent == RESULT_TIGHT ? 0 : indent,
                                  .item_separator = indent == RESULT_TIGHT ? S(",") : STR_NONE,
                                  .sort = JSON_SORTED_SOME,
                                  .unicode = true,
                                  .plain = plain_object,
                                  .plain_data = arena };
    value text;
    v = value_each(arena, v, without_secret_number);
    if (!json_write(arena, diags_new(arena, sources), v, format, &text)) {
        text = value_print(arena, v);
    }
    return value_masked(arena, text);
}

/* ---- YAML ---- */

static void end_line(struct strbuf *out)
{
    while (out->len > 0 && out->ptr[out->len - 1] == ' ') {
        strbuf_truncate(out, out->len - 1);
    }
}

/* A text of several lines as a literal block can hold it: without blanks at ends of lines, tabs as
 * blanks, nothing that does not print. */
static str block_text(struct arena *arena, str text)
{
    struct strbuf out = strbuf_in(arena);
    size_t column = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t c = utf8_next(text, &at);
        if (c == '\n') {
            end_line(&out);
            strbuf_add_char(&out, '\n');
            column = 0;
        } else if (c == '\t') {
            strbuf_add_repeat(&out, ' ', 8 - column % 8);
            column += 8 - column % 8;
        } else if ((c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c != UTF8_BAD)) {
            strbuf_add_utf8(&out, c);
            column++;
        }
    }
    while (out.len > 0 && (out.ptr[out.len - 1] == '\n' || out.ptr[out.len - 1] == ' ')) {
        strbuf_truncate(&out, out.len - 1);
    }
    return strbuf_str(&out);
}

/* A text as it is to be read by people. */
static value readable(struct arena *arena, value v)
{
    if (!value_is(v, VALUE_STR)) {
        return v;
    }
    str text = value_masked(arena, v);
    bool lines = str_find_char(text, '\n', 0) != STR_NPOS;
    return value_str(arena, lines ? block_text(arena, text) : text);
}

/* Lines are left out where the text stands beside them. */
static bool is_told_twice(value map, str key)
{
    str text = str_eq(key, S("stdout_lines"))   ? S("stdout")
               : str_eq(key, S("stderr_lines")) ? S("stderr")
                                                : STR_NONE;
    return !str_is_none(text) && !value_is(value_get(map, text), VALUE_UNDEFINED);
}

/* What stands in the first line of the headed form. */
static bool is_of_head(enum result_form form, str key)
{
    return form == RESULT_AS_HEADED && (str_eq(key, S("changed")) || str_eq(key, S("skipped")));
}

static value without_repetition(struct arena *arena, enum result_form form, value v)
{
    struct map_builder map = map_in(arena);
    for (size_t i = 0; i < value_count(v); i++) {
        value key = value_map_key(v, i);
        str name = value_is(key, VALUE_STR) ? value_as_str(key) : STR_EMPTY;
        if (is_told_twice(v, name)) {
            map_set(&map, key, value_str(arena, S("<omitted>")));
        } else if (!is_of_head(form, name) && !str_eq(name, S("exception"))) {
            map_set(&map, key, value_each(arena, value_map_value(v, i), readable));
        }
    }
    return map_seal(&map);
}

static void add_head(struct strbuf *out, value v)
{
    static const str names[] = { S_INIT("changed"), S_INIT("skipped") };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        value flag = value_get(v, names[i]);
        if (value_is(flag, VALUE_BOOL)) {
            strbuf_addf(out, "%.*s=%s ", SARG(names[i]), value_as_bool(flag) ? "true" : "false");
        }
    }
}

/* Each line further to the right, below the line of the host. */
static void add_indented(struct strbuf *out, str text, int indent)
{
    for (str rest = text; rest.len > 0;) {
        str line = str_cut(&rest, '\n');
        strbuf_add_char(out, '\n');
        if (line.len > 0) {
            strbuf_add_repeat(out, ' ', (size_t)indent);
        }
        strbuf_add(out, line);
    }
}

static str to_yaml(struct arena *arena, struct source_map *sources, enum result_form form, value v)
{
    bool headed = form == RESULT_AS_HEADED;
    struct yaml_format format = { .flow = YAML_FLOW_NEVER,
                                  .indent = headed ? 2 : 4,
                                  .width = headed ? 1000 : 80,
                                  .sort_keys = true,
                                  .blocks = true,
                                  .plain = plain_object,
                                  .plain_data = arena };
    struct strbuf out = strbuf_in(arena);
    value rest = without_repetition(arena, form, v), text;
    if (headed) {
        add_head(&out, v);
    }
    if (value_count(rest) == 0) {
        return strbuf_str(&out);
    }
    if (!yaml_write(arena, diags_new(arena, sources), rest, format, &text)) {
        return to_json(arena, sources, v, 4);
    }
    add_indented(&out, value_masked(arena, text), format.indent);
    return str_trim_right(strbuf_str(&out));
}

/* ---- printed text as it is ---- */

static bool is_text_of(str key)
{
    static const str names[] = { S_INIT("stdout"),        S_INIT("stderr"),
                                 S_INIT("msg"),           S_INIT("module_stdout"),
                                 S_INIT("module_stderr"), S_INIT("stdout_lines"),
                                 S_INIT("stderr_lines") };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(key, names[i])) {
            return true;
        }
    }
    return false;
}

static str to_text(struct arena *arena, struct source_map *sources, value v)
{
    static const struct {
        str key, head;
    } parts[] = { { S_INIT("stdout"), S_INIT("STDOUT") },
                  { S_INIT("stderr"), S_INIT("STDERR") },
                  { S_INIT("msg"), S_INIT("MSG") },
                  { S_INIT("module_stdout"), S_INIT("MODULE_STDOUT") },
                  { S_INIT("module_stderr"), S_INIT("MODULE_STDERR") } };
    struct strbuf out = strbuf_in(arena);
    struct map_builder map = map_in(arena);
    for (size_t i = 0; i < value_count(v); i++) {
        value key = value_map_key(v, i);
        if (!value_is(key, VALUE_STR) || !is_text_of(value_as_str(key))) {
            map_set(&map, key, value_map_value(v, i));
        }
    }
    strbuf_add(&out, to_json(arena, sources, map_seal(&map), 4));
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        value part = value_get(v, parts[i].key);
        str text = value_is(part, VALUE_UNDEFINED) || value_is(part, VALUE_NULL)
                       ? STR_EMPTY
                       : value_masked(arena, value_print(arena, part));
        if (text.len > 0) {
            strbuf_addf(&out, "\n\n%.*s:\n\n%.*s\n", SARG(parts[i].head), SARG(text));
        }
    }
    return strbuf_str(&out);
}

str result_text(struct arena *arena, struct source_map *sources, enum result_form form, value v,
                int indent)
{
    bool plain = !value_is(v, VALUE_MAP) ||
                 (form == RESULT_AS_HEADED && value_is(value_get(v, S("censored")), VALUE_STR));
    switch (plain ? RESULT_AS_JSON : form) {
    case RESULT_AS_JSON:
        break;
    case RESULT_AS_YAML:
    case RESULT_AS_HEADED:
        return to_yaml(arena, sources, form, v);
    case RESULT_AS_TEXT:
        return to_text(arena, sources, v);
    }
    return to_json(arena, sources, v, indent);
}
