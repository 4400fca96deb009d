/*
 * run.c - runs the cases in tests/plans/MODULE/CASE.yml: parameters and a host as it is, and what
 * the module is to want of it. For each case:
 *
 *   the parameters are read, the host's questions answered round by round, the plan compared;
 *   the changes are made to the model, and what `register` would get is compared;
 *   the module is run once more: it must want nothing (but for `again: changes`).
 *
 * A case:
 *   what: one sentence                         host:  as model_read() takes it
 *   params: { path: /srv }                     sources: { NAME: { content, mode, entries } }
 *   line: "free text creates=/x"               template: { text, mode }
 *   dry_run: true                              command: { status, out, err }, of a runner
 *   expect:
 *     changes: [ "directory /srv 0755" ]       rounds: 1
 *     error, hint, warning: text that is in it result: { key: value }, those keys at least
 *     again: changes                           (a touch, a command)
 *
 * In `result`, "<unknown>" is what only a real run can tell, "<any>" anything that is there and
 * "<absent>" a key that must not be there.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "model.h"
#include "module/plan_engine.h"
#include "remote/digest.h"

#define NOW        1700000000 /* 2023-11-14 22:13:20 UTC */
#define ROUNDS_MAX 20

struct test {
    str name;
    struct arena *arena;
    struct source_map *sources;
    struct diags *diags; /* of the task */
    value spec, expect;
    const struct module *module;
    struct model model;
    unsigned failures;
};

static void complain(struct test *test, const char *format, ...) PRINTF(2, 3);
static void complain(struct test *test, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("FAIL %.*s: ", SARG(test->name));
    vprintf(format, args);
    printf("\n");
    va_end(args);
    test->failures++;
}

static str text_at(value map, str key)
{
    value v = value_get(map, key);
    return value_is(v, VALUE_STR) ? value_as_str(v) : STR_NONE;
}

static str shown(struct test *test, value v)
{
    value text;
    struct diags *unused = diags_new(test->arena, test->sources);
    if (value_has_unknown(v)) {
        return S("<unknown>");
    }
    return json_write(test->arena, unused, v, (struct json_format){ 0 }, &text) ? value_as_str(text)
                                                                                : S("(no JSON)");
}

/* ---- what the engine lends to parameters ---- */

static unsigned octal(str text, unsigned otherwise)
{
    uint64_t bits;
    return !str_is_none(text) && str_to_base(text, 8, &bits) ? (unsigned)bits : otherwise;
}

static struct content source_content(struct test *test, str name, value entry)
{
    str bytes = text_at(entry, S("content"));
    bytes = str_is_none(bytes) ? STR_EMPTY : bytes;
    return (struct content){ .kind = CONTENT_CONTROLLER,
                             .path = name,
                             .bytes = value_str(test->arena, bytes),
                             .size = bytes.len,
                             .digest = digest_of_bytes(test->arena, DIGEST_SHA1, bytes) };
}

static struct source_entry source_entry(struct test *test, str path, value entry)
{
    str link = text_at(entry, S("link"));
    bool directory = str_eq(text_at(entry, S("type")), S("directory"));
    str leads = text_at(entry, S("leads_to"));
    return (struct source_entry){
        .path = path,
        .type = !str_is_none(link) ? FILE_LINK
                : directory        ? FILE_DIRECTORY
                                   : FILE_REGULAR,
        .leads_to = str_eq(leads, S("directory")) ? FILE_DIRECTORY
                    : str_eq(leads, S("file"))    ? FILE_REGULAR
                                                  : FILE_ABSENT,
        .mode = octal(text_at(entry, S("mode")), directory ? 0755 : 0644),
        .target = link,
        .content = source_content(test, path, entry),
    };
}

static bool find_source(void *data, struct diags *diags, struct arena *arena, value name,
                        struct source_file *ret)
{
    struct test *test = data;
    str plain = value_as_str(name);
    plain = str_ends(plain, S("/")) ? str_part(plain, 0, plain.len - 1) : plain;
    value entry = value_get(value_get(test->spec, S("sources")), plain);
    if (value_is(entry, VALUE_UNDEFINED)) {
        diag_error(diags, name.at, "file '%.*s' was not found", SARG(plain));
        return false;
    }
    value entries = value_get(entry, S("entries"));
    *ret = (struct source_file){
        .given = true,
        .name = value_as_str(name),
        .path = path_join(arena, S("/play/files"), plain),
        .is_directory = value_is(entries, VALUE_MAP),
        .mode = octal(text_at(entry, S("mode")), 0644),
        .content = source_content(test, plain, entry),
    };
    if (ret->is_directory) {
        ret->count = value_count(entries);
        struct source_entry *list = NEW_ARRAY(arena, struct source_entry, ret->count + 1);
        for (size_t i = 0; i < ret->count; i++) {
            list[i] = source_entry(test, value_as_str(value_map_key(entries, i)),
                                   value_map_value(entries, i));
        }
        ret->entries = list;
    }
    return true;
}

static bool render_template(void *data, struct diags *diags, struct arena *arena, value name,
                            value args, struct template_text *ret)
{
    struct test *test = data;
    value spec = value_get(test->spec, S("template"));
    value text = value_get(spec, S("text"));
    (void)diags;
    (void)args;
    *ret = (struct template_text){
        .given = true,
        .name = value_as_str(name),
        .path = path_join(arena, S("/play/templates"), value_as_str(name)),
        .mode = octal(text_at(spec, S("mode")), 0644),
        .text = value_is(text, VALUE_STR) ? text : value_unknown(),
    };
    return true;
}

static bool expand_path(void *data, struct diags *diags, struct arena *arena, value path, str *ret)
{
    struct test *test = data;
    str text = value_as_str(path);
    (void)diags;
    bool home = str_eq(text, S("~")) || str_starts(text, S("~/"));
    *ret = home ? str_concat(arena, test->model.login.home, str_part(text, 1, text.len)) : text;
    return true;
}

/* ---- changes as lines ---- */

static void add_attrs(struct strbuf *line, const struct file_attrs *attrs)
{
    if (attrs->has_mode) {
        strbuf_addf(line, " %04o", attrs->mode);
    }
    if (!str_is_none(attrs->owner) || !str_is_none(attrs->group)) {
        strbuf_addf(line, " %.*s:%.*s", SARG(attrs->owner), SARG(attrs->group));
    }
}

static void add_content(struct test *test, struct strbuf *line, const struct content *content)
{
    if (content->kind == CONTENT_BYTES) {
        strbuf_addf(line, " %.*s", SARG(shown(test, content->bytes)));
    } else {
        strbuf_addf(line, " from %s%.*s", content->kind == CONTENT_REMOTE ? "host:" : "",
                    SARG(content->path));
    }
}

static str time_word(struct test *test, int64_t when)
{
    return when == CHANGE_NOW    ? S("now")
           : when == CHANGE_KEEP ? S("keep")
                                 : str_format(test->arena, "%lld", (long long)when);
}

static str change_line(struct test *test, const struct change *change)
{
    struct strbuf line = strbuf_in(test->arena);
    switch (change->kind) {
    case CHANGE_WRITE:
        strbuf_addf(&line, "write %.*s", SARG(change->path));
        add_content(test, &line, &change->content);
        add_attrs(&line, &change->attrs);
        if (!str_is_none(change->validate)) {
            strbuf_addf(&line, " validate: %.*s", SARG(change->validate));
        }
        break;
    case CHANGE_DIRECTORY:
        strbuf_addf(&line, "directory %.*s", SARG(change->path));
        add_attrs(&line, &change->attrs);
        break;
    case CHANGE_SYMLINK:
        strbuf_addf(&line, "link %.*s -> %.*s", SARG(change->path), SARG(change->target));
        add_attrs(&line, &change->attrs);
        break;
    case CHANGE_HARDLINK:
        strbuf_addf(&line, "hard link %.*s = %.*s", SARG(change->path), SARG(change->target));
        break;
    case CHANGE_ATTRS:
        strbuf_addf(&line, "attrs %.*s", SARG(change->path));
        add_attrs(&line, &change->attrs);
        break;
    case CHANGE_TIMES:
        strbuf_addf(&line, "times %.*s atime=%.*s mtime=%.*s", SARG(change->path),
                    SARG(time_word(test, change->atime)), SARG(time_word(test, change->mtime)));
        break;
    case CHANGE_REMOVE:
        strbuf_addf(&line, "remove %.*s%s", SARG(change->path), change->recursive ? "/" : "");
        break;
    case CHANGE_COPY:
        strbuf_addf(&line, "backup %.*s", SARG(change->path));
        break;
    case CHANGE_RUN:
        strbuf_addf(&line, "run");
        for (size_t i = 0; i < change->argc; i++) {
            strbuf_addf(&line, " %.*s", SARG(change->argv[i]));
        }
        break;
    }
    return strbuf_str(&line);
}

/* A word of a program, without what is too long to show, and random. */
static str shown_word(str word)
{
    uint64_t half;
    bool token = word.len == 24 && str_to_base(str_part(word, 0, 12), 16, &half) &&
                 str_to_base(str_part(word, 12, 24), 16, &half);
    bool lines = str_find_char(word, '\n', 0) != STR_NPOS;
    return token ? S("TOKEN") : lines ? S("...") : word;
}

static str command_line(struct test *test, const struct command *command, const str *paths,
                        size_t count)
{
    struct strbuf line = strbuf_in(test->arena);
    strbuf_addf(&line, "%s", command->raw ? "raw" : command->argv != NULL ? "program" : "shell");
    for (size_t i = 0; i < command->argc; i++) {
        strbuf_addf(&line, " [%.*s]", SARG(shown_word(command->argv[i])));
    }
    strbuf_addf(&line, "%s%.*s", command->argv == NULL ? " " : "", SARG(command->script));
    if (!str_is_none(command->chdir)) {
        strbuf_addf(&line, " in %.*s", SARG(command->chdir));
    }
    if (!str_is_none(command->executable)) {
        strbuf_addf(&line, " by %.*s", SARG(command->executable));
    }
    if (!str_is_none(command->stdin_text)) {
        value input = value_str(test->arena, command->stdin_text);
        strbuf_addf(&line, " < %.*s", SARG(shown(test, input)));
    }
    if (command->stdin_path.len > 0) {
        strbuf_addf(&line, " < %.*s", SARG(command->stdin_path));
    }
    for (size_t i = 0; i < count; i++) {
        strbuf_addf(&line, "%s %.*s", i == 0 ? " touching" : "", SARG(paths[i]));
    }
    return strbuf_str(&line);
}

/* ---- comparing ---- */

static void compare_changes(struct test *test, struct plan *plan)
{
    value wanted = value_get(test->expect, S("changes"));
    size_t count, named, want = value_is(wanted, VALUE_LIST) ? value_count(wanted) : 0;
    struct change *changes = plan_changes(plan, &count);
    const str *paths;
    const struct command *command = plan_user_command(plan, &paths, &named);
    VEC(str) lines = { 0 };
    for (size_t i = 0; i < count; i++) {
        *VEC_PUSH(test->arena, &lines) = change_line(test, &changes[i]);
    }
    if (command != NULL) {
        *VEC_PUSH(test->arena, &lines) = command_line(test, command, paths, named);
    }
    bool same = lines.len == want;
    for (size_t i = 0; same && i < want; i++) {
        same = str_eq(lines.items[i], value_as_str(value_item(wanted, i)));
    }
    if (same) {
        return;
    }
    complain(test, "the plan is another one:");
    for (size_t i = 0; i < lines.len; i++) {
        printf("      got  %.*s\n", SARG(lines.items[i]));
    }
    for (size_t i = 0; i < want; i++) {
        printf("      want %.*s\n", SARG(value_as_str(value_item(wanted, i))));
    }
}

static bool same_value(struct test *test, value got, value want)
{
    str word = value_is(want, VALUE_STR) ? value_as_str(want) : STR_NONE;
    if (str_eq(word, S("<any>"))) {
        return !value_is(got, VALUE_UNDEFINED);
    }
    if (str_eq(word, S("<absent>"))) {
        return value_is(got, VALUE_UNDEFINED);
    }
    if (str_eq(word, S("<unknown>"))) {
        return value_has_unknown(got);
    }
    if (value_is(want, VALUE_MAP) && value_is(got, VALUE_MAP)) {
        for (size_t i = 0; i < value_count(want); i++) {
            value key = value_map_key(want, i);
            if (!same_value(test, value_get(got, value_as_str(key)), value_map_value(want, i))) {
                return false;
            }
        }
        return true;
    }
    return value_kind(got) == value_kind(want) && value_equal(got, want) == TRUTH_TRUE;
}

static void compare_result(struct test *test, value result)
{
    value want = value_get(test->expect, S("result"));
    for (size_t i = 0; value_is(want, VALUE_MAP) && i < value_count(want); i++) {
        str key = value_as_str(value_map_key(want, i));
        value got = value_get(result, key);
        if (!same_value(test, got, value_map_value(want, i))) {
            complain(test, "result '%.*s' is %.*s, not %.*s", SARG(key),
                     SARG(value_is(got, VALUE_UNDEFINED) ? S("missing") : shown(test, got)),
                     SARG(shown(test, value_map_value(want, i))));
        }
    }
}

/* A diagnostic of this severity with this text in its message or hint. */
static bool was_said(struct test *test, enum severity severity, str text, bool hint)
{
    for (size_t i = 0; i < test->diags->all.len; i++) {
        const struct diag *diag = test->diags->all.items[i];
        str said = hint ? diag->hint : diag->message;
        if (diag->severity == severity && !str_is_none(said) &&
            str_find(said, text, 0) != STR_NPOS) {
            return true;
        }
    }
    return false;
}

static void print_diags(struct test *test)
{
    for (size_t i = 0; i < test->diags->all.len; i++) {
        const struct diag *diag = test->diags->all.items[i];
        printf("      %s: %.*s\n", diag->severity == DIAG_ERROR ? "error" : "warning",
               SARG(diag->message));
    }
}

/* Whether all went as the case says; false: nothing more is to be looked at. */
static bool compare_diags(struct test *test, bool ok)
{
    str error = text_at(test->expect, S("error")), hint = text_at(test->expect, S("hint"));
    str warning = text_at(test->expect, S("warning"));
    if (ok != str_is_none(error)) {
        complain(test, ok ? "it should have failed" : "it failed");
        print_diags(test);
    } else if (!ok && !was_said(test, DIAG_ERROR, error, false)) {
        complain(test, "it failed for another reason");
        print_diags(test);
    }
    if (!str_is_none(hint) && !was_said(test, DIAG_ERROR, hint, true)) {
        complain(test, "no hint '%.*s'", SARG(hint));
    }
    if (!str_is_none(warning) && !was_said(test, DIAG_WARNING, warning, false)) {
        complain(test, "no warning '%.*s'", SARG(warning));
    }
    return ok;
}

/* ---- a run of the module ---- */

static bool arguments(struct test *test, value *ret)
{
    value line = value_get(test->spec, S("line")), free = value_null();
    *ret = value_get(test->spec, S("params"));
    if (value_is(*ret, VALUE_UNDEFINED)) {
        struct map_builder none = map_in(test->arena);
        *ret = map_seal(&none);
    }
    if (!value_is(line, VALUE_STR)) {
        return true;
    }
    if (!params_split(test->arena, test->diags, line, test->module->free_form, ret, &free)) {
        return false;
    }
    struct map_builder map = map_from(test->arena, *ret);
    if (value_is(free, VALUE_STR)) {
        map_set_str(&map, S("_raw_params"), free);
    }
    *ret = map_seal(&map);
    return true;
}

static struct observer *new_observer(struct test *test)
{
    struct observer *obs = observer_new(test->arena, NULL);
    obs->now = NOW;
    return obs;
}

static bool observe(struct test *test, const void *params, void *state, unsigned *ret_rounds)
{
    struct observer *obs = new_observer(test);
    for (unsigned round = 0;; round++) {
        str problem;
        test->module->observe(obs, params, state);
        if (observer_pending(obs) == 0) {
            *ret_rounds = round;
            return true;
        }
        if (round == ROUNDS_MAX) {
            complain(test, "it asks without end");
            return false;
        }
        if (!model_answer(&test->model, obs, &problem)) {
            complain(test, "%.*s", SARG(problem));
            return false;
        }
    }
}

static void apply(struct test *test, struct plan *plan)
{
    size_t count;
    struct change *changes = plan_changes(plan, &count);
    for (size_t i = 0; i < count; i++) {
        str problem = STR_EMPTY;
        if (!model_apply(&test->model, &changes[i], &problem)) {
            complain(test, "cannot be done: %.*s: %.*s", SARG(change_line(test, &changes[i])),
                     SARG(problem));
        }
    }
}

static void take_command(struct test *test, struct plan *plan, struct outcome *out)
{
    size_t named;
    const str *paths;
    value spec = value_get(test->spec, S("command"));
    if (plan_user_command(plan, &paths, &named) == NULL) {
        return;
    }
    struct command_result *ran = NEW(test->arena, struct command_result);
    value status = value_get(spec, S("status"));
    str output = text_at(spec, S("out")), errors = text_at(spec, S("err"));
    *ran = (struct command_result){
        .status = value_is(status, VALUE_INT) ? (int)value_as_int(status) : 0,
        .out = str_is_none(output) ? STR_EMPTY : output,
        .err = str_is_none(errors) ? STR_EMPTY : errors,
        .start = NOW + 0.25,
        .end = NOW + 1.5,
        .started = str_is_none(text_at(spec, S("problem"))),
        .problem = text_at(spec, S("problem")),
    };
    outcome_take_command(out, ran);
}

static value with_status(struct test *test, value result, struct outcome_status status)
{
    struct map_builder map = map_from(test->arena, result);
    map_set_str(&map, S("changed"),
                status.changed_unknown ? value_unknown() : value_bool(status.changed));
    if (status.failed) {
        map_set_str(&map, S("failed"), value_bool(true));
    }
    if (status.skipped) {
        map_set_str(&map, S("skipped"), value_bool(true));
    }
    if (!str_is_none(status.message)) {
        map_set_str(&map, S("msg"), value_str(test->arena, status.message));
    }
    return map_seal(&map);
}

static value conclude(struct test *test, struct plan *plan, const void *params, const void *state,
                      bool dry_run)
{
    size_t asked;
    const str *ask = plan_asked_after(plan, &asked);
    struct outcome *out = outcome_new(plan, dry_run);
    struct file_stat *stats = NEW_ARRAY(test->arena, struct file_stat, asked + 1);
    for (size_t i = 0; i < asked; i++) {
        stats[i] = model_stat(&test->model, ask[i], false);
    }
    outcome_take_stats(out, stats, asked);
    if (!dry_run) {
        take_command(test, plan, out);
    }
    value result = test->module->result(out, params, state);
    return with_status(test, result, outcome_status(out));
}

static struct plan *make_plan(struct test *test, value args, const void *params, const void *state)
{
    struct plan *plan = plan_new(&(struct plan_setup){ .arena = test->arena,
                                                       .diags = test->diags,
                                                       .args = args,
                                                       .params = test->module->params,
                                                       .at = test->spec.at });
    if (test->module->plan != NULL) {
        test->module->plan(plan, params, state);
    }
    return plan;
}

static bool read_params(struct test *test, value *ret_args, void **ret_params)
{
    struct param_hooks hooks = { test, find_source, render_template, expand_path };
    bool unknown;
    *ret_params = arena_alloc(test->arena, test->module->params_size + 1);
    return arguments(test, ret_args) &&
           params_parse(test->module->params, str_of(test->module->name), *ret_args, test->spec.at,
                        &hooks, test->arena, test->diags, *ret_params, &unknown) &&
           (test->module->check == NULL ||
            test->module->check(test->diags, test->spec.at, *ret_params));
}

/* A second run, of what the first has left: it must want nothing. */
static void run_again(struct test *test, value args, const void *params)
{
    unsigned rounds;
    void *state = arena_alloc(test->arena, test->module->state_size + 1);
    bool may = str_eq(text_at(test->expect, S("again")), S("changes"));
    if (!observe(test, params, state, &rounds)) {
        return;
    }
    struct plan *plan = make_plan(test, args, params, state);
    if (plan_failed(plan)) {
        complain(test, "a second run fails");
        print_diags(test);
    } else if (plan_is_empty(plan) == may) {
        size_t count;
        struct change *changes = plan_changes(plan, &count);
        complain(test, may ? "a second run was to want something" : "a second run wants something");
        for (size_t i = 0; i < count; i++) {
            printf("      %.*s\n", SARG(change_line(test, &changes[i])));
        }
    }
}

static void run_case(struct test *test)
{
    value args;
    void *params;
    unsigned rounds;
    void *state = arena_alloc(test->arena, test->module->state_size + 1);
    value dry = value_get(test->spec, S("dry_run"));
    bool dry_run = value_is(dry, VALUE_BOOL) && value_as_bool(dry);
    if (!read_params(test, &args, &params)) {
        compare_diags(test, false);
        return;
    }
    if (!observe(test, params, state, &rounds)) {
        return;
    }
    struct plan *plan = make_plan(test, args, params, state);
    if (!compare_diags(test, !plan_failed(plan))) {
        return;
    }
    value wanted = value_get(test->expect, S("rounds"));
    if (value_is(wanted, VALUE_INT) && value_as_int(wanted) != rounds) {
        complain(test, "%u rounds of questions, not %d", rounds, (int)value_as_int(wanted));
    }
    compare_changes(test, plan);
    if (!dry_run) {
        apply(test, plan);
    }
    compare_result(test, conclude(test, plan, params, state, dry_run));
    if (!dry_run && !test->module->runner) {
        run_again(test, args, params);
    }
}

/* ---- files ---- */

static bool read_whole(struct arena *arena, const char *path, str *ret)
{
    FILE *file = fopen(path, "rb");
    struct strbuf text = strbuf_in(arena);
    size_t got = 1;
    while (file != NULL && got > 0) {
        got = fread(strbuf_room(&text, 4096), 1, 4096, file);
        strbuf_grew(&text, got);
    }
    if (file != NULL) {
        fclose(file);
    }
    *ret = strbuf_str(&text);
    return file != NULL;
}

static unsigned run_file(const char *path, str module, str name)
{
    CLEANUP(release_arena) struct arena *arena = arena_new("case");
    struct test test = { .arena = arena, .sources = source_map_new() };
    str text;
    test.name = str_format(arena, "%.*s/%.*s", SARG(module), SARG(name));
    test.diags = diags_new(arena, test.sources);
    test.module = module_find(module);
    if (test.module == NULL || !read_whole(arena, path, &text)) {
        complain(&test, "no such module, or the file cannot be read");
    } else {
        const struct source *source = source_add(test.sources, str_of(path), text);
        if (!yaml_read(arena, test.diags, source, (struct yaml_options){ .trusted = true },
                       &test.spec)) {
            complain(&test, "not YAML");
            print_diags(&test);
        } else {
            test.expect = value_get(test.spec, S("expect"));
            model_read(&test.model, arena, value_get(test.spec, S("host")));
            run_case(&test);
        }
    }
    source_map_free(test.sources);
    return test.failures;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static unsigned run_module(const char *dir, const char *module, unsigned *ret_cases)
{
    struct dirent **names;
    unsigned failures = 0;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, module);
    int count = scandir(path, &names, visible, alphasort);
    for (int i = 0; i < count; i++) {
        str name = str_of(names[i]->d_name);
        if (str_ends(name, S(".yml"))) {
            snprintf(path, sizeof path, "%s/%s/%s", dir, module, names[i]->d_name);
            failures += run_file(path, str_of(module), str_part(name, 0, name.len - 4)) > 0;
            (*ret_cases)++;
        }
        free(names[i]);
    }
    if (count >= 0) {
        free(names);
    }
    return failures;
}

int main(int argc, char **argv)
{
    unsigned failures = 0, cases = 0;
    size_t count;
    const struct module *const *modules = module_all(&count);
    if (argc < 2) {
        fprintf(stderr, "usage: %s DIRECTORY [MODULE]\n", argv[0]);
        return 5;
    }
    for (size_t i = 0; i < count; i++) {
        unsigned before = cases;
        if (argc == 2 || strcmp(argv[2], modules[i]->name) == 0) {
            failures += run_module(argv[1], modules[i]->name, &cases);
            if (cases == before) {
                printf("FAIL %s: a module without cases\n", modules[i]->name);
                failures++;
            }
        }
    }
    printf("%u cases, %u failed\n", cases, failures);
    return failures > 0;
}
