/*
 * load_check.c - tasks that need no run to be judged: their templates, arguments, and the files
 * they name. What Ansible refuses when it loads a playbook is an error; what would fail only if the
 * task really ran is a warning.
 */
#include "base/path.h"
#include "base/strbuf.h"
#include "engine/load.h"
#include "module/module.h"

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
