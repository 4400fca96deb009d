/*
 * vars.c - which variables a task sees, and in which order they win.
 *
 * The order is that of ansible-core 2.18, the strongest first: magic names; extra vars; loop
 * variables; vars of include_tasks and include_role; parameters of roles; set_fact and register;
 * include_vars; vars of the task, of its blocks, of imports, of the entry in `roles:`; role vars;
 * vars_files, vars_prompt, vars of the play; facts; the inventory; role defaults.
 */
#include "engine/state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "engine/keywords.h"
#include "template/object.h"
#include "template/scope.h"

/* The maps of a scope, the strongest first. */
struct layers {
    struct arena *arena;
    VEC(value) maps;
};

static void add_layer(struct layers *layers, value map)
{
    if (value_is(map, VALUE_MAP) && value_count(map) > 0) {
        *VEC_PUSH(layers->arena, &layers->maps) = map;
    }
}

/* hash_behaviour = merge: the layers become one map, in which maps of one name are merged. */
static void merge_layers(const struct inventory *inventory, struct layers *layers)
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
    return node->kind == NODE_TASK && node != task;
}

static void add_include_params(struct layers *layers, const struct node *task)
{
    for (const struct node *node = task; node != NULL; node = node->parent) {
        if (is_include(node, task)) {
            add_layer(layers, node_own(node, KW_VARS));
        }
    }
}

static void add_role_params(struct layers *layers, const struct node *task)
{
    for (const struct role *role = task->role; role != NULL; role = role->parent) {
        add_layer(layers, role->params);
    }
}

static void add_written_vars(struct layers *layers, const struct node *task)
{
    for (const struct node *node = task; node != NULL && node->kind != NODE_PLAY;
         node = node->parent) {
        if (!is_include(node, task)) {
            add_layer(layers, node_own(node, KW_VARS));
        }
    }
}

static void add_dependencies(struct layers *layers, const struct role *role, bool defaults)
{
    for (size_t i = role->dependency_count; i > 0; i--) {
        const struct role *dependency = role->dependencies[i - 1];
        add_layer(layers, defaults ? dependency->defaults : dependency->vars);
        add_dependencies(layers, dependency, defaults);
    }
}

/* Of the task's own role, of what it depends on, of those that asked for it; then of all others. */
static void add_role_maps(struct layers *layers, const struct play_run *play,
                          const struct role *own, bool defaults)
{
    for (const struct role *role = own; role != NULL; role = role->parent) {
        add_layer(layers, defaults ? role->defaults : role->vars);
        if (role == own) {
            add_dependencies(layers, role, defaults);
        }
    }
    for (size_t i = play->public_roles.len; i > 0; i--) {
        const struct role *role = play->public_roles.items[i - 1];
        if (role != own) {
            add_layer(layers, defaults ? role->defaults : role->vars);
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

/* ---- the variables of a host as others see them ---- */

value vars_fallback(struct arena *arena)
{
    struct map_builder map = map_in(arena), facts = map_in(arena);
    map_set_str(&map, S("ansible_facts"), map_seal(&facts));
    return map_seal(&map);
}

static void add_inventory(struct layers *layers, const struct run *run, const struct run_host *host)
{
    size_t count;
    const value *inventory = inventory_layers(run->inventory, host->host, &count);
    for (size_t i = 0; i < count; i++) {
        add_layer(layers, inventory[i]);
    }
}

static const struct play_magic *play_magic(const struct play_run *play)
{
    return atomic_load_explicit(&play->magic, memory_order_acquire);
}

struct host_scope {
    struct scope scope;
    const struct play_run *play;
};

/* Names of the play are there for the templates among a host's variables, not among them. */
static bool names_of_play(void *data, struct arena *arena, str name, value *ret)
{
    struct host_scope *host = data;
    if (str_eq(name, S("vars"))) {
        *ret = scope_object(arena, &host->scope);
        return true;
    }
    return value_map_get(play_magic(host->play)->all, name, ret);
}

/* No play's, no role's, no task's: what these set holds for the hosts they run on. */
static struct scope *host_scope(struct run *run, struct play_run *play, struct run_host *host,
                                struct arena *arena)
{
    struct layers layers = { .arena = arena };
    const struct host_vars *own = host_vars(host);
    /* a host that is not in the play is asked about by others only, in their own memory */
    add_layer(&layers,
              value_is(host->magic, VALUE_MAP) ? host->magic : vars_magic(run, play, host, arena));
    add_layer(&layers, play_magic(play)->groups);
    add_layer(&layers, run->extra_vars);
    add_layer(&layers, own->set_recent);
    add_layer(&layers, own->set);
    add_layer(&layers, own->included);
    add_layer(&layers, own->injected);
    add_inventory(&layers, run, host);
    add_layer(&layers, run->fallback);
    if (inventory_merges_maps(run->inventory)) {
        merge_layers(run->inventory, &layers);
    }
    struct host_scope *scope = NEW(arena, struct host_scope);
    scope->play = play;
    scope->scope = (struct scope){ .layers = layers.maps.items,
                                   .count = layers.maps.len,
                                   .magic = names_of_play,
                                   .magic_data = scope };
    return &scope->scope;
}

/* ---- hostvars ---- */

struct hostvars {
    struct run *run;
    struct play_run *play;
};

static value other_host(struct eval *eval, const struct hostvars *hostvars, struct run_host *host)
{
    return scope_object(eval->arena, host_scope(hostvars->run, hostvars->play, host, eval->arena));
}

static bool hostvars_get(struct eval *eval, void *data, value key, value *ret)
{
    const struct hostvars *hostvars = data;
    struct run_host *host =
        value_is(key, VALUE_STR) ? run_host_find(hostvars->run, value_as_str(key)) : NULL;
    if (host == NULL) {
        str name = shown_text(eval->arena, key);
        *ret = value_undefined(
            eval->arena,
            str_format(eval->arena, "there is no host '%.*s' in the inventory", SARG(name)));
        return true;
    }
    if (!inventory_prepare(hostvars->run->inventory, eval->diags, &host->host, 1)) {
        return false;
    }
    *ret = other_host(eval, hostvars, host);
    return true;
}

/* Those of the inventory, and localhost, which is there without a source, too. */
static struct host_list known_hosts(const struct hostvars *hostvars, struct arena *arena)
{
    struct host_list known = inventory_hosts(hostvars->run->inventory, arena);
    struct run_host *localhost = run_host_find(hostvars->run, S("localhost"));
    if (localhost == NULL || !localhost->host->implicit) {
        return known;
    }
    VEC(const struct host *) hosts = { 0 };
    for (size_t i = 0; i < known.count; i++) {
        *VEC_PUSH(arena, &hosts) = known.hosts[i];
    }
    *VEC_PUSH(arena, &hosts) = localhost->host;
    return (struct host_list){ hosts.items, hosts.len };
}

static bool hostvars_iterate(struct eval *eval, void *data, value *ret_list)
{
    struct host_list hosts = known_hosts(data, eval->arena);
    struct list_builder names = list_in(eval->arena);
    for (size_t i = 0; i < hosts.count; i++) {
        list_add(&names, value_str(eval->arena, hosts.hosts[i]->name));
    }
    *ret_list = list_seal(&names);
    return true;
}

static bool hostvars_plain(struct eval *eval, void *data, value *ret)
{
    const struct hostvars *hostvars = data;
    struct host_list hosts = known_hosts(hostvars, eval->arena);
    struct map_builder map = map_in(eval->arena);
    for (size_t i = 0; i < hosts.count; i++) {
        struct run_host *host = run_host(hostvars->run, hosts.hosts[i]);
        map_set_str(&map, host->name, other_host(eval, hostvars, host));
    }
    *ret = map_seal(&map);
    return true;
}

static bool hostvars_length(struct eval *eval, void *data, size_t *ret)
{
    *ret = known_hosts(data, eval->arena).count;
    return true;
}

static void hostvars_print(struct strbuf *out, const void *data, bool repr)
{
    strbuf_add(out, S("<hostvars>"));
}

static void *hostvars_copy(struct arena *arena, const void *data)
{
    struct hostvars *copy = NEW(arena, struct hostvars);
    *copy = *(const struct hostvars *)data;
    return copy;
}

static const struct object_ops hostvars_ops = {
    .get = hostvars_get,
    .iterate = hostvars_iterate,
    .length = hostvars_length,
    .plain = hostvars_plain,
    .is_map = true,
};

static const struct object_type hostvars_type = {
    .name = "HostVars",
    .print = hostvars_print,
    .copy = hostvars_copy,
    .ops = &hostvars_ops,
};

static value hostvars_of(struct run *run, struct play_run *play, struct arena *arena)
{
    struct hostvars *hostvars = NEW(arena, struct hostvars);
    *hostvars = (struct hostvars){ run, play };
    return value_object(arena, &hostvars_type, hostvars);
}

/* ---- what changes while a play runs ---- */

static value host_names(struct run_host *const *hosts, size_t count, struct arena *arena,
                        bool active)
{
    struct list_builder names = list_in(arena);
    for (size_t i = 0; i < count; i++) {
        bool gone =
            hosts[i]->state == HOST_FAILED || hosts[i]->state == HOST_UNREACHABLE || hosts[i]->left;
        if (!active || !gone) {
            list_add(&names, value_str(arena, hosts[i]->name));
        }
    }
    return list_seal(&names);
}

/* Both lists, each name once. */
static value all_names(value some, value more, struct arena *arena)
{
    struct map_builder seen = map_in(arena);
    struct list_builder list = list_in(arena);
    const value lists[] = { some, more };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (size_t k = 0; k < value_count(lists[i]); k++) {
            value name = value_item(lists[i], k);
            if (!map_has(&seen, name, NULL)) {
                map_set(&seen, name, value_null());
                list_add(&list, name);
            }
        }
    }
    return list_seal(&list);
}

static void add_dependent(const struct role *role, struct arena *arena, struct list_builder *names)
{
    for (size_t i = 0; i < role->dependency_count; i++) {
        const struct role *dependency = role->dependencies[i];
        add_dependent(dependency, arena, names);
        list_add(names, value_str(arena, dependency->name));
    }
}

/* Of the roles that the play names, or imports, or includes for all to see; and of what those
 * depend on. */
static void add_role_names(const struct play_run *play, struct arena *arena,
                           struct map_builder *map)
{
    struct list_builder list = list_in(arena), more = list_in(arena);
    for (size_t i = 0; i < play->public_roles.len; i++) {
        const struct role *role = play->public_roles.items[i];
        if (role->parent == NULL || role->is_included) { /* not those that others depend on */
            list_add(&list, value_str(arena, role->name));
            add_dependent(role, arena, &more);
        }
    }
    value named = list_seal(&list), none = value_list(arena, NULL, 0);
    value dependent = all_names(list_seal(&more), none, arena);
    map_set_str(map, S("ansible_play_role_names"), named);
    map_set_str(map, S("role_names"), named);
    map_set_str(map, S("ansible_dependent_role_names"), dependent);
    map_set_str(map, S("ansible_role_names"), all_names(named, dependent, arena));
}

void vars_play_changed(struct run *run, struct play_run *play)
{
    struct arena *arena = play->arena;
    struct map_builder map = map_in(arena), groups = map_in(arena);
    value batch = host_names(play->batch, play->batch_count, arena, true);
    map_set_str(&map, S("ansible_play_hosts"),
                host_names(play->matched.items, play->matched.len, arena, true));
    map_set_str(&map, S("ansible_play_batch"), batch);
    map_set_str(&map, S("play_hosts"), batch);
    map_set_str(&map, S("ansible_play_hosts_all"),
                host_names(play->matched.items, play->matched.len, arena, false));
    add_role_names(play, arena, &map);
    value known = inventory_groups(run->inventory, arena);
    map_set_str(&groups, S("groups"), known);
    map_set_str(&map, S("groups"), known);
    map_set_str(&map, S("ansible_play_name"), value_str(arena, play->name));
    map_set_str(&map, S("environment"), value_list(arena, NULL, 0));
    map_set_str(&map, S("hostvars"), hostvars_of(run, play, arena));
    struct play_magic *magic = NEW(arena, struct play_magic);
    *magic = (struct play_magic){ .all = map_seal(&map), .groups = map_seal(&groups) };
    atomic_store_explicit(&play->magic, magic, memory_order_release);
}

/* ---- what is computed once per play and host ---- */

static value version_map(struct run *run, struct arena *arena)
{
    struct map_builder map = map_in(arena);
    str full = run->options.version, rest = full;
    map_set_str(&map, S("full"), value_str(arena, full));
    map_set_str(&map, S("string"), value_str(arena, full));
    static const str parts[] = { S_INIT("major"), S_INIT("minor"), S_INIT("revision") };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        int64_t number = 0;
        str part = str_cut(&rest, '.');
        map_set_str(&map, parts[i], value_int(str_to_int64(part, &number) ? number : 0));
    }
    return map_seal(&map);
}

static value text_list(const str *items, size_t count, struct arena *arena)
{
    struct list_builder list = list_in(arena);
    for (size_t i = 0; i < count; i++) {
        list_add(&list, value_str(arena, items[i]));
    }
    return list_seal(&list);
}

/* Sources as absolute paths, but for lists of hosts. */
static value source_list(struct run *run, struct arena *arena)
{
    char here[4096] = "";
    struct list_builder list = list_in(arena);
    str dir = getcwd(here, sizeof(here)) == NULL ? STR_EMPTY : str_of(here);
    for (size_t i = 0; i < run->options.inventory_count; i++) {
        str source = run->options.inventories[i];
        bool hosts = str_find_char(source, ',', 0) != STR_NPOS;
        list_add(
            &list,
            value_str(arena, hosts ? source : path_normal(arena, path_join(arena, dir, source))));
    }
    return list_seal(&list);
}

value vars_magic(struct run *run, struct play_run *play, struct run_host *host, struct arena *arena)
{
    struct map_builder map = map_in(arena);
    size_t dot = str_find_char(host->name, '.', 0);
    bool is_address = host->name.len > 0 && (host->name.ptr[0] >= '0' && host->name.ptr[0] <= '9');
    map_set_str(&map, S("inventory_hostname"), value_str(arena, host->name));
    map_set_str(&map, S("inventory_hostname_short"),
                value_str(arena, dot == STR_NPOS || is_address ? host->name
                                                               : str_part(host->name, 0, dot)));
    map_set_str(&map, S("group_names"), inventory_group_names(run->inventory, arena, host->host));
    str file = inventory_file_of(run->inventory, host->host);
    str dir = inventory_dir_of(run->inventory, host->host);
    if (!host->host->implicit) {
        map_set_str(&map, S("inventory_file"),
                    str_is_none(file) ? value_null() : value_str(arena, file));
        map_set_str(&map, S("inventory_dir"),
                    str_is_none(dir) ? value_null() : value_str(arena, dir));
    }
    map_set_str(&map, S("playbook_dir"), value_str(arena, play->play->dir));
    map_set_str(&map, S("ansible_playbook_python"), value_str(arena, run->python));
    map_set_str(&map, S("ansible_check_mode"), value_bool(run->options.check));
    map_set_str(&map, S("ansible_diff_mode"), value_bool(run->options.diff));
    map_set_str(&map, S("ansible_forks"), value_int(run->forks_told));
    map_set_str(&map, S("ansible_verbosity"), value_int(run->options.verbosity));
    map_set_str(&map, S("ansible_version"), version_map(run, arena));
    map_set_str(&map, S("ansible_config_file"),
                str_is_none(run->options.config_file) ? value_null()
                                                      : value_str(arena, run->options.config_file));
    map_set_str(&map, S("ansible_inventory_sources"), source_list(run, arena));
    map_set_str(&map, S("ansible_run_tags"),
                value_is(run->options.tags, VALUE_LIST) ? run->options.tags
                                                        : text_list(&S("all"), 1, arena));
    map_set_str(&map, S("ansible_skip_tags"),
                value_is(run->options.skip_tags, VALUE_LIST) ? run->options.skip_tags
                                                             : text_list(NULL, 0, arena));
    if (!str_is_none(run->options.limit)) {
        map_set_str(&map, S("ansible_limit"), value_str(arena, run->options.limit));
    }
    map_set_str(&map, S("omit"), template_omit(run->env));
    return map_seal(&map);
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
        add_layer(layers, map_seal(&map));
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
    struct map_builder map = map_in(arena), address = map_in(arena);
    map_set_str(&address, S("ansible_host"), value_str(arena, to->name)); /* where nobody says */
    value *layers = NEW_ARRAY(arena, value, there->scope.count + 1);
    memcpy(layers, there->scope.layers, there->scope.count * sizeof *layers);
    layers[there->scope.count++] = map_seal(&address);
    there->scope.layers = layers;
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
    add_layer(&layers,
              value_is(host->magic, VALUE_MAP) ? host->magic : vars_magic(run, play, host, arena));
    add_layer(&layers, role_magic(node, arena));
    add_environment(&layers, node);
    add_layer(&layers, play_magic(play)->all);
    add_layer(&layers, loop);
    add_layer(&layers, run->extra_vars);
    add_include_params(&layers, node);
    add_role_params(&layers, node);
    add_layer(&layers, own->set_recent);
    add_layer(&layers, own->set);
    add_layer(&layers, own->included);
    add_written_vars(&layers, node);
    add_role_maps(&layers, play, node->role, false);
    add_layer(&layers, host->vars_files);
    add_layer(&layers, play->prompted);
    add_layer(&layers, node_own(&play->play->node, KW_VARS));
    add_layer(&layers, own->injected);
    add_inventory(&layers, run, host);
    add_role_maps(&layers, play, node->role, true);
    add_layer(&layers, run->fallback);
    if (inventory_merges_maps(run->inventory) && layers.maps.len > 0) {
        merge_layers(run->inventory, &layers);
    }
    *ret = (struct task_scope){
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

/* ---- keywords ---- */

bool keyword_value(struct eval *eval, const struct node *node, enum keyword keyword, value *ret)
{
    value raw = node_keyword(node, keyword);
    *ret = raw;
    return value_is(raw, VALUE_UNDEFINED) || template_value(eval, raw, ret);
}

bool value_to_bool(value v, bool *ret)
{
    static const str yes[] = { S_INIT("yes"), S_INIT("true"), S_INIT("on"),
                               S_INIT("1"),   S_INIT("y"),    S_INIT("t") };
    static const str no[] = { S_INIT("no"), S_INIT("false"), S_INIT("off"),
                              S_INIT("0"),  S_INIT("n"),     S_INIT("f") };
    if (value_is(v, VALUE_BOOL)) {
        *ret = value_as_bool(v);
        return true;
    }
    if (value_is(v, VALUE_INT) && !value_is_big(v) &&
        (value_as_int(v) == 0 || value_as_int(v) == 1)) {
        *ret = value_as_int(v) == 1;
        return true;
    }
    for (size_t i = 0; value_is(v, VALUE_STR) && i < ARRAY_LEN(yes); i++) {
        if (str_eq_nocase(str_trim(value_as_str(v)), yes[i])) {
            *ret = true;
            return true;
        }
        if (str_eq_nocase(str_trim(value_as_str(v)), no[i])) {
            *ret = false;
            return true;
        }
    }
    return false;
}

bool value_to_number(value v, double *ret)
{
    if (value_is(v, VALUE_FLOAT) || (value_is(v, VALUE_INT) && !value_is_big(v))) {
        *ret = value_as_float(v);
        return true;
    }
    if (!value_is(v, VALUE_STR)) {
        return false;
    }
    char *end;
    str text = str_trim(value_as_str(v));
    *ret = strtod(text.ptr, &end);
    return text.len > 0 && end == text.ptr + text.len;
}

static bool keyword_wrong(struct eval *eval, value v, str name, const char *wanted)
{
    str shown = shown_text(eval->arena, v);
    diag_error(eval->diags, v.at, "'%.*s' must be %s, not '%.*s'", SARG(name), wanted, SARG(shown));
    return false;
}

bool keyword_bool(struct eval *eval, const struct node *node, enum keyword keyword, bool fallback,
                  bool *ret)
{
    value v;
    if (!keyword_value(eval, node, keyword, &v)) {
        return false;
    }
    if (value_is(v, VALUE_UNDEFINED) || value_is(v, VALUE_NULL) || value_is(v, VALUE_UNKNOWN)) {
        *ret = fallback;
        return true;
    }
    return value_to_bool(v, ret) ||
           keyword_wrong(eval, v, keyword_row(keyword)->name, "true or false");
}

bool keyword_number(struct eval *eval, const struct node *node, enum keyword keyword,
                    double fallback, double *ret)
{
    value v;
    if (!keyword_value(eval, node, keyword, &v)) {
        return false;
    }
    if (value_is(v, VALUE_UNDEFINED) || value_is(v, VALUE_NULL) || value_is(v, VALUE_UNKNOWN)) {
        *ret = fallback;
        return true;
    }
    return value_to_number(v, ret) ||
           keyword_wrong(eval, v, keyword_row(keyword)->name, "a number");
}

str shown_text(struct arena *arena, value v)
{
    return value_masked(arena, value_print(arena, v));
}

str task_title(struct run *run, struct play_run *play, struct run_host *host,
               const struct task *task, struct arena *arena)
{
    struct diags *ignored = diags_new(arena, run->sources);
    str name = str_is_none(task->name) ? STR_EMPTY : task->name;
    value v = task->name_value;
    if (host != NULL && template_is_template(v)) {
        struct eval *eval = eval_for(run, play, host, &task->node, (value){ 0 }, arena, ignored);
        if (template_value(eval, v, &v)) {
            name = shown_text(arena, v);
        }
    }
    bool is_role =
        task->kind == ACTION_ENGINE && str_eq(task->engine_action->name, S("include_role"));
    value role = value_get(task->args, S("name"));
    if (name.len == 0 && is_role && value_is(role, VALUE_STR)) {
        return str_format(arena, "%.*s : %.*s", SARG(task->action), SARG(value_as_str(role)));
    }
    if (name.len == 0) {
        name = task->action;
    }
    return task->node.role == NULL
               ? name
               : str_format(arena, "%.*s : %.*s", SARG(task->node.role->name), SARG(name));
}
