/*
 * terminal_ask.c - a question on the terminal.
 */
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/command.h"

/* Waits for a line. The signal of Ctrl-C goes to another thread, which takes note of it. */
static bool line_is_there(int fd)
{
    struct pollfd terminal = { .fd = fd, .events = POLLIN };
    while (!was_interrupted()) {
        if (poll(&terminal, 1, 100) > 0) {
            return true;
        }
    }
    return false;
}

/* From the terminal itself: standard input may be something else. A host may have had its word in
 * the question. */
bool terminal_ask(void *data, struct arena *arena, str question, bool echo, str *ret)
{
    FILE *terminal = fopen("/dev/tty", "r+");
    struct termios before, silent;
    char line[4096];
    if (terminal == NULL) {
        return false;
    }
    int fd = fileno(terminal);
    bool hide = !echo && tcgetattr(fd, &before) == 0;
    if (hide) { /* before the question: a program may answer at once */
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fd, TCSAFLUSH, &silent);
    }
    question = harmless_text(arena, question);
    fwrite(question.ptr, 1, question.len, terminal);
    fflush(terminal);
    bool got = line_is_there(fd) && fgets(line, sizeof line, terminal) != NULL;
    if (hide) {
        tcsetattr(fd, TCSAFLUSH, &before);
        fputc('\n', terminal);
    }
    fclose(terminal);
    if (got) {
        line[strcspn(line, "\n")] = '\0';
        *ret = str_copy(arena, str_of(line));
    }
    explicit_bzero(line, sizeof line);
    return got;
}
