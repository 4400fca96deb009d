/*
 * template_cases.c - hostler template --jsonl: answers the cases of a corpus: one JSON object a
 * line with a template or condition and its variables, one answer a line with what it gives.
 */
#include "cli/template_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_out.h"
#include "base/strbuf.h"
#include "cli/constants.h"
#include "formats/json.h"
#include "formats/objects.h"
#include "inventory/inventory.h"
#include "template/object.h"
#include "template/template.h"

/* ---- answers ---- */

/* A value as JSON has it: keys that are no strings are tagged, "!int 1". */
static value tagged_keys(struct arena *arena, value v);

static value tagged_key(struct arena *arena, value key)
{
    const char *tag = value_is(key, VALUE_INT)     ? "!int "
                      : value_is(key, VALUE_BOOL)  ? "!bool "
                      : value_is(key, VALUE_FLOAT) ? "!float "
                      : value_is(key, VALUE_NULL)  ? "!null "
                                                   : "!? ";
    if (value_is(key, VALUE_STR)) {
        return key;
    }
    str text = value_masked(arena, value_print(arena, key));
    return value_str(arena, str_format(arena, "%s%.*s", tag, SARG(text)));
}

static value tagged_map(struct arena *arena, value v)
{
    struct map_builder map = map_in(arena);
    for (size_t i = 0; i < value_count(v); i++) {
        map_set(&map, tagged_key(arena, value_map_key(v, i)),
                tagged_keys(arena, value_map_value(v, i)));
    }
    return map_seal(&map);
}

static value tagged_keys(struct arena *arena, value v)
{
    if (value_is(v, VALUE_MAP)) {
        return tagged_map(arena, v);
    }
    if (!value_is(v, VALUE_LIST)) {
        return v;
    }
    struct list_builder list = list_in(arena);
    for (size_t i = 0; i < value_count(v); i++) {
        list_add(&list, tagged_keys(arena, value_item(v, i)));
    }
    return list_seal(&list);
}

/* ---- a case ---- */

struct answering {
    struct template_env *env;
    struct source_map *sources;
    bool jinja;
    value settings; /* what lookup('config') tells */
    value vars;     /* of the case at hand */
};

static bool flag(value options, const char *name, bool fallback)
{
    value v = value_get(options, str_of(name));
    return value_is(v, VALUE_BOOL) ? value_as_bool(v) : fallback;
}

static str text(value options, const char *name)
{
    value v = value_get(options, str_of(name));
    return value_is(v, VALUE_STR) ? value_as_str(v) : STR_NONE;
}

static enum template_undefined undefined_option(value options)
{
    static const char *const names[] = { "default", "strict", "chainable", "debug" };
    str given = text(options, "undefined");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(given, str_of(names[i]))) {
            return (enum template_undefined)i;
        }
    }
    return UNDEFINED_DEFAULT;
}

static bool listed(value list, const char *name)
{
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < value_count(list); i++) {
        value item = value_item(list, i);
        if (value_is(item, VALUE_STR) && str_eq(value_as_str(item), str_of(name))) {
            return true;
        }
    }
    return false;
}

static struct template_file_options file_options_of(value options, bool jinja)
{
    value extensions = value_get(options, S("extensions"));
    return (struct template_file_options){
        .trim_blocks = flag(options, "trim_blocks", !jinja),
        .lstrip_blocks = flag(options, "lstrip_blocks", false),
        .keep_trailing_newline = flag(options, "keep_trailing_newline", !jinja),
        .newline_sequence = text(options, "newline_sequence"),
        .block_start = text(options, "block_start_string"),
        .block_end = text(options, "block_end_string"),
        .variable_start = text(options, "variable_start_string"),
        .variable_end = text(options, "variable_end_string"),
        .comment_start = text(options, "comment_start_string"),
        .comment_end = text(options, "comment_end_string"),
        .line_statement = text(options, "line_statement_prefix"),
        .line_comment = text(options, "line_comment_prefix"),
        .extension_do = listed(extensions, "do"),
        .extension_loops = listed(extensions, "loopcontrols"),
        .autoescape = flag(options, "autoescape", false),
        .undefined = undefined_option(options),
    };
}

/* The variables of a case: the author's, but for those it names as unsafe. */
static value variables_of(struct arena *arena, value one)
{
    value vars = value_get(one, S("vars"));
    value unsafe = value_get(value_get(one, S("options")), S("unsafe"));
    struct map_builder map = map_in(arena);
    for (size_t i = 0; value_is(vars, VALUE_MAP) && i < value_count(vars); i++) {
        value key = value_map_key(vars, i), v = value_map_value(vars, i);
        bool foreign = listed(unsafe, str_c(arena, value_as_str(key)));
        map_set(&map, key, foreign ? value_untrust_all(arena, v) : v);
    }
    return map_seal(&map);
}

static bool evaluate_case(struct answering *a, struct eval *eval, value one, value *ret)
{
    value options = value_get(one, S("options")), condition;
    if (value_map_get(one, S("expr"), &condition)) {
        enum truth truth;
        if (!template_condition(eval, condition, &truth)) {
            return false;
        }
        *ret = value_bool(truth == TRUTH_TRUE);
        return true;
    }
    value source = value_get(one, S("template"));
    if (a->jinja || str_eq(text(options, "mode"), S("file"))) {
        return template_file(eval, source, file_options_of(options, a->jinja), ret);
    }
    struct template_extensions extensions = {
        listed(value_get(options, S("extensions")), "do"),
        listed(value_get(options, S("extensions")), "loopcontrols"),
    };
    template_set_extensions(eval, extensions);
    if (flag(options, "convert_bare", false) && value_is(source, VALUE_STR) &&
        value_is_defined(value_get(value_get(one, S("vars")), value_as_str(source)))) {
        return template_expression(eval, source, ret);
    }
    if (!template_value(eval, source, ret)) {
        return false;
    }
    *ret = flag(options, "omit", false) ? template_without_omitted(eval, *ret) : *ret;
    return true;
}

/* The templates of a case by name, its own among them. */
static value templates_of(struct arena *arena, value one)
{
    value templates = value_get(one, S("templates")), name = value_get(one, S("name"));
    if (!value_is(templates, VALUE_MAP) && !value_is(name, VALUE_STR)) {
        return (value){ 0 };
    }
    struct map_builder map =
        value_is(templates, VALUE_MAP) ? map_from(arena, templates) : map_in(arena);
    if (value_is(name, VALUE_STR)) {
        map_set(&map, name, value_get(one, S("template")));
    }
    return map_seal(&map);
}

static void print_answer(struct arena *arena, struct diags *diags, value id, const char *key,
                         value v)
{
    struct map_builder answer = map_in(arena);
    map_set_str(&answer, S("id"), id);
    map_set_str(&answer, str_of(key), tagged_keys(arena, v));
    value line;
    if (!json_write(arena, diags, map_seal(&answer), (struct json_format){ 0 }, &line)) {
        struct map_builder failure = map_in(arena);
        map_set_str(&failure, S("id"), id);
        map_set_str(&failure, S("error"), value_str(arena, S("the result is no JSON")));
        if (!json_write(arena, diags, map_seal(&failure), (struct json_format){ 0 }, &line)) {
            return;
        }
    }
    printf("%.*s\n", SARG(value_as_str(line)));
    fflush(stdout);
}

/* The line of an error within the template, as an answer's "line". */
static void print_error(struct answering *a, struct arena *arena, struct diags *diags, value id)
{
    const struct diag *first = NULL;
    for (size_t i = 0; i < diags->all.len && first == NULL; i++) {
        first = diags->all.items[i]->severity == DIAG_ERROR ? diags->all.items[i] : NULL;
    }
    struct map_builder answer = map_in(arena);
    struct place place;
    map_set_str(&answer, S("id"), id);
    map_set_str(&answer, S("error"),
                value_str(arena, first != NULL ? first->message : S("failed")));
    if (first != NULL && source_place(a->sources, first->at, &place)) {
        map_set_str(&answer, S("line"), value_int(place.line));
    }
    value line;
    if (json_write(arena, diags, map_seal(&answer), (struct json_format){ 0 }, &line)) {
        printf("%.*s\n", SARG(value_as_str(line)));
        fflush(stdout);
    }
}

/* An inventory of the groups that a case has as its variable, in a file without a name. */
static bool hosts_of_case(void *data, struct diags *diags, span at, str pattern, value *ret)
{
    struct answering *a = data;
    struct arena *arena = diags->arena;
    value groups = value_get(a->vars, S("groups"));
    struct strbuf text = strbuf_in(arena);
    for (size_t i = 0; value_is(groups, VALUE_MAP) && i < value_count(groups); i++) {
        value hosts = value_map_value(groups, i);
        strbuf_addf(&text, "[%.*s]\n", SARG(value_as_str(value_map_key(groups, i))));
        for (size_t k = 0; value_is(hosts, VALUE_LIST) && k < value_count(hosts); k++) {
            str host = value_masked(arena, value_print(arena, value_item(hosts, k)));
            strbuf_addf(&text, "%.*s\n", SARG(host));
        }
    }
    CLEANUP(close_fd) int fd = fd_of_bytes("hosts", strbuf_str(&text));
    str path = str_format(arena, "/proc/self/fd/%d", fd);
    struct inventory_options options = { .sources = &path, .count = 1, .playbook_dir = STR_NONE };
    struct inventory *inventory;
    struct host_list found;
    bool ok = fd >= 0 && inventory_load(arena, diags, &options, &inventory) &&
              inventory_match(inventory, arena, diags, pattern, at, STR_NONE, &found);
    struct list_builder names = list_in(arena);
    for (size_t i = 0; ok && i < found.count; i++) {
        list_add(&names, value_str(arena, found.hosts[i]->name));
    }
    *ret = list_seal(&names);
    return ok;
}

static bool setting_of_case(void *data, struct diags *diags, span at, str name, value *ret)
{
    *ret = value_get(((const struct answering *)data)->settings, name);
    return true;
}

static void answer_case(struct answering *a, str line)
{
    struct arena *arena = arena_new("case");
    struct diags *diags = diags_new(arena, a->sources);
    struct source source = { .name = S("stdin"), .text = line };
    value one, result;
    if (json_read(arena, diags, &source, (struct json_options){ .trusted = true }, &one)) {
        value id = value_get(one, S("id")), body = value_get(one, S("template"));
        value layers[1] = { variables_of(arena, one) };
        a->vars = layers[0];
        struct scope scope = { .layers = layers, .count = 1 };
        str here = S(".");
        struct eval eval = { .env = a->env, .arena = arena, .diags = diags, .scope = &scope };
        eval.search_paths = &here;
        eval.search_count = 1;
        eval.templates = templates_of(arena, one);
        eval.globals = value_get(value_get(one, S("options")), S("globals"));
        if (value_is(body, VALUE_STR)) { /* so that mistakes have a line */
            const struct source *added = source_add(a->sources, S("template"), value_as_str(body));
            struct map_builder placed = map_from(arena, one);
            map_set_str(&placed, S("template"),
                        value_at(body, source_span(added, 0, value_as_str(body).len)));
            one = map_seal(&placed);
        }
        if (evaluate_case(a, &eval, one, &result)) {
            print_answer(arena, diags, id, "got", result);
        } else {
            print_error(a, arena, diags, id);
        }
    }
    arena_free(arena);
}

void template_cases(bool jinja)
{
    struct answering a = { .sources = source_map_new(), .jinja = jinja };
    struct secrets *secrets = secrets_new();
    struct arena *arena = arena_new("settings");
    struct config defaults = config_empty();
    a.settings = config_constants(arena, &defaults);
    struct template_hooks hooks = { .data = &a, .config = setting_of_case, .hosts = hosts_of_case };
    a.env = template_env_new(jinja ? DIALECT_JINJA : DIALECT_CLASSIC, a.sources, secrets, hooks);
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    while ((len = getline(&line, &room, stdin)) > 0) {
        answer_case(&a, (str){ line, (size_t)len });
    }
    free(line);
    template_env_free(a.env);
    arena_free(arena);
    secrets_free(secrets);
    source_map_free(a.sources);
}
