/*
 * lex.h - a template's text as tokens: text between tags, the tags' beginnings and ends, names,
 * literals and operators. White space control, raw blocks, comments and line statements are dealt
 * with here; the parser sees none of it.
 *
 * Source: Jinja2 3.1, whose lexical rules this follows to the letter.
 */
#pragma once
#include "base/diag.h"
#include "template/template.h"

enum token_kind {
    TOKEN_EOF,
    TOKEN_TEXT,
    TOKEN_VARIABLE_BEGIN,
    TOKEN_VARIABLE_END,
    TOKEN_BLOCK_BEGIN,
    TOKEN_BLOCK_END,
    TOKEN_NAME,
    TOKEN_STRING,
    TOKEN_INTEGER,
    TOKEN_FLOAT,
    TOKEN_ADD,
    TOKEN_SUB,
    TOKEN_MUL,
    TOKEN_POW,
    TOKEN_DIV,
    TOKEN_FLOORDIV,
    TOKEN_MOD,
    TOKEN_TILDE,
    TOKEN_LPAREN,
    TOKEN_RPAREN,
    TOKEN_LBRACKET,
    TOKEN_RBRACKET,
    TOKEN_LBRACE,
    TOKEN_RBRACE,
    TOKEN_EQ,
    TOKEN_NE,
    TOKEN_GT,
    TOKEN_GE,
    TOKEN_LT,
    TOKEN_LE,
    TOKEN_ASSIGN,
    TOKEN_DOT,
    TOKEN_COLON,
    TOKEN_PIPE,
    TOKEN_COMMA,
    TOKEN_SEMICOLON,
};

struct token {
    enum token_kind kind;
    uint32_t from, to; /* bytes of the text */
    str text;          /* TEXT, STRING: with escapes resolved; others: as written */
};

struct lex_options {
    str block_start, block_end, variable_start, variable_end, comment_start, comment_end;
    str line_statement, line_comment; /* prefixes, or STR_NONE */
    bool trim_blocks, lstrip_blocks, keep_trailing_newline;
    str newline; /* what a line break in the text becomes */
    bool
        double_backslashes; /* in string literals within {{ }}: Ansible, for strings of playbooks */
    bool expression;        /* the text is a bare expression, without delimiters */
    bool condition;         /* an expression as {% if %} has it: no "x if y" at its top */
};

/* A mistake in a text: reported by whoever knows where the text stands. */
struct syntax_error {
    str message;
    uint32_t from, to;
    str hint; /* or STR_NONE */
    str note; /* or STR_NONE: what note_from, note_to shows */
    uint32_t note_from, note_to;
    const str *candidates; /* for "did you mean", or NULL */
    size_t candidate_count;
    str given;
};

struct tokens {
    struct token *items; /* ends with TOKEN_EOF */
    size_t len, cap;
};

/* False with *ret_error set. Tokens and their texts live in the arena or share `text`. */
NODISCARD bool lex_text(struct arena *arena, str text, const struct lex_options *options,
                        struct tokens *ret, struct syntax_error *ret_error);
const char *token_describe(enum token_kind kind); /* "':'", "a name", "the end of the template" */
