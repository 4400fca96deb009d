/* filters_query.c - questions to data in a language of their own: json_query. */
#include "formats/jmespath.h"
#include "template/core.h"

static bool filter_json_query(struct call *call, value *ret)
{
    span at = call_place(call);
    value data;
    bool secret = value_has_secret(call->args[0]); /* then nothing of it is quoted */
    struct diags *diags =
        secret ? diags_new(call->arena, call->eval->diags->sources) : call->eval->diags;
    const struct jmespath *expression = jmespath_compile(call->arena, diags, at, call_str(call, 0));
    if (expression == NULL) {
        return secret ? call_fail(call, "the expression, a secret, is no JMESPath")
                      : call_reported(call);
    }
    return plain_value(call->render, call->input, &data) &&
           (jmespath_search(expression, call->arena, call->eval->diags, at, data, ret) ||
            call_reported(call));
}

const struct builtin filters_query[] = {
    { "json_query", NULL, "expr:str", 0, filter_json_query, "What a JMESPath expression finds.",
      "{{ [{'n': 'x', 'up': true}, {'n': 'y'}] | community.general.json_query('[?up].n') }} -> "
      "['x']" },
    { 0 },
};
