/*
 * debug - print a message or the value of an expression.
 */
#include "engine/actions/actions.h"
#include "engine/state.h"

struct debug_params {
    value msg, var;
    int64_t verbosity;
};

static const struct param params[] = {
    PARAM(struct debug_params, msg, .type = PARAM_RAW,
          .doc = "What to print; 'Hello world!' if neither msg nor var is given."),
    PARAM(struct debug_params, var, .type = PARAM_RAW,
          .doc = "Name of a variable, or an expression, whose value is printed."),
    PARAM(struct debug_params, verbosity, .type = PARAM_INT,
          .doc = "Print only with so many -v or more."),
    PARAM_END,
};

/* The key under which a variable is shown: its name as written. */
static str shown_name(struct arena *arena, value var)
{
    return value_is(var, VALUE_LIST)  ? S("<class 'list'>")
           : value_is(var, VALUE_MAP) ? S("<class 'dict'>")
                                      : shown_text(arena, var);
}

/* "name" or "name.key.0": looked up, it does nothing, whoever wrote it. */
static bool is_name(str s)
{
    bool ok = s.len > 0 && !(s.ptr[0] >= '0' && s.ptr[0] <= '9');
    for (size_t i = 0; ok && i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool dot = c == '.' && i > 0 && i + 1 < s.len && s.ptr[i - 1] != '.';
        ok = letter || dot || (c >= '0' && c <= '9');
    }
    return ok;
}

/* As "{{ name }}" gives it, so that a number within something is a text. A name that is not defined
 * is told, and is no failure. */
static bool variable(struct eval *eval, value var, value *ret)
{
    struct eval quiet = *eval;
    quiet.diags = diags_new(eval->arena, eval->diags->sources);
    *ret = var;
    if (!value_is(var, VALUE_STR) || !(value_is_trusted(var) || is_name(value_as_str(var)))) {
        return true;
    }
    str text = str_format(eval->arena, "{{%.*s}}", SARG(value_as_str(var)));
    value braced = value_trusted(value_at(value_str(eval->arena, text), var.at));
    if (template_value(&quiet, braced, ret) && !value_is(*ret, VALUE_UNDEFINED)) {
        return true;
    }
    if (quiet.failure != TEMPLATE_UNDEFINED && quiet.diags->errors > 0) {
        diags_append(eval->diags, quiet.diags);
        return false;
    }
    /* what a template gave may name nothing, and be the value that was meant */
    *ret = value_is_trusted(var) ? value_str(eval->arena, S("VARIABLE IS NOT DEFINED!")) : var;
    return true;
}

static bool debug_run(struct action_call *call, struct action_outcome *ret)
{
    struct debug_params with_null = *(const struct debug_params *)call->params;
    const struct debug_params *want = &with_null;
    struct arena *arena = call->eval->arena;
    with_null.msg = value_get(call->args, S("msg")); /* null is a message */
    if (want->verbosity > (int64_t)call->run->options.verbosity) {
        struct map_builder skipped = map_in(arena);
        map_set_str(&skipped, S("changed"), value_bool(false));
        map_set_str(&skipped, S("skipped"), value_bool(true));
        map_set_str(&skipped, S("skipped_reason"),
                    value_str(arena, S("Verbosity threshold not met.")));
        ret->result = map_seal(&skipped);
        return true;
    }
    if (!value_is(want->msg, VALUE_UNDEFINED) && !value_is(want->var, VALUE_UNDEFINED)) {
        diag_error(call->eval->diags, want->var.at, "'msg' and 'var' exclude each other");
        return false;
    }
    str key = S("msg");
    value v = want->msg;
    if (!value_is(want->var, VALUE_UNDEFINED)) {
        key = shown_name(arena, want->var);
        if (!variable(call->eval, want->var, &v)) {
            return false;
        }
    } else if (value_is(v, VALUE_UNDEFINED)) {
        v = value_str(arena, S("Hello world!"));
    }
    struct map_builder show = map_in(arena);
    map_set_str(&show, key, v);
    ret->show = map_seal(&show);
    ret->show_always = true;
    ret->result = action_result(arena, false, key, v);
    return true;
}

const struct engine_action action_debug = {
    .name = S_INIT("debug"),
    .summary = "Print a message or a value",
    .params = params,
    .params_size = sizeof(struct debug_params),
    .quiet = true,
    .run = debug_run,
};
