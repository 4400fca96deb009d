/* lineinfile - see to it that one line is in a text file, or is not. */
#include "base/path.h"
#include "base/strbuf.h"
#include "formats/pyregex.h"
#include "module/module.h"
#include "module/put.h"
#include "module/resolve.h"

enum line_state { LINE_PRESENT, LINE_ABSENT };

struct lineinfile_params {
    str path, regexp, search_string, line, insertafter, insertbefore, validate;
    int state;
    bool backrefs, create, backup, firstmatch;
    struct file_params file;
};

static const struct param params[] = {
    PARAM(struct lineinfile_params, path, .type = PARAM_PATH, .required = true,
          .aliases = ALIASES("dest", "destfile", "name"), .doc = "The file; a link is followed."),
    PARAM(struct lineinfile_params, state, .type = PARAM_CHOICE,
          .choices = CHOICES("present", "absent"), .fallback = "present",
          .doc = "Whether the line is to be there."),
    PARAM(struct lineinfile_params, line, .type = PARAM_STR, .aliases = ALIASES("value"),
          .doc = "The line, without its end."),
    PARAM(struct lineinfile_params, regexp, .type = PARAM_STR, .aliases = ALIASES("regex"),
          .doc =
              "The line to replace or remove: the last in which this regular expression is found; "
              "all of them with state=absent."),
    PARAM(struct lineinfile_params, search_string, .type = PARAM_STR,
          .doc = "The same by a text that the line has in it."),
    PARAM(struct lineinfile_params, backrefs, .type = PARAM_BOOL,
          .doc = "Put groups of regexp (\\1) into the line; without a match nothing changes."),
    PARAM(
        struct lineinfile_params, insertafter, .type = PARAM_STR,
        .doc =
            "Where a new line goes: behind the last line that this regular expression matches, EOF "
            "(the default) or BOF."),
    PARAM(struct lineinfile_params, insertbefore, .type = PARAM_STR,
          .doc = "The same, before that line; or BOF."),
    PARAM(struct lineinfile_params, firstmatch, .type = PARAM_BOOL,
          .doc = "The first match counts, not the last."),
    PARAM(struct lineinfile_params, create, .type = PARAM_BOOL,
          .doc = "Make the file when there is none."),
    PARAM(struct lineinfile_params, backup, .type = PARAM_BOOL,
          .doc = "Keep a copy of the old file."),
    PARAM(struct lineinfile_params, validate, .type = PARAM_STR,
          .doc = "A command that must succeed on the new file (%s) before it takes its place."),
    FILE_PARAMS(struct lineinfile_params, file),
    PARAM_END,
};

struct lineinfile_state {
    struct resolved real; /* the file itself, behind links */
    value text;           /* its bytes; a string, or unknown in a dry run */
    struct directory_chain above;
    struct file_context context;
    str backup;
};

/* insertafter and insertbefore are expressions, but for two words. */
static str pattern_of(str text)
{
    return str_eq(text, S("BOF")) || str_eq(text, S("EOF")) ? STR_NONE : text;
}

static bool lineinfile_check(struct diags *diags, span at, const void *params_)
{
    const struct lineinfile_params *want = params_;
    bool by_regexp = !str_is_none(want->regexp), by_text = !str_is_none(want->search_string);
    bool has_line = !str_is_none(want->line);
    if (by_regexp && by_text) {
        diag_error(diags, at, "'regexp' and 'search_string' exclude each other");
    } else if (by_text && want->backrefs) {
        diag_error(diags, at, "'search_string' has no groups for 'backrefs'");
    } else if (!str_is_none(want->insertafter) && !str_is_none(want->insertbefore)) {
        diag_error(diags, at, "'insertafter' and 'insertbefore' exclude each other");
    } else if (want->state == LINE_PRESENT && want->backrefs && !by_regexp) {
        diag_error(diags, at, "'backrefs' needs 'regexp'");
    } else if (want->state == LINE_PRESENT && !has_line) {
        diag_error(diags, at, "'line' is missing: state=present needs to know the line");
    } else if (want->state == LINE_ABSENT && !by_regexp && !by_text && !has_line) {
        diag_error(diags, at, "state=absent needs 'line', 'regexp' or 'search_string'");
    } else if (!str_is_none(want->validate) && str_find(want->validate, S("%s"), 0) == STR_NPOS) {
        diag_error(diags, at, "'validate' has no %%s for the file");
    } else {
        const str patterns[] = { want->regexp, pattern_of(want->insertafter),
                                 pattern_of(want->insertbefore) };
        bool ok = true;
        for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
            ok = ok && (str_is_none(patterns[i]) ||
                        pyregex_compile(diags->arena, diags, at, patterns[i], 0) != NULL);
        }
        return ok;
    }
    return false;
}

static void lineinfile_observe(struct observer *obs, const void *params_, void *ret_state)
{
    const struct lineinfile_params *want = params_;
    struct lineinfile_state *have = ret_state;
    have->backup = want->backup ? backup_path(obs, want->path) : STR_NONE;
    file_context_observe(obs, &want->file, &have->context);
    observe_content(obs, want->path, &have->text);
    if (want->create) {
        directory_chain_observe(obs, path_dirname(want->path), &have->above);
    }
    resolve_observe(obs, want->path, true, &have->real);
}

/* ---- lines ---- */

struct lines {
    VEC(str) items; /* each with its line end, if it has one */
};

static void split_lines(struct arena *arena, str text, struct lines *ret)
{
    size_t from = 0;
    while (from < text.len) {
        size_t end = str_find_char(text, '\n', from);
        end = end == STR_NPOS ? text.len : end + 1;
        *VEC_PUSH(arena, &ret->items) = str_part(text, from, end);
        from = end;
    }
}

static str without_end(str line)
{
    while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r')) {
        line.len--;
    }
    return line;
}

static bool has_end(str line)
{
    return line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r');
}

static str with_end(struct arena *arena, str line)
{
    return str_ends(line, S("\n")) ? line : str_concat(arena, line, S("\n"));
}

static void insert(struct arena *arena, struct lines *lines, size_t at, str line)
{
    *VEC_PUSH(arena, &lines->items) = STR_EMPTY;
    for (size_t i = lines->items.len - 1; i > at; i--) {
        lines->items.items[i] = lines->items.items[i - 1];
    }
    lines->items.items[at] = with_end(arena, line);
}

/* A new line at the end; a last line without an end gets one first. */
static void append(struct arena *arena, struct lines *lines, str line)
{
    if (lines->items.len > 0 && !has_end(lines->items.items[lines->items.len - 1])) {
        str *last = &lines->items.items[lines->items.len - 1];
        *last = str_concat(arena, *last, S("\n"));
    }
    insert(arena, lines, lines->items.len, line);
}

/* ---- the edit, from a text to a text ---- */

struct edit {
    struct arena *arena;
    struct diags *diags; /* what is wrong with an expression */
    const struct lineinfile_params *want;
    struct lines lines;
    const char *message; /* "" when nothing changes */
    size_t removed;
};

#define NOWHERE SIZE_MAX

struct found {
    size_t at;
    struct pyregex *regex;
    struct pyregex_match match;
};

/* The line that regexp or search_string finds: the last, or with firstmatch the first. */
static bool find_line(struct edit *edit, struct found *ret)
{
    const struct lineinfile_params *want = edit->want;
    *ret = (struct found){ .at = NOWHERE };
    if (!str_is_none(want->regexp)) {
        ret->regex = pyregex_compile(edit->arena, edit->diags, SPAN_NONE, want->regexp, 0);
        if (ret->regex == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < edit->lines.items.len; i++) {
        str line = edit->lines.items.items[i];
        struct pyregex_match match = { 0 };
        bool found = false;
        if (ret->regex == NULL) {
            found = !str_is_none(want->search_string) &&
                    str_find(line, want->search_string, 0) != STR_NPOS;
        } else if (!pyregex_exec(ret->regex, edit->arena, edit->diags, line, 0, PYREGEX_SEARCH,
                                 &found, &match)) {
            return false;
        }
        if (found) {
            ret->at = i;
            ret->match = match;
            if (want->firstmatch) {
                break;
            }
        }
    }
    return true;
}

/* Where insertafter or insertbefore wants a new line; and whether the very line is there already.
 */
static bool find_place(struct edit *edit, size_t *ret_place, size_t *ret_exact)
{
    const struct lineinfile_params *want = edit->want;
    bool after = !str_is_none(want->insertafter);
    str pattern = after ? want->insertafter : want->insertbefore;
    struct pyregex *regex = NULL;
    *ret_place = *ret_exact = NOWHERE;
    if (!str_is_none(pattern) && !str_eq(pattern, S("BOF")) &&
        !(after && str_eq(pattern, S("EOF")))) {
        regex = pyregex_compile(edit->arena, edit->diags, SPAN_NONE, pattern, 0);
        if (regex == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < edit->lines.items.len; i++) {
        str line = edit->lines.items.items[i];
        struct pyregex_match match;
        bool found = false;
        if (str_eq(without_end(line), want->line)) {
            *ret_exact = i;
            continue;
        }
        if (regex != NULL && !pyregex_exec(regex, edit->arena, edit->diags, line, 0, PYREGEX_SEARCH,
                                           &found, &match)) {
            return false;
        }
        if (found) {
            *ret_place = after ? i + 1 : i;
            if (want->firstmatch) {
                break;
            }
        }
    }
    return true;
}

static bool replace_line(struct edit *edit, const struct found *found)
{
    const struct lineinfile_params *want = edit->want;
    str old = edit->lines.items.items[found->at], line = want->line;
    if (want->backrefs) {
        struct strbuf expanded = strbuf_in(edit->arena);
        if (!pyregex_expand(found->regex, edit->diags, SPAN_NONE, want->line, old, &found->match,
                            &expanded)) {
            return false;
        }
        line = strbuf_str(&expanded);
    }
    line = with_end(edit->arena, line);
    if (!str_eq(line, old)) {
        edit->lines.items.items[found->at] = line;
        edit->message = "line replaced";
    }
    return true;
}

static void add_line(struct edit *edit, size_t place)
{
    const struct lineinfile_params *want = edit->want;
    struct lines *lines = &edit->lines;
    bool first = str_eq(want->insertbefore, S("BOF")) || str_eq(want->insertafter, S("BOF"));
    edit->message = "line added";
    if (first) {
        insert(edit->arena, lines, 0, want->line);
    } else if (place == NOWHERE || place == lines->items.len) {
        append(edit->arena, lines, want->line);
    } else if (!str_is_none(want->insertafter) &&
               str_eq(without_end(lines->items.items[place]), want->line)) {
        edit->message = "";
    } else {
        insert(edit->arena, lines, place, want->line);
    }
}

static bool make_present(struct edit *edit)
{
    struct found found;
    size_t place, exact;
    if (!find_line(edit, &found)) {
        return false;
    }
    if (found.at != NOWHERE) {
        return replace_line(edit, &found);
    }
    if (!find_place(edit, &place, &exact)) {
        return false;
    }
    if (exact != NOWHERE) {
        found.at = exact;
        return edit->want->backrefs || replace_line(edit, &found);
    }
    if (!edit->want->backrefs) { /* without a match there are no groups to fill in */
        add_line(edit, place);
    }
    return true;
}

static bool make_absent(struct edit *edit)
{
    const struct lineinfile_params *want = edit->want;
    struct lines *lines = &edit->lines;
    struct pyregex *regex = NULL;
    size_t kept = 0;
    if (!str_is_none(want->regexp)) {
        regex = pyregex_compile(edit->arena, edit->diags, SPAN_NONE, want->regexp, 0);
        if (regex == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < lines->items.len; i++) {
        str line = lines->items.items[i];
        struct pyregex_match match;
        bool found = false;
        if (regex != NULL) {
            if (!pyregex_exec(regex, edit->arena, edit->diags, line, 0, PYREGEX_SEARCH, &found,
                              &match)) {
                return false;
            }
        } else if (!str_is_none(want->search_string)) {
            found = str_find(line, want->search_string, 0) != STR_NPOS;
        } else {
            found = str_eq(without_end(line), want->line);
        }
        if (!found) {
            lines->items.items[kept++] = line;
        }
    }
    edit->removed = lines->items.len - kept;
    lines->items.len = kept;
    return true;
}

static str joined(struct edit *edit)
{
    struct strbuf text = strbuf_in(edit->arena);
    for (size_t i = 0; i < edit->lines.items.len; i++) {
        strbuf_add(&text, edit->lines.items.items[i]);
    }
    return strbuf_str(&text);
}

static bool file_is_there(const struct lineinfile_state *have)
{
    return have->real.stat.type == FILE_REGULAR || value_is(have->text, VALUE_STR);
}

static bool run_edit(struct edit *edit, const struct lineinfile_state *have)
{
    edit->message = "";
    if (value_is(have->text, VALUE_STR)) {
        split_lines(edit->arena, value_as_str(have->text), &edit->lines);
    }
    bool ok = edit->want->state == LINE_PRESENT ? make_present(edit) : make_absent(edit);
    if (ok && edit->removed > 0) {
        edit->message = str_format(edit->arena, "%zu line(s) removed", edit->removed).ptr;
    }
    return ok;
}

/* ---- plan and result ---- */

static bool possible(struct plan *plan, const struct lineinfile_params *want,
                     const struct lineinfile_state *have)
{
    if (have->real.stat.type == FILE_DIRECTORY) {
        plan_fail(plan, "path", "'%.*s' is a directory", SARG(want->path));
        return false;
    }
    if (have->real.stat.type == FILE_ABSENT && want->state == LINE_PRESENT && !want->create) {
        plan_fail(plan, "path", "there is no file '%.*s'", SARG(want->path));
        plan_hint(plan, "with 'create: true' it is made");
        return false;
    }
    return true;
}

static void plan_text(struct plan *plan, const struct lineinfile_params *want,
                      const struct lineinfile_state *have, value text, struct file_attrs attrs)
{
    if (want->backup && have->real.stat.type == FILE_REGULAR) {
        plan_copy(plan, have->real.path, have->backup);
    }
    struct change *change = plan_write_content(plan, have->real.path, &have->real.stat,
                                               content_of(plan_arena(plan), text), attrs);
    change->before_content = have->text;
    change->show = SHOW_CONTENT;
    change->validate = want->validate;
    change->unsafe_writes = want->file.unsafe_writes;
    change->follow = true;
}

static void lineinfile_plan(struct plan *plan, const void *params_, const void *state_)
{
    const struct lineinfile_params *want = params_;
    const struct lineinfile_state *have = state_;
    struct edit edit = { .arena = plan_arena(plan), .diags = plan_diags(plan), .want = want };
    struct file_params no_attrs = { 0 };
    if (!possible(plan, want, have) || !file_context_plan(plan, &want->file, &have->context)) {
        return;
    }
    if (have->real.stat.type == FILE_ABSENT && want->state == LINE_ABSENT) {
        return;
    }
    struct file_attrs attrs = plan_file_attrs(plan, &want->file, &have->real.stat, false);
    if (value_is(have->text, VALUE_UNKNOWN)) {
        plan_text(plan, want, have, value_unknown(), attrs);
        return;
    }
    if (!run_edit(&edit, have)) {
        plan_fail(plan, NULL, "the file cannot be edited");
        return;
    }
    if (edit.message[0] == '\0') {
        plan_attrs(plan, have->real.path, &have->real.stat, attrs, true);
    } else if (directory_chain_plan(plan, &have->above, &no_attrs)) {
        plan_text(plan, want, have, value_str(edit.arena, joined(&edit)), attrs);
    }
}

/* Whether owner, group or mode are to be set to something else than the file has, or would have. */
static bool wants_attrs(const struct lineinfile_params *want, const struct lineinfile_state *have)
{
    struct file_attrs attrs = { .owner = want->file.owner, .group = want->file.group };
    attrs.has_mode = want->file.mode.form != MODE_NONE;
    attrs.mode = mode_apply(&want->file.mode, have->real.stat.mode, false, 022);
    return attrs_differ(&have->real.stat, &attrs);
}

static value lineinfile_result(struct outcome *out, const void *params_, const void *state_)
{
    const struct lineinfile_params *want = params_;
    const struct lineinfile_state *have = state_;
    struct arena *arena = outcome_arena(out);
    struct edit edit = { .arena = arena, .diags = outcome_diags(out), .want = want };
    if (want->state == LINE_ABSENT && !file_is_there(have)) {
        return map_of(out, "msg", value_str(arena, S("file not present")), NULL);
    }
    bool ran = !value_is(have->text, VALUE_UNKNOWN) && run_edit(&edit, have);
    struct strbuf message = strbuf_in(arena);
    strbuf_addf(&message, "%s", ran ? edit.message : "");
    if (outcome_changed(out) && (message.len == 0 || wants_attrs(want, have))) {
        strbuf_add(&message, message.len > 0
                                 ? S(" and ownership, perms or SE linux context changed")
                                 : S("ownership, perms or SE linux context changed"));
    }
    bool kept = ran && edit.message[0] != '\0' && want->backup &&
                have->real.stat.type == FILE_REGULAR && !outcome_dry_run(out);
    struct map_builder map = map_in(arena);
    map_set_str(&map, S("backup"), value_str(arena, kept ? have->backup : STR_EMPTY));
    if (want->state == LINE_ABSENT) {
        map_set_str(&map, S("found"), value_int((int64_t)edit.removed));
    }
    map_set_str(&map, S("msg"), value_str(arena, strbuf_str(&message)));
    return map_seal(&map);
}

const struct module module_lineinfile = {
    .name = "lineinfile",
    .summary = "See to it that a line is in a text file, or is not",
    .example = "- lineinfile:\n"
               "    path: /etc/ssh/sshd_config\n"
               "    regexp: ^PermitRootLogin\n"
               "    line: PermitRootLogin no\n",
    .params = params,
    .params_size = sizeof(struct lineinfile_params),
    .state_size = sizeof(struct lineinfile_state),
    .check = lineinfile_check,
    .observe = lineinfile_observe,
    .plan = lineinfile_plan,
    .result = lineinfile_result,
};
