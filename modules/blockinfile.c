/* blockinfile - that a block of lines between two marker lines is in a file, or is not. */
#include "formats/pyregex.h"
#include "module/edit.h"
#include "module/module.h"

enum { STATE_ABSENT, STATE_PRESENT };

struct blockinfile_params {
    str path, block, insertafter, insertbefore, validate;
    str marker, marker_begin, marker_end;
    int state;
    bool create, backup, append_newline, prepend_newline;
    struct file_params file;
};

static const struct param params[] = {
    PARAM(struct blockinfile_params, path, .type = PARAM_PATH, .required = true,
          .aliases = ALIASES("dest", "destfile", "name"), .doc = "The file; a link is followed."),
    PARAM(struct blockinfile_params, state, .type = PARAM_CHOICE, .fallback = "present",
          .choices = CHOICES("absent", "present"), .doc = "Whether the block is to be there."),
    PARAM(struct blockinfile_params, block, .type = PARAM_STR, .fallback = "",
          .aliases = ALIASES("content"), .doc = "The lines; without any the block is removed."),
    PARAM(struct blockinfile_params, marker, .type = PARAM_STR,
          .fallback = "# {mark} ANSIBLE MANAGED BLOCK",
          .doc = "The marker lines; {mark} stands for marker_begin and marker_end."),
    PARAM(struct blockinfile_params, marker_begin, .type = PARAM_STR, .fallback = "BEGIN",
          .doc = "The word in the first marker line."),
    PARAM(struct blockinfile_params, marker_end, .type = PARAM_STR, .fallback = "END",
          .doc = "The word in the last marker line."),
    PARAM(struct blockinfile_params, insertafter, .type = PARAM_STR,
          .doc = "Put a new block after the last line that matches this expression; EOF: at the "
                 "end, which is the default."),
    PARAM(struct blockinfile_params, insertbefore, .type = PARAM_STR,
          .doc = "Put a new block before the last line that matches this expression; BOF: at the "
                 "beginning."),
    PARAM(struct blockinfile_params, append_newline, .type = PARAM_BOOL,
          .doc = "Have an empty line behind the block."),
    PARAM(struct blockinfile_params, prepend_newline, .type = PARAM_BOOL,
          .doc = "Have an empty line before the block."),
    PARAM(struct blockinfile_params, create, .type = PARAM_BOOL,
          .doc = "Make the file when it is missing."),
    PARAM(struct blockinfile_params, backup, .type = PARAM_BOOL,
          .doc = "Keep a copy of what was there, with the time in its name."),
    PARAM(struct blockinfile_params, validate, .type = PARAM_STR,
          .doc = "A command that checks the new file, given as %s, before it takes its place."),
    FILE_PARAMS(struct blockinfile_params, file),
    PARAM_END,
};

/* The expression that a new block goes to; STR_NONE: the end or the beginning. */
static str place_pattern(const struct blockinfile_params *want)
{
    bool after = !str_is_none(want->insertafter);
    str place = after ? want->insertafter : want->insertbefore;
    return str_eq(place, S("EOF")) || str_eq(place, S("BOF")) ? STR_NONE : place;
}

static bool blockinfile_check(struct diags *diags, span at, const void *params_)
{
    const struct blockinfile_params *want = params_;
    str pattern = place_pattern(want);
    if (!str_is_none(want->insertafter) && !str_is_none(want->insertbefore)) {
        diag_error(diags, at, "'insertafter' and 'insertbefore' exclude each other");
        return false;
    }
    return str_is_none(pattern) || pyregex_compile(diags->arena, diags, at, pattern, 0) != NULL;
}

static struct edit edit_of(const struct blockinfile_params *want)
{
    return (struct edit){ .path = want->path,
                          .create = want->create && want->state == STATE_PRESENT,
                          .backup = want->backup,
                          .attributes_apart = true,
                          .validate = want->validate,
                          .file = &want->file };
}

static void blockinfile_observe(struct observer *obs, const void *params_, void *ret_state)
{
    struct edit edit = edit_of(params_);
    edit_observe(obs, &edit, ret_state);
}

/* ---- the edit ---- */

struct work {
    const struct blockinfile_params *want;
    struct arena *arena;
    struct diags *diags;
    struct line_list lines;
    str text; /* after the edit */
    bool failed;
};

static str marker_line(struct work *work, str word)
{
    str marker = str_replace(work->arena, work->want->marker, S("{mark}"), word);
    return str_concat(work->arena, marker, S("\n"));
}

/* The last line that is this one; a last line of the file may lack its end. */
static bool find_line(const struct work *work, str line, size_t *ret)
{
    for (size_t i = work->lines.lines.len; i-- > 0;) {
        str there = work->lines.lines.items[i];
        if (str_eq(there, line) ||
            (!str_ends(there, S("\n")) && str_eq(there, str_part(line, 0, line.len - 1)))) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static void remove_lines(struct work *work, size_t from, size_t to)
{
    size_t count = work->lines.lines.len;
    for (size_t i = to; i < count; i++) {
        work->lines.lines.items[from + i - to] = work->lines.lines.items[i];
    }
    work->lines.lines.len -= to - from;
}

/* Behind or before the last line that matches, or at an end of the file. */
static size_t new_place(struct work *work)
{
    const struct blockinfile_params *want = work->want;
    size_t place = work->lines.lines.len;
    str pattern = place_pattern(want);
    if (str_is_none(pattern)) {
        return !str_is_none(want->insertbefore) || str_eq(want->insertafter, S("BOF")) ? 0 : place;
    }
    struct pyregex *regex = pyregex_compile(work->arena, work->diags, SPAN_NONE, pattern, 0);
    for (size_t i = 0; i < work->lines.lines.len; i++) {
        struct pyregex_match match;
        bool found = false;
        work->failed |= !pyregex_exec(regex, work->arena, work->diags, work->lines.lines.items[i],
                                      0, PYREGEX_SEARCH, &found, &match);
        if (found) {
            place = str_is_none(want->insertafter) ? i : i + 1;
        }
    }
    return place;
}

/* The block that is there is taken out; where it was is where the new one goes. */
static size_t take_old_block(struct work *work)
{
    size_t begin, end;
    if (!find_line(work, marker_line(work, work->want->marker_begin), &begin) ||
        !find_line(work, marker_line(work, work->want->marker_end), &end)) {
        return new_place(work);
    }
    size_t from = begin < end ? begin : end;
    remove_lines(work, from, (begin < end ? end : begin) + 1);
    return from;
}

static bool is_empty_line(const struct work *work, size_t i)
{
    return line_body(work->lines.lines.items[i]).len == 0;
}

static void insert(struct work *work, size_t *at, str line)
{
    lines_insert(work->arena, &work->lines, (*at)++, line);
}

static void insert_block(struct work *work, size_t at)
{
    const struct blockinfile_params *want = work->want;
    str block = str_ends(want->block, S("\n")) ? want->block
                                               : str_concat(work->arena, want->block, S("\n"));
    struct line_list lines = lines_of(work->arena, block);
    if (want->prepend_newline && at > 0 && !is_empty_line(work, at - 1)) {
        insert(work, &at, S("\n"));
    }
    insert(work, &at, marker_line(work, want->marker_begin));
    for (size_t i = 0; i < lines.lines.len; i++) {
        insert(work, &at, lines.lines.items[i]);
    }
    insert(work, &at, marker_line(work, want->marker_end));
    if (want->append_newline && at < work->lines.lines.len && !is_empty_line(work, at)) {
        insert(work, &at, S("\n"));
    }
}

static bool wants_block(const struct blockinfile_params *want)
{
    return want->state == STATE_PRESENT && want->block.len > 0;
}

static void edit_block(struct work *work, str text)
{
    work->lines = lines_of(work->arena, text);
    size_t at = take_old_block(work);
    if (wants_block(work->want) && at > 0 && !str_ends(work->lines.lines.items[at - 1], S("\n"))) {
        work->lines.lines.items[at - 1] =
            str_concat(work->arena, work->lines.lines.items[at - 1], S("\n"));
    }
    if (wants_block(work->want)) {
        insert_block(work, at);
    }
    work->text = lines_join(work->arena, &work->lines);
}

/* ---- plan and result ---- */

static bool nothing_to_remove(const struct blockinfile_params *want, const struct edit_state *have)
{
    return want->state == STATE_ABSENT && edit_missing(have);
}

static void blockinfile_plan(struct plan *plan, const void *params_, const void *state_)
{
    const struct blockinfile_params *want = params_;
    const struct edit_state *have = state_;
    struct edit edit = edit_of(want);
    struct work work = { .want = want, .arena = plan_arena(plan), .diags = plan_diags(plan) };
    if (nothing_to_remove(want, have) || !edit_possible(plan, &edit, have)) {
        return;
    }
    edit_block(&work, edit_text(have));
    if (work.failed) {
        plan_reject(plan);
    } else {
        edit_plan(plan, &edit, have, work.text);
    }
}

static str message_of(const struct work *work, const struct edit_state *have, bool changed)
{
    return !changed                  ? STR_EMPTY
           : edit_missing(have)      ? S("File created")
           : wants_block(work->want) ? S("Block inserted")
                                     : S("Block removed");
}

static value blockinfile_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct blockinfile_params *want = params_;
    const struct edit_state *have = state_;
    struct edit edit = edit_of(want);
    struct arena *arena = outcome_arena(out);
    struct map_builder map = map_in(arena);
    struct work work = { .want = want, .arena = arena, .diags = outcome_diags(out) };
    if (nothing_to_remove(want, have)) {
        str message = str_format(arena, "File %.*s not present", SARG(want->path));
        return map_of(out, "msg", value_str(arena, message), NULL);
    }
    edit_block(&work, edit_text(have));
    bool changed = edit_missing(have) || !str_eq(work.text, edit_text(have));
    edit_result(out, &edit, have, changed, message_of(&work, have, changed), &map);
    return map_seal(&map);
}

const struct module module_blockinfile = {
    .name = "blockinfile",
    .summary = "Have a block of lines between two markers in a file, or not",
    .example = "- blockinfile: { path: /etc/hosts, block: \"10.0.0.1 db\\n10.0.0.2 web\\n\" }\n",
    .params = params,
    .params_size = sizeof(struct blockinfile_params),
    .state_size = sizeof(struct edit_state),
    .check = blockinfile_check,
    .observe = blockinfile_observe,
    .plan = blockinfile_plan,
    .result = blockinfile_result,
};
