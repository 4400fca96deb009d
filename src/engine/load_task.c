/* load_task.c - one task. */
#include "engine/load.h"

static enum keyword_place place_of(const struct context *context, str action)
{
    str name = load_short_name(action);
    if (str_eq(name, S("include_tasks")) || str_eq(name, S("include_role"))) {
        return ON_INCLUDE;
    }
    if (str_eq(name, S("import_tasks")) || str_eq(name, S("import_role"))) {
        return ON_IMPORT;
    }
    return context->handlers ? ON_HANDLER : ON_TASK;
}

/* with_NAME: TERMS */
static bool take_lookup(const struct context *context, value key, value v, struct task *task)
{
    struct loader *loader = context->loader;
    str name = str_part(value_as_str(key), 5, value_as_str(key).len);
    if (template_find_name(TEMPLATE_LOOKUP, name) == NULL && !known_lookup(name) &&
        str_find_char(name, '.', 0) == STR_NPOS) {
        struct diag *diag = load_error(loader, LOAD_SYNTAX, key.at,
                                       "no lookup '%.*s' for 'with_%.*s'", SARG(name), SARG(name));
        size_t count;
        const struct template_name *lookups = template_rows(TEMPLATE_LOOKUP, &count);
        str *names = NEW_ARRAY(loader->arena, str, count + 1);
        for (size_t i = 0; i < count; i++) {
            names[i] = lookups[i].name;
        }
        diag_suggest(diag, name, names, count);
        return false;
    }
    if (value_is(v, VALUE_NULL)) {
        load_error(loader, LOAD_FAILED, key.at, "'with_%.*s' needs a value", SARG(name));
        return false;
    }
    if (value_is_defined(task->loop)) {
        struct diag *diag = load_error(loader, LOAD_FAILED, key.at,
                                       "a second loop in one task: 'with_%.*s'", SARG(name));
        diag_note(diag, task->loop.at, "the first is here");
        return false;
    }
    if (template_find_name(TEMPLATE_LOOKUP, name) == NULL) {
        load_warning(loader, key.at, "hostler has no lookup '%.*s'; the task fails if it runs",
                     SARG(name));
    }
    task->loop_lookup = name;
    task->loop = v;
    return true;
}

static bool is_action_key(value key, const struct action_call_text *text)
{
    return !text->old_style && value_is(key, VALUE_STR) && str_eq(value_as_str(key), text->name);
}

/* The keywords. Of `loop` and `with_*`, only one may be given. */
static bool take_keywords(const struct context *context, enum keyword_place place,
                          const struct action_call_text *text, value map, struct given *given,
                          struct task *task)
{
    bool ok = true;
    for (size_t i = 0; i < value_count(map); i++) {
        value key = value_map_key(map, i), v = value_map_value(map, i);
        /* `listen` on a handler that is an include is taken, as in Ansible */
        bool listens =
            context->handlers && value_is(key, VALUE_STR) && str_eq(value_as_str(key), S("listen"));
        if (is_action_key(key, text)) {
            continue;
        }
        if (value_is(key, VALUE_STR) && str_starts(value_as_str(key), S("with_"))) {
            ok &= take_lookup(context, key, v, task);
        } else {
            ok &= load_keyword(context, listens ? ON_HANDLER : place, key, v, given);
        }
    }
    value loop = given_get(given, KW_LOOP);
    if (value_is_defined(loop) && value_is_defined(task->loop)) {
        struct diag *diag = load_error(context->loader, LOAD_FAILED, task->loop.at,
                                       "'with_%.*s' beside 'loop'", SARG(task->loop_lookup));
        diag_note(diag, loop.at, "a task has one loop only");
        return false;
    }
    if (value_is_defined(loop) && !value_is(loop, VALUE_NULL)) {
        task->loop = loop;
    }
    if (text->local) {
        value key = value_at(value_str(context->loader->arena, S("delegate_to")), text->at);
        given_set(context->loader, given, KW_DELEGATE_TO, key,
                  value_at(value_str(context->loader->arena, S("localhost")), text->at));
    }
    return ok;
}

static void take_name(const struct given *given, struct task *task)
{
    value name = given_get(given, KW_NAME);
    task->name = STR_NONE;
    task->name_value = (value){ .kind = VALUE_UNDEFINED };
    if (value_is(name, VALUE_STR) && value_as_str(name).len > 0) {
        task->name = value_as_str(name);
        task->name_value = name;
    }
}

/* ---- includes ---- */

static bool is_static(const struct context *context)
{
    for (const struct node *node = context->parent; node; node = node->parent) {
        if (node->kind == NODE_TASK) {
            return false;
        }
    }
    return true;
}

/* `include` is old: static unless its name is a template, it is in a loop or comes from an include.
 * Its further arguments are variables of what is included. */
static void take_old_include(const struct context *context, struct given *given, struct task *task)
{
    struct loader *loader = context->loader;
    struct diag *diag = load_warning(loader, task->action_at, "'include' is an old form");
    diag_hint(diag, "write import_tasks, or include_tasks where its name or condition needs facts");
    if (!value_is_defined(task->free_form)) {
        task->free_form = load_option(task, "file");
    }
    if (value_is(task->args, VALUE_MAP)) {
        value vars = given_get(given, KW_VARS);
        struct map_builder all =
            value_is(vars, VALUE_MAP) ? map_from(loader->arena, vars) : map_in(loader->arena);
        for (size_t i = 0; i < value_count(task->args); i++) {
            map_set(&all, value_map_key(task->args, i), value_map_value(task->args, i));
        }
        value key = value_at(value_str(loader->arena, S("vars")), task->action_at);
        given_set(loader, given, KW_VARS, key, value_at(map_seal(&all), task->args.at));
    }
    task->args = (value){ .kind = VALUE_UNDEFINED };
    task->kind = ACTION_ENGINE;
    task->engine_action = engine_action_find(S("include_tasks"));
}

static bool is_import(const struct context *context, const struct task *task, str name)
{
    return str_eq(name, S("import_tasks")) ||
           (str_eq(name, S("include")) && !template_is_template(task->free_form) &&
            !value_is_defined(task->loop) && is_static(context));
}

static bool check_include(const struct context *context, const struct task *task)
{
    static const char *const tasks_options[] = { "file", "apply", "_raw_params", NULL };
    static const char *const role_options[] = { "name",
                                                "role",
                                                "tasks_from",
                                                "vars_from",
                                                "defaults_from",
                                                "handlers_from",
                                                "apply",
                                                "public",
                                                "allow_duplicates",
                                                "rolespec_validate",
                                                NULL };
    bool is_role = str_eq(load_short_name(task->action), S("include_role"));
    value name = is_role ? load_option(task, "name") : task->free_form;
    if (!value_is_defined(name)) {
        name = load_option(task, is_role ? "role" : "file");
    }
    value apply = load_option(task, "apply");
    if (value_is_defined(task->args_template)) {
        return true;
    }
    if (!load_check_options(context, task, is_role ? role_options : tasks_options)) {
        return false;
    }
    if (!value_is_defined(name) || value_is(name, VALUE_NULL)) {
        struct diag *diag = load_error(context->loader, LOAD_SYNTAX, task->action_at,
                                       "'%.*s' does not say which %s", SARG(task->action),
                                       is_role ? "role" : "file");
        diag_hint(diag, is_role ? "write '%.*s: { name: ROLE }'" : "write '%.*s: FILE.yml'",
                  SARG(task->action));
        return false;
    }
    if (value_is_defined(apply) && !value_is(apply, VALUE_MAP) && !template_is_template(apply)) {
        load_error(context->loader, LOAD_SYNTAX, apply.at,
                   "'apply' must be a map of keywords, not %s", load_kind(apply));
        return false;
    }
    if (is_role && context->handlers) {
        load_error(context->loader, LOAD_SYNTAX, task->action_at, "'%.*s' cannot be a handler",
                   SARG(task->action));
        return false;
    }
    return true;
}

bool load_task(const struct context *context, value map, struct node_vec *ret)
{
    struct loader *loader = context->loader;
    struct action_call_text text;
    struct given given = { 0 };
    struct task *task = NEW(loader->arena, struct task);
    if (!load_action_text(context, map, &text) || !load_action(context, &text, task)) {
        return false;
    }
    task->is_handler = context->handlers;
    task->loop = (value){ .kind = VALUE_UNDEFINED };
    str name = load_short_name(task->action);
    bool ok = take_keywords(context, place_of(context, task->action), &text, map, &given, task);
    if (!load_args(context, &text, given_get(&given, KW_ARGS), task) || !ok) {
        return false;
    }
    take_name(&given, task);
    if (str_eq(name, S("include"))) {
        take_old_include(context, &given, task);
    }
    if (is_import(context, task, name)) {
        return load_import_tasks(context, task, map, &given, ret);
    }
    if (str_eq(name, S("import_role"))) {
        return load_import_role(context, task, map, &given, ret);
    }
    if (place_of(context, task->action) == ON_INCLUDE && !check_include(context, task)) {
        return false;
    }
    load_node(context, NODE_TASK, map, &given, &task->node);
    check_task(context, task);
    *VEC_PUSH(loader->arena, ret) = &task->node;
    return true;
}
