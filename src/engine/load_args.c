/*
 * load_args.c - what a task does, and its arguments, in all the forms they are written in:
 *
 *     copy: src=a dest=b              copy: { src: a }          command: uptime
 *     action: copy src=a dest=b       action: { module: copy, src: a }
 *     local_action: ...               the same, delegated to localhost
 *     args: { chdir: /tmp }           beside any of them; what is in the action's text wins
 *
 * Source: ansible-core 2.18, "module_args" of the parsing of tasks, observed.
 */
#include "engine/load.h"
#include "formats/yaml.h"

/* ---- which action ---- */

/* The end of the first word; white space within {{ }} does not end it. */
static size_t first_word(str text)
{
    unsigned depth = 0;
    for (size_t i = 0; i < text.len; i++) {
        str rest = str_part(text, i, text.len);
        if (str_starts(rest, S("{{")) || str_starts(rest, S("{%"))) {
            depth++;
            i++;
        } else if (depth > 0 && (str_starts(rest, S("}}")) || str_starts(rest, S("%}")))) {
            depth--;
            i++;
        } else if (depth == 0 &&
                   (text.ptr[i] == ' ' || text.ptr[i] == '\t' || text.ptr[i] == '\n')) {
            return i;
        }
    }
    return text.len;
}

static value part(struct loader *loader, value text, size_t from, size_t to)
{
    str bytes = str_part(value_as_str(text), from, to);
    span at = yaml_scalar_span(loader->diags->sources, text, from, to);
    value v = value_at(value_str(loader->arena, bytes), at);
    return value_is_trusted(text) ? value_trusted(v) : v;
}

/* "copy src=a" into the name and the rest. */
static bool split_text(struct loader *loader, value text, struct action_call_text *ret)
{
    str bytes = value_as_str(text);
    size_t from = bytes.len - str_trim_left(bytes).len;
    size_t to = from + first_word(str_part(bytes, from, bytes.len));
    value name = part(loader, text, from, to);
    size_t rest = to;
    while (rest < bytes.len && (bytes.ptr[rest] == ' ' || bytes.ptr[rest] == '\t')) {
        rest++;
    }
    ret->name = value_as_str(name);
    ret->at = name.at;
    ret->thing = rest < bytes.len ? part(loader, text, rest, bytes.len) : value_null();
    return ret->name.len > 0;
}

/* { module: copy, src: a, args: { ... } } */
static bool split_map(struct loader *loader, value map, struct action_call_text *ret)
{
    value module = value_get(map, S("module"));
    if (!value_is(module, VALUE_STR) || !split_text(loader, module, ret)) {
        return false;
    }
    ret->more = ret->thing;
    struct map_builder args = map_in(loader->arena);
    for (size_t i = 0; i < value_count(map); i++) {
        value key = value_map_key(map, i), v = value_map_value(map, i);
        bool is_args = value_is(key, VALUE_STR) && str_eq(value_as_str(key), S("args"));
        if (is_args && value_is(v, VALUE_MAP)) {
            for (size_t k = 0; k < value_count(v); k++) {
                map_set(&args, value_map_key(v, k), value_map_value(v, k));
            }
        } else if (!value_is(key, VALUE_STR) || !str_eq(value_as_str(key), S("module"))) {
            map_set(&args, key, v);
        }
    }
    ret->thing = value_at(map_seal(&args), map.at);
    return true;
}

static bool old_style(const struct context *context, value key, value v,
                      struct action_call_text *ret)
{
    if ((value_is(v, VALUE_STR) && split_text(context->loader, v, ret)) ||
        (value_is(v, VALUE_MAP) && split_map(context->loader, v, ret))) {
        return true;
    }
    struct diag *diag = load_error(context->loader, LOAD_SYNTAX, v.at, "'%.*s' names no module",
                                   SARG(value_as_str(key)));
    diag_hint(diag, "write '%.*s: MODULE name=value ...', or a map with a key 'module'",
              SARG(value_as_str(key)));
    return false;
}

static bool is_task_keyword(str name)
{
    const struct keyword_row *row = keyword_find(name);
    return (row && (row->where & (ON_TASK | ON_HANDLER))) || str_starts(name, S("with_"));
}

struct candidates {
    VEC(value) keys;
    VEC(value) values;
    size_t known; /* how many of them are names of actions */
};

static struct candidates find_candidates(const struct context *context, value map)
{
    struct candidates found = { 0 };
    struct arena *arena = context->loader->arena;
    for (size_t i = 0; i < value_count(map); i++) {
        value key = value_map_key(map, i);
        if (!value_is(key, VALUE_STR) || is_task_keyword(value_as_str(key))) {
            continue;
        }
        *VEC_PUSH(arena, &found.keys) = key;
        *VEC_PUSH(arena, &found.values) = value_map_value(map, i);
        found.known += load_is_action(context, value_as_str(key));
    }
    return found;
}

static void refuse_unknown_key(const struct context *context, value key, bool has_action)
{
    struct loader *loader = context->loader;
    str name = value_as_str(key);
    const struct keyword_row *row = keyword_find(name);
    if (row) {
        struct diag *diag =
            load_error(loader, LOAD_SYNTAX, key.at, "'%.*s' cannot be given to a task", SARG(name));
        if (row->keyword == KW_HOSTS && !has_action) {
            diag_hint(diag, "this is a play; a file of plays is taken in by import_playbook");
        } else if (row->where == ON_PLAY) {
            diag_hint(diag, "it is a keyword of plays");
        }
        return;
    }
    struct diag *diag =
        load_error(loader, LOAD_SYNTAX, key.at,
                   "'%.*s' is neither a keyword of a task nor a module", SARG(name));
    size_t count;
    const str *names = keyword_names(loader->arena, ON_TASK, &count);
    diag_suggest(diag, name, names, count);
    names = load_action_names(loader, &count);
    diag_suggest(diag, name, names, count);
    if (str_is_none(diag->hint)) {
        diag_hint(diag, "arguments of a module are indented deeper than its name");
    }
}

/* More than one key could be the action: some are misspelt keywords, or a "- " is missing. */
static void refuse_conflict(const struct context *context, const struct candidates *found,
                            const struct action_call_text *action)
{
    struct loader *loader = context->loader;
    str first = STR_NONE;
    span first_at = SPAN_NONE;
    if (action) {
        first = action->name;
        first_at = action->at;
    }
    for (size_t i = 0; i < found->keys.len; i++) {
        value key = found->keys.items[i];
        if (!load_is_action(context, value_as_str(key))) {
            refuse_unknown_key(context, key, action || found->known > 0);
        } else if (str_is_none(first)) {
            first = value_as_str(key);
            first_at = key.at;
        } else {
            struct diag *diag =
                load_error(loader, LOAD_SYNTAX, key.at, "a second module in one task: '%.*s'",
                           SARG(value_as_str(key)));
            diag_note(diag, first_at, "the first is '%.*s'", SARG(first));
            diag_hint(diag, "for two tasks, put '- ' before '%.*s'", SARG(value_as_str(key)));
        }
    }
}

static bool refuse_no_action(const struct context *context, value map)
{
    span at = value_count(map) > 0 ? value_map_key(map, 0).at : map.at;
    struct diag *diag =
        load_error(context->loader, LOAD_SYNTAX, at, "a task without a module: it does nothing");
    if (value_is_defined(value_get(map, S("name")))) {
        diag_hint(diag, "what it does stands beside 'name', without a '- ' of its own");
    }
    return false;
}

bool load_action_text(const struct context *context, value map, struct action_call_text *ret)
{
    struct loader *loader = context->loader;
    struct candidates found = find_candidates(context, map);
    value action = value_get(map, S("action")), local = value_get(map, S("local_action"));
    *ret = (struct action_call_text){ .thing = value_null(), .more = value_null() };

    if (value_is_defined(action) && value_is_defined(local)) {
        load_error(loader, LOAD_SYNTAX, local.at,
                   "'action' and 'local_action' cannot both be given");
        return false;
    }
    if (value_is_defined(action) || value_is_defined(local)) {
        ret->old_style = true;
        ret->local = value_is_defined(local);
        value key = value_str(loader->arena, ret->local ? S("local_action") : S("action"));
        if (!old_style(context, key, ret->local ? local : action, ret)) {
            return false;
        }
        if (found.keys.len > 0) {
            refuse_conflict(context, &found, ret);
            return false;
        }
        return true;
    }
    if (found.keys.len == 0) {
        return refuse_no_action(context, map);
    }
    if (found.keys.len > 1) {
        refuse_conflict(context, &found, NULL);
        return false;
    }
    ret->name = value_as_str(found.keys.items[0]);
    ret->at = found.keys.items[0].at;
    ret->thing = found.values.items[0];
    return true;
}

/* ---- arguments ---- */

static bool is_one_of(str name, const str *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

/* Of a command's text only a few names are taken out ("creates=x"); the rest is the command. */
static bool text_is_command(const struct task *task)
{
    static const str names[] = { S_INIT("command"),
                                 S_INIT("shell"),
                                 S_INIT("script"),
                                 S_INIT("raw"),
                                 S_INIT("win_command"),
                                 S_INIT("win_shell"),
                                 S_INIT("ansible.windows.win_command"),
                                 S_INIT("ansible.windows.win_shell") };
    return (task->module && task->module->free_form) ||
           is_one_of(load_short_name(task->action), names, ARRAY_LEN(names));
}

/* Text that is no name=value is allowed: "command: uptime", "meta: noop". */
static bool takes_text(const struct task *task)
{
    static const str names[] = { S_INIT("import_tasks"), S_INIT("import_role"), S_INIT("include"),
                                 S_INIT("include_vars"), S_INIT("set_fact"),    S_INIT("add_host"),
                                 S_INIT("group_by"),     S_INIT("meta") };
    return (task->engine_action && task->engine_action->free_form) ||
           !str_is_none(task->action_file) || text_is_command(task) ||
           is_one_of(load_short_name(task->action), names, ARRAY_LEN(names));
}

static bool take_text(const struct context *context, value text, struct task *task, value *ret_map)
{
    struct loader *loader = context->loader;
    value free = value_null();
    if (!params_split(loader->arena, loader->diags, text, text_is_command(task), ret_map, &free)) {
        if (loader->failure == LOAD_OK) {
            loader->failure = LOAD_SYNTAX;
        }
        return false;
    }
    if (!value_is(free, VALUE_STR) || value_as_str(free).len == 0) {
        return true;
    }
    if (takes_text(task)) {
        task->free_form = free;
        return true;
    }
    if (template_is_template(free)) {
        task->args_template = free;
        return true;
    }
    struct diag *diag =
        load_error(loader, LOAD_SYNTAX, free.at, "'%.*s' takes no free text: '%.*s'",
                   SARG(task->action), SARG(value_as_str(free)));
    diag_hint(diag, "write name=value, or a map below '%.*s:'", SARG(task->action));
    return false;
}

static bool take_thing(const struct context *context, const struct action_call_text *text,
                       struct task *task, value *ret_map)
{
    switch (value_kind(text->thing)) {
    case VALUE_NULL:
        return true;
    case VALUE_MAP:
        *ret_map = text->thing;
        return true;
    case VALUE_STR:
        return take_text(context, text->thing, task, ret_map);
    default:
        load_error(context->loader, LOAD_SYNTAX, text->thing.at,
                   "arguments of '%.*s' must be a map or name=value text, not %s",
                   SARG(task->action), load_kind(text->thing));
        return false;
    }
}

static void add_all(struct map_builder *map, value more)
{
    for (size_t i = 0; value_is(more, VALUE_MAP) && i < value_count(more); i++) {
        map_set(map, value_map_key(more, i), value_map_value(more, i));
    }
}

/* The keyword `args`. */
static bool take_args(const struct context *context, value args, struct task *task,
                      struct map_builder *map)
{
    if (!value_is_defined(args) || value_is(args, VALUE_NULL)) {
        return true;
    }
    if (template_is_template(args)) {
        task->args_template = args;
        return true;
    }
    if (!value_is(args, VALUE_MAP)) {
        struct diag *diag = load_error(context->loader, LOAD_SYNTAX, args.at,
                                       "'args' must be a map, not %s", load_kind(args));
        if (value_is(args, VALUE_STR)) {
            diag_hint(diag, "a variable that holds a map is written \"{{ %.*s }}\"",
                      SARG(value_as_str(args)));
        }
        return false;
    }
    add_all(map, args);
    return true;
}

static bool refuse_internal(const struct context *context, const struct task *task, value map)
{
    for (size_t i = 0; i < value_count(map); i++) {
        value key = value_map_key(map, i);
        if (value_is(key, VALUE_STR) && str_starts(value_as_str(key), S("_ansible_"))) {
            load_error(context->loader, LOAD_FAILED, key.at,
                       "'%.*s' is internal to Ansible and cannot be given to '%.*s'",
                       SARG(value_as_str(key)), SARG(task->action));
            return false;
        }
    }
    return true;
}

bool load_args(const struct context *context, const struct action_call_text *text, value args,
               struct task *task)
{
    struct map_builder map = map_in(context->loader->arena);
    value own = value_null(), more = value_null();
    value nothing = { .kind = VALUE_UNDEFINED };
    task->free_form = task->args_template = task->args = nothing;
    if (!take_args(context, args, task, &map) || !take_thing(context, text, task, &own) ||
        (value_is(text->more, VALUE_STR) && !take_text(context, text->more, task, &more))) {
        return false;
    }
    add_all(&map, own);
    add_all(&map, more);
    value all = map_seal(&map);
    if (value_count(all) > 0) {
        task->args = value_at(all, text->thing.at);
    }
    return refuse_internal(context, task, all);
}

/* ---- arguments of imports and includes ---- */

value load_option(const struct task *task, const char *name)
{
    if (!value_is(task->args, VALUE_MAP)) {
        return (value){ .kind = VALUE_UNDEFINED };
    }
    return value_get(task->args, str_of(name));
}

/* Keywords stand beside an import, and within `apply` of an include. */
static void hint_option(struct diag *diag, str name, bool is_import)
{
    if (is_import && str_eq(name, S("apply"))) {
        diag_hint(diag, "keywords beside an import reach the tasks within");
    } else if (keyword_find(name) && is_import) {
        diag_hint(diag,
                  "it is a keyword: indent it as the import is, and it reaches the tasks within");
    } else if (keyword_find(name)) {
        diag_hint(diag, "to give it to the tasks inside, use 'apply:' of the include");
    } else {
        diag_hint(diag, "variables for what it brings stand in 'vars' of the task");
    }
}

bool load_check_options(const struct context *context, const struct task *task,
                        const char *const *names)
{
    str known[16];
    size_t count = 0;
    while (names[count]) {
        known[count] = str_of(names[count]);
        count++;
    }
    bool ok = true;
    size_t given = value_is(task->args, VALUE_MAP) ? value_count(task->args) : 0;
    for (size_t i = 0; i < given; i++) {
        value key = value_map_key(task->args, i);
        bool found = false;
        for (size_t k = 0; k < count && value_is(key, VALUE_STR); k++) {
            found |= str_eq(known[k], value_as_str(key));
        }
        if (!found) {
            str name = value_is(key, VALUE_STR) ? value_as_str(key) : S("?");
            struct diag *diag =
                load_error(context->loader, LOAD_SYNTAX, key.at, "'%.*s' has no option '%.*s'",
                           SARG(task->action), SARG(name));
            diag_suggest(diag, name, known, count);
            hint_option(diag, name, str_find(task->action, S("import"), 0) != STR_NPOS);
            ok = false;
        }
    }
    return ok;
}
