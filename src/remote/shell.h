/*
 * shell.h - the shells of one machine. Private to remote/.
 *
 * For each user a task runs as there is a seat: a control shell for our questions and changes, and
 * a work shell for users' commands, each opened when it is first needed. Where the server allows
 * one session only (MaxSessions 1), opening one shell closes the others: they take turns.
 */
#pragma once
#include "remote/apply.h"
#include "remote/reply.h"

struct seat {
    struct become become;
    struct channel *control;
    struct channel *work;
    str control_token, work_token;      /* random, new for each shell */
    char control_pid[12], work_pid[12]; /* decimal; "" until it was told */
    bool can_ask, can_change;           /* control knows the functions of ask.c, script.c */
    bool has_tar;                       /* the host has; known once control has answered */
    bool work_ready;                    /* work knows its functions */
    bool cut; /* the last exchange: the other side ended the shell, nothing had come */
    struct arena *ahead_arena;
    struct expected *expected; /* what was asked ahead, in that; NULL: nothing */
    struct seat *next;
};

struct remote {
    struct arena *arena;               /* as long as the remote */
    struct connection_options options; /* strings in `arena` */
    str identity;
    struct connection *connection;
    struct wire_counts closed; /* of connections that were closed */
    struct seat *seats;
    bool one_session; /* the server refused a second one */
    bool by_shell;    /* on this machine too, where system calls would do: tests compare both */
};

/* Bytes that the host asks for when it is ready: from memory, a file here, or an archive of both.
 */
struct payload {
    uint64_t size;
    str bytes;
    str path;   /* a controller file; STR_NONE: `bytes` */
    bool noted; /* its digests are wanted, too: struct sent_file */
    str sha1;   /* STR_NONE: not known before */
    const struct payload_member {
        str name;
        str bytes, path; /* as above */
        uint64_t size;
    } * members; /* for a tar over there: tar.h; NULL: no archive */
    size_t member_count;
};

struct seat *seat_of(struct remote *remote, const struct become *become);
bool same_become(const struct become *a, const struct become *b);
/* Close the shells of all who became somebody, but for those of `stays`. They open again when they
 * are needed. */
void seats_leave(struct remote *remote, const struct become *stays);

/* ---- ahead.c: questions of tasks to come ---- */

/* Answer what is pending from what was asked ahead, if that tells all of it. */
bool expected_tells(struct seat *seat, const struct remote_context *context, struct observer *obs);
/* What is pending, and what is expected beside it; `obs` itself when nothing is. */
struct observer *expected_along(struct seat *seat, const struct remote_context *context,
                                struct observer *obs);
void expected_keep(struct seat *seat);   /* the answers have come */
void expected_forget(struct seat *seat); /* they hold no more */

/* Connect if needed, and open a channel: a bare command, or (STR_NONE) a shell as somebody. Where
 * there is one session only, the shells that are open end first. */
enum remote_status remote_channel(struct remote *remote, const struct remote_context *context,
                                  const struct become *become, str command, struct channel **ret,
                                  struct remote_error *ret_error);

/* Open the seat's control (work) shell unless it is open. */
enum remote_status control_open(struct remote *remote, const struct remote_context *context,
                                struct seat *seat, struct remote_error *ret_error);
enum remote_status work_open(struct remote *remote, const struct remote_context *context,
                             struct seat *seat, struct remote_error *ret_error);
void control_close(struct seat *seat);
void work_close(struct seat *seat);

/* What goes to a control shell at once, and the bytes that come back beside the reply. */
struct request {
    str script;
    const struct payload *payloads; /* sent in order, each when the host says that it is ready */
    size_t payload_count;
    struct sink *sink;       /* NULL: there is nothing but the reply */
    struct sent_files *sent; /* of payloads that are `noted`; NULL if none is */
    str sweep; /* lines for another shell, when this one had to be ended; STR_NONE: none */
};
/*
 * Send a script to an open control shell and wait for its reply. The lines stand between braces,
 * with stdin from /dev/null and the shell's own stdin at descriptor 3, so a script whose end was
 * lost runs nothing. ret_reply lives in the context's arena. On anything but REMOTE_OK the shell is
 * closed, and what it still ran was ended.
 */
enum remote_status control_exchange(struct remote *remote, const struct remote_context *context,
                                    struct seat *seat, const struct request *request,
                                    struct reply *ret_reply, struct remote_error *ret_error);
/* Open the control shell if need be, and exchange. For what changes nothing: when the shell or the
 * connection ends before an answer has come, it is asked once more, through a new one. */
enum remote_status control_ask(struct remote *remote, const struct remote_context *context,
                               struct seat *seat, const struct request *request,
                               struct reply *ret_reply, struct remote_error *ret_error);

/*
 * Bytes that a script prints as they are, ended by `mark`, before its reply: download.c. The mark
 * is random and new each time, so that no file can hold it; a length told in advance would not do,
 * since files grow and shrink while they are read.
 */
struct sink {
    str mark;
    const struct download *download;
    struct evp_md_ctx_st *digesting;
    uint64_t size;
    bool ended; /* the mark has come */
};
/* Take from the front of what came: ret_used bytes are dealt with. */
enum remote_status sink_take(struct sink *sink, const struct remote_context *context, str bytes,
                             size_t *ret_used, struct remote_error *ret_error);

/* Send a payload on a channel whose other side runs head -c. sent: as in struct request. */
enum remote_status payload_send(struct channel *channel, const struct remote_context *context,
                                const struct payload *payload, struct sent_files *sent,
                                struct remote_error *ret_error);

/* End a process of the seat's user with everything below it, from a control shell, which runs the
 * lines of `sweep` then ("": none). Bounded by two seconds; neither deadline nor wake descriptor
 * cut it short. */
void process_end(struct remote *remote, struct seat *seat, const char *pid, str sweep);

/* Let go of a connection that has ended; the next one is waited for a little longer. */
void remote_notice_loss(struct remote *remote);
/* Fill an error out of what the wire said, and return its status. */
enum remote_status remote_wire_error(const struct remote_context *context, enum wire_status status,
                                     const struct wire_error *wire, const char *doing,
                                     struct remote_error *ret_error);
/* The same for what a channel's read or write said. */
enum remote_status remote_channel_error(const struct remote_context *context,
                                        const struct channel *channel, enum wire_status status,
                                        const char *doing, struct remote_error *ret_error);
enum remote_status remote_failed(struct arena *arena, struct remote_error *ret_error,
                                 enum remote_status status, str path, const char *format, ...)
    PRINTF(5, 6);

str shell_token(struct arena *arena); /* 24 hexadecimal digits */

/* Bytes of any kind as lines of "printf ..." with a builtin; each below 64 KiB. At least one. */
void payload_lines(struct strbuf *script, str bytes);
#define PAYLOAD_INLINE_MAX 24576 /* bytes; larger ones go by the handshake */

/* ---- the two implementations ---- */

enum remote_status shell_answer(struct remote *remote, const struct remote_context *context,
                                struct observer *obs, struct remote_error *ret_error);
enum remote_status shell_apply(struct remote *remote, const struct remote_context *context,
                               const struct change *changes, size_t count, const str *ask_after,
                               size_t ask_count, struct apply_result *ret,
                               struct remote_error *ret_error);
enum remote_status shell_command(struct remote *remote, const struct remote_context *context,
                                 const struct command *command, struct command_result *ret,
                                 struct remote_error *ret_error);
enum remote_status shell_download(struct remote *remote, const struct remote_context *context,
                                  const struct download *download, struct downloaded *ret,
                                  struct remote_error *ret_error);

void local_answer(struct arena *arena, struct observer *obs, value environment);
enum remote_status local_apply(struct remote *remote, const struct remote_context *context,
                               const struct change *changes, size_t count, const str *ask_after,
                               size_t ask_count, struct apply_result *ret,
                               struct remote_error *ret_error);
enum remote_status local_command(struct remote *remote, const struct remote_context *context,
                                 const struct command *command, struct command_result *ret,
                                 struct remote_error *ret_error);
enum remote_status local_download(struct remote *remote, const struct remote_context *context,
                                  const struct download *download, struct downloaded *ret,
                                  struct remote_error *ret_error);

/* ---- shared by both ---- */

/* "could not write /etc/motd" and the like, for an operation that failed. */
str change_action(struct arena *arena, const struct change *change, str step);
/* The system's words in what a program or the shell printed: "mv: cannot move 'a' to 'b': Device or
 * resource busy", "sh: 3: cannot create /x: Directory nonexistent". */
str system_words(str text);
/* "cannot change to /srv: Permission denied" */
str directory_problem(struct arena *arena, str dir, str words);
/* False, with an error: a NUL byte, or a name that no environment can hold. */
bool command_is_possible(const struct remote_context *context, const struct command *command,
                         struct remote_error *ret_error);
/* The command of a CHANGE_RUN. */
struct command change_command(const struct change *change);
