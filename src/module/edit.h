/*
 * edit.h - changing a text file in place, as lineinfile, blockinfile and replace do: links are
 * followed, owner and mode of what is there are kept.
 */
#pragma once
#include "module/put.h"

struct edit {
    str path;
    bool create; /* make it, with its directories, when it is missing */
    bool backup;
    bool attributes_apart; /* the diff tells of content, as apart from attributes */
    str validate;
    const struct file_params *file;
};

struct edit_state {
    struct resolved real;
    struct file_stat parent;
    struct directory_chain above; /* asked for when the parent is missing */
    value text;                   /* undefined: there is no file; unknown in a dry run */
    struct file_context context;
    str backup;
};

void edit_observe(struct observer *obs, const struct edit *edit, struct edit_state *ret);

/* False after plan_fail(): there is nothing to edit, or it is no file. */
bool edit_possible(struct plan *plan, const struct edit *edit, const struct edit_state *state);

bool edit_missing(const struct edit_state *state); /* there is no file */
bool edit_unknown(const struct edit_state *state); /* a dry run cannot tell what is in it */
str edit_text(const struct edit_state *state);     /* what is in it; empty when it is missing */

/* Write `after` if it differs, and set attributes. Of an unknown text the outcome is unknown. */
void edit_plan(struct plan *plan, const struct edit *edit, const struct edit_state *state,
               str after);

/* msg, and the name of a copy that was kept. text_changed: whether edit_plan() had something to
 * write; message: what was done then. */
void edit_result(struct outcome *out, const struct edit *edit, const struct edit_state *state,
                 bool text_changed, str message, struct map_builder *map);

/* ---- lines ---- */

/* A text as lines, each with its line end; only '\n' ends a line. */
struct line_list {
    VEC(str) lines;
};
struct line_list lines_of(struct arena *arena, str text);
void lines_insert(struct arena *arena, struct line_list *list, size_t at, str line);
str lines_join(struct arena *arena, const struct line_list *list);
str line_body(str line); /* without '\r' and '\n' at its end */
