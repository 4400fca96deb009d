/*
 * wants.h - which paths a batch of questions is about, and what has to be found out about each.
 * Private to remote/: ask.c asks by it, and answer.c reads the answers in the same order.
 */
#pragma once
#include "remote/digest.h"
#include "remote/question.h"

/* The position of a path is the name of a shell variable: p3. */
struct path_want {
    str path;
    bool itself, target; /* lstat; stat */
    bool text;           /* the file's bytes, however many */
    unsigned digests;    /* a bit for each; small files are read instead */
    bool urgent;         /* its bytes are not only asked ahead */
};
struct path_wants {
    VEC(struct path_want) items;
    size_t files; /* the first so many are those whose bytes matter */
    bool many;    /* so many that a checksum program pays; no texts are asked for */
};

/* Of the questions that are not answered yet; each is told the place of its path. Those whose bytes
 * matter come first, since their sizes are taken one by one from what stat printed. */
struct path_wants path_wants(struct arena *arena, struct observer *obs);

/* Whether a checksum of it is to be asked for; where its text is wanted that is told by the bytes.
 */
bool want_has_digest(const struct path_want *want, size_t digest);
