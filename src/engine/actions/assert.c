/*
 * assert - conditions that must hold; the first that does not fails the task.
 */
#include "engine/actions/actions.h"
#include "engine/state.h"

static value text_param(struct action_call *call, str name, str other)
{
    value v = value_get(call->args, name);
    return value_is(v, VALUE_UNDEFINED) && !str_is_none(other) ? value_get(call->args, other) : v;
}

static bool known(struct action_call *call)
{
    static const str names[] = { S_INIT("that"), S_INIT("fail_msg"), S_INIT("msg"),
                                 S_INIT("success_msg"), S_INIT("quiet") };
    for (size_t i = 0; i < value_count(call->args); i++) {
        value key = value_map_key(call->args, i);
        bool found = false;
        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
            found |= value_is(key, VALUE_STR) && str_eq(value_as_str(key), names[k]);
        }
        if (!found) {
            str shown = shown_text(call->eval->arena, key);
            struct diag *diag = diag_error(call->eval->diags, key.at,
                                           "'assert' has no parameter '%.*s'", SARG(shown));
            diag_suggest(diag, shown, names, ARRAY_LEN(names));
            return false;
        }
    }
    return true;
}

/* Messages are evaluated only when they are shown: they may name what exists in that case only. */
static bool message(struct action_call *call, value given, str fallback, value *ret)
{
    *ret = value_str(call->eval->arena, fallback);
    return value_is(given, VALUE_UNDEFINED) || value_is(given, VALUE_NULL) ||
           template_value(call->eval, given, ret);
}

static bool assert_run(struct action_call *call, struct action_outcome *ret)
{
    struct arena *arena = call->eval->arena;
    value that = value_get(call->args, S("that")), text, quiet;
    if (!known(call)) {
        return false;
    }
    if (value_is(that, VALUE_UNDEFINED)) {
        diag_error(call->eval->diags, call->task->action_at,
                   "'assert' needs 'that': a condition, or a list of them");
        return false;
    }
    if (!template_value(call->eval, value_get(call->args, S("quiet")), &quiet)) {
        return false;
    }
    bool is_quiet = false;
    value_to_bool(quiet, &is_quiet);
    ret->show_always = !is_quiet;
    size_t count = value_is(that, VALUE_LIST) ? value_count(that) : 1;
    for (size_t i = 0; i < count; i++) {
        value one = value_is(that, VALUE_LIST) ? value_item(that, i) : that;
        enum truth truth;
        if (!template_condition(call->eval, one, &truth)) {
            return false;
        }
        if (truth != TRUTH_FALSE) {
            continue; /* in a dry run, what is unknown does not fail */
        }
        if (!message(call, text_param(call, S("fail_msg"), S("msg")), S("Assertion failed"),
                     &text)) {
            return false;
        }
        struct map_builder map = map_in(arena);
        if (!is_quiet) {
            template_explain(call->eval, one,
                             diag_error(call->eval->diags, one.at, "this condition does not hold"));
            map_set_str(&map, S("assertion"), value_untrusted(one));
            map_set_str(&map, S("evaluated_to"), value_bool(false));
        }
        map_set_str(&map, S("changed"), value_bool(false));
        map_set_str(&map, S("failed"), value_bool(true));
        map_set_str(&map, S("msg"), text);
        ret->result = map_seal(&map);
        return true;
    }
    if (!message(call, text_param(call, S("success_msg"), STR_NONE), S("All assertions passed"),
                 &text)) {
        return false;
    }
    ret->result = action_result(arena, false, S("msg"), text);
    return true;
}

const struct engine_action action_assert = {
    .name = S_INIT("assert"),
    .summary = "Check that conditions hold",
    .raw_args = true,
    .quiet = true,
    .run = assert_run,
};
