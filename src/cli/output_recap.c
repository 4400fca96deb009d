/*
 * output_recap.c - what stands behind a playbook: lost hosts, counts, figures, times.
 */
#include "cli/output_parts.h"
#include "cli/retry_file.h"

static void add_count(struct output *out, struct strbuf *line, const char *name, unsigned count,
                      enum color color)
{
    bool colored = out->options.color && count > 0 && color != NO_COLOR;
    strbuf_addf(line, "%s%s=%-4u%s ", colored ? output_color(color) : "", name, count,
                colored ? "\033[0m" : "");
}

static void put_stats(struct output *out, const struct host_stats *stats)
{
    struct strbuf line = strbuf_in(out->arena);
    enum color color = stats->failed > 0 || stats->unreachable > 0 ? RED
                       : stats->changed > 0                        ? YELLOW
                                                                   : GREEN;
    if (out->options.color) {
        strbuf_addf(&line, "%s%-26.*s\033[0m : ", output_color(color), SARG(stats->host));
    } else {
        strbuf_addf(&line, "%-26.*s : ", SARG(stats->host));
    }
    add_count(out, &line, "ok", stats->ok, GREEN);
    add_count(out, &line, "changed", stats->changed, YELLOW);
    add_count(out, &line, "unreachable", stats->unreachable, BRIGHT_RED);
    add_count(out, &line, "failed", stats->failed, RED);
    add_count(out, &line, "skipped", stats->skipped, CYAN);
    add_count(out, &line, "rescued", stats->rescued, YELLOW);
    add_count(out, &line, "ignored", stats->ignored, PURPLE);
    strbuf_truncate(&line, line.len - 1);
    output_put(out, NO_COLOR, strbuf_str(&line));
}

static void put_custom_stats(struct output *out, value stats)
{
    if (!out->options.show_custom_stats || !value_is(stats, VALUE_MAP)) {
        return;
    }
    output_banner(out, S("CUSTOM STATS: "));
    for (size_t i = 0; i < value_count(stats); i++) {
        str who = value_as_str(value_map_key(stats, i));
        str json =
            result_text(out->arena, out->sources, RESULT_AS_JSON, value_map_value(stats, i), 0);
        bool run = str_eq(who, S("_run"));
        output_put(out, NO_COLOR,
                   str_format(out->arena, "\t%s%.*s: %.*s", run ? "\n\t" : "",
                              SARG(run ? S("RUN") : who), SARG(json)));
    }
}

static void put_summary(struct output *out, const struct run_summary *summary)
{
    unsigned unknown = 0;
    for (size_t i = 0; i < summary->count; i++) {
        unknown += summary->hosts[i].unknown;
    }
    fflush(stdout);
    fprintf(stderr, "%u task%s on %zu host%s in %.2f s, %llu round trips", summary->tasks,
            summary->tasks == 1 ? "" : "s", summary->count, summary->count == 1 ? "" : "s",
            summary->seconds, (unsigned long long)summary->wire.round_trips);
    if (summary->dry_run) {
        fprintf(stderr, "; a dry run: nothing was changed");
    }
    if (unknown > 0) {
        fprintf(stderr, ", %u result%s cannot be known before the real run", unknown,
                unknown == 1 ? "" : "s");
    }
    if (summary->commands_not_run > 0) {
        fprintf(stderr, ", predicted after %u command%s that %s not run", summary->commands_not_run,
                summary->commands_not_run == 1 ? "" : "s",
                summary->commands_not_run == 1 ? "was" : "were");
    }
    fputc('\n', stderr);
    if (out->options.project.len > 0) {
        fprintf(stderr, "from %.*s\n", SARG(out->options.project));
    }
}

/* Lost hosts for --limit @FILE. That it cannot be written is no failure of the run. */
static void put_retry_file(struct output *out, const struct run_summary *summary)
{
    struct diags *diags = diags_new(out->arena, out->sources);
    str path;
    if (!out->options.retry_files || summary->lost_count == 0) {
        return;
    }
    if (retry_file_write(out->arena, diags, out->options.retry_dir, summary, &path)) {
        output_put(out, NO_COLOR,
                   str_format(out->arena, "\tto retry, use: --limit @%.*s", SARG(path)));
    }
    output_diags(out, diags, true);
}

void output_summary(void *data, const struct run_summary *summary)
{
    struct output *out = data;
    if (!out->options.adhoc) {
        put_retry_file(out, summary);
        output_banner(out, S("PLAY RECAP"));
        for (size_t i = 0; i < summary->count; i++) {
            put_stats(out, &summary->hosts[i]);
        }
        put_custom_stats(out, summary->custom_stats);
        output_put(out, NO_COLOR, STR_EMPTY);
        if (out->options.check_markers) {
            output_banner(out, S("DRY RUN"));
        }
        if (out->timing != NULL) {
            output_put(out, NO_COLOR, timing_recap(out->timing, out->arena));
        }
    }
    if (out->options.summary && summary->last) {
        put_summary(out, summary);
    }
    fflush(stdout);
    arena_reset(out->arena);
}
