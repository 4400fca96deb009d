/* call.c - signatures, the binding of arguments, and calls of the rows of the tables. */
#include <stdarg.h>
#include <string.h>

#include "base/bug.h"
#include "template/core.h"

/* ---- signatures ---- */

static enum param_type type_named(str name)
{
    static const struct {
        const char *name;
        enum param_type type;
    } types[] = { { "int", PARAM_INT },   { "float", PARAM_FLOAT }, { "str", PARAM_STR },
                  { "text", PARAM_TEXT }, { "bool", PARAM_BOOL },   { "list", PARAM_LIST } };
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (str_eq(name, str_of(types[i].name))) {
            return types[i].type;
        }
    }
    BUG("no type of parameters is called '%.*s'", SARG(name));
}

static value fallback_of(struct arena *arena, str literal)
{
    value v;
    if (str_eq(literal, S("none"))) {
        return value_null();
    }
    if (str_eq(literal, S("undefined"))) {
        return (value){ .kind = VALUE_UNDEFINED };
    }
    if (!read_literal(arena, literal, &v)) {
        BUG("'%.*s' is no literal", SARG(literal));
    }
    return v;
}

static bool is_of_type(value v, enum param_type type)
{
    switch (type) {
    case PARAM_ANY:
        return true;
    case PARAM_INT:
        return value_is(v, VALUE_INT) && !value_is_big(v);
    case PARAM_FLOAT:
        return value_is(v, VALUE_FLOAT);
    case PARAM_STR:
    case PARAM_TEXT:
        return value_is(v, VALUE_STR);
    case PARAM_BOOL:
        return value_is(v, VALUE_BOOL);
    case PARAM_LIST:
        return value_is(v, VALUE_LIST) && !value_is_tuple(v);
    }
    return false;
}

/* The next parameter: up to a comma outside of quotes and brackets. */
static str next_part(str *rest)
{
    char quote = 0;
    int open = 0;
    size_t i = 0;
    for (; i < rest->len; i++) {
        char c = rest->ptr[i];
        if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '[' || c == '{' || c == '(') {
            open++;
        } else if (c == ']' || c == '}' || c == ')') {
            open--;
        } else if (c == ',' && open == 0) {
            break;
        }
    }
    str part = str_trim(str_part(*rest, 0, i));
    *rest = str_part(*rest, i + 1, rest->len);
    return part;
}

void function_make(struct arena *arena, const struct builtin *row, const char *kind, str name,
                   struct function *ret)
{
    *ret = (struct function){ .row = row, .name = str_copy(arena, name), .kind = kind };
    ret->is_filter = strcmp(kind, "filter") == 0;
    str rest = str_of(row->signature);
    while (rest.len > 0) {
        str part = next_part(&rest);
        if (str_starts(part, S("**"))) {
            ret->takes_keywords = true;
            continue;
        }
        if (str_starts(part, S("*"))) {
            ret->takes_rest = true;
            continue;
        }
        BUG_ON(ret->param_count == CALL_MAX_PARAMS);
        struct parameter *param = &ret->params[ret->param_count++];
        size_t equals = str_find_char(part, '=', 0);
        param->required = equals == STR_NPOS;
        if (!param->required) {
            param->fallback = fallback_of(arena, str_part(part, equals + 1, part.len));
            part = str_part(part, 0, equals);
        }
        size_t colon = str_find_char(part, ':', 0);
        if (colon != STR_NPOS) {
            param->type = type_named(str_part(part, colon + 1, part.len));
            part = str_part(part, 0, colon);
        }
        param->name = part;
        bool none =
            value_is(param->fallback, VALUE_NULL) || value_is(param->fallback, VALUE_UNDEFINED);
        if (!none && !is_of_type(param->fallback, param->type)) {
            BUG("%s '%s': the default of '%.*s' is of another type", kind, row->name, SARG(part));
        }
    }
}

/* ---- failing ---- */

bool call_fail(struct call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct strbuf message = strbuf_in(call->arena);
    strbuf_vaddf(&message, format, args);
    va_end(args);
    str text = strbuf_str(&message);
    render_error(call->render, call->at, TEMPLATE_FAILED, "%s '%s': %.*s", call->kind,
                 call->row->name, SARG(text));
    return false;
}

bool call_reported(struct call *call)
{
    render_reported(call->render);
    return false;
}

span call_place(const struct call *call)
{
    return place_in_source(call->render, call->at);
}

bool call_fail_undefined(struct call *call, value undefined)
{
    return report_undefined(call->render, undefined, call->at);
}

/* ---- binding ---- */

static bool wrong_type(struct call *call, const struct parameter *param, value v, const char *want)
{
    return call_fail(call, "'%.*s' must be %s, not %s %s", SARG(param->name), want, A_TYPE(v));
}

/* A given argument to the type of its parameter; the defaults are of it already. */
static bool convert(struct call *call, const struct parameter *param, size_t i)
{
    value *v = &call->args[i];
    bool is_fallback_null =
        value_is(*v, VALUE_NULL) && !param->required && value_is(param->fallback, VALUE_NULL);
    if (is_of_type(*v, param->type) || is_fallback_null) {
        return true;
    }
    if (value_is(*v, VALUE_UNDEFINED) &&
        (param->type == PARAM_INT || param->type == PARAM_STR || param->type == PARAM_FLOAT)) {
        return call_fail_undefined(call, *v);
    }
    switch (param->type) {
    case PARAM_INT:
        if (!is_integer(*v) || value_is_big(*v)) {
            return wrong_type(call, param, *v, "an integer");
        }
        *v = value_int(small_integer(*v));
        return true;
    case PARAM_FLOAT:
        if (!is_number(*v)) {
            return wrong_type(call, param, *v, "a number");
        }
        *v = value_float(value_as_float(*v));
        return true;
    case PARAM_STR:
        return value_is(*v, VALUE_STR) || wrong_type(call, param, *v, "a string");
    case PARAM_TEXT:
        return text_of(call->render, *v, call->at, v);
    case PARAM_BOOL: {
        bool truth;
        if (!call_truth(call, *v, &truth)) {
            return false;
        }
        *v = value_bool(truth);
        return true;
    }
    case PARAM_LIST: {
        const value *items;
        size_t count;
        if (!call_items(call, *v, &items, &count)) {
            return false;
        }
        *v = value_list(call->arena, items, count);
        return true;
    }
    case PARAM_ANY:
        break;
    }
    return true;
}

static bool too_many(struct call *call, const struct function *function, size_t count)
{
    if (function->param_count == 0) {
        return call_fail(call, "takes no arguments, and %zu are given", count);
    }
    return call_fail(call, "takes at most %u arguments, and %zu are given", function->param_count,
                     count);
}

static bool unknown_keyword(struct call *call, const struct function *function, value key)
{
    str names[CALL_MAX_PARAMS];
    for (uint32_t i = 0; i < function->param_count; i++) {
        names[i] = function->params[i].name;
    }
    str name = value_is(key, VALUE_STR) ? value_as_str(key) : S("?");
    struct diag *diag =
        render_error(call->render, call->at, TEMPLATE_FAILED, "%s '%s' has no argument '%.*s'",
                     call->kind, call->row->name, SARG(name));
    diag_suggest(diag, name, names, function->param_count);
    return false;
}

static bool is_parameter(const struct function *function, value key)
{
    for (uint32_t i = 0; value_is(key, VALUE_STR) && i < function->param_count; i++) {
        if (str_eq(function->params[i].name, value_as_str(key))) {
            return true;
        }
    }
    return false;
}

/* Keywords that are no parameters. */
static bool bind_keywords(struct call *call, const struct function *function,
                          const struct call_args *args)
{
    bool any = value_is(args->keywords, VALUE_MAP);
    if (!any && !function->takes_keywords) {
        return true;
    }
    struct map_builder rest = map_in(call->arena);
    for (size_t i = 0; any && i < value_count(args->keywords); i++) {
        value key = value_map_key(args->keywords, i);
        if (is_parameter(function, key)) {
            continue;
        }
        if (!function->takes_keywords) {
            return unknown_keyword(call, function, key);
        }
        map_set(&rest, key, value_map_value(args->keywords, i));
    }
    call->keywords = map_seal(&rest);
    return true;
}

static bool bind_parameters(struct call *call, const struct function *function,
                            const struct call_args *args, bool *given)
{
    bool keywords = value_is(args->keywords, VALUE_MAP);
    for (uint32_t i = 0; i < function->param_count; i++) {
        const struct parameter *param = &function->params[i];
        value by_name;
        bool named = keywords && value_map_get(args->keywords, param->name, &by_name);
        if (i < args->count && named) {
            return call_fail(call, "argument '%.*s' is given twice", SARG(param->name));
        }
        given[i] = named || i < args->count;
        if (!given[i] && param->required) {
            return call_fail(call, "argument '%.*s' is missing", SARG(param->name));
        }
        call->args[i] = i < args->count ? args->positional[i] : named ? by_name : param->fallback;
    }
    return true;
}

/* Arguments to parameters; which of them were given goes to `given`. */
static bool bind(struct call *call, const struct function *function, const struct call_args *args,
                 bool *given)
{
    call->given = given;
    if (args->count > function->param_count) {
        if (!function->takes_rest) {
            return too_many(call, function, args->count);
        }
        call->rest = args->positional + function->param_count;
        call->rest_count = args->count - function->param_count;
    }
    return bind_parameters(call, function, args, given) && bind_keywords(call, function, args);
}

static bool convert_all(struct call *call, const struct function *function)
{
    for (uint32_t i = 0; i < function->param_count; i++) {
        const struct parameter *param = &function->params[i];
        if (call->given[i] && param->type != PARAM_ANY && !convert(call, param, i)) {
            return false;
        }
    }
    return true;
}

/* What decides about a call, of one of its arguments. */
enum trait { TRAIT_UNKNOWN = 1, TRAIT_SECRET = 2 };

static inline unsigned traits_of(value v)
{
    return v.kind == VALUE_UNKNOWN ? TRAIT_UNKNOWN : value_is_secret_number(v) ? TRAIT_SECRET : 0;
}

static unsigned traits_of_arguments(const struct call *call, const struct function *function)
{
    unsigned traits = 0;
    for (uint32_t i = 0; i < function->param_count; i++) {
        traits |= traits_of(call->args[i]);
    }
    return traits;
}

/* An unknown argument makes the result unknown, unless the row can tell. */
static bool is_unknown(const struct call *call, unsigned traits)
{
    unsigned flags = call->row->flags;
    if ((flags & CALL_UNKNOWN) != 0) {
        return false;
    }
    return (traits & TRAIT_UNKNOWN) != 0 ||
           ((flags & CALL_DEEP) == 0 && value_has_unknown(call->input));
}

/* What is made of a secret number is secret; strings carry marks of their own. */
static bool is_secret(const struct call *call, unsigned traits)
{
    for (size_t i = 0; i < call->rest_count; i++) {
        traits |= traits_of(call->rest[i]);
    }
    return (traits & TRAIT_SECRET) != 0;
}

/* A message about them, now or later, may hold a part of a secret: so sinks have to know it. */
static void know_secrets(const struct call *call, const struct function *function)
{
    struct secrets *secrets = call->eval->env->secrets;
    secrets_add_value(secrets, call->input);
    for (uint32_t i = 0; i < function->param_count; i++) {
        secrets_add_value(secrets, call->args[i]);
    }
    for (size_t i = 0; i < call->rest_count; i++) {
        secrets_add_value(secrets, call->rest[i]);
    }
    secrets_add_value(secrets, call->keywords);
}

/* The arguments are there: judge them, and call. */
static bool invoke(struct call *call, const struct function *function, value *ret)
{
    struct render *r = call->render;
    unsigned flags = function->row->flags;
    if (!eval_step(r, call->at)) {
        return false;
    }
    unsigned traits = traits_of(call->input) | traits_of_arguments(call, function);
    if (is_unknown(call, traits)) {
        return call_give(ret, value_unknown());
    }
    if (value_is(call->input, VALUE_UNDEFINED) && (flags & CALL_UNDEFINED) == 0 &&
        function->is_filter && !may_use_undefined(r, call->input, call->at)) {
        return false;
    }
    bool ok = convert_all(call, function) && function->row->call(call, ret);
    if (!ok || value_is(*ret, VALUE_UNDEFINED)) {
        know_secrets(call, function);
    }
    if (!ok) {
        return false;
    }
    if (is_secret(call, traits)) {
        *ret = value_secret_all(call->arena, *ret);
    }
    if ((flags & CALL_STRING) != 0 && value_is(*ret, VALUE_STR)) {
        ret->flags |= FLAG_NATIVE;
    }
    if (value_is(*ret, VALUE_OBJECT) && is_view(*ret) && function->is_filter &&
        !dialect_is(r, DIALECT_JINJA)) {
        *ret = view_list(*ret); /* Ansible makes lists of what filters give */
    }
    if ((flags & CALL_ITERATOR) != 0 && dialect_is(r, DIALECT_JINJA) &&
        value_is(*ret, VALUE_LIST)) {
        *ret = view_value(r->arena, VIEW_ITERATOR, *ret, S("<generator object>"));
    }
    return true;
}

/* Room for the arguments of a call while it runs; given back by setting args_used as it was. */
static value *take_room(struct render *r, uint32_t count)
{
    struct eval_state *state = r->state;
    if (state->args == NULL) {
        state->args = arena_alloc_unset(r->arena, ARGS_ROOM * sizeof(value));
    }
    if (ARGS_ROOM - state->args_used < count) {
        return NEW_ARRAY(r->arena, value, count);
    }
    value *room = state->args + state->args_used;
    state->args_used += count;
    return room;
}

static struct call call_of(struct render *r, const struct function *function, value input, span at)
{
    return (struct call){ .render = r,
                          .eval = r->eval,
                          .arena = r->arena,
                          .at = at,
                          .row = function->row,
                          .kind = function->kind,
                          .input = input };
}

bool function_call(struct render *r, const struct function *function, value input,
                   const struct call_args *args, value *ret)
{
    struct call call = call_of(r, function, input, args->at);
    uint32_t used = r->state->args_used;
    bool given[CALL_MAX_PARAMS];
    call.args = take_room(r, function->param_count);
    bool ok = bind(&call, function, args, given) && invoke(&call, function, ret);
    r->state->args_used = used;
    return ok;
}

/* ---- arguments bound beforehand ---- */

static struct node *node_for(const struct parameter *param, uint32_t i,
                             const struct arg_nodes *nodes, uint32_t *count)
{
    struct node *found = i < nodes->positional_count ? nodes->positional[i] : NULL;
    *count = found != NULL;
    for (uint32_t k = 0; k < nodes->keyword_count; k++) {
        if (str_eq(nodes->keywords[k].name->name, param->name)) {
            found = nodes->keywords[k].value;
            ++*count;
        }
    }
    return found;
}

void function_bind(struct arena *arena, const struct function *function, struct arg_nodes *nodes)
{
    if (nodes->star != NULL || nodes->star_star != NULL || function->takes_keywords ||
        nodes->positional_count > function->param_count) {
        return;
    }
    struct node **bound = NEW_ARRAY(arena, struct node *, function->param_count);
    bool *given = NEW_ARRAY(arena, bool, function->param_count);
    uint32_t all = 0;
    for (uint32_t i = 0; i < function->param_count; i++) {
        uint32_t count;
        bound[i] = node_for(&function->params[i], i, nodes, &count);
        if (count > 1 || (count == 0 && function->params[i].required)) {
            return; /* the call will tell */
        }
        given[i] = count == 1;
        all += count;
    }
    if (all == nodes->positional_count + nodes->keyword_count) {
        nodes->bound = bound;
        nodes->given = given;
    }
}

static bool eval_bound(struct render *r, const struct function *function, struct node *const *bound,
                       value *args)
{
    for (uint32_t i = 0; i < function->param_count; i++) {
        if (bound[i] == NULL) {
            args[i] = function->params[i].fallback;
        } else if (!eval_node(r, bound[i], &args[i])) {
            return false;
        }
    }
    return true;
}

/* Apart, so that the call takes no room on the stack while its arguments are evaluated. */
__attribute__((noinline)) static bool invoke_bound(struct render *r,
                                                   const struct function *function, value input,
                                                   const struct arg_nodes *nodes, value *args,
                                                   span at, value *ret)
{
    struct call call = call_of(r, function, input, at);
    call.args = args;
    call.given = nodes->given;
    return invoke(&call, function, ret);
}

bool function_call_bound(struct render *r, const struct function *function, value input,
                         const struct arg_nodes *nodes, span at, value *ret)
{
    uint32_t used = r->state->args_used;
    value *args = take_room(r, function->param_count);
    bool ok = eval_bound(r, function, nodes->bound, args) &&
              invoke_bound(r, function, input, nodes, args, at, ret);
    r->state->args_used = used;
    return ok;
}

/* ---- functions as values ---- */

struct bound {
    const struct function *function;
    value input;
};

static bool call_bound(struct eval *eval, void *data, const struct call_args *args, value *ret)
{
    const struct bound *bound = data;
    return function_call(eval->state->render, bound->function, bound->input, args, ret);
}

static void print_bound(struct strbuf *out, const void *data, bool repr)
{
    const struct bound *bound = data;
    strbuf_addf(out, "<built-in %s %.*s>", bound->function->kind, SARG(bound->function->name));
}

static const struct object_ops bound_ops = { .call = call_bound };
static const struct object_type bound_type = { .name = "builtin_function_or_method",
                                               .print = print_bound,
                                               .ops = &bound_ops };

value function_value(struct arena *arena, const struct function *function, value input)
{
    struct bound *bound = NEW(arena, struct bound);
    *bound = (struct bound){ function, input };
    return value_object(arena, &bound_type, bound);
}

/* ---- helpers of rows ---- */

bool call_step(struct call *call)
{
    return eval_step(call->render, call->at);
}

bool call_steps(struct call *call, size_t count)
{
    call->render->state->steps += (uint32_t)(count < MAX_ITEMS ? count : MAX_ITEMS);
    return call_step(call);
}

bool call_items(struct call *call, value v, const value **ret, size_t *ret_count)
{
    return iterate(call->render, v, call->at, ret, ret_count);
}

bool call_printed(struct call *call, value v, value *ret)
{
    return text_of(call->render, v, call->at, ret);
}

bool call_need_str(struct call *call, value v, str *ret)
{
    if (value_is(v, VALUE_UNDEFINED)) {
        *ret = STR_EMPTY;
        return may_use_undefined(call->render, v, call->at);
    }
    if (!value_is(v, VALUE_STR)) {
        return call_fail(call, "a string is needed, not %s %s", A_TYPE(v));
    }
    *ret = value_as_str(v);
    return true;
}

bool call_need_int(struct call *call, value v, const char *what, int64_t *ret)
{
    if (value_is(v, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, v);
    }
    if (!is_integer(v) || value_is_big(v)) {
        return call_fail(call, "%s must be an integer, not %s %s", what, A_TYPE(v));
    }
    *ret = small_integer(v);
    return true;
}

bool call_need_map(struct call *call, value v)
{
    if (value_is(v, VALUE_UNDEFINED)) {
        return call_fail_undefined(call, v);
    }
    return value_is(v, VALUE_MAP) || call_fail(call, "a map is needed, not %s %s", A_TYPE(v));
}

bool call_truth(struct call *call, value v, bool *ret)
{
    enum truth truth;
    if (!truth_of(call->render, v, call->at, &truth)) {
        return false;
    }
    *ret = truth == TRUTH_TRUE;
    return true;
}

bool call_attribute(struct call *call, value v, value path, value *ret)
{
    return call_attribute_or(call, v, path, NULL, ret);
}

bool call_attribute_or(struct call *call, value v, value path, const value *fallback, value *ret)
{
    if (!value_is(path, VALUE_STR)) {
        *ret = v;
        if (!value_is(path, VALUE_NULL) && !get_item(call->render, v, path, call->at, ret)) {
            return false;
        }
        *ret = fallback != NULL && value_is(*ret, VALUE_UNDEFINED) ? *fallback : *ret;
        return true;
    }
    str rest = value_as_str(path);
    while (!str_is_none(rest)) {
        str part = str_cut(&rest, '.');
        int64_t index;
        bool number = str_to_int64(part, &index) && part.ptr[0] != '-' && part.ptr[0] != '+';
        value key = number ? value_int(index) : value_str(call->arena, part);
        value next;
        if (!get_item(call->render, v, key, call->at, &next)) {
            return false;
        }
        if (value_is(next, VALUE_UNDEFINED) && value_undefined_what(next).len == 0) {
            next = value_undefined(
                call->arena, str_format(call->arena, "%s %s has no '%.*s'", A_TYPE(v), SARG(part)));
            next = value_at(next, call->at);
            remember_origin(call->eval, next, (struct origin){ .container = v, .name = part });
        }
        v = fallback != NULL && value_is(next, VALUE_UNDEFINED) ? *fallback : next;
    }
    *ret = v;
    return true;
}

static bool no_such_name(struct call *call, const char *kind, str name,
                         const struct name_table *table)
{
    struct diag *diag = render_error(call->render, call->at, TEMPLATE_SYNTAX,
                                     "no %s is called '%.*s'", kind, SARG(name));
    size_t count;
    const str *names = name_table_names(call->arena, table, &count);
    diag_suggest(diag, name, names, count);
    return false;
}

bool call_filter(struct call *call, str name, value input, const struct call_args *args, value *ret)
{
    const struct function *function = env_filter(call->eval->env, name);
    if (function == NULL) {
        return no_such_name(call, "filter", name, &call->eval->env->filters);
    }
    return function_call(call->render, function, input, args, ret);
}

bool call_test(struct call *call, str name, value input, const struct call_args *args, value *ret)
{
    const struct function *function = env_test(call->eval->env, name);
    if (function == NULL) {
        return no_such_name(call, "test", name, &call->eval->env->tests);
    }
    return function_call(call->render, function, input, args, ret);
}
