/* parse_statements.c - what stands between {% and %}, and the bodies of blocks. */
#include <string.h>

#include "template/parser.h"

typedef struct node *statement_fn(struct parser *p, const struct token *tag);

struct statement {
    struct builtin row;  /* without a signature and a function */
    statement_fn *parse; /* NULL: the lexer has dealt with it */
};

/* ---- targets of assignments ---- */

static bool assignable(struct parser *p, struct node *node)
{
    if (node->kind == NODE_TUPLE) {
        for (uint32_t i = 0; i < node->count; i++) {
            if (!assignable(p, node->items[i])) {
                return false;
            }
        }
        return true;
    }
    if (node->kind == NODE_NAME || node->kind == NODE_NSREF) {
        return true;
    }
    struct token at = { .from = node->from, .to = node->to };
    parse_fail(p, &at, "cannot assign to this: only names can be set");
    return false;
}

/* "ns.name": sets an attribute of a namespace. */
static void name_attributes(struct node *target)
{
    if (target->kind == NODE_ATTR && target->a->kind == NODE_NAME) {
        target->kind = NODE_NSREF;
    }
    for (uint32_t i = 0; target->kind == NODE_TUPLE && i < target->count; i++) {
        name_attributes(target->items[i]);
    }
}

static struct node *parse_target(struct parser *p, unsigned rules, bool with_namespace)
{
    struct node *target = parse_tuple(p, TUPLE_SIMPLE | rules);
    if (with_namespace && target != NULL) {
        name_attributes(target);
    }
    return target != NULL && assignable(p, target) ? target : NULL;
}

/* The name of a macro or an import: not one of the literals. */
static bool parse_own_name(struct parser *p, const struct symbol **ret)
{
    static const char *const literals[] = { "true", "false", "none", "True", "False", "None" };
    for (size_t i = 0; i < ARRAY_LEN(literals); i++) {
        if (at_name(p, literals[i])) {
            parse_fail(p, current(p), "cannot assign to '%s'", literals[i]);
            return false;
        }
    }
    return expect_name(p, ret);
}

/* ---- bodies ---- */

/* The name of the end tag behind a body; the end of the tag is read by whoever read its beginning.
 */
static struct node *ended(struct parser *p, struct node *node)
{
    advance(p);
    return node;
}

static struct node *parse_if(struct parser *p, const struct token *tag)
{
    static const char *const ends[] = { "elif", "else", "endif", NULL };
    static const char *const last[] = { "endif", NULL };
    struct node *node = node_new(p, NODE_IF, tag);
    node_vec items = { 0 };
    p->soft++;
    for (;;) {
        struct node *condition = parse_tuple(p, TUPLE_NO_COND);
        struct node *body = condition == NULL ? NULL : parse_body(p, ends);
        if (body == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &items) = condition;
        *VEC_PUSH(p->arena, &items) = body;
        if (!skip_name(p, "elif")) {
            break;
        }
    }
    if (skip_name(p, "else") && (node->b = parse_body(p, last)) == NULL) {
        return NULL;
    }
    p->soft--;
    return node_seal(p, ended(p, node), items.items, items.len);
}

static struct node *parse_for_body(struct parser *p, struct node *node)
{
    static const char *const ends[] = { "endfor", "else", NULL };
    static const char *const last[] = { "endfor", NULL };
    bool outer_uses = p->uses_loop;
    p->uses_loop = false;
    p->loops++;
    struct node *body = parse_body(p, ends);
    p->loops--;
    node->context = p->uses_loop || node->flag;
    p->uses_loop = outer_uses;
    if (body == NULL || (skip_name(p, "else") && (node->d = parse_body(p, last)) == NULL)) {
        return NULL;
    }
    node->items = NEW_ARRAY(p->arena, struct node *, 1);
    node->items[0] = body;
    node->count = 1;
    return ended(p, node);
}

/* FOR: a target, b iterable, c condition, items[0] body, d else. */
static struct node *parse_for(struct parser *p, const struct token *tag)
{
    struct node *node = node_new(p, NODE_FOR, tag);
    const struct token *target = current(p);
    node->a = parse_target(p, TUPLE_UNTIL_IN, false);
    if (node->a == NULL) {
        return NULL;
    }
    if (node->a->kind == NODE_NAME && str_eq(node->a->as.name->name, S("loop"))) {
        return parse_fail(p, target, "'loop' cannot be the variable of a loop");
    }
    if (!skip_name(p, "in")) {
        return parse_unexpected(p, "'in'");
    }
    node->b = parse_tuple(p, TUPLE_NO_COND | TUPLE_UNTIL_RECURSIVE);
    if (node->b == NULL || (skip_name(p, "if") && (node->c = parse_expression(p)) == NULL)) {
        return NULL;
    }
    node->flag = skip_name(p, "recursive");
    return parse_for_body(p, node);
}

static struct node *parse_set(struct parser *p, const struct token *tag)
{
    static const char *const ends[] = { "endset", NULL };
    struct node *node = node_new(p, NODE_SET, tag);
    node->a = parse_target(p, 0, true);
    if (node->a == NULL) {
        return NULL;
    }
    if (skip_kind(p, TOKEN_ASSIGN)) {
        node->b = parse_tuple(p, 0);
        node_end(p, node);
        return node->b == NULL ? NULL : node;
    }
    node->kind = NODE_SET_BLOCK;
    if (at_kind(p, TOKEN_PIPE) && (node->c = parse_filters(p, NULL, false)) == NULL) {
        return NULL;
    }
    node->b = parse_body(p, ends);
    return node->b != NULL ? ended(p, node) : NULL;
}

/* Parameters of a macro or a call block: names, the last ones with defaults. */
static bool parse_parameters(struct parser *p, struct macro_node *macro)
{
    VEC(const struct symbol *) params = { 0 };
    node_vec defaults = { 0 };
    if (!expect_kind(p, TOKEN_LPAREN)) {
        return false;
    }
    while (!at_kind(p, TOKEN_RPAREN)) {
        const struct symbol *name;
        if ((params.len > 0 && !expect_kind(p, TOKEN_COMMA)) || !parse_own_name(p, &name)) {
            return false;
        }
        *VEC_PUSH(p->arena, &params) = name;
        if (skip_kind(p, TOKEN_ASSIGN)) {
            struct node *fallback = parse_expression(p);
            if (fallback == NULL) {
                return false;
            }
            *VEC_PUSH(p->arena, &defaults) = fallback;
        } else if (str_eq(name->name, S("caller"))) {
            parse_fail(p, current(p), "the parameter 'caller' needs a default");
            return false;
        } else if (defaults.len > 0) {
            parse_fail(p, current(p), "parameter without a default follows one with a default");
            return false;
        }
    }
    advance(p);
    macro->params = params.items;
    macro->param_count = (uint32_t)params.len;
    macro->defaults = defaults.items;
    macro->default_count = (uint32_t)defaults.len;
    return true;
}

static struct node *parse_macro_body(struct parser *p, struct node *node, const char *const *ends)
{
    struct macro_node *outer = p->macro;
    unsigned loops = p->loops;
    p->macro = node->as.macro;
    p->loops = 0;
    node->as.macro->body = parse_body(p, ends);
    p->macro = outer;
    p->loops = loops;
    return node->as.macro->body != NULL ? ended(p, node) : NULL;
}

static struct node *parse_macro(struct parser *p, const struct token *tag)
{
    static const char *const ends[] = { "endmacro", NULL };
    struct node *node = node_new(p, NODE_MACRO, tag);
    struct macro_node *macro = NEW(p->arena, struct macro_node);
    node->as.macro = macro;
    if (!parse_own_name(p, &macro->name) || !parse_parameters(p, macro)) {
        return NULL;
    }
    return parse_macro_body(p, node, ends);
}

static struct node *parse_call_block(struct parser *p, const struct token *tag)
{
    static const char *const ends[] = { "endcall", NULL };
    struct node *node = node_new(p, NODE_CALL_BLOCK, tag);
    struct macro_node *macro = NEW(p->arena, struct macro_node);
    if (at_kind(p, TOKEN_LPAREN) && !parse_parameters(p, macro)) {
        return NULL;
    }
    const struct token *callee = current(p);
    node->a = parse_expression(p);
    if (node->a == NULL) {
        return NULL;
    }
    if (node->a->kind != NODE_CALL) {
        return parse_fail(p, callee, "expected a call");
    }
    node->as.macro = macro;
    return parse_macro_body(p, node, ends);
}

static struct node *parse_filter_block(struct parser *p, const struct token *tag)
{
    static const char *const ends[] = { "endfilter", NULL };
    struct node *node = node_new(p, NODE_FILTER_BLOCK, tag);
    node->a = parse_filters(p, NULL, true);
    node->b = node->a == NULL ? NULL : parse_body(p, ends);
    return node->b != NULL ? ended(p, node) : NULL;
}

/* ---- inheritance and other templates ---- */

static bool only_space(const struct node *body)
{
    for (uint32_t i = 0; i < body->count; i++) {
        const struct node *item = body->items[i];
        if (item->kind != NODE_TEXT || str_trim(value_as_str(item->as.constant)).len > 0) {
            return false;
        }
    }
    return true;
}

static bool add_block(struct parser *p, struct node *node, const struct token *at)
{
    for (size_t i = 0; i < p->blocks.len; i++) {
        if (p->blocks.items[i].name == node->as.name) {
            parse_fail(p, at, "block '%.*s' is defined twice", SARG(node->as.name->name));
            return false;
        }
    }
    *VEC_PUSH(p->arena, &p->blocks) = (struct block_entry){ node->as.name, node };
    return true;
}

static struct node *parse_block(struct parser *p, const struct token *tag)
{
    static const char *const ends[] = { "endblock", NULL };
    struct node *node = node_new(p, NODE_BLOCK, tag);
    const struct token *name = current(p);
    if (!expect_name(p, &node->as.name)) {
        return NULL;
    }
    node->flag = skip_name(p, "scoped");
    node->context = skip_name(p, "required");
    if (at_kind(p, TOKEN_SUB)) {
        return parse_fail(p, current(p), "names of blocks cannot hold '-': use '_'");
    }
    if (!add_block(p, node, name) || (node->b = parse_body(p, ends)) == NULL) {
        return NULL;
    }
    if (node->context && !only_space(node->b)) {
        return parse_fail(p, name, "a required block must be empty");
    }
    advance(p);
    if (at_kind(p, TOKEN_NAME) && str_eq(current(p)->text, node->as.name->name)) {
        advance(p);
    }
    return node;
}

/* As Jinja has it: a template may extend another one `if` something, but not in a loop, a macro, or
 * whatever else is a scope of its own. */
static bool is_top_level(const struct parser *p)
{
    for (unsigned i = 0; i < p->open_count; i++) {
        const char *const *end = p->open[i].ends;
        while (end[1] != NULL) {
            end++;
        }
        if (strcmp(*end, "endif") != 0) {
            return false;
        }
    }
    return true;
}

static struct node *parse_extends(struct parser *p, const struct token *tag)
{
    if (!is_top_level(p)) {
        const struct token *around = &p->open[p->open_count - 1].name;
        parse_fail(p, tag, "a template cannot extend another one within '%.*s'",
                   SARG(around->text));
        p->error->hint = S("write 'extends' at its beginning, or within an 'if'");
        return NULL;
    }
    struct node *node = node_new(p, NODE_EXTENDS, tag);
    p->program->has_extends = p->program->mutates = true;
    node->a = parse_expression(p);
    node_end(p, node);
    return node->a == NULL ? NULL : node;
}

static void parse_context(struct parser *p, struct node *node, bool fallback)
{
    node->context = fallback;
    bool with = at_name(p, "with");
    if ((with || at_name(p, "without")) && peek(p)->kind == TOKEN_NAME &&
        str_eq(peek(p)->text, S("context"))) {
        advance(p);
        advance(p);
        node->context = with;
    }
}

static struct node *parse_include(struct parser *p, const struct token *tag)
{
    struct node *node = node_new(p, NODE_INCLUDE, tag);
    p->program->mutates = true;
    node->a = parse_expression(p);
    if (node->a == NULL) {
        return NULL;
    }
    if (at_name(p, "ignore") && peek(p)->kind == TOKEN_NAME &&
        str_eq(peek(p)->text, S("missing"))) {
        node->flag = true;
        advance(p);
        advance(p);
    }
    parse_context(p, node, true);
    node_end(p, node);
    return node;
}

static struct node *parse_import(struct parser *p, const struct token *tag)
{
    struct node *node = node_new(p, NODE_IMPORT, tag);
    p->program->mutates = true;
    node->a = parse_expression(p);
    if (node->a == NULL) {
        return NULL;
    }
    if (!skip_name(p, "as")) {
        return parse_unexpected(p, "'as'");
    }
    if (!parse_own_name(p, &node->as.name)) {
        return NULL;
    }
    parse_context(p, node, false);
    node_end(p, node);
    return node;
}

static bool parse_imported_name(struct parser *p, struct import_name *ret)
{
    const struct token *name = current(p);
    if (!parse_own_name(p, &ret->name)) {
        return false;
    }
    if (str_starts(ret->name->name, S("_"))) {
        parse_fail(p, name, "names that start with an underscore cannot be imported");
        return false;
    }
    ret->as = ret->name;
    return !skip_name(p, "as") || parse_own_name(p, &ret->as);
}

static bool at_context(const struct parser *p)
{
    return (at_name(p, "with") || at_name(p, "without")) && peek(p)->kind == TOKEN_NAME &&
           str_eq(peek(p)->text, S("context"));
}

static struct node *parse_from(struct parser *p, const struct token *tag)
{
    struct node *node = node_new(p, NODE_FROM, tag);
    VEC(struct import_name) names = { 0 };
    p->program->mutates = true;
    node->a = parse_expression(p);
    if (node->a == NULL) {
        return NULL;
    }
    if (!skip_name(p, "import")) {
        return parse_unexpected(p, "'import'");
    }
    do {
        if (names.len > 0 && (at_context(p) || at_kind(p, TOKEN_BLOCK_END))) {
            break;
        }
        struct import_name name;
        if (!parse_imported_name(p, &name)) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &names) = name;
    } while (!at_context(p) && skip_kind(p, TOKEN_COMMA));
    parse_context(p, node, false);
    node->as.names = names.items;
    node->count = (uint32_t)names.len;
    node_end(p, node);
    return node;
}

/* ---- the small ones ---- */

/* WITH: items are target, value, target, value ...; b the body. */
static struct node *parse_with(struct parser *p, const struct token *tag)
{
    static const char *const ends[] = { "endwith", NULL };
    struct node *node = node_new(p, NODE_WITH, tag);
    node_vec items = { 0 };
    while (!at_kind(p, TOKEN_BLOCK_END)) {
        if (items.len > 0 && !expect_kind(p, TOKEN_COMMA)) {
            return NULL;
        }
        struct node *target = parse_target(p, 0, false);
        if (target == NULL || !expect_kind(p, TOKEN_ASSIGN)) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &items) = target;
        struct node *given = parse_expression(p);
        if (given == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &items) = given;
    }
    node->b = parse_body(p, ends);
    return node->b != NULL ? node_seal(p, ended(p, node), items.items, items.len) : NULL;
}

static struct node *parse_autoescape(struct parser *p, const struct token *tag)
{
    static const char *const ends[] = { "endautoescape", NULL };
    struct node *node = node_new(p, NODE_AUTOESCAPE, tag);
    node->a = parse_expression(p);
    node->b = node->a == NULL ? NULL : parse_body(p, ends);
    return node->b != NULL ? ended(p, node) : NULL;
}

static struct node *parse_print(struct parser *p, const struct token *tag)
{
    struct node *body = node_new(p, NODE_BODY, tag);
    node_vec items = { 0 };
    while (!at_kind(p, TOKEN_BLOCK_END)) {
        if (items.len > 0 && !expect_kind(p, TOKEN_COMMA)) {
            return NULL;
        }
        struct node *output = node_new(p, NODE_OUTPUT, tag);
        output->a = parse_expression(p);
        if (output->a == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &items) = output;
    }
    return node_seal(p, body, items.items, items.len);
}

static struct node *parse_do(struct parser *p, const struct token *tag)
{
    struct node *node = node_new(p, NODE_DO, tag);
    node->a = parse_tuple(p, 0);
    return node->a == NULL ? NULL : node;
}

static struct node *parse_jump(struct parser *p, const struct token *tag, enum node_kind kind)
{
    if (p->loops == 0) {
        return parse_fail(p, tag, "'%.*s' outside of a loop", SARG(tag->text));
    }
    return node_new(p, kind, tag);
}

static struct node *parse_break(struct parser *p, const struct token *tag)
{
    return parse_jump(p, tag, NODE_BREAK);
}

static struct node *parse_continue(struct parser *p, const struct token *tag)
{
    return parse_jump(p, tag, NODE_CONTINUE);
}

/* ---- dispatch ---- */

static const struct statement statements[] = {
    { { .name = "if",
        .summary = "A part for a condition; elif and else for the others.",
        .example = "{% if 2 > 3 %}more{% elif 2 == 3 %}same{% else %}less{% endif %} -> less" },
      parse_if },
    { { .name = "for",
        .summary = "A part for each item; else if there is none. 'if' leaves items out, "
                   "'recursive' lets loop() go into what is within; loop tells where it is: index, "
                   "index0, first, last, length, cycle() ...",
        .example = "{% for i in [1, 2, 3] if i is odd %}{{ loop.index }}:{{ i }};{% else %}none{% "
                   "endfor %} -> 1:1;2:3;\n"
                   "{% for k, v in {'a': 1}.items() %}{{ k }}={{ v }}{% endfor %} -> a=1" },
      parse_for },
    { { .name = "set",
        .summary = "A variable; or, as a block, the text within, through a filter if one is named.",
        .example = "{% set x = 2 + 3 %}{{ x }} -> 5\n"
                   "{% set text | upper %}a block{% endset %}{{ text }} -> A BLOCK" },
      parse_set },
    { { .name = "macro",
        .summary = "A text with parameters, to be called like a function. It also knows varargs, "
                   "kwargs and caller.",
        .example = "{% macro item(name, port=80) %}{{ name }}:{{ port }}{% endmacro %}{{ "
                   "item('web') }} {{ item('db', port=5432) }} -> web:80 db:5432" },
      parse_macro },
    { { .name = "call",
        .summary = "Calls a macro, which gets the text within by caller().",
        .example = "{% macro box(title) %}<{{ title }}: {{ caller() }}>{% endmacro %}{% call "
                   "box('note') %}text{% endcall %} -> <note: text>" },
      parse_call_block },
    { { .name = "filter",
        .summary = "The text within, through filters.",
        .example = "{% filter upper %}shout{% endfilter %} -> SHOUT" },
      parse_filter_block },
    { { .name = "block",
        .summary = "A part that a template which extends this one may replace. super() is what it "
                   "replaces, 'required' says that it must be.",
        .example = "{% block body %}what a template that extends this one may replace{% endblock "
                   "%} -> what a template that extends this one may replace" },
      parse_block },
    { { .name = "extends",
        .summary = "Another template, with blocks of this one in place of its own.",
        .example = "{% extends 'base.j2' %}{% block body %}mine{% endblock %} -> <mine>" },
      parse_extends },
    { { .name = "include",
        .summary = "Another template, rendered here. 'ignore missing' does without it, 'without "
                   "context' hides the variables; a list gives the first that exists.",
        .example = "{% include 'greeting.j2' %} -> Hello, all\n"
                   "{% include 'no_such.j2' ignore missing %}ok -> ok" },
      parse_include },
    { { .name = "import",
        .summary = "The macros and variables of another template, under one name.",
        .example = "{% import 'macros.j2' as m %}{{ m.pair('port', 80) }} -> port = 80" },
      parse_import },
    { { .name = "from",
        .summary = "Macros and variables of another template, by their names.",
        .example = "{% from 'macros.j2' import pair as p %}{{ p('port', 80) }} -> port = 80" },
      parse_from },
    { { .name = "with",
        .summary = "Variables for the part within.",
        .example = "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %} -> 3" },
      parse_with },
    { { .name = "raw",
        .summary = "Text that is no template.",
        .example = "{% raw %}{{ not a template }}{% endraw %} -> {{ not a template }}" },
      NULL },
    { { .name = "autoescape",
        .summary = "Whether output within is made safe for HTML.",
        .example = "{% autoescape true %}{{ '<b>' }}{% endautoescape %} -> <b>" },
      parse_autoescape },
    { { .name = "print",
        .summary = "The value of an expression, as {{ }} gives it.",
        .example = "{% print 1 + 1 %} -> 2" },
      parse_print },
    { { .name = "do",
        .summary =
            "An expression for what it does only. jinja2_extensions must name jinja2.ext.do.",
        .example = "{% set l = [] %}{% do l.append(1) %}{{ l }} -> [1]" },
      parse_do },
    { { .name = "break",
        .summary = "Ends a loop. jinja2_extensions must name jinja2.ext.loopcontrols.",
        .example = "{% for i in [1, 2, 3] %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor "
                   "%} -> 1" },
      parse_break },
    { { .name = "continue",
        .summary =
            "Goes on with the next item. jinja2_extensions must name jinja2.ext.loopcontrols.",
        .example = "{% for i in [1, 2, 3] %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% "
                   "endfor %} -> 13" },
      parse_continue },
};

const struct builtin *statement_row(size_t i)
{
    return i < ARRAY_LEN(statements) ? &statements[i].row : NULL;
}

static bool enabled(const struct parser *p, const struct statement *statement)
{
    const struct compile_options *o = p->input->options;
    bool loop_control = statement->parse == parse_break || statement->parse == parse_continue;
    return statement->parse == parse_do ? o->extension_do : !loop_control || o->extension_loops;
}

/* A tag that ends nothing, or not what is open. */
static void *misplaced_tag(struct parser *p, const struct token *tag)
{
    bool is_end = str_starts(tag->text, S("end")) || str_eq(tag->text, S("else")) ||
                  str_eq(tag->text, S("elif"));
    parse_fail(p, tag, is_end ? "'%.*s' has no matching beginning" : "unknown statement '%.*s'",
               SARG(tag->text));
    if (p->open_count > 0) {
        struct token open = p->open[p->open_count - 1].name;
        p->error->note = str_format(p->arena, "'%.*s' is open here, and must be ended by '%s'",
                                    SARG(open.text), p->open[p->open_count - 1].ends[0]);
        p->error->note_from = open.from;
        p->error->note_to = open.to;
    }
    return NULL;
}

static void *unknown_tag(struct parser *p, const struct token *tag)
{
    static const str names[] = { S_INIT("if"),      S_INIT("for"),     S_INIT("set"),
                                 S_INIT("macro"),   S_INIT("call"),    S_INIT("filter"),
                                 S_INIT("block"),   S_INIT("extends"), S_INIT("include"),
                                 S_INIT("import"),  S_INIT("from"),    S_INIT("with"),
                                 S_INIT("endif"),   S_INIT("endfor"),  S_INIT("endset"),
                                 S_INIT("elif"),    S_INIT("else"),    S_INIT("endmacro"),
                                 S_INIT("endcall"), S_INIT("raw"),     S_INIT("endblock") };
    misplaced_tag(p, tag);
    p->error->given = tag->text;
    p->error->candidates = names;
    p->error->candidate_count = ARRAY_LEN(names);
    return NULL;
}

/* A statement of an extension of Jinja2 that is not switched on. */
static void *switched_off(struct parser *p, const struct token *tag,
                          const struct statement *statement)
{
    const char *extension = statement->parse == parse_do ? "do" : "loopcontrols";
    parse_fail(p, tag, "statement '%.*s' is switched off", SARG(tag->text));
    p->error->hint = str_format(p->arena,
                                "switch it on: jinja2_extensions = jinja2.ext.%s, under "
                                "[defaults] of ansible.cfg",
                                extension);
    return NULL;
}

static struct node *parse_statement(struct parser *p)
{
    const struct token *tag = current(p);
    if (tag->kind != TOKEN_NAME) {
        return parse_unexpected(p, "the name of a statement");
    }
    for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
        if (!str_eq(tag->text, str_of(statements[i].row.name)) || statements[i].parse == NULL) {
            continue;
        }
        if (!enabled(p, &statements[i])) {
            return switched_off(p, tag, &statements[i]);
        }
        if (p->open_count >= PARSE_MAX_DEPTH) {
            return parse_fail(p, tag, "statements are nested too deeply");
        }
        advance(p);
        return statements[i].parse(p, tag);
    }
    return unknown_tag(p, tag);
}

static struct node *parse_output(struct parser *p)
{
    struct node *node = node_new(p, NODE_OUTPUT, advance(p));
    node->a = parse_tuple(p, 0);
    if (node->a == NULL || !expect_kind(p, TOKEN_VARIABLE_END)) {
        return NULL;
    }
    node_end(p, node);
    return node;
}

static struct node *parse_text(struct parser *p)
{
    const struct token *token = advance(p);
    struct node *node = node_new(p, NODE_TEXT, token);
    node->as.constant = value_str(p->arena, str_copy(p->arena, token->text));
    return node;
}

static bool at_end_tag(const struct parser *p, const char *const *ends)
{
    for (; ends != NULL && *ends != NULL; ends++) {
        if (at_name(p, *ends)) {
            return true;
        }
    }
    return false;
}

/* Text, output and statements, until one of the end tags; `p` then stands at its name. */
static struct node *parse_pieces(struct parser *p, const char *const *ends)
{
    struct node *body = node_new(p, NODE_BODY, current(p));
    node_vec items = { 0 };
    for (;;) {
        struct node *item;
        if (at_kind(p, TOKEN_TEXT)) {
            item = parse_text(p);
        } else if (at_kind(p, TOKEN_VARIABLE_BEGIN)) {
            item = parse_output(p);
        } else if (at_kind(p, TOKEN_BLOCK_BEGIN)) {
            advance(p);
            if (at_end_tag(p, ends)) {
                break;
            }
            item = parse_statement(p);
            if (item != NULL && !expect_kind(p, TOKEN_BLOCK_END)) {
                return NULL;
            }
        } else {
            break;
        }
        if (item == NULL) {
            return NULL;
        }
        *VEC_PUSH(p->arena, &items) = item;
    }
    return node_seal(p, body, items.items, items.len);
}

static void *unclosed_statement(struct parser *p, const struct token *opened,
                                const char *const *ends)
{
    size_t last = 0;
    while (ends[last + 1] != NULL) {
        last++;
    }
    const char *end = strncmp(ends[0], "end", 3) == 0 ? ends[0] : ends[last];
    p->error->hint = str_format(p->arena, "end it with '%s'", end);
    return parse_fail(p, opened, "'%.*s' is never ended", SARG(opened->text));
}

struct node *parse_body(struct parser *p, const char *const *ends)
{
    /* The name of the statement is the first token behind its begin mark. */
    size_t name = p->at;
    while (name > 0 && p->tokens.items[name - 1].kind != TOKEN_BLOCK_BEGIN) {
        name--;
    }
    skip_kind(p, TOKEN_COLON); /* accepted, as Python writes it */
    if (!expect_kind(p, TOKEN_BLOCK_END)) {
        return NULL;
    }
    if (p->open_count >= PARSE_MAX_DEPTH) {
        return parse_fail(p, current(p), "statements are nested too deeply");
    }
    p->open[p->open_count].name = p->tokens.items[name];
    p->open[p->open_count++].ends = ends;
    struct node *body = parse_pieces(p, ends);
    p->open_count--;
    if (body != NULL && at_kind(p, TOKEN_EOF)) {
        return unclosed_statement(p, &p->tokens.items[name], ends);
    }
    return body;
}

struct node *parse_template(struct parser *p)
{
    return parse_pieces(p, NULL);
}
