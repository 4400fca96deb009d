/*
 * console.h - the callbacks of connections, see transport/transport.h; `data` is the struct run.
 * Any thread may call them; a question keeps the run's other output waiting.
 */
#pragma once
#include "engine/state.h"

/* False: there is no terminal, no answer, or the run was interrupted. */
bool console_ask(void *data, struct arena *arena, str question, bool echo, str *ret);
void console_tell(void *data, str message, str hint); /* a warning; the same text only once */
