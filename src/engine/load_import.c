/*
 * load_import.c - import_tasks and import_role: what they name takes their place when the playbook
 * is loaded, below a node that holds their keywords. Names may be templates of what is known by
 * then: extra variables, vars, vars_files and defaults of roles; not facts, not the inventory.
 */
#include "base/path.h"
#include "engine/load.h"

/* ---- names that are templates ---- */

struct layers {
    struct arena *arena;
    VEC(value) maps;
};

static void add_layer(struct layers *layers, value vars)
{
    if (value_is(vars, VALUE_MAP)) {
        *VEC_PUSH(layers->arena, &layers->maps) = vars;
    }
}

/* The files of vars_files whose names are plain; the later win. */
static void add_vars_files(struct layers *layers, struct loader *loader, const struct play *play)
{
    value files = node_own(&play->node, KW_VARS_FILES);
    size_t count = value_is(files, VALUE_LIST) ? value_count(files) : 0;
    for (size_t i = count; i > 0; i--) {
        value file = value_item(files, i - 1), content;
        if (value_is(file, VALUE_STR) && !template_is_template(file)) {
            str path =
                path_normal(loader->arena, path_join(loader->arena, play->dir, value_as_str(file)));
            if (load_is_file(path) && load_yaml(loader, path, file.at, &content)) {
                add_layer(layers, content);
            }
        }
    }
}

static value magic_layer(const struct context *context)
{
    struct arena *arena = context->loader->arena;
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("playbook_dir"), value_str(arena, context->playbook_dir));
    if (context->role) {
        map_set_str(&map, S("role_path"), value_str(arena, context->role->path));
        map_set_str(&map, S("role_name"), value_str(arena, context->role->name));
        map_set_str(&map, S("ansible_role_name"), value_str(arena, context->role->name));
    }
    return map_seal(&map);
}

static void gather_layers(const struct context *context, struct layers *layers)
{
    const struct play *play = node_play(context->parent);
    add_layer(layers, context->loader->extra_vars);
    for (const struct node *node = context->parent; node; node = node->parent) {
        if (node->kind != NODE_PLAY) {
            add_layer(layers, node_own(node, KW_VARS));
        }
        if (node->kind == NODE_ROLE) {
            add_layer(layers, ((const struct role *)node)->params);
        }
    }
    for (const struct role *role = context->role; role; role = role->parent) {
        add_layer(layers, role->vars);
    }
    if (play) {
        add_vars_files(layers, context->loader, play);
        add_layer(layers, node_own(&play->node, KW_VARS));
    }
    for (const struct role *role = context->role; role; role = role->parent) {
        add_layer(layers, role->defaults);
    }
    add_layer(layers, magic_layer(context));
}

bool load_name(const struct context *context, value name, const char *what,
               enum load_failure failure, str *ret)
{
    struct loader *loader = context->loader;
    value result = name;
    if (template_is_template(name)) {
        struct layers layers = { .arena = loader->arena };
        gather_layers(context, &layers);
        struct scope scope = { .layers = layers.maps.items, .count = layers.maps.len };
        struct diags *own = diags_new(loader->arena, loader->diags->sources);
        struct eval eval = {
            .env = loader->env, .arena = loader->arena, .diags = own, .scope = &scope
        };
        if (!loader->env || !template_value(&eval, name, &result)) {
            struct diag *diag =
                load_error(loader, failure, name.at, "the %s cannot be told before the run", what);
            for (size_t i = 0; i < own->all.len; i++) {
                diag_note(diag, own->all.items[i]->at, "%.*s", SARG(own->all.items[i]->message));
            }
            diag_hint(diag,
                      "an import knows extra variables, vars and vars_files; an include knows "
                      "facts and the inventory too");
            return false;
        }
    }
    if (value_is(result, VALUE_INT) || value_is(result, VALUE_BOOL)) {
        result = value_print(loader->arena, result);
    }
    if (!value_is(result, VALUE_STR) || value_as_str(result).len == 0) {
        load_error(loader, LOAD_SYNTAX, name.at, "the %s must be a text, not %s", what,
                   value_is(result, VALUE_STR) ? "an empty one" : load_kind(result));
        return false;
    }
    *ret = value_as_str(result);
    return true;
}

/* ---- where a file of tasks is ---- */

struct places {
    struct arena *arena;
    VEC(str) paths;
};

static void add_place(struct places *places, str dir, str name)
{
    str path = path_normal(places->arena, path_join(places->arena, dir, name));
    for (size_t i = 0; i < places->paths.len; i++) {
        if (str_eq(places->paths.items[i], path)) {
            return;
        }
    }
    *VEC_PUSH(places->arena, &places->paths) = path;
}

/* The role whose file a node stands in: of a NODE_ROLE the role itself. */
static const struct role *role_at(const struct node *node)
{
    return node->kind == NODE_ROLE ? (const struct role *)node : node->role;
}

static void add_places(struct places *places, str name, const struct node *parent, bool handlers)
{
    struct arena *arena = places->arena;
    const struct play *play = node_play(parent);
    const struct role *role = role_at(parent);
    str subdirs[] = { handlers ? S("handlers") : S("tasks"), S("tasks") };

    for (const struct node *node = parent; node; node = node->parent) {
        if ((node->kind == NODE_IMPORT || node->kind == NODE_TASK) && node->role == role) {
            add_place(places, path_dirname(node->file), name);
        }
    }
    for (size_t i = 0; role && i < ARRAY_LEN(subdirs); i++) {
        add_place(places, path_join(arena, role->path, subdirs[i]), name);
    }
    if (role) {
        add_place(places, role->path, name);
    }
    if (play) {
        add_place(places, path_join(arena, play->dir, S("tasks")), name);
        add_place(places, play->dir, name);
    }
}

bool tasks_find(struct loader *loader, struct diags *diags, str name, span at,
                const struct node *parent, bool handlers, str *ret_path)
{
    struct places places = { .arena = load_state(loader)->scratch };
    bool found = false;
    add_places(&places, name, parent, handlers);
    for (size_t i = 0; i < places.paths.len && !found; i++) {
        if (load_is_file(places.paths.items[i])) {
            *ret_path = load_keep(loader, places.paths.items[i]);
            found = true;
        }
    }
    if (!found && diags) {
        struct diag *diag = diag_error(diags, at, "no file '%.*s' of tasks", SARG(name));
        load_note_places(loader, diag, places.paths.items, places.paths.len);
    }
    arena_reset(places.arena);
    return found;
}

/* ---- import_tasks ---- */

static bool refuse_loop(const struct context *context, const struct task *task, const char *instead)
{
    if (!value_is_defined(task->loop)) {
        return true;
    }
    struct diag *diag = load_error(context->loader, LOAD_SYNTAX, task->loop.at,
                                   "'%.*s' cannot be in a loop", SARG(task->action));
    diag_hint(diag, "an import happens before the run; use %s", instead);
    return false;
}

static struct node *import_node(const struct context *context, value map, struct given *given)
{
    struct node *node = NEW(context->loader->arena, struct node);
    load_node(context, NODE_IMPORT, map, given, node);
    return node;
}

bool load_import_tasks(const struct context *context, const struct task *task, value map,
                       struct given *given, struct node_vec *ret)
{
    static const char *const options[] = { "file", "_raw_params", NULL };
    struct loader *loader = context->loader;
    value name = value_is_defined(task->free_form) ? task->free_form : load_option(task, "file");
    str file, path;
    if (!load_check_options(context, task, options) ||
        !refuse_loop(context, task, "include_tasks")) {
        return false;
    }
    if (!value_is_defined(name) || value_is(name, VALUE_NULL)) {
        struct diag *diag = load_error(loader, LOAD_SYNTAX, task->action_at,
                                       "'%.*s' does not say which file", SARG(task->action));
        diag_hint(diag, "write '%.*s: FILE.yml'", SARG(task->action));
        return false;
    }
    struct context inner = *context;
    struct node *node = import_node(context, map, given);
    node->is_old_include = str_eq(load_short_name(task->action), S("include")) &&
                           value_is_defined(value_get(map, S("vars"))); /* not "x.yml a=1" */
    inner.parent = node;
    if (!load_name(&inner, name, "file of an import", LOAD_SYNTAX, &file)) {
        return false;
    }
    if (!tasks_find(loader, loader->diags, file, name.at, inner.parent, context->handlers, &path)) {
        if (loader->failure == LOAD_OK) {
            loader->failure = LOAD_FAILED;
        }
        return false;
    }
    size_t before = ret->len;
    bool ok = load_tasks_file(&inner, path, name.at, ret);
    if (ok && ret->len == before) {
        load_warning(loader, name.at, "'%.*s' holds no tasks", SARG(load_shown(loader, path)));
    }
    return ok;
}

/* ---- import_role ---- */

static bool option_text(const struct context *context, const struct task *task, const char *name,
                        str *ret)
{
    value v = load_option(task, name);
    if (!value_is_defined(v)) {
        *ret = STR_NONE;
        return true;
    }
    if (!value_is(v, VALUE_STR)) {
        load_error(context->loader, LOAD_SYNTAX, v.at, "'%s' must be the name of a file, not %s",
                   name, load_kind(v));
        return false;
    }
    return load_name(context, v, name, LOAD_FAILED, ret);
}

static bool option_bool(const struct task *task, const char *name, bool fallback)
{
    value v = load_option(task, name);
    if (value_is(v, VALUE_STR)) {
        str word = value_as_str(v);
        return str_eq_nocase(word, S("yes")) || str_eq_nocase(word, S("true")) ||
               str_eq_nocase(word, S("on")) || str_eq(word, S("1"));
    }
    return value_is(v, VALUE_BOOL) ? value_as_bool(v) : fallback;
}

/* The tasks of one role, as a block that ends where the role ends. */
static const struct node *role_block(struct loader *loader, const struct role *role)
{
    struct block *block = NEW(loader->arena, struct block);
    block->node = (struct node){ .kind = NODE_BLOCK,
                                 .parent = &role->node,
                                 .role = role,
                                 .at = role->node.at,
                                 .file = role->node.file };
    block->body = role->tasks;
    block->runs = role;
    return &block->node;
}

bool load_import_role(const struct context *context, const struct task *task, value map,
                      struct given *given, struct node_vec *ret)
{
    static const char *const options[] = { "name",
                                           "role",
                                           "tasks_from",
                                           "vars_from",
                                           "defaults_from",
                                           "handlers_from",
                                           "allow_duplicates",
                                           "rolespec_validate",
                                           NULL };
    struct loader *loader = context->loader;
    value name = load_option(task, "name");
    if (!value_is_defined(name)) {
        name = load_option(task, "role");
    }
    if (context->handlers) {
        load_error(loader, LOAD_SYNTAX, task->action_at, "'%.*s' cannot be a handler",
                   SARG(task->action));
        return false;
    }
    if (!load_check_options(context, task, options) ||
        !refuse_loop(context, task, "include_role")) {
        return false;
    }
    if (!value_is_defined(name)) {
        struct diag *diag = load_error(loader, LOAD_SYNTAX, task->action_at,
                                       "'%.*s' does not say which role", SARG(task->action));
        diag_hint(diag, "write '%.*s: { name: ROLE }'", SARG(task->action));
        return false;
    }
    struct context inner = *context;
    inner.parent = import_node(context, map, given);
    struct role_use use = { .at = name.at,
                            .entry = { .kind = VALUE_UNDEFINED },
                            .params = { .kind = VALUE_UNDEFINED },
                            .parent = inner.parent,
                            .owner = context->role,
                            .is_included = true,
                            .validate = option_bool(task, "rolespec_validate", true),
                            .collections = node_keyword(context->parent, KW_COLLECTIONS) };
    if (!load_name(&inner, name, "name of a role", LOAD_FAILED, &use.name) ||
        !option_text(&inner, task, "tasks_from", &use.tasks_from) ||
        !option_text(&inner, task, "vars_from", &use.vars_from) ||
        !option_text(&inner, task, "defaults_from", &use.defaults_from) ||
        !option_text(&inner, task, "handlers_from", &use.handlers_from)) {
        return false;
    }
    use.from_at = value_is_defined(load_option(task, "tasks_from"))
                      ? load_option(task, "tasks_from").at
                      : name.at;
    struct role *role;
    if (!role_use_load(&inner, &use, &role)) {
        return false;
    }
    role->allow_duplicates = option_bool(task, "allow_duplicates", true);
    struct role_list sequence = role_sequence(role, loader->arena);
    for (size_t i = 0; i < sequence.count; i++) {
        *VEC_PUSH(loader->arena, ret) = role_block(loader, sequence.roles[i]);
        *VEC_PUSH(loader->arena, &load_state(loader)->imported) = sequence.roles[i];
    }
    return true;
}
