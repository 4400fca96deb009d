/* lookup.c - lookup(), query(), with_*: finding the row, errors=, wantlist=, joining. */
#include "template/lookup.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/path.h"
#include "base/tree.h"
#include "base/utf8.h"

/* ---- files, as lookups and includes find them ---- */

/* Where a file may be, the first place first. */
static void file_places(struct eval *eval, const char *kind, str name, struct name_list *ret)
{
    *ret = (struct name_list){ 0 };
    for (size_t i = 0; i < eval->search_count && !path_is_absolute(name); i++) {
        str dir = eval->search_paths[i];
        str below = path_join(eval->arena, dir, str_of(kind));
        *VEC_PUSH(eval->arena, ret) = path_join(eval->arena, below, name);
        *VEC_PUSH(eval->arena, ret) = path_join(eval->arena, dir, name);
    }
    if (ret->len == 0) {
        *VEC_PUSH(eval->arena, ret) = name;
    }
}

bool find_file(struct eval *eval, const char *kind, str name, str *ret_path)
{
    struct name_list places;
    file_places(eval, kind, name, &places);
    for (size_t i = 0; i < places.len; i++) {
        if (tree_exists(places.items[i])) {
            *ret_path = places.items[i];
            return true;
        }
    }
    *ret_path = name;
    return false;
}

void note_file_places(struct eval *eval, struct diag *diag, const char *kind, str name)
{
    struct name_list places;
    file_places(eval, kind, name, &places);
    for (size_t i = 0; i < eval->search_count; i++) {
        diag_note(diag, SPAN_NONE, "looked in '%.*s'", SARG(eval->search_paths[i]));
    }
    for (size_t i = 0; i < places.len && str_is_none(diag->hint); i++) {
        str near = suggest_file(eval->arena, places.items[i]);
        if (!str_is_none(near)) {
            diag_hint(diag, "did you mean '%.*s'?", SARG(near));
        }
    }
}

bool read_file(struct eval *eval, span at, str path, str *ret)
{
    CLEANUP(close_fd) int fd = tree_open(path);
    bool ok = fd >= 0 && fd_read(eval->arena, fd, MAX_TEXT, ret);
    if (!ok) {
        struct diag *diag = diag_error(eval->diags, at, "file '%.*s' cannot be read: %s",
                                       SARG(path), tree_why(errno));
        add_trail(eval, diag);
        eval->failure = TEMPLATE_FAILED;
    }
    return ok;
}

bool find_template(struct eval *eval, str name, value *ret, bool *ret_found)
{
    *ret_found = value_is(eval->templates, VALUE_MAP) && value_map_get(eval->templates, name, ret);
    if (*ret_found) {
        return true;
    }
    str path, text;
    if (value_is(eval->templates, VALUE_MAP) || !find_file(eval, "templates", name, &path)) {
        return true;
    }
    if (!read_file(eval, SPAN_NONE, path, &text)) {
        return false;
    }
    const struct source *source = source_add(eval->env->sources, path, text);
    value v = value_trusted(value_str(eval->arena, text));
    *ret = source != NULL ? value_at(v, source_span(source, 0, text.len)) : v;
    *ret_found = true;
    return true;
}

/* ---- options ---- */

value lookup_option(const struct call *call, const char *name, value fallback)
{
    (void)value_map_get(call->keywords, str_of(name), &fallback);
    return fallback;
}

bool lookup_flag(struct call *call, const char *name, bool fallback, bool *ret)
{
    value v = lookup_option(call, name, value_bool(fallback));
    struct call_args none = { .at = call->at, .keywords = { .kind = VALUE_UNDEFINED } };
    if (value_is(v, VALUE_STR) && !call_filter(call, S("bool"), v, &none, &v)) {
        return false;
    }
    return call_truth(call, v, ret);
}

bool lookup_text(struct call *call, const char *name, str fallback, str *ret)
{
    value v = lookup_option(call, name, value_null());
    *ret = fallback;
    if (value_is(v, VALUE_NULL)) {
        return true;
    }
    if (!call_text(call, v, &v)) {
        return false;
    }
    *ret = value_as_str(v);
    return true;
}

bool lookup_options(struct call *call, const char *const *names)
{
    for (size_t i = 0; i < value_count(call->keywords); i++) {
        str given = value_as_str(value_map_key(call->keywords, i));
        bool known = false;
        for (size_t k = 0; names[k] != NULL; k++) {
            known |= str_eq(given, str_of(names[k]));
        }
        if (!known) {
            return call_fail(call, "has no option '%.*s'", SARG(given));
        }
    }
    return true;
}

bool lookup_terms(struct call *call, const value **ret, size_t *ret_count)
{
    *ret = call->rest;
    *ret_count = call->rest_count;
    return true;
}

/* ---- calls ---- */

static bool unknown_lookup(struct render *r, str name, span at)
{
    struct diag *diag =
        render_error(r, at, TEMPLATE_FAILED, "no lookup is called '%.*s'", SARG(name));
    size_t count;
    const str *names = name_table_names(r->arena, &r->eval->env->lookups, &count);
    diag_suggest(diag, name, names, count);
    return false;
}

static void tell_of_act(const struct render *r, const struct function *function)
{
    const struct template_hooks *hooks = &r->eval->env->hooks;
    if ((function->row->flags & CALL_ACTS) != 0 && hooks->acts != NULL) {
        hooks->acts(hooks->data);
    }
}

static bool call_lookup(struct render *r, const struct function *function,
                        const struct call_args *args, value *ret_list)
{
    if (r->eval->tentative && (function->row->flags & (CALL_ACTS | CALL_READS)) != 0) {
        render_error(r, args->at, TEMPLATE_FAILED, "'%.*s' waits for its turn",
                     SARG(function->name));
        return false;
    }
    tell_of_act(r, function);
    bool ok = function_call(r, function, value_null(), args, ret_list);
    tell_of_act(r, function);
    return ok;
}

/* Each term that is a list is given as its items; what comes from outside is not trusted. */
static bool run(struct render *r, str name, const value *terms, size_t count, value keywords,
                span at, value *ret_list)
{
    const struct function *function = env_lookup(r->eval->env, name);
    if (function == NULL) {
        return unknown_lookup(r, name, at);
    }
    for (size_t i = 0; i < count; i++) {
        if (value_is(terms[i], VALUE_UNDEFINED)) {
            return report_undefined(r, terms[i], at);
        }
        if (value_is(terms[i], VALUE_UNKNOWN)) {
            return call_give(ret_list, value_unknown());
        }
    }
    struct call_args args = { terms, count, keywords, at };
    if (!call_lookup(r, function, &args, ret_list)) {
        return false;
    }
    r->state->tainted |= r->state->track_taint;
    *ret_list = value_untrust_all(r->arena, *ret_list);
    return true;
}

/* A map where a list of terms is wanted: some go through its keys, as over any map in Python,
 * others refuse it. */
static bool terms_of_map(struct render *r, str name, value *terms, span at)
{
    static const str keys[] = { S_INIT("items"), S_INIT("nested"), S_INIT("cartesian"),
                                S_INIT("together") };
    static const str lists[] = { S_INIT("list"), S_INIT("indexed_items"), S_INIT("flattened") };
    str bare = str_part(name, str_rfind(name, S(".")) == STR_NPOS ? 0 : str_rfind(name, S(".")) + 1,
                        name.len);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        if (str_eq(bare, lists[i])) {
            diag_hint(
                render_error(r, at, TEMPLATE_FAILED, "'%.*s' needs a list, not a map", SARG(bare)),
                "loop over a map with 'dict2items'");
            return false;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const value *items;
        size_t count;
        if (str_eq(bare, keys[i])) {
            bool ok = iterate(r, *terms, at, &items, &count);
            *terms = ok ? value_list(r->arena, items, count) : *terms;
            return ok;
        }
    }
    return true;
}

bool lookup_run(struct render *r, str name, value terms, span at, value *ret_list)
{
    if (value_is(terms, VALUE_MAP) && !terms_of_map(r, name, &terms, at)) {
        return false;
    }
    value none = { .kind = VALUE_UNDEFINED };
    size_t count = 1;
    const value *items = &terms;
    if (value_is(terms, VALUE_UNKNOWN)) {
        return call_give(ret_list, terms);
    }
    if (value_is(terms, VALUE_LIST)) {
        items = value_items(terms, &count);
    }
    return run(r, name, items, count, none, at, ret_list);
}

/* "a,b" where all are texts, one value as it is, else the list. */
static bool join_results(struct call *call, value list, value *ret)
{
    size_t count;
    const value *items = value_items(list, &count);
    if (count == 1) {
        return call_give(ret, items[0]);
    }
    struct textbuf out = textbuf_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        if (!value_is(items[i], VALUE_STR)) {
            return call_give(ret, list);
        }
        if (i > 0) {
            textbuf_add_char(&out, ',');
        }
        textbuf_add_value(&out, items[i]);
    }
    return call_give(ret, textbuf_value(&out));
}

static value without_options(struct call *call)
{
    struct map_builder map = map_from(call->arena, call->keywords);
    map_remove(&map, value_str(call->arena, S("wantlist")));
    map_remove(&map, value_str(call->arena, S("errors")));
    return map_seal(&map);
}

static bool failed_quietly(struct call *call, str errors, struct diag_mark mark, bool as_list,
                           value *ret)
{
    if (call->eval->failure != TEMPLATE_FAILED || str_eq(errors, S("strict"))) {
        return false;
    }
    diags_forget(call->eval, mark);
    *ret = as_list ? value_list(call->arena, NULL, 0) : value_null();
    return true;
}

bool lookup_call(struct call *call, bool as_list, value *ret)
{
    str name, errors;
    bool wantlist;
    if (call->rest_count == 0) {
        return call_fail(call, "needs the name of a lookup");
    }
    if (!call_need_str(call, call->rest[0], &name) ||
        !lookup_flag(call, "wantlist", as_list, &wantlist) ||
        !lookup_text(call, "errors", S("strict"), &errors)) {
        return false;
    }
    struct diag_mark mark = diags_mark(call->eval);
    value list;
    const value *terms = call->rest + 1;
    size_t count = call->rest_count - 1;
    if (!run(call->render, name, terms, count, without_options(call), call->at, &list)) {
        return failed_quietly(call, errors, mark, wantlist, ret);
    }
    if (wantlist || !value_is(list, VALUE_LIST)) {
        return call_give(ret, list);
    }
    if (value_count(list) == 0) {
        return call_give(ret, value_list(call->arena, NULL, 0));
    }
    return join_results(call, list, ret);
}
