/*
 * convert.c - the dialects: what output becomes, and what a condition means. This is the one file
 * that knows how the classic dialect (results are read as Python literals), the native one and
 * plain Jinja differ in their results.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "formats/objects.h"
#include "template/core.h"

/* ---- output ---- */

void output_init(struct output *out, struct arena *arena)
{
    *out = (struct output){ .text = textbuf_in(arena) };
}

/* A piece may be alone: until another one comes its type is kept. */
static void add_piece(struct output *out, value shown)
{
    if (out->pieces == 0) {
        out->only = shown;
        out->pieces = 1;
        return;
    }
    if (out->pieces == 1) {
        textbuf_add_printed(&out->text, out->only);
        out->pieces = 2;
    }
    textbuf_add_printed(&out->text, shown);
}

void output_text(struct render *r, value text)
{
    str s = value_as_str(text);
    if (r->out->pieces > 1) {
        textbuf_add(&r->out->text, s);
    } else if (s.len > 0) {
        add_piece(r->out, text);
    }
}

/* Plain Jinja: everything is text, undefined is nothing. */
static bool output_jinja(struct render *r, value v, span at)
{
    value text = v;
    if (!value_is(v, VALUE_STR) && !text_of(r, v, at, &text)) {
        return false;
    }
    bool escape = r->autoescape && !is_markup(text);
    add_piece(r->out, escape ? escape_html(r->arena, text) : text);
    return true;
}

/* What is neither text nor number, as it is printed within a text. */
static bool printable(struct render *r, value *v, span at)
{
    if (value_is_object(*v, &bytes_type) && dialect_is(r, DIALECT_CLASSIC)) {
        const str *bytes = value_object_data(*v);
        *v = value_str(r->arena, utf8_repair(r->arena, *bytes));
    }
    if (value_is(*v, VALUE_OBJECT) && !(plain_maps(r, *v, v) && plain_value(r, *v, v))) {
        return false;
    }
    value undefined;
    if (!may_go_through(r, *v, at)) {
        return false;
    }
    if (find_undefined(*v, &undefined)) {
        if (!may_use_undefined(r, undefined, at)) {
            return false;
        }
        *v = value_is(*v, VALUE_UNDEFINED) ? value_str(r->arena, STR_EMPTY) : *v;
    }
    if (value_is(*v, VALUE_NULL) && dialect_is(r, DIALECT_CLASSIC)) {
        *v = value_str(r->arena, STR_EMPTY);
    }
    return true;
}

bool output_value(struct render *r, value v, span at)
{
    if (r->out->text.bytes.len > MAX_TEXT) {
        render_error(r, at, TEMPLATE_FAILED, "result is larger than %u MiB", MAX_TEXT >> 20);
        return false;
    }
    if (dialect_is(r, DIALECT_JINJA)) {
        return output_jinja(r, v, at);
    }
    if (!value_is(v, VALUE_STR) && !is_number(v) && !printable(r, &v, at)) {
        return false;
    }
    if (r->state->track_taint && r->state->tainted && !is_number(v)) {
        r->state->tainted_output = true;
    }
    add_piece(r->out, v);
    return true;
}

value output_plain(struct output *out)
{
    if (out->pieces == 1) {
        value v = out->only;
        out->pieces = 0;
        if (!value_is(v, VALUE_STR) && !value_is(v, VALUE_UNKNOWN)) {
            v = value_print(out->text.bytes.arena, v);
        }
        return value_untrusted(v);
    }
    return textbuf_value(&out->text);
}

/* ---- Python literals ---- */

#define LITERAL_DEPTH 100

struct literal {
    struct arena *arena;
    str text;
    struct tokens tokens;
    size_t at;
    unsigned depth;
};

static bool read_value(struct literal *lit, value *ret);

/* Only what Python's tokens and Jinja's have in common is needed: literals and brackets. Prefixes
 * of strings and comments are dealt with before. */
static bool tokenize(struct literal *lit)
{
    struct lex_options options = { .newline = S("\n"), .expression = true };
    options.keep_trailing_newline = true;
    struct syntax_error error = { 0 };
    return lex_text(lit->arena, lit->text, &options, &lit->tokens, &error);
}

static const struct token *now(const struct literal *lit)
{
    return &lit->tokens.items[lit->at];
}

static bool accept(struct literal *lit, enum token_kind kind)
{
    bool found = now(lit)->kind == kind;
    lit->at += found;
    return found;
}

static bool read_name(struct literal *lit, value *ret)
{
    static const struct {
        const char *name;
        int which;
    } names[] = { { "True", 1 },  { "true", 1 }, { "False", 0 },
                  { "false", 0 }, { "None", 2 }, { "null", 2 } };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(now(lit)->text, str_of(names[i].name))) {
            *ret = names[i].which == 2 ? value_null() : value_bool(names[i].which == 1);
            lit->at++;
            return true;
        }
    }
    return false;
}

static bool read_number(struct literal *lit, value *ret)
{
    const struct token *token = now(lit);
    str digits = str_replace(lit->arena, token->text, S("_"), STR_EMPTY);
    lit->at++;
    if (token->kind == TOKEN_FLOAT) {
        *ret = value_float(strtod(str_c(lit->arena, digits), NULL));
        return true;
    }
    unsigned base = 10;
    if (digits.len > 1 && digits.ptr[0] == '0') {
        char kind = (char)(digits.ptr[1] | 0x20);
        base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
        digits = base == 10 ? digits : str_part(digits, 2, digits.len);
    }
    /* Behind a number stands no name: 012 and 1a are mistakes. */
    const struct token *next = now(lit);
    bool glued = next->from == token->to && (next->kind == TOKEN_INTEGER ||
                                             next->kind == TOKEN_NAME || next->kind == TOKEN_FLOAT);
    return !glued && big_from_digits(lit->arena, digits, base, ret);
}

static bool read_signed(struct literal *lit, value *ret)
{
    bool minus = accept(lit, TOKEN_SUB);
    if (!minus) {
        lit->at++;
    }
    value v;
    if ((now(lit)->kind != TOKEN_INTEGER && now(lit)->kind != TOKEN_FLOAT) ||
        !read_number(lit, &v)) {
        return false;
    }
    if (minus && value_is(v, VALUE_FLOAT)) {
        v = value_float(-value_as_float(v));
    } else if (minus) {
        v = big_sub(lit->arena, value_int(0), v);
    }
    *ret = v;
    return true;
}

static bool read_strings(struct literal *lit, value *ret)
{
    struct strbuf all = strbuf_in(lit->arena);
    while (now(lit)->kind == TOKEN_STRING) {
        strbuf_add(&all, now(lit)->text);
        lit->at++;
    }
    *ret = value_str(lit->arena, strbuf_str(&all));
    return true;
}

static bool read_sequence(struct literal *lit, enum token_kind end, bool tuple, value *ret)
{
    struct list_builder list = list_in(lit->arena);
    bool comma = false;
    lit->at++;
    while (now(lit)->kind != end) {
        value item;
        if (list.items.len > 0 && !comma) {
            return false;
        }
        if (!read_value(lit, &item)) {
            return false;
        }
        list_add(&list, item);
        comma = accept(lit, TOKEN_COMMA);
    }
    lit->at++;
    if (tuple && list.items.len == 1 && !comma) {
        *ret = list.items.items[0];
    } else {
        *ret = tuple ? tuple_seal(&list) : list_seal(&list);
    }
    return true;
}

static bool hashable(value v)
{
    return !value_is(v, VALUE_MAP) && (!value_is(v, VALUE_LIST) || value_is_tuple(v)) &&
           !value_is_object(v, &set_type);
}

/* {} and {a: b} are maps, {a, b} is a set. */
static bool read_braces(struct literal *lit, value *ret)
{
    struct map_builder map = map_in(lit->arena);
    struct list_builder members = list_in(lit->arena);
    bool first = true, comma = false, set = false;
    lit->at++;
    while (now(lit)->kind != TOKEN_RBRACE) {
        value key, val;
        if ((!first && !comma) || !read_value(lit, &key) || !hashable(key)) {
            return false;
        }
        bool pair = accept(lit, TOKEN_COLON);
        set = first ? !pair : set;
        if (set == pair || (pair && !read_value(lit, &val))) {
            return false;
        }
        if (pair) {
            map_set(&map, key, val);
        } else {
            list_add(&members, key);
        }
        first = false;
        comma = accept(lit, TOKEN_COMMA);
    }
    lit->at++;
    *ret = set ? value_set(lit->arena, list_seal(&members)) : map_seal(&map);
    return true;
}

static bool read_kind(struct literal *lit, value *ret)
{
    switch (now(lit)->kind) {
    case TOKEN_NAME:
        return read_name(lit, ret);
    case TOKEN_INTEGER:
    case TOKEN_FLOAT:
        return read_number(lit, ret);
    case TOKEN_SUB:
    case TOKEN_ADD:
        return read_signed(lit, ret);
    case TOKEN_STRING:
        return read_strings(lit, ret);
    case TOKEN_LBRACKET:
        return read_sequence(lit, TOKEN_RBRACKET, false, ret);
    case TOKEN_LPAREN:
        return read_sequence(lit, TOKEN_RPAREN, true, ret);
    case TOKEN_LBRACE:
        return read_braces(lit, ret);
    default:
        return false;
    }
}

static bool read_value(struct literal *lit, value *ret)
{
    if (++lit->depth > LITERAL_DEPTH) {
        return false;
    }
    bool ok = read_kind(lit, ret);
    lit->depth--;
    return ok;
}

/* Python's comments, and line breaks that end the text early, are no part of Jinja's tokens. */
static str without_comments(struct arena *arena, str text)
{
    if (memchr(text.ptr, '#', text.len) == NULL) {
        return text;
    }
    struct strbuf out = strbuf_in(arena);
    char quote = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (quote == 0 && c == '#') {
            while (i + 1 < text.len && text.ptr[i + 1] != '\n') {
                i++;
            }
            continue;
        }
        if (quote != 0 && c == '\\' && i + 1 < text.len) {
            strbuf_add_char(&out, c);
            c = text.ptr[++i];
        } else if (c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        }
        strbuf_add_char(&out, c);
    }
    return strbuf_str(&out);
}

/* A string literal of one line cannot hold a line break. */
static bool breaks_a_string(const struct literal *lit)
{
    for (size_t i = 0; i < lit->tokens.len; i++) {
        const struct token *token = &lit->tokens.items[i];
        str raw = str_part(lit->text, token->from, token->to);
        for (size_t k = 0; token->kind == TOKEN_STRING && k < raw.len; k++) {
            if (raw.ptr[k] == '\n' && raw.ptr[k - 1] != '\\') {
                return true;
            }
        }
    }
    return false;
}

bool read_literal(struct arena *arena, str text, value *ret)
{
    struct literal lit = { .arena = arena, .text = without_comments(arena, text) };
    value v;
    if (!tokenize(&lit) || breaks_a_string(&lit) || !read_value(&lit, &v) ||
        now(&lit)->kind != TOKEN_EOF) {
        return false;
    }
    *ret = v;
    return true;
}

/* ---- classic results ---- */

static bool may_be_literal(str s)
{
    return str_starts(s, S("{")) || str_starts(s, S("[")) || str_eq(s, S("True")) ||
           str_eq(s, S("False"));
}

value classic_value(struct arena *arena, value text)
{
    value v;
    if (!value_is(text, VALUE_STR) || !may_be_literal(value_as_str(text)) ||
        !read_literal(arena, value_as_str(text), &v)) {
        return text;
    }
    return value_has_secret(text) ? value_secret_all(arena, v) : v;
}

/* Whether printing a value and reading it again gives the same: no dates, sets, functions, and no
 * numbers that print as names. */
static bool survives_printing(value v, unsigned depth)
{
    if (depth > LITERAL_DEPTH) {
        return false;
    }
    switch (value_kind(v)) {
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_UNKNOWN:
        return true;
    case VALUE_STR:
        return !is_markup(v);
    case VALUE_FLOAT: {
        double d = value_as_float(v);
        return d - d == 0;
    }
    case VALUE_LIST:
        for (size_t i = 0; i < value_count(v); i++) {
            if (!survives_printing(value_item(v, i), depth + 1)) {
                return false;
            }
        }
        return true;
    case VALUE_MAP:
        for (size_t i = 0; i < value_count(v); i++) {
            if (!survives_printing(value_map_key(v, i), depth + 1) ||
                !survives_printing(value_map_value(v, i), depth + 1)) {
                return false;
            }
        }
        return true;
    case VALUE_UNDEFINED:
    case VALUE_OBJECT:
        return false;
    }
    return false;
}

bool is_container(value v)
{
    return (value_is(v, VALUE_LIST) && !value_is_tuple(v)) || value_is(v, VALUE_MAP);
}

/* A single list, map or boolean: printed and read again, without doing so where that is certain to
 * change nothing. */
static value single_result(struct render *r, value v)
{
    if (value_is(v, VALUE_UNKNOWN) || value_is(v, VALUE_BOOL) ||
        (is_container(v) && survives_printing(v, 1))) {
        return value_untrust_all(r->arena, v);
    }
    if (value_is(v, VALUE_STR)) {
        v = value_untrusted(v);
        return (v.flags & (FLAG_NATIVE | FLAG_OMIT)) != 0 ? v : classic_value(r->arena, v);
    }
    return classic_value(r->arena, value_print(r->arena, v));
}

value output_result(struct render *r, struct output *out)
{
    enum dialect dialect = r->eval->env->dialect;
    if (!r->convert || dialect == DIALECT_JINJA) {
        return output_plain(out);
    }
    if (dialect == DIALECT_NATIVE) {
        return out->pieces == 1 ? value_untrust_all(r->arena, out->only) : output_plain(out);
    }
    if (out->pieces == 1) {
        return single_result(r, out->only);
    }
    return classic_value(r->arena, output_plain(out));
}

/* ---- the "#jinja2:" header ---- */

static bool header_error(struct syntax_error *error, struct arena *arena, str line, str what)
{
    error->from = 0;
    error->to = (uint32_t)line.len;
    error->message = str_format(arena, "%.*s in the '#jinja2:' line", SARG(what));
    error->hint = S("write it as: #jinja2: trim_blocks: False, lstrip_blocks: True");
    return false;
}

static bool set_option(struct lex_options *o, str key, value v)
{
    struct {
        const char *name;
        bool *flag;
        str *text;
    } table[] = {
        { "trim_blocks", &o->trim_blocks, NULL },
        { "lstrip_blocks", &o->lstrip_blocks, NULL },
        { "keep_trailing_newline", &o->keep_trailing_newline, NULL },
        { "newline_sequence", NULL, &o->newline },
        { "block_start_string", NULL, &o->block_start },
        { "block_end_string", NULL, &o->block_end },
        { "variable_start_string", NULL, &o->variable_start },
        { "variable_end_string", NULL, &o->variable_end },
        { "comment_start_string", NULL, &o->comment_start },
        { "comment_end_string", NULL, &o->comment_end },
        { "line_statement_prefix", NULL, &o->line_statement },
        { "line_comment_prefix", NULL, &o->line_comment },
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (!str_eq(key, str_of(table[i].name))) {
            continue;
        }
        if (table[i].flag != NULL) {
            *table[i].flag = value_truth(v) == TRUTH_TRUE;
            return true;
        }
        if (value_is(v, VALUE_STR)) {
            *table[i].text = value_as_str(v);
            return true;
        }
        return value_is(v, VALUE_NULL);
    }
    return false;
}

bool parse_header(struct arena *arena, str text, struct lex_options *options, size_t *ret_skip,
                  struct syntax_error *ret_error)
{
    static const char magic[] = "#jinja2:";
    *ret_skip = 0;
    if (!str_starts(text, S("#jinja2:"))) {
        return true;
    }
    size_t end = str_find_char(text, '\n', 0);
    end = end == STR_NPOS ? text.len : end;
    str line = str_part(text, sizeof magic - 1, end), rest = line;
    str whole = str_part(text, 0, end);
    *ret_skip = end < text.len ? end + 1 : end;
    while (!str_is_none(rest)) {
        str pair = str_cut(&rest, ',');
        size_t colon = str_find_char(pair, ':', 0);
        if (colon == STR_NPOS) {
            return header_error(ret_error, arena, whole, S("missing ':'"));
        }
        str key = str_trim(str_part(pair, 0, colon));
        value v;
        if (!read_literal(arena, str_trim(str_part(pair, colon + 1, pair.len)), &v)) {
            return header_error(ret_error, arena, whole, S("value that is no literal"));
        }
        if (!set_option(options, key, v)) {
            return header_error(ret_error, arena, whole,
                                str_format(arena, "unknown option '%.*s'", SARG(key)));
        }
    }
    return true;
}

/* ---- conditions ---- */

static bool condition_error(struct eval *eval, value condition, const char *message)
{
    diag_error(eval->diags, condition.at, "%s", message);
    eval->failure = TEMPLATE_FAILED;
    return false;
}

/* Native: only booleans decide. */
static bool decide(struct eval *eval, value condition, value v, enum truth *ret)
{
    if (eval->env->dialect == DIALECT_NATIVE && !value_is(v, VALUE_BOOL) &&
        !value_is(v, VALUE_UNKNOWN)) {
        diag_hint(diag_error(eval->diags, condition.at,
                             "condition gives %s %s, and must be true or false", A_TYPE(v)),
                  "compare it: '... != \"\"', '... is defined', '... | length > 0'");
        eval->failure = TEMPLATE_FAILED;
        return false;
    }
    *ret = value_truth(v);
    return true;
}

void condition_options(const struct eval *eval, struct compile_options *ret)
{
    playbook_options(eval, ret);
    ret->lex.expression = true;
    ret->lex.condition = eval->env->dialect == DIALECT_CLASSIC;
    ret->lex.double_backslashes = false; /* classic: as within {% if %} */
}

static bool evaluate_condition(struct eval *eval, value text, enum truth *ret)
{
    struct compile_options options;
    condition_options(eval, &options);
    value v;
    if (!render_text(eval, text, options, false, &v)) {
        return false;
    }
    if (value_is(v, VALUE_UNDEFINED)) {
        struct render r = { .eval = eval, .state = eval->state, .arena = eval->arena };
        r.source = text;
        if (!may_use_undefined(&r, v, SPAN_NONE)) {
            return false;
        }
        *ret = TRUTH_FALSE;
        return true;
    }
    return decide(eval, text, v, ret);
}

/* Text that only names a number or a truth is harmless whoever wrote it. */
static bool harmless(str s)
{
    s = str_trim(s);
    int64_t ignored;
    return str_to_int64(s, &ignored) || str_eq_nocase(s, S("true")) || str_eq_nocase(s, S("false"));
}

/*
 * A condition with "{{": evaluated as a template first, the result then as an expression. What came
 * from a host never gets that far: the variables are evaluated anew, watching for it.
 */
static bool evaluate_twice(struct eval *eval, value condition, enum truth *ret)
{
    struct eval_state *state = eval_state(eval);
    struct scope_memo *memo = eval->scope != NULL ? eval->scope->memo : NULL;
    bool outer = state->track_taint;
    if (eval->scope != NULL) {
        eval->scope->memo = NULL;
    }
    state->track_taint = true;
    state->tainted = state->tainted_output = false;
    value v;
    bool ok = template_value(eval, condition, &v);
    state->track_taint = outer;
    if (eval->scope != NULL) {
        eval->scope->memo = memo;
    }
    if (!ok) {
        return false;
    }
    if (!value_is(v, VALUE_STR) || eval->env->dialect == DIALECT_NATIVE) {
        return decide(eval, condition, v, ret);
    }
    if (value_as_str(v).len == 0) {
        *ret = TRUTH_FALSE;
        return true;
    }
    if (state->tainted_output && !harmless(value_as_str(v))) {
        diag_hint(diag_error(eval->diags, condition.at,
                             "condition would evaluate text that is not the author's"),
                  "leave the braces out: a condition is an expression already");
        eval->failure = TEMPLATE_FAILED;
        return false;
    }
    return evaluate_condition(eval, value_at(value_trusted(v), condition.at), ret);
}

bool condition_holds(struct eval *eval, value condition, enum truth *ret)
{
    if (value_is(condition, VALUE_NULL)) {
        *ret = TRUTH_TRUE;
        return true;
    }
    if (!value_is(condition, VALUE_STR)) {
        return value_is(condition, VALUE_UNDEFINED)
                   ? condition_error(eval, condition, "condition is undefined")
                   : decide(eval, condition, condition, ret);
    }
    if (value_as_str(condition).len == 0) {
        *ret = TRUTH_TRUE;
        return true;
    }
    if (!value_is_trusted(condition)) {
        return condition_error(eval, condition,
                               "condition is text that is not the author's: it is not evaluated");
    }
    return template_is_template(condition) ? evaluate_twice(eval, condition, ret)
                                           : evaluate_condition(eval, condition, ret);
}
