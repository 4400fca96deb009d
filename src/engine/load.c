/*
 * load.c - playbooks, plays, and what the engine asks of the loader while plays run.
 *
 * What a file means depends on where it stands, so each use of a file of tasks or of a role makes
 * nodes of its own; the file itself is read once.
 */
#include "engine/load.h"
#include "base/path.h"
#include "module/module.h"

struct play_vec {
    const struct play **items;
    size_t len, cap;
};

static struct context context_of(struct loader *loader, const struct node *parent, str file,
                                 str dir)
{
    return (
        struct context){ .loader = loader, .parent = parent, .file = file, .playbook_dir = dir };
}

/* Imported roles that were collected since `before`. */
static struct role_list imported_since(struct loader *loader, size_t before)
{
    struct loader_state *state = load_state(loader);
    struct role_list list = { .count = state->imported.len - before };
    list.roles = NEW_ARRAY(loader->arena, const struct role *, list.count + 1);
    for (size_t i = 0; i < list.count; i++) {
        list.roles[i] = state->imported.items[before + i];
    }
    return list;
}

/* ---- a play ---- */

static bool check_host(const struct context *context, value host)
{
    struct diag *diag;
    if (value_is(host, VALUE_STR) && value_as_str(host).len > 0) {
        return true;
    }
    if (value_is(host, VALUE_STR) || value_is(host, VALUE_NULL)) {
        diag = load_error(context->loader, LOAD_SYNTAX, host.at, "'hosts' names no host");
    } else {
        diag = load_error(context->loader, LOAD_SYNTAX, host.at,
                          "a pattern of hosts must be a text, not %s", load_kind(host));
    }
    diag_hint(diag, "name hosts or groups, or 'all'");
    return false;
}

static bool check_hosts(const struct context *context, value play, value hosts)
{
    if (!value_is_defined(hosts)) {
        struct diag *diag = load_error(context->loader, LOAD_SYNTAX, value_map_key(play, 0).at,
                                       "a play without 'hosts'");
        diag_hint(diag, "add 'hosts:', for instance 'hosts: all'");
        return false;
    }
    if (!value_is(hosts, VALUE_LIST)) {
        return check_host(context, hosts);
    }
    if (value_count(hosts) == 0) {
        load_error(context->loader, LOAD_SYNTAX, hosts.at, "'hosts' names no host");
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < value_count(hosts); i++) {
        ok &= check_host(context, value_item(hosts, i));
    }
    return ok;
}

static bool check_prompts(const struct context *context, value prompts)
{
    static const str names[] = { S_INIT("name"),    S_INIT("prompt"),    S_INIT("default"),
                                 S_INIT("private"), S_INIT("confirm"),   S_INIT("encrypt"),
                                 S_INIT("salt"),    S_INIT("salt_size"), S_INIT("unsafe") };
    struct loader *loader = context->loader;
    bool ok = true;
    if (!value_is_defined(prompts) || value_is(prompts, VALUE_NULL)) {
        return true;
    }
    size_t count = value_is(prompts, VALUE_LIST) ? value_count(prompts) : 1;
    for (size_t i = 0; i < count; i++) {
        value prompt = value_is(prompts, VALUE_LIST) ? value_item(prompts, i) : prompts;
        if (!value_is(prompt, VALUE_MAP)) {
            load_error(loader, LOAD_FAILED, prompt.at,
                       "an entry of vars_prompt must be a map, not %s", load_kind(prompt));
            return false;
        }
        if (!value_is_defined(value_get(prompt, S("name")))) {
            load_error(loader, LOAD_SYNTAX, prompt.at,
                       "an entry of vars_prompt without the 'name' of its variable");
            ok = false;
        }
        for (size_t k = 0; k < value_count(prompt); k++) {
            value key = value_map_key(prompt, k);
            str name = value_is(key, VALUE_STR) ? value_as_str(key) : S("?");
            bool known = false;
            for (size_t n = 0; n < ARRAY_LEN(names); n++) {
                known |= str_eq(names[n], name);
            }
            if (!known) {
                struct diag *diag = load_error(loader, LOAD_SYNTAX, key.at,
                                               "'%.*s' is no keyword of vars_prompt", SARG(name));
                diag_suggest(diag, name, names, ARRAY_LEN(names));
                ok = false;
            }
        }
    }
    return ok;
}

/* Whether a file of vars_files that is named in plain words exists. */
static void check_vars_file(const struct context *context, value name)
{
    struct loader *loader = context->loader;
    if (!value_is(name, VALUE_STR) || template_is_template(name)) {
        return;
    }
    str file = value_as_str(name);
    str paths[] = {
        path_normal(loader->arena,
                    path_join(loader->arena,
                              path_join(loader->arena, context->playbook_dir, S("vars")), file)),
        path_normal(loader->arena, path_join(loader->arena, context->playbook_dir, file)),
    };
    size_t count = path_is_absolute(file) ? 1 : ARRAY_LEN(paths);
    for (size_t i = 0; i < count; i++) {
        if (load_is_file(paths[i])) {
            return;
        }
    }
    struct diag *diag = load_warning(loader, name.at, "no file of variables '%.*s'", SARG(file));
    load_note_places(loader, diag, paths, count);
}

static bool check_vars_files(const struct context *context, value files)
{
    if (!value_is_defined(files) || value_is(files, VALUE_NULL)) {
        return true;
    }
    if (!value_is(files, VALUE_LIST) && !value_is(files, VALUE_STR)) {
        load_error(context->loader, LOAD_FAILED, files.at,
                   "'vars_files' must be a list of files, not %s", load_kind(files));
        return false;
    }
    check_vars_file(context, files);
    for (size_t i = 0; value_is(files, VALUE_LIST) && i < value_count(files); i++) {
        check_vars_file(context, value_item(files, i));
    }
    return true;
}

static bool load_roles(const struct context *context, value list, struct play *play)
{
    struct loader *loader = context->loader;
    if (!value_is_defined(list) || value_is(list, VALUE_NULL)) {
        return true;
    }
    if (!value_is(list, VALUE_LIST)) {
        struct diag *diag = load_error(loader, LOAD_SYNTAX, list.at,
                                       "'roles' must be a list, not %s", load_kind(list));
        if (value_is(list, VALUE_STR)) {
            diag_hint(diag, "write '- %.*s', or [%.*s]", SARG(value_as_str(list)),
                      SARG(value_as_str(list)));
        }
        return false;
    }
    VEC(const struct role *) roles = { 0 };
    VEC(const struct node *) nodes = { 0 };
    bool ok = true;
    for (size_t i = 0; i < value_count(list); i++) {
        struct role_use use = { .parent = context->parent,
                                .validate = true,
                                .collections = node_own(context->parent, KW_COLLECTIONS) };
        struct role *role;
        if (!role_entry_load(context, value_item(list, i), use, &role)) {
            ok = false;
            continue;
        }
        struct role_list sequence = role_sequence(role, loader->arena);
        for (size_t k = 0; k < sequence.count; k++) {
            *VEC_PUSH(loader->arena, &roles) = sequence.roles[k];
            *VEC_PUSH(loader->arena, &nodes) = &sequence.roles[k]->node;
        }
    }
    play->roles = roles.items;
    play->role_nodes = nodes.items;
    play->role_count = roles.len;
    return ok;
}

static bool load_section(const struct context *context, const struct play *play,
                         enum keyword keyword, struct node_list *ret)
{
    struct context inner = *context;
    inner.handlers = keyword == KW_HANDLERS;
    struct node_vec nodes = { 0 };
    value list = node_own(&play->node, keyword);
    bool ok =
        !value_is_defined(list) || load_list(&inner, list, keyword_row(keyword)->name, &nodes);
    *ret = load_nodes(&nodes);
    return ok;
}

/* `user` is the old name of `remote_user`. */
static bool take_user(const struct context *context, struct given *given)
{
    value user = given_get(given, KW_USER);
    if (!value_is_defined(user)) {
        return true;
    }
    if (value_is_defined(given_get(given, KW_REMOTE_USER))) {
        load_error(context->loader, LOAD_SYNTAX, user.at,
                   "'user' and 'remote_user' of a play are the same; give one");
        return false;
    }
    given_set(context->loader, given, KW_REMOTE_USER, user, user);
    return true;
}

/* Variables of import_playbook are those of the plays that it brings, and win over what these say
 * themselves; of imports within imports the outermost wins. */
static void take_import_vars(const struct context *context, struct given *given)
{
    struct loader *loader = context->loader;
    value vars = given_get(given, KW_VARS);
    for (const struct node *import = context->parent; import; import = import->parent) {
        vars = load_joined(loader, vars, node_own(import, KW_VARS));
    }
    if (value_is(vars, VALUE_MAP)) {
        given_set(loader, given, KW_VARS, vars, vars);
    }
}

static bool load_play(const struct context *outer, value map, struct play_vec *ret)
{
    struct loader *loader = outer->loader;
    struct play *play = NEW(loader->arena, struct play);
    struct given given = { 0 };
    size_t imported = load_state(loader)->imported.len;
    bool ok = true;
    for (size_t i = 0; i < value_count(map); i++) {
        ok &= load_keyword(outer, ON_PLAY, value_map_key(map, i), value_map_value(map, i), &given);
    }
    ok &= take_user(outer, &given);
    take_import_vars(outer, &given);
    load_node(outer, NODE_PLAY, map, &given, &play->node);
    play->file = outer->file;
    play->dir = outer->playbook_dir;

    struct context context = *outer;
    context.parent = &play->node;
    ok = ok && check_hosts(&context, map, given_get(&given, KW_HOSTS));
    ok &= check_prompts(&context, given_get(&given, KW_VARS_PROMPT));
    ok &= check_vars_files(&context, given_get(&given, KW_VARS_FILES));
    ok &= load_roles(&context, given_get(&given, KW_ROLES), play);
    ok &= load_section(&context, play, KW_PRE_TASKS, &play->pre_tasks);
    ok &= load_section(&context, play, KW_TASKS, &play->tasks);
    ok &= load_section(&context, play, KW_POST_TASKS, &play->post_tasks);
    ok &= load_section(&context, play, KW_HANDLERS, &play->handlers);
    play->imported = imported_since(loader, imported);
    if (ok) {
        check_handlers(loader, play);
    }
    *VEC_PUSH(loader->arena, ret) = play;
    return ok;
}

/* ---- a playbook ---- */

static bool load_plays(struct loader *loader, str path, span at, const struct node *import,
                       struct play_vec *ret);

static bool is_playbook_import(value key)
{
    return value_is(key, VALUE_STR) &&
           str_eq(load_short_name(value_as_str(key)), S("import_playbook"));
}

/* A playbook of a collection, "ns.coll.name"; STR_NONE: there is none. */
static str find_in_collection(struct loader *loader, str name)
{
    static const char *const extensions[] = { "", ".yml", ".yaml" };
    str rest = name, dir;
    str namespace = str_cut(&rest, '.');
    str collection = str_is_none(rest) ? STR_NONE : str_cut(&rest, '.');
    size_t index = 0;
    while (!str_is_none(rest) && str_find_char(name, '/', 0) == STR_NPOS &&
           !str_is_none(dir = load_collection_dir(loader, namespace, collection, &index))) {
        for (size_t i = 0; i < ARRAY_LEN(extensions); i++) {
            str path = str_format(loader->arena, "%.*s/playbooks/%.*s%s", SARG(dir), SARG(rest),
                                  extensions[i]);
            if (load_is_file(path)) {
                return load_path(loader, path);
            }
        }
    }
    return STR_NONE;
}

/* Where an imported playbook is: in a collection, else beside the one that names it. */
static str find_playbook(const struct context *context, str name)
{
    struct loader *loader = context->loader;
    str found = find_in_collection(loader, name);
    return str_is_none(found)
               ? path_normal(loader->arena, path_join(loader->arena, context->playbook_dir, name))
               : found;
}

/* "other.yml a=1": what follows the name are variables, in an old form. */
static bool take_playbook_name(const struct context *context, value v, struct given *given,
                               value *ret_name)
{
    struct loader *loader = context->loader;
    value vars, name = value_null();
    if (!value_is(v, VALUE_STR) || str_trim(value_as_str(v)).len == 0) {
        load_error(loader, LOAD_SYNTAX, v.at, "'import_playbook' must name a file, not %s",
                   load_kind(v));
        return false;
    }
    if (!params_split(loader->arena, loader->diags, v, false, &vars, &name) ||
        !value_is(name, VALUE_STR)) {
        return false;
    }
    if (value_is(vars, VALUE_MAP) && value_count(vars) > 0) {
        if (value_is_defined(given_get(given, KW_VARS))) {
            load_error(loader, LOAD_SYNTAX, v.at, "variables behind the name and in 'vars'");
            return false;
        }
        given_set(loader, given, KW_VARS, v, vars);
    }
    *ret_name = name;
    return true;
}

static bool load_playbook_import(const struct context *context, value map, struct play_vec *ret)
{
    struct loader *loader = context->loader;
    struct given given = { 0 };
    value v = { .kind = VALUE_UNDEFINED }, name;
    bool ok = true;
    for (size_t i = 0; i < value_count(map); i++) {
        value key = value_map_key(map, i);
        if (is_playbook_import(key)) {
            v = value_map_value(map, i);
            given_set(loader, &given, KW_IMPORT_PLAYBOOK, key, v);
        } else {
            ok &= load_keyword(context, ON_IMPORT_PLAYBOOK, key, value_map_value(map, i), &given);
        }
    }
    if (!take_playbook_name(context, v, &given, &name) || !ok) {
        if (loader->failure == LOAD_OK) {
            loader->failure = LOAD_SYNTAX;
        }
        return false;
    }
    struct node *node = NEW(loader->arena, struct node);
    load_node(context, NODE_IMPORT, map, &given, node);
    struct context inner = *context;
    inner.parent = node;
    str file;
    return load_name(&inner, name, "file of an import", LOAD_FAILED, &file) &&
           load_plays(loader, find_playbook(context, file), name.at, node, ret);
}

static bool refuse_playbook(struct loader *loader, str path, span at, value content)
{
    str shown = load_shown(loader, path);
    if (value_is(content, VALUE_NULL)) {
        load_error(loader, LOAD_SYNTAX, content.at.pos ? content.at : at,
                   "the playbook '%.*s' is empty", SARG(shown));
        return false;
    }
    if (value_is(content, VALUE_LIST)) {
        load_error(loader, LOAD_SYNTAX, content.at, "the playbook '%.*s' holds no play",
                   SARG(shown));
        return false;
    }
    struct diag *diag =
        load_error(loader, LOAD_SYNTAX, content.at, "a playbook must be a list of plays, not %s",
                   load_kind(content));
    if (value_is(content, VALUE_MAP) && value_is(value_map_key(content, 0), VALUE_STR)) {
        diag_hint(diag, "put '- ' before '%.*s'", SARG(value_as_str(value_map_key(content, 0))));
    }
    return false;
}

static bool check_playbook_recursion(struct loader *loader, str path, span at,
                                     const struct node *import)
{
    for (const struct node *node = import; node; node = node->parent) {
        if (str_eq(node->file, path)) {
            struct diag *diag = load_error(loader, LOAD_SYNTAX, at, "'%.*s' imports itself",
                                           SARG(load_shown(loader, path)));
            if (node != import) {
                diag_note(diag, node->at, "by way of this import");
            }
            return false;
        }
    }
    return true;
}

static bool load_entry(const struct context *context, value entry, struct play_vec *ret)
{
    if (!value_is(entry, VALUE_MAP) || value_count(entry) == 0) {
        struct diag *diag =
            load_error(context->loader, LOAD_SYNTAX, entry.at, "a play must be a map, not %s",
                       value_is(entry, VALUE_MAP) ? "an empty one" : load_kind(entry));
        diag_hint(diag, "a play has 'hosts' and 'tasks' or 'roles'");
        return false;
    }
    for (size_t i = 0; i < value_count(entry); i++) {
        if (is_playbook_import(value_map_key(entry, i))) {
            return load_playbook_import(context, entry, ret);
        }
    }
    return load_play(context, entry, ret);
}

static bool load_plays(struct loader *loader, str path, span at, const struct node *import,
                       struct play_vec *ret)
{
    value content;
    if (!check_playbook_recursion(loader, path, at, import) ||
        !load_yaml(loader, path, at, &content)) {
        return false;
    }
    if (!value_is(content, VALUE_LIST) || value_count(content) == 0) {
        return refuse_playbook(loader, path, at, content);
    }
    struct loader_state *state = load_state(loader);
    str dir = str_copy(loader->arena, path_dirname(path));
    struct context context = context_of(loader, import, path, dir);
    bool quiet = state->quiet, ok = true;
    state->quiet = !load_check_due(loader, path);
    load_add_modules(loader, dir);
    *VEC_PUSH(loader->arena, &state->collection_roots) =
        path_join(loader->arena, dir, S("collections"));
    for (size_t i = 0; i < value_count(content); i++) {
        ok &= load_entry(&context, value_item(content, i), ret);
    }
    state->quiet = quiet;
    return ok;
}

bool playbook_of(struct loader *loader, value plays, str dir, struct playbook **ret)
{
    struct play_vec vec = { 0 };
    str absolute = load_path(loader, dir);
    struct context context = context_of(loader, NULL, absolute, absolute);
    loader->failure = LOAD_OK;
    for (size_t i = 0; i < value_count(plays); i++) {
        if (!load_entry(&context, value_item(plays, i), &vec)) {
            return false;
        }
    }
    struct playbook *playbook = NEW(loader->arena, struct playbook);
    *playbook = (struct playbook){
        .plays = vec.items, .count = vec.len, .path = absolute, .dir = absolute
    };
    *ret = playbook;
    return true;
}

bool playbook_load(struct loader *loader, str path, struct playbook **ret)
{
    struct play_vec plays = { 0 };
    str absolute = load_path(loader, path);
    str in_collection = load_is_file(absolute) ? STR_NONE : find_in_collection(loader, path);
    if (!str_is_none(in_collection)) {
        absolute = in_collection;
    }
    loader->failure = LOAD_OK;
    if (!load_plays(loader, absolute, SPAN_NONE, NULL, &plays)) {
        if (loader->failure == LOAD_OK) {
            loader->failure = LOAD_SYNTAX;
        }
        return false;
    }
    struct playbook *playbook = NEW(loader->arena, struct playbook);
    *playbook = (struct playbook){ .plays = plays.items,
                                   .count = plays.len,
                                   .path = absolute,
                                   .dir = str_copy(loader->arena, path_dirname(absolute)) };
    *ret = playbook;
    return true;
}

/* ---- while plays run ---- */

/* The role a node stands in, for one that is a role itself. */
static str playbook_dir_of(const struct node *node)
{
    const struct play *play = node_play(node);
    return play ? play->dir : STR_EMPTY;
}

bool tasks_load(struct loader *loader, str path, const struct node *parent, const struct role *role,
                bool handlers, struct node_list *ret)
{
    struct context context = context_of(loader, parent, parent->file, playbook_dir_of(parent));
    struct node_vec nodes = { 0 };
    size_t imported = load_state(loader)->imported.len;
    str file;
    context.role = role;
    context.handlers = handlers;
    loader->failure = LOAD_OK;
    if (!tasks_find(loader, loader->diags, path, parent->at, parent, handlers, &file) ||
        !load_tasks_file(&context, file, parent->at, &nodes)) {
        return false;
    }
    loader->imported = imported_since(loader, imported);
    *ret = load_nodes(&nodes);
    return true;
}

bool role_load(struct loader *loader, str name, span at, const struct node *parent,
               str playbook_dir, str tasks_from, str vars_from, str defaults_from,
               str handlers_from, value params, const struct role **ret)
{
    struct context context = context_of(loader, parent, parent->file, playbook_dir);
    struct role_use use = { .name = name,
                            .at = at,
                            .parent = parent,
                            .owner = parent->role,
                            .is_included = true,
                            .validate = true,
                            .tasks_from = tasks_from,
                            .vars_from = vars_from,
                            .defaults_from = defaults_from,
                            .handlers_from = handlers_from,
                            .params = params,
                            .collections = node_keyword(parent, KW_COLLECTIONS) };
    size_t imported = load_state(loader)->imported.len;
    struct role *role;
    context.role = parent->role;
    loader->failure = LOAD_OK;
    if (!role_use_load(&context, &use, &role)) {
        return false;
    }
    role->allow_duplicates = true; /* an include runs it each time */
    loader->imported = imported_since(loader, imported);
    *ret = role;
    return true;
}
