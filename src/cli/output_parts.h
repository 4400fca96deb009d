/*
 * output_parts.h - between the files of the output: output.c (events as they come), output_adhoc.c
 * (results in the form of `ansible`), output_recap.c (what stands behind a playbook).
 */
#pragma once
#include "base/strbuf.h"
#include "cli/output.h"

enum color { NO_COLOR, GREEN, YELLOW, CYAN, RED, BRIGHT_RED, PURPLE, BLUE };

struct output {
    struct output_options options;
    struct arena *arena; /* of one event */
    struct arena *lasting;
    struct timing *timing;      /* NULL: not wanted */
    struct strbuf below;        /* what stands below the banner; with it */
    struct strbuf banner;       /* of the task, while it waits for a result to be put; else empty */
    struct source_map *sources; /* empty: for writers that report */
    bool changed;
    bool incomplete; /* a file of --tree could not be written */
    bool begun;      /* the first play has */
    bool status_shown;
    bool pausing;  /* no word of waiting until the next result: a prompt may stand there */
    str last_host; /* whose command printed last_line; STR_NONE: nobody's */
    char last_line[1024];
    size_t last_length;
    const struct task *waited_for;
    const struct task *shown_task; /* whose banner stands above */
    VEC(uint64_t) warned;          /* hashes of warnings that were told */
};

const char *output_color(enum color color); /* the bytes that switch it on */
/* A line, or more of them, redacted, to the log, too; the end of the last one need not be there. */
void output_put(struct output *out, enum color color, str text); /* on standard output */
void output_put_to(struct output *out, FILE *to, enum color color, str text);
void output_banner(struct output *out, str text);
/* On standard error, each warning once. */
void output_diags(struct output *out, const struct diags *diags, bool errors_too);
/* A result without what is told otherwise: the status. */
value output_without_status(struct output *out, value result);

/* ---- output_adhoc.c ---- */

void output_adhoc(struct output *out, const struct task_event *event);
/* The result of a host as a file of JSON in the directory of --tree. */
void output_tree(struct output *out, const struct task_event *event);

/* ---- output_recap.c ---- */

void output_summary(void *output, const struct run_summary *summary); /* of struct report */
