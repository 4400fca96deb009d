/*
 * git_program.h - programs that stand beside git: they are given a text, and answer with texts.
 */
#pragma once
#include "base/arena.h"

struct program_answer {
    int status; /* as of exit(3); -1: it was ended by a signal */
    str out, err;
};

/* A file in memory with a text, open at its beginning; its name, below /proc, in `ret_path`. -1:
 * errno tells why. */
int memory_file(struct arena *arena, str text, const char **ret_path);

/* Run a program, looked for in PATH, with `input` as its standard input; the texts go through
 * memory only. args: ended by NULL, at most 15. Returns 0, or an errno value where it cannot be
 * started. */
int program_run(struct arena *arena, const char *const *args, str input,
                struct program_answer *ret);
