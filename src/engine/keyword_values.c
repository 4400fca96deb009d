/*
 * keyword_values.c - what keywords say in the end, as a truth, a number, a name.
 */
#include "engine/state.h"

#include <stdlib.h>

#include "engine/keywords.h"

bool keyword_value(struct eval *eval, const struct node *node, enum keyword keyword, value *ret)
{
    *ret = (value){ .kind = VALUE_UNDEFINED };
    for (; node != NULL; node = node->parent) {
        value v = node_own(node, keyword);
        if (value_is(v, VALUE_UNDEFINED)) {
            continue;
        }
        if (!template_value(eval, v, &v)) {
            return false;
        }
        if (!template_is_omit(v)) { /* `omit`: as if it were not given here */
            *ret = v;
            return true;
        }
    }
    return true;
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
