/*
 * include_vars - variables from files on the controller, for the rest of the run.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/tree.h"
#include "engine/actions/actions.h"
#include "engine/params.h"
#include "engine/state.h"
#include "formats/pyregex.h"
#include "template/scope.h"

struct include_vars_params {
    value file, dir, _raw_params;
    str name, files_matching, hash_behaviour;
    struct str_list ignore_files, extensions;
    bool ignore_unknown_extensions;
    int64_t depth;
};

static const struct param params[] = {
    PARAM(struct include_vars_params, file, .type = PARAM_RAW, .doc = "A file, searched in vars/."),
    PARAM(struct include_vars_params, _raw_params, .type = PARAM_RAW,
          .doc = "The same, as free form."),
    PARAM(struct include_vars_params, dir, .type = PARAM_RAW,
          .doc = "All files of a directory, in order."),
    PARAM(struct include_vars_params, name, .type = PARAM_STR,
          .doc = "Put the variables into a map of this name."),
    PARAM(struct include_vars_params, depth, .type = PARAM_INT, .fallback = "0",
          .doc = "How many levels of directories; 0: all."),
    PARAM(struct include_vars_params, files_matching, .type = PARAM_STR,
          .doc = "Regular expression: only names in which it is found."),
    PARAM(struct include_vars_params, ignore_files, .type = PARAM_LIST,
          .doc = "Regular expressions: names that end like one are left out."),
    PARAM(struct include_vars_params, extensions, .type = PARAM_LIST, .fallback = "yaml,yml,json",
          .doc = "Extensions that are read; \"\" is that of a name without one."),
    PARAM(struct include_vars_params, ignore_unknown_extensions, .type = PARAM_BOOL,
          .doc = "Leave other files out instead of failing."),
    PARAM(struct include_vars_params, hash_behaviour, .type = PARAM_STR,
          .doc = "replace (the default)."),
    PARAM_END,
};

struct vars_work {
    struct action_call *call;
    const struct include_vars_params *want;
    struct map_builder vars;
    struct list_builder files;
};

static bool add_file(struct vars_work *work, str path)
{
    struct run *run = work->call->run;
    struct arena *arena = work->call->eval->arena;
    value vars;
    pthread_mutex_lock(&run->load_lock);
    struct diags *before = run->loader.diags;
    run->loader.diags = work->call->eval->diags;
    bool ok = vars_file_load(&run->loader, path, &vars);
    run->loader.diags = before;
    pthread_mutex_unlock(&run->load_lock);
    for (size_t i = 0; ok && value_is(vars, VALUE_MAP) && i < value_count(vars); i++) {
        map_set(&work->vars, value_map_key(vars, i), value_map_value(vars, i));
    }
    list_add(&work->files, value_str(arena, path));
    return ok;
}

/* An extension of the list; "" is that of a name without one. */
static bool has_extension(const struct str_list *extensions, str path)
{
    str extension = path_extension(path);
    str bare = extension.len == 0 ? STR_EMPTY : str_part(extension, 1, extension.len);
    for (size_t i = 0; i < extensions->count; i++) {
        if (str_eq(bare, extensions->items[i])) {
            return true;
        }
    }
    return false;
}

/* Whether one of the regular expressions is found at the end of the name. */
static bool is_ignored(const struct vars_work *work, value at, str name, bool *ret)
{
    struct eval *eval = work->call->eval;
    *ret = false;
    for (size_t i = 0; !*ret && i < work->want->ignore_files.count; i++) {
        str pattern = str_concat(eval->arena, work->want->ignore_files.items[i], S("$"));
        if (!pyregex_found(eval->diags, at.at, pattern, name, ret)) {
            return false;
        }
    }
    return true;
}

static bool add_dir_file(struct vars_work *work, value at, str path, str name)
{
    struct eval *eval = work->call->eval;
    str pattern = work->want->files_matching;
    bool found = true, ignored;
    if ((!str_is_none(pattern) && !pyregex_found(eval->diags, at.at, pattern, name, &found)) ||
        !is_ignored(work, at, name, &ignored)) {
        return false;
    }
    if (!found || ignored) {
        return true;
    }
    if (has_extension(&work->want->extensions, name)) {
        return add_file(work, path);
    }
    if (!work->want->ignore_unknown_extensions) {
        diag_error(eval->diags, at.at, "'%.*s' does not have one of the extensions to be read",
                   SARG(path));
    }
    return work->want->ignore_unknown_extensions;
}

/* The files of a directory, then those of its directories; each in order. */
static bool add_dir(struct vars_work *work, value at, str dir, int64_t depth)
{
    struct eval *eval = work->call->eval;
    struct name_list names;
    if (depth > VALUE_MAX_DEPTH || !tree_list(eval->arena, dir, &names)) {
        diag_error(eval->diags, at.at, "could not read directory '%.*s': %s", SARG(dir),
                   depth > VALUE_MAX_DEPTH ? "nested too deep" : strerror(errno));
        return false;
    }
    VEC(str) dirs = { 0 };
    for (size_t i = 0; i < names.len; i++) {
        str path = path_join(eval->arena, dir, names.items[i]);
        struct stat status;
        if (!tree_stat(path, &status)) {
            continue;
        }
        if (S_ISDIR(status.st_mode)) {
            *VEC_PUSH(eval->arena, &dirs) = path;
        } else if (!add_dir_file(work, at, path, names.items[i])) {
            return false;
        }
    }
    bool deeper = work->want->depth == 0 || depth < work->want->depth;
    for (size_t i = 0; deeper && i < dirs.len; i++) {
        if (!add_dir(work, at, dirs.items[i], depth + 1)) {
            return false;
        }
    }
    return true;
}

/* hash_behaviour: maps over those that the variables hold so far. */
static bool over_known(struct eval *eval, value *vars, bool deep)
{
    struct map_builder map = map_in(eval->arena);
    for (size_t i = 0; i < value_count(*vars); i++) {
        value key = value_map_key(*vars, i), v = value_map_value(*vars, i), known;
        bool named = value_is(v, VALUE_MAP) && value_is(key, VALUE_STR) &&
                     scope_has(eval->scope, value_as_str(key));
        if (named && !scope_get(eval, value_as_str(key), &known)) {
            return false;
        }
        bool both = named && value_is(known, VALUE_MAP);
        map_set(&map, key, both ? value_merge(eval->arena, known, v, deep) : v);
    }
    *vars = map_seal(&map);
    return true;
}

static bool include_vars_run(struct action_call *call, struct action_outcome *ret)
{
    const struct include_vars_params *want = call->params;
    struct arena *arena = call->eval->arena;
    struct vars_work work = { call, want, map_in(arena), list_in(arena) };
    value file = value_is(want->file, VALUE_UNDEFINED) ? want->_raw_params : want->file;
    str path;
    bool merges = !str_is_none(want->hash_behaviour) && str_eq(want->hash_behaviour, S("merge"));
    if (!merges && !str_is_none(want->hash_behaviour) &&
        !str_eq(want->hash_behaviour, S("replace"))) {
        diag_error(call->eval->diags, call->task->action_at,
                   "'hash_behaviour' is 'merge' or 'replace', not '%.*s'",
                   SARG(want->hash_behaviour));
        return false;
    }
    if (value_is_defined(want->dir) && value_is_defined(file)) {
        diag_error(call->eval->diags, want->dir.at, "'dir' and a file cannot both be given");
        return false;
    }
    if (value_is(want->dir, VALUE_STR)) {
        if (!search_file(call->eval, want->dir, S("vars"), "directory", &path) ||
            !add_dir(&work, want->dir, path, 1)) {
            return false;
        }
    } else if (!value_is(file, VALUE_STR)) {
        diag_error(call->eval->diags, call->task->action_at,
                   "'include_vars' needs a file or a 'dir'");
        return false;
    } else if (!search_file(call->eval, file, S("vars"), "file of variables", &path) ||
               !add_file(&work, path)) {
        return false;
    }
    value vars = map_seal(&work.vars);
    if (!str_is_none(want->name)) {
        struct map_builder named = map_in(arena);
        map_set_str(&named, want->name, vars);
        vars = map_seal(&named);
    }
    if (!str_is_none(want->hash_behaviour) &&
        merges != inventory_merges_maps(call->run->inventory) &&
        !over_known(call->eval, &vars, merges)) {
        return false;
    }
    struct map_builder result = map_in(arena);
    map_set_str(&result, S("changed"), value_bool(false));
    map_set_str(&result, S("ansible_facts"), vars);
    map_set_str(&result, S("ansible_included_var_files"), list_seal(&work.files));
    ret->host_vars = vars;
    ret->result = map_seal(&result);
    return true;
}

const struct engine_action action_include_vars = {
    .name = S_INIT("include_vars"),
    .summary = "Load variables from files",
    .params = params,
    .params_size = sizeof(struct include_vars_params),
    .free_form = true,
    .quiet = true,
    .run = include_vars_run,
};
