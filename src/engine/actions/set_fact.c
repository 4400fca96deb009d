/*
 * set_fact - set variables of the host for the rest of the run.
 */
#include "engine/actions/actions.h"
#include "engine/state.h"

static bool is_identifier(str name)
{
    bool ok = name.len > 0;
    for (size_t i = 0; ok && i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        ok = letter || (i > 0 && c >= '0' && c <= '9');
    }
    return ok;
}

/* In the classic dialect these four words are booleans here, whatever form they were given in. */
static value as_fact(value v)
{
    static const str yes[] = { S_INIT("yes"), S_INIT("true") };
    static const str no[] = { S_INIT("no"), S_INIT("false") };
    for (size_t i = 0; value_is(v, VALUE_STR) && i < ARRAY_LEN(yes); i++) {
        if (str_eq_nocase(value_as_str(v), yes[i])) {
            return value_bool(true);
        }
        if (str_eq_nocase(value_as_str(v), no[i])) {
            return value_bool(false);
        }
    }
    return v;
}

static bool set_fact_run(struct action_call *call, struct action_outcome *ret)
{
    struct arena *arena = call->eval->arena;
    struct map_builder facts = map_in(arena);
    bool any = false, native = call->run->options.dialect == DIALECT_NATIVE;
    for (size_t i = 0; i < value_count(call->args); i++) {
        value key = value_map_key(call->args, i), v = value_map_value(call->args, i);
        str name = shown_text(arena, key);
        if (str_eq(name, S("cacheable"))) {
            value_to_bool(v, &ret->cacheable);
            continue;
        }
        if (!is_identifier(name)) {
            struct diag *diag = diag_error(call->eval->diags, key.at,
                                           "'%.*s' is no name for a variable", SARG(name));
            diag_hint(diag, "use letters, digits and underscores, and no digit in front");
            return false;
        }
        map_set_str(&facts, name, native ? v : as_fact(v));
        any = true;
    }
    if (!any) {
        diag_error(call->eval->diags, call->task->action_at,
                   "'set_fact' needs at least one name with a value");
        return false;
    }
    ret->facts = map_seal(&facts);
    ret->result = action_result(arena, false, S("ansible_facts"), ret->facts);
    return true;
}

const struct engine_action action_set_fact = {
    .name = S_INIT("set_fact"),
    .summary = "Set variables of the host",
    .keys_templated = true,
    .quiet = true,
    .run = set_fact_run,
};
