/*
 * roles.c - finding and loading roles. A role is loaded anew for each use, since the keywords of
 * its use reach its tasks; its files are read once.
 *
 * Source: Ansible's user guide, "Roles"; the order of search as observed with ansible-core 2.14.
 */
#include "base/path.h"
#include "base/strbuf.h"
#include "engine/load.h"

/* ---- finding ---- */

struct search {
    struct arena *arena;
    VEC(str) paths; /* that were looked at */
};

static bool look(struct search *search, str dir, str name)
{
    str path = path_normal(search->arena, path_join(search->arena, dir, name));
    for (size_t i = 0; i < search->paths.len; i++) {
        if (str_eq(search->paths.items[i], path)) {
            return false;
        }
    }
    *VEC_PUSH(search->arena, &search->paths) = path;
    return load_is_dir(path);
}

/* "ns.coll.role", or a short name in the collections that count here. */
static str find_in_collections(const struct context *context, str name, value collections,
                               str *ret_collection)
{
    struct loader *loader = context->loader;
    VEC(str) candidates = { 0 };
    if (str_find_char(name, '/', 0) != STR_NPOS) {
        return STR_NONE;
    }
    *VEC_PUSH(loader->arena, &candidates) = name;
    for (size_t i = 0; value_is(collections, VALUE_LIST) && i < value_count(collections); i++) {
        value collection = value_item(collections, i);
        if (value_is(collection, VALUE_STR)) {
            *VEC_PUSH(loader->arena, &candidates) =
                str_format(loader->arena, "%.*s.%.*s", SARG(value_as_str(collection)), SARG(name));
        }
    }
    str own = load_own_collection(loader, context->playbook_dir);
    if (!str_is_none(own)) {
        *VEC_PUSH(loader->arena, &candidates) =
            str_format(loader->arena, "%.*s.%.*s", SARG(own), SARG(name));
    }
    for (size_t i = 0; i < candidates.len; i++) {
        str rest = candidates.items[i], dir;
        str namespace = str_cut(&rest, '.');
        str collection = str_is_none(rest) ? STR_NONE : str_cut(&rest, '.');
        size_t index = 0;
        while (!str_is_none(rest) &&
               !str_is_none(dir = load_collection_dir(loader, namespace, collection, &index))) {
            str path = path_join(loader->arena, path_join(loader->arena, dir, S("roles")), rest);
            if (load_is_dir(path)) {
                *ret_collection =
                    str_format(loader->arena, "%.*s.%.*s", SARG(namespace), SARG(collection));
                return path;
            }
        }
    }
    return STR_NONE;
}

static void report_missing(const struct context *context, const struct role_use *use,
                           const struct search *search, struct diags *diags)
{
    struct loader *loader = context->loader;
    struct diag *diag = diag_error(diags, use->at, "no role '%.*s'", SARG(use->name));
    for (size_t i = 0; i < search->paths.len; i++) {
        diag_note(diag, SPAN_NONE, "not found: %.*s",
                  SARG(load_shown(loader, search->paths.items[i])));
    }
    for (size_t i = 0; i < search->paths.len && str_is_none(diag->hint); i++) {
        size_t count;
        str dir = str_copy(loader->arena, path_dirname(search->paths.items[i]));
        const str *names = load_directory(loader, dir, &count);
        diag_suggest(diag, path_basename(use->name), names, count);
    }
    if (diags == loader->diags && loader->failure == LOAD_OK) {
        loader->failure = LOAD_FAILED;
    }
}

str role_find(const struct context *context, const struct role_use *use, struct diags *diags,
              str *ret_collection)
{
    struct loader *loader = context->loader;
    struct arena *arena = loader->arena;
    struct search search = { .arena = arena };
    *ret_collection = STR_NONE;
    str path = find_in_collections(context, use->name, use->collections, ret_collection);
    if (!str_is_none(path)) {
        return path;
    }
    bool found = look(&search, path_join(arena, context->playbook_dir, S("roles")), use->name);
    for (size_t i = 0; !found && i < loader->roles_path_count; i++) {
        found = look(&search, load_path(loader, loader->roles_paths[i]), use->name);
    }
    if (!found && use->is_dependency && use->owner) {
        found = look(&search, path_dirname(use->owner->path), use->name);
    }
    found = found || look(&search, context->playbook_dir, use->name) ||
            look(&search, load_state(loader)->cwd, use->name);
    if (!found) {
        report_missing(context, use, &search, diags);
        return STR_NONE;
    }
    return search.paths.items[search.paths.len - 1];
}

/* ---- its files ---- */

struct role_build {
    const struct context *context;
    const struct role_use *use;
    struct role *role;
};

/* Files of role/DIR/NAME with one of the extensions; `main` has none last, other names first. With
 * `directories`, all files below a directory of that name. */
static bool find_file(const struct role_build *build, const char *dir, str name, bool directories,
                      str *ret)
{
    static const char *const main_first[] = { ".yml", ".yaml", ".json", "" };
    static const char *const named_first[] = { "", ".yml", ".yaml", ".json" };
    struct loader *loader = build->context->loader;
    struct arena *scratch = load_state(loader)->scratch;
    const char *const *extensions = str_is_none(name) ? main_first : named_first;
    bool found = false;
    for (size_t i = 0; i < ARRAY_LEN(main_first) && !found; i++) {
        str bare = str_is_none(name) ? S("main") : name;
        str path = str_format(scratch, "%.*s/%s/%.*s%s", SARG(build->role->path), dir, SARG(bare),
                              extensions[i]);
        found = load_is_file(path) || (directories && load_is_dir(path));
        if (found) {
            *ret = path_normal(loader->arena, path);
        }
    }
    arena_reset(scratch);
    return found;
}

static bool refuse_missing_file(const struct role_build *build, const char *dir, str name)
{
    struct loader *loader = build->context->loader;
    struct diag *diag = load_error(
        loader, LOAD_SYNTAX, build->use->from_at.pos ? build->use->from_at : build->use->at,
        "the role '%.*s' has no file '%.*s' in its %s/", SARG(build->role->name), SARG(name), dir);
    size_t count;
    str path = path_join(loader->arena, build->role->path, str_of(dir));
    const str *names = load_directory(loader, path, &count);
    diag_suggest(diag, name, names, count);
    str with_extension = str_concat(loader->arena, name, S(".yml"));
    diag_suggest(diag, with_extension, names, count);
    return false;
}

/* A file of variables; null when it is empty. */
static bool read_vars(const struct role_build *build, str path, const char *dir, value *ret)
{
    struct loader *loader = build->context->loader;
    if (!load_yaml(loader, path, build->use->at, ret)) {
        return false;
    }
    if (!value_is(*ret, VALUE_NULL) && !value_is(*ret, VALUE_MAP)) {
        struct diag *diag =
            load_error(loader, LOAD_SYNTAX, ret->at,
                       "%s of a role must be a map of variables, not %s", dir, load_kind(*ret));
        if (value_is(*ret, VALUE_LIST)) {
            diag_hint(diag, "write 'name: value' lines, without '- ' before them");
        }
        return false;
    }
    if (load_check_due(loader, path)) {
        check_templates(build->context, *ret);
    }
    return true;
}

/* vars/main may be a directory, with more of them below. */
static bool merge_directory(const struct role_build *build, str path, const char *dir,
                            struct map_builder *vars)
{
    struct loader *loader = build->context->loader;
    size_t count;
    const str *names = load_directory(loader, path, &count);
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        str inner = path_join(loader->arena, path, names[i]);
        str extension = path_extension(names[i]);
        value content = value_null();
        if (load_is_dir(inner)) {
            ok &= extension.len > 0 || merge_directory(build, inner, dir, vars);
        } else if (extension.len == 0 || str_eq(extension, S(".yml")) ||
                   str_eq(extension, S(".yaml")) || str_eq(extension, S(".json"))) {
            ok &= read_vars(build, inner, dir, &content);
        }
        for (size_t k = 0; value_is(content, VALUE_MAP) && k < value_count(content); k++) {
            map_set(vars, value_map_key(content, k), value_map_value(content, k));
        }
    }
    return ok;
}

static bool load_vars(const struct role_build *build, const char *dir, str name, value *ret)
{
    struct map_builder vars = map_in(build->context->loader->arena);
    str path;
    bool ok = true;
    value content = value_null();
    if (!find_file(build, dir, name, true, &path)) {
        if (!str_is_none(name)) {
            return refuse_missing_file(build, dir, name);
        }
    } else if (load_is_dir(path)) {
        ok = merge_directory(build, path, dir, &vars);
    } else {
        ok = read_vars(build, path, dir, &content);
    }
    *ret = value_is(content, VALUE_MAP) ? content : map_seal(&vars);
    return ok;
}

static bool load_tasks(const struct role_build *build, const char *dir, str name, bool handlers,
                       struct node_vec *ret)
{
    str path;
    if (!find_file(build, dir, name, false, &path)) {
        return str_is_none(name) || refuse_missing_file(build, dir, name);
    }
    struct context inner = *build->context;
    inner.role = build->role;
    inner.parent = &build->role->node;
    inner.handlers = handlers;
    return load_tasks_file(&inner, path, build->use->at, ret);
}

/* ---- meta ---- */

static bool check_meta_key(const struct context *context, value key)
{
    static const str names[] = { S_INIT("dependencies"), S_INIT("allow_duplicates"),
                                 S_INIT("galaxy_info"), S_INIT("argument_specs"),
                                 S_INIT("collections") };
    str name = value_is(key, VALUE_STR) ? value_as_str(key) : S("?");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(name, names[i])) {
            return true;
        }
    }
    const struct keyword_row *row = keyword_find(name);
    if (row && (row->where & ON_PLAY) && (row->where & ON_ROLE) && row->keyword != KW_TAGS) {
        return true;
    }
    struct diag *diag = load_error(context->loader, LOAD_SYNTAX, key.at,
                                   "'%.*s' is no keyword of a role's meta/main.yml", SARG(name));
    diag_suggest(diag, name, names, ARRAY_LEN(names));
    return false;
}

static bool check_cycle(const struct role_build *build)
{
    const struct role *role = build->role;
    for (const struct role *above = build->use->is_dependency ? role->parent : NULL; above;
         above = above->parent) {
        if (str_eq(above->path, role->path)) {
            struct diag *diag = load_error(build->context->loader, LOAD_FAILED, build->use->at,
                                           "the role '%.*s' depends on itself", SARG(role->name));
            for (const struct role *via = role->parent; via && via != above; via = via->parent) {
                diag_note(diag, via->node.at, "by way of '%.*s'", SARG(via->name));
            }
            return false;
        }
        if (above->is_included) {
            break; /* what includes it is no dependency */
        }
    }
    return true;
}

static bool load_dependencies(const struct role_build *build, value list, str meta)
{
    struct loader *loader = build->context->loader;
    struct role *role = build->role;
    if (!value_is_defined(list) || value_is(list, VALUE_NULL)) {
        return true;
    }
    if (!value_is(list, VALUE_LIST)) {
        load_error(loader, LOAD_SYNTAX, list.at, "dependencies must be a list of roles, not %s",
                   load_kind(list));
        return false;
    }
    struct context inner = *build->context;
    inner.role = role;
    inner.parent = &role->node;
    inner.file = meta;
    bool ok = true;
    role->dependencies = NEW_ARRAY(loader->arena, const struct role *, value_count(list) + 1);
    for (size_t i = 0; i < value_count(list); i++) {
        struct role_use use = { .parent = &role->node,
                                .owner = role,
                                .is_dependency = true,
                                .validate = true,
                                .collections = role->collections };
        struct role *dependency;
        if (role_entry_load(&inner, value_item(list, i), use, &dependency)) {
            role->dependencies[role->dependency_count++] = dependency;
        } else {
            ok = false;
        }
    }
    return ok;
}

static void set_collections(struct loader *loader, struct role *role, str own, value more)
{
    struct list_builder list = list_in(loader->arena);
    if (!str_is_none(own)) {
        list_add(&list, value_str(loader->arena, own));
    }
    for (size_t i = 0; value_is(more, VALUE_LIST) && i < value_count(more); i++) {
        list_add(&list, value_item(more, i));
    }
    role->collections = list_seal(&list);
}

static bool load_meta(struct role_build *build, str collection, value *ret_meta)
{
    const struct context *context = build->context;
    struct role *role = build->role;
    str path;
    *ret_meta = (value){ .kind = VALUE_UNDEFINED };
    set_collections(context->loader, role, collection, *ret_meta);
    if (!find_file(build, "meta", STR_NONE, false, &path)) {
        return true;
    }
    value meta;
    if (!load_yaml(context->loader, path, build->use->at, &meta)) {
        return false;
    }
    if (value_is(meta, VALUE_NULL)) {
        return true;
    }
    if (!value_is(meta, VALUE_MAP)) {
        load_error(context->loader, LOAD_SYNTAX, meta.at, "meta of a role must be a map, not %s",
                   load_kind(meta));
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < value_count(meta); i++) {
        ok &= check_meta_key(context, value_map_key(meta, i));
    }
    value duplicates = value_get(meta, S("allow_duplicates"));
    role->allow_duplicates =
        (value_is(duplicates, VALUE_BOOL) && value_as_bool(duplicates)) ||
        (value_is(duplicates, VALUE_STR) && (str_eq_nocase(value_as_str(duplicates), S("true")) ||
                                             str_eq_nocase(value_as_str(duplicates), S("yes"))));
    set_collections(context->loader, role, collection, value_get(meta, S("collections")));
    *ret_meta = meta;
    return load_dependencies(build, value_get(meta, S("dependencies")), path) && ok;
}

/* ---- argument specs ---- */

/* meta/argument_specs.yml, or the same key of meta/main.yml; of the entry point that is used. */
static bool load_specs(const struct role_build *build, value meta, value *ret)
{
    str path;
    value specs = value_get(meta, S("argument_specs"));
    if (find_file(build, "meta", S("argument_specs"), false, &path)) {
        value content;
        if (!load_yaml(build->context->loader, path, build->use->at, &content)) {
            return false;
        }
        specs = value_get(content, S("argument_specs"));
    }
    str entry = build->use->tasks_from;
    *ret = value_get(specs, str_is_none(entry) ? S("main") : entry);
    return true;
}

/* The task that checks a role's parameters, as the first of its tasks. */
static void add_validation(const struct role_build *build, struct node_vec *tasks)
{
    struct loader *loader = build->context->loader;
    struct arena *arena = loader->arena;
    struct role *role = build->role;
    const struct engine_action *action = engine_action_find(S("validate_argument_spec"));
    value spec = role->argument_specs;
    if (!build->use->validate || !value_is(spec, VALUE_MAP)) {
        return;
    }
    if (!action) {
        load_warning(loader, spec.at, "the arguments of this role are not checked");
        return;
    }
    str entry = str_is_none(build->use->tasks_from) ? S("main") : build->use->tasks_from;
    value about = value_get(spec, S("short_description"));
    str name = str_format(arena, "Validating arguments against arg spec '%.*s'", SARG(entry));
    if (value_is(about, VALUE_STR)) {
        name = str_format(arena, "%.*s - %.*s", SARG(name), SARG(value_as_str(about)));
    }
    struct map_builder map = map_in(arena), about_role = map_in(arena), nothing = map_in(arena);
    value empty = map_seal(&nothing);
    value options = value_get(spec, S("options"));
    map_set_str(&about_role, S("type"), value_str(arena, S("role")));
    map_set_str(&about_role, S("name"), value_str(arena, role->name));
    map_set_str(&about_role, S("argument_spec_name"), value_str(arena, entry));
    map_set_str(&about_role, S("path"), value_str(arena, role->path));
    map_set_str(&map, S("argument_spec"), value_is(options, VALUE_MAP) ? options : empty);
    map_set_str(&map, S("provided_arguments"),
                value_is(role->params, VALUE_MAP) ? role->params : empty);
    map_set_str(&map, S("validate_args_context"), map_seal(&about_role));

    struct given given = { 0 };
    value always = value_str(arena, S("always"));
    struct context inner = *build->context;
    inner.role = role;
    inner.parent = &role->node;
    given_set(loader, &given, KW_TAGS, spec, value_list(arena, &always, 1));
    struct task *task = NEW(arena, struct task);
    load_node(&inner, NODE_TASK, spec, &given, &task->node);
    task->name = name;
    task->name_value = value_str(arena, name);
    task->kind = ACTION_ENGINE;
    task->action = S("ansible.builtin.validate_argument_spec");
    task->action_at = spec.at;
    task->engine_action = action;
    task->args = map_seal(&map);
    *VEC_PUSH(arena, tasks) = &task->node;
}

/* ---- a role ---- */

static void add_identity(struct strbuf *text, struct arena *arena, value v)
{
    strbuf_add_char(text, '\n');
    if (value_is_defined(v)) {
        strbuf_add(text, value_masked(arena, value_repr(arena, v)));
    }
}

/* All that tells one use from another: two uses alike run once. */
static str identity_of(const struct role_build *build)
{
    static const enum keyword told_by[] = { KW_WHEN, KW_TAGS, KW_VARS };
    struct arena *arena = build->context->loader->arena;
    const str from[] = { build->use->tasks_from, build->use->vars_from, build->use->defaults_from,
                         build->use->handlers_from };
    struct strbuf text = strbuf_in(arena);
    strbuf_add(&text, build->role->path);
    add_identity(&text, arena, build->role->params);
    for (size_t i = 0; i < ARRAY_LEN(told_by); i++) {
        add_identity(&text, arena, node_own(&build->role->node, told_by[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(from); i++) {
        strbuf_addf(&text, "\n%.*s", SARG(from[i]));
    }
    strbuf_addf(&text, "\n%d", build->use->is_included);
    return strbuf_str(&text);
}

/* Keywords go to the node, `vars` among them; all other keys of an entry are parameters. */
static bool split_entry(const struct role_build *build, struct given *given, value *ret_params)
{
    const struct context *context = build->context;
    value entry = build->use->entry;
    struct map_builder params = map_in(context->loader->arena);
    bool ok = true;
    for (size_t i = 0; value_is(entry, VALUE_MAP) && i < value_count(entry); i++) {
        value key = value_map_key(entry, i), v = value_map_value(entry, i);
        const struct keyword_row *row =
            value_is(key, VALUE_STR) ? keyword_find(value_as_str(key)) : NULL;
        if (row && (row->where & ON_ROLE)) {
            ok &= load_keyword(context, ON_ROLE, key, v, given);
        } else if (!value_is(key, VALUE_STR) || !str_eq(value_as_str(key), S("role"))) {
            map_set(&params, key, v);
        }
    }
    value more = build->use->params;
    for (size_t i = 0; value_is(more, VALUE_MAP) && i < value_count(more); i++) {
        map_set(&params, value_map_key(more, i), value_map_value(more, i));
    }
    *ret_params = map_seal(&params);
    return ok;
}

bool role_use_load(const struct context *context, const struct role_use *use, struct role **ret)
{
    struct loader *loader = context->loader;
    struct role *role = NEW(loader->arena, struct role);
    struct role_build build = { .context = context, .use = use, .role = role };
    struct given given = { 0 };
    str collection;
    str path = role_find(context, use, loader->diags, &collection);
    if (str_is_none(path)) {
        return false;
    }
    bool ok = split_entry(&build, &given, &role->params);
    load_node(context, NODE_ROLE, use->entry, &given, &role->node);
    role->node.parent = use->parent;
    role->node.at = use->at;
    role->path = path;
    role->name = use->name;
    if (!str_is_none(collection)) {
        role->name =
            str_format(loader->arena, "%.*s.%.*s", SARG(collection), SARG(path_basename(path)));
    } else if (str_starts(use->name, S("/")) || str_starts(use->name, S("."))) {
        role->name = path_basename(path);
    }
    role->parent = use->owner;
    role->is_included = use->is_included;
    role->identity = identity_of(&build);
    if (!check_cycle(&build)) {
        return false;
    }
    load_add_modules(loader, path);

    value meta;
    struct node_vec tasks = { 0 }, handlers = { 0 };
    ok &= load_vars(&build, "vars", use->vars_from, &role->vars);
    ok &= load_vars(&build, "defaults", use->defaults_from, &role->defaults);
    ok &= load_meta(&build, collection, &meta);
    ok &= load_specs(&build, meta, &role->argument_specs);
    add_validation(&build, &tasks);
    ok &= load_tasks(&build, "tasks", use->tasks_from, false, &tasks);
    ok &= load_tasks(&build, "handlers", use->handlers_from, true, &handlers);
    role->tasks = load_nodes(&tasks);
    role->handlers = load_nodes(&handlers);
    *ret = role;
    return ok;
}

/* ---- entries of lists ---- */

/* `src` of a dependency in galaxy's form: "https://host/repo.git,v1" is "repo". */
static value name_of_source(struct loader *loader, value src)
{
    if (!value_is(src, VALUE_STR)) {
        return src;
    }
    str rest = value_as_str(src);
    str name = str_cut(&rest, ',');
    if (str_find(name, S("://"), 0) != STR_NPOS || str_find_char(name, '@', 0) != STR_NPOS) {
        name = path_basename(name);
        static const str endings[] = { S_INIT(".git"), S_INIT(".tar.gz") };
        for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
            if (str_ends(name, endings[i])) {
                name = str_part(name, 0, name.len - endings[i].len);
            }
        }
    }
    return value_at(value_str(loader->arena, str_copy(loader->arena, name)), src.at);
}

static bool refuse_entry(const struct context *context, value entry, value name)
{
    struct loader *loader = context->loader;
    struct diag *diag;
    if (value_is_defined(name)) {
        diag = load_error(loader, value_is(entry, VALUE_MAP) ? LOAD_FAILED : LOAD_SYNTAX, name.at,
                          "the name of a role must be a text, not %s", load_kind(name));
    } else {
        diag = load_error(loader, LOAD_FAILED, entry.at, "an entry without the name of a role");
    }
    diag_hint(diag, "write '- NAME', or '- role: NAME' and its parameters");
    return false;
}

bool role_entry_load(const struct context *context, value entry, struct role_use use,
                     struct role **ret)
{
    struct loader *loader = context->loader;
    value name = entry;
    if (value_is(entry, VALUE_MAP)) {
        name = value_get(entry, S("role"));
        if (!value_is_defined(name)) {
            name = value_get(entry, S("name"));
        }
        if (!value_is_defined(name) && use.is_dependency) {
            name = name_of_source(loader, value_get(entry, S("src")));
        }
        use.entry = entry;
    }
    if (!value_is(name, VALUE_STR)) {
        return refuse_entry(context, entry, name);
    }
    use.at = name.at;
    return load_name(context, name, "name of a role", LOAD_FAILED, &use.name) &&
           role_use_load(context, &use, ret);
}
