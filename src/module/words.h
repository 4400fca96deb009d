/*
 * words.h - texts of several words into lists and maps, by three sets of rules: a shell's, those of
 * Ansible's arguments in one line, and those of its maps given as text; and the parsing of a mode.
 */
#pragma once
#include "module/param.h"

/* As Python's shlex.split: quotes and backslashes as in a POSIX shell, nothing is expanded. False:
 * *ret_why tells ("a quote is not closed"). */
bool words_split(struct arena *arena, str text, struct str_list *ret, const char **ret_why);

/* "a=1, b='x y'" into a map of texts; false when a word has no '='. */
bool words_to_map(struct arena *arena, str text, value *ret);

/* A mode from a text or an integer, with its diagnostics. */
bool mode_parse(struct diags *diags, value v, struct mode_spec *ret);
