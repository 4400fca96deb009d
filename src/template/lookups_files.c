/* lookups_files.c - file, template, fileglob, first_found, unvault. */
#include "base/path.h"
#include "base/tree.h"
#include "base/utf8.h"
#include "template/lookup.h"
#include "template/text.h"

bool glob_files(struct arena *arena, str pattern, value *ret)
{
    struct name_list found;
    struct list_builder list = list_in(arena);
    tree_glob(arena, pattern, &found);
    for (size_t i = 0; i < found.len; i++) {
        struct stat st;
        if (tree_stat(found.items[i], &st) && S_ISREG(st.st_mode)) {
            list_add(&list, value_str(arena, found.items[i]));
        }
    }
    *ret = list_seal(&list);
    return true;
}

static bool need_file(struct call *call, const char *kind, str name, str *ret_path)
{
    if (find_file(call->eval, kind, name, ret_path)) {
        return true;
    }
    struct diag *diag =
        render_error(call->render, call->at, TEMPLATE_FAILED, "%s '%s': file '%.*s' is not found",
                     call->kind, call->row->name, SARG(name));
    note_file_places(call->eval, diag, kind, name);
    return false;
}

/* The text of a file, decrypted if it is a vault. */
static bool read_text(struct call *call, str path, value *ret)
{
    str text;
    const struct template_hooks *hooks = &call->eval->env->hooks;
    span at = place_in_source(call->render, call->at);
    if (!read_file(call->eval, at, path, &text)) {
        return false;
    }
    if (!str_starts(text, S("$ANSIBLE_VAULT;"))) {
        *ret = value_str(call->arena, utf8_repair(call->arena, text));
        return true;
    }
    if (hooks->vault == NULL) {
        return call_fail(call, "'%.*s' is encrypted, and there is no vault password", SARG(path));
    }
    if (!hooks->vault(hooks->data, call->eval->diags, text, at, ret)) {
        call->eval->failure = TEMPLATE_FAILED;
        return false;
    }
    *ret = value_secret_all(call->arena, *ret);
    return true;
}

static bool lookup_file(struct call *call, value *ret)
{
    static const char *const options[] = { "rstrip", "lstrip", NULL };
    struct list_builder list = list_in(call->arena);
    bool right, left;
    if (!lookup_options(call, options) || !lookup_flag(call, "rstrip", true, &right) ||
        !lookup_flag(call, "lstrip", false, &left)) {
        return false;
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        str name, path;
        value text;
        size_t from, to;
        if (!call_need_str(call, call->rest[i], &name) || !need_file(call, "files", name, &path) ||
            !read_text(call, path, &text)) {
            return false;
        }
        trim_bounds(value_as_str(text), STR_NONE, left, right, &from, &to);
        list_add(&list, value_part(call->arena, text, from, to));
    }
    return call_give(ret, list_seal(&list));
}

static bool lookup_unvault(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < call->rest_count; i++) {
        str name, path;
        value text;
        if (!call_need_str(call, call->rest[i], &name) || !need_file(call, "files", name, &path) ||
            !read_text(call, path, &text)) {
            return false;
        }
        list_add(&list, text);
    }
    return call_give(ret, list_seal(&list));
}

/* A scope with further variables, above all others. */
static struct scope *scope_with(struct call *call, value vars)
{
    const struct scope *outer = call->eval->scope;
    size_t count = outer != NULL ? outer->count : 0;
    struct scope *scope = NEW(call->arena, struct scope);
    if (outer != NULL) {
        *scope = *outer;
    }
    value *layers = NEW_ARRAY(call->arena, value, count + 1);
    layers[0] = vars;
    for (size_t i = 0; i < count; i++) {
        layers[i + 1] = outer->layers[i];
    }
    scope->layers = layers;
    scope->count = count + 1;
    scope->memo = NULL;
    return scope;
}

static bool template_options(struct call *call, struct template_file_options *ret,
                             bool *ret_convert)
{
    struct {
        const char *name;
        str *text;
    } texts[] = { { "variable_start_string", &ret->variable_start },
                  { "variable_end_string", &ret->variable_end },
                  { "block_start_string", &ret->block_start },
                  { "block_end_string", &ret->block_end },
                  { "comment_start_string", &ret->comment_start },
                  { "comment_end_string", &ret->comment_end } };
    static const char *const names[] = {
        "convert_data",     "template_vars",         "trim_blocks",         "lstrip_blocks",
        "jinja2_native",    "variable_start_string", "variable_end_string", "block_start_string",
        "block_end_string", "comment_start_string",  "comment_end_string",  NULL
    };
    if (!lookup_options(call, names)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (!lookup_text(call, texts[i].name, STR_NONE, texts[i].text)) {
            return false;
        }
    }
    return lookup_flag(call, "trim_blocks", true, &ret->trim_blocks) &&
           lookup_flag(call, "lstrip_blocks", false, &ret->lstrip_blocks) &&
           lookup_flag(call, "convert_data", true, ret_convert);
}

static bool render_named(struct call *call, str name, struct template_file_options options,
                         bool convert, value *ret)
{
    str path;
    value text;
    if (!need_file(call, "templates", name, &path) || !read_text(call, path, &text)) {
        return false;
    }
    const struct source *source = source_add(call->eval->env->sources, path, value_as_str(text));
    text = value_trusted(text);
    text = source != NULL ? value_at(text, source_span(source, 0, value_as_str(text).len)) : text;
    struct compile_options compile;
    file_options(call->eval, options, &compile);
    value vars = lookup_option(call, "template_vars", value_null());
    struct scope *outer = call->eval->scope;
    if (value_is(vars, VALUE_MAP)) {
        call->eval->scope = scope_with(call, vars);
    }
    struct trail trail = { call->eval->state->trail, TRAIL_INCLUDE, STR_NONE, call->render,
                           call->at };
    call->eval->state->trail = &trail;
    bool ok = render_file(call->eval, text, compile, convert, ret);
    call->eval->state->trail = trail.outer;
    call->eval->scope = outer;
    return ok;
}

static bool lookup_template(struct call *call, value *ret)
{
    struct template_file_options options = TEMPLATE_FILE_DEFAULTS;
    struct list_builder list = list_in(call->arena);
    bool convert;
    if (!template_options(call, &options, &convert)) {
        return false;
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        str name;
        value text;
        if (!call_need_str(call, call->rest[i], &name) ||
            !render_named(call, name, options, convert, &text)) {
            return false;
        }
        text.flags |= !convert && value_is(text, VALUE_STR) ? FLAG_NATIVE : 0;
        list_add(&list, text);
    }
    return call_give(ret, list_seal(&list));
}

static bool lookup_fileglob(struct call *call, value *ret)
{
    struct list_builder list = list_in(call->arena);
    for (size_t i = 0; i < call->rest_count; i++) {
        str pattern;
        if (!call_need_str(call, call->rest[i], &pattern)) {
            return false;
        }
        value found = value_list(call->arena, NULL, 0);
        bool anywhere = path_is_absolute(pattern) || call->eval->search_count == 0;
        if (anywhere) {
            (void)glob_files(call->arena, pattern, &found);
        }
        for (size_t k = 0; !anywhere && value_count(found) == 0 && k < call->eval->search_count;
             k++) {
            str dir = call->eval->search_paths[k];
            str files = path_join(call->arena, path_join(call->arena, dir, S("files")), pattern);
            (void)glob_files(call->arena, files, &found);
            if (value_count(found) == 0) {
                (void)glob_files(call->arena, path_join(call->arena, dir, pattern), &found);
            }
        }
        for (size_t k = 0; k < value_count(found); k++) {
            list_add(&list, value_item(found, k));
        }
    }
    return call_give(ret, list_seal(&list));
}

/* ---- first_found ---- */

/* "a, b;c" or a list; for paths a colon parts them, too. */
static void split_names(struct call *call, value v, bool colons, struct list_builder *out)
{
    if (value_is(v, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(v); i++) {
            split_names(call, value_item(v, i), colons, out);
        }
        return;
    }
    if (!value_is(v, VALUE_STR)) {
        return;
    }
    str rest = str_replace(call->arena, value_as_str(v), S(";"), S(","));
    rest = colons ? str_replace(call->arena, rest, S(":"), S(",")) : rest;
    while (!str_is_none(rest)) {
        str name = str_trim(str_cut(&rest, ','));
        if (name.len > 0) {
            list_add(out, value_str(call->arena, name));
        }
    }
}

static bool flag_of(struct call *call, value v, bool *ret)
{
    struct call_args none = { .at = call->at, .keywords = { .kind = VALUE_UNDEFINED } };
    return call_filter(call, S("bool"), v, &none, &v) && call_truth(call, v, ret);
}

/* The names that a term stands for. */
static bool candidates(struct call *call, value term, struct list_builder *out, bool *skip)
{
    if (value_is(term, VALUE_LIST)) {
        for (size_t i = 0; i < value_count(term); i++) {
            if (!candidates(call, value_item(term, i), out, skip)) {
                return false;
            }
        }
        return true;
    }
    if (value_is(term, VALUE_STR)) {
        list_add(out, term);
        return true;
    }
    if (!value_is(term, VALUE_MAP)) {
        return call_fail(call, "a term is a string or a map, not %s %s", A_TYPE(term));
    }
    struct list_builder files = list_in(call->arena), paths = list_in(call->arena);
    value flag = value_get(term, S("skip"));
    split_names(call, value_get(term, S("files")), false, &files);
    split_names(call, value_get(term, S("paths")), true, &paths);
    if (!value_is(flag, VALUE_UNDEFINED) && !flag_of(call, flag, skip)) {
        return false;
    }
    for (size_t p = 0; p < paths.items.len; p++) {
        for (size_t f = 0; f < files.items.len; f++) {
            list_add(out, value_str(call->arena,
                                    path_join(call->arena, value_as_str(paths.items.items[p]),
                                              value_as_str(files.items.items[f]))));
        }
    }
    for (size_t f = 0; paths.items.len == 0 && f < files.items.len; f++) {
        list_add(out, files.items.items[f]);
    }
    for (size_t p = 0; files.items.len == 0 && p < paths.items.len; p++) {
        list_add(out, paths.items.items[p]);
    }
    return true;
}

static bool lookup_first_found(struct call *call, value *ret)
{
    struct list_builder names = list_in(call->arena);
    bool skip;
    if (!lookup_flag(call, "skip", false, &skip)) {
        return false;
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        if (!candidates(call, call->rest[i], &names, &skip)) {
            return false;
        }
    }
    if (value_count(call->keywords) > 0 && !candidates(call, call->keywords, &names, &skip)) {
        return false;
    }
    static const char *const kinds[] = { "files", "templates", "vars", "tasks" };
    for (size_t i = 0; i < names.items.len; i++) {
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            str path;
            if (find_file(call->eval, kinds[k], value_as_str(names.items.items[i]), &path)) {
                str real = tree_real(call->arena, path);
                bool keep = path_is_absolute(path) || str_is_none(real);
                value found = value_str(call->arena, keep ? path : real);
                return call_give(ret, value_list(call->arena, &found, 1));
            }
        }
    }
    if (skip) {
        return call_give(ret, value_list(call->arena, NULL, 0));
    }
    return call_fail(call, "none of %zu files is found", names.items.len);
}

const struct builtin lookups_files[] = {
    { "file", NULL, "*terms, **options", CALL_READS, lookup_file,
      "The contents of files. White space at the end is left out unless rstrip=false, that at the "
      "beginning with lstrip=true.",
      "{{ lookup('file', 'motd.txt') }} -> Welcome." },
    { "unvault", NULL, "*terms, **options", CALL_READS, lookup_unvault,
      "The contents of vault files, decrypted.",
      "{{ lookup('unvault', 'motd.txt') | trim }} -> Welcome." },
    { "template", NULL, "*terms, **options", CALL_READS, lookup_template,
      "Rendered template files. Options: template_vars, convert_data, trim_blocks, lstrip_blocks, "
      "and the marks (variable_start_string ...).",
      "{{ lookup('template', 'greeting.j2', template_vars={'name': 'you'}) }} -> Hello, you\\n" },
    { "fileglob", NULL, "*terms, **options", 0, lookup_fileglob, "The files that patterns match.",
      "{{ q('fileglob', '*.txt') | map('basename') | sort }} -> ['lines.txt', 'motd.txt']" },
    { "first_found", NULL, "*terms, **options", 0, lookup_first_found,
      "The first file that exists. Terms are names, or maps of files and paths; skip=true gives "
      "nothing where none exists.",
      "{{ lookup('first_found', ['no.txt', 'motd.txt']) | basename }} -> motd.txt\n"
      "{{ q('first_found', ['no.txt'], skip=true) }} -> []" },
    { 0 },
};
