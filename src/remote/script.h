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
    struct strbuf sweep; /* lines that remove what is left if these are ended in the middle */
    bool has_tar;        /* the host has; given */
    str problem; /* a change that cannot be told as lines (validate without %s ...), or STR_NONE */
    size_t problem_at;
};

/* Lines for `count` changes, none of them a CHANGE_RUN; consecutive writes are synced together,
 * many of them go in one stream (bundle.h). The reply has the sections "done" (how many), and if
 * one failed "step", "error", and of a bundle "at": which one, if the error does not name it. */
void script_changes(struct script *script, struct arena *arena, const struct change *changes,
                    size_t count);

/* ---- for bundle.c ---- */

/* What we make beside a target: hidden, and never with the target's suffix. */
#define SCRIPT_NEW_NAME     ".hostler-"
#define SCRIPT_NEW_NAME_LEN (sizeof SCRIPT_NEW_NAME - 1 + 24)
str script_new_name(struct arena *arena);
void script_sweep(struct script *script, str dir, str name);
str script_owner(struct arena *arena, const struct file_attrs *attrs); /* OWNER:GROUP as chown(1) */
