/*
 * load_action.c - what a name of an action means: an action of the engine, a module, a module of
 * the user in library/ or a collection, or one that Ansible has and hostler has not.
 */
#include <stdlib.h>

#include "base/path.h"
#include "engine/load.h"
#include "module/module.h"

str load_short_name(str name)
{
    static const str prefixes[] = { S_INIT("ansible.builtin."), S_INIT("ansible.legacy.") };
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        if (str_starts(name, prefixes[i])) {
            return str_part(name, prefixes[i].len, name.len);
        }
    }
    return name;
}

/* ---- modules of the user ---- */

static bool is_module_file(str name)
{
    static const str others[] = { S_INIT(".pyc"), S_INIT(".md"),   S_INIT(".yml"),
                                  S_INIT(".txt"), S_INIT(".yaml"), S_INIT(".rst") };
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (str_ends(name, others[i])) {
            return false;
        }
    }
    return !str_starts(name, S("__"));
}

/* Ansible looks into directories below library/, too. */
static void add_directory(struct loader *loader, str dir, unsigned depth)
{
    size_t count;
    const str *names = load_directory(loader, dir, &count);
    for (size_t i = 0; i < count; i++) {
        str path = path_join(loader->arena, dir, names[i]);
        if (load_is_dir(path)) {
            if (depth > 0 && !str_starts(names[i], S("__"))) {
                add_directory(loader, path, depth - 1);
            }
        } else if (is_module_file(names[i])) {
            str bare = str_part(names[i], 0, names[i].len - path_extension(names[i]).len);
            *VEC_PUSH(loader->arena, &load_state(loader)->modules) =
                (struct user_module){ .name = bare, .path = path };
        }
    }
}

static void add_once(struct loader *loader, str dir)
{
    struct loader_state *state = load_state(loader);
    for (size_t i = 0; i < state->module_dirs.len; i++) {
        if (str_eq(state->module_dirs.items[i], dir)) {
            return;
        }
    }
    *VEC_PUSH(loader->arena, &state->module_dirs) = dir;
    add_directory(loader, dir, 4);
}

void load_add_modules(struct loader *loader, str dir)
{
    add_once(loader, path_join(loader->arena, dir, S("library")));
    add_once(loader, path_join(loader->arena, dir, S("action_plugins")));
}

static str user_module(struct loader *loader, str name)
{
    for (size_t i = 0; i < loader->library_path_count; i++) {
        add_once(loader, load_path(loader, loader->library_paths[i]));
    }
    const struct loader_state *state = load_state(loader);
    for (size_t i = 0; i < state->modules.len; i++) {
        if (str_eq(state->modules.items[i].name, name)) {
            return state->modules.items[i].path;
        }
    }
    return STR_NONE;
}

/* "ns.coll.name" (name may have dots: subdirectories of plugins/modules). */
static bool split_full_name(str name, str *ret_namespace, str *ret_collection, str *ret_name)
{
    str rest = name;
    *ret_namespace = str_cut(&rest, '.');
    if (str_is_none(rest)) {
        return false;
    }
    *ret_collection = str_cut(&rest, '.');
    *ret_name = rest;
    return !str_is_none(rest) && ret_namespace->len > 0 && ret_collection->len > 0 && rest.len > 0;
}

str load_collection_dir(struct loader *loader, str namespace, str collection, size_t *index)
{
    const struct loader_state *state = load_state(loader);
    size_t configured = loader->collections_path_count;
    while (*index < configured + state->collection_roots.len) {
        str root = *index < configured ? loader->collections_paths[*index]
                                       : state->collection_roots.items[*index - configured];
        const char *middle = str_ends(root, S("ansible_collections")) ? "" : "ansible_collections/";
        str dir = str_format(loader->arena, "%.*s/%s%.*s/%.*s", SARG(root), middle, SARG(namespace),
                             SARG(collection));
        ++*index;
        if (load_is_dir(dir)) {
            return dir;
        }
    }
    return STR_NONE;
}

str load_own_collection(struct loader *loader, str dir)
{
    const str root = S("/ansible_collections/");
    size_t at = str_rfind(dir, root);
    if (at == STR_NPOS) {
        return STR_NONE;
    }
    str rest = str_part(dir, at + root.len, dir.len);
    str namespace = str_cut(&rest, '/');
    str collection = str_is_none(rest) ? STR_EMPTY : str_cut(&rest, '/');
    if (namespace.len == 0 || collection.len == 0) {
        return STR_NONE;
    }
    return str_format(loader->arena, "%.*s.%.*s", SARG(namespace), SARG(collection));
}

/* A name that the collection's meta/runtime.yml sends elsewhere. */
static bool is_routed(struct loader *loader, str dir, str name)
{
    value content;
    str path = path_join(loader->arena, dir, S("meta/runtime.yml"));
    if (!load_is_file(path) || !load_yaml(loader, path, SPAN_NONE, &content)) {
        return false;
    }
    value routing = value_get(content, S("plugin_routing"));
    return value_is_defined(value_get(value_get(routing, S("modules")), name)) ||
           value_is_defined(value_get(value_get(routing, S("action")), name));
}

enum in_collection { NOT_INSTALLED, INSTALLED_WITHOUT, INSTALLED };

/* The file of a module below a collection's plugins/; STR_NONE: none. */
static str find_plugin(struct loader *loader, str dir, str name)
{
    static const struct {
        const char *dir, *suffix;
    } places[] = {
        { "modules", ".py" }, { "action", ".py" }, { "modules", "" }, { "modules", ".ps1" }
    };
    struct arena *scratch = load_state(loader)->scratch;
    str file = str_replace(scratch, name, S("."), S("/"));
    str found = STR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(places) && str_is_none(found); i++) {
        str path = str_format(scratch, "%.*s/plugins/%s/%.*s%s", SARG(dir), places[i].dir,
                              SARG(file), places[i].suffix);
        if (load_is_file(path)) {
            found = str_copy(loader->arena, path);
        }
    }
    arena_reset(scratch);
    return found;
}

static enum in_collection find_in_collection(struct loader *loader, str full_name, str *ret_file)
{
    str namespace, collection, name, dir;
    size_t index = 0;
    enum in_collection found = NOT_INSTALLED;
    if (!split_full_name(full_name, &namespace, &collection, &name)) {
        return NOT_INSTALLED;
    }
    while (!str_is_none(dir = load_collection_dir(loader, namespace, collection, &index))) {
        *ret_file = find_plugin(loader, dir, name);
        if (!str_is_none(*ret_file) || is_routed(loader, dir, name)) {
            return INSTALLED;
        }
        found = INSTALLED_WITHOUT;
    }
    return found;
}

/* ---- resolving ---- */

/* Actions of the loader itself. */
static bool is_import(str short_name)
{
    return str_eq(short_name, S("import_tasks")) || str_eq(short_name, S("import_role")) ||
           str_eq(short_name, S("include"));
}

static bool find_here(str name, struct action *ret)
{
    const struct engine_action *engine_action = engine_action_find(name);
    if (engine_action) {
        *ret = (struct action){ .kind = ACTION_ENGINE, .engine_action = engine_action };
        return true;
    }
    const struct module *module = module_find(name);
    if (module) {
        *ret = (struct action){ .kind = ACTION_MODULE, .module = module };
        return true;
    }
    return false;
}

/* The names of collections that count where a node stands. A role does not inherit its play's. */
static value collections_of(const struct node *node)
{
    for (; node; node = node->parent) {
        value own = node_own(node, KW_COLLECTIONS);
        if (value_is_defined(own)) {
            return own;
        }
        if (node->kind == NODE_ROLE) {
            return ((const struct role *)node)->collections;
        }
    }
    return (value){ .kind = VALUE_UNDEFINED };
}

/* A full name; resolved once for the run. */
static const struct full_name *resolve_full(struct loader *loader, str name)
{
    struct loader_state *state = load_state(loader);
    struct full_name **bucket = &state->names[str_hash(name) % ARRAY_LEN(state->names)];
    for (struct full_name *known = *bucket; known; known = known->next) {
        if (str_eq(known->name, name)) {
            return known;
        }
    }
    struct full_name *new = NEW(loader->arena, struct full_name);
    *new = (struct full_name){ .name = name, .action.kind = ACTION_UNKNOWN, .next = *bucket };
    *bucket = new;
    new->known = find_here(name, &new->action) || known_builtin(load_short_name(name));
    str namespace, collection, rest;
    if (!new->known && split_full_name(name, &namespace, &collection, &rest)) {
        switch (find_in_collection(loader, name, &new->action.file)) {
        case INSTALLED:
            new->known = true;
            break;
        case INSTALLED_WITHOUT:
            break;
        case NOT_INSTALLED:
            new->known = known_collection(
                str_format(loader->arena, "%.*s.%.*s", SARG(namespace), SARG(collection)));
            break;
        }
    }
    return new;
}

static bool resolve_in(struct loader *loader, str collection, str name, struct action *ret)
{
    str full = str_format(loader->arena, "%.*s.%.*s", SARG(collection), SARG(name));
    const struct full_name *found = resolve_full(loader, full);
    if (found->action.kind == ACTION_UNKNOWN && str_is_none(found->action.file)) {
        return false;
    }
    *ret = found->action;
    return true;
}

/* A short name is first looked for in the collections that count, then among the user's modules,
 * the built-in ones, and in the collection that it moved to. */
static bool resolve(struct loader *loader, str name, const struct node *node, struct action *ret)
{
    static const str legacy = S_INIT("ansible.legacy."); /* a user's module, or else one of ours */
    *ret = (struct action){ .kind = ACTION_UNKNOWN };
    if (str_starts(name, legacy)) {
        ret->file = user_module(loader, str_part(name, legacy.len, name.len));
        if (!str_is_none(ret->file)) {
            return true;
        }
    }
    if (str_find_char(name, '.', 0) != STR_NPOS) {
        const struct full_name *full = resolve_full(loader, name);
        *ret = full->action;
        return full->known;
    }
    value collections = collections_of(node);
    size_t count = value_is(collections, VALUE_LIST) ? value_count(collections) : 0;
    for (size_t i = 0; i < count; i++) {
        value collection = value_item(collections, i);
        if (value_is(collection, VALUE_STR) &&
            resolve_in(loader, value_as_str(collection), name, ret)) {
            return true;
        }
    }
    const struct play *play = node && !node->role ? node_play(node) : NULL;
    str own = play ? load_own_collection(loader, play->dir) : STR_NONE;
    if (!str_is_none(own) && resolve_in(loader, own, name, ret)) {
        return true;
    }
    ret->file = user_module(loader, name);
    if (!str_is_none(ret->file) || find_here(name, ret) || known_builtin(name)) {
        return true;
    }
    str collection = known_collection_of(name);
    if (str_is_none(collection)) {
        return false;
    }
    *ret =
        resolve_full(loader, str_format(loader->arena, "%.*s.%.*s", SARG(collection), SARG(name)))
            ->action;
    return true;
}

struct action action_resolve(struct loader *loader, str name, const struct node *node)
{
    struct action action;
    (void)resolve(loader, name, node, &action);
    return action;
}

bool load_is_action(const struct context *context, str name)
{
    struct action action;
    return is_import(load_short_name(name)) ||
           resolve(context->loader, name, context->parent, &action);
}

const str *load_action_names(struct loader *loader, size_t *ret_count)
{
    VEC(str) names = { 0 };
    size_t count;
    const struct engine_action *const *actions = engine_action_all(&count);
    for (size_t i = 0; i < count; i++) {
        *VEC_PUSH(loader->arena, &names) = actions[i]->name;
    }
    const struct module *const *modules = module_all(&count);
    for (size_t i = 0; i < count; i++) {
        *VEC_PUSH(loader->arena, &names) = str_of(modules[i]->name);
    }
    const str *builtins = known_builtins(&count);
    for (size_t i = 0; i < count; i++) {
        *VEC_PUSH(loader->arena, &names) = builtins[i];
    }
    const struct loader_state *state = load_state(loader);
    for (size_t i = 0; i < state->modules.len; i++) {
        *VEC_PUSH(loader->arena, &names) = state->modules.items[i].name;
    }
    *ret_count = names.len;
    return names.items;
}

/* ---- reports ---- */

/* "ansible.mysql" is rather community.mysql than ansible.posix. */
static void suggest_collection(struct diag *diag, str full, str last, const str *names,
                               size_t count)
{
    for (size_t i = 0; i < count; i++) {
        str rest = names[i];
        (void)str_cut(&rest, '.');
        if (str_eq(rest, last)) {
            diag_hint(diag, "did you mean '%.*s'?", SARG(names[i]));
        }
    }
    diag_suggest(diag, full, names, count);
}

/* Under `action` it is looked for only when the task runs. */
static bool refuse_unknown(const struct context *context, const struct action_call_text *text)
{
    struct loader *loader = context->loader;
    str name = text->name;
    struct diag *diag =
        text->old_style ? load_warning(loader, text->at, "no module '%.*s'", SARG(name))
                        : load_error(loader, LOAD_SYNTAX, text->at, "no module '%.*s'", SARG(name));
    str short_name = load_short_name(name);
    size_t count;
    const str *names = load_action_names(loader, &count);
    str near = suggest(short_name, names, count);
    if (!str_is_none(near)) {
        diag_hint(diag, "did you mean '%.*s%.*s'?", (int)(name.len - short_name.len), name.ptr,
                  SARG(near));
        return false;
    }
    str namespace, collection, rest;
    if (short_name.len < name.len) {
        return false;
    }
    if (!split_full_name(name, &namespace, &collection, &rest)) {
        diag_hint(diag, "a module of your own is a file in 'library/' beside the playbook");
        return false;
    }
    str full = str_format(loader->arena, "%.*s.%.*s", SARG(namespace), SARG(collection));
    size_t index = 0;
    names = known_collections(&count);
    if (!str_is_none(load_collection_dir(loader, namespace, collection, &index))) {
        diag_note(diag, SPAN_NONE, "the collection '%.*s' is installed and has none of that name",
                  SARG(full));
    } else {
        diag_note(diag, SPAN_NONE, "there is no collection '%.*s'", SARG(full));
        suggest_collection(diag, full, collection, names, count);
    }
    return false;
}

/* Once for each name: a role may use it in twenty tasks. */
static void warn_missing(const struct context *context, const struct task *task)
{
    struct loader *loader = context->loader;
    struct loader_state *state = load_state(loader);
    for (size_t i = 0; i < state->warned.len; i++) {
        if (str_eq(state->warned.items[i], task->action)) {
            return;
        }
    }
    *VEC_PUSH(loader->arena, &state->warned) = task->action;
    struct diag *diag = load_warning(
        loader, task->action_at, "hostler has no module '%.*s'; tasks that use it fail if they run",
        SARG(task->action));
    if (!str_is_none(task->action_file)) {
        diag_note(diag, SPAN_NONE, "'%.*s' is written for Ansible",
                  SARG(load_shown(loader, task->action_file)));
    }
}

bool load_action(const struct context *context, const struct action_call_text *text,
                 struct task *task)
{
    struct loader *loader = context->loader;
    task->action = text->name;
    task->action_at = text->at;
    task->action_template = (value){ .kind = VALUE_UNDEFINED };
    if (str_find(text->name, S("{{"), 0) != STR_NPOS) {
        task->kind = ACTION_UNKNOWN;
        task->action_template =
            value_trusted(value_at(value_str(loader->arena, text->name), text->at));
        return true;
    }
    if (str_eq(load_short_name(text->name), S("import_playbook"))) {
        struct diag *diag = load_error(loader, LOAD_SYNTAX, text->at,
                                       "'import_playbook' is no task: it stands between plays");
        diag_hint(diag, "a file of tasks is taken in by import_tasks");
        return false;
    }
    struct action found;
    bool known = resolve(loader, text->name, context->parent, &found);
    task->kind = found.kind;
    task->module = found.module;
    task->engine_action = found.engine_action;
    task->action_file = found.file;
    if (found.kind != ACTION_UNKNOWN || is_import(load_short_name(text->name))) {
        return true;
    }
    if (!known) {
        return refuse_unknown(context, text) || text->old_style;
    }
    warn_missing(context, task);
    return true;
}
