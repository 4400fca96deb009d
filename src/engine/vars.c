/*
 * vars.c - which variables a task sees, and in which order they win.
 *
 * The order is that of ansible-core 2.18, the strongest first: magic names; extra vars; loop
 * variables; vars of include_tasks and include_role; parameters of roles; set_fact and register;
 * include_vars; vars of the task, of its blocks, of imports, of the entry in `roles:`; role vars;
 * vars_files, vars_prompt, vars of the play; facts; the inventory; role defaults.
 */
#include "engine/layers.h"

#include <inttypes.h>
#include <string.h>

#include "base/path.h"
#include "engine/keywords.h"
#include "template/scope.h"

void layers_add(struct layers *layers, value map)
{
    if (value_is(map, VALUE_MAP) && value_count(map) > 0) {
        *VEC_PUSH(layers->arena, &layers->maps) = map;
    }
}

void layers_merge(const struct inventory *inventory, struct layers *layers)
{
    value merged = layers->maps.items[layers->maps.len - 1];
    for (size_t i = layers->maps.len - 1; i-- > 0;) {
        merged = inventory_merge_vars(inventory, layers->arena, merged, layers->maps.items[i]);
    }
    layers->maps.items[0] = merged;
    layers->maps.len = 1;
}

/* The vars of an include are its parameters: they win over what was set meanwhile. */
static bool is_include(const struct node *node, const struct node *task)
{
    return (node->kind == NODE_TASK && node != task) || node->is_old_include;
}

static void add_include_params(struct layers *layers, const struct node *task)
{
    for (const struct node *node = task; node != NULL; node = node->parent) {
        if (is_include(node, task)) {
            layers_add(layers, node_own(node, KW_VARS));
        }
    }
}

static void add_role_params(struct layers *layers, const struct node *task)
{
    for (const struct role *role = task->role; role != NULL; role = role->parent) {
        layers_add(layers, role->params);
    }
}

static void add_written_vars(struct layers *layers, const struct node *task)
{
    for (const struct node *node = task; node != NULL && node->kind != NODE_PLAY;
         node = node->parent) {
        if (!is_include(node, task)) {
            layers_add(layers, node_own(node, KW_VARS));
        }
    }
}

static void add_dependencies(struct layers *layers, const struct role *role, bool defaults)
{
    for (size_t i = role->dependency_count; i > 0; i--) {
        const struct role *dependency = role->dependencies[i - 1];
        layers_add(layers, defaults ? dependency->defaults : dependency->vars);
        add_dependencies(layers, dependency, defaults);
    }
}

/* Of the task's own role, of what it depends on, of those that asked for it; then of all others. */
static void add_role_maps(struct layers *layers, const struct play_run *play,
                          const struct role *own, bool defaults)
{
    for (const struct role *role = own; role != NULL; role = role->parent) {
        layers_add(layers, defaults ? role->defaults : role->vars);
        if (role == own) {
            add_dependencies(layers, role, defaults);
        }
    }
    const struct role_list *public_ = atomic_load(&play->public_roles);
    for (size_t i = public_ == NULL ? 0 : public_->count; i > 0; i--) {
        const struct role *role = public_->roles[i - 1];
        if (role != own) {
            layers_add(layers, defaults ? role->defaults : role->vars);
        }
    }
}

/* What depends on the role a task stands in. */
static value role_magic(const struct node *node, struct arena *arena)
{
    const struct role *role = node->role;
    if (role == NULL) {
        return (value){ 0 };
    }
    struct map_builder map = map_in(arena);
    str bare = role->name;
    size_t dot = str_rfind(bare, S("."));
    map_set_str(&map, S("role_name"),
                value_str(arena, dot == STR_NPOS ? bare : str_part(bare, dot + 1, bare.len)));
    map_set_str(&map, S("role_path"), value_str(arena, role->path));
    map_set_str(&map, S("ansible_role_name"), value_str(arena, role->name));
    map_set_str(&map, S("ansible_collection_name"),
                dot == STR_NPOS ? value_null() : value_str(arena, str_part(role->name, 0, dot)));
    struct list_builder parents = list_in(arena), paths = list_in(arena);
    for (const struct role *up = role->parent; up != NULL; up = up->parent) {
        list_add(&parents, value_str(arena, up->name));
        list_add(&paths, value_str(arena, up->path));
    }
    if (role->is_included && role->parent != NULL) { /* a dependency has none, in Ansible's sense */
        map_set_str(&map, S("ansible_parent_role_names"), list_seal(&parents));
        map_set_str(&map, S("ansible_parent_role_paths"), list_seal(&paths));
    }
    return map_seal(&map);
}
void layers_add_inventory(struct layers *layers, const struct run *run, const struct run_host *host)
{
    size_t count;
    const value *inventory = inventory_layers(run->inventory, host->host, &count);
    for (size_t i = 0; i < count; i++) {
        layers_add(layers, inventory[i]);
    }
}

/* ---- the scope ---- */

/* `environment`: those of the play, the blocks and the task, the outermost first. */
static void add_environment(struct layers *layers, const struct node *task)
{
    VEC(value) found = { 0 };
    for (const struct node *node = task; node != NULL; node = node->parent) {
        value own = node_own(node, KW_ENVIRONMENT);
        if (value_is(own, VALUE_MAP) || value_is(own, VALUE_STR)) {
            *VEC_PUSH(layers->arena, &found) = own;
        }
        for (size_t i = value_is(own, VALUE_LIST) ? value_count(own) : 0; i > 0; i--) {
            *VEC_PUSH(layers->arena, &found) = value_item(own, i - 1);
        }
    }
    if (found.len > 0) {
        struct list_builder list = list_in(layers->arena);
        for (size_t i = found.len; i > 0; i--) {
            list_add(&list, found.items[i - 1]);
        }
        struct map_builder map = map_in(layers->arena);
        map_set_str(&map, S("environment"), list_seal(&list));
        layers_add(layers, map_seal(&map));
    }
}

/* Where lookups, templates and includes look: the role's directories, the file's, the play's. */
struct search_paths {
    VEC(str) dirs;
};

static void add_path(struct search_paths *paths, struct arena *arena, str dir)
{
    for (size_t i = 0; i < paths->dirs.len; i++) {
        if (str_eq(paths->dirs.items[i], dir)) {
            return;
        }
    }
    *VEC_PUSH(arena, &paths->dirs) = dir;
}

static struct search_paths search_paths(const struct play_run *play, const struct node *node,
                                        struct arena *arena)
{
    struct search_paths paths = { 0 };
    for (const struct role *role = node->role; role != NULL; role = role->parent) {
        add_path(&paths, arena, role->path);
    }
    if (!str_is_none(node->file) && node->file.len > 0) {
        add_path(&paths, arena, path_dirname(node->file));
    }
    if (paths.dirs.len == 0 || !str_eq(paths.dirs.items[paths.dirs.len - 1], play->play->dir)) {
        *VEC_PUSH(arena, &paths.dirs) = play->play->dir;
    }
    return paths;
}

/* The host that the task goes to; a condition asks before it is found. NULL: to its own. */
static struct run_host *destination(struct task_scope *task, struct arena *arena)
{
    value to;
    struct eval eval = { .env = task->run->env,
                         .arena = arena,
                         .diags = diags_new(arena, task->run->sources),
                         .scope = &task->scope,
                         .dry_run = task->run->options.check };
    if (task->reached != task->host || task->finding) {
        return task->reached == task->host ? NULL : task->reached;
    }
    task->finding = true;
    bool found = keyword_value(&eval, task->node, KW_DELEGATE_TO, &to) && value_is(to, VALUE_STR) &&
                 !template_is_omit(to) && value_as_str(to).len > 0;
    task->finding = false;
    return found ? run_host_reach(task->run, value_as_str(to)) : NULL;
}

/* `ansible_delegated_vars`: that host, with its variables in this task. */
static bool delegated_vars(struct task_scope *task, struct arena *arena, value *ret)
{
    struct run_host *to = destination(task, arena);
    if (to == NULL) {
        return false;
    }
    struct task_scope *there = NEW(arena, struct task_scope);
    vars_scope(task->run, task->play, to, task->node, task->loop, arena, there);
    there->finding = true; /* from there it goes nowhere */
    struct map_builder map = map_in(arena), name = map_in(arena), address = map_in(arena);
    map_set_str(&name, S("inventory_hostname"), value_str(arena, task->host->name));
    map_set_str(&address, S("ansible_host"), value_str(arena, to->name)); /* where nobody says */
    size_t count = there->scope.count;
    value *layers = NEW_ARRAY(arena, value, count + 2);
    layers[0] = map_seal(&name); /* the task is still that host's */
    memcpy(layers + 1, there->scope.layers, count * sizeof *layers);
    layers[count + 1] = map_seal(&address);
    there->scope.layers = layers;
    there->scope.count = count + 2;
    map_set_str(&map, to->name, scope_object(arena, &there->scope));
    *ret = map_seal(&map);
    return true;
}

/* Tells a role, with its parameters, from others, and one run from another. */
static str role_id(const struct run *run, const struct role *role, struct arena *arena)
{
    str text = str_format(arena, "%a %.*s", run->started, SARG(role->identity));
    uint64_t high = str_hash(text), low = str_hash(str_concat(arena, text, role->path));
    return str_format(arena, "%08x-%04x-%04x-%04x-%012" PRIx64, (unsigned)(high >> 32),
                      (unsigned)(high >> 16) & 0xffff, (unsigned)high & 0xffff,
                      (unsigned)(low >> 48), low & 0xffffffffffff);
}

static const str vars_name = S_INIT("vars"); /* all that the scope has, by name */

static bool computed(void *data, struct arena *arena, str name, value *ret)
{
    struct task_scope *task = data;
    if (str_eq(name, vars_name)) {
        *ret = scope_object(arena, &task->scope);
        return true;
    }
    if (str_eq(name, S("ansible_delegated_vars"))) {
        return delegated_vars(task, arena, ret);
    }
    if (str_eq(name, S("ansible_search_path"))) {
        struct search_paths paths = search_paths(task->play, task->node, arena);
        *ret = text_list(paths.dirs.items, paths.dirs.len, arena);
        return true;
    }
    if (str_eq(name, S("role_uuid")) && task->node->role != NULL) {
        *ret = value_str(arena, role_id(task->run, task->node->role, arena));
        return true;
    }
    return connect_variable(task, arena, name, ret);
}

void vars_delegate(struct eval *eval, struct run_host *host)
{
    struct task_scope *task = eval->scope->magic_data;
    task->reached = host;
}

void vars_scope(struct run *run, struct play_run *play, struct run_host *host,
                const struct node *node, value loop, struct arena *arena, struct task_scope *ret)
{
    struct layers layers = { .arena = arena };
    const struct host_vars *own = host_vars(host);

    /* a host that is not in the play is asked about by others only, in their own memory */
    value magic = host_magic(host);
    layers_add(&layers, value_is(magic, VALUE_MAP) ? magic : vars_magic(run, host, arena));
    layers_add(&layers, role_magic(node, arena));
    add_environment(&layers, node);
    layers_add(&layers, play_magic(play)->all);
    layers_add(&layers, run->magic);
    size_t magic_layers = layers.maps.len;
    layers_add(&layers, loop);
    layers_add(&layers, run->extra_vars);
    add_include_params(&layers, node);
    add_role_params(&layers, node);
    layers_add(&layers, own->set_recent);
    layers_add(&layers, own->set);
    layers_add(&layers, own->included);
    add_written_vars(&layers, node);
    add_role_maps(&layers, play, node->role, false);
    layers_add(&layers, host->vars_files);
    layers_add(&layers, play->prompted);
    layers_add(&layers, node_own(&play->play->node, KW_VARS));
    layers_add(&layers, own->injected);
    layers_add_inventory(&layers, run, host);
    add_role_maps(&layers, play, node->role, true);
    layers_add(&layers, run->fallback);
    if (inventory_merges_maps(run->inventory) && layers.maps.len > 0) {
        layers_merge(run->inventory, &layers);
        magic_layers = 0;
    }
    *ret = (struct task_scope){
        .magic_layers = magic_layers,
        .scope = { .layers = layers.maps.items,
                   .count = layers.maps.len,
                   .magic = computed,
                   .magic_data = ret,
                   .magic_names = &vars_name,
                   .magic_count = 1 },
        .run = run,
        .play = play,
        .node = node,
        .loop = loop,
        .host = host,
        .reached = host,
    };
}

struct eval *eval_for(struct run *run, struct play_run *play, struct run_host *host,
                      const struct node *node, value loop, struct arena *arena, struct diags *diags)
{
    struct eval *eval = NEW(arena, struct eval);
    struct task_scope *task = NEW(arena, struct task_scope);
    vars_scope(run, play, host, node, loop, arena, task);
    *eval = (struct eval){
        .env = run->env,
        .arena = arena,
        .diags = diags,
        .scope = &task->scope,
        .dry_run = run->options.check,
    };
    struct search_paths paths = search_paths(play, node, arena);
    eval->search_paths = paths.dirs.items;
    eval->search_count = paths.dirs.len;
    return eval;
}
