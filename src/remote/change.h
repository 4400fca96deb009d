/*
 * change.h - typed changes of a host, as data: what a plan is made of. A change says what was there
 * before and what will be there after, so that the engine can draw the diff, the overlay can
 * predict, and remote/apply.h can carry it out. Making one changes nothing.
 */
#pragma once
#include "remote/content.h"
#include "remote/observe.h"

/* Owner, group and mode to have; what is not given stays as it is. */
struct file_attrs {
    bool has_mode;
    unsigned mode;    /* 0 to 07777 */
    str owner, group; /* names or decimal ids; STR_NONE: leave */
};

enum change_kind {
    CHANGE_WRITE,     /* make or replace a file atomically */
    CHANGE_DIRECTORY, /* make one directory; its parent exists */
    CHANGE_SYMLINK,   /* make or replace a link, atomically */
    CHANGE_HARDLINK,
    CHANGE_ATTRS,  /* mode, owner, group of what is there */
    CHANGE_TIMES,  /* access and modification time; makes an empty file if `create` */
    CHANGE_REMOVE, /* a file, or a whole tree */
    CHANGE_COPY,   /* keep a copy of a remote file beside it: backup */
    CHANGE_RUN,    /* a program that changes something; predicted by `before` and `after` */
};

struct change {
    enum change_kind kind;
    str path;
    struct file_stat before; /* as observed; type FILE_ABSENT: it is made */
    value before_content;    /* WRITE: for the diff, if it was asked for; else undefined */
    struct content content;  /* WRITE */
    enum {
        SHOW_FILE,    /* WRITE: the diff names the file */
        SHOW_CONTENT, /* its content: attributes may change, too */
        SHOW_TOUCH,   /* no content but that it is there */
    } show;
    struct file_attrs attrs; /* WRITE, DIRECTORY, SYMLINK, ATTRS: to be set in the same step */
    bool follow;        /* ATTRS, TIMES: of what a link points to. WRITE: replace the target of the
                           link, not the link */
    bool unsafe_writes; /* WRITE: may write in place when renaming is impossible */
    str validate;       /* WRITE: a command with %s, run on the new file before it takes its
                           place; STR_NONE: none */
    str target;         /* SYMLINK, HARDLINK, COPY: where it points, or goes */
    bool recursive;     /* REMOVE: a tree */
    bool create;        /* TIMES */
    int64_t atime, mtime; /* TIMES; CHANGE_NOW: the host's clock, CHANGE_KEEP: leave */
    const str *argv;      /* RUN */
    size_t argc;
    str stdin_text;                 /* RUN; STR_NONE: empty */
    str what, old_state, new_state; /* RUN: for the diff: "running name: a -> b" */
};
#define CHANGE_NOW  INT64_MAX
#define CHANGE_KEEP INT64_MIN

struct change_list {
    VEC(struct change) items;
};

/* A program of the user: what the runners ask for. */
struct command {
    const str *argv; /* without a shell; NULL: `script` */
    size_t argc;
    str script;     /* for `executable -c` */
    str executable; /* STR_NONE: /bin/sh */
    str chdir;      /* STR_NONE: the login's directory */
    str stdin_text; /* STR_NONE: /dev/null */
    str stdin_path; /* instead: a file here, streamed; STR_NONE: none. `stdin_size` bytes */
    uint64_t stdin_size;
    /* What it makes for itself and removes at its end: removed by us, in this order, when we have
     * to end it before. Files, and directories that are empty then. */
    const str *leftovers;
    size_t leftover_count;
    value environment; /* map of strings, added to the login's; undefined: nothing */
    bool raw;          /* by a bare exec channel, through the user's login shell */
};
struct command_result {
    int status; /* exit status; 128 + signal when it died of one */
    str out, err;
    double start, end; /* seconds since the epoch on the controller's clock */
    bool started;      /* false: there is no such program (status 127 then), or no such directory */
    str problem;       /* why it was not started, in the system's words; or STR_NONE */
};
