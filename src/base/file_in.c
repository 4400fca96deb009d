/* file_in.c - see file_in.h. */
#include "base/file_in.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

#define STEP ((size_t)65536) /* at a time, where the size is not known */

bool fd_read(struct arena *arena, int fd, size_t most, str *ret)
{
    struct strbuf text = strbuf_in(arena);
    struct stat status;
    bool known = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
    size_t size = known ? (size_t)status.st_size : 0;
    for (bool more = size <= most; more;) {
        size_t room = size > text.len ? size - text.len + 1 : STEP; /* one more: its end */
        ssize_t got = read(fd, strbuf_room(&text, room), room);
        if (got < 0 && errno != EINTR) {
            return false;
        }
        strbuf_grew(&text, got > 0 ? (size_t)got : 0);
        more = got != 0 && text.len <= most && !(known && text.len == size);
    }
    if (size > most || text.len > most) {
        errno = EFBIG;
        return false;
    }
    *ret = strbuf_str(&text);
    return true;
}
