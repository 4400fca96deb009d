/*
 * report.h - what a run tells while it happens; cli/ turns it into text, JSON lines or nothing. All
 * functions are called by one thread at a time (the engine holds a lock), in the order of the
 * output: under linear strategies in the order of the inventory within a task.
 *
 * Everything here may be shown: no_log and secrets were taken care of before (results are censored,
 * texts redacted).
 */
#pragma once
#include "engine/play.h"
#include "transport/transport.h"

enum result_status {
    RESULT_OK,
    RESULT_CHANGED,
    RESULT_SKIPPED,
    RESULT_FAILED,
    RESULT_UNREACHABLE,
    RESULT_UNKNOWN, /* a dry run: may or may not change something */
};

struct task_event {
    const struct task *task;
    str name;     /* evaluated; with the role's: "web : install" */
    str host;     /* the inventory's name */
    str delegate; /* shown as "host -> delegate"; STR_NONE: not delegated */
    enum result_status status;
    bool ignored;        /* a failure with ignore_errors, or unreachable with ignore_unreachable */
    bool is_item;        /* one item of a loop */
    value item_label;    /* what to show for the item; undefined under no_log */
    bool has_items;      /* the end of a loop: its items were told before */
    value result;        /* a map, as `register` gets it */
    bool verbose_always; /* debug, assert: the result is shown without -v */
    value show;          /* what debug shows: a map; undefined: the result */
    str diff;            /* drawn as Ansible draws it; STR_NONE: none */
    const struct diags
        *diags;   /* what was found out meanwhile: errors with places, warnings; or NULL */
    str included; /* include_tasks: the file; then status is RESULT_OK */
    const str *included_hosts; /* all hosts of this line */
    size_t included_count;
};

/* Counters of a host, as the recap shows them. */
struct host_stats {
    str host;
    unsigned ok, changed, unreachable, failed, skipped, rescued, ignored, unknown;
};

/* Of all that ran so far: one behind each playbook. */
struct run_summary {
    const struct host_stats *hosts; /* sorted by name; only hosts that had a result */
    size_t count;
    double seconds;
    struct wire_counts wire;
    unsigned tasks;            /* host and task pairs that were run */
    unsigned commands_not_run; /* a dry run: commands on which predictions were made blind */
    bool dry_run;
    bool last;       /* of the run: no further playbook follows */
    str playbook;    /* its path; STR_NONE: an ad hoc task */
    const str *lost; /* names of hosts that have failed or could not be reached, sorted */
    size_t lost_count;
    value custom_stats; /* set_stats: a map, or undefined */
};

/* What `pause` does: wait for some time, or for Enter. */
struct pause {
    str title;      /* the task's */
    str prompt;     /* STR_NONE: none was given */
    double seconds; /* negative: until Enter */
    bool echo;      /* show what is typed */
    int wake;       /* becomes readable when the run is interrupted */
};
enum pause_end { PAUSE_OVER, PAUSE_ABORTED /* by the user, who was asked */, PAUSE_INTERRUPTED };

#define LIVE_LINE_MAX 4096

struct report {
    void *data;
    void (*play_start)(void *data, const struct play *play, str name);
    void (*play_without_hosts)(void *data); /* "skipping: no hosts matched" */
    void (*task_start)(void *data, const struct task *task, str name, bool handler);
    void (*result)(void *data, const struct task_event *event);
    void (*retry)(void *data, const struct task *task, str name, str host, str delegate,
                  int64_t left, value result);
    /* A line that a command printed, while it still runs; without its end, any bytes, the first
     * LIVE_LINE_MAX of them.
     * As it came: known secrets have to be redacted yet. NULL: not wanted. Not told under no_log.
     */
    void (*live)(void *data, str host, str line, bool is_stderr);
    void (*diagnostics)(void *data, const struct diags *diags); /* outside of any result */
    void (*waiting)(void *data, const struct task *task, const str *hosts, size_t count,
                    double seconds);
    void (*no_more_hosts)(void *data); /* "NO MORE HOSTS LEFT" */
    /* A line for who asks for it, with so many -v. */
    void (*note)(void *data, unsigned verbosity, str text);
    void (*summary)(void *data, const struct run_summary *summary);
    void (*pausing)(void *data, const struct pause *pause);
    /* vars_prompt */
    bool (*ask)(void *data, struct arena *arena, str question, bool echo, str *ret);
    /* Wait at the terminal, not under the lock; *ret: what was typed. NULL: there is no terminal.
     */
    enum pause_end (*pause)(void *data, struct arena *arena, const struct pause *pause, str *ret);
};
