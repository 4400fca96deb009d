/*
 * explain.c - the values behind a failure: what the operands were that do not fit, and what decided
 * that a condition does not hold. Told as notes, each with the place where the value was written.
 *
 * A condition is read again for that, after it was found to be false. What calls a function is left
 * out, for a second call might do something; so is what is random.
 */
#include "base/utf8.h"
#include "template/core.h"

#define MAX_NOTES   6  /* of one diagnostic */
#define SHOWN_BYTES 80 /* bytes of a value, and of an expression */
#define SHOWN_ITEMS 20 /* of a list or map that is shown */

/* ---- one value ---- */

static str shortened(struct arena *arena, str s)
{
    size_t at = 0, end = 0;
    while (at < s.len && at <= SHOWN_BYTES) {
        end = at;
        utf8_next(s, &at);
    }
    return at <= SHOWN_BYTES ? s : str_format(arena, "%.*s...", SARG(str_part(s, 0, end)));
}

/* "the string 'a'", "null", "a list of 300 items"; STR_NONE: nothing that helps. */
static str described(struct arena *arena, value v)
{
    switch (value_kind(v)) {
    case VALUE_UNDEFINED:
    case VALUE_UNKNOWN:
    case VALUE_OBJECT:
        return STR_NONE;
    case VALUE_NULL:
        return S("null");
    case VALUE_BOOL:
        return value_as_bool(v) ? S("true") : S("false");
    case VALUE_LIST:
    case VALUE_MAP:
        if (value_count(v) > SHOWN_ITEMS) {
            return str_format(arena, "a %s of %zu %s", value_type_name(v), value_count(v),
                              value_is(v, VALUE_MAP) ? "keys" : "items");
        }
        break;
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_STR:
        break;
    }
    str shown = shortened(arena, value_masked(arena, value_repr(arena, v)));
    return str_format(arena, "the %s %.*s", value_type_name(v), SARG(shown));
}

/* A name, or what is reached from one: its value was written somewhere. */
static bool is_path(const struct node *node)
{
    while (node->kind == NODE_ATTR || node->kind == NODE_ITEM) {
        node = node->a;
    }
    return node->kind == NODE_NAME;
}

/* ---- how it is written ---- */

/* A node knows where its own word is: "length" of "a.b | length". */
static size_t first_byte(const struct node *node)
{
    size_t from = node->from;
    const struct node *left = node->a != NULL              ? node->a
                              : node->kind == NODE_COMPARE ? node->items[0]
                                                           : NULL;
    if (left != NULL && node->kind != NODE_COND) {
        size_t before = first_byte(left);
        from = before < from ? before : from;
    }
    return from;
}

/* Behind the bracket that closes the one at `at`; the end of the text if none does. */
static size_t behind_bracket(str text, size_t at)
{
    unsigned depth = 0;
    for (char quote = 0; at < text.len; at++) {
        char c = text.ptr[at];
        if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(') {
            depth++;
        } else if (c == ')' && --depth == 0) {
            return at + 1;
        }
    }
    return at;
}

/* The expression as it was written; STR_NONE: it began in brackets that it does not know of. */
static str written(const struct render *r, const struct node *node)
{
    str text = r->program->text;
    size_t from = first_byte(node), to = node->to;
    bool arguments = node->kind == NODE_FILTER && node->as.call.args->positional_count > 0;
    if (arguments && to < text.len && text.ptr[to] == '(') {
        to = behind_bracket(text, to);
    }
    str found = str_part(text, from, to);
    int depth = 0;
    for (size_t i = 0; i < found.len && depth >= 0; i++) {
        depth += found.ptr[i] == '(' ? 1 : found.ptr[i] == ')' ? -1 : 0;
    }
    return depth == 0 ? shortened(r->arena, str_trim(found)) : STR_NONE;
}

/* ---- operands ---- */

static bool is_literal(const struct node *node)
{
    return node->kind == NODE_CONST || node->kind == NODE_LIST || node->kind == NODE_TUPLE ||
           node->kind == NODE_DICT;
}

/* Or there is enough of it. */
static bool is_told(const struct diag *diag, str text)
{
    size_t count = 0;
    for (const struct diag_note *note = diag->notes; note != NULL; note = note->next) {
        if (str_eq(note->text, text)) {
            return true;
        }
        count++;
    }
    return count >= MAX_NOTES;
}

void explain_operand(struct render *r, const struct node *node, value v, struct diag *diag)
{
    str shown = described(r->arena, v);
    str name = written(r, node);
    if (is_literal(node) || str_is_none(shown) || str_is_none(name)) {
        return;
    }
    str text = str_format(r->arena, "'%.*s' is %.*s", SARG(name), SARG(shown));
    if (!is_told(diag, text)) {
        diag_note(diag, is_path(node) ? v.at : SPAN_NONE, "%.*s", SARG(text));
    }
}

/* ---- a condition ---- */

static bool is_repeatable(const struct node *node);

static bool are_repeatable(struct node *const *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (nodes[i] != NULL && !is_repeatable(nodes[i])) {
            return false;
        }
    }
    return true;
}

static bool is_random(str filter)
{
    return str_eq(filter, S("random")) || str_eq(filter, S("shuffle"));
}

static bool is_repeatable(const struct node *node)
{
    if (node->kind == NODE_CALL) {
        return false;
    }
    if (node->kind == NODE_FILTER || node->kind == NODE_TEST) {
        const struct arg_nodes *args = node->as.call.args;
        const struct function *function = node->as.call.function;
        if (function == NULL || is_random(function->name) ||
            !are_repeatable(args->positional, args->positional_count) || args->star != NULL ||
            args->keyword_count > 0 || args->star_star != NULL) {
            return false;
        }
    }
    struct node *const parts[] = { node->a, node->b, node->c, node->d };
    return are_repeatable(parts, ARRAY_LEN(parts)) && are_repeatable(node->items, node->count);
}

/* The value of a part of the condition; false: it has none that can be told. */
static bool again(struct render *r, const struct node *node, value *ret)
{
    struct diag_mark mark = diags_mark(r->eval);
    if (!is_repeatable(node)) {
        return false;
    }
    bool ok = eval_node(r, node, ret);
    diags_forget(r->eval, mark);
    return ok;
}

/* What a value was made from is told behind it: the list behind its length. */
static void explain_value(struct render *r, const struct node *node, struct diag *diag)
{
    value v;
    while (node != NULL && again(r, node, &v)) {
        explain_operand(r, node, v, diag);
        node = node->kind == NODE_FILTER ? node->a : NULL;
    }
}

static bool is_decided(struct render *r, const struct node *side, bool by)
{
    value v;
    return again(r, side, &v) && !value_is(v, VALUE_UNDEFINED) &&
           value_truth(v) == (by ? TRUTH_TRUE : TRUTH_FALSE);
}

static void explain_part(struct render *r, const struct node *node, struct diag *diag)
{
    switch ((enum node_kind)node->kind) {
    case NODE_NOT:
        explain_part(r, node->a, diag);
        break;
    case NODE_AND:
    case NODE_OR: {
        bool by = node->kind == NODE_OR;
        bool left = is_decided(r, node->a, by);
        if (left || !is_decided(r, node->b, by)) {
            explain_part(r, node->a, diag);
        }
        if (!left) {
            explain_part(r, node->b, diag);
        }
        break;
    }
    case NODE_COMPARE:
        for (uint32_t i = 0; i < node->count; i++) {
            explain_value(r, node->items[i], diag);
        }
        break;
    case NODE_TEST:
        explain_value(r, node->a, diag);
        break;
    default:
        explain_value(r, node, diag);
    }
}

void explain_condition(struct render *r, struct diag *diag)
{
    explain_part(r, r->program->body, diag);
}
