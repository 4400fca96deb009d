/*
 * remote.h - one machine as the engine sees it: questions in batches, changes in batches, commands
 * of users; as the login user or as another one. Two implementations stand behind it: persistent
 * shells over a connection (remote/shell.c), and direct system calls for `connection: local` as
 * ourselves (remote/local.c). One test suite runs against both.
 *
 * A remote belongs to one thread at a time.
 */
#pragma once
#include <stdatomic.h>

#include "remote/change.h"
#include "transport/transport.h"

struct remote;

enum remote_status {
    REMOTE_OK,
    REMOTE_FAILED, /* the host said no: the operation, the path and the system's words are told */
    REMOTE_UNREACHABLE, /* connection lost, refused, no answer in time */
    REMOTE_TIMEOUT,     /* the task's deadline: its processes were ended, the remote is usable */
    REMOTE_INTERRUPTED,
};
struct remote_error {
    enum remote_status status;
    str message;           /* "could not write /etc/motd: No space left on device" */
    str hint;              /* or STR_NONE */
    str path;              /* what it was about, or STR_NONE */
    int status_code;       /* exit status of a program (CHANGE_RUN, validate), else 0 */
    str out, err;          /* its output */
    enum wire_about about; /* of the connection's options */
    size_t about_args;     /* which of ssh_args */
};

/* What to do about an error: its hint, or one for the system's words that it ends with. Else
 * STR_NONE. `remote` may be NULL. */
str remote_hint(const struct remote *remote, const struct become *become,
                const struct remote_error *error);

/* Connects when it is first used, so that a host without tasks costs nothing. `options` is copied.
 */
struct remote *remote_new(const struct connection_options *options);
void remote_free(struct remote *remote); /* ends its shells; accepts NULL */
/* The machine connected to, not the inventory's name: key of overlays and limits. */
str remote_identity(const struct remote *remote);
struct wire_counts remote_counts(const struct remote *remote);
/* Close what is open; the next use connects again (reset_connection, become shells before userdel).
 */
void remote_reset(struct remote *remote);

/* As whom, and until when. */
struct remote_context {
    struct arena *arena; /* answers live here */
    struct become become;
    deadline until;
    value environment; /* `environment:` of the task, for users' commands; undefined: none */
    /* Output of a running command as it comes; NULL: not wanted. */
    void (*live)(void *data, str bytes, bool is_stderr);
    void *live_data;
    struct ahead *ahead; /* what may be asked along; NULL: nothing */
};

enum remote_status remote_connect(struct remote *remote, const struct remote_context *context,
                                  struct remote_error *ret_error);

/* ---- questions ---- */

struct overlay; /* remote/overlay.h; NULL in a real run */
struct observer *observer_new(struct arena *arena, struct overlay *overlay);
size_t observer_pending(const struct observer *obs); /* questions not answered yet */
unsigned observer_rounds(const struct observer *obs);
/* Send all pending questions in one round trip. REMOTE_OK also when a question could not be
 * answered: then observer_problem tells, and the task fails. */
enum remote_status remote_answer(struct remote *remote, const struct remote_context *context,
                                 struct observer *obs, struct remote_error *ret_error);
bool observer_problem(const struct observer *obs, struct remote_error *ret_error);

/*
 * ---- asked ahead ----
 *
 * What tasks to come will probably ask travels with what has to be asked now, and its answers wait
 * at the remote for a question of the same user that is the same: it costs no round trip. They
 * hold as long as nobody changes anything, here or on any host: `changes` counts that (begun and
 * ended changes, and commands). They hold for AHEAD_SECONDS at most, and are forgotten with the
 * shell that gave them.
 */
#define AHEAD_SECONDS 2
struct expected;
struct ahead {
    atomic_uint *changes; /* of all that share it; counted up by remote_apply, remote_command */
    /* A round trip is about to be made: add what is expected, in the place of what was before.
     * NULL: there is nothing more to expect. */
    void (*expect)(void *data, struct expected *expected);
    void *data;
};
/* All questions of a task to come. False: one of them is of a kind that is asked only when it is
 * its turn, since it costs the host a program (observe_run, observe_tree ...), or there are many
 * by now; then none of them is added. Of files, texts of more than 16 KiB and checksums of more
 * than 64 KiB are left to their turn. */
bool expected_add(struct expected *expected, const struct observer *of_task);

/* ---- files of any size ---- */

/* The bytes of a file on the machine, streamed into a descriptor here. */
struct download {
    str path;          /* absolute; a regular file, links are followed */
    uint64_t size_max; /* bytes; a file that turns out to be larger fails, by name */
    int fd;            /* where they go, from its offset on; blocking */
    enum digest digest;
};
struct downloaded {
    uint64_t size;
    str digest; /* hexadecimal, of the bytes that came */
};
/*
 * Costs one round trip, and memory for about a megabyte, whatever the size; works as any user.
 * REMOTE_FAILED: the file is not there, may not be read or is too large, or `fd` cannot be written.
 * On anything but REMOTE_OK what fd got is of no value. A file may change while it is read: whoever
 * asked for its digest before compares.
 */
enum remote_status remote_download(struct remote *remote, const struct remote_context *context,
                                   const struct download *download, struct downloaded *ret,
                                   struct remote_error *ret_error);
