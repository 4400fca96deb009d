/*
 * output_adhoc.c - results in the form of `ansible`, and as files.
 */
#include "base/path.h"
#include "cli/files.h"
#include "cli/output_parts.h"
#include "engine/play.h"

/* Of those modules the output is shown as it is. */
static bool is_plain_command(const struct task *task)
{
    static const str names[] = { S_INIT("command"), S_INIT("shell"), S_INIT("raw") };
    size_t dot = str_rfind(task->action, S("."));
    str name = dot == STR_NPOS ? task->action : str_part(task->action, dot + 1, task->action.len);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(name, names[i])) {
            return true;
        }
    }
    return false;
}

static void add_in_one_line(struct output *out, struct strbuf *line, const char *name, str text)
{
    text = str_replace(out->arena, text, S("\n"), S("\\n"));
    text = str_replace(out->arena, text, S("\r"), S("\\r"));
    strbuf_addf(line, "%s%.*s", name, SARG(text));
}

/* `ansible`: "web1 | CHANGED | rc=0 >>" and the output for commands, JSON for all else. */
void output_adhoc(struct output *out, const struct task_event *event)
{
    static const char *const words[] = {
        [RESULT_OK] = "SUCCESS",
        [RESULT_CHANGED] = "CHANGED",
        [RESULT_SKIPPED] = "SKIPPED",
        [RESULT_FAILED] = "FAILED!",
        [RESULT_UNREACHABLE] = "UNREACHABLE!",
        [RESULT_UNKNOWN] = "UNKNOWN",
    };
    static const enum color colors[] = {
        [RESULT_OK] = GREEN,   [RESULT_CHANGED] = YELLOW,         [RESULT_SKIPPED] = CYAN,
        [RESULT_FAILED] = RED, [RESULT_UNREACHABLE] = BRIGHT_RED, [RESULT_UNKNOWN] = PURPLE,
    };
    struct strbuf line = strbuf_in(out->arena);
    value rc = value_get(event->result, S("rc")), stdout_ = value_get(event->result, S("stdout")),
          stderr_ = value_get(event->result, S("stderr")), msg = value_get(event->result, S("msg"));
    if (event->status == RESULT_SKIPPED) {
        strbuf_addf(&line, "%.*s | %s", SARG(event->host), words[event->status]);
    } else if (is_plain_command(event->task) && value_is(rc, VALUE_INT) &&
               value_is(stdout_, VALUE_STR) &&
               !(out->options.one_line && event->status == RESULT_FAILED)) {
        str outs = value_masked(out->arena, stdout_);
        str errs = value_is(stderr_, VALUE_STR) ? value_masked(out->arena, stderr_) : STR_EMPTY;
        str msgs = value_is(msg, VALUE_STR) && event->status == RESULT_FAILED
                       ? value_masked(out->arena, msg)
                       : STR_EMPTY;
        const char *word = event->status == RESULT_FAILED ? "FAILED" : words[event->status];
        strbuf_addf(&line, "%.*s | %s | rc=%lld ", SARG(event->host), word,
                    (long long)value_as_int(rc));
        if (out->options.one_line) {
            add_in_one_line(out, &line, "| (stdout) ", outs);
            add_in_one_line(out, &line, errs.len > 0 ? " (stderr) " : "", errs);
        } else {
            strbuf_addf(&line, ">>\n%.*s%.*s%.*s", SARG(outs), SARG(errs), SARG(msgs));
        }
    } else {
        value v = value_is(event->show, VALUE_UNDEFINED) ? output_without_status(out, event->result)
                                                         : event->show;
        str json = result_text(out->arena, out->sources, RESULT_AS_JSON, v,
                               out->options.one_line ? RESULT_TIGHT : 4);
        strbuf_addf(&line, "%.*s | %s => ", SARG(event->host), words[event->status]);
        strbuf_add(&line, json);
    }
    output_put(out, colors[event->status], strbuf_str(&line));
}

/* The result of a host as a file of JSON in the directory of --tree. */
void output_tree(struct output *out, const struct task_event *event)
{
    struct diags *diags = diags_new(out->arena, out->sources);
    if (str_is_none(out->options.tree) || str_find_char(event->host, '/', 0) != STR_NPOS) {
        return;
    }
    str text = result_text(out->arena, out->sources, RESULT_AS_JSON,
                           output_without_status(out, event->result), 0);
    directory_make(out->arena, out->options.tree);
    if (!file_replace(out->arena, diags, path_join(out->arena, out->options.tree, event->host),
                      secrets_redact(out->options.secrets, out->arena, text))) {
        out->incomplete = true;
        output_diags(out, diags, true);
    }
}
