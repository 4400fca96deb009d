/*
 * pause.c - waiting at the terminal: for a line, or for some time that the user may cut short.
 *
 * Ctrl-C does not end the run here: it asks whether to continue or to abort, as in Ansible. So the
 * terminal gives us every key, and lines are edited by us.
 */
#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/output.h"

bool terminal_is_ours(void)
{
    return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

struct waiting {
    const struct pause *pause;
    deadline until;
    struct termios before;
    struct strbuf line;
};

enum key_status { KEY, KEY_NONE /* time is up, or end of file */, KEY_INTERRUPTED };

static enum key_status next_key(const struct waiting *waiting, deadline until, char *ret)
{
    struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                            { .fd = waiting->pause->wake, .events = POLLIN } };
    int64_t left = until == DEADLINE_NEVER ? -1 : until - wire_now();
    int limit = until == DEADLINE_NEVER ? -1 : left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
    while (poll(fds, 2, limit) == 0) {
        if (wire_now() >= until) {
            return KEY_NONE;
        }
    }
    if (fds[1].revents != 0) {
        return KEY_INTERRUPTED;
    }
    return read(STDIN_FILENO, ret, 1) == 1 ? KEY : KEY_NONE;
}

static void clear_line(void)
{
    fputs("\r\033[K", stdout);
    fflush(stdout);
}

/* After Ctrl-C. */
static enum pause_end ask_how(const struct waiting *waiting)
{
    clear_line();
    puts("Press 'C' to continue the play or 'A' to abort \r");
    fflush(stdout);
    for (;;) {
        char key = 0;
        switch (next_key(waiting, DEADLINE_NEVER, &key)) {
        case KEY:
            if (key == 'c' || key == 'C') {
                clear_line();
                return PAUSE_OVER;
            }
            if (key == 'a' || key == 'A') {
                clear_line();
                return PAUSE_ABORTED;
            }
            break;
        case KEY_NONE: /* the terminal is gone */
        case KEY_INTERRUPTED:
            return PAUSE_INTERRUPTED;
        }
    }
}

/* The last character goes, whatever its length in UTF-8, and the line is drawn anew. */
static void rub_out(struct waiting *waiting)
{
    struct strbuf *line = &waiting->line;
    size_t len = line->len;
    while (len > 0 && (line->ptr[len - 1] & 0xc0) == 0x80) {
        len--;
    }
    strbuf_truncate(line, len > 0 ? len - 1 : 0);
    clear_line();
    if (waiting->pause->echo && line->len > 0) {
        fwrite(line->ptr, 1, line->len, stdout);
        fflush(stdout);
    }
}

static enum pause_end wait_for_keys(struct waiting *waiting)
{
    const cc_t *special = waiting->before.c_cc;
    bool typing = waiting->pause->seconds < 0;
    for (;;) {
        char key = 0;
        switch (next_key(waiting, waiting->until, &key)) {
        case KEY_NONE:
            return PAUSE_OVER;
        case KEY_INTERRUPTED:
            return PAUSE_INTERRUPTED;
        case KEY:
            break;
        }
        if ((cc_t)key == special[VINTR]) {
            return ask_how(waiting);
        }
        if (typing && (key == '\r' || key == '\n')) {
            clear_line();
            return PAUSE_OVER;
        }
        if (typing && ((cc_t)key == special[VERASE] || key == '\b' || key == '\177')) {
            rub_out(waiting);
        } else if (typing) {
            strbuf_add_char(&waiting->line, key);
        }
    }
}

enum pause_end terminal_pause(void *data, struct arena *arena, const struct pause *pause, str *ret)
{
    (void)data;
    struct waiting waiting = {
        .pause = pause,
        .until = pause->seconds < 0 ? DEADLINE_NEVER : deadline_in(pause->seconds),
        .line = strbuf_in(arena),
    };
    if (tcgetattr(STDIN_FILENO, &waiting.before) != 0) {
        return PAUSE_OVER;
    }
    struct termios keys = waiting.before;
    keys.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
    if (pause->seconds < 0 && pause->echo) {
        keys.c_lflag |= ECHO;
    }
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &keys); /* what was typed before does not count */
    enum pause_end end = wait_for_keys(&waiting);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &waiting.before);
    *ret = strbuf_str(&waiting.line);
    return end;
}
