/*
 * observe.h - what a module may ask of a host. Nothing declared here can change the host; the
 * operations that can are in remote/apply.h, which modules/ may not include.
 *
 * Asking never fails and never blocks: a question is recorded, all recorded questions of a step
 * travel in one round trip, and the answer is written to where the asker said. An answer may be
 * read only after observe_ready() has said that all questions asked so far are answered; when it
 * says no, return, and be called again from the start (questions asked before are recognised and
 * not sent again). What a host cannot answer (no permission, a file that is too large) ends the
 * task in the engine, with a diagnostic, unless the question says otherwise. In a dry run answers
 * show what earlier tasks would have changed.
 *
 * Source: POSIX.1-2017; the form on the wire is told in remote/shell.c.
 */
#pragma once
#include "base/str.h"
#include "base/value.h"

struct observer; /* one per host and task item; lent by the engine, never kept */

enum file_type {
    FILE_ABSENT,
    FILE_REGULAR,
    FILE_DIRECTORY,
    FILE_LINK,
    FILE_CHAR_DEVICE,
    FILE_BLOCK_DEVICE,
    FILE_FIFO,
    FILE_SOCKET,
    FILE_UNKNOWN, /* in a dry run: a command that was not run may have made or removed it */
};

struct file_stat {
    enum file_type type; /* FILE_ABSENT and FILE_UNKNOWN leave every other field zero */
    unsigned mode;       /* permission bits only: 0 to 07777 */
    str owner, group;    /* names; decimal ids where the host has no name for them */
    unsigned uid, gid;
    uint64_t size;                 /* bytes */
    int64_t mtime, atime, ctime;   /* seconds since the epoch, UTC */
    uint64_t inode, device, links; /* links: number of hard links */
    str target;                    /* of a link: what it holds, as it is; else STR_NONE */
    bool predicted; /* a dry run: made or changed by an earlier task that was not run; times are
                       then those of before, or zero, and ids that nobody knows are ID_UNKNOWN */
};
#define ID_UNKNOWN UINT32_MAX

/* Ask for the status of a path (absolute, any byte but NUL); a final symbolic link is not followed.
 * A missing file is an answer (FILE_ABSENT). */
void observe_stat(struct observer *obs, str path, struct file_stat *ret_stat);
void observe_stat_follow(struct observer *obs, str path, struct file_stat *ret_stat);

/* What the task's user may do with a path, as access(2) tells: permission bits, groups, ACLs and
 * read-only file systems considered; links are followed. */
struct file_access {
    bool read, write, execute;
    bool predicted; /* a dry run: of what an earlier task would have made; the rest is not set */
};
void observe_access(struct observer *obs, str path, struct file_access *ret_access);

#define OBSERVE_TEXT_MAX (16u << 20) /* bytes; a larger file ends the task, by name */

/* The bytes of a file; links are followed. STR_NONE: there is no such file, or it is a directory.
 * Content may be unknown in a dry run: then a VALUE_UNKNOWN, else a string that is not trusted, and
 * undefined where the text is STR_NONE. As a text the unknown is STR_NONE. */
void observe_text(struct observer *obs, str path, str *ret_text);
void observe_content(struct observer *obs, str path, value *ret_content);

enum digest { DIGEST_SHA1, DIGEST_MD5, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
/* Hexadecimal digest of a regular file, links followed; STR_NONE when there is none. In a dry run
 * the empty text, which no digest equals, when the bytes hang on what was not done. */
void observe_digest(struct observer *obs, str path, enum digest digest, str *ret_hex);

struct file_entry {
    str path; /* relative to the directory asked about */
    struct file_stat stat;
    str digest; /* SHA-1 of a regular file when asked for, else STR_NONE */
};
struct file_tree {
    bool exists;                      /* false: no such directory */
    const struct file_entry *entries; /* sorted by path, a directory before what is in it */
    size_t count;
};
#define OBSERVE_TREE_MAX 200000 /* entries; more end the task, by name */
/* Everything below a directory (not the directory itself); links are not followed. */
void observe_tree(struct observer *obs, str path, bool with_digest, struct file_tree *ret_tree);

/* What the shell's pathname expansion finds; at most OBSERVE_TREE_MAX. */
struct path_list {
    const str *paths;
    size_t count;
};
void observe_glob(struct observer *obs, str pattern, struct path_list *ret_paths);

/* The answer of a program. */
struct run_answer {
    int status; /* exit status; 127: there is no such program */
    str out, err;
    bool unknown; /* in a dry run: hangs on what was not done */
};
#define ARGV(...) ((str[]){ __VA_ARGS__ }), (sizeof((str[]){ __VA_ARGS__ }) / sizeof(str))
/* Run a program that only reads. The form of argv must be in the table in remote/readonly.c
 * (a BUG() otherwise), so a reviewer sees that it only asks. LC_ALL=C, stdin empty. As in $(...)
 * NUL bytes and newlines at the end of the output are left out. */
void observe_run(struct observer *obs, const str *argv, size_t argc, struct run_answer *ret_answer);
/* The same, with all that some patterns find as its last arguments, in the order of the patterns;
 * one that finds nothing is an argument as it is. For /proc and /sys: one program that reads a
 * hundred small files. */
void observe_run_paths(struct observer *obs, const str *argv, size_t argc, const str *patterns,
                       size_t count, struct run_answer *ret_answer);

struct user_entry { /* a line of the passwd or group database */
    bool exists;
    str name;
    unsigned uid, gid; /* group: gid only */
    str home, shell, gecos;
    str members; /* group: comma-separated */
};
void observe_user(struct observer *obs, str name_or_id, struct user_entry *ret_user);
void observe_group(struct observer *obs, str name_or_id, struct user_entry *ret_group);
void observe_login(struct observer *obs, struct user_entry *ret_user); /* who the task runs as */
/* Where an account begins: its home, or / when that is no absolute path, as for sshd and sudo. */
str user_home(const struct user_entry *user);
void observe_environment(struct observer *obs, value *ret_map); /* of the task */
void observe_program(struct observer *obs, str name,
                     str *ret_path); /* found in PATH or the sbin directories; or STR_NONE */
void observe_umask(struct observer *obs, unsigned *ret_umask);

/* The clock of the controller and random bytes are answers too, so that a module replays exactly.
 */
int64_t observe_now(struct observer *obs);             /* seconds since the epoch */
str observe_token(struct observer *obs, size_t bytes); /* hexadecimal, twice as many characters */

/* Memory that lives until the task item ends. */
struct arena *observe_arena(struct observer *obs);

/* True when every question asked so far is answered; otherwise return, and be called again. */
NODISCARD bool observe_ready(struct observer *obs);
