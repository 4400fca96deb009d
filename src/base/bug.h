/*
 * bug.h - mistakes of ours. BUG() prints file, line and message and ends the program with status
 * 250 (never used for what a user or a host can cause: those are diagnostics and results).
 */
#pragma once
#include "base/str.h"

#define BUG(...)     bug_found(__FILE__, __LINE__, __VA_ARGS__)
#define BUG_ON(cond) ((cond) ? BUG("%s", #cond) : (void)0)

__attribute__((noreturn)) void bug_found(const char *file, int line, const char *format, ...)
    PRINTF(3, 4);
