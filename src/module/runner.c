/*
 * runner.c - modules that run a user's command. Their results have Ansible's keys.
 */
#include "module/runner.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/utf8.h"

/* ---- guards ---- */

static bool is_pattern(str path)
{
    return str_find_char(path, '*', 0) != STR_NPOS || str_find_char(path, '?', 0) != STR_NPOS ||
           str_find_char(path, '[', 0) != STR_NPOS;
}

static void ask_pattern(struct observer *obs, const struct guard *guard, str pattern,
                        struct guard_state *state, struct guard_answer *ret)
{
    struct arena *arena = observe_arena(obs);
    struct path_list found = { 0 };
    struct file_stat stat = { 0 };
    if (!str_is_none(guard->chdir)) {
        pattern = path_join(arena, guard->chdir, pattern);
    }
    if (!path_is_absolute(pattern)) {
        observe_login(obs, &state->login);
        if (!observe_ready(obs)) {
            return;
        }
        pattern = path_join(arena, user_home(&state->login), pattern);
    }
    if (is_pattern(pattern)) {
        observe_glob(obs, pattern, &found);
    } else {
        observe_stat(obs, pattern, &stat);
    }
    ret->unknown = stat.type == FILE_UNKNOWN;
    ret->exists = found.count > 0 || (stat.type != FILE_ABSENT && !ret->unknown);
}

void guard_observe(struct observer *obs, const struct guard *guard, struct guard_state *ret)
{
    if (!str_is_none(guard->creates)) {
        ask_pattern(obs, guard, guard->creates, ret, &ret->created);
    }
    if (!str_is_none(guard->removes)) {
        ask_pattern(obs, guard, guard->removes, ret, &ret->removed);
    }
}

bool guard_unknown(const struct guard_state *state)
{
    return state->created.unknown || state->removed.unknown;
}

struct guard_reason guard_reason(const struct guard *guard, const struct guard_state *state)
{
    if (!str_is_none(guard->creates) && state->created.exists) {
        return (struct guard_reason){ guard->creates, true };
    }
    if (!str_is_none(guard->removes) && !state->removed.exists && !state->removed.unknown) {
        return (struct guard_reason){ guard->removes, false };
    }
    return (struct guard_reason){ STR_NONE, false };
}

/* ---- paths ---- */

static bool is_path_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c & 0x80) != 0 || c == '/' || c == '.' || c == '_' || c == '-' || c == '+' ||
           c == '@' || c == '%' || c == ',' || c == '~';
}

typedef VEC(str) path_vec;

/* A path begins at a '/' that no name and no other '/' precedes: not in a/b, not in http://c. */
static void add_paths(struct arena *arena, str text, path_vec *ret)
{
    for (size_t i = 0; i < text.len; i++) {
        bool begins = text.ptr[i] == '/' && (i == 0 || !is_path_byte(text.ptr[i - 1])) &&
                      !(i + 1 < text.len && text.ptr[i + 1] == '/');
        if (!begins) {
            continue;
        }
        size_t end = i;
        while (end < text.len && is_path_byte(text.ptr[end])) {
            end++;
        }
        str path = str_part(text, i, end);
        if (path.len > 1 && !str_starts(path, S("/dev/"))) {
            *VEC_PUSH(arena, ret) = path_normal(arena, path);
        }
        i = end;
    }
}

/* The part of a pattern that is a plain path. */
static str without_wildcards(str pattern)
{
    size_t i = 0;
    while (i < pattern.len && !is_pattern(str_part(pattern, i, i + 1))) {
        i++;
    }
    return i == pattern.len ? pattern : path_dirname(str_part(pattern, 0, i));
}

static void add_pattern(struct arena *arena, const struct guard *guard, str pattern, path_vec *ret)
{
    if (str_is_none(pattern)) {
        return;
    }
    if (!str_is_none(guard->chdir)) {
        pattern = path_join(arena, guard->chdir, pattern);
    }
    add_paths(arena, without_wildcards(pattern), ret);
}

struct path_list guard_paths(struct arena *arena, const struct guard *guard, const str *words,
                             size_t count)
{
    path_vec paths = { 0 };
    add_pattern(arena, guard, guard->creates, &paths);
    add_pattern(arena, guard, guard->removes, &paths);
    for (size_t i = 0; i < count; i++) {
        add_paths(arena, words[i], &paths);
    }
    return (struct path_list){ paths.items, paths.len };
}

str runner_input(struct arena *arena, value input, bool add_newline)
{
    if (!value_is(input, VALUE_STR)) {
        return STR_NONE;
    }
    str text = value_as_str(input);
    return add_newline ? str_concat(arena, text, S("\n")) : text;
}

/* ---- the result ---- */

/* "2026-11-21 09:14:55.120043", UTC */
static value time_text(struct arena *arena, double when)
{
    double whole = floor(when);
    time_t seconds = (time_t)whole;
    struct tm utc;
    char text[32];
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime_r(&seconds, &utc));
    return value_str(arena, str_format(arena, "%s.%06d", text, (int)((when - whole) * 1e6)));
}

/* "0:00:00.003125" */
static value delta_text(struct arena *arena, double seconds)
{
    int64_t micro = (int64_t)(seconds * 1e6 + 0.5);
    int64_t whole = micro / 1000000;
    return value_str(arena,
                     str_format(arena, "%d:%02d:%02d.%06d", (int)(whole / 3600),
                                (int)(whole / 60 % 60), (int)(whole % 60), (int)(micro % 1000000)));
}

static value lines_of(struct arena *arena, str text)
{
    struct list_builder lines = list_in(arena);
    for (str rest = text; rest.len > 0;) {
        str line = str_cut_line(&rest);
        list_add(&lines, value_str(arena, str_ends(line, S("\r")) ? str_part(line, 0, line.len - 1)
                                                                  : line));
    }
    return list_seal(&lines);
}

static void add_stream(struct arena *arena, struct map_builder *map, str key, str bytes,
                       bool keep_empty)
{
    str text = utf8_repair(arena, bytes);
    while (!keep_empty && text.len > 0 &&
           (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r')) {
        text.len--;
    }
    map_set_str(map, key, value_str(arena, text.len == 0 ? STR_EMPTY : text));
    map_set_str(map, str_concat(arena, key, S("_lines")), lines_of(arena, text));
}

static value not_run(struct outcome *out, const struct runner_options *options)
{
    static const char *const unknown[] = { "rc",           "stdout", "stdout_lines", "stderr",
                                           "stderr_lines", "start",  "end",          "delta" };
    size_t count = options->bare ? 5 : ARRAY_LEN(unknown);
    struct map_builder map = map_in(outcome_arena(out));
    str message = S("Command would have run if not in check mode");
    if (!options->bare) {
        map_set_str(&map, S("cmd"), options->cmd);
    }
    for (size_t i = 0; i < count; i++) {
        map_set_str(&map, str_of(unknown[i]), value_unknown());
    }
    map_set_str(&map, S("msg"), value_str(outcome_arena(out), message));
    if (!options->guarded) {
        outcome_skip(out, "%.*s", SARG(message));
    }
    return map_seal(&map);
}

static value kept_from_running(struct outcome *out, const struct runner_options *options)
{
    struct arena *arena = outcome_arena(out);
    value nothing = value_str(arena, STR_EMPTY), none = value_list(arena, NULL, 0);
    const char *what = options->reason.exists ? "exists" : "does not exist";
    str path = options->reason.path;
    value said = value_str(arena, str_format(arena, "skipped, since %.*s %s", SARG(path), what));
    str message = str_format(arena, "%s not run command since '%.*s' %s",
                             outcome_dry_run(out) ? "Would" : "Did", SARG(path), what);
    return map_of(out, "cmd", options->cmd, "rc", value_int(0), "stdout", said, "stdout_lines",
                  value_list(arena, &said, 1), "stderr", nothing, "stderr_lines", none, "start",
                  value_null(), "end", value_null(), "delta", value_null(), "msg",
                  value_str(arena, message), NULL);
}

/* Ansible answers with the number of the system's error. */
static int number_of(str problem)
{
    static const int numbers[] = { EACCES, ENOEXEC, ENOTDIR, EISDIR, ELOOP };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (str_ends(problem, str_of(strerror(numbers[i])))) {
            return numbers[i];
        }
    }
    return ENOENT;
}

/* The words of what could not be started, as one text. */
static value as_text(struct arena *arena, value words)
{
    struct strbuf text = strbuf_in(arena);
    for (size_t i = 0; value_is(words, VALUE_LIST) && i < value_count(words); i++) {
        strbuf_add(&text, i == 0 ? STR_EMPTY : S(" "));
        strbuf_add(&text, value_as_str(value_item(words, i)));
    }
    return value_is(words, VALUE_LIST) ? value_str(arena, strbuf_str(&text)) : words;
}

/* "'rsync'": the program that could not be started, where there is one and no secret in its name.
 */
static str shown_program(struct arena *arena, value cmd)
{
    value first = value_is(cmd, VALUE_LIST) && value_count(cmd) > 0 ? value_item(cmd, 0) : cmd;
    return value_is(cmd, VALUE_LIST) && value_is(first, VALUE_STR) && !value_has_secret(first)
               ? str_format(arena, "'%.*s'", SARG(value_as_str(first)))
               : S("the command");
}

value runner_result(struct outcome *out, const struct runner_options *options)
{
    struct arena *arena = outcome_arena(out);
    const struct command_result *ran = outcome_command(out);
    if (!str_is_none(options->reason.path)) {
        return kept_from_running(out, options);
    }
    if (ran == NULL) {
        return not_run(out, options);
    }
    struct map_builder map = map_in(arena);
    bool bare = options->bare || !ran->started;
    map_set_str(&map, S("rc"), value_int(ran->started ? ran->status : number_of(ran->problem)));
    add_stream(arena, &map, S("stdout"), ran->out, options->keep_empty);
    add_stream(arena, &map, S("stderr"), ran->err, options->keep_empty);
    if (!options->bare) {
        map_set_str(&map, S("cmd"), ran->started ? options->cmd : as_text(arena, options->cmd));
    }
    if (!bare) {
        map_set_str(&map, S("start"), time_text(arena, ran->start));
        map_set_str(&map, S("end"), time_text(arena, ran->end));
        map_set_str(&map, S("delta"), delta_text(arena, ran->end - ran->start));
        map_set_str(&map, S("msg"), value_str(arena, STR_EMPTY));
    }
    if (!ran->started) {
        outcome_not_changed(out);
        str program = shown_program(arena, options->cmd);
        outcome_fail(out, "could not start %.*s: %.*s", SARG(program), SARG(ran->problem));
    } else if (ran->status != 0) {
        outcome_fail(out, "non-zero return code");
    }
    return map_seal(&map);
}
