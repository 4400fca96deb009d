/* log_file.c - see log_file.h. */
#include "cli/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/file_out.h"
#include "base/strbuf.h"
#include "formats/datetime.h"

struct log_file {
    int fd;
    bool lost; /* an entry was not written, which was told */
    char user[64];
};

/* As Python's getpass.getuser(). */
static void find_user(struct log_file *log)
{
    static const char *const names[] = { "LOGNAME", "USER", "LNAME", "USERNAME" };
    const char *user = NULL;
    for (size_t i = 0; i < ARRAY_LEN(names) && (user == NULL || *user == '\0'); i++) {
        user = getenv(names[i]);
    }
    const struct passwd *entry = user == NULL || *user == '\0' ? getpwuid(getuid()) : NULL;
    user = entry != NULL ? entry->pw_name : user;
    strncpy(log->user, user == NULL ? "" : user, sizeof log->user - 1);
}

struct log_file *log_file_open(struct arena *arena, struct diags *diags, str path, span at)
{
    int fd = open(str_c(arena, path), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        diag_hint(
            diag_error(diags, at, "cannot write the log '%.*s': %s", SARG(path), strerror(errno)),
            "change log_path, or leave it out");
        return NULL;
    }
    struct log_file *log = calloc(1, sizeof *log);
    if (log == NULL) {
        BUG("no memory for the log");
    }
    log->fd = fd;
    find_user(log);
    return log;
}

void log_file_close(struct log_file *log)
{
    if (log != NULL) {
        close(log->fd);
        free(log);
    }
}

static void add_head(const struct log_file *log, struct strbuf *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct datetime local = datetime_local(now);
    strbuf_addf(out, "%04d-%02d-%02d %02d:%02d:%02d,%03d p=%ld u=%s n=ansible | ", local.year,
                local.month, local.day, local.hour, local.minute, local.second,
                local.microsecond / 1000, (long)getpid(), log->user);
}

/* The length of "\033[0;31m" and the like at the start; 0: there is none. */
static size_t color_length(str text)
{
    size_t at = str_starts(text, S("\033[")) ? 2 : text.len;
    while (at < text.len && (text.ptr[at] == ';' || (text.ptr[at] >= '0' && text.ptr[at] <= '9'))) {
        at++;
    }
    return at < text.len && text.ptr[at] == 'm' ? at + 1 : 0;
}

static void add_plain(struct strbuf *out, str text)
{
    for (size_t at = 0; at < text.len;) {
        size_t color = color_length(str_part(text, at, text.len));
        if (color == 0) {
            strbuf_add_char(out, text.ptr[at]);
        }
        at += color > 0 ? color : 1;
    }
}

void log_file_add(struct log_file *log, struct arena *arena, str text)
{
    while (text.len > 0 && text.ptr[0] == '\n') {
        text = str_part(text, 1, text.len);
    }
    if (log == NULL || text.len == 0) {
        return;
    }
    struct strbuf out = strbuf_in(arena);
    add_head(log, &out);
    add_plain(&out, text);
    if (!str_ends(text, S("\n"))) {
        strbuf_add_char(&out, '\n');
    }
    str entry = strbuf_str(&out);
    if (!fd_write(log->fd, entry) && !log->lost) {
        log->lost = true; /* a full disk is no reason to leave a play half done */
        fprintf(stderr, "warning: the log is not complete: %s\n", strerror(errno));
    }
}
