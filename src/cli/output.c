/*
 * output.c - Ansible's default form of a run. People and scripts read it: not a byte of it is ours
 * to change. Everything printed here was censored and redacted before.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/live.h"
#include "cli/output_parts.h"

#define COLUMNS_DEFAULT 79 /* of a banner, without a terminal */
#define WAIT_TOLD       10 /* seconds after which a task tells for whom it waits */
#define LIVE_SHOWN      2  /* seconds after which the status line has a command's last line, too */

struct output *output_new(const struct output_options *options)
{
    struct output *output = calloc(1, sizeof *output);
    if (output == NULL) {
        BUG("no memory for the output");
    }
    output->options = *options;
    output->arena = arena_new("output");
    output->lasting = arena_new("warnings");
    output->sources = source_map_new();
    output->banner = strbuf_in(output->lasting);
    output->below = strbuf_in(output->lasting);
    output->timing = options->timing.count > 0 ? timing_new(&options->timing) : NULL;
    return output;
}

void output_free(struct output *output)
{
    if (output != NULL) {
        arena_free(output->arena);
        arena_free(output->lasting);
        timing_free(output->timing);
        source_map_free(output->sources);
        free(output);
    }
}

bool output_changed(const struct output *output)
{
    return output->changed;
}

bool output_is_incomplete(const struct output *output)
{
    return output->incomplete;
}

/* ---- bytes ---- */

const char *output_color(enum color color)
{
    static const char *const codes[] = {
        [NO_COLOR] = "",         [GREEN] = "\033[0;32m", [YELLOW] = "\033[0;33m",
        [CYAN] = "\033[0;36m",   [RED] = "\033[0;31m",   [BRIGHT_RED] = "\033[1;31m",
        [PURPLE] = "\033[0;35m", [BLUE] = "\033[0;34m",
    };
    return codes[color];
}

static void clear_status(struct output *out)
{
    if (out->status_shown) {
        fputs("\r\033[K", stderr);
        out->status_shown = false;
    }
}

/* A line, or more of them; the end of the last one need not be there. */
void output_put_to(struct output *out, FILE *to, enum color color, str text)
{
    bool colored = to == stdout ? out->options.color : out->options.color_err;
    clear_status(out);
    text = secrets_redact(out->options.secrets, out->arena, text);
    text = str_ends(text, S("\n")) ? str_part(text, 0, text.len - 1) : text;
    if (colored && color != NO_COLOR) {
        fprintf(to, "%s%.*s\033[0m\n", output_color(color), SARG(text));
    } else {
        fwrite(text.ptr, 1, text.len, to);
        fputc('\n', to);
    }
    log_file_add(out->options.log, out->arena, text);
}

void output_put(struct output *out, enum color color, str text)
{
    output_put_to(out, stdout, color, text);
}

void output_banner(struct output *out, str text)
{
    size_t columns = out->options.columns > 1 ? out->options.columns - 1 : COLUMNS_DEFAULT,
           width = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t c = utf8_next(text, &at);
        width += c == UTF8_BAD ? 1 : utf8_columns(c);
    }
    struct strbuf line = strbuf_in(out->arena);
    strbuf_add_char(&line, '\n');
    strbuf_add(&line, text);
    strbuf_add_char(&line, ' ');
    strbuf_add_repeat(&line, '*', columns > width + 3 ? columns - width : 3);
    output_put(out, NO_COLOR, strbuf_str(&line));
}

/* The banner of the task, unless it was put. */
static void put_banner(struct output *out)
{
    if (out->banner.len > 0) {
        str text = str_copy(out->arena, strbuf_str(&out->banner));
        out->banner.len = 0;
        output_banner(out, text);
        if (out->below.len > 0) {
            output_put(out, NO_COLOR, str_copy(out->arena, strbuf_str(&out->below)));
        }
    }
}

/* ---- results ---- */

static bool is_hidden(str key)
{
    return str_starts(key, S("_ansible_")) || str_eq(key, S("failed")) ||
           str_eq(key, S("skipped")) || str_eq(key, S("unreachable_"));
}

/* A result without what is told otherwise: the status. */
value output_without_status(struct output *out, value result)
{
    if (!value_is(result, VALUE_MAP)) {
        return result;
    }
    struct map_builder map = map_in(out->arena);
    for (size_t i = 0; i < value_count(result); i++) {
        value key = value_map_key(result, i);
        if (!value_is(key, VALUE_STR) || !is_hidden(value_as_str(key))) {
            map_set(&map, key, value_map_value(result, i));
        }
    }
    return map_seal(&map);
}

static str result_shown(struct output *out, const struct task_event *event)
{
    value v = value_is(event->show, VALUE_UNDEFINED) ? output_without_status(out, event->result)
                                                     : event->show;
    int indent = event->verbose_always || out->options.pretty ? 4 : 0;
    return result_text(out->arena, out->sources, out->options.result_form, v, indent);
}

/* ---- lines ---- */

static str host_label(struct output *out, const struct task_event *event)
{
    return str_is_none(event->delegate)
               ? event->host
               : str_format(out->arena, "%.*s -> %.*s", SARG(event->host), SARG(event->delegate));
}

static str item_label(struct output *out, const struct task_event *event)
{
    value label = value_is(event->item_label, VALUE_UNDEFINED) ? value_null() : event->item_label;
    return value_masked(out->arena, value_print(out->arena, label));
}

static bool wants_json(const struct output *out, const struct task_event *event)
{
    bool gathered = str_eq(event->task->action, S("gather_facts")); /* by the play: too long */
    return (out->options.verbosity > 0 && !gathered) || event->verbose_always;
}

static void put_success(struct output *out, const struct task_event *event, const char *word,
                        enum color color)
{
    struct strbuf line = strbuf_in(out->arena);
    str label = host_label(out, event);
    strbuf_addf(&line, "%s: [%.*s]", word, SARG(label));
    if (event->is_item) {
        str item = item_label(out, event);
        strbuf_addf(&line, " => (item=%.*s)%s", SARG(item),
                    event->status == RESULT_SKIPPED ? " " : "");
    }
    if (wants_json(out, event)) {
        strbuf_add(&line, S(" => "));
        strbuf_add(&line, result_shown(out, event));
    }
    output_put(out, color, strbuf_str(&line));
}

static void put_failure(struct output *out, const struct task_event *event)
{
    struct strbuf line = strbuf_in(out->arena);
    str label = host_label(out, event), text = result_shown(out, event);
    bool unreachable = event->status == RESULT_UNREACHABLE;
    if (event->is_item) {
        str item = item_label(out, event);
        strbuf_addf(&line, "failed: [%.*s] (item=%.*s) => ", SARG(label), SARG(item));
    } else {
        strbuf_addf(&line, "fatal: [%.*s]: %s! => ", SARG(label),
                    unreachable ? "UNREACHABLE" : "FAILED");
    }
    strbuf_add(&line, text);
    fflush(stdout);
    output_put_to(out, out->options.failures_to_stderr ? stderr : stdout,
                  unreachable ? BRIGHT_RED : RED, strbuf_str(&line));
}

static void put_included(struct output *out, const struct task_event *event)
{
    struct strbuf line = strbuf_in(out->arena);
    strbuf_addf(&line, "included: %.*s for ", SARG(event->included));
    for (size_t i = 0; i < event->included_count; i++) {
        strbuf_addf(&line, "%s%.*s", i == 0 ? "" : ", ", SARG(event->included_hosts[i]));
    }
    if (event->is_item) {
        str item = item_label(out, event);
        strbuf_addf(&line, " => (item=%.*s)", SARG(item));
    }
    output_put(out, CYAN, strbuf_str(&line));
}

/* ---- diagnostics ---- */

static bool told_before(struct output *out, const struct diag *diag)
{
    uint64_t hash = str_hash(diag->message) ^ ((uint64_t)diag->at.pos * 0x9E3779B97F4A7C15u);
    for (size_t i = 0; i < out->warned.len; i++) {
        if (out->warned.items[i] == hash) {
            return true;
        }
    }
    *VEC_PUSH(out->lasting, &out->warned) = hash;
    return false;
}

void output_diags(struct output *out, const struct diags *diags, bool errors_too)
{
    clear_status(out);
    fflush(stdout);
    struct diag_style style = { .color = out->options.color_err, .columns = out->options.columns };
    for (size_t i = 0; i < diags->all.len; i++) {
        const struct diag *diag = diags->all.items[i];
        if ((errors_too || diag->severity != DIAG_ERROR) && !told_before(out, diag)) {
            str text = diag_render(out->arena, diags->sources, diag, style);
            text = secrets_redact(out->options.secrets, out->arena, text);
            fwrite(text.ptr, 1, text.len, stderr);
            log_file_add(out->options.log, out->arena, text);
        }
    }
}

/* ---- the report ---- */

static const char *check_marker(const struct output *out)
{
    return out->options.check_markers ? " [CHECK MODE]" : "";
}

static void on_play(void *data, const struct play *play, str name)
{
    struct output *out = data;
    if (out->options.check_markers && !out->begun) {
        output_banner(out, S("DRY RUN"));
    }
    out->begun = true;
    if (!out->options.adhoc) {
        output_banner(out, name.len == 0 ? S("PLAY")
                                         : str_format(out->arena, "PLAY [%.*s]%s", SARG(name),
                                                      check_marker(out)));
    }
    arena_reset(out->arena);
}

static void on_play_without_hosts(void *data)
{
    struct output *out = data;
    output_put(out, CYAN,
               out->options.adhoc ? S("[WARNING]: No hosts matched, nothing to do")
                                  : S("skipping: no hosts matched"));
}

static void on_task(void *data, const struct task *task, str name, bool handler)
{
    struct output *out = data;
    out->waited_for = NULL;
    out->last_host = STR_NONE;
    out->shown_task = task;
    if (!out->options.adhoc) {
        out->banner.len = 0;
        strbuf_addf(&out->banner, "%s [%.*s]%s", handler ? "RUNNING HANDLER" : "TASK", SARG(name),
                    check_marker(out));
        if (out->timing != NULL) {
            out->below.len = 0;
            strbuf_add(&out->below, timing_task(out->timing, out->arena, task, name));
        }
        if (!out->options.hide_skipped && !out->options.hide_ok) {
            put_banner(out);
        }
    }
    arena_reset(out->arena);
}

static void put_result(struct output *out, const struct task_event *event)
{
    switch (event->status) {
    case RESULT_OK:
        put_success(out, event, "ok", GREEN);
        break;
    case RESULT_CHANGED:
        put_success(out, event, "changed", YELLOW);
        break;
    case RESULT_UNKNOWN:
        put_success(out, event, "unknown", PURPLE);
        break;
    case RESULT_SKIPPED:
        put_success(out, event, "skipping", CYAN);
        break;
    case RESULT_FAILED:
    case RESULT_UNREACHABLE:
        put_failure(out, event);
        break;
    }
}

/* Whether settings say that such results are not shown. */
static bool is_hidden_result(const struct output *out, const struct task_event *event)
{
    return !out->options.adhoc && str_is_none(event->included) &&
           ((event->status == RESULT_SKIPPED && out->options.hide_skipped) ||
            (event->status == RESULT_OK && out->options.hide_ok));
}

static void on_result(void *data, const struct task_event *event)
{
    struct output *out = data;
    if (event->task != out->shown_task) { /* free strategies: tasks take turns */
        on_task(data, event->task, event->name, event->task->is_handler);
    }
    bool hidden = is_hidden_result(out, event);
    if (!hidden) {
        put_banner(out);
    }
    out->pausing = false;
    out->changed |= event->status == RESULT_CHANGED;
    if (!str_is_none(event->diff) && event->status != RESULT_OK) { /* changed_when: none is shown */
        clear_status(out);
        str diff = secrets_redact(out->options.secrets, out->arena, event->diff);
        fwrite(diff.ptr, 1, diff.len, stdout);
        log_file_add(out->options.log, out->arena, diff);
    }
    bool failed = event->status == RESULT_FAILED || event->status == RESULT_UNREACHABLE;
    if (!str_is_none(event->included)) {
        put_included(out, event);
    } else if (out->options.adhoc && event->is_item) {
        /* the end of the loop tells of all */
    } else if (out->options.adhoc) {
        output_adhoc(out, event);
        output_tree(out, event);
    } else if (hidden) {
        /* but for what is to be told of it below */
    } else if (!event->has_items || event->status == RESULT_SKIPPED ||
               event->status == RESULT_UNREACHABLE) {
        put_result(out, event); /* the items of a loop have told all else */
    }
    if (event->ignored && failed && !event->is_item && !out->options.adhoc) {
        output_put(out, CYAN, S("...ignoring"));
    }
    if (event->diags != NULL && !event->is_item) {
        output_diags(out, event->diags, failed && !event->ignored);
    }
    arena_reset(out->arena);
}

static void on_retry(void *data, const struct task *task, str name, str host, str delegate,
                     int64_t left, value result)
{
    struct output *out = data;
    struct task_event event = { .host = host, .delegate = delegate };
    str label = host_label(out, &event);
    put_banner(out);
    output_put(out, NO_COLOR,
               str_format(out->arena, "FAILED - RETRYING: [%.*s]: %.*s (%lld retries left).",
                          SARG(label), SARG(name), (long long)left));
    arena_reset(out->arena);
}

/* On standard error, so that results are the same with and without. On a terminal the last line is
 * kept for the status line. */
static void on_live(void *data, str host, str line, bool is_stderr)
{
    struct output *out = data;
    /* of a longer line the rest did not come: at its end half of a secret would not be known for
     * one */
    size_t columns = line.len < LIVE_LINE_MAX ? 0 : LIVE_LINE_MAX / 2;
    str text = live_text(out->arena, out->options.secrets, line, columns);
    if (out->options.live) {
        clear_status(out);
        fflush(stdout);
        fprintf(stderr, "%.*s %c %.*s\n", SARG(host), is_stderr ? '!' : '|', SARG(text));
    } else {
        out->last_host = host;
        out->last_length = text.len < sizeof out->last_line ? text.len : sizeof out->last_line;
        memcpy(out->last_line, text.ptr, out->last_length);
    }
    arena_reset(out->arena);
}

static void on_diagnostics(void *data, const struct diags *diags)
{
    struct output *out = data;
    output_diags(out, diags, true);
    arena_reset(out->arena);
}

static void add_waiting(struct strbuf *text, const str *hosts, size_t count)
{
    for (size_t i = 0; i < count && i < 5; i++) {
        strbuf_addf(text, "%s%.*s", i == 0 ? "" : ", ", SARG(hosts[i]));
    }
    if (count > 5) {
        strbuf_addf(text, " and %zu more", count - 5);
    }
}

static bool waits_for(str host, const str *hosts, size_t count)
{
    for (size_t i = 0; i < count && !str_is_none(host); i++) {
        if (str_eq(hosts[i], host)) {
            return true;
        }
    }
    return false;
}

/* "12 s: web1, web2 | web2: Unpacking linux-image ...", in one row of the terminal. */
static void put_status(struct output *out, const str *hosts, size_t count, double seconds)
{
    struct strbuf text = strbuf_in(out->arena);
    strbuf_addf(&text, "%.0f s: ", seconds);
    add_waiting(&text, hosts, count);
    if (seconds >= LIVE_SHOWN && waits_for(out->last_host, hosts, count)) {
        strbuf_add(&text, count == 1 ? S(" | ")
                                     : str_format(out->arena, " | %.*s: ", SARG(out->last_host)));
        strbuf_add(&text, (str){ out->last_line, out->last_length });
    }
    size_t columns = out->options.columns > 1 ? out->options.columns - 1 : COLUMNS_DEFAULT;
    str row = live_text(out->arena, out->options.secrets, strbuf_str(&text), columns);
    fflush(stdout);
    fprintf(stderr, "\r\033[K%.*s", SARG(row));
    fflush(stderr);
    out->status_shown = true;
}

static void on_waiting(void *data, const struct task *task, const str *hosts, size_t count,
                       double seconds)
{
    struct output *out = data;
    if (out->pausing) {
        return;
    }
    if (out->options.status_line && seconds >= 0.5) {
        put_status(out, hosts, count, seconds);
    } else if (!out->options.status_line && seconds >= WAIT_TOLD && out->waited_for != task) {
        fflush(stdout);
        out->waited_for = task;
        struct strbuf text = strbuf_in(out->arena);
        add_waiting(&text, hosts, count);
        fprintf(stderr, "waiting for %.*s since %.0f s\n", SARG(text), seconds);
    }
    arena_reset(out->arena);
}

/* The words of Ansible, with its carriage return. */
static void on_pausing(void *data, const struct pause *pause)
{
    struct output *out = data;
    const char *hidden = pause->echo ? "" : " (output is hidden)";
    clear_status(out);
    out->pausing = true;
    if (pause->seconds >= 0) {
        printf("Pausing for %d seconds%s\n", (int)pause->seconds, hidden);
        printf("(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)\r\n");
    }
    if (pause->seconds < 0 || !str_is_none(pause->prompt)) {
        str prompt = str_is_none(pause->prompt)
                         ? S("Press enter to continue, Ctrl+C to interrupt")
                         : secrets_redact(out->options.secrets, out->arena, pause->prompt);
        printf("[%.*s]\n%.*s%s:\n", SARG(pause->title), SARG(prompt), hidden);
    }
    fflush(stdout);
    arena_reset(out->arena);
}

static void on_note(void *data, unsigned verbosity, str text)
{
    struct output *out = data;
    if (out->options.verbosity >= verbosity) {
        output_put(out, BLUE, text);
    }
    arena_reset(out->arena);
}

static void on_no_more_hosts(void *data)
{
    struct output *out = data;
    if (!out->options.adhoc) {
        output_banner(out, S("NO MORE HOSTS LEFT"));
    }
    arena_reset(out->arena);
}

struct report output_report(struct output *output)
{
    return (struct report){
        .data = output,
        .play_start = on_play,
        .play_without_hosts = on_play_without_hosts,
        .task_start = on_task,
        .result = on_result,
        .retry = on_retry,
        .live = output->options.live || output->options.status_line ? on_live : NULL,
        .diagnostics = on_diagnostics,
        .waiting = on_waiting,
        .no_more_hosts = on_no_more_hosts,
        .note = on_note,
        .summary = output_summary,
        .pausing = on_pausing,
        .ask = isatty(STDIN_FILENO) ? terminal_ask : NULL,
        .pause = terminal_is_ours() ? terminal_pause : NULL,
    };
}
