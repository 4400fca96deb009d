/*
 * output.h - a run as people read it: Ansible's default form on standard output, what is ours
 * (places of mistakes, hints, a summary) on standard error.
 */
#pragma once
#include "base/secrets.h"
#include "cli/log_file.h"
#include "cli/result_text.h"
#include "cli/timing.h"
#include "engine/report.h"

struct output;

struct output_options {
    unsigned verbosity;
    bool color; /* standard output */
    bool color_err;
    bool status_line; /* both are a terminal */
    bool live;        /* what commands print is told as it comes */
    bool summary;     /* the line below the recap */
    bool adhoc;       /* the form of `ansible`: "host | CHANGED => {...}" */
    bool one_line;    /* ad hoc: -o */
    enum result_form result_form;
    bool pretty;             /* JSON in lines of its own always, not only of debug */
    bool failures_to_stderr; /* the lines of failed and unreachable hosts */
    bool check_markers;      /* a dry run says in each banner that it is one */
    struct timing_options timing;
    struct log_file *log; /* gets what is shown, too; NULL: there is none. The caller's */
    str tree; /* ad hoc: a directory that gets the results of each host; STR_NONE: none */
    bool show_custom_stats;
    bool retry_files;           /* written behind a playbook, with the hosts that it lost */
    str retry_dir;              /* STR_NONE: beside the playbook */
    bool hide_skipped, hide_ok; /* results; of a task without others, its banner, too */
    str project; /* commits and branches of it, told below the summary; empty: none are known */
    unsigned columns;        /* of the terminal; 0: none */
    struct secrets *secrets; /* redacted in all that is printed */
};

struct output *output_new(const struct output_options *options);
void output_free(struct output *output);
/* The engine's functions for it. */
struct report output_report(struct output *output);
/* Whether some host reported a change, for --detailed-exitcode. */
bool output_changed(const struct output *output);
/* Whether a file of results could not be written, which was told. */
bool output_is_incomplete(const struct output *output);

/* Wait at the terminal on standard input, as report.h tells: pause.c. */
enum pause_end terminal_pause(void *data, struct arena *arena, const struct pause *pause, str *ret);
/* Standard input is a terminal, and we are not in its background. */
bool terminal_is_ours(void);

/* A question on the terminal; false: there is none, or end of file. */
bool terminal_ask(void *data, struct arena *arena, str question, bool echo, str *ret);
