/*
 * question.h - what an observer holds: questions, and their answers once they are there. Private to
 * remote/: observe.c records, ask.c and local.c answer, overlay.c lays the shadow over the answers.
 */
#pragma once
#include "remote/observe.h"
#include "remote/remote.h"

enum question_kind {
    ASK_STAT,
    ASK_STAT_FOLLOW,
    ASK_TEXT,
    ASK_DIGEST,
    ASK_TREE,
    ASK_GLOB,
    ASK_RUN,
    ASK_USER,
    ASK_GROUP,
    ASK_LOGIN,
    ASK_ENVIRONMENT,
    ASK_PROGRAM,
    ASK_UMASK,
    ASK_ACCESS,
};

struct question {
    enum question_kind kind;
    str arg; /* path, pattern, name; STR_NONE: the question has none */
    enum digest digest;
    bool with_digest; /* of a tree */
    const str *argv;
    size_t argc;
    size_t patterns;            /* so many last words of argv are patterns of paths */
    size_t want;                /* the place of its path in the batch: wants.h */
    struct question *same_hash; /* the next one in its chain of the observer's index */

    bool ahead;    /* of a task to come: a file's bytes only if they are few */
    bool withheld; /* they were not */
    bool answered;
    str problem; /* why the host could not answer, in its words; STR_NONE: it could */
    union {
        struct file_stat stat;
        value content; /* TEXT: a string or unknown; undefined: there is no such file */
        str text;      /* DIGEST, PROGRAM */
        struct file_tree tree;
        struct path_list paths;
        struct run_answer run;
        struct user_entry user;
        value map; /* ENVIRONMENT */
        unsigned umask;
        struct file_access access;
    } answer;
};

struct observer {
    struct arena *arena;
    struct overlay *overlay; /* NULL: a real run */
    VEC(struct question *) questions;
    struct question **index; /* hash table of chains; a power of two, or NULL */
    size_t index_size;
    size_t answered; /* questions [0, answered) have their answers */
    unsigned rounds;
    const struct question *unanswerable; /* the first with a problem */
    int64_t now;                         /* 0: not asked yet */
};

/* The question as it was asked before, or a new one; NULL: it cannot be asked. */
struct question *observer_question(struct observer *obs, const struct question *asked);
/* As it was asked before, or NULL. */
struct question *observer_recall(const struct observer *obs, const struct question *asked);

/* What observer_problem says of a question that could not be answered. */
str question_action(struct arena *arena, const struct question *question);

/* The overlay corrects a fresh answer. */
void overlay_patch(struct overlay *overlay, struct arena *arena, struct question *question);

/* Whether the form of a program is in the table of those that only read. */
bool readonly_program(const str *argv, size_t argc);
