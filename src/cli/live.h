/*
 * live.h - what commands print while they run, as it is shown: a line each with --live, or the last
 * one beside the status line on a terminal.
 */
#pragma once
#include "base/secrets.h"

/*
 * A line of a host's output for a terminal: known secrets are redacted, bytes that are no text and
 * control characters stand as \x1b, a tab as a blank, so that a host cannot move the cursor.
 * columns: cut there, with "..." at the end; 0: not.
 */
str live_text(struct arena *arena, struct secrets *secrets, str line, size_t columns);
