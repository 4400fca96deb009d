/*
 * template_cases.h - hostler template --jsonl.
 */
#pragma once
#include <stdbool.h>

/* Answer the cases on standard input, on standard output; `jinja`: as plain Jinja does. */
void template_cases(bool jinja);
