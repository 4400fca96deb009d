/*
 * become_script.h - what is said to a host so that a shell proves itself: the command that starts
 * it, and the script in that. Private to transport/; become.c leads the dialogue.
 *
 * The random tokens are written in two pieces, so that an echo of the command does not hold them.
 */
#pragma once
#include "transport/transport.h"

struct become_words {
    struct arena *arena;
    const struct become *become; /* how; unused where nobody is become */
    str user;                    /* whom to become; STR_NONE: nobody else */
    str start, marker, prompt;   /* tokens, see become.c */
    bool pty;                    /* its stdin is a terminal */
};

/* A command for a login shell of any kind (csh, fish), which runs a script by /bin/sh. */
str login_command(struct arena *arena, str script);

/* The marker on both streams; then a shell that reads our commands. */
str login_script(struct become_words *words);
/* START on both streams; the program; as the other user the marker, the uid and the wanted one;
 * then a shell. False: a quote in become_flags is not closed. */
bool become_script(struct become_words *words, str *ret);
/* What a script needs before it where the way there leads into a root of its own. */
str own_root_script(struct become_words *words, str script);
