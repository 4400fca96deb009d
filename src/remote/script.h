/*
 * script.h - changes as lines for a control shell. Private to remote/.
 */
#pragma once
#include "base/strbuf.h"
#include "remote/shell.h"

/* The functions the lines use, sent once to each control shell before its first change. Finds out
 * what cp, mv and sync can do: costs four forks, once. */
void script_prelude(struct strbuf *script);

struct script {
    struct strbuf lines;
    VEC(struct payload) payloads;
    str problem; /* a change that cannot be told as lines (validate without %s ...), or STR_NONE */
    size_t problem_at;
};

/* Lines for `count` changes, none of them a CHANGE_RUN; consecutive writes are synced together.
 * The reply has the sections "done" (how many), and if one failed "step", "error", and of a
 * validate command "status" and "output". */
void script_changes(struct script *script, struct arena *arena, const struct change *changes,
                    size_t count);
