/*
 * vault_edit.h - plain text shown and edited, so that nothing of it stays behind.
 */
#pragma once
#include "base/diag.h"

/* To standard output, with a line end behind it; by $PAGER (else less) on a terminal. */
bool vault_show(struct arena *arena, struct diags *diags, str plain);

/*
 * Let the user change a text in $EDITOR (else vi). It lies in a file of its own with mode 0600, in
 * memory (/dev/shm) where there is such a place; its directory is removed afterwards: by us, or, if
 * we are killed, by a process that watches for that. `name` gives the file its ending, for the
 * editor.
 */
bool vault_edit(struct arena *arena, struct diags *diags, str name, str plain, str *ret);
