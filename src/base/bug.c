/* bug.c - the end of a program that found a mistake of its own. */
#include "base/bug.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define BUG_STATUS 250

void bug_found(const char *file, int line, const char *format, ...)
{
    /* One write, and no exit handlers: other threads may hold any lock. */
    char text[1024];
    va_list args;
    va_start(args, format);
    int head = snprintf(text, sizeof text, "hostler: bug at %s:%d: ", file, line);
    size_t len = (size_t)(head > 0 ? head : 0) < sizeof text ? (size_t)head : sizeof text - 1;
    vsnprintf(text + len, sizeof text - len, format, args);
    va_end(args);
    fprintf(stderr, "%s\n", text);
    _exit(BUG_STATUS);
}
