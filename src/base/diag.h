/*
 * diag.h - what went wrong, for the user: severity, place, message, notes with places of their own,
 * and a hint. The function that knows most reports, once; its callers only return false; cli/
 * prints.
 *
 * Wording: lower case, what went wrong first, the subject in single quotes, no full stop. A hint
 * tells what to do. An unknown name offers the nearest known one (diag_suggest).
 *
 *     error: file mode '0999' is not octal
 *       --> group_vars/web.yml:12:7
 *     12 | mode: 0999
 *        |       ^^^^
 *     note: used by task 'install the configuration' at roles/nginx/tasks/main.yml:8:7
 *     hint: use digits 0 to 7 and quote them: mode: "0644"
 */
#pragma once
#include <stdio.h>

#include "base/arena.h"
#include "base/source.h"

enum severity { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag_note {
    span at; /* SPAN_NONE: a plain line */
    str text;
    struct diag_note *next;
};

struct diag {
    enum severity severity;
    span at;
    str message;
    str hint;                /* STR_NONE when there is none */
    struct diag_note *notes; /* in order */
    bool narrow; /* of its lines, and of its notes', no more is shown than what they point at: the
                    rest is somebody else's, and may be secret */
    struct diags *list; /* the list it belongs to */
};

/* A list of diagnostics. One belongs to the run, one to each task; one thread at a time. */
struct diags {
    struct arena *arena;        /* holds messages; the list lives as long */
    struct source_map *sources; /* never NULL */
    VEC(struct diag *) all;
    unsigned errors; /* how many of them are errors */
    bool strict;     /* warnings count as errors */
};

struct diags *diags_new(struct arena *arena, struct source_map *sources);

/* Report. The returned diag takes notes and a hint; its strings are copied into the list's arena.
 */
struct diag *diag_error(struct diags *diags, span at, const char *format, ...) PRINTF(3, 4);
struct diag *diag_warning(struct diags *diags, span at, const char *format, ...) PRINTF(3, 4);
void diag_note(struct diag *diag, span at, const char *format, ...) PRINTF(3, 4);
void diag_hint(struct diag *diag, const char *format, ...) PRINTF(2, 3); /* the first hint stays */

/* Hint "did you mean 'x'?" with the candidate nearest to `given`, if one is near enough. */
void diag_suggest(struct diag *diag, str given, const str *candidates, size_t count);
/* The nearest candidate, or STR_NONE. Distance: Damerau-Levenshtein, at most a third of the length;
 * '-' and '_', and letter case, count as equal. */
str suggest(str given, const str *candidates, size_t count);
/* The path of a file beside the missing one that has nearly its name, or STR_NONE. */
str suggest_file(struct arena *arena, str missing);

/* Move all diagnostics of `from` behind those of `to`, copying them into its arena. */
void diags_append(struct diags *to, const struct diags *from);

struct diag_style {
    bool color;
    unsigned columns; /* width of the terminal; 0: unlimited. Long lines are cut around the caret */
};

/* Draw one diagnostic; tabs are widened to 8, wide characters counted as 2 columns, control
 * characters shown as '?'; a span over several lines is drawn on its first line. A note in the
 * source of the diagnostic is drawn with its line, too; one in another source only names its place.
 * Of a secret source nothing but name and line number is shown. The text ends with a newline. */
str diag_render(struct arena *arena, struct source_map *sources, const struct diag *diag,
                struct diag_style style);
/* All of them, one behind the other. */
void diags_print(FILE *out, const struct diags *diags, struct diag_style style);

/* Text of others with '?' for what a terminal would take for commands, or what hides other text;
 * line feeds stay. */
str harmless_text(struct arena *arena, str text);
