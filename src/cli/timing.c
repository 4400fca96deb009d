/* timing.c - see timing.h. */
#include "cli/timing.h"

#include <stdlib.h>
#include <time.h>

#include "base/bug.h"
#include "base/strbuf.h"
#include "base/utf8.h"

#define LINE_WIDTH 79
#define NAME_WIDTH 70 /* of a task in the list; its seconds take the rest of the line */
#define TIME_WIDTH 9

struct entry {
    const struct task *task; /* NULL: of a role */
    str name;
    double seconds;
};
struct entries {
    struct entry *items;
    size_t len, cap;
};

struct timing {
    struct timing_options options;
    struct arena *arena;
    struct entries tasks, roles;
    struct entry *task, *role; /* what runs now; NULL: nothing yet */
    double began;              /* the run */
    double told[TIMING_KINDS]; /* the last line about time */
    double since;              /* when `task` began */
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct timing *timing_new(const struct timing_options *options)
{
    struct timing *timing = calloc(1, sizeof *timing);
    if (timing == NULL) {
        BUG("no memory for the timing");
    }
    timing->options = *options;
    timing->arena = arena_new("timing");
    timing->began = timing->since = now();
    for (size_t i = 0; i < TIMING_KINDS; i++) {
        timing->told[i] = timing->began;
    }
    return timing;
}

void timing_free(struct timing *timing)
{
    if (timing != NULL) {
        arena_free(timing->arena);
        free(timing);
    }
}

/* ---- measuring ---- */

static struct entry *entry_of(struct arena *arena, struct entries *entries, const struct task *task,
                              str name)
{
    for (size_t i = 0; i < entries->len; i++) {
        if (entries->items[i].task == task &&
            (task != NULL || str_eq(entries->items[i].name, name))) {
            return &entries->items[i];
        }
    }
    struct entry *entry = VEC_PUSH(arena, entries);
    *entry = (struct entry){ .task = task, .name = str_copy(arena, name) };
    return entry;
}

/* The time since the last task began belongs to that one. */
static void stop(struct timing *timing)
{
    double at = now();
    if (timing->task != NULL) {
        timing->task->seconds += at - timing->since;
        timing->role->seconds += at - timing->since;
    }
    timing->since = at;
    timing->task = timing->role = NULL;
}

static void start(struct timing *timing, const struct task *task, str name)
{
    const struct role *role = task->node.role;
    timing->task = entry_of(timing->arena, &timing->tasks, task, str_trim(name));
    timing->role =
        entry_of(timing->arena, &timing->roles, NULL, role != NULL ? role->name : task->action);
}

/* ---- showing ---- */

static void add_line(struct strbuf *out, str text, char fill)
{
    size_t used = text.len == 0 ? 0 : text.len + 1, width = LINE_WIDTH - used;
    strbuf_add(out, text);
    strbuf_add(out, text.len == 0 ? STR_EMPTY : S(" "));
    strbuf_add_repeat(out, fill, used + 3 > LINE_WIDTH ? 3 : width);
    strbuf_add(out, S(" \n"));
}

/* "0:00:01.234" */
static void add_clock(struct strbuf *out, double seconds)
{
    long long all = (long long)(seconds * 1000);
    strbuf_addf(out, "%lld:%02lld:%02lld.%03lld", all / 3600000, all / 60000 % 60, all / 1000 % 60,
                all % 1000);
}

/* "Saturday 21 November 2026  14:47:35 +0000 (0:00:00.032)       0:00:05.202 *****": since the line
 * before, and since the start. */
static void add_times(struct timing *timing, enum timing_kind kind, struct arena *arena,
                      struct strbuf *out)
{
    char date[128];
    struct tm local;
    time_t seconds = time(NULL);
    struct strbuf line = strbuf_in(arena);
    double at = now();
    localtime_r(&seconds, &local);
    strftime(date, sizeof date, "%A %d %B %Y  %H:%M:%S %z", &local);
    strbuf_addf(&line, "%s (", date);
    add_clock(&line, at - timing->told[kind]);
    strbuf_addf(&line, ")%7s", "");
    add_clock(&line, at - timing->began);
    timing->told[kind] = at;
    add_line(out, strbuf_str(&line), '*');
}

static void add_entry(struct strbuf *out, struct arena *arena, str name, double seconds)
{
    str time = str_format(arena, " %.2fs", seconds);
    size_t width = utf8_length(name) + 1;
    strbuf_addf(out, "%.*s ", SARG(name));
    strbuf_add_repeat(out, '-', width < NAME_WIDTH ? NAME_WIDTH - width : 0);
    strbuf_add_repeat(out, '-', time.len < TIME_WIDTH ? TIME_WIDTH - time.len : 0);
    strbuf_addf(out, "%.*s\n", SARG(time));
}

static int longest_first(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return (x->seconds < y->seconds) - (x->seconds > y->seconds);
}

static int shortest_first(const void *a, const void *b)
{
    return longest_first(b, a);
}

static void add_entries(const struct entries *entries, enum timing_sort sort, size_t limit,
                        struct arena *arena, struct strbuf *out)
{
    struct entry *sorted = NEW_ARRAY(arena, struct entry, entries->len + 1);
    for (size_t i = 0; i < entries->len; i++) {
        sorted[i] = entries->items[i];
    }
    if (sort != TIMING_AS_RUN) {
        qsort(sorted, entries->len, sizeof *sorted,
              sort == TIMING_LONGEST_FIRST ? longest_first : shortest_first);
    }
    for (size_t i = 0; i < entries->len && i < limit; i++) {
        add_entry(out, arena, sorted[i].name, sorted[i].seconds);
    }
}

static void add_roles(struct timing *timing, struct arena *arena, struct strbuf *out)
{
    double total = 0;
    for (size_t i = 0; i < timing->roles.len; i++) {
        total += timing->roles.items[i].seconds;
    }
    add_entries(&timing->roles, TIMING_LONGEST_FIRST, timing->roles.len, arena, out);
    add_line(out, STR_EMPTY, '~');
    add_entry(out, arena, S("total"), total);
}

static void add_total(const struct timing *timing, struct strbuf *out)
{
    long long seconds = (long long)(now() - timing->began);
    strbuf_addf(out, "Playbook run took %lld days, %lld hours, %lld minutes, %lld seconds\n",
                seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

str timing_task(struct timing *timing, struct arena *arena, const struct task *task, str name)
{
    struct strbuf out = strbuf_in(arena);
    const struct timing_options *options = &timing->options;
    stop(timing);
    start(timing, task, name);
    for (size_t i = 0; i < options->count; i++) {
        if (options->kinds[i] != TIMING_TOTAL) {
            add_times(timing, options->kinds[i], arena, &out);
        }
    }
    return strbuf_str(&out);
}

str timing_recap(struct timing *timing, struct arena *arena)
{
    struct strbuf out = strbuf_in(arena);
    const struct timing_options *options = &timing->options;
    stop(timing);
    for (size_t i = 0; i < options->count; i++) {
        if (options->kinds[i] == TIMING_TOTAL) {
            add_total(timing, &out);
            continue;
        }
        add_times(timing, options->kinds[i], arena, &out);
        add_line(&out, STR_EMPTY, '=');
        if (options->kinds[i] == TIMING_TASKS) {
            add_entries(&timing->tasks, options->sort, options->limit, arena, &out);
        } else {
            add_roles(timing, arena, &out);
        }
    }
    return strbuf_str(&out);
}
