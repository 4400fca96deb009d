/*
 * yaml_mistake.h - between the files that explain what libyaml complains of. Each look_for_...()
 * knows one kind of mistake: it reports it and returns true, or returns false.
 */
#pragma once
#include "formats/yaml_lines.h"
#include "formats/yaml_node.h"

/* The place libyaml stopped at, and its line. */
struct mistake {
    const struct origin *origin;
    struct arena *arena;
    str text;
    const char *problem, *context; /* libyaml's words; "" when there are none */
    size_t at;                     /* of the problem */
    size_t context_at;             /* of what was being read; `at` when unknown */
    size_t line, end;              /* the line of `at`, without its newline */
};

/* yaml_mistake_value.c */
bool look_for_template(const struct mistake *m);
bool look_for_open_quote(const struct mistake *m);
bool look_for_escape(const struct mistake *m);
bool look_behind_quote(const struct mistake *m);
bool look_for_missing_colon(const struct mistake *m);
bool look_for_colon(const struct mistake *m);

/* yaml_mistake_indent.c */
bool look_for_tab(const struct mistake *m);
bool look_for_misalignment(const struct mistake *m);
bool look_for_flat_block(const struct mistake *m);

/* Whether only blanks are before the place on its line. */
bool mistake_begins_line(const struct mistake *m);
/* Some words of the text for a message; not those of a secret. */
str mistake_words(const struct mistake *m, size_t from, size_t to);
/* Hint at the line of `from`, with its bytes [from, to) replaced. */
void mistake_hint_line(const struct mistake *m, struct diag *diag, const char *advice, size_t from,
                       size_t to, str with);
/* Hint at the line with [from, to) in quotes. */
void mistake_hint_quotes(const struct mistake *m, struct diag *diag, size_t from, size_t to);
/* A text in the quotes that need the fewest changes. */
str yaml_quoted(struct arena *arena, str text);
