/*
 * model.h - a host that exists in memory only: files, a login, programs with canned answers. It
 * answers the questions of an observer and lets changes happen, so that a module can be observed,
 * planned, "applied" and planned again without any machine.
 */
#pragma once
#include "remote/change.h"
#include "remote/question.h"

struct model_file {
    str path;
    struct file_stat stat;
    str content; /* of a regular file */
};

struct model {
    struct arena *arena;
    VEC(struct model_file) files; /* what is not here is absent, but for "/" */
    struct user_entry login;
    unsigned umask;
    value environment;       /* a map */
    value programs;          /* command line -> { out, err, status } */
    value users, groups;     /* name -> { uid, gid, home, shell, gecos, members } */
    value paths_of_programs; /* name -> path */
    unsigned inodes;         /* given out so far */
};

/* From the `host:` of a case. */
void model_read(struct model *model, struct arena *arena, value host);

/* Answer all pending questions in one round. False: a question that the case has no answer for,
 * told in *ret_problem. */
bool model_answer(struct model *model, struct observer *obs, str *ret_problem);

/* Carry out a change. False: it is not possible, told in *ret_problem. */
bool model_apply(struct model *model, const struct change *change, str *ret_problem);

struct file_stat model_stat(struct model *model, str path, bool follow);
