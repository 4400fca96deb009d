/*
 * passwords.h - passwords as they are given: in a file, by a program, at the terminal.
 */
#pragma once
#include "base/diag.h"

/* What the file holds or, where it is executable, what that prints; white space around it is cut.
 * `args` are for the program: up to four, the last one NULL; or NULL. Reported: no such file, a
 * program that failed, nothing there. */
bool password_read(struct arena *arena, struct diags *diags, str path, const char *const *args,
                   str *ret);

/* Asked for without echo. Reported: there is no terminal. */
bool password_ask(struct arena *arena, struct diags *diags, str question, str *ret);
/* Asked for twice; reported: the two differ, or are empty. */
bool password_choose(struct arena *arena, struct diags *diags, str question, str again, str *ret);
